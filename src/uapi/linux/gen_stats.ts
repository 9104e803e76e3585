/** include/uapi/linux/gen_stats.h: counters as TCA_STATS2 holds them. */
import { type AttrSet, attr, attrs } from '../../lib/attrs.ts'
import { struct } from '../../lib/struct.ts'
import { binary, u32, u64 } from '../../lib/types.ts'

export const gnet_stats_basic = struct('gnet_stats_basic', { bytes: u64, packets: u32 })
export const gnet_stats_rate_est = struct('gnet_stats_rate_est', { bps: u32, pps: u32 })
export const gnet_stats_queue = struct('gnet_stats_queue', { qlen: u32, backlog: u32, drops: u32, requeues: u32, overlimits: u32 })
export const TCA_STATS_BASIC = attr(1, gnet_stats_basic)
export const TCA_STATS_RATE_EST = attr(2, gnet_stats_rate_est)
export const TCA_STATS_QUEUE = attr(3, gnet_stats_queue)
export const TCA_STATS_APP = attr(4, binary)
export const TCA_STATS_RATE_EST64 = attr(5, binary)
export const TCA_STATS_PAD = attr(6, binary)
export const TCA_STATS_BASIC_HW = attr(7, binary)
export const TCA_STATS_PKT64 = attr(8, u64)
export const TCA_STATS_SET: AttrSet = attrs('TCA_STATS', {
  TCA_STATS_BASIC, TCA_STATS_RATE_EST, TCA_STATS_QUEUE, TCA_STATS_APP, TCA_STATS_RATE_EST64, TCA_STATS_PAD, TCA_STATS_BASIC_HW, TCA_STATS_PKT64,
})

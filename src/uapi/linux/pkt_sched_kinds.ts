/** include/uapi/linux/pkt_sched.h: what htb, sfq, fq and netem are told. */
import { type AttrSet, attr, attrs } from '../../lib/attrs.ts'
import { array, struct } from '../../lib/struct.ts'
import { binary, s32, s64, u8, u32, u64 } from '../../lib/types.ts'
import { tc_ratespec } from './pkt_sched.ts'

export const TC_HTB_NUMPRIO = 8
export const TC_HTB_MAXDEPTH = 8
/** Major and minor. */
export const HTB_VER = 0x30011
export const tc_htb_opt = struct('tc_htb_opt', {
  rate: tc_ratespec, ceil: tc_ratespec, buffer: u32, cbuffer: u32, quantum: u32, level: u32, prio: u32,
})
export const tc_htb_glob = struct('tc_htb_glob', { version: u32, rate2quantum: u32, defcls: u32, debug: u32, direct_pkts: u32 })
export const tc_htb_xstats = struct('tc_htb_xstats', { lends: u32, borrows: u32, giants: u32, tokens: s32, ctokens: s32 })
export const TCA_HTB_PARMS = attr(1, tc_htb_opt)
export const TCA_HTB_INIT = attr(2, tc_htb_glob)
export const TCA_HTB_CTAB = attr(3, binary)
export const TCA_HTB_RTAB = attr(4, binary)
export const TCA_HTB_DIRECT_QLEN = attr(5, u32)
export const TCA_HTB_RATE64 = attr(6, u64)
export const TCA_HTB_CEIL64 = attr(7, u64)
export const TCA_HTB_OFFLOAD = attr(9, binary)
export const TCA_HTB: AttrSet = attrs('TCA_HTB', {
  TCA_HTB_PARMS, TCA_HTB_INIT, TCA_HTB_CTAB, TCA_HTB_RTAB, TCA_HTB_DIRECT_QLEN, TCA_HTB_RATE64, TCA_HTB_CEIL64, TCA_HTB_OFFLOAD,
})

export const tc_sfq_qopt = struct('tc_sfq_qopt', { quantum: u32, perturb_period: s32, limit: u32, divisor: u32, flows: u32 })
/** struct tc_sfq_qopt_v1 behind the first one; its counters are of RED. */
export const tc_sfq_qopt_v1 = struct('tc_sfq_qopt_v1', {
  v0: tc_sfq_qopt, depth: u32, headdrop: u32, limit: u32, qth_min: u32, qth_max: u32, Wlog: u8, Plog: u8, Scell_log: u8, flags: u8,
  max_P: u32, stats: array(u32, 6),
})
export const tc_sfq_xstats = struct('tc_sfq_xstats', { allot: s32 })

export const FQ_BANDS = 3
export const TCA_FQ_PLIMIT = attr(1, u32)
export const TCA_FQ_FLOW_PLIMIT = attr(2, u32)
export const TCA_FQ_QUANTUM = attr(3, u32)
export const TCA_FQ_INITIAL_QUANTUM = attr(4, u32)
export const TCA_FQ_RATE_ENABLE = attr(5, u32)
export const TCA_FQ_FLOW_DEFAULT_RATE = attr(6, u32)
export const TCA_FQ_FLOW_MAX_RATE = attr(7, u32)
export const TCA_FQ_BUCKETS_LOG = attr(8, u32)
export const TCA_FQ_FLOW_REFILL_DELAY = attr(9, u32)
export const TCA_FQ_ORPHAN_MASK = attr(10, u32)
export const TCA_FQ_LOW_RATE_THRESHOLD = attr(11, u32)
export const TCA_FQ_CE_THRESHOLD = attr(12, u32)
export const TCA_FQ_TIMER_SLACK = attr(13, u32)
export const TCA_FQ_HORIZON = attr(14, u32)
export const TCA_FQ_HORIZON_DROP = attr(15, u8)
export const TCA_FQ_PRIOMAP = attr(16, binary)
export const TCA_FQ_WEIGHTS = attr(17, binary)
export const TCA_FQ: AttrSet = attrs('TCA_FQ', {
  TCA_FQ_PLIMIT, TCA_FQ_FLOW_PLIMIT, TCA_FQ_QUANTUM, TCA_FQ_INITIAL_QUANTUM, TCA_FQ_RATE_ENABLE, TCA_FQ_FLOW_DEFAULT_RATE,
  TCA_FQ_FLOW_MAX_RATE, TCA_FQ_BUCKETS_LOG, TCA_FQ_FLOW_REFILL_DELAY, TCA_FQ_ORPHAN_MASK, TCA_FQ_LOW_RATE_THRESHOLD,
  TCA_FQ_CE_THRESHOLD, TCA_FQ_TIMER_SLACK, TCA_FQ_HORIZON, TCA_FQ_HORIZON_DROP, TCA_FQ_PRIOMAP, TCA_FQ_WEIGHTS,
})
export const tc_fq_weights = struct('tc_fq_weights', { weights: array(s32, FQ_BANDS) })
export const tc_fq_qd_stats = struct('tc_fq_qd_stats', {
  gc_flows: u64, highprio_packets: u64, tcp_retrans: u64, throttled: u64, flows_plimit: u64, pkts_too_long: u64,
  allocation_errors: u64, time_next_delayed_flow: s64, flows: u32, inactive_flows: u32, throttled_flows: u32,
  unthrottle_latency_ns: u32, ce_mark: u64, horizon_drops: u64, horizon_caps: u64, fastpath_packets: u64,
  band_drops: array(u64, FQ_BANDS), band_pkt_count: array(u32, FQ_BANDS), pad: u32,
})

export const NETEM_DIST_SCALE = 8192
export const NETEM_DIST_MAX = 16384
export const NETEM_LOSS_GI = 1
export const NETEM_LOSS_GE = 2
export const tc_netem_qopt = struct('tc_netem_qopt', { latency: u32, limit: u32, loss: u32, gap: u32, duplicate: u32, jitter: u32 })
export const tc_netem_corr = struct('tc_netem_corr', { delay_corr: u32, loss_corr: u32, dup_corr: u32 })
export const tc_netem_reorder = struct('tc_netem_reorder', { probability: u32, correlation: u32 })
export const tc_netem_rate = struct('tc_netem_rate', { rate: u32, packet_overhead: s32, cell_size: u32, cell_overhead: s32 })
export const tc_netem_slot = struct('tc_netem_slot', {
  min_delay: s64, max_delay: s64, max_packets: s32, max_bytes: s32, dist_delay: s64, dist_jitter: s64,
})
export const tc_netem_gimodel = struct('tc_netem_gimodel', { p13: u32, p31: u32, p32: u32, p14: u32, p23: u32 })
export const tc_netem_gemodel = struct('tc_netem_gemodel', { p: u32, r: u32, h: u32, k1: u32 })
export const TCA_NETEM_CORR = attr(1, tc_netem_corr)
export const TCA_NETEM_DELAY_DIST = attr(2, binary)
export const TCA_NETEM_REORDER = attr(3, tc_netem_reorder)
export const TCA_NETEM_CORRUPT = attr(4, tc_netem_reorder)
export const TCA_NETEM_LOSS = attr(5, binary)
export const TCA_NETEM_RATE = attr(6, tc_netem_rate)
export const TCA_NETEM_ECN = attr(7, u32)
export const TCA_NETEM_RATE64 = attr(8, u64)
export const TCA_NETEM_LATENCY64 = attr(10, s64)
export const TCA_NETEM_JITTER64 = attr(11, s64)
export const TCA_NETEM_SLOT = attr(12, tc_netem_slot)
export const TCA_NETEM_SLOT_DIST = attr(13, binary)
export const TCA_NETEM_PRNG_SEED = attr(14, binary)
export const TCA_NETEM: AttrSet = attrs('TCA_NETEM', {
  TCA_NETEM_CORR, TCA_NETEM_DELAY_DIST, TCA_NETEM_REORDER, TCA_NETEM_CORRUPT, TCA_NETEM_LOSS, TCA_NETEM_RATE, TCA_NETEM_ECN,
  TCA_NETEM_RATE64, TCA_NETEM_LATENCY64, TCA_NETEM_JITTER64, TCA_NETEM_SLOT, TCA_NETEM_SLOT_DIST, TCA_NETEM_PRNG_SEED,
})

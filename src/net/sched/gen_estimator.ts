/** net/core/gen_estimator.c: how fast a discipline or class sends (TCA_RATE): a moving average of bytes and packets a second. */
import type { Kernel } from '../../kernel/kernel.ts'
import { HZ, mod_timer, NSEC_PER_JIFFY, timer_delete, timer_list } from '../../kernel/time.ts'
import type { AttrTable } from '../../lib/attrs.ts'
import { EINVAL, type Errno } from '../../uapi/errno.ts'
import { TCA_STATS_RATE_EST } from '../../uapi/linux/gen_stats.ts'
import { tc_estimator } from '../../uapi/linux/pkt_sched.ts'
import { TCA_RATE } from '../../uapi/linux/rtnetlink.ts'
import type { gnet_basic, gnet_dump } from '../core/gen_stats.ts'

/** What sends: a discipline or a class. */
export interface estimated {
  readonly bstats: gnet_basic
  rate_est: net_rate_estimator | undefined
}

/** Averages are kept with eight more bits; an interval is a quarter of a second, doubled `intvl_log` times. */
const SCALE = 256

export class net_rate_estimator {
  readonly sch: estimated
  readonly kernel: Kernel
  readonly ewma_log: number
  readonly intvl_log: number
  readonly timer: timer_list
  avbps = 0
  avpps = 0
  last_bytes: number
  last_packets: number
  constructor(sch: estimated, kernel: Kernel, ewma_log: number, intvl_log: number) {
    this.sch = sch
    this.kernel = kernel
    this.ewma_log = ewma_log
    this.intvl_log = intvl_log
    this.last_bytes = sch.bstats.bytes
    this.last_packets = sch.bstats.packets
    this.timer = new timer_list(kernel.events, est_timer, this)
  }
}
function arm(est: net_rate_estimator): void {
  mod_timer(est.timer, est.kernel.now() + (HZ / 4) * 2 ** est.intvl_log * NSEC_PER_JIFFY)
}
function average(old: number, sample: number, ewma_log: number): number {
  const share = 2 ** ewma_log
  return old + Math.floor(sample / share) - Math.floor(old / share)
}
/** The timer's function. */
export function est_timer(est: net_rate_estimator): void {
  const { bytes, packets } = est.sch.bstats
  const scale = 2 ** (10 - est.intvl_log)
  est.avbps = average(est.avbps, (bytes - est.last_bytes) * scale, est.ewma_log)
  est.avpps = average(est.avpps, (packets - est.last_packets) * scale, est.ewma_log)
  est.last_bytes = bytes
  est.last_packets = packets
  arm(est)
}

/** gen_replace_estimator(): a new one begins where the old one ends. */
export function gen_new_estimator(sch: estimated, kernel: Kernel, tb: AttrTable): Errno | undefined {
  const bytes = tb.payload(TCA_RATE)
  if (bytes === undefined || bytes.length < tc_estimator.size) return EINVAL
  const { interval, ewma_log } = tc_estimator.get(bytes, 0)
  const log = (interval << 24) >> 24
  if (log < -2 || log > 3 || ewma_log === 0 || ewma_log >= 31) return EINVAL
  const est = new net_rate_estimator(sch, kernel, ewma_log, log + 2)
  if (sch.rate_est !== undefined) {
    est.avbps = sch.rate_est.avbps
    est.avpps = sch.rate_est.avpps
  }
  gen_kill_estimator(sch)
  sch.rate_est = est
  arm(est)
  return undefined
}
export function gen_kill_estimator(sch: estimated): void {
  if (sch.rate_est !== undefined) timer_delete(sch.rate_est.timer)
  sch.rate_est = undefined
}
export function gnet_stats_copy_rate_est(d: gnet_dump, sch: estimated): void {
  if (sch.rate_est === undefined) return
  const rate = { bps: Math.min(Math.floor(sch.rate_est.avbps / SCALE), 0xffffffff), pps: Math.floor(sch.rate_est.avpps / SCALE) }
  d.skb.put(TCA_STATS_RATE_EST, rate)
  d.rate = rate
}

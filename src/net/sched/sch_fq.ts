/**
 * net/sched/sch_fq.c: fair queueing among flows (sockets), which may not send faster than flow_max_rate, in three bands.
 *
 *   a flow                             | stands
 *   with its first packet after a rest | among its band's new flows
 *   whose credit is used up            | behind the band's old flows, with a quantum more
 *   whose next packet's time is not come | aside, until that time (throttled)
 *
 * Buckets, refill delay and timer slack are kept and shown: flows are found by name here, and time is exact.
 */
import type { Kernel } from '../../kernel/kernel.ts'
import type { timer_list } from '../../kernel/time.ts'
import type { AttrTable } from '../../lib/attrs.ts'
import type { MessageBuilder } from '../../lib/message.ts'
import { EINVAL, type Errno, isErrno } from '../../uapi/errno.ts'
import { TC_PRIO_MAX, tc_prio_qopt } from '../../uapi/linux/pkt_sched.ts'
import * as P from '../../uapi/linux/pkt_sched_kinds.ts'
import { TCA_OPTIONS } from '../../uapi/linux/rtnetlink.ts'
import { SKB_DROP_REASON_QDISC_DROP } from '../core/dropreason.ts'
import { type gnet_dump, gnet_stats_copy_app } from '../core/gen_stats.ts'
import type { net_device } from '../core/netdevice.ts'
import { kfree_skb_reason, type sk_buff } from '../core/skbuff.ts'
import { nla_parse_nested_deprecated_at } from '../netlink/attr.ts'
import { netlink_ext_ack } from '../netlink/extack.ts'
import { max, NLA_EXACT_LEN, NLA_U8, NLA_U32, policy } from '../netlink/policy.ts'
import { skb_get_hash_perturb } from '../core/flow_keys.ts'
import { INET_ECN_set_ce } from './inet_ecn.ts'
import type { Qdisc, Qdisc_ops, tc_options } from './qdisc.ts'
import { register_qdisc } from './qdisc_kinds.ts'
import { child_pkt_len, qdisc_tree_reduce_backlog } from './qdisc_tree.ts'
import { qdisc_watchdog_cancel, qdisc_watchdog_init, qdisc_watchdog_schedule_ns } from './qdisc_watchdog.ts'
import { NET_XMIT_SUCCESS, psched_mtu, qdisc_bstats_update, qdisc_drop } from './sch_fifo.ts'
import { qdisc_pkt_len } from './sch_stab.ts'

const NSEC_PER_USEC = 1000
const NSEC_PER_SEC = 1e9
const UNLIMITED = 0xffffffff
const MAX_QUANTUM = 1 << 20
const MAX_BUCKETS_LOG = 18
/** sch_default_prio2band: which band a priority has. */
const PRIO2BAND = [1, 2, 2, 2, 1, 2, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1]
const WEIGHTS = [9 << 16, 3 << 16, 1 << 16]
/** Weights below that are refused. */
const FQ_MIN_WEIGHT = 16384
const JIFFY_USEC = 4000

const fq_policy = policy(
  P.TCA_FQ,
  {
    TCA_FQ_PLIMIT: NLA_U32,
    TCA_FQ_FLOW_PLIMIT: NLA_U32,
    TCA_FQ_QUANTUM: NLA_U32,
    TCA_FQ_INITIAL_QUANTUM: max(NLA_U32, MAX_QUANTUM),
    TCA_FQ_RATE_ENABLE: NLA_U32,
    TCA_FQ_FLOW_DEFAULT_RATE: NLA_U32,
    TCA_FQ_FLOW_MAX_RATE: NLA_U32,
    TCA_FQ_BUCKETS_LOG: NLA_U32,
    TCA_FQ_FLOW_REFILL_DELAY: NLA_U32,
    TCA_FQ_ORPHAN_MASK: NLA_U32,
    TCA_FQ_LOW_RATE_THRESHOLD: NLA_U32,
    TCA_FQ_CE_THRESHOLD: NLA_U32,
    TCA_FQ_TIMER_SLACK: NLA_U32,
    TCA_FQ_HORIZON: NLA_U32,
    TCA_FQ_HORIZON_DROP: NLA_U8,
    TCA_FQ_PRIOMAP: NLA_EXACT_LEN(tc_prio_qopt.size),
    TCA_FQ_WEIGHTS: NLA_EXACT_LEN(P.tc_fq_weights.size),
  },
  { name: 'fq_policy', strict_start_type: P.TCA_FQ_TIMER_SLACK.nr },
)

/** Of one socket, or of one hash of packets without. */
export class fq_flow {
  readonly key: unknown
  band = 0
  packets: { skb: sk_buff; time_to_send: number }[] = []
  credit: number
  time_next_packet = 0
  throttled = false
  constructor(key: unknown, credit: number) {
    this.key = key
    this.credit = credit
  }
}
export class fq_band {
  new_flows: fq_flow[] = []
  old_flows: fq_flow[] = []
  credit = 0
  pkt_count = 0
  drops = 0
}
/** struct fq_sched_data */
export class fq_sched_data {
  flow_plimit = 100
  quantum: number
  initial_quantum: number
  rate_enable = 1
  flow_max_rate = UNLIMITED
  flow_refill_delay = 40_000
  orphan_mask = 1023
  low_rate_threshold = 68750
  ce_threshold = 0xffffffff
  buckets_log = 10
  timer_slack = 10_000
  horizon = 10_000_000
  horizon_drop = 1
  prio2band = PRIO2BAND
  weights = WEIGHTS
  flows = new Map<unknown, fq_flow>()
  bands = Array.from({ length: P.FQ_BANDS }, () => new fq_band())
  band_nr = 0
  delayed: fq_flow[] = []
  stat = { throttled: 0, flows_plimit: 0, pkts_too_long: 0, ce_mark: 0, horizon_drops: 0, horizon_caps: 0, fastpath_packets: 0 }
  readonly watchdog: timer_list
  constructor(sch: Qdisc) {
    const mtu = Math.max(1, psched_mtu(sch))
    this.quantum = Math.min(Math.max(2 * mtu, 256), MAX_QUANTUM)
    this.initial_quantum = Math.min(10 * mtu, MAX_QUANTUM)
    this.watchdog = qdisc_watchdog_init(sch)
  }
}
function priv(sch: Qdisc): fq_sched_data {
  return sch.priv as fq_sched_data
}
function now_of(sch: Qdisc): number {
  return (sch.dev as net_device).nd_net.kernel.now()
}

/** What a request may get wrong; what stands before it in the request holds all the same, as in Linux. */
function load_maps(q: fq_sched_data, tb: AttrTable, extack: netlink_ext_ack): Errno | undefined {
  const map = tb.payload(P.TCA_FQ_PRIOMAP)
  if (map !== undefined) {
    const { bands, priomap } = tc_prio_qopt.get(map, 0)
    if (bands !== P.FQ_BANDS) return extack.fail(EINVAL, 'sch_fq: FQ only supports 3 bands')
    const bad = priomap.findIndex((band) => band >= P.FQ_BANDS)
    if (bad >= 0) return extack.fail(EINVAL, `sch_fq: FQ priomap field ${bad} maps to a too high band ${priomap[bad]}`)
    q.prio2band = priomap
  }
  const bytes = tb.payload(P.TCA_FQ_WEIGHTS)
  if (bytes === undefined) return undefined
  const { weights } = P.tc_fq_weights.get(bytes, 0)
  const low = weights.findIndex((weight) => weight < FQ_MIN_WEIGHT)
  if (low >= 0) {
    return extack.fail(EINVAL, `sch_fq: Weight ${weights[low]} less that minimum allowed ${FQ_MIN_WEIGHT}`)
  }
  q.weights = weights
  return undefined
}
export function fq_change(sch: Qdisc, opt: tc_options, extack: netlink_ext_ack): Errno | undefined {
  const tb = nla_parse_nested_deprecated_at({ ...opt.req, extack: new netlink_ext_ack() }, opt.at, fq_policy)
  if (isErrno(tb)) return tb
  const q = priv(sch)
  let error: Errno | undefined
  const log = tb.get(P.TCA_FQ_BUCKETS_LOG) ?? q.buckets_log
  if (log < 1 || log > MAX_BUCKETS_LOG) error = EINVAL
  sch.limit = tb.get(P.TCA_FQ_PLIMIT) ?? sch.limit
  q.flow_plimit = tb.get(P.TCA_FQ_FLOW_PLIMIT) ?? q.flow_plimit
  q.quantum = Math.min(Math.max(tb.get(P.TCA_FQ_QUANTUM) ?? q.quantum, 256), MAX_QUANTUM)
  q.initial_quantum = tb.get(P.TCA_FQ_INITIAL_QUANTUM) ?? q.initial_quantum
  q.flow_max_rate = tb.get(P.TCA_FQ_FLOW_MAX_RATE) ?? q.flow_max_rate
  q.low_rate_threshold = tb.get(P.TCA_FQ_LOW_RATE_THRESHOLD) ?? q.low_rate_threshold
  const enable = tb.get(P.TCA_FQ_RATE_ENABLE) ?? q.rate_enable
  if (enable <= 1) q.rate_enable = enable
  else error = EINVAL
  const delay = tb.get(P.TCA_FQ_FLOW_REFILL_DELAY)
  if (delay !== undefined) q.flow_refill_delay = Math.ceil(delay / JIFFY_USEC) * JIFFY_USEC
  error ??= load_maps(q, tb, extack)
  q.orphan_mask = tb.get(P.TCA_FQ_ORPHAN_MASK) ?? q.orphan_mask
  q.ce_threshold = tb.get(P.TCA_FQ_CE_THRESHOLD) ?? q.ce_threshold
  q.timer_slack = tb.get(P.TCA_FQ_TIMER_SLACK) ?? q.timer_slack
  q.horizon = tb.get(P.TCA_FQ_HORIZON) ?? q.horizon
  q.horizon_drop = tb.get(P.TCA_FQ_HORIZON_DROP) ?? q.horizon_drop
  if (error === undefined) q.buckets_log = log
  shrink(sch)
  return error
}
/** A lower limit holds at once. */
function shrink(sch: Qdisc): void {
  const { qlen, backlog } = sch.qstats
  while (sch.qstats.qlen > sch.limit) {
    const flow = [...priv(sch).flows.values()].find((f) => f.packets.length > 0)
    const item = flow?.packets.shift()
    if (flow === undefined || item === undefined) break
    account_out(sch, flow, item.skb)
    kfree_skb_reason(item.skb, SKB_DROP_REASON_QDISC_DROP)
  }
  qdisc_tree_reduce_backlog(sch, qlen - sch.qstats.qlen, backlog - sch.qstats.backlog)
}
export function fq_init(sch: Qdisc, opt: tc_options | undefined, extack: netlink_ext_ack): Errno | undefined {
  sch.limit = 10000
  sch.priv = new fq_sched_data(sch)
  return opt === undefined ? undefined : fq_change(sch, opt, extack)
}
export function fq_reset(sch: Qdisc): void {
  const q = priv(sch)
  q.flows.clear()
  q.bands = q.bands.map(() => new fq_band())
  q.delayed = []
  qdisc_watchdog_cancel(q.watchdog)
}
export function fq_destroy(sch: Qdisc): void {
  if (sch.priv !== undefined) qdisc_watchdog_cancel(priv(sch).watchdog)
}
export function fq_dump(sch: Qdisc, skb: MessageBuilder): void {
  const q = priv(sch)
  const nest = skb.nestNoflag(TCA_OPTIONS)
  skb.put(P.TCA_FQ_PLIMIT, sch.limit)
  skb.put(P.TCA_FQ_FLOW_PLIMIT, q.flow_plimit)
  skb.put(P.TCA_FQ_QUANTUM, q.quantum)
  skb.put(P.TCA_FQ_INITIAL_QUANTUM, q.initial_quantum)
  skb.put(P.TCA_FQ_RATE_ENABLE, q.rate_enable)
  skb.put(P.TCA_FQ_FLOW_MAX_RATE, q.flow_max_rate)
  skb.put(P.TCA_FQ_FLOW_REFILL_DELAY, q.flow_refill_delay)
  skb.put(P.TCA_FQ_ORPHAN_MASK, q.orphan_mask)
  skb.put(P.TCA_FQ_LOW_RATE_THRESHOLD, q.low_rate_threshold)
  skb.put(P.TCA_FQ_CE_THRESHOLD, q.ce_threshold)
  skb.put(P.TCA_FQ_BUCKETS_LOG, q.buckets_log)
  skb.put(P.TCA_FQ_TIMER_SLACK, q.timer_slack)
  skb.put(P.TCA_FQ_HORIZON, q.horizon)
  skb.put(P.TCA_FQ_HORIZON_DROP, q.horizon_drop)
  skb.putBytes(P.TCA_FQ_PRIOMAP.nr, tc_prio_qopt.encode({ bands: P.FQ_BANDS, priomap: q.prio2band }))
  skb.putBytes(P.TCA_FQ_WEIGHTS.nr, P.tc_fq_weights.encode({ weights: q.weights }))
  skb.nestEnd(nest)
}
export function fq_dump_stats(sch: Qdisc, d: gnet_dump): void {
  const { stat, flows, delayed, bands, timer_slack } = priv(sch)
  const next = next_delayed(priv(sch))
  gnet_stats_copy_app(
    d,
    P.tc_fq_qd_stats.encode({
      ...stat,
      // nobody waits: the time is the greatest that there is
      time_next_delayed_flow: (next ?? -1) + timer_slack - now_of(sch),
      flows: flows.size,
      inactive_flows: [...flows.values()].filter((f) => f.packets.length === 0).length,
      throttled_flows: delayed.length,
      band_drops: bands.map((band) => band.drops),
      band_pkt_count: bands.map((band) => band.pkt_count),
    }),
  )
}
function next_delayed({ delayed }: fq_sched_data): number | undefined {
  return delayed.length === 0 ? undefined : Math.min(...delayed.map((f) => f.time_next_packet))
}

export function fq_enqueue(skb: sk_buff, sch: Qdisc): number {
  const q = priv(sch)
  const nr = q.prio2band[skb.priority & TC_PRIO_MAX]
  const band = q.bands[nr]
  if (band.pkt_count >= sch.limit) {
    band.drops++
    return qdisc_drop(sch)
  }
  const now = now_of(sch)
  if (skb.tstamp > now + q.horizon * NSEC_PER_USEC) {
    if (q.horizon_drop) {
      q.stat.horizon_drops++
      return qdisc_drop(sch)
    }
    q.stat.horizon_caps++
    skb.tstamp = now + q.horizon * NSEC_PER_USEC
  }
  const flow = flow_of(q, skb)
  if (flow.packets.length >= q.flow_plimit) {
    q.stat.flows_plimit++
    return qdisc_drop(sch)
  }
  flow.band = nr
  if (!flow.throttled && !listed(q, flow)) band.new_flows.push(flow)
  flow.packets.push({ skb, time_to_send: skb.tstamp || now })
  band.pkt_count++
  sch.qstats.backlog += qdisc_pkt_len(skb, sch)
  sch.qstats.qlen++
  return NET_XMIT_SUCCESS
}
function listed(q: fq_sched_data, flow: fq_flow): boolean {
  return q.bands.some((band) => band.new_flows.includes(flow) || band.old_flows.includes(flow))
}
/** fq_classify() */
function flow_of(q: fq_sched_data, skb: sk_buff): fq_flow {
  const key = skb.sk ?? (skb_get_hash_perturb(skb, 0) & q.orphan_mask) >>> 0
  const found = q.flows.get(key)
  if (found !== undefined) return found
  const flow = new fq_flow(key, q.initial_quantum)
  q.flows.set(key, flow)
  return flow
}
function account_out(sch: Qdisc, flow: fq_flow, skb: sk_buff): void {
  priv(sch).bands[flow.band].pkt_count--
  sch.qstats.backlog -= child_pkt_len(skb, sch)
  sch.qstats.qlen--
}

export function fq_dequeue(sch: Qdisc): sk_buff | undefined {
  if (sch.qstats.qlen === 0) return undefined
  const q = priv(sch)
  const now = now_of(sch)
  check_throttled(q, now)
  for (;;) {
    const band = next_band(q)
    if (band === undefined) {
      const next = next_delayed(q)
      if (next !== undefined) qdisc_watchdog_schedule_ns(q.watchdog, next)
      return undefined
    }
    const skb = from_band(sch, q, band, now)
    if (skb === undefined) continue
    qdisc_bstats_update(sch, skb)
    return skb
  }
}
function check_throttled(q: fq_sched_data, now: number): void {
  const due = q.delayed.filter((f) => f.time_next_packet <= now).sort((a, b) => a.time_next_packet - b.time_next_packet)
  q.delayed = q.delayed.filter((f) => f.time_next_packet > now)
  for (const flow of due) {
    flow.throttled = false
    q.bands[flow.band].old_flows.push(flow)
  }
}
/** The band whose turn it is and that has flows; each may send its weight before the next one's turn. */
function next_band(q: fq_sched_data): fq_band | undefined {
  const waits = (band: fq_band) => band.new_flows.length > 0 || band.old_flows.length > 0
  const current = q.bands[q.band_nr]
  if (waits(current) && current.credit > 0) return current
  if (!q.bands.some(waits)) return undefined
  for (;;) {
    q.band_nr = (q.band_nr + 1) % P.FQ_BANDS
    const band = q.bands[q.band_nr]
    band.credit = Math.min(band.credit + q.weights[q.band_nr], q.weights[q.band_nr])
    if (waits(band) && band.credit > 0) return band
  }
}
/** The first flow's next packet; undefined: the flow was moved, and another is to be looked at. */
function from_band(sch: Qdisc, q: fq_sched_data, band: fq_band, now: number): sk_buff | undefined {
  const list = band.new_flows.length > 0 ? band.new_flows : band.old_flows
  const [flow] = list
  if (flow.credit <= 0) {
    flow.credit += q.quantum
    band.old_flows.push(list.shift() as fq_flow)
    return undefined
  }
  const [head] = flow.packets
  if (head === undefined) {
    list.shift()
    // once more behind the old ones, so that a flow that comes and goes does not starve them
    if (list === band.new_flows) band.old_flows.push(flow)
    return undefined
  }
  const time = Math.max(head.time_to_send, flow.time_next_packet)
  if (now < time) {
    list.shift()
    flow.time_next_packet = time
    flow.throttled = true
    q.delayed.push(flow)
    q.stat.throttled++
    return undefined
  }
  flow.packets.shift()
  if (now - time > q.ce_threshold * NSEC_PER_USEC && INET_ECN_set_ce(head.skb)) q.stat.ce_mark++
  account_out(sch, flow, head.skb)
  const len = qdisc_pkt_len(head.skb, sch)
  flow.credit -= len
  band.credit -= len
  pace(q, flow, head.skb, len, now)
  return head.skb
}
/** When the flow may send again, at its rate. */
function pace(q: fq_sched_data, flow: fq_flow, skb: sk_buff, len: number, now: number): void {
  if (!q.rate_enable || q.flow_max_rate === UNLIMITED) return
  let bytes = len
  if (skb.tstamp === 0) {
    if (q.flow_max_rate <= q.low_rate_threshold) flow.credit = 0
    else if (flow.credit > 0) return
    else bytes = Math.max(len, q.quantum)
  }
  let delay = q.flow_max_rate === 0 ? NSEC_PER_SEC + 1 : Math.floor((bytes * NSEC_PER_SEC) / q.flow_max_rate)
  if (delay > NSEC_PER_SEC) {
    delay = NSEC_PER_SEC
    q.stat.pkts_too_long++
  }
  if (flow.time_next_packet !== 0) delay -= Math.min(Math.floor(delay / 2), now - flow.time_next_packet)
  flow.time_next_packet = now + delay
}

export const fq_qdisc_ops: Qdisc_ops = {
  id: 'fq',
  init: fq_init,
  change: fq_change,
  enqueue: fq_enqueue,
  dequeue: fq_dequeue,
  reset: fq_reset,
  destroy: fq_destroy,
  dump: fq_dump,
  dump_stats: fq_dump_stats,
}
/** The module sch_fq. */
export function fq_module_init(kernel: Kernel): Errno | undefined {
  return register_qdisc(kernel, fq_qdisc_ops)
}

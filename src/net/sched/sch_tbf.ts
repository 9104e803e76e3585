/**
 * net/sched/sch_tbf.c: a token bucket. Tokens are time: the bucket holds `buffer` ns of sending at the rate, and with a peak
 * rate a second one holds `mtu` ns of it.
 *
 *   the next packet                     | then
 *   longer than the bucket holds at all | dropped as it comes
 *   both buckets hold its time          | sent, and its time taken out
 *   one of them lacks some              | waits for the time that lacks; counted as over the limit
 */
import type { Kernel } from '../../kernel/kernel.ts'
import type { timer_list } from '../../kernel/time.ts'
import type { AttrTable } from '../../lib/attrs.ts'
import type { MessageBuilder } from '../../lib/message.ts'
import { EINVAL, type Errno, isErrno } from '../../uapi/errno.ts'
import * as P from '../../uapi/linux/pkt_sched.ts'
import { TCA_OPTIONS } from '../../uapi/linux/rtnetlink.ts'
import type { net_device } from '../core/netdevice.ts'
import type { sk_buff } from '../core/skbuff.ts'
import { nla_parse_nested_deprecated_at } from '../netlink/attr.ts'
import { netlink_ext_ack } from '../netlink/extack.ts'
import { NLA_BINARY, NLA_U32, NLA_U64, NLA_UNSPEC, policy } from '../netlink/policy.ts'
import { type Qdisc, type Qdisc_class_ops, type Qdisc_ops, sched_of, type tc_options } from './qdisc.ts'
import { qdisc_hash_add } from './qdisc_hash.ts'
import { register_qdisc } from './qdisc_kinds.ts'
import { child_pkt_len, qdisc_replace } from './qdisc_tree.ts'
import { qdisc_watchdog_cancel, qdisc_watchdog_init, qdisc_watchdog_schedule_ns } from './qdisc_watchdog.ts'
import { bfifo_qdisc_ops, NET_XMIT_DROP, NET_XMIT_SUCCESS, qdisc_bstats_update, qdisc_drop } from './sch_fifo.ts'
import { qdisc_create_dflt, qdisc_put, qdisc_reset } from './sch_generic.ts'
import {
  detect_linklayer,
  PSCHED_NS2TICKS,
  PSCHED_TICKS2NS,
  psched_l2t_ns,
  psched_ns_t2l,
  type psched_ratecfg,
  psched_ratecfg_getrate,
  psched_ratecfg_precompute,
  type ratespec,
} from './sch_rate.ts'
import { qdisc_pkt_len } from './sch_stab.ts'

/** State; times in ns. */
interface tbf_sched_data {
  limit: number
  max_size: number
  buffer: number
  mtu: number
  rate: psched_ratecfg
  peak: psched_ratecfg | undefined
  tokens: number
  ptokens: number
  t_c: number
  child: Qdisc
  /** Taken from a child that cannot be looked into, and not sent yet. */
  peeked: sk_buff | undefined
  watchdog: timer_list
}
function priv(sch: Qdisc): tbf_sched_data {
  return sch.priv as tbf_sched_data
}
function now_of(sch: Qdisc): number {
  return (sch.dev as net_device).nd_net.kernel.now()
}

export const tbf_policy = policy(
  P.TCA_TBF,
  {
    TCA_TBF_PARMS: NLA_UNSPEC(P.tc_tbf_qopt.size),
    TCA_TBF_RTAB: NLA_BINARY(P.TC_RTAB_SIZE),
    TCA_TBF_PTAB: NLA_BINARY(P.TC_RTAB_SIZE),
    TCA_TBF_RATE64: NLA_U64,
    TCA_TBF_PRATE64: NLA_U64,
    TCA_TBF_BURST: NLA_U32,
    TCA_TBF_PBURST: NLA_U32,
  },
  { name: 'tbf_policy' },
)

interface tbf_qopt {
  rate: ratespec
  peakrate: ratespec
  limit: number
  buffer: number
  mtu: number
}

/** One bucket as a request describes it: its size in time, and the longest packet that fits. */
function bucket(conf: ratespec, rtab: Uint8Array | undefined, rate64: number, ticks: number, burst: number | undefined) {
  const spec = conf.linklayer === P.TC_LINKLAYER_UNAWARE ? { ...conf, linklayer: detect_linklayer(conf, rtab) } : conf
  const rate = psched_ratecfg_precompute(spec, rate64)
  const ns = burst === undefined ? PSCHED_TICKS2NS(ticks) : psched_l2t_ns(rate, burst)
  const size = burst ?? Math.min(psched_ns_t2l(rate, PSCHED_TICKS2NS(ticks)), 0xffffffff)
  return { rate, ns, size }
}

export function tbf_change(sch: Qdisc, opt: tc_options): Errno | undefined {
  const tb = nla_parse_nested_deprecated_at({ ...opt.req, extack: new netlink_ext_ack() }, opt.at, tbf_policy)
  if (isErrno(tb)) return tb
  const qopt = tb.get(P.TCA_TBF_PARMS) as tbf_qopt | undefined
  if (qopt === undefined) return EINVAL
  const main = bucket(qopt.rate, tb.payload(P.TCA_TBF_RTAB), tb.get(P.TCA_TBF_RATE64) ?? 0, qopt.buffer, tb.get(P.TCA_TBF_BURST))
  const peak = peak_bucket(tb, qopt)
  if (peak !== undefined && peak.rate.rate_bytes_ps <= main.rate.rate_bytes_ps) return EINVAL
  const max_size = Math.min(main.size, peak?.size ?? main.size)
  if (max_size === 0) return EINVAL
  const error = set_child_limit(sch, qopt.limit)
  if (isErrno(error)) return error
  const data = priv(sch)
  data.limit = qopt.limit
  data.max_size = max_size
  data.rate = main.rate
  data.peak = peak?.rate
  data.buffer = data.tokens = main.ns
  data.mtu = data.ptokens = peak?.ns ?? PSCHED_TICKS2NS(qopt.mtu)
  return undefined
}
function peak_bucket(tb: AttrTable, { peakrate, mtu }: tbf_qopt) {
  if (peakrate.rate === 0) return undefined
  return bucket(peakrate, tb.payload(P.TCA_TBF_PTAB), tb.get(P.TCA_TBF_PRATE64) ?? 0, mtu, tb.get(P.TCA_TBF_PBURST))
}
/** What waits does so in a bfifo of that size, unless somebody has put another discipline there. */
function set_child_limit(sch: Qdisc, limit: number): Errno | undefined {
  const data = priv(sch)
  const dev = sch.dev as net_device
  if (data.child !== sched_of(dev).noop_qdisc) {
    if (data.child.ops.id.slice(1, 5) === 'fifo') data.child.limit = limit
    return undefined
  }
  if (limit === 0) return undefined
  const child = qdisc_create_dflt(dev, bfifo_qdisc_ops, P.TC_H_MAKE(sch.handle, 1), sch.queue)
  if (child === undefined) return EINVAL
  child.limit = limit
  qdisc_hash_add(child, true)
  data.child = child
  return undefined
}

export function tbf_init(sch: Qdisc, opt: tc_options | undefined): Errno | undefined {
  const dev = sch.dev as net_device
  const data: tbf_sched_data = {
    limit: 0,
    max_size: 0,
    buffer: 0,
    mtu: 0,
    rate: { rate_bytes_ps: 0, mult: 1, shift: 0, overhead: 0, mpu: 0, linklayer: 0 },
    peak: undefined,
    tokens: 0,
    ptokens: 0,
    t_c: now_of(sch),
    child: sched_of(dev).noop_qdisc,
    peeked: undefined,
    watchdog: qdisc_watchdog_init(sch),
  }
  sch.priv = data
  return opt === undefined ? EINVAL : tbf_change(sch, opt)
}
export function tbf_destroy(sch: Qdisc): void {
  qdisc_watchdog_cancel(priv(sch).watchdog)
  qdisc_put(priv(sch).child)
}
export function tbf_reset(sch: Qdisc): void {
  const data = priv(sch)
  qdisc_reset(data.child)
  data.peeked = undefined
  data.t_c = now_of(sch)
  data.tokens = data.buffer
  data.ptokens = data.mtu
  qdisc_watchdog_cancel(data.watchdog)
}
export function tbf_dump(sch: Qdisc, skb: MessageBuilder): void {
  const { rate, peak, limit, buffer, mtu } = priv(sch)
  const nest = skb.nestNoflag(TCA_OPTIONS)
  const spec = (r: psched_ratecfg | undefined) => (r === undefined ? no_rate : { ...no_rate, ...psched_ratecfg_getrate(r) })
  const parms = { rate: spec(rate), peakrate: spec(peak), limit, buffer: PSCHED_NS2TICKS(buffer), mtu: PSCHED_NS2TICKS(mtu) }
  skb.putBytes(P.TCA_TBF_PARMS.nr, P.tc_tbf_qopt.encode(parms))
  if (rate.rate_bytes_ps >= 2 ** 32) skb.put(P.TCA_TBF_RATE64, rate.rate_bytes_ps)
  if (peak !== undefined && peak.rate_bytes_ps >= 2 ** 32) skb.put(P.TCA_TBF_PRATE64, peak.rate_bytes_ps)
  skb.nestEnd(nest)
}
const no_rate: ratespec = { cell_log: 0, linklayer: 0, overhead: 0, cell_align: 0, mpu: 0, rate: 0 }

export function tbf_enqueue(skb: sk_buff, sch: Qdisc): number {
  const { child, max_size } = priv(sch)
  const len = qdisc_pkt_len(skb, sch)
  if (len > max_size) return qdisc_drop(sch)
  const ret = child.ops.enqueue?.(skb, child) ?? NET_XMIT_DROP
  if (ret !== NET_XMIT_SUCCESS) {
    sch.qstats.drops++
    return ret
  }
  sch.qstats.backlog += len
  sch.qstats.qlen++
  return ret
}
/** The next packet, which stays where it is when the child is a plain queue. */
function peek(data: tbf_sched_data): sk_buff | undefined {
  data.peeked ??= data.child.q[0] ?? data.child.ops.dequeue?.(data.child)
  return data.peeked
}
export function tbf_dequeue(sch: Qdisc): sk_buff | undefined {
  const data = priv(sch)
  const skb = peek(data)
  if (skb === undefined) return undefined
  const len = child_pkt_len(skb, sch)
  const now = now_of(sch)
  const passed = Math.min(now - data.t_c, data.buffer)
  const tokens = Math.min(passed + data.tokens, data.buffer) - psched_l2t_ns(data.rate, len)
  const ptokens = data.peak === undefined ? 0 : Math.min(passed + data.ptokens, data.mtu) - psched_l2t_ns(data.peak, len)
  if (tokens < 0 || ptokens < 0) {
    qdisc_watchdog_schedule_ns(data.watchdog, now + Math.max(-tokens, -ptokens))
    sch.qstats.overlimits++
    return undefined
  }
  if (data.child.q[0] === skb) data.child.ops.dequeue?.(data.child)
  data.peeked = undefined
  data.t_c = now
  data.tokens = tokens
  data.ptokens = ptokens
  sch.qstats.backlog -= len
  sch.qstats.qlen--
  qdisc_bstats_update(sch, skb)
  return skb
}

/** Its only class is the child. */
export function tbf_graft(sch: Qdisc, _cl: number, new_q: Qdisc | undefined): Qdisc {
  const data = priv(sch)
  const old = data.child
  data.child = new_q ?? sched_of(sch.dev as net_device).noop_qdisc
  data.peeked = undefined
  qdisc_replace(sch, old)
  return old
}
export function tbf_leaf(sch: Qdisc): Qdisc {
  return priv(sch).child
}
export function tbf_find(): number {
  return 1
}
export function tbf_walk(): number[] {
  return [1]
}
export function tbf_dump_class(sch: Qdisc) {
  return { handle: (sch.handle | 1) >>> 0, info: priv(sch).child.handle }
}
export const tbf_class_ops: Qdisc_class_ops = { graft: tbf_graft, leaf: tbf_leaf, find: tbf_find, walk: tbf_walk, dump: tbf_dump_class }
export const tbf_qdisc_ops: Qdisc_ops = {
  id: 'tbf',
  cl_ops: tbf_class_ops,
  init: tbf_init,
  change: tbf_change,
  enqueue: tbf_enqueue,
  dequeue: tbf_dequeue,
  reset: tbf_reset,
  destroy: tbf_destroy,
  dump: tbf_dump,
}
/** The module sch_tbf. */
export function tbf_module_init(kernel: Kernel): Errno | undefined {
  return register_qdisc(kernel, tbf_qdisc_ops)
}

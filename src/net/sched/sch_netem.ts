/**
 * net/sched/sch_netem.c: a network that delays, loses, doubles, reorders and spoils packets, by the host's own chance.
 *
 *   a packet, as it comes                           | then
 *   chosen for loss                                 | is gone
 *   chosen for duplication                          | comes once more, by the root
 *   chosen for corruption                           | has one bit turned over
 *   among those that wait (by `gap` or at random)   | waits for its time: delay, jitter, and the link's rate
 *   the others                                      | go first
 *
 * Slots are kept and shown; packets do not wait for them.
 */
import type { Kernel } from '../../kernel/kernel.ts'
import type { timer_list } from '../../kernel/time.ts'
import { type AttrTable, NLA_HDRLEN } from '../../lib/attrs.ts'
import { get16 } from '../../lib/bytes.ts'
import type { MessageBuilder } from '../../lib/message.ts'
import type { RandomStream } from '../../lib/random.ts'
import { EINVAL, type Errno, isErrno } from '../../uapi/errno.ts'
import * as P from '../../uapi/linux/pkt_sched_kinds.ts'
import { KERN_INFO } from '../../kernel/printk.ts'
import { TCA_OPTIONS } from '../../uapi/linux/rtnetlink.ts'
import type { net_device } from '../core/netdevice.ts'
import { CHECKSUM_PARTIAL, kfree_skb_reason, type sk_buff, skb_clone, skb_cow } from '../core/skbuff.ts'
import { SKB_DROP_REASON_QDISC_DROP } from '../core/dropreason.ts'
import { NL_VALIDATE_LIBERAL, nla_parse_at } from '../netlink/attr.ts'
import { netlink_ext_ack } from '../netlink/extack.ts'
import { NLA_NESTED, NLA_S64, NLA_U32, NLA_U64, NLA_UNSPEC, policy } from '../netlink/policy.ts'
import { INET_ECN_set_ce } from './inet_ecn.ts'
import type { Qdisc, Qdisc_class_ops, Qdisc_ops, tc_options } from './qdisc.ts'
import { register_qdisc } from './qdisc_kinds.ts'
import { child_pkt_len, qdisc_replace } from './qdisc_tree.ts'
import { qdisc_watchdog_cancel, qdisc_watchdog_init, qdisc_watchdog_schedule_ns } from './qdisc_watchdog.ts'
import { NET_XMIT_DROP, NET_XMIT_SUCCESS, qdisc_bstats_update, qdisc_drop } from './sch_fifo.ts'
import { qdisc_put, qdisc_reset } from './sch_generic.ts'
import { loss_event, type netem_loss, parse_loss, random_loss } from './netem_loss.ts'
import { PSCHED_NS2TICKS, PSCHED_TICKS2NS } from './sch_rate.ts'
import { qdisc_pkt_len } from './sch_stab.ts'

const ALWAYS = 0xffffffff
const MAX_TICKS = 0xffffffff
const netem_policy = policy(
  P.TCA_NETEM,
  {
    TCA_NETEM_CORR: NLA_UNSPEC(P.tc_netem_corr.size),
    TCA_NETEM_REORDER: NLA_UNSPEC(P.tc_netem_reorder.size),
    TCA_NETEM_CORRUPT: NLA_UNSPEC(P.tc_netem_reorder.size),
    TCA_NETEM_RATE: NLA_UNSPEC(P.tc_netem_rate.size),
    TCA_NETEM_LOSS: NLA_NESTED(),
    TCA_NETEM_ECN: NLA_U32,
    TCA_NETEM_RATE64: NLA_U64,
    TCA_NETEM_LATENCY64: NLA_S64,
    TCA_NETEM_JITTER64: NLA_S64,
    TCA_NETEM_SLOT: NLA_UNSPEC(P.tc_netem_slot.size),
    TCA_NETEM_PRNG_SEED: NLA_U64,
  },
  { name: 'netem_policy' },
)

/** Chance of which each draw is partly the last one (rho of 2^32). */
export interface crndstate {
  last: number
  rho: number
}
type slot = ReturnType<typeof P.tc_netem_slot.get>
/** State; times in ns, chances of 2^32. */
export class netem_sched_data {
  latency = 0
  jitter = 0
  limit = 0
  gap = 0
  counter = 0
  loss = 0
  duplicate = 0
  reorder = 0
  corrupt = 0
  ecn = 0
  rate = 0
  packet_overhead = 0
  cell_size = 0
  cell_overhead = 0
  delay_cor: crndstate = { last: 0, rho: 0 }
  loss_cor: crndstate = { last: 0, rho: 0 }
  dup_cor: crndstate = { last: 0, rho: 0 }
  reorder_cor: crndstate = { last: 0, rho: 0 }
  corrupt_cor: crndstate = { last: 0, rho: 0 }
  loss_model: netem_loss | undefined = undefined
  delay_dist: number[] | undefined = undefined
  slot_config: slot | undefined = undefined
  seed: Uint8Array
  /** By when they may go. */
  packets: { skb: sk_buff; time_to_send: number }[] = []
  child: Qdisc | undefined = undefined
  readonly watchdog: timer_list
  constructor(sch: Qdisc, seed: Uint8Array) {
    this.seed = seed
    this.watchdog = qdisc_watchdog_init(sch)
  }
}
function priv(sch: Qdisc): netem_sched_data {
  return sch.priv as netem_sched_data
}
function kernel_of(sch: Qdisc): Kernel {
  return (sch.dev as net_device).nd_net.kernel
}
/** get_crandom() */
export function get_crandom(random: RandomStream, state: crndstate): number {
  const value = random.u32()
  if (state.rho === 0) return value
  const rho = state.rho + 1
  state.last = Math.floor((value * (2 ** 32 - rho) + state.last * rho) / 2 ** 32)
  return state.last
}

function dist_table(bytes: Uint8Array | undefined): number[] | undefined | Errno {
  if (bytes === undefined) return undefined
  const n = bytes.length >> 1
  if (n === 0 || n > P.NETEM_DIST_MAX) return EINVAL
  return Array.from({ length: n }, (_, i) => (get16(bytes, i * 2) << 16) >> 16)
}
function check_times(tb: AttrTable, extack: netlink_ext_ack): Errno | undefined {
  const slot = tb.get(P.TCA_NETEM_SLOT) as slot | undefined
  const bad = (text: string) => extack.fail(EINVAL, text, tb.at(P.TCA_NETEM_SLOT))
  if (slot !== undefined) {
    if (slot.min_delay < 0 || slot.max_delay < 0) return bad('negative slot delay')
    if (slot.min_delay > slot.max_delay) return bad('slot min delay greater than max delay')
    if (slot.dist_delay < 0 || slot.dist_jitter < 0) return bad('negative dist delay')
    if (slot.max_packets < 0 || slot.max_bytes < 0) return bad('negative slot limit')
  }
  for (const [attr, name] of [
    [P.TCA_NETEM_LATENCY64, 'latency'],
    [P.TCA_NETEM_JITTER64, 'jitter'],
  ] as const) {
    if ((tb.get(attr) ?? 0) < 0) return extack.fail(EINVAL, `negative ${name}`, tb.at(attr))
  }
  return undefined
}
export function netem_change(sch: Qdisc, opt: tc_options, extack: netlink_ext_ack): Errno | undefined {
  const { req, at } = opt
  const [from, end] = [at + NLA_HDRLEN, at + get16(req.buf, at)]
  if (end - from < P.tc_netem_qopt.size) {
    kernel_of(sch).printk(KERN_INFO, `netem: invalid attributes len ${end - from - P.tc_netem_qopt.size}`)
    return EINVAL
  }
  const tb = nla_parse_at({ ...req, extack: new netlink_ext_ack() }, from + P.tc_netem_qopt.size, end, netem_policy, NL_VALIDATE_LIBERAL)
  if (isErrno(tb)) return tb
  const delay_dist = dist_table(tb.payload(P.TCA_NETEM_DELAY_DIST))
  if (isErrno(delay_dist)) return delay_dist
  const slot_dist = dist_table(tb.payload(P.TCA_NETEM_SLOT_DIST))
  const wrong = isErrno(slot_dist) ? slot_dist : check_times(tb, extack)
  if (wrong !== undefined) return wrong
  const model = tb.has(P.TCA_NETEM_LOSS) ? parse_loss(kernel_of(sch), tb.payload(P.TCA_NETEM_LOSS) as Uint8Array) : undefined
  if (isErrno(model)) return model
  const q = priv(sch)
  q.loss_model = model
  q.delay_dist = delay_dist ?? q.delay_dist
  const qopt = P.tc_netem_qopt.get(req.buf, from)
  sch.limit = qopt.limit
  const { limit, gap, loss, duplicate } = qopt
  Object.assign(q, { limit, gap, loss, duplicate, counter: 0 })
  q.latency = tb.get(P.TCA_NETEM_LATENCY64) ?? PSCHED_TICKS2NS(qopt.latency)
  q.jitter = Math.min(tb.get(P.TCA_NETEM_JITTER64) ?? PSCHED_TICKS2NS(qopt.jitter), 0x7fffffff)
  if (gap !== 0) q.reorder = ALWAYS
  set_more(q, tb)
  return undefined
}
function cor(rho: number): crndstate {
  return { rho, last: 0 }
}
function set_more(q: netem_sched_data, tb: AttrTable): void {
  const corr = tb.get(P.TCA_NETEM_CORR)
  if (corr !== undefined) {
    q.delay_cor = cor(corr.delay_corr as number)
    q.loss_cor = cor(corr.loss_corr as number)
    q.dup_cor = cor(corr.dup_corr as number)
  }
  const reorder = tb.get(P.TCA_NETEM_REORDER)
  if (reorder !== undefined) {
    q.reorder = reorder.probability as number
    q.reorder_cor = cor(reorder.correlation as number)
  }
  const corrupt = tb.get(P.TCA_NETEM_CORRUPT)
  if (corrupt !== undefined) {
    q.corrupt = corrupt.probability as number
    q.corrupt_cor = cor(corrupt.correlation as number)
  }
  const rate = tb.get(P.TCA_NETEM_RATE)
  if (rate !== undefined) Object.assign(q, rate)
  q.rate = Math.max(q.rate, tb.get(P.TCA_NETEM_RATE64) ?? 0)
  q.ecn = tb.get(P.TCA_NETEM_ECN) ?? q.ecn
  q.slot_config = (tb.get(P.TCA_NETEM_SLOT) as slot | undefined) ?? q.slot_config
  q.seed = tb.payload(P.TCA_NETEM_PRNG_SEED)?.slice() ?? q.seed
}
export function netem_init(sch: Qdisc, opt: tc_options | undefined, extack: netlink_ext_ack): Errno | undefined {
  const kernel = kernel_of(sch)
  sch.priv = new netem_sched_data(sch, kernel.random.bytes(8))
  if (opt === undefined) return EINVAL
  const error = netem_change(sch, opt, extack)
  if (error !== undefined) kernel.printk(KERN_INFO, 'netem: change failed')
  return error
}
export function netem_destroy(sch: Qdisc): void {
  if (sch.priv === undefined) return
  qdisc_watchdog_cancel(priv(sch).watchdog)
  qdisc_put(priv(sch).child)
}
export function netem_reset(sch: Qdisc): void {
  const q = priv(sch)
  q.packets = []
  if (q.child !== undefined) qdisc_reset(q.child)
  qdisc_watchdog_cancel(q.watchdog)
}
export function netem_dump(sch: Qdisc, skb: MessageBuilder): void {
  const q = priv(sch)
  const nest = skb.nestNoflag(TCA_OPTIONS)
  const ticks = (ns: number) => Math.min(PSCHED_NS2TICKS(ns), MAX_TICKS)
  const { limit, loss, gap, duplicate } = q
  skb.struct(P.tc_netem_qopt, { latency: ticks(q.latency), jitter: ticks(q.jitter), limit, loss, gap, duplicate })
  skb.put(P.TCA_NETEM_LATENCY64, q.latency)
  skb.put(P.TCA_NETEM_JITTER64, q.jitter)
  const corr = { delay_corr: q.delay_cor.rho, loss_corr: q.loss_cor.rho, dup_corr: q.dup_cor.rho }
  skb.put(P.TCA_NETEM_CORR, corr)
  skb.put(P.TCA_NETEM_REORDER, { probability: q.reorder, correlation: q.reorder_cor.rho })
  skb.put(P.TCA_NETEM_CORRUPT, { probability: q.corrupt, correlation: q.corrupt_cor.rho })
  if (q.rate >= 2 ** 32) skb.put(P.TCA_NETEM_RATE64, q.rate)
  const { packet_overhead, cell_size, cell_overhead } = q
  skb.put(P.TCA_NETEM_RATE, { rate: Math.min(q.rate, 0xffffffff), packet_overhead, cell_size, cell_overhead })
  if (q.ecn !== 0) skb.put(P.TCA_NETEM_ECN, q.ecn)
  if (q.loss_model !== undefined) {
    const model = skb.nestNoflag(P.TCA_NETEM_LOSS)
    const { kind, values } = q.loss_model
    const names = kind === P.NETEM_LOSS_GI ? P.tc_netem_gimodel : P.tc_netem_gemodel
    skb.putBytes(kind, names.encode(Object.fromEntries(names.fields.map((f, i) => [f.name, values[i]]))))
    skb.nestEnd(model)
  }
  const { slot_config: s } = q
  if (s !== undefined && (s.min_delay !== 0 || s.max_delay !== 0 || s.dist_jitter !== 0)) skb.put(P.TCA_NETEM_SLOT, s)
  skb.putBytes(P.TCA_NETEM_PRNG_SEED.nr, q.seed)
  skb.nestEnd(nest)
}

export function netem_enqueue(skb: sk_buff, sch: Qdisc): number {
  const q = priv(sch)
  const { random } = kernel_of(sch)
  // what is doubled goes the whole way twice, but is not doubled again
  const twice = q.duplicate !== 0 && q.duplicate >= get_crandom(random, q.dup_cor)
  if (lost(sch, skb)) {
    if (!twice) {
      sch.qstats.drops++
      kfree_skb_reason(skb, SKB_DROP_REASON_QDISC_DROP)
      return NET_XMIT_SUCCESS
    }
  } else if (twice) {
    const copy = skb_clone(skb)
    const { duplicate } = q
    q.duplicate = 0
    const root = (sch.dev as net_device).tx_qdiscs[sch.queue]
    if (root?.ops.enqueue?.(copy, root) === NET_XMIT_DROP) kfree_skb_reason(copy, SKB_DROP_REASON_QDISC_DROP)
    q.duplicate = duplicate
  }
  if (q.corrupt !== 0 && q.corrupt >= get_crandom(random, q.corrupt_cor)) spoil(skb, random)
  if (q.packets.length >= sch.limit) return qdisc_drop(sch)
  sch.qstats.backlog += qdisc_pkt_len(skb, sch)
  sch.qstats.qlen++
  const waits = q.gap === 0 || q.counter < q.gap - 1 || q.reorder < get_crandom(random, q.reorder_cor)
  if (waits) {
    q.counter++
    put(q, skb, send_time(sch, q, skb))
  } else {
    q.counter = 0
    q.packets.unshift({ skb, time_to_send: kernel_of(sch).now() })
    sch.qstats.requeues++
  }
  return NET_XMIT_SUCCESS
}
/** A packet that is only marked is not lost. */
function lost(sch: Qdisc, skb: sk_buff): boolean {
  const q = priv(sch)
  const { random } = kernel_of(sch)
  const chosen = q.loss_model === undefined ? random_loss(random, q.loss, q.loss_cor) : loss_event(random, q.loss_model)
  if (!chosen) return false
  if (q.ecn !== 0 && INET_ECN_set_ce(skb)) {
    sch.qstats.drops++
    return false
  }
  return true
}
function spoil(skb: sk_buff, random: RandomStream): void {
  if (skb.ip_summed === CHECKSUM_PARTIAL || skb.len === 0) return
  skb_cow(skb, 0)
  skb.buf[skb.data + random.below(skb.len)] ^= 1 << random.below(8)
}
function put(q: netem_sched_data, skb: sk_buff, time_to_send: number): void {
  const at = q.packets.findIndex((other) => other.time_to_send > time_to_send)
  q.packets.splice(at < 0 ? q.packets.length : at, 0, { skb, time_to_send })
}
/** tabledist(): around the delay, evenly or as the table has it. */
function delay_of(sch: Qdisc, q: netem_sched_data): number {
  if (q.jitter === 0) return q.latency
  const value = get_crandom(kernel_of(sch).random, q.delay_cor)
  if (q.delay_dist === undefined) return (value % (2 * q.jitter)) + q.latency - q.jitter
  return q.latency + Math.round((q.jitter * q.delay_dist[value % q.delay_dist.length]) / P.NETEM_DIST_SCALE)
}
/** packet_time_ns(): what a link of that rate takes; packets go one after the other. */
function send_time(sch: Qdisc, q: netem_sched_data, skb: sk_buff): number {
  const now = kernel_of(sch).now()
  let delay = delay_of(sch, q)
  if (q.rate === 0) return now + delay
  const last = q.packets[q.packets.length - 1]
  if (last !== undefined) {
    delay = Math.max(0, delay - (last.time_to_send - now))
    return last.time_to_send + delay + packet_time(q, qdisc_pkt_len(skb, sch))
  }
  return now + delay + packet_time(q, qdisc_pkt_len(skb, sch))
}
function packet_time(q: netem_sched_data, bytes: number): number {
  let len = bytes + q.packet_overhead
  if (q.cell_size !== 0) {
    const cells = Math.ceil(len / q.cell_size)
    len = cells * (q.cell_size + q.cell_overhead)
  }
  return Math.floor((len * 1e9) / q.rate)
}

export function netem_dequeue(sch: Qdisc): sk_buff | undefined {
  const q = priv(sch)
  const now = kernel_of(sch).now()
  for (;;) {
    const below = q.child?.ops.dequeue?.(q.child)
    if (below !== undefined) return sent(sch, below)
    const [head] = q.packets
    if (head === undefined) return undefined
    if (head.time_to_send > now) {
      qdisc_watchdog_schedule_ns(q.watchdog, head.time_to_send)
      return undefined
    }
    q.packets.shift()
    if (q.child === undefined) return sent(sch, head.skb)
    if (q.child.ops.enqueue?.(head.skb, q.child) === NET_XMIT_SUCCESS) continue
    sch.qstats.drops++
    sch.qstats.qlen--
    sch.qstats.backlog -= child_pkt_len(head.skb, sch)
  }
}
function sent(sch: Qdisc, skb: sk_buff): sk_buff {
  sch.qstats.qlen--
  sch.qstats.backlog -= child_pkt_len(skb, sch)
  qdisc_bstats_update(sch, skb)
  return skb
}

/** Its only class is what packets go through after their delay. */
export function netem_graft(sch: Qdisc, _cl: number, new_q: Qdisc | undefined): Qdisc | undefined {
  const q = priv(sch)
  const old = q.child
  q.child = new_q
  if (old !== undefined) qdisc_replace(sch, old)
  return old
}
export function netem_leaf(sch: Qdisc): Qdisc | undefined {
  return priv(sch).child
}
export function netem_find(): number {
  return 1
}
/** Shown only while somebody has put a discipline there. */
export function netem_walk(sch: Qdisc): number[] {
  return priv(sch).child === undefined ? [] : [1]
}
export function netem_dump_class(sch: Qdisc) {
  return { handle: (sch.handle | 1) >>> 0, info: priv(sch).child?.handle ?? 0 }
}
export const netem_class_ops: Qdisc_class_ops = {
  graft: netem_graft,
  leaf: netem_leaf,
  find: netem_find,
  walk: netem_walk,
  dump: netem_dump_class,
}
export const netem_qdisc_ops: Qdisc_ops = {
  id: 'netem',
  cl_ops: netem_class_ops,
  init: netem_init,
  change: netem_change,
  enqueue: netem_enqueue,
  dequeue: netem_dequeue,
  reset: netem_reset,
  destroy: netem_destroy,
  dump: netem_dump,
}
/** The module sch_netem, which says its version. */
export function netem_module_init(kernel: Kernel): Errno | undefined {
  kernel.printk(KERN_INFO, 'netem: version 1.3')
  return register_qdisc(kernel, netem_qdisc_ops)
}

/**
 * net/sched/sch_sfq.c: flows by a hash that changes, which take turns; each sends a quantum. A full queue loses a packet of
 * its longest flow. RED within flows is not built.
 */
import type { Kernel } from '../../kernel/kernel.ts'
import { mod_timer, NSEC_PER_SEC, timer_delete, timer_list } from '../../kernel/time.ts'
import { NLA_HDRLEN } from '../../lib/attrs.ts'
import { get16 } from '../../lib/bytes.ts'
import type { MessageBuilder } from '../../lib/message.ts'
import { EINVAL, EOPNOTSUPP, type Errno, isErrno } from '../../uapi/errno.ts'
import { TC_ACT_QUEUED, TC_ACT_SHOT, TC_ACT_STOLEN, TC_ACT_TRAP } from '../../uapi/linux/pkt_cls.ts'
import { TC_H_MAJ, TC_H_MIN } from '../../uapi/linux/pkt_sched.ts'
import * as P from '../../uapi/linux/pkt_sched_kinds.ts'
import { TCA_OPTIONS } from '../../uapi/linux/rtnetlink.ts'
import { SKB_DROP_REASON_QDISC_DROP } from '../core/dropreason.ts'
import { type gnet_dump, gnet_stats_copy_app, gnet_stats_copy_queue } from '../core/gen_stats.ts'
import type { net_device } from '../core/netdevice.ts'
import { consume_skb, kfree_skb_reason, type sk_buff } from '../core/skbuff.ts'
import type { netlink_ext_ack } from '../netlink/extack.ts'
import { type tcf_block, tcf_block_get, tcf_block_put } from './cls_block.ts'
import { tcf_classify } from './cls_run.ts'
import type { Qdisc, Qdisc_class_ops, Qdisc_ops, tc_options } from './qdisc.ts'
import { TCQ_F_CAN_BYPASS } from './qdisc.ts'
import { skb_get_hash_perturb } from '../core/flow_keys.ts'
import { register_qdisc } from './qdisc_kinds.ts'
import { child_pkt_len, qdisc_tree_reduce_backlog } from './qdisc_tree.ts'
import { NET_XMIT_CN, NET_XMIT_SUCCESS, psched_mtu, qdisc_bstats_update, qdisc_drop } from './sch_fifo.ts'
import { qdisc_pkt_len } from './sch_stab.ts'

const SFQ_MAX_DEPTH = 127
const SFQ_DEFAULT_FLOWS = 128
const SFQ_MAX_FLOWS = 0x10000 - SFQ_MAX_DEPTH - 1
const SFQ_DEFAULT_HASH_DIVISOR = 1024
const MAX_PERTURB = Math.floor(0x7fffffff / 250)

export class sfq_slot {
  readonly hash: number
  packets: sk_buff[] = []
  backlog = 0
  allot: number
  constructor(hash: number, allot: number) {
    this.hash = hash
    this.allot = allot
  }
}
/** State. */
export class sfq_sched_data {
  limit = SFQ_MAX_DEPTH
  divisor = SFQ_DEFAULT_HASH_DIVISOR
  headdrop = 0
  maxdepth = SFQ_MAX_DEPTH
  maxflows = SFQ_DEFAULT_FLOWS
  perturb_period = 0
  quantum: number
  flags = 0
  perturbation: number
  block: tcf_block | undefined
  /** In the order of their turns. */
  slots: sfq_slot[] = []
  readonly perturb_timer: timer_list
  constructor(sch: Qdisc, kernel: Kernel) {
    this.quantum = Math.min(Math.max(psched_mtu(sch), 256), 1 << 20)
    this.block = tcf_block_get(sch)
    this.perturbation = kernel.random.u32()
    this.perturb_timer = new timer_list(kernel.events, sfq_perturbation, sch)
  }
}
function priv(sch: Qdisc): sfq_sched_data {
  return sch.priv as sfq_sched_data
}
function kernel_of(sch: Qdisc): Kernel {
  return (sch.dev as net_device).nd_net.kernel
}

function change(sch: Qdisc, { req, at }: tc_options, extack: netlink_ext_ack): Errno | undefined {
  const length = get16(req.buf, at) - NLA_HDRLEN
  if (length < P.tc_sfq_qopt.size) return EINVAL
  const ctl = P.tc_sfq_qopt.get(req.buf, at + NLA_HDRLEN)
  const v1 = length >= P.tc_sfq_qopt_v1.size ? P.tc_sfq_qopt_v1.get(req.buf, at + NLA_HDRLEN) : undefined
  if (ctl.divisor !== 0 && ((ctl.divisor & (ctl.divisor - 1)) !== 0 || ctl.divisor > 65536)) return EINVAL
  if (ctl.quantum > 0x7fffffff) return extack.fail(EINVAL, 'sch_sfq: invalid quantum')
  if (ctl.quantum > 1 << 20) return extack.fail(EINVAL, 'sch_sfq: quantum too large')
  if (ctl.perturb_period < 0 || ctl.perturb_period > MAX_PERTURB) return extack.fail(EINVAL, 'sch_sfq: invalid perturb period')
  if (v1 !== undefined && v1.qth_min !== 0) {
    kernel_of(sch).unsupported.count('tc', 'sfq with RED')
    return EOPNOTSUPP
  }
  return apply(sch, ctl, v1, extack)
}
function apply(
  sch: Qdisc,
  ctl: ReturnType<typeof P.tc_sfq_qopt.get>,
  v1: ReturnType<typeof P.tc_sfq_qopt_v1.get> | undefined,
  extack: netlink_ext_ack,
): Errno | undefined {
  const q = priv(sch)
  const divisor = ctl.divisor || q.divisor
  let maxflows = ctl.flows === 0 ? q.maxflows : Math.min(ctl.flows, SFQ_MAX_FLOWS)
  if (ctl.divisor !== 0) maxflows = Math.min(maxflows, divisor)
  const maxdepth = v1 !== undefined && v1.depth !== 0 ? Math.min(v1.depth, SFQ_MAX_DEPTH) : q.maxdepth
  const limit = ctl.limit === 0 ? q.limit : Math.min(ctl.limit, maxdepth * maxflows)
  if (ctl.limit !== 0) maxflows = Math.min(maxflows, limit)
  if (limit === 1) return extack.fail(EINVAL, 'sch_sfq: invalid limit')
  Object.assign(q, { divisor, maxflows, maxdepth, limit, perturb_period: ctl.perturb_period })
  q.flags = v1?.flags ?? q.flags
  q.headdrop = v1?.headdrop ?? q.headdrop
  if (ctl.quantum !== 0) q.quantum = Math.max(256, ctl.quantum)
  timer_delete(q.perturb_timer)
  if (q.perturb_period !== 0) arm(sch)
  return undefined
}
function arm(sch: Qdisc): void {
  mod_timer(priv(sch).perturb_timer, kernel_of(sch).now() + priv(sch).perturb_period * NSEC_PER_SEC)
}
/** The timer's function: flows that shared a hash need not do so for long; what waits is put into its new flow. */
export function sfq_perturbation(sch: Qdisc): void {
  const q = priv(sch)
  q.perturbation = kernel_of(sch).random.u32()
  const waiting = q.slots.flatMap((slot) => slot.packets)
  q.slots = []
  for (const skb of waiting) put(sch, skb, 1 + hash_of(q, skb))
  arm(sch)
}
export function sfq_init(sch: Qdisc, opt: tc_options | undefined, extack: netlink_ext_ack): Errno | undefined {
  sch.priv = new sfq_sched_data(sch, kernel_of(sch))
  const error = opt === undefined ? undefined : change(sch, opt, extack)
  if (isErrno(error)) return error
  sch.flags |= TCQ_F_CAN_BYPASS
  return undefined
}
export function sfq_destroy(sch: Qdisc): void {
  if (sch.priv === undefined) return
  tcf_block_put(priv(sch).block)
  timer_delete(priv(sch).perturb_timer)
}
export function sfq_reset(sch: Qdisc): void {
  priv(sch).slots = []
}
export function sfq_dump(sch: Qdisc, skb: MessageBuilder): void {
  const { quantum, perturb_period, limit, divisor, maxflows, maxdepth: depth, headdrop, flags } = priv(sch)
  const v0 = { quantum, perturb_period, limit, divisor, flows: maxflows }
  skb.putBytes(TCA_OPTIONS.nr, P.tc_sfq_qopt_v1.encode({ v0, depth, headdrop, flags, stats: [] }))
}

function hash_of(q: sfq_sched_data, skb: sk_buff): number {
  return skb_get_hash_perturb(skb, q.perturbation) & (q.divisor - 1)
}
/** sfq_classify(): 1 and above is a flow; a filter's class is its number. */
function classify(skb: sk_buff, sch: Qdisc): number | 'drop' | 'stolen' {
  const q = priv(sch)
  const named = TC_H_MAJ(skb.priority) === sch.handle ? TC_H_MIN(skb.priority) : 0
  if (named > 0 && named <= q.divisor) return named
  const filtered = q.block?.chains.some((chain) => chain.filters.length > 0)
  if (q.block === undefined || !filtered) return 1 + hash_of(q, skb)
  const res = { classid: 0 }
  const ret = tcf_classify(skb, q.block, false, res)
  if (ret === TC_ACT_STOLEN || ret === TC_ACT_QUEUED || ret === TC_ACT_TRAP) return 'stolen'
  if (ret < 0 || ret === TC_ACT_SHOT) return 'drop'
  const nr = TC_H_MIN(res.classid)
  return nr > 0 && nr <= q.divisor ? nr : 'drop'
}
/** Behind its flow; false: there are as many flows as may be. */
function put(sch: Qdisc, skb: sk_buff, hash: number): sfq_slot | undefined {
  const q = priv(sch)
  let slot = q.slots.find((other) => other.hash === hash)
  if (slot === undefined) {
    if (q.slots.length >= q.maxflows) return undefined
    slot = new sfq_slot(hash, q.quantum)
    q.slots.push(slot)
  }
  slot.packets.push(skb)
  slot.backlog += qdisc_pkt_len(skb, sch)
  return slot
}
export function sfq_enqueue(skb: sk_buff, sch: Qdisc): number {
  const q = priv(sch)
  const hash = classify(skb, sch)
  if (hash === 'stolen') {
    consume_skb(skb)
    return NET_XMIT_SUCCESS
  }
  if (hash === 'drop') return qdisc_drop(sch)
  const full = q.slots.find((other) => other.hash === hash && other.packets.length >= q.maxdepth)
  if (full !== undefined && !q.headdrop) return qdisc_drop(sch)
  if (full !== undefined) drop_from(sch, full)
  const slot = put(sch, skb, hash)
  if (slot === undefined) return qdisc_drop(sch)
  sch.qstats.backlog += qdisc_pkt_len(skb, sch)
  sch.qstats.qlen++
  if (full !== undefined) return NET_XMIT_CN
  if (sch.qstats.qlen <= q.limit) return NET_XMIT_SUCCESS
  const longest = q.slots.reduce((a, b) => (b.packets.length > a.packets.length ? b : a))
  const before = sch.qstats.backlog
  drop_from(sch, longest)
  const dropped = before - sch.qstats.backlog
  // who lost its own packet is told; of another's those above take note
  if (longest === slot) {
    qdisc_tree_reduce_backlog(sch, 0, dropped - qdisc_pkt_len(skb, sch))
    return NET_XMIT_CN
  }
  qdisc_tree_reduce_backlog(sch, 1, dropped)
  return NET_XMIT_SUCCESS
}
function drop_from(sch: Qdisc, slot: sfq_slot): void {
  const q = priv(sch)
  const skb = q.headdrop ? slot.packets.shift() : slot.packets.pop()
  if (skb === undefined) return
  slot.backlog -= qdisc_pkt_len(skb, sch)
  sch.qstats.backlog -= child_pkt_len(skb, sch)
  sch.qstats.qlen--
  sch.qstats.drops++
  kfree_skb_reason(skb, SKB_DROP_REASON_QDISC_DROP)
  if (slot.packets.length === 0) q.slots.splice(q.slots.indexOf(slot), 1)
}
export function sfq_dequeue(sch: Qdisc): sk_buff | undefined {
  const q = priv(sch)
  while (q.slots.length > 0 && q.slots[0].allot <= 0) {
    q.slots[0].allot += q.quantum
    q.slots.push(q.slots.shift() as sfq_slot)
  }
  const [slot] = q.slots
  const skb = slot?.packets.shift()
  if (skb === undefined) return undefined
  qdisc_bstats_update(sch, skb)
  sch.qstats.qlen--
  sch.qstats.backlog -= child_pkt_len(skb, sch)
  slot.backlog -= qdisc_pkt_len(skb, sch)
  if (slot.packets.length === 0) q.slots.shift()
  else slot.allot -= qdisc_pkt_len(skb, sch)
  return skb
}

export function sfq_leaf(): undefined {
  return undefined
}
/** Flows are shown as classes and cannot be named. */
export function sfq_find(): number {
  return 0
}
export function sfq_walk(sch: Qdisc): number[] {
  return priv(sch)
    .slots.map((slot) => slot.hash)
    .sort((a, b) => a - b)
}
export function sfq_dump_class(sch: Qdisc, cl: number) {
  return { handle: (sch.handle | TC_H_MIN(cl)) >>> 0, info: 0 }
}
export function sfq_dump_class_stats(sch: Qdisc, cl: number, d: gnet_dump): void {
  const slot = priv(sch).slots.find((other) => other.hash === cl)
  const [qlen, backlog] = [slot?.packets.length ?? 0, slot?.backlog ?? 0]
  gnet_stats_copy_queue(d, { qlen, backlog, drops: 0, requeues: 0, overlimits: 0 })
  gnet_stats_copy_app(d, P.tc_sfq_xstats.encode({ allot: slot?.allot ?? 0 }))
}
export function sfq_tcf_block(sch: Qdisc, cl: number): tcf_block | undefined {
  return cl === 0 ? priv(sch).block : undefined
}
export const sfq_class_ops: Qdisc_class_ops = {
  leaf: sfq_leaf,
  find: sfq_find,
  walk: sfq_walk,
  dump: sfq_dump_class,
  dump_stats: sfq_dump_class_stats,
  tcf_block: sfq_tcf_block,
}
export const sfq_qdisc_ops: Qdisc_ops = {
  id: 'sfq',
  cl_ops: sfq_class_ops,
  init: sfq_init,
  enqueue: sfq_enqueue,
  dequeue: sfq_dequeue,
  reset: sfq_reset,
  destroy: sfq_destroy,
  dump: sfq_dump,
}
/** The module sch_sfq. */
export function sfq_module_init(kernel: Kernel): Errno | undefined {
  return register_qdisc(kernel, sfq_qdisc_ops)
}

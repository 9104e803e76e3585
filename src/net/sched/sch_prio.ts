/** net/sched/sch_prio.c: up to 16 bands, each a discipline of its own; the first that has a packet is served. */
import type { Kernel } from '../../kernel/kernel.ts'
import { NLA_HDRLEN } from '../../lib/attrs.ts'
import { get16 } from '../../lib/bytes.ts'
import type { MessageBuilder } from '../../lib/message.ts'
import { EINVAL, ENOMEM, type Errno } from '../../uapi/errno.ts'
import { TC_H_MAJ, TC_H_MAKE, TC_H_MIN, TC_PRIO_MAX, TCQ_MIN_PRIO_BANDS, TCQ_PRIO_BANDS, tc_prio_qopt } from '../../uapi/linux/pkt_sched.ts'
import { TCA_OPTIONS } from '../../uapi/linux/rtnetlink.ts'
import { type gnet_dump, gnet_stats_copy_basic, gnet_stats_copy_queue } from '../core/gen_stats.ts'
import type { net_device } from '../core/netdevice.ts'
import type { sk_buff } from '../core/skbuff.ts'
import type { netlink_ext_ack } from '../netlink/extack.ts'
import { type tcf_block, tcf_block_get, tcf_block_put } from './cls_block.ts'
import { type Qdisc, type Qdisc_class_ops, type Qdisc_ops, sched_of, type tc_options } from './qdisc.ts'
import { qdisc_hash_add } from './qdisc_hash.ts'
import { register_qdisc } from './qdisc_kinds.ts'
import { child_pkt_len, qdisc_purge_queue, qdisc_replace } from './qdisc_tree.ts'
import { NET_XMIT_DROP, NET_XMIT_SUCCESS, pfifo_qdisc_ops, qdisc_bstats_update } from './sch_fifo.ts'
import { qdisc_create_dflt, qdisc_put, qdisc_reset } from './sch_generic.ts'
import { qdisc_pkt_len } from './sch_stab.ts'

/** State: the bands' disciplines, and the band of each priority. */
interface prio_sched_data {
  queues: Qdisc[]
  prio2band: number[]
  block: tcf_block | undefined
}
function priv(sch: Qdisc): prio_sched_data {
  return sch.priv as prio_sched_data
}

function new_band(sch: Qdisc, nr: number, extack: netlink_ext_ack): Qdisc | undefined {
  return qdisc_create_dflt(sch.dev as net_device, pfifo_qdisc_ops, TC_H_MAKE(sch.handle, nr), sch.queue, extack)
}

/** prio_tune(): new bands are there before anything changes. */
export function prio_change(sch: Qdisc, opt: tc_options, extack: netlink_ext_ack): Errno | undefined {
  const { buf } = opt.req
  if (get16(buf, opt.at) - NLA_HDRLEN < tc_prio_qopt.size) return EINVAL
  const { bands, priomap } = tc_prio_qopt.get(buf, opt.at + NLA_HDRLEN)
  if (bands > TCQ_PRIO_BANDS || bands < TCQ_MIN_PRIO_BANDS || priomap.some((band) => band >= bands)) return EINVAL
  const { queues } = priv(sch)
  const added: Qdisc[] = []
  for (let i = queues.length; i < bands; i++) {
    const band = new_band(sch, i + 1, extack)
    if (band === undefined) return ENOMEM
    added.push(band)
  }
  const removed = queues.splice(bands)
  for (const band of removed) qdisc_purge_queue(band)
  priv(sch).prio2band = priomap
  for (const band of added) qdisc_hash_add(band, true)
  queues.push(...added)
  for (const band of removed) qdisc_put(band)
  return undefined
}
export function prio_init(sch: Qdisc, opt: tc_options | undefined, extack: netlink_ext_ack): Errno | undefined {
  if (opt === undefined) return EINVAL
  const data: prio_sched_data = { queues: [], prio2band: [], block: tcf_block_get(sch) }
  sch.priv = data
  return prio_change(sch, opt, extack)
}
export function prio_destroy(sch: Qdisc): void {
  tcf_block_put(priv(sch)?.block)
  for (const band of priv(sch)?.queues ?? []) qdisc_put(band)
}
export function prio_reset(sch: Qdisc): void {
  for (const band of priv(sch).queues) qdisc_reset(band)
}
export function prio_dump(sch: Qdisc, skb: MessageBuilder): void {
  skb.putBytes(TCA_OPTIONS.nr, tc_prio_qopt.encode({ bands: priv(sch).queues.length, priomap: priv(sch).prio2band }))
}

/** prio_classify(): a priority that is a class of this discipline means its band. */
function band_of(sch: Qdisc, skb: sk_buff): Qdisc {
  const { queues, prio2band } = priv(sch)
  const named = TC_H_MAJ(skb.priority) === sch.handle ? TC_H_MIN(skb.priority) - 1 : -1
  if (named >= 0 && named < queues.length) return queues[named]
  return queues[TC_H_MAJ(skb.priority) === sch.handle ? prio2band[0] : prio2band[skb.priority & TC_PRIO_MAX]]
}
export function prio_enqueue(skb: sk_buff, sch: Qdisc): number {
  const len = qdisc_pkt_len(skb, sch)
  const band = band_of(sch, skb)
  const ret = band.ops.enqueue?.(skb, band) ?? NET_XMIT_DROP
  if (ret === NET_XMIT_SUCCESS) {
    sch.qstats.backlog += len
    sch.qstats.qlen++
  } else {
    sch.qstats.drops++
  }
  return ret
}
export function prio_dequeue(sch: Qdisc): sk_buff | undefined {
  for (const band of priv(sch).queues) {
    const skb = band.ops.dequeue?.(band)
    if (skb === undefined) continue
    qdisc_bstats_update(sch, skb)
    sch.qstats.backlog -= child_pkt_len(skb, sch)
    sch.qstats.qlen--
    return skb
  }
  return undefined
}

export function prio_graft(sch: Qdisc, cl: number, new_q: Qdisc | undefined, extack: netlink_ext_ack): Qdisc {
  const { queues } = priv(sch)
  const band = new_q ?? new_band(sch, cl, extack) ?? sched_of(sch.dev as net_device).noop_qdisc
  if (new_q === undefined) qdisc_hash_add(band, true)
  const old = queues[cl - 1]
  queues[cl - 1] = band
  qdisc_replace(sch, old)
  return old
}
export function prio_leaf(sch: Qdisc, cl: number): Qdisc {
  return priv(sch).queues[cl - 1]
}
export function prio_find(sch: Qdisc, classid: number): number {
  return TC_H_MIN(classid) <= priv(sch).queues.length ? TC_H_MIN(classid) : 0
}
export function prio_walk(sch: Qdisc): number[] {
  return priv(sch).queues.map((_, i) => i + 1)
}
export function prio_dump_class(sch: Qdisc, cl: number) {
  return { handle: (sch.handle | cl) >>> 0, info: prio_leaf(sch, cl).handle }
}
export function prio_dump_class_stats(sch: Qdisc, cl: number, d: gnet_dump): void {
  const band = prio_leaf(sch, cl)
  gnet_stats_copy_basic(d, band.bstats)
  gnet_stats_copy_queue(d, band.qstats)
}

/** Filters hang on the discipline, not on its bands. */
export function prio_tcf_block(sch: Qdisc, cl: number): tcf_block | undefined {
  return cl === 0 ? priv(sch).block : undefined
}

export const prio_class_ops: Qdisc_class_ops = {
  graft: prio_graft,
  leaf: prio_leaf,
  find: prio_find,
  walk: prio_walk,
  dump: prio_dump_class,
  dump_stats: prio_dump_class_stats,
  tcf_block: prio_tcf_block,
}
export const prio_qdisc_ops: Qdisc_ops = {
  id: 'prio',
  cl_ops: prio_class_ops,
  init: prio_init,
  change: prio_change,
  enqueue: prio_enqueue,
  dequeue: prio_dequeue,
  reset: prio_reset,
  destroy: prio_destroy,
  dump: prio_dump,
}

/** The module sch_prio. */
export function prio_module_init(kernel: Kernel): Errno | undefined {
  return register_qdisc(kernel, prio_qdisc_ops)
}

/** net/sched/sch_mq.c: the root of a device with several transmit queues: one discipline a queue, its classes the queues. */
import { ENOMEM, EOPNOTSUPP, type Errno } from '../../uapi/errno.ts'
import { IFF_UP } from '../../uapi/linux/if.ts'
import { TC_H_MAKE, TC_H_MIN } from '../../uapi/linux/pkt_sched.ts'
import { type gnet_dump, gnet_stats_copy_basic, gnet_stats_copy_queue } from '../core/gen_stats.ts'
import type { net_device } from '../core/netdevice.ts'
import {
  type Qdisc,
  type Qdisc_class_ops,
  type Qdisc_ops,
  sched_of,
  TC_H_ROOT,
  TCQ_F_MQROOT,
  TCQ_F_NOPARENT,
  TCQ_F_ONETXQUEUE,
} from './qdisc.ts'
import { qdisc_hash_add } from './qdisc_hash.ts'
import { dev_activate, dev_deactivate, dev_graft_qdisc, qdisc_create_dflt, qdisc_put } from './sch_generic.ts'
import { pfifo_fast_ops } from './sch_pfifo_fast.ts'

function dev_of(sch: Qdisc): net_device {
  return sch.dev as net_device
}

/** The children are made first, so that attaching cannot fail; until then they are the private state. */
export function mq_init(sch: Qdisc): Errno | undefined {
  const dev = dev_of(sch)
  if (sch.parent !== TC_H_ROOT || dev.num_tx_queues <= 1) return EOPNOTSUPP
  const children: Qdisc[] = []
  sch.priv = children
  for (let i = 0; i < dev.num_tx_queues; i++) {
    const ops = i < dev.real_num_tx_queues ? sched_of(dev).default_qdisc_ops : pfifo_fast_ops
    const child = qdisc_create_dflt(dev, ops, TC_H_MAKE(sch.handle, i + 1), i)
    if (child === undefined) return ENOMEM
    child.flags |= TCQ_F_ONETXQUEUE | TCQ_F_NOPARENT
    children.push(child)
  }
  sch.flags |= TCQ_F_MQROOT
  return undefined
}
export function mq_attach(sch: Qdisc): void {
  const dev = dev_of(sch)
  for (const [i, child] of (sch.priv as Qdisc[]).entries()) {
    qdisc_put(dev_graft_qdisc(dev, i, child))
    if (i < dev.real_num_tx_queues) qdisc_hash_add(child, false)
  }
  sch.priv = undefined
}
/** Children that were never attached. */
export function mq_destroy(sch: Qdisc): void {
  for (const child of (sch.priv as Qdisc[] | undefined) ?? []) qdisc_put(child)
  sch.priv = undefined
}
/** Its counters are its children's. */
export function mq_dump(sch: Qdisc): void {
  sch.bstats = { bytes: 0, packets: 0 }
  sch.qstats = { qlen: 0, backlog: 0, drops: 0, requeues: 0, overlimits: 0 }
  for (const child of dev_of(sch).tx_qdiscs) {
    sch.bstats.bytes += child.bstats.bytes
    sch.bstats.packets += child.bstats.packets
    for (const key of Object.keys(sch.qstats) as (keyof typeof sch.qstats)[]) sch.qstats[key] += child.qstats[key]
  }
}

function child_of(sch: Qdisc, cl: number): Qdisc {
  return dev_of(sch).tx_qdiscs[cl - 1]
}
export function mq_select_queue(sch: Qdisc, parent: number): number {
  return Math.max(mq_find(sch, parent) - 1, 0)
}
/** The device stops while one of its queues changes. */
export function mq_graft(sch: Qdisc, cl: number, new_q: Qdisc | undefined): Qdisc {
  const dev = dev_of(sch)
  const up = (dev.flags & IFF_UP) !== 0
  if (up) dev_deactivate(dev)
  const old = dev_graft_qdisc(dev, cl - 1, new_q)
  if (new_q !== undefined) new_q.flags |= TCQ_F_ONETXQUEUE | TCQ_F_NOPARENT
  if (up) dev_activate(dev)
  return old
}
export function mq_find(sch: Qdisc, classid: number): number {
  const nr = TC_H_MIN(classid)
  return nr <= dev_of(sch).num_tx_queues ? nr : 0
}
export function mq_walk(sch: Qdisc): number[] {
  return dev_of(sch).tx_qdiscs.map((_, i) => i + 1)
}
export function mq_dump_class(sch: Qdisc, cl: number) {
  return { parent: TC_H_ROOT, handle: (sch.handle | cl) >>> 0, info: child_of(sch, cl).handle }
}
export function mq_dump_class_stats(sch: Qdisc, cl: number, d: gnet_dump): void {
  const child = child_of(sch, cl)
  gnet_stats_copy_basic(d, child.bstats)
  gnet_stats_copy_queue(d, child.qstats)
}

export const mq_class_ops: Qdisc_class_ops = {
  select_queue: mq_select_queue,
  graft: mq_graft,
  leaf: child_of,
  find: mq_find,
  walk: mq_walk,
  dump: mq_dump_class,
  dump_stats: mq_dump_class_stats,
}
export const mq_qdisc_ops: Qdisc_ops = {
  id: 'mq',
  cl_ops: mq_class_ops,
  init: mq_init,
  destroy: mq_destroy,
  attach: mq_attach,
  dump: mq_dump,
}

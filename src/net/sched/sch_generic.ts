/** net/sched/sch_generic.c: which discipline a device's queues have as it goes up and down; making and dropping them. */
import { type Errno, isErrno } from '../../uapi/errno.ts'
import { ARPHRD_CAN } from '../../uapi/linux/if_arp.ts'
import { netdev_warn } from '../core/dev_printk.ts'
import { IFF_NO_QUEUE, LINK_STATE_NOCARRIER, type net_device } from '../core/netdevice.ts'
import { netlink_ext_ack } from '../netlink/extack.ts'
import { gen_kill_estimator } from './gen_estimator.ts'
import { netdev_watchdog_down, netdev_watchdog_up } from './dev_watchdog.ts'
import { Qdisc, type Qdisc_ops, sched_of, TC_H_ROOT, TCQ_F_BUILTIN, TCQ_F_NOPARENT, TCQ_F_ONETXQUEUE } from './qdisc.ts'
import { qdisc_hash_add, qdisc_hash_del } from './qdisc_hash.ts'
import { mq_qdisc_ops } from './sch_mq.ts'
import { noqueue_qdisc_ops } from './sch_noop.ts'
import { pfifo_fast_ops } from './sch_pfifo_fast.ts'

/** qdisc_create_dflt(): undefined where the kind's init fails. */
export function qdisc_create_dflt(
  dev: net_device,
  ops: Qdisc_ops,
  parent: number,
  queue = 0,
  extack = new netlink_ext_ack(),
): Qdisc | undefined {
  const sch = new Qdisc(ops, dev, parent)
  sch.queue = queue
  if (!isErrno(ops.init?.(sch, undefined, extack))) return sch
  qdisc_put(sch)
  return undefined
}

/** qdisc_reset(): also what the driver had refused goes. */
export function qdisc_reset(sch: Qdisc): void {
  sch.ops.reset?.(sch)
  sch.gso_skb = undefined
  sch.qstats.qlen = 0
  sch.qstats.backlog = 0
}
/** With the last reference its packets and children go. */
export function qdisc_put(sch: Qdisc | undefined): void {
  if (sch === undefined || sch.flags & TCQ_F_BUILTIN || --sch.refcnt > 0) return
  qdisc_destroy(sch)
}
export function qdisc_destroy(sch: Qdisc): void {
  qdisc_hash_del(sch)
  gen_kill_estimator(sch)
  if (sch.priv !== undefined || sch.ops.init === undefined) qdisc_reset(sch)
  sch.ops.destroy?.(sch)
}

/** dev_graft_qdisc(): what the queue had. Packets of a discipline that is nobody else's go at once. */
export function dev_graft_qdisc(dev: net_device, queue: number, sch: Qdisc | undefined): Qdisc {
  const old = dev.tx_qdiscs[queue]
  if (old.refcnt <= 1 && !(old.flags & TCQ_F_BUILTIN)) qdisc_reset(old)
  dev.tx_qdiscs[queue] = sch ?? sched_of(dev).noop_qdisc
  return old
}

/** dev_init_scheduler(): at registration all queues drop. */
export function dev_init_scheduler(dev: net_device): void {
  const noop = sched_of(dev).noop_qdisc
  dev.qdisc = noop
  dev.tx_qdiscs = new Array<Qdisc>(dev.num_tx_queues).fill(noop)
}

/** attach_one_default_qdisc() */
function attach_one_default_qdisc(dev: net_device, queue: number, none: boolean): void {
  const ops = none ? noqueue_qdisc_ops : dev.type === ARPHRD_CAN ? pfifo_fast_ops : sched_of(dev).default_qdisc_ops
  const sch = qdisc_create_dflt(dev, ops, TC_H_ROOT, queue)
  if (sch === undefined) return
  if (dev.num_tx_queues <= 1) sch.flags |= TCQ_F_ONETXQUEUE | TCQ_F_NOPARENT
  dev.tx_qdiscs[queue] = sch
}
function attach_to_each(dev: net_device, none: boolean): void {
  for (let i = 0; i < dev.num_tx_queues; i++) attach_one_default_qdisc(dev, i, none)
  dev.qdisc = dev.tx_qdiscs[0]
  dev.qdisc.refcnt++
}

/** attach_default_qdiscs(): several queues share an mq root, unless the device needs no queueing. */
function attach_default_qdiscs(dev: net_device): void {
  const noop = sched_of(dev).noop_qdisc
  const none = (dev.priv_flags & IFF_NO_QUEUE) !== 0
  if (dev.num_tx_queues > 1 && !none) {
    const root = qdisc_create_dflt(dev, mq_qdisc_ops, TC_H_ROOT)
    dev.qdisc = root ?? noop
    root?.ops.attach?.(root)
  } else {
    attach_to_each(dev, none)
  }
  if (dev.qdisc === noop) {
    netdev_warn(dev, `default qdisc (${sched_of(dev).default_qdisc_ops.id}) fail, fallback to ${noqueue_qdisc_ops.id}`)
    attach_to_each(dev, true)
  }
  if (dev.qdisc !== undefined) qdisc_hash_add(dev.qdisc, false)
}

/** The default disciplines come with the first time up and stay; queues start to run when there is carrier. */
export function dev_activate(dev: net_device): void {
  if (dev.qdisc === sched_of(dev).noop_qdisc) attach_default_qdiscs(dev)
  if (dev.state & LINK_STATE_NOCARRIER) return
  dev.tx_active = true
  netdev_watchdog_up(dev)
}
/** Queues stop and lose what they held; the disciplines stay and are still shown. */
export function dev_deactivate(dev: net_device): void {
  dev.tx_active = false
  netdev_watchdog_down(dev)
  for (const sch of dev.tx_qdiscs) if (!(sch.flags & TCQ_F_BUILTIN)) qdisc_reset(sch)
}
/** dev_shutdown(): the device goes, or moves to another namespace. */
export function dev_shutdown(dev: net_device): void {
  const held = [...dev.tx_qdiscs, dev.qdisc, dev.ingress_queue]
  dev.ingress_queue = undefined
  dev.tx_active = false
  dev_init_scheduler(dev)
  for (const sch of held) qdisc_put(sch)
  dev.qdisc_hash = undefined
}
/** qdisc_tx_changing(): queues do not run yet the disciplines that they have, so a carrier is worth hurrying for. */
export function qdisc_tx_changing(dev: net_device): boolean {
  const noop = sched_of(dev).noop_qdisc
  return !dev.tx_active && dev.tx_qdiscs.some((sch) => sch !== noop)
}
/** dev_qdisc_change_tx_queue_len() */
export function dev_qdisc_change_tx_queue_len(dev: net_device): Errno | undefined {
  for (const sch of dev.tx_qdiscs) {
    const error = sch.ops.change_tx_queue_len?.(sch, dev.tx_queue_len)
    if (isErrno(error)) return error
  }
  return undefined
}

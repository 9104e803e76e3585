/** net/sched/sch_generic.c: which discipline a device's queues have as it goes up and down. */
import { type Errno, isErrno } from '../../uapi/errno.ts'
import { ARPHRD_CAN } from '../../uapi/linux/if_arp.ts'
import { IFF_NO_QUEUE, LINK_STATE_NOCARRIER, type net_device } from '../core/netdevice.ts'
import { Qdisc, type Qdisc_ops, TC_H_ROOT, TCQ_F_NOPARENT, TCQ_F_ONETXQUEUE } from './qdisc.ts'
import { mq_qdisc_ops } from './sch_mq.ts'
import { noqueue_qdisc_ops, pfifo_fast_ops } from './sch_noop.ts'

function sched_of(dev: net_device) {
  return dev.nd_net.kernel.netdev.sched
}

/** qdisc_create_dflt(): noop where the kind's init fails. */
export function qdisc_create_dflt(dev: net_device, ops: Qdisc_ops, parent: number, flags = 0): Qdisc | undefined {
  const sch = new Qdisc(ops, dev, parent, flags)
  sch.limit = dev.tx_queue_len
  return isErrno(ops.init?.(sch)) ? undefined : sch
}

/** dev_init_scheduler(): at registration all queues drop. */
export function dev_init_scheduler(dev: net_device): void {
  const noop = sched_of(dev).noop_qdisc
  dev.qdisc = noop
  dev.tx_qdiscs = Array.from({ length: dev.num_tx_queues }, () => noop)
}

/** attach_one_default_qdisc() */
function default_qdisc_for(dev: net_device): Qdisc_ops {
  if (dev.priv_flags & IFF_NO_QUEUE) return noqueue_qdisc_ops
  return dev.type === ARPHRD_CAN ? pfifo_fast_ops : sched_of(dev).default_qdisc_ops
}

/** attach_default_qdiscs(): several queues share an mq root, unless the device needs no queueing. */
function attach_default_qdiscs(dev: net_device): void {
  const noop = sched_of(dev).noop_qdisc
  if (dev.num_tx_queues > 1 && !(dev.priv_flags & IFF_NO_QUEUE)) {
    const root = qdisc_create_dflt(dev, mq_qdisc_ops, TC_H_ROOT)
    dev.qdisc = root ?? noop
    root?.ops.attach?.(root)
    return
  }
  const ops = default_qdisc_for(dev)
  dev.tx_qdiscs = dev.tx_qdiscs.map(() => qdisc_create_dflt(dev, ops, TC_H_ROOT, TCQ_F_ONETXQUEUE | TCQ_F_NOPARENT) ?? noop)
  dev.qdisc = dev.tx_qdiscs[0]
  if (dev.qdisc !== noop) dev.qdisc.refcnt++
}

/** The default disciplines come with the first time up and stay; queues start to run when there is carrier. */
export function dev_activate(dev: net_device): void {
  if (dev.qdisc === sched_of(dev).noop_qdisc) attach_default_qdiscs(dev)
  if (dev.state & LINK_STATE_NOCARRIER) return
  dev.tx_active = true
}
/** Queues stop and lose what they held; the disciplines stay and are still shown. */
export function dev_deactivate(dev: net_device): void {
  dev.tx_active = false
  for (const sch of dev.tx_qdiscs) if (sch !== sched_of(dev).noop_qdisc) qdisc_reset(sch)
}
/** qdisc_reset(): also what the driver had refused goes. */
export function qdisc_reset(sch: Qdisc): void {
  sch.ops.reset?.(sch)
  sch.gso_skb = undefined
  sch.qstats.qlen = 0
  sch.qstats.backlog = 0
}
/** dev_shutdown(): the device goes, or moves to another namespace. */
export function dev_shutdown(dev: net_device): void {
  const all = new Set([...dev.tx_qdiscs, ...(dev.qdisc === undefined ? [] : [dev.qdisc])])
  for (const sch of all) if (sch !== sched_of(dev).noop_qdisc) sch.ops.destroy?.(sch)
  dev.ingress_queue = undefined
  dev.tx_active = false
  dev_init_scheduler(dev)
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

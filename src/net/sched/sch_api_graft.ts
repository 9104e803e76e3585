/** net/sched/sch_api.c qdisc_create(), qdisc_change(), qdisc_graft(): a discipline is made, changed, and put in its place. */
import { E2BIG, EINVAL, ENOENT, ENOSPC, EOPNOTSUPP, type Errno, isErrno } from '../../uapi/errno.ts'
import { IFF_UP } from '../../uapi/linux/if.ts'
import { TC_H_INGRESS, TC_H_MAKE } from '../../uapi/linux/pkt_sched.ts'
import { TCA_EGRESS_BLOCK, TCA_INGRESS_BLOCK, TCA_OPTIONS, TCA_RATE, TCA_STAB } from '../../uapi/linux/rtnetlink.ts'
import { netdev_info } from '../core/dev_printk.ts'
import { DEFAULT_TX_QUEUE_LEN, IFF_NO_QUEUE, type net_device } from '../core/netdevice.ts'
import { gen_new_estimator } from './gen_estimator.ts'
import { Qdisc, sched_of, TCQ_F_INGRESS, TCQ_F_MQROOT, TCQ_F_ONETXQUEUE, type tc_options } from './qdisc.ts'
import { qdisc_hash_add, qdisc_lookup } from './qdisc_hash.ts'
import { qdisc_lookup_ops } from './qdisc_kinds.ts'
import type { tc_request } from './sch_api.ts'
import { qdisc_notify } from './sch_api_fill.ts'
import { dev_activate, dev_deactivate, dev_graft_qdisc, qdisc_destroy, qdisc_put } from './sch_generic.ts'
import { noqueue_qdisc_ops } from './sch_noop.ts'
import { qdisc_get_stab } from './sch_stab.ts'

const MAX_DEPTH = 7
/** Handles that the kernel gives out: 8001: to fffe:. */
const AUTO_HANDLES = 0x8000

function qdisc_alloc_handle(dev: net_device): number {
  const sched = sched_of(dev)
  for (let i = 0; i < AUTO_HANDLES; i++) {
    sched.autohandle += 0x10000
    if (sched.autohandle >= 0xffff0000) sched.autohandle = 0x80000000
    if (qdisc_lookup(dev, sched.autohandle) === undefined) return sched.autohandle
  }
  return 0
}

function options(t: tc_request): tc_options | undefined {
  const at = t.tb.at(TCA_OPTIONS)
  return at === 0 ? undefined : { req: t.req, at }
}

export function qdisc_create(t: tc_request, parent: Qdisc | undefined): Qdisc | Errno {
  const { req, tcm, dev } = t
  const { extack } = req
  const ops = qdisc_lookup_ops(req.net.kernel, t.kind)
  if (ops === undefined) return extack.fail(ENOENT, 'Specified qdisc kind is unknown')
  const sch = new Qdisc(ops, dev, tcm.tcm_parent)
  if (parent !== undefined) sch.queue = parent.ops.cl_ops?.select_queue?.(parent, tcm.tcm_parent) ?? parent.queue
  if (tcm.tcm_parent === TC_H_INGRESS) {
    if (!(sch.flags & TCQ_F_INGRESS)) return extack.fail(EINVAL, 'Specified parent ID is reserved for ingress and clsact Qdiscs')
    sch.handle = TC_H_MAKE(TC_H_INGRESS, 0)
  } else {
    sch.handle = tcm.tcm_handle || qdisc_alloc_handle(dev)
    if (sch.handle === 0) return extack.fail(ENOSPC, 'Maximum number of qdisc handles was exceeded')
    if (dev.num_tx_queues <= 1) sch.flags |= TCQ_F_ONETXQUEUE
  }
  if (dev.priv_flags & IFF_NO_QUEUE && dev.tx_queue_len === 0) {
    dev.tx_queue_len = DEFAULT_TX_QUEUE_LEN
    netdev_info(dev, 'Caught tx_queue_len zero misconfig')
  }
  const refused = qdisc_block_indexes_set(t, sch)
  if (isErrno(refused)) return refused
  if (t.tb.has(TCA_STAB)) {
    const stab = qdisc_get_stab(req, t.tb.at(TCA_STAB))
    if (isErrno(stab)) return stab
    sch.stab = stab
  }
  const error = ops.init?.(sch, options(t), extack) ?? estimator(t, sch)
  if (isErrno(error)) {
    ops.destroy?.(sch)
    return error
  }
  qdisc_hash_add(sch, false)
  return sch
}
function estimator(t: tc_request, sch: Qdisc): Errno | undefined {
  const { extack } = t.req
  if (!t.tb.has(TCA_RATE)) return undefined
  if (sch.flags & TCQ_F_MQROOT) return extack.fail(EOPNOTSUPP, 'Cannot attach rate estimator to a multi-queue root qdisc')
  const error = gen_new_estimator(sch, t.req.net.kernel, t.tb)
  return isErrno(error) ? extack.fail(error, 'Failed to generate new estimator') : undefined
}
function qdisc_block_indexes_set({ req, tb }: tc_request, sch: Qdisc): Errno | undefined {
  for (const [attr, side, accessor] of [
    [TCA_INGRESS_BLOCK, 'Ingress', sch.ops.ingress_block],
    [TCA_EGRESS_BLOCK, 'Egress', sch.ops.egress_block],
  ] as const) {
    const index = tb.get(attr)
    if (index === undefined) continue
    if (index === 0) return req.extack.fail(EINVAL, `${side} block index cannot be 0`)
    if (accessor === undefined) return req.extack.fail(EOPNOTSUPP, `${side} block sharing is not supported`)
    accessor.set(sch, index)
  }
  return undefined
}

export function qdisc_change(t: tc_request, sch: Qdisc): Errno | undefined {
  const { req, tb } = t
  const { extack } = req
  const opt = options(t)
  if (opt !== undefined) {
    if (sch.ops.change === undefined) return extack.fail(EINVAL, 'Change operation not supported by specified qdisc')
    if (tb.has(TCA_INGRESS_BLOCK) || tb.has(TCA_EGRESS_BLOCK)) return extack.fail(EOPNOTSUPP, 'Change of blocks is not supported')
    const error = sch.ops.change(sch, opt, extack)
    if (isErrno(error)) return error
  }
  const stab = tb.has(TCA_STAB) ? qdisc_get_stab(req, tb.at(TCA_STAB)) : undefined
  if (isErrno(stab)) return stab
  sch.stab = stab
  // what was changed stays changed, whatever comes of the estimator
  if (tb.has(TCA_RATE) && !(sch.flags & TCQ_F_MQROOT)) gen_new_estimator(sch, req.net.kernel, tb)
  return undefined
}

/** Puts `fresh` (undefined: the default) in the place; notifies, then what was there goes. */
export function qdisc_graft(t: tc_request, parent: Qdisc | undefined, fresh: Qdisc | undefined, old: Qdisc | undefined): Errno | undefined {
  if (parent !== undefined) return graft_below(t, parent, fresh)
  const { dev } = t
  const ingress = ((old?.flags ?? 0) | (fresh?.flags ?? 0)) & TCQ_F_INGRESS
  if (ingress && dev.ingress_queue === undefined) {
    qdisc_put(fresh)
    return t.req.extack.fail(ENOENT, 'Device does not have an ingress queue')
  }
  if (fresh !== undefined) fresh.depth = 0
  const up = (dev.flags & IFF_UP) !== 0
  if (up) dev_deactivate(dev)
  if (ingress) graft_ingress(t, fresh)
  else graft_root(t, fresh)
  if (up) dev_activate(dev)
  return undefined
}
function graft_ingress({ req, tcm, dev }: tc_request, fresh: Qdisc | undefined): void {
  const noop = sched_of(dev).noop_qdisc
  const old = dev.ingress_queue
  // nobody may hold it any longer, and so it is shown: with no references
  if (old !== undefined && old !== noop) old.refcnt = 0
  qdisc_notify(req, tcm.tcm_parent, old, fresh)
  if (old !== undefined && old !== noop) qdisc_destroy(old)
  dev.ingress_queue = fresh ?? noop
}
/** All transmit queues get the one root; a root that attaches its children to them does so after the notification. */
function graft_root({ req, tcm, dev }: tc_request, fresh: Qdisc | undefined): void {
  const attach = fresh?.ops.attach
  if (attach === undefined) {
    for (let i = 0; i < dev.num_tx_queues; i++) {
      const was = dev_graft_qdisc(dev, i, fresh)
      if (fresh !== undefined && i > 0) fresh.refcnt++
      qdisc_put(was)
    }
    if (fresh !== undefined) fresh.refcnt++
  }
  const old = dev.qdisc
  dev.qdisc = fresh ?? sched_of(dev).noop_qdisc
  qdisc_notify(req, tcm.tcm_parent, old, fresh)
  qdisc_put(old)
  if (fresh !== undefined) attach?.(fresh)
}
function graft_below(t: tc_request, parent: Qdisc, fresh: Qdisc | undefined): Errno | undefined {
  const refused = check_graft(t, parent, fresh)
  if (isErrno(refused)) {
    qdisc_put(fresh)
    return refused
  }
  const { cl_ops } = parent.ops
  const cl = cl_ops?.find(parent, t.tcm.tcm_parent) ?? 0
  const old = cl_ops?.graft?.(parent, cl, fresh, t.req.extack)
  if (isErrno(old)) {
    qdisc_put(fresh)
    return old
  }
  if (fresh !== undefined) fresh.depth = parent.depth + 1
  qdisc_notify(t.req, t.tcm.tcm_parent, old, fresh)
  qdisc_put(old)
  return undefined
}
function check_graft({ req, tcm }: tc_request, parent: Qdisc, fresh: Qdisc | undefined): Errno | undefined {
  const { extack } = req
  const { cl_ops } = parent.ops
  if (cl_ops?.graft === undefined) return EOPNOTSUPP
  if (cl_ops.find(parent, tcm.tcm_parent) === 0) return extack.fail(ENOENT, 'Specified class not found')
  if (fresh === undefined) return undefined
  if (fresh.ops === noqueue_qdisc_ops) return extack.fail(EINVAL, 'Cannot assign noqueue to a class')
  if (!(parent.flags & TCQ_F_MQROOT) && fresh.stab !== undefined) return extack.fail(EINVAL, 'STAB not supported on a non root')
  return parent.depth >= MAX_DEPTH ? extack.fail(E2BIG, 'Qdisc hierarchy is too deep') : undefined
}

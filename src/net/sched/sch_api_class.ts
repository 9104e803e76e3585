/** net/sched/sch_api.c tc_ctl_tclass(): RTM_NEWTCLASS, RTM_DELTCLASS and RTM_GETTCLASS of one class. */
import { MessageBuilder } from '../../lib/message.ts'
import { EEXIST, EINVAL, ENODEV, ENOENT, EOPNOTSUPP, type Errno, isErrno } from '../../uapi/errno.ts'
import { NLM_F_CREATE, NLM_F_EXCL } from '../../uapi/linux/netlink.ts'
import { TC_H_MAJ, TC_H_MAKE } from '../../uapi/linux/pkt_sched.ts'
import { RTM_DELTCLASS, RTM_GETTCLASS, RTM_NEWTCLASS, TCA_EGRESS_BLOCK, TCA_INGRESS_BLOCK, tcmsg } from '../../uapi/linux/rtnetlink.ts'
import { __dev_get_by_index } from '../core/dev_state.ts'
import type { net_device } from '../core/netdevice.ts'
import { nlmsg_parse_deprecated } from '../netlink/attr.ts'
import type { Request } from '../netlink/types.ts'
import { type Qdisc, TC_H_ROOT } from './qdisc.ts'
import { qdisc_lookup } from './qdisc_hash.ts'
import { rtm_tca_policy, tcm_of } from './sch_api.ts'
import { tc_fill_tclass, tc_send, tclass_notify } from './sch_api_fill.ts'

/** The discipline that parent and class speak of: both must say the same, one is enough, none means the root. */
function qdisc_of_class(dev: net_device, parent: number, clid: number): number | Errno {
  const qid = TC_H_MAJ(clid)
  const by_parent = parent === TC_H_ROOT ? 0 : TC_H_MAJ(parent)
  if (qid !== 0 && by_parent !== 0 && qid !== by_parent) return EINVAL
  return qid || by_parent || (dev.qdisc?.handle ?? 0)
}
/** tclass_del_notify(): told as it was, after it is gone. */
function delete_class(req: Request, q: Qdisc, cl: number): Errno | undefined {
  if (q.ops.cl_ops?.delete === undefined) return EOPNOTSUPP
  const skb = new MessageBuilder()
  tc_fill_tclass(skb, q, cl, { portid: req.portid, seq: req.seq, flags: 0 }, RTM_DELTCLASS)
  const error = q.ops.cl_ops.delete(q, cl, req.extack)
  if (error === undefined) tc_send(req, skb)
  return error
}

/** Where classes come with their discipline, none can be made, changed or deleted. */
export function tc_ctl_tclass(req: Request): Errno | undefined {
  const tb = nlmsg_parse_deprecated(req, tcmsg.size, rtm_tca_policy)
  if (isErrno(tb)) return tb
  const { tcm_ifindex, tcm_parent, tcm_handle } = tcm_of(req)
  const dev = __dev_get_by_index(req.net, tcm_ifindex)
  if (dev === undefined) return ENODEV
  const qid = qdisc_of_class(dev, tcm_parent, tcm_handle)
  if (isErrno(qid)) return qid
  const q = qdisc_lookup(dev, qid)
  if (q === undefined) return ENOENT
  const { cl_ops } = q.ops
  if (cl_ops === undefined) return EINVAL
  const clid = tcm_handle !== 0 ? TC_H_MAKE(qid, tcm_handle) : tcm_parent === TC_H_ROOT ? qid : 0
  const cl = clid === 0 ? 0 : cl_ops.find(q, clid)
  if (cl === 0 && (req.type !== RTM_NEWTCLASS || !(req.flags & NLM_F_CREATE))) return ENOENT
  if (cl !== 0 && req.type === RTM_DELTCLASS) return delete_class(req, q, cl)
  if (cl !== 0 && req.type === RTM_GETTCLASS) {
    tclass_notify(req, q, cl, RTM_NEWTCLASS)
    return undefined
  }
  if (cl !== 0 && req.flags & NLM_F_EXCL) return EEXIST
  if (tb.has(TCA_INGRESS_BLOCK) || tb.has(TCA_EGRESS_BLOCK)) {
    return req.extack.fail(EOPNOTSUPP, 'Shared blocks are not supported for classes')
  }
  if (clid === TC_H_ROOT) return req.extack.fail(EINVAL, 'Cannot create traffic class with classid TC_H_ROOT')
  if (cl_ops.change === undefined) return EOPNOTSUPP
  const parentid = tcm_parent === TC_H_ROOT || tcm_parent === 0 ? tcm_parent : TC_H_MAKE(qid, tcm_parent)
  const made = cl_ops.change(q, { req, tca: tb, classid: clid, parentid, cl })
  if (isErrno(made)) return made
  tclass_notify(req, q, made, RTM_NEWTCLASS)
  return undefined
}

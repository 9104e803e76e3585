/**
 * net/sched/sch_api.c: RTM_NEWQDISC, RTM_DELQDISC, RTM_GETQDISC. What a request for a place (root, ingress or a class)
 * does, q being what stands there now (a default one, of handle 0, counts as nothing):
 *
 *   q     handle given                    kind        flags            | then
 *   none  none, or of nobody              any         CREATE           | made and put there
 *   none  none, or of nobody              any         -                | ENOENT
 *   some  another                         any         without REPLACE  | EEXIST
 *   any   of a discipline at that place   the same    without EXCL     | that one is put there again
 *   any   of a discipline elsewhere       any         any              | EINVAL
 *   some  none                            another     CREATE + REPLACE or EXCL, or none of the three | made and put there
 *   some  none, or q's own                the same    without EXCL     | changed
 *   some  none, or q's own                the same    EXCL             | EEXIST
 *   -     only a handle, no place         the same    without EXCL     | changed
 */
import type { AttrTable } from '../../lib/attrs.ts'
import { get16, getString } from '../../lib/bytes.ts'
import { MessageBuilder, NLMSG_HDRLEN } from '../../lib/message.ts'
import { EEXIST, EINVAL, ELOOP, ENODEV, ENOENT, EOPNOTSUPP, type Errno, isErrno } from '../../uapi/errno.ts'
import { NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE } from '../../uapi/linux/netlink.ts'
import { TC_H_INGRESS, TC_H_MAJ, TC_H_MIN } from '../../uapi/linux/pkt_sched.ts'
import { RTM_DELQDISC, RTM_NEWQDISC, TCA, TCA_KIND, tcmsg } from '../../uapi/linux/rtnetlink.ts'
import { __dev_get_by_index } from '../core/dev_state.ts'
import type { net_device } from '../core/netdevice.ts'
import { nlmsg_parse_deprecated } from '../netlink/attr.ts'
import type { netlink_ext_ack } from '../netlink/extack.ts'
import { NLA_BINARY, NLA_FLAG, NLA_NESTED, NLA_STRING, NLA_U32, policy } from '../netlink/policy.ts'
import type { Request } from '../netlink/types.ts'
import { type Qdisc, sched_of, TC_H_ROOT, TCQ_F_INGRESS } from './qdisc.ts'
import { qdisc_lookup } from './qdisc_hash.ts'
import { request_qdisc_module } from './qdisc_kinds.ts'
import { qdisc_notify, tc_fill_qdisc, tc_qdisc_dump_ignore, tc_send } from './sch_api_fill.ts'
import { qdisc_change, qdisc_create, qdisc_graft } from './sch_api_graft.ts'

export const rtm_tca_policy = policy(
  TCA,
  {
    TCA_KIND: NLA_STRING(),
    TCA_RATE: NLA_BINARY(2),
    TCA_STAB: NLA_NESTED(),
    TCA_DUMP_INVISIBLE: NLA_FLAG,
    TCA_CHAIN: NLA_U32,
    TCA_INGRESS_BLOCK: NLA_U32,
    TCA_EGRESS_BLOCK: NLA_U32,
  },
  { name: 'rtm_tca_policy', maxtype: 16 },
)

/** A request for a place: what was sent, and what it means. */
export interface tc_request {
  req: Request
  tb: AttrTable
  tcm: ReturnType<typeof tcmsg.get>
  dev: net_device
  /** '' where none was given. */
  kind: string
}

export function tcm_of(req: { buf: Uint8Array }): ReturnType<typeof tcmsg.get> {
  return tcmsg.get(req.buf, NLMSG_HDRLEN)
}
/** A kind as Linux compares it: without its end is as good. */
export function tca_kind(tb: AttrTable): string {
  const at = tb.at(TCA_KIND)
  return at === 0 ? '' : getString(tb.buf, at + 4, at + get16(tb.buf, at))
}
function parse(req: Request): tc_request | Errno {
  const tb = nlmsg_parse_deprecated(req, tcmsg.size, rtm_tca_policy)
  if (isErrno(tb)) return tb
  const tcm = tcm_of(req)
  const kind = tca_kind(tb)
  if (req.type === RTM_NEWQDISC) request_qdisc_module(req.net.kernel, kind)
  const dev = __dev_get_by_index(req.net, tcm.tcm_ifindex)
  return dev === undefined ? ENODEV : { req, tb, tcm, dev, kind }
}

/** qdisc_leaf() */
function qdisc_leaf(p: Qdisc, classid: number, extack: netlink_ext_ack): Qdisc | Errno | undefined {
  const { cl_ops } = p.ops
  if (cl_ops === undefined) return extack.fail(EOPNOTSUPP, 'Parent Qdisc is not classful')
  const cl = cl_ops.find(p, classid)
  return cl === 0 ? extack.fail(ENOENT, 'Specified class not found') : cl_ops.leaf(p, cl)
}

/** RTM_DELQDISC and RTM_GETQDISC of one. */
export function tc_get_qdisc(req: Request): Errno | undefined {
  const t = parse(req)
  if (isErrno(t)) return t
  const { extack } = req
  const p: { parent?: Qdisc } = {}
  const q = find_qdisc(t, p)
  if (isErrno(q)) return q
  if (t.kind !== q.ops.id && t.tb.has(TCA_KIND)) return extack.fail(EINVAL, 'Invalid qdisc name')
  if (req.type !== RTM_DELQDISC) {
    answer(req, t.tcm.tcm_parent, q)
    return undefined
  }
  if (t.tcm.tcm_parent === 0) return extack.fail(EINVAL, 'Classid cannot be zero')
  if (q.handle === 0) return extack.fail(ENOENT, 'Cannot delete qdisc with handle of zero')
  return qdisc_graft(t, p.parent, undefined, q)
}
/** By its place, or by its handle where no place is given. */
function find_qdisc({ req, tcm, dev }: tc_request, p: { parent?: Qdisc }): Qdisc | Errno {
  const { extack } = req
  const { tcm_parent: clid, tcm_handle: handle } = tcm
  if (clid === 0) return qdisc_lookup(dev, handle) ?? extack.fail(ENOENT, 'Failed to find qdisc with specified handle')
  let q: Qdisc | Errno | undefined
  if (clid === TC_H_ROOT) q = dev.qdisc
  else if (TC_H_MAJ(clid) === TC_H_MAJ(TC_H_INGRESS)) q = dev.ingress_queue
  else {
    p.parent = qdisc_lookup(dev, TC_H_MAJ(clid))
    if (p.parent === undefined) return extack.fail(ENOENT, 'Failed to find qdisc with specified classid')
    q = qdisc_leaf(p.parent, clid, extack)
  }
  if (q === undefined) return extack.fail(ENOENT, 'Cannot find specified qdisc on specified device')
  if (isErrno(q)) return q
  return handle !== 0 && q.handle !== handle ? extack.fail(EINVAL, 'Invalid handle') : q
}
/** The group is told as of a change; who asked hears it only with NLM_F_ECHO. */
function answer(req: Request, clid: number, q: Qdisc): void {
  const skb = new MessageBuilder()
  if (!tc_qdisc_dump_ignore(q, false)) tc_fill_qdisc(skb, q, clid, { portid: req.portid, seq: req.seq, flags: 0 }, RTM_NEWQDISC)
  tc_send(req, skb)
}

/** What RTM_NEWQDISC means: change this one, make one, or put one that exists in the place. */
type tc_plan = { change: Qdisc } | { create: true; parent: Qdisc | undefined } | { graft: Qdisc; parent: Qdisc | undefined }

/** RTM_NEWQDISC */
export function tc_modify_qdisc(req: Request): Errno | undefined {
  const t = parse(req)
  if (isErrno(t)) return t
  const plan = t.tcm.tcm_parent === 0 ? plan_by_handle(t) : plan_by_place(t)
  if (isErrno(plan)) return plan
  if ('change' in plan) return change(t, plan.change)
  const q = 'graft' in plan ? plan.graft : qdisc_create(t, plan.parent)
  if (isErrno(q)) return q
  return qdisc_graft(t, plan.parent, q, undefined)
}
function change(t: tc_request, q: Qdisc): Errno | undefined {
  const { req, kind } = t
  if (req.flags & NLM_F_EXCL) return req.extack.fail(EEXIST, 'Exclusivity flag on, cannot modify')
  if (t.tb.has(TCA_KIND) && kind !== q.ops.id) return req.extack.fail(EINVAL, 'Invalid qdisc name')
  const error = qdisc_change(t, q)
  if (isErrno(error)) return error
  qdisc_notify(req, t.tcm.tcm_parent, undefined, q)
  return undefined
}

function plan_by_handle({ req, tcm, dev }: tc_request): tc_plan | Errno {
  if (tcm.tcm_handle === 0) return req.extack.fail(EINVAL, 'Handle cannot be zero')
  const q = qdisc_lookup(dev, tcm.tcm_handle)
  return q === undefined ? req.extack.fail(ENOENT, 'Specified qdisc not found') : { change: q }
}
function plan_by_place(t: tc_request): tc_plan | Errno {
  const { req, tcm, dev } = t
  const { extack } = req
  const place = find_place(t)
  if (isErrno(place)) return place
  const { parent } = place
  const q = place.q?.handle === 0 ? undefined : place.q
  if (q !== undefined && tcm.tcm_handle !== 0 && q.handle === tcm.tcm_handle) return { change: q }
  if (tcm.tcm_handle === 0) {
    if (q === undefined) return plan_create(req, parent)
    return t.tb.has(TCA_KIND) && t.kind !== q.ops.id && may_override(req) ? { create: true, parent } : { change: q }
  }
  if (q !== undefined && !(req.flags & NLM_F_REPLACE)) return extack.fail(EEXIST, 'NLM_F_REPLACE needed to override')
  if (TC_H_MIN(tcm.tcm_handle) !== 0) return extack.fail(EINVAL, 'Invalid minor handle')
  const named = qdisc_lookup(dev, tcm.tcm_handle)
  return named === undefined ? plan_create(req, parent) : plan_regraft(t, named, parent)
}
/** "add" and "replace" say so; "change" says nothing and is taken to mean it. */
function may_override(req: Request): boolean {
  const create = (req.flags & NLM_F_CREATE) !== 0
  const other = (req.flags & (NLM_F_REPLACE | NLM_F_EXCL)) !== 0
  return create === other
}
function plan_create(req: Request, parent: Qdisc | undefined): tc_plan | Errno {
  if (req.flags & NLM_F_CREATE) return { create: true, parent }
  return req.extack.fail(ENOENT, 'Qdisc not found. To create specify NLM_F_CREATE flag')
}
/** A discipline that exists, by its handle, put where it stands already. */
function plan_regraft(t: tc_request, q: Qdisc, parent: Qdisc | undefined): tc_plan | Errno {
  const { req, tcm } = t
  const { extack } = req
  if (q.parent !== tcm.tcm_parent) return extack.fail(EINVAL, 'Cannot move an existing qdisc to a different parent')
  if (req.flags & NLM_F_EXCL) return extack.fail(EEXIST, 'Exclusivity flag on, cannot override')
  if (t.tb.has(TCA_KIND) && t.kind !== q.ops.id) return extack.fail(EINVAL, 'Invalid qdisc name')
  if (q.flags & TCQ_F_INGRESS) return extack.fail(EINVAL, 'Cannot regraft ingress or clsact Qdiscs')
  if (q === parent || (parent !== undefined && check_loop(q, parent, 0))) return extack.fail(ELOOP, 'Qdisc parent/child loop detected')
  if (tcm.tcm_parent === TC_H_INGRESS) return extack.fail(ENOENT, 'Ingress cannot graft directly')
  q.refcnt++
  return { graft: q, parent }
}
function check_loop(q: Qdisc, p: Qdisc, depth: number): boolean {
  const { cl_ops } = q.ops
  if (cl_ops === undefined) return false
  return cl_ops.walk(q).some((cl) => {
    const leaf = cl_ops.leaf(q, cl)
    return leaf !== undefined && (leaf === p || depth > 7 || check_loop(leaf, p, depth + 1))
  })
}
/** What stands in the place. Naming ingress makes the device's ingress queue, which is empty at first. */
function find_place({ req, tcm, dev }: tc_request): { q: Qdisc | undefined; parent: Qdisc | undefined } | Errno {
  const { extack } = req
  const clid = tcm.tcm_parent
  if (clid === TC_H_ROOT) return { q: dev.qdisc, parent: undefined }
  if (clid === TC_H_INGRESS) {
    dev.ingress_queue ??= sched_of(dev).noop_qdisc
    return { q: dev.ingress_queue, parent: undefined }
  }
  const parent = qdisc_lookup(dev, TC_H_MAJ(clid))
  if (parent === undefined) return extack.fail(ENOENT, 'Failed to find specified qdisc')
  const q = qdisc_leaf(parent, clid, extack)
  return isErrno(q) ? q : { q, parent }
}

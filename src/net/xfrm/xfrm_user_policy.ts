/** net/xfrm/xfrm_user.c: requests for policies. */
import type { AttrTable } from '../../lib/attrs.ts'
import { MessageBuilder, NLMSG_HDRLEN } from '../../lib/message.ts'
import { EINVAL, ENOENT, EOPNOTSUPP, type Errno, isErrno } from '../../uapi/errno.ts'
import { NETLINK_XFRM, NLM_F_MULTI } from '../../uapi/linux/netlink.ts'
import { AF_INET, AF_INET6 } from '../../uapi/linux/socket.ts'
import * as X from '../../uapi/linux/xfrm.ts'
import type { netlink_ext_ack } from '../netlink/extack.ts'
import { nlmsg_unicast } from '../netlink/netlink_multicast.ts'
import type { netlink_callback, Request } from '../netlink/types.ts'
import { netns_xfrm_of } from './netns_xfrm.ts'
import {
  type policy_key,
  xfrm_policy,
  xfrm_policy_byid,
  xfrm_policy_bysel,
  xfrm_policy_delete,
  xfrm_policy_flush,
  xfrm_policy_id2dir,
  xfrm_policy_insert,
} from './xfrm_policy.ts'
import { IPSEC_PROTO_ANY, xfrm_id_proto_match } from './xfrm_state.ts'
import { xfrm_mark_get } from './xfrm_state_construct.ts'
import { fill_default, fill_policy, notify_default, notify_policy, notify_policy_flush, xfrm_exp_policy_notify } from './xfrm_user_fill.ts'
import { head_of } from './xfrm_user_sa.ts'
import { verify_prefixes } from './xfrm_user_verify.ts'

/** Besides those with SPIs, templates may be of these two of IPv6. */
const IPPROTO_ROUTING = 43
const IPPROTO_DSTOPTS = 60
type policy_info = Required<ReturnType<typeof X.xfrm_userpolicy_info.get>>
type tmpl = Required<ReturnType<typeof X.xfrm_user_tmpl.get>>

function verify_dir(dir: number, extack: netlink_ext_ack): Errno | undefined {
  return dir < X.XFRM_POLICY_MAX ? undefined : extack.fail(EINVAL, 'Invalid policy direction')
}
/** copy_from_user_policy_type() */
function type_of(tb: AttrTable, extack: netlink_ext_ack): number | Errno {
  const type = tb.get(X.XFRMA_POLICY_TYPE)?.type ?? X.XFRM_POLICY_TYPE_MAIN
  return type <= X.XFRM_POLICY_TYPE_SUB ? type : extack.fail(EINVAL, 'Invalid policy type')
}
/** verify_newpolicy_info() */
function verify_newpolicy(p: policy_info, extack: netlink_ext_ack): Errno | undefined {
  if (p.share > X.XFRM_SHARE_UNIQUE) return extack.fail(EINVAL, 'Invalid policy share')
  if (p.action > X.XFRM_POLICY_BLOCK) return extack.fail(EINVAL, 'Invalid policy action')
  const family = X.xfrm_selector.field.family.get(p.sel, 0)
  const error = verify_prefixes(p.sel, family, extack, 'Invalid selector family') ?? verify_dir(p.dir, extack)
  if (error !== undefined) return error
  if (p.index === 0 || xfrm_policy_id2dir(p.index) === p.dir) return undefined
  return extack.fail(EINVAL, "Policy index doesn't match direction")
}
/** validate_tmpl(): a family that is not said is the policy's. */
function templates(bytes: Uint8Array, family: number, dir: number, extack: netlink_ext_ack): Uint8Array | Errno {
  const { size } = X.xfrm_user_tmpl
  const nr = Math.floor(bytes.length / size)
  if (nr > X.XFRM_MAX_DEPTH) return extack.fail(EINVAL, `Template count must be <= XFRM_MAX_DEPTH (${X.XFRM_MAX_DEPTH})`)
  const out = new Uint8Array(nr * size)
  let previous = family
  for (let i = 0; i < nr; i++) {
    const t = X.xfrm_user_tmpl.get(bytes, i * size) as tmpl
    t.family ||= family
    const error = validate_tmpl(t, previous, dir, extack)
    if (error !== undefined) return error
    previous = t.family
    X.xfrm_user_tmpl.put(out, i * size, t)
  }
  return out
}
function validate_tmpl(t: tmpl, previous: number, dir: number, extack: netlink_ext_ack): Errno | undefined {
  const tunnel = t.mode === X.XFRM_MODE_TUNNEL || t.mode === X.XFRM_MODE_BEET
  if (tunnel && t.optional !== 0 && dir === X.XFRM_POLICY_OUT) {
    return extack.fail(EINVAL, 'Mode in optional template not allowed in outbound policy')
  }
  if (!tunnel && t.family !== previous) return extack.fail(EINVAL, "Mode in template doesn't support a family change")
  if (t.mode >= X.XFRM_MODE_MAX) return extack.fail(EINVAL, `Mode in template must be < XFRM_MODE_MAX (${X.XFRM_MODE_MAX})`)
  if (t.family !== AF_INET && t.family !== AF_INET6) return extack.fail(EINVAL, 'Invalid family in template')
  const proto = t.id.proto ?? 0
  const known = proto === IPSEC_PROTO_ANY || proto === IPPROTO_ROUTING || proto === IPPROTO_DSTOPTS || proto === 0
  if (known || xfrm_id_proto_match(proto, IPSEC_PROTO_ANY)) return undefined
  return extack.fail(EINVAL, 'Invalid XFRM protocol in template')
}
/** XFRM_MSG_NEWPOLICY, XFRM_MSG_UPDPOLICY */
export function xfrm_add_policy(req: Request, tb: AttrTable): Errno | undefined {
  const { extack } = req
  const p = X.xfrm_userpolicy_info.get(req.buf, NLMSG_HDRLEN) as policy_info
  const wrong = verify_newpolicy(p, extack)
  if (wrong !== undefined) return wrong
  const xp = new xfrm_policy(req.net, p.dir)
  const { priority, index, action, flags, lft } = p
  Object.assign(xp, { priority, index, action, flags, lft, selector: p.sel })
  xp.family = X.xfrm_selector.field.family.get(p.sel, 0)
  const type = type_of(tb, extack)
  if (isErrno(type)) return type
  xp.type = type
  const tmpl = templates(tb.payload(X.XFRMA_TMPL) ?? new Uint8Array(0), xp.family, p.dir, extack)
  if (isErrno(tmpl)) return tmpl
  if (tb.has(X.XFRMA_SEC_CTX)) return EOPNOTSUPP
  xp.tmpl = tmpl
  xp.mark = xfrm_mark_get(tb)
  xp.if_id = tb.get(X.XFRMA_IF_ID) ?? 0
  const error = xfrm_policy_insert(xp, req.type === X.XFRM_MSG_NEWPOLICY)
  if (error === undefined) notify_policy(xp, req.type, head_of(req))
  return error
}
function find(req: Request, tb: AttrTable, dir: number, index: number, sel: Uint8Array): xfrm_policy | Errno {
  const type = type_of(tb, req.extack)
  if (isErrno(type)) return type
  const wrong = verify_dir(dir, req.extack)
  if (wrong !== undefined) return wrong
  const key: policy_key = { dir, type, mark: xfrm_mark_get(tb), if_id: tb.get(X.XFRMA_IF_ID) ?? 0 }
  const found = index !== 0 ? xfrm_policy_byid(req.net, key, index) : xfrm_policy_bysel(req.net, key, sel)
  return found ?? ENOENT
}
/** XFRM_MSG_GETPOLICY, XFRM_MSG_DELPOLICY */
export function xfrm_get_policy(req: Request, tb: AttrTable): Errno | undefined {
  const { sel, index, dir } = X.xfrm_userpolicy_id.get(req.buf, NLMSG_HDRLEN)
  const xp = find(req, tb, dir, index, sel)
  if (isErrno(xp)) return xp
  if (req.type === X.XFRM_MSG_DELPOLICY) {
    xfrm_policy_delete(xp)
    notify_policy(xp, X.XFRM_MSG_DELPOLICY, head_of(req), index !== 0)
    return undefined
  }
  const skb = new MessageBuilder()
  fill_policy(skb, xp, X.XFRM_MSG_NEWPOLICY, { portid: req.portid, seq: req.seq })
  return nlmsg_unicast(req.net, NETLINK_XFRM, req.portid, skb.bytes())
}
/** XFRM_MSG_POLEXPIRE: a program says that it is so. */
export function xfrm_add_pol_expire(req: Request, tb: AttrTable): Errno | undefined {
  const { sel, index, dir } = X.xfrm_userpolicy_info.get(req.buf, NLMSG_HDRLEN)
  const xp = find(req, tb, dir, index, sel)
  if (isErrno(xp)) return xp
  const hard = X.xfrm_user_polexpire.field.hard.get(req.buf, NLMSG_HDRLEN) !== 0
  if (hard) xfrm_policy_delete(xp)
  xfrm_exp_policy_notify(xp, hard, head_of(req).portid)
  return undefined
}
/** cb.args: policies that are done. */
export function xfrm_dump_policy(skb: MessageBuilder, cb: netlink_callback): Errno | true | undefined {
  const all = netns_xfrm_of(cb.net).policy_all
  for (; cb.args[0] < all.length; cb.args[0]++) {
    const head = { portid: cb.portid, seq: cb.seq, flags: NLM_F_MULTI }
    if (!fill_policy(skb, all[cb.args[0]], X.XFRM_MSG_NEWPOLICY, head)) return true
  }
  return undefined
}
/** XFRM_MSG_FLUSHPOLICY: nobody hears of nothing. */
export function xfrm_flush_policy(req: Request, tb: AttrTable): Errno | undefined {
  const type = type_of(tb, req.extack)
  if (isErrno(type)) return type
  if (xfrm_policy_flush(req.net, type) === undefined) notify_policy_flush(req.net, type, head_of(req))
  return undefined
}
/** XFRM_MSG_SETDEFAULT: what becomes of packets that no policy names; a value that is none leaves it as it was. */
export function xfrm_set_default(req: Request): undefined {
  const [in_, fwd, out] = req.buf.subarray(NLMSG_HDRLEN, NLMSG_HDRLEN + 3)
  const { policy_default } = netns_xfrm_of(req.net)
  for (const [dir, value] of [
    [X.XFRM_POLICY_IN, in_],
    [X.XFRM_POLICY_FWD, fwd],
    [X.XFRM_POLICY_OUT, out],
  ]) {
    if (value === X.XFRM_USERPOLICY_BLOCK || value === X.XFRM_USERPOLICY_ACCEPT) policy_default[dir] = value
    if (value === X.XFRM_USERPOLICY_BLOCK) req.net.kernel.unsupported.count('xfrm', 'packets blocked by default')
  }
  notify_default(req.net, policy_default)
}
/** XFRM_MSG_GETDEFAULT */
export function xfrm_get_default(req: Request): Errno | undefined {
  const skb = new MessageBuilder()
  fill_default(skb, netns_xfrm_of(req.net).policy_default, { portid: req.portid, seq: req.seq })
  return nlmsg_unicast(req.net, NETLINK_XFRM, req.portid, skb.bytes())
}

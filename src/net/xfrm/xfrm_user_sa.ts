/** net/xfrm/xfrm_user.c: requests for security associations. */
import type { AttrTable } from '../../lib/attrs.ts'
import { get32 } from '../../lib/bytes.ts'
import { MessageBuilder, NLMSG_HDRLEN } from '../../lib/message.ts'
import { EINVAL, ENOENT, EPERM, type Errno, ESRCH, isErrno } from '../../uapi/errno.ts'
import { NETLINK_XFRM, NLM_F_MULTI, NLM_F_REPLACE } from '../../uapi/linux/netlink.ts'
import * as X from '../../uapi/linux/xfrm.ts'
import { nlmsg_parse_deprecated } from '../netlink/attr.ts'
import { nlmsg_unicast } from '../netlink/netlink_multicast.ts'
import type { netlink_callback, Request } from '../netlink/types.ts'
import { netns_xfrm_of } from './netns_xfrm.ts'
import {
  IPPROTO_AH,
  IPPROTO_COMP,
  IPPROTO_ESP,
  IPSEC_PROTO_ANY,
  xfrm_addr_equal,
  xfrm_alloc_spi,
  xfrm_find_acq,
  xfrm_find_acq_byseq,
  xfrm_id_proto_match,
  type xfrm_state,
  XFRM_STATE_VALID,
  xfrm_state_add,
  xfrm_state_delete,
  xfrm_state_flush,
  xfrm_state_lookup,
  xfrm_state_lookup_byaddr,
  xfrm_state_update,
} from './xfrm_state.ts'
import { mark_of, xfrm_mark_get, xfrm_state_construct, xfrm_update_ae_params } from './xfrm_state_construct.ts'
import { fill_aevent, fill_state, notify_aevent, notify_state, notify_state_flush, xfrm_exp_state_notify } from './xfrm_user_fill.ts'
import { xfrma_policy } from './xfrm_user_policies.ts'
import { type usersa_info, verify_newsa_info } from './xfrm_user_verify.ts'

const NUM_POSSIBLE_CPUS = 1

/** Notifications carry what the request's header says of its sender. */
export function head_of(req: Request): { portid: number; seq: number } {
  return { portid: get32(req.buf, 12), seq: req.seq }
}
function usersa_info_of(req: Request): usersa_info {
  return X.xfrm_usersa_info.get(req.buf, NLMSG_HDRLEN) as usersa_info
}
/** XFRM_MSG_NEWSA, XFRM_MSG_UPDSA */
export function xfrm_add_sa(req: Request, tb: AttrTable): Errno | undefined {
  const p = usersa_info_of(req)
  const wrong = verify_newsa_info(p, tb, req.extack)
  if (wrong !== undefined) return wrong
  const x = xfrm_state_construct(req, p, tb)
  if (isErrno(x)) return x
  const error = req.type === X.XFRM_MSG_NEWSA ? xfrm_state_add(x) : xfrm_state_update(x)
  if (error !== undefined) return error
  notify_state(x, req.type, head_of(req))
  return undefined
}
type usersa_id = Required<ReturnType<typeof X.xfrm_usersa_id.get>>
/** xfrm_user_state_lookup(): by protocol and SPI, or by addresses where the protocol has no SPIs. */
function user_state_lookup({ net }: Request, p: usersa_id, tb: AttrTable): xfrm_state | Errno {
  const mark = mark_of(xfrm_mark_get(tb))
  if (xfrm_id_proto_match(p.proto, IPSEC_PROTO_ANY)) return xfrm_state_lookup(net, mark, p.daddr, p.spi, p.proto, p.family) ?? ESRCH
  const saddr = tb.get(X.XFRMA_SRCADDR)
  if (saddr === undefined) return EINVAL
  return xfrm_state_lookup_byaddr(net, mark, p.daddr, saddr, p.proto, p.family) ?? ESRCH
}
function usersa_id_of(req: Request): usersa_id {
  return X.xfrm_usersa_id.get(req.buf, NLMSG_HDRLEN) as usersa_id
}
/** XFRM_MSG_DELSA */
export function xfrm_del_sa(req: Request, tb: AttrTable): Errno | undefined {
  const x = user_state_lookup(req, usersa_id_of(req), tb)
  if (isErrno(x)) return x
  if (x.tunnel_users > 0) return req.extack.fail(EPERM, 'SA is in use by tunnels')
  const error = xfrm_state_delete(x)
  if (error === undefined) notify_state(x, X.XFRM_MSG_DELSA, head_of(req))
  return error
}
/** XFRM_MSG_GETSA */
export function xfrm_get_sa(req: Request, tb: AttrTable): Errno | undefined {
  const x = user_state_lookup(req, usersa_id_of(req), tb)
  return isErrno(x) ? x : answer_state(req, x)
}
function answer_state(req: Request, x: xfrm_state): Errno | undefined {
  const skb = new MessageBuilder()
  fill_state(skb, x, X.XFRM_MSG_NEWSA, { portid: req.portid, seq: req.seq })
  return nlmsg_unicast(req.net, NETLINK_XFRM, req.portid, skb.bytes())
}
/** A dump; the request may say which protocol and addresses. cb.args: associations that are done. */
export function xfrm_dump_sa(skb: MessageBuilder, cb: netlink_callback): Errno | true | undefined {
  const tb = nlmsg_parse_deprecated(cb, 0, xfrma_policy)
  if (isErrno(tb)) return tb
  const proto = tb.get(X.XFRMA_PROTO) ?? 0
  const filter = tb.get(X.XFRMA_ADDRESS_FILTER) as filter | undefined
  const all = netns_xfrm_of(cb.net).state_all
  const wanted = all.filter((x) => xfrm_id_proto_match(x.proto, proto) && filtered(x, filter))
  for (; cb.args[0] < wanted.length; cb.args[0]++) {
    const head = { portid: cb.portid, seq: cb.seq, flags: NLM_F_MULTI }
    if (!fill_state(skb, wanted[cb.args[0]], X.XFRM_MSG_NEWSA, head)) return true
  }
  return undefined
}
type filter = Required<ReturnType<typeof X.xfrm_address_filter.get>>
/** __xfrm_state_filter_match() */
function filtered(x: xfrm_state, filter: filter | undefined): boolean {
  if (filter === undefined) return true
  const of_other_family = (filter.family === 2 || filter.family === 10) && x.family !== filter.family
  return !of_other_family && prefix_equal(x.saddr, filter.saddr, filter.splen) && prefix_equal(x.daddr, filter.daddr, filter.dplen)
}
function prefix_equal(a: Uint8Array, b: Uint8Array, bits: number): boolean {
  for (let i = 0; i < bits; i++) if (((a[i >> 3] ^ b[i >> 3]) & (128 >> (i & 7))) !== 0) return false
  return true
}
/** XFRM_MSG_FLUSHSA: nobody hears of nothing. */
export function xfrm_flush_sa(req: Request): Errno | undefined {
  const proto = req.buf[NLMSG_HDRLEN]
  if (xfrm_state_flush(req.net, proto) === undefined) notify_state_flush(req.net, proto, head_of(req))
  return undefined
}
/** verify_spi_info() */
function verify_spi_info(req: Request, proto: number, min: number, max: number): Errno | undefined {
  const { extack } = req
  if (proto === IPPROTO_COMP && max >= 0x10000) return extack.fail(EINVAL, 'COMP SPI must be <= 65535')
  if (proto !== IPPROTO_AH && proto !== IPPROTO_ESP && proto !== IPPROTO_COMP) {
    return extack.fail(EINVAL, 'Invalid protocol, must be one of AH, ESP, COMP')
  }
  return min > max ? extack.fail(EINVAL, 'Invalid SPI range: min > max') : undefined
}
/** XFRM_MSG_ALLOCSPI */
export function xfrm_alloc_userspi(req: Request, tb: AttrTable): Errno | undefined {
  const { min, max } = X.xfrm_userspi_info.get(req.buf, NLMSG_HDRLEN)
  const p = usersa_info_of(req)
  const { daddr = new Uint8Array(16), proto = 0 } = p.id
  const wrong = verify_spi_info(req, proto, min, max)
  if (wrong !== undefined) return wrong
  const mark = xfrm_mark_get(tb)
  const pcpu_num = tb.get(X.XFRMA_SA_PCPU)
  if ((pcpu_num ?? 0) >= NUM_POSSIBLE_CPUS) return req.extack.fail(EINVAL, 'pCPU number too big')
  const by_seq = p.seq === 0 ? undefined : xfrm_find_acq_byseq(req.net, p.seq)
  const { mode, reqid, saddr, family } = p
  const key = { mark, mode, reqid, if_id: tb.get(X.XFRMA_IF_ID) ?? 0, pcpu_num, proto, daddr, saddr, family }
  const fits = by_seq !== undefined && xfrm_addr_equal(by_seq.daddr, daddr, family)
  const x = fits ? by_seq : xfrm_find_acq(req.net, key)
  const error = xfrm_alloc_spi(x, min, max, req.extack)
  if (error !== undefined) return error
  x.dir = tb.get(X.XFRMA_SA_DIR) ?? x.dir
  return answer_state(req, x)
}
/** XFRM_MSG_EXPIRE: a program says that it is so. */
export function xfrm_add_sa_expire(req: Request, tb: AttrTable): Errno | undefined {
  const p = usersa_info_of(req)
  const { daddr = new Uint8Array(16), spi = 0, proto = 0 } = p.id
  const x = xfrm_state_lookup(req.net, mark_of(xfrm_mark_get(tb)), daddr, spi, proto, p.family)
  if (x === undefined) return ENOENT
  if (x.state !== XFRM_STATE_VALID) return req.extack.fail(EINVAL, 'SA must be in VALID state')
  const hard = X.xfrm_user_expire.field.hard.get(req.buf, NLMSG_HDRLEN) !== 0
  xfrm_exp_state_notify(x, hard, head_of(req).portid)
  if (hard) xfrm_state_delete(x)
  return undefined
}
function aevent_state({ net, buf }: Request, tb: AttrTable): xfrm_state | Errno {
  const p = X.xfrm_usersa_id.get(buf, NLMSG_HDRLEN) as usersa_id
  return xfrm_state_lookup(net, mark_of(xfrm_mark_get(tb)), p.daddr, p.spi, p.proto, p.family) ?? ESRCH
}
/** XFRM_MSG_GETAE */
export function xfrm_get_ae(req: Request, tb: AttrTable): Errno | undefined {
  const x = aevent_state(req, tb)
  if (isErrno(x)) return x
  const skb = new MessageBuilder()
  fill_aevent(skb, x, X.xfrm_aevent_id.field.flags.get(req.buf, NLMSG_HDRLEN), head_of(req))
  return nlmsg_unicast(req.net, NETLINK_XFRM, req.portid, skb.bytes())
}
/** XFRM_MSG_NEWAE: counters that another host has kept. */
export function xfrm_new_ae(req: Request, tb: AttrTable): Errno | undefined {
  const { extack } = req
  const some = [X.XFRMA_LTIME_VAL, X.XFRMA_REPLAY_VAL, X.XFRMA_REPLAY_ESN_VAL, X.XFRMA_ETIMER_THRESH, X.XFRMA_REPLAY_THRESH]
  if (!some.some((a) => tb.has(a))) return extack.fail(EINVAL, 'Missing required attribute for AE')
  if (!(req.flags & NLM_F_REPLACE)) return extack.fail(EINVAL, 'NLM_F_REPLACE flag is required')
  const x = aevent_state(req, tb)
  if (isErrno(x)) return x
  if (x.state !== XFRM_STATE_VALID) return extack.fail(EINVAL, 'SA must be in VALID state')
  const esn = tb.payload(X.XFRMA_REPLAY_ESN_VAL)
  if (esn !== undefined && x.replay_esn !== undefined && esn.length !== x.replay_esn.length) {
    return extack.fail(EINVAL, "New ESN size doesn't match the existing SA's ESN size")
  }
  xfrm_update_ae_params(x, tb, true)
  notify_aevent(x, X.XFRM_AE_CU, head_of(req))
  return undefined
}

/** net/xfrm/xfrm_user.c verify_newsa_info(): what a new association may be, in the order in which Linux looks. */
import type { Attr, AttrTable } from '../../lib/attrs.ts'
import { get32 } from '../../lib/bytes.ts'
import { EINVAL, type Errno } from '../../uapi/errno.ts'
import { AF_INET, AF_INET6 } from '../../uapi/linux/socket.ts'
import * as X from '../../uapi/linux/xfrm.ts'
import type { netlink_ext_ack } from '../netlink/extack.ts'
import { IPPROTO_AH, IPPROTO_COMP, IPPROTO_ESP } from './xfrm_state.ts'

const IPPROTO_ROUTING = 43
const IPPROTO_DSTOPTS = 60
const MAX = 0xffffffff
export type usersa_info = Required<ReturnType<typeof X.xfrm_usersa_info.get>>

/** Prefixes of a selector; undefined: they fit. */
export function verify_prefixes(sel: Uint8Array, family: number, extack: netlink_ext_ack, unknown: string): Errno | undefined {
  const { prefixlen_d, prefixlen_s } = X.xfrm_selector.get(sel, 0)
  const most = family === AF_INET ? 32 : 128
  if (family !== AF_INET && family !== AF_INET6) return extack.fail(EINVAL, unknown)
  if (prefixlen_d <= most && prefixlen_s <= most) return undefined
  return extack.fail(EINVAL, `Invalid prefix length in selector (must be <= ${most} for IPv${most === 32 ? 4 : 6})`)
}
function verify_proto({ id }: usersa_info, mode: number, tb: AttrTable, extack: netlink_ext_ack): Errno | undefined {
  const any = (...list: Attr<any>[]) => list.some((a) => tb.has(a))
  const no = (text: string) => extack.fail(EINVAL, text)
  switch (id.proto) {
    case IPPROTO_AH:
      if (!any(X.XFRMA_ALG_AUTH, X.XFRMA_ALG_AUTH_TRUNC)) return no('Missing required attribute for AH: AUTH_TRUNC or AUTH')
      if (any(X.XFRMA_ALG_AEAD, X.XFRMA_ALG_CRYPT, X.XFRMA_ALG_COMP, X.XFRMA_TFCPAD)) {
        return no('Invalid attributes for AH: AEAD, CRYPT, COMP, TFCPAD')
      }
      return undefined
    case IPPROTO_ESP: {
      if (any(X.XFRMA_ALG_COMP)) return no('Invalid attribute for ESP: COMP')
      const separate = any(X.XFRMA_ALG_AUTH, X.XFRMA_ALG_AUTH_TRUNC, X.XFRMA_ALG_CRYPT)
      if (!separate && !any(X.XFRMA_ALG_AEAD)) {
        return no('Missing required attribute for ESP: at least one of AUTH, AUTH_TRUNC, CRYPT, AEAD')
      }
      if (separate && any(X.XFRMA_ALG_AEAD)) {
        return no("Invalid attribute combination for ESP: AEAD can't be used with AUTH, AUTH_TRUNC, CRYPT")
      }
      const tfc = any(X.XFRMA_TFCPAD) && mode !== X.XFRM_MODE_TUNNEL
      return tfc ? no('TFC padding can only be used in tunnel mode') : undefined
    }
    case IPPROTO_COMP:
      if (!any(X.XFRMA_ALG_COMP)) return no('Missing required attribute for COMP: COMP')
      if (any(X.XFRMA_ALG_AEAD, X.XFRMA_ALG_AUTH, X.XFRMA_ALG_AUTH_TRUNC, X.XFRMA_ALG_CRYPT, X.XFRMA_TFCPAD)) {
        return no('Invalid attributes for COMP: AEAD, AUTH, AUTH_TRUNC, CRYPT, TFCPAD')
      }
      return (id.spi ?? 0) >= 0x10000 ? no('SPI is too large for COMP (must be < 0x10000)') : undefined
    case IPPROTO_DSTOPTS:
    case IPPROTO_ROUTING: {
      const algs = [X.XFRMA_ALG_COMP, X.XFRMA_ALG_AUTH, X.XFRMA_ALG_AUTH_TRUNC, X.XFRMA_ALG_AEAD, X.XFRMA_ALG_CRYPT]
      if (any(...algs, X.XFRMA_ENCAP, X.XFRMA_SEC_CTX, X.XFRMA_TFCPAD)) return no('Invalid attributes for DSTOPTS/ROUTING')
      return any(X.XFRMA_COADDR) ? undefined : no('Missing required COADDR attribute for DSTOPTS/ROUTING')
    }
  }
  return no('Unsupported protocol')
}
/** The key is as long as it says. */
function verify_algs(tb: AttrTable, extack: netlink_ext_ack): Errno | undefined {
  const short = (a: Attr<any>, head: number) => {
    const bytes = tb.payload(a)
    return bytes !== undefined && bytes.length < head + Math.ceil(get32(bytes, X.XFRM_ALG_NAME) / 8)
  }
  if (short(X.XFRMA_ALG_AEAD, X.xfrm_algo_auth.size)) return extack.fail(EINVAL, 'Invalid AEAD attribute length')
  if (short(X.XFRMA_ALG_AUTH_TRUNC, X.xfrm_algo_auth.size)) return extack.fail(EINVAL, 'Invalid AUTH_TRUNC attribute length')
  for (const a of [X.XFRMA_ALG_AUTH, X.XFRMA_ALG_CRYPT, X.XFRMA_ALG_COMP]) {
    if (short(a, X.xfrm_algo.size)) return extack.fail(EINVAL, 'Invalid AUTH/CRYPT/COMP attribute length')
  }
  return undefined
}
function verify_replay(p: usersa_info, tb: AttrTable, dir: number, extack: netlink_ext_ack): Errno | undefined {
  const no = (text: string) => extack.fail(EINVAL, text)
  const bytes = tb.payload(X.XFRMA_REPLAY_ESN_VAL)
  const esn = (p.flags & X.XFRM_STATE_ESN) !== 0
  if (bytes === undefined) return esn ? no('Missing required attribute for ESN') : undefined
  const rs = X.xfrm_replay_state_esn.get(bytes, 0)
  if (rs.bmp_len > X.XFRMA_REPLAY_ESN_MAX / 32) return no('ESN bitmap length must be <= 128')
  if (bytes.length < X.xfrm_replay_state_esn.size + rs.bmp_len * 4 && bytes.length !== X.xfrm_replay_state_esn.size) {
    return no('ESN attribute is too short to fit the full bitmap length')
  }
  if (p.id.proto !== IPPROTO_ESP && p.id.proto !== IPPROTO_AH) return no('ESN only supported for ESP and AH')
  if (p.replay_window !== 0) return no('ESN not compatible with legacy replay_window')
  if (dir === X.XFRM_SA_DIR_OUT) {
    if (rs.replay_window !== 0) return no('Replay window should be 0 for output SA')
    if (rs.seq !== 0 || rs.seq_hi !== 0) return no('Replay seq and seq_hi should be 0 for output SA')
    if (!esn && rs.oseq_hi !== 0) return no('Replay oseq_hi should be 0 in non-ESN mode for output SA')
    if (!esn && rs.oseq === MAX) return no('Replay oseq should be less than 0xFFFFFFFF in non-ESN mode for output SA')
    if (esn && rs.oseq === MAX && rs.oseq_hi === MAX) return no('Replay oseq and oseq_hi should be less than 0xFFFFFFFF for output SA')
    if (rs.bmp_len !== 0) return no('Replay bmp_len should 0 for output SA')
  }
  if (dir === X.XFRM_SA_DIR_IN) {
    if (rs.oseq !== 0 || rs.oseq_hi !== 0) return no('Replay oseq and oseq_hi should be 0 for input SA')
    if (!esn && rs.seq_hi !== 0) return no('Replay seq_hi should be 0 in non-ESN mode for input SA')
    if (!esn && rs.seq === MAX) return no('Replay seq should be less than 0xFFFFFFFF in non-ESN mode for input SA')
    if (esn && rs.seq === MAX && rs.seq_hi === MAX) return no('Replay seq and seq_hi should be less than 0xFFFFFFFF for input SA')
  }
  return undefined
}
function verify_dir(p: usersa_info, tb: AttrTable, dir: number, extack: netlink_ext_ack): Errno | undefined {
  const no = (text: string) => extack.fail(EINVAL, text)
  if (tb.has(X.XFRMA_MTIMER_THRESH)) {
    if (!tb.has(X.XFRMA_ENCAP)) return no('MTIMER_THRESH attribute can only be set on ENCAP states')
    if (dir === X.XFRM_SA_DIR_OUT) return no('MTIMER_THRESH attribute should not be set on output SA')
  }
  if (dir === X.XFRM_SA_DIR_OUT) {
    if (p.flags & X.XFRM_STATE_DECAP_DSCP) return no('Flag DECAP_DSCP should not be set for output SA')
    if (p.flags & X.XFRM_STATE_ICMP) return no('Flag ICMP should not be set for output SA')
    if (p.flags & X.XFRM_STATE_WILDRECV) return no('Flag WILDRECV should not be set for output SA')
    if (p.replay_window !== 0) return no('Replay window should be 0 for output SA')
    const replay = tb.get(X.XFRMA_REPLAY_VAL)
    if (replay !== undefined && (replay.seq !== 0 || replay.bitmap !== 0)) return no('Replay seq and bitmap should be 0 for output SA')
  }
  if (dir === X.XFRM_SA_DIR_IN) {
    if (p.flags & X.XFRM_STATE_NOPMTUDISC) return no('Flag NOPMTUDISC should not be set for input SA')
    const more = tb.get(X.XFRMA_SA_EXTRA_FLAGS) ?? 0
    if (more & X.XFRM_SA_XFLAG_DONT_ENCAP_DSCP) return no('Flag DONT_ENCAP_DSCP should not be set for input SA')
    if (more & X.XFRM_SA_XFLAG_OSEQ_MAY_WRAP) return no('Flag OSEQ_MAY_WRAP should not be set for input SA')
  }
  return dir === 0 && tb.has(X.XFRMA_SA_PCPU) ? no('SA_PCPU only supported with SA_DIR') : undefined
}
export function verify_newsa_info(p: usersa_info, tb: AttrTable, extack: netlink_ext_ack): Errno | undefined {
  if (p.family !== AF_INET && p.family !== AF_INET6) return extack.fail(EINVAL, 'Invalid address family')
  const said = X.xfrm_selector.field.family.get(p.sel, 0)
  const family = said === 0 && !(p.flags & X.XFRM_STATE_AF_UNSPEC) ? p.family : said
  const wrong = family === 0 ? undefined : verify_prefixes(p.sel, family, extack, 'Invalid address family in selector')
  if (wrong !== undefined) return wrong
  const dir = tb.get(X.XFRMA_SA_DIR) ?? 0
  const error = verify_proto(p, p.mode, tb, extack) ?? verify_algs(tb, extack) ?? verify_replay(p, tb, dir, extack)
  if (error !== undefined) return error
  const modes = [X.XFRM_MODE_TRANSPORT, X.XFRM_MODE_TUNNEL, X.XFRM_MODE_ROUTEOPTIMIZATION, X.XFRM_MODE_BEET]
  if (!modes.includes(p.mode)) return extack.fail(EINVAL, 'Unsupported mode')
  return verify_dir(p, tb, dir, extack)
}

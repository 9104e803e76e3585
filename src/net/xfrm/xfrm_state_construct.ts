/** net/xfrm/xfrm_user.c xfrm_state_construct(): an association, out of a request that has been looked at. */
import { request_module } from '../../kernel/kmod.ts'
import type { AttrTable } from '../../lib/attrs.ts'
import { get16, get32 } from '../../lib/bytes.ts'
import { EINVAL, ENOSYS, EOPNOTSUPP, EPROTONOSUPPORT, ERANGE, type Errno, isErrno } from '../../uapi/errno.ts'
import { AF_INET, AF_INET6 } from '../../uapi/linux/socket.ts'
import * as X from '../../uapi/linux/xfrm.ts'
import type { netlink_ext_ack } from '../netlink/extack.ts'
import type { Request } from '../netlink/types.ts'
import * as A from './xfrm_algo.ts'
import { IPPROTO_COMP, IPPROTO_ESP, ipcomp_tunnel_attach, type xfrm_alg, type xfrm_mark, xfrm_state } from './xfrm_state.ts'
import type { usersa_info } from './xfrm_user_verify.ts'

const UDP_ENCAP_ESPINUDP = 2
/** Hosts here have one. */
const NUM_POSSIBLE_CPUS = 1

/** xfrm_mark_get() */
export function xfrm_mark_get(tb: AttrTable): xfrm_mark {
  const { v = 0, m = 0 } = tb.get(X.XFRMA_MARK) ?? {}
  return { v, m }
}
/** The bits that are compared. */
export function mark_of({ v, m }: xfrm_mark): number {
  return (v & m) >>> 0
}

type lookup = (bytes: Uint8Array) => { desc: A.xfrm_algo_desc | undefined; icv_bits: number }
/** One algorithm of the request; undefined: it has none of that kind. */
function attach(bytes: Uint8Array | undefined, head: number, find: lookup): { alg: xfrm_alg; desc: A.xfrm_algo_desc } | undefined | Errno {
  if (bytes === undefined) return undefined
  const { desc, icv_bits } = find(bytes)
  if (desc === undefined) return ENOSYS
  const key_bits = get32(bytes, X.XFRM_ALG_NAME)
  const key = bytes.slice(head, head + Math.ceil(key_bits / 8))
  return { alg: { name: desc.name, key_bits, key, icv_bits }, desc }
}
const wrong_key = ({ alg, desc }: { alg: xfrm_alg; desc: A.xfrm_algo_desc }) => desc.keys !== undefined && !desc.keys.includes(alg.key_bits)

/** In Linux's order: what is not known is refused first, what does not fit last. */
function attach_all(x: xfrm_state, tb: AttrTable, extack: netlink_ext_ack): Errno | undefined {
  const { size: head } = X.xfrm_algo
  const { size: long_head } = X.xfrm_algo_auth
  const icv = (bytes: Uint8Array) => get32(bytes, X.XFRM_ALG_NAME + 4)
  const name = A.alg_name
  const aead = attach(tb.payload(X.XFRMA_ALG_AEAD), long_head, (b) => ({ desc: A.xfrm_aead_get_byname(name(b), icv(b)), icv_bits: icv(b) }))
  if (isErrno(aead)) return extack.fail(ENOSYS, 'Requested AEAD algorithm not found')
  const trunc = attach(tb.payload(X.XFRMA_ALG_AUTH_TRUNC), long_head, (b) => {
    const desc = A.xfrm_aalg_get_byname(name(b))
    return { desc, icv_bits: icv(b) || (desc?.icv_truncbits ?? 0) }
  })
  if (isErrno(trunc)) return extack.fail(ENOSYS, 'Requested AUTH_TRUNC algorithm not found')
  if (trunc !== undefined && trunc.alg.icv_bits > (trunc.desc.icv_fullbits ?? 0)) {
    return extack.fail(EINVAL, 'Invalid length requested for truncated ICV')
  }
  const plain = attach(trunc === undefined ? tb.payload(X.XFRMA_ALG_AUTH) : undefined, head, (b) => {
    const desc = A.xfrm_aalg_get_byname(name(b))
    return { desc, icv_bits: desc?.icv_truncbits ?? 0 }
  })
  if (isErrno(plain)) return extack.fail(ENOSYS, 'Requested AUTH algorithm not found')
  const crypt = attach(tb.payload(X.XFRMA_ALG_CRYPT), head, (b) => ({ desc: A.xfrm_ealg_get_byname(name(b)), icv_bits: 0 }))
  if (isErrno(crypt)) return extack.fail(ENOSYS, 'Requested CRYPT algorithm not found')
  const comp = tb.payload(X.XFRMA_ALG_COMP)
  const calg = comp === undefined ? undefined : A.xfrm_calg_get_byname(name(comp))
  if (comp !== undefined && calg === undefined) return extack.fail(ENOSYS, 'Requested COMP algorithm not found')
  const auth = trunc ?? plain
  Object.assign(x, { aead: aead?.alg, aalg: auth?.alg, ealg: crypt?.alg, calg: calg?.name })
  const bad = [aead, auth, crypt].some((one) => one !== undefined && wrong_key(one))
  return init_state(x, tb, bad, extack)
}
/** __xfrm_init_state(), and the protocol's own init_state */
function init_state(x: xfrm_state, tb: AttrTable, bad_key: boolean, extack: netlink_ext_ack): Errno | undefined {
  const of_sel = X.xfrm_selector.field.family.get(x.sel, 0)
  const tunnel = x.mode === X.XFRM_MODE_TUNNEL || x.mode === X.XFRM_MODE_BEET
  if (of_sel !== 0 && of_sel !== x.family && !tunnel) {
    return extack.fail(EPROTONOSUPPORT, 'Only tunnel modes can accommodate a change of family')
  }
  if (!request_module(x.net.kernel, `xfrm-type-${x.family}-${x.proto}`)) {
    x.net.kernel.unsupported.count('xfrm', `protocol ${x.proto}`)
    return extack.fail(EPROTONOSUPPORT, 'Requested type not found')
  }
  if (x.proto === IPPROTO_ESP && x.aead === undefined && x.ealg === undefined) {
    return extack.fail(EINVAL, 'ESP: AEAD or CRYPT must be provided')
  }
  // the cipher's own refusal
  if (bad_key) return EINVAL
  if (x.proto === IPPROTO_COMP && x.family === AF_INET && x.mode === X.XFRM_MODE_TUNNEL) ipcomp_tunnel_attach(x)
  const udp = x.encap !== undefined && get16(x.encap, 0) === UDP_ENCAP_ESPINUDP
  if (x.encap !== undefined && !udp) return extack.fail(EINVAL, 'Unsupported encapsulation type for ESP')
  if (!tb.has(X.XFRMA_NAT_KEEPALIVE_INTERVAL) || x.nat_keepalive_interval === 0) return undefined
  if (x.dir !== X.XFRM_SA_DIR_OUT) return extack.fail(EINVAL, 'NAT keepalive is only supported for outbound SAs')
  return udp ? undefined : extack.fail(EINVAL, 'NAT keepalive is only supported for UDP encapsulation')
}
/** copy_from_user_state() */
function copy_from_user(x: xfrm_state, p: usersa_info): void {
  const { daddr = new Uint8Array(16), spi = 0, proto = 0 } = p.id
  const { saddr, sel, lft, family, mode, reqid, flags } = p
  Object.assign(x, { daddr, spi, proto, saddr, sel, lft, family, mode, reqid, flags })
  x.replay_window = Math.min(p.replay_window, 32)
  const { family: of_sel } = X.xfrm_selector.field
  if (of_sel.get(sel, 0) === 0 && !(flags & X.XFRM_STATE_AF_UNSPEC)) of_sel.put(x.sel, 0, family)
}
function copy_attributes(x: xfrm_state, tb: AttrTable): void {
  x.encap = tb.payload(X.XFRMA_ENCAP)?.slice(0, X.XFRM_ENCAP_TMPL_SIZE)
  x.coaddr = tb.get(X.XFRMA_COADDR)
  x.extra_flags = tb.get(X.XFRMA_SA_EXTRA_FLAGS) ?? 0
  x.tfcpad = tb.get(X.XFRMA_TFCPAD) ?? 0
  x.mark = xfrm_mark_get(tb)
  const set = tb.get(X.XFRMA_SET_MARK)
  if (set !== undefined) x.smark = { v: set, m: tb.get(X.XFRMA_SET_MARK_MASK) ?? 0xffffffff }
  x.if_id = tb.get(X.XFRMA_IF_ID) ?? 0
  x.dir = tb.get(X.XFRMA_SA_DIR) ?? 0
  x.nat_keepalive_interval = tb.get(X.XFRMA_NAT_KEEPALIVE_INTERVAL) ?? 0
  x.pcpu_num = tb.get(X.XFRMA_SA_PCPU)
}
/** xfrm_update_ae_params(): counters and thresholds that somebody else has kept. */
export function xfrm_update_ae_params(x: xfrm_state, tb: AttrTable, esn: boolean): void {
  const bytes = esn ? tb.payload(X.XFRMA_REPLAY_ESN_VAL) : undefined
  if (bytes !== undefined && x.replay_esn !== undefined) x.replay_esn = bytes.slice()
  const replay = tb.get(X.XFRMA_REPLAY_VAL)
  if (replay !== undefined) x.replay = replay as xfrm_state['replay']
  const life = tb.get(X.XFRMA_LTIME_VAL)
  if (life !== undefined) x.curlft = life as xfrm_state['curlft']
  x.replay_maxage = tb.get(X.XFRMA_ETIMER_THRESH) ?? x.replay_maxage
  x.replay_maxdiff = tb.get(X.XFRMA_REPLAY_THRESH) ?? x.replay_maxdiff
  x.mapping_maxage = tb.get(X.XFRMA_MTIMER_THRESH) ?? x.mapping_maxage
}
export function xfrm_state_construct({ net, extack }: Request, p: usersa_info, tb: AttrTable): xfrm_state | Errno {
  const x = new xfrm_state(net)
  copy_from_user(x, p)
  copy_attributes(x, tb)
  if (x.family !== AF_INET && x.family !== AF_INET6) return EINVAL
  if ((x.pcpu_num ?? 0) >= NUM_POSSIBLE_CPUS) {
    // what comes before it in Linux must be right
    return attach_all(x, tb, extack) ?? extack.fail(ERANGE, 'pCPU number too big')
  }
  const error = attach_all(x, tb, extack)
  if (error !== undefined) return error
  if (tb.has(X.XFRMA_OFFLOAD_DEV)) return extack.fail(EINVAL, "Device doesn't support offload")
  if (tb.has(X.XFRMA_SEC_CTX)) return EOPNOTSUPP
  const esn = tb.payload(X.XFRMA_REPLAY_ESN_VAL)
  if (esn !== undefined) {
    const { bmp_len, replay_window } = X.xfrm_replay_state_esn.get(esn, 0)
    x.replay_esn = new Uint8Array(X.xfrm_replay_state_esn.size + bmp_len * 4)
    x.replay_esn.set(esn.subarray(0, x.replay_esn.length))
    if (replay_window > bmp_len * 32) return extack.fail(EINVAL, 'ESN replay window is too large for the chosen bitmap size')
    const inwards = x.dir === 0 || x.dir === X.XFRM_SA_DIR_IN
    if (x.flags & X.XFRM_STATE_ESN && replay_window === 0 && inwards) return extack.fail(EINVAL, 'ESN replay window must be > 0')
  }
  x.seq = p.seq
  xfrm_update_ae_params(x, tb, false)
  return x
}

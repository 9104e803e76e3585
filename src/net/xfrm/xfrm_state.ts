/**
 * net/xfrm/xfrm_state.c: security associations. They are kept, found, told of and expire by the clock; packets are not
 * transformed by them, so no bytes are counted.
 *
 *   an association | is there because                     | and ends
 *   VALID          | a program has made it                | by a program, or at its hard limit; its soft limit is told before
 *   ACQ            | an SPI was reserved for one to come  | when it comes, or after 30 s
 */
import type { Kernel } from '../../kernel/kernel.ts'
import { mod_timer, NSEC_PER_SEC, timer_delete, timer_list } from '../../kernel/time.ts'
import { getBe32 } from '../../lib/bytes.ts'
import { EEXIST, EINVAL, ENOENT, type Errno, ESRCH } from '../../uapi/errno.ts'
import { IPPROTO_IPIP } from '../../uapi/linux/in.ts'
import { AF_INET } from '../../uapi/linux/socket.ts'
import * as X from '../../uapi/linux/xfrm.ts'
import type { net } from '../core/net_namespace.ts'
import type { netlink_ext_ack } from '../netlink/extack.ts'
import { type netns_xfrm, netns_xfrm_of } from './netns_xfrm.ts'

export const XFRM_STATE_ACQ = 1
export const XFRM_STATE_VALID = 2
export const XFRM_STATE_DEAD = 5
export const IPPROTO_ESP = 50
export const IPPROTO_AH = 51
export const IPPROTO_COMP = 108
export const IPSEC_PROTO_ANY = 255
/** net.core.xfrm_acq_expires */
const ACQ_EXPIRES = 30

export interface xfrm_mark {
  v: number
  m: number
}
/** struct xfrm_algo*: its head and its key. */
export interface xfrm_alg {
  name: string
  key_bits: number
  key: Uint8Array
  /** Bits of the check value; 0: it has none. */
  icv_bits: number
}
type lifetime_cur = Required<ReturnType<typeof X.xfrm_lifetime_cur.get>>

export class xfrm_state {
  readonly net: net
  state = XFRM_STATE_VALID
  dying = false
  seq = 0
  daddr: Uint8Array = new Uint8Array(16)
  saddr: Uint8Array = new Uint8Array(16)
  spi = 0
  proto = 0
  /** struct xfrm_selector and xfrm_lifetime_cfg. */
  sel: Uint8Array = new Uint8Array(X.xfrm_selector.size)
  lft: Uint8Array = new Uint8Array(X.xfrm_lifetime_cfg.size)
  curlft: lifetime_cur
  family = AF_INET
  mode = 0
  reqid = 0
  replay_window = 0
  flags = 0
  extra_flags = 0
  mark: xfrm_mark = { v: 0, m: 0 }
  smark: xfrm_mark = { v: 0, m: 0 }
  if_id = 0
  /** XFRM_SA_DIR_*; 0: not said. */
  dir = 0
  pcpu_num: number | undefined = undefined
  nat_keepalive_interval = 0
  mapping_maxage = 0
  tfcpad = 0
  aead: xfrm_alg | undefined = undefined
  aalg: xfrm_alg | undefined = undefined
  ealg: xfrm_alg | undefined = undefined
  calg: string | undefined = undefined
  /** struct xfrm_encap_tmpl. */
  encap: Uint8Array | undefined = undefined
  coaddr: Uint8Array | undefined = undefined
  replay = { oseq: 0, seq: 0, bitmap: 0 }
  replay_esn: Uint8Array | undefined = undefined
  replay_maxdiff = 2
  /** In units of 100 ms. */
  replay_maxage = 10
  /** Of IPComp's tunnel (ipcomp_tunnel_attach): how many associations it is for; programs cannot delete it. */
  tunnel_users = 0
  tunnel: xfrm_state | undefined = undefined
  readonly mtimer: timer_list
  constructor(net: net) {
    this.net = net
    this.curlft = { bytes: 0, packets: 0, add_time: real_seconds(net.kernel), use_time: 0 }
    this.mtimer = new timer_list(net.kernel.events, xfrm_timer_handler, this)
  }
}
/** ktime_get_real_seconds() */
export function real_seconds(kernel: Kernel): number {
  return Math.floor((kernel.now() + kernel.events.real_offset_us * 1000) / NSEC_PER_SEC)
}
export function same_bytes(a: Uint8Array, b: Uint8Array, length = a.length): boolean {
  for (let i = 0; i < length; i++) if (a[i] !== b[i]) return false
  return true
}
export function xfrm_addr_equal(a: Uint8Array, b: Uint8Array, family: number): boolean {
  return same_bytes(a, b, family === AF_INET ? 4 : 16)
}
export function xfrm_id_proto_match(proto: number, userproto: number): boolean {
  const ipsec = proto === IPPROTO_AH || proto === IPPROTO_ESP || proto === IPPROTO_COMP
  return userproto === 0 || proto === userproto || (userproto === IPSEC_PROTO_ANY && ipsec)
}

/** Of protocols with SPIs by these, else by both addresses. */
export function xfrm_state_lookup(
  net: net,
  mark: number,
  daddr: Uint8Array,
  spi: number,
  proto: number,
  family: number,
): xfrm_state | undefined {
  return netns_xfrm_of(net).state_all.find(
    (x) => x.family === family && x.spi === spi && x.proto === proto && xfrm_addr_equal(x.daddr, daddr, family) && marked(x, mark),
  )
}
export function xfrm_state_lookup_byaddr(
  net: net,
  mark: number,
  daddr: Uint8Array,
  saddr: Uint8Array,
  proto: number,
  family: number,
): xfrm_state | undefined {
  const same = (x: xfrm_state) => xfrm_addr_equal(x.daddr, daddr, family) && xfrm_addr_equal(x.saddr, saddr, family)
  return netns_xfrm_of(net).state_all.find((x) => x.family === family && x.proto === proto && same(x) && marked(x, mark))
}
function marked(x: xfrm_state, mark: number): boolean {
  return (mark & x.mark.m) >>> 0 === x.mark.v
}
function locate(x: xfrm_state): xfrm_state | undefined {
  const mark = mark_bits(x)
  if (xfrm_id_proto_match(x.proto, IPSEC_PROTO_ANY)) return xfrm_state_lookup(x.net, mark, x.daddr, x.spi, x.proto, x.family)
  return xfrm_state_lookup_byaddr(x.net, mark, x.daddr, x.saddr, x.proto, x.family)
}

/** __xfrm_state_insert(): the newest is first; a second later its limits are looked at. */
function insert(x: xfrm_state, seconds = 1): void {
  netns_xfrm_of(x.net).state_all.unshift(x)
  arm(x, seconds)
}
function arm(x: xfrm_state, seconds: number): void {
  mod_timer(x.mtimer, x.net.kernel.now() + seconds * NSEC_PER_SEC)
}
/** __xfrm_state_delete(): ESRCH: it was gone. */
export function xfrm_state_delete(x: xfrm_state): Errno | undefined {
  if (x.state === XFRM_STATE_DEAD) return ESRCH
  x.state = XFRM_STATE_DEAD
  timer_delete(x.mtimer)
  const all = netns_xfrm_of(x.net)
  all.state_all = all.state_all.filter((other) => other !== x)
  if (x.tunnel !== undefined && --x.tunnel.tunnel_users === 0) xfrm_state_delete(x.tunnel)
  return undefined
}

interface acquire_key {
  mark: xfrm_mark
  mode: number
  reqid: number
  if_id: number
  pcpu_num: number | undefined
  proto: number
  daddr: Uint8Array
  saddr: Uint8Array
  family: number
}
/** __find_acq_core(), of those without an SPI yet */
function find_acq(net: net, key: acquire_key): xfrm_state | undefined {
  const { mark, mode, reqid, pcpu_num, proto, daddr, saddr, family } = key
  return netns_xfrm_of(net).state_all.find(
    (x) =>
      x.state === XFRM_STATE_ACQ &&
      x.spi === 0 &&
      x.reqid === reqid &&
      x.mode === mode &&
      x.family === family &&
      x.proto === proto &&
      x.pcpu_num === pcpu_num &&
      marked(x, (mark.v & mark.m) >>> 0) &&
      xfrm_addr_equal(x.daddr, daddr, family) &&
      xfrm_addr_equal(x.saddr, saddr, family),
  )
}
/** No limit of bytes or packets (XFRM_INF). */
function unlimited(): Uint8Array {
  return new Uint8Array(X.xfrm_lifetime_cfg.size).fill(0xff, 0, 32)
}
export function xfrm_find_acq(net: net, key: acquire_key): xfrm_state {
  const found = find_acq(net, key)
  if (found !== undefined) return found
  const x = new xfrm_state(net)
  const { mark, mode, reqid, if_id, pcpu_num, proto, daddr, saddr, family } = key
  const length = family === AF_INET ? 4 : 16
  x.daddr.set(daddr.subarray(0, length))
  x.saddr.set(saddr.subarray(0, length))
  const prefix = length * 8
  x.sel = X.xfrm_selector.encode({ daddr: x.daddr, saddr: x.saddr, prefixlen_d: prefix, prefixlen_s: prefix })
  x.lft = unlimited()
  X.xfrm_lifetime_cfg.field.hard_add_expires_seconds.put(x.lft, 0, ACQ_EXPIRES)
  Object.assign(x, { state: XFRM_STATE_ACQ, mark, mode, reqid, if_id, pcpu_num, proto, family })
  insert(x, ACQ_EXPIRES)
  return x
}
export function xfrm_find_acq_byseq(net: net, seq: number): xfrm_state | undefined {
  return netns_xfrm_of(net).state_all.find((x) => x.seq === seq && x.state === XFRM_STATE_ACQ)
}
/** xfrm_alloc_spi(): one of a range that nobody uses for that destination. */
export function xfrm_alloc_spi(x: xfrm_state, min: number, max: number, extack: netlink_ext_ack): Errno | undefined {
  if (x.spi !== 0) return undefined
  const mark = mark_bits(x)
  const used = (spi: number) => xfrm_state_lookup(x.net, mark, x.daddr, spi, x.proto, x.family) !== undefined
  if (min === max && used(min)) return extack.fail(ENOENT, 'Requested SPI is already in use')
  for (let tries = max - min + 1; tries > 0; tries--) {
    const spi = min + x.net.kernel.random.below(max - min + 1)
    if (used(spi)) continue
    x.spi = spi
    return undefined
  }
  return extack.fail(ENOENT, 'No SPI available in the requested range')
}

/** ipcomp_tunnel_attach(): small packets are not compressed, and go through a plain tunnel that such associations share. */
export function ipcomp_tunnel_attach(x: xfrm_state): void {
  const spi = getBe32(x.saddr, 0)
  const found = xfrm_state_lookup(x.net, mark_bits(x), x.daddr, spi, IPPROTO_IPIP, AF_INET)
  const tunnel = found ?? new xfrm_state(x.net)
  if (found === undefined) {
    const { daddr, saddr, sel, mode, flags, extra_flags, mark, if_id } = x
    Object.assign(tunnel, { proto: IPPROTO_IPIP, spi, lft: unlimited(), daddr, saddr, sel, mode, flags, extra_flags, mark, if_id })
    insert(tunnel)
  }
  tunnel.tunnel_users++
  x.tunnel = tunnel
}
function mark_bits(x: xfrm_state): number {
  return (x.mark.v & x.mark.m) >>> 0
}

/** xfrm_state_add(): what was acquired for it makes place. */
export function xfrm_state_add(x: xfrm_state): Errno | undefined {
  if (locate(x) !== undefined) return EEXIST
  const use_spi = xfrm_id_proto_match(x.proto, IPSEC_PROTO_ANY)
  const by_seq = use_spi && x.seq !== 0 ? xfrm_find_acq_byseq(x.net, x.seq) : undefined
  const fits = by_seq !== undefined && by_seq.proto === x.proto && xfrm_addr_equal(by_seq.daddr, x.daddr, x.family)
  const acquired = fits ? by_seq : use_spi ? find_acq(x.net, x) : undefined
  insert(x)
  if (acquired !== undefined) xfrm_state_delete(acquired)
  return undefined
}
/** xfrm_state_update(): keys stay; limits, encapsulation and marks are the new ones'. */
export function xfrm_state_update(x: xfrm_state): Errno | undefined {
  const x1 = locate(x)
  if (x1 === undefined) return ESRCH
  if (x1.state === XFRM_STATE_ACQ) {
    insert(x)
    xfrm_state_delete(x1)
    return undefined
  }
  if ((x.encap === undefined) !== (x1.encap === undefined)) return EINVAL
  if (x.encap !== undefined && x1.encap !== undefined && !same_bytes(x.encap, x1.encap, 2)) return EINVAL
  x1.encap = x.encap
  if (x.coaddr !== undefined && x1.coaddr !== undefined) x1.coaddr = x.coaddr
  if (!xfrm_id_proto_match(x.proto, IPSEC_PROTO_ANY)) x1.sel = x.sel
  x1.lft = x.lft
  x1.dying = false
  arm(x1, 1)
  if (x.smark.m !== 0 || x.smark.v !== 0 || x.if_id !== 0) {
    x1.smark = x.smark
    if (x.if_id !== 0) x1.if_id = x.if_id
  }
  return undefined
}
/** xfrm_state_flush(): ESRCH: there was none. */
export function xfrm_state_flush(net: net, proto: number): Errno | undefined {
  const those = netns_xfrm_of(net).state_all.filter((x) => x.tunnel_users === 0 && xfrm_id_proto_match(x.proto, proto))
  for (const x of those) xfrm_state_delete(x)
  return those.length === 0 ? ESRCH : undefined
}

/** The timer's function. */
export function xfrm_timer_handler(x: xfrm_state): void {
  const now = real_seconds(x.net.kernel)
  const lft = X.xfrm_lifetime_cfg.get(x.lft, 0)
  const since_add = now - x.curlft.add_time
  const since_use = x.curlft.use_time === 0 ? 0 : now - x.curlft.use_time
  const left = (limit: number, since: number) => (limit === 0 ? Infinity : limit - since)
  const hard = Math.min(left(lft.hard_add_expires_seconds, since_add), left(lft.hard_use_expires_seconds, since_use))
  if (hard <= 0) {
    if (xfrm_state_delete(x) === undefined) expired(x, true)
    return
  }
  let next = hard
  if (!x.dying) {
    const soft = Math.min(left(lft.soft_add_expires_seconds, since_add), left(lft.soft_use_expires_seconds, since_use))
    if (soft <= 0) {
      x.dying = true
      expired(x, false)
    } else {
      next = Math.min(next, soft)
    }
  }
  if (next !== Infinity) arm(x, next)
}
function expired(x: xfrm_state, hard: boolean): void {
  const all: netns_xfrm = netns_xfrm_of(x.net)
  all.km?.state_expired(x, hard, 0)
}

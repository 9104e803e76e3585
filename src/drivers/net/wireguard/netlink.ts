/** drivers/net/wireguard/netlink.c: the generic netlink family with which wg shows and sets keys, peers and addresses. */
import { curve25519_clamp_secret, curve25519_generate_public } from '../../../lib/curve25519.ts'
import { eachAttr, type AttrTable } from '../../../lib/attrs.ts'
import { get16 } from '../../../lib/bytes.ts'
import type { MessageBuilder } from '../../../lib/message.ts'
import type { net } from '../../../net/core/net_namespace.ts'
import { __dev_get_by_index, __dev_get_by_name } from '../../../net/core/dev_state.ts'
import { netif_running } from '../../../net/core/dev.ts'
import { type ParseContext, nla_parse_nested_at } from '../../../net/netlink/attr.ts'
import { netlink_ext_ack } from '../../../net/netlink/extack.ts'
import { genl_dumpit_info_of, type genl_family, type genl_info, genlmsg_put } from '../../../net/netlink/genetlink.ts'
import { nl_dump_check_consistent } from '../../../net/netlink/netlink_dump.ts'
import {
  NLA_EXACT_LEN,
  NLA_MIN_LEN,
  NLA_NESTED,
  NLA_NUL_STRING,
  NLA_U16,
  NLA_U32,
  NLA_U64,
  NLA_U8,
  policy,
} from '../../../net/netlink/policy.ts'
import type { netlink_callback } from '../../../net/netlink/types.ts'
import { EBADR, EINVAL, EMSGSIZE, ENODEV, EOPNOTSUPP, EPERM, EPFNOSUPPORT, type Errno, isErrno } from '../../../uapi/errno.ts'
import { GENL_UNS_ADMIN_PERM } from '../../../uapi/linux/genetlink.ts'
import { IFNAMSIZ } from '../../../uapi/linux/if.ts'
import { NLM_F_MULTI } from '../../../uapi/linux/netlink.ts'
import { AF_INET, AF_INET6 } from '../../../uapi/linux/socket.ts'
import * as W from '../../../uapi/linux/wireguard.ts'
import {
  same_bytes,
  type wg_device,
  type wg_peer,
  wg_allowedips_insert,
  wg_peer_create,
  wg_peer_remove,
  wg_peer_remove_all,
  wg_priv,
  wg_pubkey_lookup,
} from './device_types.ts'
import { wg_socket_init } from './socket.ts'

const SOCKADDR_IN = 16
const SOCKADDR_IN6 = 28
const TIMESPEC = 16
/** Attributes of a peer but its addresses: keys, time, interval, two counters, version, endpoint; and the nest for addresses. */
const PEER_ROOM = 4 + 36 + 36 + 20 + 8 + 12 + 12 + 8 + 32 + 4

export const device_policy = policy(W.WGDEVICE_A, {
  WGDEVICE_A_IFINDEX: NLA_U32,
  WGDEVICE_A_IFNAME: NLA_NUL_STRING(IFNAMSIZ - 1),
  WGDEVICE_A_PRIVATE_KEY: NLA_EXACT_LEN(W.WG_KEY_LEN),
  WGDEVICE_A_PUBLIC_KEY: NLA_EXACT_LEN(W.WG_KEY_LEN),
  WGDEVICE_A_FLAGS: NLA_U32,
  WGDEVICE_A_LISTEN_PORT: NLA_U16,
  WGDEVICE_A_FWMARK: NLA_U32,
  WGDEVICE_A_PEERS: NLA_NESTED(),
})
export const peer_policy = policy(W.WGPEER_A, {
  WGPEER_A_PUBLIC_KEY: NLA_EXACT_LEN(W.WG_KEY_LEN),
  WGPEER_A_PRESHARED_KEY: NLA_EXACT_LEN(W.WG_KEY_LEN),
  WGPEER_A_FLAGS: NLA_U32,
  WGPEER_A_ENDPOINT: NLA_MIN_LEN(16),
  WGPEER_A_PERSISTENT_KEEPALIVE_INTERVAL: NLA_U16,
  WGPEER_A_LAST_HANDSHAKE_TIME: NLA_EXACT_LEN(TIMESPEC),
  WGPEER_A_RX_BYTES: NLA_U64,
  WGPEER_A_TX_BYTES: NLA_U64,
  WGPEER_A_ALLOWEDIPS: NLA_NESTED(),
  WGPEER_A_PROTOCOL_VERSION: NLA_U32,
})
export const allowedip_policy = policy(W.WGALLOWEDIP_A, {
  WGALLOWEDIP_A_FAMILY: NLA_U16,
  WGALLOWEDIP_A_IPADDR: NLA_MIN_LEN(4),
  WGALLOWEDIP_A_CIDR_MASK: NLA_U8,
})

/** By number or by name: one of the two. */
function lookup_interface(net: net, attrs: AttrTable): wg_device | Errno {
  const ifindex = attrs.get(W.WGDEVICE_A_IFINDEX)
  const name = attrs.get(W.WGDEVICE_A_IFNAME)
  if ((ifindex === undefined) === (name === undefined)) return EBADR
  const dev = ifindex !== undefined ? __dev_get_by_index(net, ifindex) : __dev_get_by_name(net, name ?? '')
  if (dev === undefined) return ENODEV
  return dev.rtnl_link_ops?.kind === W.WG_GENL_NAME ? wg_priv(dev) : EOPNOTSUPP
}

/** Where a dump goes on: behind the last whole peer, and within the next one's addresses. */
export class wg_dump_ctx {
  readonly wg: wg_device
  next_peer: wg_peer | undefined = undefined
  /** Addresses of the peer after `next_peer` that were shown; -1: nothing of it. */
  shown = -1
  constructor(wg: wg_device) {
    this.wg = wg
  }
}
export function wg_get_device_start(cb: netlink_callback): Errno | undefined {
  const wg = lookup_interface(cb.net, genl_dumpit_info_of(cb).attrs)
  if (isErrno(wg)) return wg
  cb.ctx = new wg_dump_ctx(wg)
  return undefined
}

export function wg_get_device_dump(skb: MessageBuilder, cb: netlink_callback): Errno | true | undefined {
  const ctx = cb.ctx as wg_dump_ctx
  const { wg } = ctx
  cb.gen_seq = wg.device_update_gen
  const flags = NLM_F_MULTI | nl_dump_check_consistent(cb)
  genlmsg_put(skb, cb.net, cb.portid, cb.seq, wg_genl_family, flags, W.WG_CMD_GET_DEVICE)
  if (ctx.next_peer === undefined) put_device(skb, wg)
  let done = true
  const ended = wg.peer_list.length === 0 || ctx.next_peer?.listed === false
  if (!ended) {
    const nest = skb.nest(W.WGDEVICE_A_PEERS)
    done = put_peers(skb, ctx)
    skb.nestEnd(nest)
  }
  if (!skb.end()) return EMSGSIZE
  return done ? undefined : true
}
function put_device(skb: MessageBuilder, wg: wg_device): void {
  skb.put(W.WGDEVICE_A_LISTEN_PORT, wg.incoming_port)
  skb.put(W.WGDEVICE_A_FWMARK, wg.fwmark)
  skb.put(W.WGDEVICE_A_IFINDEX, wg.dev.ifindex)
  skb.put(W.WGDEVICE_A_IFNAME, wg.dev.name)
  if (!wg.has_identity) return
  skb.put(W.WGDEVICE_A_PRIVATE_KEY, wg.static_private)
  skb.put(W.WGDEVICE_A_PUBLIC_KEY, wg.static_public)
}
/** True when all peers are shown. */
function put_peers(skb: MessageBuilder, ctx: wg_dump_ctx): boolean {
  const { peer_list } = ctx.wg
  const first = ctx.next_peer === undefined ? 0 : peer_list.indexOf(ctx.next_peer) + 1
  for (const peer of peer_list.slice(first)) {
    if (!put_peer(skb, peer, ctx)) return false
    ctx.next_peer = peer
  }
  return true
}
function fits(skb: MessageBuilder, bytes: number): boolean {
  return skb.limit - skb.length >= bytes
}
/** False when the rest of it is for the next message. */
function put_peer(skb: MessageBuilder, peer: wg_peer, ctx: wg_dump_ctx): boolean {
  if (!fits(skb, PEER_ROOM)) return false
  const nest = skb.nest(0)
  skb.put(W.WGPEER_A_PUBLIC_KEY, peer.public_key)
  if (ctx.shown < 0) put_peer_settings(skb, peer)
  const whole = peer.allowedips.length === 0 || put_allowedips(skb, peer, ctx)
  skb.nestEnd(nest)
  if (whole) ctx.shown = -1
  return whole
}
function put_peer_settings(skb: MessageBuilder, peer: wg_peer): void {
  skb.put(W.WGPEER_A_PRESHARED_KEY, peer.preshared_key)
  skb.put(W.WGPEER_A_LAST_HANDSHAKE_TIME, new Uint8Array(TIMESPEC))
  skb.put(W.WGPEER_A_PERSISTENT_KEEPALIVE_INTERVAL, peer.persistent_keepalive_interval)
  skb.put(W.WGPEER_A_TX_BYTES, 0)
  skb.put(W.WGPEER_A_RX_BYTES, 0)
  skb.put(W.WGPEER_A_PROTOCOL_VERSION, 1)
  if (peer.endpoint.length > 0) skb.put(W.WGPEER_A_ENDPOINT, peer.endpoint)
}
function put_allowedips(skb: MessageBuilder, peer: wg_peer, ctx: wg_dump_ctx): boolean {
  const nest = skb.nest(W.WGPEER_A_ALLOWEDIPS)
  let i = Math.max(0, ctx.shown)
  for (; i < peer.allowedips.length; i++) {
    const { ip, cidr } = peer.allowedips[i]
    if (!fits(skb, 24 + ip.length)) break
    const at = skb.nest(0)
    skb.put(W.WGALLOWEDIP_A_CIDR_MASK, cidr)
    skb.put(W.WGALLOWEDIP_A_FAMILY, ip.length === 4 ? AF_INET : AF_INET6)
    skb.put(W.WGALLOWEDIP_A_IPADDR, ip)
    skb.nestEnd(at)
  }
  skb.nestEnd(nest)
  ctx.shown = i
  return i === peer.allowedips.length
}

/** What is inside nests is refused without words. */
function silent({ req, net, task }: genl_info): ParseContext {
  return { buf: req.buf, extack: new netlink_ext_ack(), pool: req.pool, net, task }
}
/** Headers of the attributes in the nest whose header is at `at`. */
function members(buf: Uint8Array, at: number): number[] {
  const list: number[] = []
  if (at !== 0) eachAttr(buf, at + 4, at + get16(buf, at), (_nr, offset) => list.push(offset))
  return list
}

export function wg_set_device(info: genl_info): Errno | undefined {
  const { attrs, net } = info
  const wg = lookup_interface(net, attrs)
  if (isErrno(wg)) return wg
  const flags = attrs.get(W.WGDEVICE_A_FLAGS) ?? 0
  if ((flags & ~W.WGDEVICE_F_ALL) !== 0) return EOPNOTSUPP
  const port = attrs.get(W.WGDEVICE_A_LISTEN_PORT)
  const fwmark = attrs.get(W.WGDEVICE_A_FWMARK)
  if ((port !== undefined || fwmark !== undefined) && wg.creating_net === undefined) return EPERM
  wg.device_update_gen++
  if (fwmark !== undefined) wg.fwmark = fwmark
  if (port !== undefined) {
    const error = set_port(wg, port)
    if (error !== undefined) return error
  }
  if ((flags & W.WGDEVICE_F_REPLACE_PEERS) !== 0) wg_peer_remove_all(wg)
  const key = attrs.payload(W.WGDEVICE_A_PRIVATE_KEY)
  if (key !== undefined) set_private_key(wg, key)
  for (const at of members(info.req.buf, attrs.at(W.WGDEVICE_A_PEERS))) {
    const peer = nla_parse_nested_at(silent(info), at, peer_policy)
    const error = isErrno(peer) ? peer : set_peer(info, wg, peer)
    if (error !== undefined) return error
  }
  return undefined
}

function set_port(wg: wg_device, port: number): Errno | undefined {
  if (wg.incoming_port === port) return undefined
  if (netif_running(wg.dev)) return wg_socket_init(wg, port)
  wg.incoming_port = port
  return undefined
}
/** Also removes the peer that has the device's new public key. */
function set_private_key(wg: wg_device, key: Uint8Array): void {
  if (same_bytes(wg.static_private, key)) return
  const static_public = curve25519_generate_public(key)
  const self = static_public === undefined ? undefined : wg_pubkey_lookup(wg, static_public)
  if (self !== undefined) wg_peer_remove(wg, self)
  wg.static_private = key.slice()
  curve25519_clamp_secret(wg.static_private)
  wg.has_identity = static_public !== undefined
  wg.static_public = static_public ?? new Uint8Array(W.WG_KEY_LEN)
}

function set_peer(info: genl_info, wg: wg_device, attrs: AttrTable): Errno | undefined {
  const public_key = attrs.payload(W.WGPEER_A_PUBLIC_KEY)
  if (public_key === undefined) return EINVAL
  let flags = attrs.get(W.WGPEER_A_FLAGS) ?? 0
  if ((flags & ~W.WGPEER_F_ALL) !== 0) return EOPNOTSUPP
  if ((attrs.get(W.WGPEER_A_PROTOCOL_VERSION) ?? 1) !== 1) return EPFNOSUPPORT
  let peer = wg_pubkey_lookup(wg, public_key)
  if (peer === undefined) {
    if ((flags & (W.WGPEER_F_REMOVE_ME | W.WGPEER_F_UPDATE_ONLY)) !== 0) return undefined
    flags &= ~W.WGPEER_F_REPLACE_ALLOWEDIPS
    // a device is no peer of its own: said nothing about, so that all may be given the same list
    if (wg.has_identity && same_bytes(wg.static_public, public_key)) return undefined
    peer = wg_peer_create(wg, public_key)
  }
  if ((flags & W.WGPEER_F_REMOVE_ME) !== 0) {
    wg_peer_remove(wg, peer)
    return undefined
  }
  return change_peer(info, wg, peer, attrs, flags)
}
function change_peer(info: genl_info, wg: wg_device, peer: wg_peer, attrs: AttrTable, flags: number): Errno | undefined {
  peer.preshared_key = attrs.payload(W.WGPEER_A_PRESHARED_KEY)?.slice() ?? peer.preshared_key
  const endpoint = attrs.payload(W.WGPEER_A_ENDPOINT)
  if (endpoint !== undefined && is_sockaddr(endpoint)) peer.endpoint = endpoint.slice()
  if ((flags & W.WGPEER_F_REPLACE_ALLOWEDIPS) !== 0) peer.allowedips = []
  for (const at of members(info.req.buf, attrs.at(W.WGPEER_A_ALLOWEDIPS))) {
    const allowedip = nla_parse_nested_at(silent(info), at, allowedip_policy)
    const error = isErrno(allowedip) ? allowedip : set_allowedip(wg, peer, allowedip)
    if (error !== undefined) return error
  }
  peer.persistent_keepalive_interval = attrs.get(W.WGPEER_A_PERSISTENT_KEEPALIVE_INTERVAL) ?? peer.persistent_keepalive_interval
  return undefined
}
function is_sockaddr(endpoint: Uint8Array): boolean {
  const family = get16(endpoint, 0)
  return (endpoint.length === SOCKADDR_IN && family === AF_INET) || (endpoint.length === SOCKADDR_IN6 && family === AF_INET6)
}
function set_allowedip(wg: wg_device, peer: wg_peer, attrs: AttrTable): Errno | undefined {
  const family = attrs.get(W.WGALLOWEDIP_A_FAMILY)
  const ip = attrs.payload(W.WGALLOWEDIP_A_IPADDR)
  const cidr = attrs.get(W.WGALLOWEDIP_A_CIDR_MASK)
  if (family === undefined || ip === undefined || cidr === undefined) return EINVAL
  const bytes = family === AF_INET ? 4 : family === AF_INET6 ? 16 : -1
  if (ip.length !== bytes || cidr > 8 * bytes) return EINVAL
  wg_allowedips_insert(wg, peer, ip, cidr)
  return undefined
}

export const wg_genl_family: genl_family = {
  name: W.WG_GENL_NAME,
  version: W.WG_GENL_VERSION,
  maxattr: W.WGDEVICE_A.max,
  policy: device_policy,
  netnsok: true,
  resv_start_op: W.WG_CMD_SET_DEVICE + 1,
  ops: [
    { cmd: W.WG_CMD_GET_DEVICE, flags: GENL_UNS_ADMIN_PERM, start: wg_get_device_start, dumpit: wg_get_device_dump },
    { cmd: W.WG_CMD_SET_DEVICE, flags: GENL_UNS_ADMIN_PERM, doit: wg_set_device },
  ],
}

/** include/net/dst_metadata.h, ip_tunnels.h: what a packet's tunnel is, where the packet or its route says so and not the device. */
import { eachAttr, NLA_HDRLEN } from '../../lib/attrs.ts'
import { get16 } from '../../lib/bytes.ts'
import * as L from '../../uapi/linux/lwtunnel.ts'
import type { lwtunnel_state } from './lwtunnel.ts'
import type { sk_buff } from './skbuff.ts'

/** Bits of ip_tunnel_info.mode: it says where the packet goes, not where it came from; of IPv6; only the network, by a bridge. */
export const IP_TUNNEL_INFO_TX = 1
export const IP_TUNNEL_INFO_IPV6 = 2
export const IP_TUNNEL_INFO_BRIDGE = 4

/** Bits of ip_tunnel_key.tun_flags, as LWTUNNEL_IP_FLAGS has them. */
export const TUNNEL_CSUM = 0x01
export const TUNNEL_KEY = 0x04
export const TUNNEL_SEQ = 0x08
export const TUNNEL_DONT_FRAGMENT = 0x0100

/** struct ip_tunnel_key: addresses of 4 or 16 bytes, empty where it has none. */
export interface ip_tunnel_key {
  readonly tun_id: number
  readonly src: Uint8Array
  readonly dst: Uint8Array
  readonly tun_flags: number
  readonly tos: number
  readonly ttl: number
  readonly label: number
  /** Of a bridge: the nexthop group to send to; 0: none. */
  readonly nhid: number
}
export interface ip_tunnel_info {
  readonly key: ip_tunnel_key
  readonly mode: number
}
const none = { src: new Uint8Array(0), dst: new Uint8Array(0), tun_flags: 0, tos: 0, ttl: 0, label: 0, nhid: 0 }
/** struct metadata_dst: stands where a route would. */
export class metadata_dst {
  readonly tun_info: ip_tunnel_info
  constructor(tun_id: number, mode: number, key: Partial<ip_tunnel_key> = none) {
    this.tun_info = { key: { ...none, ...key, tun_id }, mode }
  }
}

/** lwt_tun_info(): what a route's encapsulation says; undefined: it is of another kind. */
export function lwt_tun_info(state: lwtunnel_state | undefined): ip_tunnel_info | undefined {
  const v6 = state?.type === L.LWTUNNEL_ENCAP_IP6
  if (state === undefined || (!v6 && state.type !== L.LWTUNNEL_ENCAP_IP)) return undefined
  const of = new Map<number, Uint8Array>()
  const { encap } = state
  eachAttr(encap, 0, encap.length, (nr, o) => of.set(nr, encap.subarray(o + NLA_HDRLEN, o + get16(encap, o))))
  const bytes = (a: { nr: number }) => of.get(a.nr) ?? new Uint8Array(0)
  const id = bytes(L.LWTUNNEL_IP_ID)
  const [flags_hi, flags_lo] = bytes(v6 ? L.LWTUNNEL_IP6_FLAGS : L.LWTUNNEL_IP_FLAGS)
  const key: ip_tunnel_key = {
    // of the 64 bits that a tunnel's key may have, those that the kinds here use
    tun_id: id.length === 8 ? ((id[4] << 24) | (id[5] << 16) | (id[6] << 8) | id[7]) >>> 0 : 0,
    src: bytes(v6 ? L.LWTUNNEL_IP6_SRC : L.LWTUNNEL_IP_SRC),
    dst: bytes(v6 ? L.LWTUNNEL_IP6_DST : L.LWTUNNEL_IP_DST),
    tun_flags: ((flags_hi ?? 0) << 8) | (flags_lo ?? 0),
    tos: bytes(v6 ? L.LWTUNNEL_IP6_TC : L.LWTUNNEL_IP_TOS)[0] ?? 0,
    ttl: bytes(v6 ? L.LWTUNNEL_IP6_HOPLIMIT : L.LWTUNNEL_IP_TTL)[0] ?? 0,
    label: 0,
    nhid: 0,
  }
  return { key, mode: IP_TUNNEL_INFO_TX | (v6 ? IP_TUNNEL_INFO_IPV6 : 0) }
}
/** The encapsulation of a packet's route, of either family. */
export function skb_lwtstate(skb: sk_buff): lwtunnel_state | undefined {
  const dst = skb.dst as { encap?: lwtunnel_state; from?: { nh?: { fib_nh_lws?: lwtunnel_state } } } | undefined
  return dst?.encap ?? dst?.from?.nh?.fib_nh_lws
}
/** skb_tunnel_info() */
export function skb_tunnel_info(skb: sk_buff): ip_tunnel_info | undefined {
  if (skb.dst === undefined) return undefined
  return skb.dst instanceof metadata_dst ? skb.dst.tun_info : lwt_tun_info(skb_lwtstate(skb))
}

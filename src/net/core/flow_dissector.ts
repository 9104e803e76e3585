/**
 * net/core/flow_dissector.c: what a packet says of itself, layer by layer, as filters compare it: bytes in network order by
 * the name of a key. What the packet does not have is absent.
 */
import { getBe16, putBe16, putBe32 } from '../../lib/bytes.ts'
import { ETH_HLEN, ETH_P_ARP, ETH_P_IP, ETH_P_IPV6 } from '../../uapi/linux/if_ether.ts'
import { skb_tunnel_info } from './dst_metadata.ts'
import { eth_type_vlan, VLAN_HLEN } from './skb_vlan.ts'
import type { sk_buff } from './skbuff.ts'

const ETH_P_RARP = 0x8035
const IPPROTO_TCP = 6
const IPPROTO_UDP = 17
const IPPROTO_SCTP = 132
const IPPROTO_ICMP = 1
const IPPROTO_ICMPV6 = 58
/** Hop by hop, routing, destination options. */
const EXTENSIONS = [0, 43, 60]
const FRAGMENT = 44
const MAX_EXTENSIONS = 8

export const FLOW_DIS_IS_FRAGMENT = 1
export const FLOW_DIS_FIRST_FRAG = 2

export type flow_key =
  | 'indev'
  | 'eth_dst'
  | 'eth_src'
  | 'n_proto'
  | 'vlan_id'
  | 'vlan_prio'
  | 'vlan_tpid'
  | 'vlan_eth_type'
  | 'cvlan_id'
  | 'cvlan_prio'
  | 'cvlan_tpid'
  | 'cvlan_eth_type'
  | 'num_of_vlans'
  | 'ip_proto'
  | 'ip_tos'
  | 'ip_ttl'
  | 'ipv4_src'
  | 'ipv4_dst'
  | 'ipv6_src'
  | 'ipv6_dst'
  | 'tp_src'
  | 'tp_dst'
  | 'tcp_flags'
  | 'icmp_type'
  | 'icmp_code'
  | 'arp_sip'
  | 'arp_tip'
  | 'arp_op'
  | 'arp_sha'
  | 'arp_tha'
  | 'flags'
  | 'enc_ipv4_src'
  | 'enc_ipv4_dst'
  | 'enc_ipv6_src'
  | 'enc_ipv6_dst'
  | 'enc_key_id'
  | 'enc_tos'
  | 'enc_ttl'
export type flow_keys = Partial<Record<flow_key, Uint8Array>>

export function be16_bytes(value: number): Uint8Array {
  const out = new Uint8Array(2)
  putBe16(out, 0, value)
  return out
}
export function be32_bytes(value: number): Uint8Array {
  const out = new Uint8Array(4)
  putBe32(out, 0, value)
  return out
}

/** skb_flow_dissect() with the keys of the device and the tunnel. On the way in `data` stands on the network header. */
export function skb_flow_dissect(skb: sk_buff, at_ingress: boolean): flow_keys {
  const keys: flow_keys = { indev: be32_bytes(skb.skb_iif) }
  const inside = skb.network_header >= skb.data && skb.network_header <= skb.tail
  const at = at_ingress ? skb.data : inside ? skb.network_header : skb.data + ETH_HLEN
  if (skb.mac_header >= 0 && at - skb.mac_header >= ETH_HLEN) {
    keys.eth_dst = skb.buf.subarray(skb.mac_header, skb.mac_header + 6)
    keys.eth_src = skb.buf.subarray(skb.mac_header + 6, skb.mac_header + 12)
  }
  tunnel_keys(skb, keys)
  const { protocol, network } = vlan_keys(skb, keys, at)
  keys.n_proto = be16_bytes(protocol)
  if (protocol === ETH_P_IP) ipv4_keys(skb, keys, network)
  else if (protocol === ETH_P_IPV6) ipv6_keys(skb, keys, network)
  else if (protocol === ETH_P_ARP || protocol === ETH_P_RARP) arp_keys(skb, keys, network)
  return keys
}

/** The tag beside the bytes, then those in them. */
function vlan_keys(skb: sk_buff, keys: flow_keys, at: number): { protocol: number; network: number } {
  let count = 0
  let protocol = skb.protocol
  let network = at
  if (skb.vlan_present) vlan_key(keys, count++, skb.vlan_proto, skb.vlan_tci, protocol)
  while (eth_type_vlan(protocol) && network + VLAN_HLEN <= skb.tail) {
    // a frame whose network header stands behind its tags already has them in front
    const tci = getBe16(skb.buf, network)
    const inner = getBe16(skb.buf, network + 2)
    vlan_key(keys, count++, protocol, tci, inner)
    protocol = inner
    network += VLAN_HLEN
  }
  keys.num_of_vlans = Uint8Array.of(count)
  return { protocol, network }
}
function vlan_key(keys: flow_keys, nr: number, tpid: number, tci: number, eth_type: number): void {
  if (nr > 1) return
  const name = nr === 0 ? 'vlan' : 'cvlan'
  keys[`${name}_id`] = be16_bytes(tci & 0x0fff)
  keys[`${name}_prio`] = Uint8Array.of(tci >> 13)
  keys[`${name}_tpid`] = be16_bytes(tpid)
  keys[`${name}_eth_type`] = be16_bytes(eth_type)
}

function ipv4_keys(skb: sk_buff, keys: flow_keys, at: number): void {
  const { buf, tail } = skb
  if (at + 20 > tail || buf[at] >> 4 !== 4 || (buf[at] & 15) < 5) return
  keys.ip_tos = buf.subarray(at + 1, at + 2)
  keys.ip_ttl = buf.subarray(at + 8, at + 9)
  keys.ip_proto = buf.subarray(at + 9, at + 10)
  keys.ipv4_src = buf.subarray(at + 12, at + 16)
  keys.ipv4_dst = buf.subarray(at + 16, at + 20)
  const frag = getBe16(buf, at + 6)
  const offset = frag & 0x1fff
  const fragment = offset !== 0 || (frag & 0x2000) !== 0
  keys.flags = fragment_flags(fragment, offset === 0)
  if (!fragment) transport_keys(skb, keys, buf[at + 9], at + (buf[at] & 15) * 4)
}
function fragment_flags(fragment: boolean, first: boolean): Uint8Array {
  return be32_bytes(fragment ? FLOW_DIS_IS_FRAGMENT | (first ? FLOW_DIS_FIRST_FRAG : 0) : 0)
}
function ipv6_keys(skb: sk_buff, keys: flow_keys, at: number): void {
  const { buf, tail } = skb
  if (at + 40 > tail || buf[at] >> 4 !== 6) return
  keys.ip_tos = Uint8Array.of(((buf[at] & 15) << 4) | (buf[at + 1] >> 4))
  keys.ip_ttl = buf.subarray(at + 7, at + 8)
  keys.ipv6_src = buf.subarray(at + 8, at + 24)
  keys.ipv6_dst = buf.subarray(at + 24, at + 40)
  let proto = buf[at + 6]
  let next = at + 40
  let fragment = false
  let first = true
  for (let n = 0; n < MAX_EXTENSIONS && next + 8 <= tail; n++) {
    if (EXTENSIONS.includes(proto)) {
      proto = buf[next]
      next += (buf[next + 1] + 1) * 8
    } else if (proto === FRAGMENT) {
      fragment = true
      first = (getBe16(buf, next + 2) & 0xfff8) === 0
      proto = buf[next]
      next += 8
      break
    } else break
  }
  keys.ip_proto = Uint8Array.of(proto)
  keys.flags = fragment_flags(fragment, first)
  if (!fragment) transport_keys(skb, keys, proto, next)
}
function transport_keys({ buf, tail }: sk_buff, keys: flow_keys, proto: number, at: number): void {
  if (proto === IPPROTO_ICMP || proto === IPPROTO_ICMPV6) {
    if (at + 2 > tail) return
    keys.icmp_type = buf.subarray(at, at + 1)
    keys.icmp_code = buf.subarray(at + 1, at + 2)
  } else if (proto === IPPROTO_TCP || proto === IPPROTO_UDP || proto === IPPROTO_SCTP) {
    if (at + 4 > tail) return
    keys.tp_src = buf.subarray(at, at + 2)
    keys.tp_dst = buf.subarray(at + 2, at + 4)
    if (proto === IPPROTO_TCP && at + 14 <= tail) keys.tcp_flags = be16_bytes(getBe16(buf, at + 12) & 0x0fff)
  }
}
/** Requests and replies of Ethernet and IPv4. */
function arp_keys({ buf, tail }: sk_buff, keys: flow_keys, at: number): void {
  if (at + 28 > tail || getBe16(buf, at) !== 1 || getBe16(buf, at + 2) !== ETH_P_IP || buf[at + 4] !== 6 || buf[at + 5] !== 4) return
  keys.arp_op = Uint8Array.of(getBe16(buf, at + 6) & 0xff)
  keys.arp_sha = buf.subarray(at + 8, at + 14)
  keys.arp_sip = buf.subarray(at + 14, at + 18)
  keys.arp_tha = buf.subarray(at + 18, at + 24)
  keys.arp_tip = buf.subarray(at + 24, at + 28)
}

/** skb_flow_dissect_tunnel_info() */
function tunnel_keys(skb: sk_buff, keys: flow_keys): void {
  const key = skb_tunnel_info(skb)?.key
  if (key === undefined) return
  keys.enc_key_id = be32_bytes(key.tun_id)
  if (key.src.length === 4 || key.dst.length === 4) {
    keys.enc_ipv4_src = key.src
    keys.enc_ipv4_dst = key.dst
  } else if (key.src.length === 16 || key.dst.length === 16) {
    keys.enc_ipv6_src = key.src
    keys.enc_ipv6_dst = key.dst
  }
  keys.enc_tos = Uint8Array.of(key.tos)
  keys.enc_ttl = Uint8Array.of(key.ttl)
}

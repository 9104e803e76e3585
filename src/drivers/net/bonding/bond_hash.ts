/** drivers/net/bonding/bond_main.c bond_xmit_hash(): one number for all packets of a flow, by the policy. */
import { get32, getBe16 } from '../../../lib/bytes.ts'
import type { sk_buff } from '../../../net/core/skbuff.ts'
import {
  BOND_XMIT_POLICY_ENCAP23,
  BOND_XMIT_POLICY_ENCAP34,
  BOND_XMIT_POLICY_LAYER2,
  BOND_XMIT_POLICY_LAYER23,
  BOND_XMIT_POLICY_LAYER34,
  BOND_XMIT_POLICY_VLAN_SRCMAC,
} from '../../../uapi/linux/if_bonding.ts'
import { ETH_P_ARP, ETH_P_IP, ETH_P_IPV6 } from '../../../uapi/linux/if_ether.ts'
import type { bonding } from './bonding.ts'

/** Of a packet of Ethernet and IPv4. */
const ARP_LENGTH = 28
const IPPROTO_ICMP = 1
const IPPROTO_IPIP = 4
const IPPROTO_IPV6 = 41
const IPPROTO_AH = 51
const IPPROTO_ICMPV6 = 58
/** proto_ports_offset(): TCP, UDP, DCCP, ESP, SCTP and UDP-Lite begin with their ports. */
const with_ports = new Set([6, 17, 33, 50, 132, 136])
const icmp_errors = new Set([3, 4, 5, 11, 12])
/** Echo and timestamp messages have an identifier. */
const icmp_ids = new Set([8, 0, 13, 14])
const icmp6_ids = new Set([128, 129])

/** struct flow_keys: the words as they lie in the packet, read as this host reads them (little endian). */
interface flow_keys {
  addrs: number
  ports: number
  icmp: number
  icmp_id: boolean
  /** Where the transport header is, and its protocol; -1: a fragment. */
  at: number
  ip_proto: number
}

/** bond_flow_ip() */
function flow_ip(b: Uint8Array, at: number, end: number, proto: number): flow_keys | undefined {
  if (proto === ETH_P_IP && at + 20 <= end) {
    const fragment = (getBe16(b, at + 6) & 0x3fff) !== 0
    return keys(b, at + (b[at] & 0xf) * 4, end, fragment ? -1 : b[at + 9], get32(b, at + 12) ^ get32(b, at + 16))
  }
  if (proto === ETH_P_IPV6 && at + 40 <= end) {
    let addrs = 0
    for (let i = 8; i < 40; i += 4) addrs ^= get32(b, at + i)
    return keys(b, at + 40, end, b[at + 6], addrs)
  }
  return undefined
}
function keys(b: Uint8Array, at: number, end: number, ip_proto: number, addrs: number): flow_keys {
  const off = with_ports.has(ip_proto) ? 0 : ip_proto === IPPROTO_AH ? 4 : -1
  const ports = off >= 0 && at + off + 4 <= end ? get32(b, at + off) : 0
  return { addrs, ports, icmp: 0, icmp_id: false, at, ip_proto }
}
/**
 * bond_flow_dissect(): an ICMP error belongs to the flow of the packet that it quotes. What looks into tunnels (`encap`) is
 * skb_flow_dissect(), which knows ARP, too: all of it is one flow.
 */
function flow_dissect(b: Uint8Array, at: number, end: number, proto: number, encap: boolean): flow_keys | undefined {
  if (encap && proto === ETH_P_ARP && at + ARP_LENGTH <= end) return keys(b, at, end, -1, 0)
  const flow = flow_ip(b, at, end, proto)
  if (flow === undefined) return undefined
  if (encap && flow.ip_proto === IPPROTO_IPIP) return flow_ip(b, flow.at, end, ETH_P_IP) ?? flow
  if (encap && flow.ip_proto === IPPROTO_IPV6) return flow_ip(b, flow.at, end, ETH_P_IPV6) ?? flow
  if ((flow.ip_proto !== IPPROTO_ICMP && flow.ip_proto !== IPPROTO_ICMPV6) || flow.at + 8 > end) return flow
  const type = b[flow.at]
  const v4 = flow.ip_proto === IPPROTO_ICMP
  if (v4 ? icmp_errors.has(type) : type < 128) return flow_ip(b, flow.at + 8, end, proto)
  flow.icmp_id = (v4 ? icmp_ids : icmp6_ids).has(type)
  const id = flow.icmp_id ? b[flow.at + 4] | (b[flow.at + 5] << 8) || 1 : 0
  flow.icmp = type | (b[flow.at + 1] << 8) | (id << 16)
  return flow
}

function bond_eth_hash(b: Uint8Array, mac: number): number {
  return b[mac + 5] ^ b[mac + 11] ^ getBe16(b, mac + 12)
}
function bond_vlan_srcmac_hash(skb: sk_buff, mac: number): number {
  const b = skb.buf
  const vendor = (b[mac + 6] << 16) | (b[mac + 7] << 8) | b[mac + 8]
  const device = (b[mac + 9] << 16) | (b[mac + 10] << 8) | b[mac + 11]
  return (skb.vlan_present ? skb.vlan_tci : 0) ^ vendor ^ device
}

/** `data` stands on the Ethernet header. */
export function bond_xmit_hash(bond: bonding, skb: sk_buff): number {
  const { xmit_policy } = bond.params
  const mac = skb.data
  if (xmit_policy === BOND_XMIT_POLICY_VLAN_SRCMAC) return bond_vlan_srcmac_hash(skb, mac) >>> 0
  if (xmit_policy === BOND_XMIT_POLICY_LAYER2) return bond_eth_hash(skb.buf, mac)
  const encap = xmit_policy === BOND_XMIT_POLICY_ENCAP23 || xmit_policy === BOND_XMIT_POLICY_ENCAP34
  const flow = flow_dissect(skb.buf, skb.network_header, skb.tail, skb.protocol, encap)
  if (flow === undefined) return bond_eth_hash(skb.buf, mac)
  const layer23 = xmit_policy === BOND_XMIT_POLICY_LAYER23 || xmit_policy === BOND_XMIT_POLICY_ENCAP23
  let hash = layer23 ? bond_eth_hash(skb.buf, mac) : flow.icmp_id ? flow.icmp : flow.ports
  hash ^= flow.addrs
  hash ^= hash >>> 16
  hash ^= hash >>> 8
  // the lowest bit of ports is often the same
  return xmit_policy === BOND_XMIT_POLICY_LAYER34 || xmit_policy === BOND_XMIT_POLICY_ENCAP34 ? hash >>> 1 : hash >>> 0
}
/** _simple_hash(): all bytes against each other. */
export function simple_hash(b: Uint8Array, at: number, length: number): number {
  let hash = 0
  for (let i = 0; i < length; i++) hash ^= b[at + i]
  return hash
}

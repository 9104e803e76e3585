/** net/bridge/br_arp_nd_proxy.c: requests for neighbours that the host knows are answered here, or kept from ports. */
import { getBe16, getBe32 } from '../../lib/bytes.ts'
import {
  IFLA_BRPORT_NEIGH_SUPPRESS,
  IFLA_BRPORT_NEIGH_VLAN_SUPPRESS,
  IFLA_BRPORT_PROXYARP,
  IFLA_BRPORT_PROXYARP_WIFI,
} from '../../uapi/linux/if_link.ts'
import type { sk_buff } from '../core/skbuff.ts'
import { br_skb_cb } from './br_input_cb.ts'
import type { net_bridge, net_bridge_port } from './br_private.ts'
import { br_vlan_find } from './br_vlan_find.ts'

const ETH_P_ARP = 0x0806
const ETH_P_RARP = 0x8035
const ETH_P_IPV6 = 0x86dd

/** br_is_neigh_suppress_enabled(): of the port, or of its VLAN where each has a setting of its own. */
export function br_is_neigh_suppress_enabled(p: net_bridge_port, vid: number): boolean {
  if (vid !== 0 && p.flags.has(IFLA_BRPORT_NEIGH_VLAN_SUPPRESS.nr)) return br_vlan_find(p.vlgrp, vid)?.neigh_suppress ?? false
  return p.flags.has(IFLA_BRPORT_NEIGH_SUPPRESS.nr)
}
function suppresses(br: net_bridge): boolean {
  return br.port_list.some((p) => p.flags.has(IFLA_BRPORT_NEIGH_SUPPRESS.nr) || p.flags.has(IFLA_BRPORT_NEIGH_VLAN_SUPPRESS.nr))
}
/**
 * br_do_proxy_suppress_arp(), br_do_suppress_nd(): gratuitous and probing messages are for everybody, and so are requests
 * that come by a port which suppresses. Answers in place of a neighbour need the neighbour tables of the host: these are
 * not built, so a request goes on to all ports.
 */
export function br_suppress_neigh(br: net_bridge, p: net_bridge_port | undefined, skb: sk_buff, vid: number): void {
  const { protocol } = skb
  const proxies = p !== undefined && (p.flags.has(IFLA_BRPORT_PROXYARP.nr) || p.flags.has(IFLA_BRPORT_PROXYARP_WIFI.nr))
  if (!proxies && !suppresses(br)) return
  if (protocol === ETH_P_ARP || protocol === ETH_P_RARP) arp(br, p, skb, vid)
  else if (protocol === ETH_P_IPV6) nd(p, skb, vid)
}
function arp(br: net_bridge, p: net_bridge_port | undefined, skb: sk_buff, vid: number): void {
  const { buf, network_header: at } = skb
  if (skb.tail - at < 28) return
  const op = getBe16(buf, at + 6)
  const sip = getBe32(buf, at + 14)
  const tip = getBe32(buf, at + 24)
  if (op !== 1 && op !== 2) return
  if (sip === 0 || sip === tip) {
    br_skb_cb(skb).proxyarp_replied = true
    return
  }
  if (op === 1 && p !== undefined && br_is_neigh_suppress_enabled(p, vid)) return
  if (op === 1) br.dev.nd_net.kernel.unsupported.count('bridge', 'neighbour suppression: reply to ARP')
}
function nd(p: net_bridge_port | undefined, skb: sk_buff, vid: number): void {
  const { buf, network_header: ip } = skb
  if (skb.tail - ip < 64 || buf[ip + 6] !== 58) return
  const type = buf[ip + 40]
  if (type !== 135 && type !== 136) return
  if (p !== undefined && br_is_neigh_suppress_enabled(p, vid)) return
  const unspecified = buf.subarray(ip + 8, ip + 24).every((byte) => byte === 0)
  if (type === 136 ? (buf[ip + 44] & 0x40) === 0 : unspecified) br_skb_cb(skb).proxyarp_replied = true
}

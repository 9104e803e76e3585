/**
 * net/bridge/br_arp_nd_proxy.c: questions for neighbours that the host knows are answered here in the neighbour's place, and
 * kept from ports that want none (neigh_suppress); ports with proxy_arp answer for whoever is behind others.
 *
 *   a question for               | from a port that suppresses | behind a port that suppresses | else, its MAC in the FDB | unknown
 *   is answered                  | no                          | yes                           | no                       | no
 *   goes to ports that suppress  | yes                         | no                            | no                       | yes
 */
import { getBe16, getBe32 } from '../../lib/bytes.ts'
import { IFF_NOARP } from '../../uapi/linux/if.ts'
import { ARPOP_REPLY, ARPOP_REQUEST } from '../../uapi/linux/if_arp.ts'
import { ETH_HLEN, ETH_P_8021AD, ETH_P_ARP, ETH_P_IP, ETH_P_IPV6 } from '../../uapi/linux/if_ether.ts'
import {
  IFLA_BRPORT_NEIGH_SUPPRESS,
  IFLA_BRPORT_NEIGH_VLAN_SUPPRESS,
  IFLA_BRPORT_PROXYARP,
  IFLA_BRPORT_PROXYARP_WIFI,
} from '../../uapi/linux/if_link.ts'
import { NTF_ROUTER } from '../../uapi/linux/neighbour.ts'
import { RT_SCOPE_HOST } from '../../uapi/linux/rtnetlink.ts'
import { AF_INET, AF_INET6 } from '../../uapi/linux/socket.ts'
import { netif_rx } from '../core/dev_receive.ts'
import { dev_queue_xmit } from '../core/dev_xmit.ts'
import { type neighbour, NUD_VALID, neigh_find_table } from '../core/neighbour.ts'
import { __neigh_lookup_noref } from '../core/neighbour_table.ts'
import type { net_device } from '../core/netdevice.ts'
import {
  NA_OVERRIDE,
  NA_ROUTER,
  NA_SOLICITED,
  ND_MSG,
  NDISC_NEIGHBOUR_ADVERTISEMENT,
  nd_proxy_asker,
  nd_proxy_reply,
} from '../core/neighbour_reply.ts'
import { __vlan_hwaccel_put_tag, VLAN_VID_MASK } from '../core/skb_vlan.ts'
import { CHECKSUM_UNNECESSARY, PACKET_HOST, type sk_buff, skb_pull } from '../core/skbuff.ts'
import { arp_create } from '../ipv4/arp_send.ts'
import { inet_confirm_addr } from '../ipv4/devinet_select.ts'
import { br_fdb_find } from './br_fdb.ts'
import { br_skb_cb } from './br_input_cb.ts'
import { br_is_neigh_suppress_enabled } from './br_neigh_suppress.ts'
import type { net_bridge, net_bridge_port } from './br_private.ts'

const ETH_P_RARP = 0x8035
const ARPOP_RREQUEST = 3
const ARPOP_RREPLY = 4
const IPPROTO_ICMPV6 = 58
const NDISC_NEIGHBOUR_SOLICITATION = 135

function suppresses(br: net_bridge): boolean {
  return br.port_list.some((p) => p.flags.has(IFLA_BRPORT_NEIGH_SUPPRESS.nr) || p.flags.has(IFLA_BRPORT_NEIGH_VLAN_SUPPRESS.nr))
}
/** What comes in, by a port or from the host, before it is forwarded. */
export function br_suppress_neigh(br: net_bridge, p: net_bridge_port | undefined, skb: sk_buff, vid: number): void {
  const { protocol } = skb
  const proxies = p !== undefined && (p.flags.has(IFLA_BRPORT_PROXYARP.nr) || p.flags.has(IFLA_BRPORT_PROXYARP_WIFI.nr))
  const any = suppresses(br)
  if (protocol === ETH_P_ARP || protocol === ETH_P_RARP) {
    if (any || proxies) br_do_proxy_suppress_arp(br, p, skb, vid, any)
  } else if (protocol === ETH_P_IPV6 && any) {
    br_do_suppress_nd(br, p, skb, vid)
  }
}

/** __vlan_find_dev_deep_rcu(): whose neighbours those of a VLAN are. */
function vlan_device(br: net_bridge, skb: sk_buff, vid: number): net_device | undefined {
  if (vid === 0) return br.dev
  return br.dev.vlan_info?.devices.get((skb.vlan_proto === ETH_P_8021AD ? 4096 : 0) + vid)
}
function any_upper(dev: net_device, has: (dev: net_device) => boolean): boolean {
  return has(dev) || dev.upper.some((adj) => any_upper(adj.dev, has))
}
function local_ip(dev: net_device, ip: number): boolean {
  return any_upper(dev, ({ nd_net, ip_ptr }) => ip_ptr !== undefined && inet_confirm_addr(nd_net, ip_ptr, 0, ip, RT_SCOPE_HOST) === ip)
}
function local_ip6(dev: net_device, addr: Uint8Array): boolean {
  return any_upper(dev, (each) => each.nd_net.kernel.inet_ops?.ipv6_chk_addr(each.nd_net, addr, each, false) === true)
}
function known(family: number, key: Uint8Array, dev: net_device): neighbour | undefined {
  const table = neigh_find_table(dev.nd_net.kernel, family)
  const n = table && __neigh_lookup_noref(table, key, dev)
  return n !== undefined && (n.nud_state & NUD_VALID) !== 0 ? n : undefined
}

function br_do_proxy_suppress_arp(br: net_bridge, p: net_bridge_port | undefined, skb: sk_buff, vid: number, any: boolean): void {
  const { buf, network_header: at } = skb
  const cb = br_skb_cb(skb)
  cb.proxyarp_replied = false
  if ((br.dev.flags & IFF_NOARP) !== 0 || skb.tail - at < 28) return
  if (getBe16(buf, at + 2) !== ETH_P_IP || buf[at + 4] !== br.dev.addr_len || buf[at + 5] !== 4) return
  const op = getBe16(buf, at + 6)
  const [sip, tip] = [getBe32(buf, at + 14), getBe32(buf, at + 24)]
  if (tip >>> 24 === 127 || tip >>> 28 === 14) return
  if (any) {
    if (p !== undefined && br_is_neigh_suppress_enabled(p, vid)) return
    if (op !== ARPOP_RREQUEST && op !== ARPOP_RREPLY && sip === tip) {
      cb.proxyarp_replied = true
      return
    }
  }
  if (op !== ARPOP_REQUEST) return
  const dev = vlan_device(br, skb, vid)
  if (dev === undefined) return
  if (any && local_ip(dev, tip)) {
    cb.proxyarp_replied = true
    return
  }
  const n = known(AF_INET, buf.subarray(at + 24, at + 28), dev)
  const f = n && br_fdb_find(br, n.ha.subarray(0, 6), vid)
  if (n === undefined || f === undefined) return
  const answers =
    p?.flags.has(IFLA_BRPORT_PROXYARP.nr) === true ||
    (f.dst !== undefined && (f.dst.flags.has(IFLA_BRPORT_PROXYARP_WIFI.nr) || br_is_neigh_suppress_enabled(f.dst, vid)))
  if (answers) br_arp_send(br, p, skb, n, vid)
  if (answers || any) cb.proxyarp_replied = true
}
/** The neighbour's answer, as if it had come from there. */
function br_arp_send(br: net_bridge, p: net_bridge_port | undefined, skb: sk_buff, n: neighbour, vid: number): void {
  const { buf, network_header: at } = skb
  const asker = buf.slice(at + 8, at + 14)
  const reply = arp_create(skb.dev as net_device, getBe32(buf, at + 24), getBe32(buf, at + 14), asker, ARPOP_REPLY, asker)
  if (reply === undefined) return
  const ha = n.ha.subarray(0, 6)
  reply.buf.set(ha, reply.network_header + 8)
  reply.buf.set(ha, reply.network_header - ETH_HLEN + 6)
  answer(br, p, reply, vid === 0 ? 0 : skb.vlan_tci, skb.vlan_proto)
}
/** To the asker: by its port, with a tag unless it is the port's own VLAN; or to the host itself. */
function answer(br: net_bridge, p: net_bridge_port | undefined, reply: sk_buff, tci: number, vlan_proto: number): void {
  const { pvid } = (p ?? br).vlgrp
  if (tci !== 0 && pvid !== (tci & VLAN_VID_MASK)) __vlan_hwaccel_put_tag(reply, vlan_proto, tci)
  if (p !== undefined) {
    dev_queue_xmit(reply)
    return
  }
  reply.mac_header = reply.data
  skb_pull(reply, reply.network_header - reply.data)
  reply.ip_summed = CHECKSUM_UNNECESSARY
  reply.pkt_type = PACKET_HOST
  netif_rx(reply)
}

function br_do_suppress_nd(br: net_bridge, p: net_bridge_port | undefined, skb: sk_buff, vid: number): void {
  const { buf, network_header: ip } = skb
  if (skb.tail - ip < 40 + ND_MSG || buf[ip + 6] !== IPPROTO_ICMPV6 || buf[ip + 41] !== 0) return
  const type = buf[ip + 40]
  if (type !== NDISC_NEIGHBOUR_SOLICITATION && type !== NDISC_NEIGHBOUR_ADVERTISEMENT) return
  const cb = br_skb_cb(skb)
  cb.proxyarp_replied = false
  if (p !== undefined && br_is_neigh_suppress_enabled(p, vid)) return
  if (type === NDISC_NEIGHBOUR_ADVERTISEMENT) {
    cb.proxyarp_replied = (buf[ip + 44] & NA_SOLICITED) === 0
    return
  }
  if (same(buf.subarray(ip + 8, ip + 24), buf.subarray(ip + 24, ip + 40))) {
    cb.proxyarp_replied = true
    return
  }
  const dev = vlan_device(br, skb, vid)
  if (dev === undefined) return
  const target = buf.subarray(ip + 48, ip + 64)
  if (local_ip6(dev, target)) {
    cb.proxyarp_replied = true
    return
  }
  const n = known(AF_INET6, target, dev)
  const f = n && br_fdb_find(br, n.ha.subarray(0, 6), vid)
  if (n === undefined || f === undefined) return
  if (f.dst !== undefined && br_is_neigh_suppress_enabled(f.dst, vid)) br_nd_send(br, p, skb, n, vid)
  cb.proxyarp_replied = true
}
function same(a: Uint8Array, b: Uint8Array): boolean {
  return a.every((byte, i) => byte === b[i])
}

const all_nodes = Uint8Array.of(0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1)
const all_nodes_ether = Uint8Array.of(0x33, 0x33, 0, 0, 0, 1)

/** br_nd_send(): the neighbour's advertisement; to all nodes when the asker has no address yet. */
function br_nd_send(br: net_bridge, p: net_bridge_port | undefined, request: sk_buff, n: neighbour, vid: number): void {
  const dev = request.dev as net_device
  const asker = nd_proxy_asker(request)
  if (asker === undefined) return
  const source = request.buf.slice(request.network_header + 8, request.network_header + 24)
  const dad = source.every((byte) => byte === 0)
  const na = { target: n.primary_key, ha: n.ha.subarray(0, 6), eth_to: dad ? all_nodes_ether : asker, to: dad ? all_nodes : source }
  const flags = NA_OVERRIDE | (dad ? 0 : NA_SOLICITED) | (n.flags & NTF_ROUTER ? NA_ROUTER : 0)
  answer(br, p, nd_proxy_reply(request, dev, na, flags), vid === 0 ? 0 : request.vlan_tci, request.vlan_proto)
}

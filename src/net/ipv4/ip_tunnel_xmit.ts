/**
 * net/ipv4/ip_tunnel.c ip_tunnel_xmit, ip_md_tunnel_xmit, ip_tunnel_core.c iptunnel_xmit: a packet gets an IPv4 header
 * around it and is sent on. What becomes of it, and what its device counts:
 *
 *   what                                     | counted
 *   no end known (no route in it, NBMA)      | tx_fifo_errors, tx_errors
 *   no route to the end                      | tx_carrier_errors, tx_errors
 *   the route leads into the tunnel          | collisions, tx_errors
 *   too long, and may not be split           | tx_errors; the sender is told
 *   sent                                     | tx_packets, tx_bytes: of the packet from its own network header on
 *   refused further down                     | tx_dropped
 */
import { getBe16, getBe32 } from '../../lib/bytes.ts'
import { E2BIG, type Errno, isErrno } from '../../uapi/errno.ts'
import { ICMP_DEST_UNREACH, ICMP_FRAG_NEEDED } from '../../uapi/linux/icmp.ts'
import { ICMPV6_PKT_TOOBIG } from '../../uapi/linux/icmpv6.ts'
import { ARPHRD_ETHER } from '../../uapi/linux/if_arp.ts'
import { ETH_P_IP, ETH_P_IPV6 } from '../../uapi/linux/if_ether.ts'
import { IPV6_ADDR_ANY, IPV6_ADDR_COMPATv4, ipv6_addr_type } from '../../uapi/linux/in6.ts'
import { DEV_STATS_INC, dev_sw_netstats_tx_add } from '../core/dev_stats.ts'
import { NET_XMIT_CN } from '../core/dev_xmit.ts'
import { IP_TUNNEL_INFO_IPV6, IP_TUNNEL_INFO_TX, skb_tunnel_info, TUNNEL_DONT_FRAGMENT } from '../core/dst_metadata.ts'
import { INET_ECN_encapsulate, ip_tunnel_get_dsfield, ip_tunnel_get_ttl } from '../core/inet_ecn.ts'
import type { inet_ops } from '../core/inet_ops.ts'
import { l3mdev_master_upper_ifindex_by_index } from '../core/l3mdev.ts'
import type { net } from '../core/net_namespace.ts'
import type { net_device } from '../core/netdevice.ts'
import { skb_protocol } from '../core/skb_vlan.ts'
import { kfree_skb, type sk_buff, skb_cow, skb_scrub_packet } from '../core/skbuff.ts'
import { flowi4 } from './fib_lookup.ts'
import { icmp_send } from './icmp_send.ts'
import { ip_push_hdr } from './ip_hdr.ts'
import { ip4_dst_hoplimit, ip_dst_mtu, ip_local_out, ip_select_ident } from './ip_output.ts'
import { ip_tunnel_error_pending } from './ip_tunnel_rcv.ts'
import { IP_DF, IPHDR_LEN, type ip_tunnel, type ip_tunnel_parm_kern, ip_tunnel_priv } from './ip_tunnel_state.ts'
import { ip_route_output_key, rtable } from './route.ts'

const IPV6_MIN_MTU = 1280

/** What of the outer header the tunnel decides; of a device that writes its own link header, that one does. */
export type tunnel_params = Pick<ip_tunnel_parm_kern, 'saddr' | 'daddr' | 'tos' | 'ttl' | 'frag_off' | 'protocol'>

/** iptunnel_handle_offloads(): from here on, what is there is the inner packet. */
export function iptunnel_handle_offloads(skb: sk_buff): void {
  if (skb.encapsulation) return
  skb.inner_mac_header = skb.mac_header
  skb.inner_network_header = skb.network_header
  skb.inner_transport_header = skb.transport_header
  skb.inner_protocol = skb.protocol
  skb.encapsulation = true
}
function ops_of(skb: sk_buff): inet_ops {
  return (skb.dev as net_device).nd_net.kernel.inet_ops as inet_ops
}
export function tunnel_tx_error(skb: sk_buff, dev: net_device, ...fields: Parameters<typeof DEV_STATS_INC>[1][]): void {
  for (const field of fields) DEV_STATS_INC(dev, field)
  DEV_STATS_INC(dev, 'tx_errors')
  kfree_skb(skb)
}

/** iptunnel_xmit_stats(): what the way down says of a packet whose `len` the device counts. */
export function iptunnel_xmit_stats(dev: net_device, sent: number | Errno, len: number): void {
  if (!isErrno(sent) && (sent === 0 || sent === NET_XMIT_CN)) dev_sw_netstats_tx_add(dev, 1, len)
  else DEV_STATS_INC(dev, 'tx_dropped')
}
/** iptunnel_xmit(): the outer header, then out along `rt`. */
export function iptunnel_xmit(
  skb: sk_buff,
  dev: net_device,
  rt: rtable,
  h: { saddr: number; daddr: number; protocol: number; tos: number; ttl: number; df: number },
): void {
  const t_net = rt.dev.nd_net
  const len = skb.tail - skb.inner_network_header
  skb_scrub_packet(skb, t_net !== dev.nd_net)
  skb.hash = 0
  skb.dst = rt
  skb.dev = rt.dev
  const { saddr, daddr, protocol, tos, ttl, df } = h
  ip_push_hdr(skb, { saddr, daddr, protocol, ttl, tos, id: ip_select_ident(t_net), frag_off: df })
  iptunnel_xmit_stats(dev, ip_local_out(t_net, skb, false), len)
}

/** tnl_update_pmtu(): what the path leaves of its MTU; E2BIG: the packet does not fit, and its sender has been told. */
export function tnl_update_pmtu(skb: sk_buff, dev: net_device, rt: rtable, df: number, tunnel_hlen: number): Errno | undefined {
  const ops = ops_of(skb)
  const ethernet = dev.type === ARPHRD_ETHER ? dev.hard_header_len : 0
  const pkt_size = skb.len - tunnel_hlen - ethernet
  const path = ip_dst_mtu(rt.dev.nd_net, rt) - ethernet - IPHDR_LEN - tunnel_hlen
  const mtu = df ? path : ops.dst_mtu(skb) || dev.mtu
  ops.dst_update_pmtu(skb, mtu)
  if (mtu >= pkt_size) return undefined
  const inner = skb.inner_network_header
  if (skb.protocol === ETH_P_IP) {
    if (!(getBe16(skb.buf, inner + 6) & IP_DF)) return undefined
    icmp_send(skb, ICMP_DEST_UNREACH, ICMP_FRAG_NEEDED, mtu)
    return E2BIG
  }
  if (skb.protocol !== ETH_P_IPV6 || mtu < IPV6_MIN_MTU) return undefined
  ops.icmpv6_send(skb, ICMPV6_PKT_TOOBIG, 0, mtu)
  return E2BIG
}

/** Where a packet goes whose tunnel has no fixed end: its route says so; 0: nowhere; undefined: nowhere, and the sender is told. */
function nbma_end(skb: sk_buff): number | undefined {
  const info = skb_tunnel_info(skb)
  if (info !== undefined && info.mode & IP_TUNNEL_INFO_TX && !(info.mode & IP_TUNNEL_INFO_IPV6) && info.key.dst.length === 4) {
    return getBe32(info.key.dst, 0)
  }
  const inner = skb.inner_network_header
  if (skb.protocol === ETH_P_IP) {
    const daddr = getBe32(skb.buf, inner + 16)
    return skb.dst instanceof rtable ? skb.dst.rt_gw4 || daddr : daddr
  }
  if (skb.protocol !== ETH_P_IPV6) return 0
  let addr = ops_of(skb).ip6_nexthop(skb)
  if (ipv6_addr_type(addr) === IPV6_ADDR_ANY) addr = skb.buf.slice(inner + 24, inner + 40)
  return ipv6_addr_type(addr) & IPV6_ADDR_COMPATv4 ? getBe32(addr, 12) : undefined
}

/** What an outer header inherits from the inner one, of protocol `proto`, where the tunnel leaves it open. */
function inner_ttl(skb: sk_buff, proto: number): number | undefined {
  return of_ip(proto) ? ip_tunnel_get_ttl(skb, skb.inner_network_header, proto) : undefined
}
function of_ip(proto: number): boolean {
  return proto === ETH_P_IP || proto === ETH_P_IPV6
}
function dsfield(skb: sk_buff, proto: number): number {
  return ip_tunnel_get_dsfield(skb, skb.inner_network_header, proto)
}
function inner_df(skb: sk_buff, proto: number): number {
  return proto === ETH_P_IP ? getBe16(skb.buf, skb.inner_network_header + 6) & IP_DF : 0
}
/** ip_tunnel_init_flow(): of a device in a VRF counts that VRF alone, not that routes lead through the device. */
export function ip_tunnel_init_flow(net: net, daddr: number, oif: number): flowi4 {
  const l3mdev = l3mdev_master_upper_ifindex_by_index(net, oif)
  const fl = new flowi4(daddr, l3mdev === 0 ? oif : 0)
  fl.l3mdev = l3mdev
  return fl
}
function tunnel_flow(t: ip_tunnel, oif: number, daddr: number, saddr: number, tos: number, proto: number): flowi4 {
  const fl = ip_tunnel_init_flow(t.net, daddr, oif)
  fl.saddr = saddr
  fl.tos = tos & 0xfc
  fl.proto = proto
  fl.mark = t.fwmark
  return fl
}

/** Headers of the kind are there already. */
export function ip_tunnel_xmit(skb: sk_buff, dev: net_device, p: tunnel_params): void {
  const t = ip_tunnel_priv(dev)
  const proto = skb_protocol(skb)
  let { daddr } = p
  if (daddr === 0) {
    if (skb.dst === undefined) return tunnel_tx_error(skb, dev, 'tx_fifo_errors')
    const end = nbma_end(skb)
    if (end === undefined) ops_of(skb).dst_link_failure(skb)
    if (end === undefined || end === 0) return tunnel_tx_error(skb, dev)
    daddr = end
  }
  const tos = p.tos & 1 ? (of_ip(proto) ? dsfield(skb, proto) : p.tos & ~1) : p.tos
  const fl = tunnel_flow(t, t.parms.link, daddr, p.saddr, tos, p.protocol)
  const rt = ip_route_output_key(t.net, fl)
  if (isErrno(rt)) return tunnel_tx_error(skb, dev, 'tx_carrier_errors')
  if (rt.dev === dev) return tunnel_tx_error(skb, dev, 'collisions')
  const df = p.frag_off | (t.ignore_df ? 0 : inner_df(skb, proto))
  if (tnl_update_pmtu(skb, dev, rt, df, t.hlen) !== undefined) return tunnel_tx_error(skb, dev)
  if (ip_tunnel_error_pending(t, t.net.kernel.jiffies())) ops_of(skb).dst_link_failure(skb)
  const ttl = p.ttl || (inner_ttl(skb, proto) ?? ip4_dst_hoplimit(t.net, rt))
  skb_cow(skb, rt.dev.hard_header_len + rt.dev.needed_headroom + IPHDR_LEN)
  const h = { saddr: fl.saddr || rt.saddr, daddr, protocol: p.protocol, tos: INET_ECN_encapsulate(tos, dsfield(skb, proto)), ttl, df }
  iptunnel_xmit(skb, dev, rt, h)
}

/** ip_md_tunnel_xmit(): the packet, or its route, says where to and how (collect_md). */
export function ip_md_tunnel_xmit(skb: sk_buff, dev: net_device, protocol: number, tunnel_hlen: number): void {
  const t = ip_tunnel_priv(dev)
  const info = skb_tunnel_info(skb)
  if (info === undefined || !(info.mode & IP_TUNNEL_INFO_TX) || info.mode & IP_TUNNEL_INFO_IPV6) return tunnel_tx_error(skb, dev)
  const { key } = info
  const tos = key.tos === 1 ? dsfield(skb, skb.protocol) : key.tos
  const saddr = key.src.length === 4 ? getBe32(key.src, 0) : 0
  const daddr = key.dst.length === 4 ? getBe32(key.dst, 0) : 0
  const fl = tunnel_flow(t, 0, daddr, saddr, tos, protocol)
  fl.mark = skb.mark
  const rt = ip_route_output_key(t.net, fl)
  if (isErrno(rt)) return tunnel_tx_error(skb, dev, 'tx_carrier_errors')
  if (rt.dev === dev) return tunnel_tx_error(skb, dev, 'collisions')
  const df = key.tun_flags & TUNNEL_DONT_FRAGMENT ? IP_DF : 0
  if (tnl_update_pmtu(skb, dev, rt, df, tunnel_hlen) !== undefined) return tunnel_tx_error(skb, dev)
  const ttl = key.ttl || (inner_ttl(skb, skb.protocol) ?? ip4_dst_hoplimit(t.net, rt))
  skb_cow(skb, rt.dev.hard_header_len + rt.dev.needed_headroom + IPHDR_LEN)
  iptunnel_xmit(skb, dev, rt, {
    saddr: fl.saddr || rt.saddr,
    daddr,
    protocol,
    tos: INET_ECN_encapsulate(tos, dsfield(skb, skb_protocol(skb))),
    ttl,
    df,
  })
}

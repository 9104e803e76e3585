/**
 * net/ipv6/sit.c sit_tunnel_xmit, ipip6_rcv, ipip6_err: packets of sit devices. Where a packet of IPv6 goes: to the tunnel's
 * end; else (ISATAP, RFC 5214) to the address in its next hop's identifier; else (6to4, 6rd: RFC 3056, 5969) to the one in
 * its prefix; else to the one that an IPv4-compatible next hop has.
 */
import { getBe32 } from '../../lib/bytes.ts'
import { isErrno } from '../../uapi/errno.ts'
import { ICMP_DEST_UNREACH, ICMP_EXC_TTL, ICMP_SR_FAILED, ICMP_TIME_EXCEEDED } from '../../uapi/linux/icmp.ts'
import { ICMPV6_ADDR_UNREACH, ICMPV6_DEST_UNREACH, ICMPV6_PKT_TOOBIG } from '../../uapi/linux/icmpv6.ts'
import { IFF_POINTOPOINT, IFF_UP } from '../../uapi/linux/if.ts'
import { ETH_P_IP, ETH_P_IPV6, ETH_P_MPLS_UC } from '../../uapi/linux/if_ether.ts'
import { IPPROTO_IPIP, IPPROTO_MPLS } from '../../uapi/linux/in.ts'
import {
  IPPROTO_IPV6,
  IPV6_ADDR_ANY,
  IPV6_ADDR_COMPATv4,
  IPV6_ADDR_UNICAST,
  ipv6_addr_type,
  ipv6_prefix_equal,
} from '../../uapi/linux/in6.ts'
import { RTN_LOCAL, RTN_UNICAST } from '../../uapi/linux/rtnetlink.ts'
import { netif_rx } from '../core/dev_receive.ts'
import { DEV_STATS_INC, dev_sw_netstats_rx_add } from '../core/dev_stats.ts'
import { INET_ECN_decapsulate, INET_ECN_encapsulate, ip_tunnel_get_dsfield } from '../core/inet_ecn.ts'
import type { net } from '../core/net_namespace.ts'
import { IFF_ISATAP, type net_device, NETDEV_TX_OK } from '../core/netdevice.ts'
import { kfree_skb, type sk_buff, skb_cow } from '../core/skbuff.ts'
import { flowi4 } from '../ipv4/fib_lookup.ts'
import { ip_protocol, ip_tos } from '../ipv4/ip_hdr.ts'
import { ip_dst_mtu } from '../ipv4/ip_output.ts'
import {
  inner_ends,
  ip_tunnel_error_pending,
  ip_tunnel_note_error,
  ip_tunnel_rcv,
  iptunnel_pull_header,
  outer_ends,
  pskb_inet_may_pull,
  tunnel_learns,
} from '../ipv4/ip_tunnel_rcv.ts'
import { IPHDR_LEN, IPV4_MIN_MTU, type ip_tunnel, ip_tunnel_net_of, ip_tunnel_priv } from '../ipv4/ip_tunnel_state.ts'
import { ip_tunnel_xmit, iptunnel_handle_offloads, iptunnel_xmit, tunnel_tx_error } from '../ipv4/ip_tunnel_xmit.ts'
import { ip_route_output_key, type rtable } from '../ipv4/route.ts'
import type { xfrm_tunnel } from '../ipv4/tunnel4.ts'
import { ipv6_chk_prefix } from './addrconf_core.ts'
import { icmpv6_send } from './icmp.ts'
import { rt6_nexthop } from './ip6_output.ts'
import { ip6_daddr, ip6_hop_limit, ip6_saddr } from './ipv6_hdr.ts'

export const sit_net_id = 'sit'
const IPV6_MIN_MTU = 1280

/** ipv6_addr_is_isatap(): ::0:5efe:a.b.c.d, with or without the global bit. */
function is_isatap(addr: Uint8Array): boolean {
  return (getBe32(addr, 8) | 0x02000000) >>> 0 === 0x02005efe
}
/** check_6rd(): the address of IPv4 inside one of IPv6; undefined: it has not the tunnel's prefix. */
export function check_6rd(t: ip_tunnel, v6: Uint8Array): number | undefined {
  const { prefix, prefixlen, relay_prefix, relay_prefixlen } = t.ip6rd
  if (!ipv6_prefix_equal(v6, prefix, prefixlen)) return undefined
  let d = 0
  for (let bit = 0; bit < 32 - relay_prefixlen; bit++) {
    const at = prefixlen + bit
    d = d * 2 + ((v6[at >> 3] >> (7 - (at & 7))) & 1)
  }
  return (relay_prefix | d) >>> 0
}

/** The next hop, if it says by itself which station of IPv4 it is (ipip6_tunnel_dst_find); 0: it does not. */
function embedded(skb: sk_buff, isatap: boolean): number {
  let addr = rt6_nexthop(skb.dst, ip6_daddr(skb))
  if (ipv6_addr_type(addr) === IPV6_ADDR_ANY) addr = ip6_daddr(skb)
  const type = ipv6_addr_type(addr)
  const says = isatap ? type & IPV6_ADDR_UNICAST && is_isatap(addr) : type & IPV6_ADDR_COMPATv4
  return says ? getBe32(addr, 12) : 0
}
function link_failure(skb: sk_buff, dev: net_device): void {
  icmpv6_send(skb, ICMPV6_DEST_UNREACH, ICMPV6_ADDR_UNREACH, 0)
  tunnel_tx_error(skb, dev, 'tx_carrier_errors')
}
/** The path's MTU, with DF as the tunnel wants it; undefined: the packet does not fit. */
function path_df(skb: sk_buff, dev: net_device, t: ip_tunnel, rt: rtable): number | undefined {
  const df = t.parms.frag_off
  if (!df) return 0
  const mtu = ip_dst_mtu(t.net, rt) - t.hlen - IPHDR_LEN
  if (mtu < IPV4_MIN_MTU) {
    tunnel_tx_error(skb, dev, 'collisions')
    return undefined
  }
  const usable = Math.max(mtu, IPV6_MIN_MTU)
  if (t.parms.daddr !== 0) dev.nd_net.kernel.inet_ops?.dst_update_pmtu(skb, usable)
  if (skb.len > usable) {
    icmpv6_send(skb, ICMPV6_PKT_TOOBIG, 0, usable)
    tunnel_tx_error(skb, dev)
    return undefined
  }
  return mtu < IPV6_MIN_MTU ? 0 : df
}
function ipip6_tunnel_xmit(skb: sk_buff, dev: net_device): void {
  const t = ip_tunnel_priv(dev)
  const { parms } = t
  const dsfield = ip_tunnel_get_dsfield(skb, skb.network_header, ETH_P_IPV6)
  const tos = parms.tos === 1 ? dsfield : parms.tos
  let { daddr } = parms
  if (dev.priv_flags & IFF_ISATAP) {
    daddr = embedded(skb, true)
    if (daddr === 0) return tunnel_tx_error(skb, dev)
  }
  daddr ||= check_6rd(t, ip6_daddr(skb)) ?? 0
  daddr ||= embedded(skb, false)
  if (daddr === 0) return tunnel_tx_error(skb, dev)
  const fl = new flowi4(daddr, parms.link)
  fl.saddr = parms.saddr
  fl.tos = tos & 0xfc
  fl.proto = IPPROTO_IPV6
  fl.mark = t.fwmark
  const rt = ip_route_output_key(t.net, fl)
  if (isErrno(rt) || (rt.rt_type !== RTN_UNICAST && rt.rt_type !== RTN_LOCAL)) return link_failure(skb, dev)
  if (rt.dev === dev) return tunnel_tx_error(skb, dev, 'collisions')
  iptunnel_handle_offloads(skb)
  const df = path_df(skb, dev, t, rt)
  if (df === undefined) return
  if (ip_tunnel_error_pending(t, t.net.kernel.jiffies())) icmpv6_send(skb, ICMPV6_DEST_UNREACH, ICMPV6_ADDR_UNREACH, 0)
  const ttl = parms.ttl || ip6_hop_limit(skb)
  skb_cow(skb, rt.dev.hard_header_len + rt.dev.needed_headroom + IPHDR_LEN)
  const saddr = fl.saddr || rt.saddr
  iptunnel_xmit(skb, dev, rt, { saddr, daddr, protocol: IPPROTO_IPV6, tos: INET_ECN_encapsulate(tos, dsfield), ttl, df })
}
/** IPv4 and MPLS go as with ipip. */
export function sit_tunnel_xmit(skb: sk_buff, dev: net_device): number {
  const protocol = skb.protocol === ETH_P_IP ? IPPROTO_IPIP : skb.protocol === ETH_P_MPLS_UC ? IPPROTO_MPLS : 0
  if ((protocol === 0 && skb.protocol !== ETH_P_IPV6) || !pskb_inet_may_pull(skb, skb.network_header)) {
    tunnel_tx_error(skb, dev)
  } else if (protocol === 0) {
    ipip6_tunnel_xmit(skb, dev)
  } else {
    iptunnel_handle_offloads(skb)
    ip_tunnel_xmit(skb, dev, { ...ip_tunnel_priv(dev).parms, protocol })
  }
  return NETDEV_TX_OK
}

/** ipip6_tunnel_lookup(): both ends, the remote one, the local one, and then the first for all. */
export function ipip6_tunnel_lookup(net: net, link: number, remote: number, local: number): ip_tunnel | undefined {
  const sitn = ip_tunnel_net_of(net, sit_net_id)
  if (sitn === undefined) return undefined
  const ends: readonly [number, number][] = [
    [remote, local],
    [remote, 0],
    [0, local],
  ]
  const all = [...sitn.tunnels.values()].flat()
  for (const [daddr, saddr] of ends) {
    const fits = ({ parms, dev }: ip_tunnel) =>
      parms.daddr === daddr && parms.saddr === saddr && (parms.link === 0 || parms.link === link) && (dev.flags & IFF_UP) !== 0
    const found = all.find(fits)
    if (found !== undefined) return found
  }
  const first = all.find(({ parms }) => parms.daddr === 0 && parms.saddr === 0)
  return first !== undefined && first.dev.flags & IFF_UP ? first : undefined
}
/** isatap_chksrc(): a router of the list, or a host whose identifier is its address. */
function isatap_source_ok(t: ip_tunnel, skb: sk_buff, remote: number): boolean {
  if (t.prl.some(({ addr }) => addr === remote)) return true
  const addr = ip6_saddr(skb)
  return is_isatap(addr) && getBe32(addr, 12) === remote && ipv6_chk_prefix(addr, t.dev)
}
/** packet_is_spoofed(): the outer addresses are not those that the inner ones have in them. `data` stands on the inner header. */
function spoofed(t: ip_tunnel, skb: sk_buff, remote: number, local: number): boolean {
  if (t.dev.priv_flags & IFF_ISATAP) return !isatap_source_ok(t, skb, remote)
  if (t.dev.flags & IFF_POINTOPOINT) return false
  const differs = (addr: Uint8Array, v4: number) => {
    const embeds = check_6rd(t, addr)
    return embeds !== undefined && embeds !== v4
  }
  return differs(ip6_saddr(skb), remote) || differs(ip6_daddr(skb), local)
}
function rcv6(t: ip_tunnel, skb: sk_buff): void {
  const { remote, local } = outer_ends(skb)
  const outer_tos = ip_tos(skb)
  const xnet = t.net !== t.dev.nd_net
  skb.network_header = skb.data
  skb.dev = t.dev
  if (skb.len < 40) return kfree_skb(skb)
  if (spoofed(t, skb, remote, local)) {
    DEV_STATS_INC(t.dev, 'rx_errors')
    return kfree_skb(skb)
  }
  if (!iptunnel_pull_header(skb, 0, ETH_P_IPV6, xnet)) return kfree_skb(skb)
  skb.mac_header = skb.data
  if (INET_ECN_decapsulate(skb, skb.data, ETH_P_IPV6, outer_tos) > 1) {
    DEV_STATS_INC(t.dev, 'rx_frame_errors')
    DEV_STATS_INC(t.dev, 'rx_errors')
    return kfree_skb(skb)
  }
  dev_sw_netstats_rx_add(t.dev, skb.len)
  netif_rx(skb)
}
export function sit_rcv(skb: sk_buff): boolean {
  const dev = skb.dev as net_device
  const { remote, local } = outer_ends(skb)
  const t = ipip6_tunnel_lookup(dev.nd_net, dev.ifindex, remote, local)
  if (t === undefined) return false
  const ipproto = ip_protocol(skb)
  if (t.parms.protocol !== ipproto && t.parms.protocol !== 0) kfree_skb(skb)
  else if (ipproto === IPPROTO_IPV6) rcv6(t, skb)
  else rcv4(t, skb, ipproto)
  return true
}
function rcv4(t: ip_tunnel, skb: sk_buff, ipproto: number): void {
  const proto = ipproto === IPPROTO_MPLS ? ETH_P_MPLS_UC : ETH_P_IP
  if (!iptunnel_pull_header(skb, 0, proto, false)) return kfree_skb(skb)
  skb.mac_header = skb.data
  ip_tunnel_rcv(t, skb, { flags: 0, key: undefined, proto, seq: 0, hdr_len: 0 }, undefined)
}
/** DIVERGES: Linux also tells the sender of the inner packet, from an address that maps the router's. */
export function ipip6_err(skb: sk_buff, type: number, code: number, inner: number, info: number): boolean {
  const dev = skb.dev as net_device
  const { remote, local } = inner_ends(skb, inner)
  const t = ipip6_tunnel_lookup(dev.nd_net, dev.ifindex, remote, local)
  if (t === undefined) return false
  if (tunnel_learns(skb, t, type, code, inner, info)) return true
  const unreachable = type === ICMP_DEST_UNREACH && code !== ICMP_SR_FAILED
  if (!unreachable && (type !== ICMP_TIME_EXCEEDED || code !== ICMP_EXC_TTL)) return true
  if (t.parms.daddr === 0) return false
  if (t.parms.ttl !== 0 || type !== ICMP_TIME_EXCEEDED) ip_tunnel_note_error(t, t.net.kernel.jiffies())
  return true
}
export const sit_handler: xfrm_tunnel = { name: 'sit_handler', handler: sit_rcv, err_handler: ipip6_err, priority: 1 }
export const sit_ipip_handler: xfrm_tunnel = { name: 'sit_ipip_handler', handler: sit_rcv, err_handler: ipip6_err, priority: 2 }
export const sit_mplsip_handler: xfrm_tunnel = { name: 'sit_mplsip_handler', handler: sit_rcv, err_handler: ipip6_err, priority: 2 }

/** net/ipv4/udp_tunnel_core.c, net/ipv6/ip6_udp_tunnel.c: packets of tunnels in UDP go out. */
import { get32, getBe32, putBe16 } from '../../lib/bytes.ts'
import { ELOOP, ENETUNREACH, type Errno, isErrno } from '../../uapi/errno.ts'
import { IPPROTO_UDP } from '../../uapi/linux/in.ts'
import { IPV6_ADDR_MULTICAST, ipv6_addr_any, ipv6_addr_type } from '../../uapi/linux/in6.ts'
import { RTN_LOCAL } from '../../uapi/linux/rtnetlink.ts'
import { csum_ipv6_magic, csum_partial, csum_tcpudp_magic } from '../core/checksum.ts'
import type { net } from '../core/net_namespace.ts'
import { kfree_skb, type sk_buff, skb_bytes, skb_cow, skb_push, skb_scrub_packet } from '../core/skbuff.ts'
import { UDP_TUNNEL_LOCAL, type udp_tunnel_packet } from '../core/udp_tunnel.ts'
import { flowi4 } from '../ipv4/fib_lookup.ts'
import { IP_DF, IP_HLEN, ip_push_hdr } from '../ipv4/ip_hdr.ts'
import { ip4_dst_hoplimit, ip_dst_mtu, ip_local_out, ip_select_ident } from '../ipv4/ip_output.ts'
import { iptunnel_xmit_stats } from '../ipv4/ip_tunnel_xmit.ts'
import { ip_route_output_key } from '../ipv4/route.ts'
import { ipv6_dev_get_saddr } from './addrconf_saddr.ts'
import { flowi6 } from './ip6_fib_lookup.ts'
import { IP6_OUT_TUNNEL, ip6_dst_mtu, ip6_local_out, type ip6_out } from './ip6_output.ts'
import { ip6tunnel_xmit_stats } from './ip6_tunnel_xmit.ts'
import { ip6_push_hdr, IPV6_HLEN } from './ipv6_hdr.ts'
import { ip6_route_output } from './route.ts'
import { skb_tunnel_check_pmtu } from './tunnel_pmtu.ts'

const UDP_HLEN = 8
/** Link, IPv6 and UDP headers. */
const ROOM = 128 + 40 + UDP_HLEN
const IP6_DEFAULT_HOPLIMIT = 64
const RTF_LOCAL = 0x80000000
/** Nobody said that such a packet may be split (skb.ignore_df): one that is too long is lost. */
const OUT_WHOLE: ip6_out = { ...IP6_OUT_TUNNEL, dontfrag: true }

/** The frame's addresses decide, so that a flow keeps its port (udp_flow_src_port hashes with a key of its own). */
export function udp_flow_src_port(net: net, skb: sk_buff, min: number, max: number): number {
  if (min >= max) [min, max] = net.ipv4.ip_local_ports
  const b = skb_bytes(skb)
  let hash = 0x9e3779b9
  for (let i = 0; i + 4 <= Math.min(b.length, 16); i += 4) hash = Math.imul(hash ^ get32(b, i), 0x85ebca6b) >>> 0
  return min + Math.floor((hash / 0x100000000) * (max - min))
}

/** The UDP header before what is there, its checksum still to come. */
function push_udp(skb: sk_buff, sport: number, dport: number): number {
  const at = skb_push(skb, UDP_HLEN)
  putBe16(skb.buf, at, sport)
  putBe16(skb.buf, at + 2, dport)
  putBe16(skb.buf, at + 4, skb.len)
  putBe16(skb.buf, at + 6, 0)
  skb.transport_header = at
  return at
}
export function udp_tunnel_xmit(net: net, p: udp_tunnel_packet, bypass: boolean): Errno | typeof UDP_TUNNEL_LOCAL | undefined {
  return p.daddr.length === 16 ? xmit6(net, p, bypass) : xmit4(net, p, bypass)
}
/** True: the packet does not fit, its sender knows, and it is gone. `hlen`: of the outer header. */
function too_big({ skb, dev }: udp_tunnel_packet, path: number, hlen: number): boolean {
  if (!skb_tunnel_check_pmtu(skb, dev, path, skb.network_header - skb.data + UDP_HLEN + hlen)) return false
  kfree_skb(skb)
  return true
}
function xmit4(net: net, p: udp_tunnel_packet, bypass: boolean): Errno | typeof UDP_TUNNEL_LOCAL | undefined {
  const { skb } = p
  const fl = new flowi4(getBe32(p.daddr, 0), p.ifindex)
  fl.saddr = getBe32(p.saddr, 0)
  fl.tos = p.tos & 0x1c
  fl.proto = IPPROTO_UDP
  fl.sport = p.sport
  fl.dport = p.dport
  fl.mark = skb.mark
  const rt = ip_route_output_key(net, fl)
  if (isErrno(rt)) return ENETUNREACH
  if (rt.dev === p.dev) return ELOOP
  if (bypass && rt.rt_type === RTN_LOCAL) return UDP_TUNNEL_LOCAL
  if (too_big(p, ip_dst_mtu(net, rt), IP_HLEN)) return undefined
  const saddr = fl.saddr || rt.saddr
  skb_scrub_packet(skb, p.dev.nd_net !== net)
  skb_cow(skb, ROOM)
  const at = push_udp(skb, p.sport, p.dport)
  if (!p.nocheck) {
    const sum = csum_tcpudp_magic(saddr, fl.daddr, skb.len, IPPROTO_UDP, csum_partial(skb.buf, at, skb.len))
    putBe16(skb.buf, at + 6, sum || 0xffff)
  }
  const ttl = p.ttl || ip4_dst_hoplimit(net, rt)
  const frag_off = p.df ? IP_DF : 0
  ip_push_hdr(skb, { saddr, daddr: fl.daddr, protocol: IPPROTO_UDP, ttl, tos: p.tos, id: ip_select_ident(net), frag_off })
  skb.dst = rt
  iptunnel_xmit_stats(p.dev, ip_local_out(net, skb, false), p.length)
  return undefined
}
function xmit6(net: net, p: udp_tunnel_packet, bypass: boolean): Errno | typeof UDP_TUNNEL_LOCAL | undefined {
  const { skb, daddr } = p
  if (net.ipv6 === undefined) return ENETUNREACH
  const fl6 = new flowi6(daddr, p.saddr)
  fl6.flowi_oif = p.ifindex
  fl6.flowi6_proto = IPPROTO_UDP
  fl6.flowi_mark = skb.mark
  const rt = ip6_route_output(net, fl6)
  if (isErrno(rt) || rt.error !== undefined) return ENETUNREACH
  if (rt.dev === p.dev) return ELOOP
  if (bypass && rt.from.fib6_flags & RTF_LOCAL && !(ipv6_addr_type(daddr) & IPV6_ADDR_MULTICAST)) return UDP_TUNNEL_LOCAL
  if (too_big(p, ip6_dst_mtu(rt, rt.dev), IPV6_HLEN)) return undefined
  const saddr = ipv6_addr_any(p.saddr) ? ipv6_dev_get_saddr(net, rt.dev, daddr, 0) : p.saddr
  if (isErrno(saddr)) return ENETUNREACH
  skb_scrub_packet(skb, p.dev.nd_net !== net)
  skb_cow(skb, ROOM)
  const at = push_udp(skb, p.sport, p.dport)
  if (!p.nocheck) {
    const sum = csum_ipv6_magic(saddr, daddr, skb.len, IPPROTO_UDP, csum_partial(skb.buf, at, skb.len))
    putBe16(skb.buf, at + 6, sum || 0xffff)
  }
  const hop_limit = p.ttl || IP6_DEFAULT_HOPLIMIT
  ip6_push_hdr(skb, { saddr, daddr, nexthdr: IPPROTO_UDP, hop_limit, tclass: p.tos, flowlabel: p.label })
  skb.dst = rt
  skb.dev = rt.dev
  ip6tunnel_xmit_stats(p.dev, ip6_local_out(net, skb, OUT_WHOLE), p.length)
  return undefined
}

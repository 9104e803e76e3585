/**
 * net/ipv6/icmp.c: ICMPv6 (RFC 4443). Echoes are answered, errors are sent and reach the sockets whose packets they are
 * about; neighbour discovery and reports of groups go to their own rooms.
 */
import { getBe16, getBe32, putBe16, putBe32 } from '../../lib/bytes.ts'
import { HZ } from '../../kernel/time.ts'
import { type Errno, isErrno } from '../../uapi/errno.ts'
import { IFF_LOOPBACK } from '../../uapi/linux/if.ts'
import {
  ICMPV6_ECHO_REPLY,
  ICMPV6_ECHO_REQUEST,
  ICMPV6_EXT_ECHO_REPLY,
  ICMPV6_EXT_ECHO_REQUEST,
  ICMPV6_INFOMSG_MASK,
  ICMPV6_MGM_QUERY,
  ICMPV6_MGM_REPORT,
  ICMPV6_PARAMPROB,
  ICMPV6_PKT_TOOBIG,
  ICMPV6_UNK_OPTION,
  NDISC_NEIGHBOUR_ADVERTISEMENT,
  NDISC_NEIGHBOUR_SOLICITATION,
  NDISC_REDIRECT,
  NDISC_ROUTER_ADVERTISEMENT,
  NDISC_ROUTER_SOLICITATION,
} from '../../uapi/linux/icmpv6.ts'
import { IPPROTO_RAW } from '../../uapi/linux/in.ts'
import {
  type in6_addr,
  in6addr_any,
  IPPROTO_ICMPV6,
  IPV6_ADDR_ANY,
  IPV6_ADDR_LINKLOCAL,
  IPV6_ADDR_MULTICAST,
  ipv6_addr_equal,
  ipv6_addr_is_multicast,
  ipv6_addr_type,
} from '../../uapi/linux/in6.ts'
import { RTF_ANYCAST, RTF_NONEXTHOP } from '../../uapi/linux/ipv6_route.ts'
import { RTF_GATEWAY } from '../../uapi/linux/route.ts'
import { DEVCONF_HOPLIMIT, IPV6_MIN_MTU } from '../../uapi/linux/ipv6.ts'
import {
  ICMP6_MIB_CSUMERRORS,
  ICMP6_MIB_INERRORS,
  ICMP6_MIB_INMSGS,
  ICMP6_MIB_RATELIMITHOST,
  ICMP_MIB_RATELIMITGLOBAL,
  IPSTATS_MIB_OUTNOROUTES,
  IPSTATS_MIB_OUTREQUESTS,
} from '../../uapi/linux/snmp.ts'
import { csum_ipv6_magic, csum_partial } from '../core/checksum.ts'
import {
  SKB_CONSUMED,
  SKB_DROP_REASON_ICMP_CSUM,
  SKB_DROP_REASON_IPV6_BAD_EXTHDR,
  SKB_DROP_REASON_NOT_SPECIFIED,
  SKB_DROP_REASON_PKT_TOO_SMALL,
} from '../core/dropreason.ts'
import { l3mdev_master_ifindex, netif_is_l3_master } from '../core/l3mdev.ts'
import type { net_device } from '../core/netdevice.ts'
import type { net } from '../core/net_namespace.ts'
import { end_skb, PACKET_HOST, type sk_buff, skb_put } from '../core/skbuff.ts'
import { icmp_build_probe } from '../ipv4/icmp_probe.ts'
import { icmp_global_allow, icmp_global_consume } from '../ipv4/icmp_ratelimit.ts'
import { inet_getpeer, inet_peer_xrlim_allow } from '../ipv4/inetpeer.ts'
import { ICMP_INC_STATS } from '../ipv4/ip_stats.ts'
import { ipv6_chk_addr } from './addrconf_core.ts'
import { ipv6_dev_get_saddr } from './addrconf_saddr.ts'
import { ipv6_chk_acast_addr } from './anycast.ts'
import { igmp6_event_query, igmp6_event_report } from './mcast_query.ts'
import { NEXTHDR_NONE } from './exthdrs.ts'
import { ip6_default_np_autolabel, ip6_make_flowlabel } from './ip6_flowlabel.ts'
import { flowi6 } from './ip6_fib_lookup.ts'
import { inet6_add_protocol, type inet6_protocol } from './ip6_input.ts'
import { ip6_dst_lookup } from './ip6_dst_lookup.ts'
import { ip6_local_out } from './ip6_output.ts'
import { ICMP6_INC_STATS, ICMP6MSGIN_INC_STATS, icmpv6_sent, IP6_INC_STATS } from './ip6_stats.ts'
import { IP6CB, ip6_alloc_skb, ip6_daddr, ip6_flowlabel, ip6_push_hdr, ip6_saddr, ip6_tclass, IPV6_HLEN } from './ipv6_hdr.ts'
import { ndisc_rcv } from './ndisc_rcv.ts'
import { ip6_redirect } from './ndisc_redirect.ts'
import { ipv6_ping_err, ipv6_ping_rcv } from './ping.ts'
import { raw6_icmp_error } from './raw.ts'
import { ip6_update_pmtu } from './ip6_route_exception.ts'
import { ip6_route_output, type rt6_info } from './route.ts'

export const ICMP6_HLEN = 8
/** Of net.ipv6.flowlabel_reflect. */
const FLOWLABEL_REFLECT_ICMPV6_ECHO_REPLIES = 4

/** The device by which a packet came, as far as answers are concerned: for what came over loopback, the one that has the address. */
export function icmpv6_iif(skb: sk_buff): number {
  const dev = skb.dev as net_device
  if (dev.flags & IFF_LOOPBACK) return IP6CB(skb).iif
  // a VRF's packet is the port's that has the address
  const rt = netif_is_l3_master(dev) ? (skb.dst as rt6_info | undefined) : undefined
  return rt?.from?.nh.fib_nh_dev?.ifindex ?? dev.ifindex
}

export interface icmpv6_msg {
  type: number
  code: number
  /** The second word of the header. */
  info: number
  body: Uint8Array
}
/** The message with its checksum, sent along `rt` (icmpv6_push_pending_frames). */
function icmpv6_push(net: net, rt: rt6_info, fl6: flowi6, m: icmpv6_msg, tclass: number): void {
  const { dev } = rt
  const idev = dev.ip6_ptr
  const length = ICMP6_HLEN + m.body.length
  const skb = ip6_alloc_skb(dev, length)
  const at = skb_put(skb, length)
  const b = skb.buf
  b[at] = m.type
  b[at + 1] = m.code
  putBe32(b, at + 4, m.info)
  b.set(m.body, at + ICMP6_HLEN)
  putBe16(b, at + 2, csum_ipv6_magic(fl6.saddr, fl6.daddr, length, IPPROTO_ICMPV6, csum_partial(b, at, length)))
  const hop_limit = ipv6_addr_is_multicast(fl6.daddr) ? 1 : ip6_dst_hoplimit(net, rt)
  const flowlabel = ip6_make_flowlabel(net, fl6, fl6.flowlabel, ip6_default_np_autolabel(net))
  ip6_push_hdr(skb, { saddr: fl6.saddr, daddr: fl6.daddr, nexthdr: IPPROTO_ICMPV6, hop_limit, tclass, flowlabel })
  skb.transport_header = at
  skb.mark = fl6.flowi_mark
  skb.dst = rt
  IP6_INC_STATS(net, idev, IPSTATS_MIB_OUTREQUESTS)
  icmpv6_sent(net, idev, m.type)
  ip6_local_out(net, skb)
}
/** The route's own hop limit, the device's, or that of all. */
export function ip6_dst_hoplimit(net: net, rt: rt6_info): number {
  const metric = rt.from.f6i.fib6_metrics?.metrics[10] ?? 0
  return metric || (rt.dev.ip6_ptr?.cnf.get(DEVCONF_HOPLIMIT) ?? net.ipv6.devconf_all.get(DEVCONF_HOPLIMIT))
}

function icmpv6_echo_reply(net: net, skb: sk_buff): number {
  const dev = skb.dev as net_device
  const { sysctl } = net.ipv6
  const asked = ip6_daddr(skb)
  const group = ipv6_addr_is_multicast(asked)
  const anycast = !group && ipv6_chk_acast_addr(net, dev, asked)
  if (sysctl.icmpv6_echo_ignore_all || (group && sysctl.icmpv6_echo_ignore_multicast) || (anycast && sysctl.icmpv6_echo_ignore_anycast))
    return SKB_DROP_REASON_NOT_SPECIFIED
  const ours = !group && (!anycast || sysctl.anycast_src_echo_reply !== 0)
  const fl6 = new flowi6(ip6_saddr(skb), ours ? asked : in6addr_any)
  fl6.flowi_oif = icmpv6_iif(skb)
  fl6.flowi6_proto = IPPROTO_ICMPV6
  fl6.flowi_mark = sysctl.fwmark_reflect ? skb.mark : 0
  fl6.fl6_dport = ICMPV6_ECHO_REPLY << 8
  if (sysctl.flowlabel_reflect & FLOWLABEL_REFLECT_ICMPV6_ECHO_REPLIES) fl6.flowlabel = ip6_flowlabel(skb)
  const bounded = !(dev.flags & IFF_LOOPBACK) && limited(net, ICMPV6_ECHO_REPLY)
  if (bounded && !icmpv6_global_allow(net)) return SKB_DROP_REASON_NOT_SPECIFIED
  const rt = ip6_dst_lookup(net, fl6)
  if (isErrno(rt) || (bounded && !icmpv6_xrlim_allow(net, fl6))) return SKB_DROP_REASON_NOT_SPECIFIED
  const at = skb.transport_header
  const body = skb.buf.slice(at + ICMP6_HLEN, skb.tail)
  const info = getBe32(skb.buf, at + 4)
  const code = skb.buf[at + 1]
  const echo = skb.buf[at] === ICMPV6_ECHO_REQUEST
  // whatever code an echo has, its answer has
  const said = echo ? { code, info } : icmp_build_probe(net, code, info, body)
  const type = echo ? ICMPV6_ECHO_REPLY : ICMPV6_EXT_ECHO_REPLY
  if (said === undefined) return SKB_DROP_REASON_NOT_SPECIFIED
  icmpv6_push(net, rt, fl6, { type, ...said, body }, ip6_tclass(skb))
  return SKB_CONSUMED
}

/** is_ineligible(): an error about an error (and, other than RFC 4443 2.4 e says, not about a redirect). The packet's headers begin at network_header. */
function is_ineligible(skb: sk_buff): boolean {
  const found = ipv6_skip_exthdr(skb.buf, skb.network_header + IPV6_HLEN, skb.tail, skb.buf[skb.network_header + 6])
  if (found === undefined || found.nexthdr !== IPPROTO_ICMPV6) return false
  if (found.at >= skb.tail) return true
  const type = skb.buf[found.at]
  return !(type & ICMPV6_INFOMSG_MASK)
}
/** The first header that is none of the extensions, and where it is (ipv6_skip_exthdr): of a later fragment its own; undefined: cut off, or none follows. */
export function ipv6_skip_exthdr(buf: Uint8Array, start: number, end: number, first: number): { nexthdr: number; at: number } | undefined {
  let nexthdr = first
  let at = start
  for (;;) {
    const fragment = nexthdr === 44
    if (nexthdr === NEXTHDR_NONE) return undefined
    if (!fragment && nexthdr !== 0 && nexthdr !== 43 && nexthdr !== 60 && nexthdr !== 51) return { nexthdr, at }
    if (at + (fragment ? 4 : 2) > end) return undefined
    if (fragment && (getBe16(buf, at + 2) & ~7) !== 0) return { nexthdr, at }
    const len = fragment ? 8 : nexthdr === 51 ? (buf[at + 1] + 2) << 2 : (buf[at + 1] + 1) << 3
    nexthdr = buf[at]
    at += len
  }
}

/** Where errors may not go, and to whom (RFC 4443 2.4 e): the address to send from, or undefined. */
function error_source(net: net, skb: sk_buff, type: number, code: number): in6_addr | undefined {
  const dev = skb.dev as net_device
  const daddr = ip6_daddr(skb)
  const own = ipv6_chk_addr(net, daddr, dev, false) || ipv6_chk_acast_addr(net, dev, daddr)
  if (!ipv6_addr_is_multicast(daddr) && skb.pkt_type === PACKET_HOST) return own ? daddr : in6addr_any
  const allowed = type === ICMPV6_PKT_TOOBIG || (type === ICMPV6_PARAMPROB && code === ICMPV6_UNK_OPTION)
  return allowed ? in6addr_any : undefined
}

/** Tells the sender of a packet what has become of it; the packet's IPv6 header is at network_header. */
export function icmpv6_send(skb: sk_buff, type: number, code: number, info: number): void {
  const { dev } = skb
  if (dev === undefined || skb.network_header < 0 || skb.network_header + IPV6_HLEN > skb.tail) return
  const { nd_net: net } = dev
  const { sysctl } = net.ipv6
  const saddr = error_source(net, skb, type, code)
  const to = ip6_saddr(skb)
  const to_type = ipv6_addr_type(to)
  if (saddr === undefined || to_type === IPV6_ADDR_ANY || to_type & IPV6_ADDR_MULTICAST || is_ineligible(skb)) return
  const fl6 = new flowi6(to, saddr)
  fl6.flowi6_proto = IPPROTO_ICMPV6
  fl6.flowi_mark = sysctl.fwmark_reflect ? skb.mark : 0
  fl6.flowi_oif = to_type & IPV6_ADDR_LINKLOCAL ? icmpv6_iif(skb) : l3mdev_master_ifindex(dev)
  const bounded = !(dev.flags & IFF_LOOPBACK) && limited(net, type)
  if (bounded && !icmpv6_global_allow(net)) return
  if (saddr === in6addr_any) fl6.saddr = from_input(net, skb, fl6)
  fl6.skb = skb
  if (bounded && !icmpv6_xrlim_allow(net, fl6)) return
  fl6.fl6_dport = (type << 8) | code
  const rt = ip6_dst_lookup(net, fl6)
  if (isErrno(rt) || (!sysctl.icmpv6_error_anycast_as_unicast && ipv6_anycast_destination(rt, to))) return
  const room = IPV6_MIN_MTU - IPV6_HLEN - ICMP6_HLEN
  const body = skb.buf.slice(skb.network_header, Math.min(skb.tail, skb.network_header + room))
  icmpv6_push(net, rt, fl6, { type, code, info, body }, 0)
}
/** ipv6_anycast_destination(): an address of many routers, or that of its subnet. */
function ipv6_anycast_destination(rt: rt6_info, daddr: in6_addr): boolean {
  const { fib6_flags, f6i } = rt.from
  if (fib6_flags & RTF_ANYCAST) return true
  const subnet = rt.exception === undefined && f6i.fib6_dst_plen < 127 && !(fib6_flags & (RTF_GATEWAY | RTF_NONEXTHOP))
  return subnet && ipv6_addr_equal(f6i.fib6_dst, daddr)
}
/** An address of the device that the packet came in by tells more than one of the way back, unless that has its own. */
function from_input(net: net, skb: sk_buff, fl6: flowi6): in6_addr {
  const rt = ip6_route_output(net, new_flow(fl6))
  if (!isErrno(rt) && rt.error === undefined && rt.from.f6i.fib6_prefsrc !== undefined) return in6addr_any
  const dev = net.dev_index_head.get(IP6CB(skb).iif)
  const addr = dev && ipv6_dev_get_saddr(net, dev, fl6.daddr, 0)
  return addr === undefined || isErrno(addr) ? in6addr_any : addr
}
/** A lookup may change its flow. */
function new_flow(fl6: flowi6): flowi6 {
  const flow = new flowi6(fl6.daddr, fl6.saddr)
  flow.flowi_oif = fl6.flowi_oif
  flow.flowi_mark = fl6.flowi_mark
  flow.flowi6_proto = fl6.flowi6_proto
  return flow
}
/** icmpv6_mask_allow(): types in net.ipv6.icmp.ratemask are limited. */
function limited(net: net, type: number): boolean {
  return net.ipv6.sysctl.icmpv6_ratemask.some(([low, high]) => type >= low && type <= high)
}
function icmpv6_global_allow(net: net): boolean {
  if (icmp_global_allow(net)) return true
  ICMP_INC_STATS(net, ICMP_MIB_RATELIMITGLOBAL)
  return false
}
/** icmpv6_xrlim_allow(): one each net.ipv6.icmp.ratelimit to one host; the wider its route, the more. */
function icmpv6_xrlim_allow(net: net, fl6: flowi6): boolean {
  const rt = ip6_route_output(net, new_flow(fl6))
  const nowhere = isErrno(rt) || rt.error !== undefined
  const { ip6_ptr: idev } = nowhere ? net.loopback_dev : rt.dev
  if (nowhere) IP6_INC_STATS(net, idev, IPSTATS_MIB_OUTNOROUTES)
  if (nowhere || !peer_allows(net, fl6, rt)) {
    ICMP6_INC_STATS(net, idev, ICMP6_MIB_RATELIMITHOST)
    return false
  }
  icmp_global_consume(net)
  return true
}
function peer_allows(net: net, fl6: flowi6, rt: rt6_info): boolean {
  if (rt.dev.flags & IFF_LOOPBACK) return true
  const plen = rt.exception === undefined ? rt.from.f6i.fib6_dst_plen : 128
  const timeout = Math.ceil((net.ipv6.sysctl.icmpv6_time * HZ) / 1000) >> ((128 - plen) >> 5)
  return inet_peer_xrlim_allow(net, inet_getpeer(net, fl6.daddr, 0), timeout)
}

/**
 * icmpv6_notify(): the message carries the packet that it is about, eight bytes behind skb.transport_header; its sockets
 * hear of it. Of a redirect `info` is where the message itself is.
 */
export function icmpv6_notify(skb: sk_buff, type: number, code: number, info: number): number {
  const inner = skb.transport_header + ICMP6_HLEN
  const { nd_net: net, ip6_ptr: idev } = skb.dev as net_device
  const mangled = (reason: number) => {
    ICMP6_INC_STATS(net, idev, ICMP6_MIB_INERRORS)
    return reason
  }
  if (inner + IPV6_HLEN > skb.tail) return mangled(SKB_DROP_REASON_PKT_TOO_SMALL)
  const found = ipv6_skip_exthdr(skb.buf, inner + IPV6_HLEN, skb.tail, skb.buf[inner + 6])
  if (found === undefined) return mangled(SKB_DROP_REASON_IPV6_BAD_EXTHDR)
  if (found.at + 8 > skb.tail) return mangled(SKB_DROP_REASON_PKT_TOO_SMALL)
  if (found.nexthdr === IPPROTO_RAW) return mangled(SKB_DROP_REASON_NOT_SPECIFIED)
  net.kernel.inet6?.protos.get(found.nexthdr)?.err_handler?.(skb, type, code, found.at, info)
  raw6_icmp_error(skb, found.nexthdr, type, code, inner, info)
  return SKB_CONSUMED
}
/** An error about one of our own messages. */
export function icmpv6_err(skb: sk_buff, type: number, code: number, offset: number, info: number): void {
  const { nd_net: net } = skb.dev as net_device
  const inner = skb.transport_header + ICMP6_HLEN
  const { ifindex } = skb.dev as net_device
  if (type === NDISC_REDIRECT) ip6_redirect(skb, info, ifindex)
  if (type === ICMPV6_PKT_TOOBIG)
    ip6_update_pmtu(net, skb.buf.slice(inner + 24, inner + 40), skb.buf.slice(inner + 8, inner + 24), ifindex, info)
  if (!(type & ICMPV6_INFOMSG_MASK) && skb.buf[offset] === ICMPV6_ECHO_REQUEST) ipv6_ping_err(skb, type, code, offset, info)
}

function checksum_ok(skb: sk_buff): boolean {
  const len = skb.tail - skb.transport_header
  return csum_ipv6_magic(ip6_saddr(skb), ip6_daddr(skb), len, IPPROTO_ICMPV6, csum_partial(skb.buf, skb.transport_header, len)) === 0
}
export function icmpv6_rcv(skb: sk_buff): number {
  const reason = rcv(skb)
  if (reason !== undefined) end_skb(skb, reason)
  return 0
}
/** Why it falls, or that it was used up; undefined: who heard it has ended it. */
function rcv(skb: sk_buff): number | undefined {
  const dev = skb.dev as net_device
  const { nd_net: net } = dev
  const idev = dev.ip6_ptr
  ICMP6_INC_STATS(net, idev, ICMP6_MIB_INMSGS)
  const bad_csum = !checksum_ok(skb)
  if (bad_csum) ICMP6_INC_STATS(net, idev, ICMP6_MIB_CSUMERRORS)
  if (bad_csum || skb.tail - skb.transport_header < ICMP6_HLEN) {
    ICMP6_INC_STATS(net, idev, ICMP6_MIB_INERRORS)
    return bad_csum ? SKB_DROP_REASON_ICMP_CSUM : SKB_DROP_REASON_NOT_SPECIFIED
  }
  const type = skb.buf[skb.transport_header]
  ICMP6MSGIN_INC_STATS(net, idev, type)
  return dispatch(net, skb, type)
}
function dispatch(net: net, skb: sk_buff, type: number): number | undefined {
  const at = skb.transport_header
  switch (type) {
    case ICMPV6_ECHO_REQUEST:
      return icmpv6_echo_reply(net, skb)
    case ICMPV6_EXT_ECHO_REQUEST:
      return net.ipv4.kept_sysctls.icmp_echo_enable_probe ? icmpv6_echo_reply(net, skb) : SKB_DROP_REASON_NOT_SPECIFIED
    case ICMPV6_ECHO_REPLY:
    case ICMPV6_EXT_ECHO_REPLY:
      return ipv6_ping_rcv(skb)
    case NDISC_ROUTER_SOLICITATION:
    case NDISC_ROUTER_ADVERTISEMENT:
    case NDISC_NEIGHBOUR_SOLICITATION:
    case NDISC_NEIGHBOUR_ADVERTISEMENT:
    case NDISC_REDIRECT:
      return ndisc_rcv(skb)
    case ICMPV6_MGM_QUERY:
      igmp6_event_query(skb)
      return undefined
    case ICMPV6_MGM_REPORT:
      igmp6_event_report(skb)
      return undefined
    default:
      // what is unknown but an error reaches the sockets all the same (RFC 4443 2.4 a)
      if (type & ICMPV6_INFOMSG_MASK) return SKB_DROP_REASON_NOT_SPECIFIED
      return icmpv6_notify(skb, type, skb.buf[at + 1], getBe32(skb.buf, at + 4))
  }
}

export const icmpv6_protocol: inet6_protocol = { name: 'icmpv6_protocol', handler: icmpv6_rcv, err_handler: icmpv6_err, final: true }

/** Errno values of error messages (icmpv6_err_convert); `fatal`: they end a connection. */
export { icmpv6_err_convert } from './icmp_err.ts'

/** Called from inet6_init(). */
export function icmpv6_init(net: net): Errno | undefined {
  inet6_add_protocol(net, icmpv6_protocol, IPPROTO_ICMPV6)
  return undefined
}

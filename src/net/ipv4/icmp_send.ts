/** net/ipv4/icmp.c icmp_send: a sender is told what has become of its packet (RFC 1122 3.2.2, RFC 1812 4.3.2). */
import { getBe16, putBe16, putBe32 } from '../../lib/bytes.ts'
import { isErrno } from '../../uapi/errno.ts'
import { ICMP_DEST_UNREACH, ICMP_ECHOREPLY, ICMP_FRAG_NEEDED, ICMP_HOST_UNREACH, NR_ICMP_TYPES } from '../../uapi/linux/icmp.ts'
import { IFF_LOOPBACK } from '../../uapi/linux/if.ts'
import { IPPROTO_ICMP } from '../../uapi/linux/in.ts'
import { RT_SCOPE_LINK, RTN_BROADCAST, RTN_LOCAL, RTN_MULTICAST } from '../../uapi/linux/rtnetlink.ts'
import { ICMP_MIB_RATELIMITGLOBAL, ICMP_MIB_RATELIMITHOST } from '../../uapi/linux/snmp.ts'
import { ip_compute_csum } from '../core/checksum.ts'
import { l3mdev_master_ifindex } from '../core/l3mdev.ts'
import type { net } from '../core/net_namespace.ts'
import { PACKET_HOST, type sk_buff, skb_put } from '../core/skbuff.ts'
import { inet_select_addr } from './devinet_select.ts'
import { flowi4 } from './fib_lookup.ts'
import { inet_addr_type } from './fib_tables.ts'
import { icmp_global_allow, icmp_global_consume } from './icmp_ratelimit.ts'
import { inet_getpeer, inet_peer_xrlim_allow } from './inetpeer.ts'
import {
  IP_HLEN,
  IP_OFFSET,
  inet_sdif,
  ip_alloc_skb,
  ip_daddr,
  ip_frag_off,
  ip_hdrlen,
  ip_protocol,
  ip_push_hdr,
  ip_saddr,
  ip_tos,
} from './ip_hdr.ts'
import type { ip_options } from './ip_options.ts'
import { ip_options_build, ip_options_echo } from './ip_options_build.ts'
import { ip4_dst_hoplimit, ip_dst_mtu, ip_local_out, ip_select_ident } from './ip_output.ts'
import { ICMP_INC_STATS, icmp_out_count } from './ip_stats.ts'
import { ip_route_output_key, rtable } from './route.ts'

export const ICMP_HLEN = 8
/** An error is no longer than every host can take. */
const ERROR_MAX = 576
/** RTO_ONLINK apart: errors go with "internetwork control" (RFC 1812). */
const TOS_MASK = 0x1e
const TOS_ERROR = 0xc0
const INET_DSCP_MASK = 0xfc
/** 192.0.0.8 */
const INADDR_DUMMY = 0xc0000008
/** Types that are about a packet. */
const errors: readonly number[] = [3, 4, 5, 11, 12]
/** icmp_pointers[].error: those, and numbers that nobody has or that routers speak with. */
const no_error_about: readonly number[] = [...errors, 1, 2, 6, 7, 9, 10]

export interface icmp_msg {
  type: number
  code: number
  /** The second word of the header. */
  info: number
  body: Uint8Array
}
/** The message with its checksum (which Linux counts as an echo's, whatever answer it is), sent along `rt` (icmp_push_reply); with options it is `daddr` that it goes to in the end. */
export function icmp_push(net: net, rt: rtable, m: icmp_msg, tos: number, mark: number, opt?: ip_options, daddr = rt.daddr): void {
  const length = ICMP_HLEN + m.body.length
  const skb = ip_alloc_skb(length)
  const at = skb_put(skb, length)
  const b = skb.buf
  b[at] = m.type
  b[at + 1] = m.code
  putBe32(b, at + 4, m.info)
  b.set(m.body, at + ICMP_HLEN)
  // the sum of a message of zeros is all ones, as any other that is 0 in the end
  putBe16(b, at + 2, ip_compute_csum(b, at, length) % 0xffff)
  const options = opt && ip_options_build(net, opt, daddr, rt)
  const ttl = rt.rt_type === RTN_MULTICAST ? 1 : ip4_dst_hoplimit(net, rt)
  ip_push_hdr(skb, { saddr: rt.saddr, daddr: rt.daddr, protocol: IPPROTO_ICMP, ttl, tos, id: ip_select_ident(net), options })
  skb.transport_header = at
  skb.dst = rt
  skb.mark = mark
  // of ours it may be split
  skb.ignore_df = true
  icmp_out_count(net, errors.includes(m.type) ? m.type : ICMP_ECHOREPLY)
  ip_local_out(net, skb)
}

/** icmpv4_mask_allow(): what is not limited: types that are not in icmp_ratemask, and path MTU discovery. */
export function icmpv4_mask_allow(net: net, type: number, code: number): boolean {
  if (type > NR_ICMP_TYPES || (type === ICMP_DEST_UNREACH && code === ICMP_FRAG_NEEDED)) return true
  return !(net.ipv4.sysctl_icmp_ratemask & (1 << type))
}
/** icmpv4_global_allow(): of those that are, so many a second to all. */
export function icmpv4_global_allow(net: net): boolean {
  if (icmp_global_allow(net)) return true
  ICMP_INC_STATS(net, ICMP_MIB_RATELIMITGLOBAL)
  return false
}
/** icmpv4_xrlim_allow(): and one each icmp_ratelimit to one host, unless that is us. */
export function icmpv4_xrlim_allow(net: net, rt: rtable): boolean {
  const { dev } = rt
  const peer = dev.flags & IFF_LOOPBACK ? undefined : inet_getpeer(net, rt.daddr, l3mdev_master_ifindex(dev))
  if (peer !== undefined && !inet_peer_xrlim_allow(net, peer, net.ipv4.sysctl_icmp_ratelimit)) {
    ICMP_INC_STATS(net, ICMP_MIB_RATELIMITHOST)
    return false
  }
  icmp_global_consume(net)
  return true
}

/** Where no error may come from: answers to many, later pieces, and errors about errors. */
function refused(skb: sk_buff, rt: rtable): boolean {
  if (skb.pkt_type !== PACKET_HOST || rt.rt_type === RTN_BROADCAST || rt.rt_type === RTN_MULTICAST) return true
  if (ip_frag_off(skb) & IP_OFFSET) return true
  if (ip_protocol(skb) !== IPPROTO_ICMP) return false
  const at = skb.network_header + ip_hdrlen(skb)
  const type = skb.buf[at]
  return at >= skb.tail || type > NR_ICMP_TYPES || no_error_about.includes(type)
}
/** The packet's IPv4 header is at network_header, the way that it was to take in skb.dst. */
export function icmp_send(skb: sk_buff, type: number, code: number, info: number): void {
  const { dev } = skb
  if (dev === undefined || skb.network_header < 0 || skb.network_header + IP_HLEN > skb.tail) return
  const { nd_net: net } = dev
  const found = skb.dst instanceof rtable ? skb.dst : undefined
  if (refused(skb, found ?? new rtable(dev, 0, 0, 0))) return
  const limited = !(dev.flags & IFF_LOOPBACK) && !icmpv4_mask_allow(net, type, code)
  if (limited && !icmpv4_global_allow(net)) return
  const opt = ip_options_echo(net, skb)
  if (isErrno(opt)) return
  const fl = new flowi4(opt?.faddr || ip_saddr(skb), l3mdev_master_ifindex(dev))
  fl.saddr = error_source(net, skb, found)
  const tos = (ip_tos(skb) & TOS_MASK) | TOS_ERROR
  fl.tos = tos & INET_DSCP_MASK
  fl.proto = IPPROTO_ICMP
  fl.mark = net.ipv4.kept_sysctls.fwmark_reflect ? skb.mark : 0
  const rt = ip_route_output_key(net, fl, skb)
  if (isErrno(rt) || (limited && !icmpv4_xrlim_allow(net, rt))) return
  const room = Math.min(ip_dst_mtu(net, rt), ERROR_MAX) - IP_HLEN - (opt?.data.length ?? 0) - ICMP_HLEN
  if (room <= IP_HLEN) return
  // RFC 7600: where there is no address at all
  if (rt.saddr === 0) rt.saddr = INADDR_DUMMY
  const body = skb.buf.slice(skb.network_header, Math.min(skb.tail, skb.network_header + room))
  icmp_push(net, rt, { type, code, info, body }, tos, fl.mark, opt, ip_saddr(skb))
}
/** The address that the packet was for, where that is ours; else the way back has one, or the device that it came in by. */
function error_source(net: net, skb: sk_buff, found: rtable | undefined): number {
  const daddr = ip_daddr(skb)
  const ours = found === undefined ? inet_addr_type(net, daddr) === RTN_LOCAL : found.rt_type === RTN_LOCAL
  if (ours) return daddr
  if (!found?.rt_is_input || net.ipv4.kept_sysctls.icmp_errors_use_inbound_ifaddr === 0) return 0
  const dev = net.dev_index_head.get(inet_sdif(skb)) ?? skb.dev
  return dev === undefined ? 0 : inet_select_addr(dev, ip_saddr(skb), RT_SCOPE_LINK)
}
/** dst_link_failure(): the neighbour does not answer. */
export function ipv4_link_failure(skb: sk_buff): void {
  if (getBe16(skb.buf, skb.network_header) >> 12 === 4) icmp_send(skb, ICMP_DEST_UNREACH, ICMP_HOST_UNREACH, 0)
}

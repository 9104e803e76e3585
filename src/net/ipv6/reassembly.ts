/** net/ipv6/reassembly.c, exthdrs.c: headers between the fixed one and the protocol's: pieces and options. */
import { getBe16, getBe32, putBe16 } from '../../lib/bytes.ts'
import { ICMPV6_EXC_FRAGTIME, ICMPV6_HDR_FIELD, ICMPV6_HDR_INCOMP, ICMPV6_PARAMPROB, ICMPV6_TIME_EXCEED } from '../../uapi/linux/icmpv6.ts'
import { IPPROTO_TCP, IPPROTO_UDP } from '../../uapi/linux/in.ts'
import { IPPROTO_ICMPV6, IPV6_ADDR_LINKLOCAL, IPV6_ADDR_MULTICAST, ipv6_addr_type } from '../../uapi/linux/in6.ts'
import {
  IPSTATS_MIB_INHDRERRORS,
  IPSTATS_MIB_REASM_OVERLAPS,
  IPSTATS_MIB_REASMFAILS,
  IPSTATS_MIB_REASMOKS,
  IPSTATS_MIB_REASMREQDS,
  IPSTATS_MIB_REASMTIMEOUT,
} from '../../uapi/linux/snmp.ts'
import { SKB_DROP_REASON_DUP_FRAG } from '../core/dropreason.ts'
import type { net_device } from '../core/netdevice.ts'
import type { net } from '../core/net_namespace.ts'
import { kfree_skb, kfree_skb_reason, type sk_buff, skb_headroom, skb_set_head } from '../core/skbuff.ts'
import {
  IPFRAG_DUP,
  IPFRAG_OVERLAP,
  inet_frag_find,
  inet_frag_kill,
  inet_frag_length,
  type inet_frag_queue,
  inet_frag_queue_insert,
  inet_frag_reasm,
  inet_frags,
  ip_frag_ecn,
  ip_frag_ecn_of,
} from '../ipv4/inet_fragment.ts'
import { rthdr_protocol } from './exthdrs_routing.ts'
import {
  ipv6_options_too_long,
  ipv6_parse_options,
  NEXTHDR_DEST,
  NEXTHDR_FRAGMENT,
  NEXTHDR_HOP,
  NEXTHDR_NONE,
  NEXTHDR_ROUTING,
} from './exthdrs.ts'
import { icmpv6_send } from './icmp.ts'
import { inet6_add_protocol, type inet6_protocol } from './ip6_input.ts'
import { IP6_INC_STATS } from './ip6_stats.ts'
import { IP6CB, IPV6_HLEN, IPV6_MAXPLEN, ip6_daddr, ip6_payload_len, ip6_tclass } from './ipv6_hdr.ts'

const FRAG_HLEN = 8
const IP6_OFFSET = 0xfff8
const IP6_MF = 1

/** sizeof(struct frag_queue) */
const FRAG_QUEUE_SIZE = 184

/** Not all pieces came in time: the sender of the first one hears of it. */
export function ip6_frag_expire(fq: inet_frag_queue): void {
  const idev = fq.head?.dev?.ip6_ptr
  IP6_INC_STATS(fq.table.net, idev, IPSTATS_MIB_REASMFAILS)
  IP6_INC_STATS(fq.table.net, idev, IPSTATS_MIB_REASMTIMEOUT)
  if (fq.head !== undefined) icmpv6_send(fq.head, ICMPV6_TIME_EXCEED, ICMPV6_EXC_FRAGTIME, 0)
}
function frags_of(net: net): inet_frags {
  net.ipv6.frags ??= new inet_frags(net, net.ipv6.frag_limits, ip6_frag_expire, FRAG_QUEUE_SIZE)
  return net.ipv6.frags
}

/** A fragment header that cannot be (fail_hdr): the sender hears of it. */
function fail_hdr(net: net, skb: sk_buff, code: number, at: number): number {
  IP6_INC_STATS(net, skb.dev?.ip6_ptr, IPSTATS_MIB_INHDRERRORS)
  icmpv6_send(skb, ICMPV6_PARAMPROB, code, at)
  kfree_skb(skb)
  return -1
}
/** More than 0: the packet is whole, and goes on with the header that follows. */
export function ipv6_frag_rcv(skb: sk_buff): number {
  const dev = skb.dev as net_device
  const { nd_net: net } = dev
  const at = skb.transport_header
  const idev = dev.ip6_ptr
  const cb = IP6CB(skb)
  if (cb.fragmented) return fail_hdr(net, skb, ICMPV6_HDR_FIELD, at - skb.network_header)
  IP6_INC_STATS(net, idev, IPSTATS_MIB_REASMREQDS)
  if (ip6_payload_len(skb) === 0 || at + FRAG_HLEN > skb.tail) return fail_hdr(net, skb, ICMPV6_HDR_FIELD, at - skb.network_header)
  const bits = getBe16(skb.buf, at + 2)
  if ((bits & (IP6_OFFSET | IP6_MF)) === 0) {
    // whole already
    cb.fragmented = true
    cb.frag_max_size = ip6_payload_len(skb) + IPV6_HLEN
    cb.nhoff = at - skb.network_header
    skb.transport_header = at + FRAG_HLEN
    IP6_INC_STATS(net, idev, IPSTATS_MIB_REASMOKS)
    return 1
  }
  if (ipv6frag_thdr_truncated(skb, at + FRAG_HLEN, skb.buf[at], (bits & IP6_OFFSET) === 0)) {
    return fail_hdr(net, skb, ICMPV6_HDR_INCOMP, 0)
  }
  const addrs = skb.buf.subarray(skb.network_header + 8, skb.network_header + 40)
  const scoped = (ipv6_addr_type(ip6_daddr(skb)) & (IPV6_ADDR_MULTICAST | IPV6_ADDR_LINKLOCAL)) !== 0
  const iif = scoped ? dev.ifindex : 0
  const fq = inet_frag_find(frags_of(net), `${iif} ${getBe32(skb.buf, at + 4)} ${String.fromCharCode(...addrs)}`)
  if (fq === undefined) {
    IP6_INC_STATS(net, idev, IPSTATS_MIB_REASMFAILS)
    kfree_skb(skb)
    return -1
  }
  return ip6_frag_queue(net, fq, skb)
}
/** RFC 8200 4.5: the first piece has all headers up to that of the protocol; who cannot find that does not ask. */
function ipv6frag_thdr_truncated(skb: sk_buff, from: number, nexthdr: number, first: boolean): boolean {
  if (!first) return false
  let at = from
  let next = nexthdr
  while (next === NEXTHDR_HOP || next === NEXTHDR_ROUTING || next === NEXTHDR_DEST) {
    if (at + 8 > skb.tail) return false
    next = skb.buf[at]
    at += (skb.buf[at + 1] + 1) * 8
  }
  if (next === NEXTHDR_NONE) return false
  const least = next === IPPROTO_TCP ? 20 : next === IPPROTO_UDP ? 8 : next === IPPROTO_ICMPV6 ? 8 : 1
  return at + least > skb.tail
}
/** A piece that cannot be: the whole packet goes (discard_fq). */
function discard(net: net, fq: inet_frag_queue, skb: sk_buff): number {
  inet_frag_kill(fq)
  IP6_INC_STATS(net, skb.dev?.ip6_ptr, IPSTATS_MIB_REASMFAILS)
  kfree_skb(skb)
  return -1
}
function ip6_frag_queue(net: net, fq: inet_frag_queue, skb: sk_buff): number {
  const at = skb.transport_header
  const bits = getBe16(skb.buf, at + 2)
  const more = (bits & IP6_MF) !== 0
  const offset = bits & IP6_OFFSET
  const data = skb.buf.subarray(at + FRAG_HLEN, skb.tail)
  const end = offset + data.length
  if (end > IPV6_MAXPLEN) return fail_hdr(net, skb, ICMPV6_HDR_FIELD, at + 2 - skb.network_header)
  if (more && end & 7) return fail_hdr(net, skb, ICMPV6_HDR_FIELD, 4)
  if (!inet_frag_length(fq, end, more) || end === offset) return discard(net, fq, skb)
  const inserted = inet_frag_queue_insert(fq, skb, offset, data)
  if (inserted === IPFRAG_DUP) {
    kfree_skb_reason(skb, SKB_DROP_REASON_DUP_FRAG)
    return -1
  }
  if (inserted === IPFRAG_OVERLAP) {
    IP6_INC_STATS(net, skb.dev?.ip6_ptr, IPSTATS_MIB_REASM_OVERLAPS)
    return discard(net, fq, skb)
  }
  fq.ecn |= ip_frag_ecn(ip6_tclass(skb))
  fq.max_size = Math.max(fq.max_size, skb.tail - skb.network_header)
  if (offset === 0) fq.head = skb
  const whole = inet_frag_reasm(fq)
  return whole === undefined ? -1 : ip6_frag_reasm(net, fq, skb, whole)
}
function ip6_frag_reasm(net: net, fq: inet_frag_queue, skb: sk_buff, whole: Uint8Array): number {
  const head = fq.head as sk_buff
  const ecn = ip_frag_ecn_of(fq.ecn)
  if (ecn === undefined || whole.length + before(head) > IPV6_MAXPLEN) {
    IP6_INC_STATS(net, skb.dev?.ip6_ptr, IPSTATS_MIB_REASMFAILS)
    kfree_skb(skb)
    return -1
  }
  put_together(skb, head, whole)
  skb.buf[skb.network_header + 1] |= ecn << 4
  IP6CB(skb).frag_max_size = fq.max_size
  IP6_INC_STATS(net, skb.dev?.ip6_ptr, IPSTATS_MIB_REASMOKS)
  return 1
}
/** Bytes of headers before the fragment header that count to the payload (RFC 8200 4.5). */
function before(head: sk_buff): number {
  return head.transport_header - head.network_header - IPV6_HLEN
}
/** The last piece to come becomes the whole: headers of the first piece without the fragment header, then the payload. */
function put_together(skb: sk_buff, head: sk_buff, whole: Uint8Array): void {
  const fragment = head.transport_header
  const headers = head.buf.slice(head.network_header, fragment)
  const nhoff = (head.cb as { nhoff: number }).nhoff
  headers[nhoff] = head.buf[fragment]
  const room = skb_headroom(skb)
  const buf = new Uint8Array(room + headers.length + whole.length)
  buf.set(headers, room)
  buf.set(whole, room + headers.length)
  if (skb.mac_header >= 0) buf.set(skb.buf.subarray(skb.mac_header, skb.network_header), room - (skb.network_header - skb.mac_header))
  if (skb.mac_header >= 0) skb.mac_header = room - (skb.network_header - skb.mac_header)
  skb_set_head(skb, buf)
  skb.network_header = room
  skb.transport_header = room + headers.length
  skb.data = skb.transport_header
  skb.tail = buf.length
  putBe16(buf, room + 4, buf.length - room - IPV6_HLEN)
  skb.cb = { ...IP6CB(head), nhoff, fragmented: true }
}
export const frag_protocol: inet6_protocol = { name: 'frag_protocol', handler: ipv6_frag_rcv, final: false }

export function ipv6_destopt_rcv(skb: sk_buff): number {
  const end = ipv6_parse_options(skb, skb.transport_header, false)
  if (end === undefined) {
    // what is longer than max_dst_opts_length falls silently
    if (!ipv6_options_too_long(skb, skb.transport_header, false))
      IP6_INC_STATS(skb.dev?.nd_net as net, skb.dev?.ip6_ptr, IPSTATS_MIB_INHDRERRORS)
    kfree_skb(skb)
    return -1
  }
  const cb = IP6CB(skb)
  cb.lastopt = cb.dst1 = skb.transport_header - skb.network_header
  skb.transport_header = end
  return 1
}
export const destopt_protocol: inet6_protocol = { name: 'destopt_protocol', handler: ipv6_destopt_rcv, final: false }

export function dst_discard(skb: sk_buff): number {
  kfree_skb(skb)
  return 0
}
export const nodata_protocol: inet6_protocol = { name: 'nodata_protocol', handler: dst_discard, final: false }

/** Called from inet6_init(). */
export function ipv6_exthdrs_init(net: net): void {
  inet6_add_protocol(net, rthdr_protocol, NEXTHDR_ROUTING)
  inet6_add_protocol(net, destopt_protocol, NEXTHDR_DEST)
  inet6_add_protocol(net, nodata_protocol, NEXTHDR_NONE)
  inet6_add_protocol(net, frag_protocol, NEXTHDR_FRAGMENT)
}

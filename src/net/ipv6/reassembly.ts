/** net/ipv6/reassembly.c, exthdrs.c: headers between the fixed one and the protocol's: pieces, options, routing. */
import { getBe16, getBe32, putBe16 } from '../../lib/bytes.ts'
import { ICMPV6_EXC_FRAGTIME, ICMPV6_HDR_FIELD, ICMPV6_PARAMPROB, ICMPV6_TIME_EXCEED } from '../../uapi/linux/icmpv6.ts'
import {
  IPSTATS_MIB_INHDRERRORS,
  IPSTATS_MIB_REASMFAILS,
  IPSTATS_MIB_REASMOKS,
  IPSTATS_MIB_REASMREQDS,
  IPSTATS_MIB_REASMTIMEOUT,
} from '../../uapi/linux/snmp.ts'
import type { net_device } from '../core/netdevice.ts'
import type { net } from '../core/net_namespace.ts'
import { kfree_skb, type sk_buff, skb_headroom } from '../core/skbuff.ts'
import { inet_frag_add, inet_frag_find, type inet_frag_queue, inet_frags } from '../ipv4/inet_fragment.ts'
import { ipv6_parse_options, NEXTHDR_DEST, NEXTHDR_FRAGMENT, NEXTHDR_NONE, NEXTHDR_ROUTING } from './exthdrs.ts'
import { icmpv6_send } from './icmp.ts'
import { inet6_add_protocol, type inet6_protocol } from './ip6_input.ts'
import { IP6_INC_STATS } from './ip6_stats.ts'
import { IP6CB, IPV6_HLEN } from './ipv6_hdr.ts'

const FRAG_HLEN = 8

/** Not all pieces came in time: the sender of the first one hears of it. */
export function ip6_frag_expire(fq: inet_frag_queue): void {
  const idev = fq.head?.dev?.ip6_ptr
  IP6_INC_STATS(fq.table.net, idev, IPSTATS_MIB_REASMFAILS)
  IP6_INC_STATS(fq.table.net, idev, IPSTATS_MIB_REASMTIMEOUT)
  if (fq.head !== undefined) icmpv6_send(fq.head, ICMPV6_TIME_EXCEED, ICMPV6_EXC_FRAGTIME, 0)
}
function frags_of(net: net): inet_frags {
  net.ipv6.frags ??= new inet_frags(net, net.ipv6.frag_limits, ip6_frag_expire)
  return net.ipv6.frags
}

/** More than 0: the packet is whole, and goes on with the header that follows. */
export function ipv6_frag_rcv(skb: sk_buff): number {
  const dev = skb.dev as net_device
  const { nd_net: net } = dev
  const at = skb.transport_header
  const idev = dev.ip6_ptr
  IP6_INC_STATS(net, idev, IPSTATS_MIB_REASMREQDS)
  if (at + FRAG_HLEN > skb.tail) {
    IP6_INC_STATS(net, idev, IPSTATS_MIB_INHDRERRORS)
    return 0
  }
  const bits = getBe16(skb.buf, at + 2)
  const more = (bits & 1) !== 0
  const offset = bits & ~7
  const cb = IP6CB(skb)
  cb.fragmented = true
  if (!more && offset === 0) {
    // whole already
    cb.nhoff = at - skb.network_header
    skb.transport_header = at + FRAG_HLEN
    IP6_INC_STATS(net, idev, IPSTATS_MIB_REASMOKS)
    return 1
  }
  const data = skb.buf.subarray(at + FRAG_HLEN, skb.tail)
  if (more && data.length & 7) {
    icmpv6_send(skb, ICMPV6_PARAMPROB, ICMPV6_HDR_FIELD, 4)
    return 0
  }
  const addrs = skb.buf.subarray(skb.network_header + 8, skb.network_header + 40)
  const fq = inet_frag_find(frags_of(net), `${dev.ifindex} ${getBe32(skb.buf, at + 4)} ${String.fromCharCode(...addrs)}`)
  const whole = fq && inet_frag_add(fq, skb, offset, data, more)
  if (fq === undefined || whole === false || (whole !== undefined && whole.length + before(fq.head) > 0xffff)) {
    IP6_INC_STATS(net, idev, IPSTATS_MIB_REASMFAILS)
    kfree_skb(skb)
    return 0
  }
  if (whole === undefined) return 0
  put_together(skb, fq.head as sk_buff, whole)
  IP6_INC_STATS(net, idev, IPSTATS_MIB_REASMOKS)
  return 1
}
/** Bytes of headers before the fragment header that count to the payload (RFC 8200 4.5). */
function before(head: sk_buff | undefined): number {
  return head === undefined ? 0 : head.transport_header - head.network_header - IPV6_HLEN
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
  skb.buf = buf
  skb.cloned = false
  skb.network_header = room
  skb.transport_header = room + headers.length
  skb.data = skb.transport_header
  skb.tail = buf.length
  putBe16(buf, room + 4, buf.length - room - IPV6_HLEN)
  IP6CB(skb).nhoff = nhoff
  IP6CB(skb).fragmented = true
}
export const frag_protocol: inet6_protocol = { name: 'frag_protocol', handler: ipv6_frag_rcv, final: false }

export function ipv6_destopt_rcv(skb: sk_buff): number {
  const end = ipv6_parse_options(skb, skb.transport_header)
  if (end === undefined) {
    kfree_skb(skb)
    return 0
  }
  skb.transport_header = end
  return 1
}
export const destopt_protocol: inet6_protocol = { name: 'destopt_protocol', handler: ipv6_destopt_rcv, final: false }

/** Only a header that has been used up is passed over; routing by the sender is not built (RFC 5095 has ended most of it). */
export function ipv6_rthdr_rcv(skb: sk_buff): number {
  const at = skb.transport_header
  const end = at + 8 <= skb.tail ? at + (skb.buf[at + 1] + 1) * 8 : skb.tail + 1
  if (end > skb.tail) return 0
  if (skb.buf[at + 3] !== 0) {
    skb.dev?.nd_net.kernel.unsupported.count('ipv6', `routing header ${skb.buf[at + 2]}`)
    icmpv6_send(skb, ICMPV6_PARAMPROB, ICMPV6_HDR_FIELD, at + 2 - skb.network_header)
    kfree_skb(skb)
    return 0
  }
  IP6CB(skb).nhoff = at - skb.network_header
  skb.transport_header = end
  return 1
}
export const rthdr_protocol: inet6_protocol = { name: 'rthdr_protocol', handler: ipv6_rthdr_rcv, final: false }

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

/** The segment routing header in a packet (RFC 8754), and what End's flavors do with it (net/ipv6/seg6_local.c, RFC 8986, RFC 9800). */
import { putBe16 } from '../../lib/bytes.ts'
import { ETH_P_IP, ETH_P_IPV6, ETH_P_TEB } from '../../uapi/linux/if_ether.ts'
import { IPPROTO_IPIP } from '../../uapi/linux/in.ts'
import { IPPROTO_IPV6, IPV6_SRCRT_TYPE_4 } from '../../uapi/linux/in6.ts'
import { type sk_buff, skb_cow } from '../core/skbuff.ts'
import { NEXTHDR_DEST, NEXTHDR_HOP, NEXTHDR_ROUTING } from './exthdrs.ts'
import { ip6_nexthdr, IPV6_HLEN } from './ipv6_hdr.ts'

const SEGMENT = 16
/** Where the destination stands in the header. */
const DADDR = 24

function is_extension(nexthdr: number): boolean {
  return nexthdr === NEXTHDR_HOP || nexthdr === NEXTHDR_ROUTING || nexthdr === NEXTHDR_DEST
}
/** ipv6_find_hdr(): the first header of `proto`, or without it the first that is no extension; undefined: there is none. */
function find_hdr(skb: sk_buff, proto?: number): { nexthdr: number; at: number } | undefined {
  let nexthdr = ip6_nexthdr(skb)
  let at = skb.network_header + IPV6_HLEN
  while (proto === undefined ? is_extension(nexthdr) : nexthdr !== proto) {
    if (!is_extension(nexthdr) || at + 8 > skb.tail) return undefined
    nexthdr = skb.buf[at]
    at += (skb.buf[at + 1] + 1) * 8
  }
  return at <= skb.tail ? { nexthdr, at } : undefined
}
/** What the packet carries behind its extension headers. */
export function seg6_payload_proto(skb: sk_buff): number | undefined {
  return find_hdr(skb)?.nexthdr
}
/** seg6_get_srh() */
export function seg6_get_srh(skb: sk_buff): number | undefined {
  const at = find_hdr(skb, NEXTHDR_ROUTING)?.at
  if (at === undefined || at + 8 > skb.tail || skb.buf[at + 2] !== IPV6_SRCRT_TYPE_4) return undefined
  return at + (skb.buf[at + 1] + 1) * 8 <= skb.tail ? at : undefined
}
/** Segments left; undefined: there is no such header. */
export function seg6_segments_left(skb: sk_buff): number | undefined {
  const at = seg6_get_srh(skb)
  return at === undefined ? undefined : skb.buf[at + 3]
}
/** advance_nextseg(): the destination is the segment that comes next, by the header at `at`; false: it is not in the packet. */
export function seg6_advance_nextseg(skb: sk_buff, at: number): boolean {
  const segment = at + 8 + SEGMENT * --skb.buf[at + 3]
  if (segment + SEGMENT > skb.tail) return false
  skb.buf.copyWithin(skb.network_header + DADDR, segment, segment + SEGMENT)
  return true
}
/** get_and_validate_srh(), advance_nextseg(): on to the next segment; false: there is none. */
export function seg6_advance(skb: sk_buff): boolean {
  skb_cow(skb, 0)
  const at = seg6_get_srh(skb)
  return at !== undefined && skb.buf[at + 3] > 0 && seg6_advance_nextseg(skb, at)
}
/** seg6_pop_srh(): the header goes; false: there is none. */
export function seg6_pop_srh(skb: sk_buff): boolean {
  const srh = seg6_get_srh(skb)
  if (srh === undefined) return false
  const { buf, network_header: from } = skb
  // the header before it says what comes next
  let says = from + 6
  for (let at = from + IPV6_HLEN; buf[says] !== NEXTHDR_ROUTING; at += (buf[at + 1] + 1) * 8) says = at
  buf[says] = buf[srh]
  const length = (buf[srh + 1] + 1) * 8
  buf.copyWithin(from + length, from, srh)
  skb.data = skb.network_header = from + length
  skb.transport_header = skb.data + IPV6_HLEN
  putBe16(buf, skb.data + 4, skb.len - IPV6_HLEN)
  return true
}
/**
 * seg6_next_csid_is_arg_zero(), seg6_next_csid_advance_arg(): an address holds several segments, the block that they share
 * before them; the first is done and goes, zeros come behind. false: it was the last one. Lengths in bytes.
 */
export function seg6_next_csid(skb: sk_buff, block: number, fn: number): boolean {
  skb_cow(skb, 0)
  const { buf } = skb
  const at = skb.network_header + DADDR
  const end = at + SEGMENT
  const argument = at + block + fn
  if (buf.subarray(argument, end).every((byte) => byte === 0)) return false
  buf.copyWithin(at + block, argument, end)
  buf.fill(0, end - fn, end)
  return true
}

/** What the packet inside is, by the number of its header, and the least of it that is looked at. */
const INNER = new Map([
  [IPPROTO_IPV6, { protocol: ETH_P_IPV6, header: IPV6_HLEN }],
  [IPPROTO_IPIP, { protocol: ETH_P_IP, header: 20 }],
])
const FRAME = { protocol: ETH_P_TEB, header: 14 }
/** decap_and_validate(): the packet inside; false: it is not there, or there are segments left. */
export function seg6_decap(skb: sk_buff, proto: number): boolean {
  const inner = (seg6_segments_left(skb) ?? 0) > 0 ? undefined : find_hdr(skb, proto)
  if (inner === undefined) return false
  const { protocol, header } = INNER.get(proto) ?? FRAME
  skb.data = skb.network_header = inner.at
  skb.protocol = protocol
  skb.transport_header = inner.at + header
  return skb.len >= header
}

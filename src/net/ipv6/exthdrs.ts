/** net/ipv6/exthdrs.c: options for each hop and for the destination (RFC 8200 4.2). */
import { getBe16 } from '../../lib/bytes.ts'
import { ICMPV6_PARAMPROB, ICMPV6_UNK_OPTION } from '../../uapi/linux/icmpv6.ts'
import { ipv6_addr_is_multicast } from '../../uapi/linux/in6.ts'
import type { sk_buff } from '../core/skbuff.ts'
import { icmpv6_send } from './icmp.ts'
import { IP6CB, ip6_daddr } from './ipv6_hdr.ts'

export const NEXTHDR_HOP = 0
export const NEXTHDR_ROUTING = 43
export const NEXTHDR_FRAGMENT = 44
export const NEXTHDR_NONE = 59
export const NEXTHDR_DEST = 60

const IPV6_TLV_PAD1 = 0
const IPV6_TLV_PADN = 1
export const IPV6_TLV_ROUTERALERT = 5
/** Options that cannot be read end the packet, or not, by the two highest bits of their number. */
const UNKNOWN_SKIP = 0
const UNKNOWN_DISCARD = 1
const UNKNOWN_TELL = 2

/** False: the packet is to be dropped. */
function tlvopt_unknown(skb: sk_buff, at: number): boolean {
  const action = skb.buf[at] >> 6
  if (action === UNKNOWN_SKIP) return true
  const silent = action === UNKNOWN_DISCARD || (action !== UNKNOWN_TELL && ipv6_addr_is_multicast(ip6_daddr(skb)))
  if (!silent) icmpv6_send(skb, ICMPV6_PARAMPROB, ICMPV6_UNK_OPTION, at - skb.network_header)
  return false
}
/** The options from `from` to `end`; false: the packet is to be dropped. */
function ip6_parse_tlv(skb: sk_buff, from: number, end: number): boolean {
  const { buf } = skb
  for (let at = from; at < end; ) {
    if (buf[at] === IPV6_TLV_PAD1) {
      at++
      continue
    }
    const len = at + 1 < end ? buf[at + 1] + 2 : end - at + 1
    if (at + len > end) return false
    if (buf[at] === IPV6_TLV_ROUTERALERT && buf[at + 1] === 2) IP6CB(skb).ra = getBe16(buf, at + 2)
    else if (buf[at] !== IPV6_TLV_PADN && !tlvopt_unknown(skb, at)) return false
    at += len
  }
  return true
}

/** A header of options at `at`: where the next one begins, or undefined when the packet is to be dropped. */
export function ipv6_parse_options(skb: sk_buff, at: number): number | undefined {
  if (at + 8 > skb.tail) return undefined
  const end = at + (skb.buf[at + 1] + 1) * 8
  if (end > skb.tail || !ip6_parse_tlv(skb, at + 2, end)) return undefined
  IP6CB(skb).nhoff = at - skb.network_header
  return end
}

/** net/ipv6/exthdrs.c: options for each hop and for the destination (RFC 8200 4.2). */
import { getBe16, getBe32 } from '../../lib/bytes.ts'
import { ICMPV6_HDR_FIELD, ICMPV6_PARAMPROB, ICMPV6_UNK_OPTION } from '../../uapi/linux/icmpv6.ts'
import { ipv6_addr_is_multicast } from '../../uapi/linux/in6.ts'
import { DEVCONF_IOAM6_ENABLED } from '../../uapi/linux/ipv6.ts'
import type { net_device } from '../core/netdevice.ts'
import type { sk_buff } from '../core/skbuff.ts'
import { icmpv6_send } from './icmp.ts'
import { IP6CB, IPV6_HLEN, IPV6_MAXPLEN, ip6_daddr, ip6_payload_len } from './ipv6_hdr.ts'

export const NEXTHDR_HOP = 0
export const NEXTHDR_ROUTING = 43
export const NEXTHDR_FRAGMENT = 44
export const NEXTHDR_NONE = 59
export const NEXTHDR_DEST = 60

const IPV6_TLV_PAD1 = 0
const IPV6_TLV_PADN = 1
export const IPV6_TLV_ROUTERALERT = 5
const IPV6_TLV_CALIPSO = 7
const IPV6_TLV_IOAM = 49
const IPV6_TLV_JUMBO = 194
const IPV6_TLV_HAO = 201
const MOST_PADDING = 7
/** Options that cannot be read end the packet, or not, by the two highest bits of their number. */
const UNKNOWN_SKIP = 0
const UNKNOWN_DISCARD = 1
const UNKNOWN_TELL = 2

/** False: the packet is to be dropped. `strict`: so it is, whatever the option's number says (a negative limit of options). */
function tlvopt_unknown(skb: sk_buff, at: number, strict: boolean): boolean {
  if (strict) return false
  const action = skb.buf[at] >> 6
  if (action === UNKNOWN_SKIP) return true
  const silent = action === UNKNOWN_DISCARD || (action !== UNKNOWN_TELL && ipv6_addr_is_multicast(ip6_daddr(skb)))
  if (!silent) icmpv6_send(skb, ICMPV6_PARAMPROB, ICMPV6_UNK_OPTION, at - skb.network_header)
  return false
}
/** ipv6_hop_jumbo() (RFC 2675): only for packets that need it, which say so by a length of 0. */
function jumbo(skb: sk_buff, at: number): boolean {
  const offset = at - skb.network_header
  if (skb.buf[at + 1] !== 4 || (offset & 3) !== 2) return false
  const length = getBe32(skb.buf, at + 2)
  const wrong = length <= IPV6_MAXPLEN ? offset + 2 : ip6_payload_len(skb) !== 0 ? offset : undefined
  if (wrong === undefined) return length <= skb.len - IPV6_HLEN
  icmpv6_send(skb, ICMPV6_PARAMPROB, ICMPV6_HDR_FIELD, wrong)
  return false
}
/**
 * ipv6_hop_ioam() (RFC 9486): aligned to four bytes. A device with ioam6_enabled would write its data into it, which is
 * not built.
 */
function ioam(skb: sk_buff, at: number): boolean {
  if ((at - skb.network_header) & 3) return false
  const dev = skb.dev as net_device
  if (dev.ip6_ptr?.cnf.get(DEVCONF_IOAM6_ENABLED)) dev.nd_net.kernel.unsupported.count('ipv6', 'IOAM trace')
  return true
}
/** False: the packet is to be dropped. `hop`: of the header for each hop, which has options of its own. */
function known_option(skb: sk_buff, at: number, hop: boolean, strict: boolean): boolean {
  const { buf } = skb
  if (!hop) {
    // the home address of a mobile node, none of which is known here
    return buf[at] !== IPV6_TLV_HAO && tlvopt_unknown(skb, at, strict)
  }
  switch (buf[at]) {
    case IPV6_TLV_ROUTERALERT:
      if (buf[at + 1] !== 2) return false
      IP6CB(skb).ra = getBe16(buf, at + 2)
      return true
    case IPV6_TLV_IOAM:
      return ioam(skb, at)
    case IPV6_TLV_JUMBO:
      return jumbo(skb, at)
    case IPV6_TLV_CALIPSO:
      // its domain (RFC 5570) would have been set up by netlabelctl, which is not there
      return false
    default:
      return tlvopt_unknown(skb, at, strict)
  }
}
/** The limits of a header: how long it is at most, how many options it has; below 0 unknown ones are not to be. */
function limits({ dev }: sk_buff, hop: boolean): { length: number; count: number; strict: boolean } {
  const { sysctl } = (dev as net_device).nd_net.ipv6
  const count = hop ? sysctl.max_hbh_opts_cnt : sysctl.max_dst_opts_cnt
  return { length: hop ? sysctl.max_hbh_opts_len : sysctl.max_dst_opts_len, count: Math.abs(count), strict: count < 0 }
}
/**
 * ip6_parse_tlv(): the options from `from` to `end`; false: the packet is to be dropped. Padding aligns to eight bytes and is
 * no more than that, and 0; of other options there are few (max_hbh_opts_number, max_dst_opts_number).
 */
function ip6_parse_tlv(skb: sk_buff, from: number, end: number, hop: boolean): boolean {
  const { buf } = skb
  const most = limits(skb, hop)
  let padding = 0
  let count = 0
  for (let at = from; at < end; ) {
    if (buf[at] === IPV6_TLV_PAD1) {
      if (++padding > MOST_PADDING) return false
      at++
      continue
    }
    const len = at + 1 < end ? buf[at + 1] + 2 : end - at + 1
    if (at + len > end) return false
    if (buf[at] === IPV6_TLV_PADN) {
      padding += len
      if (padding > MOST_PADDING || buf.subarray(at + 2, at + len).some((byte) => byte !== 0)) return false
    } else {
      padding = 0
      if (++count > most.count || !known_option(skb, at, hop, most.strict)) return false
    }
    at += len
  }
  return true
}

/** Whether a header of options at `at` is whole, but longer than it may be (max_hbh_length, max_dst_opts_length). */
export function ipv6_options_too_long(skb: sk_buff, at: number, hop: boolean): boolean {
  if (at + 8 > skb.tail) return false
  const length = (skb.buf[at + 1] + 1) * 8
  return at + length <= skb.tail && length > limits(skb, hop).length
}
/** A header of options at `at`: where the next one begins, or undefined when the packet is to be dropped. */
export function ipv6_parse_options(skb: sk_buff, at: number, hop: boolean): number | undefined {
  if (at + 8 > skb.tail) return undefined
  const end = at + (skb.buf[at + 1] + 1) * 8
  if (end > skb.tail || ipv6_options_too_long(skb, at, hop) || !ip6_parse_tlv(skb, at + 2, end, hop)) return undefined
  IP6CB(skb).nhoff = at - skb.network_header
  return end
}

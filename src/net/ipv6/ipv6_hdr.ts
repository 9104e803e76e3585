/** include/uapi/linux/ipv6.h struct ipv6hdr: the fixed header, in a packet's buffer at skb.network_header. */
import { getBe16, getBe32, putBe16, putBe32 } from '../../lib/bytes.ts'
import { ETH_P_IPV6 } from '../../uapi/linux/if_ether.ts'
import type { in6_addr } from '../../uapi/linux/in6.ts'
import { alloc_skb, type sk_buff, skb_push, skb_reserve } from '../core/skbuff.ts'
import type { net_device } from '../core/netdevice.ts'

export const IPV6_HLEN = 40
/** The longest payload that the header can say. */
export const IPV6_MAXPLEN = 0xffff
/** Room for the headers of links, and of tunnels upon links. */
const LL_MAX_HEADER = 128

export interface ipv6_fields {
  saddr: in6_addr
  daddr: in6_addr
  nexthdr: number
  hop_limit: number
  tclass?: number
  flowlabel?: number
}

/** An empty packet with room for `payload` bytes, an IPv6 header before them and a link's before that. */
export function ip6_alloc_skb(dev: net_device, payload: number): sk_buff {
  const skb = alloc_skb(LL_MAX_HEADER + IPV6_HLEN + payload)
  skb_reserve(skb, LL_MAX_HEADER + IPV6_HLEN)
  skb.dev = dev
  return skb
}
/** Puts the header before what is there. */
export function ip6_push_hdr(skb: sk_buff, h: ipv6_fields): void {
  const payload = skb.len
  const at = skb_push(skb, IPV6_HLEN)
  const b = skb.buf
  putBe32(b, at, ((6 << 28) | ((h.tclass ?? 0) << 20) | (h.flowlabel ?? 0)) >>> 0)
  putBe16(b, at + 4, payload > 0xffff ? 0 : payload)
  b[at + 6] = h.nexthdr
  b[at + 7] = h.hop_limit
  b.set(h.saddr, at + 8)
  b.set(h.daddr, at + 24)
  skb.network_header = at
  skb.protocol = ETH_P_IPV6
}

export function ip6_saddr(skb: sk_buff): in6_addr {
  return skb.buf.slice(skb.network_header + 8, skb.network_header + 24)
}
export function ip6_daddr(skb: sk_buff): in6_addr {
  return skb.buf.slice(skb.network_header + 24, skb.network_header + 40)
}
export function ip6_version(skb: sk_buff): number {
  return skb.buf[skb.network_header] >> 4
}
export function ip6_tclass(skb: sk_buff): number {
  return (getBe16(skb.buf, skb.network_header) >> 4) & 0xff
}
export function ip6_flowlabel(skb: sk_buff): number {
  return getBe32(skb.buf, skb.network_header) & 0xfffff
}
export function ip6_payload_len(skb: sk_buff): number {
  return getBe16(skb.buf, skb.network_header + 4)
}
export function ip6_nexthdr(skb: sk_buff): number {
  return skb.buf[skb.network_header + 6]
}
export function ip6_hop_limit(skb: sk_buff): number {
  return skb.buf[skb.network_header + 7]
}

/** struct inet6_skb_parm: what the layer notes of a packet (skb.cb). */
export interface inet6_skb_parm {
  /** Index of the device that it came in on. */
  iif: number
  /** Offset of the number of the header that is next. */
  nhoff: number
  /** Router alert's value; undefined: none. */
  ra: number | undefined
  /** It came in fragments, the longest of which was so long. */
  fragmented: boolean
  frag_max_size: number
  forwarded: boolean
  /** It has options for each hop (IP6SKB_HOPBYHOP). */
  hopbyhop: boolean
  /** Offsets of other headers: the last one of options, those of options before and behind the routing header, and that; 0: none. */
  lastopt: number
  dst0: number
  dst1: number
  srcrt: number
}
export function new_inet6_skb_parm(iif: number): inet6_skb_parm {
  return {
    iif,
    nhoff: 6,
    ra: undefined,
    fragmented: false,
    frag_max_size: 0,
    forwarded: false,
    hopbyhop: false,
    lastopt: 0,
    dst0: 0,
    dst1: 0,
    srcrt: 0,
  }
}
/** Of a packet that we make ourselves nothing is noted. */
const OURS: inet6_skb_parm = Object.freeze(new_inet6_skb_parm(0))
export function IP6CB(skb: sk_buff): inet6_skb_parm {
  return (skb.cb as inet6_skb_parm | undefined) ?? OURS
}

/**
 * include/net/inet_ecn.h: congestion marks of packets in packets (RFC 6040). What a packet is marked with when it leaves a
 * tunnel:
 *
 *   inside \ outside | not capable | ECT(0)    | ECT(1)  | CE
 *   not capable      | as inside   | 1         | 1       | 2
 *   ECT(0)           | as inside   | as inside | ECT(1)  | CE
 *   ECT(1)           | as inside   | as inside | ECT(1)  | CE
 *   CE               | CE          | CE        | CE      | CE
 *
 * 1: odd, but passed on as it is; 2: dropped, for it cannot be told.
 */
import { getBe16, putBe16 } from '../../lib/bytes.ts'
import { ETH_P_IP, ETH_P_IPV6 } from '../../uapi/linux/if_ether.ts'
import { csum_replace2 } from './checksum.ts'
import { type sk_buff, skb_cow } from './skbuff.ts'

const INET_ECN_NOT_ECT = 0
const INET_ECN_ECT_1 = 1
const INET_ECN_ECT_0 = 2
const INET_ECN_CE = 3
const INET_ECN_MASK = 3

/** ip_tunnel_get_dsfield(): of the packet whose header is at `at`; 0 where it is none of IP. */
export function ip_tunnel_get_dsfield(skb: sk_buff, at: number, proto: number): number {
  if (proto === ETH_P_IP) return skb.buf[at + 1]
  return proto === ETH_P_IPV6 ? (getBe16(skb.buf, at) >> 4) & 0xff : 0
}
/** ip_tunnel_get_ttl(): likewise, its TTL or hop limit. */
export function ip_tunnel_get_ttl(skb: sk_buff, at: number, proto: number): number {
  if (proto === ETH_P_IP) return skb.buf[at + 8]
  return proto === ETH_P_IPV6 ? skb.buf[at + 7] : 0
}
/** INET_ECN_encapsulate(): congestion that a packet has met is not shown outside, where it has met none. */
export function INET_ECN_encapsulate(outer: number, inner: number): number {
  const ecn = inner & INET_ECN_MASK
  return (outer & ~INET_ECN_MASK) | (ecn === INET_ECN_CE ? INET_ECN_ECT_0 : ecn)
}

/** The inner header's mark, written. */
function mark(skb: sk_buff, at: number, proto: number, ecn: number): void {
  const offset = at - skb.data
  skb_cow(skb, 0)
  const here = skb.data + offset
  const from = getBe16(skb.buf, here)
  if (proto === ETH_P_IP) {
    const to = (from & ~INET_ECN_MASK) | ecn
    csum_replace2(skb.buf, here + 10, from, to)
    putBe16(skb.buf, here, to)
  } else {
    putBe16(skb.buf, here, (from & ~(INET_ECN_MASK << 4)) | (ecn << 4))
  }
}
/** INET_ECN_decapsulate(): the inner header is at `at`; the table above. */
export function INET_ECN_decapsulate(skb: sk_buff, at: number, proto: number, outer: number): number {
  if (proto !== ETH_P_IP && proto !== ETH_P_IPV6) return 0
  const inner = ip_tunnel_get_dsfield(skb, at, proto) & INET_ECN_MASK
  const ecn = outer & INET_ECN_MASK
  if (inner === INET_ECN_NOT_ECT) return ecn === INET_ECN_NOT_ECT ? 0 : ecn === INET_ECN_CE ? 2 : 1
  if (inner !== INET_ECN_CE && (ecn === INET_ECN_CE || ecn === INET_ECN_ECT_1)) mark(skb, at, proto, ecn)
  return 0
}

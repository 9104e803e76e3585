/** net/ipv6/udp.c __udp6_lib_lookup: the socket of IPv6 that a datagram is for, as IPv4's is found. */
import { getBe32 } from '../../lib/bytes.ts'
import { AF_INET6 } from '../../uapi/linux/socket.ts'
import { type in6_addr, in6addr_any, ipv6_addr_any, ipv6_addr_equal } from '../../uapi/linux/in6.ts'
import type { net } from '../core/net_namespace.ts'
import type { sk_buff } from '../core/skbuff.ts'
import type { inet_sock } from '../ipv4/inet_sock.ts'
import { flow_hash, udp_best, udp_holders, udp_sk_bound_dev_eq } from '../ipv4/udp_lookup.ts'
import type { inet6_sock } from './inet6_sock.ts'

export interface udp6_key {
  saddr: in6_addr
  sport: number
  daddr: in6_addr
  dport: number
  dif: number
  sdif: number
}
function score_of(other: inet_sock, k: udp6_key, local: in6_addr): number {
  if (other.sk_family !== AF_INET6) return -1
  const sk = other as inet6_sock
  if (!ipv6_addr_equal(sk.rcv_saddr, local)) return -1
  let score = 0
  if (sk.inet_dport !== 0) {
    if (sk.inet_dport !== k.sport) return -1
    score++
  }
  if (!ipv6_addr_any(sk.daddr)) {
    if (!ipv6_addr_equal(sk.daddr, k.saddr)) return -1
    score++
  }
  if (!udp_sk_bound_dev_eq(sk, k.dif, k.sdif)) return -1
  return sk.sk_bound_dev_if !== 0 ? score + 1 : score
}
export function __udp6_lib_lookup(net: net, protocol: number, k: udp6_key, skb?: sk_buff): inet6_sock | undefined {
  const hash = flow_hash(getBe32(k.saddr, 12), k.sport, getBe32(k.daddr, 12), k.dport)
  const holders = udp_holders(net, protocol, k.dport)
  const found =
    udp_best(holders, (sk) => score_of(sk, k, k.daddr), hash, skb) ?? udp_best(holders, (sk) => score_of(sk, k, in6addr_any), hash, skb)
  return found as inet6_sock | undefined
}

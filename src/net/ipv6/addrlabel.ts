/** net/ipv6/addrlabel.c: labels of prefixes, by which source addresses are chosen (RFC 6724). */
import type { in6_addr } from '../../uapi/linux/in6.ts'

/** struct ip6addrlbl_entry: the longest prefix first. */
export interface ip6addrlbl_entry {
  prefix: in6_addr
  prefixlen: number
  /** 0: any device. */
  ifindex: number
  addrtype: number
  label: number
}

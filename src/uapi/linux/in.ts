/** include/uapi/linux/in.h */
import { struct } from '../../lib/struct.ts'
import { be16, bytes, ipv4, s32, u16 } from '../../lib/types.ts'

export const IPPROTO_IP = 0
export const IPPROTO_ICMP = 1
export const IPPROTO_IGMP = 2
export const IPPROTO_IPIP = 4
export const IPPROTO_TCP = 6
export const IPPROTO_UDP = 17
export const IPPROTO_GRE = 47
export const IPPROTO_SCTP = 132
export const IPPROTO_UDPLITE = 136
export const IPPROTO_MPLS = 137
export const IPPROTO_ETHERNET = 143
export const IPPROTO_RAW = 255
export const IPPROTO_MPTCP = 262
export const IPPROTO_MAX = 263

/** Addresses are numbers in host order throughout net/ipv4. */
export const INADDR_ANY = 0
export const INADDR_LOOPBACK = 0x7f000001
export const INADDR_BROADCAST = 0xffffffff
export const INADDR_NONE = 0xffffffff

export const sockaddr_in = struct('sockaddr_in', { sin_family: u16, sin_port: be16, sin_addr: ipv4, __pad: bytes(8) })
export const in_pktinfo = struct('in_pktinfo', { ipi_ifindex: s32, ipi_spec_dst: ipv4, ipi_addr: ipv4 })

/** Levels and options of setsockopt. */
export const SOL_IP = 0
export const SOL_TCP = 6
export const SOL_UDP = 17
export const IP_TOS = 1
export const IP_TTL = 2
export const IP_HDRINCL = 3
export const IP_OPTIONS = 4
export const IP_ROUTER_ALERT = 5
export const IP_RECVOPTS = 6
export const IP_RETOPTS = 7
export const IP_PKTINFO = 8
export const IP_PKTOPTIONS = 9
export const IP_MTU_DISCOVER = 10
/** Its values, as of IPV6_MTU_DISCOVER. */
export const IP_PMTUDISC_DONT = 0
export const IP_PMTUDISC_WANT = 1
export const IP_PMTUDISC_DO = 2
export const IP_PMTUDISC_PROBE = 3
export const IP_PMTUDISC_INTERFACE = 4
export const IP_PMTUDISC_OMIT = 5
export const IP_RECVERR = 11
export const IP_RECVTTL = 12
export const IP_RECVTOS = 13
export const IP_MTU = 14
export const IP_FREEBIND = 15
export const IP_IPSEC_POLICY = 16
export const IP_XFRM_POLICY = 17
export const IP_PASSSEC = 18
export const IP_TRANSPARENT = 19
export const IP_ORIGDSTADDR = 20
export const IP_MINTTL = 21
export const IP_NODEFRAG = 22
export const IP_CHECKSUM = 23
export const IP_BIND_ADDRESS_NO_PORT = 24
export const IP_RECVFRAGSIZE = 25
export const IP_RECVERR_RFC4884 = 26
export const IP_MULTICAST_IF = 32
export const IP_MULTICAST_TTL = 33
export const IP_MULTICAST_LOOP = 34
export const IP_ADD_MEMBERSHIP = 35
export const IP_DROP_MEMBERSHIP = 36
export const IP_UNBLOCK_SOURCE = 37
export const IP_BLOCK_SOURCE = 38
export const IP_ADD_SOURCE_MEMBERSHIP = 39
export const IP_DROP_SOURCE_MEMBERSHIP = 40
export const IP_MSFILTER = 41
/** Of both families. */
export const MCAST_JOIN_GROUP = 42
export const MCAST_BLOCK_SOURCE = 43
export const MCAST_UNBLOCK_SOURCE = 44
export const MCAST_LEAVE_GROUP = 45
export const MCAST_JOIN_SOURCE_GROUP = 46
export const MCAST_LEAVE_SOURCE_GROUP = 47
export const MCAST_MSFILTER = 48
export const IP_MULTICAST_ALL = 49
export const IP_UNICAST_IF = 50
export const IP_LOCAL_PORT_RANGE = 51
export const IP_PROTOCOL = 52

/** 127.0.0.0/8 */
export function ipv4_is_loopback(a: number): boolean {
  return a >>> 24 === 127
}
/** 224.0.0.0/4 */
export function ipv4_is_multicast(a: number): boolean {
  return a >>> 28 === 14
}
/** 0.0.0.0 alone: the rest of 0.0.0.0/8 has been as good as any since Linux 5.3. */
export function ipv4_is_zeronet(a: number): boolean {
  return a === 0
}
/** 224.0.0.0/24: never leaves a link. */
export function ipv4_is_local_multicast(addr: number): boolean {
  return addr >>> 8 === 0xe00000
}
export function ipv4_is_lbcast(a: number): boolean {
  return a === INADDR_BROADCAST
}
/** Netmask of a prefix length 0..32. */
export function inet_make_mask(prefixlen: number): number {
  return prefixlen === 0 ? 0 : (0xffffffff << (32 - prefixlen)) >>> 0
}
/** Leading one bits of a mask; for a mask with holes, what Linux's inet_mask_len gives: 32 less its lowest set bit. */
export function inet_mask_len(mask: number): number {
  return mask === 0 ? 0 : 32 - (31 - Math.clz32(mask & -mask))
}
/** A host mask (inverted) with holes. */
export function bad_mask(mask: number, addr: number): boolean {
  if ((addr & mask) >>> 0 !== addr) return true
  const host = ~mask >>> 0
  return (host & (host + 1)) !== 0
}
/** Class-based default length of the ioctls; -1: class D. */
export function inet_abc_len(addr: number): number {
  if (ipv4_is_zeronet(addr) || ipv4_is_lbcast(addr)) return 0
  const top = addr >>> 28
  if (top < 8) return 8
  if (top < 12) return 16
  if (top < 14) return 24
  return top === 15 ? 32 : -1
}
export function ipv4_text(a: number): string {
  return `${a >>> 24}.${(a >>> 16) & 255}.${(a >>> 8) & 255}.${a & 255}`
}

/** Filter modes of groups: which sources are not wanted, or which alone are. */
export const MCAST_EXCLUDE = 0
export const MCAST_INCLUDE = 1

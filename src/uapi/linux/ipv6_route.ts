/** include/uapi/linux/ipv6_route.h */
import { struct } from '../../lib/struct.ts'
import { bytes, s32, u16, u32, u64 } from '../../lib/types.ts'

/** Learned by an RA: a default route, and whether its router may be off link. */
export const RTF_DEFAULT = 0x00010000
export const RTF_ALLONLINK = 0x00020000
export const RTF_ADDRCONF = 0x00040000
export const RTF_PREFIX_RT = 0x00080000
export const RTF_ANYCAST = 0x00100000
export const RTF_NONEXTHOP = 0x00200000
export const RTF_EXPIRES = 0x00400000
export const RTF_ROUTEINFO = 0x00800000
export const RTF_CACHE = 0x01000000
export const RTF_FLOW = 0x02000000
export const RTF_POLICY = 0x04000000
/** Two bits of router preference (RFC 4191) in the flags. */
export function RTF_PREF(pref: number): number {
  return pref << 27
}
export const RTF_PREF_MASK = 0x18000000
export const RTF_PCPU = 0x40000000
export const RTF_LOCAL = 0x80000000

export const IP6_RT_PRIO_USER = 1024
export const IP6_RT_PRIO_ADDRCONF = 256

/** RFC 4191 router preference (include/uapi/linux/icmpv6.h). */
export const ICMPV6_ROUTER_PREF_LOW = 3
export const ICMPV6_ROUTER_PREF_MEDIUM = 0
export const ICMPV6_ROUTER_PREF_HIGH = 1
export const ICMPV6_ROUTER_PREF_INVALID = 2

/** struct in6_rtmsg: SIOCADDRT and SIOCDELRT on an AF_INET6 socket. */
export const in6_rtmsg = struct('in6_rtmsg', {
  rtmsg_dst: bytes(16), rtmsg_src: bytes(16), rtmsg_gateway: bytes(16), rtmsg_type: u32, rtmsg_dst_len: u16, rtmsg_src_len: u16,
  rtmsg_metric: u32, rtmsg_info: u64, rtmsg_flags: u32, rtmsg_ifindex: s32,
})

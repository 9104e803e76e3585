/** include/uapi/linux/in6.h, with the tests on addresses of include/net/ipv6.h. An address is 16 bytes in network order. */
import { struct } from '../../lib/struct.ts'
import { be16, be32, bytes, s32, u16, u32, u8 } from '../../lib/types.ts'

export type in6_addr = Uint8Array

export const IPPROTO_HOPOPTS = 0
export const IPPROTO_IPV6 = 41
export const IPPROTO_ICMPV6 = 58

export const sockaddr_in6 = struct('sockaddr_in6', {
  sin6_family: u16, sin6_port: be16, sin6_flowinfo: be32, sin6_addr: bytes(16), sin6_scope_id: u32,
})
/** include/uapi/linux/ipv6.h: what SIOCSIFADDR, SIOCDIFADDR and SIOCSIFDSTADDR take on a PF_INET6 socket. */
export const in6_ifreq = struct('in6_ifreq', { ifr6_addr: bytes(16), ifr6_prefixlen: u32, ifr6_ifindex: s32 })

export const in6addr_any = addr6([])
export const in6addr_loopback = addr6([0, 0, 0, 0, 0, 0, 0, 1])
export const in6addr_linklocal_allnodes = addr6([0xff02, 0, 0, 0, 0, 0, 0, 1])
export const in6addr_linklocal_allrouters = addr6([0xff02, 0, 0, 0, 0, 0, 0, 2])
export const in6addr_interfacelocal_allnodes = addr6([0xff01, 0, 0, 0, 0, 0, 0, 1])
export const in6addr_interfacelocal_allrouters = addr6([0xff01, 0, 0, 0, 0, 0, 0, 2])
export const in6addr_sitelocal_allrouters = addr6([0xff05, 0, 0, 0, 0, 0, 0, 2])

/** From words in host order; what is missing is zero. */
export function addr6(words: readonly number[]): in6_addr {
  const a = new Uint8Array(16)
  words.forEach((w, i) => {
    a[i * 2] = w >> 8
    a[i * 2 + 1] = w
  })
  return a
}

/** include/net/ipv6.h: what an address is good for, and where. */
export const IPV6_ADDR_ANY = 0x0000
export const IPV6_ADDR_UNICAST = 0x0001
export const IPV6_ADDR_MULTICAST = 0x0002
export const IPV6_ADDR_LOOPBACK = 0x0010
export const IPV6_ADDR_LINKLOCAL = 0x0020
export const IPV6_ADDR_SITELOCAL = 0x0040
export const IPV6_ADDR_COMPATv4 = 0x0080
export const IPV6_ADDR_SCOPE_MASK = 0x00f0
export const IPV6_ADDR_MAPPED = 0x1000
/** Scopes as multicast addresses carry them (RFC 4291 2.7). */
export const IPV6_ADDR_SCOPE_NODELOCAL = 0x01
export const IPV6_ADDR_SCOPE_LINKLOCAL = 0x02
export const IPV6_ADDR_SCOPE_SITELOCAL = 0x05
export const IPV6_ADDR_SCOPE_ORGLOCAL = 0x08
export const IPV6_ADDR_SCOPE_GLOBAL = 0x0e

export function ipv6_addr_equal(a: in6_addr, b: in6_addr): boolean {
  for (let i = 0; i < 16; i++) if (a[i] !== b[i]) return false
  return true
}
export function ipv6_addr_any(a: in6_addr): boolean {
  for (let i = 0; i < 16; i++) if (a[i] !== 0) return false
  return true
}
export function ipv6_addr_loopback(a: in6_addr): boolean {
  return ipv6_addr_equal(a, in6addr_loopback)
}
export function ipv6_addr_is_multicast(a: in6_addr): boolean {
  return a[0] === 0xff
}
export function ipv6_addr_v4mapped(a: in6_addr): boolean {
  for (let i = 0; i < 10; i++) if (a[i] !== 0) return false
  return a[10] === 0xff && a[11] === 0xff
}
/** Whether the first `plen` bits agree. */
export function ipv6_prefix_equal(a: in6_addr, b: in6_addr, plen: number): boolean {
  const whole = plen >> 3
  for (let i = 0; i < whole; i++) if (a[i] !== b[i]) return false
  const rest = plen & 7
  return rest === 0 || ((a[whole] ^ b[whole]) & (0xff00 >> rest) & 0xff) === 0
}
/** The first `plen` bits, the rest zero. */
export function ipv6_addr_prefix(a: in6_addr, plen: number): in6_addr {
  const p = new Uint8Array(16)
  const whole = plen >> 3
  for (let i = 0; i < whole; i++) p[i] = a[i]
  if (plen & 7) p[whole] = a[whole] & (0xff00 >> (plen & 7))
  return p
}
/** Whether there are no bits beyond the first `plen`. */
export function ipv6_addr_is_prefix(a: in6_addr, plen: number): boolean {
  let i = plen >> 3
  if (plen & 7 && a[i++] & (0xff >> (plen & 7))) return false
  for (; i < 16; i++) if (a[i] !== 0) return false
  return true
}
/** Bits that agree from the left (ipv6_addr_diff). */
export function ipv6_addr_diff(a: in6_addr, b: in6_addr): number {
  for (let i = 0; i < 16; i++) if (a[i] !== b[i]) return i * 8 + Math.clz32(a[i] ^ b[i]) - 24
  return 128
}
/** RFC 4291 2.7.1: the group at which a node is asked whether it has the address. */
export function addrconf_addr_solict_mult(a: in6_addr): in6_addr {
  return addr6([0xff02, 0, 0, 0, 0, 1, 0xff00 | a[13], (a[14] << 8) | a[15]])
}
/** For Maps: one string an address. */
export function addr6_key(a: in6_addr): string {
  const w = (i: number) => (a[i] << 8) | a[i + 1]
  return String.fromCharCode(w(0), w(2), w(4), w(6), w(8), w(10), w(12), w(14))
}

function multicast_scope_bits(a: in6_addr): number {
  switch (a[1] & 0x0f) {
    case IPV6_ADDR_SCOPE_NODELOCAL: return IPV6_ADDR_LOOPBACK
    case IPV6_ADDR_SCOPE_LINKLOCAL: return IPV6_ADDR_LINKLOCAL
    case IPV6_ADDR_SCOPE_SITELOCAL: return IPV6_ADDR_SITELOCAL
    default: return 0
  }
}
function scope_type(scope: number): number {
  return scope << 16
}
/** net/ipv6/addrconf_core.c __ipv6_addr_type: type bits, with the scope from bit 16 on. */
export function __ipv6_addr_type(a: in6_addr): number {
  const first = (a[0] << 8) | a[1]
  // 001 … 110: global unicast
  if ((first & 0xe000) !== 0 && (first & 0xe000) !== 0xe000) return IPV6_ADDR_UNICAST | scope_type(IPV6_ADDR_SCOPE_GLOBAL)
  if (a[0] === 0xff) return IPV6_ADDR_MULTICAST | multicast_scope_bits(a) | scope_type(a[1] & 0x0f)
  if ((first & 0xffc0) === 0xfe80) return IPV6_ADDR_LINKLOCAL | IPV6_ADDR_UNICAST | scope_type(IPV6_ADDR_SCOPE_LINKLOCAL)
  if ((first & 0xffc0) === 0xfec0) return IPV6_ADDR_SITELOCAL | IPV6_ADDR_UNICAST | scope_type(IPV6_ADDR_SCOPE_SITELOCAL)
  if ((first & 0xfe00) === 0xfc00) return IPV6_ADDR_UNICAST | scope_type(IPV6_ADDR_SCOPE_GLOBAL)
  for (let i = 0; i < 8; i++) if (a[i] !== 0) return IPV6_ADDR_UNICAST | scope_type(IPV6_ADDR_SCOPE_GLOBAL)
  if (a[8] === 0 && a[9] === 0 && a[10] === 0 && a[11] === 0) {
    const low = ((a[12] << 24) | (a[13] << 16) | (a[14] << 8) | a[15]) >>> 0
    if (low === 0) return IPV6_ADDR_ANY
    if (low === 1) return IPV6_ADDR_LOOPBACK | IPV6_ADDR_UNICAST | scope_type(IPV6_ADDR_SCOPE_LINKLOCAL)
    return IPV6_ADDR_COMPATv4 | IPV6_ADDR_UNICAST | scope_type(IPV6_ADDR_SCOPE_GLOBAL)
  }
  if (ipv6_addr_v4mapped(a)) return IPV6_ADDR_MAPPED | scope_type(IPV6_ADDR_SCOPE_GLOBAL)
  return IPV6_ADDR_UNICAST | scope_type(IPV6_ADDR_SCOPE_GLOBAL)
}
export function ipv6_addr_type(a: in6_addr): number {
  return __ipv6_addr_type(a) & 0xffff
}
/** The scope bits of a type, as ifp.scope keeps them. */
export function ipv6_addr_scope(a: in6_addr): number {
  return __ipv6_addr_type(a) & IPV6_ADDR_SCOPE_MASK
}
/** __ipv6_addr_src_scope(): the multicast scope that a type stands for. */
export function __ipv6_addr_src_scope(type: number): number {
  return (type & 0xffff) === IPV6_ADDR_ANY ? -1 : type >> 16
}

/** Level and options of setsockopt. */
export const SOL_IPV6 = 41
export const IPV6_ADDRFORM = 1
export const IPV6_2292PKTOPTIONS = 6
export const IPV6_CHECKSUM = 7
export const IPV6_UNICAST_HOPS = 16
export const IPV6_MULTICAST_IF = 17
export const IPV6_MULTICAST_HOPS = 18
export const IPV6_MULTICAST_LOOP = 19
export const IPV6_ROUTER_ALERT = 22
export const IPV6_MTU_DISCOVER = 23
export const IPV6_MTU = 24
export const IPV6_RECVERR = 25
export const IPV6_V6ONLY = 26
export const IPV6_MULTICAST_ALL = 29
export const IPV6_FLOWINFO_SEND = 33
export const IPV6_HDRINCL = 36
export const IPV6_RECVPKTINFO = 49
export const IPV6_PKTINFO = 50
export const IPV6_RECVHOPLIMIT = 51
export const IPV6_HOPLIMIT = 52
export const IPV6_RECVPATHMTU = 60
export const IPV6_DONTFRAG = 62
export const IPV6_RECVTCLASS = 66
export const IPV6_TCLASS = 67
export const IPV6_AUTOFLOWLABEL = 70
export const IPV6_ADDR_PREFERENCES = 72
export const IPV6_MINHOPCOUNT = 73
export const IPV6_RECVORIGDSTADDR = 74
export const IPV6_TRANSPARENT = 75
export const IPV6_UNICAST_IF = 76
export const IPV6_RECVFRAGSIZE = 77
export const IPV6_JOIN_GROUP = 20
export const IPV6_LEAVE_GROUP = 21
export const IPV6_IPSEC_POLICY = 34
export const IPV6_XFRM_POLICY = 35
export const IPV6_JOIN_ANYCAST = 27
export const IPV6_LEAVE_ANYCAST = 28
export const IPV6_RECVHOPOPTS = 53
export const IPV6_RECVRTHDR = 56
export const IPV6_RECVDSTOPTS = 58
export const IPV6_PATHMTU = 61
export const IPV6_FLOWINFO = 11
export const IPV6_FREEBIND = 78

// RFC 2292's, as RFC 3542 knows them no more
export const IPV6_2292PKTINFO = 2
export const IPV6_2292HOPOPTS = 3
export const IPV6_2292DSTOPTS = 4
export const IPV6_2292RTHDR = 5
export const IPV6_2292HOPLIMIT = 8
export const IPV6_ROUTER_ALERT_ISOLATE = 30
export const IPV6_RECVERR_RFC4884 = 31
/** Of IPV6_ADDR_PREFERENCES, beside those that choose (RFC 5014). */
export const IPV6_PREFER_SRC_CGA = 0x0008
export const IPV6_PREFER_SRC_PUBTMP_DEFAULT = 0x0100
export const IPV6_PREFER_SRC_HOME = 0x0400
export const IPV6_PREFER_SRC_NONCGA = 0x0800

/** Headers between the fixed one and the protocol's, as options and control messages (RFC 3542). */
export const IPV6_HOPOPTS = 54
export const IPV6_RTHDRDSTOPTS = 55
export const IPV6_RTHDR = 57
export const IPV6_DSTOPTS = 59
export const IPV6_SRCRT_TYPE_2 = 2
export const IPV6_SRCRT_TYPE_3 = 3
export const IPV6_SRCRT_TYPE_4 = 4

/** Leases of flow labels: struct in6_flowlabel_req, what is asked, and who may use the label. */
export const IPV6_FLOWLABEL_MGR = 32
export const in6_flowlabel_req = struct('in6_flowlabel_req', {
  flr_dst: bytes(16),
  flr_label: be32,
  flr_action: u8,
  flr_share: u8,
  flr_flags: u16,
  flr_expires: u16,
  flr_linger: u16,
  flr_pad: u32,
})
export const IPV6_FL_A_GET = 0
export const IPV6_FL_A_PUT = 1
export const IPV6_FL_A_RENEW = 2
export const IPV6_FL_F_CREATE = 1
export const IPV6_FL_F_EXCL = 2
export const IPV6_FL_F_REFLECT = 4
export const IPV6_FL_F_REMOTE = 8
export const IPV6_FL_S_NONE = 0
export const IPV6_FL_S_EXCL = 1
export const IPV6_FL_S_PROCESS = 2
export const IPV6_FL_S_USER = 3
export const IPV6_FL_S_ANY = 255
export const IPV6_FLOWINFO_MASK = 0x0fffffff
export const IPV6_FLOWLABEL_MASK = 0x000fffff
/** flowlabel_state_ranges: labels that nobody leases. */
export const IPV6_FLOWLABEL_STATELESS_FLAG = 0x00080000

/** include/uapi/linux/if_tunnel.h and ip6_tunnel.h: tunnels over IPv4 and IPv6, their ioctls and attributes. */
import { type AttrSet, attr, attrs } from '../../lib/attrs.ts'
import { struct } from '../../lib/struct.ts'
import { address, be16, be32, bytes, chars, flag, s32, u16, u32, u8 } from '../../lib/types.ts'
import { SIOCDEVPRIVATE } from './sockios.ts'

export const SIOCGETTUNNEL = SIOCDEVPRIVATE
export const SIOCADDTUNNEL = SIOCDEVPRIVATE + 1
export const SIOCDELTUNNEL = SIOCDEVPRIVATE + 2
export const SIOCCHGTUNNEL = SIOCDEVPRIVATE + 3
export const SIOCGETPRL = SIOCDEVPRIVATE + 4
export const SIOCADDPRL = SIOCDEVPRIVATE + 5
export const SIOCDELPRL = SIOCDEVPRIVATE + 6
export const SIOCCHGPRL = SIOCDEVPRIVATE + 7
export const SIOCGET6RD = SIOCDEVPRIVATE + 8
export const SIOCADD6RD = SIOCDEVPRIVATE + 9
export const SIOCDEL6RD = SIOCDEVPRIVATE + 10
export const SIOCCHG6RD = SIOCDEVPRIVATE + 11

/** Flags of i_flags and o_flags, in host order. */
export const GRE_CSUM = 0x8000
export const GRE_ROUTING = 0x4000
export const GRE_KEY = 0x2000
export const GRE_SEQ = 0x1000
export const GRE_STRICT = 0x0800
export const GRE_REC = 0x0700
export const GRE_VERSION = 0x0007
/** Both are 1 as the machine stores a number, whatever its byte order. */
export const SIT_ISATAP = 0x0100
export const VTI_ISVTI = 0x0100

export const TUNNEL_ENCAP_NONE = 0
export const TUNNEL_ENCAP_FLAG_CSUM6 = 2

/** Flags of a tunnel over IPv6. */
export const IP6_TNL_F_IGN_ENCAP_LIMIT = 0x1
export const IP6_TNL_F_CAP_XMIT = 0x10000
export const IP6_TNL_F_CAP_RCV = 0x20000
export const IP6_TNL_F_CAP_PER_PACKET = 0x40000

/** The IPv4 header is part of it: version, tos, frag_off, ttl, protocol, addresses. */
export const ip_tunnel_parm = struct('ip_tunnel_parm', {
  name: chars(16), link: s32, i_flags: be16, o_flags: be16, i_key: be32, o_key: be32,
  version_ihl: u8, tos: u8, tot_len: be16, id: be16, frag_off: be16, ttl: u8, protocol: u8, check: u16, saddr: be32, daddr: be32,
})
export const ip6_tnl_parm = struct('ip6_tnl_parm', {
  name: chars(16), link: s32, proto: u8, encap_limit: u8, hop_limit: u8, __pad: u8, flowinfo: u32, flags: u32, laddr: bytes(16), raddr: bytes(16),
})
export const ip6_tnl_parm2 = struct('ip6_tnl_parm2', {
  name: chars(16), link: s32, proto: u8, encap_limit: u8, hop_limit: u8, __pad: u8, flowinfo: u32, flags: u32, laddr: bytes(16), raddr: bytes(16),
  i_flags: be16, o_flags: be16, i_key: be32, o_key: be32,
})
export const ip_tunnel_6rd = struct('ip_tunnel_6rd', { prefix: bytes(16), relay_prefix: be32, prefixlen: u16, relay_prefixlen: u16 })
export const ip_tunnel_prl = struct('ip_tunnel_prl', { addr: be32, flags: u16, __reserved: u16, datalen: u32, __reserved2: u32 })

/** IFLA_INFO_DATA of ipip, sit and ip6tnl. Addresses are 4 or 16 bytes. */
export const IFLA_IPTUN_LINK = attr(1, u32)
export const IFLA_IPTUN_LOCAL = attr(2, address)
export const IFLA_IPTUN_REMOTE = attr(3, address)
export const IFLA_IPTUN_TTL = attr(4, u8)
export const IFLA_IPTUN_TOS = attr(5, u8)
export const IFLA_IPTUN_ENCAP_LIMIT = attr(6, u8)
/** Network byte order, kept as it came. */
export const IFLA_IPTUN_FLOWINFO = attr(7, u32)
/** 16 bits in network order for sit, 32 bits for ip6tnl. */
export const IFLA_IPTUN_FLAGS = attr(8, u32)
export const IFLA_IPTUN_PROTO = attr(9, u8)
export const IFLA_IPTUN_PMTUDISC = attr(10, u8)
export const IFLA_IPTUN_6RD_PREFIX = attr(11, bytes(16))
export const IFLA_IPTUN_6RD_RELAY_PREFIX = attr(12, be32)
export const IFLA_IPTUN_6RD_PREFIXLEN = attr(13, u16)
export const IFLA_IPTUN_6RD_RELAY_PREFIXLEN = attr(14, u16)
export const IFLA_IPTUN_ENCAP_TYPE = attr(15, u16)
export const IFLA_IPTUN_ENCAP_FLAGS = attr(16, u16)
export const IFLA_IPTUN_ENCAP_SPORT = attr(17, be16)
export const IFLA_IPTUN_ENCAP_DPORT = attr(18, be16)
export const IFLA_IPTUN_COLLECT_METADATA = attr(19, flag)
export const IFLA_IPTUN_FWMARK = attr(20, u32)
export const IFLA_IPTUN: AttrSet = attrs('IFLA_IPTUN', {
  IFLA_IPTUN_LINK, IFLA_IPTUN_LOCAL, IFLA_IPTUN_REMOTE, IFLA_IPTUN_TTL, IFLA_IPTUN_TOS, IFLA_IPTUN_ENCAP_LIMIT, IFLA_IPTUN_FLOWINFO,
  IFLA_IPTUN_FLAGS, IFLA_IPTUN_PROTO, IFLA_IPTUN_PMTUDISC, IFLA_IPTUN_6RD_PREFIX, IFLA_IPTUN_6RD_RELAY_PREFIX,
  IFLA_IPTUN_6RD_PREFIXLEN, IFLA_IPTUN_6RD_RELAY_PREFIXLEN, IFLA_IPTUN_ENCAP_TYPE, IFLA_IPTUN_ENCAP_FLAGS, IFLA_IPTUN_ENCAP_SPORT,
  IFLA_IPTUN_ENCAP_DPORT, IFLA_IPTUN_COLLECT_METADATA, IFLA_IPTUN_FWMARK,
})

/** IFLA_INFO_DATA of gre, gretap, erspan and their kinds over IPv6. */
export const IFLA_GRE_LINK = attr(1, u32)
export const IFLA_GRE_IFLAGS = attr(2, be16)
export const IFLA_GRE_OFLAGS = attr(3, be16)
export const IFLA_GRE_IKEY = attr(4, be32)
export const IFLA_GRE_OKEY = attr(5, be32)
export const IFLA_GRE_LOCAL = attr(6, address)
export const IFLA_GRE_REMOTE = attr(7, address)
export const IFLA_GRE_TTL = attr(8, u8)
export const IFLA_GRE_TOS = attr(9, u8)
export const IFLA_GRE_PMTUDISC = attr(10, u8)
export const IFLA_GRE_ENCAP_LIMIT = attr(11, u8)
export const IFLA_GRE_FLOWINFO = attr(12, u32)
export const IFLA_GRE_FLAGS = attr(13, u32)
export const IFLA_GRE_ENCAP_TYPE = attr(14, u16)
export const IFLA_GRE_ENCAP_FLAGS = attr(15, u16)
export const IFLA_GRE_ENCAP_SPORT = attr(16, be16)
export const IFLA_GRE_ENCAP_DPORT = attr(17, be16)
export const IFLA_GRE_COLLECT_METADATA = attr(18, flag)
export const IFLA_GRE_IGNORE_DF = attr(19, u8)
export const IFLA_GRE_FWMARK = attr(20, u32)
export const IFLA_GRE_ERSPAN_INDEX = attr(21, u32)
export const IFLA_GRE_ERSPAN_VER = attr(22, u8)
export const IFLA_GRE_ERSPAN_DIR = attr(23, u8)
export const IFLA_GRE_ERSPAN_HWID = attr(24, u16)
export const IFLA_GRE: AttrSet = attrs('IFLA_GRE', {
  IFLA_GRE_LINK, IFLA_GRE_IFLAGS, IFLA_GRE_OFLAGS, IFLA_GRE_IKEY, IFLA_GRE_OKEY, IFLA_GRE_LOCAL, IFLA_GRE_REMOTE, IFLA_GRE_TTL,
  IFLA_GRE_TOS, IFLA_GRE_PMTUDISC, IFLA_GRE_ENCAP_LIMIT, IFLA_GRE_FLOWINFO, IFLA_GRE_FLAGS, IFLA_GRE_ENCAP_TYPE, IFLA_GRE_ENCAP_FLAGS,
  IFLA_GRE_ENCAP_SPORT, IFLA_GRE_ENCAP_DPORT, IFLA_GRE_COLLECT_METADATA, IFLA_GRE_IGNORE_DF, IFLA_GRE_FWMARK, IFLA_GRE_ERSPAN_INDEX,
  IFLA_GRE_ERSPAN_VER, IFLA_GRE_ERSPAN_DIR, IFLA_GRE_ERSPAN_HWID,
})

/** IFLA_INFO_DATA of vti and vti6. */
export const IFLA_VTI_LINK = attr(1, u32)
export const IFLA_VTI_IKEY = attr(2, be32)
export const IFLA_VTI_OKEY = attr(3, be32)
export const IFLA_VTI_LOCAL = attr(4, address)
export const IFLA_VTI_REMOTE = attr(5, address)
export const IFLA_VTI_FWMARK = attr(6, u32)
export const IFLA_VTI: AttrSet = attrs('IFLA_VTI', {
  IFLA_VTI_LINK, IFLA_VTI_IKEY, IFLA_VTI_OKEY, IFLA_VTI_LOCAL, IFLA_VTI_REMOTE, IFLA_VTI_FWMARK,
})

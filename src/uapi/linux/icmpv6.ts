/** include/uapi/linux/icmpv6.h, with the numbers of RFC 4861 and RFC 2710 that include/net/ndisc.h has. */
export const ICMPV6_DEST_UNREACH = 1
export const ICMPV6_PKT_TOOBIG = 2
export const ICMPV6_TIME_EXCEED = 3
export const ICMPV6_PARAMPROB = 4
export const ICMPV6_INFOMSG_MASK = 0x80
export const ICMPV6_ECHO_REQUEST = 128
export const ICMPV6_ECHO_REPLY = 129
export const ICMPV6_MGM_QUERY = 130
export const ICMPV6_MGM_REPORT = 131
export const ICMPV6_MGM_REDUCTION = 132
export const NDISC_ROUTER_SOLICITATION = 133
export const NDISC_ROUTER_ADVERTISEMENT = 134
export const NDISC_NEIGHBOUR_SOLICITATION = 135
export const NDISC_NEIGHBOUR_ADVERTISEMENT = 136
export const NDISC_REDIRECT = 137
export const ICMPV6_NI_QUERY = 139
export const ICMPV6_NI_REPLY = 140
export const ICMPV6_MLD2_REPORT = 143
export const ICMPV6_EXT_ECHO_REQUEST = 160
export const ICMPV6_EXT_ECHO_REPLY = 161

/** Codes of ICMPV6_DEST_UNREACH. */
export const ICMPV6_NOROUTE = 0
export const ICMPV6_ADM_PROHIBITED = 1
export const ICMPV6_NOT_NEIGHBOUR = 2
export const ICMPV6_ADDR_UNREACH = 3
export const ICMPV6_PORT_UNREACH = 4
export const ICMPV6_POLICY_FAIL = 5
export const ICMPV6_REJECT_ROUTE = 6
/** Of ICMPV6_TIME_EXCEED. */
export const ICMPV6_EXC_HOPLIMIT = 0
export const ICMPV6_EXC_FRAGTIME = 1
/** Of ICMPV6_PARAMPROB. */
export const ICMPV6_HDR_FIELD = 0
export const ICMPV6_UNK_NEXTHDR = 1
export const ICMPV6_UNK_OPTION = 2
export const ICMPV6_HDR_INCOMP = 3

/** Records of an MLDv2 report. */
export const MLD2_MODE_IS_INCLUDE = 1
export const MLD2_MODE_IS_EXCLUDE = 2
export const MLD2_CHANGE_TO_INCLUDE = 3
export const MLD2_CHANGE_TO_EXCLUDE = 4

/** Options of neighbour discovery. */
export const ND_OPT_SOURCE_LL_ADDR = 1
export const ND_OPT_TARGET_LL_ADDR = 2
export const ND_OPT_PREFIX_INFO = 3
export const ND_OPT_REDIRECT_HDR = 4
export const ND_OPT_MTU = 5
export const ND_OPT_NONCE = 14
export const ND_OPT_ROUTE_INFO = 24
export const ND_OPT_RDNSS = 25
export const ND_OPT_DNSSL = 31
export const ND_OPT_CAPTIVE_PORTAL = 37
export const ND_OPT_PREF64 = 38

/** Bits of an advertisement's flags (first byte after the checksum of NA; second of RA). */
export const NA_ROUTER = 0x80
export const NA_SOLICITED = 0x40
export const NA_OVERRIDE = 0x20
export const RA_MANAGED = 0x80
export const RA_OTHER = 0x40

/** SOL_ICMPV6 */
export const ICMPV6_FILTER = 1

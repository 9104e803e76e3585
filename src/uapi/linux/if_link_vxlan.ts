/** include/uapi/linux/if_link.h: IFLA_INFO_DATA of vxlan, and its VNI filter (tunnel_msg). */
import { type AttrSet, attr, attrs, nested } from '../../lib/attrs.ts'
import { struct } from '../../lib/struct.ts'
import { address, be16, be32, binary, flag, u16, u32, u64, u8 } from '../../lib/types.ts'

export const VXLAN_DF_UNSET = 0
export const VXLAN_DF_SET = 1
export const VXLAN_DF_INHERIT = 2
export const VXLAN_DF_MAX = 2
export const VXLAN_LABEL_FIXED = 0
export const VXLAN_LABEL_INHERIT = 1
export const VXLAN_LABEL_MAX = 1

export const ifla_vxlan_port_range = struct('ifla_vxlan_port_range', { low: be16, high: be16 })

export const IFLA_VXLAN_ID = attr(1, u32)
export const IFLA_VXLAN_GROUP = attr(2, address)
export const IFLA_VXLAN_LINK = attr(3, u32)
export const IFLA_VXLAN_LOCAL = attr(4, address)
export const IFLA_VXLAN_TTL = attr(5, u8)
export const IFLA_VXLAN_TOS = attr(6, u8)
export const IFLA_VXLAN_LEARNING = attr(7, u8)
export const IFLA_VXLAN_AGEING = attr(8, u32)
export const IFLA_VXLAN_LIMIT = attr(9, u32)
export const IFLA_VXLAN_PORT_RANGE = attr(10, ifla_vxlan_port_range)
export const IFLA_VXLAN_PROXY = attr(11, u8)
export const IFLA_VXLAN_RSC = attr(12, u8)
export const IFLA_VXLAN_L2MISS = attr(13, u8)
export const IFLA_VXLAN_L3MISS = attr(14, u8)
export const IFLA_VXLAN_PORT = attr(15, be16)
export const IFLA_VXLAN_GROUP6 = attr(16, address)
export const IFLA_VXLAN_LOCAL6 = attr(17, address)
export const IFLA_VXLAN_UDP_CSUM = attr(18, u8)
export const IFLA_VXLAN_UDP_ZERO_CSUM6_TX = attr(19, u8)
export const IFLA_VXLAN_UDP_ZERO_CSUM6_RX = attr(20, u8)
export const IFLA_VXLAN_REMCSUM_TX = attr(21, u8)
export const IFLA_VXLAN_REMCSUM_RX = attr(22, u8)
export const IFLA_VXLAN_GBP = attr(23, flag)
export const IFLA_VXLAN_REMCSUM_NOPARTIAL = attr(24, flag)
export const IFLA_VXLAN_COLLECT_METADATA = attr(25, u8)
export const IFLA_VXLAN_LABEL = attr(26, be32)
export const IFLA_VXLAN_GPE = attr(27, flag)
export const IFLA_VXLAN_TTL_INHERIT = attr(28, u8)
export const IFLA_VXLAN_DF = attr(29, u8)
export const IFLA_VXLAN_VNIFILTER = attr(30, u8)
export const IFLA_VXLAN_LOCALBYPASS = attr(31, u8)
export const IFLA_VXLAN_LABEL_POLICY = attr(32, u32)
export const IFLA_VXLAN: AttrSet = attrs('IFLA_VXLAN', {
  IFLA_VXLAN_ID, IFLA_VXLAN_GROUP, IFLA_VXLAN_LINK, IFLA_VXLAN_LOCAL, IFLA_VXLAN_TTL, IFLA_VXLAN_TOS, IFLA_VXLAN_LEARNING,
  IFLA_VXLAN_AGEING, IFLA_VXLAN_LIMIT, IFLA_VXLAN_PORT_RANGE, IFLA_VXLAN_PROXY, IFLA_VXLAN_RSC, IFLA_VXLAN_L2MISS,
  IFLA_VXLAN_L3MISS, IFLA_VXLAN_PORT, IFLA_VXLAN_GROUP6, IFLA_VXLAN_LOCAL6, IFLA_VXLAN_UDP_CSUM, IFLA_VXLAN_UDP_ZERO_CSUM6_TX,
  IFLA_VXLAN_UDP_ZERO_CSUM6_RX, IFLA_VXLAN_REMCSUM_TX, IFLA_VXLAN_REMCSUM_RX, IFLA_VXLAN_GBP, IFLA_VXLAN_REMCSUM_NOPARTIAL,
  IFLA_VXLAN_COLLECT_METADATA, IFLA_VXLAN_LABEL, IFLA_VXLAN_GPE, IFLA_VXLAN_TTL_INHERIT, IFLA_VXLAN_DF, IFLA_VXLAN_VNIFILTER,
  IFLA_VXLAN_LOCALBYPASS, IFLA_VXLAN_LABEL_POLICY,
})

/** RTM_NEWTUNNEL, RTM_DELTUNNEL, RTM_GETTUNNEL */
export const tunnel_msg = struct('tunnel_msg', { family: u8, flags: u8, reserved2: u16, ifindex: u32 })
export const TUNNEL_MSG_FLAG_STATS = 1
export const TUNNEL_MSG_VALID_USER_FLAGS = TUNNEL_MSG_FLAG_STATS

export const VXLAN_VNIFILTER_ENTRY = attr(1, nested(() => VXLAN_VNIFILTER_ENTRY_SET))
export const VXLAN_VNIFILTER: AttrSet = attrs('VXLAN_VNIFILTER', { VXLAN_VNIFILTER_ENTRY })
export const VXLAN_VNIFILTER_ENTRY_START = attr(1, u32)
export const VXLAN_VNIFILTER_ENTRY_END = attr(2, u32)
export const VXLAN_VNIFILTER_ENTRY_GROUP = attr(3, address)
export const VXLAN_VNIFILTER_ENTRY_GROUP6 = attr(4, address)
export const VXLAN_VNIFILTER_ENTRY_STATS = attr(5, nested(() => VNIFILTER_ENTRY_STATS))
export const VXLAN_VNIFILTER_ENTRY_SET: AttrSet = attrs('VXLAN_VNIFILTER_ENTRY', {
  VXLAN_VNIFILTER_ENTRY_START, VXLAN_VNIFILTER_ENTRY_END, VXLAN_VNIFILTER_ENTRY_GROUP, VXLAN_VNIFILTER_ENTRY_GROUP6,
  VXLAN_VNIFILTER_ENTRY_STATS,
})
export const VNIFILTER_ENTRY_STATS_RX_BYTES = attr(1, u64)
export const VNIFILTER_ENTRY_STATS_RX_PKTS = attr(2, u64)
export const VNIFILTER_ENTRY_STATS_RX_DROPS = attr(3, u64)
export const VNIFILTER_ENTRY_STATS_RX_ERRORS = attr(4, u64)
export const VNIFILTER_ENTRY_STATS_TX_BYTES = attr(5, u64)
export const VNIFILTER_ENTRY_STATS_TX_PKTS = attr(6, u64)
export const VNIFILTER_ENTRY_STATS_TX_DROPS = attr(7, u64)
export const VNIFILTER_ENTRY_STATS_TX_ERRORS = attr(8, u64)
export const VNIFILTER_ENTRY_STATS_PAD = attr(9, binary)
export const VNIFILTER_ENTRY_STATS: AttrSet = attrs('VNIFILTER_ENTRY_STATS', {
  VNIFILTER_ENTRY_STATS_RX_BYTES, VNIFILTER_ENTRY_STATS_RX_PKTS, VNIFILTER_ENTRY_STATS_RX_DROPS, VNIFILTER_ENTRY_STATS_RX_ERRORS,
  VNIFILTER_ENTRY_STATS_TX_BYTES, VNIFILTER_ENTRY_STATS_TX_PKTS, VNIFILTER_ENTRY_STATS_TX_DROPS, VNIFILTER_ENTRY_STATS_TX_ERRORS,
  VNIFILTER_ENTRY_STATS_PAD,
})

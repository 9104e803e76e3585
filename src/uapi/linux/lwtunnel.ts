/** include/uapi/linux/{lwtunnel,mpls_iptunnel,seg6_iptunnel,seg6_local}.h: encapsulations that a route brings along. */
import { type AttrSet, attr, attrs } from '../../lib/attrs.ts'
import { address, binary, u8, u16, u32 } from '../../lib/types.ts'

export const LWTUNNEL_ENCAP_NONE = 0
export const LWTUNNEL_ENCAP_MPLS = 1
export const LWTUNNEL_ENCAP_IP = 2
export const LWTUNNEL_ENCAP_ILA = 3
export const LWTUNNEL_ENCAP_IP6 = 4
export const LWTUNNEL_ENCAP_SEG6 = 5
export const LWTUNNEL_ENCAP_BPF = 6
export const LWTUNNEL_ENCAP_SEG6_LOCAL = 7
export const LWTUNNEL_ENCAP_RPL = 8
export const LWTUNNEL_ENCAP_IOAM6 = 9
export const LWTUNNEL_ENCAP_XFRM = 10
export const LWTUNNEL_ENCAP_MAX = 10

export const LWTUNNEL_IP_ID = attr(1, binary)
export const LWTUNNEL_IP_DST = attr(2, address)
export const LWTUNNEL_IP_SRC = attr(3, address)
export const LWTUNNEL_IP_TTL = attr(4, u8)
export const LWTUNNEL_IP_TOS = attr(5, u8)
export const LWTUNNEL_IP_FLAGS = attr(6, u16)
export const LWTUNNEL_IP_OPTS = attr(8, binary)
export const LWTUNNEL_IP: AttrSet = attrs('LWTUNNEL_IP', {
  LWTUNNEL_IP_ID, LWTUNNEL_IP_DST, LWTUNNEL_IP_SRC, LWTUNNEL_IP_TTL, LWTUNNEL_IP_TOS, LWTUNNEL_IP_FLAGS, LWTUNNEL_IP_OPTS,
})

export const LWTUNNEL_IP6_ID = attr(1, binary)
export const LWTUNNEL_IP6_DST = attr(2, address)
export const LWTUNNEL_IP6_SRC = attr(3, address)
export const LWTUNNEL_IP6_HOPLIMIT = attr(4, u8)
export const LWTUNNEL_IP6_TC = attr(5, u8)
export const LWTUNNEL_IP6_FLAGS = attr(6, u16)
export const LWTUNNEL_IP6_OPTS = attr(8, binary)
export const LWTUNNEL_IP6: AttrSet = attrs('LWTUNNEL_IP6', {
  LWTUNNEL_IP6_ID, LWTUNNEL_IP6_DST, LWTUNNEL_IP6_SRC, LWTUNNEL_IP6_HOPLIMIT, LWTUNNEL_IP6_TC, LWTUNNEL_IP6_FLAGS, LWTUNNEL_IP6_OPTS,
})

/** Options, of IPv4 and IPv6 alike: of one kind of tunnel. */
export const LWTUNNEL_IP_OPTS_GENEVE = attr(1, binary)
export const LWTUNNEL_IP_OPTS_VXLAN = attr(2, binary)
export const LWTUNNEL_IP_OPTS_ERSPAN = attr(3, binary)
export const LWTUNNEL_IP_OPTS_SET: AttrSet = attrs('LWTUNNEL_IP_OPTS', {
  LWTUNNEL_IP_OPTS_GENEVE, LWTUNNEL_IP_OPTS_VXLAN, LWTUNNEL_IP_OPTS_ERSPAN,
})
export const LWTUNNEL_IP_OPT_GENEVE_CLASS = attr(1, u16)
export const LWTUNNEL_IP_OPT_GENEVE_TYPE = attr(2, u8)
export const LWTUNNEL_IP_OPT_GENEVE_DATA = attr(3, binary)
export const LWTUNNEL_IP_OPT_GENEVE: AttrSet = attrs('LWTUNNEL_IP_OPT_GENEVE', {
  LWTUNNEL_IP_OPT_GENEVE_CLASS, LWTUNNEL_IP_OPT_GENEVE_TYPE, LWTUNNEL_IP_OPT_GENEVE_DATA,
})
export const LWTUNNEL_IP_OPT_VXLAN_GBP = attr(1, u32)
export const LWTUNNEL_IP_OPT_VXLAN: AttrSet = attrs('LWTUNNEL_IP_OPT_VXLAN', { LWTUNNEL_IP_OPT_VXLAN_GBP })
export const LWTUNNEL_IP_OPT_ERSPAN_VER = attr(1, u8)
export const LWTUNNEL_IP_OPT_ERSPAN_INDEX = attr(2, u32)
export const LWTUNNEL_IP_OPT_ERSPAN_DIR = attr(3, u8)
export const LWTUNNEL_IP_OPT_ERSPAN_HWID = attr(4, u8)
export const LWTUNNEL_IP_OPT_ERSPAN: AttrSet = attrs('LWTUNNEL_IP_OPT_ERSPAN', {
  LWTUNNEL_IP_OPT_ERSPAN_VER, LWTUNNEL_IP_OPT_ERSPAN_INDEX, LWTUNNEL_IP_OPT_ERSPAN_DIR, LWTUNNEL_IP_OPT_ERSPAN_HWID,
})

export const MPLS_IPTUNNEL_DST = attr(1, binary)
export const MPLS_IPTUNNEL_TTL = attr(2, u8)
export const MPLS_IPTUNNEL: AttrSet = attrs('MPLS_IPTUNNEL', { MPLS_IPTUNNEL_DST, MPLS_IPTUNNEL_TTL })

export const SEG6_IPTUNNEL_SRH = attr(1, binary)
export const SEG6_IPTUNNEL: AttrSet = attrs('SEG6_IPTUNNEL', { SEG6_IPTUNNEL_SRH })
export const SEG6_IPTUN_MODE_INLINE = 0
export const SEG6_IPTUN_MODE_L2ENCAP_RED = 4

export const SEG6_LOCAL_ACTION = attr(1, u32)
export const SEG6_LOCAL_SRH = attr(2, binary)
export const SEG6_LOCAL_TABLE = attr(3, u32)
export const SEG6_LOCAL_NH4 = attr(4, address)
export const SEG6_LOCAL_NH6 = attr(5, address)
export const SEG6_LOCAL_IIF = attr(6, u32)
export const SEG6_LOCAL_OIF = attr(7, u32)
export const SEG6_LOCAL_BPF = attr(8, binary)
export const SEG6_LOCAL_VRFTABLE = attr(9, u32)
export const SEG6_LOCAL_COUNTERS = attr(10, binary)
export const SEG6_LOCAL_FLAVORS = attr(11, binary)
export const SEG6_LOCAL: AttrSet = attrs('SEG6_LOCAL', {
  SEG6_LOCAL_ACTION, SEG6_LOCAL_SRH, SEG6_LOCAL_TABLE, SEG6_LOCAL_NH4, SEG6_LOCAL_NH6, SEG6_LOCAL_IIF, SEG6_LOCAL_OIF, SEG6_LOCAL_BPF,
  SEG6_LOCAL_VRFTABLE, SEG6_LOCAL_COUNTERS, SEG6_LOCAL_FLAVORS,
})

export const SEG6_LOCAL_ACTION_END = 1
export const SEG6_LOCAL_ACTION_END_X = 2
export const SEG6_LOCAL_ACTION_END_T = 3
export const SEG6_LOCAL_ACTION_END_DX2 = 4
export const SEG6_LOCAL_ACTION_END_DX6 = 5
export const SEG6_LOCAL_ACTION_END_DX4 = 6
export const SEG6_LOCAL_ACTION_END_DT6 = 7
export const SEG6_LOCAL_ACTION_END_DT4 = 8
export const SEG6_LOCAL_ACTION_END_B6 = 9
export const SEG6_LOCAL_ACTION_END_B6_ENCAP = 10
export const SEG6_LOCAL_ACTION_END_BPF = 15
export const SEG6_LOCAL_ACTION_END_DT46 = 16

export const SEG6_LOCAL_CNT_PACKETS = attr(2, binary)
export const SEG6_LOCAL_CNT_BYTES = attr(3, binary)
export const SEG6_LOCAL_CNT_ERRORS = attr(4, binary)
export const SEG6_LOCAL_CNT: AttrSet = attrs('SEG6_LOCAL_CNT', {
  SEG6_LOCAL_CNT_PACKETS, SEG6_LOCAL_CNT_BYTES, SEG6_LOCAL_CNT_ERRORS,
})
export const SEG6_LOCAL_FLV_OP_PSP = 1
export const SEG6_LOCAL_FLV_OP_NEXT_CSID = 4
export const SEG6_LOCAL_FLV_OPERATION = attr(1, u32)
export const SEG6_LOCAL_FLV_LCBLOCK_BITS = attr(2, u8)
export const SEG6_LOCAL_FLV_LCNODE_FN_BITS = attr(3, u8)
export const SEG6_LOCAL_FLV: AttrSet = attrs('SEG6_LOCAL_FLV', {
  SEG6_LOCAL_FLV_OPERATION, SEG6_LOCAL_FLV_LCBLOCK_BITS, SEG6_LOCAL_FLV_LCNODE_FN_BITS,
})

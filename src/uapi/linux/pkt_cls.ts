/** include/uapi/linux/pkt_cls.h: filters and actions. */
import { type AttrSet, attr, attrs } from '../../lib/attrs.ts'
import { struct } from '../../lib/struct.ts'
import { binary, s32, string, u16, u32, u64 } from '../../lib/types.ts'

export const TCA_ACT_MAX_PRIO = 32
export const TCA_ACT_KIND = attr(1, string())
export const TCA_ACT_OPTIONS = attr(2, binary)
export const TCA_ACT_INDEX = attr(3, u32)
export const TCA_ACT_STATS = attr(4, binary)
export const TCA_ACT_PAD = attr(5, binary)
export const TCA_ACT_COOKIE = attr(6, binary)
export const TCA_ACT_FLAGS = attr(7, binary)
export const TCA_ACT_HW_STATS = attr(8, binary)
export const TCA_ACT_USED_HW_STATS = attr(9, binary)
export const TCA_ACT_IN_HW_COUNT = attr(10, u32)
export const TCA_ACT: AttrSet = attrs('TCA_ACT', {
  TCA_ACT_KIND, TCA_ACT_OPTIONS, TCA_ACT_INDEX, TCA_ACT_STATS, TCA_ACT_PAD, TCA_ACT_COOKIE, TCA_ACT_FLAGS, TCA_ACT_HW_STATS,
  TCA_ACT_USED_HW_STATS, TCA_ACT_IN_HW_COUNT,
})
/** A list: the number is an action's place. */
export const TCA_ACT_LIST: AttrSet = attrs('TCA_ACT_LIST', {}, TCA_ACT_MAX_PRIO)

/** What filters and actions answer. */
export const TC_ACT_UNSPEC = -1
export const TC_ACT_OK = 0
export const TC_ACT_RECLASSIFY = 1
export const TC_ACT_SHOT = 2
export const TC_ACT_PIPE = 3
export const TC_ACT_STOLEN = 4
export const TC_ACT_QUEUED = 5
export const TC_ACT_REPEAT = 6
export const TC_ACT_REDIRECT = 7
export const TC_ACT_TRAP = 8
export const TC_ACT_VALUE_MAX = TC_ACT_TRAP
/** The packet is gone: of the kernel's own (include/net/pkt_cls.h). */
export const TC_ACT_CONSUMED = TC_ACT_VALUE_MAX + 1
const TC_ACT_EXT_SHIFT = 28
export const TC_ACT_EXT_VAL_MASK = (1 << TC_ACT_EXT_SHIFT) - 1
export const TC_ACT_JUMP = 1 << TC_ACT_EXT_SHIFT
export const TC_ACT_GOTO_CHAIN = 2 << TC_ACT_EXT_SHIFT

export const TCA_CLS_FLAGS_SKIP_HW = 1
export const TCA_CLS_FLAGS_SKIP_SW = 2
export const TCA_CLS_FLAGS_NOT_IN_HW = 8

export const TCA_ACT_FLAGS_SKIP_HW = 2

/** struct tcf_t: hundredths of a second ago. */
export const tcf_t = struct('tcf_t', { install: u64, lastuse: u64, expires: u64, firstuse: u64 })

/** include/uapi/linux/tc_act/tc_gact.h */
export const tc_gact = struct('tc_gact', { index: u32, capab: u32, action: s32, refcnt: s32, bindcnt: s32 })
export const tc_gact_p = struct('tc_gact_p', { ptype: u16, pval: u16, paction: s32 })
export const TCA_GACT_TM = attr(1, binary)
export const TCA_GACT_PARMS = attr(2, binary)
export const TCA_GACT_PROB = attr(3, binary)
export const TCA_GACT_PAD = attr(4, binary)
export const TCA_GACT: AttrSet = attrs('TCA_GACT', { TCA_GACT_TM, TCA_GACT_PARMS, TCA_GACT_PROB, TCA_GACT_PAD })
export const PGACT_NONE = 0
export const PGACT_NETRAND = 1
export const PGACT_DETERM = 2

/** include/uapi/linux/tc_act/tc_mirred.h */
export const tc_mirred = struct('tc_mirred', {
  index: u32, capab: u32, action: s32, refcnt: s32, bindcnt: s32, eaction: s32, ifindex: u32,
})
export const TCA_MIRRED_TM = attr(1, binary)
export const TCA_MIRRED_PARMS = attr(2, binary)
export const TCA_MIRRED_PAD = attr(3, binary)
export const TCA_MIRRED_BLOCKID = attr(4, u32)
export const TCA_MIRRED: AttrSet = attrs('TCA_MIRRED', { TCA_MIRRED_TM, TCA_MIRRED_PARMS, TCA_MIRRED_PAD, TCA_MIRRED_BLOCKID })
export const TCA_EGRESS_REDIR = 1
export const TCA_EGRESS_MIRROR = 2
export const TCA_INGRESS_REDIR = 3
export const TCA_INGRESS_MIRROR = 4

export const tc_matchall_pcnt = struct('tc_matchall_pcnt', { rhit: u64 })
export const TCA_MATCHALL_CLASSID = attr(1, u32)
export const TCA_MATCHALL_ACT = attr(2, binary)
export const TCA_MATCHALL_FLAGS = attr(3, u32)
export const TCA_MATCHALL_PCNT = attr(4, binary)
export const TCA_MATCHALL_PAD = attr(5, binary)
export const TCA_MATCHALL: AttrSet = attrs('TCA_MATCHALL', {
  TCA_MATCHALL_CLASSID, TCA_MATCHALL_ACT, TCA_MATCHALL_FLAGS, TCA_MATCHALL_PCNT, TCA_MATCHALL_PAD,
})

/** TCA_FLOWER_*, from 1 on. */
const FLOWER = [
  'CLASSID', 'INDEV', 'ACT', 'KEY_ETH_DST', 'KEY_ETH_DST_MASK', 'KEY_ETH_SRC', 'KEY_ETH_SRC_MASK', 'KEY_ETH_TYPE', 'KEY_IP_PROTO',
  'KEY_IPV4_SRC', 'KEY_IPV4_SRC_MASK', 'KEY_IPV4_DST', 'KEY_IPV4_DST_MASK', 'KEY_IPV6_SRC', 'KEY_IPV6_SRC_MASK', 'KEY_IPV6_DST',
  'KEY_IPV6_DST_MASK', 'KEY_TCP_SRC', 'KEY_TCP_DST', 'KEY_UDP_SRC', 'KEY_UDP_DST', 'FLAGS', 'KEY_VLAN_ID', 'KEY_VLAN_PRIO',
  'KEY_VLAN_ETH_TYPE', 'KEY_ENC_KEY_ID', 'KEY_ENC_IPV4_SRC', 'KEY_ENC_IPV4_SRC_MASK', 'KEY_ENC_IPV4_DST', 'KEY_ENC_IPV4_DST_MASK',
  'KEY_ENC_IPV6_SRC', 'KEY_ENC_IPV6_SRC_MASK', 'KEY_ENC_IPV6_DST', 'KEY_ENC_IPV6_DST_MASK', 'KEY_TCP_SRC_MASK', 'KEY_TCP_DST_MASK',
  'KEY_UDP_SRC_MASK', 'KEY_UDP_DST_MASK', 'KEY_SCTP_SRC_MASK', 'KEY_SCTP_DST_MASK', 'KEY_SCTP_SRC', 'KEY_SCTP_DST',
  'KEY_ENC_UDP_SRC_PORT', 'KEY_ENC_UDP_SRC_PORT_MASK', 'KEY_ENC_UDP_DST_PORT', 'KEY_ENC_UDP_DST_PORT_MASK', 'KEY_FLAGS',
  'KEY_FLAGS_MASK', 'KEY_ICMPV4_CODE', 'KEY_ICMPV4_CODE_MASK', 'KEY_ICMPV4_TYPE', 'KEY_ICMPV4_TYPE_MASK', 'KEY_ICMPV6_CODE',
  'KEY_ICMPV6_CODE_MASK', 'KEY_ICMPV6_TYPE', 'KEY_ICMPV6_TYPE_MASK', 'KEY_ARP_SIP', 'KEY_ARP_SIP_MASK', 'KEY_ARP_TIP',
  'KEY_ARP_TIP_MASK', 'KEY_ARP_OP', 'KEY_ARP_OP_MASK', 'KEY_ARP_SHA', 'KEY_ARP_SHA_MASK', 'KEY_ARP_THA', 'KEY_ARP_THA_MASK',
  'KEY_MPLS_TTL', 'KEY_MPLS_BOS', 'KEY_MPLS_TC', 'KEY_MPLS_LABEL', 'KEY_TCP_FLAGS', 'KEY_TCP_FLAGS_MASK', 'KEY_IP_TOS',
  'KEY_IP_TOS_MASK', 'KEY_IP_TTL', 'KEY_IP_TTL_MASK', 'KEY_CVLAN_ID', 'KEY_CVLAN_PRIO', 'KEY_CVLAN_ETH_TYPE', 'KEY_ENC_IP_TOS',
  'KEY_ENC_IP_TOS_MASK', 'KEY_ENC_IP_TTL', 'KEY_ENC_IP_TTL_MASK', 'KEY_ENC_OPTS', 'KEY_ENC_OPTS_MASK', 'IN_HW_COUNT',
  'KEY_PORT_SRC_MIN', 'KEY_PORT_SRC_MAX', 'KEY_PORT_DST_MIN', 'KEY_PORT_DST_MAX', 'KEY_CT_STATE', 'KEY_CT_STATE_MASK', 'KEY_CT_ZONE',
  'KEY_CT_ZONE_MASK', 'KEY_CT_MARK', 'KEY_CT_MARK_MASK', 'KEY_CT_LABELS', 'KEY_CT_LABELS_MASK', 'KEY_MPLS_OPTS', 'KEY_HASH',
  'KEY_HASH_MASK', 'KEY_NUM_OF_VLANS', 'KEY_PPPOE_SID', 'KEY_PPP_PROTO', 'KEY_L2TPV3_SID', 'L2_MISS', 'KEY_CFM', 'KEY_SPI',
  'KEY_SPI_MASK', 'KEY_ENC_FLAGS', 'KEY_ENC_FLAGS_MASK',
] as const
export type flower_name = (typeof FLOWER)[number]
export const TCA_FLOWER: AttrSet = attrs(
  'TCA_FLOWER',
  Object.fromEntries(FLOWER.map((name, i) => [`TCA_FLOWER_${name}`, attr(i + 1, binary)])),
)
/** The number of TCA_FLOWER_<name>. */
export function TCA_FLOWER_NR(name: flower_name): number {
  return FLOWER.indexOf(name) + 1
}

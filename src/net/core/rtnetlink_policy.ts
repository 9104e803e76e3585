/** net/core/rtnetlink.c: what link requests may carry. */

import { ALTIFNAMSIZ, IFALIASZ, IFNAMSIZ } from '../../uapi/linux/if.ts'
import {
  IFLA,
  IFLA_INFO,
  IFLA_PORT,
  IFLA_PROTO_DOWN_REASON_SET,
  IFLA_STATS_GETSET,
  IFLA_STATS_FILTERS,
  IFLA_VF,
  IFLA_XDP_EXPECTED_FD,
  IFLA_XDP_SET,
  rtnl_link_ifmap,
} from '../../uapi/linux/if_link.ts'
import {
  mask,
  max,
  min,
  NLA_BINARY,
  NLA_NESTED,
  NLA_NUL_STRING,
  NLA_REJECT,
  NLA_S32,
  NLA_STRING,
  NLA_U8,
  NLA_U32,
  NLA_UNSPEC,
  policy,
} from '../netlink/policy.ts'
import { MAX_ADDR_LEN } from './netdevice.ts'

/** include/net/tcp.h MAX_TCP_HEADER with the tunnels and wireless of Debian's configuration. */
export const MAX_TCP_HEADER = 320
const MAX_PHYS_ITEM_ID_LEN = 32

export const ifla_policy = policy(
  IFLA,
  {
    IFLA_IFNAME: NLA_STRING(IFNAMSIZ - 1),
    IFLA_ADDRESS: NLA_BINARY(MAX_ADDR_LEN),
    IFLA_BROADCAST: NLA_BINARY(MAX_ADDR_LEN),
    IFLA_MAP: NLA_UNSPEC(rtnl_link_ifmap.size),
    IFLA_MTU: NLA_U32,
    IFLA_LINK: NLA_U32,
    IFLA_MASTER: NLA_U32,
    IFLA_CARRIER: NLA_U8,
    IFLA_TXQLEN: max(NLA_U32, 0x7fff),
    IFLA_WEIGHT: NLA_U32,
    IFLA_OPERSTATE: NLA_U8,
    IFLA_LINKMODE: NLA_U8,
    IFLA_LINKINFO: NLA_NESTED(),
    IFLA_NET_NS_PID: NLA_U32,
    IFLA_NET_NS_FD: NLA_U32,
    // A string, but one without bytes must pass: it takes the alias away.
    IFLA_IFALIAS: NLA_BINARY(IFALIASZ - 1),
    IFLA_VFINFO_LIST: NLA_NESTED(),
    IFLA_VF_PORTS: NLA_NESTED(),
    IFLA_PORT_SELF: NLA_NESTED(),
    IFLA_AF_SPEC: NLA_NESTED(),
    IFLA_EXT_MASK: NLA_U32,
    IFLA_PROMISCUITY: NLA_U32,
    IFLA_NUM_TX_QUEUES: NLA_U32,
    IFLA_NUM_RX_QUEUES: NLA_U32,
    IFLA_GSO_MAX_SEGS: NLA_U32,
    IFLA_GSO_MAX_SIZE: min(NLA_U32, MAX_TCP_HEADER + 1),
    IFLA_PHYS_PORT_ID: NLA_BINARY(MAX_PHYS_ITEM_ID_LEN),
    IFLA_CARRIER_CHANGES: NLA_U32,
    IFLA_PHYS_SWITCH_ID: NLA_BINARY(MAX_PHYS_ITEM_ID_LEN),
    IFLA_LINK_NETNSID: NLA_S32,
    IFLA_PROTO_DOWN: NLA_U8,
    IFLA_XDP: NLA_NESTED(),
    IFLA_EVENT: NLA_U32,
    IFLA_GROUP: NLA_U32,
    IFLA_TARGET_NETNSID: NLA_S32,
    IFLA_CARRIER_UP_COUNT: NLA_U32,
    IFLA_CARRIER_DOWN_COUNT: NLA_U32,
    IFLA_MIN_MTU: NLA_U32,
    IFLA_MAX_MTU: NLA_U32,
    IFLA_PROP_LIST: NLA_NESTED(),
    IFLA_ALT_IFNAME: NLA_STRING(ALTIFNAMSIZ - 1),
    IFLA_PERM_ADDRESS: NLA_REJECT(),
    IFLA_PROTO_DOWN_REASON: NLA_NESTED(),
    IFLA_NEW_IFINDEX: min(NLA_S32, 1),
    IFLA_PARENT_DEV_NAME: NLA_NUL_STRING(),
    IFLA_GRO_MAX_SIZE: NLA_U32,
    IFLA_TSO_MAX_SIZE: NLA_REJECT(),
    IFLA_TSO_MAX_SEGS: NLA_REJECT(),
    IFLA_ALLMULTI: NLA_REJECT(),
    IFLA_GSO_IPV4_MAX_SIZE: min(NLA_U32, MAX_TCP_HEADER + 1),
    IFLA_GRO_IPV4_MAX_SIZE: NLA_U32,
  },
  { name: 'ifla_policy' },
)

export const ifla_info_policy = policy(
  IFLA_INFO,
  {
    IFLA_INFO_KIND: NLA_STRING(),
    IFLA_INFO_DATA: NLA_NESTED(),
    IFLA_INFO_SLAVE_KIND: NLA_STRING(),
    IFLA_INFO_SLAVE_DATA: NLA_NESTED(),
  },
  { name: 'ifla_info_policy' },
)

export const ifla_vf_policy = policy(
  IFLA_VF,
  {
    IFLA_VF_MAC: NLA_UNSPEC(36),
    IFLA_VF_BROADCAST: NLA_REJECT(),
    IFLA_VF_VLAN: NLA_UNSPEC(12),
    IFLA_VF_VLAN_LIST: NLA_NESTED(),
    IFLA_VF_TX_RATE: NLA_UNSPEC(8),
    IFLA_VF_SPOOFCHK: NLA_UNSPEC(8),
    IFLA_VF_RATE: NLA_UNSPEC(12),
    IFLA_VF_LINK_STATE: NLA_UNSPEC(8),
    IFLA_VF_RSS_QUERY_EN: NLA_UNSPEC(8),
    IFLA_VF_STATS: NLA_NESTED(),
    IFLA_VF_TRUST: NLA_UNSPEC(8),
    IFLA_VF_IB_NODE_GUID: NLA_UNSPEC(16),
    IFLA_VF_IB_PORT_GUID: NLA_UNSPEC(16),
  },
  { name: 'ifla_vf_policy' },
)

export const ifla_port_policy = policy(
  IFLA_PORT,
  {
    IFLA_PORT_VF: NLA_U32,
    IFLA_PORT_PROFILE: NLA_STRING(40),
    IFLA_PORT_INSTANCE_UUID: NLA_BINARY(16),
    IFLA_PORT_HOST_UUID: NLA_STRING(16),
    IFLA_PORT_REQUEST: NLA_U8,
  },
  { name: 'ifla_port_policy' },
)

export const ifla_xdp_policy = policy(
  IFLA_XDP_SET,
  {
    IFLA_XDP_FD: NLA_S32,
    IFLA_XDP_EXPECTED_FD: NLA_S32,
    IFLA_XDP_ATTACHED: NLA_U8,
    IFLA_XDP_FLAGS: NLA_U32,
    IFLA_XDP_PROG_ID: NLA_U32,
  },
  { strict_start_type: IFLA_XDP_EXPECTED_FD.nr, name: 'ifla_xdp_policy' },
)

export const ifla_proto_down_reason_policy = policy(
  IFLA_PROTO_DOWN_REASON_SET,
  {
    IFLA_PROTO_DOWN_REASON_MASK: NLA_U32,
    IFLA_PROTO_DOWN_REASON_VALUE: NLA_U32,
  },
  { name: 'ifla_proto_down_reason_policy' },
)

/** CPU_HIT, HW_S_INFO, L3_STATS, and one more that Linux's mask has. */
const RTNL_STATS_OFFLOAD_XSTATS_VALID = 0xf
export const rtnl_stats_get_policy_filters = policy(
  IFLA_STATS_FILTERS,
  {
    IFLA_STATS_LINK_OFFLOAD_XSTATS: mask(NLA_U32, RTNL_STATS_OFFLOAD_XSTATS_VALID),
  },
  { strict_start_type: 1, name: 'rtnl_stats_get_policy_filters' },
)
export const rtnl_stats_get_policy = policy(
  IFLA_STATS_GETSET,
  {
    IFLA_STATS_GET_FILTERS: NLA_NESTED(() => rtnl_stats_get_policy_filters),
  },
  { strict_start_type: 1, name: 'rtnl_stats_get_policy' },
)
export const ifla_stats_set_policy = policy(
  IFLA_STATS_GETSET,
  { IFLA_STATS_SET_OFFLOAD_XSTATS_L3_STATS: max(NLA_U8, 1) },
  { name: 'ifla_stats_set_policy' },
)

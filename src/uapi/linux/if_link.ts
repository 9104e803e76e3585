/** include/uapi/linux/if_link.h */
import { type AttrSet, attr, attrs, nested } from '../../lib/attrs.ts'
import { address, binary, lladdr, s32, string, u16, u32, u64, u8 } from '../../lib/types.ts'
import { struct } from '../../lib/struct.ts'

/** Counters of 32 bits, in the order of struct rtnl_link_stats. */
const statNames = [
  'rx_packets', 'tx_packets', 'rx_bytes', 'tx_bytes', 'rx_errors', 'tx_errors', 'rx_dropped', 'tx_dropped', 'multicast', 'collisions',
  'rx_length_errors', 'rx_over_errors', 'rx_crc_errors', 'rx_frame_errors', 'rx_fifo_errors', 'rx_missed_errors',
  'tx_aborted_errors', 'tx_carrier_errors', 'tx_fifo_errors', 'tx_heartbeat_errors', 'tx_window_errors',
  'rx_compressed', 'tx_compressed', 'rx_nohandler',
] as const
export type LinkStatName = (typeof statNames)[number] | 'rx_otherhost_dropped'
export const rtnl_link_stats = struct('rtnl_link_stats', Object.fromEntries(statNames.map((n) => [n, u32])) as Record<(typeof statNames)[number], typeof u32>)
export const rtnl_link_stats64 = struct('rtnl_link_stats64', Object.fromEntries([...statNames, 'rx_otherhost_dropped'].map((n) => [n, u64])) as Record<LinkStatName, typeof u64>)
export const rtnl_link_ifmap = struct('rtnl_link_ifmap', { mem_start: u64, mem_end: u64, base_addr: u64, irq: u16, dma: u8, port: u8 })

/** RTEXT_FILTER_* bits of IFLA_EXT_MASK. */
export const RTEXT_FILTER_VF = 1
export const RTEXT_FILTER_BRVLAN = 2
export const RTEXT_FILTER_BRVLAN_COMPRESSED = 4
export const RTEXT_FILTER_SKIP_STATS = 8
export const RTEXT_FILTER_MRP = 16
export const RTEXT_FILTER_CFM_CONFIG = 32
export const RTEXT_FILTER_CFM_STATUS = 64
export const RTEXT_FILTER_MST = 128

/** IFLA_OPERSTATE (RFC 2863). */
export const IF_OPER_UNKNOWN = 0
export const IF_OPER_NOTPRESENT = 1
export const IF_OPER_DOWN = 2
export const IF_OPER_LOWERLAYERDOWN = 3
export const IF_OPER_TESTING = 4
export const IF_OPER_DORMANT = 5
export const IF_OPER_UP = 6
export const IF_LINK_MODE_DEFAULT = 0
export const IF_LINK_MODE_DORMANT = 1
export const IF_LINK_MODE_TESTING = 2

/** Values of IFLA_EVENT. */
export const IFLA_EVENT_NONE = 0
export const IFLA_EVENT_REBOOT = 1
export const IFLA_EVENT_FEATURES = 2
export const IFLA_EVENT_BONDING_FAILOVER = 3
export const IFLA_EVENT_NOTIFY_PEERS = 4
export const IFLA_EVENT_IGMP_RESEND = 5
export const IFLA_EVENT_BONDING_OPTIONS = 6

/** Attributes of RTM_*LINK messages. */
export const IFLA_ADDRESS = attr(1, lladdr)
export const IFLA_BROADCAST = attr(2, lladdr)
export const IFLA_IFNAME = attr(3, string(15))
export const IFLA_MTU = attr(4, u32)
export const IFLA_LINK = attr(5, u32)
export const IFLA_QDISC = attr(6, string())
export const IFLA_STATS = attr(7, rtnl_link_stats)
export const IFLA_COST = attr(8, u32)
export const IFLA_PRIORITY = attr(9, u32)
export const IFLA_MASTER = attr(10, u32)
export const IFLA_WIRELESS = attr(11, binary)
export const IFLA_PROTINFO = attr(12, nested(() => IFLA_BRPORT))
export const IFLA_TXQLEN = attr(13, u32)
export const IFLA_MAP = attr(14, rtnl_link_ifmap)
export const IFLA_WEIGHT = attr(15, u32)
export const IFLA_OPERSTATE = attr(16, u8)
export const IFLA_LINKMODE = attr(17, u8)
export const IFLA_LINKINFO = attr(18, nested(() => IFLA_INFO))
export const IFLA_NET_NS_PID = attr(19, u32)
export const IFLA_IFALIAS = attr(20, string(255))
export const IFLA_NUM_VF = attr(21, u32)
export const IFLA_VFINFO_LIST = attr(22, binary)
export const IFLA_STATS64 = attr(23, rtnl_link_stats64)
export const IFLA_VF_PORTS = attr(24, binary)
export const IFLA_PORT_SELF = attr(25, binary)
export const IFLA_AF_SPEC = attr(26, nested(() => IFLA_AF))
export const IFLA_GROUP = attr(27, u32)
export const IFLA_NET_NS_FD = attr(28, u32)
export const IFLA_EXT_MASK = attr(29, u32)
export const IFLA_PROMISCUITY = attr(30, u32)
export const IFLA_NUM_TX_QUEUES = attr(31, u32)
export const IFLA_NUM_RX_QUEUES = attr(32, u32)
export const IFLA_CARRIER = attr(33, u8)
export const IFLA_PHYS_PORT_ID = attr(34, binary)
export const IFLA_CARRIER_CHANGES = attr(35, u32)
export const IFLA_PHYS_SWITCH_ID = attr(36, binary)
export const IFLA_LINK_NETNSID = attr(37, s32)
export const IFLA_PHYS_PORT_NAME = attr(38, string(15))
export const IFLA_PROTO_DOWN = attr(39, u8)
export const IFLA_GSO_MAX_SEGS = attr(40, u32)
export const IFLA_GSO_MAX_SIZE = attr(41, u32)
export const IFLA_PAD = attr(42, binary)
export const IFLA_XDP = attr(43, nested(() => IFLA_XDP_SET))
export const IFLA_EVENT = attr(44, u32)
export const IFLA_NEW_NETNSID = attr(45, s32)
export const IFLA_TARGET_NETNSID = attr(46, s32)
export const IFLA_CARRIER_UP_COUNT = attr(47, u32)
export const IFLA_CARRIER_DOWN_COUNT = attr(48, u32)
export const IFLA_NEW_IFINDEX = attr(49, s32)
export const IFLA_MIN_MTU = attr(50, u32)
export const IFLA_MAX_MTU = attr(51, u32)
export const IFLA_PROP_LIST = attr(52, nested(() => IFLA))
export const IFLA_ALT_IFNAME = attr(53, string(127))
export const IFLA_PERM_ADDRESS = attr(54, lladdr)
export const IFLA_PROTO_DOWN_REASON = attr(55, nested(() => IFLA_PROTO_DOWN_REASON_SET))
export const IFLA_PARENT_DEV_NAME = attr(56, string())
export const IFLA_PARENT_DEV_BUS_NAME = attr(57, string())
export const IFLA_GRO_MAX_SIZE = attr(58, u32)
export const IFLA_TSO_MAX_SIZE = attr(59, u32)
export const IFLA_TSO_MAX_SEGS = attr(60, u32)
export const IFLA_ALLMULTI = attr(61, u32)
export const IFLA_DEVLINK_PORT = attr(62, binary)
export const IFLA_GSO_IPV4_MAX_SIZE = attr(63, u32)
export const IFLA_GRO_IPV4_MAX_SIZE = attr(64, u32)
export const IFLA_DPLL_PIN = attr(65, binary)
/** Linux 6.13 and later: 6.12 ends at IFLA_DPLL_PIN. */
export const IFLA_MAX_PACING_OFFLOAD_HORIZON = attr(66, u64)
export const IFLA: AttrSet = attrs('IFLA', {
  IFLA_ADDRESS, IFLA_BROADCAST, IFLA_IFNAME, IFLA_MTU, IFLA_LINK, IFLA_QDISC, IFLA_STATS, IFLA_COST, IFLA_PRIORITY, IFLA_MASTER, IFLA_WIRELESS, IFLA_PROTINFO, IFLA_TXQLEN, IFLA_MAP, IFLA_WEIGHT, IFLA_OPERSTATE, IFLA_LINKMODE, IFLA_LINKINFO, IFLA_NET_NS_PID, IFLA_IFALIAS, IFLA_NUM_VF, IFLA_VFINFO_LIST, IFLA_STATS64, IFLA_VF_PORTS, IFLA_PORT_SELF, IFLA_AF_SPEC, IFLA_GROUP, IFLA_NET_NS_FD, IFLA_EXT_MASK, IFLA_PROMISCUITY, IFLA_NUM_TX_QUEUES, IFLA_NUM_RX_QUEUES, IFLA_CARRIER, IFLA_PHYS_PORT_ID, IFLA_CARRIER_CHANGES, IFLA_PHYS_SWITCH_ID, IFLA_LINK_NETNSID, IFLA_PHYS_PORT_NAME, IFLA_PROTO_DOWN, IFLA_GSO_MAX_SEGS, IFLA_GSO_MAX_SIZE, IFLA_PAD, IFLA_XDP, IFLA_EVENT, IFLA_NEW_NETNSID, IFLA_TARGET_NETNSID, IFLA_CARRIER_UP_COUNT, IFLA_CARRIER_DOWN_COUNT, IFLA_NEW_IFINDEX, IFLA_MIN_MTU, IFLA_MAX_MTU, IFLA_PROP_LIST, IFLA_ALT_IFNAME, IFLA_PERM_ADDRESS, IFLA_PROTO_DOWN_REASON, IFLA_PARENT_DEV_NAME, IFLA_PARENT_DEV_BUS_NAME, IFLA_GRO_MAX_SIZE, IFLA_TSO_MAX_SIZE, IFLA_TSO_MAX_SEGS, IFLA_ALLMULTI, IFLA_DEVLINK_PORT, IFLA_GSO_IPV4_MAX_SIZE, IFLA_GRO_IPV4_MAX_SIZE, IFLA_DPLL_PIN,
})

/** Inside IFLA_LINKINFO; DATA depends on the kind. */
export const IFLA_INFO_KIND = attr(1, string())
export const IFLA_INFO_DATA = attr(2, binary)
export const IFLA_INFO_XSTATS = attr(3, binary)
export const IFLA_INFO_SLAVE_KIND = attr(4, string())
export const IFLA_INFO_SLAVE_DATA = attr(5, binary)
export const IFLA_INFO: AttrSet = attrs('IFLA_INFO', {
  IFLA_INFO_KIND, IFLA_INFO_DATA, IFLA_INFO_XSTATS, IFLA_INFO_SLAVE_KIND, IFLA_INFO_SLAVE_DATA,
})

/** Inside IFLA_AF_SPEC: the number is the address family. */
export const IFLA_AF_INET = attr(2, nested(() => IFLA_INET))
export const IFLA_AF_INET6 = attr(10, nested(() => IFLA_INET6))
export const IFLA_AF_BRIDGE = attr(7, binary)
export const IFLA_AF_MPLS = attr(28, binary)
export const IFLA_AF_MCTP = attr(45, binary)
export const IFLA_AF: AttrSet = attrs('IFLA_AF', {
  IFLA_AF_INET, IFLA_AF_INET6, IFLA_AF_BRIDGE, IFLA_AF_MPLS, IFLA_AF_MCTP,
})

export const IFLA_INET_CONF = attr(1, binary)
export const IFLA_INET: AttrSet = attrs('IFLA_INET', {
  IFLA_INET_CONF,
})

export const IFLA_INET6_FLAGS = attr(1, u32)
export const IFLA_INET6_CONF = attr(2, binary)
export const IFLA_INET6_STATS = attr(3, binary)
export const IFLA_INET6_MCAST = attr(4, binary)
export const IFLA_INET6_CACHEINFO = attr(5, binary)
export const IFLA_INET6_ICMP6STATS = attr(6, binary)
export const IFLA_INET6_TOKEN = attr(7, address)
export const IFLA_INET6_ADDR_GEN_MODE = attr(8, u8)
export const IFLA_INET6_RA_MTU = attr(9, u32)
export const IFLA_INET6: AttrSet = attrs('IFLA_INET6', {
  IFLA_INET6_FLAGS, IFLA_INET6_CONF, IFLA_INET6_STATS, IFLA_INET6_MCAST, IFLA_INET6_CACHEINFO, IFLA_INET6_ICMP6STATS, IFLA_INET6_TOKEN, IFLA_INET6_ADDR_GEN_MODE, IFLA_INET6_RA_MTU,
})

/** Inside IFLA_PROTINFO of AF_BRIDGE and IFLA_INFO_SLAVE_DATA of a bridge's port. Timers in hundredths of a second. */
export const IFLA_BRPORT_STATE = attr(1, u8)
export const IFLA_BRPORT_PRIORITY = attr(2, u16)
export const IFLA_BRPORT_COST = attr(3, u32)
export const IFLA_BRPORT_MODE = attr(4, u8)
export const IFLA_BRPORT_GUARD = attr(5, u8)
export const IFLA_BRPORT_PROTECT = attr(6, u8)
export const IFLA_BRPORT_FAST_LEAVE = attr(7, u8)
export const IFLA_BRPORT_LEARNING = attr(8, u8)
export const IFLA_BRPORT_UNICAST_FLOOD = attr(9, u8)
export const IFLA_BRPORT_PROXYARP = attr(10, u8)
export const IFLA_BRPORT_LEARNING_SYNC = attr(11, u8)
export const IFLA_BRPORT_PROXYARP_WIFI = attr(12, u8)
export const IFLA_BRPORT_ROOT_ID = attr(13, binary)
export const IFLA_BRPORT_BRIDGE_ID = attr(14, binary)
export const IFLA_BRPORT_DESIGNATED_PORT = attr(15, u16)
export const IFLA_BRPORT_DESIGNATED_COST = attr(16, u16)
export const IFLA_BRPORT_ID = attr(17, u16)
export const IFLA_BRPORT_NO = attr(18, u16)
export const IFLA_BRPORT_TOPOLOGY_CHANGE_ACK = attr(19, u8)
export const IFLA_BRPORT_CONFIG_PENDING = attr(20, u8)
export const IFLA_BRPORT_MESSAGE_AGE_TIMER = attr(21, u64)
export const IFLA_BRPORT_FORWARD_DELAY_TIMER = attr(22, u64)
export const IFLA_BRPORT_HOLD_TIMER = attr(23, u64)
export const IFLA_BRPORT_FLUSH = attr(24, binary)
export const IFLA_BRPORT_MULTICAST_ROUTER = attr(25, u8)
export const IFLA_BRPORT_PAD = attr(26, binary)
export const IFLA_BRPORT_MCAST_FLOOD = attr(27, u8)
export const IFLA_BRPORT_MCAST_TO_UCAST = attr(28, u8)
export const IFLA_BRPORT_VLAN_TUNNEL = attr(29, u8)
export const IFLA_BRPORT_BCAST_FLOOD = attr(30, u8)
export const IFLA_BRPORT_GROUP_FWD_MASK = attr(31, u16)
export const IFLA_BRPORT_NEIGH_SUPPRESS = attr(32, u8)
export const IFLA_BRPORT_ISOLATED = attr(33, u8)
export const IFLA_BRPORT_BACKUP_PORT = attr(34, u32)
export const IFLA_BRPORT_MRP_RING_OPEN = attr(35, u8)
export const IFLA_BRPORT_MRP_IN_OPEN = attr(36, u8)
export const IFLA_BRPORT_MCAST_EHT_HOSTS_LIMIT = attr(37, u32)
export const IFLA_BRPORT_MCAST_EHT_HOSTS_CNT = attr(38, u32)
export const IFLA_BRPORT_LOCKED = attr(39, u8)
export const IFLA_BRPORT_MAB = attr(40, u8)
export const IFLA_BRPORT_MCAST_N_GROUPS = attr(41, u32)
export const IFLA_BRPORT_MCAST_MAX_GROUPS = attr(42, u32)
export const IFLA_BRPORT_NEIGH_VLAN_SUPPRESS = attr(43, u8)
export const IFLA_BRPORT_BACKUP_NHID = attr(44, u32)
export const IFLA_BRPORT: AttrSet = attrs('IFLA_BRPORT', {
  IFLA_BRPORT_STATE, IFLA_BRPORT_PRIORITY, IFLA_BRPORT_COST, IFLA_BRPORT_MODE, IFLA_BRPORT_GUARD, IFLA_BRPORT_PROTECT,
  IFLA_BRPORT_FAST_LEAVE, IFLA_BRPORT_LEARNING, IFLA_BRPORT_UNICAST_FLOOD, IFLA_BRPORT_PROXYARP, IFLA_BRPORT_LEARNING_SYNC,
  IFLA_BRPORT_PROXYARP_WIFI, IFLA_BRPORT_ROOT_ID, IFLA_BRPORT_BRIDGE_ID, IFLA_BRPORT_DESIGNATED_PORT, IFLA_BRPORT_DESIGNATED_COST,
  IFLA_BRPORT_ID, IFLA_BRPORT_NO, IFLA_BRPORT_TOPOLOGY_CHANGE_ACK, IFLA_BRPORT_CONFIG_PENDING, IFLA_BRPORT_MESSAGE_AGE_TIMER,
  IFLA_BRPORT_FORWARD_DELAY_TIMER, IFLA_BRPORT_HOLD_TIMER, IFLA_BRPORT_FLUSH, IFLA_BRPORT_MULTICAST_ROUTER, IFLA_BRPORT_PAD,
  IFLA_BRPORT_MCAST_FLOOD, IFLA_BRPORT_MCAST_TO_UCAST, IFLA_BRPORT_VLAN_TUNNEL, IFLA_BRPORT_BCAST_FLOOD, IFLA_BRPORT_GROUP_FWD_MASK,
  IFLA_BRPORT_NEIGH_SUPPRESS, IFLA_BRPORT_ISOLATED, IFLA_BRPORT_BACKUP_PORT, IFLA_BRPORT_MRP_RING_OPEN, IFLA_BRPORT_MRP_IN_OPEN,
  IFLA_BRPORT_MCAST_EHT_HOSTS_LIMIT, IFLA_BRPORT_MCAST_EHT_HOSTS_CNT, IFLA_BRPORT_LOCKED, IFLA_BRPORT_MAB, IFLA_BRPORT_MCAST_N_GROUPS,
  IFLA_BRPORT_MCAST_MAX_GROUPS, IFLA_BRPORT_NEIGH_VLAN_SUPPRESS, IFLA_BRPORT_BACKUP_NHID,
})

export const IFLA_XDP_FD = attr(1, s32)
export const IFLA_XDP_ATTACHED = attr(2, u8)
export const IFLA_XDP_FLAGS = attr(3, u32)
export const IFLA_XDP_PROG_ID = attr(4, u32)
export const IFLA_XDP_DRV_PROG_ID = attr(5, u32)
export const IFLA_XDP_SKB_PROG_ID = attr(6, u32)
export const IFLA_XDP_HW_PROG_ID = attr(7, u32)
export const IFLA_XDP_EXPECTED_FD = attr(8, s32)
export const IFLA_XDP_SET: AttrSet = attrs('IFLA_XDP_SET', {
  IFLA_XDP_FD, IFLA_XDP_ATTACHED, IFLA_XDP_FLAGS, IFLA_XDP_PROG_ID, IFLA_XDP_DRV_PROG_ID, IFLA_XDP_SKB_PROG_ID, IFLA_XDP_HW_PROG_ID, IFLA_XDP_EXPECTED_FD,
})

export const IFLA_PROTO_DOWN_REASON_MASK = attr(1, u32)
export const IFLA_PROTO_DOWN_REASON_VALUE = attr(2, u32)
export const IFLA_PROTO_DOWN_REASON_SET: AttrSet = attrs('IFLA_PROTO_DOWN_REASON_SET', {
  IFLA_PROTO_DOWN_REASON_MASK, IFLA_PROTO_DOWN_REASON_VALUE,
})

export const XDP_FLAGS_UPDATE_IF_NOEXIST = 1
export const XDP_FLAGS_SKB_MODE = 2
export const XDP_FLAGS_DRV_MODE = 4
export const XDP_FLAGS_HW_MODE = 8
export const XDP_FLAGS_REPLACE = 16
export const XDP_FLAGS_MODES = XDP_FLAGS_SKB_MODE | XDP_FLAGS_DRV_MODE | XDP_FLAGS_HW_MODE
export const XDP_FLAGS_MASK = XDP_FLAGS_UPDATE_IF_NOEXIST | XDP_FLAGS_MODES | XDP_FLAGS_REPLACE
export const XDP_ATTACHED_NONE = 0

/** Inside IFLA_VFINFO_LIST: IFLA_VF_INFO nests. */
export const IFLA_VF_INFO = 1
export const IFLA_VF_MAC = attr(1, binary)
export const IFLA_VF_VLAN = attr(2, binary)
export const IFLA_VF_TX_RATE = attr(3, binary)
export const IFLA_VF_SPOOFCHK = attr(4, binary)
export const IFLA_VF_LINK_STATE = attr(5, binary)
export const IFLA_VF_RATE = attr(6, binary)
export const IFLA_VF_RSS_QUERY_EN = attr(7, binary)
export const IFLA_VF_STATS = attr(8, binary)
export const IFLA_VF_TRUST = attr(9, binary)
export const IFLA_VF_IB_NODE_GUID = attr(10, binary)
export const IFLA_VF_IB_PORT_GUID = attr(11, binary)
export const IFLA_VF_VLAN_LIST = attr(12, binary)
export const IFLA_VF_BROADCAST = attr(13, binary)
export const IFLA_VF: AttrSet = attrs('IFLA_VF', {
  IFLA_VF_MAC, IFLA_VF_VLAN, IFLA_VF_TX_RATE, IFLA_VF_SPOOFCHK, IFLA_VF_LINK_STATE, IFLA_VF_RATE, IFLA_VF_RSS_QUERY_EN, IFLA_VF_STATS,
  IFLA_VF_TRUST, IFLA_VF_IB_NODE_GUID, IFLA_VF_IB_PORT_GUID, IFLA_VF_VLAN_LIST, IFLA_VF_BROADCAST,
})
/** Inside IFLA_VF_PORTS and IFLA_PORT_SELF. */
export const IFLA_PORT_VF = attr(1, u32)
export const IFLA_PORT_PROFILE = attr(2, string(39))
export const IFLA_PORT_VSI_TYPE = attr(3, binary)
export const IFLA_PORT_INSTANCE_UUID = attr(4, binary)
export const IFLA_PORT_HOST_UUID = attr(5, binary)
export const IFLA_PORT_REQUEST = attr(6, u8)
export const IFLA_PORT_RESPONSE = attr(7, u16)
export const IFLA_PORT: AttrSet = attrs('IFLA_PORT', {
  IFLA_PORT_VF, IFLA_PORT_PROFILE, IFLA_PORT_VSI_TYPE, IFLA_PORT_INSTANCE_UUID, IFLA_PORT_HOST_UUID, IFLA_PORT_REQUEST, IFLA_PORT_RESPONSE,
})

/** RTM_*STATS: struct if_stats_msg and its attributes; the filter mask has bit (number - 1). */
export const if_stats_msg = struct('if_stats_msg', { family: u8, pad1: u8, pad2: u16, ifindex: u32, filter_mask: u32 })
export const IFLA_STATS_LINK_64 = attr(1, rtnl_link_stats64)
export const IFLA_STATS_LINK_XSTATS = attr(2, binary)
export const IFLA_STATS_LINK_XSTATS_SLAVE = attr(3, binary)
export const IFLA_STATS_LINK_OFFLOAD_XSTATS = attr(4, nested(() => IFLA_OFFLOAD_XSTATS))
export const IFLA_STATS_AF_SPEC = attr(5, nested(() => IFLA_AF))
export const IFLA_STATS_MAX = 5
export const IFLA_STATS_SET: AttrSet = attrs('IFLA_STATS', {
  IFLA_STATS_LINK_64, IFLA_STATS_LINK_XSTATS, IFLA_STATS_LINK_XSTATS_SLAVE, IFLA_STATS_LINK_OFFLOAD_XSTATS, IFLA_STATS_AF_SPEC,
})
/** In a filter a nest's number stands for the mask of its members that are wanted. */
export const IFLA_STATS_FILTERS: AttrSet = attrs('IFLA_STATS_FILTERS', { IFLA_STATS_LINK_OFFLOAD_XSTATS: attr(4, u32) }, IFLA_STATS_MAX)
export const IFLA_STATS_GET_FILTERS = attr(1, nested(() => IFLA_STATS_FILTERS))
export const IFLA_STATS_SET_OFFLOAD_XSTATS_L3_STATS = attr(2, u8)
export const IFLA_STATS_GETSET: AttrSet = attrs('IFLA_STATS_GETSET', { IFLA_STATS_GET_FILTERS, IFLA_STATS_SET_OFFLOAD_XSTATS_L3_STATS })
export const IFLA_OFFLOAD_XSTATS_CPU_HIT = attr(1, rtnl_link_stats64)
export const IFLA_OFFLOAD_XSTATS_HW_S_INFO = attr(2, binary)
/** What a device forwarded (struct rtnl_hw_stats64). */
export const rtnl_hw_stats64 = struct('rtnl_hw_stats64', {
  rx_packets: u64, tx_packets: u64, rx_bytes: u64, tx_bytes: u64, rx_errors: u64, tx_errors: u64, rx_dropped: u64, tx_dropped: u64,
  multicast: u64,
})
export const IFLA_OFFLOAD_XSTATS_L3_STATS = attr(3, rtnl_hw_stats64)
export const IFLA_OFFLOAD_XSTATS: AttrSet = attrs('IFLA_OFFLOAD_XSTATS', {
  IFLA_OFFLOAD_XSTATS_CPU_HIT, IFLA_OFFLOAD_XSTATS_HW_S_INFO, IFLA_OFFLOAD_XSTATS_L3_STATS,
})
export const IFLA_OFFLOAD_XSTATS_HW_S_INFO_REQUEST = attr(1, u8)
export const IFLA_OFFLOAD_XSTATS_HW_S_INFO_USED = attr(2, u8)

/** Inside IFLA_INFO_DATA of veth: PEER holds an ifinfomsg and IFLA attributes. */
export const VETH_INFO_PEER = attr(1, binary)
export const VETH_INFO: AttrSet = attrs('VETH_INFO', {
  VETH_INFO_PEER,
})

/** include/uapi/linux/can/vxcan.h */
export const VXCAN_INFO_PEER = attr(1, binary)
export const VXCAN_INFO: AttrSet = attrs('VXCAN_INFO', { VXCAN_INFO_PEER })

/** Inside IFLA_INFO_DATA of netkit. */
export const IFLA_NETKIT_PEER_INFO = attr(1, binary)
export const IFLA_NETKIT_PRIMARY = attr(2, u8)
export const IFLA_NETKIT_POLICY = attr(3, u32)
export const IFLA_NETKIT_PEER_POLICY = attr(4, u32)
export const IFLA_NETKIT_MODE = attr(5, u32)
export const IFLA_NETKIT_SCRUB = attr(6, u32)
export const IFLA_NETKIT_PEER_SCRUB = attr(7, u32)
export const IFLA_NETKIT: AttrSet = attrs('IFLA_NETKIT', {
  IFLA_NETKIT_PEER_INFO, IFLA_NETKIT_PRIMARY, IFLA_NETKIT_POLICY, IFLA_NETKIT_PEER_POLICY, IFLA_NETKIT_MODE, IFLA_NETKIT_SCRUB,
  IFLA_NETKIT_PEER_SCRUB,
})
// enum netkit_action, netkit_mode, netkit_scrub
export const NETKIT_PASS = 0
export const NETKIT_DROP = 2
export const NETKIT_L2 = 0
export const NETKIT_L3 = 1
export const NETKIT_SCRUB_NONE = 0
export const NETKIT_SCRUB_DEFAULT = 1

/** Values of IFLA_INET6_ADDR_GEN_MODE: where the interface identifier of a link-local address comes from. */
export const IN6_ADDR_GEN_MODE_EUI64 = 0
export const IN6_ADDR_GEN_MODE_NONE = 1
export const IN6_ADDR_GEN_MODE_STABLE_PRIVACY = 2
export const IN6_ADDR_GEN_MODE_RANDOM = 3

/** include/uapi/linux/if_bridge.h: what travels in RTM_*LINK of AF_BRIDGE, RTM_*MDB and RTM_*VLAN. */
import { type AttrSet, attr, attrs, nested } from '../../lib/attrs.ts'
import { struct } from '../../lib/struct.ts'
import { be16, binary, bytes, u8, u16, u32, u64 } from '../../lib/types.ts'

export const BRIDGE_FLAGS_MASTER = 1
export const BRIDGE_FLAGS_SELF = 2
export const BRIDGE_MODE_VEB = 0
export const BRIDGE_MODE_VEPA = 1
export const BRIDGE_MODE_UNDEF = 0xffff
export const BRIDGE_VLAN_INFO_MASTER = 1 << 0
export const BRIDGE_VLAN_INFO_PVID = 1 << 1
export const BRIDGE_VLAN_INFO_UNTAGGED = 1 << 2
export const BRIDGE_VLAN_INFO_RANGE_BEGIN = 1 << 3
export const BRIDGE_VLAN_INFO_RANGE_END = 1 << 4
export const BRIDGE_VLAN_INFO_BRENTRY = 1 << 5
export const BRIDGE_VLAN_INFO_ONLY_OPTS = 1 << 6

export const bridge_vlan_info = struct('bridge_vlan_info', { flags: u16, vid: u16 })
export const IFLA_BRIDGE_FLAGS = attr(0, u16)
export const IFLA_BRIDGE_MODE = attr(1, u16)
export const IFLA_BRIDGE_VLAN_INFO = attr(2, bridge_vlan_info)
export const IFLA_BRIDGE_VLAN_TUNNEL_INFO = attr(3, nested(() => IFLA_BRIDGE_VLAN_TUNNEL))
export const IFLA_BRIDGE_MRP = attr(4, binary)
export const IFLA_BRIDGE_CFM = attr(5, binary)
export const IFLA_BRIDGE_MST = attr(6, binary)
export const IFLA_BRIDGE: AttrSet = attrs('IFLA_BRIDGE', {
  IFLA_BRIDGE_FLAGS, IFLA_BRIDGE_MODE, IFLA_BRIDGE_VLAN_INFO, IFLA_BRIDGE_VLAN_TUNNEL_INFO, IFLA_BRIDGE_MRP, IFLA_BRIDGE_CFM,
  IFLA_BRIDGE_MST,
})
export const IFLA_BRIDGE_VLAN_TUNNEL_ID = attr(1, u32)
export const IFLA_BRIDGE_VLAN_TUNNEL_VID = attr(2, u16)
export const IFLA_BRIDGE_VLAN_TUNNEL_FLAGS = attr(3, u16)
export const IFLA_BRIDGE_VLAN_TUNNEL: AttrSet = attrs('IFLA_BRIDGE_VLAN_TUNNEL', {
  IFLA_BRIDGE_VLAN_TUNNEL_ID, IFLA_BRIDGE_VLAN_TUNNEL_VID, IFLA_BRIDGE_VLAN_TUNNEL_FLAGS,
})

export const br_port_msg = struct('br_port_msg', { family: u8, ifindex: u32 })
export const MDBA_MDB = attr(1, binary)
export const MDBA_ROUTER = attr(2, binary)
export const MDBA: AttrSet = attrs('MDBA', { MDBA_MDB, MDBA_ROUTER })
export const MDBA_MDB_ENTRY = 1
export const MDBA_MDB_ENTRY_INFO = 1
export const MDBA_MDB_EATTR_TIMER = attr(1, u32)
export const MDBA_MDB_EATTR_SRC_LIST = 2
export const MDBA_MDB_EATTR_GROUP_MODE = attr(3, u8)
export const MDBA_MDB_EATTR_SOURCE = attr(4, binary)
export const MDBA_MDB_EATTR_RTPROT = attr(5, u8)
export const MDBA_MDB_EATTR_DST = attr(6, binary)
export const MDBA_MDB_EATTR_DST_PORT = attr(7, u16)
export const MDBA_MDB_EATTR_VNI = attr(8, u32)
export const MDBA_MDB_EATTR_IFINDEX = attr(9, u32)
export const MDBA_MDB_EATTR_SRC_VNI = attr(10, u32)
export const MDBA_MDB_SRCLIST_ENTRY = 1
export const MDBA_MDB_SRCATTR_ADDRESS = attr(1, binary)
export const MDBA_MDB_SRCATTR_TIMER = attr(2, u32)
export const MDBA_ROUTER_PORT = 1
export const MDBA_ROUTER_PATTR_TIMER = attr(1, u32)
export const MDBA_ROUTER_PATTR_TYPE = attr(2, u8)
export const MDBA_ROUTER_PATTR_INET_TIMER = attr(3, u32)
export const MDBA_ROUTER_PATTR_INET6_TIMER = attr(4, u32)
export const MDBA_ROUTER_PATTR_VID = attr(5, u16)
/** br_mdb_entry.state and .flags */
export const MDB_TEMPORARY = 0
export const MDB_PERMANENT = 1
export const MDB_FLAGS_OFFLOAD = 1
export const MDB_FLAGS_FAST_LEAVE = 2
export const MDB_FLAGS_STAR_EXCL = 4
export const MDB_FLAGS_BLOCKED = 8
/** `u` is an IPv4 or IPv6 group, or a link layer address; `proto` says which. */
export const br_mdb_entry = struct('br_mdb_entry', { ifindex: u32, state: u8, flags: u8, vid: u16, u: bytes(16), proto: be16 })
export const MDBE_ATTR_SOURCE = attr(1, binary)
export const MDBE_ATTR_SRC_LIST = attr(2, nested(() => MDBE_SRC_LIST))
export const MDBE_ATTR_GROUP_MODE = attr(3, u8)
export const MDBE_ATTR_RTPROT = attr(4, u8)
export const MDBE_ATTR_DST = attr(5, binary)
export const MDBE_ATTR_DST_PORT = attr(6, u16)
export const MDBE_ATTR_VNI = attr(7, u32)
export const MDBE_ATTR_IFINDEX = attr(8, u32)
export const MDBE_ATTR_SRC_VNI = attr(9, u32)
export const MDBE_ATTR_STATE_MASK = attr(10, u8)
export const MDBE_ATTR: AttrSet = attrs('MDBE_ATTR', {
  MDBE_ATTR_SOURCE, MDBE_ATTR_SRC_LIST, MDBE_ATTR_GROUP_MODE, MDBE_ATTR_RTPROT, MDBE_ATTR_DST, MDBE_ATTR_DST_PORT, MDBE_ATTR_VNI,
  MDBE_ATTR_IFINDEX, MDBE_ATTR_SRC_VNI, MDBE_ATTR_STATE_MASK,
})
export const MDBE_SRC_LIST_ENTRY = attr(1, nested(() => MDBE_SRCATTR))
export const MDBE_SRC_LIST: AttrSet = attrs('MDBE_SRC_LIST', { MDBE_SRC_LIST_ENTRY })
export const MDBE_SRCATTR_ADDRESS = attr(1, binary)
export const MDBE_SRCATTR: AttrSet = attrs('MDBE_SRCATTR', { MDBE_SRCATTR_ADDRESS })
export const MDBA_SET_ENTRY = attr(1, binary)
export const MDBA_SET_ENTRY_ATTRS = attr(2, nested(() => MDBE_ATTR))
export const MDBA_GET_ENTRY = attr(1, binary)
export const MDBA_GET_ENTRY_ATTRS = attr(2, nested(() => MDBE_ATTR))
export const MDBA_GET: AttrSet = attrs('MDBA_GET', { MDBA_GET_ENTRY, MDBA_GET_ENTRY_ATTRS })
export const MDBA_SET: AttrSet = attrs('MDBA_SET', { MDBA_SET_ENTRY, MDBA_SET_ENTRY_ATTRS })

export const br_vlan_msg = struct('br_vlan_msg', { family: u8, reserved1: u8, reserved2: u16, ifindex: u32 })
export const BRIDGE_VLANDB_DUMP_FLAGS = attr(1, u32)
export const BRIDGE_VLANDB_DUMP: AttrSet = attrs('BRIDGE_VLANDB_DUMP', { BRIDGE_VLANDB_DUMP_FLAGS })
export const BRIDGE_VLANDB_DUMPF_STATS = 1
export const BRIDGE_VLANDB_DUMPF_GLOBAL = 2
export const BRIDGE_VLANDB_ENTRY = attr(1, nested(() => BRIDGE_VLANDB_ENTRY_SET))
export const BRIDGE_VLANDB_GLOBAL_OPTIONS = attr(2, nested(() => BRIDGE_VLANDB_GOPTS))
export const BRIDGE_VLANDB: AttrSet = attrs('BRIDGE_VLANDB', { BRIDGE_VLANDB_ENTRY, BRIDGE_VLANDB_GLOBAL_OPTIONS })
export const BRIDGE_VLANDB_ENTRY_INFO = attr(1, bridge_vlan_info)
export const BRIDGE_VLANDB_ENTRY_RANGE = attr(2, u16)
export const BRIDGE_VLANDB_ENTRY_STATE = attr(3, u8)
export const BRIDGE_VLANDB_ENTRY_TUNNEL_INFO = attr(4, nested(() => BRIDGE_VLANDB_TINFO))
export const BRIDGE_VLANDB_ENTRY_STATS = attr(5, nested(() => BRIDGE_VLANDB_STATS))
export const BRIDGE_VLANDB_ENTRY_MCAST_ROUTER = attr(6, u8)
export const BRIDGE_VLANDB_ENTRY_MCAST_N_GROUPS = attr(7, u32)
export const BRIDGE_VLANDB_ENTRY_MCAST_MAX_GROUPS = attr(8, u32)
export const BRIDGE_VLANDB_ENTRY_NEIGH_SUPPRESS = attr(9, u8)
export const BRIDGE_VLANDB_ENTRY_SET: AttrSet = attrs('BRIDGE_VLANDB_ENTRY', {
  BRIDGE_VLANDB_ENTRY_INFO, BRIDGE_VLANDB_ENTRY_RANGE, BRIDGE_VLANDB_ENTRY_STATE, BRIDGE_VLANDB_ENTRY_TUNNEL_INFO,
  BRIDGE_VLANDB_ENTRY_STATS, BRIDGE_VLANDB_ENTRY_MCAST_ROUTER, BRIDGE_VLANDB_ENTRY_MCAST_N_GROUPS, BRIDGE_VLANDB_ENTRY_MCAST_MAX_GROUPS,
  BRIDGE_VLANDB_ENTRY_NEIGH_SUPPRESS,
})
export const BRIDGE_VLANDB_TINFO_ID = attr(1, u32)
export const BRIDGE_VLANDB_TINFO_CMD = attr(2, u32)
export const BRIDGE_VLANDB_TINFO: AttrSet = attrs('BRIDGE_VLANDB_TINFO', { BRIDGE_VLANDB_TINFO_ID, BRIDGE_VLANDB_TINFO_CMD })
export const BRIDGE_VLANDB_STATS_RX_BYTES = attr(1, u64)
export const BRIDGE_VLANDB_STATS_RX_PACKETS = attr(2, u64)
export const BRIDGE_VLANDB_STATS_TX_BYTES = attr(3, u64)
export const BRIDGE_VLANDB_STATS_TX_PACKETS = attr(4, u64)
export const BRIDGE_VLANDB_STATS: AttrSet = attrs('BRIDGE_VLANDB_STATS', {
  BRIDGE_VLANDB_STATS_RX_BYTES, BRIDGE_VLANDB_STATS_RX_PACKETS, BRIDGE_VLANDB_STATS_TX_BYTES, BRIDGE_VLANDB_STATS_TX_PACKETS,
})
export const BRIDGE_VLANDB_GOPTS_ID = attr(1, u16)
export const BRIDGE_VLANDB_GOPTS_RANGE = attr(2, u16)
export const BRIDGE_VLANDB_GOPTS_MCAST_SNOOPING = attr(3, u8)
export const BRIDGE_VLANDB_GOPTS_MCAST_IGMP_VERSION = attr(4, u8)
export const BRIDGE_VLANDB_GOPTS_MCAST_MLD_VERSION = attr(5, u8)
export const BRIDGE_VLANDB_GOPTS_MCAST_LAST_MEMBER_CNT = attr(6, u32)
export const BRIDGE_VLANDB_GOPTS_MCAST_STARTUP_QUERY_CNT = attr(7, u32)
export const BRIDGE_VLANDB_GOPTS_MCAST_LAST_MEMBER_INTVL = attr(8, u64)
export const BRIDGE_VLANDB_GOPTS_PAD = attr(9, binary)
export const BRIDGE_VLANDB_GOPTS_MCAST_MEMBERSHIP_INTVL = attr(10, u64)
export const BRIDGE_VLANDB_GOPTS_MCAST_QUERIER_INTVL = attr(11, u64)
export const BRIDGE_VLANDB_GOPTS_MCAST_QUERY_INTVL = attr(12, u64)
export const BRIDGE_VLANDB_GOPTS_MCAST_QUERY_RESPONSE_INTVL = attr(13, u64)
export const BRIDGE_VLANDB_GOPTS_MCAST_STARTUP_QUERY_INTVL = attr(14, u64)
export const BRIDGE_VLANDB_GOPTS_MCAST_QUERIER = attr(15, u8)
export const BRIDGE_VLANDB_GOPTS_MCAST_ROUTER_PORTS = attr(16, binary)
export const BRIDGE_VLANDB_GOPTS_MCAST_QUERIER_STATE = attr(17, binary)
export const BRIDGE_VLANDB_GOPTS_MSTI = attr(18, u16)
export const BRIDGE_VLANDB_GOPTS: AttrSet = attrs('BRIDGE_VLANDB_GOPTS', {
  BRIDGE_VLANDB_GOPTS_ID, BRIDGE_VLANDB_GOPTS_RANGE, BRIDGE_VLANDB_GOPTS_MCAST_SNOOPING, BRIDGE_VLANDB_GOPTS_MCAST_IGMP_VERSION,
  BRIDGE_VLANDB_GOPTS_MCAST_MLD_VERSION, BRIDGE_VLANDB_GOPTS_MCAST_LAST_MEMBER_CNT, BRIDGE_VLANDB_GOPTS_MCAST_STARTUP_QUERY_CNT,
  BRIDGE_VLANDB_GOPTS_MCAST_LAST_MEMBER_INTVL, BRIDGE_VLANDB_GOPTS_PAD, BRIDGE_VLANDB_GOPTS_MCAST_MEMBERSHIP_INTVL,
  BRIDGE_VLANDB_GOPTS_MCAST_QUERIER_INTVL, BRIDGE_VLANDB_GOPTS_MCAST_QUERY_INTVL, BRIDGE_VLANDB_GOPTS_MCAST_QUERY_RESPONSE_INTVL,
  BRIDGE_VLANDB_GOPTS_MCAST_STARTUP_QUERY_INTVL, BRIDGE_VLANDB_GOPTS_MCAST_QUERIER, BRIDGE_VLANDB_GOPTS_MCAST_ROUTER_PORTS,
  BRIDGE_VLANDB_GOPTS_MCAST_QUERIER_STATE, BRIDGE_VLANDB_GOPTS_MSTI,
})
export const BRIDGE_QUERIER_IP_ADDRESS = attr(1, bytes(4))
export const BRIDGE_QUERIER_IP_PORT = attr(2, u32)
export const BRIDGE_QUERIER_IP_OTHER_TIMER = attr(3, u64)
export const BRIDGE_QUERIER_PAD = attr(4, binary)
export const BRIDGE_QUERIER_IPV6_ADDRESS = attr(5, bytes(16))
export const BRIDGE_QUERIER_IPV6_PORT = attr(6, u32)
export const BRIDGE_QUERIER_IPV6_OTHER_TIMER = attr(7, u64)
export const IFLA_BRIDGE_MST_ENTRY = attr(1, nested(() => IFLA_BRIDGE_MST_ENTRY_SET))
export const IFLA_BRIDGE_MST_ENTRY_MSTI = attr(1, u16)
export const IFLA_BRIDGE_MST_ENTRY_STATE = attr(2, u8)
export const IFLA_BRIDGE_MST_ENTRY_SET: AttrSet = attrs('IFLA_BRIDGE_MST_ENTRY', { IFLA_BRIDGE_MST_ENTRY_MSTI, IFLA_BRIDGE_MST_ENTRY_STATE })

/** include/uapi/linux/if_bridge.h: what travels in RTM_*LINK of AF_BRIDGE, RTM_*MDB and RTM_*VLAN. */
import { type AttrSet, attr, attrs, nested } from '../../lib/attrs.ts'
import { struct } from '../../lib/struct.ts'
import { binary, u8, u16, u32 } from '../../lib/types.ts'

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
export const MDBA_SET_ENTRY = attr(1, binary)
export const MDBA_SET_ENTRY_ATTRS = attr(2, binary)
export const MDBA_SET: AttrSet = attrs('MDBA_SET', { MDBA_SET_ENTRY, MDBA_SET_ENTRY_ATTRS })

export const br_vlan_msg = struct('br_vlan_msg', { family: u8, reserved1: u8, reserved2: u16, ifindex: u32 })
export const BRIDGE_VLANDB_ENTRY = attr(1, nested(() => BRIDGE_VLANDB_ENTRY_SET))
export const BRIDGE_VLANDB_GLOBAL_OPTIONS = attr(2, binary)
export const BRIDGE_VLANDB: AttrSet = attrs('BRIDGE_VLANDB', { BRIDGE_VLANDB_ENTRY, BRIDGE_VLANDB_GLOBAL_OPTIONS })
export const BRIDGE_VLANDB_ENTRY_INFO = attr(1, bridge_vlan_info)
export const BRIDGE_VLANDB_ENTRY_RANGE = attr(2, u16)
export const BRIDGE_VLANDB_ENTRY_STATE = attr(3, u8)
export const BRIDGE_VLANDB_ENTRY_TUNNEL_INFO = attr(4, binary)
export const BRIDGE_VLANDB_ENTRY_STATS = attr(5, binary)
export const BRIDGE_VLANDB_ENTRY_MCAST_ROUTER = attr(6, u8)
export const BRIDGE_VLANDB_ENTRY_MCAST_N_GROUPS = attr(7, u32)
export const BRIDGE_VLANDB_ENTRY_MCAST_MAX_GROUPS = attr(8, u32)
export const BRIDGE_VLANDB_ENTRY_NEIGH_SUPPRESS = attr(9, u8)
export const BRIDGE_VLANDB_ENTRY_SET: AttrSet = attrs('BRIDGE_VLANDB_ENTRY', {
  BRIDGE_VLANDB_ENTRY_INFO, BRIDGE_VLANDB_ENTRY_RANGE, BRIDGE_VLANDB_ENTRY_STATE, BRIDGE_VLANDB_ENTRY_TUNNEL_INFO,
  BRIDGE_VLANDB_ENTRY_STATS, BRIDGE_VLANDB_ENTRY_MCAST_ROUTER, BRIDGE_VLANDB_ENTRY_MCAST_N_GROUPS, BRIDGE_VLANDB_ENTRY_MCAST_MAX_GROUPS,
  BRIDGE_VLANDB_ENTRY_NEIGH_SUPPRESS,
})

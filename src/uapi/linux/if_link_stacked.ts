/** include/uapi/linux/if_link.h: IFLA_INFO_DATA of kinds that lie upon another device. */
import { type AttrSet, attr, attrs, nested } from '../../lib/attrs.ts'
import { struct } from '../../lib/struct.ts'
import { be16, flag, lladdr, s32, u16, u32 } from '../../lib/types.ts'

export const ifla_vlan_flags = struct('ifla_vlan_flags', { flags: u32, mask: u32 })
export const ifla_vlan_qos_mapping = struct('ifla_vlan_qos_mapping', { from: u32, to: u32 })
export const IFLA_VLAN_QOS_MAPPING = attr(1, ifla_vlan_qos_mapping)
export const IFLA_VLAN_QOS: AttrSet = attrs('IFLA_VLAN_QOS', { IFLA_VLAN_QOS_MAPPING })
export const IFLA_VLAN_ID = attr(1, u16)
export const IFLA_VLAN_FLAGS = attr(2, ifla_vlan_flags)
export const IFLA_VLAN_EGRESS_QOS = attr(3, nested(() => IFLA_VLAN_QOS))
export const IFLA_VLAN_INGRESS_QOS = attr(4, nested(() => IFLA_VLAN_QOS))
export const IFLA_VLAN_PROTOCOL = attr(5, be16)
export const IFLA_VLAN: AttrSet = attrs('IFLA_VLAN', {
  IFLA_VLAN_ID, IFLA_VLAN_FLAGS, IFLA_VLAN_EGRESS_QOS, IFLA_VLAN_INGRESS_QOS, IFLA_VLAN_PROTOCOL,
})

export const MACVLAN_MODE_PRIVATE = 1
export const MACVLAN_MODE_VEPA = 2
export const MACVLAN_MODE_BRIDGE = 4
export const MACVLAN_MODE_PASSTHRU = 8
export const MACVLAN_MODE_SOURCE = 16
export const MACVLAN_MACADDR_ADD = 0
export const MACVLAN_MACADDR_DEL = 1
export const MACVLAN_MACADDR_FLUSH = 2
export const MACVLAN_MACADDR_SET = 3
export const MACVLAN_FLAG_NOPROMISC = 1
export const MACVLAN_FLAG_NODST = 2
export const IFLA_MACVLAN_MODE = attr(1, u32)
export const IFLA_MACVLAN_FLAGS = attr(2, u16)
export const IFLA_MACVLAN_MACADDR_MODE = attr(3, u32)
export const IFLA_MACVLAN_MACADDR = attr(4, lladdr)
export const IFLA_MACVLAN_MACADDR_DATA = attr(5, nested(() => IFLA_MACVLAN))
export const IFLA_MACVLAN_MACADDR_COUNT = attr(6, u32)
export const IFLA_MACVLAN_BC_QUEUE_LEN = attr(7, u32)
export const IFLA_MACVLAN_BC_QUEUE_LEN_USED = attr(8, u32)
export const IFLA_MACVLAN_BC_CUTOFF = attr(9, s32)
export const IFLA_MACVLAN: AttrSet = attrs('IFLA_MACVLAN', {
  IFLA_MACVLAN_MODE, IFLA_MACVLAN_FLAGS, IFLA_MACVLAN_MACADDR_MODE, IFLA_MACVLAN_MACADDR, IFLA_MACVLAN_MACADDR_DATA,
  IFLA_MACVLAN_MACADDR_COUNT, IFLA_MACVLAN_BC_QUEUE_LEN, IFLA_MACVLAN_BC_QUEUE_LEN_USED, IFLA_MACVLAN_BC_CUTOFF,
})

export const IPVLAN_MODE_L2 = 0
export const IPVLAN_MODE_L3 = 1
export const IPVLAN_MODE_L3S = 2
export const IPVLAN_MODE_MAX = 3
export const IPVLAN_F_PRIVATE = 1
export const IPVLAN_F_VEPA = 2
export const IFLA_IPVLAN_MODE = attr(1, u16)
export const IFLA_IPVLAN_FLAGS = attr(2, u16)
export const IFLA_IPVLAN: AttrSet = attrs('IFLA_IPVLAN', { IFLA_IPVLAN_MODE, IFLA_IPVLAN_FLAGS })

export const IFLA_VRF_TABLE = attr(1, u32)
export const IFLA_VRF: AttrSet = attrs('IFLA_VRF', { IFLA_VRF_TABLE })
export const IFLA_VRF_PORT_TABLE = attr(1, u32)
export const IFLA_VRF_PORT: AttrSet = attrs('IFLA_VRF_PORT', { IFLA_VRF_PORT_TABLE })

export const IFLA_XFRM_LINK = attr(1, u32)
export const IFLA_XFRM_IF_ID = attr(2, u32)
export const IFLA_XFRM_COLLECT_METADATA = attr(3, flag)
export const IFLA_XFRM: AttrSet = attrs('IFLA_XFRM', { IFLA_XFRM_LINK, IFLA_XFRM_IF_ID, IFLA_XFRM_COLLECT_METADATA })

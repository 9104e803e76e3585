/** include/uapi/linux/if_vlan.h: the ioctls of vconfig, and flags that IFLA_VLAN_FLAGS shares with them. */
import { struct } from '../../lib/struct.ts'
import { bytes, chars, s16, s32 } from '../../lib/types.ts'

export const ADD_VLAN_CMD = 0
export const DEL_VLAN_CMD = 1
export const SET_VLAN_INGRESS_PRIORITY_CMD = 2
export const SET_VLAN_EGRESS_PRIORITY_CMD = 3
export const GET_VLAN_INGRESS_PRIORITY_CMD = 4
export const GET_VLAN_EGRESS_PRIORITY_CMD = 5
export const SET_VLAN_NAME_TYPE_CMD = 6
export const SET_VLAN_FLAG_CMD = 7
export const GET_VLAN_REALDEV_NAME_CMD = 8
export const GET_VLAN_VID_CMD = 9

export const VLAN_FLAG_REORDER_HDR = 0x1
export const VLAN_FLAG_GVRP = 0x2
export const VLAN_FLAG_LOOSE_BINDING = 0x4
export const VLAN_FLAG_MVRP = 0x8
export const VLAN_FLAG_BRIDGE_BINDING = 0x10

export const VLAN_NAME_TYPE_PLUS_VID = 0
export const VLAN_NAME_TYPE_RAW_PLUS_VID = 1
export const VLAN_NAME_TYPE_PLUS_VID_NO_PAD = 2
export const VLAN_NAME_TYPE_RAW_PLUS_VID_NO_PAD = 3
export const VLAN_NAME_TYPE_HIGHEST = 4

/** `u` holds device2[24], or VID, skb_priority, name_type or flag in its first four bytes. */
export const vlan_ioctl_args = struct('vlan_ioctl_args', { cmd: s32, device1: chars(24), u: bytes(24), vlan_qos: s16, __pad: bytes(2) })

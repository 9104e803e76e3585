/** include/uapi/linux/genetlink.h */
import { type AttrSet, attr, attrs, nestedList } from '../../lib/attrs.ts'
import { binary, string, u16, u32, u8 } from '../../lib/types.ts'
import { struct } from '../../lib/struct.ts'

export const genlmsghdr = struct('genlmsghdr', { cmd: u8, version: u8, reserved: u16 })
export const GENL_NAMSIZ = 16
export const GENL_ID_CTRL = 0x10
export const GENL_MIN_ID = 0x10
export const GENL_MAX_ID = 1023
export const GENL_ADMIN_PERM = 0x01
export const GENL_CMD_CAP_DO = 0x02
export const GENL_CMD_CAP_DUMP = 0x04
export const GENL_CMD_CAP_HASPOL = 0x08
export const GENL_UNS_ADMIN_PERM = 0x10
export const CTRL_CMD_NEWFAMILY = 1
export const CTRL_CMD_DELFAMILY = 2
export const CTRL_CMD_GETFAMILY = 3
export const CTRL_CMD_NEWOPS = 4
export const CTRL_CMD_DELOPS = 5
export const CTRL_CMD_GETOPS = 6
export const CTRL_CMD_NEWMCAST_GRP = 7
export const CTRL_CMD_DELMCAST_GRP = 8
export const CTRL_CMD_GETMCAST_GRP = 9
export const CTRL_CMD_GETPOLICY = 10

/** Attributes of the controller (nlctrl). */
export const CTRL_ATTR_FAMILY_ID = attr(1, u16)
export const CTRL_ATTR_FAMILY_NAME = attr(2, string(15))
export const CTRL_ATTR_VERSION = attr(3, u32)
export const CTRL_ATTR_HDRSIZE = attr(4, u32)
export const CTRL_ATTR_MAXATTR = attr(5, u32)
export const CTRL_ATTR_OPS = attr(6, nestedList(() => CTRL_ATTR_OP_SET))
export const CTRL_ATTR_MCAST_GROUPS = attr(7, nestedList(() => CTRL_ATTR_MCAST_GRP_SET))
export const CTRL_ATTR_POLICY = attr(8, binary)
export const CTRL_ATTR_OP_POLICY = attr(9, binary)
export const CTRL_ATTR_OP = attr(10, u32)
export const CTRL_ATTR: AttrSet = attrs('CTRL_ATTR', {
  CTRL_ATTR_FAMILY_ID, CTRL_ATTR_FAMILY_NAME, CTRL_ATTR_VERSION, CTRL_ATTR_HDRSIZE, CTRL_ATTR_MAXATTR, CTRL_ATTR_OPS, CTRL_ATTR_MCAST_GROUPS, CTRL_ATTR_POLICY, CTRL_ATTR_OP_POLICY, CTRL_ATTR_OP,
})

export const CTRL_ATTR_OP_ID = attr(1, u32)
export const CTRL_ATTR_OP_FLAGS = attr(2, u32)
export const CTRL_ATTR_OP_SET: AttrSet = attrs('CTRL_ATTR_OP_SET', {
  CTRL_ATTR_OP_ID, CTRL_ATTR_OP_FLAGS,
})

export const CTRL_ATTR_MCAST_GRP_NAME = attr(1, string(15))
export const CTRL_ATTR_MCAST_GRP_ID = attr(2, u32)
export const CTRL_ATTR_MCAST_GRP_SET: AttrSet = attrs('CTRL_ATTR_MCAST_GRP_SET', {
  CTRL_ATTR_MCAST_GRP_NAME, CTRL_ATTR_MCAST_GRP_ID,
})

export const CTRL_ATTR_POLICY_DO = attr(1, u32)
export const CTRL_ATTR_POLICY_DUMP = attr(2, u32)
export const CTRL_ATTR_POLICY_SET: AttrSet = attrs('CTRL_ATTR_POLICY_SET', {
  CTRL_ATTR_POLICY_DO, CTRL_ATTR_POLICY_DUMP,
})

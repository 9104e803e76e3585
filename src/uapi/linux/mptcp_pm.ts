/** include/uapi/linux/mptcp_pm.h: the generic netlink family of the path manager of MPTCP. */
import { attr, attrs, nested } from '../../lib/attrs.ts'
import { binary, s32, u8, u16, u32 } from '../../lib/types.ts'

export const MPTCP_PM_NAME = 'mptcp_pm'
export const MPTCP_PM_VER = 1
export const MPTCP_PM_CMD_GRP_NAME = 'mptcp_pm_cmds'
export const MPTCP_PM_EV_GRP_NAME = 'mptcp_pm_events'

export const MPTCP_PM_CMD_ADD_ADDR = 1
export const MPTCP_PM_CMD_DEL_ADDR = 2
export const MPTCP_PM_CMD_GET_ADDR = 3
export const MPTCP_PM_CMD_FLUSH_ADDRS = 4
export const MPTCP_PM_CMD_SET_LIMITS = 5
export const MPTCP_PM_CMD_GET_LIMITS = 6
export const MPTCP_PM_CMD_SET_FLAGS = 7
export const MPTCP_PM_CMD_ANNOUNCE = 8
export const MPTCP_PM_CMD_REMOVE = 9
export const MPTCP_PM_CMD_SUBFLOW_CREATE = 10
export const MPTCP_PM_CMD_SUBFLOW_DESTROY = 11

export const MPTCP_PM_ADDR_FLAG_SIGNAL = 1 << 0
export const MPTCP_PM_ADDR_FLAG_SUBFLOW = 1 << 1
export const MPTCP_PM_ADDR_FLAG_BACKUP = 1 << 2
export const MPTCP_PM_ADDR_FLAG_FULLMESH = 1 << 3
export const MPTCP_PM_ADDR_FLAG_IMPLICIT = 1 << 4
export const MPTCP_PM_ADDR_FLAGS_MASK = 0x1f

export const MPTCP_PM_ADDR_ATTR_FAMILY = attr(1, u16)
export const MPTCP_PM_ADDR_ATTR_ID = attr(2, u8)
export const MPTCP_PM_ADDR_ATTR_ADDR4 = attr(3, binary)
export const MPTCP_PM_ADDR_ATTR_ADDR6 = attr(4, binary)
export const MPTCP_PM_ADDR_ATTR_PORT = attr(5, u16)
export const MPTCP_PM_ADDR_ATTR_FLAGS = attr(6, u32)
export const MPTCP_PM_ADDR_ATTR_IF_IDX = attr(7, s32)
export const MPTCP_PM_ADDR_ATTR = attrs('MPTCP_PM_ADDR_ATTR', {
  MPTCP_PM_ADDR_ATTR_FAMILY,
  MPTCP_PM_ADDR_ATTR_ID,
  MPTCP_PM_ADDR_ATTR_ADDR4,
  MPTCP_PM_ADDR_ATTR_ADDR6,
  MPTCP_PM_ADDR_ATTR_PORT,
  MPTCP_PM_ADDR_ATTR_FLAGS,
  MPTCP_PM_ADDR_ATTR_IF_IDX,
})

export const MPTCP_PM_ATTR_ADDR = attr(
  1,
  nested(() => MPTCP_PM_ADDR_ATTR),
)
export const MPTCP_PM_ATTR_RCV_ADD_ADDRS = attr(2, u32)
export const MPTCP_PM_ATTR_SUBFLOWS = attr(3, u32)
export const MPTCP_PM_ATTR_TOKEN = attr(4, u32)
export const MPTCP_PM_ATTR_LOC_ID = attr(5, u8)
export const MPTCP_PM_ATTR_ADDR_REMOTE = attr(
  6,
  nested(() => MPTCP_PM_ADDR_ATTR),
)
/** Operations take the first one, three, four, five or six of these; each number of them is a set of its own. */
const known = {
  MPTCP_PM_ATTR_ADDR,
  MPTCP_PM_ATTR_RCV_ADD_ADDRS,
  MPTCP_PM_ATTR_SUBFLOWS,
  MPTCP_PM_ATTR_TOKEN,
  MPTCP_PM_ATTR_LOC_ID,
  MPTCP_PM_ATTR_ADDR_REMOTE,
}
const upTo = (last: number) => attrs('MPTCP_PM_ATTR', Object.fromEntries(Object.entries(known).filter(([, { nr }]) => nr <= last)))
export const MPTCP_PM_ENDPOINT = upTo(MPTCP_PM_ATTR_ADDR.nr)
export const MPTCP_PM_LIMITS = upTo(MPTCP_PM_ATTR_SUBFLOWS.nr)
export const MPTCP_PM_OF_TOKEN = upTo(MPTCP_PM_ATTR_TOKEN.nr)
export const MPTCP_PM_LOCAL = upTo(MPTCP_PM_ATTR_LOC_ID.nr)
export const MPTCP_PM_ATTR = upTo(MPTCP_PM_ATTR_ADDR_REMOTE.nr)

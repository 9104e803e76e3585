/** include/uapi/linux/if_team.h: the generic netlink family "team": a team's options and ports. */
import { type AttrSet, attr, attrs } from '../../lib/attrs.ts'
import { binary, flag, string, u32, u8 } from '../../lib/types.ts'

export const TEAM_STRING_MAX_LEN = 32
export const TEAM_GENL_NAME = 'team'
export const TEAM_GENL_VERSION = 1
export const TEAM_GENL_CHANGE_EVENT_MC_GRP_NAME = 'change_event'

export const TEAM_CMD_NOOP = 0
export const TEAM_CMD_OPTIONS_SET = 1
export const TEAM_CMD_OPTIONS_GET = 2
export const TEAM_CMD_PORT_LIST_GET = 3

export const TEAM_ATTR_TEAM_IFINDEX = attr(1, u32)
export const TEAM_ATTR_LIST_OPTION = attr(2, binary)
export const TEAM_ATTR_LIST_PORT = attr(3, binary)
export const TEAM_ATTR: AttrSet = attrs('TEAM_ATTR', { TEAM_ATTR_TEAM_IFINDEX, TEAM_ATTR_LIST_OPTION, TEAM_ATTR_LIST_PORT })
/** What requests may hold. */
export const TEAM_ATTR_REQUEST: AttrSet = attrs('TEAM_ATTR_REQUEST', { TEAM_ATTR_TEAM_IFINDEX, TEAM_ATTR_LIST_OPTION })

/** Inside TEAM_ATTR_LIST_OPTION; each holds TEAM_ATTR_OPTION_*. */
export const TEAM_ATTR_ITEM_OPTION = attr(1, binary)
export const TEAM_ATTR_OPTION_NAME = attr(1, string(TEAM_STRING_MAX_LEN))
export const TEAM_ATTR_OPTION_CHANGED = attr(2, flag)
export const TEAM_ATTR_OPTION_TYPE = attr(3, u8)
export const TEAM_ATTR_OPTION_DATA = attr(4, binary)
export const TEAM_ATTR_OPTION_REMOVED = attr(5, flag)
export const TEAM_ATTR_OPTION_PORT_IFINDEX = attr(6, u32)
export const TEAM_ATTR_OPTION_ARRAY_INDEX = attr(7, u32)
export const TEAM_ATTR_OPTION: AttrSet = attrs('TEAM_ATTR_OPTION', {
  TEAM_ATTR_OPTION_NAME, TEAM_ATTR_OPTION_CHANGED, TEAM_ATTR_OPTION_TYPE, TEAM_ATTR_OPTION_DATA, TEAM_ATTR_OPTION_REMOVED,
  TEAM_ATTR_OPTION_PORT_IFINDEX, TEAM_ATTR_OPTION_ARRAY_INDEX,
})

/** Inside TEAM_ATTR_LIST_PORT; each holds TEAM_ATTR_PORT_*. */
export const TEAM_ATTR_ITEM_PORT = attr(1, binary)
export const TEAM_ATTR_PORT_IFINDEX = attr(1, u32)
export const TEAM_ATTR_PORT_CHANGED = attr(2, flag)
export const TEAM_ATTR_PORT_LINKUP = attr(3, flag)
export const TEAM_ATTR_PORT_SPEED = attr(4, u32)
export const TEAM_ATTR_PORT_DUPLEX = attr(5, u8)
export const TEAM_ATTR_PORT_REMOVED = attr(6, flag)
export const TEAM_ATTR_PORT: AttrSet = attrs('TEAM_ATTR_PORT', {
  TEAM_ATTR_PORT_IFINDEX, TEAM_ATTR_PORT_CHANGED, TEAM_ATTR_PORT_LINKUP, TEAM_ATTR_PORT_SPEED, TEAM_ATTR_PORT_DUPLEX,
  TEAM_ATTR_PORT_REMOVED,
})

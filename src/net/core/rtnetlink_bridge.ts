/**
 * net/core/rtnetlink.c: RTM_*LINK of family AF_BRIDGE, for devices that bridge (ndo_bridge_getlink, ndo_bridge_setlink).
 * No kind of ours does yet, so a dump is empty and a change finds nobody who would do it.
 */
import { getS32 } from '../../lib/bytes.ts'
import type { MessageBuilder } from '../../lib/message.ts'
import { NLMSG_HDRLEN } from '../../lib/message.ts'
import { EINVAL, ENODEV, EOPNOTSUPP, type Errno } from '../../uapi/errno.ts'
import { ifinfomsg } from '../../uapi/linux/rtnetlink.ts'
import type { netlink_callback, Request } from '../netlink/types.ts'
import { __dev_get_by_index } from './dev_state.ts'

export function rtnl_bridge_getlink(_skb: MessageBuilder, cb: netlink_callback): Errno | undefined {
  if (cb.strict_check && cb.request.length < NLMSG_HDRLEN + ifinfomsg.size) return cb.extack.fail(EINVAL, 'Invalid header for link dump')
  return undefined
}

/** RTM_SETLINK and RTM_DELLINK: without IFLA_BRIDGE_FLAGS the master is meant, and there is none that bridges. */
export function rtnl_bridge_setlink(req: Request): Errno | undefined {
  if (req.buf.length < NLMSG_HDRLEN + ifinfomsg.size) return EINVAL
  const dev = __dev_get_by_index(req.net, getS32(req.buf, NLMSG_HDRLEN + ifinfomsg.field.ifi_index.offset))
  return dev === undefined ? req.extack.fail(ENODEV, 'unknown ifindex') : EOPNOTSUPP
}

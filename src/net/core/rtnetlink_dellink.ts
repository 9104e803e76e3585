/** net/core/rtnetlink.c rtnl_dellink: takes links away, one or a whole group. */
import type { AttrTable } from '../../lib/attrs.ts'
import { EINVAL, ENODEV, EOPNOTSUPP, EPERM, type Errno, isErrno } from '../../uapi/errno.ts'
import { IFLA_ALT_IFNAME, IFLA_GROUP, IFLA_IFNAME, IFLA_TARGET_NETNSID } from '../../uapi/linux/if_link.ts'
import { NLM_F_ECHO } from '../../uapi/linux/netlink.ts'
import { ifinfomsg } from '../../uapi/linux/rtnetlink.ts'
import { nlmsg_parse_deprecated } from '../netlink/attr.ts'
import type { Request } from '../netlink/types.ts'
import { unregister_netdevice_many, unregister_netdevice_queue } from './dev.ts'
import { __dev_get_by_index } from './dev_state.ts'
import type { net } from './net_namespace.ts'
import type { net_device } from './netdevice.ts'
import { ifi_index, rtnl_dev_get, rtnl_ensure_unique_netns } from './rtnetlink_getlink.ts'
import { ifla_policy } from './rtnetlink_policy.ts'
import { rtnl_get_net_ns_capable } from './rtnl_netns.ts'

/** RTM_DELLINK */
export function rtnl_dellink(req: Request): Errno | undefined {
  const tb = nlmsg_parse_deprecated(req, ifinfomsg.size, ifla_policy)
  if (isErrno(tb)) return tb
  const error = rtnl_ensure_unique_netns(req, tb, true)
  if (isErrno(error)) return error
  const netnsid = tb.get(IFLA_TARGET_NETNSID)
  const net = netnsid === undefined ? req.net : rtnl_get_net_ns_capable(req, netnsid)
  return isErrno(net) ? net : dellink_in(req, net, tb)
}

function dellink_in(req: Request, net: net, tb: AttrTable): Errno | undefined {
  const index = ifi_index(req.buf)
  const named = tb.has(IFLA_IFNAME) || tb.has(IFLA_ALT_IFNAME)
  const dev = index > 0 ? __dev_get_by_index(net, index) : named ? rtnl_dev_get(net, tb) : undefined
  const echo = (req.flags & NLM_F_ECHO) !== 0
  if (dev !== undefined) return rtnl_delete_link(dev, echo ? req.portid : 0, echo ? req.seq : 0)
  if (index > 0 || named) return ENODEV
  const group = tb.get(IFLA_GROUP)
  return group === undefined ? EINVAL : rtnl_group_dellink(net, group)
}

/** Only devices that a kind made can be deleted. The kind may take more along (veth's peer). */
function can_delete(dev: net_device): boolean {
  const ops = dev.rtnl_link_ops
  return ops !== undefined && (ops.dellink !== undefined || ops.setup !== undefined)
}
function queue_delete(dev: net_device, list: net_device[]): void {
  const dellink = dev.rtnl_link_ops?.dellink
  if (dellink !== undefined) dellink(dev, list)
  else unregister_netdevice_queue(dev, list)
}

export function rtnl_delete_link(dev: net_device, portid = 0, seq = 0): Errno | undefined {
  if (!can_delete(dev)) return EOPNOTSUPP
  const list: net_device[] = []
  queue_delete(dev, list)
  unregister_netdevice_many(list, portid, seq)
  return undefined
}

/** All or nothing: one device that cannot be deleted refuses the group. Group 0 holds everything else and is refused. */
function rtnl_group_dellink(net: net, group: number): Errno | undefined {
  if (group === 0) return EPERM
  const members = net.dev_base_head.filter((dev) => dev.group === group)
  if (members.length === 0) return ENODEV
  if (!members.every(can_delete)) return EOPNOTSUPP
  const list: net_device[] = []
  // A peer that is queued with its other half and is a member itself is queued once.
  for (const dev of members) if (dev.unreg_list !== list) queue_delete(dev, list)
  unregister_netdevice_many(list)
  return undefined
}

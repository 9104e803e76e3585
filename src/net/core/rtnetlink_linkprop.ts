/** net/core/rtnetlink.c rtnl_linkprop: alternative names (RTM_NEWLINKPROP, RTM_DELLINKPROP). */
import { eachAttr } from '../../lib/attrs.ts'
import { get16, getString } from '../../lib/bytes.ts'
import { EINVAL, ENODEV, type Errno, isErrno } from '../../uapi/errno.ts'
import { ALTIFNAMSIZ } from '../../uapi/linux/if.ts'
import { IFLA_ALT_IFNAME, IFLA_IFNAME, IFLA_PROP_LIST } from '../../uapi/linux/if_link.ts'
import { ifinfomsg, RTM_DELLINKPROP, RTM_NEWLINKPROP } from '../../uapi/linux/rtnetlink.ts'
import { NL_VALIDATE_STRICT, nla_validate_at, nlmsg_parse } from '../netlink/attr.ts'
import type { Request } from '../netlink/types.ts'
import { netdev_altname_add, netdev_altname_del } from './dev_names.ts'
import { __dev_get_by_index } from './dev_state.ts'
import { netdev_state_change } from './link_watch.ts'
import type { net_device } from './netdevice.ts'
import { ifi_index, rtnl_dev_get, rtnl_ensure_unique_netns } from './rtnetlink_getlink.ts'
import { ifla_policy } from './rtnetlink_policy.ts'

const U16_MAX = 0xffff
/** A name at its longest, as an attribute. */
const ALT_IFNAME_SIZE = 4 + ALTIFNAMSIZ

export function rtnl_newlinkprop(req: Request): Errno | undefined {
  return rtnl_linkprop(req, RTM_NEWLINKPROP)
}
export function rtnl_dellinkprop(req: Request): Errno | undefined {
  return rtnl_linkprop(req, RTM_DELLINKPROP)
}

/** Names in turn; the first error ends it and leaves those before it, untold. */
function rtnl_linkprop(req: Request, cmd: number): Errno | undefined {
  const tb = nlmsg_parse(req, ifinfomsg.size, ifla_policy)
  if (isErrno(tb)) return tb
  const error = rtnl_ensure_unique_netns(req, tb, true)
  if (isErrno(error)) return error
  const index = ifi_index(req.buf)
  if (index <= 0 && !tb.has(IFLA_IFNAME) && !tb.has(IFLA_ALT_IFNAME)) return EINVAL
  const dev = index > 0 ? __dev_get_by_index(req.net, index) : rtnl_dev_get(req.net, tb)
  if (dev === undefined) return ENODEV
  const list = tb.at(IFLA_PROP_LIST)
  if (list === 0) return undefined
  const names: number[] = []
  eachAttr(req.buf, list + 4, list + get16(req.buf, list), (type, at) => {
    if (type === IFLA_ALT_IFNAME.nr) names.push(at)
  })
  for (const at of names) {
    const failed = rtnl_alt_ifname(req, cmd, dev, at)
    if (isErrno(failed)) return failed
  }
  if (names.length > 0) netdev_state_change(dev)
  return undefined
}

function rtnl_alt_ifname(req: Request, cmd: number, dev: net_device, at: number): Errno | undefined {
  const end = at + get16(req.buf, at)
  const invalid = nla_validate_at(req, at, end, ifla_policy, NL_VALIDATE_STRICT)
  if (isErrno(invalid)) return invalid
  const name = getString(req.buf, at + 4, end)
  if (cmd === RTM_DELLINKPROP) return netdev_altname_del(dev, name)
  const room = (dev.altnames.length === 0 ? 0 : 4 + dev.altnames.length * ALT_IFNAME_SIZE) + ALT_IFNAME_SIZE
  if (room >= U16_MAX) return req.extack.fail(EINVAL, 'effective property list too long')
  return netdev_altname_add(dev, name)
}

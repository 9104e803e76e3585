/**
 * net/core/rtnetlink.c: RTM_*LINK of family AF_BRIDGE: asked of a port's master, of a device itself, or of both
 * (ndo_bridge_getlink, ndo_bridge_setlink, ndo_bridge_dellink).
 */
import { eachAttr } from '../../lib/attrs.ts'
import { get16, getS32 } from '../../lib/bytes.ts'
import type { MessageBuilder } from '../../lib/message.ts'
import { NLMSG_HDRLEN } from '../../lib/message.ts'
import { EINVAL, ENODEV, EOPNOTSUPP, type Errno, isErrno } from '../../uapi/errno.ts'
import { BRIDGE_FLAGS_MASTER, BRIDGE_FLAGS_SELF, IFLA_BRIDGE_FLAGS, IFLA_BRIDGE_MODE } from '../../uapi/linux/if_bridge.ts'
import { IFLA_AF_SPEC, IFLA_EXT_MASK } from '../../uapi/linux/if_link.ts'
import { NLM_F_MULTI } from '../../uapi/linux/netlink.ts'
import { ifinfomsg, RTM_DELLINK } from '../../uapi/linux/rtnetlink.ts'
import { nlmsg_parse_deprecated, nlmsg_parse_deprecated_strict } from '../netlink/attr.ts'
import type { netlink_ext_ack } from '../netlink/extack.ts'
import type { netlink_callback, Request } from '../netlink/types.ts'
import { netdev_master_upper_dev_get } from './dev_adjacent.ts'
import { __dev_get_by_index } from './dev_state.ts'
import type { net_device } from './netdevice.ts'
import { ifla_policy } from './rtnetlink_policy.ts'

/** Where a dump's message goes: into `skb`, for this reader. */
export interface bridge_getlink_request {
  portid: number
  seq: number
  filter_mask: number
  flags: number
}

declare module './netdevice.ts' {
  interface net_device_ops {
    /** False: it did not fit. */
    readonly ndo_bridge_getlink?: (skb: MessageBuilder, dev: net_device, req: bridge_getlink_request) => boolean
    readonly ndo_bridge_setlink?: (dev: net_device, req: Request, flags: number, extack: netlink_ext_ack) => Errno | undefined
    readonly ndo_bridge_dellink?: (dev: net_device, req: Request, flags: number) => Errno | undefined
  }
}

function valid_bridge_getlink_req(cb: netlink_callback): number | Errno {
  const { buf, extack } = cb
  if (!cb.strict_check) {
    // old programs send a shorter header; then nothing is asked for
    const tb = nlmsg_parse_deprecated({ buf, pool: cb.pool, extack }, ifinfomsg.size, ifla_policy)
    return isErrno(tb) ? 0 : (tb.get(IFLA_EXT_MASK) ?? 0)
  }
  if (buf.length < NLMSG_HDRLEN + ifinfomsg.size) return extack.fail(EINVAL, 'Invalid header for link dump')
  const ifm = ifinfomsg.get(buf, NLMSG_HDRLEN)
  if (ifm.ifi_type || ifm.ifi_flags || ifm.ifi_change || ifm.ifi_index) {
    return extack.fail(EINVAL, 'Invalid values in header for bridge link dump request')
  }
  const tb = nlmsg_parse_deprecated_strict(cb, ifinfomsg.size, ifla_policy)
  if (isErrno(tb)) return tb
  for (let nr = 1; nr <= tb.max; nr++) {
    if (tb.atNr(nr) !== 0 && nr !== IFLA_EXT_MASK.nr) {
      return extack.fail(EINVAL, 'Unsupported attribute in bridge link dump request')
    }
  }
  return tb.get(IFLA_EXT_MASK) ?? 0
}

export function rtnl_bridge_getlink(skb: MessageBuilder, cb: netlink_callback): Errno | true | undefined {
  const mark = cb.pool.mark()
  const filter_mask = valid_bridge_getlink_req(cb)
  cb.pool.release(mark)
  if (isErrno(filter_mask)) return filter_mask
  const req = { portid: cb.portid, seq: cb.seq, filter_mask, flags: NLM_F_MULTI }
  let idx = 0
  for (const dev of cb.net.dev_base_head) {
    for (const asked of [netdev_master_upper_dev_get(dev), dev]) {
      const getlink = asked?.netdev_ops.ndo_bridge_getlink
      if (getlink === undefined || idx++ < cb.args[0]) continue
      if (!getlink(skb, dev, req)) return true
      cb.args[0] = idx
    }
  }
  return undefined
}

/** Where the value of IFLA_BRIDGE_FLAGS stands in the request; absent: 0. Of more than one IFLA_AF_SPEC the first counts. */
function bridge_flags_at(req: Request): number | Errno {
  const setlink = req.type !== RTM_DELLINK
  let flags_at: number | Errno | undefined
  let seen = false
  eachAttr(req.buf, NLMSG_HDRLEN + ifinfomsg.size, req.buf.length, (nr, at) => {
    if (nr !== IFLA_AF_SPEC.nr || seen) return
    seen = true
    eachAttr(req.buf, at + 4, at + get16(req.buf, at), (type, o) => {
      const short = get16(req.buf, o) < 6
      if (type === IFLA_BRIDGE_FLAGS.nr && flags_at === undefined) flags_at = short ? EINVAL : o + 4
      if (type === IFLA_BRIDGE_MODE.nr && short && setlink) flags_at = EINVAL
    })
  })
  return flags_at ?? 0
}

/** RTM_SETLINK and RTM_DELLINK: without IFLA_BRIDGE_FLAGS the master is meant. What was done goes out of the request's flags. */
export function rtnl_bridge_setlink(req: Request): Errno | undefined {
  if (req.buf.length < NLMSG_HDRLEN + ifinfomsg.size) return EINVAL
  const dev = __dev_get_by_index(req.net, getS32(req.buf, NLMSG_HDRLEN + ifinfomsg.field.ifi_index.offset))
  if (dev === undefined) return req.extack.fail(ENODEV, 'unknown ifindex')
  const at = bridge_flags_at(req)
  if (isErrno(at)) return at
  let flags = at === 0 ? 0 : get16(req.buf, at)
  let error: Errno | undefined = EOPNOTSUPP
  if (flags === 0 || flags & BRIDGE_FLAGS_MASTER) {
    error = change(netdev_master_upper_dev_get(dev), dev, req, flags)
    if (isErrno(error)) return error
    flags &= ~BRIDGE_FLAGS_MASTER
  }
  if (flags & BRIDGE_FLAGS_SELF) {
    error = change(dev, dev, req, flags)
    if (!isErrno(error)) flags &= ~BRIDGE_FLAGS_SELF
  }
  if (at !== 0) req.extack.patch16(at, flags)
  return error
}
function change(asked: net_device | undefined, dev: net_device, req: Request, flags: number): Errno | undefined {
  const ops = asked?.netdev_ops
  if (req.type === RTM_DELLINK) return ops?.ndo_bridge_dellink === undefined ? EOPNOTSUPP : ops.ndo_bridge_dellink(dev, req, flags)
  return ops?.ndo_bridge_setlink === undefined ? EOPNOTSUPP : ops.ndo_bridge_setlink(dev, req, flags, req.extack)
}

/**
 * net/core/rtnetlink.c: changing a link: RTM_SETLINK, and RTM_NEWLINK for a device that exists. Each attribute takes effect
 * in Linux's order, which the notifications show; an error in the middle leaves what was done before it.
 */

import { KERN_WARNING } from '../../kernel/printk.ts'
import { type AttrTable, eachAttr } from '../../lib/attrs.ts'
import { get16, get32 } from '../../lib/bytes.ts'
import { NLMSG_HDRLEN } from '../../lib/message.ts'
import { EAFNOSUPPORT, EINVAL, ENODEV, EOPNOTSUPP, type Errno, isErrno } from '../../uapi/errno.ts'
import { IFF_ALLMULTI, IFF_PROMISC, IFNAMSIZ } from '../../uapi/linux/if.ts'
import {
  IFLA_ADDRESS,
  IFLA_AF_SPEC,
  IFLA_ALT_IFNAME,
  IFLA_BROADCAST,
  IFLA_CARRIER,
  IFLA_GRO_IPV4_MAX_SIZE,
  IFLA_GRO_MAX_SIZE,
  IFLA_GROUP,
  IFLA_GSO_IPV4_MAX_SIZE,
  IFLA_GSO_MAX_SEGS,
  IFLA_GSO_MAX_SIZE,
  IFLA_IFALIAS,
  IFLA_IFNAME,
  IFLA_LINKMODE,
  IFLA_MAP,
  IFLA_MASTER,
  IFLA_MTU,
  IFLA_NET_NS_FD,
  IFLA_NET_NS_PID,
  IFLA_NEW_IFINDEX,
  IFLA_OPERSTATE,
  IFLA_TARGET_NETNSID,
  IFLA_TXQLEN,
} from '../../uapi/linux/if_link.ts'
import { ifinfomsg } from '../../uapi/linux/rtnetlink.ts'
import { nlmsg_parse_deprecated } from '../netlink/attr.ts'
import type { netlink_ext_ack } from '../netlink/extack.ts'
import type { Request } from '../netlink/types.ts'
import {
  dev_broadcast_set,
  call_netdevice_notifiers,
  dev_change_carrier,
  dev_change_flags,
  dev_change_name,
  dev_change_net_namespace,
  dev_change_tx_queue_len,
  dev_set_alias,
  dev_set_group,
  dev_set_mac_address,
  dev_set_mtu,
  netdev_master_upper_dev_get,
} from './dev.ts'
import { __dev_get_by_index } from './dev_state.ts'
import { netdev_state_change, set_operstate } from './link_watch.ts'
import type { net } from './net_namespace.ts'
import { GSO_LEGACY_MAX_SIZE, GSO_MAX_SEGS, NETDEV_CHANGEADDR, type net_device } from './netdevice.ts'
import { type link_request, rtnl_af_lookup } from './rtnetlink.ts'
import { ifi_index, nla_string, rtnl_dev_get, rtnl_ensure_unique_netns } from './rtnetlink_getlink.ts'
import { rtnl_link_get_net_capable } from './rtnetlink_newlink.ts'
import { ifla_policy } from './rtnetlink_policy.ts'
import { set_af_spec, set_proto_down, set_vf, set_vf_ports, set_xdp } from './rtnetlink_setlink_nested.ts'

/** include/linux/netdevice.h GRO_MAX_SIZE */
const GRO_MAX_SIZE = 8 * 65535

/** What a change has come to: 0 nothing, MODIFIED, or MODIFIED and to be told by netdev_state_change(). */
export const DO_SETLINK_MODIFIED = 1
export const DO_SETLINK_NOTIFY = 3

/** The request while it is carried out. */
export class setlink_state {
  readonly req: Request
  readonly dev: net_device
  readonly tb: AttrTable
  /** Non-empty when IFLA_IFNAME is there. */
  readonly ifname: string
  status: number
  constructor(req: Request, dev: net_device, tb: AttrTable, status: number) {
    this.req = req
    this.dev = dev
    this.tb = tb
    this.ifname = nla_string(tb.get(IFLA_IFNAME) ?? '', IFNAMSIZ)
    this.status = status
  }
}

/** RTM_SETLINK */
export function rtnl_setlink(req: Request): Errno | undefined {
  const tb = nlmsg_parse_deprecated(req, ifinfomsg.size, ifla_policy)
  if (isErrno(tb)) return tb
  const error = rtnl_ensure_unique_netns(req, tb, false)
  if (isErrno(error)) return error
  const index = ifi_index(req.buf)
  if (index <= 0 && !tb.has(IFLA_IFNAME) && !tb.has(IFLA_ALT_IFNAME)) return EINVAL
  const dev = index > 0 ? __dev_get_by_index(req.net, index) : rtnl_dev_get(req.net, tb)
  return dev === undefined ? ENODEV : do_setlink(req, dev, tb, 0)
}

/** Checks that need the device: address lengths, offload limits and what the address families accept. */
export function validate_linkmsg(req: link_request, dev: net_device, tb: AttrTable): Errno | undefined {
  const { extack } = req
  if (tb.has(IFLA_ADDRESS) && tb.length(IFLA_ADDRESS) < dev.addr_len) return EINVAL
  if (tb.has(IFLA_BROADCAST) && tb.length(IFLA_BROADCAST) < dev.addr_len) return EINVAL
  if ((tb.get(IFLA_GSO_MAX_SIZE) ?? 0) > dev.tso_max_size) return extack.fail(EINVAL, 'too big gso_max_size')
  const segs = tb.get(IFLA_GSO_MAX_SEGS) ?? 0
  if (segs > GSO_MAX_SEGS || segs > dev.tso_max_segs) return extack.fail(EINVAL, 'too big gso_max_segs')
  if ((tb.get(IFLA_GRO_MAX_SIZE) ?? 0) > GRO_MAX_SIZE) return extack.fail(EINVAL, 'too big gro_max_size')
  if ((tb.get(IFLA_GSO_IPV4_MAX_SIZE) ?? 0) > dev.tso_max_size) return extack.fail(EINVAL, 'too big gso_ipv4_max_size')
  if ((tb.get(IFLA_GRO_IPV4_MAX_SIZE) ?? 0) > GRO_MAX_SIZE) return extack.fail(EINVAL, 'too big gro_ipv4_max_size')
  for (const [family, at] of nest_members(req, tb.at(IFLA_AF_SPEC))) {
    const af = rtnl_af_lookup(req.net.kernel, family)
    if (af === undefined) return EAFNOSUPPORT
    if (af.set_link_af === undefined) return EOPNOTSUPP
    const error = af.validate_link_af?.(dev, req, at, extack)
    if (isErrno(error)) return error
  }
  return undefined
}

/** Types and header offsets of a nest's members; none when it is absent (offset 0). */
export function nest_members(req: link_request, at: number): [type: number, offset: number][] {
  const members: [number, number][] = []
  if (at !== 0) eachAttr(req.buf, at + 4, at + get16(req.buf, at), (type, offset) => members.push([type, offset]))
  return members
}

export function do_setlink(req: Request, dev: net_device, tb: AttrTable, status: number): Errno | undefined {
  const s = new setlink_state(req, dev, tb, status)
  const error = validate_linkmsg(req, dev, tb) ?? apply(s)
  if ((s.status & DO_SETLINK_NOTIFY) === DO_SETLINK_NOTIFY) netdev_state_change(dev)
  if (s.status !== 0 && error !== undefined) {
    const partly = 'A link change request failed with some changes committed already.'
    const check = `Interface ${dev.name} may have been left with an inconsistent configuration, please check.`
    dev.nd_net.kernel.printk(KERN_WARNING, `${partly} ${check}`)
  }
  return error
}

/** The order of Linux's do_setlink(); each step is undefined or the error that ends it. */
function apply(s: setlink_state): Errno | undefined {
  return (
    set_namespace(s) ??
    set_map(s) ??
    set_address(s) ??
    set_mtu(s) ??
    set_group(s) ??
    set_name(s) ??
    set_alias(s) ??
    set_broadcast(s) ??
    set_flags(s) ??
    set_master(s) ??
    set_carrier(s) ??
    set_txqlen(s) ??
    set_offload_limits(s) ??
    set_link_state(s) ??
    set_vf(s) ??
    set_vf_ports(s) ??
    set_af_spec(s) ??
    set_proto_down(s) ??
    set_xdp(s)
  )
}

/** Notes success: MODIFIED or NOTIFY; passes an error on. */
export function done(s: setlink_state, error: Errno | undefined, status: number): Errno | undefined {
  if (error === undefined) s.status |= status
  return error
}

function set_namespace(s: setlink_state): Errno | undefined {
  const { tb, dev, req } = s
  if (!tb.has(IFLA_NET_NS_PID) && !tb.has(IFLA_NET_NS_FD) && !tb.has(IFLA_TARGET_NETNSID)) return undefined
  const to = rtnl_link_get_net_capable(req, dev.nd_net, tb)
  if (isErrno(to)) return to
  const error = dev_change_net_namespace(dev, to, s.ifname === '' ? undefined : s.ifname, req.extack, tb.get(IFLA_NEW_IFINDEX) ?? 0)
  return done(s, error, DO_SETLINK_MODIFIED)
}

/** No driver of ours has ndo_set_config. */
function set_map(s: setlink_state): Errno | undefined {
  return s.tb.has(IFLA_MAP) ? EOPNOTSUPP : undefined
}
function set_address(s: setlink_state): Errno | undefined {
  const address = s.tb.payload(IFLA_ADDRESS)
  if (address === undefined) return undefined
  return done(s, dev_set_mac_address(s.dev, address.slice(0, s.dev.addr_len), s.req.extack), DO_SETLINK_MODIFIED)
}
function set_mtu(s: setlink_state): Errno | undefined {
  const mtu = s.tb.get(IFLA_MTU)
  // Linux carries the MTU as a signed int.
  return mtu === undefined ? undefined : done(s, dev_set_mtu(s.dev, mtu | 0, s.req.extack), DO_SETLINK_MODIFIED)
}
function set_group(s: setlink_state): Errno | undefined {
  const group = s.tb.get(IFLA_GROUP)
  if (group === undefined) return undefined
  dev_set_group(s.dev, group)
  return done(s, undefined, DO_SETLINK_NOTIFY)
}
/** A name beside an index asks for a new name; without one it only found the device. */
function set_name(s: setlink_state): Errno | undefined {
  if (ifi_index(s.req.buf) <= 0 || s.ifname === '') return undefined
  return done(s, dev_change_name(s.dev, s.ifname), DO_SETLINK_MODIFIED)
}
function set_alias(s: setlink_state): Errno | undefined {
  const alias = s.tb.payload(IFLA_IFALIAS)
  return alias === undefined ? undefined : done(s, dev_set_alias(s.dev, latin1(alias)), DO_SETLINK_NOTIFY)
}
function latin1(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) {
    if (byte === 0) break
    text += String.fromCharCode(byte)
  }
  return text
}
function set_broadcast(s: setlink_state): Errno | undefined {
  const broadcast = s.tb.payload(IFLA_BROADCAST)
  if (broadcast === undefined) return undefined
  dev_broadcast_set(s.dev, broadcast.subarray(0, s.dev.addr_len))
  call_netdevice_notifiers(NETDEV_CHANGEADDR, s.dev)
  return undefined
}

/** Flags that ifi_change leaves alone keep what programs set (gflags), not what the stack holds by counts. */
export function rtnl_dev_combine_flags(dev: net_device, ifi_flags: number, ifi_change: number): number {
  // An old program that leaves ifi_change zero means all flags.
  if (ifi_change === 0) return ifi_flags
  const counted = IFF_PROMISC | IFF_ALLMULTI
  const current = (dev.flags & ~counted) | (dev.gflags & counted)
  return ((ifi_flags & ifi_change) | (current & ~ifi_change)) >>> 0
}
export function ifi_flags(buf: Uint8Array): number {
  return get32(buf, NLMSG_HDRLEN + ifinfomsg.field.ifi_flags.offset)
}
export function ifi_change(buf: Uint8Array): number {
  return get32(buf, NLMSG_HDRLEN + ifinfomsg.field.ifi_change.offset)
}
function set_flags(s: setlink_state): Errno | undefined {
  const flags = ifi_flags(s.req.buf)
  const change = ifi_change(s.req.buf)
  return flags === 0 && change === 0 ? undefined : dev_change_flags(s.dev, rtnl_dev_combine_flags(s.dev, flags, change), s.req.extack)
}

function set_master(s: setlink_state): Errno | undefined {
  const ifindex = s.tb.get(IFLA_MASTER)
  return ifindex === undefined ? undefined : done(s, do_set_master(s.dev, ifindex, s.req.extack), DO_SETLINK_MODIFIED)
}
/** Leaves the old master, then joins the new one (0: none). A device that takes no slaves: EOPNOTSUPP. */
export function do_set_master(dev: net_device, ifindex: number, extack: netlink_ext_ack): Errno | undefined {
  const old = netdev_master_upper_dev_get(dev)
  if (old !== undefined) {
    if (old.ifindex === ifindex) return undefined
    if (old.netdev_ops.ndo_del_slave === undefined) return EOPNOTSUPP
    const error = old.netdev_ops.ndo_del_slave(old, dev)
    if (isErrno(error)) return error
  }
  if (ifindex === 0) return undefined
  const master = __dev_get_by_index(dev.nd_net, ifindex)
  if (master === undefined) return EINVAL
  if (master.netdev_ops.ndo_add_slave === undefined) return EOPNOTSUPP
  return master.netdev_ops.ndo_add_slave(master, dev, extack)
}

function set_carrier(s: setlink_state): Errno | undefined {
  const carrier = s.tb.get(IFLA_CARRIER)
  return carrier === undefined ? undefined : done(s, dev_change_carrier(s.dev, carrier !== 0), DO_SETLINK_MODIFIED)
}
function set_txqlen(s: setlink_state): Errno | undefined {
  const length = s.tb.get(IFLA_TXQLEN)
  return length === undefined ? undefined : done(s, dev_change_tx_queue_len(s.dev, length), DO_SETLINK_MODIFIED)
}

/** Only a real change counts as one. */
function set_offload_limits(s: setlink_state): Errno | undefined {
  if (apply_offload_limits(s.dev, s.tb)) s.status |= DO_SETLINK_MODIFIED
  return undefined
}
/** The limits of IPv4 follow the general ones while these are in the range that IPv4 always had. True when one changed. */
export function apply_offload_limits(dev: net_device, tb: AttrTable): boolean {
  const { gso_max_size, gso_max_segs, gro_max_size, gso_ipv4_max_size, gro_ipv4_max_size } = dev
  dev.gso_max_size = tb.get(IFLA_GSO_MAX_SIZE) ?? gso_max_size
  if (dev.gso_max_size !== gso_max_size && dev.gso_max_size <= GSO_LEGACY_MAX_SIZE) dev.gso_ipv4_max_size = dev.gso_max_size
  dev.gso_max_segs = tb.get(IFLA_GSO_MAX_SEGS) ?? gso_max_segs
  dev.gro_max_size = tb.get(IFLA_GRO_MAX_SIZE) ?? gro_max_size
  if (dev.gro_max_size !== gro_max_size && dev.gro_max_size <= GSO_LEGACY_MAX_SIZE) dev.gro_ipv4_max_size = dev.gro_max_size
  dev.gso_ipv4_max_size = tb.get(IFLA_GSO_IPV4_MAX_SIZE) ?? dev.gso_ipv4_max_size
  dev.gro_ipv4_max_size = tb.get(IFLA_GRO_IPV4_MAX_SIZE) ?? dev.gro_ipv4_max_size
  return (
    dev.gso_max_size !== gso_max_size ||
    dev.gso_max_segs !== gso_max_segs ||
    dev.gro_max_size !== gro_max_size ||
    dev.gso_ipv4_max_size !== gso_ipv4_max_size ||
    dev.gro_ipv4_max_size !== gro_ipv4_max_size
  )
}

/** IFLA_OPERSTATE tells on its own; a link mode that changes is told at the end. */
function set_link_state(s: setlink_state): Errno | undefined {
  const state = s.tb.get(IFLA_OPERSTATE)
  if (state !== undefined) set_operstate(s.dev, state)
  const mode = s.tb.get(IFLA_LINKMODE)
  if (mode === undefined) return undefined
  if (s.dev.link_mode !== mode) s.status |= DO_SETLINK_NOTIFY
  s.dev.link_mode = mode
  return undefined
}

/** All devices of a group in turn; the first error ends it. A group without devices is no error. */
export function rtnl_group_changelink(req: Request, net: net, group: number, tb: AttrTable): Errno | undefined {
  for (const dev of [...net.dev_base_head]) {
    if (dev.group !== group) continue
    const error = do_setlink(req, dev, tb, 0)
    if (isErrno(error)) return error
  }
  return undefined
}

/** net/core/rtnetlink.c rtnl_newlink: makes a link, or changes the one that is there (rtnetlink_setlink.ts). */

import { CAP_NET_ADMIN } from '../../kernel/capability.ts'
import { request_module } from '../../kernel/kmod.ts'
import type { Attr, AttrTable } from '../../lib/attrs.ts'
import { get16, get32, getS32 } from '../../lib/bytes.ts'
import { EEXIST, EINVAL, ENODEV, EOPNOTSUPP, EPERM, type Errno, isErrno } from '../../uapi/errno.ts'
import { IFNAMSIZ } from '../../uapi/linux/if.ts'
import {
  IFLA_ADDRESS,
  IFLA_ALT_IFNAME,
  IFLA_BROADCAST,
  IFLA_GROUP,
  IFLA_IFNAME,
  IFLA_INFO_DATA,
  IFLA_INFO_KIND,
  IFLA_INFO_SLAVE_DATA,
  IFLA_LINK_NETNSID,
  IFLA_LINKINFO,
  IFLA_LINKMODE,
  IFLA_MAP,
  IFLA_MASTER,
  IFLA_MTU,
  IFLA_NET_NS_FD,
  IFLA_NET_NS_PID,
  IFLA_NUM_RX_QUEUES,
  IFLA_NUM_TX_QUEUES,
  IFLA_OPERSTATE,
  IFLA_PROTINFO,
  IFLA_TARGET_NETNSID,
  IFLA_TXQLEN,
} from '../../uapi/linux/if_link.ts'
import { NLM_F_CREATE, NLM_F_ECHO, NLM_F_EXCL, NLM_F_REPLACE } from '../../uapi/linux/netlink.ts'
import { ifinfomsg } from '../../uapi/linux/rtnetlink.ts'
import { netlink_capable } from '../netlink/af_netlink.ts'
import { NL_VALIDATE_LIBERAL, nla_parse_at, nla_parse_nested_deprecated, nlmsg_parse_deprecated } from '../netlink/attr.ts'
import { netlink_ext_ack } from '../netlink/extack.ts'
import type { Request } from '../netlink/types.ts'
import {
  __dev_change_flags,
  __dev_notify_flags,
  alloc_netdev,
  dev_broadcast_set,
  dev_change_net_namespace,
  dev_set_group,
  dev_validate_mtu,
  free_netdev,
  netdev_master_upper_dev_get,
  register_netdevice,
  rtnl_unlock,
  unregister_netdevice_many,
  unregister_netdevice_queue,
} from './dev.ts'
import { __dev_get_by_index } from './dev_state.ts'
import { set_operstate } from './link_watch.ts'
import type { net } from './net_namespace.ts'
import { NET_ADDR_SET, NET_NAME_ENUM, NET_NAME_USER, type net_device } from './netdevice.ts'
import { type link_request, rtnl_link_ops_get } from './rtnetlink.ts'
import { ifi_index, MODULE_NAME_LEN, nla_string, rtnl_dev_get, rtnl_ensure_unique_netns } from './rtnetlink_getlink.ts'
import { ifla_info_policy, ifla_policy } from './rtnetlink_policy.ts'
import {
  apply_offload_limits,
  DO_SETLINK_NOTIFY,
  do_set_master,
  do_setlink,
  ifi_change,
  ifi_flags,
  rtnl_dev_combine_flags,
  rtnl_group_changelink,
  validate_linkmsg,
} from './rtnetlink_setlink.ts'
import type { rtnl_link_ops } from './rtnl_link_ops.ts'
import { get_net_ns_by_fd, get_net_ns_by_id, get_net_ns_by_pid } from './rtnl_netns.ts'

const MAX_QUEUES = 4096

/** ifi_flags and ifi_change of a request, or of a nested ifinfomsg (veth's peer). */
export interface ifinfo_header {
  ifi_index: number
  ifi_flags: number
  ifi_change: number
}

/** What RTM_NEWLINK has parsed before it knows whether it makes or changes. */
interface newlink_tbs {
  tb: AttrTable
  /** IFLA_LINKINFO's members; undefined without it. */
  linkinfo: AttrTable | undefined
  kind: string
  ops: rtnl_link_ops | undefined
  data: AttrTable | undefined
}

export function rtnl_newlink(req: Request): Errno | undefined {
  const tb = nlmsg_parse_deprecated(req, ifinfomsg.size, ifla_policy)
  if (isErrno(tb)) return tb
  const ambiguous = rtnl_ensure_unique_netns(req, tb, false)
  if (isErrno(ambiguous)) return ambiguous
  const index = ifi_index(req.buf)
  if (index < 0) return req.extack.fail(EINVAL, "ifindex can't be negative")
  const link_specified = index > 0 || tb.has(IFLA_IFNAME) || tb.has(IFLA_ALT_IFNAME)
  const dev = index > 0 ? __dev_get_by_index(req.net, index) : link_specified ? rtnl_dev_get(req.net, tb) : undefined
  const tbs = parse_linkinfo(req, tb)
  if (isErrno(tbs)) return tbs
  const slave_data = parse_slave_data(req, tbs.linkinfo, dev)
  if (isErrno(slave_data)) return slave_data
  if (dev !== undefined) return rtnl_changelink(req, dev, tbs, slave_data)
  if ((req.flags & NLM_F_CREATE) === 0) {
    const group = tb.get(IFLA_GROUP)
    return link_specified || group === undefined ? ENODEV : rtnl_group_changelink(req, req.net, group, tb)
  }
  if (tb.has(IFLA_MAP) || tb.has(IFLA_PROTINFO)) return EOPNOTSUPP
  if (tbs.ops === undefined) {
    // a module may bring the kind; then the request is looked at again from its beginning
    if (tbs.kind === '' || !request_module(req.net.kernel, `rtnl-link-${tbs.kind}`)) return unknown_kind(req, tbs.kind)
    rtnl_unlock(req.net.kernel)
    return rtnl_link_ops_get(req.net.kernel, tbs.kind) === undefined ? unknown_kind(req, tbs.kind) : rtnl_newlink(req)
  }
  return rtnl_newlink_create(req, tbs.ops, tb, tbs.data)
}

function unknown_kind(req: Request, kind: string): Errno {
  if (kind !== '') req.net.kernel.unsupported.count('rtnetlink', `link kind ${kind}`)
  return req.extack.fail(EOPNOTSUPP, 'Unknown device type')
}

/** Kind, its data by its own policy, and its validate(): all before the device is looked at. */
function parse_linkinfo(req: Request, tb: AttrTable): newlink_tbs | Errno {
  const tbs: newlink_tbs = { tb, linkinfo: undefined, kind: '', ops: undefined, data: undefined }
  if (tb.has(IFLA_LINKINFO)) {
    const quiet = { buf: req.buf, pool: req.pool, extack: new netlink_ext_ack() }
    const linkinfo = nla_parse_nested_deprecated(quiet, tb, IFLA_LINKINFO, ifla_info_policy)
    if (isErrno(linkinfo)) return linkinfo
    tbs.linkinfo = linkinfo
    tbs.kind = nla_string(linkinfo.get(IFLA_INFO_KIND) ?? '', MODULE_NAME_LEN)
    if (linkinfo.has(IFLA_INFO_KIND)) tbs.ops = rtnl_link_ops_get(req.net.kernel, tbs.kind)
  }
  const { ops, linkinfo } = tbs
  if (ops === undefined) return tbs
  if (ops.policy !== undefined && linkinfo?.has(IFLA_INFO_DATA)) {
    const data = nla_parse_nested_deprecated(req, linkinfo, IFLA_INFO_DATA, ops.policy)
    if (isErrno(data)) return data
    tbs.data = data
  }
  return ops.validate?.(tb, tbs.data, req.extack) ?? tbs
}

function parse_slave_data(req: Request, linkinfo: AttrTable | undefined, dev: net_device | undefined): AttrTable | undefined | Errno {
  const m_ops = dev === undefined ? undefined : netdev_master_upper_dev_get(dev)?.rtnl_link_ops
  if (m_ops?.slave_policy === undefined || !linkinfo?.has(IFLA_INFO_SLAVE_DATA)) return undefined
  return nla_parse_nested_deprecated(req, linkinfo, IFLA_INFO_SLAVE_DATA, m_ops.slave_policy)
}

/** RTM_NEWLINK for a device that exists: the kind's own change, the master's change of its slave, then the generic ones. */
function rtnl_changelink(req: Request, dev: net_device, tbs: newlink_tbs, slave_data: AttrTable | undefined): Errno | undefined {
  const { tb, linkinfo, ops, data } = tbs
  if ((req.flags & NLM_F_EXCL) !== 0) return EEXIST
  if ((req.flags & NLM_F_REPLACE) !== 0) return EOPNOTSUPP
  const invalid = validate_linkmsg(req, dev, tb)
  if (isErrno(invalid)) return invalid
  let status = 0
  if (linkinfo?.has(IFLA_INFO_DATA)) {
    if (ops === undefined || ops !== dev.rtnl_link_ops || ops.changelink === undefined) return EOPNOTSUPP
    const error = ops.changelink(dev, tb, data, req.extack)
    if (isErrno(error)) return error
    status = DO_SETLINK_NOTIFY
  }
  if (linkinfo?.has(IFLA_INFO_SLAVE_DATA)) {
    const master = netdev_master_upper_dev_get(dev)
    if (master?.rtnl_link_ops?.slave_changelink === undefined) return EOPNOTSUPP
    const error = master.rtnl_link_ops.slave_changelink(master, dev, tb, slave_data, req.extack)
    if (isErrno(error)) return error
    status = DO_SETLINK_NOTIFY
  }
  return do_setlink(req, dev, tb, status)
}

function rtnl_newlink_create(req: Request, ops: rtnl_link_ops, tb: AttrTable, data: AttrTable | undefined): Errno | undefined {
  if (ops.setup === undefined) return EOPNOTSUPP
  const named = tb.get(IFLA_IFNAME)
  const ifname = named === undefined ? `${ops.kind}%d` : nla_string(named, IFNAMSIZ)
  const dest_net = rtnl_link_get_net_capable(req, req.net, tb)
  if (isErrno(dest_net)) return dest_net
  const link_net = rtnl_link_net(req, dest_net, tb)
  if (isErrno(link_net)) return link_net
  const dev = rtnl_create_link(link_net ?? dest_net, ifname, named === undefined ? NET_NAME_ENUM : NET_NAME_USER, ops, tb, req.extack)
  if (isErrno(dev)) return dev
  dev.ifindex = ifi_index(req.buf)
  const made = ops.newlink === undefined ? register_netdevice(dev, req.extack) : ops.newlink(link_net ?? req.net, dev, tb, data, req.extack)
  if (isErrno(made)) {
    free_netdev(dev)
    return made
  }
  const error = finish_newlink(req, dev, tb, link_net === undefined ? undefined : dest_net, ifname)
  if (isErrno(error)) delete_link(dev, ops)
  return error
}

/** Flags and the announcement, the move to its namespace, the master: each may fail and then the device goes again. */
function finish_newlink(req: Request, dev: net_device, tb: AttrTable, move_to: net | undefined, ifname: string): Errno | undefined {
  const header = { ifi_index: ifi_index(req.buf), ifi_flags: ifi_flags(req.buf), ifi_change: ifi_change(req.buf) }
  const echo = (req.flags & NLM_F_ECHO) !== 0
  const error = rtnl_configure_link(dev, header, echo ? req.portid : 0, echo ? req.seq : 0)
  if (isErrno(error)) return error
  if (move_to !== undefined) {
    const moved = dev_change_net_namespace(dev, move_to, ifname, req.extack, 0)
    if (isErrno(moved)) return moved
  }
  const master = tb.get(IFLA_MASTER)
  return master === undefined ? undefined : do_set_master(dev, master, req.extack)
}
function delete_link(dev: net_device, ops: rtnl_link_ops): void {
  const list: net_device[] = []
  if (ops.dellink !== undefined) ops.dellink(dev, list)
  else unregister_netdevice_queue(dev, list)
  unregister_netdevice_many(list)
}

/** IFLA_LINK_NETNSID: the namespace of the lower device, by the id that the destination knows it under. */
function rtnl_link_net(req: Request, dest_net: net, tb: AttrTable): net | undefined | Errno {
  const id = tb.get(IFLA_LINK_NETNSID)
  if (id === undefined) return undefined
  const found = get_net_ns_by_id(dest_net, id)
  if (found === undefined) return req.extack.fail(EINVAL, 'Unknown network namespace id')
  return netlink_capable(req, req.task, CAP_NET_ADMIN) ? found : EPERM
}

/** The namespace that IFLA_NET_NS_PID or IFLA_NET_NS_FD names, else `src_net`. */
export function rtnl_link_get_net(src_net: net, tb: AttrTable): net | Errno {
  const pid = tb.get(IFLA_NET_NS_PID)
  if (pid !== undefined) return get_net_ns_by_pid(src_net, pid)
  const fd = tb.get(IFLA_NET_NS_FD)
  return fd === undefined ? src_net : get_net_ns_by_fd(src_net, fd)
}
/** The same with IFLA_TARGET_NETNSID, and EPERM when the sender may not work there. */
export function rtnl_link_get_net_capable(req: Request, src_net: net, tb: AttrTable): net | Errno {
  const id = tb.get(IFLA_TARGET_NETNSID)
  const named = tb.has(IFLA_NET_NS_PID) || tb.has(IFLA_NET_NS_FD) || id === undefined
  const found = named ? rtnl_link_get_net(src_net, tb) : (get_net_ns_by_id(src_net, id) ?? EINVAL)
  if (isErrno(found)) return found
  return netlink_capable(req, req.task, CAP_NET_ADMIN) ? found : EPERM
}

/**
 * A device of the kind with the generic attributes that a device can have before it is registered. The kind's newlink()
 * registers it; drivers that make a second device (veth) call this too.
 */
export function rtnl_create_link(
  net: net,
  ifname: string,
  name_assign_type: number,
  ops: rtnl_link_ops,
  tb: AttrTable,
  extack: netlink_ext_ack,
): net_device | Errno {
  const txqs = tb.get(IFLA_NUM_TX_QUEUES) ?? ops.get_num_tx_queues?.(net.kernel) ?? 1
  const rxqs = tb.get(IFLA_NUM_RX_QUEUES) ?? ops.get_num_rx_queues?.(net.kernel) ?? 1
  if (txqs < 1 || txqs > MAX_QUEUES) return extack.fail(EINVAL, 'Invalid number of transmit queues')
  if (rxqs < 1 || rxqs > MAX_QUEUES) return extack.fail(EINVAL, 'Invalid number of receive queues')
  if (ops.setup === undefined) return EOPNOTSUPP
  const dev = alloc_netdev(net, ifname, undefined, ops.setup, { txqs, rxqs, name_assign_type })
  const request: link_request = { net, buf: tb.buf, pool: net.kernel.nla_pool, extack }
  const mtu = tb.get(IFLA_MTU)
  const error = validate_linkmsg(request, dev, tb) ?? (mtu === undefined ? undefined : dev_validate_mtu(dev, mtu | 0, extack))
  if (isErrno(error)) {
    free_netdev(dev)
    return error
  }
  dev.rtnl_link_ops = ops
  dev.rtnl_link_initializing = true
  if (mtu !== undefined) dev.mtu = mtu
  set_initial(dev, tb)
  return dev
}

/** Written straight into the device: nobody knows it yet, so nobody is told. */
function set_initial(dev: net_device, tb: AttrTable): void {
  const address = tb.payload(IFLA_ADDRESS)
  if (address !== undefined) {
    dev.dev_addr.set(address)
    dev.addr_assign_type = NET_ADDR_SET
  }
  const broadcast = tb.payload(IFLA_BROADCAST)
  if (broadcast !== undefined) dev_broadcast_set(dev, broadcast)
  dev.tx_queue_len = tb.get(IFLA_TXQLEN) ?? dev.tx_queue_len
  const state = tb.get(IFLA_OPERSTATE)
  if (state !== undefined) set_operstate(dev, state)
  dev.link_mode = tb.get(IFLA_LINKMODE) ?? dev.link_mode
  const group = tb.get(IFLA_GROUP)
  if (group !== undefined) dev_set_group(dev, group)
  apply_offload_limits(dev, tb)
}

/**
 * The flags that the request asks for, then the announcement: all bits of ifi_change for a new device. `portid` and `seq`
 * are the requester's when it asked for an echo.
 */
export function rtnl_configure_link(dev: net_device, ifm: ifinfo_header | undefined, portid = 0, seq = 0): Errno | undefined {
  const old_flags = dev.flags
  if (ifm !== undefined && (ifm.ifi_flags !== 0 || ifm.ifi_change !== 0)) {
    const error = __dev_change_flags(dev, rtnl_dev_combine_flags(dev, ifm.ifi_flags, ifm.ifi_change))
    if (isErrno(error)) return error
  }
  const initializing = dev.rtnl_link_initializing
  dev.rtnl_link_initializing = false
  __dev_notify_flags(dev, old_flags, initializing ? 0xffffffff : (old_flags ^ dev.flags) >>> 0, portid, seq)
  return undefined
}

/** rtnl_nla_parse_ifinfomsg: an attribute of `data` that holds an ifinfomsg and link attributes (veth's peer). */
export function rtnl_nla_parse_ifinfomsg(
  net: net,
  data: AttrTable,
  attr: Attr<any>,
  extack: netlink_ext_ack,
): { ifm: ifinfo_header; tb: AttrTable } | Errno {
  const at = data.at(attr)
  const buf = data.buf
  if (get16(buf, at) - 4 < ifinfomsg.size) return EINVAL
  const o = at + 4
  const ifm = { ifi_index: getS32(buf, o + 4), ifi_flags: get32(buf, o + 8), ifi_change: get32(buf, o + 12) }
  if (ifm.ifi_index < 0) return extack.fail(EINVAL, "ifindex can't be negative", at)
  const context = { buf, pool: net.kernel.nla_pool, extack }
  const tb = nla_parse_at(context, o + ifinfomsg.size, at + get16(buf, at), ifla_policy, NL_VALIDATE_LIBERAL)
  return isErrno(tb) ? tb : { ifm, tb }
}

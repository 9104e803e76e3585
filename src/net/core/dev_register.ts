/** net/core/dev.c: registration and unregistration. */
import { EEXIST, EINVAL, type Errno, isErrno } from '../../uapi/errno.ts'
import { IFF_LOOPBACK } from '../../uapi/linux/if.ts'
import { RTM_DELLINK, RTM_NEWLINK } from '../../uapi/linux/rtnetlink.ts'
import type { netlink_ext_ack } from '../netlink/extack.ts'
import { dev_init_scheduler, dev_shutdown } from '../sched/sch_generic.ts'
import { dev_mc_flush, dev_uc_flush } from './dev_addr_lists.ts'
import { free_netdev } from './dev_alloc.ts'
import { dev_index_release, dev_index_reserve, dev_prep_valid_name, list_netdevice, unlist_netdevice } from './dev_names.ts'
import { ask_netdevice_notifiers, call_netdevice_notifiers } from './dev_notifier.ts'
import { dev_close_many } from './dev_open.ts'
import { flush_all_backlogs } from './dev_receive.ts'
import { netdev_state_of } from './dev_state.ts'
import { rtnl_unlock } from './dev_todo.ts'
import { linkwatch_init_dev } from './link_watch.ts'
import { __netdev_update_features, netdev_init_features, netdev_share_features } from './netdev_features.ts'
import * as F from './netdev_features_bits.ts'
import { netdev_register_kobject, netdev_unregister_kobject } from './netdev_kobject.ts'
import {
  LINK_STATE_PRESENT,
  NET_ADDR_PERM,
  NETDEV_POST_INIT,
  NETDEV_PRE_UNINIT,
  NETDEV_REGISTER,
  NETDEV_UNREGISTER,
  NETREG_REGISTERED,
  NETREG_UNINITIALIZED,
  NETREG_UNREGISTERED,
  NETREG_UNREGISTERING,
  type net_device,
} from './netdevice.ts'
import { rps_init_queues } from './rps.ts'
import { rtmsg_ifinfo, rtmsg_ifinfo_build_skb, rtmsg_ifinfo_send } from './rtnetlink_notify.ts'

/** Name and driver's init; what fails here has left no trace. */
function name_and_init(dev: net_device): Errno | undefined {
  const name = dev_prep_valid_name(dev.nd_net, dev.name, EEXIST)
  if (isErrno(name)) return name
  dev.name = name
  const error = dev.netdev_ops.ndo_init?.(dev)
  if (isErrno(error)) return error
  const filters = (dev.hw_features | dev.features) & (F.NETIF_F_HW_VLAN_CTAG_FILTER | F.NETIF_F_HW_VLAN_STAG_FILTER)
  if (filters === 0n || dev.netdev_ops.ndo_vlan_rx_add_vid !== undefined) return undefined
  dev.netdev_ops.ndo_uninit?.(dev)
  return EINVAL
}
function undo_init(dev: net_device): void {
  dev.netdev_ops.ndo_uninit?.(dev)
  dev.priv_destructor?.(dev)
}

/**
 * On an error the caller frees the device. One that a notifier refused has been listed: it is unregistered again,
 * with all the notifications that this brings, and ends when rtnl is released.
 */
export function register_netdevice(dev: net_device, _extack?: netlink_ext_ack): Errno | undefined {
  const unnamed = name_and_init(dev)
  if (isErrno(unnamed)) return unnamed
  const ifindex = dev_index_reserve(dev.nd_net, dev.ifindex)
  if (isErrno(ifindex)) {
    undo_init(dev)
    return ifindex
  }
  dev.ifindex = ifindex
  netdev_init_features(dev, (dev.flags & IFF_LOOPBACK) !== 0)
  const refused = ask_netdevice_notifiers(NETDEV_POST_INIT, dev)
  if (isErrno(refused)) {
    dev_index_release(dev.nd_net, ifindex)
    undo_init(dev)
    return refused
  }
  return enter(dev)
}

/** From the registered state on: listed, announced on the chain, then to programs. */
function enter(dev: net_device): Errno | undefined {
  rps_init_queues(dev)
  netdev_register_kobject(dev)
  dev.reg_state = NETREG_REGISTERED
  __netdev_update_features(dev)
  netdev_share_features(dev)
  dev.state |= LINK_STATE_PRESENT
  linkwatch_init_dev(dev)
  dev_init_scheduler(dev)
  list_netdevice(dev)
  if (dev.addr_assign_type === NET_ADDR_PERM) dev.perm_addr = dev.dev_addr.slice()
  const error = ask_netdevice_notifiers(NETDEV_REGISTER, dev)
  if (isErrno(error)) {
    dev.needs_free_netdev = false
    unregister_netdevice_many([dev])
    return error
  }
  // rtnl_newlink configures first and announces then
  if (!(dev.rtnl_link_ops !== undefined && dev.rtnl_link_initializing)) rtmsg_ifinfo(RTM_NEWLINK, dev, 0xffffffff)
  return undefined
}
/** register_netdev(): with rtnl taken and released. */
export function register_netdev(dev: net_device): Errno | undefined {
  const error = register_netdevice(dev)
  rtnl_unlock(dev.nd_net.kernel)
  return error
}

/** unregister_netdevice_queue(): a device queued again moves to the end. */
export function unregister_netdevice_queue(dev: net_device, list?: net_device[]): void {
  if (list === undefined) {
    unregister_netdevice_many([dev])
    return
  }
  if (dev.unreg_list === list) list.splice(list.indexOf(dev), 1)
  dev.unreg_list = list
  list.push(dev)
}
export function unregister_netdevice(dev: net_device): void {
  unregister_netdevice_queue(dev)
}
export function unregister_netdev(dev: net_device): void {
  unregister_netdevice(dev)
  rtnl_unlock(dev.nd_net.kernel)
}

/** unregister_netdevice_many_notify(): all are closed and unlisted before the first is said to go. */
export function unregister_netdevice_many(list: net_device[], portid = 0, seq = 0): void {
  const queued = list.splice(0)
  for (const dev of queued) dev.unreg_list = undefined
  const devs = queued.filter((dev) => dev.reg_state !== NETREG_UNINITIALIZED)
  if (devs.length === 0) return
  for (const dev of devs) dev.dismantle = true
  dev_close_many(devs)
  for (const dev of devs) {
    unlist_netdevice(dev)
    dev.reg_state = NETREG_UNREGISTERING
  }
  flush_all_backlogs(devs[0].nd_net.kernel, devs)
  for (const dev of devs) dismantle(dev, portid, seq)
  const state = netdev_state_of(devs[0].nd_net.kernel)
  for (const dev of devs) {
    state.net_todo_list.push(dev)
    dev.nd_net.dev_unreg_count++
  }
}
/** What the end of namespaces takes along outside of a request: exit_batch() of those that make devices. */
export function unregister_netdevice_batch(list: net_device[]): void {
  if (list.length === 0) return
  const { kernel } = list[0].nd_net
  unregister_netdevice_many(list)
  rtnl_unlock(kernel)
}

/** The message shows the device before its lists are flushed, and leaves after the driver's own goodbyes. */
function dismantle(dev: net_device, portid: number, seq: number): void {
  dev_shutdown(dev)
  call_netdevice_notifiers(NETDEV_UNREGISTER, dev)
  const silent = dev.rtnl_link_ops !== undefined && dev.rtnl_link_initializing
  const skb = silent ? undefined : rtmsg_ifinfo_build_skb(RTM_DELLINK, dev, 0xffffffff, portid, seq)
  dev_uc_flush(dev)
  dev_mc_flush(dev)
  dev.altnames = []
  call_netdevice_notifiers(NETDEV_PRE_UNINIT, dev)
  dev.netdev_ops.ndo_uninit?.(dev)
  if (skb !== undefined) rtmsg_ifinfo_send(skb, dev, portid)
  netdev_unregister_kobject(dev)
}

/** The end of a device whose references are gone. */
export function netdev_finish(dev: net_device): void {
  dev.nd_net.dev_unreg_count--
  dev.reg_state = NETREG_UNREGISTERED
  dev.priv_destructor?.(dev)
  if (dev.needs_free_netdev) free_netdev(dev)
}

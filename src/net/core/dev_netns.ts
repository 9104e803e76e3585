/** net/core/dev.c: devices that move between namespaces, and those of a namespace that dies. */
import type { Kernel } from '../../kernel/kernel.ts'
import { KERN_EMERG } from '../../kernel/printk.ts'
import { EBUSY, EEXIST, EINVAL, type Errno, isErrno } from '../../uapi/errno.ts'
import { RTM_DELLINK, RTM_NEWLINK } from '../../uapi/linux/rtnetlink.ts'
import type { netlink_ext_ack } from '../netlink/extack.ts'
import { dev_shutdown } from '../sched/sch_generic.ts'
import { dev_mc_flush, dev_uc_flush } from './dev_addr_lists.ts'
import { dev_index_reserve, dev_prep_valid_name, list_netdevice, netdev_altname_del, unlist_netdevice } from './dev_names.ts'
import { call_netdevice_notifiers } from './dev_notifier.ts'
import { dev_close } from './dev_open.ts'
import { unregister_netdevice_many, unregister_netdevice_queue } from './dev_register.ts'
import { netdev_name_in_use } from './dev_state.ts'
import { rtnl_unlock } from './dev_todo.ts'
import type { net, pernet_operations } from './net_namespace.ts'
import { netdev_enter_kobject, netdev_leave_kobject } from './netdev_kobject.ts'
import { NETDEV_REGISTER, NETDEV_UNREGISTER, NETREG_REGISTERED, type net_device } from './netdevice.ts'
import { rtmsg_ifinfo, rtmsg_ifinfo_newnet } from './rtnetlink_notify.ts'
import { peernet2id_alloc } from './rtnl_netns.ts'

/** The name there: its own, or where that is taken what `pat` gives. */
function name_in(net: net, dev: net_device, pat: string | undefined, extack: netlink_ext_ack | undefined): string | Errno {
  if (!netdev_name_in_use(net, dev.name)) return dev.name
  if (pat === undefined) return fail(extack, EEXIST, 'An interface with the same name exists in the target netns')
  const name = dev_prep_valid_name(net, pat, EEXIST)
  return isErrno(name) ? fail(extack, name, `Unable to use '${pat}' for the new interface name in the target netns`) : name
}
function fail(extack: netlink_ext_ack | undefined, error: Errno, text: string): Errno {
  return extack?.fail(error, text) ?? error
}
/** The index there: the one asked for, else its own, else a new one. */
function index_in(net: net, dev: net_device, wanted: number, extack: netlink_ext_ack | undefined): number | Errno {
  if (wanted !== 0) {
    const given = dev_index_reserve(net, wanted)
    return isErrno(given) ? fail(extack, given, `The ifindex ${wanted} is not available in the target netns`) : given
  }
  const own = dev_index_reserve(net, dev.ifindex)
  return own === EBUSY ? dev_index_reserve(net, 0) : own
}

/**
 * dev_change_net_namespace(): to the old namespace the device goes as if unregistered, with the index and namespace id
 * under which it can be found again; to the new one it comes as if registered. It stays registered throughout.
 */
export function dev_change_net_namespace(
  dev: net_device,
  net: net,
  pat?: string,
  extack?: netlink_ext_ack,
  new_ifindex = 0,
): Errno | undefined {
  if (dev.netns_local) return fail(extack, EINVAL, 'The interface netns is immutable')
  if (dev.reg_state !== NETREG_REGISTERED) return fail(extack, EINVAL, "The interface isn't registered")
  if (dev.nd_net === net) return undefined
  const name = name_in(net, dev, pat, extack)
  if (isErrno(name)) return name
  const taken = dev.altnames.find((altname) => netdev_name_in_use(net, altname))
  if (taken !== undefined) return fail(extack, EEXIST, `An interface with the altname ${taken} exists in the target netns`)
  const ifindex = index_in(net, dev, new_ifindex, extack)
  if (isErrno(ifindex)) return ifindex
  leave(dev, net, ifindex)
  dev.nd_net = net
  dev.ifindex = ifindex
  dev.name = name
  netdev_enter_kobject(dev)
  list_netdevice(dev)
  call_netdevice_notifiers(NETDEV_REGISTER, dev)
  rtmsg_ifinfo(RTM_NEWLINK, dev, 0xffffffff)
  return undefined
}
function leave(dev: net_device, net: net, new_ifindex: number): void {
  dev_close(dev)
  unlist_netdevice(dev)
  dev_shutdown(dev)
  call_netdevice_notifiers(NETDEV_UNREGISTER, dev)
  const new_nsid = peernet2id_alloc(dev.nd_net, net)
  rtmsg_ifinfo_newnet(RTM_DELLINK, dev, 0xffffffff, new_nsid, new_ifindex)
  dev_uc_flush(dev)
  dev_mc_flush(dev)
  netdev_leave_kobject(dev)
}

/** default_device_exit_net(): hardware and what else is not tied to a namespace goes back to the first one. */
function default_device_exit_net(net: net): void {
  const { init_net } = net.kernel
  for (const dev of [...net.dev_base_head]) {
    if (dev.netns_local) continue
    if (dev.rtnl_link_ops !== undefined && !dev.rtnl_link_ops.netns_refund) continue
    const by_index = `dev${dev.ifindex}`
    const pat = netdev_name_in_use(init_net, by_index) ? 'dev%d' : by_index
    for (const altname of dev.altnames) if (netdev_name_in_use(init_net, altname)) netdev_altname_del(dev, altname)
    const error = dev_change_net_namespace(dev, init_net, pat)
    if (isErrno(error)) net.kernel.printk(KERN_EMERG, `default_device_exit_net: failed to move ${dev.name} to init_net: -${error.code}`)
  }
}
/** default_device_exit_batch(): what then is left is destroyed, newest first, loopback last. */
export function default_device_exit_batch(nets: net[]): void {
  if (nets.length === 0) return
  const kernel: Kernel = nets[0].kernel
  for (const net of nets) default_device_exit_net(net)
  const kill_list: net_device[] = []
  for (const net of nets) {
    for (const dev of [...net.dev_base_head].reverse()) {
      if (dev.rtnl_link_ops?.dellink !== undefined) dev.rtnl_link_ops.dellink(dev, kill_list)
      else unregister_netdevice_queue(dev, kill_list)
    }
  }
  unregister_netdevice_many(kill_list)
  rtnl_unlock(kernel)
}
export const default_device_ops: pernet_operations = { name: 'default_device_ops', exit_batch: default_device_exit_batch }

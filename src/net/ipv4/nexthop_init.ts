/** net/ipv4/nexthop.c nexthop_init: a subsys initcall, so that nexthops hear of a device before routes do. */
import type { Kernel } from '../../kernel/kernel.ts'
import { NOTIFY_DONE, notifier_block } from '../../kernel/notifier.ts'
import { type Errno, isErrno } from '../../uapi/errno.ts'
import { IFF_LOWER_UP, IFF_RUNNING } from '../../uapi/linux/if.ts'
import { RTM_DELNEXTHOP, RTM_GETNEXTHOP, RTM_GETNEXTHOPBUCKET, RTM_NEWNEXTHOP } from '../../uapi/linux/rtnetlink.ts'
import { AF_INET, AF_INET6, AF_UNSPEC } from '../../uapi/linux/socket.ts'
import { dev_get_flags, register_netdevice_notifier } from '../core/dev.ts'
import { type net, type pernet_operations, register_pernet_subsys } from '../core/net_namespace.ts'
import {
  NETDEV_CHANGE,
  NETDEV_CHANGEMTU,
  NETDEV_DOWN,
  NETDEV_UNREGISTER,
  type net_device,
  type netdev_notifier_info,
} from '../core/netdevice.ts'
import { rtnl_register } from '../core/rtnetlink.ts'
import { netns_nexthop } from './nexthop.ts'
import { rtm_dump_nexthop_bucket, rtm_get_nexthop_bucket } from './nexthop_bucket.ts'
import { flush_all_nexthops, nexthop_flush_dev } from './nexthop_change.ts'
import { fib_nhc_update_mtu } from './route_exception.ts'
import { rtm_del_nexthop, rtm_dump_nexthop, rtm_get_nexthop, rtm_new_nexthop } from './nexthop_rtm.ts'

/** nexthop_sync_mtu(): what is known of destinations behind IPv4's objects follows the device's MTU. */
function nexthop_sync_mtu(dev: net_device, orig_mtu: number): void {
  for (const { family, nhc } of dev.nd_net.nexthop.devhash.get(dev.ifindex) ?? []) {
    if (family === AF_INET) fib_nhc_update_mtu(nhc, dev.mtu, orig_mtu)
  }
}
/** Objects go with their device: down, removed, or without carrier. */
export function nh_netdev_event(_nb: notifier_block, event: number, { dev, mtu }: netdev_notifier_info): number {
  if (event === NETDEV_CHANGEMTU) nexthop_sync_mtu(dev, mtu ?? dev.mtu)
  if (event === NETDEV_DOWN || event === NETDEV_UNREGISTER) nexthop_flush_dev(dev, event === NETDEV_UNREGISTER)
  else if (event === NETDEV_CHANGE && !(dev_get_flags(dev) & (IFF_RUNNING | IFF_LOWER_UP))) nexthop_flush_dev(dev, false)
  return NOTIFY_DONE
}

export const nexthop_net_ops: pernet_operations = { name: 'nexthop_net_ops', init: nexthop_net_init, exit: nexthop_net_exit }
export function nexthop_net_init(net: net): Errno | undefined {
  net.nexthop = new netns_nexthop()
  return undefined
}
export function nexthop_net_exit(net: net): void {
  flush_all_nexthops(net)
}

export function nexthop_init(kernel: Kernel): Errno | undefined {
  const error = register_pernet_subsys(kernel, nexthop_net_ops)
  if (isErrno(error)) return error
  register_netdevice_notifier(kernel, new notifier_block(nh_netdev_event, kernel))
  rtnl_register(kernel, AF_UNSPEC, RTM_NEWNEXTHOP, { doit: rtm_new_nexthop })
  rtnl_register(kernel, AF_UNSPEC, RTM_DELNEXTHOP, { doit: rtm_del_nexthop })
  rtnl_register(kernel, AF_UNSPEC, RTM_GETNEXTHOP, { doit: rtm_get_nexthop, dumpit: rtm_dump_nexthop })
  for (const family of [AF_INET, AF_INET6]) {
    rtnl_register(kernel, family, RTM_NEWNEXTHOP, { doit: rtm_new_nexthop })
    rtnl_register(kernel, family, RTM_GETNEXTHOP, { dumpit: rtm_dump_nexthop })
  }
  rtnl_register(kernel, AF_UNSPEC, RTM_GETNEXTHOPBUCKET, { doit: rtm_get_nexthop_bucket, dumpit: rtm_dump_nexthop_bucket })
  return undefined
}

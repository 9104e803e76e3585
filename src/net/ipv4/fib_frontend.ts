/** net/ipv4/fib_frontend.c: how routes follow devices and addresses, and IPv4's part of rtnetlink's route messages. */
import type { Kernel } from '../../kernel/kernel.ts'
import { NOTIFY_DONE, notifier_block, raw_notifier_chain_register } from '../../kernel/notifier.ts'
import type { Errno } from '../../uapi/errno.ts'
import { IFF_LOWER_UP, IFF_RUNNING } from '../../uapi/linux/if.ts'
import { RTM_DELROUTE, RTM_GETROUTE, RTM_NEWROUTE, RTNH_F_DEAD, RTNH_F_LINKDOWN } from '../../uapi/linux/rtnetlink.ts'
import { AF_INET } from '../../uapi/linux/socket.ts'
import { dev_get_flags, register_netdevice_notifier } from '../core/dev.ts'
import { netif_is_l3_master } from '../core/l3mdev.ts'
import { type net, type pernet_operations, register_pernet_subsys } from '../core/net_namespace.ts'
import {
  NETDEV_CHANGE,
  NETDEV_CHANGEMTU,
  NETDEV_CHANGEUPPER,
  NETDEV_DOWN,
  NETDEV_UNREGISTER,
  NETDEV_UP,
  type net_device,
  type netdev_notifier_info,
} from '../core/netdevice.ts'
import { RTNL_FLAG_DUMP_SPLIT_NLM_DONE, RTNL_FLAG_DUMP_UNLOCKED, rtnl_register } from '../core/rtnetlink.ts'
import { arp_ifdown } from './arp.ts'
import { fib_add_ifaddr, fib_del_ifaddr } from './fib_ifaddr.ts'
import { inet_dump_fib, inet_rtm_delroute, inet_rtm_newroute } from './fib_rtm.ts'
import { fib4_rules_exit, fib4_rules_init } from './fib_rules.ts'
import { fib_sync_down_dev, fib_sync_mtu, fib_sync_up } from './fib_sync.ts'
import { nl_fib_lookup_exit, nl_fib_lookup_init } from './fib_nl_lookup.ts'
import { fib_flush, fib_table_flush } from './fib_table.ts'
import { fib_tables_ordered } from './fib_tables.ts'
import { __in_dev_get_rtnl, type in_ifaddr } from './in_device.ts'

/** Routes through the device die without a message: users infer it from the device. */
function fib_disable_ip(dev: net_device, event: number, force: boolean): void {
  if (fib_sync_down_dev(dev, event, force) > 0) fib_flush(dev.nd_net)
  arp_ifdown(dev)
}

/** On the inetaddr chain. */
export function fib_inetaddr_event(_nb: notifier_block, event: number, ifa: in_ifaddr): number {
  const { dev, ifa_head } = ifa.ifa_dev
  if (event === NETDEV_UP) {
    fib_add_ifaddr(ifa)
    fib_sync_up(dev, RTNH_F_DEAD)
    dev.nd_net.ipv4.dev_addr_genid++
  } else if (event === NETDEV_DOWN) {
    fib_del_ifaddr(ifa)
    dev.nd_net.ipv4.dev_addr_genid++
    // the last address: IP is off on this device
    if (ifa_head.first === undefined) fib_disable_ip(dev, event, true)
  }
  return NOTIFY_DONE
}

/** On the netdev chain, after inetdev_event, which has the addresses in order by then. */
export function fib_netdev_event(_nb: notifier_block, event: number, { dev, upper_dev, mtu }: netdev_notifier_info): number {
  if (event === NETDEV_UNREGISTER) {
    fib_disable_ip(dev, event, true)
    return NOTIFY_DONE
  }
  const in_dev = __in_dev_get_rtnl(dev)
  if (in_dev === undefined) return NOTIFY_DONE
  switch (event) {
    case NETDEV_UP:
      for (const ifa of in_dev.ifa_list) fib_add_ifaddr(ifa)
      fib_sync_up(dev, RTNH_F_DEAD)
      dev.nd_net.ipv4.dev_addr_genid++
      break
    case NETDEV_DOWN:
      fib_disable_ip(dev, event, false)
      break
    case NETDEV_CHANGE:
      if (dev_get_flags(dev) & (IFF_RUNNING | IFF_LOWER_UP)) fib_sync_up(dev, RTNH_F_LINKDOWN)
      else fib_sync_down_dev(dev, event, false)
      break
    case NETDEV_CHANGEMTU:
      fib_sync_mtu(dev, mtu ?? dev.mtu)
      break
    case NETDEV_CHANGEUPPER:
      // into a VRF or out of it: other tables from now on
      if (upper_dev !== undefined && netif_is_l3_master(upper_dev)) fib_disable_ip(dev, NETDEV_DOWN, true)
      break
  }
  return NOTIFY_DONE
}

export const fib_net_ops: pernet_operations = { name: 'fib_net_ops', init: fib_net_init, exit: fib_net_exit }
export function fib_net_init(net: net): Errno | undefined {
  return fib4_rules_init(net) ?? nl_fib_lookup_init(net)
}
export function fib_net_exit(net: net): void {
  nl_fib_lookup_exit(net)
  for (const tb of fib_tables_ordered(net).reverse()) {
    net.ipv4.fib_tables.delete(tb.tb_id)
    fib_table_flush(net, tb, true)
  }
  fib4_rules_exit(net)
}

export function ip_fib_init(kernel: Kernel): void {
  register_pernet_subsys(kernel, fib_net_ops)
  register_netdevice_notifier(kernel, new notifier_block(fib_netdev_event, kernel))
  raw_notifier_chain_register(kernel.inet.inetaddr_chain, new notifier_block(fib_inetaddr_event, kernel))
  rtnl_register(kernel, AF_INET, RTM_NEWROUTE, { doit: inet_rtm_newroute })
  rtnl_register(kernel, AF_INET, RTM_DELROUTE, { doit: inet_rtm_delroute })
  rtnl_register(kernel, AF_INET, RTM_GETROUTE, { dumpit: inet_dump_fib, flags: RTNL_FLAG_DUMP_UNLOCKED | RTNL_FLAG_DUMP_SPLIT_NLM_DONE })
}

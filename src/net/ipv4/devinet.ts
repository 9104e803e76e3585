/**
 * net/ipv4/devinet.c: IPv4's part of a device: when it begins and ends, and how it follows the device's events. Addresses
 * are in devinet_addr.ts, messages in devinet_rtm.ts, ioctls in devinet_ioctl.ts, settings in devinet_{sysctl,netconf}.ts.
 */
import type { Kernel } from '../../kernel/kernel.ts'
import { NOTIFY_DONE, notifier_block, notifier_from_errno } from '../../kernel/notifier.ts'
import { type Errno, isErrno } from '../../uapi/errno.ts'
import { IFF_LOOPBACK, IFF_UP, IFNAMSIZ } from '../../uapi/linux/if.ts'
import { INADDR_LOOPBACK, inet_make_mask } from '../../uapi/linux/in.ts'
import * as CONF from '../../uapi/linux/ip.ts'
import { RT_SCOPE_HOST, RTM_DELADDR, RTM_GETADDR, RTM_GETNETCONF, RTM_NEWADDR } from '../../uapi/linux/rtnetlink.ts'
import { AF_INET } from '../../uapi/linux/socket.ts'
import { register_netdevice_notifier } from '../core/dev.ts'
import { type net, type pernet_operations, register_pernet_subsys } from '../core/net_namespace.ts'
import {
  NETDEV_CHANGEADDR,
  NETDEV_CHANGEMTU,
  NETDEV_CHANGENAME,
  NETDEV_DOWN,
  NETDEV_NOTIFY_PEERS,
  NETDEV_REGISTER,
  NETDEV_UNREGISTER,
  NETDEV_UP,
  type net_device,
  type netdev_notifier_info,
} from '../core/netdevice.ts'
import {
  RTNL_FLAG_DOIT_UNLOCKED,
  RTNL_FLAG_DUMP_SPLIT_NLM_DONE,
  RTNL_FLAG_DUMP_UNLOCKED,
  rtnl_af_register,
  rtnl_register,
} from '../core/rtnetlink.ts'
import { neigh_parms_alloc, neigh_parms_release } from '../core/neighbour_table.ts'
import { arp_ifdown, arp_tbl } from './arp.ts'
import { inet_del_ifa, inet_insert_ifa, ipv4_devconf_setall } from './devinet_addr.ts'
import { set_ifa_lifetime, stop_lifetimes } from './devinet_lifetime.ts'
import { inet_af_ops } from './devinet_link_af.ts'
import { inet_netconf_dump_devconf, inet_netconf_get_devconf } from './devinet_netconf.ts'
import { rtmsg_ifa } from './devinet_notify.ts'
import { inet_dump_ifaddr, inet_rtm_deladdr, inet_rtm_newaddr } from './devinet_rtm.ts'
import {
  devinet_sysctl_register,
  devinet_sysctl_register_net,
  devinet_sysctl_unregister,
  devinet_sysctl_unregister_net,
} from './devinet_sysctl.ts'
import { nl_kernel } from './fib_semantics.ts'
import { arp_send } from './arp_send.ts'
import { ip_mc_destroy_dev, ip_mc_down, ip_mc_up } from './igmp.ts'
import { INFINITY_LIFE_TIME, in_device, in_ifaddr } from './in_device.ts'
import { ipv4_devconf, netns_ipv4 } from './netns_ipv4.ts'

export { inet_lookup_ifaddr } from './devinet_addr.ts'
export { inet_addr_onlink, inet_confirm_addr, inet_select_addr } from './devinet_select.ts'
export { __in_dev_get_rtnl, in_device, in_ifaddr, inet_ifa_byprefix, inet_ifa_match, inetdev_by_index } from './in_device.ts'

const IPV4_MIN_MTU = 68

/** Gives the device its IPv4 part: settings as `default` has them, told to IPV4_NETCONF. */
export function inetdev_init(dev: net_device): in_device | Errno {
  const in_dev = new in_device(dev)
  in_dev.arp_parms = neigh_parms_alloc(dev, arp_tbl(dev.nd_net.kernel))
  const error = devinet_sysctl_register(in_dev)
  if (isErrno(error)) {
    neigh_parms_release(arp_tbl(dev.nd_net.kernel), in_dev.arp_parms)
    in_dev.dead = true
    return error
  }
  if (dev.flags & IFF_UP) ip_mc_up(in_dev)
  // last: from here on packets and requests find it
  dev.ip_ptr = in_dev
  return in_dev
}

/** Takes it away: its addresses one by one with their routes, all told; then the settings. */
export function inetdev_destroy(in_dev: in_device): void {
  in_dev.dead = true
  ip_mc_destroy_dev(in_dev)
  for (let ifa = in_dev.ifa_head.first; ifa !== undefined; ifa = in_dev.ifa_head.first) inet_del_ifa(in_dev, ifa, nl_kernel)
  in_dev.dev.ip_ptr = undefined
  devinet_sysctl_unregister(in_dev)
  neigh_parms_release(arp_tbl(in_dev.dev.nd_net.kernel), in_dev.arp_parms)
  arp_ifdown(in_dev.dev)
}

/**
 * Labels after a rename: the first address gets the bare name, others keep what stood behind the colon or get a number,
 * and a label too long loses the end of the name. Each is told as a new address.
 */
function inetdev_changename(dev: net_device, in_dev: in_device): void {
  in_dev.ifa_list.forEach((ifa, i) => {
    const colon = ifa.ifa_label.indexOf(':')
    const suffix = colon < 0 ? `:${i + 1}` : ifa.ifa_label.slice(colon)
    ifa.ifa_label = i === 0 ? dev.name : dev.name.slice(0, IFNAMSIZ - 1 - suffix.length) + suffix
    rtmsg_ifa(RTM_NEWADDR, ifa, nl_kernel)
  })
}

/** 127.0.0.1/8; there already when the device was only down. */
function add_loopback_address(in_dev: in_device): void {
  const ifa = new in_ifaddr(in_dev, in_dev.dev.name)
  ifa.ifa_local = ifa.ifa_address = INADDR_LOOPBACK
  ifa.ifa_prefixlen = 8
  ifa.ifa_mask = inet_make_mask(8)
  ifa.ifa_scope = RT_SCOPE_HOST
  set_ifa_lifetime(ifa, INFINITY_LIFE_TIME, INFINITY_LIFE_TIME)
  ipv4_devconf_setall(in_dev)
  inet_insert_ifa(ifa, nl_kernel)
}

/** The network hears of each address. */
function inetdev_send_gratuitous_arp(in_dev: in_device): void {
  for (const { ifa_local } of in_dev.ifa_list) arp_send(in_dev.dev, ifa_local, ifa_local)
}
function arp_notify(in_dev: in_device): boolean {
  const nr = CONF.IPV4_DEVCONF_ARP_NOTIFY
  return in_dev.cnf.get(nr) !== 0 || in_dev.dev.nd_net.ipv4.devconf_all.get(nr) !== 0
}

/** A device that has no IPv4 part: it gets one when it is registered, or when its MTU becomes large enough. */
function without_in_device(dev: net_device, event: number): number {
  if (event === NETDEV_REGISTER) {
    const in_dev = inetdev_init(dev)
    if (isErrno(in_dev)) return notifier_from_errno(in_dev)
    if (dev.flags & IFF_LOOPBACK) {
      in_dev.cnf.set(CONF.IPV4_DEVCONF_NOXFRM, 1)
      in_dev.cnf.set(CONF.IPV4_DEVCONF_NOPOLICY, 1)
    }
  } else if (event === NETDEV_CHANGEMTU && dev.mtu >= IPV4_MIN_MTU) {
    inetdev_init(dev)
  }
  return NOTIFY_DONE
}

/** On the netdev chain, before fib_netdev_event. */
export function inetdev_event(_nb: notifier_block, event: number, { dev }: netdev_notifier_info): number {
  const in_dev = dev.ip_ptr
  if (in_dev === undefined) return without_in_device(dev, event)
  switch (event) {
    case NETDEV_UP:
      if (dev.mtu < IPV4_MIN_MTU) break
      if (dev.flags & IFF_LOOPBACK) add_loopback_address(in_dev)
      ip_mc_up(in_dev)
      if (arp_notify(in_dev)) inetdev_send_gratuitous_arp(in_dev)
      break
    case NETDEV_CHANGEADDR:
      if (arp_notify(in_dev)) inetdev_send_gratuitous_arp(in_dev)
      break
    case NETDEV_NOTIFY_PEERS:
      inetdev_send_gratuitous_arp(in_dev)
      break
    case NETDEV_DOWN:
      ip_mc_down(in_dev)
      break
    case NETDEV_CHANGEMTU:
      // too small for IPv4: it is switched off
      if (dev.mtu < IPV4_MIN_MTU) inetdev_destroy(in_dev)
      break
    case NETDEV_UNREGISTER:
      inetdev_destroy(in_dev)
      break
    case NETDEV_CHANGENAME:
      inetdev_changename(dev, in_dev)
      devinet_sysctl_unregister(in_dev)
      devinet_sysctl_register(in_dev)
      break
  }
  return NOTIFY_DONE
}

/** Compiled-in settings of `all` (and, with source routes accepted, of `default`). */
function compiled_devconf(dflt: boolean): ipv4_devconf {
  const cnf = new ipv4_devconf()
  const set = (nr: number, value: number) => {
    cnf.own()[nr - 1] = value
  }
  set(CONF.IPV4_DEVCONF_ACCEPT_REDIRECTS, 1)
  set(CONF.IPV4_DEVCONF_SEND_REDIRECTS, 1)
  set(CONF.IPV4_DEVCONF_SECURE_REDIRECTS, 1)
  set(CONF.IPV4_DEVCONF_SHARED_MEDIA, 1)
  set(CONF.IPV4_DEVCONF_IGMPV2_UNSOLICITED_REPORT_INTERVAL, 10000)
  set(CONF.IPV4_DEVCONF_IGMPV3_UNSOLICITED_REPORT_INTERVAL, 1000)
  set(CONF.IPV4_DEVCONF_ARP_EVICT_NOCARRIER, 1)
  if (dflt) set(CONF.IPV4_DEVCONF_ACCEPT_SOURCE_ROUTE, 1)
  return cnf
}

/** A further namespace begins with init_net's settings as they are now (devconf_inherit_init_net 0, its default). */
export const devinet_ops: pernet_operations = { name: 'devinet_ops', init: devinet_init_net, exit: devinet_exit_net }
export function devinet_init_net(net: net): Errno | undefined {
  const { init_net } = net.kernel
  net.ipv4 ??= new netns_ipv4()
  const from = net === init_net ? undefined : init_net.ipv4
  net.ipv4.devconf_all = from === undefined ? compiled_devconf(false) : new ipv4_devconf(from.devconf_all)
  net.ipv4.devconf_dflt = from === undefined ? compiled_devconf(true) : new ipv4_devconf(from.devconf_dflt)
  devinet_sysctl_register_net(net)
  return undefined
}
export function devinet_exit_net(net: net): void {
  stop_lifetimes(net)
  devinet_sysctl_unregister_net(net)
}

export function devinet_init(kernel: Kernel): void {
  register_pernet_subsys(kernel, devinet_ops)
  register_netdevice_notifier(kernel, new notifier_block(inetdev_event, kernel))
  rtnl_af_register(kernel, inet_af_ops)
  rtnl_register(kernel, AF_INET, RTM_NEWADDR, { doit: inet_rtm_newaddr })
  rtnl_register(kernel, AF_INET, RTM_DELADDR, { doit: inet_rtm_deladdr })
  rtnl_register(kernel, AF_INET, RTM_GETADDR, { dumpit: inet_dump_ifaddr, flags: RTNL_FLAG_DUMP_UNLOCKED | RTNL_FLAG_DUMP_SPLIT_NLM_DONE })
  rtnl_register(kernel, AF_INET, RTM_GETNETCONF, {
    doit: inet_netconf_get_devconf,
    dumpit: inet_netconf_dump_devconf,
    flags: RTNL_FLAG_DOIT_UNLOCKED | RTNL_FLAG_DUMP_UNLOCKED,
  })
}

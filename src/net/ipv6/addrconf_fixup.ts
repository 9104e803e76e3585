/** net/ipv6/addrconf.c: what a change of forwarding, disable_ipv6 or ignore_routes_with_linkdown does to devices. */
import { IFF_MULTICAST } from '../../uapi/linux/if.ts'
import { IFA_F_TENTATIVE } from '../../uapi/linux/if_addr.ts'
import { in6addr_interfacelocal_allrouters, in6addr_linklocal_allrouters, in6addr_sitelocal_allrouters } from '../../uapi/linux/in6.ts'
import { DEVCONF_DISABLE_IPV6, DEVCONF_FORWARDING, DEVCONF_IGNORE_ROUTES_WITH_LINKDOWN } from '../../uapi/linux/ipv6.ts'
import {
  NETCONFA_FORWARDING,
  NETCONFA_IFINDEX_ALL,
  NETCONFA_IFINDEX_DEFAULT,
  NETCONFA_IGNORE_ROUTES_WITH_LINKDOWN,
} from '../../uapi/linux/netconf.ts'
import { RTM_NEWNETCONF } from '../../uapi/linux/rtnetlink.ts'
import type { net } from '../core/net_namespace.ts'
import { addrconf_ifdown, addrconf_up } from './addrconf_dev.ts'
import { inet6_netconf_notify_devconf } from './addrconf_netconf.ts'
import type { ipv6_devconf_owner } from './addrconf_sysctl.ts'
import { addrconf_join_anycast, addrconf_leave_anycast } from './anycast.ts'
import type { inet6_dev } from './if_inet6.ts'
import { __ipv6_dev_mc_dec, ipv6_dev_mc_inc } from './mcast.ts'
import type { ipv6_devconf } from './netns_ipv6.ts'
import { rt6_purge_dflt_routers } from './route_sync.ts'

function tell(net: net, nr: number, ifindex: number, cnf: ipv6_devconf): void {
  inet6_netconf_notify_devconf(net, RTM_NEWNETCONF, nr, ifindex, cnf)
}
/** On or off has changed: 1 and 2 are the same. */
function differ(a: number, b: number): boolean {
  return (a === 0) !== (b === 0)
}
function devices(net: net): inet6_dev[] {
  return net.dev_base_head.flatMap((dev) => dev.ip6_ptr ?? [])
}

const router_groups = [in6addr_linklocal_allrouters, in6addr_interfacelocal_allrouters, in6addr_sitelocal_allrouters]

/** A router hears what is for all routers, and has the anycast address of each of its subnets. */
function dev_forward_change(idev: inet6_dev): void {
  const { dev } = idev
  const on = idev.cnf.get(DEVCONF_FORWARDING) !== 0
  if (dev.flags & IFF_MULTICAST) {
    for (const group of router_groups) {
      if (on) ipv6_dev_mc_inc(dev, group)
      else __ipv6_dev_mc_dec(idev, group)
    }
  }
  for (const ifa of idev.addr_list) {
    if (ifa.flags & IFA_F_TENTATIVE) continue
    if (on) addrconf_join_anycast(ifa)
    else addrconf_leave_anycast(ifa)
  }
  tell(dev.nd_net, NETCONFA_FORWARDING.nr, dev.ifindex, idev.cnf)
}
/** `all` takes `default` and every device along. */
export function addrconf_fixup_forwarding(owner: ipv6_devconf_owner, newf: number): void {
  const { net, cnf, idev } = owner
  const old = cnf.get(DEVCONF_FORWARDING)
  cnf.set(DEVCONF_FORWARDING, newf)
  if (owner.is_default) {
    if (differ(newf, old)) tell(net, NETCONFA_FORWARDING.nr, NETCONFA_IFINDEX_DEFAULT, cnf)
    return
  }
  if (owner.is_all) forward_all(net, old, newf)
  else if (idev !== undefined && differ(newf, old)) dev_forward_change(idev)
  if (newf !== 0) rt6_purge_dflt_routers(net)
}
function forward_all(net: net, old: number, newf: number): void {
  const { devconf_all, devconf_dflt } = net.ipv6
  const old_dflt = devconf_dflt.get(DEVCONF_FORWARDING)
  devconf_dflt.set(DEVCONF_FORWARDING, newf)
  if (differ(newf, old_dflt)) tell(net, NETCONFA_FORWARDING.nr, NETCONFA_IFINDEX_DEFAULT, devconf_dflt)
  for (const idev of devices(net)) {
    const was = idev.cnf.get(DEVCONF_FORWARDING)
    idev.cnf.set(DEVCONF_FORWARDING, newf)
    if (differ(newf, was)) dev_forward_change(idev)
  }
  if (differ(newf, old)) tell(net, NETCONFA_FORWARDING.nr, NETCONFA_IFINDEX_ALL, devconf_all)
}

/** Devices follow `all`; a device's own file says nothing to listeners. */
export function addrconf_fixup_linkdown(owner: ipv6_devconf_owner, newf: number): void {
  const { net, cnf } = owner
  const nr = DEVCONF_IGNORE_ROUTES_WITH_LINKDOWN
  const attr = NETCONFA_IGNORE_ROUTES_WITH_LINKDOWN.nr
  const old = cnf.get(nr)
  cnf.set(nr, newf)
  if (owner.is_default) {
    if (differ(newf, old)) tell(net, attr, NETCONFA_IFINDEX_DEFAULT, cnf)
  } else if (owner.is_all) {
    net.ipv6.devconf_dflt.set(nr, newf)
    for (const idev of devices(net)) {
      const was = idev.cnf.get(nr)
      idev.cnf.set(nr, newf)
      if (differ(newf, was)) tell(net, attr, idev.dev.ifindex, idev.cnf)
    }
    if (differ(newf, old)) tell(net, attr, NETCONFA_IFINDEX_ALL, cnf)
  } else if (owner.idev !== undefined && differ(newf, old)) tell(net, attr, owner.idev.dev.ifindex, cnf)
}

/** A device without IPv6 is as one that is down. */
function dev_disable_change(idev: inet6_dev): void {
  if (idev.cnf.get(DEVCONF_DISABLE_IPV6)) addrconf_ifdown(idev.dev, false)
  else addrconf_up(idev.dev)
}
export function addrconf_disable_ipv6(owner: ipv6_devconf_owner, newf: number): void {
  const { net, cnf, idev } = owner
  const old = cnf.get(DEVCONF_DISABLE_IPV6)
  cnf.set(DEVCONF_DISABLE_IPV6, newf)
  if (owner.is_all) {
    net.ipv6.devconf_dflt.set(DEVCONF_DISABLE_IPV6, newf)
    for (const each of devices(net)) {
      const was = each.cnf.get(DEVCONF_DISABLE_IPV6)
      each.cnf.set(DEVCONF_DISABLE_IPV6, newf)
      if (differ(newf, was)) dev_disable_change(each)
    }
  } else if (idev !== undefined && differ(newf, old)) {
    dev_disable_change(idev)
  }
}

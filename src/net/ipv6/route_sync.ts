/**
 * net/ipv6/route.c fib6_ifup, fib6_ifdown: routes follow their devices. What goes is told route by route, in the order of a
 * dump; a multipath route stays as long as one hop lives, silently.
 *
 *   event              single route         hop of a multipath route
 *   NETDEV_DOWN        removed              DEAD LINKDOWN; all removed with the last living hop
 *   NETDEV_UNREGISTER  removed              this hop removed
 *   NETDEV_CHANGE      LINKDOWN             LINKDOWN        (carrier lost; not for addresses of ours)
 */

import { ipv6_addr_equal } from '../../uapi/linux/in6.ts'
import { DEVCONF_ACCEPT_RA, DEVCONF_MTU6 } from '../../uapi/linux/ipv6.ts'
import { RTF_ADDRCONF, RTF_ANYCAST, RTF_DEFAULT, RTF_LOCAL } from '../../uapi/linux/ipv6_route.ts'
import { RTAX_MTU, RTNH_F_DEAD, RTNH_F_LINKDOWN } from '../../uapi/linux/rtnetlink.ts'
import { netif_carrier_ok } from '../core/dev.ts'
import type { net } from '../core/net_namespace.ts'
import { NETDEV_CHANGE, NETDEV_DOWN, NETDEV_UNREGISTER, type net_device } from '../core/netdevice.ts'
import { ipv6_chk_addr } from './addrconf_core.ts'
import { __in6_dev_get, type inet6_ifaddr } from './if_inet6.ts'
import { FIB6_WALK_CONTINUE, FIB6_WALK_DELETE, FIB6_WALK_SKIP_SIBLINGS, fib6_clean_all, fib6_tables_ordered } from './ip6_fib.ts'
import { fib6_del } from './ip6_fib_del.ts'
import { fib6_clean_dev } from './ip6_fib_dev.ts'
import { type fib6_info, nl_info6_kernel } from './ip6_fib_info.ts'
import { fib6_info_nhs } from './ip6_fib_nexthop.ts'
import { fib6_metric, fib6_metric_locked, fib6_metric_set } from './ip6_fib_metrics.ts'
import { rt6_exceptions_clean_tohost, rt6_exceptions_update_pmtu } from './ip6_route_exception.ts'
import { rt6_multipath_rebalance } from './ip6_fib_multipath.ts'

export function fib6_ifup(_net: net, rt: fib6_info, arg: { dev: net_device; nh_flags: number }): number {
  if (rt.nh === undefined && rt.fib6_nh.fib_nh_dev === arg.dev) {
    rt.fib6_nh.fib_nh_flags &= ~arg.nh_flags
    rt6_multipath_rebalance(rt)
  }
  return FIB6_WALK_CONTINUE
}
/** `nh_flags`: those that the device's coming up takes away. */
export function rt6_sync_up(dev: net_device, nh_flags: number): void {
  const linkdown = nh_flags & RTNH_F_DEAD && netif_carrier_ok(dev) ? RTNH_F_LINKDOWN : 0
  fib6_clean_dev(dev.nd_net, dev, fib6_ifup, { dev, nh_flags: nh_flags | linkdown })
}

function down(rt: fib6_info, dev: net_device): number {
  const { fib6_siblings: group } = rt
  if (rt.should_flush) return FIB6_WALK_DELETE
  if (group === undefined) return rt.fib6_nh.fib_nh_dev === dev ? FIB6_WALK_DELETE : FIB6_WALK_CONTINUE
  const hops = group.list.map((hop) => hop.fib6_nh)
  if (!hops.some((nh) => nh.fib_nh_dev === dev)) return FIB6_WALK_SKIP_SIBLINGS
  if (hops.every((nh) => nh.fib_nh_dev === dev || nh.fib_nh_flags & RTNH_F_DEAD)) {
    for (const hop of group.list) hop.should_flush = true
    return FIB6_WALK_DELETE
  }
  for (const nh of hops) if (nh.fib_nh_dev === dev) nh.fib_nh_flags |= RTNH_F_DEAD | RTNH_F_LINKDOWN
  rt6_multipath_rebalance(rt)
  return FIB6_WALK_SKIP_SIBLINGS
}
export function fib6_ifdown(_net: net, rt: fib6_info, { dev, event }: { dev: net_device; event: number }): number {
  if (rt.nh !== undefined) return FIB6_WALK_CONTINUE
  switch (event) {
    case NETDEV_UNREGISTER:
      return rt.fib6_nh.fib_nh_dev === dev ? FIB6_WALK_DELETE : FIB6_WALK_CONTINUE
    case NETDEV_DOWN:
      return down(rt, dev)
    case NETDEV_CHANGE:
      if (rt.fib6_nh.fib_nh_dev === dev && !(rt.fib6_flags & (RTF_LOCAL | RTF_ANYCAST))) {
        rt.fib6_nh.fib_nh_flags |= RTNH_F_LINKDOWN
        rt6_multipath_rebalance(rt)
      }
      break
  }
  return FIB6_WALK_CONTINUE
}
export function rt6_sync_down_dev(dev: net_device, event: number): void {
  const { nd_net: net } = dev
  fib6_clean_dev(net, dev, fib6_ifdown, { dev, event }, net.ipv6.fib6.skip_notify_on_dev_down !== 0)
}
/** IPv6 ends on the device. The caller clears the neighbours (neigh_ifdown). */
export function rt6_disable_ip(dev: net_device, event: number): void {
  rt6_sync_down_dev(dev, event)
}

export function fib6_remove_prefsrc(net: net, rt: fib6_info, { addr }: { addr: Uint8Array }): number {
  if (rt.nh !== undefined || rt.fib6_prefsrc === undefined || !ipv6_addr_equal(addr, rt.fib6_prefsrc)) return FIB6_WALK_CONTINUE
  const { fib_nh_dev } = rt.fib6_nh
  if (!ipv6_chk_addr(net, addr, fib_nh_dev, false)) {
    rt.fib6_prefsrc = undefined
    if (fib_nh_dev !== undefined) net.ipv6.fib6.dev_routes_prefsrc--
  }
  return FIB6_WALK_CONTINUE
}
/** An address has gone: routes that prefer it as source do so no longer, silently, unless it is still there for their device. */
export function rt6_remove_prefsrc(ifp: inet6_ifaddr): void {
  const { nd_net: net } = ifp.idev.dev
  if (net.ipv6.fib6.dev_routes_prefsrc > 0) fib6_clean_all(net, fib6_remove_prefsrc, { addr: ifp.addr })
}

export function rt6_mtu_change_route(_net: net, f6i: fib6_info, { dev, mtu }: { dev: net_device; mtu: number }): number {
  const idev = __in6_dev_get(dev)
  if (idev === undefined || fib6_metric_locked(f6i, RTAX_MTU.nr) || !fib6_info_nhs(f6i).some((nh) => nh.fib_nh_dev === dev))
    return FIB6_WALK_CONTINUE
  const now = fib6_metric(f6i, RTAX_MTU.nr)
  if (now >= mtu || now === idev.cnf.get(DEVCONF_MTU6)) fib6_metric_set(f6i, RTAX_MTU.nr, mtu)
  for (const nh of f6i.nh === undefined ? [f6i.fib6_nh] : fib6_info_nhs(f6i))
    if (nh.fib_nh_dev === dev) rt6_exceptions_update_pmtu(idev, nh, mtu)
  return FIB6_WALK_CONTINUE
}
/** The device's MTU changes: routes whose own MTU came from it follow. */
export function rt6_mtu_change(dev: net_device, mtu: number): void {
  fib6_clean_all(dev.nd_net, rt6_mtu_change_route, { dev, mtu })
}

/** Of a router's, on a device that listens to routers even while it forwards. */
function kept(rt: fib6_info): boolean {
  const idev = rt.fib6_nh.fib_nh_dev && __in6_dev_get(rt.fib6_nh.fib_nh_dev)
  return idev !== undefined && idev.cnf.get(DEVCONF_ACCEPT_RA) === 2
}
/** The host becomes a router: default routers that have advertised themselves go; routes to prefixes stay. */
export function rt6_purge_dflt_routers(net: net): void {
  for (const table of fib6_tables_ordered(net)) {
    for (const rt of [...table.tb6_root.leaf]) {
      if (rt.fib6_flags & (RTF_DEFAULT | RTF_ADDRCONF) && !kept(rt)) fib6_del(net, rt, nl_info6_kernel())
    }
  }
}

export function fib6_clean_tohost(net: net, rt: fib6_info, { gateway }: { gateway: Uint8Array }): number {
  const { fib6_nh: nh } = rt
  const of_router = (rt.fib6_flags & (RTF_DEFAULT | RTF_ADDRCONF)) === (RTF_DEFAULT | RTF_ADDRCONF)
  if (rt.nh === undefined && of_router && nh.fib_nh_gw_family !== 0 && ipv6_addr_equal(nh.fib_nh_gw6, gateway)) return FIB6_WALK_DELETE
  if (rt.nh === undefined) rt6_exceptions_clean_tohost(net, nh, gateway)
  return FIB6_WALK_CONTINUE
}
/** A router says that it is one no more: default routes by way of it go. */
export function rt6_clean_tohost(net: net, gateway: Uint8Array): void {
  fib6_clean_all(net, fib6_clean_tohost, { gateway })
}

/** net/ipv6/addrconf.c: the routes of subnets that addresses imply. */
import { RT_TABLE_LOCAL, RT_TABLE_MAIN, RTN_MULTICAST, RTN_UNICAST, RTPROT_KERNEL } from '../../uapi/linux/rtnetlink.ts'
import { IFA_F_NOPREFIXROUTE, IFA_F_PERMANENT } from '../../uapi/linux/if_addr.ts'
import { addr6, type in6_addr, ipv6_prefix_equal } from '../../uapi/linux/in6.ts'
import { IP6_RT_PRIO_ADDRCONF, RTF_DEFAULT, RTF_EXPIRES } from '../../uapi/linux/ipv6_route.ts'
import { RTF_UP } from '../../uapi/linux/route.ts'
import { HZ, USER_HZ } from '../../kernel/time.ts'
import { l3mdev_fib_table } from '../core/l3mdev.ts'
import type { net_device } from '../core/netdevice.ts'
import type { inet6_ifaddr } from './if_inet6.ts'
import { fib6_get_table } from './ip6_fib.ts'
import { fib6_start_gc } from './ip6_fib_gc.ts'
import { fib6_clean_expires, fib6_config, type fib6_info, fib6_set_expires } from './ip6_fib_info.ts'
import { fib6_locate_1 } from './ip6_fib_node.ts'
import { ip6_del_rt, ip6_route_add } from './route.ts'

/** RT6_TABLE_PREFIX; a device of a VRF has all in the VRF's table. */
function prefix_table(dev: net_device): number {
  return l3mdev_fib_table(dev) || RT_TABLE_MAIN
}
export const MULTICAST_PREFIX = addr6([0xff00])

/** A route's end: jiffies from now, 0 for ever. */
export function addrconf_prefix_route(pfx: in6_addr, plen: number, metric: number, dev: net_device, expires: number, flags: number): void {
  const cfg = new fib6_config()
  cfg.fc_table = prefix_table(dev)
  cfg.fc_metric = metric || IP6_RT_PRIO_ADDRCONF
  cfg.fc_ifindex = dev.ifindex
  cfg.fc_expires = Math.floor((expires * USER_HZ) / HZ)
  cfg.fc_dst_len = plen
  cfg.fc_flags = RTF_UP | flags
  cfg.fc_protocol = RTPROT_KERNEL
  cfg.fc_type = RTN_UNICAST
  cfg.fc_dst = pfx
  ip6_route_add(dev.nd_net, cfg)
}

/** Groups are on the link of each device. */
export function addrconf_add_mroute(dev: net_device): void {
  const cfg = new fib6_config()
  cfg.fc_table = l3mdev_fib_table(dev) || RT_TABLE_LOCAL
  cfg.fc_metric = IP6_RT_PRIO_ADDRCONF
  cfg.fc_ifindex = dev.ifindex
  cfg.fc_dst_len = 8
  cfg.fc_flags = RTF_UP
  cfg.fc_type = RTN_MULTICAST
  cfg.fc_protocol = RTPROT_KERNEL
  cfg.fc_dst = MULTICAST_PREFIX
  ip6_route_add(dev.nd_net, cfg)
}

/** The device's route of exactly this prefix, with `flags` and without `noflags`. */
export function addrconf_get_prefix_route(
  pfx: in6_addr,
  plen: number,
  dev: net_device,
  flags: number,
  noflags: number,
  no_gw: boolean,
): fib6_info | undefined {
  const table = fib6_get_table(dev.nd_net, prefix_table(dev))
  const fn = table && fib6_locate_1(table.tb6_root, pfx, plen)
  return fn?.leaf.find(
    (rt) =>
      rt.nh === undefined &&
      rt.fib6_nh.fib_nh_dev === dev &&
      !(no_gw && rt.fib6_nh.fib_nh_gw_family !== 0) &&
      (rt.fib6_flags & flags) === flags &&
      (rt.fib6_flags & noflags) === 0,
  )
}

function set_expires(dev: net_device, rt: fib6_info, expires: number): void {
  fib6_set_expires(rt, expires)
  fib6_start_gc(dev.nd_net, rt)
}

/** What becomes of a subnet's route without one of its addresses: stays, goes, or ends with the last address (jiffies). */
export type prefix_cleanup = 'nop' | 'del' | number

export function check_cleanup_prefix_route(ifp: inet6_ifaddr): prefix_cleanup {
  let action: prefix_cleanup = 'del'
  // no other address of the device has as many bits in common
  if (ifp.prefix_len === 128) return action
  for (let ifa = ifp.idev.addr_head.first; ifa !== undefined; ifa = ifa.list_next) {
    if (ifa === ifp || ifa.prefix_len !== ifp.prefix_len || !ipv6_prefix_equal(ifa.addr, ifp.addr, ifp.prefix_len)) continue
    if (ifa.flags & (IFA_F_PERMANENT | IFA_F_NOPREFIXROUTE)) return 'nop'
    const end = ifa.tstamp + ifa.valid_lft * HZ
    action = action === 'del' ? Math.max(ifp.idev.dev.nd_net.kernel.jiffies(), end) : Math.max(action, end)
  }
  return action
}
export function cleanup_prefix_route(ifp: inet6_ifaddr, action: prefix_cleanup, peer: boolean): void {
  const { dev } = ifp.idev
  const f6i = addrconf_get_prefix_route(peer ? ifp.peer_addr : ifp.addr, ifp.prefix_len, dev, 0, RTF_DEFAULT, true)
  if (f6i === undefined || action === 'nop') return
  if (action === 'del') ip6_del_rt(dev.nd_net, f6i, false)
  else if (!(f6i.fib6_flags & RTF_EXPIRES)) set_expires(dev, f6i, action)
}

/** Another metric makes another route, another lifetime does not; false: the route was not there. */
export function modify_prefix_route(ifp: inet6_ifaddr, expires: number, flags: number, peer: boolean): boolean {
  const { dev } = ifp.idev
  const pfx = peer ? ifp.peer_addr : ifp.addr
  const f6i = addrconf_get_prefix_route(pfx, ifp.prefix_len, dev, 0, RTF_DEFAULT, true)
  if (f6i === undefined) return false
  if (f6i.fib6_metric !== (ifp.rt_priority || IP6_RT_PRIO_ADDRCONF)) {
    ip6_del_rt(dev.nd_net, f6i, false)
    addrconf_prefix_route(pfx, ifp.prefix_len, ifp.rt_priority, dev, expires, flags)
  } else if (flags & RTF_EXPIRES) {
    set_expires(dev, f6i, dev.nd_net.kernel.jiffies() + expires)
  } else {
    fib6_clean_expires(f6i)
  }
  return true
}

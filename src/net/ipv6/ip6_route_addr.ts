/** What routes ask of addresses. */
import { isErrno } from '../../uapi/errno.ts'
import type { net } from '../core/net_namespace.ts'
import type { net_device } from '../core/netdevice.ts'
import { __ipv6_chk_addr_and_flags, ipv6_chk_addr } from './addrconf_core.ts'
import { ipv6_dev_get_saddr } from './addrconf_saddr.ts'
import type { fib6_info } from './ip6_fib_info.ts'
import { fib6_info_nh } from './ip6_fib_nexthop.ts'

/** A preferred source must be an address of ours that has passed DAD. */
export function ip6_route_prefsrc_ok(net: net, addr: Uint8Array, dev: net_device | undefined): boolean {
  return ipv6_chk_addr(net, addr, dev, false)
}
/** A gateway that is ourselves, on this device or (`skip_dev`) on any. */
export function ip6_route_gw_is_local(net: net, addr: Uint8Array, dev: net_device, skip_dev: boolean): boolean {
  return __ipv6_chk_addr_and_flags(net, addr, dev, skip_dev, false, 0) !== undefined
}
/** The route's own source, else one that suits the destination; undefined: there is none. */
export function ip6_route_get_saddr(net: net, f6i: fib6_info, daddr: Uint8Array): Uint8Array | undefined {
  if (f6i.fib6_prefsrc !== undefined) return f6i.fib6_prefsrc
  const saddr = ipv6_dev_get_saddr(net, fib6_info_nh(f6i).fib_nh_dev, daddr, 0)
  return isErrno(saddr) ? undefined : saddr
}

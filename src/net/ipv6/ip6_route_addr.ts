/** What routes ask of addresses: whether one is ours, and where. */
import { IFA_F_OPTIMISTIC, IFA_F_TENTATIVE } from '../../uapi/linux/if_addr.ts'
import { addr6_key, IPV6_ADDR_LINKLOCAL, IPV6_ADDR_LOOPBACK } from '../../uapi/linux/in6.ts'
import type { net } from '../core/net_namespace.ts'
import type { net_device } from '../core/netdevice.ts'
import type { inet6_ifaddr } from './if_inet6.ts'

/** net/ipv6/addrconf.c __ipv6_chk_addr_and_flags: of link scope only on the device itself. */
function is_local(net: net, addr: Uint8Array, dev: net_device | undefined, banned_flags: number): boolean {
  const holders: inet6_ifaddr[] = net.ipv6.inet6_addr_lst.get(addr6_key(addr)) ?? []
  return holders.some((ifp) => {
    const flags = ifp.flags & IFA_F_OPTIMISTIC ? ifp.flags & ~IFA_F_TENTATIVE : ifp.flags
    if (flags & banned_flags) return false
    return dev === undefined || ifp.idev.dev === dev || !(ifp.scope & (IPV6_ADDR_LINKLOCAL | IPV6_ADDR_LOOPBACK))
  })
}
/** A preferred source must be an address of ours that has passed DAD. */
export function ip6_route_prefsrc_ok(net: net, addr: Uint8Array, dev: net_device | undefined): boolean {
  return is_local(net, addr, dev, IFA_F_TENTATIVE)
}
/** A gateway that is ourselves, on this device or (`skip_dev`) on any. */
export function ip6_route_gw_is_local(net: net, addr: Uint8Array, dev: net_device, skip_dev: boolean): boolean {
  return is_local(net, addr, skip_dev ? undefined : dev, 0)
}

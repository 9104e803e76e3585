/** What bonding's monitor asks of IPv4 and IPv6: given to the driver, which lies beside the protocols. */
import { isErrno } from '../../uapi/errno.ts'
import { RT_SCOPE_LINK, RT_SCOPE_UNIVERSE } from '../../uapi/linux/rtnetlink.ts'
import type { net } from '../core/net_namespace.ts'
import { IFF_EBRIDGE, type net_device } from '../core/netdevice.ts'
import { inet_confirm_addr } from '../ipv4/devinet_select.ts'
import { flowi4 } from '../ipv4/fib_lookup.ts'
import { ip_dev_find, ip_route_output_key } from '../ipv4/route.ts'
import { ipv6_chk_addr } from './addrconf_core.ts'
import { ipv6_dev_get_saddr } from './addrconf_saddr.ts'
import { flowi6 } from './ip6_fib_lookup.ts'
import { ip6_route_output } from './route.ts'

export function bond_route(net: net, daddr: number): net_device | undefined {
  const rt = ip_route_output_key(net, new flowi4(daddr, 0, RT_SCOPE_LINK))
  return isErrno(rt) ? undefined : rt.dev
}
export function bond_confirm_addr(dev: net_device, dst: number, local: number): number {
  return dev.ip_ptr === undefined ? 0 : inet_confirm_addr(dev.nd_net, dev.ip_ptr, dst, local, RT_SCOPE_UNIVERSE)
}
export function bond_route6(net: net, daddr: Uint8Array, oif: number): net_device | undefined {
  if (net.ipv6 === undefined) return undefined
  const fl6 = new flowi6(daddr, new Uint8Array(16))
  fl6.flowi_oif = oif
  const rt = ip6_route_output(net, fl6)
  return isErrno(rt) || rt.error !== undefined ? undefined : rt.dev
}
export function bond_saddr6(dev: net_device, daddr: Uint8Array): Uint8Array | undefined {
  const saddr = ipv6_dev_get_saddr(dev.nd_net, dev, daddr, 0)
  return isErrno(saddr) ? undefined : saddr
}
export function bond_has_addr6(dev: net_device, addr: Uint8Array): boolean {
  return dev.ip6_ptr !== undefined && ipv6_chk_addr(dev.nd_net, addr, dev, false)
}
export function bond_owned_by_bridge(net: net, addr: number): boolean {
  const dev = ip_dev_find(net, addr)
  return dev !== undefined && (dev.priv_flags & IFF_EBRIDGE) !== 0
}
export const inet_bond_protocols = {
  route: bond_route,
  confirm_addr: bond_confirm_addr,
  route6: bond_route6,
  saddr6: bond_saddr6,
  has_addr6: bond_has_addr6,
  owned_by_bridge: bond_owned_by_bridge,
} as const

/** What bonding asks of IPv4, IPv6 and bridges (kernel.inet_ops). */
import type { net } from '../../../net/core/net_namespace.ts'
import { IFF_EBRIDGE, type net_device } from '../../../net/core/netdevice.ts'
import { isErrno } from '../../../uapi/errno.ts'
import { RT_SCOPE_LINK, RT_SCOPE_UNIVERSE } from '../../../uapi/linux/rtnetlink.ts'
import type { bonding } from './bonding.ts'

/** struct bond_net */
export class bond_net {
  /** The newest last. */
  dev_list: bonding[] = []
  /** What is warned of once. */
  warned = new Set<string>()
}
export function bond_net_of(net: net): bond_net | undefined {
  return net.gen.get('bonding')
}

/** ip_route_output(): the device by which the address is reached on its link; undefined: no route. */
export function bond_route(bond: bonding, daddr: number): net_device | undefined {
  const { nd_net: net } = bond.dev
  const ops = net.kernel.inet_ops
  const rt = ops?.ip_route_output_key(net, new ops.flowi4(daddr, 0, RT_SCOPE_LINK))
  return isErrno(rt) ? undefined : rt?.dev
}
/** ip6_route_output(), by the bond. */
export function bond_route6(bond: bonding, daddr: Uint8Array): net_device | undefined {
  const { nd_net: net, ifindex } = bond.dev
  const ops = net.kernel.inet_ops
  if (ops === undefined) return undefined
  const fl6 = new ops.flowi6(daddr)
  fl6.flowi_oif = ifindex
  const rt = ops.ip6_route_output(net, fl6)
  return isErrno(rt) || rt.error !== undefined ? undefined : rt.dev
}
/** bond_confirm_addr(): an address of the device that fits; 0: none. */
export function bond_confirm_addr(dev: net_device, dst: number, local: number): number {
  const { nd_net: net, ip_ptr } = dev
  return (ip_ptr && net.kernel.inet_ops?.inet_confirm_addr(net, ip_ptr, dst, local, RT_SCOPE_UNIVERSE)) ?? 0
}
export function bond_saddr6(dev: net_device, daddr: Uint8Array): Uint8Array | undefined {
  const saddr = dev.nd_net.kernel.inet_ops?.ipv6_dev_get_saddr(dev.nd_net, dev, daddr, 0)
  return isErrno(saddr) ? undefined : saddr
}
export function bond_has_addr6(dev: net_device, addr: Uint8Array): boolean {
  return dev.ip6_ptr !== undefined && dev.nd_net.kernel.inet_ops?.ipv6_chk_addr(dev.nd_net, addr, dev, false) === true
}
/** ip_dev_find(): whether the address belongs to a bridge. */
export function bond_owned_by_bridge(bond: bonding, addr: number): boolean {
  const { nd_net: net } = bond.dev
  const dev = net.kernel.inet_ops?.ip_dev_find(net, addr)
  return dev !== undefined && (dev.priv_flags & IFF_EBRIDGE) !== 0
}

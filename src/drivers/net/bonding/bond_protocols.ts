/** What bonding asks of IPv4, IPv6 and bridges, which stand beside the drivers: given with the module. */
import type { net } from '../../../net/core/net_namespace.ts'
import type { net_device } from '../../../net/core/netdevice.ts'
import type { bonding } from './bonding.ts'

export interface bond_protocols {
  /** ip_route_output(): the device by which the address is reached on its link; undefined: no route. */
  readonly route: (net: net, daddr: number) => net_device | undefined
  /** bond_confirm_addr(): an address of the device that fits; 0: none. */
  readonly confirm_addr: (dev: net_device, dst: number, local: number) => number
  /** ip6_route_output(), by the bond. */
  readonly route6: (net: net, daddr: Uint8Array, oif: number) => net_device | undefined
  /** ipv6_dev_get_saddr() */
  readonly saddr6: (dev: net_device, daddr: Uint8Array) => Uint8Array | undefined
  /** ipv6_chk_addr() */
  readonly has_addr6: (dev: net_device, addr: Uint8Array) => boolean
  /** ip_dev_find(): whether the address belongs to a bridge. */
  readonly owned_by_bridge: (net: net, addr: number) => boolean
}

/** struct bond_net */
export class bond_net {
  readonly protocols: bond_protocols
  /** The newest last. */
  dev_list: bonding[] = []
  /** What is warned of once. */
  warned = new Set<string>()
  constructor(protocols: bond_protocols) {
    this.protocols = protocols
  }
}
export function bond_net_of(net: net): bond_net | undefined {
  return net.gen.get('bonding')
}
export function bond_protocols_of(bond: bonding): bond_protocols | undefined {
  return bond_net_of(bond.dev.nd_net)?.protocols
}

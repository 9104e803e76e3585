/** net/core/dev.c, include/linux/netdevice.h: what a device takes over from the one that it lies upon. */
import { IF_OPER_DORMANT, IF_OPER_TESTING } from '../../uapi/linux/if_link.ts'
import {
  netif_carrier_off,
  netif_carrier_ok,
  netif_carrier_on,
  netif_dormant_off,
  netif_dormant_on,
  netif_testing_off,
  netif_testing_on,
} from './link_watch.ts'
import * as F from './netdev_features_bits.ts'
import type { net_device } from './netdevice.ts'

/** netif_stacked_transfer_operstate(): dormant, testing and carrier of `rootdev` become those of `dev`. */
export function netif_stacked_transfer_operstate(rootdev: net_device, dev: net_device): void {
  if (rootdev.operstate === IF_OPER_DORMANT) netif_dormant_on(dev)
  else netif_dormant_off(dev)
  if (rootdev.operstate === IF_OPER_TESTING) netif_testing_on(dev)
  else netif_testing_off(dev)
  if (netif_carrier_ok(rootdev)) netif_carrier_on(dev)
  else netif_carrier_off(dev)
}

/** Either device's checksums by protocol count as any checksum where the other can do any. */
export function netdev_intersect_features(f1: bigint, f2: bigint): bigint {
  const by_protocol = F.NETIF_F_IP_CSUM | F.NETIF_F_IPV6_CSUM
  let [a, b] = [f1, f2]
  if ((a ^ b) & F.NETIF_F_HW_CSUM) {
    if (a & F.NETIF_F_HW_CSUM) a |= by_protocol
    else b |= by_protocol
  }
  return a & b
}
/** Features of a device upon several: `all` so far, with one more below. */
export function netdev_increment_features(all: bigint, one: bigint, mask: bigint): bigint {
  let m = mask
  if (m & F.NETIF_F_HW_CSUM) m |= F.NETIF_F_CSUM_MASK
  m |= F.NETIF_F_VLAN_CHALLENGED
  let out = all | (one & (F.NETIF_F_ONE_FOR_ALL | F.NETIF_F_CSUM_MASK) & m)
  out &= one | ~F.NETIF_F_ALL_FOR_ALL
  if (out & F.NETIF_F_HW_CSUM) out &= ~(F.NETIF_F_CSUM_MASK & ~F.NETIF_F_HW_CSUM)
  return out
}
/** netdev_base_features(): where the joining of several devices' features begins. */
export function netdev_base_features(features: bigint): bigint {
  return (features & ~F.NETIF_F_ONE_FOR_ALL) | F.NETIF_F_ALL_FOR_ALL
}
/** netdev_add_tso_features(): segments can be made in software for those below that cannot. */
export function netdev_add_tso_features(features: bigint, mask: bigint): bigint {
  return netdev_increment_features(features, F.NETIF_F_ALL_TSO, mask)
}

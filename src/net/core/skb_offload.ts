/** net/core/dev.c validate_xmit_skb(): what a device cannot do for a packet is done before it gets it. */
import { ETH_P_8021AD } from '../../uapi/linux/if_ether.ts'
import { csum_fold, csum_partial } from './checksum.ts'
import * as F from './netdev_features_bits.ts'
import type { net_device } from './netdevice.ts'
import { __vlan_hwaccel_push_inside } from './skb_vlan.ts'
import { CHECKSUM_NONE, CHECKSUM_PARTIAL, type sk_buff, skb_cow } from './skbuff.ts'

/**
 * False when the packet was dropped.
 * DIVERGES: what stands for several datagrams is cut by ip_output.ts and ip6_output.ts already, and what programs bring as
 * such with headers of their own (PACKET_VNET_HDR) is not cut.
 */
export function validate_xmit_skb(skb: sk_buff, dev: net_device): boolean {
  if (skb.vlan_present && !vlan_hw_offload_capable(dev, skb.vlan_proto)) __vlan_hwaccel_push_inside(skb)
  if (skb.ip_summed === CHECKSUM_PARTIAL && (dev.features & F.NETIF_F_CSUM_MASK) === 0n) skb_checksum_help(skb)
  return true
}
export function vlan_hw_offload_capable(dev: net_device, proto: number): boolean {
  return (dev.features & (proto === ETH_P_8021AD ? F.NETIF_F_HW_VLAN_STAG_TX : F.NETIF_F_HW_VLAN_CTAG_TX)) !== 0n
}

/** skb_checksum_help(): the sum over the rest of the packet, the pseudo header's being there already. */
export function skb_checksum_help(skb: sk_buff): void {
  if (skb.ip_summed !== CHECKSUM_PARTIAL) return
  skb_cow(skb, 0)
  const sum = csum_fold(csum_partial(skb.buf, skb.csum_start, skb.tail - skb.csum_start)) || 0xffff
  const at = skb.csum_start + skb.csum_offset
  skb.buf[at] = sum >> 8
  skb.buf[at + 1] = sum
  skb.ip_summed = CHECKSUM_NONE
}

/** drivers/net/can/vcan.c: a CAN bus that exists only here. What is sent is counted; CAN sockets are not built. */
import type { Kernel } from '../../../kernel/kernel.ts'
import { DEV_STATS_INC } from '../../../net/core/dev_stats.ts'
import { type ethtool_ops, ethtool_op_get_ts_info } from '../../../net/core/ethtool_ops.ts'
import { NETDEV_TX_OK, type net_device, type net_device_ops } from '../../../net/core/netdevice.ts'
import { rtnl_link_register } from '../../../net/core/rtnetlink.ts'
import type { rtnl_link_ops } from '../../../net/core/rtnl_link_ops.ts'
import { consume_skb, kfree_skb, type sk_buff } from '../../../net/core/skbuff.ts'
import { EBUSY, EINVAL, type Errno } from '../../../uapi/errno.ts'
import { IFF_NOARP, IFF_UP } from '../../../uapi/linux/if.ts'
import { ARPHRD_CAN } from '../../../uapi/linux/if_arp.ts'

// include/uapi/linux/can.h, include/linux/can/dev.h
export const CAN_MTU = 16
export const CANFD_MTU = 72
// include/uapi/linux/if_ether.h
const ETH_P_CAN = 0x000c
const ETH_P_CANFD = 0x000d
const ETH_P_CANXL = 0x000e
const CANXL_MIN_MTU = 76
const CANXL_MAX_MTU = 2060

/** Only what one frame of a CAN generation holds, and not while the device is up. */
export function can_change_mtu(dev: net_device, new_mtu: number): Errno | undefined {
  if (dev.flags & IFF_UP) return EBUSY
  if (new_mtu !== CAN_MTU && new_mtu !== CANFD_MTU && (new_mtu < CANXL_MIN_MTU || new_mtu > CANXL_MAX_MTU)) return EINVAL
  dev.mtu = new_mtu
  return undefined
}
/** can_dropped_invalid_skb(): anything but a frame of a CAN bus. */
export function can_dropped_invalid_skb(skb: sk_buff, dev: net_device): boolean {
  if (skb.protocol === ETH_P_CAN || skb.protocol === ETH_P_CANFD || skb.protocol === ETH_P_CANXL) return false
  DEV_STATS_INC(dev, 'tx_dropped')
  kfree_skb(skb)
  return true
}
export function vcan_tx(skb: sk_buff, dev: net_device): number {
  if (can_dropped_invalid_skb(skb, dev)) return NETDEV_TX_OK
  DEV_STATS_INC(dev, 'tx_packets')
  consume_skb(skb)
  return NETDEV_TX_OK
}
export const vcan_ethtool_ops: ethtool_ops = { name: 'vcan_ethtool_ops', get_ts_info: ethtool_op_get_ts_info }
export const vcan_netdev_ops: net_device_ops = { name: 'vcan_netdev_ops', ndo_start_xmit: vcan_tx, ndo_change_mtu: can_change_mtu }

/** What virtual CAN devices have in common. */
export function can_virtual_setup(dev: net_device): void {
  dev.type = ARPHRD_CAN
  dev.mtu = CANFD_MTU
  dev.hard_header_len = 0
  dev.addr_len = 0
  dev.tx_queue_len = 0
  dev.flags = IFF_NOARP
  dev.needs_free_netdev = true
}
export function vcan_setup(dev: net_device): void {
  can_virtual_setup(dev)
  dev.netdev_ops = vcan_netdev_ops
  dev.ethtool_ops = vcan_ethtool_ops
}
export const vcan_link_ops: rtnl_link_ops = { kind: 'vcan', setup: vcan_setup }

export function vcan_init_module(kernel: Kernel): Errno | undefined {
  kernel.pr_info('vcan: Virtual CAN interface driver')
  return rtnl_link_register(kernel, vcan_link_ops)
}

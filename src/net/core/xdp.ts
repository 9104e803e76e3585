/** net/core/xdp.c: which XDP actions a device can do; the netdev family tells of changes. */
import { call_netdevice_notifiers } from './dev_notifier.ts'
import { NETDEV_XDP_FEAT_CHANGE, NETREG_REGISTERED, type net_device } from './netdevice.ts'

/** include/uapi/linux/netdev.h enum netdev_xdp_act */
export const NETDEV_XDP_ACT_BASIC = 1
export const NETDEV_XDP_ACT_REDIRECT = 2
export const NETDEV_XDP_ACT_NDO_XMIT = 4
export const NETDEV_XDP_ACT_XSK_ZEROCOPY = 8
export const NETDEV_XDP_ACT_HW_OFFLOAD = 16
export const NETDEV_XDP_ACT_RX_SG = 32
export const NETDEV_XDP_ACT_NDO_XMIT_SG = 64
/** enum netdev_xdp_rx_metadata */
export const NETDEV_XDP_RX_METADATA_TIMESTAMP = 1
export const NETDEV_XDP_RX_METADATA_HASH = 2
export const NETDEV_XDP_RX_METADATA_VLAN_TAG = 4

/** `features`: NETDEV_XDP_ACT_* */
export function xdp_set_features_flag(dev: net_device, features: number): void {
  if (dev.xdp_features === features) return
  dev.xdp_features = features
  if (dev.reg_state === NETREG_REGISTERED) call_netdevice_notifiers(NETDEV_XDP_FEAT_CHANGE, dev)
}
export function xdp_clear_features_flag(dev: net_device): void {
  xdp_set_features_flag(dev, 0)
}

/** net/core/xdp.c: which XDP actions a device can do; the netdev family tells of changes. */
import { call_netdevice_notifiers } from './dev_notifier.ts'
import { NETDEV_XDP_FEAT_CHANGE, NETREG_REGISTERED, type net_device } from './netdevice.ts'

/** `features`: NETDEV_XDP_ACT_* */
export function xdp_set_features_flag(dev: net_device, features: number): void {
  if (dev.xdp_features === features) return
  dev.xdp_features = features
  if (dev.reg_state === NETREG_REGISTERED) call_netdevice_notifiers(NETDEV_XDP_FEAT_CHANGE, dev)
}
export function xdp_clear_features_flag(dev: net_device): void {
  xdp_set_features_flag(dev, 0)
}

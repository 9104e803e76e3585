/** net/core/dev.c: the one who takes a device's packets before the protocols do. */
import { EBUSY, EINVAL, type Errno } from '../../uapi/errno.ts'
import { IFF_NO_RX_HANDLER, type net_device, type rx_handler_func } from './netdevice.ts'

export function netdev_is_rx_handler_busy(dev: net_device): boolean {
  return dev.rx_handler !== undefined
}
export function netdev_rx_handler_register(dev: net_device, rx_handler: rx_handler_func, data: unknown): Errno | undefined {
  if (netdev_is_rx_handler_busy(dev)) return EBUSY
  if (dev.priv_flags & IFF_NO_RX_HANDLER) return EINVAL
  dev.rx_handler_data = data
  dev.rx_handler = rx_handler
  return undefined
}
export function netdev_rx_handler_unregister(dev: net_device): void {
  dev.rx_handler = undefined
  dev.rx_handler_data = undefined
}

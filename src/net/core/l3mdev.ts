/** net/l3mdev/l3mdev.c: devices that are routed by a table of their own because of their master (VRF). */
import { netdev_master_upper_dev_get } from './dev_adjacent.ts'
import { IFF_L3MDEV_MASTER, IFF_L3MDEV_SLAVE, type net_device } from './netdevice.ts'

/** include/net/l3mdev.h struct l3mdev_ops */
export interface l3mdev_ops {
  readonly name: string
  readonly l3mdev_fib_table?: (dev: net_device) => number
}

export function netif_is_l3_master(dev: net_device): boolean {
  return (dev.priv_flags & IFF_L3MDEV_MASTER) !== 0
}
export function netif_is_l3_slave(dev: net_device): boolean {
  return (dev.priv_flags & IFF_L3MDEV_SLAVE) !== 0
}
function master_of(dev: net_device): net_device | undefined {
  if (netif_is_l3_master(dev)) return dev
  return netif_is_l3_slave(dev) ? netdev_master_upper_dev_get(dev) : undefined
}
/** l3mdev_master_ifindex(): the master's index, or its own when it is one; else 0. */
export function l3mdev_master_ifindex(dev: net_device): number {
  return master_of(dev)?.ifindex ?? 0
}
/** l3mdev_fib_table(): the table of its routes, 0 when there is none of its own. */
export function l3mdev_fib_table(dev: net_device): number {
  const master = master_of(dev)
  return master?.l3mdev_ops?.l3mdev_fib_table?.(master) ?? 0
}

/** The hardware that a host is given from outside. */

import { ethernet_create, ethernet_netdev_ops, type ethernet_priv, ethernet_receive, ethernet_tx_done } from '../drivers/net/ethernet.ts'
import { type cable_end, cable_plug } from '../hw/cable.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { unhex } from '../lib/bytes.ts'
import { dev_get_flags, netif_carrier_off, netif_carrier_on } from '../net/core/dev.ts'
import { type net_device, netdev_priv } from '../net/core/netdevice.ts'
import { isErrno } from '../uapi/errno.ts'

export interface DeviceSpec {
  name: string
  /** Ethernet address with colons; drawn from the host's chance when missing. */
  mac?: string
}

export function add_device(kernel: Kernel, spec: DeviceSpec): void {
  const address = spec.mac === undefined ? undefined : unhex(spec.mac.replaceAll(':', ''))
  const dev = ethernet_create(kernel, { name: spec.name, address })
  if (isErrno(dev)) throw new Error(`device ${spec.name}: ${dev}`)
}

/** Whether a device is a NIC that a cable can be plugged into. */
export function is_nic(dev: net_device): boolean {
  return dev.netdev_ops === ethernet_netdev_ops
}
export function plug_device(dev: net_device, end: cable_end): void {
  netdev_priv<ethernet_priv>(dev).port = end
  cable_plug(end, dev, ethernet_receive, ethernet_tx_done)
}
/** The NIC's view of its cable. */
export function set_carrier(dev: net_device, up: boolean): void {
  if (up) netif_carrier_on(dev)
  else netif_carrier_off(dev)
}

/** IFF_* as programs see them: with RUNNING, LOWER_UP and DORMANT. */
export function device_flags(dev: net_device): number {
  return dev_get_flags(dev)
}

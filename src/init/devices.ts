/** The hardware that a host is given from outside. */
import {
  ethernet_create,
  ethernet_netdev_ops,
  type ethernet_priv,
  ethernet_receive,
  ethernet_set_carrier,
  ethernet_tx_done,
} from '../drivers/net/ethernet.ts'
import type { virtnet_info } from '../drivers/net/virtio_net.ts'
import type { pci_dev } from '../drivers/pci/pci.ts'
import { virtio_pci_device } from '../drivers/virtio/virtio_pci_modern.ts'
import { type cable_end, cable_plug } from '../hw/cable.ts'
import { i82559, i82559_create } from '../hw/i82559.ts'
import { i82559_tx_done } from '../hw/i82559_cu.ts'
import { i82559_receive } from '../hw/i82559_ru.ts'
import { phy_set_link } from '../hw/mii_phy.ts'
import { virtio_net, virtio_net_create, virtio_net_receive, virtio_net_set_link, virtio_net_tx_done } from '../hw/virtio_net.ts'
import type { pci_function } from '../hw/pci.ts'
import { virtio_pci } from '../hw/virtio_pci.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { unhex } from '../lib/bytes.ts'
import { dev_change_name, dev_get_flags } from '../net/core/dev.ts'
import { type net_device, netdev_priv } from '../net/core/netdevice.ts'
import { eth_random_addr } from '../net/ethernet/eth.ts'
import { type Errno, isErrno } from '../uapi/errno.ts'
import { add_addresses } from './addresses.ts'
import { bus_of, plug_function, unplug_function } from './pci.ts'

export interface DeviceSpec {
  name: string
  /** Ethernet address with colons; drawn from the host's chance when missing. */
  mac?: string
  /** The hardware: Intel's 82559 when missing; `plain` is a NIC without a bus. */
  model?: '82559' | 'virtio-net' | 'plain'
  /** Pairs of queues of a virtio-net, 1 when missing. */
  queues?: number
  /** PCI slot, 3 to 31, of a model that has one; the next free one when missing. */
  slot?: number
  /** ADDRESS/LENGTH of either family, from the start; the device is up then. */
  addresses?: string[]
}

/** What a cable is plugged into: a NIC's hardware, or a device that has none of its own. */
export type Nic = net_device | i82559 | virtio_net

/** A host has it from the start, or gets it while it runs. */
export function add_device(kernel: Kernel, spec: DeviceSpec, running = false): void {
  const address = spec.mac === undefined ? undefined : unhex(spec.mac.replaceAll(':', ''))
  const dev =
    spec.model === 'plain'
      ? ethernet_create(kernel, { name: spec.name, address })
      : add_model(kernel, spec, address ?? eth_random_addr(kernel.random), running)
  if (isErrno(dev)) throw new Error(`device ${spec.name}: ${dev}`)
  add_addresses(dev, spec.addresses ?? [])
}
/** The model goes into a slot; the driver that the kernel finds for it makes the device, udev names it as wanted. */
function add_model(kernel: Kernel, spec: DeviceSpec, address: Uint8Array, running: boolean): net_device | Errno {
  const virtio = spec.model === 'virtio-net'
  const fn = virtio ? virtio_net_create(address, spec.queues).pci.fn : i82559_create(kernel.events, address).fn
  const pdev: pci_dev = plug_function(kernel, fn, spec.slot, running)
  const dev = netdev_of(pdev)
  if (dev === undefined) throw new Error(`device ${spec.name}: no driver took it`)
  const error = dev.name === spec.name ? undefined : dev_change_name(dev, spec.name)
  return error ?? dev
}
/** The network device that a function's driver has made. */
function netdev_of({ driver_data }: pci_dev): net_device | undefined {
  if (driver_data instanceof virtio_pci_device) return (driver_data.vdev.priv as virtnet_info | undefined)?.dev
  return driver_data as net_device | undefined
}

/** The function on the bus that a device is behind. */
function function_of(dev: net_device): pci_function | undefined {
  const { kernel } = dev.nd_net
  const pdev = kernel.pci?.devices.find((d) => netdev_of(d) === dev)
  return pdev === undefined ? undefined : bus_of(kernel).functions.get(pdev.devfn)
}
/** The NIC behind a device, for a cable; undefined when it is none. */
export function nic_of(dev: net_device): Nic | undefined {
  if (dev.netdev_ops === ethernet_netdev_ops) return dev
  const model = function_of(dev)?.model
  if (model instanceof virtio_pci) return model.model as virtio_net
  return model instanceof i82559 ? model : undefined
}
/** Takes the hardware of a device out of its slot; false when it is in none. With `surprise` the kernel is not asked before. */
export function remove_device(dev: net_device, surprise: boolean): boolean {
  const fn = function_of(dev)
  if (fn !== undefined) unplug_function(dev.nd_net.kernel, fn, surprise)
  return fn !== undefined
}
export function plug_nic(nic: Nic, end: cable_end): void {
  if (nic instanceof i82559) {
    nic.end = end
    cable_plug(end, nic, i82559_receive, i82559_tx_done)
    return
  }
  if (nic instanceof virtio_net) {
    nic.end = end
    cable_plug(end, nic, virtio_net_receive, virtio_net_tx_done)
    return
  }
  netdev_priv<ethernet_priv>(nic).port = end
  cable_plug(end, nic, ethernet_receive, ethernet_tx_done)
}
/** The NIC's view of its cable. A driver of hardware notices when it looks. */
export function set_carrier(nic: Nic, up: boolean): void {
  if (nic instanceof i82559) phy_set_link(nic.phy, up)
  else if (nic instanceof virtio_net) virtio_net_set_link(nic, up)
  else ethernet_set_carrier(nic, up)
}

/** IFF_* as programs see them: with RUNNING, LOWER_UP and DORMANT. */
export function device_flags(dev: net_device): number {
  return dev_get_flags(dev)
}

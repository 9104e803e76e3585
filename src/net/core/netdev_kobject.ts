/**
 * net/core/net-sysfs.c: what udev hears of devices and their queues. The files themselves are made from the device when
 * they are read; only the events are sent here, in the order of the kernel's.
 */
import { kobject_uevent, kobject_uevents_unheard } from '../netlink/kobject_uevent.ts'
import { net_parent_path } from './net_sysfs.ts'
import { NETREG_REGISTERED, type net_device } from './netdevice.ts'

/** The path that net_device_path() of net_sysfs.ts has, from the root of sysfs. */
function devpath(dev: net_device, name = dev.name): string {
  const { parent } = dev
  if (parent === undefined) return `/devices/virtual/net/${name}`
  return `/devices/${net_parent_path(parent)}/net/${name}`
}
function uevent(dev: net_device, action: string, first: readonly string[] = []): void {
  if (kobject_uevents_unheard(dev.nd_net, 1)) return
  kobject_uevent(dev.nd_net, action, devpath(dev), 'net', [...first, `INTERFACE=${dev.name}`, `IFINDEX=${dev.ifindex}`])
}

/** Queues `from` to `to` - 1 come in order, and go from the last to the first. */
function queue_uevents(dev: net_device, action: 'add' | 'remove', kind: 'rx' | 'tx', from: number, to: number): void {
  if (kobject_uevents_unheard(dev.nd_net, to - from)) return
  for (let i = from; i < to; i++) {
    const nr = action === 'add' ? i : to - 1 - (i - from)
    kobject_uevent(dev.nd_net, action, `${devpath(dev)}/queues/${kind}-${nr}`, 'queues', [])
  }
}

export function netdev_register_kobject(dev: net_device): void {
  uevent(dev, 'add')
  queue_uevents(dev, 'add', 'rx', 0, dev.real_num_rx_queues)
  queue_uevents(dev, 'add', 'tx', 0, dev.real_num_tx_queues)
}
export function netdev_unregister_kobject(dev: net_device): void {
  queue_uevents(dev, 'remove', 'rx', 0, dev.real_num_rx_queues)
  queue_uevents(dev, 'remove', 'tx', 0, dev.real_num_tx_queues)
  uevent(dev, 'remove')
}
/** drivers/base/core.c device_rename(): after the name has changed. */
export function netdev_rename_kobject(dev: net_device, oldname: string): void {
  uevent(dev, 'move', [`DEVPATH_OLD=${devpath(dev, oldname)}`])
}
/** dev_change_net_namespace(): the old namespace hears that it goes, the new one that it comes; neither of the queues. */
export function netdev_leave_kobject(dev: net_device): void {
  uevent(dev, 'remove')
}
export function netdev_enter_kobject(dev: net_device): void {
  uevent(dev, 'add')
}

/** netdev_queue_update_kobjects(), net_rx_queue_update_kobjects(): a registered device's queues in use change. */
function update_queues(dev: net_device, kind: 'rx' | 'tx', before: number, now: number): void {
  if (dev.reg_state !== NETREG_REGISTERED) return
  if (now > before) queue_uevents(dev, 'add', kind, before, now)
  else queue_uevents(dev, 'remove', kind, now, before)
}
/** net/core/dev.c netif_set_real_num_tx_queues(), netif_set_real_num_rx_queues(): how many of the queues are in use. */
export function netif_set_real_num_tx_queues(dev: net_device, n: number): void {
  update_queues(dev, 'tx', dev.real_num_tx_queues, n)
  dev.real_num_tx_queues = n
}
export function netif_set_real_num_rx_queues(dev: net_device, n: number): void {
  update_queues(dev, 'rx', dev.real_num_rx_queues, n)
  dev.real_num_rx_queues = n
}

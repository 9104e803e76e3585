/** drivers/virtio/virtio.c: /sys/bus/virtio, and a device's directory below that of its PCI function. */
import type { attribute_dir, device_attribute, device_bus } from '../../fs/sysfs.ts'
import { vfs_of } from '../../fs/vfs.ts'
import type { Kernel } from '../../kernel/kernel.ts'
import { net_device_dir, net_power } from '../../net/core/net_sysfs.ts'
import type { net_device } from '../../net/core/netdevice.ts'
import { ENODEV, type Errno, isErrno } from '../../uapi/errno.ts'
import {
  virtio_dev_bind,
  virtio_dev_unbind,
  type virtio_device,
  type virtio_driver,
  virtio_modalias,
  virtio_name,
  virtio_state_of,
} from './virtio.ts'

const hex = (n: number, width: number) => `0x${n.toString(16).padStart(width, '0')}`
function shown(name: string, show: (vdev: virtio_device) => string, mode = 0o444): device_attribute<virtio_device> {
  return { name, mode, show: (vdev) => `${show(vdev)}\n` }
}
/** Of each feature whether it was agreed on, the first bit first. */
function features(vdev: virtio_device): string {
  return Array.from({ length: 64 }, (_, i) => ((vdev.features >> BigInt(i)) & 1n).toString()).join('')
}
function uevent(vdev: virtio_device): string {
  const driver = vdev.driver === undefined ? [] : [`DRIVER=${vdev.driver.name}`]
  return [...driver, `MODALIAS=${virtio_modalias(vdev)}`].join('\n')
}
const net_dir: attribute_dir<net_device> = {
  attrs: [],
  children: (dev) => [{ name: dev.name, object: dev, dir: net_device_dir }],
}
/** The network device of a driver that has made one. */
function net_of(vdev: virtio_device): net_device | undefined {
  return (vdev.priv as { dev?: net_device } | undefined)?.dev
}
export const virtio_dev_dir: attribute_dir<virtio_device> = {
  attrs: [
    shown('device', (v) => hex(v.device, 4)),
    shown('features', features),
    shown('modalias', virtio_modalias),
    shown('status', (v) => hex(v.config.get_status(v), 8)),
    shown('uevent', uevent, 0o644),
    shown('vendor', (v) => hex(v.vendor, 4)),
  ],
  children(vdev) {
    const dev = net_of(vdev)
    return [
      ...(vdev.driver === undefined ? [] : [{ name: 'driver', target: `../../../../bus/virtio/drivers/${vdev.driver.name}` }]),
      ...(dev === undefined ? [] : [{ name: 'net', object: dev, dir: net_dir }]),
      { name: 'power', object: dev ?? vdev, dir: net_power },
      { name: 'subsystem', target: '../../../../bus/virtio' },
    ]
  },
}
export function virtio_path(vdev: virtio_device): string {
  return `devices/pci0000:00/${vdev.config.bus_name(vdev)}/${virtio_name(vdev)}`
}

interface driver_object {
  kernel: Kernel
  driver: virtio_driver
}
function named({ kernel }: driver_object, text: string): virtio_device | undefined {
  return virtio_state_of(kernel).devices.find((vdev) => virtio_name(vdev) === text.trim())
}
function bind(object: driver_object, text: string): Errno | undefined {
  const vdev = named(object, text)
  if (vdev === undefined || vdev.driver !== undefined) return ENODEV
  const error = virtio_dev_bind(object.driver, vdev)
  return isErrno(error) ? error : undefined
}
function unbind(object: driver_object, text: string): Errno | undefined {
  const vdev = named(object, text)
  if (vdev?.driver !== object.driver) return ENODEV
  virtio_dev_unbind(vdev)
  return undefined
}
const driver_dir: attribute_dir<driver_object> = {
  attrs: [
    { name: 'bind', mode: 0o200, store: bind },
    { name: 'uevent', mode: 0o200, store: () => undefined },
    { name: 'unbind', mode: 0o200, store: unbind },
  ],
  children: ({ kernel, driver }) => [
    { name: 'module', target: `../../../../module/${driver.name}` },
    ...virtio_state_of(kernel)
      .devices.filter((vdev) => vdev.driver === driver)
      .map((vdev) => ({ name: virtio_name(vdev), target: `../../../../${virtio_path(vdev)}` })),
  ],
}
export const virtio_bus_type: device_bus = {
  name: 'virtio',
  devices: (kernel) => virtio_state_of(kernel).devices.map((vdev) => ({ name: virtio_name(vdev), object: vdev })),
  path: virtio_path,
  dir: virtio_dev_dir,
  drivers: (kernel) =>
    virtio_state_of(kernel).drivers.map((driver) => ({ name: driver.name, object: { kernel, driver }, dir: driver_dir })),
}
export function virtio_bus_init(kernel: Kernel): void {
  vfs_of(kernel).buses.set(virtio_bus_type.name, virtio_bus_type)
}

/** drivers/virtio/virtio.c: the bus of virtio devices: their status and features, and the drivers that take them. */
import { KERN_ERR } from '../../kernel/printk.ts'
import type { Kernel } from '../../kernel/kernel.ts'
import { request_module } from '../../kernel/kmod.ts'
import { ENODEV, type Errno, isErrno } from '../../uapi/errno.ts'
import * as V from '../../uapi/linux/virtio_config.ts'
import type { vring_virtqueue } from './virtio_ring.ts'

/** What a transport does for a device; exported constants. */
export interface virtio_config_ops {
  readonly name: string
  readonly get: (vdev: virtio_device, offset: number, size: number) => number
  readonly get_status: (vdev: virtio_device) => number
  readonly set_status: (vdev: virtio_device, status: number) => void
  readonly reset: (vdev: virtio_device) => void
  readonly get_features: (vdev: virtio_device) => bigint
  readonly finalize_features: (vdev: virtio_device) => void
  /** Queues in the device's order; those without a name have no interrupt. */
  readonly find_vqs: (vdev: virtio_device, queues: readonly vq_info[]) => vring_virtqueue[] | Errno
  readonly del_vqs: (vdev: virtio_device) => void
  readonly notify: (vdev: virtio_device, vq: vring_virtqueue) => void
  /** Where the device is on its bus. */
  readonly bus_name: (vdev: virtio_device) => string
  /** Takes a queue out of use, and puts it back with a new size (VIRTIO_F_RING_RESET). */
  readonly disable_vq_and_reset: (vdev: virtio_device, vq: vring_virtqueue) => void
  readonly enable_vq_after_reset: (vdev: virtio_device, vq: vring_virtqueue) => void
}
export interface vq_info {
  readonly name: string
  /** The queue's interrupt: an exported function; `data` is the driver's. */
  readonly callback: ((data: any) => void) | undefined
  readonly data: unknown
}
export interface virtio_driver {
  readonly name: string
  readonly id: number
  readonly features: bigint
  readonly probe: (vdev: virtio_device) => Errno | undefined
  readonly remove: (vdev: virtio_device) => void
  readonly config_changed: (vdev: virtio_device) => void
  readonly freeze?: (vdev: virtio_device) => Errno | undefined
  readonly restore?: (vdev: virtio_device) => Errno | undefined
}

export class virtio_device {
  readonly kernel: Kernel
  /** The number in virtio0, virtio1 … */
  readonly index: number
  readonly device: number
  readonly vendor: number
  readonly config: virtio_config_ops
  /** Of the transport. */
  readonly transport: any
  features = 0n
  driver: virtio_driver | undefined = undefined
  priv: any = undefined
  vqs: vring_virtqueue[] = []
  constructor(kernel: Kernel, index: number, device: number, vendor: number, config: virtio_config_ops, transport: unknown) {
    this.kernel = kernel
    this.index = index
    this.device = device
    this.vendor = vendor
    this.config = config
    this.transport = transport
  }
}
export class virtio_state {
  devices: virtio_device[] = []
  drivers: virtio_driver[] = []
  /** Numbers of devices before the first: what else the machine has. */
  first_index = 0
}
export function virtio_state_of(kernel: Kernel): virtio_state {
  kernel.virtio ??= new virtio_state()
  return kernel.virtio
}

export function virtio_name(vdev: virtio_device): string {
  return `virtio${vdev.index}`
}
export function virtio_modalias({ device, vendor }: virtio_device): string {
  const hex = (n: number) => n.toString(16).toUpperCase().padStart(8, '0')
  return `virtio:d${hex(device)}v${hex(vendor)}`
}
export function virtio_has_feature(vdev: virtio_device, bit: number): boolean {
  return ((vdev.features >> BigInt(bit)) & 1n) !== 0n
}
export function virtio_cread(vdev: virtio_device, offset: number, size: number): number {
  return vdev.config.get(vdev, offset, size)
}
function virtio_add_status(vdev: virtio_device, status: number): void {
  vdev.config.set_status(vdev, vdev.config.get_status(vdev) | status)
}
export function virtio_device_ready(vdev: virtio_device): void {
  virtio_add_status(vdev, V.VIRTIO_CONFIG_S_DRIVER_OK)
}

/** register_virtio_device(): numbered, reset, offered to the drivers; the module that names it is loaded (udev). */
export function register_virtio_device(
  kernel: Kernel,
  device: number,
  vendor: number,
  config: virtio_config_ops,
  transport: { vdev: virtio_device },
): virtio_device {
  const state = virtio_state_of(kernel)
  let index = state.first_index
  while (state.devices.some((d) => d.index === index)) index++
  const vdev = new virtio_device(kernel, index, device, vendor, config, transport)
  transport.vdev = vdev
  config.reset(vdev)
  virtio_add_status(vdev, V.VIRTIO_CONFIG_S_ACKNOWLEDGE)
  state.devices.push(vdev)
  const modalias = virtio_modalias(vdev)
  const matches = (alias: string) => alias.startsWith('virtio:') && new RegExp(`^${alias.replaceAll('*', '.*')}$`).test(modalias)
  const module = kernel.kmod.table.find((m) => m.aliases?.some(matches))
  if (module !== undefined) request_module(kernel, module.name)
  for (const driver of state.drivers) if (!isErrno(virtio_dev_bind(driver, vdev))) break
  return vdev
}
export function unregister_virtio_device(vdev: virtio_device): void {
  virtio_dev_unbind(vdev)
  const state = virtio_state_of(vdev.kernel)
  state.devices = state.devices.filter((d) => d !== vdev)
}

/** The device is told what the driver makes use of. ENODEV: it does not agree. */
function agree_features(vdev: virtio_device): Errno | undefined {
  virtio_add_status(vdev, V.VIRTIO_CONFIG_S_DRIVER)
  vdev.config.finalize_features(vdev)
  virtio_add_status(vdev, V.VIRTIO_CONFIG_S_FEATURES_OK)
  const status = vdev.config.get_status(vdev)
  if (status & V.VIRTIO_CONFIG_S_FEATURES_OK) return undefined
  vdev.kernel.printk(KERN_ERR, `virtio ${virtio_name(vdev)}: virtio: device refuses features: ${status.toString(16)}`)
  virtio_add_status(vdev, V.VIRTIO_CONFIG_S_FAILED)
  return ENODEV
}
/** virtio_device_freeze(), virtio_device_restore() */
export function virtio_device_freeze(vdev: virtio_device): Errno | undefined {
  return vdev.driver?.freeze?.(vdev)
}
export function virtio_device_restore(vdev: virtio_device): Errno | undefined {
  vdev.config.reset(vdev)
  virtio_add_status(vdev, V.VIRTIO_CONFIG_S_ACKNOWLEDGE)
  if (vdev.driver === undefined) return undefined
  const error = agree_features(vdev) ?? vdev.driver.restore?.(vdev)
  if (isErrno(error)) virtio_add_status(vdev, V.VIRTIO_CONFIG_S_FAILED)
  return error
}
/** virtio_dev_probe(): features that both sides know, then the driver. ENODEV: it is not for this device. */
export function virtio_dev_bind(driver: virtio_driver, vdev: virtio_device): Errno | undefined {
  if (driver.id !== vdev.device || vdev.driver !== undefined) return ENODEV
  vdev.features = vdev.config.get_features(vdev) & (driver.features | V.VIRTIO_TRANSPORT_FEATURES)
  const refused = agree_features(vdev)
  if (isErrno(refused)) return refused
  vdev.driver = driver
  const error = driver.probe(vdev)
  if (!isErrno(error)) return undefined
  vdev.driver = undefined
  virtio_add_status(vdev, V.VIRTIO_CONFIG_S_FAILED)
  return error
}
/** virtio_dev_remove(): what is left is known to be there, no more. */
export function virtio_dev_unbind(vdev: virtio_device): void {
  if (vdev.driver === undefined) return
  vdev.driver.remove(vdev)
  vdev.driver = undefined
  virtio_add_status(vdev, V.VIRTIO_CONFIG_S_ACKNOWLEDGE)
}
export function register_virtio_driver(kernel: Kernel, driver: virtio_driver): undefined {
  const state = virtio_state_of(kernel)
  state.drivers.push(driver)
  for (const vdev of state.devices) virtio_dev_bind(driver, vdev)
}
export function unregister_virtio_driver(kernel: Kernel, driver: virtio_driver): void {
  const state = virtio_state_of(kernel)
  for (const vdev of state.devices) if (vdev.driver === driver) virtio_dev_unbind(vdev)
  state.drivers = state.drivers.filter((d) => d !== driver)
}

/**
 * drivers/virtio/virtio_pci_common.c, virtio_pci_modern.c: virtio devices on PCI. Vendor capabilities tell where the
 * registers are; each queue that is heard has a vector of MSI-X.
 */
import { free_irq, IRQ_HANDLED, IRQ_NONE, request_irq } from '../../kernel/irq.ts'
import type { sysfs_child } from '../../fs/sysfs.ts'
import type { Kernel } from '../../kernel/kernel.ts'
import { ENODEV, ENOENT, type Errno, isErrno } from '../../uapi/errno.ts'
import * as V from '../../uapi/linux/virtio_config.ts'
import { PCI_IRQ_MSIX, pci_alloc_irq_vectors, pci_free_irq_vectors } from '../pci/msi.ts'
import {
  iomem,
  ioread8,
  ioread16,
  ioread32,
  iowrite8,
  iowrite16,
  iowrite32,
  pci_disable_device,
  pci_enable_device,
  type pci_dev,
  type pci_driver,
  pci_iomap,
  pci_name,
  pci_read_config,
  pci_release_regions,
  pci_request_regions,
  pci_set_master,
} from '../pci/pci.ts'
import { pci_register_driver } from '../pci/probe.ts'
import {
  register_virtio_device,
  unregister_virtio_device,
  type virtio_config_ops,
  type virtio_device,
  virtio_device_freeze,
  virtio_device_restore,
  virtio_has_feature,
  virtio_name,
  type vq_info,
} from './virtio.ts'
import { virtio_bus_init, virtio_dev_dir } from './virtio_sysfs.ts'
import { vring_alloc, vring_free, vring_virtqueue } from './virtio_ring.ts'

/** struct virtio_pci_device */
export class virtio_pci_device {
  readonly pdev: pci_dev
  readonly common: iomem
  readonly isr: iomem
  readonly device: iomem
  readonly notify: iomem
  readonly notify_multiplier: number
  vdev!: virtio_device
  irqs: number[] = []
  /** By queue: its vector. And those that are heard, in the order of theirs. */
  vectors: number[] = []
  infos: vq_info[] = []
  /** By queue: where its notifications are written. */
  notify_offsets: number[] = []
  constructor(pdev: pci_dev, windows: Record<number, iomem>, notify_multiplier: number) {
    this.pdev = pdev
    this.common = windows[V.VIRTIO_PCI_CAP_COMMON_CFG]
    this.isr = windows[V.VIRTIO_PCI_CAP_ISR_CFG]
    this.device = windows[V.VIRTIO_PCI_CAP_DEVICE_CFG]
    this.notify = windows[V.VIRTIO_PCI_CAP_NOTIFY_CFG]
    this.notify_multiplier = notify_multiplier
  }
}
function of(vdev: virtio_device): virtio_pci_device {
  return vdev.transport as virtio_pci_device
}

const PCI_CAPABILITY_LIST = 0x34
const PCI_CAP_ID_VNDR = 0x09
/** virtio_pci_find_capability(), for all kinds: the windows, and the notifications' multiplier. */
function find_windows(pdev: pci_dev): { windows: Record<number, iomem>; multiplier: number } {
  const windows: Record<number, iomem> = {}
  let multiplier = 0
  let at = pci_read_config(pdev, PCI_CAPABILITY_LIST, 1)
  for (let n = 0; n < 48 && at >= 0x40; n++, at = pci_read_config(pdev, at + 1, 1)) {
    if (pci_read_config(pdev, at, 1) !== PCI_CAP_ID_VNDR) continue
    const type = pci_read_config(pdev, at + 3, 1)
    const bar = pci_iomap(pdev, pci_read_config(pdev, at + 4, 1))
    if (type > V.VIRTIO_PCI_CAP_DEVICE_CFG || bar === undefined || windows[type] !== undefined) continue
    windows[type] = new iomem(bar.ops, bar.io, bar.base + pci_read_config(pdev, at + 8, 4))
    if (type === V.VIRTIO_PCI_CAP_NOTIFY_CFG) multiplier = pci_read_config(pdev, at + 16, 4)
  }
  return { windows, multiplier }
}

export function vp_get(vdev: virtio_device, offset: number, size: number): number {
  const { device } = of(vdev)
  return size === 1 ? ioread8(device, offset) : size === 2 ? ioread16(device, offset) : ioread32(device, offset)
}
export function vp_get_status(vdev: virtio_device): number {
  return ioread8(of(vdev).common, V.VIRTIO_PCI_COMMON_STATUS)
}
export function vp_set_status(vdev: virtio_device, status: number): void {
  iowrite8(of(vdev).common, V.VIRTIO_PCI_COMMON_STATUS, status)
}
export function vp_reset(vdev: virtio_device): void {
  vp_set_status(vdev, 0)
}
export function vp_get_features(vdev: virtio_device): bigint {
  const { common } = of(vdev)
  const half = (i: number) => {
    iowrite32(common, V.VIRTIO_PCI_COMMON_DFSELECT, i)
    return BigInt(ioread32(common, V.VIRTIO_PCI_COMMON_DF))
  }
  return half(0) | (half(1) << 32n)
}
export function vp_finalize_features(vdev: virtio_device): void {
  const { common } = of(vdev)
  for (let i = 0; i < 2; i++) {
    iowrite32(common, V.VIRTIO_PCI_COMMON_GFSELECT, i)
    iowrite32(common, V.VIRTIO_PCI_COMMON_GF, Number((vdev.features >> BigInt(32 * i)) & 0xffffffffn))
  }
}

/** The configuration has changed: an interrupt's function. */
export function vp_config_changed(_irq: number, vdev: virtio_device): number {
  vdev.driver?.config_changed(vdev)
  return IRQ_HANDLED
}
/** A queue's interrupt. */
export function vring_interrupt(_irq: number, { callback, data }: vq_info): number {
  callback?.(data)
  return IRQ_HANDLED
}

/**
 * The function's pin, of a device without MSI-X: reading says whether it was this one and what for, and takes it back.
 *
 *   ISR | what is called
 *   0   | nothing: another device on the line
 *   1   | all queues that are heard
 *   2   | the driver, for the configuration; then the queues as well
 */
export function vp_interrupt(irq: number, vdev: virtio_device): number {
  const vp = of(vdev)
  const isr = ioread8(vp.isr, 0)
  if (isr === 0) return IRQ_NONE
  if (isr & V.VIRTIO_PCI_ISR_CONFIG) vp_config_changed(irq, vdev)
  for (const info of vp.infos) vring_interrupt(irq, info)
  return IRQ_HANDLED
}

/** vp_find_vqs(): one vector for the configuration and one for each queue that is heard; without MSI-X the pin for all. */
export function vp_find_vqs(vdev: virtio_device, queues: readonly vq_info[]): vring_virtqueue[] | Errno {
  const vp = of(vdev)
  const { pdev } = vp
  vp.infos = queues.filter(({ callback }) => callback !== undefined)
  const irqs = pci_alloc_irq_vectors(pdev, 1 + vp.infos.length, PCI_IRQ_MSIX)
  vp.irqs = isErrno(irqs) ? [] : irqs
  const vectored = vp.irqs.length > 0
  vp.vectors = queues.map((info) => (info.callback === undefined || !vectored ? V.VIRTIO_MSI_NO_VECTOR : 1 + vp.infos.indexOf(info)))
  request_irqs(vp)
  iowrite16(vp.common, V.VIRTIO_PCI_COMMON_MSIX, vectored ? 0 : V.VIRTIO_MSI_NO_VECTOR)
  for (const [index, info] of queues.entries()) {
    const vq = setup_vq(vp, index, info)
    if (isErrno(vq)) return vq
    vdev.vqs.push(vq)
  }
  return vdev.vqs
}
function request_irqs({ vdev, pdev, irqs, infos }: virtio_pci_device): void {
  const state = pdev.kernel.irqs
  const name = virtio_name(vdev)
  if (irqs.length === 0) return request_irq(state, pdev.irq, vp_interrupt, name, vdev)
  request_irq(state, irqs[0], vp_config_changed, `${name}-config`, vdev)
  for (const [i, info] of infos.entries()) request_irq(state, irqs[1 + i], vring_interrupt, `${name}-${info.name}`, info)
}
function setup_vq(vp: virtio_pci_device, index: number, info: vq_info): vring_virtqueue | Errno {
  const { common, pdev, vdev } = vp
  iowrite16(common, V.VIRTIO_PCI_COMMON_Q_SELECT, index)
  const num = ioread16(common, V.VIRTIO_PCI_COMMON_Q_SIZE)
  if (num === 0) return ENOENT
  const [event_idx, indirect] = [V.VIRTIO_RING_F_EVENT_IDX, V.VIRTIO_RING_F_INDIRECT_DESC].map((bit) => virtio_has_feature(vdev, bit))
  const vq = new vring_virtqueue(pdev, index, info.name, num, event_idx, indirect)
  vp.notify_offsets[index] = ioread16(common, V.VIRTIO_PCI_COMMON_Q_NOFF) * vp.notify_multiplier
  activate(vp, vq, vp.vectors[index])
  return vq
}
/** Size, places and vector of the selected queue; then it is on. */
function activate({ common }: virtio_pci_device, vq: vring_virtqueue, vector: number): void {
  const put64 = (at: number, addr: number) => {
    iowrite32(common, at, addr >>> 0)
    iowrite32(common, at + 4, Math.floor(addr / 4294967296))
  }
  iowrite16(common, V.VIRTIO_PCI_COMMON_Q_SELECT, vq.index)
  iowrite16(common, V.VIRTIO_PCI_COMMON_Q_SIZE, vq.num)
  put64(V.VIRTIO_PCI_COMMON_Q_DESCLO, vq.desc.addr)
  put64(V.VIRTIO_PCI_COMMON_Q_AVAILLO, vq.avail.addr)
  put64(V.VIRTIO_PCI_COMMON_Q_USEDLO, vq.used.addr)
  iowrite16(common, V.VIRTIO_PCI_COMMON_Q_MSIX, vector)
  iowrite16(common, V.VIRTIO_PCI_COMMON_Q_ENABLE, 1)
}
export function vp_del_vqs(vdev: virtio_device): void {
  const vp = of(vdev)
  const { irqs } = vp.pdev.kernel
  free_irq(irqs, vp.irqs[0] ?? vp.pdev.irq, vdev)
  for (const [i, irq] of vp.irqs.slice(1).entries()) free_irq(irqs, irq, vp.infos[i])
  pci_free_irq_vectors(vp.pdev)
  for (const vq of vdev.vqs) vring_free(vq)
  vdev.vqs = []
  vp.irqs = []
  vp.infos = []
}
export function vp_notify(vdev: virtio_device, vq: vring_virtqueue): void {
  const vp = of(vdev)
  iowrite16(vp.notify, vp.notify_offsets[vq.index], vq.index)
}
export function vp_bus_name(vdev: virtio_device): string {
  return pci_name(of(vdev).pdev)
}
export function vp_modern_disable_vq_and_reset(vdev: virtio_device, vq: vring_virtqueue): void {
  const { common } = of(vdev)
  iowrite16(common, V.VIRTIO_PCI_COMMON_Q_SELECT, vq.index)
  iowrite16(common, V.VIRTIO_PCI_COMMON_Q_RESET, 1)
  vring_free(vq)
}
/** With vq.num as it is by now. */
export function vp_modern_enable_vq_after_reset(vdev: virtio_device, vq: vring_virtqueue): void {
  vring_alloc(vq)
  activate(of(vdev), vq, of(vdev).vectors[vq.index])
}
export const virtio_pci_config_ops: virtio_config_ops = {
  name: 'virtio_pci_config_ops',
  get: vp_get,
  get_status: vp_get_status,
  set_status: vp_set_status,
  reset: vp_reset,
  get_features: vp_get_features,
  finalize_features: vp_finalize_features,
  find_vqs: vp_find_vqs,
  del_vqs: vp_del_vqs,
  notify: vp_notify,
  bus_name: vp_bus_name,
  disable_vq_and_reset: vp_modern_disable_vq_and_reset,
  enable_vq_after_reset: vp_modern_enable_vq_after_reset,
}

/** Of a function's directory. */
export function virtio_children(pdev: pci_dev): sysfs_child[] {
  const { vdev } = pdev.driver_data as virtio_pci_device
  return [{ name: virtio_name(vdev), object: vdev, dir: virtio_dev_dir }]
}
export function virtio_pci_probe(pdev: pci_dev): Errno | undefined {
  const error = pci_enable_device(pdev)
  if (isErrno(error)) return error
  const { windows, multiplier } = find_windows(pdev)
  const complete = [V.VIRTIO_PCI_CAP_COMMON_CFG, V.VIRTIO_PCI_CAP_NOTIFY_CFG, V.VIRTIO_PCI_CAP_ISR_CFG].every((type) => type in windows)
  const refused = complete ? pci_request_regions(pdev, 'virtio-pci-modern') : ENODEV
  if (isErrno(refused)) {
    pci_disable_device(pdev)
    return refused
  }
  pci_set_master(pdev)
  const vp = new virtio_pci_device(pdev, windows, multiplier)
  pdev.driver_data = vp
  pdev.dma_mask_bits = 64
  pdev.children = virtio_children
  virtio_bus_init(pdev.kernel)
  // a transitional device's number is its subsystem's
  register_virtio_device(pdev.kernel, pdev.subsystem_device, pdev.subsystem_vendor, virtio_pci_config_ops, vp)
  return undefined
}
export function virtio_pci_remove(pdev: pci_dev): void {
  const { vdev } = pdev.driver_data as virtio_pci_device
  pdev.children = undefined
  unregister_virtio_device(vdev)
  pci_release_regions(pdev)
  pci_disable_device(pdev)
}
/** virtio_pci_freeze(), virtio_pci_restore() */
export function virtio_pci_freeze(pdev: pci_dev): Errno | undefined {
  const error = virtio_device_freeze((pdev.driver_data as virtio_pci_device).vdev)
  if (!isErrno(error)) pci_disable_device(pdev)
  return error
}
export function virtio_pci_restore(pdev: pci_dev): Errno | undefined {
  const error = pci_enable_device(pdev)
  if (isErrno(error)) return error
  pci_set_master(pdev)
  return virtio_device_restore((pdev.driver_data as virtio_pci_device).vdev)
}
export const virtio_pci_driver: pci_driver = {
  name: 'virtio-pci',
  id_table: Array.from({ length: 0x40 }, (_, i) => ({ vendor: V.VIRTIO_PCI_VENDOR, device: 0x1000 + i })),
  probe: virtio_pci_probe,
  remove: virtio_pci_remove,
  suspend: virtio_pci_freeze,
  resume: virtio_pci_restore,
}
export function virtio_pci_init(kernel: Kernel): Errno | undefined {
  return pci_register_driver(kernel, virtio_pci_driver)
}

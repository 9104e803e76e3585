/**
 * A virtio device on the PCI bus (virtio 1.2, 4.1): its registers in four windows of one BAR, found by vendor capabilities,
 * an MSI-X table in another. What the device is good for lies behind virtio_model. The legacy registers of a transitional
 * device are not in this model: its ports answer nothing.
 *
 * The device's status, by what the driver writes and what happens:
 *
 *   status       | event                                       | next
 *   any          | 0 is written, power, bus reset              | 0: queues, features and vectors are gone
 *   below DRIVER | ACKNOWLEDGE, DRIVER                         | with them
 *   DRIVER       | FEATURES_OK, features are a part of those   | FEATURES_OK
 *   DRIVER       | FEATURES_OK, others or without VERSION_1    | as before: FEATURES_OK reads as 0
 *   FEATURES_OK  | DRIVER_OK                                   | DRIVER_OK: notifications are heard from now on
 *   DRIVER_OK    | a ring makes no sense                       | NEEDS_RESET, and a configuration interrupt; nothing is heard
 */
import { get16, get32, put16, put32, put64 } from '../lib/bytes.ts'
import { msix_create, msix_read, msix_send, msix_write, type msix_table } from './msix.ts'
import { pci_function, type pci_model, pci_set_intx } from './pci.ts'
import { NO_VECTOR, virtqueue } from './virtqueue.ts'

export const STATUS_DRIVER_OK = 4
const STATUS_FEATURES_OK = 8
const STATUS_NEEDS_RESET = 64
export const F_EVENT_IDX = 1n << 29n
export const F_VERSION_1 = 1n << 32n

const IO_SIZE = 32
const MSIX_SIZE = 0x1000
const WINDOW = 0x1000
const NOTIFY_MULTIPLIER = 4
// windows of BAR 4
const COMMON = 0
const ISR = 1
const DEVICE = 2
const NOTIFY = 3
const ISR_QUEUE = 1
const ISR_CONFIG = 2

/** What a kind of device does. */
export interface virtio_model {
  readonly features: bigint
  /** Its own configuration, as it is now. */
  config(): Uint8Array
  /** The driver has put chains into a queue. */
  notify(index: number): void
  /** Back to power-up. */
  reset(): void
}

export class virtio_pci implements pci_model {
  readonly fn: pci_function
  readonly queues: virtqueue[]
  readonly msix: msix_table
  model!: virtio_model
  status = 0
  isr = 0
  generation = 0
  device_select = 0
  driver_select = 0
  queue_select = 0
  config_vector = NO_VECTOR
  driver_features = 0n
  /** Of those, since it is asked for each chain: VIRTIO_F_EVENT_IDX. */
  event_idx = false
  constructor(fn: pci_function, sizes: readonly number[]) {
    this.fn = fn
    this.queues = sizes.map((size) => new virtqueue(size))
    this.msix = msix_create(sizes.length + 1)
  }
  has(feature: bigint): boolean {
    return (this.driver_features & feature) !== 0n
  }
  /** Bad rings, or none yet. */
  get running(): boolean {
    return (this.status & (STATUS_DRIVER_OK | STATUS_NEEDS_RESET)) === STATUS_DRIVER_OK
  }

  reset(): void {
    this.status = 0
    this.isr = 0
    this.device_select = this.driver_select = this.queue_select = 0
    this.config_vector = NO_VECTOR
    this.driver_features = 0n
    this.event_idx = false
    for (const vq of this.queues) vq.reset()
    this.model.reset()
    pci_set_intx(this.fn, false)
  }
  /** A ring makes no sense. */
  broken(): void {
    if (this.status & STATUS_NEEDS_RESET) return
    this.status |= STATUS_NEEDS_RESET
    this.config_changed()
  }
  /** The device's configuration (or its status) has changed. */
  config_changed(): void {
    this.generation = (this.generation + 1) & 0xff
    if ((this.status & STATUS_DRIVER_OK) === 0) return
    this.interrupt(this.config_vector, ISR_CONFIG)
  }
  /** Chains of this queue have been used. */
  queue_interrupt(vq: virtqueue): void {
    this.interrupt(vq.vector, ISR_QUEUE)
  }
  private interrupt(vector: number, cause: number): void {
    if (msix_send(this.fn, this.msix, vector)) return
    this.isr |= cause
    pci_set_intx(this.fn, true)
  }

  read(bar: number, offset: number, size: number): number {
    if (bar === 1) return msix_read(this.msix, offset, size)
    if (bar !== 4) return size === 4 ? 0xffffffff : (1 << (8 * size)) - 1
    const at = offset % WINDOW
    switch ((offset / WINDOW) | 0) {
      case COMMON:
        return field(this.common(), at, size)
      case ISR:
        return at === 0 ? this.take_isr() : 0
      case DEVICE:
        return field(this.model.config(), at, size)
      default:
        return 0
    }
  }
  write(bar: number, offset: number, size: number, value: number): void {
    if (bar === 1) msix_write(this.fn, this.msix, offset, size, value)
    if (bar !== 4) return
    const at = offset % WINDOW
    const window = (offset / WINDOW) | 0
    if (window === COMMON) this.set(at, value)
    else if (window === NOTIFY && this.running) this.notified(at / NOTIFY_MULTIPLIER)
  }
  private notified(index: number): void {
    if (this.queues[index]?.enabled) this.model.notify(index)
  }
  /** Reading takes the cause back. */
  private take_isr(): number {
    const { isr } = this
    this.isr = 0
    pci_set_intx(this.fn, false)
    return isr
  }

  /** struct virtio_pci_common_cfg (4.1.4.3), with the selected queue's part. */
  private common(): Uint8Array {
    const b = new Uint8Array(60)
    const half = (features: bigint, i: number) => (i > 1 ? 0 : Number((features >> BigInt(32 * i)) & 0xffffffffn))
    put32(b, 0, this.device_select)
    put32(b, 4, half(this.model.features, this.device_select))
    put32(b, 8, this.driver_select)
    put32(b, 12, half(this.driver_features, this.driver_select))
    put16(b, 16, this.config_vector)
    put16(b, 18, this.queues.length)
    b[20] = this.status
    b[21] = this.generation
    put16(b, 22, this.queue_select)
    const vq = this.queues[this.queue_select]
    if (vq === undefined) return b
    put16(b, 24, vq.size)
    put16(b, 26, vq.vector)
    put16(b, 28, vq.enabled ? 1 : 0)
    put16(b, 30, this.queue_select)
    put64(b, 32, vq.desc)
    put64(b, 40, vq.avail)
    put64(b, 48, vq.used)
    return b
  }
  private set(at: number, value: number): void {
    const vq = this.queues[this.queue_select]
    if (at === 0) this.device_select = value
    else if (at === 8) this.driver_select = value
    else if (at === 12) this.offer(value)
    else if (at === 16) this.config_vector = value < this.msix.count ? value : NO_VECTOR
    else if (at === 20) this.set_status(value & 0xff)
    else if (at === 22) this.queue_select = value
    else if (vq !== undefined) this.set_queue(vq, at, value)
  }
  private offer(value: number): void {
    if (this.driver_select > 1 || this.status & STATUS_FEATURES_OK) return
    const shift = BigInt(32 * this.driver_select)
    this.driver_features = (this.driver_features & ~(0xffffffffn << shift)) | (BigInt(value >>> 0) << shift)
    this.event_idx = this.has(F_EVENT_IDX)
  }
  private set_status(value: number): void {
    if (value === 0) return this.reset()
    const asked = (value & STATUS_FEATURES_OK) !== 0 && (this.status & STATUS_FEATURES_OK) === 0
    const acceptable = (this.driver_features & ~this.model.features) === 0n && this.has(F_VERSION_1)
    this.status = (asked && !acceptable ? value & ~STATUS_FEATURES_OK : value) | (this.status & STATUS_NEEDS_RESET)
  }
  /** Addresses come in halves; a running queue keeps what it has. */
  private set_queue(vq: virtqueue, at: number, value: number): void {
    if (at === 26) vq.vector = value < this.msix.count ? value : NO_VECTOR
    else if (at === 28) vq.enabled = vq.enabled || value === 1
    else if (at === 58 && value === 1) vq.reset()
    if (vq.enabled) return
    const half = (old: number, high: boolean) =>
      high ? (old % 4294967296) + value * 4294967296 : Math.floor(old / 4294967296) * 4294967296 + (value >>> 0)
    if (at === 24) {
      if (value > 0 && value <= vq.max && (value & (value - 1)) === 0) vq.size = value
    } else if (at === 32 || at === 36) vq.desc = half(vq.desc, at === 36)
    else if (at === 40 || at === 44) vq.avail = half(vq.avail, at === 44)
    else if (at === 48 || at === 52) vq.used = half(vq.used, at === 52)
  }
}
function field(bytes: Uint8Array, at: number, size: number): number {
  if (at + size > bytes.length) return 0
  return size === 1 ? bytes[at] : size === 2 ? get16(bytes, at) : get32(bytes, at)
}

/** A vendor capability (4.1.4): where a window is. */
function capability(config: Uint8Array, at: number, next: number, type: number, bar: number, offset: number, length: number): void {
  config.set([0x09, next, type === 2 || type === 5 ? 20 : 16, type, bar], at)
  put32(config, at + 8, offset)
  put32(config, at + 12, length)
}
/** The function: identifiers, windows and capabilities as QEMU gives them to a transitional device. */
export function virtio_pci_function(device: number, subsystem: number, device_class: number, vectors: number): pci_function {
  const none = { size: 0, io: false, prefetchable: false }
  const registers = { size: 4 * WINDOW, io: false, prefetchable: true, wide: true }
  const fn = new pci_function([{ ...none, size: IO_SIZE, io: true }, { ...none, size: MSIX_SIZE }, none, none, registers], 0)
  const { config, wmask } = fn
  put16(config, 0x00, 0x1af4)
  put16(config, 0x02, device)
  put16(config, 0x06, 0x0010)
  put16(config, 0x0a, device_class)
  put16(config, 0x2c, 0x1af4)
  put16(config, 0x2e, subsystem)
  config[0x34] = 0x98
  config[0x3d] = 1
  capability(config, 0x40, 0, 1, 4, COMMON * WINDOW, WINDOW)
  capability(config, 0x50, 0x40, 3, 4, ISR * WINDOW, WINDOW)
  capability(config, 0x60, 0x50, 4, 4, DEVICE * WINDOW, WINDOW)
  capability(config, 0x70, 0x60, 2, 4, NOTIFY * WINDOW, WINDOW)
  put32(config, 0x80, NOTIFY_MULTIPLIER)
  capability(config, 0x84, 0x70, 5, 0, 0, 0)
  // MSI-X: as many vectors, table and pending bits in BAR 1
  config.set([0x11, 0x84], 0x98)
  put16(config, 0x9a, vectors - 1)
  put32(config, 0x9c, 1)
  put32(config, 0xa0, 0x800 | 1)
  put16(wmask, 0x9a, 0xc000)
  fn.msix_cap = 0x98
  return fn
}

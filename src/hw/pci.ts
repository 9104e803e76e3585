/**
 * PCI as a device sees it: configuration space, windows for its registers, mastering and its interrupt pin. Drivers reach
 * all this through drivers/pci by reads and writes; no side knows the other's objects.
 */
import { type dma_domain, type dma_region, dma_region_of } from '../kernel/dma_mapping.ts'
import { irq_set_level, type irq_state } from '../kernel/irq.ts'
import type { EventQueue } from '../kernel/time.ts'
import { get16, get32, put16, put32 } from '../lib/bytes.ts'
import { msi_written } from './msi.ts'

// offsets in configuration space, and bits there (PCI Local Bus Specification 3.0, 6.1 and 6.2)
export const PCI_COMMAND = 0x04
export const PCI_STATUS = 0x06
export const PCI_BASE_ADDRESS_0 = 0x10
const PCI_HEADER_TYPE = 0x0e
const MULTI_FUNCTION = 0x80
const PCI_ROM_ADDRESS = 0x30
const PCI_INTERRUPT_LINE = 0x3c
const PCI_INTERRUPT_PIN = 0x3d
const PCI_COMMAND_IO = 0x1
const PCI_COMMAND_MEMORY = 0x2
const PCI_COMMAND_MASTER = 0x4
const PCI_COMMAND_SERR = 0x100
const PCI_COMMAND_INTX_DISABLE = 0x400
const PCI_STATUS_INTERRUPT = 0x8
const PCI_STATUS_REC_MASTER_ABORT = 0x2000
/** Error bits: a 1 written to one clears it. */
const PCI_STATUS_ERRORS = 0xf900

const PCI_PM_CTRL = 4
const PM_STATE = 0x0003
const PME_ENABLE = 0x0100
const PME_STATUS = 0x8000
const D3HOT = 3
/** Wake events (PME#) are the business of ACPI, whose interrupt this is on a PC. */
const SCI = 9

/** What a model does with accesses to its registers; `size` is 1, 2 or 4. */
export interface pci_model {
  read(bar: number, offset: number, size: number): number
  write(bar: number, offset: number, size: number, value: number): void
  /** Power is back, or the bus was reset. */
  reset(): void
}

export interface pci_bar {
  readonly size: number
  readonly io: boolean
  readonly prefetchable: boolean
  /** Of 64 bits: the next one holds the upper half. */
  readonly wide?: boolean
}

export class pci_function {
  readonly config = new Uint8Array(256)
  /** Bits that software may change, and those that a 1 clears. */
  readonly wmask = new Uint8Array(256)
  readonly w1cmask = new Uint8Array(256)
  readonly bars: readonly pci_bar[]
  /** Offset of the MSI capability; 0: none. */
  msi_cap = 0
  /** Offset of the MSI-X capability; 0: none. */
  msix_cap = 0
  /** Offset of the power management capability; 0: none. */
  readonly pm_cap: number
  model: pci_model | undefined = undefined
  bus: pci_bus | undefined = undefined
  devfn = 0
  /** The pin, before the command register's mask; and PME#. */
  pin_high = false
  pme_high = false

  constructor(bars: readonly pci_bar[], pm_cap = 0) {
    this.bars = bars
    this.pm_cap = pm_cap
    const command = PCI_COMMAND_IO | PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER | PCI_COMMAND_SERR | PCI_COMMAND_INTX_DISABLE
    put16(this.wmask, PCI_COMMAND, command)
    put16(this.w1cmask, PCI_STATUS, PCI_STATUS_ERRORS)
    this.wmask[0x0c] = 0xff // cache line size
    this.wmask[0x0d] = 0xf8 // latency timer
    this.wmask[PCI_INTERRUPT_LINE] = 0xff
    for (const [i, { size, io, prefetchable, wide }] of bars.entries()) {
      // a place that has no window
      if (size === 0) continue
      const at = PCI_BASE_ADDRESS_0 + 4 * i
      put32(this.wmask, at, -size)
      put32(this.config, at, io ? 1 : (prefetchable ? 8 : 0) | (wide ? 4 : 0))
      if (wide) put32(this.wmask, at + 4, 0xffffffff)
    }
    if (pm_cap !== 0) {
      put16(this.wmask, pm_cap + 4, 0x0103) // power state, PME enable
      put16(this.w1cmask, pm_cap + 4, 0x8000) // PME status
    }
  }
}

/** A range of addresses that a function answers. */
interface pci_window {
  io: boolean
  start: number
  end: number
  fn: pci_function
  bar: number
}

/** One bus below its host bridge. */
export class pci_bus {
  readonly events: EventQueue
  readonly memory: dma_domain
  readonly irqs: irq_state
  /** By devfn. */
  functions = new Map<number, pci_function>()
  /** Undefined: to be found anew by who looks next. */
  windows: pci_window[] | undefined = undefined
  /** Next free addresses, as firmware deals them out: memory from above (what may be prefetched apart), ports from below. */
  prefetch_top = 0xfec00000
  memory_top = 0xfeb00000
  port_next = 0xc000
  constructor(events: EventQueue, memory: dma_domain, irqs: irq_state) {
    this.events = events
    this.memory = memory
    this.irqs = irqs
  }
}

/** A function comes into its slot: it has a line and no addresses, and decodes nothing. */
export function pci_plug(bus: pci_bus, devfn: number, fn: pci_function): void {
  fn.bus = bus
  fn.devfn = devfn
  bus.functions.set(devfn, fn)
  // who looks at function 0 shall look for the others
  const first = bus.functions.get(devfn & ~7)
  if (devfn & 7 && first !== undefined) first.config[PCI_HEADER_TYPE] |= MULTI_FUNCTION
  fn.config[PCI_INTERRUPT_LINE] = irq_of(fn)
  fn.model?.reset()
}
/** Firmware gives it addresses while the machine starts (as SeaBIOS on QEMU's i440FX does). */
export function pci_firmware_setup(bus: pci_bus, fn: pci_function): void {
  for (const [i, bar] of fn.bars.entries()) assign(bus, fn, i, bar)
  put16(fn.config, PCI_COMMAND, PCI_COMMAND_IO | PCI_COMMAND_MEMORY | PCI_COMMAND_SERR)
  bus.windows = undefined
}
function assign(bus: pci_bus, fn: pci_function, i: number, { size, io, prefetchable }: pci_bar): void {
  if (size === 0) return
  const at = PCI_BASE_ADDRESS_0 + 4 * i
  let address: number
  if (io) {
    address = Math.ceil(bus.port_next / size) * size
    bus.port_next = address + size
  } else {
    const top = prefetchable ? 'prefetch_top' : 'memory_top'
    address = Math.floor((bus[top] - size) / size) * size
    bus[top] = address
  }
  put32(fn.config, at, address | fn.config[at])
}
/** PIRQ[A-D]: the bridge routes two of them to each of these lines. */
const PIRQ_LINES: readonly number[] = [10, 10, 11, 11]
/** By slot and pin. */
function irq_of(fn: pci_function): number {
  const pin = fn.config[PCI_INTERRUPT_PIN]
  return pin === 0 ? 0 : PIRQ_LINES[((fn.devfn >> 3) - 1 + pin - 1) & 3]
}
/** It is pulled out: nothing answers at its addresses any more. */
export function pci_unplug(fn: pci_function): void {
  const { bus } = fn
  if (bus === undefined) return
  pci_set_intx(fn, false)
  if (fn.pme_high) irq_set_level(bus.irqs, SCI, fn, false)
  fn.pme_high = false
  bus.functions.delete(fn.devfn)
  bus.windows = undefined
  fn.bus = undefined
}

/** Little-endian; all ones where nobody is. */
export function pci_config_read(bus: pci_bus, devfn: number, offset: number, size: number): number {
  const fn = bus.functions.get(devfn)
  if (fn === undefined) return ones(size)
  return read_bytes(fn.config, offset, size)
}
export function pci_config_write(bus: pci_bus, devfn: number, offset: number, size: number, value: number): void {
  const fn = bus.functions.get(devfn)
  if (fn === undefined) return
  const before = power_state(fn)
  for (let i = 0; i < size; i++) {
    const at = offset + i
    const byte = (value >>> (8 * i)) & 0xff
    const kept = fn.config[at] & ~fn.wmask[at]
    fn.config[at] = (kept | (byte & fn.wmask[at])) & ~(byte & fn.w1cmask[at])
  }
  // D3hot to D0 resets what has no "no soft reset" bit
  if (before === D3HOT && power_state(fn) === 0) soft_reset(fn)
  if (offset < PCI_ROM_ADDRESS || before !== power_state(fn)) bus.windows = undefined
  show_intx(fn)
  show_pme(fn)
  msi_written(fn)
}
function power_state(fn: pci_function): number {
  return fn.pm_cap === 0 ? 0 : fn.config[fn.pm_cap + PCI_PM_CTRL] & PM_STATE
}
/** The header's writable part and the function's own state are lost; what has to do with power is kept (PM 1.2, 5.4.1). */
function soft_reset(fn: pci_function): void {
  for (let i = 0; i < 0x40; i++) fn.config[i] &= ~fn.wmask[i]
  fn.model?.reset()
}
/** Whether it sleeps: neither registers nor memory, only what may wake the machine. */
export function pci_asleep(fn: pci_function): boolean {
  return power_state(fn) !== 0
}
/** The function has seen what it shall wake the machine for (PME#). */
export function pci_signal_pme(fn: pci_function): void {
  if (fn.pm_cap === 0) return
  const at = fn.pm_cap + PCI_PM_CTRL
  put16(fn.config, at, get16(fn.config, at) | PME_STATUS)
  show_pme(fn)
}
function show_pme(fn: pci_function): void {
  if (fn.pm_cap === 0 || fn.bus === undefined) return
  const pmcsr = get16(fn.config, fn.pm_cap + PCI_PM_CTRL)
  const high = (pmcsr & PME_STATUS) !== 0 && (pmcsr & PME_ENABLE) !== 0
  if (high !== fn.pme_high) irq_set_level(fn.bus.irqs, SCI, fn, high)
  fn.pme_high = high
}

function find_windows(bus: pci_bus): pci_window[] {
  const windows: pci_window[] = []
  for (const fn of bus.functions.values()) {
    const command = get16(fn.config, PCI_COMMAND)
    for (const [bar, { size, io, wide }] of fn.bars.entries()) {
      if (size === 0) continue
      if ((command & (io ? PCI_COMMAND_IO : PCI_COMMAND_MEMORY)) === 0) continue
      const at = PCI_BASE_ADDRESS_0 + 4 * bar
      const upper = wide ? get32(fn.config, at + 4) : 0
      const start = ((get32(fn.config, at) & (io ? ~3 : ~15)) >>> 0) + upper * 2 ** 32
      if (start !== 0) windows.push({ io, start, end: start + size, fn, bar })
    }
  }
  return windows
}
function window_at(bus: pci_bus, io: boolean, address: number): pci_window | undefined {
  bus.windows ??= find_windows(bus)
  for (const w of bus.windows) if (w.io === io && address >= w.start && address < w.end) return w
  return undefined
}
/** A processor's read from memory or port space. */
export function pci_bus_read(bus: pci_bus, io: boolean, address: number, size: number): number {
  const w = window_at(bus, io, address)
  if (w?.fn.model === undefined || power_state(w.fn) !== 0) return ones(size)
  return w.fn.model.read(w.bar, address - w.start, size)
}
export function pci_bus_write(bus: pci_bus, io: boolean, address: number, size: number, value: number): void {
  const w = window_at(bus, io, address)
  if (w !== undefined && power_state(w.fn) === 0) w.fn.model?.write(w.bar, address - w.start, size, value)
}

/** The function masters the bus: the memory that it means, or undefined when nobody answered (a master abort). */
export function pci_dma_region(fn: pci_function, address: number, length: number): dma_region | undefined {
  const { bus } = fn
  if (bus === undefined || !may_master(fn)) return undefined
  const region = dma_region_of(bus.memory, address, length)
  if (region !== undefined) return region
  bus.memory.faults++
  master_abort(fn)
  return undefined
}
/** What it reads: a view. */
export function pci_dma_read(fn: pci_function, address: number, length: number): Uint8Array | undefined {
  const region = pci_dma_region(fn, address, length)
  return region?.bytes.subarray(address - region.addr, address - region.addr + length)
}
/** False when nobody answered. */
export function pci_dma_write(fn: pci_function, address: number, bytes: Uint8Array): boolean {
  const region = pci_dma_region(fn, address, bytes.length)
  region?.bytes.set(bytes, address - region.addr)
  return region !== undefined
}
function may_master(fn: pci_function): boolean {
  return (fn.config[PCI_COMMAND] & PCI_COMMAND_MASTER) !== 0 && power_state(fn) === 0
}
function master_abort(fn: pci_function): void {
  put16(fn.config, PCI_STATUS, get16(fn.config, PCI_STATUS) | PCI_STATUS_REC_MASTER_ABORT)
}

/** The function drives its interrupt pin. */
export function pci_set_intx(fn: pci_function, high: boolean): void {
  if (fn.pin_high === high) return
  fn.pin_high = high
  show_intx(fn)
}
function show_intx(fn: pci_function): void {
  if (fn.pin_high) fn.config[PCI_STATUS] |= PCI_STATUS_INTERRUPT
  else fn.config[PCI_STATUS] &= ~PCI_STATUS_INTERRUPT
  const masked = (get16(fn.config, PCI_COMMAND) & PCI_COMMAND_INTX_DISABLE) !== 0 || power_state(fn) !== 0
  if (fn.bus !== undefined) irq_set_level(fn.bus.irqs, irq_of(fn), fn, fn.pin_high && !masked)
}

function read_bytes(bytes: Uint8Array, offset: number, size: number): number {
  return size === 1 ? bytes[offset] : size === 2 ? get16(bytes, offset) : get32(bytes, offset)
}
function ones(size: number): number {
  return size === 1 ? 0xff : size === 2 ? 0xffff : 0xffffffff
}

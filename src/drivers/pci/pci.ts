/**
 * drivers/pci/pci.c, access.c: PCI functions as the kernel knows them, and what drivers do with them: configuration space,
 * register windows, enabling and power. What a function really is lies behind `pci_ops`, which the machine provides.
 */
import { dma_map, dma_unmap } from '../../kernel/dma_mapping.ts'
import type { sysfs_child } from '../../fs/sysfs.ts'
import type { Kernel } from '../../kernel/kernel.ts'
import { KERN_INFO } from '../../kernel/printk.ts'
import { EBUSY, EINVAL, type Errno } from '../../uapi/errno.ts'
import * as P from '../../uapi/linux/pci_regs.ts'

/** The machine's way to the bus: exported constants and state of the hardware's. */
export interface pci_ops {
  config_read(devfn: number, offset: number, size: number): number
  config_write(devfn: number, offset: number, size: number, value: number): void
  read(io: boolean, address: number, size: number): number
  write(io: boolean, address: number, size: number, value: number): void
  /** Takes a function out of its slot (ACPI's _EJ0). */
  eject(devfn: number): void
}

export const IORESOURCE_IO = 0x100
export const IORESOURCE_MEM = 0x200
export const IORESOURCE_PREFETCH = 0x2000
export const IORESOURCE_MEM_64 = 0x100000
const IORESOURCE_SIZEALIGN = 0x40000

/** include/linux/ioport.h struct resource. `owner` has requested it. */
export interface resource {
  start: number
  end: number
  flags: number
  owner: string | undefined
}

export interface pci_device_id {
  readonly vendor: number
  readonly device: number
  readonly driver_data?: number
}
/** Exported constants. */
export interface pci_driver {
  readonly name: string
  readonly id_table: readonly pci_device_id[]
  readonly probe: (pdev: pci_dev, id: pci_device_id) => Errno | undefined
  readonly remove: (pdev: pci_dev) => void
  /** The machine goes to sleep, and is awake again. */
  readonly suspend?: (pdev: pci_dev) => Errno | undefined
  readonly resume?: (pdev: pci_dev) => Errno | undefined
}

export class pci_dev {
  readonly kernel: Kernel
  readonly devfn: number
  vendor = 0
  device = 0
  subsystem_vendor = 0
  subsystem_device = 0
  class = 0
  revision = 0
  irq = 0
  pm_cap = 0
  msi_cap = 0
  msix_cap = 0
  dma_mask_bits = 32
  /** What stands below it in sysfs: a bus of its own (an exported function). */
  children: ((pdev: pci_dev) => sysfs_child[]) | undefined = undefined
  /** Which kind of messages it sends; neither: it has its pin. */
  msi_enabled = false
  msix_enabled = false
  /** Lines of the vectors that are in use. */
  msi_irqs: number[] = []
  resource: resource[] = []
  driver: pci_driver | undefined = undefined
  driver_data: unknown = undefined
  enable_cnt = 0
  current_state = P.PCI_D0
  /** Of pci_save_state(), while it sleeps. */
  saved_state: number[] | undefined = undefined
  /** The only driver that may take it, by name. */
  driver_override: string | undefined = undefined
  /** struct dma_pool: blocks of one size, how many there are, how many are out. */
  dma_pools: { name: string; size: number; blocks: number; active: number }[] = []
  /** struct device_wakeup: whether it can wake the machine, and may. */
  can_wakeup = false
  wakeup_enabled = false
  constructor(kernel: Kernel, devfn: number) {
    this.kernel = kernel
    this.devfn = devfn
  }
}

/** What a kernel knows of its bus 0000:00. */
export class pci_state {
  readonly ops: pci_ops
  devices: pci_dev[] = []
  drivers: pci_driver[] = []
  /** Identifiers that were given to a driver by its name while the machine runs (new_id). */
  dynids = new Map<string, pci_device_id[]>()
  /** A new device is offered to the drivers at once. */
  drivers_autoprobe = true
  constructor(ops: pci_ops) {
    this.ops = ops
  }
}

/** "0000:00:06.0" */
export function pci_name(pdev: pci_dev): string {
  const hex = (n: number, width: number) => n.toString(16).padStart(width, '0')
  return `0000:00:${hex(pdev.devfn >> 3, 2)}.${pdev.devfn & 7}`
}
export function pci_info(pdev: pci_dev, text: string): void {
  pdev.kernel.printk(KERN_INFO, `${pdev.driver?.name ?? 'pci'} ${pci_name(pdev)}: ${text}`)
}

/** pci_read_config_byte(), …_word(), …_dword(): `size` is 1, 2 or 4. All ones when nobody answers. */
export function pci_read_config(pdev: pci_dev, offset: number, size: number): number {
  return (pdev.kernel.pci as pci_state).ops.config_read(pdev.devfn, offset, size)
}
export function pci_write_config(pdev: pci_dev, offset: number, size: number, value: number): void {
  ;(pdev.kernel.pci as pci_state).ops.config_write(pdev.devfn, offset, size, value)
}

/** A mapped window (void __iomem *). */
export class iomem {
  readonly ops: pci_ops
  readonly io: boolean
  readonly base: number
  constructor(ops: pci_ops, io: boolean, base: number) {
    this.ops = ops
    this.io = io
    this.base = base
  }
}
export function pci_iomap(pdev: pci_dev, bar: number): iomem | undefined {
  const r = pdev.resource[bar]
  if (r === undefined || r.flags === 0) return undefined
  return new iomem((pdev.kernel.pci as pci_state).ops, (r.flags & IORESOURCE_IO) !== 0, r.start)
}
export function ioread8(mem: iomem, offset: number): number {
  return mem.ops.read(mem.io, mem.base + offset, 1)
}
export function ioread16(mem: iomem, offset: number): number {
  return mem.ops.read(mem.io, mem.base + offset, 2)
}
export function ioread32(mem: iomem, offset: number): number {
  return mem.ops.read(mem.io, mem.base + offset, 4)
}
export function iowrite8(mem: iomem, offset: number, value: number): void {
  mem.ops.write(mem.io, mem.base + offset, 1, value)
}
export function iowrite16(mem: iomem, offset: number, value: number): void {
  mem.ops.write(mem.io, mem.base + offset, 2, value)
}
export function iowrite32(mem: iomem, offset: number, value: number): void {
  mem.ops.write(mem.io, mem.base + offset, 4, value)
}

/** Memory for both sides, zeroed. */
export interface dma_buffer {
  readonly bytes: Uint8Array
  readonly addr: number
}
export function dma_alloc_coherent(pdev: pci_dev, size: number): dma_buffer {
  const bytes = new Uint8Array(size)
  return { bytes, addr: dma_map(pdev.kernel.dma, bytes) }
}
export function dma_free_coherent(pdev: pci_dev, buffer: dma_buffer): void {
  dma_unmap(pdev.kernel.dma, buffer.addr)
}
export function dma_map_single(pdev: pci_dev, bytes: Uint8Array): number {
  return dma_map(pdev.kernel.dma, bytes)
}
export function dma_unmap_single(pdev: pci_dev, addr: number): void {
  dma_unmap(pdev.kernel.dma, addr)
}

/** Decoding on, power up. Counts: as often disabled as enabled. */
export function pci_enable_device(pdev: pci_dev): Errno | undefined {
  if (pdev.enable_cnt++ > 0) return undefined
  pci_set_power_state(pdev, P.PCI_D0)
  const command = pci_read_config(pdev, P.PCI_COMMAND, 2)
  if (command === 0xffff) {
    pdev.enable_cnt--
    return EINVAL
  }
  let wanted = command
  for (const { flags } of pdev.resource) {
    if (flags & IORESOURCE_IO) wanted |= P.PCI_COMMAND_IO
    if (flags & IORESOURCE_MEM) wanted |= P.PCI_COMMAND_MEMORY
  }
  if (wanted !== command) {
    pci_info(pdev, `enabling device (${hex4(command)} -> ${hex4(wanted)})`)
    pci_write_config(pdev, P.PCI_COMMAND, 2, wanted)
  }
  return undefined
}
function hex4(n: number): string {
  return n.toString(16).padStart(4, '0')
}
export function pci_disable_device(pdev: pci_dev): void {
  if (--pdev.enable_cnt > 0) return
  const command = pci_read_config(pdev, P.PCI_COMMAND, 2)
  if (command & P.PCI_COMMAND_MASTER && command !== 0xffff) pci_write_config(pdev, P.PCI_COMMAND, 2, command & ~P.PCI_COMMAND_MASTER)
}
export function pci_set_master(pdev: pci_dev): void {
  const command = pci_read_config(pdev, P.PCI_COMMAND, 2)
  if (!(command & P.PCI_COMMAND_MASTER)) pci_write_config(pdev, P.PCI_COMMAND, 2, command | P.PCI_COMMAND_MASTER)
}
export function pci_request_regions(pdev: pci_dev, owner: string): Errno | undefined {
  if (pdev.resource.some((r) => r.owner !== undefined)) return EBUSY
  for (const r of pdev.resource) r.owner = owner
  return undefined
}
export function pci_release_regions(pdev: pci_dev): void {
  for (const r of pdev.resource) r.owner = undefined
}
export function pci_set_power_state(pdev: pci_dev, state: number): void {
  if (pdev.pm_cap === 0 || pdev.current_state === state) return
  const pmcsr = pci_read_config(pdev, pdev.pm_cap + P.PCI_PM_CTRL, 2)
  pci_write_config(pdev, pdev.pm_cap + P.PCI_PM_CTRL, 2, (pmcsr & ~P.PCI_PM_CTRL_STATE_MASK) | state)
  if (state === P.PCI_D0 && (pmcsr & P.PCI_PM_CTRL_STATE_MASK) === P.PCI_D3hot) pci_restore_bars(pdev)
  pdev.current_state = state
}
/** On the way from D3hot to D0 a function forgets where its windows are. */
function pci_restore_bars(pdev: pci_dev): void {
  for (const [i, { flags }] of pdev.resource.entries()) if (flags !== 0) pci_write_bar(pdev, i)
}
/** What the kernel knows of a window goes into its register, or both of its registers. */
export function pci_write_bar(pdev: pci_dev, bar: number): void {
  const { start, flags } = pdev.resource[bar]
  const at = P.PCI_BASE_ADDRESS_0 + 4 * bar
  pci_write_config(pdev, at, 4, start % 2 ** 32)
  if (flags & IORESOURCE_MEM_64) pci_write_config(pdev, at + 4, 4, Math.floor(start / 2 ** 32))
}
/** pci_reset_function(), by pci_pm_reset(): to D3hot and back, with its configuration kept. */
export function pci_reset_function(pdev: pci_dev): void {
  const saved = pci_save_state(pdev)
  pci_write_config(pdev, P.PCI_COMMAND, 2, P.PCI_COMMAND_INTX_DISABLE)
  pci_set_power_state(pdev, P.PCI_D3hot)
  pci_set_power_state(pdev, P.PCI_D0)
  pci_restore_state(pdev, saved)
}
/** The standard header; written back when a reset has cleared it. */
export function pci_save_state(pdev: pci_dev): number[] {
  return Array.from({ length: 16 }, (_, i) => pci_read_config(pdev, 4 * i, 4))
}
/** The command register last: nothing decodes before its addresses are right. */
export function pci_restore_state(pdev: pci_dev, saved: readonly number[]): void {
  for (let i = saved.length - 1; i >= 0; i--) if (pci_read_config(pdev, 4 * i, 4) !== saved[i]) pci_write_config(pdev, 4 * i, 4, saved[i])
}
/** Wake events are acknowledged; PME on or off. */
export function pci_pme_active(pdev: pci_dev, enable: boolean): void {
  if (pdev.pm_cap === 0) return
  const pmcsr = pci_read_config(pdev, pdev.pm_cap + P.PCI_PM_CTRL, 2) | P.PCI_PM_CTRL_PME_STATUS
  pci_write_config(pdev, pdev.pm_cap + P.PCI_PM_CTRL, 2, enable ? pmcsr | P.PCI_PM_CTRL_PME_ENABLE : pmcsr & ~P.PCI_PM_CTRL_PME_ENABLE)
}

/** struct resource as printk()'s %pR shows it. */
export function resource_string({ start, end, flags }: resource): string {
  const hex = (n: number, width: number) => `0x${n.toString(16).padStart(width, '0')}`
  if (flags & IORESOURCE_IO) return `io  ${hex(start, 4)}-${hex(end, 4)}`
  const kind = `${flags & IORESOURCE_MEM_64 ? ' 64bit' : ''}${flags & IORESOURCE_PREFETCH ? ' pref' : ''}`
  return `mem ${hex(start, 8)}-${hex(end, 8)}${kind}`
}
/** The flags that /sys/bus/pci/devices/…/resource shows. */
export function resource_flags(bar: number): number {
  if (bar & 1) return IORESOURCE_SIZEALIGN | IORESOURCE_IO | 1
  const wide = bar & 4 ? IORESOURCE_MEM_64 | 4 : 0
  return IORESOURCE_SIZEALIGN | IORESOURCE_MEM | wide | (bar & 8 ? IORESOURCE_PREFETCH | 8 : 0)
}

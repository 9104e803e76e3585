/** drivers/pci/probe.c, pci-driver.c: what is on the bus, and which driver takes it. */
import type { Kernel } from '../../kernel/kernel.ts'
import { request_module } from '../../kernel/kmod.ts'
import { KERN_INFO, KERN_WARNING } from '../../kernel/printk.ts'
import { ENODEV, type Errno, isErrno } from '../../uapi/errno.ts'
import * as P from '../../uapi/linux/pci_regs.ts'
import {
  IORESOURCE_MEM_64,
  pci_dev,
  type pci_device_id,
  type pci_driver,
  pci_name,
  pci_read_config,
  type pci_state,
  pci_write_config,
  resource_flags,
  resource_string,
} from './pci.ts'
import { pci_fixup_final } from './quirks.ts'
import { pci_assign_resources } from './setup_bus.ts'

const BARS = 6

/** pci_scan_single_device(): the function at devfn; undefined when nobody answers there, or it is known already. */
export function pci_scan_single_device(kernel: Kernel, devfn: number): pci_dev | undefined {
  const state = kernel.pci as pci_state
  if (state.devices.some((d) => d.devfn === devfn)) return undefined
  const pdev = new pci_dev(kernel, devfn)
  pdev.vendor = pci_read_config(pdev, P.PCI_VENDOR_ID, 2)
  if (pdev.vendor === 0xffff) return undefined
  setup_device(pdev)
  state.devices.push(pdev)
  state.devices.sort((a, b) => a.devfn - b.devfn)
  return pdev
}
function setup_device(pdev: pci_dev): void {
  const word = (offset: number) => pci_read_config(pdev, offset, 2)
  pdev.device = word(P.PCI_DEVICE_ID)
  const class_revision = pci_read_config(pdev, P.PCI_CLASS_REVISION, 4)
  pdev.revision = class_revision & 0xff
  pdev.class = class_revision >>> 8
  pdev.subsystem_vendor = word(P.PCI_SUBSYSTEM_VENDOR_ID)
  pdev.subsystem_device = word(P.PCI_SUBSYSTEM_ID)
  pdev.irq = pci_read_config(pdev, P.PCI_INTERRUPT_LINE, 1)
  pdev.pm_cap = find_capability(pdev, P.PCI_CAP_ID_PM)
  pdev.msi_cap = find_capability(pdev, P.PCI_CAP_ID_MSI)
  pdev.msix_cap = find_capability(pdev, P.PCI_CAP_ID_MSIX)
  log(pdev, `[${hex(pdev.vendor, 4)}:${hex(pdev.device, 4)}] type 00 class 0x${hex(pdev.class, 6)} conventional PCI endpoint`)
  for (let bar = 0; bar < BARS; bar++) {
    const r = read_base(pdev, bar)
    pdev.resource.push(r)
    // the next one holds the upper half of this one's address
    if (r.flags & IORESOURCE_MEM_64 && ++bar < BARS) pdev.resource.push({ start: 0, end: 0, flags: 0, owner: undefined })
  }
  if (pdev.pm_cap !== 0) pci_pm_init(pdev, word(pdev.pm_cap + P.PCI_PM_PMC))
}
/** PME from some state of power: it can wake the machine. */
function pci_pm_init(pdev: pci_dev, pmc: number): void {
  const states = (names: readonly string[], first: number) => names.filter((_, i) => pmc & (first << i)).map((name) => ` ${name}`)
  const less = states(['D1', 'D2'], P.PCI_PM_CAP_D1)
  if (less.length > 0) log(pdev, `supports${less.join('')}`)
  const wake = states(['D0', 'D1', 'D2', 'D3hot', 'D3cold'], P.PCI_PM_CAP_PME_D0)
  pdev.can_wakeup = wake.length > 0
  if (pdev.can_wakeup) log(pdev, `PME# supported from${wake.join('')}`)
}
function find_capability(pdev: pci_dev, id: number): number {
  if (!(pci_read_config(pdev, P.PCI_STATUS, 2) & P.PCI_STATUS_CAP_LIST)) return 0
  let at = pci_read_config(pdev, P.PCI_CAPABILITY_LIST, 1)
  // 48 capabilities fit; a list that bites its tail ends here
  for (let n = 0; n < 48 && at >= 0x40; n++) {
    if (pci_read_config(pdev, at, 1) === id) return at
    at = pci_read_config(pdev, at + 1, 1)
  }
  return 0
}
/** __pci_read_base(): the size is what stays 0 of all ones. Decoding is off meanwhile. */
function read_base(pdev: pci_dev, bar: number): pci_dev['resource'][number] {
  const at = P.PCI_BASE_ADDRESS_0 + 4 * bar
  const command = pci_read_config(pdev, P.PCI_COMMAND, 2)
  const decode = P.PCI_COMMAND_IO | P.PCI_COMMAND_MEMORY
  pci_write_config(pdev, P.PCI_COMMAND, 2, command & ~decode)
  const value = pci_read_config(pdev, at, 4)
  pci_write_config(pdev, at, 4, 0xffffffff)
  const probe = pci_read_config(pdev, at, 4)
  pci_write_config(pdev, at, 4, value)
  pci_write_config(pdev, P.PCI_COMMAND, 2, command)
  const mask = value & 1 ? ~3 : ~15
  if (probe === 0 || probe === 0xffffffff) return { start: 0, end: 0, flags: 0, owner: undefined }
  const size = (~(probe & mask) >>> 0) + 1
  const upper = value & 1 || !(value & 4) ? 0 : pci_read_config(pdev, at + 4, 4)
  const start = ((value & mask) >>> 0) + upper * 2 ** 32
  const r = { start, end: start + size - 1, flags: resource_flags(value), owner: undefined }
  log(pdev, `BAR ${bar} [${resource_string(r)}]`)
  return r
}
function hex(n: number, width: number): string {
  return n.toString(16).padStart(width, '0')
}
function log(pdev: pci_dev, text: string): void {
  pdev.kernel.printk(KERN_INFO, `pci ${pci_name(pdev)}: ${text}`)
}

/** "pci:v00008086d00001229sv00008086sd00000040bc02sc00i00" */
export function pci_modalias(pdev: pci_dev): string {
  const up = (n: number, width: number) => hex(n, width).toUpperCase()
  const ids = `v${up(pdev.vendor, 8)}d${up(pdev.device, 8)}sv${up(pdev.subsystem_vendor, 8)}sd${up(pdev.subsystem_device, 8)}`
  return `pci:${ids}bc${up(pdev.class >> 16, 2)}sc${up((pdev.class >> 8) & 255, 2)}i${up(pdev.class & 255, 2)}`
}
/** What udev does with a function's modalias: the module whose alias (with `*`) matches is loaded. */
function load_driver(pdev: pci_dev): void {
  const modalias = pci_modalias(pdev)
  const matches = (alias: string) => alias.startsWith('pci:') && new RegExp(`^${alias.replaceAll('*', '.*')}$`).test(modalias)
  const module = pdev.kernel.kmod.table.find((m) => m.aliases?.some(matches))
  if (module !== undefined) request_module(pdev.kernel, module.name)
}

/** A function has been found: a driver takes it, after user space has loaded the module that names it (udev). */
export function pci_bus_add_device(pdev: pci_dev): void {
  pci_fixup_final(pdev)
  load_driver(pdev)
  if ((pdev.kernel.pci as pci_state).drivers_autoprobe) device_attach(pdev)
}
function probe(driver: pci_driver, pdev: pci_dev): boolean {
  return !isErrno(device_bind(driver, pdev))
}
/** Those that were added by name come first; an override takes what no identifier matches. */
function pci_match_device({ name, id_table }: pci_driver, pdev: pci_dev): pci_device_id | undefined {
  if (pdev.driver_override !== undefined && pdev.driver_override !== name) return undefined
  const added = (pdev.kernel.pci as pci_state).dynids.get(name) ?? []
  const found = [...added, ...id_table].find((i) => i.vendor === pdev.vendor && i.device === pdev.device)
  return found ?? (pdev.driver_override === undefined ? undefined : { vendor: pdev.vendor, device: pdev.device })
}
/** device_attach(): the first driver that is for it takes it. */
export function device_attach(pdev: pci_dev): void {
  for (const driver of (pdev.kernel.pci as pci_state).drivers) if (pdev.driver === undefined && probe(driver, pdev)) return
}
/** ENODEV: the driver is not for it. */
export function device_bind(driver: pci_driver, pdev: pci_dev): Errno | undefined {
  const id = pci_match_device(driver, pdev)
  if (id === undefined || pdev.driver !== undefined) return ENODEV
  pdev.driver = driver
  const error = driver.probe(pdev, id)
  if (!isErrno(error)) return undefined
  pdev.driver = undefined
  pdev.kernel.printk(KERN_WARNING, `${driver.name} ${pci_name(pdev)}: probe with driver ${driver.name} failed with error -${error.code}`)
  return error
}
export function pci_register_driver(kernel: Kernel, driver: pci_driver): Errno | undefined {
  const state = kernel.pci
  if (state === undefined) return undefined // a machine without the bus
  state.drivers.push(driver)
  if (state.drivers_autoprobe) for (const pdev of state.devices) probe(driver, pdev)
  return undefined
}
export function pci_unregister_driver(kernel: Kernel, driver: pci_driver): void {
  const state = kernel.pci
  if (state === undefined) return
  for (const pdev of state.devices) if (pdev.driver === driver) device_unbind(pdev)
  state.drivers = state.drivers.filter((d) => d !== driver)
}
export function device_unbind(pdev: pci_dev): void {
  if (pdev.driver === undefined) return
  pdev.driver.remove(pdev)
  pdev.driver = undefined
  pdev.driver_data = undefined
}
/** pci_stop_and_remove_bus_device(): the kernel forgets it, whether it is still there or was pulled out. */
export function pci_remove_device(pdev: pci_dev): void {
  const state = pdev.kernel.pci as pci_state
  device_unbind(pdev)
  state.devices = state.devices.filter((d) => d !== pdev)
}
/** pci_rescan_bus(): functions that are there and not known. */
export function pci_rescan_bus(kernel: Kernel): void {
  const found: pci_dev[] = []
  for (let slot = 0; slot < 256; slot += 8) found.push(...pci_scan_slot(kernel, slot))
  pci_bus_add_found(found)
}
/** Functions that came while the machine runs: addresses for all, then drivers. */
export function pci_bus_add_found(found: readonly pci_dev[]): void {
  pci_assign_resources(found)
  for (const pdev of found) pci_bus_add_device(pdev)
}
/** Functions of one slot that were not known. */
export function pci_scan_slot(kernel: Kernel, devfn: number): pci_dev[] {
  return functions_of(kernel, devfn).flatMap((fn) => pci_scan_single_device(kernel, fn) ?? [])
}
/** Of a slot: the first says whether there may be more. */
function functions_of(kernel: Kernel, devfn: number): number[] {
  const type = pci_read_config(new pci_dev(kernel, devfn), P.PCI_HEADER_TYPE, 1)
  const count = type !== 0xff && type & P.PCI_HEADER_TYPE_MFD ? 8 : 1
  return Array.from({ length: count }, (_, i) => devfn + i)
}

/**
 * A host's PCI bus: hardware on one side, drivers/pci on the other; what joins them passes reads and writes on. A bus comes
 * with the first function that is put into it.
 */
import { type pci_dev, type pci_ops, pci_state } from '../drivers/pci/pci.ts'
import { acpi_init } from '../drivers/pci/pci_pm.ts'
import { pci_driver_init } from '../drivers/pci/pci_sysfs.ts'
import { pci_assign_resources } from '../drivers/pci/setup_bus.ts'
import { virtio_pci_init } from '../drivers/virtio/virtio_pci_modern.ts'
import { pci_bus_add_device, pci_remove_device, pci_scan_single_device } from '../drivers/pci/probe.ts'
import {
  pci_bus,
  pci_bus_read,
  pci_bus_write,
  pci_config_read,
  pci_config_write,
  pci_firmware_setup,
  type pci_function,
  pci_plug,
  pci_unplug,
} from '../hw/pci.ts'
import type { Kernel } from '../kernel/kernel.ts'

/** Slots 0 to 2 are the machine's own (bridge, ISA, graphics). */
const FIRST_SLOT = 3
const LAST_SLOT = 31
/** Of a slot. */
const FUNCTIONS = 8

export class host_bridge implements pci_ops {
  readonly bus: pci_bus
  constructor(kernel: Kernel) {
    this.bus = new pci_bus(kernel.events, kernel.dma, kernel.irqs)
  }
  config_read(devfn: number, offset: number, size: number): number {
    return pci_config_read(this.bus, devfn, offset, size)
  }
  config_write(devfn: number, offset: number, size: number, value: number): void {
    pci_config_write(this.bus, devfn, offset, size, value)
  }
  read(io: boolean, address: number, size: number): number {
    return pci_bus_read(this.bus, io, address, size)
  }
  write(io: boolean, address: number, size: number, value: number): void {
    pci_bus_write(this.bus, io, address, size, value)
  }
  eject(devfn: number): void {
    const fn = this.bus.functions.get(devfn)
    if (fn !== undefined) pci_unplug(fn)
  }
}

export function bus_of(kernel: Kernel): pci_bus {
  if (kernel.pci === undefined) {
    kernel.pci = new pci_state(new host_bridge(kernel))
    pci_driver_init(kernel)
    acpi_init(kernel)
    virtio_pci_init(kernel)
  }
  return (kernel.pci.ops as host_bridge).bus
}

/** Where a function may go: the slots in turn, then a second function of each, and so on. */
function free_places(bus: pci_bus): number[] {
  const slots = Array.from({ length: LAST_SLOT - FIRST_SLOT + 1 }, (_, i) => FIRST_SLOT + i)
  const places = Array.from({ length: FUNCTIONS }, (_, n) => slots.map((slot) => (slot << 3) | n))
  return places.flat().filter((devfn) => !bus.functions.has(devfn))
}
/**
 * Puts a function into a slot (the next free one unless told), where the kernel finds it: with the firmware's addresses, or,
 * when the machine is `running`, with those that the kernel deals out. Throws when there is no room.
 */
export function plug_function(kernel: Kernel, fn: pci_function, slot?: number, running = false): pci_dev {
  const bus = bus_of(kernel)
  const free = free_places(bus)
  const chosen = slot === undefined ? free[0] : slot << 3
  if (chosen === undefined) throw new RangeError(`the PCI bus is full: ${bus.functions.size} functions`)
  if (!free.includes(chosen)) {
    const slots = free.filter((devfn) => (devfn & 7) === 0).map((devfn) => devfn >> 3)
    throw new RangeError(`PCI slot ${slot}: not one of the free ones (${slots.join(', ')})`)
  }
  pci_plug(bus, chosen, fn)
  if (!running) pci_firmware_setup(bus, fn)
  const pdev = pci_scan_single_device(kernel, chosen) as pci_dev
  if (running) pci_assign_resources([pdev])
  pci_bus_add_device(pdev)
  return pdev
}
/** Takes it out, with or without telling the kernel first (surprise removal: it notices at once). */
export function unplug_function(kernel: Kernel, fn: pci_function, surprise: boolean): void {
  const pdev = kernel.pci?.devices.find((d) => d.devfn === fn.devfn)
  if (surprise) pci_unplug(fn)
  if (pdev !== undefined) pci_remove_device(pdev)
  if (!surprise) pci_unplug(fn)
}

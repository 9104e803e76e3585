/**
 * drivers/pci/slot.c, hotplug/pci_hotplug_core.c, hotplug/acpiphp_core.c: /sys/bus/pci/slots: the places of the bus where
 * functions come and go while the machine runs, as ACPI tells of them on QEMU's i440FX. The names are what udev calls a NIC
 * by (net_id: ens3 in slot 3). Recorded.
 */
import type { attribute_dir, device_attribute, sysfs_child } from '../../fs/sysfs.ts'
import type { Kernel } from '../../kernel/kernel.ts'
import { EINVAL, ENODEV, type Errno } from '../../uapi/errno.ts'
import { PCI_VENDOR_ID } from '../../uapi/linux/pci_regs.ts'
import type { pci_dev, pci_state } from './pci.ts'
import { pci_bus_add_found, pci_remove_device, pci_scan_slot } from './probe.ts'

/** Those below are the chipset's. */
const FIRST = 2
const LAST = 31

/** struct pci_slot */
interface pci_slot {
  kernel: Kernel
  number: number
}
const state_of = ({ kernel }: pci_slot) => kernel.pci as pci_state
/** Functions that the kernel knows in the slot. */
function known(slot: pci_slot): pci_dev[] {
  return state_of(slot).devices.filter(({ devfn }) => devfn >> 3 === slot.number)
}
/** Whether anything answers there. */
function occupied(slot: pci_slot): boolean {
  return state_of(slot).ops.config_read(slot.number << 3, PCI_VENDOR_ID, 2) !== 0xffff
}

/** acpiphp_enable_slot(): what is there and not known is found; an empty slot is no error. */
function enable(slot: pci_slot): void {
  pci_bus_add_found(pci_scan_slot(slot.kernel, slot.number << 3))
}
/** acpiphp_disable_slot(): the kernel lets go, and the machine ejects it. */
function disable(slot: pci_slot): void {
  for (const pdev of known(slot)) {
    pci_remove_device(pdev)
    state_of(slot).ops.eject(pdev.devfn)
  }
}
/** power_write_file(): what is no number is 0. */
function set_power(slot: pci_slot, text: string): Errno | undefined {
  const power = (Number.parseInt(text, 10) || 0) & 0xff
  if (power > 1) return EINVAL
  if (power === 1) enable(slot)
  else disable(slot)
  return undefined
}

function file(name: string, show: (slot: pci_slot) => string | number): device_attribute<pci_slot> {
  return { name, mode: 0o444, show: (slot) => `${show(slot)}\n` }
}
const slot_dir: attribute_dir<pci_slot> = {
  attrs: [
    file('adapter', (slot) => (occupied(slot) ? 1 : 0)),
    file('address', ({ number }) => `0000:00:${number.toString(16).padStart(2, '0')}`),
    // the machine has no such lamp
    { name: 'attention', mode: 0o644, show: () => EINVAL, store: () => ENODEV },
    file('cur_bus_speed', () => 'Unknown'),
    file('latch', (slot) => (occupied(slot) ? 0 : 1)),
    file('max_bus_speed', () => 'Unknown'),
    { ...file('power', (slot) => (known(slot).length > 0 ? 1 : 0)), mode: 0o644, store: set_power },
  ],
}
const slots: readonly number[] = Array.from({ length: LAST - FIRST + 1 }, (_, i) => FIRST + i)
const slots_dir: attribute_dir<Kernel> = {
  attrs: [],
  children: (kernel) => slots.map((number) => ({ name: String(number), object: { kernel, number }, dir: slot_dir })),
}
/** What the bus has beside devices and drivers. */
export function pci_bus_slots(kernel: Kernel): sysfs_child[] {
  return kernel.pci === undefined ? [] : [{ name: 'slots', object: kernel, dir: slots_dir }]
}

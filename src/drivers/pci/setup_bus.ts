/**
 * drivers/pci/setup-bus.c, setup-res.c: addresses for functions that were found while the machine runs. What firmware may have
 * given them is not looked at: the kernel deals out the lowest that are free, the largest windows first. Recorded.
 */
import { KERN_INFO } from '../../kernel/printk.ts'
import * as P from '../../uapi/linux/pci_regs.ts'
import {
  IORESOURCE_IO,
  IORESOURCE_MEM_64,
  type pci_dev,
  pci_name,
  pci_read_config,
  type pci_state,
  pci_write_bar,
  pci_write_config,
  type resource,
  resource_string,
} from './pci.ts'

/** What the host bridge passes on: ports above those of the chipset, memory above the machine's own, and above 4 GiB. */
const IO_WINDOW = 0x1000
const MEM_WINDOW = 0x30000000
const MEM_64_WINDOW = 0x100000000
/** What a PC's memory map reserves below 1 MiB: no window of the bridge reaches it. */
const BIOS = '0x0009fc00-0x000fffff'

interface wanted {
  pdev: pci_dev
  bar: number
  size: number
}
/** pci_assign_unassigned_bus_resources() */
export function pci_assign_resources(found: readonly pci_dev[]): void {
  const all = found.flatMap((pdev) => pdev.resource.map((r, bar) => ({ pdev, bar, flags: r.flags, size: r.end - r.start + 1 })))
  const real = all.filter(({ flags }) => flags !== 0)
  for (const { pdev, bar } of real) Object.assign(pdev.resource[bar], { start: 0, end: 0 })
  real.sort((a, b) => b.size - a.size)
  for (const one of real) assign(one)
}
function assign({ pdev, bar, size }: wanted): void {
  const r = pdev.resource[bar]
  r.start = lowest_free(pdev, r.flags, size)
  r.end = r.start + size - 1
  pci_update_resource(pdev, bar)
  pdev.kernel.printk(KERN_INFO, `pci ${pci_name(pdev)}: BAR ${bar} [${resource_string(r)}]: assigned`)
}
function lowest_free(pdev: pci_dev, flags: number, size: number): number {
  const space = flags & IORESOURCE_IO
  const same = ({ flags: other }: resource) => other !== 0 && (other & IORESOURCE_IO) === space
  const taken = (pdev.kernel.pci as pci_state).devices.flatMap(({ resource: all }) => all.filter(same)).sort((a, b) => a.start - b.start)
  if (space === 0 && !(flags & IORESOURCE_MEM_64))
    pdev.kernel.printk(KERN_INFO, `resource: avoiding allocation from e820 entry [mem ${BIOS}]`)
  let start = space ? IO_WINDOW : flags & IORESOURCE_MEM_64 ? MEM_64_WINDOW : MEM_WINDOW
  for (const other of taken) if (start <= other.end && start + size > other.start) start = Math.ceil((other.end + 1) / size) * size
  return start
}
/** pci_update_resource(): into the function, which does not decode while only half of it is there. */
export function pci_update_resource(pdev: pci_dev, bar: number): void {
  const command = pci_read_config(pdev, P.PCI_COMMAND, 2)
  const wide = (pdev.resource[bar].flags & IORESOURCE_MEM_64) !== 0
  if (wide) pci_write_config(pdev, P.PCI_COMMAND, 2, command & ~P.PCI_COMMAND_MEMORY)
  pci_write_bar(pdev, bar)
  if (wide) pci_write_config(pdev, P.PCI_COMMAND, 2, command)
}

/** drivers/pci/msi/: vectors of MSI-X: a line of the host for each, written into the function's table. */
import { irq_alloc, irq_release } from '../../kernel/irq.ts'
import { ENOSPC, type Errno } from '../../uapi/errno.ts'
import { PCI_COMMAND, PCI_COMMAND_INTX_DISABLE } from '../../uapi/linux/pci_regs.ts'
import { type iomem, iowrite32, type pci_dev, pci_iomap, pci_name, pci_read_config, pci_write_config } from './pci.ts'

const PCI_MSIX_FLAGS = 2
const PCI_MSIX_FLAGS_QSIZE = 0x07ff
const PCI_MSIX_FLAGS_MASKALL = 0x4000
const PCI_MSIX_FLAGS_ENABLE = 0x8000
const PCI_MSIX_TABLE = 4
const ENTRY = 16
const LOWER_ADDR = 0
const UPPER_ADDR = 4
const DATA = 8
const CONTROL = 12
/** Where the local APIC of the processor takes messages. */
const MSI_ADDRESS = 0xfee00000

/** pci_alloc_irq_vectors(): as many lines, by vector. ENOSPC: the function has fewer, or no MSI-X. */
export function pci_alloc_irq_vectors(pdev: pci_dev, count: number): number[] | Errno {
  const { msix_cap: cap } = pdev
  const flags = cap === 0 ? 0 : pci_read_config(pdev, cap + PCI_MSIX_FLAGS, 2)
  const table = table_of(pdev)
  if (cap === 0 || table === undefined || (flags & PCI_MSIX_FLAGS_QSIZE) + 1 < count) return ENOSPC
  pci_write_config(pdev, cap + PCI_MSIX_FLAGS, 2, flags | PCI_MSIX_FLAGS_ENABLE | PCI_MSIX_FLAGS_MASKALL)
  const { irqs } = pdev.kernel
  pdev.msi_irqs = Array.from({ length: count }, (_, vector) => irq_alloc(irqs, `PCI-MSIX-${pci_name(pdev)}`, vector))
  for (const [vector, irq] of pdev.msi_irqs.entries()) {
    iowrite32(table, ENTRY * vector + LOWER_ADDR, MSI_ADDRESS)
    iowrite32(table, ENTRY * vector + UPPER_ADDR, 0)
    iowrite32(table, ENTRY * vector + DATA, irq)
    iowrite32(table, ENTRY * vector + CONTROL, 0)
  }
  pci_intx(pdev, false)
  pci_write_config(pdev, cap + PCI_MSIX_FLAGS, 2, (flags & ~PCI_MSIX_FLAGS_MASKALL) | PCI_MSIX_FLAGS_ENABLE)
  return pdev.msi_irqs
}
/** pci_intx(): whether the pin may be used; not beside messages. */
function pci_intx(pdev: pci_dev, enable: boolean): void {
  const command = pci_read_config(pdev, PCI_COMMAND, 2)
  pci_write_config(pdev, PCI_COMMAND, 2, enable ? command & ~PCI_COMMAND_INTX_DISABLE : command | PCI_COMMAND_INTX_DISABLE)
}
function table_of(pdev: pci_dev): iomem | undefined {
  const where = pdev.msix_cap === 0 ? 0 : pci_read_config(pdev, pdev.msix_cap + PCI_MSIX_TABLE, 4)
  return pci_iomap(pdev, where & 7)
}
export function pci_free_irq_vectors(pdev: pci_dev): void {
  const { msix_cap: cap } = pdev
  if (cap === 0) return
  const flags = pci_read_config(pdev, cap + PCI_MSIX_FLAGS, 2)
  pci_write_config(pdev, cap + PCI_MSIX_FLAGS, 2, flags & ~PCI_MSIX_FLAGS_ENABLE)
  pci_intx(pdev, true)
  for (const irq of pdev.msi_irqs) irq_release(pdev.kernel.irqs, irq)
  pdev.msi_irqs = []
}

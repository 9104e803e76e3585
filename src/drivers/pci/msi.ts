/**
 * drivers/pci/msi/: interrupts as messages: a line of the host for each vector, written into the function's table (MSI-X) or
 * its configuration space (MSI).
 */
import { irq_alloc, irq_release } from '../../kernel/irq.ts'
import { ENOSPC, type Errno } from '../../uapi/errno.ts'
import * as P from '../../uapi/linux/pci_regs.ts'
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

/** What a driver can do with. */
export const PCI_IRQ_INTX = 1
export const PCI_IRQ_MSI = 2
export const PCI_IRQ_MSIX = 4

/** pci_alloc_irq_vectors(): the lines of as many vectors, of the best kind that the function has. ENOSPC: none has so many. */
export function pci_alloc_irq_vectors(pdev: pci_dev, count: number, kinds: number): number[] | Errno {
  const msix = kinds & PCI_IRQ_MSIX ? pci_enable_msix(pdev, count) : undefined
  if (msix !== undefined) return msix
  const msi = kinds & PCI_IRQ_MSI && count === 1 ? pci_enable_msi(pdev) : undefined
  if (msi !== undefined) return msi
  if (!(kinds & PCI_IRQ_INTX) || count > 1 || pdev.irq === 0) return ENOSPC
  pci_intx(pdev, true)
  return [pdev.irq]
}
function pci_enable_msix(pdev: pci_dev, count: number): number[] | undefined {
  const { msix_cap: cap } = pdev
  const flags = cap === 0 ? 0 : pci_read_config(pdev, cap + PCI_MSIX_FLAGS, 2)
  const table = table_of(pdev)
  if (cap === 0 || table === undefined || (flags & PCI_MSIX_FLAGS_QSIZE) + 1 < count) return undefined
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
  pdev.msix_enabled = true
  return pdev.msi_irqs
}
/** One vector, as on any PC without an IOMMU that remaps interrupts: more would need lines in a row. */
function pci_enable_msi(pdev: pci_dev): number[] | undefined {
  const { msi_cap: cap } = pdev
  if (cap === 0) return undefined
  const flags = pci_read_config(pdev, cap + P.PCI_MSI_FLAGS, 2) & ~P.PCI_MSI_FLAGS_QSIZE
  const wide = (flags & P.PCI_MSI_FLAGS_64BIT) !== 0
  const irq = irq_alloc(pdev.kernel.irqs, `PCI-MSI-${pci_name(pdev)}`, 0)
  pci_write_config(pdev, cap + P.PCI_MSI_ADDRESS_LO, 4, MSI_ADDRESS)
  if (wide) pci_write_config(pdev, cap + P.PCI_MSI_ADDRESS_HI, 4, 0)
  pci_write_config(pdev, cap + (wide ? P.PCI_MSI_DATA_64 : P.PCI_MSI_DATA_32), 2, irq)
  pci_intx(pdev, false)
  pci_write_config(pdev, cap + P.PCI_MSI_FLAGS, 2, flags | P.PCI_MSI_FLAGS_ENABLE)
  pdev.msi_enabled = true
  pdev.msi_irqs = [irq]
  return pdev.msi_irqs
}
/** pci_intx(): whether the pin may be used; not beside messages. */
function pci_intx(pdev: pci_dev, enable: boolean): void {
  const command = pci_read_config(pdev, P.PCI_COMMAND, 2)
  pci_write_config(pdev, P.PCI_COMMAND, 2, enable ? command & ~P.PCI_COMMAND_INTX_DISABLE : command | P.PCI_COMMAND_INTX_DISABLE)
}
function table_of(pdev: pci_dev): iomem | undefined {
  const where = pdev.msix_cap === 0 ? 0 : pci_read_config(pdev, pdev.msix_cap + PCI_MSIX_TABLE, 4)
  return pci_iomap(pdev, where & 7)
}
/** Back to the pin. */
export function pci_free_irq_vectors(pdev: pci_dev): void {
  if (!pdev.msi_enabled && !pdev.msix_enabled) return
  if (pdev.msi_enabled) disable(pdev, pdev.msi_cap + P.PCI_MSI_FLAGS, P.PCI_MSI_FLAGS_ENABLE)
  if (pdev.msix_enabled) disable(pdev, pdev.msix_cap + PCI_MSIX_FLAGS, PCI_MSIX_FLAGS_ENABLE)
  pci_intx(pdev, true)
  for (const irq of pdev.msi_irqs) irq_release(pdev.kernel.irqs, irq)
  pdev.msi_irqs = []
  pdev.msi_enabled = false
  pdev.msix_enabled = false
}
function disable(pdev: pci_dev, at: number, bit: number): void {
  pci_write_config(pdev, at, 2, pci_read_config(pdev, at, 2) & ~bit)
}

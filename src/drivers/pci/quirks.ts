/** drivers/pci/quirks.c: what is put right in functions before a driver sees them. */
import { KERN_WARNING } from '../../kernel/printk.ts'
import * as P from '../../uapi/linux/pci_regs.ts'
import { ioread8, iowrite8, type pci_dev, pci_iomap, pci_name, pci_read_config } from './pci.ts'

const INTEL = 0x8086
/** Of those that e100 drives: what is on this bus. */
const E100_DEVICES: readonly number[] = [0x1209, 0x1229]
const E100_CMD_HI = 3

/** pci_fixup_device(pci_fixup_final) */
export function pci_fixup_final(pdev: pci_dev): void {
  if (pdev.vendor === INTEL && E100_DEVICES.includes(pdev.device)) quirk_e100_interrupt(pdev)
}
/** Firmware that booted from the network may leave interrupts on: before there is a handler one would never end. */
function quirk_e100_interrupt(pdev: pci_dev): void {
  const decodes = (pci_read_config(pdev, P.PCI_COMMAND, 2) & P.PCI_COMMAND_MEMORY) !== 0 && (pdev.resource[0]?.start ?? 0) !== 0
  const asleep = pdev.pm_cap !== 0 && (pci_read_config(pdev, pdev.pm_cap + P.PCI_PM_CTRL, 2) & P.PCI_PM_CTRL_STATE_MASK) !== P.PCI_D0
  const csr = pci_iomap(pdev, 0)
  if (!decodes || asleep || csr === undefined || ioread8(csr, E100_CMD_HI) !== 0) return
  pdev.kernel.printk(KERN_WARNING, `pci ${pci_name(pdev)}: Firmware left e100 interrupts enabled; disabling`)
  iowrite8(csr, E100_CMD_HI, 1)
}

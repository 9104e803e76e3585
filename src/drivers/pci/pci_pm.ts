/**
 * drivers/pci/pci-driver.c (pci_dev_pm_ops), pci-acpi.c: functions go to sleep with the machine and come back, and wake it.
 *
 *   what happens                                 | state of a function with a driver
 *   pm_suspend()                                 | its driver lets go; configuration saved; D3hot, PME on if it may wake
 *   … a driver refuses                           | those before it are awake again, nothing sleeps
 *   PME, of a machine asleep                     | all come back: D0, configuration restored, the driver goes on
 *   pm_resume()                                  | the same
 *   PME, of a machine awake                      | its status is cleared, no more
 */
import { IRQ_HANDLED, IRQ_NONE, request_irq } from '../../kernel/irq.ts'
import type { Kernel } from '../../kernel/kernel.ts'
import { KERN_ERR } from '../../kernel/printk.ts'
import { type dpm_ops, pm_system_irq_wakeup } from '../../kernel/suspend.ts'
import { type Errno, isErrno } from '../../uapi/errno.ts'
import * as P from '../../uapi/linux/pci_regs.ts'
import {
  pci_name,
  type pci_dev,
  pci_pme_active,
  pci_read_config,
  pci_restore_state,
  pci_save_state,
  pci_set_power_state,
  type pci_state,
  pci_write_config,
} from './pci.ts'

/** The line of ACPI's events. */
const SCI = 9

/** pci_pm_suspend(), pci_pm_suspend_noirq() */
function pci_pm_suspend(pdev: pci_dev): Errno | undefined {
  const error = pdev.driver?.suspend?.(pdev)
  if (isErrno(error)) {
    pdev.kernel.printk(KERN_ERR, `${pdev.driver?.name} ${pci_name(pdev)}: PM: failed to suspend: error -${error.code}`)
    return error
  }
  pdev.saved_state = pci_save_state(pdev)
  // pci_prepare_to_sleep()
  pci_pme_active(pdev, pdev.can_wakeup && pdev.wakeup_enabled)
  pci_set_power_state(pdev, P.PCI_D3hot)
  return undefined
}
/** pci_pm_resume_noirq(), pci_pm_resume() */
function pci_pm_resume(pdev: pci_dev): void {
  if (pdev.saved_state === undefined) return
  pci_set_power_state(pdev, P.PCI_D0)
  pci_restore_state(pdev, pdev.saved_state)
  pdev.saved_state = undefined
  pci_pme_active(pdev, false)
  const error = pdev.driver?.resume?.(pdev)
  if (isErrno(error)) {
    pdev.kernel.printk(KERN_ERR, `${pdev.driver?.name} ${pci_name(pdev)}: PM: failed to resume: error -${error.code}`)
  }
}

/** drivers/base/power/main.c dpm_suspend(): the last function on the bus first. */
function pci_dpm_suspend(kernel: Kernel): ReturnType<dpm_ops['suspend']> {
  for (const pdev of [...(kernel.pci as pci_state).devices].reverse()) {
    const error = pci_pm_suspend(pdev)
    if (error === undefined) continue
    pci_dpm_resume(kernel)
    return { device: pci_name(pdev), error }
  }
  return undefined
}
function pci_dpm_resume(kernel: Kernel): void {
  for (const pdev of (kernel.pci as pci_state).devices) pci_pm_resume(pdev)
}
export const pci_dpm_ops: dpm_ops = { suspend: pci_dpm_suspend, resume: pci_dpm_resume }

/** pci_check_pme_status(): whether it was this one; its status is cleared, and PME off. */
function pci_check_pme_status(pdev: pci_dev): boolean {
  if (pdev.pm_cap === 0) return false
  const at = pdev.pm_cap + P.PCI_PM_CTRL
  const pmcsr = pci_read_config(pdev, at, 2)
  if (!(pmcsr & P.PCI_PM_CTRL_PME_STATUS) || pmcsr === 0xffff) return false
  pci_write_config(pdev, at, 2, pmcsr & ~P.PCI_PM_CTRL_PME_ENABLE)
  return (pmcsr & P.PCI_PM_CTRL_PME_ENABLE) !== 0
}
/** An interrupt's function: wake events of the bus. */
export function acpi_irq(irq: number, kernel: Kernel): number {
  const woken = (kernel.pci as pci_state).devices.filter(pci_check_pme_status)
  if (woken.length === 0) return IRQ_NONE
  pm_system_irq_wakeup(kernel, irq)
  return IRQ_HANDLED
}
export function acpi_init(kernel: Kernel): void {
  request_irq(kernel.irqs, SCI, acpi_irq, 'acpi', kernel)
  kernel.pm.dpm = pci_dpm_ops
}

/**
 * MSI (PCI Local Bus Specification 3.0, 6.8.1): interrupts as messages whose address and word stand in configuration space.
 * With more than one vector the function changes the lowest bits of the word. The machine's interrupt controller takes the
 * word as the number of a line.
 *
 *   enabled | vector's mask | raised                          | mask taken off
 *   no      | any           | nothing: the pin is meant       |
 *   yes     | clear         | a message                       |
 *   yes     | set           | pending                         | a message, no longer pending
 *   yes     | beyond those that software allows             | the last of those is meant
 */
import { irq_message } from '../kernel/irq.ts'
import { get16, get32, put16, put32 } from '../lib/bytes.ts'
import type { pci_function } from './pci.ts'

const CAP_ID = 0x05
const CONTROL = 2
const ADDRESS = 4
const DATA = 12
const MASK = 16
const PENDING = 20
export const MSI_CAP_SIZE = 24

const ENABLE = 0x0001
/** How many vectors there are, and how many software allows: powers of two. */
const CAPABLE_SHIFT = 1
const ENABLED_SHIFT = 4
const WIDE = 0x0080
const MASKABLE = 0x0100

/** The capability at `at`, in front of the one at `next`: addresses of 64 bits, a mask for each vector; 1 to 32 of them. */
export function msi_create(fn: pci_function, at: number, next: number, vectors = 1): void {
  const log2 = Math.log2(vectors)
  fn.config[at] = CAP_ID
  fn.config[at + 1] = next
  put16(fn.config, at + CONTROL, WIDE | MASKABLE | (log2 << CAPABLE_SHIFT))
  put16(fn.wmask, at + CONTROL, ENABLE | (7 << ENABLED_SHIFT))
  put32(fn.wmask, at + ADDRESS, 0xfffffffc)
  put32(fn.wmask, at + ADDRESS + 4, 0xffffffff)
  put16(fn.wmask, at + DATA, 0xffff)
  put32(fn.wmask, at + MASK, 2 ** vectors - 1)
  fn.msi_cap = at
}
function control(fn: pci_function): number {
  return fn.msi_cap === 0 ? 0 : get16(fn.config, fn.msi_cap + CONTROL)
}

/** False when the function does not use MSI: then the pin is meant. */
export function msi_send(fn: pci_function, vector = 0): boolean {
  const word = control(fn)
  if ((word & ENABLE) === 0) return false
  const allowed = 1 << Math.min((word >> ENABLED_SHIFT) & 7, (word >> CAPABLE_SHIFT) & 7)
  const sent = Math.min(vector, allowed - 1)
  const pending = get32(fn.config, fn.msi_cap + PENDING)
  if (get32(fn.config, fn.msi_cap + MASK) & (1 << sent)) put32(fn.config, fn.msi_cap + PENDING, pending | (1 << sent))
  else if (fn.bus !== undefined) irq_message(fn.bus.irqs, (get16(fn.config, fn.msi_cap + DATA) & ~(allowed - 1)) | sent)
  return true
}
/** Configuration space was written to: what has waited behind a mask that is off now goes. */
export function msi_written(fn: pci_function): void {
  if ((control(fn) & ENABLE) === 0) return
  const pending = get32(fn.config, fn.msi_cap + PENDING)
  const ready = pending & ~get32(fn.config, fn.msi_cap + MASK)
  if (ready === 0) return
  put32(fn.config, fn.msi_cap + PENDING, pending & ~ready)
  for (let vector = 0; vector < 32; vector++) if (ready & (1 << vector)) msi_send(fn, vector)
}

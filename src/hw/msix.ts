/**
 * MSI-X (PCI Local Bus Specification 3.0, 6.8.2): interrupts as messages. Each vector has an address and a word, which the
 * machine's interrupt controller understands as the number of a line, and a mask.
 */
import { irq_message } from '../kernel/irq.ts'
import { get16, get32, put32 } from '../lib/bytes.ts'
import type { pci_function } from './pci.ts'

const ENTRY = 16
const DATA = 8
const CONTROL = 12
const MASKED = 1
const PENDING = 0x800
/** In the capability's control word. */
const ENABLE = 0x8000
const FUNCTION_MASK = 0x4000

export interface msix_table {
  readonly count: number
  readonly entries: Uint8Array
  /** Vectors that were raised while they were masked. */
  pending: boolean[]
}
export function msix_create(count: number): msix_table {
  const entries = new Uint8Array(ENTRY * count)
  for (let i = 0; i < count; i++) put32(entries, ENTRY * i + CONTROL, MASKED)
  return { count, entries, pending: new Array<boolean>(count).fill(false) }
}

function control(fn: pci_function): number {
  return fn.msix_cap === 0 ? 0 : get16(fn.config, fn.msix_cap + 2)
}
/** False when the function does not use MSI-X: then the pin is meant. A vector that nobody has set goes nowhere. */
export function msix_send(fn: pci_function, table: msix_table, vector: number): boolean {
  if ((control(fn) & ENABLE) === 0) return false
  if (vector >= table.count || fn.bus === undefined) return true
  const masked = (control(fn) & FUNCTION_MASK) !== 0 || (get32(table.entries, ENTRY * vector + CONTROL) & MASKED) !== 0
  if (masked) table.pending[vector] = true
  else irq_message(fn.bus.irqs, get32(table.entries, ENTRY * vector + DATA))
  return true
}
export function msix_read(table: msix_table, offset: number, size: number): number {
  if (size !== 4) return 0
  if (offset + 4 <= table.entries.length) return get32(table.entries, offset)
  if (offset !== PENDING) return 0
  return table.pending.reduce((bits, pending, i) => (pending && i < 32 ? bits | (1 << i) : bits), 0) >>> 0
}
/** Taking a mask off sends what has waited. */
export function msix_write(fn: pci_function, table: msix_table, offset: number, size: number, value: number): void {
  if (size !== 4 || offset + 4 > table.entries.length) return
  put32(table.entries, offset, value)
  const vector = Math.floor(offset / ENTRY)
  if (offset % ENTRY !== CONTROL || value & MASKED || !table.pending[vector]) return
  table.pending[vector] = false
  msix_send(fn, table, vector)
}

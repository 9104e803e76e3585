/** kernel/irq/proc.c show_interrupts(), arch/x86/kernel/irq.c arch_show_interrupts(). */
import type { irq_state } from './irq.ts'

/** arch_show_interrupts(): what else interrupts a processor, and does not happen to one that is simulated. */
const other_interrupts: readonly (readonly [string, string])[] = [
  ['NMI', 'Non-maskable interrupts'],
  ['LOC', 'Local timer interrupts'],
  ['SPU', 'Spurious interrupts'],
  ['PMI', 'Performance monitoring interrupts'],
  ['IWI', 'IRQ work interrupts'],
  ['RTR', 'APIC ICR read retries'],
  ['RES', 'Rescheduling interrupts'],
  ['CAL', 'Function call interrupts'],
  ['TLB', 'TLB shootdowns'],
  ['TRM', 'Thermal event interrupts'],
  ['THR', 'Threshold APIC interrupts'],
  ['DFR', 'Deferred Error APIC interrupts'],
  ['MCE', 'Machine check exceptions'],
  ['MCP', 'Machine check polls'],
  ['ERR', ''],
  ['MIS', ''],
  ['PIN', 'Posted-interrupt notification event'],
  ['NPI', 'Nested posted-interrupt event'],
  ['PIW', 'Posted-interrupt wakeup event'],
]
/** /proc/interrupts. All interrupts go to the first processor. */
export function show_interrupts({ lines, kernel }: irq_state): string {
  const cpus = Array.from({ length: kernel.params.nr_cpus }, (_, i) => i)
  const counts = (n: number) => cpus.map((cpu) => ` ${String(cpu === 0 ? n : 0).padStart(10)}`).join('')
  const head = `${' '.repeat(11)}${cpus.map((cpu) => `CPU${String(cpu).padEnd(8)}`).join('')}\n`
  const served = [...lines.values()].filter(({ actions, count }) => actions.length > 0 || count > 0).sort((a, b) => a.irq - b.irq)
  const rows = served.map(({ irq, count, chip, hwirq, actions }) => {
    const flow = (chip.startsWith('PCI-MSI') ? 'edge' : 'fasteoi').padEnd(8)
    const names = actions.length === 0 ? '' : `  ${actions.map(({ name }) => name).join(', ')}`
    return `${String(irq).padStart(3)}:${counts(count)}  ${chip.padStart(8)} ${String(hwirq).padStart(3)}-${flow}${names}\n`
  })
  const rest = other_interrupts.map(([name, what]) => (what === '' ? `${name}: ${'0'.padStart(10)}\n` : `${name}:${counts(0)}   ${what}\n`))
  return head + rows.join('') + rest.join('')
}

/**
 * kernel/irq: lines by which devices ask for attention, and the handlers that answer. Lines are level-triggered and
 * shared, as PCI's INTx: a line stays raised while any device holds it, and its handlers run again until none does.
 * They run when nobody is in the middle of something (as softirqs do), before the softirqs that they raise.
 *
 *   a line is raised | handlers | what happens
 *   yes              | some     | all are called; the line was handled when one says so
 *   yes              | none, or nobody handles it | counted; after 99,900 of 100,000 the line is disabled ("nobody cared")
 *   yes, disabled    | any      | nothing
 *   for ever         | handled  | after some rounds a jiffy passes, so that a storm cannot stop the clock
 */
import type { Kernel } from './kernel.ts'
import { KERN_EMERG, KERN_ERR } from './printk.ts'
import { mod_timer, NSEC_PER_JIFFY, timer_list, timer_pending } from './time.ts'

export const IRQ_NONE = 0
export const IRQ_HANDLED = 1
/** An exported function; `dev_id` is what request_irq() was given. */
export type irq_handler = (irq: number, dev_id: any) => number

const STORM_ROUNDS = 64
const FIRST_MESSAGE_IRQ = 24
const SPURIOUS_WINDOW = 100_000
const SPURIOUS_LIMIT = 99_900

/** What /proc/interrupts shows: a name, or what is called by it, whatever it is called later. */
export type irq_name = string | { readonly name: string }

export class irqaction {
  readonly handler: irq_handler
  readonly named: irq_name
  readonly dev_id: unknown
  constructor(handler: irq_handler, named: irq_name, dev_id: unknown) {
    this.handler = handler
    this.named = named
    this.dev_id = dev_id
  }
  get name(): string {
    return typeof this.named === 'string' ? this.named : this.named.name
  }
}

export class irq_desc {
  readonly irq: number
  /** Devices that hold the line. */
  holders = new Set<unknown>()
  /** A message has come (MSI): it holds the line until it is served. */
  message = false
  /** It is among those to be served. */
  raised = false
  actions: irqaction[] = []
  disabled = false
  /** Times that it was served, shown by /proc/interrupts. */
  count = 0
  unhandled = 0
  /** The controller that it comes through, and its number there. */
  readonly chip: string
  readonly hwirq: number
  constructor(irq: number, chip = 'IO-APIC', hwirq = irq) {
    this.irq = irq
    this.chip = chip
    this.hwirq = hwirq
  }
}

export class irq_state {
  readonly kernel: Kernel
  lines = new Map<number, irq_desc>()
  /** Lines to be served, in the order in which they were raised. */
  raised: irq_desc[] = []
  deferred = false
  running = false
  /** Goes on with a line that does not go quiet. */
  later: timer_list
  constructor(kernel: Kernel) {
    this.kernel = kernel
    this.later = new timer_list(kernel.events, irq_go_on, this)
  }
  /** Called by the event queue after a request or event. */
  run(): void {
    this.deferred = false
    if (!this.running) serve(this)
  }
}

export function irq_to_desc(state: irq_state, irq: number): irq_desc {
  let desc = state.lines.get(irq)
  if (desc === undefined) {
    desc = new irq_desc(irq)
    state.lines.set(irq, desc)
  }
  return desc
}

/** A device raises or lowers its pin. */
export function irq_set_level(state: irq_state, irq: number, device: unknown, high: boolean): void {
  const desc = irq_to_desc(state, irq)
  if (high) desc.holders.add(device)
  else desc.holders.delete(device)
  if (high) raise(state, desc)
}
/** A device sends a message (MSI): the line is served once. */
export function irq_message(state: irq_state, irq: number): void {
  const desc = irq_to_desc(state, irq)
  desc.message = true
  raise(state, desc)
}
/** A line for messages that nobody has (MSI vectors come after those of the I/O APIC). */
export function irq_alloc(state: irq_state, chip: string, hwirq: number): number {
  let irq = FIRST_MESSAGE_IRQ
  while (state.lines.has(irq)) irq++
  state.lines.set(irq, new irq_desc(irq, chip, hwirq))
  return irq
}
export function irq_release(state: irq_state, irq: number): void {
  state.lines.delete(irq)
}

export function request_irq(state: irq_state, irq: number, handler: irq_handler, name: irq_name, dev_id: unknown): void {
  const desc = irq_to_desc(state, irq)
  if (desc.actions.length === 0) {
    desc.disabled = false
    desc.unhandled = 0
  }
  desc.actions.push(new irqaction(handler, name, dev_id))
  raise(state, desc)
}
export function free_irq(state: irq_state, irq: number, dev_id: unknown): void {
  const desc = irq_to_desc(state, irq)
  desc.actions = desc.actions.filter((action) => action.dev_id !== dev_id)
}

/** A line without handlers is masked at the controller. */
function wanted(desc: irq_desc): boolean {
  return (desc.message || desc.holders.size > 0) && !desc.disabled && desc.actions.length > 0
}
function raise(state: irq_state, desc: irq_desc): void {
  if (desc.raised || !wanted(desc)) return
  desc.raised = true
  state.raised.push(desc)
  defer(state)
}
function defer(state: irq_state): void {
  if (state.deferred || state.running) return
  state.deferred = true
  // before softirqs that wait: an interrupt does not wait for them
  state.kernel.events.deferred.unshift(state)
}
/** The timer's function. */
export function irq_go_on(state: irq_state): void {
  if (state.raised.length > 0) defer(state)
}

function serve(state: irq_state): void {
  state.running = true
  try {
    for (let round = 0; round < STORM_ROUNDS && state.raised.length > 0; round++) {
      const lines = state.raised
      state.raised = []
      for (const desc of lines) {
        desc.raised = false
        if (wanted(desc)) handle(state, desc)
        raise(state, desc)
      }
    }
  } finally {
    state.running = false
  }
  if (state.raised.length > 0 && !timer_pending(state.later)) mod_timer(state.later, state.kernel.now() + NSEC_PER_JIFFY)
}
function handle(state: irq_state, desc: irq_desc): void {
  desc.message = false
  let handled = false
  for (const { handler, dev_id } of desc.actions) if (handler(desc.irq, dev_id) === IRQ_HANDLED) handled = true
  desc.count++
  if (!handled) desc.unhandled++
  if (desc.count % SPURIOUS_WINDOW !== 0) return
  if (desc.unhandled > SPURIOUS_LIMIT) nobody_cared(state.kernel, desc)
  desc.unhandled = 0
}
function nobody_cared(kernel: Kernel, desc: irq_desc): void {
  kernel.printk(KERN_ERR, `irq ${desc.irq}: nobody cared (try booting with the "irqpoll" option)`)
  kernel.printk(KERN_EMERG, `Disabling IRQ #${desc.irq}`)
  desc.disabled = true
}

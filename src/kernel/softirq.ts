/**
 * kernel/softirq.c: work that a packet, a queue or a timer leaves behind, done as soon as nobody is in the middle of
 * something. Where raised bits are run:
 *
 *   raised or enabled in                    | they run
 *   a request or work, bottom halves off    | at the outermost local_bh_enable()
 *   a request or work, bottom halves on     | at its end (Linux wakes ksoftirqd)
 *   a timer                                 | when the timer's function has returned
 *   a softirq                               | in the next round of the one that runs; never inside it
 *   the tenth round                         | a jiffy later (ksoftirqd), so that a storm cannot stop the clock
 */
import type { Kernel } from './kernel.ts'
import { mod_timer, NSEC_PER_JIFFY, timer_list, timer_pending } from './time.ts'

export const HI_SOFTIRQ = 0
export const TIMER_SOFTIRQ = 1
export const NET_TX_SOFTIRQ = 2
export const NET_RX_SOFTIRQ = 3
export const TASKLET_SOFTIRQ = 6
const NR_SOFTIRQS = 10
const MAX_SOFTIRQ_RESTART = 10

/** An exported function. */
export type softirq_action = (kernel: Kernel) => void

export class softirq_state {
  readonly kernel: Kernel
  /** Bit by number. */
  pending = 0
  /** Nesting of local_bh_disable(). */
  disabled = 0
  running = false
  /** In the event queue's list of what is left to do. */
  deferred = false
  actions: (softirq_action | undefined)[] = new Array(NR_SOFTIRQS).fill(undefined)
  ksoftirqd: timer_list
  constructor(kernel: Kernel) {
    this.kernel = kernel
    this.ksoftirqd = new timer_list(kernel.events, run_ksoftirqd, this)
  }
  /** Called by the event queue after a request or event. */
  run(): void {
    this.deferred = false
    if (this.pending !== 0 && this.disabled === 0 && !this.running) do_softirq(this)
  }
}

export function open_softirq(kernel: Kernel, nr: number, action: softirq_action): void {
  kernel.softirq.actions[nr] = action
}
export function raise_softirq(kernel: Kernel, nr: number): void {
  const state = kernel.softirq
  state.pending |= 1 << nr
  if (state.disabled === 0 && !state.running) defer(state)
}

export function local_bh_disable(kernel: Kernel): void {
  kernel.softirq.disabled++
}
export function local_bh_enable(kernel: Kernel): void {
  const state = kernel.softirq
  if (--state.disabled > 0 || state.pending === 0 || state.running) return
  if (kernel.events.in_interrupt) defer(state)
  else do_softirq(state)
}
function defer(state: softirq_state): void {
  if (state.deferred) return
  state.deferred = true
  state.kernel.events.deferred.push(state)
}

/** __do_softirq(): rounds over the raised bits, lowest number first; what is raised meanwhile belongs to the next round. */
function do_softirq(state: softirq_state): void {
  state.running = true
  try {
    for (let round = 0; state.pending !== 0 && round < MAX_SOFTIRQ_RESTART; round++) {
      const { pending } = state
      state.pending = 0
      for (let nr = 0; nr < NR_SOFTIRQS; nr++) if (pending & (1 << nr)) state.actions[nr]?.(state.kernel)
    }
  } finally {
    state.running = false
  }
  if (state.pending !== 0 && !timer_pending(state.ksoftirqd)) mod_timer(state.ksoftirqd, state.kernel.now() + NSEC_PER_JIFFY)
}
/** The timer's function. */
export function run_ksoftirqd(state: softirq_state): void {
  if (state.pending !== 0) defer(state)
}

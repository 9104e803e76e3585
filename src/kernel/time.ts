/**
 * Time and what waits for it. A lab owns one `EventQueue`; every kernel of the lab puts its timers there, so that
 * all hosts share one order of events. Times are nanoseconds since the lab began.
 */
import { Heap } from '../lib/heap.ts'

export const NSEC_PER_SEC = 1e9
export const NSEC_PER_MSEC = 1e6
/** CONFIG_HZ of Debian's kernel. */
export const HZ = 250
export const NSEC_PER_JIFFY = NSEC_PER_SEC / HZ
/** Unit of the clock_t values that user space sees. */
export const USER_HZ = 100

/** What runs when a timer expires: an exported function, so that state holds no closure. `data` is the owner. */
export type timer_function = (data: any, timer: timer_list) => void

/** include/linux/timer.h struct timer_list */
export class timer_list {
  /** ns of lab time; meaningful while pending. */
  expires = 0
  seq = 0
  slot = -1
  /** It looks after something for ever (a driver's watchdog): a lab in which nothing else is due is idle. */
  periodic = false
  readonly function: timer_function
  readonly data: unknown
  readonly queue: EventQueue
  constructor(queue: EventQueue, fn: timer_function, data: unknown) {
    this.queue = queue
    this.function = fn
    this.data = data
  }
}

/** What a request or event leaves to be done at its end (kernel/softirq.ts). */
export interface deferred_run {
  run(): void
}

export class EventQueue {
  /** Current lab time, ns. Constant while a request or event is being handled. */
  now = 0
  /** Wall clock at lab time 0, microseconds since 1970; 0: the lab follows none. */
  real_offset_us = 0
  /** CLOCK_MONOTONIC of the programs at lab time 0, ns. */
  monotonic_offset_ns = 0
  heap = new Heap<timer_list>()
  next_seq = 1
  /** A timer's function is running: Linux calls those from a softirq, so others wait for its end. */
  in_interrupt = false
  deferred: deferred_run[] = []

  /** Time of the next event, or undefined. */
  nextAt(): number | undefined {
    return this.heap.peek()?.expires
  }

  /** Time of the last of the periodic timers when there are no others; else undefined. */
  lastPeriodic(): number | undefined {
    let last: number | undefined
    for (const { periodic, expires } of this.heap.items) {
      if (!periodic) return undefined
      last = Math.max(last ?? 0, expires)
    }
    return last
  }

  /** Runs all events up to and including `until`, each at its own time, then sets the time to `until`. */
  runUntil(until: number): void {
    this.runDeferred()
    for (;;) {
      const next = this.heap.peek()
      if (next === undefined || next.expires > until) break
      this.heap.pop()
      if (next.expires > this.now) this.now = next.expires
      this.runTimer(next)
      this.runDeferred()
    }
    if (until > this.now) this.now = until
  }
  private runTimer(timer: timer_list): void {
    this.in_interrupt = true
    try {
      timer.function(timer.data, timer)
    } finally {
      this.in_interrupt = false
    }
  }
  private runDeferred(): void {
    while (this.deferred.length > 0) this.deferred.shift()?.run()
  }

  /** Runs what is due now (deferred work of the request that just ended). */
  runDue(): void {
    this.runDeferred()
    const next = this.heap.peek()
    if (next !== undefined && next.expires <= this.now) this.runUntil(this.now)
  }
}

export function timer_pending(timer: timer_list): boolean {
  return timer.slot >= 0
}
/** Among what is due at one time, what runs as a process (work) comes after all that interrupts it (timers). */
const PROCESS_SEQ = 2 ** 50
/** Arms or re-arms; `expires` in ns of lab time. True when it was pending. */
export function mod_timer(timer: timer_list, expires: number, process = false): boolean {
  const pending = timer_pending(timer)
  timer.queue.heap.remove(timer)
  timer.expires = expires
  timer.seq = timer.queue.next_seq++ + (process ? PROCESS_SEQ : 0)
  timer.queue.heap.push(timer)
  return pending
}
/** True when it was pending. */
export function timer_delete(timer: timer_list): boolean {
  const pending = timer_pending(timer)
  timer.queue.heap.remove(timer)
  return pending
}

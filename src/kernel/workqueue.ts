/** kernel/workqueue.c: work runs after the request that queued it, in order, at its time. */
import { type EventQueue, mod_timer, timer_delete, timer_list, timer_pending } from './time.ts'

/** An exported function; `data` is the object that the work belongs to. */
export type work_func = (data: any) => void

export class delayed_work {
  readonly timer: timer_list
  readonly func: work_func
  readonly data: unknown
  constructor(queue: EventQueue, func: work_func, data: unknown) {
    this.func = func
    this.data = data
    this.timer = new timer_list(queue, run_work, this)
  }
}

export function run_work(work: delayed_work): void {
  // unlike a timer's function, work runs as a process does
  work.timer.queue.in_interrupt = false
  work.func(work.data)
}
/** No effect when already queued (false). */
export function queue_delayed_work(work: delayed_work, delay_ns: number): boolean {
  if (timer_pending(work.timer)) return false
  mod_timer(work.timer, work.timer.queue.now + delay_ns, true)
  return true
}
export function schedule_work(work: delayed_work): boolean {
  return queue_delayed_work(work, 0)
}
/** Queues with a new delay whether pending or not. */
export function mod_delayed_work(work: delayed_work, delay_ns: number): void {
  mod_timer(work.timer, work.timer.queue.now + delay_ns, true)
}
export function cancel_delayed_work(work: delayed_work): boolean {
  return timer_delete(work.timer)
}

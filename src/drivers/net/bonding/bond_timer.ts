/**
 * kernel/time/timer.c calc_index(): a work comes one tick of the timer wheel after its delay, so that it is never early:
 * measured, a monitor of 100 ms looks each 104 ms.
 */
import { NSEC_PER_JIFFY } from '../../../kernel/time.ts'
import { type delayed_work, queue_delayed_work } from '../../../kernel/workqueue.ts'

const LVL_SIZE = 64
const LVL_CLK_SHIFT = 3

/** From how many ticks on the wheel turns in steps of 8, 64, 512 …; ticks since boot serve for Linux's count of them. */
function shift_of(ticks: number): number {
  let level = 0
  while (ticks >= (LVL_SIZE - 1) << (level * LVL_CLK_SHIFT)) level++
  return level * LVL_CLK_SHIFT
}
/** queue_delayed_work(), `ticks` of 4 ms; 0: at once. */
export function bond_queue_work(work: delayed_work | undefined, ticks: number): void {
  if (work === undefined) return
  const { now } = work.timer.queue
  const shift = shift_of(ticks)
  const expires = (Math.floor((Math.floor(now / NSEC_PER_JIFFY) + ticks) / 2 ** shift) + 1) * 2 ** shift
  queue_delayed_work(work, ticks === 0 ? 0 : expires * NSEC_PER_JIFFY - now)
}
export function msecs_to_jiffies(ms: number): number {
  return Math.ceil(ms / 4)
}

/** kernel/time/timer.c round_jiffies(): timers that may be late go off on whole seconds of uptime, many at once. */
import { NSEC_PER_SEC } from './time.ts'

/** ns; up to a quarter of a second earlier, else later. */
export function round_jiffies(at: number): number {
  const rest = at % NSEC_PER_SEC
  return rest < NSEC_PER_SEC / 4 ? at - rest : at - rest + NSEC_PER_SEC
}

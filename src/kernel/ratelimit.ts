/** lib/ratelimit.c: lines of a log that say the same are written so often in a time, and then only counted. */
import type { Kernel } from './kernel.ts'
import { KERN_WARNING } from './printk.ts'

/** struct ratelimit_state: `burst` lines in `interval` jiffies. */
export class ratelimit_state {
  interval: number
  burst: number
  begin = 0
  printed = 0
  missed = 0
  constructor(interval: number, burst: number) {
    this.interval = interval
    this.burst = burst
  }
}
/** ___ratelimit(): whether a line may be written; how many were not is told when the time is over. */
export function __ratelimit(kernel: Kernel, rs: ratelimit_state, func: string): boolean {
  if (rs.interval === 0) return true
  const now = kernel.jiffies()
  if (rs.begin === 0) rs.begin = now
  if (now > rs.begin + rs.interval) {
    if (rs.missed > 0) kernel.printk(KERN_WARNING, `${func}: ${rs.missed} callbacks suppressed`)
    rs.begin = now
    rs.printed = 0
    rs.missed = 0
  }
  if (rs.printed < rs.burst) {
    rs.printed++
    return true
  }
  rs.missed++
  return false
}

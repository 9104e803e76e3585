/** net/ipv4/icmp.c icmp_global_allow: how many errors a namespace sends, whoever they are for. */
import { HZ } from '../../kernel/time.ts'
import type { net } from '../core/net_namespace.ts'

/** icmp_global: a bucket of messages for the whole namespace. */
export class icmp_limits {
  /** net.ipv4.icmp_msgs_per_sec, icmp_msgs_burst */
  msgs_per_sec = 1000
  msgs_burst = 50
  credit = 0
  stamp = -HZ
}

/** Whether one more may go; what it costs is taken when it does (icmp_global_consume). */
export function icmp_global_allow(net: net): boolean {
  const limits = net.ipv4.icmp_limits
  if (limits.credit > 0) return true
  const now = net.kernel.jiffies()
  const delta = Math.min(now - limits.stamp, HZ)
  if (delta < HZ / 50) return false
  const incr = Math.floor((limits.msgs_per_sec * delta) / HZ)
  if (incr === 0) return false
  limits.stamp = now
  limits.credit = Math.min(limits.credit + incr, limits.msgs_burst)
  return true
}
/** None, one or two, by chance: from outside nobody can count what is left. */
export function icmp_global_consume(net: net): void {
  net.ipv4.icmp_limits.credit -= net.kernel.random.below(3)
}

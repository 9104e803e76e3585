/** net/ipv6/ip6_fib.c fib6_metric_set, include/net/ip6_fib.h: metrics of a route. */
import { RTAX_LOCK } from '../../uapi/linux/rtnetlink.ts'
import { fib_metrics } from '../ipv4/fib_metrics.ts'
import type { fib6_info } from './ip6_fib_info.ts'

export function fib6_metric(f6i: fib6_info, nr: number): number {
  return f6i.fib6_metrics?.metrics[nr] ?? 0
}
export function fib6_metric_locked(f6i: fib6_info, nr: number): boolean {
  return (fib6_metric(f6i, RTAX_LOCK.nr) & (1 << nr)) !== 0
}
export function fib6_metric_set(f6i: fib6_info, nr: number, value: number): void {
  f6i.fib6_metrics ??= new fib_metrics()
  f6i.fib6_metrics.metrics[nr] = value
}

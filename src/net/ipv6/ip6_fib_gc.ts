/** net/ipv6/ip6_fib.c fib6_run_gc: routes with a lifetime go some time after its end, and so does what was learned of destinations. */
import { HZ, mod_timer, NSEC_PER_JIFFY, timer_list, timer_pending } from '../../kernel/time.ts'
import { RTF_EXPIRES } from '../../uapi/linux/ipv6_route.ts'
import type { net } from '../core/net_namespace.ts'
import { FIB6_WALK_CONTINUE, FIB6_WALK_DELETE, fib6_clean_all } from './ip6_fib.ts'
import type { fib6_info } from './ip6_fib_info.ts'
import { fib6_info_nhs } from './ip6_fib_nexthop.ts'
import { rt6_age_exceptions } from './ip6_route_exception.ts'

/** INITIAL_JIFFIES modulo HZ: Linux rounds its own count of jiffies, which did not begin at 0. */
const INITIAL_JIFFIES_REST = 46

/** kernel/time/timer.c round_jiffies(), CPU 0: to a whole second, the nearest but for the first quarter. */
function round_jiffies(j: number, now: number): number {
  const rem = (j + INITIAL_JIFFIES_REST) % HZ
  const rounded = rem < HZ / 4 ? j - rem : j - rem + HZ
  return rounded > now ? rounded : j
}

function start(net: net, at: number): void {
  const { fib6 } = net.ipv6
  fib6.ip6_fib_timer ??= new timer_list(net.kernel.events, fib6_gc_timer_cb, net)
  mod_timer(fib6.ip6_fib_timer, at * NSEC_PER_JIFFY)
}
function running(net: net): boolean {
  const { ip6_fib_timer } = net.ipv6.fib6
  return ip6_fib_timer !== undefined && timer_pending(ip6_fib_timer)
}
export function fib6_start_gc(net: net, rt: fib6_info): void {
  if (rt.fib6_flags & RTF_EXPIRES) fib6_force_start_gc(net)
}
export function fib6_force_start_gc(net: net): void {
  if (!running(net)) start(net, net.kernel.jiffies() + net.ipv6.fib6.ip6_rt_gc_interval)
}

/** struct fib6_gc_args: jiffies without use after which an exception goes, and what is left to look at later. */
export interface fib6_gc_args {
  timeout: number
  more: number
}
/** fib6_age() */
export function fib6_age(net: net, rt: fib6_info, gc: fib6_gc_args): number {
  if (rt.fib6_flags & RTF_EXPIRES && rt.expires !== 0) {
    if (net.kernel.jiffies() > rt.expires) return FIB6_WALK_DELETE
    gc.more++
  }
  for (const nh of rt.nh === undefined ? [rt.fib6_nh] : fib6_info_nhs(rt)) gc.more += rt6_age_exceptions(net, nh, gc.timeout)
  return FIB6_WALK_CONTINUE
}
export function fib6_gc_timer_cb(net: net): void {
  fib6_run_gc(net, 0)
}
/** fib6_run_gc(): `expires` 0: as the timer does. */
export function fib6_run_gc(net: net, expires: number): void {
  const gc: fib6_gc_args = { timeout: expires || net.ipv6.fib6.ip6_rt_gc_interval, more: 0 }
  fib6_clean_all(net, fib6_age, gc)
  const now = net.kernel.jiffies()
  if (gc.more > 0) start(net, round_jiffies(now + net.ipv6.fib6.ip6_rt_gc_interval, now))
}

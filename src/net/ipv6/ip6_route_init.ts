/** net/ipv6/route.c ip6_route_init, ip6_fib.c fib6_init: IPv6's routes come up. */
import type { Kernel } from '../../kernel/kernel.ts'
import { timer_delete } from '../../kernel/time.ts'
import { type Errno, isErrno } from '../../uapi/errno.ts'
import { type net, type pernet_operations, register_pernet_subsys } from '../core/net_namespace.ts'
import { netns_fib6 } from './ip6_fib.ts'

export function fib6_net_init(net: net): Errno | undefined {
  net.ipv6.fib6 = new netns_fib6()
  return undefined
}
export function fib6_net_exit(net: net): void {
  const { ip6_fib_timer } = net.ipv6.fib6
  if (ip6_fib_timer !== undefined) timer_delete(ip6_fib_timer)
}
export const fib6_net_ops: pernet_operations = { name: 'fib6_net_ops', init: fib6_net_init, exit: fib6_net_exit }

/** Called from inet6_init(); net.ipv6 is there by then. */
export function ip6_route_init(kernel: Kernel): Errno | undefined {
  const error = register_pernet_subsys(kernel, fib6_net_ops)
  if (isErrno(error)) return error
  return undefined
}

/** net/ipv6/route.c ip6_route_init, ip6_fib.c fib6_init: IPv6's routes come up. */
import type { Kernel } from '../../kernel/kernel.ts'
import { timer_delete } from '../../kernel/time.ts'
import { type Errno, isErrno } from '../../uapi/errno.ts'
import { RTM_DELROUTE, RTM_GETROUTE, RTM_NEWROUTE } from '../../uapi/linux/rtnetlink.ts'
import { AF_INET6 } from '../../uapi/linux/socket.ts'
import { type net, type pernet_operations, register_pernet_subsys } from '../core/net_namespace.ts'
import { RTNL_FLAG_DOIT_UNLOCKED, RTNL_FLAG_DUMP_SPLIT_NLM_DONE, RTNL_FLAG_DUMP_UNLOCKED, rtnl_register } from '../core/rtnetlink.ts'
import { fib6_rules_net_exit, fib6_rules_net_init } from './fib6_rules.ts'
import { netns_fib6 } from './ip6_fib.ts'
import { inet6_dump_fib } from './ip6_fib_dump.ts'
import { ip6_mr_init } from './ip6mr_rules.ts'
import { ip6_route_proc_exit, ip6_route_proc_init } from './ip6_route_proc.ts'
import { inet6_rtm_delroute, inet6_rtm_newroute } from './ip6_route_rtm.ts'
import { inet6_rtm_getroute } from './route_get.ts'

export function fib6_net_init(net: net): Errno | undefined {
  net.ipv6.fib6 = new netns_fib6()
  return undefined
}
export function fib6_net_exit(net: net): void {
  const { ip6_fib_timer } = net.ipv6.fib6
  if (ip6_fib_timer !== undefined) timer_delete(ip6_fib_timer)
}
export const fib6_net_ops: pernet_operations = { name: 'fib6_net_ops', init: fib6_net_init, exit: fib6_net_exit }
export const fib6_rules_net_ops: pernet_operations = { name: 'fib6_rules_net_ops', init: fib6_rules_net_init, exit: fib6_rules_net_exit }
export const ip6_route_net_late_ops: pernet_operations = {
  name: 'ip6_route_net_late_ops',
  init: ip6_route_proc_init,
  exit: ip6_route_proc_exit,
}

/** Called from inet6_init(); net.ipv6 is there by then. */
export function ip6_route_init(kernel: Kernel): Errno | undefined {
  const refused = ip6_mr_init(kernel)
  if (isErrno(refused)) return refused
  for (const ops of [fib6_net_ops, fib6_rules_net_ops, ip6_route_net_late_ops]) {
    const error = register_pernet_subsys(kernel, ops)
    if (isErrno(error)) return error
  }
  rtnl_register(kernel, AF_INET6, RTM_NEWROUTE, { doit: inet6_rtm_newroute })
  rtnl_register(kernel, AF_INET6, RTM_DELROUTE, { doit: inet6_rtm_delroute })
  rtnl_register(kernel, AF_INET6, RTM_GETROUTE, {
    doit: inet6_rtm_getroute,
    dumpit: inet6_dump_fib,
    flags: RTNL_FLAG_DOIT_UNLOCKED | RTNL_FLAG_DUMP_UNLOCKED | RTNL_FLAG_DUMP_SPLIT_NLM_DONE,
  })
  return undefined
}

/** net/ipv6/ip6mr.c: rules that choose a table of IPv6 multicast routes. There are no such routes yet: rules are kept and shown. */
import type { Kernel } from '../../kernel/kernel.ts'
import { type Errno, isErrno } from '../../uapi/errno.ts'
import { RT_TABLE_MAIN, RTNLGRP_IPV6_RULE } from '../../uapi/linux/rtnetlink.ts'
import { RTNL_FAMILY_IP6MR } from '../../uapi/linux/socket.ts'
import {
  fib_default_rule_add,
  type fib_rules_family,
  fib_rules_register,
  fib_rules_unregister,
  lookup_rules_ops,
} from '../core/fib_rules.ts'
import { type net, type pernet_operations, register_pernet_subsys } from '../core/net_namespace.ts'
import { ipmr_rules_ops_template } from '../ipv4/ipmr_rules.ts'

export const ip6mr_rules_ops_template: fib_rules_family = {
  ...ipmr_rules_ops_template,
  name: 'ip6mr_rules_ops_template',
  family: RTNL_FAMILY_IP6MR,
  addr_size: 16,
  nlgroup: RTNLGRP_IPV6_RULE,
}

export const ip6mr_net_ops: pernet_operations = { name: 'ip6mr_net_ops', init: ip6mr_rules_init, exit: ip6mr_rules_exit }
export function ip6mr_rules_init(net: net): Errno | undefined {
  const ops = fib_rules_register(net, ip6mr_rules_ops_template)
  if (isErrno(ops)) return ops
  fib_default_rule_add(ops, 0x7fff, RT_TABLE_MAIN)
  return undefined
}
export function ip6mr_rules_exit(net: net): void {
  const ops = lookup_rules_ops(net, RTNL_FAMILY_IP6MR)
  if (ops !== undefined) fib_rules_unregister(net, ops)
}
export function ip6_mr_init(kernel: Kernel): Errno | undefined {
  return register_pernet_subsys(kernel, ip6mr_net_ops)
}

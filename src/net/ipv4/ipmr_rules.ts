/** net/ipv4/ipmr.c: rules that choose a table of multicast routes. There are no such routes: rules are kept and shown. */
import type { Kernel } from '../../kernel/kernel.ts'
import type { MessageBuilder } from '../../lib/message.ts'
import { EAGAIN, type Errno, isErrno } from '../../uapi/errno.ts'
import { RT_TABLE_DEFAULT, RTNLGRP_IPV4_RULE } from '../../uapi/linux/rtnetlink.ts'
import { RTNL_FAMILY_IPMR } from '../../uapi/linux/socket.ts'
import {
  fib_default_rule_add,
  type fib_rule,
  type fib_rules_family,
  fib_rules_register,
  fib_rules_unregister,
  lookup_rules_ops,
} from '../core/fib_rules.ts'
import { type net, type pernet_operations, register_pernet_subsys } from '../core/net_namespace.ts'
import { ipmr_rtnl_init } from './ipmr.ts'

export function ipmr_rule_match(): boolean {
  return true
}
export function ipmr_rule_action(): Errno {
  return EAGAIN
}
export function ipmr_rule_suppress(): boolean {
  return false
}
export function ipmr_rule_configure(): undefined {
  return undefined
}
export function ipmr_rule_delete(): undefined {
  return undefined
}
export function ipmr_rule_compare(): boolean {
  return true
}
/** No prefixes, no TOS. */
export function ipmr_rule_fill(_rule: fib_rule, _skb: MessageBuilder, _at: number): void {}

export const ipmr_rules_ops_template: fib_rules_family = {
  name: 'ipmr_rules_ops_template',
  family: RTNL_FAMILY_IPMR,
  addr_size: 4,
  nlgroup: RTNLGRP_IPV4_RULE,
  match: ipmr_rule_match,
  action: ipmr_rule_action,
  suppress: ipmr_rule_suppress,
  configure: ipmr_rule_configure,
  delete: ipmr_rule_delete,
  compare: ipmr_rule_compare,
  fill: ipmr_rule_fill,
}

export const ipmr_net_ops: pernet_operations = { name: 'ipmr_net_ops', init: ipmr_rules_init, exit: ipmr_rules_exit }
export function ipmr_rules_init(net: net): Errno | undefined {
  const ops = fib_rules_register(net, ipmr_rules_ops_template)
  if (isErrno(ops)) return ops
  fib_default_rule_add(ops, 0x7fff, RT_TABLE_DEFAULT)
  return undefined
}
export function ipmr_rules_exit(net: net): void {
  const ops = lookup_rules_ops(net, RTNL_FAMILY_IPMR)
  if (ops !== undefined) fib_rules_unregister(net, ops)
}
export function ip_mr_init(kernel: Kernel): Errno | undefined {
  const refused = register_pernet_subsys(kernel, ipmr_net_ops)
  if (isErrno(refused)) return refused
  ipmr_rtnl_init(kernel)
  return undefined
}

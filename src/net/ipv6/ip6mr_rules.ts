/** net/ipv6/ip6mr.c: tables of IPv6 multicast routes of a namespace, the rules that choose one, and the interfaces that leave them. */
import type { Kernel } from '../../kernel/kernel.ts'
import { NOTIFY_DONE, notifier_block } from '../../kernel/notifier.ts'
import { EINVAL, type Errno, isErrno } from '../../uapi/errno.ts'
import { RT_TABLE_MAIN, RTNLGRP_IPV6_RULE } from '../../uapi/linux/rtnetlink.ts'
import { RTNL_FAMILY_IP6MR } from '../../uapi/linux/socket.ts'
import { register_netdevice_notifier } from '../core/dev.ts'
import {
  fib_default_rule_add,
  type fib_rules_family,
  fib_rules_register,
  fib_rules_unregister,
  lookup_rules_ops,
} from '../core/fib_rules.ts'
import { l3mdev_update_flow } from '../core/l3mdev.ts'
import { type net, type pernet_operations, register_pernet_subsys } from '../core/net_namespace.ts'
import { NETDEV_UNREGISTER, type netdev_notifier_info } from '../core/netdevice.ts'
import { mr_table } from '../ipv4/ipmr_base.ts'
import { ipmr_rules_ops_template, mr_device_gone, mr_fib_lookup, mr_free_tables } from '../ipv4/ipmr_rules.ts'
import type { flowi6 } from './ip6_fib_lookup.ts'
import { ip6mr_family } from './ip6mr_family.ts'

/** Beyond it a table's register device would have no name. */
const MAX_TABLE = 100000000

export function ip6mr_get_table(net: net, id: number): mr_table | undefined {
  return net.ipv6.mr6_tables.get(id)
}
export function ip6mr_new_table(net: net, id: number): mr_table | Errno {
  if (id !== RT_TABLE_MAIN && id >= MAX_TABLE) return EINVAL
  const known = ip6mr_get_table(net, id)
  if (known !== undefined) return known
  const mrt = new mr_table(net, id, ip6mr_family)
  net.ipv6.mr6_tables.set(id, mrt)
  return mrt
}
export function ip6mr_fib_lookup(net: net, fl6: flowi6): mr_table | Errno {
  l3mdev_update_flow(net, fl6)
  return mr_fib_lookup(net, RTNL_FAMILY_IP6MR, fl6, net.ipv6.mr6_tables)
}
export function ip6mr_device_event(_nb: notifier_block, event: number, info: netdev_notifier_info): number {
  if (event === NETDEV_UNREGISTER) mr_device_gone(info.dev.nd_net.ipv6.mr6_tables.values(), info)
  return NOTIFY_DONE
}

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
  ip6mr_new_table(net, RT_TABLE_MAIN)
  fib_default_rule_add(ops, 0x7fff, RT_TABLE_MAIN)
  return undefined
}
export function ip6mr_rules_exit(net: net): void {
  mr_free_tables(net.ipv6.mr6_tables)
  const ops = lookup_rules_ops(net, RTNL_FAMILY_IP6MR)
  if (ops !== undefined) fib_rules_unregister(net, ops)
}
export function ip6_mr_init(kernel: Kernel): Errno | undefined {
  const refused = register_pernet_subsys(kernel, ip6mr_net_ops)
  if (isErrno(refused)) return refused
  register_netdevice_notifier(kernel, new notifier_block(ip6mr_device_event, kernel))
  return undefined
}

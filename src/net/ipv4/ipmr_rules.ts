/** net/ipv4/ipmr.c: tables of multicast routes of a namespace, the rules that choose one, and the interfaces that leave them. */
import type { Kernel } from '../../kernel/kernel.ts'
import { NOTIFY_DONE, notifier_block } from '../../kernel/notifier.ts'
import type { MessageBuilder } from '../../lib/message.ts'
import { EACCES, EAGAIN, EINVAL, ENETUNREACH, ESRCH, type Errno, isErrno } from '../../uapi/errno.ts'
import { FR_ACT_PROHIBIT, FR_ACT_TO_TBL, FR_ACT_UNREACHABLE } from '../../uapi/linux/fib_rules.ts'
import { RT_TABLE_DEFAULT, RTNLGRP_IPV4_RULE } from '../../uapi/linux/rtnetlink.ts'
import { RTNL_FAMILY_IPMR } from '../../uapi/linux/socket.ts'
import { register_netdevice_notifier } from '../core/dev.ts'
import {
  fib_default_rule_add,
  type fib_rule,
  type fib_rules_family,
  fib_rules_lookup,
  fib_rules_register,
  fib_rules_unregister,
  type flowi_common,
  lookup_rules_ops,
} from '../core/fib_rules.ts'
import { type net, type pernet_operations, register_pernet_subsys } from '../core/net_namespace.ts'
import { NETDEV_UNREGISTER, type netdev_notifier_info } from '../core/netdevice.ts'
import type { flowi4 } from './fib_lookup.ts'
import { fib4_rule_flow } from './fib_rules.ts'
import { ipmr_rtnl_init } from './ipmr.ts'
import {
  MRT_FLUSH_MFC,
  MRT_FLUSH_MFC_STATIC,
  MRT_FLUSH_VIFS,
  MRT_FLUSH_VIFS_STATIC,
  mr_table,
  mroute_clean_tables,
  vif_delete,
} from './ipmr_base.ts'
import { ipmr_family } from './ipmr_family.ts'
import { pim_init } from './ipmr_input.ts'

/** Beyond it a table's register device would have no name. */
const MAX_TABLE = 1000000000

export function ipmr_get_table(net: net, id: number): mr_table | undefined {
  return net.ipv4.mr_tables.get(id)
}
/** ipmr_new_table(): "pimreg%u" must be a device's name. */
export function ipmr_new_table(net: net, id: number): mr_table | Errno {
  if (id !== RT_TABLE_DEFAULT && id >= MAX_TABLE) return EINVAL
  const known = ipmr_get_table(net, id)
  if (known !== undefined) return known
  const mrt = new mr_table(net, id, ipmr_family)
  net.ipv4.mr_tables.set(id, mrt)
  return mrt
}
/** What a lookup of a rule ends with: the family's tables, and the one found. */
export class ipmr_result {
  readonly tables: ReadonlyMap<number, mr_table>
  mrt: mr_table | undefined = undefined
  constructor(tables: ReadonlyMap<number, mr_table>) {
    this.tables = tables
  }
}
/** The table that the rules name for a flow; ESRCH: none does. */
export function mr_fib_lookup(net: net, family: number, flow: flowi_common, tables: ReadonlyMap<number, mr_table>): mr_table | Errno {
  const ops = lookup_rules_ops(net, family)
  const res = new ipmr_result(tables)
  const error = ops === undefined ? ESRCH : fib_rules_lookup(net, ops, flow, 0, res)
  return error ?? res.mrt ?? ESRCH
}
export function ipmr_fib_lookup(net: net, fl: flowi4): mr_table | Errno {
  return mr_fib_lookup(net, RTNL_FAMILY_IPMR, new fib4_rule_flow(net, fl), net.ipv4.mr_tables)
}

export function ipmr_rule_match(): boolean {
  return true
}
export function ipmr_rule_action(_net: net, rule: fib_rule, flow: flowi_common, _flags: number, res: ipmr_result): Errno | undefined {
  if (rule.action === FR_ACT_UNREACHABLE) return ENETUNREACH
  if (rule.action === FR_ACT_PROHIBIT) return EACCES
  if (rule.action !== FR_ACT_TO_TBL) return EINVAL
  const { flowi_l3mdev_table } = flow as flowi_common & { flowi_l3mdev_table: number }
  res.mrt = res.tables.get(rule.l3mdev !== 0 ? flowi_l3mdev_table : rule.table)
  return res.mrt === undefined ? EAGAIN : undefined
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
  by_source: false,
  fill: ipmr_rule_fill,
}

/** ipmr_device_event(): a device that goes is no interface any more. */
export function mr_device_gone(tables: Iterable<mr_table>, { dev }: netdev_notifier_info): void {
  for (const mrt of tables) mrt.vif_table.slice().forEach((v, vifi) => v?.dev === dev && vif_delete(mrt, vifi, true))
}
export function ipmr_device_event(_nb: notifier_block, event: number, info: netdev_notifier_info): number {
  if (event === NETDEV_UNREGISTER) mr_device_gone(info.dev.nd_net.ipv4.mr_tables.values(), info)
  return NOTIFY_DONE
}
/** The namespace ends (ipmr_free_table). */
export function mr_free_tables(tables: Map<number, mr_table>): void {
  const all = MRT_FLUSH_VIFS | MRT_FLUSH_VIFS_STATIC | MRT_FLUSH_MFC | MRT_FLUSH_MFC_STATIC
  for (const mrt of tables.values()) mroute_clean_tables(mrt, all)
  tables.clear()
}

export const ipmr_net_ops: pernet_operations = { name: 'ipmr_net_ops', init: ipmr_rules_init, exit: ipmr_rules_exit }
export function ipmr_rules_init(net: net): Errno | undefined {
  const ops = fib_rules_register(net, ipmr_rules_ops_template)
  if (isErrno(ops)) return ops
  ipmr_new_table(net, RT_TABLE_DEFAULT)
  fib_default_rule_add(ops, 0x7fff, RT_TABLE_DEFAULT)
  return undefined
}
export function ipmr_rules_exit(net: net): void {
  mr_free_tables(net.ipv4.mr_tables)
  const ops = lookup_rules_ops(net, RTNL_FAMILY_IPMR)
  if (ops !== undefined) fib_rules_unregister(net, ops)
}
export function ip_mr_init(kernel: Kernel): Errno | undefined {
  const refused = register_pernet_subsys(kernel, ipmr_net_ops)
  if (isErrno(refused)) return refused
  register_netdevice_notifier(kernel, new notifier_block(ipmr_device_event, kernel))
  ipmr_rtnl_init(kernel)
  pim_init(kernel.init_net)
  return undefined
}

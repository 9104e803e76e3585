/** net/ipv6/fib6_rules.c: policy rules of IPv6. */
import type { AttrTable } from '../../lib/attrs.ts'
import type { MessageBuilder } from '../../lib/message.ts'
import { EACCES, EAGAIN, EINVAL, ENETUNREACH, type Errno, isErrno } from '../../uapi/errno.ts'
import {
  FIB_RULE_FIND_SADDR,
  FR_ACT_PROHIBIT,
  FR_ACT_TO_TBL,
  FR_ACT_UNREACHABLE,
  FRA_DSCP,
  FRA_DST,
  FRA_SRC,
} from '../../uapi/linux/fib_rules.ts'
import { in6addr_any, ipv6_addr_equal, ipv6_prefix_equal } from '../../uapi/linux/in6.ts'
import { RT_TABLE_LOCAL, RT_TABLE_MAIN, RT_TABLE_UNSPEC, RTNLGRP_IPV6_RULE } from '../../uapi/linux/rtnetlink.ts'
import { AF_INET6 } from '../../uapi/linux/socket.ts'
import {
  fib_default_rule_add,
  type fib_rule,
  fib_rule_port_inrange,
  type fib_rules_family,
  fib_rules_lookup,
  fib_rules_register,
  fib_rules_unregister,
  lookup_rules_ops,
  type rule_header,
} from '../core/fib_rules.ts'
import type { net } from '../core/net_namespace.ts'
import type { net_device } from '../core/netdevice.ts'
import type { netlink_ext_ack } from '../netlink/extack.ts'
import { ipv6_dev_get_saddr } from './addrconf_saddr.ts'
import { fib6_get_table, fib6_new_table } from './ip6_fib.ts'
import type { fib6_result } from './ip6_fib_info.ts'
import { fib6_table_lookup, type flowi6, RT6_LOOKUP_F_HAS_SADDR } from './ip6_fib_lookup.ts'
import type { fib6_table } from './ip6_fib_node.ts'
import { ip6_pol_route, type rt6_info } from './route.ts'

/** A lookup under way: of routes as tables have them, or (`pol`) of routes for packets. */
export class fib6_lookup_arg {
  readonly pol: boolean
  readonly oif: number
  res: fib6_result | undefined = undefined
  rt: rt6_info | undefined = undefined
  constructor(pol: boolean, oif: number) {
    this.pol = pol
    this.oif = oif
  }
}

/** The source that a packet would get must suit the rule, which could not be asked before. */
function rule_saddr(net: net, rule: fib_rule, flags: number, fl6: flowi6, dev: net_device | undefined): Errno | undefined {
  if (!(rule.flags & FIB_RULE_FIND_SADDR) || rule.src_len === 0 || flags & RT6_LOOKUP_F_HAS_SADDR) return undefined
  const saddr = ipv6_dev_get_saddr(net, dev, fl6.daddr, 0)
  if (isErrno(saddr) || !ipv6_prefix_equal(saddr, rule.src as Uint8Array, rule.src_len)) return EAGAIN
  fl6.saddr = saddr
  return undefined
}
export function fib6_rule_action(net: net, rule: fib_rule, fl6: flowi6, flags: number, arg: fib6_lookup_arg): Errno | undefined {
  arg.rt = undefined
  if (rule.action === FR_ACT_UNREACHABLE) return ENETUNREACH
  if (rule.action === FR_ACT_PROHIBIT) return EACCES
  if (rule.action !== FR_ACT_TO_TBL) return EINVAL
  const table = fib6_get_table(net, rule.l3mdev !== 0 ? fl6.flowi_l3mdev_table : rule.table)
  if (table === undefined) return EAGAIN
  return arg.pol ? pol_action(net, rule, table, fl6, flags, arg) : table_action(net, rule, table, fl6, flags, arg)
}
function table_action(net: net, rule: fib_rule, table: fib6_table, fl6: flowi6, flags: number, arg: fib6_lookup_arg): Errno | undefined {
  arg.res = fib6_table_lookup(net, table, arg.oif, fl6, flags)
  return arg.res === undefined ? EAGAIN : rule_saddr(net, rule, flags, fl6, arg.res.nh.fib_nh_dev)
}
/** A route that rejects is a result too, but for one that throws. */
function pol_action(net: net, rule: fib_rule, table: fib6_table, fl6: flowi6, flags: number, arg: fib6_lookup_arg): Errno | undefined {
  const rt = ip6_pol_route(net, table, arg.oif, fl6, flags)
  if (rt === undefined || rt.error === EAGAIN || isErrno(rule_saddr(net, rule, flags, fl6, rt.dev))) return EAGAIN
  arg.rt = rt
  return rt.error
}
export function fib6_rule_suppress(_net: net, rule: fib_rule, arg: fib6_lookup_arg): boolean {
  const { rt } = arg
  if (rt === undefined) return false
  const suppressed =
    rt.from.f6i.fib6_dst_plen <= rule.suppress_prefixlen || (rule.suppress_ifgroup !== -1 && rt.dev.group === rule.suppress_ifgroup)
  if (suppressed) arg.rt = undefined
  return suppressed
}

/** A flow without a source matches no source, unless the rule says that the choice will show. */
function source_matches(rule: fib_rule, fl6: flowi6, flags: number): boolean {
  if (rule.src_len === 0) return true
  if (flags & RT6_LOOKUP_F_HAS_SADDR) return ipv6_prefix_equal(fl6.saddr, rule.src as Uint8Array, rule.src_len)
  return (rule.flags & FIB_RULE_FIND_SADDR) !== 0
}
export function fib6_rule_match(rule: fib_rule, fl6: flowi6, flags: number): boolean {
  if (rule.dst_len !== 0 && !ipv6_prefix_equal(fl6.daddr, rule.dst as Uint8Array, rule.dst_len)) return false
  if (!source_matches(rule, fl6, flags)) return false
  const dscp = (fl6.flowlabel >>> 20) & 0xfc
  if ((rule.dscp !== 0 || rule.dscp_full) && rule.dscp !== dscp) return false
  if (rule.ip_proto !== 0 && rule.ip_proto !== fl6.flowi6_proto) return false
  return fib_rule_port_inrange(rule.sport, fl6.fl6_sport) && fib_rule_port_inrange(rule.dport, fl6.fl6_dport)
}

export function fib6_rule_configure(net: net, rule: fib_rule, frh: rule_header, tb: AttrTable, extack: netlink_ext_ack): Errno | undefined {
  if (frh.tos & 3) return extack.fail(EINVAL, 'Invalid dsfield (tos): ECN bits must be 0')
  rule.dscp = frh.tos
  if (tb.has(FRA_DSCP)) {
    if (rule.dscp !== 0) return extack.fail(EINVAL, 'Cannot specify both TOS and DSCP')
    rule.dscp = ((tb.get(FRA_DSCP) as number) << 2) & 0xfc
    rule.dscp_full = true
  }
  if (rule.action === FR_ACT_TO_TBL && rule.l3mdev === 0) {
    if (rule.table === RT_TABLE_UNSPEC) return extack.fail(EINVAL, 'Invalid table')
    fib6_new_table(net, rule.table)
  }
  rule.src = frh.src_len === 0 ? in6addr_any : tb.get(FRA_SRC)
  rule.dst = frh.dst_len === 0 ? in6addr_any : tb.get(FRA_DST)
  rule.src_len = frh.src_len
  rule.dst_len = frh.dst_len
  net.ipv6.fib6.has_custom_rules = true
  return undefined
}
/** IPv6 goes on asking the rules only if some have been added; without its default ones it does not notice. */
export function fib6_rule_delete(): undefined {
  return undefined
}
export function fib6_rule_compare(rule: fib_rule, frh: rule_header, tb: AttrTable): boolean {
  if (frh.src_len !== 0 && (rule.src_len !== frh.src_len || !ipv6_addr_equal(rule.src as Uint8Array, tb.get(FRA_SRC) as Uint8Array)))
    return false
  if (frh.dst_len !== 0 && (rule.dst_len !== frh.dst_len || !ipv6_addr_equal(rule.dst as Uint8Array, tb.get(FRA_DST) as Uint8Array)))
    return false
  if (frh.tos !== 0 && (rule.dscp_full || rule.dscp !== frh.tos)) return false
  return !tb.has(FRA_DSCP) || (rule.dscp_full && rule.dscp === (tb.get(FRA_DSCP) as number) << 2)
}
export function fib6_rule_fill(rule: fib_rule, skb: MessageBuilder, at: number): void {
  if (at >= 0) {
    skb.buf[at + 1] = rule.dst_len
    skb.buf[at + 2] = rule.src_len
    skb.buf[at + 3] = rule.dscp_full ? 0 : rule.dscp
  }
  if (rule.dscp_full) skb.put(FRA_DSCP, rule.dscp >> 2)
  if (rule.dst_len !== 0) skb.put(FRA_DST, rule.dst as Uint8Array)
  if (rule.src_len !== 0) skb.put(FRA_SRC, rule.src as Uint8Array)
}

export const fib6_rules_ops_template: fib_rules_family = {
  name: 'fib6_rules_ops_template',
  family: AF_INET6,
  addr_size: 16,
  nlgroup: RTNLGRP_IPV6_RULE,
  match: fib6_rule_match,
  action: fib6_rule_action,
  suppress: fib6_rule_suppress,
  configure: fib6_rule_configure,
  delete: fib6_rule_delete,
  compare: fib6_rule_compare,
  by_source: true,
  fill: fib6_rule_fill,
}

/** Rule by rule; the result is in `arg`. */
export function fib6_rules_lookup(net: net, fl6: flowi6, flags: number, arg: fib6_lookup_arg): Errno | undefined {
  const ops = lookup_rules_ops(net, AF_INET6)
  return ops === undefined ? undefined : fib_rules_lookup(net, ops, fl6, flags, arg)
}

export function fib6_rules_net_init(net: net): Errno | undefined {
  const ops = fib_rules_register(net, fib6_rules_ops_template)
  if (isErrno(ops)) return ops
  fib_default_rule_add(ops, 0, RT_TABLE_LOCAL)
  fib_default_rule_add(ops, 0x7ffe, RT_TABLE_MAIN)
  return undefined
}
export function fib6_rules_net_exit(net: net): void {
  const ops = lookup_rules_ops(net, AF_INET6)
  if (ops !== undefined) fib_rules_unregister(net, ops)
}

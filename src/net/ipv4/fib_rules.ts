/** net/ipv4/fib_rules.c: policy rules of IPv4. */
import type { AttrTable } from '../../lib/attrs.ts'
import { NLA_HDRLEN } from '../../lib/attrs.ts'
import { getBe32, putBe32 } from '../../lib/bytes.ts'
import type { MessageBuilder } from '../../lib/message.ts'
import { EACCES, EAGAIN, EINVAL, ENETUNREACH, ESRCH, type Errno, isErrno } from '../../uapi/errno.ts'
import { FR_ACT_PROHIBIT, FR_ACT_TO_TBL, FR_ACT_UNREACHABLE, FRA_DSCP, FRA_DST, FRA_FLOW, FRA_SRC } from '../../uapi/linux/fib_rules.ts'
import { inet_make_mask } from '../../uapi/linux/in.ts'
import { RT_TABLE_DEFAULT, RT_TABLE_LOCAL, RT_TABLE_MAIN, RT_TABLE_UNSPEC, RTNLGRP_IPV4_RULE } from '../../uapi/linux/rtnetlink.ts'
import { AF_INET } from '../../uapi/linux/socket.ts'
import {
  fib_default_rule_add,
  type fib_rule,
  fib_rule_port_inrange,
  type fib_rules_family,
  fib_rules_lookup,
  fib_rules_register,
  fib_rules_unregister,
  type flowi_common,
  lookup_rules_ops,
  type rule_header,
} from '../core/fib_rules.ts'
import { l3mdev_update_flow } from '../core/l3mdev.ts'
import type { net } from '../core/net_namespace.ts'
import type { netlink_ext_ack } from '../netlink/extack.ts'
import { type fib_result, fib_table_lookup, type flowi4 } from './fib_lookup.ts'
import { fib_unmerge } from './fib_table.ts'
import { fib_get_table, fib_new_table } from './fib_tables.ts'

/** A flow as rules see it: what is not said to come in comes from us. */
export class fib4_rule_flow implements flowi_common {
  readonly fl: flowi4
  readonly flowi_iif: number
  flowi_oif: number
  readonly flowi_mark: number
  readonly flowi_uid: number
  readonly flowi_tun_id: bigint
  flowi_l3mdev = 0
  flowi_l3mdev_table = 0
  flowi_l3mdev_oif = false
  constructor(net: net, fl: flowi4) {
    this.fl = fl
    this.flowi_iif = fl.iif === 0 ? net.loopback_dev.ifindex : fl.iif
    this.flowi_oif = fl.oif
    this.flowi_mark = fl.mark
    this.flowi_uid = fl.uid
    this.flowi_tun_id = fl.tun_id
    this.flowi_l3mdev = fl.l3mdev
    l3mdev_update_flow(net, this)
    fl.oif = this.flowi_oif
    fl.l3mdev = this.flowi_l3mdev
  }
}
/** A lookup under way. */
export class fib4_lookup_arg {
  readonly res: fib_result
  readonly flags: number
  constructor(res: fib_result, flags: number) {
    this.res = res
    this.flags = flags
  }
}

export function fib4_rule_action(net: net, rule: fib_rule, flow: fib4_rule_flow, _flags: number, arg: fib4_lookup_arg): Errno | undefined {
  if (rule.action === FR_ACT_UNREACHABLE) return ENETUNREACH
  if (rule.action === FR_ACT_PROHIBIT) return EACCES
  if (rule.action !== FR_ACT_TO_TBL) return EINVAL
  const tb = fib_get_table(net, rule.l3mdev !== 0 ? flow.flowi_l3mdev_table : rule.table)
  arg.res.tclassid = rule.tclassid
  return tb === undefined ? EAGAIN : fib_table_lookup(tb, flow.fl, arg.res, arg.flags)
}
export function fib4_rule_suppress(_net: net, rule: fib_rule, { res }: fib4_lookup_arg): boolean {
  if (res.prefixlen <= rule.suppress_prefixlen) return true
  return rule.suppress_ifgroup !== -1 && res.nh?.fib_nh_dev?.group === rule.suppress_ifgroup
}
export function fib4_rule_match(rule: fib_rule, { fl }: fib4_rule_flow): boolean {
  if (((fl.saddr ^ (rule.src as number)) & inet_make_mask(rule.src_len)) !== 0) return false
  if (((fl.daddr ^ (rule.dst as number)) & inet_make_mask(rule.dst_len)) !== 0) return false
  // by TOS only three of the six bits count, as of old
  if (rule.dscp_full ? rule.dscp !== (fl.tos & 0xfc) : rule.dscp !== 0 && rule.dscp !== (fl.tos & IPTOS_RT_MASK)) return false
  if (rule.ip_proto !== 0 && rule.ip_proto !== fl.proto) return false
  return fib_rule_port_inrange(rule.sport, fl.sport) && fib_rule_port_inrange(rule.dport, fl.dport)
}
const IPTOS_TOS_MASK = 0x1e
const IPTOS_RT_MASK = IPTOS_TOS_MASK & ~3

/** The lowest number that no table has (fib_empty_table): for rules that name none. */
function fib_empty_table(net: net): number {
  let id = 1
  while (fib_get_table(net, id) !== undefined) id++
  return fib_new_table(net, id).tb_id
}
function in_addr(tb: AttrTable, a: typeof FRA_SRC, len: number): number {
  return len === 0 ? 0 : getBe32(tb.buf, tb.at(a) + NLA_HDRLEN)
}
export function fib4_rule_configure(net: net, rule: fib_rule, frh: rule_header, tb: AttrTable, extack: netlink_ext_ack): Errno | undefined {
  if (frh.tos & 3) return extack.fail(EINVAL, 'Invalid dsfield (tos): ECN bits must be 0')
  if (frh.tos & ~IPTOS_TOS_MASK) return extack.fail(EINVAL, 'Invalid tos')
  rule.dscp = frh.tos
  if (tb.has(FRA_DSCP)) {
    if (rule.dscp !== 0) return extack.fail(EINVAL, 'Cannot specify both TOS and DSCP')
    rule.dscp = (tb.get(FRA_DSCP) as number) << 2
    rule.dscp_full = true
  }
  if (rule.table === RT_TABLE_UNSPEC && rule.l3mdev === 0 && rule.action === FR_ACT_TO_TBL) rule.table = fib_empty_table(net)
  rule.src = in_addr(tb, FRA_SRC, frh.src_len)
  rule.dst = in_addr(tb, FRA_DST, frh.dst_len)
  rule.src_len = frh.src_len
  rule.dst_len = frh.dst_len
  rule.tclassid = tb.get(FRA_FLOW) ?? 0
  fib_unmerge(net)
  net.ipv4.fib_has_custom_rules = true
  return undefined
}
export function fib4_rule_delete(net: net): undefined {
  fib_unmerge(net)
  net.ipv4.fib_has_custom_rules = true
  return undefined
}
export function fib4_rule_compare(rule: fib_rule, frh: rule_header, tb: AttrTable): boolean {
  if (frh.src_len !== 0 && (rule.src_len !== frh.src_len || rule.src !== in_addr(tb, FRA_SRC, frh.src_len))) return false
  if (frh.dst_len !== 0 && (rule.dst_len !== frh.dst_len || rule.dst !== in_addr(tb, FRA_DST, frh.dst_len))) return false
  if (frh.tos !== 0 && (rule.dscp_full || rule.dscp !== frh.tos)) return false
  if (tb.has(FRA_DSCP) && (!rule.dscp_full || rule.dscp !== (tb.get(FRA_DSCP) as number) << 2)) return false
  return !tb.has(FRA_FLOW) || rule.tclassid === tb.get(FRA_FLOW)
}
function put_in_addr(skb: MessageBuilder, nr: number, addr: number): void {
  const o = skb.reserve(nr, 4)
  if (o >= 0) putBe32(skb.buf, o, addr)
}
export function fib4_rule_fill(rule: fib_rule, skb: MessageBuilder, at: number): void {
  if (at >= 0) {
    skb.buf[at + 1] = rule.dst_len
    skb.buf[at + 2] = rule.src_len
    skb.buf[at + 3] = rule.dscp_full ? 0 : rule.dscp
  }
  if (rule.dscp_full) skb.put(FRA_DSCP, rule.dscp >> 2)
  if (rule.dst_len !== 0) put_in_addr(skb, FRA_DST.nr, rule.dst as number)
  if (rule.src_len !== 0) put_in_addr(skb, FRA_SRC.nr, rule.src as number)
  if (rule.tclassid !== 0) skb.put(FRA_FLOW, rule.tclassid)
}

export const fib4_rules_ops_template: fib_rules_family = {
  name: 'fib4_rules_ops_template',
  family: AF_INET,
  addr_size: 4,
  nlgroup: RTNLGRP_IPV4_RULE,
  match: fib4_rule_match,
  action: fib4_rule_action,
  suppress: fib4_rule_suppress,
  configure: fib4_rule_configure,
  delete: fib4_rule_delete,
  compare: fib4_rule_compare,
  by_source: true,
  fill: fib4_rule_fill,
}

/** Rule by rule (__fib_lookup): ENETUNREACH where none has a result. */
export function __fib_lookup(net: net, fl: flowi4, res: fib_result, flags: number): Errno | undefined {
  const ops = lookup_rules_ops(net, AF_INET)
  const error = ops === undefined ? ESRCH : fib_rules_lookup(net, ops, new fib4_rule_flow(net, fl), 0, new fib4_lookup_arg(res, flags))
  return error === ESRCH ? ENETUNREACH : error
}

/** Local before main before default. */
export function fib4_rules_init(net: net): Errno | undefined {
  const ops = fib_rules_register(net, fib4_rules_ops_template)
  if (isErrno(ops)) return ops
  fib_default_rule_add(ops, 0, RT_TABLE_LOCAL)
  fib_default_rule_add(ops, 0x7ffe, RT_TABLE_MAIN)
  fib_default_rule_add(ops, 0x7fff, RT_TABLE_DEFAULT)
  return undefined
}
export function fib4_rules_exit(net: net): void {
  const ops = lookup_rules_ops(net, AF_INET)
  if (ops !== undefined) fib_rules_unregister(net, ops)
}

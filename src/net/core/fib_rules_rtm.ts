/** net/core/fib_rules.c fib_nl_newrule, fib_nl_delrule: rules come and go. */
import type { Kernel } from '../../kernel/kernel.ts'
import { NOTIFY_DONE, notifier_block } from '../../kernel/notifier.ts'
import { type Attr, type AttrTable, NLA_HDRLEN } from '../../lib/attrs.ts'
import { get16, get32, getBe32, hex } from '../../lib/bytes.ts'
import { NLMSG_HDRLEN } from '../../lib/message.ts'
import { EAFNOSUPPORT, EEXIST, EINVAL, ENOENT, EPERM, type Errno, isErrno } from '../../uapi/errno.ts'
import {
  FIB_RULE_PERMANENT,
  FR_ACT_GOTO,
  FRA,
  FRA_DPORT_RANGE,
  FRA_DST,
  FRA_FWMARK,
  FRA_FWMASK,
  FRA_GOTO,
  FRA_IIFNAME,
  FRA_IP_PROTO,
  FRA_L3MDEV,
  FRA_OIFNAME,
  FRA_PRIORITY,
  FRA_PROTOCOL,
  FRA_SPORT_RANGE,
  FRA_SRC,
  FRA_SUPPRESS_IFGROUP,
  FRA_SUPPRESS_PREFIXLEN,
  FRA_TABLE,
  FRA_TUN_ID,
  FRA_UID_RANGE,
  fib_rule_hdr,
} from '../../uapi/linux/fib_rules.ts'
import { NLM_F_EXCL } from '../../uapi/linux/netlink.ts'
import { RTM_DELRULE, RTM_GETRULE, RTM_NEWRULE } from '../../uapi/linux/rtnetlink.ts'
import { AF_UNSPEC } from '../../uapi/linux/socket.ts'
import { nlmsg_parse_deprecated } from '../netlink/attr.ts'
import { max, NLA_STRING, NLA_U8, NLA_U32, NLA_U64, NLA_UNSPEC, policy } from '../netlink/policy.ts'
import type { Request } from '../netlink/types.ts'
import { __dev_get_by_name, register_netdevice_notifier } from './dev.ts'
import { fib_default_rule_pref, fib_rule, type fib_rules_ops, lookup_rules_ops, type rule_header } from './fib_rules.ts'
import { fib_nl_dumprule, notify_rule_change } from './fib_rules_fill.ts'
import type { net } from './net_namespace.ts'
import { NETDEV_CHANGENAME, NETDEV_REGISTER, NETDEV_UNREGISTER, type net_device, type netdev_notifier_info } from './netdevice.ts'
import { RTNL_FLAG_DUMP_UNLOCKED, rtnl_register } from './rtnetlink.ts'

export const fib_rule_policy = policy(
  FRA,
  {
    FRA_IIFNAME: NLA_STRING(15),
    FRA_OIFNAME: NLA_STRING(15),
    FRA_PRIORITY: NLA_U32,
    FRA_FWMARK: NLA_U32,
    FRA_FLOW: NLA_U32,
    FRA_TUN_ID: NLA_U64,
    FRA_FWMASK: NLA_U32,
    FRA_TABLE: NLA_U32,
    FRA_SUPPRESS_PREFIXLEN: NLA_U32,
    FRA_SUPPRESS_IFGROUP: NLA_U32,
    FRA_GOTO: NLA_U32,
    FRA_L3MDEV: NLA_U8,
    FRA_UID_RANGE: NLA_UNSPEC(8),
    FRA_PROTOCOL: NLA_U8,
    FRA_IP_PROTO: NLA_U8,
    FRA_SPORT_RANGE: NLA_UNSPEC(4),
    FRA_DPORT_RANGE: NLA_UNSPEC(4),
    FRA_DSCP: max(NLA_U8, 63),
  },
  { name: 'fib_rule_policy', strict_start_type: FRA_DPORT_RANGE.nr + 1 },
)

/** A request, taken apart. */
interface rule_request {
  readonly ops: fib_rules_ops
  readonly frh: rule_header
  readonly tb: AttrTable
  readonly rule: fib_rule
}
function parse(req: Request): rule_request | Errno {
  const { extack, buf, net } = req
  if (buf.length < NLMSG_HDRLEN + fib_rule_hdr.size) return extack.fail(EINVAL, 'Invalid msg length')
  const frh = fib_rule_hdr.get(buf, NLMSG_HDRLEN)
  const ops = lookup_rules_ops(net, frh.family)
  if (ops === undefined) return extack.fail(EAFNOSUPPORT, 'Rule family not supported')
  const tb = nlmsg_parse_deprecated(req, fib_rule_hdr.size, fib_rule_policy)
  if (isErrno(tb)) return extack.fail(tb, 'Error parsing msg')
  const rule = fib_nl2rule(req, ops, frh, tb)
  return isErrno(rule) ? rule : { ops, frh, tb, rule }
}

function address_ok(tb: AttrTable, a: Attr<any>, len: number, addr_size: number): boolean {
  return len === 0 || (tb.has(a) && len <= addr_size * 8 && tb.length(a) === addr_size)
}
function index_of(net: net, name: string): number {
  return __dev_get_by_name(net, name)?.ifindex ?? -1
}
function fib_nl2rule(req: Request, ops: fib_rules_ops, frh: rule_header, tb: AttrTable): fib_rule | Errno {
  const { extack, net } = req
  const { addr_size } = ops.ops
  if (!address_ok(tb, FRA_SRC, frh.src_len, addr_size)) return extack.fail(EINVAL, 'Invalid source address')
  if (!address_ok(tb, FRA_DST, frh.dst_len, addr_size)) return extack.fail(EINVAL, 'Invalid dst address')
  const rule = new fib_rule()
  if (ops.ops.by_source && frh.src_len !== 0) rule.src_key = `${frh.src_len} ${hex(tb.payload(FRA_SRC) as Uint8Array)}`
  rule.pref = tb.get(FRA_PRIORITY) ?? fib_default_rule_pref(ops)
  rule.proto = tb.get(FRA_PROTOCOL) ?? 0
  if (tb.has(FRA_IIFNAME)) {
    rule.iifname = (tb.get(FRA_IIFNAME) as string).slice(0, 15)
    rule.iifindex = index_of(net, rule.iifname)
  }
  if (tb.has(FRA_OIFNAME)) {
    rule.oifname = (tb.get(FRA_OIFNAME) as string).slice(0, 15)
    rule.oifindex = index_of(net, rule.oifname)
  }
  rule.mark = tb.get(FRA_FWMARK) ?? 0
  // a mark alone is compared in full
  rule.mark_mask = tb.get(FRA_FWMASK) ?? (rule.mark === 0 ? 0 : 0xffffffff)
  if (tb.has(FRA_TUN_ID)) {
    const o = tb.at(FRA_TUN_ID) + NLA_HDRLEN
    rule.tun_id = (BigInt(getBe32(tb.buf, o)) << 32n) | BigInt(getBe32(tb.buf, o + 4))
  }
  rule.l3mdev = tb.get(FRA_L3MDEV) ?? 0
  if (tb.has(FRA_L3MDEV) && rule.l3mdev !== 1) return extack.fail(EINVAL, 'Invalid l3mdev attribute')
  rule.action = frh.action
  rule.flags = frh.flags
  rule.table = tb.get(FRA_TABLE) ?? frh.table
  rule.suppress_prefixlen = (tb.get(FRA_SUPPRESS_PREFIXLEN) ?? -1) | 0
  rule.suppress_ifgroup = (tb.get(FRA_SUPPRESS_IFGROUP) ?? -1) | 0
  return goto_target(rule, tb, req) ?? selectors(rule, tb, req) ?? rule
}
function goto_target(rule: fib_rule, tb: AttrTable, { extack }: Request): Errno | undefined {
  if (tb.has(FRA_GOTO)) {
    if (rule.action !== FR_ACT_GOTO) return extack.fail(EINVAL, 'Unexpected goto')
    rule.target = tb.get(FRA_GOTO) as number
    if (rule.target <= rule.pref) return extack.fail(EINVAL, 'Backward goto not supported')
  } else if (rule.action === FR_ACT_GOTO) {
    return extack.fail(EINVAL, 'Missing goto target for action goto')
  }
  return rule.l3mdev !== 0 && rule.table !== 0 ? extack.fail(EINVAL, 'l3mdev and table are mutually exclusive') : undefined
}
/** Undefined: not a range. */
function port_range(tb: AttrTable, a: Attr<any>): [number, number] | undefined {
  if (!tb.has(a)) return [0, 0]
  const o = tb.at(a) + NLA_HDRLEN
  const start = get16(tb.buf, o)
  const end = get16(tb.buf, o + 2)
  return start !== 0 && end !== 0 && end < 0xffff && start <= end ? [start, end] : undefined
}
function selectors(rule: fib_rule, tb: AttrTable, { extack }: Request): Errno | undefined {
  if (tb.has(FRA_UID_RANGE)) {
    const o = tb.at(FRA_UID_RANGE) + NLA_HDRLEN
    rule.uid_set = true
    rule.uid_start = get32(tb.buf, o)
    rule.uid_end = get32(tb.buf, o + 4)
    const invalid = rule.uid_start === 0xffffffff || rule.uid_end === 0xffffffff
    if (invalid || rule.uid_start > rule.uid_end) return extack.fail(EINVAL, 'Invalid uid range')
  }
  rule.ip_proto = tb.get(FRA_IP_PROTO) ?? 0
  const sport = port_range(tb, FRA_SPORT_RANGE)
  if (sport === undefined) return extack.fail(EINVAL, 'Invalid sport range')
  const dport = port_range(tb, FRA_DPORT_RANGE)
  if (dport === undefined) return extack.fail(EINVAL, 'Invalid dport range')
  rule.sport = sport
  rule.dport = dport
  return undefined
}

function same_range(a: readonly [number, number], b: readonly [number, number]): boolean {
  return a[0] === b[0] && a[1] === b[1]
}
/** rule_exists(): equal in all. */
function equal(r: fib_rule, { rule, ops, frh, tb }: rule_request): boolean {
  return (
    r.action === rule.action &&
    r.table === rule.table &&
    r.pref === rule.pref &&
    r.iifname === rule.iifname &&
    r.oifname === rule.oifname &&
    r.mark === rule.mark &&
    r.suppress_ifgroup === rule.suppress_ifgroup &&
    r.suppress_prefixlen === rule.suppress_prefixlen &&
    r.mark_mask === rule.mark_mask &&
    r.tun_id === rule.tun_id &&
    r.l3mdev === rule.l3mdev &&
    r.uid_start === rule.uid_start &&
    r.uid_end === rule.uid_end &&
    r.ip_proto === rule.ip_proto &&
    r.proto === rule.proto &&
    same_range(r.sport, rule.sport) &&
    same_range(r.dport, rule.dport) &&
    ops.ops.compare(r, frh, tb)
  )
}
/** rule_find(): what the request leaves open fits any. */
function fits(r: fib_rule, { rule, ops, frh, tb }: rule_request): boolean {
  if (rule.action !== 0 && r.action !== rule.action) return false
  if (rule.table !== 0 && r.table !== rule.table) return false
  if (tb.has(FRA_PRIORITY) && r.pref !== rule.pref) return false
  if (rule.iifname !== '' && r.iifname !== rule.iifname) return false
  if (rule.oifname !== '' && r.oifname !== rule.oifname) return false
  if (rule.mark !== 0 && r.mark !== rule.mark) return false
  if (rule.suppress_ifgroup !== -1 && r.suppress_ifgroup !== rule.suppress_ifgroup) return false
  if (rule.suppress_prefixlen !== -1 && r.suppress_prefixlen !== rule.suppress_prefixlen) return false
  if (rule.mark_mask !== 0 && r.mark_mask !== rule.mark_mask) return false
  if (rule.tun_id !== 0n && r.tun_id !== rule.tun_id) return false
  if (rule.l3mdev !== 0 && r.l3mdev !== rule.l3mdev) return false
  if (rule.uid_set && (r.uid_start !== rule.uid_start || r.uid_end !== rule.uid_end)) return false
  if (rule.ip_proto !== 0 && r.ip_proto !== rule.ip_proto) return false
  if (rule.proto !== 0 && r.proto !== rule.proto) return false
  if (rule.sport[0] !== 0 && !same_range(r.sport, rule.sport)) return false
  if (rule.dport[0] !== 0 && !same_range(r.dport, rule.dport)) return false
  return ops.ops.compare(r, frh, tb)
}

function exists({ rules_list }: fib_rules_ops, asked: rule_request): boolean {
  const { pref, src_key } = asked.rule
  if (src_key !== '') return rules_list.of_source(src_key).some((rule) => equal(rule, asked))
  for (const rule of rules_list.from(pref)) {
    if (rule.pref !== pref) return false
    if (equal(rule, asked)) return true
  }
  return false
}
/** The first that fits; only those of its priority are looked at, where the request gives one. */
function find({ rules_list }: fib_rules_ops, asked: rule_request): fib_rule | undefined {
  const { pref, src_key } = asked.rule
  if (src_key !== '') return rules_list.of_source(src_key).find((rule) => fits(rule, asked))
  const given = asked.tb.has(FRA_PRIORITY)
  for (const rule of rules_list.from(given ? pref : 0)) {
    if (given && rule.pref !== pref) return undefined
    if (fits(rule, asked)) return rule
  }
  return undefined
}

export function fib_nl_newrule(req: Request): Errno | undefined {
  const asked = parse(req)
  if (isErrno(asked)) return asked
  const { ops, rule, frh, tb } = asked
  const list = ops.rules_list
  if (req.flags & NLM_F_EXCL && exists(ops, asked)) return EEXIST
  const error = ops.ops.configure(req.net, rule, frh, tb, req.extack)
  if (isErrno(error)) return error
  if (rule.action === FR_ACT_GOTO) {
    rule.ctarget = list.first_of(rule.target)
    ops.nr_goto_rules++
  }
  list.add(rule)
  if (ops.nr_goto_rules > 0) for (const r of list) if (r.action === FR_ACT_GOTO && r.target === rule.pref) r.ctarget ??= rule
  notify_rule_change(RTM_NEWRULE, rule, ops, req)
  return undefined
}
export function fib_nl_delrule(req: Request): Errno | undefined {
  const asked = parse(req)
  if (isErrno(asked)) return asked
  const { ops } = asked
  const list = ops.rules_list
  const rule = find(ops, asked)
  if (rule === undefined) return ENOENT
  if (rule.flags & FIB_RULE_PERMANENT) return EPERM
  const error = ops.ops.delete(req.net, rule)
  if (isErrno(error)) return error
  list.del(rule)
  if (rule.action === FR_ACT_GOTO) ops.nr_goto_rules--
  // gotos that led here go on to the next of the same priority
  const next = list.first_of(rule.pref)
  if (ops.nr_goto_rules > 0) for (const r of list) if (r.ctarget === rule) r.ctarget = next
  notify_rule_change(RTM_DELRULE, rule, ops, req)
  return undefined
}

function attach_rules(ops: fib_rules_ops, dev: net_device): void {
  for (const rule of ops.rules_list) {
    if (rule.iifindex === -1 && rule.iifname === dev.name) rule.iifindex = dev.ifindex
    if (rule.oifindex === -1 && rule.oifname === dev.name) rule.oifindex = dev.ifindex
  }
}
function detach_rules(ops: fib_rules_ops, dev: net_device): void {
  for (const rule of ops.rules_list) {
    if (rule.iifindex === dev.ifindex) rule.iifindex = -1
    if (rule.oifindex === dev.ifindex) rule.oifindex = -1
  }
}
/** On the netdev chain: rules name devices, and hold for whichever has the name. */
export function fib_rules_event(_nb: notifier_block, event: number, { dev }: netdev_notifier_info): number {
  for (const ops of dev.nd_net.rules_ops) {
    if (event === NETDEV_CHANGENAME || event === NETDEV_UNREGISTER) detach_rules(ops, dev)
    if (event === NETDEV_CHANGENAME || event === NETDEV_REGISTER) attach_rules(ops, dev)
  }
  return NOTIFY_DONE
}

/** subsys_initcall */
export function fib_rules_init(kernel: Kernel): Errno | undefined {
  rtnl_register(kernel, AF_UNSPEC, RTM_NEWRULE, { doit: fib_nl_newrule })
  rtnl_register(kernel, AF_UNSPEC, RTM_DELRULE, { doit: fib_nl_delrule })
  rtnl_register(kernel, AF_UNSPEC, RTM_GETRULE, { dumpit: fib_nl_dumprule, flags: RTNL_FLAG_DUMP_UNLOCKED })
  register_netdevice_notifier(kernel, new notifier_block(fib_rules_event, kernel))
  return undefined
}

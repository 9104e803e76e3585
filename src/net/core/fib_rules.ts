/**
 * net/core/fib_rules.c: policy rules, common to the families: which rule a flow meets first, and what becomes of it. What a
 * rule says of addresses, and what its table is, the family knows.
 */
import type { AttrTable } from '../../lib/attrs.ts'
import type { MessageBuilder } from '../../lib/message.ts'
import { EAGAIN, EEXIST, ESRCH, type Errno } from '../../uapi/errno.ts'
import { FIB_RULE_INVERT, FR_ACT_GOTO, FR_ACT_NOP, FR_ACT_TO_TBL, type fib_rule_hdr } from '../../uapi/linux/fib_rules.ts'
import { RTPROT_KERNEL } from '../../uapi/linux/rtnetlink.ts'
import type { netlink_ext_ack } from '../netlink/extack.ts'
import { fib_rule_list, place_of } from './fib_rules_list.ts'
import type { net } from './net_namespace.ts'

export type rule_header = ReturnType<typeof fib_rule_hdr.get>

/** What every family's flow has. */
export interface flowi_common {
  flowi_iif: number
  flowi_oif: number
  flowi_mark: number
  flowi_uid: number
  flowi_tun_id: bigint
  /** Index of the layer-3 master that the flow belongs to; 0: none. */
  flowi_l3mdev: number
  /** Its table, and whether the flow's output device led to it. */
  flowi_l3mdev_table: number
  flowi_l3mdev_oif: boolean
}

/** Both families' rule: addresses are IPv4 numbers in host order or 16 bytes, as the family has them. */
export class fib_rule {
  pref = 0
  action = FR_ACT_TO_TBL
  table = 0
  /** FIB_RULE_* as given. */
  flags = 0
  proto = 0
  iifname = ''
  oifname = ''
  /** Of the device so named; -1: there is none now; 0: any. */
  iifindex = 0
  oifindex = 0
  mark = 0
  mark_mask = 0
  tun_id = 0n
  l3mdev = 0
  /** Results with a prefix this short, or through a device of this group, do not count; -1: all count. */
  suppress_prefixlen = -1
  suppress_ifgroup = -1
  /** FR_ACT_GOTO: where to go on. */
  target = 0
  ctarget: fib_rule | undefined = undefined
  /** All users unless uid_set. */
  uid_set = false
  uid_start = 0
  uid_end = 0xffffffff
  ip_proto = 0
  /** Ports from, to; 0: any. */
  sport: [number, number] = [0, 0]
  dport: [number, number] = [0, 0]
  // the family's
  dst: unknown = undefined
  dst_len = 0
  src: unknown = undefined
  src_len = 0
  /** The same as requests name it; '': from anywhere, or the family does not tell rules apart by it. */
  src_key = ''
  /** The upper six bits of the TOS byte; with dscp_full all of them count, else (IPv4) the lower three. */
  dscp = 0
  dscp_full = false
  tclassid = 0
}

/** What a family does with rules (struct fib_rules_ops): an exported constant. `arg` is the lookup's own. */
export interface fib_rules_family {
  readonly name: string
  readonly family: number
  readonly addr_size: number
  readonly nlgroup: number
  readonly match: (rule: fib_rule, fl: any, flags: number) => boolean
  /** EAGAIN: no result here, on to the next rule; undefined: a result in `arg`. */
  readonly action: (net: net, rule: fib_rule, fl: any, flags: number, arg: any) => Errno | undefined
  /** Whether the rule forbids the result in `arg`. */
  readonly suppress: (net: net, rule: fib_rule, arg: any) => boolean
  readonly configure: (net: net, rule: fib_rule, frh: rule_header, tb: AttrTable, extack: netlink_ext_ack) => Errno | undefined
  readonly delete: (net: net, rule: fib_rule) => Errno | undefined
  readonly compare: (rule: fib_rule, frh: rule_header, tb: AttrTable) => boolean
  /** compare() minds the source that a request names. */
  readonly by_source: boolean
  /** Fills the header's family part and adds the family's attributes; `at` is the header's offset. */
  readonly fill: (rule: fib_rule, skb: MessageBuilder, at: number) => void
}

/** A namespace's rules of one family. */
export class fib_rules_ops {
  readonly ops: fib_rules_family
  rules_list = new fib_rule_list()
  nr_goto_rules = 0
  constructor(ops: fib_rules_family) {
    this.ops = ops
  }
}

export function lookup_rules_ops(net: net, family: number): fib_rules_ops | undefined {
  return net.rules_ops.find((ops) => ops.ops.family === family)
}
/** EEXIST: the family has its rules already. */
export function fib_rules_register(net: net, family: fib_rules_family): fib_rules_ops | Errno {
  if (lookup_rules_ops(net, family.family) !== undefined) return EEXIST
  const ops = new fib_rules_ops(family)
  net.rules_ops.push(ops)
  return ops
}
export function fib_rules_unregister(net: net, ops: fib_rules_ops): void {
  net.rules_ops = net.rules_ops.filter((other) => other !== ops)
  ops.rules_list = new fib_rule_list()
}
export function fib_default_rule_add(ops: fib_rules_ops, pref: number, table: number): void {
  const rule = new fib_rule()
  rule.pref = pref
  rule.table = table
  rule.proto = RTPROT_KERNEL
  ops.rules_list.add(rule)
}
/** Just before the second rule, so that new rules come behind the first (local) in the reverse order of their making. */
export function fib_default_rule_pref(ops: fib_rules_ops): number {
  const second: fib_rule | undefined = ops.rules_list.after(1).next().value
  return second === undefined || second.pref === 0 ? 0 : second.pref - 1
}

/** A layer-3 master stands for the devices below it, on the side of the flow that it was found by. */
function l3_master(ifindex: number, fl: flowi_common, oif: boolean): boolean {
  return fl.flowi_l3mdev === ifindex && fl.flowi_l3mdev_oif === oif
}
function matches(ops: fib_rules_family, rule: fib_rule, fl: flowi_common, flags: number): boolean {
  if (rule.iifindex !== 0 && rule.iifindex !== fl.flowi_iif && !l3_master(rule.iifindex, fl, false)) return false
  if (rule.oifindex !== 0 && rule.oifindex !== fl.flowi_oif && !l3_master(rule.oifindex, fl, true)) return false
  if (((rule.mark ^ fl.flowi_mark) & rule.mark_mask) !== 0) return false
  if (rule.tun_id !== 0n && rule.tun_id !== fl.flowi_tun_id) return false
  if (rule.l3mdev !== 0 && fl.flowi_l3mdev === 0) return false
  if (fl.flowi_uid < rule.uid_start || fl.flowi_uid > rule.uid_end) return false
  return ops.match(rule, fl, flags)
}

function hit(ops: fib_rules_family, rule: fib_rule, fl: flowi_common, flags: number): boolean {
  return matches(ops, rule, fl, flags) !== ((rule.flags & FIB_RULE_INVERT) !== 0)
}
/** EAGAIN: the rule is not met, or has no result; undefined: the result is in `arg`. */
function fib_rule_try(
  net: net,
  family: fib_rules_family,
  rule: fib_rule,
  fl: flowi_common,
  flags: number,
  arg: unknown,
): Errno | undefined {
  if (rule.action === FR_ACT_GOTO || rule.action === FR_ACT_NOP) return EAGAIN
  const error = family.action(net, rule, fl, flags, arg)
  return error === undefined && family.suppress(net, rule, arg) ? EAGAIN : error
}
/** Rule by rule until one has a result; ESRCH: none has. */
export function fib_rules_lookup(net: net, ops: fib_rules_ops, fl: flowi_common, flags: number, arg: unknown): Errno | undefined {
  const { rules_list, ops: family } = ops
  const { chunks } = rules_list
  let at = 0
  let i = 0
  while (at < chunks.length) {
    if (i === chunks[at].length) {
      at++
      i = 0
      continue
    }
    const rule = chunks[at][i++]
    if (!hit(family, rule, fl, flags)) continue
    if (rule.action === FR_ACT_GOTO && rule.ctarget !== undefined) {
      at = rules_list.chunk_of(rule.target)
      i = place_of(chunks[at], rule.target)
      continue
    }
    const error = fib_rule_try(net, family, rule, fl, flags, arg)
    if (error !== EAGAIN) return error
  }
  return ESRCH
}

/** Of a port range that is set. */
export function fib_rule_port_inrange([start, end]: readonly [number, number], port: number): boolean {
  return start === 0 || end === 0 || (port >= start && port <= end)
}

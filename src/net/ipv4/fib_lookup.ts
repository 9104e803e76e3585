/** net/ipv4/fib_trie.c fib_table_lookup, fib_rules.c __fib_lookup: which route a packet takes. */
import { EAGAIN, ENETUNREACH, type Errno } from '../../uapi/errno.ts'
import { RTNH_F_DEAD, RTNH_F_LINKDOWN } from '../../uapi/linux/rtnetlink.ts'
import type { net } from '../core/net_namespace.ts'
import { fib_props } from './fib_props.ts'
import type { fib_info, fib_nh } from './fib_semantics.ts'
import { type fib_alias, fib_child, fib_contains, type fib_node, type fib_table } from './fib_trie.ts'
import { ip_ignore_linkdown } from './in_device.ts'

export const FIB_LOOKUP_IGNORE_LINKSTATE = 2

/** include/net/flow.h struct flowi4: what a lookup goes by. */
export class flowi4 {
  daddr: number
  oif: number
  scope: number
  saddr = 0
  tos = 0
  iif = 0
  constructor(daddr: number, oif = 0, scope = 0) {
    this.daddr = daddr
    this.oif = oif
    this.scope = scope
  }
}

export class fib_result {
  /** Undefined: found; EAGAIN: not in this table. */
  error: Errno | undefined = undefined
  table: fib_table | undefined = undefined
  fi: fib_info | undefined = undefined
  nh: fib_nh | undefined = undefined
  fa: fib_alias | undefined = undefined
  prefix = 0
  prefixlen = 0
  type = 0
  scope = 0
}

/** Whether the next hop can be used now. */
function nh_usable(nh: fib_nh, fl: flowi4, flags: number): boolean {
  if (nh.fib_nh_flags & RTNH_F_DEAD) return false
  const down = nh.fib_nh_flags & RTNH_F_LINKDOWN && !(flags & FIB_LOOKUP_IGNORE_LINKSTATE)
  if (down && nh.fib_nh_dev !== undefined && ip_ignore_linkdown(nh.fib_nh_dev)) return false
  return fl.oif === 0 || fl.oif === nh.fib_nh_oif
}

/** Longest prefix first; a route that does not fit gives way to the next. EAGAIN: no route in this table. */
export function fib_table_lookup(tb: fib_table, fl: flowi4, res: fib_result, flags: number): Errno | undefined {
  res.error = EAGAIN
  descend(tb, tb.root, fl, res, flags)
  return res.error
}
/** True once a route has decided: the nodes below come first. */
function descend(tb: fib_table, n: fib_node, fl: flowi4, res: fib_result, flags: number): boolean {
  if (n.plen < 32) {
    const below = fib_child(n, fl.daddr)
    if (below !== undefined && fib_contains(below, fl.daddr) && descend(tb, below, fl, res, flags)) return true
  }
  return n.aliases !== undefined && choose(tb, n, n.aliases, fl, res, flags)
}
function choose(tb: fib_table, n: fib_node, aliases: readonly fib_alias[], fl: flowi4, res: fib_result, flags: number): boolean {
  for (const fa of aliases) {
    const fi = fa.fa_info
    if ((fa.fa_dscp !== 0 && fa.fa_dscp !== (fl.tos & 0xfc)) || fi.fib_dead || fi.fib_scope < fl.scope) continue
    const { error } = fib_props[fa.fa_type]
    if (error === undefined && (fi.fib_flags & RTNH_F_DEAD || !nh_usable(fi.fib_nh, fl, flags))) continue
    res.error = error
    assign(res, tb, n, fa)
    return true
  }
  return false
}
function assign(res: fib_result, tb: fib_table, n: fib_node, fa: fib_alias): void {
  res.table = tb
  res.fa = fa
  res.fi = fa.fa_info
  res.nh = fa.fa_info.fib_nh
  res.prefix = n.key >>> 0
  res.prefixlen = n.plen
  res.type = fa.fa_type
  res.scope = fa.fa_info.fib_scope
}

/** Rule by rule; the default ones look into local, main and default. */
export function fib_lookup(net: net, fl: flowi4, res: fib_result, flags: number): Errno | undefined {
  for (const rule of net.ipv4.fib_rules) {
    const tb = net.ipv4.fib_tables.get(rule.table)
    if (tb === undefined) continue
    const error = fib_table_lookup(tb, fl, res, flags)
    if (error !== EAGAIN) return error
  }
  return ENETUNREACH
}

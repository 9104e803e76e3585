/** net/ipv4/fib_trie.c fib_table_lookup, fib_rules.c __fib_lookup: which route a packet takes. */
import { EAGAIN, EINVAL, ENETUNREACH, type Errno } from '../../uapi/errno.ts'
import { RT_TABLE_DEFAULT, RT_TABLE_MAIN, RTNH_F_DEAD, RTNH_F_LINKDOWN } from '../../uapi/linux/rtnetlink.ts'
import type { net } from '../core/net_namespace.ts'
import { fib_props } from './fib_props.ts'
import type { fib_nh_common } from './fib_nh.ts'
import { __fib_lookup } from './fib_rules.ts'
import { type fib_info, fib_info_nhc, fib_info_num_path } from './fib_semantics.ts'
import { type fib_alias, type fib_table, KEYLENGTH, BASE, BITS, PARENT, POS, SLEN } from './fib_trie.ts'
import { ip_ignore_linkdown } from './in_device.ts'
import { nexthop_is_blackhole } from './nexthop.ts'

export const FIB_LOOKUP_IGNORE_LINKSTATE = 2

/** include/net/flow.h struct flowi4: what a lookup goes by. */
export class flowi4 {
  daddr: number
  oif: number
  scope: number
  saddr = 0
  tos = 0
  iif = 0
  mark = 0
  uid = 0
  proto = 0
  sport = 0
  dport = 0
  tun_id = 0n
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
  nh: fib_nh_common | undefined = undefined
  fa: fib_alias | undefined = undefined
  prefix = 0
  prefixlen = 0
  type = 0
  scope = 0
}

/** Whether the next hop can be used now (fib_lookup_good_nhc). */
function nh_usable(nh: fib_nh_common, fl: flowi4, flags: number): boolean {
  if (nh.fib_nh_flags & RTNH_F_DEAD) return false
  const down = nh.fib_nh_flags & RTNH_F_LINKDOWN && !(flags & FIB_LOOKUP_IGNORE_LINKSTATE)
  if (down && nh.fib_nh_dev !== undefined && ip_ignore_linkdown(nh.fib_nh_dev)) return false
  return fl.oif === 0 || fl.oif === nh.fib_nh_dev?.ifindex
}

/**
 * Longest prefix first; a route that does not fit gives way to the next. EAGAIN: no route in this table. The way down notes
 * where the last tnode was that has shorter prefixes below it; from there, bit by bit, the way goes back. Where a tnode has
 * no prefix as short as a bit asks for, the bits above that one ask in vain too.
 */
export function fib_table_lookup(tb: fib_table, fl: flowi4, res: fib_result, flags: number): Errno | undefined {
  const { node, kids } = tb.trie
  const key = fl.daddr | 0
  let pn = 0
  let cindex = 0
  let n = kids[0]
  // down, as far as the key agrees
  while (n !== 0) {
    const pos = node[n + POS]
    const index = (key ^ node[n]) >>> pos
    const bits = node[n + BITS]
    if (bits === 0 || index >>> bits !== 0) break
    if (node[n + SLEN] > pos) {
      pn = n
      cindex = index
    }
    n = kids[node[n + BASE] + index]
  }
  for (;;) {
    // a prefix of the key begins at the leftmost leaf below
    while (n !== 0 && !mismatch(key, node[n])) {
      if (node[n + BITS] === 0) {
        if (choose(tb, n, key, fl, res, flags)) return res.error
        break
      }
      if (node[n + SLEN] === node[n + POS]) break
      n = kids[node[n + BASE]]
    }
    // the next shorter prefix, of this tnode or of those above
    while (cindex === 0 || node[pn + POS] + 31 - Math.clz32(cindex & -cindex) >= node[pn + SLEN]) {
      if (pn === 0) return EAGAIN
      const pkey = node[pn]
      pn = node[pn + PARENT]
      cindex = pn === 0 ? 0 : (pkey ^ node[pn]) >>> node[pn + POS]
    }
    cindex &= cindex - 1
    n = kids[node[pn + BASE] + cindex]
  }
}
/** Whether a node's own bits differ from the key's. */
function mismatch(key: number, prefix: number): boolean {
  return ((key ^ prefix) & (prefix | -prefix)) !== 0
}
/** True: a route of the leaf has decided. */
function choose(tb: fib_table, n: number, key: number, fl: flowi4, res: fib_result, flags: number): boolean {
  const { node } = tb.trie
  const differ = (key ^ node[n]) >>> 0
  // not even its shortest prefix
  if (node[n + SLEN] < KEYLENGTH && differ >>> node[n + SLEN] !== 0) return false
  for (let fa = tb.trie.leaf[n >> 3]; fa !== undefined; fa = fa.next) {
    const fi = fa.fa_info
    if ((fa.fa_slen < KEYLENGTH && differ >>> fa.fa_slen !== 0) || (fa.fa_dscp !== 0 && fa.fa_dscp !== (fl.tos & 0xfc))) continue
    if (fi.fib_dead || fi.fib_scope < fl.scope) continue
    const error = fib_props[fa.fa_type].error
    if (error !== undefined) {
      res.error = error
      return true
    }
    if (fi.fib_flags & RTNH_F_DEAD) continue
    if (fi.nh !== undefined && nexthop_is_blackhole(fi.nh)) {
      res.error = EINVAL
      return true
    }
    const paths = fi.nh === undefined ? fi.fib_nh.length : fib_info_num_path(fi)
    for (let i = 0; i < paths; i++) {
      const nh = fi.nh === undefined ? fi.fib_nh[i] : fib_info_nhc(fi, i)
      if (nh === undefined || !nh_usable(nh, fl, flags)) continue
      assign(res, tb, n, fa, nh)
      return true
    }
  }
  return false
}
function assign(res: fib_result, tb: fib_table, n: number, fa: fib_alias, nh: fib_nh_common): void {
  res.error = undefined
  res.table = tb
  res.fa = fa
  res.fi = fa.fa_info
  res.nh = nh
  res.prefix = tb.trie.node[n] >>> 0
  res.prefixlen = KEYLENGTH - fa.fa_slen
  res.type = fa.fa_type
  res.scope = fa.fa_info.fib_scope
}

/**
 * While there are only the default rules: main, whose trie has local's routes too, then default. Else rule by rule
 * (__fib_lookup).
 */
export function fib_lookup(net: net, fl: flowi4, res: fib_result, flags: number): Errno | undefined {
  const { fib_tables } = net.ipv4
  if (net.ipv4.fib_has_custom_rules) return __fib_lookup(net, fl, res, flags)
  for (const id of [RT_TABLE_MAIN, RT_TABLE_DEFAULT]) {
    const tb = fib_tables.get(id)
    const error = tb === undefined ? EAGAIN : fib_table_lookup(tb, fl, res, flags)
    if (error !== EAGAIN) return error
  }
  return ENETUNREACH
}

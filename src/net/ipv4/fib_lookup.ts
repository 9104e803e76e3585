/** net/ipv4/fib_trie.c fib_table_lookup, fib_rules.c __fib_lookup: which route a packet takes. */
import { EAGAIN, EINVAL, ENETUNREACH, type Errno } from '../../uapi/errno.ts'
import { RT_TABLE_DEFAULT, RT_TABLE_MAIN, RTNH_F_DEAD, RTNH_F_LINKDOWN } from '../../uapi/linux/rtnetlink.ts'
import type { net } from '../core/net_namespace.ts'
import { fib_props } from './fib_props.ts'
import type { fib_nh_common } from './fib_nh.ts'
import { __fib_lookup } from './fib_rules.ts'
import { type fib_info, fib_info_nhc, fib_info_num_path } from './fib_semantics.ts'
import { type fib_table, KEYLENGTH, ALIAS, INFO, IS_TNODE, KIDS, NEXT, PARENT, SHAPE } from './fib_trie.ts'
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
  prefix = 0
  prefixlen = 0
  dscp = 0
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
  const { word } = tb.trie
  const key = fl.daddr | 0
  let pn = 0
  let cindex = 0
  let n = word[KIDS]
  // down, as far as the key agrees
  while (n !== 0) {
    const shape = word[n + SHAPE]
    const index = (key ^ word[n]) >>> shape
    if ((shape & IS_TNODE) === 0 || index >>> (shape >> 8) !== 0) break
    if (shape >> 16 > (shape & 0xff)) {
      pn = n
      cindex = index
    }
    n = word[n + KIDS + index]
  }
  for (;;) {
    // a prefix of the key begins at the leftmost leaf below
    while (n !== 0 && !mismatch(key, word[n])) {
      const shape = word[n + SHAPE]
      if ((shape & IS_TNODE) === 0) {
        if (choose(tb, n, key, fl, res, flags)) return res.error
        break
      }
      if (shape >> 16 === (shape & 0xff)) break
      n = word[n + KIDS]
    }
    // the next shorter prefix, of this tnode or of those above
    while (cindex === 0 || (word[pn + SHAPE] & 0xff) + 31 - Math.clz32(cindex & -cindex) >= word[pn + SHAPE] >> 16) {
      if (pn === 0) return EAGAIN
      const pkey = word[pn]
      pn = word[pn + PARENT]
      cindex = pn === 0 ? 0 : (pkey ^ word[pn]) >>> word[pn + SHAPE]
    }
    cindex &= cindex - 1
    n = word[pn + KIDS + cindex]
  }
}
/** Whether a node's own bits differ from the key's. */
function mismatch(key: number, prefix: number): boolean {
  return ((key ^ prefix) & (prefix | -prefix)) !== 0
}
/** True: a route of the leaf has decided. */
function choose(tb: fib_table, l: number, key: number, fl: flowi4, res: fib_result, flags: number): boolean {
  const { word, infos } = tb.trie
  const differ = (key ^ word[l]) >>> 0
  // not even its shortest prefix
  const shortest = word[l + SHAPE] >> 16
  if (shortest < KEYLENGTH && differ >>> shortest !== 0) return false
  for (let fa = l; fa !== 0; fa = word[fa + NEXT]) {
    const alias = word[fa + ALIAS]
    const slen = alias & 0xff
    const dscp = alias >> 16
    if ((slen < KEYLENGTH && differ >>> slen !== 0) || (dscp !== 0 && dscp !== (fl.tos & 0xfc))) continue
    const fi = infos[word[fa + INFO]] as fib_info
    if (fi.fib_dead || fi.fib_scope < fl.scope) continue
    const error = fib_props[(alias >> 8) & 0xff].error
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
      assign(res, tb, word[l], alias, fi, nh)
      return true
    }
  }
  return false
}
function assign(res: fib_result, tb: fib_table, key: number, alias: number, fi: fib_info, nh: fib_nh_common): void {
  res.error = undefined
  res.table = tb
  res.fi = fi
  res.nh = nh
  res.prefix = key >>> 0
  res.prefixlen = KEYLENGTH - (alias & 0xff)
  res.dscp = alias >> 16
  res.type = (alias >> 8) & 0xff
  res.scope = fi.fib_scope
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

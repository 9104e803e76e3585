/** net/ipv4/fib_trie.c fib_table_lookup, fib_rules.c __fib_lookup: which route a packet takes. */
import { EAGAIN, EINVAL, ENETUNREACH, type Errno } from '../../uapi/errno.ts'
import { RT_TABLE_DEFAULT, RT_TABLE_MAIN, RTN_BLACKHOLE, RTNH_F_DEAD, RTNH_F_LINKDOWN } from '../../uapi/linux/rtnetlink.ts'
import type { net } from '../core/net_namespace.ts'
import { fib_props } from './fib_props.ts'
import type { fib_nh_common } from './fib_nh.ts'
import { __fib_lookup } from './fib_rules.ts'
import { type fib_info, fib_info_nhc, fib_info_num_path } from './fib_semantics.ts'
import * as layout from './fib_trie.ts'
import type { fib_table } from './fib_trie.ts'
import { ip_ignore_linkdown } from './in_device.ts'
import { nexthop_is_blackhole } from './nexthop.ts'

export const FIB_LOOKUP_IGNORE_LINKSTATE = 2

/**
 * For the lookup's own sake constants of this module: those of another are read from memory at each use, and there is no
 * room for that while several lookups are to wait for memory at the same time.
 */
const { ALIAS, INFO, KEYLENGTH, KIDS, NEXT, PARENT, PLACE, SHAPE, SHORTER, TNODE } = layout
const UNUSABLE = RTNH_F_DEAD | RTNH_F_LINKDOWN
const DEAD = RTNH_F_DEAD
const FIRST_ERROR = RTN_BLACKHOLE
const NO_ROUTE = EAGAIN

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
  /** The layer-3 master whose table it is, where that is known; 0: by oif or iif. */
  l3mdev = 0
  constructor(daddr: number, oif = 0, scope = 0) {
    this.daddr = daddr
    this.oif = oif
    this.scope = scope
  }
}

/** What a lookup notes is little, since it is done for each packet; the rest is worked out when asked for. */
export class fib_result {
  /** Undefined: found; EAGAIN: not in this table. */
  error: Errno | undefined = undefined
  table: fib_table | undefined = undefined
  fi: fib_info | undefined = undefined
  nh: fib_nh_common | undefined = undefined
  /** Realms of the rule. */
  tclassid = 0
  /** KEY and ALIAS of the trie's route. */
  key = 0
  alias = KEYLENGTH
  get prefix(): number {
    return this.key >>> 0
  }
  get prefixlen(): number {
    return KEYLENGTH - (this.alias & 0xff)
  }
  get dscp(): number {
    return this.alias >> 16
  }
  get type(): number {
    return (this.alias >> 8) & 0xff
  }
  get scope(): number {
    return this.fi?.fib_scope ?? 0
  }
}

/** Whether the next hop can be used now (fib_lookup_good_nhc). */
function nh_usable(nh: fib_nh_common, fl: flowi4, flags: number): boolean {
  if ((nh.fib_nh_flags & UNUSABLE) !== 0 && !nh_usable_yet(nh, flags)) return false
  return fl.oif === 0 || fl.oif === nh.fib_nh_dev?.ifindex
}
function nh_usable_yet(nh: fib_nh_common, flags: number): boolean {
  if (nh.fib_nh_flags & RTNH_F_DEAD) return false
  return (flags & FIB_LOOKUP_IGNORE_LINKSTATE) !== 0 || nh.fib_nh_dev === undefined || !ip_ignore_linkdown(nh.fib_nh_dev)
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
  let reach = 0
  let slot = word[KIDS]
  // down, as far as the key agrees
  while ((slot & TNODE) !== 0) {
    const n = slot & PLACE
    const shape = word[n + SHAPE]
    const index = (key ^ word[n]) >>> shape
    if (index >>> (shape >> 8) !== 0) break
    if (shape >> 16 > (shape & 0xff)) {
      pn = n
      cindex = index
      reach = reach_of(shape)
    }
    slot = word[n + KIDS + index]
  }
  for (;;) {
    // a prefix of the key begins at the leftmost leaf below
    while ((slot & TNODE) !== 0) {
      const n = slot & PLACE
      const shape = word[n + SHAPE]
      // nothing below but longer prefixes, or other ones
      if (shape >> 16 === (shape & 0xff) || ((key ^ word[n]) & (word[n] | -word[n])) !== 0) break
      slot = word[n + KIDS]
    }
    if ((slot & TNODE) === 0 && slot !== 0) {
      const l = slot & PLACE
      const differ = key ^ word[l]
      const slen = word[l + SHAPE] >> 16
      if ((differ >>> slen === 0 || slen === KEYLENGTH) && choose(tb, l, differ, fl, res, flags)) return res.error
    }
    // the next shorter prefix, of this tnode or of those above
    do {
      while ((cindex & reach) === 0) {
        const pkey = word[pn]
        pn = word[pn + PARENT]
        if (pn === 0) return NO_ROUTE
        cindex = (pkey ^ word[pn]) >>> word[pn + SHAPE]
        reach = reach_of(word[pn + SHAPE])
      }
      cindex &= cindex - 1
      slot = word[pn + KIDS + cindex]
    } while ((slot & SHORTER) === 0)
  }
}
/** The bits of a child's index that a prefix below the tnode can leave out: as many as the shortest is shorter. */
function reach_of(shape: number): number {
  const slen = shape >> 16
  const pos = shape & 0xff
  return slen === pos ? 0 : -1 >>> (KEYLENGTH - slen + pos)
}
/** True: a route of the leaf has decided. */
function choose(tb: fib_table, l: number, differ: number, fl: flowi4, res: fib_result, flags: number): boolean {
  const { word, infos } = tb.trie
  for (let fa = l; fa !== 0; fa = word[fa + NEXT]) {
    const alias = word[fa + ALIAS]
    const slen = alias & 0xff
    const dscp = alias >> 16
    if ((differ >>> slen !== 0 && slen !== KEYLENGTH) || (dscp !== 0 && dscp !== (fl.tos & 0xfc))) continue
    const fi = infos[word[fa + INFO]] as fib_info
    if (fi.fib_scope < fl.scope) continue
    const type = (alias >> 8) & 0xff
    if (type >= FIRST_ERROR) {
      res.error = fib_props[type].error
      return true
    }
    if (fi.fib_flags & DEAD) continue
    const nh = fi.fib_nhc
    if (nh === undefined ? choose_path(fi, fl, res, flags) : nh_usable(nh, fl, flags)) {
      if (nh !== undefined) {
        res.error = undefined
        res.nh = nh
      }
      res.table = tb
      res.fi = fi
      res.key = word[l]
      res.alias = alias
      return true
    }
  }
  return false
}
/** Of several next hops, or those of a nexthop object: the first that can be used. */
function choose_path(fi: fib_info, fl: flowi4, res: fib_result, flags: number): boolean {
  if (fi.nh !== undefined && nexthop_is_blackhole(fi.nh)) {
    res.error = EINVAL
    return true
  }
  res.error = undefined
  const paths = fib_info_num_path(fi)
  for (let i = 0; i < paths; i++) {
    const nh = fib_info_nhc(fi, i)
    if (nh === undefined || !nh_usable(nh, fl, flags)) continue
    res.nh = nh
    return true
  }
  return false
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

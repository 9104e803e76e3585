/** net/ipv6/route.c fib6_table_lookup, fib6_select_path: which route of a table a packet takes. */

import { in6addr_any } from '../../uapi/linux/in6.ts'
import { RTF_EXPIRES, RTF_NONEXTHOP } from '../../uapi/linux/ipv6_route.ts'
import { RTNH_F_DEAD, RTNH_F_LINKDOWN } from '../../uapi/linux/rtnetlink.ts'
import type { net } from '../core/net_namespace.ts'
import type { sk_buff } from '../core/skbuff.ts'
import { ip6_ignore_linkdown } from './addrconf_core.ts'
import type { fib6_info, fib6_nh, fib6_result } from './ip6_fib_info.ts'
import { fib6_blackhole_result, fib6_info_nhs, fib6_result_of, nexthop_path_fib6_result } from './ip6_fib_nexthop.ts'
import { fib6_backtrack, type fib6_node, fib6_node_lookup, type fib6_table } from './ip6_fib_node.ts'
import { rt6_multipath_hash } from './ip6_route_hash.ts'
import { rt6_check_neigh } from './ip6_route_neigh.ts'

export const RT6_LOOKUP_F_IFACE = 0x00000001
export const RT6_LOOKUP_F_REACHABLE = 0x00000002
export const RT6_LOOKUP_F_HAS_SADDR = 0x00000004
export const RT6_LOOKUP_F_IGNORE_LINKSTATE = 0x00000040

/** include/net/flow.h struct flowi6: what a lookup goes by. */
export class flowi6 {
  daddr: Uint8Array
  saddr: Uint8Array
  flowi_oif = 0
  flowi_iif = 0
  flowi_mark = 0
  flowi_uid = 0
  flowi_tun_id = 0n
  flowi_l3mdev = 0
  flowi_l3mdev_table = 0
  flowi_l3mdev_oif = false
  flowi6_proto = 0
  fl6_sport = 0
  fl6_dport = 0
  /** Traffic class and flow label, as in the packet. */
  flowlabel = 0
  /** 31 bits; 0: not computed yet. */
  mp_hash = 0
  /** The packet, where it has come in or is answered: of several ways its own bytes choose. */
  skb: sk_buff | undefined = undefined
  constructor(daddr: Uint8Array = in6addr_any, saddr: Uint8Array = in6addr_any) {
    this.daddr = daddr
    this.saddr = saddr
  }
}

/** Scores below 0: not to be used. */
const RT6_NUD_FAIL_HARD = -3

function rt6_score_route(net: net, nh: fib6_nh, flags: number, oif: number, strict: number): number {
  const on = oif === 0 || nh.fib_nh_dev?.ifindex === oif
  if (!on && strict & RT6_LOOKUP_F_IFACE) return RT6_NUD_FAIL_HARD
  // preference: 1 low, 2 medium, 3 high
  const score = (on ? 2 : 0) | ((((flags >>> 27) & 3) ^ 2) << 2)
  if (strict & RT6_LOOKUP_F_REACHABLE && !(flags & RTF_NONEXTHOP) && nh.fib_nh_gw_family !== 0) {
    const n = rt6_check_neigh(net, nh)
    if (n < 0) return n
  }
  return score
}
export function fib6_check_expired(net: net, f6i: fib6_info): boolean {
  return (f6i.fib6_flags & RTF_EXPIRES) !== 0 && net.kernel.jiffies() > f6i.expires
}
function usable(nh: fib6_nh, strict: number): boolean {
  if (nh.fib_nh_flags & RTNH_F_DEAD) return false
  if (!(nh.fib_nh_flags & RTNH_F_LINKDOWN) || strict & RT6_LOOKUP_F_IGNORE_LINKSTATE || nh.fib_nh_dev === undefined) return true
  return !ip6_ignore_linkdown(nh.fib_nh_dev)
}

/**
 * The first of the highest score among those from `from` on, up to the first of another metric if `metric` is given. A
 * nexthop object that drops ends the search.
 */
function find_leaf(
  net: net,
  leaf: readonly fib6_info[],
  from: number,
  metric: number | undefined,
  oif: number,
  strict: number,
): fib6_result | undefined {
  let best: fib6_result | undefined
  let score = -1
  for (let i = from; i < leaf.length; i++) {
    const f6i = leaf[i]
    if (metric !== undefined && f6i.fib6_metric !== metric) break
    if (fib6_check_expired(net, f6i)) continue
    const blackhole = fib6_blackhole_result(f6i)
    if (blackhole !== undefined) return blackhole
    for (const nh of f6i.nh === undefined ? [f6i.fib6_nh] : fib6_info_nhs(f6i)) {
      const m = usable(nh, strict) ? rt6_score_route(net, nh, f6i.fib6_flags, oif, strict) : -1
      if (m <= score) continue
      score = m
      best = fib6_result_of(f6i, nh)
      break
    }
  }
  return best
}
/** Best of a node: of the lowest metric; where that has none, of all others alike, whatever their metrics (find_rr_leaf). */
function rt6_select(net: net, fn: fib6_node, oif: number, strict: number): fib6_result | undefined {
  const { leaf } = fn
  if (leaf.length === 0) return undefined
  const { fib6_metric: metric } = leaf[0]
  const best = find_leaf(net, leaf, 0, metric, oif, strict)
  if (best !== undefined) return best
  const rest = leaf.findIndex((f6i) => f6i.fib6_metric !== metric)
  return rest < 0 ? undefined : find_leaf(net, leaf, rest, undefined, oif, strict)
}

/** Undefined: none in this table (Linux: the null entry). */
export function fib6_table_lookup(net: net, tb: fib6_table, oif: number, fl6: flowi6, strict: number): fib6_result | undefined {
  const start = fib6_node_lookup(tb.tb6_root, fl6.daddr, fl6.saddr)
  // when no router is known to be reachable, one that is not is better than none
  const tries = strict & RT6_LOOKUP_F_REACHABLE ? [strict, strict & ~RT6_LOOKUP_F_REACHABLE] : [strict]
  for (const how of tries) {
    for (let fn: fib6_node | undefined = start; fn !== undefined; fn = fib6_backtrack(fn, fl6.saddr)) {
      const res = rt6_select(net, fn, oif, how)
      if (res !== undefined) return res
    }
  }
  return undefined
}

/** Of a multipath route the hop that the flow's hash falls to (fib6_select_path). */
export function fib6_select_path(
  net: net,
  res: fib6_result,
  fl6: flowi6,
  oif: number,
  have_oif_match: boolean,
  strict: number,
): fib6_result {
  const group = res.f6i.fib6_siblings
  if (have_oif_match || (group === undefined && res.f6i.nh === undefined)) return res
  if (fl6.mp_hash === 0) fl6.mp_hash = rt6_multipath_hash(net, fl6, fl6.skb)
  if (group === undefined) return nexthop_path_fib6_result(res, fl6.mp_hash)
  for (const sibling of group.list) {
    if (fl6.mp_hash > sibling.fib6_nh.fib_nh_upper_bound) continue
    return rt6_score_route(net, sibling.fib6_nh, sibling.fib6_flags, oif, strict) < 0 ? res : fib6_result_of(sibling, sibling.fib6_nh)
  }
  return res
}

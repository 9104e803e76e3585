/**
 * net/ipv4/nexthop.c, include/net/nexthop.h: nexthop objects of both families: one next hop, or a group of them, that routes
 * name by id. Requests are in nexthop_rtm.ts, changes in nexthop_change.ts, resilient groups in nexthop_res.ts.
 */
import type { hlist } from '../../lib/hlist.ts'
import { numbered } from '../../lib/numbered.ts'
import { raw_notifier_head } from '../../kernel/notifier.ts'
import { EINVAL, type Errno } from '../../uapi/errno.ts'
import { RT_SCOPE_HOST, RT_SCOPE_LINK, RTNH_F_ONLINK } from '../../uapi/linux/rtnetlink.ts'
import { AF_INET } from '../../uapi/linux/socket.ts'
import type { net } from '../core/net_namespace.ts'
import type { netlink_ext_ack } from '../netlink/extack.ts'
import { fib_good_nh } from './fib_good_nh.ts'
import type { fib_nh_common } from './fib_nh.ts'
import type { fib_info } from './fib_semantics.ts'
import type { fib6_route } from './ipv6_stub.ts'
import type { nh_res_table } from './nexthop_res.ts'

/** Who asked for a change of nexthops: what its notifications carry. */
export interface nh_nl_info {
  readonly portid: number
  readonly seq: number
  /** nlmsg_flags of the request. */
  readonly nlflags: number
  /** NLM_F_ECHO */
  readonly report: boolean
}

/** One next hop (struct nh_info). */
export class nh_info {
  nh_parent: nexthop
  readonly family: number
  readonly reject_nh: boolean
  readonly fdb_nh: boolean
  /** A fib_nh, or IPv6's fib6_nh. */
  readonly nhc: fib_nh_common
  constructor(nh_parent: nexthop, family: number, reject_nh: boolean, fdb_nh: boolean, nhc: fib_nh_common) {
    this.nh_parent = nh_parent
    this.family = family
    this.reject_nh = reject_nh
    this.fdb_nh = fdb_nh
    this.nhc = nhc
  }
  get scope(): number {
    return this.family === AF_INET && !this.fdb_nh ? (this.nhc.fib_nh_scope ?? RT_SCOPE_LINK) : RT_SCOPE_LINK
  }
}

/** A member of a group. */
export class nh_grp_entry {
  readonly nh: nexthop
  readonly weight: number
  nh_parent: nexthop
  /** Share of the hash's range, up to and including (31 bits). */
  upper_bound = 0
  /** Of a resilient group: buckets that it should have, and has. */
  wants_buckets = 0
  count_buckets = 0
  /** That were sent this way (NHA_GROUP_STATS_ENTRY_PACKETS). */
  packets = 0
  constructor(nh: nexthop, weight: number, nh_parent: nexthop) {
    this.nh = nh
    this.weight = weight
    this.nh_parent = nh_parent
  }
}

export class nh_group {
  nh_entries: nh_grp_entry[] = []
  fdb_nh = false
  has_v4 = false
  /** The hardware's count is asked for; no driver has one. */
  hw_stats = false
  /** A resilient group's buckets; undefined: shares by hash thresholds. */
  res_table: nh_res_table | undefined = undefined
}

export class nexthop {
  readonly net: net
  id: number
  protocol: number
  /** RTNH_F_* */
  nh_flags: number
  /** One of the two. */
  nh_info: nh_info | undefined = undefined
  nh_grp: nh_group | undefined = undefined
  /** IPv4's shared route content, and IPv6's routes, that use it. */
  fi_list = new Set<fib_info>()
  f6i_list = new Set<fib6_route>()
  /** Memberships in groups, the newest first. */
  grp_list: nh_grp_entry[] = []
  constructor(net: net, id: number, protocol: number, nh_flags: number) {
    this.net = net
    this.id = id
    this.protocol = protocol
    this.nh_flags = nh_flags
  }
}

/** include/net/netns/nexthop.h */
export class netns_nexthop {
  by_id = new numbered<nexthop>()
  /** By device index, the newest first. */
  devhash = new Map<number, hlist<nh_info>>()
  seq = 0
  last_id_allocated = 0
  /** Drivers that forward by nexthop objects (register_nexthop_notifier). */
  notifier_chain = new raw_notifier_head()
}

export function nexthop_find_by_id(net: net, id: number): nexthop | undefined {
  return net.nexthop.by_id.get(id)
}
export function nexthop_num_path(nh: nexthop): number {
  return nh.nh_grp === undefined ? 1 : nh.nh_grp.nh_entries.length
}
/** Its one next hop, or a group's first. */
export function nexthop_info(nh: nexthop, i = 0): nh_info | undefined {
  return nh.nh_grp === undefined ? nh.nh_info : nh.nh_grp.nh_entries[i]?.nh.nh_info
}
/** nexthop_fib_nhc(): next hop `i` of the object. */
export function nexthop_fib_nhc(nh: nexthop, i: number): fib_nh_common | undefined {
  return nexthop_info(nh, i)?.nhc
}
export function nexthop_weight(nh: nexthop, i: number): number {
  return nh.nh_grp?.nh_entries[i].weight ?? 1
}
/** Packets that take it are dropped: a blackhole, or a group of nothing else. */
export function nexthop_is_blackhole(nh: nexthop): boolean {
  if (nh.nh_grp !== undefined && nh.nh_grp.nh_entries.length > 1) return false
  return nexthop_info(nh)?.reject_nh ?? false
}
export function nexthop_is_multipath(nh: nexthop): boolean {
  return nh.nh_grp !== undefined
}
export function nexthop_is_fdb(nh: nexthop): boolean {
  return nh.nh_grp?.fdb_nh ?? nh.nh_info?.fdb_nh ?? false
}
/** nexthop_for_each_fib6_nh(): all next hops of the object. */
export function nexthop_each_nhc(nh: nexthop): fib_nh_common[] {
  const list: fib_nh_common[] = []
  for (let i = 0; i < nexthop_num_path(nh); i++) {
    const nhc = nexthop_fib_nhc(nh, i)
    if (nhc !== undefined) list.push(nhc)
  }
  return list
}
/** nexthop_select_path(): the next hop that packets with this hash (31 bits) take; hops that do not answer are passed over. */
export function nexthop_select_path(nh: nexthop, hash: number): nexthop {
  const { nh_grp } = nh
  if (nh_grp === undefined) return nh
  if (nh_grp.res_table !== undefined) return nh_grp.res_table.select(hash)
  const is_fdb = nexthop_is_fdb(nh)
  let first: nh_grp_entry | undefined
  for (const entry of nh_grp.nh_entries) {
    if (!is_fdb && !nexthop_is_good(entry.nh)) continue
    if (hash <= entry.upper_bound) return taken(entry)
    first ??= entry
  }
  return taken(first ?? nh_grp.nh_entries[0])
}
/** nh_grp_entry_stats_inc() */
export function taken(entry: nh_grp_entry): nexthop {
  entry.packets++
  return entry.nh
}
function nexthop_is_good({ nh_info }: nexthop): boolean {
  return nh_info === undefined || fib_good_nh(nh_info.nhc)
}

function fail(extack: netlink_ext_ack | undefined, text: string): Errno {
  return extack?.fail(EINVAL, text) ?? EINVAL
}
function nexthop_check_scope(nhi: nh_info | undefined, scope: number, extack: netlink_ext_ack | undefined): Errno | undefined {
  if (nhi === undefined) return undefined
  if (scope === RT_SCOPE_HOST && nhi.nhc.fib_nh_gw_family !== 0) return fail(extack, 'Route with host scope can not have a gateway')
  if (nhi.nhc.fib_nh_flags & RTNH_F_ONLINK && scope >= RT_SCOPE_LINK) return fail(extack, 'Scope mismatch with nexthop')
  return undefined
}
/** Whether an IPv4 route of this scope may use it (fib_check_nexthop). */
export function fib_check_nexthop(nh: nexthop, scope: number, extack: netlink_ext_ack | undefined): Errno | undefined {
  if (nexthop_is_fdb(nh)) return fail(extack, 'Route cannot point to a fdb nexthop')
  if (nh.nh_grp !== undefined && scope === RT_SCOPE_HOST) {
    return fail(extack, 'Route with host scope can not have multiple nexthops')
  }
  return nexthop_check_scope(nexthop_info(nh), scope, extack)
}
/** Whether an IPv6 route may use it; `src_any`: the route has no source prefix (fib6_check_nexthop). */
export function fib6_check_nexthop(nh: nexthop, src_any: boolean, extack: netlink_ext_ack | undefined): Errno | undefined {
  if (!src_any) return fail(extack, 'IPv6 routes using source address can not use nexthop objects')
  if (nh.nh_grp?.has_v4 || nh.nh_info?.family === AF_INET) return fail(extack, 'IPv6 routes can not use an IPv4 nexthop')
  return nexthop_is_fdb(nh) ? fail(extack, 'Route cannot point to a fdb nexthop') : undefined
}

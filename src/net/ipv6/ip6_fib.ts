/** net/ipv6/ip6_fib.c: the tables of a namespace, and walks over all their routes. */
import { HZ, type timer_list } from '../../kernel/time.ts'
import { RT_TABLE_LOCAL, RT_TABLE_MAIN } from '../../uapi/linux/rtnetlink.ts'
import type { net } from '../core/net_namespace.ts'
import type { net_device } from '../core/netdevice.ts'
import { fib6_del } from './ip6_fib_del.ts'
import { type fib6_info, type fib6_walk_fn, type nl_info6, nl_info6_kernel } from './ip6_fib_info.ts'
import { fib6_first_node, fib6_next_node, type fib6_node, fib6_table } from './ip6_fib_node.ts'

/** struct rt6_statistics */
export class rt6_statistics {
  fib_nodes = 0
  fib_route_nodes = 0
  fib_rt_entries = 0
  fib_rt_cache = 0
  fib_discarded_routes = 0
  fib_rt_alloc = 0
  /** Cached routes (dst entries). */
  dst_entries = 0
}

/** The part of struct netns_ipv6 that routes have. */
export class netns_fib6 {
  tables = new Map<number, fib6_table>()
  fib6_main_tbl: fib6_table
  fib6_local_tbl: fib6_table
  rt6_stats = new rt6_statistics()
  sernum = 0
  /** Tries of sources. */
  subtrees = 0
  /** Somebody has added a rule: until then local and main are asked without going through them. */
  has_custom_rules = false
  /** By device, those that stand in a table (ip6_fib_dev.ts). */
  dev_routes = new Map<net_device, Set<fib6_info>>()
  /** Those among them that prefer a source: without any, no address that goes needs to look for them. */
  dev_routes_prefsrc = 0
  /** Routes with a source prefix: without any, sources need not be looked up. */
  fib6_routes_require_src = 0
  ip6_fib_timer: timer_list | undefined = undefined
  /** Jiffies (net.ipv6.route.gc_interval). */
  ip6_rt_gc_interval = 30 * HZ
  /** A path's MTU holds as long (net.ipv6.route.mtu_expires); an idle exception, where a flush is asked for in seconds. */
  ip6_rt_mtu_expires = 600 * HZ
  /** Routes that a device takes along when it goes down go silently (net.ipv6.route.skip_notify_on_dev_down). */
  skip_notify_on_dev_down = 0
  constructor() {
    this.fib6_main_tbl = new fib6_table(RT_TABLE_MAIN)
    this.fib6_local_tbl = new fib6_table(RT_TABLE_LOCAL)
    this.tables.set(RT_TABLE_MAIN, this.fib6_main_tbl)
    this.tables.set(RT_TABLE_LOCAL, this.fib6_local_tbl)
  }
}

export function fib6_get_table(net: net, id: number): fib6_table | undefined {
  return net.ipv6.fib6.tables.get(id === 0 ? RT_TABLE_MAIN : id)
}
export function fib6_new_table(net: net, id: number): fib6_table {
  const found = fib6_get_table(net, id)
  if (found !== undefined) return found
  const tb = new fib6_table(id)
  net.ipv6.fib6.tables.set(id, tb)
  return tb
}
/** All tables in the order of a dump: by 256 buckets, the newest of a bucket first. */
export function fib6_tables_ordered(net: net): fib6_table[] {
  const made = [...(net.ipv6.fib6.tables as Map<number, fib6_table>).values()]
  return made
    .map((tb, i) => ({ tb, i }))
    .sort((a, b) => (a.tb.tb6_id & 255) - (b.tb.tb6_id & 255) || b.i - a.i)
    .map(({ tb }) => tb)
}

/** Nodes with routes, in the order of a dump; the list stands while the table changes. */
export function fib6_nodes(tb: fib6_table): fib6_node[] {
  const list: fib6_node[] = []
  for (let n: fib6_node | undefined = fib6_first_node(tb.tb6_root); n !== undefined; n = fib6_next_node(n)) {
    if (n.leaf.length > 0) list.push(n)
  }
  return list
}

/** What a walk's function answers: go on, delete the route, or pass over its siblings. */
export const FIB6_WALK_CONTINUE = 0
export const FIB6_WALK_DELETE = -1
export const FIB6_WALK_SKIP_SIBLINGS = -2

function clean_table(net: net, tb: fib6_table, fn: fib6_walk_fn, arg: unknown, skip_notify: boolean): void {
  const info = nl_info6_kernel(skip_notify)
  for (const node of fib6_nodes(tb)) clean_routes(net, node.leaf.slice(), fn, arg, info)
}
/** Asks `fn` for each of a node's routes, and deletes those that it names. */
export function clean_routes(net: net, routes: readonly fib6_info[], fn: fib6_walk_fn, arg: unknown, info: nl_info6): void {
  for (let i = 0; i < routes.length; i++) {
    const rt = routes[i]
    if (rt.fib6_node === undefined) continue
    const result = fn(net, rt, arg)
    if (result === FIB6_WALK_DELETE) fib6_del(net, rt, info)
    else if (result === FIB6_WALK_SKIP_SIBLINGS && rt.fib6_siblings !== undefined) {
      i = routes.indexOf(rt.fib6_siblings.list[rt.fib6_siblings.list.length - 1])
    }
  }
}
/** Every route of every table, as Linux walks them: notifications go out in this order. */
export function fib6_clean_all(net: net, fn: fib6_walk_fn, arg: unknown, skip_notify = false): void {
  for (const tb of fib6_tables_ordered(net)) clean_table(net, tb, fn, arg, skip_notify)
}
/** The routes of one table that `fn` names. */
export function fib6_clean_table(net: net, tb: fib6_table, fn: fib6_walk_fn, arg: unknown): void {
  clean_table(net, tb, fn, arg, false)
}

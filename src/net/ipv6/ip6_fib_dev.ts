/**
 * The routes of one device, so that a device's events need not walk all tables, as fib6_clean_all() does: hosts have many
 * devices with few routes each. What is done and told, and in which order, is what that walk would do and tell.
 */
import { ipv6_addr_diff } from '../../uapi/linux/in6.ts'
import type { net } from '../core/net_namespace.ts'
import type { net_device } from '../core/netdevice.ts'
import { clean_routes, fib6_clean_all, fib6_tables_ordered } from './ip6_fib.ts'
import { type fib6_info, type fib6_walk_fn, nl_info6_kernel } from './ip6_fib_info.ts'
import { addr_bit, type fib6_node } from './ip6_fib_node.ts'

/** The route stands at `fn` now; undefined: it has left its table. */
export function fib6_set_node(net: net, rt: fib6_info, fn: fib6_node | undefined): void {
  rt.fib6_node = fn
  const dev = rt.fib6_nh.fib_nh_dev
  if (dev === undefined) return
  const { fib6 } = net.ipv6
  const { dev_routes } = fib6
  if (rt.fib6_prefsrc !== undefined) fib6.dev_routes_prefsrc += fn === undefined ? -1 : 1
  let routes = dev_routes.get(dev)
  if (fn === undefined) {
    routes?.delete(rt)
    if (routes?.size === 0) dev_routes.delete(dev)
    return
  }
  if (routes === undefined) dev_routes.set(dev, (routes = new Set()))
  routes.add(rt)
}

/** The node of the destination, for one of a trie of sources. */
function destination(n: fib6_node): fib6_node {
  let root = n
  while (!root.root) root = root.parent as fib6_node
  return root.parent ?? n
}
/** Of two nodes of one trie, the order of a walk: left, right, and then the node itself. `above`: where `a` is above `b`. */
function order(a: fib6_node, b: fib6_node, above: number, below: number): number {
  const common = Math.min(ipv6_addr_diff(a.key, b.key), a.fn_bit, b.fn_bit)
  if (common === a.fn_bit) return above
  if (common === b.fn_bit) return below
  return addr_bit(a.key, common) - addr_bit(b.key, common)
}
/** Of two nodes of one table: a trie of sources comes first of all that is at or below its destination. */
function walk_order(a: fib6_node, b: fib6_node): number {
  if (a === b) return 0
  const da = destination(a)
  const db = destination(b)
  if (da !== db) return order(da, db, a === da ? 1 : -1, b === db ? -1 : 1)
  if (a === da) return 1
  return b === db ? -1 : order(a, b, 1, -1)
}

/** Beyond this share of all routes, the walk over all is shorter than putting those of the device in order. */
const FEW = 1 / 16

/**
 * fib6_clean_all() of what has to do with a device: `fn` sees its routes, and where it has several at a node, or shares one
 * with other devices (multipath), all of that node.
 */
export function fib6_clean_dev(net: net, dev: net_device, fn: fib6_walk_fn, arg: unknown, skip_notify = false): void {
  const { dev_routes, rt6_stats } = net.ipv6.fib6
  const routes = dev_routes.get(dev)
  if (routes === undefined) return
  if (routes.size > rt6_stats.fib_rt_entries * FEW) return fib6_clean_all(net, fn, arg, skip_notify)
  const tables = new Map(fib6_tables_ordered(net).map((tb) => [tb, new Map<fib6_node, readonly fib6_info[]>()]))
  for (const rt of routes) {
    const node = rt.fib6_node as fib6_node
    const nodes = tables.get(rt.fib6_table)
    nodes?.set(node, nodes.has(node) || rt.fib6_siblings !== undefined ? node.leaf.slice() : [rt])
  }
  const info = nl_info6_kernel(skip_notify)
  for (const nodes of tables.values())
    for (const node of [...nodes.keys()].sort(walk_order)) clean_routes(net, nodes.get(node) ?? [], fn, arg, info)
}

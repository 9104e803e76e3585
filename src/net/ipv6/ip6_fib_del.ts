/** net/ipv6/ip6_fib.c fib6_del: a route leaves its table. */
import { ENOENT, type Errno } from '../../uapi/errno.ts'
import { RTM_DELROUTE } from '../../uapi/linux/rtnetlink.ts'
import type { net } from '../core/net_namespace.ts'
import { fib6_set_node } from './ip6_fib_dev.ts'
import { fib6_clean_expires, type fib6_info, type nl_info6 } from './ip6_fib_info.ts'
import { rt6_multipath_rebalance } from './ip6_fib_multipath.ts'
import { fib6_purge_rt, fib6_repair_tree } from './ip6_fib_node.ts'
import { rt6_flush_exceptions } from './ip6_route_exception.ts'
import { inet6_rt_notify } from './ip6_route_notify.ts'

/** One hop of a multipath route leaves the others, which share its packets from now on. */
function leave_siblings(rt: fib6_info): void {
  const group = rt.fib6_siblings
  if (group === undefined) return
  group.list.splice(group.list.indexOf(rt), 1)
  rt.fib6_siblings = undefined
  const [first] = group.list
  if (group.list.length === 1) first.fib6_siblings = undefined
  rt6_multipath_rebalance(first)
}

/** What is told is the route alone, without its lifetime: it has left its siblings and the collector's list by then. */
export function fib6_del(net: net, rt: fib6_info, info: nl_info6): Errno | undefined {
  const fn = rt.fib6_node
  if (fn === undefined) return ENOENT
  const { rt6_stats } = net.ipv6.fib6
  if (rt.fib6_src_plen !== 0) net.ipv6.fib6.fib6_routes_require_src--
  fn.leaf.splice(fn.leaf.indexOf(rt), 1)
  fib6_set_node(net, rt, undefined)
  rt6_stats.fib_rt_entries--
  rt6_stats.fib_discarded_routes++
  leave_siblings(rt)
  let stays = fn
  if (fn.leaf.length === 0) {
    rt6_stats.fib_route_nodes--
    stays = fib6_repair_tree(net, fn)
  }
  fib6_purge_rt(rt, stays)
  if (rt.fib6_nh.rt6i_pcpu && !rt.dst_nocount) rt6_stats.dst_entries--
  if (rt.nh === undefined) rt6_flush_exceptions(net, rt.fib6_nh)
  rt.nh?.f6i_list.delete(rt)
  fib6_clean_expires(rt)
  rt.fib6_table.sernum = ++net.ipv6.fib6.sernum
  if (!info.skip_notify) inet6_rt_notify(net, RTM_DELROUTE, rt, info, 0)
  return undefined
}

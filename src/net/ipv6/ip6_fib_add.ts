/** net/ipv6/ip6_fib.c fib6_add, fib6_add_rt2node: how NLM_F_EXCL, REPLACE, APPEND and CREATE work on IPv6 routes. */
import type { Kernel } from '../../kernel/kernel.ts'
import { KERN_WARNING } from '../../kernel/printk.ts'
import { EEXIST, ENOENT, type Errno, isErrno } from '../../uapi/errno.ts'
import { ipv6_addr_equal } from '../../uapi/linux/in6.ts'
import { RTF_EXPIRES } from '../../uapi/linux/ipv6_route.ts'
import { NLM_F_APPEND, NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE } from '../../uapi/linux/netlink.ts'
import { RTAX_MTU, RTM_NEWROUTE } from '../../uapi/linux/rtnetlink.ts'
import { lwtunnel_cmp_encap } from '../core/lwtunnel.ts'
import type { net } from '../core/net_namespace.ts'
import type { netlink_ext_ack } from '../netlink/extack.ts'
import { fib6_set_node } from './ip6_fib_dev.ts'
import { fib6_start_gc } from './ip6_fib_gc.ts'
import { fib6_clean_expires, type fib6_info, fib6_set_expires, fib6_siblings, type nl_info6, rt6_qualify_for_ecmp } from './ip6_fib_info.ts'
import { fib6_metric, fib6_metric_set } from './ip6_fib_metrics.ts'
import { rt6_multipath_rebalance } from './ip6_fib_multipath.ts'
import {
  fib6_locate_1,
  fib6_make_node,
  fib6_node,
  fib6_purge_rt,
  fib6_repair_tree,
  fib6_set_holder,
  type fib6_table,
} from './ip6_fib_node.ts'
import { inet6_rt_notify } from './ip6_route_notify.ts'

function warn(kernel: Kernel, text: string): void {
  kernel.printk(KERN_WARNING, `IPv6: ${text}`)
}

/** rt6_duplicate_nexthop(): the same way out. */
export function rt6_duplicate_nexthop(a: fib6_info, b: fib6_info): boolean {
  if (a.nh !== undefined || b.nh !== undefined) return a.nh === b.nh
  const { fib6_nh: x } = a
  const { fib6_nh: y } = b
  return x.fib_nh_dev === y.fib_nh_dev && ipv6_addr_equal(x.fib_nh_gw6, y.fib_nh_gw6) && lwtunnel_cmp_encap(x.fib_nh_lws, y.fib_nh_lws)
}

/** What a request without NLM_F_CREATE finds to be missing: an error only where it wants to replace. */
function find_node(net: net, root: fib6_node, key: Uint8Array, plen: number, info: nl_info6, extack?: netlink_ext_ack): fib6_node | Errno {
  const { nlflags } = info
  if (nlflags !== undefined && !(nlflags & NLM_F_CREATE) && fib6_locate_1(root, key, plen) === undefined) {
    if (nlflags & NLM_F_REPLACE) {
      warn(net.kernel, "Can't replace route, no match found")
      return extack?.fail(ENOENT, 'Can not replace route - no match found') ?? ENOENT
    }
    warn(net.kernel, 'NLM_F_CREATE should be set when creating new route')
  }
  return fib6_make_node(net, root, key, plen)
}

/** Adds a route to its table. */
export function fib6_add(net: net, table: fib6_table, rt: fib6_info, info: nl_info6, extack?: netlink_ext_ack): Errno | undefined {
  const { nlflags } = info
  if (nlflags !== undefined && !(nlflags & (NLM_F_CREATE | NLM_F_REPLACE))) {
    warn(net.kernel, 'RTM_NEWROUTE with no NLM_F_CREATE or NLM_F_REPLACE')
  }
  const fn = find_node(net, table.tb6_root, rt.fib6_dst, rt.fib6_dst_plen, info, extack)
  if (isErrno(fn)) return fn
  const sn = rt.fib6_src_plen === 0 ? fn : find_source_node(net, fn, rt, info, extack)
  const error = isErrno(sn) ? sn : fib6_add_rt2node(net, sn, rt, info)
  if (isErrno(error)) {
    if (!isErrno(sn)) fib6_repair_tree(net, sn)
    fib6_repair_tree(net, fn)
    return error
  }
  // of a prefix that has routes by source alone
  if (sn !== fn && fn.leaf.length === 0 && fn.parent !== undefined) fib6_set_holder(fn, rt)
  rt.nh?.f6i_list.add(rt)
  table.sernum = ++net.ipv6.fib6.sernum
  if (rt.fib6_src_plen !== 0) net.ipv6.fib6.fib6_routes_require_src++
  fib6_start_gc(net, rt)
  return undefined
}
function find_source_node(net: net, fn: fib6_node, rt: fib6_info, info: nl_info6, extack?: netlink_ext_ack): fib6_node | Errno {
  const made = fn.subtree === undefined
  if (fn.subtree === undefined) {
    fn.subtree = new fib6_node(new Uint8Array(16), 0, fn, true)
    net.ipv6.fib6.rt6_stats.fib_nodes++
    net.ipv6.fib6.subtrees++
  }
  const sn = find_node(net, fn.subtree, rt.fib6_src, rt.fib6_src_plen, info, extack)
  if (isErrno(sn) && made) fib6_repair_tree(net, fn.subtree)
  return sn
}

/** Where the new route goes among those of its node. */
class place {
  /** Index in the node's list. */
  at = 0
  /** The route there is to be replaced. */
  replace = false
  /** Others that the new one shares packets with. */
  ecmp = 0
  nlflags = NLM_F_EXCL
}

/** An equal route is there already: it only learns the new lifetime and path MTU. */
function refresh(iter: fib6_info, rt: fib6_info): Errno {
  if (!(iter.fib6_flags & RTF_EXPIRES)) return EEXIST
  if (rt.fib6_flags & RTF_EXPIRES) fib6_set_expires(iter, rt.expires)
  else fib6_clean_expires(iter)
  const mtu = fib6_metric(rt, RTAX_MTU.nr)
  if (mtu !== 0) fib6_metric_set(iter, RTAX_MTU.nr, mtu)
  return EEXIST
}

function find_place(fn: fib6_node, rt: fib6_info, info: nl_info6): place | Errno {
  const asked = info.nlflags ?? 0
  const can_ecmp = rt6_qualify_for_ecmp(rt)
  const found = new place()
  let fallback = -1
  if (asked & NLM_F_APPEND) found.nlflags |= NLM_F_APPEND
  for (; found.at < fn.leaf.length; found.at++) {
    const iter = fn.leaf[found.at]
    if (iter.fib6_metric > rt.fib6_metric) break
    if (iter.fib6_metric < rt.fib6_metric) continue
    if (asked & NLM_F_EXCL) return EEXIST
    found.nlflags &= ~NLM_F_EXCL
    if (asked & NLM_F_REPLACE) {
      if (can_ecmp === rt6_qualify_for_ecmp(iter)) {
        found.replace = true
        return found
      }
      if (fallback < 0) fallback = found.at
      continue
    }
    if (rt6_duplicate_nexthop(iter, rt)) return refresh(iter, rt)
    if (can_ecmp && rt6_qualify_for_ecmp(iter)) found.ecmp++
  }
  if (fallback >= 0) {
    // none of its own sort: the first of equal metric goes
    found.at = fallback
    found.replace = true
  }
  return found
}

function fib6_add_rt2node(net: net, fn: fib6_node, rt: fib6_info, info: nl_info6): Errno | undefined {
  const where = find_place(fn, rt, info)
  if (isErrno(where)) return where
  const { nlflags } = info
  if (where.replace) {
    replace_rt(net, fn, rt, where.at, info)
    return undefined
  }
  if (nlflags !== undefined && !(nlflags & NLM_F_CREATE)) {
    if (nlflags & NLM_F_REPLACE) {
      warn(net.kernel, 'NLM_F_REPLACE set, but no existing node found!')
      return ENOENT
    }
    warn(net.kernel, 'NLM_F_CREATE should be set when creating new route')
  }
  insert_rt(net, fn, rt, where, info)
  return undefined
}

function insert_rt(net: net, fn: fib6_node, rt: fib6_info, where: place, info: nl_info6): void {
  if (where.ecmp > 0) join_siblings(fn, rt)
  const { rt6_stats } = net.ipv6.fib6
  if (fn.leaf.length === 0) rt6_stats.fib_route_nodes++
  fib6_set_holder(fn, undefined)
  fib6_set_node(net, rt, fn)
  if (fn.leaf.length === 0) fn.leaf = [rt]
  else fn.leaf.splice(where.at, 0, rt)
  rt6_stats.fib_rt_entries++
  rt6_multipath_rebalance(rt)
  if (!info.skip_notify) inet6_rt_notify(net, RTM_NEWROUTE, rt, info, where.nlflags | NLM_F_CREATE)
}
function join_siblings(fn: fib6_node, rt: fib6_info): void {
  const first = fn.leaf.find((other) => other.fib6_metric === rt.fib6_metric && rt6_qualify_for_ecmp(other))
  if (first === undefined) return
  first.fib6_siblings ??= new fib6_siblings(first)
  first.fib6_siblings.list.push(rt)
  rt.fib6_siblings = first.fib6_siblings
}

/** Puts `rt` in the place of one; of a multipath route all other hops go too, and nobody is told of them. */
function replace_rt(net: net, fn: fib6_node, rt: fib6_info, at: number, info: nl_info6): void {
  const old = fn.leaf[at]
  fib6_set_node(net, rt, fn)
  fn.leaf[at] = rt
  if (!info.skip_notify) inet6_rt_notify(net, RTM_NEWROUTE, rt, info, NLM_F_REPLACE)
  fib6_set_node(net, old, undefined)
  fib6_purge_rt(old, fn)
  old.nh?.f6i_list.delete(old)
  for (const iter of old.fib6_siblings?.list ?? []) {
    if (iter === old) continue
    fn.leaf.splice(fn.leaf.indexOf(iter), 1)
    fib6_set_node(net, iter, undefined)
    net.ipv6.fib6.rt6_stats.fib_rt_entries--
  }
}

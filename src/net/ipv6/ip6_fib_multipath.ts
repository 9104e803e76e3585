/** net/ipv6/route.c rt6_multipath_*: how the hops of a multipath route share its packets. */

import { RTNH_F_DEAD, RTNH_F_LINKDOWN } from '../../uapi/linux/rtnetlink.ts'
import { ip6_ignore_linkdown } from './addrconf_core.ts'
import type { fib6_info, fib6_nh } from './ip6_fib_info.ts'

export function fib6_nh_dead(nh: fib6_nh): boolean {
  if (nh.fib_nh_flags & RTNH_F_DEAD) return true
  return (nh.fib_nh_flags & RTNH_F_LINKDOWN) !== 0 && nh.fib_nh_dev !== undefined && ip6_ignore_linkdown(nh.fib_nh_dev)
}

/** Each living hop gets a share of 2^31 by its weight; the bounds ascend in order of the hops. */
export function rt6_multipath_rebalance(rt: fib6_info): void {
  const { fib6_siblings } = rt
  if (fib6_siblings === undefined || rt.should_flush) return
  let total = 0
  for (const { fib6_nh: nh } of fib6_siblings.list) if (!fib6_nh_dead(nh)) total += nh.fib_nh_weight
  let weight = 0
  for (const { fib6_nh: nh } of fib6_siblings.list) {
    nh.fib_nh_upper_bound = -1
    if (fib6_nh_dead(nh)) continue
    weight += nh.fib_nh_weight
    nh.fib_nh_upper_bound = Math.floor((weight * 0x80000000 + Math.floor(total / 2)) / total) - 1
  }
}

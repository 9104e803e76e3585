/** net/ipv6/route.c rt6_check_neigh: what the neighbour table says of a router. */
import { NUD_FAILED } from '../../uapi/linux/neighbour.ts'
import { __neigh_lookup_noref } from '../core/neighbour_table.ts'
import type { net } from '../core/net_namespace.ts'
import type { fib6_nh } from './ip6_fib_info.ts'
import { nd_tbl } from './ndisc.ts'

export const RT6_NUD_FAIL_PROBE = -2
export const RT6_NUD_SUCCEED = 1

/** A router that nobody has asked for yet counts as reachable; one that did not answer does not. */
export function rt6_check_neigh(net: net, nh: fib6_nh): number {
  const neigh = nh.fib_nh_dev && __neigh_lookup_noref(nd_tbl(net.kernel), nh.fib_nh_gw6, nh.fib_nh_dev)
  return neigh !== undefined && neigh.nud_state & NUD_FAILED ? RT6_NUD_FAIL_PROBE : RT6_NUD_SUCCEED
}

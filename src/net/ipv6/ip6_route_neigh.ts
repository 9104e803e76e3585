/** net/ipv6/route.c rt6_check_neigh: what the neighbour table says of a router. */
import type { net } from '../core/net_namespace.ts'
import type { fib6_nh } from './ip6_fib_info.ts'

export const RT6_NUD_FAIL_PROBE = -2
export const RT6_NUD_SUCCEED = 1

/** A router that nobody has asked for yet counts as reachable. */
export function rt6_check_neigh(_net: net, _nh: fib6_nh): number {
  return RT6_NUD_SUCCEED
}

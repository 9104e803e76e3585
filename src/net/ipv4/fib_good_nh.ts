/** net/ipv4/fib_semantics.c fib_good_nh, net/ipv4/nexthop.c nexthop_is_good_nh: next hops whose neighbour does not answer are passed over. */
import { NUD_REACHABLE } from '../../uapi/linux/neighbour.ts'
import { putBe32 } from '../../lib/bytes.ts'
import { AF_INET } from '../../uapi/linux/socket.ts'
import { NUD_VALID, neigh_find_table } from '../core/neighbour.ts'
import { __neigh_lookup_noref } from '../core/neighbour_table.ts'
import type { fib_nh_common } from './fib_nh.ts'

/** Whether nothing is known against it: a neighbour that nobody has asked for yet is as good as one that answered. */
export function fib_good_nh(nh: fib_nh_common): boolean {
  const { fib_nh_dev: dev, fib_nh_gw_family: family } = nh
  const tbl = dev === undefined || family === 0 ? undefined : neigh_find_table(dev.nd_net.kernel, family)
  if (tbl === undefined || dev === undefined) return true
  const neigh = __neigh_lookup_noref(tbl, gateway_key(nh), dev)
  return ((neigh?.nud_state ?? NUD_REACHABLE) & NUD_VALID) !== 0
}
function gateway_key(nh: fib_nh_common): Uint8Array {
  if (nh.fib_nh_gw_family !== AF_INET) return nh.fib_nh_gw6 as Uint8Array
  const key = new Uint8Array(4)
  putBe32(key, 0, nh.fib_nh_gw4 ?? 0)
  return key
}

/** include/net/nexthop.h nexthop_fib6_nh: IPv6 routes whose way out is a nexthop object. */
import { RTF_REJECT } from '../../uapi/linux/route.ts'
import { RTN_BLACKHOLE } from '../../uapi/linux/rtnetlink.ts'
import { nexthop_each_nhc, nexthop_info, nexthop_is_blackhole, nexthop_select_path } from '../ipv4/nexthop.ts'
import type { fib6_info, fib6_nh, fib6_result } from './ip6_fib_info.ts'

/** The one next hop that stands for a route: its own, or the object's first. */
export function fib6_info_nh(f6i: fib6_info): fib6_nh {
  return f6i.nh === undefined ? f6i.fib6_nh : ((nexthop_info(f6i.nh)?.nhc as fib6_nh | undefined) ?? f6i.fib6_nh)
}
/** All next hops that packets of the route may take. */
export function fib6_info_nhs(f6i: fib6_info): fib6_nh[] {
  if (f6i.nh !== undefined) return nexthop_each_nhc(f6i.nh) as fib6_nh[]
  return f6i.fib6_siblings === undefined ? [f6i.fib6_nh] : f6i.fib6_siblings.list.map((hop) => hop.fib6_nh)
}
export function fib6_result_of(f6i: fib6_info, nh: fib6_nh): fib6_result {
  return { f6i, nh, fib6_flags: f6i.fib6_flags, fib6_type: f6i.fib6_type }
}
function rejected(f6i: fib6_info, nh: fib6_nh): fib6_result {
  return { f6i, nh, fib6_flags: f6i.fib6_flags | RTF_REJECT, fib6_type: RTN_BLACKHOLE }
}
/** Of an object that drops; undefined: it does not. */
export function fib6_blackhole_result(f6i: fib6_info): fib6_result | undefined {
  return f6i.nh !== undefined && nexthop_is_blackhole(f6i.nh) ? rejected(f6i, fib6_info_nh(f6i)) : undefined
}
/** nexthop_path_fib6_result(): the member of the object that the flow's hash falls to. */
export function nexthop_path_fib6_result(res: fib6_result, hash: number): fib6_result {
  const { f6i } = res
  const nhi = f6i.nh && nexthop_select_path(f6i.nh, hash).nh_info
  if (nhi === undefined) return res
  const nh = nhi.nhc as fib6_nh
  return nhi.reject_nh ? rejected(f6i, nh) : fib6_result_of(f6i, nh)
}

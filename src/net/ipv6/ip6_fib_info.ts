/** include/net/ip6_fib.h: IPv6 routes and what they are asked for with. Addresses are 16 bytes, never changed in place. */
import { in6addr_any } from '../../uapi/linux/in6.ts'
import { RTF_ADDRCONF, RTF_EXPIRES } from '../../uapi/linux/ipv6_route.ts'
import type { nexthop } from '../ipv4/nexthop.ts'
import type { lwtunnel_state } from '../core/lwtunnel.ts'
import type { net } from '../core/net_namespace.ts'
import type { net_device } from '../core/netdevice.ts'
import type { fib_metrics, raw_metrics } from '../ipv4/fib_metrics.ts'
import type { fib_nh_exception } from '../ipv4/route_exception.ts'
import type { fib6_node, fib6_table } from './ip6_fib_node.ts'

/** struct nl_info: who asked for a change, what its notification carries, and how it is to be done. */
export interface nl_info6 {
  readonly portid: number
  readonly seq: number
  /** NLM_F_ECHO */
  readonly report: boolean
  /** nlmsg_flags of the request; undefined: the kernel itself (no nlmsghdr in Linux). */
  nlflags: number | undefined
  /** The caller tells of the change itself. */
  skip_notify: boolean
}

export function nl_info6_kernel(skip_notify = false): nl_info6 {
  return { portid: 0, seq: 0, report: false, nlflags: undefined, skip_notify }
}

/** struct fib6_config: a route as it is asked for. */
export class fib6_config {
  fc_table = 0
  fc_metric = 0
  fc_dst_len = 0
  fc_src_len = 0
  fc_ifindex = 0
  /** RTF_*, and RTNH_F_ONLINK. */
  fc_flags = 0
  fc_protocol = 0
  fc_type = 0
  /** Deleting without a gateway: all next hops, told of in one message. */
  fc_delete_all_nh = false
  fc_ignore_dev_down = false
  fc_nh_id = 0
  fc_dst: Uint8Array = in6addr_any
  fc_src: Uint8Array = in6addr_any
  fc_prefsrc: Uint8Array | undefined = undefined
  fc_gateway: Uint8Array = in6addr_any
  fc_is_fdb = false
  /** Hundredths of a second from now. */
  fc_expires = 0
  fc_mx: raw_metrics | undefined = undefined
  /** RTA_MULTIPATH: where its rtnexthops are. */
  fc_mp: raw_metrics | undefined = undefined
  fc_encap_type = 0
  /** RTA_ENCAP: offset of its header in `fc_encap_buf`; 0: none. */
  fc_encap = 0
  fc_encap_buf: Uint8Array = in6addr_any
  fc_nlinfo: nl_info6 = nl_info6_kernel()
}

/** struct rt6_exception: what an error or a redirect said of one destination. */
export interface rt6_exception {
  daddr: Uint8Array
  /** Where its route has a source prefix it is for this source alone. */
  saddr: Uint8Array
  /** 0: the route's own. */
  mtu: number
  /** The route's, another one, or the destination itself. */
  gateway: Uint8Array
  /** RTF_* */
  flags: number
  /** Jiffies since boot, with RTF_EXPIRES. */
  expires: number
  /** Jiffies since boot. */
  lastuse: number
}

/** struct fib6_nh */
export class fib6_nh {
  fib_nh_dev: net_device | undefined = undefined
  /** RTNH_F_* */
  fib_nh_flags = 0
  fib_nh_gw_family = 0
  fib_nh_gw6: Uint8Array = in6addr_any
  fib_nh_weight = 1
  /** Share of the hash's range, up to and including (31 bits); -1: takes no part. */
  fib_nh_upper_bound = 0
  /** A route for packets has been made of it, and is kept (rt6i_pcpu). */
  rt6i_pcpu = false
  fib_nh_lws: lwtunnel_state | undefined = undefined
  /** Destinations with a way or an MTU of their own, by address (rt6i_exception_bucket). */
  rt6_exceptions: Map<string, rt6_exception> | undefined = undefined
  /** As a next hop of IPv4's routes (nhc_exceptions). */
  nhc_exceptions: Map<number, fib_nh_exception> | undefined = undefined
}

/** Routes of one prefix and metric that share packets between them, in the order in which users see them. */
export class fib6_siblings {
  list: fib6_info[]
  constructor(first: fib6_info) {
    this.list = [first]
  }
}

/** struct fib6_info: one route with one next hop. All fields in one order (hot object). */
export class fib6_info {
  fib6_table: fib6_table
  fib6_node: fib6_node | undefined = undefined
  fib6_siblings: fib6_siblings | undefined = undefined
  fib6_dst: Uint8Array = in6addr_any
  fib6_dst_plen = 0
  fib6_src: Uint8Array = in6addr_any
  fib6_src_plen = 0
  fib6_prefsrc: Uint8Array | undefined = undefined
  fib6_metric = 0
  fib6_protocol = 0
  /** RTN_* */
  fib6_type = 0
  /** RTF_* */
  fib6_flags = 0
  /** Jiffies since boot, with RTF_EXPIRES. */
  expires = 0
  fib6_metrics: fib_metrics | undefined = undefined
  dst_nocount = false
  dst_nopolicy = false
  /** The whole multipath route is going. */
  should_flush = false
  fib6_nh: fib6_nh
  /** References: the table's, and those of addresses and cached routes (/proc/net/ipv6_route). */
  fib6_ref = 1
  /** A nexthop object in place of fib6_nh. */
  nh: nexthop | undefined = undefined
  constructor(table: fib6_table) {
    this.fib6_table = table
    this.fib6_nh = new fib6_nh()
  }
}

/** What a lookup found (struct fib6_result). */
export interface fib6_result {
  f6i: fib6_info
  nh: fib6_nh
  fib6_flags: number
  fib6_type: number
}

/** Called for each route of a walk; answers FIB6_WALK_*. */
export type fib6_walk_fn = (net: net, f6i: fib6_info, arg: any) => number

/** Whether packets may be shared between this route and others of its prefix and metric: those by an RA are not. */
export function rt6_qualify_for_ecmp(f6i: fib6_info): boolean {
  return (f6i.fib6_flags & RTF_ADDRCONF) === 0 && f6i.nh === undefined && f6i.fib6_nh.fib_nh_gw_family !== 0
}
/** The others of a multipath route, in order from the one behind `f6i`, round. */
export function fib6_other_siblings(f6i: fib6_info): fib6_info[] {
  const list = f6i.fib6_siblings?.list
  if (list === undefined) return []
  const at = list.indexOf(f6i)
  return [...list.slice(at + 1), ...list.slice(0, at)]
}
export function fib6_set_expires(f6i: fib6_info, expires: number): void {
  f6i.expires = expires
  f6i.fib6_flags = (f6i.fib6_flags | RTF_EXPIRES) >>> 0
}
export function fib6_clean_expires(f6i: fib6_info): void {
  f6i.fib6_flags = (f6i.fib6_flags & ~RTF_EXPIRES) >>> 0
  f6i.expires = 0
}

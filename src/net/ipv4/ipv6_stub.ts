/** include/net/ipv6_stubs.h: what IPv4 and nexthop objects ask of IPv6, which stands above them: its functions, when it is there. */
import type { Errno } from '../../uapi/errno.ts'
import type { net } from '../core/net_namespace.ts'
import type { net_device } from '../core/netdevice.ts'
import type { netlink_ext_ack } from '../netlink/extack.ts'
import type { fib_nh_common } from './fib_nh.ts'
import type { nh_nl_info } from './nexthop.ts'

/** A next hop as it is asked for. */
export interface fib6_nh_config {
  /** 0: the default one. */
  readonly table: number
  readonly oif: number
  /** All zero: none. */
  readonly gw6: Uint8Array
  /** RTNH_F_ONLINK */
  readonly flags: number
  readonly fdb: boolean
}

/** An IPv6 route; opaque here. */
export type fib6_route = any

export interface ipv6_stub {
  /** A checked next hop (fib6_nh), or why it can be none. Encapsulation is the caller's. */
  fib6_nh_init(net: net, cfg: fib6_nh_config, extack: netlink_ext_ack | undefined): fib_nh_common | Errno
  /** Removes a route whose nexthop object goes; told unless `skip_notify`. */
  ip6_del_rt(net: net, f6i: fib6_route, skip_notify: boolean): void
  /** Tells of a route whose nexthop object has changed (RTM_NEWROUTE, NLM_F_REPLACE). */
  fib6_rt_update(net: net, f6i: fib6_route, info: nh_nl_info): void
  /** The first device with the address. */
  ipv6_dev_find(net: net, addr: Uint8Array): net_device | undefined
}

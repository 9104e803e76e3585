/** net/ipv4/fib_semantics.c fib_nh_init, fib_check_nh: one next hop of an IPv4 route or nexthop object, and whether it can be one. */
import { EAFNOSUPPORT, EAGAIN, EINVAL, ENETDOWN, ENODEV, type Errno, isErrno } from '../../uapi/errno.ts'
import { IFF_UP } from '../../uapi/linux/if.ts'
import { LWTUNNEL_ENCAP_NONE } from '../../uapi/linux/lwtunnel.ts'
import {
  RT_SCOPE_HOST,
  RT_SCOPE_LINK,
  RT_TABLE_MAIN,
  RTN_LOCAL,
  RTN_UNICAST,
  RTNH_F_LINKDOWN,
  RTNH_F_ONLINK,
  RTNH_F_PERVASIVE,
} from '../../uapi/linux/rtnetlink.ts'
import { AF_INET, AF_INET6 } from '../../uapi/linux/socket.ts'
import type { lwtunnel_state } from '../core/lwtunnel.ts'
import { lwtunnel_build_state } from '../core/lwtunnel.ts'
import type { net } from '../core/net_namespace.ts'
import { LINK_STATE_NOCARRIER, type net_device } from '../core/netdevice.ts'
import type { netlink_ext_ack } from '../netlink/extack.ts'
import { FIB_LOOKUP_IGNORE_LINKSTATE, fib_lookup, fib_result, fib_table_lookup, flowi4 } from './fib_lookup.ts'
import type { raw_attr } from './fib_metrics.ts'
import { type fib_config, type fib_info, fib_fail } from './fib_semantics.ts'
import { fib_get_table, inet_addr_type_dev_table } from './fib_tables.ts'
import { inetdev_by_index } from './in_device.ts'
import type { fib_nh_exception } from './route_exception.ts'

/** include/net/ip_fib.h struct fib_nh_common: what IPv4's and IPv6's next hops (fib_nh, fib6_nh) have in common. */
export interface fib_nh_common {
  fib_nh_dev: net_device | undefined
  /** RTNH_F_* */
  fib_nh_flags: number
  fib_nh_gw_family: number
  fib_nh_gw4?: number
  fib_nh_gw6?: Uint8Array
  /** A lwtunnel_state. */
  fib_nh_lws: unknown
  fib_nh_scope?: number
  fib_nh_weight: number
  nh_tclassid?: number
  /** By destination. */
  nhc_exceptions: Map<number, fib_nh_exception> | undefined
}

export const no_gw6 = new Uint8Array(16)

/** All fields in one order (hot object). */
export class fib_nh implements fib_nh_common {
  /** Undefined: a nexthop object's. */
  readonly nh_parent: fib_info | undefined
  fib_nh_dev: net_device | undefined = undefined
  fib_nh_oif: number
  fib_nh_flags: number
  fib_nh_scope = 0
  fib_nh_gw_family: number
  fib_nh_gw4: number
  fib_nh_gw6: Uint8Array
  nh_tclassid: number
  fib_nh_weight: number
  /** Share of the hash's range, up to and including (31 bits); -1: takes no part. */
  fib_nh_upper_bound = 0
  fib_nh_lws: lwtunnel_state | undefined = undefined
  nhc_exceptions: Map<number, fib_nh_exception> | undefined = undefined
  constructor(fi: fib_info | undefined, cfg: fib_config, weight = 1) {
    this.nh_parent = fi
    this.fib_nh_oif = cfg.fc_oif
    this.fib_nh_flags = cfg.fc_flags & 0xff
    this.fib_nh_gw_family = cfg.fc_gw_family
    this.fib_nh_gw4 = cfg.fc_gw4
    this.fib_nh_gw6 = cfg.fc_gw6
    this.nh_tclassid = cfg.fc_flow
    this.fib_nh_weight = weight
  }
}

/** The encapsulation of a next hop (fib_nh_common_init). */
export function fib_nh_encap(
  net: net,
  nh: { fib_nh_lws: unknown },
  family: number,
  encap: raw_attr | undefined,
  encap_type: number,
  extack: netlink_ext_ack | undefined,
): Errno | undefined {
  if (encap === undefined) return undefined
  if (encap_type === LWTUNNEL_ENCAP_NONE) return fib_fail(extack, EINVAL, 'LWT encap type not specified')
  const state = lwtunnel_build_state(net, encap_type, encap.buf, encap.at, family, extack)
  if (isErrno(state)) return state
  nh.fib_nh_lws = state
  return undefined
}

function carrier_ok(dev: net_device): boolean {
  return (dev.state & LINK_STATE_NOCARRIER) === 0
}

/**
 * fib_check_nh(): a next hop must have a narrower scope than the route that uses it, down to the device itself. It ends
 * where the gateway is declared on-link, or is one of our own addresses, or is reached by a direct route.
 */
export function fib_check_nh(net: net, nh: fib_nh, table: number, scope: number, extack: netlink_ext_ack | undefined): Errno | undefined {
  if (nh.fib_nh_gw_family === AF_INET) {
    return nh.fib_nh_flags & RTNH_F_ONLINK ? check_onlink(net, nh, scope, extack) : check_gateway(net, nh, table, scope, extack)
  }
  return nh.fib_nh_gw_family === AF_INET6 ? fib_check_nh_v6_gw(net, nh, table, extack) : fib_check_nh_nongw(net, nh, extack)
}
function set_nh_dev(nh: fib_nh, dev: net_device, scope: number): void {
  nh.fib_nh_dev = dev
  nh.fib_nh_oif = dev.ifindex
  nh.fib_nh_scope = scope
  if (!carrier_ok(dev)) nh.fib_nh_flags |= RTNH_F_LINKDOWN
}
/** The gateway is IPv6's to judge. */
function fib_check_nh_v6_gw(net: net, nh: fib_nh, table: number, extack: netlink_ext_ack | undefined): Errno | undefined {
  const stub = net.kernel.ipv6_stub
  if (stub === undefined) return fib_fail(extack, EAFNOSUPPORT, 'IPv6 support not enabled in kernel')
  const found = stub.fib6_nh_init(net, { table, oif: nh.fib_nh_oif, gw6: nh.fib_nh_gw6, flags: nh.fib_nh_flags, fdb: false }, extack)
  if (isErrno(found)) return found
  nh.fib_nh_dev = found.fib_nh_dev
  nh.fib_nh_oif = found.fib_nh_dev?.ifindex ?? 0
  nh.fib_nh_scope = RT_SCOPE_LINK
  if (found.fib_nh_flags & RTNH_F_LINKDOWN) nh.fib_nh_flags |= RTNH_F_LINKDOWN
  return undefined
}
function check_onlink(net: net, nh: fib_nh, scope: number, extack: netlink_ext_ack | undefined): Errno | undefined {
  if (scope >= RT_SCOPE_LINK) return fib_fail(extack, EINVAL, 'Nexthop has invalid scope')
  const dev = net.dev_index_head.get(nh.fib_nh_oif)
  if (dev === undefined) return fib_fail(extack, ENODEV, 'Nexthop device required for onlink')
  if (!(dev.flags & IFF_UP)) return fib_fail(extack, ENETDOWN, 'Nexthop device is not up')
  if (inet_addr_type_dev_table(net, dev, nh.fib_nh_gw4) !== RTN_UNICAST) {
    return fib_fail(extack, EINVAL, 'Nexthop has invalid gateway')
  }
  set_nh_dev(nh, dev, RT_SCOPE_LINK)
  return undefined
}
function check_gateway(net: net, nh: fib_nh, table: number, scope: number, extack: netlink_ext_ack | undefined): Errno | undefined {
  const res = new fib_result()
  const fl = new flowi4(nh.fib_nh_gw4, nh.fib_nh_oif, Math.max(scope + 1, RT_SCOPE_LINK))
  fl.iif = net.loopback_dev?.ifindex ?? 1
  const tb = table !== 0 && table !== RT_TABLE_MAIN ? fib_get_table(net, table) : undefined
  let error: Errno | undefined = tb === undefined ? EAGAIN : fib_table_lookup(tb, fl, res, FIB_LOOKUP_IGNORE_LINKSTATE)
  // next hops in the local table, or in main while the route is for a table of its own
  if (isErrno(error)) error = fib_lookup(net, fl, res, FIB_LOOKUP_IGNORE_LINKSTATE)
  if (isErrno(error)) return fib_fail(extack, error, 'Nexthop has invalid gateway')
  if (res.type !== RTN_UNICAST && res.type !== RTN_LOCAL) return fib_fail(extack, EINVAL, 'Nexthop has invalid gateway')
  const dev = res.nh?.fib_nh_dev
  if (dev === undefined) return fib_fail(extack, EINVAL, 'No egress device for nexthop gateway')
  set_nh_dev(nh, dev, res.scope)
  return dev.flags & IFF_UP ? undefined : ENETDOWN
}
function fib_check_nh_nongw(net: net, nh: fib_nh, extack: netlink_ext_ack | undefined): Errno | undefined {
  if (nh.fib_nh_flags & (RTNH_F_PERVASIVE | RTNH_F_ONLINK)) {
    return fib_fail(extack, EINVAL, 'Invalid flags for nexthop - PERVASIVE and ONLINK can not be set')
  }
  const dev = inetdev_by_index(net, nh.fib_nh_oif)?.dev
  if (dev === undefined) return ENODEV
  if (!(dev.flags & IFF_UP)) return fib_fail(extack, ENETDOWN, 'Device for nexthop is not up')
  set_nh_dev(nh, dev, RT_SCOPE_HOST)
  return undefined
}

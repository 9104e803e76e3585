/** net/ipv4/route.c ip_route_input_slow: where a packet that comes in goes: up to us, on to another device, or nowhere. */
import { EHOSTUNREACH, EINVAL, EXDEV, type Errno, isErrno } from '../../uapi/errno.ts'
import { IPPROTO_IGMP, ipv4_is_lbcast, ipv4_is_loopback, ipv4_is_multicast, ipv4_is_zeronet } from '../../uapi/linux/in.ts'
import {
  IPV4_DEVCONF_ACCEPT_LOCAL,
  IPV4_DEVCONF_FORWARDING,
  IPV4_DEVCONF_ROUTE_LOCALNET,
  IPV4_DEVCONF_RP_FILTER,
  IPV4_DEVCONF_SEND_REDIRECTS,
  IPV4_DEVCONF_SHARED_MEDIA,
} from '../../uapi/linux/ip.ts'
import { RT_SCOPE_HOST, RTN_BROADCAST, RTN_LOCAL, RTN_UNICAST } from '../../uapi/linux/rtnetlink.ts'
import type { net } from '../core/net_namespace.ts'
import type { net_device } from '../core/netdevice.ts'
import { inet_lookup_ifaddr } from './devinet_addr.ts'
import { inet_addr_onlink } from './devinet_select.ts'
import { FIB_LOOKUP_IGNORE_LINKSTATE, fib_lookup, fib_result, flowi4 } from './fib_lookup.ts'
import { fib_info_nhc, fib_info_num_path } from './fib_semantics.ts'
import { in_dev_maxconf, in_dev_orconf, type in_device } from './in_device.ts'
import { fib_select_path, rt_set_nexthop, rtable } from './route.ts'

/** Sources that no packet from outside may have. */
function martian_source(fl: flowi4): boolean {
  if (ipv4_is_multicast(fl.saddr) || ipv4_is_lbcast(fl.saddr) || ipv4_is_loopback(fl.saddr)) return true
  return ipv4_is_zeronet(fl.saddr) && fl.saddr !== 0
}

/** Packets that go up and those that go on are looked at alike; who has no address yet may speak. */
function source_error(net: net, fl: flowi4, in_dev: in_device, res: fib_result): Errno | undefined {
  return fl.saddr === 0 && res.type !== RTN_UNICAST ? undefined : fib_validate_source(net, fl, in_dev)
}
/**
 * fib_validate_source(): a source that is our own is not from outside; with rp_filter, nor is one that we would reach
 * another way (1), or not at all (2). EXDEV: filtered.
 */
function fib_validate_source(net: net, fl: flowi4, in_dev: in_device): Errno | undefined {
  const { dev } = in_dev
  const strict = in_dev_maxconf(in_dev, IPV4_DEVCONF_RP_FILTER)
  const accept_local = in_dev_orconf(in_dev, IPV4_DEVCONF_ACCEPT_LOCAL)
  if (strict === 0 && !net.ipv4.fib_has_custom_rules) {
    return !accept_local && inet_lookup_ifaddr(net, fl.saddr) !== undefined ? EINVAL : undefined
  }
  const back = new flowi4(fl.saddr)
  back.saddr = fl.daddr
  back.iif = net.loopback_dev.ifindex
  back.tos = fl.tos
  const res = new fib_result()
  if (isErrno(fib_lookup(net, back, res, FIB_LOOKUP_IGNORE_LINKSTATE))) return strict !== 0 ? EXDEV : undefined
  if (res.type !== RTN_UNICAST && (res.type !== RTN_LOCAL || !accept_local)) return EINVAL
  const { fi } = res
  const paths = fi === undefined ? 0 : fib_info_num_path(fi)
  for (let i = 0; fi !== undefined && i < paths; i++) if (fib_info_nhc(fi, i)?.fib_nh_dev === dev) return undefined
  return strict === 1 ? EXDEV : undefined
}

/** ip_mc_validate_source(): who may send to a group. */
export function ip_mc_validate_source(net: net, fl: flowi4, in_dev: in_device): Errno | undefined {
  if (ipv4_is_multicast(fl.saddr) || ipv4_is_lbcast(fl.saddr)) return EINVAL
  if (ipv4_is_loopback(fl.saddr) && !in_dev_orconf(in_dev, IPV4_DEVCONF_ROUTE_LOCALNET)) return EINVAL
  if (!ipv4_is_zeronet(fl.saddr)) return fib_validate_source(net, fl, in_dev)
  // nobody yet: neighbours of a link, and IGMP
  return fl.daddr >>> 8 === 0xe00000 || fl.proto === IPPROTO_IGMP ? undefined : EINVAL
}
export function ip_route_input(net: net, fl: flowi4, dev: net_device): rtable | Errno {
  const in_dev = dev.ip_ptr
  if (in_dev === undefined || martian_source(fl)) return EINVAL
  if (ipv4_is_lbcast(fl.daddr) || (fl.daddr === 0 && fl.saddr === 0)) return new rtable(net.loopback_dev, RTN_BROADCAST, fl.daddr, fl.saddr)
  if (ipv4_is_zeronet(fl.saddr) || ipv4_is_zeronet(fl.daddr) || ipv4_is_loopback(fl.daddr)) return EINVAL
  const res = new fib_result()
  const forwards = in_dev.cnf.get(IPV4_DEVCONF_FORWARDING) !== 0
  const error = fib_lookup(net, fl, res, 0)
  if (isErrno(error)) return forwards ? error : EHOSTUNREACH
  if (res.type !== RTN_LOCAL && res.type !== RTN_BROADCAST && !forwards) return EHOSTUNREACH
  const invalid = source_error(net, fl, in_dev, res)
  if (isErrno(invalid)) return invalid
  if (res.type === RTN_LOCAL || res.type === RTN_BROADCAST) return new rtable(net.loopback_dev, res.type, fl.daddr, fl.saddr, res)
  if (res.type !== RTN_UNICAST) return EINVAL
  fib_select_path(net, fl, res)
  const out = res.nh?.fib_nh_dev
  if (out === undefined) return EINVAL
  const rt = new rtable(out, RTN_UNICAST, fl.daddr, fl.saddr, res)
  rt_set_nexthop(rt, res)
  return rt
}

/** __mkroute_input(): the packet goes out where it came in (`iif`), and its sender could have sent it there itself. */
export function ip_route_doredirect(rt: rtable, saddr: number, iif: number): boolean {
  const { dev } = rt
  const { ip_ptr: in_dev } = dev
  if (rt.rt_type !== RTN_UNICAST || dev.ifindex !== iif || in_dev === undefined) return false
  if (!in_dev_orconf(in_dev, IPV4_DEVCONF_SEND_REDIRECTS) || !direct_neighbour(dev.nd_net, saddr)) return false
  return in_dev_orconf(in_dev, IPV4_DEVCONF_SHARED_MEDIA) || inet_addr_onlink(in_dev, saddr, rt.rt_gw4)
}
/** No gateway leads to it (fib_validate_source). */
function direct_neighbour(net: net, addr: number): boolean {
  const back = new fib_result()
  return fib_lookup(net, new flowi4(addr), back, 0) === undefined && (back.nh?.fib_nh_scope ?? 0) >= RT_SCOPE_HOST
}

/** net/ipv4/route.c ip_route_input_slow: where a packet that comes in goes: up to us, on to another device, or nowhere. */
import { EHOSTUNREACH, EINVAL, EXDEV, type Errno, isErrno } from '../../uapi/errno.ts'
import { IPPROTO_IGMP, ipv4_is_lbcast, ipv4_is_loopback, ipv4_is_multicast, ipv4_is_zeronet } from '../../uapi/linux/in.ts'
import {
  IPV4_DEVCONF_ACCEPT_LOCAL,
  IPV4_DEVCONF_BC_FORWARDING,
  IPV4_DEVCONF_FORWARDING,
  IPV4_DEVCONF_ROUTE_LOCALNET,
  IPV4_DEVCONF_RP_FILTER,
  IPV4_DEVCONF_SEND_REDIRECTS,
  IPV4_DEVCONF_SHARED_MEDIA,
  IPV4_DEVCONF_SRC_VMARK,
} from '../../uapi/linux/ip.ts'
import { RT_SCOPE_HOST, RTN_BROADCAST, RTN_LOCAL, RTN_UNICAST } from '../../uapi/linux/rtnetlink.ts'
import { AF_INET } from '../../uapi/linux/socket.ts'
import { l3mdev_master_dev_rcu, l3mdev_master_ifindex } from '../core/l3mdev.ts'
import type { net } from '../core/net_namespace.ts'
import type { net_device } from '../core/netdevice.ts'
import type { sk_buff } from '../core/skbuff.ts'
import { inet_lookup_ifaddr } from './devinet_addr.ts'
import { inet_addr_onlink } from './devinet_select.ts'
import { FIB_LOOKUP_IGNORE_LINKSTATE, fib_lookup, fib_result, flowi4 } from './fib_lookup.ts'
import { type fib_info, fib_info_nhc, fib_info_num_path } from './fib_semantics.ts'
import { in_dev_andconf, in_dev_maxconf, in_dev_orconf, type in_device } from './in_device.ts'
import { fib_select_path, rt_set_nexthop, rtable } from './route.ts'
import { ip_handle_martian_destination, ip_handle_martian_source } from './route_martian.ts'

/** fib_info_nh_uses_dev(): by one of its next hops the device is reached, or what the device is master of. */
function nh_uses_dev(fi: fib_info | undefined, dev: net_device): boolean {
  const paths = fi === undefined ? 0 : fib_info_num_path(fi)
  for (let i = 0; fi !== undefined && i < paths; i++) {
    const nh_dev = fib_info_nhc(fi, i)?.fib_nh_dev
    if (nh_dev === dev || (nh_dev !== undefined && l3mdev_master_ifindex(nh_dev) === dev.ifindex)) return true
  }
  return false
}
/** Whether the source is a neighbour, with no gateway before it. */
function direct(res: fib_result): boolean {
  return (res.nh?.fib_nh_scope ?? 0) >= RT_SCOPE_HOST
}

/** __fib_validate_source(): by looking up the way back. */
function full_check(net: net, fl: flowi4, in_dev: in_device, oif: number, rpf: number): Errno | boolean {
  const { dev } = in_dev
  const back = new flowi4(fl.saddr)
  back.saddr = fl.daddr
  back.iif = oif || net.loopback_dev.ifindex
  back.l3mdev = l3mdev_master_ifindex(dev)
  back.tos = fl.tos
  back.mark = in_dev_orconf(in_dev, IPV4_DEVCONF_SRC_VMARK) ? fl.mark : 0
  back.proto = fl.proto
  back.sport = fl.dport
  back.dport = fl.sport
  const res = new fib_result()
  const last_resort = () => (rpf !== 0 ? EXDEV : false)
  if (isErrno(fib_lookup(net, back, res, 0))) return last_resort()
  if (res.type !== RTN_UNICAST && (res.type !== RTN_LOCAL || !in_dev_orconf(in_dev, IPV4_DEVCONF_ACCEPT_LOCAL))) return EINVAL
  if (nh_uses_dev(res.fi, dev) || (res.type === RTN_LOCAL && dev === net.loopback_dev)) return direct(res)
  if (in_dev.ifa_list.length === 0) return last_resort()
  if (rpf === 1) return EXDEV
  back.oif = dev.ifindex
  const there = new fib_result()
  return !isErrno(fib_lookup(net, back, there, FIB_LOOKUP_IGNORE_LINKSTATE)) && there.type === RTN_UNICAST && direct(there)
}
/**
 * fib_validate_source(): a source that is our own is not from outside; with rp_filter, nor is one that we would reach
 * another way (1), or not at all (2): EXDEV. True: it is a neighbour, as far as that was looked at. `oif`: where the packet
 * goes next.
 */
function fib_validate_source(net: net, fl: flowi4, in_dev: in_device, oif: number): Errno | boolean {
  const rpf = in_dev_maxconf(in_dev, IPV4_DEVCONF_RP_FILTER)
  const redirects = in_dev.dev.ifindex === oif && in_dev_orconf(in_dev, IPV4_DEVCONF_SEND_REDIRECTS)
  if (rpf !== 0 || redirects) return full_check(net, fl, in_dev, oif, rpf)
  if (in_dev_orconf(in_dev, IPV4_DEVCONF_ACCEPT_LOCAL)) return false
  if (net.ipv4.fib_has_custom_rules) return full_check(net, fl, in_dev, oif, rpf)
  return inet_lookup_ifaddr(net, fl.saddr) !== undefined ? EINVAL : false
}
/** ip_mc_validate_source(): who may send to a group. */
export function ip_mc_validate_source(net: net, fl: flowi4, in_dev: in_device): Errno | undefined {
  if (ipv4_is_multicast(fl.saddr) || ipv4_is_lbcast(fl.saddr)) return EINVAL
  if (ipv4_is_loopback(fl.saddr) && !in_dev_orconf(in_dev, IPV4_DEVCONF_ROUTE_LOCALNET)) return EINVAL
  if (!ipv4_is_zeronet(fl.saddr)) {
    const valid = fib_validate_source(net, to_all(fl), in_dev, 0)
    return isErrno(valid) ? valid : undefined
  }
  // nobody yet: neighbours of a link, and IGMP
  return fl.daddr >>> 8 === 0xe00000 || fl.proto === IPPROTO_IGMP ? undefined : EINVAL
}
/** The way back is not looked up from an address for many. */
function to_all(fl: flowi4): flowi4 {
  const flow = new flowi4(0)
  flow.saddr = fl.saddr
  flow.iif = fl.iif
  flow.tos = fl.tos
  flow.mark = fl.mark
  flow.proto = fl.proto
  return flow
}

/** Addresses that no lookup is needed for: 'source' or 'destination' cannot be, 'all': limited broadcast. */
function impossible(fl: flowi4, in_dev: in_device): 'source' | 'destination' | 'all' | undefined {
  const { saddr, daddr } = fl
  if (ipv4_is_multicast(saddr) || ipv4_is_lbcast(saddr)) return 'source'
  if (ipv4_is_lbcast(daddr) || (saddr === 0 && daddr === 0)) return 'all'
  if (ipv4_is_zeronet(saddr)) return 'source'
  if (ipv4_is_zeronet(daddr)) return 'destination'
  const localnet = in_dev_orconf(in_dev, IPV4_DEVCONF_ROUTE_LOCALNET)
  if (ipv4_is_loopback(daddr)) return localnet ? undefined : 'destination'
  return ipv4_is_loopback(saddr) && !localnet ? 'source' : undefined
}
function martian_source(in_dev: in_device, skb: sk_buff | undefined, fl: flowi4, error: Errno): Errno {
  ip_handle_martian_source(in_dev, skb, fl.daddr, fl.saddr)
  return error
}
function martian_destination(in_dev: in_device, fl: flowi4): Errno {
  ip_handle_martian_destination(in_dev, fl.daddr, fl.saddr)
  return EINVAL
}
/** Up to us. `res`: the route, where there is one. */
function local_input(net: net, fl: flowi4, type: number, res?: fib_result): rtable {
  // the VRF stands for lo where it is the one that owns the address
  const rt = new rtable(l3mdev_master_dev_rcu(res?.nh?.fib_nh_dev) ?? net.loopback_dev, type, fl.daddr, fl.saddr, res)
  rt.rt_is_input = true
  return rt
}
function brd_input(net: net, fl: flowi4, in_dev: in_device, skb: sk_buff | undefined, res?: fib_result): rtable | Errno {
  const valid = ipv4_is_zeronet(fl.saddr) ? false : fib_validate_source(net, to_all(fl), in_dev, 0)
  return isErrno(valid) ? martian_source(in_dev, skb, fl, valid) : local_input(net, fl, RTN_BROADCAST, res)
}

/** `skb`: the packet, where it is not only asked for. */
export function ip_route_input(net: net, fl: flowi4, dev: net_device, skb?: sk_buff): rtable | Errno {
  const in_dev = dev.ip_ptr
  if (in_dev === undefined) return EINVAL
  const odd = impossible(fl, in_dev)
  if (odd === 'source') return martian_source(in_dev, skb, fl, EINVAL)
  if (odd === 'destination') return martian_destination(in_dev, fl)
  if (odd === 'all') return brd_input(net, fl, in_dev, skb)
  const res = new fib_result()
  const forwards = in_dev.cnf.get(IPV4_DEVCONF_FORWARDING) !== 0
  const error = fib_lookup(net, fl, res, 0)
  if (isErrno(error)) return forwards ? error : EHOSTUNREACH
  if (res.type === RTN_BROADCAST) {
    return in_dev_andconf(in_dev, IPV4_DEVCONF_BC_FORWARDING)
      ? ip_mkroute_input(net, fl, in_dev, res, skb)
      : brd_input(net, fl, in_dev, skb, res)
  }
  if (res.type === RTN_LOCAL) {
    const valid = fib_validate_source(net, fl, in_dev, 0)
    return isErrno(valid) ? martian_source(in_dev, skb, fl, valid) : local_input(net, fl, RTN_LOCAL, res)
  }
  if (!forwards) return EHOSTUNREACH
  return res.type === RTN_UNICAST ? ip_mkroute_input(net, fl, in_dev, res, skb) : martian_destination(in_dev, fl)
}

/** __mkroute_input(): on, by one of the next hops. */
function ip_mkroute_input(net: net, fl: flowi4, in_dev: in_device, res: fib_result, skb?: sk_buff): rtable | Errno {
  fib_select_path(net, fl, res, skb)
  const out = res.nh?.fib_nh_dev
  if (out?.ip_ptr === undefined) return EINVAL
  const valid = fib_validate_source(net, fl, in_dev, out.ifindex)
  if (isErrno(valid)) return martian_source(in_dev, skb, fl, valid)
  const rt = new rtable(out, res.type, fl.daddr, fl.saddr, res)
  rt.rt_is_input = true
  rt.bc_forwarded = res.type === RTN_BROADCAST
  if (out.ip_ptr === in_dev && valid) rt.doredirect = redirects(in_dev, fl.saddr, res)
  rt_set_nexthop(net, rt, res)
  return rt
}
/** The packet goes out where it came in, and its sender could have sent it there itself. */
function redirects(in_dev: in_device, saddr: number, { nh }: fib_result): boolean {
  if (!in_dev_orconf(in_dev, IPV4_DEVCONF_SEND_REDIRECTS)) return false
  const gw = nh?.fib_nh_gw_family === AF_INET ? (nh.fib_nh_gw4 ?? 0) : 0
  return in_dev_orconf(in_dev, IPV4_DEVCONF_SHARED_MEDIA) || inet_addr_onlink(in_dev, saddr, gw)
}

/** net/ipv4/route.c ip_route_output_key: where a packet of ours would go, and from which address. */
import { EINVAL, ENETUNREACH, ENODEV, type Errno, isErrno } from '../../uapi/errno.ts'
import { IFF_LOOPBACK, IFF_UP } from '../../uapi/linux/if.ts'
import {
  INADDR_LOOPBACK,
  IPPROTO_IGMP,
  ipv4_is_lbcast,
  ipv4_is_local_multicast,
  ipv4_is_loopback,
  ipv4_is_multicast,
  ipv4_is_zeronet,
} from '../../uapi/linux/in.ts'
import { IPV4_DEVCONF_ROUTE_LOCALNET } from '../../uapi/linux/ip.ts'
import {
  RT_SCOPE_HOST,
  RT_SCOPE_LINK,
  RT_SCOPE_UNIVERSE,
  RT_TABLE_LOCAL,
  RTN_BROADCAST,
  RTN_LOCAL,
  RTN_MULTICAST,
  RTN_UNICAST,
} from '../../uapi/linux/rtnetlink.ts'
import { AF_INET, AF_INET6 } from '../../uapi/linux/socket.ts'
import { l3mdev_master_dev_rcu, l3mdev_master_ifindex } from '../core/l3mdev.ts'
import type { lwtunnel_state } from '../core/lwtunnel.ts'
import type { net } from '../core/net_namespace.ts'
import { IFF_L3MDEV_MASTER, type net_device } from '../core/netdevice.ts'
import type { sk_buff } from '../core/skbuff.ts'
import { inet_lookup_ifaddr } from './devinet_addr.ts'
import { inet_select_addr } from './devinet_select.ts'
import { fib_lookup, fib_result, fib_table_lookup, flowi4 } from './fib_lookup.ts'
import { fib_select_multipath } from './fib_multipath.ts'
import { fib_info_num_path } from './fib_semantics.ts'
import { fib_get_table } from './fib_tables.ts'
import { fib_multipath_hash } from './route_hash.ts'
import { nexthop_select_path } from './nexthop.ts'
import { type fib_nh_exception, find_exception, rt_bind_exception } from './route_exception.ts'

/** What the lookup found. */
export class rtable {
  dev: net_device
  /** RTN_* */
  rt_type: number
  daddr: number
  saddr: number
  rt_gw4 = 0
  rt_gw6: Uint8Array | undefined = undefined
  encap: lwtunnel_state | undefined = undefined
  res: fib_result | undefined
  /** The same, also where the route's next hop says nothing of a group or a broadcast: for `ip route get`. */
  found: fib_result | undefined
  /** Of a packet that has come in. */
  rt_is_input = false
  /** Its sender could have sent it to the next hop itself (IPSKB_DOREDIRECT). */
  doredirect = false
  /** Of a group: we have joined it too (RTCF_LOCAL). */
  mc_local = false
  /** Of what multicast routing sends on: it is not routed again where it is heard here. */
  mr_forwarded = false
  /** For all of another network (bc_forwarding): passed on, and not heard here. */
  bc_forwarded = false
  /** What is known of the very destination. */
  fnhe: fib_nh_exception | undefined = undefined
  constructor(dev: net_device, rt_type: number, daddr: number, saddr: number, res?: fib_result) {
    this.dev = dev
    this.rt_type = rt_type
    this.daddr = daddr
    this.saddr = saddr
    this.res = res
    this.found = res
  }
}

/** fib_result_prefsrc(): the route's own source, else an address of its device near the gateway. */
export function fib_result_prefsrc(res: fib_result): number {
  const { fi, nh } = res
  if (fi === undefined || nh === undefined) return 0
  if (fi.fib_prefsrc !== 0) return fi.fib_prefsrc
  return nh.fib_nh_dev === undefined ? 0 : inet_select_addr(nh.fib_nh_dev, nh.fib_nh_gw4 ?? 0, fi.fib_scope)
}

/** Device of one of our addresses (__ip_dev_find); the rest of 127/8 and what else table local calls ours has one as well. */
export function ip_dev_find(net: net, addr: number): net_device | undefined {
  const ifa = inet_lookup_ifaddr(net, addr)
  if (ifa !== undefined) return ifa.ifa_dev.dev
  const local = fib_get_table(net, RT_TABLE_LOCAL)
  const res = new fib_result()
  if (local === undefined || fib_table_lookup(local, new flowi4(addr, 0), res, 0) !== undefined) return undefined
  return res.type === RTN_LOCAL ? res.nh?.fib_nh_dev : undefined
}

/** A source that is given must be ours; a device that is given must be up. */
function check_source(net: net, fl: flowi4): net_device | Errno | undefined {
  if (fl.saddr === 0) return undefined
  if (ipv4_is_multicast(fl.saddr) || ipv4_is_lbcast(fl.saddr) || ipv4_is_zeronet(fl.saddr)) return EINVAL
  if (fl.oif !== 0) return undefined
  const dev = ip_dev_find(net, fl.saddr)
  if (ipv4_is_multicast(fl.daddr) || ipv4_is_lbcast(fl.daddr)) return dev ?? ENETUNREACH
  return dev === undefined ? ENETUNREACH : undefined
}

/** ip_route_output_key_hash_rcu(); `skb`: the packet that it is an answer to. */
export function ip_route_output_key(net: net, fl: flowi4, skb?: sk_buff): rtable | Errno {
  const source = check_source(net, fl)
  if (isErrno(source)) return source
  if (source !== undefined) fl.oif = source.ifindex
  const out = fl.oif === 0 ? undefined : net.dev_index_head.get(fl.oif)
  if (fl.oif !== 0 && out === undefined) return ENODEV
  if (out !== undefined && (!(out.flags & IFF_UP) || out.ip_ptr === undefined)) return ENETUNREACH
  if (out !== undefined && source === undefined) fill_source(out, fl)
  if (fl.daddr === 0) {
    fl.daddr = fl.saddr === 0 ? INADDR_LOOPBACK : fl.saddr
    return new rtable(net.loopback_dev, RTN_LOCAL, fl.daddr, fl.saddr || fl.daddr)
  }
  // what is for the link alone, and a group from an address of ours, need no route
  const link_local = ipv4_is_local_multicast(fl.daddr) || ipv4_is_lbcast(fl.daddr) || fl.proto === IPPROTO_IGMP
  if (out !== undefined && (source !== undefined || link_local)) {
    return is_martian_source(out, fl.saddr) ? EINVAL : new rtable(out, special_type(fl.daddr) ?? RTN_UNICAST, fl.daddr, fl.saddr)
  }
  return output_lookup(net, fl, out, skb)
}
/** With a device given, its own addresses are the choice of a source. */
function fill_source(out: net_device, fl: flowi4): void {
  if (fl.saddr !== 0) return
  if (ipv4_is_multicast(fl.daddr) || ipv4_is_lbcast(fl.daddr)) fl.saddr = inet_select_addr(out, 0, RT_SCOPE_LINK)
  else if (fl.daddr === 0) fl.saddr = inet_select_addr(out, 0, RT_SCOPE_HOST)
}
function output_lookup(net: net, fl: flowi4, out: net_device | undefined, skb?: sk_buff): rtable | Errno {
  const res = new fib_result()
  const error = fib_lookup(net, fl, res, 0)
  if (isErrno(error)) {
    // no route, but a device: the destination is taken to be on its link, unless the device is a VRF's
    if (out === undefined || fl.oif === 0 || (l3mdev_master_ifindex(out) !== 0 && !ipv4_is_multicast(fl.daddr))) return error
    if (fl.saddr === 0) fl.saddr = inet_select_addr(out, 0, RT_SCOPE_LINK)
    if (is_martian_source(out, fl.saddr)) return EINVAL
    return new rtable(out, special_type(fl.daddr) ?? RTN_UNICAST, fl.daddr, fl.saddr)
  }
  if (res.type === RTN_LOCAL) {
    if (fl.saddr === 0) fl.saddr = res.fi?.fib_prefsrc || fl.daddr
    // the VRF stands for lo where it is the one that owns the address
    const lo = l3mdev_master_dev_rcu(res.nh?.fib_nh_dev) ?? net.loopback_dev
    return new rtable(lo, special_type(fl.daddr) ?? RTN_LOCAL, fl.daddr, fl.saddr, res)
  }
  fib_select_path(net, fl, res, skb)
  const dev = res.nh?.fib_nh_dev ?? out
  if (dev === undefined) return ENETUNREACH
  if (is_martian_source(dev, fl.saddr)) return EINVAL
  const special = special_type(fl.daddr)
  const rt = new rtable(dev, special ?? res.type, fl.daddr, fl.saddr, res)
  // a group's default route says by which device, not by whom
  if (special === RTN_BROADCAST || (special === RTN_MULTICAST && res.prefixlen < 4)) rt.res = undefined
  else rt_set_nexthop(net, rt, res)
  return rt
}
/** __mkroute_output(): 127/8 does not leave the host. */
function is_martian_source(dev: net_device, saddr: number): boolean {
  if (!ipv4_is_loopback(saddr) || dev.flags & IFF_LOOPBACK || dev.priv_flags & IFF_L3MDEV_MASTER) return false
  const { ip_ptr: in_dev } = dev
  const allowed = in_dev?.cnf.get(IPV4_DEVCONF_ROUTE_LOCALNET) || dev.nd_net.ipv4.devconf_all.get(IPV4_DEVCONF_ROUTE_LOCALNET)
  return in_dev === undefined || !allowed
}
/** Gateway and encapsulation of the next hop taken, and what is known of the destination beyond it (rt_set_nexthop). */
export function rt_set_nexthop(net: net, rt: rtable, { nh }: fib_result): void {
  if (nh === undefined) return
  if (nh.fib_nh_gw_family === AF_INET6) rt.rt_gw6 = nh.fib_nh_gw6
  else if (nh.fib_nh_gw_family === AF_INET && (nh.fib_nh_scope ?? RT_SCOPE_LINK) === RT_SCOPE_LINK) rt.rt_gw4 = nh.fib_nh_gw4 ?? 0
  rt.encap = nh.fib_nh_lws as lwtunnel_state | undefined
  const fnhe = find_exception(net, nh, rt.daddr)
  if (fnhe !== undefined) rt_bind_exception(net, nh, rt, fnhe)
}
/** Of several next hops, the one that the flow's hash falls to, unless the device is given; then a source (fib_select_path). */
export function fib_select_path(net: net, fl: flowi4, res: fib_result, skb?: sk_buff): void {
  const { fi } = res
  if (fi !== undefined && fl.oif === 0 && fib_info_num_path(fi) > 1) {
    const hash = fib_multipath_hash(net, fl, skb)
    res.nh = fi.nh === undefined ? fib_select_multipath(net, fi, hash) : nexthop_select_path(fi.nh, hash).nh_info?.nhc
  }
  if (fl.saddr !== 0) return
  const master = net.dev_index_head.get(fl.l3mdev)
  const leaks = master !== undefined && l3mdev_master_dev_rcu(res.nh?.fib_nh_dev) !== master
  fl.saddr = leaks ? inet_select_addr(master, 0, RT_SCOPE_LINK) : fib_result_prefsrc(res)
}
function special_type(daddr: number): number | undefined {
  if (ipv4_is_lbcast(daddr)) return RTN_BROADCAST
  return ipv4_is_multicast(daddr) ? RTN_MULTICAST : undefined
}
/** Scope of an ordinary lookup. */
export const ROUTE_SCOPE = RT_SCOPE_UNIVERSE

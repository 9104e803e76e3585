/** net/ipv6/route.c rt6_fill_node, inet6_rt_notify: IPv6 routes as messages. */

import { NSEC_PER_JIFFY, NSEC_PER_SEC, USER_HZ } from '../../kernel/time.ts'
import { put16, put32 } from '../../lib/bytes.ts'
import { MessageBuilder } from '../../lib/message.ts'
import { RTF_EXPIRES } from '../../uapi/linux/ipv6_route.ts'
import { RTF_GATEWAY } from '../../uapi/linux/route.ts'
import { NETLINK_ROUTE, NLM_F_REPLACE } from '../../uapi/linux/netlink.ts'
import {
  RT_TABLE_COMPAT,
  RTA_CACHEINFO,
  RTA_DST,
  RTA_GATEWAY,
  RTA_MULTIPATH,
  RTA_NH_ID,
  RTN_BLACKHOLE,
  RTA_OIF,
  RTA_PREF,
  RTA_PREFSRC,
  RTA_PRIORITY,
  RTA_SRC,
  RTA_TABLE,
  RTAX_MTU,
  RTM_F_CLONED,
  RTM_NEWROUTE,
  RTNH_F_DEAD,
  RTNH_F_LINKDOWN,
  RTNH_F_OFFLOAD,
  RTNH_F_ONLINK,
  RTNH_F_TRAP,
  RTNLGRP_IPV6_ROUTE,
  rta_cacheinfo,
  rtmsg,
  rtnexthop,
} from '../../uapi/linux/rtnetlink.ts'
import { AF_INET6 } from '../../uapi/linux/socket.ts'
import { lwtunnel_fill_encap } from '../core/lwtunnel.ts'
import type { net } from '../core/net_namespace.ts'
import { rtnl_notify } from '../core/rtnetlink.ts'
import { nexthop_mpath_fill_node, put_u32, rtnetlink_put_metrics } from '../ipv4/fib_dump.ts'
import { fib_metrics } from '../ipv4/fib_metrics.ts'
import { type nexthop, nexthop_fib_nhc, nexthop_is_blackhole, nexthop_is_multipath } from '../ipv4/nexthop.ts'
import { fib6_info_nh } from './ip6_fib_nexthop.ts'
import { netlink_has_listeners } from '../netlink/af_netlink.ts'
import { ip6_ignore_linkdown } from './addrconf_core.ts'
import { type fib6_info, type fib6_nh, fib6_other_siblings, type nl_info6, type rt6_exception } from './ip6_fib_info.ts'

const INT_MAX = 0x7fffffff
/** jiffies_to_clock_t() */
export function jiffies_to_clock_t(jiffies: number): number {
  return Math.floor((jiffies * NSEC_PER_JIFFY) / (NSEC_PER_SEC / USER_HZ))
}
/** rta_expires of a route that ends at `expires`; 0 where it does not. */
function expires_field(now: number, expires: number): number {
  const left = expires - now
  const clock = Math.min(jiffies_to_clock_t(Math.abs(left)), INT_MAX)
  return left > 0 ? clock : -clock
}

/** Flags of a hop as users see them (fib_nexthop_info). */
export function fib6_nh_flags(nh: fib6_nh): number {
  let flags = nh.fib_nh_flags & (RTNH_F_DEAD | RTNH_F_LINKDOWN | RTNH_F_ONLINK | RTNH_F_OFFLOAD | RTNH_F_TRAP)
  if (flags & RTNH_F_LINKDOWN && nh.fib_nh_dev !== undefined && ip6_ignore_linkdown(nh.fib_nh_dev)) flags |= RTNH_F_DEAD
  return flags
}
function put_hop(skb: MessageBuilder, nh: fib6_nh): void {
  const at = skb.room(rtnexthop.size)
  if (at < 0) return
  skb.buf[at + 2] = fib6_nh_flags(nh)
  skb.buf[at + 3] = nh.fib_nh_weight - 1
  put32(skb.buf, at + 4, nh.fib_nh_dev?.ifindex ?? 0)
  if (nh.fib_nh_gw_family !== 0) skb.put(RTA_GATEWAY, nh.fib_nh_gw6)
  lwtunnel_fill_encap(skb, nh.fib_nh_lws)
  if (!skb.overflow) put16(skb.buf, at, skb.length - at)
}
/** The object's id; its next hops too as long as programs that know no objects are cared for. */
function put_nexthop_object(skb: MessageBuilder, nh: nexthop): void {
  put_u32(skb, RTA_NH_ID.nr, nh.id)
  if (!nh.net.ipv4.sysctl_nexthop_compat_mode) return
  if (!nexthop_is_multipath(nh)) return put_way_out(skb, nexthop_fib_nhc(nh, 0) as fib6_nh)
  const nest = skb.nestNoflag(RTA_MULTIPATH)
  nexthop_mpath_fill_node(skb, nh, AF_INET6)
  skb.nestEnd(nest)
}
function put_nexthops(skb: MessageBuilder, rt: fib6_info): void {
  const { fib6_nh: nh } = rt
  if (rt.nh !== undefined) return put_nexthop_object(skb, rt.nh)
  if (rt.fib6_siblings !== undefined) {
    const nest = skb.nestNoflag(RTA_MULTIPATH)
    put_hop(skb, nh)
    for (const sibling of fib6_other_siblings(rt)) put_hop(skb, sibling.fib6_nh)
    skb.nestEnd(nest)
    return
  }
  put_way_out(skb, nh)
}
function put_way_out(skb: MessageBuilder, nh: fib6_nh): void {
  if (nh.fib_nh_gw_family !== 0) skb.put(RTA_GATEWAY, nh.fib_nh_gw6)
  if (nh.fib_nh_dev !== undefined) put_u32(skb, RTA_OIF.nr, nh.fib_nh_dev.ifindex)
  lwtunnel_fill_encap(skb, nh.fib_nh_lws)
}
/** rtm_flags: those of the one next hop. */
function route_flags(rt: fib6_info): number {
  if (rt.nh === undefined) return rt.fib6_siblings === undefined ? fib6_nh_flags(rt.fib6_nh) : 0
  const shown = rt.nh.net.ipv4.sysctl_nexthop_compat_mode && !nexthop_is_multipath(rt.nh)
  return shown ? fib6_nh_flags(fib6_info_nh(rt)) : 0
}

/** The header of a route's message. */
export function put_rtmsg(skb: MessageBuilder, rt: fib6_info, dst_len: number, src_len: number, flags: number): void {
  const o = skb.room(rtmsg.size)
  if (o < 0) return
  const b = skb.buf
  const { tb6_id } = rt.fib6_table
  b[o] = AF_INET6
  b[o + 1] = dst_len
  b[o + 2] = src_len
  b[o + 4] = tb6_id < 256 ? tb6_id : RT_TABLE_COMPAT
  b[o + 5] = rt.fib6_protocol
  b[o + 7] = rt.nh !== undefined && nexthop_is_blackhole(rt.nh) ? RTN_BLACKHOLE : rt.fib6_type
  put32(b, o + 8, flags)
}
/** RTA_CACHEINFO and RTA_PREF, which end each message. */
export function put_cacheinfo(
  skb: MessageBuilder,
  now: number,
  rt6_flags: number,
  expires: number,
  dst: { clntref: number; used: number; error: number },
): void {
  const o = skb.reserve(RTA_CACHEINFO.nr, rta_cacheinfo.size)
  if (o >= 0) {
    put32(skb.buf, o, dst.clntref)
    if (rt6_flags & RTF_EXPIRES) put32(skb.buf, o + 8, expires_field(now, expires))
    put32(skb.buf, o + 12, dst.error)
    put32(skb.buf, o + 16, dst.used)
  }
  skb.put(RTA_PREF, (rt6_flags >>> 27) & 3)
}
const no_dst = { clntref: 0, used: 0, error: 0 }

/** One route of a table; false: it did not fit. */
export function rt6_fill_node(
  net: net,
  skb: MessageBuilder,
  rt: fib6_info,
  type: number,
  portid: number,
  seq: number,
  flags: number,
): boolean {
  skb.begin(type, flags, seq, portid)
  put_rtmsg(skb, rt, rt.fib6_dst_plen, rt.fib6_src_plen, route_flags(rt))
  put_u32(skb, RTA_TABLE.nr, rt.fib6_table.tb6_id)
  if (rt.fib6_dst_plen !== 0) skb.put(RTA_DST, rt.fib6_dst)
  if (rt.fib6_src_plen !== 0) skb.put(RTA_SRC, rt.fib6_src)
  if (rt.fib6_prefsrc !== undefined) skb.put(RTA_PREFSRC, rt.fib6_prefsrc)
  if (rt.fib6_metrics !== undefined) rtnetlink_put_metrics(skb, rt.fib6_metrics)
  put_u32(skb, RTA_PRIORITY.nr, rt.fib6_metric)
  put_nexthops(skb, rt)
  put_cacheinfo(skb, net.kernel.jiffies(), rt.fib6_flags, rt.expires, no_dst)
  return skb.end()
}

/** Metrics of a route for packets: its exception's MTU is its own. */
export function put_metrics(skb: MessageBuilder, f6i: fib6_info, ex: rt6_exception | undefined): void {
  if (ex === undefined || ex.mtu === 0) {
    if (f6i.fib6_metrics !== undefined) rtnetlink_put_metrics(skb, f6i.fib6_metrics)
    return
  }
  const own = new fib_metrics()
  if (f6i.fib6_metrics !== undefined) own.metrics.set(f6i.fib6_metrics.metrics)
  own.cc_algo = f6i.fib6_metrics?.cc_algo ?? ''
  own.metrics[RTAX_MTU.nr] = ex.mtu
  rtnetlink_put_metrics(skb, own)
}
/** What is known of one destination by a route's next hop. */
export interface shown_exception {
  f6i: fib6_info
  nh: fib6_nh
  ex: rt6_exception
}
/** rt6_fill_node() of what is known of one destination behind the next hop `nh`; false: it did not fit. */
export function rt6_fill_exception(
  net: net,
  skb: MessageBuilder,
  { f6i, nh, ex }: shown_exception,
  type: number,
  to: { portid: number; seq: number },
  nlm_flags: number,
): boolean {
  skb.begin(type, nlm_flags, to.seq, to.portid)
  const src_len = f6i.fib6_src_plen === 0 ? 0 : 128
  put_rtmsg(skb, f6i, 128, src_len, RTM_F_CLONED)
  put_u32(skb, RTA_TABLE.nr, f6i.fib6_table.tb6_id)
  skb.put(RTA_DST, ex.daddr)
  if (src_len !== 0) skb.put(RTA_SRC, ex.saddr)
  if (f6i.fib6_prefsrc !== undefined) skb.put(RTA_PREFSRC, f6i.fib6_prefsrc)
  put_metrics(skb, f6i, ex)
  put_u32(skb, RTA_PRIORITY.nr, f6i.fib6_metric)
  if (ex.flags & RTF_GATEWAY) skb.put(RTA_GATEWAY, ex.gateway)
  if (nh.fib_nh_dev !== undefined) put_u32(skb, RTA_OIF.nr, nh.fib_nh_dev.ifindex)
  lwtunnel_fill_encap(skb, nh.fib_nh_lws)
  put_cacheinfo(skb, net.kernel.jiffies(), ex.flags, ex.expires, { clntref: 1, used: 0, error: 0 })
  return skb.end()
}
/** The message about a route that came or went, to be sent now or later. */
export function rt6_message(net: net, event: number, rt: fib6_info, info: nl_info6, nlm_flags: number): MessageBuilder {
  const skb = new MessageBuilder(undefined, 256)
  rt6_fill_node(net, skb, rt, event, info.portid, info.nlflags === undefined ? 0 : info.seq, nlm_flags)
  return skb
}
export function inet6_rt_notify(net: net, event: number, rt: fib6_info, info: nl_info6, nlm_flags: number): void {
  if (!info.report && !netlink_has_listeners(net, NETLINK_ROUTE, RTNLGRP_IPV6_ROUTE)) return
  rtnl_notify(net, rt6_message(net, event, rt, info, nlm_flags), info.portid, RTNLGRP_IPV6_ROUTE, info.report)
}
/** Something of a route has changed that is not the route's own (a nexthop object). */
export function fib6_rt_update(net: net, rt: fib6_info, info: nl_info6): void {
  inet6_rt_notify(net, RTM_NEWROUTE, rt, info, NLM_F_REPLACE)
}

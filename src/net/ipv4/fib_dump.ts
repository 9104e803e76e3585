/** net/ipv4/fib_semantics.c fib_dump_info, rtmsg_fib: routes as messages. */
import { put16, put32, putBe32 } from '../../lib/bytes.ts'
import { MessageBuilder } from '../../lib/message.ts'
import { NETLINK_ROUTE } from '../../uapi/linux/netlink.ts'
import {
  RT_TABLE_COMPAT,
  RTA_DST,
  RTA_FLOW,
  RTA_GATEWAY,
  RTA_METRICS,
  RTA_MULTIPATH,
  RTA_NH_ID,
  RTA_OIF,
  RTA_PREFSRC,
  RTA_PRIORITY,
  RTA_TABLE,
  RTA_VIA,
  RTAX_CC_ALGO,
  RTN_BLACKHOLE,
  RTNH_F_DEAD,
  RTNH_F_LINKDOWN,
  RTNH_F_OFFLOAD,
  RTNH_F_ONLINK,
  RTNH_F_TRAP,
  RTNLGRP_IPV4_ROUTE,
  rtmsg,
  rtnexthop,
} from '../../uapi/linux/rtnetlink.ts'
import { AF_INET, AF_INET6 } from '../../uapi/linux/socket.ts'
import { type lwtunnel_state, lwtunnel_fill_encap } from '../core/lwtunnel.ts'
import type { net } from '../core/net_namespace.ts'
import { rtnl_notify } from '../core/rtnetlink.ts'
import { netlink_has_listeners } from '../netlink/af_netlink.ts'
import { type fib_metrics, RTAX_MAX } from './fib_metrics.ts'
import type { fib_nh_common } from './fib_nh.ts'
import type { fib_rt_info } from './fib_rt_info.ts'
import { type fib_info, fib_info_nhc, fib_info_num_path, type nl_info } from './fib_semantics.ts'
import { ip_ignore_linkdown } from './in_device.ts'
import { type nexthop, nexthop_is_blackhole } from './nexthop.ts'

export function put_u32(skb: MessageBuilder, nr: number, value: number): void {
  const o = skb.reserve(nr, 4)
  if (o >= 0) put32(skb.buf, o, value)
}
export function put_in_addr(skb: MessageBuilder, nr: number, addr: number): void {
  const o = skb.reserve(nr, 4)
  if (o >= 0) putBe32(skb.buf, o, addr)
}

/** net/core/rtnetlink.c rtnetlink_put_metrics(): only those that are set. */
export function rtnetlink_put_metrics(skb: MessageBuilder, mx: fib_metrics): void {
  const at = skb.nestNoflag(RTA_METRICS)
  let any = false
  for (let i = 1; i <= RTAX_MAX; i++) {
    if (mx.metrics[i] === 0) continue
    if (i === RTAX_CC_ALGO.nr) skb.put(RTAX_CC_ALGO, mx.cc_algo)
    else put_u32(skb, i, mx.metrics[i])
    any = true
  }
  if (any) skb.nestEnd(at)
  else skb.nestCancel(at)
}

/** Flags of a next hop as users see them: without carrier it is also dead where the device is told to ignore such. */
export function nh_flags(nh: fib_nh_common): number {
  let flags = nh.fib_nh_flags & (RTNH_F_DEAD | RTNH_F_LINKDOWN | RTNH_F_ONLINK | RTNH_F_OFFLOAD | RTNH_F_TRAP)
  if (flags & RTNH_F_LINKDOWN && nh.fib_nh_dev !== undefined && ip_ignore_linkdown(nh.fib_nh_dev)) flags |= RTNH_F_DEAD
  return flags
}
/** fib_nexthop_info(): a gateway of another family than the route's goes into RTA_VIA. */
function put_gateway(skb: MessageBuilder, nh: fib_nh_common, rt_family: number): void {
  if (nh.fib_nh_gw_family === AF_INET) return put_in_addr(skb, RTA_GATEWAY.nr, nh.fib_nh_gw4 ?? 0)
  if (nh.fib_nh_gw_family !== AF_INET6 || nh.fib_nh_gw6 === undefined) return
  if (rt_family === AF_INET6) skb.putBytes(RTA_GATEWAY.nr, nh.fib_nh_gw6)
  else put_via6(skb, nh.fib_nh_gw6)
}
/** RTA_VIA with an IPv6 address. */
export function put_via6(skb: MessageBuilder, gw6: Uint8Array): void {
  const o = skb.reserve(RTA_VIA.nr, 18)
  if (o < 0) return
  put16(skb.buf, o, AF_INET6)
  skb.buf.set(gw6, o + 2)
}
/** One hop of RTA_MULTIPATH (fib_add_nexthop). */
export function fib_add_nexthop(skb: MessageBuilder, nh: fib_nh_common, weight: number, rt_family: number, flow: number): void {
  const at = skb.room(rtnexthop.size)
  put_gateway(skb, nh, rt_family)
  lwtunnel_fill_encap(skb, nh.fib_nh_lws as lwtunnel_state | undefined)
  if (flow !== 0) put_u32(skb, RTA_FLOW.nr, flow)
  if (at < 0 || skb.overflow) return
  put16(skb.buf, at, skb.length - at)
  skb.buf[at + 2] = nh_flags(nh)
  skb.buf[at + 3] = weight - 1
  put32(skb.buf, at + 4, nh.fib_nh_dev?.ifindex ?? 0)
}
/** The members of a group as hops of a route of this family. */
export function nexthop_mpath_fill_node(skb: MessageBuilder, nh: nexthop, rt_family: number): void {
  for (const entry of nh.nh_grp?.nh_entries ?? []) {
    if (entry.nh.nh_info !== undefined) fib_add_nexthop(skb, entry.nh.nh_info.nhc, entry.weight, rt_family, 0)
  }
}
function fib_add_multipath(skb: MessageBuilder, fi: fib_info): void {
  const at = skb.nestNoflag(RTA_MULTIPATH)
  if (fi.nh !== undefined) nexthop_mpath_fill_node(skb, fi.nh, AF_INET)
  else for (const nh of fi.fib_nh) fib_add_nexthop(skb, nh, nh.fib_nh_weight, AF_INET, nh.nh_tclassid)
  skb.nestEnd(at)
}
/** The next hops, by their object's id too; with compatibility switched off by that alone. `rtm`: offset of the header. */
function put_nexthops(skb: MessageBuilder, rtm: number, fi: fib_info): void {
  if (fi.nh !== undefined) {
    put_u32(skb, RTA_NH_ID.nr, fi.nh.id)
    if (nexthop_is_blackhole(fi.nh) && rtm >= 0) skb.buf[rtm + 7] = RTN_BLACKHOLE
    if (!fi.nh.net.ipv4.sysctl_nexthop_compat_mode) return
  }
  if (fib_info_num_path(fi) !== 1) return fib_add_multipath(skb, fi)
  const nh = fib_info_nhc(fi, 0)
  if (nh === undefined) return
  if (rtm >= 0) put32(skb.buf, rtm + 8, nh_flags(nh))
  put_gateway(skb, nh, AF_INET)
  if (nh.fib_nh_dev !== undefined) put_u32(skb, RTA_OIF.nr, nh.fib_nh_dev.ifindex)
  lwtunnel_fill_encap(skb, nh.fib_nh_lws as lwtunnel_state | undefined)
  if (nh.nh_tclassid) put_u32(skb, RTA_FLOW.nr, nh.nh_tclassid)
}

/** One message; false: it did not fit. */
export function fib_dump_info(skb: MessageBuilder, portid: number, seq: number, event: number, flags: number, fri: fib_rt_info): boolean {
  const { fi, tb_id, dst_len } = fri
  skb.begin(event, flags, seq, portid)
  const o = skb.room(rtmsg.size)
  if (o >= 0) {
    const b = skb.buf
    b[o] = AF_INET
    b[o + 1] = dst_len
    b[o + 3] = fri.dscp
    b[o + 4] = tb_id < 256 ? tb_id : RT_TABLE_COMPAT
    b[o + 5] = fi.fib_protocol
    b[o + 6] = fi.fib_scope
    b[o + 7] = fri.type
    put32(b, o + 8, fi.fib_flags)
  }
  put_u32(skb, RTA_TABLE.nr, tb_id)
  if (dst_len !== 0) put_in_addr(skb, RTA_DST.nr, fri.dst)
  if (fi.fib_priority !== 0) put_u32(skb, RTA_PRIORITY.nr, fi.fib_priority)
  if (fi.fib_metrics !== undefined) rtnetlink_put_metrics(skb, fi.fib_metrics)
  if (fi.fib_prefsrc !== 0) put_in_addr(skb, RTA_PREFSRC.nr, fi.fib_prefsrc)
  put_nexthops(skb, o, fi)
  return skb.end()
}

/** Tells IPV4_ROUTE of a route that came or went. */
export function rtmsg_fib(net: net, event: number, fri: fib_rt_info, info: nl_info, nlm_flags: number): void {
  if (!info.report && !netlink_has_listeners(net, NETLINK_ROUTE, RTNLGRP_IPV4_ROUTE)) return
  const skb = new MessageBuilder(undefined, 128)
  fib_dump_info(skb, info.portid, info.seq, event, nlm_flags, fri)
  rtnl_notify(net, skb, info.portid, RTNLGRP_IPV4_ROUTE, info.report)
}

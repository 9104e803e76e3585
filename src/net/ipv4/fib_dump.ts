/** net/ipv4/fib_semantics.c fib_dump_info, rtmsg_fib: routes as messages. */
import { put32, putBe32 } from '../../lib/bytes.ts'
import { MessageBuilder } from '../../lib/message.ts'
import { NETLINK_ROUTE } from '../../uapi/linux/netlink.ts'
import {
  RT_TABLE_COMPAT,
  RTA_DST,
  RTA_FLOW,
  RTA_GATEWAY,
  RTA_METRICS,
  RTA_OIF,
  RTA_PREFSRC,
  RTA_PRIORITY,
  RTA_TABLE,
  RTAX_CC_ALGO,
  RTNH_F_DEAD,
  RTNH_F_LINKDOWN,
  RTNH_F_OFFLOAD,
  RTNH_F_ONLINK,
  RTNLGRP_IPV4_ROUTE,
  rtmsg,
} from '../../uapi/linux/rtnetlink.ts'
import { AF_INET } from '../../uapi/linux/socket.ts'
import type { net } from '../core/net_namespace.ts'
import { rtnl_notify } from '../core/rtnetlink.ts'
import { netlink_has_listeners } from '../netlink/af_netlink.ts'
import { type fib_metrics, RTAX_MAX } from './fib_metrics.ts'
import type { fib_nh, nl_info } from './fib_semantics.ts'
import type { fib_alias } from './fib_trie.ts'
import { ip_ignore_linkdown } from './in_device.ts'

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
function nh_flags(nh: fib_nh): number {
  let flags = nh.fib_nh_flags & (RTNH_F_DEAD | RTNH_F_LINKDOWN | RTNH_F_ONLINK | RTNH_F_OFFLOAD)
  if (flags & RTNH_F_LINKDOWN && nh.fib_nh_dev !== undefined && ip_ignore_linkdown(nh.fib_nh_dev)) flags |= RTNH_F_DEAD
  return flags
}

/** One message; false: it did not fit. `dst` in host order. */
export function fib_dump_info(
  skb: MessageBuilder,
  portid: number,
  seq: number,
  event: number,
  flags: number,
  tb_id: number,
  dst: number,
  dst_len: number,
  fa: fib_alias,
): boolean {
  const fi = fa.fa_info
  const nh = fi.fib_nh
  skb.begin(event, flags, seq, portid)
  const o = skb.room(rtmsg.size)
  if (o >= 0) {
    const b = skb.buf
    b[o] = AF_INET
    b[o + 1] = dst_len
    b[o + 3] = fa.fa_dscp
    b[o + 4] = tb_id < 256 ? tb_id : RT_TABLE_COMPAT
    b[o + 5] = fi.fib_protocol
    b[o + 6] = fi.fib_scope
    b[o + 7] = fa.fa_type
    put32(b, o + 8, nh_flags(nh))
  }
  put_u32(skb, RTA_TABLE.nr, tb_id)
  if (dst_len !== 0) put_in_addr(skb, RTA_DST.nr, dst)
  if (fi.fib_priority !== 0) put_u32(skb, RTA_PRIORITY.nr, fi.fib_priority)
  if (fi.fib_metrics !== undefined) rtnetlink_put_metrics(skb, fi.fib_metrics)
  if (fi.fib_prefsrc !== 0) put_in_addr(skb, RTA_PREFSRC.nr, fi.fib_prefsrc)
  if (nh.fib_nh_gw_family === AF_INET) put_in_addr(skb, RTA_GATEWAY.nr, nh.fib_nh_gw4)
  if (nh.fib_nh_dev !== undefined) put_u32(skb, RTA_OIF.nr, nh.fib_nh_dev.ifindex)
  if (nh.nh_tclassid !== 0) put_u32(skb, RTA_FLOW.nr, nh.nh_tclassid)
  return skb.end()
}

/** Tells IPV4_ROUTE of a route that came or went. */
export function rtmsg_fib(
  net: net,
  event: number,
  dst: number,
  fa: fib_alias,
  dst_len: number,
  tb_id: number,
  info: nl_info,
  nlm_flags: number,
): void {
  if (!info.report && !netlink_has_listeners(net, NETLINK_ROUTE, RTNLGRP_IPV4_ROUTE)) return
  const skb = new MessageBuilder(undefined, 128)
  fib_dump_info(skb, info.portid, info.seq, event, nlm_flags, tb_id, dst, dst_len, fa)
  rtnl_notify(net, skb, info.portid, RTNLGRP_IPV4_ROUTE, info.report)
}

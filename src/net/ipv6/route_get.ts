/** net/ipv6/route.c inet6_rtm_getroute: RTM_GETROUTE of one destination (`ip -6 route get`). */
import { type Attr, type AttrTable, NLA_HDRLEN } from '../../lib/attrs.ts'
import { getBe16 } from '../../lib/bytes.ts'
import { MessageBuilder, NLMSG_HDRLEN } from '../../lib/message.ts'
import { EINVAL, ENODEV, EOPNOTSUPP, type Errno, isErrno } from '../../uapi/errno.ts'
import { IPPROTO_TCP, IPPROTO_UDP } from '../../uapi/linux/in.ts'
import { in6addr_any, IPPROTO_ICMPV6, ipv6_addr_any } from '../../uapi/linux/in6.ts'
import {
  RTA_DPORT,
  RTA_DST,
  RTA_GATEWAY,
  RTA_IIF,
  RTA_IP_PROTO,
  RTA_MARK,
  RTA_OIF,
  RTA_PREFSRC,
  RTA_PRIORITY,
  RTA_SPORT,
  RTA_SRC,
  RTA_TABLE,
  RTA_UID,
  RTM_F_CLONED,
  RTM_F_FIB_MATCH,
  RTM_NEWROUTE,
  rtmsg,
} from '../../uapi/linux/rtnetlink.ts'
import { RTF_EXPIRES } from '../../uapi/linux/ipv6_route.ts'
import { RTF_GATEWAY } from '../../uapi/linux/route.ts'
import { lwtunnel_fill_encap } from '../core/lwtunnel.ts'
import { rtnl_unicast } from '../core/rtnetlink.ts'
import { put_u32 } from '../ipv4/fib_dump.ts'
import { nlmsg_parse_deprecated, nlmsg_parse_deprecated_strict } from '../netlink/attr.ts'
import type { Request } from '../netlink/types.ts'
import { flowi6, RT6_LOOKUP_F_HAS_SADDR } from './ip6_fib_lookup.ts'
import { ip6_route_get_saddr } from './ip6_route_addr.ts'
import { rtm_ipv6_policy } from './ip6_route_config.ts'
import { put_cacheinfo, put_metrics, put_rtmsg, rt6_fill_node } from './ip6_route_notify.ts'
import { ip6_route_input_lookup, ip6_route_output, type rt6_info } from './route.ts'

const allowed = new Set([RTA_SRC, RTA_DST, RTA_IIF, RTA_OIF, RTA_MARK, RTA_UID, RTA_SPORT, RTA_DPORT, RTA_IP_PROTO].map((a) => a.nr))
const INVALID_UID = 0xffffffff

/** inet6_rtm_valid_getroute_req() */
function getroute_request(req: Request): AttrTable | Errno {
  const { extack, buf } = req
  if (buf.length < NLMSG_HDRLEN + rtmsg.size) return extack.fail(EINVAL, 'ipv6: Invalid header for get route request')
  if (!req.strict_check) return nlmsg_parse_deprecated(req, rtmsg.size, rtm_ipv6_policy)
  const rtm = rtmsg.get(buf, NLMSG_HDRLEN)
  const odd = (length: number) => length !== 0 && length !== 128
  if (odd(rtm.rtm_src_len) || odd(rtm.rtm_dst_len) || rtm.rtm_table || rtm.rtm_protocol || rtm.rtm_scope || rtm.rtm_type) {
    return extack.fail(EINVAL, 'ipv6: Invalid values in header for get route request')
  }
  if (rtm.rtm_flags & ~RTM_F_FIB_MATCH) return extack.fail(EINVAL, 'ipv6: Invalid flags for get route request')
  const tb = nlmsg_parse_deprecated_strict(req, rtmsg.size, rtm_ipv6_policy)
  if (isErrno(tb)) return tb
  if ((tb.has(RTA_SRC) && rtm.rtm_src_len === 0) || (tb.has(RTA_DST) && rtm.rtm_dst_len === 0)) {
    return extack.fail(EINVAL, 'ipv6: rtm_src_len and rtm_dst_len must be 128 for IPv6')
  }
  for (let nr = 1; nr <= tb.max; nr++) {
    if (tb.atNr(nr) !== 0 && !allowed.has(nr)) return extack.fail(EINVAL, 'ipv6: Unsupported attribute in get route request')
  }
  return tb
}

/** EINVAL: too short. */
function address(tb: AttrTable, a: Attr<Uint8Array>): Uint8Array | Errno {
  const payload = tb.payload(a)
  if (payload === undefined) return in6addr_any
  return payload.length < 16 ? EINVAL : payload.slice(0, 16)
}
function port(tb: AttrTable, a: Attr<any>): number {
  return tb.has(a) ? getBe16(tb.buf, tb.at(a) + NLA_HDRLEN) : 0
}
function flow(req: Request, tb: AttrTable): flowi6 | Errno {
  const saddr = address(tb, RTA_SRC)
  if (isErrno(saddr)) return saddr
  const daddr = address(tb, RTA_DST)
  if (isErrno(daddr)) return daddr
  const fl6 = new flowi6(daddr, saddr)
  fl6.flowlabel = req.buf[NLMSG_HDRLEN + rtmsg.field.rtm_tos.offset] << 20
  fl6.flowi_mark = tb.get(RTA_MARK) ?? 0
  fl6.flowi_iif = tb.get(RTA_IIF) ?? 0
  fl6.flowi_uid = tb.get(RTA_UID) ?? (fl6.flowi_iif !== 0 ? INVALID_UID : req.task.uid)
  fl6.fl6_sport = port(tb, RTA_SPORT)
  fl6.fl6_dport = port(tb, RTA_DPORT)
  const proto = tb.get(RTA_IP_PROTO)
  if (proto === undefined) return fl6
  // net/ipv4/netlink.c rtm_getroute_parse_ip_proto()
  if (proto !== IPPROTO_TCP && proto !== IPPROTO_UDP && proto !== IPPROTO_ICMPV6) return req.extack.fail(EOPNOTSUPP, 'Unsupported ip proto')
  fl6.flowi6_proto = proto
  return fl6
}

export function inet6_rtm_getroute(req: Request): Errno | undefined {
  const { net } = req
  const tb = getroute_request(req)
  if (isErrno(tb)) return tb
  const fl6 = flow(req, tb)
  if (isErrno(fl6)) return fl6
  const iif = fl6.flowi_iif
  let rt: rt6_info | Errno
  if (iif !== 0) {
    if (!net.dev_index_head.has(iif)) return ENODEV
    rt = ip6_route_input_lookup(net, fl6, ipv6_addr_any(fl6.saddr) ? 0 : RT6_LOOKUP_F_HAS_SADDR)
  } else {
    fl6.flowi_oif = tb.get(RTA_OIF) ?? 0
    rt = ip6_route_output(net, fl6)
  }
  if (isErrno(rt)) return rt
  if (rt.error !== undefined) return rt.error
  const skb = new MessageBuilder(undefined, 256)
  if (rtmsg.field.rtm_flags.get(req.buf, NLMSG_HDRLEN) & RTM_F_FIB_MATCH) {
    rt6_fill_node(net, skb, rt.from.f6i, RTM_NEWROUTE, req.portid, req.seq, 0)
  } else {
    fill_found(skb, req, rt, fl6, iif)
  }
  return rtnl_unicast(net, skb, req.portid)
}

/** rt6_fill_node() of a route that was looked up: its own destination and source, and the source it would give. */
function fill_found(skb: MessageBuilder, req: Request, rt: rt6_info, fl6: flowi6, iif: number): void {
  const { net } = req
  const { f6i, nh } = rt.from
  const { exception } = rt
  skb.begin(RTM_NEWROUTE, 0, req.seq, req.portid)
  put_rtmsg(skb, f6i, 128, 128, exception === undefined ? 0 : RTM_F_CLONED)
  put_u32(skb, RTA_TABLE.nr, f6i.fib6_table.tb6_id)
  skb.put(RTA_DST, fl6.daddr)
  skb.put(RTA_SRC, fl6.saddr)
  if (iif !== 0) {
    put_u32(skb, RTA_IIF.nr, iif)
  } else {
    const saddr = ip6_route_get_saddr(net, f6i, fl6.daddr)
    if (saddr !== undefined) skb.put(RTA_PREFSRC, saddr)
  }
  if (f6i.fib6_prefsrc !== undefined) skb.put(RTA_PREFSRC, f6i.fib6_prefsrc)
  put_metrics(skb, f6i, exception)
  put_u32(skb, RTA_PRIORITY.nr, f6i.fib6_metric)
  if (exception !== undefined && exception.flags & RTF_GATEWAY) skb.put(RTA_GATEWAY, exception.gateway)
  else if (exception === undefined && nh.fib_nh_gw_family !== 0) skb.put(RTA_GATEWAY, nh.fib_nh_gw6)
  put_u32(skb, RTA_OIF.nr, rt.dev.ifindex)
  lwtunnel_fill_encap(skb, nh.fib_nh_lws)
  // references: the cached route's own and the answer's; a route for all packets has no lifetime of its own
  const flags = exception?.flags ?? f6i.fib6_flags & ~RTF_EXPIRES
  put_cacheinfo(skb, net.kernel.jiffies(), flags, exception?.expires ?? 0, { clntref: 2, used: 0, error: 0 })
  skb.end()
}

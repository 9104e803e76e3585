/** net/ipv4/route.c inet_rtm_getroute: RTM_GETROUTE of one destination (`ip route get`). */
import type { Kernel } from '../../kernel/kernel.ts'
import { HZ, USER_HZ } from '../../kernel/time.ts'
import { IFF_LOOPBACK } from '../../uapi/linux/if.ts'
import { type Attr, type AttrTable, NLA_HDRLEN } from '../../lib/attrs.ts'
import { getBe16, getBe32, put32 } from '../../lib/bytes.ts'
import { MessageBuilder, NLMSG_HDRLEN } from '../../lib/message.ts'
import { IPPROTO_ICMP, IPPROTO_TCP, IPPROTO_UDP, ipv4_is_lbcast, ipv4_is_multicast, ipv4_is_zeronet } from '../../uapi/linux/in.ts'
import { EHOSTUNREACH, EINVAL, ENETUNREACH, ENODEV, EOPNOTSUPP, type Errno, isErrno } from '../../uapi/errno.ts'
import {
  RT_TABLE_COMPAT,
  RT_TABLE_MAIN,
  RTA_CACHEINFO,
  RTA_DPORT,
  RTA_DST,
  RTA_FLOW,
  RTA_GATEWAY,
  RTA_IIF,
  RTA_IP_PROTO,
  RTA_MARK,
  RTA_OIF,
  RTA_PREFSRC,
  RTA_SPORT,
  RTA_SRC,
  RTA_TABLE,
  RTA_UID,
  RTAX_LOCK,
  RTAX_MTU,
  RTM_F_CLONED,
  RTM_F_FIB_MATCH,
  RTM_F_LOOKUP_TABLE,
  RTM_F_NOTIFY,
  RTM_GETROUTE,
  RTM_NEWROUTE,
  RTN_BROADCAST,
  RTN_LOCAL,
  RTN_MULTICAST,
  rta_cacheinfo,
  rtmsg,
} from '../../uapi/linux/rtnetlink.ts'
import { AF_INET } from '../../uapi/linux/socket.ts'
import { lwtunnel_fill_encap } from '../core/lwtunnel.ts'
import { RTNL_FLAG_DOIT_UNLOCKED, rtnl_register, rtnl_unicast } from '../core/rtnetlink.ts'
import { nlmsg_parse_deprecated, nlmsg_parse_deprecated_strict } from '../netlink/attr.ts'
import type { net } from '../core/net_namespace.ts'
import type { Request } from '../netlink/types.ts'
import { fib_dump_info, put_in_addr, put_u32, put_via6, rtnetlink_put_metrics } from './fib_dump.ts'
import { flowi4 } from './fib_lookup.ts'
import { fib_metrics } from './fib_metrics.ts'
import { rtm_ipv4_policy } from './fib_rtm.ts'
import { fib_rt_info } from './fib_rt_info.ts'
import { fib_proc_register } from './fib_trie_procfs.ts'
import { ip_check_mc } from './igmp.ts'
import { ip_dev_find, ip_route_output_key, type rtable } from './route.ts'
import type { fib_nh_exception } from './route_exception.ts'
import { ip_route_input } from './route_input.ts'
import { ip_static_sysctl_init } from './route_sysctl.ts'

/** RTCF_*: what rtm_flags shows of a looked-up route beside RTM_F_CLONED. */
const RTCF_BROADCAST = 0x10000000
const RTCF_DOREDIRECT = 0x01000000
const RTCF_MULTICAST = 0x20000000
const RTCF_REDIRECTED = 0x00040000
/** The upper six bits: what routing looks at. */
const INET_DSCP_MASK = 0xfc
const RTCF_NOTIFY = 0x10000
const RTCF_LOCAL = 0x80000000

const allowed = new Set([RTA_IIF, RTA_OIF, RTA_SRC, RTA_DST, RTA_IP_PROTO, RTA_SPORT, RTA_DPORT, RTA_MARK, RTA_UID].map((a) => a.nr))

/** inet_rtm_valid_getroute_req() */
function getroute_request(req: Request): AttrTable | Errno {
  const { extack, buf } = req
  if (buf.length < NLMSG_HDRLEN + rtmsg.size) return extack.fail(EINVAL, 'ipv4: Invalid header for route get request')
  if (!req.strict_check) return nlmsg_parse_deprecated(req, rtmsg.size, rtm_ipv4_policy)
  const rtm = rtmsg.get(buf, NLMSG_HDRLEN)
  const odd = (length: number) => length !== 0 && length !== 32
  if (odd(rtm.rtm_src_len) || odd(rtm.rtm_dst_len) || rtm.rtm_table || rtm.rtm_protocol || rtm.rtm_scope || rtm.rtm_type) {
    return extack.fail(EINVAL, 'ipv4: Invalid values in header for route get request')
  }
  if (rtm.rtm_flags & ~(RTM_F_NOTIFY | RTM_F_LOOKUP_TABLE | RTM_F_FIB_MATCH)) {
    return extack.fail(EINVAL, 'ipv4: Unsupported rtm_flags for route get request')
  }
  const tb = nlmsg_parse_deprecated_strict(req, rtmsg.size, rtm_ipv4_policy)
  if (isErrno(tb)) return tb
  if ((tb.has(RTA_SRC) && rtm.rtm_src_len === 0) || (tb.has(RTA_DST) && rtm.rtm_dst_len === 0)) {
    return extack.fail(EINVAL, 'ipv4: rtm_src_len and rtm_dst_len must be 32 for IPv4')
  }
  for (let nr = 1; nr <= tb.max; nr++) {
    if (tb.atNr(nr) !== 0 && !allowed.has(nr)) return extack.fail(EINVAL, 'ipv4: Unsupported attribute in route get request')
  }
  return tb
}
function addr_of(tb: AttrTable, a: Attr<any>): number {
  return tb.has(a) ? getBe32(tb.buf, tb.at(a) + NLA_HDRLEN) : 0
}

/** What rules and routes look at. */
function flow_of(req: Request, tb: AttrTable, tos: number, iif: number): flowi4 {
  const fl = new flowi4(addr_of(tb, RTA_DST), iif === 0 ? (tb.get(RTA_OIF) ?? 0) : 0)
  fl.saddr = addr_of(tb, RTA_SRC)
  fl.tos = tos
  fl.iif = iif
  fl.mark = tb.get(RTA_MARK) ?? 0
  fl.uid = tb.get(RTA_UID) ?? req.task.uid
  fl.proto = tb.get(RTA_IP_PROTO) ?? 17
  fl.sport = port_of(tb, RTA_SPORT)
  fl.dport = port_of(tb, RTA_DPORT)
  return fl
}
function port_of(tb: AttrTable, a: Attr<any>): number {
  return tb.has(a) ? getBe16(tb.buf, tb.at(a) + NLA_HDRLEN) : 0
}

/** Looks the destination up as a packet of ours would be routed, or, with RTA_IIF, one that comes in there. */
export function inet_rtm_getroute(req: Request): Errno | undefined {
  const tb = getroute_request(req)
  if (isErrno(tb)) return tb
  const proto = tb.get(RTA_IP_PROTO)
  // net/ipv4/netlink.c rtm_getroute_parse_ip_proto()
  if (proto !== undefined && ![IPPROTO_TCP, IPPROTO_UDP, IPPROTO_ICMP].includes(proto))
    return req.extack.fail(EOPNOTSUPP, 'Unsupported ip proto')
  const rtm = rtmsg.get(req.buf, NLMSG_HDRLEN)
  const iif = tb.get(RTA_IIF) ?? 0
  const tos = rtm.rtm_tos & INET_DSCP_MASK
  const fl = flow_of(req, tb, tos, iif)
  const { daddr: dst, saddr: src } = fl
  const dev = iif === 0 ? undefined : req.net.dev_index_head.get(iif)
  if (iif !== 0 && dev === undefined) return ENODEV
  if (fl.oif !== 0 && is_foreign(req.net, src)) return ENETUNREACH
  const rt = dev === undefined ? ip_route_output_key(req.net, fl) : ip_route_input(req.net, fl, dev)
  if (isErrno(rt)) return rt
  const skb = new MessageBuilder(undefined, 256)
  if (rtm.rtm_flags & RTM_F_FIB_MATCH) {
    const error = fill_match(skb, req, rt, rtm.rtm_flags)
    if (isErrno(error)) return error
  } else {
    rt_fill_info(skb, req, rt, {
      dst,
      src,
      flags: rtm.rtm_flags,
      uid: tb.get(RTA_UID) ?? (iif === 0 ? req.task.uid : undefined),
      iif,
      mark: tb.get(RTA_MARK) ?? 0,
    })
  }
  return rtnl_unicast(req.net, skb, req.portid)
}

/** A source of packets of ours, with a device: what could be an address must be one of ours. */
function is_foreign(net: net, src: number): boolean {
  return !ipv4_is_zeronet(src) && !ipv4_is_multicast(src) && !ipv4_is_lbcast(src) && ip_dev_find(net, src) === undefined
}
/** RTM_F_FIB_MATCH: the route of the table itself. */
function fill_match(skb: MessageBuilder, req: Request, rt: rtable, flags: number): Errno | undefined {
  const { found: res } = rt
  if (res?.fi === undefined || res.table === undefined) return EHOSTUNREACH
  const table = flags & RTM_F_LOOKUP_TABLE ? res.table.tb_id : RT_TABLE_MAIN
  const fri = new fib_rt_info(res.fi, table, res.prefix, res.prefixlen, res.dscp, rt.rt_type)
  fib_dump_info(skb, req.portid, req.seq, RTM_NEWROUTE, 0, fri)
  return undefined
}

interface asked {
  dst: number
  src: number
  /** rtm_flags of the request. */
  flags: number
  /** Undefined: nobody's, since the packet comes in. */
  uid: number | undefined
  mark: number
  iif: number
}
function route_flags(rt: rtable, asked: asked): number {
  let flags = RTM_F_CLONED | (asked.flags & RTM_F_NOTIFY ? RTM_F_NOTIFY | RTCF_NOTIFY : 0)
  if (rt.rt_type === RTN_MULTICAST) {
    const joined = rt.dev.ip_ptr !== undefined && ip_check_mc(rt.dev.ip_ptr, rt.daddr)
    flags |= RTCF_MULTICAST | (joined ? RTCF_LOCAL : 0)
  } else if (rt.rt_type === RTN_LOCAL || rt.dev.flags & IFF_LOOPBACK) flags |= RTCF_LOCAL
  if (rt.rt_type === RTN_BROADCAST) flags |= RTCF_BROADCAST | RTCF_LOCAL
  if (rt.fnhe !== undefined && rt.fnhe.fnhe_gw !== 0) flags |= RTCF_REDIRECTED
  if (rt.doredirect) flags |= RTCF_DOREDIRECT
  return flags
}
/** Its own, and that of the next hop that keeps the answer; what is ours over another device's address is not kept. */
function references(rt: rtable, iif: number): number {
  if (rt.res === undefined) return 1
  return iif === 0 && rt.rt_type === RTN_LOCAL && rt.res.nh?.fib_nh_dev !== rt.dev ? 1 : 2
}
/** Realms of the next hop, and where it has none, of the rule: source in the upper half, destination in the lower (set_class_tag). */
function tclassid_of({ res }: rtable): number {
  if (res === undefined) return 0
  const { nh, fi, tclassid } = res
  const own = (fi?.nh === undefined ? nh?.nh_tclassid : 0) ?? 0
  return ((own & 0xffff || tclassid & 0xffff) | (own & ~0xffff || tclassid & ~0xffff)) >>> 0
}
function rt_fill_info(skb: MessageBuilder, req: Request, rt: rtable, asked: asked): void {
  const table = asked.flags & RTM_F_LOOKUP_TABLE ? (rt.found?.table?.tb_id ?? 0) : RT_TABLE_MAIN
  skb.begin(RTM_NEWROUTE, 0, req.seq, req.portid)
  skb.struct(rtmsg, {
    rtm_family: AF_INET,
    rtm_dst_len: 32,
    rtm_src_len: asked.src === 0 ? 0 : 32,
    rtm_tos: rt.found?.dscp ?? 0,
    rtm_table: table < 256 ? table : RT_TABLE_COMPAT,
    rtm_type: rt.rt_type,
    rtm_flags: route_flags(rt, asked),
  })
  put_u32(skb, RTA_TABLE.nr, table)
  put_in_addr(skb, RTA_DST.nr, asked.dst)
  if (asked.src !== 0) put_in_addr(skb, RTA_SRC.nr, asked.src)
  put_u32(skb, RTA_OIF.nr, rt.dev.ifindex)
  lwtunnel_fill_encap(skb, rt.encap)
  const realms = tclassid_of(rt)
  if (realms !== 0) put_u32(skb, RTA_FLOW.nr, realms)
  if (asked.iif === 0 && rt.saddr !== asked.src) put_in_addr(skb, RTA_PREFSRC.nr, rt.saddr)
  if (rt.rt_gw4 !== 0) put_in_addr(skb, RTA_GATEWAY.nr, rt.rt_gw4)
  else if (rt.rt_gw6 !== undefined) put_via6(skb, rt.rt_gw6)
  const expires = expires_in(rt, req.net.kernel.jiffies())
  put_metrics(skb, rt, expires)
  if (asked.mark !== 0) put_u32(skb, RTA_MARK.nr, asked.mark)
  if (asked.uid !== undefined) put_u32(skb, RTA_UID.nr, asked.uid)
  if (asked.iif !== 0) put_u32(skb, RTA_IIF.nr, asked.iif)
  put_cacheinfo(skb, references(rt, asked.iif), expires)
  skb.end()
}
/** Jiffies for which what was learned of the destination holds; 0: it has no end, or is over. */
function expires_in({ fnhe }: rtable, now: number): number {
  return fnhe === undefined || fnhe.fnhe_expires === 0 ? 0 : Math.max(0, fnhe.fnhe_expires - now)
}
/** Those of the route, with the path's MTU. */
function put_metrics(skb: MessageBuilder, { res, fnhe }: rtable, expires: number): void {
  const mx = res?.fi?.fib_metrics
  if (fnhe === undefined || expires === 0 || fnhe.fnhe_pmtu === 0) {
    if (mx !== undefined) rtnetlink_put_metrics(skb, mx)
    return
  }
  const known = new fib_metrics()
  if (mx !== undefined) known.metrics.set(mx.metrics)
  known.cc_algo = mx?.cc_algo ?? ''
  known.metrics[RTAX_MTU.nr] = fnhe.fnhe_pmtu
  if (fnhe.fnhe_mtu_locked) known.metrics[RTAX_LOCK.nr] |= 1 << RTAX_MTU.nr
  rtnetlink_put_metrics(skb, known)
}
function put_cacheinfo(skb: MessageBuilder, clntref: number, expires: number): void {
  const o = skb.reserve(RTA_CACHEINFO.nr, rta_cacheinfo.size)
  if (o < 0) return
  put32(skb.buf, o, clntref)
  put32(skb.buf, o + 8, Math.floor((expires * USER_HZ) / HZ))
}

/** fib_dump_info_fnhe(): what a dump of cached routes shows of a destination; false: the buffer is full. */
export function rt_fill_fnhe(
  skb: MessageBuilder,
  cb: { portid: number; seq: number; net: net },
  table: number,
  fnhe: fib_nh_exception,
  nlm_flags: number,
): boolean {
  const rt = fnhe.fnhe_rth_input ?? fnhe.fnhe_rth_output
  if (rt === undefined) return true
  skb.begin(RTM_NEWROUTE, nlm_flags, cb.seq, cb.portid)
  skb.struct(rtmsg, {
    rtm_family: AF_INET,
    rtm_dst_len: 32,
    rtm_table: table < 256 ? table : RT_TABLE_COMPAT,
    rtm_type: rt.rt_type,
    rtm_flags: RTM_F_CLONED | (fnhe.fnhe_gw !== 0 ? RTCF_REDIRECTED : 0),
  })
  put_u32(skb, RTA_TABLE.nr, table)
  put_in_addr(skb, RTA_DST.nr, fnhe.fnhe_daddr)
  put_u32(skb, RTA_OIF.nr, rt.dev.ifindex)
  lwtunnel_fill_encap(skb, rt.encap)
  if (rt.rt_gw4 !== 0) put_in_addr(skb, RTA_GATEWAY.nr, rt.rt_gw4)
  else if (rt.rt_gw6 !== undefined) put_via6(skb, rt.rt_gw6)
  const expires = expires_in(rt, cb.net.kernel.jiffies())
  put_metrics(skb, rt, expires)
  put_cacheinfo(skb, 1, expires)
  return skb.end()
}

export function ip_rt_init(kernel: Kernel): void {
  ip_static_sysctl_init(kernel)
  fib_proc_register(kernel)
  rtnl_register(kernel, AF_INET, RTM_GETROUTE, { doit: inet_rtm_getroute, flags: RTNL_FLAG_DOIT_UNLOCKED })
}

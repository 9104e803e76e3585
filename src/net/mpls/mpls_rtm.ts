/** net/mpls/af_mpls.c rtm_to_route_config, mpls_dump_routes, mpls_getroute: RTM_NEWROUTE, RTM_DELROUTE and RTM_GETROUTE of AF_MPLS. */
import { type AttrTable, eachAttr, NLA_HDRLEN } from '../../lib/attrs.ts'
import { get16 } from '../../lib/bytes.ts'
import { MessageBuilder, NLMSG_HDRLEN } from '../../lib/message.ts'
import { EINVAL, ENETUNREACH, type Errno, isErrno } from '../../uapi/errno.ts'
import { NLM_F_MULTI } from '../../uapi/linux/netlink.ts'
import {
  RT_SCOPE_UNIVERSE,
  RT_TABLE_MAIN,
  RTA,
  RTA_DST,
  RTA_GATEWAY,
  RTA_MULTIPATH,
  RTA_NEWDST,
  RTA_OIF,
  RTA_TTL_PROPAGATE,
  RTA_VIA,
  RTM_F_FIB_MATCH,
  RTM_NEWROUTE,
  RTN_UNICAST,
  rtmsg,
  rtnexthop,
} from '../../uapi/linux/rtnetlink.ts'
import { AF_INET, AF_INET6, AF_MPLS, AF_PACKET } from '../../uapi/linux/socket.ts'
import { rtnl_unicast } from '../core/rtnetlink.ts'
import { type fib_dump_filter, ip_valid_fib_dump_req } from '../ipv4/fib_rtm.ts'
import { nlmsg_parse_deprecated, nlmsg_parse_deprecated_strict } from '../netlink/attr.ts'
import type { netlink_ext_ack } from '../netlink/extack.ts'
import { NLA_U8, NLA_U32, policy } from '../netlink/policy.ts'
import type { netlink_callback, Request } from '../netlink/types.ts'
import { nla_get_labels, nla_put_labels } from './mpls_label.ts'
import {
  MAX_NEW_LABELS,
  MAX_VIA_ALEN,
  MPLS_LABEL_FIRST_UNRESERVED,
  MPLS_TTL_PROP_DISABLED,
  MPLS_TTL_PROP_ENABLED,
  mpls_nh,
  type mpls_route,
  type mpls_via,
  netns_mpls_of,
} from './mpls_private.ts'
import { mpls_dump_route, mpls_label_ok, mpls_route_add, mpls_route_config, mpls_route_update } from './mpls_route.ts'

export const rtm_mpls_policy = policy(RTA, { RTA_DST: NLA_U32, RTA_OIF: NLA_U32, RTA_TTL_PROPAGATE: NLA_U8 }, { name: 'rtm_mpls_policy' })

/** What the header may say: there is one table, of one kind of routes. */
function check_header(rtm: ReturnType<typeof rtmsg.get>, extack: netlink_ext_ack): Errno | undefined {
  if (rtm.rtm_family !== AF_MPLS) return extack.fail(EINVAL, 'Invalid address family in rtmsg')
  if (rtm.rtm_dst_len !== 20) return extack.fail(EINVAL, 'rtm_dst_len must be 20 for MPLS')
  if (rtm.rtm_src_len !== 0) return extack.fail(EINVAL, 'rtm_src_len must be 0 for MPLS')
  if (rtm.rtm_tos !== 0) return extack.fail(EINVAL, 'rtm_tos must be 0 for MPLS')
  if (rtm.rtm_table !== RT_TABLE_MAIN) return extack.fail(EINVAL, 'MPLS only supports the main route table')
  if (rtm.rtm_scope !== RT_SCOPE_UNIVERSE) return extack.fail(EINVAL, 'Invalid route scope  - MPLS only supports UNIVERSE')
  if (rtm.rtm_type !== RTN_UNICAST) return extack.fail(EINVAL, 'Invalid route type - MPLS only supports UNICAST')
  return rtm.rtm_flags === 0 ? undefined : extack.fail(EINVAL, 'rtm_flags must be 0 for MPLS')
}

const VIA_LENGTH: Record<number, number> = { [AF_INET]: 4, [AF_INET6]: 16 }
function nla_get_via(buf: Uint8Array, at: number, extack: netlink_ext_ack): mpls_via | Errno {
  const alen = get16(buf, at) - NLA_HDRLEN - 2
  if (alen < 0) return extack.fail(EINVAL, 'Invalid attribute length for RTA_VIA', at)
  if (alen > MAX_VIA_ALEN) return extack.fail(EINVAL, 'Invalid address length for RTA_VIA', at)
  const o = at + NLA_HDRLEN
  const family = get16(buf, o)
  if (family !== AF_PACKET && VIA_LENGTH[family] !== alen) return EINVAL
  return { family, addr: buf.slice(o + 2, o + 2 + alen) }
}

/** rtm_to_route_config() */
function rtm_to_route_config(req: Request): mpls_route_config | Errno {
  const { extack, buf } = req
  const tb = nlmsg_parse_deprecated(req, rtmsg.size, rtm_mpls_policy)
  if (isErrno(tb)) return tb
  const rtm = rtmsg.get(buf, NLMSG_HDRLEN)
  const refused = check_header(rtm, extack)
  if (isErrno(refused)) return refused
  const cfg = new mpls_route_config()
  cfg.protocol = rtm.rtm_protocol
  cfg.nlflags = req.flags
  const single: { labels: number[]; via?: mpls_via } = { labels: [] }
  for (let nr = 0; nr <= tb.max; nr++) {
    if (tb.atNr(nr) === 0) continue
    const error = read_attr(req, tb, nr, cfg, single)
    if (isErrno(error)) return error
  }
  if (!cfg.multipath) cfg.nhs = [{ nh: new mpls_nh(single.labels, single.via), ifindex: tb.get(RTA_OIF) ?? 0 }]
  return cfg
}
function read_attr(
  { net, buf, extack }: Request,
  tb: AttrTable,
  nr: number,
  cfg: mpls_route_config,
  single: { labels: number[]; via?: mpls_via },
): Errno | undefined {
  const at = tb.atNr(nr)
  switch (nr) {
    case RTA_OIF.nr:
      return undefined
    case RTA_NEWDST.nr: {
      const labels = nla_get_labels(buf, at, MAX_NEW_LABELS, extack)
      if (isErrno(labels)) return labels
      single.labels = labels
      return undefined
    }
    case RTA_DST.nr: {
      const labels = nla_get_labels(buf, at, 1, extack)
      if (isErrno(labels)) return labels
      cfg.label = labels[0] ?? cfg.label
      return mpls_label_ok(net, cfg.label, extack)
    }
    case RTA_GATEWAY.nr:
      return extack.fail(EINVAL, 'MPLS does not support RTA_GATEWAY attribute')
    case RTA_VIA.nr: {
      const via = nla_get_via(buf, at, extack)
      if (isErrno(via)) return via
      single.via = via
      return undefined
    }
    case RTA_MULTIPATH.nr:
      cfg.multipath = true
      return read_multipath(buf, at, cfg, extack)
    case RTA_TTL_PROPAGATE.nr: {
      const value = tb.get(RTA_TTL_PROPAGATE) ?? 0
      if (value > 1) return extack.fail(EINVAL, 'RTA_TTL_PROPAGATE can only be 0 or 1', at)
      cfg.ttl_propagate = value === 1 ? MPLS_TTL_PROP_ENABLED : MPLS_TTL_PROP_DISABLED
      return undefined
    }
    default:
      return extack.fail(EINVAL, 'Unknown attribute', at)
  }
}
/** mpls_count_nexthops(), mpls_nh_build_multi(): anything left over counts as none. */
function read_multipath(buf: Uint8Array, at: number, cfg: mpls_route_config, extack: netlink_ext_ack): Errno | undefined {
  const end = at + get16(buf, at)
  let o = at + NLA_HDRLEN
  while (end - o >= rtnexthop.size) {
    const rtnh = rtnexthop.get(buf, o)
    if (rtnh.rtnh_len < rtnexthop.size || rtnh.rtnh_len > end - o) break
    if (rtnh.rtnh_hops !== 0 || rtnh.rtnh_flags !== 0) return EINVAL
    let labels: number[] | Errno = []
    let via: mpls_via | undefined | Errno
    eachAttr(buf, o + rtnexthop.size, o + rtnh.rtnh_len, (nr, p) => {
      if (nr === RTA_NEWDST.nr && !isErrno(labels)) labels = nla_get_labels(buf, p, MAX_NEW_LABELS, extack)
      if (nr === RTA_VIA.nr && !isErrno(via)) via = nla_get_via(buf, p, extack)
    })
    if (isErrno(labels)) return labels
    if (isErrno(via)) return via
    cfg.nhs.push({ nh: new mpls_nh(labels, via), ifindex: rtnh.rtnh_ifindex })
    o += (rtnh.rtnh_len + 3) & ~3
  }
  if (o < end) cfg.nhs = []
  return undefined
}

export function mpls_rtm_newroute(req: Request): Errno | undefined {
  const cfg = rtm_to_route_config(req)
  if (isErrno(cfg)) return cfg
  return mpls_route_add(req.net, cfg, { portid: req.portid, seq: req.seq, nlflags: req.flags }, req.extack)
}
/** What is not there goes as well. */
export function mpls_rtm_delroute(req: Request): Errno | undefined {
  const cfg = rtm_to_route_config(req)
  if (isErrno(cfg)) return cfg
  const refused = mpls_label_ok(req.net, cfg.label, req.extack)
  if (isErrno(refused)) return refused
  mpls_route_update(req.net, cfg.label, undefined, { portid: req.portid, seq: req.seq, nlflags: req.flags })
  return undefined
}

/** There is one table, of one type, without flags: a filter for others finds nothing. */
function matches(filter: fib_dump_filter | undefined, rt: mpls_route): boolean {
  if (filter === undefined) return true
  if (filter.dev !== undefined && !rt.nhs.some((nh) => nh.dev === filter.dev)) return false
  return filter.protocol === 0 || filter.protocol === rt.protocol
}
/** args[0]: the label to go on from. */
export function mpls_dump_routes(skb: MessageBuilder, cb: netlink_callback): Errno | true | undefined {
  const filter = cb.strict_check ? ip_valid_fib_dump_req(cb) : undefined
  if (isErrno(filter)) return filter
  if (filter !== undefined) {
    if (filter.table_id !== 0 && filter.table_id !== RT_TABLE_MAIN) return undefined
    if ((filter.rt_type !== 0 && filter.rt_type !== RTN_UNICAST) || filter.flags !== 0) return undefined
  }
  const mpls = netns_mpls_of(cb.net)
  const head = { type: RTM_NEWROUTE, flags: NLM_F_MULTI | cb.answer_flags, portid: cb.portid, seq: cb.seq }
  for (const [label, rt] of mpls.platform_label.from(Math.max(cb.args[0], MPLS_LABEL_FIRST_UNRESERVED))) {
    if (!matches(filter, rt)) continue
    if (!mpls_dump_route(skb, head, label, rt)) {
      cb.args[0] = label
      return true
    }
  }
  return undefined
}

/** mpls_valid_getroute_req() */
function valid_getroute(req: Request): AttrTable | Errno {
  const { extack, buf } = req
  if (buf.length < NLMSG_HDRLEN + rtmsg.size) return extack.fail(EINVAL, 'mpls_router: Invalid header for get route request')
  if (!req.strict_check) return nlmsg_parse_deprecated(req, rtmsg.size, rtm_mpls_policy)
  const rtm = rtmsg.get(buf, NLMSG_HDRLEN)
  const odd = rtm.rtm_src_len || rtm.rtm_tos || rtm.rtm_table || rtm.rtm_protocol || rtm.rtm_scope || rtm.rtm_type
  if ((rtm.rtm_dst_len !== 0 && rtm.rtm_dst_len !== 20) || odd)
    return extack.fail(EINVAL, 'mpls_router: Invalid values in header for get route request')
  if (rtm.rtm_flags & ~RTM_F_FIB_MATCH) return extack.fail(EINVAL, 'mpls_router: Invalid flags for get route request')
  const tb = nlmsg_parse_deprecated_strict(req, rtmsg.size, rtm_mpls_policy)
  if (isErrno(tb)) return tb
  if (tb.has(RTA_DST) !== (rtm.rtm_dst_len !== 0)) return extack.fail(EINVAL, 'mpls_router: rtm_dst_len must be 20 for MPLS')
  for (let nr = 1; nr <= tb.max; nr++) {
    if (tb.atNr(nr) !== 0 && nr !== RTA_DST.nr && nr !== RTA_NEWDST.nr) {
      return extack.fail(EINVAL, 'mpls_router: Unsupported attribute in get route request')
    }
  }
  return tb
}
export function mpls_getroute(req: Request): Errno | undefined {
  const { net, extack, buf, portid, seq } = req
  const tb = valid_getroute(req)
  if (isErrno(tb)) return tb
  let label = 0
  if (tb.has(RTA_DST)) {
    const labels = nla_get_labels(buf, tb.at(RTA_DST), 1, extack)
    if (isErrno(labels)) return EINVAL
    label = labels[0] ?? 0
    if (isErrno(mpls_label_ok(net, label, extack))) return EINVAL
  }
  const rt = netns_mpls_of(net).platform_label.get(label)
  if (rt === undefined) return ENETUNREACH
  const skb = new MessageBuilder(undefined, 128)
  if (rtmsg.get(buf, NLMSG_HDRLEN).rtm_flags & RTM_F_FIB_MATCH) {
    mpls_dump_route(skb, { type: RTM_NEWROUTE, flags: 0, portid, seq }, label, rt)
    return rtnl_unicast(net, skb, portid)
  }
  const nh = rt.nhs.find((one) => one.alive)
  if (nh === undefined) return ENETUNREACH
  skb.begin(RTM_NEWROUTE, 0, seq, portid)
  skb.struct(rtmsg, { rtm_family: AF_MPLS, rtm_dst_len: 20, rtm_table: RT_TABLE_MAIN, rtm_type: RTN_UNICAST, rtm_protocol: rt.protocol })
  nla_put_labels(skb, RTA_DST.nr, [label])
  if (nh.labels.length > 0) nla_put_labels(skb, RTA_NEWDST.nr, nh.labels)
  if (nh.via !== undefined) {
    const o = skb.reserve(RTA_VIA.nr, 2 + nh.via.addr.length)
    skb.buf[o] = nh.via.family
    skb.buf.set(nh.via.addr, o + 2)
  }
  if (nh.dev !== undefined) skb.put(RTA_OIF, nh.dev.ifindex)
  skb.end()
  return rtnl_unicast(net, skb, portid)
}

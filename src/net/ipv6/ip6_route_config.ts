/** net/ipv6/route.c rtm_to_fib6_config: RTM_NEWROUTE and RTM_DELROUTE as a fib6_config. */
import { type Attr, type AttrTable, eachAttr, NLA_HDRLEN } from '../../lib/attrs.ts'
import { get16, get32 } from '../../lib/bytes.ts'
import { NLMSG_HDRLEN } from '../../lib/message.ts'
import { EINVAL, EOPNOTSUPP, type Errno, isErrno } from '../../uapi/errno.ts'
import { in6addr_any } from '../../uapi/linux/in6.ts'
import {
  ICMPV6_ROUTER_PREF_HIGH,
  ICMPV6_ROUTER_PREF_LOW,
  ICMPV6_ROUTER_PREF_MEDIUM,
  RTF_CACHE,
  RTF_EXPIRES,
  RTF_LOCAL,
  RTF_PREF,
} from '../../uapi/linux/ipv6_route.ts'
import { NLM_F_ECHO } from '../../uapi/linux/netlink.ts'
import { RTF_GATEWAY, RTF_REJECT, RTF_UP } from '../../uapi/linux/route.ts'
import {
  RTA,
  RTA_DST,
  RTA_ENCAP,
  RTA_ENCAP_TYPE,
  RTA_EXPIRES,
  RTA_GATEWAY,
  RTA_METRICS,
  RTA_MULTIPATH,
  RTA_NH_ID,
  RTA_OIF,
  RTA_PREF,
  RTA_PREFSRC,
  RTA_PRIORITY,
  RTA_SRC,
  RTA_TABLE,
  RTA_VIA,
  RTM_F_CLONED,
  RTN_BLACKHOLE,
  RTN_LOCAL,
  RTN_PROHIBIT,
  RTN_THROW,
  RTN_UNREACHABLE,
  RTNH_F_ONLINK,
  rtmsg,
  rtnexthop,
} from '../../uapi/linux/rtnetlink.ts'
import { lwtunnel_valid_encap_type } from '../core/lwtunnel.ts'
import type { net } from '../core/net_namespace.ts'
import type { netlink_ext_ack } from '../netlink/extack.ts'
import type { raw_metrics } from '../ipv4/fib_metrics.ts'
import { nlmsg_parse_deprecated } from '../netlink/attr.ts'
import { NLA_NESTED, NLA_U8, NLA_U16, NLA_U32, NLA_UNSPEC, policy } from '../netlink/policy.ts'
import type { Request } from '../netlink/types.ts'
import { fib6_config } from './ip6_fib_info.ts'

export const rtm_ipv6_policy = policy(
  RTA,
  {
    RTA_GATEWAY: NLA_UNSPEC(16),
    RTA_PREFSRC: NLA_UNSPEC(16),
    RTA_OIF: NLA_U32,
    RTA_IIF: NLA_U32,
    RTA_PRIORITY: NLA_U32,
    RTA_METRICS: NLA_NESTED(),
    RTA_MULTIPATH: NLA_UNSPEC(8),
    RTA_PREF: NLA_U8,
    RTA_ENCAP_TYPE: NLA_U16,
    RTA_ENCAP: NLA_NESTED(),
    RTA_EXPIRES: NLA_U32,
    RTA_UID: NLA_U32,
    RTA_MARK: NLA_U32,
    RTA_TABLE: NLA_U32,
    RTA_IP_PROTO: NLA_U8,
    RTA_SPORT: NLA_U16,
    RTA_DPORT: NLA_U16,
    RTA_NH_ID: NLA_U32,
  },
  { name: 'rtm_ipv6_policy', strict_start_type: RTA_NH_ID.nr },
)

/** The first bytes of an address, as many as the prefix needs; undefined: the attribute is too short for them. */
function prefix_of(tb: AttrTable, a: Attr<Uint8Array>, plen: number): Uint8Array | undefined {
  const at = tb.at(a)
  if (at === 0) return in6addr_any
  const bytes = (plen + 7) >> 3
  if (tb.length(a) < bytes) return undefined
  const addr = new Uint8Array(16)
  for (let i = 0; i < bytes && i < 16; i++) addr[i] = tb.buf[at + NLA_HDRLEN + i]
  return addr
}
function address_of(tb: AttrTable, a: Attr<Uint8Array>): Uint8Array {
  const at = tb.at(a) + NLA_HDRLEN
  return tb.buf.slice(at, at + 16)
}
/** Where a nest's members are. */
function inside(tb: AttrTable, a: Attr<any>): raw_metrics {
  const at = tb.at(a)
  return { buf: tb.buf, start: at + NLA_HDRLEN, end: at + get16(tb.buf, at) }
}

function flags_of(rtm: ReturnType<typeof rtmsg.get>): number {
  let flags = RTF_UP | (rtm.rtm_flags & RTNH_F_ONLINK)
  if ([RTN_UNREACHABLE, RTN_BLACKHOLE, RTN_PROHIBIT, RTN_THROW].includes(rtm.rtm_type)) flags |= RTF_REJECT
  if (rtm.rtm_type === RTN_LOCAL) flags |= RTF_LOCAL
  if (rtm.rtm_flags & RTM_F_CLONED) flags |= RTF_CACHE
  return flags
}

export function rtm_to_fib6_config(req: Request): fib6_config | Errno {
  const { extack, buf } = req
  const tb = nlmsg_parse_deprecated(req, rtmsg.size, rtm_ipv6_policy)
  if (isErrno(tb)) return tb
  const rtm = rtmsg.get(buf, NLMSG_HDRLEN)
  if (rtm.rtm_tos !== 0) return extack.fail(EINVAL, 'Invalid dsfield (tos): option not available for IPv6')
  const cfg = new fib6_config()
  cfg.fc_table = tb.get(RTA_TABLE) ?? rtm.rtm_table
  cfg.fc_dst_len = rtm.rtm_dst_len
  cfg.fc_src_len = rtm.rtm_src_len
  cfg.fc_protocol = rtm.rtm_protocol
  cfg.fc_type = rtm.rtm_type
  cfg.fc_flags = flags_of(rtm)
  cfg.fc_nlinfo = { portid: req.portid, seq: req.seq, report: (req.flags & NLM_F_ECHO) !== 0, nlflags: req.flags, skip_notify: false }
  if (tb.has(RTA_NH_ID)) {
    if ([RTA_GATEWAY, RTA_OIF, RTA_MULTIPATH, RTA_ENCAP].some((a) => tb.has(a))) {
      return extack.fail(EINVAL, 'Nexthop specification and nexthop id are mutually exclusive')
    }
    cfg.fc_nh_id = tb.get(RTA_NH_ID) as number
  }
  const error = addresses(cfg, tb, req) ?? way_out(cfg, tb, req)
  if (isErrno(error)) return error
  if (tb.has(RTA_EXPIRES)) set_expires(cfg, get32(buf, tb.at(RTA_EXPIRES) + NLA_HDRLEN))
  return cfg
}
function addresses(cfg: fib6_config, tb: AttrTable, { extack }: Request): Errno | undefined {
  if (tb.has(RTA_GATEWAY)) {
    cfg.fc_gateway = address_of(tb, RTA_GATEWAY)
    cfg.fc_flags |= RTF_GATEWAY
  }
  if (tb.has(RTA_VIA)) return extack.fail(EINVAL, 'IPv6 does not support RTA_VIA attribute')
  const dst = prefix_of(tb, RTA_DST, cfg.fc_dst_len)
  const src = prefix_of(tb, RTA_SRC, cfg.fc_src_len)
  if (dst === undefined || src === undefined) return EINVAL
  cfg.fc_dst = dst
  cfg.fc_src = src
  if (tb.has(RTA_PREFSRC)) cfg.fc_prefsrc = address_of(tb, RTA_PREFSRC)
  return undefined
}
function way_out(cfg: fib6_config, tb: AttrTable, { net, extack }: Request): Errno | undefined {
  cfg.fc_ifindex = tb.get(RTA_OIF) ?? 0
  cfg.fc_metric = tb.get(RTA_PRIORITY) ?? 0
  if (tb.has(RTA_METRICS)) cfg.fc_mx = inside(tb, RTA_METRICS)
  if (tb.has(RTA_MULTIPATH)) {
    cfg.fc_mp = inside(tb, RTA_MULTIPATH)
    const error = valid_encap_types(net, cfg, extack)
    if (isErrno(error)) return error
  }
  const pref = tb.get(RTA_PREF)
  if (pref !== undefined) {
    const known = pref === ICMPV6_ROUTER_PREF_LOW || pref === ICMPV6_ROUTER_PREF_HIGH
    cfg.fc_flags |= RTF_PREF(known ? pref : ICMPV6_ROUTER_PREF_MEDIUM)
  }
  cfg.fc_encap = tb.at(RTA_ENCAP)
  cfg.fc_encap_buf = tb.buf
  if (!tb.has(RTA_ENCAP_TYPE)) return undefined
  cfg.fc_encap_type = tb.get(RTA_ENCAP_TYPE) as number
  return lwtunnel_valid_encap_type(net, cfg.fc_encap_type, extack)
}
/** Seconds that do not fit a signed long in jiffies mean for ever (addrconf_timeout_fixup). */
function set_expires(cfg: fib6_config, seconds: number): void {
  if (seconds === 0xffffffff) return
  cfg.fc_expires = seconds * 100
  cfg.fc_flags |= RTF_EXPIRES
}

/** lwtunnel_valid_encap_type_attr(): each hop's, which no policy has looked at. */
function valid_encap_types(net: net, cfg: fib6_config, extack: netlink_ext_ack): Errno | undefined {
  for (const hop of rt6_hops(cfg)) {
    if (hop.bad_encap_type) return extack.fail(EINVAL, 'Invalid RTA_ENCAP_TYPE')
    if (hop.encap_type && isErrno(lwtunnel_valid_encap_type(net, hop.cfg.fc_encap_type, extack))) return EOPNOTSUPP
  }
  return undefined
}

/** One hop of RTA_MULTIPATH: the route's own config with what the hop says. */
export interface rt6_hop {
  cfg: fib6_config
  weight: number
  /** A gateway, a type too short to be one. */
  bad_gateway: boolean
  bad_encap_type: boolean
  /** Whether one is named. */
  encap_type: boolean
}
export function rt6_hops(cfg: fib6_config): rt6_hop[] {
  const hops: rt6_hop[] = []
  const { buf, start, end } = cfg.fc_mp as raw_metrics
  for (let at = start; end - at >= rtnexthop.size; ) {
    const len = get16(buf, at)
    if (len < rtnexthop.size || len > end - at) break
    hops.push(hop_at(cfg, buf, at, at + len))
    at += (len + 3) & ~3
  }
  return hops
}
function hop_at(cfg: fib6_config, buf: Uint8Array, at: number, end: number): rt6_hop {
  const own = Object.assign(new fib6_config(), cfg, { fc_nlinfo: { ...cfg.fc_nlinfo } })
  const hop: rt6_hop = { cfg: own, weight: buf[at + 3] + 1, bad_gateway: false, bad_encap_type: false, encap_type: false }
  const ifindex = get32(buf, at + 4)
  if (ifindex !== 0) own.fc_ifindex = ifindex
  own.fc_flags |= buf[at + 2] & RTNH_F_ONLINK
  own.fc_encap_buf = buf
  if (end - at > rtnexthop.size) own.fc_encap = 0
  const seen = new Set<number>()
  eachAttr(buf, at + rtnexthop.size, end, (nr, o) => {
    // the first of a kind counts (nla_find)
    if (seen.has(nr)) return
    seen.add(nr)
    const length = get16(buf, o) - NLA_HDRLEN
    if (nr === RTA_GATEWAY.nr) {
      hop.bad_gateway = length < 16
      own.fc_gateway = buf.slice(o + NLA_HDRLEN, o + NLA_HDRLEN + 16)
      own.fc_flags |= RTF_GATEWAY
    } else if (nr === RTA_ENCAP.nr) {
      own.fc_encap = o
    } else if (nr === RTA_ENCAP_TYPE.nr) {
      hop.bad_encap_type = length < 2
      hop.encap_type = true
      own.fc_encap_type = get16(buf, o + NLA_HDRLEN)
    }
  })
  return hop
}

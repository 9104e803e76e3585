/** net/ipv4/fib_frontend.c: RTM_NEWROUTE, RTM_DELROUTE and the dump of RTM_GETROUTE. */
import { NLA_HDRLEN, NLA_TYPE_MASK } from '../../lib/attrs.ts'
import { get16, get32, getBe32 } from '../../lib/bytes.ts'
import { type MessageBuilder, NLMSG_HDRLEN } from '../../lib/message.ts'
import { EINVAL, ENODEV, ENOENT, EOPNOTSUPP, type Errno, ESRCH, isErrno } from '../../uapi/errno.ts'
import { NLM_F_DUMP_FILTERED, NLM_F_ECHO, NLM_F_MULTI } from '../../uapi/linux/netlink.ts'
import {
  RT_TABLE_MAIN,
  RTA,
  RTA_DST,
  RTA_ENCAP,
  RTA_ENCAP_TYPE,
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
  RTM_F_CLONED,
  RTM_F_PREFIX,
  RTM_NEWROUTE,
  RTN_XRESOLVE,
  RTNH_F_DEAD,
  rtmsg,
} from '../../uapi/linux/rtnetlink.ts'
import { AF_INET } from '../../uapi/linux/socket.ts'
import { lwtunnel_valid_encap_type } from '../core/lwtunnel.ts'
import type { net_device } from '../core/netdevice.ts'
import { nlmsg_parse_deprecated, nlmsg_parse_deprecated_strict, type ParseContext } from '../netlink/attr.ts'
import { NLA_NESTED, NLA_U8, NLA_U16, NLA_U32, NLA_UNSPEC, policy } from '../netlink/policy.ts'
import type { netlink_callback, Request } from '../netlink/types.ts'
import { fib_dump_info } from './fib_dump.ts'
import { rtnh_find, rtnh_next, rtnh_ok } from './fib_multipath.ts'
import type { raw_metrics } from './fib_metrics.ts'
import type { fib_rt_info } from './fib_rt_info.ts'
import { fib_config, type fib_info, fib_info_nhc, fib_info_num_path, type nl_info } from './fib_semantics.ts'
import { fib_table_delete, fib_table_insert } from './fib_table.ts'
import { fib_get_table, fib_new_table, fib_tables_ordered } from './fib_tables.ts'
import { type fib_table, leaf_next, leaf_walk_rcu } from './fib_trie.ts'
import { fa_next, fa_rt_info, fa_tb_id } from './fib_trie_alias.ts'
import { fib_gw_from_via } from './fib_via.ts'
import { nexthop_each_nhc, nexthop_find_by_id } from './nexthop.ts'
import { nhc_shown_exceptions } from './route_exception.ts'
import { rt_fill_fnhe } from './route_get.ts'

export const rtm_ipv4_policy = policy(
  RTA,
  {
    RTA_DST: NLA_U32,
    RTA_SRC: NLA_U32,
    RTA_IIF: NLA_U32,
    RTA_OIF: NLA_U32,
    RTA_GATEWAY: NLA_U32,
    RTA_PRIORITY: NLA_U32,
    RTA_PREFSRC: NLA_U32,
    RTA_METRICS: NLA_NESTED(),
    RTA_MULTIPATH: NLA_UNSPEC(8),
    RTA_FLOW: NLA_U32,
    RTA_ENCAP_TYPE: NLA_U16,
    RTA_ENCAP: NLA_NESTED(),
    RTA_UID: NLA_U32,
    RTA_MARK: NLA_U32,
    RTA_TABLE: NLA_U32,
    RTA_IP_PROTO: NLA_U8,
    RTA_SPORT: NLA_U16,
    RTA_DPORT: NLA_U16,
    RTA_NH_ID: NLA_U32,
  },
  { name: 'rtm_ipv4_policy', strict_start_type: RTA_NH_ID.nr },
)

export function nl_info_of(req: Request): nl_info {
  return { portid: req.portid, seq: req.seq, report: (req.flags & NLM_F_ECHO) !== 0 }
}

function rtm_to_fib_config(req: Request): fib_config | Errno {
  const tb = nlmsg_parse_deprecated(req, rtmsg.size, rtm_ipv4_policy)
  if (isErrno(tb)) return tb
  const { buf, extack, net } = req
  // struct rtmsg, read in place: this is the busiest of all requests
  const rtm = NLMSG_HDRLEN
  if (buf[rtm + 3] & 3) return extack.fail(EINVAL, 'Invalid dsfield (tos): ECN bits must be 0')
  const cfg = new fib_config(net)
  cfg.fc_dst_len = buf[rtm + 1]
  cfg.fc_dscp = buf[rtm + 3]
  cfg.fc_table = buf[rtm + 4]
  cfg.fc_protocol = buf[rtm + 5]
  cfg.fc_scope = buf[rtm + 6]
  cfg.fc_type = buf[rtm + 7]
  cfg.fc_flags = get32(buf, rtm + 8)
  cfg.fc_nlflags = req.flags
  cfg.fc_nlinfo = nl_info_of(req)
  if (cfg.fc_type > RTN_XRESOLVE) return extack.fail(EINVAL, 'Invalid route type')
  let len: number
  for (let at = rtm + rtmsg.size; buf.length - at >= NLA_HDRLEN; at += (len + 3) & ~3) {
    len = get16(buf, at)
    if (len < NLA_HDRLEN || len > buf.length - at) break
    const error = config_attr(req, cfg, get16(buf, at + 2) & NLA_TYPE_MASK, at)
    if (error !== undefined) return error
  }
  if (cfg.fc_dst_len > 32) return extack.fail(EINVAL, 'Invalid prefix length')
  if (cfg.fc_dst_len < 32 && cfg.fc_dst << cfg.fc_dst_len !== 0) return extack.fail(EINVAL, 'Invalid prefix for given prefix length')
  if (cfg.fc_nh_id !== 0 && (cfg.fc_oif !== 0 || cfg.fc_gw_family !== 0 || tb.has(RTA_ENCAP) || tb.has(RTA_MULTIPATH))) {
    return extack.fail(EINVAL, 'Nexthop specification and nexthop id are mutually exclusive')
  }
  if (tb.has(RTA_GATEWAY) && tb.has(RTA_VIA)) return extack.fail(EINVAL, 'Nexthop configuration can not contain both GATEWAY and VIA')
  if (cfg.fc_table === 0) cfg.fc_table = RT_TABLE_MAIN
  return cfg
}
function config_attr(req: Request, cfg: fib_config, nr: number, at: number): Errno | undefined {
  const { buf } = req
  const o = at + NLA_HDRLEN
  switch (nr) {
    case RTA_DST.nr:
      cfg.fc_dst = getBe32(buf, o)
      break
    case RTA_OIF.nr:
      cfg.fc_oif = get32(buf, o)
      break
    case RTA_GATEWAY.nr:
      cfg.fc_gw4 = getBe32(buf, o)
      if (cfg.fc_gw4 !== 0) cfg.fc_gw_family = AF_INET
      break
    case RTA_VIA.nr:
      return fib_gw_from_via(cfg, buf, at, req.extack)
    case RTA_PRIORITY.nr:
      cfg.fc_priority = get32(buf, o)
      break
    case RTA_PREFSRC.nr:
      cfg.fc_prefsrc = getBe32(buf, o)
      break
    case RTA_METRICS.nr:
      cfg.fc_mx = { buf, start: o, end: at + get16(buf, at) }
      break
    case RTA_FLOW.nr:
      cfg.fc_flow = get32(buf, o)
      break
    case RTA_TABLE.nr:
      cfg.fc_table = get32(buf, o)
      break
    case RTA_MULTIPATH.nr:
      cfg.fc_mp = { buf, start: o, end: at + get16(buf, at) }
      return valid_encaps(req, cfg.fc_mp)
    case RTA_NH_ID.nr:
      cfg.fc_nh_id = get32(buf, o)
      break
    case RTA_ENCAP.nr:
      cfg.fc_encap = { buf, at }
      break
    case RTA_ENCAP_TYPE.nr:
      cfg.fc_encap_type = get16(buf, o)
      return lwtunnel_valid_encap_type(req.net, cfg.fc_encap_type, req.extack)
  }
  return undefined
}
/** lwtunnel_valid_encap_type_attr(): the encapsulations of all hops. */
function valid_encaps({ net, extack, buf }: Request, mp: raw_metrics): Errno | undefined {
  for (let at = mp.start; rtnh_ok(mp, at); at = rtnh_next(mp, at)) {
    const type = rtnh_find(mp, at, RTA_ENCAP_TYPE.nr)
    if (type === 0) continue
    if (get16(buf, type) < NLA_HDRLEN + 2) return extack.fail(EINVAL, 'Invalid RTA_ENCAP_TYPE')
    if (isErrno(lwtunnel_valid_encap_type(net, get16(buf, type + NLA_HDRLEN), extack))) return EOPNOTSUPP
  }
  return undefined
}

export function inet_rtm_newroute(req: Request): Errno | undefined {
  const cfg = rtm_to_fib_config(req)
  if (isErrno(cfg)) return cfg
  return fib_table_insert(req.net, fib_new_table(req.net, cfg.fc_table), cfg, req.extack)
}
export function inet_rtm_delroute(req: Request): Errno | undefined {
  const cfg = rtm_to_fib_config(req)
  if (isErrno(cfg)) return cfg
  if (cfg.fc_nh_id !== 0 && nexthop_find_by_id(req.net, cfg.fc_nh_id) === undefined) {
    return req.extack.fail(EINVAL, 'Nexthop id does not exist')
  }
  const tb = fib_get_table(req.net, cfg.fc_table)
  if (tb === undefined) return req.extack.fail(ESRCH, 'FIB table does not exist')
  return fib_table_delete(req.net, tb, cfg, req.extack)
}

/** What a dump asks for; 0 and undefined: all. Plain data: it lives across receives. */
export class fib_dump_filter {
  table_id = 0
  protocol = 0
  rt_type = 0
  flags = 0
  dev: net_device | undefined = undefined
  dump_routes = true
  dump_exceptions = true
  /** A strict request names routes or exceptions, so what it gets is never all. */
  partial = false
}

/** What parsing a dump's request needs. */
export function dump_request(cb: netlink_callback): ParseContext {
  return { buf: cb.request, pool: cb.net.kernel.nla_pool, extack: cb.extack, net: cb.net }
}

/** ip_valid_fib_dump_req(): the strict reading of the request. */
export function ip_valid_fib_dump_req(cb: netlink_callback): fib_dump_filter | Errno {
  const { request, extack, net } = cb
  if (request.length < NLMSG_HDRLEN + rtmsg.size) return extack.fail(EINVAL, 'Invalid header for FIB dump request')
  const rtm = rtmsg.get(request, NLMSG_HDRLEN)
  if (rtm.rtm_dst_len || rtm.rtm_src_len || rtm.rtm_tos || rtm.rtm_scope) {
    return extack.fail(EINVAL, 'Invalid values in header for FIB dump request')
  }
  if (rtm.rtm_flags & ~(RTM_F_CLONED | RTM_F_PREFIX)) return extack.fail(EINVAL, 'Invalid flags for FIB dump request')
  const filter = new fib_dump_filter()
  filter.flags = rtm.rtm_flags
  filter.protocol = rtm.rtm_protocol
  filter.rt_type = rtm.rtm_type
  filter.table_id = rtm.rtm_table
  filter.dump_routes = (rtm.rtm_flags & RTM_F_CLONED) === 0
  filter.dump_exceptions = !filter.dump_routes
  filter.partial = true
  const tb = nlmsg_parse_deprecated_strict(dump_request(cb), rtmsg.size, rtm_ipv4_policy)
  if (isErrno(tb)) return tb
  for (let nr = 1; nr <= tb.max; nr++) {
    if (tb.atNr(nr) === 0) continue
    if (nr === RTA_TABLE.nr) {
      filter.table_id = tb.get(RTA_TABLE) as number
    } else if (nr === RTA_OIF.nr) {
      filter.dev = net.dev_index_head.get(tb.get(RTA_OIF) as number)
      if (filter.dev === undefined) return ENODEV
    } else {
      return extack.fail(EINVAL, 'Unsupported attribute in dump request')
    }
  }
  if (filter.flags || filter.protocol || filter.rt_type || filter.table_id || filter.dev) cb.answer_flags = NLM_F_DUMP_FILTERED
  return filter
}

function filter_of(cb: netlink_callback): fib_dump_filter | Errno {
  if (cb.strict_check) return ip_valid_fib_dump_req(cb)
  const filter = new fib_dump_filter()
  if (cb.request.length >= NLMSG_HDRLEN + rtmsg.size) {
    filter.flags = rtmsg.field.rtm_flags.get(cb.request, NLMSG_HDRLEN) & (RTM_F_PREFIX | RTM_F_CLONED)
  }
  return filter
}

/** RTM_GETROUTE dump. cb.args: table's place, address to go on from, routes of that address already sent, what of the next. */
export function inet_dump_fib(skb: MessageBuilder, cb: netlink_callback): Errno | true | undefined {
  const filter = filter_of(cb)
  if (isErrno(filter)) return filter
  // prefix routes are IPv6's
  if (filter.flags & RTM_F_PREFIX) return undefined
  if (filter.table_id !== 0) {
    const tb = fib_get_table(cb.net, filter.table_id)
    if (tb !== undefined) return fib_table_dump(tb, skb, cb, filter)
    return cb.request[NLMSG_HDRLEN] === AF_INET ? cb.extack.fail(ENOENT, 'ipv4: FIB table does not exist') : undefined
  }
  const tables = fib_tables_ordered(cb.net)
  for (; cb.args[0] < tables.length; cb.args[0]++) {
    if (fib_table_dump(tables[cb.args[0]], skb, cb, filter)) return true
    cb.args[1] = 0
  }
  return undefined
}

function fib_table_dump(tb: fib_table, skb: MessageBuilder, cb: netlink_callback, filter: fib_dump_filter): true | undefined {
  const { trie: t } = tb
  let l = cb.args[1] > 0xffffffff ? 0 : leaf_walk_rcu(t, cb.args[1])
  for (; l !== 0; l = leaf_next(t, l)) {
    const key = t.word[l] >>> 0
    if (key !== cb.args[1]) {
      cb.args[1] = key
      cb.args[2] = 0
    }
    if (!fn_trie_dump_leaf(tb, l, skb, cb, filter)) return true
    cb.args[1] = key + 1
    cb.args[2] = 0
  }
  return undefined
}

function shown({ fi, type }: fib_rt_info, filter: fib_dump_filter): boolean {
  if (filter.rt_type !== 0 && type !== filter.rt_type) return false
  if (filter.protocol !== 0 && fi.fib_protocol !== filter.protocol) return false
  return filter.dev === undefined || fib_info_uses_dev(fi, filter.dev)
}
function fib_info_uses_dev(fi: fib_info, dev: net_device): boolean {
  if (fi.nh !== undefined) return nexthop_each_nhc(fi.nh).some((nh) => nh.fib_nh_dev === dev)
  return fi.fib_nh.some((nh) => nh.fib_nh_dev === dev)
}
/** Routes of one address, long prefixes first; false: the buffer is full. */
function fn_trie_dump_leaf(tb: fib_table, l: number, skb: MessageBuilder, cb: netlink_callback, filter: fib_dump_filter): boolean {
  const { trie: t } = tb
  const flags = filter.partial ? NLM_F_MULTI | NLM_F_DUMP_FILTERED : NLM_F_MULTI
  let i = 0
  for (let fa = l; fa !== 0; fa = fa_next(t, fa)) {
    if (i++ < cb.args[2] || fa_tb_id(t, fa) !== tb.tb_id) continue
    const fri = fa_rt_info(t, l, fa)
    if (!shown(fri, filter)) continue
    const fits = !filter.dump_routes || cb.args[3] > 0 || fib_dump_info(skb, cb.portid, cb.seq, RTM_NEWROUTE, flags, fri)
    if (!fits || (filter.dump_exceptions && !fib_dump_info_fnhe(skb, cb, tb.tb_id, fri.fi, flags))) {
      cb.args[2] = i - 1
      return false
    }
    cb.args[3] = 0
  }
  return true
}
/** What is known of destinations behind a route's next hops. cb.args[3]: the route has been sent, and all but one of as many of these. */
function fib_dump_info_fnhe(skb: MessageBuilder, cb: netlink_callback, table: number, fi: fib_info, flags: number): boolean {
  let i = 1
  const paths = fib_info_num_path(fi)
  for (let n = 0; n < paths; n++) {
    const nhc = fib_info_nhc(fi, n)
    if (nhc?.nhc_exceptions === undefined || nhc.fib_nh_flags & RTNH_F_DEAD) continue
    for (const fnhe of nhc_shown_exceptions(cb.net, nhc)) {
      if (i++ < cb.args[3]) continue
      if (!rt_fill_fnhe(skb, cb, table, fnhe, flags)) {
        cb.args[3] = i - 1
        return false
      }
    }
  }
  return true
}

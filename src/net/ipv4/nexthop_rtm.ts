/** net/ipv4/nexthop.c rtm_*_nexthop: RTM_NEWNEXTHOP, DELNEXTHOP, GETNEXTHOP. */
import type { AttrTable } from '../../lib/attrs.ts'
import { get16, get32, getBe32 } from '../../lib/bytes.ts'
import { MessageBuilder, NLMSG_HDRLEN } from '../../lib/message.ts'
import { EINVAL, ENETDOWN, ENOENT, type Errno, isErrno } from '../../uapi/errno.ts'
import { HZ, USER_HZ } from '../../kernel/time.ts'
import { IFF_UP } from '../../uapi/linux/if.ts'
import { NLM_F_ECHO, NLM_F_MULTI } from '../../uapi/linux/netlink.ts'
import {
  NEXTHOP_GRP_TYPE_MPATH,
  NEXTHOP_GRP_TYPE_RES,
  NHA,
  NHA_BLACKHOLE,
  NHA_ENCAP,
  NHA_ENCAP_TYPE,
  NHA_FDB,
  NHA_GATEWAY,
  NHA_GROUP,
  NHA_GROUP_TYPE,
  NHA_GROUPS,
  NHA_HW_STATS_ENABLE,
  NHA_ID,
  NHA_MASTER,
  NHA_OIF,
  NHA_OP_FLAGS,
  NHA_RES_GROUP,
  NHA_RES_GROUP_BUCKETS,
  NHA_RES_GROUP_IDLE_TIMER,
  NHA_RES_GROUP_SET,
  NHA_RES_GROUP_UNBALANCED_TIMER,
  nexthop_grp,
  nhmsg,
} from '../../uapi/linux/nexthop.ts'
import { RTM_NEWNEXTHOP, RTNH_F_ONLINK } from '../../uapi/linux/rtnetlink.ts'
import { AF_INET, AF_INET6, AF_UNSPEC } from '../../uapi/linux/socket.ts'
import { netif_carrier_ok } from '../core/dev.ts'
import { lwtunnel_valid_encap_type } from '../core/lwtunnel.ts'
import type { net } from '../core/net_namespace.ts'
import { rtnl_unicast } from '../core/rtnetlink.ts'
import { nla_parse_nested_at, nlmsg_parse, type ParseContext } from '../netlink/attr.ts'
import { nl_dump_check_consistent } from '../netlink/netlink_dump.ts'
import { mask, max, NLA_BINARY, NLA_FLAG, NLA_NESTED, NLA_U16, NLA_U32, policy } from '../netlink/policy.ts'
import type { netlink_callback, Request } from '../netlink/types.ts'
import { type nexthop, nexthop_find_by_id, type nh_nl_info } from './nexthop.ts'
import { nexthop_add, nh_config, remove_nexthop } from './nexthop_change.ts'
import { NHA_OP_FLAG_DUMP_HW_STATS, NHA_OP_FLAG_DUMP_STATS, nh_fill_node } from './nexthop_fill.ts'

const NHA_OP_FLAGS_DUMP_ALL = NHA_OP_FLAG_DUMP_STATS | NHA_OP_FLAG_DUMP_HW_STATS

const rtm_nh_policy_new = policy(
  NHA,
  {
    NHA_ID: NLA_U32,
    NHA_GROUP: NLA_BINARY(),
    NHA_GROUP_TYPE: NLA_U16,
    NHA_BLACKHOLE: NLA_FLAG,
    NHA_OIF: NLA_U32,
    NHA_GATEWAY: NLA_BINARY(),
    NHA_ENCAP_TYPE: NLA_U16,
    NHA_ENCAP: NLA_NESTED(),
    NHA_FDB: NLA_FLAG,
    NHA_RES_GROUP: NLA_NESTED(),
    NHA_HW_STATS_ENABLE: max(NLA_U32, 1),
  },
  { name: 'rtm_nh_policy_new', maxtype: NHA_HW_STATS_ENABLE.nr },
)
const rtm_nh_policy_get = policy(
  NHA,
  { NHA_ID: NLA_U32, NHA_OP_FLAGS: mask(NLA_U32, NHA_OP_FLAGS_DUMP_ALL) },
  { name: 'rtm_nh_policy_get', maxtype: NHA_OP_FLAGS.nr },
)
const rtm_nh_policy_del = policy(NHA, { NHA_ID: NLA_U32 }, { name: 'rtm_nh_policy_del', maxtype: NHA_ID.nr })
const rtm_nh_policy_dump = policy(
  NHA,
  {
    NHA_OIF: NLA_U32,
    NHA_GROUPS: NLA_FLAG,
    NHA_MASTER: NLA_U32,
    NHA_FDB: NLA_FLAG,
    NHA_OP_FLAGS: mask(NLA_U32, NHA_OP_FLAGS_DUMP_ALL),
  },
  { name: 'rtm_nh_policy_dump', maxtype: NHA_OP_FLAGS.nr },
)
const rtm_nh_res_policy_new = policy(
  NHA_RES_GROUP,
  { NHA_RES_GROUP_BUCKETS: NLA_U16, NHA_RES_GROUP_IDLE_TIMER: NLA_U32, NHA_RES_GROUP_UNBALANCED_TIMER: NLA_U32 },
  { name: 'rtm_nh_res_policy_new', maxtype: NHA_RES_GROUP_UNBALANCED_TIMER.nr },
)

function nh_info_of(req: Request): nh_nl_info {
  return { portid: req.portid, seq: req.seq, nlflags: req.flags, report: (req.flags & NLM_F_ECHO) !== 0 }
}

type members = { id: number; weight: number }[]
/** The members of NHA_GROUP, each checked (nh_check_attr_group). */
function group_members(req: Request, tb: AttrTable, type: number): members | Errno {
  const { extack } = req
  const raw = tb.payload(NHA_GROUP) as Uint8Array
  if (raw.length === 0 || raw.length % nexthop_grp.size !== 0) {
    return extack.fail(EINVAL, 'Invalid length for nexthop group attribute')
  }
  const list: members = []
  const id_at = (o: number) => get32(raw, o)
  for (let o = 0; o < raw.length; o += nexthop_grp.size) {
    if (get16(raw, o + 6) !== 0) return extack.fail(EINVAL, 'Reserved field in nexthop_grp must be 0')
    const weight = (raw[o + 4] | (raw[o + 5] << 8)) + 1
    if (weight > 0xffff) return extack.fail(EINVAL, 'Invalid value for weight')
    // each is compared with those behind it, as Linux does, so that the first fault found is the same
    for (let other = o + nexthop_grp.size; other < raw.length; other += nexthop_grp.size) {
      if (id_at(other) === id_at(o)) return extack.fail(EINVAL, 'Nexthop id can not be used twice in a group')
    }
    list.push({ id: id_at(o), weight })
  }
  return check_members(req, tb, list) ?? check_alone(req, tb, type) ?? list
}
function check_members(req: Request, tb: AttrTable, list: members): Errno | undefined {
  const fdb = tb.has(NHA_FDB)
  let family = AF_UNSPEC
  for (const { id } of list) {
    const nh = nexthop_find_by_id(req.net, id)
    if (nh === undefined) return req.extack.fail(EINVAL, 'Invalid nexthop id')
    const error = valid_group_nh(req, nh, list.length)
    if (isErrno(error)) return error
    const nhi = nh.nh_info
    if (fdb && !nhi?.fdb_nh) return req.extack.fail(EINVAL, 'FDB nexthop group can only have fdb nexthops')
    if (fdb && family !== AF_UNSPEC && family !== nhi?.family) {
      return req.extack.fail(EINVAL, 'FDB nexthop group cannot have mixed family nexthops')
    }
    family = nhi?.family ?? family
    if (!fdb && nhi?.fdb_nh) return req.extack.fail(EINVAL, 'Non FDB nexthop group cannot have fdb nexthops')
  }
  return undefined
}
function valid_group_nh({ extack }: Request, nh: nexthop, paths: number): Errno | undefined {
  if (nh.nh_grp !== undefined) {
    const kind = nh.nh_grp.res_table === undefined ? 'Hash-threshold' : 'Resilient'
    return extack.fail(EINVAL, `${kind} group can not be a nexthop within a group`)
  }
  if (nh.nh_info?.reject_nh && paths > 1) {
    return extack.fail(EINVAL, 'Blackhole nexthop can not be used in a group with more than 1 path')
  }
  return undefined
}
function check_alone({ extack }: Request, tb: AttrTable, type: number): Errno | undefined {
  for (let nr = NHA_GROUP_TYPE.nr + 1; nr <= tb.max; nr++) {
    if (tb.atNr(nr) === 0 || nr === NHA_FDB.nr || nr === NHA_HW_STATS_ENABLE.nr) continue
    if (nr === NHA_RES_GROUP_SET.nr && type === NEXTHOP_GRP_TYPE_RES) continue
    return extack.fail(EINVAL, 'No other attributes can be set in nexthop groups')
  }
  return undefined
}

/** clock_t to jiffies. */
function timer_of(value: number | undefined): number | undefined {
  return value === undefined ? undefined : Math.floor((value * HZ) / USER_HZ)
}
function group_config(req: Request, cfg: nh_config, tb: AttrTable, family: number): Errno | undefined {
  if (family !== AF_UNSPEC) return req.extack.fail(EINVAL, 'Invalid family for group')
  cfg.nh_grp_type = tb.get(NHA_GROUP_TYPE) ?? NEXTHOP_GRP_TYPE_MPATH
  if (cfg.nh_grp_type > NEXTHOP_GRP_TYPE_RES) return req.extack.fail(EINVAL, 'Invalid group type')
  const list = group_members(req, tb, cfg.nh_grp_type)
  if (isErrno(list)) return list
  cfg.nh_grp = list
  cfg.nh_hw_stats = tb.get(NHA_HW_STATS_ENABLE) === 1
  if (cfg.nh_grp_type !== NEXTHOP_GRP_TYPE_RES || !tb.has(NHA_RES_GROUP_SET)) return undefined
  const res = nla_parse_nested_at(req, tb.at(NHA_RES_GROUP_SET), rtm_nh_res_policy_new)
  if (isErrno(res)) return res
  cfg.res_buckets = res.get(NHA_RES_GROUP_BUCKETS)
  if (cfg.res_buckets === 0) return req.extack.fail(EINVAL, 'Number of buckets needs to be non-0')
  cfg.res_idle_timer = timer_of(res.get(NHA_RES_GROUP_IDLE_TIMER))
  cfg.res_unbalanced_timer = timer_of(res.get(NHA_RES_GROUP_UNBALANCED_TIMER))
  return undefined
}

/** What the object leads out of must work now: later it goes with its device. */
function device(req: Request, cfg: nh_config, tb: AttrTable): Errno | undefined {
  const { extack, net } = req
  if (!cfg.nh_fdb && !tb.has(NHA_OIF)) {
    return extack.fail(EINVAL, 'Device attribute required for non-blackhole and non-fdb nexthops')
  }
  if (cfg.nh_fdb) return undefined
  cfg.nh_ifindex = tb.get(NHA_OIF) as number
  const dev = net.dev_index_head.get(cfg.nh_ifindex)
  if (dev === undefined) return extack.fail(EINVAL, 'Invalid device index')
  if (!(dev.flags & IFF_UP)) return extack.fail(ENETDOWN, 'Nexthop device is not up')
  return netif_carrier_ok(dev) ? undefined : extack.fail(ENETDOWN, 'Carrier for nexthop device is down')
}
function gateway({ extack }: Request, cfg: nh_config, tb: AttrTable): Errno | undefined {
  const raw = tb.payload(NHA_GATEWAY)
  if (raw === undefined) {
    if (!(cfg.nh_flags & RTNH_F_ONLINK)) return undefined
    return extack.fail(EINVAL, 'ONLINK flag can not be set for nexthop without a gateway')
  }
  if (raw.length !== (cfg.nh_family === AF_INET ? 4 : 16)) return extack.fail(EINVAL, 'Invalid gateway')
  if (cfg.nh_family === AF_INET) cfg.gw4 = getBe32(raw, 0)
  else cfg.gw6 = raw.slice()
  return undefined
}
function encap(req: Request, cfg: nh_config, tb: AttrTable): Errno | undefined {
  if (!tb.has(NHA_ENCAP)) return tb.has(NHA_ENCAP_TYPE) ? req.extack.fail(EINVAL, 'LWT encapsulation attribute is missing') : undefined
  if (!tb.has(NHA_ENCAP_TYPE)) return req.extack.fail(EINVAL, 'LWT encapsulation type is missing')
  cfg.nh_encap = { buf: req.buf, at: tb.at(NHA_ENCAP) }
  cfg.nh_encap_type = tb.get(NHA_ENCAP_TYPE) as number
  return lwtunnel_valid_encap_type(req.net, cfg.nh_encap_type, req.extack)
}

function no_hw_stats({ extack }: Request, tb: AttrTable): Errno | undefined {
  return tb.has(NHA_HW_STATS_ENABLE) ? extack.fail(EINVAL, 'Cannot enable nexthop hardware statistics for non-group nexthops') : undefined
}

/** rtm_to_nh_config() */
function rtm_to_nh_config(req: Request): nh_config | Errno {
  const { extack, buf } = req
  const tb = nlmsg_parse(req, nhmsg.size, rtm_nh_policy_new)
  if (isErrno(tb)) return tb
  const nhm = nhmsg.get(buf, NLMSG_HDRLEN)
  if (nhm.resvd || nhm.nh_scope) return extack.fail(EINVAL, 'Invalid values in ancillary header')
  if (nhm.nh_flags & ~RTNH_F_ONLINK) return extack.fail(EINVAL, 'Invalid nexthop flags in ancillary header')
  if (nhm.nh_family !== AF_INET && nhm.nh_family !== AF_INET6 && (nhm.nh_family !== AF_UNSPEC || !tb.has(NHA_GROUP))) {
    return extack.fail(EINVAL, 'Invalid address family')
  }
  const cfg = new nh_config(nh_info_of(req))
  cfg.nlflags = req.flags
  cfg.nh_family = nhm.nh_family
  cfg.nh_protocol = nhm.nh_protocol
  cfg.nh_flags = nhm.nh_flags
  cfg.nh_id = tb.get(NHA_ID) ?? 0
  cfg.nh_fdb = tb.has(NHA_FDB)
  const encapsulated = tb.has(NHA_ENCAP) || tb.has(NHA_ENCAP_TYPE)
  if (cfg.nh_fdb && (tb.has(NHA_OIF) || tb.has(NHA_BLACKHOLE) || encapsulated)) {
    return extack.fail(EINVAL, 'Fdb attribute can not be used with encap, oif or blackhole')
  }
  if (cfg.nh_fdb && nhm.nh_flags) return extack.fail(EINVAL, 'Unsupported nexthop flags in ancillary header')
  if (tb.has(NHA_GROUP)) return group_config(req, cfg, tb, nhm.nh_family) ?? cfg
  if (tb.has(NHA_BLACKHOLE)) {
    if (tb.has(NHA_GATEWAY) || tb.has(NHA_OIF) || encapsulated || cfg.nh_fdb) {
      return extack.fail(EINVAL, 'Blackhole attribute can not be used with gateway, oif, encap or fdb')
    }
    cfg.nh_blackhole = true
    return cfg
  }
  return device(req, cfg, tb) ?? gateway(req, cfg, tb) ?? encap(req, cfg, tb) ?? no_hw_stats(req, tb) ?? cfg
}

export function rtm_new_nexthop(req: Request): Errno | undefined {
  const cfg = rtm_to_nh_config(req)
  return isErrno(cfg) ? cfg : nexthop_add(req.net, cfg, req.extack)
}

/** The id of a request that names one object. */
export function nh_valid_get_del_req(req: Request, tb: AttrTable): number | Errno {
  const nhm = nhmsg.get(req.buf, NLMSG_HDRLEN)
  if (nhm.nh_protocol || nhm.resvd || nhm.nh_scope || nhm.nh_flags) return req.extack.fail(EINVAL, 'Invalid values in header')
  if (!tb.has(NHA_ID)) return req.extack.fail(EINVAL, 'Nexthop id is missing')
  return tb.get(NHA_ID) || req.extack.fail(EINVAL, 'Invalid nexthop id')
}
export function rtm_del_nexthop(req: Request): Errno | undefined {
  const tb = nlmsg_parse(req, nhmsg.size, rtm_nh_policy_del)
  const id = isErrno(tb) ? tb : nh_valid_get_del_req(req, tb)
  if (isErrno(id)) return id
  const nh = nexthop_find_by_id(req.net, id)
  if (nh === undefined) return ENOENT
  remove_nexthop(req.net, nh, nh_info_of(req))
  return undefined
}
export function rtm_get_nexthop(req: Request): Errno | undefined {
  const tb = nlmsg_parse(req, nhmsg.size, rtm_nh_policy_get)
  if (isErrno(tb)) return tb
  const id = nh_valid_get_del_req(req, tb)
  if (isErrno(id)) return id
  const nh = nexthop_find_by_id(req.net, id)
  if (nh === undefined) return ENOENT
  const skb = new MessageBuilder(undefined, 256)
  nh_fill_node(skb, nh, RTM_NEWNEXTHOP, req.portid, req.seq, 0, tb.get(NHA_OP_FLAGS) ?? 0)
  return rtnl_unicast(req.net, skb, req.portid)
}

/** What a dump asks for; 0 and false: all. Plain data: it lives across receives. */
export class nh_dump_filter {
  nh_id = 0
  dev_idx = 0
  master_idx = 0
  group_filter = false
  res_bucket_nh_id = 0
  op_flags = 0
}
export function nh_dump_filtered(nh: nexthop, filter: nh_dump_filter, family: number): boolean {
  if (filter.group_filter && nh.nh_grp === undefined) return true
  if (filter.dev_idx === 0 && filter.master_idx === 0 && family === 0) return false
  const nhi = nh.nh_info
  if (nhi === undefined || (family !== 0 && nhi.family !== family)) return true
  const dev = nhi.nhc.fib_nh_dev
  if (filter.dev_idx !== 0 && dev?.ifindex !== filter.dev_idx) return true
  return filter.master_idx !== 0 && master_index(nh.net, dev?.ifindex) !== filter.master_idx
}
function master_index(net: net, ifindex: number | undefined): number | undefined {
  const dev = ifindex === undefined ? undefined : net.dev_index_head.get(ifindex)
  return dev?.upper.find((adj) => adj.master)?.dev.ifindex
}
/** __nh_valid_dump_req() */
export function nh_valid_dump_req(cb: ParseContext, tb: AttrTable, filter: nh_dump_filter): Errno | undefined {
  filter.dev_idx = tb.get(NHA_OIF) ?? 0
  if (filter.dev_idx > 0x7fffffff) return cb.extack.fail(EINVAL, 'Invalid device index')
  filter.master_idx = tb.get(NHA_MASTER) ?? 0
  if (filter.master_idx > 0x7fffffff) return cb.extack.fail(EINVAL, 'Invalid master device index')
  filter.group_filter = tb.has(NHA_GROUPS)
  filter.op_flags = tb.get(NHA_OP_FLAGS) ?? 0
  const nhm = nhmsg.get(cb.buf, NLMSG_HDRLEN)
  if (nhm.nh_protocol || nhm.resvd || nhm.nh_scope || nhm.nh_flags) {
    return cb.extack.fail(EINVAL, 'Invalid values in header for nexthop dump request')
  }
  return undefined
}

/** cb.args[0]: the id to go on from. */
export function rtm_dump_nexthop(skb: MessageBuilder, cb: netlink_callback): Errno | true | undefined {
  const tb = nlmsg_parse(cb, nhmsg.size, rtm_nh_policy_dump)
  if (isErrno(tb)) return tb
  const filter = new nh_dump_filter()
  const error = nh_valid_dump_req(cb, tb, filter)
  if (isErrno(error)) return error
  cb.gen_seq = cb.net.nexthop.seq
  const family = cb.request[NLMSG_HDRLEN]
  const flags = NLM_F_MULTI | nl_dump_check_consistent(cb)
  for (const [, nh] of cb.net.nexthop.by_id.from(cb.args[0])) {
    cb.args[0] = nh.id
    if (nh_dump_filtered(nh, filter, family)) continue
    if (!nh_fill_node(skb, nh, RTM_NEWNEXTHOP, cb.portid, cb.seq, flags, filter.op_flags)) return true
  }
  cb.args[0]++
  return undefined
}

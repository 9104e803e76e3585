/** net/ipv4/nexthop.c: RTM_GETNEXTHOPBUCKET: the buckets of resilient groups, all or one. */
import { MessageBuilder, NLMSG_HDRLEN } from '../../lib/message.ts'
import { EINVAL, ENOENT, type Errno, isErrno } from '../../uapi/errno.ts'
import { NLM_F_MULTI } from '../../uapi/linux/netlink.ts'
import {
  NHA,
  NHA_ID,
  NHA_RES_BUCKET,
  NHA_RES_BUCKET_INDEX,
  NHA_RES_BUCKET_NH_ID,
  NHA_RES_BUCKET_SET,
  nhmsg,
} from '../../uapi/linux/nexthop.ts'
import type { net } from '../core/net_namespace.ts'
import { rtnl_unicast } from '../core/rtnetlink.ts'
import { nla_parse_nested, nlmsg_parse } from '../netlink/attr.ts'
import { netlink_ext_ack } from '../netlink/extack.ts'
import { NLA_NESTED, NLA_U16, NLA_U32, policy } from '../netlink/policy.ts'
import type { netlink_callback, Request } from '../netlink/types.ts'
import { type nexthop, nexthop_find_by_id } from './nexthop.ts'
import { nh_fill_res_bucket } from './nexthop_fill.ts'
import type { nh_res_table } from './nexthop_res.ts'
import { nh_dump_filter, nh_dump_filtered, nh_valid_dump_req, nh_valid_get_del_req } from './nexthop_rtm.ts'

const rtm_nh_policy_dump_bucket = policy(
  NHA,
  { NHA_ID: NLA_U32, NHA_OIF: NLA_U32, NHA_MASTER: NLA_U32, NHA_RES_BUCKET: NLA_NESTED() },
  { name: 'rtm_nh_policy_dump_bucket', maxtype: NHA_RES_BUCKET_SET.nr },
)
const rtm_nh_res_bucket_policy_dump = policy(
  NHA_RES_BUCKET,
  { NHA_RES_BUCKET_NH_ID: NLA_U32 },
  { name: 'rtm_nh_res_bucket_policy_dump', maxtype: NHA_RES_BUCKET_NH_ID.nr },
)
const rtm_nh_policy_get_bucket = policy(
  NHA,
  { NHA_ID: NLA_U32, NHA_RES_BUCKET: NLA_NESTED() },
  { name: 'rtm_nh_policy_get_bucket', maxtype: NHA_RES_BUCKET_SET.nr },
)
const rtm_nh_res_bucket_policy_get = policy(
  NHA_RES_BUCKET,
  { NHA_RES_BUCKET_INDEX: NLA_U16 },
  { name: 'rtm_nh_res_bucket_policy_get', maxtype: NHA_RES_BUCKET_INDEX.nr },
)

interface resilient {
  nh: nexthop
  table: nh_res_table
}
/** nexthop_find_group_resilient() */
function find_group_resilient(net: net, id: number, extack: netlink_ext_ack): resilient | Errno {
  const nh = nexthop_find_by_id(net, id)
  if (nh === undefined) return ENOENT
  if (nh.nh_grp === undefined) return extack.fail(EINVAL, 'Not a nexthop group')
  const table = nh.nh_grp.res_table
  return table === undefined ? extack.fail(EINVAL, 'Nexthop group not of type resilient') : { nh, table }
}

function dump_filter(cb: netlink_callback): nh_dump_filter | Errno {
  // Linux parses without an extack here
  const quiet = { buf: cb.buf, pool: cb.pool, extack: new netlink_ext_ack() }
  const tb = nlmsg_parse(quiet, nhmsg.size, rtm_nh_policy_dump_bucket)
  if (isErrno(tb)) return tb
  const filter = new nh_dump_filter()
  filter.nh_id = tb.get(NHA_ID) ?? 0
  if (tb.has(NHA_ID) && filter.nh_id === 0) return cb.extack.fail(EINVAL, 'Invalid nexthop id')
  if (tb.has(NHA_RES_BUCKET_SET)) {
    const res = nla_parse_nested(cb, tb, NHA_RES_BUCKET_SET, rtm_nh_res_bucket_policy_dump)
    if (isErrno(res)) return res
    filter.res_bucket_nh_id = res.get(NHA_RES_BUCKET_NH_ID) ?? 0
    if (res.has(NHA_RES_BUCKET_NH_ID) && filter.res_bucket_nh_id === 0) return cb.extack.fail(EINVAL, 'Invalid nexthop id')
  }
  return nh_valid_dump_req(cb, tb, filter) ?? filter
}
/** cb.args: the group to go on from, and its bucket. */
export function rtm_dump_nexthop_bucket(skb: MessageBuilder, cb: netlink_callback): Errno | true | undefined {
  const filter = dump_filter(cb)
  if (isErrno(filter)) return filter
  if (filter.nh_id !== 0) {
    const found = find_group_resilient(cb.net, filter.nh_id, cb.extack)
    return isErrno(found) ? found : dump_group(skb, cb, found, filter)
  }
  for (const [, nh] of cb.net.nexthop.by_id.from(cb.args[0])) {
    const table = nh.nh_grp?.res_table
    if (table === undefined) continue
    if (cb.args[0] !== nh.id) cb.args[1] = 0
    cb.args[0] = nh.id
    if (dump_group(skb, cb, { nh, table }, filter)) return true
  }
  return undefined
}
function dump_group(skb: MessageBuilder, cb: netlink_callback, { nh, table }: resilient, filter: nh_dump_filter): true | undefined {
  for (; cb.args[1] < table.buckets.length; cb.args[1]++) {
    const hop = table.buckets[cb.args[1]].nh_entry?.nh
    if (hop === undefined || nh_dump_filtered(hop, filter, cb.request[NLMSG_HDRLEN])) continue
    if (filter.res_bucket_nh_id !== 0 && filter.res_bucket_nh_id !== hop.id) continue
    if (!nh_fill_res_bucket(skb, nh, table, cb.args[1], cb.portid, cb.seq, NLM_F_MULTI)) return true
  }
  return undefined
}

export function rtm_get_nexthop_bucket(req: Request): Errno | undefined {
  const tb = nlmsg_parse(req, nhmsg.size, rtm_nh_policy_get_bucket)
  if (isErrno(tb)) return tb
  const id = nh_valid_get_del_req(req, tb)
  if (isErrno(id)) return id
  if (!tb.has(NHA_RES_BUCKET_SET)) return req.extack.fail(EINVAL, 'Bucket information is missing')
  const res = nla_parse_nested(req, tb, NHA_RES_BUCKET_SET, rtm_nh_res_bucket_policy_get)
  if (isErrno(res)) return res
  const index = res.get(NHA_RES_BUCKET_INDEX)
  if (index === undefined) return req.extack.fail(EINVAL, 'Bucket index is missing')
  const found = find_group_resilient(req.net, id, req.extack)
  if (isErrno(found)) return found
  if (index >= found.table.buckets.length) return req.extack.fail(ENOENT, 'Bucket index out of bounds')
  const skb = new MessageBuilder(undefined, 128)
  nh_fill_res_bucket(skb, found.nh, found.table, index, req.portid, req.seq, 0)
  return rtnl_unicast(req.net, skb, req.portid)
}

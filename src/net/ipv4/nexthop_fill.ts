/** net/ipv4/nexthop.c nh_fill_node, nh_fill_res_bucket: nexthop objects and buckets as messages. */
import { put16, put32, put64, putBe32 } from '../../lib/bytes.ts'
import { MessageBuilder } from '../../lib/message.ts'
import { HZ, USER_HZ } from '../../kernel/time.ts'
import { NETLINK_ROUTE, NLM_F_REPLACE } from '../../uapi/linux/netlink.ts'
import {
  NEXTHOP_GRP_TYPE_MPATH,
  NEXTHOP_GRP_TYPE_RES,
  NHA_BLACKHOLE,
  NHA_ENCAP,
  NHA_ENCAP_TYPE,
  NHA_FDB,
  NHA_GATEWAY,
  NHA_GROUP,
  NHA_GROUP_STATS,
  NHA_GROUP_TYPE,
  NHA_GROUP_STATS_ENTRY,
  NHA_GROUP_STATS_ENTRY_ID,
  NHA_GROUP_STATS_ENTRY_PACKETS,
  NHA_GROUP_STATS_ENTRY_PACKETS_HW,
  NHA_HW_STATS_ENABLE,
  NHA_HW_STATS_USED,
  NHA_ID,
  NHA_OIF,
  NHA_OP_FLAGS,
  NHA_RES_BUCKET_IDLE_TIME,
  NHA_RES_BUCKET_INDEX,
  NHA_RES_BUCKET_NH_ID,
  NHA_RES_BUCKET_SET,
  NHA_RES_GROUP_BUCKETS,
  NHA_RES_GROUP_IDLE_TIMER,
  NHA_RES_GROUP_SET,
  NHA_RES_GROUP_UNBALANCED_TIME,
  NHA_RES_GROUP_UNBALANCED_TIMER,
  nexthop_grp,
  nhmsg,
} from '../../uapi/linux/nexthop.ts'
import { RTM_NEWNEXTHOPBUCKET, RTNLGRP_NEXTHOP } from '../../uapi/linux/rtnetlink.ts'
import { AF_INET, AF_INET6 } from '../../uapi/linux/socket.ts'
import { type lwtunnel_state, lwtunnel_fill_encap } from '../core/lwtunnel.ts'
import type { net } from '../core/net_namespace.ts'
import { rtnl_notify } from '../core/rtnetlink.ts'
import { netlink_has_listeners } from '../netlink/af_netlink.ts'
import { no_gw6 } from './fib_nh.ts'
import type { nexthop, nh_group, nh_grp_entry, nh_info, nh_nl_info } from './nexthop.ts'
import type { nh_res_table } from './nexthop_res.ts'

export const NHA_OP_FLAG_DUMP_STATS = 1
export const NHA_OP_FLAG_DUMP_HW_STATS = 2
/** Tells that the kernel minds the reserved field of struct nexthop_grp, and so has 16 bits of weight. */
const NHA_OP_FLAG_RESP_GRP_RESVD_0 = 0x80000000

export function jiffies_to_clock_t(jiffies: number): number {
  return Math.floor((jiffies * USER_HZ) / HZ)
}

function put_nh_group(skb: MessageBuilder, group: nh_group, op_flags: number): void {
  skb.put(NHA_GROUP_TYPE, group.res_table === undefined ? NEXTHOP_GRP_TYPE_MPATH : NEXTHOP_GRP_TYPE_RES)
  const o = skb.reserve(NHA_GROUP.nr, group.nh_entries.length * nexthop_grp.size)
  if (o >= 0) for (const [i, entry] of group.nh_entries.entries()) put_member(skb, o + i * nexthop_grp.size, entry)
  if (group.res_table !== undefined) put_nh_group_res(skb, group.res_table)
  skb.put(NHA_OP_FLAGS, NHA_OP_FLAG_RESP_GRP_RESVD_0)
  if (op_flags & NHA_OP_FLAG_DUMP_STATS) put_nh_group_stats(skb, group, op_flags)
}
function put_member({ buf }: MessageBuilder, o: number, entry: nh_grp_entry): void {
  put32(buf, o, entry.nh.id)
  buf[o + 4] = (entry.weight - 1) & 0xff
  buf[o + 5] = (entry.weight - 1) >> 8
}
function put_nh_group_res(skb: MessageBuilder, table: nh_res_table): void {
  const at = skb.nest(NHA_RES_GROUP_SET)
  skb.put(NHA_RES_GROUP_BUCKETS, table.buckets.length)
  skb.put(NHA_RES_GROUP_IDLE_TIMER, jiffies_to_clock_t(table.idle_timer))
  skb.put(NHA_RES_GROUP_UNBALANCED_TIMER, jiffies_to_clock_t(table.unbalanced_timer))
  const balanced = table.uw_nh_entries.length === 0
  const since = balanced ? 0 : jiffies_to_clock_t(table.net.kernel.jiffies() - table.unbalanced_since)
  skb.put(NHA_RES_GROUP_UNBALANCED_TIME, since)
  skb.nestEnd(at)
}
/** NLA_UINT: as short as it may be. */
function nla_put_uint(skb: MessageBuilder, nr: number, value: number): void {
  const o = skb.reserve(nr, value > 0xffffffff ? 8 : 4)
  if (o < 0) return
  if (value > 0xffffffff) put64(skb.buf, o, value)
  else put32(skb.buf, o, value)
}
/** nla_put_nh_group_stats(): the hardware counts nothing. */
function put_nh_group_stats(skb: MessageBuilder, group: nh_group, op_flags: number): void {
  const with_hw = op_flags & NHA_OP_FLAG_DUMP_HW_STATS
  skb.put(NHA_HW_STATS_ENABLE, group.hw_stats ? 1 : 0)
  if (with_hw && group.hw_stats) skb.put(NHA_HW_STATS_USED, 0)
  const list = skb.nest(NHA_GROUP_STATS)
  for (const entry of group.nh_entries) {
    const one = skb.nest(NHA_GROUP_STATS_ENTRY)
    skb.put(NHA_GROUP_STATS_ENTRY_ID, entry.nh.id)
    nla_put_uint(skb, NHA_GROUP_STATS_ENTRY_PACKETS.nr, entry.packets)
    if (with_hw) nla_put_uint(skb, NHA_GROUP_STATS_ENTRY_PACKETS_HW.nr, 0)
    skb.nestEnd(one)
  }
  skb.nestEnd(list)
}

function put_single(skb: MessageBuilder, header: number, nhi: nh_info): void {
  const { nhc } = nhi
  if (header >= 0) skb.buf[header] = nhi.family
  if (nhi.reject_nh) {
    skb.reserve(NHA_BLACKHOLE.nr, 0)
    return
  }
  if (nhi.fdb_nh) skb.reserve(NHA_FDB.nr, 0)
  else skb.put(NHA_OIF, nhc.fib_nh_dev?.ifindex ?? 0)
  if (header >= 0) skb.buf[header + 1] = nhi.scope
  if (nhc.fib_nh_gw_family === AF_INET) {
    const o = skb.reserve(NHA_GATEWAY.nr, 4)
    if (o >= 0) putBe32(skb.buf, o, nhc.fib_nh_gw4 ?? 0)
  } else if (nhc.fib_nh_gw_family === AF_INET6) {
    skb.putBytes(NHA_GATEWAY.nr, nhc.fib_nh_gw6 ?? no_gw6)
  }
  lwtunnel_fill_encap(skb, nhc.fib_nh_lws as lwtunnel_state | undefined, NHA_ENCAP.nr, NHA_ENCAP_TYPE.nr)
}

/** One message; false: it did not fit. */
export function nh_fill_node(
  skb: MessageBuilder,
  nh: nexthop,
  event: number,
  portid: number,
  seq: number,
  nlflags: number,
  op_flags: number,
): boolean {
  skb.begin(event, nlflags, seq, portid)
  const header = skb.room(nhmsg.size)
  if (header >= 0) {
    skb.buf[header + 2] = nh.protocol
    put32(skb.buf, header + 4, nh.nh_flags)
  }
  skb.put(NHA_ID, nh.id)
  if (nh.nh_grp !== undefined) {
    if (nh.nh_grp.fdb_nh) skb.reserve(NHA_FDB.nr, 0)
    put_nh_group(skb, nh.nh_grp, op_flags)
  } else if (nh.nh_info !== undefined) {
    put_single(skb, header, nh.nh_info)
  }
  return skb.end()
}
export function nexthop_notify(event: number, nh: nexthop, info: nh_nl_info): void {
  const { net } = nh
  if (!info.report && !netlink_has_listeners(net, NETLINK_ROUTE, RTNLGRP_NEXTHOP)) return
  const skb = new MessageBuilder(undefined, 128)
  nh_fill_node(skb, nh, event, info.portid, info.seq, info.nlflags, 0)
  rtnl_notify(net, skb, info.portid, RTNLGRP_NEXTHOP, info.report)
}

export function nh_fill_res_bucket(
  skb: MessageBuilder,
  nh: nexthop,
  table: nh_res_table,
  index: number,
  portid: number,
  seq: number,
  nlflags: number,
): boolean {
  const { [index]: bucket } = table.buckets
  skb.begin(RTM_NEWNEXTHOPBUCKET, nlflags, seq, portid)
  const header = skb.room(nhmsg.size)
  if (header >= 0) skb.buf[header + 2] = nh.protocol
  skb.put(NHA_ID, nh.id)
  const at = skb.nest(NHA_RES_BUCKET_SET)
  const o = skb.reserve(NHA_RES_BUCKET_INDEX.nr, 2)
  if (o >= 0) put16(skb.buf, o, index)
  skb.put(NHA_RES_BUCKET_NH_ID, bucket.nh_entry?.nh.id ?? 0)
  skb.put(NHA_RES_BUCKET_IDLE_TIME, jiffies_to_clock_t(table.net.kernel.jiffies() - bucket.used_time))
  skb.nestEnd(at)
  return skb.end()
}
/** A bucket has moved. */
export function nexthop_bucket_notify(table: nh_res_table, index: number): void {
  const { net } = table as { net: net }
  const nh = table.buckets[index].nh_entry?.nh_parent
  if (nh === undefined || !netlink_has_listeners(net, NETLINK_ROUTE, RTNLGRP_NEXTHOP)) return
  const skb = new MessageBuilder(undefined, 128)
  nh_fill_res_bucket(skb, nh, table, index, 0, 0, NLM_F_REPLACE)
  rtnl_notify(net, skb, 0, RTNLGRP_NEXTHOP, false)
}

/** net/core/neighbour.c neightbl_*: RTM_GETNEIGHTBL and RTM_SETNEIGHTBL: tables, their settings and those of devices. */
import { HZ } from '../../kernel/time.ts'
import type { Attr, AttrTable } from '../../lib/attrs.ts'
import type { MessageBuilder } from '../../lib/message.ts'
import { NLMSG_HDRLEN } from '../../lib/message.ts'
import { EINVAL, ENOENT, type Errno, isErrno } from '../../uapi/errno.ts'
import * as N from '../../uapi/linux/neighbour.ts'
import { NLM_F_MULTI } from '../../uapi/linux/netlink.ts'
import { RTM_NEWNEIGHTBL } from '../../uapi/linux/rtnetlink.ts'
import { nla_parse_nested_deprecated, nlmsg_parse_deprecated } from '../netlink/attr.ts'
import { NLA_NESTED, NLA_STRING, NLA_U32, NLA_U64, policy } from '../netlink/policy.ts'
import type { netlink_callback, Request } from '../netlink/types.ts'
import * as V from './neighbour.ts'
import { NEIGH_VAR, type neigh_parms, type neigh_table } from './neighbour.ts'
import { neigh_gc_arm } from './neighbour_gc.ts'
import { neigh_rand_reach_time } from './neighbour_table.ts'
import type { net } from './net_namespace.ts'

/** NDTPA_* with the setting that it shows, in the order of a message; reachable_time stands before the times. */
const numbers: readonly [Attr<number>, number][] = [
  [N.NDTPA_PROXY_QLEN, V.NEIGH_VAR_PROXY_QLEN],
  [N.NDTPA_APP_PROBES, V.NEIGH_VAR_APP_PROBES],
  [N.NDTPA_UCAST_PROBES, V.NEIGH_VAR_UCAST_PROBES],
  [N.NDTPA_MCAST_PROBES, V.NEIGH_VAR_MCAST_PROBES],
  [N.NDTPA_MCAST_REPROBES, V.NEIGH_VAR_MCAST_REPROBES],
]
const times: readonly [Attr<number>, number][] = [
  [N.NDTPA_BASE_REACHABLE_TIME, V.NEIGH_VAR_BASE_REACHABLE_TIME],
  [N.NDTPA_GC_STALETIME, V.NEIGH_VAR_GC_STALETIME],
  [N.NDTPA_DELAY_PROBE_TIME, V.NEIGH_VAR_DELAY_PROBE_TIME],
  [N.NDTPA_RETRANS_TIME, V.NEIGH_VAR_RETRANS_TIME],
  [N.NDTPA_ANYCAST_DELAY, V.NEIGH_VAR_ANYCAST_DELAY],
  [N.NDTPA_PROXY_DELAY, V.NEIGH_VAR_PROXY_DELAY],
  [N.NDTPA_LOCKTIME, V.NEIGH_VAR_LOCKTIME],
  [N.NDTPA_INTERVAL_PROBE_TIME_MS, V.NEIGH_VAR_INTERVAL_PROBE_TIME_MS],
]

/** Linux casts what is negative to a large u64; no setting is. */
function msecs(jiffies: number): number {
  return Math.floor((jiffies * 1000) / HZ)
}
/** msecs_to_jiffies(): rounded up, and no more than an int holds. */
function jiffies_of(ms: number): number {
  return Math.min(Math.ceil((ms * HZ) / 1000), 0x3fffffff)
}

function fill_parms(skb: MessageBuilder, parms: neigh_parms): void {
  const nest = skb.nestNoflag(N.NDTA_PARMS)
  const bytes = NEIGH_VAR(parms, V.NEIGH_VAR_QUEUE_LEN_BYTES)
  if (parms.dev !== undefined) skb.put(N.NDTPA_IFINDEX, parms.dev.ifindex)
  skb.put(N.NDTPA_REFCNT, parms.refcnt)
  skb.put(N.NDTPA_QUEUE_LENBYTES, bytes)
  skb.put(N.NDTPA_QUEUE_LEN, Math.trunc(bytes / V.FRAME_TRUESIZE))
  for (const [attr, nr] of numbers) skb.put(attr, NEIGH_VAR(parms, nr))
  skb.put(N.NDTPA_REACHABLE_TIME, msecs(parms.reachable_time))
  for (const [attr, nr] of times) skb.put(attr, msecs(NEIGH_VAR(parms, nr)))
  skb.nestEnd(nest)
}

function fill_table(skb: MessageBuilder, tbl: neigh_table): void {
  const now = tbl.kernel.jiffies()
  const { stats } = tbl
  skb.put(N.NDTA_GC_INTERVAL, msecs(tbl.gc_interval))
  skb.put(N.NDTA_THRESH1, tbl.gc_thresh1)
  skb.put(N.NDTA_THRESH2, tbl.gc_thresh2)
  skb.put(N.NDTA_THRESH3, tbl.gc_thresh3)
  skb.put(N.NDTA_CONFIG, {
    ndtc_key_len: tbl.key_len,
    ndtc_entry_size: tbl.proto.entry_size,
    ndtc_entries: tbl.entries,
    ndtc_last_flush: msecs(now - tbl.last_flush),
    ndtc_last_rand: msecs(now - tbl.last_rand),
    ndtc_hash_rnd: tbl.nht.hash_rnd[0],
    ndtc_hash_mask: tbl.nht.buckets.length - 1,
    ndtc_hash_chain_gc: 0,
    ndtc_proxy_qlen: tbl.proxy_queue.length,
  })
  skb.put(N.NDTA_STATS, {
    ndts_allocs: stats.allocs,
    ndts_destroys: stats.destroys,
    ndts_hash_grows: stats.hash_grows,
    ndts_res_failed: stats.res_failed,
    ndts_lookups: stats.lookups,
    ndts_hits: stats.hits,
    ndts_rcv_probes_mcast: stats.rcv_probes_mcast,
    ndts_rcv_probes_ucast: stats.rcv_probes_ucast,
    ndts_periodic_gc_runs: stats.periodic_gc_runs,
    ndts_forced_gc_runs: stats.forced_gc_runs,
    ndts_table_fulls: stats.table_fulls,
  })
}

/** False: it did not fit. A device's message has the name and its settings alone. */
function neightbl_fill(skb: MessageBuilder, tbl: neigh_table, parms: neigh_parms, cb: netlink_callback): boolean {
  skb.begin(RTM_NEWNEIGHTBL, NLM_F_MULTI, cb.seq, cb.portid)
  skb.struct(N.ndtmsg, { ndtm_family: tbl.family })
  skb.put(N.NDTA_NAME, tbl.proto.id)
  if (parms === tbl.parms) fill_table(skb, tbl)
  fill_parms(skb, parms)
  return skb.end()
}

function valid_dump_info(cb: netlink_callback): Errno | undefined {
  const { buf, extack } = cb
  if (buf.length < NLMSG_HDRLEN + N.ndtmsg.size) return extack.fail(EINVAL, 'Invalid header for neighbor table dump request')
  const { __pad1, __pad2 } = N.ndtmsg.get(buf, NLMSG_HDRLEN)
  if (__pad1 || __pad2) return extack.fail(EINVAL, 'Invalid values in header for neighbor table dump request')
  if (buf.length > NLMSG_HDRLEN + N.ndtmsg.size) return extack.fail(EINVAL, 'Invalid data after header in neighbor table dump request')
  return undefined
}

/** Each table, then its devices, the newest first. cb.args: table, devices of it that are done, whether it is told itself. */
export function neightbl_dump_info(skb: MessageBuilder, cb: netlink_callback): Errno | true | undefined {
  const { net, buf } = cb
  const error = cb.strict_check ? valid_dump_info(cb) : undefined
  if (isErrno(error)) return error
  const family = buf[NLMSG_HDRLEN]
  for (const [t, tbl] of net.kernel.neigh.tables.entries()) {
    if (t < cb.args[0] || tbl === undefined || (family !== 0 && tbl.family !== family)) continue
    cb.args[0] = t
    neigh_gc_arm(tbl)
    if (cb.args[2] === 0 && !neightbl_fill(skb, tbl, tbl.parms, cb)) return true
    cb.args[2] = 1
    const devices = [...tbl.dev_parms.values()].reverse().filter((p) => p.net === net)
    for (; cb.args[1] < devices.length; cb.args[1]++) if (!neightbl_fill(skb, tbl, devices[cb.args[1]], cb)) return true
    cb.args[1] = 0
    cb.args[2] = 0
  }
  cb.args[0] = V.NEIGH_NR_TABLES
  return undefined
}

const nl_neightbl_policy = policy(
  N.NDTA,
  {
    NDTA_NAME: NLA_STRING(),
    NDTA_THRESH1: NLA_U32,
    NDTA_THRESH2: NLA_U32,
    NDTA_THRESH3: NLA_U32,
    NDTA_GC_INTERVAL: NLA_U64,
    NDTA_PARMS: NLA_NESTED(),
  },
  { name: 'nl_neightbl_policy' },
)
const nl_ntbl_parm_policy = policy(
  N.NDTPA,
  {
    NDTPA_IFINDEX: NLA_U32,
    NDTPA_QUEUE_LEN: NLA_U32,
    NDTPA_PROXY_QLEN: NLA_U32,
    NDTPA_APP_PROBES: NLA_U32,
    NDTPA_UCAST_PROBES: NLA_U32,
    NDTPA_MCAST_PROBES: NLA_U32,
    NDTPA_MCAST_REPROBES: NLA_U32,
    NDTPA_BASE_REACHABLE_TIME: NLA_U64,
    NDTPA_GC_STALETIME: NLA_U64,
    NDTPA_DELAY_PROBE_TIME: NLA_U64,
    NDTPA_RETRANS_TIME: NLA_U64,
    NDTPA_ANYCAST_DELAY: NLA_U64,
    NDTPA_PROXY_DELAY: NLA_U64,
    NDTPA_LOCKTIME: NLA_U64,
    NDTPA_INTERVAL_PROBE_TIME_MS: NLA_U64,
  },
  { name: 'nl_ntbl_parm_policy' },
)

/** The table's own settings belong to the first namespace. */
function lookup_neigh_parms(tbl: neigh_table, net: net, ifindex: number): neigh_parms | undefined {
  if (ifindex === 0) return net === net.kernel.init_net ? tbl.parms : undefined
  const dev = net.dev_index_head.get(ifindex)
  return dev === undefined ? undefined : tbl.dev_parms.get(dev)
}
function set_parms(req: Request, tbl: neigh_table, tb: AttrTable): Errno | undefined {
  const tbp = nla_parse_nested_deprecated(req, tb, N.NDTA_PARMS, nl_ntbl_parm_policy)
  if (isErrno(tbp)) return tbp
  const p = lookup_neigh_parms(tbl, req.net, (tbp.get(N.NDTPA_IFINDEX) ?? 0) | 0)
  if (p === undefined) return ENOENT
  neigh_gc_arm(tbl)
  const set = (attr: Attr<number>, nr: number, convert: (value: number) => number) => {
    const value = tbp.get(attr)
    if (value !== undefined) V.NEIGH_VAR_SET(p, nr, convert(value))
  }
  set(N.NDTPA_QUEUE_LEN, V.NEIGH_VAR_QUEUE_LEN_BYTES, (v) => v * V.FRAME_TRUESIZE)
  for (const [attr, nr] of numbers) set(attr, nr, (v) => v)
  set(N.NDTPA_QUEUE_LENBYTES, V.NEIGH_VAR_QUEUE_LEN_BYTES, (v) => v)
  for (const [attr, nr] of times) set(attr, nr, jiffies_of)
  if (tbp.has(N.NDTPA_BASE_REACHABLE_TIME)) {
    p.reachable_time = neigh_rand_reach_time(tbl.kernel, NEIGH_VAR(p, V.NEIGH_VAR_BASE_REACHABLE_TIME))
  }
  return undefined
}

function named_table(req: Request, name: string): neigh_table | undefined {
  const family = req.buf[NLMSG_HDRLEN]
  return req.net.kernel.neigh.tables.find((tbl) => tbl !== undefined && (family === 0 || tbl.family === family) && tbl.proto.id === name)
}
/** What was set before an error stays set, as in Linux. */
export function neightbl_set(req: Request): Errno | undefined {
  const tb = nlmsg_parse_deprecated(req, N.ndtmsg.size, nl_neightbl_policy)
  if (isErrno(tb)) return tb
  const name = tb.get(N.NDTA_NAME)
  if (name === undefined) return EINVAL
  const tbl = named_table(req, name)
  if (tbl === undefined) return ENOENT
  const error = tb.has(N.NDTA_PARMS) ? set_parms(req, tbl, tb) : undefined
  if (isErrno(error)) return error
  const interval = tb.get(N.NDTA_GC_INTERVAL)
  const own = tb.has(N.NDTA_THRESH1) || tb.has(N.NDTA_THRESH2) || tb.has(N.NDTA_THRESH3) || interval !== undefined
  if (own && req.net !== req.net.kernel.init_net) return ENOENT
  tbl.gc_thresh1 = signed(tb.get(N.NDTA_THRESH1)) ?? tbl.gc_thresh1
  tbl.gc_thresh2 = signed(tb.get(N.NDTA_THRESH2)) ?? tbl.gc_thresh2
  tbl.gc_thresh3 = signed(tb.get(N.NDTA_THRESH3)) ?? tbl.gc_thresh3
  if (interval !== undefined) tbl.gc_interval = jiffies_of(interval)
  return undefined
}
/** Thresholds are ints. */
function signed(value: number | undefined): number | undefined {
  return value === undefined ? undefined : value | 0
}

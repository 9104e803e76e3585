/** net/ipv4/nexthop.c: nexthop objects come, are replaced and go, and routes and groups with them. The order is visible. */
import { hlist } from '../../lib/hlist.ts'
import { raw_notifier_call_chain } from '../../kernel/notifier.ts'
import { EEXIST, EINVAL, ENOENT, EAFNOSUPPORT, type Errno, isErrno } from '../../uapi/errno.ts'
import { NLM_F_CREATE, NLM_F_REPLACE } from '../../uapi/linux/netlink.ts'
import { NEXTHOP_GRP_TYPE_RES } from '../../uapi/linux/nexthop.ts'
import { RT_TABLE_MAIN, RTM_DELNEXTHOP, RTM_NEWNEXTHOP, RTNH_F_DEAD, RTNH_F_OFFLOAD, RTNH_F_TRAP } from '../../uapi/linux/rtnetlink.ts'
import { AF_INET } from '../../uapi/linux/socket.ts'
import type { net } from '../core/net_namespace.ts'
import { NEXTHOP_EVENT_DEL } from '../core/nexthop_notifier.ts'
import type { net_device } from '../core/netdevice.ts'
import type { netlink_ext_ack } from '../netlink/extack.ts'
import type { raw_attr } from './fib_metrics.ts'
import { fib_check_nh, fib_nh, type fib_nh_common, fib_nh_encap, no_gw6 } from './fib_nh.ts'
import { fib_config } from './fib_semantics.ts'
import { fib_flush, fib_info_notify_update } from './fib_table.ts'
import {
  fib_check_nexthop,
  fib6_check_nexthop,
  nexthop,
  nexthop_find_by_id,
  nexthop_num_path,
  nh_group,
  nh_grp_entry,
  nh_info,
  type nh_nl_info,
} from './nexthop.ts'
import { nexthop_notify } from './nexthop_fill.ts'
import {
  nh_res_group_rebalance,
  nh_res_table,
  nh_res_table_cancel_upkeep,
  nh_res_table_upkeep,
  replace_nexthop_grp_res,
} from './nexthop_res.ts'

/** struct nh_config: an object as it is asked for. */
export class nh_config {
  nh_id = 0
  nh_family = 0
  nh_protocol = 0
  nh_flags = 0
  nh_blackhole = false
  nh_fdb = false
  nh_ifindex = 0
  gw4 = 0
  gw6: Uint8Array = no_gw6
  nh_encap: raw_attr | undefined = undefined
  nh_encap_type = 0
  /** Members of a group: ids and weights. */
  nh_grp: { id: number; weight: number }[] | undefined = undefined
  nh_grp_type = 0
  nh_hw_stats = false
  res_buckets: number | undefined = undefined
  /** Jiffies. */
  res_idle_timer: number | undefined = undefined
  res_unbalanced_timer: number | undefined = undefined
  nlflags = 0
  nlinfo: nh_nl_info
  constructor(nlinfo: nh_nl_info) {
    this.nlinfo = nlinfo
  }
}
const NH_RES_DEFAULT_IDLE_TIMER = 120 * 250
const NH_RES_DEFAULT_UNBALANCED_TIMER = 0

function fail(extack: netlink_ext_ack | undefined, error: Errno, text: string): Errno {
  return extack?.fail(error, text) ?? error
}
function seq_inc(net: net): void {
  net.nexthop.seq = (net.nexthop.seq + 1) >>> 0 || 1
}

function nh_find_unused_id(net: net): number {
  const state = net.nexthop
  const start = state.last_id_allocated
  for (;;) {
    state.last_id_allocated = (state.last_id_allocated + 1) >>> 0
    if (state.last_id_allocated === start) return 0
    if (!state.by_id.has(state.last_id_allocated)) return state.last_id_allocated
  }
}

/** nexthop_add() */
export function nexthop_add(net: net, cfg: nh_config, extack: netlink_ext_ack | undefined): Errno | undefined {
  if (cfg.nlflags & NLM_F_REPLACE && cfg.nh_id === 0) return fail(extack, EINVAL, 'Replace requires nexthop id')
  if (cfg.nh_id === 0) cfg.nh_id = nh_find_unused_id(net)
  if (cfg.nh_id === 0) return fail(extack, EINVAL, 'No unused id')
  const nh = new nexthop(net, cfg.nh_id, cfg.nh_protocol, cfg.nh_flags)
  const bad = cfg.nh_grp === undefined ? create_single(net, nh, cfg, extack) : create_group(net, nh, cfg, cfg.nh_grp)
  if (isErrno(bad)) return bad
  const error = insert_nexthop(net, nh, cfg, extack)
  if (isErrno(error)) remove_contents(net, nh, undefined)
  return error
}

function create_group(net: net, nh: nexthop, cfg: nh_config, members: readonly { id: number; weight: number }[]): Errno | undefined {
  const group = new nh_group()
  for (const { id, weight } of members) {
    const member = nexthop_find_by_id(net, id)
    if (member === undefined) return ENOENT
    if (member.nh_info?.family === AF_INET) group.has_v4 = true
    const entry = new nh_grp_entry(member, weight, nh)
    group.nh_entries.push(entry)
    member.grp_list.unshift(entry)
  }
  group.fdb_nh = cfg.nh_fdb
  group.hw_stats = cfg.nh_hw_stats
  if (cfg.nh_grp_type === NEXTHOP_GRP_TYPE_RES) {
    const idle = cfg.res_idle_timer ?? NH_RES_DEFAULT_IDLE_TIMER
    group.res_table = new nh_res_table(net, nh.id, cfg.res_buckets ?? 0, idle, cfg.res_unbalanced_timer ?? NH_RES_DEFAULT_UNBALANCED_TIMER)
  } else {
    nh_hthr_group_rebalance(group)
  }
  nh.nh_grp = group
  return undefined
}
function nh_hthr_group_rebalance(group: nh_group): void {
  const total = group.nh_entries.reduce((sum, e) => sum + e.weight, 0)
  let w = 0
  for (const entry of group.nh_entries) {
    w += entry.weight
    entry.upper_bound = Math.floor((w * 2 ** 31 + Math.floor(total / 2)) / total) - 1
  }
}

function create_single(net: net, nh: nexthop, cfg: nh_config, extack: netlink_ext_ack | undefined): Errno | undefined {
  if (cfg.nh_blackhole) cfg.nh_ifindex = net.loopback_dev.ifindex
  const nhc = cfg.nh_family === AF_INET ? nh_create_ipv4(net, cfg, extack) : nh_create_ipv6(net, cfg, extack)
  if (isErrno(nhc)) return nhc
  if (!cfg.nh_fdb || cfg.nh_family !== AF_INET) nh.nh_flags = nhc.fib_nh_flags
  const nhi = new nh_info(nh, cfg.nh_family, cfg.nh_blackhole, cfg.nh_fdb, nhc)
  nh.nh_info = nhi
  if (cfg.nh_fdb || nhc.fib_nh_dev === undefined) return undefined
  const { devhash } = net.nexthop
  let on = devhash.get(nhc.fib_nh_dev.ifindex)
  if (on === undefined) devhash.set(nhc.fib_nh_dev.ifindex, (on = new hlist()))
  on.add_head(nhi)
  return undefined
}
function nh_create_ipv4(net: net, cfg: nh_config, extack: netlink_ext_ack | undefined): fib_nh | Errno {
  const fib_cfg = new fib_config(net)
  fib_cfg.fc_oif = cfg.nh_ifindex
  fib_cfg.fc_gw4 = cfg.gw4
  fib_cfg.fc_gw_family = cfg.gw4 === 0 ? 0 : AF_INET
  fib_cfg.fc_flags = cfg.nh_flags
  const nh = new fib_nh(undefined, fib_cfg)
  const error = fib_nh_encap(net, nh, AF_INET, cfg.nh_encap, cfg.nh_encap_type, extack)
  if (isErrno(error)) return error
  return cfg.nh_fdb ? nh : (fib_check_nh(net, nh, RT_TABLE_MAIN, 0, extack) ?? nh)
}
function nh_create_ipv6(net: net, cfg: nh_config, extack: netlink_ext_ack | undefined): fib_nh_common | Errno {
  const stub = net.kernel.ipv6_stub
  if (stub === undefined) return fail(extack, EAFNOSUPPORT, 'IPv6 support not enabled in kernel')
  const { nh_ifindex: oif, gw6, nh_flags: flags, nh_fdb: fdb } = cfg
  const nh = stub.fib6_nh_init(net, { table: 0, oif, gw6, flags, fdb }, extack)
  if (isErrno(nh)) return nh
  return fib_nh_encap(net, nh, cfg.nh_family, cfg.nh_encap, cfg.nh_encap_type, extack) ?? nh
}

function insert_nexthop(net: net, new_nh: nexthop, cfg: nh_config, extack: netlink_ext_ack | undefined): Errno | undefined {
  const old = nexthop_find_by_id(net, new_nh.id)
  if (old !== undefined) {
    if (!(cfg.nlflags & NLM_F_REPLACE)) return EEXIST
    const error = replace_nexthop(net, old, new_nh, cfg, extack)
    if (isErrno(error)) return error
  } else {
    if (cfg.nlflags & NLM_F_REPLACE && !(cfg.nlflags & NLM_F_CREATE)) {
      return fail(extack, ENOENT, 'Replace specified without create and no entry exists')
    }
    const error = first_buckets(new_nh, cfg, extack)
    if (isErrno(error)) return error
    net.nexthop.by_id.set(new_nh.id, new_nh)
  }
  seq_inc(net)
  nexthop_notify(RTM_NEWNEXTHOP, old ?? new_nh, cfg.nlinfo)
  if (old !== undefined && net.ipv4.sysctl_nexthop_compat_mode) nexthop_replace_notify(net, old, cfg.nlinfo)
  return undefined
}
function first_buckets(nh: nexthop, cfg: nh_config, extack: netlink_ext_ack | undefined): Errno | undefined {
  const table = nh.nh_grp?.res_table
  if (nh.nh_grp === undefined || table === undefined) return undefined
  if (cfg.res_buckets === undefined) return fail(extack, EINVAL, 'Number of buckets not specified for nexthop group insertion')
  nh_res_group_rebalance(nh.nh_grp, table)
  nh_res_table_upkeep(table, false)
  return undefined
}

/** Routes that use the object must get along with its new content. */
function check_users(old: nexthop, by: nexthop, extack: netlink_ext_ack | undefined): Errno | undefined {
  for (const fi of old.fi_list) {
    const error = fib_check_nexthop(by, fi.fib_scope, extack)
    if (isErrno(error)) return error
  }
  return old.f6i_list.size === 0 ? undefined : fib6_check_nexthop(by, true, extack)
}
/** `old` takes the content of `by` over. */
function replace_nexthop(net: net, old: nexthop, by: nexthop, cfg: nh_config, extack: netlink_ext_ack | undefined): Errno | undefined {
  const bad = check_users(old, by, extack)
  if (isErrno(bad)) return bad
  for (const { nh_parent } of old.grp_list) {
    if (by.nh_info?.reject_nh && nexthop_num_path(nh_parent) > 1) {
      return fail(extack, EINVAL, 'Blackhole nexthop can not be a member of a group with more than one path')
    }
    const error = check_users(nh_parent, by, extack)
    if (isErrno(error)) return error
  }
  const error = old.nh_grp === undefined ? replace_single(old, by, extack) : replace_group(old, by, cfg, extack)
  if (!isErrno(error)) remove_contents(net, by, undefined)
  return error
}
function replace_single(old: nexthop, by: nexthop, extack: netlink_ext_ack | undefined): Errno | undefined {
  const { nh_info: oldi } = old
  const { nh_info: newi } = by
  if (by.nh_grp !== undefined) return fail(extack, EINVAL, 'Can not replace a nexthop with a nexthop group.')
  if (oldi === undefined || newi === undefined) return EINVAL
  if (old.grp_list.length > 0 && newi.fdb_nh !== oldi.fdb_nh) {
    return fail(extack, EINVAL, 'Cannot change nexthop FDB status while in a group')
  }
  by.nh_flags |= old.nh_flags & (RTNH_F_OFFLOAD | RTNH_F_TRAP)
  newi.nh_parent = old
  oldi.nh_parent = by
  old.protocol = by.protocol
  old.nh_flags = by.nh_flags
  old.nh_info = newi
  by.nh_info = oldi
  if (oldi.family === AF_INET && newi.family !== AF_INET) for (const { nh_parent } of old.grp_list) group_v4_update(nh_parent.nh_grp)
  return undefined
}
function group_v4_update(group: nh_group | undefined): void {
  if (group !== undefined) group.has_v4 = group.nh_entries.some((e) => e.nh.nh_info?.family === AF_INET)
}
function replace_group(old: nexthop, by: nexthop, cfg: nh_config, extack: netlink_ext_ack | undefined): Errno | undefined {
  const { nh_grp: oldg } = old
  const { nh_grp: newg } = by
  if (newg === undefined || oldg === undefined) return fail(extack, EINVAL, 'Can not replace a nexthop group with a nexthop.')
  if ((newg.res_table === undefined) !== (oldg.res_table === undefined)) {
    return fail(extack, EINVAL, 'Can not replace a nexthop group with one of a different type.')
  }
  const { res_table: table } = oldg
  if (table !== undefined) {
    if (cfg.res_buckets !== undefined && cfg.res_buckets !== table.buckets.length) {
      return fail(extack, EINVAL, 'Can not change number of buckets of a resilient nexthop group.')
    }
    table.idle_timer = cfg.res_idle_timer ?? table.idle_timer
    table.unbalanced_timer = cfg.res_unbalanced_timer ?? table.unbalanced_timer
    for (const entry of newg.nh_entries) entry.nh_parent = old
    replace_nexthop_grp_res(table, newg)
    oldg.res_table = newg.res_table
    newg.res_table = table
  }
  for (const entry of newg.nh_entries) entry.nh_parent = old
  for (const entry of oldg.nh_entries) entry.nh_parent = by
  old.nh_grp = newg
  by.nh_grp = oldg
  return undefined
}

/** RTM_NEWROUTE with NLM_F_REPLACE for all routes of the object and of its groups. */
function nexthop_replace_notify(net: net, nh: nexthop, info: nh_nl_info): void {
  replace_notify(net, nh, info)
  for (const { nh_parent } of nh.grp_list) replace_notify(net, nh_parent, info)
}
function replace_notify(net: net, nh: nexthop, info: nh_nl_info): void {
  if (nh.fi_list.size > 0) {
    for (const fi of nh.fi_list) fi.nh_updated = true
    fib_info_notify_update(net, info)
    for (const fi of nh.fi_list) fi.nh_updated = false
  }
  for (const f6i of [...nh.f6i_list].reverse()) net.kernel.ipv6_stub?.fib6_rt_update(net, f6i, info)
}

/** Told with `info`; without, all goes silently: devices and namespaces that go. */
export function remove_nexthop(net: net, nh: nexthop, info: nh_nl_info | undefined): void {
  raw_notifier_call_chain(net.nexthop.notifier_chain, NEXTHOP_EVENT_DEL, { net, id: nh.id })
  net.nexthop.by_id.delete(nh.id)
  if (info !== undefined) nexthop_notify(RTM_DELNEXTHOP, nh, info)
  remove_contents(net, nh, info)
  seq_inc(net)
}
function remove_contents(net: net, nh: nexthop, info: nh_nl_info | undefined): void {
  remove_routes(net, nh)
  if (nh.nh_grp !== undefined) return remove_group(nh.nh_grp)
  const { nh_info: nhi } = nh
  const dev = nhi?.nhc.fib_nh_dev
  if (nhi !== undefined && dev !== undefined) {
    const on = net.nexthop.devhash.get(dev.ifindex)
    on?.del(nhi)
    if (on?.size === 0) net.nexthop.devhash.delete(dev.ifindex)
  }
  for (const entry of [...nh.grp_list]) remove_nh_grp_entry(net, entry, info)
}
function remove_routes(net: net, nh: nexthop): void {
  for (const fi of nh.fi_list) fi.fib_flags |= RTNH_F_DEAD
  if (nh.fi_list.size > 0) fib_flush(net)
  for (const f6i of [...nh.f6i_list].reverse()) net.kernel.ipv6_stub?.ip6_del_rt(net, f6i, !net.ipv4.sysctl_nexthop_compat_mode)
}
function unlist(entry: nh_grp_entry): void {
  const { grp_list } = entry.nh
  const at = grp_list.indexOf(entry)
  if (at >= 0) grp_list.splice(at, 1)
}
function remove_group(group: nh_group): void {
  for (const entry of group.nh_entries) unlist(entry)
  if (group.res_table !== undefined) nh_res_table_cancel_upkeep(group.res_table)
}
/** A member leaves its group; the last one takes the group along. */
function remove_nh_grp_entry(net: net, entry: nh_grp_entry, info: nh_nl_info | undefined): void {
  const { nh_parent: parent } = entry
  const { nh_grp: group } = parent
  if (group === undefined) return
  if (group.nh_entries.length === 1) return remove_nexthop(net, parent, info)
  const left = new nh_group()
  left.fdb_nh = group.fdb_nh
  left.res_table = group.res_table
  for (const old of group.nh_entries) {
    if (old === entry) continue
    unlist(old)
    const moved = new nh_grp_entry(old.nh, old.weight, parent)
    moved.packets = old.packets
    left.nh_entries.push(moved)
    moved.nh.grp_list.unshift(moved)
  }
  group_v4_update(left)
  if (left.res_table === undefined) nh_hthr_group_rebalance(left)
  else replace_nexthop_grp_res(left.res_table, left)
  parent.nh_grp = left
  unlist(entry)
  if (info !== undefined) nexthop_notify(RTM_NEWNEXTHOP, parent, info)
}

/** Objects through a device that goes down or away; blackholes only go with loopback itself. */
export function nexthop_flush_dev(dev: net_device, unregister: boolean): void {
  for (const nhi of dev.nd_net.nexthop.devhash.get(dev.ifindex) ?? []) {
    if (nhi.nhc.fib_nh_dev === dev && (unregister || !nhi.reject_nh)) remove_nexthop(dev.nd_net, nhi.nh_parent, undefined)
  }
}
export function flush_all_nexthops(net: net): void {
  for (const [, nh] of net.nexthop.by_id.from(0)) remove_nexthop(net, nh, undefined)
}

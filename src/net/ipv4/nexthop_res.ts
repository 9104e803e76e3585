/**
 * net/ipv4/nexthop.c nh_res_*: resilient groups. Buckets keep their next hop while it is in the group; only those of a
 * next hop that has more than its share move, once they are idle, or when the group has been out of balance for long.
 *
 *   bucket                                 moves
 *   its next hop has left the group        at once
 *   next hop has its share, or less        no
 *   more than its share, idle              at the idle timer (at once if never used since it moved)
 *   more than its share, busy              at the unbalanced timer, if there is one
 */
import { HZ, NSEC_PER_JIFFY } from '../../kernel/time.ts'
import { cancel_delayed_work, delayed_work, queue_delayed_work } from '../../kernel/workqueue.ts'
import type { net } from '../core/net_namespace.ts'
import { type nexthop, type nh_group, type nh_grp_entry, taken } from './nexthop.ts'
import { nexthop_bucket_notify } from './nexthop_fill.ts'

const NH_RES_UPKEEP_DW_MINIMUM_INTERVAL = HZ / 2

export class nh_res_bucket {
  nh_entry: nh_grp_entry | undefined = undefined
  occupied = false
  /** Jiffies. */
  used_time = 0
  migrated_time = 0
}

/** Times in jiffies. */
export class nh_res_table {
  readonly net: net
  readonly nhg_id: number
  idle_timer: number
  unbalanced_timer: number
  unbalanced_since = 0
  readonly buckets: nh_res_bucket[]
  /** Next hops with less than their share, the last of the group first. */
  uw_nh_entries: nh_grp_entry[] = []
  readonly upkeep_dw: delayed_work
  constructor(net: net, nhg_id: number, count: number, idle_timer: number, unbalanced_timer: number) {
    this.net = net
    this.nhg_id = nhg_id
    this.idle_timer = idle_timer
    this.unbalanced_timer = unbalanced_timer
    this.buckets = Array.from({ length: count }, () => new nh_res_bucket())
    this.upkeep_dw = new delayed_work(net.kernel.events, nh_res_table_upkeep_dw, this)
  }
  /** The bucket of the hash is in use from now on. */
  select(hash: number): nexthop {
    const { [hash % this.buckets.length]: bucket } = this.buckets
    bucket.used_time = this.net.kernel.jiffies()
    return taken(bucket.nh_entry as nh_grp_entry)
  }
}

function unset_nh(bucket: nh_res_bucket): void {
  if (bucket.occupied && bucket.nh_entry !== undefined) bucket.nh_entry.count_buckets--
  bucket.occupied = false
}
function set_nh(bucket: nh_res_bucket, entry: nh_grp_entry): void {
  unset_nh(bucket)
  bucket.occupied = true
  bucket.nh_entry = entry
  entry.count_buckets++
}

/** When a bucket may move: undefined, never; else with a time at or before `now` it moves at once. */
function idle_point(table: nh_res_table, bucket: nh_res_bucket, now: number): number {
  return bucket.used_time === bucket.migrated_time ? now : bucket.used_time + table.idle_timer
}
/** True: moves now. Else the time of a next look, which may be `deadline` itself. */
function should_migrate(table: nh_res_table, bucket: nh_res_bucket, now: number, deadline: number): true | number {
  const { nh_entry: entry } = bucket
  if (!bucket.occupied || entry === undefined) return true
  if (entry.count_buckets <= entry.wants_buckets) return deadline
  const idle = idle_point(table, bucket, now)
  if (now >= idle) return true
  if (table.unbalanced_timer === 0) return Math.min(deadline, idle)
  const unbalanced = table.unbalanced_since + table.unbalanced_timer
  return now > unbalanced ? true : Math.min(deadline, unbalanced, idle)
}
function migrate(table: nh_res_table, index: number, now: number, notify: boolean): void {
  const { [index]: bucket } = table.buckets
  const { 0: entry } = table.uw_nh_entries
  if (entry === undefined) return
  set_nh(bucket, entry)
  bucket.used_time = now
  bucket.migrated_time = now
  if (notify) nexthop_bucket_notify(table, index)
  if (entry.count_buckets === entry.wants_buckets) table.uw_nh_entries.shift()
}

/** Moves what is to move, and comes again while the group is out of balance. */
export function nh_res_table_upkeep(table: nh_res_table, notify: boolean): void {
  const now = table.net.kernel.jiffies()
  let deadline = now + (table.unbalanced_timer === 0 ? table.idle_timer : table.unbalanced_timer)
  for (const [i, bucket] of table.buckets.entries()) {
    const when = should_migrate(table, bucket, now, deadline)
    if (when === true) migrate(table, i, now, notify)
    else deadline = when
  }
  if (table.uw_nh_entries.length === 0) return
  queue_delayed_work(table.upkeep_dw, Math.max(deadline - now, NH_RES_UPKEEP_DW_MINIMUM_INTERVAL) * NSEC_PER_JIFFY)
}
export function nh_res_table_upkeep_dw(table: nh_res_table): void {
  nh_res_table_upkeep(table, true)
}
export function nh_res_table_cancel_upkeep(table: nh_res_table): void {
  cancel_delayed_work(table.upkeep_dw)
}

/** Shares of the buckets by weight. */
export function nh_res_group_rebalance(group: nh_group, table: nh_res_table): void {
  table.uw_nh_entries = []
  const total = group.nh_entries.reduce((sum, e) => sum + e.weight, 0)
  let w = 0
  let previous = 0
  for (const entry of group.nh_entries) {
    w += entry.weight
    const bound = Math.floor((table.buckets.length * w + Math.floor(total / 2)) / total)
    entry.wants_buckets = bound - previous
    previous = bound
    if (entry.count_buckets >= entry.wants_buckets) continue
    if (table.uw_nh_entries.length === 0) table.unbalanced_since = table.net.kernel.jiffies()
    table.uw_nh_entries.unshift(entry)
  }
}
/** The group has new members: buckets follow those that stayed. */
export function replace_nexthop_grp_res(table: nh_res_table, group: nh_group): void {
  const { unbalanced_since } = table
  const was_unbalanced = table.uw_nh_entries.length > 0
  nh_res_table_cancel_upkeep(table)
  for (const bucket of table.buckets) {
    const entry = group.nh_entries.find((e) => e.nh.id === bucket.nh_entry?.nh.id)
    if (entry === undefined) unset_nh(bucket)
    else set_nh(bucket, entry)
  }
  nh_res_group_rebalance(group, table)
  if (was_unbalanced && table.uw_nh_entries.length > 0) table.unbalanced_since = unbalanced_since
  nh_res_table_upkeep(table, false)
}

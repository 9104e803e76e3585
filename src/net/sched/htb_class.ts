/**
 * net/sched/sch_htb.c struct htb_class: a class of the hierarchy, and where the disciplines look for the next packet.
 *
 *   mode of a class | the bucket of its rate | of its ceiling | it
 *   CAN_SEND        | holds tokens           | holds tokens   | stands in the row of its level, for each priority below it
 *   MAY_BORROW      | is empty               | holds tokens   | stands in its parent's feed
 *   CANT_SEND       | any                    | is empty       | waits for the time when tokens are back
 */
import type { net_rate_estimator } from './gen_estimator.ts'
import type { Qdisc } from './qdisc.ts'
import type { tcf_block } from './cls_block.ts'
import type { psched_ratecfg } from './sch_rate.ts'
import { TC_HTB_MAXDEPTH, TC_HTB_NUMPRIO } from '../../uapi/linux/pkt_sched_kinds.ts'
import { NSEC_PER_SEC } from '../../kernel/time.ts'

export const HTB_CANT_SEND = 0
export const HTB_MAY_BORROW = 1
export const HTB_CAN_SEND = 2

/** Classes that take turns, by number, and whose turn it is; one that left while it had its turn is remembered by number. */
export class htb_feed {
  row: htb_class[] = []
  ptr: htb_class | undefined = undefined
  last_ptr_id = 0
}
/** One for each priority. */
export function htb_feeds(): htb_feed[] {
  return Array.from({ length: TC_HTB_NUMPRIO }, () => new htb_feed())
}

export class htb_class {
  readonly classid: number
  readonly parent: htb_class | undefined
  /** 0: a leaf. */
  level = 0
  children = 0
  prio = 0
  quantum = 0
  rate: psched_ratecfg = no_rate
  ceil: psched_ratecfg = no_rate
  /** What the buckets hold at most, and hold, in ns; since when. */
  buffer = 0
  cbuffer = 0
  tokens = 0
  ctokens = 0
  t_c = 0
  cmode = HTB_CAN_SEND
  /** When the mode is to be looked at again. */
  pq_key = 0
  waiting = false
  /** A bit for each priority that has packets below. */
  prio_activity = 0
  leaf: Qdisc
  /** Of a leaf, on each level that it may borrow from. */
  deficit: number[] = new Array(TC_HTB_MAXDEPTH).fill(0)
  feeds: htb_feed[] = htb_feeds()
  block: tcf_block | undefined = undefined
  bstats = { bytes: 0, packets: 0 }
  rate_est: net_rate_estimator | undefined = undefined
  drops = 0
  overlimits = 0
  lends = 0
  borrows = 0
  constructor(classid: number, parent: htb_class | undefined, leaf: Qdisc) {
    this.classid = classid
    this.parent = parent
    this.leaf = leaf
  }
}
const no_rate: psched_ratecfg = { rate_bytes_ps: 0, mult: 1, shift: 0, overhead: 0, mpu: 0, linklayer: 0 }
/** A bucket never owes more than that. */
const MBUFFER = 60 * NSEC_PER_SEC

/** What the classes of a discipline have in common (struct htb_sched). */
export class htb_levels {
  /** By level and priority. */
  rows: htb_feed[][] = Array.from({ length: TC_HTB_MAXDEPTH }, htb_feeds)
  /** By level, the next one to look at first. */
  wait_pq: htb_class[][] = Array.from({ length: TC_HTB_MAXDEPTH }, () => [])
  now = 0
  overlimits = 0
}

function insert_by<T>(list: T[], item: T, before: (other: T) => boolean): void {
  const at = list.findIndex(before)
  list.splice(at < 0 ? list.length : at, 0, item)
}
function feed_add(feed: htb_feed, cl: htb_class): void {
  insert_by(feed.row, cl, (other) => other.classid > cl.classid)
}
/** The turn passes to the next one. */
export function feed_next(feed: htb_feed): void {
  feed.ptr = feed.ptr === undefined ? undefined : feed.row[feed.row.indexOf(feed.ptr) + 1]
}
function priorities(mask: number): number[] {
  return Array.from({ length: TC_HTB_NUMPRIO }, (_, prio) => prio).filter((prio) => mask & (1 << prio))
}

/** htb_activate_prios(): up to the first class that may send by itself. */
function activate_prios(q: htb_levels, from: htb_class): void {
  let cl = from
  let mask = cl.prio_activity
  while (cl.cmode === HTB_MAY_BORROW && cl.parent !== undefined && mask !== 0) {
    const p = cl.parent
    let fresh = 0
    for (const prio of priorities(mask)) {
      if (p.feeds[prio].row.length === 0) fresh |= 1 << prio
      feed_add(p.feeds[prio], cl)
    }
    // what the parent had something for already it is listed for
    mask = fresh
    p.prio_activity |= mask
    cl = p
  }
  if (cl.cmode === HTB_CAN_SEND) for (const prio of priorities(mask)) feed_add(q.rows[cl.level][prio], cl)
}
/** htb_deactivate_prios() */
function deactivate_prios(q: htb_levels, from: htb_class): void {
  let cl = from
  let mask = cl.prio_activity
  while (cl.cmode === HTB_MAY_BORROW && cl.parent !== undefined && mask !== 0) {
    const p = cl.parent
    let empty = 0
    for (const prio of priorities(mask)) {
      const feed = p.feeds[prio]
      if (feed.ptr === cl) {
        feed.last_ptr_id = cl.classid
        feed.ptr = undefined
      }
      feed.row.splice(feed.row.indexOf(cl), 1)
      if (feed.row.length === 0) empty |= 1 << prio
    }
    mask = empty
    p.prio_activity &= ~mask
    cl = p
  }
  if (cl.cmode !== HTB_CAN_SEND) return
  for (const prio of priorities(mask)) {
    const row = q.rows[cl.level][prio]
    if (row.ptr === cl) feed_next(row)
    row.row.splice(row.row.indexOf(cl), 1)
  }
}
export function htb_activate(q: htb_levels, cl: htb_class): void {
  if (cl.prio_activity !== 0) return
  cl.prio_activity = 1 << cl.prio
  activate_prios(q, cl)
}
export function htb_deactivate(q: htb_levels, cl: htb_class): void {
  if (cl.prio_activity === 0) return
  deactivate_prios(q, cl)
  cl.prio_activity = 0
}

/** htb_class_mode(): after `passed` ns, and in how many it may change. */
function class_mode(cl: htb_class, passed: number): { mode: number; delay: number } {
  const ceil = cl.ctokens + passed
  if (ceil < 0) return { mode: HTB_CANT_SEND, delay: -ceil }
  const rate = cl.tokens + passed
  return rate >= 0 ? { mode: HTB_CAN_SEND, delay: 0 } : { mode: HTB_MAY_BORROW, delay: -rate }
}
/** htb_change_class_mode(); the delay until it may change again. */
function change_class_mode(q: htb_levels, cl: htb_class, passed: number): number {
  const { mode, delay } = class_mode(cl, passed)
  if (mode === cl.cmode) return delay
  if (mode === HTB_CANT_SEND) {
    cl.overlimits++
    q.overlimits++
  }
  if (cl.prio_activity !== 0 && cl.cmode !== HTB_CANT_SEND) deactivate_prios(q, cl)
  cl.cmode = mode
  if (cl.prio_activity !== 0 && mode !== HTB_CANT_SEND) activate_prios(q, cl)
  return delay
}
function wait_for(q: htb_levels, cl: htb_class, delay: number): void {
  cl.pq_key = q.now + Math.max(delay, 1)
  cl.waiting = true
  insert_by(q.wait_pq[cl.level], cl, (other) => other.pq_key > cl.pq_key)
}
export function htb_forget_wait(q: htb_levels, cl: htb_class): void {
  const list = q.wait_pq[cl.level]
  if (cl.waiting) list.splice(list.indexOf(cl), 1)
  cl.waiting = false
}
/** htb_do_events(): modes of a level that are due; when the next one is. */
export function htb_do_events(q: htb_levels, level: number): number | undefined {
  const list = q.wait_pq[level]
  for (let rounds = list.length; rounds > 0 && list.length > 0 && list[0].pq_key <= q.now; rounds--) {
    const [cl] = list
    htb_forget_wait(q, cl)
    const delay = change_class_mode(q, cl, Math.min(q.now - cl.t_c, MBUFFER))
    if (cl.cmode !== HTB_CAN_SEND) wait_for(q, cl, delay)
  }
  return list[0]?.pq_key
}

/** htb_lookup_leaf(): whose turn it is, down to a leaf. Past the end of a class's feed the turn passes on above it. */
export function htb_lookup_leaf(row: htb_feed, prio: number): htb_class | undefined {
  if (row.row.length === 0) return undefined
  const path = [row]
  for (let steps = 0; steps < 65535; steps++) {
    const feed = path[path.length - 1]
    const { last_ptr_id } = feed
    if (feed.ptr === undefined && last_ptr_id !== 0) feed.ptr = feed.row.find((cl) => cl.classid >= last_ptr_id)
    feed.last_ptr_id = 0
    if (feed.ptr === undefined) {
      feed.ptr = feed.row[0]
      if (path.length === 1) continue
      path.pop()
      feed_next(path[path.length - 1])
    } else if (feed.ptr.level === 0) {
      return feed.ptr
    } else {
      path.push(feed.ptr.feeds[prio])
    }
  }
  return undefined
}

/** htb_charge_class(): the leaf and all above it pay; only from the level on that lends, out of their own rate. */
export function htb_charge_class(
  q: htb_levels,
  leaf: htb_class,
  level: number,
  cost: (r: psched_ratecfg) => number,
  count: (cl: htb_class) => void,
): void {
  for (let cl: htb_class | undefined = leaf; cl !== undefined; cl = cl.parent) {
    const passed = Math.min(q.now - cl.t_c, MBUFFER)
    if (cl.level >= level) {
      if (cl.level === level) cl.lends++
      cl.tokens = Math.max(Math.min(cl.tokens + passed, cl.buffer) - cost(cl.rate), 1 - MBUFFER)
    } else {
      cl.borrows++
      cl.tokens += passed
    }
    cl.ctokens = Math.max(Math.min(cl.ctokens + passed, cl.cbuffer) - cost(cl.ceil), 1 - MBUFFER)
    cl.t_c = q.now
    const before = cl.cmode
    const delay = change_class_mode(q, cl, 0)
    if (before !== cl.cmode) {
      htb_forget_wait(q, cl)
      if (cl.cmode !== HTB_CAN_SEND) wait_for(q, cl, delay)
    }
    if (cl.level > 0) count(cl)
  }
}

/** net/core/neighbour.c: how entries are found, made and let go; references; settings of devices. */
import type { Kernel } from '../../kernel/kernel.ts'
import { KERN_INFO } from '../../kernel/printk.ts'
import { HZ, mod_timer, NSEC_PER_JIFFY, timer_delete, timer_list } from '../../kernel/time.ts'
import { EINVAL, ENOBUFS, type Errno, isErrno } from '../../uapi/errno.ts'
import { IFF_LOOPBACK } from '../../uapi/linux/if.ts'
import { RTM_DELNEIGH } from '../../uapi/linux/rtnetlink.ts'
import { conf_values } from './conf_values.ts'
import { dev_hold, dev_put } from './dev.ts'
import {
  NEIGH_VAR,
  NEIGH_VAR_BASE_REACHABLE_TIME,
  neigh_hash_table,
  neigh_parms,
  type neigh_proto,
  neigh_table,
  neighbour,
  NTF_MANAGED,
  NUD_IN_TIMER,
} from './neighbour.ts'
import { __neigh_notify } from './neighbour_fill.ts'
import { neigh_forced_gc, neigh_gc_arm, neigh_managed_arm, neigh_managed_work, neigh_periodic_work } from './neighbour_gc.ts'
import type { net_device } from './netdevice.ts'

const NEIGH_NUM_HASH_RND = 4

/** From half to one and a half times the base. */
export function neigh_rand_reach_time(kernel: Kernel, base: number): number {
  return base === 0 ? 0 : kernel.random.below(base) + (base >> 1)
}

function neigh_hash_alloc(kernel: Kernel, shift: number): neigh_hash_table {
  const rnd = Uint32Array.from({ length: NEIGH_NUM_HASH_RND }, () => (kernel.random.u32() | 1) >>> 0)
  return new neigh_hash_table(shift, rnd)
}

/** Puts the table into the kernel's list; its periodic work begins. */
export function neigh_table_init(kernel: Kernel, index: number, proto: neigh_proto): neigh_table {
  const tbl = new neigh_table(kernel, proto, 30 * HZ, neigh_hash_alloc(kernel, 3))
  tbl.parms.reachable_time = neigh_rand_reach_time(kernel, NEIGH_VAR(tbl.parms, NEIGH_VAR_BASE_REACHABLE_TIME))
  tbl.gc_timer = new timer_list(kernel.events, neigh_periodic_work, tbl)
  tbl.managed_timer = new timer_list(kernel.events, neigh_managed_work, tbl)
  tbl.gc_next = tbl.last_flush + tbl.parms.reachable_time
  tbl.managed_next = tbl.last_flush
  tbl.last_rand = tbl.last_flush + tbl.parms.reachable_time * 20
  kernel.neigh.tables[index] = tbl
  return tbl
}

/** The device's own settings, as the table's are now. */
export function neigh_parms_alloc(dev: net_device, tbl: neigh_table): neigh_parms {
  const values = new conf_values(tbl.parms.values)
  values.choose_none()
  const p = new neigh_parms(tbl, dev.nd_net, dev, values)
  p.reachable_time = neigh_rand_reach_time(tbl.kernel, NEIGH_VAR(p, NEIGH_VAR_BASE_REACHABLE_TIME))
  dev_hold(dev)
  tbl.dev_parms.set(dev, p)
  return p
}
/** Entries that still use them keep them, but no new ones are made. */
export function neigh_parms_release(tbl: neigh_table, parms: neigh_parms | undefined): void {
  if (parms?.dev === undefined || parms.dead) return
  if (tbl.dev_parms.get(parms.dev) === parms) tbl.dev_parms.delete(parms.dev)
  parms.dead = true
  dev_put(parms.dev)
  parms.refcnt--
}
/** For constructors: the entry goes by the device's settings instead of the table's. */
export function neigh_parms_assign(neigh: neighbour, parms: neigh_parms): void {
  neigh.parms.refcnt--
  parms.refcnt++
  neigh.parms = parms
}

function bucket_of(nht: neigh_hash_table, tbl: neigh_table, key: Uint8Array, dev: net_device): number {
  return (tbl.proto.hash(key, dev, nht.hash_rnd) >>> 0) >>> (32 - nht.hash_shift)
}
function key_equal(a: Uint8Array, b: Uint8Array, len: number): boolean {
  for (let i = 0; i < len; i++) if (a[i] !== b[i]) return false
  return true
}
function find_in_chain(tbl: neigh_table, key: Uint8Array, dev: net_device): neighbour | undefined {
  let n = tbl.nht.buckets[bucket_of(tbl.nht, tbl, key, dev)]
  while (n !== undefined && (n.dev !== dev || !key_equal(n.primary_key, key, tbl.key_len))) n = n.next
  return n
}

/** The entry with a reference more, which the caller gives back (neigh_release). */
export function neigh_lookup(tbl: neigh_table, key: Uint8Array, dev: net_device): neighbour | undefined {
  tbl.stats.lookups++
  const n = find_in_chain(tbl, key, dev)
  if (n !== undefined) {
    tbl.stats.hits++
    n.refcnt++
  }
  return n
}
/** Without a reference: for the length of a call. */
export function __neigh_lookup_noref(tbl: neigh_table, key: Uint8Array, dev: net_device): neighbour | undefined {
  return find_in_chain(tbl, key, dev)
}

/** Room for one more, after collecting what may go; exempt entries do not count. */
function gc_admits(tbl: neigh_table): boolean {
  const before = tbl.gc_entries++
  const full = before >= tbl.gc_thresh3
  if (!full && (before < tbl.gc_thresh2 || tbl.kernel.jiffies() <= tbl.last_flush + 5 * HZ)) return true
  if (neigh_forced_gc(tbl) > 0 || !full) return true
  if (tbl.kernel.netlink.ratelimit(tbl.kernel.now())) tbl.kernel.printk(KERN_INFO, `neighbour: ${tbl.proto.id}: neighbor table overflow!`)
  tbl.stats.table_fulls++
  tbl.gc_entries--
  return false
}

function neigh_hash_grow(tbl: neigh_table): void {
  const old = tbl.nht
  const grown = neigh_hash_alloc(tbl.kernel, old.hash_shift + 1)
  tbl.stats.hash_grows++
  for (const chain of old.buckets) {
    for (let n = chain; n !== undefined; ) {
      const next: neighbour | undefined = n.next
      const at = bucket_of(grown, tbl, n.primary_key, n.dev)
      n.next = grown.buckets[at]
      grown.buckets[at] = n
      n = next
    }
  }
  tbl.nht = grown
}

/** ___neigh_create(): a new entry, or the one that is there by the key that the protocol made of it; with a reference. */
export function ___neigh_create(
  tbl: neigh_table,
  key: Uint8Array,
  dev: net_device,
  flags: number,
  exempt_from_gc: boolean,
): neighbour | Errno {
  if (!exempt_from_gc && !gc_admits(tbl)) return ENOBUFS
  const n = new neighbour(tbl, dev, key, flags)
  tbl.parms.refcnt++
  tbl.stats.allocs++
  tbl.entries++
  dev_hold(dev)
  const error = tbl.proto.constructor_(n)
  n.confirmed = tbl.kernel.jiffies() - 2 * NEIGH_VAR(n.parms, NEIGH_VAR_BASE_REACHABLE_TIME)
  if (!isErrno(error) && tbl.entries > 1 << tbl.nht.hash_shift) neigh_hash_grow(tbl)
  const found = isErrno(error) ? error : n.parms.dead ? EINVAL : find_in_chain(tbl, n.primary_key, dev)
  if (found !== undefined) {
    if (!isErrno(found)) found.refcnt++
    if (!exempt_from_gc) tbl.gc_entries--
    neigh_release(n)
    return found
  }
  neigh_insert(tbl, n, exempt_from_gc)
  return n
}
function neigh_insert(tbl: neigh_table, n: neighbour, exempt_from_gc: boolean): void {
  n.dead = false
  if (!exempt_from_gc) tbl.gc_list.add(n)
  if (n.flags & NTF_MANAGED) tbl.managed_list.add(n)
  n.refcnt++
  const at = bucket_of(tbl.nht, tbl, n.primary_key, n.dev)
  n.next = tbl.nht.buckets[at]
  tbl.nht.buckets[at] = n
  neigh_gc_arm(tbl)
  neigh_managed_arm(tbl)
}

/** neigh_create(): for what is not asked for by name; on loopback it never goes by itself. */
export function neigh_create(tbl: neigh_table, key: Uint8Array, dev: net_device): neighbour | Errno {
  return ___neigh_create(tbl, key, dev, 0, (dev.flags & IFF_LOOPBACK) !== 0)
}
/** __neigh_lookup_errno(): found or made, with a reference. */
export function __neigh_lookup_errno(tbl: neigh_table, key: Uint8Array, dev: net_device): neighbour | Errno {
  return neigh_lookup(tbl, key, dev) ?? neigh_create(tbl, key, dev)
}

export function neigh_hold(neigh: neighbour): void {
  neigh.refcnt++
}
export function neigh_release(neigh: neighbour): void {
  if (--neigh.refcnt === 0) neigh_destroy(neigh)
}
function neigh_destroy(neigh: neighbour): void {
  neigh.tbl.stats.destroys++
  neigh.arp_queue = []
  neigh.arp_queue_len_bytes = 0
  dev_put(neigh.dev)
  neigh.parms.refcnt--
  neigh.tbl.entries--
}

/** The timer holds the entry. A time that is past means the next tick. */
export function neigh_add_timer(n: neighbour, when: number): void {
  n.refcnt++
  if (n.used < n.confirmed) n.used = n.confirmed
  neigh_mod_timer(n, when)
}
/** Whether the timer was running already. */
export function neigh_mod_timer(n: neighbour, when: number): boolean {
  return mod_timer(n.timer, Math.max(when, n.tbl.kernel.jiffies() + 1) * NSEC_PER_JIFFY)
}
export function neigh_del_timer(n: neighbour): void {
  if (n.nud_state & NUD_IN_TIMER && timer_delete(n.timer)) neigh_release(n)
}

export function neigh_mark_dead(n: neighbour): void {
  n.dead = true
  if (n.tbl.gc_list.delete(n)) n.tbl.gc_entries--
  n.tbl.managed_list.delete(n)
}
/** Listeners hear of it while it is still whole. */
export function neigh_cleanup_and_release(n: neighbour): void {
  __neigh_notify(n, RTM_DELNEIGH, 0, 0)
  neigh_release(n)
}

/** Takes every entry that `goes` says out of its chain, chain by chain. `goes` may also change those that stay. */
export function neigh_sweep(tbl: neigh_table, goes: (n: neighbour) => boolean): void {
  const { buckets } = tbl.nht
  for (let i = 0; i < buckets.length; i++) {
    let prev: neighbour | undefined
    for (let n = buckets[i]; n !== undefined; n = n.next) {
      if (!goes(n)) {
        prev = n
        continue
      }
      if (prev === undefined) buckets[i] = n.next
      else prev.next = n.next
      neigh_mark_dead(n)
      neigh_cleanup_and_release(n)
    }
  }
}
/** neigh_remove_one(): only when nobody but the table holds it. */
export function neigh_remove_one(ndel: neighbour): boolean {
  const { buckets } = ndel.tbl.nht
  const at = bucket_of(ndel.tbl.nht, ndel.tbl, ndel.primary_key, ndel.dev)
  let prev: neighbour | undefined
  for (let n = buckets[at]; n !== undefined; prev = n, n = n.next) {
    if (n !== ndel) continue
    if (n.refcnt !== 1) return false
    if (prev === undefined) buckets[at] = n.next
    else prev.next = n.next
    neigh_mark_dead(n)
    neigh_cleanup_and_release(n)
    return true
  }
  return false
}

/** neigh_for_each(): in the order of a dump. */
export function* neigh_each(tbl: neigh_table): Generator<neighbour> {
  for (const chain of tbl.nht.buckets) for (let n = chain; n !== undefined; n = n.next) yield n
}

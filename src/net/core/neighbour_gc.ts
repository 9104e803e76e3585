/**
 * net/core/neighbour.c: how entries go: by age and number, with their device, its carrier or its address. The periodic
 * works have their fixed times as in Linux, but a timer runs for them only while there is something for them to do.
 */
import { HZ, mod_timer, NSEC_PER_JIFFY, timer_pending } from '../../kernel/time.ts'
import { NTF_EXT_LEARNED, NUD_FAILED, NUD_NOARP, NUD_NONE, NUD_PERMANENT } from '../../uapi/linux/neighbour.ts'
import {
  NEIGH_VAR,
  NEIGH_VAR_BASE_REACHABLE_TIME,
  NEIGH_VAR_GC_STALETIME,
  NEIGH_VAR_INTERVAL_PROBE_TIME_MS,
  type neigh_parms,
  type neigh_table,
  type neighbour,
  NUD_IN_TIMER,
  NUD_VALID,
} from './neighbour.ts'
import { neigh_event_send_probe } from './neighbour_nud.ts'
import { pneigh_ifdown } from './neighbour_proxy.ts'
import { neigh_del_timer, neigh_rand_reach_time, neigh_remove_one, neigh_sweep } from './neighbour_table.ts'
import type { net_device } from './netdevice.ts'

/** Jiffies between changes of the reachable times. */
const RAND_INTERVAL = 300 * HZ

/** Makes room down to gc_thresh2, oldest first: what failed, needs no resolution, or has not changed for five seconds. */
export function neigh_forced_gc(tbl: neigh_table): number {
  const max_clean = tbl.gc_entries - tbl.gc_thresh2
  const now = tbl.kernel.jiffies()
  let shrunk = 0
  tbl.stats.forced_gc_runs++
  for (const n of tbl.gc_list) {
    if (n.refcnt !== 1) continue
    const old = n.updated < now - 5 * HZ
    const needless = n.nud_state === NUD_FAILED || n.nud_state === NUD_NOARP || tbl.proto.is_multicast(n.primary_key)
    if ((needless || old) && neigh_remove_one(n)) shrunk++
    if (shrunk >= max_clean) break
  }
  tbl.last_flush = now
  return shrunk
}

/** Runs of the periodic work that nothing waited for, up to now. */
function catch_up(tbl: neigh_table): void {
  const now = tbl.kernel.jiffies()
  if (tbl.gc_next > now) return
  const interval = gc_work_interval(tbl)
  const runs = Math.floor((now - tbl.gc_next) / interval) + 1
  tbl.stats.periodic_gc_runs += runs
  tbl.gc_next += runs * interval
  if (tbl.gc_next - interval > tbl.last_rand + RAND_INTERVAL) randomize(tbl, tbl.gc_next - interval)
}
function gc_work_interval(tbl: neigh_table): number {
  return Math.max(1, NEIGH_VAR(tbl.parms, NEIGH_VAR_BASE_REACHABLE_TIME) >> 1)
}
function randomize(tbl: neigh_table, at: number): void {
  tbl.last_rand = at
  const draw = (p: neigh_parms) => {
    p.reachable_time = neigh_rand_reach_time(tbl.kernel, NEIGH_VAR(p, NEIGH_VAR_BASE_REACHABLE_TIME))
  }
  draw(tbl.parms)
  for (const p of [...tbl.dev_parms.values()].reverse()) draw(p)
}

/** Called when an entry comes and before the interval changes; readers of the statistics call it too. */
export function neigh_gc_arm(tbl: neigh_table): void {
  if (timer_pending(tbl.gc_timer)) return
  catch_up(tbl)
  if (tbl.entries > 0) mod_timer(tbl.gc_timer, tbl.gc_next * NSEC_PER_JIFFY)
}

/** A timer's function: below gc_thresh1 entries stay, however old. */
export function neigh_periodic_work(tbl: neigh_table): void {
  catch_up(tbl)
  if (tbl.entries >= tbl.gc_thresh1) {
    const now = tbl.kernel.jiffies()
    neigh_sweep(tbl, (n) => aged(n, now))
  }
  if (tbl.entries > 0) mod_timer(tbl.gc_timer, tbl.gc_next * NSEC_PER_JIFFY)
}
function aged(n: neighbour, now: number): boolean {
  if (n.nud_state & (NUD_PERMANENT | NUD_IN_TIMER) || n.flags & NTF_EXT_LEARNED) return false
  if (n.used < n.confirmed && n.confirmed <= now) n.used = n.confirmed
  const fresh = now >= n.used && now < n.used + NEIGH_VAR(n.parms, NEIGH_VAR_GC_STALETIME)
  return n.refcnt === 1 && (n.nud_state === NUD_FAILED || !fresh)
}

/** Managed entries are resolved again at fixed times since the table began. */
export function neigh_managed_arm(tbl: neigh_table): void {
  if (tbl.managed_list.size === 0 || timer_pending(tbl.managed_timer)) return
  const now = tbl.kernel.jiffies()
  const interval = managed_interval(tbl)
  if (tbl.managed_next <= now) tbl.managed_next += (Math.floor((now - tbl.managed_next) / interval) + 1) * interval
  mod_timer(tbl.managed_timer, tbl.managed_next * NSEC_PER_JIFFY)
}
function managed_interval(tbl: neigh_table): number {
  return Math.max(1, NEIGH_VAR(tbl.parms, NEIGH_VAR_INTERVAL_PROBE_TIME_MS))
}
/** A timer's function. */
export function neigh_managed_work(tbl: neigh_table): void {
  for (const n of [...tbl.managed_list]) neigh_event_send_probe(n, undefined, false)
  tbl.managed_next = tbl.kernel.jiffies() + managed_interval(tbl)
  neigh_managed_arm(tbl)
}

/** All entries of the device go, even those in use: these become unusable. */
function neigh_flush_dev(tbl: neigh_table, dev: net_device, skip_perm: boolean): void {
  neigh_sweep(tbl, (n) => {
    if (n.dev !== dev || (skip_perm && n.nud_state & NUD_PERMANENT)) return false
    neigh_del_timer(n)
    if (n.refcnt !== 1) {
      n.arp_queue = []
      n.arp_queue_len_bytes = 0
      n.nud_state = n.nud_state & NUD_VALID ? NUD_NOARP : NUD_NONE
    }
    return true
  })
}
/** The device has another link address, or resolution was switched on or off. */
export function neigh_changeaddr(tbl: neigh_table, dev: net_device): void {
  neigh_flush_dev(tbl, dev, false)
}
function __neigh_ifdown(tbl: neigh_table, dev: net_device, skip_perm: boolean): void {
  neigh_flush_dev(tbl, dev, skip_perm)
  pneigh_ifdown(tbl, dev)
  tbl.proxy_queue = tbl.proxy_queue.filter(({ skb }) => skb.dev !== dev)
}
export function neigh_ifdown(tbl: neigh_table, dev: net_device): void {
  __neigh_ifdown(tbl, dev, false)
}
/** Without carrier only what an administrator set stays; proxy entries go all the same. */
export function neigh_carrier_down(tbl: neigh_table, dev: net_device): void {
  __neigh_ifdown(tbl, dev, true)
}

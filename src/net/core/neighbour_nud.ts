/**
 * net/core/neighbour.c: neighbour unreachability detection (RFC 4861 7.3), for both families.
 *
 * By the timer (neigh_timer_handler), `ct` confirmed, `ut` used, r = reachable_time, d = delay_first_probe_time:
 *
 *   state       when it runs                      | becomes     next run           told
 *   REACHABLE   now <= ct + r                     | REACHABLE   ct + r             no
 *   REACHABLE   else, now <= ut + d               | DELAY       now + d            no
 *   REACHABLE   else                              | STALE       never              yes
 *   DELAY       now <= ct + d                     | REACHABLE   ct + r             yes
 *   DELAY       else                              | PROBE       now + retrans      yes (first probe sent)
 *   PROBE       probes < ucast + app + mcast_re   | PROBE       now + retrans      no  (a probe sent)
 *   INCOMPLETE  probes < ucast + app + mcast      | INCOMPLETE  now + retrans      no  (a probe sent)
 *   either      else                              | FAILED      never              yes
 *
 * By use (neigh_event_send); a packet waits in INCOMPLETE only, and the other states send:
 *
 *   NONE, FAILED  some probes are allowed (mcast, app) | INCOMPLETE  now + retrans  (probes := ucast, one sent)
 *   NONE, FAILED  none                                 | FAILED      never
 *   INCOMPLETE                                         | INCOMPLETE  as before
 *   STALE                                              | DELAY       now + d
 *   REACHABLE, DELAY, PROBE, NOARP, PERMANENT          | as before
 *
 * By news of it (neigh_update): any state to the one given; see there for what an address that differs does.
 */
import { local_bh_disable, local_bh_enable } from '../../kernel/softirq.ts'
import type { Errno } from '../../uapi/errno.ts'
import { EINVAL, EPERM, isErrno } from '../../uapi/errno.ts'
import {
  NTF_EXT_LEARNED,
  NTF_ROUTER,
  NUD_DELAY,
  NUD_FAILED,
  NUD_INCOMPLETE,
  NUD_NOARP,
  NUD_PERMANENT,
  NUD_PROBE,
  NUD_REACHABLE,
  NUD_STALE,
} from '../../uapi/linux/neighbour.ts'
import type { netlink_ext_ack } from '../netlink/extack.ts'
import {
  NEIGH_UPDATE_F_ADMIN,
  NEIGH_UPDATE_F_EXT_LEARNED,
  NEIGH_UPDATE_F_ISROUTER,
  NEIGH_UPDATE_F_MANAGED,
  NEIGH_UPDATE_F_OVERRIDE,
  NEIGH_UPDATE_F_OVERRIDE_ISROUTER,
  NEIGH_UPDATE_F_USE,
  NEIGH_UPDATE_F_WEAK_OVERRIDE,
  NEIGH_VAR,
  NEIGH_VAR_APP_PROBES,
  NEIGH_VAR_BASE_REACHABLE_TIME,
  NEIGH_VAR_DELAY_PROBE_TIME,
  NEIGH_VAR_MCAST_PROBES,
  NEIGH_VAR_MCAST_REPROBES,
  NEIGH_VAR_QUEUE_LEN_BYTES,
  NEIGH_VAR_RETRANS_TIME,
  NEIGH_VAR_UCAST_PROBES,
  type neigh_table,
  type neighbour,
  NTF_MANAGED,
  NUD_CONNECTED,
  NUD_IN_TIMER,
  NUD_VALID,
} from './neighbour.ts'
import { neigh_update_notify } from './neighbour_fill.ts'
import { neigh_managed_arm } from './neighbour_gc.ts'
import { __neigh_lookup_errno, neigh_add_timer, neigh_del_timer, neigh_lookup, neigh_mod_timer, neigh_release } from './neighbour_table.ts'
import type { net_device } from './netdevice.ts'
import { type sk_buff, skb_end_offset } from './skbuff.ts'

/** HZ/100 jiffies: no timer runs more often. */
const LEAST_INTERVAL = 2

function retrans(n: neighbour): number {
  return Math.max(NEIGH_VAR(n.parms, NEIGH_VAR_RETRANS_TIME), LEAST_INTERVAL)
}
function neigh_max_probes(n: neighbour): number {
  const last = n.nud_state & NUD_PROBE ? NEIGH_VAR_MCAST_REPROBES : NEIGH_VAR_MCAST_PROBES
  return NEIGH_VAR(n.parms, NEIGH_VAR_UCAST_PROBES) + NEIGH_VAR(n.parms, NEIGH_VAR_APP_PROBES) + NEIGH_VAR(n.parms, last)
}
/** Enters a state now. */
function enter(n: neighbour, state: number): void {
  n.nud_state = state
  n.updated = n.tbl.kernel.jiffies()
}

/** What waited is lost; its senders are told. */
function neigh_invalidate(n: neighbour): void {
  n.tbl.stats.res_failed++
  n.updated = n.tbl.kernel.jiffies()
  // the report may reach this very entry
  while (n.nud_state === NUD_FAILED) {
    const skb = n.arp_queue.shift()
    if (skb === undefined) break
    n.ops.error_report?.(n, skb)
  }
  purge(n)
}
function purge(n: neighbour): void {
  n.arp_queue = []
  n.arp_queue_len_bytes = 0
}
/** Bottom halves are off until the probe is counted: an answer that comes at once (veth) finds it so. */
function neigh_probe(n: neighbour): void {
  const { kernel } = n.tbl
  const waiting = n.arp_queue[n.arp_queue.length - 1]
  local_bh_disable(kernel)
  n.ops.solicit?.(n, waiting)
  n.probes++
  local_bh_enable(kernel)
}

/** From REACHABLE or DELAY: jiffies of the next run, and whether listeners hear of it. */
function leave_connected(n: neighbour, now: number): { next: number; notify: boolean } {
  const delay = NEIGH_VAR(n.parms, NEIGH_VAR_DELAY_PROBE_TIME)
  const { reachable_time } = n.parms
  if (n.nud_state & NUD_REACHABLE) {
    if (now <= n.confirmed + reachable_time) return { next: n.confirmed + reachable_time, notify: false }
    const used = now <= n.used + delay
    enter(n, used ? NUD_DELAY : NUD_STALE)
    return { next: now + delay, notify: !used }
  }
  if (now <= n.confirmed + delay) {
    enter(n, NUD_REACHABLE)
    return { next: n.confirmed + reachable_time, notify: true }
  }
  enter(n, NUD_PROBE)
  n.probes = 0
  return { next: now + retrans(n), notify: true }
}

/** The entries' timer. Probes go out before listeners are told, so they show in what is told. */
export function neigh_timer_handler(n: neighbour): void {
  const now = n.tbl.kernel.jiffies()
  let notify = false
  if (n.nud_state & NUD_IN_TIMER) {
    const step = n.nud_state & (NUD_REACHABLE | NUD_DELAY) ? leave_connected(n, now) : { next: now + retrans(n), notify: false }
    notify = step.notify
    const asking = (n.nud_state & (NUD_INCOMPLETE | NUD_PROBE)) !== 0
    if (asking && n.probes >= neigh_max_probes(n)) {
      n.nud_state = NUD_FAILED
      notify = true
      neigh_invalidate(n)
    } else {
      if (n.nud_state & NUD_IN_TIMER) {
        if (!neigh_mod_timer(n, Math.max(step.next, now + LEAST_INTERVAL))) n.refcnt++
      }
      if (asking) neigh_probe(n)
    }
  }
  if (notify) neigh_update_notify(n, 0)
  neigh_release(n)
}

/** A packet is about to be sent: true when it has to wait (then it is queued) or cannot go at all. */
export function neigh_event_send(n: neighbour, skb?: sk_buff): boolean {
  return neigh_event_send_probe(n, skb, true)
}
/** `immediate_ok`: the first probe may go out at once, not with the next tick. */
export function neigh_event_send_probe(n: neighbour, skb: sk_buff | undefined, immediate_ok: boolean): boolean {
  n.used = n.tbl.kernel.jiffies()
  if (n.nud_state & (NUD_CONNECTED | NUD_DELAY | NUD_PROBE)) return false
  if (n.dead) return !(n.nud_state & NUD_STALE)
  const now = n.tbl.kernel.jiffies()
  let probe = false
  if (n.nud_state & NUD_STALE) {
    neigh_del_timer(n)
    enter(n, NUD_DELAY)
    neigh_add_timer(n, now + NEIGH_VAR(n.parms, NEIGH_VAR_DELAY_PROBE_TIME))
  } else if (!(n.nud_state & NUD_INCOMPLETE)) {
    if (NEIGH_VAR(n.parms, NEIGH_VAR_MCAST_PROBES) + NEIGH_VAR(n.parms, NEIGH_VAR_APP_PROBES) === 0) {
      enter(n, NUD_FAILED)
      return true
    }
    n.probes = NEIGH_VAR(n.parms, NEIGH_VAR_UCAST_PROBES)
    neigh_del_timer(n)
    enter(n, NUD_INCOMPLETE)
    probe = immediate_ok
    neigh_add_timer(n, immediate_ok ? now + retrans(n) : now + 1)
  }
  const waits = n.nud_state === NUD_INCOMPLETE
  if (waits && skb !== undefined) enqueue(n, skb)
  if (probe) neigh_probe(n)
  return waits
}
/** Bytes count; the oldest packets give way. */
function enqueue(n: neighbour, skb: sk_buff): void {
  const size = skb_end_offset(skb)
  while (n.arp_queue.length > 0 && n.arp_queue_len_bytes + size > NEIGH_VAR(n.parms, NEIGH_VAR_QUEUE_LEN_BYTES)) {
    n.arp_queue_len_bytes -= skb_end_offset(n.arp_queue.shift() as sk_buff)
    n.tbl.stats.unres_discards++
  }
  n.arp_queue.push(skb)
  n.arp_queue_len_bytes += size
}

/** What a packet to the address makes of its entry: found or made, then used. */
export function neigh_resolve(tbl: neigh_table, key: Uint8Array, dev: net_device, skb?: sk_buff): neighbour | Errno {
  const n = __neigh_lookup_errno(tbl, key, dev)
  if (isErrno(n)) return n
  neigh_event_send(n, skb)
  neigh_release(n)
  return n
}
/** neigh_event_ns(): somebody asked us, and so told us its address. */
export function neigh_event_ns(
  tbl: neigh_table,
  lladdr: Uint8Array | undefined,
  saddr: Uint8Array,
  dev: net_device,
): neighbour | undefined {
  const creates = lladdr !== undefined || dev.addr_len === 0
  const n = creates ? __neigh_lookup_errno(tbl, saddr, dev) : neigh_lookup(tbl, saddr, dev)
  if (n === undefined || isErrno(n)) return undefined
  neigh_update(n, lladdr, NUD_STALE, NEIGH_UPDATE_F_OVERRIDE, 0)
  return n
}
/** __neigh_set_probe_once(): a failed entry listens for one more answer. */
export function __neigh_set_probe_once(n: neighbour): void {
  if (n.dead) return
  n.updated = n.tbl.kernel.jiffies()
  if (!(n.nud_state & NUD_FAILED)) return
  n.nud_state = NUD_INCOMPLETE
  n.probes = neigh_max_probes(n)
  neigh_add_timer(n, n.updated + retrans(n))
}

/** What an update has done, for its end. */
interface outcome {
  error: Errno | undefined
  notify: boolean
  /** State at the end, as far as the collector's list is concerned. */
  now: number
  isrouter: boolean
  /** A change of flags is told only with states in which the address is known. */
  flags_told: boolean
}

/**
 * News of a neighbour: from the network, or (ADMIN) from a program. `lladdr` undefined: the address is not told.
 * OVERRIDE: an address that differs replaces the one known; WEAK_OVERRIDE: a connected entry keeps its own and becomes
 * STALE; neither: news with another address are ignored.
 */
export function __neigh_update(
  n: neighbour,
  lladdr: Uint8Array | undefined,
  state: number,
  flags: number,
  portid: number,
  extack?: netlink_ext_ack,
): Errno | undefined {
  const old = n.nud_state
  if (n.dead) {
    extack?.fail(EPERM, 'Neighbor entry is now dead')
    return EPERM
  }
  if (!(flags & NEIGH_UPDATE_F_ADMIN) && old & (NUD_NOARP | NUD_PERMANENT)) return EPERM
  const flagged = update_flags(n, flags)
  const out = update_state(n, lladdr, state, flags, extack)
  if (out.isrouter) update_is_router(n, flags, out)
  if ((out.now ^ old) & NUD_PERMANENT || flagged.gc) update_gc_list(n)
  if (flagged.managed) update_managed_list(n)
  if (out.notify || (out.flags_told && (flagged.gc || flagged.managed))) neigh_update_notify(n, portid)
  return out.error
}
export function neigh_update(
  n: neighbour,
  lladdr: Uint8Array | undefined,
  state: number,
  flags: number,
  portid: number,
): Errno | undefined {
  return __neigh_update(n, lladdr, state, flags, portid)
}

/** Flags that only an administrator changes; both kinds are told. */
function update_flags(n: neighbour, flags: number): { gc: boolean; managed: boolean } {
  if (!(flags & NEIGH_UPDATE_F_ADMIN)) return { gc: false, managed: false }
  const wanted = (flags & NEIGH_UPDATE_F_EXT_LEARNED ? NTF_EXT_LEARNED : 0) | (flags & NEIGH_UPDATE_F_MANAGED ? NTF_MANAGED : 0)
  const changes = (n.flags ^ wanted) & (NTF_EXT_LEARNED | NTF_MANAGED)
  n.flags ^= changes
  return { gc: (changes & NTF_EXT_LEARNED) !== 0, managed: (changes & NTF_MANAGED) !== 0 }
}
/** neigh_update_is_router() */
function update_is_router(n: neighbour, flags: number, out: outcome): void {
  const wanted = flags & NEIGH_UPDATE_F_ISROUTER ? NTF_ROUTER : 0
  if ((n.flags & NTF_ROUTER) === wanted) return
  n.flags ^= NTF_ROUTER
  out.notify = true
}
function update_gc_list(n: neighbour): void {
  const exempt = (n.nud_state & NUD_PERMANENT) !== 0 || (n.flags & NTF_EXT_LEARNED) !== 0
  if (exempt === !n.tbl.gc_list.has(n)) return
  if (exempt) n.tbl.gc_list.delete(n)
  else n.tbl.gc_list.add(n)
  n.tbl.gc_entries += exempt ? -1 : 1
}
function update_managed_list(n: neighbour): void {
  if (n.flags & NTF_MANAGED) n.tbl.managed_list.add(n)
  else n.tbl.managed_list.delete(n)
  neigh_managed_arm(n.tbl)
}

function update_state(n: neighbour, lladdr: Uint8Array | undefined, state: number, flags: number, extack?: netlink_ext_ack): outcome {
  const old = n.nud_state
  if (flags & (NEIGH_UPDATE_F_USE | NEIGH_UPDATE_F_MANAGED)) {
    // what resolves itself is not permanent
    n.nud_state = old & ~NUD_PERMANENT
    return { error: undefined, notify: false, now: n.nud_state, isrouter: false, flags_told: true }
  }
  if (!(state & NUD_VALID)) return invalid_state(n, state)
  const known = (old & NUD_VALID) !== 0
  if (n.dev.addr_len !== 0 && lladdr === undefined && !known) {
    extack?.fail(EINVAL, 'No link layer address given')
    return { error: EINVAL, notify: false, now: state, isrouter: false, flags_told: true }
  }
  return valid_state(n, changed_address(n, lladdr, known), state, flags)
}
function invalid_state(n: neighbour, state: number): outcome {
  const old = n.nud_state
  neigh_del_timer(n)
  n.nud_state = state
  let notify = (old & NUD_VALID) !== 0
  if (old & (NUD_INCOMPLETE | NUD_PROBE) && state & NUD_FAILED) {
    neigh_invalidate(n)
    notify = true
  }
  return { error: undefined, notify, now: state, isrouter: false, flags_told: false }
}
/** The address, if it is another than the one known. */
function changed_address(n: neighbour, lladdr: Uint8Array | undefined, known: boolean): Uint8Array | undefined {
  const { addr_len } = n.dev
  if (addr_len === 0 || lladdr === undefined) return undefined
  for (let i = 0; known && i < addr_len; i++) if (lladdr[i] !== n.ha[i]) return lladdr
  return known ? undefined : lladdr
}

function valid_state(n: neighbour, lladdr: Uint8Array | undefined, wanted: number, flags: number): outcome {
  const now = n.tbl.kernel.jiffies()
  const old = n.nud_state
  let address = lladdr
  let state = wanted
  const isrouter = (flags & NEIGH_UPDATE_F_OVERRIDE_ISROUTER) !== 0
  const out: outcome = { error: undefined, notify: false, now: state, isrouter, flags_told: true }
  if (state & NUD_CONNECTED) n.confirmed = now
  if (old & NUD_VALID) {
    if (address !== undefined && !(flags & NEIGH_UPDATE_F_OVERRIDE)) {
      out.isrouter = false
      if (!(flags & NEIGH_UPDATE_F_WEAK_OVERRIDE) || !(old & NUD_CONNECTED)) return out
      address = undefined
      state = NUD_STALE
    } else if (address === undefined && state === NUD_STALE && !(flags & NEIGH_UPDATE_F_ADMIN)) {
      state = old
    }
  }
  out.now = state
  if (state !== old || address !== undefined) n.updated = now
  if (state !== old) {
    change_state(n, state)
    out.notify = true
  }
  if (address !== undefined) {
    n.ha.set(address.subarray(0, n.dev.addr_len))
    if (!(state & NUD_CONNECTED)) n.confirmed = now - 2 * NEIGH_VAR(n.parms, NEIGH_VAR_BASE_REACHABLE_TIME)
    out.notify = true
  }
  if (state !== old && !(old & NUD_VALID)) send_waiting(n)
  return out
}
function change_state(n: neighbour, state: number): void {
  neigh_del_timer(n)
  if (state & NUD_PROBE) n.probes = 0
  if (state & NUD_IN_TIMER) neigh_add_timer(n, n.updated + (state & NUD_REACHABLE ? n.parms.reachable_time : 0))
  n.nud_state = state
}
function send_waiting(n: neighbour): void {
  while (n.nud_state & NUD_VALID) {
    const skb = n.arp_queue.shift()
    if (skb === undefined) break
    n.ops.output?.(n, skb)
  }
  purge(n)
}

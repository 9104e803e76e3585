/**
 * include/net/codel_impl.h, RFC 8289: a queue whose packets wait too long for too long drops, ever faster.
 *
 *   state    | the head packet has waited       | then
 *   -        | less than target                 | it goes on; the measure begins anew
 *   -        | target or more, not yet interval | it goes on
 *   -        | target or more for interval      | it is dropped: dropping, next drop after interval / sqrt(count)
 *   dropping | less than target                 | it goes on; no longer dropping
 *   dropping | target or more, next drop is due | it is dropped, count + 1, and the next one is looked at
 *
 * A packet that can be marked (ECN) is, and goes on, where another would be dropped.
 */
import { NSEC_PER_MSEC } from '../../kernel/time.ts'
import type { sk_buff } from '../core/skbuff.ts'
import { INET_ECN_set_ce, skb_get_dsfield } from './inet_ecn.ts'

/** Times are kept in units of 1024 ns, and shown so. */
export const CODEL_SHIFT = 10
export function MS2TIME(ms: number): number {
  return Math.floor((ms * NSEC_PER_MSEC) / 1024)
}
export function us_to_codel_time(us: number): number {
  return Math.floor((us * 1000) / 1024) >>> 0
}
export function codel_time_to_us(time: number): number {
  return Math.floor((time * 1024) / 1000) >>> 0
}
export const CODEL_DISABLED_THRESHOLD = 0x7fffffff

export interface codel_params {
  target: number
  interval: number
  ce_threshold: number
  ce_threshold_selector: number
  ce_threshold_mask: number
  mtu: number
  ecn: boolean
}
/** One queue's state; times in ns. */
export class codel_vars {
  count = 0
  lastcount = 0
  dropping = false
  first_above_time = 0
  drop_next = 0
  ldelay = 0
}

/** What a discipline gives codel_dequeue(): state, how to take a packet (with its arrival) and how to drop one. */
export interface codel_queue {
  readonly vars: codel_vars
  readonly params: codel_params
  readonly now: number
  take(): { skb: sk_buff; arrival: number } | undefined
  drop(skb: sk_buff): void
  /** Counts a mark: instead of a drop, or because it waited longer than the threshold for marks. */
  marked(over_threshold: boolean): void
  /** Bytes that still wait. */
  backlog(): number
}

function control_law(at: number, q: codel_queue): number {
  return at + (q.params.interval * 1024) / Math.sqrt(q.vars.count)
}
/** Whether the packet has waited too long, for an interval at least. */
function should_drop(q: codel_queue, arrival: number): boolean {
  const { vars, params, now } = q
  vars.ldelay = now - arrival
  if (vars.ldelay < params.target * 1024 || q.backlog() <= params.mtu) {
    vars.first_above_time = 0
    return false
  }
  if (vars.first_above_time === 0) {
    vars.first_above_time = now + params.interval * 1024
    return false
  }
  return now > vars.first_above_time
}
function next(q: codel_queue): { skb: sk_buff; drop: boolean } | undefined {
  const head = q.take()
  if (head !== undefined) return { skb: head.skb, drop: should_drop(q, head.arrival) }
  q.vars.first_above_time = 0
  return undefined
}

/** True when the packet goes on with a mark. */
function mark(q: codel_queue, skb: sk_buff): boolean {
  if (!q.params.ecn || !INET_ECN_set_ce(skb)) return false
  q.marked(false)
  return true
}

export function codel_dequeue(q: codel_queue): sk_buff | undefined {
  const skb = dequeue(q)
  const { ce_threshold, ce_threshold_selector, ce_threshold_mask } = q.params
  if (skb === undefined || ce_threshold === CODEL_DISABLED_THRESHOLD || q.vars.ldelay <= ce_threshold * 1024) return skb
  const chosen = ce_threshold_selector === 0 || ((skb_get_dsfield(skb) ?? 0) & ce_threshold_mask) === ce_threshold_selector
  if (chosen && INET_ECN_set_ce(skb)) q.marked(true)
  return skb
}

function dequeue(q: codel_queue): sk_buff | undefined {
  const { vars, now } = q
  let head = next(q)
  if (vars.dropping) {
    while (head?.drop && now >= vars.drop_next) {
      vars.count++
      if (mark(q, head.skb)) {
        vars.drop_next = control_law(vars.drop_next, q)
        return head.skb
      }
      q.drop(head.skb)
      head = next(q)
      if (head?.drop) vars.drop_next = control_law(vars.drop_next, q)
    }
    if (!head?.drop) vars.dropping = false
    return head?.skb
  }
  if (!head?.drop) return head?.skb
  const passes = mark(q, head.skb)
  if (!passes) q.drop(head.skb)
  const recent = now - vars.drop_next < 16 * q.params.interval * 1024
  const delta = vars.count - vars.lastcount
  vars.dropping = true
  vars.count = delta > 1 && recent ? delta : 1
  vars.lastcount = vars.count
  vars.drop_next = control_law(now, q)
  return passes ? head.skb : next(q)?.skb
}

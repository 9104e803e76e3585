/** net/ipv4/inet_fragment.c: pieces of packets that wait for the others; both families. */
import { mod_timer, NSEC_PER_JIFFY, timer_delete, timer_list } from '../../kernel/time.ts'
import type { net } from '../core/net_namespace.ts'
import { kfree_skb, type sk_buff } from '../core/skbuff.ts'

/** What a piece, and a packet that is in pieces, take of memory beside their bytes (truesize, struct ipq). */
const PIECE_OVERHEAD = 576
const QUEUE_OVERHEAD = 200

/** The settings that a family has for it: jiffies, bytes. */
export interface frag_limits {
  time: number
  high_thresh: number
}

interface piece {
  offset: number
  data: Uint8Array
}
/** struct inet_frag_queue */
export class inet_frag_queue {
  readonly table: inet_frags
  readonly key: string
  pieces: piece[] = []
  /** Length of the whole, once the last piece is there. */
  total: number | undefined = undefined
  /** The first piece, as it came: its headers are the whole packet's. */
  head: sk_buff | undefined = undefined
  /** Bytes that it takes. */
  mem = QUEUE_OVERHEAD
  readonly timer: timer_list
  constructor(table: inet_frags, key: string) {
    this.table = table
    this.key = key
    this.timer = new timer_list(table.net.kernel.events, inet_frag_expire, this)
  }
}
/** struct fqdir: `expired` tells the sender (an exported function). */
export class inet_frags {
  readonly net: net
  readonly expired: (fq: inet_frag_queue) => void
  queues = new Map<string, inet_frag_queue>()
  readonly limits: frag_limits
  /** Bytes of all that wait. */
  mem = 0
  constructor(net: net, limits: frag_limits, expired: (fq: inet_frag_queue) => void) {
    this.net = net
    this.limits = limits
    this.expired = expired
  }
}

export function inet_frag_expire(fq: inet_frag_queue): void {
  inet_frag_kill(fq)
  fq.table.expired(fq)
  if (fq.head !== undefined) kfree_skb(fq.head)
}
export function inet_frag_find(table: inet_frags, key: string): inet_frag_queue | undefined {
  const found = table.queues.get(key)
  if (found !== undefined) return found
  if (table.limits.high_thresh === 0 || table.mem > table.limits.high_thresh) return undefined
  const fq = new inet_frag_queue(table, key)
  table.queues.set(key, fq)
  table.mem += fq.mem
  mod_timer(fq.timer, table.net.kernel.now() + table.limits.time * NSEC_PER_JIFFY)
  return fq
}
export function inet_frag_kill(fq: inet_frag_queue): void {
  timer_delete(fq.timer)
  if (fq.table.queues.delete(fq.key)) fq.table.mem -= fq.mem
}

/**
 * Adds a piece: the whole payload when it was the one that was missing, undefined while others are, false when the pieces
 * do not fit together (RFC 5722: then all of them go).
 */
export function inet_frag_add(
  fq: inet_frag_queue,
  skb: sk_buff,
  offset: number,
  data: Uint8Array,
  more: boolean,
): Uint8Array | undefined | false {
  const end = offset + data.length
  const duplicate = fq.pieces.some((p) => p.offset === offset && p.data.length === data.length)
  if (duplicate) return undefined
  const overlaps = fq.pieces.some((p) => offset < p.offset + p.data.length && p.offset < end)
  const beyond = fq.total !== undefined && (more ? end > fq.total : end !== fq.total)
  if (overlaps || beyond || (!more && fq.pieces.some((p) => p.offset + p.data.length > end))) {
    inet_frag_kill(fq)
    return false
  }
  if (!more) fq.total = end
  if (offset === 0) fq.head = skb
  fq.pieces.push({ offset, data: data.slice() })
  fq.mem += data.length + PIECE_OVERHEAD
  fq.table.mem += data.length + PIECE_OVERHEAD
  const have = fq.pieces.reduce((sum, p) => sum + p.data.length, 0)
  if (fq.total === undefined || have !== fq.total || fq.head === undefined) return undefined
  inet_frag_kill(fq)
  const whole = new Uint8Array(fq.total)
  for (const p of fq.pieces) whole.set(p.data, p.offset)
  return whole
}

/** net/ipv4/inet_fragment.c: pieces of packets that wait for the others; both families. */
import type { ctl_buffer, ctl_table } from '../../fs/proc_sysctl.ts'
import { proc_doulongvec_minmax } from '../../fs/sysctl.ts'
import { mod_timer, NSEC_PER_JIFFY, timer_delete, timer_list } from '../../kernel/time.ts'
import type { Errno } from '../../uapi/errno.ts'
import type { net } from '../core/net_namespace.ts'
import { SKB_DROP_REASON_FRAG_REASM_TIMEOUT, SKB_DROP_REASON_FRAG_TOO_FAR } from '../core/dropreason.ts'
import { kfree_skb_reason, type sk_buff } from '../core/skbuff.ts'

/** sizeof(struct sk_buff) and of what is shared beside its bytes; what a driver leaves free in front of a frame. */
const SKB_OVERHEAD = 576
const FRAME_ROOM = 66

/** The settings that a family has for it: jiffies, bytes. */
export interface frag_limits {
  time: number
  high_thresh: number
  low_thresh: number
}
/** The two bound each other; nothing else looks at the lower one. */
export function proc_frag_high_thresh(ctl: ctl_table, write: boolean, buf: ctl_buffer): Errno | undefined {
  return proc_doulongvec_minmax({ ...ctl, extra1: (ctl.data as frag_limits).low_thresh }, write, buf)
}
export function proc_frag_low_thresh(ctl: ctl_table, write: boolean, buf: ctl_buffer): Errno | undefined {
  return proc_doulongvec_minmax({ ...ctl, extra2: (ctl.data as frag_limits).high_thresh }, write, buf)
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
  /** Places where pieces lie that came one behind the other; in order. */
  runs: { offset: number; end: number }[] = []
  /** Length of the whole: as far as is known, and for sure once the last piece is there (INET_FRAG_LAST_IN). */
  len = 0
  last_in = false
  /** Bytes that have come. */
  meat = 0
  /** Congestion marks of the pieces (ip_frag_ecn). */
  ecn = 0
  /** The longest piece, and the longest that was not to be split further. */
  max_size = 0
  max_df_size = 0
  /** How many pieces the sender had sent to us when the last one of this came. */
  rid = 0
  /** The first piece, as it came: its headers are the whole packet's. */
  head: sk_buff | undefined = undefined
  /** Bytes that it takes. */
  mem: number
  readonly timer: timer_list
  constructor(table: inet_frags, key: string) {
    this.table = table
    this.key = key
    this.mem = table.qsize
    this.timer = new timer_list(table.net.kernel.events, inet_frag_expire, this)
  }
}
/** struct fqdir: `expired` tells the sender (an exported function). */
export class inet_frags {
  readonly net: net
  readonly expired: (fq: inet_frag_queue) => void
  /** sizeof(struct ipq) or (struct frag_queue): what a packet in pieces takes beside its pieces. */
  readonly qsize: number
  queues = new Map<string, inet_frag_queue>()
  readonly limits: frag_limits
  /** Bytes of all that wait. */
  mem = 0
  constructor(net: net, limits: frag_limits, expired: (fq: inet_frag_queue) => void, qsize: number) {
    this.net = net
    this.limits = limits
    this.expired = expired
    this.qsize = qsize
  }
}

/** What /proc/net/sockstat and sockstat6 say of it. */
export function frag_sockstat(name: string, table: inet_frags | undefined): string {
  return `${name}: inuse ${table?.queues.size ?? 0} memory ${table?.mem ?? 0}\n`
}

export function inet_frag_expire(fq: inet_frag_queue): void {
  inet_frag_kill(fq)
  fq.table.expired(fq)
  if (fq.head !== undefined) kfree_skb_reason(fq.head, SKB_DROP_REASON_FRAG_REASM_TIMEOUT)
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
 * What a piece says of the whole's length; false: it contradicts what others said.
 *
 *   the last piece | this one     | then
 *   is not there   | is the last  | the whole ends with it, unless something lies beyond
 *   is there       | is the last  | it must end where that does
 *   is not there   | is not       | the whole is as long at least
 *   is there       | is not       | it must not go beyond that
 */
export function inet_frag_length(fq: inet_frag_queue, end: number, more: boolean): boolean {
  if (!more) {
    if (end < fq.len || (fq.last_in && end !== fq.len)) return false
    fq.last_in = true
    fq.len = end
  } else if (end > fq.len) {
    if (fq.last_in) return false
    fq.len = end
  }
  return true
}

export const IPFRAG_OK = 0
export const IPFRAG_DUP = 1
export const IPFRAG_OVERLAP = 2
/** skb->truesize of a received frame. */
function frame_truesize(skb: sk_buff): number {
  const start = skb.mac_header < 0 ? skb.network_header : skb.mac_header
  return SKB_OVERHEAD + ((FRAME_ROOM + skb.tail - start + 63) & ~63)
}
/**
 * inet_frag_queue_insert(): a piece that lies within a run of pieces that came one behind the other is there already; one that
 * overlaps in another way spoils the packet (RFC 5722).
 */
export function inet_frag_queue_insert(fq: inet_frag_queue, skb: sk_buff, offset: number, data: Uint8Array): number {
  const end = offset + data.length
  const tail = fq.runs.at(-1)
  if (tail === undefined || tail.end < end) {
    if (tail !== undefined && offset < tail.end) return IPFRAG_OVERLAP
    if (tail !== undefined && offset === tail.end) tail.end = end
    else fq.runs.push({ offset, end })
  } else {
    const hit = fq.runs.find((run) => offset < run.end && end > run.offset)
    if (hit !== undefined) return offset >= hit.offset && end <= hit.end ? IPFRAG_DUP : IPFRAG_OVERLAP
    fq.runs.push({ offset, end })
    fq.runs.sort((a, b) => a.offset - b.offset)
  }
  fq.pieces.push({ offset, data: data.slice() })
  fq.meat += data.length
  const truesize = frame_truesize(skb)
  fq.mem += truesize
  fq.table.mem += truesize
  return IPFRAG_OK
}
/** Undefined: not all of it is there. The queue is done with then. */
export function inet_frag_reasm(fq: inet_frag_queue): Uint8Array | undefined {
  if (fq.head === undefined || !fq.last_in || fq.meat !== fq.len) return undefined
  inet_frag_kill(fq)
  const whole = new Uint8Array(fq.len)
  for (const piece of fq.pieces) whole.set(piece.data, piece.offset)
  return whole
}
/** inet_frag_reinit(): what was there is gone; the same packet begins anew. */
export function inet_frag_reinit(fq: inet_frag_queue): void {
  fq.table.mem -= fq.mem - fq.table.qsize
  if (fq.head !== undefined) kfree_skb_reason(fq.head, SKB_DROP_REASON_FRAG_TOO_FAR)
  fq.mem = fq.table.qsize
  fq.pieces = []
  fq.runs = []
  fq.head = undefined
  fq.len = fq.meat = fq.ecn = fq.max_size = fq.max_df_size = 0
  fq.last_in = false
  mod_timer(fq.timer, fq.table.net.kernel.now() + fq.table.limits.time * NSEC_PER_JIFFY)
}

const ECN_NOT_ECT = 1
const ECN_CE = 8
/** ip4_frag_ecn(), ip6_frag_ecn(): the two lowest bits of a traffic class, as one of four. */
export function ip_frag_ecn(tclass: number): number {
  return 1 << (tclass & 3)
}
/** ip_frag_ecn_table (RFC 3168 5.3): what is to be set in the whole; undefined: the pieces do not go together. */
export function ip_frag_ecn_of(seen: number): number | undefined {
  if (seen & ECN_NOT_ECT) return seen === ECN_NOT_ECT ? 0 : undefined
  return seen & ECN_CE ? 3 : 0
}

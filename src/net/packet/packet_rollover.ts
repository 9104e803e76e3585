/**
 * net/packet/af_packet.c fanout_demux_rollover(): a frame whose member of the group is full goes to another one.
 *
 *   room of a member | free of its buffer | frames of it
 *   NORMAL           | more than a quarter, or its ring that much ahead | its own
 *   LOW              | less, but some      | its own, unless the flow has more than half of its latest frames
 *   NONE             | nothing             | another's, from the one that took the last on, if that has room and is not pressed
 */
import { put32 } from '../../lib/bytes.ts'
import { EINVAL, type Errno } from '../../uapi/errno.ts'
import * as P from '../../uapi/linux/if_packet.ts'
import { skb_truesize } from '../core/datagram.ts'
import type { sk_buff } from '../core/skbuff.ts'
import { frame_at, frame_status } from './packet_ring.ts'
import { prb_block_is_kernels } from './packet_ring_v3.ts'
import { type packet_fanout, packet_rollover, type packet_ring, type packet_sock } from './packet_sock.ts'

const ROOM_NONE = 0
const ROOM_LOW = 1
const ROOM_NORMAL = 2
/** A quarter. */
const ROOM_POW_OFF = 2
const HISTORY = 16

/** Whether the place so far ahead (a share of the ring, as a power of two) is the kernel's. */
function ring_has_room(po: packet_sock, ring: packet_ring, pow_off: number): boolean {
  const v3 = po.tp_version === P.TPACKET_V3
  const len = v3 ? ring.block_nr : ring.frame_nr
  const index = (ring.head + (pow_off > 0 ? len >> pow_off : 0)) % len
  return v3 ? prb_block_is_kernels(ring, index) : frame_status(po, ring, frame_at(ring, index)) === P.TP_STATUS_KERNEL
}
function room_of(po: packet_sock, skb: sk_buff | undefined): number {
  const { rx_ring } = po
  if (rx_ring !== undefined) {
    if (ring_has_room(po, rx_ring, ROOM_POW_OFF)) return ROOM_NORMAL
    return ring_has_room(po, rx_ring, 0) ? ROOM_LOW : ROOM_NONE
  }
  const free = po.sk_rcvbuf - po.sk_rmem_alloc - (skb === undefined ? 0 : skb_truesize(skb))
  if (free > po.sk_rcvbuf >> ROOM_POW_OFF) return ROOM_NORMAL
  return free > 0 ? ROOM_LOW : ROOM_NONE
}
/** packet_rcv_has_room(): who has little is pressed, until its program reads or polls. */
function packet_rcv_has_room(po: packet_sock, skb: sk_buff): number {
  const room = room_of(po, skb)
  po.pressure = room !== ROOM_NORMAL
  return room
}
export function packet_rcv_try_clear_pressure(po: packet_sock): void {
  if (po.pressure && room_of(po, undefined) === ROOM_NORMAL) po.pressure = false
}
/** Of the latest flows, one by chance makes room for this. */
function fanout_flow_is_huge(po: packet_sock, { history }: packet_rollover, hash: number): boolean {
  const count = history.filter((seen) => seen === hash).length
  const victim = po.sk_net.kernel.random.below(HISTORY)
  if (history[victim] !== hash) history[victim] = hash
  return count > HISTORY / 2
}

/** Index of the member for a frame that is meant for the one at `at`; `try_self`: if that has no room. */
export function fanout_demux_rollover(f: packet_fanout, skb: sk_buff, at: number, try_self: boolean, hash: number): number {
  const po = f.arr[at]
  po.rollover ??= new packet_rollover(HISTORY)
  const { rollover } = po
  let room = ROOM_NONE
  if (try_self) {
    room = packet_rcv_has_room(po, skb)
    if (room === ROOM_NORMAL || (room === ROOM_LOW && !fanout_flow_is_huge(po, rollover, hash))) return at
  }
  const num = f.arr.length
  const from = Math.min(rollover.sock, num - 1)
  for (let n = 0; n < num; n++) {
    const i = (from + n) % num
    const next = f.arr[i]
    if ((try_self && next === po) || next.pressure || packet_rcv_has_room(next, skb) !== ROOM_NORMAL) continue
    if (i !== from) rollover.sock = i
    rollover.num++
    if (room === ROOM_LOW) rollover.num_huge++
    return i
  }
  rollover.num_failed++
  return at
}

/** PACKET_ROLLOVER_STATS: three numbers of 64 bits. */
export function rollover_stats(po: packet_sock): Uint8Array | Errno {
  const f = po.fanout
  const has = f !== undefined && (f.type === P.PACKET_FANOUT_ROLLOVER || (f.flags & P.PACKET_FANOUT_FLAG_ROLLOVER) !== 0)
  if (!has) return EINVAL
  const b = new Uint8Array(24)
  put32(b, 0, po.rollover?.num ?? 0)
  put32(b, 8, po.rollover?.num_huge ?? 0)
  put32(b, 16, po.rollover?.num_failed ?? 0)
  return b
}

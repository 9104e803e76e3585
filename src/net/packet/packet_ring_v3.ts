/**
 * net/packet/af_packet.c, TPACKET_V3: packets of any length after one another in blocks. A block is the kernel's while it
 * is filled, then the program's until that gives it back.
 *
 *   the open block           | event                     | then
 *   has room                 | a packet                  | it is filled
 *   has no room              | a packet                  | it is closed; the next one is opened, or all is frozen
 *   has packets              | its time is over          | it is closed (TP_STATUS_BLK_TMO); the next one, or frozen
 *   is empty                 | its time is over          | it waits on
 *   frozen, the program's    | a packet                  | the packet is lost
 *   frozen, given back       | a packet, or the timer    | it is opened
 */
import { mod_timer, timer_list } from '../../kernel/time.ts'
import { get32, put16, put32, put64 } from '../../lib/bytes.ts'
import * as P from '../../uapi/linux/if_packet.ts'
import { real_us } from '../core/datagram.ts'
import type { sk_buff } from '../core/skbuff.ts'
import { sk_data_ready } from '../sock.ts'
import type { packet_ring, packet_sock } from './packet_sock.ts'

/** struct tpacket_block_desc */
const BLK_HDR_LEN = 48
const OFFSET_TO_PRIV = 4
const BLOCK_STATUS = 8
const NUM_PKTS = 12
const OFFSET_TO_FIRST_PKT = 16
const BLK_LEN = 20
const SEQ_NUM = 24
const TS_FIRST = 32
const TS_LAST = 40
const TP_FT_REQ_FILL_RXHASH = 1

function align8(n: number): number {
  return (n + 7) & ~7
}
export function block_plus_priv(priv: number): number {
  return BLK_HDR_LEN + align8(priv)
}
export function prb_max_frame(ring: packet_ring): number {
  return ring.block_size - block_plus_priv(ring.sizeof_priv)
}
function block_at(ring: packet_ring): number {
  return ring.head * ring.block_size
}
function put_ts(b: Uint8Array, at: number, us: number): void {
  put32(b, at, Math.floor(us / 1e6))
  put32(b, at + 4, (us % 1e6) * 1000)
}
export function prb_block_is_kernels(ring: packet_ring, index: number): boolean {
  return get32(ring.memory, index * ring.block_size + BLOCK_STATUS) === P.TP_STATUS_KERNEL
}
/** The block before the open one: poll() asks for it. */
export function prb_previous_is_kernels(ring: packet_ring): boolean {
  return prb_block_is_kernels(ring, ring.head === 0 ? ring.block_nr - 1 : ring.head - 1)
}
function in_use(ring: packet_ring): boolean {
  return (get32(ring.memory, block_at(ring) + BLOCK_STATUS) & P.TP_STATUS_USER) !== 0
}

export function prb_open_block(po: packet_sock, ring: packet_ring): void {
  const { memory } = ring
  const at = block_at(ring)
  const first = block_plus_priv(ring.sizeof_priv)
  put32(memory, at, P.TPACKET_V3)
  put32(memory, at + OFFSET_TO_PRIV, BLK_HDR_LEN)
  put32(memory, at + NUM_PKTS, 0)
  put32(memory, at + OFFSET_TO_FIRST_PKT, first)
  put32(memory, at + BLK_LEN, first)
  put64(memory, at + SEQ_NUM, ring.seq++)
  put_ts(memory, at + TS_FIRST, real_us(po.sk_net.kernel, po.sk_net.kernel.now()))
  ring.nxt_offset = first
  ring.prev = -1
  ring.frozen = false
  prb_arm(po, ring)
}
function prb_arm(po: packet_sock, ring: packet_ring): void {
  const { kernel } = po.sk_net
  ring.timer ??= new timer_list(kernel.events, prb_retire_rx_blk_timer_expired, po)
  ring.timed_block = ring.head
  mod_timer(ring.timer, kernel.now() + ring.retire_ns)
}

function prb_close_block(po: packet_sock, ring: packet_ring, status: number): void {
  const { memory } = ring
  const at = block_at(ring)
  if (ring.prev >= 0) put32(memory, at + ring.prev, 0)
  const us = real_us(po.sk_net.kernel, po.sk_net.kernel.now())
  if (ring.prev < 0) put_ts(memory, at + TS_LAST, us)
  else memory.copyWithin(at + TS_LAST, at + ring.prev + 4, at + ring.prev + 12)
  put32(memory, at + BLOCK_STATUS, P.TP_STATUS_USER | status | (po.tp_drops > 0 ? P.TP_STATUS_LOSING : 0))
  ring.head = (ring.head + 1) % ring.block_nr
  sk_data_ready(po)
}
/** False: the next block is still the program's. */
function prb_dispatch_next_block(po: packet_sock, ring: packet_ring): boolean {
  if (in_use(ring)) {
    ring.frozen = true
    po.tp_freeze_q_cnt++
    return false
  }
  prb_open_block(po, ring)
  return true
}

/** Offset in the ring of room for a packet of `length` bytes, which is taken. */
export function prb_room(po: packet_sock, ring: packet_ring, length: number): number | undefined {
  if (ring.frozen) {
    if (in_use(ring)) return undefined
    prb_open_block(po, ring)
  }
  if (ring.nxt_offset + align8(length) >= ring.block_size) {
    prb_close_block(po, ring, 0)
    if (!prb_dispatch_next_block(po, ring)) return undefined
  }
  return block_at(ring) + ring.nxt_offset
}
export interface prb_packet {
  macoff: number
  netoff: number
  snaplen: number
  len: number
  status: number
  us: number
  skb: sk_buff
}
/** struct tpacket3_hdr of the packet at `at`, and the block's count of it. */
export function prb_fill(ring: packet_ring, at: number, p: prb_packet): void {
  const { memory } = ring
  const block = block_at(ring)
  const whole = align8(p.macoff + p.snaplen)
  const tag = p.skb.vlan_present
  const status = p.status | (tag ? P.TP_STATUS_VLAN_VALID | P.TP_STATUS_VLAN_TPID_VALID : 0)
  put32(memory, at, whole)
  put_ts(memory, at + 4, p.us)
  put32(memory, at + 12, p.snaplen)
  put32(memory, at + 16, p.len)
  // of a packet in a block the status is for what it says beside
  put32(memory, at + 20, status)
  put16(memory, at + 24, p.macoff)
  put16(memory, at + 26, p.netoff)
  put32(memory, at + 28, ring.feature_req_word & TP_FT_REQ_FILL_RXHASH ? p.skb.hash : 0)
  put32(memory, at + 32, tag ? p.skb.vlan_tci : 0)
  put16(memory, at + 36, tag ? p.skb.vlan_proto : 0)
  memory.fill(0, at + 38, at + 48)
  put32(memory, block + NUM_PKTS, get32(memory, block + NUM_PKTS) + 1)
  put32(memory, block + BLK_LEN, get32(memory, block + BLK_LEN) + whole)
  ring.prev = at - block
  ring.nxt_offset += whole
}

/** The block's time is over. */
export function prb_retire_rx_blk_timer_expired(po: packet_sock): void {
  const ring = po.rx_ring
  if (ring === undefined) return
  if (ring.timed_block !== ring.head) return prb_arm(po, ring)
  if (ring.frozen) return in_use(ring) ? prb_arm(po, ring) : prb_open_block(po, ring)
  if (get32(ring.memory, block_at(ring) + NUM_PKTS) === 0) return prb_arm(po, ring)
  prb_close_block(po, ring, P.TP_STATUS_BLK_TMO)
  if (!prb_dispatch_next_block(po, ring)) prb_arm(po, ring)
}

/** net/packet/af_packet.c packet_set_ring(), tpacket_rcv(): frames in memory that the program maps (PACKET_RX_RING, PACKET_TX_RING). */
import { NSEC_PER_MSEC, timer_delete } from '../../kernel/time.ts'
import { get32, put16, put32, putBe16 } from '../../lib/bytes.ts'
import { EBUSY, EINVAL, ENOMEM, type Errno, isErrno } from '../../uapi/errno.ts'
import * as P from '../../uapi/linux/if_packet.ts'
import { AF_PACKET, SOCK_DGRAM } from '../../uapi/linux/socket.ts'
import { real_us } from '../core/datagram.ts'
import type { packet_type } from '../core/dev_ptype.ts'
import type { net_device } from '../core/netdevice.ts'
import { kfree_skb, type sk_buff, skb_bytes } from '../core/skbuff.ts'
import { sk_data_ready } from '../sock.ts'
import type { socket } from '../socket.ts'
import { packet_make_hook, register_prot_hook, unregister_prot_hook } from './packet_bind.ts'
import { packet_parse_addr, packet_position, packet_rcv, packet_run_filter, packet_sll_protocol, packet_status } from './packet_rcv.ts'
import { virtio_net_hdr_from_skb } from '../core/virtio_net.ts'
import { packet_ring, type packet_sock, pkt_sk } from './packet_sock.ts'
import { block_plus_priv, prb_fill, prb_max_frame, prb_open_block, prb_room, prb_previous_is_kernels } from './packet_ring_v3.ts'

const PAGE_SIZE = 4096
/** Linux: as much as there is memory. */
const MOST = 1 << 28
const DEFAULT_RETIRE_MS = 8
const SIZEOF_SOCKADDR_LL = 20
/** Offset of tp_status in struct tpacket3_hdr. */
const V3_STATUS = 20

function align16(n: number): number {
  return (n + 15) & ~15
}
/** TPACKET_HDRLEN, TPACKET2_HDRLEN, TPACKET3_HDRLEN */
function tp_hdrlen(po: packet_sock): number {
  return P.TPACKET_HDR_SIZE[po.tp_version] + SIZEOF_SOCKADDR_LL
}

/** struct tpacket_req or tpacket_req3; no blocks: the ring goes. */
export function packet_set_ring(po: packet_sock, optval: Uint8Array, tx: boolean): Errno | undefined {
  const v3 = po.tp_version === P.TPACKET_V3
  if (optval.length < (v3 ? P.tpacket_req3.size : P.tpacket_req.size)) return EINVAL
  const present = tx ? po.tx_ring : po.rx_ring
  if (po.mapped > 0 || (present?.pending.length ?? 0) > 0) return EBUSY
  const req = { block_size: get32(optval, 0), block_nr: get32(optval, 4), frame_size: get32(optval, 8), frame_nr: get32(optval, 12) }
  if (req.block_nr === 0) return req.frame_nr !== 0 ? EINVAL : packet_use_ring(po, undefined, tx)
  if (present !== undefined) return EBUSY
  const priv = v3 ? get32(optval, 20) : 0
  const least = tp_hdrlen(po) + po.tp_reserve
  const per_block = Math.floor(req.block_size / req.frame_size)
  if (req.block_size === 0 || req.block_size > 0x7fffffff || req.block_size % PAGE_SIZE !== 0) return EINVAL
  if (v3 && req.block_size < block_plus_priv(priv) + least) return EINVAL
  if (req.frame_size < least || req.frame_size % P.TPACKET_ALIGNMENT !== 0 || per_block === 0) return EINVAL
  if (per_block * req.block_nr !== req.frame_nr) return EINVAL
  if (req.block_size * req.block_nr > MOST) return ENOMEM
  const tov = v3 ? get32(optval, 16) : 0
  const feature_req_word = v3 ? get32(optval, 24) : 0
  // what is sent has no blocks: a place of a fixed size for each frame
  if (tx && (tov !== 0 || priv !== 0 || feature_req_word !== 0)) return EINVAL
  const retire_ns = v3 ? (tov || DEFAULT_RETIRE_MS) * NSEC_PER_MSEC : 0
  return packet_use_ring(po, new packet_ring(req, { sizeof_priv: priv, feature_req_word, retire_ns }), tx)
}
/** What waits in the queue is lost; from now on frames go the other way. */
export function packet_use_ring(po: packet_sock, ring: packet_ring | undefined, tx: boolean): undefined {
  if (tx) {
    po.tx_ring = ring
    return undefined
  }
  const was_running = po.running
  unregister_prot_hook(po)
  if (po.rx_ring?.timer !== undefined) timer_delete(po.rx_ring.timer)
  po.rx_ring = ring
  po.tp_freeze_q_cnt = 0
  po.prot_hook = packet_make_hook(po, ring === undefined ? packet_rcv : tpacket_rcv, po.prot_hook.type, po.prot_hook.dev)
  po.sk_receive_queue.purge()
  po.sk_rmem_alloc = 0
  if (was_running) register_prot_hook(po)
  if (ring !== undefined && po.tp_version === P.TPACKET_V3) prb_open_block(po, ring)
  return undefined
}

/** mmap(): both rings at once, first what comes in, from the beginning. `share` gives memory that the program has too. */
export function packet_mmap(
  sock: socket,
  length: number,
  offset: number,
  share: (length: number) => Uint8Array | Errno,
): Errno | undefined {
  const po = pkt_sk(sock)
  const rings = [po.rx_ring, po.tx_ring].filter((ring) => ring !== undefined)
  const whole = rings.reduce((sum, ring) => sum + ring.memory.length, 0)
  if (offset !== 0 || whole === 0 || length !== whole) return EINVAL
  const memory = share(length)
  if (isErrno(memory)) return memory
  let at = 0
  for (const ring of rings) {
    memory.set(ring.memory, at)
    ring.memory = memory.subarray(at, at + ring.memory.length)
    at += ring.memory.length
  }
  po.mapped++
  return undefined
}
/** packet_poll(): something in the ring waits for the program. */
export function packet_ring_readable(po: packet_sock): boolean {
  const { rx_ring: ring } = po
  if (ring === undefined) return false
  if (po.tp_version === P.TPACKET_V3) return !prb_previous_is_kernels(ring)
  const previous = ring.head === 0 ? ring.frame_nr - 1 : ring.head - 1
  return frame_status(po, ring, frame_at(ring, previous)) !== P.TP_STATUS_KERNEL
}

export function frame_at(ring: packet_ring, index: number): number {
  const per_block = Math.floor(ring.block_size / ring.frame_size)
  return Math.floor(index / per_block) * ring.block_size + (index % per_block) * ring.frame_size
}
/** Of the first version 64 bits, of which the low ones count; in the third it has a place of its own. */
function status_at(po: packet_sock, at: number): number {
  return po.tp_version === P.TPACKET_V3 ? at + V3_STATUS : at
}
export function frame_status(po: packet_sock, ring: packet_ring, at: number): number {
  return get32(ring.memory, status_at(po, at))
}
export function set_frame_status(po: packet_sock, ring: packet_ring, at: number, status: number): void {
  put32(ring.memory, status_at(po, at), status)
}

/** Where a frame goes in its place of the ring, and how much of it. */
interface layout {
  macoff: number
  netoff: number
  snaplen: number
  vnet: number
}
function layout_of(po: packet_sock, ring: packet_ring, skb: sk_buff, keep: number): layout | undefined {
  const hdrlen = tp_hdrlen(po)
  let vnet = 0
  let netoff = align16(hdrlen) + 16 + po.tp_reserve
  let macoff = netoff
  if (po.sk_type !== SOCK_DGRAM) {
    const maclen = skb.network_header - skb.data
    vnet = po.vnet_hdr_sz
    netoff = align16(hdrlen + Math.max(maclen, 16)) + po.tp_reserve + vnet
    macoff = netoff - maclen
  }
  if (netoff > 0xffff) return undefined
  const room = po.tp_version === P.TPACKET_V3 ? prb_max_frame(ring) : ring.frame_size
  let snaplen = keep
  if (macoff + snaplen > room) {
    snaplen = room - macoff
    if (snaplen < 0) {
      snaplen = 0
      vnet = 0
      if (po.tp_version === P.TPACKET_V3) macoff = room
    }
  }
  return { macoff, netoff, snaplen, vnet }
}

/** The packet type of a socket with a ring. */
export function tpacket_rcv(skb: sk_buff, dev: net_device, pt: packet_type, orig_dev: net_device): number {
  const po = pt.af_packet_priv as packet_sock
  const ring = po.rx_ring as packet_ring
  const keep = packet_position(po, skb, dev) ? packet_run_filter(po, skb) : 0
  if (keep > 0) {
    const where = layout_of(po, ring, skb, keep)
    const at = where === undefined ? undefined : place_for(po, ring, where.macoff + where.snaplen)
    if (where === undefined || at === undefined) {
      po.tp_drops++
      if (where !== undefined) po.sk_drops++
    } else {
      po.tp_packets++
      fill(po, ring, at, where, skb, po.origdev ? orig_dev : dev, dev)
    }
  }
  kfree_skb(skb)
  return 0
}
/** packet_current_rx_frame(): offset in the ring; undefined: the program has not caught up. */
function place_for(po: packet_sock, ring: packet_ring, length: number): number | undefined {
  if (po.tp_version === P.TPACKET_V3) return prb_room(po, ring, length)
  const at = frame_at(ring, ring.head)
  if (frame_status(po, ring, at) !== P.TP_STATUS_KERNEL) return undefined
  ring.head = (ring.head + 1) % ring.frame_nr
  return at
}
function fill(po: packet_sock, ring: packet_ring, at: number, where: layout, skb: sk_buff, told: net_device, dev: net_device): void {
  const { memory } = ring
  const { macoff, netoff, snaplen, vnet } = where
  if (vnet > 0) {
    const header = virtio_net_hdr_from_skb(skb, vnet)
    if (!isErrno(header)) memory.set(header, at + macoff - vnet)
  }
  memory.set(skb_bytes(skb).subarray(0, snaplen), at + macoff)
  const sll = {
    sll_family: AF_PACKET,
    sll_protocol: packet_sll_protocol(po, skb),
    sll_ifindex: told.ifindex,
    sll_hatype: dev.type,
    sll_pkttype: skb.pkt_type,
  }
  const addr = packet_parse_addr(skb, dev)
  memory.set(P.sockaddr_ll.encode({ ...sll, sll_halen: addr.length, sll_addr: addr }), at + align16(P.TPACKET_HDR_SIZE[po.tp_version]))
  let status = P.TP_STATUS_USER | packet_status(skb, skb.pkt_type)
  const us = real_us(po.sk_net.kernel, skb.tstamp || po.sk_net.kernel.now())
  if (po.tp_version === P.TPACKET_V3) {
    prb_fill(ring, at, { macoff, netoff, snaplen, len: skb.len, status, us, skb })
    return
  }
  if (po.tp_drops > 0) status |= P.TP_STATUS_LOSING
  if (po.tp_version === P.TPACKET_V1) frame_v1(memory, at, skb, where, us)
  else status |= frame_v2(memory, at, skb, where, us)
  set_frame_status(po, ring, at, status)
  sk_data_ready(po)
}
/** struct tpacket_hdr, behind its status of 64 bits. */
function frame_v1(b: Uint8Array, at: number, skb: sk_buff, where: layout, us: number): void {
  put32(b, at + 8, skb.len)
  put32(b, at + 12, where.snaplen)
  put16(b, at + 16, where.macoff)
  put16(b, at + 18, where.netoff)
  put32(b, at + 20, Math.floor(us / 1e6))
  put32(b, at + 24, us % 1e6)
}
/** struct tpacket2_hdr: with nanoseconds and the VLAN tag. */
function frame_v2(b: Uint8Array, at: number, skb: sk_buff, where: layout, us: number): number {
  put32(b, at + 4, skb.len)
  put32(b, at + 8, where.snaplen)
  put16(b, at + 12, where.macoff)
  put16(b, at + 14, where.netoff)
  put32(b, at + 16, Math.floor(us / 1e6))
  put32(b, at + 20, (us % 1e6) * 1000)
  put16(b, at + 24, skb.vlan_present ? skb.vlan_tci : 0)
  put16(b, at + 26, skb.vlan_present ? skb.vlan_proto : 0)
  putBe16(b, at + 28, 0)
  putBe16(b, at + 30, 0)
  return skb.vlan_present ? P.TP_STATUS_VLAN_VALID | P.TP_STATUS_VLAN_TPID_VALID : 0
}

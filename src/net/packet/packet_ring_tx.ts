/**
 * net/packet/af_packet.c tpacket_snd(): frames that the program has put into memory that it shares (PACKET_TX_RING).
 *
 *   status of a frame | event                                   | then
 *   AVAILABLE         | the program has filled it               | SEND_REQUEST
 *   SEND_REQUEST      | send(): it can be sent                  | SENDING
 *   SEND_REQUEST      | send(): it cannot, with PACKET_LOSS     | AVAILABLE, and the next one's turn
 *   SEND_REQUEST      | send(): it cannot                       | WRONG_FORMAT, and the call fails
 *   SEND_REQUEST      | send(): too much is on its way          | it stays
 *   SENDING           | the packet is gone                      | AVAILABLE
 */
import { KERN_ERR } from '../../kernel/printk.ts'
import type { task_struct } from '../../kernel/task.ts'
import { get16, get32, getS32 } from '../../lib/bytes.ts'
import type { SendMessage } from '../../syscalls/types.ts'
import { EAGAIN, EINVAL, EMSGSIZE, type Errno, errnoOf, isErrno } from '../../uapi/errno.ts'
import * as P from '../../uapi/linux/if_packet.ts'
import { MSG_DONTWAIT, SOCK_DGRAM, SOCK_RAW } from '../../uapi/linux/socket.ts'
import { sock_wfree } from '../core/datagram.ts'
import type { net_device } from '../core/netdevice.ts'
import type { sk_buff } from '../core/skbuff.ts'
import { sk_write_space } from '../sock.ts'
import { frame_at, frame_status, set_frame_status } from './packet_ring.ts'
import { packet_fill_skb, packet_ready, type packet_send, packet_xmit, VLAN_HLEN } from './packet_snd.ts'
import type { packet_ring, packet_sock } from './packet_sock.ts'
import { virtio_net_hdr_parse } from '../core/virtio_net.ts'

/** Offsets in struct tpacket_hdr, tpacket2_hdr and tpacket3_hdr. */
const FIELDS = [
  { len: 8, mac: 16, net: 18 },
  { len: 4, mac: 12, net: 14 },
  { len: 16, mac: 24, net: 26 },
] as const

const MAX_ERRNO = 4095

/** packet_poll(): the next frame is the program's to fill. */
export function packet_tx_room(po: packet_sock, ring: packet_ring): boolean {
  return frame_status(po, ring, frame_at(ring, ring.head)) === P.TP_STATUS_AVAILABLE
}

/**
 * All frames that are asked for. Whoever may wait does so until all are gone, and hears then how much it was: EAGAIN means
 * that the call is to be made again when the socket has room.
 */
export function tpacket_snd(po: packet_sock, ring: packet_ring, message: SendMessage, task: task_struct): number | Errno {
  const ready = packet_ready(po, message, task)
  if (isErrno(ready)) return ready
  const most = size_max(po, ring, ready.dev)
  for (;;) {
    const at = frame_at(ring, ring.head)
    if (frame_status(po, ring, at) !== P.TP_STATUS_SEND_REQUEST) break
    const data = tpacket_parse_header(po, ring, at, most)
    const skb = isErrno(data) ? data : fill(po, ready, data)
    if (skb === EAGAIN) return partial(ring, EAGAIN)
    if (isErrno(skb)) {
      set_frame_status(po, ring, at, po.tp_loss ? P.TP_STATUS_AVAILABLE : P.TP_STATUS_WRONG_FORMAT)
      if (!po.tp_loss) return partial(ring, skb, true)
      next_frame(ring)
      continue
    }
    set_frame_status(po, ring, at, P.TP_STATUS_SENDING)
    ring.pending.push({ skb, at })
    skb.destructor = tpacket_destruct_skb
    const length = (data as Uint8Array).length - po.vnet_hdr_sz
    const error = packet_xmit(po, skb)
    if (isErrno(error) && frame_status(po, ring, at) === P.TP_STATUS_AVAILABLE) {
      set_frame_status(po, ring, at, P.TP_STATUS_SEND_REQUEST)
      return partial(ring, error, true)
    }
    next_frame(ring)
    ring.len_sum += length
  }
  ring.waits = ring.pending.length > 0 && !(message.flags & MSG_DONTWAIT)
  return ring.waits ? EAGAIN : total(ring)
}
function next_frame(ring: packet_ring): void {
  ring.head = (ring.head + 1) % ring.frame_nr
}
function total(ring: packet_ring): number {
  const sum = ring.len_sum
  ring.len_sum = 0
  ring.waits = false
  return sum
}
/** An error in the midst; of a socket that is full, what has gone so far. */
function partial(ring: packet_ring, error: Errno, fatal = false): number | Errno {
  const sum = total(ring)
  return sum > 0 && !fatal ? sum : error
}

function size_max(po: packet_sock, ring: packet_ring, dev: net_device): number {
  const room = ring.frame_size - P.TPACKET_HDR_SIZE[po.tp_version]
  const reserve = po.sk_type === SOCK_RAW ? dev.hard_header_len : 0
  return po.vnet_hdr_sz > 0 ? room : Math.min(room, dev.mtu + reserve + VLAN_HLEN)
}
/** The bytes of a frame; they begin behind the header, or (PACKET_TX_HAS_OFF) where that says. */
function tpacket_parse_header(po: packet_sock, ring: packet_ring, at: number, most: number): Uint8Array | Errno {
  const { memory } = ring
  const fields = FIELDS[po.tp_version]
  if (po.tp_version === P.TPACKET_V3 && get32(memory, at) !== 0) return EINVAL
  const length = getS32(memory, at + fields.len)
  if (length > most) {
    po.sk_net.kernel.printk(KERN_ERR, `tpacket_snd: packet size is too long (${length} > ${most})`)
    return EMSGSIZE
  }
  // what is not a length is taken for the error that it looks like
  if (length < 0) return length > -MAX_ERRNO ? errnoOf(-length) : EINVAL
  const header = P.TPACKET_HDR_SIZE[po.tp_version]
  const offset = po.tx_has_off ? get16(memory, at + (po.sk_type === SOCK_DGRAM ? fields.net : fields.mac)) : header
  if (offset < header || offset > ring.frame_size - length) return EINVAL
  return memory.subarray(at + offset, at + offset + length)
}
function fill(po: packet_sock, { dev, target, cookie }: packet_send, data: Uint8Array): sk_buff | Errno {
  const vnet = po.vnet_hdr_sz > 0 ? virtio_net_hdr_parse(data, po.vnet_hdr_sz) : undefined
  return isErrno(vnet) ? vnet : packet_fill_skb(po, dev, target, data.subarray(po.vnet_hdr_sz), cookie, vnet)
}

/** The packet is gone: its frame is the program's again, and who waited for the last one is told. */
export function tpacket_destruct_skb(skb: sk_buff): void {
  const po = skb.sk as packet_sock
  const ring = po.tx_ring
  const sent = ring?.pending.findIndex((frame) => frame.skb === skb) ?? -1
  if (ring !== undefined && sent >= 0) {
    set_frame_status(po, ring, ring.pending[sent].at, P.TP_STATUS_AVAILABLE)
    ring.pending.splice(sent, 1)
    if (ring.pending.length === 0 && ring.waits) {
      ring.waits = false
      sk_write_space(po)
    }
  }
  sock_wfree(skb)
}

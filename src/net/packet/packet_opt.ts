/** net/packet/af_packet.c packet_setsockopt(), packet_getsockopt(): options of SOL_PACKET. */
import type { task_struct } from '../../kernel/task.ts'
import { get32, getS32, put32 } from '../../lib/bytes.ts'
import type { UserMemory } from '../../syscalls/types.ts'
import { EBUSY, EINVAL, ENOPROTOOPT, type Errno, isErrno } from '../../uapi/errno.ts'
import * as P from '../../uapi/linux/if_packet.ts'
import { SOCK_RAW } from '../../uapi/linux/socket.ts'
import type { socket } from '../socket.ts'
import { fanout_add, fanout_set_data, fanout_value } from './packet_fanout.ts'
import { rollover_stats } from './packet_rollover.ts'
import { packet_mc_add, packet_mc_drop } from './packet_mc.ts'
import { packet_set_ring } from './packet_ring.ts'
import { type packet_sock, pkt_sk } from './packet_sock.ts'
import { VIRTIO_NET_HDR_MRG_SIZE, VIRTIO_NET_HDR_SIZE } from '../core/virtio_net.ts'

function has_ring(po: packet_sock): boolean {
  return po.rx_ring !== undefined || po.tx_ring !== undefined
}

export function packet_setsockopt(
  sock: socket,
  level: number,
  optname: number,
  optval: Uint8Array,
  _task: task_struct,
  memory?: UserMemory,
): Errno | undefined {
  const po = pkt_sk(sock)
  if (level !== P.SOL_PACKET) return ENOPROTOOPT
  switch (optname) {
    case P.PACKET_ADD_MEMBERSHIP:
      return packet_mc_add(po, optval)
    case P.PACKET_DROP_MEMBERSHIP:
      return packet_mc_drop(po, optval)
    case P.PACKET_RX_RING:
    case P.PACKET_TX_RING:
      return packet_set_ring(po, optval, optname === P.PACKET_TX_RING)
    case P.PACKET_FANOUT:
      return fanout_add(po, optval)
    case P.PACKET_FANOUT_DATA:
      return fanout_set_data(po, optval, memory)
    case P.PACKET_VNET_HDR:
    case P.PACKET_VNET_HDR_SZ:
      return set_vnet_hdr(po, optname, optval)
    case P.PACKET_AUXDATA:
    case P.PACKET_ORIGDEV: {
      if (optval.length < 4) return EINVAL
      const on = get32(optval, 0) !== 0
      if (optname === P.PACKET_AUXDATA) po.auxdata = on
      else po.origdev = on
      return undefined
    }
    default:
      return set_number(po, optname, optval)
  }
}

/** The header's size: the basic one, or (PACKET_VNET_HDR_SZ) that with a count of buffers. */
function set_vnet_hdr(po: packet_sock, optname: number, optval: Uint8Array): Errno | undefined {
  if (po.sk_type !== SOCK_RAW || optval.length < 4) return EINVAL
  const value = getS32(optval, 0)
  let size = value === 0 ? 0 : VIRTIO_NET_HDR_SIZE
  if (optname === P.PACKET_VNET_HDR_SZ) {
    if (value !== 0 && value !== VIRTIO_NET_HDR_SIZE && value !== VIRTIO_NET_HDR_MRG_SIZE) return EINVAL
    size = value
  }
  if (has_ring(po)) return EBUSY
  po.vnet_hdr_sz = size
  return undefined
}

const numbers: ReadonlySet<number> = new Set([
  P.PACKET_COPY_THRESH,
  P.PACKET_VERSION,
  P.PACKET_RESERVE,
  P.PACKET_LOSS,
  P.PACKET_TIMESTAMP,
  P.PACKET_IGNORE_OUTGOING,
  P.PACKET_TX_HAS_OFF,
  P.PACKET_QDISC_BYPASS,
])
function set_number(po: packet_sock, optname: number, optval: Uint8Array): Errno | undefined {
  if (!numbers.has(optname)) return ENOPROTOOPT
  if (optval.length !== 4) return EINVAL
  const value = getS32(optval, 0)
  switch (optname) {
    case P.PACKET_COPY_THRESH:
      po.copy_thresh = value
      return undefined
    case P.PACKET_VERSION:
      if (value !== P.TPACKET_V1 && value !== P.TPACKET_V2 && value !== P.TPACKET_V3) return EINVAL
      if (has_ring(po)) return EBUSY
      po.tp_version = value
      return undefined
    case P.PACKET_RESERVE:
      if (value < 0) return EINVAL
      if (has_ring(po)) return EBUSY
      po.tp_reserve = value
      return undefined
    case P.PACKET_LOSS:
      if (has_ring(po)) return EBUSY
      po.tp_loss = value !== 0
      return undefined
    case P.PACKET_TIMESTAMP:
      po.tp_tstamp = value
      return undefined
    case P.PACKET_IGNORE_OUTGOING:
      if (value < 0 || value > 1) return EINVAL
      po.ignore_outgoing = value === 1
      po.prot_hook.ignore_outgoing = po.ignore_outgoing
      return undefined
    case P.PACKET_TX_HAS_OFF:
      if (!has_ring(po)) po.tx_has_off = value !== 0
      return undefined
    default:
      po.qdisc_bypass = value !== 0
      return undefined
  }
}

/** `input`: what the program has put where the answer goes. */
export function packet_getsockopt(
  sock: socket,
  level: number,
  optname: number,
  optlen: number,
  _task: task_struct,
  input?: () => Uint8Array | Errno,
): Uint8Array | Errno {
  const po = pkt_sk(sock)
  if (level !== P.SOL_PACKET) return ENOPROTOOPT
  if (optlen < 0) return EINVAL
  if (optname === P.PACKET_STATISTICS) return statistics(po).subarray(0, optlen)
  if (optname === P.PACKET_ROLLOVER_STATS) {
    const stats = rollover_stats(po)
    return isErrno(stats) ? stats : stats.subarray(0, optlen)
  }
  const value = optname === P.PACKET_HDRLEN ? header_length(optlen, input) : number_of(po, optname)
  if (value === undefined) return ENOPROTOOPT
  if (isErrno(value)) return value
  const answer = new Uint8Array(4)
  put32(answer, 0, value)
  return answer.subarray(0, optlen)
}
/** The version is in the program's buffer. */
function header_length(optlen: number, input: (() => Uint8Array | Errno) | undefined): number | Errno {
  if (optlen < 4) return EINVAL
  const version = input?.() ?? EINVAL
  if (isErrno(version)) return version
  return P.TPACKET_HDR_SIZE[getS32(version, 0)] ?? EINVAL
}
function number_of(po: packet_sock, optname: number): number | undefined {
  switch (optname) {
    case P.PACKET_AUXDATA:
      return Number(po.auxdata)
    case P.PACKET_ORIGDEV:
      return Number(po.origdev)
    case P.PACKET_VNET_HDR:
      return Number(po.vnet_hdr_sz > 0)
    case P.PACKET_VNET_HDR_SZ:
      return po.vnet_hdr_sz
    case P.PACKET_COPY_THRESH:
      return po.copy_thresh
    case P.PACKET_VERSION:
      return po.tp_version
    case P.PACKET_RESERVE:
      return po.tp_reserve
    case P.PACKET_LOSS:
      return Number(po.tp_loss)
    case P.PACKET_TIMESTAMP:
      return po.tp_tstamp
    case P.PACKET_FANOUT:
      return fanout_value(po.fanout)
    case P.PACKET_IGNORE_OUTGOING:
      return Number(po.ignore_outgoing)
    case P.PACKET_TX_HAS_OFF:
      return Number(po.tx_has_off)
    case P.PACKET_QDISC_BYPASS:
      return Number(po.qdisc_bypass)
    default:
      return undefined
  }
}
/** struct tpacket_stats: what came and what was lost since the last time that somebody asked. */
function statistics(po: packet_sock): Uint8Array {
  const b = new Uint8Array(po.tp_version === P.TPACKET_V3 ? 12 : 8)
  put32(b, 0, po.tp_packets + po.tp_drops)
  put32(b, 4, po.tp_drops)
  if (b.length === 12) put32(b, 8, po.tp_freeze_q_cnt)
  po.tp_packets = 0
  po.tp_drops = 0
  po.tp_freeze_q_cnt = 0
  return b
}

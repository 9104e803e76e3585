/** net/packet/diag.c: packet sockets, as `ss -0` asks for them. */
import { get32, put16, put32, putBig64 } from '../../lib/bytes.ts'
import type { MessageBuilder } from '../../lib/message.ts'
import { EINVAL, EOPNOTSUPP, type Errno } from '../../uapi/errno.ts'
import * as P from '../../uapi/linux/if_packet.ts'
import { NLM_F_DUMP, NLM_F_MULTI, nlmsghdr } from '../../uapi/linux/netlink.ts'
import { SOCK_DIAG_BY_FAMILY } from '../../uapi/linux/sock_diag.ts'
import { AF_PACKET } from '../../uapi/linux/socket.ts'
import { diag_put_u32, sock_diag_put_meminfo, type sock_diag_handler } from '../core/sock_diag.ts'
import { netlink_dump_start } from '../netlink/af_netlink.ts'
import type { netlink_callback, Request } from '../netlink/types.ts'
import { sock_i_ino } from '../sock.ts'
import { sock_gen_cookie } from '../sockopt_get.ts'
import { fanout_value } from './packet_fanout.ts'
import { netns_packet_of, type packet_ring, type packet_sock } from './packet_sock.ts'

/** struct packet_diag_req { family, protocol, pad; u32 ino, show; cookie } */
const REQ_SIZE = 20
const MSG_SIZE = 16
// pdi_flags
const PDI = { RUNNING: 1, AUXDATA: 2, ORIGDEV: 4, VNETHDR: 8, LOSS: 16 } as const

function put_info(skb: MessageBuilder, po: packet_sock): void {
  const at = skb.reserve(P.PACKET_DIAG_INFO, 28)
  if (at < 0) return
  const flags =
    (po.running ? PDI.RUNNING : 0) |
    (po.auxdata ? PDI.AUXDATA : 0) |
    (po.origdev ? PDI.ORIGDEV : 0) |
    (po.vnet_hdr_sz > 0 ? PDI.VNETHDR : 0) |
    (po.tp_loss ? PDI.LOSS : 0)
  for (const [i, value] of [po.ifindex, po.tp_version, po.tp_reserve, po.copy_thresh, po.tp_tstamp, flags].entries()) {
    put32(skb.buf, at + i * 4, value)
  }
}
/** struct packet_diag_mclist each. */
function put_mclist(skb: MessageBuilder, po: packet_sock): void {
  const size = 48
  const at = skb.reserve(P.PACKET_DIAG_MCLIST, po.mclist.length * size)
  if (at < 0) return
  for (const [i, m] of po.mclist.entries()) {
    const o = at + i * size
    put32(skb.buf, o, m.ifindex)
    put32(skb.buf, o + 4, m.count)
    put16(skb.buf, o + 8, m.type)
    put16(skb.buf, o + 10, m.alen)
    skb.buf.set(m.addr.subarray(0, m.alen), o + 12)
  }
}
/** struct packet_diag_ring */
function put_ring(skb: MessageBuilder, nr: number, po: packet_sock, ring: packet_ring | undefined): void {
  if (ring === undefined) return
  const at = skb.reserve(nr, 28)
  if (at < 0) return
  const v3 = po.tp_version === P.TPACKET_V3
  const retire = v3 ? ring.retire_ns / 1e6 : 0
  const values = [ring.block_size, ring.block_nr, ring.frame_size, ring.frame_nr, retire, ring.sizeof_priv, ring.feature_req_word]
  for (const [i, value] of values.entries()) put32(skb.buf, at + i * 4, value)
}

function sk_diag_fill(skb: MessageBuilder, cb: netlink_callback, po: packet_sock, show: number): boolean {
  skb.begin(SOCK_DIAG_BY_FAMILY, NLM_F_MULTI, cb.seq, cb.portid)
  const o = skb.room(MSG_SIZE)
  if (o >= 0) {
    skb.buf[o] = AF_PACKET
    skb.buf[o + 1] = po.sk_type
    put16(skb.buf, o + 2, po.num)
    put32(skb.buf, o + 4, sock_i_ino(po))
    putBig64(skb.buf, o + 8, sock_gen_cookie(po))
  }
  if (show & P.PACKET_SHOW_INFO) {
    put_info(skb, po)
    diag_put_u32(skb, P.PACKET_DIAG_UID, po.sk_uid)
  }
  if (show & P.PACKET_SHOW_MCLIST) put_mclist(skb, po)
  if (show & P.PACKET_SHOW_RING_CFG) {
    put_ring(skb, P.PACKET_DIAG_RX_RING, po, po.rx_ring)
    put_ring(skb, P.PACKET_DIAG_TX_RING, po, po.tx_ring)
  }
  if (show & P.PACKET_SHOW_FANOUT && po.fanout !== undefined) diag_put_u32(skb, P.PACKET_DIAG_FANOUT, fanout_value(po.fanout))
  if (show & P.PACKET_SHOW_MEMINFO) sock_diag_put_meminfo(skb, po, P.PACKET_DIAG_MEMINFO)
  if (show & P.PACKET_SHOW_FILTER) put_filter(skb, po)
  return skb.end()
}
function put_filter(skb: MessageBuilder, po: packet_sock): void {
  const { sk_filter: f } = po
  const at = skb.reserve(P.PACKET_DIAG_FILTER, (f?.code.length ?? 0) * 8)
  if (at < 0 || f === undefined) return
  for (let i = 0; i < f.code.length; i++) {
    put16(skb.buf, at + i * 8, f.code[i])
    skb.buf[at + i * 8 + 2] = f.jt[i]
    skb.buf[at + i * 8 + 3] = f.jf[i]
    put32(skb.buf, at + i * 8 + 4, f.k[i])
  }
}

export function packet_diag_dump(skb: MessageBuilder, cb: netlink_callback): Errno | true | undefined {
  const show = get32(cb.request, nlmsghdr.size + 8)
  const { sklist } = netns_packet_of(cb.net)
  for (; cb.args[0] < sklist.length; cb.args[0]++) if (!sk_diag_fill(skb, cb, sklist[cb.args[0]], show)) return true
  return undefined
}
export function packet_diag_handler_dump(req: Request): Errno | undefined {
  if (req.buf.length < nlmsghdr.size + REQ_SIZE) return EINVAL
  if (req.buf[nlmsghdr.size + 1] !== 0) return EINVAL
  return (req.flags & NLM_F_DUMP) === 0 ? EOPNOTSUPP : netlink_dump_start(req, packet_diag_dump)
}
export const packet_diag_handler: sock_diag_handler = { family: AF_PACKET, dump: packet_diag_handler_dump }

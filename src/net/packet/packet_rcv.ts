/** net/packet/af_packet.c packet_rcv(), packet_recvmsg(): frames into sockets, and out of them to programs. */
import { put16, put32, putBe16, putString } from '../../lib/bytes.ts'
import type { ReceivedMessage, ReceiveRequest } from '../../syscalls/types.ts'
import { EINVAL, type Errno, isErrno } from '../../uapi/errno.ts'
import * as P from '../../uapi/linux/if_packet.ts'
import { ETH_P_8021AD, ETH_P_8021Q } from '../../uapi/linux/if_ether.ts'
import { AF_PACKET, MSG_DONTWAIT, MSG_ERRQUEUE, MSG_PEEK, MSG_TRUNC, SOCK_DGRAM, SOCK_PACKET } from '../../uapi/linux/socket.ts'
import { received, skb_recv_datagram, skb_truesize, sock_recv_cmsgs, sock_recv_errqueue } from '../core/datagram.ts'
import type { packet_type } from '../core/dev_ptype.ts'
import type { net_device } from '../core/netdevice.ts'
import {
  CHECKSUM_PARTIAL,
  CHECKSUM_UNNECESSARY,
  kfree_skb,
  PACKET_LOOPBACK,
  PACKET_OUTGOING,
  type sk_buff,
  SKB_GSO_TCPV4,
  SKB_GSO_TCPV6,
  skb_bytes,
  skb_pull,
} from '../core/skbuff.ts'
import type { socket } from '../socket.ts'
import { sk_data_ready } from '../sock.ts'
import { put_cmsg } from '../sockopt_cmsg.ts'
import { sk_filter_run } from '../sockopt_filter.ts'
import { type packet_skb_cb, type packet_sock, pkt_sk } from './packet_sock.ts'
import { packet_rcv_try_clear_pressure } from './packet_rollover.ts'
import { virtio_net_hdr_from_skb } from '../core/virtio_net.ts'

/** From the link's header on, or without it; false: not this socket's. */
export function packet_position(po: packet_sock, skb: sk_buff, dev: net_device): boolean {
  if (skb.pkt_type === PACKET_LOOPBACK || dev.nd_net !== po.sk_net) return false
  skb.dev = dev
  if (dev.header_ops?.create === undefined) return true
  if (po.sk_type !== SOCK_DGRAM) {
    if (skb.mac_header >= 0) skb.data = skb.mac_header
  } else if (skb.pkt_type === PACKET_OUTGOING) {
    skb_pull(skb, skb.network_header - skb.data)
  }
  return true
}
/** Bytes that the socket's filter lets through; 0: none. */
export function packet_run_filter(po: packet_sock, skb: sk_buff): number {
  return po.sk_filter === undefined ? skb.len : Math.min(skb.len, sk_filter_run(po.sk_filter, skb_bytes(skb), skb.protocol, skb))
}
export function packet_parse_addr(skb: sk_buff, dev: net_device): Uint8Array {
  return dev.header_ops?.parse?.(skb) ?? new Uint8Array(0)
}

/** The packet type of a socket without a ring. */
export function packet_rcv(skb: sk_buff, dev: net_device, pt: packet_type, orig_dev: net_device): number {
  const po = pt.af_packet_priv as packet_sock
  const keep = packet_position(po, skb, dev) ? packet_run_filter(po, skb) : 0
  if (keep === 0) {
    kfree_skb(skb)
    return 0
  }
  if (po.sk_rmem_alloc >= po.sk_rcvbuf) {
    po.tp_drops++
    po.sk_drops++
    kfree_skb(skb)
    return 0
  }
  const cb: packet_skb_cb = {
    ifindex: (po.origdev ? orig_dev : dev).ifindex,
    hatype: dev.type,
    pkttype: skb.pkt_type,
    addr: packet_parse_addr(skb, dev),
    origlen: skb.len,
    dropcount: po.sk_drops,
    name: dev.name,
  }
  if (keep < skb.len) skb.tail = skb.data + keep
  skb.cb = cb
  if (skb.tstamp === 0) skb.tstamp = po.sk_net.kernel.now()
  skb.dev = undefined
  skb.dst = undefined
  po.tp_packets++
  po.sk_rmem_alloc += skb_truesize(skb)
  po.sk_receive_queue.push(skb)
  sk_data_ready(po)
  return 0
}

/** SOCK_DGRAM hides a VLAN tag in the bytes: the protocol is that behind it. */
export function packet_sll_protocol(po: packet_sock, skb: sk_buff): number {
  const at = skb.network_header
  const tagged = skb.protocol === ETH_P_8021Q || skb.protocol === ETH_P_8021AD
  if (po.sk_type !== SOCK_DGRAM || !tagged || at + 4 > skb.tail) return skb.protocol
  return (skb.buf[at + 2] << 8) | skb.buf[at + 3]
}
function sll_name(po: packet_sock, skb: sk_buff, cb: packet_skb_cb): Uint8Array {
  return P.sockaddr_ll.encode({
    sll_family: AF_PACKET,
    sll_protocol: packet_sll_protocol(po, skb),
    sll_ifindex: cb.ifindex,
    sll_hatype: cb.hatype,
    sll_pkttype: cb.pkttype,
    sll_halen: cb.addr.length,
    sll_addr: cb.addr,
  })
}
/** struct sockaddr_pkt */
function pkt_name(skb: sk_buff, cb: packet_skb_cb): Uint8Array {
  const b = new Uint8Array(P.SOCKADDR_PKT_SIZE)
  put16(b, 0, cb.hatype)
  putString(b, 2, cb.name.slice(0, 13))
  putBe16(b, 16, skb.protocol)
  return b
}

const RECV_FLAGS = MSG_PEEK | MSG_DONTWAIT | MSG_TRUNC | MSG_ERRQUEUE
export function packet_recvmsg(sock: socket, request: ReceiveRequest): ReceivedMessage | Errno {
  const po = pkt_sk(sock)
  if (request.flags & ~RECV_FLAGS) return EINVAL
  if (request.flags & MSG_ERRQUEUE) return sock_recv_errqueue(po, request)
  const skb = skb_recv_datagram(po, request.flags)
  if (isErrno(skb)) return skb
  packet_rcv_try_clear_pressure(po)
  const cb = skb.cb as packet_skb_cb
  const name = po.sk_type === SOCK_PACKET ? pkt_name(skb, cb) : sll_name(po, skb, cb)
  const data = po.vnet_hdr_sz > 0 ? with_vnet(po, skb) : skb_bytes(skb)
  if (isErrno(data) || request.size < po.vnet_hdr_sz) return EINVAL
  const message = received(request, data, name)
  sock_recv_cmsgs(po, skb, cb.dropcount, message, request)
  if (po.auxdata) put_cmsg(message, request, P.SOL_PACKET, P.PACKET_AUXDATA, auxdata(po, skb, cb))
  return message
}
function with_vnet(po: packet_sock, skb: sk_buff): Uint8Array | Errno {
  const header = virtio_net_hdr_from_skb(skb, po.vnet_hdr_sz)
  if (isErrno(header)) return header
  const data = new Uint8Array(header.length + skb.len)
  data.set(header)
  data.set(skb_bytes(skb), header.length)
  return data
}

/** What tp_status says of checksums and segments. */
export function packet_status(skb: sk_buff, pkttype: number): number {
  let status = 0
  if (skb.ip_summed === CHECKSUM_PARTIAL) status |= P.TP_STATUS_CSUMNOTREADY
  else if (pkttype !== PACKET_OUTGOING && skb.ip_summed === CHECKSUM_UNNECESSARY) status |= P.TP_STATUS_CSUM_VALID
  if (skb.gso_size > 0 && skb.gso_type & (SKB_GSO_TCPV4 | SKB_GSO_TCPV6)) status |= P.TP_STATUS_GSO_TCP
  return status
}
function auxdata(po: packet_sock, skb: sk_buff, cb: packet_skb_cb): Uint8Array {
  let tp_status = P.TP_STATUS_USER | packet_status(skb, cb.pkttype)
  let [tci, tpid] = [0, 0]
  const tagged = skb.protocol === ETH_P_8021Q || skb.protocol === ETH_P_8021AD
  if (skb.vlan_present) [tci, tpid] = [skb.vlan_tci, skb.vlan_proto]
  else if (po.sk_type === SOCK_DGRAM && tagged && skb.network_header + 2 <= skb.tail) {
    tci = (skb.buf[skb.network_header] << 8) | skb.buf[skb.network_header + 1]
    tpid = skb.protocol
  }
  if (tpid !== 0) tp_status |= P.TP_STATUS_VLAN_VALID | P.TP_STATUS_VLAN_TPID_VALID
  const b = new Uint8Array(P.tpacket_auxdata.size)
  put32(b, 0, tp_status)
  put32(b, 4, cb.origlen)
  put32(b, 8, skb.len)
  put16(b, 14, skb.network_header - skb.data)
  put16(b, 16, tci)
  put16(b, 18, tpid)
  return b
}

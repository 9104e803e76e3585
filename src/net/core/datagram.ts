/**
 * net/core/datagram.c, sock.c sock_queue_rcv_skb, skbuff.c sock_queue_err_skb: packets on their way into sockets of
 * datagrams, and out of them to programs.
 */
import type { Kernel } from '../../kernel/kernel.ts'
import { put32, put64 } from '../../lib/bytes.ts'
import type { ReceivedMessage, ReceiveRequest, UserMemory } from '../../syscalls/types.ts'
import { EAGAIN, EFAULT, ENOBUFS, ENOENT, EOPNOTSUPP, EPIPE, type Errno, isErrno } from '../../uapi/errno.ts'
import { SOF_TIMESTAMPING_RX_SOFTWARE, SOF_TIMESTAMPING_SOFTWARE } from '../../uapi/linux/net_tstamp.ts'
import {
  MSG_OOB,
  MSG_PEEK,
  MSG_TRUNC,
  SO_MARK,
  SO_RXQ_OVFL,
  SO_TIMESTAMP_NEW,
  SO_TIMESTAMP_OLD,
  SO_TIMESTAMPING_NEW,
  SO_TIMESTAMPING_OLD,
  SO_TIMESTAMPNS_NEW,
  SO_TIMESTAMPNS_OLD,
  SOL_SOCKET,
} from '../../uapi/linux/socket.ts'
import { SIOCINQ, SIOCOUTQ } from '../../uapi/linux/sockios.ts'
import { SHARED_INFO_SIZE, SK_BUFF_SIZE, SOCK_FLAG } from '../sock_limits.ts'
import { SEND_SHUTDOWN, sk_data_ready, sk_error_report, sk_write_space, sock_error, type sock } from '../sock.ts'
import { put_cmsg } from '../sockopt_cmsg.ts'
import { sk_filter_run } from '../sockopt_filter.ts'
import { kfree_skb, type sk_buff, skb_bytes, skb_end_offset, skb_orphan } from './skbuff.ts'

export const MSG_ERRQUEUE = 0x2000

/** include/uapi/linux/errqueue.h: where an error came from. */
export const SO_EE_ORIGIN_LOCAL = 1
export const SO_EE_ORIGIN_ICMP = 2
export const SO_EE_ORIGIN_ICMP6 = 3
export const SO_EE_ORIGIN_TIMESTAMPING = 4

/** Room that a small head has beside struct skb_shared_info (SKB_SMALL_HEAD_HEADROOM of Debian's configuration). */
const SMALL_HEAD = 320
/** What a queue counts of a packet: its memory comes in sizes, the least for all small ones. */
export function skb_truesize(skb: sk_buff): number {
  const size = skb_end_offset(skb)
  if (size <= SMALL_HEAD) return SMALL_HEAD + SHARED_INFO_SIZE + SK_BUFF_SIZE
  return 2 ** Math.ceil(Math.log2(size + SHARED_INFO_SIZE)) + SK_BUFF_SIZE
}

/** False: the socket did not want it, or had no room (the packet is gone then). */
export function sock_queue_rcv_skb(sk: sock, skb: sk_buff): boolean {
  if (sk.sk_filter !== undefined) {
    const length = sk_filter_run(sk.sk_filter, skb_bytes(skb), skb.protocol, skb)
    if (length === 0) {
      kfree_skb(skb)
      return false
    }
    if (length < skb.len) skb.tail = skb.data + length
  }
  const size = skb_truesize(skb)
  if (sk.sk_rmem_alloc + size > sk.sk_rcvbuf && sk.sk_receive_queue.qlen > 0) {
    sk.sk_drops++
    kfree_skb(skb)
    return false
  }
  sk.sk_rmem_alloc += size
  skb.dst = undefined
  sk.sk_receive_queue.push(skb)
  sk_data_ready(sk)
  return true
}

/** The next packet, which stays for another look under MSG_PEEK; or why there is none. */
export function skb_recv_datagram(sk: sock, flags: number): sk_buff | Errno {
  if (flags & MSG_OOB) return EOPNOTSUPP
  const error = sock_error(sk)
  if (error !== undefined) return error
  const skb = (flags & MSG_PEEK ? sk.sk_receive_queue.peek() : sk.sk_receive_queue.shift()) as sk_buff | undefined
  if (skb === undefined) return EAGAIN
  if (!(flags & MSG_PEEK)) sk.sk_rmem_alloc -= skb_truesize(skb)
  return skb
}

export function received(request: ReceiveRequest, data: Uint8Array, name: Uint8Array): ReceivedMessage {
  const cut = request.size < data.length
  const part = cut ? data.slice(0, request.size) : data.slice()
  return {
    data: part,
    result: request.flags & MSG_TRUNC ? data.length : part.length,
    name,
    control: new Uint8Array(0),
    flags: cut ? MSG_TRUNC : 0,
  }
}
export function put_cmsg_u32(message: ReceivedMessage, request: ReceiveRequest, level: number, type: number, value: number): void {
  const data = new Uint8Array(4)
  put32(data, 0, value)
  put_cmsg(message, request, level, type, data)
}

/** struct timeval or timespec, both halves of 64 bits, of a moment of lab time by the clock that programs know. */
function put_time(b: Uint8Array, at: number, us: number, ns: boolean): void {
  put64(b, at, Math.floor(us / 1e6))
  put64(b, at + 8, Math.floor(us % 1e6) * (ns ? 1000 : 1))
}
export function real_us(kernel: Kernel, ns: number): number {
  return kernel.events.real_offset_us + Math.floor(ns / 1000)
}
/** sock_recv_timestamp(): when the packet came, for sockets that ask (SO_TIMESTAMP, SO_TIMESTAMPNS, SO_TIMESTAMPING). */
export function sock_recv_timestamp(sk: sock, skb: sk_buff, message: ReceivedMessage, request: ReceiveRequest, err_queue = false): void {
  const { kernel } = sk.sk_net
  const { sk_tsflags } = sk
  const wanted = (sk_tsflags & SOF_TIMESTAMPING_SOFTWARE) !== 0 && (err_queue || (sk_tsflags & SOF_TIMESTAMPING_RX_SOFTWARE) !== 0)
  if (!(sk.sk_flags & SOCK_FLAG.RCVTSTAMP) && !wanted) {
    if (sk.sk_flags & SOCK_FLAG.TIMESTAMP) sk.sk_stamp = skb.tstamp || kernel.now()
    else if (sk.sk_stamp === -1) sk.sk_stamp = 0
    return
  }
  if (kernel.events.real_offset_us === 0) return
  const us = real_us(kernel, skb.tstamp || kernel.now())
  if (sk.sk_flags & SOCK_FLAG.RCVTSTAMP) put_timestamp(sk, us, message, request)
  if (!wanted) return
  const data = new Uint8Array(48)
  put_time(data, 0, us, true)
  put_cmsg(message, request, SOL_SOCKET, sk.sk_flags & SOCK_FLAG.TIMESTAMP_NEW ? SO_TIMESTAMPING_NEW : SO_TIMESTAMPING_OLD, data)
}
function put_timestamp(sk: sock, us: number, message: ReceivedMessage, request: ReceiveRequest): void {
  const ns = (sk.sk_flags & SOCK_FLAG.RCVTSTAMPNS) !== 0
  const newer = (sk.sk_flags & SOCK_FLAG.TIMESTAMP_NEW) !== 0
  const data = new Uint8Array(16)
  put_time(data, 0, us, ns)
  const old = ns ? SO_TIMESTAMPNS_OLD : SO_TIMESTAMP_OLD
  put_cmsg(message, request, SOL_SOCKET, newer ? (ns ? SO_TIMESTAMPNS_NEW : SO_TIMESTAMP_NEW) : old, data)
}
/** sock_recv_cmsgs(): time stamp, packets lost before this one (SO_RXQ_OVFL), mark (SO_RCVMARK). */
export function sock_recv_cmsgs(sk: sock, skb: sk_buff, dropcount: number, message: ReceivedMessage, request: ReceiveRequest): void {
  sock_recv_timestamp(sk, skb, message, request)
  if (sk.sk_flags & SOCK_FLAG.RXQ_OVFL && dropcount !== 0) put_cmsg_u32(message, request, SOL_SOCKET, SO_RXQ_OVFL, dropcount)
  if (sk.sk_flags & SOCK_FLAG.RCVMARK) put_cmsg_u32(message, request, SOL_SOCKET, SO_MARK, skb.mark)
}
/**
 * sock_gettstamp(): SIOCGSTAMP and its kin tell when the last packet came. The first to ask has the socket note it from
 * now on, and hears what time it is now.
 */
export function sock_gettstamp(sk: sock, timeval: boolean): Uint8Array | Errno {
  sk.sk_flags |= SOCK_FLAG.TIMESTAMP
  if (sk.sk_stamp === -1) return ENOENT
  if (sk.sk_stamp === 0) sk.sk_stamp = sk.sk_net.kernel.now()
  const data = new Uint8Array(16)
  put_time(data, 0, real_us(sk.sk_net.kernel, sk.sk_stamp), !timeval)
  return data
}

/** skb_set_owner_w(): until it is sent, the socket counts it. */
export function skb_set_owner_w(skb: sk_buff, sk: sock): void {
  skb_orphan(skb)
  skb.sk = sk
  skb.truesize = skb_truesize(skb)
  skb.destructor = sock_wfree
  sk.sk_wmem_alloc += skb.truesize
}
export function sock_wfree(skb: sk_buff): void {
  const sk = skb.sk as sock
  const full = !sock_writeable(sk)
  sk.sk_wmem_alloc -= skb.truesize
  if (full && sock_writeable(sk)) sk_write_space(sk)
}
/**
 * sock_alloc_send_pskb(): why the socket may not send now: an error that waits comes first, then that nothing can be sent any
 * more, then that too much is on its way.
 */
export function sock_alloc_send_error(sk: sock): Errno | undefined {
  const error = sock_error(sk)
  if (error !== undefined) return error
  if (sk.sk_shutdown & SEND_SHUTDOWN) return EPIPE
  return sk.sk_wmem_alloc >= sk.sk_sndbuf ? EAGAIN : undefined
}
/** sock_wmalloc(): raw sockets that leave the header to us heed no error, and may have twice as much on its way. */
export function sock_wmalloc_error(sk: sock): Errno | undefined {
  return sk.sk_wmem_alloc > 2 * sk.sk_sndbuf ? ENOBUFS : undefined
}
export function sock_writeable(sk: sock): boolean {
  return sk.sk_wmem_alloc < sk.sk_sndbuf >> 1
}

/** struct sock_exterr_skb: an error that waits for MSG_ERRQUEUE. */
export interface sock_exterr {
  /** Bytes of the packet that it is about, from the socket's own header on. */
  payload: Uint8Array
  /** Where that packet went (sockaddr). */
  name: Uint8Array
  /** struct sock_extended_err, and the sockaddr of who said so. */
  ee: Uint8Array
  level: number
  type: number
  /** Errno of the error itself: it becomes the socket's own. */
  errno: Errno
  /** Of calls whose bytes are not needed any more: the last one's number. */
  zc_hi?: number
  /** The packet that brought it; an error of our own has none. */
  skb?: sk_buff
}
/** What a family tells beside an error, of the packet that brought it, and who said so: an exported function. */
export type error_cmsgs = (sk: sock, error: sock_exterr, skb: sk_buff, message: ReceivedMessage, request: ReceiveRequest) => void
export function sock_extended_err(
  errno: number,
  origin: number,
  type: number,
  code: number,
  info: number,
  offender: Uint8Array,
  data = 0,
): Uint8Array {
  const ee = new Uint8Array(16 + offender.length)
  put32(ee, 0, errno)
  ee[4] = origin
  ee[5] = type
  ee[6] = code
  put32(ee, 8, info)
  put32(ee, 12, data)
  ee.set(offender, 16)
  return ee
}
export function sock_queue_err(sk: sock, error: sock_exterr): void {
  const size = error.payload.length + SK_BUFF_SIZE + SHARED_INFO_SIZE
  if (sk.sk_rmem_alloc + size > sk.sk_rcvbuf) return
  sk.sk_rmem_alloc += size
  sk.sk_error_queue.push(error)
  sk_error_report(sk)
}
/** is_icmp_err_skb(): others than those are no errors of the socket. */
function is_icmp_err({ ee }: sock_exterr): boolean {
  return ee[4] === SO_EE_ORIGIN_ICMP || ee[4] === SO_EE_ORIGIN_ICMP6
}
/** recvmsg() with MSG_ERRQUEUE: the error, and what it is about. The next one's number is the socket's error then. */
export function sock_recv_errqueue(sk: sock, request: ReceiveRequest, cmsgs?: error_cmsgs): ReceivedMessage | Errno {
  const error = sk.sk_error_queue.shift() as sock_exterr | undefined
  if (error === undefined) return EAGAIN
  sk.sk_rmem_alloc -= error.payload.length + SK_BUFF_SIZE + SHARED_INFO_SIZE
  const message = received(request, error.payload, error.name)
  message.result = message.data.length
  message.flags |= MSG_ERRQUEUE
  if (error.skb !== undefined) {
    sock_recv_timestamp(sk, error.skb, message, request, true)
    cmsgs?.(sk, error, error.skb, message, request)
  }
  put_cmsg(message, request, error.level, error.type, error.ee)
  const next = sk.sk_error_queue.peek() as sock_exterr | undefined
  const icmp_next = next !== undefined && is_icmp_err(next)
  if (icmp_next) sk.sk_err = next.errno
  else if (is_icmp_err(error)) sk.sk_err = undefined
  if (next !== undefined) sk_error_report(sk)
  return message
}

/** SIOCINQ: length of the first packet; SIOCOUTQ: what is not sent yet. Undefined: another request. */
export function datagram_ioctl(sk: sock, cmd: number, arg: number, memory: UserMemory): number | Errno | undefined {
  if (cmd !== SIOCINQ && cmd !== SIOCOUTQ) return undefined
  const first = sk.sk_receive_queue.peek() as sk_buff | undefined
  const answer = new Uint8Array(4)
  put32(answer, 0, cmd === SIOCOUTQ ? sk.sk_wmem_alloc : (first?.len ?? 0))
  return isErrno(memory.write(arg, answer)) ? EFAULT : 0
}

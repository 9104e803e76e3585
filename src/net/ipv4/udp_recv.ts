/** net/ipv4/udp.c udp_recvmsg(): datagrams out of sockets, to programs. */
import { getBe16 } from '../../lib/bytes.ts'
import type { ReceivedMessage, ReceiveRequest } from '../../syscalls/types.ts'
import { EAGAIN, type Errno, isErrno } from '../../uapi/errno.ts'
import { SOL_UDP } from '../../uapi/linux/in.ts'
import * as MIB from '../../uapi/linux/snmp.ts'
import { MSG_PEEK, MSG_TRUNC } from '../../uapi/linux/socket.ts'
import { UDP_GRO } from '../../uapi/linux/udp.ts'
import { MSG_ERRQUEUE, put_cmsg_u32, skb_truesize, sock_recv_cmsgs } from '../core/datagram.ts'
import { skb_is_udp_gso } from '../core/gso.ts'
import { consume_skb, type sk_buff, skb_bytes } from '../core/skbuff.ts'
import { RCV_SHUTDOWN, type sk_buff_head, sock_error } from '../sock.ts'
import type { inet_sock } from './inet_sock.ts'
import { ip_saddr } from './ip_hdr.ts'
import { ip_cmsg_recv, ip_recv_error, sockaddr4 } from './sock4.ts'
import { count_udp, count_udplite, type udp_counter, type udp_skb_cb } from './udp_rcv.ts'
import { is_udplite } from './udp_snd.ts'

/** What there is to read: a datagram from an offset on, or nothing any more. */
interface found {
  skb: sk_buff
  off: number
}
const END = 'end'

/** __skb_recv_udp(): SO_PEEK_OFF goes over datagrams that were looked at. */
function take(sk: inet_sock, flags: number): found | typeof END | Errno {
  const error = sock_error(sk)
  if (error !== undefined) return error
  const queue = sk.sk_receive_queue as sk_buff_head<sk_buff>
  if (flags & MSG_PEEK) {
    let off = Math.max(sk.sk_peek_off, 0)
    for (let i = 0; i < queue.qlen; i++) {
      const skb = queue.items[queue.head + i]
      const cb = skb.cb as udp_skb_cb
      if (sk.sk_peek_off >= 0 && off >= skb.len && (skb.len > 0 || off > 0 || cb.peeked)) {
        off -= skb.len
        continue
      }
      cb.peeked = true
      return { skb, off }
    }
  } else {
    const skb = queue.shift()
    if (skb !== undefined) {
      sk.sk_rmem_alloc -= skb_truesize(skb)
      return { skb, off: 0 }
    }
  }
  return sk.sk_shutdown & RCV_SHUTDOWN ? END : EAGAIN
}
/** `name` and `cmsgs` are the family's: exported functions. */
export function udp_take_message(
  sk: inet_sock,
  request: ReceiveRequest,
  count: udp_counter,
  name: (sk: inet_sock, skb: sk_buff) => Uint8Array,
  cmsgs: (sk: inet_sock, skb: sk_buff, message: ReceivedMessage, request: ReceiveRequest) => void,
): ReceivedMessage | Errno {
  const { flags, size } = request
  const got = take(sk, flags)
  if (got === END) return { data: new Uint8Array(0), result: 0, name: new Uint8Array(0), control: new Uint8Array(0), flags: 0, ended: true }
  if (isErrno(got)) return got
  const { skb, off } = got
  const whole = skb_bytes(skb)
  const data = whole.slice(off, off + size)
  const short = size < whole.length - off
  const message = {
    data,
    result: flags & MSG_TRUNC ? whole.length : data.length,
    name: name(sk, skb),
    control: new Uint8Array(0),
    flags: short ? MSG_TRUNC : 0,
  }
  if (flags & MSG_PEEK) {
    if (sk.sk_peek_off >= 0) sk.sk_peek_off += data.length
  } else {
    if (sk.sk_peek_off >= 0) sk.sk_peek_off = Math.max(0, sk.sk_peek_off - message.result)
    count(sk.sk_net, MIB.UDP_MIB_INDATAGRAMS)
  }
  sock_recv_cmsgs(sk, skb, (skb.cb as udp_skb_cb).dropcount, message, request)
  if (sk.udp?.gro && skb_is_udp_gso(skb)) put_cmsg_u32(message, request, SOL_UDP, UDP_GRO, skb.gso_size)
  cmsgs(sk, skb, message, request)
  if (!(flags & MSG_PEEK)) consume_skb(skb)
  return message
}
export function udp_source4(_sk: inet_sock, skb: sk_buff): Uint8Array {
  return sockaddr4(ip_saddr(skb), getBe16(skb.buf, skb.transport_header))
}

export function udp_recvmsg(sk: inet_sock, request: ReceiveRequest): ReceivedMessage | Errno {
  if (request.flags & MSG_ERRQUEUE) return ip_recv_error(sk, request)
  return udp_take_message(sk, request, is_udplite(sk) ? count_udplite : count_udp, udp_source4, ip_cmsg_recv)
}

/** net/ipv4/ping.c: sockets that send echo requests and get the replies (SOCK_DGRAM, IPPROTO_ICMP). */
import { getBe16, putBe16 } from '../../lib/bytes.ts'
import type { SendMessage } from '../../syscalls/types.ts'
import { EINVAL, EMSGSIZE, EOPNOTSUPP, type Errno, isErrno } from '../../uapi/errno.ts'
import { ICMP_ECHO } from '../../uapi/linux/icmp.ts'
import { IPPROTO_ICMP } from '../../uapi/linux/in.ts'
import { AF_INET, MSG_OOB } from '../../uapi/linux/socket.ts'
import { sock_alloc_send_error, sock_queue_rcv_skb } from '../core/datagram.ts'
import { SKB_DROP_REASON_NO_SOCKET, SKB_DROP_REASON_NOT_SPECIFIED, SKB_NOT_DROPPED_YET } from '../core/dropreason.ts'
import type { net_device } from '../core/netdevice.ts'
import type { net } from '../core/net_namespace.ts'
import { type sk_buff, skb_clone } from '../core/skbuff.ts'
import { ICMP_HLEN } from './icmp_send.ts'
import type { inet_sock } from './inet_sock.ts'
import { ip_daddr } from './ip_hdr.ts'
import { icmp_out_count } from './ip_stats.ts'
import {
  ip_datagram_send,
  ip_icmp_error,
  ip_pmtu_is_news,
  ip_send_payload,
  ip_sk_learn,
  ipv4_pktinfo_prepare,
  sk4_dev_equal,
} from './sock4.ts'

function with_ident(net: net, ident: number): inet_sock[] {
  const sockets = (net.ipv4.ports.get(IPPROTO_ICMP)?.get(ident) ?? new Set()) as Set<inet_sock>
  return [...sockets].filter((sk) => sk.sk_family === AF_INET)
}
/** A reply has come, for the socket whose port is its identifier; why it falls. */
export function ping_rcv(skb: sk_buff): number {
  const dev = skb.dev as net_device
  const daddr = ip_daddr(skb)
  const fits = (sk: inet_sock) => (sk.inet_rcv_saddr === 0 || sk.inet_rcv_saddr === daddr) && sk4_dev_equal(sk, skb, true)
  const sk = with_ident(dev.nd_net, getBe16(skb.buf, skb.transport_header + 4)).find(fits)
  if (sk === undefined) return SKB_DROP_REASON_NO_SOCKET
  const clone = skb_clone(skb)
  clone.data = clone.transport_header
  ipv4_pktinfo_prepare(clone)
  return sock_queue_rcv_skb(sk, clone) ? SKB_NOT_DROPPED_YET : SKB_DROP_REASON_NOT_SPECIFIED
}
/** An error about an echo request of ours, which is at `offset`. */
export function ping_err(skb: sk_buff, type: number, code: number, inner: number, offset: number, info: number): void {
  const { nd_net: net } = skb.dev as net_device
  for (const sk of with_ident(net, getBe16(skb.buf, offset + 4))) {
    ip_sk_learn(sk, skb, type, code, inner, info)
    if (ip_pmtu_is_news(sk, type, code)) ip_icmp_error(sk, skb, type, code, inner, offset, info)
  }
}

export function ping_v4_sendmsg(sk: inet_sock, message: SendMessage): number | Errno {
  const { data } = message
  if (data.length > 0xffff) return EMSGSIZE
  if (message.flags & MSG_OOB) return EOPNOTSUPP
  if (data.length < ICMP_HLEN || data[0] !== ICMP_ECHO || data[1] !== 0) return EINVAL
  const ipc = ip_datagram_send(sk, message, IPPROTO_ICMP)
  if (isErrno(ipc)) return ipc
  const refused = sock_alloc_send_error(sk)
  if (refused !== undefined) return refused
  const echo = data.slice()
  putBe16(echo, 4, sk.inet_sport)
  const error = ip_send_payload(sk, ipc, echo, IPPROTO_ICMP, true, message.flags)
  if (isErrno(error)) return error
  icmp_out_count(sk.sk_net, ICMP_ECHO)
  return data.length
}

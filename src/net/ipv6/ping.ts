/** net/ipv6/ping.c, net/ipv4/ping.c: sockets that send echo requests and get the replies (SOCK_DGRAM, IPPROTO_ICMPV6). */
import { getBe16, putBe16 } from '../../lib/bytes.ts'
import type { SendMessage } from '../../syscalls/types.ts'
import { EINVAL, EMSGSIZE, EOPNOTSUPP, type Errno, isErrno } from '../../uapi/errno.ts'
import { ICMPV6_ECHO_REQUEST } from '../../uapi/linux/icmpv6.ts'
import { IPPROTO_ICMPV6, ipv6_addr_any, ipv6_addr_equal } from '../../uapi/linux/in6.ts'
import { AF_INET6, MSG_OOB } from '../../uapi/linux/socket.ts'
import { sock_alloc_send_error, sock_queue_rcv_skb } from '../core/datagram.ts'
import { SKB_DROP_REASON_NO_SOCKET, SKB_DROP_REASON_NOT_SPECIFIED, SKB_NOT_DROPPED_YET } from '../core/dropreason.ts'
import type { net_device } from '../core/netdevice.ts'
import type { net } from '../core/net_namespace.ts'
import { type sk_buff, skb_clone } from '../core/skbuff.ts'
import type { inet_sock } from '../ipv4/inet_sock.ts'
import { ICMP6_HLEN, icmpv6_iif } from './icmp.ts'
import type { inet6_sock } from './inet6_sock.ts'
import { icmpv6_sent } from './ip6_stats.ts'
import { IP6CB, ip6_daddr } from './ipv6_hdr.ts'
import { ip6_send_payload } from './ip6_send.ts'
import { ip6_datagram_send, ipv6_icmp_error, sk_dev_equal } from './sock6.ts'

/** The socket whose port is the identifier of an echo. */
function ping_lookup(net: net, skb: sk_buff, ident: number): inet6_sock | undefined {
  const sockets = (net.ipv4.ports.get(IPPROTO_ICMPV6)?.get(ident) ?? new Set()) as Set<inet_sock>
  for (const other of sockets) {
    if (other.sk_family !== AF_INET6) continue
    const sk = other as inet6_sock
    const ours = ipv6_addr_any(sk.rcv_saddr) || ipv6_addr_equal(sk.rcv_saddr, ip6_daddr(skb))
    if (ours && sk_dev_equal(sk, skb)) return sk
  }
  return undefined
}
/** A reply has come; why it falls. */
export function ipv6_ping_rcv(skb: sk_buff): number {
  const { nd_net: net } = skb.dev as net_device
  const sk = ping_lookup(net, skb, getBe16(skb.buf, skb.transport_header + 4))
  if (sk === undefined) return SKB_DROP_REASON_NO_SOCKET
  const clone = skb_clone(skb)
  clone.data = clone.transport_header
  clone.cb = { ...IP6CB(skb), iif: icmpv6_iif(skb) }
  return sock_queue_rcv_skb(sk, clone) ? SKB_NOT_DROPPED_YET : SKB_DROP_REASON_NOT_SPECIFIED
}
/** An error about an echo request of ours, which is at `offset`. */
export function ipv6_ping_err(skb: sk_buff, type: number, code: number, offset: number, info: number): void {
  const { nd_net: net } = skb.dev as net_device
  const inner = skb.transport_header + ICMP6_HLEN
  const sockets = (net.ipv4.ports.get(IPPROTO_ICMPV6)?.get(getBe16(skb.buf, offset + 4)) ?? new Set()) as Set<inet_sock>
  for (const sk of sockets) if (sk.sk_family === AF_INET6) ipv6_icmp_error(sk as inet6_sock, skb, type, code, inner, offset, info)
}

export function ping_v6_sendmsg(sk: inet6_sock, message: SendMessage): number | Errno {
  const { data } = message
  if (data.length > 0xffff) return EMSGSIZE
  if (message.flags & MSG_OOB) return EOPNOTSUPP
  if (data.length < ICMP6_HLEN) return EINVAL
  if (data[0] !== ICMPV6_ECHO_REQUEST || data[1] !== 0) return EINVAL
  const ipc = ip6_datagram_send(sk, message, IPPROTO_ICMPV6)
  if (isErrno(ipc)) return ipc
  const refused = sock_alloc_send_error(sk)
  if (refused !== undefined) return refused
  const echo = data.slice()
  putBe16(echo, 4, sk.inet_sport)
  putBe16(echo, 2, 0)
  const error = ip6_send_payload(sk, ipc, echo, IPPROTO_ICMPV6, 2, message.flags)
  if (isErrno(error)) return error
  icmpv6_sent(sk.sk_net, ipc.rt.dev.ip6_ptr, ICMPV6_ECHO_REQUEST)
  return data.length
}

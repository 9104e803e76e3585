/** net/ipv6/udp.c udpv6_recvmsg(): datagrams of both families out of sockets of IPv6. */
import { getBe16, putBe32 } from '../../lib/bytes.ts'
import type { ReceivedMessage, ReceiveRequest } from '../../syscalls/types.ts'
import type { Errno } from '../../uapi/errno.ts'
import { ETH_P_IP } from '../../uapi/linux/if_ether.ts'
import { IPV6_PKTINFO, IPV6_RECVPKTINFO, SOL_IPV6 } from '../../uapi/linux/in6.ts'
import { MSG_ERRQUEUE } from '../core/datagram.ts'
import type { sk_buff } from '../core/skbuff.ts'
import type { inet_sock } from '../ipv4/inet_sock.ts'
import { ip_daddr, ip_saddr } from '../ipv4/ip_hdr.ts'
import { ip_cmsg_recv, ip_pktinfo } from '../ipv4/sock4.ts'
import { count_udp, count_udplite } from '../ipv4/udp_rcv.ts'
import { udp_take_message } from '../ipv4/udp_recv.ts'
import { is_udplite } from '../ipv4/udp_snd.ts'
import { put_cmsg } from '../sockopt_cmsg.ts'
import type { inet6_sock } from './inet6_sock.ts'
import { IP6CB, ip6_saddr } from './ipv6_hdr.ts'
import { ip6_datagram_recv_ctl, ipv6_recv_error, opt6, sockaddr6 } from './sock6.ts'
import { count_udp6, count_udplite6 } from './udp_rcv.ts'

/** ::ffff:0:0/96 */
export function mapped(addr: number): Uint8Array {
  const out = new Uint8Array(16)
  out[10] = out[11] = 0xff
  putBe32(out, 12, addr)
  return out
}
export function udp_source6(_sk: inet_sock, skb: sk_buff): Uint8Array {
  const port = getBe16(skb.buf, skb.transport_header)
  if (skb.protocol === ETH_P_IP) return sockaddr6(mapped(ip_saddr(skb)), port, 0)
  return sockaddr6(ip6_saddr(skb), port, IP6CB(skb).iif)
}
/** ip6_datagram_recv_common_ctl(): of a packet of IPv4, its options; where it came in in the form of either family. */
export function udp6_cmsgs(other: inet_sock, skb: sk_buff, message: ReceivedMessage, request: ReceiveRequest): void {
  const sk = other as inet6_sock
  if (skb.protocol !== ETH_P_IP) return ip6_datagram_recv_ctl(sk, skb, message, request)
  if (opt6(sk, IPV6_RECVPKTINFO) !== 0) {
    const info = new Uint8Array(20)
    info.set(mapped(ip_daddr(skb)))
    info.set(ip_pktinfo(sk, skb).subarray(0, 4), 16)
    put_cmsg(message, request, SOL_IPV6, IPV6_PKTINFO, info)
  }
  ip_cmsg_recv(sk, skb, message, request)
}
export function udpv6_recvmsg(sk: inet6_sock, request: ReceiveRequest): ReceivedMessage | Errno {
  if (request.flags & MSG_ERRQUEUE) return ipv6_recv_error(sk, request)
  const first = sk.sk_receive_queue.peek() as sk_buff | undefined
  const v4 = first?.protocol === ETH_P_IP
  const lite = is_udplite(sk)
  const count = v4 ? (lite ? count_udplite : count_udp) : lite ? count_udplite6 : count_udp6
  return udp_take_message(sk, request, count, udp_source6, udp6_cmsgs)
}

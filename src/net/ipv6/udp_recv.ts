/** net/ipv6/udp.c udpv6_recvmsg(): datagrams of both families out of sockets of IPv6. */
import { getBe16 } from '../../lib/bytes.ts'
import type { ReceivedMessage, ReceiveRequest } from '../../syscalls/types.ts'
import type { Errno } from '../../uapi/errno.ts'
import { ETH_P_IP } from '../../uapi/linux/if_ether.ts'
import { MSG_ERRQUEUE } from '../core/datagram.ts'
import type { sk_buff } from '../core/skbuff.ts'
import type { inet_sock } from '../ipv4/inet_sock.ts'
import { ip_saddr } from '../ipv4/ip_hdr.ts'
import { count_udp, count_udplite } from '../ipv4/udp_rcv.ts'
import { udp_take_message } from '../ipv4/udp_recv.ts'
import { is_udplite } from '../ipv4/udp_snd.ts'
import type { inet6_sock } from './inet6_sock.ts'
import { IP6CB, ip6_saddr } from './ipv6_hdr.ts'
import { ipv6_recv_rxpmtu } from './ipv6_sockglue_rare.ts'
import { ip6_datagram_recv_cmsgs, ipv6_recv_error, mapped, sockaddr6 } from './sock6.ts'
import { count_udp6, count_udplite6 } from './udp_rcv.ts'

export function udp_source6(_sk: inet_sock, skb: sk_buff): Uint8Array {
  const port = getBe16(skb.buf, skb.transport_header)
  if (skb.protocol === ETH_P_IP) return sockaddr6(mapped(ip_saddr(skb)), port, 0)
  return sockaddr6(ip6_saddr(skb), port, IP6CB(skb).iif)
}
export function udpv6_recvmsg(sk: inet6_sock, request: ReceiveRequest): ReceivedMessage | Errno {
  if (request.flags & MSG_ERRQUEUE) return ipv6_recv_error(sk, request)
  const news = ipv6_recv_rxpmtu(sk, request)
  if (news !== undefined) return news
  const first = sk.sk_receive_queue.peek() as sk_buff | undefined
  const v4 = first?.protocol === ETH_P_IP
  const lite = is_udplite(sk)
  const count = v4 ? (lite ? count_udplite : count_udp) : lite ? count_udplite6 : count_udp6
  return udp_take_message(sk, request, count, udp_source6, ip6_datagram_recv_cmsgs)
}

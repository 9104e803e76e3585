/** include/linux/ipv6.h struct ipv6_pinfo: what every IPv6 socket has beside an IPv4 one's. */
import { in6addr_any, type in6_addr } from '../../uapi/linux/in6.ts'
import type { net } from '../core/net_namespace.ts'
import { inet_sock } from '../ipv4/inet_sock.ts'
import type { socket } from '../socket.ts'
import type { ipv6_ac_socklist } from './anycast.ts'
import type { ip6_flowlabel } from './ip6_flowlabel_mgr.ts'
import type { ipv6_txoptions } from './ipv6_txoptions.ts'
import type { ipv6_mc_socklist } from './mcast_sock.ts'

export class inet6_sock extends inet_sock {
  /** Address to send from, address that packets must be for, and the peer's. */
  saddr: in6_addr = in6addr_any
  rcv_saddr: in6_addr = in6addr_any
  daddr: in6_addr = in6addr_any
  flow_label = 0
  /** Options of SOL_IPV6 by number, as set. */
  options6 = new Map<number, number>()
  /** IPV6_PKTINFO: the device to send by, 0: any. */
  sticky_ifindex = 0
  /** Groups joined, the newest first. */
  mc_list6: ipv6_mc_socklist[] = []
  /** Anycast addresses joined, the newest first. */
  ac_list6: ipv6_ac_socklist[] = []
  /** Headers that every packet carries (IPV6_HOPOPTS, IPV6_RTHDR …). */
  opt: ipv6_txoptions | undefined = undefined
  /** Flow labels that it has leased, the newest first. */
  fl_list: ip6_flowlabel[] = []
  /** IPV6_MTU: packets are split to this; 0: to what the path takes. */
  frag_size = 0
  /** struct ip6_mtuinfo that waits for IPV6_RECVPATHMTU. */
  rxpmtu: Uint8Array | undefined = undefined
  /** IPV6_V6ONLY */
  ipv6only: boolean
  /** IPV6_PREFER_SRC_* */
  srcprefs = 0
  /** ICMPV6_FILTER: types that are not wanted, by bit. */
  icmp6_filter: Uint32Array | undefined = undefined
  constructor(net: net, sock: socket, protocol: number) {
    super(net, sock, protocol)
    this.ipv6only = net.ipv6.sysctl.bindv6only !== 0
  }
}
export function inet6_sk(sock: socket): inet6_sock {
  return sock.sk as inet6_sock
}

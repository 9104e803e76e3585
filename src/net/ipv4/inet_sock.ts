/** include/net/inet_sock.h: what every IPv4 socket has. */

import { IP_MTU_DISCOVER, IP_PMTUDISC_DONT } from '../../uapi/linux/in.ts'
import type { net } from '../core/net_namespace.ts'
import type { udp_encap_ops } from '../core/udp_tunnel.ts'
import { sock } from '../sock.ts'
import { SOCK_FLAG } from '../sock_limits.ts'
import type { socket } from '../socket.ts'
import type { ip_options } from './ip_options.ts'
import type { ip_mc_socklist } from './igmp_sock.ts'

/** A message that grows until it is sent (MSG_MORE, UDP_CORK). */
export interface udp_cork {
  /** AF_INET or AF_INET6: how it goes; `to`: the ipcm or ipcm6 of its first part. */
  family: number
  to: any
  dport: number
  parts: Uint8Array[]
  /** Calls whose bytes are not copied. */
  zerocopy: number
  length: number
}
/** struct udp_sock: what a UDP or UDP-Lite socket has beside. */
export class udp_part {
  cork = false
  pending: udp_cork | undefined = undefined
  gso_size = 0
  gro = false
  /** UDP_ENCAP */
  encap_type = 0
  no_check6_tx = false
  no_check6_rx = false
  /** UDP-Lite: bytes that the checksum covers of what goes out, and has to cover of what comes in. */
  pcslen = 0
  pcrlen = 0
  pcslen_set = false
  pcrlen_set = false
}

/** struct tcp_sock: what a stream has beside. */
export class tcp_part {
  /** Options of SOL_TCP by number, as they are told. */
  options = new Map<number, number>()
  congestion: string
  constructor(congestion: string) {
    this.congestion = congestion
  }
}

/** sk_state, from include/net/tcp_states.h; datagram sockets use the first two. */
export const TCP_ESTABLISHED = 1
export const TCP_CLOSE = 7
export const TCP_LISTEN = 10

export class inet_sock extends sock {
  /** Source address to send from, and address that packets must be for (0: any); host order. */
  inet_saddr = 0
  inet_rcv_saddr = 0
  /** Local port, or protocol of a raw socket. */
  inet_num = 0
  inet_sport = 0
  inet_daddr = 0
  inet_dport = 0
  override sk_state = TCP_CLOSE
  /** Options of SOL_IP by number, as set. */
  options = new Map<number, number>()
  /** IP_OPTIONS: what every packet carries. */
  inet_opt: ip_options | undefined = undefined
  /** Groups joined, the newest first. */
  mc_list: ip_mc_socklist[] = []
  /** Of a tunnel's own socket: who takes what arrives. */
  encap: { ops: udp_encap_ops; owner: object } | undefined = undefined
  /** Of UDP and UDP-Lite sockets. */
  udp: udp_part | undefined = undefined
  /** Of streams. */
  tcp: tcp_part | undefined = undefined
  /** IP_MULTICAST_IF: the address to send to groups from; 0: the device's. */
  mc_addr = 0
  /** The address or the port was given, not chosen (SOCK_BINDADDR_LOCK, SOCK_BINDPORT_LOCK). */
  bindaddr_lock = false
  bindport_lock = false
  /** ICMP_FILTER: types that are not wanted, by bit. */
  icmp_filter = 0
  /** Of a routing daemon's socket (MRT_TABLE, MRT6_TABLE); 0: the first. */
  ipmr_table = 0
  constructor(net: net, sock: socket, protocol: number) {
    super(net, sock, sock.family, sock.type, protocol)
    if (net.core.sysctl_txrehash !== 0) this.sk_flags |= SOCK_FLAG.TXREHASH
    if (net.ipv4.kept_sysctls.ip_no_pmtu_disc !== 0) this.options.set(IP_MTU_DISCOVER, IP_PMTUDISC_DONT)
  }
}
export function inet_sk(sock: socket): inet_sock {
  return sock.sk as inet_sock
}

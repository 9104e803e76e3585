/** net/ipv6/ipv6_sockglue.c: options of SOL_IPV6 that few ask for. */
import { getS32, put32 } from '../../lib/bytes.ts'
import type { ReceivedMessage, ReceiveRequest } from '../../syscalls/types.ts'
import { EADDRNOTAVAIL, EBUSY, EINVAL, ENOPROTOOPT, ENOTCONN, type Errno } from '../../uapi/errno.ts'
import { IPPROTO_TCP, IPPROTO_UDP, IPPROTO_UDPLITE } from '../../uapi/linux/in.ts'
import * as IN6 from '../../uapi/linux/in6.ts'
import { AF_INET, AF_INET6, SOCK_RAW, SOCK_STREAM } from '../../uapi/linux/socket.ts'
import type { task_struct } from '../../kernel/task.ts'
import { received } from '../core/datagram.ts'
import { inet_sock_ops } from '../ipv4/af_inet_ops.ts'
import { TCP_ESTABLISHED } from '../ipv4/inet_sock.ts'
import type { socket } from '../socket.ts'
import { put_cmsg } from '../sockopt_cmsg.ts'
import { ipv6_sock_ac_close, ipv6_sock_ac_drop, ipv6_sock_ac_join } from './anycast.ts'
import { flowi6 } from './ip6_fib_lookup.ts'
import { IPV6_MIN_MTU } from './ip6_tunnel_state.ts'
import { type inet6_sock, inet6_sk } from './inet6_sock.ts'
import { fl6_free_socklist } from './ip6_flowlabel_mgr.ts'
import { ipv6_sock_mc_close } from './mcast_sock.ts'
import { send_ctl } from './sock6.ts'

const MTU_AT = 28
/** struct ip6_mtuinfo: a sockaddr_in6, and the MTU. */
export const SIZEOF_IP6_MTUINFO = 32
const MOST_PKTOPTIONS = 64 * 1024

export const rare6_options: ReadonlySet<number> = new Set([
  IN6.IPV6_ADDRFORM,
  IN6.IPV6_2292PKTOPTIONS,
  IN6.IPV6_MTU,
  IN6.IPV6_JOIN_ANYCAST,
  IN6.IPV6_LEAVE_ANYCAST,
])

/** struct ipv6_mreq */
const IPV6_MREQ = 20

export function ipv6_rare_setsockopt(sock: socket, optname: number, optval: Uint8Array, task: task_struct): Errno | undefined {
  const sk = inet6_sk(sock)
  if (optname === IN6.IPV6_2292PKTOPTIONS) return set_pktoptions(sk, optval)
  if (optval.length < 4) return EINVAL
  if (optname === IN6.IPV6_JOIN_ANYCAST || optname === IN6.IPV6_LEAVE_ANYCAST) {
    if (optval.length < IPV6_MREQ) return EINVAL
    const [addr, ifindex] = [optval.slice(0, 16), getS32(optval, 16)]
    return optname === IN6.IPV6_JOIN_ANYCAST ? ipv6_sock_ac_join(sk, ifindex, addr, task) : ipv6_sock_ac_drop(sk, ifindex, addr)
  }
  const value = getS32(optval, 0)
  if (optname === IN6.IPV6_ADDRFORM) return value === AF_INET ? addrform(sock, sk) : EINVAL
  // the program splits what is longer, however much the path takes
  if (value !== 0 && value < IPV6_MIN_MTU) return EINVAL
  sk.frag_size = value
  return undefined
}
const turned: ReadonlySet<number> = new Set([IPPROTO_UDP, IPPROTO_UDPLITE, IPPROTO_TCP])
/** Turns a socket whose peer is of IPv4 into one of IPv4: what it has of IPv6 is let go. */
function addrform(sock: socket, sk: inet6_sock): Errno | undefined {
  if (sk.sk_type === SOCK_RAW || !turned.has(sk.sk_protocol)) return ENOPROTOOPT
  if (sk.udp?.pending?.family === AF_INET6) return EBUSY
  if (sk.sk_state !== TCP_ESTABLISHED) return ENOTCONN
  if (sk.ipv6only || IN6.ipv6_addr_type(sk.daddr) !== IN6.IPV6_ADDR_MAPPED) return EADDRNOTAVAIL
  fl6_free_socklist(sk)
  ipv6_sock_mc_close(sk)
  ipv6_sock_ac_close(sk)
  sk.sk_family = AF_INET
  sk.opt = undefined
  sock.ops = inet_sock_ops
  return undefined
}
/** Control messages that count for all packets from now on (RFC 2292). */
function set_pktoptions(sk: inet6_sock, optval: Uint8Array): Errno | undefined {
  if (optval.length > MOST_PKTOPTIONS) return EINVAL
  const ask = { hop_limit: -1, tclass: 0, dontfrag: false, gso_size: 0, flowlabel: 0, opt: {} }
  const fl6 = new flowi6(IN6.in6addr_any, IN6.in6addr_any)
  fl6.flowi_oif = sk.sk_bound_dev_if
  const cookie = send_ctl(sk, optval, fl6, ask)
  if ('code' in cookie) return cookie
  sk.opt = Object.keys(ask.opt).length > 0 ? ask.opt : undefined
  return undefined
}
/** Undefined: the option is not one of these to ask for. */
export function ipv6_rare_getsockopt(sk: inet6_sock, optname: number): number | Uint8Array | Errno | undefined {
  if (optname === IN6.IPV6_2292PKTOPTIONS) return sk.sk_type === SOCK_STREAM ? new Uint8Array(0) : ENOPROTOOPT
  if (optname !== IN6.IPV6_ADDRFORM) return undefined
  if (!turned.has(sk.sk_protocol)) return ENOPROTOOPT
  return sk.sk_state === TCP_ESTABLISHED ? sk.sk_family : ENOTCONN
}

/** ipv6_local_rxpmtu(): a packet that must not be split was too long for its path (RFC 3542 11.3); the latest such news is kept. */
export function ipv6_local_rxpmtu(sk: inet6_sock, fl6: flowi6, mtu: number): void {
  if ((sk.options6.get(IN6.IPV6_RECVPATHMTU) ?? 0) === 0) return
  const info = new Uint8Array(SIZEOF_IP6_MTUINFO)
  info.set(IN6.sockaddr_in6.encode({ sin6_family: AF_INET6, sin6_addr: fl6.daddr, sin6_scope_id: fl6.flowi_oif }))
  put32(info, MTU_AT, mtu)
  sk.rxpmtu = info
}
/** ipv6_recv_rxpmtu(): an empty message that tells it; undefined: there is no news. */
export function ipv6_recv_rxpmtu(sk: inet6_sock, request: ReceiveRequest): ReceivedMessage | undefined {
  const { rxpmtu: info } = sk
  if (info === undefined || (sk.options6.get(IN6.IPV6_RECVPATHMTU) ?? 0) === 0) return undefined
  sk.rxpmtu = undefined
  const message = received(request, new Uint8Array(0), info.slice(0, MTU_AT))
  put_cmsg(message, request, IN6.SOL_IPV6, IN6.IPV6_PATHMTU, info)
  return message
}

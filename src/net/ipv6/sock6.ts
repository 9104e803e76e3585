/**
 * net/ipv6/datagram.c: what a socket of datagrams sends with, is told beside a packet, and hears of errors. Options of
 * SOL_IPV6 decide.
 */
import { get16, getS32, put32 } from '../../lib/bytes.ts'
import type { ReceivedMessage, ReceiveRequest, SendMessage } from '../../syscalls/types.ts'
import { EAFNOSUPPORT, EDESTADDRREQ, EINVAL, EMSGSIZE, type Errno, isErrno } from '../../uapi/errno.ts'
import {
  type in6_addr,
  in6addr_any,
  in6addr_loopback,
  IPV6_ADDR_LINKLOCAL,
  IPV6_HOPLIMIT,
  IPV6_MTU_DISCOVER,
  IPV6_MULTICAST_HOPS,
  IPV6_MULTICAST_IF,
  IPV6_MULTICAST_LOOP,
  IPV6_PKTINFO,
  IPV6_RECVERR,
  IPV6_RECVHOPLIMIT,
  IPV6_RECVPKTINFO,
  IPV6_RECVTCLASS,
  IPV6_TCLASS,
  IPV6_UNICAST_HOPS,
  ipv6_addr_any,
  ipv6_addr_is_multicast,
  ipv6_addr_type,
  sockaddr_in6,
  SOL_IPV6,
} from '../../uapi/linux/in6.ts'
import { AF_INET6 } from '../../uapi/linux/socket.ts'
import {
  MSG_ERRQUEUE,
  put_cmsg_u32,
  received,
  SO_EE_ORIGIN_ICMP6,
  SO_EE_ORIGIN_LOCAL,
  skb_recv_datagram,
  sock_extended_err,
  sock_queue_err,
  sock_recv_errqueue,
  sock_recv_timestamp,
} from '../core/datagram.ts'
import { netif_is_l3_master } from '../core/l3mdev.ts'
import { type sk_buff, skb_bytes } from '../core/skbuff.ts'
import { TCP_ESTABLISHED } from '../ipv4/inet_sock.ts'
import { put_cmsg } from '../sockopt_cmsg.ts'
import { sk_error_report } from '../sock.ts'
import { icmpv6_err_convert } from './icmp_err.ts'
import { icmpv6_iif, ip6_dst_hoplimit } from './icmp.ts'
import type { inet6_sock } from './inet6_sock.ts'
import { IP6CB, ip6_daddr, ip6_hop_limit, ip6_saddr, ip6_tclass } from './ipv6_hdr.ts'
import { flowi6 } from './ip6_fib_lookup.ts'
import { ip6_dst_lookup } from './ip6_dst_lookup.ts'
import type { rt6_info } from './route.ts'

const SIN6_LEN_RFC2133 = 24
const IP_PMTUDISC_DO = 2

export function opt6(sk: inet6_sock, nr: number, initial = 0): number {
  return sk.options6.get(nr) ?? initial
}
export function sockaddr6(addr: in6_addr, port: number, scope_id: number): Uint8Array {
  const sin6_scope_id = ipv6_addr_type(addr) & IPV6_ADDR_LINKLOCAL ? scope_id : 0
  return sockaddr_in6.encode({ sin6_family: AF_INET6, sin6_port: port, sin6_addr: addr, sin6_scope_id })
}

/** How one packet is to go: the route, its addresses, and what the header carries. */
export interface ipcm6 {
  rt: rt6_info
  fl6: flowi6
  hop_limit: number
  tclass: number
  dontfrag: boolean
  mc_loop: boolean
}

/** Where to: the message's address or the peer's, with the device where the address needs one. */
function destination(sk: inet6_sock, message: SendMessage): { daddr: in6_addr; oif: number } | Errno {
  const { name } = message
  if (name === undefined || name.length === 0) {
    return sk.sk_state === TCP_ESTABLISHED ? { daddr: sk.daddr, oif: sk.sk_bound_dev_if } : EDESTADDRREQ
  }
  if (name.length < SIN6_LEN_RFC2133) return EINVAL
  if (get16(name, 0) !== AF_INET6) return EAFNOSUPPORT
  const whole = new Uint8Array(sockaddr_in6.size)
  whole.set(name.subarray(0, sockaddr_in6.size))
  const { sin6_addr, sin6_scope_id } = sockaddr_in6.get(whole, 0)
  const scoped = (ipv6_addr_type(sin6_addr) & IPV6_ADDR_LINKLOCAL) !== 0
  return { daddr: sin6_addr, oif: sk.sk_bound_dev_if || (scoped ? sin6_scope_id : 0) }
}
/** ip6_datagram_send_ctl(): what control messages ask of this packet alone. */
function send_ctl(control: Uint8Array | undefined, fl6: flowi6, ipc: { hop_limit: number; tclass: number }): Errno | undefined {
  if (control === undefined) return undefined
  for (let at = 0; at + 16 <= control.length; ) {
    const len = getS32(control, at)
    if (len < 16 || at + len > control.length) return EINVAL
    if (getS32(control, at + 8) === SOL_IPV6) {
      const type = getS32(control, at + 12)
      if (type === IPV6_HOPLIMIT || type === IPV6_TCLASS) {
        if (len !== 20) return EINVAL
        const value = getS32(control, at + 16)
        if (value < -1 || value > 255) return EINVAL
        ipc[type === IPV6_TCLASS ? 'tclass' : 'hop_limit'] = type === IPV6_TCLASS && value < 0 ? 0 : value
      } else if (type === IPV6_PKTINFO) {
        if (len < 36) return EINVAL
        const ifindex = getS32(control, at + 32)
        if (ifindex !== 0) fl6.flowi_oif = ifindex
        const from = control.slice(at + 16, at + 32)
        if (!ipv6_addr_any(from)) fl6.saddr = from
      } else {
        return EINVAL
      }
    }
    at += (len + 7) & ~7
  }
  return undefined
}

/** Everything that a packet of the socket needs to go out. */
export function ip6_datagram_send(sk: inet6_sock, message: SendMessage, proto: number): ipcm6 | Errno {
  const net = sk.sk_net
  const to = destination(sk, message)
  if (isErrno(to)) return to
  const daddr = ipv6_addr_any(to.daddr) ? in6addr_loopback : to.daddr
  const group = ipv6_addr_is_multicast(daddr)
  const fl6 = new flowi6(daddr, ipv6_addr_any(sk.saddr) ? in6addr_any : sk.saddr)
  fl6.flowi_oif = to.oif || sk.sticky_ifindex || (group ? opt6(sk, IPV6_MULTICAST_IF) : 0)
  fl6.flowi_mark = sk.sk_mark
  fl6.flowi_uid = sk.sk_uid
  fl6.flowi6_proto = proto
  const ipc = { hop_limit: -1, tclass: Math.max(0, opt6(sk, IPV6_TCLASS)) }
  const error = send_ctl(message.control, fl6, ipc)
  if (isErrno(error)) return error
  if (ipv6_addr_type(daddr) & IPV6_ADDR_LINKLOCAL && fl6.flowi_oif === 0) return EINVAL
  const rt = ip6_dst_lookup(net, fl6, sk.srcprefs)
  if (isErrno(rt)) return rt
  const own = group ? opt6(sk, IPV6_MULTICAST_HOPS, 1) : opt6(sk, IPV6_UNICAST_HOPS, -1)
  const hop_limit = [ipc.hop_limit, own, ip6_dst_hoplimit(net, rt)].find((hops) => hops >= 0) as number
  const dontfrag = opt6(sk, IPV6_MTU_DISCOVER, 1) >= IP_PMTUDISC_DO
  return { rt, fl6, hop_limit, tclass: ipc.tclass, dontfrag, mc_loop: opt6(sk, IPV6_MULTICAST_LOOP, 1) !== 0 }
}

/** ipv6_local_error(): the packet is too long for its path; the socket is told the path's MTU. */
export function ipv6_local_error(sk: inet6_sock, fl6: flowi6, mtu: number): Errno {
  if (opt6(sk, IPV6_RECVERR) !== 0) {
    sock_queue_err(sk, {
      payload: new Uint8Array(0),
      name: sockaddr6(fl6.daddr, 0, fl6.flowi_oif),
      ee: sock_extended_err(EMSGSIZE.code, SO_EE_ORIGIN_LOCAL, 0, 0, mtu, new Uint8Array(sockaddr_in6.size)),
      level: SOL_IPV6,
      type: IPV6_RECVERR,
      errno: EMSGSIZE,
    })
  }
  return EMSGSIZE
}
/**
 * ipv6_icmp_error(): an error message about a packet of the socket, whose own header begins at `payload_at`; the packet
 * itself at `inner`.
 */
export function ipv6_icmp_error(
  sk: inet6_sock,
  skb: sk_buff,
  type: number,
  code: number,
  inner: number,
  payload_at: number,
  info: number,
): void {
  const { err, fatal } = icmpv6_err_convert(type, code)
  const harderr = fatal || type === 2
  const recverr = opt6(sk, IPV6_RECVERR) !== 0
  if (!recverr && (!harderr || sk.sk_state !== TCP_ESTABLISHED)) return
  if (recverr) {
    const iif = icmpv6_iif(skb)
    sock_queue_err(sk, {
      payload: skb.buf.slice(payload_at, skb.tail),
      name: sockaddr6(skb.buf.slice(inner + 24, inner + 40), 0, iif),
      ee: sock_extended_err(err.code, SO_EE_ORIGIN_ICMP6, type, code, info, sockaddr6(ip6_saddr(skb), 0, iif)),
      level: SOL_IPV6,
      type: IPV6_RECVERR,
      errno: err,
    })
  }
  sk.sk_err = err
  sk_error_report(sk)
}

/** ip6_datagram_recv_ctl(): what the socket wants to know of a packet. */
function ip6_datagram_recv_ctl(sk: inet6_sock, skb: sk_buff, message: ReceivedMessage, request: ReceiveRequest): void {
  if (opt6(sk, IPV6_RECVPKTINFO) !== 0) {
    const info = new Uint8Array(20)
    info.set(ip6_daddr(skb))
    put32(info, 16, (skb.cb as { iif: number }).iif)
    put_cmsg(message, request, SOL_IPV6, IPV6_PKTINFO, info)
  }
  if (opt6(sk, IPV6_RECVHOPLIMIT) !== 0) put_cmsg_u32(message, request, SOL_IPV6, IPV6_HOPLIMIT, ip6_hop_limit(skb))
  if (opt6(sk, IPV6_RECVTCLASS) !== 0) put_cmsg_u32(message, request, SOL_IPV6, IPV6_TCLASS, ip6_tclass(skb))
}
/** Whether a packet that came in on `dev` may be the socket's: of its device, or of the one that its master is. */
export function sk_dev_equal(sk: inet6_sock, skb: sk_buff): boolean {
  const { sk_bound_dev_if: bound } = sk
  // on lo, the device that has the address counts (inet6_iif)
  return bound === 0 || bound === IP6CB(skb).iif || (bound === skb.dev?.ifindex && netif_is_l3_master(skb.dev))
}

/** rawv6_recvmsg(), ping_recvmsg(): the next packet, or the next error where those are asked for. */
export function ip6_datagram_recvmsg(sk: inet6_sock, request: ReceiveRequest): ReceivedMessage | Errno {
  if (request.flags & MSG_ERRQUEUE) return sock_recv_errqueue(sk, request)
  const skb = skb_recv_datagram(sk, request.flags)
  if (isErrno(skb)) return skb
  const message = received(request, skb_bytes(skb), sockaddr6(ip6_saddr(skb), 0, IP6CB(skb).iif))
  sock_recv_timestamp(sk, skb, message, request)
  ip6_datagram_recv_ctl(sk, skb, message, request)
  return message
}

/** net/ipv6/af_inet6.c: what a program does with a PF_INET6 socket. Carrying data is not built yet: such calls are counted. */
import { CAP_NET_BIND_SERVICE } from '../../kernel/capability.ts'
import { capable, type task_struct } from '../../kernel/task.ts'
import { get16 } from '../../lib/bytes.ts'
import type { ReceivedMessage, ReceiveRequest, SendMessage } from '../../syscalls/types.ts'
import {
  EACCES,
  EADDRNOTAVAIL,
  EAFNOSUPPORT,
  EAGAIN,
  EDESTADDRREQ,
  EINVAL,
  EMSGSIZE,
  ENODEV,
  ENOTCONN,
  EOPNOTSUPP,
  type Errno,
  isErrno,
} from '../../uapi/errno.ts'
import { IP_FREEBIND, IP_TRANSPARENT } from '../../uapi/linux/in.ts'
import {
  in6addr_any,
  in6addr_loopback,
  type in6_addr,
  IPPROTO_ICMPV6,
  IPV6_ADDR_LINKLOCAL,
  IPV6_ADDR_MAPPED,
  IPV6_ADDR_MULTICAST,
  ipv6_addr_any,
  ipv6_addr_type,
  sockaddr_in6,
} from '../../uapi/linux/in6.ts'
import { AF_INET, AF_INET6, AF_UNSPEC, MSG_OOB, SOCK_RAW, SOCK_STREAM } from '../../uapi/linux/socket.ts'
import { MSG_ERRQUEUE, sock_recv_errqueue } from '../core/datagram.ts'
import { inet_get_port, inet_put_port } from '../ipv4/inet_ports.ts'
import { TCP_CLOSE, TCP_ESTABLISHED } from '../ipv4/inet_sock.ts'
import { sock_error } from '../sock.ts'
import type { proto_ops, socket } from '../socket.ts'
import { datagram_poll, POLLHUP, POLLOUT, POLLWRNORM } from '../sockopt_cmsg.ts'
import { ipv6_chk_addr } from './addrconf_core.ts'
import { ipv6_dev_get_saddr } from './addrconf_saddr.ts'
import { inet6_ioctl } from './inet6_ioctl.ts'
import { inet6_sk, type inet6_sock } from './inet6_sock.ts'
import { flowi6 } from './ip6_fib_lookup.ts'
import { ipv6_getsockopt, ipv6_setsockopt } from './ipv6_sockglue.ts'
import { ping_v6_sendmsg } from './ping.ts'
import { rawv6_sendmsg } from './raw.ts'
import { ip6_datagram_recvmsg } from './sock6.ts'
import { ip6_route_output } from './route.ts'

/** Programs of old knew no sin6_scope_id. */
const SIN6_LEN_RFC2133 = 24

function unsupported(sk: inet6_sock, what: string): Errno {
  sk.sk_net.kernel.unsupported.count('socket', `PF_INET6 ${what} protocol ${sk.sk_protocol}`)
  return EOPNOTSUPP
}
function has_ports(sk: inet6_sock): boolean {
  return sk.sk_type !== SOCK_RAW
}
function sockaddr(addr: Uint8Array): { family: number; port: number; addr: in6_addr; scope_id: number } | Errno {
  if (addr.length < SIN6_LEN_RFC2133) return EINVAL
  const whole = new Uint8Array(sockaddr_in6.size)
  whole.set(addr.subarray(0, sockaddr_in6.size))
  const { sin6_family, sin6_port, sin6_addr, sin6_scope_id } = sockaddr_in6.get(whole, 0)
  return { family: sin6_family, port: sin6_port, addr: sin6_addr, scope_id: addr.length < sockaddr_in6.size ? 0 : sin6_scope_id }
}

export function inet6_release(sock: socket): void {
  const sk = inet6_sk(sock)
  if (has_ports(sk) && sk.inet_num !== 0) inet_put_port(sk)
  const { ipv6 } = sk.sk_net
  if (sk.sk_type === SOCK_RAW) ipv6.raw_sks = ipv6.raw_sks.filter((other) => other !== sk)
  sk.sk_net.kernel.namespaces.put_net(sk.sk_net)
}

function nonlocal_bind(sk: inet6_sock): boolean {
  return sk.sk_net.ipv6.sysctl.ip_nonlocal_bind !== 0 || sk.options.get(IP_FREEBIND) === 1 || sk.options.get(IP_TRANSPARENT) === 1
}
/** The address must be ours or a group; one of a link needs to say which. */
function check_local(sk: inet6_sock, addr: in6_addr, scope_id: number): Errno | undefined {
  const type = ipv6_addr_type(addr)
  if (ipv6_addr_any(addr)) return undefined
  if (type === IPV6_ADDR_MAPPED) return unsupported(sk, 'bind of a mapped address')
  const net = sk.sk_net
  if (type & IPV6_ADDR_LINKLOCAL && scope_id !== 0) sk.sk_bound_dev_if = scope_id
  if (type & IPV6_ADDR_LINKLOCAL && sk.sk_bound_dev_if === 0) return EINVAL
  const dev = sk.sk_bound_dev_if === 0 ? undefined : net.dev_index_head.get(sk.sk_bound_dev_if)
  if (sk.sk_bound_dev_if !== 0 && dev === undefined) return ENODEV
  if (type & IPV6_ADDR_MULTICAST || nonlocal_bind(sk)) return undefined
  return ipv6_chk_addr(net, addr, dev, false) ? undefined : EADDRNOTAVAIL
}

/** __inet6_bind(), rawv6_bind() */
export function inet6_bind(sock: socket, addr: Uint8Array, task: task_struct): Errno | undefined {
  const sk = inet6_sk(sock)
  const to = sockaddr(addr)
  if (isErrno(to)) return to
  if (to.family !== AF_INET6) return has_ports(sk) ? EAFNOSUPPORT : EINVAL
  if (has_ports(sk) && to.port !== 0 && to.port < sk.sk_net.ipv4.sysctl_ip_prot_sock && !capable(task, CAP_NET_BIND_SERVICE)) return EACCES
  if (sk.sk_state !== TCP_CLOSE || (has_ports(sk) && sk.inet_num !== 0)) return EINVAL
  const error = check_local(sk, to.addr, to.scope_id)
  if (isErrno(error)) return error
  sk.rcv_saddr = to.addr
  sk.saddr = ipv6_addr_type(to.addr) & IPV6_ADDR_MULTICAST ? in6addr_any : to.addr
  if (!has_ports(sk)) return undefined
  const taken = inet_get_port(sk, to.port)
  if (isErrno(taken)) {
    sk.saddr = sk.rcv_saddr = in6addr_any
    return taken
  }
  sk.inet_sport = sk.inet_num
  return undefined
}
function autobind(sk: inet6_sock): Errno | undefined {
  if (!has_ports(sk) || sk.inet_num !== 0) return undefined
  if (isErrno(inet_get_port(sk, 0))) return EAGAIN
  sk.inet_sport = sk.inet_num
  return undefined
}

/** The address to send from on the way to `daddr`, or why there is no way. */
function source_for(sk: inet6_sock, daddr: in6_addr, scope_id: number): in6_addr | Errno {
  const fl6 = new flowi6(daddr, sk.saddr)
  fl6.flowi_oif = sk.sk_bound_dev_if || (ipv6_addr_type(daddr) & IPV6_ADDR_LINKLOCAL ? scope_id : 0)
  const rt = ip6_route_output(sk.sk_net, fl6)
  if (isErrno(rt)) return rt
  if (rt.error !== undefined) return rt.error
  return ipv6_addr_any(sk.saddr) ? ipv6_dev_get_saddr(sk.sk_net, rt.dev, daddr, sk.srcprefs) : sk.saddr
}

/** Datagram sockets only note the peer, and with it the source address that the route gives (ip6_datagram_connect). */
export function inet6_connect(sock: socket, addr: Uint8Array, _task: task_struct): Errno | undefined {
  const sk = inet6_sk(sock)
  if (addr.length < 2) return EINVAL
  if (get16(addr, 0) === AF_UNSPEC) return disconnect(sk)
  if (get16(addr, 0) === AF_INET && !sk.ipv6only) return unsupported(sk, 'connect to IPv4')
  const to = sockaddr(addr)
  if (isErrno(to)) return to
  if (to.family !== AF_INET6) return EAFNOSUPPORT
  const bound = sk.sk_type === SOCK_STREAM ? undefined : autobind(sk)
  if (isErrno(bound)) return bound
  if (ipv6_addr_type(to.addr) === IPV6_ADDR_MAPPED) return unsupported(sk, 'connect to IPv4')
  const daddr = ipv6_addr_any(to.addr) ? in6addr_loopback : to.addr
  if (ipv6_addr_type(daddr) & IPV6_ADDR_LINKLOCAL && to.scope_id === 0 && sk.sk_bound_dev_if === 0) return EINVAL
  const saddr = source_for(sk, daddr, to.scope_id)
  if (isErrno(saddr)) return saddr
  if (sk.sk_type === SOCK_STREAM) return unsupported(sk, 'connect')
  if (ipv6_addr_any(sk.saddr)) sk.saddr = saddr
  if (ipv6_addr_any(sk.rcv_saddr)) sk.rcv_saddr = saddr
  sk.daddr = daddr
  sk.inet_dport = to.port
  sk.sk_state = TCP_ESTABLISHED
  sock.state = 3
  return undefined
}
function disconnect(sk: inet6_sock): Errno | undefined {
  if (sk.sk_type === SOCK_STREAM) return undefined
  sk.sk_state = TCP_CLOSE
  sk.inet_dport = 0
  sk.daddr = sk.saddr = sk.rcv_saddr = in6addr_any
  if (sk.sk_socket !== undefined) sk.sk_socket.state = 1
  return undefined
}

export function inet6_getname(sock: socket, peer: boolean): Uint8Array | Errno {
  const sk = inet6_sk(sock)
  if (peer && (sk.inet_dport === 0 || sk.sk_state === TCP_CLOSE)) return ENOTCONN
  const own = ipv6_addr_any(sk.rcv_saddr) ? sk.saddr : sk.rcv_saddr
  const addr = peer ? sk.daddr : own
  return sockaddr_in6.encode({
    sin6_family: AF_INET6,
    sin6_port: peer ? sk.inet_dport : sk.inet_sport,
    sin6_addr: addr,
    sin6_scope_id: ipv6_addr_type(addr) & IPV6_ADDR_LINKLOCAL ? sk.sk_bound_dev_if : 0,
  })
}

/** Up to the route as Linux goes; from there on there is no way yet. */
export function inet6_sendmsg(sock: socket, message: SendMessage, _task: task_struct): number | Errno {
  const sk = inet6_sk(sock)
  if (sk.sk_type === SOCK_STREAM) return sk.sk_state === TCP_ESTABLISHED ? unsupported(sk, 'sendmsg') : ENOTCONN
  const bound = autobind(sk)
  if (isErrno(bound)) return bound
  if (sk.sk_type === SOCK_RAW) return rawv6_sendmsg(sk, message)
  if (sk.sk_protocol === IPPROTO_ICMPV6) return ping_v6_sendmsg(sk, message)
  if (message.data.length > 0xffff) return EMSGSIZE
  if (message.flags & MSG_OOB) return EOPNOTSUPP
  let { daddr } = sk
  let scope_id = 0
  if (message.name !== undefined && message.name.length > 0) {
    const to = sockaddr(message.name)
    if (isErrno(to)) return to
    if (to.family !== AF_INET6 && to.family !== AF_UNSPEC) return EAFNOSUPPORT
    if (to.port === 0 && has_ports(sk)) return EINVAL
    daddr = to.addr
    scope_id = to.scope_id
  } else if (sk.sk_state !== TCP_ESTABLISHED) {
    return EDESTADDRREQ
  }
  const saddr = source_for(sk, daddr, scope_id)
  return isErrno(saddr) ? saddr : unsupported(sk, 'sendmsg')
}

/** UDP and TCP: nothing arrives yet. */
export function inet6_recvmsg(sock: socket, request: ReceiveRequest, _task: task_struct): ReceivedMessage | Errno {
  const sk = inet6_sk(sock)
  if (sk.sk_type === SOCK_RAW || sk.sk_protocol === IPPROTO_ICMPV6) return ip6_datagram_recvmsg(sk, request)
  if (request.flags & MSG_ERRQUEUE) return sock_recv_errqueue(sk, request)
  if (sk.sk_type === SOCK_STREAM && sk.sk_state !== TCP_ESTABLISHED) return ENOTCONN
  return sock_error(sk) ?? EAGAIN
}
export function inet6_poll(sock: socket): number {
  const sk = inet6_sk(sock)
  return sk.sk_type === SOCK_STREAM ? POLLOUT | POLLWRNORM | POLLHUP : datagram_poll(sk)
}
export function inet6_listen(sock: socket, _backlog: number, _task: task_struct): Errno {
  const sk = inet6_sk(sock)
  if (sk.sk_type !== SOCK_STREAM) return EOPNOTSUPP
  return sk.sk_state === TCP_CLOSE ? unsupported(sk, 'listen') : EINVAL
}
export function inet6_accept(sock: socket): socket | Errno {
  return sock.type === SOCK_STREAM ? EINVAL : EOPNOTSUPP
}
export function inet6_shutdown(sock: socket, how: number): Errno | undefined {
  const sk = inet6_sk(sock)
  if (how < 0 || how > 2) return EINVAL
  if (sk.sk_state === TCP_CLOSE) return ENOTCONN
  sk.sk_shutdown |= how + 1
  return undefined
}

export const inet6_sock_ops: proto_ops = {
  family: AF_INET6,
  release: inet6_release,
  bind: inet6_bind,
  connect: inet6_connect,
  listen: inet6_listen,
  accept: inet6_accept,
  shutdown: inet6_shutdown,
  getname: inet6_getname,
  setsockopt: ipv6_setsockopt,
  getsockopt: ipv6_getsockopt,
  sendmsg: inet6_sendmsg,
  recvmsg: inet6_recvmsg,
  poll: inet6_poll,
  ioctl: inet6_ioctl,
}

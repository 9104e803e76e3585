/** net/ipv4/af_inet.c: what a program does with a PF_INET socket. Streams listen, but carry no data yet: such calls are counted. */
import { CAP_NET_BIND_SERVICE } from '../../kernel/capability.ts'
import { capable, type task_struct } from '../../kernel/task.ts'
import { get16 } from '../../lib/bytes.ts'
import type { ReceivedMessage, ReceiveRequest, SendMessage, UserMemory } from '../../syscalls/types.ts'
import {
  EACCES,
  EADDRNOTAVAIL,
  EAFNOSUPPORT,
  EAGAIN,
  EINVAL,
  EISCONN,
  ENETUNREACH,
  ENOTCONN,
  EOPNOTSUPP,
  EPIPE,
  type Errno,
  isErrno,
} from '../../uapi/errno.ts'
import {
  INADDR_ANY,
  IP_BIND_ADDRESS_NO_PORT,
  IP_FREEBIND,
  IP_MULTICAST_IF,
  IP_TOS,
  IP_TRANSPARENT,
  IP_UNICAST_IF,
  IPPROTO_ICMP,
  ipv4_is_multicast,
  sockaddr_in,
} from '../../uapi/linux/in.ts'
import { RT_SCOPE_LINK, RTN_BROADCAST, RTN_LOCAL, RTN_MULTICAST } from '../../uapi/linux/rtnetlink.ts'
import { IPSTATS_MIB_OUTNOROUTES } from '../../uapi/linux/snmp.ts'
import { AF_INET, AF_UNSPEC, SOCK_RAW, SOCK_STREAM } from '../../uapi/linux/socket.ts'
import { RCV_SHUTDOWN, SOCK_FLAG, sk_data_ready, type sock, sock_error, sock_flag } from '../sock.ts'
import type { proto_ops, socket } from '../socket.ts'
import { datagram_poll, POLLHUP, POLLOUT, POLLWRNORM } from '../sockopt_cmsg.ts'
import { datagram_ioctl, MSG_ERRQUEUE } from '../core/datagram.ts'
import { flowi4 } from './fib_lookup.ts'
import { inet_addr_type, inet_addr_type_dev_table } from './fib_tables.ts'
import { inet_ioctl } from './inet_ioctl.ts'
import { ipmr_sk_ioctl, ipmr_sk_release } from './ipmr_sock.ts'
import { inet_get_port, inet_put_port } from './inet_ports.ts'
import { inet_csk_accept, inet_csk_listen_start, inet_csk_listen_stop } from './inet_connection_sock.ts'
import { inet_sk, type inet_sock, TCP_CLOSE, TCP_ESTABLISHED, TCP_LISTEN } from './inet_sock.ts'
import { ip_mc_drop_socket } from './igmp_sock.ts'
import { IP_INC_STATS } from './ip_stats.ts'
import { ip_getsockopt, ip_setsockopt } from './ip_sockglue.ts'
import { tcp_destroy_sock } from './tcp.ts'
import { ping_v4_sendmsg } from './ping.ts'
import { raw_sendmsg } from './raw.ts'
import { ip_datagram_recvmsg, ip_recv_error } from './sock4.ts'
import { udp_recvmsg } from './udp_recv.ts'
import { udp_sendmsg } from './udp_snd.ts'
import { ip_route_output_key, type rtable } from './route.ts'

function unsupported(sk: inet_sock, what: string): Errno {
  sk.sk_net.kernel.unsupported.count('socket', `PF_INET ${what} protocol ${sk.sk_protocol}`)
  return EOPNOTSUPP
}
function has_ports(sk: inet_sock): boolean {
  return sk.sk_type !== SOCK_RAW
}

export function inet_release(sock: socket): void {
  const sk = inet_sk(sock)
  if (has_ports(sk) && sk.inet_num !== 0) inet_put_port(sk)
  const { ipv4 } = sk.sk_net
  if (sk.sk_type === SOCK_RAW) {
    ipmr_sk_release(sk)
    ipv4.raw_sks = ipv4.raw_sks.filter((other) => other !== sk)
  }
  ip_mc_drop_socket(sk)
  if (sk.tcp !== undefined) tcp_destroy_sock(sk)
  sk.sk_net.kernel.namespaces.put_net(sk.sk_net)
}

/** inet_can_nonlocal_bind() */
function nonlocal_bind(sk: inet_sock): boolean {
  return sk.sk_net.ipv4.sysctl_ip_nonlocal_bind !== 0 || sk.options.get(IP_FREEBIND) === 1 || sk.options.get(IP_TRANSPARENT) === 1
}

/** __inet_bind(), raw_bind(): the address must be ours, a group or a broadcast; ports below 1024 are for the privileged. */
export function inet_bind(sock: socket, addr: Uint8Array, task: task_struct): Errno | undefined {
  const sk = inet_sk(sock)
  if (addr.length < sockaddr_in.size) return EINVAL
  const { sin_family, sin_addr, sin_port } = sockaddr_in.get(addr, 0)
  if (sk.sk_type === SOCK_RAW) return raw_bind(sk, sin_family, sin_addr)
  if (sin_family !== AF_INET && (sin_family !== AF_UNSPEC || sin_addr !== INADDR_ANY)) return EAFNOSUPPORT
  const type = bind_addr_type(sk, sin_addr)
  if (!bindable(sk, sin_addr, type)) return EADDRNOTAVAIL
  if (sin_port !== 0 && sin_port < sk.sk_net.ipv4.sysctl_ip_prot_sock && !capable(task, CAP_NET_BIND_SERVICE)) return EACCES
  if (sk.sk_state !== TCP_CLOSE || sk.inet_num !== 0) return EINVAL
  set_addr(sk, sin_addr, type)
  if (sin_port !== 0 || sk.options.get(IP_BIND_ADDRESS_NO_PORT) !== 1) {
    const error = inet_get_port(sk, sin_port)
    if (isErrno(error)) {
      sk.inet_saddr = sk.inet_rcv_saddr = 0
      return error
    }
  }
  sk.bindaddr_lock = sin_addr !== 0
  sk.bindport_lock = sin_port !== 0
  sk.inet_sport = sk.inet_num
  sk.inet_daddr = sk.inet_dport = 0
  return undefined
}
/** By the table of the VRF that the socket's device is in, or is. */
function bind_addr_type(sk: inet_sock, addr: number): number {
  const dev = sk.sk_net.dev_index_head.get(sk.sk_bound_dev_if)
  return dev === undefined ? inet_addr_type(sk.sk_net, addr) : inet_addr_type_dev_table(sk.sk_net, dev, addr)
}
function bindable(sk: inet_sock, addr: number, type: number): boolean {
  if (addr === INADDR_ANY || type === RTN_LOCAL) return true
  // ping_check_bind_addr() takes no address of many
  if (type === RTN_MULTICAST || type === RTN_BROADCAST) return sk.sk_type === SOCK_RAW || sk.sk_protocol !== IPPROTO_ICMP
  return nonlocal_bind(sk)
}
/** Packets for a group or broadcast are received at it, but sent from an address of the device. */
function set_addr(sk: inet_sock, addr: number, type: number): void {
  sk.inet_rcv_saddr = addr
  sk.inet_saddr = type === RTN_BROADCAST || type === RTN_MULTICAST ? 0 : addr
}
function raw_bind(sk: inet_sock, family: number, addr: number): Errno | undefined {
  if (sk.sk_state !== TCP_CLOSE || (family !== AF_INET && family !== AF_UNSPEC)) return EINVAL
  const type = bind_addr_type(sk, addr)
  if (!bindable(sk, addr, type)) return EADDRNOTAVAIL
  set_addr(sk, addr, type)
  return undefined
}

function autobind(sk: inet_sock): Errno | undefined {
  if (!has_ports(sk) || sk.inet_num !== 0) return undefined
  if (isErrno(inet_get_port(sk, 0))) return EAGAIN
  sk.inet_sport = sk.inet_num
  return undefined
}

/** The route to a destination as the socket would take it; broadcasts need SO_BROADCAST. */
function route_to(sk: inet_sock, daddr: number, dport = 0): rtable | Errno {
  const fl = new flowi4(daddr, sk.sk_bound_dev_if)
  fl.saddr = sk.inet_saddr
  fl.mark = sk.sk_mark
  fl.uid = sk.sk_uid
  fl.proto = sk.sk_protocol
  fl.tos = (sk.options.get(IP_TOS) ?? 0) & 0xfc
  fl.sport = sk.inet_sport
  fl.dport = dport
  if (sock_flag(sk, SOCK_FLAG.LOCALROUTE)) fl.scope = RT_SCOPE_LINK
  if (ipv4_is_multicast(daddr)) {
    fl.oif ||= sk.options.get(IP_MULTICAST_IF) ?? 0
    fl.saddr ||= sk.mc_addr
  } else fl.oif ||= sk.options.get(IP_UNICAST_IF) ?? 0
  const rt = ip_route_output_key(sk.sk_net, fl)
  if (isErrno(rt)) return rt
  return rt.rt_type === RTN_BROADCAST && !sock_flag(sk, SOCK_FLAG.BROADCAST) ? EACCES : rt
}

/** Datagram sockets only note the peer, and with it the source address that the route gives. */
export function inet_connect(sock: socket, addr: Uint8Array, _task: task_struct): Errno | undefined {
  const sk = inet_sk(sock)
  if (addr.length < 2) return EINVAL
  if (get16(addr, 0) === AF_UNSPEC) return disconnect(sk)
  if (addr.length >= sockaddr_in.size && sk.sk_type === SOCK_STREAM) return stream_connect(sk, addr)
  const bound = autobind(sk)
  if (isErrno(bound)) return bound
  return __ip4_datagram_connect(sk, addr)
}
export function __ip4_datagram_connect(sk: inet_sock, addr: Uint8Array): Errno | undefined {
  if (addr.length < sockaddr_in.size) return EINVAL
  const { sin_family, sin_addr, sin_port } = sockaddr_in.get(addr, 0)
  if (sin_family !== AF_INET) return EAFNOSUPPORT
  const rt = route_to(sk, sin_addr, sin_port)
  if (isErrno(rt)) {
    if (rt === ENETUNREACH) IP_INC_STATS(sk.sk_net, IPSTATS_MIB_OUTNOROUTES)
    return rt
  }
  if (sk.inet_saddr === 0) sk.inet_saddr = rt.saddr
  if (sk.inet_rcv_saddr === 0) sk.inet_rcv_saddr = rt.saddr
  sk.inet_daddr = rt.daddr
  sk.inet_dport = sin_port
  sk.sk_state = TCP_ESTABLISHED
  if (sk.sk_socket !== undefined) sk.sk_socket.state = 3
  return undefined
}
function stream_connect(sk: inet_sock, addr: Uint8Array): Errno {
  if (sk.sk_state !== TCP_CLOSE) return EISCONN
  const { sin_family, sin_addr } = sockaddr_in.get(addr, 0)
  if (sin_family !== AF_INET) return EAFNOSUPPORT
  const rt = route_to(sk, sin_addr)
  return isErrno(rt) ? rt : unsupported(sk, 'connect')
}
/** __udp_disconnect(): address and port that were chosen, not given, go too. */
function disconnect(sk: inet_sock): Errno | undefined {
  if (sk.sk_type === SOCK_STREAM) {
    if (sk.sk_state === TCP_LISTEN) inet_csk_listen_stop(sk)
    return undefined
  }
  sk.sk_state = TCP_CLOSE
  sk.inet_daddr = sk.inet_dport = 0
  sk.sk_bound_dev_if = 0
  if (!sk.bindaddr_lock) sk.inet_saddr = sk.inet_rcv_saddr = 0
  if (!sk.bindport_lock && has_ports(sk) && sk.inet_num !== 0) inet_put_port(sk)
  if (sk.sk_socket !== undefined) sk.sk_socket.state = 1
  return undefined
}

export function inet_getname(sock: socket, peer: boolean): Uint8Array | Errno {
  const sk = inet_sk(sock)
  if (!peer) {
    const sin_addr = sk.inet_rcv_saddr !== 0 ? sk.inet_rcv_saddr : sk.inet_saddr
    return sockaddr_in.encode({ sin_family: AF_INET, sin_port: sk.inet_sport, sin_addr })
  }
  if (sk.inet_dport === 0 || sk.sk_state === TCP_CLOSE) return ENOTCONN
  return sockaddr_in.encode({ sin_family: AF_INET, sin_port: sk.inet_dport, sin_addr: sk.inet_daddr })
}

export function inet_sendmsg(sock: socket, message: SendMessage, _task: task_struct): number | Errno {
  const sk = inet_sk(sock)
  if (sk.sk_type === SOCK_STREAM) return sk.sk_state === TCP_ESTABLISHED ? unsupported(sk, 'sendmsg') : EPIPE
  const bound = autobind(sk)
  if (isErrno(bound)) return bound
  if (sk.sk_type === SOCK_RAW) return raw_sendmsg(sk, message)
  return sk.udp !== undefined ? udp_sendmsg(sk, message) : ping_v4_sendmsg(sk, message)
}

export function inet_recvmsg(sock: socket, request: ReceiveRequest, _task: task_struct): ReceivedMessage | Errno {
  const sk = inet_sk(sock)
  if (sk.udp !== undefined) return udp_recvmsg(sk, request)
  if (sk.sk_type !== SOCK_STREAM) return ip_datagram_recvmsg(sk, request)
  if (request.flags & MSG_ERRQUEUE) return ip_recv_error(sk, request)
  return sk.sk_state !== TCP_ESTABLISHED ? ENOTCONN : (sock_error(sk) ?? EAGAIN)
}

export function inet_poll(sock: socket): number {
  const sk = inet_sk(sock)
  if (sk.sk_type === SOCK_STREAM) return sk.sk_state === TCP_LISTEN ? 0 : POLLOUT | POLLWRNORM | POLLHUP
  return datagram_poll(sk)
}

/** A listener may be told another backlog; more than net.core.somaxconn is none (__sys_listen). */
export function inet_listen(sock: socket, backlog: number, _task: task_struct): Errno | undefined {
  const sk = inet_sk(sock)
  if (sk.sk_type !== SOCK_STREAM) return EOPNOTSUPP
  if (sock.state !== 1 || (sk.sk_state !== TCP_CLOSE && sk.sk_state !== TCP_LISTEN)) return EINVAL
  sk.sk_max_ack_backlog = Math.min(backlog >>> 0, sk.sk_net.core.sysctl_somaxconn)
  return sk.sk_state === TCP_LISTEN ? undefined : inet_csk_listen_start(sk)
}
export function inet_accept(sock: socket): socket | Errno {
  return sock.type === SOCK_STREAM ? inet_csk_accept(inet_sk(sock)) : EOPNOTSUPP
}
export function inet_shutdown(sock: socket, how: number): Errno | undefined {
  const sk = inet_sk(sock)
  if (how < 0 || how > 2) return EINVAL
  // a listener listens no more when it is not to receive
  if (sk.sk_state === TCP_LISTEN) {
    if ((how + 1) & RCV_SHUTDOWN) inet_csk_listen_stop(sk)
    else sk.sk_shutdown |= how + 1
    return undefined
  }
  // a datagram socket is shut down all the same, and wakes who waits
  const datagrams = sk.sk_type !== SOCK_STREAM
  if (datagrams || sk.sk_state !== TCP_CLOSE) {
    sk.sk_shutdown |= how + 1
    sk_data_ready(sk)
  }
  return sk.sk_state === TCP_CLOSE ? ENOTCONN : undefined
}
/** udp_set_peek_off() */
export function inet_set_peek_off(sk: sock, value: number): Errno | undefined {
  const { udp, tcp } = sk as inet_sock
  if (udp === undefined && tcp === undefined) return EOPNOTSUPP
  sk.sk_peek_off = value
  return undefined
}
/** udp_ioctl(), raw_ioctl(): bytes that wait; else IPv4's requests. */
export function inet_sock_ioctl(sock: socket, cmd: number, arg: number, memory: UserMemory, task: task_struct): number | Errno {
  const sk = inet_sk(sock)
  return datagram_ioctl(sk, cmd, arg, memory) ?? ipmr_sk_ioctl(sk, cmd, arg, memory) ?? inet_ioctl(sock, cmd, arg, memory, task)
}

export const inet_sock_ops: proto_ops = {
  family: AF_INET,
  release: inet_release,
  bind: inet_bind,
  connect: inet_connect,
  listen: inet_listen,
  accept: inet_accept,
  shutdown: inet_shutdown,
  getname: inet_getname,
  setsockopt: ip_setsockopt,
  getsockopt: ip_getsockopt,
  sendmsg: inet_sendmsg,
  recvmsg: inet_recvmsg,
  poll: inet_poll,
  ioctl: inet_sock_ioctl,
  set_peek_off: inet_set_peek_off,
}

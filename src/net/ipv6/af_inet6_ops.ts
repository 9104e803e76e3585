/** net/ipv6/af_inet6.c: what a program does with a PF_INET6 socket. Streams listen, but carry no data yet: such calls are counted. */
import { CAP_NET_BIND_SERVICE } from '../../kernel/capability.ts'
import { capable, type task_struct } from '../../kernel/task.ts'
import { get16, getBe32 } from '../../lib/bytes.ts'
import type { ReceivedMessage, ReceiveRequest, SendMessage, UserMemory } from '../../syscalls/types.ts'
import {
  EACCES,
  EADDRNOTAVAIL,
  EAFNOSUPPORT,
  EAGAIN,
  EINVAL,
  EISCONN,
  ENETUNREACH,
  ENODEV,
  ENOTCONN,
  EOPNOTSUPP,
  EPIPE,
  type Errno,
  isErrno,
} from '../../uapi/errno.ts'
import { INADDR_LOOPBACK, IP_FREEBIND, IP_TRANSPARENT, sockaddr_in } from '../../uapi/linux/in.ts'
import {
  in6addr_any,
  in6addr_loopback,
  type in6_addr,
  IPV6_ADDR_LINKLOCAL,
  IPV6_ADDR_MAPPED,
  IPV6_ADDR_MULTICAST,
  IPV6_FLOWINFO_SEND,
  IPV6_FLOWLABEL_MASK,
  IPV6_MULTICAST_IF,
  IPV6_TCLASS,
  IPV6_UNICAST_IF,
  ipv6_addr_any,
  ipv6_addr_type,
  sockaddr_in6,
} from '../../uapi/linux/in6.ts'
import { RTN_BROADCAST, RTN_LOCAL, RTN_MULTICAST } from '../../uapi/linux/rtnetlink.ts'
import { AF_INET, AF_INET6, AF_UNSPEC, SOCK_RAW, SOCK_STREAM } from '../../uapi/linux/socket.ts'
import { datagram_ioctl, MSG_ERRQUEUE } from '../core/datagram.ts'
import { __ip4_datagram_connect, inet_accept, inet_listen, inet_poll, inet_set_peek_off, inet_shutdown } from '../ipv4/af_inet_ops.ts'
import { inet_addr_type, inet_addr_type_dev_table } from '../ipv4/fib_tables.ts'
import { ip_mc_drop_socket } from '../ipv4/igmp_sock.ts'
import { inet_get_port, inet_put_port } from '../ipv4/inet_ports.ts'
import { inet_csk_listen_stop } from '../ipv4/inet_connection_sock.ts'
import { TCP_CLOSE, TCP_ESTABLISHED, TCP_LISTEN } from '../ipv4/inet_sock.ts'
import { sock_error } from '../sock.ts'
import type { proto_ops, socket } from '../socket.ts'
import { tcp_destroy_sock } from '../ipv4/tcp.ts'
import { ipv6_chk_addr } from './addrconf_core.ts'
import { ipv6_sock_ac_close } from './anycast.ts'
import { inet6_ioctl } from './inet6_ioctl.ts'
import { ip6mr_sk_done, ip6mr_sk_ioctl } from './ip6mr_sock.ts'
import { inet6_sk, type inet6_sock } from './inet6_sock.ts'
import { ip6_dst_lookup } from './ip6_dst_lookup.ts'
import { flowi6 } from './ip6_fib_lookup.ts'
import { ipv6_getsockopt, ipv6_setsockopt } from './ipv6_sockglue.ts'
import { ping_v6_sendmsg } from './ping.ts'
import { rawv6_sendmsg } from './raw.ts'
import { fl6_free_socklist, fl6_sock_lookup } from './ip6_flowlabel_mgr.ts'
import { ipv6_sock_mc_close } from './mcast_sock.ts'
import { ip6_datagram_recvmsg, ipv6_recv_error, mapped } from './sock6.ts'
import { udpv6_recvmsg } from './udp_recv.ts'
import { udpv6_sendmsg } from './udp_snd.ts'

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
  ip_mc_drop_socket(sk)
  ipv6_sock_mc_close(sk)
  ipv6_sock_ac_close(sk)
  fl6_free_socklist(sk)
  if (sk.sk_type === SOCK_RAW) {
    ip6mr_sk_done(sk)
    ipv6.raw_sks = ipv6.raw_sks.filter((other) => other !== sk)
  }
  if (sk.tcp !== undefined) tcp_destroy_sock(sk)
  sk.sk_net.kernel.namespaces.put_net(sk.sk_net)
}

function nonlocal_bind(sk: inet6_sock): boolean {
  return sk.sk_net.ipv6.sysctl.ip_nonlocal_bind !== 0 || sk.options.get(IP_FREEBIND) === 1 || sk.options.get(IP_TRANSPARENT) === 1
}
/** What an address of IPv6 that is not a mapped one is to IPv4 (LOOPBACK4_IPV6): none of its addresses. */
const LOOPBACK4_IPV6 = 0x7f000006

/** The address must be ours or a group; one of a link needs to say which. Answers what it is to IPv4. */
function check_local(sk: inet6_sock, addr: in6_addr, scope_id: number): number | Errno {
  const type = ipv6_addr_type(addr)
  const net = sk.sk_net
  if (type === IPV6_ADDR_MAPPED) {
    if (sk.ipv6only) return EINVAL
    const dev = net.dev_index_head.get(sk.sk_bound_dev_if)
    if (sk.sk_bound_dev_if !== 0 && dev === undefined) return ENODEV
    const v4 = getBe32(addr, 12)
    const kind = dev === undefined ? inet_addr_type(net, v4) : inet_addr_type_dev_table(net, dev, v4)
    const ours = v4 === 0 || kind === RTN_LOCAL || kind === RTN_MULTICAST || kind === RTN_BROADCAST
    return ours || nonlocal_bind(sk) || net.ipv4.sysctl_ip_nonlocal_bind !== 0 ? v4 : EADDRNOTAVAIL
  }
  if (ipv6_addr_any(addr)) return 0
  if (type & IPV6_ADDR_LINKLOCAL || (type & IPV6_ADDR_MULTICAST && (addr[1] & 15) <= 2)) {
    if (scope_id !== 0) sk.sk_bound_dev_if = scope_id
    if (sk.sk_bound_dev_if === 0) return EINVAL
  }
  const dev = sk.sk_bound_dev_if === 0 ? undefined : net.dev_index_head.get(sk.sk_bound_dev_if)
  if (sk.sk_bound_dev_if !== 0 && dev === undefined) return ENODEV
  if (type & IPV6_ADDR_MULTICAST || nonlocal_bind(sk)) return LOOPBACK4_IPV6
  return ipv6_chk_addr(net, addr, dev, false) ? LOOPBACK4_IPV6 : EADDRNOTAVAIL
}

/** __inet6_bind(), rawv6_bind() */
export function inet6_bind(sock: socket, addr: Uint8Array, task: task_struct): Errno | undefined {
  const sk = inet6_sk(sock)
  const to = sockaddr(addr)
  if (isErrno(to)) return to
  if (to.family !== AF_INET6) return has_ports(sk) ? EAFNOSUPPORT : EINVAL
  if (sk.sk_type === SOCK_STREAM && ipv6_addr_type(to.addr) & IPV6_ADDR_MULTICAST) return EINVAL
  if (has_ports(sk) && to.port !== 0 && to.port < sk.sk_net.ipv4.sysctl_ip_prot_sock && !capable(task, CAP_NET_BIND_SERVICE)) return EACCES
  if (sk.sk_state !== TCP_CLOSE || (has_ports(sk) && sk.inet_num !== 0)) return EINVAL
  if (!has_ports(sk) && ipv6_addr_type(to.addr) === IPV6_ADDR_MAPPED) return EADDRNOTAVAIL
  const v4 = check_local(sk, to.addr, to.scope_id)
  if (isErrno(v4)) return v4
  sk.rcv_saddr = to.addr
  sk.saddr = ipv6_addr_type(to.addr) & IPV6_ADDR_MULTICAST ? in6addr_any : to.addr
  if (!has_ports(sk)) return undefined
  sk.inet_rcv_saddr = sk.inet_saddr = v4
  const only = sk.ipv6only
  // an address of IPv6 hears no IPv4
  if (!ipv6_addr_any(to.addr) && ipv6_addr_type(to.addr) !== IPV6_ADDR_MAPPED) sk.ipv6only = true
  const taken = inet_get_port(sk, to.port)
  if (isErrno(taken)) {
    sk.saddr = sk.rcv_saddr = in6addr_any
    sk.inet_rcv_saddr = sk.inet_saddr = 0
    sk.ipv6only = only
    return taken
  }
  sk.bindaddr_lock = !ipv6_addr_any(to.addr)
  sk.bindport_lock = to.port !== 0
  sk.inet_sport = sk.inet_num
  sk.inet_daddr = sk.inet_dport = 0
  return undefined
}
function autobind(sk: inet6_sock): Errno | undefined {
  if (!has_ports(sk) || sk.inet_num !== 0) return undefined
  if (isErrno(inet_get_port(sk, 0))) return EAGAIN
  sk.inet_sport = sk.inet_num
  return undefined
}

/** The address to send from on the way to `daddr`, or why there is no way. */
function source_for(sk: inet6_sock, daddr: in6_addr, port: number): in6_addr | Errno {
  const fl6 = new flowi6(daddr, sk.saddr)
  const group = (ipv6_addr_type(daddr) & IPV6_ADDR_MULTICAST) !== 0
  fl6.flowi_oif = sk.sk_bound_dev_if || sk.sticky_ifindex || (sk.options6.get(group ? IPV6_MULTICAST_IF : IPV6_UNICAST_IF) ?? 0)
  fl6.flowi6_proto = sk.sk_protocol
  fl6.flowi_mark = sk.sk_mark
  fl6.flowi_uid = sk.sk_uid
  fl6.fl6_sport = sk.inet_sport
  fl6.fl6_dport = port
  fl6.flowlabel = (sk.options6.get(IPV6_TCLASS) ?? 0) << 20
  const rt = ip6_dst_lookup(sk.sk_net, fl6, sk.srcprefs)
  return isErrno(rt) ? rt : fl6.saddr
}

/** Datagram sockets only note the peer, and with it the source address that the route gives (ip6_datagram_connect). */
export function inet6_connect(sock: socket, addr: Uint8Array, _task: task_struct): Errno | undefined {
  const sk = inet6_sk(sock)
  if (addr.length < 2) return EINVAL
  const family = get16(addr, 0)
  if (family === AF_UNSPEC) return disconnect(sk)
  const flowlabel = flowlabel_of(sk, addr)
  if (isErrno(flowlabel)) return flowlabel
  const bound = sk.sk_type === SOCK_STREAM ? undefined : autobind(sk)
  if (isErrno(bound)) return bound
  if (family === AF_INET && sk.sk_type !== SOCK_STREAM) return sk.ipv6only ? EAFNOSUPPORT : connect_mapped(sk, addr)
  const to = sockaddr(addr)
  if (isErrno(to)) return to
  if (to.family !== AF_INET6) return EAFNOSUPPORT
  if (sk.sk_type === SOCK_STREAM && sk.sk_state !== TCP_CLOSE) return EISCONN
  if (ipv6_addr_type(to.addr) === IPV6_ADDR_MAPPED) {
    if (sk.ipv6only) return ENETUNREACH
    if (sk.sk_type === SOCK_STREAM) return unsupported(sk, 'connect to IPv4')
    return connect_mapped(sk, sockaddr_in.encode({ sin_family: AF_INET, sin_port: to.port, sin_addr: getBe32(to.addr, 12) }))
  }
  if (ipv6_addr_any(to.addr) && ipv6_addr_type(sk.rcv_saddr) === IPV6_ADDR_MAPPED) {
    return connect_mapped(sk, sockaddr_in.encode({ sin_family: AF_INET, sin_port: to.port, sin_addr: INADDR_LOOPBACK }))
  }
  const error = connect6(sk, ipv6_addr_any(to.addr) ? in6addr_loopback : to.addr, to.port, to.scope_id)
  if (error === undefined) sk.flow_label = flowlabel
  return error
}
/** IPV6_FLOWINFO_SEND: the label of the address; where labels are leased it has to be the socket's. */
function flowlabel_of(sk: inet6_sock, addr: Uint8Array): number | Errno {
  if (get16(addr, 0) !== AF_INET6 || addr.length < 8 || !sk.options6.get(IPV6_FLOWINFO_SEND)) return 0
  const label = getBe32(addr, 4) & IPV6_FLOWLABEL_MASK
  return label !== 0 && isErrno(fl6_sock_lookup(sk, label)) ? EINVAL : label
}
function connect6(sk: inet6_sock, daddr: in6_addr, port: number, scope_id: number): Errno | undefined {
  const type = ipv6_addr_type(daddr)
  if (type & IPV6_ADDR_LINKLOCAL || (type & IPV6_ADDR_MULTICAST && (daddr[1] & 15) <= 2)) {
    if (scope_id !== 0) {
      if (sk.sk_bound_dev_if !== 0 && sk.sk_bound_dev_if !== scope_id) return EINVAL
      sk.sk_bound_dev_if = scope_id
    }
    if (sk.sk_bound_dev_if === 0 && type & IPV6_ADDR_MULTICAST) sk.sk_bound_dev_if = sk.options6.get(IPV6_MULTICAST_IF) ?? 0
    if (sk.sk_bound_dev_if === 0) return EINVAL
  }
  const saddr = source_for(sk, daddr, port)
  if (isErrno(saddr)) return saddr
  if (sk.sk_type === SOCK_STREAM) return unsupported(sk, 'connect')
  if (ipv6_addr_any(sk.saddr)) sk.saddr = saddr
  if (ipv6_addr_any(sk.rcv_saddr)) {
    sk.rcv_saddr = saddr
    sk.inet_rcv_saddr = LOOPBACK4_IPV6
  }
  sk.daddr = daddr
  sk.inet_dport = port
  sk.sk_state = TCP_ESTABLISHED
  if (sk.sk_socket !== undefined) sk.sk_socket.state = 3
  return undefined
}
/** To an address of IPv4: what IPv4 notes is noted in the form of IPv6 too. */
function connect_mapped(sk: inet6_sock, addr: Uint8Array): Errno | undefined {
  const error = __ip4_datagram_connect(sk, addr)
  if (isErrno(error)) return error
  sk.daddr = mapped(sk.inet_daddr)
  const fresh = (a: in6_addr) => ipv6_addr_any(a) || ipv6_addr_type(a) === IPV6_ADDR_MAPPED
  if (fresh(sk.saddr)) sk.saddr = mapped(sk.inet_saddr)
  if (fresh(sk.rcv_saddr)) sk.rcv_saddr = mapped(sk.inet_rcv_saddr)
  return undefined
}
/** __udp_disconnect(): address and port that were chosen, not given, go too. */
function disconnect(sk: inet6_sock): Errno | undefined {
  if (sk.sk_type === SOCK_STREAM) {
    if (sk.sk_state === TCP_LISTEN) inet_csk_listen_stop(sk)
    return undefined
  }
  sk.sk_state = TCP_CLOSE
  sk.inet_daddr = sk.inet_dport = 0
  sk.sk_bound_dev_if = 0
  sk.daddr = in6addr_any
  if (!sk.bindaddr_lock) {
    sk.inet_saddr = sk.inet_rcv_saddr = 0
    sk.saddr = sk.rcv_saddr = in6addr_any
  }
  if (!sk.bindport_lock && has_ports(sk) && sk.inet_num !== 0) inet_put_port(sk)
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

export function inet6_sendmsg(sock: socket, message: SendMessage, _task: task_struct): number | Errno {
  const sk = inet6_sk(sock)
  if (sk.sk_type === SOCK_STREAM) return sk.sk_state === TCP_ESTABLISHED ? unsupported(sk, 'sendmsg') : EPIPE
  const bound = autobind(sk)
  if (isErrno(bound)) return bound
  if (sk.sk_type === SOCK_RAW) return rawv6_sendmsg(sk, message)
  return sk.udp !== undefined ? udpv6_sendmsg(sk, message) : ping_v6_sendmsg(sk, message)
}

export function inet6_recvmsg(sock: socket, request: ReceiveRequest, _task: task_struct): ReceivedMessage | Errno {
  const sk = inet6_sk(sock)
  if (sk.udp !== undefined) return udpv6_recvmsg(sk, request)
  if (sk.sk_type !== SOCK_STREAM) return ip6_datagram_recvmsg(sk, request)
  if (request.flags & MSG_ERRQUEUE) return ipv6_recv_error(sk, request)
  return sk.sk_state !== TCP_ESTABLISHED ? ENOTCONN : (sock_error(sk) ?? EAGAIN)
}
/** Bytes that wait; else IPv6's requests. */
export function inet6_sock_ioctl(sock: socket, cmd: number, arg: number, memory: UserMemory, task: task_struct): number | Errno {
  const sk = inet6_sk(sock)
  return datagram_ioctl(sk, cmd, arg, memory) ?? ip6mr_sk_ioctl(sk, cmd, arg, memory) ?? inet6_ioctl(sock, cmd, arg, memory, task)
}

export const inet6_sock_ops: proto_ops = {
  family: AF_INET6,
  release: inet6_release,
  bind: inet6_bind,
  connect: inet6_connect,
  listen: inet_listen,
  accept: inet_accept,
  shutdown: inet_shutdown,
  getname: inet6_getname,
  setsockopt: ipv6_setsockopt,
  getsockopt: ipv6_getsockopt,
  sendmsg: inet6_sendmsg,
  recvmsg: inet6_recvmsg,
  poll: inet_poll,
  ioctl: inet6_sock_ioctl,
  set_peek_off: inet_set_peek_off,
}

/** net/netlink/af_netlink.c: what a program does with a netlink socket. */

import { CAP_NET_ADMIN } from '../../kernel/capability.ts'
import { request_module } from '../../kernel/kmod.ts'
import type { task_struct } from '../../kernel/task.ts'
import { capable } from '../../kernel/task.ts'
import { put32 } from '../../lib/bytes.ts'
import type { ReceivedMessage, ReceiveRequest, SendMessage } from '../../syscalls/types.ts'
import {
  EAGAIN,
  ECONNREFUSED,
  EINVAL,
  EMSGSIZE,
  ENODATA,
  ENOIOCTLCMD,
  EOPNOTSUPP,
  EPERM,
  EPROTONOSUPPORT,
  type Errno,
  ESOCKTNOSUPPORT,
  isErrno,
} from '../../uapi/errno.ts'
import { MAX_LINKS, NETLINK_LISTEN_ALL_NSID, NETLINK_PKTINFO, sockaddr_nl } from '../../uapi/linux/netlink.ts'
import { AF_NETLINK, AF_UNSPEC, MSG_OOB, MSG_PEEK, MSG_TRUNC, SOL_NETLINK } from '../../uapi/linux/socket.ts'
import type { net } from '../core/net_namespace.ts'
import { sk_error_report, sock_error, sock_i_ino } from '../sock.ts'
import type { net_proto_family, proto_ops, socket } from '../socket.ts'
import { datagram_poll, POLLIN, POLLRDNORM, put_cmsg, scm_recv, scm_send } from '../sockopt_cmsg.ts'
import { NETLINK_MAX_RECVMSG_LEN, netlink_dump, netlink_dump_end } from './netlink_dump.ts'
import { netlink_broadcast, netlink_deliver, netlink_getsockbyportid } from './netlink_multicast.ts'
import {
  is_netlink_type,
  NETLINK_CONNECTED,
  NETLINK_F,
  NETLINK_UNCONNECTED,
  NL_CFG_F_NONROOT_SEND,
  netlink_autobind,
  netlink_insert,
  netlink_is_kernel,
  netlink_remove,
  netlink_skb,
  netlink_sock,
  user_skb_truesize,
} from './netlink_sock.ts'
import { netlink_deliver_tap } from './netlink_tap.ts'
import { netlink_getsockopt, netlink_join_bound_groups, netlink_leave_all, netlink_setsockopt } from './netlink_sockopt.ts'

export const netlink_family_ops: net_proto_family = { family: AF_NETLINK, name: 'PF_NETLINK/PF_ROUTE', create: netlink_create }

/** SOCK_DIAG, XFRM, SELINUX, ISCSI, AUDIT, FIB_LOOKUP, CONNECTOR, NETFILTER, SCSITRANSPORT, RDMA, CRYPTO */
const built_on_debian: ReadonlySet<number> = new Set([4, 6, 7, 8, 9, 10, 11, 12, 18, 20, 21])

/** Protocols that Linux builds and netdouble does not (yet) answer like a kernel without them, and are counted. */
export function netlink_create(net: net, sock: socket, protocol: number, task: task_struct | undefined): Errno | undefined {
  if (!is_netlink_type(sock.type)) return ESOCKTNOSUPPORT
  if (protocol < 0 || protocol >= MAX_LINKS) return EPROTONOSUPPORT
  const { registered } = net.kernel.netlink.tables[protocol]
  if (registered === 0 && !request_module(net.kernel, `net-pf-${AF_NETLINK}-proto-${protocol}`)) {
    if (built_on_debian.has(protocol)) net.kernel.unsupported.count('netlink', `protocol ${protocol}`)
    return EPROTONOSUPPORT
  }
  sock.ops = netlink_ops
  new netlink_sock(net, sock, sock.type, protocol, task?.tgid ?? 0)
  net.kernel.namespaces.get_net(net)
  return undefined
}

export function netlink_release(sock: socket): void {
  const sk = nlk(sock)
  netlink_dump_end(sk)
  netlink_remove(sk)
  netlink_leave_all(sk)
  sk.sk_receive_queue.purge()
  sk.sk_rmem_alloc = 0
  sk.sk_net.kernel.namespaces.put_net(sk.sk_net)
}

function nlk(sock: socket): netlink_sock {
  return sock.sk as netlink_sock
}

/** netlink_allowed: who may do without CAP_NET_ADMIN what `flag` names. */
export function netlink_allowed(sk: netlink_sock, task: task_struct, flag: number): boolean {
  return (sk.sk_net.kernel.netlink.tables[sk.sk_protocol].flags & flag) !== 0 || capable(task, CAP_NET_ADMIN)
}

/** A bad address leaves the socket as it was; groups need permission even when nothing else changes. */
export function netlink_bind(sock: socket, addr: Uint8Array, task: task_struct): Errno | undefined {
  if (addr.length < sockaddr_nl.size || sockaddr_nl.field.nl_family.get(addr, 0) !== AF_NETLINK) return EINVAL
  const sk = nlk(sock)
  const groups = sockaddr_nl.field.nl_groups.get(addr, 0)
  const portid = sockaddr_nl.field.nl_pid.get(addr, 0)
  return netlink_join_bound_groups(sk, groups, task, () => bind_portid(sk, portid, task))
}

function bind_portid(sk: netlink_sock, portid: number, task: task_struct): Errno | undefined {
  if (sk.bound) return portid === sk.portid ? undefined : EINVAL
  return portid === 0 ? netlink_autobind(sk, task) : netlink_insert(sk, portid)
}

export function netlink_connect(sock: socket, addr: Uint8Array, task: task_struct): Errno | undefined {
  const sk = nlk(sock)
  if (addr.length < 2) return EINVAL
  const family = addr[0] | (addr[1] << 8)
  if (family === AF_UNSPEC) {
    sk.sk_state = NETLINK_UNCONNECTED
    sk.dst_portid = 0
    sk.dst_group = 0
    return undefined
  }
  if (family !== AF_NETLINK || addr.length < sockaddr_nl.size) return EINVAL
  const { nl_pid, nl_groups } = sockaddr_nl.get(addr, 0)
  if ((nl_groups !== 0 || nl_pid !== 0) && !netlink_allowed(sk, task, NL_CFG_F_NONROOT_SEND)) return EPERM
  if (!sk.bound) {
    const error = netlink_autobind(sk, task)
    if (error !== undefined) return error
  }
  sk.sk_state = NETLINK_CONNECTED
  sk.dst_portid = nl_pid
  sk.dst_group = first_group(nl_groups)
  return undefined
}

/** ffs() */
function first_group(groups: number): number {
  return groups === 0 ? 0 : 32 - Math.clz32(groups & -groups)
}
function group_mask(group: number): number {
  return group > 0 && group <= 32 ? (1 << (group - 1)) >>> 0 : 0
}

export function netlink_getname(sock: socket, peer: boolean): Uint8Array {
  const sk = nlk(sock)
  if (peer) return sockaddr_nl.encode({ nl_family: AF_NETLINK, nl_pid: sk.dst_portid, nl_groups: group_mask(sk.dst_group) })
  return sockaddr_nl.encode({ nl_family: AF_NETLINK, nl_pid: sk.portid, nl_groups: sk.groups[0] ?? 0 })
}

/** Binds first if need be; a group in the address gets a copy besides the unicast, whose result counts. */
export function netlink_sendmsg(sock: socket, message: SendMessage, task: task_struct): number | Errno {
  const sk = nlk(sock)
  const { data, name } = message
  if (message.flags & MSG_OOB) return EOPNOTSUPP
  if (data.length === 0) return ENODATA
  const creds = scm_send(task, message.control)
  if (isErrno(creds)) return creds
  let portid = sk.dst_portid
  let group = sk.dst_group
  const addressed = name !== undefined && name.length > 0
  if (addressed) {
    if (name.length < sockaddr_nl.size || sockaddr_nl.field.nl_family.get(name, 0) !== AF_NETLINK) return EINVAL
    portid = sockaddr_nl.field.nl_pid.get(name, 0)
    group = first_group(sockaddr_nl.field.nl_groups.get(name, 0))
    if ((group !== 0 || portid !== 0) && !netlink_allowed(sk, task, NL_CFG_F_NONROOT_SEND)) return EPERM
  }
  if (!sk.bound) {
    const error = netlink_autobind(sk, task)
    if (error !== undefined) return error
  }
  if (data.length > sk.sk_sndbuf - 32) return EMSGSIZE
  sk.addressed = addressed
  if (group !== 0) {
    const { kernel } = sk.sk_net
    kernel.trace.netlink_multicast?.(kernel, sk.sk_net, sk.sk_protocol, group, sk.portid, data)
    netlink_broadcast(sk.sk_net, sk.sk_protocol, data, portid, group, { portid: sk.portid, exclude: sk, ...creds })
  }
  return netlink_unicast(sk, data, portid, group, creds, task)
}

function netlink_unicast(
  sk: netlink_sock,
  data: Uint8Array,
  portid: number,
  group: number,
  creds: { pid: number; uid: number; gid: number },
  task: task_struct,
): number | Errno {
  const { kernel } = sk.sk_net
  const to = netlink_getsockbyportid(sk.sk_net, sk.sk_protocol, portid, sk.portid)
  if (isErrno(to)) return to
  if (netlink_is_kernel(to)) {
    if (to.cfg?.input === undefined) return ECONNREFUSED
    if (kernel.trace.netlink_request !== undefined) kernel.trace.netlink_request(kernel, sk.sk_net, sk.sk_protocol, sk.portid, data)
    netlink_deliver_tap(to.sk_net, to, data)
    to.cfg.input(data, sk, task)
    return data.length
  }
  const skb = new netlink_skb(data, sk.portid, group, user_skb_truesize(data.length, group !== 0), creds.pid, creds.uid, creds.gid)
  return netlink_deliver(to, skb, false) ?? data.length
}

/** A pending error comes first. A receive that leaves the account half empty makes the next part of a dump. */
export function netlink_recvmsg(sock: socket, request: ReceiveRequest): ReceivedMessage | Errno {
  const sk = nlk(sock)
  if (request.flags & MSG_OOB) return EOPNOTSUPP
  if (sk.dump_due) netlink_received(sock)
  const error = sock_error(sk)
  if (error !== undefined) {
    netlink_rcv_wake(sk)
    return error
  }
  const skb = (request.flags & MSG_PEEK ? sk.sk_receive_queue.peek() : sk.sk_receive_queue.shift()) as netlink_skb | undefined
  if (skb === undefined) {
    netlink_rcv_wake(sk)
    return EAGAIN
  }
  sk.max_recvmsg_len = Math.min(Math.max(sk.max_recvmsg_len, request.size), NETLINK_MAX_RECVMSG_LEN)
  const received = received_message(sk, skb, request)
  if ((request.flags & MSG_PEEK) === 0) sk.sk_rmem_alloc -= skb.truesize
  sk.dump_due = sk.cb_running && sk.sk_rmem_alloc <= sk.sk_rcvbuf / 2
  received.comesBack = request.comesBack === true && sk.dump_due
  if (!received.comesBack) netlink_received(sock)
  return received
}

/** The end of a receive: the next part of the dump. */
export function netlink_received(sock: socket): void {
  const sk = nlk(sock)
  const failed = sk.dump_due ? netlink_dump(sk) : undefined
  sk.dump_due = false
  if (failed !== undefined) {
    sk.sk_err = failed
    sk_error_report(sk)
  }
  netlink_rcv_wake(sk)
}

function name_of(skb: netlink_skb): Uint8Array {
  const name = new Uint8Array(sockaddr_nl.size)
  name[0] = AF_NETLINK
  put32(name, 4, skb.portid)
  put32(name, 8, group_mask(skb.dst_group))
  return name
}
/** Most that programs receive is the kernel's answer to them: who takes a message apart does not change its name. */
const kernel_name = Uint8Array.of(AF_NETLINK, ...new Array(sockaddr_nl.size - 1).fill(0))

function received_message(sk: netlink_sock, skb: netlink_skb, request: ReceiveRequest): ReceivedMessage {
  const cut = request.size < skb.data.length
  const data = cut ? skb.data.subarray(0, request.size) : skb.data
  const name = skb.portid === 0 && skb.dst_group === 0 ? kernel_name : name_of(skb)
  const received: ReceivedMessage = {
    data,
    result: request.flags & MSG_TRUNC ? skb.data.length : data.length,
    name,
    control: no_control,
    flags: cut ? MSG_TRUNC : 0,
    comesBack: false,
  }
  if (sk.flags & NETLINK_F.RECV_PKTINFO) put_cmsg(received, request, SOL_NETLINK, NETLINK_PKTINFO, u32_bytes(skb.dst_group))
  if (sk.flags & NETLINK_F.LISTEN_ALL_NSID && skb.nsid >= 0)
    put_cmsg(received, request, SOL_NETLINK, NETLINK_LISTEN_ALL_NSID, u32_bytes(skb.nsid))
  scm_recv(sk, received, request, skb)
  return received
}
const no_control = new Uint8Array(0)

function u32_bytes(value: number): Uint8Array {
  const b = new Uint8Array(4)
  put32(b, 0, value)
  return b
}

/** Congestion ends when the queue has been emptied. */
function netlink_rcv_wake(sk: netlink_sock): void {
  if (sk.congested && sk.sk_receive_queue.qlen === 0) sk.congested = false
}

export function netlink_poll(sock: socket): number {
  const sk = nlk(sock)
  return datagram_poll(sk) | (sk.dump_due ? POLLIN | POLLRDNORM : 0)
}

/** SIOC* on a netlink socket are the network's, not the protocol's. */
export function netlink_ioctl(): Errno {
  return ENOIOCTLCMD
}

export const netlink_ops: proto_ops = {
  family: AF_NETLINK,
  release: netlink_release,
  bind: netlink_bind,
  connect: netlink_connect,
  getname: netlink_getname,
  poll: netlink_poll,
  ioctl: netlink_ioctl,
  setsockopt: netlink_setsockopt,
  getsockopt: netlink_getsockopt,
  sendmsg: netlink_sendmsg,
  recvmsg: netlink_recvmsg,
  received: netlink_received,
}

/** /proc/net/netlink: sockets by protocol, in the order in which they were bound. Addresses of kernel memory are zero. */
export function netlink_proc_show(net: net): string {
  let out = 'sk               Eth Pid        Groups   Rmem     Wmem     Dump  Locks    Drops    Inode\n'
  for (const table of net.kernel.netlink.tables) {
    for (const sk of table.hash.get(net)?.values() ?? []) out += proc_line(sk)
  }
  return out
}
function proc_line(sk: netlink_sock): string {
  const groups = (sk.groups[0] ?? 0).toString(16).padStart(8, '0')
  const head = `${'0'.repeat(16)} ${String(sk.sk_protocol).padEnd(3)} ${String(sk.portid).padEnd(10)} ${groups}`
  const numbers = `${String(sk.sk_rmem_alloc).padEnd(8)} ${String(sk.sk_wmem_alloc).padEnd(8)} ${String(sk.cb_running ? 1 : 0).padEnd(5)}`
  return `${head} ${numbers} ${'2'.padEnd(8)} ${String(sk.sk_drops).padEnd(8)} ${String(sock_i_ino(sk)).padEnd(8)}\n`
}

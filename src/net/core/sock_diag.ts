/** net/core/sock_diag.c: NETLINK_SOCK_DIAG, with which ss asks for sockets. Families register what they tell. */
import { proc_create, remove_proc_entry } from '../../fs/proc_net.ts'
import { CAP_NET_ADMIN } from '../../kernel/capability.ts'
import type { Kernel } from '../../kernel/kernel.ts'
import type { task_struct } from '../../kernel/task.ts'
import { put32 } from '../../lib/bytes.ts'
import type { MessageBuilder } from '../../lib/message.ts'
import { EINVAL, ENOENT, EOPNOTSUPP, EPERM, ESTALE, type Errno } from '../../uapi/errno.ts'
import { IPPROTO_UDP, IPPROTO_UDPLITE } from '../../uapi/linux/in.ts'
import { NETLINK_SOCK_DIAG, NLM_F_DUMP, nlmsghdr } from '../../uapi/linux/netlink.ts'
import { AF_MAX, AF_UNIX } from '../../uapi/linux/socket.ts'
import { DCCPDIAG_GETSOCK, SOCK_DESTROY, SOCK_DIAG_BY_FAMILY, sock_diag_req, TCPDIAG_GETSOCK } from '../../uapi/linux/sock_diag.ts'
import type { __udp6_lib_lookup } from '../ipv6/udp_lookup.ts'
import {
  netlink_dump_start,
  netlink_kernel_create,
  type netlink_kernel_cfg,
  netlink_kernel_release,
  netlink_net_capable,
  netlink_rcv_skb,
  type netlink_sock,
} from '../netlink/af_netlink.ts'
import { NL_CFG_F_NONROOT_RECV } from '../netlink/netlink_sock.ts'
import type { Request } from '../netlink/types.ts'
import { sk_error_report, type sock } from '../sock.ts'
import { sock_gen_cookie } from '../sockopt_get.ts'
import { type net, type pernet_operations, register_pernet_subsys } from './net_namespace.ts'

const PAGE_SIZE = 4096
const INET_DIAG_NOCOOKIE = 0xffffffff

/** include/linux/sock_diag.h struct sock_diag_handler: one exported constant a family. */
export interface sock_diag_handler {
  readonly family: number
  readonly dump: (req: Request) => Errno | undefined
  readonly destroy?: (req: Request) => Errno | undefined
}

export class sock_diag_state {
  handlers = new Map<number, sock_diag_handler>()
  /** inet_diag's old way of asking, by message type. */
  inet_rcv_compat: ((req: Request) => Errno | undefined) | undefined = undefined
  /** IPv6's part of finding one socket, when IPv6 is there. */
  udp6_lookup: typeof __udp6_lib_lookup | undefined = undefined
  /** The kernel's socket of each namespace. */
  sockets = new Map<net, netlink_sock>()
}

export function sock_diag_register(kernel: Kernel, handler: sock_diag_handler): void {
  kernel.sock_diag.handlers.set(handler.family, handler)
}

export function sock_diag_rcv(data: Uint8Array, sk: netlink_sock, task: task_struct): void {
  netlink_rcv_skb(sk.sk_net, data, sk, task, sock_diag_rcv_msg)
}

export function sock_diag_rcv_msg(req: Request): Errno | undefined {
  const { sock_diag } = req.net.kernel
  switch (req.type) {
    case TCPDIAG_GETSOCK:
    case DCCPDIAG_GETSOCK:
      return sock_diag.inet_rcv_compat === undefined ? EOPNOTSUPP : sock_diag.inet_rcv_compat(req)
    case SOCK_DIAG_BY_FAMILY:
    case SOCK_DESTROY:
      return __sock_diag_cmd(req)
    default:
      return EINVAL
  }
}

/** A family without a handler is one whose module is not there: ENOENT. */
function __sock_diag_cmd(req: Request): Errno | undefined {
  if (req.buf.length < nlmsghdr.size + sock_diag_req.size) return EINVAL
  const family = req.buf[nlmsghdr.size]
  if (family >= AF_MAX) return EINVAL
  const handler = req.net.kernel.sock_diag.handlers.get(family)
  if (handler === undefined) {
    req.net.kernel.unsupported.count('sock_diag', `family ${family}`)
    return ENOENT
  }
  if (req.type === SOCK_DIAG_BY_FAMILY) return handler.dump(req)
  if (handler.destroy === undefined) return EOPNOTSUPP
  return netlink_net_capable(req, req.task, CAP_NET_ADMIN) ? handler.destroy(req) : EPERM
}

/** sock_diag_check_cookie(): ESTALE for another socket than the one that the asker has seen. */
export function sock_diag_check_cookie(sk: sock, [low, high]: readonly [number, number]): Errno | undefined {
  const none = low === INET_DIAG_NOCOOKIE && high === INET_DIAG_NOCOOKIE
  return none || sock_gen_cookie(sk) === (BigInt(low) | (BigInt(high) << 32n)) ? undefined : ESTALE
}
/** sock_diag_destroy(): the socket's owner hears of an error, and its connection or listening is over (udp_abort, tcp_abort). */
export function sock_diag_destroy(sk: sock, err: Errno, task: task_struct): Errno | undefined {
  const { sk_socket: sock } = sk
  if (sock?.ops.connect === undefined) return EOPNOTSUPP
  sk.sk_err = err
  sk_error_report(sk)
  sock.ops.connect(sock, new Uint8Array(16), task)
  return undefined
}

/** sk_forward_alloc: UDP reserves whole pages for what waits. */
export function sk_forward_alloc(sk: sock): number {
  const accounted = sk.sk_protocol === IPPROTO_UDP || sk.sk_protocol === IPPROTO_UDPLITE
  return accounted ? (PAGE_SIZE - (sk.sk_rmem_alloc % PAGE_SIZE)) % PAGE_SIZE : 0
}
/** An attribute of one byte, or of one word. */
export function diag_put_u8(skb: MessageBuilder, nr: number, value: number): void {
  const at = skb.reserve(nr, 1)
  if (at >= 0) skb.buf[at] = value
}
export function diag_put_u32(skb: MessageBuilder, nr: number, value: number): void {
  const at = skb.reserve(nr, 4)
  if (at >= 0) put32(skb.buf, at, value)
}
/** sock_diag_put_meminfo(): SK_MEMINFO_*, nine numbers. */
export function sock_diag_put_meminfo(skb: MessageBuilder, sk: sock, nr: number): void {
  const at = skb.reserve(nr, 36)
  if (at < 0) return
  const values = [sk.sk_rmem_alloc, sk.sk_rcvbuf, sk.sk_wmem_alloc, sk.sk_sndbuf, sk_forward_alloc(sk), 0, 0, 0, sk.sk_drops]
  for (const [i, value] of values.entries()) put32(skb.buf, at + i * 4, value)
}

export function no_sockets(): undefined {
  return undefined
}
/** Of families that have no sockets here: AF_UNIX's are the real kernel's. */
export function empty_dump(req: Request): Errno | undefined {
  return (req.flags & NLM_F_DUMP) === 0 ? EOPNOTSUPP : netlink_dump_start(req, no_sockets)
}
export const unix_diag_handler: sock_diag_handler = { family: AF_UNIX, dump: empty_dump }

/** net/unix/af_unix.c unix_seq_show: none of them are here. */
export function unix_seq_show(): string {
  return 'Num       RefCount Protocol Flags    Type St Inode Path\n'
}

export const sock_diag_cfg: netlink_kernel_cfg = { name: 'sock_diag', groups: 4, input: sock_diag_rcv, flags: NL_CFG_F_NONROOT_RECV }

export function diag_net_init(net: net): Errno | undefined {
  net.kernel.sock_diag.sockets.set(net, netlink_kernel_create(net, NETLINK_SOCK_DIAG, sock_diag_cfg))
  proc_create(net, 'unix', unix_seq_show)
  return undefined
}
export function diag_net_exit(net: net): void {
  const { sockets } = net.kernel.sock_diag
  const sk = sockets.get(net)
  if (sk !== undefined) netlink_kernel_release(sk)
  sockets.delete(net)
  remove_proc_entry(net, 'unix')
}
export const diag_net_ops: pernet_operations = { name: 'diag_net_ops', init: diag_net_init, exit: diag_net_exit }

export function sock_diag_init(kernel: Kernel): Errno | undefined {
  kernel.sock_diag = new sock_diag_state()
  sock_diag_register(kernel, unix_diag_handler)
  return register_pernet_subsys(kernel, diag_net_ops)
}

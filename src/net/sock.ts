/** include/net/sock.h: what every protocol's socket has. Options of SOL_SOCKET are in sockopt.ts. */
import type { Errno } from '../uapi/errno.ts'
import type { net } from './core/net_namespace.ts'
import { SOCK_MIN_RCVBUF } from './sock_limits.ts'
import type { socket } from './socket.ts'
import type { sk_filter } from './sockopt_filter.ts'

/** Bits of sk_shutdown. */
export const RCV_SHUTDOWN = 1
export const SEND_SHUTDOWN = 2

/** A queue of messages or packets: first in, first out, without moving the rest on each removal. */
export class sk_buff_head<T> {
  items: T[] = []
  head = 0
  get qlen(): number {
    return this.items.length - this.head
  }
  peek(): T | undefined {
    return this.items[this.head]
  }
  push(item: T): void {
    this.items.push(item)
  }
  shift(): T | undefined {
    const item = this.items[this.head]
    if (item === undefined) return undefined
    // an answer read at once is the only item: that costs no more than a pop
    if (this.head === 0 && this.items.length === 1) return this.items.pop()
    this.head++
    if (this.head === this.items.length || this.head >= 256) {
      this.items.splice(0, this.head)
      this.head = 0
    }
    return item
  }
  purge(): void {
    this.items = []
    this.head = 0
  }
}

export class sock {
  readonly sk_net: net
  /** Of one that was of IPv6 and talks IPv4 alone: changed (IPV6_ADDRFORM). */
  sk_family: number
  readonly sk_type: number
  readonly sk_protocol: number
  sk_state = 0
  /** Error to report once, and one that does not end the socket. */
  sk_err: Errno | undefined = undefined
  sk_err_soft: Errno | undefined = undefined
  sk_shutdown = 0
  sk_flags = 0
  sk_rcvbuf: number
  sk_sndbuf: number
  sk_rmem_alloc = 0
  sk_wmem_alloc = 0
  sk_drops = 0
  /** Of a listener: connections that wait for accept(), and how many may. */
  sk_ack_backlog = 0
  sk_max_ack_backlog = 0
  sk_receive_queue = new sk_buff_head<any>()
  sk_error_queue = new sk_buff_head<any>()
  /** Milliseconds; 0: wait for ever. */
  sk_rcvtimeo = 0
  sk_sndtimeo = 0
  sk_rcvlowat = 1
  sk_lingertime = 0
  sk_priority = 0
  sk_mark = 0
  sk_bound_dev_if = 0
  sk_reuse = false
  sk_reuseport = false
  sk_peek_off = -1
  sk_max_pacing_rate = 0xffffffffffffffffn
  sk_incoming_cpu = -1
  sk_tsflags = 0
  /** When the last packet came that was taken: lab time, ns; 0: not noted, -1: none came (SIOCGSTAMP). */
  sk_stamp = -1
  /** Number of the next packet sent, for SOF_TIMESTAMPING_OPT_ID. */
  sk_tskey = 0
  /** Number of the next call that sends without a copy (MSG_ZEROCOPY). */
  sk_zckey = 0
  sk_busy_poll = 0
  /** struct sock_txtime as given. */
  sk_txtime = 0n
  sk_uid: number
  sk_gid: number
  /** Effective capabilities of the opener (file->f_cred). */
  sk_cred_caps: bigint
  sk_cookie = 0n
  /** Of the control group that the opener was in. */
  sk_cgroup_id = 1
  sk_filter: sk_filter | undefined = undefined
  /** Which member of a group that shares a port a packet is for (SO_ATTACH_REUSEPORT_CBPF). */
  reuseport_prog: sk_filter | undefined = undefined
  sk_socket: socket | undefined

  constructor(net: net, sock: socket | undefined, family: number, type: number, protocol: number) {
    this.sk_net = net
    this.sk_family = family
    this.sk_type = type
    this.sk_protocol = protocol
    const limits = net.kernel.families
    this.sk_rcvbuf = limits?.sysctl_rmem_default ?? SOCK_MIN_RCVBUF
    this.sk_sndbuf = limits?.sysctl_wmem_default ?? SOCK_MIN_RCVBUF
    this.sk_uid = sock?.uid ?? 0
    this.sk_gid = sock?.gid ?? 0
    this.sk_cred_caps = sock?.capabilities ?? 0n
    this.sk_socket = sock
    if (sock !== undefined) sock.sk = this
  }
}

/** sk_data_ready: tells whoever waits outside. */
export function sk_data_ready(sk: sock): void {
  sk.sk_socket?.watcher?.dataReady()
}
/** sk_write_space: there is room again. */
export function sk_write_space(sk: sock): void {
  sk.sk_socket?.watcher?.dataReady()
}
export function sk_error_report(sk: sock): void {
  sk.sk_socket?.watcher?.dataReady()
}
/** sock_i_ino(): by it ss and netstat find the program that holds the socket, in /proc/<pid>/fd; 0: nobody does. */
export function sock_i_ino(sk: sock): number {
  return sk.sk_socket?.ino ?? 0
}
/** include/net/sock.h sock_error(): the pending error, once. */
export function sock_error(sk: sock): Errno | undefined {
  const error = sk.sk_err
  if (error !== undefined) sk.sk_err = undefined
  return error
}
export function sock_net(sk: sock): net {
  return sk.sk_net
}
export function sock_flag(sk: sock, flag: number): boolean {
  return (sk.sk_flags & flag) !== 0
}
export function sock_valbool_flag(sk: sock, flag: number, on: boolean): undefined {
  if (on) sk.sk_flags |= flag
  else sk.sk_flags &= ~flag
}

export { SOCK_FLAG } from './sock_limits.ts'
export { sock_getsockopt, sock_setsockopt } from './sockopt.ts'

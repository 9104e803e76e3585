/** net/netlink/af_netlink.h and .c: sockets of AF_NETLINK and the tables that they are found by. */
import type { netlink_tap } from './netlink_tap.ts'
import type { Kernel } from '../../kernel/kernel.ts'
import type { task_struct } from '../../kernel/task.ts'
import { EADDRINUSE, EBUSY, type Errno } from '../../uapi/errno.ts'
import { MAX_LINKS } from '../../uapi/linux/netlink.ts'
import { AF_NETLINK, SOCK_DGRAM, SOCK_RAW } from '../../uapi/linux/socket.ts'
import type { net } from '../core/net_namespace.ts'
import { sock } from '../sock.ts'
import { SHARED_INFO_SIZE, SK_BUFF_SIZE } from '../sock_limits.ts'
import type { socket } from '../socket.ts'
import type { netlink_callback } from './types.ts'

/** Who may bind groups of, and send on, a protocol without CAP_NET_ADMIN. */
export const NL_CFG_F_NONROOT_RECV = 1
export const NL_CFG_F_NONROOT_SEND = 2

/** netlink_sock.flags */
export const NETLINK_F = {
  KERNEL_SOCKET: 1,
  RECV_PKTINFO: 2,
  BROADCAST_SEND_ERROR: 4,
  RECV_NO_ENOBUFS: 8,
  LISTEN_ALL_NSID: 0x10,
  CAP_ACK: 0x20,
  EXT_ACK: 0x40,
  STRICT_CHK: 0x80,
} as const
export const NETLINK_UNCONNECTED = 0
export const NETLINK_CONNECTED = 1

/** A datagram on its way: `data` is shared by all receivers and never changed. */
export class netlink_skb {
  readonly data: Uint8Array
  /** Port id of the sender, 0: the kernel. */
  readonly portid: number
  /** Group that it was multicast to, 0: none. */
  readonly dst_group: number
  readonly truesize: number
  readonly pid: number
  readonly uid: number
  readonly gid: number
  /** Id of the sender's namespace as the receiver knows it, -1: not set. */
  readonly nsid: number
  constructor(data: Uint8Array, portid: number, dst_group: number, truesize: number, pid = 0, uid = 0, gid = 0, nsid = -1) {
    this.data = data
    this.portid = portid
    this.dst_group = dst_group
    this.truesize = truesize
    this.pid = pid
    this.uid = uid
    this.gid = gid
    this.nsid = nsid
  }
}

/** Gets a whole datagram. Must be an exported function. `sk`: the sender's socket, `task`: who sends. */
export type netlink_input_fn = (data: Uint8Array, sk: netlink_sock, task: task_struct) => void
/** Called for each group that a socket joins; an error refuses it. */
export type netlink_bind_fn = (net: net, group: number, task: task_struct) => Errno | undefined

/** struct netlink_kernel_cfg: one exported constant a protocol. */
export interface netlink_kernel_cfg {
  readonly name: string
  readonly groups?: number
  readonly flags?: number
  readonly input?: netlink_input_fn
  readonly bind?: netlink_bind_fn
  readonly unbind?: (net: net, group: number) => void
}

const no_groups = new Uint32Array(0)

export class netlink_sock extends sock {
  portid = 0
  bound = false
  /** Destination of connect(). */
  dst_portid = 0
  dst_group = 0
  flags = 0
  /** NETLINK_S_CONGESTED: an overrun was reported and the queue has not been emptied since. */
  congested = false
  /** Bit g-1: member of group g. Empty until groups are first used. */
  groups: Uint32Array = no_groups
  ngroups = 0
  subscriptions = 0
  /** Largest buffer that a receive has offered: sizes the next part of a dump. */
  max_recvmsg_len = 0
  cb: netlink_callback | undefined = undefined
  cb_running = false
  /** A receive has made room for the next part of the dump, and it is not made yet. */
  dump_due = false
  /** dump_done_errno: undefined while the dump goes on. */
  dump_done: { error: Errno | undefined } | undefined = undefined
  /** Of a kernel's socket. */
  cfg: netlink_kernel_cfg | undefined = undefined
  /** Who opened it, as /proc/net/netlink and messages need it. */
  tgid = 0
  /** The message being sent carries an explicit address (NETLINK_SKB_DST). */
  addressed = false

  constructor(net: net, sock: socket | undefined, type: number, protocol: number, tgid: number) {
    super(net, sock, AF_NETLINK, type, protocol)
    this.tgid = tgid
  }
}

/** struct netlink_table: one a protocol. */
export class netlink_table {
  readonly protocol: number
  /** Kernel sockets (and built-in users) of the protocol. */
  registered = 0
  groups = 0
  flags = 0
  cfg: netlink_kernel_cfg | undefined = undefined
  /** Union of all sockets' groups. */
  listeners: Uint32Array = no_groups
  /** Sockets with at least one subscription, last subscribed first. */
  mc_list: netlink_sock[] = []
  /** By namespace, then port id. */
  hash = new Map<net, Map<number, netlink_sock>>()
  constructor(protocol: number) {
    this.protocol = protocol
  }
}

/** All of AF_NETLINK of a kernel. */
export class netlink_state {
  /** Events told on NETLINK_KOBJECT_UEVENT since boot. */
  uevent_seqnum = 0
  tables: netlink_table[] = Array.from({ length: MAX_LINKS }, (_, i) => new netlink_table(i))
  /** Who watches all messages, in all namespaces. */
  taps: netlink_tap[] = []
  // pr_warn_ratelimited: ten lines in five seconds
  private ratelimit_begin = 0
  private ratelimit_printed = 0
  ratelimit(now: number): boolean {
    if (now - this.ratelimit_begin > 5e9) {
      this.ratelimit_begin = now
      this.ratelimit_printed = 0
    }
    return this.ratelimit_printed++ < 10
  }
}

/** The socket that holds a port id; 0 is the kernel's. */
export function netlink_lookup(net: net, protocol: number, portid: number): netlink_sock | undefined {
  return net.kernel.netlink.tables[protocol].hash.get(net)?.get(portid)
}

/** EBUSY: bound already to another id; EADDRINUSE: somebody else has it. */
export function netlink_insert(sk: netlink_sock, portid: number): Errno | undefined {
  if (sk.bound) return sk.portid === portid ? undefined : EBUSY
  const { hash } = sk.sk_net.kernel.netlink.tables[sk.sk_protocol]
  let ports = hash.get(sk.sk_net)
  if (ports === undefined) hash.set(sk.sk_net, (ports = new Map()))
  if (ports.has(portid)) return EADDRINUSE
  ports.set(portid, sk)
  sk.portid = portid
  sk.bound = portid !== 0
  return undefined
}

export function netlink_remove(sk: netlink_sock): void {
  const { hash } = sk.sk_net.kernel.netlink.tables[sk.sk_protocol]
  const ports = hash.get(sk.sk_net)
  if (ports?.get(sk.portid) === sk) ports.delete(sk.portid)
  if (ports?.size === 0) hash.delete(sk.sk_net)
}

/**
 * The process id, or when it is taken a random negative number and from there downwards.
 * net/netlink/af_netlink.c netlink_autobind
 */
export function netlink_autobind(sk: netlink_sock, task: task_struct): Errno | undefined {
  const net = sk.sk_net
  let portid = task.tgid
  let rover = -4096
  while (netlink_lookup(net, sk.sk_protocol, portid >>> 0) !== undefined) {
    // the range is [S32_MIN, -4097]
    if (rover === -4096) rover = -2147483648 + net.kernel.random.below(2147483648 - 4096)
    else if (rover >= -4096 || rover < -2147483648) rover = -4097
    portid = rover--
  }
  return netlink_insert(sk, portid >>> 0)
}

export function netlink_is_kernel(sk: netlink_sock): boolean {
  return (sk.flags & NETLINK_F.KERNEL_SOCKET) !== 0
}

/** A kernel's socket for the protocol in a namespace, at port id 0. */
export function netlink_kernel_create(net: net, protocol: number, cfg: netlink_kernel_cfg): netlink_sock {
  const table = net.kernel.netlink.tables[protocol]
  const sk = new netlink_sock(net, undefined, SOCK_DGRAM, protocol, 0)
  sk.cfg = cfg
  sk.flags |= NETLINK_F.KERNEL_SOCKET
  netlink_insert(sk, 0)
  if (table.registered++ === 0) {
    table.cfg = cfg
    table.flags = cfg.flags ?? 0
    netlink_set_table_groups(table, Math.max(32, cfg.groups ?? 0))
  }
  return sk
}
export function netlink_kernel_release(sk: netlink_sock): void {
  const table = sk.sk_net.kernel.netlink.tables[sk.sk_protocol]
  netlink_remove(sk)
  if (--table.registered === 0) {
    table.cfg = undefined
    table.flags = 0
    netlink_set_table_groups(table, 0)
  }
}

/** A table can grow its groups (generic netlink's families come and go), never shrink while in use. */
export function netlink_change_ngroups(sk: netlink_sock, groups: number): void {
  const table = sk.sk_net.kernel.netlink.tables[sk.sk_protocol]
  netlink_set_table_groups(table, Math.max(32, groups))
}
function netlink_set_table_groups(table: netlink_table, groups: number): void {
  table.groups = groups
  const words = Math.ceil(groups / 32)
  if (table.listeners.length < words || words === 0) {
    const grown = new Uint32Array(words)
    grown.set(table.listeners.subarray(0, words))
    table.listeners = grown
  }
}

export function is_netlink_type(type: number): boolean {
  return type === SOCK_RAW || type === SOCK_DGRAM
}
export function netlink_table_of(kernel: Kernel, protocol: number): netlink_table {
  return kernel.netlink.tables[protocol]
}

/** Largest data that the small-head cache serves: SKB_SMALL_HEAD_CACHE_SIZE less skb_shared_info. */
const SMALL_HEAD = 704

/** net/core/skbuff.c __alloc_skb: what `size` bytes of room cost a socket's memory account. */
export function alloc_skb_truesize(size: number): number {
  const need = ((size + 63) & ~63) + SHARED_INFO_SIZE
  if (need <= SMALL_HEAD) return SMALL_HEAD + SK_BUFF_SIZE
  return kmalloc_size_roundup(need) + SK_BUFF_SIZE
}
/** netlink_alloc_large_skb: a program's big datagram for one receiver lies in pages of its own size, not in a bucket. */
export function user_skb_truesize(size: number, broadcast: boolean): number {
  if (broadcast || size <= 4096 - SHARED_INFO_SIZE) return alloc_skb_truesize(size)
  return ((size + 63) & ~63) + SHARED_INFO_SIZE + SK_BUFF_SIZE
}
/** mm/slab_common.c: kmalloc buckets are powers of two, 96 and 192 besides, and whole pages beyond 8192. */
function kmalloc_size_roundup(size: number): number {
  if (size > 8192) {
    let order = 4096
    while (order < size) order *= 2
    return order
  }
  let bucket = 1024
  while (bucket < size) bucket *= 2
  return bucket
}

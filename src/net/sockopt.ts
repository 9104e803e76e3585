/** net/core/sock.c sk_setsockopt: the options of SOL_SOCKET. Reading them is in sockopt_get.ts. */

import { CAP_NET_ADMIN, CAP_NET_RAW } from '../kernel/capability.ts'
import { capable, type task_struct } from '../kernel/task.ts'
import { NSEC_PER_JIFFY } from '../kernel/time.ts'
import { get16, get32, get64, getBig64, getS32 } from '../lib/bytes.ts'
import type { UserMemory } from '../syscalls/types.ts'
import { EACCES, EBADF, EDOM, EFAULT, EINVAL, ENODEV, ENOENT, ENOPROTOOPT, EOPNOTSUPP, EPERM, type Errno, isErrno } from '../uapi/errno.ts'
import { IPPROTO_TCP, IPPROTO_UDP } from '../uapi/linux/in.ts'
import { IFNAMSIZ } from '../uapi/linux/if.ts'
import * as T from '../uapi/linux/net_tstamp.ts'
import {
  AF_INET,
  AF_INET6,
  SO_ATTACH_BPF,
  SO_ATTACH_FILTER,
  SO_ATTACH_REUSEPORT_CBPF,
  SO_ATTACH_REUSEPORT_EBPF,
  SO_BINDTODEVICE,
  SO_BINDTOIFINDEX,
  SO_BROADCAST,
  SO_BSDCOMPAT,
  SO_BUF_LOCK,
  SO_BUSY_POLL,
  SO_BUSY_POLL_BUDGET,
  SO_CNX_ADVICE,
  SO_DEBUG,
  SO_DETACH_FILTER,
  SO_DETACH_REUSEPORT_BPF,
  SO_DEVMEM_DONTNEED,
  SO_DOMAIN,
  SO_DONTROUTE,
  SO_ERROR,
  SO_INCOMING_CPU,
  SO_KEEPALIVE,
  SO_LINGER,
  SO_LOCK_FILTER,
  SO_MARK,
  SO_MAX_PACING_RATE,
  SO_NO_CHECK,
  SO_NOFCS,
  SO_OOBINLINE,
  SO_PASSCRED,
  SO_PASSPIDFD,
  SO_PASSSEC,
  SO_PEEK_OFF,
  SO_PREFER_BUSY_POLL,
  SO_PRIORITY,
  SO_PROTOCOL,
  SO_RCVBUF,
  SO_RCVBUFFORCE,
  SO_RCVLOWAT,
  SO_RCVMARK,
  SO_RCVTIMEO_NEW,
  SO_RCVTIMEO_OLD,
  SO_RESERVE_MEM,
  SO_REUSEADDR,
  SO_REUSEPORT,
  SO_RXQ_OVFL,
  SO_SELECT_ERR_QUEUE,
  SO_SNDBUF,
  SO_SNDBUFFORCE,
  SO_SNDTIMEO_NEW,
  SO_SNDTIMEO_OLD,
  SO_TIMESTAMP_NEW,
  SO_TIMESTAMP_OLD,
  SO_TIMESTAMPING_NEW,
  SO_TIMESTAMPING_OLD,
  SO_TIMESTAMPNS_NEW,
  SO_TIMESTAMPNS_OLD,
  SO_TXREHASH,
  SO_TXTIME,
  SO_TYPE,
  SO_WIFI_STATUS,
  SO_ZEROCOPY,
  SOCK_RAW,
  SOCK_STREAM,
} from '../uapi/linux/socket.ts'
import { type sock, sock_flag, sock_valbool_flag } from './sock.ts'
import { SOCK_FLAG, SOCK_MIN_RCVBUF, SOCK_MIN_SNDBUF } from './sock_limits.ts'
import type { socket } from './socket.ts'
import { type sk_filter, sk_filter_make } from './sockopt_filter.ts'

/** A receive or send that never waits: what a negative timeout asks for. */
export const NEVER_WAIT = -1

/** Most instructions of a classic program. */
const BPF_MAXINSNS = 4096
/** ~0UL: no rate is too high. */
const UNLIMITED = 0xffffffffffffffffn
/** SZ_1G */
const MOST_RESERVED = 0x40000000
/** struct dmabuf_token, and as many as one call gives back (MAX_DONTNEED_TOKENS). */
const SIZEOF_DMABUF_TOKEN = 8
const MOST_DONTNEED = 128 * SIZEOF_DMABUF_TOKEN
/** MAX_SCHEDULE_TIMEOUT in seconds of 250 jiffies, as an int tells it. */
const LINGER_FOR_EVER = 0x978d4fdf
/** TCP_CLOSE, TCP_LISTEN */
const UNCONNECTED: ReadonlySet<number> = new Set([7, 10])

/** On/off options that only set a bit. */
const plain_flags = new Map<number, number>([
  [SO_DONTROUTE, SOCK_FLAG.LOCALROUTE],
  [SO_BROADCAST, SOCK_FLAG.BROADCAST],
  [SO_KEEPALIVE, SOCK_FLAG.KEEPOPEN],
  [SO_OOBINLINE, SOCK_FLAG.URGINLINE],
  [SO_NO_CHECK, SOCK_FLAG.NO_CHECK_TX],
  [SO_PASSCRED, SOCK_FLAG.PASSCRED],
  [SO_PASSSEC, SOCK_FLAG.PASSSEC],
  [SO_RXQ_OVFL, SOCK_FLAG.RXQ_OVFL],
  [SO_WIFI_STATUS, SOCK_FLAG.WIFI_STATUS],
  [SO_NOFCS, SOCK_FLAG.NOFCS],
  [SO_SELECT_ERR_QUEUE, SOCK_FLAG.SELECT_ERR_QUEUE],
  [SO_PASSPIDFD, SOCK_FLAG.PASSPIDFD],
])
const read_only = new Set([SO_TYPE, SO_PROTOCOL, SO_DOMAIN, SO_ERROR])

/** `memory`: the program's, for options that point into it (SO_ATTACH_FILTER). */
export function sock_setsockopt(
  sock: socket,
  optname: number,
  optval: Uint8Array,
  task: task_struct,
  memory?: UserMemory,
): Errno | undefined {
  const sk = sock.sk as sock
  if (optname === SO_BINDTODEVICE) return bind_to_device(sk, optval, task)
  if (optval.length < 4) return EINVAL
  const value = getS32(optval, 0)
  const flag = plain_flags.get(optname)
  if (flag !== undefined) return sock_valbool_flag(sk, flag, value !== 0)
  if (read_only.has(optname)) return ENOPROTOOPT
  return set_by_number(sock, sk, optname, value, optval, task, memory)
}

function set_by_number(
  sock: socket,
  sk: sock,
  optname: number,
  value: number,
  optval: Uint8Array,
  task: task_struct,
  memory: UserMemory | undefined,
): Errno | undefined {
  switch (optname) {
    case SO_DEBUG:
      if (value !== 0 && !capable(task, CAP_NET_ADMIN)) return EACCES
      return sock_valbool_flag(sk, SOCK_FLAG.DBG, value !== 0)
    case SO_SNDBUF:
    case SO_SNDBUFFORCE:
    case SO_RCVBUF:
    case SO_RCVBUFFORCE:
      return set_buffer(sk, optname, value, task)
    case SO_RCVTIMEO_OLD:
    case SO_RCVTIMEO_NEW:
    case SO_SNDTIMEO_OLD:
    case SO_SNDTIMEO_NEW:
      return set_timeout(sk, optname, optval)
    case SO_REUSEADDR:
      sk.sk_reuse = value !== 0
      return undefined
    case SO_REUSEPORT:
      if (value !== 0 && sk.sk_family !== AF_INET && sk.sk_family !== AF_INET6) return EOPNOTSUPP
      sk.sk_reuseport = value !== 0
      return undefined
    case SO_PRIORITY:
      if ((value < 0 || value > 6) && !capable(task, CAP_NET_RAW) && !capable(task, CAP_NET_ADMIN)) return EPERM
      sk.sk_priority = value >>> 0
      return undefined
    case SO_LINGER:
      return set_linger(sk, optval)
    case SO_BSDCOMPAT:
      return undefined
    case SO_RCVLOWAT:
      sk.sk_rcvlowat = value < 0 ? 0x7fffffff : value || 1
      return undefined
    case SO_MARK:
    case SO_RCVMARK:
      return set_mark(sk, optname, value, task)
    case SO_ATTACH_FILTER:
      return attach_filter(sk, optval, memory)
    case SO_ATTACH_REUSEPORT_CBPF:
      return attach_reuseport(sk, optval, memory)
    case SO_DETACH_REUSEPORT_BPF:
      if (sk.reuseport_prog === undefined) return sk.sk_reuseport ? ENOENT : EINVAL
      sk.reuseport_prog = undefined
      return undefined
    case SO_DETACH_FILTER:
      return detach_filter(sk)
    case SO_LOCK_FILTER:
      if (sock_flag(sk, SOCK_FLAG.FILTER_LOCKED) && value === 0) return EPERM
      return sock_valbool_flag(sk, SOCK_FLAG.FILTER_LOCKED, value !== 0)
    case SO_PEEK_OFF:
      return sock.ops.set_peek_off === undefined ? EOPNOTSUPP : sock.ops.set_peek_off(sk, value)
    case SO_BINDTOIFINDEX:
      return bind_to_ifindex(sk, value, task)
    default:
      return set_rare(sk, optname, value, optval, task)
  }
}

/** sock_set_timestamping(): numbers of datagrams begin anew when they are asked for; of bytes they need a connection. */
function set_timestamping(sk: sock, optname: number, value: number): Errno | undefined {
  if ((value & ~T.SOF_TIMESTAMPING_MASK) !== 0) return EINVAL
  const needs = (bit: number, other: number) => (value & bit) !== 0 && (value & other) === 0
  if (needs(T.SOF_TIMESTAMPING_OPT_ID_TCP, T.SOF_TIMESTAMPING_OPT_ID)) return EINVAL
  if (needs(T.SOF_TIMESTAMPING_OPT_STATS, T.SOF_TIMESTAMPING_OPT_TSONLY)) return EINVAL
  if (value & ~sk.sk_tsflags & T.SOF_TIMESTAMPING_OPT_ID) {
    if (sk.sk_protocol === IPPROTO_TCP && sk.sk_type === SOCK_STREAM && UNCONNECTED.has(sk.sk_state)) return EINVAL
    sk.sk_tskey = 0
  }
  // a clock beside the device's own (sock_timestamping_bind_phc): no device here has any
  if (value & T.SOF_TIMESTAMPING_BIND_PHC) return sk.sk_net.dev_index_head.has(sk.sk_bound_dev_if) ? EINVAL : EOPNOTSUPP
  sk.sk_tsflags = value
  return sock_valbool_flag(sk, SOCK_FLAG.TIMESTAMP_NEW, optname === SO_TIMESTAMPING_NEW)
}
/** Sending without copies, which UDP and TCP have. */
function set_zerocopy(sk: sock, value: number): Errno | undefined {
  const inet = sk.sk_family === AF_INET || sk.sk_family === AF_INET6
  if (!inet || (sk.sk_protocol !== IPPROTO_TCP && sk.sk_protocol !== IPPROTO_UDP) || sk.sk_type === SOCK_RAW) return EOPNOTSUPP
  return value < 0 || value > 1 ? EINVAL : sock_valbool_flag(sk, SOCK_FLAG.ZEROCOPY, value === 1)
}
function set_rare(sk: sock, optname: number, value: number, optval: Uint8Array, task: task_struct): Errno | undefined {
  switch (optname) {
    case SO_TIMESTAMP_OLD:
    case SO_TIMESTAMP_NEW:
    case SO_TIMESTAMPNS_OLD:
    case SO_TIMESTAMPNS_NEW:
      return set_timestamp(sk, optname, value)
    case SO_TIMESTAMPING_OLD:
    case SO_TIMESTAMPING_NEW:
      return set_timestamping(sk, optname, value)
    case SO_MAX_PACING_RATE:
      sk.sk_max_pacing_rate = optval.length >= 8 ? getBig64(optval, 0) : value === -1 ? UNLIMITED : BigInt(value >>> 0)
      return undefined
    case SO_INCOMING_CPU:
      sk.sk_incoming_cpu = value
      return undefined
    case SO_PREFER_BUSY_POLL:
      if (value !== 0 && !capable(task, CAP_NET_ADMIN)) return EPERM
      return sock_valbool_flag(sk, SOCK_FLAG.PREFER_BUSY_POLL, value !== 0)
    case SO_BUF_LOCK:
      if ((value & ~3) !== 0) return EINVAL
      sock_valbool_flag(sk, SOCK_FLAG.SNDBUF_LOCK, (value & 1) !== 0)
      return sock_valbool_flag(sk, SOCK_FLAG.RCVBUF_LOCK, (value & 2) !== 0)
    case SO_ZEROCOPY:
      return set_zerocopy(sk, value)
    case SO_TXREHASH:
      if (value < -1 || value > 1) return EINVAL
      return sock_valbool_flag(sk, SOCK_FLAG.TXREHASH, (value === -1 ? sk.sk_net.core.sysctl_txrehash : value) !== 0)
    case SO_BUSY_POLL:
      if (value < 0) return EINVAL
      if (value > sk.sk_busy_poll && !capable(task, CAP_NET_ADMIN)) return EPERM
      sk.sk_busy_poll = value
      return undefined
    case SO_RESERVE_MEM: // there is no memory cgroup
      return value < 0 || value > MOST_RESERVED ? EINVAL : EOPNOTSUPP
    case SO_BUSY_POLL_BUDGET:
    case SO_CNX_ADVICE:
      if (optname === SO_BUSY_POLL_BUDGET && (value < 0 || value > 0xffff)) return EINVAL
      sk.sk_net.kernel.unsupported.count('setsockopt', `SOL_SOCKET ${optname}`)
      return undefined
    case SO_TXTIME:
      return set_txtime(sk, optval, task)
    case SO_ATTACH_BPF:
    case SO_ATTACH_REUSEPORT_EBPF:
      return attach_bpf(sk, optval, value, task)
    case SO_DEVMEM_DONTNEED:
      // no buffer of a device was handed out, so that none is given back
      if (sk.sk_protocol !== IPPROTO_TCP || sk.sk_type !== SOCK_STREAM) return EBADF
      return optval.length % SIZEOF_DMABUF_TOKEN !== 0 || optval.length > MOST_DONTNEED ? EINVAL : undefined
    default:
      sk.sk_net.kernel.unsupported.count('setsockopt', `SOL_SOCKET ${optname}`)
      return ENOPROTOOPT
  }
}

/** The program's number is doubled, for what the kernel itself needs; only FORCE may go beyond net.core.[rw]mem_max. */
function set_buffer(sk: sock, optname: number, value: number, task: task_struct): Errno | undefined {
  const limits = sk.sk_net.kernel.families
  const force = optname === SO_SNDBUFFORCE || optname === SO_RCVBUFFORCE
  if (force && !capable(task, CAP_NET_ADMIN)) return EPERM
  const send = optname === SO_SNDBUF || optname === SO_SNDBUFFORCE
  const limit = send ? limits.sysctl_wmem_max : limits.sysctl_rmem_max
  const wanted = Math.min(force ? Math.max(value, 0) : Math.min(value >>> 0, limit), 0x3fffffff)
  if (send) sk.sk_sndbuf = Math.max(wanted * 2, SOCK_MIN_SNDBUF)
  else sk.sk_rcvbuf = Math.max(wanted * 2, SOCK_MIN_RCVBUF)
  sk.sk_flags |= send ? SOCK_FLAG.SNDBUF_LOCK : SOCK_FLAG.RCVBUF_LOCK
  return undefined
}

/** sock_set_timeout: kept in whole jiffies, rounded up; zero waits for ever. */
function set_timeout(sk: sock, optname: number, optval: Uint8Array): Errno | undefined {
  if (optval.length < 16) return EINVAL
  const sec = Number(BigInt.asIntN(64, getBig64(optval, 0)))
  const usec = Number(BigInt.asIntN(64, getBig64(optval, 8)))
  if (usec < 0 || usec >= 1e6) return EDOM
  const jiffy_ms = NSEC_PER_JIFFY / 1e6
  let ms = sec * 1000 + Math.ceil(usec / (jiffy_ms * 1000)) * jiffy_ms
  if (sec < 0) ms = NEVER_WAIT
  else if (sec > 0x7fffffff) ms = 0
  if (optname === SO_RCVTIMEO_OLD || optname === SO_RCVTIMEO_NEW) sk.sk_rcvtimeo = ms
  else sk.sk_sndtimeo = ms
  return undefined
}

/** struct sock_txtime { clockid, flags }: clocks other than CLOCK_MONOTONIC need CAP_NET_ADMIN. */
function set_txtime(sk: sock, optval: Uint8Array, task: task_struct): Errno | undefined {
  if (optval.length !== 8 || (get32(optval, 4) & ~3) !== 0) return EINVAL
  if (get32(optval, 0) !== 1 && !capable(task, CAP_NET_ADMIN)) return EPERM
  sk.sk_txtime = getBig64(optval, 0)
  return undefined
}

function set_linger(sk: sock, optval: Uint8Array): Errno | undefined {
  if (optval.length < 8) return EINVAL
  const on = get32(optval, 0) !== 0
  sock_valbool_flag(sk, SOCK_FLAG.LINGER, on)
  const seconds = getS32(optval, 4)
  if (on) sk.sk_lingertime = seconds < 0 ? LINGER_FOR_EVER : seconds
  return undefined
}

function set_timestamp(sk: sock, optname: number, value: number): Errno | undefined {
  const on = value !== 0
  sock_valbool_flag(sk, SOCK_FLAG.RCVTSTAMP, on)
  sock_valbool_flag(sk, SOCK_FLAG.RCVTSTAMPNS, on && (optname === SO_TIMESTAMPNS_OLD || optname === SO_TIMESTAMPNS_NEW))
  sock_valbool_flag(sk, SOCK_FLAG.TIMESTAMP_NEW, on && (optname === SO_TIMESTAMP_NEW || optname === SO_TIMESTAMPNS_NEW))
  return undefined
}

function set_mark(sk: sock, optname: number, value: number, task: task_struct): Errno | undefined {
  if (!capable(task, CAP_NET_RAW) && !capable(task, CAP_NET_ADMIN)) return EPERM
  if (optname === SO_MARK) sk.sk_mark = value >>> 0
  else sock_valbool_flag(sk, SOCK_FLAG.RCVMARK, value !== 0)
  return undefined
}

/** sock_setbindtodevice: a name, empty to unbind. Only who may use raw sockets can change a binding. */
function bind_to_device(sk: sock, optval: Uint8Array, task: task_struct): Errno | undefined {
  const end = Math.min(optval.length, IFNAMSIZ - 1)
  let name = ''
  for (let i = 0; i < end && optval[i] !== 0; i++) name += String.fromCharCode(optval[i])
  if (name === '') return bind_to_ifindex(sk, 0, task)
  const dev = sk.sk_net.dev_base_head.find((d) => d.name === name || d.altnames.includes(name))
  return dev === undefined ? ENODEV : bind_to_ifindex(sk, dev.ifindex, task)
}
function bind_to_ifindex(sk: sock, ifindex: number, task: task_struct): Errno | undefined {
  if (sk.sk_bound_dev_if !== 0 && !capable(task, CAP_NET_RAW)) return EPERM
  if (ifindex < 0) return EINVAL
  sk.sk_bound_dev_if = ifindex
  return undefined
}

/** struct sock_fprog { u16 len; struct sock_filter *filter } */
function attach_filter(sk: sock, optval: Uint8Array, memory: UserMemory | undefined): Errno | undefined {
  if (optval.length !== 16) return EINVAL
  if (sock_flag(sk, SOCK_FLAG.FILTER_LOCKED)) return EPERM
  const filter = sk_filter_from(optval, memory)
  if (isErrno(filter)) return filter
  sk.sk_filter = filter
  return undefined
}
export function sk_filter_from(fprog: Uint8Array, memory: UserMemory | undefined): sk_filter | Errno {
  if (fprog.length !== 16 || get64(fprog, 8) === 0 || get16(fprog, 0) === 0 || get16(fprog, 0) > BPF_MAXINSNS) return EINVAL
  const insns = memory?.read(get64(fprog, 8), get16(fprog, 0) * 8) ?? EFAULT
  return isErrno(insns) ? insns : sk_filter_make(insns)
}
/** sk_attach_bpf(), sk_reuseport_attach_bpf(): programs of other kinds are the host's; of these none is loaded here. */
function attach_bpf(sk: sock, optval: Uint8Array, fd: number, task: task_struct): Errno {
  if (optval.length !== 4) return EINVAL
  if (sock_flag(sk, SOCK_FLAG.FILTER_LOCKED)) return EPERM
  const file = task.files?.inode(fd)
  if (task.files === undefined || isErrno(file)) return EBADF
  sk.sk_net.kernel.unsupported.count('setsockopt', 'SO_ATTACH_BPF')
  return EINVAL
}
/** sk_reuseport_attach_filter(): a socket that shares its port, with a program that names a member of the group. */
function attach_reuseport(sk: sock, optval: Uint8Array, memory: UserMemory | undefined): Errno | undefined {
  const prog = sk_filter_from(optval, memory)
  if (isErrno(prog)) return prog
  if (!sk.sk_reuseport) return EINVAL
  sk.reuseport_prog = prog
  return undefined
}
function detach_filter(sk: sock): Errno | undefined {
  if (sock_flag(sk, SOCK_FLAG.FILTER_LOCKED)) return EPERM
  if (sk.sk_filter === undefined) return ENOENT
  sk.sk_filter = undefined
  return undefined
}

export { sock_getsockopt } from './sockopt_get.ts'

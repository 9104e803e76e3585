/** net/core/sock.c sk_getsockopt: reading the options of SOL_SOCKET. */

import type { task_struct } from '../kernel/task.ts'
import { put32, put64, putBig64, putString } from '../lib/bytes.ts'
import { EINVAL, ENODATA, ENOPROTOOPT, ENOTCONN, EOPNOTSUPP, type Errno, isErrno } from '../uapi/errno.ts'
import {
  SO_ACCEPTCONN,
  SO_ATTACH_FILTER,
  SO_BINDTODEVICE,
  SO_BINDTOIFINDEX,
  SO_BPF_EXTENSIONS,
  SO_BROADCAST,
  SO_BSDCOMPAT,
  SO_BUF_LOCK,
  SO_BUSY_POLL,
  SO_COOKIE,
  SO_DEBUG,
  SO_DOMAIN,
  SO_DONTROUTE,
  SO_ERROR,
  SO_INCOMING_CPU,
  SO_INCOMING_NAPI_ID,
  SO_KEEPALIVE,
  SO_LINGER,
  SO_LOCK_FILTER,
  SO_MARK,
  SO_MAX_PACING_RATE,
  SO_MEMINFO,
  SO_NETNS_COOKIE,
  SO_NO_CHECK,
  SO_NOFCS,
  SO_OOBINLINE,
  SO_PASSCRED,
  SO_PASSPIDFD,
  SO_PASSSEC,
  SO_PEEK_OFF,
  SO_PEERCRED,
  SO_PEERGROUPS,
  SO_PEERNAME,
  SO_PEERPIDFD,
  SO_PREFER_BUSY_POLL,
  SO_PRIORITY,
  SO_PROTOCOL,
  SO_RCVBUF,
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
  SO_SNDLOWAT,
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
} from '../uapi/linux/socket.ts'
import { type sock, sock_error, sock_flag } from './sock.ts'
import { SOCK_FLAG } from './sock_limits.ts'
import type { socket } from './socket.ts'

const TCP_LISTEN = 10
/** SKF_AD_MAX */
const BPF_EXTENSIONS = 64

const flags = new Map<number, number>([
  [SO_DEBUG, SOCK_FLAG.DBG],
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
  [SO_TXREHASH, SOCK_FLAG.TXREHASH],
  [SO_LOCK_FILTER, SOCK_FLAG.FILTER_LOCKED],
  [SO_PREFER_BUSY_POLL, SOCK_FLAG.PREFER_BUSY_POLL],
  [SO_RCVMARK, SOCK_FLAG.RCVMARK],
  [SO_ZEROCOPY, SOCK_FLAG.ZEROCOPY],
  [SO_PASSPIDFD, SOCK_FLAG.PASSPIDFD],
])

/** At most `optlen` bytes. */
export function sock_getsockopt(sock: socket, optname: number, optlen: number, _task: task_struct): Uint8Array | Errno {
  if (optlen < 0) return EINVAL
  const sk = sock.sk as sock
  const flag = flags.get(optname)
  const value =
    flag !== undefined ? (sock_flag(sk, flag) ? 1 : 0) : (number_option(sock, sk, optname) ?? struct_option(sock, sk, optname, optlen))
  if (isErrno(value)) return value
  return (typeof value === 'number' ? int(value) : value).subarray(0, optlen)
}

function int(value: number): Uint8Array {
  const b = new Uint8Array(4)
  put32(b, 0, value)
  return b
}

function number_option(sock: socket, sk: sock, optname: number): number | undefined {
  switch (optname) {
    case SO_TYPE:
      return sk.sk_type
    case SO_DOMAIN:
      return sk.sk_family
    case SO_PROTOCOL:
      return sk.sk_protocol
    case SO_ERROR:
      return take_error(sk)
    case SO_SNDBUF:
      return sk.sk_sndbuf
    case SO_RCVBUF:
      return sk.sk_rcvbuf
    case SO_REUSEADDR:
      return sk.sk_reuse ? 1 : 0
    case SO_REUSEPORT:
      return sk.sk_reuseport ? 1 : 0
    case SO_PRIORITY:
      return sk.sk_priority
    case SO_BSDCOMPAT:
      return 0
    case SO_RCVLOWAT:
      return sk.sk_rcvlowat
    case SO_SNDLOWAT:
      return 1
    case SO_ACCEPTCONN:
      return sock.ops.listen !== undefined && sk.sk_state === TCP_LISTEN ? 1 : 0
    case SO_MARK:
      return sk.sk_mark
    case SO_BPF_EXTENSIONS:
      return BPF_EXTENSIONS
    case SO_INCOMING_CPU:
      return sk.sk_incoming_cpu
    case SO_INCOMING_NAPI_ID:
      return 0
    case SO_BUSY_POLL:
      return sk.sk_busy_poll
    case SO_BINDTOIFINDEX:
      return sk.sk_bound_dev_if
    case SO_BUF_LOCK:
      return (sock_flag(sk, SOCK_FLAG.SNDBUF_LOCK) ? 1 : 0) | (sock_flag(sk, SOCK_FLAG.RCVBUF_LOCK) ? 2 : 0)
    default:
      return timestamp_option(sk, optname)
  }
}

function timestamp_option(sk: sock, optname: number): number | undefined {
  const stamp = sock_flag(sk, SOCK_FLAG.RCVTSTAMP)
  const fresh = sock_flag(sk, SOCK_FLAG.TIMESTAMP_NEW)
  const ns = sock_flag(sk, SOCK_FLAG.RCVTSTAMPNS)
  switch (optname) {
    case SO_TIMESTAMP_OLD:
      return stamp && !fresh && !ns ? 1 : 0
    case SO_TIMESTAMP_NEW:
      return stamp && fresh && !ns ? 1 : 0
    case SO_TIMESTAMPNS_OLD:
      return ns && !fresh ? 1 : 0
    case SO_TIMESTAMPNS_NEW:
      return ns && fresh ? 1 : 0
    default:
      return undefined
  }
}

/** The pending error, once; the soft one when there is none. */
function take_error(sk: sock): number {
  const error = sock_error(sk) ?? sk.sk_err_soft
  if (error !== undefined && error === sk.sk_err_soft) sk.sk_err_soft = undefined
  return error?.code ?? 0
}

function struct_option(sock: socket, sk: sock, optname: number, optlen: number): Uint8Array | Errno {
  switch (optname) {
    case SO_LINGER:
      return ints(sock_flag(sk, SOCK_FLAG.LINGER) ? 1 : 0, sk.sk_lingertime)
    case SO_RCVTIMEO_OLD:
    case SO_RCVTIMEO_NEW:
      return timeval(sk.sk_rcvtimeo)
    case SO_SNDTIMEO_OLD:
    case SO_SNDTIMEO_NEW:
      return timeval(sk.sk_sndtimeo)
    case SO_TIMESTAMPING_OLD:
    case SO_TIMESTAMPING_NEW:
      return ints(optname === SO_TIMESTAMPING_OLD || sock_flag(sk, SOCK_FLAG.TIMESTAMP_NEW) ? sk.sk_tsflags : 0, 0)
    // nobody on the other side: no pid, and uid and gid unset
    case SO_PEERCRED:
      return ints(0, -1, -1)
    case SO_PEERGROUPS:
      return ENODATA
    case SO_PEERNAME: {
      const name = sock.ops.getname(sock, true)
      if (isErrno(name)) return ENOTCONN
      return name.length < optlen ? EINVAL : name
    }
    case SO_PEERPIDFD:
      return ENODATA
    case SO_TXTIME:
      return big(sk.sk_txtime)
    case SO_RESERVE_MEM:
      return int(0)
    case SO_MEMINFO:
      return ints(sk.sk_rmem_alloc, sk.sk_rcvbuf, sk.sk_wmem_alloc, sk.sk_sndbuf, 0, 0, 0, 0, sk.sk_drops)
    case SO_COOKIE:
      return optlen < 8 ? EINVAL : big(sock_gen_cookie(sk))
    // init_net's cookie is 1 (net/core/net_namespace.c)
    case SO_NETNS_COOKIE:
      if (optlen !== 8) return EINVAL
      return big(BigInt(sk.sk_net === sk.sk_net.kernel.init_net ? 1 : sk.sk_net.inum))
    case SO_MAX_PACING_RATE:
      return optlen >= 8
        ? big(sk.sk_max_pacing_rate)
        : int(Number(sk.sk_max_pacing_rate < 0xffffffffn ? sk.sk_max_pacing_rate : 0xffffffffn))
    case SO_BINDTODEVICE:
      return bound_device(sk)
    case SO_PEEK_OFF:
      // of PF_INET only UDP and TCP have it
      return sock.ops.set_peek_off === undefined || isErrno(sock.ops.set_peek_off(sk, sk.sk_peek_off)) ? EOPNOTSUPP : int(sk.sk_peek_off)
    case SO_ATTACH_FILTER:
      return get_filter(sk)
    default:
      sk.sk_net.kernel.unsupported.count('getsockopt', `SOL_SOCKET ${optname}`)
      return ENOPROTOOPT
  }
}

function ints(...values: number[]): Uint8Array {
  const b = new Uint8Array(values.length * 4)
  values.forEach((v, i) => put32(b, i * 4, v))
  return b
}
function big(value: bigint): Uint8Array {
  const b = new Uint8Array(8)
  putBig64(b, 0, value)
  return b
}
function timeval(ms: number): Uint8Array {
  const b = new Uint8Array(16)
  const wait = Math.max(ms, 0)
  put64(b, 0, Math.floor(wait / 1000))
  put64(b, 8, (wait % 1000) * 1000)
  return b
}

/** net/core/sock_diag.c __sock_gen_cookie: given out when first asked for. */
export function sock_gen_cookie(sk: sock): bigint {
  if (sk.sk_cookie === 0n) sk.sk_cookie = ++sk.sk_net.kernel.families.last_cookie
  return sk.sk_cookie
}

/** SO_GET_FILTER counts instructions, not bytes: only the answer "none" can be given here. */
function get_filter(sk: sock): Uint8Array | Errno {
  if (sk.sk_filter === undefined) return new Uint8Array(0)
  sk.sk_net.kernel.unsupported.count('getsockopt', 'SO_GET_FILTER')
  return EINVAL
}

function bound_device(sk: sock): Uint8Array | Errno {
  if (sk.sk_bound_dev_if === 0) return new Uint8Array(0)
  const dev = sk.sk_net.dev_index_head.get(sk.sk_bound_dev_if)
  const b = new Uint8Array((dev?.name.length ?? 0) + 1)
  putString(b, 0, dev?.name ?? '')
  return b
}

/**
 * net/ipv4/tcp.c do_tcp_setsockopt(), do_tcp_getsockopt(): options of SOL_TCP, with Linux's bounds. As no data is carried yet
 * nothing reads them but the program; so each that is set is counted.
 */
import { getS32, put32 } from '../../lib/bytes.ts'
import { EINVAL, ENOENT, ENOPROTOOPT, type Errno } from '../../uapi/errno.ts'
import * as T from '../../uapi/linux/tcp.ts'
import { SOCK_MIN_RCVBUF } from '../sock_limits.ts'
import type { inet_sock, tcp_part } from './inet_sock.ts'

const TCP_MSS_DEFAULT = 536
/** Seconds: of a timer at first, and at most; of FIN_WAIT_2 at most. */
const TCP_TIMEOUT_INIT = 1
const TCP_RTO_MAX = 120
const TCP_FIN_TIMEOUT_MAX = 120
const TCP_FIN_TIMEOUT = 60
const TCP_CA_NAME_MAX = 16

interface int_option {
  readonly initial: number
  readonly min?: number
  readonly max?: number
  readonly flag?: boolean
}
const flag: int_option = { initial: 0, flag: true }
const strict_flag: int_option = { initial: 0, min: 0, max: 1 }
const INT_MAX = 0x7fffffff
const options: ReadonlyMap<number, int_option> = new Map([
  [T.TCP_NODELAY, flag],
  [T.TCP_CORK, flag],
  [T.TCP_KEEPIDLE, { initial: 7200, min: 1, max: 32767 }],
  [T.TCP_KEEPINTVL, { initial: 75, min: 1, max: 32767 }],
  [T.TCP_KEEPCNT, { initial: 9, min: 1, max: 127 }],
  [T.TCP_SYNCNT, { initial: 6, min: 1, max: 127 }],
  [T.TCP_LINGER2, { initial: TCP_FIN_TIMEOUT }],
  [T.TCP_DEFER_ACCEPT, { initial: 0 }],
  [T.TCP_WINDOW_CLAMP, { initial: 0 }],
  [T.TCP_MAXSEG, { initial: TCP_MSS_DEFAULT }],
  [T.TCP_QUICKACK, { initial: 1, flag: true }],
  [T.TCP_THIN_LINEAR_TIMEOUTS, strict_flag],
  [T.TCP_THIN_DUPACK, strict_flag],
  [T.TCP_USER_TIMEOUT, { initial: 0, min: 0, max: INT_MAX }],
  [T.TCP_FASTOPEN, { initial: 0, min: 0, max: INT_MAX }],
  [T.TCP_SAVE_SYN, { initial: 0, min: 0, max: 2 }],
  [T.TCP_FASTOPEN_CONNECT, strict_flag],
  [T.TCP_FASTOPEN_NO_COOKIE, strict_flag],
  [T.TCP_INQ, strict_flag],
])

/** secs_to_retrans(), retrans_to_secs(): as long as so many retransmissions take. */
function whole_retransmissions(seconds: number): number {
  let period = 0
  for (let timeout = TCP_TIMEOUT_INIT, n = 0; period < seconds && n < 255; n++, timeout = Math.min(timeout * 2, TCP_RTO_MAX))
    period += timeout
  return period
}
/** What becomes of a value that the option does not keep as it is. */
function kept(optname: number, value: number): number | Errno {
  switch (optname) {
    case T.TCP_LINGER2:
      if (value === 0) return TCP_FIN_TIMEOUT
      return value < 0 ? -1 : Math.min(value, TCP_FIN_TIMEOUT_MAX)
    case T.TCP_DEFER_ACCEPT:
      return whole_retransmissions(value)
    case T.TCP_WINDOW_CLAMP:
      return value === 0 ? 0 : Math.max(SOCK_MIN_RCVBUF / 2, value)
    case T.TCP_MAXSEG:
      if (value === 0) return TCP_MSS_DEFAULT
      return value < 88 || value > 32767 ? EINVAL : value
    case T.TCP_THIN_DUPACK: // of old
      return 0
    default:
      return value
  }
}
/** The name, without what follows its end; of those that the kernel has. */
function set_congestion(tcp: tcp_part, optval: Uint8Array): Errno | undefined {
  if (optval.length < 1) return EINVAL
  const [name] = Buffer.from(optval.subarray(0, TCP_CA_NAME_MAX - 1))
    .toString('latin1')
    .split('\0')
  if (name !== 'cubic' && name !== 'reno') return ENOENT
  tcp.congestion = name
  return undefined
}

export function tcp_setsockopt(sk: inet_sock, optname: number, optval: Uint8Array): Errno | undefined {
  const tcp = sk.tcp as tcp_part
  const { unsupported } = sk.sk_net.kernel
  if (optname === T.TCP_CONGESTION) return set_congestion(tcp, optval)
  if (optval.length < 4) return EINVAL
  const option = options.get(optname)
  unsupported.count('setsockopt', `SOL_TCP option ${optname}`)
  if (option === undefined) return ENOPROTOOPT
  let value = getS32(optval, 0)
  if (option.flag) value = value !== 0 ? 1 : 0
  else if (option.min !== undefined && (value < option.min || value > (option.max as number))) return EINVAL
  const result = kept(optname, value)
  if (typeof result !== 'number') return result
  tcp.options.set(optname, result)
  return undefined
}
export function tcp_getsockopt(sk: inet_sock, optname: number, optlen: number): Uint8Array | Errno {
  const tcp = sk.tcp as tcp_part
  if (optlen < 0) return EINVAL
  if (optname === T.TCP_CONGESTION) {
    const name = new Uint8Array(TCP_CA_NAME_MAX)
    name.set(Buffer.from(tcp.congestion))
    return name.subarray(0, optlen)
  }
  const option = options.get(optname)
  if (option === undefined) {
    sk.sk_net.kernel.unsupported.count('getsockopt', `SOL_TCP option ${optname}`)
    return ENOPROTOOPT
  }
  const answer = new Uint8Array(4)
  put32(answer, 0, tcp.options.get(optname) ?? option.initial)
  return answer.subarray(0, optlen)
}

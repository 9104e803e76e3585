/** net/ipv4/ip_sockglue.c: options of SOL_IP. Those that later work will read are kept and counted. */
import { CAP_NET_ADMIN, CAP_NET_RAW } from '../../kernel/capability.ts'
import { capable, type task_struct } from '../../kernel/task.ts'
import { getS32, put32 } from '../../lib/bytes.ts'
import { EINVAL, EMSGSIZE, ENOPROTOOPT, ENOTCONN, EOPNOTSUPP, EPERM, type Errno, isErrno } from '../../uapi/errno.ts'
import type { OptionInput } from '../../syscalls/types.ts'
import * as IN from '../../uapi/linux/in.ts'
import { AF_INET, SOCK_RAW, SOCK_STREAM, SOL_RAW } from '../../uapi/linux/socket.ts'
import { MAX_IPOPTLEN } from '../../uapi/linux/ip.ts'
import type { socket } from '../socket.ts'
import { flowi4 } from './fib_lookup.ts'
import { inet_sk, type inet_sock, TCP_ESTABLISHED } from './inet_sock.ts'
import { ip_options_get, ip_options_undo } from './ip_options_build.ts'
import { ip_dst_mtu } from './ip_output.ts'
import { ip_mcast_setsockopt, ip_msfilter_get, ip_multicast_if, ip_unicast_if, mcast_options } from './ip_sockglue_mcast.ts'
import { ip_mroute_getsockopt, ip_mroute_setsockopt, ip_ra_control, is_mroute_opt } from './ipmr_sock.ts'
import { raw_getsockopt, raw_setsockopt } from './raw.ts'
import { ip_route_output_key } from './route.ts'
import { tcp_getsockopt, tcp_setsockopt } from './tcp_sockopt.ts'
import { is_udp_level, udp_lib_getsockopt, udp_lib_setsockopt } from './udp_opt.ts'
import { udp_push_pending_frames } from './udp_snd.ts'

/** Integer options: default, least and most value (`flag`: any value, kept as 0 or 1). */
interface int_option {
  readonly initial: number
  readonly min?: number
  readonly max?: number
  readonly flag?: boolean
}
const flag: int_option = { initial: 0, flag: true }
const options = new Map<number, int_option>([
  [IN.IP_TOS, { initial: 0 }],
  [IN.IP_TTL, { initial: 64, min: 1, max: 255 }],
  [IN.IP_HDRINCL, flag],
  [IN.IP_RECVOPTS, flag],
  [IN.IP_RETOPTS, flag],
  [IN.IP_PKTINFO, flag],
  [IN.IP_MTU_DISCOVER, { initial: 1, min: 0, max: 5 }],
  [IN.IP_RECVERR, flag],
  [IN.IP_RECVTTL, flag],
  [IN.IP_RECVTOS, flag],
  [IN.IP_FREEBIND, flag],
  [IN.IP_PASSSEC, flag],
  [IN.IP_TRANSPARENT, flag],
  [IN.IP_ORIGDSTADDR, flag],
  [IN.IP_MINTTL, { initial: 0, min: 0, max: 255 }],
  [IN.IP_NODEFRAG, flag],
  [IN.IP_CHECKSUM, flag],
  [IN.IP_BIND_ADDRESS_NO_PORT, flag],
  [IN.IP_RECVFRAGSIZE, flag],
  [IN.IP_MULTICAST_TTL, { initial: 1, min: -1, max: 255 }],
  [IN.IP_MULTICAST_LOOP, { initial: 1, flag: true }],
  [IN.IP_MULTICAST_ALL, { initial: 1, min: 0, max: 1 }],
  [IN.IP_LOCAL_PORT_RANGE, { initial: 0 }],
  [IN.IP_RECVERR_RFC4884, { initial: 0, min: 0, max: 1 }],
])
/** TC_PRIO_*: best effort, bulk, interactive, interactive bulk. */
const PRIORITY_OF_TOS = [0, 2, 6, 4]
const raw_only: ReadonlySet<number> = new Set([IN.IP_HDRINCL, IN.IP_NODEFRAG])
/** Of the others nothing is as good as 0. */
const needs_value = new Set([
  IN.IP_TTL,
  IN.IP_FREEBIND,
  IN.IP_TRANSPARENT,
  IN.IP_MINTTL,
  IN.IP_MULTICAST_TTL,
  IN.IP_MULTICAST_LOOP,
  IN.IP_MULTICAST_ALL,
])
/** Options that a call above this file acts on. */
const acted_on = new Set([
  IN.IP_FREEBIND,
  IN.IP_TRANSPARENT,
  IN.IP_BIND_ADDRESS_NO_PORT,
  IN.IP_TOS,
  IN.IP_TTL,
  IN.IP_HDRINCL,
  IN.IP_PKTINFO,
  IN.IP_MTU_DISCOVER,
  IN.IP_RECVERR,
  IN.IP_RECVTTL,
  IN.IP_RECVTOS,
  IN.IP_MULTICAST_TTL,
  IN.IP_MULTICAST_LOOP,
  IN.IP_MULTICAST_ALL,
  IN.IP_ORIGDSTADDR,
  IN.IP_RECVOPTS,
  IN.IP_RETOPTS,
  IN.IP_RECVFRAGSIZE,
  IN.IP_LOCAL_PORT_RANGE,
  IN.IP_RECVERR_RFC4884,
  // no device leaves the sum of a packet to its socket (CHECKSUM_COMPLETE), so that there is none to tell
  IN.IP_CHECKSUM,
])

function unknown(sock: socket, what: string, level: number, optname: number): Errno {
  sock.kernel.unsupported.count(what, `PF_INET level ${level} option ${optname}`)
  return level === IN.SOL_IP || what === 'setsockopt' ? ENOPROTOOPT : EOPNOTSUPP
}

/** One byte is enough of a value for most. */
export function ip_setsockopt(sock: socket, level: number, optname: number, optval: Uint8Array, task: task_struct): Errno | undefined {
  if (level === SOL_RAW && sock.type === SOCK_RAW) return raw_setsockopt(inet_sk(sock), optname, optval)
  if (is_udp_level(level) && inet_sk(sock).udp !== undefined)
    return udp_lib_setsockopt(inet_sk(sock), optname, optval, udp_push_pending_frames)
  if (level === IN.SOL_TCP && inet_sk(sock).tcp !== undefined) return tcp_setsockopt(inet_sk(sock), optname, optval)
  if (level === IN.SOL_IP && mcast_options.has(optname)) return ip_mcast_setsockopt(inet_sk(sock), optname, optval)
  if (level === IN.SOL_IP && is_mroute_opt(optname)) return ip_mroute_setsockopt(inet_sk(sock), optname, optval, task)
  if (level === IN.SOL_IP && optname === IN.IP_OPTIONS) return set_options(inet_sk(sock), optval, task)
  if (level === IN.SOL_IP && optname === IN.IP_ROUTER_ALERT) return set_router_alert(inet_sk(sock), optval)
  if (level === IN.SOL_IP && (optname === IN.IP_IPSEC_POLICY || optname === IN.IP_XFRM_POLICY)) return xfrm_user_policy(sock, optval, task)
  if (level === IN.SOL_IP && optname === IN.IP_LOCAL_PORT_RANGE) return set_port_range(inet_sk(sock), optval)
  const option = level === IN.SOL_IP ? options.get(optname) : undefined
  if (option === undefined || (raw_only.has(optname) && sock.type !== SOCK_RAW)) return unknown(sock, 'setsockopt', level, optname)
  if (sock.type === SOCK_STREAM && (optname === IN.IP_RECVFRAGSIZE || optname === IN.IP_MULTICAST_TTL)) return EINVAL
  if (optname === IN.IP_TRANSPARENT && optval[0] !== 0 && !capable(task, CAP_NET_RAW) && !capable(task, CAP_NET_ADMIN)) return EPERM
  if (optval.length === 0 && needs_value.has(optname)) return EINVAL
  let value = optval.length >= 4 ? getS32(optval, 0) : (optval[0] ?? 0)
  if (option.flag) value = value !== 0 ? 1 : 0
  else if (option.min !== undefined && (value < option.min || value > (option.max as number))) {
    if (!(optname === IN.IP_TTL && value === -1)) return EINVAL
  }
  if (optname === IN.IP_MULTICAST_TTL && value === -1) value = 1
  if (optname === IN.IP_TOS) value = set_tos(inet_sk(sock), value)
  inet_sk(sock).options.set(optname, value)
  if (!acted_on.has(optname)) sock.kernel.unsupported.count('setsockopt', `SOL_IP option ${optname}`)
  return undefined
}

/** IP_TOS also gives packets the priority of its meaning (rt_tos2priority); of a stream the lowest bits are the protocol's (ECN). */
function set_tos(sk: inet_sock, value: number): number {
  const tos = value & (sk.sk_type === SOCK_STREAM ? 0xfc : 0xff)
  sk.sk_priority = PRIORITY_OF_TOS[(tos & 0x1e) >> 3]
  return tos
}
function set_options(sk: inet_sock, optval: Uint8Array, task: task_struct): Errno | undefined {
  if (optval.length > MAX_IPOPTLEN) return EINVAL
  const opt = ip_options_get(sk.sk_net, optval, task)
  if (isErrno(opt)) return opt
  sk.inet_opt = opt
  return undefined
}
function get_options(sk: inet_sock, optlen: number): Uint8Array {
  return sk.inet_opt === undefined ? new Uint8Array(0) : ip_options_undo(sk.inet_opt).subarray(0, optlen)
}
const PAGE_SIZE = 4096
/** xfrm_user_policy(): of a socket alone; no key manager that could make one is loaded. */
export function xfrm_user_policy(sock: socket, optval: Uint8Array, task: task_struct): Errno {
  if (!capable(task, CAP_NET_ADMIN)) return EPERM
  if (optval.length === 0 || optval.length > PAGE_SIZE) return EMSGSIZE
  sock.kernel.unsupported.count('setsockopt', 'policy of a socket')
  return EINVAL
}
function set_router_alert(sk: inet_sock, optval: Uint8Array): Errno | undefined {
  const value = optval.length >= 4 ? getS32(optval, 0) : (optval[0] ?? 0)
  return ip_ra_control(sk, value !== 0)
}
/** IP_LOCAL_PORT_RANGE: lowest and highest port to choose from, in one word; 0 is the host's. */
function set_port_range(sk: inet_sock, optval: Uint8Array): Errno | undefined {
  if (optval.length !== 4) return EINVAL
  const value = getS32(optval, 0) >>> 0
  const [low, high] = [value & 0xffff, value >>> 16]
  if (low !== 0 && high !== 0 && low > high) return EINVAL
  sk.options.set(IN.IP_LOCAL_PORT_RANGE, value)
  return undefined
}
/** Bytes that a packet to the peer may have. */
export function ip_peer_mtu(sk: inet_sock): number | Errno {
  if (sk.sk_state !== TCP_ESTABLISHED) return ENOTCONN
  const fl = new flowi4(sk.inet_daddr, sk.sk_bound_dev_if)
  fl.saddr = sk.inet_saddr
  fl.mark = sk.sk_mark
  const rt = ip_route_output_key(sk.sk_net, fl)
  if (isErrno(rt)) return ENOTCONN
  return ip_dst_mtu(sk.sk_net, rt)
}
/** Of a number a program that has no room for an int gets one byte, where that is enough. */
function shrunk(value: number, optlen: number): Uint8Array {
  if (optlen > 0 && optlen < 4 && value >= 0 && value <= 255) return Uint8Array.of(value)
  const answer = new Uint8Array(4)
  put32(answer, 0, value)
  return answer.subarray(0, Math.min(4, optlen))
}

export function ip_getsockopt(
  sock: socket,
  level: number,
  optname: number,
  optlen: number,
  _task: task_struct,
  input?: OptionInput,
): Uint8Array | Errno {
  if (level === SOL_RAW && sock.type === SOCK_RAW) return raw_getsockopt(inet_sk(sock), optname, optlen)
  if (is_udp_level(level) && inet_sk(sock).udp !== undefined) return udp_lib_getsockopt(inet_sk(sock), optname, optlen)
  if (level === IN.SOL_TCP && inet_sk(sock).tcp !== undefined) return tcp_getsockopt(inet_sk(sock), optname, optlen)
  if (level !== IN.SOL_IP) return unknown(sock, 'getsockopt', level, optname)
  const sk = inet_sk(sock)
  if (is_mroute_opt(optname)) return ip_mroute_getsockopt(sk, optname, optlen)
  if (optlen < 0) return EINVAL
  switch (optname) {
    case IN.IP_MULTICAST_IF:
      return ip_multicast_if(sk).subarray(0, optlen)
    case IN.IP_OPTIONS:
      return get_options(sk, optlen)
    case IN.IP_PKTOPTIONS:
      return sock.type === SOCK_STREAM ? new Uint8Array(0) : unknown(sock, 'getsockopt', level, optname)
    case IN.IP_MSFILTER:
    case IN.MCAST_MSFILTER:
      return ip_msfilter_get(sk, optname, optlen, input)
    default: {
      const value = number_option(sk, optname)
      if (value === undefined) return unknown(sock, 'getsockopt', level, optname)
      return isErrno(value) ? value : shrunk(value, optlen)
    }
  }
}
function number_option(sk: inet_sock, optname: number): number | Errno | undefined {
  switch (optname) {
    case IN.IP_UNICAST_IF:
      return ip_unicast_if(sk)
    case IN.IP_ROUTER_ALERT:
      return Number(sk.sk_net.ipv4.ra_chain.includes(sk))
    case IN.IP_MTU:
      return ip_peer_mtu(sk)
    case IN.IP_PROTOCOL:
      return sk.inet_num
    default: {
      const option = options.get(optname)
      if (option === undefined) return undefined
      const initial = optname === IN.IP_MULTICAST_ALL && sk.sk_family !== AF_INET ? 0 : option.initial
      const value = sk.options.get(optname) ?? initial
      return value === -1 && optname === IN.IP_TTL ? sk.sk_net.ipv4.sysctl_ip_default_ttl : value
    }
  }
}

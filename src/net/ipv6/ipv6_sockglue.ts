/** net/ipv6/ipv6_sockglue.c: options of SOL_IPV6. Those that later work will read are kept and counted. */
import type { OptionInput } from '../../syscalls/types.ts'
import type { task_struct } from '../../kernel/task.ts'
import { getS32, put32 } from '../../lib/bytes.ts'
import { EINVAL, ENOPROTOOPT, ENOTCONN, EOPNOTSUPP, type Errno, isErrno } from '../../uapi/errno.ts'
import { IP_FREEBIND, IP_MTU, IP_TRANSPARENT, MCAST_MSFILTER, IPPROTO_RAW, SOL_IP, SOL_TCP } from '../../uapi/linux/in.ts'
import { ICMPV6_FILTER } from '../../uapi/linux/icmpv6.ts'
import * as IN6 from '../../uapi/linux/in6.ts'
import { ipv6_addr_type } from '../../uapi/linux/in6.ts'
import { DEVCONF_HOPLIMIT } from '../../uapi/linux/ipv6.ts'
import { SOCK_RAW, SOCK_STREAM, SOL_RAW } from '../../uapi/linux/socket.ts'
import { type inet_sock, TCP_ESTABLISHED } from '../ipv4/inet_sock.ts'
import { ip_getsockopt, ip_setsockopt, ip_peer_mtu, xfrm_user_policy } from '../ipv4/ip_sockglue.ts'
import { tcp_getsockopt, tcp_setsockopt } from '../ipv4/tcp_sockopt.ts'
import { is_udp_level, udp_lib_getsockopt, udp_lib_setsockopt } from '../ipv4/udp_opt.ts'
import { l3mdev_master_ifindex } from '../core/l3mdev.ts'
import type { socket } from '../socket.ts'
import { IPV6_PREFER_SRC_COA, IPV6_PREFER_SRC_PUBLIC, IPV6_PREFER_SRC_TMP } from './addrconf_saddr.ts'
import { type inet6_sock, inet6_sk } from './inet6_sock.ts'
import { ip6_dst_lookup } from './ip6_dst_lookup.ts'
import { flowi6 } from './ip6_fib_lookup.ts'
import { ip6_default_np_autolabel } from './ip6_flowlabel.ts'
import { ipv6_flowlabel_opt, ipv6_flowlabel_opt_get } from './ip6_flowlabel_mgr.ts'
import { ipv6_getsockopt_sticky, ipv6_set_opt_hdr, is_sticky_option } from './ipv6_txoptions.ts'
import { is_mroute_opt } from '../ipv4/ipmr_sock.ts'
import { ip6_dst_mtu } from './ip6_output.ts'
import { ip6_mroute_getsockopt, ip6_mroute_setsockopt } from './ip6mr_sock.ts'
import { ipv6_rare_getsockopt, ipv6_rare_setsockopt, rare6_options, SIZEOF_IP6_MTUINFO } from './ipv6_sockglue_rare.ts'
import { ipv6_mcast_getsockopt, ipv6_mcast_setsockopt, ipv6_msfilter_get, mcast6_options } from './ipv6_sockglue_mcast.ts'
import { udp_v6_push_pending_frames } from './udp_snd.ts'

/** Integer options: default, least and most value (`flag`: any value, kept as 0 or 1). */
interface int_option {
  readonly initial: number
  readonly min?: number
  readonly max?: number
  readonly flag?: boolean
}
const flag: int_option = { initial: 0, flag: true }
const SOL_ICMPV6 = 58
/** struct in6_pktinfo: an address, and the index of a device. */
const SIZEOF_IN6_PKTINFO = 20
const ICMPV6_CHECKSUM_AT = 2
/** Of the others less than an int is none. */
const short_is_zero: ReadonlySet<number> = new Set([IN6.IPV6_DONTFRAG, IN6.IPV6_AUTOFLOWLABEL, IN6.IPV6_RECVFRAGSIZE])
const raw_only: ReadonlySet<number> = new Set([IN6.IPV6_HDRINCL, IN6.IPV6_CHECKSUM])
const options = new Map<number, int_option>([
  [IN6.IPV6_UNICAST_HOPS, { initial: 64, min: -1, max: 255 }],
  [IN6.IPV6_MULTICAST_HOPS, { initial: 1, min: -1, max: 255 }],
  [IN6.IPV6_MULTICAST_LOOP, { initial: 1, min: 0, max: 1 }],
  [IN6.IPV6_MULTICAST_ALL, { initial: 1, flag: true }],
  [IN6.IPV6_ROUTER_ALERT, { initial: 0 }],
  [IN6.IPV6_CHECKSUM, { initial: -1 }],
  [IN6.IPV6_MTU_DISCOVER, { initial: 1, min: 0, max: 5 }],
  [IN6.IPV6_RECVERR, flag],
  [IN6.IPV6_V6ONLY, flag],
  [IN6.IPV6_RECVPKTINFO, flag],
  [IN6.IPV6_RECVHOPLIMIT, flag],
  [IN6.IPV6_RECVTCLASS, flag],
  [IN6.IPV6_RECVPATHMTU, flag],
  [IN6.IPV6_RECVORIGDSTADDR, flag],
  [IN6.IPV6_RECVFRAGSIZE, flag],
  [IN6.IPV6_RECVHOPOPTS, flag],
  [IN6.IPV6_RECVRTHDR, flag],
  [IN6.IPV6_RECVDSTOPTS, flag],
  [IN6.IPV6_DONTFRAG, flag],
  [IN6.IPV6_HDRINCL, flag],
  [IN6.IPV6_TCLASS, { initial: 0, min: -1, max: 255 }],
  [IN6.IPV6_AUTOFLOWLABEL, { initial: 1, flag: true }],
  [IN6.IPV6_FLOWINFO_SEND, flag],
  [IN6.IPV6_MINHOPCOUNT, { initial: 0, min: 0, max: 255 }],
  [IN6.IPV6_TRANSPARENT, flag],
  [IN6.IPV6_FREEBIND, flag],
  [IN6.IPV6_ROUTER_ALERT_ISOLATE, flag],
  [IN6.IPV6_RECVERR_RFC4884, { initial: 0, min: 0, max: 1 }],
  [IN6.IPV6_FLOWINFO, flag],
  [IN6.IPV6_2292PKTINFO, flag],
  [IN6.IPV6_2292HOPOPTS, flag],
  [IN6.IPV6_2292DSTOPTS, flag],
  [IN6.IPV6_2292RTHDR, flag],
  [IN6.IPV6_2292HOPLIMIT, flag],
])
/** Options that a call beside this file acts on. */
const acted_on = new Set([
  IN6.IPV6_V6ONLY,
  IN6.IPV6_UNICAST_HOPS,
  IN6.IPV6_MULTICAST_HOPS,
  IN6.IPV6_FREEBIND,
  IN6.IPV6_TRANSPARENT,
  IN6.IPV6_MULTICAST_ALL,
  IN6.IPV6_DONTFRAG,
  IN6.IPV6_RECVPATHMTU,
  IN6.IPV6_RECVERR_RFC4884,
  IN6.IPV6_RECVORIGDSTADDR,
  IN6.IPV6_MULTICAST_LOOP,
  IN6.IPV6_CHECKSUM,
  IN6.IPV6_MTU_DISCOVER,
  IN6.IPV6_RECVERR,
  IN6.IPV6_RECVPKTINFO,
  IN6.IPV6_2292PKTINFO,
  IN6.IPV6_2292HOPLIMIT,
  IN6.IPV6_RECVHOPLIMIT,
  IN6.IPV6_RECVTCLASS,
  IN6.IPV6_HDRINCL,
  IN6.IPV6_TCLASS,
  IN6.IPV6_AUTOFLOWLABEL,
  IN6.IPV6_FLOWINFO,
  IN6.IPV6_FLOWINFO_SEND,
  IN6.IPV6_RECVFRAGSIZE,
  IN6.IPV6_RECVHOPOPTS,
  IN6.IPV6_RECVRTHDR,
  IN6.IPV6_RECVDSTOPTS,
  IN6.IPV6_2292HOPOPTS,
  IN6.IPV6_2292RTHDR,
  IN6.IPV6_2292DSTOPTS,
])

function unknown(sock: socket, what: string, level: number, optname: number): Errno {
  sock.kernel.unsupported.count(what, `PF_INET6 level ${level} option ${optname}`)
  return ENOPROTOOPT
}

/** SOL_ICMPV6 of a raw ICMPv6 socket: which types it does not want. A short value leaves the rest as it was. */
function set_icmpv6_filter(sock: socket, optname: number, optval: Uint8Array): Errno | undefined {
  const sk = inet6_sk(sock)
  if (sock.type !== SOCK_RAW) return ENOPROTOOPT
  if (sk.inet_num !== IN6.IPPROTO_ICMPV6) return EOPNOTSUPP
  if (optname !== ICMPV6_FILTER) return ENOPROTOOPT
  const filter = sk.icmp6_filter ?? new Uint32Array(8)
  const bytes = new Uint8Array(32)
  filter.forEach((word, i) => put32(bytes, i * 4, word))
  bytes.set(optval.subarray(0, 32))
  sk.icmp6_filter = Uint32Array.from({ length: 8 }, (_, i) => getS32(bytes, i * 4) >>> 0)
  return undefined
}
/** do_rawv6_setsockopt(): where the kernel puts the protocol's checksum; of ICMPv6 it is known (RFC 3542 3.1). */
function set_checksum(sock: socket, level: number, optname: number, optval: Uint8Array): Errno | undefined {
  const sk = inet6_sk(sock)
  if (optval.length < 4) return EINVAL
  if (optname !== IN6.IPV6_CHECKSUM) return ENOPROTOOPT
  if (sk.inet_num === IN6.IPPROTO_ICMPV6 && level === IN6.SOL_IPV6) return EINVAL
  const value = getS32(optval, 0)
  if (value > 0 && value & 1) return EINVAL
  sk.options6.set(IN6.IPV6_CHECKSUM, Math.max(value, -1))
  return undefined
}
function get_icmpv6_filter(sock: socket, optname: number, optlen: number): Uint8Array | Errno {
  const sk = inet6_sk(sock)
  if (sock.type !== SOCK_RAW) return ENOPROTOOPT
  if (sk.inet_num !== IN6.IPPROTO_ICMPV6) return EOPNOTSUPP
  if (optname !== ICMPV6_FILTER) return ENOPROTOOPT
  if (optlen < 0) return EINVAL
  const bytes = new Uint8Array(32)
  sk.icmp6_filter?.forEach((word, i) => put32(bytes, i * 4, word))
  return bytes.subarray(0, Math.min(32, optlen))
}

/** ip6_sock_set_addr_preferences(): of each pair at most one (RFC 5014). */
function set_addr_preferences(sk: inet6_sock, optval: Uint8Array): Errno | undefined {
  if (optval.length < 4) return EINVAL
  const value = getS32(optval, 0)
  const age = value & (IPV6_PREFER_SRC_PUBLIC | IPV6_PREFER_SRC_TMP | IN6.IPV6_PREFER_SRC_PUBTMP_DEFAULT)
  const home = value & (IN6.IPV6_PREFER_SRC_HOME | IPV6_PREFER_SRC_COA)
  const cga = value & (IN6.IPV6_PREFER_SRC_CGA | IN6.IPV6_PREFER_SRC_NONCGA)
  const several = (bits: number) => (bits & (bits - 1)) !== 0
  if (several(age) || several(home) || several(cga)) return EINVAL
  let prefs = sk.srcprefs
  if (age !== 0) prefs = (prefs & ~(IPV6_PREFER_SRC_PUBLIC | IPV6_PREFER_SRC_TMP)) | (age & (IPV6_PREFER_SRC_PUBLIC | IPV6_PREFER_SRC_TMP))
  if (home !== 0) prefs = (prefs & ~IPV6_PREFER_SRC_COA) | (home & IPV6_PREFER_SRC_COA)
  sk.srcprefs = prefs
  return undefined
}
/** What is not preferred is told as the default. */
function addr_preferences(sk: inet6_sock): number {
  const age = sk.srcprefs & (IPV6_PREFER_SRC_PUBLIC | IPV6_PREFER_SRC_TMP)
  return (age || IN6.IPV6_PREFER_SRC_PUBTMP_DEFAULT) | (sk.srcprefs & IPV6_PREFER_SRC_COA || IN6.IPV6_PREFER_SRC_HOME)
}
/** IPV6_PKTINFO: what sends is this device, of those that the socket may use; the address is not looked at. */
function set_pktinfo(sk: inet6_sock, optval: Uint8Array): Errno | undefined {
  if (optval.length < SIZEOF_IN6_PKTINFO) return EINVAL
  const ifindex = getS32(optval, 16)
  const bound = sk.sk_bound_dev_if
  const dev = sk.sk_net.dev_index_head.get(ifindex)
  const in_scope = ifindex === 0 || bound === 0 || bound === ifindex || (dev !== undefined && l3mdev_master_ifindex(dev) === bound)
  if (!in_scope) return EINVAL
  sk.sticky_ifindex = ifindex
  return undefined
}

function push_pending(sk: inet_sock): void {
  udp_v6_push_pending_frames(sk as inet6_sock)
}
/** Bytes that a packet to the peer may have, of either family. */
function path_mtu(sk: inet6_sock): number | Errno {
  if (sk.sk_state !== TCP_ESTABLISHED) return ENOTCONN
  if (ipv6_addr_type(sk.daddr) === IN6.IPV6_ADDR_MAPPED) return ip_peer_mtu(sk)
  const fl6 = new flowi6(sk.daddr, sk.saddr)
  fl6.flowi_oif = sk.sk_bound_dev_if
  const rt = ip6_dst_lookup(sk.sk_net, fl6, sk.srcprefs)
  return isErrno(rt) ? ENOTCONN : ip6_dst_mtu(rt, rt.dev)
}

/** IPV6_PATHMTU (RFC 3542 11.4), which says nothing of the peer. */
function path_mtu_info(sk: inet6_sock): Uint8Array | Errno {
  const mtu = path_mtu(sk)
  if (isErrno(mtu)) return mtu
  const info = new Uint8Array(SIZEOF_IP6_MTUINFO)
  put32(info, 28, mtu)
  return info
}
/** Options that are no number, or wait for a connection; undefined: another. */
function special_option(sk: inet6_sock, optname: number, optlen: number, input?: OptionInput): Uint8Array | number | Errno | undefined {
  switch (optname) {
    case IN6.IPV6_MULTICAST_IF:
    case IN6.IPV6_UNICAST_IF:
      return ipv6_mcast_getsockopt(sk, optname)
    case MCAST_MSFILTER:
      return ipv6_msfilter_get(sk, optlen, input)
    case IN6.IPV6_FLOWLABEL_MGR:
      return get_flowlabel(sk, optlen, input)
    case IN6.IPV6_MTU:
      return path_mtu(sk)
    case IN6.IPV6_PATHMTU:
      return optlen >>> 0 < SIZEOF_IP6_MTUINFO ? EINVAL : path_mtu_info(sk)
    case IN6.IPV6_ADDR_PREFERENCES:
      return addr_preferences(sk)
    default:
      return is_sticky_option(optname) ? ipv6_getsockopt_sticky(sk, optname, optlen) : ipv6_rare_getsockopt(sk, optname)
  }
}

export function ipv6_setsockopt(sock: socket, level: number, optname: number, optval: Uint8Array, task: task_struct): Errno | undefined {
  if (level === SOL_ICMPV6) return set_icmpv6_filter(sock, optname, optval)
  const checksum = level === IN6.SOL_IPV6 && optname === IN6.IPV6_CHECKSUM
  if (sock.type === SOCK_RAW && (level === SOL_RAW || checksum)) return set_checksum(sock, level, optname, optval)
  if (level === SOL_IP && sock.type !== SOCK_RAW) return ip_setsockopt(sock, level, optname, optval, task)
  if (level === SOL_TCP && inet6_sk(sock).tcp !== undefined) return tcp_setsockopt(inet6_sk(sock), optname, optval)
  if (is_udp_level(level) && inet6_sk(sock).udp !== undefined) return udp_lib_setsockopt(inet6_sk(sock), optname, optval, push_pending)
  if (level === IN6.SOL_IPV6 && mcast6_options.has(optname)) return ipv6_mcast_setsockopt(inet6_sk(sock), optname, optval)
  if (level === IN6.SOL_IPV6 && is_mroute_opt(optname)) return ip6_mroute_setsockopt(inet6_sk(sock), optname, optval, task)
  if (level === IN6.SOL_IPV6 && is_sticky_option(optname)) return ipv6_set_opt_hdr(inet6_sk(sock), optname, optval, task)
  if (level === IN6.SOL_IPV6 && optname === IN6.IPV6_FLOWLABEL_MGR) return ipv6_flowlabel_opt(inet6_sk(sock), optval, task)
  if (level === IN6.SOL_IPV6 && rare6_options.has(optname)) return ipv6_rare_setsockopt(sock, optname, optval, task)
  if (level === IN6.SOL_IPV6 && (optname === IN6.IPV6_IPSEC_POLICY || optname === IN6.IPV6_XFRM_POLICY)) {
    return xfrm_user_policy(sock, optval, task)
  }
  if (level === IN6.SOL_IPV6 && optname === IN6.IPV6_PKTINFO) return set_pktinfo(inet6_sk(sock), optval)
  if (level === IN6.SOL_IPV6 && optname === IN6.IPV6_ADDR_PREFERENCES) return set_addr_preferences(inet6_sk(sock), optval)
  const option = level === IN6.SOL_IPV6 ? options.get(optname) : undefined
  if (option === undefined) return unknown(sock, 'setsockopt', level, optname)
  if (raw_only.has(optname) && sock.type !== SOCK_RAW) return ENOPROTOOPT
  if (optname === IN6.IPV6_MULTICAST_HOPS && sock.type === SOCK_STREAM) return ENOPROTOOPT
  if (optval.length < 4 && !short_is_zero.has(optname)) return EINVAL
  if (optname === IN6.IPV6_ROUTER_ALERT && (sock.type !== SOCK_RAW || inet6_sk(sock).inet_num !== IPPROTO_RAW)) return ENOPROTOOPT
  let value = optval.length < 4 ? 0 : getS32(optval, 0)
  if (option.flag) value = value !== 0 ? 1 : 0
  else if (option.min !== undefined && (value < option.min || value > (option.max as number))) return EINVAL
  const sk = inet6_sk(sock)
  if (optname === IN6.IPV6_V6ONLY) {
    if (sk.inet_num !== 0) return EINVAL
    sk.ipv6only = value === 1
  }
  if (value === -1 && optname === IN6.IPV6_MULTICAST_HOPS) value = 1
  if (value === -1 && optname === IN6.IPV6_TCLASS) value = 0
  // a stream's lowest bits are the protocol's (ECN)
  if (optname === IN6.IPV6_TCLASS && sock.type === SOCK_STREAM) value &= 0xfc
  // one flag for both families
  if (optname === IN6.IPV6_FREEBIND) sk.options.set(IP_FREEBIND, value)
  if (optname === IN6.IPV6_TRANSPARENT) sk.options.set(IP_TRANSPARENT, value)
  sk.options6.set(optname, value)
  if (!acted_on.has(optname)) sock.kernel.unsupported.count('setsockopt', `SOL_IPV6 option ${optname}`)
  return undefined
}

function int_answer(value: number, optlen: number): Uint8Array {
  const answer = new Uint8Array(4)
  put32(answer, 0, value)
  // less than nothing is room enough (min_t(unsigned int))
  return answer.subarray(0, Math.min(4, optlen >>> 0))
}
function get_flowlabel(sk: inet6_sock, optlen: number, input?: OptionInput): Uint8Array | Errno {
  if (optlen < IN6.in6_flowlabel_req.size) return EINVAL
  const asked = input?.() ?? EINVAL
  return isErrno(asked) ? asked : ipv6_flowlabel_opt_get(sk, asked)
}
export function ipv6_getsockopt(
  sock: socket,
  level: number,
  optname: number,
  optlen: number,
  task: task_struct,
  input?: OptionInput,
): Uint8Array | Errno {
  if (level === SOL_ICMPV6) return get_icmpv6_filter(sock, optname, optlen)
  if (level === SOL_IP && sock.type !== SOCK_RAW) {
    // its route is one of IPv6
    const mtu = optname === IP_MTU && optlen >= 0 ? path_mtu(inet6_sk(sock)) : undefined
    if (typeof mtu === 'number') return int_answer(mtu, optlen)
    return ip_getsockopt(sock, level, optname, optlen, task, input)
  }
  if (level === SOL_TCP && inet6_sk(sock).tcp !== undefined) return tcp_getsockopt(inet6_sk(sock), optname, optlen)
  if (is_udp_level(level) && inet6_sk(sock).udp !== undefined) return udp_lib_getsockopt(inet6_sk(sock), optname, optlen)
  if (level !== IN6.SOL_IPV6) return unknown(sock, 'getsockopt', level, optname)
  const sk = inet6_sk(sock)
  if (is_mroute_opt(optname)) return ip6_mroute_getsockopt(sk, optname, optlen)
  const special = special_option(sk, optname, optlen, input)
  if (special !== undefined) {
    if (isErrno(special)) return special
    return typeof special === 'number' ? int_answer(special, optlen) : special.subarray(0, optlen < 0 ? special.length : optlen)
  }
  const option = options.get(optname)
  if (option === undefined || (raw_only.has(optname) && sock.type !== SOCK_RAW)) return unknown(sock, 'getsockopt', level, optname)
  let value = sk.options6.get(optname) ?? option.initial
  if (optname === IN6.IPV6_UNICAST_HOPS && value === -1) value = sk.sk_net.ipv6.devconf_all.get(DEVCONF_HOPLIMIT)
  if (optname === IN6.IPV6_CHECKSUM && sk.inet_num === IN6.IPPROTO_ICMPV6) value = ICMPV6_CHECKSUM_AT
  if (optname === IN6.IPV6_V6ONLY) value = Number(sk.ipv6only)
  if (optname === IN6.IPV6_AUTOFLOWLABEL && !sk.options6.has(optname)) value = Number(ip6_default_np_autolabel(sk.sk_net))
  return int_answer(value, optlen)
}

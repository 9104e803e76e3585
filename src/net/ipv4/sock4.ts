/**
 * net/ipv4/datagram.c, ip_sockglue.c: what a socket of datagrams sends with, is told beside a packet, and hears of errors.
 * Options of SOL_IP decide.
 */
import { get16, getBe16, getBe32, getS32, put16, put32, putBe16, putBe32 } from '../../lib/bytes.ts'
import type { ReceivedMessage, ReceiveRequest, SendMessage } from '../../syscalls/types.ts'
import { EACCES, EAFNOSUPPORT, EDESTADDRREQ, EINVAL, EMSGSIZE, ENETUNREACH, ENOBUFS, type Errno, isErrno } from '../../uapi/errno.ts'
import { IFF_LOOPBACK } from '../../uapi/linux/if.ts'
import { ICMP_DEST_UNREACH, ICMP_FRAG_NEEDED, ICMP_PARAMETERPROB, ICMP_REDIRECT, ICMP_TIME_EXCEEDED } from '../../uapi/linux/icmp.ts'
import * as IN from '../../uapi/linux/in.ts'
import { MAX_IPOPTLEN } from '../../uapi/linux/ip.ts'
import { RT_SCOPE_LINK, RTN_LOCAL, RTN_BROADCAST, RTN_MULTICAST } from '../../uapi/linux/rtnetlink.ts'
import { IPSTATS_MIB_OUTNOROUTES } from '../../uapi/linux/snmp.ts'
import { IPV6_ADDR_MAPPED, IPV6_PKTINFO, ipv6_addr_type, SOL_IPV6 } from '../../uapi/linux/in6.ts'
import { AF_INET, AF_INET6, AF_UNSPEC, MSG_CTRUNC, MSG_DONTROUTE, SOL_SOCKET } from '../../uapi/linux/socket.ts'
import { SOF_TIMESTAMPING_OPT_CMSG } from '../../uapi/linux/net_tstamp.ts'
import { UDP_SEGMENT } from '../../uapi/linux/udp.ts'
import { ip_compute_csum } from '../core/checksum.ts'
import {
  MSG_ERRQUEUE,
  put_cmsg_u32,
  received,
  SO_EE_ORIGIN_ICMP,
  SO_EE_ORIGIN_LOCAL,
  SO_EE_ORIGIN_TIMESTAMPING,
  skb_recv_datagram,
  sock_alloc_send_error,
  sock_extended_err,
  type sock_exterr,
  sock_queue_err,
  sock_recv_errqueue,
  sock_recv_cmsgs,
  skb_set_owner_w,
} from '../core/datagram.ts'
import { NET_XMIT_CN } from '../core/dev_xmit.ts'
import { skb_set_udp_gso } from '../core/gso.ts'
import type { net_device } from '../core/netdevice.ts'
import { skb_setup_tx_timestamp } from '../core/skb_tstamp.ts'
import { PACKET_BROADCAST, type sk_buff, skb_bytes, skb_clone, skb_put } from '../core/skbuff.ts'
import { for_each_cmsg, type sockcm_cookie, sock_cmsg_one, sockcm_init } from '../core/sock_cmsg.ts'
import { SOCK_FLAG, sk_error_report, type sock, sock_flag } from '../sock.ts'
import { put_cmsg } from '../sockopt_cmsg.ts'
import { inet_select_addr } from './devinet_select.ts'
import { flowi4 } from './fib_lookup.ts'
import { icmp_err_convert } from './icmp.ts'
import { type inet_sock, TCP_ESTABLISHED } from './inet_sock.ts'
import {
  IP_DF,
  IP_HLEN,
  type inet_skb_parm,
  inet_sdif,
  ip_alloc_cached_skb,
  ip_daddr,
  ip_hdrlen,
  ip_push_hdr,
  ip_saddr,
  ip_tos,
  ip_ttl,
  skb_ip_options,
  ip_hdr_options,
} from './ip_hdr.ts'
import type { ip_options } from './ip_options.ts'
import { ip_options_build, ip_options_echo, ip_options_get, ip_options_undo } from './ip_options_build.ts'
import {
  ip4_dst_hoplimit,
  ip_confirm_neigh,
  ip_dst_mtu,
  ip_hdrinc_out,
  ip_local_out,
  ip_mtu_locked,
  ip_sk_mtu,
  ip_select_ident,
} from './ip_output.ts'
import { ip_icmp_error_rfc4884 } from './icmp_rfc4884.ts'
import { IP_INC_STATS } from './ip_stats.ts'
import { ip_route_output_key, rtable } from './route.ts'
import { ipv4_sk_update_pmtu } from './route_pmtu.ts'
import { ipv4_sk_redirect } from './route_redirect.ts'

export const MSG_PROBE = 0x10
export const MSG_CONFIRM = 0x800
/** Errors whose header has the length of the packet in them (RFC 4884). */
const HAS_LENGTH: ReadonlySet<number> = new Set([ICMP_DEST_UNREACH, ICMP_TIME_EXCEEDED, ICMP_PARAMETERPROB])
/** Offset in struct sock_extended_err's answer of who said so. */
export const OFFENDER = 16

export function opt4(sk: inet_sock, nr: number, initial = 0): number {
  return sk.options.get(nr) ?? initial
}
export function sockaddr4(addr: number, port: number): Uint8Array {
  // each datagram comes with one
  const name = new Uint8Array(IN.sockaddr_in.size)
  put16(name, 0, AF_INET)
  putBe16(name, 2, port)
  putBe32(name, 4, addr)
  return name
}

/** How one packet is to go (struct ipcm_cookie). */
export interface ipcm {
  rt: rtable
  ttl: number
  tos: number
  mark: number
  sockc: sockcm_cookie
  /** UDP_SEGMENT of this message. */
  gso_size: number
  /** What the header carries beside, and where the packet goes in the end (a route of options leads elsewhere first). */
  opt: ip_options | undefined
  addr: number
}
/** Where a packet goes that does not say so itself: UDP has looked already. */
export interface ip_destination {
  daddr: number
  dport: number
}
function destination(sk: inet_sock, message: SendMessage): number | Errno {
  const { name } = message
  if (name === undefined || name.length === 0) return sk.sk_state === TCP_ESTABLISHED ? sk.inet_daddr : EDESTADDRREQ
  if (name.length < IN.sockaddr_in.size) return EINVAL
  const family = get16(name, 0)
  if (family !== AF_INET && (family !== AF_UNSPEC || sk.sk_type !== 3)) return EAFNOSUPPORT
  return getBe32(name, 4)
}
interface asked {
  fl: flowi4
  ttl: number
  tos: number
  gso_size: number
  opt: ip_options | undefined
}
/** ip_cmsg_send(), udp_cmsg_send(): what control messages ask of this packet alone. */
function ip_cmsg_send(sk: inet_sock, control: Uint8Array | undefined, ask: asked): sockcm_cookie | Errno {
  const cookie = sockcm_init(sk)
  if (control === undefined) return cookie
  const error = for_each_cmsg(control, (level, type, data) => {
    if (level === SOL_SOCKET) return sock_cmsg_one(cookie, sk, type, data, sk.sk_net.kernel.current)
    if (level === IN.SOL_UDP && sk.udp !== undefined) return udp_segment(type, data, ask)
    if (level === SOL_IPV6 && sk.sk_family === AF_INET6) return mapped_pktinfo(type, data, ask.fl)
    return level === IN.SOL_IP ? ip_cmsg_one(sk, type, data, ask) : undefined
  })
  return error ?? cookie
}
function udp_segment(type: number, data: Uint8Array, ask: asked): Errno | undefined {
  if (type !== UDP_SEGMENT || data.length !== 2) return EINVAL
  ask.gso_size = get16(data, 0)
  return undefined
}
/** A socket of IPv6 that sends to IPv4. */
function mapped_pktinfo(type: number, data: Uint8Array, fl: flowi4): Errno | undefined {
  if (type !== IPV6_PKTINFO) return undefined
  if (data.length < 20 || ipv6_addr_type(data.slice(0, 16)) !== IPV6_ADDR_MAPPED) return EINVAL
  if (getS32(data, 16) !== 0) fl.oif = getS32(data, 16)
  fl.saddr = getBe32(data, 12)
  return undefined
}
function ip_cmsg_one(sk: inet_sock, type: number, data: Uint8Array, ask: asked): Errno | undefined {
  if (type === IN.IP_TTL) {
    const ttl = data.length === 4 ? getS32(data, 0) : 0
    if (ttl < 1 || ttl > 255) return EINVAL
    ask.ttl = ttl
  } else if (type === IN.IP_TOS) {
    if (data.length !== 4 && data.length !== 1) return EINVAL
    const tos = data.length === 4 ? getS32(data, 0) : data[0]
    if (tos < 0 || tos > 255) return EINVAL
    ask.tos = tos
  } else if (type === IN.IP_PKTINFO) {
    if (data.length !== 12) return EINVAL
    if (getS32(data, 0) !== 0) ask.fl.oif = getS32(data, 0)
    if (getBe32(data, 4) !== 0) ask.fl.saddr = getBe32(data, 4)
  } else if (type === IN.IP_RETOPTS) {
    const opt = ip_options_get(sk.sk_net, data.subarray(0, MAX_IPOPTLEN))
    if (isErrno(opt)) return opt
    ask.opt = opt
  } else if (type === IN.IP_PROTOCOL) {
    const proto = data.length === 4 ? getS32(data, 0) : 0
    if (proto < 1 || proto > 255) return EINVAL
  } else {
    return EINVAL
  }
  return undefined
}

/** Everything that a packet of the socket needs to go out. */
export function ip_datagram_send(sk: inet_sock, message: SendMessage, proto: number, to?: ip_destination): ipcm | Errno {
  const net = sk.sk_net
  const daddr = to === undefined ? destination(sk, message) : to.daddr
  if (isErrno(daddr)) return daddr
  const fl = new flowi4(daddr, sk.sk_bound_dev_if)
  fl.saddr = sk.inet_saddr
  fl.uid = sk.sk_uid
  fl.proto = proto
  if (to !== undefined) {
    fl.sport = sk.inet_sport
    fl.dport = to.dport
  }
  const ask: asked = { fl, ttl: 0, tos: opt4(sk, IN.IP_TOS), gso_size: sk.udp?.gso_size ?? 0, opt: undefined }
  const cookie = ip_cmsg_send(sk, message.control, ask)
  if (isErrno(cookie)) return cookie
  fl.mark = cookie.mark
  fl.tos = ask.tos & 0xfc
  const opt = ask.opt ?? sk.inet_opt
  if (opt !== undefined && opt.srr >= 0) {
    if (daddr === 0) return EINVAL
    fl.daddr = opt.faddr
  }
  if (opt?.is_strictroute || message.flags & MSG_DONTROUTE || sock_flag(sk, SOCK_FLAG.LOCALROUTE)) fl.scope = RT_SCOPE_LINK
  const group = IN.ipv4_is_multicast(daddr)
  if (group) {
    if (fl.oif === 0) fl.oif = opt4(sk, IN.IP_MULTICAST_IF)
    if (fl.saddr === 0) fl.saddr = sk.mc_addr
  } else if (fl.oif === 0) fl.oif = opt4(sk, IN.IP_UNICAST_IF)
  const rt = ip_route_output_key(net, fl)
  if (isErrno(rt)) {
    if (rt === ENETUNREACH) IP_INC_STATS(net, IPSTATS_MIB_OUTNOROUTES)
    return rt
  }
  if (rt.rt_type === RTN_BROADCAST && !sock_flag(sk, SOCK_FLAG.BROADCAST)) return EACCES
  const own = rt.rt_type === RTN_MULTICAST ? opt4(sk, IN.IP_MULTICAST_TTL, 1) : opt4(sk, IN.IP_TTL, -1)
  const ttl = ask.ttl || (own >= 0 && (own > 0 || group) ? own : ip4_dst_hoplimit(net, rt))
  return { rt, tos: ask.tos, ttl, mark: cookie.mark, sockc: cookie, gso_size: ask.gso_size, opt, addr: daddr }
}

/** ip_local_error(): the packet is too long for its path; the socket is told the path's MTU, by the name of its peer. */
export function ip_local_error(sk: inet_sock, rt: rtable, mtu: number): Errno {
  if (opt4(sk, IN.IP_RECVERR) !== 0) {
    sock_queue_err(sk, {
      payload: new Uint8Array(0),
      name: sockaddr4(rt.daddr, sk.inet_dport),
      ee: sock_extended_err(EMSGSIZE.code, SO_EE_ORIGIN_LOCAL, 0, 0, mtu, new Uint8Array(IN.sockaddr_in.size)),
      level: IN.SOL_IP,
      type: IN.IP_RECVERR,
      errno: EMSGSIZE,
    })
  }
  return EMSGSIZE
}
/** What an error about a packet of a socket says of the way: a smaller MTU, or (true) a nearer gateway. */
export function ip_sk_learn(sk: inet_sock, skb: sk_buff, type: number, code: number, inner: number, info: number): boolean {
  if (type === ICMP_DEST_UNREACH && code === ICMP_FRAG_NEEDED) ipv4_sk_update_pmtu(sk, skb, inner, info)
  if (type !== ICMP_REDIRECT) return false
  ipv4_sk_redirect(sk, skb, inner)
  return true
}
/** Of UDP and echo sockets: one that does not look for the path's MTU hears nothing of it. */
export function ip_pmtu_is_news(sk: inet_sock, type: number, code: number): boolean {
  if (type !== ICMP_DEST_UNREACH || code !== ICMP_FRAG_NEEDED) return true
  return opt4(sk, IN.IP_MTU_DISCOVER, IN.IP_PMTUDISC_WANT) !== IN.IP_PMTUDISC_DONT
}
/** An error about a packet of the socket: the packet is at `inner`, the socket's own header at `payload_at`. */
export function ip_icmp_error(
  sk: inet_sock,
  skb: sk_buff,
  type: number,
  code: number,
  inner: number,
  payload_at: number,
  info: number,
  dport = 0,
): void {
  const meaning = icmp_err_convert(type, code)
  const recverr = opt4(sk, IN.IP_RECVERR) !== 0
  if (meaning === undefined || (!recverr && sk.sk_state !== TCP_ESTABLISHED)) return
  const too_big = type === 3 && code === 4
  const harderr = too_big ? opt4(sk, IN.IP_MTU_DISCOVER, IN.IP_PMTUDISC_WANT) !== IN.IP_PMTUDISC_DONT : meaning.fatal
  if (recverr) {
    const ee = sock_extended_err(meaning.err.code, SO_EE_ORIGIN_ICMP, type, code, info, sockaddr4(ip_saddr(skb), 0))
    const payload = skb.buf.slice(payload_at, skb.tail)
    if (HAS_LENGTH.has(type) && opt4(sk, IN.IP_RECVERR_RFC4884) !== 0) {
      ip_icmp_error_rfc4884(ee, payload, payload_at - inner, skb.buf[inner - 3] * 4)
    }
    sock_queue_err(sk, {
      payload,
      name: sockaddr4(getBe32(skb.buf, inner + 16), dport),
      skb: skb_clone(skb),
      ee,
      level: IN.SOL_IP,
      type: IN.IP_RECVERR,
      errno: meaning.err,
    })
  }
  if (!recverr && !harderr) return
  sk.sk_err = meaning.err
  sk_error_report(sk)
}

/** A packet that stands for several datagrams is no longer than any. */
const GSO_MAX = 0xffff

/** Sends `payload`; `csum`: ICMP's checksum is put into it; `gso_size`: bytes of each datagram that it stands for. */
export function ip_send_payload(
  sk: inet_sock,
  ipc: ipcm,
  payload: Uint8Array,
  proto: number,
  csum: boolean,
  flags: number,
  gso_size = 0,
): Errno | undefined {
  const net = sk.sk_net
  const { rt } = ipc
  if (flags & MSG_CONFIRM) ip_confirm_neigh(net, rt)
  if (flags & MSG_PROBE) return undefined
  const discover = opt4(sk, IN.IP_MTU_DISCOVER, IN.IP_PMTUDISC_WANT)
  const mtu = ip_sk_mtu(net, rt, discover)
  const ignore_df = discover < IN.IP_PMTUDISC_DO || discover === IN.IP_PMTUDISC_OMIT
  const options = ipc.opt && ip_options_build(net, ipc.opt, ipc.addr || rt.daddr, rt)
  const length = IP_HLEN + (options?.length ?? 0) + payload.length
  if (length > (ignore_df || gso_size > 0 ? GSO_MAX : mtu)) return ip_local_error(sk, rt, mtu - (options?.length ?? 0))
  const skb = ip_alloc_cached_skb(rt.dev, payload.length)
  const at = skb_put(skb, payload.length)
  skb.buf.set(payload, at)
  if (csum) {
    putBe16(skb.buf, at + 2, 0)
    putBe16(skb.buf, at + 2, ip_compute_csum(skb.buf, at, payload.length))
  }
  // ip_dont_fragment(): not where the path's MTU may not be found
  const find = discover === IN.IP_PMTUDISC_WANT && !ip_mtu_locked(rt) && length <= ip_dst_mtu(net, rt)
  const df = discover === IN.IP_PMTUDISC_DO || discover === IN.IP_PMTUDISC_PROBE || find ? IP_DF : 0
  ip_push_hdr(skb, {
    saddr: rt.saddr,
    daddr: rt.daddr,
    protocol: proto,
    ttl: ipc.ttl,
    tos: ipc.tos,
    // what must not be cut needs no number, but those who are connected count (ip_select_ident_segs)
    id: df !== 0 && !ignore_df && sk.inet_daddr === 0 ? 0 : ip_select_ident(net),
    frag_off: df,
    options,
  })
  skb.transport_header = at
  if (gso_size > 0) skb_set_udp_gso(skb, gso_size)
  return sent(sk, out(sk, skb, ipc, ignore_df))
}
function out(sk: inet_sock, skb: sk_buff, { rt, mark, sockc }: ipcm, ignore_df: boolean, emit = ip_local_out): number | Errno {
  skb.dev = rt.dev
  skb.dst = rt
  skb.priority = sk.sk_priority
  skb.mark = mark
  skb.ignore_df = ignore_df
  skb_set_owner_w(skb, sk)
  skb_setup_tx_timestamp(skb, sk, sockc)
  return emit(sk.sk_net, skb, opt4(sk, IN.IP_MULTICAST_LOOP, 1) !== 0)
}
/** A queue that is full is no error to a socket that does not ask for errors (net_xmit_errno). */
function sent(sk: inet_sock, result: number | Errno): Errno | undefined {
  if (isErrno(result)) return result === EMSGSIZE ? result : undefined
  if (result <= 0 || result === NET_XMIT_CN) return undefined
  return opt4(sk, IN.IP_RECVERR) !== 0 ? ENOBUFS : undefined
}
/** A packet with its own header (IP_HDRINCL): what is left 0 of source, number and length is filled in. */
export function ip_send_hdrinc(sk: inet_sock, ipc: ipcm, packet: Uint8Array): Errno | undefined {
  const { rt } = ipc
  if (packet.length > rt.dev.mtu) return ip_local_error(sk, rt, rt.dev.mtu)
  const hlen = (packet[0] & 0x0f) << 2
  if (packet.length < IP_HLEN || hlen < IP_HLEN || hlen > packet.length) return EINVAL
  const refused = sock_alloc_send_error(sk)
  if (refused !== undefined) return refused
  const skb = ip_alloc_cached_skb(rt.dev, packet.length)
  skb.network_header = skb_put(skb, packet.length)
  const at = skb.network_header
  skb.buf.set(packet, at)
  skb.protocol = 0x0800
  skb.transport_header = at + hlen
  if (getBe32(skb.buf, at + 12) === 0) putBe32(skb.buf, at + 12, rt.saddr)
  const whole = (getBe16(skb.buf, at + 6) & IP_DF) !== 0
  if (get16(skb.buf, at + 4) === 0 && !whole) putBe16(skb.buf, at + 4, ip_select_ident(sk.sk_net))
  return sent(sk, out(sk, skb, ipc, false, ip_hdrinc_out))
}

/** fib_compute_spec_dst(): the address of ours that a packet was for: of those for many, one of the device near the sender. */
function spec_dst(skb: sk_buff, dev: net_device | undefined): number {
  const daddr = ip_daddr(skb)
  const many = IN.ipv4_is_multicast(daddr) || IN.ipv4_is_lbcast(daddr) || skb.pkt_type === PACKET_BROADCAST
  return many && dev !== undefined ? inet_select_addr(dev, ip_saddr(skb), RT_SCOPE_LINK) : daddr
}
/** struct in_pktinfo, by the device that the packet came in on. */
export function ip_pktinfo(sk: inet_sock, skb: sk_buff): Uint8Array {
  const info = new Uint8Array(12)
  put32(info, 0, (skb.cb as inet_skb_parm | undefined)?.ipi_ifindex ?? skb.skb_iif)
  putBe32(info, 4, (skb.cb as inet_skb_parm | undefined)?.ipi_spec_dst ?? spec_dst(skb, sk.sk_net.dev_index_head.get(skb.skb_iif)))
  putBe32(info, 8, ip_daddr(skb))
  return info
}
/** ip_cmsg_recv(): what the socket wants to know of a packet. */
export function ip_cmsg_recv(sk: inet_sock, skb: sk_buff, message: ReceivedMessage, request: ReceiveRequest): void {
  if (opt4(sk, IN.IP_PKTINFO) !== 0) put_cmsg(message, request, IN.SOL_IP, IN.IP_PKTINFO, ip_pktinfo(sk, skb))
  if (opt4(sk, IN.IP_RECVTTL) !== 0) put_cmsg_u32(message, request, IN.SOL_IP, IN.IP_TTL, ip_ttl(skb))
  if (opt4(sk, IN.IP_RECVTOS) !== 0) put_cmsg(message, request, IN.SOL_IP, IN.IP_TOS, Uint8Array.of(ip_tos(skb)))
  if (opt4(sk, IN.IP_RECVOPTS) !== 0 && ip_hdrlen(skb) > IP_HLEN) {
    put_cmsg(message, request, IN.SOL_IP, IN.IP_RECVOPTS, ip_hdr_options(skb).slice())
  }
  if (opt4(sk, IN.IP_RETOPTS) !== 0) retopts(sk, skb, message, request)
  if (opt4(sk, IN.IP_ORIGDSTADDR) !== 0 && skb.transport_header + 4 <= skb.tail) {
    const port = getBe16(skb.buf, skb.transport_header + 2)
    put_cmsg(message, request, IN.SOL_IP, IN.IP_ORIGDSTADDR, sockaddr4(ip_daddr(skb), port))
  }
  const { frag_max_size = 0 } = (skb.cb as inet_skb_parm | undefined) ?? {}
  if (opt4(sk, IN.IP_RECVFRAGSIZE) !== 0 && frag_max_size > 0) put_cmsg_u32(message, request, IN.SOL_IP, IN.IP_RECVFRAGSIZE, frag_max_size)
}
/** ip_cmsg_recv_retopts(): options for an answer, as the socket may give them to IP_OPTIONS. */
function retopts(sk: inet_sock, skb: sk_buff, message: ReceivedMessage, request: ReceiveRequest): void {
  const opt = ip_options_echo(sk.sk_net, skb)
  if (isErrno(opt)) message.flags |= MSG_CTRUNC
  else if (skb_ip_options(skb) !== undefined)
    put_cmsg(message, request, IN.SOL_IP, IN.IP_RETOPTS, opt === undefined ? new Uint8Array(0) : ip_options_undo(opt))
}
/** ip_recv_error(): the next error, what the socket wants to know of the packet that brought it, and the error itself. */
export function ip_recv_error(sk: inet_sock, request: ReceiveRequest): ReceivedMessage | Errno {
  return sock_recv_errqueue(sk, request, ip_error_cmsgs)
}
export function ip_error_cmsgs(sk: sock, { ee }: sock_exterr, skb: sk_buff, message: ReceivedMessage, request: ReceiveRequest): void {
  if (ee[4] === SO_EE_ORIGIN_TIMESTAMPING && !tells_of_sent(sk, ee, skb)) return
  ip_cmsg_recv(sk as inet_sock, skb, message, request)
}
/** ipv4_datagram_support_cmsg(): of what it has sent a socket hears by which device it went, if it asks (SOF_TIMESTAMPING_OPT_CMSG). */
function tells_of_sent(sk: sock, ee: Uint8Array, skb: sk_buff): boolean {
  if (!(sk.sk_tsflags & SOF_TIMESTAMPING_OPT_CMSG) || skb.dev === undefined) return false
  skb.cb = { ipi_ifindex: skb.dev.ifindex, ipi_spec_dst: ip_saddr(skb) }
  ee.set(sockaddr4(ip_saddr(skb), 0), OFFENDER)
  return true
}
/** inet_bound_dev_eq(): a packet of a VRF is for sockets of the VRF, of its port, and (`any`) for those of no device. */
export function sk4_dev_equal(sk: inet_sock, skb: sk_buff, any: boolean): boolean {
  const { sk_bound_dev_if: bound } = sk
  const sdif = inet_sdif(skb)
  return bound === 0 ? any || sdif === 0 : bound === inet_iif(skb) || bound === sdif
}
/** inet_iif(): what was sent to an address of ours comes in on the device that has it, not on lo or the VRF. */
export function inet_iif(skb: sk_buff): number {
  return rt_iif(skb) ?? skb.dev?.ifindex ?? 0
}
function rt_iif({ dev, dst, cb }: sk_buff): number | undefined {
  const sdif = (cb as inet_skb_parm | undefined)?.iif
  const looped = dev !== undefined && ((dev.flags & IFF_LOOPBACK) !== 0 || sdif === dev.ifindex)
  return looped && dst instanceof rtable && dst.rt_type === RTN_LOCAL && !dst.rt_is_input ? dst.res?.nh?.fib_nh_dev?.ifindex : undefined
}
/** ipv4_pktinfo_prepare(): while the packet still has its route; of a VRF the port counts. */
export function ipv4_pktinfo_prepare(skb: sk_buff): void {
  skb.cb = { ...(skb.cb as object | undefined), ipi_ifindex: rt_iif(skb) ?? (inet_sdif(skb) || skb.skb_iif) }
}

/** ping_recvmsg(), raw_recvmsg(): the next packet, or the next error where those are asked for. */
export function ip_datagram_recvmsg(sk: inet_sock, request: ReceiveRequest): ReceivedMessage | Errno {
  if (request.flags & MSG_ERRQUEUE) return ip_recv_error(sk, request)
  const skb = skb_recv_datagram(sk, request.flags)
  if (isErrno(skb)) return skb
  const message = received(request, skb_bytes(skb), sockaddr4(ip_saddr(skb), 0))
  sock_recv_cmsgs(sk, skb, sk.sk_drops, message, request)
  ip_cmsg_recv(sk, skb, message, request)
  return message
}

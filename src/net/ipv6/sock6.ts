/**
 * net/ipv6/datagram.c: what a socket of datagrams sends with, is told beside a packet, and hears of errors. Options of
 * SOL_IPV6 decide.
 */
import { IFA_F_TENTATIVE } from '../../uapi/linux/if_addr.ts'
import { CAP_NET_RAW } from '../../kernel/capability.ts'
import { capable } from '../../kernel/task.ts'
import { get16, getBe16, getBe32, getS32, put32, putBe32 } from '../../lib/bytes.ts'
import type { ReceivedMessage, ReceiveRequest, SendMessage } from '../../syscalls/types.ts'
import { EAFNOSUPPORT, EDESTADDRREQ, EINVAL, EMSGSIZE, ENODEV, type Errno, isErrno } from '../../uapi/errno.ts'
import { ICMPV6_DEST_UNREACH, ICMPV6_PKT_TOOBIG, ICMPV6_TIME_EXCEED } from '../../uapi/linux/icmpv6.ts'
import {
  IPPROTO_ICMPV6,
  type in6_addr,
  in6addr_any,
  in6addr_loopback,
  IPV6_ADDR_LINKLOCAL,
  IPV6_ADDR_LOOPBACK,
  IPV6_2292DSTOPTS,
  IPV6_2292HOPOPTS,
  IPV6_2292RTHDR,
  IPV6_AUTOFLOWLABEL,
  IPV6_DONTFRAG,
  IPV6_DSTOPTS,
  IPV6_FLOWINFO,
  IPV6_FLOWINFO_SEND,
  IPV6_FLOWINFO_MASK,
  IPV6_FLOWLABEL_MASK,
  IPV6_HOPOPTS,
  IPV6_RECVDSTOPTS,
  IPV6_RECVFRAGSIZE,
  IPV6_RECVHOPOPTS,
  IPV6_RECVRTHDR,
  IPV6_RTHDR,
  IPV6_HOPLIMIT,
  IPV6_RECVORIGDSTADDR,
  IPV6_MTU_DISCOVER,
  IPV6_MULTICAST_HOPS,
  IPV6_MULTICAST_IF,
  IPV6_MULTICAST_LOOP,
  IPV6_PKTINFO,
  IPV6_RECVERR,
  IPV6_RECVERR_RFC4884,
  IPV6_2292HOPLIMIT,
  IPV6_2292PKTINFO,
  IPV6_RECVHOPLIMIT,
  IPV6_RECVPKTINFO,
  IPV6_RECVTCLASS,
  IPV6_TCLASS,
  IPV6_UNICAST_HOPS,
  IPV6_UNICAST_IF,
  ipv6_addr_any,
  ipv6_addr_is_multicast,
  ipv6_addr_type,
  sockaddr_in6,
  SOL_IPV6,
} from '../../uapi/linux/in6.ts'
import {
  IP_FREEBIND,
  IP_PMTUDISC_DO,
  IP_PMTUDISC_DONT,
  IP_PMTUDISC_INTERFACE,
  IP_PMTUDISC_OMIT,
  IP_PMTUDISC_WANT,
  IP_TRANSPARENT,
  IPPROTO_RAW,
  IPPROTO_UDP,
  SOL_UDP,
} from '../../uapi/linux/in.ts'
import { AF_INET6, SOCK_DGRAM, SOCK_RAW, SOL_SOCKET } from '../../uapi/linux/socket.ts'
import { UDP_SEGMENT } from '../../uapi/linux/udp.ts'
import { ETH_P_IP } from '../../uapi/linux/if_ether.ts'
import { __ipv6_chk_addr_and_flags } from './addrconf_core.ts'
import {
  MSG_ERRQUEUE,
  put_cmsg_u32,
  received,
  SO_EE_ORIGIN_ICMP6,
  SO_EE_ORIGIN_LOCAL,
  SO_EE_ORIGIN_TIMESTAMPING,
  skb_recv_datagram,
  sock_extended_err,
  type sock_exterr,
  sock_queue_err,
  sock_recv_errqueue,
  sock_recv_cmsgs,
} from '../core/datagram.ts'
import { l3mdev_master_ifindex, netif_is_l3_master } from '../core/l3mdev.ts'
import type { net_device } from '../core/netdevice.ts'
import { for_each_cmsg, type sockcm_cookie, sock_cmsg_one, sockcm_init } from '../core/sock_cmsg.ts'
import { type sk_buff, skb_bytes, skb_clone } from '../core/skbuff.ts'
import { ip_icmp_error_rfc4884 } from '../ipv4/icmp_rfc4884.ts'
import { ip_daddr, ip_saddr } from '../ipv4/ip_hdr.ts'
import { ip_cmsg_recv, ip_pktinfo, OFFENDER } from '../ipv4/sock4.ts'
import { type inet_sock, TCP_ESTABLISHED } from '../ipv4/inet_sock.ts'
import { put_cmsg } from '../sockopt_cmsg.ts'
import { sk_error_report, type sock } from '../sock.ts'
import { icmpv6_err_convert } from './icmp_err.ts'
import { icmpv6_iif, ip6_dst_hoplimit } from './icmp.ts'
import { ip6_update_pmtu } from './ip6_route_exception.ts'
import type { inet6_sock } from './inet6_sock.ts'
import { NEXTHDR_DEST, NEXTHDR_ROUTING } from './exthdrs.ts'
import { IP6CB, IPV6_HLEN, new_inet6_skb_parm, ip6_daddr, ip6_hop_limit, ip6_saddr, ip6_tclass } from './ipv6_hdr.ts'
import { flowi6 } from './ip6_fib_lookup.ts'
import { ip6_default_np_autolabel, ip6_make_flowlabel } from './ip6_flowlabel.ts'
import { fl6_merge_options, fl6_sock_lookup } from './ip6_flowlabel_mgr.ts'
import { ipv6_recv_rxpmtu } from './ipv6_sockglue_rare.ts'
import { ipv6_route_first, type ipv6_txoptions, send_ctl_header } from './ipv6_txoptions.ts'
import { ip6_dst_lookup } from './ip6_dst_lookup.ts'
import type { rt6_info } from './route.ts'

const SIN6_LEN_RFC2133 = 24

export function opt6(sk: inet6_sock, nr: number, initial = 0): number {
  return sk.options6.get(nr) ?? initial
}
export function sockaddr6(addr: in6_addr, port: number, scope_id: number): Uint8Array {
  const sin6_scope_id = ipv6_addr_type(addr) & IPV6_ADDR_LINKLOCAL ? scope_id : 0
  return sockaddr_in6.encode({ sin6_family: AF_INET6, sin6_port: port, sin6_addr: addr, sin6_scope_id })
}

/** ::ffff:0:0/96 */
export function mapped(addr: number): Uint8Array {
  const out = new Uint8Array(16)
  out[10] = out[11] = 0xff
  putBe32(out, 12, addr)
  return out
}
/** How one packet is to go: the route, its addresses, and what the header carries. */
export interface ipcm6 {
  rt: rt6_info
  fl6: flowi6
  hop_limit: number
  tclass: number
  flowlabel: number
  /** Headers beside, and where a route in them leads first. */
  opt: ipv6_txoptions | undefined
  first: in6_addr
  dontfrag: boolean
  /** IPV6_DONTFRAG: the socket may hear of the path's MTU (IPV6_RECVPATHMTU). */
  rxpmtu: boolean
  mc_loop: boolean
  mark: number
  sockc: sockcm_cookie
  /** UDP_SEGMENT of this message alone; 0: the socket's. */
  gso_size: number
}

/** Where to: the message's address or the peer's, with the device where the address needs one, and the label of the flow. */
function destination(sk: inet6_sock, message: SendMessage): { daddr: in6_addr; oif: number; flowlabel: number } | Errno {
  const { name } = message
  if (name === undefined || name.length === 0) {
    return sk.sk_state === TCP_ESTABLISHED ? { daddr: sk.daddr, oif: sk.sk_bound_dev_if, flowlabel: sk.flow_label } : EDESTADDRREQ
  }
  if (name.length < SIN6_LEN_RFC2133) return EINVAL
  if (get16(name, 0) !== AF_INET6) return EAFNOSUPPORT
  const whole = new Uint8Array(sockaddr_in6.size)
  whole.set(name.subarray(0, sockaddr_in6.size))
  const { sin6_addr, sin6_scope_id, sin6_flowinfo } = sockaddr_in6.get(whole, 0)
  const scoped = (ipv6_addr_type(sin6_addr) & IPV6_ADDR_LINKLOCAL) !== 0
  const flowlabel = opt6(sk, IPV6_FLOWINFO_SEND) !== 0 ? sin6_flowinfo & IPV6_FLOWLABEL_MASK : 0
  return { daddr: sin6_addr, oif: (scoped && sin6_scope_id) || sk.sk_bound_dev_if, flowlabel }
}
interface asked {
  hop_limit: number
  tclass: number
  dontfrag: boolean
  gso_size: number
  flowlabel: number
  opt: ipv6_txoptions
}
/** ip6_datagram_send_ctl(), udp_cmsg_send(): what control messages ask of this packet alone. */
export function send_ctl(sk: inet6_sock, control: Uint8Array | undefined, fl6: flowi6, ask: asked): sockcm_cookie | Errno {
  const cookie = sockcm_init(sk)
  if (control === undefined) return cookie
  const error = for_each_cmsg(control, (level, type, data) => {
    if (level === SOL_SOCKET) return sock_cmsg_one(cookie, sk, type, data, sk.sk_net.kernel.current)
    if (level === SOL_UDP && sk.udp !== undefined) {
      if (type !== UDP_SEGMENT || data.length !== 2) return EINVAL
      ask.gso_size = get16(data, 0)
      return undefined
    }
    return level === SOL_IPV6 ? send_ctl_one(sk, type, data, fl6, ask) : undefined
  })
  return error ?? cookie
}
function send_ctl_one(sk: inet6_sock, type: number, data: Uint8Array, fl6: flowi6, ask: asked): Errno | undefined {
  switch (type) {
    case IPV6_HOPLIMIT:
    case IPV6_2292HOPLIMIT:
    case IPV6_TCLASS: {
      if (data.length !== 4) return EINVAL
      const value = getS32(data, 0)
      if (value < -1 || value > 255) return EINVAL
      if (type !== IPV6_TCLASS) ask.hop_limit = value
      else ask.tclass = Math.max(value, 0)
      return undefined
    }
    case IPV6_DONTFRAG: {
      if (data.length !== 4) return EINVAL
      const value = getS32(data, 0)
      if (value < 0 || value > 1) return EINVAL
      ask.dontfrag = value === 1
      return undefined
    }
    case IPV6_PKTINFO:
    case IPV6_2292PKTINFO:
      return send_pktinfo(sk, data, fl6)
    case IPV6_FLOWINFO:
      if (data.length < 4) return EINVAL
      ask.flowlabel = getBe32(data, 0) & IPV6_FLOWLABEL_MASK
      return undefined
    default: {
      const { current } = sk.sk_net.kernel
      const done = send_ctl_header(ask.opt, type, data, current === undefined || capable(current, CAP_NET_RAW))
      return done === 'done' ? undefined : (done ?? EINVAL)
    }
  }
}
/** A device that the socket may use, and an address that is ours (unless it may use others'). */
function send_pktinfo(sk: inet6_sock, data: Uint8Array, fl6: flowi6): Errno | undefined {
  if (data.length < 20) return EINVAL
  const { sk_net: net } = sk
  const ifindex = getS32(data, 16)
  const from = data.slice(0, 16)
  if (ifindex !== 0) {
    // a port of the VRF that the socket is bound to (sk_dev_equal_l3scope)
    const port = net.dev_index_head.get(ifindex)
    const within = port !== undefined && l3mdev_master_ifindex(port) === sk.sk_bound_dev_if
    if (fl6.flowi_oif !== 0 && fl6.flowi_oif !== ifindex && sk.sk_bound_dev_if !== 0 && !within) return EINVAL
    fl6.flowi_oif = ifindex
  }
  const dev = fl6.flowi_oif === 0 ? undefined : net.dev_index_head.get(fl6.flowi_oif)
  if (fl6.flowi_oif !== 0 && dev === undefined) return ENODEV
  if (ipv6_addr_any(from)) return undefined
  const type = ipv6_addr_type(from)
  if (fl6.flowi_oif === 0 && type & IPV6_ADDR_LINKLOCAL) return EINVAL
  const strict = (type & (IPV6_ADDR_LINKLOCAL | IPV6_ADDR_LOOPBACK)) !== 0
  const free = net.ipv6.sysctl.ip_nonlocal_bind !== 0 || sk.options.get(IP_FREEBIND) === 1 || sk.options.get(IP_TRANSPARENT) === 1
  if (!free && __ipv6_chk_addr_and_flags(net, from, dev, !strict, false, IFA_F_TENTATIVE) === undefined) return EINVAL
  fl6.saddr = from
  return undefined
}

/** __ip6_append_data(): other protocols' packets are split all the same. */
const HEED_DONTFRAG: ReadonlySet<number> = new Set([IPPROTO_UDP, IPPROTO_ICMPV6, IPPROTO_RAW])
/** Not ip6_sk_ignore_df(): what is too long is refused. */
function dontfrag_by(discover: number): boolean {
  return discover >= IP_PMTUDISC_DO && discover !== IP_PMTUDISC_OMIT
}
/** Everything that a packet of the socket needs to go out. */
export function ip6_datagram_send(sk: inet6_sock, message: SendMessage, proto: number, dport = 0): ipcm6 | Errno {
  const net = sk.sk_net
  const to = destination(sk, message)
  if (isErrno(to)) return to
  const daddr = ipv6_addr_any(to.daddr) ? in6addr_loopback : to.daddr
  const group = ipv6_addr_is_multicast(daddr)
  const fl6 = new flowi6(daddr, ipv6_addr_any(sk.saddr) ? in6addr_any : sk.saddr)
  // rawv6_sendmsg() does not ask for IPV6_PKTINFO's device
  const sticky = sk.sk_type === SOCK_RAW ? 0 : sk.sticky_ifindex
  fl6.flowi_oif = to.oif || sticky || opt6(sk, group ? IPV6_MULTICAST_IF : IPV6_UNICAST_IF)
  fl6.flowi_uid = sk.sk_uid
  fl6.flowi6_proto = proto
  fl6.fl6_sport = sk.inet_sport
  fl6.fl6_dport = dport
  const ipc: asked = {
    hop_limit: -1,
    tclass: Math.max(0, opt6(sk, IPV6_TCLASS)),
    dontfrag: opt6(sk, IPV6_DONTFRAG) !== 0,
    gso_size: sk.udp?.gso_size ?? 0,
    flowlabel: to.flowlabel,
    opt: {},
  }
  const cookie = send_ctl(sk, message.control, fl6, ipc)
  if (isErrno(cookie)) return cookie
  fl6.flowi_mark = cookie.mark
  const leased = ipc.flowlabel === 0 ? undefined : fl6_sock_lookup(sk, ipc.flowlabel)
  if (isErrno(leased)) return EINVAL
  const own = Object.keys(ipc.opt).length > 0 ? ipc.opt : sk.opt
  const opt = leased === undefined ? own : fl6_merge_options(leased, own)
  const first = ipv6_route_first(opt)
  if (first !== undefined) fl6.daddr = first
  fl6.flowlabel = ipc.tclass << 20
  // ping_v6_sendmsg(); raw and UDP sockets leave it to the routes which link is meant
  const ping = sk.sk_type === SOCK_DGRAM && sk.udp === undefined
  if (ping && ipv6_addr_type(daddr) & IPV6_ADDR_LINKLOCAL && fl6.flowi_oif === 0) return EINVAL
  const rt = ip6_dst_lookup(net, fl6, sk.srcprefs)
  if (isErrno(rt)) return rt
  if (first !== undefined) fl6.daddr = daddr
  const hops_of = group ? opt6(sk, IPV6_MULTICAST_HOPS, 1) : opt6(sk, IPV6_UNICAST_HOPS, -1)
  const hop_limit = [ipc.hop_limit, hops_of, ip6_dst_hoplimit(net, rt)].find((hops) => hops >= 0) as number
  const rxpmtu = ipc.dontfrag && HEED_DONTFRAG.has(sk.sk_protocol)
  const dontfrag = rxpmtu || dontfrag_by(opt6(sk, IPV6_MTU_DISCOVER, 1))
  const mc_loop = opt6(sk, IPV6_MULTICAST_LOOP, 1) !== 0
  const { tclass, gso_size } = ipc
  const auto = opt6(sk, IPV6_AUTOFLOWLABEL, Number(ip6_default_np_autolabel(net))) !== 0
  const flowlabel = ip6_make_flowlabel(net, fl6, ipc.flowlabel, auto)
  return {
    rt,
    fl6,
    hop_limit,
    tclass,
    flowlabel,
    opt,
    first: first ?? fl6.daddr,
    dontfrag,
    rxpmtu,
    mc_loop,
    mark: cookie.mark,
    sockc: cookie,
    gso_size,
  }
}

/** ipv6_local_error(): the packet is too long for its path; the socket is told the path's MTU. */
export function ipv6_local_error(sk: inet6_sock, fl6: flowi6, mtu: number, dport = 0): Errno {
  if (opt6(sk, IPV6_RECVERR) !== 0) {
    sock_queue_err(sk, {
      payload: new Uint8Array(0),
      name: sockaddr6(fl6.daddr, dport, fl6.flowi_oif),
      ee: sock_extended_err(EMSGSIZE.code, SO_EE_ORIGIN_LOCAL, 0, 0, mtu, new Uint8Array(sockaddr_in6.size)),
      level: SOL_IPV6,
      type: IPV6_RECVERR,
      errno: EMSGSIZE,
    })
  }
  return EMSGSIZE
}
/** ip6_sk_update_pmtu(): "packet too big" about a packet of the socket. */
export function ip6_sk_update_pmtu(sk: inet_sock, skb: sk_buff, type: number, inner: number, info: number): void {
  if (type !== ICMPV6_PKT_TOOBIG) return
  const { buf } = skb
  const oif = sk.sk_bound_dev_if || l3mdev_master_ifindex(skb.dev as net_device)
  ip6_update_pmtu(sk.sk_net, buf.slice(inner + 24, inner + 40), buf.slice(inner + 8, inner + 24), oif, info, sk.sk_mark)
}
/** ip6_sk_accept_pmtu(): UDP's sockets may look to their device alone (IPV6_PMTUDISC_INTERFACE, _OMIT); raw ones learn all the same. */
export function ip6_sk_accept_pmtu(sk: inet_sock, type: number): boolean {
  const how = (sk as Partial<inet6_sock>).options6?.get(IPV6_MTU_DISCOVER) ?? IP_PMTUDISC_WANT
  return type !== ICMPV6_PKT_TOOBIG || how < IP_PMTUDISC_INTERFACE
}
/** What ends the wait of a socket that asked for no errors: rawv6_err(), __udp6_lib_err() and ping_err() differ in "packet too big". */
function is_hard(sk: inet6_sock, type: number, fatal: boolean): boolean {
  if (type !== ICMPV6_PKT_TOOBIG) return fatal
  const discover = opt6(sk, IPV6_MTU_DISCOVER, IP_PMTUDISC_WANT)
  if (sk.sk_type === SOCK_RAW) return discover === IP_PMTUDISC_DO
  return sk.udp !== undefined && discover !== IP_PMTUDISC_DONT
}
/**
 * ipv6_icmp_error(): an error message about a packet of the socket, whose own header begins at `payload_at`; the packet
 * itself at `inner`.
 */
export function ipv6_icmp_error(
  sk: inet6_sock,
  skb: sk_buff,
  type: number,
  code: number,
  inner: number,
  payload_at: number,
  info: number,
  dport = 0,
): void {
  const { err, fatal } = icmpv6_err_convert(type, code)
  const harderr = is_hard(sk, type, fatal)
  const recverr = opt6(sk, IPV6_RECVERR) !== 0
  if (!recverr && (!harderr || sk.sk_state !== TCP_ESTABLISHED)) return
  if (recverr) {
    const iif = icmpv6_iif(skb)
    const ee = sock_extended_err(err.code, SO_EE_ORIGIN_ICMP6, type, code, info, sockaddr6(ip6_saddr(skb), 0, iif))
    const payload = skb.buf.slice(payload_at, skb.tail)
    // the length of the packet in the error is in its header
    const extends_it = type === ICMPV6_DEST_UNREACH || type === ICMPV6_TIME_EXCEED
    if (extends_it && opt6(sk, IPV6_RECVERR_RFC4884) !== 0) {
      ip_icmp_error_rfc4884(ee, payload, payload_at - inner, skb.buf[inner - 4] * 8)
    }
    sock_queue_err(sk, {
      payload,
      name: sockaddr6(skb.buf.slice(inner + 24, inner + 40), dport, iif),
      skb: skb_clone(skb),
      ee,
      level: SOL_IPV6,
      type: IPV6_RECVERR,
      errno: err,
    })
  }
  sk.sk_err = err
  sk_error_report(sk)
}

/** ip6_datagram_recv_common_ctl(): of a packet of IPv4, its options; where it came in in the form of either family. */
export function ip6_datagram_recv_cmsgs(other: inet_sock, skb: sk_buff, message: ReceivedMessage, request: ReceiveRequest): void {
  const sk = other as inet6_sock
  if (skb.protocol !== ETH_P_IP) return ip6_datagram_recv_ctl(sk, skb, message, request)
  if (opt6(sk, IPV6_RECVPKTINFO) !== 0) {
    const info = new Uint8Array(20)
    info.set(mapped(ip_daddr(skb)))
    info.set(ip_pktinfo(sk, skb).subarray(0, 4), 16)
    put_cmsg(message, request, SOL_IPV6, IPV6_PKTINFO, info)
  }
  ip_cmsg_recv(sk, skb, message, request)
}
/** ip6_datagram_recv_ctl(): what the socket wants to know of a packet. */
export function ip6_datagram_recv_ctl(sk: inet6_sock, skb: sk_buff, message: ReceivedMessage, request: ReceiveRequest): void {
  const pktinfo = (type: number) => {
    const info = new Uint8Array(20)
    info.set(ip6_daddr(skb))
    put32(info, 16, (skb.cb as { iif: number }).iif)
    put_cmsg(message, request, SOL_IPV6, type, info)
  }
  if (opt6(sk, IPV6_RECVPKTINFO) !== 0) pktinfo(IPV6_PKTINFO)
  if (opt6(sk, IPV6_RECVHOPLIMIT) !== 0) put_cmsg_u32(message, request, SOL_IPV6, IPV6_HOPLIMIT, ip6_hop_limit(skb))
  if (opt6(sk, IPV6_RECVTCLASS) !== 0) put_cmsg_u32(message, request, SOL_IPV6, IPV6_TCLASS, ip6_tclass(skb))
  recv_flowinfo(sk, skb, message, request)
  recv_headers(sk, skb, message, request)
  if (opt6(sk, IPV6_2292PKTINFO) !== 0) pktinfo(IPV6_2292PKTINFO)
  if (opt6(sk, IPV6_2292HOPLIMIT) !== 0) put_cmsg_u32(message, request, SOL_IPV6, IPV6_2292HOPLIMIT, ip6_hop_limit(skb))
  recv_headers_2292(sk, skb, message, request)
  if (opt6(sk, IPV6_RECVORIGDSTADDR) !== 0 && skb.transport_header + 4 <= skb.tail) {
    const port = getBe16(skb.buf, skb.transport_header + 2)
    put_cmsg(message, request, SOL_IPV6, IPV6_RECVORIGDSTADDR, sockaddr6(ip6_daddr(skb), port, (skb.cb as { iif: number }).iif))
  }
  const { frag_max_size } = IP6CB(skb)
  if (opt6(sk, IPV6_RECVFRAGSIZE) !== 0 && frag_max_size > 0) put_cmsg_u32(message, request, SOL_IPV6, IPV6_RECVFRAGSIZE, frag_max_size)
}
/** Traffic class and label, where there are any. */
function recv_flowinfo(sk: inet6_sock, skb: sk_buff, message: ReceivedMessage, request: ReceiveRequest): void {
  const flowinfo = getBe32(skb.buf, skb.network_header) & IPV6_FLOWINFO_MASK
  if (opt6(sk, IPV6_FLOWINFO) === 0 || flowinfo === 0) return
  const data = new Uint8Array(4)
  putBe32(data, 0, flowinfo)
  put_cmsg(message, request, SOL_IPV6, IPV6_FLOWINFO, data)
}
/** A header of options or a route at an offset; undefined: it is cut. */
function header_at(skb: sk_buff, offset: number): Uint8Array | undefined {
  const at = skb.network_header + offset
  if (at + 2 > skb.tail) return undefined
  const end = at + ((skb.buf[at + 1] + 1) << 3)
  return end > skb.tail ? undefined : skb.buf.slice(at, end)
}
function put_header(message: ReceivedMessage, request: ReceiveRequest, type: number, header: Uint8Array | undefined): void {
  if (header !== undefined) put_cmsg(message, request, SOL_IPV6, type, header)
}
function recv_headers(sk: inet6_sock, skb: sk_buff, message: ReceivedMessage, request: ReceiveRequest): void {
  const cb = IP6CB(skb)
  if (opt6(sk, IPV6_RECVHOPOPTS) !== 0 && cb.hopbyhop) put_header(message, request, IPV6_HOPOPTS, header_at(skb, IPV6_HLEN))
  const wanted = new Map([
    [NEXTHDR_DEST, opt6(sk, IPV6_RECVDSTOPTS) !== 0 ? IPV6_DSTOPTS : undefined],
    [NEXTHDR_ROUTING, opt6(sk, IPV6_RECVRTHDR) !== 0 ? IPV6_RTHDR : undefined],
  ])
  if (![...wanted.values()].some((type) => type !== undefined)) return
  // in the order in which they came
  let nexthdr = skb.buf[skb.network_header + 6]
  for (let offset = IPV6_HLEN; cb.lastopt > 0 && offset <= cb.lastopt; ) {
    const header = header_at(skb, offset)
    if (header === undefined) return
    const type = wanted.get(nexthdr)
    if (type !== undefined) put_header(message, request, type, header)
    nexthdr = header[0]
    offset += header.length
  }
}
function recv_headers_2292(sk: inet6_sock, skb: sk_buff, message: ReceivedMessage, request: ReceiveRequest): void {
  const { hopbyhop, dst0, dst1, srcrt } = IP6CB(skb)
  const wants = (option: number) => opt6(sk, option) !== 0
  if (wants(IPV6_2292HOPOPTS) && hopbyhop) put_header(message, request, IPV6_2292HOPOPTS, header_at(skb, IPV6_HLEN))
  if (wants(IPV6_2292DSTOPTS) && dst0 > 0) put_header(message, request, IPV6_2292DSTOPTS, header_at(skb, dst0))
  if (wants(IPV6_2292RTHDR) && srcrt > 0) put_header(message, request, IPV6_2292RTHDR, header_at(skb, srcrt))
  if (wants(IPV6_2292DSTOPTS) && dst1 > 0) put_header(message, request, IPV6_2292DSTOPTS, header_at(skb, dst1))
}
/** ipv6_recv_error(): the next error, what the socket wants to know of the packet that brought it, and the error itself. */
export function ipv6_recv_error(sk: inet6_sock, request: ReceiveRequest): ReceivedMessage | Errno {
  return sock_recv_errqueue(sk, request, ipv6_error_cmsgs)
}
export function ipv6_error_cmsgs(sk: sock, error: sock_exterr, skb: sk_buff, message: ReceivedMessage, request: ReceiveRequest): void {
  if (error.ee[4] === SO_EE_ORIGIN_TIMESTAMPING && !tells_of_sent(error.ee, skb)) return
  ip6_datagram_recv_cmsgs(sk as inet6_sock, skb, message, request)
}
/** ip6_datagram_support_cmsg(): by which device a packet went, where its bytes are told too. */
function tells_of_sent(ee: Uint8Array, skb: sk_buff): boolean {
  const { dev } = skb
  if (dev === undefined) return false
  const v4 = skb.protocol === ETH_P_IP
  skb.cb = v4 ? { ipi_ifindex: dev.ifindex } : new_inet6_skb_parm(dev.ifindex)
  ee.set(v4 ? sockaddr6(mapped(ip_saddr(skb)), 0, 0) : sockaddr6(ip6_saddr(skb), 0, dev.ifindex), OFFENDER)
  return true
}
/** Whether a packet that came in on `dev` may be the socket's: of its device, or of the one that its master is. */
export function sk_dev_equal(sk: inet6_sock, skb: sk_buff): boolean {
  const { sk_bound_dev_if: bound } = sk
  // on lo, the device that has the address counts (inet6_iif)
  return bound === 0 || bound === IP6CB(skb).iif || (bound === skb.dev?.ifindex && netif_is_l3_master(skb.dev))
}

/** rawv6_recvmsg(), ping_recvmsg(): the next packet, or the next error where those are asked for. */
export function ip6_datagram_recvmsg(sk: inet6_sock, request: ReceiveRequest): ReceivedMessage | Errno {
  if (request.flags & MSG_ERRQUEUE) return ipv6_recv_error(sk, request)
  const news = ipv6_recv_rxpmtu(sk, request)
  if (news !== undefined) return news
  const skb = skb_recv_datagram(sk, request.flags)
  if (isErrno(skb)) return skb
  const message = received(request, skb_bytes(skb), sockaddr6(ip6_saddr(skb), 0, IP6CB(skb).iif))
  sock_recv_cmsgs(sk, skb, sk.sk_drops, message, request)
  ip6_datagram_recv_ctl(sk, skb, message, request)
  return message
}

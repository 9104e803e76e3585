/** net/ipv4/inet_diag.c, udp_diag.c, tcp_diag.c, raw_diag.c: sockets of the IP protocols, for ss: all that fit, one, or its end. */
import { CAP_NET_ADMIN } from '../../kernel/capability.ts'
import type { Kernel } from '../../kernel/kernel.ts'
import { get16, get32, getBe16, getBe32 } from '../../lib/bytes.ts'
import { MessageBuilder } from '../../lib/message.ts'
import { ECONNABORTED, EINVAL, ENOENT, EOPNOTSUPP, type Errno, isErrno } from '../../uapi/errno.ts'
import { IPPROTO_MPTCP, IPPROTO_RAW, IPPROTO_TCP, IPPROTO_UDP, IPPROTO_UDPLITE } from '../../uapi/linux/in.ts'
import { ipv6_addr_v4mapped } from '../../uapi/linux/in6.ts'
import { NETLINK_SOCK_DIAG, NLM_F_DUMP, NLM_F_MULTI, nlmsghdr } from '../../uapi/linux/netlink.ts'
import * as D from '../../uapi/linux/sock_diag.ts'
import { AF_INET, AF_INET6, AF_UNSPEC } from '../../uapi/linux/socket.ts'
import type { net } from '../core/net_namespace.ts'
import { sock_diag_check_cookie, sock_diag_destroy, type sock_diag_handler, sock_diag_register } from '../core/sock_diag.ts'
import { netlink_dump_start, netlink_net_capable } from '../netlink/af_netlink.ts'
import { netlink_unicast_bytes } from '../netlink/netlink_multicast.ts'
import type { netlink_callback, Request } from '../netlink/types.ts'
import { inet_diag_bc_audit, inet_diag_bc_run } from './inet_diag_bc.ts'
import { inet_diag_addr, type inet_diag_asked, inet_sk_diag_fill } from './inet_diag_fill.ts'
import { inet6_lookup_listener, inet_lookup_listener } from './inet_hashtables.ts'
import { inet_port_holders } from './inet_seq.ts'
import { type inet_sock, TCP_CLOSE } from './inet_sock.ts'
import { __udp4_lib_lookup } from './udp_lookup.ts'

/** Protocols whose sockets are known here; others answer as if their module were missing. */
const known: ReadonlySet<number> = new Set([IPPROTO_TCP, IPPROTO_UDP, IPPROTO_UDPLITE, IPPROTO_RAW, IPPROTO_MPTCP])
const IPPROTO_DCCP = 33
/** A bound socket of TCP that neither listens nor is connected is asked for by this, not by its state. */
const TCP_BOUND_INACTIVE = 13

/** struct inet_diag_req_v2 and its attributes. */
interface diag_request {
  family: number
  protocol: number
  /** Attributes that the answer is to have, by bit. */
  ext: number
  /** Of raw sockets: the protocol that the socket is for. */
  raw_protocol: number
  states: number
  id: sockid
  /** The filter's program. */
  bytecode: Uint8Array | undefined
  /** The asker may see marks. */
  net_admin: boolean
  /** The sockets as the dump began. */
  sks?: inet_sock[]
}
/** struct inet_diag_sockid; the addresses as they lie there, 16 bytes each. */
interface sockid {
  sport: number
  dport: number
  src: Uint8Array
  dst: Uint8Array
  ifindex: number
  cookie: [number, number]
}
const SOCKID_SIZE = 48
function sockid_at(buf: Uint8Array, at: number): sockid {
  return {
    sport: getBe16(buf, at),
    dport: getBe16(buf, at + 2),
    src: buf.slice(at + 4, at + 20),
    dst: buf.slice(at + 20, at + 36),
    ifindex: get32(buf, at + 36),
    cookie: [get32(buf, at + 40), get32(buf, at + 44)],
  }
}

/** inet_diag_parse_attrs() */
function parse_attrs(buf: Uint8Array, at: number, req: diag_request): Errno | undefined {
  for (let o = at; o + 4 <= buf.length; ) {
    const len = get16(buf, o)
    if (len < 4 || o + len > buf.length) break
    const type = get16(buf, o + 2) & 0x3fff
    if (type === D.INET_DIAG_REQ_PROTOCOL && len !== 8) return EINVAL
    if (type === D.INET_DIAG_REQ_BYTECODE) req.bytecode = buf.slice(o + 4, o + len)
    else if (type === D.INET_DIAG_REQ_PROTOCOL) req.protocol = get32(buf, o + 4)
    o += (len + 3) & ~3
  }
  return undefined
}
function parse_v2(request: Request): diag_request | Errno {
  const at = nlmsghdr.size
  const { buf } = request
  if (buf.length < at + D.INET_DIAG_REQ_V2_SIZE) return EINVAL
  const [family, protocol, ext, raw_protocol] = buf.subarray(at, at + 4)
  const net_admin = netlink_net_capable(request, request.task, CAP_NET_ADMIN)
  const req = {
    family,
    protocol,
    ext,
    raw_protocol,
    states: get32(buf, at + 4),
    id: sockid_at(buf, at + 8),
    bytecode: undefined,
    net_admin,
  }
  return parse_attrs(buf, at + D.INET_DIAG_REQ_V2_SIZE, req) ?? req
}
/** The protocol is in the message's type; dumps are of both families. */
function parse_compat(request: Request): diag_request | Errno {
  const { buf, type, flags } = request
  const at = nlmsghdr.size
  if (buf.length < at + D.INET_DIAG_REQ_SIZE) return EINVAL
  const req: diag_request = {
    family: flags & NLM_F_DUMP ? AF_UNSPEC : buf[at],
    protocol: type === D.TCPDIAG_GETSOCK ? IPPROTO_TCP : IPPROTO_DCCP,
    ext: buf[at + 3],
    raw_protocol: 0,
    states: get32(buf, at + 4 + SOCKID_SIZE),
    id: sockid_at(buf, at + 4),
    bytecode: undefined,
    net_admin: netlink_net_capable(request, request.task, CAP_NET_ADMIN),
  }
  return parse_attrs(buf, at + D.INET_DIAG_REQ_SIZE, req) ?? req
}

/** Sockets in the protocol's table: bound ones; of TCP those that listen or are connected. */
function listed(net: net, { family, protocol, states, id }: diag_request): inet_sock[] {
  return all_of(net, protocol, family).filter((sk) => {
    const state = protocol === IPPROTO_TCP && sk.sk_state === TCP_CLOSE ? TCP_BOUND_INACTIVE : sk.sk_state
    // raw sockets are told in any state
    if (protocol !== IPPROTO_RAW && (states & (1 << state)) === 0) return false
    return (id.sport === 0 || id.sport === sk.inet_num) && (id.dport === 0 || id.dport === sk.inet_dport)
  })
}
function all_of(net: net, protocol: number, family: number): inet_sock[] {
  if (family === AF_UNSPEC) return [...all_of(net, protocol, AF_INET), ...all_of(net, protocol, AF_INET6)]
  if (protocol === IPPROTO_RAW) return family === AF_INET6 ? ([...(net.ipv6?.raw_sks ?? [])] as inet_sock[]) : [...net.ipv4.raw_sks]
  return inet_port_holders(net, protocol, family)
}

export function inet_diag_dump(skb: MessageBuilder, cb: netlink_callback): Errno | true | undefined {
  const request = cb.data as diag_request
  if (!known.has(request.protocol)) return ENOENT
  const { bytecode, ext, net_admin } = request
  const asked = { type: cb.type, flags: NLM_F_MULTI, seq: cb.seq, portid: cb.portid, ext, net_admin }
  request.sks ??= listed(cb.net, request)
  for (; cb.args[0] < request.sks.length; cb.args[0]++) {
    const sk = request.sks[cb.args[0]]
    if (sk.inet_num === 0 || (bytecode !== undefined && !inet_diag_bc_run(bytecode, sk))) continue // closed since then
    if (!inet_sk_diag_fill(skb, asked, sk)) return true
  }
  return undefined
}

/** The socket that a packet to its `src` from its `dst` would be for. Of UDP and raw sockets dump_one wants them the other way round. */
function find(net: net, req: diag_request, swapped: boolean): inet_sock | undefined | Errno {
  const { family, protocol } = req
  const id = swapped ? { ...req.id, src: req.id.dst, dst: req.id.src, sport: req.id.dport, dport: req.id.sport } : req.id
  if (family !== AF_INET && family !== AF_INET6) return EINVAL
  if (protocol === IPPROTO_RAW) return find_raw(net, req, id)
  const mapped = family === AF_INET6 && !swapped && ipv6_addr_v4mapped(id.src) && ipv6_addr_v4mapped(id.dst)
  const word = mapped ? 12 : 0
  const four = family === AF_INET || mapped
  const key = { sport: id.dport, dport: id.sport, dif: id.ifindex, sdif: 0 }
  const [saddr, daddr] = [getBe32(id.dst, word), getBe32(id.src, word)]
  if (protocol === IPPROTO_TCP) return four ? inet_lookup_listener(net, key, daddr) : inet6_lookup_listener(net, key, id.src)
  if (four) return __udp4_lib_lookup(net, protocol, { ...key, saddr, daddr })
  return net.kernel.sock_diag.udp6_lookup?.(net, protocol, { ...key, saddr: id.dst, daddr: id.src })
}
/** raw_v4_match(), raw_v6_match() */
function find_raw(net: net, req: diag_request, id: sockid): inet_sock | undefined {
  const length = req.family === AF_INET ? 4 : 16
  const takes = (own: Uint8Array, other: Uint8Array) => own.every((b) => b === 0) || own.every((b, i) => b === other[i])
  return all_of(net, IPPROTO_RAW, req.family).find(
    (sk) =>
      sk.inet_num === req.raw_protocol &&
      takes(inet_diag_addr(sk, true), id.src.subarray(0, length)) &&
      takes(inet_diag_addr(sk, false), id.dst.subarray(0, length)) &&
      (sk.sk_bound_dev_if === 0 || sk.sk_bound_dev_if === id.ifindex),
  )
}

/** inet_diag_cmd_exact(): one socket is told of, or ended. */
function inet_diag_cmd_exact(req: Request, request: diag_request): Errno | undefined {
  const { net } = req
  if (!known.has(request.protocol)) return ENOENT
  const destroys = req.type === D.SOCK_DESTROY
  if (request.protocol === IPPROTO_MPTCP) return destroys ? EOPNOTSUPP : ENOENT
  const sk = find(net, request, !destroys && request.protocol !== IPPROTO_TCP)
  if (isErrno(sk)) return sk
  if (sk === undefined) return ENOENT
  const other = request.protocol === IPPROTO_RAW ? undefined : sock_diag_check_cookie(sk, request.id.cookie)
  if (other !== undefined) return request.protocol === IPPROTO_TCP || destroys ? ENOENT : other
  if (destroys) return sock_diag_destroy(sk, ECONNABORTED, req.task)
  const skb = new MessageBuilder()
  const { ext, net_admin } = request
  const asked: inet_diag_asked = { type: req.type, flags: 0, seq: req.seq, portid: req.portid, ext, net_admin }
  inet_sk_diag_fill(skb, asked, sk)
  return netlink_unicast_bytes(net, NETLINK_SOCK_DIAG, req.portid, skb.bytes())
}

function start(req: Request, request: diag_request | Errno): Errno | undefined {
  if (isErrno(request)) return request
  if ((req.flags & NLM_F_DUMP) === 0 || req.type === D.SOCK_DESTROY) return inet_diag_cmd_exact(req, request)
  const bad = request.bytecode === undefined ? undefined : inet_diag_bc_audit(req, request.bytecode)
  return bad ?? netlink_dump_start(req, inet_diag_dump, { data: request })
}
export function inet_diag_handler_cmd(req: Request): Errno | undefined {
  return start(req, parse_v2(req))
}
/** TCPDIAG_GETSOCK and DCCPDIAG_GETSOCK, as old programs ask. */
export function inet_diag_rcv_msg_compat(req: Request): Errno | undefined {
  return start(req, parse_compat(req))
}

export const inet_diag_handler: sock_diag_handler = { family: AF_INET, dump: inet_diag_handler_cmd, destroy: inet_diag_handler_cmd }
export const inet6_diag_handler: sock_diag_handler = { family: AF_INET6, dump: inet_diag_handler_cmd, destroy: inet_diag_handler_cmd }

export function inet_diag_init(kernel: Kernel): Errno | undefined {
  sock_diag_register(kernel, inet_diag_handler)
  sock_diag_register(kernel, inet6_diag_handler)
  kernel.sock_diag.inet_rcv_compat = inet_diag_rcv_msg_compat
  return undefined
}

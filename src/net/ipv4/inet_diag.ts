/** net/ipv4/inet_diag.c: sockets of TCP, UDP and raw ones, for ss; filters as far as they are about ports. */
import type { Kernel } from '../../kernel/kernel.ts'
import { get16, get32, put32, putBe16, putBe32, putBig64 } from '../../lib/bytes.ts'
import type { MessageBuilder } from '../../lib/message.ts'
import { EINVAL, ENOENT, EOPNOTSUPP, type Errno, isErrno } from '../../uapi/errno.ts'
import {
  IP_BIND_ADDRESS_NO_PORT,
  IP_FREEBIND,
  IP_HDRINCL,
  IP_MULTICAST_ALL,
  IP_MULTICAST_LOOP,
  IP_NODEFRAG,
  IP_RECVERR,
  IP_RECVERR_RFC4884,
  IP_TRANSPARENT,
  IPPROTO_MPTCP,
  IPPROTO_RAW,
  IPPROTO_TCP,
  IPPROTO_UDP,
  IPPROTO_UDPLITE,
} from '../../uapi/linux/in.ts'
import { NLM_F_DUMP, NLM_F_MULTI, nlmsghdr } from '../../uapi/linux/netlink.ts'
import * as D from '../../uapi/linux/sock_diag.ts'
import { AF_INET, AF_INET6 } from '../../uapi/linux/socket.ts'
import type { net } from '../core/net_namespace.ts'
import { sock_diag_put_meminfo, type sock_diag_handler, sock_diag_register } from '../core/sock_diag.ts'
import type { inet6_sock } from '../ipv6/inet6_sock.ts'
import { netlink_dump_start } from '../netlink/af_netlink.ts'
import type { netlink_callback, Request } from '../netlink/types.ts'
import { sock_i_ino } from '../sock.ts'
import { sock_gen_cookie } from '../sockopt_get.ts'
import { inet_port_holders } from './inet_seq.ts'
import { type inet_sock, TCP_CLOSE, TCP_LISTEN } from './inet_sock.ts'

/** Protocols whose sockets are known here; others answer as if their module were missing. */
const known: ReadonlySet<number> = new Set([IPPROTO_TCP, IPPROTO_UDP, IPPROTO_UDPLITE, IPPROTO_RAW, IPPROTO_MPTCP])

interface diag_request {
  family: number
  protocol: number
  /** What is to be told beyond the message: bit INET_DIAG_x - 1. */
  ext: number
  states: number
  /** The filter's program. */
  bytecode: Uint8Array | undefined
  /** The sockets as the dump began. */
  sks?: inet_sock[]
}

/** struct inet_diag_req_v2 with its attributes. */
function parse_v2(buf: Uint8Array): diag_request | Errno {
  const at = nlmsghdr.size
  if (buf.length < at + D.INET_DIAG_REQ_V2_SIZE) return EINVAL
  const req: diag_request = { family: buf[at], protocol: buf[at + 1], ext: buf[at + 2], states: get32(buf, at + 4), bytecode: undefined }
  for (let o = at + D.INET_DIAG_REQ_V2_SIZE; o + 4 <= buf.length; ) {
    const len = get16(buf, o)
    if (len < 4 || o + len > buf.length) break
    const type = get16(buf, o + 2) & 0x3fff
    if (type === D.INET_DIAG_REQ_BYTECODE) req.bytecode = buf.slice(o + 4, o + len)
    else if (type === D.INET_DIAG_REQ_PROTOCOL && len >= 8) req.protocol = get32(buf, o + 4)
    o += (len + 3) & ~3
  }
  return req
}

/** Whether each step of a filter lies in it and leads on or out, and is of a kind that is built. */
function audit(kernel: Kernel, code: Uint8Array): Errno | undefined {
  for (let at = 0; at < code.length; ) {
    const [op, yes, no] = [code[at], code[at + 1], get16(code, at + 2)]
    const left = code.length - at
    if (left < 4 || yes < 4 || yes % 4 !== 0 || yes > left + 4 || (op !== D.INET_DIAG_BC_NOP && (no < 4 || no % 4 !== 0 || no > left + 4)))
      return EINVAL
    if (op > D.INET_DIAG_BC_AUTO && op !== D.INET_DIAG_BC_S_COND && op !== D.INET_DIAG_BC_D_COND) {
      kernel.unsupported.count('sock_diag', `filter of kind ${op}`)
      return EINVAL
    }
    at += yes
  }
  return undefined
}

/** struct inet_diag_hostcond: family, prefix length, port (-1: any), address. */
function host_matches(code: Uint8Array, at: number, sk: inet_sock, local: boolean): boolean {
  const [family, prefix] = [code[at], code[at + 1]]
  const port = get32(code, at + 4) | 0
  if (port !== -1 && port !== (local ? sk.inet_num : sk.inet_dport)) return false
  if (prefix === 0) return true
  const address = address_of(sk, local)
  if (family !== sk.sk_family || code.length < at + 8 + address.length) return false
  for (let bit = 0; bit < prefix; bit++) {
    const mask = 0x80 >> (bit & 7)
    if ((code[at + 8 + (bit >> 3)] & mask) !== (address[bit >> 3] & mask)) return false
  }
  return true
}

function runs(code: Uint8Array, sk: inet_sock): boolean {
  let at = 0
  while (at < code.length) {
    const [op, yes, no] = [code[at], code[at + 1], get16(code, at + 2)]
    const port = get16(code, at + 6) // of the comparison that stands behind
    let ok = true
    if (op === D.INET_DIAG_BC_JMP) ok = false
    else if (op === D.INET_DIAG_BC_S_GE) ok = sk.inet_num >= port
    else if (op === D.INET_DIAG_BC_S_LE) ok = sk.inet_num <= port
    else if (op === D.INET_DIAG_BC_D_GE) ok = sk.inet_dport >= port
    else if (op === D.INET_DIAG_BC_D_LE) ok = sk.inet_dport <= port
    else if (op === D.INET_DIAG_BC_S_COND) ok = host_matches(code, at + 4, sk, true)
    else if (op === D.INET_DIAG_BC_D_COND) ok = host_matches(code, at + 4, sk, false)
    // behind the end is "no", the end itself is "yes"
    at += ok ? yes : no
  }
  return at === code.length
}

function address_of(sk: inet_sock, local: boolean): Uint8Array {
  if (sk.sk_family === AF_INET6) return local ? (sk as inet6_sock).rcv_saddr : (sk as inet6_sock).daddr
  const out = new Uint8Array(4)
  putBe32(out, 0, local ? sk.inet_rcv_saddr : sk.inet_daddr)
  return out
}

/** inet_diag_msg_attrs_fill(): flags of struct inet_diag_sockopt for a socket that has no options set. */
const MC_LOOP = 0x10
const MC_ALL = 0x40
const IS_ICSK = 0x02

function inet_sk_diag_fill(skb: MessageBuilder, cb: netlink_callback, sk: inet_sock, { protocol, ext }: diag_request): boolean {
  skb.begin(D.SOCK_DIAG_BY_FAMILY, NLM_F_MULTI, cb.seq, cb.portid)
  const o = skb.room(D.INET_DIAG_MSG_SIZE)
  if (o >= 0) {
    const { buf } = skb
    buf[o] = sk.sk_family
    buf[o + 1] = sk.sk_state
    putBe16(buf, o + 4, sk.inet_num)
    putBe16(buf, o + 6, sk.inet_dport)
    buf.set(address_of(sk, true), o + 8)
    buf.set(address_of(sk, false), o + 24)
    put32(buf, o + 40, sk.sk_bound_dev_if)
    putBig64(buf, o + 44, sock_gen_cookie(sk))
    const listens = sk.sk_state === TCP_LISTEN
    put32(buf, o + 56, listens ? sk.sk_ack_backlog : sk.sk_rmem_alloc)
    put32(buf, o + 60, listens ? sk.sk_max_ack_backlog : sk.sk_wmem_alloc)
    put32(buf, o + 64, sk.sk_uid)
    put32(buf, o + 68, sock_i_ino(sk))
  }
  put_u8(skb, D.INET_DIAG_SHUTDOWN, sk.sk_shutdown)
  if (sk.sk_family === AF_INET6) put_u8(skb, D.INET_DIAG_SKV6ONLY, (sk as inet6_sock).ipv6only ? 1 : 0)
  const mark = skb.reserve(D.INET_DIAG_MARK, 4)
  if (mark >= 0) put32(skb.buf, mark, sk.sk_mark)
  const cgroup = skb.reserve(D.INET_DIAG_CGROUP_ID, 8)
  if (cgroup >= 0) skb.buf[cgroup] = 1
  const options = skb.reserve(D.INET_DIAG_SOCKOPT, 2)
  if (options >= 0) put_sockopt(skb.buf, options, sk, protocol)
  if (ext & (1 << (D.INET_DIAG_SKMEMINFO - 1))) sock_diag_put_meminfo(skb, sk, D.INET_DIAG_SKMEMINFO)
  return skb.end()
}
/** struct inet_diag_sockopt: options that are on, by bit. */
function put_sockopt(buf: Uint8Array, at: number, sk: inet_sock, protocol: number): void {
  const on = (option: number, bit: number, initial = 0) => ((sk.options.get(option) ?? initial) !== 0 ? bit : 0)
  const all = sk.sk_family === AF_INET ? on(IP_MULTICAST_ALL, MC_ALL, 1) : 0
  const icsk = protocol === IPPROTO_TCP ? IS_ICSK : 0
  buf[at] =
    on(IP_RECVERR, 1) | icsk | on(IP_FREEBIND, 4) | on(IP_HDRINCL, 8) | on(IP_MULTICAST_LOOP, MC_LOOP, 1) | on(IP_TRANSPARENT, 0x20) | all
  buf[at] |= on(IP_NODEFRAG, 0x80)
  buf[at + 1] = on(IP_BIND_ADDRESS_NO_PORT, 1) | on(IP_RECVERR_RFC4884, 2)
}
function put_u8(skb: MessageBuilder, nr: number, value: number): void {
  const at = skb.reserve(nr, 1)
  if (at >= 0) skb.buf[at] = value
}

/** Sockets in the protocol's table: bound ones; of TCP those that listen or are connected. */
function listed(net: net, { family, protocol, states }: diag_request): inet_sock[] {
  if (protocol === IPPROTO_RAW) return family === AF_INET6 ? ([...(net.ipv6?.raw_sks ?? [])] as inet_sock[]) : [...net.ipv4.raw_sks]
  const sks = inet_port_holders(net, protocol, family)
  return sks.filter((sk) => (states & (1 << sk.sk_state)) !== 0 && (protocol !== IPPROTO_TCP || sk.sk_state !== TCP_CLOSE))
}

export function inet_diag_dump(skb: MessageBuilder, cb: netlink_callback): Errno | true | undefined {
  const request = cb.data as diag_request
  if (!known.has(request.protocol)) return ENOENT
  const { bytecode } = request
  request.sks ??= listed(cb.net, request)
  for (; cb.args[0] < request.sks.length; cb.args[0]++) {
    const sk = request.sks[cb.args[0]]
    if (sk.inet_num === 0 || (bytecode !== undefined && !runs(bytecode, sk))) continue // closed since then
    if (!inet_sk_diag_fill(skb, cb, sk, request)) return true
  }
  return undefined
}

export function inet_diag_handler_cmd(req: Request): Errno | undefined {
  const request = parse_v2(req.buf)
  if (isErrno(request)) return request
  if ((req.flags & NLM_F_DUMP) === 0) {
    req.net.kernel.unsupported.count('sock_diag', 'one socket')
    return known.has(request.protocol) ? EOPNOTSUPP : ENOENT
  }
  const bad = request.bytecode === undefined ? undefined : audit(req.net.kernel, request.bytecode)
  return bad ?? netlink_dump_start(req, inet_diag_dump, { data: request })
}

/** TCPDIAG_GETSOCK and DCCPDIAG_GETSOCK: the protocol is in the message's type. Old programs ask so. */
export function inet_diag_rcv_msg_compat(req: Request): Errno | undefined {
  const at = nlmsghdr.size
  if (req.buf.length < at + 8) return EINVAL
  if ((req.flags & NLM_F_DUMP) === 0) return EOPNOTSUPP
  const protocol = req.type === D.TCPDIAG_GETSOCK ? IPPROTO_TCP : 33
  const request: diag_request = { family: req.buf[at], protocol, ext: 0, states: 0xfff, bytecode: undefined }
  return netlink_dump_start(req, inet_diag_dump, { data: request })
}

export const inet_diag_handler: sock_diag_handler = { family: AF_INET, dump: inet_diag_handler_cmd }
export const inet6_diag_handler: sock_diag_handler = { family: AF_INET6, dump: inet_diag_handler_cmd }

export function inet_diag_init(kernel: Kernel): Errno | undefined {
  sock_diag_register(kernel, inet_diag_handler)
  sock_diag_register(kernel, inet6_diag_handler)
  kernel.sock_diag.inet_rcv_compat = inet_diag_rcv_msg_compat
  return undefined
}

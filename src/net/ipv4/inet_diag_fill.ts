/** net/ipv4/inet_diag.c: what an answer says of a socket. */
import { put32, putBe16, putBe32, putBig64 } from '../../lib/bytes.ts'
import type { MessageBuilder } from '../../lib/message.ts'
import * as IN from '../../uapi/linux/in.ts'
import { IPV6_TCLASS } from '../../uapi/linux/in6.ts'
import * as D from '../../uapi/linux/sock_diag.ts'
import { AF_INET, AF_INET6, SOCK_RAW } from '../../uapi/linux/socket.ts'
import { diag_put_u8, diag_put_u32, sk_forward_alloc, sock_diag_put_meminfo } from '../core/sock_diag.ts'
import type { inet6_sock } from '../ipv6/inet6_sock.ts'
import { sock_i_ino } from '../sock.ts'
import { sock_gen_cookie } from '../sockopt_get.ts'
import { type inet_sock, TCP_CLOSE, TCP_LISTEN } from './inet_sock.ts'

/** Flags of struct inet_diag_sockopt. */
const IS_ICSK = 0x02
const MC_LOOP = 0x10
const MC_ALL = 0x40

/** A socket's address in network order: 4 bytes, or 16. */
export function inet_diag_addr(sk: inet_sock, local: boolean): Uint8Array {
  if (sk.sk_family === AF_INET6) return local ? (sk as inet6_sock).rcv_saddr : (sk as inet6_sock).daddr
  const out = new Uint8Array(4)
  putBe32(out, 0, local ? sk.inet_rcv_saddr : sk.inet_daddr)
  return out
}

/** How an answer is headed and what it is to have: attributes by bit, and whether the asker may see marks. */
export interface inet_diag_asked {
  type: number
  flags: number
  seq: number
  portid: number
  ext: number
  net_admin: boolean
}

/** inet_sk_diag_fill(). False: there is no room left. */
export function inet_sk_diag_fill(skb: MessageBuilder, asked: inet_diag_asked, sk: inet_sock): boolean {
  skb.begin(asked.type, asked.flags, asked.seq, asked.portid)
  put_common(skb, sk)
  put_attrs(skb, asked, sk)
  if (wants(asked, D.INET_DIAG_MEMINFO)) {
    const at = skb.reserve(D.INET_DIAG_MEMINFO, 16)
    const values = [sk.sk_rmem_alloc, 0, sk_forward_alloc(sk), sk.sk_wmem_alloc]
    if (at >= 0) for (const [i, value] of values.entries()) put32(skb.buf, at + i * 4, value)
  }
  if (wants(asked, D.INET_DIAG_SKMEMINFO)) sock_diag_put_meminfo(skb, sk, D.INET_DIAG_SKMEMINFO)
  if (sk.sk_type === SOCK_RAW) diag_put_u8(skb, D.INET_DIAG_PROTOCOL, sk.sk_protocol)
  if (sk.tcp !== undefined && wants(asked, D.INET_DIAG_CONG)) skb.putBytes(D.INET_DIAG_CONG, Buffer.from(`${sk.tcp.congestion}\0`))
  return skb.end()
}
function wants(asked: inet_diag_asked, attribute: number): boolean {
  return (asked.ext & (1 << (attribute - 1))) !== 0
}
/** struct inet_diag_msg */
function put_common(skb: MessageBuilder, sk: inet_sock): void {
  const o = skb.room(D.INET_DIAG_MSG_SIZE)
  if (o < 0) return
  const { buf } = skb
  buf[o] = sk.sk_family
  buf[o + 1] = sk.sk_state
  putBe16(buf, o + 4, sk.inet_num)
  putBe16(buf, o + 6, sk.inet_dport)
  buf.set(inet_diag_addr(sk, true), o + 8)
  buf.set(inet_diag_addr(sk, false), o + 24)
  put32(buf, o + 40, sk.sk_bound_dev_if)
  putBig64(buf, o + 44, sock_gen_cookie(sk))
  const listens = sk.sk_state === TCP_LISTEN
  put32(buf, o + 56, listens ? sk.sk_ack_backlog : sk.sk_rmem_alloc)
  put32(buf, o + 60, listens ? sk.sk_max_ack_backlog : sk.sk_wmem_alloc)
  put32(buf, o + 64, sk.sk_uid)
  put32(buf, o + 68, sock_i_ino(sk))
}
/** inet_diag_msg_attrs_fill() */
function put_attrs(skb: MessageBuilder, asked: inet_diag_asked, sk: inet_sock): void {
  diag_put_u8(skb, D.INET_DIAG_SHUTDOWN, sk.sk_shutdown)
  if (wants(asked, D.INET_DIAG_TOS)) diag_put_u8(skb, D.INET_DIAG_TOS, sk.options.get(IN.IP_TOS) ?? 0)
  if (sk.sk_family === AF_INET6) {
    const six = sk as inet6_sock
    if (wants(asked, D.INET_DIAG_TCLASS)) diag_put_u8(skb, D.INET_DIAG_TCLASS, six.options6.get(IPV6_TCLASS) ?? 0)
    if (sk.sk_state === TCP_LISTEN || sk.sk_state === TCP_CLOSE) diag_put_u8(skb, D.INET_DIAG_SKV6ONLY, six.ipv6only ? 1 : 0)
  }
  if (asked.net_admin) diag_put_u32(skb, D.INET_DIAG_MARK, sk.sk_mark)
  if (wants(asked, D.INET_DIAG_CLASS_ID) || wants(asked, D.INET_DIAG_TCLASS)) diag_put_u32(skb, D.INET_DIAG_CLASS_ID, sk.sk_priority)
  const cgroup = skb.reserve(D.INET_DIAG_CGROUP_ID, 8)
  if (cgroup >= 0) put32(skb.buf, cgroup, sk.sk_cgroup_id)
  const options = skb.reserve(D.INET_DIAG_SOCKOPT, 2)
  if (options >= 0) put_sockopt(skb.buf, options, sk)
}
/** struct inet_diag_sockopt: options that are on, by bit. */
function put_sockopt(buf: Uint8Array, at: number, sk: inet_sock): void {
  const on = (option: number, bit: number, initial = 0) => ((sk.options.get(option) ?? initial) !== 0 ? bit : 0)
  const all = sk.sk_family === AF_INET ? on(IN.IP_MULTICAST_ALL, MC_ALL, 1) : 0
  buf[at] = on(IN.IP_RECVERR, 1) | (sk.tcp !== undefined ? IS_ICSK : 0) | on(IN.IP_FREEBIND, 4) | on(IN.IP_HDRINCL, 8) | all
  buf[at] |= on(IN.IP_MULTICAST_LOOP, MC_LOOP, 1) | on(IN.IP_TRANSPARENT, 0x20) | on(IN.IP_NODEFRAG, 0x80)
  buf[at + 1] = on(IN.IP_BIND_ADDRESS_NO_PORT, 1) | on(IN.IP_RECVERR_RFC4884, 2)
}

/** net/ipv6/raw.c: sockets that see all packets of a protocol (SOCK_RAW), with their own filter of ICMPv6 types. */
import { NDISC_REDIRECT } from '../../uapi/linux/icmpv6.ts'
import { getBe16 } from '../../lib/bytes.ts'
import type { SendMessage } from '../../syscalls/types.ts'
import { EINVAL, EMSGSIZE, EOPNOTSUPP, type Errno, isErrno } from '../../uapi/errno.ts'
import { IPPROTO_RAW } from '../../uapi/linux/in.ts'
import { IPPROTO_ICMPV6, IPV6_CHECKSUM, IPV6_HDRINCL, ipv6_addr_any, ipv6_addr_equal } from '../../uapi/linux/in6.ts'
import { MSG_OOB } from '../../uapi/linux/socket.ts'
import { csum_ipv6_magic, csum_partial } from '../core/checksum.ts'
import { sock_alloc_send_error, sock_queue_rcv_skb, sock_wmalloc_error } from '../core/datagram.ts'
import type { net_device } from '../core/netdevice.ts'
import { type sk_buff, skb_clone } from '../core/skbuff.ts'
import { icmpv6_iif } from './icmp.ts'
import type { inet6_sock } from './inet6_sock.ts'
import { ip6_redirect } from './ndisc_redirect.ts'
import { ip6_send_hdrinc, ip6_send_payload } from './ip6_send.ts'
import { icmpv6_sent } from './ip6_stats.ts'
import { IP6CB, ip6_daddr, ip6_saddr } from './ipv6_hdr.ts'
import { ip6_datagram_send, ip6_sk_update_pmtu, ipv6_icmp_error, opt6, sk_dev_equal } from './sock6.ts'

/** Whether the packet with these addresses may be the socket's (raw_v6_match). */
function matches(sk: inet6_sock, skb: sk_buff, num: number, local: Uint8Array, remote: Uint8Array): boolean {
  if (sk.inet_num !== num || !sk_dev_equal(sk, skb)) return false
  if (!ipv6_addr_any(sk.daddr) && !ipv6_addr_equal(sk.daddr, remote)) return false
  return ipv6_addr_any(sk.rcv_saddr) || ipv6_addr_equal(sk.rcv_saddr, local)
}
/** icmpv6_filter(): bits of types that are not wanted. */
function filtered(sk: inet6_sock, skb: sk_buff): boolean {
  if (sk.icmp6_filter === undefined || skb.transport_header >= skb.tail) return false
  const type = skb.buf[skb.transport_header]
  return (sk.icmp6_filter[type >> 5] & (1 << (type & 31))) !== 0
}
/** 0: where the protocol's checksum is, if the socket has it checked; -1: nowhere. */
function checksum_at(sk: inet6_sock): number {
  return opt6(sk, IPV6_CHECKSUM, sk.inet_num === IPPROTO_ICMPV6 ? 2 : -1)
}
function checksum_ok(sk: inet6_sock, skb: sk_buff): boolean {
  const at = skb.transport_header
  const len = skb.tail - at
  const where = checksum_at(sk)
  if (where < 0) return true
  if (where + 2 > len) return false
  if (getBe16(skb.buf, at + where) === 0 && sk.inet_num !== IPPROTO_ICMPV6) return true
  return csum_ipv6_magic(ip6_saddr(skb), ip6_daddr(skb), len, sk.inet_num, csum_partial(skb.buf, at, len)) === 0
}

/** True: at least one socket has had it. */
export function raw6_local_deliver(skb: sk_buff, nexthdr: number): boolean {
  const dev = skb.dev as net_device
  const { raw_sks } = dev.nd_net.ipv6
  let delivered = false
  for (const sk of raw_sks) {
    if (!matches(sk, skb, nexthdr, ip6_daddr(skb), ip6_saddr(skb))) continue
    delivered = true
    if (nexthdr === IPPROTO_ICMPV6 && filtered(sk, skb)) continue
    if (!checksum_ok(sk, skb)) {
      sk.sk_drops++
      continue
    }
    const clone = skb_clone(skb)
    clone.data = opt6(sk, IPV6_HDRINCL) !== 0 ? clone.network_header : clone.transport_header
    clone.cb = { ...IP6CB(skb), iif: icmpv6_iif(skb) }
    sock_queue_rcv_skb(sk, clone)
  }
  return delivered
}
/** An error about a packet of the protocol; the packet begins at `inner`. */
export function raw6_icmp_error(skb: sk_buff, nexthdr: number, type: number, code: number, inner: number, info: number): void {
  const dev = skb.dev as net_device
  const local = skb.buf.slice(inner + 8, inner + 24)
  const remote = skb.buf.slice(inner + 24, inner + 40)
  for (const sk of dev.nd_net.ipv6.raw_sks) {
    if (!matches(sk, skb, nexthdr, local, remote)) continue
    if (type === NDISC_REDIRECT) {
      ip6_redirect(skb, info, sk.sk_bound_dev_if)
      continue
    }
    ip6_sk_update_pmtu(sk, skb, type, inner, info)
    ipv6_icmp_error(sk, skb, type, code, inner, inner + 40, info)
  }
}

export function rawv6_sendmsg(sk: inet6_sock, message: SendMessage): number | Errno {
  const { data } = message
  if (data.length > 0x7fffffff) return EMSGSIZE
  if (message.flags & MSG_OOB) return EOPNOTSUPP
  const hdrincl = opt6(sk, IPV6_HDRINCL, sk.inet_num === IPPROTO_RAW ? 1 : 0) !== 0
  const ipc = ip6_datagram_send(sk, message, hdrincl ? 0 : sk.inet_num)
  if (isErrno(ipc)) return ipc
  if (hdrincl && data.length < 40) return EINVAL
  const refused = hdrincl ? sock_alloc_send_error(sk) : sock_wmalloc_error(sk)
  if (refused !== undefined) return refused
  const error = hdrincl
    ? ip6_send_hdrinc(sk, ipc, data)
    : ip6_send_payload(sk, ipc, cleared(sk, data), sk.inet_num, checksum_at(sk), message.flags)
  if (isErrno(error)) return error
  // __ip6_make_skb() counts what the program made itself, too
  if (!hdrincl && sk.inet_num === IPPROTO_ICMPV6) icmpv6_sent(sk.sk_net, ipc.rt.dev.ip6_ptr, data[0] ?? 0)
  return data.length
}
/** What the program has put in the place of the checksum is not part of it. */
function cleared(sk: inet6_sock, data: Uint8Array): Uint8Array {
  const at = checksum_at(sk)
  if (at < 0 || at + 2 > data.length) return data
  const copy = data.slice()
  copy.fill(0, at, at + 2)
  return copy
}

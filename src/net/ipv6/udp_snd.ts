/** net/ipv6/udp.c udpv6_sendmsg(): a program's bytes become datagrams; to IPv4 where the address is a mapped one. */
import { get16, getBe16, getBe32, putBe16 } from '../../lib/bytes.ts'
import type { SendMessage } from '../../syscalls/types.ts'
import { EDESTADDRREQ, EINVAL, ENETUNREACH, ENOBUFS, EOPNOTSUPP, type Errno, isErrno } from '../../uapi/errno.ts'
import { INADDR_LOOPBACK } from '../../uapi/linux/in.ts'
import { IPV6_ADDR_MAPPED, IPV6_RECVERR, ipv6_addr_any, ipv6_addr_equal, ipv6_addr_type } from '../../uapi/linux/in6.ts'
import * as MIB from '../../uapi/linux/snmp.ts'
import { AF_INET, AF_INET6, AF_UNSPEC, MSG_MORE, MSG_OOB } from '../../uapi/linux/socket.ts'
import { csum_partial, csum_ipv6_magic } from '../core/checksum.ts'
import { sock_alloc_send_error } from '../core/datagram.ts'
import { msg_zerocopy, msg_zerocopy_callback } from '../core/msg_zerocopy.ts'
import { TCP_ESTABLISHED } from '../ipv4/inet_sock.ts'
import {
  is_udplite,
  joined,
  udp_coverage,
  udp_datagram,
  udp_of,
  udp_push_pending_frames,
  udp_gso_size,
  udp_sendmsg,
} from '../ipv4/udp_snd.ts'
import { UDP_HLEN } from '../ipv4/udp_rcv.ts'
import type { inet6_sock } from './inet6_sock.ts'
import { ip6_dst_mtu } from './ip6_output.ts'
import { ip6_send_payload, ip6_sk_uses_dev_mtu, MSG_PROBE } from './ip6_send.ts'
import { IPV6_HLEN } from './ipv6_hdr.ts'
import { type ipcm6, ip6_datagram_send, ipv6_local_error, opt6 } from './sock6.ts'
import { count_udp6, count_udplite6 } from './udp_rcv.ts'

const SIN6_LEN_RFC2133 = 24

function count(sk: inet6_sock, field: number): void {
  if (is_udplite(sk)) count_udplite6(sk.sk_net, field)
  else count_udp6(sk.sk_net, field)
}
/** What the destination is: of IPv6 (the message as it is to be read on), or of IPv4. */
interface target {
  v4: { daddr: number; dport: number } | undefined
  dport: number
  message: SendMessage
}
function target_of(sk: inet6_sock, message: SendMessage): target | Errno {
  const { name } = message
  if (name === undefined || name.length === 0) return to_peer(sk, message)
  if (name.length < 2) return EINVAL
  switch (get16(name, 0)) {
    case AF_INET6:
      return to_name(sk, message, name)
    case AF_INET:
      if (sk.ipv6only) return ENETUNREACH
      if (name.length < 16) return EINVAL
      return v4_target(sk, message, getBe32(name, 4), getBe16(name, 2))
    case AF_UNSPEC:
      return to_peer(sk, { ...message, name: undefined })
    default:
      return EINVAL
  }
}
function to_peer(sk: inet6_sock, message: SendMessage): target | Errno {
  if (sk.sk_state !== TCP_ESTABLISHED) return EDESTADDRREQ
  if (ipv6_addr_type(sk.daddr) !== IPV6_ADDR_MAPPED) return { v4: undefined, dport: sk.inet_dport, message }
  return v4_target(sk, message, getBe32(sk.daddr, 12), sk.inet_dport)
}
function to_name(sk: inet6_sock, message: SendMessage, name: Uint8Array): target | Errno {
  if (name.length < SIN6_LEN_RFC2133) return EINVAL
  const addr = name.subarray(8, 24)
  const dport = getBe16(name, 2)
  if (ipv6_addr_any(addr) && ipv6_addr_type(sk.saddr) === IPV6_ADDR_MAPPED) return v4_target(sk, message, INADDR_LOOPBACK, dport)
  if (ipv6_addr_type(addr) === IPV6_ADDR_MAPPED) return v4_target(sk, message, getBe32(addr, 12), dport)
  if (dport === 0) return EINVAL
  const peer = sk.sk_state === TCP_ESTABLISHED && ipv6_addr_equal(addr, sk.daddr)
  return { v4: undefined, dport, message: peer && name.length < 28 ? { ...message, name: undefined } : message }
}
function v4_target(sk: inet6_sock, message: SendMessage, daddr: number, dport: number): target | Errno {
  if (sk.ipv6only) return ENETUNREACH
  return dport === 0 ? EINVAL : { v4: { daddr, dport }, dport, message }
}

export function udpv6_sendmsg(sk: inet6_sock, message: SendMessage): number | Errno {
  const { data, flags } = message
  const udp = udp_of(sk)
  const more = udp.cork || (flags & MSG_MORE) !== 0
  if (udp.pending !== undefined) {
    return udp.pending.family === AF_INET ? udp_sendmsg(sk, message) : append(sk, data, more, flags)
  }
  const to = target_of(sk, message)
  if (isErrno(to)) return to
  if (to.v4 !== undefined) return udp_sendmsg(sk, to.message, to.v4)
  if (flags & MSG_OOB) return EOPNOTSUPP
  const ipc = ip6_datagram_send(sk, to.message, sk.sk_protocol, to.dport)
  if (isErrno(ipc)) return ipc
  if (flags & MSG_PROBE && data.length === 0) return 0
  const refused = sock_alloc_send_error(sk)
  if (refused !== undefined) return refused
  if (!more) return udp_v6_send_skb(sk, ipc, to.dport, data, flags) ?? zerocopied(sk, flags, data.length, ipc)
  udp.pending = { family: AF_INET6, to: ipc, dport: to.dport, parts: [], zerocopy: 0, length: 0 }
  return append(sk, data, more, flags)
}
function append(sk: inet6_sock, data: Uint8Array, more: boolean, flags: number): number | Errno {
  const udp = udp_of(sk)
  const { pending } = udp
  if (pending === undefined) return EINVAL
  if (pending.length + data.length > 0xffff - UDP_HLEN) {
    udp.pending = undefined
    const { rt, fl6 } = pending.to as ipcm6
    return ipv6_local_error(sk, fl6, ip6_dst_mtu(rt, rt.dev), pending.dport)
  }
  pending.parts.push(data.slice())
  if (msg_zerocopy(sk, flags)) pending.zerocopy++
  pending.length += data.length
  return more ? data.length : (udp_v6_push_pending_frames(sk, flags) ?? data.length)
}
export function udp_v6_push_pending_frames(sk: inet6_sock, flags = 0): Errno | undefined {
  const udp = udp_of(sk)
  const { pending } = udp
  if (pending === undefined) return undefined
  if (pending.family === AF_INET) return udp_push_pending_frames(sk, flags)
  udp.pending = undefined
  const error = udp_v6_send_skb(sk, pending.to as ipcm6, pending.dport, joined(pending.parts), flags)
  if (!isErrno(error) && pending.zerocopy > 0) msg_zerocopy_callback(sk, pending.zerocopy, pending.to.rt.dev, false)
  return error
}

/** Of a message that went at once: how long it was. */
function zerocopied(sk: inet6_sock, flags: number, length: number, ipc: ipcm6): number {
  if (msg_zerocopy(sk, flags)) msg_zerocopy_callback(sk, 1, ipc.rt.dev, IPV6_HLEN + UDP_HLEN + length <= ip6_dst_mtu(ipc.rt, ipc.rt.dev))
  return length
}
function udp_v6_send_skb(sk: inet6_sock, ipc: ipcm6, dport: number, data: Uint8Array, flags: number): Errno | undefined {
  const { rt, fl6 } = ipc
  const mtu = ip6_sk_uses_dev_mtu(sk) ? rt.dev.mtu : ip6_dst_mtu(rt, rt.dev)
  if (data.length + UDP_HLEN > 0xffff) return ipv6_local_error(sk, fl6, mtu, dport)
  const gso_size = udp_gso_size(sk, data, ipc.gso_size, mtu, IPV6_HLEN, udp_of(sk).no_check6_tx)
  if (isErrno(gso_size)) return gso_size
  const payload = udp_datagram(sk, dport, data)
  if (is_udplite(sk) || !udp_of(sk).no_check6_tx) {
    const sum = csum_partial(payload, 0, udp_coverage(sk, payload.length).cover)
    putBe16(payload, 6, csum_ipv6_magic(fl6.saddr, fl6.daddr, payload.length, sk.sk_protocol, sum) || 0xffff)
  }
  const error = ip6_send_payload(sk, ipc, payload, sk.sk_protocol, -1, flags, dport, gso_size)
  if (error === ENOBUFS && opt6(sk, IPV6_RECVERR) === 0) {
    count(sk, MIB.UDP_MIB_SNDBUFERRORS)
    return undefined
  }
  if (isErrno(error)) {
    if (error === ENOBUFS) count(sk, MIB.UDP_MIB_SNDBUFERRORS)
    return error
  }
  count(sk, MIB.UDP_MIB_OUTDATAGRAMS)
  return undefined
}

/** net/ipv4/udp.c udp_sendmsg(): a program's bytes become datagrams; several calls can make one (MSG_MORE, UDP_CORK). */
import { get16, getBe16, getBe32, putBe16 } from '../../lib/bytes.ts'
import type { SendMessage } from '../../syscalls/types.ts'
import { EAFNOSUPPORT, EDESTADDRREQ, EINVAL, EIO, EMSGSIZE, ENOBUFS, EOPNOTSUPP, type Errno, isErrno } from '../../uapi/errno.ts'
import { IP_MTU_DISCOVER, IP_RECVERR, IPPROTO_UDPLITE, sockaddr_in } from '../../uapi/linux/in.ts'
import * as MIB from '../../uapi/linux/snmp.ts'
import { AF_INET, AF_UNSPEC, MSG_MORE, MSG_OOB } from '../../uapi/linux/socket.ts'
import { csum_partial, csum_tcpudp_magic } from '../core/checksum.ts'
import { sock_alloc_send_error } from '../core/datagram.ts'
import { SOCK_FLAG, sock_flag } from '../sock.ts'
import { type inet_sock, TCP_ESTABLISHED, type udp_part } from './inet_sock.ts'
import { msg_zerocopy, msg_zerocopy_callback } from '../core/msg_zerocopy.ts'
import { IP_HLEN } from './ip_hdr.ts'
import { ip_dst_mtu, ip_sk_mtu } from './ip_output.ts'
import { UDP_INC_STATS } from './ip_stats.ts'
import { type ip_destination, type ipcm, ip_datagram_send, ip_local_error, ip_send_payload, MSG_PROBE, opt4 } from './sock4.ts'
import { UDP_HLEN } from './udp_rcv.ts'

/** Most datagrams that one call makes (UDP_MAX_SEGMENTS). */
export const UDP_MAX_SEGMENTS = 128

export function udp_of(sk: inet_sock): udp_part {
  return sk.udp as udp_part
}
export function is_udplite(sk: inet_sock): boolean {
  return sk.sk_protocol === IPPROTO_UDPLITE
}
function destination(sk: inet_sock, name: Uint8Array | undefined): ip_destination | Errno {
  if (name === undefined || name.length === 0) {
    return sk.sk_state === TCP_ESTABLISHED ? { daddr: sk.inet_daddr, dport: sk.inet_dport } : EDESTADDRREQ
  }
  if (name.length < sockaddr_in.size) return EINVAL
  const family = get16(name, 0)
  if (family !== AF_INET && family !== AF_UNSPEC) return EAFNOSUPPORT
  const dport = getBe16(name, 2)
  return dport === 0 ? EINVAL : { daddr: getBe32(name, 4), dport }
}

/** `to`: the address that a socket of IPv6 has for it. */
export function udp_sendmsg(sk: inet_sock, message: SendMessage, mapped?: ip_destination): number | Errno {
  const { data, flags } = message
  const udp = udp_of(sk)
  if (data.length > 0xffff) return EMSGSIZE
  if (flags & MSG_OOB) return EOPNOTSUPP
  const more = udp.cork || (flags & MSG_MORE) !== 0
  if (udp.pending !== undefined) return udp.pending.family === AF_INET ? append(sk, data, more, flags) : EINVAL
  const to = mapped ?? destination(sk, message.name)
  if (isErrno(to)) return to
  const ipc = ip_datagram_send(sk, message, sk.sk_protocol, to)
  if (isErrno(ipc)) return counted(sk, ipc)
  if (flags & MSG_PROBE && data.length === 0) return 0
  const refused = sock_alloc_send_error(sk)
  if (refused !== undefined) return refused
  if (!more) return udp_send_skb(sk, ipc, to.dport, data, flags) ?? zerocopied(sk, flags, data.length, ipc)
  udp.pending = { family: AF_INET, to: ipc, dport: to.dport, parts: [], zerocopy: 0, length: 0 }
  return append(sk, data, more, flags)
}
function counted(sk: inet_sock, error: Errno): Errno {
  if (error === ENOBUFS) UDP_INC_STATS(sk.sk_net, MIB.UDP_MIB_SNDBUFERRORS, is_udplite(sk))
  return error
}
/** What grows too long for a packet is gone. */
function append(sk: inet_sock, data: Uint8Array, more: boolean, flags: number): number | Errno {
  const udp = udp_of(sk)
  const { pending } = udp
  if (pending === undefined) return EINVAL
  if (pending.length + data.length > 0xffff - IP_HLEN - UDP_HLEN) {
    udp.pending = undefined
    const { rt } = pending.to as ipcm
    return ip_local_error(sk, rt, ip_dst_mtu(sk.sk_net, rt))
  }
  pending.parts.push(data.slice())
  if (msg_zerocopy(sk, flags)) pending.zerocopy++
  pending.length += data.length
  return more ? data.length : (udp_push_pending_frames(sk, flags) ?? data.length)
}
/** udp_push_pending_frames(): the message is whole. */
export function udp_push_pending_frames(sk: inet_sock, flags = 0): Errno | undefined {
  const udp = udp_of(sk)
  const { pending } = udp
  if (pending === undefined || pending.family !== AF_INET) return undefined
  udp.pending = undefined
  const error = udp_send_skb(sk, pending.to as ipcm, pending.dport, joined(pending.parts), flags)
  if (!isErrno(error) && pending.zerocopy > 0) msg_zerocopy_callback(sk, pending.zerocopy, pending.to.rt.dev, false)
  return error
}
export function joined(parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts))
}

/** How many bytes of a datagram the checksum covers, and what the header's length field says of it. */
export function udp_coverage(sk: inet_sock, length: number): { cover: number; field: number } {
  const udp = udp_of(sk)
  if (!is_udplite(sk)) return { cover: length, field: length }
  const some = udp.pcslen_set && udp.pcslen !== 0 && udp.pcslen < length
  return some ? { cover: udp.pcslen, field: udp.pcslen } : { cover: length, field: udp.pcslen_set ? length : 0 }
}
/** Header and data; the checksum is still to come. */
export function udp_datagram(sk: inet_sock, dport: number, data: Uint8Array): Uint8Array {
  const payload = new Uint8Array(UDP_HLEN + data.length)
  putBe16(payload, 0, sk.inet_sport)
  putBe16(payload, 2, dport)
  putBe16(payload, 4, udp_coverage(sk, payload.length).field)
  payload.set(data, UDP_HLEN)
  return payload
}
/** What is longer than a segment stands for several (UDP_SEGMENT): the error, or a segment's bytes; 0: it is one. */
export function udp_gso_size(
  sk: inet_sock,
  data: Uint8Array,
  gso_size: number,
  fragsize: number,
  hlen: number,
  unsummed: boolean,
): number | Errno {
  if (gso_size === 0) return 0
  if (hlen + UDP_HLEN + Math.min(data.length, gso_size) > fragsize || data.length > gso_size * UDP_MAX_SEGMENTS || unsummed) return EINVAL
  if (is_udplite(sk)) return EIO
  return data.length <= gso_size ? 0 : gso_size
}
/** Of a message that went at once: how long it was. */
function zerocopied(sk: inet_sock, flags: number, length: number, ipc: ipcm): number {
  if (msg_zerocopy(sk, flags)) msg_zerocopy_callback(sk, 1, ipc.rt.dev, IP_HLEN + UDP_HLEN + length <= ip_dst_mtu(sk.sk_net, ipc.rt))
  return length
}
function udp_send_skb(sk: inet_sock, ipc: ipcm, dport: number, data: Uint8Array, flags: number): Errno | undefined {
  const gso = ipc.gso_size
  const mtu = ip_sk_mtu(sk.sk_net, ipc.rt, sk.options.get(IP_MTU_DISCOVER))
  // one packet that stands for several is no longer than others
  if (gso !== 0 && data.length > 0xffff - IP_HLEN - UDP_HLEN) return ip_local_error(sk, ipc.rt, mtu)
  const gso_size = udp_gso_size(sk, data, gso, mtu, IP_HLEN, sock_flag(sk, SOCK_FLAG.NO_CHECK_TX))
  if (isErrno(gso_size)) return gso_size
  const { saddr, daddr } = ipc.rt
  const payload = udp_datagram(sk, dport, data)
  if (is_udplite(sk) || !sock_flag(sk, SOCK_FLAG.NO_CHECK_TX)) {
    const { cover } = udp_coverage(sk, payload.length)
    putBe16(payload, 6, csum_tcpudp_magic(saddr, daddr, payload.length, sk.sk_protocol, csum_partial(payload, 0, cover)) || 0xffff)
  }
  const error = ip_send_payload(sk, ipc, payload, sk.sk_protocol, false, flags, gso_size)
  if (error === ENOBUFS && opt4(sk, IP_RECVERR) === 0) {
    UDP_INC_STATS(sk.sk_net, MIB.UDP_MIB_SNDBUFERRORS, is_udplite(sk))
    return undefined
  }
  if (isErrno(error)) return counted(sk, error)
  UDP_INC_STATS(sk.sk_net, MIB.UDP_MIB_OUTDATAGRAMS, is_udplite(sk))
  return undefined
}

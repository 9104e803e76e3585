/** net/ipv4/raw.c: sockets that see all packets of a protocol, header and all (SOCK_RAW), with a filter of ICMP types. */
import { get32, put32 } from '../../lib/bytes.ts'
import type { SendMessage } from '../../syscalls/types.ts'
import { EINVAL, EMSGSIZE, ENOPROTOOPT, EOPNOTSUPP, type Errno, isErrno } from '../../uapi/errno.ts'
import { ICMP_FILTER } from '../../uapi/linux/icmp.ts'
import { IP_HDRINCL, IPPROTO_ICMP, IPPROTO_RAW } from '../../uapi/linux/in.ts'
import { MSG_OOB } from '../../uapi/linux/socket.ts'
import { sock_queue_rcv_skb, sock_wmalloc_error } from '../core/datagram.ts'
import type { net_device } from '../core/netdevice.ts'
import { type sk_buff, skb_clone } from '../core/skbuff.ts'
import { getBe32 } from '../../lib/bytes.ts'
import type { inet_sock } from './inet_sock.ts'
import { ip_daddr, ip_saddr } from './ip_hdr.ts'
import { icmp_out_count } from './ip_stats.ts'
import {
  ip_datagram_send,
  ip_icmp_error,
  ip_send_hdrinc,
  ip_send_payload,
  ip_sk_learn,
  ipv4_pktinfo_prepare,
  opt4,
  sk4_dev_equal,
} from './sock4.ts'

/** raw_v4_match(): addresses of 0 match all. */
function matches(sk: inet_sock, skb: sk_buff, num: number, local: number, remote: number): boolean {
  if (sk.inet_num !== num || !sk4_dev_equal(sk, skb, sk.sk_net.ipv4.kept_sysctls.raw_l3mdev_accept !== 0)) return false
  return (sk.inet_daddr === 0 || sk.inet_daddr === remote) && (sk.inet_rcv_saddr === 0 || sk.inet_rcv_saddr === local)
}
/** icmp_filter(): bits of types that are not wanted. */
function filtered(sk: inet_sock, skb: sk_buff): boolean {
  const type = skb.buf[skb.transport_header]
  return type < 32 && (sk.icmp_filter & (1 << type)) !== 0
}

/** True: at least one socket has had it. */
export function raw_local_deliver(skb: sk_buff, protocol: number): boolean {
  const dev = skb.dev as net_device
  let delivered = false
  for (const sk of dev.nd_net.ipv4.raw_sks) {
    if (!matches(sk, skb, protocol, ip_daddr(skb), ip_saddr(skb))) continue
    delivered = true
    if (protocol === IPPROTO_ICMP && filtered(sk, skb)) continue
    const clone = skb_clone(skb)
    clone.data = clone.network_header
    ipv4_pktinfo_prepare(clone)
    sock_queue_rcv_skb(sk, clone)
  }
  return delivered
}
/** An error about a packet of the protocol; the packet begins at `inner`. */
export function raw_icmp_error(skb: sk_buff, protocol: number, type: number, code: number, inner: number, info: number): void {
  const dev = skb.dev as net_device
  const [local, remote] = [getBe32(skb.buf, inner + 12), getBe32(skb.buf, inner + 16)]
  const hlen = (skb.buf[inner] & 0x0f) << 2
  for (const sk of dev.nd_net.ipv4.raw_sks) {
    if (!matches(sk, skb, protocol, local, remote)) continue
    if (ip_sk_learn(sk, skb, type, code, inner, info)) continue
    ip_icmp_error(sk, skb, type, code, inner, opt4(sk, IP_HDRINCL) !== 0 ? inner : inner + hlen, info)
  }
}

export function raw_sendmsg(sk: inet_sock, message: SendMessage): number | Errno {
  const { data } = message
  if (data.length > 0xffff) return EMSGSIZE
  if (message.flags & MSG_OOB) return EOPNOTSUPP
  const hdrincl = opt4(sk, IP_HDRINCL) !== 0
  const ipc = ip_datagram_send(sk, message, hdrincl ? IPPROTO_RAW : sk.inet_num)
  if (isErrno(ipc)) return ipc
  // who brings its own header brings its options in it
  if (hdrincl && ipc.opt !== undefined) return EINVAL
  const refused = hdrincl ? undefined : sock_wmalloc_error(sk)
  if (refused !== undefined) return refused
  const error = hdrincl ? ip_send_hdrinc(sk, ipc, data) : ip_send_payload(sk, ipc, data, sk.inet_num, false, message.flags)
  if (isErrno(error)) return error
  if (sk.inet_num === IPPROTO_ICMP && !hdrincl && data.length > 0) icmp_out_count(sk.sk_net, data[0])
  return data.length
}

/** SOL_RAW: only ICMP has a filter; a short value leaves the rest as it was. */
export function raw_setsockopt(sk: inet_sock, optname: number, optval: Uint8Array): Errno | undefined {
  if (optname !== ICMP_FILTER) return ENOPROTOOPT
  if (sk.inet_num !== IPPROTO_ICMP) return EOPNOTSUPP
  const bytes = new Uint8Array(4)
  put32(bytes, 0, sk.icmp_filter)
  bytes.set(optval.subarray(0, 4))
  sk.icmp_filter = get32(bytes, 0)
  return undefined
}
export function raw_getsockopt(sk: inet_sock, optname: number, optlen: number): Uint8Array | Errno {
  if (optname !== ICMP_FILTER) return ENOPROTOOPT
  if (sk.inet_num !== IPPROTO_ICMP) return EOPNOTSUPP
  if (optlen < 0) return EINVAL
  const bytes = new Uint8Array(4)
  put32(bytes, 0, sk.icmp_filter)
  return bytes.subarray(0, Math.min(4, optlen))
}

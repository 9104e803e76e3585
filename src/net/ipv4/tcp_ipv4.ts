/** net/ipv4/tcp_ipv4.c: segments of TCP over IPv4. */
import { putBe16 } from '../../lib/bytes.ts'
import { isErrno } from '../../uapi/errno.ts'
import { IPPROTO_TCP } from '../../uapi/linux/in.ts'
import { RTN_LOCAL } from '../../uapi/linux/rtnetlink.ts'
import { ICMP_MIB_INERRORS } from '../../uapi/linux/snmp.ts'
import { csum_partial, csum_tcpudp_magic } from '../core/checksum.ts'
import { l3mdev_master_ifindex } from '../core/l3mdev.ts'
import type { net_device } from '../core/netdevice.ts'
import type { net } from '../core/net_namespace.ts'
import { kfree_skb, type sk_buff, skb_put } from '../core/skbuff.ts'
import { flowi4 } from './fib_lookup.ts'
import { inet_lookup_listener } from './inet_hashtables.ts'
import { inet_sdif, IP_DF, ip_alloc_skb, ip_daddr, ip_push_hdr, ip_saddr, ip_tos } from './ip_hdr.ts'
import { inet_add_protocol, type net_protocol } from './ip_input.ts'
import { ip4_dst_hoplimit, ip_local_out } from './ip_output.ts'
import { ICMP_INC_STATS } from './ip_stats.ts'
import { ip_route_output_key, type rtable } from './route.ts'
import { inet_iif } from './sock4.ts'
import { tcp_reset, tcp_segment, tcp_wants_reset, type tcphdr } from './tcp_input.ts'

const INET_ECN_MASK = 3

export function tcp_v4_rcv(skb: sk_buff): number {
  const dev = skb.dev as net_device
  const { nd_net: net } = dev
  const [saddr, daddr] = [ip_saddr(skb), ip_daddr(skb)]
  const th = tcp_segment(net, skb, (len, sum) => csum_tcpudp_magic(saddr, daddr, len, IPPROTO_TCP, sum))
  if (th !== undefined) {
    const listener = inet_lookup_listener(net, { dport: th.dest, dif: inet_iif(skb), sdif: inet_sdif(skb) }, daddr)
    if (tcp_wants_reset(net, th, listener)) tcp_v4_send_reset(net, skb, dev, th)
  }
  kfree_skb(skb)
  return 0
}
/** ip_send_unicast_reply(): whole, from the address that was asked, only for what was meant for us alone. */
function tcp_v4_send_reset(net: net, skb: sk_buff, dev: net_device, th: tcphdr): void {
  if ((skb.dst as rtable | undefined)?.rt_type !== RTN_LOCAL) return
  const fl = new flowi4(ip_saddr(skb), l3mdev_master_ifindex(dev))
  fl.saddr = ip_daddr(skb)
  fl.proto = IPPROTO_TCP
  fl.tos = ip_tos(skb) & 0x1c
  fl.mark = net.ipv4.kept_sysctls.fwmark_reflect !== 0 ? skb.mark : 0
  fl.sport = th.dest
  fl.dport = th.source
  const rt = ip_route_output_key(net, fl)
  if (isErrno(rt)) return
  const segment = tcp_reset(net, th, skb.len)
  putBe16(segment, 16, csum_tcpudp_magic(rt.saddr, rt.daddr, segment.length, IPPROTO_TCP, csum_partial(segment, 0, segment.length)))
  const reply = ip_alloc_skb(segment.length)
  reply.transport_header = skb_put(reply, segment.length)
  reply.buf.set(segment, reply.transport_header)
  const ttl = ip4_dst_hoplimit(net, rt)
  ip_push_hdr(reply, { saddr: rt.saddr, daddr: rt.daddr, protocol: IPPROTO_TCP, ttl, tos: ip_tos(skb) & ~INET_ECN_MASK, frag_off: IP_DF })
  reply.dst = rt
  reply.mark = fl.mark
  ip_local_out(net, reply)
}
/** No connection is there that an error could be about. */
export function tcp_v4_err(skb: sk_buff): void {
  ICMP_INC_STATS((skb.dev as net_device).nd_net, ICMP_MIB_INERRORS)
}
export const tcp_protocol: net_protocol = { name: 'tcp_protocol', handler: tcp_v4_rcv, err_handler: tcp_v4_err }

/** Called from inet_init(). */
export function tcp_v4_init(net: net): void {
  inet_add_protocol(net, tcp_protocol, IPPROTO_TCP)
}

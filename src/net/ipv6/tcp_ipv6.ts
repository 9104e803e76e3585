/** net/ipv6/tcp_ipv6.c: segments of TCP over IPv6. */
import { putBe16 } from '../../lib/bytes.ts'
import { isErrno } from '../../uapi/errno.ts'
import { IPPROTO_TCP } from '../../uapi/linux/in.ts'
import { ipv6_addr_is_multicast } from '../../uapi/linux/in6.ts'
import { ICMP6_MIB_INERRORS, IPSTATS_MIB_OUTREQUESTS } from '../../uapi/linux/snmp.ts'
import { csum_ipv6_magic, csum_partial } from '../core/checksum.ts'
import type { net_device } from '../core/netdevice.ts'
import type { net } from '../core/net_namespace.ts'
import { kfree_skb, type sk_buff, skb_put } from '../core/skbuff.ts'
import { inet6_lookup_listener } from '../ipv4/inet_hashtables.ts'
import { tcp_reset, tcp_segment, tcp_wants_reset, type tcphdr } from '../ipv4/tcp_input.ts'
import { icmpv6_iif, ip6_dst_hoplimit } from './icmp.ts'
import { ip6_dst_lookup } from './ip6_dst_lookup.ts'
import { flowi6 } from './ip6_fib_lookup.ts'
import { ip6_default_np_autolabel, ip6_make_flowlabel } from './ip6_flowlabel.ts'
import { inet6_add_protocol, type inet6_protocol } from './ip6_input.ts'
import { ip6_local_out } from './ip6_output.ts'
import { ICMP6_INC_STATS, IP6_INC_STATS } from './ip6_stats.ts'
import { ip6_alloc_skb, ip6_daddr, ip6_flowlabel, ip6_push_hdr, ip6_saddr, ip6_tclass } from './ipv6_hdr.ts'
import { inet6_iif, inet6_sdif } from './udp_rcv.ts'

const INET_ECN_MASK = 3
/** A bit of net.ipv6.flowlabel_reflect. */
const FLOWLABEL_REFLECT_TCP_RESET = 2

export function tcp_v6_rcv(skb: sk_buff): number {
  const dev = skb.dev as net_device
  const { nd_net: net } = dev
  const [saddr, daddr] = [ip6_saddr(skb), ip6_daddr(skb)]
  const th = tcp_segment(net, skb, (len, sum) => csum_ipv6_magic(saddr, daddr, len, IPPROTO_TCP, sum))
  if (th !== undefined) {
    const listener = inet6_lookup_listener(net, { dport: th.dest, dif: inet6_iif(skb, dev), sdif: inet6_sdif(skb, dev) }, daddr)
    if (tcp_wants_reset(net, th, listener)) tcp_v6_send_reset(net, skb, th)
  }
  kfree_skb(skb)
  return 0
}
/** tcp_v6_send_response() */
function tcp_v6_send_reset(net: net, skb: sk_buff, th: tcphdr): void {
  if (ipv6_addr_is_multicast(ip6_daddr(skb))) return
  const fl6 = new flowi6(ip6_saddr(skb), ip6_daddr(skb))
  fl6.flowi_oif = icmpv6_iif(skb)
  fl6.flowi6_proto = IPPROTO_TCP
  fl6.flowi_mark = net.ipv6.sysctl.fwmark_reflect ? skb.mark : 0
  fl6.fl6_sport = th.dest
  fl6.fl6_dport = th.source
  const rt = ip6_dst_lookup(net, fl6)
  if (isErrno(rt)) return
  const segment = tcp_reset(net, th, skb.len)
  putBe16(segment, 16, csum_ipv6_magic(fl6.saddr, fl6.daddr, segment.length, IPPROTO_TCP, csum_partial(segment, 0, segment.length)))
  const reply = ip6_alloc_skb(rt.dev, segment.length)
  reply.transport_header = skb_put(reply, segment.length)
  reply.buf.set(segment, reply.transport_header)
  const tclass = ip6_tclass(skb) & ~INET_ECN_MASK
  const { saddr, daddr } = fl6
  const reflected = net.ipv6.sysctl.flowlabel_reflect & FLOWLABEL_REFLECT_TCP_RESET ? ip6_flowlabel(skb) : 0
  const flowlabel = ip6_make_flowlabel(net, fl6, reflected, ip6_default_np_autolabel(net))
  ip6_push_hdr(reply, { saddr, daddr, nexthdr: IPPROTO_TCP, hop_limit: ip6_dst_hoplimit(net, rt), tclass, flowlabel })
  reply.mark = fl6.flowi_mark
  reply.dst = rt
  IP6_INC_STATS(net, rt.dev.ip6_ptr, IPSTATS_MIB_OUTREQUESTS)
  ip6_local_out(net, reply)
}
/** No connection is there that an error could be about. */
export function tcp_v6_err(skb: sk_buff): void {
  const dev = skb.dev as net_device
  ICMP6_INC_STATS(dev.nd_net, dev.ip6_ptr, ICMP6_MIB_INERRORS)
}
export const tcpv6_protocol: inet6_protocol = { name: 'tcpv6_protocol', handler: tcp_v6_rcv, err_handler: tcp_v6_err, final: true }

/** Called from inet6_init(). */
export function tcpv6_init(net: net): void {
  inet6_add_protocol(net, tcpv6_protocol, IPPROTO_TCP)
}

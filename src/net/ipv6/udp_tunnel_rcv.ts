/** net/ipv4/udp.c udp_rcv, as far as tunnels need it: datagrams for their sockets; nobody else hears yet. */
import { getBe16 } from '../../lib/bytes.ts'
import { ICMP_DEST_UNREACH, ICMP_PORT_UNREACH } from '../../uapi/linux/icmp.ts'
import { ICMPV6_DEST_UNREACH, ICMPV6_PORT_UNREACH } from '../../uapi/linux/icmpv6.ts'
import { IPPROTO_UDP } from '../../uapi/linux/in.ts'
import { AF_INET, AF_INET6 } from '../../uapi/linux/socket.ts'
import { csum_ipv6_magic, csum_partial, csum_tcpudp_magic } from '../core/checksum.ts'
import type { net } from '../core/net_namespace.ts'
import { CHECKSUM_UNNECESSARY, kfree_skb, type sk_buff, skb_pull, skb_trim } from '../core/skbuff.ts'
import type { udp_encap_ops } from '../core/udp_tunnel.ts'
import { icmp_send } from '../ipv4/icmp_send.ts'
import type { inet_sock } from '../ipv4/inet_sock.ts'
import { inet_sk } from '../ipv4/inet_sock.ts'
import { ip_daddr, ip_saddr } from '../ipv4/ip_hdr.ts'
import { inet_add_protocol, type net_protocol } from '../ipv4/ip_input.ts'
import type { socket } from '../socket.ts'
import { icmpv6_send } from './icmp.ts'
import { inet6_add_protocol, type inet6_protocol } from './ip6_input.ts'
import { ip6_daddr, ip6_saddr } from './ipv6_hdr.ts'

const UDP_HLEN = 8

/** The protocols hear of UDP from the first tunnel on. */
export function setup_udp_tunnel_sock(sock: socket, ops: udp_encap_ops, owner: object): void {
  const sk = inet_sk(sock)
  sk.encap = { ops, owner }
  inet_add_protocol(sk.sk_net, udp_protocol, IPPROTO_UDP)
  if (sk.sk_net.kernel.inet6 !== undefined) inet6_add_protocol(sk.sk_net, udpv6_protocol, IPPROTO_UDP)
}

/** The socket of that port, best one bound to the device that it came in by. */
function find(net: net, family: number, port: number, iif: number): inet_sock | undefined {
  const holders = (net.ipv4.ports.get(IPPROTO_UDP) as Map<number, Set<inet_sock>> | undefined)?.get(port)
  let found: inet_sock | undefined
  for (const sk of holders ?? []) {
    if (sk.sk_family !== family || (sk.sk_bound_dev_if !== 0 && sk.sk_bound_dev_if !== iif)) continue
    if (found === undefined || sk.sk_bound_dev_if !== 0) found = sk
  }
  return found
}
/** At skb.data is the UDP header: its length fits and its sum, of pseudo header and all, is right. */
function whole(skb: sk_buff, magic: (sum: number) => number): boolean {
  if (skb.len < UDP_HLEN) return false
  const len = getBe16(skb.buf, skb.data + 4)
  if (len < UDP_HLEN || len > skb.len) return false
  skb_trim(skb, len)
  if (getBe16(skb.buf, skb.data + 6) === 0 || skb.ip_summed === CHECKSUM_UNNECESSARY) return true
  return magic(csum_partial(skb.buf, skb.data, len)) === 0
}
/** True: taken over. */
function deliver(net: net, skb: sk_buff, family: number, saddr: Uint8Array): boolean {
  const sk = find(net, family, getBe16(skb.buf, skb.data + 2), skb.dev?.ifindex ?? 0)
  if (sk?.encap === undefined) return false
  skb_pull(skb, UDP_HLEN)
  sk.encap.ops.encap_rcv(sk.encap.owner, skb, saddr)
  return true
}
export function udp_rcv(skb: sk_buff): number {
  const { dev } = skb
  const [saddr, daddr] = [ip_saddr(skb), ip_daddr(skb)]
  const magic = (sum: number) => csum_tcpudp_magic(saddr, daddr, skb.len, IPPROTO_UDP, sum)
  if (dev !== undefined && whole(skb, magic)) {
    const at = skb.network_header + 12
    if (deliver(dev.nd_net, skb, AF_INET, skb.buf.slice(at, at + 4))) return 0
    icmp_send(skb, ICMP_DEST_UNREACH, ICMP_PORT_UNREACH, 0)
  }
  kfree_skb(skb)
  return 0
}
export function udpv6_rcv(skb: sk_buff): number {
  const { dev } = skb
  const [saddr, daddr] = [ip6_saddr(skb), ip6_daddr(skb)]
  const magic = (sum: number) => csum_ipv6_magic(saddr, daddr, skb.len, IPPROTO_UDP, sum)
  if (dev !== undefined && whole(skb, magic)) {
    if (deliver(dev.nd_net, skb, AF_INET6, saddr.slice())) return 0
    icmpv6_send(skb, ICMPV6_DEST_UNREACH, ICMPV6_PORT_UNREACH, 0)
  }
  kfree_skb(skb)
  return 0
}
export const udp_protocol: net_protocol = { name: 'udp_protocol', handler: udp_rcv }
export const udpv6_protocol: inet6_protocol = { name: 'udpv6_protocol', handler: udpv6_rcv, final: true }

/**
 * net/ipv4/ip_tunnel_core.c skb_tunnel_check_pmtu: a packet that does not fit with its outer headers. Its route learns what
 * does; where a bridge hands it in, nobody routes, and the sender is told as if its peer had done it.
 */
import { getBe16, putBe16, putBe32 } from '../../lib/bytes.ts'
import { ETH_HLEN, ETH_P_IP, ETH_P_IPV6 } from '../../uapi/linux/if_ether.ts'
import { ICMP_DEST_UNREACH, ICMP_FRAG_NEEDED, NR_ICMP_TYPES } from '../../uapi/linux/icmp.ts'
import { ICMPV6_INFOMSG_MASK, ICMPV6_PKT_TOOBIG } from '../../uapi/linux/icmpv6.ts'
import { IPPROTO_ICMP, ipv4_is_lbcast, ipv4_is_loopback, ipv4_is_multicast, ipv4_is_zeronet } from '../../uapi/linux/in.ts'
import { IPPROTO_ICMPV6, IPV6_ADDR_ANY, IPV6_ADDR_LOOPBACK, IPV6_ADDR_MULTICAST, ipv6_addr_type } from '../../uapi/linux/in6.ts'
import { IPV6_MIN_MTU } from '../../uapi/linux/ipv6.ts'
import { csum_ipv6_magic, csum_partial, ip_compute_csum } from '../core/checksum.ts'
import { netif_rx } from '../core/dev_receive.ts'
import { dev_sw_netstats_rx_add } from '../core/dev_stats.ts'
import { IFF_BRIDGE_PORT, type net_device } from '../core/netdevice.ts'
import { alloc_skb, type sk_buff, skb_put } from '../core/skbuff.ts'
import { eth_type_trans } from '../ethernet/eth.ts'
import { IP_DF, IP_HLEN, ip_daddr, ip_frag_off, ip_hdrlen, ip_protocol, ip_push_hdr, ip_saddr, ip_ttl } from '../ipv4/ip_hdr.ts'
import { ip6_daddr, ip6_hop_limit, ip6_nexthdr, ip6_push_hdr, ip6_saddr, IPV6_HLEN } from './ipv6_hdr.ts'

/** Types that are about a packet. */
const errors4: readonly number[] = [3, 4, 5, 11, 12]
/** An error is no longer than every host can take. */
const ERROR_MAX = 576
const ROOM = ETH_HLEN + IPV6_HLEN

/** A packet that may be answered by an error about its length (iptunnel_pmtud_check_icmp). */
function answers4(skb: sk_buff, mtu: number): boolean {
  if (mtu < ERROR_MAX || ip_frag_off(skb) !== IP_DF) return false
  const [saddr, daddr] = [ip_saddr(skb), ip_daddr(skb)]
  if (ipv4_is_lbcast(daddr) || ipv4_is_multicast(daddr)) return false
  if (ipv4_is_zeronet(saddr) || ipv4_is_loopback(saddr) || ipv4_is_lbcast(saddr) || ipv4_is_multicast(saddr)) return false
  const type = skb.buf[skb.network_header + ip_hdrlen(skb)]
  return ip_protocol(skb) !== IPPROTO_ICMP || !(type > NR_ICMP_TYPES || errors4.includes(type))
}
function answers6(skb: sk_buff, mtu: number): boolean {
  const [from, to] = [ipv6_addr_type(ip6_saddr(skb)), ipv6_addr_type(ip6_daddr(skb))]
  if (mtu < IPV6_MIN_MTU || from === IPV6_ADDR_ANY || from & (IPV6_ADDR_MULTICAST | IPV6_ADDR_LOOPBACK) || to & IPV6_ADDR_MULTICAST)
    return false
  return ip6_nexthdr(skb) !== IPPROTO_ICMPV6 || (skb.buf[skb.network_header + IPV6_HLEN] & ICMPV6_INFOMSG_MASK) !== 0
}
/** The beginning of an answer: an ICMP header, and as much of the packet as there is room for. */
function error_about(skb: sk_buff, most: number, type: number, code: number): { out: sk_buff; at: number } {
  const body = skb.buf.subarray(skb.network_header, Math.min(skb.tail, skb.network_header + most))
  const out = alloc_skb(ROOM + 8 + body.length)
  out.data = out.tail = ROOM
  const at = skb_put(out, 8 + body.length)
  out.buf[at] = type
  out.buf[at + 1] = code
  out.buf.set(body, at + 8)
  return { out, at }
}
/** iptunnel_pmtud_build_icmp(), _icmpv6(): from the packet's destination to its source. */
function build(skb: sk_buff, mtu: number): sk_buff {
  if (skb.protocol === ETH_P_IP) {
    const { out, at } = error_about(skb, ERROR_MAX - IP_HLEN - 8, ICMP_DEST_UNREACH, ICMP_FRAG_NEEDED)
    putBe16(out.buf, at + 6, mtu)
    putBe16(out.buf, at + 2, ip_compute_csum(out.buf, at, out.tail - at))
    ip_push_hdr(out, { saddr: ip_daddr(skb), daddr: ip_saddr(skb), protocol: IPPROTO_ICMP, ttl: ip_ttl(skb), frag_off: IP_DF })
    return out
  }
  const { out, at } = error_about(skb, IPV6_MIN_MTU - IPV6_HLEN - 8, ICMPV6_PKT_TOOBIG, 0)
  const [saddr, daddr] = [ip6_daddr(skb).slice(), ip6_saddr(skb).slice()]
  const length = out.tail - at
  putBe32(out.buf, at + 4, mtu)
  putBe16(out.buf, at + 2, csum_ipv6_magic(saddr, daddr, length, IPPROTO_ICMPV6, csum_partial(out.buf, at, length)))
  ip6_push_hdr(out, { saddr, daddr, nexthdr: IPPROTO_ICMPV6, hop_limit: ip6_hop_limit(skb) })
  return out
}
/** In through the tunnel's device, as if from the other end. */
function reply(skb: sk_buff, dev: net_device, mtu: number): void {
  const out = build(skb, mtu)
  const mac = skb.network_header - ETH_HLEN
  out.data -= ETH_HLEN
  out.buf.set(skb.buf.subarray(mac + 6, mac + 12), out.data)
  out.buf.set(skb.buf.subarray(mac, mac + 6), out.data + 6)
  putBe16(out.buf, out.data + 12, skb.protocol)
  out.dev = dev
  out.protocol = eth_type_trans(out, dev)
  dev_sw_netstats_rx_add(dev, out.len)
  netif_rx(out)
}

/**
 * `path`: what the outer packet may have; `outer`: its bytes before the inner network header. True: the packet has been
 * answered, and is not to be sent.
 */
export function skb_tunnel_check_pmtu(skb: sk_buff, dev: net_device, path: number, outer: number): boolean {
  const mtu = path - outer
  if (skb.network_header < skb.data || skb.tail - skb.network_header <= mtu) return false
  if (skb.protocol !== ETH_P_IP && skb.protocol !== ETH_P_IPV6) return false
  dev.nd_net.kernel.inet_ops?.dst_update_pmtu(skb, mtu)
  if (!(dev.priv_flags & IFF_BRIDGE_PORT)) return false
  if (!(skb.protocol === ETH_P_IP ? answers4(skb, mtu) : answers6(skb, mtu))) return false
  // what a frame says of itself must be so
  if (getBe16(skb.buf, skb.network_header - 2) !== skb.protocol) return false
  reply(skb, dev, mtu)
  return true
}

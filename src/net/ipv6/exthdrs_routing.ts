/** net/ipv6/exthdrs.c: routing headers (RFC 8200 4.4) of packets that come in; of segments (RFC 8754) they are followed. */
import { ICMPV6_EXC_HOPLIMIT, ICMPV6_HDR_FIELD, ICMPV6_PARAMPROB, ICMPV6_TIME_EXCEED } from '../../uapi/linux/icmpv6.ts'
import { IFF_LOOPBACK } from '../../uapi/linux/if.ts'
import { ETH_P_IP, ETH_P_IPV6 } from '../../uapi/linux/if_ether.ts'
import { IPPROTO_IPIP } from '../../uapi/linux/in.ts'
import { IPPROTO_IPV6, IPV6_SRCRT_TYPE_2, IPV6_SRCRT_TYPE_3, IPV6_SRCRT_TYPE_4, ipv6_addr_is_multicast } from '../../uapi/linux/in6.ts'
import { DEVCONF_SEG6_ENABLED } from '../../uapi/linux/ipv6.ts'
import { IPSTATS_MIB_INADDRERRORS, IPSTATS_MIB_INHDRERRORS } from '../../uapi/linux/snmp.ts'
import { netif_rx } from '../core/dev_receive.ts'
import type { net_device } from '../core/netdevice.ts'
import { kfree_skb, PACKET_HOST, type sk_buff, skb_cow } from '../core/skbuff.ts'
import { icmpv6_send } from './icmp.ts'
import type { inet6_protocol } from './ip6_input.ts'
import { ip6_route_input, ip6_route_input_dst } from './ip6_route_input.ts'
import { IP6_INC_STATS } from './ip6_stats.ts'
import { IP6CB, ip6_daddr } from './ipv6_hdr.ts'
import { seg6_hmac_validate_skb } from './seg6_hmac.ts'
import { seg6_advance_nextseg } from './seg6_srh.ts'

/** The packet ends here: counted, where that is said. */
function drop(skb: sk_buff, counter?: number): number {
  const dev = skb.dev as net_device
  if (counter !== undefined) IP6_INC_STATS(dev.nd_net, dev.ip6_ptr, counter)
  kfree_skb(skb)
  return -1
}
/** What is wrong stands at `at`. */
function param_prob(skb: sk_buff, at: number): number {
  icmpv6_send(skb, ICMPV6_PARAMPROB, ICMPV6_HDR_FIELD, at - skb.network_header)
  return drop(skb, IPSTATS_MIB_INHDRERRORS)
}
/** The header has been used up: what follows it is next. */
function pass(skb: sk_buff): number {
  const at = skb.transport_header
  const cb = IP6CB(skb)
  cb.lastopt = cb.srcrt = cb.nhoff = at - skb.network_header
  skb.transport_header = at + (skb.buf[at + 1] + 1) * 8
  return 1
}

export function ipv6_rthdr_rcv(skb: sk_buff): number {
  const at = skb.transport_header
  if (at + 8 > skb.tail || at + (skb.buf[at + 1] + 1) * 8 > skb.tail) return drop(skb, IPSTATS_MIB_INHDRERRORS)
  const [type, left] = [skb.buf[at + 2], skb.buf[at + 3]]
  if (ipv6_addr_is_multicast(ip6_daddr(skb)) || skb.pkt_type !== PACKET_HOST) return drop(skb, IPSTATS_MIB_INADDRERRORS)
  if (type === IPV6_SRCRT_TYPE_4) return ipv6_srh_rcv(skb)
  // that of RPL is followed only where rpl_seg_enabled says so, and nothing here does
  if (type === IPV6_SRCRT_TYPE_3) return drop(skb)
  // mobility's is passed over only where it was dealt with
  if (left === 0 && type === IPV6_SRCRT_TYPE_2) return drop(skb, IPSTATS_MIB_INADDRERRORS)
  // routing by the sender has been ended (RFC 5095)
  if (left !== 0) return param_prob(skb, at + 2)
  const cb = IP6CB(skb)
  cb.dst0 = cb.dst1
  cb.dst1 = 0
  return pass(skb)
}
export const rthdr_protocol: inet6_protocol = { name: 'rthdr_protocol', handler: ipv6_rthdr_rcv, final: false }

/** Segments are followed only where both settings say so. */
function seg6_enabled({ ip6_ptr: idev, nd_net }: net_device): boolean {
  return nd_net.ipv6.devconf_all.get(DEVCONF_SEG6_ENABLED) !== 0 && idev?.cnf.get(DEVCONF_SEG6_ENABLED) !== 0
}
/** ipv6_srh_rcv(): on to the next segment; where that is an address of ours too, the one after it. */
function ipv6_srh_rcv(skb: sk_buff): number {
  const dev = skb.dev as net_device
  if (!seg6_enabled(dev) || !seg6_hmac_validate_skb(skb)) return drop(skb)
  const at = skb.transport_header
  const segments = skb.buf[at + 1] >> 1
  // each round has a segment less
  while (skb.buf[skb.transport_header + 3] > 0) {
    if (skb.buf[skb.transport_header + 3] >= segments) return param_prob(skb, skb.transport_header + 3)
    next_segment(skb)
    if (!ip6_route_input_dst(skb)) return -1
    if (!((skb.dst as { dev: net_device }).dev.flags & IFF_LOOPBACK)) {
      ip6_route_input(skb)
      return -1
    }
    if (skb.buf[skb.network_header + 7] <= 1) {
      icmpv6_send(skb, ICMPV6_TIME_EXCEED, ICMPV6_EXC_HOPLIMIT, 0)
      return drop(skb, IPSTATS_MIB_INHDRERRORS)
    }
    skb.buf[skb.network_header + 7]--
  }
  const nexthdr = skb.buf[skb.transport_header]
  return nexthdr === IPPROTO_IPV6 || nexthdr === IPPROTO_IPIP ? let_out(skb, nexthdr) : pass(skb)
}
/** The destination is the segment that comes next. Whoever shares the bytes keeps them as they were. */
function next_segment(skb: sk_buff): void {
  const header = skb.transport_header - skb.network_header
  skb.data = skb.network_header
  skb_cow(skb, 0)
  skb.transport_header = skb.network_header + header
  seg6_advance_nextseg(skb, skb.transport_header)
  skb.dst = undefined
}
/** At the last segment the packet inside comes in by the same device. */
function let_out(skb: sk_buff, nexthdr: number): number {
  skb.data = skb.transport_header + (skb.buf[skb.transport_header + 1] + 1) * 8
  skb.network_header = skb.transport_header = skb.data
  if (nexthdr === IPPROTO_IPIP) skb.protocol = ETH_P_IP
  else skb.protocol = ETH_P_IPV6
  skb.dst = undefined
  skb.cb = undefined
  netif_rx(skb)
  return -1
}

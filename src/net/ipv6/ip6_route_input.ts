/** net/ipv6/route.c ip6_route_input, ip6_pkt_discard; ip6_output.c ip6_forward: for us, passed on, or refused. */
import { EACCES, EINVAL, type Errno, isErrno } from '../../uapi/errno.ts'
import {
  ICMPV6_ADM_PROHIBITED,
  ICMPV6_DEST_UNREACH,
  ICMPV6_EXC_HOPLIMIT,
  ICMPV6_NOROUTE,
  ICMPV6_NOT_NEIGHBOUR,
  ICMPV6_PKT_TOOBIG,
  ICMPV6_TIME_EXCEED,
} from '../../uapi/linux/icmpv6.ts'
import {
  IPV6_ADDR_ANY,
  IPV6_ADDR_LINKLOCAL,
  IPV6_ADDR_LOOPBACK,
  IPV6_ADDR_MULTICAST,
  ipv6_addr_any,
  ipv6_addr_type,
  ipv6_addr_is_multicast,
} from '../../uapi/linux/in6.ts'
import { DEVCONF_FORWARDING, DEVCONF_PROXY_NDP, IPV6_MIN_MTU } from '../../uapi/linux/ipv6.ts'
import { RTF_ANYCAST, RTF_LOCAL } from '../../uapi/linux/ipv6_route.ts'
import { RTF_REJECT } from '../../uapi/linux/route.ts'
import {
  IPSTATS_MIB_FRAGFAILS,
  IPSTATS_MIB_INADDRERRORS,
  IPSTATS_MIB_INDISCARDS,
  IPSTATS_MIB_INHDRERRORS,
  IPSTATS_MIB_INNOROUTES,
  IPSTATS_MIB_INTOOBIGERRORS,
  IPSTATS_MIB_OUTFORWDATAGRAMS,
} from '../../uapi/linux/snmp.ts'
import { flow_dissect } from '../core/flow_keys.ts'
import { lwtunnel_ops_of } from '../core/lwtunnel.ts'
import { pneigh_lookup } from '../core/neighbour_proxy.ts'
import type { net_device } from '../core/netdevice.ts'
import type { net } from '../core/net_namespace.ts'
import { kfree_skb, PACKET_HOST, type sk_buff, skb_cow } from '../core/skbuff.ts'
import { icmpv6_send } from './icmp.ts'
import { flowi6, RT6_LOOKUP_F_HAS_SADDR } from './ip6_fib_lookup.ts'
import { ip6_input, ip6_mc_input, NET_RX_DROP } from './ip6_input.ts'
import { ip6_dst_mtu, ip6_output, rt6_nexthop } from './ip6_output.ts'
import { IP6_INC_STATS } from './ip6_stats.ts'
import type { inet6_dev } from './if_inet6.ts'
import { IP6CB, ip6_daddr, ip6_flowlabel, ip6_hop_limit, ip6_nexthdr, ip6_saddr, ip6_tclass } from './ipv6_hdr.ts'
import { nd_tbl } from './ndisc.ts'
import { ndisc_send_redirect } from './ndisc_redirect.ts'
import { ip6_route_input_lookup, rt6_info } from './route.ts'

const NEXTHDR_ICMP = 58

function drop(skb: sk_buff): number {
  kfree_skb(skb)
  return NET_RX_DROP
}
/** Where a packet came in: of a VRF, its port. */
function input_idev(net: net, skb: sk_buff): inet6_dev | undefined {
  return net.dev_index_head.get(IP6CB(skb).iif)?.ip6_ptr
}
/** ip6_pkt_drop(): no way there; the sender hears of it. */
function ip6_pkt_drop(net: net, skb: sk_buff, code: number): number {
  IP6_INC_STATS(net, input_idev(net, skb), ipv6_addr_any(ip6_daddr(skb)) ? IPSTATS_MIB_INADDRERRORS : IPSTATS_MIB_INNOROUTES)
  icmpv6_send(skb, ICMPV6_DEST_UNREACH, code, 0)
  return drop(skb)
}
/** The route of a packet that has just come in; then up, on, or back. */
export function ip6_route_input(skb: sk_buff): number {
  if (!ip6_route_input_dst(skb)) return NET_RX_DROP
  const rt = skb.dst as rt6_info
  const { nd_net: net } = skb.dev as net_device
  // a group may be a segment of a routing header
  if (ipv6_addr_is_multicast(ip6_daddr(skb))) return ip6_mc_input(skb)
  const state = rt.from.nh.fib_nh_lws
  const input = state && lwtunnel_ops_of(net.kernel, state)?.input
  if (state !== undefined && input !== undefined) return input(skb, state)
  return rt.from.fib6_flags & (RTF_LOCAL | RTF_ANYCAST) ? ip6_input(skb) : ip6_forward(net, skb, rt)
}
/** Gives a packet its route (skb.dst) where it has none; false: there is none, and the packet is gone. */
export function ip6_route_input_dst(skb: sk_buff): boolean {
  const { nd_net: net } = skb.dev as net_device
  const found = skb.dst instanceof rt6_info ? skb.dst : input_lookup(net, skb)
  if (!isErrno(found)) skb.dst = found
  const error = isErrno(found) ? found : found.error
  // what falls silently: blackholes
  if (error === EINVAL) drop(skb)
  else if (error !== undefined) ip6_pkt_drop(net, skb, error === EACCES ? ICMPV6_ADM_PROHIBITED : ICMPV6_NOROUTE)
  // a route that leads to lo, but is no local one (fib6_is_reject)
  else if (!isErrno(found) && found.from.fib6_flags & RTF_REJECT) ip6_pkt_drop(net, skb, ICMPV6_NOROUTE)
  else return true
  return false
}
function input_lookup(net: net, skb: sk_buff): rt6_info | Errno {
  const fl6 = new flowi6(ip6_daddr(skb), ip6_saddr(skb))
  fl6.flowi_iif = (skb.dev as net_device).ifindex
  fl6.flowlabel = (ip6_tclass(skb) << 20) | ip6_flowlabel(skb)
  fl6.flowi_mark = skb.mark
  fl6.flowi6_proto = ip6_nexthdr(skb)
  fl6.skb = skb
  if (net.ipv6.fib6.has_custom_rules) flow_ports(skb, fl6)
  return ip6_route_input_lookup(net, fl6, RT6_LOOKUP_F_HAS_SADDR)
}

/** fib6_rules_early_flow_dissect(): rules may look at the ports, and at the protocol behind other headers. */
function flow_ports(skb: sk_buff, fl6: flowi6): void {
  const keys = flow_dissect(skb.buf, skb.network_header, skb.tail, true)
  fl6.flowi6_proto = keys.ip_proto
  fl6.fl6_sport = keys.sport
  fl6.fl6_dport = keys.dport
}
/** ip6_forward_proxy_check(): neighbour discovery for a node behind us is ours to answer; it does not pass. */
function proxy_takes(net: net, skb: sk_buff): boolean | undefined {
  const dev = skb.dev as net_device
  const proxies = net.ipv6.devconf_all.get(DEVCONF_PROXY_NDP) || dev.ip6_ptr?.cnf.get(DEVCONF_PROXY_NDP)
  if (!proxies || pneigh_lookup(nd_tbl(net.kernel), net, ip6_daddr(skb), dev) === undefined) return undefined
  const type = ip6_nexthdr(skb) === NEXTHDR_ICMP ? skb.buf[skb.transport_header] : 0
  if (type >= 133 && type <= 137) return true
  return ipv6_addr_type(ip6_daddr(skb)) & IPV6_ADDR_LINKLOCAL ? false : undefined
}
/** An address of the device that it would have left by answers. */
function too_big(net: net, skb: sk_buff, rt: rt6_info, mtu: number): void {
  skb.dev = rt.dev
  icmpv6_send(skb, ICMPV6_PKT_TOOBIG, 0, mtu)
  IP6_INC_STATS(net, rt.dev.ip6_ptr, IPSTATS_MIB_FRAGFAILS)
}
/** True: the source may not be passed on; it has been told where it should be. */
function bad_source(skb: sk_buff): boolean {
  const type = ipv6_addr_type(ip6_saddr(skb))
  if (type === IPV6_ADDR_ANY || type & (IPV6_ADDR_MULTICAST | IPV6_ADDR_LOOPBACK)) return true
  if (!(type & IPV6_ADDR_LINKLOCAL)) return false
  icmpv6_send(skb, ICMPV6_DEST_UNREACH, ICMPV6_NOT_NEIGHBOUR, 0)
  return true
}

export function ip6_forward(net: net, skb: sk_buff, rt: rt6_info): number {
  const fail = (field: number) => {
    IP6_INC_STATS(net, input_idev(net, skb), field)
    return drop(skb)
  }
  if (net.ipv6.devconf_all.get(DEVCONF_FORWARDING) === 0) return fail(IPSTATS_MIB_INADDRERRORS)
  if (skb.pkt_type !== PACKET_HOST) return drop(skb)
  if (ip6_hop_limit(skb) <= 1) {
    icmpv6_send(skb, ICMPV6_TIME_EXCEED, ICMPV6_EXC_HOPLIMIT, 0)
    return fail(IPSTATS_MIB_INHDRERRORS)
  }
  const proxied = proxy_takes(net, skb)
  if (proxied === true) return ip6_input(skb)
  if (proxied === false) return fail(IPSTATS_MIB_INDISCARDS)
  if (IP6CB(skb).iif === rt.dev.ifindex) ndisc_send_redirect(skb, rt6_nexthop(rt, ip6_daddr(skb)))
  else if (bad_source(skb)) return fail(IPSTATS_MIB_INADDRERRORS)
  IP6_INC_STATS(net, rt.dev.ip6_ptr, IPSTATS_MIB_OUTFORWDATAGRAMS)
  const mtu = Math.max(ip6_dst_mtu(rt, rt.dev, true), IPV6_MIN_MTU)
  if (skb.len > mtu) {
    too_big(net, skb, rt, mtu)
    return fail(IPSTATS_MIB_INTOOBIGERRORS)
  }
  skb_cow(skb, rt.dev.hard_header_len)
  skb.buf[skb.network_header + 7]--
  IP6CB(skb).forwarded = true
  const path = ip6_dst_mtu(rt, rt.dev)
  if (skb.len > path) {
    // ip6_fragment(): the packets of others are not split on the way
    too_big(net, skb, rt, path)
    return drop(skb)
  }
  return isErrno(ip6_output(net, skb, rt.dev)) ? NET_RX_DROP : 0
}

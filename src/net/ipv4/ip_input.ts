/** net/ipv4/ip_input.c, ip_forward.c: packets as they come in: checked, routed, handed to their protocol or passed on. */
import { EACCES, EHOSTUNREACH, EINVAL, ENETUNREACH, EXDEV, type Errno, isErrno } from '../../uapi/errno.ts'
import {
  ICMP_DEST_UNREACH,
  ICMP_EXC_TTL,
  ICMP_FRAG_NEEDED,
  ICMP_HOST_UNREACH,
  ICMP_NET_UNREACH,
  ICMP_PKT_FILTERED,
  ICMP_PROT_UNREACH,
  ICMP_SR_FAILED,
  ICMP_TIME_EXCEEDED,
} from '../../uapi/linux/icmp.ts'
import { ipv4_is_multicast } from '../../uapi/linux/in.ts'
import { IPV4_DEVCONF_DROP_UNICAST_IN_L2_MULTICAST, IPV4_DEVCONF_FORWARDING, IPV4_DEVCONF_MC_FORWARDING } from '../../uapi/linux/ip.ts'
import { RTN_BROADCAST, RTN_LOCAL, RTN_MULTICAST, RTN_UNICAST } from '../../uapi/linux/rtnetlink.ts'
import * as MIB from '../../uapi/linux/snmp.ts'
import { ip_compute_csum } from '../core/checksum.ts'
import { flow_dissect } from '../core/flow_keys.ts'
import { lwtunnel_ops_of } from '../core/lwtunnel.ts'
import { l3mdev_ip_rcv, l3mdev_master_ifindex } from '../core/l3mdev.ts'
import { dev_core_stats_rx_otherhost_dropped_inc } from '../core/dev_stats.ts'
import type { net_device } from '../core/netdevice.ts'
import type { net } from '../core/net_namespace.ts'
import {
  kfree_skb,
  PACKET_BROADCAST,
  PACKET_HOST,
  PACKET_MULTICAST,
  PACKET_OTHERHOST,
  type sk_buff,
  skb_cow,
  skb_trim,
} from '../core/skbuff.ts'
import { flowi4 } from './fib_lookup.ts'
import { icmp_send } from './icmp_send.ts'
import { ip_check_mc } from './igmp.ts'
import { in_dev_andconf, in_dev_orconf, type in_device } from './in_device.ts'
import { ip_defrag } from './ip_fragment.ts'
import {
  IP_DF,
  IP_HLEN,
  IP_MF,
  IP_OFFSET,
  inet_sdif,
  ip_daddr,
  ip_frag_off,
  ip_hdrlen,
  ip_protocol,
  ip_saddr,
  ip_send_check,
  ip_tos,
  ip_tot_len,
  ip_ttl,
  ip_version,
  skb_ip_options,
} from './ip_hdr.ts'
import { ip_forward_options, ip_rcv_options } from './ip_options_rcv.ts'
import { ip_dst_mtu, ip_output } from './ip_output.ts'
import { IP_INC_STATS, IP_UPD_PO_STATS, NET_INC_STATS } from './ip_stats.ts'
import { inet_getpeer, peer_take } from './inetpeer.ts'
import { ip_call_ra_chain, ip_mr_input } from './ipmr_input.ts'
import { raw_local_deliver } from './raw.ts'
import { rtable } from './route.ts'
import { ip_mc_validate_source, ip_route_input } from './route_input.ts'
import { ip_rt_send_redirect } from './route_redirect.ts'

/** include/net/protocol.h struct net_protocol: exported constants. */
export interface net_protocol {
  readonly name: string
  /** At skb.data is the protocol's header. */
  readonly handler: (skb: sk_buff) => number
  /** An error message about a packet of the protocol, which begins at `inner`. */
  readonly err_handler?: (skb: sk_buff, type: number, code: number, inner: number, info: number) => void
}
export function inet_add_protocol(net: net, prot: net_protocol, protocol: number): boolean {
  const { protos } = net.kernel.inet
  if (protos.has(protocol)) return false
  protos.set(protocol, prot)
  return true
}
export function inet_del_protocol(net: net, protocol: number): void {
  net.kernel.inet.protos.delete(protocol)
}

const NET_RX_SUCCESS = 0
const NET_RX_DROP = 1
function drop(skb: sk_buff): number {
  kfree_skb(skb)
  return NET_RX_DROP
}
function fail(net: net, skb: sk_buff, field: number): number {
  IP_INC_STATS(net, field)
  return drop(skb)
}

/** ip_rcv_core(): why the packet is dropped; undefined: it is not. */
function ip_rcv_core(net: net, skb: sk_buff): number | undefined {
  IP_UPD_PO_STATS(net, MIB.IPSTATS_MIB_INPKTS, MIB.IPSTATS_MIB_INOCTETS, skb.len)
  skb.network_header = skb.data
  if (skb.len < IP_HLEN) return MIB.IPSTATS_MIB_INHDRERRORS
  const hlen = ip_hdrlen(skb)
  if (ip_version(skb) !== 4 || hlen < IP_HLEN) return MIB.IPSTATS_MIB_INHDRERRORS
  IP_INC_STATS(net, MIB.IPSTATS_MIB_NOECTPKTS + (ip_tos(skb) & 3))
  if (hlen > skb.len) return MIB.IPSTATS_MIB_INHDRERRORS
  if (ip_compute_csum(skb.buf, skb.network_header, hlen) !== 0) {
    IP_INC_STATS(net, MIB.IPSTATS_MIB_CSUMERRORS)
    return MIB.IPSTATS_MIB_INHDRERRORS
  }
  const len = ip_tot_len(skb)
  if (skb.len < len) return MIB.IPSTATS_MIB_INTRUNCATEDPKTS
  if (len < hlen) return MIB.IPSTATS_MIB_INHDRERRORS
  skb_trim(skb, len)
  skb.transport_header = skb.network_header + hlen
  return undefined
}

/** The packet type of ETH_P_IP. */
export function ip_rcv(skb: sk_buff, dev: net_device): number {
  const { nd_net: net } = dev
  if (skb.pkt_type === PACKET_OTHERHOST) {
    dev_core_stats_rx_otherhost_dropped_inc(dev)
    return drop(skb)
  }
  const bad = ip_rcv_core(net, skb)
  if (bad !== undefined) return fail(net, skb, bad)
  // whose port of a VRF it came by is asked anew: it may have been through one before
  skb.cb = undefined
  if (l3mdev_ip_rcv(skb) === undefined) return NET_RX_SUCCESS
  const to = skb.dev as net_device
  return ip_rcv_finish(to.nd_net, skb, to)
}
function ip_rcv_finish(net: net, skb: sk_buff, dev: net_device): number {
  const rt = skb.dst instanceof rtable ? skb.dst : route_in(net, skb, dev)
  if (rt === EXDEV) NET_INC_STATS(net, 'IPReversePathFilter')
  if (isErrno(rt)) return unreachable(net, skb, dev, rt)
  // a route of what was sent that leads out of the host leads no further (dst_discard)
  if (skb.dst === rt && rt.rt_type === RTN_UNICAST) return drop(skb)
  skb.dst = rt
  if (ip_hdrlen(skb) > IP_HLEN && !ip_rcv_options(net, skb, dev)) return drop(skb)
  // a route of the sender's may lead elsewhere
  const out = skb.dst
  count_kind(net, skb, out)
  if (l2_group_of_unicast(skb, dev, out)) return drop(skb)
  if (out.rt_type === RTN_MULTICAST) return group_input(net, skb, out)
  if (out.rt_type === RTN_LOCAL || (out.rt_type === RTN_BROADCAST && !out.bc_forwarded)) return ip_local_deliver(net, skb)
  const input = out.encap && lwtunnel_ops_of(net.kernel, out.encap)?.input
  return out.encap !== undefined && input !== undefined ? input(skb, out.encap) : ip_forward(net, skb, out)
}
/** Where there is no way on, options are looked at as elsewhere: a route of RTN_UNREACHABLE leads to ip_error(). */
function unreachable(net: net, skb: sk_buff, dev: net_device, error: Errno): number {
  if (error !== EINVAL && error !== EXDEV && ip_hdrlen(skb) > IP_HLEN) {
    skb.dst = undefined
    if (!ip_rcv_options(net, skb, dev)) return drop(skb)
  }
  return ip_error(net, skb, dev, error)
}
/** A group's packet is for us, for other devices, or for both. */
function group_input(net: net, skb: sk_buff, rt: rtable): number {
  const dev = net.dev_index_head.get(inet_sdif(skb)) ?? (rt.rt_is_input ? skb.dev : rt.dev)
  const local = rt.mc_local || !rt.rt_is_input
  if (dev?.ip_ptr !== undefined && routes_groups(dev.ip_ptr, ip_daddr(skb))) {
    const heard = rt.rt_is_input ? rt.mc_local : ip_check_mc(dev.ip_ptr, ip_daddr(skb), ip_saddr(skb), ip_protocol(skb))
    ip_mr_input(net, skb, heard)
    return heard ? ip_local_deliver(net, skb) : NET_RX_SUCCESS
  }
  return local ? ip_local_deliver(net, skb) : drop(skb)
}
/** What an encapsulation has let out, with its route (dst_input). */
export function ip_rcv_dst(net: net, skb: sk_buff, rt: rtable, local: boolean): number {
  skb.dst = rt
  return local ? ip_local_deliver(net, skb) : ip_forward(net, skb, rt)
}
function route_in(net: net, skb: sk_buff, dev: net_device): rtable | Errno {
  const daddr = ip_daddr(skb)
  const saddr = ip_saddr(skb)
  const fl = new flowi4(daddr)
  fl.saddr = saddr
  fl.iif = dev.ifindex
  fl.tos = ip_tos(skb) & 0xfc
  fl.mark = skb.mark
  fl.proto = ip_protocol(skb)
  if (ipv4_is_multicast(daddr)) {
    return ip_route_input_mc(net, skb, dev, fl)
  }
  if (net.ipv4.fib_has_custom_rules) flow_ports(skb, fl)
  return ip_route_input(net, fl, dev, skb)
}
/** ip_route_input_mc(): for us, who have joined the group on the device or its VRF's port, or for others, where groups are routed. */
function ip_route_input_mc(net: net, skb: sk_buff, dev: net_device, fl: flowi4): rtable | Errno {
  const { ip_ptr: in_dev } = dev
  if (in_dev === undefined) return EINVAL
  const joined = [in_dev, net.dev_index_head.get(inet_sdif(skb))?.ip_ptr]
  const ours = joined.some((on) => on !== undefined && ip_check_mc(on, fl.daddr, fl.saddr, fl.proto))
  if (!ours && !routes_groups(joined[1] ?? in_dev, fl.daddr)) return EINVAL
  const invalid = ip_mc_validate_source(net, fl, in_dev)
  if (isErrno(invalid)) return invalid
  const rt = new rtable(net.loopback_dev, RTN_MULTICAST, fl.daddr, fl.saddr)
  rt.rt_is_input = true
  rt.mc_local = ours
  return rt
}
/** IN_DEV_MFORWARD, for groups that leave their link at all. */
export function routes_groups(in_dev: in_device, daddr: number): boolean {
  return daddr >>> 8 !== 0xe00000 && in_dev_andconf(in_dev, IPV4_DEVCONF_MC_FORWARDING)
}
/** fib4_rules_early_flow_dissect(): rules may look at the ports. */
function flow_ports(skb: sk_buff, fl: flowi4): void {
  const keys = flow_dissect(skb.buf, skb.network_header, skb.tail, true)
  fl.sport = keys.sport
  fl.dport = keys.dport
}
function count_kind(net: net, skb: sk_buff, rt: rtable): void {
  if (rt.rt_type === RTN_MULTICAST) IP_UPD_PO_STATS(net, MIB.IPSTATS_MIB_INMCASTPKTS, MIB.IPSTATS_MIB_INMCASTOCTETS, skb.len)
  else if (rt.rt_type === RTN_BROADCAST) IP_UPD_PO_STATS(net, MIB.IPSTATS_MIB_INBCASTPKTS, MIB.IPSTATS_MIB_INBCASTOCTETS, skb.len)
}
/** RFC 1122 3.3.6: an address of one host at the link's address of many. */
function l2_group_of_unicast(skb: sk_buff, dev: net_device, rt: rtable): boolean {
  if (skb.pkt_type !== PACKET_BROADCAST && skb.pkt_type !== PACKET_MULTICAST) return false
  if (rt.rt_type === RTN_MULTICAST || rt.rt_type === RTN_BROADCAST) return false
  return dev.ip_ptr !== undefined && in_dev_orconf(dev.ip_ptr, IPV4_DEVCONF_DROP_UNICAST_IN_L2_MULTICAST)
}

/** No way there: a router tells the sender, a host only counts. */
function ip_error(net: net, skb: sk_buff, dev: net_device, error: Errno): number {
  if (!dev.ip_ptr?.cnf.get(IPV4_DEVCONF_FORWARDING)) {
    if (error === EHOSTUNREACH) IP_INC_STATS(net, MIB.IPSTATS_MIB_INADDRERRORS)
    else if (error === ENETUNREACH) IP_INC_STATS(net, MIB.IPSTATS_MIB_INNOROUTES)
    return drop(skb)
  }
  let code: number
  if (error === EHOSTUNREACH) code = ICMP_HOST_UNREACH
  else if (error === ENETUNREACH) code = ICMP_NET_UNREACH
  else if (error === EACCES) code = ICMP_PKT_FILTERED
  else return drop(skb)
  if (code === ICMP_NET_UNREACH) IP_INC_STATS(net, MIB.IPSTATS_MIB_INNOROUTES)
  const { error_burst, error_cost } = net.kernel.inet.route_sysctls
  const peer = inet_getpeer(net, ip_saddr(skb), l3mdev_master_ifindex(dev))
  if (peer_take(net, peer, error_burst, error_cost)) icmp_send(skb, ICMP_DEST_UNREACH, code, 0)
  return drop(skb)
}

/** Whole, it goes to the sockets that see all of a protocol, then to the protocol. */
export function ip_local_deliver(net: net, skb: sk_buff): number {
  if (ip_frag_off(skb) & (IP_MF | IP_OFFSET) && !ip_defrag(net, skb)) return NET_RX_SUCCESS
  skb.transport_header = skb.network_header + ip_hdrlen(skb)
  skb.data = skb.transport_header
  const protocol = ip_protocol(skb)
  const raw = raw_local_deliver(skb, protocol)
  const prot = net.kernel.inet.protos.get(protocol)
  if (prot !== undefined) {
    IP_INC_STATS(net, MIB.IPSTATS_MIB_INDELIVERS)
    return prot.handler(skb)
  }
  if (raw) {
    IP_INC_STATS(net, MIB.IPSTATS_MIB_INDELIVERS)
    return NET_RX_SUCCESS
  }
  IP_INC_STATS(net, MIB.IPSTATS_MIB_INUNKNOWNPROTOS)
  icmp_send(skb, ICMP_DEST_UNREACH, ICMP_PROT_UNREACH, 0)
  return drop(skb)
}

export function ip_forward(net: net, skb: sk_buff, rt: rtable): number {
  if (skb.pkt_type !== PACKET_HOST) return drop(skb)
  const opt = skb_ip_options(skb)
  if (opt !== undefined && opt.router_alert >= 0 && ip_call_ra_chain(net, skb)) {
    kfree_skb(skb)
    return NET_RX_SUCCESS
  }
  if (ip_ttl(skb) <= 1) {
    icmp_send(skb, ICMP_TIME_EXCEEDED, ICMP_EXC_TTL, 0)
    return fail(net, skb, MIB.IPSTATS_MIB_INHDRERRORS)
  }
  if (opt?.is_strictroute && (rt.rt_gw4 !== 0 || rt.rt_gw6 !== undefined)) {
    icmp_send(skb, ICMP_DEST_UNREACH, ICMP_SR_FAILED, 0)
    return drop(skb)
  }
  IP_INC_STATS(net, MIB.IPSTATS_MIB_OUTFORWDATAGRAMS)
  const mtu = ip_dst_mtu(net, rt, true)
  if (skb.len > mtu && ip_frag_off(skb) & IP_DF && !skb.ignore_df) {
    icmp_send(skb, ICMP_DEST_UNREACH, ICMP_FRAG_NEEDED, mtu)
    return fail(net, skb, MIB.IPSTATS_MIB_FRAGFAILS)
  }
  skb_cow(skb, rt.dev.hard_header_len)
  skb.buf[skb.network_header + 8]--
  if (opt !== undefined) ip_forward_options(net, skb, rt)
  ip_send_check(skb)
  if (rt.doredirect && (opt === undefined || opt.srr < 0)) ip_rt_send_redirect(skb, rt)
  return isErrno(ip_output(net, skb)) ? NET_RX_DROP : NET_RX_SUCCESS
}

/** net/ipv6/ip6_input.c: packets as they come in: checked, routed, and handed to their protocol. */
import {
  ICMPV6_MGM_QUERY,
  ICMPV6_MGM_REDUCTION,
  ICMPV6_MGM_REPORT,
  ICMPV6_MLD2_REPORT,
  ICMPV6_PARAMPROB,
  ICMPV6_UNK_NEXTHDR,
} from '../../uapi/linux/icmpv6.ts'
import { IFF_LOOPBACK } from '../../uapi/linux/if.ts'
import { IPPROTO_ICMPV6, ipv6_addr_is_multicast, ipv6_addr_loopback } from '../../uapi/linux/in6.ts'
import { DEVCONF_DISABLE_IPV6, DEVCONF_DROP_UNICAST_IN_L2_MULTICAST } from '../../uapi/linux/ipv6.ts'
import {
  IPSTATS_MIB_INADDRERRORS,
  IPSTATS_MIB_INDELIVERS,
  IPSTATS_MIB_INDISCARDS,
  IPSTATS_MIB_INHDRERRORS,
  IPSTATS_MIB_INMCASTOCTETS,
  IPSTATS_MIB_INMCASTPKTS,
  IPSTATS_MIB_INTRUNCATEDPKTS,
  IPSTATS_MIB_INUNKNOWNPROTOS,
  IPSTATS_MIB_NOECTPKTS,
} from '../../uapi/linux/snmp.ts'
import { l3mdev_ip6_rcv, netif_is_l3_master } from '../core/l3mdev.ts'
import { dev_core_stats_rx_otherhost_dropped_inc } from '../core/dev_stats.ts'
import type { net_device } from '../core/netdevice.ts'
import type { net } from '../core/net_namespace.ts'
import {
  PACKET_LOOPBACK,
  PACKET_MULTICAST,
  PACKET_BROADCAST,
  PACKET_OTHERHOST,
  kfree_skb,
  type sk_buff,
  skb_copy,
  skb_trim,
} from '../core/skbuff.ts'
import { ipv6_parse_options, NEXTHDR_HOP } from './exthdrs.ts'
import { icmpv6_send } from './icmp.ts'
import { ip6_route_input } from './ip6_route_input.ts'
import { ip6_mr_input, ip6_routes_groups } from './ip6mr_input.ts'
import { IP6_IN_STATS, IP6_INC_STATS, IP6_UPD_PO_STATS } from './ip6_stats.ts'
import {
  IP6CB,
  ip6_daddr,
  ip6_nexthdr,
  ip6_payload_len,
  ip6_saddr,
  ip6_tclass,
  ip6_version,
  IPV6_HLEN,
  new_inet6_skb_parm,
} from './ipv6_hdr.ts'
import { ipv6_chk_mcast_addr } from './mcast.ts'
import { raw6_local_deliver } from './raw.ts'

export const NET_RX_SUCCESS = 0
export const NET_RX_DROP = 1

/** include/net/protocol.h struct inet6_protocol: exported constants. */
export interface inet6_protocol {
  readonly name: string
  /** At skb.data is the protocol's header. More than 0: another header follows, at IP6CB.nhoff; less: it is kept or dropped. */
  readonly handler: (skb: sk_buff) => number
  /** An error message about a packet of the protocol, whose own header is at `offset`. */
  readonly err_handler?: (skb: sk_buff, type: number, code: number, offset: number, info: number) => void
  /** Nothing comes after it. */
  readonly final: boolean
}
export function inet6_add_protocol(net: net, prot: inet6_protocol, protocol: number): boolean {
  const { protos } = net.kernel.inet6!
  if (protos.has(protocol)) return false
  protos.set(protocol, prot)
  return true
}
export function inet6_del_protocol(net: net, protocol: number): void {
  net.kernel.inet6?.protos.delete(protocol)
}

function drop(skb: sk_buff): number {
  kfree_skb(skb)
  return NET_RX_DROP
}

/** Addresses that no packet on a wire has (RFC 4291 2.5.3, 2.7, errata 3480); sources are not groups. */
function bad_addresses(skb: sk_buff, dev: net_device): boolean {
  const saddr = ip6_saddr(skb)
  const daddr = ip6_daddr(skb)
  const local = (dev.flags & IFF_LOOPBACK) !== 0
  if ((ipv6_addr_loopback(saddr) || ipv6_addr_loopback(daddr)) && !local && !netif_is_l3_master(dev)) return true
  if (ipv6_addr_is_multicast(saddr)) return true
  if (!ipv6_addr_is_multicast(daddr)) {
    const l2group = skb.pkt_type === PACKET_BROADCAST || skb.pkt_type === PACKET_MULTICAST
    return l2group && dev.ip6_ptr?.cnf.get(DEVCONF_DROP_UNICAST_IN_L2_MULTICAST) === 1
  }
  const scope = daddr[1] & 0x0f
  return scope === 0 || (scope === 1 && skb.pkt_type !== PACKET_LOOPBACK && !local)
}

/** ip6_rcv_core(): false, when the packet is dropped. */
function ip6_rcv_core(net: net, skb: sk_buff, dev: net_device): boolean {
  const idev = dev.ip6_ptr
  IP6_IN_STATS(net, idev, skb.len)
  if (idev === undefined || idev.cnf.get(DEVCONF_DISABLE_IPV6)) {
    IP6_INC_STATS(net, idev, IPSTATS_MIB_INDISCARDS)
    return false
  }
  skb.network_header = skb.data
  skb.cb = new_inet6_skb_parm(skb.dst === undefined ? dev.ifindex : (ip6_dst_ifindex(skb) ?? dev.ifindex)) as never
  if (skb.len < IPV6_HLEN || ip6_version(skb) !== 6) {
    IP6_INC_STATS(net, idev, IPSTATS_MIB_INHDRERRORS)
    return false
  }
  IP6_INC_STATS(net, idev, IPSTATS_MIB_NOECTPKTS + [0, 1, 2, 3][ip6_tclass(skb) & 3])
  if (bad_addresses(skb, dev)) {
    IP6_INC_STATS(net, idev, IPSTATS_MIB_INHDRERRORS)
    return false
  }
  skb.transport_header = skb.network_header + IPV6_HLEN
  const payload = ip6_payload_len(skb)
  if (payload !== 0 || ip6_nexthdr(skb) !== NEXTHDR_HOP) {
    if (payload + IPV6_HLEN > skb.len) {
      IP6_INC_STATS(net, idev, IPSTATS_MIB_INTRUNCATEDPKTS)
      return false
    }
    skb_trim(skb, payload + IPV6_HLEN)
  }
  return ip6_nexthdr(skb) !== NEXTHDR_HOP || hop_options(net, skb)
}
function hop_options(net: net, skb: sk_buff): boolean {
  const end = ipv6_parse_options(skb, skb.transport_header, true)
  if (end === undefined) {
    IP6_INC_STATS(net, skb.dev?.ip6_ptr, IPSTATS_MIB_INHDRERRORS)
    return false
  }
  IP6CB(skb).hopbyhop = true
  skb.transport_header = end
  return true
}
/** A packet of ours that comes back over loopback belongs to the device that has its address. */
function ip6_dst_ifindex(skb: sk_buff): number | undefined {
  const dst = skb.dst as { from?: { nh: { fib_nh_dev?: net_device } } } | undefined
  return dst?.from?.nh.fib_nh_dev?.ifindex
}

/** The packet type of ETH_P_IPV6. */
export function ipv6_rcv(skb: sk_buff, dev: net_device): number {
  const { nd_net: net } = dev
  if (skb.pkt_type === PACKET_OTHERHOST) {
    dev_core_stats_rx_otherhost_dropped_inc(dev)
    return drop(skb)
  }
  if (!ip6_rcv_core(net, skb, dev)) return drop(skb)
  // a port of a VRF: the packet is the VRF's from here on
  if (l3mdev_ip6_rcv(skb) === undefined) return NET_RX_SUCCESS
  // MLD and ND of ours that come back have the route that they were sent by
  if (ipv6_addr_is_multicast(ip6_daddr(skb)))
    return skb.pkt_type === PACKET_LOOPBACK && skb.dst === undefined ? ip6_input(skb) : ip6_mc_input(skb)
  return ip6_route_input(skb)
}

/** A copy notes for itself what the layer does. */
function with_cb(copy: sk_buff, skb: sk_buff): sk_buff {
  copy.cb = { ...IP6CB(skb) }
  return copy
}
/** A group's packets are for those who have joined it, and for other devices where groups are routed. */
export function ip6_mc_input(skb: sk_buff): number {
  const dev = skb.dev as net_device
  const { nd_net: net } = dev
  IP6_UPD_PO_STATS(net, dev.ip6_ptr, IPSTATS_MIB_INMCASTPKTS, IPSTATS_MIB_INMCASTOCTETS, skb.len)
  const deliver = ipv6_chk_mcast_addr(dev, ip6_daddr(skb))
  if (ip6_routes_groups(net, skb)) {
    ip6_mr_input(net, deliver ? with_cb(skb_copy(skb), skb) : skb)
    return deliver ? ip6_input(skb) : NET_RX_SUCCESS
  }
  return deliver ? ip6_input(skb) : drop(skb)
}

const MLD: readonly number[] = [ICMPV6_MGM_QUERY, ICMPV6_MGM_REPORT, ICMPV6_MGM_REDUCTION, ICMPV6_MLD2_REPORT]
/** Whom a group is not listened to from says nothing that protocols hear, but for what MLD says of the group itself. */
function unwanted_source(skb: sk_buff, dev: net_device, nexthdr: number): boolean {
  const daddr = ip6_daddr(skb)
  if (!ipv6_addr_is_multicast(daddr) || ipv6_chk_mcast_addr(dev, daddr, ip6_saddr(skb))) return false
  const type = skb.buf[skb.transport_header]
  return nexthdr !== IPPROTO_ICMPV6 || !MLD.includes(type)
}
/** ip6_input_finish(): header by header, until one keeps the packet. */
export function ip6_input(skb: sk_buff): number {
  const dev = skb.dev as net_device
  const { nd_net: net } = dev
  const { protos } = net.kernel.inet6!
  // each header is at least eight bytes long
  for (let i = 0; i <= 0xffff / 8; i++) {
    const cb = IP6CB(skb)
    const nexthdr = skb.buf[skb.network_header + cb.nhoff]
    skb.data = skb.transport_header
    const raw = raw6_local_deliver(skb, nexthdr)
    const prot = protos.get(nexthdr)
    if (prot === undefined) {
      if (raw) {
        IP6_INC_STATS(net, dev.ip6_ptr, IPSTATS_MIB_INDELIVERS)
        return NET_RX_SUCCESS
      }
      IP6_INC_STATS(net, dev.ip6_ptr, IPSTATS_MIB_INUNKNOWNPROTOS)
      icmpv6_send(skb, ICMPV6_PARAMPROB, ICMPV6_UNK_NEXTHDR, cb.nhoff)
      return drop(skb)
    }
    if (prot.final && unwanted_source(skb, dev, nexthdr)) {
      IP6_INC_STATS(net, dev.ip6_ptr, IPSTATS_MIB_INDISCARDS)
      return drop(skb)
    }
    const next = prot.handler(skb)
    if (next === 0) IP6_INC_STATS(net, dev.ip6_ptr, IPSTATS_MIB_INDELIVERS)
    if (next <= 0) return NET_RX_SUCCESS
  }
  IP6_INC_STATS(net, dev.ip6_ptr, IPSTATS_MIB_INADDRERRORS)
  return drop(skb)
}

/**
 * net/ipv6/ip6_tunnel.c ip6_tnl_xmit, ip6_tnl_start_xmit: a packet gets an IPv6 header around it, with the limit of further
 * encapsulations (RFC 2473 4.1.1) in an option before it, and is sent on. What its device counts:
 *
 *   what                                               | counted
 *   the ends do not allow it (address not there, loop) | tx_carrier_errors; the sender is told
 *   no route to the end                                | tx_carrier_errors; the sender is told
 *   the route leads into the tunnel                    | collisions
 *   too long                                           | the sender is told
 *   refused further down                               | tx_errors, tx_aborted_errors
 *
 * and for all but the last tx_errors and tx_dropped.
 */
import { getBe16, swab32 } from '../../lib/bytes.ts'
import { KERN_WARNING } from '../../kernel/printk.ts'
import { EMSGSIZE, type Errno, isErrno } from '../../uapi/errno.ts'
import { ICMP_DEST_UNREACH, ICMP_FRAG_NEEDED } from '../../uapi/linux/icmp.ts'
import { ICMPV6_HDR_FIELD, ICMPV6_PARAMPROB, ICMPV6_PKT_TOOBIG } from '../../uapi/linux/icmpv6.ts'
import { ARPHRD_ETHER } from '../../uapi/linux/if_arp.ts'
import { ETH_HLEN, ETH_P_IP, ETH_P_IPV6, ETH_P_MPLS_UC } from '../../uapi/linux/if_ether.ts'
import * as U from '../../uapi/linux/if_tunnel.ts'
import { IPPROTO_IPIP, IPPROTO_MPLS } from '../../uapi/linux/in.ts'
import { type in6_addr, IPPROTO_IPV6, IPV6_ADDR_ANY, ipv6_addr_any, ipv6_addr_equal, ipv6_addr_type } from '../../uapi/linux/in6.ts'
import { DEV_STATS_INC, dev_sw_netstats_tx_add } from '../core/dev_stats.ts'
import { net_ratelimit } from '../core/dev_state.ts'
import { NET_XMIT_CN } from '../core/dev_xmit.ts'
import { IP_TUNNEL_INFO_IPV6, IP_TUNNEL_INFO_TX, type ip_tunnel_info, skb_tunnel_info } from '../core/dst_metadata.ts'
import { INET_ECN_encapsulate, ip_tunnel_get_dsfield, ip_tunnel_get_ttl } from '../core/inet_ecn.ts'
import { type net_device, NETDEV_TX_OK } from '../core/netdevice.ts'
import { skb_protocol } from '../core/skb_vlan.ts'
import { kfree_skb, type sk_buff, skb_cow, skb_push, skb_scrub_packet } from '../core/skbuff.ts'
import { icmp_send } from '../ipv4/icmp_send.ts'
import { ip_tunnel_error_pending, pskb_inet_may_pull } from '../ipv4/ip_tunnel_rcv.ts'
import { IPV4_MIN_MTU } from '../ipv4/ip_tunnel_state.ts'
import { iptunnel_handle_offloads } from '../ipv4/ip_tunnel_xmit.ts'
import { rtable } from '../ipv4/route.ts'
import { ipv6_chk_addr } from './addrconf_core.ts'
import { ipv6_dev_get_saddr } from './addrconf_saddr.ts'
import { NEXTHDR_DEST, NEXTHDR_FRAGMENT, NEXTHDR_HOP, NEXTHDR_ROUTING } from './exthdrs.ts'
import { icmpv6_send, ip6_dst_hoplimit } from './icmp.ts'
import { flowi6 } from './ip6_fib_lookup.ts'
import { IP6_OUT_TUNNEL, ip6_dst_mtu, ip6_local_out, rt6_nexthop } from './ip6_output.ts'
import { ip6_flow_label } from './ip6_flowlabel.ts'
import { ip6_tnl_get_cap } from './ip6_tunnel_core.ts'
import { ENCAP_LIMIT_LEN, type ip6_tnl, ip6_tnl_priv, IPV6_MIN_MTU, IPV6HDR_LEN } from './ip6_tunnel_state.ts'
import { ip6_daddr, ip6_push_hdr } from './ipv6_hdr.ts'
import { ip6_route_output, type rt6_info } from './route.ts'

/** Link, IPv6, the option, GRE and erspan. */
export const IP6_TUNNEL_ROOM = 128 + IPV6HDR_LEN + ENCAP_LIMIT_LEN + 16 + 12
const IPV6_TLV_TNL_ENCAP_LIMIT = 4

/** What a kind asks for; `info`: the packet itself says where to. */
export interface ip6_tnl_how {
  dsfield: number
  label: number
  /** Negative: no option. */
  encap_limit: number
  proto: number
  fwmark: number
  info: ip_tunnel_info | undefined
}
/** The packet stays the caller's on an error; EMSGSIZE comes with the MTU that would do. */
export interface ip6_tnl_result {
  error: Errno | undefined
  failed: boolean
  mtu: number
}
const SENT: ip6_tnl_result = { error: undefined, failed: false, mtu: 0 }
const FAILED: ip6_tnl_result = { error: undefined, failed: true, mtu: 0 }

/** ip6_tnl_xmit_ctl(): our end has to be ours, and the other one must not be. */
function xmit_ctl(t: ip6_tnl, laddr: in6_addr, raddr: in6_addr): boolean {
  const { parms, net } = t
  const per_packet = (parms.flags & U.IP6_TNL_F_CAP_PER_PACKET) !== 0
  const able = parms.flags & U.IP6_TNL_F_CAP_XMIT || (per_packet && ip6_tnl_get_cap({ ...parms, laddr, raddr }) & U.IP6_TNL_F_CAP_XMIT)
  if (!able) return false
  const ldev = parms.link === 0 ? undefined : net.dev_index_head.get(parms.link)
  const warn = (text: string) => {
    if (net_ratelimit(net.kernel)) net.kernel.printk(KERN_WARNING, `${parms.name || t.dev.name} xmit: ${text}`)
    return false
  }
  if (!ipv6_chk_addr(net, laddr, ldev, false)) return warn('Local address not yet configured!')
  const loop = raddr[0] !== 0xff && ipv6_chk_addr(net, raddr, ldev, true)
  return loop ? warn('Routing loop! Remote address found on this node!') : true
}
/** The other end where the tunnel leaves it open: the packet's next hop. */
function nbma_end(skb: sk_buff): in6_addr | undefined {
  if (skb.protocol === ETH_P_IPV6) {
    if (skb.dst === undefined) return undefined
    const next = rt6_nexthop(skb.dst, ip6_daddr(skb))
    return ipv6_addr_type(next) === IPV6_ADDR_ANY ? ip6_daddr(skb) : next
  }
  return skb.dst instanceof rtable ? skb.dst.rt_gw6 : undefined
}
function link_failure(skb: sk_buff, dev: net_device): ip6_tnl_result {
  DEV_STATS_INC(dev, 'tx_carrier_errors')
  dev.nd_net.kernel.inet_ops?.dst_link_failure(skb)
  return FAILED
}
/** Ends and route. */
function way(t: ip6_tnl, skb: sk_buff, how: ip6_tnl_how): { rt: rt6_info; fl6: flowi6 } | undefined {
  const { parms, net } = t
  const { info } = how
  const fl6 = new flowi6(parms.raddr, parms.laddr)
  if (info !== undefined) {
    fl6.daddr = info.key.dst
    fl6.saddr = info.key.src.length === 16 ? info.key.src : new Uint8Array(16)
  } else {
    fl6.flowi_oif = parms.link
    if (ipv6_addr_any(parms.raddr)) fl6.daddr = nbma_end(skb) ?? parms.raddr
    if (!xmit_ctl(t, fl6.saddr, fl6.daddr)) return undefined
  }
  fl6.flowi_mark = how.fwmark
  fl6.flowi6_proto = how.proto
  fl6.flowlabel = (how.dsfield << 20) | how.label
  const rt = ip6_route_output(net, fl6)
  if (isErrno(rt) || rt.error !== undefined) return undefined
  if (info !== undefined && ipv6_addr_any(fl6.saddr)) {
    const saddr = ipv6_dev_get_saddr(net, rt.dev, fl6.daddr, 0)
    if (isErrno(saddr)) return undefined
    fl6.saddr = saddr
  }
  return { rt, fl6 }
}
function inner_hop_limit(t: ip6_tnl, skb: sk_buff, rt: rt6_info): number {
  const proto = skb_protocol(skb)
  if (proto !== ETH_P_IP && proto !== ETH_P_IPV6) return ip6_dst_hoplimit(t.net, rt)
  return ip_tunnel_get_ttl(skb, skb.inner_network_header, proto)
}
/** ip6_tnl_xmit(): headers of the kind are there already, `skb.inner_*` say where the inner packet is. */
export function ip6_tnl_xmit(skb: sk_buff, dev: net_device, how: ip6_tnl_how): ip6_tnl_result {
  const t = ip6_tnl_priv(dev)
  const { info } = how
  const found = way(t, skb, how)
  if (found === undefined) return link_failure(skb, dev)
  const { rt, fl6 } = found
  if (rt.dev === dev) {
    DEV_STATS_INC(dev, 'collisions')
    if (net_ratelimit(t.net.kernel)) t.net.kernel.printk(KERN_WARNING, `${t.parms.name || dev.name}: Local routing loop detected!`)
    return FAILED
  }
  const eth = dev.type === ARPHRD_ETHER ? ETH_HLEN : 0
  const option = how.encap_limit >= 0 ? ENCAP_LIMIT_LEN : 0
  const path = ip6_dst_mtu(rt, rt.dev) - eth - IPV6HDR_LEN - t.encap_hlen - t.tun_hlen - option
  const mtu = Math.max(path, skb.protocol === ETH_P_IPV6 ? IPV6_MIN_MTU : IPV4_MIN_MTU)
  const ops = dev.nd_net.kernel.inet_ops
  ops?.dst_update_pmtu(skb, mtu)
  if (skb.len - t.tun_hlen - eth > mtu) return { error: EMSGSIZE, failed: true, mtu }
  if (ip_tunnel_error_pending(t, t.net.kernel.jiffies())) ops?.dst_link_failure(skb)
  const hop_limit = (info === undefined ? t.parms.hop_limit : info.key.ttl) || inner_hop_limit(t, skb, rt)
  const flowlabel = how.label || ip6_flow_label(t.net, skb)
  skb_scrub_packet(skb, t.net !== dev.nd_net)
  skb_cow(skb, IP6_TUNNEL_ROOM + rt.dev.needed_headroom)
  push(skb, how, { saddr: fl6.saddr, daddr: fl6.daddr, hop_limit, flowlabel })
  ip6tunnel_xmit(skb, dev, t, rt)
  return SENT
}
function push(skb: sk_buff, how: ip6_tnl_how, h: { saddr: in6_addr; daddr: in6_addr; hop_limit: number; flowlabel: number }): void {
  let nexthdr = how.proto
  if (how.encap_limit >= 0) {
    const at = skb_push(skb, ENCAP_LIMIT_LEN)
    skb.buf.set([nexthdr, 0, IPV6_TLV_TNL_ENCAP_LIMIT, 1, how.encap_limit, 1, 1, 0], at)
    nexthdr = NEXTHDR_DEST
  }
  skb.hash = 0
  ip6_push_hdr(skb, { ...h, nexthdr, tclass: how.dsfield })
}
/** ip6tunnel_xmit() */
function ip6tunnel_xmit(skb: sk_buff, dev: net_device, t: ip6_tnl, rt: rt6_info): void {
  const len = skb.tail - skb.inner_network_header
  skb.dst = rt
  skb.dev = rt.dev
  ip6tunnel_xmit_stats(dev, ip6_local_out(t.net, skb, IP6_OUT_TUNNEL), len)
}
/** The end of ip6tunnel_xmit(): what the way down says of a packet whose `len` the device counts. */
export function ip6tunnel_xmit_stats(dev: net_device, sent: number | Errno, len: number): void {
  if (!isErrno(sent) && (sent === 0 || sent === NET_XMIT_CN)) {
    dev_sw_netstats_tx_add(dev, 1, len)
  } else {
    DEV_STATS_INC(dev, 'tx_errors')
    DEV_STATS_INC(dev, 'tx_aborted_errors')
  }
}

/** ip6_tnl_parse_tlv_enc_lim(): where the inner packet says how often it may be encapsulated; 0: it does not. */
export function ip6_tnl_parse_tlv_enc_lim(skb: sk_buff): number {
  const start = skb.network_header
  let nexthdr = skb.buf[start + 6]
  let at = start + IPV6HDR_LEN
  while (nexthdr === NEXTHDR_HOP || nexthdr === NEXTHDR_ROUTING || nexthdr === NEXTHDR_FRAGMENT || nexthdr === NEXTHDR_DEST) {
    if (at + 8 > skb.tail) return 0
    const len = nexthdr === NEXTHDR_FRAGMENT ? 8 : (skb.buf[at + 1] + 1) * 8
    if (nexthdr === NEXTHDR_FRAGMENT && getBe16(skb.buf, at + 2) & ~7) return 0
    if (nexthdr === NEXTHDR_DEST) {
      for (let o = at + 2; o + 1 < Math.min(at + len, skb.tail); o += skb.buf[o] === 0 ? 1 : skb.buf[o + 1] + 2) {
        if (skb.buf[o] === IPV6_TLV_TNL_ENCAP_LIMIT && skb.buf[o + 1] === 1) return o - start
      }
    }
    nexthdr = skb.buf[at]
    at += len
  }
  return 0
}
/** The limit for the outer header; undefined: the inner packet may not be encapsulated, and its sender knows. */
export function ip6_tnl_encap_limit(t: ip6_tnl, skb: sk_buff): number | undefined {
  const { parms } = t
  const own = parms.flags & U.IP6_TNL_F_IGN_ENCAP_LIMIT ? -1 : parms.encap_limit
  if (skb_protocol(skb) !== ETH_P_IPV6) return own
  const offset = ip6_tnl_parse_tlv_enc_lim(skb)
  if (offset === 0) return own
  const limit = skb.buf[skb.network_header + offset + 2]
  if (limit > 0) return limit - 1
  icmpv6_send(skb, ICMPV6_PARAMPROB, ICMPV6_HDR_FIELD, offset + 2)
  return undefined
}
/** What the outer header takes over from the inner one, and what the tunnel says. `flowinfo` is in network byte order; `mark`: congestion shows outside. */
export function ip6_tnl_header(t: ip6_tnl, skb: sk_buff, mark = true): Pick<ip6_tnl_how, 'dsfield' | 'label' | 'fwmark'> {
  const { parms } = t
  const at = skb.network_header
  const info = swab32(parms.flowinfo)
  const proto = skb_protocol(skb)
  const inner = ip_tunnel_get_dsfield(skb, at, proto)
  const of_ip = proto === ETH_P_IP || proto === ETH_P_IPV6
  const tclass = parms.flags & IP6_TNL_F_USE_ORIG_TCLASS && of_ip ? inner : (info >>> 20) & 0xff
  const orig_label = parms.flags & IP6_TNL_F_USE_ORIG_FLOWLABEL && proto === ETH_P_IPV6
  const own_label = parms.flags & IP6_TNL_F_USE_ORIG_FLOWLABEL ? 0 : info & 0xfffff
  const label = own_label | (orig_label ? ((skb.buf[at + 1] & 0xf) << 16) | getBe16(skb.buf, at + 2) : 0)
  return {
    dsfield: mark ? INET_ECN_encapsulate(tclass, inner) : tclass,
    label,
    fwmark: parms.flags & IP6_TNL_F_USE_ORIG_FWMARK ? skb.mark : parms.fwmark,
  }
}
const IP6_TNL_F_USE_ORIG_TCLASS = 0x2
const IP6_TNL_F_USE_ORIG_FLOWLABEL = 0x4
const IP6_TNL_F_USE_ORIG_FWMARK = 0x20

/** A tunnel that is told by the packet; undefined: it is not told. */
export function ip6_tnl_told(skb: sk_buff): ip_tunnel_info | undefined {
  const info = skb_tunnel_info(skb)
  const fits = info !== undefined && info.mode & IP_TUNNEL_INFO_TX && info.mode & IP_TUNNEL_INFO_IPV6 && info.key.dst.length === 16
  return fits ? info : undefined
}
/** Who sent a packet that is too long is told; true: it was that. */
export function ip6_tnl_too_big(skb: sk_buff, result: ip6_tnl_result): boolean {
  if (result.error !== EMSGSIZE) return false
  if (skb.protocol === ETH_P_IP) icmp_send(skb, ICMP_DEST_UNREACH, ICMP_FRAG_NEEDED, result.mtu)
  else if (skb.protocol === ETH_P_IPV6) icmpv6_send(skb, ICMPV6_PKT_TOOBIG, 0, result.mtu)
  return true
}
export function ip6_tnl_tx_err(skb: sk_buff, dev: net_device): number {
  DEV_STATS_INC(dev, 'tx_errors')
  DEV_STATS_INC(dev, 'tx_dropped')
  kfree_skb(skb)
  return NETDEV_TX_OK
}

/** ipxip6_tnl_xmit(); false: not sent, the packet is still there. */
function ipxip6_tnl_xmit(skb: sk_buff, dev: net_device, proto: number): boolean {
  const t = ip6_tnl_priv(dev)
  if (t.parms.proto !== proto && t.parms.proto !== 0) return false
  let how: ip6_tnl_how
  if (t.parms.collect_md) {
    const info = ip6_tnl_told(skb)
    if (info === undefined) return false
    const dsfield = INET_ECN_encapsulate(info.key.tos, ip_tunnel_get_dsfield(skb, skb.network_header, skb.protocol))
    how = { dsfield, label: info.key.label, encap_limit: -1, proto, fwmark: 0, info }
  } else {
    const encap_limit = ip6_tnl_encap_limit(t, skb)
    if (encap_limit === undefined) return false
    how = { ...ip6_tnl_header(t, skb), encap_limit, proto, info: undefined }
  }
  iptunnel_handle_offloads(skb)
  const result = ip6_tnl_xmit(skb, dev, how)
  ip6_tnl_too_big(skb, result)
  return !result.failed
}
export function ip6_tnl_start_xmit(skb: sk_buff, dev: net_device): number {
  const protos = new Map([
    [ETH_P_IP, IPPROTO_IPIP],
    [ETH_P_IPV6, IPPROTO_IPV6],
    [ETH_P_MPLS_UC, IPPROTO_MPLS],
  ])
  const proto = protos.get(skb.protocol)
  if (proto === undefined || !pskb_inet_may_pull(skb, skb.network_header)) return ip6_tnl_tx_err(skb, dev)
  // a packet from the other end does not go there
  const back =
    proto === IPPROTO_IPV6 &&
    ipv6_addr_equal(ip6_tnl_priv(dev).parms.raddr, skb.buf.subarray(skb.network_header + 8, skb.network_header + 24))
  return back || !ipxip6_tnl_xmit(skb, dev, proto) ? ip6_tnl_tx_err(skb, dev) : NETDEV_TX_OK
}

/** net/ipv6/ip6_gre.c: packets of ip6gre, frames of ip6gretap and ip6erspan: out, in, and errors about them. */
import {
  ICMPV6_DEST_UNREACH,
  ICMPV6_EXC_HOPLIMIT,
  ICMPV6_PKT_TOOBIG,
  ICMPV6_PORT_UNREACH,
  ICMPV6_TIME_EXCEED,
  NDISC_REDIRECT,
} from '../../uapi/linux/icmpv6.ts'
import { IFF_UP } from '../../uapi/linux/if.ts'
import { ARPHRD_ETHER, ARPHRD_IP6GRE } from '../../uapi/linux/if_arp.ts'
import { ETH_P_ERSPAN, ETH_P_ERSPAN2, ETH_P_IP, ETH_P_IPV6, ETH_P_TEB } from '../../uapi/linux/if_ether.ts'
import { GRE_CSUM, GRE_KEY, GRE_SEQ } from '../../uapi/linux/if_tunnel.ts'
import { IPPROTO_GRE } from '../../uapi/linux/in.ts'
import { type in6_addr, in6addr_any, ipv6_addr_equal } from '../../uapi/linux/in6.ts'
import { TUNNEL_CSUM, TUNNEL_KEY, TUNNEL_SEQ } from '../core/dst_metadata.ts'
import type { net } from '../core/net_namespace.ts'
import { type net_device, NETDEV_TX_OK } from '../core/netdevice.ts'
import { skb_protocol } from '../core/skb_vlan.ts'
import { kfree_skb, type sk_buff, skb_clone, skb_cow } from '../core/skbuff.ts'
import { erspan_build_header, erspan_truncate } from '../ipv4/erspan.ts'
import { erspan_hdr_len } from '../ipv4/gre_common.ts'
import { gre_build_header, gre_parse_header } from '../ipv4/gre_demux.ts'
import { ip_tunnel_note_error, iptunnel_pull_header, pskb_inet_may_pull, type tnl_ptk_info } from '../ipv4/ip_tunnel_rcv.ts'
import { iptunnel_handle_offloads } from '../ipv4/ip_tunnel_xmit.ts'
import { ip6_redirect } from './ndisc_redirect.ts'
import { ICMP6_HLEN, icmpv6_send } from './icmp.ts'
import type { inet6_protocol } from './ip6_input.ts'
import { ip6_update_pmtu } from './ip6_route_exception.ts'
import { ip6_tnl_net_of } from './ip6_tunnel_core.ts'
import { __ip6_tnl_rcv, ip6_tun_rx_dst } from './ip6_tunnel_rcv.ts'
import { type ip6_tnl, ip6_tnl_bucket, ip6_tnl_priv } from './ip6_tunnel_state.ts'
import {
  IP6_TUNNEL_ROOM,
  ip6_tnl_encap_limit,
  ip6_tnl_header,
  ip6_tnl_told,
  ip6_tnl_too_big,
  ip6_tnl_tx_err,
  ip6_tnl_xmit,
} from './ip6_tunnel_xmit.ts'
import { ip6_daddr, ip6_saddr } from './ipv6_hdr.ts'

export const ip6gre_net_id = 'ip6gre'

function network_header_of(skb: sk_buff, dev: net_device): void {
  if (skb.network_header < skb.data) skb.network_header = skb.data + dev.hard_header_len
}
function seq_of(t: ip6_tnl, flags: number): number {
  return flags & GRE_SEQ ? t.o_seqno++ >>> 0 : 0
}
function sent(skb: sk_buff, dev: net_device, how: Parameters<typeof ip6_tnl_xmit>[2]): number {
  const result = ip6_tnl_xmit(skb, dev, how)
  ip6_tnl_too_big(skb, result)
  return result.failed ? ip6_tnl_tx_err(skb, dev) : NETDEV_TX_OK
}
/** What says where to is the packet. */
function xmit_told(skb: sk_buff, dev: net_device, t: ip6_tnl, proto: number): number {
  const info = ip6_tnl_told(skb)
  if (info === undefined) return ip6_tnl_tx_err(skb, dev)
  const { tun_flags, tun_id, tos, label } = info.key
  const flags = (tun_flags & TUNNEL_CSUM ? GRE_CSUM : 0) | (tun_flags & TUNNEL_KEY ? GRE_KEY : 0) | (tun_flags & TUNNEL_SEQ ? GRE_SEQ : 0)
  iptunnel_handle_offloads(skb)
  skb_cow(skb, IP6_TUNNEL_ROOM)
  gre_build_header(skb, flags, proto, tun_id, seq_of(t, flags))
  return sent(skb, dev, { dsfield: tos, label, encap_limit: -1, proto: IPPROTO_GRE, fwmark: 0, info })
}
/** ip6gre_tunnel_xmit(). The outer class is not marked for congestion, other than ip6tnl's. */
export function ip6gre_tunnel_xmit(skb: sk_buff, dev: net_device): number {
  const t = ip6_tnl_priv(dev)
  const { parms } = t
  network_header_of(skb, dev)
  const proto = dev.type === ARPHRD_ETHER ? ETH_P_TEB : skb.protocol
  if (!pskb_inet_may_pull(skb, skb.network_header)) return ip6_tnl_tx_err(skb, dev)
  if (parms.collect_md) return xmit_told(skb, dev, t, proto)
  const back = skb_protocol(skb) === ETH_P_IPV6 && ipv6_addr_equal(parms.raddr, ip6_saddr(skb))
  const encap_limit = back ? undefined : ip6_tnl_encap_limit(t, skb)
  if (encap_limit === undefined) return ip6_tnl_tx_err(skb, dev)
  const how = { ...ip6_tnl_header(t, skb, false), encap_limit, proto: IPPROTO_GRE, info: undefined }
  iptunnel_handle_offloads(skb)
  skb_cow(skb, IP6_TUNNEL_ROOM)
  gre_build_header(skb, parms.o_flags, proto, parms.o_key, seq_of(t, parms.o_flags))
  return sent(skb, dev, how)
}
/** ip6erspan_tunnel_xmit(): what is no packet of IP has no limit of encapsulations. */
export function ip6erspan_tunnel_xmit(skb: sk_buff, dev: net_device): number {
  const t = ip6_tnl_priv(dev)
  const { parms } = t
  network_header_of(skb, dev)
  const of_ip = skb.protocol === ETH_P_IP || skb.protocol === ETH_P_IPV6
  if (parms.collect_md) dev.nd_net.kernel.unsupported.count('ip6erspan', 'frames with metadata')
  const back = skb.protocol === ETH_P_IPV6 && ipv6_addr_equal(parms.raddr, ip6_saddr(skb))
  if (parms.collect_md || back || parms.erspan_ver < 1 || parms.erspan_ver > 2) return ip6_tnl_tx_err(skb, dev)
  if (!pskb_inet_may_pull(skb, skb.network_header)) return ip6_tnl_tx_err(skb, dev)
  const encap_limit = of_ip ? ip6_tnl_encap_limit(t, skb) : -1
  if (encap_limit === undefined) return ip6_tnl_tx_err(skb, dev)
  const header = of_ip ? ip6_tnl_header(t, skb, false) : { dsfield: 0, label: 0, fwmark: 0 }
  iptunnel_handle_offloads(skb)
  skb_cow(skb, IP6_TUNNEL_ROOM)
  const truncate = erspan_truncate(skb, dev.mtu + dev.hard_header_len)
  erspan_build_header(skb, parms.o_key, parms, truncate, false, dev.nd_net.kernel.now())
  const proto = parms.erspan_ver === 1 ? ETH_P_ERSPAN : ETH_P_ERSPAN2
  gre_build_header(skb, GRE_SEQ, proto, 0, t.o_seqno++ >>> 0)
  return sent(skb, dev, { ...header, encap_limit, proto: IPPROTO_GRE, info: undefined })
}

function frames(proto: number): boolean {
  return proto === ETH_P_TEB || proto === ETH_P_ERSPAN || proto === ETH_P_ERSPAN2
}
/**
 * ip6gre_tunnel_lookup(): both ends, the remote one, the local one (or the group), the key alone; of these best one of the
 * kind and bound to the device. Packets' devices take frames where there is no other.
 */
function lookup(net: net, link: number, remote: in6_addr, local: in6_addr, tpi: tnl_ptk_info): ip6_tnl | undefined {
  const ign = ip6_tnl_net_of(net, ip6gre_net_id)
  const dev_type = frames(tpi.proto) ? ARPHRD_ETHER : ARPHRD_IP6GRE
  const steps: readonly [in6_addr, in6_addr][] = [
    [local, remote],
    [in6addr_any, remote],
    [local, in6addr_any],
    [in6addr_any, local],
    [in6addr_any, in6addr_any],
  ]
  let cand: ip6_tnl | undefined
  let least = 4
  for (const [laddr, raddr] of steps) {
    if (raddr === local && local[0] !== 0xff) continue
    for (const t of ip6_tnl_bucket(ign, laddr, raddr)) {
      const fits = t.parms.i_key === (tpi.key ?? 0) && (t.dev.type === ARPHRD_IP6GRE || t.dev.type === dev_type)
      if (!fits || !(t.dev.flags & IFF_UP) || t.parms.collect_md || t.dev === ign.fb_tnl_dev) continue
      const score = (t.parms.link === link ? 0 : 1) | (t.dev.type === dev_type ? 0 : 2)
      if (score === 0) return t
      if (score >= least) continue
      least = score
      cand = t
    }
  }
  if (cand !== undefined) return cand
  const last = [ign.collect_md_tun, ign.fb_tnl_dev === undefined ? undefined : ip6_tnl_priv(ign.fb_tnl_dev)]
  return last.find((t) => t !== undefined && (t.dev.flags & IFF_UP) !== 0)
}
/** What erspan has between is taken off. False: it is not there. */
function pull_erspan(skb: sk_buff): boolean {
  return skb.len >= 1 && iptunnel_pull_header(skb, erspan_hdr_len(skb.buf[skb.data] >> 4), ETH_P_TEB, false)
}
export function ip6gre_rcv(skb: sk_buff): number {
  const dev = skb.dev as net_device
  const tpi = gre_parse_header(skb, ETH_P_IPV6)
  if (tpi === undefined) {
    kfree_skb(skb)
    return 0
  }
  const t = lookup(dev.nd_net, dev.ifindex, ip6_saddr(skb), ip6_daddr(skb), tpi)
  if (t === undefined) {
    icmpv6_send(skb, ICMPV6_DEST_UNREACH, ICMPV6_PORT_UNREACH, 0)
    kfree_skb(skb)
    return 0
  }
  const told = (tpi.flags & GRE_CSUM ? TUNNEL_CSUM : 0) | (tpi.flags & GRE_KEY ? TUNNEL_KEY : 0)
  const tun_dst = t.parms.collect_md ? ip6_tun_rx_dst(skb, tpi.key ?? 0, told) : undefined
  const erspan = tpi.proto === ETH_P_ERSPAN || tpi.proto === ETH_P_ERSPAN2
  const pulled = iptunnel_pull_header(skb, tpi.hdr_len, tpi.proto, false) && (!erspan || pull_erspan(skb))
  if (pulled) __ip6_tnl_rcv(t, skb, tpi, tun_dst, true)
  else kfree_skb(skb)
  return 0
}
/** ip6gre_err(): ports that cannot be reached say nothing about a tunnel. */
export function ip6gre_err(skb: sk_buff, type: number, code: number, offset: number, info: number): void {
  const dev = skb.dev as net_device
  const outer = skb.transport_header + ICMP6_HLEN
  const probe = skb_clone(skb)
  probe.data = offset
  const tpi = gre_parse_header(probe, ETH_P_IPV6)
  const [local, remote] = [skb.buf.slice(outer + 8, outer + 24), skb.buf.slice(outer + 24, outer + 40)]
  const t = tpi && lookup(dev.nd_net, dev.ifindex, remote, local, tpi)
  if (t === undefined) return
  if (type === NDISC_REDIRECT) return ip6_redirect(skb, info, dev.ifindex)
  if (type === ICMPV6_PKT_TOOBIG) return ip6_update_pmtu(dev.nd_net, remote, local, 0, info)
  const unreachable = type === ICMPV6_DEST_UNREACH && code !== ICMPV6_PORT_UNREACH
  if (unreachable || (type === ICMPV6_TIME_EXCEED && code === ICMPV6_EXC_HOPLIMIT)) ip_tunnel_note_error(t, t.net.kernel.jiffies())
}
export const ip6gre_protocol: inet6_protocol = { name: 'ip6gre_protocol', handler: ip6gre_rcv, err_handler: ip6gre_err, final: true }

/** net/ipv6/ip6_tunnel.c ip6_tnl_lookup, __ip6_tnl_rcv, ip6_tnl_err: whose packet it is, and how it leaves its tunnel. */
import { getBe16, getBe32, putBe16 } from '../../lib/bytes.ts'
import { ICMP_DEST_UNREACH, ICMP_FRAG_NEEDED, ICMP_HOST_UNREACH } from '../../uapi/linux/icmp.ts'
import {
  ICMPV6_ADDR_UNREACH,
  ICMPV6_DEST_UNREACH,
  ICMPV6_EXC_HOPLIMIT,
  ICMPV6_PKT_TOOBIG,
  ICMPV6_PORT_UNREACH,
  ICMPV6_TIME_EXCEED,
} from '../../uapi/linux/icmpv6.ts'
import { IFF_UP } from '../../uapi/linux/if.ts'
import { ARPHRD_ETHER } from '../../uapi/linux/if_arp.ts'
import { ETH_HLEN, ETH_P_IP, ETH_P_IPV6, ETH_P_MPLS_UC } from '../../uapi/linux/if_ether.ts'
import * as U from '../../uapi/linux/if_tunnel.ts'
import { IPPROTO_IPIP, IPPROTO_MPLS } from '../../uapi/linux/in.ts'
import { type in6_addr, in6addr_any, IPPROTO_IPV6 } from '../../uapi/linux/in6.ts'
import { csum_replace2 } from '../core/checksum.ts'
import { netif_rx } from '../core/dev_receive.ts'
import { DEV_STATS_INC, dev_sw_netstats_rx_add } from '../core/dev_stats.ts'
import { IP_TUNNEL_INFO_IPV6, metadata_dst } from '../core/dst_metadata.ts'
import { INET_ECN_decapsulate } from '../core/inet_ecn.ts'
import type { net } from '../core/net_namespace.ts'
import type { net_device } from '../core/netdevice.ts'
import { kfree_skb, type sk_buff, skb_clone, skb_cow, skb_scrub_packet } from '../core/skbuff.ts'
import { eth_type_trans } from '../ethernet/eth.ts'
import { icmp_send } from '../ipv4/icmp_send.ts'
import { iptunnel_pull_header, pskb_inet_may_pull, type tnl_ptk_info } from '../ipv4/ip_tunnel_rcv.ts'
import { ip_route_output_key } from '../ipv4/route.ts'
import { flowi4 } from '../ipv4/fib_lookup.ts'
import { isErrno } from '../../uapi/errno.ts'
import { ipv6_chk_addr } from './addrconf_core.ts'
import { ICMP6_HLEN, icmpv6_send } from './icmp.ts'
import { ip6_tnl_get_cap, ip6_tnl_net_of } from './ip6_tunnel_core.ts'
import { type ip6_tnl, ip6_tnl_bucket, type ip6_tnl_net, ip6_tnl_priv, IPV6_MIN_MTU } from './ip6_tunnel_state.ts'
import { IP6CB, ip6_daddr, ip6_saddr, ip6_tclass, new_inet6_skb_parm } from './ipv6_hdr.ts'
import { ip6_update_pmtu } from './ip6_route_exception.ts'
import type { xfrm6_tunnel } from './tunnel6.ts'

export const ip6_tnl_net_id = 'ip6_tnl'
const IP6_TNL_F_RCV_DSCP_COPY = 0x10
const INET_ECN_MASK = 3

/** Both ends; the local one; the remote one; those bound to the device first. Then the one for all, and the fallback. */
export function ip6_tnl_lookup(ip6n: ip6_tnl_net, link: number, remote: in6_addr, local: in6_addr): ip6_tnl | undefined {
  const steps: readonly [in6_addr, in6_addr][] = [
    [local, remote],
    [local, in6addr_any],
    [in6addr_any, remote],
  ]
  let cand: ip6_tnl | undefined
  for (const [laddr, raddr] of steps) {
    for (const t of ip6_tnl_bucket(ip6n, laddr, raddr)) {
      if (!(t.dev.flags & IFF_UP)) continue
      if (t.parms.link === link) return t
      cand ??= t
    }
  }
  if (cand !== undefined) return cand
  const all = [ip6n.collect_md_tun, ip6n.fb_tnl_dev === undefined ? undefined : ip6_tnl_priv(ip6n.fb_tnl_dev)]
  return all.find((t) => t !== undefined && (t.dev.flags & IFF_UP) !== 0)
}
/** ip6_tnl_rcv_ctl(): it came to an end of ours, and not from ourselves. */
export function ip6_tnl_rcv_ctl(t: ip6_tnl, laddr: in6_addr, raddr: in6_addr): boolean {
  const { parms, net } = t
  const per_packet = (parms.flags & U.IP6_TNL_F_CAP_PER_PACKET) !== 0
  const able = parms.flags & U.IP6_TNL_F_CAP_RCV || (per_packet && ip6_tnl_get_cap({ ...parms, laddr, raddr }) & U.IP6_TNL_F_CAP_RCV)
  if (!able) return false
  const ldev = parms.link === 0 ? undefined : net.dev_index_head.get(parms.link)
  return (laddr[0] === 0xff || ipv6_chk_addr(net, laddr, ldev, false)) && !ipv6_chk_addr(net, raddr, ldev, true)
}

function fail(dev: net_device, skb: sk_buff, ...fields: Parameters<typeof DEV_STATS_INC>[1][]): void {
  for (const field of fields) DEV_STATS_INC(dev, field)
  kfree_skb(skb)
}
/** False: sums or numbers are not as the tunnel wants them; it has been counted. */
function checked(t: ip6_tnl, skb: sk_buff, tpi: tnl_ptk_info): boolean {
  const { parms, dev } = t
  if ((parms.i_flags & U.GRE_CSUM) !== (tpi.flags & U.GRE_CSUM)) {
    fail(dev, skb, 'rx_crc_errors', 'rx_errors')
    return false
  }
  if (!(parms.i_flags & U.GRE_SEQ)) return true
  if (!(tpi.flags & U.GRE_SEQ) || (t.i_seqno !== 0 && ((tpi.seq - t.i_seqno) | 0) < 0)) {
    fail(dev, skb, 'rx_fifo_errors', 'rx_errors')
    return false
  }
  t.i_seqno = (tpi.seq + 1) >>> 0
  return true
}
/** The outer class goes inside, but for what it says of congestion (ipv4_change_dsfield). */
function copy_dscp(skb: sk_buff, outer: number): void {
  skb_cow(skb, 0)
  const at = skb.network_header
  const from = getBe16(skb.buf, at)
  if (skb.protocol === ETH_P_IP) {
    const to = (from & (0xff00 | INET_ECN_MASK)) | (outer & ~INET_ECN_MASK)
    csum_replace2(skb.buf, at + 10, from, to)
    putBe16(skb.buf, at, to)
  } else if (skb.protocol === ETH_P_IPV6) {
    putBe16(skb.buf, at, (from & (0xf00f | (INET_ECN_MASK << 4))) | ((outer & ~INET_ECN_MASK) << 4))
  }
}
/** __ip6_tnl_rcv(): at skb.data is what was inside, at network_header the outer header still. */
export function __ip6_tnl_rcv(t: ip6_tnl, skb: sk_buff, tpi: tnl_ptk_info, tun_dst: metadata_dst | undefined, copy: boolean): void {
  const { dev } = t
  const outer = ip6_tclass(skb)
  if (!checked(t, skb, tpi)) return
  if (dev.type === ARPHRD_ETHER) {
    if (skb.len < ETH_HLEN) return fail(dev, skb, 'rx_length_errors', 'rx_errors')
    skb.protocol = eth_type_trans(skb, dev)
  } else {
    skb.protocol = tpi.proto
    skb.dev = dev
    skb.mac_header = skb.data
  }
  skb.network_header = skb.data
  if (!pskb_inet_may_pull(skb, skb.data)) return fail(dev, skb, 'rx_length_errors', 'rx_errors')
  skb.cb = new_inet6_skb_parm(dev.ifindex) as never
  if (copy && t.parms.flags & IP6_TNL_F_RCV_DSCP_COPY) copy_dscp(skb, outer)
  if (INET_ECN_decapsulate(skb, skb.data, skb.protocol, outer) > 1) return fail(dev, skb, 'rx_frame_errors', 'rx_errors')
  dev_sw_netstats_rx_add(dev, skb.len)
  skb_scrub_packet(skb, t.net !== dev.nd_net)
  skb.cb = undefined
  if (tun_dst !== undefined) skb.dst = tun_dst
  netif_rx(skb)
}
export function ip6_tun_rx_dst(skb: sk_buff, tun_id: number, tun_flags: number): metadata_dst {
  return new metadata_dst(tun_id, IP_TUNNEL_INFO_IPV6, { src: ip6_saddr(skb), dst: ip6_daddr(skb), tun_flags })
}

/** ipxip6_rcv() */
function ipxip6_rcv(skb: sk_buff): boolean {
  const dev = skb.dev as net_device
  const ipproto = skb.buf[skb.network_header + IP6CB(skb).nhoff]
  const [remote, local] = [ip6_saddr(skb), ip6_daddr(skb)]
  const t = ip6_tnl_lookup(ip6_tnl_net_of(dev.nd_net, ip6_tnl_net_id), dev.ifindex, remote, local)
  if (t === undefined) return false
  const proto = ipproto === IPPROTO_IPV6 ? ETH_P_IPV6 : ipproto === IPPROTO_MPLS ? ETH_P_MPLS_UC : ETH_P_IP
  const wanted = t.parms.proto === ipproto || t.parms.proto === 0
  const tun_dst = t.parms.collect_md ? ip6_tun_rx_dst(skb, 0, 0) : undefined
  if (!wanted || !ip6_tnl_rcv_ctl(t, local, remote) || !iptunnel_pull_header(skb, 0, proto, false)) kfree_skb(skb)
  else __ip6_tnl_rcv(t, skb, { flags: 0, proto, key: undefined, seq: 0, hdr_len: 0 }, tun_dst, true)
  return true
}
export function ip6_tnl_rcv(skb: sk_buff): boolean {
  return ipxip6_rcv(skb)
}

/** What an error about the outer packet means to who sent the inner one (ip6_tnl_err); undefined: nothing. */
function meaning(
  skb: sk_buff,
  type: number,
  code: number,
  offset: number,
  info: number,
): { type: number; code: number; info: number } | undefined {
  const outer = skb.transport_header + ICMP6_HLEN
  switch (type) {
    case ICMPV6_DEST_UNREACH:
      // the other end has no tunnel: 6.12 tells nobody inside
      return code === ICMPV6_PORT_UNREACH ? undefined : { type: ICMPV6_DEST_UNREACH, code: ICMPV6_ADDR_UNREACH, info: 0 }
    case ICMPV6_TIME_EXCEED:
      return code === ICMPV6_EXC_HOPLIMIT ? { type: ICMPV6_DEST_UNREACH, code: ICMPV6_ADDR_UNREACH, info: 0 } : undefined
    case ICMPV6_PKT_TOOBIG: {
      const net: net = (skb.dev as net_device).nd_net
      ip6_update_pmtu(net, skb.buf.slice(outer + 24, outer + 40), skb.buf.slice(outer + 8, outer + 24), 0, info)
      const mtu = Math.max(info - (offset - outer), IPV6_MIN_MTU)
      return getBe16(skb.buf, outer + 4) + 40 > mtu ? { type: ICMPV6_PKT_TOOBIG, code: 0, info: mtu } : undefined
    }
    default:
      return undefined
  }
}
function tunnel_of_error(skb: sk_buff, proto: number): ip6_tnl | undefined {
  const dev = skb.dev as net_device
  const outer = skb.transport_header + ICMP6_HLEN
  const [local, remote] = [skb.buf.slice(outer + 8, outer + 24), skb.buf.slice(outer + 24, outer + 40)]
  const t = ip6_tnl_lookup(ip6_tnl_net_of(dev.nd_net, ip6_tnl_net_id), dev.ifindex, remote, local)
  return t !== undefined && (t.parms.proto === proto || t.parms.proto === 0) ? t : undefined
}
function inner_of(skb: sk_buff, offset: number): sk_buff {
  const copy = skb_clone(skb)
  copy.data = copy.network_header = offset
  copy.dst = undefined
  return copy
}
/** ip6ip6_err() */
export function ip6ip6_err(skb: sk_buff, type: number, code: number, offset: number, info: number): boolean {
  if (tunnel_of_error(skb, IPPROTO_IPV6) === undefined) return false
  const rel = meaning(skb, type, code, offset, info)
  if (rel !== undefined && offset + 40 <= skb.tail) icmpv6_send(inner_of(skb, offset), rel.type, rel.code, rel.info)
  return true
}
/** ip4ip6_err(): as from the device that the sender is reached by. */
export function ip4ip6_err(skb: sk_buff, type: number, code: number, offset: number, info: number): boolean {
  const t = tunnel_of_error(skb, IPPROTO_IPIP)
  if (t === undefined) return false
  const rel = meaning(skb, type, code, offset, info)
  if (rel === undefined || offset + 20 > skb.tail) return true
  const copy = inner_of(skb, offset)
  const rt = ip_route_output_key(t.net, new flowi4(getBe32(skb.buf, offset + 12)))
  if (isErrno(rt)) return true
  copy.dev = rt.dev
  icmp_send(copy, ICMP_DEST_UNREACH, rel.type === ICMPV6_PKT_TOOBIG ? ICMP_FRAG_NEEDED : ICMP_HOST_UNREACH, rel.info)
  return true
}
export function mplsip6_err(): boolean {
  return true
}
export const ip4ip6_handler: xfrm6_tunnel = { name: 'ip4ip6_handler', handler: ip6_tnl_rcv, err_handler: ip4ip6_err, priority: 1 }
export const ip6ip6_handler: xfrm6_tunnel = { name: 'ip6ip6_handler', handler: ip6_tnl_rcv, err_handler: ip6ip6_err, priority: 1 }
export const mplsip6_handler: xfrm6_tunnel = { name: 'mplsip6_handler', handler: ip6_tnl_rcv, err_handler: mplsip6_err, priority: 1 }

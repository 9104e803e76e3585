/** net/ipv4/ip_gre.c ipgre_xmit, gre_tap_xmit, erspan_xmit: packets of gre, gretap and erspan devices on their way out. */
import { getBe16, getBe32, putBe16, putBe32 } from '../../lib/bytes.ts'
import { ETH_P_ERSPAN, ETH_P_ERSPAN2, ETH_P_TEB } from '../../uapi/linux/if_ether.ts'
import { GRE_CSUM, GRE_KEY, GRE_SEQ } from '../../uapi/linux/if_tunnel.ts'
import { IPPROTO_GRE } from '../../uapi/linux/in.ts'
import { DEV_STATS_INC } from '../core/dev_stats.ts'
import { IP_TUNNEL_INFO_IPV6, IP_TUNNEL_INFO_TX, skb_tunnel_info, TUNNEL_CSUM, TUNNEL_KEY, TUNNEL_SEQ } from '../core/dst_metadata.ts'
import { type net_device, NETDEV_TX_OK } from '../core/netdevice.ts'
import { kfree_skb, type sk_buff, skb_cow, skb_pull, skb_push } from '../core/skbuff.ts'
import { erspan_build_header, erspan_truncate } from './erspan.ts'
import { gre_calc_hlen, gre_known_flags } from './gre_common.ts'
import { gre_build_header } from './gre_demux.ts'
import { pskb_inet_may_pull } from './ip_tunnel_rcv.ts'
import { IPHDR_LEN, type ip_tunnel, ip_tunnel_priv } from './ip_tunnel_state.ts'
import { ip_md_tunnel_xmit, ip_tunnel_xmit, iptunnel_handle_offloads, tunnel_tx_error, type tunnel_params } from './ip_tunnel_xmit.ts'

/** Link, IPv4, GRE and erspan. */
const ROOM = 128 + IPHDR_LEN + 16 + 12

function dropped(skb: sk_buff, dev: net_device): number {
  DEV_STATS_INC(dev, 'tx_dropped')
  kfree_skb(skb)
  return NETDEV_TX_OK
}
/** __gre_xmit() */
function __gre_xmit(skb: sk_buff, dev: net_device, t: ip_tunnel, p: tunnel_params, proto: number, flags: number): number {
  const seq = flags & GRE_SEQ ? t.o_seqno++ : 0
  gre_build_header(skb, flags, proto, t.parms.o_key, seq >>> 0)
  ip_tunnel_xmit(skb, dev, p)
  return NETDEV_TX_OK
}
/** gre_fb_xmit(): where to, and with which fields, the packet or its route says. */
function gre_fb_xmit(skb: sk_buff, dev: net_device, proto: number): number {
  const info = skb_tunnel_info(skb)
  if (info === undefined || !(info.mode & IP_TUNNEL_INFO_TX) || info.mode & IP_TUNNEL_INFO_IPV6) return dropped(skb, dev)
  const { tun_flags, tun_id } = info.key
  const flags = (tun_flags & TUNNEL_CSUM ? GRE_CSUM : 0) | (tun_flags & TUNNEL_KEY ? GRE_KEY : 0) | (tun_flags & TUNNEL_SEQ ? GRE_SEQ : 0)
  iptunnel_handle_offloads(skb)
  skb_cow(skb, ROOM)
  const t = ip_tunnel_priv(dev)
  gre_build_header(skb, flags, proto, tun_id, flags & GRE_SEQ ? t.o_seqno++ >>> 0 : 0)
  ip_md_tunnel_xmit(skb, dev, IPPROTO_GRE, gre_calc_hlen(flags))
  return NETDEV_TX_OK
}

/** What the link header, which the device itself has written, says of the way; it is taken off. */
function params_in_header(skb: sk_buff, t: ip_tunnel): tunnel_params | undefined {
  const { buf, data: at } = skb
  const length = t.hlen + IPHDR_LEN
  if (skb.len < length) return undefined
  const params = {
    tos: buf[at + 1],
    frag_off: getBe16(buf, at + 6),
    ttl: buf[at + 8],
    protocol: buf[at + 9],
    saddr: getBe32(buf, at + 12),
    daddr: getBe32(buf, at + 16),
  }
  skb_pull(skb, length)
  skb.mac_header = skb.data
  return params
}
export function ipgre_xmit(skb: sk_buff, dev: net_device): number {
  const t = ip_tunnel_priv(dev)
  if (!pskb_inet_may_pull(skb, skb.network_header)) return dropped(skb, dev)
  if (t.collect_md) return gre_fb_xmit(skb, dev, skb.protocol)
  const p = dev.header_ops?.create === undefined ? t.parms : params_in_header(skb, t)
  if (p === undefined) return dropped(skb, dev)
  iptunnel_handle_offloads(skb)
  skb_cow(skb, ROOM)
  return __gre_xmit(skb, dev, t, p, skb.protocol, t.parms.o_flags)
}
/** ipgre_header(): the outer header, with the neighbour's address as the other end; negative: nobody knows it. */
export function ipgre_header(
  skb: sk_buff,
  dev: net_device,
  type: number,
  daddr: Uint8Array | undefined,
  saddr: Uint8Array | undefined,
): number {
  const t = ip_tunnel_priv(dev)
  const { parms } = t
  const length = t.hlen + IPHDR_LEN
  const at = skb_push(skb, length)
  const { buf } = skb
  buf.fill(0, at, at + length)
  buf[at] = 0x45
  buf[at + 1] = parms.tos
  putBe16(buf, at + 6, parms.frag_off)
  buf[at + 8] = parms.ttl
  buf[at + 9] = parms.protocol
  putBe32(buf, at + 12, parms.saddr)
  putBe32(buf, at + 16, parms.daddr)
  if (saddr !== undefined) buf.set(saddr.subarray(0, 4), at + 12)
  if (daddr !== undefined) buf.set(daddr.subarray(0, 4), at + 16)
  putBe16(buf, at + IPHDR_LEN, gre_known_flags(parms.o_flags))
  putBe16(buf, at + IPHDR_LEN + 2, type)
  return getBe32(buf, at + 16) !== 0 ? length : -length
}

export function gre_tap_xmit(skb: sk_buff, dev: net_device): number {
  const t = ip_tunnel_priv(dev)
  if (skb.network_header < skb.data) skb.network_header = skb.data + dev.hard_header_len
  if (!pskb_inet_may_pull(skb, skb.network_header)) return dropped(skb, dev)
  if (t.collect_md) return gre_fb_xmit(skb, dev, ETH_P_TEB)
  iptunnel_handle_offloads(skb)
  skb_cow(skb, ROOM)
  return __gre_xmit(skb, dev, t, t.parms, ETH_P_TEB, t.parms.o_flags)
}
/** Version 0 has no header of its own, and no number. The session's id takes the key's place. */
export function erspan_xmit(skb: sk_buff, dev: net_device): number {
  const t = ip_tunnel_priv(dev)
  if (skb.network_header < skb.data) skb.network_header = skb.data + dev.hard_header_len
  if (t.collect_md) {
    dev.nd_net.kernel.unsupported.count('erspan', 'frames with metadata')
    return dropped(skb, dev)
  }
  iptunnel_handle_offloads(skb)
  skb_cow(skb, ROOM)
  const truncate = erspan_truncate(skb, dev.mtu + dev.hard_header_len)
  if (t.erspan_ver === 0) return __gre_xmit(skb, dev, t, t.parms, ETH_P_ERSPAN, 0)
  if (t.erspan_ver > 2) {
    tunnel_tx_error(skb, dev)
    return NETDEV_TX_OK
  }
  erspan_build_header(skb, t.parms.o_key, t, truncate, true, dev.nd_net.kernel.now())
  const proto = t.erspan_ver === 1 ? ETH_P_ERSPAN : ETH_P_ERSPAN2
  return __gre_xmit(skb, dev, t, t.parms, proto, t.parms.o_flags & ~GRE_KEY)
}

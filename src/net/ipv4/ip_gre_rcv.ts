/** net/ipv4/ip_gre.c gre_rcv, erspan_rcv, gre_err: GRE over IPv4 as it comes in. What no device takes is told to the sender. */
import {
  ICMP_DEST_UNREACH,
  ICMP_EXC_TTL,
  ICMP_FRAG_NEEDED,
  ICMP_PORT_UNREACH,
  ICMP_REDIRECT,
  ICMP_SR_FAILED,
  ICMP_TIME_EXCEEDED,
} from '../../uapi/linux/icmp.ts'
import { ETH_P_ERSPAN, ETH_P_ERSPAN2, ETH_P_IP, ETH_P_TEB } from '../../uapi/linux/if_ether.ts'
import { GRE_CSUM, GRE_KEY, GRE_VERSION } from '../../uapi/linux/if_tunnel.ts'
import { ipv4_is_multicast } from '../../uapi/linux/in.ts'
import { metadata_dst, TUNNEL_CSUM, TUNNEL_KEY } from '../core/dst_metadata.ts'
import type { net } from '../core/net_namespace.ts'
import type { net_device } from '../core/netdevice.ts'
import { kfree_skb, type sk_buff, skb_clone } from '../core/skbuff.ts'
import { erspan_hdr_len } from './gre_common.ts'
import { gre_parse_header } from './gre_demux.ts'
import { icmp_send } from './icmp_send.ts'
import { put_addr4 } from './ip_hdr.ts'
import type { net_protocol } from './ip_input.ts'
import {
  inner_ends,
  ip_tunnel_lookup,
  ip_tunnel_note_error,
  ip_tunnel_rcv,
  iptunnel_pull_header,
  outer_ends,
  type tnl_ptk_info,
} from './ip_tunnel_rcv.ts'
import { type ip_tunnel, type ip_tunnel_net, ip_tunnel_net_of } from './ip_tunnel_state.ts'
import { ipv4_update_pmtu } from './route_pmtu.ts'
import { ipv4_redirect } from './route_redirect.ts'

export const ipgre_net_id = 'ipgre'
export const gre_tap_net_id = 'gre_tap'
export const erspan_net_id = 'erspan'

function is_erspan(proto: number): boolean {
  return proto === ETH_P_ERSPAN || proto === ETH_P_ERSPAN2
}
/** The kind that takes a protocol. */
function itn_of(net: net, proto: number): ip_tunnel_net | undefined {
  return ip_tunnel_net_of(net, proto === ETH_P_TEB ? gre_tap_net_id : is_erspan(proto) ? erspan_net_id : ipgre_net_id)
}
function tun_dst_of(t: ip_tunnel, skb: sk_buff, tpi: tnl_ptk_info): metadata_dst | undefined {
  if (!t.collect_md && t.parms.daddr !== 0) return undefined
  const { remote, local } = outer_ends(skb)
  const tun_flags = (tpi.flags & GRE_CSUM ? TUNNEL_CSUM : 0) | (tpi.flags & GRE_KEY ? TUNNEL_KEY : 0)
  return new metadata_dst(tpi.key ?? 0, 0, { src: put_addr4(remote), dst: put_addr4(local), tun_flags })
}
/** Into its device; the headers between are `hdr_len` long. */
function into(t: ip_tunnel, skb: sk_buff, tpi: tnl_ptk_info, hdr_len: number, proto: number, raw: boolean): void {
  const tun_dst = tun_dst_of(t, skb, tpi)
  const { network_header } = skb
  if (!iptunnel_pull_header(skb, hdr_len, proto, false, raw)) return kfree_skb(skb)
  // taps on a device that writes its own header see that header
  skb.mac_header = t.dev.header_ops?.create !== undefined && t.dev.netdev_ops.name === 'ipgre_netdev_ops' ? network_header : skb.data
  ip_tunnel_rcv(t, skb, tpi, tun_dst)
}
/** ipgre_rcv(): devices of gre that are controlled from outside take frames too. False: nobody's. */
function ipgre_rcv(net: net, skb: sk_buff, tpi: tnl_ptk_info): boolean {
  const { remote, local } = outer_ends(skb)
  const link = skb.dev?.ifindex ?? 0
  const kinds: [string, boolean][] =
    tpi.proto === ETH_P_TEB
      ? [
          [gre_tap_net_id, false],
          [ipgre_net_id, true],
        ]
      : [[ipgre_net_id, false]]
  for (const [id, raw] of kinds) {
    const itn = ip_tunnel_net_of(net, id)
    const t = itn && ip_tunnel_lookup(itn, link, tpi, remote, local)
    if (t === undefined) continue
    into(t, skb, tpi, tpi.hdr_len, tpi.proto, raw)
    return true
  }
  return false
}
function erspan_rcv(net: net, skb: sk_buff, tpi: tnl_ptk_info): boolean {
  const itn = ip_tunnel_net_of(net, erspan_net_id)
  if (itn === undefined) return false
  const { remote, local } = outer_ends(skb)
  const type1 = tpi.hdr_len === 4
  const asked = type1 ? { flags: 0, key: undefined } : { flags: tpi.flags | GRE_KEY, key: tpi.key }
  const t = ip_tunnel_lookup(itn, skb.dev?.ifindex ?? 0, asked, remote, local)
  const hdr_len = tpi.hdr_len + (type1 ? 0 : erspan_hdr_len(skb.buf[skb.data + tpi.hdr_len] >> 4))
  if (t === undefined || skb.len < hdr_len) return false
  into(t, skb, tpi, hdr_len, ETH_P_TEB, false)
  return true
}
export function gre_rcv(skb: sk_buff): number {
  const { nd_net: net } = skb.dev as net_device
  const tpi = skb.len >= 4 && (skb.buf[skb.data + 1] & GRE_VERSION) === 0 ? gre_parse_header(skb, ETH_P_IP) : undefined
  if (tpi === undefined) {
    kfree_skb(skb)
    return 0
  }
  if (is_erspan(tpi.proto) ? erspan_rcv(net, skb, tpi) : ipgre_rcv(net, skb, tpi)) return 0
  icmp_send(skb, ICMP_DEST_UNREACH, ICMP_PORT_UNREACH, 0)
  kfree_skb(skb)
  return 0
}

/** Unreachable ports and failed source routes cannot be about a tunnel. */
function relevant(type: number, code: number): boolean {
  if (type === ICMP_DEST_UNREACH) return code !== ICMP_SR_FAILED && code !== ICMP_PORT_UNREACH
  return type === ICMP_TIME_EXCEEDED && code === ICMP_EXC_TTL
}
/** gre_err(), ipgre_err() */
export function gre_err(skb: sk_buff, type: number, code: number, inner: number, info: number): void {
  const dev = skb.dev as net_device
  const probe = skb_clone(skb)
  probe.data = inner + ((skb.buf[inner] & 0x0f) << 2)
  const tpi = gre_parse_header(probe, ETH_P_IP)
  if (tpi === undefined) return
  if (type === ICMP_DEST_UNREACH && code === ICMP_FRAG_NEEDED) return ipv4_update_pmtu(dev.nd_net, skb, inner, info, dev.ifindex)
  if (type === ICMP_REDIRECT) return ipv4_redirect(dev.nd_net, skb, inner, dev.ifindex)
  const itn = itn_of(dev.nd_net, tpi.proto)
  if (itn === undefined || !relevant(type, code)) return
  const { remote, local } = inner_ends(skb, inner)
  const t = ip_tunnel_lookup(itn, dev.ifindex, tpi, remote, local)
  if (t === undefined || t.parms.daddr === 0 || ipv4_is_multicast(t.parms.daddr)) return
  if (t.parms.ttl !== 0 || type !== ICMP_TIME_EXCEEDED) ip_tunnel_note_error(t, t.net.kernel.jiffies())
}
export const gre_protocol: net_protocol = { name: 'gre_protocol', handler: gre_rcv, err_handler: gre_err }

/** net/ipv4/ipip.c ipip_tunnel_xmit, ipip_rcv, ipip_err: packets of ipip devices. */
import { ICMP_DEST_UNREACH, ICMP_EXC_TTL, ICMP_REDIRECT, ICMP_SR_FAILED, ICMP_TIME_EXCEEDED } from '../../uapi/linux/icmp.ts'
import { ETH_P_IP, ETH_P_MPLS_UC } from '../../uapi/linux/if_ether.ts'
import { IPPROTO_IPIP, IPPROTO_MPLS } from '../../uapi/linux/in.ts'
import { metadata_dst } from '../core/dst_metadata.ts'
import { type net_device, NETDEV_TX_OK } from '../core/netdevice.ts'
import { kfree_skb, type sk_buff } from '../core/skbuff.ts'
import { ip_protocol, put_addr4 } from './ip_hdr.ts'
import {
  inner_ends,
  ip_tunnel_lookup,
  ip_tunnel_note_error,
  ip_tunnel_rcv,
  iptunnel_pull_header,
  outer_ends,
  pskb_inet_may_pull,
  tunnel_learns,
  type tnl_ptk_info,
} from './ip_tunnel_rcv.ts'
import { ip_tunnel_net_of, ip_tunnel_priv } from './ip_tunnel_state.ts'
import { ip_md_tunnel_xmit, ip_tunnel_xmit, iptunnel_handle_offloads, tunnel_tx_error } from './ip_tunnel_xmit.ts'
import type { xfrm_tunnel } from './tunnel4.ts'

export const ipip_net_id = 'ipip'
const keyless = { flags: 0, key: undefined }

/** Only what the device is made for. */
export function ipip_tunnel_xmit(skb: sk_buff, dev: net_device): number {
  const t = ip_tunnel_priv(dev)
  const ipproto = skb.protocol === ETH_P_IP ? IPPROTO_IPIP : skb.protocol === ETH_P_MPLS_UC ? IPPROTO_MPLS : 0
  const wanted = t.parms.protocol
  if (ipproto === 0 || (wanted !== 0 && wanted !== ipproto) || !pskb_inet_may_pull(skb, skb.network_header)) {
    tunnel_tx_error(skb, dev)
    return NETDEV_TX_OK
  }
  iptunnel_handle_offloads(skb)
  if (t.collect_md) ip_md_tunnel_xmit(skb, dev, ipproto, 0)
  else ip_tunnel_xmit(skb, dev, { ...t.parms, protocol: ipproto })
  return NETDEV_TX_OK
}

export function ipip_rcv(skb: sk_buff): boolean {
  const dev = skb.dev as net_device
  const itn = ip_tunnel_net_of(dev.nd_net, ipip_net_id)
  if (itn === undefined) return false
  const { remote, local } = outer_ends(skb)
  const t = ip_tunnel_lookup(itn, dev.ifindex, keyless, remote, local)
  if (t === undefined) return false
  const ipproto = ip_protocol(skb)
  if (t.parms.protocol !== ipproto && t.parms.protocol !== 0) {
    kfree_skb(skb)
    return true
  }
  const proto = ipproto === IPPROTO_MPLS ? ETH_P_MPLS_UC : ETH_P_IP
  const tpi: tnl_ptk_info = { ...keyless, proto, seq: 0, hdr_len: 0 }
  if (!iptunnel_pull_header(skb, 0, proto, false)) {
    kfree_skb(skb)
    return true
  }
  skb.mac_header = skb.data
  const tun_dst = t.collect_md ? new metadata_dst(0, 0, { src: put_addr4(remote), dst: put_addr4(local) }) : undefined
  ip_tunnel_rcv(t, skb, tpi, tun_dst)
  return true
}

/** Whether an error is one that tunnels pass on to senders; a TTL that has run out says so only by its own code. */
function relevant(type: number, code: number): boolean {
  if (type === ICMP_DEST_UNREACH) return code !== ICMP_SR_FAILED
  return type === ICMP_REDIRECT || (type === ICMP_TIME_EXCEEDED && code === ICMP_EXC_TTL)
}
export function ipip_err(skb: sk_buff, type: number, code: number, inner: number, info: number): boolean {
  const dev = skb.dev as net_device
  const itn = ip_tunnel_net_of(dev.nd_net, ipip_net_id)
  const { remote, local } = inner_ends(skb, inner)
  const t = itn && ip_tunnel_lookup(itn, dev.ifindex, keyless, remote, local)
  if (t === undefined) return false
  if (!relevant(type, code) || tunnel_learns(skb, t, type, code, inner, info)) return true
  if (t.parms.daddr === 0) return false
  if (t.parms.ttl !== 0 || type !== ICMP_TIME_EXCEEDED) ip_tunnel_note_error(t, t.net.kernel.jiffies())
  return true
}
export const ipip_handler: xfrm_tunnel = { name: 'ipip_handler', handler: ipip_rcv, err_handler: ipip_err, priority: 1 }
export const mplsip_handler: xfrm_tunnel = { name: 'mplsip_handler', handler: ipip_rcv, err_handler: ipip_err, priority: 1 }

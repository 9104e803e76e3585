/**
 * net/ipv4/ip_vti.c vti_tunnel_xmit, vti_rcv_tunnel, where IPsec has no states: nothing that is sent finds one, and packets
 * in packets that come for a vti are taken by it and end there.
 */
import { ETH_P_IP, ETH_P_IPV6 } from '../../uapi/linux/if_ether.ts'
import { DEV_STATS_INC } from '../core/dev_stats.ts'
import { type net_device, NETDEV_TX_OK } from '../core/netdevice.ts'
import { kfree_skb, type sk_buff } from '../core/skbuff.ts'
import { ip_tunnel_lookup, outer_ends } from './ip_tunnel_rcv.ts'
import { ip_tunnel_net_of } from './ip_tunnel_state.ts'
import type { xfrm_tunnel } from './tunnel4.ts'

export const vti_net_id = 'vti'

export function vti_tunnel_xmit(skb: sk_buff, dev: net_device): number {
  if (skb.protocol === ETH_P_IP || skb.protocol === ETH_P_IPV6) {
    DEV_STATS_INC(dev, 'tx_carrier_errors')
    dev.nd_net.kernel.inet_ops?.dst_link_failure(skb)
  }
  DEV_STATS_INC(dev, 'tx_errors')
  kfree_skb(skb)
  return NETDEV_TX_OK
}
export function vti_rcv_tunnel(skb: sk_buff): boolean {
  const dev = skb.dev as net_device
  const itn = ip_tunnel_net_of(dev.nd_net, vti_net_id)
  const { remote, local } = outer_ends(skb)
  if (itn === undefined || ip_tunnel_lookup(itn, dev.ifindex, { flags: 0, key: undefined }, remote, local) === undefined) return false
  kfree_skb(skb)
  return true
}
/** Errors are about packets of IPsec only. */
export function vti4_err(): boolean {
  return false
}
export const vti_ipip_handler: xfrm_tunnel = { name: 'vti_ipip_handler', handler: vti_rcv_tunnel, err_handler: vti4_err, priority: 0 }

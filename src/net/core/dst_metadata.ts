/** include/net/dst_metadata.h: what a packet's tunnel is, where the packet itself says so and not the device. */
import type { sk_buff } from './skbuff.ts'

/** Bits of ip_tunnel_info.mode: it says where the packet goes, not where it came from; only the network, by a bridge. */
export const IP_TUNNEL_INFO_TX = 1
export const IP_TUNNEL_INFO_BRIDGE = 4

export interface ip_tunnel_info {
  readonly key: { readonly tun_id: number }
  readonly mode: number
}
/** struct metadata_dst: stands where a route would. */
export class metadata_dst {
  readonly tun_info: ip_tunnel_info
  constructor(tun_id: number, mode: number) {
    this.tun_info = { key: { tun_id }, mode }
  }
}
export function skb_tunnel_info(skb: sk_buff): ip_tunnel_info | undefined {
  return skb.dst instanceof metadata_dst ? skb.dst.tun_info : undefined
}

/** net/ipv4/tunnel4.c: packets in packets of IPv4: each kind of tunnel is asked in turn whether one is its own. */
import type { Kernel } from '../../kernel/kernel.ts'
import { ICMP_DEST_UNREACH, ICMP_PORT_UNREACH } from '../../uapi/linux/icmp.ts'
import type { net_device } from '../core/netdevice.ts'
import { kfree_skb, type sk_buff } from '../core/skbuff.ts'
import { ip_protocol } from './ip_hdr.ts'
import { icmp_send } from './icmp_send.ts'
import { inet_add_protocol, type net_protocol } from './ip_input.ts'

/** struct xfrm_tunnel: exported constants. */
export interface xfrm_tunnel {
  readonly name: string
  /** At skb.data is the packet inside. False: it belongs to another. */
  readonly handler: (skb: sk_buff) => boolean
  /** An error about a packet that begins at `inner`. False: it was another's. */
  readonly err_handler: (skb: sk_buff, type: number, code: number, inner: number, info: number) => boolean
  /** Lower is asked first. */
  readonly priority: number
}

export function tunnel4_rcv(skb: sk_buff): number {
  const { kernel } = (skb.dev as net_device).nd_net
  for (const { handler } of kernel.inet.tunnel4.get(ip_protocol(skb)) ?? []) if (handler(skb)) return 0
  icmp_send(skb, ICMP_DEST_UNREACH, ICMP_PORT_UNREACH, 0)
  kfree_skb(skb)
  return 0
}
export function tunnel4_err(skb: sk_buff, type: number, code: number, inner: number, info: number): void {
  const { kernel } = (skb.dev as net_device).nd_net
  for (const { err_handler } of kernel.inet.tunnel4.get(skb.buf[inner + 9]) ?? []) if (err_handler(skb, type, code, inner, info)) return
}
export const tunnel4_protocol: net_protocol = { name: 'tunnel4_protocol', handler: tunnel4_rcv, err_handler: tunnel4_err }

/** xfrm4_tunnel_register(): `protocol` is IPPROTO_IPIP, IPPROTO_IPV6 or IPPROTO_MPLS. */
export function xfrm4_tunnel_register(kernel: Kernel, tunnel: xfrm_tunnel, protocol: number): void {
  const { tunnel4 } = kernel.inet
  const list = [...(tunnel4.get(protocol) ?? []), tunnel].sort((a, b) => a.priority - b.priority)
  tunnel4.set(protocol, list)
  inet_add_protocol(kernel.init_net, tunnel4_protocol, protocol)
}

/** net/ipv6/tunnel6.c: packets in packets of IPv6: each kind of tunnel is asked in turn whether one is its own. */
import type { Kernel } from '../../kernel/kernel.ts'
import { ICMPV6_DEST_UNREACH, ICMPV6_PORT_UNREACH } from '../../uapi/linux/icmpv6.ts'
import type { net_device } from '../core/netdevice.ts'
import { kfree_skb, type sk_buff } from '../core/skbuff.ts'
import { icmpv6_send } from './icmp.ts'
import { inet6_add_protocol, type inet6_protocol } from './ip6_input.ts'
import { IP6CB } from './ipv6_hdr.ts'

/** struct xfrm6_tunnel: exported constants. */
export interface xfrm6_tunnel {
  readonly name: string
  /** At skb.data is the packet inside. False: it belongs to another. */
  readonly handler: (skb: sk_buff) => boolean
  /** An error about a packet; what was inside begins at `offset`. False: it was another's. */
  readonly err_handler: (skb: sk_buff, type: number, code: number, offset: number, info: number) => boolean
  readonly priority: number
}
function handlers(skb: sk_buff, proto: number): readonly xfrm6_tunnel[] {
  return (skb.dev as net_device).nd_net.kernel.inet6?.tunnel6.get(proto) ?? []
}
export function tunnel6_rcv(skb: sk_buff): number {
  const proto = skb.buf[skb.network_header + IP6CB(skb).nhoff]
  for (const { handler } of handlers(skb, proto)) if (handler(skb)) return 0
  icmpv6_send(skb, ICMPV6_DEST_UNREACH, ICMPV6_PORT_UNREACH, 0)
  kfree_skb(skb)
  return 0
}
function err(proto: number, skb: sk_buff, type: number, code: number, offset: number, info: number): void {
  for (const { err_handler } of handlers(skb, proto)) if (err_handler(skb, type, code, offset, info)) return
}
export function tunnel6_err_ipv6(skb: sk_buff, type: number, code: number, offset: number, info: number): void {
  err(41, skb, type, code, offset, info)
}
export function tunnel6_err_ipip(skb: sk_buff, type: number, code: number, offset: number, info: number): void {
  err(4, skb, type, code, offset, info)
}
export const tunnel6_protocol: inet6_protocol = {
  name: 'tunnel6_protocol',
  handler: tunnel6_rcv,
  err_handler: tunnel6_err_ipv6,
  final: true,
}
export const tunnel46_protocol: inet6_protocol = {
  name: 'tunnel46_protocol',
  handler: tunnel6_rcv,
  err_handler: tunnel6_err_ipip,
  final: true,
}
export const tunnelmpls6_protocol: inet6_protocol = { name: 'tunnelmpls6_protocol', handler: tunnel6_rcv, final: true }

/** xfrm6_tunnel_register(): `protocol` is IPPROTO_IPV6, IPPROTO_IPIP or IPPROTO_MPLS. */
export function xfrm6_tunnel_register(kernel: Kernel, tunnel: xfrm6_tunnel, protocol: number): void {
  const tunnel6 = kernel.inet6?.tunnel6
  if (tunnel6 === undefined) return
  tunnel6.set(
    protocol,
    [...(tunnel6.get(protocol) ?? []), tunnel].sort((a, b) => a.priority - b.priority),
  )
  const prot = protocol === 41 ? tunnel6_protocol : protocol === 4 ? tunnel46_protocol : tunnelmpls6_protocol
  inet6_add_protocol(kernel.init_net, prot, protocol)
}

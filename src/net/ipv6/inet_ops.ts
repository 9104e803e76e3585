/** The protocols' operations for drivers (net/core/inet_ops.ts). Here, for IPv6 may know IPv4 and not the other way round. */
import { ENETUNREACH, type Errno } from '../../uapi/errno.ts'
import { ICMPV6_ADDR_UNREACH, ICMPV6_DEST_UNREACH } from '../../uapi/linux/icmpv6.ts'
import type { Kernel } from '../../kernel/kernel.ts'
import type { inet_ops } from '../core/inet_ops.ts'
import type { net } from '../core/net_namespace.ts'
import type { sk_buff } from '../core/skbuff.ts'
import type { net_device } from '../core/netdevice.ts'
import { inet_confirm_addr } from '../ipv4/devinet_select.ts'
import { flowi4 } from '../ipv4/fib_lookup.ts'
import { fib_new_table } from '../ipv4/fib_tables.ts'
import { icmp_send, ipv4_link_failure } from '../ipv4/icmp_send.ts'
import { ip_dst_mtu, ip_local_out } from '../ipv4/ip_output.ts'
import { ip_dev_find, ip_route_output_key, rtable } from '../ipv4/route.ts'
import { ip_rt_update_pmtu } from '../ipv4/route_pmtu.ts'
import { ipv6_chk_addr } from './addrconf_core.ts'
import { ipv6_dev_get_saddr } from './addrconf_saddr.ts'
import { icmpv6_send } from './icmp.ts'
import { ip6_dst_lookup } from './ip6_dst_lookup.ts'
import { fib6_new_table } from './ip6_fib.ts'
import { flowi6 } from './ip6_fib_lookup.ts'
import { ip6_dst_mtu, ip6_local_out, rt6_nexthop } from './ip6_output.ts'
import { ip6_rt_update_pmtu } from './ip6_route_exception.ts'
import { ip6_daddr, ip6_saddr } from './ipv6_hdr.ts'
import { ip6_route_input_lookup, ip6_route_output, rt6_info } from './route.ts'
import {
  setup_udp_tunnel_sock,
  udp_flow_src_port,
  udp_sock_create,
  udp_tunnel_lower_dev,
  udp_tunnel_mc_join,
  udp_tunnel_mc_leave,
  udp_tunnel_sock_release,
  udp_tunnel_xmit,
} from './udp_tunnel.ts'

// as IPv6's stub answers where there is no IPv6
function new_table6(net: net, id: number): void {
  if (net.ipv6 !== undefined) fib6_new_table(net, id)
}
function route6(net: net, fl6: flowi6): rt6_info | Errno {
  return net.ipv6 === undefined ? ENETUNREACH : ip6_route_output(net, fl6)
}
function dst6(net: net, fl6: flowi6): rt6_info | Errno {
  return net.ipv6 === undefined ? ENETUNREACH : ip6_dst_lookup(net, fl6)
}
function chk_addr6(net: net, addr: Uint8Array, dev: net_device | undefined, strict: boolean): boolean {
  return net.ipv6 !== undefined && ipv6_chk_addr(net, addr, dev, strict)
}
function dst_mtu(skb: sk_buff): number {
  const { dst, dev } = skb
  if (dst instanceof rtable) return dev === undefined ? dst.dev.mtu : ip_dst_mtu(dev.nd_net, dst)
  return dst instanceof rt6_info ? ip6_dst_mtu(dst, dst.dev) : 0
}
function dst_update_pmtu(skb: sk_buff, mtu: number): void {
  const { dst, dev } = skb
  if (dev === undefined) return
  if (dst instanceof rtable) ip_rt_update_pmtu(dev.nd_net, dst, skb, mtu)
  else if (dst instanceof rt6_info) ip6_rt_update_pmtu(dev.nd_net, dst, ip6_daddr(skb), ip6_saddr(skb), mtu)
}
function dst_link_failure(skb: sk_buff): void {
  if (skb.dst instanceof rtable) ipv4_link_failure(skb)
  else if (skb.dst instanceof rt6_info) icmpv6_send(skb, ICMPV6_DEST_UNREACH, ICMPV6_ADDR_UNREACH, 0)
}
function ip6_nexthop(skb: sk_buff): Uint8Array {
  return rt6_nexthop(skb.dst, ip6_daddr(skb))
}
export const inet_driver_ops: inet_ops = {
  name: 'inet_driver_ops',
  flowi4,
  flowi6,
  fib_new_table,
  fib6_new_table: new_table6,
  ip_route_output_key,
  ip6_route_output: route6,
  ip6_dst_lookup: dst6,
  ip6_route_input_lookup,
  ip_dev_find,
  inet_confirm_addr,
  ipv6_chk_addr: chk_addr6,
  ipv6_dev_get_saddr,
  dst_mtu,
  dst_update_pmtu,
  dst_link_failure,
  ip6_nexthop,
  ip_local_out,
  ip6_local_out,
  icmp_send,
  icmpv6_send,
  udp_sock_create,
  udp_tunnel_sock_release,
  setup_udp_tunnel_sock,
  xmit: udp_tunnel_xmit,
  flow_src_port: udp_flow_src_port,
  mc_join: udp_tunnel_mc_join,
  mc_leave: udp_tunnel_mc_leave,
  lower_dev: udp_tunnel_lower_dev,
}
/** Called from inet_init(). */
export function inet_ops_init(kernel: Kernel): undefined {
  kernel.inet_ops = inet_driver_ops
}

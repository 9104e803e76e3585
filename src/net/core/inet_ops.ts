/**
 * What drivers ask of IPv4 and IPv6, which stand beside them: routes, addresses, ways out, and sockets of tunnels in UDP.
 * One table for all drivers, kept by the kernel (kernel.inet_ops) from inet_init() on. Where there is no IPv6, its entries
 * answer as Linux's stub does: no route, no address.
 */
import type { Errno } from '../../uapi/errno.ts'
import type { flowi4 } from '../ipv4/fib_lookup.ts'
import type { in_device } from '../ipv4/in_device.ts'
import type { rtable } from '../ipv4/route.ts'
import type { flowi6 } from '../ipv6/ip6_fib_lookup.ts'
import type { rt6_info } from '../ipv6/route.ts'
import type { net } from './net_namespace.ts'
import type { net_device } from './netdevice.ts'
import type { sk_buff } from './skbuff.ts'
import type { udp_tunnel_ops } from './udp_tunnel.ts'

export interface inet_ops extends udp_tunnel_ops {
  // what lookups go by
  readonly flowi4: new (
    daddr: number,
    oif?: number,
    scope?: number,
  ) => flowi4
  readonly flowi6: new (daddr?: Uint8Array, saddr?: Uint8Array) => flowi6
  // a table of routes, made if there is none of this number
  readonly fib_new_table: (net: net, id: number) => void
  readonly fib6_new_table: (net: net, id: number) => void
  // routes of packets of ours
  readonly ip_route_output_key: (net: net, fl: flowi4) => rtable | Errno
  readonly ip6_route_output: (net: net, fl6: flowi6) => rt6_info | Errno
  /** With a source, where the flow has none. */
  readonly ip6_dst_lookup: (net: net, fl6: flowi6) => rt6_info | Errno
  /** A packet that has come in, by fl6.flowi_iif. */
  readonly ip6_route_input_lookup: (net: net, fl6: flowi6, flags: number) => rt6_info | Errno
  // addresses
  readonly ip_dev_find: (net: net, addr: number) => net_device | undefined
  readonly inet_confirm_addr: (net: net, in_dev: in_device | undefined, dst: number, local: number, scope: number) => number
  readonly ipv6_chk_addr: (net: net, addr: Uint8Array, dev: net_device | undefined, strict: boolean) => boolean
  readonly ipv6_dev_get_saddr: (net: net, dev: net_device, daddr: Uint8Array, prefs: number) => Uint8Array | Errno
  // what a packet's route says of itself, of either family (struct dst_ops)
  /** Bytes of a packet that goes on by it; 0: the packet has none. */
  readonly dst_mtu: (skb: sk_buff) => number
  /** skb_dst_update_pmtu_no_confirm(): packets along it are smaller from now on. */
  readonly dst_update_pmtu: (skb: sk_buff, mtu: number) => void
  /** dst_link_failure(): the sender is told that the destination cannot be reached. */
  readonly dst_link_failure: (skb: sk_buff) => void
  /** dst_neigh_lookup(): the next hop of a packet of IPv6. */
  readonly ip6_nexthop: (skb: sk_buff) => Uint8Array
  // out, along skb.dst; the header is there
  readonly ip_local_out: (net: net, skb: sk_buff) => number | Errno
  readonly ip6_local_out: (net: net, skb: sk_buff) => number | Errno
  // the sender of a packet is told; its header is at network_header
  readonly icmp_send: (skb: sk_buff, type: number, code: number, info: number) => void
  readonly icmpv6_send: (skb: sk_buff, type: number, code: number, info: number) => void
}

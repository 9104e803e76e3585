/** net/ipv6/ip6mr.c ip6_mr_input, pim6_rcv: packets of groups on a router, and those that come out of PIM's register tunnel. */
import { getBe16 } from '../../lib/bytes.ts'
import { isErrno } from '../../uapi/errno.ts'
import { ETH_P_IPV6 } from '../../uapi/linux/if_ether.ts'
import { IPV6_ADDR_LINKLOCAL, IPV6_ADDR_LOOPBACK, ipv6_addr_is_multicast, ipv6_addr_type } from '../../uapi/linux/in6.ts'
import { DEVCONF_MC_FORWARDING } from '../../uapi/linux/ipv6.ts'
import { csum_ipv6_magic, csum_partial, ip_compute_csum } from '../core/checksum.ts'
import { netif_is_l3_master } from '../core/l3mdev.ts'
import type { net } from '../core/net_namespace.ts'
import type { net_device } from '../core/netdevice.ts'
import { kfree_skb, type sk_buff } from '../core/skbuff.ts'
import { mr_input } from '../ipv4/ipmr_base.ts'
import { IPPROTO_PIM, PIM_HLEN, pim_decapsulate, pim_has_packet } from '../ipv4/ipmr_reg_vif.ts'
import { flowi6 } from './ip6_fib_lookup.ts'
import { inet6_add_protocol, type inet6_protocol } from './ip6_input.ts'
import { ip6mr_fib_lookup } from './ip6mr_rules.ts'
import { IPV6_HLEN, IP6CB, ip6_daddr, ip6_saddr } from './ipv6_hdr.ts'

/** Whether groups are routed, and packets of this one leave their link. */
export function ip6_routes_groups(net: net, skb: sk_buff): boolean {
  if (net.ipv6.devconf_all.get(DEVCONF_MC_FORWARDING) === 0 || IP6CB(skb).forwarded) return false
  return !(ipv6_addr_type(ip6_daddr(skb)) & (IPV6_ADDR_LOOPBACK | IPV6_ADDR_LINKLOCAL))
}
/** ip6_mr_input(): the packet is this function's alone. */
export function ip6_mr_input(net: net, skb: sk_buff): void {
  const given = skb.dev as net_device
  const dev = netif_is_l3_master(given) ? net.dev_index_head.get(IP6CB(skb).iif) : given
  if (dev === undefined) return kfree_skb(skb)
  const fl6 = new flowi6()
  fl6.flowi_iif = dev.ifindex
  fl6.flowi_mark = skb.mark
  const mrt = ip6mr_fib_lookup(net, fl6)
  if (isErrno(mrt)) return kfree_skb(skb)
  const [origin, group] = [ip6_saddr(skb).slice(), ip6_daddr(skb).slice()]
  mr_input(mrt, dev, skb, origin, group, false)
}

function pim_register(net: net, skb: sk_buff): boolean {
  const { buf } = skb
  const at = skb.transport_header
  if (!pim_has_packet(skb, IPV6_HLEN)) return false
  const sum = csum_ipv6_magic(ip6_saddr(skb), ip6_daddr(skb), PIM_HLEN, IPPROTO_PIM, csum_partial(buf, at, PIM_HLEN))
  if (sum !== 0 && ip_compute_csum(buf, at, skb.tail - at) !== 0) return false
  const inner = at + PIM_HLEN
  const length = getBe16(buf, inner + 4)
  if (!ipv6_addr_is_multicast(buf.subarray(inner + 24, inner + 40)) || length === 0 || length + PIM_HLEN > skb.tail - at) return false
  const fl6 = new flowi6()
  fl6.flowi_iif = (skb.dev as net_device).ifindex
  fl6.flowi_mark = skb.mark
  return pim_decapsulate(skb, ip6mr_fib_lookup(net, fl6), inner, ETH_P_IPV6)
}
export function pim6_rcv(skb: sk_buff): number {
  if (!pim_register((skb.dev as net_device).nd_net, skb)) kfree_skb(skb)
  return 0
}
export const pim6_protocol: inet6_protocol = { name: 'pim6_protocol', handler: pim6_rcv, final: false }
/** Called from ip6_mr_init(). */
export function pim6_init(net: net): void {
  inet6_add_protocol(net, pim6_protocol, IPPROTO_PIM)
}

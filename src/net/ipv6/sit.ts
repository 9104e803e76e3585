/** net/ipv6/sit.c: IPv6 (and IPv4, MPLS) in IPv4, with ISATAP and 6rd. Ioctls: sit_ioctl.ts. */
import type { Kernel } from '../../kernel/kernel.ts'
import type { AttrTable } from '../../lib/attrs.ts'
import { dev_broadcast_set_be32 } from '../core/dev_addr_lists.ts'
import type { MessageBuilder } from '../../lib/message.ts'
import { EEXIST, EINVAL, type Errno, isErrno } from '../../uapi/errno.ts'
import { IFF_NOARP, IFF_POINTOPOINT } from '../../uapi/linux/if.ts'
import { ARPHRD_SIT } from '../../uapi/linux/if_arp.ts'
import { ETH_DATA_LEN } from '../../uapi/linux/if_ether.ts'
import { IFLA_MTU } from '../../uapi/linux/if_link.ts'
import * as U from '../../uapi/linux/if_tunnel.ts'
import { IPPROTO_IPIP, IPPROTO_MPLS } from '../../uapi/linux/in.ts'
import { IPPROTO_IPV6 } from '../../uapi/linux/in6.ts'
import {
  alloc_netdev,
  free_netdev,
  netdev_state_change,
  register_netdev,
  register_netdevice,
  unregister_netdevice,
  unregister_netdevice_queue,
} from '../core/dev.ts'
import { type net, type pernet_operations, register_pernet_device } from '../core/net_namespace.ts'
import { IFF_ISATAP, NET_NAME_UNKNOWN, type net_device, type net_device_ops } from '../core/netdevice.ts'
import { rtnl_link_register } from '../core/rtnetlink.ts'
import type { rtnl_link_ops } from '../core/rtnl_link_ops.ts'
import { net_has_fallback_tunnels } from '../core/sysctl_net_core.ts'
import {
  dev_addr_set_ipv4,
  ip_tunnel_delete_nets,
  ip_tunnel_get_iflink,
  ip_tunnel_get_link_net,
  ip_tunnel_lower_dev,
  netif_keep_dst,
} from '../ipv4/ip_tunnel.ts'
import { encap_from_request, ip_tunnel_netlink_parms, nla_put_in_addr, put_iptun_encap } from '../ipv4/ip_tunnel_core.ts'
import {
  IP_DF,
  IPHDR_LEN,
  ip_tunnel,
  ip_tunnel_6rd_parm,
  ip_tunnel_add,
  ip_tunnel_del,
  ip_tunnel_net,
  ip_tunnel_net_of,
  ip_tunnel_parm_kern,
  ip_tunnel_priv,
} from '../ipv4/ip_tunnel_state.ts'
import { IPXIPX_FEATURES } from '../ipv4/ipip.ts'
import { NLA_FLAG, NLA_UNSPEC, NLA_U8, NLA_U16, NLA_U32, policy } from '../netlink/policy.ts'
import { xfrm4_tunnel_register } from '../ipv4/tunnel4.ts'
import { sit_handler, sit_ipip_handler, sit_mplsip_handler, sit_net_id, sit_tunnel_xmit } from './sit_data.ts'
import { ipip6_tunnel_ctl, ipip6_tunnel_siocdevprivate } from './sit_ioctl.ts'

const IPV6_MIN_MTU = 1280
const IP6_MAX_MTU = 0xffff + 40

export function ipip6_valid_ip_proto(protocol: number): boolean {
  return protocol === IPPROTO_IPV6 || protocol === IPPROTO_IPIP || protocol === IPPROTO_MPLS || protocol === 0
}
function sit_net_of(net: net): ip_tunnel_net {
  return ip_tunnel_net_of(net, sit_net_id)
}

/** ipip6_tunnel_locate(): the same ends and device. */
export function ipip6_tunnel_locate(net: net, p: ip_tunnel_parm_kern): ip_tunnel | undefined {
  const { saddr, daddr, link } = p
  const bucket = sit_net_of(net).tunnels
  for (const list of bucket.values()) {
    if (list[0].parms.daddr !== daddr) continue
    const found = list.find((t) => t.parms.saddr === saddr && t.parms.daddr === daddr && t.parms.link === link)
    if (found !== undefined) return found
  }
  return undefined
}

/** ipip6_tunnel_bind_dev() */
function ipip6_tunnel_bind_dev(dev: net_device): void {
  const t = ip_tunnel_priv(dev)
  const t_hlen = t.hlen + IPHDR_LEN
  let tdev = ip_tunnel_lower_dev(t)
  if (t.parms.daddr !== 0) dev.flags |= IFF_POINTOPOINT
  if (tdev === undefined && t.parms.link !== 0) tdev = t.net.dev_index_head.get(t.parms.link)
  if (tdev !== undefined) dev.mtu = Math.max(tdev.mtu - t_hlen, IPV6_MIN_MTU)
  dev.needed_headroom = t_hlen + (tdev === undefined ? 0 : tdev.hard_header_len + tdev.needed_headroom)
}

export function ipip6_tunnel_init(dev: net_device): Errno | undefined {
  const t = ip_tunnel_priv(dev)
  t.dev = dev
  t.net ??= dev.nd_net
  t.parms.name = dev.name
  ipip6_tunnel_bind_dev(dev)
  return undefined
}
export function ipip6_tunnel_uninit(dev: net_device): void {
  const t = ip_tunnel_priv(dev)
  const sitn = sit_net_of(t.net)
  ip_tunnel_del(sitn, t)
  t.prl = []
}
export const ipip6_netdev_ops: net_device_ops = {
  name: 'ipip6_netdev_ops',
  ndo_init: ipip6_tunnel_init,
  ndo_uninit: ipip6_tunnel_uninit,
  ndo_start_xmit: sit_tunnel_xmit,
  ndo_siocdevprivate: ipip6_tunnel_siocdevprivate,
  ndo_tunnel_ctl: ipip6_tunnel_ctl,
  ndo_get_iflink: ip_tunnel_get_iflink,
}
export function ipip6_tunnel_setup(dev: net_device): void {
  dev.priv = new ip_tunnel(sit_net_id)
  dev.netdev_ops = ipip6_netdev_ops
  dev.needs_free_netdev = true
  dev.type = ARPHRD_SIT
  dev.mtu = ETH_DATA_LEN - IPHDR_LEN
  dev.min_mtu = IPV6_MIN_MTU
  dev.max_mtu = IP6_MAX_MTU - IPHDR_LEN
  dev.flags = IFF_NOARP
  netif_keep_dst(dev)
  dev.addr_len = 4
  dev.lltx = true
  dev.features |= IPXIPX_FEATURES
  dev.hw_features |= IPXIPX_FEATURES
}

/** The prefix of 6to4, or what the fallback device has. */
export function ipip6_tunnel_clone_6rd(dev: net_device, sitn: ip_tunnel_net): void {
  const t = ip_tunnel_priv(dev)
  const fb = sitn.fb_tunnel_dev
  const ip6rd = new ip_tunnel_6rd_parm()
  if (fb === undefined || fb === dev) {
    ip6rd.prefix.set([0x20, 0x02])
    ip6rd.prefixlen = 16
  } else {
    const from = ip_tunnel_priv(fb).ip6rd
    Object.assign(ip6rd, from, { prefix: from.prefix.slice() })
  }
  t.ip6rd = ip6rd
}
export function ipip6_tunnel_create(dev: net_device): Errno | undefined {
  const t = ip_tunnel_priv(dev)
  const sitn = sit_net_of(dev.nd_net)
  dev_addr_set_ipv4(dev, t.parms.saddr)
  dev_broadcast_set_be32(dev, t.parms.daddr)
  if (t.parms.i_flags & U.SIT_ISATAP) dev.priv_flags |= IFF_ISATAP
  dev.rtnl_link_ops = sit_link_ops
  const error = register_netdevice(dev)
  if (isErrno(error)) return error
  ipip6_tunnel_clone_6rd(dev, sitn)
  ip_tunnel_add(sitn, t)
  return undefined
}
/** SIOCADDTUNNEL: with the name given or the next. */
export function ipip6_tunnel_make(net: net, p: ip_tunnel_parm_kern): Errno | undefined {
  const dev = alloc_netdev(net, p.name || 'sit%d', undefined, ipip6_tunnel_setup, { name_assign_type: NET_NAME_UNKNOWN })
  const t = ip_tunnel_priv(dev)
  t.net = net
  t.parms = Object.assign(new ip_tunnel_parm_kern(), p)
  const error = ipip6_tunnel_create(dev)
  if (isErrno(error)) free_netdev(dev)
  return error
}

/** ipip6_tunnel_update() */
export function ipip6_tunnel_update(t: ip_tunnel, p: ip_tunnel_parm_kern, fwmark: number): void {
  const { dev } = t
  const sitn = sit_net_of(t.net)
  const { saddr, daddr, link, ttl, tos, frag_off } = p
  ip_tunnel_del(sitn, t)
  Object.assign(t.parms, { saddr, daddr })
  dev_addr_set_ipv4(dev, saddr)
  dev_broadcast_set_be32(dev, daddr)
  ip_tunnel_add(sitn, t)
  Object.assign(t.parms, { ttl, tos, frag_off })
  if (t.parms.link !== link || t.fwmark !== fwmark) {
    t.parms.link = link
    t.fwmark = fwmark
    ipip6_tunnel_bind_dev(dev)
  }
  netdev_state_change(dev)
}

/** ipip6_tunnel_update_6rd(): the relay's bits and the prefix must fit in a /64, and have nothing behind their length. */
export function ipip6_tunnel_update_6rd(t: ip_tunnel, ip6rd: ip_tunnel_6rd_parm): Errno | undefined {
  const { prefix, prefixlen, relay_prefix, relay_prefixlen } = ip6rd
  if (relay_prefixlen > 32 || prefixlen + (32 - relay_prefixlen) > 64) return EINVAL
  for (let bit = prefixlen; bit < 128; bit++) if (prefix[bit >> 3] & (0x80 >> (bit & 7))) return EINVAL
  const mask = relay_prefixlen === 0 ? 0 : (0xffffffff << (32 - relay_prefixlen)) >>> 0
  if ((relay_prefix & ~mask) !== 0) return EINVAL
  t.ip6rd = Object.assign(new ip_tunnel_6rd_parm(), ip6rd, { prefix: prefix.slice() })
  netdev_state_change(t.dev)
  return undefined
}
/** Attributes of 6rd, over what the tunnel has; undefined when there are none. */
function ipip6_netlink_6rd_parms(data: AttrTable | undefined, t: ip_tunnel): Errno | undefined {
  const names = [U.IFLA_IPTUN_6RD_PREFIX, U.IFLA_IPTUN_6RD_RELAY_PREFIX, U.IFLA_IPTUN_6RD_PREFIXLEN, U.IFLA_IPTUN_6RD_RELAY_PREFIXLEN]
  if (data === undefined || !names.some((a) => data.has(a))) return undefined
  const ip6rd = new ip_tunnel_6rd_parm()
  ip6rd.prefix = data.get(U.IFLA_IPTUN_6RD_PREFIX) ?? ip6rd.prefix
  ip6rd.relay_prefix = data.get(U.IFLA_IPTUN_6RD_RELAY_PREFIX) ?? 0
  ip6rd.prefixlen = data.get(U.IFLA_IPTUN_6RD_PREFIXLEN) ?? 0
  ip6rd.relay_prefixlen = data.get(U.IFLA_IPTUN_6RD_RELAY_PREFIXLEN) ?? 0
  return ipip6_tunnel_update_6rd(t, ip6rd)
}

export function ipip6_validate(_tb: AttrTable, data: AttrTable | undefined): Errno | undefined {
  const proto = data?.get(U.IFLA_IPTUN_PROTO)
  return proto === undefined || ipip6_valid_ip_proto(proto) ? undefined : EINVAL
}
function ipip6_netlink_parms(data: AttrTable | undefined): { p: ip_tunnel_parm_kern; fwmark: number } {
  const p = Object.assign(new ip_tunnel_parm_kern(), { version: 4, protocol: IPPROTO_IPV6, ihl: 5, ttl: 64 })
  if (data !== undefined) ip_tunnel_netlink_parms(data, p)
  return { p, fwmark: data?.get(U.IFLA_IPTUN_FWMARK) ?? 0 }
}
export function ipip6_newlink(_src_net: net, dev: net_device, tb: AttrTable, data: AttrTable | undefined): Errno | undefined {
  const nt = ip_tunnel_priv(dev)
  const encap = encap_from_request(nt, data)
  if (isErrno(encap)) return encap
  const { p, fwmark } = ipip6_netlink_parms(data)
  nt.net = dev.nd_net
  nt.parms = p
  nt.fwmark = fwmark
  if (ipip6_tunnel_locate(dev.nd_net, p) !== undefined) return EEXIST
  const error = ipip6_tunnel_create(dev)
  if (isErrno(error)) return error
  const mtu = tb.get(IFLA_MTU)
  if (mtu !== undefined && mtu >= IPV6_MIN_MTU && mtu <= IP6_MAX_MTU - dev.hard_header_len) dev.mtu = mtu
  const refused = ipip6_netlink_6rd_parms(data, nt)
  // it was there already, but nobody was told of it as a link
  if (isErrno(refused)) unregister_netdevice(dev)
  return refused
}
export function ipip6_changelink(dev: net_device, _tb: AttrTable, data: AttrTable | undefined): Errno | undefined {
  const nt = ip_tunnel_priv(dev)
  if (dev === sit_net_of(nt.net).fb_tunnel_dev) return EINVAL
  const encap = encap_from_request(nt, data)
  if (isErrno(encap)) return encap
  const { p, fwmark } = ipip6_netlink_parms(data)
  if (((dev.flags & IFF_POINTOPOINT) !== 0) !== (p.daddr !== 0)) return EINVAL
  const t = ipip6_tunnel_locate(nt.net, p)
  if (t !== undefined && t.dev !== dev) return EEXIST
  ipip6_tunnel_update(nt, p, fwmark)
  return ipip6_netlink_6rd_parms(data, nt)
}
export function ipip6_dellink(dev: net_device, list: net_device[]): void {
  if (dev !== sit_net_of(ip_tunnel_priv(dev).net).fb_tunnel_dev) unregister_netdevice_queue(dev, list)
}
export function ipip6_fill_info(skb: MessageBuilder, dev: net_device): void {
  const t = ip_tunnel_priv(dev)
  const { parms, ip6rd } = t
  skb.put(U.IFLA_IPTUN_LINK, parms.link)
  nla_put_in_addr(skb, U.IFLA_IPTUN_LOCAL.nr, parms.saddr)
  nla_put_in_addr(skb, U.IFLA_IPTUN_REMOTE.nr, parms.daddr)
  skb.put(U.IFLA_IPTUN_TTL, parms.ttl)
  skb.put(U.IFLA_IPTUN_TOS, parms.tos)
  skb.put(U.IFLA_IPTUN_PMTUDISC, parms.frag_off & IP_DF ? 1 : 0)
  skb.put(U.IFLA_IPTUN_PROTO, parms.protocol)
  skb.putBytes(U.IFLA_IPTUN_FLAGS.nr, Uint8Array.of(parms.i_flags >> 8, parms.i_flags))
  skb.put(U.IFLA_IPTUN_FWMARK, t.fwmark)
  skb.put(U.IFLA_IPTUN_6RD_PREFIX, ip6rd.prefix)
  skb.put(U.IFLA_IPTUN_6RD_RELAY_PREFIX, ip6rd.relay_prefix)
  skb.put(U.IFLA_IPTUN_6RD_PREFIXLEN, ip6rd.prefixlen)
  skb.put(U.IFLA_IPTUN_6RD_RELAY_PREFIXLEN, ip6rd.relay_prefixlen)
  put_iptun_encap(skb, t.encap)
}

export const ipip6_policy = policy(U.IFLA_IPTUN, {
  IFLA_IPTUN_LINK: NLA_U32,
  IFLA_IPTUN_LOCAL: NLA_U32,
  IFLA_IPTUN_REMOTE: NLA_U32,
  IFLA_IPTUN_TTL: NLA_U8,
  IFLA_IPTUN_TOS: NLA_U8,
  IFLA_IPTUN_PMTUDISC: NLA_U8,
  IFLA_IPTUN_FLAGS: NLA_U16,
  IFLA_IPTUN_PROTO: NLA_U8,
  IFLA_IPTUN_6RD_PREFIX: NLA_UNSPEC(16),
  IFLA_IPTUN_6RD_RELAY_PREFIX: NLA_U32,
  IFLA_IPTUN_6RD_PREFIXLEN: NLA_U16,
  IFLA_IPTUN_6RD_RELAY_PREFIXLEN: NLA_U16,
  IFLA_IPTUN_ENCAP_TYPE: NLA_U16,
  IFLA_IPTUN_ENCAP_FLAGS: NLA_U16,
  IFLA_IPTUN_ENCAP_SPORT: NLA_U16,
  IFLA_IPTUN_ENCAP_DPORT: NLA_U16,
  IFLA_IPTUN_COLLECT_METADATA: NLA_FLAG,
  IFLA_IPTUN_FWMARK: NLA_U32,
})
export const sit_link_ops: rtnl_link_ops = {
  kind: 'sit',
  policy: ipip6_policy,
  setup: ipip6_tunnel_setup,
  validate: ipip6_validate,
  newlink: ipip6_newlink,
  changelink: ipip6_changelink,
  dellink: ipip6_dellink,
  fill_info: ipip6_fill_info,
  get_link_net: ip_tunnel_get_link_net,
}

/** The fallback device is announced before it has a protocol, a TTL and the prefix of 6to4. */
export function sit_init_net(net: net): Errno | undefined {
  const sitn = new ip_tunnel_net(sit_link_ops)
  net.gen.set(sit_net_id, sitn)
  if (!net_has_fallback_tunnels(net)) return undefined
  const dev = alloc_netdev(net, 'sit0', undefined, ipip6_tunnel_setup, { name_assign_type: NET_NAME_UNKNOWN })
  dev.netns_local = true
  dev.rtnl_link_ops = sit_link_ops
  sitn.fb_tunnel_dev = dev
  const error = register_netdev(dev)
  if (isErrno(error)) return error
  ipip6_tunnel_clone_6rd(dev, sitn)
  const t = ip_tunnel_priv(dev)
  Object.assign(t.parms, { version: 4, protocol: IPPROTO_IPV6, ihl: 5, ttl: 64 })
  ip_tunnel_add(sitn, t)
  return undefined
}
export function sit_exit_batch_net(nets: net[]): void {
  ip_tunnel_delete_nets(nets, sit_net_id, sit_link_ops)
}
export const sit_net_ops: pernet_operations = { name: 'sit_net_ops', init: sit_init_net, exit_batch: sit_exit_batch_net }

export function sit_init(kernel: Kernel): Errno | undefined {
  const error = register_pernet_device(kernel, sit_net_ops)
  if (isErrno(error)) return error
  xfrm4_tunnel_register(kernel, sit_handler, IPPROTO_IPV6)
  xfrm4_tunnel_register(kernel, sit_ipip_handler, IPPROTO_IPIP)
  xfrm4_tunnel_register(kernel, sit_mplsip_handler, IPPROTO_MPLS)
  return rtnl_link_register(kernel, sit_link_ops)
}

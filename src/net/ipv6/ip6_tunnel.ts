/** net/ipv6/ip6_tunnel.c: IPv4, IPv6 or both in IPv6. */
import type { Kernel } from '../../kernel/kernel.ts'
import type { AttrTable } from '../../lib/attrs.ts'
import type { MessageBuilder } from '../../lib/message.ts'
import { EEXIST, EINVAL, EOPNOTSUPP, type Errno, isErrno } from '../../uapi/errno.ts'
import { IFF_NOARP } from '../../uapi/linux/if.ts'
import { ARPHRD_TUNNEL6 } from '../../uapi/linux/if_arp.ts'
import { ETH_DATA_LEN, ETH_MIN_MTU } from '../../uapi/linux/if_ether.ts'
import { IFLA_MTU } from '../../uapi/linux/if_link.ts'
import * as U from '../../uapi/linux/if_tunnel.ts'
import { IPPROTO_IPIP, IPPROTO_MPLS } from '../../uapi/linux/in.ts'
import { IPPROTO_IPV6, ipv6_addr_any } from '../../uapi/linux/in6.ts'
import { netdev_state_change, unregister_netdevice_queue } from '../core/dev.ts'
import { type net, type pernet_operations, register_pernet_device } from '../core/net_namespace.ts'
import type { net_device, net_device_ops } from '../core/netdevice.ts'
import { rtnl_link_register } from '../core/rtnetlink.ts'
import type { rtnl_link_ops } from '../core/rtnl_link_ops.ts'
import { ip_tunnel_header_ops, netif_keep_dst } from '../ipv4/ip_tunnel.ts'
import { encap_from_request, ip_tunnel_netlink_encap_parms, put_iptun_encap } from '../ipv4/ip_tunnel_core.ts'
import { IP_MAX_MTU } from '../ipv4/ip_tunnel_state.ts'
import { IPXIPX_FEATURES } from '../ipv4/ipip.ts'
import { NLA_FLAG, NLA_UNSPEC, NLA_U8, NLA_U16, NLA_U32, policy } from '../netlink/policy.ts'
import {
  ip6_tnl_destroy_tunnels,
  ip6_tnl_get_iflink,
  ip6_tnl_get_link_net,
  ip6_tnl_link_config_common,
  ip6_tnl_lower_dev,
  ip6_tnl_net_of,
  nla_get_in6_addr,
  ip6_tnl_create,
  ip6_tnl_make_device,
  ip6_tnl_init_fallback,
} from './ip6_tunnel_core.ts'
import { type ip6_tnl_ctl_ops, ip6_tnl_siocdevprivate } from './ip6_tunnel_ioctl.ts'
import { ip4ip6_handler, ip6_tnl_net_id, ip6ip6_handler, mplsip6_handler } from './ip6_tunnel_rcv.ts'
import { ip6_tnl_start_xmit } from './ip6_tunnel_xmit.ts'
import { xfrm6_tunnel_register } from './tunnel6.ts'
import {
  __ip6_tnl_parm,
  ENCAP_LIMIT_LEN,
  IP6_MAX_MTU,
  IPV6_MIN_MTU,
  IPV6HDR_LEN,
  ip6_tnl,
  ip6_tnl_find,
  ip6_tnl_link,
  ip6_tnl_priv,
  ip6_tnl_random_perm_addr,
  ip6_tnl_unlink,
} from './ip6_tunnel_state.ts'

function known_protocol(proto: number): boolean {
  return proto === IPPROTO_IPV6 || proto === IPPROTO_IPIP || proto === 0
}
function limit_len(p: __ip6_tnl_parm): number {
  return p.flags & U.IP6_TNL_F_IGN_ENCAP_LIMIT ? 0 : ENCAP_LIMIT_LEN
}

/** ip6_tnl_link_config(): the MTU follows the route where packets can be sent. */
function ip6_tnl_link_config(t: ip6_tnl): void {
  const { dev, parms } = t
  ip6_tnl_link_config_common(t, true)
  t.tun_hlen = 0
  t.hlen = t.encap_hlen + t.tun_hlen
  const t_hlen = t.hlen + IPV6HDR_LEN
  if (!(parms.flags & U.IP6_TNL_F_CAP_XMIT)) return
  const tdev = ip6_tnl_lower_dev(t) ?? (parms.link === 0 ? undefined : t.net.dev_index_head.get(parms.link))
  if (tdev === undefined) return
  dev.needed_headroom = tdev.hard_header_len + tdev.needed_headroom + t_hlen
  dev.mtu = Math.max(Math.min(tdev.mtu, IP6_MAX_MTU) - t_hlen - limit_len(parms), IPV6_MIN_MTU)
}
function ip6_tnl_dev_init_gen(dev: net_device): void {
  const t = ip6_tnl_priv(dev)
  t.dev = dev
  t.net = dev.nd_net
  t.tun_hlen = 0
  t.hlen = t.encap_hlen
  const t_hlen = t.hlen + IPV6HDR_LEN
  dev.type = ARPHRD_TUNNEL6
  dev.mtu = ETH_DATA_LEN - t_hlen - limit_len(t.parms)
  dev.min_mtu = ETH_MIN_MTU
  dev.max_mtu = IP6_MAX_MTU - dev.hard_header_len - t_hlen
}
export function ip6_tnl_dev_init(dev: net_device): Errno | undefined {
  ip6_tnl_dev_init_gen(dev)
  const t = ip6_tnl_priv(dev)
  ip6_tnl_link_config(t)
  if (!t.parms.collect_md) return undefined
  dev.netns_local = true
  netif_keep_dst(dev)
  return undefined
}
export function ip6_tnl_dev_uninit(dev: net_device): void {
  const t = ip6_tnl_priv(dev)
  ip6_tnl_unlink(ip6_tnl_net_of(t.net, ip6_tnl_net_id), t)
}
export function ip6_tnl_change_mtu(dev: net_device, new_mtu: number): Errno | undefined {
  const t = ip6_tnl_priv(dev)
  const { proto } = t.parms
  const most = (proto === IPPROTO_IPV6 || proto === 0 ? IP6_MAX_MTU : IP_MAX_MTU) - dev.hard_header_len - (t.hlen + IPV6HDR_LEN)
  if (new_mtu < (proto === IPPROTO_IPV6 ? IPV6_MIN_MTU : ETH_MIN_MTU) || new_mtu > most) return EINVAL
  dev.mtu = new_mtu
  return undefined
}
export const ip6_tnl_ctl: ip6_tnl_ctl_ops = {
  net_id: ip6_tnl_net_id,
  keys: false,
  check: ip6_tnl_check,
  locate: ip6_tnl_locate,
  make: ip6_tnl_make,
  change: ip6_tnl_update,
  change_fallback: ip6_tnl0_update,
  duplicate: EEXIST,
}
export const ip6_tnl_netdev_ops: net_device_ops = {
  name: 'ip6_tnl_netdev_ops',
  ndo_init: ip6_tnl_dev_init,
  ndo_uninit: ip6_tnl_dev_uninit,
  ndo_start_xmit: ip6_tnl_start_xmit,
  ndo_siocdevprivate: ip6_tnl_siocdevprivate,
  ip6_tnl_ctl,
  ndo_change_mtu: ip6_tnl_change_mtu,
  ndo_get_iflink: ip6_tnl_get_iflink,
}
export function ip6_tnl_dev_setup(dev: net_device): void {
  dev.priv = new ip6_tnl()
  dev.netdev_ops = ip6_tnl_netdev_ops
  dev.header_ops = ip_tunnel_header_ops
  dev.needs_free_netdev = true
  dev.type = ARPHRD_TUNNEL6
  dev.flags |= IFF_NOARP
  dev.addr_len = 16
  dev.lltx = true
  netif_keep_dst(dev)
  dev.features |= IPXIPX_FEATURES
  dev.hw_features |= IPXIPX_FEATURES
  ip6_tnl_random_perm_addr(dev)
}

function ip6_tnl_locate(net: net, p: __ip6_tnl_parm): ip6_tnl | undefined {
  return ip6_tnl_find(ip6_tnl_net_of(net, ip6_tnl_net_id), p)
}
function ip6_tnl_make(net: net, p: __ip6_tnl_parm): ip6_tnl | Errno {
  return ip6_tnl_make_device(net, p, { name: 'ip6tnl%d', id: ip6_tnl_net_id, kind: ip6_link_ops, setup: ip6_tnl_dev_setup })
}
function ip6_tnl_update(t: ip6_tnl, p: __ip6_tnl_parm): void {
  const ip6n = ip6_tnl_net_of(t.net, ip6_tnl_net_id)
  const { laddr, raddr, flags, hop_limit, encap_limit, flowinfo, link, proto, fwmark } = p
  ip6_tnl_unlink(ip6n, t)
  Object.assign(t.parms, { laddr, raddr, flags, hop_limit, encap_limit, flowinfo, link, proto, fwmark })
  ip6_tnl_link_config(t)
  ip6_tnl_link(ip6n, t)
  netdev_state_change(t.dev)
}
/** ip6_tnl0_update(): only the protocol of the fallback device can be changed. */
function ip6_tnl0_update(t: ip6_tnl, p: __ip6_tnl_parm): void {
  t.parms.proto = p.proto
  netdev_state_change(t.dev)
}
function ip6_tnl_check(p: __ip6_tnl_parm): Errno | undefined {
  return known_protocol(p.proto) ? undefined : EINVAL
}

export function ip6_tnl_validate(_tb: AttrTable, data: AttrTable | undefined): Errno | undefined {
  const proto = data?.get(U.IFLA_IPTUN_PROTO)
  return proto === undefined || known_protocol(proto) ? undefined : EINVAL
}
function ip6_tnl_netlink_parms(data: AttrTable | undefined): __ip6_tnl_parm {
  const p = new __ip6_tnl_parm()
  if (data === undefined) return p
  p.link = data.get(U.IFLA_IPTUN_LINK) ?? 0
  p.laddr = nla_get_in6_addr(data, U.IFLA_IPTUN_LOCAL)
  p.raddr = nla_get_in6_addr(data, U.IFLA_IPTUN_REMOTE)
  p.hop_limit = data.get(U.IFLA_IPTUN_TTL) ?? 0
  p.encap_limit = data.get(U.IFLA_IPTUN_ENCAP_LIMIT) ?? 0
  p.flowinfo = data.get(U.IFLA_IPTUN_FLOWINFO) ?? 0
  p.flags = data.get(U.IFLA_IPTUN_FLAGS) ?? 0
  p.proto = data.get(U.IFLA_IPTUN_PROTO) ?? 0
  p.collect_md = data.has(U.IFLA_IPTUN_COLLECT_METADATA)
  p.fwmark = data.get(U.IFLA_IPTUN_FWMARK) ?? 0
  return p
}
export function ip6_tnl_newlink(_src_net: net, dev: net_device, tb: AttrTable, data: AttrTable | undefined): Errno | undefined {
  const nt = ip6_tnl_priv(dev)
  const encap = encap_from_request(nt, data)
  if (isErrno(encap)) return encap
  nt.parms = ip6_tnl_netlink_parms(data)
  const ip6n = ip6_tnl_net_of(dev.nd_net, ip6_tnl_net_id)
  const taken = nt.parms.collect_md ? ip6n.collect_md_tun : ip6_tnl_locate(dev.nd_net, nt.parms)
  if (taken !== undefined) return EEXIST
  const error = ip6_tnl_create(dev, ip6_tnl_net_id, ip6_link_ops)
  const mtu = tb.get(IFLA_MTU)
  if (!isErrno(error) && mtu !== undefined) ip6_tnl_change_mtu(dev, mtu)
  return error
}
export function ip6_tnl_changelink(dev: net_device, _tb: AttrTable, data: AttrTable | undefined): Errno | undefined {
  const nt = ip6_tnl_priv(dev)
  const p = ip6_tnl_netlink_parms(data)
  if (dev === ip6_tnl_net_of(nt.net, ip6_tnl_net_id).fb_tnl_dev) return change_fallback(nt, p, data)
  const encap = encap_from_request(nt, data)
  if (isErrno(encap)) return encap
  if (p.collect_md) return EINVAL
  const t = ip6_tnl_locate(nt.net, p)
  if (t !== undefined && t.dev !== dev) return EEXIST
  ip6_tnl_update(nt, p)
  return undefined
}
/** Nothing but the protocol may differ; iproute2 always sets the flag of UDP checksums. */
function change_fallback(t: ip6_tnl, p: __ip6_tnl_parm, data: AttrTable | undefined): Errno | undefined {
  const encap = ip_tunnel_netlink_encap_parms(data)
  if (encap !== undefined && (encap.type | (encap.flags & ~U.TUNNEL_ENCAP_FLAG_CSUM6) | encap.sport | encap.dport) !== 0) return EINVAL
  const { laddr, raddr, flags, hop_limit, encap_limit, flowinfo, link, fwmark, collect_md } = p
  if (!ipv6_addr_any(laddr) || !ipv6_addr_any(raddr) || collect_md) return EINVAL
  if ((flags | hop_limit | encap_limit | flowinfo | link | fwmark) !== 0) return EINVAL
  ip6_tnl0_update(t, p)
  return undefined
}
export function ip6_tnl_dellink(dev: net_device, list: net_device[]): void {
  if (dev !== ip6_tnl_net_of(ip6_tnl_priv(dev).net, ip6_tnl_net_id).fb_tnl_dev) unregister_netdevice_queue(dev, list)
}
export function ip6_tnl_fill_info(skb: MessageBuilder, dev: net_device): void {
  const { parms, encap } = ip6_tnl_priv(dev)
  skb.put(U.IFLA_IPTUN_LINK, parms.link)
  skb.put(U.IFLA_IPTUN_LOCAL, parms.laddr)
  skb.put(U.IFLA_IPTUN_REMOTE, parms.raddr)
  skb.put(U.IFLA_IPTUN_TTL, parms.hop_limit)
  skb.put(U.IFLA_IPTUN_ENCAP_LIMIT, parms.encap_limit)
  skb.put(U.IFLA_IPTUN_FLOWINFO, parms.flowinfo)
  skb.put(U.IFLA_IPTUN_FLAGS, parms.flags)
  skb.put(U.IFLA_IPTUN_PROTO, parms.proto)
  skb.put(U.IFLA_IPTUN_FWMARK, parms.fwmark)
  put_iptun_encap(skb, encap)
  if (parms.collect_md) skb.put(U.IFLA_IPTUN_COLLECT_METADATA, true)
}

export const ip6_tnl_policy = policy(U.IFLA_IPTUN, {
  IFLA_IPTUN_LINK: NLA_U32,
  IFLA_IPTUN_LOCAL: NLA_UNSPEC(16),
  IFLA_IPTUN_REMOTE: NLA_UNSPEC(16),
  IFLA_IPTUN_TTL: NLA_U8,
  IFLA_IPTUN_ENCAP_LIMIT: NLA_U8,
  IFLA_IPTUN_FLOWINFO: NLA_U32,
  IFLA_IPTUN_FLAGS: NLA_U32,
  IFLA_IPTUN_PROTO: NLA_U8,
  IFLA_IPTUN_ENCAP_TYPE: NLA_U16,
  IFLA_IPTUN_ENCAP_FLAGS: NLA_U16,
  IFLA_IPTUN_ENCAP_SPORT: NLA_U16,
  IFLA_IPTUN_ENCAP_DPORT: NLA_U16,
  IFLA_IPTUN_COLLECT_METADATA: NLA_FLAG,
  IFLA_IPTUN_FWMARK: NLA_U32,
})
export const ip6_link_ops: rtnl_link_ops = {
  kind: 'ip6tnl',
  policy: ip6_tnl_policy,
  setup: ip6_tnl_dev_setup,
  validate: ip6_tnl_validate,
  newlink: ip6_tnl_newlink,
  changelink: ip6_tnl_changelink,
  dellink: ip6_tnl_dellink,
  fill_info: ip6_tnl_fill_info,
  get_link_net: ip6_tnl_get_link_net,
}

export function ip6_tnl_init_net(net: net): Errno | undefined {
  return ip6_tnl_init_fallback(net, { name: 'ip6tnl0', id: ip6_tnl_net_id, kind: ip6_link_ops, setup: ip6_tnl_dev_setup }, IPPROTO_IPV6)
}
export function ip6_tnl_exit_batch_net(nets: net[]): void {
  ip6_tnl_destroy_tunnels(nets, ip6_tnl_net_id, [ip6_link_ops])
}
export const ip6_tnl_net_ops: pernet_operations = { name: 'ip6_tnl_net_ops', init: ip6_tnl_init_net, exit_batch: ip6_tnl_exit_batch_net }

/** Not under ipv6.disable=1. */
export function ip6_tunnel_init(kernel: Kernel): Errno | undefined {
  if (!kernel.params.ipv6) return EOPNOTSUPP
  xfrm6_tunnel_register(kernel, ip4ip6_handler, IPPROTO_IPIP)
  xfrm6_tunnel_register(kernel, ip6ip6_handler, IPPROTO_IPV6)
  xfrm6_tunnel_register(kernel, mplsip6_handler, IPPROTO_MPLS)
  return register_pernet_device(kernel, ip6_tnl_net_ops) ?? rtnl_link_register(kernel, ip6_link_ops)
}

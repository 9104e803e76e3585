/** net/ipv6/ip6_vti.c: virtual tunnel interfaces over IPv6, whose packets IPsec encapsulates by their key. */
import type { Kernel } from '../../kernel/kernel.ts'
import type { AttrTable } from '../../lib/attrs.ts'
import type { MessageBuilder } from '../../lib/message.ts'
import { EEXIST, EINVAL, ENOBUFS, type Errno, isErrno } from '../../uapi/errno.ts'
import { IFF_NOARP } from '../../uapi/linux/if.ts'
import { ARPHRD_TUNNEL6 } from '../../uapi/linux/if_arp.ts'
import { ETH_DATA_LEN, ETH_P_IP, ETH_P_IPV6 } from '../../uapi/linux/if_ether.ts'
import { IFLA_MTU } from '../../uapi/linux/if_link.ts'
import * as U from '../../uapi/linux/if_tunnel.ts'
import { IPPROTO_IPV6 } from '../../uapi/linux/in6.ts'
import { netdev_state_change, unregister_netdevice_queue } from '../core/dev.ts'
import { type net, type pernet_operations, register_pernet_device } from '../core/net_namespace.ts'
import type { net_device, net_device_ops } from '../core/netdevice.ts'
import { rtnl_link_register } from '../core/rtnetlink.ts'
import { DEV_STATS_INC } from '../core/dev_stats.ts'
import type { sk_buff } from '../core/skbuff.ts'
import { ip6_tnl_tx_err } from './ip6_tunnel_xmit.ts'
import type { rtnl_link_ops } from '../core/rtnl_link_ops.ts'
import { ip_tunnel_header_ops, netif_keep_dst } from '../ipv4/ip_tunnel.ts'
import { IP_MAX_MTU, IPV4_MIN_MTU } from '../ipv4/ip_tunnel_state.ts'
import { NLA_UNSPEC, NLA_U32, policy } from '../netlink/policy.ts'
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
import {
  __ip6_tnl_parm,
  IPV6HDR_LEN,
  ip6_tnl,
  ip6_tnl_find,
  ip6_tnl_link,
  ip6_tnl_priv,
  ip6_tnl_random_perm_addr,
  ip6_tnl_unlink,
} from './ip6_tunnel_state.ts'

const vti6_net_id = 'vti6'
/** include/linux/netdevice.h LL_MAX_HEADER of Debian's configuration. */
const LL_MAX_HEADER = 128

/** vti6_link_config(): without a route the MTU leaves room for any header below. */
function vti6_link_config(t: ip6_tnl, keep_mtu: boolean): void {
  const { dev, parms } = t
  ip6_tnl_link_config_common(t, true)
  if (keep_mtu && dev.mtu !== 0) {
    dev.mtu = Math.min(Math.max(dev.mtu, dev.min_mtu), dev.max_mtu)
    return
  }
  let tdev = parms.flags & U.IP6_TNL_F_CAP_XMIT ? ip6_tnl_lower_dev(t) : undefined
  if (tdev === undefined && parms.link !== 0) tdev = t.net.dev_index_head.get(parms.link)
  const mtu = tdev === undefined ? ETH_DATA_LEN - LL_MAX_HEADER - IPV6HDR_LEN : tdev.mtu - IPV6HDR_LEN
  dev.mtu = Math.max(mtu, IPV4_MIN_MTU)
}
export function vti6_dev_init(dev: net_device): Errno | undefined {
  const t = ip6_tnl_priv(dev)
  t.dev = dev
  t.net = dev.nd_net
  netif_keep_dst(dev)
  vti6_link_config(t, true)
  return undefined
}
export function vti6_dev_uninit(dev: net_device): void {
  const t = ip6_tnl_priv(dev)
  ip6_tnl_unlink(ip6_tnl_net_of(t.net, vti6_net_id), t)
}
/** Where IPsec has no states nothing that is sent finds one (vti6_xmit). */
export function vti6_tnl_xmit(skb: sk_buff, dev: net_device): number {
  if (skb.protocol === ETH_P_IP || skb.protocol === ETH_P_IPV6) {
    DEV_STATS_INC(dev, 'tx_carrier_errors')
    dev.nd_net.kernel.inet_ops?.dst_link_failure(skb)
  }
  return ip6_tnl_tx_err(skb, dev)
}
export const vti6_ctl: ip6_tnl_ctl_ops = {
  net_id: vti6_net_id,
  keys: true,
  told: ({ i_key, o_key }) => ({
    flags: 0,
    flowinfo: 0,
    hop_limit: 0,
    encap_limit: 0,
    i_flags: i_key ? U.GRE_KEY : 0,
    o_flags: o_key ? U.GRE_KEY : 0,
  }),
  check: vti6_check,
  locate: vti6_locate,
  make: vti6_make,
  change: vti6_update,
  duplicate: ENOBUFS,
}
export const vti6_netdev_ops: net_device_ops = {
  name: 'vti6_netdev_ops',
  ndo_init: vti6_dev_init,
  ndo_uninit: vti6_dev_uninit,
  ndo_start_xmit: vti6_tnl_xmit,
  ndo_siocdevprivate: ip6_tnl_siocdevprivate,
  ip6_tnl_ctl: vti6_ctl,
  ndo_get_iflink: ip6_tnl_get_iflink,
}
export function vti6_dev_setup(dev: net_device): void {
  dev.priv = new ip6_tnl()
  dev.netdev_ops = vti6_netdev_ops
  dev.header_ops = ip_tunnel_header_ops
  dev.needs_free_netdev = true
  dev.type = ARPHRD_TUNNEL6
  dev.min_mtu = IPV4_MIN_MTU
  dev.max_mtu = IP_MAX_MTU - IPV6HDR_LEN
  dev.flags |= IFF_NOARP
  dev.addr_len = 16
  netif_keep_dst(dev)
  ip6_tnl_random_perm_addr(dev)
}

function vti6_locate(net: net, p: __ip6_tnl_parm): ip6_tnl | undefined {
  return ip6_tnl_find(ip6_tnl_net_of(net, vti6_net_id), p)
}
function vti6_make(net: net, p: __ip6_tnl_parm): ip6_tnl | Errno {
  const t = ip6_tnl_make_device(net, p, { name: 'ip6_vti%d', id: vti6_net_id, kind: vti6_link_ops, setup: vti6_dev_setup })
  return isErrno(t) ? ENOBUFS : t
}
function vti6_update(t: ip6_tnl, p: __ip6_tnl_parm, keep_mtu = false): void {
  const ip6n = ip6_tnl_net_of(t.net, vti6_net_id)
  const { laddr, raddr, link, i_key, o_key, proto, fwmark } = p
  ip6_tnl_unlink(ip6n, t)
  Object.assign(t.parms, { laddr, raddr, link, i_key, o_key, proto, fwmark })
  vti6_link_config(t, keep_mtu)
  ip6_tnl_link(ip6n, t)
  netdev_state_change(t.dev)
}
function vti6_check(p: __ip6_tnl_parm): Errno | undefined {
  return p.proto === IPPROTO_IPV6 || p.proto === 0 ? undefined : EINVAL
}

function vti6_netlink_parms(data: AttrTable | undefined): __ip6_tnl_parm {
  const p = new __ip6_tnl_parm()
  if (data === undefined) return p
  p.link = data.get(U.IFLA_VTI_LINK) ?? 0
  p.laddr = nla_get_in6_addr(data, U.IFLA_VTI_LOCAL)
  p.raddr = nla_get_in6_addr(data, U.IFLA_VTI_REMOTE)
  p.i_key = data.get(U.IFLA_VTI_IKEY) ?? 0
  p.o_key = data.get(U.IFLA_VTI_OKEY) ?? 0
  p.fwmark = data.get(U.IFLA_VTI_FWMARK) ?? 0
  return p
}
export function vti6_newlink(_src_net: net, dev: net_device, _tb: AttrTable, data: AttrTable | undefined): Errno | undefined {
  const nt = ip6_tnl_priv(dev)
  nt.parms = vti6_netlink_parms(data)
  nt.parms.proto = IPPROTO_IPV6
  return vti6_locate(dev.nd_net, nt.parms) === undefined ? ip6_tnl_create(dev, vti6_net_id, vti6_link_ops) : EEXIST
}
export function vti6_changelink(dev: net_device, tb: AttrTable, data: AttrTable | undefined): Errno | undefined {
  const nt = ip6_tnl_priv(dev)
  if (dev === ip6_tnl_net_of(nt.net, vti6_net_id).fb_tnl_dev) return EINVAL
  const p = vti6_netlink_parms(data)
  const t = vti6_locate(nt.net, p)
  if (t !== undefined && t.dev !== dev) return EEXIST
  vti6_update(nt, p, tb.has(IFLA_MTU))
  return undefined
}
export function vti6_dellink(dev: net_device, list: net_device[]): void {
  if (dev !== ip6_tnl_net_of(ip6_tnl_priv(dev).net, vti6_net_id).fb_tnl_dev) unregister_netdevice_queue(dev, list)
}
export function vti6_fill_info(skb: MessageBuilder, dev: net_device): void {
  const { parms } = ip6_tnl_priv(dev)
  skb.put(U.IFLA_VTI_LINK, parms.link)
  skb.put(U.IFLA_VTI_LOCAL, parms.laddr)
  skb.put(U.IFLA_VTI_REMOTE, parms.raddr)
  skb.put(U.IFLA_VTI_IKEY, parms.i_key)
  skb.put(U.IFLA_VTI_OKEY, parms.o_key)
  skb.put(U.IFLA_VTI_FWMARK, parms.fwmark)
}

export const vti6_policy = policy(U.IFLA_VTI, {
  IFLA_VTI_LINK: NLA_U32,
  IFLA_VTI_LOCAL: NLA_UNSPEC(16),
  IFLA_VTI_REMOTE: NLA_UNSPEC(16),
  IFLA_VTI_IKEY: NLA_U32,
  IFLA_VTI_OKEY: NLA_U32,
  IFLA_VTI_FWMARK: NLA_U32,
})
export const vti6_link_ops: rtnl_link_ops = {
  kind: 'vti6',
  policy: vti6_policy,
  setup: vti6_dev_setup,
  newlink: vti6_newlink,
  changelink: vti6_changelink,
  dellink: vti6_dellink,
  fill_info: vti6_fill_info,
  get_link_net: ip6_tnl_get_link_net,
}

export function vti6_init_net(net: net): Errno | undefined {
  return ip6_tnl_init_fallback(net, { name: 'ip6_vti0', id: vti6_net_id, kind: vti6_link_ops, setup: vti6_dev_setup }, IPPROTO_IPV6)
}
export function vti6_exit_batch_net(nets: net[]): void {
  ip6_tnl_destroy_tunnels(nets, vti6_net_id, [vti6_link_ops])
}
export const vti6_net_ops: pernet_operations = { name: 'vti6_net_ops', init: vti6_init_net, exit_batch: vti6_exit_batch_net }

export function vti6_tunnel_init(kernel: Kernel): Errno | undefined {
  return register_pernet_device(kernel, vti6_net_ops) ?? rtnl_link_register(kernel, vti6_link_ops)
}

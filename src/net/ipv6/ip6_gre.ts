/** net/ipv6/ip6_gre.c: ip6gre (packets), ip6gretap (frames) and ip6erspan (mirrored frames) over IPv6. */
import type { Kernel } from '../../kernel/kernel.ts'
import type { AttrTable } from '../../lib/attrs.ts'
import { EEXIST, EINVAL, ENOBUFS, type Errno, isErrno } from '../../uapi/errno.ts'
import { IFF_NOARP } from '../../uapi/linux/if.ts'
import { ARPHRD_ETHER, ARPHRD_IP6GRE } from '../../uapi/linux/if_arp.ts'
import { ETH_DATA_LEN, ETH_HLEN } from '../../uapi/linux/if_ether.ts'
import { IFLA_ADDRESS, IFLA_MTU } from '../../uapi/linux/if_link.ts'
import * as U from '../../uapi/linux/if_tunnel.ts'
import { IPPROTO_GRE } from '../../uapi/linux/in.ts'
import { ipv6_addr_any } from '../../uapi/linux/in6.ts'
import { alloc_netdev, free_netdev, register_netdevice, unregister_netdevice_queue } from '../core/dev.ts'
import { dev_addr_set, dev_broadcast_set } from '../core/dev_addr_lists.ts'
import { type net, type pernet_operations, register_pernet_device } from '../core/net_namespace.ts'
import {
  type header_ops,
  IFF_LIVE_ADDR_CHANGE,
  IFF_TX_SKB_SHARING,
  NET_NAME_UNKNOWN,
  type net_device,
  type net_device_ops,
} from '../core/netdevice.ts'
import { rtnl_link_register } from '../core/rtnetlink.ts'
import type { rtnl_link_ops } from '../core/rtnl_link_ops.ts'
import { eth_hw_addr_random, eth_mac_addr, eth_validate_addr, ether_setup } from '../ethernet/eth.ts'
import { erspan_hdr_len, GRE_FEATURES, gre_calc_hlen } from '../ipv4/gre_common.ts'
import { netif_keep_dst } from '../ipv4/ip_tunnel.ts'
import { encap_from_request } from '../ipv4/ip_tunnel_core.ts'
import {
  ip6erspan_netlink_parms,
  ip6erspan_tap_validate,
  ip6gre_fill_info,
  ip6gre_netlink_parms,
  ip6gre_policy,
  ip6gre_tap_validate,
  ip6gre_tunnel_validate,
} from './ip6_gre_netlink.ts'
import {
  ip6_tnl_destroy_tunnels,
  ip6_tnl_get_iflink,
  ip6_tnl_get_link_net,
  ip6_tnl_link_config_common,
  ip6_tnl_lower_dev,
  ip6_tnl_net_of,
  ip6_tnl_init_fallback,
} from './ip6_tunnel_core.ts'
import { ip6_tnl_change_mtu } from './ip6_tunnel.ts'
import { type ip6_tnl_ctl_ops, ip6_tnl_siocdevprivate } from './ip6_tunnel_ioctl.ts'
import { ip6erspan_tunnel_xmit, ip6gre_net_id, ip6gre_protocol, ip6gre_tunnel_xmit } from './ip6_gre_data.ts'
import { inet6_add_protocol } from './ip6_input.ts'
import {
  type __ip6_tnl_parm,
  ENCAP_LIMIT_LEN,
  IPV6_MIN_MTU,
  IPV6HDR_LEN,
  ip6_tnl,
  ip6_tnl_find,
  ip6_tnl_link,
  ip6_tnl_priv,
  ip6_tnl_random_perm_addr,
  ip6_tnl_unlink,
} from './ip6_tunnel_state.ts'

export const ip6gre_header_ops: header_ops = { name: 'ip6gre_header_ops' }

/** ip6gre_calc_hlen(), ip6erspan_calc_hlen(): all headers outside the packet. */
function calc_hlen(t: ip6_tnl): number {
  const { parms } = t
  t.tun_hlen = parms.erspan_ver !== 0 ? 8 : gre_calc_hlen(parms.o_flags)
  t.hlen = t.tun_hlen + t.encap_hlen + erspan_hdr_len(parms.erspan_ver)
  return t.hlen + IPV6HDR_LEN
}
/** What of a lower MTU is left. */
function inner_mtu(t: ip6_tnl, lower: number, t_hlen: number): number {
  const frame = t.dev.type === ARPHRD_ETHER ? ETH_HLEN : 0
  return lower - t_hlen - frame - (t.parms.flags & U.IP6_TNL_F_IGN_ENCAP_LIMIT ? 0 : ENCAP_LIMIT_LEN)
}
function init_common(dev: net_device): ip6_tnl {
  const t = ip6_tnl_priv(dev)
  t.dev = dev
  t.net = dev.nd_net
  t.parms.name = dev.name
  dev.mtu = inner_mtu(t, ETH_DATA_LEN, calc_hlen(t))
  if (t.parms.collect_md) {
    dev.netns_local = true
    netif_keep_dst(dev)
  }
  dev.features |= GRE_FEATURES
  dev.hw_features |= GRE_FEATURES
  dev.lltx = true
  return t
}
export function ip6gre_tunnel_init(dev: net_device): Errno | undefined {
  const { parms } = init_common(dev)
  if (parms.collect_md) return undefined
  dev_addr_set(dev, parms.laddr)
  dev_broadcast_set(dev, parms.raddr)
  if (ipv6_addr_any(parms.raddr)) dev.header_ops = ip6gre_header_ops
  return undefined
}
export function ip6gre_tap_init(dev: net_device): Errno | undefined {
  init_common(dev)
  dev.priv_flags |= IFF_LIVE_ADDR_CHANGE
  return undefined
}
export function ip6gre_tunnel_uninit(dev: net_device): void {
  const t = ip6_tnl_priv(dev)
  ip6_tnl_unlink(ip6_tnl_net_of(t.net, ip6gre_net_id), t)
}

/** ip6gre_tnl_link_config(), ip6erspan_tnl_link_config() */
function link_config(t: ip6_tnl, set_mtu: boolean): void {
  const { dev, parms } = t
  ip6_tnl_link_config_common(t, dev.type !== ARPHRD_ETHER)
  const t_hlen = calc_hlen(t)
  if (!(parms.flags & U.IP6_TNL_F_CAP_XMIT)) return
  const tdev = ip6_tnl_lower_dev(t)
  if (tdev === undefined) return
  dev.needed_headroom = tdev.hard_header_len + t_hlen
  if (set_mtu) dev.mtu = Math.max(inner_mtu(t, tdev.mtu, t_hlen), IPV6_MIN_MTU)
}

function locate(net: net, p: __ip6_tnl_parm, type: number): ip6_tnl | undefined {
  return ip6_tnl_find(ip6_tnl_net_of(net, ip6gre_net_id), p, (t) => t.parms.i_key === p.i_key && t.dev.type === type)
}
function change(t: ip6_tnl, p: __ip6_tnl_parm, set_mtu = true): void {
  const ign = ip6_tnl_net_of(t.net, ip6gre_net_id)
  ip6_tnl_unlink(ign, t)
  const { name, proto, collect_md } = t.parms
  Object.assign(t.parms, p, { name, proto, collect_md })
  link_config(t, set_mtu)
  ip6_tnl_link(ign, t)
}
function make(net: net, p: __ip6_tnl_parm): ip6_tnl | Errno {
  const dev = alloc_netdev(net, p.name || 'ip6gre%d', undefined, ip6gre_tunnel_setup, { name_assign_type: NET_NAME_UNKNOWN })
  const t = ip6_tnl_priv(dev)
  t.parms = p
  dev.rtnl_link_ops = ip6gre_link_ops
  if (isErrno(register_netdevice(dev))) {
    free_netdev(dev)
    return ENOBUFS
  }
  link_config(t, true)
  ip6_tnl_link(ip6_tnl_net_of(net, ip6gre_net_id), t)
  return t
}
function check(p: __ip6_tnl_parm): Errno | undefined {
  if ((p.i_flags | p.o_flags) & (U.GRE_VERSION | U.GRE_ROUTING)) return EINVAL
  if (!(p.i_flags & U.GRE_KEY)) p.i_key = 0
  if (!(p.o_flags & U.GRE_KEY)) p.o_key = 0
  return undefined
}
export const ip6gre_ctl: ip6_tnl_ctl_ops = {
  net_id: ip6gre_net_id,
  keys: true,
  told: () => ({ proto: IPPROTO_GRE }),
  check,
  locate,
  make,
  change,
  duplicate: ENOBUFS,
}

export const ip6gre_netdev_ops: net_device_ops = {
  name: 'ip6gre_netdev_ops',
  ndo_init: ip6gre_tunnel_init,
  ndo_uninit: ip6gre_tunnel_uninit,
  ndo_start_xmit: ip6gre_tunnel_xmit,
  ndo_siocdevprivate: ip6_tnl_siocdevprivate,
  ip6_tnl_ctl: ip6gre_ctl,
  ndo_change_mtu: ip6_tnl_change_mtu,
  ndo_get_iflink: ip6_tnl_get_iflink,
}
export const ip6gre_tap_netdev_ops: net_device_ops = {
  name: 'ip6gre_tap_netdev_ops',
  ndo_init: ip6gre_tap_init,
  ndo_uninit: ip6gre_tunnel_uninit,
  ndo_start_xmit: ip6gre_tunnel_xmit,
  ndo_set_mac_address: eth_mac_addr,
  ndo_validate_addr: eth_validate_addr,
  ndo_change_mtu: ip6_tnl_change_mtu,
  ndo_get_iflink: ip6_tnl_get_iflink,
}
export const ip6erspan_netdev_ops: net_device_ops = {
  ...ip6gre_tap_netdev_ops,
  name: 'ip6erspan_netdev_ops',
  ndo_start_xmit: ip6erspan_tunnel_xmit,
}
export function ip6gre_tunnel_setup(dev: net_device): void {
  dev.priv = new ip6_tnl()
  dev.netdev_ops = ip6gre_netdev_ops
  dev.needs_free_netdev = true
  dev.type = ARPHRD_IP6GRE
  dev.flags |= IFF_NOARP
  dev.addr_len = 16
  netif_keep_dst(dev)
  ip6_tnl_random_perm_addr(dev)
}
export function ip6gre_tap_setup(dev: net_device): void {
  ether_setup(dev)
  dev.priv = new ip6_tnl()
  dev.max_mtu = 0
  dev.netdev_ops = ip6gre_tap_netdev_ops
  dev.needs_free_netdev = true
  dev.priv_flags &= ~IFF_TX_SKB_SHARING
  dev.priv_flags |= IFF_LIVE_ADDR_CHANGE
  netif_keep_dst(dev)
}

export function ip6erspan_tap_setup(dev: net_device): void {
  ip6gre_tap_setup(dev)
  dev.netdev_ops = ip6erspan_netdev_ops
}

function newlink(dev: net_device, tb: AttrTable, data: AttrTable | undefined, p: __ip6_tnl_parm): Errno | undefined {
  const nt = ip6_tnl_priv(dev)
  const ign = ip6_tnl_net_of(dev.nd_net, ip6gre_net_id)
  nt.parms = p
  const taken = p.collect_md ? ign.collect_md_tun : locate(dev.nd_net, p, dev.type)
  if (taken !== undefined) return EEXIST
  const encap = encap_from_request(nt, data, true)
  if (isErrno(encap)) return encap
  if (dev.type === ARPHRD_ETHER && !tb.has(IFLA_ADDRESS)) eth_hw_addr_random(dev)
  const error = register_netdevice(dev)
  if (isErrno(error)) return error
  const mtu = tb.get(IFLA_MTU)
  if (mtu !== undefined) ip6_tnl_change_mtu(dev, mtu)
  link_config(nt, mtu === undefined)
  ip6_tnl_link(ign, nt)
  return undefined
}
export function ip6gre_newlink(_src_net: net, dev: net_device, tb: AttrTable, data: AttrTable | undefined): Errno | undefined {
  return newlink(dev, tb, data, ip6gre_netlink_parms(data))
}
export function ip6erspan_newlink(_src_net: net, dev: net_device, tb: AttrTable, data: AttrTable | undefined): Errno | undefined {
  return newlink(dev, tb, data, ip6erspan_netlink_parms(data))
}
function changelink(dev: net_device, tb: AttrTable, data: AttrTable | undefined, p: __ip6_tnl_parm): Errno | undefined {
  const nt = ip6_tnl_priv(dev)
  if (dev === ip6_tnl_net_of(nt.net, ip6gre_net_id).fb_tnl_dev) return EINVAL
  const encap = encap_from_request(nt, data, true)
  if (isErrno(encap)) return encap
  const t = locate(nt.net, p, dev.type)
  if (t !== undefined && t.dev !== dev) return EEXIST
  change(nt, p, !tb.has(IFLA_MTU))
  return undefined
}
export function ip6gre_changelink(dev: net_device, tb: AttrTable, data: AttrTable | undefined): Errno | undefined {
  return changelink(dev, tb, data, ip6gre_netlink_parms(data))
}
export function ip6erspan_changelink(dev: net_device, tb: AttrTable, data: AttrTable | undefined): Errno | undefined {
  return changelink(dev, tb, data, ip6erspan_netlink_parms(data))
}
export function ip6gre_dellink(dev: net_device, list: net_device[]): void {
  if (dev !== ip6_tnl_net_of(ip6_tnl_priv(dev).net, ip6gre_net_id).fb_tnl_dev) unregister_netdevice_queue(dev, list)
}

export const ip6gre_link_ops: rtnl_link_ops = {
  kind: 'ip6gre',
  policy: ip6gre_policy,
  setup: ip6gre_tunnel_setup,
  validate: ip6gre_tunnel_validate,
  newlink: ip6gre_newlink,
  changelink: ip6gre_changelink,
  dellink: ip6gre_dellink,
  fill_info: ip6gre_fill_info,
  get_link_net: ip6_tnl_get_link_net,
}
export const ip6gre_tap_ops: rtnl_link_ops = {
  ...ip6gre_link_ops,
  kind: 'ip6gretap',
  setup: ip6gre_tap_setup,
  validate: ip6gre_tap_validate,
}
export const ip6erspan_tap_ops: rtnl_link_ops = {
  ...ip6gre_link_ops,
  kind: 'ip6erspan',
  setup: ip6erspan_tap_setup,
  validate: ip6erspan_tap_validate,
  newlink: ip6erspan_newlink,
  changelink: ip6erspan_changelink,
}

/** Only packets have a fallback device over IPv6. */
export function ip6gre_init_net(net: net): Errno | undefined {
  return ip6_tnl_init_fallback(net, { name: 'ip6gre0', id: ip6gre_net_id, kind: ip6gre_link_ops, setup: ip6gre_tunnel_setup }, 0)
}
export function ip6gre_exit_batch_net(nets: net[]): void {
  ip6_tnl_destroy_tunnels(nets, ip6gre_net_id, [ip6gre_link_ops, ip6gre_tap_ops, ip6erspan_tap_ops])
}
export const ip6gre_net_ops: pernet_operations = { name: 'ip6gre_net_ops', init: ip6gre_init_net, exit_batch: ip6gre_exit_batch_net }

export function ip6gre_init(kernel: Kernel): Errno | undefined {
  const error = register_pernet_device(kernel, ip6gre_net_ops)
  if (isErrno(error)) return error
  if (kernel.inet6 !== undefined) inet6_add_protocol(kernel.init_net, ip6gre_protocol, IPPROTO_GRE)
  for (const ops of [ip6gre_link_ops, ip6gre_tap_ops, ip6erspan_tap_ops]) {
    const refused = rtnl_link_register(kernel, ops)
    if (isErrno(refused)) return refused
  }
  return undefined
}

/** net/ipv4/ip_gre.c: gre (packets), gretap (frames) and erspan (mirrored frames) over IPv4. Attributes: ip_gre_netlink.ts. */
import type { Kernel } from '../../kernel/kernel.ts'
import type { task_struct } from '../../kernel/task.ts'
import { dev_broadcast_set_be32 } from '../core/dev_addr_lists.ts'
import { EADDRNOTAVAIL, EINVAL, type Errno, isErrno } from '../../uapi/errno.ts'
import { IFF_BROADCAST, IFF_NOARP } from '../../uapi/linux/if.ts'
import { ARPHRD_IPGRE } from '../../uapi/linux/if_arp.ts'
import * as U from '../../uapi/linux/if_tunnel.ts'
import { IPPROTO_GRE, ipv4_is_multicast } from '../../uapi/linux/in.ts'
import { type net, type pernet_operations, register_pernet_device } from '../core/net_namespace.ts'
import { type header_ops, IFF_LIVE_ADDR_CHANGE, IFF_TX_SKB_SHARING, type net_device, type net_device_ops } from '../core/netdevice.ts'
import { rtnl_link_register } from '../core/rtnetlink.ts'
import type { rtnl_link_ops } from '../core/rtnl_link_ops.ts'
import { eth_mac_addr, eth_validate_addr, ether_setup } from '../ethernet/eth.ts'
import { erspan_hdr_len, GRE_FEATURES, gre_calc_hlen, gre_known_flags } from './gre_common.ts'
import {
  erspan_changelink,
  erspan_fill_info,
  erspan_newlink,
  erspan_validate,
  ipgre_changelink,
  ipgre_fill_info,
  ipgre_gso_features,
  ipgre_link_update,
  ipgre_newlink,
  ipgre_policy,
  ipgre_tap_validate,
  ipgre_tunnel_validate,
} from './ip_gre_netlink.ts'
import {
  dev_addr_set_ipv4,
  ip_tunnel_change_mtu,
  ip_tunnel_delete_nets,
  ip_tunnel_dellink,
  ip_tunnel_get_iflink,
  ip_tunnel_get_link_net,
  ip_tunnel_init,
  ip_tunnel_init_net,
  ip_tunnel_uninit,
  netif_keep_dst,
} from './ip_tunnel.ts'
import { erspan_net_id, gre_protocol, gre_tap_net_id, ipgre_net_id } from './ip_gre_rcv.ts'
import { erspan_xmit, gre_tap_xmit, ipgre_header, ipgre_xmit } from './ip_gre_xmit.ts'
import { flowi4 } from './fib_lookup.ts'
import { ip_mc_dec_group, ip_mc_inc_group } from './igmp.ts'
import { inet_add_protocol } from './ip_input.ts'
import { ip_route_output_key } from './route.ts'
import { ip_tunnel_ctl, ip_tunnel_siocdevprivate } from './ip_tunnel_ioctl.ts'
import { IP_DF, IPHDR_LEN, ip_tunnel, type ip_tunnel_parm_kern, ip_tunnel_priv } from './ip_tunnel_state.ts'

export const ipgre_header_ops: header_ops = { name: 'ipgre_header_ops', create: ipgre_header }

export function ipgre_tunnel_ctl(dev: net_device, p: ip_tunnel_parm_kern, cmd: number, task: task_struct): Errno | undefined {
  if (cmd === U.SIOCADDTUNNEL || cmd === U.SIOCCHGTUNNEL) {
    const header = p.version === 4 && p.protocol === IPPROTO_GRE && p.ihl === 5 && (p.frag_off & ~IP_DF) === 0
    if (!header || ((p.i_flags | p.o_flags) & (U.GRE_VERSION | U.GRE_ROUTING)) !== 0) return EINVAL
  }
  p.i_flags = gre_known_flags(p.i_flags)
  p.o_flags = gre_known_flags(p.o_flags)
  const error = ip_tunnel_ctl(dev, p, cmd, task)
  if (isErrno(error)) return error
  if (cmd === U.SIOCCHGTUNNEL) {
    const { parms } = ip_tunnel_priv(dev)
    parms.i_flags = p.i_flags
    parms.o_flags = p.o_flags
    ipgre_link_update(dev, true)
  }
  return undefined
}

function __gre_tunnel_init(dev: net_device): void {
  const t = ip_tunnel_priv(dev)
  t.tun_hlen = gre_calc_hlen(t.parms.o_flags)
  t.parms.protocol = IPPROTO_GRE
  t.hlen = t.tun_hlen + t.encap_hlen
  dev.needed_headroom = t.hlen + IPHDR_LEN
  dev.features |= GRE_FEATURES
  dev.hw_features |= GRE_FEATURES
  ipgre_gso_features(dev, t)
  dev.lltx = true
}
/** A tunnel to a group needs an address of its own; one without a fixed peer builds its headers itself. */
export function ipgre_tunnel_init(dev: net_device): Errno | undefined {
  const t = ip_tunnel_priv(dev)
  const { saddr, daddr } = t.parms
  __gre_tunnel_init(dev)
  dev_addr_set_ipv4(dev, saddr)
  dev_broadcast_set_be32(dev, daddr)
  dev.flags = IFF_NOARP
  netif_keep_dst(dev)
  dev.addr_len = 4
  if (!t.collect_md && (daddr === 0 || ipv4_is_multicast(daddr))) {
    if (daddr !== 0) {
      if (saddr === 0) return EINVAL
      dev.flags = IFF_BROADCAST
    }
    dev.header_ops = ipgre_header_ops
    dev.hard_header_len = t.hlen + IPHDR_LEN
    dev.needed_headroom = 0
  }
  return ip_tunnel_init(dev)
}
/** A tunnel to a group is in that group itself, on the device that leads there. */
export function ipgre_open(dev: net_device): Errno | undefined {
  const t = ip_tunnel_priv(dev)
  const { saddr, daddr, link } = t.parms
  if (!ipv4_is_multicast(daddr)) return undefined
  const fl = new flowi4(daddr, link)
  fl.saddr = saddr
  fl.proto = IPPROTO_GRE
  const rt = ip_route_output_key(t.net, fl)
  if (isErrno(rt) || rt.dev.ip_ptr === undefined) return EADDRNOTAVAIL
  t.mlink = rt.dev.ifindex
  ip_mc_inc_group(rt.dev.ip_ptr, daddr)
  return undefined
}
export function ipgre_close(dev: net_device): undefined {
  const t = ip_tunnel_priv(dev)
  if (t.mlink === 0 || !ipv4_is_multicast(t.parms.daddr)) return
  const in_dev = t.net.dev_index_head.get(t.mlink)?.ip_ptr
  if (in_dev !== undefined) ip_mc_dec_group(in_dev, t.parms.daddr)
}
export const ipgre_netdev_ops: net_device_ops = {
  name: 'ipgre_netdev_ops',
  ndo_init: ipgre_tunnel_init,
  ndo_open: ipgre_open,
  ndo_stop: ipgre_close,
  ndo_start_xmit: ipgre_xmit,
  ndo_uninit: ip_tunnel_uninit,
  ndo_siocdevprivate: ip_tunnel_siocdevprivate,
  ndo_tunnel_ctl: ipgre_tunnel_ctl,
  ndo_change_mtu: ip_tunnel_change_mtu,
  ndo_get_iflink: ip_tunnel_get_iflink,
}
export function ipgre_tunnel_setup(dev: net_device): void {
  dev.priv = new ip_tunnel(ipgre_net_id)
  dev.netdev_ops = ipgre_netdev_ops
  dev.type = ARPHRD_IPGRE
}

export function gre_tap_init(dev: net_device): Errno | undefined {
  __gre_tunnel_init(dev)
  dev.priv_flags |= IFF_LIVE_ADDR_CHANGE
  netif_keep_dst(dev)
  return ip_tunnel_init(dev)
}
export const gre_tap_netdev_ops: net_device_ops = {
  name: 'gre_tap_netdev_ops',
  ndo_init: gre_tap_init,
  ndo_start_xmit: gre_tap_xmit,
  ndo_uninit: ip_tunnel_uninit,
  ndo_set_mac_address: eth_mac_addr,
  ndo_validate_addr: eth_validate_addr,
  ndo_change_mtu: ip_tunnel_change_mtu,
  ndo_get_iflink: ip_tunnel_get_iflink,
}
export function erspan_tunnel_init(dev: net_device): Errno | undefined {
  const t = ip_tunnel_priv(dev)
  t.tun_hlen = t.erspan_ver === 0 ? 4 : 8
  t.parms.protocol = IPPROTO_GRE
  t.hlen = t.tun_hlen + t.encap_hlen + erspan_hdr_len(t.erspan_ver)
  dev.features |= GRE_FEATURES
  dev.hw_features |= GRE_FEATURES
  dev.priv_flags |= IFF_LIVE_ADDR_CHANGE
  netif_keep_dst(dev)
  return ip_tunnel_init(dev)
}
export const erspan_netdev_ops: net_device_ops = {
  ...gre_tap_netdev_ops,
  name: 'erspan_netdev_ops',
  ndo_init: erspan_tunnel_init,
  ndo_start_xmit: erspan_xmit,
}

function ether_tunnel_setup(dev: net_device, ops: net_device_ops, net_id: string): void {
  ether_setup(dev)
  dev.priv = new ip_tunnel(net_id)
  dev.max_mtu = 0
  dev.netdev_ops = ops
  dev.priv_flags &= ~IFF_TX_SKB_SHARING
  dev.priv_flags |= IFF_LIVE_ADDR_CHANGE
}
export function ipgre_tap_setup(dev: net_device): void {
  ether_tunnel_setup(dev, gre_tap_netdev_ops, gre_tap_net_id)
}
export function erspan_setup(dev: net_device): void {
  ether_tunnel_setup(dev, erspan_netdev_ops, erspan_net_id)
  ip_tunnel_priv(dev).erspan_ver = 1
}

export const ipgre_link_ops: rtnl_link_ops = {
  kind: 'gre',
  policy: ipgre_policy,
  setup: ipgre_tunnel_setup,
  validate: ipgre_tunnel_validate,
  newlink: ipgre_newlink,
  changelink: ipgre_changelink,
  dellink: ip_tunnel_dellink,
  fill_info: ipgre_fill_info,
  get_link_net: ip_tunnel_get_link_net,
}
export const ipgre_tap_ops: rtnl_link_ops = { ...ipgre_link_ops, kind: 'gretap', setup: ipgre_tap_setup, validate: ipgre_tap_validate }
export const erspan_link_ops: rtnl_link_ops = {
  ...ipgre_link_ops,
  kind: 'erspan',
  setup: erspan_setup,
  validate: erspan_validate,
  newlink: erspan_newlink,
  changelink: erspan_changelink,
  fill_info: erspan_fill_info,
}

export function ipgre_init_net(net: net): Errno | undefined {
  return ip_tunnel_init_net(net, ipgre_net_id, ipgre_link_ops)
}
export function ipgre_exit_batch_net(nets: net[]): void {
  ip_tunnel_delete_nets(nets, ipgre_net_id, ipgre_link_ops)
}
export function ipgre_tap_init_net(net: net): Errno | undefined {
  return ip_tunnel_init_net(net, gre_tap_net_id, ipgre_tap_ops, 'gretap0')
}
export function ipgre_tap_exit_batch_net(nets: net[]): void {
  ip_tunnel_delete_nets(nets, gre_tap_net_id, ipgre_tap_ops)
}
export function erspan_init_net(net: net): Errno | undefined {
  return ip_tunnel_init_net(net, erspan_net_id, erspan_link_ops, 'erspan0')
}
export function erspan_exit_batch_net(nets: net[]): void {
  ip_tunnel_delete_nets(nets, erspan_net_id, erspan_link_ops)
}
export const ipgre_net_ops: pernet_operations = { name: 'ipgre_net_ops', init: ipgre_init_net, exit_batch: ipgre_exit_batch_net }
export const ipgre_tap_net_ops: pernet_operations = {
  name: 'ipgre_tap_net_ops',
  init: ipgre_tap_init_net,
  exit_batch: ipgre_tap_exit_batch_net,
}
export const erspan_net_ops: pernet_operations = { name: 'erspan_net_ops', init: erspan_init_net, exit_batch: erspan_exit_batch_net }

/** All fallback devices come before the first kind can be asked for. */
export function ipgre_init(kernel: Kernel): Errno | undefined {
  for (const ops of [ipgre_net_ops, ipgre_tap_net_ops, erspan_net_ops]) {
    const error = register_pernet_device(kernel, ops)
    if (isErrno(error)) return error
  }
  inet_add_protocol(kernel.init_net, gre_protocol, IPPROTO_GRE)
  for (const ops of [ipgre_link_ops, ipgre_tap_ops, erspan_link_ops]) {
    const error = rtnl_link_register(kernel, ops)
    if (isErrno(error)) return error
  }
  return undefined
}

/** drivers/net/can/vxcan.c: pairs of CAN devices, as veth is for Ethernet. */
import type { Kernel } from '../../../kernel/kernel.ts'
import type { AttrTable } from '../../../lib/attrs.ts'
import { netif_carrier_off, netif_carrier_on, netif_rx, register_netdevice, unregister_netdevice } from '../../../net/core/dev.ts'
import { DEV_STATS_INC } from '../../../net/core/dev_stats.ts'
import { type ethtool_ops, ethtool_op_get_ts_info } from '../../../net/core/ethtool_ops.ts'
import type { net } from '../../../net/core/net_namespace.ts'
import { NETDEV_TX_OK, type net_device, type net_device_ops, netdev_priv } from '../../../net/core/netdevice.ts'
import { rtnl_link_register } from '../../../net/core/rtnetlink.ts'
import type { rtnl_link_ops } from '../../../net/core/rtnl_link_ops.ts'
import { kfree_skb, type sk_buff } from '../../../net/core/skbuff.ts'
import type { netlink_ext_ack } from '../../../net/netlink/extack.ts'
import { NLA_UNSPEC, policy } from '../../../net/netlink/policy.ts'
import { ENOTCONN, type Errno, isErrno } from '../../../uapi/errno.ts'
import { IFF_UP } from '../../../uapi/linux/if.ts'
import { IFLA_IFNAME, VXCAN_INFO, VXCAN_INFO_PEER } from '../../../uapi/linux/if_link.ts'
import { ifinfomsg } from '../../../uapi/linux/rtnetlink.ts'
import { create_peer, parse_peer, peer_dellink, peer_get_link_net, peer_of } from '../peer_link.ts'
import { can_change_mtu, can_dropped_invalid_skb, can_virtual_setup } from './vcan.ts'

export class vxcan_priv {
  peer: net_device | undefined = undefined
}
export function vxcan_open(dev: net_device): Errno | undefined {
  const peer = peer_of(dev)
  if (peer === undefined) return ENOTCONN
  if (peer.flags & IFF_UP) {
    netif_carrier_on(dev)
    netif_carrier_on(peer)
  }
  return undefined
}
export function vxcan_close(dev: net_device): undefined {
  const peer = peer_of(dev)
  netif_carrier_off(dev)
  if (peer !== undefined) netif_carrier_off(peer)
}
export function vxcan_get_iflink(dev: net_device): number {
  return peer_of(dev)?.ifindex ?? 0
}
export function vxcan_xmit(skb: sk_buff, dev: net_device): number {
  if (can_dropped_invalid_skb(skb, dev)) return NETDEV_TX_OK
  const peer = peer_of(dev)
  if (peer === undefined) {
    kfree_skb(skb)
    DEV_STATS_INC(dev, 'tx_dropped')
    return NETDEV_TX_OK
  }
  skb.dev = peer
  netif_rx(skb)
  DEV_STATS_INC(dev, 'tx_packets')
  DEV_STATS_INC(peer, 'rx_packets')
  return NETDEV_TX_OK
}
export const vxcan_ethtool_ops: ethtool_ops = { name: 'vxcan_ethtool_ops', get_ts_info: ethtool_op_get_ts_info }
export const vxcan_netdev_ops: net_device_ops = {
  name: 'vxcan_netdev_ops',
  ndo_open: vxcan_open,
  ndo_stop: vxcan_close,
  ndo_start_xmit: vxcan_xmit,
  ndo_get_iflink: vxcan_get_iflink,
  ndo_change_mtu: can_change_mtu,
}
export function vxcan_setup(dev: net_device): void {
  can_virtual_setup(dev)
  dev.priv = new vxcan_priv()
  dev.netdev_ops = vxcan_netdev_ops
  dev.ethtool_ops = vxcan_ethtool_ops
}
export function vxcan_newlink(
  src_net: net,
  dev: net_device,
  tb: AttrTable,
  data: AttrTable | undefined,
  extack: netlink_ext_ack,
): Errno | undefined {
  const request = parse_peer(src_net, tb, data, VXCAN_INFO_PEER, extack)
  if (isErrno(request)) return request
  const peer = create_peer(src_net, dev, request, { ops: vxcan_link_ops, template: 'vxcan%d' }, extack)
  if (isErrno(peer)) return peer
  dev.name = tb.get(IFLA_IFNAME) ?? 'vxcan%d'
  const error = register_netdevice(dev)
  if (isErrno(error)) {
    unregister_netdevice(peer)
    return error
  }
  netif_carrier_off(dev)
  netdev_priv<vxcan_priv>(dev).peer = peer
  netdev_priv<vxcan_priv>(peer).peer = dev
  return undefined
}
export const vxcan_policy = policy(VXCAN_INFO, { VXCAN_INFO_PEER: NLA_UNSPEC(ifinfomsg.size) })
export const vxcan_link_ops: rtnl_link_ops = {
  kind: 'vxcan',
  policy: vxcan_policy,
  setup: vxcan_setup,
  newlink: vxcan_newlink,
  dellink: peer_dellink,
  get_link_net: peer_get_link_net,
}

export function vxcan_init(kernel: Kernel): Errno | undefined {
  kernel.pr_info('vxcan: Virtual CAN Tunnel driver')
  return rtnl_link_register(kernel, vxcan_link_ops)
}

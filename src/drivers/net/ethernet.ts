/**
 * The plain Ethernet NIC of a default host. It has no bus and no wire yet; to programs it looks like a virtio NIC whose
 * cable is always plugged in: the driver finds the link up when it has registered the device (drivers/net/virtio_net.c).
 */
import { Kernel } from '../../kernel/kernel.ts'
import { dev_sw_netstats_tx_add, netif_carrier_off, netif_carrier_ok, netif_carrier_on, register_netdev } from '../../net/core/dev.ts'
import type { ethtool_drvinfo, ethtool_link_ksettings, ethtool_ops } from '../../net/core/ethtool_ops.ts'
import type { net } from '../../net/core/net_namespace.ts'
import * as F from '../../net/core/netdev_features_bits.ts'
import {
  IFF_LIVE_ADDR_CHANGE,
  IFF_UNICAST_FLT,
  NET_ADDR_PERM,
  NET_NAME_ENUM,
  NET_NAME_USER,
  NETDEV_TX_OK,
  NETIF_MAX_MTU_ETH,
  type net_device,
  type net_device_ops,
} from '../../net/core/netdevice.ts'
import { consume_skb, type sk_buff } from '../../net/core/skbuff.ts'
import { alloc_etherdev, eth_hw_addr_random, eth_hw_addr_set, eth_mac_addr, eth_validate_addr } from '../../net/ethernet/eth.ts'
import { type Errno, isErrno } from '../../uapi/errno.ts'

/** Filters nothing: there is no wire. */
export function ethernet_set_rx_mode(_dev: net_device): void {}
export function ethernet_get_drvinfo(): ethtool_drvinfo {
  return { driver: 'netdouble', version: '1.0.0' }
}
/** Speed and duplex are unknown, as of a NIC that is none. */
export function ethernet_get_link_ksettings(): ethtool_link_ksettings {
  return { speed: -1, duplex: 255, port: 255, autoneg: 0 }
}

/** On no wire: it goes to a switch that has nobody else. */
export function ethernet_xmit(skb: sk_buff, dev: net_device): number {
  dev_sw_netstats_tx_add(dev, 1, skb.len)
  consume_skb(skb)
  return NETDEV_TX_OK
}

export const ethernet_ethtool_ops: ethtool_ops = {
  name: 'ethernet_ethtool_ops',
  get_drvinfo: ethernet_get_drvinfo,
  get_link: netif_carrier_ok,
  get_link_ksettings: ethernet_get_link_ksettings,
}
export const ethernet_netdev_ops: net_device_ops = {
  name: 'ethernet_netdev_ops',
  ndo_start_xmit: ethernet_xmit,
  ndo_validate_addr: eth_validate_addr,
  ndo_set_mac_address: eth_mac_addr,
  ndo_set_rx_mode: ethernet_set_rx_mode,
}

export interface ethernet_options {
  /** May be a template; `eth%d` by default. */
  name?: string
  /** Six bytes; drawn from the host's chance by default, and then the permanent one all the same. */
  address?: Uint8Array
}

/** Makes and registers the device; in init_net when a kernel is given. */
export function ethernet_create(where: Kernel | net, { name, address }: ethernet_options = {}): net_device | Errno {
  const net = where instanceof Kernel ? where.init_net : where
  const dev = alloc_etherdev(net, ethernet_netdev_ops, { name_assign_type: name === undefined ? NET_NAME_ENUM : NET_NAME_USER })
  if (name !== undefined) dev.name = name
  dev.ethtool_ops = ethernet_ethtool_ops
  dev.priv_flags |= IFF_UNICAST_FLT | IFF_LIVE_ADDR_CHANGE
  dev.features |= F.NETIF_F_HIGHDMA
  dev.hw_features |= F.NETIF_F_SG | F.NETIF_F_HW_CSUM
  dev.features |= F.NETIF_F_SG | F.NETIF_F_HW_CSUM
  dev.vlan_features = dev.features
  dev.max_mtu = NETIF_MAX_MTU_ETH
  if (address === undefined) eth_hw_addr_random(dev)
  else eth_hw_addr_set(dev, address)
  dev.addr_assign_type = NET_ADDR_PERM
  netif_carrier_off(dev)
  const error = register_netdev(dev)
  if (isErrno(error)) return error
  // an event for the link watch: from now on the state is UP, not UNKNOWN
  netif_carrier_on(dev)
  return dev
}

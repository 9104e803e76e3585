/** drivers/net/ifb.c: a device that traffic is redirected to, so that what arrives can be queued. */
import type { Kernel } from '../../kernel/kernel.ts'
import { alloc_netdev, register_netdev } from '../../net/core/dev.ts'
import type { ethtool_ops } from '../../net/core/ethtool_ops.ts'
import * as F from '../../net/core/netdev_features_bits.ts'
import { IFF_TX_SKB_SHARING, IFF_XMIT_DST_RELEASE, NET_NAME_ENUM, type net_device, type net_device_ops } from '../../net/core/netdevice.ts'
import { rtnl_link_register } from '../../net/core/rtnetlink.ts'
import type { rtnl_link_ops } from '../../net/core/rtnl_link_ops.ts'
import { eth_hw_addr_random, eth_mac_addr, eth_validate_addr, ether_setup } from '../../net/ethernet/eth.ts'
import { type Errno, isErrno } from '../../uapi/errno.ts'
import { IFF_MULTICAST, IFF_NOARP } from '../../uapi/linux/if.ts'
import { validate_ether_address } from './link_address.ts'

const TX_Q_LIMIT = 32
const IFB_FEATURES =
  F.NETIF_F_HW_CSUM |
  F.NETIF_F_SG |
  F.NETIF_F_FRAGLIST |
  F.NETIF_F_GSO_SOFTWARE |
  F.NETIF_F_GSO_ENCAP_ALL |
  F.NETIF_F_HIGHDMA |
  F.NETIF_F_HW_VLAN_CTAG_TX |
  F.NETIF_F_HW_VLAN_STAG_TX

export const ifb_ethtool_ops: ethtool_ops = { name: 'ifb_ethtool_ops' }
export const ifb_netdev_ops: net_device_ops = {
  name: 'ifb_netdev_ops',
  ndo_validate_addr: eth_validate_addr,
  ndo_set_mac_address: eth_mac_addr,
}

export function ifb_setup(dev: net_device): void {
  ether_setup(dev)
  dev.netdev_ops = ifb_netdev_ops
  dev.ethtool_ops = ifb_ethtool_ops
  dev.tx_queue_len = TX_Q_LIMIT
  dev.features |= IFB_FEATURES
  dev.hw_features |= dev.features
  dev.hw_enc_features |= dev.features
  dev.vlan_features |= IFB_FEATURES & ~(F.NETIF_F_HW_VLAN_CTAG_TX | F.NETIF_F_HW_VLAN_STAG_TX)
  dev.flags = (dev.flags | IFF_NOARP) & ~IFF_MULTICAST
  dev.priv_flags &= ~(IFF_TX_SKB_SHARING | IFF_XMIT_DST_RELEASE)
  eth_hw_addr_random(dev)
  dev.needs_free_netdev = true
  dev.min_mtu = 0
  dev.max_mtu = 0
}

export const ifb_link_ops: rtnl_link_ops = { kind: 'ifb', setup: ifb_setup, validate: validate_ether_address }

/** `numifbs` is the module's parameter: 2 in the kernel, 0 as Debian's systemd sets it. */
export function ifb_init_module(kernel: Kernel, numifbs = 0): Errno | undefined {
  const error = rtnl_link_register(kernel, ifb_link_ops)
  for (let i = 0; i < numifbs && !isErrno(error); i++) ifb_init_one(kernel)
  return error
}
function ifb_init_one(kernel: Kernel): void {
  const dev = alloc_netdev(kernel.init_net, 'ifb%d', ifb_netdev_ops, ifb_setup, { name_assign_type: NET_NAME_ENUM })
  dev.rtnl_link_ops = ifb_link_ops
  register_netdev(dev)
}

/** drivers/net/bonding/bond_main.c bond_setup(), bond_create(): a bond as it begins. */
import { alloc_netdev, free_netdev, netif_carrier_off, register_netdevice, rtnl_unlock } from '../../../net/core/dev.ts'
import type { net } from '../../../net/core/net_namespace.ts'
import * as F from '../../../net/core/netdev_features_bits.ts'
import {
  IFF_BONDING,
  IFF_NO_QUEUE,
  IFF_TX_SKB_SHARING,
  IFF_UNICAST_FLT,
  IFF_XMIT_DST_RELEASE,
  NET_NAME_UNKNOWN,
  NETIF_MAX_MTU_ETH,
  type net_device,
} from '../../../net/core/netdevice.ts'
import type { rtnl_link_ops } from '../../../net/core/rtnl_link_ops.ts'
import { ether_setup } from '../../../net/ethernet/eth.ts'
import { type Errno, isErrno } from '../../../uapi/errno.ts'
import { IFF_MASTER } from '../../../uapi/linux/if.ts'
import { BOND_MODE_ACTIVEBACKUP } from '../../../uapi/linux/if_bonding.ts'
import { validate_ether_address } from '../link_address.ts'
import { ad_bond_info } from './bond_3ad_types.ts'
import { alb_bond_info } from './bond_alb_types.ts'
import { BOND_VLAN_FEATURES, BOND_XFRM_FEATURES } from './bond_features.ts'
import { bond_changelink, bond_newlink, bond_policy, bond_slave_changelink, bond_slave_policy } from './bond_netlink.ts'
import { bond_fill_info, bond_fill_linkxstats, bond_fill_slave_info } from './bond_netlink_fill.ts'
import { bond_ethtool_ops, bond_netdev_ops } from './bond_ops.ts'
import { bond_work_init_all } from './bond_works.ts'
import { bond_of, bonding } from './bonding.ts'

/** The module's parameter tx_queues. */
const BOND_DEFAULT_TX_QUEUES = 16

export function bond_setup(dev: net_device): void {
  dev.priv = new bonding(dev, new ad_bond_info(), new alb_bond_info())
  ether_setup(dev)
  dev.max_mtu = NETIF_MAX_MTU_ETH
  dev.netdev_ops = bond_netdev_ops
  dev.ethtool_ops = bond_ethtool_ops
  dev.needs_free_netdev = true
  dev.flags |= IFF_MASTER
  dev.priv_flags |= IFF_BONDING | IFF_UNICAST_FLT | IFF_NO_QUEUE
  dev.priv_flags &= ~(IFF_XMIT_DST_RELEASE | IFF_TX_SKB_SHARING)
  dev.lltx = true
  dev.netns_local = true
  const vlan = F.NETIF_F_HW_VLAN_CTAG_RX | F.NETIF_F_HW_VLAN_CTAG_FILTER | F.NETIF_F_HW_VLAN_STAG_RX | F.NETIF_F_HW_VLAN_STAG_FILTER
  dev.hw_features = BOND_VLAN_FEATURES | vlan | F.NETIF_F_GSO_ENCAP_ALL
  dev.features |= dev.hw_features | F.NETIF_F_HW_VLAN_CTAG_TX | F.NETIF_F_HW_VLAN_STAG_TX | F.NETIF_F_GSO_PARTIAL
  dev.hw_features |= BOND_XFRM_FEATURES
  if (bond_of(dev).params.mode === BOND_MODE_ACTIVEBACKUP) dev.features |= BOND_XFRM_FEATURES
}
export function bond_get_num_queues(): number {
  return BOND_DEFAULT_TX_QUEUES
}
export const bond_link_ops: rtnl_link_ops = {
  kind: 'bond',
  policy: bond_policy,
  slave_policy: bond_slave_policy,
  setup: bond_setup,
  validate: validate_ether_address,
  newlink: bond_newlink,
  changelink: bond_changelink,
  fill_info: bond_fill_info,
  get_num_tx_queues: bond_get_num_queues,
  get_num_rx_queues: bond_get_num_queues,
  slave_changelink: bond_slave_changelink,
  fill_slave_info: bond_fill_slave_info,
  fill_linkxstats: bond_fill_linkxstats,
}

/** Not by netlink: the module's first ones, and those of bonding_masters. */
export function bond_create(net: net, name: string): Errno | undefined {
  const options = { name_assign_type: NET_NAME_UNKNOWN, txqs: BOND_DEFAULT_TX_QUEUES, rxqs: BOND_DEFAULT_TX_QUEUES }
  const dev = alloc_netdev(net, name, bond_netdev_ops, bond_setup, options)
  dev.rtnl_link_ops = bond_link_ops
  const error = register_netdevice(dev)
  if (isErrno(error)) {
    free_netdev(dev)
  } else {
    netif_carrier_off(dev)
    bond_work_init_all(bond_of(dev))
  }
  rtnl_unlock(net.kernel)
  return error
}

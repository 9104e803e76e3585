/** drivers/net/dummy.c: a device that counts what it is given and drops it. */
import type { Kernel } from '../../kernel/kernel.ts'
import { alloc_netdev, dev_get_lstats, dev_lstats_add, netif_carrier_off, netif_carrier_on, register_netdev } from '../../net/core/dev.ts'
import { type ethtool_ops, ethtool_op_get_ts_info } from '../../net/core/ethtool_ops.ts'
import * as F from '../../net/core/netdev_features_bits.ts'
import {
  IFF_LIVE_ADDR_CHANGE,
  IFF_NO_QUEUE,
  NET_NAME_ENUM,
  NETDEV_TX_OK,
  type net_device,
  type net_device_ops,
} from '../../net/core/netdevice.ts'
import { rtnl_link_register } from '../../net/core/rtnetlink.ts'
import type { rtnl_link_ops } from '../../net/core/rtnl_link_ops.ts'
import { skb_tx_timestamp } from '../../net/core/skb_tstamp.ts'
import { consume_skb, type sk_buff } from '../../net/core/skbuff.ts'
import { eth_hw_addr_random, eth_mac_addr, eth_validate_addr, ether_setup } from '../../net/ethernet/eth.ts'
import { type Errno, isErrno } from '../../uapi/errno.ts'
import { IFF_MULTICAST, IFF_NOARP } from '../../uapi/linux/if.ts'
import { validate_ether_address } from './link_address.ts'

export function dummy_xmit(skb: sk_buff, dev: net_device): number {
  dev_lstats_add(dev, skb.len)
  skb_tx_timestamp(skb)
  consume_skb(skb)
  return NETDEV_TX_OK
}
/** Takes any list: it filters nothing. */
export function set_multicast_list(_dev: net_device): void {}
export function dummy_change_carrier(dev: net_device, new_carrier: boolean): Errno | undefined {
  if (new_carrier) netif_carrier_on(dev)
  else netif_carrier_off(dev)
  return undefined
}

export const dummy_ethtool_ops: ethtool_ops = { name: 'dummy_ethtool_ops', get_ts_info: ethtool_op_get_ts_info }
export const dummy_netdev_ops: net_device_ops = {
  name: 'dummy_netdev_ops',
  ndo_start_xmit: dummy_xmit,
  ndo_validate_addr: eth_validate_addr,
  ndo_set_rx_mode: set_multicast_list,
  ndo_set_mac_address: eth_mac_addr,
  ndo_get_stats64: dev_get_lstats,
  ndo_change_carrier: dummy_change_carrier,
}

/** No ARP, no multicast, no bound on the MTU. */
export function dummy_setup(dev: net_device): void {
  ether_setup(dev)
  dev.netdev_ops = dummy_netdev_ops
  dev.ethtool_ops = dummy_ethtool_ops
  dev.needs_free_netdev = true
  dev.flags = (dev.flags | IFF_NOARP) & ~IFF_MULTICAST
  dev.priv_flags |= IFF_LIVE_ADDR_CHANGE | IFF_NO_QUEUE
  dev.lltx = true
  dev.features |=
    F.NETIF_F_SG | F.NETIF_F_FRAGLIST | F.NETIF_F_GSO_SOFTWARE | F.NETIF_F_HW_CSUM | F.NETIF_F_HIGHDMA | F.NETIF_F_GSO_ENCAP_ALL
  dev.hw_features |= dev.features
  dev.hw_enc_features |= dev.features
  eth_hw_addr_random(dev)
  dev.min_mtu = 0
  dev.max_mtu = 0
}

export const dummy_link_ops: rtnl_link_ops = { kind: 'dummy', setup: dummy_setup, validate: validate_ether_address }

/** `numdummies` is the module's parameter: 1 in the kernel, 0 as Debian's systemd sets it (modprobe.d/systemd.conf). */
export function dummy_init_module(kernel: Kernel, numdummies = 0): Errno | undefined {
  const error = rtnl_link_register(kernel, dummy_link_ops)
  for (let i = 0; i < numdummies && !isErrno(error); i++) dummy_init_one(kernel)
  return error
}
function dummy_init_one(kernel: Kernel): void {
  const dev = alloc_netdev(kernel.init_net, 'dummy%d', dummy_netdev_ops, dummy_setup, { name_assign_type: NET_NAME_ENUM })
  dev.rtnl_link_ops = dummy_link_ops
  register_netdev(dev)
}

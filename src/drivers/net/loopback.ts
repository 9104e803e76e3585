/** drivers/net/loopback.c: lo, the first device of each namespace and the last to go. */
import type { Kernel } from '../../kernel/kernel.ts'
import {
  __net_dev_init,
  alloc_netdev,
  dev_get_lstats,
  dev_lstats_add,
  NET_RX_SUCCESS,
  netif_rx,
  netif_set_tso_max_size,
  register_netdev,
} from '../../net/core/dev.ts'
import { type ethtool_ops, ethtool_op_get_ts_info } from '../../net/core/ethtool_ops.ts'
import type { net, pernet_operations } from '../../net/core/net_namespace.ts'
import * as F from '../../net/core/netdev_features_bits.ts'
import {
  IFF_LIVE_ADDR_CHANGE,
  IFF_NO_QUEUE,
  NET_NAME_PREDICTABLE,
  NETDEV_TX_OK,
  type net_device,
  type net_device_ops,
  TSO_MAX_SIZE,
} from '../../net/core/netdevice.ts'
import { skb_tx_timestamp } from '../../net/core/skb_tstamp.ts'
import { type sk_buff, skb_orphan } from '../../net/core/skbuff.ts'
import { eth_header_ops, eth_mac_addr, eth_type_trans } from '../../net/ethernet/eth.ts'
import { type Errno, isErrno } from '../../uapi/errno.ts'
import { IFF_LOOPBACK } from '../../uapi/linux/if.ts'
import { ARPHRD_LOOPBACK } from '../../uapi/linux/if_arp.ts'
import { ETH_ALEN, ETH_HLEN } from '../../uapi/linux/if_ether.ts'

/** Counted only when the backlog took it, and without the header that eth_type_trans() takes off. */
export function loopback_xmit(skb: sk_buff, dev: net_device): number {
  skb_tx_timestamp(skb)
  skb_orphan(skb)
  skb.protocol = eth_type_trans(skb, dev)
  const { len } = skb
  if (netif_rx(skb) === NET_RX_SUCCESS) dev_lstats_add(dev, len)
  return NETDEV_TX_OK
}
/** What is sent is received: the counters of both directions are one pair. */
export function loopback_get_stats64(dev: net_device) {
  const { tx_packets, tx_bytes } = dev_get_lstats(dev)
  return { rx_packets: tx_packets, tx_packets, rx_bytes: tx_bytes, tx_bytes }
}
export function always_on(): boolean {
  return true
}

export const loopback_ethtool_ops: ethtool_ops = {
  name: 'loopback_ethtool_ops',
  get_link: always_on,
  get_ts_info: ethtool_op_get_ts_info,
}
export const loopback_ops: net_device_ops = {
  name: 'loopback_ops',
  ndo_start_xmit: loopback_xmit,
  ndo_get_stats64: loopback_get_stats64,
  ndo_set_mac_address: eth_mac_addr,
}

export function loopback_setup(dev: net_device): void {
  dev.mtu = 64 * 1024
  dev.hard_header_len = ETH_HLEN
  dev.min_header_len = ETH_HLEN
  dev.addr_len = ETH_ALEN
  dev.type = ARPHRD_LOOPBACK
  dev.flags = IFF_LOOPBACK
  dev.priv_flags |= IFF_LIVE_ADDR_CHANGE | IFF_NO_QUEUE
  dev.lltx = true
  dev.netns_local = true
  dev.hw_features = F.NETIF_F_GSO_SOFTWARE
  dev.features =
    F.NETIF_F_SG |
    F.NETIF_F_FRAGLIST |
    F.NETIF_F_GSO_SOFTWARE |
    F.NETIF_F_HW_CSUM |
    F.NETIF_F_RXCSUM |
    F.NETIF_F_SCTP_CRC |
    F.NETIF_F_HIGHDMA |
    F.NETIF_F_VLAN_CHALLENGED |
    F.NETIF_F_LOOPBACK
  dev.ethtool_ops = loopback_ethtool_ops
  dev.header_ops = eth_header_ops
  dev.netdev_ops = loopback_ops
  dev.needs_free_netdev = true
  netif_set_tso_max_size(dev, TSO_MAX_SIZE)
}

export function loopback_net_init(net: net): Errno | undefined {
  const dev = alloc_netdev(net, 'lo', loopback_ops, loopback_setup, { name_assign_type: NET_NAME_PREDICTABLE })
  const error = register_netdev(dev)
  if (isErrno(error)) return error
  net.loopback_dev = dev
  return undefined
}
export const loopback_net_ops: pernet_operations = { name: 'loopback_net_ops', init: loopback_net_init }

/** The initcall of net/core/dev.c; it stands here because it takes this driver's operations along. */
export function net_dev_init(kernel: Kernel): Errno | undefined {
  return __net_dev_init(kernel, loopback_net_ops)
}

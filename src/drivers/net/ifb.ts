/** drivers/net/ifb.c: a device that traffic is redirected to, so that what arrives can be queued. */
import type { Kernel } from '../../kernel/kernel.ts'
import { local_bh_disable, local_bh_enable } from '../../kernel/softirq.ts'
import { cancel_delayed_work, delayed_work, schedule_work } from '../../kernel/workqueue.ts'
import {
  __dev_get_by_index,
  alloc_netdev,
  dev_queue_xmit,
  dev_sw_netstats_rx_add,
  dev_sw_netstats_tx_add,
  dev_tstats,
  netif_receive_skb,
  netif_start_queue,
  netif_stop_queue,
  netif_wake_queue,
  register_netdev,
} from '../../net/core/dev.ts'
import type { ethtool_ops } from '../../net/core/ethtool_ops.ts'
import * as F from '../../net/core/netdev_features_bits.ts'
import {
  IFF_TX_SKB_SHARING,
  IFF_XMIT_DST_RELEASE,
  NET_NAME_ENUM,
  NETDEV_TX_OK,
  type net_device,
  type net_device_ops,
  netdev_priv,
} from '../../net/core/netdevice.ts'
import { rtnl_link_register } from '../../net/core/rtnetlink.ts'
import type { rtnl_link_ops } from '../../net/core/rtnl_link_ops.ts'
import { kfree_skb, type sk_buff } from '../../net/core/skbuff.ts'
import { eth_hw_addr_random, eth_validate_addr, ether_setup } from '../../net/ethernet/eth.ts'
import { type Errno, isErrno } from '../../uapi/errno.ts'
import { ETH_SS_STATS } from '../../uapi/linux/ethtool.ts'
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

/** struct ifb_q_private of the one queue: packets on their way back to where tc took them from. */
export class ifb_private {
  rq: sk_buff[] = []
  readonly work: delayed_work
  constructor(dev: net_device) {
    this.work = new delayed_work(dev.nd_net.kernel.events, ifb_ri_tasklet, dev)
  }
}

/** Only what tc redirected here goes on; all else is counted and dropped. */
export function ifb_xmit(skb: sk_buff, dev: net_device): number {
  dev_sw_netstats_rx_add(dev, skb.len)
  if (!skb.redirected || skb.skb_iif === 0) {
    kfree_skb(skb)
    dev_tstats(dev).rx_dropped++
    return NETDEV_TX_OK
  }
  const priv = netdev_priv<ifb_private>(dev)
  priv.rq.push(skb)
  schedule_work(priv.work)
  if (priv.rq.length >= dev.tx_queue_len) netif_stop_queue(dev)
  return NETDEV_TX_OK
}
/** Back to the device that it came from, in the direction that it had. */
export function ifb_ri_tasklet(dev: net_device): void {
  const { kernel } = dev.nd_net
  local_bh_disable(kernel)
  for (const skb of netdev_priv<ifb_private>(dev).rq.splice(0)) send_back(skb, dev)
  netif_wake_queue(dev)
  local_bh_enable(kernel)
}
function send_back(skb: sk_buff, dev: net_device): void {
  skb.redirected = false
  skb.tc_skip_classify = true
  dev_sw_netstats_tx_add(dev, 1, skb.len)
  const to = __dev_get_by_index(dev.nd_net, skb.skb_iif)
  if (to === undefined) {
    kfree_skb(skb)
    dev_tstats(dev).tx_dropped++
    return
  }
  skb.dev = to
  skb.skb_iif = dev.ifindex
  if (!skb.from_ingress) {
    dev_queue_xmit(skb)
  } else {
    skb.data += skb.mac_len
    netif_receive_skb(skb)
  }
}
export function ifb_open(dev: net_device): undefined {
  netif_start_queue(dev)
}
export function ifb_close(dev: net_device): undefined {
  netif_stop_queue(dev)
}
export function ifb_dev_free(dev: net_device): void {
  const { rq, work } = netdev_priv<ifb_private>(dev)
  cancel_delayed_work(work)
  for (const skb of rq.splice(0)) kfree_skb(skb)
}

/** What each queue has taken and given back (ifb_q_stats_desc). Whatever their number, the first one has all. */
export function ifb_get_strings(dev: net_device, set: number): readonly string[] | undefined {
  if (set !== ETH_SS_STATS) return undefined
  const of_queues = (way: string, count: number) =>
    Array.from({ length: count }, (_, i) => [`${way}_queue_${i}_packets`, `${way}_queue_${i}_bytes`]).flat()
  return [...of_queues('rx', dev.real_num_rx_queues), ...of_queues('tx', dev.real_num_tx_queues)]
}
export function ifb_get_ethtool_stats(dev: net_device): number[] {
  const { rx_packets, rx_bytes, tx_packets, tx_bytes } = dev_tstats(dev)
  const others = (queues: number) => new Array<number>(2 * (queues - 1)).fill(0)
  return [rx_packets, rx_bytes, ...others(dev.real_num_rx_queues), tx_packets, tx_bytes, ...others(dev.real_num_tx_queues)]
}
export const ifb_ethtool_ops: ethtool_ops = {
  name: 'ifb_ethtool_ops',
  get_strings: ifb_get_strings,
  get_ethtool_stats: ifb_get_ethtool_stats,
}
export const ifb_netdev_ops: net_device_ops = {
  name: 'ifb_netdev_ops',
  ndo_open: ifb_open,
  ndo_stop: ifb_close,
  ndo_start_xmit: ifb_xmit,
  ndo_validate_addr: eth_validate_addr,
}

export function ifb_setup(dev: net_device): void {
  ether_setup(dev)
  dev.priv = new ifb_private(dev)
  dev.priv_destructor = ifb_dev_free
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

/** drivers/net/eql.c: the load balancer of serial lines. It has no lines here, so it sends nothing. */
import type { Kernel } from '../../kernel/kernel.ts'
import { alloc_netdev, dev_core_stats_tx_dropped_inc, netif_start_queue, netif_stop_queue, register_netdev } from '../../net/core/dev.ts'
import { IFF_XMIT_DST_RELEASE, NET_NAME_UNKNOWN, NETDEV_TX_OK, type net_device, type net_device_ops } from '../../net/core/netdevice.ts'
import { kfree_skb, type sk_buff } from '../../net/core/skbuff.ts'
import type { Errno } from '../../uapi/errno.ts'
import { IFF_MASTER } from '../../uapi/linux/if.ts'
import { ARPHRD_SLIP } from '../../uapi/linux/if_arp.ts'

const EQL_DEFAULT_MTU = 576

export function eql_open(dev: net_device): undefined {
  netif_start_queue(dev)
}
export function eql_close(dev: net_device): undefined {
  netif_stop_queue(dev)
}
export function eql_slave_xmit(skb: sk_buff, dev: net_device): number {
  dev_core_stats_tx_dropped_inc(dev)
  kfree_skb(skb)
  return NETDEV_TX_OK
}
export const eql_netdev_ops: net_device_ops = {
  name: 'eql_netdev_ops',
  ndo_open: eql_open,
  ndo_stop: eql_close,
  ndo_start_xmit: eql_slave_xmit,
}
export function eql_setup(dev: net_device): void {
  dev.netdev_ops = eql_netdev_ops
  dev.mtu = EQL_DEFAULT_MTU
  dev.flags = IFF_MASTER
  dev.type = ARPHRD_SLIP
  dev.tx_queue_len = 5
  dev.priv_flags &= ~IFF_XMIT_DST_RELEASE
}

export function eql_init_module(kernel: Kernel): Errno | undefined {
  kernel.pr_info('Equalizer2002: Simon Janes (simon@ncm.com) and David S. Miller (davem@redhat.com)')
  register_netdev(alloc_netdev(kernel.init_net, 'eql', eql_netdev_ops, eql_setup, { name_assign_type: NET_NAME_UNKNOWN }))
  return undefined
}

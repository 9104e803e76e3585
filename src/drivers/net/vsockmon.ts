/** drivers/net/vsockmon.c: shows what AF_VSOCK sockets send to whoever sniffs on it. The host has no such sockets. */
import type { Kernel } from '../../kernel/kernel.ts'
import type { ethtool_ops } from '../../net/core/ethtool_ops.ts'
import { dev_lstats_add } from '../../net/core/dev_stats.ts'
import * as F from '../../net/core/netdev_features_bits.ts'
import { IFF_NO_QUEUE, NETDEV_TX_OK, type net_device, type net_device_ops } from '../../net/core/netdevice.ts'
import { rtnl_link_register } from '../../net/core/rtnetlink.ts'
import type { rtnl_link_ops } from '../../net/core/rtnl_link_ops.ts'
import { consume_skb, type sk_buff } from '../../net/core/skbuff.ts'
import { EINVAL, type Errno } from '../../uapi/errno.ts'
import { IFF_NOARP } from '../../uapi/linux/if.ts'
import { ARPHRD_VSOCKMON } from '../../uapi/linux/if_arp.ts'
import { always_on, nlmon_get_stats64 } from './nlmon.ts'

/** sizeof(struct af_vsockmon_hdr) */
const HEADER = 32
/** VIRTIO_VSOCK_MAX_PKT_BUF_SIZE and the header. */
const DEFAULT_MTU = 65536 + HEADER

export function vsockmon_xmit(skb: sk_buff, dev: net_device): number {
  dev_lstats_add(dev, skb.len)
  consume_skb(skb)
  return NETDEV_TX_OK
}
export function vsockmon_change_mtu(dev: net_device, new_mtu: number): Errno | undefined {
  if (new_mtu < HEADER) return EINVAL
  dev.mtu = new_mtu
  return undefined
}
export const vsockmon_ethtool_ops: ethtool_ops = { name: 'vsockmon_ethtool_ops', get_link: always_on }
export const vsockmon_ops: net_device_ops = {
  name: 'vsockmon_ops',
  ndo_start_xmit: vsockmon_xmit,
  ndo_get_stats64: nlmon_get_stats64,
  ndo_change_mtu: vsockmon_change_mtu,
}
export function vsockmon_setup(dev: net_device): void {
  dev.type = ARPHRD_VSOCKMON
  dev.priv_flags |= IFF_NO_QUEUE
  dev.lltx = true
  dev.netdev_ops = vsockmon_ops
  dev.ethtool_ops = vsockmon_ethtool_ops
  dev.needs_free_netdev = true
  dev.features = F.NETIF_F_SG | F.NETIF_F_FRAGLIST | F.NETIF_F_HIGHDMA
  dev.flags = IFF_NOARP
  dev.mtu = DEFAULT_MTU
}
export const vsockmon_link_ops: rtnl_link_ops = { kind: 'vsockmon', setup: vsockmon_setup }

export function vsockmon_register(kernel: Kernel): Errno | undefined {
  return rtnl_link_register(kernel, vsockmon_link_ops)
}

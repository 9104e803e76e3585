/** drivers/net/nlmon.c: shows netlink's messages as packets to whoever sniffs on it. */
import type { Kernel } from '../../kernel/kernel.ts'
import type { AttrTable } from '../../lib/attrs.ts'
import { NLMSG_HDRLEN } from '../../lib/message.ts'
import { dev_get_lstats } from '../../net/core/dev.ts'
import { dev_lstats_add } from '../../net/core/dev_stats.ts'
import { dev_queue_xmit } from '../../net/core/dev_xmit.ts'
import type { ethtool_ops } from '../../net/core/ethtool_ops.ts'
import * as F from '../../net/core/netdev_features_bits.ts'
import { IFF_NO_QUEUE, NETDEV_TX_OK, type net_device, type net_device_ops } from '../../net/core/netdevice.ts'
import { rtnl_link_register } from '../../net/core/rtnetlink.ts'
import { alloc_skb, consume_skb, PACKET_KERNEL, PACKET_USER, type sk_buff, skb_put } from '../../net/core/skbuff.ts'
import { netlink_add_tap, netlink_remove_tap } from '../../net/netlink/netlink_tap.ts'
import type { rtnl_link_ops } from '../../net/core/rtnl_link_ops.ts'
import { EINVAL, type Errno } from '../../uapi/errno.ts'
import { IFF_NOARP } from '../../uapi/linux/if.ts'
import { ARPHRD_NETLINK } from '../../uapi/linux/if_arp.ts'
import { IFLA_ADDRESS } from '../../uapi/linux/if_link.ts'

/** A page without the packet's own administration. */
const NLMSG_GOODSIZE = 3776

export function always_on(): boolean {
  return true
}
export const nlmon_ethtool_ops: ethtool_ops = { name: 'nlmon_ethtool_ops', get_link: always_on }
export function nlmon_get_stats64(dev: net_device) {
  const { tx_packets, tx_bytes } = dev_get_lstats(dev)
  return { rx_packets: tx_packets, rx_bytes: tx_bytes }
}
/** What it is given to send came from netlink: whoever sniffs on the device has seen it by now. */
export function nlmon_xmit(skb: sk_buff, dev: net_device): number {
  dev_lstats_add(dev, skb.len)
  consume_skb(skb)
  return NETDEV_TX_OK
}
/** The message as a packet of the device (netlink_tap.deliver). */
export function nlmon_deliver(dev: net_device, data: Uint8Array, protocol: number, to_kernel: boolean): void {
  const skb = alloc_skb(data.length)
  skb.buf.set(data, skb_put(skb, data.length))
  skb.dev = dev
  skb.protocol = protocol
  skb.pkt_type = to_kernel ? PACKET_KERNEL : PACKET_USER
  skb.network_header = skb.data
  dev_queue_xmit(skb)
}
export function nlmon_open(dev: net_device): undefined {
  netlink_add_tap(dev, nlmon_deliver)
}
export function nlmon_close(dev: net_device): undefined {
  netlink_remove_tap(dev)
}
export const nlmon_ops: net_device_ops = {
  name: 'nlmon_ops',
  ndo_open: nlmon_open,
  ndo_stop: nlmon_close,
  ndo_start_xmit: nlmon_xmit,
  ndo_get_stats64: nlmon_get_stats64,
}

export function nlmon_setup(dev: net_device): void {
  dev.type = ARPHRD_NETLINK
  dev.priv_flags |= IFF_NO_QUEUE
  dev.lltx = true
  dev.netdev_ops = nlmon_ops
  dev.ethtool_ops = nlmon_ethtool_ops
  dev.needs_free_netdev = true
  dev.features = F.NETIF_F_SG | F.NETIF_F_FRAGLIST | F.NETIF_F_HIGHDMA
  dev.flags = IFF_NOARP
  dev.mtu = NLMSG_GOODSIZE
  dev.min_mtu = NLMSG_HDRLEN
}
export function nlmon_validate(tb: AttrTable): Errno | undefined {
  return tb.has(IFLA_ADDRESS) ? EINVAL : undefined
}
export const nlmon_link_ops: rtnl_link_ops = { kind: 'nlmon', setup: nlmon_setup, validate: nlmon_validate }

export function nlmon_register(kernel: Kernel): Errno | undefined {
  return rtnl_link_register(kernel, nlmon_link_ops)
}

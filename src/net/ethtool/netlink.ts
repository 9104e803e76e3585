/**
 * net/ethtool/netlink.c: the generic netlink family "ethtool". It tells who listens when a device's features change
 * (the group "monitor"); its commands are not built.
 */
import type { Kernel } from '../../kernel/kernel.ts'
import { NOTIFY_DONE, notifier_block } from '../../kernel/notifier.ts'
import { putBig64 } from '../../lib/bytes.ts'
import { MessageBuilder } from '../../lib/message.ts'
import type { Errno } from '../../uapi/errno.ts'
import * as E from '../../uapi/linux/ethtool_netlink.ts'
import { NETLINK_GENERIC } from '../../uapi/linux/netlink.ts'
import { register_netdevice_notifier } from '../core/dev.ts'
import { NETIF_F_VLAN_CHALLENGED } from '../core/netdev_features_bits.ts'
import { NETDEV_FEAT_CHANGE, type net_device, type netdev_notifier_info } from '../core/netdevice.ts'
import { netlink_has_listeners } from '../netlink/af_netlink.ts'
import { type genl_family, genl_group_id, genl_register_family, genlmsg_multicast_netns, genlmsg_put } from '../netlink/genetlink.ts'

export const ethtool_genl_family: genl_family = {
  name: E.ETHTOOL_GENL_NAME,
  version: E.ETHTOOL_GENL_VERSION,
  netnsok: true,
  parallel_ops: true,
  mcgrps: [{ name: E.ETHTOOL_MCGRP_MONITOR_NAME }],
}
/** Numbers the family's notifications (ethnl_bcast_seq). */
export class ethnl_state {
  bcast_seq = 0
}
export const NETDEV_FEATURE_COUNT = 64
const NETIF_F_NEVER_CHANGE = NETIF_F_VLAN_CHALLENGED
const ALL = (1n << 64n) - 1n

/** net/ethtool/bitset.c ethnl_put_bitset64, compact: a list alone, or (with a mask) which of them there are. */
function put_bitset(skb: MessageBuilder, nr: number, value: bigint, masked: boolean): void {
  const nest = skb.nest(nr)
  if (!masked) skb.put(E.ETHTOOL_A_BITSET_NOMASK, true)
  skb.put(E.ETHTOOL_A_BITSET_SIZE, NETDEV_FEATURE_COUNT)
  put64(skb, E.ETHTOOL_A_BITSET_VALUE.nr, value)
  if (masked) put64(skb, E.ETHTOOL_A_BITSET_MASK.nr, ALL)
  skb.nestEnd(nest)
}
function put64(skb: MessageBuilder, nr: number, value: bigint): void {
  const o = skb.reserve(nr, 8)
  if (o >= 0) putBig64(skb.buf, o, value)
}

/** ethnl_notify_features() */
export function ethnl_notify_features(dev: net_device): void {
  const net = dev.nd_net
  const { ethnl } = net.kernel
  ethnl.bcast_seq++
  if (!netlink_has_listeners(net, NETLINK_GENERIC, genl_group_id(net, ethtool_genl_family, E.ETHNL_MCGRP_MONITOR))) return
  const skb = new MessageBuilder(4096, 192)
  genlmsg_put(skb, net, 0, ethnl.bcast_seq, ethtool_genl_family, 0, E.ETHTOOL_MSG_FEATURES_NTF)
  const header = skb.nest(E.ETHTOOL_A_FEATURES_HEADER)
  skb.put(E.ETHTOOL_A_HEADER_DEV_INDEX, dev.ifindex)
  skb.put(E.ETHTOOL_A_HEADER_DEV_NAME, dev.name)
  skb.nestEnd(header)
  put_bitset(skb, E.ETHTOOL_A_FEATURES_HW.nr, dev.hw_features, true)
  put_bitset(skb, E.ETHTOOL_A_FEATURES_WANTED.nr, dev.wanted_features, false)
  put_bitset(skb, E.ETHTOOL_A_FEATURES_ACTIVE.nr, dev.features, false)
  put_bitset(skb, E.ETHTOOL_A_FEATURES_NOCHANGE.nr, NETIF_F_NEVER_CHANGE, false)
  skb.end()
  genlmsg_multicast_netns(ethtool_genl_family, net, skb, 0, E.ETHNL_MCGRP_MONITOR)
}

export function ethnl_netdev_event(_nb: notifier_block, event: number, info: netdev_notifier_info): number {
  if (event === NETDEV_FEAT_CHANGE) ethnl_notify_features(info.dev)
  return NOTIFY_DONE
}

export function ethnl_init(kernel: Kernel): Errno | undefined {
  kernel.ethnl = new ethnl_state()
  return (
    genl_register_family(kernel, ethtool_genl_family) ?? register_netdevice_notifier(kernel, new notifier_block(ethnl_netdev_event, kernel))
  )
}

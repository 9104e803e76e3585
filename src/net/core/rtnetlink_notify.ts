/** net/core/rtnetlink.c: notifications of links: what is built, when it is sent, and which device events cause one. */
import type { notifier_block } from '../../kernel/notifier.ts'
import { NOTIFY_DONE } from '../../kernel/notifier.ts'
import { MessageBuilder } from '../../lib/message.ts'
import {
  IFLA_EVENT_BONDING_FAILOVER,
  IFLA_EVENT_BONDING_OPTIONS,
  IFLA_EVENT_FEATURES,
  IFLA_EVENT_IGMP_RESEND,
  IFLA_EVENT_NONE,
  IFLA_EVENT_NOTIFY_PEERS,
  IFLA_EVENT_REBOOT,
} from '../../uapi/linux/if_link.ts'
import { NETLINK_ROUTE } from '../../uapi/linux/netlink.ts'
import { RTM_NEWLINK, RTNLGRP_LINK } from '../../uapi/linux/rtnetlink.ts'
import { netlink_has_listeners } from '../netlink/af_netlink.ts'
import {
  NETDEV_BONDING_FAILOVER,
  NETDEV_CHANGE_TX_QUEUE_LEN,
  NETDEV_CHANGEADDR,
  NETDEV_CHANGEINFODATA,
  NETDEV_CHANGELOWERSTATE,
  NETDEV_CHANGEMTU,
  NETDEV_CHANGENAME,
  NETDEV_CHANGEUPPER,
  NETDEV_FEAT_CHANGE,
  NETDEV_NOTIFY_PEERS,
  NETDEV_POST_TYPE_CHANGE,
  NETDEV_REBOOT,
  NETDEV_RESEND_IGMP,
  NETREG_REGISTERED,
  type net_device,
  type netdev_notifier_info,
} from './netdevice.ts'
import { rtnl_notify } from './rtnetlink.ts'
import { rtnl_fill_ifinfo } from './rtnetlink_fill.ts'
import { peernet2id_alloc } from './rtnl_netns.ts'

/** IFLA_NEW_NETNSID and IFLA_NEW_IFINDEX of a device that moves away; absent: not written. */
export interface ifinfo_extra {
  event?: number
  new_nsid?: number
  new_ifindex?: number
}

/**
 * The notification, or undefined when nobody would get it. `portid` and `seq` are those of a request that asked for its
 * own notification (NLM_F_ECHO), else 0: Linux shows them in the message only then.
 */
export function rtmsg_ifinfo_build_skb(
  type: number,
  dev: net_device,
  change: number,
  portid = 0,
  seq = 0,
  extra?: ifinfo_extra,
): MessageBuilder | undefined {
  const net = dev.nd_net
  if (portid === 0 && !netlink_has_listeners(net, NETLINK_ROUTE, RTNLGRP_LINK)) {
    // Linux builds the message all the same, and so gives the lower device's namespace its id here.
    const link_net = dev.rtnl_link_ops?.get_link_net?.(dev)
    if (link_net !== undefined && link_net !== net) peernet2id_alloc(net, link_net)
    return undefined
  }
  const skb = new MessageBuilder()
  rtnl_fill_ifinfo(skb, dev, net, { type, portid, seq, change, flags: 0, ext_filter_mask: 0, tgt_netnsid: -1, ...extra })
  return skb
}
export function rtmsg_ifinfo_send(skb: MessageBuilder, dev: net_device, portid = 0): void {
  rtnl_notify(dev.nd_net, skb, portid, RTNLGRP_LINK, portid !== 0)
}

function notify(type: number, dev: net_device, change: number, portid: number, seq: number, extra: ifinfo_extra | undefined): void {
  if (dev.reg_state !== NETREG_REGISTERED) return
  const skb = rtmsg_ifinfo_build_skb(type, dev, change, portid, seq, extra)
  if (skb !== undefined) rtmsg_ifinfo_send(skb, dev, portid)
}

/** Tells the link group; nothing for a device that is not, or no longer, registered. `portid` non-zero: also the requester. */
export function rtmsg_ifinfo(type: number, dev: net_device, change: number, portid = 0, nlh_seq = 0, event = IFLA_EVENT_NONE): void {
  notify(type, dev, change, portid, nlh_seq, event === IFLA_EVENT_NONE ? undefined : { event })
}
/** For a device that leaves for another namespace: where to, and its index there (dev_change_net_namespace). */
export function rtmsg_ifinfo_newnet(type: number, dev: net_device, change: number, new_nsid: number, new_ifindex: number): void {
  notify(type, dev, change, 0, 0, { new_nsid, new_ifindex })
}

/** IFLA_EVENT of the events that are told; IFLA_EVENT_NONE: a plain message. Events not listed are told by others or not at all. */
const told_events = new Map<number, number>([
  [NETDEV_REBOOT, IFLA_EVENT_REBOOT],
  [NETDEV_CHANGEMTU, IFLA_EVENT_NONE],
  [NETDEV_CHANGEADDR, IFLA_EVENT_NONE],
  [NETDEV_CHANGENAME, IFLA_EVENT_NONE],
  [NETDEV_FEAT_CHANGE, IFLA_EVENT_FEATURES],
  [NETDEV_BONDING_FAILOVER, IFLA_EVENT_BONDING_FAILOVER],
  [NETDEV_POST_TYPE_CHANGE, IFLA_EVENT_NONE],
  [NETDEV_NOTIFY_PEERS, IFLA_EVENT_NOTIFY_PEERS],
  [NETDEV_CHANGEUPPER, IFLA_EVENT_NONE],
  [NETDEV_RESEND_IGMP, IFLA_EVENT_IGMP_RESEND],
  [NETDEV_CHANGEINFODATA, IFLA_EVENT_BONDING_OPTIONS],
  [NETDEV_CHANGELOWERSTATE, IFLA_EVENT_NONE],
  [NETDEV_CHANGE_TX_QUEUE_LEN, IFLA_EVENT_NONE],
])

/** rtnetlink_event(): on the netdev chain. UP, DOWN, CHANGE and REGISTER are told by those who cause them. */
export function rtnetlink_event(_nb: notifier_block, event: number, info: netdev_notifier_info): number {
  const told = told_events.get(event)
  if (told !== undefined) rtmsg_ifinfo(RTM_NEWLINK, info.dev, 0, 0, 0, told)
  return NOTIFY_DONE
}

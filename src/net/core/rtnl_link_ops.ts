/** include/net/rtnetlink.h struct rtnl_link_ops: what a kind of link brings. One exported constant a kind. */
import type { Kernel } from '../../kernel/kernel.ts'
import type { AttrTable } from '../../lib/attrs.ts'
import type { MessageBuilder } from '../../lib/message.ts'
import type { Errno } from '../../uapi/errno.ts'
import type { netlink_ext_ack } from '../netlink/extack.ts'
import type { Policy } from '../netlink/policy.ts'
import type { net } from './net_namespace.ts'
import type { net_device } from './netdevice.ts'

export interface rtnl_link_ops {
  readonly kind: string
  /** Policy of IFLA_INFO_DATA; undefined: data is not looked at. */
  readonly policy?: Policy
  readonly slave_policy?: Policy
  readonly netns_refund?: boolean
  /** Sets the device up after allocation (ether_setup and what differs). Absent: the kind cannot be made by request. */
  readonly setup?: (dev: net_device) => void
  /** Checks a request before anything is made. `tb`: IFLA, `data`: IFLA_INFO_DATA. */
  readonly validate?: (tb: AttrTable, data: AttrTable | undefined, extack: netlink_ext_ack) => Errno | undefined
  /** Makes and registers; absent: register_netdevice(dev). */
  readonly newlink?: (
    src_net: net,
    dev: net_device,
    tb: AttrTable,
    data: AttrTable | undefined,
    extack: netlink_ext_ack,
  ) => Errno | undefined
  readonly changelink?: (dev: net_device, tb: AttrTable, data: AttrTable | undefined, extack: netlink_ext_ack) => Errno | undefined
  /** Unregisters (queues on `list`); absent: unregister_netdevice_queue(dev, list). */
  readonly dellink?: (dev: net_device, list: net_device[]) => void
  /** IFLA_INFO_DATA's members; absent: no IFLA_INFO_DATA. */
  readonly fill_info?: (skb: MessageBuilder, dev: net_device) => void
  readonly fill_xstats?: (skb: MessageBuilder, dev: net_device) => void
  /** What only this kind counts (RTM_NEWSTATS): of itself (IFLA_STATS_LINK_XSTATS) or of a port (IFLA_STATS_LINK_XSTATS_SLAVE). */
  readonly fill_linkxstats?: (skb: MessageBuilder, dev: net_device, attr: number) => void
  /** Queues of a device whose request names no number (IFLA_NUM_TX_QUEUES); of a host with so many CPUs. */
  readonly get_num_tx_queues?: (kernel: Kernel) => number
  readonly get_num_rx_queues?: (kernel: Kernel) => number
  readonly get_link_net?: (dev: net_device) => net
  readonly slave_changelink?: (
    dev: net_device,
    slave: net_device,
    tb: AttrTable,
    data: AttrTable | undefined,
    extack: netlink_ext_ack,
  ) => Errno | undefined
  readonly fill_slave_info?: (skb: MessageBuilder, dev: net_device, slave: net_device) => void
}

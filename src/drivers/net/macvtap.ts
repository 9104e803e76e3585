/** drivers/net/macvtap.c: a macvlan whose packets a program reads from /dev/tapN. */
import type { Kernel } from '../../kernel/kernel.ts'
import type { AttrTable } from '../../lib/attrs.ts'
import type { net } from '../../net/core/net_namespace.ts'
import type { net_device } from '../../net/core/netdevice.ts'
import { rtnl_link_register } from '../../net/core/rtnetlink.ts'
import type { rtnl_link_ops } from '../../net/core/rtnl_link_ops.ts'
import type { netlink_ext_ack } from '../../net/netlink/extack.ts'
import type { Errno } from '../../uapi/errno.ts'
import { macvlan_common_setup, macvlan_get_link_net } from './macvlan.ts'
import {
  macvlan_changelink,
  macvlan_dellink,
  macvlan_fill_info,
  macvlan_newlink,
  macvlan_policy,
  macvlan_validate,
} from './macvlan_netlink.ts'
import { macvtap_class, tap_class_register } from './tap.ts'
import { tap_dellink, tap_newlink } from './tap_chr.ts'

/** drivers/net/tap.c TUN_READQ_SIZE */
export const TUN_READQ_SIZE = 500

export function macvtap_setup(dev: net_device): void {
  macvlan_common_setup(dev)
  dev.tx_queue_len = TUN_READQ_SIZE
}
/** The tap takes the device's own packets: it can be no port of a bridge. */
export function macvtap_newlink(
  src_net: net,
  dev: net_device,
  tb: AttrTable,
  data: AttrTable | undefined,
  extack: netlink_ext_ack,
): Errno | undefined {
  return tap_newlink(dev, () => macvlan_newlink(src_net, dev, tb, data, extack))
}
export function macvtap_dellink(dev: net_device, list: net_device[]): void {
  tap_dellink(dev)
  macvlan_dellink(dev, list)
}

export const macvtap_link_ops: rtnl_link_ops = {
  kind: 'macvtap',
  policy: macvlan_policy,
  setup: macvtap_setup,
  validate: macvlan_validate,
  newlink: macvtap_newlink,
  changelink: macvlan_changelink,
  dellink: macvtap_dellink,
  fill_info: macvlan_fill_info,
  get_link_net: macvlan_get_link_net,
}
export function macvtap_init(kernel: Kernel): Errno | undefined {
  return tap_class_register(kernel, macvtap_class) ?? rtnl_link_register(kernel, macvtap_link_ops)
}

/** drivers/net/can/dev: the kind of real CAN controllers. They come with hardware; a request cannot make one. */
import type { Kernel } from '../../../kernel/kernel.ts'
import type { net_device, net_device_ops } from '../../../net/core/netdevice.ts'
import { rtnl_link_register } from '../../../net/core/rtnetlink.ts'
import type { rtnl_link_ops } from '../../../net/core/rtnl_link_ops.ts'
import { EOPNOTSUPP, type Errno } from '../../../uapi/errno.ts'
import { can_virtual_setup } from './vcan.ts'

export const can_netdev_ops: net_device_ops = { name: 'can_netdev_ops' }
export function can_setup(dev: net_device): void {
  can_virtual_setup(dev)
  dev.netdev_ops = can_netdev_ops
}
export function can_newlink(): Errno {
  return EOPNOTSUPP
}
export function can_dellink(): void {}
export const can_link_ops: rtnl_link_ops = {
  kind: 'can',
  netns_refund: true,
  setup: can_setup,
  newlink: can_newlink,
  dellink: can_dellink,
}

export function can_dev_init(kernel: Kernel): Errno | undefined {
  kernel.pr_info('CAN device driver interface')
  return rtnl_link_register(kernel, can_link_ops)
}

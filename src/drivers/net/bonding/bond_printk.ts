/** include/net/bonding.h slave_info() and friends: log lines of a bond about one of its slaves. */
import { netdev_err, netdev_info, netdev_warn } from '../../../net/core/dev.ts'
import type { net_device } from '../../../net/core/netdevice.ts'
import type { netlink_ext_ack } from '../../../net/netlink/extack.ts'
import type { Errno } from '../../../uapi/errno.ts'

export function slave_info(bond_dev: net_device, slave_dev: net_device, text: string): void {
  netdev_info(bond_dev, `(slave ${slave_dev.name}): ${text}`)
}
export function slave_warn(bond_dev: net_device, slave_dev: net_device, text: string): void {
  netdev_warn(bond_dev, `(slave ${slave_dev.name}): ${text}`)
}
export function slave_err(bond_dev: net_device, slave_dev: net_device, text: string): void {
  netdev_err(bond_dev, `(slave ${slave_dev.name}): ${text}`)
}
/** BOND_NL_ERR, SLAVE_NL_ERR: told to who asked by netlink, else logged. */
export function bond_nl_err(
  error: Errno,
  bond_dev: net_device,
  slave_dev: net_device | undefined,
  extack: netlink_ext_ack | undefined,
  text: string,
): Errno {
  if (extack !== undefined) return extack.fail(error, text)
  if (slave_dev === undefined) netdev_err(bond_dev, `Error: ${text}`)
  else slave_err(bond_dev, slave_dev, `Error: ${text}`)
  return error
}

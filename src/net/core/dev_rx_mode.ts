/** net/core/dev.c: promiscuity and the receive filters that a driver is told of. */
import { EOVERFLOW, type Errno, isErrno } from '../../uapi/errno.ts'
import { IFF_ALLMULTI, IFF_PROMISC, IFF_UP } from '../../uapi/linux/if.ts'
import { __dev_notify_flags } from './dev_notify_flags.ts'
import { netdev_info, netdev_warn } from './dev_printk.ts'
import { netif_device_present } from './link_watch.ts'
import { IFF_UNICAST_FLT, type net_device } from './netdevice.ts'

const U32_MAX = 0xffffffff

export function dev_change_rx_flags(dev: net_device, flags: number): void {
  dev.netdev_ops.ndo_change_rx_flags?.(dev, flags)
}

/**
 * __dev_set_rx_mode(): a device that cannot filter by secondary unicast addresses listens to all while it has one.
 */
export function dev_set_rx_mode(dev: net_device): void {
  if (!(dev.flags & IFF_UP) || !netif_device_present(dev)) return
  if (!(dev.priv_flags & IFF_UNICAST_FLT)) {
    const wants = dev.uc.length > 0
    if (wants !== dev.uc_promisc) {
      __dev_set_promiscuity(dev, wants ? 1 : -1, false)
      dev.uc_promisc = wants
    }
  }
  dev.netdev_ops.ndo_set_rx_mode?.(dev)
}

/** A count of users; the flag and the log line follow its first and its last. */
export function __dev_set_promiscuity(dev: net_device, inc: number, notify: boolean): Errno | undefined {
  const old_flags = dev.flags
  const promiscuity = (dev.promiscuity + inc) >>> 0
  if (promiscuity === 0 && inc > 0) {
    netdev_warn(dev, 'promiscuity touches roof, set promiscuity failed. promiscuity feature of device might be broken.')
    return EOVERFLOW
  }
  dev.promiscuity = promiscuity & U32_MAX
  const flags = promiscuity === 0 ? old_flags & ~IFF_PROMISC : old_flags | IFF_PROMISC
  if (flags !== old_flags) {
    dev.flags = flags
    netdev_info(dev, `${flags & IFF_PROMISC ? 'entered' : 'left'} promiscuous mode`)
    dev_change_rx_flags(dev, IFF_PROMISC)
  }
  // what programs see is gflags, which has not changed: the change is named by hand
  if (notify) __dev_notify_flags(dev, old_flags, IFF_PROMISC)
  return undefined
}
export function dev_set_promiscuity(dev: net_device, inc: number): Errno | undefined {
  const old_flags = dev.flags
  const error = __dev_set_promiscuity(dev, inc, true)
  if (isErrno(error)) return error
  if (dev.flags !== old_flags) dev_set_rx_mode(dev)
  return undefined
}

export function __dev_set_allmulti(dev: net_device, inc: number, notify: boolean): Errno | undefined {
  const old_flags = dev.flags
  const old_gflags = dev.gflags
  const allmulti = (dev.allmulti + inc) >>> 0
  if (allmulti === 0 && inc > 0) {
    netdev_warn(dev, 'allmulti touches roof, set allmulti failed. allmulti feature of device might be broken.')
    return EOVERFLOW
  }
  dev.allmulti = allmulti
  dev.flags = allmulti === 0 ? old_flags & ~IFF_ALLMULTI : old_flags | IFF_ALLMULTI
  if (dev.flags !== old_flags) {
    netdev_info(dev, `${dev.flags & IFF_ALLMULTI ? 'entered' : 'left'} allmulticast mode`)
    dev_change_rx_flags(dev, IFF_ALLMULTI)
    dev_set_rx_mode(dev)
    if (notify) __dev_notify_flags(dev, old_flags, dev.gflags ^ old_gflags)
  }
  return undefined
}
export function dev_set_allmulti(dev: net_device, inc: number): Errno | undefined {
  return __dev_set_allmulti(dev, inc, true)
}

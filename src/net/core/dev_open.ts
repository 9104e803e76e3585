/** net/core/dev.c: opening and closing, and the flags that programs set. */
import { ENODEV, type Errno, isErrno } from '../../uapi/errno.ts'
import {
  IFF_ALLMULTI,
  IFF_AUTOMEDIA,
  IFF_DEBUG,
  IFF_DORMANT,
  IFF_DYNAMIC,
  IFF_LOWER_UP,
  IFF_MULTICAST,
  IFF_NOARP,
  IFF_NOTRAILERS,
  IFF_PORTSEL,
  IFF_PROMISC,
  IFF_RUNNING,
  IFF_UP,
  IFF_VOLATILE,
} from '../../uapi/linux/if.ts'
import { RTM_NEWLINK } from '../../uapi/linux/rtnetlink.ts'
import type { netlink_ext_ack } from '../netlink/extack.ts'
import { dev_activate, dev_deactivate } from '../sched/sch_generic.ts'
import { ask_netdevice_notifiers, call_netdevice_notifiers } from './dev_notifier.ts'
import { __dev_notify_flags } from './dev_notify_flags.ts'
import { __dev_set_allmulti, __dev_set_promiscuity, dev_change_rx_flags, dev_set_rx_mode } from './dev_rx_mode.ts'
import { netif_carrier_ok, netif_device_present, netif_dormant, netif_oper_up, netif_running } from './link_watch.ts'
import { LINK_STATE_START, NETDEV_DOWN, NETDEV_GOING_DOWN, NETDEV_PRE_UP, NETDEV_UP, type net_device } from './netdevice.ts'
import { rtmsg_ifinfo } from './rtnetlink_notify.ts'

/** Flags that programs may set by name; the rest belongs to the kernel or is counted. */
const SETTABLE = IFF_DEBUG | IFF_NOTRAILERS | IFF_NOARP | IFF_DYNAMIC | IFF_MULTICAST | IFF_PORTSEL | IFF_AUTOMEDIA
const KEPT = IFF_UP | IFF_VOLATILE | IFF_PROMISC | IFF_ALLMULTI

/** __dev_open(): PRE_UP may refuse, and so may the driver; IFF_UP only comes when it is open. */
export function __dev_open(dev: net_device, extack?: netlink_ext_ack): Errno | undefined {
  if (!netif_device_present(dev)) return ENODEV
  const refused = ask_netdevice_notifiers(NETDEV_PRE_UP, dev, { extack })
  if (isErrno(refused)) return refused
  dev.state |= LINK_STATE_START
  const error = dev.netdev_ops.ndo_validate_addr?.(dev) ?? dev.netdev_ops.ndo_open?.(dev)
  if (isErrno(error)) {
    dev.state &= ~LINK_STATE_START
    return error
  }
  dev.flags |= IFF_UP
  dev_set_rx_mode(dev)
  dev_activate(dev)
  return undefined
}
export function dev_open(dev: net_device, extack?: netlink_ext_ack): Errno | undefined {
  if (dev.flags & IFF_UP) return undefined
  const error = __dev_open(dev, extack)
  if (isErrno(error)) return error
  rtmsg_ifinfo(RTM_NEWLINK, dev, IFF_UP | IFF_RUNNING)
  call_netdevice_notifiers(NETDEV_UP, dev)
  return undefined
}

/** __dev_close_many(): all are told, then all stop, so that one does not send through another that is gone. */
export function __dev_close_many(devs: readonly net_device[]): void {
  for (const dev of devs) {
    call_netdevice_notifiers(NETDEV_GOING_DOWN, dev)
    dev.state &= ~LINK_STATE_START
  }
  for (const dev of devs) dev_deactivate(dev)
  for (const dev of devs) {
    // the driver's error is ignored: it is going down
    dev.netdev_ops.ndo_stop?.(dev)
    dev.flags &= ~IFF_UP
  }
}
export function dev_close_many(devs: readonly net_device[]): void {
  const up = devs.filter((dev) => dev.flags & IFF_UP)
  __dev_close_many(up)
  for (const dev of up) {
    rtmsg_ifinfo(RTM_NEWLINK, dev, IFF_UP | IFF_RUNNING)
    call_netdevice_notifiers(NETDEV_DOWN, dev)
  }
}
export function dev_close(dev: net_device): void {
  dev_close_many([dev])
}

/** What programs see: promiscuity and allmulti only as far as they asked for it themselves, and the live state. */
export function dev_get_flags(dev: net_device): number {
  let flags = dev.flags & ~(IFF_PROMISC | IFF_ALLMULTI | IFF_RUNNING | IFF_LOWER_UP | IFF_DORMANT)
  flags |= dev.gflags & (IFF_PROMISC | IFF_ALLMULTI)
  if (!netif_running(dev)) return flags
  if (netif_oper_up(dev)) flags |= IFF_RUNNING
  if (netif_carrier_ok(dev)) flags |= IFF_LOWER_UP
  if (netif_dormant(dev)) flags |= IFF_DORMANT
  return flags
}

/**
 * __dev_change_flags(): the flags, without telling anyone. IFF_PROMISC goes before IFF_ALLMULTI: some drivers turn a
 * request for the second into the first.
 */
export function __dev_change_flags(dev: net_device, flags: number, extack?: netlink_ext_ack): Errno | undefined {
  const old_flags = dev.flags
  dev.flags = (flags & SETTABLE) | (dev.flags & KEPT)
  if ((old_flags ^ flags) & IFF_MULTICAST) dev_change_rx_flags(dev, IFF_MULTICAST)
  dev_set_rx_mode(dev)
  let error: Errno | undefined
  if ((old_flags ^ flags) & IFF_UP) {
    if (old_flags & IFF_UP) __dev_close_many([dev])
    else error = __dev_open(dev, extack)
  }
  if ((flags ^ dev.gflags) & IFF_PROMISC) {
    const before = dev.flags
    dev.gflags ^= IFF_PROMISC
    __dev_set_promiscuity(dev, flags & IFF_PROMISC ? 1 : -1, false)
    if (dev.flags !== before) dev_set_rx_mode(dev)
  }
  if ((flags ^ dev.gflags) & IFF_ALLMULTI) {
    dev.gflags ^= IFF_ALLMULTI
    __dev_set_allmulti(dev, flags & IFF_ALLMULTI ? 1 : -1, false)
  }
  return error
}
export function dev_change_flags(dev: net_device, flags: number, extack?: netlink_ext_ack): Errno | undefined {
  const old_flags = dev.flags
  const old_gflags = dev.gflags
  const error = __dev_change_flags(dev, flags, extack)
  if (isErrno(error)) return error
  __dev_notify_flags(dev, old_flags, (old_flags ^ dev.flags) | (old_gflags ^ dev.gflags))
  return undefined
}

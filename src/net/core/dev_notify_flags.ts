/** net/core/dev.c __dev_notify_flags(): rtnetlink first, then the chain. */
import { IFF_ALLMULTI, IFF_PROMISC, IFF_UP, IFF_VOLATILE } from '../../uapi/linux/if.ts'
import { RTM_NEWLINK } from '../../uapi/linux/rtnetlink.ts'
import { call_netdevice_notifiers } from './dev_notifier.ts'
import { NETDEV_CHANGE, NETDEV_DOWN, NETDEV_UP, type net_device } from './netdevice.ts'
import { rtmsg_ifinfo } from './rtnetlink_notify.ts'

/** `gchanges`: the bits that programs see change (ifi_change). */
export function __dev_notify_flags(dev: net_device, old_flags: number, gchanges: number, portid = 0, seq = 0): void {
  const changes = dev.flags ^ old_flags
  if (gchanges !== 0) rtmsg_ifinfo(RTM_NEWLINK, dev, gchanges, portid, seq)
  if (changes & IFF_UP) call_netdevice_notifiers(dev.flags & IFF_UP ? NETDEV_UP : NETDEV_DOWN, dev)
  if (dev.flags & IFF_UP && changes & ~(IFF_UP | IFF_PROMISC | IFF_ALLMULTI | IFF_VOLATILE)) {
    call_netdevice_notifiers(NETDEV_CHANGE, dev, { flags_changed: changes })
  }
}

/** drivers/net/ipvlan/ipvlan_main.c ipvlan_device_event(): what happens to the lower device. */
import { NOTIFY_BAD, NOTIFY_DONE, type notifier_block, notifier_from_errno } from '../../kernel/notifier.ts'
import {
  call_netdevice_notifiers,
  dev_pre_changeaddr_notify,
  netdev_update_features,
  netif_inherit_tso_max,
  netif_stacked_transfer_operstate,
  unregister_netdevice_many,
} from '../../net/core/dev.ts'
import {
  NETDEV_CHANGE,
  NETDEV_CHANGEADDR,
  NETDEV_CHANGEMTU,
  NETDEV_DOWN,
  NETDEV_FEAT_CHANGE,
  NETDEV_PRE_CHANGEADDR,
  NETDEV_PRE_TYPE_CHANGE,
  NETDEV_UNREGISTER,
  NETDEV_UP,
  NETREG_UNREGISTERING,
  type net_device,
  type netdev_notifier_info,
} from '../../net/core/netdevice.ts'
import { eth_hw_addr_set } from '../../net/ethernet/eth.ts'
import { isErrno } from '../../uapi/errno.ts'
import { ipvlan_port_get, netif_is_ipvlan_port } from './ipvlan_port.ts'

export function ipvlan_device_event(_nb: notifier_block, event: number, info: netdev_notifier_info): number {
  const { dev } = info
  if (!netif_is_ipvlan_port(dev)) return NOTIFY_DONE
  const ipvlans = [...ipvlan_port_get(dev).ipvlans]
  switch (event) {
    case NETDEV_UP:
    case NETDEV_DOWN:
    case NETDEV_CHANGE:
      for (const ipvlan of ipvlans) netif_stacked_transfer_operstate(dev, ipvlan)
      break
    case NETDEV_FEAT_CHANGE:
      for (const ipvlan of ipvlans) {
        netif_inherit_tso_max(ipvlan, dev)
        netdev_update_features(ipvlan)
      }
      break
    case NETDEV_CHANGEMTU:
      // without telling anyone
      for (const ipvlan of ipvlans) ipvlan.mtu = dev.mtu
      break
    case NETDEV_PRE_CHANGEADDR:
      return ask_address(ipvlans, info)
    case NETDEV_CHANGEADDR:
      for (const ipvlan of ipvlans) {
        eth_hw_addr_set(ipvlan, dev.dev_addr)
        call_netdevice_notifiers(NETDEV_CHANGEADDR, ipvlan)
      }
      break
    case NETDEV_UNREGISTER:
      unregister_all(dev, ipvlans)
      break
    case NETDEV_PRE_TYPE_CHANGE:
      return NOTIFY_BAD
  }
  return NOTIFY_DONE
}
function ask_address(ipvlans: readonly net_device[], info: netdev_notifier_info): number {
  for (const ipvlan of ipvlans) {
    const error = dev_pre_changeaddr_notify(ipvlan, info.dev_addr as Uint8Array, info.extack)
    if (isErrno(error)) return notifier_from_errno(error)
  }
  return NOTIFY_DONE
}
/** Not when the lower device only moves to another namespace. */
function unregister_all(dev: net_device, ipvlans: readonly net_device[]): void {
  if (dev.reg_state !== NETREG_UNREGISTERING) return
  const list: net_device[] = []
  for (const ipvlan of ipvlans) ipvlan.rtnl_link_ops?.dellink?.(ipvlan, list)
  unregister_netdevice_many(list)
}

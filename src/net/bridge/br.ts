/** net/bridge/br.c: the module, and what happens to ports on the netdev chain. */
import type { Kernel } from '../../kernel/kernel.ts'
import { NOTIFY_BAD, NOTIFY_DONE, notifier_block, notifier_from_errno } from '../../kernel/notifier.ts'
import { type Errno, isErrno } from '../../uapi/errno.ts'
import { BRIDGE_VLAN_INFO_BRENTRY, BRIDGE_VLAN_INFO_PVID, BRIDGE_VLAN_INFO_UNTAGGED } from '../../uapi/linux/if_bridge.ts'
import { IFF_UP } from '../../uapi/linux/if.ts'
import { RTM_DELVLAN, RTM_GETVLAN, RTM_NEWLINK, RTM_NEWVLAN } from '../../uapi/linux/rtnetlink.ts'
import { AF_BRIDGE } from '../../uapi/linux/socket.ts'
import {
  call_netdevice_notifiers,
  dev_pre_changeaddr_notify,
  netdev_update_features,
  netif_oper_up,
  netif_running,
  register_netdevice_notifier,
} from '../core/dev.ts'
import * as N from '../core/netdevice.ts'
import { type rtnl_af_ops, rtnl_af_register, rtnl_link_register, rtnl_register } from '../core/rtnetlink.ts'
import { br_fdb_add_local, br_fdb_changeaddr } from './br_fdb.ts'
import { br_del_if, br_mtu_auto_adjust, br_port_carrier_check, br_stp_recalculate_bridge_id } from './br_if.ts'
import { br_ioctl_stub } from './br_ioctl.ts'
import { br_link_ops } from './br_link.ts'
import { br_ifinfo_notify } from './br_netlink_fill.ts'
import { br_port_get_rtnl, br_priv, type net_bridge, type net_bridge_port, netif_is_bridge_master } from './br_private.ts'
import { br_stp_disable_port, br_stp_enable_port } from './br_stp.ts'
import { br_vlan_add, br_vlan_delete, br_vlan_notify } from './br_vlan.ts'
import { br_vlan_binding_event, br_vlan_port_event } from './br_vlan_binding.ts'
import { br_vlan_rtm_dump, br_vlan_rtm_process } from './br_vlan_rtnl.ts'

/** br_vlan_bridge_event(): a bridge enters its default VLAN when it comes and leaves it when it goes. */
function bridge_event(br: net_bridge, event: number): void {
  if (br.default_pvid === 0) return
  if (event === N.NETDEV_REGISTER) {
    br_fdb_add_local(br, undefined, br.dev.dev_addr, 0)
    br_vlan_add(br, br.default_pvid, BRIDGE_VLAN_INFO_PVID | BRIDGE_VLAN_INFO_UNTAGGED | BRIDGE_VLAN_INFO_BRENTRY)
    br_vlan_notify(br, undefined, br.default_pvid, 0, RTM_NEWVLAN)
  } else if (event === N.NETDEV_UNREGISTER && br_vlan_delete(br, br.default_pvid) === undefined) {
    br_vlan_notify(br, undefined, br.default_pvid, 0, RTM_DELVLAN)
  }
}

export function br_device_event(_nb: notifier_block, event: number, info: N.netdev_notifier_info): number {
  const { dev } = info
  if (netif_is_bridge_master(dev)) {
    bridge_event(br_priv(dev), event)
    br_vlan_binding_event(br_priv(dev), event, info)
    if (event === N.NETDEV_REGISTER) return NOTIFY_DONE
  }
  const p = br_port_get_rtnl(dev)
  if (p === undefined) return NOTIFY_DONE
  if (event === N.NETDEV_PRE_TYPE_CHANGE) return NOTIFY_BAD
  if (event === N.NETDEV_PRE_CHANGEADDR && p.br.dev.addr_assign_type !== N.NET_ADDR_SET && info.dev_addr !== undefined) {
    const error = dev_pre_changeaddr_notify(p.br.dev, info.dev_addr, info.extack)
    return isErrno(error) ? notifier_from_errno(error) : NOTIFY_DONE
  }
  const told = port_event(p, event)
  br_vlan_port_event(p, event)
  const refresh = event === N.NETDEV_CHANGEADDR || event === N.NETDEV_UP || event === N.NETDEV_CHANGE || event === N.NETDEV_DOWN
  if (!told && refresh) br_ifinfo_notify(RTM_NEWLINK, p.br, p)
  return NOTIFY_DONE
}

/** True when the port's state has been told already. */
function port_event(p: net_bridge_port, event: number): boolean {
  const { br, dev } = p
  switch (event) {
    case N.NETDEV_CHANGEMTU:
      br_mtu_auto_adjust(br)
      return false
    case N.NETDEV_CHANGEADDR:
      br_fdb_changeaddr(p, dev.dev_addr)
      if (br_stp_recalculate_bridge_id(br)) call_netdevice_notifiers(N.NETDEV_CHANGEADDR, br.dev)
      return false
    case N.NETDEV_CHANGE:
      return br_port_carrier_check(p)
    case N.NETDEV_FEAT_CHANGE:
      netdev_update_features(br.dev)
      return false
    case N.NETDEV_DOWN:
      if (!(br.dev.flags & IFF_UP)) return false
      br_stp_disable_port(p)
      return true
    case N.NETDEV_UP:
      if (!netif_running(br.dev) || !netif_oper_up(dev)) return false
      br_stp_enable_port(p)
      return true
    case N.NETDEV_UNREGISTER:
      br_del_if(br, dev)
      return false
    case N.NETDEV_RESEND_IGMP:
      // a bond that changed its port speaks for those behind the bridge as well
      call_netdevice_notifiers(event, br.dev)
      return false
    default:
      return false
  }
}

/** A family of links that is known and sets nothing: its nest in IFLA_AF_SPEC gives EOPNOTSUPP. */
export const br_af_ops: rtnl_af_ops = { name: 'br_af_ops', family: AF_BRIDGE }
export function br_init(kernel: Kernel): Errno | undefined {
  const error = register_netdevice_notifier(kernel, new notifier_block(br_device_event, kernel))
  if (isErrno(error)) return error
  rtnl_register(kernel, AF_BRIDGE, RTM_GETVLAN, { dumpit: br_vlan_rtm_dump })
  rtnl_register(kernel, AF_BRIDGE, RTM_NEWVLAN, { doit: br_vlan_rtm_process })
  rtnl_register(kernel, AF_BRIDGE, RTM_DELVLAN, { doit: br_vlan_rtm_process })
  kernel.rtnl.br_ioctl_hook = br_ioctl_stub
  rtnl_af_register(kernel, br_af_ops)
  return rtnl_link_register(kernel, br_link_ops)
}

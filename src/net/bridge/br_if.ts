/** net/bridge/br_if.c: ports come and go, and what a bridge takes from them: address, MTU, features, limits. */
import { timer_delete } from '../../kernel/time.ts'
import { EBUSY, EINVAL, ELOOP, EOPNOTSUPP, EXFULL, type Errno, isErrno } from '../../uapi/errno.ts'
import { IFF_LOOPBACK, IFF_PROMISC, IFF_UP } from '../../uapi/linux/if.ts'
import { ARPHRD_ETHER } from '../../uapi/linux/if_arp.ts'
import { ETH_DATA_LEN } from '../../uapi/linux/if_ether.ts'
import * as L from '../../uapi/linux/if_link.ts'
import { RTM_DELLINK, RTM_NEWLINK } from '../../uapi/linux/rtnetlink.ts'
import {
  call_netdevice_notifiers,
  dev_disable_lro,
  dev_pre_changeaddr_notify,
  dev_set_allmulti,
  dev_set_mtu,
  dev_set_promiscuity,
  dev_uc_add,
  dev_uc_del,
  netdev_master_upper_dev_link,
  netdev_upper_dev_unlink,
  netdev_update_features,
  netif_oper_up,
  netif_running,
  netif_set_tso_max_segs,
  netif_set_tso_max_size,
  unregister_netdevice_queue,
} from '../core/dev.ts'
import { netdev_rx_handler_register, netdev_rx_handler_unregister } from '../core/dev_rx_handler.ts'
import {
  IFF_BRIDGE_PORT,
  IFF_DONT_BRIDGE,
  IFF_UNICAST_FLT,
  NET_ADDR_SET,
  NETDEV_CHANGEADDR,
  NETDEV_JOIN,
  type net_device,
  TSO_MAX_SEGS,
  TSO_MAX_SIZE,
} from '../core/netdevice.ts'
import { eth_hw_addr_set, ether_addr_equal, is_zero_ether_addr } from '../ethernet/eth.ts'
import type { netlink_ext_ack } from '../netlink/extack.ts'
import { br_fdb_add_local, br_fdb_change_mac_address, br_fdb_delete_by_port } from './br_fdb.ts'
import { br_ifinfo_notify } from './br_netlink_fill.ts'
import {
  BR_MAX_PORTS,
  BR_STATE_DISABLED,
  br_port_get_rtnl,
  br_priv,
  net_bridge_port,
  type net_bridge,
  netif_is_bridge_master,
} from './br_private.ts'
import {
  br_init_port,
  br_set_state,
  br_stp_disable_port,
  br_stp_enable_port,
  br_stp_ids_changed,
  br_stp_port_timer_init,
} from './br_stp.ts'
import { br_handle_frame } from './br_input.ts'
import { br_multicast_add_port, br_multicast_del_port } from './br_multicast.ts'
import { br_sysfs_addif, br_sysfs_removeif } from './br_sysfs_if.ts'
import { nbp_vlan_flush, nbp_vlan_init } from './br_vlan.ts'

const default_flags = [L.IFLA_BRPORT_LEARNING, L.IFLA_BRPORT_UNICAST_FLOOD, L.IFLA_BRPORT_MCAST_FLOOD, L.IFLA_BRPORT_BCAST_FLOOD].map(
  (a) => a.nr,
)
const cost_of_speed = new Map([
  [10000, 2],
  [5000, 3],
  [2500, 4],
  [1000, 5],
  [100, 19],
  [10, 100],
])

/** port_cost(): by speed, of devices that tell it. */
export function port_cost(dev: net_device): number {
  const settings = dev.ethtool_ops?.get_link_ksettings?.(dev)
  if (settings !== undefined && !isErrno(settings)) {
    const known = cost_of_speed.get(settings.speed)
    if (known !== undefined) return known
    if (settings.speed > 10000) return 1
  }
  if (dev.name.startsWith('lec')) return 7
  if (dev.name.startsWith('plip')) return 2500
  return 100
}

/** br_mtu_min(): the smallest of the ports. */
function br_mtu_min(br: net_bridge): number {
  return br.port_list.length === 0 ? ETH_DATA_LEN : Math.min(...br.port_list.map((p) => p.dev.mtu))
}
export function br_mtu_auto_adjust(br: net_bridge): void {
  if (br.mtu_set_by_user) return
  dev_set_mtu(br.dev, br_mtu_min(br))
  br.mtu_set_by_user = false
}
function br_set_gso_limits(br: net_bridge): void {
  netif_set_tso_max_size(br.dev, Math.min(TSO_MAX_SIZE, ...br.port_list.map((p) => p.dev.tso_max_size)))
  netif_set_tso_max_segs(br.dev, Math.min(TSO_MAX_SEGS, ...br.port_list.map((p) => p.dev.tso_max_segs)))
}

/** br_stp_change_bridge_id(): the bridge takes an address. */
export function br_stp_change_bridge_id(br: net_bridge, addr: Uint8Array): void {
  br_fdb_change_mac_address(br, addr)
  eth_hw_addr_set(br.dev, addr)
  br_stp_ids_changed(br, addr)
}
/** br_stp_recalculate_bridge_id(): the lowest address of the ports, unless it was set by hand. True when it changed. */
export function br_stp_recalculate_bridge_id(br: net_bridge): boolean {
  if (br.dev.addr_assign_type === NET_ADDR_SET) return false
  let addr = new Uint8Array(6)
  for (const p of br.port_list) {
    const own = p.dev.dev_addr.subarray(0, 6)
    if (is_zero_ether_addr(addr) || compare(own, addr) < 0) addr = own.slice()
  }
  if (ether_addr_equal(br.bridge_id.subarray(2), addr)) return false
  br_stp_change_bridge_id(br, addr)
  return true
}
function compare(a: Uint8Array, b: Uint8Array): number {
  for (let i = 0; i < 6; i++) if (a[i] !== b[i]) return a[i] - b[i]
  return 0
}

function find_portno(br: net_bridge): number | Errno {
  for (let n = 1; n < BR_MAX_PORTS; n++) if (!br.port_list.some((p) => p.port_no === n)) return n
  return EXFULL
}
function new_nbp(br: net_bridge, dev: net_device): net_bridge_port | Errno {
  const port_no = find_portno(br)
  if (isErrno(port_no)) return port_no
  const p = new net_bridge_port(br, dev, port_no, port_cost(dev), default_flags)
  br_init_port(p)
  br_set_state(p, BR_STATE_DISABLED)
  br_stp_port_timer_init(p)
  br_multicast_add_port(p)
  return p
}

/**
 * br_manage_promisc(): ports listen to all, except that a device that can filter by address need not where VLANs are
 * filtered and no other port learns or floods: what goes out by the others is then known from the static entries.
 */
export function br_manage_promisc(br: net_bridge): void {
  const auto = (p: net_bridge_port) => p.flags.has(L.IFLA_BRPORT_LEARNING.nr) || p.flags.has(L.IFLA_BRPORT_UNICAST_FLOOD.nr)
  const auto_cnt = br.port_list.filter(auto).length
  const set_all = (br.dev.flags & IFF_PROMISC) !== 0 || !br.vlan_enabled
  for (const p of br.port_list) {
    const known = auto_cnt === 0 || (auto_cnt === 1 && auto(p))
    if (!set_all && p.dev.priv_flags & IFF_UNICAST_FLT && known) clear_promisc(p)
    else set_promisc(p)
  }
}
function static_addresses(br: net_bridge): Uint8Array[] {
  return br.fdb_list.items.filter((f) => f.is_static).map((f) => f.addr)
}
function set_promisc(p: net_bridge_port): void {
  if (p.promisc || isErrno(dev_set_promiscuity(p.dev, 1))) return
  for (const addr of static_addresses(p.br)) dev_uc_del(p.dev, addr)
  p.promisc = true
}
function clear_promisc(p: net_bridge_port): void {
  if (!p.promisc) return
  for (const addr of static_addresses(p.br)) dev_uc_add(p.dev, addr)
  dev_set_promiscuity(p.dev, -1)
  p.promisc = false
}

function refused(dev: net_device, extack?: netlink_ext_ack): Errno | undefined {
  const fail = (error: Errno, text: string) => extack?.fail(error, `${text}`) ?? error
  if (dev.flags & IFF_LOOPBACK || dev.type !== ARPHRD_ETHER || dev.addr_len !== 6) return EINVAL
  if (netif_is_bridge_master(dev)) return fail(ELOOP, 'Can not enslave a bridge to a bridge')
  if (dev.upper.some((adj) => adj.master)) return EBUSY
  if (dev.priv_flags & IFF_DONT_BRIDGE) return fail(EOPNOTSUPP, 'Device does not allow enslaving to a bridge')
  return undefined
}

export function br_add_if(br: net_bridge, dev: net_device, extack?: netlink_ext_ack): Errno | undefined {
  const error = refused(dev, extack)
  if (isErrno(error)) return error
  const p = new_nbp(br, dev)
  if (isErrno(p)) return p
  call_netdevice_notifiers(NETDEV_JOIN, dev)
  dev_set_allmulti(dev, 1)
  const busy = netdev_rx_handler_register(dev, br_handle_frame, p)
  if (isErrno(busy)) {
    dev_set_allmulti(dev, -1)
    return busy
  }
  dev.priv_flags |= IFF_BRIDGE_PORT
  const unlinked = netdev_master_upper_dev_link(dev, br.dev, p, undefined, extack)
  if (isErrno(unlinked)) {
    dev.priv_flags &= ~IFF_BRIDGE_PORT
    netdev_rx_handler_unregister(dev)
    dev_set_allmulti(dev, -1)
    return unlinked
  }
  dev_disable_lro(dev)
  br.port_list.unshift(p)
  br_sysfs_addif(dev)
  br_manage_promisc(br)
  netdev_update_features(br.dev)
  br_fdb_add_local(br, p, dev.dev_addr, 0)
  if (br.dev.addr_assign_type !== NET_ADDR_SET && isErrno(dev_pre_changeaddr_notify(br.dev, dev.dev_addr, extack))) {
    del_nbp(p)
    return EINVAL
  }
  nbp_vlan_init(p)
  const changed_addr = br_stp_recalculate_bridge_id(br)
  if (netif_running(dev) && netif_oper_up(dev) && br.dev.flags & IFF_UP) br_stp_enable_port(p)
  br_ifinfo_notify(RTM_NEWLINK, br, p)
  if (changed_addr) call_netdevice_notifiers(NETDEV_CHANGEADDR, br.dev)
  br_mtu_auto_adjust(br)
  br_set_gso_limits(br)
  return undefined
}

function del_nbp(p: net_bridge_port): void {
  const { br, dev } = p
  nbp_delete_promisc(p)
  br_stp_disable_port(p)
  br_ifinfo_notify(RTM_DELLINK, br, p)
  br.port_list = br.port_list.filter((other) => other !== p)
  br_sysfs_removeif(dev)
  nbp_vlan_flush(p)
  br_fdb_delete_by_port(br, p, 0, true)
  for (const other of br.port_list) if (other.backup_port === dev) other.backup_port = undefined
  br_manage_promisc(br)
  netdev_upper_dev_unlink(dev, br.dev)
  dev.priv_flags &= ~IFF_BRIDGE_PORT
  netdev_rx_handler_unregister(dev)
  br_multicast_del_port(p)
  for (const timer of [p.message_age_timer, p.forward_delay_timer, p.hold_timer]) timer_delete(timer)
}
/** What br_add_if asked of the device is taken back. */
function nbp_delete_promisc(p: net_bridge_port): void {
  dev_set_allmulti(p.dev, -1)
  if (p.promisc) dev_set_promiscuity(p.dev, -1)
  else for (const addr of static_addresses(p.br)) dev_uc_del(p.dev, addr)
}

export function br_del_if(br: net_bridge, dev: net_device): Errno | undefined {
  const p = br_port_get_rtnl(dev)
  if (p === undefined || p.br !== br) return EINVAL
  del_nbp(p)
  br_mtu_auto_adjust(br)
  br_set_gso_limits(br)
  if (br_stp_recalculate_bridge_id(br)) call_netdevice_notifiers(NETDEV_CHANGEADDR, br.dev)
  netdev_update_features(br.dev)
  return undefined
}
/** br_dev_delete(): ports leave first. */
export function br_dev_delete(dev: net_device, list: net_device[]): void {
  const br = br_priv(dev)
  for (const p of [...br.port_list]) del_nbp(p)
  br_fdb_delete_by_port(br, undefined, 0, true)
  unregister_netdevice_queue(dev, list)
}

/** br_port_carrier_check(): true when the port's state was told. */
export function br_port_carrier_check(p: net_bridge_port): boolean {
  const { br, dev } = p
  if (!p.admin_cost && netif_running(dev) && netif_oper_up(dev)) p.path_cost = port_cost(dev)
  if (!netif_running(br.dev)) return false
  if (netif_running(dev) && netif_oper_up(dev)) {
    if (p.state !== BR_STATE_DISABLED) return false
    br_stp_enable_port(p)
    return true
  }
  if (p.state === BR_STATE_DISABLED) return false
  br_stp_disable_port(p)
  return true
}

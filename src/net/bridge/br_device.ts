/** net/bridge/br_device.c: the bridge as a network device. */
import { ETH_ALEN } from '../../uapi/linux/if_ether.ts'
import { EADDRNOTAVAIL, type Errno, isErrno } from '../../uapi/errno.ts'
import { AUTONEG_DISABLE, DUPLEX_UNKNOWN, PORT_OTHER, SPEED_UNKNOWN } from '../../uapi/linux/ethtool.ts'
import { netdev_update_features } from '../core/dev.ts'
import { dev_get_tstats64 } from '../core/dev_stats.ts'
import { netdev_increment_features } from '../core/dev_stacked.ts'
import { type ethtool_drvinfo, type ethtool_link_ksettings, type ethtool_ops, ethtool_op_get_link } from '../core/ethtool_ops.ts'
import { netif_oper_up, netif_running } from '../core/link_watch.ts'
import * as F from '../core/netdev_features_bits.ts'
import {
  IFF_EBRIDGE,
  IFF_NO_QUEUE,
  NET_ADDR_SET,
  NETIF_MAX_MTU_ETH,
  type net_device,
  type net_device_ops,
  NETREG_REGISTERED,
} from '../core/netdevice.ts'
import { eth_hw_addr_random, ether_addr_equal, ether_setup, is_valid_ether_addr } from '../ethernet/eth.ts'
import type { netlink_ext_ack } from '../netlink/extack.ts'
import { br_fdb_delete_bulk } from './br_fdb_flush.ts'
import { br_fdb_add, br_fdb_delete, br_fdb_dump, br_fdb_get } from './br_fdb_rtnl.ts'
import { br_add_if, br_del_if, br_manage_promisc, br_stp_change_bridge_id } from './br_if.ts'
import { br_dev_siocdevprivate } from './br_ioctl_old.ts'
import { br_dev_xmit } from './br_input.ts'
import { br_mdb_add, br_mdb_del, br_mdb_del_bulk, br_mdb_get } from './br_mdb.ts'
import { br_mdb_dump } from './br_mdb_fill.ts'
import { br_multicast_ctx_init, br_multicast_dev_del, br_multicast_open, br_multicast_stop } from './br_multicast.ts'
import { br_multicast_join_snoopers, br_multicast_leave_snoopers } from './br_multicast_snoopers.ts'
import { br_dellink, br_getlink, br_setlink } from './br_netlink.ts'
import { br_priv, net_bridge } from './br_private.ts'
import { llc_init } from '../802/llc_input.ts'
import { br_sysfs_addbr, bridge_dev_attrs } from './br_sysfs_br.ts'
import { br_vlan_flush } from './br_vlan.ts'
import { br_stp_disable_bridge, br_stp_enable_bridge, br_stp_timer_init } from './br_stp.ts'

/** All kinds of segmentation, named or not. */
const NETIF_F_GSO_MASK = ((1n << 19n) - 1n) << 16n
const COMMON_FEATURES = F.NETIF_F_SG | F.NETIF_F_FRAGLIST | F.NETIF_F_HIGHDMA | NETIF_F_GSO_MASK | F.NETIF_F_HW_CSUM
const VLAN_TX = F.NETIF_F_HW_VLAN_CTAG_TX | F.NETIF_F_HW_VLAN_STAG_TX

export function br_dev_init(dev: net_device): Errno | undefined {
  llc_init(dev.nd_net.kernel)
  br_sysfs_addbr(dev)
  return undefined
}
export function br_dev_uninit(dev: net_device): void {
  const br = br_priv(dev)
  br_multicast_dev_del(br)
  br_vlan_flush(br)
}
export function br_dev_open(dev: net_device): Errno | undefined {
  const br = br_priv(dev)
  netdev_update_features(dev)
  br_stp_enable_bridge(br)
  br_multicast_open(br)
  if (br.multicast_enabled) br_multicast_join_snoopers(br)
  return undefined
}
export function br_dev_stop(dev: net_device): Errno | undefined {
  const br = br_priv(dev)
  br_stp_disable_bridge(br)
  br_multicast_stop(br)
  if (br.multicast_enabled) br_multicast_leave_snoopers(br)
  return undefined
}
export function br_change_mtu(dev: net_device, new_mtu: number): Errno | undefined {
  dev.mtu = new_mtu
  br_priv(dev).mtu_set_by_user = true
  return undefined
}
/** Allowed whether or not the bridge is up; before registration newlink's own step does it. */
export function br_set_mac_address(dev: net_device, addr: Uint8Array): Errno | undefined {
  if (!is_valid_ether_addr(addr)) return EADDRNOTAVAIL
  if (dev.reg_state !== NETREG_REGISTERED) return EADDRNOTAVAIL
  dev.addr_assign_type = NET_ADDR_SET
  if (!ether_addr_equal(dev.dev_addr, addr)) br_stp_change_bridge_id(br_priv(dev), addr)
  return undefined
}
export function br_dev_change_rx_flags(dev: net_device): void {
  br_manage_promisc(br_priv(dev))
}
export function br_dev_set_multicast_list(_dev: net_device): void {}
export function br_add_slave(dev: net_device, slave: net_device, extack?: netlink_ext_ack): Errno | undefined {
  return br_add_if(br_priv(dev), slave, extack)
}
export function br_del_slave(dev: net_device, slave: net_device): Errno | undefined {
  return br_del_if(br_priv(dev), slave)
}
/** br_features_recompute(): what every port can do, and what one of them does alone. */
export function br_fix_features(dev: net_device, features: bigint): bigint {
  const { port_list } = br_priv(dev)
  if (port_list.length === 0) return features
  let all = features & ~F.NETIF_F_ONE_FOR_ALL
  for (const p of port_list) all = netdev_increment_features(all, p.dev.features, features)
  return all | (features & F.NETIF_F_ALL_TSO)
}

export const br_netdev_ops: net_device_ops = {
  name: 'br_netdev_ops',
  sysfs_attrs: bridge_dev_attrs,
  ndo_init: br_dev_init,
  ndo_uninit: br_dev_uninit,
  ndo_open: br_dev_open,
  ndo_stop: br_dev_stop,
  ndo_start_xmit: br_dev_xmit,
  ndo_get_stats64: dev_get_tstats64,
  ndo_change_mtu: br_change_mtu,
  ndo_set_mac_address: br_set_mac_address,
  ndo_set_rx_mode: br_dev_set_multicast_list,
  ndo_change_rx_flags: br_dev_change_rx_flags,
  ndo_add_slave: br_add_slave,
  ndo_del_slave: br_del_slave,
  ndo_fix_features: br_fix_features,
  ndo_siocdevprivate: br_dev_siocdevprivate,
  ndo_bridge_getlink: br_getlink,
  ndo_bridge_setlink: br_setlink,
  ndo_bridge_dellink: br_dellink,
  ndo_fdb_add: br_fdb_add,
  ndo_fdb_del: br_fdb_delete,
  ndo_fdb_del_bulk: br_fdb_delete_bulk,
  ndo_fdb_dump: br_fdb_dump,
  ndo_fdb_get: br_fdb_get,
  ndo_mdb_add: br_mdb_add,
  ndo_mdb_del: br_mdb_del,
  ndo_mdb_del_bulk: br_mdb_del_bulk,
  ndo_mdb_dump: br_mdb_dump,
  ndo_mdb_get: br_mdb_get,
}

export function br_getinfo(): ethtool_drvinfo {
  return { driver: 'bridge', version: '2.3', fw_version: 'N/A', bus_info: 'N/A' }
}
/** The fastest port that is up. */
export function br_get_link_ksettings(dev: net_device): ethtool_link_ksettings {
  let speed = SPEED_UNKNOWN
  for (const { dev: port } of br_priv(dev).port_list) {
    if (!netif_running(port) || !netif_oper_up(port)) continue
    const settings = port.ethtool_ops?.get_link_ksettings?.(port)
    if (settings !== undefined && !isErrno(settings)) speed = Math.max(speed, settings.speed)
  }
  return { speed, duplex: DUPLEX_UNKNOWN, port: PORT_OTHER, autoneg: AUTONEG_DISABLE }
}
export const br_ethtool_ops: ethtool_ops = {
  name: 'br_ethtool_ops',
  get_drvinfo: br_getinfo,
  get_link: ethtool_op_get_link,
  get_link_ksettings: br_get_link_ksettings,
}

export function br_dev_setup(dev: net_device): void {
  ether_setup(dev)
  eth_hw_addr_random(dev)
  dev.netdev_ops = br_netdev_ops
  dev.ethtool_ops = br_ethtool_ops
  dev.needs_free_netdev = true
  dev.priv_flags |= IFF_EBRIDGE | IFF_NO_QUEUE
  dev.lltx = true
  dev.netns_local = true
  dev.features = COMMON_FEATURES | VLAN_TX
  dev.hw_features = COMMON_FEATURES | VLAN_TX
  dev.vlan_features = COMMON_FEATURES
  dev.min_mtu = 68
  dev.max_mtu = NETIF_MAX_MTU_ETH
  dev.addr_len = ETH_ALEN
  const br = new net_bridge(dev)
  dev.priv = br
  br_stp_timer_init(br)
  br_multicast_ctx_init(br.multicast_ctx)
}

/** drivers/net/bonding/bond_main.c: the operations of a bond as a network device. */
import { type delayed_work, queue_delayed_work } from '../../../kernel/workqueue.ts'
import {
  dev_mc_add,
  dev_mc_sync,
  dev_mc_sync_multiple,
  dev_set_allmulti,
  dev_set_mac_address,
  dev_set_mtu,
  dev_set_promiscuity,
  dev_uc_sync,
  dev_uc_sync_multiple,
  netdev_info,
  netif_carrier_ok,
} from '../../../net/core/dev.ts'
import {
  type ethtool_drvinfo,
  ethtool_get_ts_info_of,
  type ethtool_link_ksettings,
  type ethtool_ops,
  type kernel_ethtool_ts_info,
} from '../../../net/core/ethtool_ops.ts'
import { SOF_TIMESTAMPING_TX_SOFTWARE } from '../../../uapi/linux/net_tstamp.ts'
import { NET_ADDR_PERM, type net_device, type net_device_ops } from '../../../net/core/netdevice.ts'
import { eth_hw_addr_random, eth_validate_addr, is_valid_ether_addr } from '../../../net/ethernet/eth.ts'
import type { netlink_ext_ack } from '../../../net/netlink/extack.ts'
import { vlan_vid_add, vlan_vid_del } from '../../../net/8021q/vlan_core.ts'
import { EADDRNOTAVAIL, type Errno, isErrno } from '../../../uapi/errno.ts'
import { IFF_ALLMULTI, IFF_PROMISC } from '../../../uapi/linux/if.ts'
import { BOND_MODE_8023AD, BOND_MODE_ACTIVEBACKUP, BOND_MODE_ALB, BOND_MODE_BROADCAST } from '../../../uapi/linux/if_bonding.ts'
import { bond_3ad_initiate_agg_selection, bond_3ad_lacpdu_recv } from './bond_3ad.ts'
import { lacpdu_mcast_addr } from './bond_3ad_send.ts'
import { bond_hw_addr_flush } from './bond_active.ts'
import { bond_alb_deinitialize, bond_alb_initialize, bond_alb_set_mac_address } from './bond_alb.ts'
import { bond_alb_clear_vlan } from './bond_alb_rlb.ts'
import { bond_rcv_validate } from './bond_arp_validate.ts'
import { bond_enslave } from './bond_enslave.ts'
import { bond_fix_features, bond_update_speed_duplex } from './bond_features.ts'
import { bond_do_ioctl, bond_eth_ioctl, bond_siocdevprivate } from './bond_ioctl.ts'
import { bond_net_of } from './bond_protocols.ts'
import { __bond_release_one, bond_release } from './bond_release.ts'
import { bond_update_slave_arr } from './bond_slave_arr.ts'
import { BOND_SLAVE_NOTIFY_NOW, bond_set_slave_active_flags, bond_set_slave_inactive_flags } from './bond_slave_state.ts'
import { bond_get_stats } from './bond_stats.ts'
import { bonding_group } from './bond_sysfs.ts'
import { bond_run_works, bond_work_cancel_all } from './bond_works.ts'
import { bond_start_xmit } from './bond_xmit.ts'
import {
  bond_is_lb,
  bond_mode_can_use_xmit_hash,
  bond_of,
  bond_option_active_slave_get,
  bond_slave_can_tx,
  bond_slaves,
  bond_uses_primary,
  type bonding,
  DUPLEX_UNKNOWN,
  type slave,
  SPEED_UNKNOWN,
} from './bonding.ts'

const PORT_OTHER = 0xff

export function bond_init(dev: net_device): Errno | undefined {
  bond_net_of(dev.nd_net)?.dev_list.push(bond_of(dev))
  dev.sysfs_groups = [...dev.sysfs_groups, bonding_group]
  if (dev.addr_assign_type === NET_ADDR_PERM && dev.dev_addr.every((byte) => byte === 0)) eth_hw_addr_random(dev)
  return undefined
}
export function bond_uninit(dev: net_device): void {
  const bond = bond_of(dev)
  for (const slave of bond_slaves(bond)) __bond_release_one(dev, slave.dev, true, true)
  netdev_info(dev, 'Released all slaves')
  const net = bond_net_of(dev.nd_net)
  if (net !== undefined) net.dev_list = net.dev_list.filter((b) => b !== bond)
}

export function bond_open(dev: net_device): undefined {
  const bond = bond_of(dev)
  const { params } = bond
  for (const slave of bond_slaves(bond)) {
    if (bond_uses_primary(bond) && slave !== bond.curr_active_slave) bond_set_slave_inactive_flags(slave, BOND_SLAVE_NOTIFY_NOW)
    else if (params.mode !== BOND_MODE_8023AD) bond_set_slave_active_flags(slave, BOND_SLAVE_NOTIFY_NOW)
  }
  if (bond_is_lb(bond)) {
    bond_alb_initialize(bond, params.mode === BOND_MODE_ALB)
    if (params.tlb_dynamic_lb || params.mode === BOND_MODE_ALB) queue_delayed_work(bond.alb_work as delayed_work, 0)
  }
  if (params.miimon) queue_delayed_work(bond.mii_work as delayed_work, 0)
  if (params.arp_interval) {
    queue_delayed_work(bond.arp_work as delayed_work, 0)
    bond.recv_probe = bond_rcv_validate
  }
  if (params.mode === BOND_MODE_8023AD) open_3ad(bond)
  bond_run_works(bond)
  if (bond_mode_can_use_xmit_hash(bond)) bond_update_slave_arr(bond)
}
function open_3ad(bond: bonding): void {
  queue_delayed_work(bond.ad_work as delayed_work, 0)
  bond.recv_probe = bond_3ad_lacpdu_recv
  bond_3ad_initiate_agg_selection(bond, 1)
  for (const slave of bond_slaves(bond)) dev_mc_add(slave.dev, lacpdu_mcast_addr)
}
export function bond_close(dev: net_device): undefined {
  const bond = bond_of(dev)
  bond_work_cancel_all(bond)
  bond.send_peer_notif = 0
  if (bond_is_lb(bond)) bond_alb_deinitialize(bond)
  bond.recv_probe = undefined
  for (const slave of listeners(bond)) bond_hw_addr_flush(bond, slave.dev)
}

/** The slaves that hear what the bond wants to hear. */
function listeners(bond: bonding): slave[] {
  if (!bond_uses_primary(bond)) return bond_slaves(bond)
  return bond.curr_active_slave === undefined ? [] : [bond.curr_active_slave]
}
export function bond_change_rx_flags(dev: net_device, change: number): void {
  for (const slave of listeners(bond_of(dev))) {
    if (change & IFF_PROMISC) dev_set_promiscuity(slave.dev, dev.flags & IFF_PROMISC ? 1 : -1)
    if (change & IFF_ALLMULTI) dev_set_allmulti(slave.dev, dev.flags & IFF_ALLMULTI ? 1 : -1)
  }
}
export function bond_set_rx_mode(dev: net_device): void {
  const bond = bond_of(dev)
  const multiple = !bond_uses_primary(bond)
  for (const slave of listeners(bond)) {
    if (multiple) {
      dev_uc_sync_multiple(slave.dev, dev)
      dev_mc_sync_multiple(slave.dev, dev)
    } else {
      dev_uc_sync(slave.dev, dev)
      dev_mc_sync(slave.dev, dev)
    }
  }
}

/** All slaves, or when one refuses those before it back again. */
function all_or_none(bond: bonding, change: (dev: net_device) => Errno | undefined, undo: (dev: net_device) => void): Errno | undefined {
  const done: net_device[] = []
  for (const { dev } of bond_slaves(bond)) {
    const error = change(dev)
    if (isErrno(error)) {
      for (const changed of done) undo(changed)
      return error
    }
    done.push(dev)
  }
  return undefined
}
export function bond_change_mtu(dev: net_device, new_mtu: number): Errno | undefined {
  const error = all_or_none(
    bond_of(dev),
    (slave_dev) => dev_set_mtu(slave_dev, new_mtu),
    (slave_dev) => dev_set_mtu(slave_dev, dev.mtu),
  )
  if (!isErrno(error)) dev.mtu = new_mtu
  return error
}
/** With fail_over_mac the slaves' addresses are theirs: nothing is set, and that is no error. */
export function bond_set_mac_address(dev: net_device, addr: Uint8Array): Errno | undefined {
  const bond = bond_of(dev)
  if (bond.params.mode === BOND_MODE_ALB) return bond_alb_set_mac_address(dev, addr)
  if (bond.params.fail_over_mac && bond.params.mode === BOND_MODE_ACTIVEBACKUP) return undefined
  if (!is_valid_ether_addr(addr)) return EADDRNOTAVAIL
  const before = dev.dev_addr.slice(0, dev.addr_len)
  const error = all_or_none(
    bond,
    (slave_dev) => dev_set_mac_address(slave_dev, addr.slice(0, dev.addr_len)),
    (slave_dev) => dev_set_mac_address(slave_dev, before),
  )
  if (!isErrno(error)) dev.dev_addr.set(addr.subarray(0, dev.addr_len))
  return error
}
export function bond_vlan_rx_add_vid(dev: net_device, proto: number, vid: number): Errno | undefined {
  return all_or_none(
    bond_of(dev),
    (slave_dev) => vlan_vid_add(slave_dev, proto, vid),
    (slave_dev) => vlan_vid_del(slave_dev, proto, vid),
  )
}
export function bond_vlan_rx_kill_vid(dev: net_device, proto: number, vid: number): undefined {
  const bond = bond_of(dev)
  for (const slave of bond_slaves(bond)) vlan_vid_del(slave.dev, proto, vid)
  if (bond_is_lb(bond)) bond_alb_clear_vlan(bond, vid)
}
export function bond_add_slave(dev: net_device, slave_dev: net_device, extack?: netlink_ext_ack): Errno | undefined {
  return bond_enslave(dev, slave_dev, extack)
}
export function bond_del_slave(dev: net_device, slave_dev: net_device): Errno | undefined {
  return bond_release(dev, slave_dev)
}

export const bond_netdev_ops: net_device_ops = {
  name: 'bond_netdev_ops',
  ndo_init: bond_init,
  ndo_uninit: bond_uninit,
  ndo_open: bond_open,
  ndo_stop: bond_close,
  ndo_start_xmit: bond_start_xmit,
  ndo_get_stats64: bond_get_stats,
  ndo_eth_ioctl: bond_eth_ioctl,
  ndo_siocbond: bond_do_ioctl,
  ndo_siocdevprivate: bond_siocdevprivate,
  ndo_change_rx_flags: bond_change_rx_flags,
  ndo_set_rx_mode: bond_set_rx_mode,
  ndo_change_mtu: bond_change_mtu,
  ndo_validate_addr: eth_validate_addr,
  ndo_set_mac_address: bond_set_mac_address,
  ndo_vlan_rx_add_vid: bond_vlan_rx_add_vid,
  ndo_vlan_rx_kill_vid: bond_vlan_rx_kill_vid,
  ndo_add_slave: bond_add_slave,
  ndo_del_slave: bond_del_slave,
  ndo_fix_features: bond_fix_features,
}

export function bond_ethtool_get_drvinfo(): ethtool_drvinfo {
  return { driver: 'bonding', fw_version: '2' }
}
export function bond_ethtool_get_link(dev: net_device): boolean {
  return netif_carrier_ok(dev)
}
/** The speeds of the slaves that can send, together; where all send the same, the lowest. */
export function bond_ethtool_get_link_ksettings(dev: net_device): ethtool_link_ksettings {
  const bond = bond_of(dev)
  let speed = 0
  let duplex = DUPLEX_UNKNOWN
  for (const slave of bond_slaves(bond)) {
    if (!bond_slave_can_tx(slave)) continue
    bond_update_speed_duplex(slave)
    if (slave.speed !== SPEED_UNKNOWN) {
      speed = bond.params.mode === BOND_MODE_BROADCAST && speed !== 0 ? Math.min(speed, slave.speed) : speed + slave.speed
    }
    if (duplex === DUPLEX_UNKNOWN && slave.duplex !== DUPLEX_UNKNOWN) duplex = slave.duplex
  }
  return { speed: speed || SPEED_UNKNOWN, duplex, port: PORT_OTHER, autoneg: 0 }
}
/** What the active slave can, or else what all of them can. */
export function bond_ethtool_get_ts_info(dev: net_device): kernel_ethtool_ts_info {
  const bond = bond_of(dev)
  const active = bond_option_active_slave_get(bond)
  if (active !== undefined) return ethtool_get_ts_info_of(active)
  const slaves = [...bond_slaves(bond)]
  const all = slaves.length > 0 && slaves.every((s) => ethtool_get_ts_info_of(s.dev).so_timestamping & SOF_TIMESTAMPING_TX_SOFTWARE)
  return { so_timestamping: all ? SOF_TIMESTAMPING_TX_SOFTWARE : 0, phc_index: -1, tx_types: 0, rx_filters: 0 }
}
export const bond_ethtool_ops: ethtool_ops = {
  name: 'bond_ethtool_ops',
  get_drvinfo: bond_ethtool_get_drvinfo,
  get_ts_info: bond_ethtool_get_ts_info,
  get_link: bond_ethtool_get_link,
  get_link_ksettings: bond_ethtool_get_link_ksettings,
}

/** drivers/net/bonding/bond_main.c __bond_release_one(): a slave becomes a device of its own again. */
import { cancel_delayed_work } from '../../../kernel/workqueue.ts'
import {
  call_netdevice_notifiers,
  dev_close,
  dev_set_allmulti,
  dev_set_mac_address,
  dev_set_mtu,
  dev_set_promiscuity,
  netdev_has_upper_dev,
  netdev_info,
  netdev_rx_handler_unregister,
  netdev_upper_dev_unlink,
  unregister_netdevice,
} from '../../../net/core/dev.ts'
import * as F from '../../../net/core/netdev_features_bits.ts'
import {
  IFF_BONDING,
  IFF_NO_ADDRCONF,
  NETDEV_CHANGEADDR,
  NETDEV_RELEASE,
  NETREG_UNREGISTERING,
  type net_device,
} from '../../../net/core/netdevice.ts'
import { mac_text } from '../../../net/core/net_sysfs.ts'
import { vlan_vids_del_by_dev } from '../../../net/8021q/vlan_core.ts'
import { eth_hw_addr_random, ether_addr_equal } from '../../../net/ethernet/eth.ts'
import { EINVAL, type Errno, isErrno } from '../../../uapi/errno.ts'
import { IFF_ALLMULTI, IFF_PROMISC, IFF_SLAVE, IFF_UP } from '../../../uapi/linux/if.ts'
import { BOND_MODE_8023AD, BOND_MODE_ACTIVEBACKUP } from '../../../uapi/linux/if_bonding.ts'
import { bond_3ad_unbind_slave } from './bond_3ad.ts'
import { bond_change_active_slave, bond_hw_addr_flush, bond_select_active_slave, bond_set_carrier } from './bond_active.ts'
import { bond_alb_deinit_slave } from './bond_alb.ts'
import { bond_compute_features, bond_xdp_set_features } from './bond_features.ts'
import { bond_slave_ns_maddrs } from './bond_ns_maddrs.ts'
import { slave_info, slave_warn } from './bond_printk.ts'
import { bond_remove_proc_entry } from './bond_procfs.ts'
import { bond_update_slave_arr } from './bond_slave_arr.ts'
import { BOND_SLAVE_NOTIFY_NOW, bond_set_slave_inactive_flags } from './bond_slave_state.ts'
import { bond_get_stats } from './bond_stats.ts'
import { bond_sysfs_slave_del } from './bond_sysfs_slave.ts'
import {
  BOND_FOM_ACTIVE,
  bond_get_slave_by_dev,
  bond_has_slaves,
  bond_is_active_slave,
  bond_is_lb,
  bond_mode_can_use_xmit_hash,
  bond_of,
  bond_uses_primary,
  type bonding,
  netif_is_bond_master,
  type slave,
} from './bonding.ts'

/** Whether the slaves keep addresses of their own. */
function follows_active(bond: bonding): boolean {
  return bond.params.fail_over_mac === BOND_FOM_ACTIVE && bond.params.mode === BOND_MODE_ACTIVEBACKUP
}

/** `all`: the bond goes, and its slaves with it; `unregister`: nobody is told of the MTU. */
export function __bond_release_one(bond_dev: net_device, slave_dev: net_device, all: boolean, unregister: boolean): Errno | undefined {
  const bond = bond_of(bond_dev)
  if (!(slave_dev.flags & IFF_SLAVE) || !netdev_has_upper_dev(slave_dev, bond_dev)) return EINVAL
  const slave = bond_get_slave_by_dev(bond, slave_dev)
  if (slave === undefined) {
    slave_info(bond_dev, slave_dev, 'interface not enslaved')
    return EINVAL
  }
  const old_flags = bond_dev.flags
  const old_features = bond_dev.features
  detach(bond, slave, all)
  bond_set_carrier(bond)
  if (!bond_has_slaves(bond)) eth_hw_addr_random(bond_dev)
  bond.slave_cnt--
  if (!bond_has_slaves(bond)) {
    call_netdevice_notifiers(NETDEV_CHANGEADDR, bond_dev)
    call_netdevice_notifiers(NETDEV_RELEASE, bond_dev)
  }
  bond_compute_features(bond)
  if (!(bond_dev.features & F.NETIF_F_VLAN_CHALLENGED) && old_features & F.NETIF_F_VLAN_CHALLENGED) {
    slave_info(bond_dev, slave_dev, 'last VLAN challenged slave left bond - VLAN blocking is removed')
  }
  vlan_vids_del_by_dev(slave_dev, bond_dev)
  restore(bond, slave, old_flags, unregister)
  bond_xdp_set_features(bond_dev)
  return undefined
}

/** It takes part in nothing any more, and another takes its place. */
function detach(bond: bonding, slave: slave, all: boolean): void {
  const { dev } = slave
  bond_set_slave_inactive_flags(slave, BOND_SLAVE_NOTIFY_NOW)
  bond_sysfs_slave_del(slave)
  bond_get_stats(bond.dev)
  netdev_rx_handler_unregister(dev)
  if (bond.params.mode === BOND_MODE_8023AD) bond_3ad_unbind_slave(slave)
  netdev_upper_dev_unlink(dev, bond.dev)
  dev.flags &= ~IFF_SLAVE
  if (bond_mode_can_use_xmit_hash(bond)) bond_update_slave_arr(bond, slave)
  slave_info(bond.dev, dev, `Releasing ${bond_is_active_slave(slave) ? 'active' : 'backup'} interface`)
  const was_active = bond.curr_active_slave === slave
  bond.current_arp_slave = undefined
  if (!all && !follows_active(bond)) warn_of_address(bond, slave)
  if (bond.primary_slave === slave) bond.primary_slave = undefined
  if (was_active) bond_change_active_slave(bond, undefined)
  bond_slave_ns_maddrs(bond, slave, false)
  if (bond_is_lb(bond)) bond_alb_deinit_slave(bond, slave)
  if (all) bond.curr_active_slave = undefined
  else if (was_active) bond_select_active_slave(bond)
  if (slave.notify_work !== undefined) cancel_delayed_work(slave.notify_work)
}
function warn_of_address(bond: bonding, slave: slave): void {
  if (!ether_addr_equal(bond.dev.dev_addr, slave.perm_hwaddr) || !bond_has_slaves(bond)) return
  const mac = mac_text(slave.perm_hwaddr, 6)
  const text = `the permanent HWaddr of slave - ${mac} - is still in use by bond - set the HWaddr of slave to a different address to avoid conflicts`
  slave_warn(bond.dev, slave.dev, text)
}

/** `old_flags`: the filters that the bond had when it gave them to the slave. */
function restore(bond: bonding, slave: slave, old_flags: number, unregister: boolean): void {
  const { dev } = slave
  if (!bond_uses_primary(bond)) {
    if (old_flags & IFF_PROMISC) dev_set_promiscuity(dev, -1)
    if (old_flags & IFF_ALLMULTI) dev_set_allmulti(dev, -1)
    if (old_flags & IFF_UP) bond_hw_addr_flush(bond, dev)
  }
  dev_close(dev)
  dev.priv_flags &= ~IFF_NO_ADDRCONF
  if (!follows_active(bond)) dev_set_mac_address(dev, slave.perm_hwaddr.slice(0, dev.addr_len))
  if (!unregister) dev_set_mtu(dev, slave.original_mtu)
  else if (dev.netdev_ops.ndo_change_mtu !== undefined) dev.netdev_ops.ndo_change_mtu(dev, slave.original_mtu)
  else dev.mtu = slave.original_mtu
  if (!netif_is_bond_master(dev)) dev.priv_flags &= ~IFF_BONDING
}

export function bond_release(bond_dev: net_device, slave_dev: net_device): Errno | undefined {
  return __bond_release_one(bond_dev, slave_dev, false, false)
}
/** Of a bond that is no Ethernet device the last slave takes it along: it cannot be one without. */
export function bond_release_and_destroy(bond_dev: net_device, slave_dev: net_device): Errno | undefined {
  const bond = bond_of(bond_dev)
  const error = __bond_release_one(bond_dev, slave_dev, false, true)
  if (isErrno(error) || bond_has_slaves(bond) || bond_dev.reg_state === NETREG_UNREGISTERING) return error
  netdev_info(bond_dev, 'Destroying bond')
  bond_remove_proc_entry(bond)
  unregister_netdevice(bond_dev)
  return undefined
}

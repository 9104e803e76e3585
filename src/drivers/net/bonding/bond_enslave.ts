/** drivers/net/bonding/bond_main.c bond_enslave(): a device becomes a slave. What fails takes back what was done before it. */
import {
  call_netdevice_notifiers,
  dev_close,
  dev_get_stats,
  dev_mc_add,
  dev_mc_flush,
  dev_mc_sync_multiple,
  dev_open,
  dev_set_allmulti,
  dev_set_mac_address,
  dev_set_mtu,
  dev_set_promiscuity,
  dev_uc_flush,
  dev_uc_sync_multiple,
  netdev_is_rx_handler_busy,
  netdev_master_upper_dev_link,
  netdev_rx_handler_register,
  netdev_rx_handler_unregister,
  dev_disable_lro,
  netdev_upper_dev_unlink,
  netif_carrier_ok,
} from '../../../net/core/dev.ts'
import * as F from '../../../net/core/netdev_features_bits.ts'
import {
  IFF_BONDING,
  IFF_NO_ADDRCONF,
  IFF_TX_SKB_SHARING,
  NET_ADDR_RANDOM,
  NETDEV_JOIN,
  NETDEV_POST_TYPE_CHANGE,
  NETDEV_PRE_TYPE_CHANGE,
  type net_device,
} from '../../../net/core/netdevice.ts'
import { ask_netdevice_notifiers, dev_broadcast_set } from '../../../net/core/dev.ts'
import { vlan_uses_dev, vlan_vids_add_by_dev, vlan_vids_del_by_dev } from '../../../net/8021q/vlan_core.ts'
import { eth_hw_addr_random, eth_random_addr, ether_addr_equal, ether_setup } from '../../../net/ethernet/eth.ts'
import type { netlink_ext_ack } from '../../../net/netlink/extack.ts'
import { EBUSY, EINVAL, EOPNOTSUPP, EPERM, type Errno, isErrno } from '../../../uapi/errno.ts'
import {
  IFF_ALLMULTI,
  IFF_BROADCAST,
  IFF_MASTER,
  IFF_MULTICAST,
  IFF_NOARP,
  IFF_POINTOPOINT,
  IFF_PROMISC,
  IFF_SLAVE,
  IFF_UP,
} from '../../../uapi/linux/if.ts'
import { ARPHRD_CAN, ARPHRD_ETHER } from '../../../uapi/linux/if_arp.ts'
import { BOND_LINK_BACK, BOND_LINK_DOWN, BOND_LINK_UP, BOND_MODE_8023AD, BOND_MODE_ACTIVEBACKUP } from '../../../uapi/linux/if_bonding.ts'
import { bond_3ad_bind_slave } from './bond_3ad.ts'
import { lacpdu_mcast_addr } from './bond_3ad_send.ts'
import { bond_change_active_slave, bond_select_active_slave, bond_set_carrier, bond_set_dev_addr } from './bond_active.ts'
import { bond_alb_init_slave } from './bond_alb.ts'
import { bond_check_dev_link, bond_compute_features, bond_update_speed_duplex, bond_xdp_set_features } from './bond_features.ts'
import { bond_lag_upper_info } from './bond_lag.ts'
import { bond_slave_ns_maddrs } from './bond_ns_maddrs.ts'
import { bond_nl_err, slave_err, slave_info, slave_warn } from './bond_printk.ts'
import { bond_handle_frame } from './bond_receive.ts'
import { bond_update_slave_arr } from './bond_slave_arr.ts'
import {
  BOND_SLAVE_NOTIFY_NOW,
  bond_lower_state_changed,
  bond_queue_slave_event,
  bond_set_active_slave,
  bond_set_slave_inactive_flags,
  bond_set_slave_link_state,
} from './bond_slave_state.ts'
import { bond_sysfs_slave_add, bond_sysfs_slave_del } from './bond_sysfs_slave.ts'
import {
  BOND_FOM_ACTIVE,
  BOND_FOM_FOLLOW,
  BOND_LINK_NOCHANGE,
  bond_has_slaves,
  bond_is_active_slave,
  bond_is_lb,
  bond_mode_can_use_xmit_hash,
  bond_of,
  bond_uses_primary,
  type bonding,
  jiffies_of,
  netif_is_bond_master,
  slave,
} from './bonding.ts'

const ARPHRD_INFINIBAND = 32

/** bond_ether_setup(): Ethernet again, still a master and, where it was, up and a slave itself. */
export function bond_ether_setup(bond_dev: net_device): void {
  const flags = bond_dev.flags & (IFF_SLAVE | IFF_UP)
  ether_setup(bond_dev)
  bond_dev.flags |= IFF_MASTER | flags
  bond_dev.priv_flags &= ~IFF_TX_SKB_SHARING
}
function bond_setup_by_slave(bond_dev: net_device, slave_dev: net_device): void {
  const was_up = (bond_dev.flags & IFF_UP) !== 0
  dev_close(bond_dev)
  bond_dev.header_ops = slave_dev.header_ops
  bond_dev.type = slave_dev.type
  bond_dev.hard_header_len = slave_dev.hard_header_len
  bond_dev.needed_headroom = slave_dev.needed_headroom
  bond_dev.addr_len = slave_dev.addr_len
  dev_broadcast_set(bond_dev, slave_dev.broadcast.subarray(0, slave_dev.addr_len))
  if (slave_dev.flags & IFF_POINTOPOINT) {
    bond_dev.flags &= ~(IFF_BROADCAST | IFF_MULTICAST)
    bond_dev.flags |= IFF_POINTOPOINT | IFF_NOARP
  }
  if (was_up) dev_open(bond_dev)
}

/** What a device must be before anything is changed. */
function refused(bond: bonding, slave_dev: net_device, extack?: netlink_ext_ack): Errno | undefined {
  const { dev } = bond
  if (slave_dev.type === ARPHRD_CAN) return bond_nl_err(EPERM, dev, undefined, extack, 'CAN devices cannot be enslaved')
  if (slave_dev.flags & IFF_MASTER && !netif_is_bond_master(slave_dev)) {
    return bond_nl_err(EPERM, dev, undefined, extack, 'Device type (master device) cannot be enslaved')
  }
  const { get_link } = slave_dev.ethtool_ops ?? {}
  if (!bond.params.use_carrier && get_link === undefined && slave_dev.netdev_ops.ndo_eth_ioctl === undefined) {
    slave_warn(dev, slave_dev, 'no link monitoring support')
  }
  if (netdev_is_rx_handler_busy(slave_dev)) {
    return bond_nl_err(EBUSY, dev, slave_dev, extack, 'Device is in use and cannot be enslaved')
  }
  if (dev === slave_dev) return bond_nl_err(EPERM, dev, undefined, extack, 'Cannot enslave bond to itself.')
  if (slave_dev.features & F.NETIF_F_VLAN_CHALLENGED) {
    if (vlan_uses_dev(dev)) {
      return bond_nl_err(EPERM, dev, slave_dev, extack, 'Can not enslave VLAN challenged device to VLAN enabled bond')
    }
    slave_warn(dev, slave_dev, 'enslaved VLAN challenged slave. Adding VLANs will be blocked as long as it is part of bond.')
  }
  if (slave_dev.flags & IFF_UP) return bond_nl_err(EPERM, dev, slave_dev, extack, 'Device can not be enslaved while up')
  return undefined
}

/** The first slave decides what kind of link the bond is; the others must be like it. */
function take_type(bond: bonding, slave_dev: net_device, extack?: netlink_ext_ack): Errno | undefined {
  const { dev } = bond
  if (dev.type === slave_dev.type) return undefined
  if (bond_has_slaves(bond)) return bond_nl_err(EINVAL, dev, slave_dev, extack, 'Device type is different from other slaves')
  if (slave_dev.type !== ARPHRD_ETHER && bond.params.mode === BOND_MODE_8023AD) {
    return bond_nl_err(EINVAL, dev, slave_dev, extack, '8023AD mode requires Ethernet devices')
  }
  if (isErrno(ask_netdevice_notifiers(NETDEV_PRE_TYPE_CHANGE, dev))) {
    slave_err(dev, slave_dev, 'refused to change device type')
    return EBUSY
  }
  dev_uc_flush(dev)
  dev_mc_flush(dev)
  if (slave_dev.type !== ARPHRD_ETHER) bond_setup_by_slave(dev, slave_dev)
  else bond_ether_setup(dev)
  call_netdevice_notifiers(NETDEV_POST_TYPE_CHANGE, dev)
  return undefined
}
function check_mac_setting(bond: bonding, slave_dev: net_device, extack?: netlink_ext_ack): Errno | undefined {
  const { dev, params } = bond
  if (slave_dev.type === ARPHRD_INFINIBAND && params.mode !== BOND_MODE_ACTIVEBACKUP) {
    return bond_nl_err(EOPNOTSUPP, dev, slave_dev, extack, 'Only active-backup mode is supported for infiniband slaves')
  }
  if (slave_dev.netdev_ops.ndo_set_mac_address !== undefined && slave_dev.type !== ARPHRD_INFINIBAND) return undefined
  slave_warn(dev, slave_dev, 'The slave device specified does not support setting the MAC address')
  if (params.mode !== BOND_MODE_ACTIVEBACKUP || params.fail_over_mac === BOND_FOM_ACTIVE) return undefined
  if (bond_has_slaves(bond)) {
    const text = 'Slave device does not support setting the MAC address, but fail_over_mac is not set to active'
    return bond_nl_err(EOPNOTSUPP, dev, slave_dev, extack, text)
  }
  params.fail_over_mac = BOND_FOM_ACTIVE
  slave_warn(dev, slave_dev, 'Setting fail_over_mac to active for active-backup mode')
  return undefined
}

/** The address that the slave is to have; undefined: its own. */
function slave_address(bond: bonding, slave_dev: net_device): Uint8Array | undefined {
  const { fail_over_mac, mode } = bond.params
  if (!fail_over_mac || mode !== BOND_MODE_ACTIVEBACKUP) return bond.dev.dev_addr.slice(0, bond.dev.addr_len)
  const same = ether_addr_equal(slave_dev.dev_addr, bond.dev.dev_addr)
  return fail_over_mac === BOND_FOM_FOLLOW && same ? eth_random_addr(bond.dev.nd_net.kernel.random) : undefined
}

/** enslave device `slave_dev` to `bond_dev` */
export function bond_enslave(bond_dev: net_device, slave_dev: net_device, extack?: netlink_ext_ack): Errno | undefined {
  const bond = bond_of(bond_dev)
  const error = refused(bond, slave_dev, extack) ?? take_type(bond, slave_dev, extack)
  if (isErrno(error)) return error
  const failed = check_mac_setting(bond, slave_dev, extack) ?? join(bond, slave_dev, extack)
  if (isErrno(failed)) undo_master(bond, slave_dev)
  return failed
}
/** The first slave did not come: the bond is as it was without one. */
function undo_master(bond: bonding, slave_dev: net_device): void {
  const { dev } = bond
  if (bond_has_slaves(bond)) return
  if (ether_addr_equal(dev.dev_addr, slave_dev.dev_addr)) eth_hw_addr_random(dev)
  if (dev.type === ARPHRD_ETHER) return
  dev_close(dev)
  bond_ether_setup(dev)
}

/** MTU, address and state of the bond; then the rest, with the device open. */
function join(bond: bonding, slave_dev: net_device, extack?: netlink_ext_ack): Errno | undefined {
  call_netdevice_notifiers(NETDEV_JOIN, slave_dev)
  if (!bond_has_slaves(bond) && bond.dev.addr_assign_type === NET_ADDR_RANDOM) {
    const error = bond_set_dev_addr(bond.dev, slave_dev)
    if (isErrno(error)) return error
  }
  const new_slave = new slave(bond, slave_dev)
  new_slave.original_mtu = slave_dev.mtu
  const unset = dev_set_mtu(slave_dev, bond.dev.mtu)
  if (isErrno(unset)) {
    slave_err(bond.dev, slave_dev, `Error ${-unset.code} calling dev_set_mtu`)
    return unset
  }
  new_slave.perm_hwaddr.set(slave_dev.dev_addr.subarray(0, slave_dev.addr_len))
  const addr = slave_address(bond, slave_dev)
  const error = (addr && set_address(bond, slave_dev, addr, extack)) ?? open(bond, new_slave, extack)
  if (isErrno(error)) dev_set_mtu(slave_dev, new_slave.original_mtu)
  return error
}
function set_address(bond: bonding, slave_dev: net_device, addr: Uint8Array, extack?: netlink_ext_ack): Errno | undefined {
  const error = dev_set_mac_address(slave_dev, addr, extack)
  if (isErrno(error)) slave_err(bond.dev, slave_dev, `Error ${-error.code} calling set_mac_address`)
  return error
}
function open(bond: bonding, new_slave: slave, extack?: netlink_ext_ack): Errno | undefined {
  const { dev } = new_slave
  dev.priv_flags |= IFF_NO_ADDRCONF
  const unopened = dev_open(dev, extack)
  if (isErrno(unopened)) slave_err(bond.dev, dev, 'Opening slave failed')
  const error = unopened ?? enter(bond, new_slave, extack)
  if (!isErrno(error)) return undefined
  dev.priv_flags &= ~IFF_NO_ADDRCONF
  if (!bond.params.fail_over_mac || bond.params.mode !== BOND_MODE_ACTIVEBACKUP) {
    dev_set_mac_address(dev, new_slave.perm_hwaddr.slice(0, dev.addr_len))
  }
  return error
}
function enter(bond: bonding, new_slave: slave, extack?: netlink_ext_ack): Errno | undefined {
  const { dev } = new_slave
  dev.priv_flags |= IFF_BONDING
  new_slave.slave_stats = dev_get_stats(dev)
  const error = (bond_is_lb(bond) ? bond_alb_init_slave(bond, new_slave) : undefined) ?? vlan_vids_add_by_dev(dev, bond.dev)
  const failed = isErrno(error) ? error : begin(bond, new_slave, extack)
  if (!isErrno(failed)) return undefined
  if (!netif_is_bond_master(dev)) dev.priv_flags &= ~IFF_BONDING
  dev_close(dev)
  return failed
}

/** The first state of its link: what the monitor would find, or up where nobody monitors. */
function initial_link(bond: bonding, new_slave: slave): void {
  const { params } = bond
  const before = jiffies_of(bond) - (Math.ceil(params.arp_interval / 4) + 1)
  new_slave.last_rx = new_slave.last_tx = before
  new_slave.target_last_arp_rx.fill(before)
  new_slave.link = BOND_LINK_NOCHANGE
  let link = BOND_LINK_UP
  if (params.miimon) {
    if (!bond_check_dev_link(bond, new_slave.dev)) link = BOND_LINK_DOWN
    else if (params.updelay) link = BOND_LINK_BACK
  } else if (params.arp_interval && !netif_carrier_ok(new_slave.dev)) {
    link = BOND_LINK_DOWN
  }
  bond_set_slave_link_state(new_slave, link, BOND_SLAVE_NOTIFY_NOW)
  if (link === BOND_LINK_BACK) new_slave.delay = params.updelay
  if (link !== BOND_LINK_DOWN) new_slave.last_link_up = jiffies_of(bond)
}
/** Active or backup, as the mode has it. */
function initial_state(bond: bonding, new_slave: slave): void {
  const { mode } = bond.params
  if (mode === BOND_MODE_ACTIVEBACKUP) {
    bond_set_slave_inactive_flags(new_slave, BOND_SLAVE_NOTIFY_NOW)
  } else if (mode === BOND_MODE_8023AD) {
    bond_set_slave_inactive_flags(new_slave, BOND_SLAVE_NOTIFY_NOW)
    bond_3ad_bind_slave(new_slave)
  } else if (bond_is_lb(bond)) {
    bond_set_active_slave(new_slave)
    bond_set_slave_inactive_flags(new_slave, BOND_SLAVE_NOTIFY_NOW)
  } else {
    bond_set_active_slave(new_slave)
    if (bond.curr_active_slave === undefined && new_slave.link === BOND_LINK_UP) bond.curr_active_slave = new_slave
  }
}
function begin(bond: bonding, new_slave: slave, extack?: netlink_ext_ack): Errno | undefined {
  const { dev } = new_slave
  bond_update_speed_duplex(new_slave)
  initial_link(bond, new_slave)
  if (bond_uses_primary(bond) && bond.params.primary === dev.name) {
    bond.primary_slave = new_slave
    bond.force_primary = true
  }
  initial_state(bond, new_slave)
  if (!(bond.dev.features & F.NETIF_F_LRO)) dev_disable_lro(dev)
  const error = netdev_rx_handler_register(dev, bond_handle_frame, new_slave) ?? link(bond, new_slave, extack)
  if (!isErrno(error)) return undefined
  vlan_vids_del_by_dev(dev, bond.dev)
  if (bond.primary_slave === new_slave) bond.primary_slave = undefined
  if (bond.curr_active_slave === new_slave) {
    bond_change_active_slave(bond, undefined)
    bond_select_active_slave(bond)
  }
  return error
}
function link(bond: bonding, new_slave: slave, extack?: netlink_ext_ack): Errno | undefined {
  const { dev } = new_slave
  const unlinked = netdev_master_upper_dev_link(dev, bond.dev, new_slave, bond_lag_upper_info(bond), extack)
  if (isErrno(unlinked)) {
    netdev_rx_handler_unregister(dev)
    return unlinked
  }
  dev.flags |= IFF_SLAVE
  bond_lower_state_changed(new_slave)
  bond_sysfs_slave_add(new_slave)
  const error = take_filters(bond, dev)
  if (isErrno(error)) {
    bond_sysfs_slave_del(new_slave)
    netdev_upper_dev_unlink(dev, bond.dev)
    dev.flags &= ~IFF_SLAVE
    netdev_rx_handler_unregister(dev)
    return error
  }
  settle(bond, new_slave)
  return undefined
}
/** In modes with one active slave its choice brings the filters. */
function take_filters(bond: bonding, slave_dev: net_device): Errno | undefined {
  if (bond_uses_primary(bond)) return undefined
  const { flags } = bond.dev
  const promisc = flags & IFF_PROMISC ? dev_set_promiscuity(slave_dev, 1) : undefined
  if (isErrno(promisc)) return promisc
  const allmulti = flags & IFF_ALLMULTI ? dev_set_allmulti(slave_dev, 1) : undefined
  if (isErrno(allmulti)) {
    if (flags & IFF_PROMISC) dev_set_promiscuity(slave_dev, -1)
    return allmulti
  }
  if (flags & IFF_UP) {
    dev_mc_sync_multiple(slave_dev, bond.dev)
    dev_uc_sync_multiple(slave_dev, bond.dev)
    if (bond.params.mode === BOND_MODE_8023AD) dev_mc_add(slave_dev, lacpdu_mcast_addr)
  }
  return undefined
}
function settle(bond: bonding, new_slave: slave): void {
  bond.slave_cnt++
  bond_compute_features(bond)
  bond_set_carrier(bond)
  bond_slave_ns_maddrs(bond, new_slave, true)
  if (bond_uses_primary(bond)) bond_select_active_slave(bond)
  if (bond_mode_can_use_xmit_hash(bond)) bond_update_slave_arr(bond)
  bond_xdp_set_features(bond.dev)
  const state = bond_is_active_slave(new_slave) ? 'an active' : 'a backup'
  const status = new_slave.link === BOND_LINK_DOWN ? 'a down' : 'an up'
  slave_info(bond.dev, new_slave.dev, `Enslaving as ${state} interface with ${status} link`)
  bond_queue_slave_event(new_slave)
}

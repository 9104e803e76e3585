/**
 * include/net/bonding.h: a slave's state (active or backup) and link as the bond sees them. Each change is told on the
 * netdev chain at once (NOW), or marked to be told when rtnl is held (LATER); two marked changes cancel each other out.
 */
import { delayed_work, queue_delayed_work } from '../../../kernel/workqueue.ts'
import { call_netdevice_notifiers, netdev_lower_state_changed } from '../../../net/core/dev.ts'
import { NETDEV_BONDING_INFO } from '../../../net/core/netdevice.ts'
import {
  BOND_LINK_DOWN,
  BOND_LINK_FAIL,
  BOND_LINK_UP,
  BOND_MODE_8023AD,
  BOND_STATE_ACTIVE,
  BOND_STATE_BACKUP,
} from '../../../uapi/linux/if_bonding.ts'
import { BOND_LINK_NOCHANGE, bond_is_active_slave, bond_is_lb, bond_slaves, type bonding, type slave } from './bonding.ts'

export const BOND_SLAVE_NOTIFY_NOW = true
export const BOND_SLAVE_NOTIFY_LATER = false

/** struct netdev_lag_lower_state_info */
export interface netdev_lag_lower_state_info {
  link_up: boolean
  tx_enabled: boolean
}

/** The work's function: what drivers below (ports of switches …) are told of the bond. */
export function bond_netdev_notify_work(slave: slave): void {
  const { params, slave_cnt } = slave.bond
  const upper_info = {
    slave: { slave_name: slave.dev.name, link: slave.link, state: slave.backup, link_failure_count: slave.link_failure_count },
    master: { bond_mode: params.mode, miimon: params.miimon, num_slaves: slave_cnt },
  }
  call_netdevice_notifiers(NETDEV_BONDING_INFO, slave.dev, { upper_info })
}
export function bond_queue_slave_event(slave: slave): void {
  slave.notify_work ??= new delayed_work(slave.dev.nd_net.kernel.events, bond_netdev_notify_work, slave)
  queue_delayed_work(slave.notify_work, 0)
}
export function bond_lower_state_changed(slave: slave): void {
  const info: netdev_lag_lower_state_info = {
    link_up: slave.link === BOND_LINK_UP || slave.link === BOND_LINK_FAIL,
    tx_enabled: bond_is_active_slave(slave),
  }
  netdev_lower_state_changed(slave.dev, info)
}

/** bond_set_active_slave(), bond_set_backup_slave(): told at once. */
function set_backup(slave: slave, backup: number): void {
  if (slave.backup === backup) return
  slave.backup = backup
  bond_queue_slave_event(slave)
  bond_lower_state_changed(slave)
}
export function bond_set_active_slave(slave: slave): void {
  set_backup(slave, BOND_STATE_ACTIVE)
}
export function bond_set_backup_slave(slave: slave): void {
  set_backup(slave, BOND_STATE_BACKUP)
}
export function bond_set_slave_state(slave: slave, state: number, notify: boolean): void {
  if (slave.backup === state) return
  slave.backup = state
  if (!notify) {
    slave.should_notify = !slave.should_notify
    return
  }
  bond_lower_state_changed(slave)
  bond_queue_slave_event(slave)
  slave.should_notify = false
}
/** bond_slave_state_change(): after the ARP monitor of the load balancing modes. */
export function bond_slave_state_change(bond: bonding): void {
  for (const slave of bond_slaves(bond)) {
    if (slave.link === BOND_LINK_UP) bond_set_active_slave(slave)
    else if (slave.link === BOND_LINK_DOWN) bond_set_backup_slave(slave)
  }
}
/** What was marked is told now. */
export function bond_slave_state_notify(bond: bonding): void {
  for (const slave of bond_slaves(bond)) {
    if (!slave.should_notify) continue
    bond_lower_state_changed(slave)
    slave.should_notify = false
  }
}
export function bond_slave_link_notify(bond: bonding): void {
  for (const slave of bond_slaves(bond)) {
    if (!slave.should_notify_link) continue
    bond_queue_slave_event(slave)
    bond_lower_state_changed(slave)
    slave.should_notify_link = false
  }
}

export function bond_set_slave_inactive_flags(slave: slave, notify: boolean): void {
  if (!bond_is_lb(slave.bond)) bond_set_slave_state(slave, BOND_STATE_BACKUP, notify)
  if (slave.bond.params.all_slaves_active === 0) slave.inactive = 1
  if (slave.bond.params.mode === BOND_MODE_8023AD) slave.rx_disabled = 1
}
export function bond_set_slave_active_flags(slave: slave, notify: boolean): void {
  bond_set_slave_state(slave, BOND_STATE_ACTIVE, notify)
  slave.inactive = 0
  if (slave.bond.params.mode === BOND_MODE_8023AD) slave.rx_disabled = 0
}
export function bond_set_slave_tx_disabled_flags(slave: slave, notify: boolean): void {
  bond_set_slave_state(slave, BOND_STATE_BACKUP, notify)
}
export function bond_set_slave_rx_enabled_flags(slave: slave): void {
  slave.rx_disabled = 0
}

export function bond_propose_link_state(slave: slave, state: number): void {
  slave.link_new_state = state
}
export function bond_commit_link_state(slave: slave, notify: boolean): void {
  if (slave.link_new_state === BOND_LINK_NOCHANGE) return
  slave.link = slave.link_new_state
  if (!notify) {
    slave.should_notify_link = !slave.should_notify_link
    return
  }
  bond_queue_slave_event(slave)
  bond_lower_state_changed(slave)
  slave.should_notify_link = false
}
export function bond_set_slave_link_state(slave: slave, state: number, notify: boolean): void {
  bond_propose_link_state(slave, state)
  bond_commit_link_state(slave, notify)
}

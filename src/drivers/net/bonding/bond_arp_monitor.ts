/** drivers/net/bonding/bond_main.c bond_arp_monitor(): links are up while the targets' answers come. */
import { bond_queue_work } from './bond_timer.ts'
import { call_netdevice_notifiers, netdev_info } from '../../../net/core/dev.ts'
import { NETDEV_NOTIFY_PEERS } from '../../../net/core/netdevice.ts'
import {
  BOND_LINK_BACK,
  BOND_LINK_DOWN,
  BOND_LINK_FAIL,
  BOND_LINK_UP,
  BOND_MODE_ACTIVEBACKUP,
  BOND_MODE_XOR,
} from '../../../uapi/linux/if_bonding.ts'
import { bond_select_active_slave, bond_set_carrier, bond_should_notify_peers } from './bond_active.ts'
import { bond_send_validate } from './bond_arp_send.ts'
import { bond_time_in_interval, slave_last_rx } from './bond_arp_validate.ts'
import { slave_info } from './bond_printk.ts'
import { bond_update_slave_arr } from './bond_slave_arr.ts'
import {
  BOND_SLAVE_NOTIFY_LATER,
  BOND_SLAVE_NOTIFY_NOW,
  bond_propose_link_state,
  bond_set_slave_active_flags,
  bond_set_slave_inactive_flags,
  bond_set_slave_link_state,
  bond_slave_link_notify,
  bond_slave_state_change,
  bond_slave_state_notify,
} from './bond_slave_state.ts'
import {
  BOND_LINK_NOCHANGE,
  bond_first_slave,
  bond_has_slaves,
  bond_is_active_slave,
  bond_slave_is_up,
  bond_slaves,
  type bonding,
  jiffies_of,
  type slave,
} from './bonding.ts'

function re_arm(bond: bonding, ticks: number): void {
  if (bond.params.arp_interval) bond_queue_work(bond.arp_work, ticks)
}
function interval(bond: bonding): number {
  return Math.ceil(bond.params.arp_interval / 4)
}

/**
 * The modes that send by all slaves, each interval:
 *
 *   link    sent and heard within | becomes
 *   up      missed_max intervals  | up
 *   up      not                   | down
 *   other   one interval          | up
 *   other   not                   | stays
 */
function loadbalance_inspect(bond: bonding, slave: slave): boolean {
  const { missed_max } = bond.params
  const alive = (mod: number) => bond_time_in_interval(bond, slave.last_tx, mod) && bond_time_in_interval(bond, slave.last_rx, mod)
  bond_propose_link_state(slave, BOND_LINK_NOCHANGE)
  if (slave.link !== BOND_LINK_UP) {
    if (!alive(1)) return false
    bond_propose_link_state(slave, BOND_LINK_UP)
    slave_info(bond.dev, slave.dev, bond.curr_active_slave === undefined ? 'link status definitely up' : 'interface is now up')
    return bond.curr_active_slave === undefined
  }
  if (alive(missed_max)) return false
  bond_propose_link_state(slave, BOND_LINK_DOWN)
  slave.link_failure_count++
  slave_info(bond.dev, slave.dev, 'interface is now down')
  return slave === bond.curr_active_slave
}
function bond_loadbalance_arp_mon(bond: bonding): void {
  let do_failover = false
  for (const slave of bond_slaves(bond)) {
    do_failover = loadbalance_inspect(bond, slave) || do_failover
    if (bond_slave_is_up(slave)) bond_send_validate(bond, slave)
  }
  const changed = bond_slaves(bond).filter((s) => s.link_new_state !== BOND_LINK_NOCHANGE)
  if (changed.length > 0 && !bond.rtnl_is_held) {
    for (const slave of changed) slave.link = slave.link_new_state
    bond_slave_state_change(bond)
    if (bond.params.mode === BOND_MODE_XOR) bond_update_slave_arr(bond)
    if (do_failover) bond_select_active_slave(bond)
  }
  re_arm(bond, interval(bond))
}

/**
 * active-backup, each interval:
 *
 *   link    slave                                   heard within              | becomes
 *   up      up or active for 2 intervals or less    -                         | up
 *   up      backup, no slave probes                 missed_max + 1 intervals  | up
 *   up      backup, no slave probes                 not                       | down
 *   up      active                                  missed_max, and it sent   | up
 *   up      active                                  not                       | down
 *   other   any                                     one interval              | up
 *   back    any                                     not                       | fail
 *   other   any                                     not                       | stays
 */
function bond_ab_arp_inspect(bond: bonding): boolean {
  const { missed_max } = bond.params
  const within = (last: number, mod: number) => bond_time_in_interval(bond, last, mod)
  for (const slave of bond_slaves(bond)) {
    bond_propose_link_state(slave, BOND_LINK_NOCHANGE)
    const last_rx = slave_last_rx(bond, slave)
    const active = bond_is_active_slave(slave)
    if (slave.link !== BOND_LINK_UP) {
      if (within(last_rx, 1)) bond_propose_link_state(slave, BOND_LINK_UP)
      else if (slave.link === BOND_LINK_BACK) bond_propose_link_state(slave, BOND_LINK_FAIL)
    } else if (!within(slave.last_link_up, 2)) {
      const silent = active
        ? !within(slave.last_tx, missed_max) || !within(last_rx, missed_max)
        : bond.current_arp_slave === undefined && !within(last_rx, missed_max + 1)
      if (silent) bond_propose_link_state(slave, BOND_LINK_DOWN)
    }
  }
  return bond_slaves(bond).some((s) => s.link_new_state !== BOND_LINK_NOCHANGE)
}

/** These three: true when the bond should choose its active slave anew. */
function commit_up(bond: bonding, slave: slave): boolean {
  if (bond.curr_active_slave === slave) return false
  bond_set_slave_link_state(slave, BOND_LINK_UP, BOND_SLAVE_NOTIFY_NOW)
  if (bond.current_arp_slave !== undefined) {
    bond_set_slave_inactive_flags(bond.current_arp_slave, BOND_SLAVE_NOTIFY_NOW)
    bond.current_arp_slave = undefined
  }
  slave_info(bond.dev, slave.dev, 'link status definitely up')
  const active = bond.curr_active_slave
  return active === undefined || slave === bond.primary_slave || slave.prio > active.prio
}
function commit_down(bond: bonding, slave: slave): boolean {
  slave.link_failure_count++
  bond_set_slave_link_state(slave, BOND_LINK_DOWN, BOND_SLAVE_NOTIFY_NOW)
  bond_set_slave_inactive_flags(slave, BOND_SLAVE_NOTIFY_NOW)
  slave_info(bond.dev, slave.dev, 'link status definitely down, disabling slave')
  if (slave !== bond.curr_active_slave) return false
  bond.current_arp_slave = undefined
  return true
}
function commit_fail(bond: bonding, slave: slave): boolean {
  bond_set_slave_link_state(slave, BOND_LINK_FAIL, BOND_SLAVE_NOTIFY_NOW)
  bond_set_slave_inactive_flags(slave, BOND_SLAVE_NOTIFY_NOW)
  if (bond.curr_active_slave !== undefined) bond.current_arp_slave = undefined
  return false
}
function bond_ab_arp_commit(bond: bonding): void {
  let do_failover = false
  for (const slave of bond_slaves(bond)) {
    const state = slave.link_new_state
    if (state === BOND_LINK_UP) do_failover = commit_up(bond, slave) || do_failover
    else if (state === BOND_LINK_DOWN) do_failover = commit_down(bond, slave) || do_failover
    else if (state === BOND_LINK_FAIL) commit_fail(bond, slave)
  }
  if (do_failover) bond_select_active_slave(bond)
  bond_set_carrier(bond)
}

/** Without an active slave each one in turn asks, until one is answered. */
function bond_ab_arp_probe(bond: bonding): void {
  const { curr_active_slave, current_arp_slave } = bond
  if (current_arp_slave !== undefined && curr_active_slave !== undefined) {
    netdev_info(bond.dev, `PROBE: c_arp ${current_arp_slave.dev.name} && cas ${curr_active_slave.dev.name} BAD`)
  }
  if (curr_active_slave !== undefined) {
    bond_send_validate(bond, curr_active_slave)
    return
  }
  const slaves = bond_slaves(bond)
  const at = slaves.indexOf(current_arp_slave ?? (bond_first_slave(bond) as slave))
  for (const slave of slaves) if (!bond_slave_is_up(slave) && slave.link === BOND_LINK_UP) now_down(bond, slave)
  const next = slaves.slice(at + 1).find(bond_slave_is_up) ?? slaves.slice(0, at + 1).find(bond_slave_is_up)
  if (next === undefined) return
  bond_set_slave_link_state(next, BOND_LINK_BACK, BOND_SLAVE_NOTIFY_LATER)
  bond_set_slave_active_flags(next, BOND_SLAVE_NOTIFY_LATER)
  bond_send_validate(bond, next)
  next.last_link_up = jiffies_of(bond)
  bond.current_arp_slave = next
}
function now_down(bond: bonding, slave: slave): void {
  bond_set_slave_link_state(slave, BOND_LINK_DOWN, BOND_SLAVE_NOTIFY_LATER)
  slave.link_failure_count++
  bond_set_slave_inactive_flags(slave, BOND_SLAVE_NOTIFY_LATER)
  slave_info(bond.dev, slave.dev, 'backup interface is now down')
}

function bond_activebackup_arp_mon(bond: bonding): void {
  const notify_peers = bond_should_notify_peers(bond)
  if (bond_ab_arp_inspect(bond)) {
    if (bond.rtnl_is_held) {
      re_arm(bond, 1)
      return
    }
    bond_ab_arp_commit(bond)
  }
  bond_ab_arp_probe(bond)
  re_arm(bond, interval(bond))
  if (bond.rtnl_is_held) return
  if (notify_peers) {
    bond.send_peer_notif--
    call_netdevice_notifiers(NETDEV_NOTIFY_PEERS, bond.dev)
  }
  if (!bond_slaves(bond).some((s) => s.should_notify || s.should_notify_link)) return
  bond_slave_state_notify(bond)
  bond_slave_link_notify(bond)
}

/** The work's function. */
export function bond_arp_monitor(bond: bonding): void {
  if (!bond_has_slaves(bond)) re_arm(bond, interval(bond))
  else if (bond.params.mode === BOND_MODE_ACTIVEBACKUP) bond_activebackup_arp_mon(bond)
  else bond_loadbalance_arp_mon(bond)
}

/** drivers/net/bonding/bond_main.c bond_mii_monitor(): watches the slaves' carrier, with delays for going up and down. */
import { bond_queue_work, msecs_to_jiffies } from './bond_timer.ts'
import { call_netdevice_notifiers } from '../../../net/core/dev.ts'
import { net_ratelimit } from '../../../net/core/dev_state.ts'
import { NETDEV_NOTIFY_PEERS } from '../../../net/core/netdevice.ts'
import * as B from '../../../uapi/linux/if_bonding.ts'
import { bond_3ad_adapter_speed_duplex_changed, bond_3ad_handle_link_change } from './bond_3ad.ts'
import { bond_select_active_slave, bond_set_carrier, bond_should_notify_peers } from './bond_active.ts'
import { bond_alb_handle_link_change } from './bond_alb.ts'
import { bond_check_dev_link, bond_update_speed_duplex } from './bond_features.ts'
import { slave_info, slave_warn } from './bond_printk.ts'
import { bond_update_slave_arr } from './bond_slave_arr.ts'
import {
  BOND_SLAVE_NOTIFY_LATER,
  BOND_SLAVE_NOTIFY_NOW,
  bond_commit_link_state,
  bond_propose_link_state,
  bond_set_active_slave,
  bond_set_backup_slave,
  bond_set_slave_inactive_flags,
  bond_set_slave_link_state,
} from './bond_slave_state.ts'
import {
  BOND_LINK_NOCHANGE,
  bond_has_slaves,
  bond_is_active_slave,
  bond_needs_speed_duplex,
  bond_slaves,
  type bonding,
  jiffies_of,
  type slave,
  SPEED_UNKNOWN,
} from './bonding.ts'

function log(slave: slave, text: string): void {
  if (net_ratelimit(slave.dev.nd_net.kernel)) slave_info(slave.bond.dev, slave.dev, text)
}
/** Of active-backup, which of the two it is. */
function kind(slave: slave): string {
  if (slave.bond.params.mode !== B.BOND_MODE_ACTIVEBACKUP) return ''
  return bond_is_active_slave(slave) ? 'active ' : 'backup '
}

/** up or fail: the link went, comes back within downdelay, or stays away. Whether there is something to commit. */
function inspect_up(slave: slave, carrier: boolean): boolean {
  const { miimon, downdelay } = slave.bond.params
  let commit = false
  if (slave.link === B.BOND_LINK_UP) {
    if (carrier) return false
    bond_propose_link_state(slave, B.BOND_LINK_FAIL)
    commit = true
    slave.delay = downdelay
    if (slave.delay) log(slave, `link status down for ${kind(slave)}interface, disabling it in ${downdelay * miimon} ms`)
  } else if (carrier) {
    bond_propose_link_state(slave, B.BOND_LINK_UP)
    slave.last_link_up = jiffies_of(slave.bond)
    log(slave, `link status up again after ${(downdelay - slave.delay) * miimon} ms`)
    return true
  }
  if (slave.delay <= 0) {
    bond_propose_link_state(slave, B.BOND_LINK_DOWN)
    return true
  }
  slave.delay--
  return commit
}
/** down or back; `ignore_updelay`: there is no other to send by. */
function inspect_down(slave: slave, carrier: boolean, ignore_updelay: boolean): boolean {
  const { miimon, updelay } = slave.bond.params
  let commit = false
  if (slave.link === B.BOND_LINK_DOWN) {
    if (!carrier) return false
    bond_propose_link_state(slave, B.BOND_LINK_BACK)
    commit = true
    slave.delay = updelay
    if (slave.delay) log(slave, `link status up, enabling it in ${ignore_updelay ? 0 : updelay * miimon} ms`)
  } else if (!carrier) {
    bond_propose_link_state(slave, B.BOND_LINK_DOWN)
    log(slave, `link status down again after ${(updelay - slave.delay) * miimon} ms`)
    return true
  }
  if (ignore_updelay) slave.delay = 0
  if (slave.delay <= 0) {
    bond_propose_link_state(slave, B.BOND_LINK_UP)
    return true
  }
  slave.delay--
  return commit
}
/**
 * What each link becomes, once a miimon:
 *
 *   link  carrier  delay | becomes
 *   up    yes      -     | up
 *   up    no       0     | down (by downdelay 0)
 *   up    no       > 0   | fail, one interval less to wait
 *   fail  yes      -     | up
 *   fail  no       0     | down
 *   fail  no       > 0   | fail, one interval less
 *   down  no       -     | down
 *   down  yes      0     | up (by updelay 0, or where no other slave is usable)
 *   down  yes      > 0   | back, one interval less
 *   back  no       -     | down
 *   back  yes      0     | up
 *   back  yes      > 0   | back, one interval less
 */
function bond_miimon_inspect(bond: bonding): boolean {
  let ignore_updelay =
    bond.params.mode === B.BOND_MODE_ACTIVEBACKUP ? bond.curr_active_slave === undefined : bond.usable_slaves?.length === 0
  let commit = false
  for (const slave of bond_slaves(bond)) {
    bond_propose_link_state(slave, BOND_LINK_NOCHANGE)
    const carrier = bond_check_dev_link(bond, slave.dev)
    if (slave.link === B.BOND_LINK_UP || slave.link === B.BOND_LINK_FAIL) {
      if (inspect_up(slave, carrier)) commit = true
      continue
    }
    if (inspect_down(slave, carrier, ignore_updelay)) commit = true
    if (slave.link_new_state === B.BOND_LINK_UP) ignore_updelay = false
  }
  return commit
}

function bond_miimon_link_change(bond: bonding, slave: slave, link: number): void {
  const { mode } = bond.params
  if (mode === B.BOND_MODE_8023AD) bond_3ad_handle_link_change(slave, link)
  else if (mode === B.BOND_MODE_TLB || mode === B.BOND_MODE_ALB) bond_alb_handle_link_change(bond, slave, link)
  else if (mode === B.BOND_MODE_XOR) bond_update_slave_arr(bond)
}
/** True when the bond should choose its active slave anew. */
function commit_up(bond: bonding, slave: slave): boolean {
  if (!bond_update_speed_duplex(slave) && bond_needs_speed_duplex(bond)) {
    slave.link = B.BOND_LINK_DOWN
    if (net_ratelimit(bond.dev.nd_net.kernel)) slave_warn(bond.dev, slave.dev, 'failed to get link speed/duplex')
    return false
  }
  bond_set_slave_link_state(slave, B.BOND_LINK_UP, BOND_SLAVE_NOTIFY_NOW)
  slave.last_link_up = jiffies_of(bond)
  if (bond.params.mode === B.BOND_MODE_8023AD) bond_set_backup_slave(slave)
  else if (bond.params.mode !== B.BOND_MODE_ACTIVEBACKUP) bond_set_active_slave(slave)
  const speed = slave.speed === SPEED_UNKNOWN ? 0 : slave.speed
  slave_info(bond.dev, slave.dev, `link status definitely up, ${speed} Mbps ${slave.duplex ? 'full' : 'half'} duplex`)
  bond_miimon_link_change(bond, slave, B.BOND_LINK_UP)
  const active = bond.curr_active_slave
  return active === undefined || slave === bond.primary_slave || slave.prio > active.prio
}
function commit_down(bond: bonding, slave: slave): boolean {
  const { mode } = bond.params
  slave.link_failure_count++
  bond_set_slave_link_state(slave, B.BOND_LINK_DOWN, BOND_SLAVE_NOTIFY_NOW)
  if (mode === B.BOND_MODE_ACTIVEBACKUP || mode === B.BOND_MODE_8023AD) bond_set_slave_inactive_flags(slave, BOND_SLAVE_NOTIFY_NOW)
  slave_info(bond.dev, slave.dev, 'link status definitely down, disabling slave')
  bond_miimon_link_change(bond, slave, B.BOND_LINK_DOWN)
  return slave === bond.curr_active_slave
}
function bond_miimon_commit(bond: bonding): void {
  let do_failover = false
  for (const slave of bond_slaves(bond)) {
    if (slave.link_new_state === B.BOND_LINK_UP) do_failover = commit_up(bond, slave) || do_failover
    else if (slave.link_new_state === B.BOND_LINK_DOWN) do_failover = commit_down(bond, slave) || do_failover
    else if (slave.link_new_state === BOND_LINK_NOCHANGE) again(bond, slave)
  }
  if (do_failover) bond_select_active_slave(bond)
  bond_set_carrier(bond)
}
/** A port that was disabled for want of a speed may have one now. */
function again(bond: bonding, slave: slave): void {
  if (bond.params.mode === B.BOND_MODE_8023AD && slave.link === B.BOND_LINK_UP) bond_3ad_adapter_speed_duplex_changed(slave)
}

/** The work's function. */
export function bond_mii_monitor(bond: bonding): void {
  let delay = msecs_to_jiffies(bond.params.miimon)
  let notify_peers = false
  if (bond_has_slaves(bond)) {
    notify_peers = bond_should_notify_peers(bond)
    const commit = bond_miimon_inspect(bond)
    if (commit && bond.rtnl_is_held) {
      delay = 1
      notify_peers = false
    } else if (!bond.rtnl_is_held) {
      if (commit) {
        for (const slave of bond_slaves(bond)) bond_commit_link_state(slave, BOND_SLAVE_NOTIFY_LATER)
        bond_miimon_commit(bond)
      }
      // measured: also what the commit itself asked for, so that one interval is over with it
      if (bond.send_peer_notif) bond.send_peer_notif--
    }
  }
  if (bond.params.miimon) bond_queue_work(bond.mii_work, delay)
  if (notify_peers && !bond.rtnl_is_held) call_netdevice_notifiers(NETDEV_NOTIFY_PEERS, bond.dev)
}

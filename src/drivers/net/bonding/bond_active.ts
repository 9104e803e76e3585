/** drivers/net/bonding/bond_main.c: which slave is the active one, and what becomes of the bond when that changes. */
import { bond_queue_work } from './bond_timer.ts'
import {
  call_netdevice_notifiers,
  dev_mc_del,
  dev_mc_sync,
  dev_mc_unsync,
  dev_pre_changeaddr_notify,
  dev_set_allmulti,
  dev_set_mac_address,
  dev_set_promiscuity,
  dev_uc_sync,
  dev_uc_unsync,
  netdev_info,
  netif_carrier_off,
  netif_carrier_ok,
  netif_carrier_on,
  netif_running,
} from '../../../net/core/dev.ts'
import {
  LINK_STATE_LINKWATCH_PENDING,
  NET_ADDR_STOLEN,
  NETDEV_BONDING_FAILOVER,
  NETDEV_CHANGEADDR,
  NETDEV_NOTIFY_PEERS,
  type net_device,
} from '../../../net/core/netdevice.ts'
import { ether_addr_equal } from '../../../net/ethernet/eth.ts'
import { type Errno, isErrno } from '../../../uapi/errno.ts'
import { IFF_ALLMULTI, IFF_PROMISC, IFF_UP } from '../../../uapi/linux/if.ts'
import {
  BOND_LINK_BACK,
  BOND_LINK_UP,
  BOND_MODE_8023AD,
  BOND_MODE_ACTIVEBACKUP,
  BOND_MODE_ROUNDROBIN,
} from '../../../uapi/linux/if_bonding.ts'
import { bond_3ad_handle_link_change } from './bond_3ad.ts'
import { bond_3ad_set_carrier } from './bond_3ad_select.ts'
import { lacpdu_mcast_addr } from './bond_3ad_send.ts'
import { bond_alb_handle_active_change, bond_alb_handle_link_change } from './bond_alb.ts'
import { bond_slave_ns_maddrs } from './bond_ns_maddrs.ts'
import { slave_err, slave_info } from './bond_printk.ts'
import {
  BOND_SLAVE_NOTIFY_NOW,
  bond_set_slave_active_flags,
  bond_set_slave_inactive_flags,
  bond_set_slave_link_state,
} from './bond_slave_state.ts'
import {
  BOND_FOM_ACTIVE,
  BOND_FOM_FOLLOW,
  BOND_PRI_RESELECT_BETTER,
  BOND_PRI_RESELECT_FAILURE,
  bond_has_slaves,
  bond_is_lb,
  bond_slave_is_up,
  bond_slaves,
  bond_uses_primary,
  type bonding,
  jiffies_of,
  type slave,
} from './bonding.ts'

/** bond_set_carrier(): up when one slave is. True when it changed. */
export function bond_set_carrier(bond: bonding): boolean {
  const up = bond_has_slaves(bond)
  if (up && bond.params.mode === BOND_MODE_8023AD) return bond_3ad_set_carrier(bond)
  const wanted = up && bond_slaves(bond).some((s) => s.link === BOND_LINK_UP)
  if (wanted === netif_carrier_ok(bond.dev)) return false
  if (wanted) netif_carrier_on(bond.dev)
  else netif_carrier_off(bond.dev)
  return true
}

/** bond_hw_addr_flush(): the slave forgets the bond's lists. */
export function bond_hw_addr_flush(bond: bonding, slave_dev: net_device): void {
  dev_uc_unsync(slave_dev, bond.dev)
  dev_mc_unsync(slave_dev, bond.dev)
  if (bond.params.mode === BOND_MODE_8023AD) dev_mc_del(slave_dev, lacpdu_mcast_addr)
}
/** bond_hw_addr_swap(): of the modes with one active slave, it alone listens to what the bond wants to hear. */
function bond_hw_addr_swap(bond: bonding, new_active: slave | undefined, old_active: slave | undefined): void {
  const { flags } = bond.dev
  if (old_active !== undefined) {
    if (flags & IFF_PROMISC) dev_set_promiscuity(old_active.dev, -1)
    if (flags & IFF_ALLMULTI) dev_set_allmulti(old_active.dev, -1)
    if (flags & IFF_UP) bond_hw_addr_flush(bond, old_active.dev)
    bond_slave_ns_maddrs(bond, old_active, true)
  }
  if (new_active === undefined) return
  if (flags & IFF_PROMISC) dev_set_promiscuity(new_active.dev, 1)
  if (flags & IFF_ALLMULTI) dev_set_allmulti(new_active.dev, 1)
  if (flags & IFF_UP) {
    dev_uc_sync(new_active.dev, bond.dev)
    dev_mc_sync(new_active.dev, bond.dev)
  }
  bond_slave_ns_maddrs(bond, new_active, false)
}

/** bond_set_dev_addr(): the bond takes a slave's address. */
export function bond_set_dev_addr(bond_dev: net_device, slave_dev: net_device): Errno | undefined {
  const refused = dev_pre_changeaddr_notify(bond_dev, slave_dev.dev_addr)
  if (isErrno(refused)) return refused
  bond_dev.dev_addr.set(slave_dev.dev_addr.subarray(0, slave_dev.addr_len))
  bond_dev.addr_assign_type = NET_ADDR_STOLEN
  call_netdevice_notifiers(NETDEV_CHANGEADDR, bond_dev)
  return undefined
}

/** fail_over_mac active: the bond follows its slave. follow: the slaves swap, so that the active one has the bond's. */
function bond_do_fail_over_mac(bond: bonding, new_active: slave, old_active: slave | undefined): void {
  if (bond.params.fail_over_mac === BOND_FOM_ACTIVE) {
    const error = bond_set_dev_addr(bond.dev, new_active.dev)
    if (isErrno(error)) slave_err(bond.dev, new_active.dev, `Error ${error.code} setting bond MAC from slave`)
  } else if (bond.params.fail_over_mac === BOND_FOM_FOLLOW) {
    const has_bonds = (s: slave) => s !== new_active && ether_addr_equal(bond.dev.dev_addr, s.dev.dev_addr)
    swap_addresses(bond, new_active, old_active ?? bond_slaves(bond).find(has_bonds))
  }
}
function swap_addresses(bond: bonding, new_active: slave, old: slave | undefined): void {
  const former = new_active.dev.dev_addr.slice(0, new_active.dev.addr_len)
  const from = (old ?? bond).dev
  const failed = dev_set_mac_address(new_active.dev, from.dev_addr.slice(0, from.addr_len))
  if (isErrno(failed)) {
    slave_err(bond.dev, new_active.dev, `Error ${failed.code} setting MAC of new active slave`)
    return
  }
  if (old === undefined) return
  const error = dev_set_mac_address(old.dev, former)
  if (isErrno(error)) slave_err(bond.dev, old.dev, `Error ${error.code} setting MAC of old active slave`)
}

/**
 * bond_choose_primary_or_current(): the primary slave, or in its place the one with the highest priority, against the
 * current one. "up": its link is.
 *
 *   primary up  current up  primary_reselect     | chosen
 *   yes         any         just set by the user | primary
 *   yes         no          any                  | primary
 *   yes         yes         always               | primary
 *   yes         yes         better               | primary when it is faster, else current
 *   yes         yes         failure              | current
 *   no          yes         (of highest priority)| current
 *   no          no                               | none, when no other is up
 */
function bond_choose_primary_or_current(bond: bonding): slave | undefined {
  const curr = bond.curr_active_slave
  const curr_up = curr !== undefined && curr.link === BOND_LINK_UP
  let prim = bond.primary_slave
  if (prim === undefined || prim.link !== BOND_LINK_UP) {
    let hprio: slave | undefined
    for (const s of bond_slaves(bond)) if (s.link === BOND_LINK_UP && (hprio === undefined || s.prio > hprio.prio)) hprio = s
    if (hprio === undefined || hprio === curr) return curr_up ? curr : undefined
    prim = hprio
  } else if (bond.force_primary) {
    bond.force_primary = false
    return prim
  }
  if (!curr_up) return prim
  switch (bond.params.primary_reselect) {
    case BOND_PRI_RESELECT_BETTER:
      if (prim.speed >>> 0 < curr.speed >>> 0) return curr
      return prim.speed === curr.speed && prim.duplex <= curr.duplex ? curr : prim
    case BOND_PRI_RESELECT_FAILURE:
      return curr
    default:
      return prim
  }
}
/** bond_find_best_slave(): without one that is up, the one that will be soonest. */
export function bond_find_best_slave(bond: bonding): slave | undefined {
  const chosen = bond_choose_primary_or_current(bond)
  if (chosen !== undefined) return chosen
  let best: slave | undefined
  let mintime = bond.params.updelay
  for (const s of bond_slaves(bond)) {
    if (s.link === BOND_LINK_UP) return s
    if (s.link === BOND_LINK_BACK && bond_slave_is_up(s) && s.delay < mintime) {
      mintime = s.delay
      best = s
    }
  }
  return best
}

/** bond_should_notify_peers(): the link must be known to be up, and not only to the bond. */
export function bond_should_notify_peers(bond: bonding): boolean {
  const slave = bond.curr_active_slave
  if (slave === undefined || bond.send_peer_notif === 0) return false
  if (bond.send_peer_notif % Math.max(1, bond.params.peer_notif_delay) !== 0) return false
  return netif_carrier_ok(bond.dev) && !(slave.dev.state & LINK_STATE_LINKWATCH_PENDING)
}

export function bond_change_active_slave(bond: bonding, new_active: slave | undefined): void {
  const old_active = bond.curr_active_slave
  if (old_active === new_active) return
  if (new_active !== undefined) bring_up(bond, new_active)
  if (bond_uses_primary(bond)) bond_hw_addr_swap(bond, new_active, old_active)
  if (bond_is_lb(bond)) {
    bond_alb_handle_active_change(bond, new_active)
    if (old_active !== undefined) bond_set_slave_inactive_flags(old_active, BOND_SLAVE_NOTIFY_NOW)
    if (new_active !== undefined) bond_set_slave_active_flags(new_active, BOND_SLAVE_NOTIFY_NOW)
  } else {
    bond.curr_active_slave = new_active
  }
  if (bond.params.mode === BOND_MODE_ACTIVEBACKUP) fail_over(bond, new_active, old_active)
  resend_igmp(bond, new_active)
}
/** The best that there is becomes active although its updelay has not passed. */
function bring_up(bond: bonding, new_active: slave): void {
  new_active.last_link_up = jiffies_of(bond)
  if (new_active.link !== BOND_LINK_BACK) {
    if (bond_uses_primary(bond)) slave_info(bond.dev, new_active.dev, 'making interface the new active one')
    return
  }
  if (bond_uses_primary(bond)) {
    const early = (bond.params.updelay - new_active.delay) * bond.params.miimon
    slave_info(bond.dev, new_active.dev, `making interface the new active one ${early} ms earlier`)
  }
  new_active.delay = 0
  bond_set_slave_link_state(new_active, BOND_LINK_UP, BOND_SLAVE_NOTIFY_NOW)
  if (bond.params.mode === BOND_MODE_8023AD) bond_3ad_handle_link_change(new_active, BOND_LINK_UP)
  if (bond_is_lb(bond)) bond_alb_handle_link_change(bond, new_active, BOND_LINK_UP)
}
function fail_over(bond: bonding, new_active: slave | undefined, old_active: slave | undefined): void {
  if (old_active !== undefined) bond_set_slave_inactive_flags(old_active, BOND_SLAVE_NOTIFY_NOW)
  if (new_active === undefined) return
  bond_set_slave_active_flags(new_active, BOND_SLAVE_NOTIFY_NOW)
  if (bond.params.fail_over_mac) bond_do_fail_over_mac(bond, new_active, old_active)
  let notify_peers = false
  if (netif_running(bond.dev)) {
    bond.send_peer_notif = bond.params.num_peer_notif * Math.max(1, bond.params.peer_notif_delay)
    notify_peers = bond_should_notify_peers(bond)
  }
  call_netdevice_notifiers(NETDEV_BONDING_FAILOVER, bond.dev)
  if (!notify_peers) return
  bond.send_peer_notif--
  call_netdevice_notifiers(NETDEV_NOTIFY_PEERS, bond.dev)
}
/** Switches learn from the reports where the groups' members are now. */
function resend_igmp(bond: bonding, new_active: slave | undefined): void {
  if (!netif_running(bond.dev) || bond.params.resend_igmp === 0) return
  if (!(bond_uses_primary(bond) && new_active !== undefined) && bond.params.mode !== BOND_MODE_ROUNDROBIN) return
  bond.igmp_retrans = bond.params.resend_igmp
  bond_queue_work(bond.mcast_work, 1)
}

export function bond_select_active_slave(bond: bonding): void {
  const best = bond_find_best_slave(bond)
  if (best === bond.curr_active_slave) return
  bond_change_active_slave(bond, best)
  if (!bond_set_carrier(bond)) return
  netdev_info(bond.dev, netif_carrier_ok(bond.dev) ? 'active interface up!' : 'now running without any active interface!')
}

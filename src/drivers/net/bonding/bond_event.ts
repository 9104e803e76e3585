/** drivers/net/bonding/bond_main.c bond_netdev_event(): what happens to bonds and to their slaves. */
import { bond_queue_work } from './bond_timer.ts'
import { HZ } from '../../../kernel/time.ts'
import { NOTIFY_DONE, type notifier_block } from '../../../kernel/notifier.ts'
import { call_netdevice_notifiers, netdev_info } from '../../../net/core/dev.ts'
import {
  IFF_BONDING,
  NETDEV_CHANGE,
  NETDEV_CHANGENAME,
  NETDEV_DOWN,
  NETDEV_FEAT_CHANGE,
  NETDEV_REGISTER,
  NETDEV_RESEND_IGMP,
  NETDEV_UNREGISTER,
  NETDEV_UP,
  NETDEV_XDP_FEAT_CHANGE,
  type netdev_notifier_info,
} from '../../../net/core/netdevice.ts'
import { IFF_MASTER, IFF_SLAVE } from '../../../uapi/linux/if.ts'
import { ARPHRD_ETHER } from '../../../uapi/linux/if_arp.ts'
import { BOND_LINK_DOWN, BOND_LINK_FAIL, BOND_MODE_8023AD } from '../../../uapi/linux/if_bonding.ts'
import { bond_3ad_adapter_speed_duplex_changed } from './bond_3ad.ts'
import { bond_select_active_slave } from './bond_active.ts'
import { bond_compute_features, bond_update_speed_duplex, bond_xdp_set_features } from './bond_features.ts'
import { bond_create_proc_entry, bond_remove_proc_entry } from './bond_procfs.ts'
import { __bond_release_one, bond_release_and_destroy } from './bond_release.ts'
import { bond_update_slave_arr } from './bond_slave_arr.ts'
import { bond_mode_can_use_xmit_hash, bond_of, bond_slave_get, bond_uses_primary, type bonding, type slave } from './bonding.ts'

function bond_master_netdev_event(event: number, bond: bonding): void {
  if (event === NETDEV_CHANGENAME || event === NETDEV_UNREGISTER) bond_remove_proc_entry(bond)
  if (event === NETDEV_CHANGENAME || event === NETDEV_REGISTER) bond_create_proc_entry(bond)
}

/** Of 802.3ad a port without a known speed is out, until the monitor finds one. */
function settings_changed(slave: slave): void {
  const known = bond_update_speed_duplex(slave)
  if (slave.bond.params.mode !== BOND_MODE_8023AD) return
  if (!known) slave.link = slave.last_link_up ? BOND_LINK_FAIL : BOND_LINK_DOWN
  bond_3ad_adapter_speed_duplex_changed(slave)
}
/** It is or was called as the primary is. */
function name_changed(bond: bonding, slave: slave): void {
  if (!bond_uses_primary(bond) || bond.params.primary === '') return
  const primary = bond.primary_slave
  if (slave === primary) bond.primary_slave = undefined
  else if (slave.dev.name === bond.params.primary) bond.primary_slave = slave
  else return
  const name = primary === undefined ? 'none' : slave.dev.name
  netdev_info(bond.dev, `Primary slave changed to ${name}, reselecting active slave`)
  bond_select_active_slave(bond)
}
function features_changed(bond: bonding): void {
  if (bond.notifier_ctx) return
  bond.notifier_ctx = true
  bond_compute_features(bond)
  bond.notifier_ctx = false
}
function bond_slave_netdev_event(event: number, slave: slave): void {
  const { bond, dev } = slave
  switch (event) {
    case NETDEV_UNREGISTER:
      if (bond.dev.type === ARPHRD_ETHER) __bond_release_one(bond.dev, dev, false, true)
      else bond_release_and_destroy(bond.dev, dev)
      return
    case NETDEV_UP:
    case NETDEV_CHANGE:
      settings_changed(slave)
      if (bond_mode_can_use_xmit_hash(bond)) bond_update_slave_arr(bond)
      return
    case NETDEV_DOWN:
      if (bond_mode_can_use_xmit_hash(bond)) bond_update_slave_arr(bond)
      return
    case NETDEV_CHANGENAME:
      name_changed(bond, slave)
      return
    case NETDEV_FEAT_CHANGE:
      features_changed(bond)
      return
    case NETDEV_RESEND_IGMP:
      call_netdevice_notifiers(event, bond.dev)
      return
    case NETDEV_XDP_FEAT_CHANGE:
      bond_xdp_set_features(bond.dev)
  }
}
/** The notifier_block's function. */
export function bond_netdev_event(_nb: notifier_block, event: number, { dev }: netdev_notifier_info): number {
  if (!(dev.priv_flags & IFF_BONDING)) return NOTIFY_DONE
  if (dev.flags & IFF_MASTER) bond_master_netdev_event(event, bond_of(dev))
  const slave = dev.flags & IFF_SLAVE ? bond_slave_get(dev) : undefined
  if (slave !== undefined) bond_slave_netdev_event(event, slave)
  return NOTIFY_DONE
}

/** bond_resend_igmp_join_requests_delayed(), a work: five times a second, as often as was asked for. */
export function bond_resend_igmp(bond: bonding): void {
  if (bond.rtnl_is_held) {
    bond_queue_work(bond.mcast_work, 1)
    return
  }
  call_netdevice_notifiers(NETDEV_RESEND_IGMP, bond.dev)
  if (bond.igmp_retrans <= 1) return
  bond.igmp_retrans--
  bond_queue_work(bond.mcast_work, HZ / 5)
}

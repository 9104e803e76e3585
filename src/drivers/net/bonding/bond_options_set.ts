/** drivers/net/bonding/bond_options.c: what each option does when it is set. The value has been checked. */
import { cancel_delayed_work, type delayed_work, queue_delayed_work } from '../../../kernel/workqueue.ts'
import { netdev_err, netdev_info, netdev_update_features, netdev_warn } from '../../../net/core/dev.ts'
import { NETREG_REGISTERED } from '../../../net/core/netdevice.ts'
import { is_multicast_ether_addr } from '../../../net/ethernet/eth.ts'
import { EINVAL, ENODEV, EPERM, type Errno } from '../../../uapi/errno.ts'
import { IFF_UP } from '../../../uapi/linux/if.ts'
import { BOND_MODE_ACTIVEBACKUP, BOND_MODE_ALB } from '../../../uapi/linux/if_bonding.ts'
import { bond_3ad_update_ad_actor_settings, bond_3ad_update_lacp_active, bond_3ad_update_lacp_rate } from './bond_3ad.ts'
import { bond_select_active_slave, bond_set_carrier } from './bond_active.ts'
import { bond_rcv_validate } from './bond_arp_validate.ts'
import { BOND_XFRM_FEATURES, bond_xdp_set_features } from './bond_features.ts'
import { slave_set_ns_maddrs } from './bond_ns_maddrs.ts'
import * as O from './bond_opt_tables.ts'
import type { bond_opt_value } from './bond_options.ts'
import {
  bond_option_active_slave_set,
  bond_option_primary_set,
  bond_option_queue_id_set,
  bond_option_slaves_set,
} from './bond_options_slave.ts'
import { bond_option_arp_ip_targets_set, bond_option_ns_ip6_targets_set } from './bond_options_targets.ts'
import { slave_warn } from './bond_printk.ts'
import {
  BOND_DEFAULT_MIIMON,
  bond_is_active_slave,
  bond_mode_uses_arp,
  type bond_params,
  bond_slave_get,
  bond_slaves,
  type bonding,
} from './bonding.ts'

type option_set = (bond: bonding, val: bond_opt_value) => Errno | undefined

function bond_option_mode_set(bond: bonding, { value }: bond_opt_value): undefined {
  const { params, dev } = bond
  if (!bond_mode_uses_arp(value)) {
    params.arp_interval = 0
    params.miimon ||= BOND_DEFAULT_MIIMON
  }
  if (value === BOND_MODE_ALB) params.tlb_dynamic_lb = 1
  params.arp_validate = 0
  params.mode = value
  if (dev.reg_state === NETREG_REGISTERED) {
    if (value === BOND_MODE_ACTIVEBACKUP) dev.wanted_features |= BOND_XFRM_FEATURES
    else dev.wanted_features &= ~BOND_XFRM_FEATURES
    netdev_update_features(dev)
  }
  bond_xdp_set_features(dev)
}

/** One monitor excludes the other; a running bond's begins at once. */
function bond_option_miimon_set(bond: bonding, { value }: bond_opt_value): undefined {
  const { params } = bond
  params.miimon = value
  if (value !== 0 && params.arp_interval) {
    params.arp_interval = 0
    params.arp_validate = 0
  }
  if (bond.dev.flags & IFF_UP) switch_monitor(bond.mii_work as delayed_work, bond.arp_work as delayed_work, value !== 0)
}
function bond_option_arp_interval_set(bond: bonding, { value }: bond_opt_value): undefined {
  const { params } = bond
  params.arp_interval = value
  if (value !== 0) params.miimon = 0
  if (!(bond.dev.flags & IFF_UP)) return
  if (value !== 0) bond.recv_probe = bond_rcv_validate
  else if (params.arp_validate) bond.recv_probe = undefined
  switch_monitor(bond.arp_work as delayed_work, bond.mii_work as delayed_work, value !== 0)
}
function switch_monitor(work: delayed_work, other: delayed_work, on: boolean): void {
  if (!on) {
    cancel_delayed_work(work)
    return
  }
  cancel_delayed_work(other)
  queue_delayed_work(work, 0)
}

type delay = 'updelay' | 'downdelay' | 'peer_notif_delay'
const delay_names: Record<delay, string> = {
  updelay: 'up delay',
  downdelay: 'down delay',
  peer_notif_delay: 'peer notification delay',
}
/** Delays count intervals of miimon. */
function delay_set(which: delay): option_set {
  return ({ dev, params }, { value }) => {
    const name = delay_names[which]
    if (!params.miimon) {
      netdev_err(dev, `Unable to set ${name} as MII monitoring is disabled`)
      return EPERM
    }
    const intervals = Math.floor(value / params.miimon)
    if (value % params.miimon !== 0) {
      netdev_warn(
        dev,
        `${name} (${value}) is not a multiple of miimon (${params.miimon}), value rounded to ${intervals * params.miimon} ms`,
      )
    }
    params[which] = intervals
    return undefined
  }
}

function bond_option_arp_validate_set(bond: bonding, { value }: bond_opt_value): undefined {
  const changed = (bond.params.arp_validate !== 0) !== (value !== 0)
  bond.params.arp_validate = value
  if (changed) for (const slave of bond_slaves(bond)) slave_set_ns_maddrs(bond, slave, value !== 0)
}
function bond_option_prio_set(bond: bonding, { value, slave_dev }: bond_opt_value): Errno | undefined {
  const slave = slave_dev && bond_slave_get(slave_dev)
  if (slave === undefined) return ENODEV
  slave.prio = value
  if (bond.primary_slave === undefined) {
    bond_select_active_slave(bond)
  } else {
    slave_warn(bond.dev, slave.dev, 'prio updated, but will not affect failover re-selection as primary slave have been set')
  }
  return undefined
}
function bond_option_actor_port_prio_set(bond: bonding, { value, slave_dev }: bond_opt_value): Errno | undefined {
  const port = slave_dev && bond_slave_get(slave_dev)?.ad_info?.port
  if (port === undefined) return ENODEV
  port.actor_port_priority = value
  bond_3ad_update_ad_actor_settings(bond)
  return undefined
}
function bond_option_primary_reselect_set(bond: bonding, { value }: bond_opt_value): undefined {
  bond.params.primary_reselect = value
  bond_select_active_slave(bond)
}
function bond_option_all_slaves_active_set(bond: bonding, { value }: bond_opt_value): undefined {
  if (value === bond.params.all_slaves_active) return
  bond.params.all_slaves_active = value
  for (const slave of bond_slaves(bond)) if (!bond_is_active_slave(slave)) slave.inactive = value ? 0 : 1
}
function bond_option_min_links_set(bond: bonding, { value }: bond_opt_value): undefined {
  bond.params.min_links = value
  bond_set_carrier(bond)
}
function bond_option_lacp_active_set(bond: bonding, { value }: bond_opt_value): undefined {
  bond.params.lacp_active = value
  bond_3ad_update_lacp_active(bond)
}
function bond_option_lacp_rate_set(bond: bonding, { value }: bond_opt_value): undefined {
  bond.params.lacp_fast = value
  bond_3ad_update_lacp_rate(bond)
}
function bond_option_ad_actor_sys_prio_set(bond: bonding, { value }: bond_opt_value): undefined {
  bond.params.ad_actor_sys_prio = value
  bond_3ad_update_ad_actor_settings(bond)
}
/** mac_pton(): six bytes of two digits, whatever follows. */
function mac_pton(text: string): Uint8Array | undefined {
  const match = /^([0-9a-fA-F]{2}):([0-9a-fA-F]{2}):([0-9a-fA-F]{2}):([0-9a-fA-F]{2}):([0-9a-fA-F]{2}):([0-9a-fA-F]{2})/.exec(text)
  return match === null ? undefined : Uint8Array.from(match.slice(1), (x) => Number.parseInt(x, 16))
}
function bond_option_ad_actor_system_set(bond: bonding, { string, extra }: bond_opt_value): Errno | undefined {
  const mac = string === undefined ? extra : mac_pton(string)
  if (mac === undefined || is_multicast_ether_addr(mac)) {
    netdev_err(bond.dev, 'Invalid ad_actor_system MAC address.')
    return EINVAL
  }
  bond.params.ad_actor_system = mac.slice(0, 6)
  bond_3ad_update_ad_actor_settings(bond)
  return undefined
}
function bond_option_coupled_control_set(bond: bonding, { string, value }: bond_opt_value): undefined {
  netdev_info(bond.dev, `Setting coupled_control to ${string} (${value})`)
  bond.params.coupled_control = value
}

/** Options that are looked at when they are needed. */
function stored(name: { [K in keyof bond_params]: bond_params[K] extends number ? K : never }[keyof bond_params]): option_set {
  return ({ params }, { value }) => {
    params[name] = value
    return undefined
  }
}
const setters: Record<number, option_set> = {
  [O.BOND_OPT_MODE]: bond_option_mode_set,
  [O.BOND_OPT_PACKETS_PER_SLAVE]: stored('packets_per_slave'),
  [O.BOND_OPT_XMIT_HASH]: stored('xmit_policy'),
  [O.BOND_OPT_ARP_VALIDATE]: bond_option_arp_validate_set,
  [O.BOND_OPT_ARP_ALL_TARGETS]: stored('arp_all_targets'),
  [O.BOND_OPT_FAIL_OVER_MAC]: stored('fail_over_mac'),
  [O.BOND_OPT_ARP_INTERVAL]: bond_option_arp_interval_set,
  [O.BOND_OPT_ARP_TARGETS]: bond_option_arp_ip_targets_set,
  [O.BOND_OPT_DOWNDELAY]: delay_set('downdelay'),
  [O.BOND_OPT_UPDELAY]: delay_set('updelay'),
  [O.BOND_OPT_LACP_RATE]: bond_option_lacp_rate_set,
  [O.BOND_OPT_MINLINKS]: bond_option_min_links_set,
  [O.BOND_OPT_AD_SELECT]: stored('ad_select'),
  [O.BOND_OPT_NUM_PEER_NOTIF]: stored('num_peer_notif'),
  [O.BOND_OPT_MIIMON]: bond_option_miimon_set,
  [O.BOND_OPT_PRIMARY]: bond_option_primary_set,
  [O.BOND_OPT_PRIMARY_RESELECT]: bond_option_primary_reselect_set,
  [O.BOND_OPT_USE_CARRIER]: stored('use_carrier'),
  [O.BOND_OPT_ACTIVE_SLAVE]: bond_option_active_slave_set,
  [O.BOND_OPT_QUEUE_ID]: bond_option_queue_id_set,
  [O.BOND_OPT_ALL_SLAVES_ACTIVE]: bond_option_all_slaves_active_set,
  [O.BOND_OPT_RESEND_IGMP]: stored('resend_igmp'),
  [O.BOND_OPT_LP_INTERVAL]: stored('lp_interval'),
  [O.BOND_OPT_SLAVES]: bond_option_slaves_set,
  [O.BOND_OPT_TLB_DYNAMIC_LB]: stored('tlb_dynamic_lb'),
  [O.BOND_OPT_AD_ACTOR_SYS_PRIO]: bond_option_ad_actor_sys_prio_set,
  [O.BOND_OPT_AD_ACTOR_SYSTEM]: bond_option_ad_actor_system_set,
  [O.BOND_OPT_AD_USER_PORT_KEY]: stored('ad_user_port_key'),
  [O.BOND_OPT_NUM_PEER_NOTIF_ALIAS]: stored('num_peer_notif'),
  [O.BOND_OPT_PEER_NOTIF_DELAY]: delay_set('peer_notif_delay'),
  [O.BOND_OPT_LACP_ACTIVE]: bond_option_lacp_active_set,
  [O.BOND_OPT_MISSED_MAX]: stored('missed_max'),
  [O.BOND_OPT_NS_TARGETS]: bond_option_ns_ip6_targets_set,
  [O.BOND_OPT_PRIO]: bond_option_prio_set,
  [O.BOND_OPT_COUPLED_CONTROL]: bond_option_coupled_control_set,
  [O.BOND_OPT_ACTOR_PORT_PRIO]: bond_option_actor_port_prio_set,
}
export function bond_option_set(bond: bonding, id: number, val: bond_opt_value): Errno | undefined {
  return setters[id](bond, val)
}

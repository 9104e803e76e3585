/** include/net/bonding.h: a bond, its parameters and its slaves, and what is asked of them everywhere. */
import type { proc_dir_entry } from '../../../fs/proc_net.ts'
import type { delayed_work } from '../../../kernel/workqueue.ts'
import { netif_carrier_ok, netif_running } from '../../../net/core/dev.ts'
import type { rtnl_link_stats64_t } from '../../../net/core/dev_stats.ts'
import type { net_device } from '../../../net/core/netdevice.ts'
import type { sk_buff } from '../../../net/core/skbuff.ts'
import { IFF_MASTER } from '../../../uapi/linux/if.ts'
import {
  BOND_LINK_UP,
  BOND_MODE_8023AD,
  BOND_MODE_ACTIVEBACKUP,
  BOND_MODE_ALB,
  BOND_MODE_TLB,
  BOND_MODE_XOR,
} from '../../../uapi/linux/if_bonding.ts'
import { IFF_BONDING } from '../../../net/core/netdevice.ts'
import type { ad_bond_info, ad_slave_info } from './bond_3ad_types.ts'
import type { alb_bond_info, tlb_slave_info } from './bond_alb_types.ts'

export const BOND_MAX_ARP_TARGETS = 16
export const BOND_MAX_NS_TARGETS = BOND_MAX_ARP_TARGETS
export const BOND_DEFAULT_MIIMON = 100
export const BOND_LINK_NOCHANGE = -1
/** SPEED_UNKNOWN and DUPLEX_* of ethtool. */
export const SPEED_UNKNOWN = -1
export const DUPLEX_HALF = 0
export const DUPLEX_FULL = 1
export const DUPLEX_UNKNOWN = 255

export const BOND_PRI_RESELECT_ALWAYS = 0
export const BOND_PRI_RESELECT_BETTER = 1
export const BOND_PRI_RESELECT_FAILURE = 2
export const BOND_FOM_NONE = 0
export const BOND_FOM_ACTIVE = 1
export const BOND_FOM_FOLLOW = 2
export const BOND_ARP_TARGETS_ALL = 1
export const BOND_ARP_FILTER = 4
export const BOND_AD_STABLE = 0
export const BOND_AD_BANDWIDTH = 1
export const BOND_AD_COUNT = 2

/** struct bond_params, with the values that a bond begins with when the module was given none. */
export class bond_params {
  mode = 0
  xmit_policy = 0
  miimon = 0
  /** Of peer notifications: gratuitous ARP and unsolicited neighbour advertisements. */
  num_peer_notif = 1
  missed_max = 2
  arp_interval = 0
  arp_validate = 0
  arp_all_targets = 0
  use_carrier = 1
  fail_over_mac = 0
  /** These three count intervals of miimon. */
  updelay = 0
  downdelay = 0
  peer_notif_delay = 0
  lacp_active = 1
  lacp_fast = 0
  min_links = 0
  ad_select = 0
  primary = ''
  primary_reselect = 0
  arp_targets: number[] = new Array(BOND_MAX_ARP_TARGETS).fill(0)
  all_slaves_active = 0
  resend_igmp = 1
  lp_interval = 1
  packets_per_slave = 1
  tlb_dynamic_lb = 1
  ad_actor_sys_prio = 65535
  ad_user_port_key = 0
  ad_actor_system = new Uint8Array(6)
  coupled_control = 1
  /** 16 bytes each; the list ends with the last. */
  ns_targets: Uint8Array[] = []
}

/** Looks at a packet before the bond does (bond->recv_probe). True: it was for the prober alone. */
export type bond_recv_probe = (skb: sk_buff, bond: bonding, slave: slave) => boolean

export class slave {
  readonly bond: bonding
  readonly dev: net_device
  /** Intervals of miimon until the link counts as up or down. */
  delay = 0
  /** jiffies; 0 of last_link_up: it never was. */
  last_link_up = 0
  last_tx = 0
  last_rx = 0
  target_last_arp_rx: number[]
  /** BOND_LINK_*, and what the monitor wants it to become. */
  link = BOND_LINK_UP
  link_new_state = BOND_LINK_NOCHANGE
  /** BOND_STATE_*: 1 for a backup. */
  backup = 0
  /** Drops what arrives, unless it was meant for exactly this device. */
  inactive = 0
  rx_disabled = 0
  /** A change of state, or of link, that is to be told once rtnl is held. */
  should_notify = false
  should_notify_link = false
  original_mtu = 0
  link_failure_count = 0
  speed = SPEED_UNKNOWN
  duplex = DUPLEX_UNKNOWN
  perm_hwaddr = new Uint8Array(32)
  queue_id = 0
  prio = 0
  ad_info: ad_slave_info | undefined = undefined
  tlb_info: tlb_slave_info | undefined = undefined
  notify_work: delayed_work | undefined = undefined
  slave_stats: rtnl_link_stats64_t | undefined = undefined
  constructor(bond: bonding, dev: net_device) {
    this.bond = bond
    this.dev = dev
    this.target_last_arp_rx = new Array(BOND_MAX_ARP_TARGETS).fill(0)
  }
}

export class bonding {
  readonly dev: net_device
  params = new bond_params()
  curr_active_slave: slave | undefined = undefined
  current_arp_slave: slave | undefined = undefined
  primary_slave: slave | undefined = undefined
  /** Slaves that a hash may choose: those that can send, and all. */
  usable_slaves: slave[] | undefined = undefined
  all_slaves: slave[] | undefined = undefined
  force_primary = false
  /** Within bond_compute_features() because of a slave's event. */
  notifier_ctx = false
  slave_cnt = 0
  recv_probe: bond_recv_probe | undefined = undefined
  igmp_retrans = 0
  send_peer_notif = 0
  rr_tx_counter = 0
  bond_stats: rtnl_link_stats64_t | undefined = undefined
  proc_entry: proc_dir_entry | undefined = undefined
  proc_file_name = ''
  ad_info: ad_bond_info
  alb_info: alb_bond_info
  mii_work: delayed_work | undefined = undefined
  arp_work: delayed_work | undefined = undefined
  alb_work: delayed_work | undefined = undefined
  ad_work: delayed_work | undefined = undefined
  mcast_work: delayed_work | undefined = undefined
  slave_arr_work: delayed_work | undefined = undefined
  /** A work runs while a request holds rtnl: what needs rtnl has to wait (bond_run_works). */
  rtnl_is_held = false
  constructor(dev: net_device, ad_info: ad_bond_info, alb_info: alb_bond_info) {
    this.dev = dev
    this.ad_info = ad_info
    this.alb_info = alb_info
  }
}

export function bond_of(dev: net_device): bonding {
  return dev.priv as bonding
}
export function bond_mode(bond: bonding): number {
  return bond.params.mode
}
/** bond_for_each_slave(): in the order in which they came. */
export function bond_slaves(bond: bonding): slave[] {
  const out: slave[] = []
  for (const adj of bond.dev.lower) if (adj.private !== undefined) out.push(adj.private as slave)
  return out
}
export function bond_has_slaves(bond: bonding): boolean {
  return bond.dev.lower.length > 0
}
export function bond_first_slave(bond: bonding): slave | undefined {
  return bond.dev.lower[0]?.private as slave | undefined
}
export function bond_last_slave(bond: bonding): slave | undefined {
  return bond.dev.lower.at(-1)?.private as slave | undefined
}
export function bond_get_slave_by_dev(bond: bonding, dev: net_device): slave | undefined {
  return bond_slaves(bond).find((s) => s.dev === dev)
}
/** bond_slave_get_rtnl(): undefined until the device's packets are the bond's. */
export function bond_slave_get(dev: net_device): slave | undefined {
  return dev.rx_handler_data instanceof slave ? dev.rx_handler_data : undefined
}
export function netif_is_bond_master(dev: net_device): boolean {
  return (dev.flags & IFF_MASTER) !== 0 && (dev.priv_flags & IFF_BONDING) !== 0
}

export function bond_is_lb(bond: bonding): boolean {
  return bond.params.mode === BOND_MODE_TLB || bond.params.mode === BOND_MODE_ALB
}
export function bond_needs_speed_duplex(bond: bonding): boolean {
  return bond.params.mode === BOND_MODE_8023AD || bond_is_lb(bond)
}
export function bond_mode_can_use_xmit_hash(bond: bonding): boolean {
  return bond.params.mode === BOND_MODE_8023AD || bond.params.mode === BOND_MODE_XOR || bond_is_lb(bond)
}
export function bond_mode_uses_xmit_hash(bond: bonding): boolean {
  const { mode, tlb_dynamic_lb } = bond.params
  return mode === BOND_MODE_8023AD || mode === BOND_MODE_XOR || (bond_is_lb(bond) && tlb_dynamic_lb === 0)
}
/** Modes that can be monitored by ARP. */
export function bond_mode_uses_arp(mode: number): boolean {
  return mode !== BOND_MODE_8023AD && mode !== BOND_MODE_TLB && mode !== BOND_MODE_ALB
}
export function bond_uses_primary(bond: bonding): boolean {
  const { mode } = bond.params
  return mode === BOND_MODE_ACTIVEBACKUP || mode === BOND_MODE_TLB || mode === BOND_MODE_ALB
}
export function bond_option_active_slave_get(bond: bonding): net_device | undefined {
  return bond_uses_primary(bond) ? bond.curr_active_slave?.dev : undefined
}

export function bond_slave_is_up(slave: slave): boolean {
  return netif_running(slave.dev) && netif_carrier_ok(slave.dev)
}
export function bond_is_active_slave(slave: slave): boolean {
  return slave.backup === 0
}
export function bond_slave_can_tx(slave: slave): boolean {
  return bond_slave_is_up(slave) && slave.link === BOND_LINK_UP && bond_is_active_slave(slave)
}
export function jiffies_of(bond: bonding): number {
  return bond.dev.nd_net.kernel.jiffies()
}

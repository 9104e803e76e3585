/** drivers/net/bonding/bond_options.c: the options by name, their values, and when they may be set. */
import * as B from '../../../uapi/linux/if_bonding.ts'

export const BOND_OPT_MODE = 0
export const BOND_OPT_PACKETS_PER_SLAVE = 1
export const BOND_OPT_XMIT_HASH = 2
export const BOND_OPT_ARP_VALIDATE = 3
export const BOND_OPT_ARP_ALL_TARGETS = 4
export const BOND_OPT_FAIL_OVER_MAC = 5
export const BOND_OPT_ARP_INTERVAL = 6
export const BOND_OPT_ARP_TARGETS = 7
export const BOND_OPT_DOWNDELAY = 8
export const BOND_OPT_UPDELAY = 9
export const BOND_OPT_LACP_RATE = 10
export const BOND_OPT_MINLINKS = 11
export const BOND_OPT_AD_SELECT = 12
export const BOND_OPT_NUM_PEER_NOTIF = 13
export const BOND_OPT_MIIMON = 14
export const BOND_OPT_PRIMARY = 15
export const BOND_OPT_PRIMARY_RESELECT = 16
export const BOND_OPT_USE_CARRIER = 17
export const BOND_OPT_ACTIVE_SLAVE = 18
export const BOND_OPT_QUEUE_ID = 19
export const BOND_OPT_ALL_SLAVES_ACTIVE = 20
export const BOND_OPT_RESEND_IGMP = 21
export const BOND_OPT_LP_INTERVAL = 22
export const BOND_OPT_SLAVES = 23
export const BOND_OPT_TLB_DYNAMIC_LB = 24
export const BOND_OPT_AD_ACTOR_SYS_PRIO = 25
export const BOND_OPT_AD_ACTOR_SYSTEM = 26
export const BOND_OPT_AD_USER_PORT_KEY = 27
export const BOND_OPT_NUM_PEER_NOTIF_ALIAS = 28
export const BOND_OPT_PEER_NOTIF_DELAY = 29
export const BOND_OPT_LACP_ACTIVE = 30
export const BOND_OPT_MISSED_MAX = 31
export const BOND_OPT_NS_TARGETS = 32
export const BOND_OPT_PRIO = 33
export const BOND_OPT_COUPLED_CONTROL = 34
export const BOND_OPT_ACTOR_PORT_PRIO = 35

/** A value by name; `flag`: what "default", or the bounds of a range, stand for. */
export interface bond_opt_name_value {
  readonly string: string
  readonly value: number
  readonly flag?: 'default' | 'min' | 'max' | 'min-default' | 'max-default'
}
export interface bond_option {
  readonly id: number
  readonly name: string
  /** Modes that do not know it. */
  readonly unsuppmodes?: readonly number[]
  readonly noslaves?: boolean
  readonly ifdown?: boolean
  /** Absent: the text or number is taken as it is (BOND_OPTFLAG_RAWVAL). */
  readonly values?: readonly bond_opt_name_value[]
}

const INT_MAX = 0x7fffffff
const all_modes = [0, 1, 2, 3, 4, 5, 6]
const all_except = (...modes: number[]) => all_modes.filter((m) => !modes.includes(m))
const no_arp = [B.BOND_MODE_8023AD, B.BOND_MODE_TLB, B.BOND_MODE_ALB]
const no_primary = all_except(B.BOND_MODE_ACTIVEBACKUP, B.BOND_MODE_TLB, B.BOND_MODE_ALB)
const no_ad = all_except(B.BOND_MODE_8023AD)
/** Names in order, the first being 0; `of` is the default's. */
function names(list: string, of: number): bond_opt_name_value[] {
  return list.split(' ').map((string, value) => (value === of ? { string, value, flag: 'default' } : { string, value }))
}
const intmax: bond_opt_name_value[] = [
  { string: 'off', value: 0, flag: 'default' },
  { string: 'maxval', value: INT_MAX, flag: 'max' },
]
const upto255: bond_opt_name_value[] = [
  { string: 'off', value: 0 },
  { string: 'maxval', value: 255, flag: 'max' },
  { string: 'default', value: 1, flag: 'default' },
]

export const bond_opts: readonly bond_option[] = [
  {
    id: BOND_OPT_MODE,
    name: 'mode',
    noslaves: true,
    ifdown: true,
    values: names('balance-rr active-backup balance-xor broadcast 802.3ad balance-tlb balance-alb', 0),
  },
  {
    id: BOND_OPT_PACKETS_PER_SLAVE,
    name: 'packets_per_slave',
    unsuppmodes: all_except(B.BOND_MODE_ROUNDROBIN),
    values: [
      { string: 'default', value: 1, flag: 'default' },
      { string: 'maxval', value: 0xffff, flag: 'max' },
    ],
  },
  { id: BOND_OPT_XMIT_HASH, name: 'xmit_hash_policy', values: names('layer2 layer3+4 layer2+3 encap2+3 encap3+4 vlan+srcmac', 0) },
  {
    id: BOND_OPT_ARP_VALIDATE,
    name: 'arp_validate',
    unsuppmodes: no_arp,
    values: names('none active backup all filter filter_active filter_backup', 0),
  },
  { id: BOND_OPT_ARP_ALL_TARGETS, name: 'arp_all_targets', values: names('any all', 0) },
  { id: BOND_OPT_FAIL_OVER_MAC, name: 'fail_over_mac', noslaves: true, values: names('none active follow', 0) },
  { id: BOND_OPT_ARP_INTERVAL, name: 'arp_interval', unsuppmodes: no_arp, values: intmax },
  { id: BOND_OPT_ARP_TARGETS, name: 'arp_ip_target' },
  { id: BOND_OPT_DOWNDELAY, name: 'downdelay', values: intmax },
  { id: BOND_OPT_UPDELAY, name: 'updelay', values: intmax },
  { id: BOND_OPT_LACP_RATE, name: 'lacp_rate', ifdown: true, unsuppmodes: no_ad, values: names('slow fast', -1) },
  { id: BOND_OPT_MINLINKS, name: 'min_links', values: intmax },
  { id: BOND_OPT_AD_SELECT, name: 'ad_select', ifdown: true, values: names('stable bandwidth count', 0) },
  { id: BOND_OPT_NUM_PEER_NOTIF, name: 'num_unsol_na', values: upto255 },
  { id: BOND_OPT_MIIMON, name: 'miimon', values: intmax },
  { id: BOND_OPT_PRIMARY, name: 'primary', unsuppmodes: no_primary },
  { id: BOND_OPT_PRIMARY_RESELECT, name: 'primary_reselect', values: names('always better failure', 0) },
  { id: BOND_OPT_USE_CARRIER, name: 'use_carrier', values: names('off on', 1) },
  { id: BOND_OPT_ACTIVE_SLAVE, name: 'active_slave', unsuppmodes: no_primary },
  { id: BOND_OPT_QUEUE_ID, name: 'queue_id' },
  { id: BOND_OPT_ALL_SLAVES_ACTIVE, name: 'all_slaves_active', values: names('off on', 0) },
  { id: BOND_OPT_RESEND_IGMP, name: 'resend_igmp', values: upto255 },
  {
    id: BOND_OPT_LP_INTERVAL,
    name: 'lp_interval',
    values: [
      { string: 'minval', value: 1, flag: 'min-default' },
      { string: 'maxval', value: INT_MAX, flag: 'max' },
    ],
  },
  { id: BOND_OPT_SLAVES, name: 'slaves' },
  {
    id: BOND_OPT_TLB_DYNAMIC_LB,
    name: 'tlb_dynamic_lb',
    ifdown: true,
    unsuppmodes: all_except(B.BOND_MODE_TLB, B.BOND_MODE_ALB),
    values: names('off on', 1),
  },
  {
    id: BOND_OPT_AD_ACTOR_SYS_PRIO,
    name: 'ad_actor_sys_prio',
    unsuppmodes: no_ad,
    values: [
      { string: 'minval', value: 1, flag: 'min' },
      { string: 'maxval', value: 65535, flag: 'max-default' },
    ],
  },
  { id: BOND_OPT_AD_ACTOR_SYSTEM, name: 'ad_actor_system', unsuppmodes: no_ad },
  {
    id: BOND_OPT_AD_USER_PORT_KEY,
    name: 'ad_user_port_key',
    ifdown: true,
    unsuppmodes: no_ad,
    values: [
      { string: 'minval', value: 0, flag: 'min-default' },
      { string: 'maxval', value: 1023, flag: 'max' },
    ],
  },
  { id: BOND_OPT_NUM_PEER_NOTIF_ALIAS, name: 'num_grat_arp', values: upto255 },
  {
    id: BOND_OPT_PEER_NOTIF_DELAY,
    name: 'peer_notif_delay',
    values: [
      { string: 'off', value: 0 },
      { string: 'maxval', value: 300000, flag: 'max' },
    ],
  },
  { id: BOND_OPT_LACP_ACTIVE, name: 'lacp_active', ifdown: true, unsuppmodes: no_ad, values: names('off on', 1) },
  {
    id: BOND_OPT_MISSED_MAX,
    name: 'arp_missed_max',
    unsuppmodes: no_arp,
    values: [
      { string: 'minval', value: 1, flag: 'min' },
      { string: 'maxval', value: 255, flag: 'max' },
      { string: 'default', value: 2, flag: 'default' },
    ],
  },
  { id: BOND_OPT_NS_TARGETS, name: 'ns_ip6_target' },
  { id: BOND_OPT_PRIO, name: 'prio', unsuppmodes: no_primary },
  { id: BOND_OPT_COUPLED_CONTROL, name: 'coupled_control', ifdown: true, unsuppmodes: no_ad, values: names('off on', 1) },
  {
    id: BOND_OPT_ACTOR_PORT_PRIO,
    name: 'actor_port_prio',
    unsuppmodes: no_ad,
    values: [
      { string: 'minval', value: 0, flag: 'min' },
      { string: 'maxval', value: 65535, flag: 'max' },
      { string: 'default', value: 255, flag: 'default' },
    ],
  },
]

export function bond_opt_get_by_name(name: string): bond_option | undefined {
  return bond_opts.find((opt) => opt.name === name)
}
/** bond_opt_get_val(): what a value is called. */
export function bond_opt_name(id: number, value: number): string {
  return bond_opts[id].values?.find((v) => v.value === value)?.string ?? ''
}
export function bond_opt_bound(opt: bond_option, which: 'min' | 'max'): number | undefined {
  return opt.values?.find((v) => v.flag?.startsWith(which))?.value
}

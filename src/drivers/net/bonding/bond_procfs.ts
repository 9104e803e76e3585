/** drivers/net/bonding/bond_procfs.c: /proc/net/bonding/BOND. */
import { proc_create, proc_mkdir, remove_proc_entry } from '../../../fs/proc_net.ts'
import { netif_carrier_ok } from '../../../net/core/dev.ts'
import type { net } from '../../../net/core/net_namespace.ts'
import { mac_text } from '../../../net/core/net_sysfs.ts'
import { ipv6Text } from '../../../lib/types.ts'
import * as B from '../../../uapi/linux/if_bonding.ts'
import { bond_3ad_churn_desc, bond_3ad_get_active_agg_info } from './bond_3ad.ts'
import type { port_params } from './bond_3ad_types.ts'
import { actor_params } from './bond_3ad_port.ts'
import {
  BOND_OPT_AD_SELECT,
  BOND_OPT_FAIL_OVER_MAC,
  BOND_OPT_PRIMARY_RESELECT,
  BOND_OPT_XMIT_HASH,
  bond_opt_name,
} from './bond_opt_tables.ts'
import { ipv4_text } from './bond_options_targets.ts'
import { bond_may_know } from './bond_netlink_fill.ts'
import {
  bond_mode_uses_xmit_hash,
  bond_of,
  bond_slaves,
  bond_uses_primary,
  type bonding,
  DUPLEX_UNKNOWN,
  type slave,
  SPEED_UNKNOWN,
} from './bonding.ts'
import type { net_device } from '../../../net/core/netdevice.ts'

const DRV_NAME = 'bonding'
const bond_version = 'Ethernet Channel Bonding Driver: v6.12.117+deb12-amd64\n'
const mode_names = [
  'load balancing (round-robin)',
  'fault-tolerance (active-backup)',
  'load balancing (xor)',
  'fault-tolerance (broadcast)',
  'IEEE 802.3ad Dynamic link aggregation',
  'transmit load balancing',
  'adaptive load balancing',
]

export function bond_slave_link_status(link: number): string {
  return ['up', 'going down', 'down', 'going back'][link] ?? 'unknown'
}

function primary_lines(bond: bonding): string {
  const { primary_slave, curr_active_slave, params } = bond
  const reselect = bond_opt_name(BOND_OPT_PRIMARY_RESELECT, params.primary_reselect)
  const primary = primary_slave === undefined ? 'None' : `${primary_slave.dev.name} (primary_reselect ${reselect})`
  return `Primary Slave: ${primary}\nCurrently Active Slave: ${curr_active_slave?.dev.name ?? 'None'}\n`
}
function arp_lines({ params }: bonding): string {
  const end = params.arp_targets.indexOf(0)
  const list = (texts: string[]) => texts.map((text) => ` ${text}`).join(',')
  return [
    `ARP Polling Interval (ms): ${params.arp_interval}\n`,
    `ARP Missed Max: ${params.missed_max}\n`,
    `ARP IP target/s (n.n.n.n form):${list(params.arp_targets.slice(0, end < 0 ? undefined : end).map(ipv4_text))}\n`,
    `NS IPv6 target/s (xx::xx form):${list(params.ns_targets.map(ipv6Text))}\n`,
  ].join('')
}
/** The second half only for who may know it. */
function ad_lines(bond: bonding, admin: boolean): string {
  const { params, ad_info } = bond
  const head = [
    '\n802.3ad info\n',
    `LACP active: ${params.lacp_active ? 'on' : 'off'}\n`,
    `LACP rate: ${params.lacp_fast ? 'fast' : 'slow'}\n`,
    `Min links: ${params.min_links}\n`,
    `Aggregator selection policy (ad_select): ${bond_opt_name(BOND_OPT_AD_SELECT, params.ad_select)}\n`,
  ].join('')
  if (!admin) return head
  const system = `System priority: ${ad_info.sys_priority}\nSystem MAC address: ${mac_text(ad_info.sys_mac_addr, 6)}\n`
  const active = bond_3ad_get_active_agg_info(bond)
  if (active === undefined) return `${head}${system}bond ${bond.dev.name} has no active aggregator\n`
  return [
    head,
    system,
    'Active Aggregator Info:\n',
    `\tAggregator ID: ${active.aggregator_id}\n`,
    `\tNumber of ports: ${active.ports}\n`,
    `\tActor Key: ${active.actor_key}\n`,
    `\tPartner Key: ${active.partner_key}\n`,
    `\tPartner Mac Address: ${mac_text(active.partner_system, 6)}\n`,
  ].join('')
}
function bond_info_show_master(bond: bonding, admin: boolean): string {
  const { params } = bond
  const fom = params.mode === B.BOND_MODE_ACTIVEBACKUP && params.fail_over_mac
  return [
    `Bonding Mode: ${mode_names[params.mode]}`,
    fom ? ` (fail_over_mac ${bond_opt_name(BOND_OPT_FAIL_OVER_MAC, params.fail_over_mac)})\n` : '\n',
    bond_mode_uses_xmit_hash(bond)
      ? `Transmit Hash Policy: ${bond_opt_name(BOND_OPT_XMIT_HASH, params.xmit_policy)} (${params.xmit_policy})\n`
      : '',
    bond_uses_primary(bond) ? primary_lines(bond) : '',
    `MII Status: ${netif_carrier_ok(bond.dev) ? 'up' : 'down'}\n`,
    `MII Polling Interval (ms): ${params.miimon}\n`,
    `Up Delay (ms): ${params.updelay * params.miimon}\n`,
    `Down Delay (ms): ${params.downdelay * params.miimon}\n`,
    `Peer Notification Delay (ms): ${params.peer_notif_delay * params.miimon}\n`,
    params.arp_interval > 0 ? arp_lines(bond) : '',
    params.mode === B.BOND_MODE_8023AD ? ad_lines(bond, admin) : '',
  ].join('')
}

function pdu_lines(who: string, key: string, p: port_params): string {
  return [
    `details ${who} lacp pdu:\n`,
    `    system priority: ${p.system_priority}\n`,
    `    system mac address: ${mac_text(p.system, 6)}\n`,
    `    ${key}: ${p.key}\n`,
    `    port priority: ${p.port_priority}\n`,
    `    port number: ${p.port_number}\n`,
    `    port state: ${p.port_state}\n`,
  ].join('')
}
function slave_ad_lines(slave: slave, admin: boolean): string {
  const port = slave.ad_info?.port
  if (port?.aggregator === undefined) return 'Aggregator ID: N/A\n'
  return [
    `Aggregator ID: ${port.aggregator.aggregator_identifier}\n`,
    `Actor Churn State: ${bond_3ad_churn_desc(port.sm_churn_actor_state)}\n`,
    `Partner Churn State: ${bond_3ad_churn_desc(port.sm_churn_partner_state)}\n`,
    `Actor Churned Count: ${port.churn_actor_count}\n`,
    `Partner Churned Count: ${port.churn_partner_count}\n`,
    admin ? pdu_lines('actor', 'port key', actor_params(port)) : '',
    admin ? pdu_lines('partner', 'oper key', port.partner_oper) : '',
  ].join('')
}
function bond_info_show_slave(bond: bonding, slave: slave, admin: boolean): string {
  const duplex = slave.duplex === DUPLEX_UNKNOWN ? 'Unknown' : slave.duplex ? 'full' : 'half'
  return [
    `\nSlave Interface: ${slave.dev.name}\n`,
    `MII Status: ${bond_slave_link_status(slave.link)}\n`,
    `Speed: ${slave.speed === SPEED_UNKNOWN ? 'Unknown' : `${slave.speed} Mbps`}\n`,
    `Duplex: ${duplex}\n`,
    `Link Failure Count: ${slave.link_failure_count}\n`,
    `Permanent HW addr: ${mac_text(slave.perm_hwaddr, slave.dev.addr_len)}\n`,
    `Slave queue ID: ${slave.queue_id}\n`,
    bond.params.mode === B.BOND_MODE_8023AD ? slave_ad_lines(slave, admin) : '',
  ].join('')
}
export function bond_info_show(_net: net, dev: net_device): string {
  const bond = bond_of(dev)
  const admin = bond_may_know(bond)
  const slaves = bond_slaves(bond).map((s) => bond_info_show_slave(bond, s, admin))
  return `${bond_version}\n${bond_info_show_master(bond, admin)}${slaves.join('')}`
}

export function bond_create_proc_dir(net: net): void {
  proc_mkdir(net, DRV_NAME)
}
export function bond_create_proc_entry(bond: bonding): void {
  const { dev } = bond
  const parent = dev.nd_net.proc_net?.subdir.get(DRV_NAME)
  if (parent === undefined) return
  bond.proc_entry = proc_create(dev.nd_net, dev.name, bond_info_show, { parent, data: dev })
  bond.proc_file_name = dev.name
}
export function bond_remove_proc_entry(bond: bonding): void {
  const parent = bond.dev.nd_net.proc_net?.subdir.get(DRV_NAME)
  if (parent === undefined || bond.proc_entry === undefined) return
  remove_proc_entry(bond.dev.nd_net, bond.proc_file_name, parent)
  bond.proc_file_name = ''
  bond.proc_entry = undefined
}

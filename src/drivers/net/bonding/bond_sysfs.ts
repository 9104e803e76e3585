/** drivers/net/bonding/bond_sysfs.c: /sys/class/net/bonding_masters, and /sys/class/net/BOND/bonding: the options as files. */
import type { device_attribute } from '../../../fs/sysfs.ts'
import { CAP_NET_ADMIN } from '../../../kernel/capability.ts'
import { KERN_ERR, KERN_INFO } from '../../../kernel/printk.ts'
import { capable, type task_struct } from '../../../kernel/task.ts'
import { dev_valid_name, netif_carrier_ok, rtnl_unlock, unregister_netdevice } from '../../../net/core/dev.ts'
import type { net } from '../../../net/core/net_namespace.ts'
import { mac_text, netdev_class_create_file } from '../../../net/core/net_sysfs.ts'
import type { net_device, sysfs_group } from '../../../net/core/netdevice.ts'
import { EEXIST, ENODEV, ENOENT, EPERM, type Errno, isErrno } from '../../../uapi/errno.ts'
import { BOND_MODE_8023AD } from '../../../uapi/linux/if_bonding.ts'
import { bond_3ad_get_active_agg_info } from './bond_3ad.ts'
import type { ad_info } from './bond_3ad_types.ts'
import { bond_create } from './bond_create.ts'
import * as O from './bond_opt_tables.ts'
import { __bond_opt_set_notify, bond_opt_initstr } from './bond_options.ts'
import { ipv4_text } from './bond_options_targets.ts'
import { bond_net_of } from './bond_protocols.ts'
import { bond_of, bond_option_active_slave_get, bond_slaves, type bonding } from './bonding.ts'

/** bonding_sysfs_store_option(): the file is called as the option is. */
function store(name: string): (dev: net_device, text: string, task: task_struct) => Errno | undefined {
  const opt = O.bond_opt_get_by_name(name)
  return (dev, text) => {
    if (opt === undefined) return ENOENT
    const error = __bond_opt_set_notify(bond_of(dev), opt.id, bond_opt_initstr(text))
    rtnl_unlock(dev.nd_net.kernel)
    return error
  }
}
function rw(name: string, value: (bond: bonding) => string | number): device_attribute<net_device> {
  return { name, mode: 0o644, show: (dev) => `${value(bond_of(dev))}\n`, store: store(name) }
}
/** Values with names: both are shown. */
function named(name: string, id: number, value: (bond: bonding) => number): device_attribute<net_device> {
  return rw(name, (bond) => `${O.bond_opt_name(id, value(bond))} ${value(bond)}`)
}
/** An empty list has not even a newline. */
function list(name: string, words: (bond: bonding) => string[], separator = ' '): device_attribute<net_device> {
  const show = (dev: net_device) => {
    const all = words(bond_of(dev))
    return all.length === 0 ? '' : `${all.join(separator)}\n`
  }
  return { name, mode: 0o644, show, store: store(name) }
}
function ad_text(value: (bond: bonding, task: task_struct) => string | number): (dev: net_device, task: task_struct) => string {
  return (dev, task) => (bond_of(dev).params.mode === BOND_MODE_8023AD ? `${value(bond_of(dev), task)}\n` : '')
}
/** Only 802.3ad has them; `admin`: only who administers the network may read them. */
function ad_rw(name: string, value: (bond: bonding) => string | number): device_attribute<net_device> {
  const show = ad_text(value)
  return { name, mode: 0o644, show: (dev, task) => (capable(task, CAP_NET_ADMIN) ? show(dev, task) : ''), store: store(name) }
}
function ad_ro(name: string, value: (info: ad_info) => number | string, admin: boolean): device_attribute<net_device> {
  const show = (dev: net_device, task: task_struct) => {
    const bond = bond_of(dev)
    if (bond.params.mode !== BOND_MODE_8023AD || (admin && !capable(task, CAP_NET_ADMIN))) return ''
    const info = bond_3ad_get_active_agg_info(bond)
    if (info !== undefined) return `${value(info)}\n`
    return name === 'ad_partner_mac' ? '' : '0\n'
  }
  return { name, mode: 0o444, show }
}

export const bonding_group: sysfs_group = {
  name: 'bonding',
  dir: {
    attrs: [
      list('slaves', (b) => bond_slaves(b).map((s) => s.dev.name)),
      named('mode', O.BOND_OPT_MODE, (b) => b.params.mode),
      named('fail_over_mac', O.BOND_OPT_FAIL_OVER_MAC, (b) => b.params.fail_over_mac),
      named('arp_validate', O.BOND_OPT_ARP_VALIDATE, (b) => b.params.arp_validate),
      named('arp_all_targets', O.BOND_OPT_ARP_ALL_TARGETS, (b) => b.params.arp_all_targets),
      rw('arp_interval', (b) => b.params.arp_interval),
      list('arp_ip_target', (b) => b.params.arp_targets.filter((t) => t !== 0).map(ipv4_text)),
      rw('downdelay', (b) => b.params.downdelay * b.params.miimon),
      rw('updelay', (b) => b.params.updelay * b.params.miimon),
      rw('peer_notif_delay', (b) => b.params.peer_notif_delay * b.params.miimon),
      named('lacp_active', O.BOND_OPT_LACP_ACTIVE, (b) => b.params.lacp_active),
      named('lacp_rate', O.BOND_OPT_LACP_RATE, (b) => b.params.lacp_fast),
      named('ad_select', O.BOND_OPT_AD_SELECT, (b) => b.params.ad_select),
      named('xmit_hash_policy', O.BOND_OPT_XMIT_HASH, (b) => b.params.xmit_policy),
      rw('num_grat_arp', (b) => b.params.num_peer_notif),
      rw('num_unsol_na', (b) => b.params.num_peer_notif),
      rw('miimon', (b) => b.params.miimon),
      list('primary', (b) => (b.primary_slave === undefined ? [] : [b.primary_slave.dev.name])),
      named('primary_reselect', O.BOND_OPT_PRIMARY_RESELECT, (b) => b.params.primary_reselect),
      rw('use_carrier', (b) => b.params.use_carrier),
      list('active_slave', (b) => [bond_option_active_slave_get(b)?.name ?? ''].filter((name) => name !== '')),
      { name: 'mii_status', mode: 0o444, show: (dev) => (netif_carrier_ok(dev) ? 'up\n' : 'down\n') },
      ad_ro('ad_aggregator', (info) => info.aggregator_id, false),
      ad_ro('ad_num_ports', (info) => info.ports, false),
      ad_ro('ad_actor_key', (info) => info.actor_key, true),
      ad_ro('ad_partner_key', (info) => info.partner_key, true),
      ad_ro('ad_partner_mac', (info) => mac_text(info.partner_system, 6), true),
      list('queue_id', (b) => bond_slaves(b).map((s) => `${s.dev.name}:${s.queue_id}`)),
      rw('all_slaves_active', (b) => b.params.all_slaves_active),
      rw('resend_igmp', (b) => b.params.resend_igmp),
      rw('min_links', (b) => b.params.min_links),
      rw('lp_interval', (b) => b.params.lp_interval),
      rw('packets_per_slave', (b) => b.params.packets_per_slave),
      rw('tlb_dynamic_lb', (b) => b.params.tlb_dynamic_lb),
      ad_rw('ad_actor_sys_prio', (b) => b.params.ad_actor_sys_prio),
      ad_rw('ad_actor_system', (b) => mac_text(b.params.ad_actor_system, 6)),
      ad_rw('ad_user_port_key', (b) => b.params.ad_user_port_key),
      rw('arp_missed_max', (b) => b.params.missed_max),
    ],
  },
}

function bonding_show_bonds(net: net): string {
  const names = (bond_net_of(net)?.dev_list ?? []).map((bond) => bond.dev.name)
  return names.length === 0 ? '' : `${names.join(' ')}\n`
}
/** "+NAME" makes a bond, "-NAME" ends it. */
function bonding_store_bonds(net: net, text: string, task: task_struct): Errno | undefined {
  const { kernel } = net
  if (!capable(task, CAP_NET_ADMIN)) return EPERM
  const command = text.trimStart().split(/\s/)[0].slice(0, 16)
  const name = command.slice(1)
  if (command.length <= 1 || !dev_valid_name(name) || (command[0] !== '+' && command[0] !== '-')) {
    kernel.printk(KERN_ERR, 'bonding: no command found in bonding_masters - use +ifname or -ifname')
    return EPERM
  }
  if (command[0] === '-') return delete_bond(net, name)
  kernel.printk(KERN_INFO, `bonding: ${name} is being created...`)
  const error = bond_create(net, name)
  if (!isErrno(error)) return undefined
  kernel.printk(KERN_INFO, error === EEXIST ? `bonding: ${name} already exists` : `bonding: ${name} creation failed`)
  return error
}
function delete_bond(net: net, name: string): Errno | undefined {
  const { kernel } = net
  const bond = bond_net_of(net)?.dev_list.find(({ dev }) => dev.name === name)
  if (bond === undefined) {
    kernel.printk(KERN_ERR, `bonding: unable to delete non-existent ${name}`)
    return ENODEV
  }
  kernel.printk(KERN_INFO, `bonding: ${name} is being deleted...`)
  unregister_netdevice(bond.dev)
  rtnl_unlock(kernel)
  return undefined
}
export const bonding_masters: device_attribute<net> = {
  name: 'bonding_masters',
  mode: 0o644,
  show: bonding_show_bonds,
  store: bonding_store_bonds,
}
export function bond_create_sysfs(net: net): void {
  netdev_class_create_file(net, bonding_masters)
}

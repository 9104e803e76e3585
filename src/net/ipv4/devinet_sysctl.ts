/** net/ipv4/devinet.c devinet_sysctl_*: /proc/sys/net/ipv4/conf/{all,default,DEV}, and what follows a change. */
import {
  type ctl_buffer,
  ctl_dirs,
  type ctl_table,
  deferred_table,
  register_net_sysctl,
  register_net_sysctl_dirs,
  unregister_net_sysctl_table,
} from '../../fs/proc_sysctl.ts'
import { proc_dointvec } from '../../fs/sysctl.ts'
import { CAP_NET_ADMIN } from '../../kernel/capability.ts'
import { capable } from '../../kernel/task.ts'
import { EINVAL, EPERM, type Errno } from '../../uapi/errno.ts'
import {
  IPV4_DEVCONF_ACCEPT_REDIRECTS,
  IPV4_DEVCONF_FORWARDING,
  IPV4_DEVCONF_IGNORE_ROUTES_WITH_LINKDOWN,
  IPV4_DEVCONF_NOPOLICY,
  IPV4_DEVCONF_NOXFRM,
  IPV4_DEVCONF_PROXY_ARP,
  IPV4_DEVCONF_RP_FILTER,
} from '../../uapi/linux/ip.ts'
import {
  NETCONFA_ALL,
  NETCONFA_FORWARDING,
  NETCONFA_IFINDEX_ALL,
  NETCONFA_IFINDEX_DEFAULT,
  NETCONFA_IGNORE_ROUTES_WITH_LINKDOWN,
  NETCONFA_PROXY_NEIGH,
  NETCONFA_RP_FILTER,
} from '../../uapi/linux/netconf.ts'
import { RTM_DELNETCONF, RTM_NEWNETCONF } from '../../uapi/linux/rtnetlink.ts'
import { AF_INET } from '../../uapi/linux/socket.ts'
import { dev_by_own_name } from '../core/dev_state.ts'
import { NEIGH_ARP_TABLE } from '../core/neighbour.ts'
import { neigh_sysctl_register_net } from '../core/neighbour_sysctl.ts'
import type { net } from '../core/net_namespace.ts'
import { inet_netconf_notify_devconf } from './devinet_netconf.ts'
import type { in_device } from './in_device.ts'
import type { ipv4_devconf } from './netns_ipv4.ts'

/** What an entry's handler needs beside the value: whose settings they are. */
export class devconf_owner {
  readonly net: net
  readonly cnf: ipv4_devconf
  readonly in_dev: in_device | undefined
  constructor(net: net, cnf: ipv4_devconf, in_dev: in_device | undefined) {
    this.net = net
    this.cnf = cnf
    this.in_dev = in_dev
  }
  get ifindex(): number {
    if (this.in_dev !== undefined) return this.in_dev.dev.ifindex
    return this.cnf === this.net.ipv4.devconf_all ? NETCONFA_IFINDEX_ALL : NETCONFA_IFINDEX_DEFAULT
  }
}

/** Files by the number of their setting (IPV4_DEVCONF_*); order as Linux lists them does not matter in a directory. */
const names: readonly string[] = [
  '',
  'forwarding',
  'mc_forwarding',
  'proxy_arp',
  'accept_redirects',
  'secure_redirects',
  'send_redirects',
  'shared_media',
  'rp_filter',
  'accept_source_route',
  'bootp_relay',
  'log_martians',
  'tag',
  'arp_filter',
  'medium_id',
  'disable_xfrm',
  'disable_policy',
  'force_igmp_version',
  'arp_announce',
  'arp_ignore',
  'promote_secondaries',
  'arp_accept',
  'arp_notify',
  'accept_local',
  'src_valid_mark',
  'proxy_arp_pvlan',
  'route_localnet',
  'igmpv2_unsolicited_report_interval',
  'igmpv3_unsolicited_report_interval',
  'ignore_routes_with_linkdown',
  'drop_unicast_in_l2_multicast',
  'drop_gratuitous_arp',
  'bc_forwarding',
  'arp_evict_nocarrier',
]
/** Settings with a notification of their own, when they change. */
const told = new Map<number, number>([
  [IPV4_DEVCONF_RP_FILTER, NETCONFA_RP_FILTER.nr],
  [IPV4_DEVCONF_PROXY_ARP, NETCONFA_PROXY_NEIGH.nr],
  [IPV4_DEVCONF_IGNORE_ROUTES_WITH_LINKDOWN, NETCONFA_IGNORE_ROUTES_WITH_LINKDOWN.nr],
])
/** Settings that nothing acts on here: they are kept and shown. (On bootp_relay and tag Linux does not act either.) */
const unread = new Set([IPV4_DEVCONF_NOXFRM, IPV4_DEVCONF_NOPOLICY])

/** A change of `default` goes to the devices that have not got a value of their own (devinet_copy_dflt_conf). */
function devinet_copy_dflt_conf(net: net, nr: number): void {
  for (const { ip_ptr } of net.dev_base_head) {
    if (ip_ptr !== undefined && !ip_ptr.cnf.chosen(nr - 1)) ip_ptr.cnf.own()[nr - 1] = net.ipv4.devconf_dflt.get(nr)
  }
}

/** devinet_conf_proc(): most files. */
export function devinet_conf_proc(ctl: ctl_table, write: boolean, buf: ctl_buffer): Errno | undefined {
  const owner = ctl.extra1 as devconf_owner
  const nr = (ctl.key as number) + 1
  const old = owner.cnf.get(nr)
  const error = proc_dointvec(ctl, write, buf)
  if (!write) return error
  owner.cnf.choose(nr - 1)
  if (owner.cnf === owner.net.ipv4.devconf_dflt) devinet_copy_dflt_conf(owner.net, nr)
  const type = told.get(nr)
  if (type !== undefined && owner.cnf.get(nr) !== old) {
    inet_netconf_notify_devconf(owner.net, RTM_NEWNETCONF, type, owner.ifindex, owner.cnf)
  }
  return error
}
/** ipv4_doint_and_flush(): only routes cached for packets would care. */
export function ipv4_doint_and_flush(ctl: ctl_table, write: boolean, buf: ctl_buffer): Errno | undefined {
  return proc_dointvec(ctl, write, buf)
}

/** ip_forward or conf/all/forwarding: every device follows, and redirects are off where packets are forwarded. */
function inet_forward_change(net: net): void {
  const { devconf_all, devconf_dflt } = net.ipv4
  const on = devconf_all.get(IPV4_DEVCONF_FORWARDING)
  devconf_all.own()[IPV4_DEVCONF_ACCEPT_REDIRECTS - 1] = on ? 0 : 1
  devconf_dflt.own()[IPV4_DEVCONF_FORWARDING - 1] = on
  inet_netconf_notify_devconf(net, RTM_NEWNETCONF, NETCONFA_FORWARDING.nr, NETCONFA_IFINDEX_ALL, devconf_all)
  inet_netconf_notify_devconf(net, RTM_NEWNETCONF, NETCONFA_FORWARDING.nr, NETCONFA_IFINDEX_DEFAULT, devconf_dflt)
  for (const dev of net.dev_base_head) {
    if (dev.ip_ptr === undefined) continue
    dev.ip_ptr.cnf.set(IPV4_DEVCONF_FORWARDING, on)
    inet_netconf_notify_devconf(net, RTM_NEWNETCONF, NETCONFA_FORWARDING.nr, dev.ifindex, dev.ip_ptr.cnf)
  }
}
/** devinet_sysctl_forward(): a write needs CAP_NET_ADMIN whatever the file's mode. */
export function devinet_sysctl_forward(ctl: ctl_table, write: boolean, buf: ctl_buffer): Errno | undefined {
  const { net, cnf, ifindex } = ctl.extra1 as devconf_owner
  if (write && !capable(buf.task, CAP_NET_ADMIN)) return EPERM
  const old = cnf.get(IPV4_DEVCONF_FORWARDING)
  const error = proc_dointvec(ctl, write, buf)
  if (!write || cnf.get(IPV4_DEVCONF_FORWARDING) === old) return error
  if (cnf === net.ipv4.devconf_all) inet_forward_change(net)
  else inet_netconf_notify_devconf(net, RTM_NEWNETCONF, NETCONFA_FORWARDING.nr, ifindex, cnf)
  return error
}

const flushing = new Set(['disable_xfrm', 'disable_policy', 'promote_secondaries', 'route_localnet', 'drop_unicast_in_l2_multicast'])
function handler(name: string): ctl_table['proc_handler'] {
  if (name === 'forwarding') return devinet_sysctl_forward
  return flushing.has(name) ? ipv4_doint_and_flush : devinet_conf_proc
}
export function devinet_vars(owner: devconf_owner): ctl_table[] {
  const vars: ctl_table[] = []
  for (let nr = 1; nr < names.length; nr++) {
    const procname = names[nr]
    vars.push({
      procname,
      mode: procname === 'mc_forwarding' ? 0o444 : 0o644,
      proc_handler: handler(procname),
      data: owner.cnf.own(),
      key: nr - 1,
      maxlen: 1,
      extra1: owner,
      unread: unread.has(nr),
    })
  }
  return vars
}

/** The namespace's own two directories and ip_forward. */
export function devinet_sysctl_register_net(net: net): void {
  const { ipv4 } = net
  const all = new devconf_owner(net, ipv4.devconf_all, undefined)
  const dflt = new devconf_owner(net, ipv4.devconf_dflt, undefined)
  ipv4.all_sysctl = register(net, 'all', all)
  ipv4.dflt_sysctl = register(net, 'default', dflt)
  register_net_sysctl_dirs(net, 'net/ipv4/conf', new ctl_dirs(devinet_sysctl_names, devinet_sysctl_table, net))
  neigh_sysctl_register_net(net, AF_INET, NEIGH_ARP_TABLE)
  ipv4.forw_hdr = register_net_sysctl(net, 'net/ipv4', [
    {
      procname: 'ip_forward',
      mode: 0o644,
      proc_handler: devinet_sysctl_forward,
      data: ipv4.devconf_all.own(),
      key: IPV4_DEVCONF_FORWARDING - 1,
      maxlen: 1,
      extra1: all,
    },
  ])
}
export function devinet_sysctl_unregister_net(net: net): void {
  const { ipv4 } = net
  unregister_net_sysctl_table(ipv4.forw_hdr)
  unregister(net, ipv4.dflt_sysctl, NETCONFA_IFINDEX_DEFAULT)
  unregister(net, ipv4.all_sysctl, NETCONFA_IFINDEX_ALL)
}
/** The directories of devices. */
export function devinet_sysctl_names(net: net): string[] {
  return net.dev_base_head.filter((dev) => dev.ip_ptr?.listed).map((dev) => dev.name)
}
export function devinet_sysctl_table(net: net, name: string): ctl_table[] | undefined {
  const in_dev = dev_by_own_name(net, name)?.ip_ptr
  return in_dev?.listed ? devinet_vars(new devconf_owner(net, in_dev.cnf, in_dev)) : undefined
}

function register(net: net, name: string, owner: devconf_owner): netns_header {
  const header = register_net_sysctl(net, `net/ipv4/conf/${name}`, new deferred_table(devinet_vars, owner))
  inet_netconf_notify_devconf(net, RTM_NEWNETCONF, NETCONFA_ALL, owner.ifindex, owner.cnf)
  return header
}
function unregister(net: net, header: netns_header, ifindex: number): void {
  unregister_net_sysctl_table(header)
  inet_netconf_notify_devconf(net, RTM_DELNETCONF, 0, ifindex, undefined)
}
type netns_header = ReturnType<typeof register_net_sysctl>

/** Names that would hide the namespace's own directories (sysctl_dev_name_is_allowed). */
export function devinet_sysctl_register(in_dev: in_device): Errno | undefined {
  const { dev } = in_dev
  if (dev.name === 'all' || dev.name === 'default') return EINVAL
  in_dev.listed = in_dev.arp_parms.listed = true
  inet_netconf_notify_devconf(dev.nd_net, RTM_NEWNETCONF, NETCONFA_ALL, dev.ifindex, in_dev.cnf)
  return undefined
}
export function devinet_sysctl_unregister(in_dev: in_device): void {
  in_dev.listed = in_dev.arp_parms.listed = false
  inet_netconf_notify_devconf(in_dev.dev.nd_net, RTM_DELNETCONF, 0, in_dev.dev.ifindex, undefined)
}

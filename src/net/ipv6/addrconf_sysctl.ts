/** net/ipv6/addrconf.c addrconf_sysctl_*: /proc/sys/net/ipv6/conf/{all,default,DEV}, and what follows a change. */
import {
  type ctl_buffer,
  ctl_dirs,
  type ctl_table,
  deferred_table,
  register_net_sysctl,
  register_net_sysctl_dirs,
  unregister_net_sysctl_table,
} from '../../fs/proc_sysctl.ts'
import {
  proc_dointvec,
  proc_dointvec_jiffies,
  proc_dointvec_minmax,
  proc_dointvec_ms_jiffies,
  proc_dostring,
  proc_dou8vec_minmax,
  proc_douintvec,
  proc_douintvec_minmax,
} from '../../fs/sysctl.ts'
import { ipv6Parse, ipv6TextFull } from '../../lib/ipv6Text.ts'
import { EINVAL, EIO, type Errno } from '../../uapi/errno.ts'
import { IN6_ADDR_GEN_MODE_STABLE_PRIVACY } from '../../uapi/linux/if_link.ts'
import * as CONF from '../../uapi/linux/ipv6.ts'
import { NETCONFA_ALL, NETCONFA_IFINDEX_ALL, NETCONFA_IFINDEX_DEFAULT, NETCONFA_PROXY_NEIGH } from '../../uapi/linux/netconf.ts'
import { RTM_DELNETCONF, RTM_NEWNETCONF } from '../../uapi/linux/rtnetlink.ts'
import { AF_INET6 } from '../../uapi/linux/socket.ts'
import { dev_by_own_name } from '../core/dev_state.ts'
import type { net } from '../core/net_namespace.ts'
import { NEIGH_ND_TABLE } from '../core/neighbour.ts'
import { neigh_sysctl_register_net } from '../core/neighbour_sysctl.ts'
import { addrconf_init_auto_addrs } from './addrconf_dev.ts'
import { addrconf_disable_ipv6, addrconf_fixup_forwarding, addrconf_fixup_linkdown } from './addrconf_fixup.ts'
import { check_addr_gen_mode, check_stable_privacy } from './addrconf_ifinfo.ts'
import { inet6_netconf_notify_devconf } from './addrconf_netconf.ts'
import type { inet6_dev } from './if_inet6.ts'
import { ndisc_ifinfo_sysctl_change } from './ndisc_sysctl.ts'
import type { ipv6_devconf } from './netns_ipv6.ts'

/** What an entry's handler needs beside the value: whose settings they are. */
export class ipv6_devconf_owner {
  readonly net: net
  readonly cnf: ipv6_devconf
  readonly idev: inet6_dev | undefined
  constructor(net: net, cnf: ipv6_devconf, idev: inet6_dev | undefined) {
    this.net = net
    this.cnf = cnf
    this.idev = idev
  }
  get is_all(): boolean {
    return this.cnf === this.net.ipv6.devconf_all
  }
  get is_default(): boolean {
    return this.cnf === this.net.ipv6.devconf_dflt
  }
  get ifindex(): number {
    if (this.idev !== undefined) return this.idev.dev.ifindex
    return this.is_all ? NETCONFA_IFINDEX_ALL : NETCONFA_IFINDEX_DEFAULT
  }
}

/** A handler whose change has effects: the value is read first and set by what follows, which is told the old one. */
function changed(
  ctl: ctl_table,
  write: boolean,
  buf: ctl_buffer,
  apply: (owner: ipv6_devconf_owner, value: number) => void,
): Errno | undefined {
  const owner = ctl.extra1 as ipv6_devconf_owner
  const value = { value: owner.cnf.get(ctl.key as number) }
  const error = proc_dointvec({ ...ctl, data: value, key: 'value' }, write, buf)
  if (write && error === undefined) apply(owner, value.value)
  return error
}
export function addrconf_sysctl_forward(ctl: ctl_table, write: boolean, buf: ctl_buffer): Errno | undefined {
  return changed(ctl, write, buf, addrconf_fixup_forwarding)
}
export function addrconf_sysctl_disable(ctl: ctl_table, write: boolean, buf: ctl_buffer): Errno | undefined {
  return changed(ctl, write, buf, addrconf_disable_ipv6)
}
export function addrconf_sysctl_ignore_routes_with_linkdown(ctl: ctl_table, write: boolean, buf: ctl_buffer): Errno | undefined {
  return changed(ctl, write, buf, addrconf_fixup_linkdown)
}
/** The IPv6 MTU is the device's at most. */
export function addrconf_sysctl_mtu(ctl: ctl_table, write: boolean, buf: ctl_buffer): Errno | undefined {
  const { idev } = ctl.extra1 as ipv6_devconf_owner
  return proc_dointvec_minmax({ ...ctl, extra1: CONF.IPV6_MIN_MTU, extra2: idev?.dev.mtu }, write, buf)
}
export function addrconf_sysctl_proxy_ndp(ctl: ctl_table, write: boolean, buf: ctl_buffer): Errno | undefined {
  const { net, cnf, ifindex } = ctl.extra1 as ipv6_devconf_owner
  const old = cnf.get(CONF.DEVCONF_PROXY_NDP)
  const error = proc_dointvec(ctl, write, buf)
  if (write && cnf.get(CONF.DEVCONF_PROXY_NDP) !== old) {
    inet6_netconf_notify_devconf(net, RTM_NEWNETCONF, NETCONFA_PROXY_NEIGH.nr, ifindex, cnf)
  }
  return error
}
/** Bounds ride in `extra2`, since `extra1` is the owner. */
export function addrconf_sysctl_bounded(ctl: ctl_table, write: boolean, buf: ctl_buffer): Errno | undefined {
  const { handler, min, max } = ctl.extra2 as { handler: ctl_table['proc_handler']; min: number; max: number }
  return handler({ ...ctl, extra1: min, extra2: max }, write, buf)
}

/** A device that gets another mode makes the addresses that go with it; those that it has stay. */
export function addrconf_sysctl_addr_gen_mode(ctl: ctl_table, write: boolean, buf: ctl_buffer): Errno | undefined {
  const owner = ctl.extra1 as ipv6_devconf_owner
  const { net, cnf, idev } = owner
  const tmp = { value: cnf.get(CONF.DEVCONF_ADDR_GEN_MODE) }
  const error = proc_douintvec({ ...ctl, data: tmp, key: 'value', extra1: undefined }, write, buf)
  if (error !== undefined || !write) return error
  const mode = tmp.value
  if (!check_addr_gen_mode(mode) || (idev !== undefined && !check_stable_privacy(idev, net, mode))) return EINVAL
  if (idev !== undefined) {
    set_mode(idev, mode)
  } else if (owner.is_all) {
    net.ipv6.devconf_dflt.set(CONF.DEVCONF_ADDR_GEN_MODE, mode)
    for (const { ip6_ptr } of net.dev_base_head) if (ip6_ptr !== undefined) set_mode(ip6_ptr, mode)
  }
  cnf.set(CONF.DEVCONF_ADDR_GEN_MODE, mode)
  return undefined
}
function set_mode(idev: inet6_dev, mode: number): void {
  if (idev.cnf.get(CONF.DEVCONF_ADDR_GEN_MODE) === mode) return
  idev.cnf.set(CONF.DEVCONF_ADDR_GEN_MODE, mode)
  addrconf_init_auto_addrs(idev.dev)
}

/** Written as an address; whoever has one uses it from now on. `all` has none. */
export function addrconf_sysctl_stable_secret(ctl: ctl_table, write: boolean, buf: ctl_buffer): Errno | undefined {
  const owner = ctl.extra1 as ipv6_devconf_owner
  const { stable_secret } = owner.cnf
  if (owner.is_all || (!write && !stable_secret.initialized)) return EIO
  const text = { value: ipv6TextFull(stable_secret.secret) }
  const error = proc_dostring({ ...ctl, data: text, key: 'value', maxlen: 48 }, write, buf)
  if (error !== undefined || !write) return error
  const secret = ipv6Parse(text.value)
  if (secret === undefined) return EIO
  stable_secret.initialized = true
  stable_secret.secret = secret
  const devices = owner.is_default ? owner.net.dev_base_head.map((dev) => dev.ip6_ptr) : [owner.idev]
  for (const idev of devices) idev?.cnf.set(CONF.DEVCONF_ADDR_GEN_MODE, IN6_ADDR_GEN_MODE_STABLE_PRIVACY)
  return undefined
}

interface conf_file {
  readonly nr: number
  readonly handler?: ctl_table['proc_handler']
  readonly mode?: number
  readonly bounds?: { handler: ctl_table['proc_handler']; min: number; max: number }
  /** Nothing acts on the value yet. */
  readonly unread?: boolean
}
const int = (min: number, max: number) => ({ handler: proc_dointvec_minmax, min, max })
const u8 = (min: number, max: number) => ({ handler: proc_dou8vec_minmax, min, max })
const uint = (min: number, max: number) => ({ handler: proc_douintvec_minmax, min, max })
const unread = true

/** Files by name. */
const files: Record<string, conf_file> = {
  forwarding: { nr: CONF.DEVCONF_FORWARDING, handler: addrconf_sysctl_forward },
  hop_limit: { nr: CONF.DEVCONF_HOPLIMIT, bounds: int(1, 255) },
  mtu: { nr: CONF.DEVCONF_MTU6, handler: addrconf_sysctl_mtu },
  accept_ra: { nr: CONF.DEVCONF_ACCEPT_RA },
  accept_redirects: { nr: CONF.DEVCONF_ACCEPT_REDIRECTS },
  autoconf: { nr: CONF.DEVCONF_AUTOCONF },
  dad_transmits: { nr: CONF.DEVCONF_DAD_TRANSMITS },
  router_solicitations: { nr: CONF.DEVCONF_RTR_SOLICITS, bounds: int(-1, 0x7fffffff) },
  router_solicitation_interval: { nr: CONF.DEVCONF_RTR_SOLICIT_INTERVAL, handler: proc_dointvec_jiffies },
  router_solicitation_max_interval: { nr: CONF.DEVCONF_RTR_SOLICIT_MAX_INTERVAL, handler: proc_dointvec_jiffies },
  router_solicitation_delay: { nr: CONF.DEVCONF_RTR_SOLICIT_DELAY, handler: proc_dointvec_jiffies },
  force_mld_version: { nr: CONF.DEVCONF_FORCE_MLD_VERSION },
  mldv1_unsolicited_report_interval: { nr: CONF.DEVCONF_MLDV1_UNSOLICITED_REPORT_INTERVAL, handler: proc_dointvec_ms_jiffies },
  mldv2_unsolicited_report_interval: { nr: CONF.DEVCONF_MLDV2_UNSOLICITED_REPORT_INTERVAL, handler: proc_dointvec_ms_jiffies },
  use_tempaddr: { nr: CONF.DEVCONF_USE_TEMPADDR },
  temp_valid_lft: { nr: CONF.DEVCONF_TEMP_VALID_LFT },
  temp_prefered_lft: { nr: CONF.DEVCONF_TEMP_PREFERED_LFT },
  regen_min_advance: { nr: CONF.DEVCONF_REGEN_MIN_ADVANCE },
  regen_max_retry: { nr: CONF.DEVCONF_REGEN_MAX_RETRY },
  max_desync_factor: { nr: CONF.DEVCONF_MAX_DESYNC_FACTOR },
  max_addresses: { nr: CONF.DEVCONF_MAX_ADDRESSES },
  accept_ra_defrtr: { nr: CONF.DEVCONF_ACCEPT_RA_DEFRTR },
  ra_defrtr_metric: { nr: CONF.DEVCONF_RA_DEFRTR_METRIC, bounds: uint(1, 0xffffffff) },
  accept_ra_min_hop_limit: { nr: CONF.DEVCONF_ACCEPT_RA_MIN_HOP_LIMIT },
  accept_ra_min_lft: { nr: CONF.DEVCONF_ACCEPT_RA_MIN_LFT },
  accept_ra_pinfo: { nr: CONF.DEVCONF_ACCEPT_RA_PINFO },
  ra_honor_pio_life: { nr: CONF.DEVCONF_RA_HONOR_PIO_LIFE, bounds: u8(0, 1) },
  ra_honor_pio_pflag: { nr: CONF.DEVCONF_RA_HONOR_PIO_PFLAG, bounds: u8(0, 1), unread },
  accept_ra_rtr_pref: { nr: CONF.DEVCONF_ACCEPT_RA_RTR_PREF },
  router_probe_interval: { nr: CONF.DEVCONF_RTR_PROBE_INTERVAL, handler: proc_dointvec_jiffies, unread },
  accept_ra_rt_info_min_plen: { nr: CONF.DEVCONF_ACCEPT_RA_RT_INFO_MIN_PLEN },
  accept_ra_rt_info_max_plen: { nr: CONF.DEVCONF_ACCEPT_RA_RT_INFO_MAX_PLEN },
  proxy_ndp: { nr: CONF.DEVCONF_PROXY_NDP, handler: addrconf_sysctl_proxy_ndp },
  accept_source_route: { nr: CONF.DEVCONF_ACCEPT_SOURCE_ROUTE, unread },
  optimistic_dad: { nr: CONF.DEVCONF_OPTIMISTIC_DAD },
  use_optimistic: { nr: CONF.DEVCONF_USE_OPTIMISTIC },
  mc_forwarding: { nr: CONF.DEVCONF_MC_FORWARDING, mode: 0o444 },
  disable_ipv6: { nr: CONF.DEVCONF_DISABLE_IPV6, handler: addrconf_sysctl_disable },
  accept_dad: { nr: CONF.DEVCONF_ACCEPT_DAD },
  force_tllao: { nr: CONF.DEVCONF_FORCE_TLLAO },
  ndisc_notify: { nr: CONF.DEVCONF_NDISC_NOTIFY },
  suppress_frag_ndisc: { nr: CONF.DEVCONF_SUPPRESS_FRAG_NDISC },
  accept_ra_from_local: { nr: CONF.DEVCONF_ACCEPT_RA_FROM_LOCAL },
  accept_ra_mtu: { nr: CONF.DEVCONF_ACCEPT_RA_MTU },
  stable_secret: { nr: CONF.DEVCONF_STABLE_SECRET, handler: addrconf_sysctl_stable_secret, mode: 0o600 },
  use_oif_addrs_only: { nr: CONF.DEVCONF_USE_OIF_ADDRS_ONLY },
  ignore_routes_with_linkdown: { nr: CONF.DEVCONF_IGNORE_ROUTES_WITH_LINKDOWN, handler: addrconf_sysctl_ignore_routes_with_linkdown },
  drop_unicast_in_l2_multicast: { nr: CONF.DEVCONF_DROP_UNICAST_IN_L2_MULTICAST },
  drop_unsolicited_na: { nr: CONF.DEVCONF_DROP_UNSOLICITED_NA },
  keep_addr_on_down: { nr: CONF.DEVCONF_KEEP_ADDR_ON_DOWN },
  seg6_enabled: { nr: CONF.DEVCONF_SEG6_ENABLED },
  seg6_require_hmac: { nr: CONF.DEVCONF_SEG6_REQUIRE_HMAC },
  enhanced_dad: { nr: CONF.DEVCONF_ENHANCED_DAD },
  addr_gen_mode: { nr: CONF.DEVCONF_ADDR_GEN_MODE, handler: addrconf_sysctl_addr_gen_mode },
  disable_policy: { nr: CONF.DEVCONF_DISABLE_POLICY, unread },
  ndisc_tclass: { nr: CONF.DEVCONF_NDISC_TCLASS, bounds: int(0, 255) },
  rpl_seg_enabled: { nr: CONF.DEVCONF_RPL_SEG_ENABLED, bounds: int(0, 1), unread },
  ioam6_enabled: { nr: CONF.DEVCONF_IOAM6_ENABLED, bounds: u8(0, 1), unread },
  ioam6_id: { nr: CONF.DEVCONF_IOAM6_ID, bounds: uint(0, 0xffff), unread },
  ioam6_id_wide: { nr: CONF.DEVCONF_IOAM6_ID_WIDE, bounds: uint(0, 0xffffffff), unread },
  ndisc_evict_nocarrier: { nr: CONF.DEVCONF_NDISC_EVICT_NOCARRIER, bounds: u8(0, 1) },
  accept_untracked_na: { nr: CONF.DEVCONF_ACCEPT_UNTRACKED_NA, bounds: int(0, 2) },
}

export function addrconf_vars(owner: ipv6_devconf_owner): ctl_table[] {
  return Object.entries(files).map(([procname, { nr, handler, mode, bounds, unread }]) => ({
    procname,
    mode: mode ?? 0o644,
    proc_handler: bounds === undefined ? (handler ?? proc_dointvec) : addrconf_sysctl_bounded,
    data: owner.cnf.own(),
    key: nr,
    maxlen: 1,
    extra1: plain(handler) ? undefined : owner,
    extra2: bounds,
    unread,
  }))
}
/** Handlers of fs/sysctl.ts take extra1 for a bound. */
function plain(handler: ctl_table['proc_handler'] | undefined): boolean {
  return handler === undefined || handler === proc_dointvec_jiffies || handler === proc_dointvec_ms_jiffies
}

function register(net: net, name: string, cnf: ipv6_devconf, ifindex: number): void {
  const owner = new ipv6_devconf_owner(net, cnf, undefined)
  cnf.sysctl_header = register_net_sysctl(net, `net/ipv6/conf/${name}`, new deferred_table(addrconf_vars, owner))
  inet6_netconf_notify_devconf(net, RTM_NEWNETCONF, NETCONFA_ALL, ifindex, cnf)
}
function unregister(net: net, cnf: ipv6_devconf, ifindex: number): void {
  unregister_net_sysctl_table(cnf.sysctl_header)
  cnf.sysctl_header = undefined
  inet6_netconf_notify_devconf(net, RTM_DELNETCONF, 0, ifindex, undefined)
}
export function addrconf_sysctl_names(net: net): string[] {
  return net.dev_base_head.filter((dev) => dev.ip6_ptr?.cnf.listed).map((dev) => dev.name)
}
export function addrconf_sysctl_table(net: net, name: string): ctl_table[] | undefined {
  const idev = dev_by_own_name(net, name)?.ip6_ptr
  return idev?.cnf.listed ? addrconf_vars(new ipv6_devconf_owner(net, idev.cnf, idev)) : undefined
}

/** Names that would hide the namespace's own directories are not to be had. */
export function sysctl_dev_name_is_allowed(name: string): boolean {
  return name !== 'all' && name !== 'default'
}
export function addrconf_sysctl_register(idev: inet6_dev): void {
  const { dev, cnf } = idev
  cnf.listed = true
  inet6_netconf_notify_devconf(dev.nd_net, RTM_NEWNETCONF, NETCONFA_ALL, dev.ifindex, cnf)
}
export function addrconf_sysctl_unregister({ dev, cnf }: inet6_dev): void {
  if (!cnf.listed) return
  cnf.listed = false
  inet6_netconf_notify_devconf(dev.nd_net, RTM_DELNETCONF, 0, dev.ifindex, undefined)
}
/** The namespace's own two directories, and those of devices. */
export function addrconf_sysctl_register_net(net: net): void {
  register(net, 'all', net.ipv6.devconf_all, NETCONFA_IFINDEX_ALL)
  register(net, 'default', net.ipv6.devconf_dflt, NETCONFA_IFINDEX_DEFAULT)
  register_net_sysctl_dirs(net, 'net/ipv6/conf', new ctl_dirs(addrconf_sysctl_names, addrconf_sysctl_table, net))
  neigh_sysctl_register_net(net, AF_INET6, NEIGH_ND_TABLE, ndisc_ifinfo_sysctl_change)
}
export function addrconf_sysctl_unregister_net(net: net): void {
  unregister(net, net.ipv6.devconf_dflt, NETCONFA_IFINDEX_DEFAULT)
  unregister(net, net.ipv6.devconf_all, NETCONFA_IFINDEX_ALL)
}

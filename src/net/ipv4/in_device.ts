/** include/linux/inetdevice.h: what IPv4 keeps for a device, and its addresses. */
import { list, type list_member } from '../../lib/list.ts'
import { IFA_F_SECONDARY } from '../../uapi/linux/if_addr.ts'
import { IPV4_DEVCONF_IGNORE_ROUTES_WITH_LINKDOWN, IPV4_DEVCONF_PROMOTE_SECONDARIES } from '../../uapi/linux/ip.ts'
import type { net } from '../core/net_namespace.ts'
import type { neigh_parms } from '../core/neighbour.ts'
import type { net_device } from '../core/netdevice.ts'
import type { in_dev_igmp, ip_mc_list } from './igmp_report.ts'
import { ipv4_devconf } from './netns_ipv4.ts'

export const INFINITY_LIFE_TIME = 0xffffffff

/** struct in_ifaddr. Addresses are numbers in host order. All fields in one order (hot object). */
export class in_ifaddr implements list_member<in_ifaddr> {
  ifa_dev: in_device
  ifa_local = 0
  /** The peer, or ifa_local. */
  ifa_address = 0
  ifa_mask = 0
  ifa_prefixlen = 0
  ifa_broadcast = 0
  ifa_rt_priority = 0
  ifa_scope = 0
  ifa_flags = 0
  ifa_proto = 0
  /** Seconds; INFINITY_LIFE_TIME: forever. */
  ifa_valid_lft = 0
  ifa_preferred_lft = 0
  /** Jiffies since boot: made (-1: not yet), and last changed. */
  ifa_cstamp = -1
  ifa_tstamp = 0
  ifa_label: string
  /** Of the first address of a subnet: the others, in the order of the list. */
  subnet_others: Set<in_ifaddr> | undefined = undefined
  list_prev: in_ifaddr | undefined = undefined
  list_next: in_ifaddr | undefined = undefined
  constructor(in_dev: in_device, label: string) {
    this.ifa_dev = in_dev
    this.ifa_label = label
  }
}

/** Masks have no holes: their lengths say all. */
function subnet_key(prefix: number, mask: number): number {
  return ((prefix & mask) >>> 0) + Math.clz32(~mask) * 2 ** 32
}

const no_groups: ReadonlyMap<number, ip_mc_list> = new Map()

export class in_device {
  readonly dev: net_device
  dead = false
  readonly ifa_head = new list<in_ifaddr>()
  /** All before it are primaries, too, and all behind it secondaries. */
  last_primary: in_ifaddr | undefined = undefined
  /** The first address of each subnet, its primary, so that who comes or goes need not look at all: a device may have very many. */
  private readonly subnets = new Map<number, in_ifaddr>()
  /** Made with the first group. */
  private groups: Map<number, ip_mc_list> | undefined = undefined
  /** Made when a group is to be told of. */
  igmp: in_dev_igmp | undefined = undefined
  readonly cnf: ipv4_devconf
  /** Its directory of settings is there. */
  listed = false
  arp_parms!: neigh_parms
  constructor(dev: net_device) {
    this.dev = dev
    this.cnf = new ipv4_devconf(dev.nd_net.ipv4.devconf_dflt)
  }
  /** In the order users see: primaries by scope, then secondaries. */
  get ifa_list(): readonly in_ifaddr[] {
    return this.ifa_head.items
  }
  /** The first address whose subnet is prefix/mask. */
  subnet_first(prefix: number, mask: number): in_ifaddr | undefined {
    return this.subnets.get(subnet_key(prefix, mask))
  }
  subnet_add(ifa: in_ifaddr): void {
    const first = this.subnet_first(ifa.ifa_address, ifa.ifa_mask)
    if (first === undefined) {
      this.subnets.set(subnet_key(ifa.ifa_address, ifa.ifa_mask), ifa)
    } else {
      first.subnet_others ??= new Set()
      first.subnet_others.add(ifa)
    }
  }
  /** Where it was the first, the next one is. */
  subnet_del(ifa: in_ifaddr): void {
    const { subnet_others: others } = ifa
    const first = this.subnet_first(ifa.ifa_address, ifa.ifa_mask) as in_ifaddr
    if (first !== ifa) return void first.subnet_others?.delete(ifa)
    const key = subnet_key(ifa.ifa_address, ifa.ifa_mask)
    const [next] = others ?? []
    if (next === undefined) this.subnets.delete(key)
    else this.subnets.set(key, next)
    others?.delete(next)
    if (next !== undefined) next.subnet_others = others
    ifa.subnet_others = undefined
  }
  /** Groups joined, the latest last. */
  get mc_list(): ReadonlyMap<number, ip_mc_list> {
    return this.groups ?? no_groups
  }
  mc_list_add(addr: number, im: ip_mc_list): void {
    this.groups ??= new Map()
    this.groups.set(addr, im)
  }
  mc_list_del(addr: number): void {
    this.groups?.delete(addr)
  }
  mc_list_clear(): void {
    this.groups = undefined
  }
}

export function __in_dev_get_rtnl(dev: net_device): in_device | undefined {
  return dev.ip_ptr
}
export function inetdev_by_index(net: net, ifindex: number): in_device | undefined {
  return net.dev_index_head.get(ifindex)?.ip_ptr
}
export function inet_ifa_byprefix(in_dev: in_device, prefix: number, mask: number): in_ifaddr | undefined {
  return in_dev.subnet_first(prefix, mask)
}
/** The addresses of a device with this local part, which differ in their subnets. */
export function inet_find_ifa(in_dev: in_device, local: number): readonly in_ifaddr[] {
  const holders = in_dev.dev.nd_net.ipv4.inet_addr_lst.get(local)
  return holders?.filter((ifa) => ifa.ifa_dev === in_dev) ?? []
}
/** Whether `addr` is in the subnet of `ifa`. */
export function inet_ifa_match(addr: number, ifa: in_ifaddr): boolean {
  return ((addr ^ ifa.ifa_address) & ifa.ifa_mask) === 0
}
export function ifa_is_secondary(ifa: in_ifaddr): boolean {
  return (ifa.ifa_flags & IFA_F_SECONDARY) !== 0
}
/** IN_DEV_ORCONF: on when set for the device or for all. */
export function in_dev_orconf(in_dev: in_device, nr: number): boolean {
  return in_dev.cnf.get(nr) !== 0 || in_dev.dev.nd_net.ipv4.devconf_all.get(nr) !== 0
}
/** IN_DEV_ANDCONF: off when cleared for the device or for all. */
export function in_dev_andconf(in_dev: in_device, nr: number): boolean {
  return in_dev.cnf.get(nr) !== 0 && in_dev.dev.nd_net.ipv4.devconf_all.get(nr) !== 0
}
/** IN_DEV_MAXCONF: the larger of the device's and that of all. */
export function in_dev_maxconf(in_dev: in_device, nr: number): number {
  return Math.max(in_dev.cnf.get(nr), in_dev.dev.nd_net.ipv4.devconf_all.get(nr))
}
export function in_dev_promote_secondaries(in_dev: in_device): boolean {
  return in_dev_orconf(in_dev, IPV4_DEVCONF_PROMOTE_SECONDARIES)
}
/** Whether routes through a device without carrier count as dead. */
export function ip_ignore_linkdown(dev: net_device): boolean {
  return dev.ip_ptr !== undefined && in_dev_orconf(dev.ip_ptr, IPV4_DEVCONF_IGNORE_ROUTES_WITH_LINKDOWN)
}
export { netdevs_from } from '../core/dev_names.ts'

/** include/linux/inetdevice.h: what IPv4 keeps for a device, and its addresses. */
import type { net_device } from '../core/netdevice.ts'
import type { net } from '../core/net_namespace.ts'
import { ipv4_devconf } from './netns_ipv4.ts'

export const INFINITY_LIFE_TIME = 0xffffffff

/** struct in_ifaddr. Addresses are numbers in host order. All fields in one order (hot object). */
export class in_ifaddr {
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
  ifa_valid_lft = INFINITY_LIFE_TIME
  ifa_preferred_lft = INFINITY_LIFE_TIME
  /** Jiffies since boot: made, and last changed. */
  ifa_cstamp = 0
  ifa_tstamp = 0
  ifa_label: string
  constructor(in_dev: in_device, label: string) {
    this.ifa_dev = in_dev
    this.ifa_label = label
  }
}

export class in_device {
  readonly dev: net_device
  dead = false
  /** In the order users see: primaries by scope, then secondaries. */
  ifa_list: in_ifaddr[] = []
  /** Groups joined, with their counts. */
  mc_list = new Map<number, number>()
  readonly cnf: ipv4_devconf
  constructor(dev: net_device) {
    this.dev = dev
    this.cnf = new ipv4_devconf(dev.nd_net.ipv4.devconf_dflt)
  }
}

export function __in_dev_get_rtnl(dev: net_device): in_device | undefined {
  return dev.ip_ptr
}
export function inetdev_by_index(net: net, ifindex: number): in_device | undefined {
  return net.dev_index_head.get(ifindex)?.ip_ptr
}
/** Whether `addr` is in the subnet of `ifa`. */
export function inet_ifa_match(addr: number, ifa: in_ifaddr): boolean {
  return ((addr ^ ifa.ifa_address) & ifa.ifa_mask) === 0
}

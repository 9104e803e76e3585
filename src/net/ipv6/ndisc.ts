/**
 * net/ipv6/ndisc.c: IPv6's table of neighbours. Packets do not move yet: what would be sent makes and uses the entry of its
 * destination, as ip6_finish_output2 does, and nobody answers.
 */
import type { Kernel } from '../../kernel/kernel.ts'
import { NOTIFY_DONE, notifier_block } from '../../kernel/notifier.ts'
import { HZ } from '../../kernel/time.ts'
import { get32 } from '../../lib/bytes.ts'
import { EINVAL, type Errno, isErrno } from '../../uapi/errno.ts'
import { IFF_LOOPBACK, IFF_NOARP, IFF_POINTOPOINT } from '../../uapi/linux/if.ts'
import { ARPHRD_ETHER, ARPHRD_FDDI, ARPHRD_IEEE802, ARPHRD_INFINIBAND, ARPHRD_IPGRE } from '../../uapi/linux/if_arp.ts'
import { IFA_F_OPTIMISTIC, IFA_F_TENTATIVE } from '../../uapi/linux/if_addr.ts'
import { addrconf_addr_solict_mult, type in6_addr, IPV6_ADDR_LINKLOCAL, ipv6_addr_is_multicast } from '../../uapi/linux/in6.ts'
import { DEVCONF_DISABLE_IPV6, DEVCONF_NDISC_EVICT_NOCARRIER } from '../../uapi/linux/ipv6.ts'
import { NUD_NOARP } from '../../uapi/linux/neighbour.ts'
import { RTN_LOCAL, RTN_MULTICAST, RTN_UNICAST } from '../../uapi/linux/rtnetlink.ts'
import { AF_INET6 } from '../../uapi/linux/socket.ts'
import { netif_carrier_ok, register_netdevice_notifier } from '../core/dev.ts'
import {
  NEIGH_ND_TABLE,
  NEIGH_VAR,
  NEIGH_VAR_APP_PROBES,
  NEIGH_VAR_UCAST_PROBES,
  type neigh_ops,
  type neigh_parms,
  type neigh_proto,
  type neigh_table,
  type neighbour,
  neigh_get_dev_parms,
} from '../core/neighbour.ts'
import { neigh_app_ns } from '../core/neighbour_fill.ts'
import { neigh_carrier_down, neigh_changeaddr, neigh_ifdown } from '../core/neighbour_gc.ts'
import { neigh_resolve, neigh_timer_handler } from '../core/neighbour_nud.ts'
import { neigh_stat_create } from '../core/neighbour_procfs.ts'
import { neigh_sysctl_register, neigh_sysctl_unregister } from '../core/neighbour_sysctl.ts'
import { neigh_parms_alloc, neigh_parms_assign, neigh_parms_release, neigh_table_init } from '../core/neighbour_table.ts'
import { NETDEV_CHANGE, NETDEV_CHANGEADDR, NETDEV_DOWN, type net_device, type netdev_notifier_info } from '../core/netdevice.ts'
import type { netlink_ext_ack } from '../netlink/extack.ts'
import { ndisc_ifinfo_sysctl_change } from './ndisc_sysctl.ts'

/** SK_WMEM_DEFAULT */
const QUEUE_BYTES = 212992

/** The link address of an IPv6 group (ndisc_mc_map, RFC 2464 7); false: the link has none. */
export function ndisc_mc_map(addr: in6_addr, buf: Uint8Array, dev: net_device, dir: boolean): boolean {
  switch (dev.type) {
    case ARPHRD_ETHER:
    case ARPHRD_IEEE802:
    case ARPHRD_FDDI:
      buf.set([0x33, 0x33, addr[12], addr[13], addr[14], addr[15]])
      return true
    case ARPHRD_INFINIBAND:
      buf.set([0, 0xff, 0xff, 0xff, 0xff, 0x10 | (dev.broadcast[5] & 0xf), 0x60, 0x1b, dev.broadcast[8], dev.broadcast[9]])
      buf.set(addr.subarray(6, 16), 10)
      return true
    case ARPHRD_IPGRE:
      return gre_mc_map(addr, buf, dev)
    default:
      if (!dir) return false
      buf.set(dev.broadcast.subarray(0, dev.addr_len))
      return true
  }
}
/** ipv6_ipgre_mc_map(): the tunnel's own remote end, or the IPv4 address that a mapped one carries. */
function gre_mc_map(addr: in6_addr, buf: Uint8Array, dev: net_device): boolean {
  if (dev.broadcast.subarray(0, 4).some((b) => b !== 0)) {
    buf.set(dev.broadcast.subarray(0, 4))
    return true
  }
  const mapped = addr.subarray(0, 10).every((b) => b === 0) && addr[10] === 0xff && addr[11] === 0xff
  if (mapped) buf.set(addr.subarray(12, 16))
  return mapped
}

/** A packet to an address on the link makes its entry, or uses it. */
export function ndisc_output(dev: net_device, daddr: in6_addr): void {
  if (dev.ip6_ptr !== undefined) neigh_resolve(nd_tbl(dev.nd_net.kernel), daddr, dev)
}
/** A link-local address that may be used as a source (ipv6_get_lladdr); DAD asks without one. */
function has_lladdr(dev: net_device): boolean {
  const usable = ({ scope, flags }: { scope: number; flags: number }) =>
    scope === IPV6_ADDR_LINKLOCAL && (!(flags & IFA_F_TENTATIVE) || (flags & IFA_F_OPTIMISTIC) !== 0)
  return dev.ip6_ptr?.addr_list.some(usable) ?? false
}
/** `saddr` undefined: one of the device is looked for, and without one nothing is sent; all zeros (DAD) is an address. */
export function ndisc_send_ns(dev: net_device, _solicit: in6_addr, daddr: in6_addr, saddr?: in6_addr, _nonce = 0): void {
  if (saddr !== undefined || has_lladdr(dev)) ndisc_output(dev, daddr)
}
export function ndisc_send_rs(dev: net_device, _saddr: in6_addr, daddr: in6_addr): void {
  ndisc_output(dev, daddr)
}

/** First to the address that is known, then by programs, then to all who may have it. */
export function ndisc_solicit(neigh: neighbour): void {
  const probes = neigh.probes - NEIGH_VAR(neigh.parms, NEIGH_VAR_UCAST_PROBES)
  if (probes < 0) neigh.tbl.kernel.unsupported.count('ipv6', 'neighbour solicitation')
  else if (probes < NEIGH_VAR(neigh.parms, NEIGH_VAR_APP_PROBES)) neigh_app_ns(neigh)
  else ndisc_send_ns(neigh.dev, neigh.primary_key, addrconf_addr_solict_mult(neigh.primary_key))
}

export const ndisc_generic_ops: neigh_ops = { name: 'ndisc_generic_ops', family: AF_INET6, solicit: ndisc_solicit }
/** For links that need no address. */
export const ndisc_direct_ops: neigh_ops = { name: 'ndisc_direct_ops', family: AF_INET6 }

export function ndisc_constructor(neigh: neighbour): Errno | undefined {
  const { dev } = neigh
  const parms = neigh_get_dev_parms(neigh.tbl, dev)
  if (dev.ip6_ptr === undefined || parms === undefined) return EINVAL
  const multicast = ipv6_addr_is_multicast(neigh.primary_key)
  neigh_parms_assign(neigh, parms)
  neigh.type = multicast ? RTN_MULTICAST : RTN_UNICAST
  neigh.ops = dev.header_ops === undefined ? ndisc_direct_ops : ndisc_generic_ops
  if (dev.header_ops === undefined) {
    neigh.nud_state = NUD_NOARP
  } else if (multicast) {
    neigh.nud_state = NUD_NOARP
    ndisc_mc_map(neigh.primary_key, neigh.ha, dev, true)
  } else if (dev.flags & (IFF_NOARP | IFF_LOOPBACK)) {
    neigh.nud_state = NUD_NOARP
    neigh.ha.set(dev.dev_addr.subarray(0, dev.addr_len))
    if (dev.flags & IFF_LOOPBACK) neigh.type = RTN_LOCAL
  } else if (dev.flags & IFF_POINTOPOINT) {
    neigh.nud_state = NUD_NOARP
    neigh.ha.set(dev.broadcast.subarray(0, dev.addr_len))
  }
  return undefined
}

export function ndisc_hash(key: Uint8Array, dev: net_device, rnd: Uint32Array): number {
  const first = Math.imul(get32(key, 0) ^ Math.imul(dev.ifindex, 0x61c88647), rnd[0])
  return (first + Math.imul(get32(key, 4), rnd[1]) + Math.imul(get32(key, 8), rnd[2]) + Math.imul(get32(key, 12), rnd[3])) | 0
}
export function ndisc_is_multicast(key: Uint8Array): boolean {
  return ipv6_addr_is_multicast(key)
}
export function ndisc_allow_add(dev: net_device, extack: netlink_ext_ack): boolean {
  const idev = dev.ip6_ptr
  if (idev !== undefined && idev.cnf.get(DEVCONF_DISABLE_IPV6) === 0) return true
  extack.warn('IPv6 is disabled on this device')
  return false
}

export const ndisc_proto: neigh_proto = {
  id: 'ndisc_cache',
  family: AF_INET6,
  key_len: 16,
  entry_size: 416,
  // mcast, ucast, app, mcast again; retrans, base reachable, delay, interval, stale; queue; proxy queue, anycast, proxy, locktime
  data: [3, 3, 0, 0, HZ, 30 * HZ, 5 * HZ, 5 * HZ, 60 * HZ, QUEUE_BYTES, 64, HZ, (8 * HZ) / 10, 0],
  default_ops: ndisc_generic_ops,
  timer: neigh_timer_handler,
  hash: ndisc_hash,
  constructor_: ndisc_constructor,
  is_multicast: ndisc_is_multicast,
  allow_add: ndisc_allow_add,
}

/** Undefined until ndisc_init(). */
export function nd_tbl(kernel: Kernel): neigh_table {
  return kernel.neigh.tables[NEIGH_ND_TABLE] as neigh_table
}

/** ipv6_add_dev(): the device's settings (idev.nd_parms), with their files. */
export function ndisc_add_dev(dev: net_device): neigh_parms | Errno {
  const parms = neigh_parms_alloc(dev, nd_tbl(dev.nd_net.kernel))
  const error = neigh_sysctl_register(parms, ndisc_ifinfo_sysctl_change)
  return isErrno(error) ? error : parms
}
/** addrconf_ifdown() of a device that goes: the settings, then all entries. */
export function ndisc_del_dev(dev: net_device): void {
  const tbl = nd_tbl(dev.nd_net.kernel)
  const parms = neigh_get_dev_parms(tbl, dev)
  if (parms !== undefined) {
    neigh_sysctl_unregister(parms)
    neigh_parms_release(tbl, parms)
  }
  neigh_ifdown(tbl, dev)
}
/** A device with another name: its files move (addrconf_sysctl_unregister, addrconf_sysctl_register). */
export function ndisc_changename(dev: net_device): void {
  const parms = neigh_get_dev_parms(nd_tbl(dev.nd_net.kernel), dev)
  if (parms === undefined) return
  neigh_sysctl_unregister(parms)
  neigh_sysctl_register(parms, ndisc_ifinfo_sysctl_change)
}
/** rt6_disable_ip(): when the routes through the device are gone. */
export function ndisc_ifdown(dev: net_device): void {
  neigh_ifdown(nd_tbl(dev.nd_net.kernel), dev)
}

/** On the netdev chain, registered by ndisc_late_init. */
export function ndisc_netdev_event(nb: notifier_block, event: number, { dev, flags_changed }: netdev_notifier_info): number {
  const tbl = nd_tbl(nb.data as Kernel)
  if (event === NETDEV_CHANGEADDR) neigh_changeaddr(tbl, dev)
  if (event === NETDEV_CHANGE) {
    if ((flags_changed ?? 0) & IFF_NOARP) neigh_changeaddr(tbl, dev)
    const evicts = dev.ip6_ptr === undefined || dev.ip6_ptr.cnf.get(DEVCONF_NDISC_EVICT_NOCARRIER) !== 0
    if (evicts && !netif_carrier_ok(dev)) neigh_carrier_down(tbl, dev)
  }
  if (event === NETDEV_DOWN) neigh_ifdown(tbl, dev)
  return NOTIFY_DONE
}

/** Called from inet6_init(): the table, before addresses. */
export function ndisc_init(kernel: Kernel): Errno | undefined {
  const tbl = neigh_table_init(kernel, NEIGH_ND_TABLE, ndisc_proto)
  neigh_stat_create(tbl)
  return neigh_sysctl_register(tbl.parms, ndisc_ifinfo_sysctl_change)
}
/** Called from inet6_init() when addrconf and routes listen already: entries go after them. */
export function ndisc_late_init(kernel: Kernel): Errno | undefined {
  return register_netdevice_notifier(kernel, new notifier_block(ndisc_netdev_event, kernel))
}

/**
 * net/ipv6/ndisc.c: IPv6's table of neighbours. Its messages are in ndisc_send.ts (what goes out), ndisc_rcv.ts (who is
 * asked and who answers), ndisc_router.ts (routers) and ndisc_redirect.ts.
 */
import type { Kernel } from '../../kernel/kernel.ts'
import { NOTIFY_DONE, notifier_block } from '../../kernel/notifier.ts'
import { HZ } from '../../kernel/time.ts'
import { get32 } from '../../lib/bytes.ts'
import { EINVAL, type Errno } from '../../uapi/errno.ts'
import { ICMPV6_ADDR_UNREACH, ICMPV6_DEST_UNREACH } from '../../uapi/linux/icmpv6.ts'
import { IFF_LOOPBACK, IFF_NOARP, IFF_POINTOPOINT } from '../../uapi/linux/if.ts'
import { ARPHRD_ETHER, ARPHRD_FDDI, ARPHRD_IEEE802, ARPHRD_INFINIBAND, ARPHRD_IPGRE } from '../../uapi/linux/if_arp.ts'
import { IFA_F_OPTIMISTIC, IFA_F_TENTATIVE } from '../../uapi/linux/if_addr.ts'
import { addrconf_addr_solict_mult, type in6_addr, ipv6_addr_is_multicast } from '../../uapi/linux/in6.ts'
import { DEVCONF_DISABLE_IPV6, DEVCONF_NDISC_EVICT_NOCARRIER, DEVCONF_NDISC_NOTIFY } from '../../uapi/linux/ipv6.ts'
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
import { neigh_timer_handler } from '../core/neighbour_nud.ts'
import { neigh_direct_output, neigh_resolve_output } from '../core/neighbour_output.ts'
import { neigh_stat_create } from '../core/neighbour_procfs.ts'
import { neigh_sysctl_register } from '../core/neighbour_sysctl.ts'
import { neigh_parms_alloc, neigh_parms_assign, neigh_parms_release, neigh_table_init } from '../core/neighbour_table.ts'
import {
  NETDEV_CHANGE,
  NETDEV_CHANGEADDR,
  NETDEV_DOWN,
  NETDEV_NOTIFY_PEERS,
  NETDEV_UP,
  type net_device,
  type netdev_notifier_info,
} from '../core/netdevice.ts'
import { kfree_skb, type sk_buff } from '../core/skbuff.ts'
import type { netlink_ext_ack } from '../netlink/extack.ts'
import { __ipv6_chk_addr_and_flags } from './addrconf_core.ts'
import { icmpv6_send } from './icmp.ts'
import { ip6_saddr } from './ipv6_hdr.ts'
import { ndisc_send_ns, ndisc_send_unsol_na } from './ndisc_send.ts'
import { ndisc_proxy_redo, pndisc_constructor, pndisc_destructor } from './ndisc_proxy.ts'
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

/**
 * First to the address that is known, then by programs, then to all who may have it. The packet that waits says from which
 * of our addresses it will come.
 */
export function ndisc_solicit(neigh: neighbour, skb: sk_buff | undefined): void {
  const { dev, primary_key: target, parms } = neigh
  const waiting = skb === undefined || skb.network_header < 0 ? undefined : ip6_saddr(skb)
  const banned = IFA_F_TENTATIVE | IFA_F_OPTIMISTIC
  const ours = waiting !== undefined && __ipv6_chk_addr_and_flags(dev.nd_net, waiting, dev, false, true, banned) !== undefined
  const saddr = ours ? waiting : undefined
  const probes = neigh.probes - NEIGH_VAR(parms, NEIGH_VAR_UCAST_PROBES)
  if (probes < 0) ndisc_send_ns(dev, target, target, saddr)
  else if (probes < NEIGH_VAR(parms, NEIGH_VAR_APP_PROBES)) neigh_app_ns(neigh)
  else ndisc_send_ns(dev, target, addrconf_addr_solict_mult(target), saddr)
}
/** Nobody answered: the sender of the packet hears of it. */
export function ndisc_error_report(_neigh: neighbour, skb: sk_buff): void {
  icmpv6_send(skb, ICMPV6_DEST_UNREACH, ICMPV6_ADDR_UNREACH, 0)
  kfree_skb(skb)
}

export const ndisc_generic_ops: neigh_ops = {
  name: 'ndisc_generic_ops',
  family: AF_INET6,
  solicit: ndisc_solicit,
  error_report: ndisc_error_report,
  output: neigh_resolve_output,
}
/** For links that need no address. */
export const ndisc_direct_ops: neigh_ops = { name: 'ndisc_direct_ops', family: AF_INET6, output: neigh_direct_output }

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
  pconstructor: pndisc_constructor,
  pdestructor: pndisc_destructor,
  proxy_redo: ndisc_proxy_redo,
  is_multicast: ndisc_is_multicast,
  allow_add: ndisc_allow_add,
}

/** Undefined until ndisc_init(). */
export function nd_tbl(kernel: Kernel): neigh_table {
  return kernel.neigh.tables[NEIGH_ND_TABLE] as neigh_table
}

/** ipv6_add_dev(): the device's settings (idev.nd_parms), with their files. */
export function ndisc_add_dev(dev: net_device): neigh_parms {
  const parms = neigh_parms_alloc(dev, nd_tbl(dev.nd_net.kernel))
  parms.listed = true
  return parms
}
/** addrconf_ifdown() of a device that goes: the settings, then all entries. */
export function ndisc_del_dev(dev: net_device): void {
  const tbl = nd_tbl(dev.nd_net.kernel)
  const parms = neigh_get_dev_parms(tbl, dev)
  if (parms !== undefined) {
    parms.listed = false
    neigh_parms_release(tbl, parms)
  }
  neigh_ifdown(tbl, dev)
}
/** rt6_disable_ip(): when the routes through the device are gone. */
export function ndisc_ifdown(dev: net_device): void {
  neigh_ifdown(nd_tbl(dev.nd_net.kernel), dev)
}

/** On the netdev chain, registered by ndisc_late_init. */
export function ndisc_netdev_event(nb: notifier_block, event: number, { dev, flags_changed }: netdev_notifier_info): number {
  const tbl = nd_tbl(nb.data as Kernel)
  if (event === NETDEV_CHANGEADDR) neigh_changeaddr(tbl, dev)
  if (event === NETDEV_CHANGEADDR || event === NETDEV_UP) {
    const tells = dev.ip6_ptr?.cnf.get(DEVCONF_NDISC_NOTIFY) || dev.nd_net.ipv6.devconf_all.get(DEVCONF_NDISC_NOTIFY)
    if (dev.ip6_ptr !== undefined && tells) ndisc_send_unsol_na(dev)
  }
  if (event === NETDEV_NOTIFY_PEERS) ndisc_send_unsol_na(dev)
  if (event === NETDEV_CHANGE) {
    if ((flags_changed ?? 0) & IFF_NOARP) neigh_changeaddr(tbl, dev)
    const conf = dev.ip6_ptr === undefined ? [] : [dev.ip6_ptr.cnf, dev.nd_net.ipv6.devconf_all]
    const evicts = conf.every((cnf) => cnf.get(DEVCONF_NDISC_EVICT_NOCARRIER) !== 0)
    if (evicts && !netif_carrier_ok(dev)) neigh_carrier_down(tbl, dev)
  }
  if (event === NETDEV_DOWN) neigh_ifdown(tbl, dev)
  return NOTIFY_DONE
}

/** Called from inet6_init(): the table, before addresses. */
export function ndisc_init(kernel: Kernel): Errno | undefined {
  const tbl = neigh_table_init(kernel, NEIGH_ND_TABLE, ndisc_proto)
  neigh_stat_create(tbl)
  return neigh_sysctl_register(tbl, ndisc_ifinfo_sysctl_change)
}
/** Called from inet6_init() when addrconf and routes listen already: entries go after them. */
export function ndisc_late_init(kernel: Kernel): Errno | undefined {
  return register_netdevice_notifier(kernel, new notifier_block(ndisc_netdev_event, kernel))
}

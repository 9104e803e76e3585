/**
 * net/ipv4/arp.c: IPv4's table of neighbours. arp_send.ts and arp_rcv.ts have the frames, arp_ioctl.ts what `arp` asks for,
 * arp_procfs.ts /proc/net/arp.
 */
import type { Kernel } from '../../kernel/kernel.ts'
import { NOTIFY_DONE, notifier_block } from '../../kernel/notifier.ts'
import { HZ } from '../../kernel/time.ts'
import { get32, getBe32, swab32 } from '../../lib/bytes.ts'
import { EINVAL, type Errno, isErrno } from '../../uapi/errno.ts'
import { IFF_LOOPBACK, IFF_NOARP, IFF_POINTOPOINT } from '../../uapi/linux/if.ts'
import { ARPHRD_ETHER, ARPHRD_FDDI, ARPHRD_IEEE802, ARPHRD_INFINIBAND, ARPHRD_IPGRE } from '../../uapi/linux/if_arp.ts'
import { ETH_P_ARP, ETH_P_IP } from '../../uapi/linux/if_ether.ts'
import { ipv4_is_multicast } from '../../uapi/linux/in.ts'
import { IPV4_DEVCONF_ARP_ANNOUNCE, IPV4_DEVCONF_ARP_EVICT_NOCARRIER } from '../../uapi/linux/ip.ts'
import { NUD_FAILED, NUD_NOARP } from '../../uapi/linux/neighbour.ts'
import { RT_SCOPE_LINK, RTN_BROADCAST, RTN_LOCAL, RTN_MULTICAST } from '../../uapi/linux/rtnetlink.ts'
import { AF_INET } from '../../uapi/linux/socket.ts'
import { dev_add_pack, netif_carrier_ok, packet_type, register_netdevice_notifier } from '../core/dev.ts'
import {
  NEIGH_ARP_TABLE,
  NEIGH_UPDATE_F_ADMIN,
  NEIGH_UPDATE_F_OVERRIDE,
  NEIGH_VAR,
  NEIGH_VAR_APP_PROBES,
  NEIGH_VAR_UCAST_PROBES,
  type neigh_ops,
  type neigh_proto,
  type neigh_table,
  type neighbour,
  NUD_VALID,
} from '../core/neighbour.ts'
import { neigh_app_ns } from '../core/neighbour_fill.ts'
import { neigh_carrier_down, neigh_changeaddr, neigh_ifdown } from '../core/neighbour_gc.ts'
import { neigh_timer_handler, neigh_update } from '../core/neighbour_nud.ts'
import { neigh_direct_output, neigh_resolve_output } from '../core/neighbour_output.ts'
import { neigh_stat_create } from '../core/neighbour_procfs.ts'
import { neigh_sysctl_register } from '../core/neighbour_sysctl.ts'
import { neigh_lookup, neigh_parms_assign, neigh_release, neigh_remove_one, neigh_table_init } from '../core/neighbour_table.ts'
import { NETDEV_CHANGE, NETDEV_CHANGEADDR, type net_device, type netdev_notifier_info } from '../core/netdevice.ts'
import { kfree_skb, type sk_buff } from '../core/skbuff.ts'
import { arp_proc_init } from './arp_procfs.ts'
import { arp_rcv, parp_redo } from './arp_rcv.ts'
import { arp_send } from './arp_send.ts'
import { inet_addr_onlink, inet_select_addr } from './devinet_select.ts'
import { inet_addr_type_dev_table } from './fib_tables.ts'
import { ipv4_link_failure } from './icmp_send.ts'
import { in_dev_andconf, in_dev_maxconf, type in_device } from './in_device.ts'

/** SK_WMEM_DEFAULT: bytes of packets that may wait for one address. */
const QUEUE_BYTES = 212992

/** The link address of an IPv4 group (arp_mc_map); false: the link has none. */
export function arp_mc_map(addr: number, haddr: Uint8Array, dev: net_device, dir: boolean): boolean {
  switch (dev.type) {
    case ARPHRD_ETHER:
    case ARPHRD_FDDI:
    case ARPHRD_IEEE802:
      haddr.set([0x01, 0x00, 0x5e, (addr >>> 16) & 0x7f, (addr >>> 8) & 0xff, addr & 0xff])
      return true
    case ARPHRD_INFINIBAND:
      // ip_ib_mc_map(): scope and partition key come from the broadcast address
      haddr.set([0, 0xff, 0xff, 0xff, 0xff, 0x10 | (dev.broadcast[5] & 0xf), 0x40, 0x1b, dev.broadcast[8], dev.broadcast[9]])
      haddr.set([0, 0, 0, 0, 0, 0, (addr >>> 24) & 0x0f, (addr >>> 16) & 0xff, (addr >>> 8) & 0xff, addr & 0xff], 10)
      return true
    case ARPHRD_IPGRE:
      if (dev.broadcast.subarray(0, dev.addr_len).some((b) => b !== 0)) haddr.set(dev.broadcast.subarray(0, 4))
      else haddr.set([addr >>> 24, addr >>> 16, addr >>> 8, addr])
      return true
    default:
      if (!dir) return false
      haddr.set(dev.broadcast.subarray(0, dev.addr_len))
      return true
  }
}

/**
 * The address that a question comes from (arp_announce). 0: that of the packet that waits, if it is ours; 1: only if the
 * target is in its subnet; 2: one that fits the target.
 */
function announced(neigh: neighbour, skb: sk_buff | undefined, target: number): number {
  const { dev } = neigh
  const in_dev = dev.ip_ptr
  const level = in_dev === undefined ? 0 : in_dev_maxconf(in_dev, IPV4_DEVCONF_ARP_ANNOUNCE)
  const ip = skb !== undefined && skb.protocol === ETH_P_IP && skb.network_header >= 0
  const waiting = ip && in_dev !== undefined && level < 2 ? getBe32(skb.buf, skb.network_header + 12) : 0
  if (waiting !== 0 && inet_addr_type_dev_table(dev.nd_net, dev, waiting) === RTN_LOCAL) {
    if (level === 0 || inet_addr_onlink(in_dev as in_device, target, waiting)) return waiting
  }
  return inet_select_addr(dev, target, RT_SCOPE_LINK)
}
/** First to the address that is known, then by programs, then to all. */
export function arp_solicit(neigh: neighbour, skb: sk_buff | undefined): void {
  const past_unicast = neigh.probes - NEIGH_VAR(neigh.parms, NEIGH_VAR_UCAST_PROBES)
  if (past_unicast >= 0 && past_unicast < NEIGH_VAR(neigh.parms, NEIGH_VAR_APP_PROBES)) {
    neigh_app_ns(neigh)
    return
  }
  const { dev, ha } = neigh
  const target = getBe32(neigh.primary_key, 0)
  arp_send(dev, announced(neigh, skb, target), target, past_unicast < 0 ? ha.slice(0, dev.addr_len) : undefined)
}
/** Nobody answered: the sender of the packet hears of it. */
export function arp_error_report(_neigh: neighbour, skb: sk_buff): void {
  ipv4_link_failure(skb)
  kfree_skb(skb)
}

export const arp_generic_ops: neigh_ops = {
  name: 'arp_generic_ops',
  family: AF_INET,
  solicit: arp_solicit,
  error_report: arp_error_report,
  output: neigh_resolve_output,
}
/** For links that need no address. */
export const arp_direct_ops: neigh_ops = { name: 'arp_direct_ops', family: AF_INET, output: neigh_direct_output }

/** On loopback and point-to-point links one entry stands for every address. */
export function arp_constructor(neigh: neighbour): Errno | undefined {
  const { dev } = neigh
  if (dev.flags & (IFF_LOOPBACK | IFF_POINTOPOINT)) neigh.primary_key.fill(0)
  const in_dev = dev.ip_ptr
  if (in_dev === undefined) return EINVAL
  const addr = getBe32(neigh.primary_key, 0)
  neigh.type = inet_addr_type_dev_table(dev.nd_net, dev, addr)
  neigh_parms_assign(neigh, in_dev.arp_parms)
  neigh.ops = dev.header_ops === undefined ? arp_direct_ops : arp_generic_ops
  if (dev.header_ops === undefined) {
    neigh.nud_state = NUD_NOARP
  } else if (neigh.type === RTN_MULTICAST) {
    neigh.nud_state = NUD_NOARP
    arp_mc_map(addr, neigh.ha, dev, true)
  } else if (dev.flags & (IFF_NOARP | IFF_LOOPBACK)) {
    neigh.nud_state = NUD_NOARP
    neigh.ha.set(dev.dev_addr.subarray(0, dev.addr_len))
  } else if (neigh.type === RTN_BROADCAST || dev.flags & IFF_POINTOPOINT) {
    neigh.nud_state = NUD_NOARP
    neigh.ha.set(dev.broadcast.subarray(0, dev.addr_len))
  }
  return undefined
}

/** Linux hashes the device's place in memory; its index does as well, and is the same in every run. */
export function arp_hash(key: Uint8Array, dev: net_device, rnd: Uint32Array): number {
  return hash_of(get32(key, 0), dev, rnd)
}
function hash_of(word: number, dev: net_device, rnd: Uint32Array): number {
  return Math.imul(word ^ Math.imul(dev.ifindex, 0x61c88647), rnd[0])
}
/** The address as a key; links that need none have one entry for all. */
export function arp_key(dev: net_device, addr: number): number {
  return dev.flags & (IFF_LOOPBACK | IFF_POINTOPOINT) ? 0 : addr
}
/** __ipv4_neigh_lookup_noref(): __neigh_lookup_noref() of an address that is a number. */
export function __ipv4_neigh_lookup_noref({ nht }: neigh_table, dev: net_device, addr: number): neighbour | undefined {
  const key = arp_key(dev, addr)
  let n = nht.buckets[(hash_of(swab32(key), dev, nht.hash_rnd) >>> 0) >>> (32 - nht.hash_shift)]
  while (n !== undefined && (n.dev !== dev || getBe32(n.primary_key, 0) !== key)) n = n.next
  return n
}
export function arp_is_multicast(key: Uint8Array): boolean {
  return ipv4_is_multicast(getBe32(key, 0))
}

export const arp_proto: neigh_proto = {
  id: 'arp_cache',
  family: AF_INET,
  key_len: 4,
  entry_size: 408,
  // mcast, ucast, app, mcast again; retrans, base reachable, delay, interval, stale; queue; proxy queue, anycast, proxy, locktime
  data: [3, 3, 0, 0, HZ, 30 * HZ, 5 * HZ, 5 * HZ, 60 * HZ, QUEUE_BYTES, 64, HZ, (8 * HZ) / 10, HZ],
  default_ops: arp_generic_ops,
  timer: neigh_timer_handler,
  hash: arp_hash,
  constructor_: arp_constructor,
  proxy_redo: parp_redo,
  is_multicast: arp_is_multicast,
}

export function arp_tbl(kernel: Kernel): neigh_table {
  return kernel.neigh.tables[NEIGH_ARP_TABLE] as neigh_table
}

/** An entry that is of no use any more; `force`: even one that is. */
export function arp_invalidate(dev: net_device, key: Uint8Array, force: boolean): boolean {
  const neigh = neigh_lookup(arp_tbl(dev.nd_net.kernel), key, dev)
  if (neigh === undefined) return false
  if (neigh.nud_state & NUD_VALID && !force) {
    neigh_release(neigh)
    return true
  }
  let found = false
  if (neigh.nud_state & ~NUD_NOARP) {
    found = !isErrno(neigh_update(neigh, undefined, NUD_FAILED, NEIGH_UPDATE_F_OVERRIDE | NEIGH_UPDATE_F_ADMIN, 0))
  }
  neigh_release(neigh)
  neigh_remove_one(neigh)
  return found
}

/** On the netdev chain, ahead of inetdev_event: arp_init comes first. */
export function arp_netdev_event(nb: notifier_block, event: number, { dev, flags_changed }: netdev_notifier_info): number {
  const tbl = arp_tbl(nb.data as Kernel)
  if (event === NETDEV_CHANGEADDR) neigh_changeaddr(tbl, dev)
  if (event === NETDEV_CHANGE) {
    if ((flags_changed ?? 0) & IFF_NOARP) neigh_changeaddr(tbl, dev)
    const evicts = dev.ip_ptr === undefined || in_dev_andconf(dev.ip_ptr, IPV4_DEVCONF_ARP_EVICT_NOCARRIER)
    if (evicts && !netif_carrier_ok(dev)) neigh_carrier_down(tbl, dev)
  }
  return NOTIFY_DONE
}
/** Not on the chain: routes through the device must be gone first (fib_disable_ip). */
export function arp_ifdown(dev: net_device): void {
  neigh_ifdown(arp_tbl(dev.nd_net.kernel), dev)
}

/** Called from inet_init() before all else that watches devices. */
export function arp_init(kernel: Kernel): void {
  const tbl = neigh_table_init(kernel, NEIGH_ARP_TABLE, arp_proto)
  neigh_stat_create(tbl)
  arp_proc_init(kernel)
  neigh_sysctl_register(tbl)
  dev_add_pack(kernel, new packet_type(ETH_P_ARP, arp_rcv))
  register_netdevice_notifier(kernel, new notifier_block(arp_netdev_event, kernel))
}

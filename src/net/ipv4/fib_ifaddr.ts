/** net/ipv4/fib_frontend.c fib_magic, fib_add_ifaddr, fib_del_ifaddr: the routes that an address implies. */

import { KERN_WARNING } from '../../kernel/printk.ts'
import { IFF_LOOPBACK, IFF_UP } from '../../uapi/linux/if.ts'
import { IFA_F_NOPREFIXROUTE, IFA_F_SECONDARY } from '../../uapi/linux/if_addr.ts'
import { ipv4_is_zeronet } from '../../uapi/linux/in.ts'
import { NLM_F_APPEND, NLM_F_CREATE } from '../../uapi/linux/netlink.ts'
import {
  RT_SCOPE_HOST,
  RT_SCOPE_LINK,
  RT_TABLE_LOCAL,
  RT_TABLE_MAIN,
  RTM_DELROUTE,
  RTM_NEWROUTE,
  RTN_BROADCAST,
  RTN_LOCAL,
  RTN_UNICAST,
  RTPROT_KERNEL,
} from '../../uapi/linux/rtnetlink.ts'
import { l3mdev_fib_table } from '../core/l3mdev.ts'
import type { net_device } from '../core/netdevice.ts'
import { arp_invalidate } from './arp.ts'
import { fib_config } from './fib_semantics.ts'
import { fib_sync_down_addr } from './fib_sync.ts'
import { fib_flush, fib_table_delete, fib_table_insert } from './fib_table.ts'
import { fib_new_table, inet_addr_type_dev_table } from './fib_tables.ts'
import { ifa_is_secondary, type in_device, type in_ifaddr, inet_find_ifa, inet_ifa_byprefix, inet_ifa_match } from './in_device.ts'
import { put_addr4 } from './ip_hdr.ts'

/** A change of the kernel's own, as if it had come by message: what is there already, or not there, is passed over. */
function fib_magic(cmd: number, type: number, dst: number, dst_len: number, ifa: in_ifaddr, priority: number): void {
  const { dev } = ifa.ifa_dev
  const net = dev.nd_net
  const tb = fib_new_table(net, l3mdev_fib_table(dev) || (type === RTN_UNICAST ? RT_TABLE_MAIN : RT_TABLE_LOCAL))
  const cfg = new fib_config(net)
  cfg.fc_protocol = RTPROT_KERNEL
  cfg.fc_type = type
  cfg.fc_dst = dst
  cfg.fc_dst_len = dst_len
  cfg.fc_priority = priority
  cfg.fc_prefsrc = ifa.ifa_local
  cfg.fc_oif = dev.ifindex
  cfg.fc_nlflags = NLM_F_CREATE | NLM_F_APPEND
  cfg.fc_table = tb.tb_id
  cfg.fc_scope = type === RTN_LOCAL ? RT_SCOPE_HOST : RT_SCOPE_LINK
  if (cmd === RTM_NEWROUTE) fib_table_insert(net, tb, cfg)
  else fib_table_delete(net, tb, cfg)
}

function warn(dev: net_device, fn: string, what: string): void {
  dev.nd_net.kernel.printk(KERN_WARNING, `${fn}: bug: ${what}`)
}
function prefix_type(dev: net_device): number {
  return dev.flags & IFF_LOOPBACK ? RTN_LOCAL : RTN_UNICAST
}
/** Whether an address stands for a network: not 0/8, and more than the address itself. */
function has_prefix(ifa: in_ifaddr, prefix: number): boolean {
  return !ipv4_is_zeronet(prefix) && (prefix !== ifa.ifa_local || ifa.ifa_prefixlen < 32)
}

/** Local route at once, the others only while the device is up: its coming up calls this again. The order is visible. */
export function fib_add_ifaddr(ifa: in_ifaddr): void {
  const { ifa_dev: in_dev, ifa_mask: mask } = ifa
  const { dev } = in_dev
  const prefix = (ifa.ifa_address & mask) >>> 0
  let prim: in_ifaddr | undefined = ifa
  if (ifa_is_secondary(ifa)) {
    prim = inet_ifa_byprefix(in_dev, prefix, mask)
    if (prim === undefined) return warn(dev, 'fib_add_ifaddr', 'prim == NULL')
  }
  fib_magic(RTM_NEWROUTE, RTN_LOCAL, ifa.ifa_local, 32, prim, 0)
  if (!(dev.flags & IFF_UP)) return
  const { ifa_broadcast: brd } = ifa
  if (brd !== 0 && brd !== 0xffffffff) add_broadcast(brd, prim)
  if (ifa_is_secondary(ifa) || !has_prefix(ifa, prefix)) return
  if (!(ifa.ifa_flags & IFA_F_NOPREFIXROUTE)) {
    fib_magic(RTM_NEWROUTE, prefix_type(dev), prefix, ifa.ifa_prefixlen, prim, ifa.ifa_rt_priority)
  }
  // the network's own broadcast, where there is room for one
  if (ifa.ifa_prefixlen < 31) add_broadcast((prefix | ~mask) >>> 0, prim)
}
/** What was being resolved as a neighbour is one no more. */
function add_broadcast(brd: number, prim: in_ifaddr): void {
  const { dev } = prim.ifa_dev
  fib_magic(RTM_NEWROUTE, RTN_BROADCAST, brd, 32, prim, 0)
  arp_invalidate(dev, put_addr4(brd), false)
}

/** The prefix route with another metric: the new one comes before the old one goes (fib_modify_prefix_metric). */
export function fib_modify_prefix_metric(ifa: in_ifaddr, new_metric: number): void {
  const { dev } = ifa.ifa_dev
  const prefix = (ifa.ifa_address & ifa.ifa_mask) >>> 0
  if (!(dev.flags & IFF_UP) || ifa.ifa_flags & (IFA_F_SECONDARY | IFA_F_NOPREFIXROUTE) || !has_prefix(ifa, prefix)) return
  fib_magic(RTM_NEWROUTE, prefix_type(dev), prefix, ifa.ifa_prefixlen, ifa, new_metric)
  fib_magic(RTM_DELROUTE, prefix_type(dev), prefix, ifa.ifa_prefixlen, ifa, ifa.ifa_rt_priority)
}

/** What other addresses of the device still need. */
const LOCAL_OK = 1
const BRD_OK = 2
const BRD0_OK = 4
const BRD1_OK = 8

/**
 * Takes the routes of an address away, but for those that another address of the device needs too. With `iprim` (its
 * secondaries are being promoted) the addresses of that subnet count as gone, though they are still listed.
 */
export function fib_del_ifaddr(ifa: in_ifaddr, iprim?: in_ifaddr): void {
  const { ifa_dev: in_dev } = ifa
  const { dev } = in_dev
  const brd = (ifa.ifa_address | ~ifa.ifa_mask) >>> 0
  const any = (ifa.ifa_address & ifa.ifa_mask) >>> 0
  let prim: in_ifaddr | undefined = ifa
  let subnet = false
  if (ifa_is_secondary(ifa)) {
    prim = inet_ifa_byprefix(in_dev, any, ifa.ifa_mask)
    if (prim === undefined) return in_dev.dead ? undefined : warn(dev, 'fib_del_ifaddr', 'prim == NULL')
    if (iprim !== undefined && iprim !== prim) return warn(dev, 'fib_del_ifaddr', 'iprim != prim')
  } else if (has_prefix(ifa, any)) {
    if (!(ifa.ifa_flags & IFA_F_NOPREFIXROUTE)) fib_magic(RTM_DELROUTE, prefix_type(dev), any, ifa.ifa_prefixlen, prim, 0)
    subnet = true
  }
  const ok = in_dev.dead ? 0 : still_needed(in_dev, ifa, prim, iprim, brd, any)
  const gone = !in_dev.ifa_head.includes(ifa)
  if (!(ok & BRD_OK)) fib_magic(RTM_DELROUTE, RTN_BROADCAST, ifa.ifa_broadcast, 32, prim, 0)
  if (subnet && ifa.ifa_prefixlen < 31) {
    if (!(ok & BRD1_OK)) fib_magic(RTM_DELROUTE, RTN_BROADCAST, brd, 32, prim, 0)
    if (!(ok & BRD0_OK)) fib_magic(RTM_DELROUTE, RTN_BROADCAST, any, 32, prim, 0)
  }
  if (ok & LOCAL_OK) return
  fib_magic(RTM_DELROUTE, RTN_LOCAL, ifa.ifa_local, 32, prim, 0)
  // no device has it any more: routes that prefer it as source go too
  if (gone && inet_addr_type_dev_table(dev.nd_net, dev, ifa.ifa_local) !== RTN_LOCAL) {
    if (fib_sync_down_addr(dev, ifa.ifa_local) > 0) fib_flush(dev.nd_net)
  }
}

/**
 * Which routes of `ifa` other addresses give too: only those that share its source address count, since the source is part
 * of the route. These are the primaries with that address, and the secondaries of their subnets.
 */
function still_needed(in_dev: in_device, ifa: in_ifaddr, prim: in_ifaddr, iprim: in_ifaddr | undefined, brd: number, any: number): number {
  const local = inet_find_ifa(in_dev, ifa.ifa_local).some((ifa1) => ifa1 !== ifa)
  const most = (local ? LOCAL_OK : 0) | (ifa_is_secondary(ifa) ? BRD_OK : BRD_OK | BRD0_OK | BRD1_OK)
  let ok = 0
  for (const prim1 of new Set([prim, ...inet_find_ifa(in_dev, prim.ifa_local)])) {
    const first = inet_ifa_byprefix(in_dev, prim1.ifa_address, prim1.ifa_mask)
    if (first === undefined || (prim1 !== prim && first !== prim1)) continue
    if (iprim !== undefined && first.ifa_mask === iprim.ifa_mask && inet_ifa_match(first.ifa_address, iprim)) continue
    if (first !== ifa) ok |= given_by(ifa, first, first === prim1, brd, any)
    for (const ifa1 of first.subnet_others ?? []) {
      if ((ok & most) === most) break
      if (ifa1 !== ifa) ok |= given_by(ifa, ifa1, false, brd, any)
    }
  }
  return ok
}
function given_by(ifa: in_ifaddr, ifa1: in_ifaddr, primary: boolean, brd: number, any: number): number {
  let ok = 0
  if (ifa.ifa_local === ifa1.ifa_local) ok |= LOCAL_OK
  if (ifa.ifa_broadcast === ifa1.ifa_broadcast) ok |= BRD_OK
  if (brd === ifa1.ifa_broadcast) ok |= BRD1_OK
  if (any === ifa1.ifa_broadcast) ok |= BRD0_OK
  return primary && ifa1.ifa_prefixlen < 31 ? ok | network_broadcasts(ifa, ifa1, brd, any) : ok
}
/** A primary has the broadcasts of its network beside the one assigned. */
function network_broadcasts(ifa: in_ifaddr, ifa1: in_ifaddr, brd: number, any: number): number {
  const brd1 = (ifa1.ifa_address | ~ifa1.ifa_mask) >>> 0
  const any1 = (ifa1.ifa_address & ifa1.ifa_mask) >>> 0
  if (ipv4_is_zeronet(any1)) return 0
  let ok = 0
  if (ifa.ifa_broadcast === brd1 || ifa.ifa_broadcast === any1) ok |= BRD_OK
  if (brd === brd1 || brd === any1) ok |= BRD1_OK
  if (any === brd1 || any === any1) ok |= BRD0_OK
  return ok
}

/** net/ipv4/igmp.c: the groups of a device. What is said of them is in igmp_report.ts, who asks in igmp_rcv.ts. */
import { EADDRINUSE, EINVAL, ENOBUFS, type Errno } from '../../uapi/errno.ts'
import { IFF_UP } from '../../uapi/linux/if.ts'
import { ARPHRD_ETHER } from '../../uapi/linux/if_arp.ts'
import { IPPROTO_IGMP, ipv4_is_multicast, MCAST_EXCLUDE } from '../../uapi/linux/in.ts'
import { dev_mc_add, dev_mc_del } from '../core/dev.ts'
import type { net } from '../core/net_namespace.ts'
import type { net_device } from '../core/netdevice.ts'
import { IGMP_ALL_HOSTS, igmp_group_added, igmp_group_dropped, igmp_ifc_event, igmp_of, igmp_stop, ip_mc_list } from './igmp_report.ts'
import { put_addr4 } from './ip_hdr.ts'
import { mc_filter_allows, mc_filter_change } from './mc_filter.ts'
import type { in_device, in_ifaddr } from './in_device.ts'

export { IGMP_ALL_HOSTS }

/** net.ipv4.igmp_max_memberships */
export const IGMP_MAX_MEMBERSHIPS = 20

/** arp_mc_map(): the link-layer address of a group, where the device's type has one. */
function arp_mc_map(addr: number, dev: net_device): Uint8Array | undefined {
  if (dev.type !== ARPHRD_ETHER) return undefined
  return Uint8Array.of(0x01, 0x00, 0x5e, (addr >>> 16) & 0x7f, (addr >>> 8) & 0xff, addr & 0xff)
}
/** A group that is joined before its device is up is in the device's list already when that comes up. */
function ip_mc_filter_add(im: ip_mc_list): void {
  const { dev } = im.interface
  const lladdr = im.loaded ? undefined : arp_mc_map(im.multiaddr, dev)
  im.loaded = true
  if (lladdr !== undefined) dev_mc_add(dev, lladdr)
}
function ip_mc_filter_del(im: ip_mc_list): void {
  const { dev } = im.interface
  const lladdr = im.loaded ? arp_mc_map(im.multiaddr, dev) : undefined
  im.loaded = false
  if (lladdr !== undefined) dev_mc_del(dev, lladdr)
}

/** Whether packets to the group are wanted on the device, and from `saddr` where that is known (ip_check_mc_rcu). */
export function ip_check_mc(in_dev: in_device, addr: number, saddr = 0, proto = 0): boolean {
  const im = in_dev.mc_list.get(addr)
  if (im === undefined || proto === IPPROTO_IGMP || saddr === 0) return im !== undefined
  return mc_filter_allows(im.filter, put_addr4(saddr))
}
/** ip_mc_add_src(), ip_mc_del_src(): a user of the group changes its mind about sources. */
export function ip_mc_change_src(in_dev: in_device, addr: number, mode: number, sources: readonly number[], by: 1 | -1, users = 0): void {
  const im = in_dev.mc_list.get(addr)
  if (im === undefined) return
  const change = { mode, sources: sources.map(put_addr4), users, by }
  if (mc_filter_change(im.filter, change, igmp_of(in_dev).mr_qrv) && in_dev.dev.flags & IFF_UP) igmp_ifc_event(in_dev)
}
/** A user more of the group, by mode; the first one makes the device listen, and say so. */
export function ip_mc_inc_group(in_dev: in_device, addr: number, sfmode = MCAST_EXCLUDE): void {
  const known = in_dev.mc_list.get(addr)
  if (known !== undefined) {
    known.users++
    ip_mc_change_src(in_dev, addr, sfmode, [], 1, 1)
    return
  }
  const im = new ip_mc_list(in_dev, addr, sfmode)
  in_dev.mc_list_add(addr, im)
  if (in_dev.dead) return
  ip_mc_filter_add(im)
  if (in_dev.dev.flags & IFF_UP) igmp_group_added(im)
}
export function ip_mc_dec_group(in_dev: in_device, addr: number): void {
  const im = in_dev.mc_list.get(addr)
  if (im === undefined || --im.users > 0) return
  in_dev.mc_list_del(addr)
  ip_mc_filter_del(im)
  if (in_dev.dev.flags & IFF_UP) igmp_group_dropped(im)
}

/** Every device that is up listens to 224.0.0.1; the others of its list are taken up and down with it. */
export function ip_mc_up(in_dev: in_device): void {
  if (in_dev.igmp !== undefined) in_dev.igmp.mr_qrv = in_dev.dev.nd_net.ipv4.sysctl_igmp_qrv
  ip_mc_inc_group(in_dev, IGMP_ALL_HOSTS)
  for (const [addr, im] of in_dev.mc_list) {
    if (addr === IGMP_ALL_HOSTS) continue
    ip_mc_filter_add(im)
    igmp_group_added(im)
  }
}
export function ip_mc_down(in_dev: in_device): void {
  for (const [addr, im] of in_dev.mc_list) {
    if (addr === IGMP_ALL_HOSTS) continue
    ip_mc_filter_del(im)
    igmp_group_dropped(im)
  }
  igmp_stop(in_dev)
  const all = in_dev.mc_list.get(IGMP_ALL_HOSTS)
  if (all === undefined || --all.users > 0) return
  in_dev.mc_list_del(IGMP_ALL_HOSTS)
  ip_mc_filter_del(all)
}
export function ip_mc_destroy_dev(in_dev: in_device): void {
  if (in_dev.dev.flags & IFF_UP || in_dev.mc_list.has(IGMP_ALL_HOSTS)) ip_mc_down(in_dev)
  in_dev.mc_list_clear()
  in_dev.dev.nd_net.ipv4.mc_autojoin.delete(in_dev.dev.ifindex)
}

/**
 * IFA_F_MCAUTOJOIN: the namespace's own socket joins the group of such an address, as a program's would (ip_mc_join_group),
 * and leaves it with the address.
 */
export function ip_mc_autojoin_config(net: net, join: boolean, ifa: in_ifaddr): Errno | undefined {
  const { ifa_dev: in_dev, ifa_address: addr } = ifa
  const joined = net.ipv4.mc_autojoin
  const groups = joined.get(in_dev.dev.ifindex)
  if (!ipv4_is_multicast(addr)) return EINVAL
  if (!join) {
    if (groups?.delete(addr)) ip_mc_dec_group(in_dev, addr)
    return undefined
  }
  if (groups?.has(addr)) return EADDRINUSE
  let count = 0
  for (const set of joined.values()) count += set.size
  if (count >= IGMP_MAX_MEMBERSHIPS) return ENOBUFS
  if (groups === undefined) joined.set(in_dev.dev.ifindex, new Set([addr]))
  else groups.add(addr)
  ip_mc_inc_group(in_dev, addr)
  return undefined
}

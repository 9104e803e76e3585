/** net/ipv6/mcast.c: the groups of a device; when they are reported is in mld.ts. */
import { cancel_delayed_work } from '../../kernel/workqueue.ts'
import { EADDRINUSE, EINVAL, ENODEV, type Errno } from '../../uapi/errno.ts'
import { MCAST_EXCLUDE } from '../../uapi/linux/in.ts'
import {
  type in6_addr,
  in6addr_linklocal_allnodes,
  in6addr_linklocal_allrouters,
  ipv6_addr_any,
  ipv6_addr_equal,
  ipv6_addr_is_multicast,
  addr6_key,
  addrconf_addr_solict_mult,
  IPV6_ADDR_SCOPE_LINKLOCAL,
} from '../../uapi/linux/in6.ts'
import { IFF_LOOPBACK, IFF_NOARP, IFF_UP } from '../../uapi/linux/if.ts'
import { DEVCONF_FORWARDING } from '../../uapi/linux/ipv6.ts'
import { dev_mc_add, dev_mc_del } from '../core/dev.ts'
import type { net } from '../core/net_namespace.ts'
import { MAX_ADDR_LEN, type net_device } from '../core/netdevice.ts'
import { ifmcaddr6, type inet6_dev, MAF_LOADED, MAF_NOREPORT } from './if_inet6.ts'
import { mc_filter_allows, mc_filter_change } from '../ipv4/mc_filter.ts'
import { ipv6_mc_reset, mld_del_delrec, mld_ifc_event, mld_joined, mld_left, mld_stop } from './mld.ts'
import { ndisc_mc_map } from './ndisc.ts'

function mc_map(addr: in6_addr, dev: net_device): Uint8Array | undefined {
  const lladdr = new Uint8Array(MAX_ADDR_LEN)
  return ndisc_mc_map(addr, lladdr, dev, false) ? lladdr : undefined
}

/** The device's filter has the groups that leave the host. */
function igmp6_group_added(idev: inet6_dev, mc: ifmcaddr6): void {
  if ((mc.mca_addr[1] & 0x0f) < IPV6_ADDR_SCOPE_LINKLOCAL) return
  const lladdr = mc.mca_flags & MAF_LOADED ? undefined : mc_map(mc.mca_addr, idev.dev)
  mc.mca_flags |= MAF_LOADED
  if (lladdr !== undefined) dev_mc_add(idev.dev, lladdr)
  if (idev.dev.flags & IFF_UP && !(mc.mca_flags & MAF_NOREPORT)) mld_joined(mc)
}
function igmp6_group_dropped(idev: inet6_dev, mc: ifmcaddr6): void {
  if ((mc.mca_addr[1] & 0x0f) < IPV6_ADDR_SCOPE_LINKLOCAL) return
  const lladdr = mc.mca_flags & MAF_LOADED ? mc_map(mc.mca_addr, idev.dev) : undefined
  mc.mca_flags &= ~MAF_LOADED
  if (lladdr !== undefined) dev_mc_del(idev.dev, lladdr)
  if (mc.mca_flags & MAF_NOREPORT) return
  if (!idev.dead) mld_left(mc)
  if (mc.mca_work !== undefined) cancel_delayed_work(mc.mca_work)
}

/** Whether packets to the group are wanted on the device, and from `saddr` where that is known. */
export function ipv6_chk_mcast_addr(dev: net_device, group: in6_addr, saddr?: in6_addr): boolean {
  const mc = dev.ip6_ptr && find(dev.ip6_ptr, group)
  if (mc === undefined || saddr === undefined || ipv6_addr_any(saddr)) return mc !== undefined
  return mc_filter_allows(mc.mca_filter, saddr)
}
/** ip6_mc_add_src(), ip6_mc_del_src(): a user of the group changes its mind about sources. */
export function ip6_mc_change_src(
  idev: inet6_dev,
  addr: in6_addr,
  mode: number,
  sources: readonly in6_addr[],
  by: 1 | -1,
  users = 0,
): void {
  const mc = find(idev, addr)
  if (mc === undefined) return
  if (mc_filter_change(mc.mca_filter, { mode, sources, users, by }, idev.mc_qrv) && idev.dev.flags & IFF_UP) mld_ifc_event(idev)
}

function find(idev: inet6_dev, addr: in6_addr): ifmcaddr6 | undefined {
  return idev.mc_list.find((mc) => ipv6_addr_equal(mc.mca_addr, addr))
}

/** A user more of the group, by mode (__ipv6_dev_mc_inc); a new one comes first in the list. */
export function ipv6_dev_mc_inc(dev: net_device, addr: in6_addr, sfmode = MCAST_EXCLUDE): Errno | undefined {
  const idev = dev.ip6_ptr
  if (idev === undefined) return EINVAL
  if (idev.dead) return ENODEV
  const known = find(idev, addr)
  if (known !== undefined) {
    known.mca_users++
    ip6_mc_change_src(idev, addr, sfmode, [], 1, 1)
    return undefined
  }
  const mc = new ifmcaddr6(idev, addr, dev.nd_net.kernel.jiffies(), sfmode)
  // nobody asks for what every node hears, or for what does not leave the host
  if (ipv6_addr_equal(addr, in6addr_linklocal_allnodes) || (addr[1] & 0x0f) < IPV6_ADDR_SCOPE_LINKLOCAL) mc.mca_flags |= MAF_NOREPORT
  idev.mc_list.unshift(mc)
  mld_del_delrec(mc)
  igmp6_group_added(idev, mc)
  return undefined
}
export function __ipv6_dev_mc_dec(idev: inet6_dev, addr: in6_addr): void {
  const mc = find(idev, addr)
  if (mc === undefined || --mc.mca_users > 0) return
  idev.mc_list = idev.mc_list.filter((other) => other !== mc)
  igmp6_group_dropped(idev, mc)
}

/** The device comes up, or has carrier again. */
export function ipv6_mc_up(idev: inet6_dev): void {
  ipv6_mc_reset(idev)
  for (const mc of idev.mc_list) {
    mld_del_delrec(mc)
    igmp6_group_added(idev, mc)
  }
}
export function ipv6_mc_down(idev: inet6_dev): void {
  for (const mc of idev.mc_list) igmp6_group_dropped(idev, mc)
  mld_stop(idev)
}
/** The link-layer type changes: addresses of the old one go, those of the new one come. */
export const ipv6_mc_unmap = ipv6_mc_down
export const ipv6_mc_remap = ipv6_mc_up

export function ipv6_mc_destroy_dev(idev: inet6_dev): void {
  ipv6_mc_down(idev)
  __ipv6_dev_mc_dec(idev, in6addr_linklocal_allnodes)
  if (idev.cnf.get(DEVCONF_FORWARDING)) __ipv6_dev_mc_dec(idev, in6addr_linklocal_allrouters)
  idev.mc_list = []
  idev.dev.nd_net.ipv6.mc_autojoin.delete(idev.dev.ifindex)
}

/** Each address has a group at which others ask for it, where neighbours are asked for at all. */
export function addrconf_join_solict(dev: net_device, addr: in6_addr): void {
  if (!(dev.flags & (IFF_LOOPBACK | IFF_NOARP))) ipv6_dev_mc_inc(dev, addrconf_addr_solict_mult(addr))
}
export function addrconf_leave_solict(idev: inet6_dev, addr: in6_addr): void {
  if (!(idev.dev.flags & (IFF_LOOPBACK | IFF_NOARP))) __ipv6_dev_mc_dec(idev, addrconf_addr_solict_mult(addr))
}

/** IFA_F_MCAUTOJOIN: the namespace's own socket joins and leaves as a program's would (ipv6_sock_mc_join). */
export function ipv6_mc_config(net: net, join: boolean, addr: in6_addr, ifindex: number): Errno | undefined {
  const joined = net.ipv6.mc_autojoin
  const groups = joined.get(ifindex)
  const key = addr6_key(addr)
  const dev = net.dev_index_head.get(ifindex)
  if (!ipv6_addr_is_multicast(addr)) return EINVAL
  if (!join) {
    if (groups?.delete(key) && dev?.ip6_ptr !== undefined) __ipv6_dev_mc_dec(dev.ip6_ptr, addr)
    return undefined
  }
  if (groups?.has(key)) return EADDRINUSE
  if (dev === undefined) return ENODEV
  const error = ipv6_dev_mc_inc(dev, addr)
  if (error !== undefined) return error
  if (groups === undefined) joined.set(ifindex, new Set([key]))
  else groups.add(key)
  return undefined
}

/** net/ipv6/addrconf.c: finding addresses, and what holds for a device. */
import { IFA_F_DADFAILED, IFA_F_OPTIMISTIC, IFA_F_PERMANENT, IFA_F_TENTATIVE } from '../../uapi/linux/if_addr.ts'
import {
  addr6_key,
  type in6_addr,
  IPV6_ADDR_LINKLOCAL,
  IPV6_ADDR_LOOPBACK,
  IPV6_ADDR_SITELOCAL,
  ipv6_prefix_equal,
} from '../../uapi/linux/in6.ts'
import {
  DEVCONF_ACCEPT_RA,
  DEVCONF_FORWARDING,
  DEVCONF_IGNORE_ROUTES_WITH_LINKDOWN,
  DEVCONF_OPTIMISTIC_DAD,
  DEVCONF_USE_OPTIMISTIC,
} from '../../uapi/linux/ipv6.ts'
import { l3mdev_master_dev_rcu } from '../core/l3mdev.ts'
import type { net } from '../core/net_namespace.ts'
import type { net_device } from '../core/netdevice.ts'
import { type inet6_dev, type inet6_ifaddr, INFINITY_LIFE_TIME } from './if_inet6.ts'

/** inet6_ifaddr.scope */
export const IFA_HOST = IPV6_ADDR_LOOPBACK
export const IFA_LINK = IPV6_ADDR_LINKLOCAL
export const IFA_SITE = IPV6_ADDR_SITELOCAL

function holders(net: net, addr: in6_addr): readonly inet6_ifaddr[] {
  return net.ipv6.inet6_addr_lst.get(addr6_key(addr)) ?? []
}
/** False when the device has the address already (ipv6_add_addr_hash). */
export function ipv6_add_addr_hash(dev: net_device, ifp: inet6_ifaddr): boolean {
  const { inet6_addr_lst } = dev.nd_net.ipv6
  const key = addr6_key(ifp.addr)
  const list = inet6_addr_lst.get(key)
  if (list?.some((other) => other.idev.dev === dev)) return false
  if (list === undefined) inet6_addr_lst.set(key, [ifp])
  else list.unshift(ifp)
  note_lifetimes(ifp)
  return true
}
/** A permanent address may all the same stop being preferred. */
export function is_mortal(ifp: inet6_ifaddr): boolean {
  return !(ifp.flags & IFA_F_PERMANENT) || ifp.prefered_lft !== INFINITY_LIFE_TIME
}
/** addrconf_verify_rtnl() is to look at the address, where it has become mortal. */
export function note_lifetimes(ifp: inet6_ifaddr): void {
  if (is_mortal(ifp)) ifp.idev.dev.nd_net.ipv6.inet6_addr_mortal.add(ifp)
}
export function ipv6_del_addr_hash(ifp: inet6_ifaddr): void {
  const { inet6_addr_lst, inet6_addr_mortal } = ifp.idev.dev.nd_net.ipv6
  inet6_addr_mortal.delete(ifp)
  const key = addr6_key(ifp.addr)
  const left = inet6_addr_lst.get(key)?.filter((other) => other !== ifp)
  if (left === undefined) return
  if (left.length === 0) inet6_addr_lst.delete(key)
  else inet6_addr_lst.set(key, left)
}

/** Addresses of wider scope count on every device, unless `strict` is 0 and they are not of link or host. */
function on_device(ifp: inet6_ifaddr, dev: net_device | undefined, strict: boolean): boolean {
  return dev === undefined || ifp.idev.dev === dev || !((ifp.scope & (IFA_LINK | IFA_HOST)) !== 0 || strict)
}
export function ipv6_get_ifaddr(net: net, addr: in6_addr, dev: net_device | undefined, strict: boolean): inet6_ifaddr | undefined {
  return holders(net, addr).find((ifp) => on_device(ifp, dev, strict))
}

/** The device that has the address, in the VRF of `dev`, without any of `banned_flags`; an optimistic address does not count as tentative. */
export function __ipv6_chk_addr_and_flags(
  net: net,
  addr: in6_addr,
  dev: net_device | undefined,
  skip_dev_check: boolean,
  strict: boolean,
  banned_flags: number,
): net_device | undefined {
  const l3mdev = l3mdev_master_dev_rcu(dev)
  for (const ifp of holders(net, addr)) {
    if (l3mdev_master_dev_rcu(ifp.idev.dev) !== l3mdev) continue
    const flags = ifp.flags & IFA_F_OPTIMISTIC ? ifp.flags & ~IFA_F_TENTATIVE : ifp.flags
    if (!(flags & banned_flags) && on_device(ifp, skip_dev_check ? undefined : dev, strict)) return ifp.idev.dev
  }
  return undefined
}
export function ipv6_chk_addr(net: net, addr: in6_addr, dev: net_device | undefined, strict: boolean): boolean {
  return __ipv6_chk_addr_and_flags(net, addr, dev, dev === undefined, strict, IFA_F_TENTATIVE) !== undefined
}
/** The first device with the address (ipv6_dev_find). */
export function ipv6_dev_find(net: net, addr: in6_addr): net_device | undefined {
  return __ipv6_chk_addr_and_flags(net, addr, undefined, true, true, IFA_F_TENTATIVE)
}
/** Whether the address is in a subnet of the device. */
export function ipv6_chk_prefix(addr: in6_addr, dev: net_device): boolean {
  return dev.ip6_ptr?.addr_list.some((ifa) => ipv6_prefix_equal(addr, ifa.addr, ifa.prefix_len)) ?? false
}

/** The device's link-local address; the list has the narrowest scopes last. */
export function ipv6_get_lladdr(dev: net_device, banned_flags: number): in6_addr | undefined {
  return linklocals(dev.ip6_ptr).find((ifp) => !(ifp.flags & banned_flags))?.addr
}
/** From the oldest on. */
export function linklocals(idev: inet6_dev | undefined): inet6_ifaddr[] {
  return idev === undefined ? [] : idev.addr_list.filter((ifp) => ifp.scope === IFA_LINK).reverse()
}
/** No other link-local address of the device can be used yet (ipv6_lonely_lladdr). */
export function ipv6_lonely_lladdr(ifp: inet6_ifaddr): boolean {
  const mask = IFA_F_PERMANENT | IFA_F_TENTATIVE | IFA_F_OPTIMISTIC | IFA_F_DADFAILED
  return !linklocals(ifp.idev).some((other) => other !== ifp && (other.flags & mask) === IFA_F_PERMANENT)
}

function all_or_own(idev: inet6_dev, nr: number): boolean {
  return idev.cnf.get(nr) !== 0 || idev.dev.nd_net.ipv6.devconf_all.get(nr) !== 0
}
/** Routers listen to advertisements only with accept_ra 2. */
export function ipv6_accept_ra(idev: inet6_dev): boolean {
  const accept_ra = idev.cnf.get(DEVCONF_ACCEPT_RA)
  return idev.cnf.get(DEVCONF_FORWARDING) ? accept_ra === 2 : accept_ra !== 0
}
export function ipv6_allow_optimistic_dad(idev: inet6_dev): boolean {
  return all_or_own(idev, DEVCONF_OPTIMISTIC_DAD)
}
export function ipv6_use_optimistic_addr(idev: inet6_dev): boolean {
  return all_or_own(idev, DEVCONF_OPTIMISTIC_DAD) && all_or_own(idev, DEVCONF_USE_OPTIMISTIC)
}
/** Whether routes through a device without carrier count as dead (ip6_ignore_linkdown). */
export function ip6_ignore_linkdown(dev: net_device): boolean {
  return dev.ip6_ptr === undefined || dev.ip6_ptr.cnf.get(DEVCONF_IGNORE_ROUTES_WITH_LINKDOWN) !== 0
}
/** inet6_base_seq(): changes whenever an address or a device does. Never 0. */
export function inet6_base_seq(net: net): number {
  return (net.ipv6.dev_addr_genid + net.dev_base_seq) >>> 0 || 0x80000000
}

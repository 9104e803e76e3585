/** net/ipv6/addrconf.c ipv6_dev_get_saddr: which of our addresses speaks (RFC 6724 5). */
import { EADDRNOTAVAIL, type Errno } from '../../uapi/errno.ts'
import { IFA_F_DEPRECATED, IFA_F_HOMEADDRESS, IFA_F_OPTIMISTIC, IFA_F_TEMPORARY, IFA_F_TENTATIVE } from '../../uapi/linux/if_addr.ts'
import {
  __ipv6_addr_src_scope,
  __ipv6_addr_type,
  type in6_addr,
  IPV6_ADDR_COMPATv4,
  IPV6_ADDR_LOOPBACK,
  IPV6_ADDR_MAPPED,
  IPV6_ADDR_MULTICAST,
  IPV6_ADDR_SCOPE_LINKLOCAL,
  ipv6_addr_diff,
  ipv6_addr_equal,
  ipv6_prefix_equal,
  addr6,
} from '../../uapi/linux/in6.ts'
import { DEVCONF_USE_OIF_ADDRS_ONLY, DEVCONF_USE_TEMPADDR } from '../../uapi/linux/ipv6.ts'
import type { net } from '../core/net_namespace.ts'
import { l3mdev_master_ifindex } from '../core/l3mdev.ts'
import type { net_device } from '../core/netdevice.ts'
import { ipv6_use_optimistic_addr } from './addrconf_core.ts'
import { ipv6_addr_label } from './addrlabel.ts'
import type { inet6_ifaddr } from './if_inet6.ts'

/** Preferences of a socket (IPV6_ADDR_PREFERENCES). */
export const IPV6_PREFER_SRC_TMP = 0x0001
export const IPV6_PREFER_SRC_PUBLIC = 0x0002
export const IPV6_PREFER_SRC_COA = 0x0004

const ORCHID = addr6([0x2001, 0x0010])

interface saddr_dst {
  addr: in6_addr
  ifindex: number
  scope: number
  label: number
  prefs: number
}

/** Enough scope, and no more of it than needed, is better than too little. */
function scope_score(addr_type: number, dst: saddr_dst): number {
  const scope = __ipv6_addr_src_scope(addr_type)
  return scope >= dst.scope ? -scope : scope - 128
}
function privacy_score(ifa: inet6_ifaddr, dst: saddr_dst): number {
  const asked = dst.prefs & (IPV6_PREFER_SRC_PUBLIC | IPV6_PREFER_SRC_TMP)
  const temporary = asked ? (dst.prefs & IPV6_PREFER_SRC_TMP) !== 0 : ifa.idev.cnf.get(DEVCONF_USE_TEMPADDR) >= 2
  return Number(((ifa.flags & IFA_F_TEMPORARY) !== 0) === temporary)
}
/** By rule in their order; the first that differs decides. */
function scores(net: net, ifa: inet6_ifaddr, dst: saddr_dst): number[] {
  const type = __ipv6_addr_type(ifa.addr)
  const avoid = IFA_F_DEPRECATED | (ipv6_use_optimistic_addr(ifa.idev) ? 0 : IFA_F_OPTIMISTIC)
  const always = (type & (IPV6_ADDR_MAPPED | IPV6_ADDR_COMPATv4 | IPV6_ADDR_LOOPBACK)) !== 0
  const { ifindex } = ifa.idev.dev
  const orchid = (addr: in6_addr) => ipv6_prefix_equal(addr, ORCHID, 28)
  return [
    Number(ipv6_addr_equal(ifa.addr, dst.addr)),
    scope_score(type, dst),
    Number(always || !(ifa.flags & avoid)),
    Number(((ifa.flags & IFA_F_HOMEADDRESS) !== 0) === !(dst.prefs & IPV6_PREFER_SRC_COA)),
    Number(dst.ifindex === 0 || dst.ifindex === ifindex),
    Number(ipv6_addr_label(net, ifa.addr, type, ifindex) === dst.label),
    privacy_score(ifa, dst),
    Number(orchid(ifa.addr) === orchid(dst.addr)),
    Math.min(ipv6_addr_diff(ifa.addr, dst.addr), ifa.prefix_len),
    Number(!(ifa.flags & IFA_F_OPTIMISTIC)),
  ]
}
function better(a: number[], b: number[]): boolean {
  const at = a.findIndex((score, i) => score !== b[i])
  return at >= 0 && a[at] > b[at]
}

/** A tentative address does not speak, unless it is optimistic. */
function candidates(dev: net_device): inet6_ifaddr[] {
  const usable = (ifa: inet6_ifaddr) => (!(ifa.flags & IFA_F_TENTATIVE) || (ifa.flags & IFA_F_OPTIMISTIC) !== 0) && ifa.addr[0] !== 0xff
  return dev.ip6_ptr?.addr_list.filter(usable) ?? []
}

/** The address to send from to `daddr` through `dst_dev`. */
export function ipv6_dev_get_saddr(net: net, dst_dev: net_device | undefined, daddr: in6_addr, prefs: number): in6_addr | Errno {
  const type = __ipv6_addr_type(daddr)
  const ifindex = dst_dev?.ifindex ?? 0
  const dst: saddr_dst = {
    addr: daddr,
    ifindex,
    scope: __ipv6_addr_src_scope(type),
    label: ipv6_addr_label(net, daddr, type, ifindex),
    prefs,
  }
  const own_only =
    dst_dev !== undefined &&
    ((type & IPV6_ADDR_MULTICAST) !== 0 ||
      dst.scope <= IPV6_ADDR_SCOPE_LINKLOCAL ||
      dst_dev.ip6_ptr?.cnf.get(DEVCONF_USE_OIF_ADDRS_ONLY) === 1)
  let best: inet6_ifaddr | undefined
  let high: number[] = []
  for (const dev of own_only ? [dst_dev] : in_domain(net, dst_dev)) {
    for (const ifa of candidates(dev)) {
      const own = scores(net, ifa, dst)
      if (best !== undefined && !better(own, high)) continue
      best = ifa
      high = own
    }
  }
  return best?.addr ?? EADDRNOTAVAIL
}
/** Devices of the same L3 domain: of a VRF those that are in it, the packet's own first and then the VRF; else those in none. */
function in_domain(net: net, dst_dev: net_device | undefined): net_device[] {
  const master = dst_dev === undefined ? 0 : l3mdev_master_ifindex(dst_dev)
  const all = net.dev_base_head.filter((dev) => l3mdev_master_ifindex(dev) === master)
  if (master === 0) return all
  const first = [dst_dev, net.dev_index_head.get(master)].filter((dev) => dev !== undefined)
  return [...first, ...all.filter((dev) => !first.includes(dev))]
}

/** net/ipv6/anycast.c: addresses that several nodes share; of its own a router has that of each subnet. */
import { ENODEV, ENOENT, type Errno, isErrno } from '../../uapi/errno.ts'
import { type in6_addr, ipv6_addr_any, ipv6_addr_equal, ipv6_addr_prefix } from '../../uapi/linux/in6.ts'
import type { net } from '../core/net_namespace.ts'
import type { net_device } from '../core/netdevice.ts'
import { ifacaddr6, type inet6_dev, type inet6_ifaddr } from './if_inet6.ts'
import { addrconf_join_solict, addrconf_leave_solict } from './mcast.ts'
import { addrconf_f6i_alloc, ip6_del_rt, ip6_ins_rt } from './route.ts'

/** __ipv6_dev_ac_inc() */
export function ipv6_dev_ac_inc(idev: inet6_dev, addr: in6_addr): Errno | undefined {
  if (idev.dead) return ENODEV
  const known = idev.ac_list.find((aca) => ipv6_addr_equal(aca.aca_addr, addr))
  if (known !== undefined) {
    known.aca_users++
    return undefined
  }
  const net = idev.dev.nd_net
  const f6i = addrconf_f6i_alloc(net, idev, addr, true)
  if (isErrno(f6i)) return f6i
  idev.ac_list.unshift(new ifacaddr6(addr, f6i, net.kernel.jiffies()))
  ip6_ins_rt(net, f6i)
  addrconf_join_solict(idev.dev, addr)
  return undefined
}
export function ipv6_dev_ac_dec(idev: inet6_dev, addr: in6_addr): Errno | undefined {
  const aca = idev.ac_list.find((other) => ipv6_addr_equal(other.aca_addr, addr))
  if (aca === undefined) return ENOENT
  if (--aca.aca_users > 0) return undefined
  idev.ac_list = idev.ac_list.filter((other) => other !== aca)
  drop(idev, aca)
  return undefined
}
function drop(idev: inet6_dev, aca: ifacaddr6): void {
  addrconf_leave_solict(idev, aca.aca_addr)
  ip6_del_rt(idev.dev.nd_net, aca.aca_rt, false)
}
export function ipv6_ac_destroy_dev(idev: inet6_dev): void {
  while (idev.ac_list.length > 0) drop(idev, idev.ac_list.shift() as ifacaddr6)
}

/** RFC 4291 2.6.1 but for RFC 6164: the subnet's first address, unless the prefix leaves no room. */
function subnet_router_anycast(ifp: inet6_ifaddr): in6_addr | undefined {
  const addr = ipv6_addr_prefix(ifp.addr, ifp.prefix_len)
  return ifp.prefix_len >= 127 || ipv6_addr_any(addr) ? undefined : addr
}
export function addrconf_join_anycast(ifp: inet6_ifaddr): void {
  const addr = subnet_router_anycast(ifp)
  if (addr !== undefined) ipv6_dev_ac_inc(ifp.idev, addr)
}
export function addrconf_leave_anycast(ifp: inet6_ifaddr): void {
  const addr = subnet_router_anycast(ifp)
  if (addr !== undefined) ipv6_dev_ac_dec(ifp.idev, addr)
}

/** Whether the device, or without one any device of the namespace, answers for the anycast address. */
export function ipv6_chk_acast_addr(net: net, dev: net_device | undefined, addr: in6_addr): boolean {
  const devices = dev === undefined ? net.dev_base_head : [dev]
  return devices.some(({ ip6_ptr }) => ip6_ptr?.ac_list.some((aca) => ipv6_addr_equal(aca.aca_addr, addr)))
}

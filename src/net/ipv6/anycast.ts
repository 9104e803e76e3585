/** net/ipv6/anycast.c: addresses that several nodes share; of its own a router has that of each subnet. */
import { CAP_NET_ADMIN } from '../../kernel/capability.ts'
import { capable, type task_struct } from '../../kernel/task.ts'
import { EADDRNOTAVAIL, EINVAL, ENODEV, ENOENT, EPERM, type Errno, isErrno } from '../../uapi/errno.ts'
import { IFF_LOOPBACK, IFF_UP } from '../../uapi/linux/if.ts'
import {
  type in6_addr,
  in6addr_any,
  ipv6_addr_any,
  ipv6_addr_equal,
  ipv6_addr_is_multicast,
  ipv6_addr_prefix,
} from '../../uapi/linux/in6.ts'
import { DEVCONF_FORWARDING } from '../../uapi/linux/ipv6.ts'
import type { net } from '../core/net_namespace.ts'
import type { net_device } from '../core/netdevice.ts'
import { ipv6_chk_addr, ipv6_chk_prefix } from './addrconf_core.ts'
import { ifacaddr6, type inet6_dev, type inet6_ifaddr } from './if_inet6.ts'
import type { inet6_sock } from './inet6_sock.ts'
import { flowi6 } from './ip6_fib_lookup.ts'
import { addrconf_join_solict, addrconf_leave_solict } from './mcast.ts'
import { addrconf_f6i_alloc, ip6_del_rt, ip6_ins_rt, ip6_route_output } from './route.ts'

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

/** struct ipv6_ac_socklist: one address that a socket has made a device answer for. */
export interface ipv6_ac_socklist {
  addr: in6_addr
  ifindex: number
}
/** ipv6_sock_ac_join()'s choice: the device asked for, the one on the way to the address, or of a router any. */
function ac_dev(sk: inet6_sock, addr: in6_addr): net_device | Errno {
  const net = sk.sk_net
  const rt = ip6_route_output(net, new flowi6(addr, in6addr_any))
  // of an address that is shared already, the device that answers for it
  if (!isErrno(rt) && rt.error === undefined) return rt.from.nh.fib_nh_dev ?? rt.dev
  if (net.ipv6.devconf_all.get(DEVCONF_FORWARDING) === 0) return EADDRNOTAVAIL
  return net.dev_base_head.find((dev) => (dev.flags & (IFF_UP | IFF_LOOPBACK)) === IFF_UP) ?? ENODEV
}
/** A host joins only what is on its link; a router anything. */
export function ipv6_sock_ac_join(sk: inet6_sock, ifindex: number, addr: in6_addr, task: task_struct): Errno | undefined {
  const net = sk.sk_net
  if (!capable(task, CAP_NET_ADMIN)) return EPERM
  if (ipv6_addr_is_multicast(addr)) return EINVAL
  const asked = ifindex === 0 ? undefined : net.dev_index_head.get(ifindex)
  if (ipv6_chk_addr(net, addr, asked, true)) return EINVAL
  const dev = ifindex === 0 ? ac_dev(sk, addr) : (asked ?? ENODEV)
  if (isErrno(dev)) return dev
  const { ip6_ptr: idev } = dev
  if (idev === undefined) return ifindex === 0 ? EADDRNOTAVAIL : ENODEV
  if (!ipv6_chk_prefix(addr, dev) && idev.cnf.get(DEVCONF_FORWARDING) === 0) return EADDRNOTAVAIL
  const error = ipv6_dev_ac_inc(idev, addr)
  if (error === undefined) sk.ac_list6.unshift({ addr: addr.slice(), ifindex: dev.ifindex })
  return error
}
export function ipv6_sock_ac_drop(sk: inet6_sock, ifindex: number, addr: in6_addr): Errno | undefined {
  const at = sk.ac_list6.findIndex((pac) => (ifindex === 0 || pac.ifindex === ifindex) && ipv6_addr_equal(pac.addr, addr))
  if (at < 0) return ENOENT
  leave(sk, sk.ac_list6.splice(at, 1)[0])
  return undefined
}
export function ipv6_sock_ac_close(sk: inet6_sock): void {
  for (const pac of sk.ac_list6.splice(0)) leave(sk, pac)
}
function leave(sk: inet6_sock, pac: ipv6_ac_socklist): void {
  const idev = sk.sk_net.dev_index_head.get(pac.ifindex)?.ip6_ptr
  if (idev !== undefined) ipv6_dev_ac_dec(idev, pac.addr)
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

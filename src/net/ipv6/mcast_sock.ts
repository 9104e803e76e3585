/**
 * net/ipv6/mcast.c ipv6_sock_mc_join, ip6_mc_source, inet6_mc_check: the groups that a socket has joined, and from whom it
 * wants to hear them; the device wants what all its sockets want together (ipv4/mc_filter.ts).
 */
import { EADDRINUSE, EADDRNOTAVAIL, EINVAL, ENOBUFS, ENODEV, type Errno, isErrno } from '../../uapi/errno.ts'
import { IPV6_MULTICAST_ALL, type in6_addr, ipv6_addr_equal, ipv6_addr_is_multicast } from '../../uapi/linux/in6.ts'
import type { net_device } from '../core/netdevice.ts'
import { MCAST_EXCLUDE, MCAST_INCLUDE } from '../../uapi/linux/in.ts'
import type { inet6_sock } from './inet6_sock.ts'
import { flowi6 } from './ip6_fib_lookup.ts'
import { __ipv6_dev_mc_dec, ip6_mc_change_src, ipv6_dev_mc_inc } from './mcast.ts'
import { ip6_route_output } from './route.ts'

/** struct ipv6_mc_socklist: one membership; all sources but these, or these alone. */
export interface ipv6_mc_socklist {
  addr: in6_addr
  ifindex: number
  sfmode: number
  sources: in6_addr[]
}

function find_dev(sk: inet6_sock, addr: in6_addr, ifindex: number): net_device | undefined {
  if (ifindex !== 0) return sk.sk_net.dev_index_head.get(ifindex)
  const rt = ip6_route_output(sk.sk_net, new flowi6(addr, new Uint8Array(16)))
  return isErrno(rt) || rt.error !== undefined ? undefined : rt.dev
}

export function ipv6_sock_mc_join(sk: inet6_sock, ifindex: number, addr: in6_addr, sfmode = MCAST_EXCLUDE): Errno | undefined {
  if (!ipv6_addr_is_multicast(addr)) return EINVAL
  if (sk.mc_list6.some((m) => (ifindex === 0 || m.ifindex === ifindex) && ipv6_addr_equal(m.addr, addr))) return EADDRINUSE
  const dev = find_dev(sk, addr, ifindex)
  if (dev === undefined) return ENODEV
  const error = ipv6_dev_mc_inc(dev, addr, sfmode)
  if (isErrno(error)) return error
  sk.mc_list6.unshift({ addr: addr.slice(), ifindex: dev.ifindex, sfmode, sources: [] })
  return undefined
}
export function ipv6_sock_mc_drop(sk: inet6_sock, ifindex: number, addr: in6_addr): Errno | undefined {
  if (!ipv6_addr_is_multicast(addr)) return EINVAL
  const at = sk.mc_list6.findIndex((m) => (ifindex === 0 || m.ifindex === ifindex) && ipv6_addr_equal(m.addr, addr))
  if (at < 0) return EADDRNOTAVAIL
  const [gone] = sk.mc_list6.splice(at, 1)
  const idev = sk.sk_net.dev_index_head.get(gone.ifindex)?.ip6_ptr
  if (idev === undefined) return undefined
  ip6_mc_change_src(idev, addr, gone.sfmode, gone.sources, -1, -1)
  __ipv6_dev_mc_dec(idev, addr)
  return undefined
}
/** ip6_mc_source(): one source more or less, as IPv4's. */
export function ip6_mc_source(
  sk: inet6_sock,
  ifindex: number,
  group: in6_addr,
  source: in6_addr,
  omode: number,
  add: boolean,
): Errno | undefined {
  if (!ipv6_addr_is_multicast(group)) return EINVAL
  const dev = find_dev(sk, group, ifindex)
  const idev = dev?.ip6_ptr
  if (idev === undefined) return ENODEV
  const pmc = sk.mc_list6.find((m) => (ifindex === 0 || m.ifindex === ifindex) && ipv6_addr_equal(m.addr, group))
  if (pmc === undefined) return EINVAL
  if (pmc.sfmode !== omode) {
    if (pmc.sources.length > 0) return EINVAL
    // allow mode switches for empty lists
    ip6_mc_change_src(idev, group, omode, [], 1, 1)
    ip6_mc_change_src(idev, group, pmc.sfmode, [], -1, -1)
    pmc.sfmode = omode
  }
  const at = pmc.sources.findIndex((one) => ipv6_addr_equal(one, source))
  if (!add) {
    if (at < 0) return EADDRNOTAVAIL
    if (pmc.sources.length === 1 && omode === MCAST_INCLUDE) return ipv6_sock_mc_drop(sk, ifindex, group)
    ip6_mc_change_src(idev, group, omode, [source], -1)
    pmc.sources.splice(at, 1)
    return undefined
  }
  if (pmc.sources.length >= sk.sk_net.kernel.inet6!.mld_max_msf) return ENOBUFS
  if (at >= 0) return EADDRNOTAVAIL
  ip6_mc_change_src(idev, group, omode, [source], 1)
  pmc.sources.push(source.slice())
  return undefined
}
/** ip6_mc_msfilter(): all sources at once; to include nobody is to leave. */
export function ip6_mc_msfilter(sk: inet6_sock, ifindex: number, group: in6_addr, fmode: number, sources: in6_addr[]): Errno | undefined {
  if (!ipv6_addr_is_multicast(group) || (fmode !== MCAST_INCLUDE && fmode !== MCAST_EXCLUDE)) return EINVAL
  const idev = find_dev(sk, group, ifindex)?.ip6_ptr
  if (idev === undefined) return ENODEV
  if (fmode === MCAST_INCLUDE && sources.length === 0) return ipv6_sock_mc_drop(sk, ifindex, group)
  const pmc = ip6_mc_membership(sk, ifindex, group)
  if (isErrno(pmc)) return EINVAL
  ip6_mc_change_src(idev, group, fmode, sources, 1, 1)
  ip6_mc_change_src(idev, group, pmc.sfmode, pmc.sources, -1, -1)
  pmc.sfmode = fmode
  pmc.sources = sources
  return undefined
}
/** The device is to be the very one that was joined on. */
export function ip6_mc_membership(sk: inet6_sock, ifindex: number, group: in6_addr): ipv6_mc_socklist | Errno {
  if (!ipv6_addr_is_multicast(group)) return EINVAL
  return sk.mc_list6.find((m) => m.ifindex === ifindex && ipv6_addr_equal(m.addr, group)) ?? EADDRNOTAVAIL
}
/** inet6_mc_check(): whether the socket wants to hear this source of the group. */
export function inet6_mc_check(sk: inet6_sock, group: in6_addr, source: in6_addr): boolean {
  const mc = sk.mc_list6.find((m) => ipv6_addr_equal(m.addr, group))
  if (mc === undefined) return (sk.options6.get(IPV6_MULTICAST_ALL) ?? 1) !== 0
  return mc.sources.some((one) => ipv6_addr_equal(one, source)) === (mc.sfmode === MCAST_INCLUDE)
}
/** The socket goes (ipv6_sock_mc_close). */
export function ipv6_sock_mc_close(sk: inet6_sock): void {
  for (const { addr, ifindex } of [...sk.mc_list6]) ipv6_sock_mc_drop(sk, ifindex, addr)
}

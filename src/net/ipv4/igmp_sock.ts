/**
 * net/ipv4/igmp.c ip_mc_join_group, ip_mc_source, ip_mc_msfilter: the groups that a socket has joined, and from whom it wants
 * to hear them; the device wants what all its sockets want together (mc_filter.ts).
 */
import { EADDRINUSE, EADDRNOTAVAIL, EINVAL, ENOBUFS, ENODEV, type Errno, isErrno } from '../../uapi/errno.ts'
import { IP_MULTICAST_ALL, ipv4_is_multicast, MCAST_EXCLUDE, MCAST_INCLUDE } from '../../uapi/linux/in.ts'
import { AF_INET } from '../../uapi/linux/socket.ts'
import { flowi4 } from './fib_lookup.ts'
import { ip_mc_change_src, ip_mc_dec_group, ip_mc_inc_group } from './igmp.ts'
import { type in_device, inetdev_by_index } from './in_device.ts'
import type { inet_sock } from './inet_sock.ts'
import { ip_dev_find, ip_route_output_key } from './route.ts'
import { opt4 } from './sock4.ts'

/** struct ip_mc_socklist: one membership; all sources but these, or these alone. */
export interface ip_mc_socklist {
  multiaddr: number
  ifindex: number
  sfmode: number
  sources: number[]
}
/** struct ip_mreqn: the device by index, by an address of it, or (both 0) by the route to the group. */
export interface ip_mreqn {
  multiaddr: number
  address: number
  ifindex: number
}

/** ip_mc_find_dev() */
function ip_mc_find_dev(sk: inet_sock, m: ip_mreqn): in_device | undefined {
  const { sk_net: net } = sk
  if (m.ifindex !== 0) return inetdev_by_index(net, m.ifindex)
  if (m.address !== 0) {
    const dev = ip_dev_find(net, m.address)
    return dev?.ip_ptr
  }
  const rt = ip_route_output_key(net, new flowi4(m.multiaddr))
  return isErrno(rt) ? undefined : rt.dev?.ip_ptr
}
function membership(sk: inet_sock, multiaddr: number, ifindex: number): ip_mc_socklist | undefined {
  return sk.mc_list.find((m) => m.multiaddr === multiaddr && m.ifindex === ifindex)
}

export function ip_mc_join(sk: inet_sock, m: ip_mreqn, sfmode = MCAST_EXCLUDE): Errno | undefined {
  if (!ipv4_is_multicast(m.multiaddr)) return EINVAL
  const in_dev = ip_mc_find_dev(sk, m)
  if (in_dev === undefined) return ENODEV
  const index = in_dev.dev.ifindex
  if (membership(sk, m.multiaddr, index) !== undefined) return EADDRINUSE
  if (sk.mc_list.length >= sk.sk_net.ipv4.sysctl_igmp_max_memberships) return ENOBUFS
  sk.mc_list.unshift({ multiaddr: m.multiaddr, ifindex: index, sfmode, sources: [] })
  ip_mc_inc_group(in_dev, m.multiaddr, sfmode)
  return undefined
}
export function ip_mc_leave(sk: inet_sock, m: ip_mreqn): Errno | undefined {
  const in_dev = ip_mc_find_dev(sk, m)
  if (m.ifindex === 0 && m.address === 0 && in_dev === undefined) return ENODEV
  const index = m.ifindex !== 0 ? m.ifindex : m.address !== 0 ? in_dev?.dev.ifindex : undefined
  const at = sk.mc_list.findIndex((one) => one.multiaddr === m.multiaddr && (index === undefined || one.ifindex === index))
  if (at < 0) return EADDRNOTAVAIL
  const [gone] = sk.mc_list.splice(at, 1)
  const from = inetdev_by_index(sk.sk_net, gone.ifindex)
  if (from === undefined) return undefined
  ip_mc_change_src(from, m.multiaddr, gone.sfmode, gone.sources, -1, -1)
  ip_mc_dec_group(from, m.multiaddr)
  return undefined
}
/** By index alone, as the kernel's own sockets do. */
export function ip_mc_join_group(sk: inet_sock, multiaddr: number, ifindex: number): Errno | undefined {
  return ip_mc_join(sk, { multiaddr, address: 0, ifindex })
}
export function ip_mc_leave_group(sk: inet_sock, multiaddr: number, ifindex: number): Errno | undefined {
  return ip_mc_leave(sk, { multiaddr, address: 0, ifindex })
}

/** One source more or less. An empty list may change its mode; the last one that is wanted takes the membership along. */
export function ip_mc_source(sk: inet_sock, m: ip_mreqn, source: number, omode: number, add: boolean): Errno | undefined {
  if (!ipv4_is_multicast(m.multiaddr)) return EINVAL
  const in_dev = ip_mc_find_dev(sk, m)
  if (in_dev === undefined) return ENODEV
  const pmc = membership(sk, m.multiaddr, in_dev.dev.ifindex)
  if (pmc === undefined) return EINVAL
  if (pmc.sfmode !== omode) {
    if (pmc.sources.length > 0) return EINVAL
    // allow mode switches for empty lists
    ip_mc_change_src(in_dev, m.multiaddr, omode, [], 1, 1)
    ip_mc_change_src(in_dev, m.multiaddr, pmc.sfmode, [], -1, -1)
    pmc.sfmode = omode
  }
  const at = pmc.sources.indexOf(source)
  if (!add) {
    if (at < 0) return EADDRNOTAVAIL
    if (pmc.sources.length === 1 && omode === MCAST_INCLUDE) return ip_mc_leave(sk, { ...m, ifindex: in_dev.dev.ifindex })
    ip_mc_change_src(in_dev, m.multiaddr, omode, [source], -1)
    pmc.sources.splice(at, 1)
    return undefined
  }
  if (pmc.sources.length >= sk.sk_net.ipv4.sysctl_igmp_max_msf) return ENOBUFS
  if (at >= 0) return EADDRNOTAVAIL
  ip_mc_change_src(in_dev, m.multiaddr, omode, [source], 1)
  pmc.sources.push(source)
  return undefined
}
/** All at once; of nobody is to leave. */
export function ip_mc_msfilter(sk: inet_sock, m: ip_mreqn, fmode: number, sources: number[]): Errno | undefined {
  if (!ipv4_is_multicast(m.multiaddr) || (fmode !== MCAST_INCLUDE && fmode !== MCAST_EXCLUDE)) return EINVAL
  const in_dev = ip_mc_find_dev(sk, m)
  if (in_dev === undefined) return ENODEV
  if (fmode === MCAST_INCLUDE && sources.length === 0) return ip_mc_leave(sk, m)
  const pmc = membership(sk, m.multiaddr, in_dev.dev.ifindex)
  if (pmc === undefined) return EINVAL
  ip_mc_change_src(in_dev, m.multiaddr, fmode, sources, 1, 1)
  ip_mc_change_src(in_dev, m.multiaddr, pmc.sfmode, pmc.sources, -1, -1)
  pmc.sfmode = fmode
  pmc.sources = sources
  return undefined
}
/** ip_mc_msfget(), ip_mc_gsfget(): the membership that the option asks about. */
export function ip_mc_membership(sk: inet_sock, m: ip_mreqn): ip_mc_socklist | Errno {
  if (!ipv4_is_multicast(m.multiaddr)) return EINVAL
  const in_dev = ip_mc_find_dev(sk, m)
  if (in_dev === undefined) return ENODEV
  return membership(sk, m.multiaddr, in_dev.dev.ifindex) ?? EADDRNOTAVAIL
}
/** ip_mc_sf_allow(): whether the socket wants to hear this source of the group; what it has not joined IP_MULTICAST_ALL decides. */
export function ip_mc_sf_allow(sk: inet_sock, group: number, source: number, dif: number, sdif: number): boolean {
  if (!ipv4_is_multicast(group)) return true
  const pmc = sk.mc_list.find((m) => m.multiaddr === group && (m.ifindex === dif || (sdif !== 0 && m.ifindex === sdif)))
  // of IPv6's sockets none is asked whether it wants what it has not joined
  if (pmc === undefined) return opt4(sk, IP_MULTICAST_ALL, sk.sk_family === AF_INET ? 1 : 0) !== 0
  return pmc.sources.includes(source) === (pmc.sfmode === MCAST_INCLUDE)
}
/** The socket goes (ip_mc_drop_socket). */
export function ip_mc_drop_socket(sk: inet_sock): void {
  for (const { multiaddr, ifindex } of [...sk.mc_list]) ip_mc_leave_group(sk, multiaddr, ifindex)
  sk.mc_list = []
}

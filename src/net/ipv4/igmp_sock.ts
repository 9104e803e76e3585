/** net/ipv4/igmp.c ip_mc_join_group, ip_mc_leave_group: the groups that a socket has joined. */
import { EADDRINUSE, EADDRNOTAVAIL, EINVAL, ENOBUFS, ENODEV, type Errno, isErrno } from '../../uapi/errno.ts'
import { ipv4_is_multicast } from '../../uapi/linux/in.ts'
import { flowi4 } from './fib_lookup.ts'
import { IGMP_MAX_MEMBERSHIPS, ip_mc_dec_group, ip_mc_inc_group } from './igmp.ts'
import { type in_device, inetdev_by_index } from './in_device.ts'
import type { inet_sock } from './inet_sock.ts'
import { ip_route_output_key } from './route.ts'

/** struct ip_mc_socklist: one membership. */
export interface ip_mc_socklist {
  multiaddr: number
  ifindex: number
}

/** ip_mc_find_dev(): the device named, else the one that packets to the group would leave by. */
function ip_mc_find_dev(sk: inet_sock, multiaddr: number, ifindex: number): in_device | undefined {
  if (ifindex !== 0) return inetdev_by_index(sk.sk_net, ifindex)
  const rt = ip_route_output_key(sk.sk_net, new flowi4(multiaddr))
  return isErrno(rt) ? undefined : rt.dev?.ip_ptr
}

export function ip_mc_join_group(sk: inet_sock, multiaddr: number, ifindex: number): Errno | undefined {
  if (!ipv4_is_multicast(multiaddr)) return EINVAL
  const in_dev = ip_mc_find_dev(sk, multiaddr, ifindex)
  if (in_dev === undefined) return ENODEV
  const index = in_dev.dev.ifindex
  if (sk.mc_list.some((m) => m.multiaddr === multiaddr && m.ifindex === index)) return EADDRINUSE
  if (sk.mc_list.length >= IGMP_MAX_MEMBERSHIPS) return ENOBUFS
  sk.mc_list.unshift({ multiaddr, ifindex: index })
  ip_mc_inc_group(in_dev, multiaddr)
  return undefined
}
export function ip_mc_leave_group(sk: inet_sock, multiaddr: number, ifindex: number): Errno | undefined {
  const at = sk.mc_list.findIndex((m) => m.multiaddr === multiaddr && (ifindex === 0 || m.ifindex === ifindex))
  if (at < 0) return ip_mc_find_dev(sk, multiaddr, ifindex) === undefined ? ENODEV : EADDRNOTAVAIL
  const [gone] = sk.mc_list.splice(at, 1)
  const in_dev = inetdev_by_index(sk.sk_net, gone.ifindex)
  if (in_dev !== undefined) ip_mc_dec_group(in_dev, multiaddr)
  return undefined
}
/** The socket goes (ip_mc_drop_socket). */
export function ip_mc_drop_socket(sk: inet_sock): void {
  for (const { multiaddr, ifindex } of [...sk.mc_list]) ip_mc_leave_group(sk, multiaddr, ifindex)
}

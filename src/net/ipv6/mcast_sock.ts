/** net/ipv6/mcast.c ipv6_sock_mc_join, ipv6_sock_mc_drop: the groups that a socket has joined. */
import { EADDRINUSE, EADDRNOTAVAIL, EINVAL, ENODEV, type Errno, isErrno } from '../../uapi/errno.ts'
import { type in6_addr, ipv6_addr_equal, ipv6_addr_is_multicast } from '../../uapi/linux/in6.ts'
import type { net_device } from '../core/netdevice.ts'
import type { inet6_sock } from './inet6_sock.ts'
import { flowi6 } from './ip6_fib_lookup.ts'
import { __ipv6_dev_mc_dec, ipv6_dev_mc_inc } from './mcast.ts'
import { ip6_route_output } from './route.ts'

/** struct ipv6_mc_socklist: one membership. */
export interface ipv6_mc_socklist {
  addr: in6_addr
  ifindex: number
}

function find_dev(sk: inet6_sock, addr: in6_addr, ifindex: number): net_device | undefined {
  if (ifindex !== 0) return sk.sk_net.dev_index_head.get(ifindex)
  const rt = ip6_route_output(sk.sk_net, new flowi6(addr, new Uint8Array(16)))
  return isErrno(rt) || rt.error !== undefined ? undefined : rt.dev
}

export function ipv6_sock_mc_join(sk: inet6_sock, ifindex: number, addr: in6_addr): Errno | undefined {
  if (!ipv6_addr_is_multicast(addr)) return EINVAL
  if (sk.mc_list6.some((m) => (ifindex === 0 || m.ifindex === ifindex) && ipv6_addr_equal(m.addr, addr))) return EADDRINUSE
  const dev = find_dev(sk, addr, ifindex)
  if (dev === undefined) return ENODEV
  const error = ipv6_dev_mc_inc(dev, addr)
  if (isErrno(error)) return error
  sk.mc_list6.unshift({ addr: addr.slice(), ifindex: dev.ifindex })
  return undefined
}
export function ipv6_sock_mc_drop(sk: inet6_sock, ifindex: number, addr: in6_addr): Errno | undefined {
  if (!ipv6_addr_is_multicast(addr)) return EINVAL
  const at = sk.mc_list6.findIndex((m) => (ifindex === 0 || m.ifindex === ifindex) && ipv6_addr_equal(m.addr, addr))
  if (at < 0) return EADDRNOTAVAIL
  const [gone] = sk.mc_list6.splice(at, 1)
  const idev = sk.sk_net.dev_index_head.get(gone.ifindex)?.ip6_ptr
  if (idev !== undefined) __ipv6_dev_mc_dec(idev, addr)
  return undefined
}
/** The socket goes (ipv6_sock_mc_close). */
export function ipv6_sock_mc_close(sk: inet6_sock): void {
  for (const { addr, ifindex } of [...sk.mc_list6]) ipv6_sock_mc_drop(sk, ifindex, addr)
}

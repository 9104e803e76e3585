/** net/ipv4/inet_hashtables.c, net/ipv6/inet6_hashtables.c: the socket that listens for a segment. */
import { AF_INET, AF_INET6 } from '../../uapi/linux/socket.ts'
import { IPPROTO_TCP } from '../../uapi/linux/in.ts'
import { type in6_addr, in6addr_any, ipv6_addr_equal } from '../../uapi/linux/in6.ts'
import type { net } from '../core/net_namespace.ts'
import type { inet6_sock } from '../ipv6/inet6_sock.ts'
import { hears_no_ipv4 } from './inet_ports.ts'
import { type inet_sock, TCP_LISTEN } from './inet_sock.ts'

/** Where a segment comes in and goes to: a device, and that device's port of a VRF. */
export interface listener_key {
  dport: number
  dif: number
  sdif: number
}
/** inet_sk_bound_dev_eq(): others' segments only with tcp_l3mdev_accept. */
function bound_dev_eq(sk: inet_sock, k: listener_key): boolean {
  const { sk_bound_dev_if: bound } = sk
  if (bound === 0) return k.sdif === 0 || sk.sk_net.ipv4.kept_sysctls.tcp_l3mdev_accept !== 0
  return bound === k.dif || bound === k.sdif
}
/** Of those that listen at the port and `fits` the one that says most: its device counts, then its family. */
function best_listener(net: net, k: listener_key, family: number, fits: (sk: inet_sock) => boolean): inet_sock | undefined {
  let best: inet_sock | undefined
  let most = -1
  for (const sk of (net.ipv4.ports.get(IPPROTO_TCP)?.get(k.dport) ?? []) as Iterable<inet_sock>) {
    if (sk.sk_state !== TCP_LISTEN || !fits(sk) || !bound_dev_eq(sk, k)) continue
    const score = (sk.sk_bound_dev_if !== 0 ? 2 : 1) + (sk.sk_family === family ? 1 : 0)
    if (score > most) {
      most = score
      best = sk
    }
  }
  return best
}
/** __inet_lookup_listener(): at the very address first, then at all. */
export function inet_lookup_listener(net: net, k: listener_key, daddr: number): inet_sock | undefined {
  const at = (addr: number) => best_listener(net, k, AF_INET, (sk) => !hears_no_ipv4(sk) && sk.inet_rcv_saddr === addr)
  return at(daddr) ?? at(0)
}
/** inet6_lookup_listener() */
export function inet6_lookup_listener(net: net, k: listener_key, daddr: in6_addr): inet_sock | undefined {
  const fits = (sk: inet_sock, addr: in6_addr) => sk.sk_family === AF_INET6 && ipv6_addr_equal((sk as inet6_sock).rcv_saddr, addr)
  const at = (addr: in6_addr) => best_listener(net, k, AF_INET6, (sk) => fits(sk, addr))
  return at(daddr) ?? at(in6addr_any)
}

/** net/ipv4/udp.c udp_lib_get_port, inet_connection_sock.c: who has which port. */
import { EADDRINUSE, type Errno } from '../../uapi/errno.ts'
import { IP_LOCAL_PORT_RANGE } from '../../uapi/linux/in.ts'
import { IPV6_ADDR_ANY, IPV6_ADDR_MAPPED, ipv6_addr_equal, ipv6_addr_type } from '../../uapi/linux/in6.ts'
import { AF_INET6 } from '../../uapi/linux/socket.ts'
import type { net } from '../core/net_namespace.ts'
import type { inet6_sock } from '../ipv6/inet6_sock.ts'
import { type inet_sock, TCP_LISTEN } from './inet_sock.ts'

function ports_of(net: net, protocol: number): Map<number, Set<inet_sock>> {
  let ports = net.ipv4.ports.get(protocol) as Map<number, Set<inet_sock>> | undefined
  if (ports === undefined) net.ipv4.ports.set(protocol, (ports = new Map()))
  return ports
}

/** The IPv6 part of a socket of that family. */
function six_of(sk: inet_sock): inet6_sock | undefined {
  return sk.sk_family === AF_INET6 ? (sk as inet6_sock) : undefined
}
/** ipv6_only_sock() */
export function hears_no_ipv4(sk: inet_sock): boolean {
  return six_of(sk)?.ipv6only ?? false
}
/** inet_rcv_saddr_equal() with wildcards: a packet could be for both. */
function saddr_overlap(sk: inet_sock, other: inet_sock): boolean {
  const [a, b] = [six_of(sk), six_of(other)]
  const v4 = (two_only: boolean) =>
    !two_only && (sk.inet_rcv_saddr === other.inet_rcv_saddr || sk.inet_rcv_saddr === 0 || other.inet_rcv_saddr === 0)
  if (a === undefined) return v4(hears_no_ipv4(other))
  const type = ipv6_addr_type(a.rcv_saddr)
  const type2 = b === undefined ? IPV6_ADDR_MAPPED : ipv6_addr_type(b.rcv_saddr)
  if (type === IPV6_ADDR_MAPPED && type2 === IPV6_ADDR_MAPPED) return v4(hears_no_ipv4(other))
  if (type2 === IPV6_ADDR_ANY && (type === IPV6_ADDR_ANY || !(hears_no_ipv4(other) && type === IPV6_ADDR_MAPPED))) return true
  if (type === IPV6_ADDR_ANY && !(a.ipv6only && type2 === IPV6_ADDR_MAPPED)) return true
  return b !== undefined && ipv6_addr_equal(a.rcv_saddr, b.rcv_saddr)
}
/** Two sockets conflict on a port unless both may share it, or their addresses or devices differ. */
function conflict(sk: inet_sock, other: inet_sock): boolean {
  if (
    other === sk ||
    (sk.sk_bound_dev_if !== 0 && other.sk_bound_dev_if !== 0 && sk.sk_bound_dev_if !== other.sk_bound_dev_if) ||
    (sk.sk_reuse && other.sk_reuse && other.sk_state !== TCP_LISTEN)
  )
    return false
  return saddr_overlap(sk, other) && !(sk.sk_reuseport && other.sk_reuseport && sk.sk_uid === other.sk_uid)
}
function free(ports: Map<number, Set<inet_sock>>, sk: inet_sock, port: number): boolean {
  for (const other of ports.get(port) ?? []) if (conflict(sk, other)) return false
  return true
}

/** inet_sk_get_local_port_range(): the socket's own within the host's. */
function port_range(sk: inet_sock): [number, number] {
  const [low, high] = sk.sk_net.ipv4.ip_local_ports
  const own = sk.options.get(IP_LOCAL_PORT_RANGE) ?? 0
  const [lo, hi] = [own & 0xffff, own >>> 16]
  const fits = (port: number) => port >= low && port <= high
  return [lo !== 0 && fits(lo) ? lo : low, hi !== 0 && fits(hi) ? hi : high]
}
/** Takes `snum`, or with 0 a free port of ip_local_port_range, from a random place on. */
export function inet_get_port(sk: inet_sock, snum: number): Errno | undefined {
  const net = sk.sk_net
  const ports = ports_of(net, sk.sk_protocol)
  let port = snum
  if (port === 0) {
    const [low, high] = port_range(sk)
    const count = high - low + 1
    const first = net.kernel.random.below(count)
    for (let i = 0; i < count && port === 0; i++) {
      const candidate = low + ((first + i) % count)
      if (free(ports, sk, candidate)) port = candidate
    }
    if (port === 0) return EADDRINUSE
  } else if (!free(ports, sk, port)) {
    return EADDRINUSE
  }
  const holders = ports.get(port)
  if (holders === undefined) ports.set(port, new Set([sk]))
  else holders.add(sk)
  sk.inet_num = port
  return undefined
}
export function inet_put_port(sk: inet_sock): void {
  const ports = ports_of(sk.sk_net, sk.sk_protocol)
  const holders = ports.get(sk.inet_num)
  holders?.delete(sk)
  if (holders?.size === 0) ports.delete(sk.inet_num)
  sk.inet_num = 0
  sk.inet_sport = 0
}

/** net/ipv4/udp.c udp_lib_get_port, inet_connection_sock.c: who has which port. */
import { EADDRINUSE, type Errno } from '../../uapi/errno.ts'
import { AF_INET } from '../../uapi/linux/socket.ts'
import type { net } from '../core/net_namespace.ts'
import type { inet6_sock } from '../ipv6/inet6_sock.ts'
import { type inet_sock, TCP_LISTEN } from './inet_sock.ts'

function ports_of(net: net, protocol: number): Map<number, Set<inet_sock>> {
  let ports = net.ipv4.ports.get(protocol) as Map<number, Set<inet_sock>> | undefined
  if (ports === undefined) net.ipv4.ports.set(protocol, (ports = new Map()))
  return ports
}

/** Of a family each, and the IPv6 one hears no IPv4 (ipv6_rcv_saddr_equal). */
function of_other_families(sk: inet_sock, other: inet_sock): boolean {
  if (sk.sk_family === other.sk_family) return false
  const six = (sk.sk_family === AF_INET ? other : sk) as inet6_sock
  return six.ipv6only
}
/** Two sockets conflict on a port unless both may share it, or their addresses or devices differ. */
function conflict(sk: inet_sock, other: inet_sock): boolean {
  if (
    other === sk ||
    of_other_families(sk, other) ||
    (sk.sk_bound_dev_if !== 0 && other.sk_bound_dev_if !== 0 && sk.sk_bound_dev_if !== other.sk_bound_dev_if)
  )
    return false
  if (sk.inet_rcv_saddr !== 0 && other.inet_rcv_saddr !== 0 && sk.inet_rcv_saddr !== other.inet_rcv_saddr) return false
  if (sk.sk_reuse && other.sk_reuse && other.sk_state !== TCP_LISTEN) return false
  return !(sk.sk_reuseport && other.sk_reuseport && sk.sk_uid === other.sk_uid)
}
function free(ports: Map<number, Set<inet_sock>>, sk: inet_sock, port: number): boolean {
  for (const other of ports.get(port) ?? []) if (conflict(sk, other)) return false
  return true
}

/** Takes `snum`, or with 0 a free port of ip_local_port_range, from a random place on. */
export function inet_get_port(sk: inet_sock, snum: number): Errno | undefined {
  const net = sk.sk_net
  const ports = ports_of(net, sk.sk_protocol)
  let port = snum
  if (port === 0) {
    const [low, high] = net.ipv4.ip_local_ports
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

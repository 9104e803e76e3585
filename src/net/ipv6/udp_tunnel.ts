/** net/ipv4/udp_tunnel_core.c, net/ipv6/ip6_udp_tunnel.c: the sockets of tunnels in UDP, of both families. */
import { getBe32 } from '../../lib/bytes.ts'
import { EAFNOSUPPORT, type Errno, isErrno } from '../../uapi/errno.ts'
import { IPPROTO_UDP } from '../../uapi/linux/in.ts'
import { AF_INET, AF_INET6, SOCK_DGRAM } from '../../uapi/linux/socket.ts'
import type { net } from '../core/net_namespace.ts'
import type { udp_port_cfg } from '../core/udp_tunnel.ts'
import { ip_mc_drop_socket, ip_mc_join_group, ip_mc_leave_group } from '../ipv4/igmp_sock.ts'
import { inet_get_port } from '../ipv4/inet_ports.ts'
import { inet_sk } from '../ipv4/inet_sock.ts'
import { type socket, sock_create, sock_release } from '../socket.ts'
import { inet6_sk } from './inet6_sock.ts'
import { ipv6_sock_mc_close, ipv6_sock_mc_drop, ipv6_sock_mc_join } from './mcast_sock.ts'

export { setup_udp_tunnel_sock } from './udp_tunnel_rcv.ts'
export { udp_tunnel_lower_dev } from './udp_tunnel_route.ts'
export { udp_flow_src_port, udp_tunnel_xmit } from './udp_tunnel_xmit.ts'

/** Linux: the kernel's own sockets hold no reference of their namespace. */
export function udp_sock_create(net: net, cfg: udp_port_cfg): socket | Errno {
  if (cfg.family === AF_INET6 && net.ipv6 === undefined) return EAFNOSUPPORT
  const sock = sock_create(net, undefined, cfg.family, SOCK_DGRAM, IPPROTO_UDP)
  if (isErrno(sock)) return sock
  net.count--
  const sk = inet_sk(sock)
  if (cfg.family === AF_INET6) inet6_sk(sock).ipv6only = true
  sk.sk_bound_dev_if = cfg.bind_ifindex
  const error = inet_get_port(sk, cfg.local_udp_port)
  if (isErrno(error)) {
    udp_tunnel_sock_release(sock)
    return error
  }
  sk.inet_sport = sk.inet_num
  return sock
}
export function udp_tunnel_sock_release(sock: socket): void {
  if (sock.family === AF_INET) ip_mc_drop_socket(inet_sk(sock))
  else ipv6_sock_mc_close(inet6_sk(sock))
  inet_sk(sock).sk_net.count++
  sock_release(sock)
}
export function udp_tunnel_mc_join(sock: socket, addr: Uint8Array, ifindex: number): Errno | undefined {
  return sock.family === AF_INET
    ? ip_mc_join_group(inet_sk(sock), getBe32(addr, 0), ifindex)
    : ipv6_sock_mc_join(inet6_sk(sock), ifindex, addr)
}
export function udp_tunnel_mc_leave(sock: socket, addr: Uint8Array, ifindex: number): Errno | undefined {
  return sock.family === AF_INET
    ? ip_mc_leave_group(inet_sk(sock), getBe32(addr, 0), ifindex)
    : ipv6_sock_mc_drop(inet6_sk(sock), ifindex, addr)
}

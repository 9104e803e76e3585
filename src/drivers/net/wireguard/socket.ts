/** drivers/net/wireguard/socket.c: the two sockets of a device, of IPv4 and IPv6, at one port. */
import type { sk_buff } from '../../../net/core/skbuff.ts'
import { kfree_skb } from '../../../net/core/skbuff.ts'
import { type udp_encap_ops, udp_tunnel_ops_of } from '../../../net/core/udp_tunnel.ts'
import type { inet_sock } from '../../../net/ipv4/inet_sock.ts'
import type { socket } from '../../../net/socket.ts'
import { EADDRINUSE, ENONET, type Errno, isErrno } from '../../../uapi/errno.ts'
import { AF_INET, AF_INET6 } from '../../../uapi/linux/socket.ts'
import type { wg_device } from './device_types.ts'

const RETRIES = 100

/** Handshakes are not built, so that nobody has a session: what comes is counted and dropped. */
export function wg_receive(wg: wg_device, skb: sk_buff): void {
  wg.dev.nd_net.kernel.unsupported.count('wireguard', 'received message')
  kfree_skb(skb)
}
export const wg_encap_ops: udp_encap_ops = { name: 'wg_receive', encap_rcv: wg_receive }

/** Port 0: any that both families have. The old sockets stay where the new ones cannot be had. */
export function wg_socket_init(wg: wg_device, port: number): Errno | undefined {
  const net = wg.creating_net
  if (net === undefined) return ENONET
  const ops = udp_tunnel_ops_of(net)
  for (let retries = 0; ; retries++) {
    const sock4 = ops.udp_sock_create(net, { family: AF_INET, local_udp_port: port, bind_ifindex: 0 })
    if (isErrno(sock4)) return sock4
    const local_udp_port = (sock4.sk as inet_sock).inet_num
    const sock6 = net.ipv6 === undefined ? undefined : ops.udp_sock_create(net, { family: AF_INET6, local_udp_port, bind_ifindex: 0 })
    if (isErrno(sock6)) {
      ops.udp_tunnel_sock_release(sock4)
      if (sock6 === EADDRINUSE && port === 0 && retries < RETRIES) continue
      return sock6
    }
    ops.setup_udp_tunnel_sock(sock4, wg_encap_ops, wg)
    if (sock6 !== undefined) ops.setup_udp_tunnel_sock(sock6, wg_encap_ops, wg)
    wg_socket_reinit(wg, sock4, sock6)
    wg.incoming_port = local_udp_port
    return undefined
  }
}

export function wg_socket_reinit(wg: wg_device, sock4: socket | undefined, sock6: socket | undefined): void {
  const { sock4: old4, sock6: old6, creating_net: net } = wg
  wg.sock4 = sock4
  wg.sock6 = sock6
  if (net === undefined) return
  const { udp_tunnel_sock_release } = udp_tunnel_ops_of(net)
  if (old4 !== undefined) udp_tunnel_sock_release(old4)
  if (old6 !== undefined) udp_tunnel_sock_release(old6)
}

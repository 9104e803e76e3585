/** net/ipv4/udp_tunnel_core.c setup_udp_tunnel_sock: what arrives at a tunnel's socket is the tunnel's. */
import type { udp_encap_ops } from '../core/udp_tunnel.ts'
import { inet_sk } from '../ipv4/inet_sock.ts'
import type { socket } from '../socket.ts'

export function setup_udp_tunnel_sock(sock: socket, ops: udp_encap_ops, owner: object): void {
  inet_sk(sock).encap = { ops, owner }
}

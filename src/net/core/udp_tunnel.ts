/**
 * include/net/udp_tunnel.h: what tunnels in UDP ask of the protocols. Drivers lie beside the protocols, so that these
 * operations are handed in when a driver is loaded; what is handed in is an exported constant (state can name it).
 */
import type { Errno } from '../../uapi/errno.ts'
import type { socket } from '../socket.ts'
import type { net } from './net_namespace.ts'
import type { net_device } from './netdevice.ts'

/** struct udp_port_cfg, as far as a receiving socket needs it. */
export interface udp_port_cfg {
  readonly family: number
  /** Host order. */
  readonly local_udp_port: number
  readonly bind_ifindex: number
  readonly use_udp6_rx_checksums?: boolean
}

export interface udp_tunnel_ops {
  readonly name: string
  /** A kernel's own socket, bound to the port on all addresses of its family. */
  readonly udp_sock_create: (net: net, cfg: udp_port_cfg) => socket | Errno
  readonly udp_tunnel_sock_release: (sock: socket) => void
  /** ip_mc_join_group(), ipv6_sock_mc_join(): `addr` of 4 or 16 bytes. */
  readonly mc_join: (sock: socket, addr: Uint8Array, ifindex: number) => Errno | undefined
  readonly mc_leave: (sock: socket, addr: Uint8Array, ifindex: number) => Errno | undefined
  /** The device that packets to an address leave by. */
  readonly lower_dev: (net: net, remote: Uint8Array) => net_device | undefined
}

const KEY = 'udp_tunnel'
export function udp_tunnel_register(net: net, ops: udp_tunnel_ops): void {
  net.kernel.init_net.gen.set(KEY, ops)
}
export function udp_tunnel_ops_of(net: net): udp_tunnel_ops {
  return net.kernel.init_net.gen.get(KEY)
}

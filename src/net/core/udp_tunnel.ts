/** include/net/udp_tunnel.h: what tunnels in UDP ask of the protocols: a part of inet_ops.ts. */
import type { Errno } from '../../uapi/errno.ts'
import type { socket } from '../socket.ts'
import type { net } from './net_namespace.ts'
import type { net_device } from './netdevice.ts'
import type { sk_buff } from './skbuff.ts'

/** struct udp_port_cfg, as far as a receiving socket needs it. */
export interface udp_port_cfg {
  readonly family: number
  /** Host order. */
  readonly local_udp_port: number
  readonly bind_ifindex: number
  readonly use_udp6_rx_checksums?: boolean
}

/** Who takes what arrives at a tunnel's socket: exported constants of drivers (struct udp_tunnel_sock_cfg). */
export interface udp_encap_ops {
  readonly name: string
  /** At skb.data is what follows the UDP header; `saddr`: the sender, 4 or 16 bytes. The packet is taken over. */
  readonly encap_rcv: (owner: any, skb: sk_buff, saddr: Uint8Array) => void
}

/** A packet that is to travel: ports in host order. */
export interface udp_tunnel_packet {
  /** From here on: what follows the UDP header. */
  readonly skb: sk_buff
  /** The device that sends it, which must not be the way. */
  readonly dev: net_device
  /** Bytes that the device counts: what its own packets are without a link's header. */
  readonly length: number
  readonly saddr: Uint8Array
  readonly daddr: Uint8Array
  readonly sport: number
  readonly dport: number
  /** 0: the route's own. */
  readonly ttl: number
  readonly tos: number
  readonly label: number
  readonly df: boolean
  readonly ifindex: number
  /** No UDP checksum. */
  readonly nocheck: boolean
}
/** What stands in the way: ELOOP, ENETUNREACH …; or this host is the destination. */
export const UDP_TUNNEL_LOCAL = 1

export interface udp_tunnel_ops {
  readonly name: string
  /** A kernel's own socket, bound to the port on all addresses of its family. */
  readonly udp_sock_create: (net: net, cfg: udp_port_cfg) => socket | Errno
  readonly udp_tunnel_sock_release: (sock: socket) => void
  readonly setup_udp_tunnel_sock: (sock: socket, ops: udp_encap_ops, owner: object) => void
  /** udp_tunnel_xmit_skb() behind its route: nothing was sent where it answers an error, or UDP_TUNNEL_LOCAL with `bypass`. */
  readonly xmit: (net: net, packet: udp_tunnel_packet, bypass: boolean) => Errno | typeof UDP_TUNNEL_LOCAL | undefined
  /** udp_flow_src_port(): by flow, within a range (0: the host's). */
  readonly flow_src_port: (net: net, skb: sk_buff, min: number, max: number) => number
  /** ip_mc_join_group(), ipv6_sock_mc_join(): `addr` of 4 or 16 bytes. */
  readonly mc_join: (sock: socket, addr: Uint8Array, ifindex: number) => Errno | undefined
  readonly mc_leave: (sock: socket, addr: Uint8Array, ifindex: number) => Errno | undefined
  /** The device that packets to an address leave by. */
  readonly lower_dev: (net: net, remote: Uint8Array) => net_device | undefined
}

export function udp_tunnel_ops_of(net: net): udp_tunnel_ops {
  return net.kernel.inet_ops as udp_tunnel_ops
}

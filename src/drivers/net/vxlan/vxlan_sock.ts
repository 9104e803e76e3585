/**
 * drivers/net/vxlan/vxlan_core.c vxlan_sock_add, vxlan_sock_release: the UDP sockets. Devices of one port, family and kind
 * share one; a port that another program (or kind) has is EADDRINUSE when the device is opened.
 */
import { l3mdev_master_upper_ifindex_by_index } from '../../../net/core/l3mdev.ts'
import { udp_tunnel_ops_of } from '../../../net/core/udp_tunnel.ts'
import { EAFNOSUPPORT, type Errno, isErrno } from '../../../uapi/errno.ts'
import { AF_INET, AF_INET6 } from '../../../uapi/linux/socket.ts'
import { vxlan_encap_ops } from './vxlan_rcv.ts'
import {
  VXLAN_F_COLLECT_METADATA,
  VXLAN_F_IPV6,
  VXLAN_F_RCV_FLAGS,
  VXLAN_F_UDP_ZERO_CSUM6_RX,
  type vxlan_dev,
  vxlan_find_sock,
  vxlan_net_of,
  vxlan_sock,
} from './vxlan_private.ts'

function vxlan_socket_create(vxlan: vxlan_dev, family: number, bind_ifindex: number): vxlan_sock | Errno {
  const { net, cfg } = vxlan
  const use_udp6_rx_checksums = !(cfg.flags & VXLAN_F_UDP_ZERO_CSUM6_RX)
  const conf = { family, local_udp_port: cfg.dst_port, bind_ifindex, use_udp6_rx_checksums }
  const sock = udp_tunnel_ops_of(net).udp_sock_create(net, conf)
  if (isErrno(sock)) return sock
  const vs = new vxlan_sock(sock, cfg.dst_port, cfg.flags & VXLAN_F_RCV_FLAGS)
  vxlan_net_of(net).sock_list.unshift(vs)
  udp_tunnel_ops_of(net).setup_udp_tunnel_sock(sock, vxlan_encap_ops, vs)
  return vs
}
function sock_add(vxlan: vxlan_dev, family: number): Errno | undefined {
  const { net, cfg } = vxlan
  // lower devices in a VRF are heard within that VRF alone
  const index = l3mdev_master_upper_ifindex_by_index(net, cfg.remote_ifindex)
  let vs: vxlan_sock | undefined | Errno = vxlan_find_sock(net, family, cfg.dst_port, cfg.flags, index)
  if (vs !== undefined) vs.refcnt++
  else vs = vxlan_socket_create(vxlan, family, index)
  if (isErrno(vs)) return vs
  if (family === AF_INET6) vxlan.vn6_sock = vs
  else vxlan.vn4_sock = vs
  vs.devs.unshift(vxlan)
  return undefined
}
/** Of both families where frames bring their ends with them; there a host without IPv6 does with IPv4. */
export function vxlan_sock_add(vxlan: vxlan_dev): Errno | undefined {
  const metadata = (vxlan.cfg.flags & VXLAN_F_COLLECT_METADATA) !== 0
  const ipv6 = metadata || (vxlan.cfg.flags & VXLAN_F_IPV6) !== 0
  let ipv4 = metadata || !ipv6
  let error: Errno | undefined
  if (ipv6) {
    error = sock_add(vxlan, AF_INET6)
    if (isErrno(error) && error !== EAFNOSUPPORT) ipv4 = false
  }
  if (ipv4) error = sock_add(vxlan, AF_INET)
  if (isErrno(error)) vxlan_sock_release(vxlan)
  return error
}
export function vxlan_sock_release(vxlan: vxlan_dev): void {
  const socks = [vxlan.vn4_sock, vxlan.vn6_sock]
  vxlan.vn4_sock = vxlan.vn6_sock = undefined
  for (const vs of socks) if (vs !== undefined) release(vxlan, vs)
}
function release(vxlan: vxlan_dev, vs: vxlan_sock): void {
  vs.devs = vs.devs.filter((dev) => dev !== vxlan)
  if (--vs.refcnt > 0) return
  const vn = vxlan_net_of(vxlan.net)
  vn.sock_list = vn.sock_list.filter((other) => other !== vs)
  udp_tunnel_ops_of(vxlan.net).udp_tunnel_sock_release(vs.sock)
}

/** drivers/net/vxlan/vxlan_multicast.c: the groups that ends are reached by, joined while the device is up. */
import { netif_running } from '../../../net/core/dev.ts'
import { udp_tunnel_ops_of } from '../../../net/core/udp_tunnel.ts'
import { EADDRINUSE, type Errno, isErrno } from '../../../uapi/errno.ts'
import {
  VXLAN_F_VNIFILTER,
  type vxlan_addr,
  vxlan_addr_equal,
  vxlan_addr_multicast,
  type vxlan_dev,
  vxlan_net_of,
  type vxlan_sock,
} from './vxlan_private.ts'

function sock_for(vxlan: vxlan_dev, addr: vxlan_addr): vxlan_sock | undefined {
  return addr.length === 16 ? vxlan.vn6_sock : vxlan.vn4_sock
}
/** vxlan_igmp_join(): joined already, by a device that shares the socket, is well. */
export function vxlan_igmp_join(vxlan: vxlan_dev, addr: vxlan_addr): Errno | undefined {
  const vs = sock_for(vxlan, addr)
  if (vs === undefined) return undefined
  const error = udp_tunnel_ops_of(vxlan.net).mc_join(vs.sock, addr, vxlan.default_dst.remote_ifindex)
  return error === EADDRINUSE ? undefined : error
}
export function vxlan_igmp_leave(vxlan: vxlan_dev, addr: vxlan_addr): Errno | undefined {
  const vs = sock_for(vxlan, addr)
  return vs === undefined ? undefined : udp_tunnel_ops_of(vxlan.net).mc_leave(vs.sock, addr, vxlan.default_dst.remote_ifindex)
}

/** The device's groups: its default one first. */
function groups_of(vxlan: vxlan_dev): vxlan_addr[] {
  const { default_dst, cfg, vni_list } = vxlan
  const groups = vxlan_addr_multicast(default_dst.remote_ip) ? [default_dst.remote_ip] : []
  if (!(cfg.flags & VXLAN_F_VNIFILTER)) return groups
  for (const { remote_ip } of vni_list) {
    if (vxlan_addr_multicast(remote_ip) && !vxlan_addr_equal(remote_ip, default_dst.remote_ip)) groups.push(remote_ip)
  }
  return groups
}
/** vxlan_group_used(): another running device of the same socket still listens to the group. */
export function vxlan_group_used(vxlan: vxlan_dev, addr: vxlan_addr): boolean {
  const vs = sock_for(vxlan, vxlan.default_dst.remote_ip)
  if (vs?.refcnt === 1) return false
  const { remote_ifindex } = vxlan.default_dst
  return vxlan_net_of(vxlan.net).vxlan_list.items.some((other) => {
    if (other === vxlan || !netif_running(other.dev)) return false
    if (sock_for(other, vxlan.default_dst.remote_ip) !== vs) return false
    return other.default_dst.remote_ifindex === remote_ifindex && groups_of(other).some((group) => vxlan_addr_equal(group, addr))
  })
}

export function vxlan_multicast_join(vxlan: vxlan_dev): Errno | undefined {
  const joined: vxlan_addr[] = []
  for (const group of groups_of(vxlan)) {
    const error = vxlan_igmp_join(vxlan, group)
    if (isErrno(error)) {
      // Linux leaves the filter's groups here; the default one goes with the socket
      for (const done of joined) if (!vxlan_addr_equal(done, vxlan.default_dst.remote_ip)) vxlan_igmp_leave(vxlan, done)
      return error
    }
    joined.push(group)
  }
  return undefined
}
export function vxlan_multicast_leave(vxlan: vxlan_dev): void {
  for (const group of groups_of(vxlan)) if (!vxlan_group_used(vxlan, group)) vxlan_igmp_leave(vxlan, group)
}

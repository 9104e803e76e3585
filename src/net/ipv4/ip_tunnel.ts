/**
 * net/ipv4/ip_tunnel.c: what ipip, gre, gretap, erspan and vti share: making, changing and finding tunnels. Their ioctls are
 * in ip_tunnel_ioctl.ts, attributes in ip_tunnel_core.ts.
 */
import type { AttrTable } from '../../lib/attrs.ts'
import { putBe32 } from '../../lib/bytes.ts'
import { EEXIST, EINVAL, type Errno, isErrno } from '../../uapi/errno.ts'
import { IFF_BROADCAST, IFF_POINTOPOINT } from '../../uapi/linux/if.ts'
import { ARPHRD_ETHER } from '../../uapi/linux/if_arp.ts'
import { ETH_MIN_MTU } from '../../uapi/linux/if_ether.ts'
import { IFLA_ADDRESS, IFLA_MTU } from '../../uapi/linux/if_link.ts'
import { ipv4_is_multicast } from '../../uapi/linux/in.ts'
import {
  alloc_netdev,
  dev_set_mtu,
  dev_valid_name,
  free_netdev,
  netdev_state_change,
  register_netdevice,
  unregister_netdevice,
  unregister_netdevice_batch,
  unregister_netdevice_queue,
} from '../core/dev.ts'
import { dev_addr_set, dev_broadcast_set_be32 } from '../core/dev_addr_lists.ts'
import type { net } from '../core/net_namespace.ts'
import { type header_ops, IFF_XMIT_DST_RELEASE, NET_NAME_UNKNOWN, type net_device } from '../core/netdevice.ts'
import type { rtnl_link_ops } from '../core/rtnl_link_ops.ts'
import { net_has_fallback_tunnels } from '../core/sysctl_net_core.ts'
import { eth_hw_addr_random } from '../ethernet/eth.ts'
import {
  IP_MAX_MTU,
  IPHDR_LEN,
  IPV4_MIN_MTU,
  type ip_tunnel,
  ip_tunnel_add,
  ip_tunnel_del,
  ip_tunnel_find,
  ip_tunnel_net,
  ip_tunnel_net_of,
  ip_tunnel_parm_kern,
  ip_tunnel_priv,
} from './ip_tunnel_state.ts'
import { ip_tunnel_init_flow } from './ip_tunnel_xmit.ts'
import { ip_route_output_key } from './route.ts'

export const ip_tunnel_header_ops: header_ops = { name: 'ip_tunnel_header_ops' }

/** A packet keeps its route until it is encapsulated. */
export function netif_keep_dst(dev: net_device): void {
  dev.priv_flags &= ~IFF_XMIT_DST_RELEASE
}
/** An IPv4 address as the hardware address of a device. */
export function dev_addr_set_ipv4(dev: net_device, addr: number): void {
  dev.addr_len = 4
  const bytes = new Uint8Array(4)
  putBe32(bytes, 0, addr)
  dev_addr_set(dev, bytes)
}

/** The device that packets to the other end leave by. */
export function ip_tunnel_lower_dev(t: ip_tunnel): net_device | undefined {
  const { parms } = t
  if (parms.daddr === 0) return undefined
  const fl = ip_tunnel_init_flow(t.net, parms.daddr, parms.link)
  fl.saddr = parms.saddr
  fl.tos = parms.tos & ~1
  const rt = ip_route_output_key(t.net, fl)
  return isErrno(rt) ? undefined : rt.dev
}

/** ip_tunnel_bind_dev(): the MTU that the route to the other end leaves for the packets inside. */
export function ip_tunnel_bind_dev(dev: net_device): number {
  const t = ip_tunnel_priv(dev)
  let tdev = ip_tunnel_lower_dev(t)
  if (t.parms.daddr !== 0 && dev.type !== ARPHRD_ETHER) dev.flags |= IFF_POINTOPOINT
  if (tdev === undefined && t.parms.link !== 0) tdev = t.net.dev_index_head.get(t.parms.link)
  const t_hlen = t.hlen + IPHDR_LEN
  const hlen = tdev === undefined ? 0 : tdev.hard_header_len + tdev.needed_headroom
  dev.needed_headroom = t_hlen + hlen
  const mtu = (tdev === undefined ? 1500 : Math.min(tdev.mtu, IP_MAX_MTU)) - t_hlen - ethernet_header(dev)
  return Math.max(mtu, IPV4_MIN_MTU)
}
function ethernet_header(dev: net_device): number {
  return dev.type === ARPHRD_ETHER ? dev.hard_header_len : 0
}
/** The largest MTU whose packets still fit into an IPv4 packet with their headers. */
function max_mtu_of(dev: net_device): number {
  return IP_MAX_MTU - (ip_tunnel_priv(dev).hlen + IPHDR_LEN) - ethernet_header(dev)
}
export function ip_tunnel_change_mtu(dev: net_device, new_mtu: number): Errno | undefined {
  if (new_mtu < ETH_MIN_MTU || new_mtu > max_mtu_of(dev)) return EINVAL
  dev.mtu = new_mtu
  return undefined
}

/** ndo_init of all kinds, after what is theirs. */
export function ip_tunnel_init(dev: net_device): Errno | undefined {
  const t = ip_tunnel_priv(dev)
  dev.needs_free_netdev = true
  t.dev = dev
  t.net = dev.nd_net
  t.parms.name = dev.name
  t.parms.version = 4
  t.parms.ihl = 5
  if (!t.collect_md) return undefined
  dev.netns_local = true
  netif_keep_dst(dev)
  return undefined
}
export function ip_tunnel_uninit(dev: net_device): void {
  const t = ip_tunnel_priv(dev)
  const itn = ip_tunnel_net_of(t.net, t.net_id)
  if (itn !== undefined && itn.fb_tunnel_dev !== dev) ip_tunnel_del(itn, t)
}

/** __ip_tunnel_create(): by ioctl or as a fallback device, with the name given or the kind's next. */
function __ip_tunnel_create(net: net, ops: rtnl_link_ops, parms: ip_tunnel_parm_kern): net_device | Errno {
  if (parms.name !== '' && !dev_valid_name(parms.name)) return EINVAL
  if (ops.setup === undefined) return EINVAL
  const dev = alloc_netdev(net, parms.name || `${ops.kind}%d`, undefined, ops.setup, { name_assign_type: NET_NAME_UNKNOWN })
  dev.rtnl_link_ops = ops
  const t = ip_tunnel_priv(dev)
  t.parms = Object.assign(new ip_tunnel_parm_kern(), parms)
  t.net = net
  const error = register_netdevice(dev)
  if (!isErrno(error)) return dev
  free_netdev(dev)
  return error
}
export function ip_tunnel_create(net: net, itn: ip_tunnel_net, parms: ip_tunnel_parm_kern): Errno | undefined {
  const dev = __ip_tunnel_create(net, itn.rtnl_link_ops, parms)
  if (isErrno(dev)) return dev
  const error = dev_set_mtu(dev, ip_tunnel_bind_dev(dev))
  if (isErrno(error)) {
    unregister_netdevice(dev)
    return error
  }
  dev.min_mtu = ETH_MIN_MTU
  dev.max_mtu = max_mtu_of(dev)
  ip_tunnel_add(itn, ip_tunnel_priv(dev))
  return undefined
}

/** The fallback device takes its MTU silently: its announcement shows the one before. */
export function ip_tunnel_init_net(net: net, net_id: string, ops: rtnl_link_ops, devname = ''): Errno | undefined {
  const itn = new ip_tunnel_net(ops)
  net.gen.set(net_id, itn)
  if (!net_has_fallback_tunnels(net)) {
    itn.type = ip_tunnel_net_of(net.kernel.init_net, net_id).type
    return undefined
  }
  const parms = new ip_tunnel_parm_kern()
  parms.name = devname
  const dev = __ip_tunnel_create(net, ops, parms)
  if (isErrno(dev)) return dev
  itn.fb_tunnel_dev = dev
  dev.netns_local = true
  dev.mtu = ip_tunnel_bind_dev(dev)
  ip_tunnel_add(itn, ip_tunnel_priv(dev))
  itn.type = dev.type
  return undefined
}

/** The kind's devices here, and those whose packets travel here but that live elsewhere. */
export function ip_tunnel_delete_nets(nets: net[], net_id: string, ops: rtnl_link_ops): void {
  const list: net_device[] = []
  for (const net of nets) {
    for (const dev of net.dev_base_head) if (dev.rtnl_link_ops === ops) unregister_netdevice_queue(dev, list)
    for (const bucket of ip_tunnel_net_of(net, net_id)?.tunnels.values() ?? []) {
      for (const t of bucket) if (t.dev.nd_net !== net) unregister_netdevice_queue(t.dev, list)
    }
  }
  unregister_netdevice_batch(list)
}

export function ip_tunnel_newlink(dev: net_device, tb: AttrTable, p: ip_tunnel_parm_kern, fwmark: number): Errno | undefined {
  const nt = ip_tunnel_priv(dev)
  const itn = ip_tunnel_net_of(dev.nd_net, nt.net_id)
  if (nt.collect_md ? itn.collect_md_tun !== undefined : ip_tunnel_find(itn, p, dev.type) !== undefined) return EEXIST
  nt.net = dev.nd_net
  nt.parms = p
  nt.fwmark = fwmark
  const error = register_netdevice(dev)
  if (isErrno(error)) return error
  if (dev.type === ARPHRD_ETHER && !tb.has(IFLA_ADDRESS)) eth_hw_addr_random(dev)
  let mtu = ip_tunnel_bind_dev(dev)
  if (tb.has(IFLA_MTU)) mtu = Math.min(Math.max(dev.mtu, ETH_MIN_MTU), max_mtu_of(dev))
  const refused = dev_set_mtu(dev, mtu)
  if (isErrno(refused)) {
    unregister_netdevice(dev)
    return refused
  }
  ip_tunnel_add(itn, nt)
  return undefined
}

/** A device that has no peer yet cannot get one, nor lose it, nor change between a group and a station. */
export function peer_change_refused(dev: net_device, daddr: number): boolean {
  const nflags = ipv4_is_multicast(daddr) ? IFF_BROADCAST : daddr !== 0 ? IFF_POINTOPOINT : 0
  return ((dev.flags ^ nflags) & (IFF_POINTOPOINT | IFF_BROADCAST)) !== 0
}
export function ip_tunnel_changelink(dev: net_device, tb: AttrTable, p: ip_tunnel_parm_kern, fwmark: number): Errno | undefined {
  const tunnel = ip_tunnel_priv(dev)
  const itn = ip_tunnel_net_of(tunnel.net, tunnel.net_id)
  if (dev === itn.fb_tunnel_dev) return EINVAL
  const t = ip_tunnel_find(itn, p, dev.type)
  if (t !== undefined && t.dev !== dev) return EEXIST
  if (t === undefined && dev.type !== ARPHRD_ETHER && peer_change_refused(dev, p.daddr)) return EINVAL
  ip_tunnel_update(itn, tunnel, dev, p, !tb.has(IFLA_MTU), fwmark)
  return undefined
}

/** Flags are not taken over here: gre does that itself. */
export function ip_tunnel_update(
  itn: ip_tunnel_net,
  t: ip_tunnel,
  dev: net_device,
  p: ip_tunnel_parm_kern,
  set_mtu: boolean,
  fwmark: number,
): void {
  ip_tunnel_del(itn, t)
  const { saddr, daddr, i_key, o_key, ttl, tos, frag_off, link } = p
  Object.assign(t.parms, { saddr, daddr, i_key, o_key })
  if (dev.type !== ARPHRD_ETHER) {
    dev_addr_set_ipv4(dev, saddr)
    dev_broadcast_set_be32(dev, daddr)
  }
  ip_tunnel_add(itn, t)
  Object.assign(t.parms, { ttl, tos, frag_off })
  if (t.parms.link !== link || t.fwmark !== fwmark) {
    t.parms.link = link
    t.fwmark = fwmark
    const mtu = ip_tunnel_bind_dev(dev)
    if (set_mtu) dev.mtu = mtu
  }
  netdev_state_change(dev)
}

/** The fallback device stays. */
export function ip_tunnel_dellink(dev: net_device, list: net_device[]): void {
  const t = ip_tunnel_priv(dev)
  const itn = ip_tunnel_net_of(t.net, t.net_id)
  if (itn.fb_tunnel_dev === dev) return
  ip_tunnel_del(itn, t)
  unregister_netdevice_queue(dev, list)
}
export function ip_tunnel_get_link_net(dev: net_device): net {
  return ip_tunnel_priv(dev).net
}
/** 0 is written too: the tunnel leaves by whatever the route says. */
export function ip_tunnel_get_iflink(dev: net_device): number {
  return ip_tunnel_priv(dev).parms.link
}

/** net/ipv6/ip6_tunnel.c: what ip6tnl, ip6gre and vti6 share: abilities of the two ends, the route, the structures of ioctls. */
import type { AttrTable } from '../../lib/attrs.ts'
import type { Attr } from '../../lib/attrs.ts'
import { type Errno, isErrno } from '../../uapi/errno.ts'
import { IFF_POINTOPOINT } from '../../uapi/linux/if.ts'
import * as U from '../../uapi/linux/if_tunnel.ts'
import {
  __ipv6_addr_type,
  IPV6_ADDR_ANY,
  IPV6_ADDR_LINKLOCAL,
  IPV6_ADDR_LOOPBACK,
  IPV6_ADDR_MULTICAST,
  IPV6_ADDR_UNICAST,
} from '../../uapi/linux/in6.ts'
import {
  alloc_netdev,
  free_netdev,
  register_netdev,
  register_netdevice,
  unregister_netdevice_batch,
  unregister_netdevice_queue,
} from '../core/dev.ts'
import { dev_addr_set, dev_broadcast_set } from '../core/dev_addr_lists.ts'
import type { net } from '../core/net_namespace.ts'
import { NET_NAME_UNKNOWN, type net_device } from '../core/netdevice.ts'
import type { rtnl_link_ops } from '../core/rtnl_link_ops.ts'
import { net_has_fallback_tunnels } from '../core/sysctl_net_core.ts'
import { flowi6 } from './ip6_fib_lookup.ts'
import { __ip6_tnl_parm, IP6_TNL_F_CAPS, type ip6_tnl, ip6_tnl_link, ip6_tnl_net, ip6_tnl_priv } from './ip6_tunnel_state.ts'
import { ip6_route_output } from './route.ts'

/** ip6_tnl_get_cap(): with an end open, each packet decides. */
export function ip6_tnl_get_cap({ laddr, raddr, link }: __ip6_tnl_parm): number {
  const ltype = __ipv6_addr_type(laddr) & 0xffff
  const rtype = __ipv6_addr_type(raddr) & 0xffff
  if (ltype === IPV6_ADDR_ANY || rtype === IPV6_ADDR_ANY) return U.IP6_TNL_F_CAP_PER_PACKET
  const station = IPV6_ADDR_UNICAST | IPV6_ADDR_MULTICAST
  const both = ltype | rtype
  if (!(ltype & station) || !(rtype & station) || both & IPV6_ADDR_LOOPBACK) return 0
  if (both & IPV6_ADDR_LINKLOCAL && link === 0) return 0
  return (ltype & IPV6_ADDR_UNICAST ? U.IP6_TNL_F_CAP_XMIT : 0) | (rtype & IPV6_ADDR_UNICAST ? U.IP6_TNL_F_CAP_RCV : 0)
}
/** Addresses and abilities of the ends on the device; frames' devices keep their own addresses. */
export function ip6_tnl_link_config_common(t: ip6_tnl, with_address: boolean): void {
  const { dev, parms } = t
  if (with_address) {
    dev_addr_set(dev, parms.laddr)
    dev_broadcast_set(dev, parms.raddr)
  }
  parms.flags = (parms.flags & ~IP6_TNL_F_CAPS) | ip6_tnl_get_cap(parms)
  const both = U.IP6_TNL_F_CAP_XMIT | U.IP6_TNL_F_CAP_RCV
  if (with_address && (parms.flags & both) === both) dev.flags |= IFF_POINTOPOINT
  else dev.flags &= ~IFF_POINTOPOINT
}
/** rt6_lookup(): the device that packets to the other end leave by. */
export function ip6_tnl_lower_dev(t: ip6_tnl): net_device | undefined {
  const { raddr, laddr, link } = t.parms
  if (t.net.ipv6 === undefined) return undefined
  const fl6 = new flowi6(raddr, laddr)
  fl6.flowi_oif = link
  const rt = ip6_route_output(t.net, fl6)
  return isErrno(rt) || rt.error !== undefined ? undefined : rt.dev
}

export function ip6_tnl_net_of(net: net, id: string): ip6_tnl_net {
  let found = net.gen.get(id) as ip6_tnl_net | undefined
  if (found === undefined) net.gen.set(id, (found = new ip6_tnl_net()))
  return found
}
/** An address attribute, copied; absent: ::. */
export function nla_get_in6_addr(data: AttrTable, a: Attr<any>): Uint8Array {
  return data.payload(a)?.slice(0, 16) ?? new Uint8Array(16)
}

/** ip6_tnl_parm_from_user() for both forms of the structure. */
export function ip6_tnl_parm_from_user(raw: Uint8Array): __ip6_tnl_parm {
  const type = raw.length >= U.ip6_tnl_parm2.size ? U.ip6_tnl_parm2 : U.ip6_tnl_parm
  const { name, link, proto, encap_limit, hop_limit, flowinfo, flags, laddr, raddr } = type.get(raw, 0)
  const p = Object.assign(new __ip6_tnl_parm(), { name, link, proto, encap_limit, hop_limit, flowinfo, flags, laddr, raddr })
  if (type !== U.ip6_tnl_parm2) return p
  const { i_flags, o_flags, i_key, o_key } = U.ip6_tnl_parm2.get(raw, 0)
  return Object.assign(p, { i_flags, o_flags, i_key, o_key })
}
export function ip6_tnl_parm_to_user(p: __ip6_tnl_parm, keys: boolean): Uint8Array {
  const { name, link, proto, encap_limit, hop_limit, flowinfo, flags, laddr, raddr, i_flags, o_flags, i_key, o_key } = p
  const common = { name, link, proto, encap_limit, hop_limit, flowinfo, flags, laddr, raddr }
  return keys ? U.ip6_tnl_parm2.encode({ ...common, i_flags, o_flags, i_key, o_key }) : U.ip6_tnl_parm.encode(common)
}

/** The kinds' devices here, and those whose packets travel here but that live elsewhere. */
export function ip6_tnl_destroy_tunnels(nets: net[], id: string, kinds: readonly rtnl_link_ops[]): void {
  const list: net_device[] = []
  for (const net of nets) {
    for (const dev of net.dev_base_head) {
      if (dev.rtnl_link_ops !== undefined && kinds.includes(dev.rtnl_link_ops)) unregister_netdevice_queue(dev, list)
    }
    for (const tnls of ip6_tnl_net_of(net, id).tnls.values()) {
      for (const t of tnls) if (t.dev.nd_net !== net) unregister_netdevice_queue(t.dev, list)
    }
  }
  unregister_netdevice_batch(list)
}
export function ip6_tnl_get_link_net(dev: net_device): net {
  return ip6_tnl_priv(dev).net
}
export function ip6_tnl_get_iflink(dev: net_device): number {
  return ip6_tnl_priv(dev).parms.link
}

/** Registers a tunnel under its own kind and in the table of its kind (ip6_tnl_create2(), vti6_tnl_create2()). */
export function ip6_tnl_create(dev: net_device, id: string, kind: rtnl_link_ops): Errno | undefined {
  const t = ip6_tnl_priv(dev)
  dev.rtnl_link_ops = kind
  const error = register_netdevice(dev)
  if (isErrno(error)) return error
  t.parms.name = dev.name
  ip6_tnl_link(ip6_tnl_net_of(dev.nd_net, id), t)
  return undefined
}
/** What a device is made with; `name` is the fallback's, or the pattern of those without a name. */
interface ip6_tnl_kind {
  readonly name: string
  readonly id: string
  readonly kind: rtnl_link_ops
  readonly setup: (dev: net_device) => void
}
/** A tunnel as SIOCADDTUNNEL asks for it. */
export function ip6_tnl_make_device(net: net, p: __ip6_tnl_parm, { name: pattern, id, kind, setup }: ip6_tnl_kind): ip6_tnl | Errno {
  const dev = alloc_netdev(net, p.name || pattern, undefined, setup, { name_assign_type: NET_NAME_UNKNOWN })
  const t = ip6_tnl_priv(dev)
  t.parms = p
  t.net = net
  const error = ip6_tnl_create(dev, id, kind)
  if (!isErrno(error)) return t
  free_netdev(dev)
  return error
}
/** The device a namespace has of itself: it cannot leave, and what no tunnel takes comes to it. */
export function ip6_tnl_init_fallback(net: net, { name, id, kind, setup }: ip6_tnl_kind, proto: number): Errno | undefined {
  const ip6n = ip6_tnl_net_of(net, id)
  if (!net_has_fallback_tunnels(net)) return undefined
  const dev = alloc_netdev(net, name, undefined, setup, { name_assign_type: NET_NAME_UNKNOWN })
  dev.rtnl_link_ops = kind
  dev.netns_local = true
  const t = ip6_tnl_priv(dev)
  t.dev = dev
  t.net = net
  t.parms.proto = proto
  ip6n.fb_tnl_dev = dev
  const error = register_netdev(dev)
  if (isErrno(error)) return error
  t.parms.name = dev.name
  ip6_tnl_link(ip6n, t)
  return undefined
}

/** net/ipv6/ip6_output.c ip6_dst_lookup_tail: the route of a packet of ours, and with it the address that it is sent from. */
import { ENETUNREACH, type Errno, isErrno } from '../../uapi/errno.ts'
import { ipv6_addr_any } from '../../uapi/linux/in6.ts'
import { l3mdev_master_dev_rcu } from '../core/l3mdev.ts'
import type { net } from '../core/net_namespace.ts'
import { ipv6_dev_get_saddr } from './addrconf_saddr.ts'
import type { flowi6 } from './ip6_fib_lookup.ts'
import { ip6_route_output, type rt6_info } from './route.ts'

/** Fills fl6.saddr where it is not given. */
export function ip6_dst_lookup(net: net, fl6: flowi6, srcprefs = 0): rt6_info | Errno {
  const rt = ip6_route_output(net, fl6)
  if (isErrno(rt)) return rt
  if (rt.error !== undefined) return rt.error
  if (!ipv6_addr_any(fl6.saddr)) return rt
  const saddr = source_of(net, rt, fl6, srcprefs)
  if (isErrno(saddr)) return ENETUNREACH
  fl6.saddr = saddr
  return rt
}
/** ip6_route_get_saddr(): a route that leads out of the VRF of the flow says nothing of the source, which is one of the VRF's own. */
function source_of(net: net, rt: rt6_info, fl6: flowi6, srcprefs: number): Uint8Array | Errno {
  const dev = rt.from.nh.fib_nh_dev ?? rt.dev
  const master = net.dev_index_head.get(fl6.flowi_l3mdev)
  if (master !== undefined && l3mdev_master_dev_rcu(dev) !== master) return ipv6_dev_get_saddr(net, master, fl6.daddr, srcprefs)
  return rt.from.f6i.fib6_prefsrc ?? ipv6_dev_get_saddr(net, dev, fl6.daddr, srcprefs)
}

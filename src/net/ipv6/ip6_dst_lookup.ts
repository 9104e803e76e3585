/** net/ipv6/ip6_output.c ip6_dst_lookup_tail: the route of a packet of ours, and with it the address that it is sent from. */
import { EAFNOSUPPORT, ENETUNREACH, type Errno, isErrno } from '../../uapi/errno.ts'
import { IFA_F_OPTIMISTIC } from '../../uapi/linux/if_addr.ts'
import { IPSTATS_MIB_OUTNOROUTES } from '../../uapi/linux/snmp.ts'
import { in6addr_any, ipv6_addr_any, ipv6_addr_v4mapped } from '../../uapi/linux/in6.ts'
import { NUD_VALID } from '../core/neighbour.ts'
import { __neigh_lookup_noref } from '../core/neighbour_table.ts'
import { l3mdev_master_dev_rcu } from '../core/l3mdev.ts'
import type { net } from '../core/net_namespace.ts'
import { ipv6_get_ifaddr } from './addrconf_core.ts'
import { ipv6_dev_get_saddr } from './addrconf_saddr.ts'
import { type flowi6, RT6_LOOKUP_F_IFACE } from './ip6_fib_lookup.ts'
import { rt6_nexthop } from './ip6_output.ts'
import { IP6_INC_STATS } from './ip6_stats.ts'
import { nd_tbl } from './ndisc.ts'
import { ip6_route_output, type rt6_info } from './route.ts'

/** Fills fl6.saddr where it is not given. */
export function ip6_dst_lookup(net: net, fl6: flowi6, srcprefs = 0): rt6_info | Errno {
  const rt = dst_lookup(net, fl6, srcprefs)
  if (rt === ENETUNREACH) IP6_INC_STATS(net, undefined, IPSTATS_MIB_OUTNOROUTES)
  if (isErrno(rt) || !ipv6_addr_v4mapped(fl6.saddr)) return rt
  return ipv6_addr_v4mapped(fl6.daddr) || ipv6_addr_any(fl6.daddr) ? rt : EAFNOSUPPORT
}
function dst_lookup(net: net, fl6: flowi6, srcprefs: number): rt6_info | Errno {
  if (!ipv6_addr_any(fl6.saddr)) return by_router(net, fl6, usable(ip6_route_output(net, fl6)))
  const found = usable(ip6_route_output(net, fl6))
  const rt = isErrno(found) ? undefined : found
  const saddr = source_of(net, rt, fl6, srcprefs)
  if (isErrno(saddr)) return saddr
  fl6.saddr = saddr
  // a route for this source may be there where none is for any
  return by_router(net, fl6, rt ?? usable(ip6_route_output(net, fl6, fl6.flowi_oif === 0 ? 0 : RT6_LOOKUP_F_IFACE)))
}
function usable(rt: rt6_info | Errno): rt6_info | Errno {
  return isErrno(rt) ? rt : (rt.error ?? rt)
}
/** ip6_route_get_saddr(): a route that leads out of the VRF of the flow says nothing of the source, which is one of the VRF's own. */
function source_of(net: net, rt: rt6_info | undefined, fl6: flowi6, srcprefs: number): Uint8Array | Errno {
  const dev = rt?.from.nh.fib_nh_dev ?? rt?.dev
  const master = net.dev_index_head.get(fl6.flowi_l3mdev)
  if (master !== undefined && (dev === undefined || l3mdev_master_dev_rcu(dev) !== master))
    return ipv6_dev_get_saddr(net, master, fl6.daddr, srcprefs)
  return rt?.from.f6i.fib6_prefsrc ?? ipv6_dev_get_saddr(net, dev, fl6.daddr, srcprefs)
}
/** What an optimistic address says to a neighbour that is not known yet goes by the default router (RFC 4429 3.3). */
function by_router(net: net, fl6: flowi6, rt: rt6_info | Errno): rt6_info | Errno {
  if (isErrno(rt)) return rt
  const neigh = __neigh_lookup_noref(nd_tbl(net.kernel), rt6_nexthop(rt, fl6.daddr), rt.dev)
  if (neigh === undefined || neigh.nud_state & NUD_VALID) return rt
  const ifp = ipv6_get_ifaddr(net, fl6.saddr, rt.dev, true)
  if (ifp === undefined || !(ifp.flags & IFA_F_OPTIMISTIC)) return rt
  const { daddr } = fl6
  fl6.daddr = in6addr_any
  const router = usable(ip6_route_output(net, fl6))
  fl6.daddr = daddr
  return router
}

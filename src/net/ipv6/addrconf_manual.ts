/** net/ipv6/addrconf.c inet6_addr_add, inet6_addr_del, inet6_addr_modify: addresses that people give. */
import { HZ } from '../../kernel/time.ts'
import { EADDRNOTAVAIL, EINVAL, ENODEV, ENXIO, type Errno, isErrno } from '../../uapi/errno.ts'
import {
  IFA_F_DADFAILED,
  IFA_F_DEPRECATED,
  IFA_F_HOMEADDRESS,
  IFA_F_MANAGETEMPADDR,
  IFA_F_MCAUTOJOIN,
  IFA_F_NODAD,
  IFA_F_NOPREFIXROUTE,
  IFA_F_OPTIMISTIC,
  IFA_F_PERMANENT,
  IFA_F_TEMPORARY,
  IFA_F_TENTATIVE,
} from '../../uapi/linux/if_addr.ts'
import { type in6_addr, ipv6_addr_any, ipv6_addr_equal, ipv6_addr_is_multicast, ipv6_addr_scope } from '../../uapi/linux/in6.ts'
import { RTF_EXPIRES } from '../../uapi/linux/ipv6_route.ts'
import type { net } from '../core/net_namespace.ts'
import type { netlink_ext_ack } from '../netlink/extack.ts'
import { type ifa6_config, ipv6_add_addr, ipv6_del_addr } from './addrconf_addr.ts'
import { ipv6_get_ifaddr, note_lifetimes } from './addrconf_core.ts'
import { addrconf_dad_start } from './addrconf_dad.ts'
import { addrconf_add_dev } from './addrconf_dev.ts'
import { ipv6_ifa_notify } from './addrconf_ifa.ts'
import { addrconf_prefix_route, check_cleanup_prefix_route, cleanup_prefix_route, modify_prefix_route } from './addrconf_prefix.ts'
import { delete_tempaddrs, manage_tempaddrs } from './addrconf_tempaddr.ts'
import { addrconf_verify_rtnl } from './addrconf_verify.ts'
import { type inet6_ifaddr, INFINITY_LIFE_TIME } from './if_inet6.ts'
import { ipv6_mc_config } from './mcast.ts'

/** The end of the subnet's route that goes with the lifetimes, in jiffies from now; flags follow the lifetimes. */
function timeouts(cfg: ifa6_config): { expires: number; flags: number } {
  const finite = cfg.valid_lft !== INFINITY_LIFE_TIME
  if (!finite) cfg.ifa_flags |= IFA_F_PERMANENT
  if (cfg.preferred_lft === 0) cfg.ifa_flags |= IFA_F_DEPRECATED
  return { expires: finite ? cfg.valid_lft * HZ : 0, flags: finite ? RTF_EXPIRES : 0 }
}

export function inet6_addr_add(net: net, ifindex: number, cfg: ifa6_config, extack?: netlink_ext_ack): Errno | undefined {
  const fail = (error: Errno, msg: string) => extack?.fail(error, `ipv6: ${msg}`) ?? error
  if (cfg.plen > 128) return fail(EINVAL, 'Invalid prefix length')
  if (cfg.valid_lft === 0 || cfg.preferred_lft > cfg.valid_lft) return fail(EINVAL, 'address lifetime invalid')
  if (cfg.ifa_flags & IFA_F_MANAGETEMPADDR && cfg.plen !== 64) {
    return fail(EINVAL, 'address with "mngtmpaddr" flag must have a prefix length of 64')
  }
  const dev = net.dev_index_head.get(ifindex)
  if (dev === undefined) return ENODEV
  const idev = addrconf_add_dev(dev)
  if (isErrno(idev)) return fail(idev, 'IPv6 is disabled on this device')
  if (cfg.ifa_flags & IFA_F_MCAUTOJOIN) {
    const error = ipv6_mc_config(net, true, cfg.pfx, ifindex)
    if (isErrno(error)) return fail(error, 'Multicast auto join failed')
  }
  cfg.scope = ipv6_addr_scope(cfg.pfx)
  const { expires, flags } = timeouts(cfg)
  const ifp = ipv6_add_addr(idev, cfg, extack)
  if (isErrno(ifp)) {
    if (cfg.ifa_flags & IFA_F_MCAUTOJOIN) ipv6_mc_config(net, false, cfg.pfx, ifindex)
    return ifp
  }
  if (!(cfg.ifa_flags & IFA_F_NOPREFIXROUTE)) addrconf_prefix_route(ifp.addr, ifp.prefix_len, ifp.rt_priority, dev, expires, flags)
  // told while tentative; what needs no detection is told once it can be used
  if (!(ifp.flags & (IFA_F_OPTIMISTIC | IFA_F_NODAD))) ipv6_ifa_notify(0, ifp)
  addrconf_dad_start(ifp)
  if (cfg.ifa_flags & IFA_F_MANAGETEMPADDR) manage_tempaddrs(idev, ifp, cfg.valid_lft, cfg.preferred_lft, true)
  addrconf_verify_rtnl(net)
  return undefined
}

export function inet6_addr_del(net: net, ifindex: number, pfx: in6_addr, plen: number, extack?: netlink_ext_ack): Errno | undefined {
  const fail = (error: Errno, msg: string) => extack?.fail(error, `ipv6: ${msg}`) ?? error
  if (plen > 128) return fail(EINVAL, 'Invalid prefix length')
  const dev = net.dev_index_head.get(ifindex)
  if (dev === undefined) return fail(ENODEV, 'Unable to find the interface')
  const idev = dev.ip6_ptr
  if (idev === undefined) return fail(ENXIO, 'IPv6 is disabled on this device')
  const ifp = ipv6_get_ifaddr(net, pfx, dev, true)
  if (ifp?.prefix_len !== plen) return fail(EADDRNOTAVAIL, 'address not found')
  if (!(ifp.flags & IFA_F_TEMPORARY) && ifp.flags & IFA_F_MANAGETEMPADDR) delete_tempaddrs(idev, ifp)
  ipv6_del_addr(ifp)
  addrconf_verify_rtnl(net)
  if (ipv6_addr_is_multicast(pfx)) ipv6_mc_config(net, false, pfx, ifindex)
  return undefined
}

/** What a request may not touch stays: the state of detection, and how the address came to be. */
const MODIFIED_FLAGS = IFA_F_DEPRECATED | IFA_F_PERMANENT | IFA_F_NODAD | IFA_F_HOMEADDRESS | IFA_F_MANAGETEMPADDR | IFA_F_NOPREFIXROUTE

/** NLM_F_REPLACE: lifetimes, flags, metric, protocol and peer of an address that is there. */
export function inet6_addr_modify(net: net, ifp: inet6_ifaddr, cfg: ifa6_config): Errno | undefined {
  if (cfg.valid_lft === 0 || cfg.preferred_lft > cfg.valid_lft) return EINVAL
  if (cfg.ifa_flags & IFA_F_MANAGETEMPADDR && (ifp.flags & IFA_F_TEMPORARY || ifp.prefix_len !== 64)) return EINVAL
  if (!(ifp.flags & IFA_F_TENTATIVE) || ifp.flags & IFA_F_DADFAILED) cfg.ifa_flags &= ~IFA_F_OPTIMISTIC
  const { expires, flags } = timeouts(cfg)
  const new_peer = cfg.peer_pfx !== undefined && !ipv6_addr_equal(ifp.peer_addr, cfg.peer_pfx)
  if (new_peer && !ipv6_addr_any(ifp.peer_addr)) cleanup_prefix_route(ifp, 'del', true)
  const was_managetempaddr = (ifp.flags & IFA_F_MANAGETEMPADDR) !== 0
  const had_prefixroute = (ifp.flags & (IFA_F_PERMANENT | IFA_F_NOPREFIXROUTE)) === IFA_F_PERMANENT
  ifp.flags = (ifp.flags & ~MODIFIED_FLAGS) | cfg.ifa_flags
  ifp.tstamp = net.kernel.jiffies()
  ifp.valid_lft = cfg.valid_lft
  ifp.prefered_lft = cfg.preferred_lft
  note_lifetimes(ifp)
  ifp.ifa_proto = cfg.ifa_proto
  if (cfg.rt_priority !== 0) ifp.rt_priority = cfg.rt_priority
  if (new_peer) ifp.peer_addr = cfg.peer_pfx as in6_addr
  if (!(ifp.flags & IFA_F_TENTATIVE)) ipv6_ifa_notify(0, ifp)
  if (!(cfg.ifa_flags & IFA_F_NOPREFIXROUTE)) modify_routes(ifp, had_prefixroute, expires, flags)
  else if (had_prefixroute) cleanup_prefix_route(ifp, check_cleanup_prefix_route(ifp), false)
  modify_tempaddrs(ifp, cfg, was_managetempaddr)
  addrconf_verify_rtnl(net)
  return undefined
}
/** A route that somebody has deleted comes back. */
function modify_routes(ifp: inet6_ifaddr, had_prefixroute: boolean, expires: number, flags: number): void {
  const { dev } = ifp.idev
  let found = had_prefixroute && modify_prefix_route(ifp, expires, flags, false)
  if (!found) addrconf_prefix_route(ifp.addr, ifp.prefix_len, ifp.rt_priority, dev, expires, flags)
  if (ipv6_addr_any(ifp.peer_addr)) return
  if (had_prefixroute) found = modify_prefix_route(ifp, expires, flags, true)
  if (!found) addrconf_prefix_route(ifp.peer_addr, ifp.prefix_len, ifp.rt_priority, dev, expires, flags)
}
function modify_tempaddrs(ifp: inet6_ifaddr, cfg: ifa6_config, was_managed: boolean): void {
  const managed = (ifp.flags & IFA_F_MANAGETEMPADDR) !== 0
  if (!was_managed && !managed) return
  if (managed) manage_tempaddrs(ifp.idev, ifp, cfg.valid_lft, cfg.preferred_lft, !was_managed)
  else delete_tempaddrs(ifp.idev, ifp)
}

/** net/ipv6/addrconf.c ipv6_add_addr, ipv6_del_addr: the address list of a device. */
import { cancel_delayed_work, delayed_work } from '../../kernel/workqueue.ts'
import { NOTIFY_STOP_MASK, notifier_to_errno, raw_notifier_call_chain } from '../../kernel/notifier.ts'
import { EACCES, EADDRNOTAVAIL, EEXIST, ENODEV, type Errno, isErrno } from '../../uapi/errno.ts'
import { IFF_LOOPBACK } from '../../uapi/linux/if.ts'
import {
  IFA_F_MCAUTOJOIN,
  IFA_F_NODAD,
  IFA_F_NOPREFIXROUTE,
  IFA_F_PERMANENT,
  IFA_F_TEMPORARY,
  IFA_F_TENTATIVE,
} from '../../uapi/linux/if_addr.ts'
import {
  __ipv6_addr_src_scope,
  __ipv6_addr_type,
  type in6_addr,
  IPV6_ADDR_ANY,
  IPV6_ADDR_LOOPBACK,
  IPV6_ADDR_MULTICAST,
  in6addr_any,
  ipv6_addr_type,
} from '../../uapi/linux/in6.ts'
import { DEVCONF_DISABLE_IPV6 } from '../../uapi/linux/ipv6.ts'
import { RTM_DELADDR } from '../../uapi/linux/rtnetlink.ts'
import { netif_is_l3_master } from '../core/l3mdev.ts'
import { NETDEV_DOWN, NETDEV_UP } from '../core/netdevice.ts'
import type { netlink_ext_ack } from '../netlink/extack.ts'
import { ipv6_add_addr_hash, ipv6_del_addr_hash } from './addrconf_core.ts'
import { addrconf_dad_work } from './addrconf_dad.ts'
import { ipv6_ifa_notify } from './addrconf_ifa.ts'
import { check_cleanup_prefix_route, cleanup_prefix_route, type prefix_cleanup } from './addrconf_prefix.ts'
import { INET6_IFADDR_STATE_DEAD, type inet6_dev, inet6_ifaddr, INFINITY_LIFE_TIME } from './if_inet6.ts'
import { addrconf_f6i_alloc, rt6_remove_prefsrc } from './route.ts'

/** struct ifa6_config: an address as it is asked for. Lifetimes in seconds. */
export class ifa6_config {
  pfx: in6_addr
  plen: number
  peer_pfx: in6_addr | undefined = undefined
  rt_priority = 0
  ifa_flags = 0
  ifa_proto = 0
  scope = 0
  valid_lft = INFINITY_LIFE_TIME
  preferred_lft = INFINITY_LIFE_TIME
  constructor(pfx: in6_addr, plen: number) {
    this.pfx = pfx
    this.plen = plen
  }
}

/** Info on the inet6addr validator chain: a callback may refuse the address (notifier_from_errno). */
export interface in6_validator_info {
  i6vi_addr: in6_addr
  i6vi_dev: inet6_dev
  extack: netlink_ext_ack | undefined
}

function refused(idev: inet6_dev, cfg: ifa6_config, extack: netlink_ext_ack | undefined): Errno | undefined {
  const fail = (error: Errno, msg: string) => extack?.fail(error, `ipv6: ${msg}`) ?? error
  const type = ipv6_addr_type(cfg.pfx)
  if (type === IPV6_ADDR_ANY) return fail(EADDRNOTAVAIL, 'Invalid address')
  if (type & IPV6_ADDR_MULTICAST && !(cfg.ifa_flags & IFA_F_MCAUTOJOIN)) {
    return fail(EADDRNOTAVAIL, 'Cannot assign multicast address without "IFA_F_MCAUTOJOIN" flag')
  }
  if (!(idev.dev.flags & IFF_LOOPBACK) && !netif_is_l3_master(idev.dev) && type & IPV6_ADDR_LOOPBACK) {
    return fail(EADDRNOTAVAIL, 'Cannot assign loopback address on this device')
  }
  if (idev.dead) return fail(ENODEV, 'device is going away')
  if (idev.cnf.get(DEVCONF_DISABLE_IPV6)) return fail(EACCES, 'IPv6 is disabled on this device')
  const { inet6addr_validator_chain } = idev.dev.nd_net.kernel.inet6!
  const asked: in6_validator_info = { i6vi_addr: cfg.pfx, i6vi_dev: idev, extack }
  const answer = raw_notifier_call_chain(inet6addr_validator_chain, NETDEV_UP, asked)
  return answer & NOTIFY_STOP_MASK ? notifier_to_errno(answer) : undefined
}

/** Wide scopes first; among equals the newest (ipv6_link_dev_addr). */
function ipv6_link_dev_addr(idev: inet6_dev, ifp: inet6_ifaddr): void {
  const scope = (addr: in6_addr) => __ipv6_addr_src_scope(__ipv6_addr_type(addr))
  const own = scope(ifp.addr)
  let place: inet6_ifaddr | undefined
  for (let ifa = idev.addr_head.first; ifa !== undefined && own < scope(ifa.addr); ifa = ifa.list_next) place = ifa
  idev.addr_head.add_behind(ifp, place)
}

/** Lists an address, not yet told, its local route made but not in a table. */
export function ipv6_add_addr(idev: inet6_dev, cfg: ifa6_config, extack?: netlink_ext_ack): inet6_ifaddr | Errno {
  const error = refused(idev, cfg, extack)
  if (isErrno(error)) return error
  const { nd_net: net } = idev.dev
  const f6i = addrconf_f6i_alloc(net, idev, cfg.pfx, false, extack)
  if (isErrno(f6i)) return f6i
  const ifa = new inet6_ifaddr(idev, cfg.pfx, cfg.peer_pfx ?? in6addr_any)
  ifa.dad_work = new delayed_work(net.kernel.events, addrconf_dad_work, ifa)
  ifa.scope = cfg.scope
  ifa.prefix_len = cfg.plen
  ifa.rt_priority = cfg.rt_priority
  ifa.ifa_proto = cfg.ifa_proto
  ifa.flags = cfg.ifa_flags & IFA_F_NODAD ? cfg.ifa_flags : cfg.ifa_flags | IFA_F_TENTATIVE
  ifa.valid_lft = cfg.valid_lft
  ifa.prefered_lft = cfg.preferred_lft
  ifa.cstamp = ifa.tstamp = net.kernel.jiffies()
  ifa.rt = f6i
  if (!ipv6_add_addr_hash(idev.dev, ifa)) return EEXIST
  ipv6_link_dev_addr(idev, ifa)
  if (ifa.flags & IFA_F_TEMPORARY) idev.tempaddr_list.unshift(ifa)
  inet6addr_notifier_call_chain(NETDEV_UP, ifa)
  return ifa
}

export function inet6addr_notifier_call_chain(event: number, ifa: inet6_ifaddr): void {
  raw_notifier_call_chain(ifa.idev.dev.nd_net.kernel.inet6!.inet6addr_chain, event, ifa)
}

/** Takes an address away: told first, then its routes go, last that of the subnet, unless another address needs it. */
export function ipv6_del_addr(ifp: inet6_ifaddr): void {
  const { idev, state } = ifp
  ifp.state = INET6_IFADDR_STATE_DEAD
  if (state === INET6_IFADDR_STATE_DEAD) return
  ipv6_del_addr_hash(ifp)
  if (ifp.flags & IFA_F_TEMPORARY) {
    idev.tempaddr_list = idev.tempaddr_list.filter((other) => other !== ifp)
    ifp.ifpub = undefined
  }
  const subnet = (ifp.flags & (IFA_F_PERMANENT | IFA_F_NOPREFIXROUTE)) === IFA_F_PERMANENT
  const action: prefix_cleanup = subnet ? check_cleanup_prefix_route(ifp) : 'nop'
  idev.addr_head.del(ifp)
  cancel_delayed_work(ifp.dad_work)
  ipv6_ifa_notify(RTM_DELADDR, ifp)
  inet6addr_notifier_call_chain(NETDEV_DOWN, ifp)
  cleanup_prefix_route(ifp, action, false)
  rt6_remove_prefsrc(ifp)
}

/** net/ipv6/addrconf.c: IPv6's part of a device: when it begins and ends, and how it follows the device's events. */
import { cancel_delayed_work } from '../../kernel/workqueue.ts'
import { NOTIFY_OK, type notifier_block, notifier_from_errno } from '../../kernel/notifier.ts'
import { EACCES, EINVAL, type Errno, isErrno } from '../../uapi/errno.ts'
import { IFF_LOOPBACK, IFF_MULTICAST, IFF_NOARP, IFF_POINTOPOINT, IFF_UP } from '../../uapi/linux/if.ts'
import {
  IFA_F_NODAD,
  IFA_F_NOPREFIXROUTE,
  IFA_F_PERMANENT,
  IFA_F_TENTATIVE,
  IFAPROT_KERNEL_LO,
  IFAPROT_UNSPEC,
} from '../../uapi/linux/if_addr.ts'
import * as ARPHRD from '../../uapi/linux/if_arp.ts'
import {
  IN6_ADDR_GEN_MODE_EUI64,
  IN6_ADDR_GEN_MODE_NONE,
  IN6_ADDR_GEN_MODE_RANDOM,
  IN6_ADDR_GEN_MODE_STABLE_PRIVACY,
} from '../../uapi/linux/if_link.ts'
import {
  type in6_addr,
  in6addr_interfacelocal_allnodes,
  in6addr_linklocal_allnodes,
  in6addr_linklocal_allrouters,
  in6addr_loopback,
  IPV6_ADDR_COMPATv4,
  IPV6_ADDR_LINKLOCAL,
  IPV6_ADDR_LOOPBACK,
  ipv6_addr_type,
} from '../../uapi/linux/in6.ts'
import * as CONF from '../../uapi/linux/ipv6.ts'
import { RTF_NONEXTHOP } from '../../uapi/linux/ipv6_route.ts'
import {
  RT_SCOPE_HOST,
  RT_SCOPE_LINK,
  RTM_DELADDR,
  RTM_NEWADDR,
  RTM_NEWLINK,
  RTNH_F_DEAD,
  RTNH_F_LINKDOWN,
} from '../../uapi/linux/rtnetlink.ts'
import { netif_oper_up, netif_running } from '../core/dev.ts'
import { netif_is_l3_master } from '../core/l3mdev.ts'
import {
  IFF_ISATAP,
  IFF_NO_ADDRCONF,
  NETDEV_CHANGE,
  NETDEV_CHANGEMTU,
  NETDEV_CHANGENAME,
  NETDEV_CHANGEUPPER,
  NETDEV_DOWN,
  NETDEV_POST_TYPE_CHANGE,
  NETDEV_PRE_TYPE_CHANGE,
  NETDEV_REGISTER,
  NETDEV_UNREGISTER,
  NETDEV_UP,
  type net_device,
  type netdev_notifier_info,
} from '../core/netdevice.ts'
import { ifa6_config, inet6addr_notifier_call_chain, ipv6_add_addr, ipv6_del_addr } from './addrconf_addr.ts'
import { IFA_HOST, IFA_LINK, ipv6_del_addr_hash } from './addrconf_core.ts'
import { addrconf_dad_run, addrconf_dad_start } from './addrconf_dad.ts'
import { addrconf_addr_gen } from './addrconf_gen.ts'
import { __ipv6_ifa_notify, ipv6_ifa_notify } from './addrconf_ifa.ts'
import { inet6_ifinfo_notify } from './addrconf_ifinfo.ts'
import { addrconf_add_mroute, addrconf_prefix_route } from './addrconf_prefix.ts'
import { addrconf_del_rs_timer } from './addrconf_rs.ts'
import { addrconf_sysctl_register, addrconf_sysctl_unregister, sysctl_dev_name_is_allowed } from './addrconf_sysctl.ts'
import { addrconf_leave_anycast, ipv6_ac_destroy_dev } from './anycast.ts'
import {
  IF_RA_RCVD,
  IF_READY,
  IF_RS_SENT,
  INET6_IFADDR_STATE_DEAD,
  INET6_IFADDR_STATE_PREDAD,
  inet6_dev,
  type inet6_ifaddr,
} from './if_inet6.ts'
import {
  addrconf_leave_solict,
  ipv6_dev_mc_inc,
  ipv6_mc_destroy_dev,
  ipv6_mc_down,
  ipv6_mc_remap,
  ipv6_mc_unmap,
  ipv6_mc_up,
} from './mcast.ts'
import { ndisc_add_dev, ndisc_del_dev, ndisc_ifdown } from './ndisc.ts'
import { addrconf_f6i_alloc, ip6_del_rt, rt6_disable_ip, rt6_mtu_change, rt6_sync_down_dev, rt6_sync_up } from './route.ts'
import { put_addr4 } from '../ipv4/ip_hdr.ts'

/** Up, and with a queue that sends. */
function addrconf_link_ready(dev: net_device): boolean {
  return netif_oper_up(dev) && dev.tx_active
}

/** Devices whose temporary addresses would help nobody. */
const no_tempaddr: readonly number[] = [ARPHRD.ARPHRD_TUNNEL, ARPHRD.ARPHRD_TUNNEL6, ARPHRD.ARPHRD_SIT, ARPHRD.ARPHRD_NONE]

/** Gives the device its IPv6 part: settings as `default` has them, told to IPV6_NETCONF; the groups of every node. */
export function ipv6_add_dev(dev: net_device): inet6_dev | Errno {
  if (dev.mtu < CONF.IPV6_MIN_MTU) return EINVAL
  const { kernel } = dev.nd_net
  const idev = new inet6_dev(dev)
  const { cnf } = idev
  if (cnf.stable_secret.initialized) cnf.set(CONF.DEVCONF_ADDR_GEN_MODE, IN6_ADDR_GEN_MODE_STABLE_PRIVACY)
  if (dev.flags & (IFF_NOARP | IFF_LOOPBACK)) cnf.set(CONF.DEVCONF_ACCEPT_DAD, -1)
  if (dev.flags & IFF_LOOPBACK || no_tempaddr.includes(dev.type)) cnf.set(CONF.DEVCONF_USE_TEMPADDR, -1)
  // an ISATAP interface has no group to ask routers by
  if (dev.type === ARPHRD.ARPHRD_SIT && dev.priv_flags & IFF_ISATAP) cnf.set(CONF.DEVCONF_RTR_SOLICITS, 0)
  cnf.share(dev.nd_net.ipv6.devconf_dflt)
  if (netif_running(dev) && addrconf_link_ready(dev)) idev.if_flags |= IF_READY
  idev.tstamp = kernel.jiffies()
  if (!sysctl_dev_name_is_allowed(dev.name)) return EINVAL
  idev.nd_parms = ndisc_add_dev(dev)
  addrconf_sysctl_register(idev)
  // last: from here on packets and requests find it
  dev.ip6_ptr = idev
  ipv6_dev_mc_inc(dev, in6addr_interfacelocal_allnodes)
  ipv6_dev_mc_inc(dev, in6addr_linklocal_allnodes)
  if (cnf.get(CONF.DEVCONF_FORWARDING) && dev.flags & IFF_MULTICAST) ipv6_dev_mc_inc(dev, in6addr_linklocal_allrouters)
  return idev
}
export function ipv6_find_idev(dev: net_device): inet6_dev | Errno {
  const idev = dev.ip6_ptr ?? ipv6_add_dev(dev)
  if (!isErrno(idev) && dev.flags & IFF_UP) ipv6_mc_up(idev)
  return idev
}
/** The device is to have addresses: groups are routed to it. */
export function addrconf_add_dev(dev: net_device): inet6_dev | Errno {
  const idev = ipv6_find_idev(dev)
  if (isErrno(idev)) return idev
  if (idev.cnf.get(CONF.DEVCONF_DISABLE_IPV6)) return EACCES
  if (!(dev.flags & IFF_LOOPBACK) && !netif_is_l3_master(dev)) addrconf_add_mroute(dev)
  return idev
}

/** An address of the kernel's own that needs no detection. */
function add_addr(idev: inet6_dev, addr: in6_addr, plen: number, scope: number, proto: number): void {
  const cfg = new ifa6_config(addr, plen)
  cfg.ifa_flags = IFA_F_PERMANENT
  cfg.scope = scope
  cfg.ifa_proto = proto
  const ifp = ipv6_add_addr(idev, cfg)
  if (isErrno(ifp)) return
  ifp.flags &= ~IFA_F_TENTATIVE
  ipv6_ifa_notify(RTM_NEWADDR, ifp)
}

/** Tunnels over IPv4: addresses made of the tunnel's own IPv4 address, or else of all of the host. */
function add_v4_addrs(idev: inet6_dev): void {
  const { dev } = idev
  const compat = !(dev.flags & IFF_POINTOPOINT) && dev.type === ARPHRD.ARPHRD_SIT
  if (!compat && idev.cnf.get(CONF.DEVCONF_ADDR_GEN_MODE) === IN6_ADDR_GEN_MODE_NONE) return
  const [scope, plen, flags] = compat ? [IPV6_ADDR_COMPATv4, 96, RTF_NONEXTHOP] : [IFA_LINK, 64, 0]
  const add = (v4: Uint8Array, more: number) => {
    const addr = new Uint8Array(16)
    if (!compat) addr.set([0xfe, 0x80])
    addr.set(v4, 12)
    add_addr(idev, addr, plen, scope | more, IFAPROT_UNSPEC)
    addrconf_prefix_route(addr, plen, 0, dev, 0, flags)
  }
  const offset = dev.addr_len === 16 ? 12 : 0
  const own = dev.dev_addr.slice(offset, offset + 4)
  if (own.some((byte) => byte !== 0)) {
    add(own, 0)
    return
  }
  for (const other of dev.nd_net.dev_base_head) {
    if (other.ip_ptr === undefined || !(other.flags & IFF_UP)) continue
    // once an address of the host's scope was there, those behind it on its device get it too
    let more_scope = 0
    for (const { ifa_scope, ifa_local: a } of other.ip_ptr.ifa_list) {
      if (ifa_scope === RT_SCOPE_LINK || (ifa_scope >= RT_SCOPE_HOST && dev.flags & IFF_POINTOPOINT)) continue
      if (ifa_scope >= RT_SCOPE_HOST) more_scope = IFA_HOST
      add(put_addr4(a), more_scope)
    }
  }
}

/** Link layers whose devices configure themselves. */
const autoconf_types: readonly number[] = [
  ARPHRD.ARPHRD_ETHER,
  ARPHRD.ARPHRD_FDDI,
  ARPHRD.ARPHRD_ARCNET,
  ARPHRD.ARPHRD_INFINIBAND,
  ARPHRD.ARPHRD_IEEE1394,
  ARPHRD.ARPHRD_TUNNEL6,
  ARPHRD.ARPHRD_6LOWPAN,
  ARPHRD.ARPHRD_TUNNEL,
  ARPHRD.ARPHRD_NONE,
  ARPHRD.ARPHRD_RAWIP,
]
function addrconf_dev_config(dev: net_device): void {
  if (!autoconf_types.includes(dev.type)) {
    if (dev.ip6_ptr !== undefined && dev.flags & IFF_UP && dev.flags & IFF_MULTICAST) ipv6_mc_up(dev.ip6_ptr)
    return
  }
  const idev = addrconf_add_dev(dev)
  if (isErrno(idev)) return
  if (dev.type === ARPHRD.ARPHRD_NONE && idev.cnf.get(CONF.DEVCONF_ADDR_GEN_MODE) === IN6_ADDR_GEN_MODE_EUI64) {
    idev.cnf.set(CONF.DEVCONF_ADDR_GEN_MODE, IN6_ADDR_GEN_MODE_RANDOM)
  }
  addrconf_addr_gen(idev, false)
}
function addrconf_sit_config(dev: net_device): void {
  const idev = ipv6_find_idev(dev)
  if (isErrno(idev)) return
  if (dev.priv_flags & IFF_ISATAP) {
    addrconf_addr_gen(idev, false)
    return
  }
  add_v4_addrs(idev)
  if (dev.flags & IFF_POINTOPOINT) addrconf_add_mroute(dev)
}
/** A tunnel over IPv4 without an address of its own has no identifier to make one of. */
function addrconf_gre_config(dev: net_device): void {
  const idev = addrconf_add_dev(dev)
  if (isErrno(idev)) return
  const eui64 = idev.cnf.get(CONF.DEVCONF_ADDR_GEN_MODE) === IN6_ADDR_GEN_MODE_EUI64
  const nameless = dev.type === ARPHRD.ARPHRD_IPGRE && dev.dev_addr.subarray(0, 4).every((byte) => byte === 0)
  if (nameless && eui64) add_v4_addrs(idev)
  else addrconf_addr_gen(idev, true)
}
/** What a device has of itself when it comes up. */
export function addrconf_init_auto_addrs(dev: net_device): void {
  switch (dev.type) {
    case ARPHRD.ARPHRD_SIT:
      addrconf_sit_config(dev)
      break
    case ARPHRD.ARPHRD_IP6GRE:
    case ARPHRD.ARPHRD_IPGRE:
      addrconf_gre_config(dev)
      break
    case ARPHRD.ARPHRD_LOOPBACK: {
      const idev = ipv6_find_idev(dev)
      if (!isErrno(idev)) add_addr(idev, in6addr_loopback, 128, IFA_HOST, IFAPROT_KERNEL_LO)
      break
    }
    default:
      addrconf_dev_config(dev)
  }
}

/** Addresses that were there while the device was down get their routes back, and those that were kept their DAD. */
function addrconf_permanent_addr(dev: net_device): void {
  const idev = dev.ip6_ptr
  if (idev === undefined) return
  for (const ifp of [...idev.addr_list]) {
    if (ifp.flags & IFA_F_PERMANENT && isErrno(fixup_permanent_addr(idev, ifp))) ipv6_del_addr(ifp)
  }
}
function fixup_permanent_addr(idev: inet6_dev, ifp: inet6_ifaddr): Errno | undefined {
  if (ifp.rt?.fib6_node === undefined) {
    const f6i = addrconf_f6i_alloc(idev.dev.nd_net, idev, ifp.addr, false)
    if (isErrno(f6i)) return f6i
    ifp.rt = f6i
  }
  if (!(ifp.flags & IFA_F_NOPREFIXROUTE)) addrconf_prefix_route(ifp.addr, ifp.prefix_len, ifp.rt_priority, idev.dev, 0, 0)
  if (ifp.state === INET6_IFADDR_STATE_PREDAD) addrconf_dad_start(ifp)
  return undefined
}

function addr_is_local(addr: in6_addr): boolean {
  return (ipv6_addr_type(addr) & (IPV6_ADDR_LINKLOCAL | IPV6_ADDR_LOOPBACK)) !== 0
}
function keeps_addrs(idev: inet6_dev, unregister: boolean): boolean {
  if (unregister || idev.cnf.get(CONF.DEVCONF_DISABLE_IPV6)) return false
  const all = idev.dev.nd_net.ipv6.devconf_all.get(CONF.DEVCONF_KEEP_ADDR_ON_DOWN)
  return (all || idev.cnf.get(CONF.DEVCONF_KEEP_ADDR_ON_DOWN)) > 0
}

/** IPv6 stops on the device; with `unregister` it leaves it. Routes go first, then each address is told as gone. */
export function addrconf_ifdown(dev: net_device, unregister: boolean): void {
  rt6_disable_ip(dev, unregister ? NETDEV_UNREGISTER : NETDEV_DOWN)
  ndisc_ifdown(dev)
  const idev = dev.ip6_ptr
  if (idev === undefined) return
  if (unregister) {
    idev.dead = true
    dev.ip6_ptr = undefined
  }
  const keep_addr = keeps_addrs(idev, unregister)
  const kept = (ifa: inet6_ifaddr) => keep_addr && (ifa.flags & IFA_F_PERMANENT) !== 0 && !addr_is_local(ifa.addr)
  for (const ifa of idev.addr_list) if (!kept(ifa)) ipv6_del_addr_hash(ifa)
  addrconf_del_rs_timer(idev)
  const was_ready = (idev.if_flags & IF_READY) !== 0
  if (!unregister) idev.if_flags &= ~(IF_RS_SENT | IF_RA_RCVD | IF_READY)
  for (const ift of idev.tempaddr_list) ift.ifpub = undefined
  idev.tempaddr_list = []
  for (const ifa of [...idev.addr_list]) {
    cancel_delayed_work(ifa.dad_work)
    if (kept(ifa)) keep(idev, ifa)
    else drop(idev, ifa)
  }
  if (unregister) {
    ipv6_ac_destroy_dev(idev)
    ipv6_mc_destroy_dev(idev)
  } else if (was_ready) {
    ipv6_mc_down(idev)
  }
  idev.tstamp = dev.nd_net.kernel.jiffies()
  idev.ra_mtu = 0
  if (!unregister) return
  addrconf_sysctl_unregister(idev)
  ndisc_del_dev(dev)
}
function keep(idev: inet6_dev, ifa: inet6_ifaddr): void {
  const { rt } = ifa
  ifa.state = INET6_IFADDR_STATE_PREDAD
  if (!(ifa.flags & IFA_F_NODAD)) ifa.flags |= IFA_F_TENTATIVE
  ifa.rt = undefined
  if (rt !== undefined) ip6_del_rt(idev.dev.nd_net, rt, false)
  silent(idev, ifa)
}
function drop(idev: inet6_dev, ifa: inet6_ifaddr): void {
  const { state } = ifa
  ifa.state = INET6_IFADDR_STATE_DEAD
  if (state === INET6_IFADDR_STATE_DEAD) {
    silent(idev, ifa)
  } else {
    __ipv6_ifa_notify(RTM_DELADDR, ifa)
    inet6addr_notifier_call_chain(NETDEV_DOWN, ifa)
  }
  idev.addr_head.del(ifa)
}
function silent(idev: inet6_dev, ifa: inet6_ifaddr): void {
  if (idev.cnf.get(CONF.DEVCONF_FORWARDING)) addrconf_leave_anycast(ifa)
  addrconf_leave_solict(idev, ifa.addr)
}

/** The device can be used, from its coming up or from its having carrier on. */
function becomes_ready(dev: net_device, idev: inet6_dev | undefined, run_pending: boolean): void {
  addrconf_init_auto_addrs(dev)
  if (idev === undefined) return
  if (run_pending) addrconf_dad_run(idev, false)
  rt6_sync_up(dev, RTNH_F_DEAD)
  // the MTU may have changed while the device was down
  if (idev.cnf.get(CONF.DEVCONF_MTU6) !== dev.mtu && dev.mtu >= CONF.IPV6_MIN_MTU) {
    rt6_mtu_change(dev, dev.mtu)
    idev.cnf.set(CONF.DEVCONF_MTU6, dev.mtu)
  }
  idev.tstamp = dev.nd_net.kernel.jiffies()
  inet6_ifinfo_notify(RTM_NEWLINK, idev)
  if (dev.mtu < CONF.IPV6_MIN_MTU) addrconf_ifdown(dev, dev !== dev.nd_net.loopback_dev)
}
/** NETDEV_UP, also when disable_ipv6 is taken back. */
export function addrconf_up(dev: net_device): void {
  const idev = dev.ip6_ptr
  if (idev?.cnf.get(CONF.DEVCONF_DISABLE_IPV6)) return
  if (dev.priv_flags & IFF_NO_ADDRCONF) {
    if (idev !== undefined && dev.flags & IFF_UP && dev.flags & IFF_MULTICAST) ipv6_mc_up(idev)
    return
  }
  addrconf_permanent_addr(dev)
  if (!addrconf_link_ready(dev)) return
  const ready = idev ?? (dev.mtu >= CONF.IPV6_MIN_MTU ? ipv6_add_dev(dev) : undefined)
  if (ready === undefined || isErrno(ready)) {
    becomes_ready(dev, undefined, false)
    return
  }
  ready.if_flags |= IF_READY
  becomes_ready(dev, ready, true)
}
function addrconf_change(dev: net_device, flags_changed: number): void {
  const idev = dev.ip6_ptr
  if (idev?.cnf.get(CONF.DEVCONF_DISABLE_IPV6) || dev.priv_flags & IFF_NO_ADDRCONF) return
  if (!addrconf_link_ready(dev)) {
    rt6_sync_down_dev(dev, NETDEV_CHANGE)
    return
  }
  if (idev !== undefined && idev.if_flags & IF_READY) {
    // there already: the switches of a new place hear of the groups
    ipv6_mc_up(idev)
    if (flags_changed & IFF_NOARP) addrconf_dad_run(idev, true)
    rt6_sync_up(dev, RTNH_F_LINKDOWN)
    return
  }
  if (idev !== undefined) idev.if_flags |= IF_READY
  becomes_ready(dev, idev, true)
}
function addrconf_change_mtu(dev: net_device): void {
  if (dev.mtu < CONF.IPV6_MIN_MTU) {
    addrconf_ifdown(dev, dev !== dev.nd_net.loopback_dev)
  } else if (dev.ip6_ptr !== undefined) {
    rt6_mtu_change(dev, dev.mtu)
    dev.ip6_ptr.cnf.set(CONF.DEVCONF_MTU6, dev.mtu)
  } else {
    const idev = ipv6_add_dev(dev)
    if (!isErrno(idev) && idev.if_flags & IF_READY) mtu_large_enough(dev, idev)
  }
}
/** As NETDEV_CHANGE would go on for a device that is ready: linkdown is passed over. */
function mtu_large_enough(dev: net_device, idev: inet6_dev): void {
  if (idev.cnf.get(CONF.DEVCONF_DISABLE_IPV6) || dev.priv_flags & IFF_NO_ADDRCONF) return
  becomes_ready(dev, idev, true)
}

/** On the netdev chain, after IPv4. */
export function addrconf_notify(_nb: notifier_block, event: number, info: netdev_notifier_info): number {
  const { dev } = info
  const idev = dev.ip6_ptr
  switch (event) {
    case NETDEV_REGISTER:
      if (idev === undefined && dev.mtu >= CONF.IPV6_MIN_MTU) {
        const made = ipv6_add_dev(dev)
        if (isErrno(made)) return notifier_from_errno(made)
      }
      break
    case NETDEV_CHANGEMTU:
      addrconf_change_mtu(dev)
      break
    case NETDEV_UP:
      addrconf_up(dev)
      break
    case NETDEV_CHANGE:
      addrconf_change(dev, info.flags_changed ?? 0)
      break
    case NETDEV_DOWN:
    case NETDEV_UNREGISTER:
      addrconf_ifdown(dev, event === NETDEV_UNREGISTER)
      break
    case NETDEV_CHANGENAME:
      if (idev !== undefined) {
        addrconf_sysctl_unregister(idev)
        if (!sysctl_dev_name_is_allowed(dev.name)) return notifier_from_errno(EINVAL)
        addrconf_sysctl_register(idev)
      }
      break
    case NETDEV_CHANGEUPPER:
      // into a VRF or out of it: everything begins anew in the other table
      if (info.upper_dev !== undefined && netif_is_l3_master(info.upper_dev)) addrconf_ifdown(dev, false)
      break
    case NETDEV_PRE_TYPE_CHANGE:
      if (idev !== undefined) ipv6_mc_unmap(idev)
      break
    case NETDEV_POST_TYPE_CHANGE:
      if (idev !== undefined) ipv6_mc_remap(idev)
      break
  }
  return NOTIFY_OK
}

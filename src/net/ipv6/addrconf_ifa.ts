/** net/ipv6/addrconf.c inet6_fill_ifaddr, ipv6_ifa_notify: addresses as messages, and the routes that go with them. */
import { put32 } from '../../lib/bytes.ts'
import { MessageBuilder } from '../../lib/message.ts'
import { HZ, USER_HZ } from '../../kernel/time.ts'
import { IFF_UP } from '../../uapi/linux/if.ts'
import {
  IFA_ADDRESS,
  IFA_ANYCAST,
  IFA_CACHEINFO,
  IFA_F_PERMANENT,
  IFA_FLAGS,
  IFA_LOCAL,
  IFA_MULTICAST,
  IFA_PROTO,
  IFA_RT_PRIORITY,
  IFA_TARGET_NETNSID,
  ifa_cacheinfo,
  ifaddrmsg,
} from '../../uapi/linux/if_addr.ts'
import { type in6_addr, ipv6_addr_any, ipv6_addr_scope } from '../../uapi/linux/in6.ts'
import { DEVCONF_FORWARDING } from '../../uapi/linux/ipv6.ts'
import { NETLINK_ROUTE } from '../../uapi/linux/netlink.ts'
import {
  RT_SCOPE_HOST,
  RT_SCOPE_LINK,
  RT_SCOPE_SITE,
  RT_SCOPE_UNIVERSE,
  RTM_DELADDR,
  RTM_GETANYCAST,
  RTM_GETMULTICAST,
  RTM_NEWADDR,
  RTNLGRP_IPV6_IFADDR,
} from '../../uapi/linux/rtnetlink.ts'
import { AF_INET6 } from '../../uapi/linux/socket.ts'
import { rtnl_notify } from '../core/rtnetlink.ts'
import { netlink_has_listeners } from '../netlink/af_netlink.ts'
import { addrconf_get_prefix_route, addrconf_prefix_route } from './addrconf_prefix.ts'
import { IFA_HOST, IFA_LINK, IFA_SITE } from './addrconf_core.ts'
import { addrconf_join_anycast, addrconf_leave_anycast } from './anycast.ts'
import { type ifacaddr6, type ifmcaddr6, type inet6_ifaddr, INFINITY_LIFE_TIME } from './if_inet6.ts'
import { addrconf_leave_solict } from './mcast.ts'
import { ip6_del_rt, ip6_ins_rt } from './route.ts'

/** Whom a message is for; `netnsid` < 0: not asked for. */
export interface inet6_fill_args {
  portid: number
  seq: number
  flags: number
  netnsid: number
}

/** Hundredths of a second since boot. */
export function cstamp_delta(jiffies: number): number {
  return Math.floor((Math.max(0, jiffies) * USER_HZ) / HZ)
}
function rt_scope(ifa_scope: number): number {
  if (ifa_scope & IFA_HOST) return RT_SCOPE_HOST
  if (ifa_scope & IFA_LINK) return RT_SCOPE_LINK
  return ifa_scope & IFA_SITE ? RT_SCOPE_SITE : RT_SCOPE_UNIVERSE
}

function begin(
  skb: MessageBuilder,
  event: number,
  args: inet6_fill_args,
  header: [plen: number, flags: number, scope: number],
  ifindex: number,
): void {
  skb.begin(event, args.flags, args.seq, args.portid)
  const o = skb.room(ifaddrmsg.size)
  if (o >= 0) {
    skb.buf[o] = AF_INET6
    skb.buf.set(header, o + 1)
    put32(skb.buf, o + 4, ifindex)
  }
  if (args.netnsid >= 0) skb.put(IFA_TARGET_NETNSID, args.netnsid)
}
function put_cacheinfo(skb: MessageBuilder, cstamp: number, tstamp: number, preferred: number, valid: number): void {
  const o = skb.reserve(IFA_CACHEINFO.nr, ifa_cacheinfo.size)
  if (o < 0) return
  put32(skb.buf, o, preferred)
  put32(skb.buf, o + 4, valid)
  put32(skb.buf, o + 8, cstamp_delta(cstamp))
  put32(skb.buf, o + 12, cstamp_delta(tstamp))
}

/** What is left of the lifetimes now; a preferred lifetime without end keeps the valid one from counting down. */
function lifetimes_left(ifa: inet6_ifaddr): [preferred: number, valid: number] {
  const { prefered_lft, valid_lft } = ifa
  if (prefered_lft === INFINITY_LIFE_TIME) return [prefered_lft, ifa.flags & IFA_F_PERMANENT ? INFINITY_LIFE_TIME : valid_lft]
  const age = Math.floor((ifa.idev.dev.nd_net.kernel.jiffies() - ifa.tstamp) / HZ)
  return [Math.max(0, prefered_lft - age), valid_lft === INFINITY_LIFE_TIME ? valid_lft : Math.max(0, valid_lft - age)]
}

/** One message; false: it did not fit. */
export function inet6_fill_ifaddr(skb: MessageBuilder, ifa: inet6_ifaddr, event: number, args: inet6_fill_args): boolean {
  begin(skb, event, args, [ifa.prefix_len, ifa.flags & 0xff, rt_scope(ifa.scope)], ifa.idev.dev.ifindex)
  if (ipv6_addr_any(ifa.peer_addr)) {
    skb.putBytes(IFA_ADDRESS.nr, ifa.addr)
  } else {
    skb.putBytes(IFA_LOCAL.nr, ifa.addr)
    skb.putBytes(IFA_ADDRESS.nr, ifa.peer_addr)
  }
  if (ifa.rt_priority !== 0) skb.put(IFA_RT_PRIORITY, ifa.rt_priority)
  put_cacheinfo(skb, ifa.cstamp, ifa.tstamp, ...lifetimes_left(ifa))
  skb.put(IFA_FLAGS, ifa.flags)
  if (ifa.ifa_proto !== 0) skb.put(IFA_PROTO, ifa.ifa_proto)
  return skb.end()
}

function fill_group(
  skb: MessageBuilder,
  event: number,
  args: inet6_fill_args,
  nr: number,
  addr: in6_addr,
  ifindex: number,
  cstamp: number,
  tstamp: number,
): boolean {
  const scope = ipv6_addr_scope(addr) & IFA_SITE ? RT_SCOPE_SITE : RT_SCOPE_UNIVERSE
  begin(skb, event, args, [128, IFA_F_PERMANENT, scope], ifindex)
  skb.putBytes(nr, addr)
  put_cacheinfo(skb, cstamp, tstamp, INFINITY_LIFE_TIME, INFINITY_LIFE_TIME)
  return skb.end()
}
/** These messages have the type of their request. */
export function inet6_fill_ifmcaddr(skb: MessageBuilder, mca: ifmcaddr6, ifindex: number, args: inet6_fill_args): boolean {
  return fill_group(skb, RTM_GETMULTICAST, args, IFA_MULTICAST.nr, mca.mca_addr, ifindex, mca.mca_cstamp, mca.mca_tstamp)
}
export function inet6_fill_ifacaddr(skb: MessageBuilder, aca: ifacaddr6, ifindex: number, args: inet6_fill_args): boolean {
  return fill_group(skb, RTM_GETANYCAST, args, IFA_ANYCAST.nr, aca.aca_addr, ifindex, aca.aca_cstamp, aca.aca_tstamp)
}

/** IPV6_IFADDR hears of it; requests are not named in these messages, not even with NLM_F_ECHO. */
function inet6_ifa_notify(event: number, ifa: inet6_ifaddr): void {
  const net = ifa.idev.dev.nd_net
  if (!netlink_has_listeners(net, NETLINK_ROUTE, RTNLGRP_IPV6_IFADDR)) return
  const skb = new MessageBuilder(undefined, 128)
  inet6_fill_ifaddr(skb, ifa, event, { portid: 0, seq: 0, flags: 0, netnsid: -1 })
  rtnl_notify(net, skb, 0, RTNLGRP_IPV6_IFADDR, false)
}

/** The address can be used from now on: packets for it are the host's. */
function ifa_added(ifp: inet6_ifaddr): void {
  const { dev } = ifp.idev
  if (ifp.rt !== undefined && ifp.rt.fib6_node === undefined) {
    ip6_ins_rt(dev.nd_net, ifp.rt)
  } else if (ifp.rt === undefined && dev.flags & IFF_UP) {
    dev.nd_net.kernel.printk(4, `BUG: Address on device ${dev.name} is missing its host route.`)
  }
  if (ifp.idev.cnf.get(DEVCONF_FORWARDING)) addrconf_join_anycast(ifp)
  if (!ipv6_addr_any(ifp.peer_addr)) addrconf_prefix_route(ifp.peer_addr, 128, ifp.rt_priority, dev, 0, 0)
}
function ifa_gone(ifp: inet6_ifaddr): void {
  const { dev } = ifp.idev
  if (ifp.idev.cnf.get(DEVCONF_FORWARDING)) addrconf_leave_anycast(ifp)
  addrconf_leave_solict(ifp.idev, ifp.addr)
  if (!ipv6_addr_any(ifp.peer_addr)) {
    const rt = addrconf_get_prefix_route(ifp.peer_addr, 128, dev, 0, 0, false)
    if (rt !== undefined) ip6_del_rt(dev.nd_net, rt, false)
  }
  if (ifp.rt !== undefined) ip6_del_rt(dev.nd_net, ifp.rt, false)
  ifp.rt = undefined
}

/** Event 0: something about the address has changed. Listeners hear of an address before its routes come or go. */
export function __ipv6_ifa_notify(event: number, ifp: inet6_ifaddr): void {
  inet6_ifa_notify(event || RTM_NEWADDR, ifp)
  if (event === RTM_NEWADDR) ifa_added(ifp)
  else if (event === RTM_DELADDR) ifa_gone(ifp)
  ifp.idev.dev.nd_net.ipv6.dev_addr_genid++
}
/** Silent for a device that is going away. */
export function ipv6_ifa_notify(event: number, ifp: inet6_ifaddr): void {
  if (!ifp.idev.dead) __ipv6_ifa_notify(event, ifp)
}

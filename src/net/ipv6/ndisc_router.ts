/** net/ipv6/ndisc.c ndisc_router_discovery, ndisc_recv_rs: routers and who asks for them (RFC 4861 6). */
import { HZ } from '../../kernel/time.ts'
import { getBe16, getBe32, put16, put32 } from '../../lib/bytes.ts'
import { MessageBuilder } from '../../lib/message.ts'
import { isErrno } from '../../uapi/errno.ts'
import { RA_MANAGED, RA_OTHER } from '../../uapi/linux/icmpv6.ts'
import { type in6_addr, IPV6_ADDR_LINKLOCAL, ipv6_addr_any, ipv6_addr_type } from '../../uapi/linux/in6.ts'
import * as CONF from '../../uapi/linux/ipv6.ts'
import { ICMPV6_ROUTER_PREF_INVALID, ICMPV6_ROUTER_PREF_MEDIUM, RTF_PREF, RTF_PREF_MASK } from '../../uapi/linux/ipv6_route.ts'
import { NTF_ROUTER, NUD_STALE } from '../../uapi/linux/neighbour.ts'
import { NETLINK_ROUTE, NLM_F_REPLACE } from '../../uapi/linux/netlink.ts'
import { RTAX_HOPLIMIT, RTAX_MTU, RTM_NEWLINK, RTM_NEWNDUSEROPT, RTM_NEWROUTE, RTNLGRP_ND_USEROPT } from '../../uapi/linux/rtnetlink.ts'
import { NDUSEROPT_SRCADDR, nduseroptmsg } from '../../uapi/linux/rtnetlink_more.ts'
import { AF_INET6 } from '../../uapi/linux/socket.ts'
import {
  NEIGH_UPDATE_F_ISROUTER,
  NEIGH_UPDATE_F_OVERRIDE,
  NEIGH_UPDATE_F_OVERRIDE_ISROUTER,
  NEIGH_UPDATE_F_WEAK_OVERRIDE,
  NEIGH_VAR,
  NEIGH_VAR_BASE_REACHABLE_TIME,
  NEIGH_VAR_GC_STALETIME,
  NEIGH_VAR_RETRANS_TIME,
  NEIGH_VAR_SET,
  type neighbour,
} from '../core/neighbour.ts'
import { __neigh_lookup_errno, neigh_rand_reach_time, neigh_release } from '../core/neighbour_table.ts'
import {
  SKB_CONSUMED,
  SKB_DROP_REASON_IPV6_NDISC_BAD_OPTIONS,
  SKB_DROP_REASON_NOT_SPECIFIED,
  SKB_DROP_REASON_PKT_TOO_SMALL,
} from '../core/dropreason.ts'
import type { net_device } from '../core/netdevice.ts'
import { rtnl_notify } from '../core/rtnetlink.ts'
import type { sk_buff } from '../core/skbuff.ts'
import { netlink_has_listeners } from '../netlink/af_netlink.ts'
import { ipv6_accept_ra, ipv6_chk_addr } from './addrconf_core.ts'
import { inet6_ifinfo_notify } from './addrconf_ifinfo.ts'
import { addrconf_prefix_rcv } from './addrconf_ra.ts'
import { IF_RA_MANAGED, IF_RA_OTHERCONF, IF_RA_RCVD, IF_RS_SENT, type inet6_dev } from './if_inet6.ts'
import { type fib6_info, nl_info6_kernel } from './ip6_fib_info.ts'
import { fib6_metric_set } from './ip6_fib_metrics.ts'
import { rt6_add_dflt_router, rt6_get_dflt_router, rt6_route_rcv, set_lifetime } from './ip6_route_ra.ts'
import { inet6_rt_notify } from './ip6_route_notify.ts'
import { ip6_saddr } from './ipv6_hdr.ts'
import { nd_tbl } from './ndisc.ts'
import { ndisc_opt_addr_data, type ndisc_options, ndisc_parse_options } from './ndisc_options.ts'
import { ndisc_update } from './ndisc_rcv.ts'
import { RS_MSG_LEN } from './ndisc_send.ts'
import { ip6_del_rt, rt6_mtu_change } from './route.ts'

const RA_MSG_LEN = 16
const MAX_SECONDS = Math.floor(0x7fffffff / HZ)

/** A host that looks for routers is noted; only routers listen. */
export function ndisc_recv_rs(skb: sk_buff): number {
  const dev = skb.dev as net_device
  const at = skb.transport_header
  const saddr = ip6_saddr(skb)
  if (skb.tail - at < RS_MSG_LEN) return SKB_DROP_REASON_PKT_TOO_SMALL
  if (dev.ip6_ptr?.cnf.get(CONF.DEVCONF_FORWARDING) !== 1 || ipv6_addr_any(saddr)) return SKB_DROP_REASON_NOT_SPECIFIED
  const options = ndisc_parse_options(skb, at + RS_MSG_LEN)
  if (options === undefined) return SKB_DROP_REASON_IPV6_NDISC_BAD_OPTIONS
  const lladdr = options.src_lladdr === 0 ? undefined : ndisc_opt_addr_data(skb, options.src_lladdr, dev)
  if (options.src_lladdr !== 0 && lladdr === undefined) return SKB_DROP_REASON_NOT_SPECIFIED
  const neigh = __neigh_lookup_errno(nd_tbl(dev.nd_net.kernel), saddr, dev)
  if (isErrno(neigh)) return SKB_DROP_REASON_NOT_SPECIFIED
  ndisc_update(neigh, lladdr, NUD_STALE, NEIGH_UPDATE_F_WEAK_OVERRIDE | NEIGH_UPDATE_F_OVERRIDE | NEIGH_UPDATE_F_OVERRIDE_ISROUTER)
  neigh_release(neigh)
  return SKB_CONSUMED
}

/** One advertisement on its way through what follows. */
class advertisement {
  readonly skb: sk_buff
  readonly dev: net_device
  readonly idev: inet6_dev
  readonly saddr: in6_addr
  readonly options: ndisc_options
  /** Offset of the message. */
  readonly at: number
  rt: fib6_info | undefined = undefined
  /** IPV6_IFINFO hears of what has changed. */
  tell = false
  constructor(skb: sk_buff, idev: inet6_dev, options: ndisc_options) {
    this.skb = skb
    this.idev = idev
    this.dev = idev.dev
    this.saddr = ip6_saddr(skb)
    this.options = options
    this.at = skb.transport_header
  }
  cnf(nr: number): number {
    return this.idev.cnf.get(nr)
  }
  /** From one of our own addresses: not to be believed, unless told so (accept_ra_from_local). */
  from_local(): boolean {
    return !this.cnf(CONF.DEVCONF_ACCEPT_RA_FROM_LOCAL) && ipv6_chk_addr(this.dev.nd_net, this.saddr, this.dev, false)
  }
}

function take_flags(ra: advertisement): void {
  const { idev, skb, at } = ra
  if (idev.if_flags & IF_RS_SENT) idev.if_flags |= IF_RA_RCVD
  const old = idev.if_flags
  const flags = skb.buf[at + 5]
  idev.if_flags &= ~(IF_RA_MANAGED | IF_RA_OTHERCONF)
  idev.if_flags |= (flags & RA_MANAGED ? IF_RA_MANAGED : 0) | (flags & RA_OTHER ? IF_RA_OTHERCONF : 0)
  if ((old ^ idev.if_flags) !== 0) ra.tell = true
}

/** The sender as a default router: false, when nothing else of the advertisement counts. */
function take_router(ra: advertisement): boolean {
  const { skb, at, dev, saddr } = ra
  const { nd_net: net } = dev
  const lifetime = getBe16(skb.buf, at + 6)
  if (!ra.cnf(CONF.DEVCONF_ACCEPT_RA_DEFRTR) || (lifetime !== 0 && lifetime < ra.cnf(CONF.DEVCONF_ACCEPT_RA_MIN_LFT))) return true
  if (ra.from_local()) return true
  let pref = (skb.buf[at + 5] >> 3) & 3
  if (pref === ICMPV6_ROUTER_PREF_INVALID || !ra.cnf(CONF.DEVCONF_ACCEPT_RA_RTR_PREF)) pref = ICMPV6_ROUTER_PREF_MEDIUM
  const metric = ra.cnf(CONF.DEVCONF_RA_DEFRTR_METRIC) >>> 0
  let rt = rt6_get_dflt_router(dev, saddr)
  if (rt !== undefined && (lifetime === 0 || rt.fib6_metric !== metric)) {
    ip6_del_rt(net, rt, false)
    rt = undefined
  }
  if (rt === undefined && lifetime !== 0) {
    rt = rt6_add_dflt_router(dev, saddr, pref, metric, lifetime)
    if (rt === undefined || !note_router(dev, saddr)) return false
  } else if (rt !== undefined && (rt.fib6_flags & RTF_PREF_MASK) >>> 27 !== pref) {
    rt.fib6_flags = ((rt.fib6_flags & ~RTF_PREF_MASK) | RTF_PREF(pref)) >>> 0
    inet6_rt_notify(net, RTM_NEWROUTE, rt, nl_info6_kernel(), NLM_F_REPLACE)
  }
  ra.rt = rt
  if (rt !== undefined) set_lifetime(net, rt, lifetime)
  const hop_limit = skb.buf[at + 4]
  const least = ra.cnf(CONF.DEVCONF_ACCEPT_RA_MIN_HOP_LIMIT)
  if (least < 256 && hop_limit !== 0 && least <= hop_limit) {
    ra.idev.cnf.set(CONF.DEVCONF_HOPLIMIT, hop_limit)
    if (rt !== undefined) fib6_metric_set(rt, RTAX_HOPLIMIT.nr, hop_limit)
  }
  return true
}
function note_router(dev: net_device, saddr: in6_addr): boolean {
  const neigh = __neigh_lookup_errno(nd_tbl(dev.nd_net.kernel), saddr, dev)
  if (isErrno(neigh)) return false
  neigh.flags |= NTF_ROUTER
  neigh_release(neigh)
  return true
}

/** Retransmission and reachable times of the link. */
function take_times(ra: advertisement): void {
  const { skb, at, idev } = ra
  const { kernel } = idev.dev.nd_net
  const retrans = getBe32(skb.buf, at + 12)
  const changed = () => {
    idev.tstamp = kernel.jiffies()
    ra.tell = true
  }
  if (retrans !== 0 && retrans / 1000 < MAX_SECONDS) {
    NEIGH_VAR_SET(idev.nd_parms, NEIGH_VAR_RETRANS_TIME, Math.max(Math.floor((retrans * HZ) / 1000), Math.floor(HZ / 100)))
    changed()
  }
  const reachable = getBe32(skb.buf, at + 8)
  if (reachable === 0 || reachable / 1000 >= MAX_SECONDS / 3) return
  const jiffies = Math.max(Math.floor((reachable * HZ) / 1000), HZ / 10)
  if (jiffies === NEIGH_VAR(idev.nd_parms, NEIGH_VAR_BASE_REACHABLE_TIME)) return
  NEIGH_VAR_SET(idev.nd_parms, NEIGH_VAR_BASE_REACHABLE_TIME, jiffies)
  NEIGH_VAR_SET(idev.nd_parms, NEIGH_VAR_GC_STALETIME, 3 * jiffies)
  idev.nd_parms.reachable_time = neigh_rand_reach_time(kernel, jiffies)
  changed()
}

/** False: a link address that the link cannot have. */
function take_neighbour(ra: advertisement): boolean {
  const { dev, skb, options } = ra
  const neigh: neighbour | unknown = __neigh_lookup_errno(nd_tbl(dev.nd_net.kernel), ra.saddr, dev)
  if (isErrno(neigh)) return true
  const lladdr = options.src_lladdr === 0 ? undefined : ndisc_opt_addr_data(skb, options.src_lladdr, dev)
  const fits = options.src_lladdr === 0 || lladdr !== undefined
  const flags = NEIGH_UPDATE_F_WEAK_OVERRIDE | NEIGH_UPDATE_F_OVERRIDE | NEIGH_UPDATE_F_OVERRIDE_ISROUTER | NEIGH_UPDATE_F_ISROUTER
  if (fits) ndisc_update(neigh as neighbour, lladdr, NUD_STALE, flags)
  neigh_release(neigh as neighbour)
  return fits
}

function take_routes(ra: advertisement): void {
  const { buf } = ra.skb
  if (ra.from_local() || !ra.cnf(CONF.DEVCONF_ACCEPT_RA_RTR_PREF)) return
  for (const at of ra.options.routes) {
    const plen = buf[at + 2]
    const lifetime = getBe32(buf, at + 4)
    if (plen === 0 && !ra.cnf(CONF.DEVCONF_ACCEPT_RA_DEFRTR)) continue
    if (lifetime !== 0 && lifetime < ra.cnf(CONF.DEVCONF_ACCEPT_RA_MIN_LFT)) continue
    const [least, most] = [ra.cnf(CONF.DEVCONF_ACCEPT_RA_RT_INFO_MIN_PLEN), ra.cnf(CONF.DEVCONF_ACCEPT_RA_RT_INFO_MAX_PLEN)]
    if (plen >= least && plen <= most) rt6_route_rcv(ra.dev, buf, at, ra.saddr)
  }
}
function take_mtu(ra: advertisement): void {
  const { options, idev, dev, skb } = ra
  if (options.mtu === 0 || !ra.cnf(CONF.DEVCONF_ACCEPT_RA_MTU)) return
  const mtu = getBe32(skb.buf, options.mtu + 4)
  if (idev.ra_mtu !== mtu) {
    idev.ra_mtu = mtu
    ra.tell = true
  }
  if (mtu < CONF.IPV6_MIN_MTU || mtu > dev.mtu || ra.cnf(CONF.DEVCONF_MTU6) === mtu) return
  idev.cnf.set(CONF.DEVCONF_MTU6, mtu)
  if (ra.rt !== undefined) fib6_metric_set(ra.rt, RTAX_MTU.nr, mtu)
  rt6_mtu_change(dev, mtu)
}

/** Options that are for programs: each as it came, and from whom (ND_USEROPT). */
function ndisc_ra_useropt(ra: advertisement, at: number): void {
  const { dev, skb } = ra
  const { nd_net: net } = dev
  if (!netlink_has_listeners(net, NETLINK_ROUTE, RTNLGRP_ND_USEROPT)) return
  const length = skb.buf[at + 1] << 3
  const msg = new MessageBuilder(undefined, 128 + length)
  msg.begin(RTM_NEWNDUSEROPT, 0, 0, 0)
  const o = msg.room(nduseroptmsg.size + length)
  if (o >= 0) {
    msg.buf[o] = AF_INET6
    put16(msg.buf, o + 2, length)
    put32(msg.buf, o + 4, dev.ifindex)
    msg.buf[o + 8] = skb.buf[ra.at]
    msg.buf[o + 9] = skb.buf[ra.at + 1]
    msg.buf.set(skb.buf.subarray(at, at + length), o + nduseroptmsg.size)
  }
  msg.putBytes(NDUSEROPT_SRCADDR.nr, ra.saddr)
  msg.end()
  rtnl_notify(net, msg, 0, RTNLGRP_ND_USEROPT, false)
}

export function ndisc_router_discovery(skb: sk_buff): number {
  const dev = skb.dev as net_device
  const idev = dev.ip6_ptr
  const at = skb.transport_header
  if (!(ipv6_addr_type(ip6_saddr(skb)) & IPV6_ADDR_LINKLOCAL)) return SKB_DROP_REASON_NOT_SPECIFIED
  if (skb.tail - at < RA_MSG_LEN) return SKB_DROP_REASON_PKT_TOO_SMALL
  if (idev === undefined) return SKB_DROP_REASON_NOT_SPECIFIED
  const options = ndisc_parse_options(skb, at + RA_MSG_LEN)
  if (options === undefined) return SKB_DROP_REASON_IPV6_NDISC_BAD_OPTIONS
  const ra = new advertisement(skb, idev, options)
  const accepts = ipv6_accept_ra(idev)
  if (accepts) {
    take_flags(ra)
    if (!take_router(ra)) return SKB_DROP_REASON_NOT_SPECIFIED
    take_times(ra)
  }
  const known = take_neighbour(ra)
  if (known && accepts) take_options(ra)
  if (ra.tell) inet6_ifinfo_notify(RTM_NEWLINK, idev)
  return known ? SKB_CONSUMED : SKB_DROP_REASON_NOT_SPECIFIED
}
function take_options(ra: advertisement): void {
  const { options, dev, skb } = ra
  take_routes(ra)
  if (ra.cnf(CONF.DEVCONF_ACCEPT_RA_PINFO)) {
    for (const at of options.prefixes) addrconf_prefix_rcv(dev, skb.buf, at, options.src_lladdr !== 0)
  }
  take_mtu(ra)
  for (const at of options.user) ndisc_ra_useropt(ra, at)
}

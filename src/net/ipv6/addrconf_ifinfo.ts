/** net/ipv6/addrconf.c: IPv6's part of a link, in IFLA_AF_SPEC and in messages of its own (IPV6_IFINFO). */
import { put16, put32, put64 } from '../../lib/bytes.ts'
import { MessageBuilder, NLMSG_HDRLEN } from '../../lib/message.ts'
import { HZ } from '../../kernel/time.ts'
import { EAFNOSUPPORT, EINVAL, ENODATA, type Errno, isErrno } from '../../uapi/errno.ts'
import { IFF_LOOPBACK, IFF_NOARP } from '../../uapi/linux/if.ts'
import { IFA_F_OPTIMISTIC, IFA_F_TENTATIVE } from '../../uapi/linux/if_addr.ts'
import {
  IF_OPER_DOWN,
  IFLA_ADDRESS,
  IFLA_IFNAME,
  IFLA_INET6,
  IFLA_INET6_ADDR_GEN_MODE,
  IFLA_INET6_CACHEINFO,
  IFLA_INET6_CONF,
  IFLA_INET6_FLAGS,
  IFLA_INET6_ICMP6STATS,
  IFLA_INET6_RA_MTU,
  IFLA_INET6_STATS,
  IFLA_INET6_TOKEN,
  IFLA_LINK,
  IFLA_MTU,
  IFLA_OPERSTATE,
  IFLA_PROTINFO,
  IN6_ADDR_GEN_MODE_RANDOM,
  IN6_ADDR_GEN_MODE_STABLE_PRIVACY,
  RTEXT_FILTER_SKIP_STATS,
} from '../../uapi/linux/if_link.ts'
import { type in6_addr, ipv6_addr_any } from '../../uapi/linux/in6.ts'
import * as CONF from '../../uapi/linux/ipv6.ts'
import { NETLINK_ROUTE, NLM_F_MULTI } from '../../uapi/linux/netlink.ts'
import { ifinfomsg, RTM_NEWLINK, RTNLGRP_IPV6_IFINFO } from '../../uapi/linux/rtnetlink.ts'
import { AF_INET6 } from '../../uapi/linux/socket.ts'
import { dev_get_flags, dev_get_iflink, netif_running } from '../core/dev.ts'
import { NEIGH_VAR, NEIGH_VAR_RETRANS_TIME } from '../core/neighbour.ts'
import type { net } from '../core/net_namespace.ts'
import type { net_device } from '../core/netdevice.ts'
import { type link_request, rtnl_notify, type rtnl_af_ops } from '../core/rtnetlink.ts'
import { netdevs_from } from '../ipv4/in_device.ts'
import { netlink_has_listeners } from '../netlink/af_netlink.ts'
import { nla_parse_nested_deprecated_at } from '../netlink/attr.ts'
import type { netlink_ext_ack } from '../netlink/extack.ts'
import { NLA_REJECT, NLA_U8, NLA_UNSPEC, policy } from '../netlink/policy.ts'
import type { netlink_callback } from '../netlink/types.ts'
import { ipv6_accept_ra } from './addrconf_core.ts'
import { cstamp_delta } from './addrconf_ifa.ts'
import { addrconf_start_rs } from './addrconf_rs.ts'
import { addrconf_verify_rtnl } from './addrconf_verify.ts'
import { IF_READY, type inet6_dev } from './if_inet6.ts'
import { IPV6_MAXPLEN } from './ipv6_hdr.ts'

/** Counters of IFLA_INET6_STATS and IFLA_INET6_ICMP6STATS; their number stands in the place of the first. */
export const IPSTATS_MIB_MAX = 38
export const ICMP6_MIB_MAX = 7
/** Settings that are jiffies here and milliseconds in IFLA_INET6_CONF. */
export const jiffies_settings: readonly number[] = [
  CONF.DEVCONF_RTR_SOLICIT_INTERVAL,
  CONF.DEVCONF_RTR_SOLICIT_MAX_INTERVAL,
  CONF.DEVCONF_RTR_SOLICIT_DELAY,
  CONF.DEVCONF_MLDV1_UNSOLICITED_REPORT_INTERVAL,
  CONF.DEVCONF_MLDV2_UNSOLICITED_REPORT_INTERVAL,
  CONF.DEVCONF_RTR_PROBE_INTERVAL,
]

/** ipv6_store_devconf() */
function fill_conf(skb: MessageBuilder, idev: inet6_dev): void {
  const o = skb.reserve(IFLA_INET6_CONF.nr, CONF.DEVCONF_MAX * 4)
  if (o < 0) return
  const { data } = idev.cnf
  for (let nr = 0; nr < CONF.DEVCONF_MAX; nr++) put32(skb.buf, o + nr * 4, data[nr])
  for (const nr of jiffies_settings) put32(skb.buf, o + nr * 4, (data[nr] * 1000) / HZ)
}
function fill_stats(skb: MessageBuilder, nr: number, counters: readonly number[], count: number): void {
  const o = skb.reserve(nr, count * 8)
  if (o < 0) return
  put64(skb.buf, o, count)
  for (let i = 1; i < count; i++) put64(skb.buf, o + i * 8, counters[i] ?? 0)
}

/** inet6_fill_ifla6_attrs(); IFLA_INET6_MCAST is not built in Linux either. */
function fill_attrs(skb: MessageBuilder, idev: inet6_dev, ext_filter_mask: number): void {
  skb.put(IFLA_INET6_FLAGS, idev.if_flags >>> 0)
  const o = skb.reserve(IFLA_INET6_CACHEINFO.nr, 16)
  if (o >= 0) {
    put32(skb.buf, o, IPV6_MAXPLEN)
    put32(skb.buf, o + 4, cstamp_delta(idev.tstamp))
    put32(skb.buf, o + 8, Math.floor((idev.nd_parms.reachable_time * 1000) / HZ))
    put32(skb.buf, o + 12, Math.floor((NEIGH_VAR(idev.nd_parms, NEIGH_VAR_RETRANS_TIME) * 1000) / HZ))
  }
  fill_conf(skb, idev)
  if (!(ext_filter_mask & RTEXT_FILTER_SKIP_STATS)) {
    fill_stats(skb, IFLA_INET6_STATS.nr, idev.stats_ipv6, IPSTATS_MIB_MAX)
    fill_stats(skb, IFLA_INET6_ICMP6STATS.nr, idev.stats_icmpv6, ICMP6_MIB_MAX)
  }
  skb.putBytes(IFLA_INET6_TOKEN.nr, idev.token)
  skb.put(IFLA_INET6_ADDR_GEN_MODE, idev.cnf.get(CONF.DEVCONF_ADDR_GEN_MODE))
  if (idev.ra_mtu !== 0) skb.put(IFLA_INET6_RA_MTU, idev.ra_mtu)
}

export function inet6_get_link_af_size(dev: net_device): number {
  const attr = (n: number) => 4 + ((n + 3) & ~3)
  if (dev.ip6_ptr === undefined) return 0
  return (
    attr(4) + attr(16) + attr(CONF.DEVCONF_MAX * 4) + attr(IPSTATS_MIB_MAX * 8) + attr(ICMP6_MIB_MAX * 8) + attr(16) + attr(1) + attr(4)
  )
}
export function inet6_fill_link_af(skb: MessageBuilder, dev: net_device, ext_filter_mask: number): Errno | undefined {
  if (dev.ip6_ptr === undefined) return ENODATA
  fill_attrs(skb, dev.ip6_ptr, ext_filter_mask)
  return undefined
}

export const inet6_af_policy = policy(
  IFLA_INET6,
  {
    IFLA_INET6_ADDR_GEN_MODE: NLA_U8,
    IFLA_INET6_TOKEN: NLA_UNSPEC(16),
    IFLA_INET6_RA_MTU: NLA_REJECT('IFLA_INET6_RA_MTU can not be set'),
  },
  { name: 'inet6_af_policy' },
)
export function check_addr_gen_mode(mode: number): boolean {
  return mode >= 0 && mode <= IN6_ADDR_GEN_MODE_RANDOM
}
/** Stable addresses need a secret. */
export function check_stable_privacy(idev: inet6_dev, net: net, mode: number): boolean {
  if (mode !== IN6_ADDR_GEN_MODE_STABLE_PRIVACY) return true
  return idev.cnf.stable_secret.initialized || net.ipv6.devconf_dflt.stable_secret.initialized
}

export function inet6_validate_link_af(dev: net_device | undefined, req: link_request, at: number): Errno | undefined {
  const idev = dev?.ip6_ptr
  if (dev !== undefined && idev === undefined) return EAFNOSUPPORT
  const tb = nla_parse_nested_deprecated_at(req, at, inet6_af_policy)
  if (isErrno(tb)) return tb
  const mode = tb.get(IFLA_INET6_ADDR_GEN_MODE)
  if (!tb.has(IFLA_INET6_TOKEN) && mode === undefined) return EINVAL
  if (mode === undefined) return undefined
  if (!check_addr_gen_mode(mode)) return EINVAL
  return idev !== undefined && !check_stable_privacy(idev, idev.dev.nd_net, mode) ? EINVAL : undefined
}
export function inet6_set_link_af(dev: net_device, req: link_request, at: number, extack: netlink_ext_ack): Errno | undefined {
  const idev = dev.ip6_ptr
  if (idev === undefined) return EAFNOSUPPORT
  const tb = nla_parse_nested_deprecated_at(req, at, inet6_af_policy)
  if (isErrno(tb)) return EINVAL
  const token = tb.payload(IFLA_INET6_TOKEN)
  if (token !== undefined) {
    const error = inet6_set_iftoken(idev, token, extack)
    if (isErrno(error)) return error
  }
  const mode = tb.get(IFLA_INET6_ADDR_GEN_MODE)
  if (mode !== undefined) idev.cnf.set(CONF.DEVCONF_ADDR_GEN_MODE, mode)
  return undefined
}

/** The interface identifier of addresses to be made from advertisements; those made before end now. */
function inet6_set_iftoken(idev: inet6_dev, token: in6_addr, extack: netlink_ext_ack): Errno | undefined {
  const { dev } = idev
  if (dev.flags & IFF_LOOPBACK) return extack.fail(EINVAL, 'ipv6: Device is loopback')
  if (dev.flags & IFF_NOARP) return extack.fail(EINVAL, 'ipv6: Device does not do neighbour discovery')
  if (!ipv6_accept_ra(idev)) return extack.fail(EINVAL, 'ipv6: Router advertisement is disabled on device')
  if (idev.cnf.get(CONF.DEVCONF_RTR_SOLICITS) === 0) return extack.fail(EINVAL, 'Router solicitation is disabled on device')
  idev.token = new Uint8Array(16)
  idev.token.set(token.subarray(8, 16), 8)
  // a device that is not ready asks when it is
  if (!ipv6_addr_any(token) && !idev.dead && idev.if_flags & IF_READY) addrconf_start_rs(idev, IFA_F_TENTATIVE | IFA_F_OPTIMISTIC)
  for (const ifp of idev.addr_list) if (ifp.tokenized) ifp.valid_lft = ifp.prefered_lft = 0
  inet6_ifinfo_notify(RTM_NEWLINK, idev)
  addrconf_verify_rtnl(dev.nd_net)
  return undefined
}

export const inet6_ops: rtnl_af_ops = {
  name: 'inet6_ops',
  family: AF_INET6,
  fill_link_af: inet6_fill_link_af,
  get_link_af_size: inet6_get_link_af_size,
  validate_link_af: inet6_validate_link_af,
  set_link_af: inet6_set_link_af,
}

interface ifinfo_msg {
  portid: number
  seq: number
  event: number
  flags: number
}
/** One message; false: it did not fit. */
function inet6_fill_ifinfo(skb: MessageBuilder, idev: inet6_dev, msg: ifinfo_msg): boolean {
  const { dev } = idev
  skb.begin(msg.event, msg.flags, msg.seq, msg.portid)
  const o = skb.room(ifinfomsg.size)
  if (o >= 0) {
    skb.buf[o] = AF_INET6
    put16(skb.buf, o + 2, dev.type)
    put32(skb.buf, o + 4, dev.ifindex)
    put32(skb.buf, o + 8, dev_get_flags(dev))
  }
  skb.put(IFLA_IFNAME, dev.name)
  if (dev.addr_len > 0) skb.putBytes(IFLA_ADDRESS.nr, dev.dev_addr.subarray(0, dev.addr_len))
  skb.put(IFLA_MTU, dev.mtu)
  const iflink = dev_get_iflink(dev)
  if (iflink !== dev.ifindex) skb.put(IFLA_LINK, iflink)
  skb.put(IFLA_OPERSTATE, netif_running(dev) ? dev.operstate : IF_OPER_DOWN)
  const protinfo = skb.nestNoflag(IFLA_PROTINFO)
  fill_attrs(skb, idev, 0)
  skb.nestEnd(protinfo)
  return skb.end()
}

/** IPV6_IFINFO hears of the device's IPv6 part. */
export function inet6_ifinfo_notify(event: number, idev: inet6_dev): void {
  const net = idev.dev.nd_net
  if (!netlink_has_listeners(net, NETLINK_ROUTE, RTNLGRP_IPV6_IFINFO)) return
  const skb = new MessageBuilder()
  inet6_fill_ifinfo(skb, idev, { portid: 0, seq: 0, event, flags: 0 })
  rtnl_notify(net, skb, 0, RTNLGRP_IPV6_IFINFO, false)
}

function inet6_valid_dump_ifinfo({ request, extack }: netlink_callback): Errno | undefined {
  if (request.length < NLMSG_HDRLEN + ifinfomsg.size) return extack.fail(EINVAL, 'ipv6: Invalid header for link dump request')
  if (request.length > NLMSG_HDRLEN + ifinfomsg.size) return extack.fail(EINVAL, 'ipv6: Invalid data after header')
  if (request.subarray(NLMSG_HDRLEN + 1).some((byte) => byte !== 0)) {
    return extack.fail(EINVAL, 'ipv6: Invalid values in header for dump request')
  }
  return undefined
}
/** Links that have IPv6 (ip -6 link). cb.args: index to go on from. */
export function inet6_dump_ifinfo(skb: MessageBuilder, cb: netlink_callback): Errno | true | undefined {
  const error = cb.strict_check ? inet6_valid_dump_ifinfo(cb) : undefined
  if (isErrno(error)) return error
  for (const { ifindex, ip6_ptr } of netdevs_from(cb.net, cb.args[0])) {
    cb.args[0] = ifindex
    const msg = { portid: cb.portid, seq: cb.seq, event: RTM_NEWLINK, flags: NLM_F_MULTI }
    if (ip6_ptr !== undefined && !inet6_fill_ifinfo(skb, ip6_ptr, msg)) return true
    cb.args[0] = ifindex + 1
  }
  return undefined
}

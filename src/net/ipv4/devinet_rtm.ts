/** net/ipv4/devinet.c: RTM_NEWADDR, RTM_DELADDR, RTM_GETADDR. */

import { type Attr, type AttrTable, NLA_HDRLEN } from '../../lib/attrs.ts'
import { getBe32 } from '../../lib/bytes.ts'
import { type MessageBuilder, NLMSG_HDRLEN } from '../../lib/message.ts'
import { EADDRNOTAVAIL, EEXIST, EINVAL, ENOBUFS, ENODEV, type Errno, isErrno } from '../../uapi/errno.ts'
import {
  IFA,
  IFA_ADDRESS,
  IFA_BROADCAST,
  IFA_CACHEINFO,
  IFA_F_MCAUTOJOIN,
  IFA_FLAGS,
  IFA_LABEL,
  IFA_LOCAL,
  IFA_PROTO,
  IFA_RT_PRIORITY,
  IFA_TARGET_NETNSID,
  ifa_cacheinfo,
  ifaddrmsg,
} from '../../uapi/linux/if_addr.ts'
import { inet_make_mask, ipv4_is_multicast } from '../../uapi/linux/in.ts'
import { NLM_F_DUMP_FILTERED, NLM_F_EXCL, NLM_F_MULTI, NLM_F_REPLACE } from '../../uapi/linux/netlink.ts'
import { RTM_NEWADDR } from '../../uapi/linux/rtnetlink.ts'
import type { net } from '../core/net_namespace.ts'
import { rtnl_get_net_ns_capable } from '../core/rtnl_netns.ts'
import { nl_dump_check_consistent } from '../netlink/af_netlink.ts'
import { nlmsg_parse_deprecated, nlmsg_parse_deprecated_strict } from '../netlink/attr.ts'
import { NLA_S32, NLA_STRING, NLA_U8, NLA_U32, NLA_UNSPEC, policy } from '../netlink/policy.ts'
import type { netlink_callback, Request } from '../netlink/types.ts'
import { inet_del_ifa, inet_insert_ifa, ipv4_devconf_setall } from './devinet_addr.ts'
import { set_ifa_lifetime, watch_lifetime } from './devinet_lifetime.ts'
import { inet_fill_ifaddr, rtmsg_ifa } from './devinet_notify.ts'
import { fib_modify_prefix_metric } from './fib_ifaddr.ts'
import { dump_request, nl_info_of } from './fib_rtm.ts'
import { ip_mc_autojoin_config } from './igmp.ts'
import {
  INFINITY_LIFE_TIME,
  type in_device,
  in_ifaddr,
  inet_find_ifa,
  inet_ifa_match,
  inetdev_by_index,
  netdevs_from,
} from './in_device.ts'

export const ifa_ipv4_policy = policy(
  IFA,
  {
    IFA_LOCAL: NLA_U32,
    IFA_ADDRESS: NLA_U32,
    IFA_BROADCAST: NLA_U32,
    IFA_LABEL: NLA_STRING(15),
    IFA_CACHEINFO: NLA_UNSPEC(ifa_cacheinfo.size),
    IFA_FLAGS: NLA_U32,
    IFA_RT_PRIORITY: NLA_U32,
    IFA_TARGET_NETNSID: NLA_S32,
    IFA_PROTO: NLA_U8,
  },
  { name: 'ifa_ipv4_policy' },
)

/** An address attribute in host order; it must be there. */
function in_addr(tb: AttrTable, a: Attr<any>): number {
  return getBe32(tb.buf, tb.at(a) + NLA_HDRLEN)
}

interface wanted_ifa {
  ifa: in_ifaddr
  valid_lft: number
  prefered_lft: number
}

/** The address that the request describes, not yet listed. */
function rtm_to_ifaddr(req: Request): wanted_ifa | Errno {
  const { extack, buf } = req
  const tb = nlmsg_parse_deprecated(req, ifaddrmsg.size, ifa_ipv4_policy)
  if (isErrno(tb)) return tb
  const ifm = ifaddrmsg.get(buf, NLMSG_HDRLEN)
  if (ifm.ifa_prefixlen > 32) return extack.fail(EINVAL, 'ipv4: Invalid prefix length')
  if (!tb.has(IFA_LOCAL)) return extack.fail(EINVAL, 'ipv4: Local address is not supplied')
  const dev = req.net.dev_index_head.get(ifm.ifa_index)
  if (dev === undefined) return extack.fail(ENODEV, 'ipv4: Device not found')
  const in_dev = dev.ip_ptr
  if (in_dev === undefined) return ENOBUFS
  ipv4_devconf_setall(in_dev)
  const ifa = new in_ifaddr(in_dev, tb.get(IFA_LABEL)?.slice(0, 15) ?? dev.name)
  ifa.ifa_prefixlen = ifm.ifa_prefixlen
  ifa.ifa_mask = inet_make_mask(ifm.ifa_prefixlen)
  ifa.ifa_flags = tb.get(IFA_FLAGS) ?? ifm.ifa_flags
  ifa.ifa_scope = ifm.ifa_scope
  ifa.ifa_local = in_addr(tb, IFA_LOCAL)
  ifa.ifa_address = tb.has(IFA_ADDRESS) ? in_addr(tb, IFA_ADDRESS) : ifa.ifa_local
  if (tb.has(IFA_BROADCAST)) ifa.ifa_broadcast = in_addr(tb, IFA_BROADCAST)
  ifa.ifa_rt_priority = tb.get(IFA_RT_PRIORITY) ?? 0
  ifa.ifa_proto = tb.get(IFA_PROTO) ?? 0
  const ci = tb.at(IFA_CACHEINFO)
  if (ci === 0) return { ifa, valid_lft: INFINITY_LIFE_TIME, prefered_lft: INFINITY_LIFE_TIME }
  const { ifa_valid, ifa_prefered } = ifa_cacheinfo.get(buf, ci + NLA_HDRLEN)
  if (ifa_valid === 0 || ifa_prefered > ifa_valid) return extack.fail(EINVAL, 'ipv4: address lifetime invalid')
  return { ifa, valid_lft: ifa_valid, prefered_lft: ifa_prefered }
}

/** The same address in the same subnet; found by the local address, since a device may have very many. */
function find_matching_ifa(ifa: in_ifaddr): in_ifaddr | undefined {
  if (ifa.ifa_local === 0) return undefined
  return inet_find_ifa(ifa.ifa_dev, ifa.ifa_local).find(
    (other) => other.ifa_mask === ifa.ifa_mask && inet_ifa_match(other.ifa_address, ifa),
  )
}

/** NLM_F_CREATE is not asked for; what is there already may change lifetimes, metric and protocol only. */
export function inet_rtm_newaddr(req: Request): Errno | undefined {
  const wanted = rtm_to_ifaddr(req)
  if (isErrno(wanted)) return wanted
  const { ifa, valid_lft, prefered_lft } = wanted
  const info = nl_info_of(req)
  const existing = find_matching_ifa(ifa)
  if (existing === undefined) {
    set_ifa_lifetime(ifa, valid_lft, prefered_lft)
    if (ifa.ifa_flags & IFA_F_MCAUTOJOIN) {
      const error = ip_mc_autojoin_config(req.net, true, ifa)
      if (isErrno(error)) return req.extack.fail(error, 'ipv4: Multicast auto join failed')
    }
    return inet_insert_ifa(ifa, info, req.extack)
  }
  if (req.flags & NLM_F_EXCL || !(req.flags & NLM_F_REPLACE)) return req.extack.fail(EEXIST, 'ipv4: Address already assigned')
  if (existing.ifa_rt_priority !== ifa.ifa_rt_priority) {
    fib_modify_prefix_metric(existing, ifa.ifa_rt_priority)
    existing.ifa_rt_priority = ifa.ifa_rt_priority
  }
  existing.ifa_proto = ifa.ifa_proto
  set_ifa_lifetime(existing, valid_lft, prefered_lft)
  watch_lifetime(existing)
  rtmsg_ifa(RTM_NEWADDR, existing, info)
  return undefined
}

/** The first address that has what the request names: local part, label, and prefix with subnet. */
export function inet_rtm_deladdr(req: Request): Errno | undefined {
  const { extack } = req
  const tb = nlmsg_parse_deprecated(req, ifaddrmsg.size, ifa_ipv4_policy)
  if (isErrno(tb)) return tb
  const ifm = ifaddrmsg.get(req.buf, NLMSG_HDRLEN)
  const in_dev = inetdev_by_index(req.net, ifm.ifa_index)
  if (in_dev === undefined) return extack.fail(ENODEV, 'ipv4: Device not found')
  const label = tb.get(IFA_LABEL)
  const local = tb.has(IFA_LOCAL) ? in_addr(tb, IFA_LOCAL) : undefined
  const address = tb.has(IFA_ADDRESS) ? in_addr(tb, IFA_ADDRESS) : undefined
  // by the local part, since a device may have very many; where several have it, the first of the list counts
  const holders = local === undefined ? undefined : inet_find_ifa(in_dev, local)
  const found = (holders !== undefined && holders.length < 2 ? holders : in_dev.ifa_list).find(
    (ifa) =>
      (local === undefined || ifa.ifa_local === local) &&
      (label === undefined || ifa.ifa_label === label) &&
      (address === undefined || (ifm.ifa_prefixlen === ifa.ifa_prefixlen && inet_ifa_match(address, ifa))),
  )
  if (found === undefined) return extack.fail(EADDRNOTAVAIL, 'ipv4: Address not found')
  if (ipv4_is_multicast(found.ifa_address)) ip_mc_autojoin_config(req.net, false, found)
  inet_del_ifa(in_dev, found, nl_info_of(req))
  return undefined
}

/** What a dump of addresses goes by. */
interface inet_fill_args {
  net: net
  ifindex: number
  netnsid: number
  flags: number
}

/** inet_valid_dump_ifaddr_req(): the strict reading of the request. */
function inet_valid_dump_ifaddr_req(cb: netlink_callback, args: inet_fill_args): Errno | undefined {
  const { request, extack } = cb
  if (request.length < NLMSG_HDRLEN + ifaddrmsg.size) return extack.fail(EINVAL, 'ipv4: Invalid header for address dump request')
  const ifm = ifaddrmsg.get(request, NLMSG_HDRLEN)
  if (ifm.ifa_prefixlen || ifm.ifa_flags || ifm.ifa_scope) {
    return extack.fail(EINVAL, 'ipv4: Invalid values in header for address dump request')
  }
  args.ifindex = ifm.ifa_index
  if (args.ifindex !== 0) {
    cb.answer_flags |= NLM_F_DUMP_FILTERED
    args.flags |= NLM_F_DUMP_FILTERED
  }
  const tb = nlmsg_parse_deprecated_strict(dump_request(cb), ifaddrmsg.size, ifa_ipv4_policy)
  if (isErrno(tb)) return tb
  for (let nr = 1; nr <= tb.max; nr++) {
    if (tb.atNr(nr) === 0) continue
    if (nr !== IFA_TARGET_NETNSID.nr) return extack.fail(EINVAL, 'ipv4: Unsupported attribute in dump request')
    const id = tb.get(IFA_TARGET_NETNSID) as number
    const target = rtnl_get_net_ns_capable(cb, id)
    if (isErrno(target)) return extack.fail(target, 'ipv4: Invalid target network namespace id')
    args.netnsid = id
    args.net = target
  }
  return undefined
}

/** inet_base_seq(): changes whenever an address, a route-relevant setting or a device does. Never 0. */
export function inet_base_seq(net: net): number {
  return (net.ipv4.dev_addr_genid + net.dev_base_seq) >>> 0 || 0x80000000
}

/** cb.args: index of the device to go on with, addresses of it already sent. */
export function inet_dump_ifaddr(skb: MessageBuilder, cb: netlink_callback): Errno | true | undefined {
  const args: inet_fill_args = { net: cb.net, ifindex: 0, netnsid: -1, flags: NLM_F_MULTI }
  if (cb.strict_check) {
    const error = inet_valid_dump_ifaddr_req(cb, args)
    if (isErrno(error)) return error
    if (args.ifindex !== 0) {
      const in_dev = inetdev_by_index(args.net, args.ifindex)
      if (in_dev === undefined) return ENODEV
      return in_dev_dump_addr(in_dev, skb, cb, args) ? undefined : true
    }
  }
  cb.gen_seq = inet_base_seq(args.net)
  for (const dev of netdevs_from(args.net, cb.args[0])) {
    if (dev.ifindex !== cb.args[0]) cb.args[1] = 0
    cb.args[0] = dev.ifindex
    if (dev.ip_ptr !== undefined && !in_dev_dump_addr(dev.ip_ptr, skb, cb, args)) return true
    cb.args[0] = dev.ifindex + 1
    cb.args[1] = 0
  }
  return undefined
}
function in_dev_dump_addr(in_dev: in_device, skb: MessageBuilder, cb: netlink_callback, args: inet_fill_args): boolean {
  const list = in_dev.ifa_list
  for (; cb.args[1] < list.length; cb.args[1]++) {
    const prev = cb.prev_seq
    const flags = args.flags | nl_dump_check_consistent(cb)
    if (!inet_fill_ifaddr(skb, list[cb.args[1]], cb.portid, cb.seq, RTM_NEWADDR, flags, args.netnsid)) {
      // it was not sent: the next part's first message says whether anything changed
      cb.prev_seq = prev
      return false
    }
  }
  return true
}

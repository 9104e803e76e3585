/** net/ipv6/addrconf.c: RTM_NEWADDR, RTM_DELADDR, RTM_GETADDR, RTM_GETMULTICAST, RTM_GETANYCAST. */
import { type Attr, type AttrTable, NLA_HDRLEN } from '../../lib/attrs.ts'
import { MessageBuilder, NLMSG_HDRLEN } from '../../lib/message.ts'
import { equalBytes } from '../../lib/bytes.ts'
import { EADDRNOTAVAIL, EEXIST, EINVAL, ENODEV, type Errno, isErrno } from '../../uapi/errno.ts'
import {
  IFA,
  IFA_ADDRESS,
  IFA_CACHEINFO,
  IFA_F_HOMEADDRESS,
  IFA_F_MANAGETEMPADDR,
  IFA_F_MCAUTOJOIN,
  IFA_F_NODAD,
  IFA_F_NOPREFIXROUTE,
  IFA_F_OPTIMISTIC,
  IFA_FLAGS,
  IFA_LOCAL,
  IFA_PROTO,
  IFA_RT_PRIORITY,
  IFA_TARGET_NETNSID,
  ifa_cacheinfo,
  ifaddrmsg,
} from '../../uapi/linux/if_addr.ts'
import type { in6_addr } from '../../uapi/linux/in6.ts'
import { NLM_F_DUMP_FILTERED, NLM_F_EXCL, NLM_F_MULTI, NLM_F_REPLACE } from '../../uapi/linux/netlink.ts'
import { RTM_NEWADDR } from '../../uapi/linux/rtnetlink.ts'
import type { net } from '../core/net_namespace.ts'
import { rtnl_unicast } from '../core/rtnetlink.ts'
import { rtnl_get_net_ns_capable } from '../core/rtnl_netns.ts'
import { netdevs_from } from '../ipv4/in_device.ts'
import { nl_dump_check_consistent } from '../netlink/af_netlink.ts'
import { nlmsg_parse_deprecated, nlmsg_parse_deprecated_strict } from '../netlink/attr.ts'
import { NLA_S32, NLA_U8, NLA_UNSPEC, policy } from '../netlink/policy.ts'
import type { netlink_callback, Request } from '../netlink/types.ts'
import { ifa6_config } from './addrconf_addr.ts'
import { inet6_base_seq, ipv6_allow_optimistic_dad, ipv6_get_ifaddr } from './addrconf_core.ts'
import { ipv6_find_idev } from './addrconf_dev.ts'
import { inet6_fill_ifacaddr, inet6_fill_ifaddr, inet6_fill_ifmcaddr, type inet6_fill_args } from './addrconf_ifa.ts'
import { inet6_addr_add, inet6_addr_del, inet6_addr_modify } from './addrconf_manual.ts'
import { in6_dev_by_index, type inet6_dev } from './if_inet6.ts'

export const ifa_ipv6_policy = policy(
  IFA,
  {
    IFA_ADDRESS: NLA_UNSPEC(16),
    IFA_LOCAL: NLA_UNSPEC(16),
    IFA_CACHEINFO: NLA_UNSPEC(ifa_cacheinfo.size),
    IFA_FLAGS: NLA_UNSPEC(4),
    IFA_RT_PRIORITY: NLA_UNSPEC(4),
    IFA_TARGET_NETNSID: NLA_S32,
    IFA_PROTO: NLA_U8,
  },
  { name: 'ifa_ipv6_policy' },
)

/** Flags that a request may set. */
const REQUEST_FLAGS = IFA_F_NODAD | IFA_F_HOMEADDRESS | IFA_F_MANAGETEMPADDR | IFA_F_NOPREFIXROUTE | IFA_F_MCAUTOJOIN | IFA_F_OPTIMISTIC

function first_16(tb: AttrTable, a: Attr<Uint8Array>): in6_addr | undefined {
  const at = tb.at(a)
  return at === 0 ? undefined : tb.buf.slice(at + NLA_HDRLEN, at + NLA_HDRLEN + 16)
}
/** IFA_LOCAL is the address and IFA_ADDRESS the peer's, where both are given and differ. */
function extract_addr(tb: AttrTable): { pfx: in6_addr; peer: in6_addr | undefined } | undefined {
  const address = first_16(tb, IFA_ADDRESS)
  const local = first_16(tb, IFA_LOCAL)
  if (local === undefined) return address && { pfx: address, peer: undefined }
  return { pfx: local, peer: address === undefined || equalBytes(address, local) ? undefined : address }
}

function requested(req: Request, tb: AttrTable): ifa6_config | Errno {
  const ifm = ifaddrmsg.get(req.buf, NLMSG_HDRLEN)
  const addr = extract_addr(tb)
  if (addr === undefined) return EINVAL
  const cfg = new ifa6_config(addr.pfx, ifm.ifa_prefixlen)
  cfg.peer_pfx = addr.peer
  cfg.rt_priority = tb.get(IFA_RT_PRIORITY) ?? 0
  cfg.ifa_proto = tb.get(IFA_PROTO) ?? 0
  const ci = tb.at(IFA_CACHEINFO)
  if (ci !== 0) {
    const { ifa_valid, ifa_prefered } = ifa_cacheinfo.get(req.buf, ci + NLA_HDRLEN)
    cfg.valid_lft = ifa_valid
    cfg.preferred_lft = ifa_prefered
  }
  cfg.ifa_flags = (tb.get(IFA_FLAGS) ?? ifm.ifa_flags) & REQUEST_FLAGS
  return cfg
}

/** NLM_F_CREATE is not asked for: programs rely on that. */
export function inet6_rtm_newaddr(req: Request): Errno | undefined {
  const { net, extack } = req
  const tb = nlmsg_parse_deprecated(req, ifaddrmsg.size, ifa_ipv6_policy)
  if (isErrno(tb)) return tb
  const cfg = requested(req, tb)
  if (isErrno(cfg)) return cfg
  const dev = net.dev_index_head.get(ifaddrmsg.field.ifa_index.get(req.buf, NLMSG_HDRLEN))
  if (dev === undefined) return extack.fail(ENODEV, 'ipv6: Unable to find the interface')
  const idev = ipv6_find_idev(dev)
  if (isErrno(idev)) return idev
  if (!ipv6_allow_optimistic_dad(idev)) cfg.ifa_flags &= ~IFA_F_OPTIMISTIC
  if (cfg.ifa_flags & IFA_F_NODAD && cfg.ifa_flags & IFA_F_OPTIMISTIC) {
    return extack.fail(EINVAL, 'IFA_F_NODAD and IFA_F_OPTIMISTIC are mutually exclusive')
  }
  const ifa = ipv6_get_ifaddr(net, cfg.pfx, dev, true)
  if (ifa === undefined) return inet6_addr_add(net, dev.ifindex, cfg, extack)
  if (req.flags & NLM_F_EXCL || !(req.flags & NLM_F_REPLACE)) return extack.fail(EEXIST, 'ipv6: address already assigned')
  return inet6_addr_modify(net, ifa, cfg)
}

export function inet6_rtm_deladdr(req: Request): Errno | undefined {
  const tb = nlmsg_parse_deprecated(req, ifaddrmsg.size, ifa_ipv6_policy)
  if (isErrno(tb)) return tb
  const ifm = ifaddrmsg.get(req.buf, NLMSG_HDRLEN)
  const addr = extract_addr(tb)
  if (addr === undefined) return EINVAL
  return inet6_addr_del(req.net, ifm.ifa_index, addr.pfx, ifm.ifa_prefixlen, req.extack)
}

/** The header of a strict request carries nothing but the device. */
function header_values(request: Uint8Array): boolean {
  const ifm = ifaddrmsg.get(request, NLMSG_HDRLEN)
  return ifm.ifa_prefixlen !== 0 || ifm.ifa_flags !== 0 || ifm.ifa_scope !== 0
}
function inet6_rtm_valid_getaddr_req(req: Request): AttrTable | Errno {
  const { extack } = req
  if (req.buf.length < NLMSG_HDRLEN + ifaddrmsg.size) return extack.fail(EINVAL, 'ipv6: Invalid header for get address request')
  if (!req.strict_check) return nlmsg_parse_deprecated(req, ifaddrmsg.size, ifa_ipv6_policy)
  if (header_values(req.buf)) return extack.fail(EINVAL, 'ipv6: Invalid values in header for get address request')
  const tb = nlmsg_parse_deprecated_strict(req, ifaddrmsg.size, ifa_ipv6_policy)
  if (isErrno(tb)) return tb
  const known = [IFA_TARGET_NETNSID.nr, IFA_ADDRESS.nr, IFA_LOCAL.nr]
  for (let nr = 1; nr <= tb.max; nr++) {
    if (tb.atNr(nr) !== 0 && !known.includes(nr)) return extack.fail(EINVAL, 'ipv6: Unsupported attribute in get address request')
  }
  return tb
}

/** One address, on the device named or on any. */
export function inet6_rtm_getaddr(req: Request): Errno | undefined {
  const tb = inet6_rtm_valid_getaddr_req(req)
  if (isErrno(tb)) return tb
  const netnsid = tb.get(IFA_TARGET_NETNSID)
  const target = netnsid === undefined ? req.net : rtnl_get_net_ns_capable(req, netnsid)
  if (isErrno(target)) return target
  const addr = extract_addr(tb)
  if (addr === undefined) return EINVAL
  const dev = target.dev_index_head.get(ifaddrmsg.field.ifa_index.get(req.buf, NLMSG_HDRLEN))
  const ifa = ipv6_get_ifaddr(target, addr.pfx, dev, true)
  if (ifa === undefined) return EADDRNOTAVAIL
  const skb = new MessageBuilder(undefined, 128)
  inet6_fill_ifaddr(skb, ifa, RTM_NEWADDR, { portid: req.portid, seq: req.seq, flags: 0, netnsid: netnsid ?? -1 })
  return rtnl_unicast(target, skb, req.portid)
}

/** What a dump goes by. */
interface dump_args extends inet6_fill_args {
  net: net
  ifindex: number
}
/** inet6_valid_dump_ifaddr_req() */
function strict_dump_args(cb: netlink_callback, args: dump_args): Errno | undefined {
  const { request, extack } = cb
  if (request.length < NLMSG_HDRLEN + ifaddrmsg.size) return extack.fail(EINVAL, 'ipv6: Invalid header for address dump request')
  if (header_values(request)) return extack.fail(EINVAL, 'ipv6: Invalid values in header for address dump request')
  args.ifindex = ifaddrmsg.field.ifa_index.get(request, NLMSG_HDRLEN)
  if (args.ifindex !== 0) {
    cb.answer_flags |= NLM_F_DUMP_FILTERED
    args.flags |= NLM_F_DUMP_FILTERED
  }
  const tb = nlmsg_parse_deprecated_strict(cb, ifaddrmsg.size, ifa_ipv6_policy)
  if (isErrno(tb)) return tb
  for (let nr = 1; nr <= tb.max; nr++) {
    if (tb.atNr(nr) === 0) continue
    if (nr !== IFA_TARGET_NETNSID.nr) return extack.fail(EINVAL, 'ipv6: Unsupported attribute in dump request')
    const id = tb.get(IFA_TARGET_NETNSID) as number
    const target = rtnl_get_net_ns_capable(cb, id)
    if (isErrno(target)) return extack.fail(target, 'ipv6: Invalid target network namespace id')
    args.netnsid = id
    args.net = target
  }
  return undefined
}

type fill_list = (idev: inet6_dev, skb: MessageBuilder, cb: netlink_callback, args: inet6_fill_args) => boolean

/** cb.args: index of the device to go on with, entries of it already sent. */
function inet6_dump_addr(skb: MessageBuilder, cb: netlink_callback, fill: fill_list): Errno | true | undefined {
  const args: dump_args = { portid: cb.portid, seq: cb.seq, flags: NLM_F_MULTI, netnsid: -1, net: cb.net, ifindex: 0 }
  if (cb.strict_check) {
    const mark = cb.pool.mark()
    const error = strict_dump_args(cb, args)
    cb.pool.release(mark)
    if (isErrno(error)) return error
    if (args.ifindex !== 0) {
      if (!args.net.dev_index_head.has(args.ifindex)) return ENODEV
      const idev = in6_dev_by_index(args.net, args.ifindex)
      return idev === undefined || fill(idev, skb, cb, args) ? undefined : true
    }
  }
  cb.gen_seq = inet6_base_seq(args.net)
  for (const dev of netdevs_from(args.net, cb.args[0])) {
    if (dev.ifindex !== cb.args[0]) cb.args[1] = 0
    cb.args[0] = dev.ifindex
    if (dev.ip6_ptr !== undefined && !fill(dev.ip6_ptr, skb, cb, args)) return true
    cb.args[0] = dev.ifindex + 1
    cb.args[1] = 0
  }
  return undefined
}
function fill_unicast(idev: inet6_dev, skb: MessageBuilder, cb: netlink_callback, args: inet6_fill_args): boolean {
  const list = idev.addr_list
  for (; cb.args[1] < list.length; cb.args[1]++) {
    const prev = cb.prev_seq
    const flags = args.flags | nl_dump_check_consistent(cb)
    if (!inet6_fill_ifaddr(skb, list[cb.args[1]], RTM_NEWADDR, { ...args, flags })) {
      cb.prev_seq = prev
      return false
    }
  }
  return true
}
function fill_multicast({ dev, mc_list }: inet6_dev, skb: MessageBuilder, cb: netlink_callback, args: inet6_fill_args): boolean {
  for (; cb.args[1] < mc_list.length; cb.args[1]++) {
    if (!inet6_fill_ifmcaddr(skb, mc_list[cb.args[1]], dev.ifindex, args)) return false
  }
  return true
}
function fill_anycast({ dev, ac_list }: inet6_dev, skb: MessageBuilder, cb: netlink_callback, args: inet6_fill_args): boolean {
  for (; cb.args[1] < ac_list.length; cb.args[1]++) {
    const aca = ac_list[cb.args[1]]
    if (!inet6_fill_ifacaddr(skb, aca, aca.aca_rt.fib6_nh.fib_nh_dev?.ifindex ?? dev.ifindex, args)) return false
  }
  return true
}

export function inet6_dump_ifaddr(skb: MessageBuilder, cb: netlink_callback): Errno | true | undefined {
  return inet6_dump_addr(skb, cb, fill_unicast)
}
export function inet6_dump_ifmcaddr(skb: MessageBuilder, cb: netlink_callback): Errno | true | undefined {
  return inet6_dump_addr(skb, cb, fill_multicast)
}
export function inet6_dump_ifacaddr(skb: MessageBuilder, cb: netlink_callback): Errno | true | undefined {
  return inet6_dump_addr(skb, cb, fill_anycast)
}

/** net/ipv4/devinet.c inet_netconf_*: the settings that routing daemons follow, as messages. */
import { MessageBuilder, NLMSG_HDRLEN } from '../../lib/message.ts'
import { EINVAL, type Errno, isErrno } from '../../uapi/errno.ts'
import {
  IPV4_DEVCONF_BC_FORWARDING,
  IPV4_DEVCONF_FORWARDING,
  IPV4_DEVCONF_IGNORE_ROUTES_WITH_LINKDOWN,
  IPV4_DEVCONF_MC_FORWARDING,
  IPV4_DEVCONF_PROXY_ARP,
  IPV4_DEVCONF_RP_FILTER,
} from '../../uapi/linux/ip.ts'
import {
  NETCONFA,
  NETCONFA_ALL,
  NETCONFA_BC_FORWARDING,
  NETCONFA_FORWARDING,
  NETCONFA_IFINDEX,
  NETCONFA_IFINDEX_ALL,
  NETCONFA_IFINDEX_DEFAULT,
  NETCONFA_IGNORE_ROUTES_WITH_LINKDOWN,
  NETCONFA_MC_FORWARDING,
  NETCONFA_PROXY_NEIGH,
  NETCONFA_RP_FILTER,
  netconfmsg,
} from '../../uapi/linux/netconf.ts'
import { NETLINK_ROUTE, NLM_F_MULTI } from '../../uapi/linux/netlink.ts'
import { RTM_NEWNETCONF, RTNLGRP_IPV4_NETCONF } from '../../uapi/linux/rtnetlink.ts'
import { AF_INET } from '../../uapi/linux/socket.ts'
import type { net } from '../core/net_namespace.ts'
import { rtnl_notify, rtnl_unicast } from '../core/rtnetlink.ts'
import { netlink_has_listeners, nl_dump_check_consistent } from '../netlink/af_netlink.ts'
import { nlmsg_parse_deprecated, nlmsg_parse_deprecated_strict } from '../netlink/attr.ts'
import { NLA_UNSPEC, policy } from '../netlink/policy.ts'
import type { netlink_callback, Request } from '../netlink/types.ts'
import { inet_base_seq } from './devinet_rtm.ts'
import { inetdev_by_index, netdevs_from } from './in_device.ts'
import type { ipv4_devconf } from './netns_ipv4.ts'

const four = NLA_UNSPEC(4)
export const devconf_ipv4_policy = policy(
  NETCONFA,
  {
    NETCONFA_IFINDEX: four,
    NETCONFA_FORWARDING: four,
    NETCONFA_RP_FILTER: four,
    NETCONFA_PROXY_NEIGH: four,
    NETCONFA_IGNORE_ROUTES_WITH_LINKDOWN: four,
  },
  { name: 'devconf_ipv4_policy' },
)

/** Attribute and the setting that it shows, in the order of a message. */
const shown = [
  [NETCONFA_FORWARDING, IPV4_DEVCONF_FORWARDING],
  [NETCONFA_RP_FILTER, IPV4_DEVCONF_RP_FILTER],
  [NETCONFA_MC_FORWARDING, IPV4_DEVCONF_MC_FORWARDING],
  [NETCONFA_BC_FORWARDING, IPV4_DEVCONF_BC_FORWARDING],
  [NETCONFA_PROXY_NEIGH, IPV4_DEVCONF_PROXY_ARP],
  [NETCONFA_IGNORE_ROUTES_WITH_LINKDOWN, IPV4_DEVCONF_IGNORE_ROUTES_WITH_LINKDOWN],
] as const

interface netconf_msg {
  portid: number
  seq: number
  event: number
  flags: number
}

/** `type`: one NETCONFA_* number, or NETCONFA_ALL; without `devconf` the index alone. False: it did not fit. */
function inet_netconf_fill_devconf(
  skb: MessageBuilder,
  ifindex: number,
  devconf: ipv4_devconf | undefined,
  msg: netconf_msg,
  type: number,
): boolean {
  skb.begin(msg.event, msg.flags, msg.seq, msg.portid)
  skb.struct(netconfmsg, { ncm_family: AF_INET })
  skb.put(NETCONFA_IFINDEX, ifindex)
  if (devconf !== undefined) {
    for (const [a, nr] of shown) if (type === NETCONFA_ALL || type === a.nr) skb.put(a, devconf.get(nr))
  }
  return skb.end()
}

/** Tells IPV4_NETCONF of one setting, of all, or (no `devconf`) that they are gone. */
export function inet_netconf_notify_devconf(
  net: net,
  event: number,
  type: number,
  ifindex: number,
  devconf: ipv4_devconf | undefined,
): void {
  if (!netlink_has_listeners(net, NETLINK_ROUTE, RTNLGRP_IPV4_NETCONF)) return
  const skb = new MessageBuilder(undefined, 128)
  inet_netconf_fill_devconf(skb, ifindex, devconf, { portid: 0, seq: 0, event, flags: 0 }, type)
  rtnl_notify(net, skb, 0, RTNLGRP_IPV4_NETCONF, false)
}

function netconf_request(req: Request): number | Errno {
  const { extack } = req
  if (req.buf.length < NLMSG_HDRLEN + netconfmsg.size) return extack.fail(EINVAL, 'ipv4: Invalid header for netconf get request')
  const parse = req.strict_check ? nlmsg_parse_deprecated_strict : nlmsg_parse_deprecated
  const tb = parse(req, netconfmsg.size, devconf_ipv4_policy)
  if (isErrno(tb)) return tb
  for (let nr = 2; req.strict_check && nr <= tb.max; nr++) {
    if (tb.atNr(nr) !== 0) return extack.fail(EINVAL, 'ipv4: Unsupported attribute in netconf get request')
  }
  return tb.get(NETCONFA_IFINDEX) ?? EINVAL
}
function devconf_of(net: net, ifindex: number): ipv4_devconf | undefined {
  if (ifindex === NETCONFA_IFINDEX_ALL) return net.ipv4.devconf_all
  return ifindex === NETCONFA_IFINDEX_DEFAULT ? net.ipv4.devconf_dflt : inetdev_by_index(net, ifindex)?.cnf
}

/** RTM_GETNETCONF of one device, of all or of default. */
export function inet_netconf_get_devconf(req: Request): Errno | undefined {
  const ifindex = netconf_request(req)
  if (isErrno(ifindex)) return ifindex
  const devconf = devconf_of(req.net, ifindex)
  if (devconf === undefined) return EINVAL
  const skb = new MessageBuilder(undefined, 128)
  inet_netconf_fill_devconf(skb, ifindex, devconf, { portid: req.portid, seq: req.seq, event: RTM_NEWNETCONF, flags: 0 }, NETCONFA_ALL)
  return rtnl_unicast(req.net, skb, req.portid)
}

/** Devices by index, then all, then default. cb.args: index to go on from, 0 … 2 of the latter sent. */
export function inet_netconf_dump_devconf(skb: MessageBuilder, cb: netlink_callback): Errno | true | undefined {
  const { net, extack } = cb
  if (cb.strict_check) {
    if (cb.request.length < NLMSG_HDRLEN + netconfmsg.size) return extack.fail(EINVAL, 'ipv4: Invalid header for netconf dump request')
    // nlmsg_attrlen() is not zero where the padding is missing
    if (cb.request.length !== NLMSG_HDRLEN + 4) return extack.fail(EINVAL, 'ipv4: Invalid data after header in netconf dump request')
  }
  const put = (ifindex: number, devconf: ipv4_devconf, flags: number) =>
    inet_netconf_fill_devconf(skb, ifindex, devconf, { portid: cb.portid, seq: cb.seq, event: RTM_NEWNETCONF, flags }, NETCONFA_ALL)
  cb.gen_seq = inet_base_seq(net)
  for (const dev of netdevs_from(net, cb.args[0])) {
    cb.args[0] = dev.ifindex
    const prev = cb.prev_seq
    if (dev.ip_ptr !== undefined && !put(dev.ifindex, dev.ip_ptr.cnf, NLM_F_MULTI | nl_dump_check_consistent(cb))) {
      cb.prev_seq = prev
      return true
    }
    cb.args[0] = dev.ifindex + 1
  }
  for (const [i, ifindex] of [NETCONFA_IFINDEX_ALL, NETCONFA_IFINDEX_DEFAULT].entries()) {
    if (cb.args[1] > i) continue
    if (!put(ifindex, devconf_of(net, ifindex) as ipv4_devconf, NLM_F_MULTI)) return true
    cb.args[1] = i + 1
  }
  return undefined
}

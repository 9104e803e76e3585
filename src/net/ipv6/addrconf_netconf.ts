/** net/ipv6/addrconf.c inet6_netconf_*: IPv6's part of net/core/netconf.ts. */
import type { MessageBuilder } from '../../lib/message.ts'
import type { Errno } from '../../uapi/errno.ts'
import { DEVCONF_FORWARDING, DEVCONF_IGNORE_ROUTES_WITH_LINKDOWN, DEVCONF_MC_FORWARDING, DEVCONF_PROXY_NDP } from '../../uapi/linux/ipv6.ts'
import {
  NETCONFA,
  NETCONFA_FORWARDING,
  NETCONFA_IFINDEX_ALL,
  NETCONFA_IGNORE_ROUTES_WITH_LINKDOWN,
  NETCONFA_MC_FORWARDING,
  NETCONFA_PROXY_NEIGH,
} from '../../uapi/linux/netconf.ts'
import { RTNLGRP_IPV6_NETCONF } from '../../uapi/linux/rtnetlink.ts'
import { AF_INET6 } from '../../uapi/linux/socket.ts'
import type { net } from '../core/net_namespace.ts'
import { type netconf_family, netconf_dump, netconf_get, netconf_notify } from '../core/netconf.ts'
import { NLA_UNSPEC, policy } from '../netlink/policy.ts'
import type { netlink_callback, Request } from '../netlink/types.ts'
import { inet6_base_seq } from './addrconf_core.ts'
import type { ipv6_devconf } from './netns_ipv6.ts'

const four = NLA_UNSPEC(4)
export const devconf_ipv6_policy = policy(
  NETCONFA,
  { NETCONFA_IFINDEX: four, NETCONFA_FORWARDING: four, NETCONFA_PROXY_NEIGH: four, NETCONFA_IGNORE_ROUTES_WITH_LINKDOWN: four },
  { name: 'devconf_ipv6_policy' },
)

const netconf_ipv6: netconf_family<ipv6_devconf> = {
  family: AF_INET6,
  name: 'ipv6',
  group: RTNLGRP_IPV6_NETCONF,
  policy: devconf_ipv6_policy,
  shown: [
    [NETCONFA_FORWARDING, DEVCONF_FORWARDING],
    [NETCONFA_MC_FORWARDING, DEVCONF_MC_FORWARDING],
    [NETCONFA_PROXY_NEIGH, DEVCONF_PROXY_NDP],
    [NETCONFA_IGNORE_ROUTES_WITH_LINKDOWN, DEVCONF_IGNORE_ROUTES_WITH_LINKDOWN],
  ],
  value: (cnf, nr) => cnf.get(nr),
  of_device: (dev) => dev.ip6_ptr?.cnf,
  of_net: ({ ipv6 }, ifindex) => (ifindex === NETCONFA_IFINDEX_ALL ? ipv6.devconf_all : ipv6.devconf_dflt),
  base_seq: inet6_base_seq,
}

/** Tells IPV6_NETCONF of one setting, of all, or (no `devconf`) that they are gone. */
export function inet6_netconf_notify_devconf(
  net: net,
  event: number,
  type: number,
  ifindex: number,
  devconf: ipv6_devconf | undefined,
): void {
  netconf_notify(netconf_ipv6, net, event, type, ifindex, devconf)
}
export function inet6_netconf_get_devconf(req: Request): Errno | undefined {
  return netconf_get(netconf_ipv6, req)
}
export function inet6_netconf_dump_devconf(skb: MessageBuilder, cb: netlink_callback): Errno | true | undefined {
  return netconf_dump(netconf_ipv6, skb, cb)
}

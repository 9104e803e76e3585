/** net/ipv4/devinet.c inet_netconf_*: IPv4's part of net/core/netconf.ts. */
import type { MessageBuilder } from '../../lib/message.ts'
import type { Errno } from '../../uapi/errno.ts'
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
  NETCONFA_BC_FORWARDING,
  NETCONFA_FORWARDING,
  NETCONFA_IFINDEX_ALL,
  NETCONFA_IGNORE_ROUTES_WITH_LINKDOWN,
  NETCONFA_MC_FORWARDING,
  NETCONFA_PROXY_NEIGH,
  NETCONFA_RP_FILTER,
} from '../../uapi/linux/netconf.ts'
import { RTNLGRP_IPV4_NETCONF } from '../../uapi/linux/rtnetlink.ts'
import { AF_INET } from '../../uapi/linux/socket.ts'
import type { net } from '../core/net_namespace.ts'
import { type netconf_family, netconf_dump, netconf_get, netconf_notify } from '../core/netconf.ts'
import { NLA_UNSPEC, policy } from '../netlink/policy.ts'
import type { netlink_callback, Request } from '../netlink/types.ts'
import { inet_base_seq } from './devinet_rtm.ts'
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

const netconf_ipv4: netconf_family<ipv4_devconf> = {
  family: AF_INET,
  name: 'ipv4',
  group: RTNLGRP_IPV4_NETCONF,
  policy: devconf_ipv4_policy,
  shown: [
    [NETCONFA_FORWARDING, IPV4_DEVCONF_FORWARDING],
    [NETCONFA_RP_FILTER, IPV4_DEVCONF_RP_FILTER],
    [NETCONFA_MC_FORWARDING, IPV4_DEVCONF_MC_FORWARDING],
    [NETCONFA_BC_FORWARDING, IPV4_DEVCONF_BC_FORWARDING],
    [NETCONFA_PROXY_NEIGH, IPV4_DEVCONF_PROXY_ARP],
    [NETCONFA_IGNORE_ROUTES_WITH_LINKDOWN, IPV4_DEVCONF_IGNORE_ROUTES_WITH_LINKDOWN],
  ],
  value: (cnf, nr) => cnf.get(nr),
  of_device: (dev) => dev.ip_ptr?.cnf,
  of_net: ({ ipv4 }, ifindex) => (ifindex === NETCONFA_IFINDEX_ALL ? ipv4.devconf_all : ipv4.devconf_dflt),
  base_seq: inet_base_seq,
}

/** Tells IPV4_NETCONF of one setting, of all, or (no `devconf`) that they are gone. */
export function inet_netconf_notify_devconf(
  net: net,
  event: number,
  type: number,
  ifindex: number,
  devconf: ipv4_devconf | undefined,
): void {
  netconf_notify(netconf_ipv4, net, event, type, ifindex, devconf)
}
export function inet_netconf_get_devconf(req: Request): Errno | undefined {
  return netconf_get(netconf_ipv4, req)
}
export function inet_netconf_dump_devconf(skb: MessageBuilder, cb: netlink_callback): Errno | true | undefined {
  return netconf_dump(netconf_ipv4, skb, cb)
}

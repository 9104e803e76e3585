/** net/ipv4/devinet.c inet_fill_ifaddr, rtmsg_ifa: addresses as messages. */

import { HZ, USER_HZ } from '../../kernel/time.ts'
import { put32 } from '../../lib/bytes.ts'
import { MessageBuilder } from '../../lib/message.ts'
import {
  IFA_ADDRESS,
  IFA_BROADCAST,
  IFA_CACHEINFO,
  IFA_F_PERMANENT,
  IFA_FLAGS,
  IFA_LABEL,
  IFA_LOCAL,
  IFA_PROTO,
  IFA_RT_PRIORITY,
  IFA_TARGET_NETNSID,
  ifa_cacheinfo,
  ifaddrmsg,
} from '../../uapi/linux/if_addr.ts'
import { NETLINK_ROUTE } from '../../uapi/linux/netlink.ts'
import { RTNLGRP_IPV4_IFADDR } from '../../uapi/linux/rtnetlink.ts'
import { AF_INET } from '../../uapi/linux/socket.ts'
import { rtnl_notify } from '../core/rtnetlink.ts'
import { netlink_has_listeners } from '../netlink/af_netlink.ts'
import { put_in_addr, put_u32 } from './fib_dump.ts'
import type { nl_info } from './fib_semantics.ts'
import { INFINITY_LIFE_TIME, type in_ifaddr } from './in_device.ts'

/** Hundredths of a second since boot, as put_cacheinfo shows jiffies. */
function cstamp_delta(jiffies: number): number {
  return Math.floor((Math.max(0, jiffies) * USER_HZ) / HZ)
}

/** What is left of the lifetimes now; a preferred lifetime without end keeps the valid one from counting down. */
function put_cacheinfo(skb: MessageBuilder, ifa: in_ifaddr): void {
  let preferred = INFINITY_LIFE_TIME
  let valid = INFINITY_LIFE_TIME
  if (!(ifa.ifa_flags & IFA_F_PERMANENT)) {
    preferred = ifa.ifa_preferred_lft
    valid = ifa.ifa_valid_lft
    if (preferred !== INFINITY_LIFE_TIME) {
      const age = Math.floor((ifa.ifa_dev.dev.nd_net.kernel.jiffies() - ifa.ifa_tstamp) / HZ)
      preferred = Math.max(0, preferred - age)
      if (valid !== INFINITY_LIFE_TIME) valid = Math.max(0, valid - age)
    }
  }
  const o = skb.reserve(IFA_CACHEINFO.nr, ifa_cacheinfo.size)
  if (o < 0) return
  put32(skb.buf, o, preferred)
  put32(skb.buf, o + 4, valid)
  put32(skb.buf, o + 8, cstamp_delta(ifa.ifa_cstamp))
  put32(skb.buf, o + 12, cstamp_delta(ifa.ifa_tstamp))
}

/** One message; false: it did not fit. `netnsid` < 0: not asked for. */
export function inet_fill_ifaddr(
  skb: MessageBuilder,
  ifa: in_ifaddr,
  portid: number,
  seq: number,
  event: number,
  flags: number,
  netnsid: number,
): boolean {
  skb.begin(event, flags, seq, portid)
  const o = skb.room(ifaddrmsg.size)
  if (o >= 0) {
    const b = skb.buf
    b[o] = AF_INET
    b[o + 1] = ifa.ifa_prefixlen
    b[o + 2] = ifa.ifa_flags
    b[o + 3] = ifa.ifa_scope
    put32(b, o + 4, ifa.ifa_dev.dev.ifindex)
  }
  if (netnsid >= 0) put_u32(skb, IFA_TARGET_NETNSID.nr, netnsid)
  if (ifa.ifa_address !== 0) put_in_addr(skb, IFA_ADDRESS.nr, ifa.ifa_address)
  if (ifa.ifa_local !== 0) put_in_addr(skb, IFA_LOCAL.nr, ifa.ifa_local)
  if (ifa.ifa_broadcast !== 0) put_in_addr(skb, IFA_BROADCAST.nr, ifa.ifa_broadcast)
  if (ifa.ifa_label !== '') skb.put(IFA_LABEL, ifa.ifa_label)
  if (ifa.ifa_proto !== 0) skb.put(IFA_PROTO, ifa.ifa_proto)
  put_u32(skb, IFA_FLAGS.nr, ifa.ifa_flags)
  if (ifa.ifa_rt_priority !== 0) put_u32(skb, IFA_RT_PRIORITY.nr, ifa.ifa_rt_priority)
  put_cacheinfo(skb, ifa)
  return skb.end()
}

/** Tells IPV4_IFADDR; a request's notification carries its port and sequence number. */
export function rtmsg_ifa(event: number, ifa: in_ifaddr, info: nl_info): void {
  const net = ifa.ifa_dev.dev.nd_net
  if (!info.report && !netlink_has_listeners(net, NETLINK_ROUTE, RTNLGRP_IPV4_IFADDR)) return
  const skb = new MessageBuilder(undefined, 128)
  inet_fill_ifaddr(skb, ifa, info.portid, info.seq, event, 0, -1)
  rtnl_notify(net, skb, info.portid, RTNLGRP_IPV4_IFADDR, info.report)
}

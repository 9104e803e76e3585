/** net/mpls/af_mpls.c mpls_route_add, mpls_route_del, mpls_ifup, mpls_ifdown: the table of labels. */
import { getBe32 } from '../../lib/bytes.ts'
import { MessageBuilder } from '../../lib/message.ts'
import { EEXIST, EINVAL, ENODEV, ENOENT, EOPNOTSUPP, type Errno, isErrno } from '../../uapi/errno.ts'
import { IFF_LOWER_UP, IFF_RUNNING, IFF_UP } from '../../uapi/linux/if.ts'
import { NLM_F_APPEND, NLM_F_CREATE, NLM_F_ECHO, NLM_F_EXCL, NLM_F_REPLACE } from '../../uapi/linux/netlink.ts'
import {
  RT_SCOPE_UNIVERSE,
  RT_TABLE_MAIN,
  RTA_DST,
  RTA_MULTIPATH,
  RTA_NEWDST,
  RTA_OIF,
  RTA_TTL_PROPAGATE,
  RTA_VIA,
  RTM_DELROUTE,
  RTM_NEWROUTE,
  RTN_UNICAST,
  RTNH_F_DEAD,
  RTNH_F_LINKDOWN,
  RTNLGRP_MPLS_ROUTE,
  rtmsg,
  rtnexthop,
} from '../../uapi/linux/rtnetlink.ts'
import { AF_INET, AF_INET6, AF_MPLS, AF_PACKET } from '../../uapi/linux/socket.ts'
import { dev_get_flags } from '../core/dev.ts'
import type { net } from '../core/net_namespace.ts'
import type { net_device } from '../core/netdevice.ts'
import { rtnl_notify } from '../core/rtnetlink.ts'
import { flowi4 } from '../ipv4/fib_lookup.ts'
import { ip_route_output_key } from '../ipv4/route.ts'
import { flowi6 } from '../ipv6/ip6_fib_lookup.ts'
import { ip6_route_output } from '../ipv6/route.ts'
import type { netlink_ext_ack } from '../netlink/extack.ts'
import { nla_put_labels } from './mpls_label.ts'
import {
  LABEL_NOT_SPECIFIED,
  MPLS_LABEL_FIRST_UNRESERVED,
  MPLS_TTL_PROP_DEFAULT,
  MPLS_TTL_PROP_ENABLED,
  mpls_dev_get,
  type mpls_nh,
  mpls_route,
  type mpls_via,
  type netns_mpls,
  netns_mpls_of,
} from './mpls_private.ts'

/** Who asked, for what is told. */
export interface mpls_nl_info {
  readonly portid: number
  readonly seq: number
  readonly nlflags: number
}
/** struct mpls_route_config */
export class mpls_route_config {
  label = LABEL_NOT_SPECIFIED
  protocol = 0
  ttl_propagate = MPLS_TTL_PROP_DEFAULT
  nlflags = 0
  /** The next hops asked for, with the index of each one's device (0: by address). */
  nhs: { nh: mpls_nh; ifindex: number }[] = []
  multipath = false
}

function put_via(skb: MessageBuilder, { family, addr }: mpls_via): void {
  const o = skb.reserve(RTA_VIA.nr, 2 + addr.length)
  if (o < 0) return
  skb.buf[o] = family
  skb.buf.set(addr, o + 2)
}
function nh_attrs(skb: MessageBuilder, nh: mpls_nh): void {
  if (nh.labels.length > 0) nla_put_labels(skb, RTA_NEWDST.nr, nh.labels)
  if (nh.via !== undefined) put_via(skb, nh.via)
}
function put_multipath(skb: MessageBuilder, rt: mpls_route): number {
  const mp = skb.nestNoflag(RTA_MULTIPATH)
  for (const nh of rt.nhs) {
    if (nh.dev === undefined) continue
    const start = skb.room(rtnexthop.size)
    nh_attrs(skb, nh)
    if (start < 0 || skb.overflow) break
    const rtnh_len = skb.length - start
    rtnexthop.put(skb.buf, start, { rtnh_len, rtnh_flags: nh.flags, rtnh_hops: 0, rtnh_ifindex: nh.dev.ifindex })
  }
  skb.nestEnd(mp)
  return rt.nhs.reduce((flags, nh) => flags & nh.flags, RTNH_F_DEAD | RTNH_F_LINKDOWN)
}
/** mpls_dump_route() */
export function mpls_dump_route(
  skb: MessageBuilder,
  head: { type: number; flags: number; portid: number; seq: number },
  label: number,
  rt: mpls_route,
): boolean {
  skb.begin(head.type, head.flags, head.seq, head.portid)
  const at = skb.length
  skb.struct(rtmsg, {
    rtm_family: AF_MPLS,
    rtm_dst_len: 20,
    rtm_table: RT_TABLE_MAIN,
    rtm_protocol: rt.protocol,
    rtm_scope: RT_SCOPE_UNIVERSE,
    rtm_type: RTN_UNICAST,
  })
  nla_put_labels(skb, RTA_DST.nr, [label])
  if (rt.ttl_propagate !== MPLS_TTL_PROP_DEFAULT) skb.put(RTA_TTL_PROPAGATE, rt.ttl_propagate === MPLS_TTL_PROP_ENABLED ? 1 : 0)
  let flags: number
  if (rt.nhs.length === 1) {
    const [nh] = rt.nhs
    nh_attrs(skb, nh)
    if (nh.dev !== undefined) skb.put(RTA_OIF, nh.dev.ifindex)
    flags = nh.flags
  } else {
    flags = put_multipath(skb, rt)
  }
  if (!skb.overflow) rtmsg.field.rtm_flags.put(skb.buf, at, flags)
  return skb.end()
}

/** mpls_route_update(): a label's route comes, is replaced or goes, and is told unless the label is reserved. */
export function mpls_route_update(net: net, label: number, rt: mpls_route | undefined, info: mpls_nl_info | undefined): void {
  const mpls = netns_mpls_of(net)
  const old = mpls.platform_label.get(label)
  if (rt === undefined) mpls.platform_label.delete(label)
  else mpls.platform_label.set(label, rt)
  const shown = rt ?? old
  if (shown === undefined || label < MPLS_LABEL_FIRST_UNRESERVED) return
  const skb = new MessageBuilder(undefined, 128)
  const type = rt === undefined ? RTM_DELROUTE : RTM_NEWROUTE
  const flags = rt !== undefined && old !== undefined ? NLM_F_REPLACE : 0
  mpls_dump_route(skb, { type, flags, portid: info?.portid ?? 0, seq: info?.seq ?? 0 }, label, shown)
  rtnl_notify(net, skb, info?.portid ?? 0, RTNLGRP_MPLS_ROUTE, ((info?.nlflags ?? 0) & NLM_F_ECHO) !== 0)
}

/** mpls_label_ok() */
export function mpls_label_ok(net: net, label: number, extack: netlink_ext_ack): Errno | undefined {
  if (label < MPLS_LABEL_FIRST_UNRESERVED) {
    return extack.fail(EINVAL, 'Invalid label - must be MPLS_LABEL_FIRST_UNRESERVED or higher')
  }
  if (label >= netns_mpls_of(net).platform_labels) {
    return extack.fail(EINVAL, 'Label >= configured maximum in platform_labels')
  }
  return undefined
}
function find_free_label({ platform_label, platform_labels }: netns_mpls): number {
  for (let label = MPLS_LABEL_FIRST_UNRESERVED; label < platform_labels; label++) if (!platform_label.has(label)) return label
  return LABEL_NOT_SPECIFIED
}

/** find_outdev(): the one named, else the one that packets to the neighbour leave by. */
function find_outdev(net: net, via: mpls_via | undefined, ifindex: number): net_device | Errno {
  if (ifindex !== 0) return net.dev_index_head.get(ifindex) ?? ENODEV
  if (via?.family === AF_INET) {
    const rt = ip_route_output_key(net, new flowi4(getBe32(via.addr, 0)))
    return isErrno(rt) ? rt : (rt.dev ?? ENODEV)
  }
  if (via?.family === AF_INET6 && net.ipv6 !== undefined) {
    const rt = ip6_route_output(net, new flowi6(via.addr, new Uint8Array(16)))
    return isErrno(rt) ? rt : (rt.error ?? rt.dev ?? ENODEV)
  }
  return ENODEV
}
/** mpls_nh_assign_dev() */
function assign_dev(net: net, nh: mpls_nh, ifindex: number): Errno | undefined {
  const dev = find_outdev(net, nh.via, ifindex)
  if (isErrno(dev)) return dev
  if (mpls_dev_get(dev) === undefined) return EINVAL
  if (nh.via?.family === AF_PACKET && nh.via.addr.length !== dev.addr_len) return EINVAL
  nh.dev = dev
  if (!(dev.flags & IFF_UP)) nh.flags |= RTNH_F_DEAD
  else if (!(dev_get_flags(dev) & (IFF_RUNNING | IFF_LOWER_UP))) nh.flags |= RTNH_F_LINKDOWN
  return undefined
}

export function mpls_route_add(net: net, cfg: mpls_route_config, info: mpls_nl_info, extack: netlink_ext_ack): Errno | undefined {
  const mpls = netns_mpls_of(net)
  let { label } = cfg
  if (label === LABEL_NOT_SPECIFIED && cfg.nlflags & NLM_F_CREATE) label = find_free_label(mpls)
  const refused = mpls_label_ok(net, label, extack)
  if (isErrno(refused)) return refused
  if (cfg.nlflags & NLM_F_APPEND) return extack.fail(EOPNOTSUPP, 'MPLS does not support route append')
  const old = mpls.platform_label.get(label)
  if (old !== undefined && (cfg.nlflags & NLM_F_EXCL || !(cfg.nlflags & NLM_F_REPLACE))) return EEXIST
  if (old === undefined && !(cfg.nlflags & NLM_F_CREATE)) return ENOENT
  if (cfg.nhs.length === 0) return extack.fail(EINVAL, 'Route does not contain a nexthop')
  const rt = new mpls_route(cfg.protocol, cfg.ttl_propagate, cfg.multipath)
  for (const { nh, ifindex } of cfg.nhs) {
    const error = assign_dev(net, nh, ifindex)
    if (isErrno(error)) return error
    rt.nhs.push(nh)
  }
  mpls_route_update(net, label, rt, info)
  return undefined
}

/** A device has gone down, lost its carrier or goes: routes without any device left go with it. */
export function mpls_ifdown(dev: net_device, flags: number, unregister: boolean): void {
  const { nd_net: net } = dev
  const mpls = netns_mpls_of(net)
  for (const [label, rt] of mpls.platform_label.from(0)) {
    const on = rt.nhs.filter((nh) => nh.dev === dev)
    if (on.length === 0) continue
    for (const nh of on) nh.flags |= flags
    if (!unregister) continue
    if (rt.nhs.every((nh) => nh.dev === undefined || nh.dev === dev)) mpls_route_update(net, label, undefined, undefined)
    else for (const nh of on) nh.dev = undefined
  }
}
export function mpls_ifup(dev: net_device, flags: number): void {
  for (const [, rt] of netns_mpls_of(dev.nd_net).platform_label.from(0)) {
    for (const nh of rt.nhs) if (nh.dev === dev) nh.flags &= ~flags
  }
}

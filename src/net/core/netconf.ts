/**
 * Devices' settings that routing daemons follow, as messages: what IPv4 (net/ipv4/devinet.c inet_netconf_*), IPv6
 * (net/ipv6/addrconf.c inet6_netconf_*) and MPLS (net/mpls/af_mpls.c mpls_netconf_*) have alike.
 */
import type { Attr } from '../../lib/attrs.ts'
import { MessageBuilder, NLMSG_HDRLEN } from '../../lib/message.ts'
import { EINVAL, type Errno, isErrno } from '../../uapi/errno.ts'
import { NETCONFA_ALL, NETCONFA_IFINDEX, NETCONFA_IFINDEX_ALL, NETCONFA_IFINDEX_DEFAULT, netconfmsg } from '../../uapi/linux/netconf.ts'
import { NETLINK_ROUTE, NLM_F_MULTI } from '../../uapi/linux/netlink.ts'
import { RTM_NEWNETCONF } from '../../uapi/linux/rtnetlink.ts'
import { netlink_has_listeners, nl_dump_check_consistent } from '../netlink/af_netlink.ts'
import { nlmsg_parse_deprecated, nlmsg_parse_deprecated_strict } from '../netlink/attr.ts'
import type { Policy } from '../netlink/policy.ts'
import type { netlink_callback, Request } from '../netlink/types.ts'
import { netdevs_from } from './dev_names.ts'
import type { net } from './net_namespace.ts'
import type { net_device } from './netdevice.ts'
import { rtnl_notify, rtnl_unicast } from './rtnetlink.ts'

/** A family's part; `conf` is where it keeps the settings of one device, of all, or of those to come. A constant. */
export interface netconf_family<conf> {
  readonly family: number
  /** Before the texts of its errors. */
  readonly name: string
  /** RTNLGRP_* that hears of changes. */
  readonly group: number
  readonly policy: Policy
  /** Attributes in the order of a message, each with the number of the setting that it shows. */
  readonly shown: readonly (readonly [Attr<number>, number])[]
  value(conf: conf, nr: number): number
  of_device(dev: net_device): conf | undefined
  /** Those of NETCONFA_IFINDEX_ALL or _DEFAULT; families without such have no such function. */
  of_net?(net: net, ifindex: number): conf
  /** What changes when devices do, for dumps that are interrupted. */
  base_seq?(net: net): number
}

interface netconf_msg {
  portid: number
  seq: number
  event: number
  flags: number
}

/** `type`: one NETCONFA_* number, or NETCONFA_ALL; without `devconf` the index alone. False: it did not fit. */
function netconf_fill<conf>(
  ops: netconf_family<conf>,
  skb: MessageBuilder,
  ifindex: number,
  devconf: conf | undefined,
  msg: netconf_msg,
  type: number,
): boolean {
  skb.begin(msg.event, msg.flags, msg.seq, msg.portid)
  skb.struct(netconfmsg, { ncm_family: ops.family })
  skb.put(NETCONFA_IFINDEX, ifindex)
  if (devconf !== undefined) {
    for (const [a, nr] of ops.shown) if (type === NETCONFA_ALL || type === a.nr) skb.put(a, ops.value(devconf, nr))
  }
  return skb.end()
}

/** Tells the family's group of one setting, of all, or (no `devconf`) that they are gone. */
export function netconf_notify<conf>(
  ops: netconf_family<conf>,
  net: net,
  event: number,
  type: number,
  ifindex: number,
  devconf: conf | undefined,
): void {
  if (!netlink_has_listeners(net, NETLINK_ROUTE, ops.group)) return
  const skb = new MessageBuilder(undefined, 128)
  netconf_fill(ops, skb, ifindex, devconf, { portid: 0, seq: 0, event, flags: 0 }, type)
  rtnl_notify(net, skb, 0, ops.group, false)
}

function netconf_request<conf>(ops: netconf_family<conf>, req: Request): number | Errno {
  const { extack } = req
  if (req.buf.length < NLMSG_HDRLEN + netconfmsg.size) return extack.fail(EINVAL, `${ops.name}: Invalid header for netconf get request`)
  const parse = req.strict_check ? nlmsg_parse_deprecated_strict : nlmsg_parse_deprecated
  const tb = parse(req, netconfmsg.size, ops.policy)
  if (isErrno(tb)) return tb
  for (let nr = 2; req.strict_check && nr <= tb.max; nr++) {
    if (tb.atNr(nr) !== 0) return extack.fail(EINVAL, `${ops.name}: Unsupported attribute in netconf get request`)
  }
  return tb.get(NETCONFA_IFINDEX) ?? EINVAL
}
function devconf_of<conf>(ops: netconf_family<conf>, net: net, ifindex: number): conf | undefined {
  if (ifindex === NETCONFA_IFINDEX_ALL || ifindex === NETCONFA_IFINDEX_DEFAULT) return ops.of_net?.(net, ifindex)
  const dev = net.dev_index_head.get(ifindex)
  return dev && ops.of_device(dev)
}

/** RTM_GETNETCONF of one device, of all or of default. */
export function netconf_get<conf>(ops: netconf_family<conf>, req: Request): Errno | undefined {
  const ifindex = netconf_request(ops, req)
  if (isErrno(ifindex)) return ifindex
  const devconf = devconf_of(ops, req.net, ifindex)
  if (devconf === undefined) return EINVAL
  const skb = new MessageBuilder(undefined, 128)
  netconf_fill(ops, skb, ifindex, devconf, { portid: req.portid, seq: req.seq, event: RTM_NEWNETCONF, flags: 0 }, NETCONFA_ALL)
  return rtnl_unicast(req.net, skb, req.portid)
}

/** Devices by index, then all, then default. cb.args: index to go on from, 0 … 2 of the latter sent. */
export function netconf_dump<conf>(ops: netconf_family<conf>, skb: MessageBuilder, cb: netlink_callback): Errno | true | undefined {
  const { net, extack } = cb
  if (cb.strict_check) {
    if (cb.request.length < NLMSG_HDRLEN + netconfmsg.size)
      return extack.fail(EINVAL, `${ops.name}: Invalid header for netconf dump request`)
    // nlmsg_attrlen() is not zero where the padding is missing
    if (cb.request.length !== NLMSG_HDRLEN + 4) return extack.fail(EINVAL, `${ops.name}: Invalid data after header in netconf dump request`)
  }
  const put = (ifindex: number, devconf: conf, flags: number) =>
    netconf_fill(ops, skb, ifindex, devconf, { portid: cb.portid, seq: cb.seq, event: RTM_NEWNETCONF, flags }, NETCONFA_ALL)
  if (ops.base_seq !== undefined) cb.gen_seq = ops.base_seq(net)
  for (const dev of netdevs_from(net, cb.args[0])) {
    cb.args[0] = dev.ifindex
    const prev = cb.prev_seq
    const devconf = ops.of_device(dev)
    if (devconf !== undefined && !put(dev.ifindex, devconf, NLM_F_MULTI | nl_dump_check_consistent(cb))) {
      cb.prev_seq = prev
      return true
    }
    cb.args[0] = dev.ifindex + 1
  }
  for (const [i, ifindex] of [NETCONFA_IFINDEX_ALL, NETCONFA_IFINDEX_DEFAULT].entries()) {
    const devconf = cb.args[1] > i ? undefined : ops.of_net?.(net, ifindex)
    if (devconf === undefined) continue
    if (!put(ifindex, devconf, NLM_F_MULTI)) return true
    cb.args[1] = i + 1
  }
  return undefined
}

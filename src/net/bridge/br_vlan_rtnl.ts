/** net/bridge/br_vlan.c br_vlan_rtm_*: RTM_NEWVLAN, RTM_DELVLAN, RTM_GETVLAN: VLANs of bridges and ports, neighbours alike as ranges. */
import { eachAttr, NLA_HDRLEN } from '../../lib/attrs.ts'
import { type MessageBuilder, NLMSG_HDRLEN } from '../../lib/message.ts'
import { EINVAL, ENODEV, type Errno, isErrno } from '../../uapi/errno.ts'
import * as B from '../../uapi/linux/if_bridge.ts'
import { NLM_F_MULTI } from '../../uapi/linux/netlink.ts'
import { RTM_DELLINK, RTM_DELVLAN, RTM_NEWVLAN, RTM_SETLINK } from '../../uapi/linux/rtnetlink.ts'
import { AF_BRIDGE } from '../../uapi/linux/socket.ts'
import { __dev_get_by_index } from '../core/dev.ts'
import type { net } from '../core/net_namespace.ts'
import type { net_device } from '../core/netdevice.ts'
import { nla_parse_nested_at, nlmsg_parse, nlmsg_parse_deprecated_strict } from '../netlink/attr.ts'
import type { netlink_ext_ack } from '../netlink/extack.ts'
import { NLA_EXACT_LEN, NLA_NESTED, NLA_REJECT, NLA_U8, NLA_U16, NLA_U32, policy } from '../netlink/policy.ts'
import type { netlink_callback, Request } from '../netlink/types.ts'
import { br_ifinfo_notify, br_vlans_usable } from './br_netlink_fill.ts'
import { br_port_get_rtnl, br_priv, type net_bridge_vlan, netif_is_bridge_master } from './br_private.ts'
import { br_vlan_change_range, br_vlan_fill_vids, br_vlan_range_error, br_vlan_valid_id } from './br_vlan.ts'
import { br_vlan_process_options, br_vlan_rtm_process_global_options, neigh_suppress_pol, type vlan_target } from './br_vlan_options.ts'
import { br_vlan_can_enter_range, br_vlan_global_opts_can_enter_range, br_vlan_global_opts_fill } from './br_vlan_opts_fill.ts'

export const br_vlan_db_dump_pol = policy(B.BRIDGE_VLANDB_DUMP, { BRIDGE_VLANDB_DUMP_FLAGS: NLA_U32 }, { name: 'br_vlan_db_dump_pol' })
export const br_vlan_db_policy = policy(
  B.BRIDGE_VLANDB_ENTRY_SET,
  {
    BRIDGE_VLANDB_ENTRY_INFO: NLA_EXACT_LEN(4),
    BRIDGE_VLANDB_ENTRY_RANGE: NLA_U16,
    BRIDGE_VLANDB_ENTRY_STATE: NLA_U8,
    BRIDGE_VLANDB_ENTRY_TUNNEL_INFO: NLA_NESTED(),
    BRIDGE_VLANDB_ENTRY_MCAST_ROUTER: NLA_U8,
    BRIDGE_VLANDB_ENTRY_MCAST_N_GROUPS: NLA_REJECT(),
    BRIDGE_VLANDB_ENTRY_MCAST_MAX_GROUPS: NLA_U32,
    BRIDGE_VLANDB_ENTRY_NEIGH_SUPPRESS: neigh_suppress_pol,
  },
  { name: 'br_vlan_db_policy' },
)
function device(net: net, ifindex: number, extack: netlink_ext_ack): net_device | Errno {
  const dev = __dev_get_by_index(net, ifindex)
  if (dev === undefined) return ENODEV
  if (br_port_get_rtnl(dev) !== undefined || netif_is_bridge_master(dev)) return dev
  return extack.fail(EINVAL, 'bridge: The device is not a valid bridge or bridge port')
}

/** br_vlan_rtm_process_one(): VLANs added or deleted, then their options. */
function process_one(t: vlan_target, at: number, add: boolean): Errno | undefined {
  const { req, br, p } = t
  const { extack } = req
  const fail = (text: string) => extack.fail(EINVAL, `bridge: ${text}`)
  const tb = nla_parse_nested_at(req, at, br_vlan_db_policy)
  if (isErrno(tb)) return tb
  const info = tb.at(B.BRIDGE_VLANDB_ENTRY_INFO)
  if (info === 0) return fail('Missing vlan entry info')
  const vinfo = B.bridge_vlan_info.get(req.buf, info + NLA_HDRLEN)
  if (vinfo.flags & (B.BRIDGE_VLAN_INFO_RANGE_BEGIN | B.BRIDGE_VLAN_INFO_RANGE_END)) {
    return fail('Old-style vlan ranges are not allowed when using RTM vlan calls')
  }
  if (!br_vlan_valid_id(vinfo.vid, extack)) return EINVAL
  let to = vinfo.vid
  if (tb.has(B.BRIDGE_VLANDB_ENTRY_RANGE)) {
    to = tb.get(B.BRIDGE_VLANDB_ENTRY_RANGE) ?? 0
    // as a range of old: begin, then end
    if (!br_vlan_valid_id(to, extack)) return EINVAL
    // the request is made one of old, and an error repeats it so
    extack.patch16(info + NLA_HDRLEN, vinfo.flags | B.BRIDGE_VLAN_INFO_RANGE_BEGIN)
    const first = { ...vinfo, flags: vinfo.flags | B.BRIDGE_VLAN_INFO_RANGE_BEGIN }
    const text = br_vlan_range_error({ vid: to, flags: vinfo.flags | B.BRIDGE_VLAN_INFO_RANGE_END }, first)
    if (text !== undefined) return extack.fail(EINVAL, text)
  }
  // only what is added can be but options: one that goes goes
  if (!add || !(vinfo.flags & B.BRIDGE_VLAN_INFO_ONLY_OPTS)) {
    const range = to === vinfo.vid ? 0 : B.BRIDGE_VLAN_INFO_RANGE_BEGIN
    const changed = br_vlan_change_range(br, p, add, vinfo.vid, to, vinfo.flags | range)
    if (changed) br_ifinfo_notify(add ? RTM_SETLINK : RTM_DELLINK, br, p)
  }
  if (!add) return undefined
  return br_vlan_process_options(t, vinfo.vid, to, tb)
}
/** What a message may hold; entries are looked at one by one. */
const br_vlan_db_names = policy(B.BRIDGE_VLANDB, {}, { name: 'br_vlan_db_names' })

/** br_vlan_rtm_process(): each entry and each set of global options of the message. */
export function br_vlan_rtm_process(req: Request): Errno | undefined {
  const whole = nlmsg_parse_deprecated_strict(req, B.br_vlan_msg.size, br_vlan_db_names)
  if (isErrno(whole)) return whole
  const dev = device(req.net, B.br_vlan_msg.get(req.buf, NLMSG_HDRLEN).ifindex, req.extack)
  if (isErrno(dev)) return dev
  const p = br_port_get_rtnl(dev)
  const br = p?.br ?? br_priv(dev)
  const t: vlan_target = { req, br, p, vg: (p ?? br).vlgrp }
  const add = req.type !== RTM_DELVLAN
  const entries: [number, number][] = []
  eachAttr(req.buf, NLMSG_HDRLEN + B.br_vlan_msg.size, req.buf.length, (nr, at) => entries.push([nr, at]))
  let vlans = 0
  for (const [nr, at] of entries) {
    if (nr !== B.BRIDGE_VLANDB_ENTRY.nr && nr !== B.BRIDGE_VLANDB_GLOBAL_OPTIONS.nr) continue
    vlans++
    const error = nr === B.BRIDGE_VLANDB_ENTRY.nr ? process_one(t, at, add) : br_vlan_rtm_process_global_options(t, at, add)
    if (isErrno(error)) return error
  }
  return vlans === 0 ? req.extack.fail(EINVAL, 'bridge: No vlans found to process') : undefined
}

/** br_vlan_dump_dev(): one message a device, with all its VLANs; global options are the bridge's alone. */
function dump_dev(skb: MessageBuilder, cb: netlink_callback, dev: net_device, flags: number): boolean {
  const p = br_port_get_rtnl(dev)
  if (p === undefined && !netif_is_bridge_master(dev)) return true
  const global = (flags & B.BRIDGE_VLANDB_DUMPF_GLOBAL) !== 0
  if (p !== undefined && global) return true
  const { vlgrp } = p ?? br_priv(dev)
  const list = global ? vlgrp.vlans : br_vlans_usable(vlgrp)
  skb.begin(RTM_NEWVLAN, NLM_F_MULTI, cb.seq, cb.portid)
  skb.struct(B.br_vlan_msg, { family: AF_BRIDGE, ifindex: dev.ifindex })
  const stats = (flags & B.BRIDGE_VLANDB_DUMPF_STATS) !== 0
  const alike = (last: net_bridge_vlan, v: net_bridge_vlan) => {
    if (global) return br_vlan_global_opts_can_enter_range(v, last)
    return !stats && v.vid !== vlgrp.pvid && last.vid !== vlgrp.pvid && br_vlan_can_enter_range(v, last)
  }
  for (let i = 0; i < list.length; i++) {
    const first = list[i]
    while (i + 1 < list.length && alike(list[i], list[i + 1])) i++
    if (global) br_vlan_global_opts_fill(skb, first.vid, list[i].vid, first)
    else br_vlan_fill_vids(skb, first.vid, list[i].vid, first, vlgrp.pvid, stats ? first.stats : undefined)
  }
  return skb.end()
}
export function br_vlan_rtm_dump(skb: MessageBuilder, cb: netlink_callback): Errno | true | undefined {
  const mark = cb.pool.mark()
  const tb = nlmsg_parse(cb, B.br_vlan_msg.size, br_vlan_db_dump_pol)
  const flags = isErrno(tb) ? 0 : (tb.get(B.BRIDGE_VLANDB_DUMP_FLAGS) ?? 0)
  cb.pool.release(mark)
  if (isErrno(tb)) return tb
  const { ifindex } = B.br_vlan_msg.get(cb.buf, NLMSG_HDRLEN)
  if (ifindex !== 0) {
    const dev = __dev_get_by_index(cb.net, ifindex)
    if (dev === undefined) return ENODEV
    if (br_port_get_rtnl(dev) === undefined && !netif_is_bridge_master(dev)) return EINVAL
  }
  const start = skb.length
  for (const [place, dev] of cb.net.dev_base_head.entries()) {
    if (place < cb.args[0] || (ifindex !== 0 && dev.ifindex !== ifindex)) continue
    cb.args[0] = place
    if (!dump_dev(skb, cb, dev, flags)) return true
    cb.args[0] = place + 1
  }
  cb.args[0] = Number.MAX_SAFE_INTEGER
  // of all devices: the end comes in a datagram of its own
  return ifindex === 0 && skb.length > start ? true : undefined
}

/** net/bridge/br_netlink.c: what programs set on a bridge (changelink) and on its ports (AF_BRIDGE RTM_SETLINK, slave data). */
import { type AttrTable, eachAttr } from '../../lib/attrs.ts'
import { get16 } from '../../lib/bytes.ts'
import type { MessageBuilder } from '../../lib/message.ts'
import { MessageBuilder as Builder, NLMSG_HDRLEN } from '../../lib/message.ts'
import { EBUSY, EINVAL, ENETDOWN, EOPNOTSUPP, ERANGE, type Errno, isErrno } from '../../uapi/errno.ts'
import {
  BRIDGE_VLAN_INFO_RANGE_BEGIN,
  br_port_msg,
  bridge_vlan_info,
  IFLA_BRIDGE_FLAGS,
  IFLA_BRIDGE_MODE,
  IFLA_BRIDGE_VLAN_INFO,
} from '../../uapi/linux/if_bridge.ts'
import * as L from '../../uapi/linux/if_link.ts'
import { ifinfomsg, RTM_NEWLINK, RTM_NEWMDB, RTNLGRP_MDB } from '../../uapi/linux/rtnetlink.ts'
import { AF_BRIDGE } from '../../uapi/linux/socket.ts'
import { netif_oper_up, netif_running } from '../core/dev.ts'
import type { net_device } from '../core/netdevice.ts'
import { rtnl_notify } from '../core/rtnetlink.ts'
import type { bridge_getlink_request } from '../core/rtnetlink_bridge.ts'
import { nla_parse_nested_at } from '../netlink/attr.ts'
import type { netlink_ext_ack } from '../netlink/extack.ts'
import { NLA_REJECT, NLA_U8, NLA_U16, NLA_U32, policy } from '../netlink/policy.ts'
import type { Request } from '../netlink/types.ts'
import { br_fdb_delete_by_port } from './br_fdb.ts'
import { br_manage_promisc } from './br_if.ts'
import { br_fill_ifinfo, br_ifinfo_notify } from './br_netlink_fill.ts'
import {
  BR_KERNEL_STP,
  BR_STATE_BLOCKING,
  BR_STATE_DISABLED,
  br_port_get_rtnl,
  br_priv,
  type net_bridge,
  type net_bridge_port,
  netif_is_bridge_master,
} from './br_private.ts'
import { br_is_designated_port, br_make_port_id, br_port_state_selection } from './br_stp.ts'
import { br_vlan_change_range, br_vlan_range_error, br_vlan_valid_id, type vlan_info } from './br_vlan.ts'

const flag_attrs = [
  L.IFLA_BRPORT_MODE,
  L.IFLA_BRPORT_GUARD,
  L.IFLA_BRPORT_FAST_LEAVE,
  L.IFLA_BRPORT_PROTECT,
  L.IFLA_BRPORT_LEARNING,
  L.IFLA_BRPORT_UNICAST_FLOOD,
  L.IFLA_BRPORT_MCAST_FLOOD,
  L.IFLA_BRPORT_MCAST_TO_UCAST,
  L.IFLA_BRPORT_BCAST_FLOOD,
  L.IFLA_BRPORT_PROXYARP,
  L.IFLA_BRPORT_PROXYARP_WIFI,
  L.IFLA_BRPORT_VLAN_TUNNEL,
  L.IFLA_BRPORT_NEIGH_SUPPRESS,
  L.IFLA_BRPORT_ISOLATED,
  L.IFLA_BRPORT_LOCKED,
  L.IFLA_BRPORT_MAB,
  L.IFLA_BRPORT_NEIGH_VLAN_SUPPRESS,
]

export const br_port_policy = policy(
  L.IFLA_BRPORT,
  {
    IFLA_BRPORT_STATE: NLA_U8,
    IFLA_BRPORT_COST: NLA_U32,
    IFLA_BRPORT_PRIORITY: NLA_U16,
    ...Object.fromEntries(flag_attrs.map((a) => [a.name, NLA_U8])),
    IFLA_BRPORT_MULTICAST_ROUTER: NLA_U8,
    IFLA_BRPORT_GROUP_FWD_MASK: NLA_U16,
    IFLA_BRPORT_BACKUP_PORT: NLA_U32,
    IFLA_BRPORT_MCAST_EHT_HOSTS_LIMIT: NLA_U32,
    IFLA_BRPORT_MCAST_N_GROUPS: NLA_REJECT(),
    IFLA_BRPORT_MCAST_MAX_GROUPS: NLA_U32,
    IFLA_BRPORT_BACKUP_NHID: NLA_U32,
  },
  { name: 'br_port_policy', strict_start_type: L.IFLA_BRPORT_MCAST_EHT_HOSTS_LIMIT.nr },
)

/** br_set_port_state(): only where no STP of the kernel decides. */
function set_port_state(p: net_bridge_port, state: number): Errno | undefined {
  if (state > BR_STATE_BLOCKING) return EINVAL
  if (p.br.stp_enabled === BR_KERNEL_STP) return EBUSY
  if (!netif_running(p.dev) || (!netif_oper_up(p.dev) && state !== BR_STATE_DISABLED)) return ENETDOWN
  p.state = state
  br_port_state_selection(p.br)
  return undefined
}
function set_path_cost(p: net_bridge_port, cost: number): Errno | undefined {
  if (cost < 1 || cost > 65535) return ERANGE
  p.admin_cost = true
  p.path_cost = cost
  br_port_state_selection(p.br)
  return undefined
}
function set_port_priority(p: net_bridge_port, priority: number): Errno | undefined {
  if (priority > 63) return ERANGE
  const designated = br_is_designated_port(p)
  p.priority = priority
  p.port_id = br_make_port_id(priority, p.port_no)
  if (designated) p.designated_port = p.port_id
  return undefined
}

/** br_rtr_notify(): the port counts as one with a router from now on. */
function rtr_notify(p: net_bridge_port): void {
  const skb = new Builder(undefined, 64)
  skb.begin(RTM_NEWMDB, 0, 0, 0)
  skb.struct(br_port_msg, { family: AF_BRIDGE, ifindex: p.br.dev.ifindex })
  const nest = skb.nestNoflag(2)
  const o = skb.reserve(1, 4)
  if (o >= 0) new DataView(skb.buf.buffer, skb.buf.byteOffset).setUint32(o, p.dev.ifindex, true)
  skb.nestEnd(nest)
  skb.end()
  rtnl_notify(p.dev.nd_net, skb, 0, RTNLGRP_MDB, false)
}
const MDB_RTR_TYPE_PERM = 2

/** br_setport(): flags first, all together; then each value. */
export function br_setport(p: net_bridge_port, tb: AttrTable, extack: netlink_ext_ack): Errno | undefined {
  for (const a of [L.IFLA_BRPORT_BACKUP_NHID, L.IFLA_BRPORT_BACKUP_PORT]) if (tb.has(a)) return not_built(p, a.name)
  const before = new Set(p.flags)
  for (const a of flag_attrs) {
    const value = tb.get(a) as number | undefined
    if (value === undefined) continue
    if (value) p.flags.add(a.nr)
    else p.flags.delete(a.nr)
  }
  if (p.flags.has(L.IFLA_BRPORT_MAB.nr) && !p.flags.has(L.IFLA_BRPORT_LOCKED.nr)) {
    p.flags = before
    return extack.fail(EINVAL, 'bridge: MAB can only be enabled on a locked port')
  }
  const auto = (f: Set<number>) => f.has(L.IFLA_BRPORT_LEARNING.nr) || f.has(L.IFLA_BRPORT_UNICAST_FLOOD.nr)
  if (auto(before) !== auto(p.flags)) br_manage_promisc(p.br)
  const cost = tb.get(L.IFLA_BRPORT_COST)
  const priority = tb.get(L.IFLA_BRPORT_PRIORITY)
  const state = tb.get(L.IFLA_BRPORT_STATE)
  const error =
    (cost === undefined ? undefined : set_path_cost(p, cost)) ??
    (priority === undefined ? undefined : set_port_priority(p, priority)) ??
    (state === undefined ? undefined : set_port_state(p, state))
  if (isErrno(error)) return error
  if (tb.has(L.IFLA_BRPORT_FLUSH)) br_fdb_delete_by_port(p.br, p, 0, false)
  return set_multicast(p, tb)
}
function set_multicast(p: net_bridge_port, tb: AttrTable): Errno | undefined {
  const router = tb.get(L.IFLA_BRPORT_MULTICAST_ROUTER)
  if (router !== undefined) {
    if (router > 3) return EINVAL
    if (router === MDB_RTR_TYPE_PERM && p.multicast_router !== router) rtr_notify(p)
    p.multicast_router = router
  }
  const limit = tb.get(L.IFLA_BRPORT_MCAST_EHT_HOSTS_LIMIT)
  if (limit === 0) return EINVAL
  p.eht_hosts_limit = limit ?? p.eht_hosts_limit
  p.mcast_max_groups = tb.get(L.IFLA_BRPORT_MCAST_MAX_GROUPS) ?? p.mcast_max_groups
  const fwd_mask = tb.get(L.IFLA_BRPORT_GROUP_FWD_MASK)
  if (fwd_mask !== undefined && fwd_mask & 0x7) return EINVAL
  p.group_fwd_mask = fwd_mask ?? p.group_fwd_mask
  // kept and shown, read by nothing yet: frames do not move
  for (const attr of [L.IFLA_BRPORT_MCAST_EHT_HOSTS_LIMIT, L.IFLA_BRPORT_MCAST_MAX_GROUPS, L.IFLA_BRPORT_GROUP_FWD_MASK]) {
    if (tb.has(attr)) p.dev.nd_net.kernel.unsupported.count('bridge', attr.name)
  }
  return undefined
}
function not_built(p: net_bridge_port, what: string): Errno {
  p.dev.nd_net.kernel.unsupported.count('bridge', what)
  return EOPNOTSUPP
}

export function br_port_slave_changelink(
  _brdev: net_device,
  dev: net_device,
  _tb: AttrTable,
  data: AttrTable | undefined,
  extack: netlink_ext_ack,
): Errno | undefined {
  const p = br_port_get_rtnl(dev)
  if (data === undefined || p === undefined) return undefined
  const error = br_setport(p, data, extack)
  if (!isErrno(error)) br_ifinfo_notify(RTM_NEWLINK, p.br, p)
  return error
}

/** Offset of the first attribute of a type in the request; 0: none. */
function find_attr(req: Request, wanted: number): number {
  let found = 0
  eachAttr(req.buf, NLMSG_HDRLEN + ifinfomsg.size, req.buf.length, (nr, at) => {
    if (nr === wanted && found === 0) found = at
  })
  return found
}

/** br_afspec(): VLANs one by one or as ranges of two attributes. True: something changed, also when an error follows. */
function br_afspec(
  req: Request,
  br: net_bridge,
  p: net_bridge_port | undefined,
  at: number,
  add: boolean,
): { changed: boolean; error?: Errno } {
  const members: [number, number][] = []
  eachAttr(req.buf, at + 4, at + get16(req.buf, at), (nr, o) => members.push([nr, o]))
  let changed = false
  let last: vlan_info | undefined
  for (const [nr, o] of members) {
    if (nr === IFLA_BRIDGE_FLAGS.nr || nr === IFLA_BRIDGE_MODE.nr) continue
    if (nr !== IFLA_BRIDGE_VLAN_INFO.nr) return { changed, error: other_spec(br, p, nr) }
    if (get16(req.buf, o) !== 8) return { changed, error: EINVAL }
    const cur = bridge_vlan_info.get(req.buf, o + 4)
    if (!br_vlan_valid_id(cur.vid, req.extack)) return { changed, error: EINVAL }
    if (cur.flags & BRIDGE_VLAN_INFO_RANGE_BEGIN || last !== undefined) {
      const text = br_vlan_range_error(cur, last)
      if (text !== undefined) return { changed, error: req.extack.fail(EINVAL, text) }
    }
    if (cur.flags & BRIDGE_VLAN_INFO_RANGE_BEGIN) {
      last = cur
      continue
    }
    if (br_vlan_change_range(br, p, add, last?.vid ?? cur.vid, cur.vid, cur.flags)) changed = true
    last = undefined
  }
  return { changed }
}
const IFLA_BRIDGE_VLAN_TUNNEL_INFO_NR = 3
function other_spec(br: net_bridge, p: net_bridge_port | undefined, nr: number): Errno {
  if (nr === IFLA_BRIDGE_VLAN_TUNNEL_INFO_NR && !p?.flags.has(L.IFLA_BRPORT_VLAN_TUNNEL.nr)) return EINVAL
  br.dev.nd_net.kernel.unsupported.count('bridge', `IFLA_AF_SPEC ${nr}`)
  return EOPNOTSUPP
}

/** ndo_bridge_setlink: `dev` is the port, or the bridge itself. */
export function br_setlink(dev: net_device, req: Request, _flags: number, extack: netlink_ext_ack): Errno | undefined {
  const protinfo = find_attr(req, L.IFLA_PROTINFO.nr)
  const afspec = find_attr(req, L.IFLA_AF_SPEC.nr)
  if (protinfo === 0 && afspec === 0) return undefined
  const p = br_port_get_rtnl(dev)
  if (p === undefined && afspec === 0) return EINVAL
  const br = p?.br ?? br_priv(dev)
  let changed = false
  if (p !== undefined && protinfo !== 0) {
    const error = set_protinfo(p, req, protinfo, extack)
    if (isErrno(error)) return error
    changed = true
  }
  let error: Errno | undefined
  if (afspec !== 0) {
    const done = br_afspec(req, br, p, afspec, true)
    error = done.error
    changed = done.changed || changed
  }
  if (changed) br_ifinfo_notify(RTM_NEWLINK, br, p)
  return error
}
/** Nested, or (as before 3.10) the state alone. */
function set_protinfo(p: net_bridge_port, req: Request, at: number, extack: netlink_ext_ack): Errno | undefined {
  if ((get16(req.buf, at + 2) & 0x8000) === 0) {
    return get16(req.buf, at) < 5 ? EINVAL : set_port_state(p, req.buf[at + 4])
  }
  const tb = nla_parse_nested_at(req, at, br_port_policy)
  return isErrno(tb) ? tb : br_setport(p, tb, extack)
}
export function br_dellink(dev: net_device, req: Request): Errno | undefined {
  const afspec = find_attr(req, L.IFLA_AF_SPEC.nr)
  if (afspec === 0) return undefined
  const p = br_port_get_rtnl(dev)
  if (p === undefined && !netif_is_bridge_master(dev)) return EINVAL
  const br = p?.br ?? br_priv(dev)
  const { changed, error } = br_afspec(req, br, p, afspec, false)
  if (changed) br_ifinfo_notify(RTM_NEWLINK, br, p)
  return error
}
/** ndo_bridge_getlink: a bridge device shows itself only to who asks for VLANs. */
export function br_getlink(skb: MessageBuilder, dev: net_device, req: bridge_getlink_request): boolean {
  const p = br_port_get_rtnl(dev)
  const vlans = L.RTEXT_FILTER_BRVLAN | L.RTEXT_FILTER_BRVLAN_COMPRESSED
  const more = L.RTEXT_FILTER_MRP | L.RTEXT_FILTER_CFM_CONFIG | L.RTEXT_FILTER_CFM_STATUS
  if (p === undefined && !(req.filter_mask & (vlans | more))) return true
  const { portid, seq, flags, filter_mask } = req
  return br_fill_ifinfo(skb, p?.br ?? br_priv(dev), p, { type: RTM_NEWLINK, portid, seq, flags, filter_mask })
}

/** net/bridge/br_netlink.c: what programs set on a bridge (changelink) and on its ports (AF_BRIDGE RTM_SETLINK, slave data). */
import { type AttrTable, eachAttr } from '../../lib/attrs.ts'
import { get16 } from '../../lib/bytes.ts'
import type { MessageBuilder } from '../../lib/message.ts'
import { NLMSG_HDRLEN } from '../../lib/message.ts'
import { EBUSY, EINVAL, ENETDOWN, ENOENT, EOPNOTSUPP, ERANGE, type Errno, isErrno } from '../../uapi/errno.ts'
import {
  BRIDGE_VLAN_INFO_RANGE_BEGIN,
  BRIDGE_VLAN_INFO_RANGE_END,
  bridge_vlan_info,
  IFLA_BRIDGE_FLAGS,
  IFLA_BRIDGE_MODE,
  IFLA_BRIDGE_CFM,
  IFLA_BRIDGE_MRP,
  IFLA_BRIDGE_MST,
  IFLA_BRIDGE_VLAN_INFO,
  IFLA_BRIDGE_VLAN_TUNNEL,
  IFLA_BRIDGE_VLAN_TUNNEL_FLAGS,
  IFLA_BRIDGE_VLAN_TUNNEL_ID,
  IFLA_BRIDGE_VLAN_TUNNEL_INFO,
  IFLA_BRIDGE_VLAN_TUNNEL_VID,
} from '../../uapi/linux/if_bridge.ts'
import * as L from '../../uapi/linux/if_link.ts'
import { ifinfomsg, RTM_DELLINK, RTM_NEWLINK, RTM_NEWVLAN, RTM_SETLINK } from '../../uapi/linux/rtnetlink.ts'
import { __dev_get_by_index, netif_oper_up, netif_running } from '../core/dev.ts'
import type { net_device } from '../core/netdevice.ts'
import type { bridge_getlink_request } from '../core/rtnetlink_bridge.ts'
import { nla_parse_nested_deprecated_at } from '../netlink/attr.ts'
import { netlink_ext_ack } from '../netlink/extack.ts'
import { max, NLA_REJECT, NLA_U8, NLA_U16, NLA_U32, policy } from '../netlink/policy.ts'
import type { Request } from '../netlink/types.ts'
import { br_fdb_delete_by_port, br_fdb_flush_locked } from './br_fdb.ts'
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
  VLAN_N_VID,
} from './br_private.ts'
import { br_vlan_tunnel_info, nbp_vlan_tunnel_info_flush } from './br_vlan_tunnel.ts'
import { br_configuration_update, br_port_state_selection, br_set_state, br_stp_set_port_priority } from './br_stp.ts'
import { br_mst_process } from './br_mst.ts'
import { br_multicast_set_port_router } from './br_multicast_router.ts'
import { br_vlan_change_range, br_vlan_notify, br_vlan_range_error, br_vlan_valid_id, type vlan_info } from './br_vlan.ts'

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
    IFLA_BRPORT_NEIGH_VLAN_SUPPRESS: max(NLA_U8, 1),
    IFLA_BRPORT_BACKUP_NHID: NLA_U32,
  },
  { name: 'br_port_policy', strict_start_type: L.IFLA_BRPORT_MCAST_EHT_HOSTS_LIMIT.nr + 1 },
)

/** br_set_port_state(): only where no STP of the kernel decides. */
function set_port_state(p: net_bridge_port, state: number): Errno | undefined {
  if (state > BR_STATE_BLOCKING) return EINVAL
  if (p.br.stp_enabled === BR_KERNEL_STP) return EBUSY
  if (!netif_running(p.dev) || (!netif_oper_up(p.dev) && state !== BR_STATE_DISABLED)) return ENETDOWN
  br_set_state(p, state)
  br_port_state_selection(p.br)
  return undefined
}
export function set_path_cost(p: net_bridge_port, cost: number): Errno | undefined {
  if (cost < 1 || cost > 65535) return ERANGE
  p.admin_cost = true
  p.path_cost = cost
  br_configuration_update(p.br)
  br_port_state_selection(p.br)
  return undefined
}
export function set_port_priority(p: net_bridge_port, priority: number): Errno | undefined {
  if (priority > 63) return ERANGE
  br_stp_set_port_priority(p, priority)
  return undefined
}

/** br_setport(): flags first, all together; then each value. */
export function br_setport(p: net_bridge_port, tb: AttrTable, extack: netlink_ext_ack): Errno | undefined {
  const before = new Set(p.flags)
  for (const a of flag_attrs) {
    const value = tb.get(a) as number | undefined
    if (value === undefined) continue
    if (value) p.flags.add(a.nr)
    else p.flags.delete(a.nr)
  }
  const mab = L.IFLA_BRPORT_MAB.nr
  if (p.flags.has(mab) && !(p.flags.has(L.IFLA_BRPORT_LOCKED.nr) && p.flags.has(L.IFLA_BRPORT_LEARNING.nr))) {
    p.flags = before
    return extack.fail(EINVAL, 'Bridge port must be locked and have learning enabled when MAB is enabled')
  }
  if (before.has(mab) && !p.flags.has(mab)) br_fdb_flush_locked(p)
  const tunnel = L.IFLA_BRPORT_VLAN_TUNNEL.nr
  if (before.has(tunnel) && !p.flags.has(tunnel)) nbp_vlan_tunnel_info_flush(p)
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
  const error = router === undefined ? undefined : br_multicast_set_port_router(p.multicast_ctx, router)
  if (isErrno(error)) return error
  const limit = tb.get(L.IFLA_BRPORT_MCAST_EHT_HOSTS_LIMIT)
  if (limit === 0) return EINVAL
  p.eht_hosts_limit = limit ?? p.eht_hosts_limit
  if (limit !== undefined) p.dev.nd_net.kernel.unsupported.count('bridge', L.IFLA_BRPORT_MCAST_EHT_HOSTS_LIMIT.name)
  const ctx = p.multicast_ctx
  ctx.mdb_max_entries = tb.get(L.IFLA_BRPORT_MCAST_MAX_GROUPS) ?? ctx.mdb_max_entries
  const fwd_mask = tb.get(L.IFLA_BRPORT_GROUP_FWD_MASK)
  // pause frames are for the link alone
  if (fwd_mask !== undefined && fwd_mask & 2) return EINVAL
  p.group_fwd_mask = fwd_mask ?? p.group_fwd_mask
  return set_backup(p, tb)
}
/** nbp_backup_change(): another port of the same bridge, or (index 0) none. */
function set_backup(p: net_bridge_port, tb: AttrTable): Errno | undefined {
  const ifindex = tb.get(L.IFLA_BRPORT_BACKUP_PORT)
  if (ifindex !== undefined) {
    const dev = ifindex === 0 ? undefined : __dev_get_by_index(p.dev.nd_net, ifindex)
    const backup = dev === undefined ? undefined : br_port_get_rtnl(dev)
    if (ifindex !== 0 && backup === undefined) return ENOENT
    if (backup !== undefined && (backup.br !== p.br || backup === p)) return EINVAL
    p.backup_port = dev
  }
  const nhid = tb.get(L.IFLA_BRPORT_BACKUP_NHID)
  if (nhid !== undefined) p.backup_nhid = nhid
  if (nhid !== undefined && nhid !== 0) p.dev.nd_net.kernel.unsupported.count('bridge', L.IFLA_BRPORT_BACKUP_NHID.name)
  return undefined
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
  return br_setport(p, data, extack)
}

/** Offset of the first attribute of a type in the request; 0: none. */
function find_attr(req: Request, wanted: number): number {
  let found = 0
  eachAttr(req.buf, NLMSG_HDRLEN + ifinfomsg.size, req.buf.length, (nr, at) => {
    if (nr === wanted && found === 0) found = at
  })
  return found
}

export const vlan_tunnel_policy = policy(
  IFLA_BRIDGE_VLAN_TUNNEL,
  { IFLA_BRIDGE_VLAN_TUNNEL_ID: NLA_U32, IFLA_BRIDGE_VLAN_TUNNEL_VID: NLA_U16, IFLA_BRIDGE_VLAN_TUNNEL_FLAGS: NLA_U16 },
  { name: 'vlan_tunnel_policy' },
)

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
  let tunnel: tunnel_info | undefined
  for (const [nr, o] of members) {
    if (nr === IFLA_BRIDGE_FLAGS.nr || nr === IFLA_BRIDGE_MODE.nr) continue
    if (nr === IFLA_BRIDGE_MST.nr) {
      if (p === undefined) return { changed, error: req.extack.fail(EINVAL, 'MST states can only be set on bridge ports') }
      if (!add) return { changed, error: req.extack.fail(EINVAL, 'MST states can only be set through RTM_SETLINK') }
      const error = br_mst_process(p, req, o)
      if (isErrno(error)) return { changed, error }
      continue
    }
    if (nr === IFLA_BRIDGE_VLAN_TUNNEL_INFO.nr) {
      if (!p?.flags.has(L.IFLA_BRPORT_VLAN_TUNNEL.nr)) return { changed, error: EINVAL }
      const cur = parse_tunnel(req, o)
      if (isErrno(cur)) return { changed, error: cur }
      if (cur.flags & BRIDGE_VLAN_INFO_RANGE_BEGIN) {
        if (tunnel !== undefined) return { changed, error: EINVAL }
        tunnel = cur
        continue
      }
      if (tunnel !== undefined && (!(cur.flags & BRIDGE_VLAN_INFO_RANGE_END) || cur.vid <= tunnel.vid)) return { changed, error: EINVAL }
      const done = change_tunnels(p, add, tunnel, cur)
      if (isErrno(done)) return { changed, error: done }
      changed = done || changed
      tunnel = undefined
      continue
    }
    if (nr === IFLA_BRIDGE_MRP.nr || nr === IFLA_BRIDGE_CFM.nr) return { changed, error: not_built(br, nr) }
    if (nr !== IFLA_BRIDGE_VLAN_INFO.nr) continue
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
    if (br_vlan_change_range(br, p, add, last?.vid ?? cur.vid, cur.vid, (last ?? cur).flags)) changed = true
    last = undefined
  }
  return { changed }
}
function not_built(br: net_bridge, nr: number): Errno {
  br.dev.nd_net.kernel.unsupported.count('bridge', `IFLA_AF_SPEC ${nr}`)
  return EOPNOTSUPP
}
/** vlan_tunnel_policy; a range is told in two entries, VLANs and tunnels going up together. */
interface tunnel_info {
  vid: number
  tun_id: number
  flags: number
}
function parse_tunnel(req: Request, at: number): tunnel_info | Errno {
  const tb = nla_parse_nested_deprecated_at(req, at, vlan_tunnel_policy)
  if (isErrno(tb)) return tb
  const vid = tb.get(IFLA_BRIDGE_VLAN_TUNNEL_VID)
  const tun_id = tb.get(IFLA_BRIDGE_VLAN_TUNNEL_ID)
  if (vid === undefined || tun_id === undefined || vid >= VLAN_N_VID - 1) return EINVAL
  return { vid, tun_id, flags: tb.get(IFLA_BRIDGE_VLAN_TUNNEL_FLAGS) ?? 0 }
}
/** br_process_vlan_tunnel_info(): runs of what changed are told. */
function change_tunnels(p: net_bridge_port, add: boolean, last: tunnel_info | undefined, cur: tunnel_info): boolean | Errno {
  const first = last ?? cur
  if (cur.vid - first.vid !== cur.tun_id - first.tun_id) return EINVAL
  let any = false
  let start = 0
  let error: Errno | undefined
  let vid = first.vid
  for (; vid <= cur.vid && error === undefined; vid++) {
    const changed = { any: false }
    error = br_vlan_tunnel_info(p, add ? RTM_SETLINK : RTM_DELLINK, vid, first.tun_id + vid - first.vid, changed)
    if (changed.any) {
      any = true
      if (start === 0) start = vid
    } else if (start !== 0) {
      br_vlan_notify(p.br, p, start, vid - 1, RTM_NEWVLAN)
      start = 0
    }
  }
  if (start !== 0) br_vlan_notify(p.br, p, start, cur.vid, RTM_NEWVLAN)
  return error ?? any
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
  // what is wrong with a member is not told
  const tb = nla_parse_nested_deprecated_at({ ...req, extack: new netlink_ext_ack() }, at, br_port_policy)
  return isErrno(tb) ? tb : br_setport(p, tb, extack)
}
export function br_dellink(dev: net_device, req: Request): Errno | undefined {
  const afspec = find_attr(req, L.IFLA_AF_SPEC.nr)
  if (afspec === 0) return undefined
  const p = br_port_get_rtnl(dev)
  if (p === undefined && !netif_is_bridge_master(dev)) return EINVAL
  const br = p?.br ?? br_priv(dev)
  // what is wrong is not told
  const { changed, error } = br_afspec({ ...req, extack: new netlink_ext_ack() }, br, p, afspec, false)
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

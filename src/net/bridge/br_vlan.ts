/** net/bridge/br_vlan.c: which VLANs a bridge and its ports are in. */
import { MessageBuilder } from '../../lib/message.ts'
import { EBUSY, EINVAL, ENOENT, EPROTONOSUPPORT, type Errno } from '../../uapi/errno.ts'
import {
  BRIDGE_VLAN_INFO_BRENTRY,
  BRIDGE_VLAN_INFO_MASTER,
  BRIDGE_VLAN_INFO_PVID,
  BRIDGE_VLAN_INFO_RANGE_BEGIN,
  BRIDGE_VLAN_INFO_RANGE_END,
  BRIDGE_VLAN_INFO_UNTAGGED,
  BRIDGE_VLANDB_ENTRY,
  BRIDGE_VLANDB_ENTRY_INFO,
  BRIDGE_VLANDB_ENTRY_RANGE,
  br_vlan_msg,
} from '../../uapi/linux/if_bridge.ts'
import { NETLINK_ROUTE } from '../../uapi/linux/netlink.ts'
import { RTM_DELVLAN, RTM_NEWVLAN, RTNLGRP_BRVLAN } from '../../uapi/linux/rtnetlink.ts'
import { AF_BRIDGE } from '../../uapi/linux/socket.ts'
import { rtnl_notify } from '../core/rtnetlink.ts'
import { netlink_has_listeners } from '../netlink/af_netlink.ts'
import type { netlink_ext_ack } from '../netlink/extack.ts'
import { br_mst_vlan_init_state } from './br_mst.ts'
import {
  br_multicast_toggle_one_vlan,
  br_multicast_toggle_vlan_snooping,
  br_multicast_vlan_exit,
  br_multicast_vlan_init,
} from './br_multicast.ts'
import { br_vlan_opts_fill, br_vlan_stats_fill } from './br_vlan_opts_fill.ts'
import { nbp_vlan_set_vlan_dev_state } from './br_vlan_binding.ts'
import { br_fdb_add_local, br_fdb_delete_by_port, br_fdb_find_delete_local } from './br_fdb.ts'
import {
  type net_bridge,
  type net_bridge_port,
  type br_vlan_stats,
  net_bridge_vlan,
  type net_bridge_vlan_group,
  VLAN_N_VID,
} from './br_private.ts'
import { br_vlan_find } from './br_vlan_find.ts'

const ETH_P_8021Q = 0x8100
const ETH_P_8021AD = 0x88a8

function insert(vg: net_bridge_vlan_group, v: net_bridge_vlan): void {
  vg.by_vid.set(v.vid, v)
  const at = vg.vlans.findIndex((other) => other.vid > v.vid)
  vg.vlans.splice(at < 0 ? vg.vlans.length : at, 0, v)
}
function remove(vg: net_bridge_vlan_group, v: net_bridge_vlan): void {
  vg.vlans = vg.vlans.filter((other) => other !== v)
  vg.by_vid.delete(v.vid)
  if (vg.pvid === v.vid) vg.pvid = 0
}
/** __vlan_flags_update(): true when something changed. */
function flags_update(vg: net_bridge_vlan_group, v: net_bridge_vlan, flags: number): boolean {
  const { pvid } = vg
  const { untagged } = v
  if (flags & BRIDGE_VLAN_INFO_PVID) {
    vg.pvid_state = v.state
    vg.pvid = v.vid
  } else if (vg.pvid === v.vid) vg.pvid = 0
  v.untagged = (flags & BRIDGE_VLAN_INFO_UNTAGGED) !== 0
  return vg.pvid !== pvid || v.untagged !== untagged
}
/** __vlan_add() begins with it; `brvlan`: the bridge's entry, for a port's. */
function new_vlan(br: net_bridge, p: net_bridge_port | undefined, vid: number, brvlan: net_bridge_vlan | undefined): net_bridge_vlan {
  const v = new net_bridge_vlan(br, p, vid, brvlan, p !== undefined)
  br_mst_vlan_init_state(v)
  br_multicast_vlan_init(v)
  return v
}

/** True when something changed. */
export function br_vlan_add(br: net_bridge, vid: number, flags: number): boolean {
  const found = br_vlan_find(br.vlgrp, vid)
  const v = found ?? new_vlan(br, undefined, vid, undefined)
  if (found === undefined) v.range_begin = (flags & BRIDGE_VLAN_INFO_RANGE_BEGIN) !== 0
  let changed = found === undefined
  if (flags & BRIDGE_VLAN_INFO_BRENTRY && !v.brentry) {
    br_fdb_add_local(br, undefined, br.dev.dev_addr, vid)
    v.brentry = true
    br_multicast_toggle_one_vlan(v, true)
    changed = true
  }
  if (found === undefined) insert(br.vlgrp, v)
  return flags_update(br.vlgrp, v, flags) || changed
}
/** ENOENT when the bridge is not in the VLAN itself; the entry stays while ports are in it. */
export function br_vlan_delete(br: net_bridge, vid: number): Errno | undefined {
  const v = br_vlan_find(br.vlgrp, vid)
  if (v === undefined || !v.brentry) return ENOENT
  br_fdb_find_delete_local(br, undefined, br.dev.dev_addr, vid)
  br_fdb_delete_by_port(br, undefined, vid, false)
  br_multicast_toggle_one_vlan(v, false)
  v.brentry = false
  if (br.vlgrp.pvid === vid) br.vlgrp.pvid = 0
  put_master(br, vid)
  return undefined
}
/** br_vlan_put_master(): the bridge's entry goes with its last user. */
function put_master(br: net_bridge, vid: number): void {
  const v = br_vlan_find(br.vlgrp, vid)
  if (v === undefined || v.brentry || br.port_list.some((p) => br_vlan_find(p.vlgrp, vid) !== undefined)) return
  remove(br.vlgrp, v)
  br_multicast_vlan_exit(v)
}

export function nbp_vlan_add(p: net_bridge_port, vid: number, flags: number): boolean {
  const found = br_vlan_find(p.vlgrp, vid)
  if (found !== undefined) return flags_update(p.vlgrp, found, flags)
  if (flags & BRIDGE_VLAN_INFO_MASTER && br_vlan_add(p.br, vid, flags | BRIDGE_VLAN_INFO_BRENTRY))
    br_vlan_notify(p.br, undefined, vid, 0, RTM_NEWVLAN)
  if (br_vlan_find(p.br.vlgrp, vid) === undefined) br_vlan_add(p.br, vid, 0)
  br_fdb_add_local(p.br, p, p.dev.dev_addr, vid)
  const v = new_vlan(p.br, p, vid, br_vlan_find(p.br.vlgrp, vid))
  insert(p.vlgrp, v)
  flags_update(p.vlgrp, v, flags)
  br_multicast_toggle_one_vlan(v, true)
  nbp_vlan_set_vlan_dev_state(p, vid)
  return true
}
export function nbp_vlan_delete(p: net_bridge_port, vid: number): Errno | undefined {
  const v = br_vlan_find(p.vlgrp, vid)
  if (v === undefined) return ENOENT
  br_fdb_find_delete_local(p.br, p, p.dev.dev_addr, vid)
  br_fdb_delete_by_port(p.br, p, vid, false)
  forget(p.vlgrp, v)
  put_master(p.br, vid)
  return undefined
}
/** nbp_vlan_init(): a new port is in the default VLAN. */
export function nbp_vlan_init(p: net_bridge_port): void {
  const { default_pvid } = p.br
  if (default_pvid === 0) return
  nbp_vlan_add(p, default_pvid, BRIDGE_VLAN_INFO_PVID | BRIDGE_VLAN_INFO_UNTAGGED)
  br_vlan_notify(p.br, p, default_pvid, 0, RTM_NEWVLAN)
}
/** nbp_vlan_flush(): silent towards the forwarding database; runs of VLANs are told as ranges. */
export function nbp_vlan_flush(p: net_bridge_port): void {
  flush(p.br, p, p.vlgrp)
}
/** br_vlan_flush(): what is left when the bridge goes. */
export function br_vlan_flush(br: net_bridge): void {
  flush(br, undefined, br.vlgrp)
}
function flush(br: net_bridge, p: net_bridge_port | undefined, vg: net_bridge_vlan_group): void {
  vg.pvid = 0
  let first = 0
  let last = 0
  for (const v of [...vg.vlans]) {
    if (first !== 0 && v.vid !== last + 1) {
      br_vlan_notify(br, p, first, last, RTM_DELVLAN)
      first = 0
    }
    if (first === 0) first = v.vid
    last = v.vid
    forget(vg, v)
    if (p !== undefined) put_master(br, v.vid)
  }
  if (first !== 0) br_vlan_notify(br, p, first, last, RTM_DELVLAN)
}
/** The end of __vlan_del(): what was snooped in it alone ends with it. */
function forget(vg: net_bridge_vlan_group, v: net_bridge_vlan): void {
  br_multicast_toggle_one_vlan(v, false)
  remove(vg, v)
  if (v.port !== undefined) nbp_vlan_set_vlan_dev_state(v.port, v.vid)
  br_multicast_vlan_exit(v)
}

/** br_vlan_fill_vids(), br_vlan_opts_fill(): an entry of RTM_NEWVLAN; a deleted one is its number alone. */
export function br_vlan_fill_vids(
  skb: MessageBuilder,
  vid: number,
  vid_range: number,
  v: net_bridge_vlan | undefined,
  pvid: number,
  stats?: br_vlan_stats,
): void {
  const nest = skb.nest(BRIDGE_VLANDB_ENTRY)
  const flags = (v?.untagged ? BRIDGE_VLAN_INFO_UNTAGGED : 0) | (v !== undefined && pvid === vid ? BRIDGE_VLAN_INFO_PVID : 0)
  skb.put(BRIDGE_VLANDB_ENTRY_INFO, { flags, vid })
  if (vid_range > vid) skb.put(BRIDGE_VLANDB_ENTRY_RANGE, vid_range)
  if (v !== undefined) br_vlan_opts_fill(skb, v)
  if (stats !== undefined) br_vlan_stats_fill(skb, stats)
  skb.nestEnd(nest)
}
/** br_vlan_notify(): nothing for a VLAN that is to be told as new and is not (any more) there. */
export function br_vlan_notify(br: net_bridge, p: net_bridge_port | undefined, vid: number, vid_range: number, type: number): void {
  const vg = (p ?? br).vlgrp
  const v = br_vlan_find(vg, vid)
  if (type === RTM_NEWVLAN && (v === undefined || !v.brentry)) return
  if (!netlink_has_listeners(br.dev.nd_net, NETLINK_ROUTE, RTNLGRP_BRVLAN)) return
  const skb = new MessageBuilder(undefined, 128)
  skb.begin(type, 0, 0, 0)
  skb.struct(br_vlan_msg, { family: AF_BRIDGE, ifindex: (p?.dev ?? br.dev).ifindex })
  br_vlan_fill_vids(skb, vid, vid_range, type === RTM_NEWVLAN ? v : undefined, vg.pvid)
  skb.end()
  rtnl_notify(br.dev.nd_net, skb, 0, RTNLGRP_BRVLAN, false)
}

/** The reserved group follows the tag's protocol: provider bridges have one of their own. */
function recalculate_group_addr(br: net_bridge): void {
  if (!br.group_addr_set) br.group_addr[5] = br.vlan_enabled && br.vlan_proto === ETH_P_8021AD ? 0x08 : 0
}
export function br_vlan_filter_toggle(br: net_bridge, val: boolean): void {
  if (br.vlan_enabled === val) return
  br.vlan_enabled = val
  if (!val) br_multicast_toggle_vlan_snooping(br, false)
  recalculate_group_addr(br)
}
export function br_vlan_set_proto(br: net_bridge, proto: number): Errno | undefined {
  if (proto !== ETH_P_8021Q && proto !== ETH_P_8021AD) return EPROTONOSUPPORT
  br.vlan_proto = proto
  recalculate_group_addr(br)
  return undefined
}

/** br_vlan_set_stats_per_port(): only while no port is in a VLAN. */
export function br_vlan_set_stats_per_port(br: net_bridge, val: number): Errno | undefined {
  if (br.port_list.some((p) => p.vlgrp.vlans.length > 0)) return EBUSY
  if (val > 1) return EINVAL
  br.vlan_stats_per_port = val !== 0
  return undefined
}

/** br_vlan_set_default_pvid(): ports and bridge that still are in the old default move to the new one; 0: to none. */
export function br_vlan_set_default_pvid(br: net_bridge, pvid: number): Errno | undefined {
  if (pvid >= VLAN_N_VID - 1) return EINVAL
  if (pvid === br.default_pvid) return undefined
  replace_default(br, pvid)
  return undefined
}
function is_default(vg: net_bridge_vlan_group, old: number): boolean {
  return old === 0 || (vg.pvid === old && br_vlan_find(vg, old)?.untagged === true)
}
function replace_default(br: net_bridge, pvid: number): void {
  const old = br.default_pvid
  const flags = BRIDGE_VLAN_INFO_PVID | BRIDGE_VLAN_INFO_UNTAGGED
  // whoever was given the new VLAN by hand keeps it as it is
  if (is_default(br.vlgrp, old) && (pvid === 0 || !br_vlan_find(br.vlgrp, pvid)?.brentry)) {
    if (pvid !== 0) br_vlan_add(br, pvid, flags | BRIDGE_VLAN_INFO_BRENTRY)
    if (old !== 0 && br_vlan_delete(br, old) === undefined) br_vlan_notify(br, undefined, old, 0, RTM_DELVLAN)
    if (pvid !== 0) br_vlan_notify(br, undefined, pvid, 0, RTM_NEWVLAN)
  }
  for (const p of br.port_list) {
    if (!is_default(p.vlgrp, old) || (pvid !== 0 && br_vlan_find(p.vlgrp, pvid) !== undefined)) continue
    if (pvid !== 0) nbp_vlan_add(p, pvid, flags)
    if (old !== 0 && nbp_vlan_delete(p, old) === undefined) br_vlan_notify(br, p, old, 0, RTM_DELVLAN)
    if (pvid !== 0) br_vlan_notify(br, p, pvid, 0, RTM_NEWVLAN)
  }
  br.default_pvid = pvid
}

export interface vlan_info {
  flags: number
  vid: number
}
export function br_vlan_valid_id(vid: number, extack: netlink_ext_ack): boolean {
  if (vid !== 0 && vid < VLAN_N_VID - 1) return true
  extack.fail(EINVAL, 'bridge: Vlan id is invalid')
  return false
}
/** br_vlan_valid_range(): the text of what is wrong with a range, or undefined. */
export function br_vlan_range_error(cur: vlan_info, last: vlan_info | undefined): string | undefined {
  if (cur.flags & BRIDGE_VLAN_INFO_PVID) return "bridge: Pvid isn't allowed in a range"
  if (last !== undefined) {
    if (cur.flags & BRIDGE_VLAN_INFO_RANGE_BEGIN) return 'bridge: Found a new vlan range start while processing one'
    if (!(cur.flags & BRIDGE_VLAN_INFO_RANGE_END)) return 'bridge: Vlan range end flag is missing'
    if (cur.vid <= last.vid) return 'bridge: End vlan id is less than or equal to start vlan id'
  }
  const both = BRIDGE_VLAN_INFO_RANGE_BEGIN | BRIDGE_VLAN_INFO_RANGE_END
  return cur.flags & both ? undefined : 'bridge: Both vlan range flags are missing'
}

/** br_vlan_info(): one VLAN of a request; whether it changed. What is not there to be deleted is no error. */
function change_one(br: net_bridge, p: net_bridge_port | undefined, add: boolean, vid: number, flags: number): boolean {
  if (add) return p !== undefined ? nbp_vlan_add(p, vid, flags) : br_vlan_add(br, vid, flags | BRIDGE_VLAN_INFO_BRENTRY)
  if (p === undefined) return br_vlan_delete(br, vid) === undefined
  const left = nbp_vlan_delete(p, vid) === undefined
  // with this flag of the bridge's own entry too
  return (flags & BRIDGE_VLAN_INFO_MASTER && br_vlan_delete(br, vid) === undefined) || left
}
/** A run of VLANs, told as runs of those that changed. */
export function br_vlan_change_range(
  br: net_bridge,
  p: net_bridge_port | undefined,
  add: boolean,
  from: number,
  to: number,
  flags: number,
): boolean {
  const type = add ? RTM_NEWVLAN : RTM_DELVLAN
  let start = 0
  let any = false
  for (let vid = from; vid <= to; vid++) {
    if (change_one(br, p, add, vid, flags)) {
      any = true
      if (start === 0) start = vid
    } else if (start !== 0) {
      br_vlan_notify(br, p, start, vid - 1, type)
      start = 0
    }
  }
  if (start !== 0) br_vlan_notify(br, p, start, to, type)
  return any
}

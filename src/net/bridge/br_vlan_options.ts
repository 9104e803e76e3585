/** net/bridge/br_vlan_options.c: options of VLANs set by RTM_NEWVLAN: of ports and the bridge, or (global) of the whole VLAN. */
import { type AttrTable, NLA_HDRLEN } from '../../lib/attrs.ts'
import { MessageBuilder } from '../../lib/message.ts'
import { EBUSY, EINVAL, ENOENT, type Errno, isErrno } from '../../uapi/errno.ts'
import * as B from '../../uapi/linux/if_bridge.ts'
import { IFLA_BRPORT_VLAN_TUNNEL } from '../../uapi/linux/if_link.ts'
import { RTM_DELLINK, RTM_NEWVLAN, RTM_SETLINK, RTNLGRP_BRVLAN } from '../../uapi/linux/rtnetlink.ts'
import { AF_BRIDGE } from '../../uapi/linux/socket.ts'
import { rtnl_notify } from '../core/rtnetlink.ts'
import { nla_parse_nested, nla_parse_nested_at } from '../netlink/attr.ts'
import type { netlink_ext_ack } from '../netlink/extack.ts'
import { max, NLA_U8, NLA_U16, NLA_U32, NLA_U64, policy, range } from '../netlink/policy.ts'
import type { Request } from '../netlink/types.ts'
import { br_mst_vlan_set_msti } from './br_mst.ts'
import {
  br_multicast_set_igmp_version,
  br_multicast_set_mld_version,
  br_multicast_set_querier,
  br_multicast_toggle_global_vlan,
} from './br_multicast.ts'
import { br_multicast_port_ctx_vlan_disabled } from './br_multicast_ctx.ts'
import { br_multicast_set_port_router, br_multicast_set_router } from './br_multicast_router.ts'
import { set_query_intvl, set_startup_query_intvl } from './br_multicast_set.ts'
import {
  BR_KERNEL_STP,
  BR_STATE_BLOCKING,
  clock_t_to_jiffies,
  type net_bridge,
  type net_bridge_port,
  type net_bridge_vlan,
  type net_bridge_vlan_group,
  VLAN_N_VID,
} from './br_private.ts'
import type { net_bridge_mcast } from './br_private_mcast.ts'
import { br_vlan_notify, br_vlan_valid_id } from './br_vlan.ts'
import { br_vlan_find } from './br_vlan_find.ts'
import { br_vlan_can_enter_range, br_vlan_global_opts_can_enter_range, br_vlan_global_opts_fill } from './br_vlan_opts_fill.ts'
import { br_vlan_tunnel_info } from './br_vlan_tunnel.ts'

export const br_vlandb_tinfo_pol = policy(
  B.BRIDGE_VLANDB_TINFO,
  { BRIDGE_VLANDB_TINFO_ID: NLA_U32, BRIDGE_VLANDB_TINFO_CMD: NLA_U32 },
  { name: 'br_vlandb_tinfo_pol' },
)
export const br_vlan_db_gpol = policy(
  B.BRIDGE_VLANDB_GOPTS,
  {
    BRIDGE_VLANDB_GOPTS_ID: NLA_U16,
    BRIDGE_VLANDB_GOPTS_RANGE: NLA_U16,
    BRIDGE_VLANDB_GOPTS_MCAST_SNOOPING: NLA_U8,
    BRIDGE_VLANDB_GOPTS_MCAST_MLD_VERSION: NLA_U8,
    BRIDGE_VLANDB_GOPTS_MCAST_QUERIER: NLA_U8,
    BRIDGE_VLANDB_GOPTS_MCAST_IGMP_VERSION: NLA_U8,
    BRIDGE_VLANDB_GOPTS_MCAST_LAST_MEMBER_CNT: NLA_U32,
    BRIDGE_VLANDB_GOPTS_MCAST_STARTUP_QUERY_CNT: NLA_U32,
    BRIDGE_VLANDB_GOPTS_MCAST_LAST_MEMBER_INTVL: NLA_U64,
    BRIDGE_VLANDB_GOPTS_MCAST_MEMBERSHIP_INTVL: NLA_U64,
    BRIDGE_VLANDB_GOPTS_MCAST_QUERIER_INTVL: NLA_U64,
    BRIDGE_VLANDB_GOPTS_MCAST_QUERY_INTVL: NLA_U64,
    BRIDGE_VLANDB_GOPTS_MCAST_QUERY_RESPONSE_INTVL: NLA_U64,
    BRIDGE_VLANDB_GOPTS_MCAST_STARTUP_QUERY_INTVL: NLA_U64,
    BRIDGE_VLANDB_GOPTS_MSTI: range(NLA_U16, 0, VLAN_N_VID - 1),
  },
  { name: 'br_vlan_db_gpol' },
)
export const neigh_suppress_pol = max(NLA_U8, 1)

/** A request's target: one device's VLANs. */
export interface vlan_target {
  req: Request
  br: net_bridge
  p: net_bridge_port | undefined
  vg: net_bridge_vlan_group
}
interface change {
  any: boolean
}

function modify_state(t: vlan_target, v: net_bridge_vlan, state: number, changed: change): Errno | undefined {
  const { extack } = t.req
  if (state > BR_STATE_BLOCKING) return extack.fail(EINVAL, 'bridge: Invalid vlan state')
  if (t.br.stp_enabled === BR_KERNEL_STP) return extack.fail(EBUSY, "bridge: Can't modify vlan state when using kernel STP")
  if (t.br.mst_enabled) return extack.fail(EBUSY, "bridge: Can't modify vlan state directly when MST is enabled")
  if (v.state === state) return undefined
  if (v.vid === t.vg.pvid) t.vg.pvid_state = state
  v.state = state
  changed.any = true
  return undefined
}
/** br_vlan_modify_tunnel(): in a range of VLANs tunnels go up with them. */
function modify_tunnel(t: vlan_target, v: net_bridge_vlan, tb: AttrTable, changed: change): Errno | undefined {
  const { extack } = t.req
  const fail = (error: Errno, text: string) => extack.fail(error, `bridge: ${text}`)
  if (t.p === undefined) return fail(EINVAL, "Can't modify tunnel mapping of non-port vlans")
  if (!t.p.flags.has(IFLA_BRPORT_VLAN_TUNNEL.nr)) return fail(EINVAL, "Port doesn't have tunnel flag set")
  const info = nla_parse_nested(t.req, tb, B.BRIDGE_VLANDB_ENTRY_TUNNEL_INFO, br_vlandb_tinfo_pol)
  if (isErrno(info)) return info
  const cmd = info.get(B.BRIDGE_VLANDB_TINFO_CMD)
  if (cmd === undefined) return fail(ENOENT, 'Missing tunnel command attribute')
  const id = info.get(B.BRIDGE_VLANDB_TINFO_ID)
  if (cmd === RTM_SETLINK && id === undefined) return fail(ENOENT, 'Missing tunnel id attribute')
  if (cmd !== RTM_SETLINK && cmd !== RTM_DELLINK) return fail(EINVAL, 'Unsupported tunnel command')
  const first = B.bridge_vlan_info.get(t.req.buf, tb.at(B.BRIDGE_VLANDB_ENTRY_INFO) + NLA_HDRLEN).vid
  return br_vlan_tunnel_info(t.p, cmd, v.vid, (id ?? 0) + v.vid - first, changed)
}
function modify_multicast(t: vlan_target, v: net_bridge_vlan, tb: AttrTable, changed: change): Errno | undefined {
  const router = tb.get(B.BRIDGE_VLANDB_ENTRY_MCAST_ROUTER)
  if (router !== undefined) {
    const error =
      v.port_mcast_ctx !== undefined
        ? br_multicast_set_port_router(v.port_mcast_ctx, router)
        : br_multicast_set_router(v.br_mcast_ctx as net_bridge_mcast, router)
    if (isErrno(error)) return error
    changed.any = true
  }
  const groups = tb.get(B.BRIDGE_VLANDB_ENTRY_MCAST_MAX_GROUPS)
  if (groups === undefined) return undefined
  const { extack } = t.req
  if (t.p === undefined || v.port_mcast_ctx === undefined) {
    return extack.fail(EINVAL, "bridge: Can't set mcast_max_groups for non-port vlans")
  }
  if (br_multicast_port_ctx_vlan_disabled(v.port_mcast_ctx)) {
    return extack.fail(EINVAL, 'bridge: Multicast snooping disabled on this VLAN')
  }
  v.port_mcast_ctx.mdb_max_entries = groups
  changed.any = true
  return undefined
}
function modify_neigh_suppress(t: vlan_target, v: net_bridge_vlan, on: boolean, changed: change): Errno | undefined {
  if (t.p === undefined) return t.req.extack.fail(EINVAL, "bridge: Can't set neigh_suppress for non-port vlans")
  if (v.neigh_suppress !== on) changed.any = true
  v.neigh_suppress = on
  return undefined
}
/** br_vlan_process_one_opts() */
function process_one(t: vlan_target, v: net_bridge_vlan, tb: AttrTable, changed: change): Errno | undefined {
  const state = tb.get(B.BRIDGE_VLANDB_ENTRY_STATE)
  const suppress = tb.get(B.BRIDGE_VLANDB_ENTRY_NEIGH_SUPPRESS)
  return (
    (state === undefined ? undefined : modify_state(t, v, state, changed)) ??
    (tb.has(B.BRIDGE_VLANDB_ENTRY_TUNNEL_INFO) ? modify_tunnel(t, v, tb, changed) : undefined) ??
    modify_multicast(t, v, tb, changed) ??
    (suppress === undefined ? undefined : modify_neigh_suppress(t, v, suppress !== 0, changed))
  )
}

/** Walks a range and tells runs of what changed. `step` says whether it did; an error ends the walk. */
function each_in_range(
  vg: net_bridge_vlan_group,
  from: number,
  to: number,
  step: (v: net_bridge_vlan | undefined) => boolean | Errno,
  joins: (v: net_bridge_vlan, last: net_bridge_vlan) => boolean,
  tell: (first: number, last: number) => void,
): Errno | undefined {
  let first: net_bridge_vlan | undefined
  let last: net_bridge_vlan | undefined
  let error: Errno | undefined
  for (let vid = from; vid <= to && error === undefined; vid++) {
    const v = br_vlan_find(vg, vid)
    const result = step(v)
    if (isErrno(result)) error = result
    const changed = result === true
    if (first !== undefined && last !== undefined && (error !== undefined || !changed || !joins(v as net_bridge_vlan, last))) {
      if (error !== undefined) break
      tell(first.vid, last.vid)
      first = undefined
    }
    if (!changed) continue
    first ??= v
    last = v
  }
  if (first !== undefined && last !== undefined) tell(first.vid, last.vid)
  return error
}

/** br_vlan_process_options() */
export function br_vlan_process_options(t: vlan_target, from: number, to: number, tb: AttrTable): Errno | undefined {
  const { extack } = t.req
  const usable = (v: net_bridge_vlan | undefined) => v?.brentry === true
  const missing = (what: string) => extack.fail(ENOENT, `bridge: Vlan ${what} doesn't exist, can't process options`)
  if (!usable(br_vlan_find(t.vg, from))) return missing('range start')
  if (!usable(br_vlan_find(t.vg, to))) return missing('range end')
  const step = (v: net_bridge_vlan | undefined) => {
    if (v === undefined || !usable(v)) return missing('in range')
    const changed = { any: false }
    return process_one(t, v, tb, changed) ?? changed.any
  }
  const joins = (v: net_bridge_vlan, last: net_bridge_vlan) => v.vid !== t.vg.pvid && br_vlan_can_enter_range(v, last)
  return each_in_range(t.vg, from, to, step, joins, (first, last) => br_vlan_notify(t.br, t.p, first, last, RTM_NEWVLAN))
}

function global_notify(br: net_bridge, vid: number, vid_range: number): void {
  const v = br_vlan_find(br.vlgrp, vid)
  if (v === undefined) return
  const skb = new MessageBuilder(undefined, 256)
  skb.begin(RTM_NEWVLAN, 0, 0, 0)
  skb.struct(B.br_vlan_msg, { family: AF_BRIDGE, ifindex: br.dev.ifindex })
  br_vlan_global_opts_fill(skb, vid, vid_range, v)
  skb.end()
  rtnl_notify(br.dev.nd_net, skb, 0, RTNLGRP_BRVLAN, false)
}

type setter = (ctx: net_bridge_mcast, value: number) => Errno | undefined | void
const global_setters: readonly (readonly [{ nr: number; name: string }, setter])[] = [
  [B.BRIDGE_VLANDB_GOPTS_MCAST_IGMP_VERSION, br_multicast_set_igmp_version],
  [B.BRIDGE_VLANDB_GOPTS_MCAST_LAST_MEMBER_CNT, (ctx, value) => void (ctx.multicast_last_member_count = value)],
  [B.BRIDGE_VLANDB_GOPTS_MCAST_STARTUP_QUERY_CNT, (ctx, value) => void (ctx.multicast_startup_query_count = value)],
  [B.BRIDGE_VLANDB_GOPTS_MCAST_LAST_MEMBER_INTVL, (ctx, value) => void (ctx.multicast_last_member_interval = clock_t_to_jiffies(value))],
  [B.BRIDGE_VLANDB_GOPTS_MCAST_MEMBERSHIP_INTVL, (ctx, value) => void (ctx.multicast_membership_interval = clock_t_to_jiffies(value))],
  [B.BRIDGE_VLANDB_GOPTS_MCAST_QUERIER_INTVL, (ctx, value) => void (ctx.multicast_querier_interval = clock_t_to_jiffies(value))],
  [B.BRIDGE_VLANDB_GOPTS_MCAST_QUERY_INTVL, set_query_intvl],
  [
    B.BRIDGE_VLANDB_GOPTS_MCAST_QUERY_RESPONSE_INTVL,
    (ctx, value) => void (ctx.multicast_query_response_interval = clock_t_to_jiffies(value)),
  ],
  [B.BRIDGE_VLANDB_GOPTS_MCAST_STARTUP_QUERY_INTVL, set_startup_query_intvl],
  [B.BRIDGE_VLANDB_GOPTS_MCAST_QUERIER, (ctx, value) => br_multicast_set_querier(ctx, value !== 0)],
  [B.BRIDGE_VLANDB_GOPTS_MCAST_MLD_VERSION, br_multicast_set_mld_version],
]
/** br_vlan_process_global_one_opts(): true when something changed; most settings always count as a change. */
function process_global_one(v: net_bridge_vlan, tb: AttrTable, extack: netlink_ext_ack): boolean | Errno {
  const ctx = v.br_mcast_ctx as net_bridge_mcast
  let changed = false
  const snooping = tb.get(B.BRIDGE_VLANDB_GOPTS_MCAST_SNOOPING)
  if (snooping !== undefined) changed = br_multicast_toggle_global_vlan(v, snooping !== 0)
  for (const [a, set] of global_setters) {
    if (tb.atNr(a.nr) === 0) continue
    const error = set(ctx, tb.get(a as typeof B.BRIDGE_VLANDB_GOPTS_MCAST_QUERIER) as number)
    if (isErrno(error)) return error
    changed = true
  }
  const msti = tb.get(B.BRIDGE_VLANDB_GOPTS_MSTI)
  if (msti === undefined) return changed
  if (!v.br.mst_enabled) return extack.fail(EBUSY, "bridge: Can't modify vlan msti when MST is disabled") && EBUSY
  return br_mst_vlan_set_msti(v, msti) || changed
}
/** br_vlan_rtm_process_global_options() */
export function br_vlan_rtm_process_global_options(t: vlan_target, at: number, add: boolean): Errno | undefined {
  const { req, br } = t
  const { extack } = req
  const fail = (text: string) => extack.fail(EINVAL, `bridge: ${text}`)
  if (!add) return fail('Global vlan options support only set operation')
  if (t.p !== undefined) return fail('Global vlan options can only be set on bridge device')
  const tb = nla_parse_nested_at(req, at, br_vlan_db_gpol)
  if (isErrno(tb)) return tb
  const vid = tb.get(B.BRIDGE_VLANDB_GOPTS_ID)
  if (vid === undefined) return fail('Missing vlan entry id')
  if (!br_vlan_valid_id(vid, extack)) return EINVAL
  const to = tb.get(B.BRIDGE_VLANDB_GOPTS_RANGE) ?? vid
  if (tb.has(B.BRIDGE_VLANDB_GOPTS_RANGE)) {
    if (!br_vlan_valid_id(to, extack)) return EINVAL
    if (vid >= to) return fail('End vlan id is less than or equal to start vlan id')
  }
  const step = (v: net_bridge_vlan | undefined) =>
    v === undefined
      ? extack.fail(ENOENT, "bridge: Vlan in range doesn't exist, can't process global options")
      : process_global_one(v, tb, extack)
  return each_in_range(t.vg, vid, to, step, br_vlan_global_opts_can_enter_range, (first, last) => global_notify(br, first, last))
}

/** net/bridge/br_vlan_options.c: options of VLANs as attributes, and which neighbours may be told as one range. */
import type { MessageBuilder } from '../../lib/message.ts'
import * as B from '../../uapi/linux/if_bridge.ts'
import { br_multicast_port_ctx_vlan_disabled } from './br_multicast_ctx.ts'
import { br_multicast_dump_querier_state } from './br_multicast_query.ts'
import { br_rports_fill_info, br_rports_have_mc_router } from './br_mdb_fill.ts'
import { type br_vlan_stats, jiffies_to_clock_t, type net_bridge_vlan } from './br_private.ts'
import type { net_bridge_mcast } from './br_private_mcast.ts'

export function br_vlan_multicast_router(v: net_bridge_vlan): number {
  return (v.port_mcast_ctx ?? v.br_mcast_ctx)?.multicast_router ?? 0
}
/** vlan_tunid_inrange(): tunnels that go up with the VLANs. */
export function tunnels_in_range(cur: net_bridge_vlan, last: net_bridge_vlan): boolean {
  if (cur.tunnel_id === 0 && last.tunnel_id === 0) return true
  return cur.tunnel_id !== 0 && last.tunnel_id !== 0 && cur.tunnel_id - last.tunnel_id === 1
}
/** br_vlan_can_enter_range() */
export function br_vlan_can_enter_range(cur: net_bridge_vlan, last: net_bridge_vlan): boolean {
  return (
    cur.vid - last.vid === 1 &&
    cur.untagged === last.untagged &&
    cur.range_begin === last.range_begin &&
    cur.state === last.state &&
    tunnels_in_range(cur, last) &&
    br_vlan_multicast_router(cur) === br_vlan_multicast_router(last) &&
    cur.neigh_suppress === last.neigh_suppress
  )
}
export function br_vlan_opts_fill(skb: MessageBuilder, v: net_bridge_vlan): void {
  skb.put(B.BRIDGE_VLANDB_ENTRY_STATE, v.state)
  if (v.tunnel_id !== 0) {
    const nest = skb.nest(B.BRIDGE_VLANDB_ENTRY_TUNNEL_INFO)
    skb.put(B.BRIDGE_VLANDB_TINFO_ID, v.tunnel_id)
    skb.nestEnd(nest)
  }
  skb.put(B.BRIDGE_VLANDB_ENTRY_NEIGH_SUPPRESS, v.neigh_suppress ? 1 : 0)
  skb.put(B.BRIDGE_VLANDB_ENTRY_MCAST_ROUTER, br_vlan_multicast_router(v))
  const pmctx = v.port_mcast_ctx
  if (pmctx === undefined || br_multicast_port_ctx_vlan_disabled(pmctx)) return
  skb.put(B.BRIDGE_VLANDB_ENTRY_MCAST_N_GROUPS, pmctx.mdb_n_entries)
  skb.put(B.BRIDGE_VLANDB_ENTRY_MCAST_MAX_GROUPS, pmctx.mdb_max_entries)
}
export function br_vlan_stats_fill(skb: MessageBuilder, stats: br_vlan_stats): void {
  const nest = skb.nest(B.BRIDGE_VLANDB_ENTRY_STATS)
  skb.put(B.BRIDGE_VLANDB_STATS_RX_BYTES, stats.rx_bytes)
  skb.put(B.BRIDGE_VLANDB_STATS_RX_PACKETS, stats.rx_packets)
  skb.put(B.BRIDGE_VLANDB_STATS_TX_BYTES, stats.tx_bytes)
  skb.put(B.BRIDGE_VLANDB_STATS_TX_PACKETS, stats.tx_packets)
  skb.nestEnd(nest)
}

const compared = [
  'multicast_igmp_version',
  'multicast_mld_version',
  'multicast_last_member_count',
  'multicast_startup_query_count',
  'multicast_last_member_interval',
  'multicast_membership_interval',
  'multicast_querier_interval',
  'multicast_query_interval',
  'multicast_query_response_interval',
  'multicast_startup_query_interval',
  'multicast_querier',
] as const
function ctx_equal(a: net_bridge_mcast, b: net_bridge_mcast): boolean {
  return compared.every((name) => a[name] === b[name]) && !br_rports_have_mc_router(a) && !br_rports_have_mc_router(b)
}
export function br_vlan_global_opts_can_enter_range(cur: net_bridge_vlan, last: net_bridge_vlan): boolean {
  if (cur.vid - last.vid !== 1 || cur.global_mcast_enabled !== last.global_mcast_enabled || cur.msti !== last.msti) return false
  const [a, b] = [cur.br_mcast_ctx, last.br_mcast_ctx]
  return a !== undefined && b !== undefined && ctx_equal(a, b)
}
/** br_vlan_global_opts_fill() */
export function br_vlan_global_opts_fill(skb: MessageBuilder, vid: number, vid_range: number, v: net_bridge_vlan): void {
  const ctx = v.br_mcast_ctx as net_bridge_mcast
  const nest = skb.nest(B.BRIDGE_VLANDB_GLOBAL_OPTIONS)
  skb.put(B.BRIDGE_VLANDB_GOPTS_ID, vid)
  if (vid_range > vid) skb.put(B.BRIDGE_VLANDB_GOPTS_RANGE, vid_range)
  skb.put(B.BRIDGE_VLANDB_GOPTS_MCAST_SNOOPING, v.global_mcast_enabled ? 1 : 0)
  skb.put(B.BRIDGE_VLANDB_GOPTS_MCAST_IGMP_VERSION, ctx.multicast_igmp_version)
  skb.put(B.BRIDGE_VLANDB_GOPTS_MCAST_LAST_MEMBER_CNT, ctx.multicast_last_member_count)
  skb.put(B.BRIDGE_VLANDB_GOPTS_MCAST_STARTUP_QUERY_CNT, ctx.multicast_startup_query_count)
  skb.put(B.BRIDGE_VLANDB_GOPTS_MCAST_QUERIER, ctx.multicast_querier ? 1 : 0)
  br_multicast_dump_querier_state(skb, ctx, B.BRIDGE_VLANDB_GOPTS_MCAST_QUERIER_STATE.nr)
  skb.put(B.BRIDGE_VLANDB_GOPTS_MCAST_LAST_MEMBER_INTVL, jiffies_to_clock_t(ctx.multicast_last_member_interval))
  skb.put(B.BRIDGE_VLANDB_GOPTS_MCAST_MEMBERSHIP_INTVL, jiffies_to_clock_t(ctx.multicast_membership_interval))
  skb.put(B.BRIDGE_VLANDB_GOPTS_MCAST_QUERIER_INTVL, jiffies_to_clock_t(ctx.multicast_querier_interval))
  skb.put(B.BRIDGE_VLANDB_GOPTS_MCAST_QUERY_INTVL, jiffies_to_clock_t(ctx.multicast_query_interval))
  skb.put(B.BRIDGE_VLANDB_GOPTS_MCAST_QUERY_RESPONSE_INTVL, jiffies_to_clock_t(ctx.multicast_query_response_interval))
  skb.put(B.BRIDGE_VLANDB_GOPTS_MCAST_STARTUP_QUERY_INTVL, jiffies_to_clock_t(ctx.multicast_startup_query_interval))
  if (br_rports_have_mc_router(ctx)) {
    const routers = skb.nest(B.BRIDGE_VLANDB_GOPTS_MCAST_ROUTER_PORTS)
    br_rports_fill_info(skb, ctx)
    skb.nestEnd(routers)
  }
  skb.put(B.BRIDGE_VLANDB_GOPTS_MCAST_MLD_VERSION, ctx.multicast_mld_version)
  skb.put(B.BRIDGE_VLANDB_GOPTS_MSTI, v.msti)
  skb.nestEnd(nest)
}

/** net/bridge/br_multicast.c: snooping as a whole: contexts made and switched, settings, ports that come, go and change state. */
import { mod_timer, timer_delete, timer_list, timer_pending } from '../../kernel/time.ts'
import { EINVAL, type Errno } from '../../uapi/errno.ts'
import { netif_running } from '../core/dev.ts'
import type { netlink_ext_ack } from '../netlink/extack.ts'
import { br_multicast_join_snoopers, br_multicast_leave_snoopers } from './br_multicast_snoopers.ts'
import {
  br_multicast_ctx_vlan_global_disabled,
  br_multicast_port_ctx_get_global,
  br_multicast_port_ctx_state_disabled,
} from './br_multicast_ctx.ts'
import { br_multicast_del_mdb_entry, br_multicast_del_pg, br_multicast_find_del_pg } from './br_multicast_group.ts'
import {
  br_multicast_own_query_expired,
  br_multicast_port_own_query_expired,
  br_multicast_querier_delay_expired,
  br_multicast_querier_expired,
} from './br_multicast_query.ts'
import {
  br_multicast_add_router,
  br_multicast_local_router_expired,
  br_multicast_router_expired,
  br_multicast_rport_del,
  br_multicast_rport_del_notify,
  FAMILIES,
} from './br_multicast_router.ts'
import { br_after, type net_bridge, type net_bridge_port, type net_bridge_vlan } from './br_private.ts'
import {
  type bridge_mcast_own_query,
  MDB_PG_FLAGS_PERMANENT,
  MDB_RTR_TYPE_PERM,
  net_bridge_mcast,
  net_bridge_mcast_port,
} from './br_private_mcast.ts'
import { br_vlan_find } from './br_vlan_find.ts'

/** br_multicast_ctx_init() */
export function br_multicast_ctx_init(brmctx: net_bridge_mcast): void {
  const { events } = brmctx.br.dev.nd_net.kernel
  const timer = (fn: (data: net_bridge_mcast, timer: timer_list) => void) => new timer_list(events, fn, brmctx)
  brmctx.mc_router_timer = [timer(br_multicast_local_router_expired), timer(br_multicast_local_router_expired)]
  for (const f of FAMILIES) {
    brmctx.own_query[f].timer = timer(br_multicast_own_query_expired)
    brmctx.other_query[f].timer = timer(br_multicast_querier_expired)
    brmctx.other_query[f].delay_timer = timer(br_multicast_querier_delay_expired)
  }
}
export function br_multicast_port_ctx_init(pmctx: net_bridge_mcast_port): void {
  const { events } = pmctx.port.dev.nd_net.kernel
  const timer = (fn: (data: net_bridge_mcast_port, timer: timer_list) => void) => new timer_list(events, fn, pmctx)
  pmctx.mc_router_timer = [timer(br_multicast_router_expired), timer(br_multicast_router_expired)]
  for (const f of FAMILIES) pmctx.own_query[f].timer = timer(br_multicast_port_own_query_expired)
}
/** A VLAN of a bridge or port comes: its context is there from the start, and at work when it is snooped by itself. */
export function br_multicast_vlan_init(v: net_bridge_vlan): void {
  if (v.port === undefined) {
    v.br_mcast_ctx = new net_bridge_mcast(v.br, v)
    br_multicast_ctx_init(v.br_mcast_ctx)
  } else {
    v.port_mcast_ctx = new net_bridge_mcast_port(v.port, v)
    br_multicast_port_ctx_init(v.port_mcast_ctx)
  }
}

/** br_multicast_ctx_deinit(), br_multicast_port_ctx_deinit(): the VLAN goes. */
export function br_multicast_vlan_exit(v: net_bridge_vlan): void {
  if (v.br_mcast_ctx !== undefined) stop(v.br_mcast_ctx)
  const pmctx = v.port_mcast_ctx
  if (pmctx === undefined) return
  let deleted = false
  for (const f of FAMILIES) {
    deleted = br_multicast_rport_del(pmctx, f) || deleted
    timer_delete(pmctx.mc_router_timer[f])
    timer_delete(pmctx.own_query[f].timer)
  }
  br_multicast_rport_del_notify(pmctx, deleted)
}

function open(brmctx: net_bridge_mcast): void {
  for (const f of FAMILIES) {
    brmctx.own_query[f].startup_sent = 0
    if (brmctx.br.multicast_enabled) mod_timer(brmctx.own_query[f].timer, br_after(brmctx.br, 0))
  }
}
function stop(brmctx: net_bridge_mcast): void {
  for (const f of FAMILIES) {
    timer_delete(brmctx.mc_router_timer[f])
    timer_delete(brmctx.other_query[f].timer)
    timer_delete(brmctx.other_query[f].delay_timer)
    timer_delete(brmctx.own_query[f].timer)
  }
}
/** Contexts of VLANs that are at work. */
function vlan_contexts(br: net_bridge): net_bridge_mcast[] {
  return br.vlgrp.vlans.filter((v) => v.brentry && v.mcast_enabled).flatMap((v) => v.br_mcast_ctx ?? [])
}
/** br_multicast_open(): with the bridge. */
export function br_multicast_open(br: net_bridge): void {
  if (br.mcast_vlan_snooping_enabled) for (const ctx of vlan_contexts(br)) open(ctx)
  else open(br.multicast_ctx)
}
export function br_multicast_stop(br: net_bridge): void {
  if (br.mcast_vlan_snooping_enabled) for (const ctx of vlan_contexts(br)) stop(ctx)
  else stop(br.multicast_ctx)
}

function enable_query(br: net_bridge, query: bridge_mcast_own_query): void {
  query.startup_sent = 0
  mod_timer(query.timer, br_after(br, 0))
}
/** __br_multicast_enable_port_ctx() */
function enable_port_ctx(pmctx: net_bridge_mcast_port): void {
  const { br } = pmctx.port
  if (!br.multicast_enabled || !netif_running(br.dev)) return
  for (const f of FAMILIES) enable_query(br, pmctx.own_query[f])
  if (pmctx.multicast_router === MDB_RTR_TYPE_PERM) {
    for (const f of FAMILIES) br_multicast_add_router(br_multicast_port_ctx_get_global(pmctx), pmctx, f)
  }
  const { vlan } = pmctx
  if (vlan !== undefined) pmctx.mdb_n_entries = pmctx.port.mglist.items.filter((pg) => pg.addr.vid === vlan.vid).length
}
/** __br_multicast_disable_port_ctx(): temporary members go, the port leads to no router. */
function disable_port_ctx(pmctx: net_bridge_mcast_port): void {
  const { port, vlan } = pmctx
  for (const pg of port.mglist) {
    if (pg.flags & MDB_PG_FLAGS_PERMANENT || (vlan !== undefined && pg.addr.vid !== vlan.vid)) continue
    if (port.mglist.includes(pg)) br_multicast_find_del_pg(port.br, pg)
  }
  let deleted = false
  for (const f of FAMILIES) {
    deleted = br_multicast_rport_del(pmctx, f) || deleted
    timer_delete(pmctx.mc_router_timer[f])
    timer_delete(pmctx.own_query[f].timer)
  }
  br_multicast_rport_del_notify(pmctx, deleted)
}
/** br_multicast_toggle_port(): in each of its VLANs where these are snooped one by one. */
function toggle_port(p: net_bridge_port, on: boolean): void {
  if (p.br.mcast_vlan_snooping_enabled) {
    for (const v of p.vlgrp.vlans) {
      if (v.port_mcast_ctx === undefined || (on && br_multicast_port_ctx_state_disabled(v.port_mcast_ctx))) continue
      if (on) enable_port_ctx(v.port_mcast_ctx)
      else disable_port_ctx(v.port_mcast_ctx)
    }
    return
  }
  if (on) enable_port_ctx(p.multicast_ctx)
  else disable_port_ctx(p.multicast_ctx)
}
export function br_multicast_enable_port(p: net_bridge_port): void {
  toggle_port(p, true)
}
export function br_multicast_disable_port(p: net_bridge_port): void {
  toggle_port(p, false)
}
export function br_multicast_add_port(p: net_bridge_port): void {
  br_multicast_port_ctx_init(p.multicast_ctx)
}
/** br_multicast_del_port(): every membership goes, also those that programs made. */
export function br_multicast_del_port(p: net_bridge_port): void {
  for (const pg of p.mglist) if (p.mglist.includes(pg)) br_multicast_find_del_pg(p.br, pg)
  for (const f of FAMILIES) {
    timer_delete(p.multicast_ctx.mc_router_timer[f])
    timer_delete(p.multicast_ctx.own_query[f].timer)
  }
}
/** br_multicast_dev_del(): the bridge goes, and its groups silently. */
export function br_multicast_dev_del(br: net_bridge): void {
  for (const mp of br.mdb_list) {
    for (const pg of [...mp.ports]) br_multicast_del_pg(mp, pg)
    br_multicast_del_mdb_entry(mp)
  }
  stop(br.multicast_ctx)
}

/** br_multicast_toggle_one_vlan(): its context begins or ceases to work. */
export function br_multicast_toggle_one_vlan(v: net_bridge_vlan, on: boolean): void {
  if (v.mcast_enabled === on) return
  const global = v.brvlan.br_mcast_ctx
  if (global === undefined || (on && br_multicast_ctx_vlan_global_disabled(global))) return
  if (v.port === undefined && !v.brentry) return
  v.mcast_enabled = on
  if (v.port === undefined) {
    if (on) open(global)
    else stop(global)
  } else if (v.port_mcast_ctx !== undefined) {
    if (on) enable_port_ctx(v.port_mcast_ctx)
    else disable_port_ctx(v.port_mcast_ctx)
  }
}
function toggle_vlan(v: net_bridge_vlan, on: boolean): void {
  for (const p of v.br.port_list) {
    const pv = br_vlan_find(p.vlgrp, v.vid)
    if (pv !== undefined) br_multicast_toggle_one_vlan(pv, on)
  }
  if (v.brentry) br_multicast_toggle_one_vlan(v, on)
}
/** br_multicast_toggle_global_vlan(): true when something changed. */
export function br_multicast_toggle_global_vlan(v: net_bridge_vlan, on: boolean): boolean {
  if (v.global_mcast_enabled === on) return false
  v.global_mcast_enabled = on
  toggle_vlan(v, on)
  return true
}
/** br_multicast_toggle_vlan_snooping(): each VLAN by itself, or all in one. */
export function br_multicast_toggle_vlan_snooping(br: net_bridge, on: boolean, extack?: netlink_ext_ack): Errno | undefined {
  if (br.mcast_vlan_snooping_enabled === on) return undefined
  if (on && !br.vlan_enabled) {
    return extack?.fail(EINVAL, 'bridge: Cannot enable multicast vlan snooping with vlan filtering disabled') ?? EINVAL
  }
  br.mcast_vlan_snooping_enabled = on
  if (on) stop(br.multicast_ctx)
  else open(br.multicast_ctx)
  for (const p of br.port_list) {
    if (on) disable_port_ctx(p.multicast_ctx)
    else enable_port_ctx(p.multicast_ctx)
  }
  for (const v of br.vlgrp.vlans) toggle_vlan(v, on)
  return undefined
}

/** br_multicast_toggle(): snooping on or off. Groups stay, but are shown and used by nobody. */
export function br_multicast_toggle(br: net_bridge, on: boolean): void {
  if (br.multicast_enabled === on) return
  if (!on) for (const p of br.port_list) br_multicast_disable_port(p)
  br.multicast_enabled = on
  if (!netif_running(br.dev)) return
  if (on) {
    br_multicast_open(br)
    for (const p of br.port_list) br_multicast_enable_port(p)
    br_multicast_join_snoopers(br)
  } else {
    br_multicast_leave_snoopers(br)
  }
}

/** br_multicast_set_querier(): queries of one's own begin when no other querier was heard of for a while. */
export function br_multicast_set_querier(brmctx: net_bridge_mcast, on: boolean): void {
  if (brmctx.multicast_querier === on) return
  brmctx.multicast_querier = on
  if (!on) return
  for (const f of FAMILIES) {
    const other = brmctx.other_query[f]
    if (!timer_pending(other.timer)) mod_timer(other.delay_timer, br_after(brmctx.br, brmctx.multicast_query_response_interval))
    br_multicast_start_querier(brmctx, f)
  }
}
/** br_multicast_start_querier() */
export function br_multicast_start_querier(brmctx: net_bridge_mcast, f: 0 | 1): void {
  const { br } = brmctx
  open_query(brmctx, brmctx.own_query[f])
  for (const p of br.port_list) {
    const pmctx = brmctx.vlan === undefined ? p.multicast_ctx : br_vlan_find(p.vlgrp, brmctx.vlan.vid)?.port_mcast_ctx
    if (pmctx !== undefined && !br_multicast_port_ctx_state_disabled(pmctx)) enable_query(br, pmctx.own_query[f])
  }
}
function open_query(brmctx: net_bridge_mcast, query: bridge_mcast_own_query): void {
  query.startup_sent = 0
  if (brmctx.br.multicast_enabled) mod_timer(query.timer, br_after(brmctx.br, 0))
}
export function br_multicast_set_igmp_version(brmctx: net_bridge_mcast, val: number): Errno | undefined {
  if (val !== 2 && val !== 3) return EINVAL
  brmctx.multicast_igmp_version = val
  return undefined
}
export function br_multicast_set_mld_version(brmctx: net_bridge_mcast, val: number): Errno | undefined {
  if (val !== 1 && val !== 2) return EINVAL
  brmctx.multicast_mld_version = val
  return undefined
}

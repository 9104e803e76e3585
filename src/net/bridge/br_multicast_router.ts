/**
 * net/bridge/br_multicast.c: ports that lead to a multicast router: they get all groups. By multicast_router of the port:
 *
 *   0 disabled    never
 *   1 temp query  for the querier interval after a query or PIM hello came in by it
 *   2 permanent   always
 *   3 temp        now, for the querier interval; then like 1
 */
import { mod_timer, timer_delete, timer_pending } from '../../kernel/time.ts'
import { EINVAL, type Errno } from '../../uapi/errno.ts'
import { RTM_DELMDB, RTM_NEWMDB } from '../../uapi/linux/rtnetlink.ts'
import { br_rtr_notify } from './br_mdb_fill.ts'
import { br_multicast_ctx_should_use, br_multicast_port_ctx_get_global } from './br_multicast_ctx.ts'
import { br_after } from './br_private.ts'
import {
  MDB_RTR_TYPE_DISABLED,
  MDB_RTR_TYPE_PERM,
  MDB_RTR_TYPE_TEMP,
  MDB_RTR_TYPE_TEMP_QUERY,
  type net_bridge_mcast,
  type net_bridge_mcast_port,
} from './br_private_mcast.ts'

/** Which of the two families: an index into what is kept per family. */
export type family_index = 0 | 1
export const FAMILIES: readonly family_index[] = [0, 1]

/** br_multicast_add_router(): told when it was in neither family's list. */
export function br_multicast_add_router(brmctx: net_bridge_mcast, pmctx: net_bridge_mcast_port, f: family_index): void {
  const list = brmctx.mc_router_list[f]
  if (list.includes(pmctx)) return
  list.push(pmctx)
  if (!brmctx.mc_router_list[1 - f].includes(pmctx)) br_rtr_notify(brmctx.br.dev, pmctx, RTM_NEWMDB)
}
/** br_multicast_rport_del(): true when it was in the list. */
export function br_multicast_rport_del(pmctx: net_bridge_mcast_port, f: family_index): boolean {
  const list = br_multicast_port_ctx_get_global(pmctx).mc_router_list[f]
  const at = list.indexOf(pmctx)
  if (at >= 0) list.splice(at, 1)
  return at >= 0
}
export function br_multicast_rport_del_notify(pmctx: net_bridge_mcast_port, deleted: boolean): void {
  if (!deleted) return
  br_rtr_notify(pmctx.port.br.dev, pmctx, RTM_DELMDB)
  if (pmctx.multicast_router === MDB_RTR_TYPE_TEMP) pmctx.multicast_router = MDB_RTR_TYPE_TEMP_QUERY
}
/** The port's timer has run out: no router was heard of for so long. */
export function br_multicast_router_expired(pmctx: net_bridge_mcast_port, timer: object): void {
  const f: family_index = pmctx.mc_router_timer[0] === timer ? 0 : 1
  const { multicast_router } = pmctx
  if (multicast_router === MDB_RTR_TYPE_DISABLED || multicast_router === MDB_RTR_TYPE_PERM) return
  br_multicast_rport_del_notify(pmctx, br_multicast_rport_del(pmctx, f))
}
/** The bridge counts itself as a router no longer; nobody is told. */
export function br_multicast_local_router_expired(_brmctx: net_bridge_mcast): void {}

/** br_multicast_is_router(): whether the bridge itself is to get all groups. */
export function br_multicast_is_router(brmctx: net_bridge_mcast): boolean {
  if (brmctx.multicast_router === MDB_RTR_TYPE_PERM) return true
  return brmctx.multicast_router === MDB_RTR_TYPE_TEMP_QUERY && brmctx.mc_router_timer.some(timer_pending)
}
/** br_multicast_mark_router(): a router was heard of behind a port, or (undefined) is the host. */
export function br_multicast_mark_router(brmctx: net_bridge_mcast, pmctx: net_bridge_mcast_port | undefined, f: family_index): void {
  const expires = br_after(brmctx.br, brmctx.multicast_querier_interval)
  if (pmctx === undefined) {
    if (brmctx.multicast_router === MDB_RTR_TYPE_TEMP_QUERY) mod_timer(brmctx.mc_router_timer[f], expires)
    return
  }
  if (!br_multicast_ctx_should_use(brmctx, pmctx)) return
  if (pmctx.multicast_router === MDB_RTR_TYPE_DISABLED || pmctx.multicast_router === MDB_RTR_TYPE_PERM) return
  br_multicast_add_router(brmctx, pmctx, f)
  mod_timer(pmctx.mc_router_timer[f], expires)
}

/** br_multicast_set_router(): of the bridge. */
export function br_multicast_set_router(brmctx: net_bridge_mcast, val: number): Errno | undefined {
  if (val > MDB_RTR_TYPE_PERM) return EINVAL
  if (val !== MDB_RTR_TYPE_TEMP_QUERY) for (const timer of brmctx.mc_router_timer) timer_delete(timer)
  brmctx.multicast_router = val
  return undefined
}
/** br_multicast_set_port_router() */
export function br_multicast_set_port_router(pmctx: net_bridge_mcast_port, val: number): Errno | undefined {
  const brmctx = br_multicast_port_ctx_get_global(pmctx)
  if (val > MDB_RTR_TYPE_TEMP) return EINVAL
  const same = pmctx.multicast_router === val
  if (same) {
    const expires = br_after(brmctx.br, brmctx.multicast_querier_interval)
    if (val === MDB_RTR_TYPE_TEMP) for (const timer of pmctx.mc_router_timer) mod_timer(timer, expires)
    return undefined
  }
  pmctx.multicast_router = val
  if (val === MDB_RTR_TYPE_PERM) {
    for (const f of FAMILIES) {
      timer_delete(pmctx.mc_router_timer[f])
      br_multicast_add_router(brmctx, pmctx, f)
    }
    return undefined
  }
  if (val === MDB_RTR_TYPE_TEMP) {
    for (const f of FAMILIES) br_multicast_mark_router(brmctx, pmctx, f)
    return undefined
  }
  let deleted = false
  for (const f of FAMILIES) {
    deleted = br_multicast_rport_del(pmctx, f) || deleted
    if (val === MDB_RTR_TYPE_DISABLED) timer_delete(pmctx.mc_router_timer[f])
  }
  br_multicast_rport_del_notify(pmctx, deleted)
  return undefined
}
/** br_multicast_set_vlan_router() */
export function br_multicast_set_vlan_router(
  v: { brentry: boolean; port: unknown; br_mcast_ctx?: net_bridge_mcast; port_mcast_ctx?: net_bridge_mcast_port },
  val: number,
): Errno | undefined {
  if (v.port_mcast_ctx !== undefined) return br_multicast_set_port_router(v.port_mcast_ctx, val)
  return v.br_mcast_ctx === undefined ? EINVAL : br_multicast_set_router(v.br_mcast_ctx, val)
}

/**
 * net/bridge/br_multicast.c: what a record of IGMPv3 or MLDv2 does to a port's sources (RFC 3376, 6.4). INCLUDE(A): A are
 * wanted. EXCLUDE(X, Y): all but Y are; X have timers. GMI: group membership interval; Q: queries.
 *
 *   state          record      new state                then
 *   INCLUDE(A)     IS_IN(B)    INCLUDE(A+B)             (B)=GMI
 *   INCLUDE(A)     ALLOW(B)    INCLUDE(A+B)             (B)=GMI
 *   INCLUDE(A)     TO_IN(B)    INCLUDE(A+B)             (B)=GMI, Q(A-B)
 *   INCLUDE(A)     BLOCK(B)    INCLUDE(A)               Q(A*B)
 *   INCLUDE(A)     IS_EX(B)    EXCLUDE(A*B, B-A)        delete A-B, group=GMI
 *   INCLUDE(A)     TO_EX(B)    EXCLUDE(A*B, B-A)        delete A-B, Q(A*B), group=GMI
 *   EXCLUDE(X,Y)   IS_IN(A)    EXCLUDE(X+A, Y-A)        (A)=GMI
 *   EXCLUDE(X,Y)   ALLOW(A)    EXCLUDE(X+A, Y-A)        (A)=GMI
 *   EXCLUDE(X,Y)   TO_IN(A)    EXCLUDE(X+A, Y-A)        (A)=GMI, Q(X-A), Q(group)
 *   EXCLUDE(X,Y)   BLOCK(A)    EXCLUDE(X+(A-Y), Y)      (A-X-Y)=group's time, Q(A-Y)
 *   EXCLUDE(X,Y)   IS_EX(A)    EXCLUDE(A-Y, Y*A)        (A-X-Y)=GMI, delete X-A and Y-A, group=GMI
 *   EXCLUDE(X,Y)   TO_EX(A)    EXCLUDE(A-Y, Y*A)        (A-X-Y)=group's time, delete X-A and Y-A, Q(A-Y), group=GMI
 */
import { mod_timer, timer_pending } from '../../kernel/time.ts'
import { hex } from '../../lib/bytes.ts'
import { br_multicast_del_group_src, br_multicast_find_group_src, br_multicast_new_group_src } from './br_multicast_group.ts'
import { br_multicast_query_group, br_multicast_query_sources } from './br_multicast_query.ts'
import { br_multicast_fwd_src_handle, br_multicast_star_g_handle_mode } from './br_multicast_star.ts'
import { br_after } from './br_private.ts'
import {
  MCAST_EXCLUDE,
  MCAST_INCLUDE,
  type net_bridge_group_src,
  type net_bridge_mcast,
  type net_bridge_mcast_port,
  type net_bridge_port_group,
} from './br_private_mcast.ts'

export const MODE_IS_INCLUDE = 1
export const MODE_IS_EXCLUDE = 2
export const CHANGE_TO_INCLUDE = 3
export const CHANGE_TO_EXCLUDE = 4
export const ALLOW_NEW_SOURCES = 5
export const BLOCK_OLD_SOURCES = 6

interface record {
  brmctx: net_bridge_mcast
  pmctx: net_bridge_mcast_port
  pg: net_bridge_port_group
  named: readonly Uint8Array[]
  names: ReadonlySet<string>
}
function gmi(r: record): number {
  return br_after(r.brmctx.br, r.brmctx.multicast_membership_interval)
}
function is_named(r: record, ent: net_bridge_group_src): boolean {
  return r.names.has(hex(ent.src))
}
/** The sources named; `made`: those that were not known. */
function take(r: record): { all: net_bridge_group_src[]; made: net_bridge_group_src[] } {
  const all: net_bridge_group_src[] = []
  const made: net_bridge_group_src[] = []
  for (const src of r.named) {
    let ent = br_multicast_find_group_src(r.pg, src)
    if (ent === undefined) {
      ent = br_multicast_new_group_src(r.pg, src)
      if (ent !== undefined) made.push(ent)
    }
    if (ent !== undefined) all.push(ent)
  }
  return { all, made }
}
function run(list: readonly net_bridge_group_src[], until: number): void {
  for (const ent of list) {
    mod_timer(ent.timer, until)
    br_multicast_fwd_src_handle(ent)
  }
}
function drop_unnamed(r: record): boolean {
  const gone = r.pg.src_list.filter((ent) => !is_named(r, ent))
  for (const ent of gone) br_multicast_del_group_src(ent, false)
  return gone.length > 0
}
/** IS_IN and ALLOW, in both states. */
function include_or_allow(r: record): boolean {
  const { all, made } = take(r)
  run(all, gmi(r))
  return made.length > 0
}
function to_include(r: record): boolean {
  const asked = r.pg.src_list.filter((ent) => timer_pending(ent.timer) && !is_named(r, ent))
  const changed = include_or_allow(r)
  if (asked.length > 0) br_multicast_query_sources(r.brmctx, r.pmctx, r.pg, asked)
  if (r.pg.filter_mode === MCAST_EXCLUDE) br_multicast_query_group(r.brmctx, r.pmctx, r.pg)
  return changed
}
/** From INCLUDE to EXCLUDE: what is named and was wanted keeps its time, what is new is blocked. */
function leave_include(r: record, ask: boolean): boolean {
  const kept = r.pg.src_list.filter((ent) => is_named(r, ent))
  const { made } = take(r)
  drop_unnamed(r)
  for (const ent of made) br_multicast_fwd_src_handle(ent)
  if (ask && kept.length > 0) br_multicast_query_sources(r.brmctx, r.pmctx, r.pg, kept)
  return true
}
/** EXCLUDE again, with other sources; new ones get so much time. */
function exclude_again(r: record, until: number, ask: boolean): boolean {
  const { all, made } = take(r)
  run(made, until)
  const changed = drop_unnamed(r) || made.length > 0
  const asked = all.filter((ent) => timer_pending(ent.timer))
  if (ask && asked.length > 0) br_multicast_query_sources(r.brmctx, r.pmctx, r.pg, asked)
  return changed
}
function exclude(r: record, to: boolean): boolean {
  const { pg } = r
  const group_time = timer_pending(pg.timer) ? pg.timer.expires : gmi(r)
  const was_include = pg.filter_mode === MCAST_INCLUDE
  const changed = was_include ? leave_include(r, to) : exclude_again(r, to ? group_time : gmi(r), to)
  if (was_include) br_multicast_star_g_handle_mode(pg, MCAST_EXCLUDE)
  pg.filter_mode = MCAST_EXCLUDE
  mod_timer(pg.timer, gmi(r))
  return changed
}
function block(r: record): boolean {
  const { pg } = r
  if (pg.filter_mode === MCAST_INCLUDE) {
    const asked = pg.src_list.filter((ent) => is_named(r, ent))
    if (asked.length > 0) br_multicast_query_sources(r.brmctx, r.pmctx, pg, asked)
    return false
  }
  const { all, made } = take(r)
  run(made, timer_pending(pg.timer) ? pg.timer.expires : gmi(r))
  const asked = all.filter((ent) => timer_pending(ent.timer))
  if (asked.length > 0) br_multicast_query_sources(r.brmctx, r.pmctx, pg, asked)
  return made.length > 0
}

/** One record of a report; true when the port's mode or sources changed. */
export function br_multicast_group_record(
  brmctx: net_bridge_mcast,
  pmctx: net_bridge_mcast_port,
  pg: net_bridge_port_group,
  type: number,
  named: readonly Uint8Array[],
): boolean {
  const r: record = { brmctx, pmctx, pg, named, names: new Set(named.map(hex)) }
  switch (type) {
    case MODE_IS_INCLUDE:
    case ALLOW_NEW_SOURCES:
      return include_or_allow(r)
    case MODE_IS_EXCLUDE:
      return exclude(r, false)
    case CHANGE_TO_EXCLUDE:
      return exclude(r, true)
    case CHANGE_TO_INCLUDE:
      return to_include(r)
    default:
      return block(r)
  }
}

/**
 * net/bridge/br_multicast.c: how (*, G) and (S, G) go together. A frame of (S, G) is looked up there alone, so whoever
 * wants all sources of G must stand in each (S, G) too: such ports are marked STAR_EXCL and go when their (*, G) goes.
 */
import { timer_delete, timer_pending } from '../../kernel/time.ts'
import { RTM_NEWMDB, RTPROT_KERNEL } from '../../uapi/linux/rtnetlink.ts'
import { br_mdb_notify } from './br_mdb_fill.ts'
import { br_multicast_ctx_should_use, br_multicast_pg_to_port_ctx, br_multicast_port_ctx_get_global } from './br_multicast_ctx.ts'
import {
  __br_multicast_add_group,
  br_mdb_ip_get,
  br_multicast_del_pg,
  br_multicast_find_del_pg,
  br_port_group_equal,
  sg_key,
} from './br_multicast_group.ts'
import {
  type br_ip,
  BR_SGRP_F_INSTALLED,
  BR_SGRP_F_USER_ADDED,
  MCAST_EXCLUDE,
  MCAST_INCLUDE,
  MDB_PG_FLAGS_BLOCKED,
  MDB_PG_FLAGS_FAST_LEAVE,
  MDB_PG_FLAGS_PERMANENT,
  MDB_PG_FLAGS_STAR_EXCL,
  type net_bridge_group_src,
  type net_bridge_mdb_entry,
  type net_bridge_port_group,
} from './br_private_mcast.ts'

function with_source(group: br_ip, src: Uint8Array | undefined): br_ip {
  return { ...group, src }
}
/** The port of `pg` joins (S, G) because it wants all sources. */
function add_star_excl(pg: net_bridge_port_group, sg: br_ip): void {
  const pmctx = br_multicast_pg_to_port_ctx(pg)
  if (pmctx === undefined || pg.port.br.sg_port_tbl.has(sg_key(pg.port, sg))) return
  const brmctx = br_multicast_port_ctx_get_global(pmctx)
  if (!br_multicast_ctx_should_use(brmctx, pmctx)) return
  const made = __br_multicast_add_group(brmctx, pg.port, sg, { src: pg.eth_addr, filter_mode: MCAST_INCLUDE })
  if (made?.rt_protocol === RTPROT_KERNEL) made.flags |= MDB_PG_FLAGS_STAR_EXCL
}
function del_star_excl(pg: net_bridge_port_group, sg: br_ip): void {
  const { br } = pg.port
  const found = br.sg_port_tbl.get(sg_key(pg.port, sg))
  if (found !== undefined && found.flags & MDB_PG_FLAGS_STAR_EXCL && found.rt_protocol === RTPROT_KERNEL)
    br_multicast_find_del_pg(br, found)
}
/** br_multicast_star_g_handle_mode(): a port's (*, G) became EXCLUDE, or INCLUDE (or goes). */
export function br_multicast_star_g_handle_mode(pg: net_bridge_port_group, filter_mode: number): void {
  const mp = br_mdb_ip_get(pg.port.br, pg.addr)
  if (mp === undefined || br_multicast_pg_to_port_ctx(pg) === undefined) return
  for (const other of [...mp.ports]) {
    if (other === pg) continue
    for (const ent of [...other.src_list]) {
      if (!(ent.flags & BR_SGRP_F_INSTALLED)) continue
      const sg = with_source(pg.addr, ent.src)
      if (filter_mode === MCAST_EXCLUDE) add_star_excl(pg, sg)
      else del_star_excl(pg, sg)
    }
  }
}
/** br_multicast_star_g_host_state(): the bridge's own membership holds for all sources. */
export function br_multicast_star_g_host_state(star: net_bridge_mdb_entry): void {
  for (const pg of star.ports) {
    for (const ent of pg.src_list) {
      if (!(ent.flags & BR_SGRP_F_INSTALLED)) continue
      const sg = br_mdb_ip_get(star.br, with_source(star.addr, ent.src))
      if (sg !== undefined) sg.host_joined = star.host_joined
    }
  }
}
/** br_multicast_sg_del_exclude_ports(): nobody wants this source by name any more. */
export function br_multicast_sg_del_exclude_ports(sg: net_bridge_mdb_entry): void {
  if (sg.ports.some((pg) => !(pg.flags & (MDB_PG_FLAGS_STAR_EXCL | MDB_PG_FLAGS_PERMANENT)))) return
  sg.host_joined = false
  for (const pg of [...sg.ports]) if (!(pg.flags & MDB_PG_FLAGS_PERMANENT) && sg.ports.includes(pg)) br_multicast_del_pg(sg, pg)
}
/** br_multicast_sg_add_exclude_ports(): a source is wanted by name: who wants all joins. */
export function br_multicast_sg_add_exclude_ports(star: net_bridge_mdb_entry, sg: net_bridge_port_group): void {
  if (star.host_joined) {
    const mp = br_mdb_ip_get(star.br, sg.addr)
    if (mp !== undefined) mp.host_joined = true
  }
  for (const pg of [...star.ports]) {
    if (pg === sg || pg.filter_mode === MCAST_INCLUDE || pg.port === sg.port) continue
    add_star_excl(pg, sg.addr)
  }
}

/** br_multicast_fwd_src_add(): (S, G) of a source that a report named. */
function fwd_src_add(ent: net_bridge_group_src): void {
  const { pg } = ent
  const pmctx = br_multicast_pg_to_port_ctx(pg)
  if (ent.flags & BR_SGRP_F_INSTALLED || pmctx === undefined) return
  const brmctx = br_multicast_port_ctx_get_global(pmctx)
  if (!br_multicast_ctx_should_use(brmctx, pmctx)) return
  const sg = __br_multicast_add_group(brmctx, pg.port, with_source(pg.addr, ent.src), {
    src: pg.eth_addr,
    filter_mode: MCAST_INCLUDE,
    blocked: !timer_pending(ent.timer),
  })
  if (sg === undefined) return
  ent.flags |= BR_SGRP_F_INSTALLED
  sg.flags &= ~MDB_PG_FLAGS_STAR_EXCL
  if (sg.rt_protocol !== RTPROT_KERNEL && sg.flags & MDB_PG_FLAGS_PERMANENT) return
  timer_delete(sg.timer)
  const star = br_mdb_ip_get(pg.port.br, pg.addr)
  if (star !== undefined) br_multicast_sg_add_exclude_ports(star, sg)
}
/** br_multicast_fwd_src_remove() */
export function br_multicast_fwd_src_remove(ent: net_bridge_group_src, fastleave: boolean): void {
  if (!(ent.flags & BR_SGRP_F_INSTALLED)) return
  const { pg } = ent
  const mp = br_mdb_ip_get(pg.port.br, with_source(pg.addr, ent.src))
  const sg = mp?.ports.find((other) => br_port_group_equal(other, pg.port, pg.eth_addr))
  const held =
    sg !== undefined && sg.rt_protocol !== RTPROT_KERNEL && sg.flags & MDB_PG_FLAGS_PERMANENT && !(ent.flags & BR_SGRP_F_USER_ADDED)
  if (mp !== undefined && sg !== undefined && !held) {
    if (fastleave) sg.flags |= MDB_PG_FLAGS_FAST_LEAVE
    br_multicast_del_pg(mp, sg)
  }
  ent.flags &= ~BR_SGRP_F_INSTALLED
}
/** br_multicast_fwd_src_handle(): (S, G) follows the source's timer: blocked while it does not run. */
export function br_multicast_fwd_src_handle(ent: net_bridge_group_src): void {
  fwd_src_add(ent)
  const { br } = ent.pg.port
  const addr = with_source(ent.pg.addr, ent.src)
  const sg = br.sg_port_tbl.get(sg_key(ent.pg.port, addr))
  if (sg === undefined || sg.flags & MDB_PG_FLAGS_PERMANENT) return
  const old = sg.flags
  if (timer_pending(ent.timer)) sg.flags &= ~MDB_PG_FLAGS_BLOCKED
  else sg.flags |= MDB_PG_FLAGS_BLOCKED
  const mp = br_mdb_ip_get(br, addr)
  if (old !== sg.flags && mp !== undefined) br_mdb_notify(br.dev, mp, sg, RTM_NEWMDB)
}

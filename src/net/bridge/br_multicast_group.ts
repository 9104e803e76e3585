/**
 * net/bridge/br_multicast.c: groups (mdb entries), the ports in them, and their timers.
 *
 *   timer of       runs while                        when it expires
 *   a group        the bridge itself is a member     the bridge leaves; without ports the group goes
 *   a port in it   EXCLUDE, or IGMPv2/MLDv1 member   INCLUDE with the sources that still run; without any the port leaves
 *   a source       it is wanted                      INCLUDE: it goes, with the last one the port leaves; EXCLUDE: blocked
 */
import { type EventQueue, mod_timer, timer_delete, timer_list, timer_pending } from '../../kernel/time.ts'
import { equalBytes, pairs } from '../../lib/bytes.ts'
import { E2BIG, EINVAL, type Errno, isErrno } from '../../uapi/errno.ts'
import { IFLA_BRPORT_MCAST_TO_UCAST } from '../../uapi/linux/if_link.ts'
import { RTM_DELMDB, RTM_NEWMDB } from '../../uapi/linux/rtnetlink.ts'
import { RTPROT_KERNEL } from '../../uapi/linux/rtnetlink.ts'
import { netif_running } from '../core/dev.ts'
import { ether_addr_equal } from '../ethernet/eth.ts'
import type { netlink_ext_ack } from '../netlink/extack.ts'
import { br_mdb_notify } from './br_mdb_fill.ts'
import { br_multicast_port_vid_to_port_ctx } from './br_multicast_ctx.ts'
import { br_multicast_port_group_rexmit } from './br_multicast_query.ts'
import {
  br_multicast_fwd_src_handle,
  br_multicast_fwd_src_remove,
  br_multicast_sg_del_exclude_ports,
  br_multicast_star_g_handle_mode,
  br_multicast_star_g_host_state,
} from './br_multicast_star.ts'
import { br_after, type net_bridge, type net_bridge_port } from './br_private.ts'
import {
  type br_ip,
  MCAST_EXCLUDE,
  MCAST_INCLUDE,
  MDB_PG_FLAGS_BLOCKED,
  MDB_PG_FLAGS_PERMANENT,
  net_bridge_group_src,
  type net_bridge_mcast,
  net_bridge_mdb_entry,
  net_bridge_port_group,
  PG_SRC_ENT_LIMIT,
} from './br_private_mcast.ts'

export function br_ip_key(addr: br_ip): string {
  const { dst, src } = addr
  const star = String.fromCharCode(addr.proto, addr.vid) + pairs(dst, 0, dst.length)
  return src === undefined ? star : star + pairs(src, 0, src.length)
}
/** Of a port in (S, G). */
export function sg_key(port: net_bridge_port, addr: br_ip): string {
  return `${port.port_no}/${br_ip_key(addr)}`
}
export function br_multicast_is_star_g(addr: br_ip): boolean {
  return addr.src === undefined
}
export function br_mdb_ip_get(br: net_bridge, addr: br_ip): net_bridge_mdb_entry | undefined {
  return br.mdb_hash.get(br_ip_key(addr))
}
function queue(br: net_bridge): EventQueue {
  return br.dev.nd_net.kernel.events
}

/** br_multicast_new_group(): the group, made when there is none. Too many switch snooping off. */
export function br_multicast_new_group(br: net_bridge, addr: br_ip): net_bridge_mdb_entry | Errno {
  const found = br_mdb_ip_get(br, addr)
  if (found !== undefined) return found
  if (br.mdb_hash.size >= br.hash_max) {
    br.multicast_enabled = false
    return E2BIG
  }
  const mp = new net_bridge_mdb_entry(br, { ...addr })
  mp.timer = new timer_list(queue(br), br_multicast_group_expired, mp)
  br.mdb_hash.set(br_ip_key(addr), mp)
  br.mdb_list.add_head(mp)
  return mp
}
/** br_multicast_del_mdb_entry() */
export function br_multicast_del_mdb_entry(mp: net_bridge_mdb_entry): void {
  const { br } = mp
  timer_delete(mp.timer)
  if (br.mdb_hash.get(br_ip_key(mp.addr)) === mp) br.mdb_hash.delete(br_ip_key(mp.addr))
  br.mdb_list.del(mp)
}
export function br_multicast_group_expired(mp: net_bridge_mdb_entry): void {
  if (!mp.br.mdb_list.includes(mp) || !netif_running(mp.br.dev)) return
  br_multicast_host_leave(mp, true)
  if (mp.ports.length === 0) br_multicast_del_mdb_entry(mp)
}

/** br_multicast_port_ngroups_inc(): bounded for the port, and for the port in the VLAN where each is snooped by itself. */
function ngroups_inc(port: net_bridge_port, addr: br_ip, extack?: netlink_ext_ack): boolean {
  const full = (what: string, ctx: { mdb_n_entries: number; mdb_max_entries: number }): boolean => {
    if (ctx.mdb_max_entries === 0 || ctx.mdb_n_entries < ctx.mdb_max_entries) return false
    extack?.fail(EINVAL, `bridge: ${what} is already in ${ctx.mdb_n_entries} groups, and mcast_max_groups=${ctx.mdb_max_entries}`)
    return true
  }
  if (full('Port', port.multicast_ctx)) return false
  const of_vlan = br_multicast_port_vid_to_port_ctx(port, addr.vid)
  if (of_vlan !== undefined && full('Port-VLAN', of_vlan)) return false
  port.multicast_ctx.mdb_n_entries++
  if (of_vlan !== undefined) of_vlan.mdb_n_entries++
  return true
}
function ngroups_dec(port: net_bridge_port, vid: number): void {
  port.multicast_ctx.mdb_n_entries--
  const of_vlan = br_multicast_port_vid_to_port_ctx(port, vid)
  if (of_vlan !== undefined) of_vlan.mdb_n_entries--
}

/** br_multicast_new_port_group(): not yet in its group's list; undefined when the port may be in no more. */
export function br_multicast_new_port_group(
  port: net_bridge_port,
  addr: br_ip,
  flags: number,
  src: Uint8Array | undefined,
  filter_mode: number,
  rt_protocol: number,
  extack?: netlink_ext_ack,
): net_bridge_port_group | undefined {
  if (!ngroups_inc(port, addr, extack)) return undefined
  const pg = new net_bridge_port_group(port, { ...addr }, flags, filter_mode, rt_protocol, src?.slice(0, 6))
  const events = queue(port.br)
  pg.timer = new timer_list(events, br_multicast_port_group_expired, pg)
  pg.rexmit_timer = new timer_list(events, br_multicast_port_group_rexmit, pg)
  if (!br_multicast_is_star_g(addr)) port.br.sg_port_tbl.set(sg_key(port, addr), pg)
  port.mglist.add_head(pg)
  return pg
}
/** br_multicast_del_port_group(): one that never was in a group. */
export function br_multicast_del_port_group(pg: net_bridge_port_group): void {
  const { port } = pg
  port.mglist.del(pg)
  if (!br_multicast_is_star_g(pg.addr)) port.br.sg_port_tbl.delete(sg_key(port, pg.addr))
  ngroups_dec(port, pg.addr.vid)
}
/** Ports of a group by their number: Linux sorts by where they lie in memory. */
export function insert_port_group(mp: net_bridge_mdb_entry, pg: net_bridge_port_group): void {
  const at = mp.ports.findIndex((other) => other.port.port_no > pg.port.port_no)
  mp.ports.splice(at < 0 ? mp.ports.length : at, 0, pg)
}
/** br_port_group_equal(): where members get copies of their own, each member counts. */
export function br_port_group_equal(pg: net_bridge_port_group, port: net_bridge_port, src: Uint8Array | undefined): boolean {
  if (pg.port !== port) return false
  if (!port.flags.has(IFLA_BRPORT_MCAST_TO_UCAST.nr)) return true
  return src !== undefined && pg.eth_addr !== undefined && ether_addr_equal(src, pg.eth_addr)
}

/** br_multicast_del_pg(): a port leaves a group. */
export function br_multicast_del_pg(mp: net_bridge_mdb_entry, pg: net_bridge_port_group): void {
  const { br } = mp
  mp.ports = mp.ports.filter((other) => other !== pg)
  pg.port.mglist.del(pg)
  for (const ent of [...pg.src_list]) br_multicast_del_group_src(ent, false)
  br_mdb_notify(br.dev, mp, pg, RTM_DELMDB)
  timer_delete(pg.timer)
  timer_delete(pg.rexmit_timer)
  if (br_multicast_is_star_g(mp.addr)) {
    br_multicast_star_g_handle_mode(pg, MCAST_INCLUDE)
  } else {
    br.sg_port_tbl.delete(sg_key(pg.port, pg.addr))
    br_multicast_sg_del_exclude_ports(mp)
  }
  ngroups_dec(pg.port, pg.addr.vid)
  if (mp.ports.length === 0 && !mp.host_joined && netif_running(br.dev)) mod_timer(mp.timer, br_after(br, 0))
}
export function br_multicast_find_del_pg(br: net_bridge, pg: net_bridge_port_group): void {
  const mp = br_mdb_ip_get(br, pg.addr)
  if (mp?.ports.includes(pg)) br_multicast_del_pg(mp, pg)
}

export function br_multicast_port_group_expired(pg: net_bridge_port_group): void {
  const { br } = pg.port
  if (!netif_running(br.dev) || !pg.port.mglist.includes(pg) || pg.flags & MDB_PG_FLAGS_PERMANENT) return
  let changed = pg.filter_mode === MCAST_EXCLUDE
  pg.filter_mode = MCAST_INCLUDE
  for (const ent of [...pg.src_list]) {
    if (timer_pending(ent.timer)) continue
    br_multicast_del_group_src(ent, false)
    changed = true
  }
  if (pg.src_list.length === 0) {
    br_multicast_find_del_pg(br, pg)
    return
  }
  if (!changed) return
  if (br_multicast_is_star_g(pg.addr)) br_multicast_star_g_handle_mode(pg, MCAST_INCLUDE)
  const mp = br_mdb_ip_get(br, pg.addr)
  if (mp !== undefined) br_mdb_notify(br.dev, mp, pg, RTM_NEWMDB)
}

export function br_multicast_find_group_src(pg: net_bridge_port_group, src: Uint8Array): net_bridge_group_src | undefined {
  return pg.src_list.find((ent) => equalBytes(ent.src, src))
}
/** br_multicast_new_group_src(): undefined when there are too many, or the source is none. */
export function br_multicast_new_group_src(pg: net_bridge_port_group, src: Uint8Array): net_bridge_group_src | undefined {
  if (pg.src_list.length >= PG_SRC_ENT_LIMIT) return undefined
  const multicast = src.length === 4 ? (src[0] & 0xf0) === 0xe0 : src[0] === 0xff
  if (multicast || src.every((byte) => byte === 0)) return undefined
  const ent = new net_bridge_group_src(pg, src.slice())
  ent.timer = new timer_list(queue(pg.port.br), br_multicast_group_src_expired, ent)
  pg.src_list.unshift(ent)
  return ent
}
export function br_multicast_del_group_src(ent: net_bridge_group_src, fastleave: boolean): void {
  br_multicast_fwd_src_remove(ent, fastleave)
  timer_delete(ent.timer)
  ent.pg.src_list = ent.pg.src_list.filter((other) => other !== ent)
}
export function br_multicast_group_src_expired(ent: net_bridge_group_src): void {
  const { pg } = ent
  const { br } = pg.port
  if (!pg.src_list.includes(ent) || !netif_running(br.dev)) return
  if (pg.filter_mode === MCAST_EXCLUDE) {
    br_multicast_fwd_src_handle(ent)
    return
  }
  br_multicast_del_group_src(ent, false)
  if (pg.src_list.length === 0) br_multicast_find_del_pg(br, pg)
}

/** br_multicast_host_join(): the bridge itself is a member. */
export function br_multicast_host_join(brmctx: net_bridge_mcast, mp: net_bridge_mdb_entry, notify: boolean): void {
  if (!mp.host_joined) {
    mp.host_joined = true
    if (br_multicast_is_star_g(mp.addr)) br_multicast_star_g_host_state(mp)
    if (notify) br_mdb_notify(mp.br.dev, mp, undefined, RTM_NEWMDB)
  }
  if (mp.addr.proto !== 0) mod_timer(mp.timer, br_after(mp.br, brmctx.multicast_membership_interval))
}
export function br_multicast_host_leave(mp: net_bridge_mdb_entry, notify: boolean): void {
  if (!mp.host_joined) return
  mp.host_joined = false
  if (br_multicast_is_star_g(mp.addr)) br_multicast_star_g_host_state(mp)
  if (notify) br_mdb_notify(mp.br.dev, mp, undefined, RTM_DELMDB)
}

export interface add_group {
  src?: Uint8Array
  filter_mode: number
  /** A report of IGMPv2 or MLDv1: the port's timer runs. */
  igmpv2_mldv1?: boolean
  blocked?: boolean
}
/** __br_multicast_add_group(): by a report; the port's entry, or undefined for the bridge itself and where nothing was added. */
export function __br_multicast_add_group(
  brmctx: net_bridge_mcast,
  port: net_bridge_port | undefined,
  group: br_ip,
  how: add_group,
): net_bridge_port_group | undefined {
  const { br } = brmctx
  const mp = br_multicast_new_group(br, group)
  if (isErrno(mp)) return undefined
  if (port === undefined) {
    br_multicast_host_join(brmctx, mp, true)
    return undefined
  }
  let pg = mp.ports.find((other) => br_port_group_equal(other, port, how.src))
  if (pg === undefined) {
    pg = br_multicast_new_port_group(port, group, 0, how.src, how.filter_mode, RTPROT_KERNEL)
    if (pg === undefined) return undefined
    insert_port_group(mp, pg)
    if (how.blocked) pg.flags |= MDB_PG_FLAGS_BLOCKED
    br_mdb_notify(br.dev, mp, pg, RTM_NEWMDB)
  }
  if (how.igmpv2_mldv1) mod_timer(pg.timer, br_after(br, brmctx.multicast_membership_interval))
  return pg
}

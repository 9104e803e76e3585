/** net/bridge/br_multicast.c br_multicast_rcv: a frame for a group: reports, leaves and queries make and end memberships. */
import { mod_timer, timer_pending } from '../../kernel/time.ts'
import { getBe16 } from '../../lib/bytes.ts'
import { IFLA_BRPORT_FAST_LEAVE } from '../../uapi/linux/if_link.ts'
import { RTM_NEWMDB } from '../../uapi/linux/rtnetlink.ts'
import type { sk_buff } from '../core/skbuff.ts'
import { br_mdb_notify } from './br_mdb_fill.ts'
import { br_multicast_ctx_should_use } from './br_multicast_ctx.ts'
import { __br_multicast_add_group, br_mdb_ip_get, br_multicast_del_pg, br_port_group_equal } from './br_multicast_group.ts'
import { BAD_MESSAGE, ip_mc_check_igmp, ipv6_mc_check_mld, is_all_nodes, type mc_message, NO_MESSAGE } from './br_multicast_parse.ts'
import { br_multicast_query_received, br_multicast_send_one_query } from './br_multicast_query.ts'
import { br_multicast_mark_router } from './br_multicast_router.ts'
import { br_multicast_group_record, CHANGE_TO_INCLUDE, MODE_IS_INCLUDE } from './br_multicast_sources.ts'
import { br_multicast_count, br_multicast_err_count } from './br_multicast_stats.ts'
import { br_after, type net_bridge, type net_bridge_port, type net_bridge_vlan } from './br_private.ts'
import * as M from './br_private_mcast.ts'

/** What a frame means for snooping (BR_INPUT_SKB_CB). */
export interface mcast_verdict {
  brmctx: M.net_bridge_mcast
  pmctx: M.net_bridge_mcast_port | undefined
  /** Type of the message of IGMP or MLD; 0: none. */
  igmp: number
  /** For ports with routers alone, when nobody is known to be in the group. */
  mrouters_only: boolean
}
interface frame {
  v: mcast_verdict
  br: net_bridge
  port: net_bridge_port | undefined
  skb: sk_buff
  vid: number
  src: Uint8Array
  f: 0 | 1
}

function group_of(fr: frame, at: number): M.br_ip {
  const bytes = fr.f === 0 ? 4 : 16
  return { proto: fr.f === 0 ? M.ETH_P_IP : M.ETH_P_IPV6, vid: fr.vid, dst: fr.skb.buf.slice(at, at + bytes), src: undefined }
}
/** 224.0.0.0/24 and ff02::1 are for everybody. */
function is_for_all(group: M.br_ip): boolean {
  return group.proto === M.ETH_P_IP ? group.dst[0] === 224 && group.dst[1] === 0 && group.dst[2] === 0 : is_all_nodes(group.dst)
}
function join(fr: frame, group: M.br_ip, old: boolean): void {
  const { brmctx, pmctx } = fr.v
  if (is_for_all(group) || !br_multicast_ctx_should_use(brmctx, pmctx)) return
  const filter_mode = old ? M.MCAST_EXCLUDE : M.MCAST_INCLUDE
  __br_multicast_add_group(brmctx, pmctx?.port, group, { src: fr.src, filter_mode, igmpv2_mldv1: old })
}
/** Sooner, never later; a timer that does not run starts. */
function lower(timer: M.net_bridge_mdb_entry['timer'], until: number): void {
  if (!timer_pending(timer) || timer.expires > until) mod_timer(timer, until)
}
/** br_multicast_leave_group() */
function leave(fr: frame, group: M.br_ip): void {
  const { brmctx, pmctx } = fr.v
  if (is_for_all(group) || !br_multicast_ctx_should_use(brmctx, pmctx)) return
  const mp = br_mdb_ip_get(fr.br, group)
  if (mp === undefined) return
  const of_port = (pg: M.net_bridge_port_group) => pmctx !== undefined && br_port_group_equal(pg, pmctx.port, fr.src)
  if (pmctx?.port.flags.has(IFLA_BRPORT_FAST_LEAVE.nr)) {
    const pg = mp.ports.find(of_port)
    if (pg === undefined || pg.flags & M.MDB_PG_FLAGS_PERMANENT) return
    pg.flags |= M.MDB_PG_FLAGS_FAST_LEAVE
    br_multicast_del_pg(mp, pg)
    return
  }
  if (timer_pending(brmctx.other_query[fr.f].timer)) return
  const until = br_after(fr.br, brmctx.multicast_last_member_count * brmctx.multicast_last_member_interval)
  if (brmctx.multicast_querier) {
    br_multicast_send_one_query(brmctx, pmctx, { group: mp.addr, to_all: true, proto: mp.addr.proto })
    mod_timer((pmctx ?? brmctx).own_query[fr.f].timer, until)
    const pg = mp.ports.find(of_port)
    if (pg !== undefined) lower(pg.timer, until)
  }
  if (pmctx === undefined) {
    if (mp.host_joined) lower(mp.timer, until)
    return
  }
  const pg = mp.ports.find((other) => other.port === pmctx.port)
  if (pg !== undefined && !(pg.flags & M.MDB_PG_FLAGS_PERMANENT)) lower(pg.timer, until)
}

/** IGMPv3 and MLDv2 reports: record after record. As version 2 and 1 where snooping is set to those. */
function report(fr: frame, m: mc_message): void {
  const { brmctx, pmctx } = fr.v
  const { buf } = fr.skb
  const size = fr.f === 0 ? 4 : 16
  const old = fr.f === 0 ? brmctx.multicast_igmp_version === 2 : brmctx.multicast_mld_version === 1
  const end = m.at + m.len
  let at = m.at + 8
  for (let n = getBe16(buf, m.at + 6); n > 0 && at + 4 + size <= end; n--) {
    const type = buf[at]
    const nsrcs = getBe16(buf, at + 2)
    const first = at + 4 + size
    const next = first + nsrcs * size + buf[at + 1] * 4
    if (next > end) return
    const group = group_of(fr, at + 4)
    if (type >= 1 && type <= 6) record(fr, group, type, sources(buf, first, nsrcs, size), old || pmctx === undefined, old)
    at = next
  }
}
function sources(buf: Uint8Array, at: number, n: number, size: number): Uint8Array[] {
  return Array.from({ length: n }, (_, i) => buf.slice(at + i * size, at + (i + 1) * size))
}
function record(fr: frame, group: M.br_ip, type: number, named: Uint8Array[], plain: boolean, old: boolean): void {
  const { brmctx, pmctx } = fr.v
  if (named.length === 0 && (type === CHANGE_TO_INCLUDE || type === MODE_IS_INCLUDE)) {
    if (plain) {
      leave(fr, group)
      return
    }
  } else {
    join(fr, group, old)
  }
  if (plain || pmctx === undefined) return
  const mp = br_mdb_ip_get(fr.br, group)
  const pg = mp?.ports.find((other) => br_port_group_equal(other, pmctx.port, fr.src))
  if (mp === undefined || pg === undefined || pg.flags & M.MDB_PG_FLAGS_PERMANENT) return
  if (br_multicast_group_record(brmctx, pmctx, pg, type, named)) br_mdb_notify(fr.br.dev, mp, pg, RTM_NEWMDB)
}

/** RFC 3376, 4.1.1 and RFC 3810, 5.1.3: from 128 (32768) on with an exponent. */
function exponential(code: number, mantissa_bits: number): number {
  const limit = 1 << (mantissa_bits + 3)
  if (code < limit) return code
  return ((code & ((1 << mantissa_bits) - 1)) | (1 << mantissa_bits)) << (((code >> mantissa_bits) & 7) + 3)
}
/** Jiffies until answers must be there; whether the query is a general one; undefined: of no concern. */
function query_delay(fr: frame, m: mc_message): { delay: number; general: boolean } | undefined {
  const { buf } = fr.skb
  const { brmctx } = fr.v
  if (fr.f === 0) {
    const group = buf.subarray(m.at + 4, m.at + 8).some((byte) => byte !== 0)
    if (m.len === 8) return buf[m.at + 1] === 0 ? { delay: 2500, general: true } : { delay: buf[m.at + 1] * 25, general: !group }
    if (getBe16(buf, m.at + 10) !== 0 || (brmctx.multicast_igmp_version === 3 && group && buf[m.at + 8] & 8)) return undefined
    return { delay: buf[m.at + 1] === 0 ? 1 : exponential(buf[m.at + 1], 4) * 25, general: !group }
  }
  const group = buf.subarray(m.at + 8, m.at + 24).some((byte) => byte !== 0)
  const code = getBe16(buf, m.at + 4)
  if (m.len === 24) return { delay: Math.ceil(code / 4), general: !group }
  if (getBe16(buf, m.at + 26) !== 0 || (brmctx.multicast_mld_version === 2 && group && buf[m.at + 24] & 8)) return undefined
  return { delay: Math.max(1, Math.ceil(exponential(code, 12) / 4)), general: !group }
}
function query(fr: frame, m: mc_message): void {
  const { brmctx, pmctx } = fr.v
  const q = query_delay(fr, m)
  if (q === undefined || !br_multicast_ctx_should_use(brmctx, pmctx)) return
  const { buf, network_header: ip } = fr.skb
  if (q.general) {
    const saddr = fr.f === 0 ? buf.slice(ip + 12, ip + 16) : buf.slice(ip + 8, ip + 24)
    if (br_multicast_query_received(brmctx, pmctx?.port, fr.f, saddr, q.delay)) br_multicast_mark_router(brmctx, pmctx, fr.f)
    return
  }
  const mp = br_mdb_ip_get(fr.br, group_of(fr, fr.f === 0 ? m.at + 4 : m.at + 8))
  if (mp === undefined) return
  const until = br_after(fr.br, q.delay * brmctx.multicast_last_member_count)
  if (mp.host_joined) lower(mp.timer, until)
  const old = fr.f === 0 ? brmctx.multicast_igmp_version === 2 : brmctx.multicast_mld_version === 1
  for (const pg of mp.ports) if (old || pg.filter_mode === M.MCAST_EXCLUDE) lower(pg.timer, until)
}

const is_join = new Set([0x12, 0x16, 131])
const is_report = new Set([0x22, 143])
const is_leave = new Set([0x17, 132])
function message(fr: frame, m: mc_message): void {
  const type = fr.skb.buf[m.at]
  const group_at = fr.f === 0 ? m.at + 4 : m.at + 8
  fr.v.igmp = type
  if (is_join.has(type)) {
    fr.v.mrouters_only = true
    join(fr, group_of(fr, group_at), true)
  } else if (is_report.has(type)) {
    report(fr, m)
  } else if (is_leave.has(type)) {
    leave(fr, group_of(fr, group_at))
  } else {
    query(fr, m)
  }
  br_multicast_count(fr.br, fr.port, fr.skb, type, 0)
}
/** Not a message: PIM's hellos tell of routers; all else for a group goes to members, and without any to routers. */
function no_message(fr: frame): void {
  const { buf, network_header: ip } = fr.skb
  if (fr.f === 1) {
    fr.v.mrouters_only = !is_all_nodes(buf.subarray(ip + 24, ip + 40))
    return
  }
  const dst = buf.subarray(ip + 16, ip + 20)
  const local = dst[0] === 224 && dst[1] === 0 && dst[2] === 0
  if (!local) fr.v.mrouters_only = true
  else if (dst[3] === 13 && buf[ip + 9] === 103) pim(fr)
}
/** br_multicast_pim(): version 2, a hello. */
function pim(fr: frame): void {
  const { buf, network_header: ip } = fr.skb
  if (buf[ip + (buf[ip] & 15) * 4] === 0x20) br_multicast_mark_router(fr.v.brmctx, fr.v.pmctx, 0)
}

/**
 * By a port, or (undefined) sent by the host through the bridge; `vlan` is the port's or the bridge's own. Undefined: the
 * message is malformed and the frame is dropped.
 */
export function br_multicast_rcv(
  br: net_bridge,
  port: net_bridge_port | undefined,
  vlan: net_bridge_vlan | undefined,
  skb: sk_buff,
  vid: number,
): mcast_verdict | undefined {
  const v: mcast_verdict = { brmctx: br.multicast_ctx, pmctx: port?.multicast_ctx, igmp: 0, mrouters_only: false }
  if (!br.multicast_enabled) return v
  if (br.mcast_vlan_snooping_enabled && vlan !== undefined) {
    v.brmctx = vlan.brvlan.br_mcast_ctx ?? v.brmctx
    v.pmctx = port === undefined ? undefined : vlan.port_mcast_ctx
    if (!vlan.brvlan.global_mcast_enabled) return v
  }
  if (skb.protocol !== M.ETH_P_IP && skb.protocol !== M.ETH_P_IPV6) return v
  const f = skb.protocol === M.ETH_P_IP ? 0 : 1
  const src = skb.buf.slice(skb.mac_header + 6, skb.mac_header + 12)
  const fr: frame = { v, br, port, skb, vid, src, f }
  const m = f === 0 ? ip_mc_check_igmp(skb) : ipv6_mc_check_mld(skb)
  if (m === BAD_MESSAGE) {
    br_multicast_err_count(br, port, skb.protocol)
    return undefined
  }
  if (m === NO_MESSAGE) no_message(fr)
  else message(fr, m)
  return v
}

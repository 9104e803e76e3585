/** net/bridge/br_mdb.c: groups as programs set them: RTM_NEWMDB, RTM_DELMDB (one, or all that match), RTM_GETMDB of one. */
import { mod_timer, timer_delete } from '../../kernel/time.ts'
import { type AttrTable, eachAttr, NLA_HDRLEN } from '../../lib/attrs.ts'
import { get16 } from '../../lib/bytes.ts'
import { MessageBuilder } from '../../lib/message.ts'
import { EEXIST, EINVAL, ENODEV, ENOENT, ENOMEM, ENOSPC, type Errno, isErrno } from '../../uapi/errno.ts'
import * as B from '../../uapi/linux/if_bridge.ts'
import { NLM_F_REPLACE } from '../../uapi/linux/netlink.ts'
import { RTM_DELMDB, RTM_NEWMDB, RTPROT_STATIC } from '../../uapi/linux/rtnetlink.ts'
import { __dev_get_by_index, netif_running } from '../core/dev.ts'
import type { net_device } from '../core/netdevice.ts'
import { rtnl_unicast } from '../core/rtnetlink.ts'
import { mdb_fill_message, mdb_source_error } from '../core/rtnetlink_mdb_fill.ts'
import { nla_parse_nested, nla_parse_nested_at } from '../netlink/attr.ts'
import { mask, min, NLA_BINARY, NLA_NESTED, NLA_U8, policy, range } from '../netlink/policy.ts'
import type { Request } from '../netlink/types.ts'
import { br_mdb_notify, mdb_fill_info } from './br_mdb_fill.ts'
import { br_multicast_ctx_vlan_global_disabled, br_multicast_should_handle_mode } from './br_multicast_ctx.ts'
import {
  br_mdb_ip_get,
  br_multicast_del_group_src,
  br_multicast_del_pg,
  br_multicast_del_port_group,
  br_multicast_find_group_src,
  br_multicast_host_join,
  br_multicast_host_leave,
  br_multicast_is_star_g,
  br_multicast_new_group,
  br_multicast_new_group_src,
  br_multicast_new_port_group,
  insert_port_group,
} from './br_multicast_group.ts'
import { br_multicast_sg_add_exclude_ports, br_multicast_star_g_handle_mode } from './br_multicast_star.ts'
import { BR_STATE_DISABLED, br_after, br_port_get_rtnl, br_priv, type net_bridge, type net_bridge_port } from './br_private.ts'
import * as M from './br_private_mcast.ts'
import { br_vlans_usable } from './br_netlink_fill.ts'
import { br_vlan_find } from './br_vlan_find.ts'

export const br_mdbe_src_list_entry_pol = policy(
  B.MDBE_SRCATTR,
  { MDBE_SRCATTR_ADDRESS: range(NLA_BINARY(), 4, 16) },
  { name: 'br_mdbe_src_list_entry_pol' },
)
export const br_mdbe_src_list_pol = policy(
  B.MDBE_SRC_LIST,
  { MDBE_SRC_LIST_ENTRY: NLA_NESTED(() => br_mdbe_src_list_entry_pol) },
  { name: 'br_mdbe_src_list_pol' },
)
export const br_mdbe_attrs_pol = policy(
  B.MDBE_ATTR,
  {
    MDBE_ATTR_SOURCE: range(NLA_BINARY(), 4, 16),
    MDBE_ATTR_GROUP_MODE: range(NLA_U8, M.MCAST_EXCLUDE, M.MCAST_INCLUDE),
    MDBE_ATTR_SRC_LIST: NLA_NESTED(() => br_mdbe_src_list_pol),
    MDBE_ATTR_RTPROT: min(NLA_U8, RTPROT_STATIC),
  },
  { name: 'br_mdbe_attrs_pol' },
)
export const br_mdbe_attrs_del_bulk_pol = policy(
  B.MDBE_ATTR,
  { MDBE_ATTR_RTPROT: min(NLA_U8, RTPROT_STATIC), MDBE_ATTR_STATE_MASK: mask(NLA_U8, B.MDB_PERMANENT) },
  { name: 'br_mdbe_attrs_del_bulk_pol' },
)
export const br_mdbe_attrs_get_pol = policy(
  B.MDBE_ATTR,
  { MDBE_ATTR_SOURCE: range(NLA_BINARY(), 4, 16) },
  { name: 'br_mdbe_attrs_get_pol' },
)

/** struct br_mdb_config: what a request asks for. */
interface br_mdb_config {
  br: net_bridge
  p: net_bridge_port | undefined
  group: M.br_ip
  state: number
  ifindex: number
  src_entry: boolean
  filter_mode: number
  rt_protocol: number
  nlflags: number
  src_entries: Uint8Array[]
}
type entry = ReturnType<typeof B.br_mdb_entry.get>

function entry_to_br_ip(e: entry, src?: Uint8Array): M.br_ip {
  const bytes = e.proto === M.ETH_P_IP ? 4 : e.proto === M.ETH_P_IPV6 ? 16 : 6
  const named = src?.some((byte) => byte !== 0)
  return { proto: e.proto, vid: e.vid, dst: e.u.slice(0, bytes), src: named ? src?.slice(0, bytes) : undefined }
}
function parse_sources(req: Request, at: number, proto: number): Uint8Array[] | Errno {
  const entries: number[] = []
  eachAttr(req.buf, at + NLA_HDRLEN, at + get16(req.buf, at), (_nr, o) => entries.push(o))
  if (entries.length >= M.PG_SRC_ENT_LIMIT) {
    return req.extack.fail(EINVAL, `bridge: Exceeded maximum number of source entries (${M.PG_SRC_ENT_LIMIT - 1})`)
  }
  const out: Uint8Array[] = []
  for (const o of entries) {
    const tb = nla_parse_nested_at(req, o, br_mdbe_src_list_entry_pol)
    if (isErrno(tb)) return tb
    const src = tb.payload(B.MDBE_SRCATTR_ADDRESS)
    if (src === undefined) return req.extack.missing(EINVAL, B.MDBE_SRCATTR_ADDRESS.nr, o)
    const text = mdb_source_error(proto, src)
    if (text !== undefined) return req.extack.fail(EINVAL, `bridge: ${text}`)
    out.push(src.slice())
  }
  return out
}

/** br_mdb_config_attrs_init() */
function parse_attrs(req: Request, tb: AttrTable, cfg: br_mdb_config, e: entry): Errno | undefined {
  const fail = (text: string) => req.extack.fail(EINVAL, `bridge: ${text}`)
  const a = nla_parse_nested(req, tb, B.MDBA_SET_ENTRY_ATTRS, br_mdbe_attrs_pol)
  if (isErrno(a)) return a
  const source = a.payload(B.MDBE_ATTR_SOURCE)
  const text = source === undefined ? undefined : mdb_source_error(e.proto, source)
  if (text !== undefined) return fail(text)
  cfg.group = entry_to_br_ip(e, source)
  const mode = a.get(B.MDBE_ATTR_GROUP_MODE)
  const star = br_multicast_is_star_g(cfg.group)
  if (mode !== undefined) {
    if (cfg.p === undefined) return fail('Filter mode cannot be set for host groups')
    if (!star) return fail('Filter mode can only be set for (*, G) entries')
    cfg.filter_mode = mode
  }
  const list = a.at(B.MDBE_ATTR_SRC_LIST)
  if (list !== 0) {
    if (cfg.p === undefined) return fail('Source list cannot be set for host groups')
    if (!star) return fail('Source list can only be set for (*, G) entries')
    if (mode === undefined) return fail('Source list cannot be set without filter mode')
    const sources = parse_sources(req, list, e.proto)
    if (isErrno(sources)) return sources
    cfg.src_entries = sources
  }
  if (cfg.src_entries.length === 0 && cfg.filter_mode === M.MCAST_INCLUDE) {
    return fail('Cannot add (*, G) INCLUDE with an empty source list')
  }
  const proto = a.get(B.MDBE_ATTR_RTPROT)
  if (proto === undefined) return undefined
  if (cfg.p === undefined) return fail('Protocol cannot be set for host groups')
  cfg.rt_protocol = proto
  return undefined
}
/** br_mdb_config_init() */
function parse(dev: net_device, tb: AttrTable, req: Request, nlflags: number): br_mdb_config | Errno {
  const { extack } = req
  const br = br_priv(dev)
  if (!netif_running(dev)) return extack.fail(EINVAL, 'bridge: Bridge device is not running')
  if (!br.multicast_enabled) return extack.fail(EINVAL, "bridge: Bridge's multicast processing is disabled")
  const e = B.br_mdb_entry.get(req.buf, tb.at(B.MDBA_SET_ENTRY) + NLA_HDRLEN)
  let p: net_bridge_port | undefined
  if (e.ifindex !== dev.ifindex) {
    const pdev = __dev_get_by_index(req.net, e.ifindex)
    if (pdev === undefined) return extack.fail(ENODEV, "bridge: Port net device doesn't exist")
    p = br_port_get_rtnl(pdev)
    if (p === undefined) return extack.fail(EINVAL, 'bridge: Net device is not a bridge port')
    if (p.br !== br) return extack.fail(EINVAL, 'bridge: Port belongs to a different bridge device')
  }
  if (e.proto === M.ETH_P_IP && e.u[0] === 0) {
    return extack.fail(EINVAL, 'bridge: IPv4 entry group address 0.0.0.0 is not allowed')
  }
  const cfg: br_mdb_config = {
    br,
    p,
    group: entry_to_br_ip(e),
    state: e.state,
    ifindex: e.ifindex,
    src_entry: false,
    filter_mode: M.MCAST_EXCLUDE,
    rt_protocol: RTPROT_STATIC,
    nlflags,
    src_entries: [],
  }
  const error = tb.has(B.MDBA_SET_ENTRY_ATTRS) ? parse_attrs(req, tb, cfg, e) : undefined
  return error ?? cfg
}

/** __br_mdb_choose_context() */
function choose_context(cfg: br_mdb_config, req: Request): M.net_bridge_mcast | Errno {
  const { br, group } = cfg
  if (!br.mcast_vlan_snooping_enabled) return br.multicast_ctx
  const fail = (text: string) => req.extack.fail(EINVAL, `bridge: ${text}`)
  if (group.vid === 0) return fail('Cannot add an entry without a vlan when vlan snooping is enabled')
  const brmctx = br_vlan_find(br.vlgrp, group.vid)?.br_mcast_ctx
  if (brmctx === undefined) return fail('Vlan is not configured')
  return br_multicast_ctx_vlan_global_disabled(brmctx) ? fail("Vlan's multicast processing is disabled") : brmctx
}
function pg_flags(cfg: br_mdb_config): number {
  return cfg.state === B.MDB_PERMANENT ? M.MDB_PG_FLAGS_PERMANENT : 0
}
function runs_out(br: net_bridge, pg: M.net_bridge_port_group, brmctx: M.net_bridge_mcast, on: boolean): void {
  if (on) mod_timer(pg.timer, br_after(br, brmctx.multicast_membership_interval))
  else timer_delete(pg.timer)
}

/** br_mdb_add_group_sg() */
function add_sg(
  cfg: br_mdb_config,
  mp: M.net_bridge_mdb_entry,
  brmctx: M.net_bridge_mcast,
  flags: number,
  req: Request,
): Errno | undefined {
  const { br } = cfg
  const p = cfg.p as net_bridge_port
  const timed = (flags & M.MDB_PG_FLAGS_PERMANENT) === 0 && !cfg.src_entry
  const found = mp.ports.find((pg) => pg.port === p)
  if (found !== undefined) {
    if (!(cfg.nlflags & NLM_F_REPLACE)) return req.extack.fail(EEXIST, 'bridge: (S, G) group is already joined by port')
    found.flags = flags
    found.rt_protocol = cfg.rt_protocol
    runs_out(br, found, brmctx, timed)
    br_mdb_notify(br.dev, mp, found, RTM_NEWMDB)
    return undefined
  }
  const pg = br_multicast_new_port_group(p, cfg.group, flags, undefined, M.MCAST_INCLUDE, cfg.rt_protocol, req.extack)
  if (pg === undefined) return ENOMEM
  insert_port_group(mp, pg)
  if (timed) runs_out(br, pg, brmctx, true)
  br_mdb_notify(br.dev, mp, pg, RTM_NEWMDB)
  if (br_multicast_should_handle_mode(brmctx, cfg.group.proto)) {
    const star = br_mdb_ip_get(br, { ...pg.addr, src: undefined })
    if (star !== undefined) br_multicast_sg_add_exclude_ports(star, pg)
  }
  return undefined
}
/** br_mdb_add_group_src(): a source of (*, G), with (S, G) to forward it (INCLUDE) or to block it. */
function add_source(
  cfg: br_mdb_config,
  pg: M.net_bridge_port_group,
  brmctx: M.net_bridge_mcast,
  src: Uint8Array,
  req: Request,
): Errno | undefined {
  let ent = br_multicast_find_group_src(pg, src)
  if (ent === undefined) {
    ent = br_multicast_new_group_src(pg, src)
    if (ent === undefined) return req.extack.fail(ENOSPC, 'bridge: Failed to add new source entry')
  } else if (!(cfg.nlflags & NLM_F_REPLACE)) {
    return req.extack.fail(EEXIST, 'bridge: Source entry already exists')
  }
  const gmi = brmctx.multicast_membership_interval
  if (cfg.filter_mode === M.MCAST_INCLUDE && cfg.state === B.MDB_TEMPORARY) mod_timer(ent.timer, br_after(cfg.br, gmi))
  else timer_delete(ent.timer)
  const group = { ...cfg.group, src: src.slice() }
  const sgmp = br_multicast_new_group(cfg.br, group)
  let error = isErrno(sgmp) ? req.extack.fail(sgmp, 'bridge: Failed to add (S, G) MDB entry') : undefined
  if (!isErrno(sgmp)) {
    const flags = pg_flags(cfg) | (cfg.filter_mode === M.MCAST_EXCLUDE ? M.MDB_PG_FLAGS_BLOCKED : 0)
    error = add_sg({ ...cfg, group, src_entry: true, filter_mode: M.MCAST_INCLUDE, src_entries: [] }, sgmp, brmctx, flags, req)
  }
  if (isErrno(error)) {
    pg.src_list = pg.src_list.filter((other) => other !== ent)
    timer_delete(ent.timer)
    return error
  }
  ent.flags = M.BR_SGRP_F_INSTALLED | M.BR_SGRP_F_USER_ADDED
  return undefined
}
function add_sources(cfg: br_mdb_config, pg: M.net_bridge_port_group, brmctx: M.net_bridge_mcast, req: Request): Errno | undefined {
  for (const [i, src] of cfg.src_entries.entries()) {
    const error = add_source(cfg, pg, brmctx, src, req)
    if (!isErrno(error)) continue
    for (const done of cfg.src_entries.slice(0, i).reverse()) {
      const ent = br_multicast_find_group_src(pg, done)
      if (ent !== undefined) br_multicast_del_group_src(ent, false)
    }
    return error
  }
  return undefined
}
/** br_mdb_replace_group_srcs(): those of before that are not named again go. */
function replace_star_g(
  cfg: br_mdb_config,
  mp: M.net_bridge_mdb_entry,
  pg: M.net_bridge_port_group,
  brmctx: M.net_bridge_mcast,
  flags: number,
  req: Request,
): Errno | undefined {
  for (const ent of pg.src_list) ent.flags |= M.BR_SGRP_F_DELETE
  const error = add_sources(cfg, pg, brmctx, req)
  if (isErrno(error)) {
    for (const ent of pg.src_list) ent.flags &= ~M.BR_SGRP_F_DELETE
    return error
  }
  for (const ent of [...pg.src_list]) if (ent.flags & M.BR_SGRP_F_DELETE) br_multicast_del_group_src(ent, false)
  pg.flags = flags
  pg.filter_mode = cfg.filter_mode
  pg.rt_protocol = cfg.rt_protocol
  runs_out(cfg.br, pg, brmctx, !(flags & M.MDB_PG_FLAGS_PERMANENT) && cfg.filter_mode === M.MCAST_EXCLUDE)
  br_mdb_notify(cfg.br.dev, mp, pg, RTM_NEWMDB)
  if (br_multicast_should_handle_mode(brmctx, cfg.group.proto)) br_multicast_star_g_handle_mode(pg, cfg.filter_mode)
  return undefined
}
/** br_mdb_add_group_star_g() */
function add_star_g(
  cfg: br_mdb_config,
  mp: M.net_bridge_mdb_entry,
  brmctx: M.net_bridge_mcast,
  flags: number,
  req: Request,
): Errno | undefined {
  const p = cfg.p as net_bridge_port
  const found = mp.ports.find((pg) => pg.port === p)
  if (found !== undefined) {
    if (cfg.nlflags & NLM_F_REPLACE) return replace_star_g(cfg, mp, found, brmctx, flags, req)
    return req.extack.fail(EEXIST, 'bridge: (*, G) group is already joined by port')
  }
  const pg = br_multicast_new_port_group(p, cfg.group, flags, undefined, cfg.filter_mode, cfg.rt_protocol, req.extack)
  if (pg === undefined) return ENOMEM
  const error = add_sources(cfg, pg, brmctx, req)
  if (isErrno(error)) {
    br_multicast_del_port_group(pg)
    return error
  }
  insert_port_group(mp, pg)
  const exclude = cfg.filter_mode === M.MCAST_EXCLUDE
  if (!(flags & M.MDB_PG_FLAGS_PERMANENT) && exclude) runs_out(cfg.br, pg, brmctx, true)
  br_mdb_notify(cfg.br.dev, mp, pg, RTM_NEWMDB)
  if (exclude && br_multicast_should_handle_mode(brmctx, cfg.group.proto)) br_multicast_star_g_handle_mode(pg, M.MCAST_EXCLUDE)
  return undefined
}
function add_group(cfg: br_mdb_config, req: Request): Errno | undefined {
  const brmctx = choose_context(cfg, req)
  if (isErrno(brmctx)) return brmctx
  const mp = br_multicast_new_group(cfg.br, cfg.group)
  if (isErrno(mp)) return mp
  if (cfg.p === undefined) {
    if (mp.host_joined && !(cfg.nlflags & NLM_F_REPLACE)) {
      return req.extack.fail(EEXIST, 'bridge: Group is already joined by host')
    }
    br_multicast_host_join(brmctx, mp, false)
    br_mdb_notify(cfg.br.dev, mp, undefined, RTM_NEWMDB)
    return undefined
  }
  const add = br_multicast_is_star_g(cfg.group) ? add_star_g : add_sg
  return add(cfg, mp, brmctx, pg_flags(cfg), req)
}
/** What is refused before there is a group. */
function refused(cfg: br_mdb_config): string | undefined {
  const { p, group, state } = cfg
  if (p === undefined && group.proto !== 0) {
    if (state !== 0) return 'Flags are not allowed for host groups'
    if (!br_multicast_is_star_g(group)) return 'Groups with sources cannot be manually host joined'
  }
  if (group.proto === 0 && state !== B.MDB_PERMANENT) return 'Only permanent L2 entries allowed'
  const disabled = p?.state === BR_STATE_DISABLED && state !== B.MDB_PERMANENT
  return disabled ? 'Port is in disabled state and entry is not permanent' : undefined
}
/** Without a VLAN: in each VLAN of the device, where VLANs are filtered. */
function each_vid(cfg: br_mdb_config): number[] {
  const { br, p, group } = cfg
  if (!br.vlan_enabled || group.vid !== 0) return [group.vid]
  return (p === undefined ? br_vlans_usable(br.vlgrp) : p.vlgrp.vlans).map((v) => v.vid)
}
/** The VLAN at hand is written into the request, and so into what an error repeats of it. */
function put_vid(req: Request, tb: AttrTable, vid: number): void {
  req.extack.patch16(tb.at(B.MDBA_SET_ENTRY) + NLA_HDRLEN + B.br_mdb_entry.field.vid.offset, vid)
}
export function br_mdb_add(dev: net_device, tb: AttrTable, req: Request): Errno | undefined {
  const cfg = parse(dev, tb, req, req.flags)
  if (isErrno(cfg)) return cfg
  const text = refused(cfg)
  if (text !== undefined) return req.extack.fail(EINVAL, `bridge: ${text}`)
  let error: Errno | undefined = EINVAL
  for (const vid of each_vid(cfg)) {
    put_vid(req, tb, vid)
    error = add_group({ ...cfg, group: { ...cfg.group, vid } }, req)
    if (isErrno(error)) break
  }
  return error
}

function del_group(cfg: br_mdb_config, group: M.br_ip): Errno | undefined {
  const { br } = cfg
  const mp = br_mdb_ip_get(br, group)
  if (mp === undefined) return EINVAL
  if (cfg.ifindex === br.dev.ifindex && mp.host_joined) {
    br_multicast_host_leave(mp, false)
    br_mdb_notify(br.dev, mp, undefined, RTM_DELMDB)
    if (mp.ports.length === 0 && netif_running(br.dev)) mod_timer(mp.timer, br_after(br, 0))
    return undefined
  }
  const pg = mp.ports.find((other) => other.port.dev.ifindex === cfg.ifindex)
  if (pg === undefined) return EINVAL
  br_multicast_del_pg(mp, pg)
  return undefined
}
export function br_mdb_del(dev: net_device, tb: AttrTable, req: Request): Errno | undefined {
  const cfg = parse(dev, tb, req, 0)
  if (isErrno(cfg)) return cfg
  // the last VLAN decides
  let error: Errno | undefined = EINVAL
  for (const vid of each_vid(cfg)) {
    put_vid(req, tb, vid)
    error = del_group(cfg, { ...cfg.group, vid })
  }
  return error
}

/** br_mdb_flush() */
export function br_mdb_del_bulk(dev: net_device, tb: AttrTable, req: Request): Errno | undefined {
  const br = br_priv(dev)
  const e = B.br_mdb_entry.get(req.buf, tb.at(B.MDBA_SET_ENTRY) + NLA_HDRLEN)
  let state_mask = 0
  let rt_protocol = 0
  if (tb.has(B.MDBA_SET_ENTRY_ATTRS)) {
    const a = nla_parse_nested(req, tb, B.MDBA_SET_ENTRY_ATTRS, br_mdbe_attrs_del_bulk_pol)
    if (isErrno(a)) return a
    state_mask = a.get(B.MDBE_ATTR_STATE_MASK) ?? 0
    rt_protocol = a.get(B.MDBE_ATTR_RTPROT) ?? 0
  }
  const state_fits = (permanent: boolean) => state_mask === 0 || ((permanent ? B.MDB_PERMANENT : 0) & state_mask) === e.state
  const dev_fits = (ifindex: number) => e.ifindex === 0 || e.ifindex === ifindex
  for (const mp of br.mdb_list) {
    if (e.vid !== 0 && e.vid !== mp.addr.vid) continue
    if (dev_fits(dev.ifindex) && rt_protocol === 0 && state_fits(mp.addr.proto === 0)) {
      br_multicast_host_leave(mp, true)
      if (mp.ports.length === 0 && netif_running(dev)) mod_timer(mp.timer, br_after(br, 0))
    }
    for (const pg of [...mp.ports]) {
      const fits = dev_fits(pg.port.dev.ifindex) && (rt_protocol === 0 || rt_protocol === pg.rt_protocol)
      if (fits && state_fits((pg.flags & M.MDB_PG_FLAGS_PERMANENT) !== 0) && mp.ports.includes(pg)) br_multicast_del_pg(mp, pg)
    }
  }
  return undefined
}

export function br_mdb_get(dev: net_device, tb: AttrTable, req: Request): Errno | undefined {
  const e = B.br_mdb_entry.get(req.buf, tb.at(B.MDBA_GET_ENTRY) + NLA_HDRLEN)
  let source: Uint8Array | undefined
  if (tb.has(B.MDBA_GET_ENTRY_ATTRS)) {
    const a = nla_parse_nested(req, tb, B.MDBA_GET_ENTRY_ATTRS, br_mdbe_attrs_get_pol)
    if (isErrno(a)) return a
    source = a.payload(B.MDBE_ATTR_SOURCE)
    const text = source === undefined ? undefined : mdb_source_error(e.proto, source)
    if (text !== undefined) return req.extack.fail(EINVAL, `bridge: ${text}`)
  }
  const mp = br_mdb_ip_get(br_priv(dev), entry_to_br_ip(e, source))
  if (mp === undefined || (mp.ports.length === 0 && !mp.host_joined)) return req.extack.fail(ENOENT, 'bridge: MDB entry not found')
  const skb = new MessageBuilder(undefined, 256)
  mdb_fill_message(skb, dev, { type: RTM_NEWMDB, seq: req.seq, portid: req.portid }, () => {
    if (mp.host_joined) mdb_fill_info(skb, mp, undefined)
    for (const pg of mp.ports) mdb_fill_info(skb, mp, pg)
  })
  return rtnl_unicast(req.net, skb, req.portid)
}

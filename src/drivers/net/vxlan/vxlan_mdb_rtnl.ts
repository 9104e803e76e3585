/** drivers/net/vxlan/vxlan_mdb.c vxlan_mdb_add, _del, _del_bulk, _get, _dump: RTM_*MDB of a vxlan device. */
import { type AttrTable, eachAttr, NLA_HDRLEN } from '../../../lib/attrs.ts'
import { get16 } from '../../../lib/bytes.ts'
import { MessageBuilder } from '../../../lib/message.ts'
import { __dev_get_by_index } from '../../../net/core/dev.ts'
import type { net_device } from '../../../net/core/netdevice.ts'
import { rtnl_unicast } from '../../../net/core/rtnetlink.ts'
import { mdb_fill_groups, mdb_fill_message, mdb_source_error } from '../../../net/core/rtnetlink_mdb_fill.ts'
import { nla_parse_nested, nla_parse_nested_at } from '../../../net/netlink/attr.ts'
import { mask, min, NLA_BINARY, NLA_NESTED, NLA_S32, NLA_U16, NLA_U32, NLA_U8, policy, range } from '../../../net/netlink/policy.ts'
import type { netlink_callback, Request } from '../../../net/netlink/types.ts'
import { EINVAL, ENOENT, type Errno, isErrno } from '../../../uapi/errno.ts'
import * as B from '../../../uapi/linux/if_bridge.ts'
import { MCAST_EXCLUDE, MCAST_INCLUDE } from '../../../uapi/linux/in.ts'
import { NLM_F_CREATE, NLM_F_MULTI, NLM_F_REPLACE } from '../../../uapi/linux/netlink.ts'
import { RTM_NEWMDB, RTPROT_STATIC } from '../../../uapi/linux/rtnetlink.ts'
import { AF_BRIDGE } from '../../../uapi/linux/socket.ts'
import { __vxlan_mdb_add, __vxlan_mdb_del, vxlan_mdb_entry_info_fill, vxlan_mdb_entry_lookup, vxlan_mdb_flush } from './vxlan_mdb.ts'
import {
  type vxlan_mdb_config,
  type vxlan_mdb_entry,
  type vxlan_mdb_entry_key,
  type vxlan_mdb_flush_desc,
  vxlan_mdb_is_sg,
  vxlan_mdb_is_star_g,
  type vxlan_mdb_remote,
} from './vxlan_mdb_private.ts'
import {
  NO_ADDR,
  VXLAN_N_VID,
  type vxlan_addr,
  vxlan_addr_any,
  vxlan_addr_multicast,
  type vxlan_dev,
  vxlan_nla_get_addr,
  vxlan_priv,
  vxlan_rdst,
} from './vxlan_private.ts'

const ETH_P_IP = 0x0800
const ETH_P_IPV6 = 0x86dd
const ADDRESS = range(NLA_BINARY(), 4, 16)
const VNI = range(NLA_U32, 0, VXLAN_N_VID - 1)

export const vxlan_mdbe_src_list_entry_pol = policy(
  B.MDBE_SRCATTR,
  { MDBE_SRCATTR_ADDRESS: ADDRESS },
  { name: 'vxlan_mdbe_src_list_entry_pol' },
)
export const vxlan_mdbe_src_list_pol = policy(
  B.MDBE_SRC_LIST,
  { MDBE_SRC_LIST_ENTRY: NLA_NESTED(() => vxlan_mdbe_src_list_entry_pol) },
  { name: 'vxlan_mdbe_src_list_pol' },
)
export const vxlan_mdbe_attrs_pol = policy(
  B.MDBE_ATTR,
  {
    MDBE_ATTR_SOURCE: ADDRESS,
    MDBE_ATTR_GROUP_MODE: range(NLA_U8, MCAST_EXCLUDE, MCAST_INCLUDE),
    MDBE_ATTR_SRC_LIST: NLA_NESTED(() => vxlan_mdbe_src_list_pol),
    MDBE_ATTR_RTPROT: min(NLA_U8, RTPROT_STATIC),
    MDBE_ATTR_DST: ADDRESS,
    MDBE_ATTR_DST_PORT: NLA_U16,
    MDBE_ATTR_VNI: VNI,
    MDBE_ATTR_IFINDEX: min(NLA_S32, 1),
    MDBE_ATTR_SRC_VNI: VNI,
  },
  { name: 'vxlan_mdbe_attrs_pol' },
)
export const vxlan_mdbe_attrs_del_bulk_pol = policy(
  B.MDBE_ATTR,
  {
    MDBE_ATTR_RTPROT: min(NLA_U8, RTPROT_STATIC),
    MDBE_ATTR_DST: ADDRESS,
    MDBE_ATTR_DST_PORT: NLA_U16,
    MDBE_ATTR_VNI: VNI,
    MDBE_ATTR_SRC_VNI: VNI,
    MDBE_ATTR_STATE_MASK: mask(NLA_U8, B.MDB_PERMANENT),
  },
  { name: 'vxlan_mdbe_attrs_del_bulk_pol' },
)
export const vxlan_mdbe_attrs_get_pol = policy(
  B.MDBE_ATTR,
  { MDBE_ATTR_SOURCE: ADDRESS, MDBE_ATTR_SRC_VNI: VNI },
  { name: 'vxlan_mdbe_attrs_get_pol' },
)

/** vxlan_mdb_is_valid_source() */
function source_error(proto: number, src: Uint8Array): string | undefined {
  const text = mdb_source_error(proto, src)
  if (text !== undefined) return text
  const zero = proto === ETH_P_IP ? src[0] === 0 : vxlan_addr_any(src)
  return zero ? `IPv${proto === ETH_P_IP ? 4 : 6} all-zeros source address is not allowed` : undefined
}

type entry = ReturnType<typeof B.br_mdb_entry.get>

/** vxlan_mdb_group_set() */
function group_of({ proto, u }: entry, source: Uint8Array | undefined, vni: number): vxlan_mdb_entry_key {
  const bytes = proto === ETH_P_IP ? 4 : proto === ETH_P_IPV6 ? 16 : 0
  return { dst: u.slice(0, bytes), src: source === undefined ? NO_ADDR : vxlan_nla_get_addr(source), vni }
}
/** vxlan_mdb_config_src_list_init() */
function parse_sources(req: Request, at: number, proto: number): vxlan_addr[] | Errno {
  const entries: number[] = []
  eachAttr(req.buf, at + NLA_HDRLEN, at + get16(req.buf, at), (_nr, o) => entries.push(o))
  const out: vxlan_addr[] = []
  for (const o of entries) {
    const tb = nla_parse_nested_at(req, o, vxlan_mdbe_src_list_entry_pol)
    if (isErrno(tb)) return tb
    const src = tb.payload(B.MDBE_SRCATTR_ADDRESS)
    if (src === undefined) return req.extack.missing(EINVAL, B.MDBE_SRCATTR_ADDRESS.nr, o)
    const text = source_error(proto, src)
    if (text !== undefined) return req.extack.fail(EINVAL, `vxlan: ${text}`)
    out.push(vxlan_nla_get_addr(src))
  }
  return out
}

/** What is wrong with a request's own fields, before its attributes are looked at. */
function entry_error(e: entry, dev: net_device, nlflags: number): string | undefined {
  if (e.ifindex !== dev.ifindex) return 'Port net device must be the VXLAN net device'
  // the state is no part of what names an entry, so it does not matter where one is taken away
  if (nlflags & (NLM_F_CREATE | NLM_F_REPLACE) && e.state !== B.MDB_PERMANENT) return 'MDB entry must be permanent'
  if (e.flags !== 0) return 'Invalid MDB entry flags'
  if (e.vid !== 0) return 'VID must not be specified'
  return e.proto === ETH_P_IP || e.proto === ETH_P_IPV6 ? undefined : 'Group address must be an IPv4 / IPv6 address'
}
/** What is wrong with a group and how it is asked for. */
function group_error(group: vxlan_mdb_entry_key, a: AttrTable): string | undefined {
  const any = vxlan_addr_any(group.dst)
  if (!any && !vxlan_addr_multicast(group.dst)) return 'Group address is not multicast'
  if (any && a.has(B.MDBE_ATTR_SOURCE)) return 'Source cannot be specified for the all-zeros entry'
  const star = vxlan_mdb_is_star_g(group)
  if (a.has(B.MDBE_ATTR_GROUP_MODE) && !star) return 'Filter mode can only be set for (*, G) entries'
  if (!a.has(B.MDBE_ATTR_SRC_LIST)) return undefined
  if (!star) return 'Source list can only be set for (*, G) entries'
  return a.has(B.MDBE_ATTR_GROUP_MODE) ? undefined : 'Source list cannot be set without filter mode'
}

/** vxlan_mdb_config_attrs_init() */
function parse_attrs(req: Request, tb: AttrTable, vxlan: vxlan_dev, e: entry, nlflags: number): vxlan_mdb_config | Errno {
  const { extack } = req
  const fail = (text: string): Errno => extack.fail(EINVAL, `vxlan: ${text}`)
  const a = nla_parse_nested(req, tb, B.MDBA_SET_ENTRY_ATTRS, vxlan_mdbe_attrs_pol)
  if (isErrno(a)) return a
  const dst = a.payload(B.MDBE_ATTR_DST)
  if (dst === undefined) {
    extack.missing(EINVAL, B.MDBE_ATTR_DST.nr, tb.at(B.MDBA_SET_ENTRY_ATTRS))
    return fail('Missing remote destination IP address')
  }
  const source = a.payload(B.MDBE_ATTR_SOURCE)
  const text = source === undefined ? undefined : source_error(e.proto, source)
  if (text !== undefined) return fail(text)
  const own_vni = vxlan.default_dst.remote_vni
  const group = group_of(e, source, a.get(B.MDBE_ATTR_SRC_VNI) ?? own_vni)
  const wrong = group_error(group, a)
  if (wrong !== undefined) return fail(wrong)
  const filter_mode = a.get(B.MDBE_ATTR_GROUP_MODE) ?? (vxlan_mdb_is_sg(group) ? MCAST_INCLUDE : MCAST_EXCLUDE)
  const list = a.at(B.MDBE_ATTR_SRC_LIST)
  const sources = list === 0 ? [] : parse_sources(req, list, e.proto)
  if (isErrno(sources)) return sources
  if (vxlan_mdb_is_star_g(group) && sources.length === 0 && filter_mode === MCAST_INCLUDE) {
    return fail('Cannot add (*, G) INCLUDE with an empty source list')
  }
  const ifindex = a.get(B.MDBE_ATTR_IFINDEX) ?? 0
  if (ifindex !== 0 && __dev_get_by_index(vxlan.net, ifindex) === undefined) return fail('Outgoing interface not found')
  const port = a.get(B.MDBE_ATTR_DST_PORT) ?? vxlan.cfg.dst_port
  const remote = new vxlan_rdst(vxlan_nla_get_addr(dst), port, a.get(B.MDBE_ATTR_VNI) ?? own_vni, ifindex)
  return { group, sources, remote, nlflags, blocked: false, filter_mode, rt_protocol: a.get(B.MDBE_ATTR_RTPROT) ?? RTPROT_STATIC }
}
/** vxlan_mdb_config_init() */
function parse(dev: net_device, tb: AttrTable, req: Request, nlflags: number): vxlan_mdb_config | Errno {
  const e = B.br_mdb_entry.get(req.buf, tb.at(B.MDBA_SET_ENTRY) + NLA_HDRLEN)
  const text = entry_error(e, dev, nlflags)
  if (text !== undefined) return req.extack.fail(EINVAL, `vxlan: ${text}`)
  if (tb.has(B.MDBA_SET_ENTRY_ATTRS)) return parse_attrs(req, tb, vxlan_priv(dev), e, nlflags)
  req.extack.missing(EINVAL, B.MDBA_SET_ENTRY_ATTRS.nr)
  return req.extack.fail(EINVAL, 'vxlan: Missing MDBA_SET_ENTRY_ATTRS attribute')
}

export function vxlan_mdb_add(dev: net_device, tb: AttrTable, req: Request): Errno | undefined {
  const cfg = parse(dev, tb, req, req.flags)
  return isErrno(cfg) ? cfg : __vxlan_mdb_add(vxlan_priv(dev), cfg, req.extack)
}
export function vxlan_mdb_del(dev: net_device, tb: AttrTable, req: Request): Errno | undefined {
  const cfg = parse(dev, tb, req, 0)
  return isErrno(cfg) ? cfg : __vxlan_mdb_del(vxlan_priv(dev), cfg.group, cfg.remote.remote_ip, req.extack)
}

/** vxlan_mdb_flush_desc_init() */
function parse_flush(dev: net_device, tb: AttrTable, req: Request): vxlan_mdb_flush_desc | Errno {
  const fail = (text: string): Errno => req.extack.fail(EINVAL, `vxlan: ${text}`)
  const e = B.br_mdb_entry.get(req.buf, tb.at(B.MDBA_SET_ENTRY) + NLA_HDRLEN)
  if (e.ifindex !== 0 && e.ifindex !== dev.ifindex) return fail('Invalid port net device')
  if (e.vid !== 0) return fail('VID must not be specified')
  const all = { remote_ip: NO_ADDR, src_vni: 0, remote_vni: 0, remote_port: 0, rt_protocol: 0 }
  if (!tb.has(B.MDBA_SET_ENTRY_ATTRS)) return all
  const a = nla_parse_nested(req, tb, B.MDBA_SET_ENTRY_ATTRS, vxlan_mdbe_attrs_del_bulk_pol)
  if (isErrno(a)) return a
  if ((a.get(B.MDBE_ATTR_STATE_MASK) ?? 0) & B.MDB_PERMANENT && !(e.state & B.MDB_PERMANENT)) {
    return fail('Only permanent MDB entries are supported')
  }
  const dst = a.payload(B.MDBE_ATTR_DST)
  return {
    remote_ip: dst === undefined ? NO_ADDR : vxlan_nla_get_addr(dst),
    src_vni: a.get(B.MDBE_ATTR_SRC_VNI) ?? 0,
    remote_vni: a.get(B.MDBE_ATTR_VNI) ?? 0,
    remote_port: a.get(B.MDBE_ATTR_DST_PORT) ?? 0,
    rt_protocol: a.get(B.MDBE_ATTR_RTPROT) ?? 0,
  }
}
export function vxlan_mdb_del_bulk(dev: net_device, tb: AttrTable, req: Request): Errno | undefined {
  const desc = parse_flush(dev, tb, req)
  if (isErrno(desc)) return desc
  vxlan_mdb_flush(vxlan_priv(dev), desc)
  return undefined
}

/** vxlan_mdb_get_parse() */
function parse_get(dev: net_device, tb: AttrTable, req: Request): vxlan_mdb_entry_key | Errno {
  const e = B.br_mdb_entry.get(req.buf, tb.at(B.MDBA_GET_ENTRY) + NLA_HDRLEN)
  const own_vni = vxlan_priv(dev).default_dst.remote_vni
  if (!tb.has(B.MDBA_GET_ENTRY_ATTRS)) return group_of(e, undefined, own_vni)
  const a = nla_parse_nested(req, tb, B.MDBA_GET_ENTRY_ATTRS, vxlan_mdbe_attrs_get_pol)
  if (isErrno(a)) return a
  const source = a.payload(B.MDBE_ATTR_SOURCE)
  const text = source === undefined ? undefined : source_error(e.proto, source)
  return text === undefined ? group_of(e, source, a.get(B.MDBE_ATTR_SRC_VNI) ?? own_vni) : req.extack.fail(EINVAL, `vxlan: ${text}`)
}
export function vxlan_mdb_get(dev: net_device, tb: AttrTable, req: Request): Errno | undefined {
  const group = parse_get(dev, tb, req)
  if (isErrno(group)) return group
  const vxlan = vxlan_priv(dev)
  const found = vxlan_mdb_entry_lookup(vxlan, group)
  if (found === undefined) return req.extack.fail(ENOENT, 'vxlan: MDB entry not found')
  const skb = new MessageBuilder(undefined, 256)
  mdb_fill_message(skb, dev, { type: RTM_NEWMDB, seq: req.seq, portid: req.portid }, () => {
    for (const remote of found.remotes) vxlan_mdb_entry_info_fill(skb, vxlan, found, remote)
  })
  return rtnl_unicast(req.net, skb, req.portid)
}

/** ndo_mdb_dump: a device without groups is shown too. */
export function vxlan_mdb_dump(dev: net_device, skb: MessageBuilder, cb: netlink_callback): boolean {
  const vxlan = vxlan_priv(dev)
  skb.begin(RTM_NEWMDB, NLM_F_MULTI, cb.seq, cb.portid)
  skb.struct(B.br_port_msg, { family: AF_BRIDGE, ifindex: dev.ifindex })
  const remotes_of = ({ remotes }: vxlan_mdb_entry): vxlan_mdb_remote[] => remotes
  const full = mdb_fill_groups(skb, cb, vxlan.mdb_list, remotes_of, (one, remote) => vxlan_mdb_entry_info_fill(skb, vxlan, one, remote))
  return !skb.end() || full
}

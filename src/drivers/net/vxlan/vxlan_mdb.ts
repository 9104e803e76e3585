/**
 * drivers/net/vxlan/vxlan_mdb.c: multicast forwarding entries: which ends want which groups. Requests and dumps are in
 * vxlan_mdb_rtnl.ts, where frames go by them in vxlan_mdb_xmit.ts.
 */
import { MessageBuilder } from '../../../lib/message.ts'
import { rtnl_notify } from '../../../net/core/rtnetlink.ts'
import { mdb_fill_message } from '../../../net/core/rtnetlink_mdb_fill.ts'
import type { netlink_ext_ack } from '../../../net/netlink/extack.ts'
import { EEXIST, ENOENT, type Errno, isErrno } from '../../../uapi/errno.ts'
import * as B from '../../../uapi/linux/if_bridge.ts'
import { MCAST_EXCLUDE, MCAST_INCLUDE } from '../../../uapi/linux/in.ts'
import { NLM_F_CREATE, NLM_F_REPLACE } from '../../../uapi/linux/netlink.ts'
import { RTM_DELMDB, RTM_NEWMDB, RTNLGRP_MDB } from '../../../uapi/linux/rtnetlink.ts'
import {
  vxlan_mdb_entry,
  type vxlan_mdb_config,
  type vxlan_mdb_entry_key,
  type vxlan_mdb_flush_desc,
  vxlan_mdb_key,
  vxlan_mdb_remote,
  vxlan_mdb_src_entry,
} from './vxlan_mdb_private.ts'
import {
  NO_ADDR,
  VXLAN_F_COLLECT_METADATA,
  VXLAN_F_MDB,
  type vxlan_addr,
  vxlan_addr_any,
  vxlan_addr_equal,
  type vxlan_dev,
} from './vxlan_private.ts'

const ETH_P_IP = 0x0800
const ETH_P_IPV6 = 0x86dd

/** vxlan_mdb_entry_info_fill(): an end of a group. */
export function vxlan_mdb_entry_info_fill(skb: MessageBuilder, vxlan: vxlan_dev, { key }: vxlan_mdb_entry, remote: vxlan_mdb_remote): void {
  const { dev, cfg, default_dst } = vxlan
  const { rd } = remote
  const nest = skb.nestNoflag(B.MDBA_MDB_ENTRY_INFO)
  const u = new Uint8Array(16)
  u.set(key.dst)
  skb.struct(B.br_mdb_entry, {
    ifindex: dev.ifindex,
    state: B.MDB_PERMANENT,
    flags: remote.blocked ? B.MDB_FLAGS_BLOCKED : 0,
    u,
    proto: key.dst.length === 16 ? ETH_P_IPV6 : ETH_P_IP,
  })
  skb.put(B.MDBA_MDB_EATTR_TIMER, 0)
  if (!vxlan_addr_any(key.src)) skb.put(B.MDBA_MDB_EATTR_SOURCE, key.src)
  skb.put(B.MDBA_MDB_EATTR_RTPROT, remote.rt_protocol)
  skb.put(B.MDBA_MDB_EATTR_GROUP_MODE, remote.filter_mode)
  fill_srcs(skb, remote)
  skb.put(B.MDBA_MDB_EATTR_DST, rd.remote_ip)
  if (rd.remote_port !== 0 && rd.remote_port !== cfg.dst_port) skb.put(B.MDBA_MDB_EATTR_DST_PORT, rd.remote_port)
  if (rd.remote_vni !== default_dst.remote_vni) skb.put(B.MDBA_MDB_EATTR_VNI, rd.remote_vni)
  if (rd.remote_ifindex !== 0) skb.put(B.MDBA_MDB_EATTR_IFINDEX, rd.remote_ifindex)
  if (cfg.flags & VXLAN_F_COLLECT_METADATA && key.vni !== 0) skb.put(B.MDBA_MDB_EATTR_SRC_VNI, key.vni)
  skb.nestEnd(nest)
}
function fill_srcs(skb: MessageBuilder, { src_list }: vxlan_mdb_remote): void {
  if (src_list.length === 0) return
  const nest = skb.nest(B.MDBA_MDB_EATTR_SRC_LIST)
  for (const { addr } of src_list) {
    const one = skb.nest(B.MDBA_MDB_SRCLIST_ENTRY)
    skb.put(B.MDBA_MDB_SRCATTR_ADDRESS, addr)
    skb.put(B.MDBA_MDB_SRCATTR_TIMER, 0)
    skb.nestEnd(one)
  }
  skb.nestEnd(nest)
}
function vxlan_mdb_remote_notify(vxlan: vxlan_dev, entry: vxlan_mdb_entry, remote: vxlan_mdb_remote, type: number): void {
  const skb = new MessageBuilder(undefined, 128)
  mdb_fill_message(skb, vxlan.dev, { type, seq: 0, portid: 0 }, () => vxlan_mdb_entry_info_fill(skb, vxlan, entry, remote))
  rtnl_notify(vxlan.dev.nd_net, skb, 0, RTNLGRP_MDB, false)
}

export function vxlan_mdb_entry_lookup(vxlan: vxlan_dev, group: vxlan_mdb_entry_key): vxlan_mdb_entry | undefined {
  return vxlan.mdb_tbl.get(vxlan_mdb_key(group))
}
/** vxlan_mdb_entry_get(): the group's entry, made where there is none. */
function entry_get(vxlan: vxlan_dev, group: vxlan_mdb_entry_key): vxlan_mdb_entry {
  const found = vxlan_mdb_entry_lookup(vxlan, group)
  if (found !== undefined) return found
  const entry = new vxlan_mdb_entry(group)
  vxlan.mdb_list.unshift(entry)
  vxlan.mdb_tbl.set(vxlan_mdb_key(group), entry)
  vxlan.cfg.flags |= VXLAN_F_MDB
  return entry
}
/** vxlan_mdb_entry_put(): an entry without ends goes. */
function entry_put(vxlan: vxlan_dev, entry: vxlan_mdb_entry): void {
  if (entry.remotes.length > 0) return
  vxlan.mdb_list.splice(vxlan.mdb_list.indexOf(entry), 1)
  vxlan.mdb_tbl.delete(vxlan_mdb_key(entry.key))
  if (vxlan.mdb_list.length === 0) vxlan.cfg.flags &= ~VXLAN_F_MDB
}
/** An end is found by its address alone. */
function remote_lookup(entry: vxlan_mdb_entry, ip: vxlan_addr): vxlan_mdb_remote | undefined {
  return entry.remotes.find(({ rd }) => vxlan_addr_equal(rd.remote_ip, ip))
}

/** vxlan_mdb_remote_src_add(): a source, and the (S, G) entry that lets it through or (EXCLUDE) stops it. */
function src_add(
  vxlan: vxlan_dev,
  cfg: vxlan_mdb_config,
  remote: vxlan_mdb_remote,
  addr: vxlan_addr,
  extack: netlink_ext_ack | undefined,
): Errno | undefined {
  let ent = remote.src_list.find((other) => vxlan_addr_equal(other.addr, addr))
  if (ent === undefined) {
    ent = new vxlan_mdb_src_entry(addr)
    remote.src_list.unshift(ent)
  } else if (!(cfg.nlflags & NLM_F_REPLACE)) {
    return extack?.fail(EEXIST, 'vxlan: Source entry already exists') ?? EEXIST
  }
  const group = { ...cfg.group, src: addr }
  const blocked = cfg.filter_mode === MCAST_EXCLUDE
  const error = __vxlan_mdb_add(vxlan, { ...cfg, group, sources: [], blocked, filter_mode: MCAST_INCLUDE }, extack)
  if (isErrno(error)) remote.src_list.splice(remote.src_list.indexOf(ent), 1)
  else ent.stale = false
  return error
}
function src_del(vxlan: vxlan_dev, group: vxlan_mdb_entry_key, remote: vxlan_mdb_remote, ent: vxlan_mdb_src_entry): void {
  __vxlan_mdb_del(vxlan, { ...group, src: ent.addr }, remote.rd.remote_ip)
  remote.src_list.splice(remote.src_list.indexOf(ent), 1)
}
/** vxlan_mdb_remote_srcs_add(): one that cannot be added takes all of the end's sources with it. */
function srcs_add(
  vxlan: vxlan_dev,
  cfg: vxlan_mdb_config,
  remote: vxlan_mdb_remote,
  extack: netlink_ext_ack | undefined,
): Errno | undefined {
  for (const addr of cfg.sources) {
    const error = src_add(vxlan, cfg, remote, addr, extack)
    if (!isErrno(error)) continue
    for (const ent of [...remote.src_list]) src_del(vxlan, cfg.group, remote, ent)
    return error
  }
  return undefined
}

/** vxlan_mdb_remote_replace(): another end of the same address, and other sources. */
function remote_replace(
  vxlan: vxlan_dev,
  cfg: vxlan_mdb_config,
  entry: vxlan_mdb_entry,
  remote: vxlan_mdb_remote,
  extack: netlink_ext_ack | undefined,
): Errno | undefined {
  const old = remote.rd
  remote.rd = cfg.remote
  for (const ent of remote.src_list) ent.stale = true
  const error = srcs_add(vxlan, cfg, remote, extack)
  if (isErrno(error)) {
    for (const ent of remote.src_list) ent.stale = false
    remote.rd = old
    return error
  }
  for (const ent of [...remote.src_list]) if (ent.stale) src_del(vxlan, entry.key, remote, ent)
  remote.blocked = cfg.blocked
  remote.filter_mode = cfg.filter_mode
  remote.rt_protocol = cfg.rt_protocol
  vxlan_mdb_remote_notify(vxlan, entry, remote, RTM_NEWMDB)
  return undefined
}
function remote_add(
  vxlan: vxlan_dev,
  cfg: vxlan_mdb_config,
  entry: vxlan_mdb_entry,
  extack: netlink_ext_ack | undefined,
): Errno | undefined {
  const fail = (error: Errno, text: string): Errno => extack?.fail(error, `vxlan: ${text}`) ?? error
  const found = remote_lookup(entry, cfg.remote.remote_ip)
  if (found !== undefined) {
    if (cfg.nlflags & NLM_F_REPLACE) return remote_replace(vxlan, cfg, entry, found, extack)
    return fail(EEXIST, 'Replace not specified and MDB remote entry already exists')
  }
  if (!(cfg.nlflags & NLM_F_CREATE)) return fail(ENOENT, 'Create not specified and entry does not exist')
  const remote = new vxlan_mdb_remote(cfg.remote, cfg.blocked, cfg.filter_mode, cfg.rt_protocol)
  const error = srcs_add(vxlan, cfg, remote, extack)
  if (isErrno(error)) return error
  entry.remotes.unshift(remote)
  vxlan_mdb_remote_notify(vxlan, entry, remote, RTM_NEWMDB)
  return undefined
}
/** vxlan_mdb_remote_del(): listeners hear of the end before they hear of its sources. */
function remote_del(vxlan: vxlan_dev, entry: vxlan_mdb_entry, remote: vxlan_mdb_remote): void {
  vxlan_mdb_remote_notify(vxlan, entry, remote, RTM_DELMDB)
  entry.remotes.splice(entry.remotes.indexOf(remote), 1)
  for (const ent of [...remote.src_list]) src_del(vxlan, entry.key, remote, ent)
}

export function __vxlan_mdb_add(vxlan: vxlan_dev, cfg: vxlan_mdb_config, extack: netlink_ext_ack | undefined): Errno | undefined {
  const entry = entry_get(vxlan, cfg.group)
  const error = remote_add(vxlan, cfg, entry, extack)
  if (isErrno(error)) entry_put(vxlan, entry)
  else vxlan.mdb_seq++
  return error
}
export function __vxlan_mdb_del(
  vxlan: vxlan_dev,
  group: vxlan_mdb_entry_key,
  remote_ip: vxlan_addr,
  extack?: netlink_ext_ack,
): Errno | undefined {
  const fail = (text: string): Errno => extack?.fail(ENOENT, `vxlan: ${text}`) ?? ENOENT
  const entry = vxlan_mdb_entry_lookup(vxlan, group)
  if (entry === undefined) return fail('Did not find MDB entry')
  const remote = remote_lookup(entry, remote_ip)
  if (remote === undefined) return fail('Did not find MDB remote entry')
  remote_del(vxlan, entry, remote)
  entry_put(vxlan, entry)
  vxlan.mdb_seq++
  return undefined
}

/** vxlan_mdb_flush(): a packet without a network of its own to go to keeps its source's, so that counts as the end's. */
export function vxlan_mdb_flush(vxlan: vxlan_dev, desc: vxlan_mdb_flush_desc): void {
  const fits = (entry: vxlan_mdb_entry, { rd, rt_protocol }: vxlan_mdb_remote): boolean => {
    if (desc.remote_ip.length > 0 && !vxlan_addr_equal(desc.remote_ip, rd.remote_ip)) return false
    if (desc.remote_vni !== 0 && desc.remote_vni !== (rd.remote_vni || entry.key.vni)) return false
    if (desc.remote_port !== 0 && desc.remote_port !== rd.remote_port) return false
    return desc.rt_protocol === 0 || desc.rt_protocol === rt_protocol
  }
  for (const entry of [...vxlan.mdb_list]) {
    if (vxlan_mdb_entry_lookup(vxlan, entry.key) !== entry || (desc.src_vni !== 0 && desc.src_vni !== entry.key.vni)) continue
    for (const remote of [...entry.remotes]) if (fits(entry, remote)) remote_del(vxlan, entry, remote)
    entry_put(vxlan, entry)
  }
}
/** The device goes, and all of its entries with it. */
export function vxlan_mdb_fini(vxlan: vxlan_dev): void {
  vxlan_mdb_flush(vxlan, { remote_ip: NO_ADDR, src_vni: 0, remote_vni: 0, remote_port: 0, rt_protocol: 0 })
}

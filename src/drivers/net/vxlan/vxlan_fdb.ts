/**
 * drivers/net/vxlan/vxlan_core.c: the forwarding table: which end has which Ethernet address. The address of zeros stands
 * for all that have no entry. Requests are in vxlan_fdb_rtnl.ts.
 */
import { getBig64, hex } from '../../../lib/bytes.ts'
import { MessageBuilder } from '../../../lib/message.ts'
import { timer_pending } from '../../../kernel/time.ts'
import { put_ndmsg } from '../../../net/core/neighbour_fill.ts'
import { rtnl_notify } from '../../../net/core/rtnetlink.ts'
import { is_multicast_ether_addr, is_zero_ether_addr } from '../../../net/ethernet/eth.ts'
import type { netlink_ext_ack } from '../../../net/netlink/extack.ts'
import { EAFNOSUPPORT, EEXIST, EINVAL, ENOENT, ENOSPC, EOPNOTSUPP, type Errno, isErrno } from '../../../uapi/errno.ts'
import {
  NDA_CACHEINFO,
  NDA_DST,
  NDA_IFINDEX,
  NDA_LINK_NETNSID,
  NDA_LLADDR,
  NDA_NH_ID,
  NDA_PORT,
  NDA_SRC_VNI,
  NDA_VNI,
  NTF_EXT_LEARNED,
  NTF_USE,
  NUD_NOARP,
  NUD_PERMANENT,
} from '../../../uapi/linux/neighbour.ts'
import { NLM_F_APPEND, NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE } from '../../../uapi/linux/netlink.ts'
import { RTM_DELNEIGH, RTM_GETNEIGH, RTM_NEWNEIGH, RTN_UNICAST, RTNLGRP_NEIGH } from '../../../uapi/linux/rtnetlink.ts'
import { AF_BRIDGE, AF_INET, AF_INET6 } from '../../../uapi/linux/socket.ts'
import {
  NTF_VXLAN_ADDED_BY_USER,
  VXLAN_F_COLLECT_METADATA,
  type vxlan_addr,
  vxlan_addr_any,
  vxlan_addr_equal,
  type vxlan_dev,
  vxlan_fdb,
  vxlan_net_of,
  type vxlan_rdst,
} from './vxlan_private.ts'

export const all_zeros_mac = new Uint8Array(6)
const GOLDEN_RATIO_64 = 0x61c8864680b583ebn
const FDB_HASH_BITS = 8n

function family_of(addr: vxlan_addr): number {
  return addr.length === 16 ? AF_INET6 : AF_INET
}
/** A device for many networks has an entry an address and network. */
function fdb_key(vxlan: vxlan_dev, mac: Uint8Array, vni: number): string {
  return vxlan.cfg.flags & VXLAN_F_COLLECT_METADATA ? `${hex(mac.subarray(0, 6))} ${vni}` : hex(mac.subarray(0, 6))
}
/** fdb_head_index(): the chain of an address (hash_64 of the address), which is the order of dumps. */
function fdb_head_index(vxlan: vxlan_dev, mac: Uint8Array, vni: number): number {
  const padded = new Uint8Array(8)
  padded.set(mac.subarray(0, 6), 2)
  const salt = vxlan.cfg.flags & VXLAN_F_COLLECT_METADATA ? BigInt((vni ^ vxlan_net_of(vxlan.net).salt) >>> 0) : 0n
  return Number(BigInt.asUintN(64, (getBig64(padded, 0) ^ salt) * GOLDEN_RATIO_64) >> (64n - FDB_HASH_BITS))
}

export function __vxlan_find_mac(vxlan: vxlan_dev, mac: Uint8Array, vni: number): vxlan_fdb | undefined {
  return vxlan.fdb.get(fdb_key(vxlan, mac, vni))
}
/** The same, and notes that it was used: ageing counts from there. */
export function vxlan_find_mac(vxlan: vxlan_dev, mac: Uint8Array, vni: number): vxlan_fdb | undefined {
  const f = __vxlan_find_mac(vxlan, mac, vni)
  if (f !== undefined) f.used = vxlan.kernel.jiffies()
  return f
}
/** All entries in the order of dumps. */
export function vxlan_fdb_all(vxlan: vxlan_dev): vxlan_fdb[] {
  const all: vxlan_fdb[] = []
  for (const chain of vxlan.fdb_head) if (chain !== undefined) all.push(...chain)
  return all
}
export function vxlan_fdb_insert(vxlan: vxlan_dev, f: vxlan_fdb): void {
  vxlan.addrcnt++
  vxlan.fdb_changes++
  vxlan.fdb.set(fdb_key(vxlan, f.eth_addr, f.vni), f)
  const index = fdb_head_index(vxlan, f.eth_addr, f.vni)
  while (vxlan.fdb_head.length <= index) vxlan.fdb_head.push([])
  vxlan.fdb_head[index].unshift(f)
}

function same_rdst(a: vxlan_rdst, b: vxlan_rdst): boolean {
  return (
    vxlan_addr_equal(a.remote_ip, b.remote_ip) &&
    a.remote_port === b.remote_port &&
    a.remote_vni === b.remote_vni &&
    a.remote_ifindex === b.remote_ifindex
  )
}
function find_rdst(f: vxlan_fdb, rd: vxlan_rdst): vxlan_rdst | undefined {
  return f.remotes.find((other) => same_rdst(other, rd))
}

/** vxlan_fdb_info(): one end of an entry. Of RTM_GETNEIGH, which asks programs: only what is known. */
export function vxlan_fdb_info(
  skb: MessageBuilder,
  vxlan: vxlan_dev,
  f: vxlan_fdb,
  head: { type: number; flags: number; portid: number; seq: number },
  rdst: vxlan_rdst | undefined,
): boolean {
  const { dev, cfg, default_dst } = vxlan
  const asks = head.type === RTM_GETNEIGH
  const send_ip = rdst !== undefined && (!asks || !vxlan_addr_any(rdst.remote_ip))
  const asked_family = send_ip ? family_of(rdst.remote_ip) : AF_INET
  skb.begin(head.type, head.flags, head.seq, head.portid)
  put_ndmsg(skb, asks ? asked_family : AF_BRIDGE, dev.ifindex, f.state, f.flags & 0xff, RTN_UNICAST)
  if (dev.nd_net !== vxlan.net) skb.put(NDA_LINK_NETNSID, dev.nd_net.peernet2id(vxlan.net))
  if (!asks || !is_zero_ether_addr(f.eth_addr)) skb.put(NDA_LLADDR, f.eth_addr)
  if (f.nh !== undefined) {
    skb.put(NDA_NH_ID, f.nh.id)
  } else if (rdst !== undefined) {
    if (send_ip) skb.put(NDA_DST, rdst.remote_ip)
    if (rdst.remote_port !== 0 && rdst.remote_port !== cfg.dst_port) skb.put(NDA_PORT, rdst.remote_port)
    if (rdst.remote_vni !== default_dst.remote_vni) skb.put(NDA_VNI, rdst.remote_vni)
    if (rdst.remote_ifindex !== 0) skb.put(NDA_IFINDEX, rdst.remote_ifindex)
  }
  if (cfg.flags & VXLAN_F_COLLECT_METADATA && f.vni !== 0) skb.put(NDA_SRC_VNI, f.vni)
  const age = (at: number): number => Math.floor(((vxlan.kernel.jiffies() - at) * 100) / 250)
  skb.put(NDA_CACHEINFO, { ndm_used: age(f.used), ndm_confirmed: 0, ndm_updated: age(f.updated), ndm_refcnt: 0 })
  return skb.end()
}
export function vxlan_fdb_notify(vxlan: vxlan_dev, f: vxlan_fdb, rd: vxlan_rdst | undefined, type: number): void {
  const skb = new MessageBuilder(undefined, 128)
  vxlan_fdb_info(skb, vxlan, f, { type, flags: 0, portid: 0, seq: 0 }, rd)
  rtnl_notify(vxlan.dev.nd_net, skb, 0, RTNLGRP_NEIGH, false)
}

/** vxlan_fdb_nh_update(): the entry's ends are those of an FDB nexthop group. True when that is new. */
function vxlan_fdb_nh_update(vxlan: vxlan_dev, f: vxlan_fdb, nhid: number, extack: netlink_ext_ack): boolean | Errno {
  if (f.nh?.id === nhid) return false
  const nh = vxlan.net.nexthop.by_id.get(nhid)
  if (nh === undefined) return extack.fail(EINVAL, 'Nexthop id does not exist')
  if (!(nh.nh_grp?.fdb_nh ?? nh.nh_info?.fdb_nh)) return extack.fail(EINVAL, 'Nexthop is not a fdb nexthop')
  if (nh.nh_grp === undefined) return extack.fail(EINVAL, 'Nexthop is not a multipath group')
  const v6 = vxlan.default_dst.remote_ip.length === 16
  if (nh.nh_grp.has_v4 === v6) return extack.fail(EAFNOSUPPORT, 'Nexthop group family not supported')
  f.nh = nh
  vxlan.fdb_changes++
  return true
}

/** An entry of this state goes when its time is over. One that points to a nexthop must not. */
export function vxlan_fdb_ages(state: number): boolean {
  return (state & (NUD_PERMANENT | NUD_NOARP)) === 0
}

/** What a request, a learned frame or the device's own default says of an address. */
export interface vxlan_fdb_spec {
  mac: Uint8Array
  rd: vxlan_rdst
  state: number
  /** NLM_F_* */
  nlflags: number
  src_vni: number
  /** NTF_*, with NTF_VXLAN_ADDED_BY_USER. */
  ndm_flags: number
  nhid: number
}

/** vxlan_fdb_create(): an entry that is in no table yet. */
export function vxlan_fdb_create(vxlan: vxlan_dev, spec: vxlan_fdb_spec, extack: netlink_ext_ack): vxlan_fdb | Errno {
  if (vxlan.cfg.addrmax !== 0 && vxlan.addrcnt >= vxlan.cfg.addrmax) return ENOSPC
  const f = new vxlan_fdb(spec.mac, spec.state, spec.src_vni, spec.ndm_flags & ~NTF_USE, vxlan.kernel.jiffies())
  if (spec.nhid !== 0) {
    const error = vxlan_fdb_nh_update(vxlan, f, spec.nhid, extack)
    if (isErrno(error)) return error
  } else {
    f.remotes.push(spec.rd)
  }
  return f
}

/** vxlan_fdb_update(): adds, replaces or appends as NLM_F_* ask; who listens hears of what changed. */
export function vxlan_fdb_update(vxlan: vxlan_dev, spec: vxlan_fdb_spec, extack: netlink_ext_ack): Errno | undefined {
  const f = __vxlan_find_mac(vxlan, spec.mac, spec.src_vni)
  if (f !== undefined) return spec.nlflags & NLM_F_EXCL ? EEXIST : update_existing(vxlan, f, spec, extack)
  if (!(spec.nlflags & NLM_F_CREATE)) return ENOENT
  if (spec.nlflags & NLM_F_REPLACE && for_many(spec.mac)) return EOPNOTSUPP
  const made = vxlan_fdb_create(vxlan, spec, extack)
  if (isErrno(made)) return made
  vxlan_fdb_insert(vxlan, made)
  vxlan_fdb_notify(vxlan, made, made.remotes[0], RTM_NEWNEIGH)
  return undefined
}
/** Addresses that may have several ends. */
function for_many(mac: Uint8Array): boolean {
  return is_multicast_ether_addr(mac) || is_zero_ether_addr(mac)
}
function update_existing(vxlan: vxlan_dev, f: vxlan_fdb, spec: vxlan_fdb_spec, extack: netlink_ext_ack): Errno | undefined {
  const append = (spec.nlflags & NLM_F_APPEND) !== 0
  if (spec.nhid !== 0 && f.nh === undefined) {
    return extack.fail(EOPNOTSUPP, 'Cannot replace an existing non nexthop fdb with a nexthop')
  }
  if (spec.nhid !== 0 && append) return extack.fail(EOPNOTSUPP, 'Cannot append to a nexthop fdb')
  if (f.nh !== undefined && vxlan_fdb_ages(spec.state)) return extack.fail(EOPNOTSUPP, 'Cannot make a nexthop fdb dynamic')
  let notify = update_state(vxlan, f, spec)
  if (spec.nlflags & NLM_F_REPLACE) {
    const replaced = replace_ends(vxlan, f, spec, extack)
    if (isErrno(replaced)) return replaced
    notify ||= replaced
  }
  let added: vxlan_rdst | undefined
  if (append && for_many(f.eth_addr) && find_rdst(f, spec.rd) === undefined) {
    added = spec.rd
    f.remotes.push(added)
    vxlan.fdb_changes++
    notify = true
  }
  if (spec.ndm_flags & NTF_USE) f.used = vxlan.kernel.jiffies()
  if (notify) vxlan_fdb_notify(vxlan, f, added ?? f.remotes[0], RTM_NEWNEIGH)
  return undefined
}
/** What a control plane has learned does not take over what a user has added. */
function update_state(vxlan: vxlan_dev, f: vxlan_fdb, { ndm_flags, state }: vxlan_fdb_spec): boolean {
  const flags = ndm_flags & ~NTF_USE
  if (flags & NTF_EXT_LEARNED && f.flags & NTF_VXLAN_ADDED_BY_USER) return false
  if (f.state === state && f.flags === flags) return false
  f.state = state
  f.flags = flags
  f.updated = vxlan.kernel.jiffies()
  return true
}
function replace_ends(vxlan: vxlan_dev, f: vxlan_fdb, spec: vxlan_fdb_spec, extack: netlink_ext_ack): boolean | Errno {
  if (for_many(f.eth_addr)) return extack.fail(EOPNOTSUPP, 'Cannot replace non-unicast fdb entries')
  if (spec.nhid !== 0) return vxlan_fdb_nh_update(vxlan, f, spec.nhid, extack)
  const first = f.remotes[0]
  if (first === undefined || find_rdst(f, spec.rd) !== undefined) return false
  f.remotes[0] = spec.rd
  return true
}

/** vxlan_fdb_destroy() */
export function vxlan_fdb_destroy(vxlan: vxlan_dev, f: vxlan_fdb, notify = true): void {
  vxlan.addrcnt--
  vxlan.fdb_changes++
  if (notify && f.nh !== undefined) vxlan_fdb_notify(vxlan, f, undefined, RTM_DELNEIGH)
  else if (notify) for (const rd of f.remotes) vxlan_fdb_notify(vxlan, f, rd, RTM_DELNEIGH)
  vxlan.fdb.delete(fdb_key(vxlan, f.eth_addr, f.vni))
  const chain = vxlan.fdb_head[fdb_head_index(vxlan, f.eth_addr, f.vni)]
  chain.splice(chain.indexOf(f), 1)
}
/** One end goes, the entry stays. */
export function vxlan_fdb_dst_destroy(vxlan: vxlan_dev, f: vxlan_fdb, rd: vxlan_rdst): void {
  f.remotes = f.remotes.filter((other) => other !== rd)
  vxlan.fdb_changes++
  vxlan_fdb_notify(vxlan, f, rd, RTM_DELNEIGH)
}
/** __vxlan_fdb_delete(): an end, or with it (or none named) the entry. An end that is not there: nothing to do. */
export function __vxlan_fdb_delete(vxlan: vxlan_dev, mac: Uint8Array, src_vni: number, rd: vxlan_rdst): Errno | undefined {
  const f = vxlan_find_mac(vxlan, mac, src_vni)
  if (f === undefined) return ENOENT
  const end = vxlan_addr_any(rd.remote_ip) ? undefined : find_rdst(f, rd)
  if (!vxlan_addr_any(rd.remote_ip) && end === undefined) return undefined
  if (end !== undefined && f.remotes.length > 1) vxlan_fdb_dst_destroy(vxlan, f, end)
  else vxlan_fdb_destroy(vxlan, f)
  return undefined
}

/** The entry that a device makes itself, for all without one: it goes with the device, not with a flush. */
export function vxlan_fdb_is_default_entry(vxlan: vxlan_dev, f: vxlan_fdb): boolean {
  return is_zero_ether_addr(f.eth_addr) && f.vni === vxlan.cfg.vni
}
export function vxlan_fdb_delete_default(vxlan: vxlan_dev, vni: number): void {
  const f = __vxlan_find_mac(vxlan, all_zeros_mac, vni)
  if (f !== undefined) vxlan_fdb_destroy(vxlan, f)
}
/** vxlan_fdb_nh_flush(): a nexthop group goes, and silently what names it. */
export function vxlan_fdb_nh_flush(vxlan: vxlan_dev, id: number): void {
  for (const f of vxlan_fdb_all(vxlan)) if (f.nh?.id === id) vxlan_fdb_destroy(vxlan, f, false)
}
export function vxlan_ageing(vxlan: vxlan_dev): boolean {
  return timer_pending(vxlan.age_timer)
}

/**
 * net/ipv4/ipmr_base.c, include/linux/mroute_base.h: what multicast routing of both families keeps: a table of interfaces
 * (VIFs) and of routes by source and group (MFC), which a daemon fills through its socket. Addresses are bytes in network
 * order.
 *
 *   an entry is …   comes by                                goes by
 *   unresolved      a packet of a group that has no entry   an entry, or 10 s after (packets that wait go with it)
 *   resolved        MRT_ADD_MFC, RTM_NEWROUTE               MRT_DEL_MFC, RTM_DELROUTE, MRT_FLUSH, the end of its socket
 */
import { HZ, mod_timer, NSEC_PER_JIFFY, timer_delete, timer_list } from '../../kernel/time.ts'
import { equalBytes } from '../../lib/bytes.ts'
import { EADDRNOTAVAIL, EINVAL, ENFILE, ENOBUFS, ENOENT, type Errno, isErrno } from '../../uapi/errno.ts'
import { MAXVIFS } from '../../uapi/linux/mroute.ts'
import { RTM_DELROUTE, RTM_NEWROUTE } from '../../uapi/linux/rtnetlink.ts'
import { dev_set_allmulti, unregister_netdevice } from '../core/dev.ts'
import type { net } from '../core/net_namespace.ts'
import type { net_device } from '../core/netdevice.ts'
import { kfree_skb, type sk_buff, skb_copy } from '../core/skbuff.ts'
import type { inet_sock } from './inet_sock.ts'

export const VIFF_TUNNEL = 0x1
export const VIFF_REGISTER = 0x4
export const VIFF_USE_IFINDEX = 0x8
export const VIFF_STATIC = 0x8000
export const IGMPMSG_NOCACHE = 1
export const IGMPMSG_WRONGVIF = 2
export const IGMPMSG_WHOLEPKT = 3
export const IGMPMSG_WRVIFWHOLE = 4
export const MRT_FLUSH_MFC = 1
export const MRT_FLUSH_MFC_STATIC = 2
export const MRT_FLUSH_VIFS = 4
export const MRT_FLUSH_VIFS_STATIC = 8
const UNRES_LIFETIME = 10 * HZ
/** Packets that wait for one entry. */
const MAX_WAITING = 4
const MFC_ASSERT_THRESH = 3 * HZ
const NO_PARENT = 0xffff
const NOT_FORWARDED = 255

/** struct vif_device */
export class vif_device {
  readonly dev: net_device
  readonly flags: number
  readonly threshold: number
  readonly local: Uint8Array
  readonly remote: Uint8Array
  /** Device that packets are routed by; 0: any. */
  readonly link: number
  bytes_in = 0
  bytes_out = 0
  pkt_in = 0
  pkt_out = 0
  constructor(dev: net_device, flags: number, threshold: number, link: number, local: Uint8Array, remote: Uint8Array) {
    this.dev = dev
    this.flags = flags
    this.threshold = threshold
    this.link = link
    this.local = local
    this.remote = remote
  }
}
/** struct mr_mfc */
export class mr_mfc {
  readonly origin: Uint8Array
  readonly group: Uint8Array
  /** The VIF that its packets come in by; NO_PARENT: unresolved. */
  parent = NO_PARENT
  /** Set by hand, not by a daemon. */
  is_static = false
  /** By VIF: packets with more hops left than this go out by it; 255: none. */
  ttls: number[] = []
  minvif = MAXVIFS
  maxvif = 0
  pkt = 0
  bytes = 0
  wrong_if = 0
  /** Jiffies. */
  lastuse = 0
  last_assert = Number.NEGATIVE_INFINITY
  /** Of an unresolved one: jiffies of its end, and what waits for it. */
  expires = 0
  unresolved: sk_buff[] = []
  constructor(origin: Uint8Array, group: Uint8Array) {
    this.origin = origin
    this.group = group
  }
}
/** What a family does (struct mr_table_ops and more): an exported constant. */
export interface mr_family {
  readonly name: string
  /** The unspecified address. */
  readonly any: Uint8Array
  readonly is_multicast: (addr: Uint8Array) => boolean
  readonly hops: (skb: sk_buff) => number
  /** A packet of ours, which has come in by the wrong interface since it did not come in. */
  readonly is_own: (skb: sk_buff) => boolean
  /** RTNLGRP_IPV4_MROUTE, RTNLGRP_IPV6_MROUTE */
  readonly notify: (mrt: mr_table, c: mr_mfc, cmd: number) => void
  /** The daemon is told of a packet; an error: there is none. */
  readonly report: (mrt: mr_table, skb: sk_buff, vifi: number, msgtype: number) => Errno | undefined
  readonly xmit: (mrt: mr_table, skb: sk_buff, vifi: number) => void
  /** The device routes groups, or does not any more. */
  readonly forwarding: (dev: net_device, by: number) => void
  /** A daemon comes (1) or goes (-1). */
  readonly all_forwarding: (net: net, by: number) => void
}

/** struct mr_table */
export class mr_table {
  readonly net: net
  readonly id: number
  readonly ops: mr_family
  mroute_sk: inet_sock | undefined = undefined
  vif_table: (vif_device | undefined)[] = []
  /** In order of coming. */
  mfc_cache_list: mr_mfc[] = []
  /** The newest first. */
  mfc_unres_queue: mr_mfc[] = []
  mroute_do_assert = false
  mroute_do_pim = false
  mroute_do_wrvifwhole = false
  mroute_reg_vif_num = -1
  readonly ipmr_expire_timer: timer_list
  constructor(net: net, id: number, ops: mr_family) {
    this.net = net
    this.id = id
    this.ops = ops
    this.ipmr_expire_timer = new timer_list(net.kernel.events, ipmr_expire_process, this)
  }
  get maxvif(): number {
    return this.vif_table.length
  }
}

export function mr_unresolved(c: mr_mfc): boolean {
  return c.parent >= MAXVIFS
}
/** ipmr_find_vif(): -1: the device routes no groups of the table. */
export function mr_find_vif(mrt: mr_table, dev: net_device | undefined): number {
  return mrt.vif_table.findLastIndex((v) => v !== undefined && v.dev === dev)
}
export function vif_set(mrt: mr_table, vifi: number, vif: vif_device | undefined): void {
  while (mrt.vif_table.length <= vifi) mrt.vif_table.push(undefined)
  mrt.vif_table[vifi] = vif
  while (mrt.vif_table.length > 0 && mrt.vif_table.at(-1) === undefined) mrt.vif_table.pop()
}
/** vif_delete(); `gone`: the device goes by itself. */
export function vif_delete(mrt: mr_table, vifi: number, gone: boolean): Errno | undefined {
  const v = mrt.vif_table[vifi]
  if (v === undefined) return EADDRNOTAVAIL
  vif_set(mrt, vifi, undefined)
  if (vifi === mrt.mroute_reg_vif_num) mrt.mroute_reg_vif_num = -1
  dev_set_allmulti(v.dev, -1)
  mrt.ops.forwarding(v.dev, -1)
  if (v.flags & (VIFF_TUNNEL | VIFF_REGISTER) && !gone) unregister_netdevice(v.dev)
  return undefined
}

function same(c: mr_mfc, origin: Uint8Array, group: Uint8Array): boolean {
  return equalBytes(c.origin, origin) && equalBytes(c.group, group)
}
/** mr_mfc_find_parent(); -1: any parent. */
export function mr_mfc_find_parent(mrt: mr_table, origin: Uint8Array, group: Uint8Array, parent = -1): mr_mfc | undefined {
  return mrt.mfc_cache_list.find((c) => same(c, origin, group) && (parent === -1 || parent === c.parent))
}
function goes_by(c: mr_mfc | undefined, vifi: number): boolean {
  return c !== undefined && (c.ttls[vifi] ?? NOT_FORWARDED) < NOT_FORWARDED
}
/** mr_mfc_find_any_parent(): the entry for all that has the VIF. */
function find_any_parent(mrt: mr_table, vifi: number): mr_mfc | undefined {
  const { any } = mrt.ops
  return mrt.mfc_cache_list.find((c) => same(c, any, any) && goes_by(c, vifi))
}
/** mr_mfc_find_any(): of the group's entries for all sources one that the VIF is part of, by itself or by the static tree. */
export function mr_mfc_find_any(mrt: mr_table, group: Uint8Array, vifi: number): mr_mfc | undefined {
  const { any } = mrt.ops
  if (equalBytes(group, any)) return find_any_parent(mrt, vifi)
  for (const c of mrt.mfc_cache_list) {
    if (same(c, any, group) && (goes_by(c, vifi) || goes_by(find_any_parent(mrt, c.parent), vifi))) return c
  }
  return find_any_parent(mrt, vifi)
}

/** An entry as it is asked for. */
export interface mfc_config {
  origin: Uint8Array
  group: Uint8Array
  /** A VIF; else none. */
  parent: number
  ttls: readonly number[]
}
/** ipmr_update_thresholds() */
function update_thresholds(mrt: mr_table, c: mr_mfc, ttls: readonly number[]): void {
  c.minvif = MAXVIFS
  c.maxvif = 0
  c.ttls = new Array<number>(MAXVIFS).fill(NOT_FORWARDED)
  for (let vifi = 0; vifi < mrt.maxvif; vifi++) {
    const ttl = ttls[vifi] ?? 0
    if (mrt.vif_table[vifi] === undefined || ttl === 0 || ttl >= NOT_FORWARDED) continue
    c.ttls[vifi] = ttl
    c.minvif = Math.min(c.minvif, vifi)
    c.maxvif = vifi + 1
  }
  c.lastuse = mrt.net.kernel.jiffies()
}
/** ipmr_mfc_add(): what waits for it is sent on. `daemon`: by the socket, or in its name. */
export function mr_mfc_add(mrt: mr_table, cfg: mfc_config, daemon: boolean, parent: number): Errno | undefined {
  if (cfg.parent < 0 || cfg.parent >= MAXVIFS) return ENFILE
  let c = mr_mfc_find_parent(mrt, cfg.origin, cfg.group, parent)
  const known = c !== undefined
  if (!known && !equalBytes(cfg.group, mrt.ops.any) && !mrt.ops.is_multicast(cfg.group)) return EINVAL
  c ??= new mr_mfc(cfg.origin, cfg.group)
  c.parent = cfg.parent
  update_thresholds(mrt, c, cfg.ttls)
  if (!daemon) c.is_static = true
  if (!known) {
    mrt.mfc_cache_list.push(c)
    resolve(mrt, c)
  }
  mrt.ops.notify(mrt, c, RTM_NEWROUTE)
  return undefined
}
/** ipmr_cache_resolve() */
function resolve(mrt: mr_table, c: mr_mfc): void {
  const at = mrt.mfc_unres_queue.findIndex((u) => same(u, c.origin, c.group))
  const waiting = at < 0 ? [] : mrt.mfc_unres_queue.splice(at, 1)[0].unresolved
  if (mrt.mfc_unres_queue.length === 0) timer_delete(mrt.ipmr_expire_timer)
  for (const skb of waiting) mr_forward(mrt, skb.dev as net_device, skb, c, false)
}
/** ipmr_mfc_delete() */
export function mr_mfc_delete(mrt: mr_table, cfg: mfc_config, parent: number): Errno | undefined {
  const c = mr_mfc_find_parent(mrt, cfg.origin, cfg.group, parent)
  if (c === undefined) return ENOENT
  mfc_remove(mrt, c)
  return undefined
}
function mfc_remove(mrt: mr_table, c: mr_mfc): void {
  mrt.mfc_cache_list = mrt.mfc_cache_list.filter((other) => other !== c)
  mrt.ops.notify(mrt, c, RTM_DELROUTE)
}
function destroy_unres(mrt: mr_table, c: mr_mfc): void {
  mrt.mfc_unres_queue = mrt.mfc_unres_queue.filter((other) => other !== c)
  mrt.ops.notify(mrt, c, RTM_DELROUTE)
  for (const skb of c.unresolved) kfree_skb(skb)
}
/** mroute_clean_tables() */
export function mroute_clean_tables(mrt: mr_table, flags: number): void {
  mrt.vif_table.slice().forEach((v, vifi) => {
    if (v !== undefined && flags & (v.flags & VIFF_STATIC ? MRT_FLUSH_VIFS_STATIC : MRT_FLUSH_VIFS)) vif_delete(mrt, vifi, false)
  })
  for (const c of mrt.mfc_cache_list.slice()) if (flags & (c.is_static ? MRT_FLUSH_MFC_STATIC : MRT_FLUSH_MFC)) mfc_remove(mrt, c)
  if (flags & MRT_FLUSH_MFC) for (const c of mrt.mfc_unres_queue.slice()) destroy_unres(mrt, c)
}
/** mrtsock_destruct(): the daemon's socket goes. */
export function mrtsock_destruct(mrt: mr_table): void {
  mrt.mroute_sk = undefined
  mrt.ops.all_forwarding(mrt.net, -1)
  mroute_clean_tables(mrt, MRT_FLUSH_VIFS | MRT_FLUSH_MFC)
}

export function ipmr_expire_process(mrt: mr_table): void {
  const now = mrt.net.kernel.jiffies()
  for (const c of mrt.mfc_unres_queue.slice()) if (c.expires <= now) destroy_unres(mrt, c)
  arm(mrt)
}
function arm(mrt: mr_table): void {
  if (mrt.mfc_unres_queue.length === 0) return
  const soonest = Math.min(...mrt.mfc_unres_queue.map((c) => c.expires))
  mod_timer(mrt.ipmr_expire_timer, soonest * NSEC_PER_JIFFY)
}
/** ipmr_cache_unresolved(): the daemon is asked, and the packet waits for its answer. */
export function mr_cache_unresolved(
  mrt: mr_table,
  vifi: number,
  skb: sk_buff,
  dev: net_device,
  origin: Uint8Array,
  group: Uint8Array,
): Errno | undefined {
  let c = mrt.mfc_unres_queue.find((u) => same(u, origin, group))
  if (c === undefined) {
    const refused = mrt.ops.report(mrt, skb, vifi, IGMPMSG_NOCACHE)
    if (isErrno(refused)) {
      kfree_skb(skb)
      return refused
    }
    c = new mr_mfc(origin, group)
    c.expires = mrt.net.kernel.jiffies() + UNRES_LIFETIME
    mrt.mfc_unres_queue.unshift(c)
    mrt.ops.notify(mrt, c, RTM_NEWROUTE)
    if (mrt.mfc_unres_queue.length === 1) arm(mrt)
  }
  if (c.unresolved.length >= MAX_WAITING) {
    kfree_skb(skb)
    return ENOBUFS
  }
  skb.dev = dev
  skb.skb_iif = dev.ifindex
  c.unresolved.push(skb)
  return undefined
}

/** Of an entry for all sources: its interfaces are one tree, from any of which packets may come. */
function of_static_tree(mrt: mr_table, c: mr_mfc, true_vifi: number): boolean {
  return equalBytes(c.origin, mrt.ops.any) && true_vifi >= 0 && goes_by(find_any_parent(mrt, c.parent), true_vifi)
}
/** The packet has come in by another interface than the entry's: a daemon that routes by PIM may want to know. */
function wrong_interface(mrt: mr_table, skb: sk_buff, c: mr_mfc, true_vifi: number): void {
  if (mrt.ops.is_own(skb)) return
  c.wrong_if++
  const now = mrt.net.kernel.jiffies()
  const tells = mrt.mroute_do_assert && (mrt.mroute_do_pim || goes_by(c, true_vifi))
  if (true_vifi < 0 || !tells || now <= c.last_assert + MFC_ASSERT_THRESH) return
  c.last_assert = now
  mrt.ops.report(mrt, skb, true_vifi, IGMPMSG_WRONGVIF)
  if (mrt.mroute_do_wrvifwhole) mrt.ops.report(mrt, skb, true_vifi, IGMPMSG_WRVIFWHOLE)
}
/** VIFs that the packet goes out by, the last one first. */
function ways_out(mrt: mr_table, skb: sk_buff, c: mr_mfc, true_vifi: number): number[] {
  const hops = mrt.ops.hops(skb)
  const { any } = mrt.ops
  const of_all = equalBytes(c.origin, any)
  if (of_all && equalBytes(c.group, any)) {
    // for all groups: what does not come from upstream goes there
    return true_vifi >= 0 && true_vifi !== c.parent && hops > (c.ttls[c.parent] ?? NOT_FORWARDED) ? [c.parent] : []
  }
  const out: number[] = []
  for (let ct = c.maxvif - 1; ct >= c.minvif; ct--) if ((!of_all || ct !== true_vifi) && hops > c.ttls[ct]) out.push(ct)
  return out
}
/** ip_mr_forward(). `local`: the packet is also for us, and stays. */
export function mr_forward(mrt: mr_table, dev: net_device, skb: sk_buff, c: mr_mfc, local: boolean): void {
  const true_vifi = mr_find_vif(mrt, dev)
  c.pkt++
  c.bytes += skb.len
  c.lastuse = mrt.net.kernel.jiffies()
  const vif = mrt.vif_table[c.parent]
  if (!of_static_tree(mrt, c, true_vifi) && vif?.dev !== dev) {
    wrong_interface(mrt, skb, c, true_vifi)
    if (!local) kfree_skb(skb)
    return
  }
  if (vif !== undefined) {
    vif.pkt_in++
    vif.bytes_in += skb.len
  }
  const out = ways_out(mrt, skb, c, true_vifi)
  out.forEach((vifi, i) => mrt.ops.xmit(mrt, local || i < out.length - 1 ? skb_copy(skb) : skb, vifi))
  if (out.length === 0 && !local) kfree_skb(skb)
}
/**
 * What ip_mr_input() and ip6_mr_input() end with: the packet goes by its entry, or waits for one. `local`: it is for us as
 * well, and the caller goes on with it.
 */
export function mr_input(mrt: mr_table, dev: net_device, skb: sk_buff, origin: Uint8Array, group: Uint8Array, local: boolean): void {
  const vifi = mr_find_vif(mrt, dev)
  const cache = mr_mfc_find_parent(mrt, origin, group) ?? (vifi < 0 ? undefined : mr_mfc_find_any(mrt, group, vifi))
  if (cache !== undefined) mr_forward(mrt, dev, skb, cache, local)
  else if (vifi >= 0) mr_cache_unresolved(mrt, vifi, local ? skb_copy(skb) : skb, dev, origin, group)
  else if (!local) kfree_skb(skb)
}

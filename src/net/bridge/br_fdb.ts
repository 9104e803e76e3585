/** net/bridge/br_fdb.c: the forwarding database: which address is behind which port. */
import { mod_timer } from '../../kernel/time.ts'
import { getBe16, getBe32 } from '../../lib/bytes.ts'
import { RTM_DELNEIGH, RTM_NEWNEIGH } from '../../uapi/linux/rtnetlink.ts'
import { dev_uc_add, dev_uc_del } from '../core/dev.ts'
import { net_ratelimit } from '../core/dev_state.ts'
import { ether_addr_equal, is_valid_ether_addr } from '../ethernet/eth.ts'
import { fdb_notify } from './br_fdb_fill.ts'
import { br_after, br_jiffies, br_warn, type net_bridge, type net_bridge_fdb_entry, type net_bridge_port } from './br_private.ts'
import { br_vlan_find } from './br_vlan_find.ts'

function key(addr: Uint8Array): number {
  return getBe16(addr, 0) * 0x100000000 + getBe32(addr, 2)
}
/** Topology changes make addresses age by the forward delay. */
export function hold_time(br: net_bridge): number {
  return br.topology_change ? br.forward_delay : br.ageing_time
}
export function has_expired(br: net_bridge, fdb: net_bridge_fdb_entry): boolean {
  return !fdb.is_static && !fdb.added_by_extern_learn && fdb.updated + hold_time(br) <= br_jiffies(br)
}
export function br_fdb_find(br: net_bridge, addr: Uint8Array, vid: number): net_bridge_fdb_entry | undefined {
  return br.fdb_hash.get(vid)?.get(key(addr))
}

/** fdb_create(): undefined when the bridge may learn no more. */
export function fdb_create(
  br: net_bridge,
  dst: net_bridge_port | undefined,
  addr: Uint8Array,
  vid: number,
  flags: Partial<net_bridge_fdb_entry>,
): net_bridge_fdb_entry | undefined {
  const learned = flags.dynamic_learned === true
  if (learned && br.fdb_max_learned !== 0 && br.fdb_n_learned >= br.fdb_max_learned) return undefined
  if (learned) br.fdb_n_learned++
  const now = br_jiffies(br)
  const fdb: net_bridge_fdb_entry = {
    addr: addr.slice(0, 6),
    vid,
    dst,
    is_local: false,
    is_static: false,
    is_sticky: false,
    added_by_user: false,
    added_by_extern_learn: false,
    is_locked: false,
    dynamic_learned: false,
    updated: now,
    used: now,
    ...flags,
  }
  let of_vlan = br.fdb_hash.get(vid)
  if (of_vlan === undefined) br.fdb_hash.set(vid, (of_vlan = new Map()))
  of_vlan.set(key(addr), fdb)
  br.fdb_list.add_head(fdb)
  return fdb
}
/** fdb_add_hw_addr(), fdb_del_hw_addr(): ports that are not promiscuous must let static addresses in. */
export function fdb_add_hw_addr(br: net_bridge, addr: Uint8Array): void {
  for (const p of br.port_list) if (!p.promisc) dev_uc_add(p.dev, addr)
}
export function fdb_del_hw_addr(br: net_bridge, addr: Uint8Array): void {
  for (const p of br.port_list) if (!p.promisc) dev_uc_del(p.dev, addr)
}
export function fdb_delete(br: net_bridge, fdb: net_bridge_fdb_entry): void {
  if (fdb.is_static) fdb_del_hw_addr(br, fdb.addr)
  const of_vlan = br.fdb_hash.get(fdb.vid)
  of_vlan?.delete(key(fdb.addr))
  if (of_vlan?.size === 0) br.fdb_hash.delete(fdb.vid)
  br.fdb_list.del(fdb)
  if (fdb.dynamic_learned) br.fdb_n_learned--
  fdb_notify(br, fdb, RTM_DELNEIGH)
}

/** fdb_delete_local(): another port, or the bridge, with the same address takes the entry over. */
function fdb_delete_local(br: net_bridge, p: net_bridge_port | undefined, fdb: net_bridge_fdb_entry): void {
  const { addr, vid } = fdb
  for (const op of br.port_list) {
    if (op === p || !ether_addr_equal(op.dev.dev_addr, addr) || (vid !== 0 && br_vlan_find(op.vlgrp, vid) === undefined)) continue
    fdb.dst = op
    fdb.added_by_user = false
    return
  }
  const v = br_vlan_find(br.vlgrp, vid)
  if (p !== undefined && ether_addr_equal(br.dev.dev_addr, addr) && (vid === 0 || v?.brentry === true)) {
    fdb.dst = undefined
    fdb.added_by_user = false
    return
  }
  fdb_delete(br, fdb)
}
export function br_fdb_find_delete_local(br: net_bridge, p: net_bridge_port | undefined, addr: Uint8Array, vid: number): void {
  const f = br_fdb_find(br, addr, vid)
  if (f?.is_local && !f.added_by_user && f.dst === p) fdb_delete_local(br, p, f)
}

/** br_fdb_add_local(): the own address of a port or of the bridge. */
export function br_fdb_add_local(br: net_bridge, p: net_bridge_port | undefined, addr: Uint8Array, vid: number): void {
  if (!is_valid_ether_addr(addr)) return
  const found = br_fdb_find(br, addr, vid)
  if (found?.is_local) return
  if (found !== undefined) fdb_delete(br, found)
  const fdb = fdb_create(br, p, addr, vid, { is_local: true, is_static: true })
  if (fdb === undefined) return
  fdb_add_hw_addr(br, addr)
  fdb_notify(br, fdb, RTM_NEWNEIGH)
}

/** br_fdb_changeaddr(): a port's own entries follow its address. */
export function br_fdb_changeaddr(p: net_bridge_port, newaddr: Uint8Array): void {
  const { br } = p
  for (const f of br.fdb_list) {
    if (f.dst !== p || !f.is_local || f.added_by_user) continue
    fdb_delete_local(br, p, f)
    if (p.vlgrp.vlans.length === 0) break
  }
  br_fdb_add_local(br, p, newaddr, 0)
  for (const v of p.vlgrp.vlans) br_fdb_add_local(br, p, newaddr, v.vid)
}
/** br_fdb_change_mac_address(): the same for the bridge, each VLAN in turn. */
export function br_fdb_change_mac_address(br: net_bridge, newaddr: Uint8Array): void {
  const replace = (vid: number) => {
    const f = br_fdb_find(br, br.dev.dev_addr, vid)
    if (f?.is_local && f.dst === undefined && !f.added_by_user) fdb_delete_local(br, undefined, f)
    br_fdb_add_local(br, undefined, newaddr, vid)
  }
  replace(0)
  for (const v of br.vlgrp.vlans) if (v.brentry) replace(v.vid)
}

/** br_fdb_cleanup(): the work that ages; it looks at least every ageing time. */
export function br_fdb_cleanup(br: net_bridge): void {
  const delay = hold_time(br)
  const now = br_jiffies(br)
  let work_delay = delay
  for (const f of br.fdb_list) {
    if (f.is_static || f.added_by_extern_learn) continue
    const this_timer = f.updated + delay
    if (this_timer > now) work_delay = Math.min(work_delay, this_timer - now)
    else fdb_delete(br, f)
  }
  // not more often than each 10 ms
  mod_timer(br.gc_timer, br_after(br, Math.max(work_delay, 2)))
}
/** br_fdb_delete_by_port(): of a VLAN, or (0) all. Without `all` those that programs or ports own stay. */
export function br_fdb_delete_by_port(br: net_bridge, p: net_bridge_port | undefined, vid: number, all: boolean): void {
  // each VLAN that goes asks: it need not look at the entries of the others
  const some = all || vid === 0 ? br.fdb_list.items : [...(br.fdb_hash.get(vid)?.values() ?? [])].reverse()
  for (const f of some) {
    if (f.dst !== p) continue
    if (!all && (f.is_static || (f.added_by_extern_learn && !f.is_static))) continue
    if (f.is_local) fdb_delete_local(br, p, f)
    else fdb_delete(br, f)
  }
}
/** br_fdb_flush(): what was learned. */
export function br_fdb_flush(br: net_bridge, keep: (f: net_bridge_fdb_entry) => boolean): void {
  for (const f of br.fdb_list) if (!keep(f)) fdb_delete(br, f)
}

/** Those that a port without authorisation (MAB) has waiting. */
export function br_fdb_flush_locked(p: net_bridge_port): void {
  br_fdb_flush(p.br, (f) => f.dst !== p || !f.is_locked)
}

/** br_fdb_update(): a frame from `addr` came in by the port; `how`: an entry by a program (NTF_USE), or one of a locked port. */
export function br_fdb_update(
  br: net_bridge,
  source: net_bridge_port,
  addr: Uint8Array,
  vid: number,
  how: { added_by_user?: boolean; is_locked?: boolean } = {},
): void {
  if (hold_time(br) === 0) return
  const fdb = br_fdb_find(br, addr, vid)
  if (fdb === undefined) {
    const made = fdb_create(br, source, addr, vid, how.added_by_user ? { ...how } : { ...how, dynamic_learned: true })
    if (made !== undefined) fdb_notify(br, made, RTM_NEWNEIGH)
    return
  }
  if (fdb.is_local) {
    if (!net_ratelimit(br.dev.nd_net.kernel)) return
    const mac = [...addr.subarray(0, 6)].map((byte) => byte.toString(16).padStart(2, '0')).join(':')
    br_warn(br, `received packet on ${source.dev.name} with own address as source address (addr:${mac}, vlan:${vid})`)
    return
  }
  const moved = fdb.dst !== source && !fdb.is_sticky
  let modified = moved
  if (moved) {
    fdb.dst = source
    fdb.added_by_extern_learn = false
    // whoever was locked elsewhere is free here
    if (fdb.is_locked && !how.is_locked) fdb.is_locked = false
  }
  fdb.updated = br_jiffies(br)
  if (how.added_by_user) {
    fdb.added_by_user = true
    if (fdb.dynamic_learned) br.fdb_n_learned--
    fdb.dynamic_learned = false
  }
  if (!how.added_by_user && how.is_locked !== undefined && fdb.is_locked !== how.is_locked) {
    fdb.is_locked = how.is_locked
    modified = true
  }
  if (modified) fdb_notify(br, fdb, RTM_NEWNEIGH)
}

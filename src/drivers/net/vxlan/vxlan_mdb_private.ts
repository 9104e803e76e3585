/** drivers/net/vxlan/vxlan_mdb.c: what a vxlan device knows of groups and their ends. */
import { hex } from '../../../lib/bytes.ts'
import { type vxlan_addr, vxlan_addr_any, type vxlan_rdst } from './vxlan_private.ts'

/** struct vxlan_mdb_entry_key: a group in a network; with `src` of that source alone, without addresses all that have no entry. */
export interface vxlan_mdb_entry_key {
  readonly src: vxlan_addr
  readonly dst: vxlan_addr
  readonly vni: number
}
/** As Linux compares keys, an address of zeros is not the same as none: it has a family. */
export function vxlan_mdb_key({ src, dst, vni }: vxlan_mdb_entry_key): string {
  return `${hex(src)} ${hex(dst)} ${vni}`
}
export function vxlan_mdb_is_star_g(group: vxlan_mdb_entry_key): boolean {
  return !vxlan_addr_any(group.dst) && vxlan_addr_any(group.src)
}
export function vxlan_mdb_is_sg(group: vxlan_mdb_entry_key): boolean {
  return !vxlan_addr_any(group.dst) && !vxlan_addr_any(group.src)
}

/** struct vxlan_mdb_src_entry: a source of a (*, G) end, for which there is an (S, G) entry too. */
export class vxlan_mdb_src_entry {
  readonly addr: vxlan_addr
  /** VXLAN_SGRP_F_DELETE: a replacement has not named it (yet). */
  stale = false
  constructor(addr: vxlan_addr) {
    this.addr = addr
  }
}
/** struct vxlan_mdb_remote: an end that wants the group, or (blocked) a source of it not. */
export class vxlan_mdb_remote {
  rd: vxlan_rdst
  blocked: boolean
  filter_mode: number
  rt_protocol: number
  /** The newest first. */
  src_list: vxlan_mdb_src_entry[] = []
  constructor(rd: vxlan_rdst, blocked: boolean, filter_mode: number, rt_protocol: number) {
    this.rd = rd
    this.blocked = blocked
    this.filter_mode = filter_mode
    this.rt_protocol = rt_protocol
  }
}
/** struct vxlan_mdb_entry */
export class vxlan_mdb_entry {
  readonly key: vxlan_mdb_entry_key
  /** The newest first. */
  remotes: vxlan_mdb_remote[] = []
  constructor(key: vxlan_mdb_entry_key) {
    this.key = key
  }
}

/** struct vxlan_mdb_config: what a request asks for. */
export interface vxlan_mdb_config {
  readonly group: vxlan_mdb_entry_key
  readonly sources: readonly vxlan_addr[]
  readonly remote: vxlan_rdst
  /** NLM_F_* */
  readonly nlflags: number
  readonly blocked: boolean
  readonly filter_mode: number
  readonly rt_protocol: number
}
/** struct vxlan_mdb_flush_desc: zeros and no address fit all. */
export interface vxlan_mdb_flush_desc {
  readonly remote_ip: vxlan_addr
  readonly src_vni: number
  readonly remote_vni: number
  readonly remote_port: number
  readonly rt_protocol: number
}

/** drivers/net/vxlan/vxlan_mdb.c: what a vxlan device knows of groups and their ends. */
import type { vxlan_addr, vxlan_rdst } from './vxlan_private.ts'

/** struct vxlan_mdb_entry: a group, or with `src` a source's. */
export class vxlan_mdb_entry {
  readonly src: vxlan_addr
  readonly dst: vxlan_addr
  readonly vni: number
  remotes: vxlan_mdb_remote[] = []
  constructor(src: vxlan_addr, dst: vxlan_addr, vni: number) {
    this.src = src
    this.dst = dst
    this.vni = vni
  }
}
export class vxlan_mdb_remote {
  rd: vxlan_rdst
  blocked = false
  filter_mode: number
  rt_protocol: number
  src_list: vxlan_addr[] = []
  constructor(rd: vxlan_rdst, filter_mode: number, rt_protocol: number) {
    this.rd = rd
    this.filter_mode = filter_mode
    this.rt_protocol = rt_protocol
  }
}

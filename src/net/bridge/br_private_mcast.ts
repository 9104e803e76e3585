/** net/bridge/br_private.h: what a bridge knows of multicast: contexts of snooping, groups, who is behind which port. */
export { MCAST_EXCLUDE, MCAST_INCLUDE } from '../../uapi/linux/in.ts'
import { HZ, type timer_list } from '../../kernel/time.ts'
import type { net_bridge, net_bridge_port, net_bridge_vlan } from './br_private.ts'

export const MDB_RTR_TYPE_DISABLED = 0
export const MDB_RTR_TYPE_TEMP_QUERY = 1
export const MDB_RTR_TYPE_PERM = 2
export const MDB_RTR_TYPE_TEMP = 3
export const MDB_PG_FLAGS_PERMANENT = 1
export const MDB_PG_FLAGS_OFFLOAD = 2
export const MDB_PG_FLAGS_FAST_LEAVE = 4
export const MDB_PG_FLAGS_STAR_EXCL = 8
export const MDB_PG_FLAGS_BLOCKED = 16
export const PG_SRC_ENT_LIMIT = 32
/** Bits of net_bridge_group_src.flags. */
export const BR_SGRP_F_DELETE = 1
export const BR_SGRP_F_SEND = 2
export const BR_SGRP_F_INSTALLED = 4
export const BR_SGRP_F_USER_ADDED = 8

export const ETH_P_IP = 0x0800
export const ETH_P_IPV6 = 0x86dd

/** struct br_ip: a group (and source) in a VLAN. `proto` 0: the group is a link layer address. */
export interface br_ip {
  proto: number
  dst: Uint8Array
  /** Undefined: of any source, (*, G). */
  src: Uint8Array | undefined
  vid: number
}

/** Queries of one's own: `startup_sent` counts those that come faster. */
export class bridge_mcast_own_query {
  timer!: timer_list
  startup_sent = 0
}
/** Another querier is heard: the timer runs while it is believed to be there. */
export class bridge_mcast_other_query {
  timer!: timer_list
  delay_timer!: timer_list
}
/** The querier elected: its address, and the port that it is behind (0: oneself). */
export class bridge_mcast_querier {
  addr: Uint8Array
  port_ifidx = 0
  constructor(bytes: number) {
    this.addr = new Uint8Array(bytes)
  }
}
/** Both families side by side: index 0 is IPv4, 1 is IPv6. */
export type per_family<T> = readonly [T, T]

/** struct net_bridge_mcast: snooping in a bridge, or in one of its VLANs. Times in jiffies. */
export class net_bridge_mcast {
  readonly br: net_bridge
  readonly vlan: net_bridge_vlan | undefined
  multicast_last_member_count = 2
  multicast_startup_query_count = 2
  multicast_querier = false
  multicast_igmp_version = 2
  multicast_mld_version = 1
  multicast_router = MDB_RTR_TYPE_TEMP_QUERY
  multicast_last_member_interval = HZ
  multicast_membership_interval = 260 * HZ
  multicast_querier_interval = 255 * HZ
  multicast_query_interval = 125 * HZ
  multicast_query_response_interval = 10 * HZ
  multicast_startup_query_interval = (125 * HZ) >> 2
  readonly mc_router_list: per_family<net_bridge_mcast_port[]> = [[], []]
  readonly own_query: per_family<bridge_mcast_own_query> = [new bridge_mcast_own_query(), new bridge_mcast_own_query()]
  readonly other_query: per_family<bridge_mcast_other_query> = [new bridge_mcast_other_query(), new bridge_mcast_other_query()]
  readonly querier: per_family<bridge_mcast_querier> = [new bridge_mcast_querier(4), new bridge_mcast_querier(16)]
  mc_router_timer!: per_family<timer_list>
  constructor(br: net_bridge, vlan: net_bridge_vlan | undefined) {
    this.br = br
    this.vlan = vlan
  }
}
/** struct net_bridge_mcast_port: the same of a port, or of a port in a VLAN. */
export class net_bridge_mcast_port {
  readonly port: net_bridge_port
  readonly vlan: net_bridge_vlan | undefined
  multicast_router = MDB_RTR_TYPE_TEMP_QUERY
  readonly own_query: per_family<bridge_mcast_own_query> = [new bridge_mcast_own_query(), new bridge_mcast_own_query()]
  mc_router_timer!: per_family<timer_list>
  mdb_n_entries = 0
  mdb_max_entries = 0
  constructor(port: net_bridge_port, vlan: net_bridge_vlan | undefined) {
    this.port = port
    this.vlan = vlan
  }
}

/** struct net_bridge_mdb_entry: a group, and who wants it. */
export class net_bridge_mdb_entry {
  readonly br: net_bridge
  readonly addr: br_ip
  host_joined = false
  ports: net_bridge_port_group[] = []
  timer!: timer_list
  constructor(br: net_bridge, addr: br_ip) {
    this.br = br
    this.addr = addr
  }
}
/** struct net_bridge_group_src: a source that a port asked for, or (timer not running, EXCLUDE) asked not to have. */
export class net_bridge_group_src {
  readonly pg: net_bridge_port_group
  readonly src: Uint8Array
  flags = 0
  src_query_rexmit_cnt = 0
  timer!: timer_list
  constructor(pg: net_bridge_port_group, src: Uint8Array) {
    this.pg = pg
    this.src = src
  }
}
/** struct net_bridge_port_group: a port in a group. */
export class net_bridge_port_group {
  readonly port: net_bridge_port
  readonly addr: br_ip
  flags: number
  filter_mode: number
  rt_protocol: number
  /** Who joined, where members get copies of their own (multicast to unicast). */
  eth_addr: Uint8Array | undefined
  grp_query_rexmit_cnt = 0
  src_list: net_bridge_group_src[] = []
  timer!: timer_list
  rexmit_timer!: timer_list
  constructor(
    port: net_bridge_port,
    addr: br_ip,
    flags: number,
    filter_mode: number,
    rt_protocol: number,
    eth_addr: Uint8Array | undefined,
  ) {
    this.port = port
    this.addr = addr
    this.flags = flags
    this.filter_mode = filter_mode
    this.rt_protocol = rt_protocol
    this.eth_addr = eth_addr
  }
}

/** struct br_mcast_stats: pairs are what came in and what went out. */
export class br_mcast_stats {
  igmp_v1queries = [0, 0]
  igmp_v2queries = [0, 0]
  igmp_v3queries = [0, 0]
  igmp_leaves = [0, 0]
  igmp_v1reports = [0, 0]
  igmp_v2reports = [0, 0]
  igmp_v3reports = [0, 0]
  igmp_parse_errors = 0
  mld_v1queries = [0, 0]
  mld_v2queries = [0, 0]
  mld_leaves = [0, 0]
  mld_v1reports = [0, 0]
  mld_v2reports = [0, 0]
  mld_parse_errors = 0
  mcast_bytes = [0, 0]
  mcast_packets = [0, 0]
}

/** net/bridge/br_private.h: a bridge, its ports, its addresses and its VLANs. Times are in jiffies. */
import { hlist } from '../../lib/hlist.ts'
import { HZ, NSEC_PER_JIFFY, type timer_list, timer_pending, USER_HZ } from '../../kernel/time.ts'
import { KERN_NOTICE, KERN_WARNING } from '../../kernel/printk.ts'
import {
  br_mcast_stats,
  net_bridge_mcast,
  net_bridge_mcast_port,
  type net_bridge_mdb_entry,
  type net_bridge_port_group,
} from './br_private_mcast.ts'
import { IFF_BRIDGE_PORT, IFF_EBRIDGE, type net_device } from '../core/netdevice.ts'

export const BR_MAX_PORTS = 1 << 10
export const BR_STATE_DISABLED = 0
export const BR_STATE_LISTENING = 1
export const BR_STATE_LEARNING = 2
export const BR_STATE_FORWARDING = 3
export const BR_STATE_BLOCKING = 4
export const BR_NO_STP = 0
export const BR_KERNEL_STP = 1

export const VLAN_N_VID = 4096
/** One address of the forwarding database (struct net_bridge_fdb_entry). */
export interface net_bridge_fdb_entry {
  addr: Uint8Array
  vid: number
  /** Undefined: the bridge itself. */
  dst: net_bridge_port | undefined
  is_local: boolean
  is_static: boolean
  is_sticky: boolean
  added_by_user: boolean
  added_by_extern_learn: boolean
  /** On a locked port: known, but it may not send yet. */
  is_locked: boolean
  dynamic_learned: boolean
  updated: number
  used: number
}
/** What went through a VLAN (struct pcpu_sw_netstats). */
export class br_vlan_stats {
  rx_packets = 0
  rx_bytes = 0
  tx_packets = 0
  tx_bytes = 0
}
/** A VLAN of the bridge (no port), or of a port. */
export class net_bridge_vlan {
  readonly vid: number
  readonly br: net_bridge
  readonly port: net_bridge_port | undefined
  /** The bridge's own entry of the same VLAN. */
  brvlan: net_bridge_vlan
  untagged = false
  /** Of the bridge: whether it is itself in the VLAN, or only keeps it for its ports. */
  brentry: boolean
  /** Made by a request for a range: the flag stays, is shown, and such VLANs make no range with others. */
  range_begin = false
  state = BR_STATE_FORWARDING
  neigh_suppress = false
  /** Of the bridge: multicast is snooped in it, where each VLAN is snooped by itself. */
  global_mcast_enabled = true
  /** The context below is at work. */
  mcast_enabled = false
  msti = 0
  /** The tunnel that it is mapped to; 0: none. */
  tunnel_id = 0
  stats: br_vlan_stats
  br_mcast_ctx: net_bridge_mcast | undefined = undefined
  port_mcast_ctx: net_bridge_mcast_port | undefined = undefined
  constructor(br: net_bridge, port: net_bridge_port | undefined, vid: number, brvlan: net_bridge_vlan | undefined, brentry: boolean) {
    this.br = br
    this.port = port
    this.vid = vid
    this.brvlan = brvlan ?? this
    this.brentry = brentry
    // a port counts in the bridge's entry, unless each port was asked to count by itself
    this.stats = brvlan !== undefined && !br.vlan_stats_per_port ? brvlan.stats : new br_vlan_stats()
  }
}
/** VLANs by ascending vid. */
export class net_bridge_vlan_group {
  vlans: net_bridge_vlan[] = []
  pvid = 0
  /** Of untagged frames. */
  pvid_state = BR_STATE_FORWARDING
  by_vid = new Map<number, net_bridge_vlan>()
}

/** struct bridge_stp_xstats */
export class bridge_stp_xstats {
  transition_blk = 0
  transition_fwd = 0
  rx_bpdu = 0
  tx_bpdu = 0
  rx_tcn = 0
  tx_tcn = 0
}

/** Flags of a port that are one byte in IFLA_BRPORT_* each. */
export class net_bridge_port {
  readonly br: net_bridge
  readonly dev: net_device
  state = BR_STATE_DISABLED
  port_no: number
  priority = 32
  path_cost: number
  port_id = 0
  designated_root: Uint8Array = new Uint8Array(8)
  designated_bridge: Uint8Array = new Uint8Array(8)
  designated_port = 0
  designated_cost = 0
  /** When the root sent what is known of it, jiffies. */
  designated_age = 0
  topology_change_ack = 0
  config_pending = 0
  /** Numbers of the IFLA_BRPORT_* attributes that are on. */
  flags: Set<number>
  group_fwd_mask = 0
  eht_hosts_limit = 512
  eht_hosts_cnt = 0
  backup_port: net_device | undefined = undefined
  backup_nhid = 0
  promisc = false
  readonly multicast_ctx: net_bridge_mcast_port
  /** Group memberships of this port, newest first. */
  readonly mglist = new hlist<net_bridge_port_group>()
  mcast_stats = new br_mcast_stats()
  stp_xstats = new bridge_stp_xstats()
  /** The cost was set by hand: a new speed does not change it. */
  admin_cost = false
  vlgrp = new net_bridge_vlan_group()
  forward_delay_timer!: timer_list
  hold_timer!: timer_list
  message_age_timer!: timer_list
  constructor(br: net_bridge, dev: net_device, port_no: number, path_cost: number, flags: number[]) {
    this.br = br
    this.dev = dev
    this.port_no = port_no
    this.path_cost = path_cost
    this.flags = new Set(flags)
    this.multicast_ctx = new net_bridge_mcast_port(this, undefined)
  }
}

export class net_bridge {
  readonly dev: net_device
  /** Newest first. */
  port_list: net_bridge_port[] = []
  /** Newest first: the order of dumps. */
  readonly fdb_list = new hlist<net_bridge_fdb_entry>()
  /** The same by VLAN, and there by the address as a number. */
  fdb_hash = new Map<number, Map<number, net_bridge_fdb_entry>>()
  fdb_n_learned = 0
  fdb_max_learned = 0
  bridge_id = Uint8Array.of(0x80, 0, 0, 0, 0, 0, 0, 0)
  designated_root: Uint8Array = Uint8Array.of(0x80, 0, 0, 0, 0, 0, 0, 0)
  root_path_cost = 0
  root_port = 0
  stp_enabled = BR_NO_STP
  max_age = 20 * HZ
  hello_time = 2 * HZ
  forward_delay = 15 * HZ
  bridge_max_age = 20 * HZ
  bridge_hello_time = 2 * HZ
  bridge_forward_delay = 15 * HZ
  ageing_time = 300 * HZ
  /** What was set; while the topology changes `ageing_time` is shorter. */
  bridge_ageing_time = 300 * HZ
  topology_change = 0
  topology_change_detected = 0
  group_addr = Uint8Array.of(0x01, 0x80, 0xc2, 0, 0, 0)
  group_addr_set = false
  group_fwd_mask = 0
  vlan_enabled = false
  vlan_proto = 0x8100
  default_pvid = 1
  vlan_stats_enabled = false
  vlan_stats_per_port = false
  /** BROPT_VLAN_BRIDGE_BINDING: VLAN devices upon the bridge follow its ports. */
  vlan_bridge_binding = false
  vlgrp = new net_bridge_vlan_group()
  no_ll_learn = false
  mtu_set_by_user = false
  mst_enabled = false
  multicast_enabled = true
  mcast_vlan_snooping_enabled = false
  multicast_query_use_ifaddr = false
  mcast_stats_enabled = false
  hash_max = 4096
  readonly multicast_ctx: net_bridge_mcast
  /** Newest first: the order of dumps. */
  readonly mdb_list = new hlist<net_bridge_mdb_entry>()
  mdb_hash = new Map<string, net_bridge_mdb_entry>()
  /** Port groups of (S, G) by port and group. */
  sg_port_tbl = new Map<string, net_bridge_port_group>()
  mcast_stats = new br_mcast_stats()
  /** IFLA_BR_NF_CALL_*, by number. */
  nf_call: Record<number, number> = {}
  hello_timer!: timer_list
  tcn_timer!: timer_list
  topology_change_timer!: timer_list
  gc_timer!: timer_list
  constructor(dev: net_device) {
    this.dev = dev
    this.multicast_ctx = new net_bridge_mcast(this, undefined)
  }
}

export function netif_is_bridge_master(dev: net_device): boolean {
  return (dev.priv_flags & IFF_EBRIDGE) !== 0
}
export function netif_is_bridge_port(dev: net_device): boolean {
  return (dev.priv_flags & IFF_BRIDGE_PORT) !== 0
}
export function br_priv(dev: net_device): net_bridge {
  return dev.priv as net_bridge
}
export function br_port_get_rtnl(dev: net_device): net_bridge_port | undefined {
  if (!netif_is_bridge_port(dev)) return undefined
  for (const { dev: upper } of dev.upper) {
    if (netif_is_bridge_master(upper)) return br_priv(upper).port_list.find((p) => p.dev === dev) ?? br_port_joining(upper, dev)
  }
  return undefined
}
/** A port is known by its device before it stands in the list of ports (rx_handler_data comes first). */
function br_port_joining(bridge: net_device, dev: net_device): net_bridge_port | undefined {
  return bridge.lower.find((adj) => adj.dev === dev)?.private as net_bridge_port | undefined
}

export function clock_t_to_jiffies(value: number): number {
  return Math.floor((value * HZ) / USER_HZ)
}
export function jiffies_to_clock_t(value: number): number {
  return Math.floor((value * USER_HZ) / HZ)
}
/** net/bridge/br_stp_timer.c br_timer_value() */
export function br_timer_value(timer: timer_list): number {
  if (!timer_pending(timer)) return 0
  const left = Math.ceil((timer.expires - timer.queue.now) / NSEC_PER_JIFFY)
  return left > 0 ? jiffies_to_clock_t(left) : 0
}
export function br_info(br: net_bridge, text: string): void {
  br.dev.nd_net.kernel.pr_info(`${br.dev.name}: ${text}`)
}
export function br_notice(br: net_bridge, text: string): void {
  br.dev.nd_net.kernel.printk(KERN_NOTICE, `${br.dev.name}: ${text}`)
}
export function br_warn(br: net_bridge, text: string): void {
  br.dev.nd_net.kernel.printk(KERN_WARNING, `${br.dev.name}: ${text}`)
}
/** A bridge's time of now, in jiffies. */
export function br_jiffies(br: net_bridge): number {
  return br.dev.nd_net.kernel.jiffies()
}
/** kernel/time/timer.c round_jiffies(): the same on a whole second, so that timers of many wake the machine together. */
export function br_after_rounded(br: net_bridge, jiffies: number): number {
  const { kernel } = br.dev.nd_net
  const wanted = kernel.jiffies() + jiffies
  const rem = wanted % HZ
  const rounded = rem < HZ / 4 ? wanted - rem : wanted - rem + HZ
  if (rounded <= kernel.jiffies()) return br_after(br, jiffies)
  return kernel.now() + (rounded - kernel.jiffies()) * NSEC_PER_JIFFY
}
/** When a timer that waits so many jiffies from now expires, ns. */
export function br_after(br: net_bridge, jiffies: number): number {
  return br.dev.nd_net.kernel.now() + jiffies * NSEC_PER_JIFFY
}

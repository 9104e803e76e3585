/** net/bridge/br_private.h: a bridge, its ports, its addresses and its VLANs. Times are in jiffies. */
import { HZ, NSEC_PER_JIFFY, type timer_list, timer_pending, USER_HZ } from '../../kernel/time.ts'
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
  dynamic_learned: boolean
  updated: number
  used: number
}
export interface net_bridge_vlan {
  vid: number
  untagged: boolean
  /** Of the bridge: whether it is itself in the VLAN, or only keeps it for its ports. */
  brentry: boolean
  state: number
  neigh_suppress: boolean
}
/** VLANs by ascending vid. */
export class net_bridge_vlan_group {
  vlans: net_bridge_vlan[] = []
  pvid = 0
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
  designated_root = new Uint8Array(8)
  designated_bridge = new Uint8Array(8)
  designated_port = 0
  designated_cost = 0
  topology_change_ack = 0
  config_pending = 0
  /** Numbers of the IFLA_BRPORT_* attributes that are on. */
  flags: Set<number>
  multicast_router = 1
  group_fwd_mask = 0
  mcast_max_groups = 0
  eht_hosts_limit = 512
  backup_port: net_device | undefined = undefined
  promisc = false
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
  }
}

export class net_bridge {
  readonly dev: net_device
  /** Newest first. */
  port_list: net_bridge_port[] = []
  /** Newest first: the order of dumps. */
  fdb_list: net_bridge_fdb_entry[] = []
  /** The same by address and vid. */
  fdb_hash = new Map<string, net_bridge_fdb_entry>()
  fdb_n_learned = 0
  fdb_max_learned = 0
  bridge_id = Uint8Array.of(0x80, 0, 0, 0, 0, 0, 0, 0)
  designated_root = Uint8Array.of(0x80, 0, 0, 0, 0, 0, 0, 0)
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
  vlgrp = new net_bridge_vlan_group()
  no_ll_learn = false
  mtu_set_by_user = false
  /** Settings of multicast snooping, by IFLA_BR_* number. */
  mcast: Record<number, number> = {}
  /** IFLA_BR_NF_CALL_*, by number. */
  nf_call: Record<number, number> = {}
  hello_timer!: timer_list
  tcn_timer!: timer_list
  topology_change_timer!: timer_list
  gc_timer!: timer_list
  constructor(dev: net_device) {
    this.dev = dev
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
/** A bridge's time of now, in jiffies. */
export function br_jiffies(br: net_bridge): number {
  return br.dev.nd_net.kernel.jiffies()
}
/** When a timer that waits so many jiffies from now expires, ns. */
export function br_after(br: net_bridge, jiffies: number): number {
  return br.dev.nd_net.kernel.now() + jiffies * NSEC_PER_JIFFY
}

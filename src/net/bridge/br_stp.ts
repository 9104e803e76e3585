/**
 * net/bridge/br_stp.c, br_stp_if.c, br_stp_timer.c: states of ports and their timers. No frames move yet, so a bridge hears
 * of no other: it is its own root and all its ports are designated.
 *
 *   from       event                                   to
 *   DISABLED   port and bridge up, carrier             BLOCKING, and at once:
 *   BLOCKING   designated, no STP or no forward delay  FORWARDING
 *   BLOCKING   designated, STP                         LISTENING
 *   LISTENING  forward delay over                      LEARNING
 *   LEARNING   forward delay over                      FORWARDING, topology change
 *   any        port or bridge down, no carrier         DISABLED
 */
import { HZ, mod_timer, timer_delete, timer_list, timer_pending } from '../../kernel/time.ts'
import { equalBytes } from '../../lib/bytes.ts'
import { IFF_UP } from '../../uapi/linux/if.ts'
import { RTM_NEWLINK } from '../../uapi/linux/rtnetlink.ts'
import { netif_carrier_off, netif_carrier_on, netif_oper_up, netif_running } from '../core/dev.ts'
import { br_fdb_cleanup, br_fdb_delete_by_port } from './br_fdb.ts'
import { br_ifinfo_notify } from './br_netlink_fill.ts'
import {
  BR_KERNEL_STP,
  BR_NO_STP,
  BR_STATE_BLOCKING,
  BR_STATE_DISABLED,
  BR_STATE_FORWARDING,
  BR_STATE_LEARNING,
  BR_STATE_LISTENING,
  br_after,
  type net_bridge,
  type net_bridge_port,
} from './br_private.ts'

const BR_HOLD_TIME = HZ

export function br_stp_timer_init(br: net_bridge): void {
  const { events } = br.dev.nd_net.kernel
  br.hello_timer = new timer_list(events, br_hello_timer_expired, br)
  br.tcn_timer = new timer_list(events, br_tcn_timer_expired, br)
  br.topology_change_timer = new timer_list(events, br_topology_change_timer_expired, br)
  br.gc_timer = new timer_list(events, br_fdb_cleanup, br)
}
export function br_stp_port_timer_init(p: net_bridge_port): void {
  const { events } = p.dev.nd_net.kernel
  p.message_age_timer = new timer_list(events, br_message_age_timer_expired, p)
  p.forward_delay_timer = new timer_list(events, br_forward_delay_timer_expired, p)
  p.hold_timer = new timer_list(events, br_hold_timer_expired, p)
}

/** Twelve bits of number under four of priority. */
export function br_make_port_id(priority: number, port_no: number): number {
  return ((priority & 0x3f) << 10) | (port_no & 0x3ff)
}
export function br_is_root_bridge(br: net_bridge): boolean {
  return equalBytes(br.bridge_id, br.designated_root)
}
export function br_is_designated_port(p: net_bridge_port): boolean {
  return equalBytes(p.designated_bridge, p.br.bridge_id) && p.designated_port === p.port_id
}
export function br_become_designated_port(p: net_bridge_port): void {
  p.designated_root = p.br.designated_root.slice()
  p.designated_cost = p.br.root_path_cost
  p.designated_bridge = p.br.bridge_id.slice()
  p.designated_port = p.port_id
}
export function br_init_port(p: net_bridge_port): void {
  p.port_id = br_make_port_id(p.priority, p.port_no)
  br_become_designated_port(p)
  p.state = BR_STATE_BLOCKING
  p.topology_change_ack = 0
  p.config_pending = 0
}

function br_configuration_update(br: net_bridge): void {
  br.root_port = 0
  br.designated_root = br.bridge_id.slice()
  br.root_path_cost = 0
  for (const p of br.port_list) if (p.state !== BR_STATE_DISABLED) br_become_designated_port(p)
}
function br_become_root_bridge(br: net_bridge): void {
  br.max_age = br.bridge_max_age
  br.hello_time = br.bridge_hello_time
  br.forward_delay = br.bridge_forward_delay
  br_topology_change_detection(br)
  timer_delete(br.tcn_timer)
  if (!(br.dev.flags & IFF_UP)) return
  br_config_bpdu_generation(br)
  mod_timer(br.hello_timer, br_after(br, br.hello_time))
}

function br_make_forwarding(p: net_bridge_port): void {
  const { br } = p
  if (p.state !== BR_STATE_BLOCKING) return
  if (br.stp_enabled === BR_NO_STP || br.forward_delay === 0) {
    p.state = BR_STATE_FORWARDING
    br_topology_change_detection(br)
    timer_delete(p.forward_delay_timer)
  } else if (br.stp_enabled === BR_KERNEL_STP) {
    p.state = BR_STATE_LISTENING
  } else {
    p.state = BR_STATE_LEARNING
  }
  br_ifinfo_notify(RTM_NEWLINK, br, p)
  if (br.forward_delay !== 0) mod_timer(p.forward_delay_timer, br_after(br, br.forward_delay))
}
/** The bridge has carrier while a port forwards. */
export function br_port_state_selection(br: net_bridge): void {
  let liveports = 0
  for (const p of br.port_list) {
    if (p.state === BR_STATE_DISABLED) continue
    if (br_is_designated_port(p)) {
      timer_delete(p.message_age_timer)
      br_make_forwarding(p)
    }
    if (p.state === BR_STATE_FORWARDING) liveports++
  }
  if (liveports === 0) netif_carrier_off(br.dev)
  else netif_carrier_on(br.dev)
}

/** br_topology_change_detection(): a root tells for forward delay and max age together. */
export function br_topology_change_detection(br: net_bridge): void {
  if (br.stp_enabled !== BR_KERNEL_STP) return
  if (br_is_root_bridge(br)) {
    br.topology_change = 1
    mod_timer(br.topology_change_timer, br_after(br, br.bridge_forward_delay + br.bridge_max_age))
  }
  br.topology_change_detected = 1
}
function br_transmit_config(p: net_bridge_port): void {
  if (timer_pending(p.hold_timer)) {
    p.config_pending = 1
    return
  }
  p.topology_change_ack = 0
  p.config_pending = 0
  if (p.br.stp_enabled === BR_KERNEL_STP) mod_timer(p.hold_timer, br_after(p.br, BR_HOLD_TIME))
}
function br_config_bpdu_generation(br: net_bridge): void {
  for (const p of br.port_list) if (p.state !== BR_STATE_DISABLED && br_is_designated_port(p)) br_transmit_config(p)
}

export function br_hello_timer_expired(br: net_bridge): void {
  if (!(br.dev.flags & IFF_UP)) return
  br_config_bpdu_generation(br)
  if (br.stp_enabled === BR_KERNEL_STP) mod_timer(br.hello_timer, br_after(br, br.hello_time))
}
export function br_tcn_timer_expired(br: net_bridge): void {
  if (!br_is_root_bridge(br) && br.dev.flags & IFF_UP) mod_timer(br.tcn_timer, br_after(br, br.bridge_hello_time))
}
export function br_topology_change_timer_expired(br: net_bridge): void {
  br.topology_change_detected = 0
  br.topology_change = 0
}
/** Told for each port that waited, whether it moved on or not. */
export function br_forward_delay_timer_expired(p: net_bridge_port): void {
  const { br } = p
  if (p.state === BR_STATE_LISTENING) {
    p.state = BR_STATE_LEARNING
    mod_timer(p.forward_delay_timer, br_after(br, br.forward_delay))
  } else if (p.state === BR_STATE_LEARNING) {
    p.state = BR_STATE_FORWARDING
    br_topology_change_detection(br)
    netif_carrier_on(br.dev)
  }
  br_ifinfo_notify(RTM_NEWLINK, br, p)
}
/** What the neighbour on this port had said is too old: the port is designated again. */
export function br_message_age_timer_expired(p: net_bridge_port): void {
  if (p.state === BR_STATE_DISABLED) return
  br_become_designated_port(p)
  br_configuration_update(p.br)
  br_port_state_selection(p.br)
}
export function br_hold_timer_expired(p: net_bridge_port): void {
  if (p.config_pending) br_transmit_config(p)
}

export function br_stp_enable_port(p: net_bridge_port): void {
  br_init_port(p)
  br_port_state_selection(p.br)
  br_ifinfo_notify(RTM_NEWLINK, p.br, p)
}
export function br_stp_disable_port(p: net_bridge_port): void {
  const { br } = p
  br_become_designated_port(p)
  p.state = BR_STATE_DISABLED
  p.topology_change_ack = 0
  p.config_pending = 0
  br_ifinfo_notify(RTM_NEWLINK, br, p)
  for (const timer of [p.message_age_timer, p.forward_delay_timer, p.hold_timer]) timer_delete(timer)
  br_fdb_delete_by_port(br, p, 0, false)
  br_configuration_update(br)
  br_port_state_selection(br)
}
export function br_stp_enable_bridge(br: net_bridge): void {
  if (br.stp_enabled === BR_KERNEL_STP) mod_timer(br.hello_timer, br_after(br, br.hello_time))
  mod_timer(br.gc_timer, br_after(br, HZ / 10))
  br_config_bpdu_generation(br)
  for (const p of br.port_list) if (netif_running(p.dev) && netif_oper_up(p.dev)) br_stp_enable_port(p)
}
export function br_stp_disable_bridge(br: net_bridge): void {
  for (const p of br.port_list) if (p.state !== BR_STATE_DISABLED) br_stp_disable_port(p)
  br.topology_change = 0
  br.topology_change_detected = 0
  for (const timer of [br.hello_timer, br.topology_change_timer, br.tcn_timer, br.gc_timer]) timer_delete(timer)
}

/** br_stp_set_enabled(): the kernel's own STP, since no helper program (/sbin/bridge-stp) answers. */
export function br_stp_set_enabled(br: net_bridge, val: number): void {
  if (val !== 0 && br.stp_enabled === BR_NO_STP) {
    br.stp_enabled = BR_KERNEL_STP
    if (br.dev.flags & IFF_UP) mod_timer(br.hello_timer, br_after(br, br.hello_time))
    br_port_state_selection(br)
  } else if (val === 0 && br.stp_enabled !== BR_NO_STP) {
    br.stp_enabled = BR_NO_STP
    timer_delete(br.hello_timer)
    br_port_state_selection(br)
  }
}
export function br_set_bridge_priority(br: net_bridge, prio: number): void {
  const wasroot = br_is_root_bridge(br)
  const own = br.port_list.filter((p) => p.state !== BR_STATE_DISABLED && br_is_designated_port(p))
  br.bridge_id[0] = prio >> 8
  br.bridge_id[1] = prio & 0xff
  for (const p of own) p.designated_bridge.set(br.bridge_id.subarray(0, 2))
  br_configuration_update(br)
  br_port_state_selection(br)
  if (!wasroot) br_become_root_bridge(br)
}
/** br_stp_change_bridge_id() behind the forwarding database: ids of ports that named the bridge follow. */
export function br_stp_ids_changed(br: net_bridge, addr: Uint8Array): void {
  const old = br.bridge_id.slice(2)
  const wasroot = br_is_root_bridge(br)
  br.bridge_id.set(addr.subarray(0, 6), 2)
  for (const p of br.port_list) {
    if (equalBytes(p.designated_bridge.subarray(2), old)) p.designated_bridge.set(addr.subarray(0, 6), 2)
    if (equalBytes(p.designated_root.subarray(2), old)) p.designated_root.set(addr.subarray(0, 6), 2)
  }
  br_configuration_update(br)
  br_port_state_selection(br)
  if (!wasroot) br_become_root_bridge(br)
}

/**
 * net/bridge/br_stp.c, br_stp_if.c, br_stp_timer.c: the spanning tree of IEEE 802.1D: states of ports and their timers.
 *
 *   from       event                                          to
 *   DISABLED   port and bridge up, carrier                    BLOCKING, and at once by its role:
 *   BLOCKING   root or designated, no STP or no delay         FORWARDING
 *   BLOCKING   root or designated, STP                        LISTENING
 *   LISTENING  forward delay over                             LEARNING
 *   LEARNING   forward delay over                             FORWARDING, topology change
 *   LISTENING, LEARNING, FORWARDING  neither root nor designated any more    BLOCKING (topology change)
 *   any        port or bridge down, no carrier, BPDU guard    DISABLED
 *
 *   bridge          event                                     does
 *   any             better config on a port                   its port may become the root port; it lasts for max age
 *   root            better config                             no longer root: hello timer off, configs are passed on
 *   not root        age of the root port's config over        root again, or by another port; topology change
 *   root            hello timer                               config on all designated ports
 *   not root        topology change                           TCN by the root port each hello time until acknowledged
 *   root            TCN or topology change                    flag in configs for forward delay and max age together
 */
import { HZ, mod_timer, timer_delete, timer_list, timer_pending } from '../../kernel/time.ts'
import { equalBytes } from '../../lib/bytes.ts'
import { IFF_UP } from '../../uapi/linux/if.ts'
import { IFLA_BRPORT_PROTECT } from '../../uapi/linux/if_link.ts'
import { RTM_NEWLINK } from '../../uapi/linux/rtnetlink.ts'
import { netif_carrier_off, netif_carrier_on, netif_oper_up, netif_running } from '../core/dev.ts'
import { br_fdb_cleanup, br_fdb_delete_by_port } from './br_fdb.ts'
import { br_mst_set_state } from './br_mst.ts'
import { br_multicast_disable_port, br_multicast_enable_port } from './br_multicast.ts'
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
  br_after_rounded,
  br_info,
  br_jiffies,
  br_notice,
  type net_bridge,
  type net_bridge_port,
} from './br_private.ts'
import { type br_config_bpdu, br_send_config_bpdu, br_send_tcn_bpdu } from './br_stp_bpdu.ts'

const BR_HOLD_TIME = HZ
const MESSAGE_AGE_INCR = 1
const BR_MIN_FORWARD_DELAY = 2 * HZ
const BR_MAX_FORWARD_DELAY = 30 * HZ
const state_names = ['disabled', 'listening', 'learning', 'forwarding', 'blocking']

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

/** Ten bits of number under six of priority. */
export function br_make_port_id(priority: number, port_no: number): number {
  return ((priority & 0x3f) << 10) | (port_no & 0x3ff)
}
export function br_is_root_bridge(br: net_bridge): boolean {
  return equalBytes(br.bridge_id, br.designated_root)
}
export function br_is_designated_port(p: net_bridge_port): boolean {
  return equalBytes(p.designated_bridge, p.br.bridge_id) && p.designated_port === p.port_id
}
function compare(a: Uint8Array, b: Uint8Array): number {
  for (let i = 0; i < 8; i++) if (a[i] !== b[i]) return a[i] - b[i]
  return 0
}
/** The first difference decides. */
function first_of(...differences: number[]): number {
  return differences.find((d) => d !== 0) ?? 0
}
function br_get_port(br: net_bridge, port_no: number): net_bridge_port | undefined {
  return br.port_list.find((p) => p.port_no === port_no)
}

/** br_set_state() */
export function br_set_state(p: net_bridge_port, state: number): void {
  p.state = state
  if (p.br.mst_enabled) br_mst_set_state(p, 0, state)
  br_info(p.br, `port ${p.port_no}(${p.dev.name}) entered ${state_names[state]} state`)
  if (p.br.stp_enabled !== BR_KERNEL_STP) return
  if (state === BR_STATE_BLOCKING) p.stp_xstats.transition_blk++
  else if (state === BR_STATE_FORWARDING) p.stp_xstats.transition_fwd++
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
  br_set_state(p, BR_STATE_BLOCKING)
  p.topology_change_ack = 0
  p.config_pending = 0
}

/** br_should_become_root_port(): the best way to a better root. */
function leads_to_root(p: net_bridge_port, best: net_bridge_port | undefined): boolean {
  if (p.state === BR_STATE_DISABLED || br_is_designated_port(p)) return false
  if (compare(p.br.bridge_id, p.designated_root) <= 0) return false
  if (best === undefined) return true
  return (
    first_of(
      compare(p.designated_root, best.designated_root),
      p.designated_cost + p.path_cost - (best.designated_cost + best.path_cost),
      compare(p.designated_bridge, best.designated_bridge),
      p.designated_port - best.designated_port,
      p.port_id - best.port_id,
    ) < 0
  )
}
/** br_root_selection(); a port that must not lead to the root listens instead. */
function root_selection(br: net_bridge): void {
  let best: net_bridge_port | undefined
  for (const p of br.port_list) {
    if (!leads_to_root(p, best)) continue
    if (p.flags.has(IFLA_BRPORT_PROTECT.nr)) root_port_block(p)
    else best = p
  }
  br.root_port = best?.port_no ?? 0
  br.designated_root = (best?.designated_root ?? br.bridge_id).slice()
  br.root_path_cost = best === undefined ? 0 : best.designated_cost + best.path_cost
}
function root_port_block(p: net_bridge_port): void {
  const { br } = p
  br_notice(br, `port ${p.port_no}(${p.dev.name}) tried to become root port (blocked)`)
  br_set_state(p, BR_STATE_LISTENING)
  br_ifinfo_notify(RTM_NEWLINK, br, p)
  if (br.forward_delay > 0) mod_timer(p.forward_delay_timer, br_after(br, br.forward_delay))
}
/** br_should_become_designated_port(): nobody on this segment is nearer to the root. */
function should_be_designated(p: net_bridge_port): boolean {
  const { br } = p
  if (br_is_designated_port(p) || !equalBytes(p.designated_root, br.designated_root)) return true
  return (
    first_of(br.root_path_cost - p.designated_cost, compare(br.bridge_id, p.designated_bridge), p.port_id < p.designated_port ? -1 : 1) < 0
  )
}
export function br_configuration_update(br: net_bridge): void {
  root_selection(br)
  for (const p of br.port_list) if (p.state !== BR_STATE_DISABLED && should_be_designated(p)) br_become_designated_port(p)
}
export function br_become_root_bridge(br: net_bridge): void {
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
    br_set_state(p, BR_STATE_FORWARDING)
    br_topology_change_detection(br)
    timer_delete(p.forward_delay_timer)
  } else if (br.stp_enabled === BR_KERNEL_STP) {
    br_set_state(p, BR_STATE_LISTENING)
  } else {
    br_set_state(p, BR_STATE_LEARNING)
  }
  br_ifinfo_notify(RTM_NEWLINK, br, p)
  if (br.forward_delay !== 0) mod_timer(p.forward_delay_timer, br_after(br, br.forward_delay))
}
function br_make_blocking(p: net_bridge_port): void {
  const { br } = p
  if (p.state === BR_STATE_DISABLED || p.state === BR_STATE_BLOCKING) return
  if (p.state === BR_STATE_FORWARDING || p.state === BR_STATE_LEARNING) br_topology_change_detection(br)
  br_set_state(p, BR_STATE_BLOCKING)
  br_ifinfo_notify(RTM_NEWLINK, br, p)
  timer_delete(p.forward_delay_timer)
}
/** The bridge has carrier while a port forwards. */
export function br_port_state_selection(br: net_bridge): void {
  let liveports = 0
  for (const p of br.port_list) {
    if (p.state === BR_STATE_DISABLED) continue
    const designated = p.port_no !== br.root_port && br_is_designated_port(p)
    if (designated) {
      timer_delete(p.message_age_timer)
    } else {
      p.config_pending = 0
      p.topology_change_ack = 0
    }
    if (designated || p.port_no === br.root_port) br_make_forwarding(p)
    else br_make_blocking(p)
    if (p.state !== BR_STATE_BLOCKING) br_multicast_enable_port(p)
    if (p.state === BR_STATE_FORWARDING) liveports++
  }
  if (liveports === 0) netif_carrier_off(br.dev)
  else netif_carrier_on(br.dev)
}

/** __br_set_topology_change(): addresses age faster while it lasts. */
function br_set_topology_change(br: net_bridge, val: number): void {
  if (br.topology_change !== val) br.ageing_time = val ? 2 * br.forward_delay : br.bridge_ageing_time
  br.topology_change = val
}
/** br_topology_change_detection(): a root tells for forward delay and max age together; others tell the root. */
export function br_topology_change_detection(br: net_bridge): void {
  if (br.stp_enabled !== BR_KERNEL_STP) return
  const isroot = br_is_root_bridge(br)
  br_info(br, `topology change detected, ${isroot ? 'propagating' : 'sending tcn bpdu'}`)
  if (isroot) {
    br_set_topology_change(br, 1)
    mod_timer(br.topology_change_timer, br_after(br, br.bridge_forward_delay + br.bridge_max_age))
  } else if (!br.topology_change_detected) {
    transmit_tcn(br)
    mod_timer(br.tcn_timer, br_after(br, br.bridge_hello_time))
  }
  br.topology_change_detected = 1
}
function transmit_tcn(br: net_bridge): void {
  const p = br_get_port(br, br.root_port)
  if (p !== undefined) br_send_tcn_bpdu(p)
  else br_notice(br, `root port ${br.root_port} not found for topology notice`)
}
/** br_transmit_config(): not more than one in a second; what would be too old is not sent. */
function br_transmit_config(p: net_bridge_port): void {
  const { br } = p
  if (timer_pending(p.hold_timer)) {
    p.config_pending = 1
    return
  }
  const root = br_is_root_bridge(br) ? undefined : br_get_port(br, br.root_port)
  const message_age = root === undefined ? 0 : br_jiffies(br) - root.designated_age + MESSAGE_AGE_INCR
  if (message_age >= br.max_age) return
  br_send_config_bpdu(p, {
    topology_change: br.topology_change,
    topology_change_ack: p.topology_change_ack,
    root: br.designated_root,
    root_path_cost: br.root_path_cost,
    bridge_id: br.bridge_id,
    port_id: p.port_id,
    message_age,
    max_age: br.max_age,
    hello_time: br.hello_time,
    forward_delay: br.forward_delay,
  })
  p.topology_change_ack = 0
  p.config_pending = 0
  if (br.stp_enabled === BR_KERNEL_STP) mod_timer(p.hold_timer, br_after_rounded(br, BR_HOLD_TIME))
}
function br_config_bpdu_generation(br: net_bridge): void {
  for (const p of br.port_list) if (p.state !== BR_STATE_DISABLED && br_is_designated_port(p)) br_transmit_config(p)
}

/** br_supersedes_port_info(): what the neighbour says is better than what was known on this port. */
function supersedes(p: net_bridge_port, bpdu: br_config_bpdu): boolean {
  const better = first_of(
    compare(bpdu.root, p.designated_root),
    bpdu.root_path_cost - p.designated_cost,
    compare(bpdu.bridge_id, p.designated_bridge),
  )
  if (better !== 0) return better < 0
  return !equalBytes(bpdu.bridge_id, p.br.bridge_id) || bpdu.port_id <= p.designated_port
}
export function br_received_config_bpdu(p: net_bridge_port, bpdu: br_config_bpdu): void {
  const { br } = p
  p.stp_xstats.rx_bpdu++
  if (!supersedes(p, bpdu)) {
    if (br_is_designated_port(p)) br_transmit_config(p)
    return
  }
  const was_root = br_is_root_bridge(br)
  record_config(p, bpdu)
  br_configuration_update(br)
  br_port_state_selection(br)
  if (was_root && !br_is_root_bridge(br)) {
    timer_delete(br.hello_timer)
    if (br.topology_change_detected) {
      timer_delete(br.topology_change_timer)
      transmit_tcn(br)
      mod_timer(br.tcn_timer, br_after(br, br.bridge_hello_time))
    }
  }
  if (p.port_no !== br.root_port) return
  br.max_age = bpdu.max_age
  br.hello_time = bpdu.hello_time
  br.forward_delay = bpdu.forward_delay
  br_set_topology_change(br, bpdu.topology_change)
  br_config_bpdu_generation(br)
  if (bpdu.topology_change_ack) {
    br.topology_change_detected = 0
    timer_delete(br.tcn_timer)
  }
}
function record_config(p: net_bridge_port, bpdu: br_config_bpdu): void {
  p.designated_root = bpdu.root.slice()
  p.designated_cost = bpdu.root_path_cost
  p.designated_bridge = bpdu.bridge_id.slice()
  p.designated_port = bpdu.port_id
  p.designated_age = br_jiffies(p.br) - bpdu.message_age
  mod_timer(p.message_age_timer, br_after(p.br, bpdu.max_age - bpdu.message_age))
}
export function br_received_tcn_bpdu(p: net_bridge_port): void {
  p.stp_xstats.rx_tcn++
  if (!br_is_designated_port(p)) return
  br_info(p.br, `port ${p.port_no}(${p.dev.name}) received tcn bpdu`)
  br_topology_change_detection(p.br)
  p.topology_change_ack = 1
  br_transmit_config(p)
}

export function br_hello_timer_expired(br: net_bridge): void {
  if (!(br.dev.flags & IFF_UP)) return
  br_config_bpdu_generation(br)
  if (br.stp_enabled === BR_KERNEL_STP) mod_timer(br.hello_timer, br_after_rounded(br, br.hello_time))
}
export function br_tcn_timer_expired(br: net_bridge): void {
  if (br_is_root_bridge(br) || !(br.dev.flags & IFF_UP)) return
  transmit_tcn(br)
  mod_timer(br.tcn_timer, br_after(br, br.bridge_hello_time))
}
export function br_topology_change_timer_expired(br: net_bridge): void {
  br.topology_change_detected = 0
  br_set_topology_change(br, 0)
}
/** br_is_designated_for_some_port() */
function names_bridge(p: net_bridge_port): boolean {
  return p.state !== BR_STATE_DISABLED && equalBytes(p.designated_bridge, p.br.bridge_id)
}
/** Told for each port that waited, whether it moved on or not. */
export function br_forward_delay_timer_expired(p: net_bridge_port): void {
  const { br } = p
  if (p.state === BR_STATE_LISTENING) {
    br_set_state(p, BR_STATE_LEARNING)
    mod_timer(p.forward_delay_timer, br_after(br, br.forward_delay))
  } else if (p.state === BR_STATE_LEARNING) {
    br_set_state(p, BR_STATE_FORWARDING)
    // another bridge may hear of the change only through this one
    if (br.port_list.some((other) => names_bridge(other))) br_topology_change_detection(br)
    netif_carrier_on(br.dev)
  }
  br_ifinfo_notify(RTM_NEWLINK, br, p)
}
/** What the neighbour on this port had said is too old: the port is designated again. */
export function br_message_age_timer_expired(p: net_bridge_port): void {
  const { br } = p
  const id = [...p.designated_bridge].map((byte) => byte.toString(16).padStart(2, '0'))
  br_info(br, `port ${p.port_no}(${p.dev.name}) neighbor ${id[0]}${id[1]}.${id.slice(2).join(':')} lost`)
  if (p.state === BR_STATE_DISABLED) return
  const was_root = br_is_root_bridge(br)
  br_become_designated_port(p)
  br_configuration_update(br)
  br_port_state_selection(br)
  if (br_is_root_bridge(br) && !was_root) br_become_root_bridge(br)
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
  const was_root = br_is_root_bridge(br)
  br_become_designated_port(p)
  br_set_state(p, BR_STATE_DISABLED)
  p.topology_change_ack = 0
  p.config_pending = 0
  br_ifinfo_notify(RTM_NEWLINK, br, p)
  for (const timer of [p.message_age_timer, p.forward_delay_timer, p.hold_timer]) timer_delete(timer)
  br_fdb_delete_by_port(br, p, 0, false)
  br_multicast_disable_port(p)
  br_configuration_update(br)
  br_port_state_selection(br)
  if (br_is_root_bridge(br) && !was_root) br_become_root_bridge(br)
}
export function br_stp_enable_bridge(br: net_bridge): void {
  if (br.stp_enabled === BR_KERNEL_STP) mod_timer(br.hello_timer, br_after(br, br.hello_time))
  mod_timer(br.gc_timer, br_after(br, HZ / 10))
  br_config_bpdu_generation(br)
  for (const p of br.port_list) if (netif_running(p.dev) && netif_oper_up(p.dev)) br_stp_enable_port(p)
}
export function br_stp_disable_bridge(br: net_bridge): void {
  for (const p of br.port_list) if (p.state !== BR_STATE_DISABLED) br_stp_disable_port(p)
  br_set_topology_change(br, 0)
  br.topology_change_detected = 0
  for (const timer of [br.hello_timer, br.topology_change_timer, br.tcn_timer, br.gc_timer]) timer_delete(timer)
}

/** br_stp_set_enabled(): the kernel's own STP, since no helper program (/sbin/bridge-stp) answers. */
export function br_stp_set_enabled(br: net_bridge, val: number): void {
  if (val !== 0 && br.stp_enabled === BR_NO_STP) {
    br.stp_enabled = BR_KERNEL_STP
    bound_forward_delay(br)
    if (br.dev.flags & IFF_UP) mod_timer(br.hello_timer, br_after(br, br.hello_time))
    br_port_state_selection(br)
  } else if (val === 0 && br.stp_enabled !== BR_NO_STP) {
    br.stp_enabled = BR_NO_STP
    timer_delete(br.hello_timer)
    br_port_state_selection(br)
  }
}
/** Without STP any delay is good; with it those of the standard are. */
function bound_forward_delay(br: net_bridge): void {
  const bounded = Math.min(Math.max(br.bridge_forward_delay, BR_MIN_FORWARD_DELAY), BR_MAX_FORWARD_DELAY)
  if (bounded === br.bridge_forward_delay) return
  br.bridge_forward_delay = bounded
  if (br_is_root_bridge(br)) br.forward_delay = bounded
}
export function br_set_bridge_priority(br: net_bridge, prio: number): void {
  const wasroot = br_is_root_bridge(br)
  const own = br.port_list.filter((p) => p.state !== BR_STATE_DISABLED && br_is_designated_port(p))
  br.bridge_id[0] = prio >> 8
  br.bridge_id[1] = prio & 0xff
  for (const p of own) p.designated_bridge.set(br.bridge_id.subarray(0, 2))
  br_configuration_update(br)
  br_port_state_selection(br)
  if (br_is_root_bridge(br) && !wasroot) br_become_root_bridge(br)
}
/** br_stp_set_port_priority(): a lower number than its neighbour's on the same bridge may make the port designated. */
export function br_stp_set_port_priority(p: net_bridge_port, priority: number): void {
  const { br } = p
  const designated = br_is_designated_port(p)
  p.priority = priority
  const new_id = br_make_port_id(priority, p.port_no)
  if (designated) p.designated_port = new_id
  p.port_id = new_id
  if (!equalBytes(br.bridge_id, p.designated_bridge) || p.port_id >= p.designated_port) return
  br_become_designated_port(p)
  br_port_state_selection(br)
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
  if (br_is_root_bridge(br) && !wasroot) br_become_root_bridge(br)
}

/** drivers/net/bonding/bond_3ad.c: the machines that run for each port, each tick (IEEE 802.3ad 43.4.12 to 43.4.16). */
import { ether_addr_equal } from '../../../net/ethernet/eth.ts'
import * as B from '../../../uapi/linux/if_bonding.ts'
import { ad_lacpdu_send } from './bond_3ad_send.ts'
import { agg_has_partner, ad_of, read_params, record_default, record_pdu, slave_of, update_ntt, update_selected } from './bond_3ad_port.ts'
import { type ad_outcome, disable_port, enable_port, update_ready } from './bond_3ad_select.ts'
import * as A from './bond_3ad_types.ts'
import { slave_err } from './bond_printk.ts'
import { BOND_SLAVE_NOTIFY_LATER, bond_set_slave_rx_enabled_flags, bond_set_slave_tx_disabled_flags } from './bond_slave_state.ts'
import { bond_is_active_slave, bond_slave_is_up } from './bonding.ts'

/** True when the timer was running and has come to its end. */
function expires(port: A.port, timer: 'sm_rx_timer_counter' | 'sm_mux_timer_counter'): boolean {
  return port[timer] !== 0 && --port[timer] === 0
}

/**
 * ad_rx_machine(): what is known of the partner. The first row that fits:
 *
 *   from                        cause                          | to             and then
 *   any                         BEGIN                          | PORT_DISABLED  by way of INITIALIZE: defaults, unselected
 *   any                         link down                      | PORT_DISABLED  unmatched, partner out of sync
 *   EXPIRED DEFAULTED CURRENT   LACPDU                         | CURRENT        recorded; timer short or long
 *   CURRENT                     timer                          | EXPIRED        partner out of sync; short timer
 *   EXPIRED                     timer                          | DEFAULTED      defaults recorded
 *   PORT_DISABLED               link up, full duplex           | EXPIRED
 *   PORT_DISABLED               link up, not full duplex       | LACP_DISABLED  defaults, individual partner
 */
export function ad_rx_machine(pdu: Uint8Array | undefined, port: A.port): void {
  if (pdu !== undefined) {
    ad_of(slave_of(port)).stats.lacpdu_rx++
    slave_of(port).bond.ad_info.stats.lacpdu_rx++
  }
  const last_state = port.sm_rx_state
  port.sm_rx_state = next_rx_state(port, pdu !== undefined)
  if (port.sm_rx_state !== last_state || pdu !== undefined) enter_rx_state(port, pdu)
}
function next_rx_state(port: A.port, received: boolean): number {
  const state = port.sm_rx_state
  if (port.sm_vars & A.AD_PORT_BEGIN) {
    port.sm_vars |= A.AD_PORT_CHURNED
    return A.AD_RX_INITIALIZE
  }
  if (!port.is_enabled) return A.AD_RX_PORT_DISABLED
  if (received && (state === A.AD_RX_EXPIRED || state === A.AD_RX_DEFAULTED || state === A.AD_RX_CURRENT)) {
    if (state !== A.AD_RX_CURRENT) port.sm_vars |= A.AD_PORT_CHURNED
    port.sm_rx_timer_counter = 0
    return A.AD_RX_CURRENT
  }
  if (expires(port, 'sm_rx_timer_counter')) {
    if (state === A.AD_RX_EXPIRED) return A.AD_RX_DEFAULTED
    return state === A.AD_RX_CURRENT ? A.AD_RX_EXPIRED : state
  }
  if (state !== A.AD_RX_PORT_DISABLED) return state
  return port.sm_vars & A.AD_PORT_LACP_ENABLED ? A.AD_RX_EXPIRED : A.AD_RX_LACP_DISABLED
}
function enter_rx_state(port: A.port, pdu: Uint8Array | undefined): void {
  switch (port.sm_rx_state) {
    case A.AD_RX_INITIALIZE:
      if (port.actor_oper_port_key & A.AD_DUPLEX_KEY_MASKS) port.sm_vars |= A.AD_PORT_LACP_ENABLED
      else port.sm_vars &= ~A.AD_PORT_LACP_ENABLED
      port.sm_vars &= ~(A.AD_PORT_SELECTED | A.AD_PORT_MATCHED)
      record_default(port)
      port.actor_oper_port_state &= ~B.LACP_STATE_EXPIRED
      port.sm_rx_state = A.AD_RX_PORT_DISABLED
      break
    case A.AD_RX_PORT_DISABLED:
      port.sm_vars &= ~A.AD_PORT_MATCHED
      port.partner_oper.port_state &= ~B.LACP_STATE_SYNCHRONIZATION
      break
    case A.AD_RX_LACP_DISABLED:
      port.sm_vars &= ~A.AD_PORT_SELECTED
      record_default(port)
      port.partner_oper.port_state &= ~B.LACP_STATE_AGGREGATION
      port.sm_vars |= A.AD_PORT_MATCHED
      port.actor_oper_port_state &= ~B.LACP_STATE_EXPIRED
      break
    case A.AD_RX_EXPIRED:
      port.sm_vars &= ~A.AD_PORT_MATCHED
      port.partner_oper.port_state &= ~B.LACP_STATE_SYNCHRONIZATION
      port.partner_oper.port_state |= B.LACP_STATE_LACP_TIMEOUT
      port.sm_rx_timer_counter = A.AD_SHORT_TIMEOUT_TIME * A.AD_TICKS_PER_SEC
      port.actor_oper_port_state |= B.LACP_STATE_EXPIRED
      port.sm_vars |= A.AD_PORT_CHURNED
      break
    case A.AD_RX_DEFAULTED:
      update_selected(port, port.partner_admin)
      record_default(port)
      port.sm_vars |= A.AD_PORT_MATCHED
      port.actor_oper_port_state &= ~B.LACP_STATE_EXPIRED
      break
    case A.AD_RX_CURRENT:
      if (pdu !== undefined) current(port, pdu)
  }
}
function current(port: A.port, pdu: Uint8Array): void {
  const partner = read_params(pdu, 'actor')
  const { bond, dev } = slave_of(port)
  if (ether_addr_equal(partner.system, port.actor_system)) {
    slave_err(
      bond.dev,
      dev,
      'An illegal loopback occurred on slave\nCheck the configuration to verify that all adapters are connected to 802.3ad compliant switch ports',
    )
    return
  }
  update_selected(port, partner)
  update_ntt(port, pdu)
  record_pdu(port, pdu)
  const short = port.actor_oper_port_state & B.LACP_STATE_LACP_TIMEOUT
  port.sm_rx_timer_counter = (short ? A.AD_SHORT_TIMEOUT_TIME : A.AD_LONG_TIMEOUT_TIME) * A.AD_TICKS_PER_SEC
  port.actor_oper_port_state &= ~B.LACP_STATE_EXPIRED
}

/**
 * ad_periodic_machine(): when to send without need. The first row that fits:
 *
 *   from            cause                                         | to
 *   any             BEGIN, link down, LACP off, or both passive   | NO_PERIODIC
 *   FAST SLOW       timer                                         | PERIODIC_TX   sends
 *   FAST            partner wants slow                            | SLOW_PERIODIC 30 s
 *   SLOW            partner wants fast                            | PERIODIC_TX   sends
 *   NO_PERIODIC                                                   | FAST_PERIODIC 1 s
 *   PERIODIC_TX     partner wants slow                            | SLOW_PERIODIC
 *   PERIODIC_TX     partner wants fast                            | FAST_PERIODIC
 */
export function ad_periodic_machine(port: A.port): void {
  const last_state = port.sm_periodic_state
  port.sm_periodic_state = next_periodic_state(port)
  if (port.sm_periodic_state === last_state) return
  switch (port.sm_periodic_state) {
    case A.AD_NO_PERIODIC:
      port.sm_periodic_timer_counter = 0
      break
    // one tick less: it went by in PERIODIC_TX
    case A.AD_FAST_PERIODIC:
      port.sm_periodic_timer_counter = A.AD_FAST_PERIODIC_TIME * A.AD_TICKS_PER_SEC - 1
      break
    case A.AD_SLOW_PERIODIC:
      port.sm_periodic_timer_counter = A.AD_SLOW_PERIODIC_TIME * A.AD_TICKS_PER_SEC - 1
      break
    case A.AD_PERIODIC_TX:
      port.ntt = true
  }
}
function next_periodic_state(port: A.port): number {
  const state = port.sm_periodic_state
  const partner = port.partner_oper.port_state
  const active = (port.actor_oper_port_state | partner) & B.LACP_STATE_LACP_ACTIVITY
  if (port.sm_vars & A.AD_PORT_BEGIN || !(port.sm_vars & A.AD_PORT_LACP_ENABLED) || !port.is_enabled || !active) return A.AD_NO_PERIODIC
  const fast = (partner & B.LACP_STATE_LACP_TIMEOUT) !== 0
  if (port.sm_periodic_timer_counter !== 0) {
    if (--port.sm_periodic_timer_counter === 0) return A.AD_PERIODIC_TX
    if (state === A.AD_FAST_PERIODIC && !fast) return A.AD_SLOW_PERIODIC
    if (state !== A.AD_SLOW_PERIODIC || !fast) return state
    port.sm_periodic_timer_counter = 0
    return A.AD_PERIODIC_TX
  }
  if (state === A.AD_NO_PERIODIC) return A.AD_FAST_PERIODIC
  if (state === A.AD_PERIODIC_TX) return fast ? A.AD_FAST_PERIODIC : A.AD_SLOW_PERIODIC
  return state
}

/** ad_tx_machine(): no more than three a second. */
export function ad_tx_machine(port: A.port): void {
  if (port.sm_tx_timer_counter !== 0 && --port.sm_tx_timer_counter !== 0) return
  if (!port.ntt || !(port.sm_vars & A.AD_PORT_LACP_ENABLED)) return
  ad_lacpdu_send(port)
  port.ntt = false
  port.sm_tx_timer_counter = Math.floor(A.AD_TICKS_PER_SEC / A.AD_MAX_TX_IN_SECOND)
}

/** ad_churn_machine(): a side that is not in sync a minute after a change is churned. */
export function ad_churn_machine(port: A.port): void {
  if (port.sm_vars & A.AD_PORT_CHURNED) {
    port.sm_vars &= ~A.AD_PORT_CHURNED
    port.sm_churn_actor_state = port.sm_churn_partner_state = A.AD_CHURN_MONITOR
    port.sm_churn_actor_timer_counter = port.sm_churn_partner_timer_counter = A.AD_CHURN_DETECTION_TIME * A.AD_TICKS_PER_SEC
    return
  }
  if (port.sm_churn_actor_timer_counter && !--port.sm_churn_actor_timer_counter && port.sm_churn_actor_state === A.AD_CHURN_MONITOR) {
    const synced = port.actor_oper_port_state & B.LACP_STATE_SYNCHRONIZATION
    port.sm_churn_actor_state = synced ? A.AD_NO_CHURN : A.AD_CHURN
    if (!synced) port.churn_actor_count++
  }
  if (port.sm_churn_partner_timer_counter && !--port.sm_churn_partner_timer_counter && port.sm_churn_partner_state === A.AD_CHURN_MONITOR) {
    const synced = port.partner_oper.port_state & B.LACP_STATE_SYNCHRONIZATION
    port.sm_churn_partner_state = synced ? A.AD_NO_CHURN : A.AD_CHURN
    if (!synced) port.churn_partner_count++
  }
}

/**
 * ad_mux_machine(): whether the port takes part. "In sync": selected, not standby, and both sides say synchronized.
 *
 *   from                      cause                                                  | to
 *   any                       BEGIN                                                  | DETACHED
 *   DETACHED                  selected or standby                                    | WAITING
 *   WAITING                   unselected                                             | DETACHED
 *   WAITING                   wait of 2 s over, all ports of the aggregator ready    | ATTACHED
 *   ATTACHED                  selected, partner in sync, aggregator active           | COLLECTING_DISTRIBUTING
 *   ATTACHED                  the same with coupled_control off                      | COLLECTING
 *   ATTACHED                  unselected or standby                                  | DETACHED
 *   COLLECTING_DISTRIBUTING   no longer in sync                                      | ATTACHED
 *   COLLECTING                no longer in sync                                      | ATTACHED
 *   COLLECTING                partner in sync and collecting                         | DISTRIBUTING
 *   DISTRIBUTING              no longer in sync, or partner not collecting           | COLLECTING
 */
export function ad_mux_machine(port: A.port, out: ad_outcome): void {
  const last_state = port.sm_mux_state
  port.sm_mux_state = port.sm_vars & A.AD_PORT_BEGIN ? A.AD_MUX_DETACHED : next_mux_state(port, out)
  if (port.sm_mux_state !== last_state) enter_mux_state(port, out)
}
function in_sync(port: A.port): boolean {
  const both = port.partner_oper.port_state & port.actor_oper_port_state & B.LACP_STATE_SYNCHRONIZATION
  return (port.sm_vars & A.AD_PORT_SELECTED) !== 0 && !(port.sm_vars & A.AD_PORT_STANDBY) && both !== 0
}
function detach(port: A.port): number {
  port.sm_vars &= ~A.AD_PORT_READY_N
  update_ready(port.aggregator)
  return A.AD_MUX_DETACHED
}
function next_mux_state(port: A.port, out: ad_outcome): number {
  switch (port.sm_mux_state) {
    case A.AD_MUX_DETACHED:
      return port.sm_vars & (A.AD_PORT_SELECTED | A.AD_PORT_STANDBY) ? A.AD_MUX_WAITING : A.AD_MUX_DETACHED
    case A.AD_MUX_WAITING:
      if (!(port.sm_vars & A.AD_PORT_SELECTED)) return detach(port)
      if (expires(port, 'sm_mux_timer_counter')) port.sm_vars |= A.AD_PORT_READY_N
      update_ready(port.aggregator)
      return port.sm_vars & A.AD_PORT_READY && port.sm_mux_timer_counter === 0 ? A.AD_MUX_ATTACHED : A.AD_MUX_WAITING
    case A.AD_MUX_ATTACHED:
      return from_attached(port)
    case A.AD_MUX_COLLECTING_DISTRIBUTING:
      if (!in_sync(port)) return A.AD_MUX_ATTACHED
      keep_enabled(port, out)
      return port.sm_mux_state
    case A.AD_MUX_COLLECTING:
      if (!in_sync(port)) return A.AD_MUX_ATTACHED
      if (port.partner_oper.port_state & B.LACP_STATE_COLLECTING) return A.AD_MUX_DISTRIBUTING
      if (port.aggregator?.is_active && slave_of(port).rx_disabled) {
        enable_collecting(port)
        out.update_slave_arr = true
      }
      return port.sm_mux_state
    case A.AD_MUX_DISTRIBUTING:
      if (!in_sync(port) || !(port.partner_oper.port_state & B.LACP_STATE_COLLECTING)) return A.AD_MUX_COLLECTING
      keep_enabled(port, out)
      return port.sm_mux_state
    default:
      return port.sm_mux_state
  }
}
function from_attached(port: A.port): number {
  const { bond } = slave_of(port)
  const selected = (port.sm_vars & A.AD_PORT_SELECTED) !== 0
  const active = port.aggregator?.is_active === true
  if (selected && port.partner_oper.port_state & B.LACP_STATE_SYNCHRONIZATION && bond.ad_info.agg_select_timer === 0) {
    if (!active) return A.AD_MUX_ATTACHED
    return bond.params.coupled_control ? A.AD_MUX_COLLECTING_DISTRIBUTING : A.AD_MUX_COLLECTING
  }
  if (!selected || port.sm_vars & A.AD_PORT_STANDBY) return detach(port)
  if (active) port.actor_oper_port_state |= B.LACP_STATE_SYNCHRONIZATION
  return A.AD_MUX_ATTACHED
}
/** A port that takes part may have been disabled meanwhile, by its link. */
function keep_enabled(port: A.port, out: ad_outcome): void {
  if (!port.aggregator?.is_active || bond_is_active_slave(slave_of(port))) return
  enable_port(port)
  out.update_slave_arr = true
}
function enable_collecting(port: A.port): void {
  const slave = slave_of(port)
  if (port.aggregator?.is_active && slave.link === B.BOND_LINK_UP && bond_slave_is_up(slave)) bond_set_slave_rx_enabled_flags(slave)
}

const MOVING = B.LACP_STATE_COLLECTING | B.LACP_STATE_DISTRIBUTING
function enter_mux_state(port: A.port, out: ad_outcome): void {
  const partnered = port.aggregator !== undefined && agg_has_partner(port.aggregator)
  switch (port.sm_mux_state) {
    case A.AD_MUX_DETACHED:
      port.actor_oper_port_state &= ~(B.LACP_STATE_SYNCHRONIZATION | MOVING)
      stop(port, partnered, out)
      break
    case A.AD_MUX_WAITING:
      port.sm_mux_timer_counter = A.AD_AGGREGATE_WAIT_TIME * A.AD_TICKS_PER_SEC
      break
    case A.AD_MUX_ATTACHED:
      if (port.aggregator?.is_active) port.actor_oper_port_state |= B.LACP_STATE_SYNCHRONIZATION
      else port.actor_oper_port_state &= ~B.LACP_STATE_SYNCHRONIZATION
      port.actor_oper_port_state &= ~MOVING
      stop(port, partnered, out)
      break
    case A.AD_MUX_COLLECTING_DISTRIBUTING:
      port.actor_oper_port_state |= B.LACP_STATE_SYNCHRONIZATION | MOVING
      start(port, out)
      port.ntt = true
      break
    case A.AD_MUX_COLLECTING:
      port.actor_oper_port_state |= B.LACP_STATE_SYNCHRONIZATION | B.LACP_STATE_COLLECTING
      port.actor_oper_port_state &= ~B.LACP_STATE_DISTRIBUTING
      enable_collecting(port)
      if (partnered) {
        bond_set_slave_tx_disabled_flags(slave_of(port), BOND_SLAVE_NOTIFY_LATER)
        out.update_slave_arr = true
      }
      port.ntt = true
      break
    case A.AD_MUX_DISTRIBUTING:
      port.actor_oper_port_state |= B.LACP_STATE_SYNCHRONIZATION | B.LACP_STATE_DISTRIBUTING
      start(port, out)
  }
}
function start(port: A.port, out: ad_outcome): void {
  if (!port.aggregator?.is_active) return
  enable_port(port)
  out.update_slave_arr = true
}
function stop(port: A.port, partnered: boolean, out: ad_outcome): void {
  if (partnered) {
    disable_port(port)
    out.update_slave_arr = true
  }
  port.ntt = true
}

/** drivers/net/bonding/bond_3ad.c: link aggregation by LACP, as the bond drives it. */
import { bond_queue_work, msecs_to_jiffies } from './bond_timer.ts'
import { put64 } from '../../../lib/bytes.ts'
import type { MessageBuilder } from '../../../lib/message.ts'
import { ether_addr_equal, is_zero_ether_addr } from '../../../net/ethernet/eth.ts'
import { type sk_buff, skb_bytes } from '../../../net/core/skbuff.ts'
import { ETH_P_SLOW } from '../../../uapi/linux/if_ether.ts'
import * as B from '../../../uapi/linux/if_bonding.ts'
import { ad_churn_machine, ad_mux_machine, ad_periodic_machine, ad_rx_machine, ad_tx_machine } from './bond_3ad_machines.ts'
import { ad_actor_update_port, ad_of, ad_update_actor_keys, agg_active_ports, first_port, LACPDU_SIZE } from './bond_3ad_port.ts'
import {
  type ad_outcome,
  ad_agg_selection_logic,
  ad_clear_agg,
  ad_port_selection_logic,
  bond_3ad_set_carrier,
  disable_port,
} from './bond_3ad_select.ts'
import {
  ad_lacpdu_send,
  ad_marker_respond,
  AD_MARKER_INFORMATION_SUBTYPE,
  AD_MARKER_RESPONSE_SUBTYPE,
  lacpdu_mcast_addr,
} from './bond_3ad_send.ts'
import * as A from './bond_3ad_types.ts'
import { slave_info, slave_warn } from './bond_printk.ts'
import { bond_slave_state_notify } from './bond_slave_state.ts'
import { bond_has_slaves, bond_last_slave, bond_slaves, type bonding, type slave } from './bonding.ts'
import { bond_update_slave_arr } from './bond_slave_arr.ts'

const AD_TYPE_LACPDU = 1
const AD_TYPE_MARKER = 2

/** The partner until it says otherwise: nobody, at the lowest priority. */
const no_partner: A.port_params = {
  system: new Uint8Array(6),
  system_priority: 0xffff,
  key: 1,
  port_number: 1,
  port_priority: 0xff,
  port_state: 0,
}

export function bond_3ad_initiate_agg_selection(bond: bonding, timeout: number): void {
  bond.ad_info.agg_select_timer = timeout
}
function set_actor(bond: bonding): void {
  const { ad_actor_system, ad_actor_sys_prio } = bond.params
  bond.ad_info.sys_priority = ad_actor_sys_prio
  const system = is_zero_ether_addr(ad_actor_system) ? bond.dev.dev_addr : ad_actor_system
  bond.ad_info.sys_mac_addr = system.slice(0, 6)
}
/** With the first slave: the bond has its address now. */
function bond_3ad_initialize(bond: bonding): void {
  bond.ad_info.aggregator_identifier = 0
  set_actor(bond)
  bond_3ad_initiate_agg_selection(bond, A.AD_AGGREGATOR_SELECTION_TIMER * A.AD_TICKS_PER_SEC)
}

/** bond_3ad_bind_slave(), and the slave's number before it: one more than the last one's. */
export function bond_3ad_bind_slave(slave: slave): void {
  const { bond } = slave
  const { params } = bond
  const last = bond_last_slave(bond)
  if (last === undefined) bond_3ad_initialize(bond)
  const port = new A.port({ ...no_partner, system: new Uint8Array(6) })
  const info = new A.ad_slave_info(new A.aggregator(slave), port)
  slave.ad_info = info
  info.id = last === undefined ? 1 : ad_of(last).id + 1
  port.slave = slave
  port.actor_oper_port_state = B.LACP_STATE_AGGREGATION
  if (params.lacp_active) port.actor_oper_port_state |= B.LACP_STATE_LACP_ACTIVITY
  if (params.lacp_fast) port.actor_oper_port_state |= B.LACP_STATE_LACP_TIMEOUT
  port.sm_vars = A.AD_PORT_BEGIN | A.AD_PORT_LACP_ENABLED
  port.actor_port_number = info.id
  port.actor_admin_port_key = params.ad_user_port_key << 6
  ad_update_actor_keys(port, false)
  ad_actor_update_port(port)
  port.sm_tx_timer_counter = Math.floor(A.AD_TICKS_PER_SEC / A.AD_MAX_TX_IN_SECOND)
  disable_port(port)
  info.aggregator.aggregator_identifier = ++bond.ad_info.aggregator_identifier
}

/** bond_3ad_unbind_slave(): the partner is told; the ports of the slave's aggregator move to an empty one. */
export function bond_3ad_unbind_slave(slave: slave): void {
  const { bond } = slave
  const { port, aggregator } = ad_of(slave)
  if (port.slave === undefined) {
    slave_warn(bond.dev, slave.dev, 'Trying to unbind an uninitialized port')
    return
  }
  const states = B.LACP_STATE_SYNCHRONIZATION | B.LACP_STATE_COLLECTING | B.LACP_STATE_DISTRIBUTING | B.LACP_STATE_AGGREGATION
  port.actor_oper_port_state &= ~states
  ad_lacpdu_send(port)
  const out = { update_slave_arr: false }
  if (aggregator.lag_ports.length > 0) free_aggregator(slave, out)
  leave_others(slave, out)
  port.slave = undefined
}
/** An empty aggregator, or the one that only this port is in, takes the place. */
function free_aggregator(slave: slave, out: ad_outcome): void {
  const { bond } = slave
  const { port, aggregator } = ad_of(slave)
  const alone = (agg: A.aggregator) => agg.lag_ports.length === 1 && agg.lag_ports[0] === port
  if (alone(aggregator)) {
    const was_active = aggregator.is_active
    ad_clear_agg(aggregator)
    if (was_active) {
      slave_info(bond.dev, slave.dev, 'Removing an active aggregator')
      ad_agg_selection_logic(bond, out)
    }
    return
  }
  const successor = bond_slaves(bond)
    .map((s) => ad_of(s).aggregator)
    .find((agg) => agg.lag_ports.length === 0 || alone(agg))
  if (successor === undefined) {
    slave_warn(bond.dev, slave.dev, 'unbinding aggregator, and could not find a new aggregator for its ports')
    return
  }
  const reselect = alone(successor) && successor.is_active
  if (reselect) slave_info(bond.dev, slave.dev, 'Removing an active aggregator')
  move_ports(aggregator, successor)
  if (reselect) ad_agg_selection_logic(bond, out)
}
function move_ports(from: A.aggregator, to: A.aggregator): void {
  to.is_individual = from.is_individual
  to.actor_admin_aggregator_key = from.actor_admin_aggregator_key
  to.actor_oper_aggregator_key = from.actor_oper_aggregator_key
  to.partner_system = from.partner_system
  to.partner_system_priority = from.partner_system_priority
  to.partner_oper_aggregator_key = from.partner_oper_aggregator_key
  to.lag_ports = from.lag_ports
  to.is_active = from.is_active
  for (const p of to.lag_ports) {
    p.aggregator = to
    p.actor_port_aggregator_identifier = to.aggregator_identifier
  }
  ad_clear_agg(from)
}
function leave_others(slave: slave, out: ad_outcome): void {
  const { bond } = slave
  const { port } = ad_of(slave)
  for (const other of bond_slaves(bond)) {
    const agg = ad_of(other).aggregator
    if (!agg.lag_ports.includes(port)) continue
    agg.lag_ports = agg.lag_ports.filter((p) => p !== port)
    if (agg_active_ports(agg) > 0) continue
    const was_active = agg.is_active
    if (agg.lag_ports.length === 0) ad_clear_agg(agg)
    if (!was_active) continue
    slave_info(bond.dev, slave.dev, 'Removing an active aggregator')
    ad_agg_selection_logic(bond, out)
  }
}

/** The settings ad_actor_system, ad_actor_sys_prio, lacp_rate and lacp_active reach the ports. */
export function bond_3ad_update_ad_actor_settings(bond: bonding): void {
  set_actor(bond)
  for (const slave of bond_slaves(bond)) {
    ad_actor_update_port(ad_of(slave).port)
    ad_of(slave).port.ntt = true
  }
}
function set_port_states(bond: bonding, bit: number, on: boolean): void {
  for (const slave of bond_slaves(bond)) {
    const { port } = ad_of(slave)
    if (on) port.actor_oper_port_state |= bit
    else port.actor_oper_port_state &= ~bit
  }
}
export function bond_3ad_update_lacp_rate(bond: bonding): void {
  set_port_states(bond, B.LACP_STATE_LACP_TIMEOUT, bond.params.lacp_fast !== 0)
}
export function bond_3ad_update_lacp_active(bond: bonding): void {
  set_port_states(bond, B.LACP_STATE_LACP_ACTIVITY, bond.params.lacp_active !== 0)
}

/** The work's function, each tick: all machines of all ports, one after the other. */
export function bond_3ad_state_machine_handler(bond: bonding): void {
  const out = { update_slave_arr: false }
  if (bond_has_slaves(bond)) run_machines(bond, out)
  if (out.update_slave_arr) bond_queue_work(bond.slave_arr_work, 0)
  if (!bond.rtnl_is_held) bond_slave_state_notify(bond)
  bond_queue_work(bond.ad_work, msecs_to_jiffies(A.AD_TIMER_INTERVAL_MS))
}
function run_machines(bond: bonding, out: ad_outcome): void {
  const { ad_info } = bond
  if (ad_info.agg_select_timer > 0 && --ad_info.agg_select_timer === 0) {
    if (first_port(bond)?.slave === undefined) return
    ad_agg_selection_logic(bond, out)
    bond_3ad_set_carrier(bond)
  }
  for (const slave of bond_slaves(bond)) {
    const { port } = ad_of(slave)
    if (port.slave === undefined) return
    ad_rx_machine(undefined, port)
    ad_periodic_machine(port)
    ad_port_selection_logic(port, out)
    ad_mux_machine(port, out)
    ad_tx_machine(port)
    ad_churn_machine(port)
    port.sm_vars &= ~A.AD_PORT_BEGIN
  }
}
/** bond_slave_arr_handler(), a work: it needs rtnl. */
export function bond_slave_arr_handler(bond: bonding): void {
  if (bond.rtnl_is_held) bond_queue_work(bond.slave_arr_work, 1)
  else bond_update_slave_arr(bond)
}

/** recv_probe: slow protocols' frames for the link's other end. */
export function bond_3ad_lacpdu_recv(skb: sk_buff, bond: bonding, slave: slave): boolean {
  if (skb.protocol !== ETH_P_SLOW) return false
  const dest = skb.buf.subarray(skb.mac_header, skb.mac_header + 6)
  if (!ether_addr_equal(dest, lacpdu_mcast_addr)) return false
  const { stats, port } = ad_of(slave)
  if (skb.len < LACPDU_SIZE) {
    stats.lacpdu_illegal_rx++
    bond.ad_info.stats.lacpdu_illegal_rx++
    return false
  }
  if (port.slave === undefined) return false
  const pdu = skb_bytes(skb).slice(0, LACPDU_SIZE)
  switch (pdu[0]) {
    case AD_TYPE_LACPDU:
      ad_rx_machine(pdu, port)
      return true
    case AD_TYPE_MARKER:
      marker_received(pdu, bond, slave)
      return true
    default:
      stats.lacpdu_unknown_rx++
      bond.ad_info.stats.lacpdu_unknown_rx++
      return false
  }
}
function marker_received(pdu: Uint8Array, bond: bonding, slave: slave): void {
  const { stats, port } = ad_of(slave)
  if (pdu[2] === AD_MARKER_INFORMATION_SUBTYPE) {
    stats.marker_rx++
    bond.ad_info.stats.marker_rx++
    ad_marker_respond(port, pdu)
  } else if (pdu[2] === AD_MARKER_RESPONSE_SUBTYPE) {
    stats.marker_resp_rx++
    bond.ad_info.stats.marker_resp_rx++
  } else {
    stats.marker_unknown_rx++
    bond.ad_info.stats.marker_unknown_rx++
  }
}

export function bond_3ad_adapter_speed_duplex_changed(slave: slave): void {
  const { port } = ad_of(slave)
  if (port.slave === undefined) slave_warn(slave.bond.dev, slave.dev, 'speed/duplex changed for uninitialized port')
  else ad_update_actor_keys(port, false)
}
export function bond_3ad_handle_link_change(slave: slave, link: number): void {
  const { port } = ad_of(slave)
  if (port.slave === undefined) {
    slave_warn(slave.bond.dev, slave.dev, 'link status changed for uninitialized port')
    return
  }
  port.is_enabled = link === B.BOND_LINK_UP
  ad_update_actor_keys(port, !port.is_enabled)
  ad_agg_selection_logic(slave.bond, { update_slave_arr: false })
  bond_update_slave_arr(slave.bond)
}

/** What is told of the active aggregator; undefined without one. */
export function bond_3ad_get_active_agg_info(bond: bonding): A.ad_info | undefined {
  const agg = bond_slaves(bond)
    .map((s) => s.ad_info?.port.aggregator)
    .find((a) => a?.is_active)
  return (
    agg && {
      aggregator_id: agg.aggregator_identifier,
      ports: agg_active_ports(agg),
      actor_key: agg.actor_oper_aggregator_key,
      partner_key: agg.partner_oper_aggregator_key,
      partner_system: agg.partner_system,
    }
  )
}
export function bond_3ad_churn_desc(state: number): string {
  return ['monitoring', 'churned', 'none'][state] ?? 'unknown'
}

/** bond_3ad_stats_fill(): numbered from 0 on; x86-64 needs no padding before a u64. */
export function bond_3ad_stats_fill(skb: MessageBuilder, stats: A.bond_3ad_stats): void {
  for (const [nr, value] of Object.values(stats).entries()) {
    const o = skb.reserve(nr, 8)
    if (o >= 0) put64(skb.buf, o, value)
  }
}

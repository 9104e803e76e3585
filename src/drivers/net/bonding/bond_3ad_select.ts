/** drivers/net/bonding/bond_3ad.c: which aggregator a port belongs to, and which one the bond uses. */
import { KERN_WARNING } from '../../../kernel/printk.ts'
import { netif_carrier_off, netif_carrier_ok, netif_carrier_on } from '../../../net/core/dev.ts'
import { ether_addr_equal } from '../../../net/ethernet/eth.ts'
import { BOND_LINK_UP, LACP_STATE_SYNCHRONIZATION } from '../../../uapi/linux/if_bonding.ts'
import { ad_of, agg_active_ports, agg_bandwidth, agg_device_up, agg_has_partner, get_active_agg, slave_of } from './bond_3ad_port.ts'
import * as A from './bond_3ad_types.ts'
import { slave_err } from './bond_printk.ts'
import { BOND_SLAVE_NOTIFY_LATER, bond_set_slave_active_flags, bond_set_slave_inactive_flags } from './bond_slave_state.ts'
import { BOND_AD_COUNT, BOND_AD_STABLE, bond_has_slaves, bond_slave_is_up, bond_slaves, type bonding } from './bonding.ts'

/** What the machines of one tick have to say to the one who runs them. */
export interface ad_outcome {
  /** The slaves that may send are others now. */
  update_slave_arr: boolean
}

export function disable_port(port: A.port): void {
  bond_set_slave_inactive_flags(slave_of(port), BOND_SLAVE_NOTIFY_LATER)
}
/** Only one whose link is up. */
export function enable_port(port: A.port): void {
  const slave = slave_of(port)
  if (slave.link === BOND_LINK_UP && bond_slave_is_up(slave)) bond_set_slave_active_flags(slave, BOND_SLAVE_NOTIFY_LATER)
}
/** __set_agg_ports_ready(): an aggregator's ports are ready together. */
export function update_ready(agg: A.aggregator | undefined): void {
  if (agg === undefined) return
  const ready = agg.lag_ports.every((p) => p.sm_vars & A.AD_PORT_READY_N)
  for (const p of agg.lag_ports) {
    if (ready) p.sm_vars |= A.AD_PORT_READY
    else p.sm_vars &= ~A.AD_PORT_READY
  }
}

export function ad_clear_agg(agg: A.aggregator): void {
  agg.is_individual = false
  agg.actor_admin_aggregator_key = 0
  agg.actor_oper_aggregator_key = 0
  agg.partner_system = new Uint8Array(6)
  agg.partner_system_priority = 0
  agg.partner_oper_aggregator_key = 0
  agg.lag_ports = []
  agg.is_active = false
}
function leave_aggregator(port: A.port): void {
  const agg = port.aggregator
  if (agg === undefined || !agg.lag_ports.includes(port)) return
  agg.lag_ports = agg.lag_ports.filter((p) => p !== port)
  port.aggregator = undefined
  port.actor_port_aggregator_identifier = 0
  if (agg.lag_ports.length === 0) ad_clear_agg(agg)
}
/** Whether the port's own key and its partner are those of the aggregator, which has an answering partner. */
function suits(agg: A.aggregator, port: A.port): boolean {
  const { partner_oper } = port
  return (
    agg.actor_oper_aggregator_key === port.actor_oper_port_key &&
    ether_addr_equal(agg.partner_system, partner_oper.system) &&
    agg.partner_system_priority === partner_oper.system_priority &&
    agg.partner_oper_aggregator_key === partner_oper.key &&
    agg_has_partner(agg) &&
    !agg.is_individual
  )
}
function found_aggregator(agg: A.aggregator, port: A.port): void {
  agg.is_individual = (port.actor_oper_port_key & A.AD_DUPLEX_KEY_MASKS) === 0
  agg.actor_admin_aggregator_key = port.actor_admin_port_key
  agg.actor_oper_aggregator_key = port.actor_oper_port_key
  agg.partner_system = port.partner_oper.system.slice()
  agg.partner_system_priority = port.partner_oper.system_priority
  agg.partner_oper_aggregator_key = port.partner_oper.key
}
/** ad_port_selection_logic(): an aggregator that has such ports, else an empty one. */
export function ad_port_selection_logic(port: A.port, out: ad_outcome): void {
  if (port.sm_vars & A.AD_PORT_SELECTED) return
  const slave = slave_of(port)
  const { bond } = slave
  leave_aggregator(port)
  const all = bond_slaves(bond).map((s) => ad_of(s).aggregator)
  // a suiting one is looked for from the first on, empty ones are passed over
  const suiting = all.find((agg) => agg.lag_ports.length > 0 && suits(agg, port))
  const agg = suiting ?? all.find((a) => a.lag_ports.length === 0)
  if (agg === undefined) {
    slave_err(bond.dev, slave.dev, `Port ${port.actor_port_number} did not find a suitable aggregator`)
    return
  }
  if (suiting === undefined) found_aggregator(agg, port)
  port.aggregator = agg
  port.actor_port_aggregator_identifier = agg.aggregator_identifier
  agg.lag_ports.unshift(port)
  port.sm_vars |= A.AD_PORT_SELECTED
  update_ready(agg)
  ad_agg_selection_logic(bond, out)
  if (!agg.is_active) port.actor_oper_port_state &= ~LACP_STATE_SYNCHRONIZATION
}

/**
 * ad_agg_selection_test(): whether `curr` is better than the best so far.
 *
 *   curr                  best                  | better
 *   any                   none                  | curr
 *   not individual        individual            | curr
 *   individual            not individual        | best
 *   partner answers       partner silent        | curr
 *   partner silent        partner answers       | best
 *   (count) more ports    fewer ports           | curr
 *   (count) fewer ports   more ports            | best
 *   more bandwidth        as much or less       | curr
 *   otherwise                                   | best
 */
export function ad_agg_selection_test(best: A.aggregator | undefined, curr: A.aggregator): A.aggregator {
  if (best === undefined) return curr
  if (curr.is_individual !== best.is_individual) return curr.is_individual ? best : curr
  if (agg_has_partner(curr) !== agg_has_partner(best)) return agg_has_partner(curr) ? curr : best
  if (curr.slave.bond.params.ad_select === BOND_AD_COUNT) {
    const more = agg_active_ports(curr) - agg_active_ports(best)
    if (more !== 0) return more > 0 ? curr : best
  }
  return agg_bandwidth(curr) > agg_bandwidth(best) ? curr : best
}

/** The stable policy keeps the active aggregator while it has ports, and its partner answers or nobody's does. */
function stays(active: A.aggregator | undefined, best: A.aggregator): active is A.aggregator {
  if (active === undefined || active.lag_ports.length === 0 || agg_active_ports(active) === 0) return false
  if (!agg_has_partner(active) && agg_has_partner(best)) return false
  return !(active.actor_oper_aggregator_key === 0 && best.actor_oper_aggregator_key !== 0)
}

/** ad_agg_selection_logic(): one aggregator at a time is active. */
export function ad_agg_selection_logic(bond: bonding, out: ad_outcome): void {
  const active = get_active_agg(bond)
  let best = active !== undefined && agg_device_up(active) ? active : undefined
  for (const slave of bond_slaves(bond)) {
    const agg = ad_of(slave).aggregator
    agg.is_active = false
    if (agg_active_ports(agg) > 0 && agg_device_up(agg)) best = ad_agg_selection_test(best, agg)
  }
  if (best !== undefined) {
    const keep = bond.params.ad_select === BOND_AD_STABLE && stays(active, best) ? active : best
    keep.is_active = true
    if (keep !== active) activate(bond, keep, active, out)
  }
  // without a partner there is no negotiation to wait for
  const now = get_active_agg(bond)
  if (now !== undefined && !agg_has_partner(now)) {
    for (const port of now.lag_ports) enable_port(port)
    out.update_slave_arr = true
  }
  bond_3ad_set_carrier(bond)
}
function activate(bond: bonding, best: A.aggregator, former: A.aggregator | undefined, out: ad_outcome): void {
  if (best.is_individual) {
    const text = 'Warning: No 802.3ad response from the link partner for any adapters in the bond'
    bond.dev.nd_net.kernel.printk(KERN_WARNING, `${bond.dev.name}: ${text}`)
  }
  for (const port of former?.lag_ports ?? []) disable_port(port)
  out.update_slave_arr = true
}

/** bond_3ad_set_carrier(): up with an active aggregator that has enough ports. True: bond_set_carrier() says that it changed. */
export function bond_3ad_set_carrier(bond: bonding): boolean {
  if (!bond_has_slaves(bond)) return false
  const active = get_active_agg(bond)
  const up = active !== undefined && agg_active_ports(active) >= bond.params.min_links
  if (up && !netif_carrier_ok(bond.dev)) netif_carrier_on(bond.dev)
  if (!up && netif_carrier_ok(bond.dev)) netif_carrier_off(bond.dev)
  // as in Linux, which answers so even when nothing changed
  return true
}

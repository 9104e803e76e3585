/** drivers/net/bonding/bond_3ad.c: a port's key, what it says of itself, and what it makes of its partner's word. */
import { getBe16, putBe16 } from '../../../lib/bytes.ts'
import { netif_carrier_ok, netif_running } from '../../../net/core/dev.ts'
import { ether_addr_equal, is_zero_ether_addr } from '../../../net/ethernet/eth.ts'
import * as B from '../../../uapi/linux/if_bonding.ts'
import * as A from './bond_3ad_types.ts'
import { bond_first_slave, bond_slaves, type bonding, DUPLEX_FULL, type slave, SPEED_UNKNOWN } from './bonding.ts'
import { slave_err } from './bond_printk.ts'
import { netdev_err } from '../../../net/core/dev.ts'

/** Mbit/s to the speed's code in the key. */
const AD_LINK_SPEED = new Map(
  [1, 10, 100, 1000, 2500, 5000, 10000, 14000, 20000, 25000, 40000, 50000, 56000, 100000, 200000, 400000, 800000].map((mbps, i) => [
    mbps,
    i + 1,
  ]),
)

export function ad_of(slave: slave): A.ad_slave_info {
  return slave.ad_info as A.ad_slave_info
}
export function slave_of(port: A.port): slave {
  return port.slave as slave
}
/** __get_first_agg(): where the search for a port's aggregator begins. */
export function first_port(bond: bonding): A.port | undefined {
  const first = bond_first_slave(bond)
  return first === undefined ? undefined : ad_of(first).port
}
export function agg_has_partner(agg: A.aggregator): boolean {
  return !is_zero_ether_addr(agg.partner_system)
}
export function agg_active_ports(agg: A.aggregator): number {
  return agg.lag_ports.filter((p) => p.is_enabled).length
}
export function agg_device_up(agg: A.aggregator): boolean {
  return agg.lag_ports.some((p) => netif_running(slave_of(p).dev) && netif_carrier_ok(slave_of(p).dev))
}
/** Of all its ports that are up, as if each were as fast as the newest. */
export function agg_bandwidth(agg: A.aggregator): number {
  const ports = agg_active_ports(agg)
  if (ports === 0) return 0
  const { speed, link } = slave_of(agg.lag_ports[0])
  return link === B.BOND_LINK_UP && AD_LINK_SPEED.has(speed) ? ports * speed : 0
}
export function get_active_agg(bond: bonding): A.aggregator | undefined {
  return bond_slaves(bond)
    .map((s) => ad_of(s).aggregator)
    .find((agg) => agg.is_active)
}

function link_speed(port: A.port): number {
  const { link, speed, bond, dev } = slave_of(port)
  if (link !== B.BOND_LINK_UP) return 0
  const code = AD_LINK_SPEED.get(speed)
  if (code === undefined && speed !== SPEED_UNKNOWN) {
    netdev_err(bond.dev, `(slave ${dev.name}): unknown ethtool speed (${speed}) for port ${port.actor_port_number} (set it to 0)`)
  }
  return code ?? 0
}
function full_duplex(port: A.port): number {
  const { link, duplex } = slave_of(port)
  return link === B.BOND_LINK_UP && duplex === DUPLEX_FULL ? 1 : 0
}

/** ad_update_actor_keys(): only a full duplex port takes part, and a new speed begins anew. `reset`: the link is down. */
export function ad_update_actor_keys(port: A.port, reset: boolean): void {
  const old_oper_key = port.actor_oper_port_key
  const speed = reset ? 0 : link_speed(port)
  const duplex = reset ? 0 : full_duplex(port)
  port.actor_admin_port_key &= ~(A.AD_SPEED_KEY_MASKS | A.AD_DUPLEX_KEY_MASKS)
  port.actor_admin_port_key |= (speed << 1) | duplex
  port.actor_oper_port_key = port.actor_admin_port_key
  if (old_oper_key === port.actor_oper_port_key) return
  if (duplex) port.sm_vars |= A.AD_PORT_LACP_ENABLED
  else port.sm_vars &= ~A.AD_PORT_LACP_ENABLED
  if (reset) return
  const slave = slave_of(port)
  if (speed === 0) slave_err(slave.bond.dev, slave.dev, `speed changed to 0 on port ${port.actor_port_number}`)
  else if (duplex && (old_oper_key & A.AD_SPEED_KEY_MASKS) >> 1 !== speed) port.sm_vars |= A.AD_PORT_BEGIN
}
export function ad_actor_update_port(port: A.port): void {
  const { ad_info } = slave_of(port).bond
  port.actor_system = ad_info.sys_mac_addr.slice()
  port.actor_system_priority = ad_info.sys_priority
}

/** A LACPDU behind its Ethernet header: the fields of the two sides lie in the same order. */
export const LACPDU_SIZE = 110
const ACTOR = 4
const PARTNER = 24
const AD_COLLECTOR_MAX_DELAY = 0

export function read_params(pdu: Uint8Array, side: 'actor' | 'partner'): A.port_params {
  const o = side === 'actor' ? ACTOR : PARTNER
  return {
    system_priority: getBe16(pdu, o),
    system: pdu.slice(o + 2, o + 8),
    key: getBe16(pdu, o + 8),
    port_priority: getBe16(pdu, o + 10),
    port_number: getBe16(pdu, o + 12),
    port_state: pdu[o + 14],
  }
}
function write_params(pdu: Uint8Array, o: number, p: A.port_params): void {
  putBe16(pdu, o, p.system_priority)
  pdu.set(p.system, o + 2)
  putBe16(pdu, o + 8, p.key)
  putBe16(pdu, o + 10, p.port_priority)
  putBe16(pdu, o + 12, p.port_number)
  pdu[o + 14] = p.port_state
}
export function actor_params(port: A.port): A.port_params {
  return {
    system: port.actor_system,
    system_priority: port.actor_system_priority,
    key: port.actor_oper_port_key,
    port_number: port.actor_port_number,
    port_priority: port.actor_port_priority,
    port_state: port.actor_oper_port_state,
  }
}
/** __update_lacpdu_from_port(): three TLVs and their end; what is between is reserved. */
export function lacpdu_of(port: A.port): Uint8Array {
  const pdu = new Uint8Array(LACPDU_SIZE)
  pdu.set([0x01, 0x01, 0x01, 0x14])
  write_params(pdu, ACTOR, actor_params(port))
  pdu.set([0x02, 0x14], 22)
  write_params(pdu, PARTNER, port.partner_oper)
  pdu.set([0x03, 0x10], 42)
  putBe16(pdu, 44, AD_COLLECTOR_MAX_DELAY)
  return pdu
}

/** Whether two descriptions are of the same port, as far as `states` of its state goes. */
export function same_params(a: A.port_params, b: A.port_params, states: number): boolean {
  return (
    a.port_number === b.port_number &&
    a.port_priority === b.port_priority &&
    ether_addr_equal(a.system, b.system) &&
    a.system_priority === b.system_priority &&
    a.key === b.key &&
    (a.port_state & states) === (b.port_state & states)
  )
}

/** __record_pdu() with __choose_matched(): the partner is in sync only when it means us. */
export function record_pdu(port: A.port, pdu: Uint8Array): void {
  const actor = read_params(pdu, 'actor')
  const individual = (actor.port_state & B.LACP_STATE_AGGREGATION) === 0
  const matched = individual || same_params(read_params(pdu, 'partner'), actor_params(port), B.LACP_STATE_AGGREGATION)
  if (matched) port.sm_vars |= A.AD_PORT_MATCHED
  else port.sm_vars &= ~A.AD_PORT_MATCHED
  if (!matched) actor.port_state &= ~B.LACP_STATE_SYNCHRONIZATION
  port.partner_oper = actor
  port.actor_oper_port_state &= ~B.LACP_STATE_DEFAULTED
}
/** __record_default(): what the administrator would say the partner is. */
export function record_default(port: A.port): void {
  port.partner_oper = { ...port.partner_admin }
  port.actor_oper_port_state |= B.LACP_STATE_DEFAULTED
}
/** __update_selected(): another partner than before means another aggregator. */
export function update_selected(port: A.port, partner: A.port_params): void {
  if (!same_params(partner, port.partner_oper, B.LACP_STATE_AGGREGATION)) port.sm_vars &= ~A.AD_PORT_SELECTED
}
/** __update_ntt(): the partner has not understood what we are. */
export function update_ntt(port: A.port, pdu: Uint8Array): void {
  const states = B.LACP_STATE_LACP_ACTIVITY | B.LACP_STATE_LACP_TIMEOUT | B.LACP_STATE_SYNCHRONIZATION | B.LACP_STATE_AGGREGATION
  if (!same_params(read_params(pdu, 'partner'), actor_params(port), states)) port.ntt = true
}

/** drivers/net/bonding/bond_3ad.h: ports, aggregators, and the states of their machines (IEEE 802.3ad clause 43). */
import type { slave } from './bonding.ts'

/** The machines run each 100 ms; all their timers count these ticks. */
export const AD_TIMER_INTERVAL_MS = 100
export const AD_TICKS_PER_SEC = 10
export const AD_MAX_TX_IN_SECOND = 3
/** Seconds. */
export const AD_FAST_PERIODIC_TIME = 1
export const AD_SLOW_PERIODIC_TIME = 30
export const AD_SHORT_TIMEOUT_TIME = 3 * AD_FAST_PERIODIC_TIME
export const AD_LONG_TIMEOUT_TIME = 3 * AD_SLOW_PERIODIC_TIME
export const AD_CHURN_DETECTION_TIME = 60
export const AD_AGGREGATE_WAIT_TIME = 2
/** How long after its first slave a bond waits with the first choice. */
export const AD_AGGREGATOR_SELECTION_TIMER = 8

/** port.sm_vars */
export const AD_PORT_BEGIN = 0x1
export const AD_PORT_LACP_ENABLED = 0x2
export const AD_PORT_READY = 0x10
export const AD_PORT_READY_N = 0x20
export const AD_PORT_MATCHED = 0x40
export const AD_PORT_STANDBY = 0x80
export const AD_PORT_SELECTED = 0x100
/** The standard's two variables actor_churn and partner_churn. */
export const AD_PORT_CHURNED = 0x4 | 0x8

export const AD_RX_DUMMY = 0
export const AD_RX_INITIALIZE = 1
export const AD_RX_PORT_DISABLED = 2
export const AD_RX_LACP_DISABLED = 3
export const AD_RX_EXPIRED = 4
export const AD_RX_DEFAULTED = 5
export const AD_RX_CURRENT = 6

export const AD_PERIODIC_DUMMY = 0
export const AD_NO_PERIODIC = 1
export const AD_FAST_PERIODIC = 2
export const AD_SLOW_PERIODIC = 3
export const AD_PERIODIC_TX = 4

export const AD_MUX_DUMMY = 0
export const AD_MUX_DETACHED = 1
export const AD_MUX_WAITING = 2
export const AD_MUX_ATTACHED = 3
export const AD_MUX_COLLECTING = 4
export const AD_MUX_DISTRIBUTING = 5
export const AD_MUX_COLLECTING_DISTRIBUTING = 6

export const AD_CHURN_MONITOR = 0
export const AD_CHURN = 1
export const AD_NO_CHURN = 2

/** Parts of a port's key: full duplex, speed, and above them the user's own. */
export const AD_DUPLEX_KEY_MASKS = 0x1
export const AD_SPEED_KEY_MASKS = 0x3e

/** What one side says of itself in a LACPDU. */
export interface port_params {
  system: Uint8Array
  system_priority: number
  key: number
  port_number: number
  port_priority: number
  /** LACP_STATE_* */
  port_state: number
}

export class aggregator {
  readonly slave: slave
  aggregator_identifier = 0
  is_individual = false
  actor_admin_aggregator_key = 0
  actor_oper_aggregator_key = 0
  partner_system = new Uint8Array(6)
  partner_system_priority = 0
  partner_oper_aggregator_key = 0
  /** The newest first. */
  lag_ports: port[] = []
  is_active = false
  constructor(slave: slave) {
    this.slave = slave
  }
}

export class port {
  /** Undefined before it is bound to its slave, and after. */
  slave: slave | undefined = undefined
  actor_port_number = 0
  actor_port_priority = 0xff
  actor_system = new Uint8Array(6)
  actor_system_priority = 0
  actor_port_aggregator_identifier = 0
  actor_admin_port_key = 0
  actor_oper_port_key = 0
  actor_oper_port_state = 0
  partner_admin: port_params
  partner_oper: port_params
  /** The link is up. */
  is_enabled = true
  /** Need to transmit. */
  ntt = false
  sm_vars = 0
  sm_rx_state = AD_RX_DUMMY
  sm_rx_timer_counter = 0
  sm_periodic_state = AD_PERIODIC_DUMMY
  sm_periodic_timer_counter = 0
  sm_mux_state = AD_MUX_DUMMY
  sm_mux_timer_counter = 0
  sm_tx_timer_counter = 0
  sm_churn_actor_timer_counter = 0
  sm_churn_partner_timer_counter = 0
  sm_churn_actor_state = AD_CHURN_MONITOR
  sm_churn_partner_state = AD_CHURN_MONITOR
  churn_actor_count = 0
  churn_partner_count = 0
  aggregator: aggregator | undefined = undefined
  constructor(partner: port_params) {
    this.partner_admin = { ...partner }
    this.partner_oper = { ...partner }
  }
}

/** struct bond_3ad_stats, in the order in which they are told. */
export class bond_3ad_stats {
  lacpdu_rx = 0
  lacpdu_tx = 0
  lacpdu_unknown_rx = 0
  lacpdu_illegal_rx = 0
  marker_rx = 0
  marker_tx = 0
  marker_resp_rx = 0
  marker_resp_tx = 0
  marker_unknown_rx = 0
}

export class ad_slave_info {
  readonly aggregator: aggregator
  readonly port: port
  readonly stats = new bond_3ad_stats()
  id = 0
  constructor(aggregator: aggregator, port: port) {
    this.aggregator = aggregator
    this.port = port
  }
}

export class ad_bond_info {
  sys_priority = 0
  sys_mac_addr = new Uint8Array(6)
  readonly stats = new bond_3ad_stats()
  /** Ticks until the first choice; 0: not running. */
  agg_select_timer = 0
  aggregator_identifier = 0
}

/** What is told of the active aggregator. */
export interface ad_info {
  aggregator_id: number
  ports: number
  actor_key: number
  partner_key: number
  partner_system: Uint8Array
}

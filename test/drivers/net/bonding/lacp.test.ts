import t from 'tap'
import {
  ad_churn_machine,
  ad_mux_machine,
  ad_periodic_machine,
  ad_rx_machine,
  ad_tx_machine,
} from '../../../../src/drivers/net/bonding/bond_3ad_machines.ts'
import { ad_of, lacpdu_of, slave_of } from '../../../../src/drivers/net/bonding/bond_3ad_port.ts'
import { ad_agg_selection_test } from '../../../../src/drivers/net/bonding/bond_3ad_select.ts'
import * as A from '../../../../src/drivers/net/bonding/bond_3ad_types.ts'
import { BOND_AD_COUNT } from '../../../../src/drivers/net/bonding/bonding.ts'
import * as B from '../../../../src/uapi/linux/if_bonding.ts'
import { Bonds } from './bonds.ts'

const SYNC = B.LACP_STATE_SYNCHRONIZATION
const MOVING = B.LACP_STATE_COLLECTING | B.LACP_STATE_DISTRIBUTING
const SHORT = A.AD_SHORT_TIMEOUT_TIME * A.AD_TICKS_PER_SEC
const LONG = A.AD_LONG_TIMEOUT_TIME * A.AD_TICKS_PER_SEC
const READY = A.AD_PORT_SELECTED | A.AD_PORT_READY_N | A.AD_PORT_READY

/** A port in an active aggregator of its own whose partner answers. */
function port() {
  const h = new Bonds()
  const bond = h.bond(B.BOND_MODE_8023AD)
  const [slave] = h.veths(bond, 1)
  h.settle()
  const { port, aggregator } = ad_of(slave)
  port.sm_vars = A.AD_PORT_LACP_ENABLED | A.AD_PORT_SELECTED
  port.aggregator = aggregator
  aggregator.lag_ports = [port]
  aggregator.is_active = true
  aggregator.partner_system = new Uint8Array([2, 0, 0, 0, 0, 9])
  return port
}
const out = () => ({ update_slave_arr: false })
/** A LACPDU as a partner sends it. */
function pdu(p: A.port): Uint8Array {
  const bytes = lacpdu_of(p).slice()
  bytes[9] = 7
  return bytes
}

const and = (received: boolean, cause: (p: A.port) => void) => (p: A.port) => {
  cause(p)
  return received
}

t.test('ad_rx_machine(): each row', (t) => {
  const rows: [string, number, (p: A.port) => boolean, number, number][] = [
    [
      'BEGIN',
      A.AD_RX_CURRENT,
      and(false, (p) => {
        p.sm_vars |= A.AD_PORT_BEGIN
      }),
      A.AD_RX_PORT_DISABLED,
      0,
    ],
    [
      'link down',
      A.AD_RX_CURRENT,
      and(false, (p) => {
        p.is_enabled = false
      }),
      A.AD_RX_PORT_DISABLED,
      0,
    ],
    ['LACPDU in EXPIRED', A.AD_RX_EXPIRED, () => true, A.AD_RX_CURRENT, LONG],
    ['LACPDU in DEFAULTED', A.AD_RX_DEFAULTED, () => true, A.AD_RX_CURRENT, LONG],
    [
      'LACPDU in CURRENT, fast',
      A.AD_RX_CURRENT,
      and(true, (p) => {
        p.actor_oper_port_state |= B.LACP_STATE_LACP_TIMEOUT
      }),
      A.AD_RX_CURRENT,
      SHORT,
    ],
    [
      'timer in CURRENT',
      A.AD_RX_CURRENT,
      and(false, (p) => {
        p.sm_rx_timer_counter = 1
      }),
      A.AD_RX_EXPIRED,
      SHORT,
    ],
    [
      'timer in EXPIRED',
      A.AD_RX_EXPIRED,
      and(false, (p) => {
        p.sm_rx_timer_counter = 1
      }),
      A.AD_RX_DEFAULTED,
      0,
    ],
    ['link up, LACP', A.AD_RX_PORT_DISABLED, () => false, A.AD_RX_EXPIRED, SHORT],
    [
      'link up, half duplex',
      A.AD_RX_PORT_DISABLED,
      and(false, (p) => {
        p.sm_vars &= ~A.AD_PORT_LACP_ENABLED
      }),
      A.AD_RX_LACP_DISABLED,
      0,
    ],
  ]
  for (const [name, from, cause, to, timer] of rows) {
    const p = port()
    p.sm_rx_state = from
    p.partner_oper.port_state = SYNC
    const received = cause(p)
    ad_rx_machine(received ? pdu(p) : undefined, p)
    t.strictSame([p.sm_rx_state, p.sm_rx_timer_counter], [to, timer], name)
    if (to === A.AD_RX_PORT_DISABLED || to === A.AD_RX_EXPIRED) t.equal(p.partner_oper.port_state & SYNC, 0, `${name}: partner out of sync`)
  }
  t.end()
})

t.test('ad_periodic_machine(): each row', (t) => {
  const FAST = B.LACP_STATE_LACP_TIMEOUT
  const rows: [string, number, number, number, (p: A.port) => void, number, number][] = [
    ['link down', A.AD_FAST_PERIODIC, 5, 0, (p) => (p.is_enabled = false), A.AD_NO_PERIODIC, 0],
    ['both passive', A.AD_FAST_PERIODIC, 5, 0, (p) => (p.actor_oper_port_state = 0), A.AD_NO_PERIODIC, 0],
    ['timer', A.AD_FAST_PERIODIC, 1, FAST, () => {}, A.AD_PERIODIC_TX, 0],
    ['partner wants slow', A.AD_FAST_PERIODIC, 5, 0, () => {}, A.AD_SLOW_PERIODIC, 299],
    ['partner wants fast', A.AD_SLOW_PERIODIC, 50, FAST, () => {}, A.AD_PERIODIC_TX, 0],
    ['begins', A.AD_NO_PERIODIC, 0, 0, () => {}, A.AD_FAST_PERIODIC, 9],
    ['sent, slow', A.AD_PERIODIC_TX, 0, 0, () => {}, A.AD_SLOW_PERIODIC, 299],
    ['sent, fast', A.AD_PERIODIC_TX, 0, FAST, () => {}, A.AD_FAST_PERIODIC, 9],
  ]
  for (const [name, from, timer, partner, cause, to, left] of rows) {
    const p = port()
    p.sm_periodic_state = from
    p.sm_periodic_timer_counter = timer
    p.partner_oper.port_state = partner
    p.ntt = false
    cause(p)
    ad_periodic_machine(p)
    t.strictSame([p.sm_periodic_state, p.sm_periodic_timer_counter, p.ntt], [to, left, to === A.AD_PERIODIC_TX], name)
  }
  t.end()
})

t.test('ad_mux_machine(): each row', (t) => {
  const synced = (p: A.port) => {
    p.partner_oper.port_state = SYNC
    p.actor_oper_port_state |= SYNC
  }
  const rows: [string, number, (p: A.port) => void, number][] = [
    ['BEGIN', A.AD_MUX_COLLECTING_DISTRIBUTING, (p) => (p.sm_vars |= A.AD_PORT_BEGIN), A.AD_MUX_DETACHED],
    ['selected', A.AD_MUX_DETACHED, () => {}, A.AD_MUX_WAITING],
    ['unselected while it waits', A.AD_MUX_WAITING, (p) => (p.sm_vars = 0), A.AD_MUX_DETACHED],
    ['waits', A.AD_MUX_WAITING, (p) => (p.sm_mux_timer_counter = 2), A.AD_MUX_WAITING],
    ['wait over', A.AD_MUX_WAITING, (p) => (p.sm_mux_timer_counter = 1), A.AD_MUX_ATTACHED],
    ['partner in sync', A.AD_MUX_ATTACHED, synced, A.AD_MUX_COLLECTING_DISTRIBUTING],
    [
      'partner in sync, not coupled',
      A.AD_MUX_ATTACHED,
      (p) => {
        synced(p)
        slave_of(p).bond.params.coupled_control = 0
      },
      A.AD_MUX_COLLECTING,
    ],
    ['partner not in sync', A.AD_MUX_ATTACHED, () => {}, A.AD_MUX_ATTACHED],
    ['unselected when attached', A.AD_MUX_ATTACHED, (p) => (p.sm_vars = 0), A.AD_MUX_DETACHED],
    ['stays', A.AD_MUX_COLLECTING_DISTRIBUTING, synced, A.AD_MUX_COLLECTING_DISTRIBUTING],
    ['out of sync', A.AD_MUX_COLLECTING_DISTRIBUTING, () => {}, A.AD_MUX_ATTACHED],
    ['collects, partner does not', A.AD_MUX_COLLECTING, synced, A.AD_MUX_COLLECTING],
    ['collects, out of sync', A.AD_MUX_COLLECTING, () => {}, A.AD_MUX_ATTACHED],
    [
      'both collect',
      A.AD_MUX_COLLECTING,
      (p) => {
        synced(p)
        p.partner_oper.port_state |= B.LACP_STATE_COLLECTING
      },
      A.AD_MUX_DISTRIBUTING,
    ],
    ['partner stops collecting', A.AD_MUX_DISTRIBUTING, synced, A.AD_MUX_COLLECTING],
  ]
  for (const [name, from, cause, to] of rows) {
    const p = port()
    slave_of(p).bond.ad_info.agg_select_timer = 0
    p.sm_vars = A.AD_PORT_LACP_ENABLED | READY
    p.sm_mux_state = from
    p.partner_oper.port_state = 0
    p.actor_oper_port_state = B.LACP_STATE_LACP_ACTIVITY | MOVING
    cause(p)
    ad_mux_machine(p, out())
    t.equal(p.sm_mux_state, to, name)
    if (to === A.AD_MUX_COLLECTING_DISTRIBUTING && from !== to) t.equal(p.actor_oper_port_state & MOVING, MOVING, `${name}: says so`)
    if (to === A.AD_MUX_ATTACHED && from !== to) t.equal(p.actor_oper_port_state & MOVING, 0, `${name}: says so`)
  }
  t.end()
})

t.test('ad_agg_selection_test(): each row', (t) => {
  const h = new Bonds()
  const bond = h.bond(B.BOND_MODE_8023AD)
  const slaves = h.veths(bond, 3)
  const agg = (individual: boolean, partner: boolean, ports: number) => {
    const a = new A.aggregator(slaves[0])
    a.is_individual = individual
    if (partner) a.partner_system = new Uint8Array([2, 0, 0, 0, 0, 1])
    a.lag_ports = slaves.slice(0, ports).map((s) => ad_of(s).port)
    for (const p of a.lag_ports) p.is_enabled = true
    return a
  }
  const rows: [string, boolean, A.aggregator | undefined, A.aggregator, boolean][] = [
    ['nothing better', false, undefined, agg(true, false, 1), true],
    ['not individual against individual', false, agg(true, true, 2), agg(false, false, 1), true],
    ['individual against not', false, agg(false, false, 1), agg(true, true, 2), false],
    ['partner against none', false, agg(false, false, 2), agg(false, true, 1), true],
    ['none against partner', false, agg(false, true, 1), agg(false, false, 2), false],
    ['count: more ports', true, agg(false, true, 1), agg(false, true, 2), true],
    ['count: fewer ports', true, agg(false, true, 2), agg(false, true, 1), false],
    ['as good', false, agg(false, true, 1), agg(false, true, 1), false],
  ]
  for (const [name, count, best, curr, wins] of rows) {
    bond.params.ad_select = count ? BOND_AD_COUNT : 0
    t.equal(ad_agg_selection_test(best, curr), wins ? curr : best, name)
  }
  t.end()
})

t.test('no more than three LACPDUs a second; a side that stays out of sync for a minute is churned', (t) => {
  const p = port()
  const sent = () => ad_of(slave_of(p)).stats.lacpdu_tx
  p.sm_tx_timer_counter = 0
  for (let tick = 0; tick < 10; tick++) {
    p.ntt = true
    ad_tx_machine(p)
  }
  t.equal(sent(), 4)
  p.sm_vars |= A.AD_PORT_CHURNED
  p.actor_oper_port_state |= SYNC
  p.partner_oper.port_state = 0
  for (let tick = 0; tick <= 600; tick++) ad_churn_machine(p)
  t.strictSame([p.sm_churn_actor_state, p.sm_churn_partner_state], [A.AD_NO_CHURN, A.AD_CHURN])
  t.strictSame([p.churn_actor_count, p.churn_partner_count], [0, 1])
  t.end()
})

t.test('two bonds with two cables between them find each other', (t) => {
  const h = new Bonds()
  const a = h.bond(B.BOND_MODE_8023AD, 'ba')
  const slaves = h.veths(a, 2)
  const c = h.bond(B.BOND_MODE_8023AD, 'bc')
  for (const name of ['p0', 'p1']) {
    h.device(name).netdev_ops.ndo_stop?.(h.device(name))
    h.device(name).flags &= ~1
    h.enslave(c, h.device(name))
  }
  h.up(a)
  h.up(c)
  h.pass(6000)
  t.strictSame(
    slaves.map((s) => ad_of(s).port.sm_mux_state),
    [A.AD_MUX_COLLECTING_DISTRIBUTING, A.AD_MUX_COLLECTING_DISTRIBUTING],
  )
  t.equal(new Set(slaves.map((s) => ad_of(s).port.aggregator)).size, 1)
  t.end()
})

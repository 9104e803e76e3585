import t from 'tap'
import { bond_arp_monitor } from '../../../../src/drivers/net/bonding/bond_arp_monitor.ts'
import { bond_mii_monitor } from '../../../../src/drivers/net/bonding/bond_monitor.ts'
import { type bonding, jiffies_of, type slave } from '../../../../src/drivers/net/bonding/bonding.ts'
import * as B from '../../../../src/uapi/linux/if_bonding.ts'
import { Bonds } from './bonds.ts'

const { BOND_LINK_UP: UP, BOND_LINK_FAIL: FAIL, BOND_LINK_DOWN: DOWN, BOND_LINK_BACK: BACK } = B

t.test('bond_mii_monitor(): each row', (t) => {
  const rows: [string, number, boolean, number, number, number, number][] = [
    // name, link, carrier, delay, the configured delays | link, delay
    ['up, carrier', UP, true, 0, 0, UP, 0],
    ['up, no carrier, downdelay 0', UP, false, 0, 0, DOWN, 0],
    ['up, no carrier, downdelay 3', UP, false, 0, 3, FAIL, 2],
    ['fail, carrier', FAIL, true, 2, 3, UP, 2],
    ['fail, no carrier, over', FAIL, false, 0, 3, DOWN, 0],
    ['fail, no carrier, not over', FAIL, false, 2, 3, FAIL, 1],
    ['down, no carrier', DOWN, false, 0, 3, DOWN, 0],
    ['down, carrier, updelay 0', DOWN, true, 0, 0, UP, 0],
    ['down, carrier, updelay 3', DOWN, true, 0, 3, BACK, 2],
    ['back, no carrier', BACK, false, 2, 3, DOWN, 2],
    ['back, carrier, over', BACK, true, 0, 3, UP, 0],
    ['back, carrier, not over', BACK, true, 2, 3, BACK, 1],
  ]
  for (const [name, link, carrier, delay, delays, to, left] of rows) {
    const h = new Bonds()
    const bond = h.bond(B.BOND_MODE_ACTIVEBACKUP)
    const [, watched] = h.dummies(bond, 2)
    Object.assign(bond.params, { miimon: 100, updelay: delays, downdelay: delays })
    watched.link = link
    watched.delay = delay
    h.carrier(watched.dev, carrier)
    bond_mii_monitor(bond)
    t.strictSame([watched.link, watched.delay], [to, left], name)
  }
  t.end()
})

t.test('bond_mii_monitor(): updelay does not count where there is no other slave; failures are counted', (t) => {
  const h = new Bonds()
  const bond = h.bond(B.BOND_MODE_ACTIVEBACKUP)
  const [only] = h.dummies(bond, 1)
  Object.assign(bond.params, { miimon: 100, updelay: 5 })
  h.up(bond)
  h.carrier(only.dev, false)
  h.pass(200)
  t.strictSame([only.link, only.link_failure_count, bond.curr_active_slave], [DOWN, 1, undefined])
  h.carrier(only.dev, true)
  h.pass(220)
  t.strictSame([only.link, bond.curr_active_slave], [UP, only])
  const lines = h.log().filter((line) => line.startsWith('# b0: (slave d0): link'))
  t.strictSame(lines, [
    '# b0: (slave d0): link status definitely down, disabling slave',
    '# b0: (slave d0): link status up, enabling it in 0 ms',
    '# b0: (slave d0): link status definitely up, 0 Mbps full duplex',
  ])
  t.end()
})

/** A bond that asks each 100 ms, and its first slave; its monitor does not run by itself. */
function asking(mode: number, fill: (slave: slave, bond: bonding, now: number) => void): slave {
  const h = new Bonds()
  const bond = h.bond(mode)
  h.pass(100_000)
  const [watched] = h.dummies(bond, 2)
  bond.params.arp_interval = 100
  fill(watched, bond, jiffies_of(bond))
  bond_arp_monitor(bond)
  return watched
}
/** 100 ms. */
const INTERVAL = 25

t.test('bond_loadbalance_arp_mon(): each row', (t) => {
  const rows: [string, number, number, number][] = [
    ['up, heard within missed_max', UP, 2, UP],
    ['up, silent', UP, 3, DOWN],
    ['down, heard within one interval', DOWN, 1, UP],
    ['down, silent', DOWN, 2, DOWN],
  ]
  for (const [name, link, ago, to] of rows) {
    const watched = asking(B.BOND_MODE_XOR, (slave, _bond, now) => {
      slave.link = link
      slave.last_tx = slave.last_rx = now - ago * INTERVAL
    })
    t.equal(watched.link, to, name)
  }
  t.end()
})

t.test('bond_activebackup_arp_mon(): each row', (t) => {
  // name, link, active, came up, sent and heard: intervals ago | link
  const rows: [string, number, boolean, number, number, number][] = [
    ['up for two intervals or less', UP, false, 2, 9, UP],
    ['up, backup, heard', UP, false, 9, 3, UP],
    ['up, backup, silent', UP, false, 9, 4, DOWN],
    ['up, active, heard', UP, true, 9, 2, UP],
    ['up, active, silent', UP, true, 9, 3, DOWN],
    ['down, heard', DOWN, false, 9, 1, UP],
    ['back, silent', BACK, false, 9, 2, FAIL],
    ['fail, silent', FAIL, false, 9, 2, FAIL],
    ['down, silent', DOWN, false, 9, 2, DOWN],
  ]
  for (const [name, link, active, up, heard, to] of rows) {
    const watched = asking(B.BOND_MODE_ACTIVEBACKUP, (slave, bond, now) => {
      const other = bond.dev.lower[1].private as slave
      bond.curr_active_slave = active ? slave : other
      slave.backup = active ? 0 : 1
      other.backup = active ? 1 : 0
      other.last_link_up = now
      slave.link = link
      slave.last_link_up = now - up * INTERVAL
      slave.last_tx = slave.last_rx = now - heard * INTERVAL
    })
    t.equal(watched.link, to, name)
  }
  t.end()
})

t.test('without an active slave each asks in turn', (t) => {
  const h = new Bonds()
  const bond = h.bond(B.BOND_MODE_ACTIVEBACKUP)
  const slaves = h.dummies(bond, 3)
  h.pass(100_000)
  Object.assign(bond.params, { arp_interval: 100 })
  bond.curr_active_slave = undefined
  for (const s of slaves) s.link = DOWN
  const asked = Array.from({ length: 4 }, () => {
    for (const s of slaves) s.last_rx = 0
    bond_arp_monitor(bond)
    return bond.current_arp_slave?.dev.name
  })
  t.strictSame(asked, ['d1', 'd2', 'd0', 'd1'])
  t.end()
})

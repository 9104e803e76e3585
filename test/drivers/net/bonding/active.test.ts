import t from 'tap'
import { bond_find_best_slave } from '../../../../src/drivers/net/bonding/bond_active.ts'
import {
  BOND_PRI_RESELECT_ALWAYS,
  BOND_PRI_RESELECT_BETTER,
  BOND_PRI_RESELECT_FAILURE,
} from '../../../../src/drivers/net/bonding/bonding.ts'
import { dev_set_mac_address, dev_set_mtu, rtnl_unlock, unregister_netdevice } from '../../../../src/net/core/dev.ts'
import { unhex } from '../../../../src/lib/bytes.ts'
import * as B from '../../../../src/uapi/linux/if_bonding.ts'
import { Bonds } from './bonds.ts'

const { BOND_LINK_UP: UP, BOND_LINK_DOWN: DOWN } = B
const hex = (a: Uint8Array) => Buffer.from(a.subarray(0, 6)).toString('hex')

t.test('bond_choose_primary_or_current(): each row', (t) => {
  // name, primary's link, current's, primary_reselect, just set by the user, primary's speed (current: 100) | chosen
  const rows: [string, number, number, number, boolean, number, string | undefined][] = [
    ['just set by the user', UP, UP, BOND_PRI_RESELECT_FAILURE, true, 10, 'd0'],
    ['current down', UP, DOWN, BOND_PRI_RESELECT_FAILURE, false, 10, 'd0'],
    ['always', UP, UP, BOND_PRI_RESELECT_ALWAYS, false, 10, 'd0'],
    ['better, faster', UP, UP, BOND_PRI_RESELECT_BETTER, false, 1000, 'd0'],
    ['better, slower', UP, UP, BOND_PRI_RESELECT_BETTER, false, 10, 'd1'],
    ['failure', UP, UP, BOND_PRI_RESELECT_FAILURE, false, 1000, 'd1'],
    ['primary down', DOWN, UP, BOND_PRI_RESELECT_ALWAYS, false, 1000, 'd1'],
    ['both down', DOWN, DOWN, BOND_PRI_RESELECT_ALWAYS, false, 1000, undefined],
  ]
  for (const [name, prim, curr, reselect, force, speed, chosen] of rows) {
    const h = new Bonds()
    const bond = h.bond(B.BOND_MODE_ACTIVEBACKUP)
    const [d0, d1] = h.dummies(bond, 2)
    Object.assign(bond, { primary_slave: d0, curr_active_slave: d1, force_primary: force })
    bond.params.primary_reselect = reselect
    Object.assign(d0, { link: prim, speed })
    Object.assign(d1, { link: curr, speed: 100 })
    t.equal(bond_find_best_slave(bond)?.dev.name, chosen, name)
  }
  t.end()
})

t.test('fail_over_mac: whose address the slaves have', (t) => {
  const addresses = (fail_over_mac: number) => {
    const h = new Bonds()
    const bond = h.bond(B.BOND_MODE_ACTIVEBACKUP)
    bond.params.fail_over_mac = fail_over_mac
    const slaves = h.dummies(bond, 2)
    const own = slaves.map((s) => hex(s.perm_hwaddr))
    h.up(bond)
    h.pass(50)
    h.carrier(slaves[0].dev, false)
    bond.params.miimon = 100
    bond.dev.netdev_ops.ndo_open?.(bond.dev)
    h.pass(300)
    t.equal(bond.curr_active_slave, slaves[1])
    const name = (a: Uint8Array) => (hex(a) === own[0] ? 'd0' : hex(a) === own[1] ? 'd1' : 'other')
    return [bond.dev.dev_addr, slaves[0].dev.dev_addr, slaves[1].dev.dev_addr].map(name)
  }
  t.strictSame(addresses(0), ['d0', 'd0', 'd0'], 'none: all have the bond’s, which was the first one’s')
  t.strictSame(addresses(1), ['d1', 'd0', 'd1'], 'active: the bond has the active one’s')
  t.strictSame(addresses(2), ['d0', 'd1', 'd0'], 'follow: the active one has the bond’s')
  t.end()
})

t.test('the bond’s MTU and address are its slaves’; a slave gets its own back', (t) => {
  const h = new Bonds()
  const bond = h.bond(B.BOND_MODE_ROUNDROBIN)
  const [d0, d1] = h.dummies(bond, 2)
  const own = hex(d1.perm_hwaddr)
  t.equal(dev_set_mtu(bond.dev, 1400), undefined)
  t.equal(dev_set_mac_address(bond.dev, unhex('020000000099')), undefined)
  t.strictSame([d0.dev.mtu, d1.dev.mtu, hex(d0.dev.dev_addr), hex(d1.dev.dev_addr)], [1400, 1400, '020000000099', '020000000099'])
  bond.dev.netdev_ops.ndo_del_slave?.(bond.dev, d1.dev)
  t.strictSame([d1.dev.mtu, hex(d1.dev.dev_addr)], [1500, own])
  unregister_netdevice(bond.dev)
  rtnl_unlock(h.kernel)
  t.equal(d0.dev.mtu, 1500)
  t.ok(h.log().includes('# b0 (unregistering): Released all slaves'))
  t.end()
})

/** Lifetimes in virtual time (check_lifetime): the clock is the only thing that moves. */
import t from 'tap'
import { round_jiffies_up } from '../../../src/net/ipv4/devinet_lifetime.ts'
import { Ipv4Host, NLM_F_REPLACE } from './ipv4Host.ts'

const SECOND = 1e9

t.test('an address is deprecated, then deleted, when its time has come', async (t) => {
  const h = new Ipv4Host()
  const d = h.dummy('d0')
  h.add(d, '10.0.0.1/24', { lft: [100, 40] })
  h.events()
  h.advance(39 * SECOND)
  t.same(h.events(), [])
  t.same(h.addrs(), ['2 10.0.0.1/24 d0 lft 61 1'])
  h.advance(2 * SECOND)
  t.same(h.events(), ['+addr 2 10.0.0.1/24 deprecated d0 lft 60 0'])
  h.advance(58 * SECOND)
  t.same(h.addrs(), ['2 10.0.0.1/24 deprecated d0 lft 1 0'])
  h.advance(2 * SECOND)
  t.match(h.events(), [/^-addr 2 10.0.0.1\/24 deprecated d0/, /^-route unicast/, /^-route broadcast/, /^-route local/])
  t.same(h.addrs(), [])
  t.equal(h.kernel.events.nextAt(), undefined, 'nothing left to wait for')
})

t.test('a preferred lifetime of 0 is deprecated at once; forever is permanent', async (t) => {
  const h = new Ipv4Host()
  const d = h.dummy('d0')
  h.add(d, '10.0.0.1/24', { lft: [100, 0] })
  h.add(d, '10.1.0.1/24', { lft: [0xffffffff, 0xffffffff] })
  t.same(h.addrs(), ['2 10.0.0.1/24 deprecated d0 lft 100 0', '2 10.1.0.1/24 d0'])
})

t.test('a change gives new time, from now on', async (t) => {
  const h = new Ipv4Host()
  const d = h.dummy('d0')
  h.add(d, '10.0.0.1/24', { lft: [10, 10] })
  h.advance(8 * SECOND)
  h.add(d, '10.0.0.1/24', { lft: [10, 10], nl: NLM_F_REPLACE })
  h.advance(8 * SECOND)
  t.same(h.addrs(), ['2 10.0.0.1/24 d0 lft 2 2'])
  h.add(d, '10.0.0.1/24', { lft: [0xffffffff, 0xffffffff], nl: NLM_F_REPLACE })
  h.advance(1000 * SECOND)
  t.same(h.addrs(), ['2 10.0.0.1/24 d0'])
})

t.test('with a promotion the deletion goes its ordinary way', async (t) => {
  const h = new Ipv4Host()
  const d = h.dummy('d0')
  d.ip_ptr?.cnf.set(20, 1)
  h.add(d, '10.0.0.1/24', { lft: [5, 5] })
  h.add(d, '10.0.0.2/24')
  h.advance(7 * SECOND)
  t.same(h.addrs(), ['2 10.0.0.2/24 d0'])
})

t.test('round_jiffies_up: the next full second of real jiffies, never now', async (t) => {
  const full = 250 - 46
  t.same([round_jiffies_up(full - 1), round_jiffies_up(full), round_jiffies_up(full + 1)], [full, full + 250, full + 250])
})

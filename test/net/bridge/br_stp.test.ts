/** The spanning tree between bridges, in virtual time. */
import t from 'tap'
import { Lab } from '../../../src/lab/lab.ts'
import { BR_STATE_BLOCKING, BR_STATE_DISABLED, BR_STATE_FORWARDING, BR_STATE_LISTENING } from '../../../src/net/bridge/br_private.ts'
import { br_is_root_bridge } from '../../../src/net/bridge/br_stp.ts'
import { IFLA_BR_PRIORITY, IFLA_BR_STP_STATE } from '../../../src/uapi/linux/if_bridge_link.ts'
import { IFLA_BRPORT_GUARD } from '../../../src/uapi/linux/if_link.ts'
import { Bridged, byte, nla, word } from './bridgeHost.ts'

/** br0 and br1, cabled twice: a0=a1 and b0=b1. */
function loop(kernel?: ConstructorParameters<typeof Bridged>[0]): Bridged {
  const h = new Bridged(kernel)
  h.bridge('br0', '02:00:00:00:00:10', nla(IFLA_BR_STP_STATE, word(1)))
  h.bridge('br1', '02:00:00:00:00:20', nla(IFLA_BR_STP_STATE, word(1)))
  h.veth('a0', '02:00:00:00:00:11', 'a1', '02:00:00:00:00:21')
  h.veth('b0', '02:00:00:00:00:12', 'b1', '02:00:00:00:00:22')
  for (const [port, master] of [
    ['a0', 'br0'],
    ['b0', 'br0'],
    ['a1', 'br1'],
    ['b1', 'br1'],
  ])
    h.enslave(port, master)
  for (const name of ['a0', 'a1', 'b0', 'b1']) h.up(name)
  return h
}
const states = (h: Bridged) => ['a0', 'b0', 'a1', 'b1'].map((name) => h.port(name).state)

t.test('two bridges in a loop agree on a root, and one port of the four blocks', async (t) => {
  const h = loop()
  t.equal(h.port('a0').state, BR_STATE_LISTENING, 'nothing is forwarded before all is known')
  h.run(35)
  t.same(states(h), [BR_STATE_FORWARDING, BR_STATE_FORWARDING, BR_STATE_FORWARDING, BR_STATE_BLOCKING])
  t.ok(br_is_root_bridge(h.br('br0')), 'the lower address is the root')
  t.notOk(br_is_root_bridge(h.br('br1')))
  t.equal(h.br('br1').root_port, h.port('a1').port_no)
  t.equal(h.br('br1').root_path_cost, h.port('a1').path_cost)
  const before = h.dev('a1').tstats?.rx_packets ?? 0
  h.send('b0', 'ff:ff:ff:ff:ff:ff')
  h.run(1)
  t.ok((h.dev('a1').tstats?.rx_packets ?? 0) - before < 5, 'a broadcast does not go round')
})

t.test('when the link to the root goes, the blocked port takes over within its delays', async (t) => {
  const h = loop()
  h.run(35)
  h.up('a0', false)
  t.equal(h.port('a1').state, BR_STATE_DISABLED)
  h.run(31)
  t.equal(h.port('b1').state, BR_STATE_FORWARDING)
  t.equal(h.br('br1').root_port, h.port('b1').port_no)
})

t.test('a root that falls silent is forgotten after its max age', async (t) => {
  const h = loop()
  h.run(35)
  h.set('br0', nla(IFLA_BR_STP_STATE, word(0)))
  h.run(17)
  t.notOk(br_is_root_bridge(h.br('br1')))
  h.run(4)
  t.ok(br_is_root_bridge(h.br('br1')))
})

t.test('a lower priority makes another bridge the root, and other ports block', async (t) => {
  const h = loop()
  h.run(35)
  h.set('br1', nla(IFLA_BR_PRIORITY, Uint8Array.of(0, 0x10)))
  h.run(35)
  t.ok(br_is_root_bridge(h.br('br1')))
  t.same(states(h), [BR_STATE_FORWARDING, BR_STATE_BLOCKING, BR_STATE_FORWARDING, BR_STATE_FORWARDING])
})

t.test('a change of the topology is told to the root, which tells all', async (t) => {
  const h = loop()
  h.run(100)
  t.equal(h.br('br0').topology_change, 0, 'the first one is over')
  t.equal(h.br('br0').ageing_time, h.br('br0').bridge_ageing_time)
  h.up('b0', false)
  h.up('b0')
  h.run(32)
  t.equal(h.br('br0').topology_change, 1)
  t.equal(h.br('br1').topology_change, 1, 'by its config')
  t.equal(h.br('br1').ageing_time, 2 * h.br('br1').forward_delay, 'addresses age faster')
  h.run(40)
  t.equal(h.br('br1').topology_change, 0)
})

t.test('a guarded port that hears a bridge goes down', async (t) => {
  const h = loop()
  h.setPort('a1', nla(IFLA_BRPORT_GUARD, byte(1)))
  h.run(4)
  t.equal(h.port('a1').state, BR_STATE_DISABLED)
})

t.test('a lab saved in the middle of the tree goes on as it would have', async (t) => {
  const lab = new Lab({ seed: 3 })
  loop(lab.addHost('a').kernel)
  lab.advance(17e9)
  const copy = Lab.load(lab.save())
  for (const each of [lab, copy]) each.advance(90e9)
  const view = (each: Lab) => {
    const h = new Bridged(each.host('a').kernel)
    return { states: states(h), root: h.br('br1').root_port, counts: ['a0', 'a1', 'b0', 'b1'].map((name) => h.dev(name).tstats) }
  }
  t.same(view(copy), view(lab))
  t.same(view(copy).states, [BR_STATE_FORWARDING, BR_STATE_FORWARDING, BR_STATE_FORWARDING, BR_STATE_BLOCKING])
  t.equal(copy.transcript.text(), lab.transcript.text())
})

/** Packets of VRFs, as 6.12 counts them (oracle/golden/150-vrf-packets.json). */
import t from 'tap'
import { IFLA_VRF_TABLE } from '../../../src/uapi/linux/if_link_stacked.ts'
import { IPV4_DEVCONF_FORWARDING } from '../../../src/uapi/linux/ip.ts'
import { DEVCONF_FORWARDING } from '../../../src/uapi/linux/ipv6.ts'
import { TunnelPair } from './tunnelPair.ts'

/** va is a port of red, wa of blue; b has both other ends, each with a route to the other's network. */
function vrfs(): TunnelPair {
  const h = new TunnelPair()
  h.wire('wa', 'wb', 2)
  h.link('a', 'vrf', 'red', (msg) => msg.put(IFLA_VRF_TABLE, 100))
  h.link('a', 'vrf', 'blue', (msg) => msg.put(IFLA_VRF_TABLE, 200))
  for (const [port, master] of [
    ['va', 'red'],
    ['wa', 'blue'],
  ]) {
    h.up('a', master)
    h.master('a', port, master)
  }
  for (const [side, name, address] of [
    ['a', 'va', '10.1.0.1/24'],
    ['a', 'wa', '10.2.0.1/24'],
    ['a', 'red', '10.9.0.1/32'],
    ['b', 'vb', '10.1.0.2/24'],
    ['a', 'va', '2001:db8:1::1/64'],
    ['a', 'wa', '2001:db8:2::1/64'],
    ['b', 'vb', '2001:db8:1::2/64'],
  ] as const)
    h.addr(side, name, address)
  h.route('b', '10.0.0.0/8', undefined, { via: '10.1.0.1' })
  h.route('b', '2001:db8::/32', undefined, { via: '2001:db8:1::1' })
  const { ipv4, ipv6 } = h.nets.a
  for (const name of ['va', 'wa', 'red', 'blue']) h.device('a', name).ip_ptr?.cnf.set(IPV4_DEVCONF_FORWARDING, 1)
  ipv4.devconf_all.set(IPV4_DEVCONF_FORWARDING, 1)
  ipv6.devconf_all.set(DEVCONF_FORWARDING, 1)
  h.advance(3e9)
  return h
}

t.test('through a port: nothing is sent on the VRF itself, what comes back is its own', async (t) => {
  const h = vrfs()
  t.equal(h.ping('a', '10.1.0.2', { bind: 'red' }), 'reply ttl=64')
  t.equal(h.ping('a', '10.1.0.2', { bind: 'va' }), 'reply ttl=64', 'a socket of the port hears it too')
  t.equal(h.ping('a', '10.1.0.2'), 'ENETUNREACH')
  t.equal(h.stats('a', 'red'), 'rx 2/168 tx 0/0')
  t.equal(h.ping('a', '2001:db8:1::2', { bind: 'red' }), 'reply')
  t.equal(h.stats('a', 'red'), 'rx 3/272 tx 0/0')
})
t.test('its own addresses: sent on it, and received, with a link header', async (t) => {
  const h = vrfs()
  for (const to of ['10.1.0.1', '10.9.0.1']) t.equal(h.ping('a', to, { bind: 'red' }), 'reply ttl=64')
  t.equal(h.stats('a', 'red'), 'rx 4/392 tx 4/392')
  t.equal(h.ping('a', '10.1.0.1', { bind: 'va' }), 'reply ttl=64', 'by a socket of the port that has it')
  t.equal(h.ping('a', '2001:db8:1::1', { bind: 'red' }), 'reply')
  t.equal(h.stats('a', 'red'), 'rx 8/824 tx 8/824')
})
t.test('asked from outside: each address of the VRF answers, link-local ones of the port too', async (t) => {
  const h = vrfs()
  for (const to of ['10.1.0.1', '10.9.0.1']) t.equal(h.ping('b', to), 'reply ttl=64')
  t.equal(h.ping('b', '2001:db8:1::1'), 'reply')
  t.equal(h.ping('b', 'fe80::0:ff:fe00:10a', { bind: 'vb' }), 'reply')
})
t.test('another VRF is out of reach, until routes lead there', async (t) => {
  const h = vrfs()
  t.equal(h.ping('b', '10.2.0.1'), 'error 3/0 from 10.1.0.1')
  h.route('a', '10.2.0.0/24', 'blue', { table: 100 })
  h.route('a', '10.1.0.0/24', 'red', { table: 200 })
  h.route('a', '2001:db8:2::/64', 'blue', { table: 100 })
  h.route('a', '2001:db8:1::/64', 'red', { table: 200 })
  t.equal(h.ping('b', '10.2.0.1'), 'reply ttl=64')
  t.equal(h.stats('a', 'blue'), 'rx 1/98 tx 1/98')
  t.equal(h.ping('b', '2001:db8:2::1'), 'reply')
  t.equal(h.stats('a', 'blue'), 'rx 2/216 tx 2/216')
})
t.test('sent into a VRF that has no way: it is dropped', async (t) => {
  const h = vrfs()
  h.route('a', '10.1.0.0/24', 'red')
  t.equal(h.ping('a', '10.1.0.2'), 'reply ttl=64', 'by the table of the VRF')
  h.route('a', '10.7.0.0/24', 'red')
  t.equal(h.ping('a', '10.7.0.2'), 'lost', 'its table has none, main leads back into it')
  t.equal(h.stats('a', 'red'), 'rx 2/182 tx 2/196')
})

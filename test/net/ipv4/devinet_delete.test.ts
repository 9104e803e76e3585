/** Deletion and promotion with everything that is told, in order (__inet_del_ifa, fib_del_ifaddr). */
import t from 'tap'
import { dev_set_mtu, unregister_netdevice_many } from '../../../src/net/core/dev.ts'
import { EADDRNOTAVAIL } from '../../../src/uapi/errno.ts'
import { IPV4_DEVCONF_PROMOTE_SECONDARIES } from '../../../src/uapi/linux/ip.ts'
import { rtmsg } from '../../../src/uapi/linux/rtnetlink.ts'
import { concat, nla } from '../core/rtnetlink_client.ts'
import { Ipv4Host, in4 } from './ipv4Host.ts'

function subnet(): { h: Ipv4Host; d: ReturnType<Ipv4Host['dummy']> } {
  const h = new Ipv4Host()
  const d = h.dummy('d0')
  for (const a of ['10.0.0.1/24', '10.0.0.2/24', '10.0.0.3/24']) h.add(d, a)
  return { h, d }
}

t.test('an address is told before its routes; coming up adds what a down device lacks', async (t) => {
  const h = new Ipv4Host()
  const d = h.dummy('d0', false)
  h.add(d, '10.0.0.1/24', { brd: '10.0.0.255' })
  t.same(h.events(), ['+addr 2 10.0.0.1/24 brd 10.0.0.255 d0', '+route local 10.0.0.1/32 table 255 src 10.0.0.1 dev 2 flags 0x600'])
  h.up(d)
  t.same(h.events(), [
    '+route broadcast 10.0.0.255/32 table 255 src 10.0.0.1 dev 2 flags 0x600',
    '+route unicast 10.0.0.0/24 table 254 src 10.0.0.1 dev 2 flags 0x600',
  ])
  h.down(d)
  t.same(h.events(), [], 'routes of a device that goes down die silently')
  t.same(h.routes(), ['local 10.0.0.1/32 table 255 src 10.0.0.1 dev 2'])
})

t.test('secondaries go first, each with its own route', async (t) => {
  const { h, d } = subnet()
  h.events()
  h.del(d, '10.0.0.1/24')
  t.same(h.events(), [
    '-addr 2 10.0.0.2/24 secondary d0',
    '-route local 10.0.0.2/32 table 255 src 10.0.0.1 dev 2',
    '-addr 2 10.0.0.3/24 secondary d0',
    '-route local 10.0.0.3/32 table 255 src 10.0.0.1 dev 2',
    '-addr 2 10.0.0.1/24 d0',
    '-route unicast 10.0.0.0/24 table 254 src 10.0.0.1 dev 2',
    '-route broadcast 10.0.0.255/32 table 255 src 10.0.0.1 dev 2',
    '-route local 10.0.0.1/32 table 255 src 10.0.0.1 dev 2',
  ])
  t.same([h.addrs(), h.routes()], [[], []])
})

t.test('with promote_secondaries the first secondary takes over, and routes change their source', async (t) => {
  const { h, d } = subnet()
  d.ip_ptr?.cnf.set(IPV4_DEVCONF_PROMOTE_SECONDARIES, 1)
  h.events()
  h.del(d, '10.0.0.1/24')
  t.same(h.events(), [
    '-route local 10.0.0.2/32 table 255 src 10.0.0.1 dev 2',
    '-route local 10.0.0.3/32 table 255 src 10.0.0.1 dev 2',
    '-addr 2 10.0.0.1/24 d0',
    '-route unicast 10.0.0.0/24 table 254 src 10.0.0.1 dev 2',
    '-route broadcast 10.0.0.255/32 table 255 src 10.0.0.1 dev 2',
    '-route local 10.0.0.1/32 table 255 src 10.0.0.1 dev 2',
    '+addr 2 10.0.0.2/24 d0',
    '+route local 10.0.0.2/32 table 255 src 10.0.0.2 dev 2 flags 0x600',
    '+route unicast 10.0.0.0/24 table 254 src 10.0.0.2 dev 2 flags 0x600',
    '+route broadcast 10.0.0.255/32 table 255 src 10.0.0.2 dev 2 flags 0x600',
    '+route local 10.0.0.3/32 table 255 src 10.0.0.2 dev 2 flags 0x600',
  ])
  t.same(h.addrs(), ['2 10.0.0.2/24 d0', '2 10.0.0.3/24 secondary d0'])
})

t.test('a promoted address keeps the order of scopes', async (t) => {
  const h = new Ipv4Host()
  const d = h.dummy('d0')
  d.ip_ptr?.cnf.set(IPV4_DEVCONF_PROMOTE_SECONDARIES, 1)
  h.add(d, '10.1.0.1/24', { scope: 253 })
  h.add(d, '10.2.0.1/24')
  h.add(d, '10.1.0.2/24', { scope: 253 })
  h.del(d, '10.1.0.1/24')
  t.same(h.addrs(), ['2 10.1.0.2/24 scope 253 d0', '2 10.2.0.1/24 d0'])
})

t.test('routes that another address needs too stay', async (t) => {
  const h = new Ipv4Host()
  const d = h.dummy('d0')
  h.add(d, '10.0.0.1/24')
  h.add(d, '10.0.0.1/25')
  h.events()
  h.del(d, '10.0.0.1/25')
  t.same(
    h.events(),
    [
      '-addr 2 10.0.0.1/25 d0',
      '-route unicast 10.0.0.0/25 table 254 src 10.0.0.1 dev 2',
      '-route broadcast 10.0.0.127/32 table 255 src 10.0.0.1 dev 2',
    ],
    "the local route is the other one's too",
  )
  t.ok(h.routes().includes('local 10.0.0.1/32 table 255 src 10.0.0.1 dev 2'))
})

t.test('/31 and /32 have no broadcast, 127/8 is local, 0/8 has no prefix route', async (t) => {
  const h = new Ipv4Host()
  const d = h.dummy('d0')
  h.up(h.kernel.init_net.loopback_dev)
  h.add(d, '10.0.0.0/31')
  h.add(d, '10.1.0.1/32')
  h.add(d, '0.0.0.5/8')
  t.same(h.routes(), [
    'unicast 10.0.0.0/31 table 254 src 10.0.0.0 dev 2',
    'local 0.0.0.5/32 table 255 src 0.0.0.5 dev 2',
    'local 10.0.0.0/32 table 255 src 10.0.0.0 dev 2',
    'local 10.1.0.1/32 table 255 src 10.1.0.1 dev 2',
    'local 127.0.0.0/8 table 255 src 127.0.0.1 dev 1',
    'local 127.0.0.1/32 table 255 src 127.0.0.1 dev 1',
    'broadcast 127.255.255.255/32 table 255 src 127.0.0.1 dev 1',
  ])
})

t.test('deletion by parts: local address, label, prefix', async (t) => {
  const h = new Ipv4Host()
  const d = h.dummy('d0')
  h.add(d, '10.0.0.1/24', { label: 'd0:a' })
  h.add(d, '10.0.0.1/25', { label: 'd0:b' })
  t.match(h.del(d, '10.0.0.1/26'), { error: -EADDRNOTAVAIL.code, msg: 'ipv4: Address not found' })
  t.equal(h.del(d, '10.0.0.1/25', { label: 'd0:a' }).error, -EADDRNOTAVAIL.code)
  t.equal(h.del(d, '10.0.0.1/25', { label: 'd0:b' }).error, 0)
  t.same(h.addrs(), ['2 10.0.0.1/24 d0:a'])
})

t.test('a removed device takes its addresses along, told one by one, then its settings', async (t) => {
  const { h, d } = subnet()
  h.events()
  unregister_netdevice_many([d])
  h.unlock()
  t.same(h.events(), [
    '-addr 2 10.0.0.1/24 d0',
    '-route local 10.0.0.1/32 table 255 src 10.0.0.1 dev 2',
    '-addr 2 10.0.0.2/24 secondary d0',
    '-addr 2 10.0.0.3/24 secondary d0',
    '-netconf 2',
  ])
  t.same([h.addrs(), h.routes()], [[], []])
})

t.test('an MTU too small for IPv4 ends it on the device, a larger one begins it anew', async (t) => {
  const { h, d } = subnet()
  h.events()
  d.min_mtu = 0
  dev_set_mtu(d, 67)
  t.equal(h.events().at(-1), '-netconf 2')
  t.same(h.addrs(), [])
  dev_set_mtu(d, 68)
  t.match(h.events(), [/^\+netconf 2 forwarding=0/])
  t.equal(h.add(d, '10.0.0.1/24').error, 0)
})

t.test('a route with the address as source goes with it, and that is told', async (t) => {
  const h = new Ipv4Host()
  const d = h.dummy('d0')
  const e = h.dummy('d1')
  h.add(d, '10.0.0.1/24')
  h.add(e, '10.9.0.1/24')
  const body = concat(
    rtmsg.encode({ rtm_family: 2, rtm_dst_len: 16, rtm_table: 254, rtm_protocol: 4, rtm_scope: 253, rtm_type: 1 }),
    nla(1, in4('10.7.0.0')),
    nla(4, e.ifindex),
    nla(7, in4('10.0.0.1')),
  )
  t.equal(h.client.ack(24, 0x600, body).error, 0)
  h.events()
  h.del(d, '10.0.0.1/24')
  t.equal(h.events().at(-1), '-route unicast 10.7.0.0/16 table 254 src 10.0.0.1 dev 3')
})

t.test('carrier: routes are marked, not removed', async (t) => {
  const { h, d } = subnet()
  h.events()
  h.carrier(d, false)
  t.ok(h.routes().includes('unicast 10.0.0.0/24 table 254 src 10.0.0.1 dev 2 linkdown'))
  t.ok(h.routes().includes('local 10.0.0.1/32 table 255 src 10.0.0.1 dev 2'), 'a local address is there all the same')
  d.ip_ptr?.cnf.set(29, 1)
  t.ok(h.routes().includes('unicast 10.0.0.0/24 table 254 src 10.0.0.1 dev 2 dead linkdown'), 'ignore_routes_with_linkdown')
  h.carrier(d, true)
  t.ok(h.routes().includes('unicast 10.0.0.0/24 table 254 src 10.0.0.1 dev 2'))
  t.same(h.events(), [])
})

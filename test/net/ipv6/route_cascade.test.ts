/** What routes do when devices, addresses and time go on: IPv6's speak, one by one, in the order of a dump. */
import t from 'tap'
import { NDA_DST, NUD_FAILED, ndmsg } from '../../../src/uapi/linux/neighbour.ts'
import { RTM_DELLINK, RTM_NEWNEIGH } from '../../../src/uapi/linux/rtnetlink.ts'
import { concat, link, nla } from '../core/rtnetlink_client.ts'
import { in6, SEC } from './ipv6Host.ts'
import { ADD, RouteHost } from './routeHost.ts'

function host(): RouteHost {
  const h = new RouteHost()
  h.add(h.dummy('d0'), '2001:db8::1/64', { flags: 2 })
  h.add(h.dummy('d1'), '2001:db8:1::1/64', { flags: 2 })
  h.route(ADD, '2001:db8:9::/48', { via: '2001:db8::2' })
  h.route(ADD, '2001:db8:8::/48', { via: '2001:db8::2', table: 100 })
  h.route(ADD, '2001:db8:7::/48', { hops: [{ via: '2001:db8::2' }, { via: '2001:db8:1::2' }] })
  h.route(ADD, '::/0', { via: '2001:db8::3' })
  h.quiet()
  return h
}
const short = (lines: string[]) => lines.map((line) => line.replace(/ (via|dev|metric|src).*/, ''))

t.test('a device goes down: its routes, table by table; a multipath route keeps its living hop, silently', async (t) => {
  const h = host()
  const [d0, d1] = [h.device('d0'), h.device('d1')]
  h.down(d0)
  t.same(short(h.told()), [
    '-0x0 unicast 2001:db8:8::/48',
    '-0x0 unicast 2001:db8::/64',
    '-0x0 unicast 2001:db8:9::/48',
    '-0x0 unicast fe80::/64',
    '-0x0 unicast ::/0',
    '-0x0 local 2001:db8::1/128',
    '-0x0 local fe80::ff:fe00:1/128',
    '-0x0 multicast ff00::/8',
  ])
  t.same(h.own(), ['unicast 2001:db8:7::/48 metric 1024 [2 via 2001:db8::2 weight 1 dead linkdown] [3 via 2001:db8:1::2 weight 1]'])
  t.match(h.get('2001:db8:7::1'), /via 2001:db8:1::2/)
  h.up(d0)
  h.quiet()
  t.same(h.own(), ['unicast 2001:db8:7::/48 metric 1024 [2 via 2001:db8::2 weight 1] [3 via 2001:db8:1::2 weight 1]'])
  h.down(d0)
  h.quiet()
  h.down(d1)
  t.same(
    h.told().filter((line) => line.includes('2001:db8:7::')),
    [
      '-0x0 unicast 2001:db8:7::/48 via 2001:db8::2 dev 2 metric 1024 dead linkdown',
      '-0x0 unicast 2001:db8:7::/48 via 2001:db8:1::2 dev 3 metric 1024',
    ],
    'with its last hop it goes, hop by hop',
  )
})

t.test('a device is deleted: of a multipath route only its own hop goes', async (t) => {
  const h = host()
  h.client.ack(RTM_DELLINK, 0, link({ index: h.device('d0').ifindex }))
  h.advance(0)
  t.same(h.own(), ['unicast 2001:db8:7::/48 via 2001:db8:1::2 dev 3 metric 1024'])
})

t.test('without carrier routes stay, marked; told to ignore such, lookups pass them by', async (t) => {
  const h = new RouteHost()
  const [v0, v1] = h.veth('v0', 'v1')
  h.add(v0, '2001:db8::1/64', { flags: 2 })
  h.route(ADD, '2001:db8:9::/48', { via: '2001:db8::2', metric: 5 })
  h.add(h.dummy('d0'), '2001:db8:1::1/64', { flags: 2 })
  h.route(ADD, '2001:db8:9::/48', { via: '2001:db8:1::2', metric: 10 })
  h.quiet()
  h.down(v1)
  h.advance(2 * SEC)
  t.same(
    h.told().filter((line) => line.includes(`dev ${v0.ifindex} `)),
    [],
    'IPv6 says nothing of it',
  )
  t.match(h.own()[0], /via 2001:db8::2 .* linkdown$/)
  t.match(h.get('2001:db8:9::1'), /via 2001:db8::2/)
  h.sysctl('conf/v0/ignore_routes_with_linkdown', 1)
  t.match(h.own()[0], /dead linkdown$/)
  t.match(h.get('2001:db8:9::1'), /via 2001:db8:1::2/)
  h.up(v1)
  h.advance(2 * SEC)
  t.notMatch(h.own()[0], /linkdown/)
  t.match(h.get('2001:db8:9::1'), /via 2001:db8::2/)
})

t.test('an address goes: routes that prefer it as source forget it, silently', async (t) => {
  const h = host()
  const d0 = h.device('d0')
  h.route(ADD, '2001:db8:6::/48', { dev: d0.ifindex, src: '2001:db8::1' })
  h.quiet()
  h.del(d0, '2001:db8::1/64')
  t.same(short(h.told()), ['-0x0 local 2001:db8::1/128', '-0x0 unicast 2001:db8::/64'])
  t.ok(h.own().includes('unicast 2001:db8:6::/48 dev 2 metric 1024'))
})

t.test('a route with a lifetime counts down, is passed over at its end, and goes with the next collection', async (t) => {
  const h = host()
  h.route(ADD, '2001:db8:5::/48', { via: '2001:db8::2', expires: 100 })
  h.quiet()
  const line = () => h.own().find((l) => l.includes('2001:db8:5::'))
  h.advance(40 * SEC)
  t.match(line(), /expires 6000$/)
  t.match(h.get('2001:db8:5::1'), /via 2001:db8::2/)
  h.advance(61 * SEC)
  t.match(line(), /expires -1\d\d$/, 'still there')
  t.match(h.get('2001:db8:5::1'), /via 2001:db8::3/, 'but the default route is taken')
  h.advance(30 * SEC)
  t.same(h.told(), ['-0x0 unicast 2001:db8:5::/48 via 2001:db8::2 dev 2 metric 1024'])
  t.equal(line(), undefined)
})

t.test('of two routers of equal metric one that did not answer comes last', async (t) => {
  const h = new RouteHost()
  const d0 = h.dummy('d0')
  h.add(d0, '2001:db8::1/64', { flags: 2 })
  h.route(ADD, '::/0', { via: '2001:db8::2', metric: 5 })
  h.route(ADD, '::/0', { via: '2001:db8::3', metric: 9 })
  const failed = concat(ndmsg.encode({ ndm_family: 10, ndm_ifindex: d0.ifindex, ndm_state: NUD_FAILED }), nla(NDA_DST, in6('2001:db8::2')))
  t.match(h.get('2002::1'), /via 2001:db8::2/)
  t.equal(h.client.ack(RTM_NEWNEIGH, 0x400, failed).error, 0)
  t.match(h.get('2002::1'), /via 2001:db8::3/)
  t.equal(h.unroute('::/0', { via: '2001:db8::3' }).error, 0)
  t.match(h.get('2002::1'), /via 2001:db8::2/, 'better than none')
})

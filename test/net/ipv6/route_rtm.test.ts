/**
 * RTM_NEWROUTE's flags (fib6_add_rt2node), by what is there at the same prefix and metric; G: with a gateway, D: a device alone.
 *
 *   flags            nothing          the same   G, there is G           G, there is D     D, there is G
 *   CREATE|EXCL      added 0x600      EEXIST     EEXIST                  EEXIST            EEXIST
 *   CREATE           added 0x600      EEXIST     joins it 0x400          beside it 0x400   beside it 0x400
 *   CREATE|APPEND    added 0xe00      EEXIST     joins it 0xc00          beside it 0xc00   beside it 0xc00
 *   CREATE|REPLACE   added 0x600      0 0x100    takes its place 0x100   takes its place   takes its place
 *   REPLACE          ENOENT, text     0 0x100    takes its place 0x100   takes its place   takes its place
 */
import t from 'tap'
import { EACCES, EEXIST, EHOSTUNREACH, EINVAL, ENETDOWN, ENETUNREACH, ENODEV, ENOENT, EOPNOTSUPP, ESRCH } from '../../../src/uapi/errno.ts'
import { RTM_GETROUTE, RTM_NEWROUTE, rtmsg } from '../../../src/uapi/linux/rtnetlink.ts'
import { concat, nla, parseAck, u8 } from '../core/rtnetlink_client.ts'
import { in6 } from './ipv6Host.ts'
import { ADD, NLM_F_APPEND, NLM_F_CREATE, NLM_F_REPLACE, type Route, RouteHost, routeBody } from './routeHost.ts'

const P = '2001:db8:9::/48'
function host(): RouteHost {
  const h = new RouteHost()
  h.add(h.dummy('d0'), '2001:db8::1/64', { flags: 2 })
  h.quiet()
  return h
}
const G = (n: number): Route => ({ via: `2001:db8::${n}` })
const D: Route = { dev: 2 }

t.test('the table above', async (t) => {
  const REPLACED = NLM_F_CREATE | NLM_F_REPLACE
  const rows: [string, number, Route | undefined, Route, number, string[]][] = [
    ['exclusive', ADD, undefined, G(2), 0, [`+0x600 unicast ${P} via 2001:db8::2 dev 2 metric 1024`]],
    ['exclusive', ADD, G(2), G(2), EEXIST.code, []],
    ['exclusive', ADD, G(2), G(3), EEXIST.code, []],
    ['plain', NLM_F_CREATE, undefined, G(2), 0, [`+0x600 unicast ${P} via 2001:db8::2 dev 2 metric 1024`]],
    ['plain', NLM_F_CREATE, G(2), G(2), EEXIST.code, []],
    ['plain', NLM_F_CREATE, G(2), G(3), 0, [`+0x400 unicast ${P} metric 1024 [2 via 2001:db8::3 weight 1] [2 via 2001:db8::2 weight 1]`]],
    ['plain', NLM_F_CREATE, D, G(3), 0, [`+0x400 unicast ${P} via 2001:db8::3 dev 2 metric 1024`]],
    ['plain', NLM_F_CREATE, G(2), D, 0, [`+0x400 unicast ${P} dev 2 metric 1024`]],
    ['append', NLM_F_CREATE | NLM_F_APPEND, undefined, G(2), 0, [`+0xe00 unicast ${P} via 2001:db8::2 dev 2 metric 1024`]],
    [
      'append',
      NLM_F_CREATE | NLM_F_APPEND,
      G(2),
      G(3),
      0,
      [`+0xc00 unicast ${P} metric 1024 [2 via 2001:db8::3 weight 1] [2 via 2001:db8::2 weight 1]`],
    ],
    ['replace', REPLACED, undefined, G(2), 0, [`+0x600 unicast ${P} via 2001:db8::2 dev 2 metric 1024`]],
    ['replace', REPLACED, G(2), G(2), 0, [`+0x100 unicast ${P} via 2001:db8::2 dev 2 metric 1024`]],
    ['replace', REPLACED, G(2), G(3), 0, [`+0x100 unicast ${P} via 2001:db8::3 dev 2 metric 1024`]],
    ['replace', REPLACED, G(2), D, 0, [`+0x100 unicast ${P} dev 2 metric 1024`]],
    ['change', NLM_F_REPLACE, G(2), G(3), 0, [`+0x100 unicast ${P} via 2001:db8::3 dev 2 metric 1024`]],
    ['change', NLM_F_REPLACE, undefined, G(2), ENOENT.code, []],
  ]
  for (const [name, flags, there, asked, error, told] of rows) {
    const h = host()
    if (there !== undefined) h.route(ADD, P, there)
    h.told()
    t.equal(h.route(flags, P, asked).error, error === 0 ? 0 : -error, name)
    t.same(h.told(), told, name)
  }
  t.match(host().route(NLM_F_REPLACE, P, G(2)), { msg: 'Can not replace route - no match found' })
})

t.test('metrics ascend at one prefix, and another metric is another route', async (t) => {
  const h = host()
  for (const metric of [30, 10, 20]) h.route(ADD, P, { dev: 2, metric })
  t.same(
    h.own(),
    [10, 20, 30].map((metric) => `unicast ${P} dev 2 metric ${metric}`),
  )
})

t.test('several hops in one request: one message; a failing hop takes those before it back', async (t) => {
  const h = host()
  t.equal(h.route(ADD, P, { hops: [{ via: '2001:db8::2', weight: 3 }, { via: '2001:db8::3' }] }).error, 0)
  t.same(h.told(), [`+0x400 unicast ${P} metric 1024 [2 via 2001:db8::2 weight 3] [2 via 2001:db8::3 weight 1]`])
  const more = h.route(NLM_F_CREATE | NLM_F_APPEND, P, { hops: [{ via: '2001:db8::4' }, { via: '2001:db8::2' }] })
  t.equal(more.error, -EEXIST.code, 'the second is there already')
  t.same(
    h.told(),
    [
      `+0xc00 unicast ${P} metric 1024 [2 via 2001:db8::2 weight 3] [2 via 2001:db8::3 weight 1] [2 via 2001:db8::4 weight 1]`,
      `-0x0 unicast ${P} via 2001:db8::4 dev 2 metric 1024`,
    ],
    'it was told of, so its end is too',
  )
  t.match(h.route(ADD, '2001:db8:a::/48', { hops: [{ dev: 2 }, { via: '2001:db8::2' }] }), {
    error: -EINVAL.code,
    msg: 'Device only routes can not be added for IPv6 using the multipath API.',
  })
  t.equal(h.route(ADD, '2001:db8:a::/48', { hops: [{ via: '2001:db8::2' }, { via: '2001:db8::2' }] }).error, -EEXIST.code)
  t.same(h.own(), [`unicast ${P} metric 1024 [2 via 2001:db8::2 weight 3] [2 via 2001:db8::3 weight 1]`])
})

t.test('replacing takes all hops along, silently', async (t) => {
  const h = host()
  h.route(ADD, P, { hops: [{ via: '2001:db8::2' }, { via: '2001:db8::3' }, { via: '2001:db8::4' }] })
  h.route(NLM_F_CREATE, P, D)
  h.told()
  t.equal(h.route(NLM_F_CREATE | NLM_F_REPLACE, P, G(5)).error, 0)
  t.same(h.told(), [`+0x100 unicast ${P} via 2001:db8::5 dev 2 metric 1024`])
  t.same(h.own(), [`unicast ${P} via 2001:db8::5 dev 2 metric 1024`, `unicast ${P} dev 2 metric 1024`])
})

t.test('deleting: one hop by its gateway, or all in one message', async (t) => {
  const h = host()
  const hops = [{ via: '2001:db8::2' }, { via: '2001:db8::3' }, { via: '2001:db8::4' }]
  h.route(ADD, P, { hops })
  h.told()
  t.equal(h.unroute(P, G(3)).error, 0)
  t.same(h.told(), [`-0x0 unicast ${P} via 2001:db8::3 dev 2 metric 1024`])
  t.equal(h.unroute(P).error, 0)
  t.same(h.told(), [`-0x0 unicast ${P} metric 1024 [2 via 2001:db8::2 weight 1] [2 via 2001:db8::4 weight 1]`])
  h.route(ADD, P, { hops })
  h.told()
  t.equal(h.unroute(P, { hops: [hops[2], hops[0]] }).error, 0)
  t.same(
    h.told(),
    [4, 2].map((n) => `-0x0 unicast ${P} via 2001:db8::${n} dev 2 metric 1024`),
    'those named, each with its message',
  )
  for (const r of [G(9), { dev: 1 }, { metric: 5 }, { protocol: 4 }]) t.equal(h.unroute(P, r).error, -ESRCH.code, JSON.stringify(r))
  t.match(h.unroute(P, { table: 77 }), { error: -ESRCH.code, msg: 'FIB table does not exist' })
  t.same(h.told(), [])
})

t.test('what cannot be', async (t) => {
  const h = host()
  const down = h.dummy('d1', false)
  const closed = h.dummy('d2')
  h.sysctl('conf/d2/disable_ipv6', 1)
  h.quiet()
  const rows: [Route, number, string | undefined][] = [
    [{ via: 'fe80::1' }, EINVAL.code, 'Egress device not specified'],
    [{ via: '2001:db8::1' }, EINVAL.code, 'Gateway can not be a local address'],
    [{ via: '2001:dead::1' }, EHOSTUNREACH.code, undefined],
    [{ via: 'ff02::1', dev: 2 }, EINVAL.code, 'Invalid gateway address'],
    [{ dev: 99 }, ENODEV.code, undefined],
    [{ dev: down.ifindex }, ENETDOWN.code, 'Nexthop device is not up'],
    [{ dev: closed.ifindex }, EACCES.code, 'IPv6 is disabled on nexthop device'],
    [{ via: '2001:dead::1', flags: 4 }, ENODEV.code, 'Nexthop device required for onlink'],
    [{ dev: 2, src: '2001:db8::9' }, EINVAL.code, 'Invalid source address'],
    [{ dev: 2, nhid: 5 }, EINVAL.code, 'Nexthop specification and nexthop id are mutually exclusive'],
    [{ nhid: 5 }, EINVAL.code, 'Nexthop id does not exist'],
    [{ dev: 2, type: 12 }, EINVAL.code, 'Invalid route type'],
  ]
  for (const [r, error, msg] of rows) {
    const ack = h.route(ADD, P, r)
    t.equal(ack.error, -error, JSON.stringify(r))
    t.equal(ack.msg, msg, JSON.stringify(r))
  }
  t.match(h.client.ack(RTM_NEWROUTE, ADD, concat(routeBody(P, D), nla(18, new Uint8Array(18)))), {
    error: -EINVAL.code,
    msg: 'IPv6 does not support RTA_VIA attribute',
  })
  t.match(h.route(ADD, '2001:db8::/129', D), { error: -EINVAL.code })
  t.same(h.told(), [])
})

t.test('lookups: the longest prefix, then the metric, then the preference', async (t) => {
  const h = host()
  h.route(ADD, '::/0', G(2))
  h.route(ADD, '2001:db8:9::/48', { ...G(3), metric: 20 })
  h.route(ADD, '2001:db8:9::/48', { ...G(4), metric: 10 })
  h.route(ADD, '2001:db8:9:1::/64', { type: 7 })
  h.route(ADD, '2001:db8:9:2::/64', { type: 6 })
  h.route(ADD, '2001:db8:9:3::/64', { type: 8 })
  h.route(ADD, '2001:db8:9:4::/64', { type: 9 })
  t.equal(h.get('2002::1'), 'unicast 2002::1/128 from ::/128 via 2001:db8::2 dev 2 src 2001:db8::1 metric 1024')
  t.equal(h.get('2001:db8:9::1'), 'unicast 2001:db8:9::1/128 from ::/128 via 2001:db8::4 dev 2 src 2001:db8::1 metric 10')
  t.equal(h.get('2001:db8:9:1::1'), -EHOSTUNREACH.code)
  t.equal(h.get('2001:db8:9:2::1'), -EINVAL.code)
  t.equal(h.get('2001:db8:9:3::1'), -EACCES.code)
  t.equal(h.get('2001:db8:9:4::1'), -ENETUNREACH.code, 'thrown out of the last table')
  t.equal(h.get('2001:db8:9::1', nla(27, u8(99))), -EOPNOTSUPP.code)
  t.equal(h.get('2001:db8:9::1', nla(3, 99)), -ENODEV.code)
})

t.test('routes by source: within a prefix by the source, and no way round at one that has none', async (t) => {
  const h = host()
  h.route(ADD, P, G(2))
  h.route(ADD, P, { ...G(3), from: '2001:db8:1::/64' })
  h.route(ADD, P, { ...G(4), from: '2001:db8:1:0:8000::/65' })
  h.route(ADD, '::/0', G(9))
  h.route(ADD, '::/0', { ...G(8), from: '2001:db8:2::/64' })
  const via = (src: string) => String(h.get('2001:db8:9::1', nla(2, in6(src)))).match(/via (\S+)/)?.[1]
  t.equal(via('2001:db8:1::1'), '2001:db8::3')
  t.equal(via('2001:db8:1:0:8000::1'), '2001:db8::4')
  t.equal(via('2001:db8:2::1'), '2001:db8::8', 'the prefix itself is passed over when none of its sources match, as in Linux')
  t.equal(via('2001:db8:3::1'), '2001:db8::9')
  t.equal(h.unroute(P, { ...G(3), from: '2001:db8:1::/64' }).error, 0)
  t.equal(via('2001:db8:1::1'), '2001:db8::9')
  t.equal(h.unroute(P, { ...G(4), from: '2001:db8:1:0:8000::/65' }).error, 0)
  t.equal(via('2001:db8:1::1'), '2001:db8::2', 'with its last source gone the prefix counts again')
})

t.test('a dump by table, type, protocol, device and prefix flag', async (t) => {
  const h = host()
  const d1 = h.dummy('d1')
  h.route(ADD, P, { dev: 2 })
  h.route(ADD, '2001:db8:8::/48', { type: 6, table: 100 })
  h.route(ADD, '2001:db8:7::/48', { hops: [{ via: '2001:db8::2' }, { via: 'fe80::9', dev: d1.ifindex }] })
  t.same(h.routes({ rtm_table: 100 }), ['blackhole 2001:db8:8::/48 dev 1 metric 1024 table 100'])
  t.same(
    h.routes({ rtm_type: 5 }).map((r) => r.split(' ').slice(0, 2).join(' ')),
    ['multicast ff00::/8', 'multicast ff00::/8'],
  )
  t.equal(h.own().length, 2)
  t.ok(
    h.routes({}, nla(4, d1.ifindex)).some((r) => r.includes('2001:db8:7::/48')),
    'by any of its hops',
  )
  const [bad] = h.client.request(RTM_GETROUTE, 0x301, rtmsg.encode({ rtm_family: 10, rtm_table: 99 }))
  t.match(parseAck(bad), { error: -ENOENT.code, msg: 'ipv6: FIB table does not exist' })
  const [odd] = h.client.request(RTM_GETROUTE, 0x301, rtmsg.encode({ rtm_family: 10, rtm_dst_len: 64 }))
  t.match(parseAck(odd), { error: -EINVAL.code, msg: 'Invalid values in header for FIB dump request' })
})

/** What Linux 6.12 sent when a second hop was appended (016-route6-basics). */
t.test('golden bytes of a route of two hops', async (t) => {
  const h = host()
  h.route(ADD, '2001:db8:a::/48', G(2))
  h.quiet()
  h.route(NLM_F_CREATE | NLM_F_APPEND, '2001:db8:a::/48', G(3))
  const [m] = h.monitor.receive()
  const golden = [
    '0a300000fe030001 00000000', // rtmsg: AF_INET6, /48, main, boot, unicast
    '08000f00fe000000', // RTA_TABLE
    '1400010020010db8000a00000000000000000000', // RTA_DST
    '0800060000040000', // RTA_PRIORITY
    '3c000900', // RTA_MULTIPATH
    '1c00000002000000 1400050020010db8000000000000000000000003',
    '1c00000002000000 1400050020010db8000000000000000000000002',
    '24000c00 0000000000000000000000000000000000000000000000000000000000000000', // RTA_CACHEINFO
    '0500140000000000', // RTA_PREF
  ]
  t.equal(Buffer.from(m.bytes.subarray(16)).toString('hex'), golden.join('').replaceAll(' ', ''))
})

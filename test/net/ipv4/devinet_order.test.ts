/**
 * Where a new address goes (net/ipv4/devinet.c __inet_insert_ifa):
 *
 *   there before            new               result
 *   -                       any               primary
 *   same subnet and mask    other local       secondary, behind all
 *   same subnet and mask    same local        EEXIST
 *   same subnet and mask    other scope       EINVAL
 *   same subnet, mask other any               primary
 *   primaries of scopes     scope s           behind the last primary of scope >= s (numerically)
 */
import t from 'tap'
import { EEXIST, EINVAL, ENODEV } from '../../../src/uapi/errno.ts'
import { ifaddrmsg } from '../../../src/uapi/linux/if_addr.ts'
import { RTM_NEWADDR } from '../../../src/uapi/linux/rtnetlink.ts'
import { Client, concat, message, nla, parseAck } from '../core/rtnetlink_client.ts'
import { Ipv4Host, in4, NLM_F_REPLACE } from './ipv4Host.ts'

t.test('the first address of a subnet is primary, the others are secondary and last', async (t) => {
  const h = new Ipv4Host()
  const d = h.dummy('d0')
  for (const a of ['10.0.0.1/24', '10.0.0.2/24', '10.0.0.3/16', '10.0.0.4/24', '10.0.1.1/24']) t.equal(h.add(d, a).error, 0, a)
  t.same(h.addrs(d), [
    '2 10.0.0.1/24 d0',
    '2 10.0.0.3/16 d0',
    '2 10.0.1.1/24 d0',
    '2 10.0.0.2/24 secondary d0',
    '2 10.0.0.4/24 secondary d0',
  ])
})

t.test('primaries stand by scope, narrow before wide', async (t) => {
  const h = new Ipv4Host()
  const d = h.dummy('d0')
  for (const [a, scope] of [
    ['10.0.0.1/24', 0],
    ['10.1.0.1/24', 254],
    ['10.2.0.1/24', 253],
    ['10.3.0.1/24', 200],
    ['10.4.0.1/24', 254],
    ['10.5.0.1/24', 0],
  ] as const) {
    h.add(d, a, { scope })
  }
  t.same(h.addrs(d), [
    '2 10.1.0.1/24 scope 254 d0',
    '2 10.4.0.1/24 scope 254 d0',
    '2 10.2.0.1/24 scope 253 d0',
    '2 10.3.0.1/24 scope 200 d0',
    '2 10.0.0.1/24 d0',
    '2 10.5.0.1/24 d0',
  ])
})

t.test('refusals', async (t) => {
  const h = new Ipv4Host()
  const d = h.dummy('d0')
  h.add(d, '10.0.0.1/24')
  h.events()
  const cases: [string, object, number, string | undefined][] = [
    ['10.0.0.1/24', {}, EEXIST.code, 'ipv4: Address already assigned'],
    ['10.0.0.1/24', { nl: 0 }, EEXIST.code, 'ipv4: Address already assigned'],
    ['10.0.0.9/24', { scope: 253 }, EINVAL.code, 'ipv4: Invalid scope value'],
    ['10.9.0.1/33', {}, EINVAL.code, 'ipv4: Invalid prefix length'],
    ['10.9.0.1/24', { lft: [10, 20] }, EINVAL.code, 'ipv4: address lifetime invalid'],
    ['10.9.0.1/24', { lft: [0, 0] }, EINVAL.code, 'ipv4: address lifetime invalid'],
  ]
  for (const [address, o, code, text] of cases) t.match(h.add(d, address, o), { error: -code, msg: text }, `${address} ${text}`)
  t.match(h.client.ack(RTM_NEWADDR, 0x600, concat(ifaddrmsg.encode({ ifa_family: 2, ifa_index: d.ifindex }), nla(1, in4('1.2.3.4')))), {
    error: -EINVAL.code,
    msg: 'ipv4: Local address is not supplied',
  })
  t.match(h.client.ack(RTM_NEWADDR, 0x600, concat(ifaddrmsg.encode({ ifa_family: 2, ifa_index: 99 }), nla(2, in4('1.2.3.4')))), {
    error: -ENODEV.code,
    msg: 'ipv4: Device not found',
  })
  t.same(h.events(), [], 'nobody hears of what was refused')
  t.same(h.addrs(d), ['2 10.0.0.1/24 d0'])
})

t.test('0.0.0.0 is accepted and does nothing', async (t) => {
  const h = new Ipv4Host()
  const d = h.dummy('d0')
  t.equal(h.add(d, '0.0.0.0/24').error, 0)
  t.same([h.events(), h.addrs(d)], [[], []])
})

t.test('replace changes lifetimes, metric and protocol of what is there', async (t) => {
  const h = new Ipv4Host()
  const d = h.dummy('d0')
  h.add(d, '10.0.0.1/24', { metric: 7 })
  h.events()
  t.equal(h.add(d, '10.0.0.1/24', { metric: 9, proto: 3, label: 'd0:x', nl: NLM_F_REPLACE }).error, 0)
  t.same(h.events(), [
    '+route unicast 10.0.0.0/24 table 254 src 10.0.0.1 dev 2 metric 9 flags 0x600',
    '-route unicast 10.0.0.0/24 table 254 src 10.0.0.1 dev 2 metric 7',
    '+addr 2 10.0.0.1/24 d0 metric 9 proto 3',
  ])
})

t.test('IPv6 flags are dropped, a long label is refused, labels and peers are kept', async (t) => {
  const h = new Ipv4Host()
  const d = h.dummy('d0')
  h.add(d, '10.0.0.1/24', { flags: 0x2 | 0x40 | 0x200, label: 'd0:one' })
  h.add(d, '10.1.0.1/32', { peer: '10.1.0.2', brd: '10.1.0.9' })
  t.same(h.addrs(d), ['2 10.0.0.1/24 noprefixroute d0:one', '2 10.1.0.1 peer 10.1.0.2/32 brd 10.1.0.9 d0'])
})

t.test('the answer to NLM_F_ECHO is the notification itself', async (t) => {
  const h = new Ipv4Host()
  const d = h.dummy('d0')
  const body = concat(ifaddrmsg.encode({ ifa_family: 2, ifa_prefixlen: 24, ifa_index: d.ifindex }), nla(2, in4('10.0.0.1')))
  const answers = h.client.request(RTM_NEWADDR, 0x1 | 0x4 | 0x8 | 0x600, body)
  t.same(
    answers.map((m) => m.type),
    [RTM_NEWADDR, 2],
    'notification, then ACK',
  )
  t.equal(answers[0].seq, answers[1].seq)
})

t.test('a dump can be for one device, and says so', async (t) => {
  const h = new Ipv4Host()
  const d0 = h.dummy('d0')
  const d1 = h.dummy('d1')
  h.add(d0, '10.0.0.1/24')
  h.add(d1, '10.1.0.1/24')
  t.same(h.addrs(), ['2 10.0.0.1/24 d0', '3 10.1.0.1/24 d1'])
  t.same(h.addrs(d1), ['3 10.1.0.1/24 d1'])
  const all = h.client.request(22, 0x301, ifaddrmsg.encode({ ifa_family: 2, ifa_index: d1.ifindex }))
  t.same(
    all.map((m) => m.flags),
    [0x22, 0x22],
    'NLM_F_DUMP_FILTERED',
  )
  const failed = (header: object) => parseAck(h.client.request(22, 0x301, ifaddrmsg.encode({ ifa_family: 2, ...header }))[0])
  t.match(failed({ ifa_prefixlen: 1 }), { error: -EINVAL.code, msg: 'ipv4: Invalid values in header for address dump request' })
  t.match(failed({ ifa_index: 77 }), { error: -ENODEV.code })
  const nsid = h.client.request(22, 0x301, concat(ifaddrmsg.encode({ ifa_family: 2 }), nla(10, 5)))
  t.match(parseAck(nsid[0]), { error: -EINVAL.code, msg: 'ipv4: Invalid target network namespace id' })
  const odd = h.client.request(22, 0x301, concat(ifaddrmsg.encode({ ifa_family: 2 }), nla(3, 'x')))
  t.match(parseAck(odd[0]), { error: -EINVAL.code, msg: 'ipv4: Unsupported attribute in dump request' })
})

t.test('a device changed during a dump of many parts is noticed', async (t) => {
  const h = new Ipv4Host()
  const d = h.dummy('d0')
  for (let i = 0; i < 120; i++) h.add(d, `10.${i}.0.1/24`)
  h.client.send(message(22, 0x301, 9, ifaddrmsg.encode({ ifa_family: 2 })))
  new Client(h.kernel).ack(
    RTM_NEWADDR,
    0x600,
    concat(ifaddrmsg.encode({ ifa_family: 2, ifa_prefixlen: 24, ifa_index: d.ifindex }), nla(2, in4('172.16.0.1'))),
  )
  const flags = h.client.receive().map((m) => m.flags)
  t.equal(flags[0] & 0x10, 0)
  t.ok(
    flags.some((f) => f & 0x10),
    'NLM_F_DUMP_INTR',
  )
})

/** Address messages: recorded bytes, refusals with their texts, dumps, and the labels of prefixes. */
import t from 'tap'
import { hex } from '../../../src/lib/bytes.ts'
import { ipv6Text } from '../../../src/lib/types.ts'
import { ifaddrmsg } from '../../../src/uapi/linux/if_addr.ts'
import { IFAL_ADDRESS, IFAL_LABEL, ifaddrlblmsg } from '../../../src/uapi/linux/if_addrlabel.ts'
import { NLMSG_ERROR } from '../../../src/uapi/linux/netlink.ts'
import {
  RTM_DELADDRLABEL,
  RTM_GETADDR,
  RTM_GETADDRLABEL,
  RTM_GETANYCAST,
  RTM_GETMULTICAST,
  RTM_NEWADDR,
  RTM_NEWADDRLABEL,
} from '../../../src/uapi/linux/rtnetlink.ts'
import { concat, type Message, nla, parseAck } from '../core/rtnetlink_client.ts'
import { AF_INET6, in6, Ipv6Host, NLM_F_CREATE, NLM_F_DUMP, NLM_F_EXCL, SEC } from './ipv6Host.ts'

/** From recording 010, `ip addr add 2001:db8:4::1 peer 2001:db8:4::2 dev dum0`; stamps zeroed. */
const PEER_MESSAGE = [
  '5c000000140000000000000000000000', // RTM_NEWADDR, nobody's request
  '0a80800002000000', // AF_INET6 /128 permanent, scope global, device 2
  '14000200 20010db8000400000000000000000001'.replace(' ', ''), // IFA_LOCAL
  '14000100 20010db8000400000000000000000002'.replace(' ', ''), // IFA_ADDRESS: the peer
  '14000600 ffffffffffffffff 0000000000000000'.replaceAll(' ', ''), // IFA_CACHEINFO: for ever
  '08000800 80000000'.replace(' ', ''), // IFA_FLAGS
].join('')

t.test('an address with a peer, byte for byte', async (t) => {
  const h = new Ipv6Host()
  const d = h.dummy('dum0')
  h.add(d, '2001:db8:4::1', { peer: '2001:db8:4::2' })
  const told = h.monitor.receive().filter((m) => m.type === RTM_NEWADDR)
  const last = told.at(-1)?.bytes.slice() as Uint8Array
  last.fill(0, 16 + 8 + 20 + 20 + 4 + 8, 16 + 8 + 20 + 20 + 4 + 16)
  t.equal(hex(last), PEER_MESSAGE)
})

t.test('refusals', async (t) => {
  const h = new Ipv6Host()
  const d = h.dummy('d0')
  h.add(d, '2001:db8::1/64')
  h.quiet()
  const cases: [string, number, string | undefined][] = [
    ['2001:db8::1/64', -17, 'ipv6: address already assigned'],
    ['2001:db8::1/48', -17, 'ipv6: address already assigned'],
    ['2001:db8::2/129', -22, 'ipv6: Invalid prefix length'],
    ['::/64', -99, 'ipv6: Invalid address'],
    ['::1/128', -99, 'ipv6: Cannot assign loopback address on this device'],
    ['ff02::5/16', -99, 'ipv6: Cannot assign multicast address without "IFA_F_MCAUTOJOIN" flag'],
  ]
  for (const [address, error, msg] of cases) {
    const ack = h.add(d, address)
    t.same([ack.error, ack.msg], [error, msg], address)
  }
  t.same(h.events(), [], 'nothing has changed')
  const gone = h.del(d, '2001:db8::1/63')
  t.same([gone.error, gone.msg], [-99, 'ipv6: address not found'])
  const ghost = { ifindex: 99 } as typeof d
  t.same([h.add(ghost, '2001:db8::7/64').msg, h.del(ghost, '2001:db8::7/64').msg], Array(2).fill('ipv6: Unable to find the interface'))
})

t.test('addresses stand by scope, wide before narrow, the newest first', async (t) => {
  const h = new Ipv6Host()
  const d = h.dummy('d0')
  for (const a of ['2001:db8::1/64', 'fec0::1/64', '2001:db8::2/64', 'fe80::5/64']) h.add(d, a)
  const order = h.addrs(d).map((line) => line.split(' ')[1])
  t.same(order, ['2001:db8::2/64', '2001:db8::1/64', 'fec0::1/64', 'fe80::5/64', 'fe80::ff:fe00:1/64'])
})

t.test('one address is asked for; groups and anycast addresses are listed', async (t) => {
  const h = new Ipv6Host()
  const [v0] = h.veth('v0', 'v1')
  const ask = (address: string) => {
    const [answer] = h.client.request(RTM_GETADDR, 5, concat(ifaddrmsg.encode({ ifa_family: AF_INET6 }), nla(1, in6(address))))
    return answer.type === NLMSG_ERROR ? parseAck(answer).error : answer.type
  }
  t.same([ask('fe80::ff:fe00:1'), ask('2001:db8::9')], [RTM_NEWADDR, -99])
  // such a dump is answered with messages of its own type
  const list = (type: number) =>
    h.client
      .request(type, NLM_F_DUMP | 1, ifaddrmsg.encode({ ifa_family: AF_INET6, ifa_index: v0.ifindex }))
      .filter((m) => m.type === type)
      .map((m) => ipv6Text(m.bytes.slice(28, 44)))
  t.same(list(RTM_GETMULTICAST), ['ff02::1:ff00:1', 'ff02::1', 'ff01::1'])
  t.same(list(RTM_GETANYCAST), [])
  h.sysctl('conf/v0/forwarding', 1)
  t.same(list(RTM_GETANYCAST), ['fe80::'])
})

t.test('strict dumps take the device alone', async (t) => {
  const h = new Ipv6Host()
  h.dummy('d0')
  const dump = (header: object, ...more: Uint8Array[]) => {
    const body = concat(ifaddrmsg.encode({ ifa_family: AF_INET6, ...header }), ...more)
    const done = h.client.request(RTM_GETADDR, NLM_F_DUMP | 1, body).at(-1) as Message
    return parseAck(done)
  }
  t.match(dump({ ifa_prefixlen: 64 }), { error: -22, msg: 'ipv6: Invalid values in header for address dump request' })
  t.match(dump({}, nla(1, in6('::1'))), { error: -22, msg: 'ipv6: Unsupported attribute in dump request' })
  t.match(dump({ ifa_index: 99 }), { error: -19 })
})

t.test('labels: the default table, what is added before it, replaced and deleted', async (t) => {
  const h = new Ipv6Host()
  const body = (prefix: string, plen: number, label: number, ifal_index = 0) =>
    concat(
      ifaddrlblmsg.encode({ ifal_family: AF_INET6, ifal_prefixlen: plen, ifal_index }),
      nla(IFAL_ADDRESS, in6(prefix)),
      nla(IFAL_LABEL, label),
    )
  const list = () =>
    h.client
      .request(RTM_GETADDRLABEL, NLM_F_DUMP | 1, ifaddrlblmsg.encode({ ifal_family: AF_INET6 }))
      .filter((m) => m.type === RTM_NEWADDRLABEL)
      .map((m) => `/${m.bytes[18]} ${m.bytes[m.bytes.length - 4]}`)
  t.same(list(), ['/128 0', '/96 3', '/96 4', '/32 6', '/28 7', '/16 12', '/16 2', '/10 11', '/7 5', '/0 1'])
  const add = (...args: Parameters<typeof body>) => h.client.ack(RTM_NEWADDRLABEL, NLM_F_CREATE | NLM_F_EXCL, body(...args)).error
  t.same(
    [add('2001:db8::', 32, 77), add('2001:db8::', 32, 78), add('2001:db8::', 32, 79, 99), add('::ffff:0:0', 97, 5)],
    [0, -17, -22, -22],
  )
  t.same(list().slice(3, 5), ['/32 77', '/32 6'])
  const del = (...args: Parameters<typeof body>) => h.client.ack(RTM_DELADDRLABEL, 0, body(...args)).error
  t.same([del('2001:db8::', 32, 0), del('2001:db8::', 32, 0)], [0, -3])
})

t.test('a new host’s link-local address is told with its routes in this order', async (t) => {
  const h = new Ipv6Host()
  const d = h.dummy('d0', false)
  h.up(d)
  t.same(h.events(), [
    '+route multicast ff00::/8',
    '+route unicast fe80::/64',
    `+addr ${d.ifindex} fe80::ff:fe00:1/64 scope 253 proto 3`,
    '+route local fe80::ff:fe00:1/128',
  ])
  h.advance(60 * SEC)
  t.same(h.events(), [])
})

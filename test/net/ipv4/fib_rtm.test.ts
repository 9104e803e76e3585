/**
 * RTM_NEWROUTE's flags (fib_table_insert), by what is there at the same prefix, TOS and priority:
 *
 *   flags            nothing there   the same route        another route
 *   CREATE|EXCL      added 0x600     EEXIST                EEXIST
 *   CREATE           added 0x600     EEXIST                added before it, 0x400
 *   CREATE|APPEND    added 0x600     EEXIST                added behind, 0xc00
 *   CREATE|REPLACE   added 0x600     0, silent             takes the first one's place, 0x100
 *   -                ENOENT          EEXIST                ENOENT
 */
import t from 'tap'
import { EEXIST, EINVAL, ENETDOWN, ENETUNREACH, ENOENT, ESRCH } from '../../../src/uapi/errno.ts'
import { RTM_DELROUTE, RTM_GETROUTE, RTM_NEWROUTE, rtmsg } from '../../../src/uapi/linux/rtnetlink.ts'
import { type Ack, concat, nla, parseAck } from '../core/rtnetlink_client.ts'
import { Ipv4Host, in4, NLM_F_APPEND, NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE, show } from './ipv4Host.ts'

interface Route {
  dev?: number
  via?: string
  src?: string
  metric?: number
  type?: number
  scope?: number
  table?: number
  tos?: number
}
function host(): Ipv4Host {
  const h = new Ipv4Host()
  h.add(h.dummy('d0'), '10.0.0.1/24')
  h.events()
  return h
}
function body(dst: string, r: Route): Uint8Array {
  const [addr, length] = dst.split('/')
  const parts = [
    rtmsg.encode({
      rtm_family: 2,
      rtm_dst_len: Number(length),
      rtm_tos: r.tos ?? 0,
      rtm_table: r.table ?? 254,
      rtm_protocol: 3,
      rtm_scope: r.scope ?? (r.via === undefined && r.type === undefined ? 253 : 0),
      rtm_type: r.type ?? 1,
    }),
    nla(1, in4(addr)),
  ]
  if (r.dev !== undefined) parts.push(nla(4, r.dev))
  if (r.via !== undefined) parts.push(nla(5, in4(r.via)))
  if (r.metric !== undefined) parts.push(nla(6, r.metric))
  if (r.src !== undefined) parts.push(nla(7, in4(r.src)))
  return concat(...parts)
}
function route(h: Ipv4Host, flags: number, dst: string, r: Route): Ack {
  return h.client.ack(RTM_NEWROUTE, flags, body(dst, r))
}
const { code: exists } = EEXIST

t.test('the table above', async (t) => {
  const via = (n: number): Route => ({ via: `10.0.0.${n}` })
  const cases: [string, number, number, string[]][] = [
    ['exclusive', NLM_F_CREATE | NLM_F_EXCL, -exists, []],
    ['plain', NLM_F_CREATE, 0, ['+route unicast 10.9.0.0/16 table 254 via 10.0.0.3 dev 2 flags 0x400']],
    ['append', NLM_F_CREATE | NLM_F_APPEND, 0, ['+route unicast 10.9.0.0/16 table 254 via 10.0.0.3 dev 2 flags 0xc00']],
    ['replace', NLM_F_CREATE | NLM_F_REPLACE, 0, ['+route unicast 10.9.0.0/16 table 254 via 10.0.0.3 dev 2 flags 0x100']],
    ['neither', 0, -ENOENT.code, []],
  ]
  for (const [name, flags, error, events] of cases) {
    const h = host()
    if (flags & NLM_F_CREATE) {
      t.equal(route(h, flags, '10.9.0.0/16', via(2)).error, 0, name)
      t.same(h.events(), ['+route unicast 10.9.0.0/16 table 254 via 10.0.0.2 dev 2 flags 0x600'])
    } else {
      t.equal(route(h, flags, '10.9.0.0/16', via(2)).error, -ENOENT.code, name)
      route(h, NLM_F_CREATE, '10.9.0.0/16', via(2))
      h.events()
    }
    t.equal(route(h, flags, '10.9.0.0/16', via(2)).error, flags & NLM_F_REPLACE ? 0 : -exists, `${name}: again`)
    t.equal(route(h, flags, '10.9.0.0/16', via(3)).error, error, `${name}: another`)
    t.same(h.events(), events)
  }
})

t.test('order at one prefix: TOS, then priority; a dump shows it', async (t) => {
  const h = host()
  for (const r of [{ metric: 20 }, { metric: 10 }, { metric: 10, tos: 0x10 }, {}]) route(h, NLM_F_CREATE, '10.9.0.0/16', { dev: 2, ...r })
  t.same(
    h.routes().filter((r) => r.includes('10.9.')),
    [
      'unicast 10.9.0.0/16 table 254 dev 2 metric 10 tos 16',
      'unicast 10.9.0.0/16 table 254 dev 2',
      'unicast 10.9.0.0/16 table 254 dev 2 metric 10',
      'unicast 10.9.0.0/16 table 254 dev 2 metric 20',
    ],
  )
})

t.test('what cannot be', async (t) => {
  const h = host()
  const down = h.dummy('d1', false)
  const cases: [string, Route, number, string | undefined][] = [
    ['10.9.0.1/16', { dev: 2 }, EINVAL.code, 'Invalid prefix for given prefix length'],
    ['10.9.0.0/33', { dev: 2 }, EINVAL.code, 'Invalid prefix length'],
    ['10.9.0.0/16', { dev: down.ifindex }, ENETDOWN.code, 'Device for nexthop is not up'],
    ['10.9.0.0/16', { via: '99.0.0.1' }, ENETUNREACH.code, 'Nexthop has invalid gateway'],
    ['10.9.0.0/16', { via: '10.0.0.255' }, EINVAL.code, 'Nexthop has invalid gateway'],
    ['10.9.0.0/16', { dev: 2, src: '10.0.0.77' }, EINVAL.code, 'Invalid prefsrc address'],
    ['10.9.0.0/16', { dev: 2, type: 6 }, EINVAL.code, 'Gateway, device and multipath can not be specified for this route type'],
    ['10.9.0.0/16', { dev: 2, type: 2, scope: 0 }, EINVAL.code, 'Invalid scope'],
    ['10.9.0.0/16', { dev: 2, tos: 1 }, EINVAL.code, 'Invalid dsfield (tos): ECN bits must be 0'],
  ]
  for (const [dst, r, error, msg] of cases) t.match(route(h, NLM_F_CREATE, dst, r), { error: -error, msg }, `${dst} ${msg}`)
  t.equal(h.client.ack(RTM_DELROUTE, 0, body('10.77.0.0/16', { dev: 2 })).error, -ESRCH.code)
  t.match(h.client.ack(RTM_DELROUTE, 0, body('10.77.0.0/16', { dev: 2, table: 77 })), {
    error: -ESRCH.code,
    msg: 'FIB table does not exist',
  })
  t.same(h.events(), [])
})

t.test('a dump by table, type, protocol and device', async (t) => {
  const h = host()
  const d1 = h.dummy('d1')
  h.add(d1, '10.1.0.1/24')
  route(h, NLM_F_CREATE, '10.9.0.0/16', { dev: 2 })
  route(h, NLM_F_CREATE, '10.8.0.0/16', { type: 6, table: 100 })
  t.same(h.routes({ rtm_table: 100 }), ['blackhole 10.8.0.0/16 table 100'])
  t.same(
    h.routes({ rtm_type: 3 }).map((r) => r.split(' ')[1]),
    ['10.0.0.255/32', '10.1.0.255/32'],
  )
  t.same(
    h.routes({ rtm_protocol: 3 }).map((r) => r.split(' ')[1]),
    ['10.8.0.0/16', '10.9.0.0/16'],
  )
  t.same(
    h.routes({}, nla(4, d1.ifindex)).map((r) => r.split(' ')[1]),
    ['10.1.0.0/24', '10.1.0.1/32', '10.1.0.255/32'],
  )
  const [bad] = h.client.request(RTM_GETROUTE, 0x301, rtmsg.encode({ rtm_family: 2, rtm_table: 99 }))
  t.match(parseAck(bad), { error: -ENOENT.code, msg: 'ipv4: FIB table does not exist' })
})

t.test('one destination: gateway, source, local, and none', async (t) => {
  const h = host()
  route(h, NLM_F_CREATE, '0.0.0.0/0', { via: '10.0.0.254' })
  h.up(h.kernel.init_net.loopback_dev)
  const get = (dst: string, flags = 0) => {
    const [m] = h.client.request(
      RTM_GETROUTE,
      1,
      concat(rtmsg.encode({ rtm_family: 2, rtm_dst_len: 32, rtm_flags: flags }), nla(1, in4(dst))),
    )
    return m.type === 2 ? parseAck(m).error : m
  }
  t.equal(show(get('8.8.8.8') as any), '+route unicast 8.8.8.8/32 table 254 src 10.0.0.1 via 10.0.0.254 dev 2')
  // local shares main's trie while there are only the default rules
  t.equal(show(get('10.0.0.1', 0x1000) as any), '+route local 10.0.0.1/32 table 254 src 10.0.0.1 dev 1')
  t.equal(show(get('8.8.8.8', 0x2000) as any), '+route unicast 0.0.0.0/0 table 254 via 10.0.0.254 dev 2', 'RTM_F_FIB_MATCH')
  h.client.ack(RTM_DELROUTE, 0, body('0.0.0.0/0', { via: '10.0.0.254' }))
  t.equal(get('8.8.8.8'), -ENETUNREACH.code)
})

t.test('the three default rules', async (t) => {
  const h = host()
  const rules = h.client.request(34, 0x301, Uint8Array.of(2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)).filter((m) => m.type === 32)
  t.same(
    rules.map((m) => [m.bytes[20], m.bytes.length]),
    [
      [255, 52],
      [254, 60],
      [253, 60],
    ],
  )
})

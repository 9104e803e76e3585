/** Nexthop objects: what is told when they come, change and go, and what becomes of routes and groups. */
import t from 'tap'
import { put32 } from '../../../src/lib/bytes.ts'
import { RTM_DELNEXTHOP, RTM_GETNEXTHOPBUCKET, RTM_NEWNEXTHOP, RTM_NEWROUTE, rtmsg } from '../../../src/uapi/linux/rtnetlink.ts'
import { type Ack, Client, concat, nla } from '../core/rtnetlink_client.ts'
import { Ipv4Host, in4, NLM_F_CREATE, NLM_F_DUMP, NLM_F_EXCL, NLM_F_REPLACE } from './ipv4Host.ts'

const NEW = NLM_F_CREATE | NLM_F_EXCL
const nhm = (family: number) => Uint8Array.of(family, 0, 0, 0, 0, 0, 0, 0)
function single(id: number, via: string, oif: number): Uint8Array {
  return concat(nhm(2), nla(1, id), nla(5, oif), nla(6, in4(via)))
}
/** `res`: NHA_RES_GROUP with buckets and idle timer. */
function group(id: number, members: [number, number][], res?: [number, number]): Uint8Array {
  const list = new Uint8Array(members.length * 8)
  for (const [i, [member, weight]] of members.entries()) {
    put32(list, i * 8, member)
    list[i * 8 + 4] = weight - 1
  }
  const parts = [nhm(0), nla(1, id), nla(2, list)]
  if (res !== undefined) parts.push(nla(3, Uint8Array.of(1, 0)), nla(12 | 0x8000, concat(nla(1, Uint8Array.of(res[0], 0)), nla(2, res[1]))))
  return concat(...parts)
}
function host(): { h: Ipv4Host; nh: Client; add: (b: Uint8Array, flags?: number) => Ack; told: () => string[]; oif: number } {
  const h = new Ipv4Host()
  const dev = h.dummy('d0')
  h.add(dev, '10.0.0.1/24')
  h.events()
  const nh = new Client(h.kernel, { groups: [32, 7] })
  const add = (b: Uint8Array, flags = NEW) => h.client.ack(RTM_NEWNEXTHOP, flags, b)
  const told = () => nh.receive().map((m) => `${m.type}:${m.bytes[m.type < 30 ? 32 : 28]}`)
  return { h, nh, add, told, oif: dev.ifindex }
}
function use(h: Ipv4Host, dst: string, id: number): Ack {
  const header = rtmsg.encode({ rtm_family: 2, rtm_dst_len: 24, rtm_table: 254, rtm_protocol: 3, rtm_type: 1 })
  return h.client.ack(RTM_NEWROUTE, NEW, concat(header, nla(1, in4(dst)), nla(30, id)))
}

t.test('a group follows its members: told again when one goes, gone with the last', async (t) => {
  const { h, add, told, oif } = host()
  add(single(1, '10.0.0.2', oif))
  add(single(2, '10.0.0.3', oif))
  add(
    group(10, [
      [1, 1],
      [2, 3],
    ]),
  )
  told()
  use(h, '10.9.0.0', 10)
  t.equal(h.routes({ rtm_table: 254 }).length, 2, 'the route by the group')
  told()
  h.client.ack(RTM_DELNEXTHOP, 0, concat(nhm(0), nla(1, 2)))
  t.same(told(), ['105:2', '104:10'], 'the member goes, the group is told anew')
  h.client.ack(RTM_DELNEXTHOP, 0, concat(nhm(0), nla(1, 1)))
  t.same(told(), ['105:1', '105:10'], 'the last one takes the group along')
  t.equal(h.routes({ rtm_table: 254 }).length, 1, 'and the route, without a word')
})

t.test('replacing tells of the routes that use the object, and of those of its groups', async (t) => {
  const { h, add, nh, oif } = host()
  add(single(1, '10.0.0.2', oif))
  add(group(10, [[1, 1]]))
  use(h, '10.8.0.0', 1)
  use(h, '10.9.0.0', 10)
  nh.receive()
  add(single(1, '10.0.0.77', oif), NLM_F_CREATE | NLM_F_REPLACE)
  const told = nh.receive()
  t.same(
    told.map((m) => m.type),
    [RTM_NEWNEXTHOP, RTM_NEWROUTE, RTM_NEWROUTE],
  )
  t.same(h.routes({ rtm_table: 254 }).filter((r) => r.includes('10.0.0.77')).length, 2)
})

t.test('objects go with their device, silently, and routes with them', async (t) => {
  const { h, add, told, oif } = host()
  add(single(1, '10.0.0.2', oif))
  use(h, '10.8.0.0', 1)
  told()
  h.down(h.kernel.init_net.dev_index_head.get(oif) as any)
  t.same(told(), [])
  t.same(h.routes({ rtm_table: 254 }), [])
  t.equal(h.kernel.init_net.nexthop.by_id.size, 0)
})

t.test('what is refused', async (t) => {
  const { add, oif } = host()
  add(single(1, '10.0.0.2', oif))
  add(group(10, [[1, 1]]))
  const refused: [Uint8Array, string | undefined][] = [
    [group(11, [[99, 1]]), 'Invalid nexthop id'],
    [group(11, [[10, 1]]), 'Hash-threshold group can not be a nexthop within a group'],
    [
      group(11, [
        [1, 1],
        [1, 1],
      ]),
      'Nexthop id can not be used twice in a group',
    ],
    [group(11, [[1, 1]], [0, 100]), 'Number of buckets needs to be non-0'],
    [single(1, '10.0.0.3', oif), undefined],
    [single(2, '10.77.0.3', oif), 'Nexthop has invalid gateway'],
  ]
  for (const [body, msg] of refused) {
    const ack = add(body)
    t.not(ack.error, 0)
    t.equal(ack.msg, msg)
  }
})

t.test('buckets of a resilient group stay where they are until they have been idle', async (t) => {
  const { h, add, nh, oif } = host()
  for (const n of [1, 2]) add(single(n, `10.0.0.${n + 1}`, oif))
  add(
    group(
      12,
      [
        [1, 1],
        [2, 1],
      ],
      [4, 1000],
    ),
  )
  const buckets = () => h.client.request(RTM_GETNEXTHOPBUCKET, NLM_F_DUMP | 1, nhm(0)).filter((m) => m.type === 116)
  const owner = () => buckets().map((m) => m.bytes[48])
  t.same(owner(), [2, 2, 1, 1], 'the last of the group first')
  nh.receive()
  const table = h.kernel.init_net.nexthop.by_id.get(12)?.nh_grp?.res_table
  h.advance(1e9)
  table?.select(2)
  table?.select(3)
  add(group(12, [[2, 1]], [4, 1000]), NLM_F_CREATE | NLM_F_REPLACE)
  t.same(owner(), [2, 2, 2, 2], 'a next hop that left has none')
  add(
    group(
      12,
      [
        [1, 1],
        [2, 1],
      ],
      [4, 1000],
    ),
    NLM_F_CREATE | NLM_F_REPLACE,
  )
  table?.select(0)
  t.equal(owner().filter((n) => n === 1).length, 2, 'those that were idle moved at once')
  h.advance(20e9)
  t.equal(owner().filter((n) => n === 1).length, 2, 'and balanced they stay')
})

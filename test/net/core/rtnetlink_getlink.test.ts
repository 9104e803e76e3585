/** RTM_GETLINK and RTM_GETSTATS: who is listed, and with which flags. */
import t from 'tap'
import type { Kernel } from '../../../src/kernel/kernel.ts'
import { get32, hex } from '../../../src/lib/bytes.ts'
import { __dev_get_by_name } from '../../../src/net/core/dev_state.ts'
import {
  IFLA_EXT_MASK,
  IFLA_IFNAME,
  IFLA_INFO_KIND,
  IFLA_LINKINFO,
  IFLA_MASTER,
  IFLA_MTU,
  IFLA_NUM_VF,
  IFLA_TARGET_NETNSID,
} from '../../../src/uapi/linux/if_link.ts'
import { NLM_F_CREATE, NLM_F_DUMP } from '../../../src/uapi/linux/netlink.ts'
import { RTM_GETADDR, RTM_GETLINK, RTM_GETSTATS, RTM_NEWLINK } from '../../../src/uapi/linux/rtnetlink.ts'
import { attributes, bootHost, Client, concat, ifi, link, type Message, message, nla, parseAck } from './rtnetlink_client.ts'

const NLMSG_DONE = 3
const kind = (name: string) => nla(IFLA_LINKINFO, nla(IFLA_INFO_KIND, name))
function host(strict = false): { kernel: Kernel; client: Client } {
  const kernel = bootHost()
  const client = new Client(kernel, { strict })
  for (const [name, type] of [
    ['dum0', 'dummy'],
    ['ifb7', 'ifb'],
    ['dum1', 'dummy'],
  ])
    client.ack(RTM_NEWLINK, NLM_F_CREATE, link({}, nla(IFLA_IFNAME, name), kind(type)))
  return { kernel, client }
}
const listed = (messages: Message[]) =>
  messages
    .filter((m) => m.type === RTM_NEWLINK)
    .map((m) =>
      Buffer.from(attributes(m).get(IFLA_IFNAME.nr) ?? '', 'hex')
        .toString()
        .slice(0, -1),
    )
const dump = (client: Client, ...more: Uint8Array[]) => client.request(RTM_GETLINK, 1 | NLM_F_DUMP, link({}, ...more))

t.test('a dump lists by index and ends with DONE', async (t) => {
  const { client } = host()
  const messages = dump(client)
  t.same(listed(messages), ['lo', 'dum0', 'ifb7', 'dum1'])
  t.same(messages.map((m) => [m.type, m.flags, m.seq, m.pid]).at(-1), [NLMSG_DONE, 2, 4, client.task.tgid])
  t.ok(messages.slice(0, -1).every((m) => m.flags === 2 && ifi(m).change === 0))
})
t.test('DONE of links, addresses and routes comes in a datagram of its own; that of statistics does not (oracle)', async (t) => {
  const { client } = host()
  const shape = (type: number, body: Uint8Array) => {
    client.send(message(type, 1 | NLM_F_DUMP, client.seq++, body))
    return client.receiveDatagrams().map((d) => d.length)
  }
  t.same(shape(RTM_GETLINK, link({})), [4, 1])
  t.same(shape(RTM_GETADDR, new Uint8Array(8)), [1], 'nothing to tell: DONE alone anyway')
  client.ack(RTM_NEWLINK, 0, link({ index: 1, flags: 1, change: 1 }))
  t.same(shape(RTM_GETADDR, new Uint8Array(8)), [1, 1])
  t.same(shape(RTM_GETSTATS, stats(0, 1)), [5])
})
t.test('filters: what is answered says so, DONE does not', async (t) => {
  const { client } = host()
  const some = dump(client, kind('dummy'))
  t.same(listed(some), ['dum0', 'dum1'])
  t.same(
    some.map((m) => m.flags),
    [0x22, 0x22, 2],
  )
  t.same(listed(dump(client, kind('nosuch'))), ['lo', 'dum0', 'ifb7', 'dum1'], 'an unknown kind filters nothing')
  t.same(listed(dump(client, nla(IFLA_MASTER, 2))), [], 'slaves of a device that has none')
  t.same(listed(dump(client, nla(IFLA_MASTER, -1))), ['lo', 'dum0', 'ifb7', 'dum1'], '-1: without a master')
})
t.test('a bridge dump lists what bridges: nothing', async (t) => {
  const { client } = host()
  t.same(
    client.request(RTM_GETLINK, 1 | NLM_F_DUMP, link({ family: 7 })).map((m) => m.type),
    [NLMSG_DONE],
  )
  t.same(listed(client.request(RTM_GETLINK, 1 | NLM_F_DUMP, link({ family: 17 }))).length, 4, 'other families are PF_UNSPEC')
})
t.test('an old program sends only a family', async (t) => {
  const { client } = host()
  t.equal(listed(client.request(RTM_GETLINK, 1 | NLM_F_DUMP, new Uint8Array(4))).length, 4)
})
t.test('strict dumps refuse what they do not know', async (t) => {
  const { client } = host(true)
  const refused: [Uint8Array, string][] = [
    [link({ index: 1 }), 'Filter by device index not supported for link dumps'],
    [link({ change: 1 }), 'Invalid values in header for link dump request'],
    [link({}, nla(IFLA_MTU, 1)), 'Unsupported attribute in link dump request'],
    [link({}, nla(IFLA_TARGET_NETNSID, 5)), 'Invalid target network namespace id'],
    [new Uint8Array(4), 'Invalid header for link dump'],
  ]
  for (const [body, msg] of refused) {
    const [answer] = client.request(RTM_GETLINK, 1 | NLM_F_DUMP, body)
    t.equal(answer.type, NLMSG_DONE, 'a dump that fails is done')
    t.same(parseAck(answer), { error: -22, msg, offset: undefined }, msg)
  }
  t.same(listed(dump(client, nla(IFLA_EXT_MASK, 1), kind('dummy'))), ['dum0', 'dum1'])
})
t.test('a large dump comes in parts and misses nobody', async (t) => {
  const { client } = host()
  for (let i = 0; i < 150; i++) client.ack(RTM_NEWLINK, NLM_F_CREATE, link({}, kind('dummy')))
  t.same(new Set(listed(dump(client))).size, 154)
})
t.test('virtual functions are counted for devices of a bus, when asked for', async (t) => {
  const { kernel, client } = host()
  const dev = __dev_get_by_name(kernel.init_net, 'dum0')
  if (dev !== undefined) dev.parent = { name: '0000:00:03.0', bus: 'pci' }
  const get = (mask: number) => attributes(client.request(RTM_GETLINK, 1, link({ index: 2 }, nla(IFLA_EXT_MASK, mask)))[0])
  t.equal(get(1).get(IFLA_NUM_VF.nr), '00000000')
  t.equal(get(0).has(IFLA_NUM_VF.nr), false)
  t.same(
    [56, 57].map((nr) => get(0).get(nr)),
    [hex(new TextEncoder().encode('0000:00:03.0\0')), hex(new TextEncoder().encode('pci\0'))],
  )
})

const stats = (index: number, mask: number) => concat(new Uint8Array(4), new Uint8Array(new Uint32Array([index, mask]).buffer))
t.test('statistics of one device: what its mask names (oracle)', async (t) => {
  const { kernel, client } = host()
  const dev = __dev_get_by_name(kernel.init_net, 'dum0')
  if (dev !== undefined) dev.own_stats = { tx_packets: 5, tx_bytes: 0x12e }
  const [m] = client.request(RTM_GETSTATS, 1, stats(2, 0x1f))
  t.equal(
    hex(m.bytes.subarray(16)),
    [
      '00 00 0000 02000000 1f000000', // struct if_stats_msg
      `cc00 0100 ${'00'.repeat(8)} 0500000000000000 ${'00'.repeat(8)} 2e01000000000000 ${'00'.repeat(168)}`, // IFLA_STATS_LINK_64
      '1c00 0400', // IFLA_STATS_LINK_OFFLOAD_XSTATS
      '1800 0280 1400 0380', // HW_S_INFO, L3_STATS
      '0500 0100 00000000', // REQUEST 0
      '0500 0200 00000000', // USED 0
      '0400 0500', // IFLA_STATS_AF_SPEC
    ]
      .join('')
      .replaceAll(' ', ''),
  )
})
t.test('statistics as a dump', async (t) => {
  const { client } = host()
  const messages = client.request(RTM_GETSTATS, 1 | NLM_F_DUMP, stats(0, 2))
  t.same(
    messages.map((m) => [m.type, m.bytes.length]),
    [
      [92, 28],
      [92, 28],
      [92, 28],
      [92, 28],
      [NLMSG_DONE, 20],
    ],
    'no XSTATS, so nothing but headers',
  )
  t.same(
    messages.slice(0, 4).map((m) => get32(m.bytes, 20)),
    [1, 2, 3, 4],
  )
})

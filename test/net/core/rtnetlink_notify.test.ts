/** Which notifications a request causes, in order, and what they say. */
import t from 'tap'
import type { Kernel } from '../../../src/kernel/kernel.ts'
import { get32, unhex } from '../../../src/lib/bytes.ts'
import { call_netdevice_notifiers } from '../../../src/net/core/dev_notifier.ts'
import { __dev_get_by_name } from '../../../src/net/core/dev_state.ts'
import {
  NETDEV_BONDING_FAILOVER,
  NETDEV_CHANGE,
  NETDEV_CHANGEINFODATA,
  NETDEV_CHANGELOWERSTATE,
  NETDEV_CHANGEUPPER,
  NETDEV_FEAT_CHANGE,
  NETDEV_NOTIFY_PEERS,
  NETDEV_POST_TYPE_CHANGE,
  NETDEV_REBOOT,
  NETDEV_RESEND_IGMP,
} from '../../../src/net/core/netdevice.ts'
import {
  IFLA_ADDRESS,
  IFLA_BROADCAST,
  IFLA_CARRIER,
  IFLA_EVENT,
  IFLA_GROUP,
  IFLA_GSO_MAX_SEGS,
  IFLA_IFALIAS,
  IFLA_IFNAME,
  IFLA_INFO_KIND,
  IFLA_LINKINFO,
  IFLA_LINKMODE,
  IFLA_MASTER,
  IFLA_MTU,
  IFLA_OPERSTATE,
  IFLA_TXQLEN,
} from '../../../src/uapi/linux/if_link.ts'
import { NLM_F_CREATE, NLM_F_ECHO, NLM_F_EXCL } from '../../../src/uapi/linux/netlink.ts'
import { RTM_DELLINK, RTM_NEWLINK, RTNLGRP_LINK } from '../../../src/uapi/linux/rtnetlink.ts'
import { attributes, bootHost, Client, concat, ifi, link, type Message, nla, u8 } from './rtnetlink_client.ts'

const CREATE = NLM_F_CREATE | NLM_F_EXCL
const IFF_UP = 1

function host(): { kernel: Kernel; client: Client; listener: Client } {
  const kernel = bootHost()
  const client = new Client(kernel)
  client.ack(RTM_NEWLINK, CREATE, link({}, nla(IFLA_IFNAME, 'dum0'), nla(IFLA_LINKINFO, nla(IFLA_INFO_KIND, 'dummy'))))
  return { kernel, client, listener: new Client(kernel, { groups: [RTNLGRP_LINK] }) }
}
/** type, change and the values of some attributes of each message. */
function told(messages: Message[], ...shown: { nr: number; name: string }[]): string[] {
  return messages.map((m) => {
    const tb = attributes(m)
    const values = shown.map(({ nr, name }) => `${name.slice(5).toLowerCase()}=${number(tb.get(nr))}`)
    return [
      m.type === RTM_NEWLINK ? 'NEWLINK' : m.type === RTM_DELLINK ? 'DELLINK' : `${m.type}`,
      ifi(m).change.toString(16),
      ...values,
    ].join(' ')
  })
}
function number(hexText: string | undefined): string {
  if (hexText === undefined) return '-'
  return hexText.length === 8 ? `${get32(unhex(hexText), 0)}` : hexText.length === 2 ? `${parseInt(hexText, 16)}` : hexText
}
const up = (client: Client) => client.ack(RTM_NEWLINK, 0, link({ index: 2, flags: IFF_UP, change: IFF_UP }))

t.test('one change, one message; down devices tell less', async (t) => {
  const changes: [string, Uint8Array, string[], string[]][] = [
    // title, attribute, told while down, told while up
    ['mtu', nla(IFLA_MTU, 1400), ['NEWLINK 0'], ['NEWLINK 0']],
    ['the same mtu', nla(IFLA_MTU, 1500), [], []],
    ['address', nla(IFLA_ADDRESS, unhex('020000000001')), ['NEWLINK 0'], ['NEWLINK 0']],
    ['broadcast', nla(IFLA_BROADCAST, unhex('020000000001')), ['NEWLINK 0'], ['NEWLINK 0']],
    ['queue length', nla(IFLA_TXQLEN, 5), ['NEWLINK 0'], ['NEWLINK 0']],
    ['name', nla(IFLA_IFNAME, 'other'), ['NEWLINK 0'], ['NEWLINK 0']],
    ['alias', nla(IFLA_IFALIAS, 'x'), [], ['NEWLINK 0']],
    ['group', nla(IFLA_GROUP, 5), [], ['NEWLINK 0']],
    ['link mode', nla(IFLA_LINKMODE, u8(1)), [], ['NEWLINK 0']],
    ['the same link mode', nla(IFLA_LINKMODE, u8(0)), [], []],
    ['segments', nla(IFLA_GSO_MAX_SEGS, 100), [], []],
    ['state', nla(IFLA_OPERSTATE, u8(6)), [], ['NEWLINK 0']],
    ['no master', nla(IFLA_MASTER, 0), [], []],
  ]
  for (const [title, attribute, down, running] of changes) {
    for (const [state, expected] of [
      ['down', down],
      ['up', running],
    ] as const) {
      const { client, listener } = host()
      if (state === 'up') up(client)
      listener.receive()
      t.equal(client.ack(RTM_NEWLINK, 0, link({ index: 2 }, attribute)).error, 0, title)
      t.same(told(listener.receive()), expected, `${title}, ${state}`)
    }
  }
})

t.test('several changes are told in the order of do_setlink, each with what came before it', async (t) => {
  const { client, listener } = host()
  const body = concat(nla(IFLA_TXQLEN, 9), nla(IFLA_IFALIAS, 'abc'), nla(IFLA_MTU, 1300), nla(IFLA_ADDRESS, unhex('020000000009')))
  client.ack(RTM_NEWLINK, 0, link({ index: 2, flags: IFF_UP, change: IFF_UP }, body))
  t.same(
    told(listener.receive(), IFLA_MTU, IFLA_TXQLEN, IFLA_IFALIAS, IFLA_ADDRESS),
    [
      'NEWLINK 0 mtu=1500 txqlen=1000 ifalias=- address=020000000009',
      'NEWLINK 0 mtu=1300 txqlen=1000 ifalias=- address=020000000009',
      'NEWLINK 1 mtu=1300 txqlen=1000 ifalias=616263 address=020000000009'.replace('616263', '61626300'),
      'NEWLINK 0 mtu=1300 txqlen=9 ifalias=61626300 address=020000000009',
      'NEWLINK 0 mtu=1300 txqlen=9 ifalias=61626300 address=020000000009',
    ].map((line) => line.replace('61626300', `${get32(unhex('61626300'), 0)}`)),
  )
})

t.test('an error in the middle keeps and tells what was done, and the log says so', async (t) => {
  const { kernel, client, listener } = host()
  up(client)
  listener.receive()
  const ack = client.ack(
    RTM_NEWLINK,
    0,
    link({ index: 2 }, nla(IFLA_MTU, 1300), nla(IFLA_GROUP, 3), nla(IFLA_MASTER, 99), nla(IFLA_TXQLEN, 5)),
  )
  t.equal(ack.error, -22)
  t.same(told(listener.receive(), IFLA_MTU, IFLA_GROUP, IFLA_TXQLEN), [
    'NEWLINK 0 mtu=1300 group=0 txqlen=1000',
    'NEWLINK 0 mtu=1300 group=3 txqlen=1000',
  ])
  t.match(kernel.log.records.at(-1)?.text, /A link change request failed with some changes committed already. Interface dum0 /)
})

t.test('up and down say which flags changed', async (t) => {
  const { client, listener } = host()
  up(client)
  client.ack(RTM_NEWLINK, 0, link({ index: 2, flags: 0x100, change: 0x100 }))
  client.ack(RTM_NEWLINK, 0, link({ index: 2, flags: 0x1003 }))
  t.same(told(listener.receive()), ['NEWLINK 1', 'NEWLINK 100', 'NEWLINK 1180'])
})

t.test('carrier off and on', async (t) => {
  const { client, kernel, listener } = host()
  up(client)
  kernel.events.runUntil(2e9)
  listener.receive()
  client.ack(RTM_NEWLINK, 0, link({ index: 2 }, nla(IFLA_CARRIER, u8(0))))
  kernel.events.runUntil(4e9)
  t.same(told(listener.receive(), IFLA_CARRIER, IFLA_OPERSTATE), ['NEWLINK 0 carrier=0 operstate=2'])
})

t.test('creation and deletion are told with all bits of change', async (t) => {
  const { client, listener } = host()
  up(client)
  listener.receive()
  client.ack(RTM_DELLINK, 0, link({ index: 2 }))
  t.same(told(listener.receive()), ['NEWLINK 41', 'DELLINK ffffffff'])
})

t.test('NLM_F_ECHO: the requester gets its notification with its own seq and port id, once', async (t) => {
  const { client, listener } = host()
  const wants = new Client(client.task.kernel, { groups: [RTNLGRP_LINK] })
  const answers = wants.request(
    RTM_NEWLINK,
    5 | CREATE | NLM_F_ECHO,
    link({}, nla(IFLA_IFNAME, 'dum1'), nla(IFLA_LINKINFO, nla(IFLA_INFO_KIND, 'dummy'))),
  )
  t.same(
    answers.map((m) => [m.type, m.seq, m.pid]),
    [
      [RTM_NEWLINK, 1, wants.task.tgid],
      [2, 1, wants.task.tgid],
    ],
  )
  t.same(
    listener.receive().map((m) => [m.type, m.seq, m.pid]),
    [[RTM_NEWLINK, 1, wants.task.tgid]],
  )
  const gone = wants.request(RTM_DELLINK, 5 | NLM_F_ECHO, link({}, nla(IFLA_IFNAME, 'dum1')))
  t.same(
    gone.map((m) => [m.type, m.seq]),
    [
      [RTM_DELLINK, 2],
      [2, 2],
    ],
  )
})

t.test('events of other rooms: IFLA_EVENT', async (t) => {
  const { kernel, listener } = host()
  const dev = __dev_get_by_name(kernel.init_net, 'dum0')
  if (dev === undefined) throw new Error('dum0')
  const events: [number, string[]][] = [
    [NETDEV_REBOOT, ['NEWLINK 0 event=1']],
    [NETDEV_FEAT_CHANGE, ['NEWLINK 0 event=2']],
    [NETDEV_BONDING_FAILOVER, ['NEWLINK 0 event=3']],
    [NETDEV_NOTIFY_PEERS, ['NEWLINK 0 event=4']],
    [NETDEV_RESEND_IGMP, ['NEWLINK 0 event=5']],
    [NETDEV_CHANGEINFODATA, ['NEWLINK 0 event=6']],
    [NETDEV_CHANGEUPPER, ['NEWLINK 0 event=-']],
    [NETDEV_CHANGELOWERSTATE, ['NEWLINK 0 event=-']],
    [NETDEV_POST_TYPE_CHANGE, ['NEWLINK 0 event=-']],
    [NETDEV_CHANGE, []],
  ]
  for (const [event, expected] of events) {
    call_netdevice_notifiers(event, dev, { linking: false, flags_changed: 0 })
    t.same(told(listener.receive(), IFLA_EVENT), expected, `event ${event}`)
  }
})

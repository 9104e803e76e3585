/** Links and namespaces: where a link is made, moved to, and what its messages say of it; ids of namespaces. */
import t from 'tap'
import { hex } from '../../../src/lib/bytes.ts'
import { copy_net_ns } from '../../../src/net/core/net_namespace.ts'
import { isErrno } from '../../../src/uapi/errno.ts'
import {
  IFLA_IFNAME,
  IFLA_INFO_DATA,
  IFLA_INFO_KIND,
  IFLA_LINK,
  IFLA_LINK_NETNSID,
  IFLA_LINKINFO,
  IFLA_NET_NS_PID,
  IFLA_NEW_IFINDEX,
  IFLA_NEW_NETNSID,
  IFLA_TARGET_NETNSID,
  VETH_INFO_PEER,
} from '../../../src/uapi/linux/if_link.ts'
import { NETNSA_NSID, NETNSA_PID } from '../../../src/uapi/linux/net_namespace.ts'
import { NLM_F_CREATE, NLM_F_DUMP } from '../../../src/uapi/linux/netlink.ts'
import {
  RTM_DELLINK,
  RTM_GETLINK,
  RTM_GETNSID,
  RTM_NEWLINK,
  RTM_NEWNSID,
  RTNLGRP_LINK,
  RTNLGRP_NSID,
} from '../../../src/uapi/linux/rtnetlink.ts'
import { attributes, bootHost, Client, concat, ifi, link, type Message, nla, parseAck } from './rtnetlink_client.ts'

const GROUPS = { groups: [RTNLGRP_LINK, RTNLGRP_NSID] }
function hosts() {
  const kernel = bootHost()
  const other = copy_net_ns(kernel)
  if (isErrno(other)) throw other
  const here = new Client(kernel, GROUPS)
  const there = new Client(kernel, { ...GROUPS, netns: other.inum })
  return { kernel, client: new Client(kernel), here, there, pid: there.task.tgid }
}
const kind = (name: string, ...more: Uint8Array[]) => nla(IFLA_LINKINFO, nla(IFLA_INFO_KIND, name), ...more)
const told = (messages: Message[]) =>
  messages.map((m) => {
    if (m.type === RTM_NEWNSID) return `NEWNSID ${hex(m.bytes.subarray(16))}`
    const tb = attributes(m)
    const shown = [IFLA_LINK_NETNSID, IFLA_NEW_NETNSID, IFLA_NEW_IFINDEX, IFLA_LINK]
      .filter((a) => tb.has(a.nr))
      .map((a) => ` ${a.name.slice(5)}=${tb.get(a.nr)}`)
    return `${m.type === RTM_NEWLINK ? 'NEWLINK' : 'DELLINK'} ${ifi(m).index}${shown.join('')}`
  })
const genmsg = (...more: Uint8Array[]) => concat(new Uint8Array(4), ...more)

t.test('a pair across namespaces: the peer’s namespace gets an id, and it is told before the link', async (t) => {
  const { client, here, there, pid } = hosts()
  const peer = nla(VETH_INFO_PEER, link({}, nla(IFLA_IFNAME, 'v1'), nla(IFLA_NET_NS_PID, pid)))
  t.equal(client.ack(RTM_NEWLINK, NLM_F_CREATE, link({}, nla(IFLA_IFNAME, 'v0'), kind('veth', nla(IFLA_INFO_DATA, peer)))).error, 0)
  t.same(told(here.receive()), ['NEWNSID 000000000800010000000000', 'NEWLINK 2 LINK_NETNSID=00000000 LINK=02000000'])
  t.same(told(there.receive()), ['NEWLINK 2 LINK=00000000'], 'not joined yet when announced')
  // asking is what gives the other side its id there; IFLA_LINK is written though it equals the index
  t.same(told(there.request(RTM_GETLINK, 1, link({ index: 2 }))), [
    'NEWNSID 000000000800010000000000',
    'NEWLINK 2 LINK_NETNSID=00000000 LINK=02000000',
  ])
})
t.test('a link made in another namespace is announced there', async (t) => {
  const { client, here, there, pid } = hosts()
  t.equal(client.ack(RTM_NEWLINK, NLM_F_CREATE, link({}, nla(IFLA_IFNAME, 'd0'), nla(IFLA_NET_NS_PID, pid), kind('dummy'))).error, 0)
  t.same(told(here.receive()), [])
  t.same(told(there.receive()), ['NEWLINK 2'])
})
t.test('a link moves: it goes here with where to, and comes there (oracle)', async (t) => {
  const { client, here, there, pid } = hosts()
  client.ack(RTM_NEWLINK, NLM_F_CREATE, link({}, nla(IFLA_IFNAME, 'd0'), kind('dummy')))
  here.receive()
  t.equal(client.ack(RTM_NEWLINK, 0, link({ index: 2 }, nla(IFLA_NET_NS_PID, pid), nla(IFLA_NEW_IFINDEX, 9))).error, 0)
  t.same(told(here.receive()), ['NEWNSID 000000000800010000000000', 'DELLINK 2 NEW_NETNSID=00000000 NEW_IFINDEX=09000000'])
  t.same(told(there.receive()), ['NEWLINK 9'])
  t.same(client.ack(RTM_NEWLINK, 0, link({ index: 1 }, nla(IFLA_NET_NS_PID, pid))), {
    error: -22,
    msg: 'The interface netns is immutable',
    offset: undefined,
  })
})
t.test('IFLA_TARGET_NETNSID: looking at and deleting links of a namespace that has an id', async (t) => {
  const { kernel, client, pid } = hosts()
  t.equal(client.ack(RTM_NEWNSID, 0, genmsg(nla(NETNSA_PID, pid), nla(NETNSA_NSID, 7))).error, 0)
  client.ack(RTM_NEWLINK, NLM_F_CREATE, link({}, nla(IFLA_IFNAME, 'd0'), nla(IFLA_TARGET_NETNSID, 7), kind('dummy')))
  const strict = new Client(kernel, { strict: true })
  const listed = strict.request(RTM_GETLINK, 1 | NLM_F_DUMP, link({}, nla(IFLA_TARGET_NETNSID, 7)))
  t.same(
    listed.slice(0, -1).map((m) => attributes(m).get(IFLA_TARGET_NETNSID.nr)),
    ['07000000', '07000000'],
  )
  t.equal(client.ack(RTM_DELLINK, 0, link({ index: 2 }, nla(IFLA_TARGET_NETNSID, 7))).error, 0)
  t.equal(client.ack(RTM_GETLINK, 0, link({ index: 2 }, nla(IFLA_TARGET_NETNSID, 7))).error, -19)
  const user = new Client(kernel, { capabilities: 0n })
  t.equal(user.ack(RTM_GETLINK, 0, link({ index: 1 }, nla(IFLA_TARGET_NETNSID, 7))).error, -13)
})
t.test('ids: asked for, given, refused', async (t) => {
  const { client, pid } = hosts()
  const ask = () => client.request(RTM_GETNSID, 1, genmsg(nla(NETNSA_PID, pid))).map((m) => hex(m.bytes.subarray(16)))
  t.same(ask(), ['0000000008000100ffffffff'], 'none yet')
  t.equal(client.ack(RTM_NEWNSID, 0, genmsg(nla(NETNSA_PID, pid), nla(NETNSA_NSID, 77))).error, 0)
  t.same(ask(), ['00000000080001004d000000'])
  t.same(
    client.request(RTM_GETNSID, 1 | NLM_F_DUMP, genmsg()).map((m) => m.type),
    [RTM_NEWNSID, 3],
  )
  const refused: [Uint8Array, number, string, number | undefined][] = [
    [genmsg(nla(NETNSA_PID, pid), nla(NETNSA_NSID, 5)), -17, 'Peer netns already has a nsid assigned', 20],
    [genmsg(nla(NETNSA_PID, 999999), nla(NETNSA_NSID, 5)), -3, 'Peer netns reference is invalid', 20],
    [genmsg(nla(NETNSA_NSID, 5)), -22, 'Peer netns reference is missing', undefined],
    [genmsg(nla(NETNSA_PID, pid)), -22, 'nsid is missing', undefined],
    [genmsg(nla(NETNSA_PID, client.task.tgid), nla(NETNSA_NSID, 77)), -17, 'The specified nsid is already used', 28],
  ]
  for (const [body, error, msg, offset] of refused) t.same(client.ack(RTM_NEWNSID, 0, body), { error, msg, offset })
  t.same(parseAck(client.request(RTM_GETNSID, 5, genmsg(nla(NETNSA_NSID, 3)))[0]), {
    error: -2,
    msg: 'Peer netns reference is invalid',
    offset: 20,
  })
})

/** Alternative names: made, found by, shown, taken away. */
import t from 'tap'
import { hex } from '../../../src/lib/bytes.ts'
import { IFLA_ALT_IFNAME, IFLA_IFNAME, IFLA_INFO_KIND, IFLA_LINKINFO, IFLA_PROP_LIST } from '../../../src/uapi/linux/if_link.ts'
import { NLM_F_APPEND, NLM_F_CREATE, NLM_F_EXCL } from '../../../src/uapi/linux/netlink.ts'
import { RTM_DELLINK, RTM_DELLINKPROP, RTM_GETLINK, RTM_NEWLINK, RTM_NEWLINKPROP, RTNLGRP_LINK } from '../../../src/uapi/linux/rtnetlink.ts'
import { attributes, bootHost, Client, ifi, link, nla } from './rtnetlink_client.ts'

const PROP_LIST = IFLA_PROP_LIST.nr | 0x8000
const ADD = NLM_F_CREATE | NLM_F_EXCL | NLM_F_APPEND
const names = (...list: string[]) => nla(PROP_LIST, ...list.map((name) => nla(IFLA_ALT_IFNAME, name)))

function host(): { client: Client; listener: Client } {
  const kernel = bootHost()
  const client = new Client(kernel)
  client.ack(RTM_NEWLINK, NLM_F_CREATE, link({}, nla(IFLA_IFNAME, 'dum0'), nla(IFLA_LINKINFO, nla(IFLA_INFO_KIND, 'dummy'))))
  client.ack(RTM_NEWLINK, 0, link({ index: 2, flags: 1, change: 1 }))
  return { client, listener: new Client(kernel, { groups: [RTNLGRP_LINK] }) }
}
const prop_list = (client: Client) => attributes(client.request(RTM_GETLINK, 1, link({ index: 2 }))[0]).get(IFLA_PROP_LIST.nr)

t.test('two names: told once, shown in order', async (t) => {
  const { client, listener } = host()
  t.equal(client.ack(RTM_NEWLINKPROP, ADD, link({ index: 2 }, names('one', 'second'))).error, 0)
  t.equal(listener.receive().length, 1)
  t.equal(
    prop_list(client),
    [
      '0800 3500 6f6e6500', // IFLA_ALT_IFNAME 'one'
      '0b00 3500 7365636f6e640000', // IFLA_ALT_IFNAME 'second'
    ]
      .join('')
      .replaceAll(' ', ''),
  )
})
t.test('a device without names shows no list', async (t) => {
  t.equal(prop_list(host().client), undefined)
})
t.test('names find the device wherever a name does', async (t) => {
  const { client } = host()
  client.ack(RTM_NEWLINKPROP, ADD, link({ index: 2 }, names('one')))
  for (const attribute of [IFLA_IFNAME, IFLA_ALT_IFNAME]) {
    t.equal(ifi(client.request(RTM_GETLINK, 1, link({}, nla(attribute, 'one')))[0]).index, 2)
  }
  t.equal(client.ack(RTM_NEWLINKPROP, ADD, link({}, nla(IFLA_ALT_IFNAME, 'one'), names('two'))).error, 0, 'add by altname')
  t.equal(
    client.ack(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, link({}, nla(IFLA_IFNAME, 'two'), nla(IFLA_LINKINFO, nla(IFLA_INFO_KIND, 'dummy'))))
      .error,
    -17,
  )
  t.equal(client.ack(RTM_DELLINK, 0, link({}, nla(IFLA_IFNAME, 'two'))).error, 0, 'delete by altname')
})
t.test('the first error stops; names before it stay, untold', async (t) => {
  const { client, listener } = host()
  t.equal(client.ack(RTM_NEWLINKPROP, ADD, link({ index: 2 }, names('one', 'lo', 'three'))).error, -17)
  t.same(listener.receive(), [])
  t.equal(prop_list(client), hex(nla(IFLA_ALT_IFNAME, 'one')))
})
t.test('taken away', async (t) => {
  const { client, listener } = host()
  client.ack(RTM_NEWLINKPROP, ADD, link({ index: 2 }, names('one', 'two')))
  listener.receive()
  t.equal(client.ack(RTM_DELLINKPROP, 0, link({ index: 2 }, names('one'))).error, 0)
  t.equal(listener.receive().length, 1)
  t.equal(prop_list(client), hex(nla(IFLA_ALT_IFNAME, 'two')))
  t.equal(client.ack(RTM_GETLINK, 0, link({}, nla(IFLA_ALT_IFNAME, 'one'))).error, -19)
})
t.test('no list, nothing to do', async (t) => {
  const { client, listener } = host()
  t.equal(client.ack(RTM_NEWLINKPROP, ADD, link({ index: 2 })).error, 0)
  t.same(listener.receive(), [])
})

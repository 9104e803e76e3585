/** What rtnetlink refuses: errno, extack text and offset. Lines marked (oracle) are recorded from Linux 6.12. */
import t from 'tap'
import { unhex } from '../../../src/lib/bytes.ts'
import {
  IFLA_ADDRESS,
  IFLA_AF_SPEC,
  IFLA_ALLMULTI,
  IFLA_ALT_IFNAME,
  IFLA_BROADCAST,
  IFLA_CARRIER,
  IFLA_EXT_MASK,
  IFLA_GRO_MAX_SIZE,
  IFLA_GROUP,
  IFLA_GSO_MAX_SIZE,
  IFLA_IFALIAS,
  IFLA_IFNAME,
  IFLA_INFO_DATA,
  IFLA_INFO_KIND,
  IFLA_INFO_SLAVE_DATA,
  IFLA_LINK_NETNSID,
  IFLA_LINKINFO,
  IFLA_MAP,
  IFLA_MASTER,
  IFLA_MTU,
  IFLA_NET_NS_PID,
  IFLA_NUM_TX_QUEUES,
  IFLA_PERM_ADDRESS,
  IFLA_PORT_SELF,
  IFLA_PROP_LIST,
  IFLA_PROTO_DOWN,
  IFLA_TARGET_NETNSID,
  IFLA_TXQLEN,
  IFLA_VF_MAC,
  IFLA_VFINFO_LIST,
  IFLA_XDP,
  IFLA_XDP_ATTACHED,
  IFLA_XDP_FD,
  IFLA_XDP_FLAGS,
} from '../../../src/uapi/linux/if_link.ts'
import { NLM_F_BULK, NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE } from '../../../src/uapi/linux/netlink.ts'
import {
  RTM_DELLINK,
  RTM_DELLINKPROP,
  RTM_GETLINK,
  RTM_GETSTATS,
  RTM_NEWLINK,
  RTM_NEWLINKPROP,
  RTM_NEWSTATS,
  RTM_SETLINK,
} from '../../../src/uapi/linux/rtnetlink.ts'
import { bootHost, Client, concat, link, nla, u8 } from './rtnetlink_client.ts'

const kernel = bootHost()
const client = new Client(kernel)
const strict = new Client(kernel, { strict: true })
const kind = (name: string, ...more: Uint8Array[]) => nla(IFLA_LINKINFO, nla(IFLA_INFO_KIND, name), ...more)
const CREATE = NLM_F_CREATE | NLM_F_EXCL
const NESTED = 0x8000
client.ack(RTM_NEWLINK, CREATE, link({}, nla(IFLA_IFNAME, 'dum0'), kind('dummy')))
client.ack(RTM_NEWLINK, CREATE, link({}, nla(IFLA_IFNAME, 'v0'), kind('veth')))
const dum0 = { index: 2 }
const v0 = { index: 4 }
const lo = { index: 1 }

type Row = [title: string, type: number, flags: number, body: Uint8Array, errno: number, text?: string, offset?: number, from?: Client]
const rows: Row[] = [
  // finding the device
  ['nothing names a device (oracle)', RTM_NEWLINK, 0, link({}), -19],
  ['negative index', RTM_NEWLINK, 0, link({ index: -1 }), -22, "ifindex can't be negative"],
  ['no such name', RTM_NEWLINK, 0, link({}, nla(IFLA_IFNAME, 'nosuch')), -19],
  ['no such index', RTM_SETLINK, 0, link({ index: 99 }), -19],
  ['SETLINK of nothing', RTM_SETLINK, 0, link({}), -22],
  ['DELLINK of nothing', RTM_DELLINK, 0, link({}), -22],
  ['DELLINK of an unknown name', RTM_DELLINK, 0, link({}, nla(IFLA_IFNAME, 'nosuch')), -19],
  ['GETLINK of nothing', RTM_GETLINK, 0, link({}), -22],
  ['GETLINK of an unknown altname', RTM_GETLINK, 0, link({}, nla(IFLA_ALT_IFNAME, 'nosuch')), -19],
  ['short GETLINK', RTM_GETLINK, 0, new Uint8Array(8), -22, 'Invalid header for get link'],
  ['short NEWLINK', RTM_NEWLINK, 0, new Uint8Array(8), -22, 'Invalid header length'],
  // making
  ['unknown kind (oracle)', RTM_NEWLINK, CREATE, link({}, nla(IFLA_IFNAME, 'x'), kind('eql')), -95, 'Unknown device type'],
  ['no kind', RTM_NEWLINK, CREATE, link({}, nla(IFLA_IFNAME, 'x')), -95, 'Unknown device type'],
  ['exists, EXCL', RTM_NEWLINK, CREATE, link({}, nla(IFLA_IFNAME, 'dum0'), kind('dummy')), -17],
  ['exists, REPLACE', RTM_NEWLINK, NLM_F_CREATE | NLM_F_REPLACE, link({}, nla(IFLA_IFNAME, 'dum0'), kind('dummy')), -95],
  ['the index is taken', RTM_NEWLINK, CREATE, link({ index: 1 }, nla(IFLA_IFNAME, 'x'), kind('dummy')), -17],
  ['a map at creation', RTM_NEWLINK, CREATE, link({}, nla(IFLA_MAP, new Uint8Array(32)), kind('dummy')), -95],
  ['short address', RTM_NEWLINK, CREATE, link({}, nla(IFLA_ADDRESS, unhex('0200')), kind('dummy')), -22],
  ['multicast address', RTM_NEWLINK, CREATE, link({}, nla(IFLA_ADDRESS, unhex('ffffffffffff')), kind('dummy')), -99],
  ['short broadcast', RTM_NEWLINK, CREATE, link({}, nla(IFLA_BROADCAST, unhex('ff')), kind('dummy')), -22],
  ['no queues', RTM_NEWLINK, CREATE, link({}, nla(IFLA_NUM_TX_QUEUES, 0), kind('dummy')), -22, 'Invalid number of transmit queues'],
  [
    'queues without end',
    RTM_NEWLINK,
    CREATE,
    link({}, nla(IFLA_NUM_TX_QUEUES, 4097), kind('dummy')),
    -22,
    'Invalid number of transmit queues',
  ],
  ['veth mtu too big', RTM_NEWLINK, CREATE, link({}, nla(IFLA_MTU, 70000), kind('veth')), -22],
  ['bad name', RTM_NEWLINK, CREATE, link({}, nla(IFLA_IFNAME, 'a/b'), kind('dummy')), -22],
  [
    'a link netns nobody knows',
    RTM_NEWLINK,
    CREATE,
    link({}, nla(IFLA_LINK_NETNSID, 7), kind('dummy')),
    -22,
    'Unknown network namespace id',
  ],
  ['no such process', RTM_NEWLINK, CREATE, link({}, nla(IFLA_NET_NS_PID, 999999), kind('dummy')), -3],
  [
    'two namespaces',
    RTM_NEWLINK,
    CREATE,
    link({}, nla(IFLA_NET_NS_PID, 1), nla(IFLA_TARGET_NETNSID, 1), kind('dummy')),
    -22,
    'multiple netns identifying attributes specified',
  ],
  // attributes against the policy: the offset is that of the attribute's header in the message
  [
    'name too long',
    RTM_NEWLINK,
    CREATE,
    link({}, nla(IFLA_IFNAME, 'a'.repeat(16)), kind('dummy')),
    -34,
    'Attribute failed policy validation',
    32,
  ],
  ['alias too long', RTM_NEWLINK, 0, link(dum0, nla(IFLA_IFALIAS, new Uint8Array(256))), -34, 'Attribute failed policy validation', 32],
  ['read-only', RTM_NEWLINK, 0, link(dum0, nla(IFLA_ALLMULTI, 1)), -22, 'Attribute failed policy validation', 32],
  [
    'read-only, second',
    RTM_NEWLINK,
    0,
    link(dum0, nla(IFLA_TXQLEN, 5), nla(IFLA_PERM_ADDRESS, unhex('020000000001'))),
    -22,
    'Attribute failed policy validation',
    40,
  ],
  ['gso below a TCP header', RTM_NEWLINK, 0, link(dum0, nla(IFLA_GSO_MAX_SIZE, 100)), -34, 'integer out of range', 32],
  ['short number', RTM_NEWLINK, 0, link(dum0, nla(IFLA_MTU, unhex('0500'))), -34, 'Attribute failed policy validation', 32],
  // changing
  ['protodown (oracle)', RTM_NEWLINK, 0, link(dum0, nla(IFLA_PROTO_DOWN, u8(1))), -95, 'Protodown not supported by device'],
  ['gso above the device', RTM_NEWLINK, 0, link(dum0, nla(IFLA_GSO_MAX_SIZE, 65537)), -22, 'too big gso_max_size'],
  ['gro without end', RTM_NEWLINK, 0, link(dum0, nla(IFLA_GRO_MAX_SIZE, 524281)), -22, 'too big gro_max_size'],
  ['short address of a device', RTM_NEWLINK, 0, link(dum0, nla(IFLA_ADDRESS, unhex('0200'))), -22],
  ['no such master', RTM_NEWLINK, 0, link(dum0, nla(IFLA_MASTER, 99)), -22],
  ['takes no slaves', RTM_NEWLINK, 0, link(dum0, nla(IFLA_MASTER, 1)), -95],
  ['a map', RTM_NEWLINK, 0, link(dum0, nla(IFLA_MAP, new Uint8Array(32))), -95],
  ['no carrier to set', RTM_NEWLINK, 0, link(v0, nla(IFLA_CARRIER, u8(1))), -95],
  ['mtu below the minimum', RTM_NEWLINK, 0, link(v0, nla(IFLA_MTU, 10)), -22, 'mtu less than device minimum'],
  ['negative mtu', RTM_NEWLINK, 0, link(dum0, nla(IFLA_MTU, 0xffffffff)), -22, 'mtu less than device minimum'],
  ['name taken', RTM_NEWLINK, 0, link(dum0, nla(IFLA_IFNAME, 'v0')), -17],
  ['data of another kind', RTM_NEWLINK, 0, link(dum0, kind('veth', nla(IFLA_INFO_DATA))), -95],
  ['data of a kind that cannot change', RTM_NEWLINK, 0, link(dum0, kind('dummy', nla(IFLA_INFO_DATA))), -95],
  ['slave data without a master', RTM_NEWLINK, 0, link(dum0, nla(IFLA_LINKINFO, nla(IFLA_INFO_SLAVE_DATA))), -95],
  ['a VF', RTM_NEWLINK, 0, link(dum0, nla(IFLA_VFINFO_LIST, nla(1, nla(IFLA_VF_MAC, new Uint8Array(36))))), -95],
  ['a VF with nothing to do', RTM_NEWLINK, 0, link(dum0, nla(IFLA_VFINFO_LIST, nla(1, nla(60, 1)))), -22],
  ['not a VF', RTM_NEWLINK, 0, link(dum0, nla(IFLA_VFINFO_LIST, nla(2, 0))), -22],
  ['a port profile', RTM_NEWLINK, 0, link(dum0, nla(IFLA_PORT_SELF)), -95],
  ['an address family that has nothing on links', RTM_NEWLINK, 0, link(dum0, nla(IFLA_AF_SPEC, nla(77))), -97],
  ['XDP: read-only', RTM_NEWLINK, 0, link(dum0, nla(IFLA_XDP, nla(IFLA_XDP_ATTACHED, u8(1)))), -22],
  ['XDP: two modes', RTM_NEWLINK, 0, link(dum0, nla(IFLA_XDP, nla(IFLA_XDP_FD, -1), nla(IFLA_XDP_FLAGS, 6))), -22],
  ['a group without devices is no error', RTM_NEWLINK, 0, link({}, nla(IFLA_GROUP, 44)), 0],
  // deleting
  ['lo', RTM_DELLINK, 0, link(lo), -95],
  ['group 0', RTM_DELLINK, 0, link({}, nla(IFLA_GROUP, 0)), -1],
  ['an empty group', RTM_DELLINK, 0, link({}, nla(IFLA_GROUP, 9)), -19],
  ['by pid', RTM_DELLINK, 0, link(dum0, nla(IFLA_NET_NS_PID, 1)), -95, 'specified netns attribute not supported'],
  ['in a namespace nobody knows', RTM_DELLINK, 0, link(dum0, nla(IFLA_TARGET_NETNSID, 3)), -22],
  ['in bulk', RTM_DELLINK, NLM_F_BULK, link(dum0), -95, 'Bulk delete is not supported'],
  // alternative names: parsed strictly
  ['altname is there', RTM_NEWLINKPROP, CREATE, link(dum0, nla(IFLA_PROP_LIST.nr | NESTED, nla(IFLA_ALT_IFNAME, 'v0'))), -17],
  ['altname is not there', RTM_DELLINKPROP, 0, link(dum0, nla(IFLA_PROP_LIST.nr | NESTED, nla(IFLA_ALT_IFNAME, 'nosuch'))), -2],
  ['the name itself', RTM_DELLINKPROP, 0, link(dum0, nla(IFLA_PROP_LIST.nr | NESTED, nla(IFLA_ALT_IFNAME, 'dum0'))), -22],
  ['another device’s altname', RTM_DELLINKPROP, 0, link(dum0, nla(IFLA_PROP_LIST.nr | NESTED, nla(IFLA_ALT_IFNAME, 'v0'))), -22],
  [
    'altname too long',
    RTM_NEWLINKPROP,
    CREATE,
    link(dum0, nla(IFLA_PROP_LIST.nr | NESTED, nla(IFLA_ALT_IFNAME, 'a'.repeat(128)))),
    -34,
    'Attribute failed policy validation',
    36,
  ],
  [
    'the list without NLA_F_NESTED',
    RTM_NEWLINKPROP,
    CREATE,
    link(dum0, nla(IFLA_PROP_LIST, nla(IFLA_ALT_IFNAME, 'x'))),
    -22,
    'NLA_F_NESTED is missing',
    32,
  ],
  ['no device for an altname', RTM_NEWLINKPROP, CREATE, link({}), -22],
  // strict get requests
  [
    'strict: header values',
    RTM_GETLINK,
    0,
    link({ index: 1, flags: 1 }),
    -22,
    'Invalid values in header for get link request',
    undefined,
    strict,
  ],
  [
    'strict: attribute',
    RTM_GETLINK,
    0,
    link({ index: 1 }, nla(IFLA_MTU, 1)),
    -22,
    'Unsupported attribute in get link request',
    undefined,
    strict,
  ],
  ['strict: allowed', RTM_GETLINK, 0, link({ index: 1 }, nla(IFLA_EXT_MASK, 1)), 0, undefined, undefined, strict],
  // statistics
  ['short GETSTATS', RTM_GETSTATS, 0, new Uint8Array(8), -22, 'Invalid header for stats dump'],
  ['GETSTATS of nothing', RTM_GETSTATS, 0, new Uint8Array(12), -22],
  [
    'GETSTATS without a mask',
    RTM_GETSTATS,
    0,
    concat(new Uint8Array(4), unhex('0100000000000000')),
    -22,
    'Filter mask must be set for stats get',
  ],
  [
    'strict: unknown statistics',
    RTM_GETSTATS,
    0,
    concat(new Uint8Array(4), unhex('0100000020000000')),
    -22,
    'Invalid stats requested through filter mask',
    undefined,
    strict,
  ],
  // what nobody handles
  ['a type that is only told', RTM_NEWSTATS, 0, new Uint8Array(24), -95],
  ['a type beyond the last', 130, 0, new Uint8Array(24), -95],
]
for (const [title, type, flags, body, error, msg, offset, from] of rows) {
  t.test(title, async (t) => {
    t.same((from ?? client).ack(type, flags, body), { error, msg, offset })
  })
}

t.test('without CAP_NET_ADMIN only questions are answered', async (t) => {
  const user = new Client(kernel, { capabilities: 0n })
  for (const type of [RTM_NEWLINK, RTM_SETLINK, RTM_DELLINK, RTM_NEWLINKPROP, RTM_DELLINKPROP]) {
    t.same(user.ack(type, 0, link(dum0, nla(IFLA_MTU, 1400))), { error: -1, msg: undefined, offset: undefined })
  }
  t.equal(user.ack(RTM_GETLINK, 0, link(dum0)).error, 0)
})

t.test('a message without a family is acknowledged, whoever sends it', async (t) => {
  t.equal(new Client(kernel, { capabilities: 0n }).ack(RTM_NEWLINK, 0, new Uint8Array(0)).error, 0)
})

t.test('what is not built is counted', async (t) => {
  const fresh = bootHost()
  new Client(fresh).ack(RTM_NEWSTATS, 0, new Uint8Array(24))
  new Client(fresh).ack(RTM_NEWLINK, CREATE, link({}, kind('nosuchkind')))
  t.same(fresh.unsupported.toJson(), [
    { kind: 'rtnetlink', what: 'RTM_NEWSTATS', count: 1 },
    { kind: 'rtnetlink', what: 'link kind nosuchkind', count: 1 },
  ])
})

import t from 'tap'
import { hex, unhex } from '../../src/lib/bytes.ts'
import { MessageBuilder } from '../../src/lib/message.ts'
import { fib_rule_hdr } from '../../src/uapi/linux/fib_rules.ts'
import { ifaddrmsg } from '../../src/uapi/linux/if_addr.ts'
import { ndmsg } from '../../src/uapi/linux/neighbour.ts'
import { nhmsg } from '../../src/uapi/linux/nexthop.ts'
import * as rtnetlink from '../../src/uapi/linux/rtnetlink.ts'
import { dumpMessage, messagesToJson, messageToJson, protocolDecl } from '../../src/uapi/messages.ts'
import { listCases, readRecording } from '../oracle/recordings.ts'

const NETLINK_ROUTE = 0
const NETLINK_GENERIC = 16

t.test('a request to make a dummy, as ip sends it', async (t) => {
  const b = unhex(
    [
      '48000000' + '1000' + '0506' + '7018026b' + '00000000', // RTM_NEWLINK
      '00000000' + '00000000' + '00000000' + '00000000',
      '0a000100' + '0200000003010000', // IFLA_ADDRESS
      '09000300' + '64756d3000000000', // IFLA_IFNAME
      '10001200' + '09000100' + '64756d6d79000000', // IFLA_LINKINFO { IFLA_INFO_KIND }
    ].join(''),
  )
  t.same(messagesToJson(NETLINK_ROUTE, b), [
    {
      type: 'RTM_NEWLINK',
      flags: ['REQUEST', 'ACK', 'EXCL', 'CREATE'],
      seq: 1795299440,
      pid: 0,
      ifinfomsg: { ifi_family: 0, ifi_type: 0, ifi_index: 0, ifi_flags: 0, ifi_change: 0 },
      IFLA_ADDRESS: '02:00:00:00:03:01',
      IFLA_IFNAME: 'dum0',
      IFLA_LINKINFO: { IFLA_INFO_KIND: 'dummy' },
    },
  ])
  t.match(dumpMessage(NETLINK_ROUTE, b), /│ 60 │ 09 00 01 00 64 75 6d 6d 79 +│ +IFLA_INFO_KIND │ dummy +│/)
})

t.test('an error quotes the request and says why', async (t) => {
  const request = '20000000' + '1000' + '0500' + '01000000' + '00000000' + '00'.repeat(16)
  const text = Buffer.from('Unknown device type\0').toString('hex')
  const b = unhex('4c00000002000002' + '01000000' + '07000000' + 'a1ffffff' + request + '18000100' + text)
  t.same(messageToJson(NETLINK_ROUTE, b), {
    type: 'NLMSG_ERROR',
    flags: ['ACK_TLVS'],
    seq: 1,
    pid: 7,
    nlmsgerr: { error: -95, msg: { nlmsg_len: 32, nlmsg_type: 16, nlmsg_flags: 5, nlmsg_seq: 1, nlmsg_pid: 0 } },
    ifinfomsg: { ifi_family: 0, ifi_type: 0, ifi_index: 0, ifi_flags: 0, ifi_change: 0 },
    NLMSGERR_ATTR_MSG: 'Unknown device type',
  })
})

t.test('a capped ACK with attributes, and the end of a dump', async (t) => {
  const ack = unhex(
    '2c00000002000003' +
      '01000000' +
      '07000000' +
      '00000000' +
      '20000000' +
      '1000' +
      '0500' +
      '01000000' +
      '00000000' +
      '08000200' +
      '14000000',
  )
  t.match(messageToJson(NETLINK_ROUTE, ack), { flags: ['CAPPED', 'ACK_TLVS'], nlmsgerr: { error: 0 }, NLMSGERR_ATTR_OFFS: 20 })
  t.same(messageToJson(NETLINK_ROUTE, unhex('1400000003000200' + '01000000' + '07000000' + '00000000')), {
    type: 'NLMSG_DONE',
    flags: ['MULTI'],
    seq: 1,
    pid: 7,
    nlmsgdone: { error: 0 },
  })
})

t.test("flags have the names of the request's kind", async (t) => {
  const flags = (type: number, value: number) => {
    const m = new MessageBuilder()
    m.begin(type, value, 0, 0)
    m.end()
    return messageToJson(NETLINK_ROUTE, m.bytes())?.flags
  }
  t.same(flags(rtnetlink.RTM_GETLINK, 0x301), ['REQUEST', 'DUMP'])
  t.same(flags(rtnetlink.RTM_NEWROUTE, 0x301), ['REQUEST', 'REPLACE', 'EXCL'])
  t.same(flags(rtnetlink.RTM_DELROUTE, 0x301), ['REQUEST', 'NONREC', 'BULK'])
})

t.test('payloads that depend on kind and family', async (t) => {
  const m = new MessageBuilder()
  m.begin(rtnetlink.RTM_NEWLINK, 0x605, 1, 0)
  m.room(16)
  const info = m.nest(18)
  m.putBytes(1, unhex('7665746800'))
  const data = m.nest(2)
  const peer = m.nest(1)
  m.room(16)
  m.putBytes(3, unhex('763100'))
  m.nestEnd(peer)
  m.nestEnd(data)
  m.nestEnd(info)
  m.end()
  t.match(messageToJson(NETLINK_ROUTE, m.bytes()), {
    IFLA_LINKINFO: { IFLA_INFO_KIND: 'veth', IFLA_INFO_DATA: { VETH_INFO_PEER: { ifinfomsg: { ifi_index: 0 }, IFLA_IFNAME: 'v1' } } },
  })
})

t.test('generic netlink: the controller by name, families by number', async (t) => {
  const request = unhex('20000000' + '1000' + '0500' + '01000000' + '00000000' + '03010000' + '0b000200' + '6e65746465760000')
  t.same(messageToJson(NETLINK_GENERIC, request), {
    type: 'CTRL_CMD_GETFAMILY',
    flags: ['REQUEST', 'ACK'],
    seq: 1,
    pid: 0,
    genlmsghdr: { cmd: 3, version: 1, reserved: 0 },
    CTRL_ATTR_FAMILY_NAME: 'netdev',
  })
  const event = unhex('1c000000' + '1500' + '0000' + '00000000' + '00000000' + '02010000' + '08000100' + '02000000')
  t.match(messageToJson(NETLINK_GENERIC, event), { type: 'genl#21 cmd 2', '#1': '02000000' })
  t.match(messageToJson(NETLINK_GENERIC, event, new Map([[21, 'netdev']])), { type: 'NETDEV_CMD_DEV_ADD_NTF', NETDEV_A_DEV_IFINDEX: 2 })
})

t.test('a link of multicast routing says what its table is', async (t) => {
  const link = unhex('2c000000' + '10000000' + '00000000' + '00000000' + '80'.padEnd(32, '0') + '0c001a00' + '08000100' + 'fd000000')
  t.match(messageToJson(NETLINK_ROUTE, link), { type: 'RTM_NEWLINK', IFLA_AF_SPEC: { IPMRA_TABLE_ID: 253 } })
})

t.test('every rtnetlink type has a name and a body', async (t) => {
  const numbers = Object.entries(rtnetlink).filter(([name, n]) => /^RTM_(NEW|DEL|GET|SET)/.test(name) && typeof n === 'number')
  t.equal(numbers.length, 75)
  const { find } = protocolDecl(NETLINK_ROUTE)
  for (const [name, n] of numbers) {
    const decl = find(n as number, new Uint8Array(16))
    if (decl.name !== name || decl.struct === undefined) t.fail(`${name} is ${decl.name} without a body`)
  }
})

t.test('headers have the sizes of x86-64', async (t) => {
  t.same(
    [ifaddrmsg, ndmsg, fib_rule_hdr, nhmsg, rtnetlink.rtmsg, rtnetlink.tcmsg].map((s) => s.size),
    [8, 12, 12, 8, 12, 20],
  )
  t.equal(hex(ndmsg.encode({ ndm_family: 2, ndm_ifindex: 3, ndm_state: 0x80, ndm_flags: 1, ndm_type: 1 })), '020000000300000080000101')
})

t.test('what Linux and its programs said in all recordings is known by name', async (t) => {
  const unknown = new Set<string>()
  let messages = 0
  const look = (value: unknown, path: string) => {
    if (typeof value !== 'object' || value === null) return
    for (const [key, inner] of Object.entries(value)) {
      if (key.startsWith('#') || key === 'rest') unknown.add(`${path} ${key}`)
      look(inner, `${path} ${key}`)
    }
  }
  // these send on purpose what has no name
  const made = ['121-tc-raw', '122-stats', '124-link-bad-attributes']
  for (const name of listCases().filter((name) => !made.includes(name))) {
    for (const command of readRecording(name).commands) {
      for (const { proto, hex } of [...command.io, ...command.events] as { proto?: number; hex?: string }[]) {
        if (proto !== NETLINK_ROUTE || hex === undefined) continue
        for (const json of messagesToJson(NETLINK_ROUTE, unhex(hex))) {
          messages++
          look(json, json.type)
        }
      }
    }
  }
  t.ok(messages > 15000, `${messages} messages`)
  // requests that a program got wrong, bytes of a family that is no family, options of neighbour discovery, which are no attributes,
  // and the gateway of ip rule's nat, which rules have no more
  t.same([...unknown].sort(), [
    'NLMSG_ERROR IFLA_AF_SPEC #0',
    'NLMSG_ERROR IFLA_AF_SPEC #1',
    'NLMSG_ERROR IFLA_AF_SPEC #3',
    'NLMSG_ERROR IFLA_AF_SPEC IFLA_AF_INET 0 rest',
    'NLMSG_ERROR IFLA_AF_SPEC IFLA_AF_INET 1 rest',
    'NLMSG_ERROR IFLA_AF_SPEC IFLA_AF_INET rest',
    'RTM_GETVLAN BRIDGE_VLANDB_ENTRY rest',
    'RTM_NEWNDUSEROPT rest',
    'RTM_NEWRULE #5',
  ])
})

/**
 * One RTM_NEWLINK per kind as Linux 6.12 sends it, one attribute per line: name, decoded value, bytes. lo as a dump shows it,
 * the others as announced by their creation.
 */
import t, { type Test } from 'tap'
import { type AttrSet, decode, eachAttr, isNest } from '../../../src/lib/attrs.ts'
import { get16, hex, unhex } from '../../../src/lib/bytes.ts'
import {
  IFLA,
  IFLA_ADDRESS,
  IFLA_IFNAME,
  IFLA_INFO_DATA,
  IFLA_INFO_KIND,
  IFLA_LINKINFO,
  VETH_INFO_PEER,
} from '../../../src/uapi/linux/if_link.ts'
import { NLM_F_CREATE, NLM_F_DUMP, NLM_F_EXCL, NLM_F_REQUEST } from '../../../src/uapi/linux/netlink.ts'
import { RTM_GETLINK, RTM_NEWLINK, RTNLGRP_LINK } from '../../../src/uapi/linux/rtnetlink.ts'
import { bootHost, Client, link, type Message, nla } from './rtnetlink_client.ts'

type Row = [name: string, value: unknown, bytes: string]

/** struct ipv4_devconf as IFLA_INET_CONF: what is not 0, by IPV4_DEVCONF_* number. */
const inet_conf = (set: Record<number, number>) =>
  Array.from({ length: 33 }, (_, i) => set[i + 1] ?? 0)
    .map((v) => hex(new Uint8Array(new Uint32Array([v]).buffer)))
    .join('')

const dummy: Row[] = [
  ['IFLA_IFNAME', 'dum0', '0900 0300 64756d3000000000'],
  ['IFLA_TXQLEN', 1000, '0800 0d00 e8030000'],
  ['IFLA_OPERSTATE', 2, '0500 1000 02000000'],
  ['IFLA_LINKMODE', 0, '0500 1100 00000000'],
  ['IFLA_MTU', 1500, '0800 0400 dc050000'],
  ['IFLA_MIN_MTU', 0, '0800 3200 00000000'],
  ['IFLA_MAX_MTU', 0, '0800 3300 00000000'],
  ['IFLA_GROUP', 0, '0800 1b00 00000000'],
  ['IFLA_PROMISCUITY', 0, '0800 1e00 00000000'],
  ['IFLA_ALLMULTI', 0, '0800 3d00 00000000'],
  ['IFLA_NUM_TX_QUEUES', 1, '0800 1f00 01000000'],
  ['IFLA_GSO_MAX_SEGS', 65535, '0800 2800 ffff0000'],
  ['IFLA_GSO_MAX_SIZE', 65536, '0800 2900 00000100'],
  ['IFLA_GRO_MAX_SIZE', 65536, '0800 3a00 00000100'],
  ['IFLA_GSO_IPV4_MAX_SIZE', 65536, '0800 3f00 00000100'],
  ['IFLA_GRO_IPV4_MAX_SIZE', 65536, '0800 4000 00000100'],
  ['IFLA_TSO_MAX_SIZE', 65536, '0800 3b00 00000100'],
  ['IFLA_TSO_MAX_SEGS', 65535, '0800 3c00 ffff0000'],
  ['IFLA_NUM_RX_QUEUES', 1, '0800 2000 01000000'],
  ['IFLA_CARRIER', 1, '0500 2100 01000000'],
  ['IFLA_CARRIER_CHANGES', 0, '0800 2300 00000000'],
  ['IFLA_CARRIER_UP_COUNT', 0, '0800 2f00 00000000'],
  ['IFLA_CARRIER_DOWN_COUNT', 0, '0800 3000 00000000'],
  ['IFLA_PROTO_DOWN', 0, '0500 2700 00000000'],
  ['IFLA_ADDRESS', '02:00:00:00:00:01', '0a00 0100 0200000000010000'],
  ['IFLA_BROADCAST', 'ff:ff:ff:ff:ff:ff', '0a00 0200 ffffffffffff0000'],
  ['IFLA_STATS64', undefined, `cc00 1700 ${'00'.repeat(200)}`],
  ['IFLA_STATS', undefined, `6400 0700 ${'00'.repeat(96)}`],
  ['IFLA_XDP', { IFLA_XDP_ATTACHED: 0 }, '0c00 2b00 0500 0200 00000000'],
  ['IFLA_LINKINFO', { IFLA_INFO_KIND: 'dummy' }, '1000 1200 0a00 0100 64756d6d79000000'],
  ['IFLA_QDISC', 'noop', '0900 0600 6e6f6f7000000000'],
  ['IFLA_AF_SPEC', undefined, `9000 1a00 8c00 0200 8800 0100 ${inet_conf({ 4: 1, 5: 1, 6: 1, 7: 1, 9: 1, 27: 10000, 28: 1000, 33: 1 })}`],
  ['IFLA_MAP', undefined, `2400 0e00 ${'00'.repeat(32)}`],
  ['IFLA_DEVLINK_PORT', undefined, '0400 3e80'],
  ['IFLA_DPLL_PIN', undefined, '0400 4180'],
]
/** The same with other lines in place of those of the same name; `after` adds one. */
function like(rows: Row[], changed: Row[], added: { after: string; row: Row }[] = [], without: string[] = []): Row[] {
  const out = rows.filter(([name]) => !without.includes(name)).map((row) => changed.find(([name]) => name === row[0]) ?? row)
  for (const { after, row } of added) out.splice(out.findIndex(([name]) => name === after) + 1, 0, row)
  return out
}
const lo = like(
  dummy,
  [
    ['IFLA_IFNAME', 'lo', '0700 0300 6c6f0000'],
    ['IFLA_MTU', 65536, '0800 0400 00000100'],
    ['IFLA_TSO_MAX_SIZE', 524280, '0800 3b00 f8ff0700'],
    ['IFLA_ADDRESS', '00:00:00:00:00:00', '0a00 0100 0000000000000000'],
    ['IFLA_BROADCAST', '00:00:00:00:00:00', '0a00 0200 0000000000000000'],
    [
      'IFLA_AF_SPEC',
      undefined,
      `9000 1a00 8c00 0200 8800 0100 ${inet_conf({ 4: 1, 5: 1, 6: 1, 7: 1, 9: 1, 15: 1, 16: 1, 27: 10000, 28: 1000, 33: 1 })}`,
    ],
  ],
  [],
  ['IFLA_LINKINFO'],
)
const veth = like(
  dummy,
  [
    ['IFLA_IFNAME', 'v0', '0700 0300 76300000'],
    ['IFLA_MIN_MTU', 68, '0800 3200 44000000'],
    ['IFLA_MAX_MTU', 65535, '0800 3300 ffff0000'],
    ['IFLA_TSO_MAX_SIZE', 524280, '0800 3b00 f8ff0700'],
    ['IFLA_CARRIER', 0, '0500 2100 00000000'],
    ['IFLA_CARRIER_CHANGES', 1, '0800 2300 01000000'],
    ['IFLA_CARRIER_DOWN_COUNT', 1, '0800 3000 01000000'],
    ['IFLA_ADDRESS', '02:00:00:00:01:01', '0a00 0100 0200000001010000'],
    ['IFLA_LINKINFO', { IFLA_INFO_KIND: 'veth' }, '1000 1200 0900 0100 7665746800000000'],
  ],
  [{ after: 'IFLA_LINKINFO', row: ['IFLA_LINK', 2, '0800 0500 02000000'] }],
)
const ifb = like(dummy, [
  ['IFLA_IFNAME', 'ifb7', '0900 0300 6966623700000000'],
  ['IFLA_TXQLEN', 32, '0800 0d00 20000000'],
  ['IFLA_ADDRESS', '02:00:00:00:01:0a', '0a00 0100 02000000010a0000'],
  ['IFLA_LINKINFO', { IFLA_INFO_KIND: 'ifb' }, '0c00 1200 0800 0100 69666200'],
])

/** The attributes of a link message as rows. */
function rows(m: Message): { name: string; value: unknown; bytes: string }[] {
  const out: { name: string; value: unknown; bytes: string }[] = []
  eachAttr(m.bytes, 32, m.bytes.length, (nr, o) => {
    const padded = m.bytes.subarray(o, o + ((get16(m.bytes, o) + 3) & ~3))
    out.push({ name: IFLA.byNr[nr]?.name ?? `${nr}`, value: value(IFLA, m.bytes, nr, o), bytes: hex(padded) })
  })
  return out
}
function value(set: AttrSet, b: Uint8Array, nr: number, o: number): unknown {
  const type = set.byNr[nr]?.type
  if (type === undefined) return undefined
  if (!isNest(type)) return type.toJson(decode(type, b, o))
  const members: Record<string, unknown> = {}
  eachAttr(b, o + 4, o + get16(b, o), (inner, at) => {
    members[type.set().byNr[inner]?.name ?? `${inner}`] = value(type.set(), b, inner, at)
  })
  return members
}

function same(t: Test, m: Message, header: string, expected: Row[]): void {
  t.equal(hex(m.bytes.subarray(16, 32)), header.replaceAll(' ', ''), 'ifinfomsg')
  const got = rows(m)
  t.same(
    got.map((row) => row.name),
    expected.map(([name]) => name),
    'order',
  )
  for (const [i, [name, decoded, bytes]] of expected.entries()) {
    t.equal(got[i]?.bytes, bytes.replaceAll(' ', ''), name)
    if (decoded !== undefined) t.same(got[i]?.value, decoded, `${name} decoded`)
  }
}

const kind = (name: string, ...more: Uint8Array[]) => nla(IFLA_LINKINFO, nla(IFLA_INFO_KIND, name), ...more)
function announced(request: Uint8Array, index = 0): Message[] {
  const kernel = bootHost()
  const listener = new Client(kernel, { groups: [RTNLGRP_LINK] })
  const ack = new Client(kernel).ack(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, link({ index }, request))
  if (ack.error !== 0) throw new Error(JSON.stringify(ack))
  return listener.receive()
}
const at = (...parts: Uint8Array[]) => new Uint8Array(Buffer.concat(parts))

t.test('lo', async (t) => {
  const [m] = new Client(bootHost()).request(RTM_GETLINK, NLM_F_REQUEST | NLM_F_DUMP, link({}))
  //          family pad type | index    | flags    | change
  same(t, m, '00 00 0403 01000000 08000000 00000000', lo)
})
t.test('dummy', async (t) => {
  const [m] = announced(at(nla(IFLA_ADDRESS, unhex('020000000001')), nla(IFLA_IFNAME, 'dum0'), kind('dummy')))
  same(t, m, '00 00 0100 02000000 82000000 ffffffff', dummy)
})
t.test('veth: the peer first', async (t) => {
  const peer = nla(VETH_INFO_PEER, link({}, nla(IFLA_ADDRESS, unhex('020000000102')), nla(IFLA_IFNAME, 'v1')))
  const [other, m] = announced(
    at(nla(IFLA_ADDRESS, unhex('020000000101')), nla(IFLA_IFNAME, 'v0'), kind('veth', nla(IFLA_INFO_DATA, peer))),
  )
  t.equal(rows(other)[0].value, 'v1')
  same(t, m, '00 00 0100 03000000 02100000 ffffffff', veth)
})
t.test('ifb', async (t) => {
  const [m] = announced(at(nla(IFLA_ADDRESS, unhex('02000000010a')), nla(IFLA_IFNAME, 'ifb7'), kind('ifb')), 8)
  same(t, m, '00 00 0100 08000000 82000000 ffffffff', ifb)
})

/** Multicast routes where no daemon routes groups: the answers of Linux 6.12 to the same requests. */
import t from 'tap'
import { hex } from '../../../src/lib/bytes.ts'
import { RTM_DELROUTE, RTM_GETLINK, RTM_GETROUTE, RTM_NEWLINK, RTM_NEWROUTE, ifinfomsg, rtmsg } from '../../../src/uapi/linux/rtnetlink.ts'
import { bootHost, Client, concat, nla, parseAck } from '../core/rtnetlink_client.ts'

const [DST, SRC, IIF, OIF, MULTIPATH, TABLE] = [1, 2, 3, 4, 9, 15]
const group = Uint8Array.of(239, 1, 1, 1)
const group6 = Uint8Array.from({ length: 16 }, (_, i) => group[i % 4])
const route = { rtm_family: 128, rtm_dst_len: 32, rtm_src_len: 32, rtm_protocol: 4, rtm_type: 5 }
const asked = { rtm_family: 128, rtm_dst_len: 32 }
const asked6 = { rtm_family: 129, rtm_dst_len: 128 }
type Row = [
  string,
  type: number,
  flags: number,
  Parameters<typeof rtmsg.encode>[0],
  Uint8Array[],
  error: number,
  text?: string,
  strict?: true,
]

const rows: Row[] = [
  ['a route that comes in nowhere', RTM_NEWROUTE, 0x600, route, [nla(DST, group), nla(SRC, group)], -23],
  ['by a device that does not route groups', RTM_NEWROUTE, 0x600, route, [nla(DST, group), nla(IIF, 1)], -23],
  ['by no device', RTM_NEWROUTE, 0x600, route, [nla(DST, group), nla(IIF, 77)], -19],
  ['of another protocol', RTM_NEWROUTE, 0x600, { ...route, rtm_protocol: 3 }, [nla(DST, group)], -22],
  ['into no table', RTM_NEWROUTE, 0x600, { ...route, rtm_protocol: 17 }, [nla(DST, group), nla(TABLE, 99)], -2],
  ['with half a hop', RTM_NEWROUTE, 0x600, route, [nla(MULTIPATH, Uint8Array.of(8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0))], -22],
  ['deleted', RTM_DELROUTE, 0, route, [nla(DST, group), nla(SRC, group)], -2],
  ['asked for', RTM_GETROUTE, 0, asked, [nla(DST, group)], -2],
  [
    'asked for with a device',
    RTM_GETROUTE,
    0,
    asked,
    [nla(DST, group), nla(OIF, 1)],
    -22,
    'ipv4: Unsupported attribute in multicast route get request',
    true,
  ],
  [
    'asked for without a length',
    RTM_GETROUTE,
    0,
    { rtm_family: 128 },
    [nla(DST, group)],
    -22,
    'ipv4: rtm_src_len and rtm_dst_len must be 32 for IPv4',
    true,
  ],
  ['a table dumped', RTM_GETROUTE, 0x300, { rtm_family: 128, rtm_table: 253 }, [], 0, undefined, true],
  ['no table dumped', RTM_GETROUTE, 0x300, { rtm_family: 128, rtm_table: 254 }, [], -2, 'ipv4: MR table does not exist', true],
  ['IPv6: asked for', RTM_GETROUTE, 0, asked6, [nla(DST, group6)], -2, 'ipv6: MR table does not exist'],
  ['IPv6: in its table', RTM_GETROUTE, 0, asked6, [nla(DST, group6), nla(TABLE, 254)], -2, 'ipv6: MR cache entry not found'],
  [
    'IPv6: without a length',
    RTM_GETROUTE,
    0,
    { rtm_family: 129 },
    [nla(DST, group6)],
    -22,
    'ipv6: rtm_src_len and rtm_dst_len must be 128 for IPv6',
  ],
  ['IPv6: with a device', RTM_GETROUTE, 0, asked6, [nla(DST, group6), nla(OIF, 1)], -22, 'Unsupported attribute'],
  ['IPv6: a table dumped', RTM_GETROUTE, 0x300, { rtm_family: 129, rtm_table: 254 }, [], 0, undefined, true],
  ['IPv6: no table dumped', RTM_GETROUTE, 0x300, { rtm_family: 129, rtm_table: 253 }, [], -2, 'ipv6: MR table does not exist', true],
  ['IPv6: a route', RTM_NEWROUTE, 0x600, { ...route, rtm_family: 129 }, [nla(DST, group6)], -95],
]

function answer([, type, flags, head, attrs, , , strict]: Row): { error: number; msg: string | undefined } {
  const client = new Client(bootHost({ ipv6: true }), { strict: strict ?? false })
  const messages = client.request(type, flags | 5, concat(rtmsg.encode(head), ...attrs))
  const { error, msg } = parseAck(messages[messages.length - 1])
  return { error, msg }
}
for (const row of rows) t.strictSame(answer(row), { error: row[5], msg: row[6] }, row[0])

t.test('the table is shown as a link of the family', async (t) => {
  const kernel = bootHost()
  const [table, done] = new Client(kernel).request(RTM_GETLINK, 0x305, ifinfomsg.encode({ ifi_family: 128 }))
  const attrs =
    '38001a00' +
    '08000100fd000000' +
    '0800020000000000' +
    '08000300ffffffff' +
    '0500040000000000' +
    '0500050000000000' +
    '0500070000000000' +
    '04000600'
  t.equal(hex(table.bytes.subarray(16)), `80${'00'.repeat(15)}${attrs}`)
  t.equal(table.type, RTM_NEWLINK)
  t.equal(done.type, 3)
  const strict = new Client(kernel, { strict: true })
  const [refused] = strict.request(RTM_GETLINK, 0x305, concat(ifinfomsg.encode({ ifi_family: 128 }), nla(29, 0)))
  t.equal(parseAck(refused).msg, 'Invalid data after header in ipmr link dump')
})

/** Requests that random ones have shown to be refused otherwise by Linux 6.12: its answers to them. */
import t from 'tap'
import { unhex } from '../../../src/lib/bytes.ts'
import { ndmsg } from '../../../src/uapi/linux/neighbour.ts'
import {
  RTM_DELNEIGH,
  RTM_GETNEIGH,
  RTM_NEWLINK,
  RTM_NEWNEIGH,
  RTM_NEWROUTE,
  RTM_SETLINK,
  rtmsg,
} from '../../../src/uapi/linux/rtnetlink.ts'
import { bootHost, Client, concat, link, nla } from './rtnetlink_client.ts'

const [LLADDR, VLAN, FDB_EXT_ATTRS] = [2, 5, 14]
const address = unhex('020000000003')
const lo = 1
/** A bridge of index 2 with a port of index 3. */
function host(): Client {
  const client = new Client(bootHost())
  client.ack(RTM_NEWLINK, 0x600, link({ index: 2 }, nla(3, 'br0'), nla(18, nla(1, 'bridge'))))
  client.ack(RTM_NEWLINK, 0x600, link({ index: 3 }, nla(3, 'd0'), nla(18, nla(1, 'dummy')), nla(10, 2)))
  return client
}
const fdb = (head: { ndm_ifindex: number; ndm_state?: number; ndm_flags?: number }, ...attrs: Uint8Array[]) =>
  concat(ndmsg.encode({ ndm_family: 7, ...head }), nla(LLADDR, address), ...attrs)

t.test('the family of bridges is known and sets nothing of a link', async (t) => {
  t.equal(host().ack(RTM_SETLINK, 0, link({ index: 3 }, nla(26, nla(7)))).error, -95)
  t.equal(host().ack(RTM_SETLINK, 0, link({ index: 3 }, nla(26, nla(8)))).error, -97)
})
t.test('an address is taken from a VLAN that there can be, then from an Ethernet device', async (t) => {
  const answer = (vid: number) => host().ack(RTM_DELNEIGH, 0, fdb({ ndm_ifindex: lo }, nla(VLAN, Uint8Array.of(vid & 255, vid >> 8)))).msg
  t.equal(answer(0x7fff), 'invalid vlan id')
  t.equal(answer(7), 'FDB delete only supported for Ethernet devices')
})
t.test('a device without a table of addresses is not asked', async (t) => {
  t.equal(host().ack(RTM_GETNEIGH, 0, fdb({ ndm_ifindex: 3, ndm_flags: 2 })).msg, 'Fdb get operation not supported by device')
})
t.test("a bridge's extended attributes are a nest", async (t) => {
  const body = (flag: number) => fdb({ ndm_ifindex: 3, ndm_state: 0x40, ndm_flags: 4 }, nla(FDB_EXT_ATTRS | flag))
  t.equal(host().ack(RTM_NEWNEIGH, 0x600, body(0)).msg, 'NLA_F_NESTED is missing')
  t.equal(host().ack(RTM_NEWNEIGH, 0x600, body(0x8000)).error, 0)
})
t.test('the class of a next hop has four bytes', async (t) => {
  const head = rtmsg.encode({ rtm_family: 2, rtm_dst_len: 32, rtm_table: 254, rtm_protocol: 3, rtm_type: 1 })
  const hop = concat(Uint8Array.of(16, 0, 0, 0, lo, 0, 0, 0), nla(11, Uint8Array.of(0xfd)))
  t.equal(host().ack(RTM_NEWROUTE, 0x600, concat(head, nla(1, unhex('0a000001')), nla(9, hop))).msg, 'Invalid RTA_FLOW')
})

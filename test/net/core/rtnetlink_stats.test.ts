/** RTM_GETSTATS and RTM_SETSTATS: masks, filters, what hardware is asked for, and who is told. */
import t from 'tap'
import { eachAttr } from '../../../src/lib/attrs.ts'
import { get16, hex } from '../../../src/lib/bytes.ts'
import { if_stats_msg } from '../../../src/uapi/linux/if_link.ts'
import { RTM_GETSTATS, RTM_NEWLINK, RTM_SETSTATS, RTNLGRP_STATS } from '../../../src/uapi/linux/rtnetlink.ts'
import { bootHost, Client, concat, link, type Message, nla, u8 } from './rtnetlink_client.ts'

const OFFLOAD = 8
function body(ifindex: number, filter_mask: number, ...attributes: Uint8Array[]): Uint8Array {
  return concat(if_stats_msg.encode({ ifindex, filter_mask }), ...attributes)
}
function members({ bytes }: Message): string[] {
  const out: string[] = []
  eachAttr(bytes, 28, bytes.length, (nr, o) => out.push(`${nr}: ${hex(bytes.subarray(o + 4, o + get16(bytes, o)))}`))
  return out
}
const info = (request: number) => `4: 1800028014000380050001000${request}0000000500020000000000`

t.test('L3 statistics: asked for, told once, shown as zeros, taken back', async (t) => {
  const kernel = bootHost()
  const client = new Client(kernel)
  client.ack(RTM_NEWLINK, 0x600, link({}, nla(3, 'd0'), nla(18, nla(1, 'dummy'))))
  const listener = new Client(kernel, { groups: [RTNLGRP_STATS] })
  const set = (on: number) => client.ack(RTM_SETSTATS, 0, body(2, 0, nla(2, u8(on))))
  const get = () => members(client.request(RTM_GETSTATS, 1, body(2, OFFLOAD))[0])
  t.same(get(), [info(0)])
  t.equal(set(1).error, 0)
  t.same(listener.receive().flatMap(members), [info(1)])
  t.equal(set(1).error, 0)
  t.same(listener.receive(), [], 'it was so already')
  t.same(get(), [`4: ${info(1).slice(3)}4c000300${'00'.repeat(72)}`])
  t.same(
    members(client.request(RTM_GETSTATS, 1, body(2, OFFLOAD, nla(0x8001, nla(4, 4))))[0]),
    [`4: 4c000300${'00'.repeat(72)}`],
    'only these',
  )
  set(0)
  t.same(listener.receive().flatMap(members), [info(0)])
  t.match(set(2), { error: -34, msg: 'integer out of range' })
})
t.test('what a request may say', async (t) => {
  const kernel = bootHost()
  const client = new Client(kernel)
  const strict = new Client(kernel, { strict: true })
  t.equal(client.ack(RTM_GETSTATS, 0, body(1, 0)).msg, 'Filter mask must be set for stats get')
  t.equal(client.request(RTM_GETSTATS, 1, body(1, 0xff))[0].type, 92, 'unknown bits are ignored')
  t.equal(strict.ack(RTM_GETSTATS, 0, body(1, 0xff)).msg, 'Invalid stats requested through filter mask')
  t.equal(client.ack(RTM_SETSTATS, 0, body(1, 1)).msg, 'Filter mask must be 0 for stats set')
  t.equal(client.ack(RTM_SETSTATS, 0, body(1, 0, nla(1, 0))).msg, 'Unsupported attribute')
  t.equal(client.ack(RTM_SETSTATS, 0, body(77, 0)).error, -19)
  const user = new Client(kernel, { capabilities: 0n })
  t.equal(user.ack(RTM_SETSTATS, 0, body(1, 0)).error, -1)
})

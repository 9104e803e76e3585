import t from 'tap'
import { hex, unhex } from '../../../src/lib/bytes.ts'
import { applicant_attr } from '../../../src/net/802/applicant.ts'
import { garp_applicant_state_table, garp_attr_event, type garp_event, type garp_state } from '../../../src/net/802/garp.ts'
import { mrp_applicant_state_table, mrp_attr_event, type mrp_event, type mrp_state } from '../../../src/net/802/mrp.ts'
import { vlan_proto_init } from '../../../src/net/8021q/vlan.ts'
import { vlan_dev_change_flags } from '../../../src/net/8021q/vlan_dev.ts'
import { dev_add_pack, dev_change_flags, dev_queue_xmit, packet_type } from '../../../src/net/core/dev.ts'
import type { net_device } from '../../../src/net/core/netdevice.ts'
import { dev_alloc_skb, skb_bytes, skb_put } from '../../../src/net/core/skbuff.ts'
import { IFF_UP } from '../../../src/uapi/linux/if.ts'
import { IFLA_IFNAME, IFLA_LINK } from '../../../src/uapi/linux/if_link.ts'
import { IFLA_VLAN_FLAGS, IFLA_VLAN_ID } from '../../../src/uapi/linux/if_link_stacked.ts'
import { VLAN_FLAG_GVRP, VLAN_FLAG_MVRP } from '../../../src/uapi/linux/if_vlan.ts'
import { Links } from '../../drivers/net/linkRequests.ts'
import { Heard, heard } from '../core/packets.ts'

const SEC = 1e9

/** v0–v1, both up; VLANs go upon v0, and what leaves it is heard at v1. */
class Wire extends Links {
  readonly frames = new Heard()
  constructor() {
    super()
    vlan_proto_init(this.kernel)
    const peer = this.peer((msg) => msg.put(IFLA_IFNAME, 'v1'))
    this.newlink('veth', 'v0', undefined, peer)
    for (const name of ['v0', 'v1']) this.up(this.device(name))
    this.settle()
    dev_add_pack(this.kernel, new packet_type(0x0003, heard, this.device('v1'), undefined, this.frames))
  }
  up(dev: net_device) {
    dev_change_flags(dev, dev.flags | IFF_UP)
  }
  vlan(id: number, flags: number): net_device {
    const link = this.device('v0').ifindex
    this.newlink(
      'vlan',
      `v0.${id}`,
      (msg) => msg.put(IFLA_LINK, link),
      (msg) => {
        msg.put(IFLA_VLAN_ID, id)
        msg.put(IFLA_VLAN_FLAGS, { flags, mask: flags })
      },
    )
    this.up(this.device(`v0.${id}`))
    return this.device(`v0.${id}`)
  }
  advance(ns: number) {
    this.kernel.events.runUntil(this.kernel.events.now + ns)
  }
  /** Frames to the group since the last time, from the length or type on. */
  sent(): string[] {
    const out = this.frames.skbs.splice(0).map((skb) => hex(skb.buf.subarray(skb.mac_header, skb.tail)))
    return out.filter((frame) => frame.startsWith('0180c2000021')).map((frame) => frame.slice(24))
  }
  /** From the neighbour. */
  hear(bytes: string) {
    const v1 = this.device('v1')
    const frame = unhex(`0180c2000021${hex(v1.dev_addr.subarray(0, 6))}${bytes}`)
    const skb = dev_alloc_skb(v1, frame.length)
    skb.buf.set(frame, skb_put(skb, frame.length))
    dev_queue_xmit(skb)
    this.advance(0)
    t.ok(skb_bytes(skb))
    this.frames.skbs.length = 0
  }
}
/** LLC, protocol id 1, attribute type 1, its attributes and two end marks. */
const garp = (...attrs: string[]) => {
  const body = `4242030001${'01'}${attrs.join('')}0000`
  return `${(body.length / 2).toString(16).padStart(4, '0')}${body}`
}
/** Version 0, attribute type 1 of two bytes, its vectors and two end marks. */
const mrp = (...vectors: string[]) => `88f5000102${vectors.join('')}00000000`
const [JOIN_IN, LEAVE_EMPTY] = ['02', '03']

t.test('GVRP tells a VLAN twice, then is quiet until another one asks; a VLAN that goes is withdrawn', async (t) => {
  const h = new Wire()
  const dev = h.vlan(5, VLAN_FLAG_GVRP)
  h.sent()
  h.advance(SEC)
  t.same(h.sent(), [garp(`04${JOIN_IN}0005`), garp(`04${JOIN_IN}0005`)])
  h.advance(60 * SEC)
  t.same(h.sent(), [])
  // JoinEmpty: the neighbour wants it too and knows of nobody else
  h.hear(garp('04010005'))
  h.advance(SEC)
  t.same(h.sent(), [garp(`04${JOIN_IN}0005`), garp(`04${JOIN_IN}0005`)])
  // LeaveAll: whoever wants it says so again
  h.hear(garp('0200'))
  h.advance(SEC)
  t.same(h.sent(), [garp(`04${JOIN_IN}0005`), garp(`04${JOIN_IN}0005`)])
  vlan_dev_change_flags(dev, 0, VLAN_FLAG_GVRP)
  h.advance(SEC)
  t.same(h.sent(), [garp(`04${LEAVE_EMPTY}0005`)])
})

t.test('several VLANs go in one frame, by number; the last of a device takes its leave at once', async (t) => {
  const h = new Wire()
  h.vlan(9, VLAN_FLAG_GVRP)
  h.advance(SEC)
  h.sent()
  h.vlan(7, VLAN_FLAG_GVRP)
  h.hear(garp('0200'))
  h.advance(SEC)
  t.match(h.sent()[0], garp(`04${JOIN_IN}0007`, `04${JOIN_IN}0009`))
  h.dellink(h.device('v0.7'))
  h.advance(SEC)
  h.sent()
  h.dellink(h.device('v0.9'))
  h.settle()
  t.same(h.sent(), [garp(`04${LEAVE_EMPTY}0009`)])
})

t.test('MVRP packs three events to a byte and tells again each second', async (t) => {
  const h = new Wire()
  for (const id of [5, 6, 7, 8]) h.vlan(id, VLAN_FLAG_MVRP)
  h.advance(SEC * 0.9)
  // four values from 5 on: JoinIn (1) as 1*36 + 1*6 + 1, and the fourth by itself
  t.match(h.sent()[0], mrp('00040005', '2b', '24'))
  h.advance(3 * SEC)
  t.ok(h.sent().length >= 3, 'again')
  h.dellink(h.device('v0.6'))
  h.advance(SEC * 0.9)
  const said = h.sent()
  t.ok(
    said.some((frame) => frame.includes('0001' + '0006' + 'b4') || frame.includes('0004000543')),
    'Lv (5)',
  )
})

t.test('MVRP goes quiet by JoinIn of others', async (t) => {
  const h = new Wire()
  const dev = h.vlan(5, VLAN_FLAG_MVRP)
  const app = h.device('v0').vlan_info?.mvrp
  h.advance(SEC * 0.9)
  h.hear(mrp('00010005', '24'))
  t.equal(app?.mad[0].state, 'QA')
  // LeaveAll, with no values
  h.hear(mrp('2000'))
  t.equal(app?.mad[0].state, 'VP')
  // malformed: an event beyond the last
  h.hear(mrp('00010005', 'ff'))
  vlan_dev_change_flags(dev, 0, VLAN_FLAG_MVRP)
  t.equal(app?.mad[0].state, 'VO', 'never told since, so there is nothing to withdraw')
})

t.test('garp: each row of its table', async (t) => {
  const h = new Wire()
  h.vlan(5, 0)
  const app = h.device('v0').vlan_info?.gvrp
  if (app === undefined) return t.fail('no applicant')
  const events: garp_event[] = [
    'TRANSMIT_PDU',
    'R_JOIN_IN',
    'R_JOIN_EMPTY',
    'R_EMPTY',
    'R_LEAVE_IN',
    'R_LEAVE_EMPTY',
    'REQ_JOIN',
    'REQ_LEAVE',
  ]
  for (const [state, row] of Object.entries(garp_applicant_state_table)) {
    const after = events.map((event) => {
      const attr = new applicant_attr<garp_state>(state as garp_state, 1, Uint8Array.of(0, 5))
      app.gid = [attr]
      app.pdu = undefined
      garp_attr_event(app, attr, event)
      const said = app.pdu === undefined ? '' : (app.pdu as { bytes: number[] }).bytes[4] === 2 ? '!' : '?'
      if (attr.state === state && said === '' && row[events.indexOf(event)] === '') return ''
      t.equal(app.gid.length, said === '?' ? 0 : 1)
      return attr.state + said
    })
    t.same(after, row, state)
  }
  app.gid = []
  app.pdu = undefined
})

t.test('mrp: each row of its table', async (t) => {
  const h = new Wire()
  h.vlan(5, 0)
  const app = h.device('v0').vlan_info?.mvrp
  if (app === undefined) return t.fail('no applicant')
  const events: mrp_event[] = [
    ...(['NEW', 'JOIN', 'LV', 'TX', 'R_NEW', 'R_JOIN_IN', 'R_IN', 'R_JOIN_MT', 'R_MT', 'R_LV', 'R_LA', 'REDECLARE', 'PERIODIC'] as const),
  ]
  const says: Record<string, number> = { VN: 0, AN: 0, VP: 36, AA: 36, AP: 36, LA: 180 }
  for (const [state, row] of Object.entries(mrp_applicant_state_table)) {
    const after = events.map((event) => {
      const attr = new applicant_attr<mrp_state>(state as mrp_state, 1, Uint8Array.of(0, 5))
      app.mad = [attr]
      app.pdu = undefined
      mrp_attr_event(app, attr, event)
      t.equal((app.pdu as { bytes: number[] } | undefined)?.bytes.at(-1), event === 'TX' ? says[state] : undefined)
      return attr.state
    })
    t.same(after.join(' '), row, state)
  }
  app.mad = []
  app.pdu = undefined
})

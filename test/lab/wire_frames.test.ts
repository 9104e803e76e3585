/** Frames from host to host: when they arrive, which do not, and that all of it is state. */
import t from 'tap'
import { Lab } from '../../src/lab/lab.ts'
import { buildLab } from '../../src/lab/topology.ts'
import type { WireSettings } from '../../src/lab/wire.ts'
import { dev_get_stats, dev_mc_add, dev_open, dev_queue_xmit, dev_set_promiscuity } from '../../src/net/core/dev.ts'
import type { net_device } from '../../src/net/core/netdevice.ts'
import { frame, listen, mac } from '../net/core/packets.ts'

function pair(settings: WireSettings = {}, seed = 1) {
  const lab = new Lab({ seed })
  // the cable's own ring, no driver's
  const host = { ipv6: false, devices: [{ name: 'eth0', model: 'plain' as const }] }
  buildLab(lab, {
    hosts: { a: host, b: host },
    wires: [{ ends: ['a/eth0', 'b/eth0'], ...settings }],
  })
  const [a, b] = ['a', 'b'].map((host) => eth0(lab, host))
  dev_open(a)
  dev_open(b)
  lab.advance(10)
  return { lab, a, b }
}
const eth0 = (lab: Lab, host: string) => lab.host(host).kernel.init_net.dev_name_head.get('eth0') as net_device
const wire = (lab: Lab) => lab.wires.get('wire0')!

t.test('a frame arrives after the delay, and both ends count it', async (t) => {
  const { lab, a, b } = pair({ delay: 500 })
  const log = listen(b.nd_net.kernel)
  t.equal(dev_queue_xmit(frame(a, b.dev_addr)), 0)
  lab.advance(499)
  t.same(log.lines, [])
  lab.advance(1)
  t.same(log.lines, ['eth0 0 50'])
  t.match(dev_get_stats(a), { tx_packets: 1, tx_bytes: 64 })
  t.match(dev_get_stats(b), { rx_packets: 1, rx_bytes: 64 })
  t.match(lab.transcript.entries.at(-3), { kind: 'frame', wire: 'wire0', from: 0, fate: 'sent' })
  t.equal(log.skbs[0].buf[log.skbs[0].data + 1], 15, 'with its bytes')
})

t.test('a NIC takes what is for it, what it was asked to hear, or all', async (t) => {
  const { lab, a, b } = pair()
  const log = listen(b.nd_net.kernel)
  const group = mac('01005e000109')
  const send = (dest: Uint8Array) => {
    log.lines = []
    dev_queue_xmit(frame(a, dest))
    lab.advance(2000)
    return log.lines.length
  }
  t.equal(send(mac('020000000099')), 0)
  t.equal(send(group), 0)
  t.equal(send(b.broadcast), 1)
  dev_mc_add(b, group)
  t.equal(send(group), 1)
  dev_set_promiscuity(b, 1)
  t.equal(send(mac('020000000099')), 1)
})

t.test('a rate makes frames wait: in the ring, then in the queue, which drops when it is full', async (t) => {
  const { lab, a, b } = pair({ rate: 64 * 8 * 1000, delay: 0 })
  const log = listen(b.nd_net.kernel)
  for (let i = 0; i < 300; i++) dev_queue_xmit(frame(a, b.dev_addr))
  t.equal(a.qdisc?.qstats.qlen, 300 - 256)
  lab.advance(10_000_001)
  t.equal(log.lines.length, 10, 'one a ms')
  t.equal(a.qdisc?.qstats.qlen, 300 - 256 - 10)
  lab.advance(300_000_000)
  t.equal(log.lines.length, 300)
})

t.test('what is lost, doubled or out of order is the seed\u2019s choice', async (t) => {
  const run = (settings: WireSettings, seed = 1) => {
    const { lab, a, b } = pair(settings, seed)
    const log = listen(b.nd_net.kernel)
    for (let i = 0; i < 100; i++) dev_queue_xmit(frame(a, b.dev_addr, { length: 60 + i }))
    lab.advance(10_000_000)
    return { order: log.skbs.map((skb) => skb.len - 46), lost: wire(lab).cable.lost[0] }
  }
  t.equal(run({}).order.length, 100)
  const lossy = run({ loss: 0.3 })
  t.equal(lossy.order.length + lossy.lost, 100)
  t.ok(lossy.lost > 10 && lossy.lost < 50)
  t.same(run({ loss: 0.3 }), lossy, 'the same again')
  t.notSame(run({ loss: 0.3 }, 2), lossy, 'another seed')
  const doubled = run({ duplicate: 0.5 }).order
  t.ok(doubled.length > 120 && doubled.length < 180)
  const mixed = run({ reorder: 0.2, delay: 1_000_000 }).order
  t.equal(mixed.length, 100)
  t.notSame(
    mixed,
    [...mixed].sort((x, y) => x - y),
  )
  t.notSame(run({ jitter: 900, delay: 1000 }).order, [...Array(100).keys()])
})

t.test('a cut wire loses what is under way', async (t) => {
  const { lab, a, b } = pair({ delay: 1000 })
  const log = listen(b.nd_net.kernel)
  dev_queue_xmit(frame(a, b.dev_addr))
  lab.setCarrier('wire0', false)
  lab.advance(5000)
  t.same(log.lines, [])
  lab.setWire('wire0', { carrier: true, delay: 7 })
  dev_queue_xmit(frame(a, b.dev_addr))
  lab.advance(7)
  t.equal(log.lines.length, 1)
})

t.test('saved with frames in the ring, in the queue and on the wire, a lab goes on in the same way', async (t) => {
  const { lab, a, b } = pair({ rate: 64 * 8 * 1000, delay: 3_500_000, jitter: 1_000_000, loss: 0.2, duplicate: 0.1 })
  for (let i = 0; i < 290; i++) dev_queue_xmit(frame(a, b.dev_addr))
  lab.advance(20_000_000)
  const copy = Lab.load(lab.save())
  for (const one of [lab, copy]) one.advance(400_000_000)
  const counts = (one: Lab) => ({ ...dev_get_stats(eth0(one, 'b')), sent: wire(one).cable.sent, lost: wire(one).cable.lost })
  t.same(counts(copy), counts(lab))
  t.equal(copy.transcript.text(), lab.transcript.text())
  t.ok(dev_get_stats(b).rx_packets > 200)
})

t.test('settings that cannot be are refused', async (t) => {
  t.throws(() => pair({ loss: 2 }), /loss 2: a number from 0 to 1 is needed/)
  t.throws(() => pair({ delay: -1 }), /delay -1: a whole number from 0 is needed/)
  const { lab } = pair()
  t.throws(() => lab.addWire({ ends: ['a/lo', 'b/lo'] }), /a\/lo is no NIC/)
})

t.test('what is longer than the wire takes is lost', async (t) => {
  const { lab, a, b } = pair({ mtu: 40 })
  const log = listen(b.nd_net.kernel)
  dev_queue_xmit(frame(a, b.dev_addr))
  lab.advance(2000)
  t.same(log.lines, [])
  t.same(wire(lab).cable.lost, [1, 0])
  lab.setWire('wire0', { mtu: 50 })
  dev_queue_xmit(frame(a, b.dev_addr))
  lab.advance(2000)
  t.equal(log.lines.length, 1)
})

/** Captures of wires, devices and netlink: every packet once, with time, direction and what became of it. */
import t from 'tap'
import { MAX_CAPTURED } from '../../src/lab/capture.ts'
import { Lab } from '../../src/lab/lab.ts'
import { buildLab } from '../../src/lab/topology.ts'
import { dev_get_stats, dev_queue_xmit } from '../../src/net/core/dev.ts'
import type { net_device } from '../../src/net/core/netdevice.ts'
import { frame } from '../net/core/packets.ts'
import { Program } from './program.ts'
import { readPcapng } from './pcapngReader.ts'

function pair(): Lab {
  const lab = new Lab()
  buildLab(lab, {
    hosts: {
      a: { devices: [{ name: 'eth0', addresses: ['10.0.0.1/24'] }] },
      b: { devices: [{ name: 'eth0', addresses: ['10.0.0.2/24'] }] },
    },
    wires: [{ name: 'cable', ends: ['a/eth0', 'b/eth0'], delay: 500 }],
  })
  return lab
}
const eth0 = (lab: Lab, host: string) => lab.host(host).kernel.init_net.dev_name_head.get('eth0') as net_device

t.test('a wire: each end is an interface, lost frames say so', async (t) => {
  const lab = pair()
  lab.advance(5e9)
  const capture = lab.capture({ wire: 'cable' })
  const before = lab.events.now
  dev_queue_xmit(frame(eth0(lab, 'a'), eth0(lab, 'b').dev_addr))
  lab.advance(10)
  lab.setWire('cable', { loss: 1 })
  dev_queue_xmit(frame(eth0(lab, 'b'), eth0(lab, 'a').dev_addr))
  lab.advance(10)
  const { packets } = readPcapng(capture.close())
  t.match(packets, [
    { interface: 'cable:a/eth0', linkType: 1, at: BigInt(before), direction: 'out', comment: undefined },
    { interface: 'cable:b/eth0', linkType: 1, at: BigInt(before + 10), comment: 'lost on the wire' },
  ])
  t.same([...packets[0].bytes.subarray(0, 6)], [...eth0(lab, 'b').dev_addr.subarray(0, 6)])
  dev_queue_xmit(frame(eth0(lab, 'a'), eth0(lab, 'b').dev_addr))
  t.same(readPcapng(capture.take()).packets, [], 'closed')
})

t.test('a device: what goes out and comes in, with the reason why it was dropped', async (t) => {
  const lab = pair()
  lab.advance(5e9)
  const [out, into] = ['a', 'b'].map((host) => lab.capture({ host, device: 'eth0' }))
  dev_queue_xmit(frame(eth0(lab, 'a'), eth0(lab, 'b').dev_addr))
  lab.advance(2000)
  t.match(readPcapng(out.close()).packets, [{ interface: 'a/eth0', linkType: 1, direction: 'out', comment: undefined }])
  const { packets } = readPcapng(into.close())
  t.match(packets, [{ interface: 'b/eth0', direction: 'in', comment: 'dropped: UNHANDLED_PROTO' }])
  t.equal(packets[0].bytes.length, 64)
})

t.test('all devices of a host while it comes up: as many packets as they count, none twice', async (t) => {
  const lab = pair()
  const capture = lab.capture({ host: 'a' })
  const before = dev_get_stats(eth0(lab, 'a'))
  lab.advance(30e9)
  const after = dev_get_stats(eth0(lab, 'a'))
  const { packets } = readPcapng(capture.close())
  const passed = (direction: string) => packets.filter((p) => p.interface === 'a/eth0' && p.direction === direction).length
  t.ok(passed('out') > 3, 'detection of duplicates, groups, solicitations of routers')
  t.equal(passed('out'), after.tx_packets - before.tx_packets)
  t.equal(passed('in'), after.rx_packets - before.rx_packets)
})

t.test('netlink: request, reply and multicast, with their ports and groups', async (t) => {
  const lab = pair()
  const capture = lab.capture({ host: 'a', netlink: true })
  const program = new Program(lab.host('a'), 1000)
  t.equal(program.addLink('dummy9', 'dummy'), 0)
  const { packets } = readPcapng(capture.close())
  t.match(packets[0], { interface: 'a/netlink', linkType: 253, direction: 'in' })
  t.equal(packets[0].bytes.subarray(0, 16).toString('hex'), '00070338000000000000000000000000')
  t.ok(packets.some((p) => p.direction === 'out' && p.comment === 'to group 1'))
  t.match(packets.at(-1)?.comment, /^to \d+$/)
})

t.test('what nobody takes is bounded, and told', async (t) => {
  const lab = pair()
  const capture = lab.capture({ wire: 'cable' })
  const size = 1 << 14
  const count = MAX_CAPTURED / size + 5
  const end = lab.wires.get('cable')!.cable.ends[0]
  let told = 0
  capture.ready = () => told++
  for (let i = 0; i < count; i++) end.transmit(new Uint8Array(size))
  t.equal(capture.lost, 5)
  t.equal(told, 1)
  t.equal(readPcapng(capture.close()).lost, 5)
})

t.test('what is not there cannot be captured, and captures are not saved', async (t) => {
  const lab = pair()
  t.throws(() => lab.capture({ wire: 'none' }), /no wire named none/)
  t.throws(() => lab.capture({ host: 'a', device: 'eth9' }), /host a has no device eth9/)
  t.throws(() => lab.capture({}), /no host named default; there are: a, b/)
  const open = [lab.capture({ wire: 'cable' }), lab.capture({ host: 'a' })]
  t.doesNotThrow(() => Lab.load(lab.save()).advance(1e9))
  for (const capture of open) capture.close()
})

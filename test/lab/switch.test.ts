/** Hosts on a switch: who reaches whom, what the HTTP view says of it, and that it is state. */
import t from 'tap'
import { Lab } from '../../src/lab/lab.ts'
import { buildLab, type Topology } from '../../src/lab/topology.ts'
import { dev_get_stats, dev_open, dev_queue_xmit } from '../../src/net/core/dev.ts'
import type { net_device } from '../../src/net/core/netdevice.ts'
import { labView } from '../../src/server/view.ts'
import { RealTime } from '../../src/server/realTime.ts'
import { frame } from '../net/core/packets.ts'

const topology: Topology = {
  hosts: { a: { ipv6: false }, b: { ipv6: false }, c: { ipv6: false } },
  switches: { sw: { ports: { c: { untagged: 20 } } } },
  wires: ['a', 'b', 'c'].map((host) => ({ name: host, ends: [`${host}/eth0`, `sw/${host}`] })),
}
const eth0 = (lab: Lab, host: string) => lab.host(host).kernel.init_net.dev_name_head.get('eth0') as net_device

function built(): Lab {
  const lab = new Lab()
  buildLab(lab, topology)
  for (const host of ['a', 'b', 'c']) dev_open(eth0(lab, host))
  lab.advance(10_000)
  return lab
}
/** Sends from host a; the hosts that hear it. */
function heard(lab: Lab, to: Uint8Array): string[] {
  const received = (host: string) => dev_get_stats(eth0(lab, host)).rx_packets
  const before = ['b', 'c'].map((host) => ({ host, count: received(host) }))
  dev_queue_xmit(frame(eth0(lab, 'a'), to))
  lab.advance(10_000)
  return before.filter(({ host, count }) => received(host) > count).map(({ host }) => host)
}

t.test('hosts of one VLAN hear each other, others do not', async (t) => {
  const lab = built()
  t.same(heard(lab, eth0(lab, 'a').broadcast), ['b'])
  t.match(labView({ name: 'x', lab, time: new RealTime(lab) }), {
    switches: [
      {
        name: 'sw',
        ports: [
          { name: 'c', untagged: 20, received: 0 },
          { name: 'a', untagged: 1, received: 1 },
          { name: 'b', transmitted: 1 },
        ],
        stations: [{ vlan: 1, port: 'a' }],
      },
    ],
  })
})

t.test('a saved lab keeps what its switch has learned', async (t) => {
  const lab = built()
  heard(lab, eth0(lab, 'a').broadcast)
  const loaded = Lab.load(lab.save())
  t.equal(loaded.switches.get('sw')?.stations.size, 1)
  t.same(heard(loaded, eth0(loaded, 'a').broadcast), ['b'])
  loaded.setCarrier('a', false)
  t.equal(loaded.switches.get('sw')?.stations.size, 0)
})

t.test('names and numbers that cannot be are refused', async (t) => {
  const lab = built()
  t.throws(() => lab.addSwitch('a'), /host a exists already/)
  t.throws(() => lab.addHost('sw'), /switch sw exists already/)
  t.throws(() => lab.addSwitch('s', { ageing: -1 }), /ageing -1: a number of ns from 0/)
  t.throws(() => lab.addSwitch('s', { ports: { 1: { tagged: [0] } } }), /VLAN 0: a whole number from 1 to 4094/)
  t.throws(() => lab.addWire({ ends: ['sw/a', 'sw/9'] }), /sw\/a is on a already/)
  t.throws(() => lab.addWire({ ends: ['sw/9', 'sw/9'] }), /both ends of wire wire3 are sw\/9/)
})

/** The learning switch: a test per row of the table in src/hw/switch.ts, ports in VLANs, links that go, a full table. */
import t from 'tap'
import { cable, type cable_end, cable_plug } from '../../src/hw/cable.ts'
import { ethernet_switch, switch_plug, switch_set_carrier, TABLE_SIZE } from '../../src/hw/switch.ts'
import { EventQueue, NSEC_PER_SEC } from '../../src/kernel/time.ts'
import { hex, unhex } from '../../src/lib/bytes.ts'
import { RandomStream } from '../../src/lib/random.ts'

const ALL = 'ffffffffffff'
const station = (n: number) => `02000000${n.toString(16).padStart(4, '0')}`
const frame = (to: string, from: string, rest = '0800abcd') => unhex(to + from + rest)
const tagged = (to: string, from: string, tci: string) => frame(to, from, `8100${tci}0800abcd`)

/** A switch with stations on ports 1 … n; what each has heard is in `heard`, as hex behind the two addresses. */
function setup(n: number) {
  const events = new EventQueue()
  const box = new ethernet_switch(events)
  const heard: string[][] = []
  const ends: cable_end[] = []
  for (let i = 1; i <= n; i++) {
    const line = new cable(events, new RandomStream(1, `${i}`))
    const log: string[] = []
    cable_plug(
      line.ends[0],
      log,
      (log, bytes) => log.push(hex(bytes).slice(24)),
      () => {},
    )
    switch_plug(box.port(`${i}`), line.ends[1])
    ends.push(line.ends[0])
    heard.push(log)
  }
  const run = (ns = 10_000) => events.runUntil(events.now + ns)
  /** Sends from port `i`; the ports that heard it. */
  const send = (i: number, bytes: Uint8Array) => {
    for (const log of heard) log.length = 0
    ends[i - 1].transmit(bytes)
    run()
    return heard.flatMap((log, at) => log.map((text) => `${at + 1}:${text}`))
  }
  return { box, send, run, ends }
}
const dropped = (box: ethernet_switch, port: string) => box.port(port).dropped

t.test('a group and an unknown station are flooded, a known one is not', async (t) => {
  const { send } = setup(3)
  t.same(send(1, frame(ALL, station(1))), ['2:0800abcd', '3:0800abcd'])
  t.same(send(1, frame(station(2), station(1))), ['2:0800abcd', '3:0800abcd'])
  t.same(send(2, frame(station(1), station(2))), ['1:0800abcd'])
  t.same(send(1, frame(station(2), station(1))), ['2:0800abcd'])
})

t.test('a station that moves is found at its new port', async (t) => {
  const { send } = setup(3)
  send(1, frame(ALL, station(1)))
  send(3, frame(ALL, station(1)))
  t.same(send(2, frame(station(1), station(2))), ['3:0800abcd'])
})

t.test('what is too short, from a group, for the switch itself or for a neighbour on the same port goes nowhere', async (t) => {
  const { box, send } = setup(2)
  t.same(send(1, unhex('ffff')), [])
  t.same(send(1, unhex(`${ALL}${station(1)}8100`)), [], 'a tag that is cut off')
  t.same(send(1, frame(station(2), '030000000001')), [])
  t.same(send(1, frame('0180c2000000', station(1))), [], 'a BPDU')
  t.same(send(1, frame('0180c200000e', station(1))), [], 'LLDP')
  t.equal(dropped(box, '1'), 5)
  t.same(send(1, frame('0180c2000010', station(1))), ['2:0800abcd'], 'the first that is not reserved')
  t.same(send(1, frame(station(1), station(9))), [], 'both behind port 1')
  t.equal(dropped(box, '1'), 6)
})

t.test('VLANs are apart; tags come and go as the port wants, and keep the priority', async (t) => {
  const { box, send } = setup(4)
  box.port('1').untagged = 10
  box.port('2').untagged = 20
  box.port('3').untagged = 0
  box.port('3').tagged = new Set([10, 20])
  box.port('4').untagged = 10
  t.same(send(1, frame(ALL, station(1))), ['3:8100000a0800abcd', '4:0800abcd'])
  t.same(send(2, frame(ALL, station(2))), ['3:810000140800abcd'])
  t.same(send(3, tagged(ALL, station(3), 'a00a')), ['1:0800abcd', '4:0800abcd'])
  t.same(send(3, tagged(ALL, station(3), '0014')), ['2:0800abcd'])
  t.same(send(3, tagged(ALL, station(3), '001e')), [], 'no member of VLAN 30')
  t.same(send(3, frame(ALL, station(3))), [], 'nothing without a tag')
  t.same(send(1, tagged(ALL, station(1), 'e000')), ['3:8100e00a0800abcd', '4:0800abcd'], 'a tag of VLAN 0 has a priority only')
  t.same(send(2, frame(station(1), station(2))), ['3:810000140800abcd'], 'station 1 is known in VLAN 10 only')
})

t.test('who is silent for 300 s is forgotten, and who is behind a link that goes', async (t) => {
  const { box, send, run } = setup(3)
  send(1, frame(ALL, station(1)))
  run(299 * NSEC_PER_SEC)
  t.same(send(2, frame(station(1), station(2))), ['1:0800abcd'])
  run(2 * NSEC_PER_SEC)
  t.same(send(2, frame(station(1), station(2))), ['1:0800abcd', '3:0800abcd'])
  send(1, frame(ALL, station(1)))
  switch_set_carrier(box.port('1'), false)
  t.same(send(2, frame(station(1), station(2))), ['1:0800abcd', '3:0800abcd'])
})

t.test('a port without a link, or whose cable is full, loses frames', async (t) => {
  const { box, send, ends } = setup(2)
  ends[1].cable.carrier = false
  t.same(send(1, frame(ALL, station(1))), [])
  ends[1].cable.carrier = true
  ends[1].cable.settings = { ...ends[1].cable.settings, rate: 8 }
  for (let i = 0; i < 300; i++) send(1, frame(ALL, station(1)))
  t.equal(dropped(box, '2'), 300 - 256)
})

t.test('the table is bounded: strangers beyond it are flooded, and old ones make room', async (t) => {
  const { box, send, run } = setup(3)
  for (let i = 0; i <= TABLE_SIZE; i++) send(1, frame(ALL, station(i)))
  t.equal(box.stations.size, TABLE_SIZE)
  t.same(send(2, frame(station(TABLE_SIZE), station(0))).length, 2)
  run(301 * NSEC_PER_SEC)
  send(1, frame(ALL, station(TABLE_SIZE)))
  t.same(send(2, frame(station(TABLE_SIZE), station(0))), ['1:0800abcd'])
})

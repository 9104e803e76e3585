/** The 82559's model by its registers and its memory alone, as a driver that is not ours would use it: a test per row of its tables. */
import t from 'tap'
import { cable, cable_plug, TX_RING } from '../../src/hw/cable.ts'
import { eeprom_read, eeprom_write } from '../../src/hw/eeprom93xx.ts'
import {
  CAUSE_CNA,
  CAUSE_CX,
  CAUSE_FR,
  CAUSE_RNR,
  SCB_ACK,
  SCB_COMMAND,
  SCB_MASK,
  SCB_POINTER,
  SCB_STATUS,
} from '../../src/hw/i82559_csr.ts'
import { CU_ACTIVE, CU_IDLE, CU_SUSPENDED, i82559_tx_done } from '../../src/hw/i82559_cu.ts'
import { i82559_receive, RU_IDLE, RU_NO_RESOURCES, RU_READY, RU_SUSPENDED } from '../../src/hw/i82559_ru.ts'
import { type i82559, i82559_create } from '../../src/hw/i82559.ts'
import { phy_read, phy_set_link } from '../../src/hw/mii_phy.ts'
import {
  pci_bus,
  pci_bus_read,
  pci_bus_write,
  pci_config_read,
  pci_config_write,
  pci_dma_read,
  pci_firmware_setup,
  pci_plug,
} from '../../src/hw/pci.ts'
import { dma_map } from '../../src/kernel/dma_mapping.ts'
import { irq_to_desc } from '../../src/kernel/irq.ts'
import { Kernel } from '../../src/kernel/kernel.ts'
import { EventQueue, NSEC_PER_SEC } from '../../src/kernel/time.ts'
import { get16, put16, put32 } from '../../src/lib/bytes.ts'
import { RandomStream } from '../../src/lib/random.ts'

const CU_START = 0x10
const CU_RESUME = 0x20
const RU_START = 1
const RU_RESUME = 2
const RU_ABORT = 4
const EL = 0x8000
const S = 0x4000
const I = 0x2000
const NOP = 0
const TRANSMIT = 4
/** Of the dump: frames that found no buffer. */
const STAT_RX_RESOURCE = 12
const broadcast = new Uint8Array(60).fill(0xff, 0, 6)

class Bench {
  readonly kernel = new Kernel(new EventQueue(), 1)
  readonly bus = new pci_bus(this.kernel.events, this.kernel.dma, this.kernel.irqs)
  readonly nic: i82559 = i82559_create(this.kernel.events, Uint8Array.of(2, 0, 0, 0, 0, 1))
  readonly memory = new Uint8Array(65536)
  readonly at = dma_map(this.kernel.dma, this.memory)
  constructor() {
    pci_plug(this.bus, 24, this.nic.fn)
    pci_firmware_setup(this.bus, this.nic.fn)
    pci_config_write(this.bus, 24, 4, 2, 7)
  }
  read(offset: number, size = 1): number {
    return pci_bus_read(this.bus, false, 0xfebff000 + offset, size)
  }
  write(offset: number, value: number, size = 1): void {
    pci_bus_write(this.bus, false, 0xfebff000 + offset, size, value)
  }
  command(value: number, pointer = 0): void {
    this.write(SCB_POINTER, this.at + pointer, 4)
    this.write(SCB_COMMAND, value)
  }
  /** The state of both units, and the causes since the last look. */
  take(): { cu: number; ru: number; causes: number } {
    const status = this.read(SCB_STATUS)
    const causes = this.read(SCB_ACK)
    this.write(SCB_ACK, causes)
    return { cu: status >> 6, ru: (status >> 2) & 15, causes }
  }
  block(at: number, command: number, link: number): void {
    put16(this.memory, at + 2, command)
    put32(this.memory, at + 4, this.at + link)
  }
  descriptor(at: number, command: number, link: number, size = 1522): void {
    this.block(at, command, link)
    put16(this.memory, at + 14, size)
  }
}

/** A row of a unit's table: what went before, the event, and what is seen of both units then. */
type Row = [name: string, before: (bench: Bench) => void, event: (bench: Bench) => void, seen: Partial<ReturnType<Bench['take']>>]
function rows(unit: string, table: readonly Row[], make: () => Bench): void {
  for (const [name, before, event, seen] of table) {
    t.test(`${unit}: ${name}`, async (t) => {
      const bench = make()
      before(bench)
      bench.take()
      event(bench)
      t.match(bench.take(), seen)
    })
  }
}
const nothing = () => {}
/** One after the other. */
const after =
  (...steps: ((bench: Bench) => void)[]) =>
  (bench: Bench) => {
    for (const step of steps) step(bench)
  }
const reset = (bench: Bench) => bench.write(8, 0, 4)

/** Blocks: 0 with I, 128 with S, 192 with EL and I, 256 leads to no memory, 320 carries a frame for a slow cable. */
function withBlocks(): Bench {
  const bench = new Bench()
  bench.block(0, NOP | I, 64)
  bench.block(64, NOP, 128)
  bench.block(128, NOP | S, 192)
  bench.block(192, NOP | EL | I, 0)
  bench.block(256, NOP | I, 0)
  put32(bench.memory, 260, 0x40)
  bench.block(320, TRANSMIT | S, 192)
  put32(bench.memory, 328, 0xffffffff)
  put16(bench.memory, 332, 60)
  return bench
}
const startAt = (at: number) => (bench: Bench) => bench.command(CU_START, at)
const resume = (bench: Bench) => bench.command(CU_RESUME)
/** A cable that is still busy with as many frames as it takes: its next place is free after a millisecond. */
function slowCable(bench: Bench): void {
  const line = new cable(bench.kernel.events, new RandomStream(1, 'line'), { rate: 480_000 })
  cable_plug(line.ends[0], bench.nic, i82559_receive, i82559_tx_done)
  bench.nic.end = line.ends[0]
  for (let i = 0; i < TX_RING; i++) line.ends[0].transmit(broadcast)
}
rows(
  'command unit',
  [
    ['idle, start', nothing, startAt(256), { cu: CU_ACTIVE }],
    ['suspended, start', startAt(128), startAt(256), { cu: CU_ACTIVE }],
    ['suspended, resume: it goes on where it was', startAt(128), resume, { cu: CU_IDLE, causes: CAUSE_CX | CAUSE_CNA }],
    ['active, a block is done, none of S EL', nothing, startAt(256), { cu: CU_ACTIVE, causes: CAUSE_CX }],
    ['active, with S, blocks before it with and without I', nothing, startAt(0), { cu: CU_SUSPENDED, causes: CAUSE_CX | CAUSE_CNA }],
    ['active, with S, none with I', nothing, startAt(64), { cu: CU_SUSPENDED, causes: CAUSE_CNA }],
    ['active, with EL', nothing, startAt(192), { cu: CU_IDLE, causes: CAUSE_CX | CAUSE_CNA }],
    ['active, the cable takes no more', slowCable, startAt(320), { cu: CU_ACTIVE, causes: 0 }],
    [
      'active, the cable takes it',
      after(slowCable, startAt(320)),
      (b) => b.kernel.events.runUntil(1e6),
      { cu: CU_SUSPENDED, causes: CAUSE_CNA },
    ],
    ['active, memory does not answer: it hangs', startAt(256), (b) => b.kernel.events.runUntil(NSEC_PER_SEC), { cu: CU_ACTIVE, causes: 0 }],
    ['active, start: not before a reset', startAt(256), resume, { cu: CU_ACTIVE, causes: 0 }],
    ['active, reset', startAt(256), reset, { cu: CU_IDLE, causes: 0 }],
    ['suspended, reset', startAt(128), reset, { cu: CU_IDLE, causes: 0 }],
  ],
  withBlocks,
)
t.test('command unit: each block that is done says so, and no other', async (t) => {
  const bench = withBlocks()
  bench.command(CU_START)
  t.same(
    [0, 64, 128, 192].map((at) => get16(bench.memory, at)),
    [0xa000, 0xa000, 0xa000, 0],
  )
})

t.test('a list that leads nowhere hangs the unit until a reset', async (t) => {
  const bench = new Bench()
  put32(bench.memory, 4, 0x40)
  bench.command(CU_START)
  t.match(bench.take(), { cu: CU_ACTIVE, causes: 0 })
  t.equal(pci_config_read(bench.bus, 24, 6, 2) & 0x2000, 0x2000, 'a master abort shows in the status')
  bench.write(8, 0, 4)
  t.match(bench.take(), { cu: CU_IDLE })
})

t.test('a ring without an end does not stop the clock', async (t) => {
  const bench = new Bench()
  bench.block(0, NOP, 0)
  bench.command(CU_START)
  bench.kernel.events.runUntil(NSEC_PER_SEC / 1000)
  t.equal(bench.kernel.events.now, NSEC_PER_SEC / 1000)
  t.match(bench.take(), { cu: CU_ACTIVE })
})

t.test('a slow cable holds the unit up, and no frame is lost', async (t) => {
  const bench = new Bench()
  const line = new cable(bench.kernel.events, new RandomStream(1, 'line'), { rate: 1_000_000 })
  cable_plug(
    line.ends[1],
    undefined,
    () => {},
    () => {},
  )
  cable_plug(line.ends[0], bench.nic, i82559_receive, i82559_tx_done)
  bench.nic.end = line.ends[0]
  bench.block(0, TRANSMIT, 0)
  put32(bench.memory, 8, 0xffffffff)
  put16(bench.memory, 12, 60)
  bench.command(CU_START)
  bench.kernel.events.runUntil(NSEC_PER_SEC)
  t.match(bench.take(), { cu: CU_ACTIVE })
  t.ok(Math.abs(line.sent[0] - 1_000_000 / 480) < 2, 'as many as a megabit carries in a second')
})

/** Descriptors: 0 plain, 2048 with S, 4096 with EL, 6144 with EL and size 0. */
function withDescriptors(): Bench {
  const bench = new Bench()
  bench.descriptor(0, 0, 2048)
  bench.descriptor(2048, S, 4096)
  bench.descriptor(4096, EL, 6144)
  bench.descriptor(6144, EL, 0, 0)
  return bench
}
const frame = (bench: Bench) => i82559_receive(bench.nic, broadcast)
const receiveAt = (at: number) => (bench: Bench) => bench.command(RU_START, at)
const suspended = after(receiveAt(2048), frame)
const withoutResources = after(receiveAt(4096), frame)
const abort = (bench: Bench) => bench.command(RU_ABORT)
const go_on = (bench: Bench) => bench.command(RU_RESUME)
rows(
  'receive unit',
  [
    ['idle, start', nothing, receiveAt(0), { ru: RU_READY, causes: 0 }],
    ['no resources, start', withoutResources, receiveAt(0), { ru: RU_READY, causes: 0 }],
    ['suspended, start', suspended, receiveAt(0), { ru: RU_READY, causes: 0 }],
    ['suspended, resume', suspended, go_on, { ru: RU_READY, causes: 0 }],
    ['idle, resume: nowhere to go on', nothing, go_on, { ru: RU_IDLE, causes: 0 }],
    ['ready, a frame, neither S nor EL', receiveAt(0), frame, { ru: RU_READY, causes: CAUSE_FR }],
    ['ready, a frame, S', receiveAt(2048), frame, { ru: RU_SUSPENDED, causes: CAUSE_FR | CAUSE_RNR }],
    ['ready, a frame, EL', receiveAt(4096), frame, { ru: RU_NO_RESOURCES, causes: CAUSE_FR | CAUSE_RNR }],
    ['ready, a frame, EL and size 0: lost', receiveAt(6144), frame, { ru: RU_NO_RESOURCES, causes: CAUSE_RNR }],
    ['ready, abort', receiveAt(0), abort, { ru: RU_IDLE, causes: CAUSE_RNR }],
    ['idle, a frame: lost', nothing, frame, { ru: RU_IDLE, causes: CAUSE_RNR }],
    ['suspended, a frame: lost', suspended, frame, { ru: RU_SUSPENDED, causes: CAUSE_RNR }],
    ['no resources, a frame: lost', withoutResources, frame, { ru: RU_NO_RESOURCES, causes: CAUSE_RNR }],
    ['ready, reset', receiveAt(0), reset, { ru: RU_IDLE, causes: 0 }],
    ['suspended, reset', suspended, reset, { ru: RU_IDLE, causes: 0 }],
    ['no resources, reset', withoutResources, reset, { ru: RU_IDLE, causes: 0 }],
  ],
  withDescriptors,
)
t.test('receive unit: a descriptor tells of its frame, the next but one of none; what was lost is counted', async (t) => {
  const bench = withDescriptors()
  frame(bench)
  receiveAt(0)(bench)
  frame(bench)
  t.same([get16(bench.memory, 0), get16(bench.memory, 12)], [0xa002, 0xc000 | 60], 'complete, to a group, of 60 bytes')
  receiveAt(6144)(bench)
  frame(bench)
  t.equal(get16(bench.memory, 6144), 0, 'a descriptor of size 0 is not touched')
  t.equal(bench.nic.statistics[STAT_RX_RESOURCE], 2)
})

t.test('the pin follows causes and masks', async (t) => {
  const bench = new Bench()
  const raised = () => irq_to_desc(bench.kernel.irqs, 11).holders.size > 0
  bench.write(SCB_MASK, 1)
  bench.write(SCB_MASK, 3)
  t.equal(raised(), false, 'all are masked')
  bench.write(SCB_MASK, 0)
  t.equal(raised(), true)
  bench.take()
  t.equal(raised(), false, 'acknowledged')
  bench.write(SCB_MASK, 2)
  t.equal(raised(), true, 'software asks for one')
  pci_config_write(bench.bus, 24, 4, 2, 0x407)
  t.equal(raised(), false, 'the command register masks it')
})

t.test('its serial EEPROM writes when it is told to, and only then', async (t) => {
  const { eeprom } = new Bench().nic
  const send = (bits: string) => {
    for (const bit of bits) {
      eeprom_write(eeprom, true, false, bit === '1')
      eeprom_write(eeprom, true, true, bit === '1')
    }
    const out = eeprom_read(eeprom)
    eeprom_write(eeprom, false, false, false)
    return out
  }
  const write = `101${'000111'}${'1010101010101010'}`
  const before = eeprom.words[7]
  send(write)
  t.equal(eeprom.words[7], before)
  send('100110000')
  send(write)
  t.equal(eeprom.words[7], 0xaaaa)
  t.equal(send('110000111'), false, 'a 0 follows the last bit of the address')
  send('100000000')
  send(`101${'000111'}${'0'.repeat(16)}`)
  t.equal(eeprom.words[7], 0xaaaa)
})

t.test('a link that was lost reads as lost once', async (t) => {
  const { phy } = new Bench().nic
  t.equal(phy_read(phy, 1) & 4, 4)
  phy_set_link(phy, false)
  phy_set_link(phy, true)
  t.same([phy_read(phy, 1) & 4, phy_read(phy, 1) & 4], [0, 4])
})

t.test('in D3 nothing answers, and coming back resets', async (t) => {
  const bench = new Bench()
  bench.write(SCB_MASK, 1)
  pci_config_write(bench.bus, 24, 0xe0, 2, 3)
  t.equal(bench.read(SCB_MASK), 0xff)
  pci_config_write(bench.bus, 24, 0xe0, 2, 0)
  t.equal(bench.read(SCB_MASK), 0xff, 'its windows are gone')
  pci_config_write(bench.bus, 24, 0x10, 4, 0xfebff000)
  pci_config_write(bench.bus, 24, 4, 2, 7)
  t.equal(bench.read(SCB_MASK), 0)
})

const PME_STATUS = 0x80
const magic = Uint8Array.from({ length: 14 + 6 + 96 }, (_, i) => (i < 20 ? 0xff : [2, 0, 0, 0, 0, 1][(i - 20) % 6]))
/** Whether it has signalled since it went to sleep. */
function sleepAndHear(bench: Bench, frame: Uint8Array, disabled = false): boolean {
  if (disabled) bench.nic.configuration[19] |= 2
  pci_config_write(bench.bus, 24, 0xe0, 2, 0x103)
  i82559_receive(bench.nic, frame)
  return (pci_config_read(bench.bus, 24, 0xe1, 1) & PME_STATUS) !== 0
}
t.test('asleep: a magic packet for this station is signalled, and raises the line of wake events', async (t) => {
  const bench = new Bench()
  t.equal(sleepAndHear(bench, magic), true)
  t.equal(irq_to_desc(bench.kernel.irqs, 9).holders.size, 1)
  pci_config_write(bench.bus, 24, 0xe0, 2, 0x8103)
  t.equal(irq_to_desc(bench.kernel.irqs, 9).holders.size, 0, 'acknowledged')
})
t.test('asleep: one for another station is not, nor any other frame', async (t) => {
  t.equal(
    sleepAndHear(
      new Bench(),
      magic.map((b, i) => (i === 115 ? b ^ 1 : b)),
    ),
    false,
  )
  t.equal(sleepAndHear(new Bench(), broadcast), false)
})
t.test('asleep: none is when the configuration says so', async (t) => {
  t.equal(sleepAndHear(new Bench(), magic, true), false)
})
t.test('awake: a magic packet is a frame as any other', async (t) => {
  const bench = new Bench()
  i82559_receive(bench.nic, magic)
  t.equal(pci_config_read(bench.bus, 24, 0xe1, 1) & PME_STATUS, 0)
  t.equal(bench.nic.statistics[STAT_RX_RESOURCE], 1, 'without a buffer')
})
t.test('without the right to master the bus it reaches no memory, and awake it must be', async (t) => {
  const bench = new Bench()
  t.ok(pci_dma_read(bench.nic.fn, bench.at, 4))
  pci_config_write(bench.bus, 24, 4, 2, 3)
  t.equal(pci_dma_read(bench.nic.fn, bench.at, 4), undefined)
  pci_config_write(bench.bus, 24, 4, 2, 7)
  pci_config_write(bench.bus, 24, 0xe0, 2, 3)
  t.equal(pci_dma_read(bench.nic.fn, bench.at, 4), undefined)
})

/** The 82559's model by its registers and its memory alone, as a driver that is not ours would use it: a test per row of its tables. */
import t from 'tap'
import { cable, cable_plug } from '../../src/hw/cable.ts'
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
import { CU_ACTIVE, CU_IDLE, CU_SUSPENDED } from '../../src/hw/i82559_cu.ts'
import { i82559_receive, RU_IDLE, RU_NO_RESOURCES, RU_READY, RU_SUSPENDED } from '../../src/hw/i82559_ru.ts'
import { type i82559, i82559_create } from '../../src/hw/i82559.ts'
import { phy_read, phy_set_link } from '../../src/hw/mii_phy.ts'
import { pci_bus, pci_bus_read, pci_bus_write, pci_config_read, pci_config_write, pci_dma_read, pci_plug } from '../../src/hw/pci.ts'
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
const broadcast = new Uint8Array(60).fill(0xff, 0, 6)

class Bench {
  readonly kernel = new Kernel(new EventQueue(), 1)
  readonly bus = new pci_bus(this.kernel.events, this.kernel.dma, this.kernel.irqs)
  readonly nic: i82559 = i82559_create(this.kernel.events, Uint8Array.of(2, 0, 0, 0, 0, 1))
  readonly memory = new Uint8Array(65536)
  readonly at = dma_map(this.kernel.dma, this.memory)
  constructor() {
    pci_plug(this.bus, 24, this.nic.fn)
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

t.test('command unit', async (t) => {
  const bench = new Bench()
  bench.block(0, NOP, 64)
  bench.block(64, NOP | I, 128)
  bench.block(128, NOP | S, 192)
  bench.block(192, NOP | EL, 0)
  t.match(bench.take(), { cu: CU_IDLE })
  bench.command(CU_START)
  t.same(bench.take(), { cu: CU_SUSPENDED, ru: RU_IDLE, causes: CAUSE_CX | CAUSE_CNA }, 'started, three blocks, suspended')
  t.same(
    [0, 64, 128, 192].map((at) => get16(bench.memory, at)),
    [0xa000, 0xa000, 0xa000, 0],
    'each says that it is done',
  )
  bench.command(CU_RESUME)
  t.match(bench.take(), { cu: CU_IDLE, causes: CAUSE_CNA }, 'resumed, the list has ended')
  bench.command(CU_START, 128)
  t.match(bench.take(), { cu: CU_SUSPENDED })
  bench.command(CU_START, 192)
  t.match(bench.take(), { cu: CU_IDLE }, 'started from suspended')
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
  const { i82559_tx_done } = await import('../../src/hw/i82559_cu.ts')
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

t.test('receive unit', async (t) => {
  const bench = new Bench()
  const frame = () => i82559_receive(bench.nic, broadcast)
  frame()
  t.match(bench.take(), { ru: RU_IDLE, causes: CAUSE_RNR }, 'idle: lost')
  bench.descriptor(0, 0, 2048)
  bench.descriptor(2048, S, 4096)
  bench.descriptor(4096, EL, 6144)
  bench.descriptor(6144, EL, 0, 0)
  bench.command(RU_START)
  t.match(bench.take(), { ru: RU_READY })
  frame()
  t.match(bench.take(), { ru: RU_READY, causes: CAUSE_FR })
  t.same([get16(bench.memory, 0), get16(bench.memory, 12)], [0xa002, 0xc000 | 60], 'complete, to a group, of 60 bytes')
  frame()
  t.match(bench.take(), { ru: RU_SUSPENDED, causes: CAUSE_FR | CAUSE_RNR })
  bench.command(RU_RESUME)
  t.match(bench.take(), { ru: RU_READY })
  frame()
  t.match(bench.take(), { ru: RU_NO_RESOURCES, causes: CAUSE_FR | CAUSE_RNR })
  bench.command(RU_START, 6144)
  frame()
  t.match(bench.take(), { ru: RU_NO_RESOURCES, causes: CAUSE_RNR })
  t.equal(get16(bench.memory, 6144), 0, 'a descriptor of size 0 is not touched')
  bench.command(RU_START)
  bench.command(RU_ABORT)
  t.match(bench.take(), { ru: RU_IDLE, causes: CAUSE_RNR })
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
  t.equal(bench.nic.statistics[12], 1, 'without a buffer')
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

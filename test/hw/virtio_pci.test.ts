/** virtio over PCI at its registers: the table of its status row by row; rings that make no sense. */
import t from 'tap'
import { virtio_net_create, type virtio_net } from '../../src/hw/virtio_net.ts'
import type { virtio_pci } from '../../src/hw/virtio_pci.ts'
import { dma_region_of } from '../../src/kernel/dma_mapping.ts'
import { NSEC_PER_SEC } from '../../src/kernel/time.ts'
import { Lab } from '../../src/lab/lab.ts'
import { buildLab } from '../../src/lab/topology.ts'
import { bus_of } from '../../src/init/pci.ts'
import { get16, get32, put16, put32, put64 } from '../../src/lib/bytes.ts'
import { RandomStream } from '../../src/lib/random.ts'

const ACKNOWLEDGE = 1
const DRIVER = 2
const DRIVER_OK = 4
const FEATURES_OK = 8
const NEEDS_RESET = 64
const UP_TO_DRIVER = ACKNOWLEDGE | DRIVER
const TX = 1

function bare(): virtio_pci {
  return virtio_net_create(Uint8Array.of(2, 0, 0, 0, 0, 1), 1).pci
}
const status = (pci: virtio_pci) => pci.read(4, 20, 1)
const setStatus = (pci: virtio_pci, value: number) => pci.write(4, 20, 1, value)
const accept = (pci: virtio_pci, low: number, high: number) => {
  for (const [i, value] of [low, high].entries()) {
    pci.write(4, 8, 4, i)
    pci.write(4, 12, 4, value)
  }
}
const offered = (pci: virtio_pci): [number, number] => {
  pci.write(4, 0, 4, 0)
  const low = pci.read(4, 4, 4)
  pci.write(4, 0, 4, 1)
  return [low, pci.read(4, 4, 4)]
}

t.test('status: any, 0 is written', async (t) => {
  const pci = bare()
  setStatus(pci, UP_TO_DRIVER)
  accept(pci, ...offered(pci))
  pci.write(4, 22, 2, TX)
  pci.write(4, 32, 4, 0x1000)
  pci.write(4, 28, 2, 1)
  setStatus(pci, 0)
  t.equal(status(pci), 0)
  pci.write(4, 22, 2, TX)
  t.strictSame([pci.read(4, 28, 2), pci.read(4, 32, 4)], [0, 0], 'the queue is off and has no address')
  pci.write(4, 8, 4, 1)
  t.equal(pci.read(4, 12, 4), 0, 'features are gone')
})

t.test('status: below DRIVER, ACKNOWLEDGE and DRIVER', async (t) => {
  const pci = bare()
  setStatus(pci, ACKNOWLEDGE)
  t.equal(status(pci), ACKNOWLEDGE)
  setStatus(pci, UP_TO_DRIVER)
  t.equal(status(pci), UP_TO_DRIVER)
})

t.test('status: DRIVER, FEATURES_OK with a part of those that are offered', async (t) => {
  const pci = bare()
  setStatus(pci, UP_TO_DRIVER)
  accept(pci, 0, 1)
  setStatus(pci, UP_TO_DRIVER | FEATURES_OK)
  t.equal(status(pci), UP_TO_DRIVER | FEATURES_OK)
  accept(pci, 0, 0)
  pci.write(4, 8, 4, 1)
  t.equal(pci.read(4, 12, 4), 1, 'and it stays with them')
})

t.test('status: DRIVER, FEATURES_OK with one that is not offered, or without VERSION_1', async (t) => {
  for (const [low, high] of [
    [1, 1],
    [0, 0],
  ]) {
    const pci = bare()
    setStatus(pci, UP_TO_DRIVER)
    t.equal(offered(pci)[0] & 1, 0, 'checksums are not offered')
    accept(pci, low, high)
    setStatus(pci, UP_TO_DRIVER | FEATURES_OK)
    t.equal(status(pci), UP_TO_DRIVER)
  }
})

t.test('a queue: its size is a power of two and not above the largest; one that runs keeps its addresses', async (t) => {
  const pci = bare()
  pci.write(4, 22, 2, TX)
  t.equal(pci.read(4, 24, 2), 256)
  for (const size of [512, 100, 0]) pci.write(4, 24, 2, size)
  t.equal(pci.read(4, 24, 2), 256)
  pci.write(4, 24, 2, 64)
  pci.write(4, 32, 4, 0x1000)
  pci.write(4, 28, 2, 1)
  pci.write(4, 32, 4, 0x2000)
  pci.write(4, 24, 2, 128)
  t.strictSame([pci.read(4, 24, 2), pci.read(4, 32, 4)], [64, 0x1000])
  pci.write(4, 22, 2, 9)
  t.equal(pci.read(4, 24, 2), 0, 'there is no such queue')
})

/** Two hosts; a's device with its driver. */
function pair(): { lab: Lab; pci: virtio_pci } {
  const lab = new Lab()
  const device = { name: 'eth0', model: 'virtio-net' as const }
  const hosts = { a: { devices: [{ ...device, addresses: ['10.0.0.1/24'] }] }, b: { devices: [{ ...device, addresses: ['10.0.0.2/24'] }] } }
  buildLab(lab, { hosts, wires: [{ ends: ['a/eth0', 'b/eth0'] }] })
  lab.advance(2 * NSEC_PER_SEC)
  const pci = bus_of(lab.host('a').kernel).functions.get(3 << 3)?.model as virtio_pci
  return { lab, pci }
}
const memory = (pci: virtio_pci, address: number, length: number): Uint8Array => {
  const region = dma_region_of((pci.fn.bus as NonNullable<typeof pci.fn.bus>).memory, address, length)
  if (region === undefined) throw new Error('no memory there')
  return region.bytes.subarray(address - region.addr, address - region.addr + length)
}
/** Offers descriptor `head` of the queue that sends. */
function offer(pci: virtio_pci, head: number): void {
  const vq = pci.queues[TX]
  const avail = memory(pci, vq.avail, 6 + 2 * vq.size)
  const idx = get16(avail, 2)
  put16(avail, 4 + 2 * (idx % vq.size), head)
  put16(avail, 2, idx + 1)
  pci.write(4, 0x3000 + 4 * TX, 2, TX)
}
function descriptor(pci: virtio_pci, i: number, address: number, length: number, flags: number, next: number): void {
  const d = memory(pci, pci.queues[TX].desc + 16 * i, 16)
  put64(d, 0, address)
  put32(d, 8, length)
  put16(d, 12, flags)
  put16(d, 14, next)
}

t.test('status: DRIVER_OK, a ring makes no sense', async (t) => {
  const bad: Record<string, (pci: virtio_pci) => void> = {
    'a head beyond the table': (pci) => offer(pci, 300),
    'memory that is not mapped': (pci) => {
      descriptor(pci, 5, 0x7fff0000, 100, 0, 0)
      offer(pci, 5)
    },
    'a chain that bites its tail': (pci) => {
      descriptor(pci, 5, pci.queues[TX].desc, 16, 1, 5)
      offer(pci, 5)
    },
    'a next one beyond the table': (pci) => {
      descriptor(pci, 5, pci.queues[TX].desc, 16, 1, 999)
      offer(pci, 5)
    },
    'something to read behind something to write': (pci) => {
      descriptor(pci, 5, pci.queues[TX].desc, 16, 3, 6)
      descriptor(pci, 6, pci.queues[TX].desc, 16, 0, 0)
      offer(pci, 5)
    },
    'no length': (pci) => {
      descriptor(pci, 5, pci.queues[TX].desc, 0, 0, 0)
      offer(pci, 5)
    },
    'an indirect table of half a descriptor': (pci) => {
      descriptor(pci, 5, pci.queues[TX].desc, 24, 4, 0)
      offer(pci, 5)
    },
    'more than there are descriptors': (pci) => {
      const avail = memory(pci, pci.queues[TX].avail, 4)
      put16(avail, 2, get16(avail, 2) + 300)
      pci.write(4, 0x3000 + 4 * TX, 2, TX)
    },
  }
  for (const [what, does] of Object.entries(bad)) {
    const { lab, pci } = pair()
    t.equal(status(pci), UP_TO_DRIVER | FEATURES_OK | DRIVER_OK)
    const generation = pci.read(4, 21, 1)
    does(pci)
    t.equal(status(pci) & NEEDS_RESET, NEEDS_RESET, what)
    t.not(pci.read(4, 21, 1), generation, 'the configuration has changed')
    const before = pci.queues[TX].last_avail
    pci.write(4, 0x3000 + 4 * TX, 2, TX)
    t.equal(pci.queues[TX].last_avail, before, 'nothing is heard')
    lab.advance(NSEC_PER_SEC)
  }
})

t.test('whatever stands in the rings, the device does not fall, and a reset brings it back', async (t) => {
  const { lab, pci } = pair()
  const random = new RandomStream(7, 'rings')
  let broken = 0
  for (let round = 0; round < 300; round++) {
    const vq = pci.queues[TX]
    const desc = memory(pci, vq.desc, 16 * vq.size)
    const avail = memory(pci, vq.avail, 6 + 2 * vq.size)
    for (let n = 0; n < 40; n++) {
      const bytes = random.u32() & 1 ? desc : avail
      bytes[random.u32() % bytes.length] = random.u32()
    }
    // half of them with addresses that exist
    for (let i = 0; i < 8; i++)
      descriptor(pci, i, vq.desc + (random.u32() % 64), 1 + (random.u32() % 200), random.u32() % 8, random.u32() % 9)
    put16(avail, 2, vq.last_avail + (random.u32() % 5))
    pci.write(4, 0x3000 + 4 * TX, 2, TX)
    if (status(pci) & NEEDS_RESET) {
      broken++
      pci.status &= ~NEEDS_RESET
    }
    t.ok(get32(memory(pci, vq.used, 4), 0) >= 0)
  }
  t.ok(broken > 50 && broken < 300, `${broken} of 300 were broken`)
  setStatus(pci, 0)
  t.equal(status(pci), 0)
  t.equal((pci.model as virtio_net).active, 1)
  lab.advance(0)
})

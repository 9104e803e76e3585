/**
 * NICs and their drivers under seeded nonsense: registers, configuration space, descriptors that point nowhere, loops, wrong
 * lengths, wild indices, frames of noise. Nothing throws, nothing grows, time goes on, and a driver that is bound anew works.
 */
import t from 'tap'
import { bus_of } from '../../src/init/pci.ts'
import type { pci_dev } from '../../src/drivers/pci/pci.ts'
import { pci_restore_state, pci_save_state } from '../../src/drivers/pci/pci.ts'
import { device_bind, device_unbind } from '../../src/drivers/pci/probe.ts'
import { pci_bus_read, pci_bus_write, pci_config_write } from '../../src/hw/pci.ts'
import type { dma_region } from '../../src/kernel/dma_mapping.ts'
import type { Kernel } from '../../src/kernel/kernel.ts'
import { NSEC_PER_MSEC, NSEC_PER_SEC } from '../../src/kernel/time.ts'
import { RandomStream } from '../../src/lib/random.ts'
import { Lab } from '../../src/lab/lab.ts'
import { buildLab } from '../../src/lab/topology.ts'
import { dev_change_flags } from '../../src/net/core/dev.ts'
import { dev_get_stats } from '../../src/net/core/dev_stats.ts'
import { dev_queue_xmit } from '../../src/net/core/dev_xmit.ts'
import type { net_device } from '../../src/net/core/netdevice.ts'
import { dev_alloc_skb, skb_put } from '../../src/net/core/skbuff.ts'
import { IFF_UP } from '../../src/uapi/linux/if.ts'

const SEEDS = 4
const STEPS = 600
const DEVFN = 3 << 3
/** Values that descriptors and registers take badly. */
const EDGES = [0, 1, 2, 4, 0x10, 0x40, 0x7f, 0x80, 0xa0, 0xc0, 0xfe, 0xff]

type Model = '82559' | 'virtio-net'

class Rig {
  readonly lab = new Lab({ transcript: 0 })
  readonly kernel: Kernel
  readonly random: RandomStream
  readonly pdev: pci_dev
  readonly config: number[]
  constructor(model: Model, seed: number) {
    this.random = new RandomStream(seed, `hardware ${model}`)
    const host = { ipv6: false, devices: [{ name: 'eth0', model, ...(model === 'virtio-net' ? { queues: 2 } : {}) }] }
    buildLab(this.lab, { hosts: { a: host, b: host }, wires: [{ ends: ['a/eth0', 'b/eth0'] }] })
    this.kernel = this.lab.host('b').kernel
    this.pdev = this.kernel.pci?.devices[0] as pci_dev
    this.config = pci_save_state(this.pdev)
    for (const name of ['a', 'b']) this.up(name)
    this.lab.advance(NSEC_PER_SEC)
  }
  dev(host: string): net_device | undefined {
    return this.lab.host(host).kernel.init_net.dev_name_head.get('eth0')
  }
  up(host: string): void {
    const dev = this.dev(host)
    if (dev !== undefined) dev_change_flags(dev, dev.flags | IFF_UP)
  }
  byte(): number {
    return this.random.below(2) === 0 ? EDGES[this.random.below(EDGES.length)] : this.random.below(256)
  }
  /** A run of bytes in memory that the device reaches: rings, descriptors, buffers. */
  corruptMemory(): void {
    const regions = this.kernel.dma.pages.filter((region): region is dma_region => region !== undefined)
    if (regions.length === 0) return
    // rings were mapped first: as often them as all the buffers
    const { bytes } = regions[this.random.below(this.random.below(2) === 0 ? Math.min(6, regions.length) : regions.length)]
    const at = this.random.below(bytes.length)
    for (let i = 0; i < 1 + this.random.below(4) && at + i < bytes.length; i++) bytes[at + i] = this.byte()
  }
  /** An address of somebody else's memory, or of nobody's, where an address may be. */
  misdirect(): void {
    const regions = this.kernel.dma.pages.filter((region): region is dma_region => region !== undefined)
    if (regions.length === 0) return
    const { bytes } = regions[this.random.below(Math.min(6, regions.length))]
    const target = regions[this.random.below(regions.length)].addr + (this.random.below(3) === 0 ? 0x7ff0_0000 : this.random.below(4096))
    const at = this.random.below(Math.max(1, bytes.length >> 2)) * 4
    for (let i = 0; i < 4 && at + i < bytes.length; i++) bytes[at + i] = (target >>> (8 * i)) & 0xff
  }
  register(): void {
    const bus = bus_of(this.kernel)
    const { resource } = this.pdev
    const { start, end, flags } = resource[this.random.below(resource.length)]
    if (flags === 0) return
    const size = [1, 2, 4][this.random.below(3)]
    const address = start + this.random.below(Math.min(end - start + 1, this.random.below(2) === 0 ? 64 : 0x4000))
    const io = (flags & 0x100) !== 0
    if (this.random.below(3) === 0) pci_bus_read(bus, io, address, size)
    else pci_bus_write(bus, io, address, size, [this.byte(), this.random.below(0x10000), this.random.below(2 ** 32)][this.random.below(3)])
  }
  configuration(): void {
    pci_config_write(bus_of(this.kernel), DEVFN, this.random.below(256), [1, 2, 4][this.random.below(3)], this.random.below(2 ** 32))
  }
  /** A frame of noise arrives, for this station, a group or all. */
  noise(): void {
    const frame = this.random.bytes([0, 1, 13, 14, 60, 60 + this.random.below(1458), 1519, 3000, 9000][this.random.below(9)])
    const dev = this.dev('b')
    if (dev !== undefined && frame.length >= 6 && this.random.below(2) === 0) frame.set(dev.dev_addr.subarray(0, 6))
    this.lab.wires.get('wire0')?.cable.ends[0].transmit(frame)
  }
  send(from: string, to: string): void {
    const dev = this.dev(from)
    const peer = this.dev(to)
    if (dev === undefined || !(dev.flags & IFF_UP)) return
    const size = 60 + this.random.below(1400)
    const skb = dev_alloc_skb(dev, size)
    const at = skb_put(skb, size)
    skb.buf.set(peer?.dev_addr.subarray(0, 6) ?? new Uint8Array(6).fill(0xff), at)
    skb.buf.set([0x88, 0xb5], at + 12)
    skb.mac_header = at
    dev_queue_xmit(skb)
  }
  step(): void {
    const acts = [this.corruptMemory, this.corruptMemory, this.misdirect, this.register, this.register, this.noise]
    if (this.random.below(40) === 0) this.configuration()
    else acts[this.random.below(acts.length)].call(this)
    this.send('a', 'b')
    this.send('b', 'a')
    this.lab.advance(this.random.below(50) === 0 ? 3 * NSEC_PER_SEC : NSEC_PER_MSEC)
  }
  /** The driver goes, the function gets back what firmware gave it, and the driver comes again. */
  bindAgain(): void {
    const { driver } = this.pdev
    device_unbind(this.pdev)
    this.lab.advance(NSEC_PER_SEC)
    pci_config_write(bus_of(this.kernel), DEVFN, this.pdev.pm_cap === 0 ? 0xff : this.pdev.pm_cap + 4, 2, 0)
    pci_restore_state(this.pdev, this.config)
    if (driver !== undefined) device_bind(driver, this.pdev)
    this.up('b')
    this.lab.advance(3 * NSEC_PER_SEC)
  }
  mappings(): number {
    return new Set(this.kernel.dma.pages.filter((region) => region !== undefined)).size
  }
}

for (const model of ['82559', 'virtio-net'] as const) {
  t.test(`${model}: whatever stands in registers and rings`, async (t) => {
    for (let seed = 1; seed <= SEEDS; seed++) {
      const rig = new Rig(model, seed)
      const before = { mappings: rig.mappings(), events: rig.lab.events.heap.size }
      for (let i = 0; i < STEPS; i++) rig.step()
      t.ok(rig.lab.events.heap.size < before.events + 600, `seed ${seed}: no heap of timers, but frames under way`)
      rig.bindAgain()
      const dev = rig.dev('b') as net_device
      t.ok(dev, `seed ${seed}: the device is there again`)
      t.ok(Math.abs(rig.mappings() - before.mappings) < 64, `seed ${seed}: ${before.mappings} mappings before, ${rig.mappings()} after`)
      const received = dev_get_stats(dev).rx_packets
      for (let i = 0; i < 3; i++) rig.send('a', 'b')
      rig.lab.advance(NSEC_PER_SEC)
      t.ok(dev_get_stats(dev).rx_packets >= received + 3, `seed ${seed}: frames arrive`)
    }
  })
}

t.test('the same seed does the same', async (t) => {
  const run = () => {
    const rig = new Rig('82559', 9)
    for (let i = 0; i < 200; i++) rig.step()
    const dev = rig.dev('b')
    return { now: rig.lab.events.now, faults: rig.kernel.dma.faults, stats: dev && dev_get_stats(dev), log: rig.lab.host('b').dmesg() }
  }
  t.same(run(), run())
})

/**
 * Forwarding through NIC models: UDP in frames of 60 bytes (64 with their checksum) comes in on one NIC of a router and
 * leaves by the other, both with rings, DMA and interrupts. `node dist/test/bench/nics.js`.
 */
import type { cable_end } from '../../src/hw/cable.ts'
import { createLab, type Lab, type LabOptions } from '../../src/index.ts'
import { NSEC_PER_SEC } from '../../src/kernel/time.ts'
import type { DeviceSpec } from '../../src/init/devices.ts'
import { buildLab } from '../../src/lab/topology.ts'

const BURST = 64
const BURSTS = 600

/** A router between two cables: who puts frames onto the first counts what comes out of the second. */
export class Router {
  readonly lab: Lab
  arrived = 0
  private readonly frame = udp()
  private readonly near: cable_end
  private constructor(lab: Lab) {
    this.lab = lab
    const [near, far] = [...lab.wires.values()].map(({ cable }) => cable)
    this.near = near.ends[0]
    far.ends[1].receive = () => void this.arrived++
  }
  static async make(model: DeviceSpec['model'], options: LabOptions = {}): Promise<Router> {
    const lab = createLab({ seed: 1, ...options })
    const nic = (name: string, address: string, mac: string) => ({ name, model, mac, addresses: [address] })
    buildLab(lab, {
      hosts: {
        a: { ipv6: false, devices: [{ name: 'eth0', model: 'plain', mac: '02:00:00:00:00:0a', addresses: ['10.1.0.1/24'] }] },
        r: { ipv6: false, devices: [nic('eth0', '10.1.0.2/24', '02:00:00:00:00:01'), nic('eth1', '10.2.0.2/24', '02:00:00:00:00:02')] },
        b: { ipv6: false, devices: [{ name: 'eth0', model: 'plain', mac: '02:00:00:00:00:0b', addresses: ['10.2.0.1/24'] }] },
      },
      wires: [{ ends: ['a/eth0', 'r/eth0'] }, { ends: ['r/eth1', 'b/eth0'] }],
    })
    lab.advance(5 * NSEC_PER_SEC)
    const neighbour = 'ip neigh replace 10.2.0.1 lladdr 02:00:00:00:00:0b dev eth1 nud permanent; echo 1 >/proc/sys/net/ipv4/ip_forward'
    const { code, stderr } = await lab.host('r').run('sh', ['-c', neighbour])
    if (code !== 0) throw new Error(stderr)
    return new Router(lab)
  }
  /** Frames that come at one time, until all of them have left. */
  burst(): void {
    for (let n = 0; n < BURST; n++) this.near.transmit(this.frame.slice())
    this.lab.advance(10_000)
  }
}

/** Packets a second, the most of `rounds`. */
export async function forwarding(model: DeviceSpec['model'], rounds = 4): Promise<number> {
  const router = await Router.make(model)
  let best = 0
  for (let r = 0; r < rounds; r++) {
    router.arrived = 0
    const begin = process.hrtime.bigint()
    for (let i = 0; i < BURSTS; i++) router.burst()
    const seconds = Number(process.hrtime.bigint() - begin) / 1e9
    if (router.arrived < (BURST * BURSTS * 99) / 100) throw new Error(`${router.arrived} of ${BURST * BURSTS} frames arrived`)
    best = Math.max(best, router.arrived / seconds)
  }
  router.lab.close()
  return best
}

/** 10.1.0.1:9 to 10.2.0.1:9, 18 bytes, without a UDP checksum. */
function udp(): Uint8Array {
  const b = new Uint8Array(60)
  b.set([2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 0x0a, 8, 0])
  b.set([0x45, 0, 0, 46, 0, 0, 0, 0, 64, 17, 0, 0, 10, 1, 0, 1, 10, 2, 0, 1, 0, 9, 0, 9, 0, 26, 0, 0], 14)
  let sum = 0
  for (let i = 14; i < 34; i += 2) sum += (b[i] << 8) | b[i + 1]
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16)
  b[24] = (~sum >> 8) & 0xff
  b[25] = ~sum & 0xff
  return b
}

if (process.argv[1] === import.meta.filename)
  for (const model of ['plain', 'virtio-net', '82559'] as const) console.log(`${model}: ${(await forwarding(model)).toFixed(0)} packets/s`)

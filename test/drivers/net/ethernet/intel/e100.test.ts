/** The 82559 and its driver: two hosts on a cable, in virtual time; what happens when hardware fails. */
import t from 'tap'
import { bytesText, type inode } from '../../../../../src/fs/inode.ts'
import type { i82559 } from '../../../../../src/hw/i82559.ts'
import { dma_unmap } from '../../../../../src/kernel/dma_mapping.ts'
import { RandomStream } from '../../../../../src/lib/random.ts'
import { NSEC_PER_SEC } from '../../../../../src/kernel/time.ts'
import { Lab } from '../../../../../src/lab/lab.ts'
import { buildLab } from '../../../../../src/lab/topology.ts'
import { dev_change_flags } from '../../../../../src/net/core/dev.ts'
import { dev_get_stats } from '../../../../../src/net/core/dev_stats.ts'
import { dev_queue_xmit } from '../../../../../src/net/core/dev_xmit.ts'
import { LINK_STATE_NOCARRIER, type net_device, netdev_priv } from '../../../../../src/net/core/netdevice.ts'
import { dev_alloc_skb, skb_put } from '../../../../../src/net/core/skbuff.ts'
import { pci_config_read, pci_config_write } from '../../../../../src/hw/pci.ts'
import { netif_device_present } from '../../../../../src/net/core/link_watch.ts'
import { e100_set_ringparam, e100_set_wol } from '../../../../../src/drivers/net/ethernet/intel/e100/e100_ethtool.ts'
import { WAKE_MAGIC } from '../../../../../src/uapi/linux/ethtool.ts'
import { bus_of, unplug_function } from '../../../../../src/init/pci.ts'
import { type nic, RFD_AT } from '../../../../../src/drivers/net/ethernet/intel/e100/e100.ts'
import type { ethtool_ringparam } from '../../../../../src/net/core/ethtool_ops.ts'
import { IFF_UP } from '../../../../../src/uapi/linux/if.ts'
import { EBUSY, ENODEV, ETIMEDOUT, isErrno } from '../../../../../src/uapi/errno.ts'

const SLOT = 3 << 3

function pair(): Lab {
  const device = { name: 'eth0', model: '82559' as const }
  const lab = new Lab()
  const hosts = { a: { ipv6: false, devices: [{ ...device, mac: '52:54:00:00:00:0a' }] }, b: { ipv6: false, devices: [device] } }
  buildLab(lab, { hosts, wires: [{ ends: ['a/eth0', 'b/eth0'] }] })
  for (const name of ['a', 'b']) up(lab, name)
  lab.advance(NSEC_PER_SEC)
  return lab
}
function eth0(lab: Lab, host: string): net_device {
  return lab.host(host).kernel.init_net.dev_name_head.get('eth0') as net_device
}
function up(lab: Lab, host: string): void {
  const dev = eth0(lab, host)
  dev_change_flags(dev, dev.flags | IFF_UP)
  lab.advance(0)
}
function hardware(lab: Lab, host: string): i82559 {
  return bus_of(lab.host(host).kernel).functions.get(SLOT)?.model as i82559
}
/** An experimental frame of `size` bytes from a to b. */
function send(lab: Lab, size = 60, to = eth0(lab, 'b').dev_addr.subarray(0, 6)): void {
  const dev = eth0(lab, 'a')
  const skb = dev_alloc_skb(dev, size)
  const at = skb_put(skb, size)
  skb.buf.fill(0x5a, at, at + size)
  skb.buf.set(to, at)
  skb.buf.set(dev.dev_addr.subarray(0, 6), at + 6)
  skb.buf.set([0x88, 0xb5], at + 12)
  skb.mac_header = at
  dev_queue_xmit(skb)
  lab.advance(NSEC_PER_SEC / 1000)
}
const log = (lab: Lab, host: string) => lab.host(host).dmesg().join('\n')
const carrier = (lab: Lab, host: string) => (eth0(lab, host).state & LINK_STATE_NOCARRIER) === 0

/** What arrives at b of one frame more. */
function arrives(lab: Lab): number {
  const before = dev_get_stats(eth0(lab, 'b')).rx_packets
  send(lab)
  return dev_get_stats(eth0(lab, 'b')).rx_packets - before
}
/** Bits of the command register of a's NIC. */
function command(lab: Lab, set: number, clear: number): void {
  const bus = bus_of(lab.host('a').kernel)
  pci_config_write(bus, SLOT, 4, 2, (pci_config_read(bus, SLOT, 4, 2) | set) & ~clear)
}
t.test('the driver says what it has found, and when the link is up', async (t) => {
  const text = log(pair(), 'a')
  t.match(text, /pci 0000:00:03\.0: \[8086:1229\] type 00 class 0x020000 conventional PCI endpoint/)
  t.match(text, /e100 0000:00:03\.0 eth0: addr 0xfebff000, irq 11, MAC addr 52:54:00:00:00:0a/)
  t.match(text, /e100 0000:00:03\.0 eth0: NIC Link is Up 100 Mbps Full Duplex/)
})

t.test('frames go through rings, registers and the cable, and are counted on both sides', async (t) => {
  const lab = pair()
  const before = [dev_get_stats(eth0(lab, 'a')).tx_packets, dev_get_stats(eth0(lab, 'b')).rx_packets]
  // more than both rings hold
  for (let i = 0; i < 600; i++) send(lab, 60 + (i % 1400))
  t.equal(dev_get_stats(eth0(lab, 'a')).tx_packets - before[0], 600)
  t.equal(dev_get_stats(eth0(lab, 'b')).rx_packets - before[1], 600)
  t.equal(lab.host('a').kernel.dma.faults, 0)
})

t.test('a short frame is padded, one for another station is not taken', async (t) => {
  const lab = pair()
  const before = dev_get_stats(eth0(lab, 'b'))
  send(lab, 20)
  send(lab, 60, Uint8Array.of(2, 0, 0, 0, 0, 9))
  const after = dev_get_stats(eth0(lab, 'b'))
  t.equal(after.rx_packets - before.rx_packets, 1)
  t.equal(after.rx_bytes - before.rx_bytes, 60)
})

t.test('the watchdog sees a cut cable within two seconds and a mended one too', async (t) => {
  const lab = pair()
  lab.setCarrier('wire0', false)
  t.equal(carrier(lab, 'a'), true, 'the driver has not looked yet')
  lab.advance(2 * NSEC_PER_SEC)
  t.equal(carrier(lab, 'a'), false)
  t.match(log(lab, 'a'), /eth0: NIC Link is Down/)
  lab.setCarrier('wire0', true)
  lab.advance(2 * NSEC_PER_SEC)
  t.equal(carrier(lab, 'a'), true)
})

t.test('groups pass the hash filter when they are wanted', async (t) => {
  const lab = pair()
  const nic = hardware(lab, 'b')
  t.ok(
    nic.hash.some((byte) => byte !== 0),
    'the host is in groups',
  )
  const before = dev_get_stats(eth0(lab, 'b')).rx_packets
  send(lab, 60, Uint8Array.of(1, 0, 0x5e, 0, 0, 1))
  t.equal(dev_get_stats(eth0(lab, 'b')).rx_packets, before + 1, 'all systems')
})

t.test('without its module there is no device and nothing arrives', async (t) => {
  const lab = pair()
  const { kernel } = lab.host('b')
  kernel.kmod.table.find((m) => m.name === 'e100')?.exit?.(kernel)
  t.equal(kernel.init_net.dev_name_head.has('eth0'), false)
  const received = hardware(lab, 'b').statistics[9]
  send(lab, 60, Uint8Array.of(255, 255, 255, 255, 255, 255))
  t.equal(hardware(lab, 'b').statistics[9], received)
})

t.test('one corrupted byte of a descriptor stops what it describes', async (t) => {
  const lab = pair()
  send(lab)
  const before = dev_get_stats(eth0(lab, 'b')).rx_packets
  // the buffer that the next frame goes to is not complete: its command word now says "end of list"
  const { rxs, rx_to_clean } = netdev_priv<nic>(eth0(lab, 'b'))
  const rfd = rxs[rx_to_clean].bytes!.subarray(RFD_AT)
  rfd[3] |= 0x80
  rfd[14] = 0
  rfd[15] = 0
  send(lab)
  t.equal(dev_get_stats(eth0(lab, 'b')).rx_packets, before)
  t.ok(hardware(lab, 'b').statistics[12] > 0, 'counted as without resources')
})

t.test('one byte of a link leads the receiver astray: the frame before is the last, until the device is opened anew', async (t) => {
  const lab = pair()
  const { rxs, rx_to_clean } = netdev_priv<nic>(eth0(lab, 'b'))
  const rfd = rxs[rx_to_clean].bytes?.subarray(RFD_AT) as Uint8Array
  rfd[7] ^= 0x70
  t.equal(arrives(lab), 1, 'its buffer was found before')
  for (let i = 0; i < 3; i++) t.equal(arrives(lab), 0)
  lab.advance(10 * NSEC_PER_SEC)
  t.equal(arrives(lab), 0, 'no watchdog looks after that')
  const dev = eth0(lab, 'b')
  dev_change_flags(dev, dev.flags & ~IFF_UP)
  up(lab, 'b')
  lab.advance(NSEC_PER_SEC)
  t.equal(arrives(lab), 1)
})

t.test('hardware that does not answer is not opened, and leaves nothing behind', async (t) => {
  const lab = pair()
  const dev = eth0(lab, 'a')
  dev_change_flags(dev, dev.flags & ~IFF_UP)
  const { pages } = lab.host('a').kernel.dma
  const mapped = pages.filter((region) => region !== undefined).length
  command(lab, 0, 4) // the self-test cannot write its result
  t.equal(dev_change_flags(dev, dev.flags | IFF_UP), ETIMEDOUT)
  t.equal(dev.flags & IFF_UP, 0)
  t.equal(pages.filter((region) => region !== undefined).length, mapped)
  command(lab, 4, 0)
  up(lab, 'a')
  lab.advance(NSEC_PER_SEC)
  t.equal(arrives(lab), 1)
})

t.test('rings of another size: stopped, made anew, and on', async (t) => {
  const lab = pair()
  const ring = { rx_mini_pending: 0, rx_jumbo_pending: 0, rx_pending: 16, tx_pending: 64 } as ethtool_ringparam
  t.equal(e100_set_ringparam(eth0(lab, 'b'), ring), undefined)
  lab.advance(NSEC_PER_SEC)
  t.equal(netdev_priv<nic>(eth0(lab, 'b')).rxs.length, 16)
  for (let i = 0; i < 40; i++) t.equal(arrives(lab), 1)
})

t.test('memory that does not answer hangs the transmitter; the watchdog resets it', async (t) => {
  const lab = pair()
  const self = netdev_priv<nic>(eth0(lab, 'a'))
  const { kernel } = lab.host('a')
  dma_unmap(kernel.dma, (self.cbs_mem as { addr: number }).addr)
  for (let i = 0; i < 200; i++) send(lab)
  t.ok(kernel.dma.faults > 0)
  lab.advance(10 * NSEC_PER_SEC)
  t.match(log(lab, 'a'), /e100 0000:00:03\.0 eth0: NETDEV WATCHDOG: CPU: 0: transmit queue 0 timed out \d+ ms/)
  const root = lab.host('a').task()
  const file = kernel.fs.lookup(root, '/sys/class/net/eth0/queues/tx-0/tx_timeout') as inode
  t.match(bytesText(file.read() as Uint8Array), /^[1-9]\d*\n$/, 'and is counted')
  const before = dev_get_stats(eth0(lab, 'b')).rx_packets
  send(lab)
  t.ok(dev_get_stats(eth0(lab, 'b')).rx_packets > before, 'it sends again')
})

t.test('a bad EEPROM is refused', async (t) => {
  const lab = pair()
  const nic = hardware(lab, 'a')
  const { kernel } = lab.host('a')
  const module = kernel.kmod.table.find((m) => m.name === 'e100')
  module?.exit?.(kernel)
  nic.eeprom.words[10] ^= 1
  t.notOk(isErrno(module?.init?.(kernel, {})))
  t.equal(kernel.init_net.dev_name_head.has('eth0'), false)
  t.match(log(lab, 'a'), /EEPROM corrupted/)
  t.match(log(lab, 'a'), /e100 0000:00:03\.0: probe with driver e100 failed with error -11/)
})

t.test('without the right to master the bus nothing is sent; with it, and a new start, it is', async (t) => {
  const lab = pair()
  command(lab, 0, 4)
  t.equal(arrives(lab), 0)
  command(lab, 4, 0)
  const dev = eth0(lab, 'a')
  dev_change_flags(dev, dev.flags & ~IFF_UP)
  up(lab, 'a')
  lab.advance(NSEC_PER_SEC)
  t.equal(arrives(lab), 1)
})

t.test('asleep nothing goes in or out; awake it goes on as before', async (t) => {
  const lab = pair()
  t.equal(lab.host('b').suspend(), undefined)
  t.equal(lab.host('b').suspend(), EBUSY)
  t.equal(arrives(lab), 0)
  t.equal(carrier(lab, 'b'), false)
  t.equal(netif_device_present(eth0(lab, 'b')), false)
  const bus = bus_of(lab.host('b').kernel)
  t.equal(pci_config_read(bus, SLOT, 0xe0, 1) & 3, 3, 'D3hot')
  lab.host('b').resume()
  lab.advance(NSEC_PER_SEC / 100)
  t.equal(carrier(lab, 'b'), true)
  t.equal(arrives(lab), 1)
  t.match(log(lab, 'b'), /PM: suspend entry[\s\S]*PM: suspend exit/)
})

t.test('closed before, it sleeps and comes back closed', async (t) => {
  const lab = pair()
  const dev = eth0(lab, 'b')
  dev_change_flags(dev, dev.flags & ~IFF_UP)
  lab.host('b').suspend()
  t.equal(dev_change_flags(dev, dev.flags | IFF_UP), ENODEV)
  lab.host('b').resume()
  t.equal(dev.flags & IFF_UP, 0)
  up(lab, 'b')
  lab.advance(NSEC_PER_SEC)
  t.equal(arrives(lab), 1)
})

/** From a, to all stations. */
function sendMagic(lab: Lab, address: Uint8Array): void {
  const dev = eth0(lab, 'a')
  const skb = dev_alloc_skb(dev, 116)
  const at = skb_put(skb, 116)
  skb.buf.fill(0xff, at, at + 20)
  skb.buf.set(dev.dev_addr.subarray(0, 6), at + 6)
  skb.buf.set([0x08, 0x42], at + 12)
  for (let i = 0; i < 16; i++) skb.buf.set(address.subarray(0, 6), at + 20 + 6 * i)
  skb.mac_header = at
  dev_queue_xmit(skb)
  lab.advance(NSEC_PER_SEC / 1000)
}
t.test('a magic packet wakes the machine when ethtool has asked for that, and not otherwise', async (t) => {
  const lab = pair()
  const b = eth0(lab, 'b')
  lab.host('b').suspend()
  sendMagic(lab, b.dev_addr)
  t.equal(lab.host('b').asleep, true, 'nobody has asked')
  lab.host('b').resume()
  t.equal(e100_set_wol(b, { supported: 0, wolopts: WAKE_MAGIC }), undefined)
  lab.advance(NSEC_PER_SEC)
  lab.host('b').suspend()
  sendMagic(lab, Uint8Array.of(2, 0, 0, 0, 0, 9))
  t.equal(lab.host('b').asleep, true, 'for another station')
  sendMagic(lab, b.dev_addr)
  t.equal(lab.host('b').asleep, false)
  lab.advance(NSEC_PER_SEC)
  t.equal(arrives(lab), 1)
})

t.test('pulled out while it runs, the device goes; what is sent meanwhile is lost', async (t) => {
  const lab = pair()
  const { kernel } = lab.host('a')
  unplug_function(kernel, hardware(lab, 'a').fn, true)
  lab.advance(NSEC_PER_SEC)
  t.equal(kernel.init_net.dev_name_head.has('eth0'), false)
  t.equal(kernel.pci?.devices.length, 0)
})

t.test('a NIC comes and goes while the machine runs', async (t) => {
  const lab = pair()
  const host = lab.host('a')
  host.plug({ name: 'eth1' })
  t.ok(host.hasDevice('eth1'))
  t.match(log(lab, 'a'), /e100 0000:00:04\.0 eth1: addr/)
  t.equal(host.unplug('lo'), false)
  for (const surprise of [false, true]) {
    t.equal(host.unplug('eth1', surprise), true)
    t.equal(host.hasDevice('eth1'), false)
    host.plug({ name: 'eth1', slot: 9 })
    t.equal(host.kernel.pci?.devices.at(-1)?.devfn, 9 << 3)
  }
  t.equal(arrives(lab), 1, 'the other is as it was')
})

t.test('a saved lab goes on with its hardware as it was', async (t) => {
  const lab = pair()
  send(lab)
  const again = Lab.load(lab.save())
  const before = dev_get_stats(eth0(again, 'b')).rx_packets
  send(again)
  t.equal(dev_get_stats(eth0(again, 'b')).rx_packets, before + 1)
})

t.test('whatever stands in rings and registers, nothing crashes and a new start cures it', async (t) => {
  const random = new RandomStream(7, 'rings')
  const lab = pair()
  const self = netdev_priv<nic>(eth0(lab, 'b'))
  for (let step = 0; step < 3000; step++) {
    const ring = [self.cbs_mem?.bytes, self.mem.bytes, self.rxs[random.below(256)]?.bytes?.subarray(RFD_AT)][random.below(3)]
    if (ring !== undefined) ring[random.below(ring.length)] = random.below(256)
    if (random.below(10) === 0) hardware(lab, 'b').write(0, random.below(32), 1, random.below(256))
    if (random.below(3) === 0) send(lab, 60 + random.below(1400))
  }
  lab.advance(30 * NSEC_PER_SEC)
  const dev = eth0(lab, 'b')
  dev_change_flags(dev, dev.flags & ~IFF_UP)
  up(lab, 'b')
  lab.advance(NSEC_PER_SEC)
  const before = dev_get_stats(dev).rx_packets
  send(lab)
  t.equal(dev_get_stats(dev).rx_packets, before + 1)
})

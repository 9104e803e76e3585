/** virtio-net and its driver: two hosts on a cable, in virtual time. */
import t from 'tap'
import { virtnet_priv } from '../../../src/drivers/net/virtio_net.ts'
import { cable } from '../../../src/hw/cable.ts'
import { virtio_net_create, virtio_net_set_link } from '../../../src/hw/virtio_net.ts'
import { plug_nic } from '../../../src/init/devices.ts'
import { plug_function } from '../../../src/init/pci.ts'
import { NSEC_PER_SEC } from '../../../src/kernel/time.ts'
import { get16 } from '../../../src/lib/bytes.ts'
import { RandomStream } from '../../../src/lib/random.ts'
import { dev_change_flags } from '../../../src/net/core/dev.ts'
import { dev_queue_xmit } from '../../../src/net/core/dev_xmit.ts'
import { dev_alloc_skb, skb_put } from '../../../src/net/core/skbuff.ts'
import { dev_get_stats } from '../../../src/net/core/dev_stats.ts'
import type { net_device } from '../../../src/net/core/netdevice.ts'
import { IFF_UP } from '../../../src/uapi/linux/if.ts'
import { createLab, Lab, withPrograms } from '../../../src/index.ts'
import { buildLab } from '../../../src/lab/topology.ts'

function pair(queues?: number): Lab {
  const device = { name: 'eth0', model: 'virtio-net' as const, queues }
  const lab = createLab()
  buildLab(lab, {
    hosts: {
      a: { devices: [{ ...device, mac: '52:54:00:00:00:0a', addresses: ['10.0.0.1/24'] }] },
      b: { devices: [{ ...device, mac: '52:54:00:00:00:0b', addresses: ['10.0.0.2/24'] }] },
    },
    wires: [{ ends: ['a/eth0', 'b/eth0'] }],
  })
  lab.advance(2 * NSEC_PER_SEC)
  return lab
}
async function sh(lab: Lab, command: string, host = 'a'): Promise<string> {
  const running = lab.host(host).run('sh', ['-c', `${command} 2>&1`])
  let done = false
  running.then(() => (done = true))
  while (!done) {
    await new Promise((resolve) => setImmediate(resolve))
    lab.advance(NSEC_PER_SEC / 100)
  }
  return (await running).stdout
}

t.test('frames go both ways through rings and the cable', async (t) => {
  const lab = pair()
  t.match(await sh(lab, 'ping -c 3 -i 0.2 10.0.0.2'), /3 packets transmitted, 3 received, 0% packet loss/)
  t.match(await sh(lab, 'ping -c 1 -s 4000 10.0.0.2'), /1 received/)
  t.match(await sh(lab, 'ethtool -S eth0'), /\btx0_kicks: [1-9]/)
  for (const host of ['a', 'b']) t.equal(lab.host(host).kernel.dma.faults, 0)
})

t.test('a cut cable is a configuration interrupt: the carrier goes at once, and comes back', async (t) => {
  const lab = pair()
  lab.setCarrier('wire0', false)
  lab.advance(NSEC_PER_SEC / 100)
  t.match(await sh(lab, 'ip link show eth0'), /NO-CARRIER.*state DOWN/)
  lab.setCarrier('wire0', true)
  lab.advance(NSEC_PER_SEC / 100)
  t.match(await sh(lab, 'ip link show eth0'), /LOWER_UP.*state UP/)
})

t.test('ethtool says what the device has', async (t) => {
  const lab = pair(4)
  t.match(await sh(lab, 'ethtool -i eth0'), /driver: virtio_net\n[\s\S]*bus-info: 0000:00:03\.0/)
  t.match(await sh(lab, 'ethtool -l eth0'), /Combined:\t4\n[\s\S]*Current[\s\S]*Combined:\t1/, 'one processor')
  t.equal(await sh(lab, 'ethtool -L eth0 combined 2'), '')
  t.match(await sh(lab, 'ethtool -l eth0'), /Current[\s\S]*Combined:\t2/)
  t.not(await sh(lab, 'ethtool -L eth0 combined 5'), '')
  t.equal(await sh(lab, 'ethtool -G eth0 rx 128'), '')
  t.match(await sh(lab, 'ethtool -g eth0'), /Current hardware settings:\nRX:\t+128/)
  t.match(await sh(lab, 'ping -c 1 10.0.0.2'), /1 received/, 'frames go through the smaller ring')
})

t.test('the card takes what its filter lets through', async (t) => {
  const lab = pair()
  const received = async () => Number(await sh(lab, 'cat /sys/class/net/eth0/statistics/rx_packets', 'b'))
  await sh(lab, 'ping -c 1 10.0.0.2')
  await sh(lab, 'ip neigh replace 10.0.0.2 lladdr 52:54:00:00:00:99 dev eth0 nud permanent')
  const before = await received()
  await sh(lab, 'ping -c 2 -i 0.2 -W 1 10.0.0.2')
  t.equal(await received(), before, 'another station')
  await sh(lab, 'ip link set eth0 promisc on', 'b')
  await sh(lab, 'ping -c 2 -i 0.2 -W 1 10.0.0.2')
  t.ok((await received()) >= before + 2, 'promiscuous')
  await sh(lab, 'ip link set eth0 promisc off; ip link set eth0 address 52:54:00:00:00:99', 'b')
  t.match(await sh(lab, 'ping -c 1 10.0.0.2'), /1 received/, 'an address that the driver has given')
})

t.test('VLANs pass when they are asked for', async (t) => {
  const lab = pair()
  for (const [host, last] of [
    ['a', 1],
    ['b', 2],
  ])
    await sh(lab, `ip link add link eth0 name v5 type vlan id 5; ip addr add 10.5.0.${last}/24 dev v5; ip link set v5 up`, host as string)
  t.match(await sh(lab, 'ping -c 1 10.5.0.2'), /1 received/)
})

t.test('sysfs: the netdev below its virtio device, that below the function', async (t) => {
  const lab = pair()
  t.equal(await sh(lab, 'readlink -f /sys/class/net/eth0/device'), '/sys/devices/pci0000:00/0000:00:03.0/virtio0\n')
  t.equal(await sh(lab, 'cat /sys/class/net/eth0/device/status'), '0x0000000f\n')
  t.equal(await sh(lab, 'cat /sys/class/net/eth0/device/device /sys/class/net/eth0/device/vendor'), '0x0001\n0x1af4\n')
  t.equal(await sh(lab, 'ls /sys/bus/virtio/devices'), 'virtio0\n')
  t.match(await sh(lab, 'cat /sys/class/net/eth0/device/features'), /^[01]{64}\n$/)
})

t.test('a saved lab goes on with its rings as they were', async (t) => {
  const lab = pair()
  await sh(lab, 'ping -c 3 -i 0.2 10.0.0.2')
  const again = withPrograms(Lab.load(lab.save()))
  t.match(await sh(again, 'ping -c 3 -i 0.2 10.0.0.2'), /3 packets transmitted, 3 received/)
  again.setCarrier('wire0', false)
  again.advance(NSEC_PER_SEC / 100)
  t.match(await sh(again, 'ip link show eth0'), /NO-CARRIER/)
})

const eth0 = (lab: Lab, host: string) => lab.host(host).kernel.init_net.dev_name_head.get('eth0') as net_device
/** What arrives of one frame, to all stations, on the other host. */
function arrives(lab: Lab, from = 'a', to = 'b'): number {
  const received = () => (lab.host(to).hasDevice('eth0') ? dev_get_stats(eth0(lab, to)).rx_packets : 0)
  const before = received()
  const dev = eth0(lab, from)
  const skb = dev_alloc_skb(dev, 60)
  const at = skb_put(skb, 60)
  skb.buf.fill(0xff, at, at + 6)
  skb.buf.set([0x88, 0xb5], at + 12)
  skb.mac_header = at
  dev_queue_xmit(skb)
  lab.advance(NSEC_PER_SEC / 100)
  return received() - before
}

t.test('asleep nothing goes through; awake it goes on as before, with as many queues', async (t) => {
  const lab = pair(2)
  await sh(lab, 'ethtool -L eth0 combined 2')
  lab.host('a').suspend()
  t.equal(arrives(lab, 'b', 'a'), 0)
  lab.host('a').resume()
  lab.advance(NSEC_PER_SEC)
  t.equal(arrives(lab, 'b', 'a'), 1)
  t.equal(arrives(lab), 1)
  t.match(await sh(lab, 'ethtool -l eth0'), /Current[\s\S]*Combined:\t2/)
  t.equal(lab.host('a').kernel.dma.faults, 0)
})

t.test('without MSI-X the pin serves queues and configuration', async (t) => {
  const lab = pair()
  const { kernel } = lab.host('a')
  const nic = virtio_net_create(Uint8Array.of(2, 0, 0, 0, 0, 9))
  const { fn } = nic.pci
  // out of the list of capabilities
  fn.config[0x34] = fn.config[fn.msix_cap + 1]
  fn.msix_cap = 0
  const pdev = plug_function(kernel, fn)
  const line = new cable(lab.events, new RandomStream(1, 'second'))
  plug_nic(nic, line.ends[0])
  const dev = kernel.init_net.dev_name_head.get('eth1') as net_device
  dev_change_flags(dev, dev.flags | IFF_UP)
  lab.advance(NSEC_PER_SEC)
  t.match(await sh(lab, 'cat /proc/interrupts'), new RegExp(`\\b${pdev.irq}: .*fasteoi .*virtio1\\n`))
  line.ends[1].transmit(new Uint8Array(60).fill(0xff))
  lab.advance(NSEC_PER_SEC / 100)
  t.equal(dev_get_stats(dev).rx_packets, 1)
  virtio_net_set_link(nic, false)
  lab.advance(NSEC_PER_SEC / 100)
  t.match(await sh(lab, 'ip link show eth1'), /NO-CARRIER/)
})

t.test('with the driver unbound, or its module gone, nothing arrives; bound again it does', async (t) => {
  const lab = pair()
  t.equal(arrives(lab), 1)
  await sh(lab, 'echo virtio0 > /sys/bus/virtio/drivers/virtio_net/unbind', 'b')
  t.notMatch(await sh(lab, 'ip link', 'b'), /eth0/)
  t.equal(arrives(lab), 0)
  await sh(lab, 'echo virtio0 > /sys/bus/virtio/drivers/virtio_net/bind; ip link set eth0 up', 'b')
  t.equal(arrives(lab), 1)
  await sh(lab, 'rmmod virtio_net', 'b')
  t.equal(arrives(lab), 0)
  await sh(lab, 'modprobe virtio_net; ip link set eth0 up', 'b')
  t.equal(arrives(lab), 1)
})

t.test('one corrupted byte of a descriptor breaks the device: nothing goes through until it is reset', async (t) => {
  const lab = pair()
  const vi = virtnet_priv(eth0(lab, 'b'))
  const { vq } = vi.rq[0]
  // the length of the next buffer that the device takes: a byte more than all memory
  const head = get16(vq.avail.bytes, 4 + 2 * (vq.last_used % vq.num))
  vq.desc.bytes[16 * head + 11] = 0xff
  t.equal(arrives(lab), 0)
  t.ok(vi.vdev.config.get_status(vi.vdev) & 64, 'the device asks for a reset')
  await sh(lab, 'cd /sys/bus/virtio/drivers/virtio_net; echo virtio0 > unbind; echo virtio0 > bind; ip link set eth0 up', 'b')
  t.equal(arrives(lab), 1)
})

t.test('flows go to the queues that the table names', async (t) => {
  const lab = pair(4)
  await sh(lab, 'ethtool -L eth0 combined 4; ethtool -X eth0 weight 0 0 0 1', 'b')
  const nic = virtnet_priv(eth0(lab, 'b')).rq.map(({ vq }) => vq.last_used)
  await sh(lab, 'ping -c 1 10.0.0.2')
  const after = virtnet_priv(eth0(lab, 'b')).rq.map(({ vq }) => vq.last_used)
  t.ok(after[3] > nic[3], 'the fourth')
  t.same([after[1], after[2]], [nic[1], nic[2]])
})

t.test('a packet tells which queue it came by: a router sends it by the same', async (t) => {
  const lab = createLab()
  const device = (name: string, address: string, queues?: number) => ({ name, model: 'virtio-net' as const, queues, addresses: [address] })
  buildLab(lab, {
    hosts: {
      a: { devices: [device('eth0', '10.0.0.2/24')] },
      r: { devices: [device('eth0', '10.0.0.1/24', 2), device('eth1', '10.0.1.1/24', 2)] },
      b: { devices: [device('eth0', '10.0.1.2/24')] },
    },
    wires: [{ ends: ['a/eth0', 'r/eth0'] }, { ends: ['b/eth0', 'r/eth1'] }],
  })
  lab.advance(2 * NSEC_PER_SEC)
  await sh(lab, 'ip route add default via 10.0.0.1')
  await sh(lab, 'ip route add default via 10.0.1.1', 'b')
  const second = 'for i in eth0 eth1; do ethtool -L $i combined 2; ethtool -X $i weight 0 1; done'
  await sh(lab, `echo 1 > /proc/sys/net/ipv4/ip_forward; ${second}`, 'r')
  t.match(await sh(lab, 'ping -c 3 -i 0.2 10.0.1.2'), ' 3 received')
  const { sq } = virtnet_priv(lab.host('r').kernel.init_net.dev_name_head.get('eth1') as net_device)
  t.ok(sq[1].vq.avail_idx >= 3, 'the second')
})

t.test('its driver in sysfs, as recorded', async (t) => {
  t.equal(await sh(pair(), 'ls /sys/bus/virtio/drivers/virtio_net'), 'bind\nmodule\nuevent\nunbind\nvirtio0\n')
})
t.test('sizes and addresses that cannot be are refused, and the log says why', async (t) => {
  const lab = pair()
  const said = (script: string) => sh(lab, `dmesg -C; { ${script}; } 2>&1; dmesg | sed 's/^[^]]*] //'`)
  t.equal(
    await said('ethtool -G eth0 rx 100'),
    `netlink error: Cannot allocate memory
virtio_net virtio0: Bad virtqueue length 100
virtio_net virtio0 eth0: resize rx fail: rx queue index: 0 err: -12
`,
  )
  t.equal(
    await said('ethtool -G eth0 tx 0; ethtool -G eth0 rx 0'),
    `netlink error: Invalid argument
netlink error: Invalid argument
virtio_net virtio0 eth0: tx size (0) cannot be smaller than 19
virtio_net virtio0 eth0: resize rx fail: rx queue index: 0 err: -22
`,
  )
  t.match(await said('ip link set eth0 address 01:00:5e:00:00:01'), /^RTNETLINK answers: Cannot assign requested address\n$/)
  t.match(
    await said('ethtool -K eth0 rx-gro-hw on'),
    /net eth0: Fail to set guest offload\.\nvirtio_net virtio0 eth0: set_features\(\) failed \(-22\); wanted 0x[0-9a-f]{16}, left 0x[0-9a-f]{16}\n$/,
  )
  t.match(await sh(lab, 'ping -c 1 10.0.0.2'), ' 1 received', 'all goes on')
})

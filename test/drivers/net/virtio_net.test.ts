/** virtio-net and its driver: two hosts on a cable, in virtual time. */
import t from 'tap'
import { NSEC_PER_SEC } from '../../../src/kernel/time.ts'
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

t.test('asleep nothing goes through; awake it goes on as before, with as many queues', async (t) => {
  const lab = pair(2)
  await sh(lab, 'ethtool -L eth0 combined 2')
  lab.host('a').suspend()
  t.match(await sh(lab, 'ping -c 1 -W 1 10.0.0.1', 'b'), / 0 received/)
  lab.host('a').resume()
  lab.advance(NSEC_PER_SEC)
  t.match(await sh(lab, 'ping -c 2 -i 0.2 10.0.0.1', 'b'), / 2 received/)
  t.match(await sh(lab, 'ethtool -l eth0'), /Current[\s\S]*Combined:\t2/)
  t.equal(lab.host('a').kernel.dma.faults, 0)
})

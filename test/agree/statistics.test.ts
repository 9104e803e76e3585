/** What a device has counted is the same number wherever it is shown, and what the far end and the wire have counted. */
import t from 'tap'
import { createLab } from '../../src/index.ts'
import { buildLab } from '../../src/lab/topology.ts'
import { inPackage } from '../place.ts'

type Told = Record<string, Record<string, Record<string, number>>>

/** On the first host: devices of several kinds, some upon the NIC, and a queue that is soon full. */
const onFirst = `
ip link add link eth0 name eth0.5 type vlan id 5
ip link add link eth0 name m0 type macvlan mode bridge
ip link add d0 type dummy
ip link add v0 type veth peer name v1
ip link add br0 type bridge
ip link set v0 master br0
ip link add vx0 type vxlan id 7 remote 10.0.0.2 dstport 4789
ip link add bond0 type bond mode balance-rr
ip link set d0 master bond0
for device in eth0 eth0.5 m0 v0 v1 br0 vx0 bond0; do ip link set $device up; done
ip addr add 10.0.0.1/24 dev eth0; ip addr add 10.5.0.1/24 dev eth0.5; ip addr add 10.7.0.1/24 dev vx0
ip addr add 10.8.0.1/24 dev br0; ip addr add 10.9.0.1/24 dev bond0
tc qdisc add dev eth0 root tbf rate 400kbit burst 3000 limit 9000`
const onSecond = `
ip link set eth0 up; ip addr add 10.0.0.2/24 dev eth0
ip link add link eth0 name eth0.5 type vlan id 5; ip link set eth0.5 up; ip addr add 10.5.0.2/24 dev eth0.5
ip link add link eth0 name eth0.6 type vlan id 6; ip link set eth0.6 up; ip addr add 10.6.0.2/24 dev eth0.6
ip link add vx0 type vxlan id 7 remote 10.0.0.1 dstport 4789; ip link set vx0 up; ip addr add 10.7.0.2/24 dev vx0`
const traffic = `
for end in 10.0.0.2 10.5.0.2 10.7.0.2; do ping -q -c 3 -i 0.05 -s 900 $end; done
ping -q -c 1 -W 1 10.0.0.77; ping -q -c 2 -i 0.1 -b 10.8.0.255; ping -q -c 2 -i 0.1 -W 1 10.9.0.2
python3 -c "
import socket
s = socket.socket(2, 2)
for n in range(40): s.sendto(bytes(1200), ('10.0.0.2', 7))
raw = socket.socket(17, 3); raw.bind(('v1', 0))
for n in range(5): raw.send(bytes(12) + bytes([0x88, 0xb5]) + bytes(50))
raw.close()
"
ip link set vx0 down; ip link set m0 down; ip link set bond0 down`
/** What nobody on the first host has asked for: a VLAN, a protocol. */
const unasked = `
ip neigh add 10.6.0.1 lladdr ff:ff:ff:ff:ff:ff dev eth0.6; ping -q -c 1 -W 1 10.6.0.1
python3 -c "
import socket
raw = socket.socket(17, 3); raw.bind(('eth0', 0))
for n in range(7): raw.send(b'\\xff' * 6 + bytes(6) + bytes([0x88, 0xb5]) + bytes(50))
"`

t.test('numbers that add up', async (t) => {
  const lab = createLab({ time: 'real' })
  t.teardown(() => lab.close())
  buildLab(lab, { hosts: { a: { ipv6: false }, b: { ipv6: false } }, wires: [{ ends: ['a/eth0', 'b/eth0'] }] })
  const sh = async (host: string, script: string) => {
    const { stderr } = await lab.host(host).run('sh', ['-c', script])
    return stderr
  }
  const told = async (host: string): Promise<Told> =>
    JSON.parse((await lab.host(host).run('python3', ['-B', inPackage('test/agree/statistics.py'), 'eth0'])).stdout)
  // nobody asks again, while numbers are read, whether the other is there
  for (const host of ['a', 'b']) await sh(host, 'sysctl -qw net.ipv4.neigh.default.delay_first_probe_time=600')
  t.equal(await sh('b', onSecond), '')
  t.equal(await sh('a', onFirst), '')
  await sh('a', traffic)
  await sh('b', unasked)
  // what still waits in the queue goes
  await sh('a', 'until tc -s qdisc show dev eth0 | grep -q "backlog 0b 0p"; do sleep 0.02; done')
  const [a, b] = [await told('a'), await told('b')]
  for (const [host, devices] of Object.entries({ a, b })) {
    for (const [device, counters] of Object.entries(devices)) {
      for (const [counter, ways] of Object.entries(counters)) {
        t.equal(new Set(Object.values(ways)).size, 1, `${host} ${device} ${counter}: ${JSON.stringify(ways)}`)
      }
    }
  }
  const of = (from: Told, device: string, counter: string) => Object.values(from[device][counter])[0]
  const { sent, lost } = lab.wires.get('wire0')!.cable
  t.same(lost, [0, 0])
  t.same([of(a, 'eth0', 'tx_packets'), of(b, 'eth0', 'tx_packets')], sent, 'the wire has carried what the NICs have sent')
  t.same([of(b, 'eth0', 'rx_packets'), of(a, 'eth0', 'rx_packets')], sent, 'and they have received it')
  for (const counter of ['packets', 'bytes']) {
    for (const device of ['eth0.5', 'vx0']) {
      // what is short is filled up on the way, behind the VLAN's tag
      if (device === 'vx0' || counter === 'packets')
        t.equal(of(a, device, `tx_${counter}`), of(b, device, `rx_${counter}`), `${device} ${counter}`)
      t.ok(of(a, device, `rx_${counter}`) > 0)
    }
    t.equal(of(a, 'v1', `tx_${counter}`), of(a, 'v0', `rx_${counter}`))
    t.equal(of(a, 'v0', `tx_${counter}`), of(a, 'v1', `rx_${counter}`))
    t.equal(of(a, 'bond0', `tx_${counter}`), of(a, 'd0', `tx_${counter}`))
    t.ok(of(a, 'd0', `tx_${counter}`) > 0)
  }
  t.ok(of(a, 'eth0', 'lost in the queue') > 0)
  t.equal(of(a, 'eth0', 'tx_dropped'), 0, 'of which the device knows nothing')
  t.equal(of(a, 'eth0', 'rx_dropped'), 7, 'what no protocol took; what is of a VLAN that is not here was told to be another\u2019s')
})

/** Wires: both ends see the carrier, at the time it changes, and a saved lab still knows what is joined. */
import t from 'tap'
import { Lab } from '../../src/lab/lab.ts'
import { buildLab } from '../../src/lab/topology.ts'
import { createHost } from '../../src/index.ts'
import { LINK_STATE_NOCARRIER } from '../../src/net/core/netdevice.ts'

function pair(): Lab {
  const lab = new Lab()
  // a NIC looks at its cable while it is up; a plain one is told at once
  const host = (address: string) => ({ ipv6: false, devices: [{ name: 'eth0', model: 'plain' as const, addresses: [address] }] })
  buildLab(lab, { hosts: { a: host('192.0.2.1/24'), b: host('192.0.2.2/24') }, wires: [{ ends: ['a/eth0', 'b/eth0'] }] })
  return lab
}
const hasCarrier = (lab: Lab, host: string) =>
  (lab.host(host).kernel.init_net.dev_name_head.get('eth0')!.state & LINK_STATE_NOCARRIER) === 0
const both = (lab: Lab) => ['a', 'b'].map((host) => hasCarrier(lab, host))

t.test('a cut wire takes the carrier from both ends, a mended one gives it back', async (t) => {
  const lab = pair()
  t.same(both(lab), [true, true])
  lab.setCarrier('wire0', false)
  t.same(both(lab), [false, false])
  t.match(lab.transcript.entries.at(-1), { kind: 'wire', wire: 'wire0', carrier: false })
  lab.setCarrier('wire0', true)
  t.same(both(lab), [true, true])
})

t.test('a NIC that is down has no carrier, and finds that of its wire when it comes up', async (t) => {
  const host = createHost({ ipv6: false, devices: [{ name: 'eth0' }, { name: 'eth1' }] })
  host.lab.addWire({ name: 'loop', ends: ['default/eth0', 'default/eth1'] })
  const carrier = async () => /NO-CARRIER|LOWER_UP|$/.exec((await host.run('ip', ['-o', 'link', 'show', 'eth0'])).stdout)?.[0]
  t.equal(await carrier(), '')
  await host.run('ip', ['link', 'set', 'eth0', 'up'])
  t.equal(await carrier(), 'LOWER_UP')
  await host.run('ip', ['link', 'set', 'eth0', 'down'])
  host.lab.setCarrier('loop', false)
  await host.run('ip', ['link', 'set', 'eth0', 'up'])
  t.equal(await carrier(), 'NO-CARRIER')
})

t.test('a program sees it', async (t) => {
  const host = createHost({ ipv6: false, devices: [{ name: 'eth0' }, { name: 'eth1' }] })
  host.lab.addWire({ name: 'loop', ends: ['default/eth0', 'default/eth1'], carrier: false })
  await host.run('ip', ['link', 'set', 'eth0', 'up'])
  t.match((await host.run('ip', ['-o', 'link', 'show', 'eth0'])).stdout, /NO-CARRIER.* state DOWN /)
  host.lab.setCarrier('loop', true)
  host.lab.runUntilIdle()
  t.match((await host.run('ip', ['-o', 'link', 'show', 'eth0'])).stdout, /LOWER_UP.* state UP /)
})

t.test('a saved lab keeps its wires', async (t) => {
  const lab = Lab.load(pair().save())
  lab.setCarrier('wire0', false)
  t.same(both(lab), [false, false])
})

t.test('an end is there, and on one wire only', async (t) => {
  const lab = pair()
  t.throws(() => lab.addWire({ ends: ['a/eth0', 'b/eth1'] }), /a\/eth0 is on wire0 already|no such/)
  t.throws(() => lab.addWire({ ends: ['a/eth9', 'b/eth0'] }), /a\/eth9: there is no such host or device/)
  t.throws(() => lab.setCarrier('none', true), /no wire named none; there are: wire0/)
})

t.test('devices have the addresses of the topology', async (t) => {
  const host = createHost({ devices: [{ name: 'eth0', addresses: ['192.0.2.1/24', '2001:db8::1/64'] }] })
  const { stdout } = await host.run('ip', ['-br', 'addr', 'show', 'eth0'])
  t.match(stdout, /^eth0 +UP +192\.0\.2\.1\/24 2001:db8::1\/64 /)
  t.match((await host.run('ip', ['route'])).stdout, /^192\.0\.2\.0\/24 dev eth0 proto kernel scope link src 192\.0\.2\.1/)
  t.throws(() => createHost({ devices: [{ name: 'eth0', addresses: ['192.0.2.1/33'] }] }), /eth0: address 192\.0\.2\.1\/33: EINVAL/)
})

import t from 'tap'
import { NSEC_PER_SEC } from '../../src/kernel/time.ts'
import type { Host } from '../../src/lab/host.ts'
import { Lab } from '../../src/lab/lab.ts'
import { Program } from './program.ts'

/** The two halves of a case: devices of several kinds, up and down, addresses, time between. */
function firstHalf(host: Host): void {
  const ip = new Program(host, 100)
  ip.addLink('dummy0', 'dummy')
  ip.addLink('veth0', 'veth')
  ip.setUp('dummy0')
  ip.setUp('eth0')
  ip.addAddress(3, Uint8Array.of(192, 0, 2, 1), 24)
  ip.close()
  host.lab.advance(NSEC_PER_SEC / 2)
}
function secondHalf(host: Host): void {
  const ip = new Program(host, 101)
  host.lab.advance(NSEC_PER_SEC)
  ip.addLink('ifb0', 'ifb')
  ip.setUp('veth0')
  ip.setUp('dummy0', false)
  ip.addAddress(3, Uint8Array.of(192, 0, 2, 1), 24)
  ip.addAddress(3, Uint8Array.of(198, 51, 100, 7), 32)
  ip.dumpLinks()
  ip.close()
  host.lab.advance(NSEC_PER_SEC)
}
const newLab = (seed = 1) => {
  const lab = new Lab({ seed })
  lab.addHost('a')
  lab.addHost('b', { initcall_debug: true })
  return lab
}

t.test('a lab saved in the middle of a case, loaded and gone on with, has the transcript it would have had', async (t) => {
  const straight = newLab()
  firstHalf(straight.host('a'))
  secondHalf(straight.host('a'))
  t.ok(straight.transcript.entries.length > 20)

  const stopped = newLab()
  firstHalf(stopped.host('a'))
  const bytes = stopped.save()
  const loaded = Lab.load(bytes)
  t.equal(loaded.events.now, stopped.events.now)
  secondHalf(loaded.host('a'))
  t.equal(loaded.transcript.text(), straight.transcript.text())
  t.ok(Buffer.from(loaded.save()).equals(Buffer.from(straight.save())), 'and the same state in the end, byte by byte')

  secondHalf(stopped.host('a'))
  t.equal(stopped.transcript.text(), straight.transcript.text(), 'saving changes nothing')
})

t.test('a loaded lab shares nothing with the one it was saved from', async (t) => {
  const lab = newLab()
  const copy = Lab.load(lab.save())
  firstHalf(copy.host('a'))
  t.notOk(lab.host('a').kernel.init_net.dev_name_head.has('dummy0'))
  t.ok(copy.host('a').kernel.init_net.dev_name_head.has('dummy0'))
})

t.test('a dump under way can be saved; the programs do not come along', async (t) => {
  const lab = newLab()
  const host = lab.host('a')
  const ip = new Program(host, 100)
  for (let i = 0; i < 40; i++) ip.addLink(`dummy${i}`, 'dummy')
  ip.dumpLinks()
  t.equal(host.kernel.tasks.size, 1)
  const copy = Lab.load(lab.save()).host('a')
  t.equal(copy.kernel.tasks.size, 0)
  const again = new Program(copy, 100)
  t.equal(again.setUp('lo'), 0)
  t.match(copy.lab.transcript.entries.at(-1), { portid: 100 }, 'its port id is free again')
})

t.test('same seed and same inputs: the same transcript, byte by byte; another seed: another', async (t) => {
  const run = (seed: number) => {
    const lab = newLab(seed)
    firstHalf(lab.host('a'))
    secondHalf(lab.host('b'))
    return lab.transcript.text()
  }
  t.equal(run(1), run(1))
  t.not(run(1), run(2))
})

t.test('hosts of one lab draw from streams of their own', async (t) => {
  const mac = (lab: Lab, host: string) => Buffer.from(lab.host(host).kernel.init_net.dev_name_head.get('eth0')!.dev_addr).toString('hex')
  const lab = newLab()
  t.not(mac(lab, 'a'), mac(lab, 'b'))
  const alone = new Lab({ seed: 1 })
  alone.addHost('b')
  t.equal(mac(alone, 'b'), mac(lab, 'b'), 'whatever other hosts there are')
})

t.test('the transcript has inputs and outputs in order, one JSON document a line', async (t) => {
  const lab = new Lab()
  const host = lab.addHost('a')
  const from = lab.transcript.entries.length
  const ip = new Program(host, 100)
  ip.setUp('lo')
  lab.advance(5)
  const entries = lab.transcript.entries.slice(from)
  t.same(
    entries.map((e) => e.kind),
    ['request', ...entries.slice(1, -2).map(() => 'multicast'), 'reply', 'clock'],
  )
  t.match(entries[0], { at: 0, host: 'a', netns: 0, protocol: 0, portid: 100, hex: /^[0-9a-f]{80}/ })
  t.match(entries.at(-1), { at: 0, kind: 'clock', to: 5 })
  const lines = lab.transcript.text().trim().split('\n')
  t.same(
    lines.map((line) => JSON.parse(line)),
    lab.transcript.entries,
  )
})

t.test('a transcript with a limit keeps the latest and counts the rest; without one nothing is kept', async (t) => {
  const lab = new Lab({ transcript: 10 })
  for (let i = 0; i < 25; i++) lab.advance(1)
  t.ok(lab.transcript.entries.length <= 10)
  t.equal(lab.transcript.entries.length + lab.transcript.lost, 25)
  t.match(lab.transcript.entries.at(-1), { to: 25 })
  t.same(new Lab({ time: 'real' }).transcript.limit, 0)
})

t.test('observers see what happens while they are there, each on its own', async (t) => {
  const lab = new Lab()
  const host = lab.addHost('a')
  const seen: string[] = []
  const stopFirst = host.observe({ netlink_multicast: () => seen.push('first') })
  const stopSecond = host.observe({ netlink_multicast: () => seen.push('second'), printk: () => seen.push('log') })
  const ip = new Program(host, 100)
  ip.setUp('lo')
  t.same(seen.filter((s) => s !== 'log').slice(0, 2), ['first', 'second'])
  stopFirst()
  seen.length = 0
  ip.setUp('lo', false)
  t.ok(seen.includes('second'))
  t.notOk(seen.includes('first'))
  stopSecond()
  t.doesNotThrow(() => Lab.load(lab.save()), 'observers are not part of the state')
})

t.test('what a lab refuses', async (t) => {
  const lab = new Lab()
  lab.addHost('a')
  t.throws(() => lab.addHost('a'), /host a exists already/)
  t.throws(() => lab.host('b'), /no host named b; there are: a/)
  t.throws(() => lab.addHost('b', { devices: [{ name: 'bad name' }] }), /device bad name: EINVAL/)
  t.notOk(lab.hosts.has('b'))
  t.throws(() => lab.host('a').run('ip'), /createLab/)
})

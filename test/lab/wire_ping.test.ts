/** Two hosts of a lab, a wire, and Linux's own ping. */
import t from 'tap'
import { createLab } from '../../src/index.ts'
import { buildLab } from '../../src/lab/topology.ts'

t.test('a host answers another\u2019s ping over a wire, and not over a cut one', async (t) => {
  const lab = createLab({ time: 'real' })
  t.teardown(() => lab.close())
  buildLab(lab, { hosts: { a: { ipv6: false }, b: { ipv6: false } }, wires: [{ ends: ['a/eth0', 'b/eth0'], delay: 1_000_000 }] })
  const run = (host: string, command: string) => {
    const [file, ...args] = command.split(' ')
    return lab.host(host).run(file, args)
  }
  for (const [host, address] of [
    ['a', '10.0.0.1/24'],
    ['b', '10.0.0.2/24'],
  ]) {
    await run(host, `ip addr add ${address} dev eth0`)
    await run(host, 'ip link set eth0 up')
  }
  const ping = await run('a', 'ping -c 1 -W 5 10.0.0.2')
  t.match(ping.stdout, /64 bytes from 10\.0\.0\.2: icmp_seq=1 ttl=64 /)
  t.match((await run('a', 'ip neigh')).stdout, /^10\.0\.0\.2 dev eth0 lladdr \S+ REACHABLE/)
  const mac = /ether (\S+)/.exec((await run('b', 'ip link show eth0')).stdout)?.[1]
  t.match((await run('a', 'ip neigh')).stdout, `lladdr ${mac} `)
  lab.setWire('wire0', { loss: 1 })
  t.equal((await run('a', 'ping -c 1 -W 1 10.0.0.2')).code, 1)
  t.ok(lab.wires.get('wire0')!.cable.lost[0] > 0)
})

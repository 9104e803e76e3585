/** `netdouble capture` and its HTTP route, on the cable of examples/two-hosts.yaml, as tshark reads them. */
import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { readPcapng } from '../lab/pcapngReader.ts'
import { cli, startCli, told } from './command.ts'
import { serving } from './serving.ts'

const { directory, socket, address, on } = await serving(t, 'examples/two-hosts.yaml')

/** Begins a capture into a file; the result ends it. It captures for certain once it has shown a first packet. */
async function capture(name: string, ...flags: string[]): Promise<() => Promise<Buffer>> {
  const file = join(directory, name)
  const { child, ended } = startCli(['capture', '--connect', socket, ...flags, '-w', file])
  await told(child, 'capturing')
  return async () => {
    child.kill('SIGINT')
    const { code, stderr } = await ended
    t.equal(code, 0, stderr)
    return readFileSync(file)
  }
}

t.test('a ping, on the wire and at both ends', async (t) => {
  const stops = [await capture('wire.pcapng', '--wire', 'cable'), await capture('b.pcapng', '--host', 'b', '--device', 'eth0')]
  // longer than the MTU: fragments too
  await on('a', 'ping -c 2 -i 0.2 -s 2000 10.0.0.2')
  const [wire, atB] = (await Promise.all(stops.map((stop) => stop()))).map(readPcapng)
  const icmp = (bytes: Buffer) => bytes.readUInt16BE(12) === 0x0800 && bytes[23] === 1
  t.equal(wire.packets.filter((p) => p.interface === 'cable:a/eth0' && icmp(p.bytes)).length, 4, 'two requests of two fragments')
  t.equal(wire.packets.filter((p) => p.interface === 'cable:b/eth0' && icmp(p.bytes)).length, 4)
  t.equal(atB.packets.filter((p) => p.direction === 'in' && icmp(p.bytes)).length, 4)
  t.equal(atB.packets.filter((p) => p.direction === 'out' && icmp(p.bytes)).length, 4)
})

t.test('tshark finds nothing to complain about', { skip: noTshark() }, async (t) => {
  const shown = tshark('wire.pcapng')
  t.match(shown, /ARP .*Who has 10\.0\.0\.2\? Tell 10\.0\.0\.1/)
  t.match(shown, /ICMP .*Echo \(ping\) reply .* ttl=64 \(request in \d+\)/)
  t.equal(tshark('wire.pcapng', '-Y', '_ws.malformed || _ws.expert.severity >= 0x600000'), '')
  const stop = await capture('netlink.pcapng', '--host', 'a', '--netlink')
  await on('a', 'ip link add d0 type dummy')
  await stop()
  t.match(tshark('netlink.pcapng'), /Netlink route \d+/)
  t.equal(tshark('netlink.pcapng', '-Y', '_ws.malformed'), '')
})

t.test('over HTTP it is a stream', async (t) => {
  const stop = new AbortController()
  const answer = await fetch(`${address}/v1/labs/default/capture?host=a&netlink=true`, { signal: stop.signal })
  t.equal(answer.headers.get('content-type'), 'application/x-pcapng')
  await on('a', 'ip link show')
  let got = Buffer.alloc(0)
  for await (const chunk of answer.body as unknown as AsyncIterable<Uint8Array>) {
    got = Buffer.concat([got, chunk])
    if (readPcapng(got).packets.length > 0) break
  }
  stop.abort()
  t.match(readPcapng(got).packets[0], { interface: 'a/netlink', direction: 'in' })
})

t.test('what cannot be captured is refused by name', async (t) => {
  const refused = async (...flags: string[]) => {
    const { code, stderr } = await cli(['capture', '--connect', socket, ...flags, '-w', join(directory, 'none')])
    t.equal(code, 125)
    return stderr
  }
  t.match(await refused('--wire', 'none'), /netdouble: wire: lab default has no wire named none\n/)
  t.match(await refused('--host', 'a', '--device', 'eth9'), /device: host a has no device eth9/)
  t.match(await refused('--wire', 'cable', '--netlink'), /netlink: a wire is captured, or a host/)
  t.match(await refused('--host', 'a', '--device', 'eth0', '--netlink'), /device: netlink messages are of no device/)
  t.match(await refused('--connect', join(directory, 'nowhere')), /no server at .*nowhere: ENOENT/)
  const answer = await fetch(`${address}/v1/labs/default/capture?colour=red`)
  t.match(await answer.json(), { error: { code: 'BAD_REQUEST', field: 'colour' } })
})

function noTshark(): string | false {
  return spawnSync('tshark', ['--version']).status === 0 ? false : 'tshark (Debian: tshark) is not installed'
}
function tshark(name: string, ...args: string[]): string {
  const checks = ['ip.check_checksum', 'udp.check_checksum'].flatMap((option) => ['-o', `${option}:TRUE`])
  return execFileSync('tshark', ['-n', ...checks, '-r', join(directory, name), ...args], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  })
}

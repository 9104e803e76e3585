/** Programs that send and hear datagrams and frames, on two hosts and the router between them. What is not installed is skipped. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { createLab } from '../../src/index.ts'
import { buildLab } from '../../src/lab/topology.ts'
import { without, withoutApplets } from './programs.ts'

/** a (10.0.0.1) - r - (10.0.1.1) b, both families. */
async function lab(t: { teardown: (fn: () => void) => void }) {
  const lab = createLab({ time: 'real' })
  t.teardown(() => lab.close())
  const wires = [
    { ends: ['a/eth0', 'r/eth0'], delay: 100_000 },
    { ends: ['r/eth1', 'b/eth0'], delay: 100_000 },
  ]
  buildLab(lab, { hosts: { a: {}, r: { devices: [{ name: 'eth0' }, { name: 'eth1' }] }, b: {} }, wires } as never)
  const run = (host: string, command: string) => lab.host(host).run('sh', ['-c', command])
  const up = (n: number) =>
    `ip link set lo up; ip link set eth0 up; ip addr add 10.0.${n}.1/24 dev eth0; ip route add default via 10.0.${n}.254
     ip addr add 2001:db8:${n}::1/64 dev eth0 nodad; ip route add default via 2001:db8:${n}::254`
  await run('a', up(0))
  await run('b', up(1))
  await run(
    'r',
    `ip link set lo up; for n in 0 1; do ip link set eth$n up; ip addr add 10.0.$n.254/24 dev eth$n
     ip addr add 2001:db8:$n::254/64 dev eth$n nodad; done; sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1`,
  )
  return { lab, run }
}
/** Waits until the host has a socket at the port: what `ss` shows. */
async function listens(run: (host: string, command: string) => Promise<{ stdout: string }>, host: string, port: number): Promise<void> {
  for (let i = 0; i < 100; i++) if ((await run(host, `ss -uanH sport = :${port}`)).stdout !== '') return
}

t.test('nc', { skip: without('nc') }, async (t) => {
  const { run } = await lab(t)
  const heard = run('b', 'timeout 20 nc -u -l -p 5555 | head -n 1')
  await listens(run, 'b', 5555)
  await run('a', 'echo hello | timeout 1 nc -u -w 1 10.0.1.1 5555')
  t.equal((await heard).stdout, 'hello\n')
})

t.test('socat', { skip: without('socat') }, async (t) => {
  const { run } = await lab(t)
  const heard = run('b', 'timeout 20 socat -u UDP6-RECVFROM:5556 -')
  await listens(run, 'b', 5556)
  await run('a', 'echo six | socat - "UDP6-SENDTO:[2001:db8:1::1]:5556"')
  t.equal((await heard).stdout, 'six\n')
})

t.test('traceroute', { skip: without('traceroute') }, async (t) => {
  const { run } = await lab(t)
  t.match((await run('a', 'traceroute -n -q 1 -w 3 10.0.1.1')).stdout, / 1 {2}10\.0\.0\.254 .*\n 2 {2}10\.0\.1\.1 /)
  t.match((await run('a', 'traceroute -6 -n -q 1 -w 3 2001:db8:1::1')).stdout, / 1 {2}2001:db8:0?:?:254 .*\n 2 {2}2001:db8:1::1 /)
})

t.test('tracepath', { skip: without('tracepath') }, async (t) => {
  const { run } = await lab(t)
  t.match((await run('a', 'tracepath -n 10.0.1.1')).stdout, /10\.0\.1\.1 .*reached/)
})

t.test('arping', { skip: without('arping') }, async (t) => {
  const { run } = await lab(t)
  t.match((await run('a', 'arping -c 1 -w 3 -I eth0 10.0.0.254')).stdout, /(reply|bytes) from .*10\.0\.0\.254/)
})

t.test('tcpdump', { skip: without('tcpdump') }, async (t) => {
  const { run } = await lab(t)
  const seen = run('b', 'timeout 20 tcpdump -nlvvi eth0 -c 1 udp port 7777 2>/dev/null')
  // it has its ring and its filter when it is listed so
  for (let i = 0; i < 100; i++) if ((await run('b', 'ss -0anHb')).stdout.includes('bpf filter')) break
  await run('a', "python3 -c \"import socket; socket.socket(2, 2).sendto(b'seen', ('10.0.1.1', 7777))\"")
  const { stdout } = await seen
  t.match(stdout, /10\.0\.0\.1\.\d+ > 10\.0\.1\.1\.7777: \[udp sum ok\] UDP, length 4/)
})

t.test('udhcpc and udhcpd', { skip: withoutApplets('udhcpc', 'udhcpd') }, async (t) => {
  const { run } = await lab(t)
  const folder = mkdtempSync(join(tmpdir(), 'netdouble-dhcp-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  const file = (name: string, text: string, mode = 0o644) => {
    writeFileSync(join(folder, name), text, { mode })
    return join(folder, name)
  }
  const leases = file('leases', '')
  const config = file(
    'udhcpd.conf',
    `start 10.0.0.100\nend 10.0.0.110\ninterface eth0\nlease_file ${leases}\npidfile ${folder}/pid\noption subnet 255.255.255.0\n`,
  )
  const script = file('bound', '#!/bin/sh\n[ "$1" = bound ] && ip addr add $ip/$mask dev $interface\nexit 0\n', 0o755)
  await run('a', 'ip addr flush dev eth0')
  const server = run('r', `timeout 8 busybox udhcpd -f ${config}`)
  await listens(run, 'r', 67)
  const { stderr, code } = await run('a', `busybox udhcpc -i eth0 -n -q -t 7 -T 1 -s ${script}`)
  t.match(stderr, /lease of (10\.0\.0\.1\d\d) obtained from 10\.0\.0\.254/)
  t.equal(code, 0)
  t.match((await run('a', 'ip -4 addr show dev eth0')).stdout, /inet 10\.0\.0\.1\d\d\/24/)
  await server
})

/**
 * The frames of two hosts that come up, ping each other, join groups and meet closed ports, against those that the real
 * kernel sent over a veth pair for the same (exchange.hex; record.sh makes it): ARP, neighbour discovery, detection of
 * duplicates, router solicitations, MLD and IGMP of each version, echo, options, fragments, errors, header by header.
 */
import { readFileSync } from 'node:fs'
import t from 'tap'
import { createLab } from '../../src/index.ts'
import type { Host } from '../../src/lab/host.ts'
import type { Lab } from '../../src/lab/lab.ts'
import { buildLab } from '../../src/lab/topology.ts'
import type { socket } from '../../src/net/socket.ts'
import * as syscalls from '../../src/syscalls/syscalls.ts'
import { isErrno } from '../../src/uapi/errno.ts'
import { readPcapng } from '../lab/pcapngReader.ts'
import { inPackage } from '../place.ts'
import { comparable } from './frames.ts'

const AF_INET = 2
const AF_INET6 = 10
const SOCK_DGRAM = 2
const IPPROTO_IPV6 = 41
const IP_ADD_MEMBERSHIP = 35
const IP_ADD_SOURCE_MEMBERSHIP = 39
const IPV6_JOIN_GROUP = 20
const SECOND = 1e9
/** Time that passes in a turn of the loop: enough for an answer, too little for a timer. */
const TURN = 10_000

function pair(): Lab {
  const device = (end: string, n: number) => [
    { name: 'eth0', mac: `02:00:00:00:00:0${end}`, addresses: [`10.0.0.${n}/24`, `2001:db8::${n}/64`] },
  ]
  const lab = createLab()
  buildLab(lab, {
    hosts: { a: { devices: device('a', 1) }, b: { devices: device('b', 2) } },
    wires: [{ name: 'cable', ends: ['a/eth0', 'b/eth0'] }],
  })
  return lab
}

/** Runs a program to its end; meanwhile lab time passes. */
async function run(lab: Lab, host: Host, command: string): Promise<number | null> {
  const [file, ...args] = command.split(' ')
  let ended = false
  const result = host.run(file, args).finally(() => {
    ended = true
  })
  while (!ended) {
    lab.advance(TURN)
    await new Promise((resolve) => setImmediate(resolve))
  }
  return (await result).code
}

/** A datagram socket of a program on host a. */
function withSocket(host: Host, family: number, use: (sock: socket, task: ReturnType<Host['task']>) => void): void {
  const task = host.task()
  const sock = syscalls.sys_socket(task, family, SOCK_DGRAM, 0)
  if (isErrno(sock)) throw new Error(String(sock))
  use(sock, task)
  syscalls.sys_close(sock)
}
const must = (result: unknown) => {
  if (isErrno(result)) throw new Error(String(result))
}
function udp(host: Host, family: number, to: number[]): void {
  const address = (port: number, bytes: number[]) =>
    Uint8Array.from([family, 0, port >> 8, port & 0xff, ...(family === AF_INET6 ? [0, 0, 0, 0] : []), ...bytes, ...Array(8).fill(0)])
  const any = Array(to.length).fill(0)
  withSocket(host, family, (sock, task) => {
    must(syscalls.sys_bind(task, sock, address(4000, any)))
    must(syscalls.sys_sendmsg(task, sock, { data: new Uint8Array(10), flags: 0, name: address(5000, to) }))
  })
}
/** Joins, and leaves after a while. */
function member(lab: Lab, host: Host, family: number, level: number, option: number, request: number[]): void {
  withSocket(host, family, (sock, task) => {
    must(syscalls.sys_setsockopt(task, sock, level, option, Uint8Array.from(request)))
    lab.advance(2.5 * SECOND)
  })
  lab.advance(2.5 * SECOND)
}

async function exchange(lab: Lab): Promise<Buffer[]> {
  const a = lab.host('a')
  const capture = lab.capture({ wire: 'cable' })
  lab.advance(4 * SECOND)
  for (const args of [
    '-c 1 10.0.0.2',
    '-c 1 -s 2000 10.0.0.2',
    '-c 1 -t 7 -Q 0x20 -M do -s 100 10.0.0.2',
    '-c 1 2001:db8::2',
    '-c 1 -s 3000 2001:db8::2',
    '-c 1 -t 9 -Q 0x20 fe80::ff:fe00:b%eth0',
    '-c 1 -R 10.0.0.2',
    '-c 1 -6 -F 0x12345 2001:db8::2',
    '-c 1 -6 -I eth0 ff02::1',
  ])
    if ((await run(lab, a, `ping ${args}`)) !== 0) throw new Error(`ping ${args}`)
  // nobody answers
  for (const args of ['-b -t 3 10.0.0.255', '-I eth0 224.0.0.1']) await run(lab, a, `ping -c 1 -W 0.01 ${args}`)
  udp(a, AF_INET, [10, 0, 0, 2])
  udp(a, AF_INET6, [0x20, 0x01, 0x0d, 0xb8, ...Array(11).fill(0), 2])
  const local = [10, 0, 0, 1]
  member(lab, a, AF_INET, 0, IP_ADD_MEMBERSHIP, [239, 1, 2, 3, ...local])
  member(lab, a, AF_INET, 0, IP_ADD_SOURCE_MEMBERSHIP, [232, 1, 2, 3, ...local, 10, 0, 0, 9])
  const { ifindex } = a.kernel.init_net.dev_name_head.get('eth0')!
  const member6 = () =>
    member(lab, a, AF_INET6, IPPROTO_IPV6, IPV6_JOIN_GROUP, [0xff, 5, ...Array(12).fill(0), 0x12, 0x34, ifindex, 0, 0, 0])
  member6()
  for (const version of [2, 1]) {
    await run(lab, a, `sysctl -qw net.ipv4.conf.eth0.force_igmp_version=${version}`)
    member(lab, a, AF_INET, 0, IP_ADD_MEMBERSHIP, [239, 1, 2, 3, ...local])
  }
  await run(lab, a, 'sysctl -qw net.ipv6.conf.eth0.force_mld_version=1')
  member6()
  for (const address of ['10.0.0.2', '2001:db8::2']) {
    await run(lab, a, `ip neigh change ${address} dev eth0 nud probe`)
    lab.advance(SECOND)
  }
  return readPcapng(capture.close()).packets.map((packet) => packet.bytes)
}

/** Each kind of frame once, in the order in which they come. */
const kinds = (frames: readonly Uint8Array[]) => [...new Set(frames.map(comparable))]

t.test('frames are those of the real kernel', async (t) => {
  const recorded = kinds(
    readFileSync(inPackage('test/wire/exchange.hex'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => Buffer.from(line, 'hex')),
  )
  const lab = pair()
  t.teardown(() => lab.close())
  const ours = kinds(await exchange(lab))
  t.same(
    ours.filter((frame) => !recorded.includes(frame)),
    [],
    'none that it did not send',
  )
  t.same(
    recorded.filter((frame) => !ours.includes(frame)),
    [],
    'all that it sent',
  )
})

t.test('the same seed gives the same frames', async (t) => {
  const twice = [0, 1].map(() => {
    const lab = pair()
    const capture = lab.capture({ wire: 'cable' })
    lab.advance(10 * SECOND)
    member(lab, lab.host('a'), AF_INET, 0, IP_ADD_MEMBERSHIP, [239, 1, 2, 3, 10, 0, 0, 1])
    return Buffer.from(capture.close()).toString('hex')
  })
  t.equal(twice[0], twice[1])
})

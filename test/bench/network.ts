/**
 * Packets, beside the real kernel in the same run: a router between NIC models and one between veth pairs, UDP round
 * trips and pings between programs on two hosts and between two namespaces, an hour of a hundred hosts.
 */
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { hourOfHosts } from './hour.ts'
import { forwarding } from './nics.ts'
import { datagrams } from './sockets.ts'

export interface NetworkRow {
  what: string
  real?: number
  ours: number
  unit: string
  target: string
}

const SECONDS = 2
const QUESTIONS = 10_000
const PINGS = 50

/** Where a program runs: a namespace of the real kernel, or a host. */
type Place = (args: readonly string[]) => readonly [string, ...string[]]
const here: Place = ([file, ...args]) => [file, ...args]
const within =
  ({ pid }: ChildProcess): Place =>
  (args) => ['nsenter', '-t', String(pid), '-n', ...args]

function run(place: Place, args: readonly string[]): string {
  const [file, ...rest] = place(args)
  return String(execFileSync(file, rest, { stdio: ['ignore', 'pipe', 'inherit'] }))
}
function start(place: Place, args: readonly string[]): ChildProcess {
  const [file, ...rest] = place(args)
  return spawn(file, rest, { stdio: ['ignore', 'pipe', 'inherit'] })
}
async function line(child: ChildProcess): Promise<string> {
  const [text] = await once(createInterface(child.stdout as NonNullable<ChildProcess['stdout']>), 'line')
  return text as string
}

/** A namespace that lives as long as the process. */
async function namespace(): Promise<ChildProcess> {
  const child = spawn('unshare', ['-n', 'sh', '-c', 'echo; exec sleep 600'], { stdio: ['ignore', 'pipe', 'inherit'] })
  await line(child)
  return child
}
function pair(left: Place, near: string, address: string, right: ChildProcess, far: string, other: string): void {
  run(left, ['ip', 'link', 'add', near, 'type', 'veth', 'peer', 'name', far, 'netns', String(right.pid)])
  run(left, ['sh', '-c', `ip addr add ${address}/24 dev ${near}; ip link set ${near} up`])
  run(within(right), ['sh', '-c', `ip addr add ${other}/24 dev ${far}; ip link set ${far} up; ip link set lo up`])
}
/** This namespace, a router, and one behind it: what `use` measures there. */
async function veths<T>(use: (router: Place, sink: Place) => Promise<T>): Promise<T> {
  const [router, sink] = [await namespace(), await namespace()]
  try {
    pair(here, 'near0', '10.1.0.1', router, 'near1', '10.1.0.2')
    pair(within(router), 'far0', '10.2.0.2', sink, 'far1', '10.2.0.1')
    run(here, ['ip', 'route', 'add', '10.2.0.0/24', 'via', '10.1.0.2'])
    run(within(router), ['sh', '-c', 'echo 1 >/proc/sys/net/ipv4/ip_forward'])
    run(within(sink), ['ip', 'route', 'add', 'default', 'via', '10.2.0.2'])
    return await use(within(router), within(sink))
  } finally {
    for (const child of [router, sink]) child.kill()
    spawnSync('ip', ['link', 'del', 'near0'])
  }
}

async function forwarded(sink: Place, udp: string): Promise<number> {
  const count = start(sink, [udp, 'count', String(SECONDS)])
  const result = line(count)
  run(here, [udp, 'send', String(SECONDS + 1), '10.2.0.1'])
  return Number(await result)
}
/** Round trips a second from one place to the other. */
async function roundTrips(from: Place, to: Place, address: string, udp: string): Promise<number> {
  const echo = start(to, [udp, 'echo'])
  try {
    await line(echo)
    return Number(run(from, [udp, 'ask', String(QUESTIONS), address]))
  } finally {
    echo.kill()
  }
}
/** Mean round trip, ms. */
function ping(from: Place, address: string): number {
  const [, mean] = /= [\d.]+\/([\d.]+)/.exec(run(from, ['ping', '-q', '-c', String(PINGS), '-i', '0.002', address])) ?? []
  return Number(mean)
}

/** Two hosts on a cable, by the clock of the wall. */
async function twoHosts<T>(netdouble: string, directory: string, use: (a: Place, b: Place) => Promise<T>): Promise<T> {
  const socket = join(directory, 'two-hosts')
  const topology = join(netdouble, '../../examples/two-hosts.yaml')
  const server = spawn(netdouble, ['serve', '--socket', socket, '--topology', topology], { stdio: ['ignore', 'ignore', 'inherit'] })
  const on =
    (host: string): Place =>
    (args) => [netdouble, 'run', '--connect', socket, '--host', host, '--', ...args]
  try {
    for (let i = 0; ; i++) {
      const [file, ...args] = on('a')(['true'])
      if (spawnSync(file, args, { stdio: 'ignore' }).status === 0) break
      if (i === 200) throw new Error('the server did not start')
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    return await use(on('a'), on('b'))
  } finally {
    server.kill()
  }
}

export async function network(netdouble: string, directory: string): Promise<NetworkRow[]> {
  const udp = join(directory, 'udp')
  execFileSync('cc', ['-O2', '-o', udp, join(import.meta.dirname, 'udp.c')])
  const real = await veths(async (router, sink) => ({
    forwarded: await forwarded(sink, udp),
    trips: await roundTrips(here, router, '10.1.0.2', udp),
    ping: ping(here, '10.1.0.2'),
  }))
  const ours = await twoHosts(netdouble, directory, async (a, b) => ({
    trips: await roundTrips(a, b, '10.0.0.2', udp),
    ping: ping(a, '10.0.0.2'),
  }))
  const rows: NetworkRow[] = []
  for (const model of ['virtio-net', '82559', 'plain'] as const) {
    const packets = await forwarding(model)
    rows.push({ what: `router, 64-byte UDP, ${model}`, real: real.forwarded, ours: packets, unit: 'packets/s', target: '>= 300000' })
  }
  rows.push({ what: 'in process: a datagram, socket to socket', ours: datagrams() / 1000, unit: 'µs', target: '-' })
  rows.push({ what: 'UDP round trips between programs', real: real.trips, ours: ours.trips, unit: '/s', target: '-' })
  rows.push({ what: 'ping, mean', real: real.ping, ours: ours.ping, unit: 'ms', target: '-' })
  rows.push({ what: 'an hour of 100 hosts, processor time', ours: hourOfHosts().seconds, unit: 's', target: 'seconds' })
  return rows
}

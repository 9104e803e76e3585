/**
 * Three hosts in a row, a - r - b, in three worlds: a lab of this process, whose NICs are the 82559; a lab of a server that
 * programs join, with virtio-net; and namespaces of the real kernel. A program says the same in each.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { type Ended, start, startCli, told } from '../cli/command.ts'
import { inPackage } from '../place.ts'
import { createLab } from '../../src/index.ts'
import { buildLab } from '../../src/lab/topology.ts'

type Said = Pick<Ended, 'code' | 'stdout' | 'stderr'>
export interface World {
  run(host: string, command: string): Promise<Said>
  close(): Promise<void>
}

function topology(model: string) {
  const devices = (...names: string[]) => ({ devices: names.map((name) => ({ name, model })) })
  return {
    time: 'real',
    hosts: { a: devices('eth0'), r: devices('eth0', 'eth1'), b: devices('eth0') },
    wires: [
      { ends: ['a/eth0', 'r/eth0'], delay: 100_000 },
      { ends: ['r/eth1', 'b/eth0'], delay: 100_000 },
    ],
  }
}
const end = (n: number) =>
  `ip link set lo up; ip link set eth0 address 02:00:00:00:00:0${n} up; ip addr add 10.0.${n}.1/24 brd + dev eth0
  ip route add default via 10.0.${n}.254; ip addr add 2001:db8:${n}::1/64 dev eth0 nodad; ip route add default via 2001:db8:${n}::254`
const router = [0, 1].map(
  (n) =>
    `ip link set eth${n} address 02:00:00:00:01:0${n} up; ip addr add 10.0.${n}.254/24 brd + dev eth${n}
    ip addr add 2001:db8:${n}::254/64 dev eth${n} nodad`,
)
const READY = 'until ip -6 addr show dev eth0 tentative | wc -c | grep -qx 0; do :; done'
async function configured(world: World): Promise<World> {
  const sysctl = 'sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1'
  // what one program has asked for is not the next one's loss
  const unlimited = 'sysctl -qw net.ipv4.icmp_ratelimit=0 net.ipv6.icmp.ratelimit=0'
  await Promise.all(['a', 'r', 'b'].map((host) => world.run(host, unlimited)))
  await world.run('r', ['ip link set lo up', sysctl, ...router].join('\n'))
  await Promise.all([world.run('a', `${end(0)}\n${READY}`), world.run('b', `${end(1)}\n${READY}`), world.run('r', READY)])
  return world
}

export function labWorld(): Promise<World> {
  const lab = createLab({ time: 'real' })
  buildLab(lab, topology('82559') as never)
  return configured({
    run: (host, command) => lab.host(host).run('sh', ['-c', command]),
    close: async () => lab.close(),
  })
}

/** `netdouble serve`, and `netdouble run --connect` for each program. */
export async function serverWorld(): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), 'netdouble-world-'))
  const socket = join(folder, 'socket')
  writeFileSync(join(folder, 'lab.yaml'), stringify(topology('virtio-net')))
  const server = startCli(['serve', '--socket', socket, '--topology', join(folder, 'lab.yaml')])
  await told(server.child, 'listening on')
  const on = ['run', `--connect=${socket}`, '--host']
  return configured({
    run: (host, command) => start(inPackage('bin/netdouble'), [...on, host, '--', 'sh', '-c', command]).ended,
    async close() {
      server.child.kill('SIGTERM')
      await server.ended
      rmSync(folder, { recursive: true, force: true })
    },
  })
}

/** Why there can be no namespaces of the real kernel here. */
export function withoutNamespaces(): string | false {
  const tried = spawnSync('unshare', ['-n', 'ip', 'link', 'add', 'eth0', 'type', 'veth', 'peer', 'name', 'eth1'])
  return tried.status === 0 ? false : 'no namespaces of the real kernel here'
}
export async function realWorld(): Promise<World> {
  const holders: Record<string, ChildProcess> = {}
  for (const host of ['a', 'r', 'b']) {
    const holder = spawn('unshare', ['-n', 'sh', '-c', 'echo; exec sleep 300'], { stdio: ['ignore', 'pipe', 'inherit'] })
    await new Promise((resolve) => holder.stdout.once('data', resolve))
    holders[host] = holder
  }
  const pid = (host: string) => String(holders[host].pid)
  const run = (host: string, command: string) => start('nsenter', ['-t', pid(host), '-n', 'sh', '-c', command]).ended
  await run('a', `ip link add eth0 type veth peer name eth0 netns ${pid('r')}`)
  await run('b', `ip link add eth0 type veth peer name eth1 netns ${pid('r')}`)
  return configured({
    run,
    async close() {
      for (const holder of Object.values(holders)) holder.kill()
    },
  })
}

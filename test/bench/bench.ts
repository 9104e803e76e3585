/**
 * Speed, as ratios against the real kernel in the same run: `npm run bench`. Runs itself in a network namespace of its own
 * (`unshare -n`), so that the same `ip` commands meet an empty real kernel or a netdouble server in turn.
 */
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { growth } from './growth.ts'
import { inProcess } from './inProcess.ts'
import { links as manyLinks } from './links.ts'
import { network } from './network.ts'
import { routes } from './routes.ts'

const here = dirname(fileURLToPath(import.meta.url))
const netdouble = join(here, '../../bin/netdouble')
const temp = mkdtempSync(join(tmpdir(), 'netdouble-bench-'))
const socket = join(temp, 'socket')

interface Row {
  what: string
  real?: number
  ours: number
  unit: string
  target: string
}
/** Objects of the big tables; NETDOUBLE_BENCH_SIZE for a quick look. */
const SIZE = Number(process.env.NETDOUBLE_BENCH_SIZE ?? 100_000)
const rows: Row[] = []
const median = (list: number[]) => [...list].sort((a, b) => a - b)[list.length >> 1]

function ms(file: string, args: string[]): number {
  const start = process.hrtime.bigint()
  const done = spawnSync(file, args, { stdio: ['ignore', 'ignore', 'pipe'] })
  if (done.status !== 0) throw new Error(`${file} ${args.join(' ')}: ${done.status} ${done.signal} ${String(done.stderr).slice(0, 300)}`)
  return Number(process.hrtime.bigint() - start) / 1e6
}
const attached = (args: string[], options: string[] = []): [string, string[]] => [
  netdouble,
  ['run', '--connect', socket, ...options, '--', ...args],
]

/** Real and ours in turn, so that a change of the machine's speed meets both. */
function compare(what: string, target: string, rounds: number, real: () => number, ours: () => number): void {
  const a: number[] = []
  const b: number[] = []
  for (let i = 0; i < rounds; i++) {
    a.push(real())
    b.push(ours())
  }
  rows.push({ what, real: median(a), ours: median(b), unit: 'ms', target })
}

function batch(name: string, lines: string[]): string {
  const file = join(temp, name)
  writeFileSync(file, `${lines.join('\n')}\n`)
  return file
}

async function startServer(): Promise<() => void> {
  const server = spawn(netdouble, ['serve', '--socket', socket], { stdio: ['ignore', 'ignore', 'inherit'] })
  for (let i = 0; i < 200; i++) {
    if (spawnSync(...attached(['true'])).status === 0) return () => server.kill()
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error('the server did not start')
}

function links(): void {
  compare(
    'ip link, file traps',
    '<= 2.5x',
    30,
    () => ms('ip', ['link']),
    () => ms(...attached(['ip', 'link'])),
  )
  compare(
    'ip link, --no-files',
    '<= 2x',
    30,
    () => ms('ip', ['link']),
    () => ms(...attached(['ip', 'link'], ['--no-files'])),
  )
}

function addresses(): void {
  const devices = Array.from({ length: 50 }, (_, i) => [`a${i}`, `b${i}`]).flat()
  const make = batch(
    'devices',
    devices.filter((_, i) => i % 2 === 0).map((d) => `link add ${d} type veth peer name b${d.slice(1)}`),
  )
  const add = batch(
    'addresses',
    Array.from({ length: 20000 }, (_, i) => `addr add 10.${i >> 14}.${(i >> 6) & 255}.${(i & 63) + 1}/32 dev ${devices[i % 100]}`),
  )
  const drop = batch(
    'drop',
    devices.filter((_, i) => i % 2 === 0).map((d) => `link del ${d}`),
  )
  const round = (run: (args: string[]) => [string, string[]]) => () => {
    ms(...run(['ip', '-batch', make]))
    const took = ms(...run(['ip', '-batch', add]))
    ms(...run(['ip', '-batch', drop]))
    return took
  }
  compare(
    'ip -batch, 20,000 addr add on 100 devices',
    '<= 6x',
    3,
    round(([file, ...args]) => [file, args]),
    round((args) => attached(args)),
  )
}

function pairs(): void {
  const make = batch(
    'pairs',
    Array.from({ length: 2000 }, (_, i) => `link add p${i} type veth peer name q${i}`),
  )
  const drop = batch(
    'unpair',
    Array.from({ length: 2000 }, (_, i) => `link del p${i}`),
  )
  const round = (run: (args: string[]) => [string, string[]]) => () => {
    const took = ms(...run(['ip', '-batch', make]))
    ms(...run(['ip', '-batch', drop]))
    return took
  }
  compare(
    'ip -batch, 2,000 veth pairs',
    '<= 1x',
    1,
    round(([file, ...args]) => [file, args]),
    round((args) => attached(args)),
  )
}

/** The bare program, or attached. */
type Runner = (args: string[]) => [string, string[]]
const bare: Runner = ([file, ...args]) => [file, args]
const runners: readonly Runner[] = [bare, (args) => attached(args)]
function row(what: string, target: string, [real, ours]: readonly number[]): void {
  rows.push({ what, real, ours, unit: 'ms', target })
}

const ROUNDS = 3
/** The least of some rounds, real and attached in turn, so that both meet the same machine. */
function least(args: string[], rounds = ROUNDS): number[] {
  const best = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]
  for (let round = 0; round < rounds; round++) {
    runners.forEach((run, i) => {
      best[i] = Math.min(best[i], ms(...run(args)))
    })
  }
  return best
}

/** Routes out of one device: added, listed and flushed. */
function manyRoutes(count: number): void {
  const route = (i: number) => `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}/32`
  const add = batch(
    'routes',
    Array.from({ length: count }, (_, i) => `route add ${route(i)} dev r0`),
  )
  least(['ip', 'link', 'add', 'r0', 'up', 'type', 'veth', 'peer', 'name', 'r1'], 1)
  row(`ip -batch of routes, ${count}`, '<= 6x', least(['ip', '-batch', add], 1))
  row(`ip route show, ${count}`, '<= 1.2x', least(['ip', 'route', 'show']))
  row(`ip route flush, ${count}`, '<= 2x', least(['ip', 'route', 'flush', 'table', 'main'], 1))
  least(['ip', 'link', 'del', 'r0'], 1)
}
/** veth pairs: made and listed. */
function manyPairs(count: number): void {
  const make = batch(
    'many',
    Array.from({ length: count }, (_, i) => `link add p${i} type veth peer name q${i}`),
  )
  const drop = batch(
    'drop-many',
    Array.from({ length: count }, (_, i) => `link del p${i}`),
  )
  row(`ip -batch of veth pairs, ${count}`, '<= 1x', least(['ip', '-batch', make], 1))
  row(`ip link, ${2 * count} devices`, '<= 1.2x', least(['ip', '-o', 'link']))
  row(`ip -batch of veth pairs that go, ${count}`, '<= 1x', least(['ip', '-batch', drop], 1))
}

function trappedCall(): void {
  const program = join(temp, 'trapped')
  execFileSync('cc', ['-O2', '-o', program, join(here, 'trapped.c')])
  for (const [kind, what, target] of [
    ['plain', 'one trapped call, p50', '<= 10 µs'],
    ['memory', 'one that reads and writes memory, p50', '-'],
  ]) {
    const [ours] = String(execFileSync(...attached([program, kind, '20000'])))
      .split(' ')
      .map(Number)
    const [real] = String(execFileSync(program, [kind, '20000']))
      .split(' ')
      .map(Number)
    rows.push({ what, real, ours, unit: 'µs', target })
  }
}

function startUp(): void {
  compare(
    'netdouble run -- true (real: true)',
    '-',
    7,
    () => ms('true', []),
    () => ms(netdouble, ['run', '--', 'true']),
  )
}

function print(): void {
  console.log('attached: each program joins a server that runs already (netdouble run --connect); its start is in the figure')
  for (const r of rows) {
    const real = r.real === undefined ? '' : `real ${r.real.toFixed(2)} ${r.unit}  ratio ${(r.ours / r.real).toFixed(2)}`
    console.log(`${r.what.padEnd(46)} ${r.ours.toFixed(2).padStart(10)} ${r.unit}  ${r.target.padEnd(10)} ${real}`)
  }
}

if (process.env.NETDOUBLE_BENCH_NAMESPACE === undefined) {
  const again = spawnSync('unshare', ['-n', process.execPath, ...process.execArgv, fileURLToPath(import.meta.url)], {
    stdio: 'inherit',
    env: { ...process.env, NETDOUBLE_BENCH_NAMESPACE: '1' },
  })
  process.exitCode = again.status ?? 1
} else {
  try {
    if (process.env.NETDOUBLE_BENCH_ATTACHED === undefined) {
      rows.push(...inProcess(), ...manyLinks(), ...routes(), ...growth(), ...(await network(netdouble, temp)))
    }
    const stop = await startServer()
    try {
      trappedCall()
      links()
      addresses()
      pairs()
      manyRoutes(SIZE)
      manyPairs(SIZE / 10)
    } finally {
      stop()
    }
    startUp()
  } finally {
    print()
    rmSync(temp, { recursive: true, force: true })
  }
}

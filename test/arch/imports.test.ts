/** The arrows between rooms: who may import values from whom. `import type` may go anywhere. */
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import t from 'tap'
import { inPackage } from '../place.ts'

const src = inPackage('src/')

/** Rooms in the order of knowledge: each may import from itself and from those named. */
const mayImport: Record<string, string[]> = {
  lib: [],
  uapi: ['lib'],
  kernel: ['lib', 'uapi'],
  'net (base)': ['lib', 'uapi', 'kernel'],
  'net/netlink': ['lib', 'uapi', 'kernel', 'net (base)'],
  fs: ['lib', 'uapi', 'kernel'],
  'net/core': ['lib', 'uapi', 'kernel', 'net (base)', 'net/netlink', 'fs', 'net/sched', 'net/ethernet', 'net/ethtool'],
  'net/sched': ['lib', 'uapi', 'kernel', 'net (base)', 'net/netlink', 'fs', 'net/core'],
  'net/ethernet': ['lib', 'uapi', 'kernel', 'net (base)', 'net/netlink', 'fs', 'net/core'],
  'net/dcb': ['lib', 'uapi', 'kernel', 'net (base)', 'net/netlink', 'net/core'],
  'net/ethtool': ['lib', 'uapi', 'kernel', 'net (base)', 'net/netlink', 'net/core'],
  'net/ipv4': ['lib', 'uapi', 'kernel', 'net (base)', 'net/netlink', 'fs', 'net/core', 'net/sched', 'net/ethernet'],
  'net/ipv6': ['lib', 'uapi', 'kernel', 'net (base)', 'net/netlink', 'fs', 'net/core', 'net/sched', 'net/ethernet', 'net/ipv4'],
  'net/mpls': ['lib', 'uapi', 'kernel', 'net (base)', 'net/netlink', 'fs', 'net/core', 'net/sched', 'net/ethernet', 'net/ipv4', 'net/ipv6'],
  'net/mptcp': ['lib', 'uapi', 'kernel', 'net (base)', 'net/netlink', 'net/core', 'net/ipv4'],
  'net/packet': ['lib', 'uapi', 'kernel', 'net (base)', 'net/netlink', 'fs', 'net/core', 'net/ipv4'],
  'net/netfilter': ['lib', 'uapi', 'kernel', 'net (base)', 'net/netlink', 'net/core'],
  'net/xfrm': ['lib', 'uapi', 'kernel', 'net (base)', 'net/netlink', 'net/core', 'net/ethernet', 'net/ipv4'],
  'net/802': ['lib', 'uapi', 'kernel', 'net/core'],
  'net/8021q': ['lib', 'uapi', 'kernel', 'net (base)', 'net/netlink', 'fs', 'net/802', 'net/core', 'net/sched', 'net/ethernet'],
  // a snooping bridge is itself in groups of both families
  'net/bridge': [
    'lib',
    'uapi',
    'kernel',
    'net (base)',
    'net/netlink',
    'fs',
    'net/802',
    'net/core',
    'net/sched',
    'net/ethernet',
    'net/ipv4',
    'net/ipv6',
  ],
  'net (ioctl)': ['lib', 'uapi', 'kernel', 'net (base)', 'net/core', 'net/ipv4', 'net/8021q'],
  drivers: ['lib', 'uapi', 'kernel', 'net (base)', 'net/netlink', 'fs', 'net/core', 'net/sched', 'net/ethernet', 'net/8021q'],
  hw: ['lib', 'kernel'],
  syscalls: ['lib', 'uapi', 'kernel', 'net (base)', 'net (ioctl)', 'net/netlink', 'net/core', 'fs'],
  init: [
    'lib',
    'uapi',
    'kernel',
    'net (base)',
    'net (ioctl)',
    'net/netlink',
    'fs',
    'net/802',
    'net/core',
    'net/sched',
    'net/ethernet',
    'net/dcb',
    'net/ethtool',
    'net/ipv4',
    'net/ipv6',
    'net/8021q',
    'net/mpls',
    'net/mptcp',
    'net/netfilter',
    'net/xfrm',
    'net/packet',
    'net/bridge',
    'drivers',
    'hw',
  ],
  lab: ['lib', 'uapi', 'kernel', 'hw', 'init'],
  attach: ['lib', 'uapi', 'kernel', 'syscalls', 'lab'],
  server: ['lib', 'uapi', 'kernel', 'syscalls', 'lab', 'attach'],
  cli: ['lib', 'uapi', 'kernel', 'syscalls', 'lab', 'attach', 'server'],
  index: ['lib', 'uapi', 'kernel', 'syscalls', 'lab', 'attach', 'server'],
}

/** What simulates: no waiting, no wall clock, no chance of its own. */
const simulated = ['net', 'kernel', 'drivers', 'hw', 'lab', 'fs', 'syscalls', 'init']
const forbidden: [string, RegExp][] = [
  ['await', /\bawait\b/],
  ['async', /\basync\b/],
  ['Date', /\bDate\s*[.(]|\bnew Date\b/],
  ['Math.random', /\bMath\.random\b/],
  ['a timer of Node', /\b(setTimeout|setInterval|setImmediate|queueMicrotask|process\.nextTick)\b/],
  ['the wall clock', /\bperformance\.|\bhrtime\b/],
]

const files = readdirSync(src, { recursive: true })
  .map(String)
  .filter((f) => f.endsWith('.ts'))
  .sort()

function roomOf(file: string): string {
  const steps = file.split('/')
  if (steps.length === 1) return 'index'
  // the dispatcher by request number stands above the rooms that it sends to
  if (file === 'net/ioctl.ts') return 'net (ioctl)'
  if (steps[0] === 'net') return steps.length === 2 ? 'net (base)' : `net/${steps[1]}`
  return steps[0]
}

/** Source without comments and texts, so that words in them do not count. */
function bare(text: string): string {
  return text
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/(^|[^:'"`])\/\/.*$/gm, '$1')
    .replace(/'(?:[^'\\\n]|\\.)*'/g, "''")
}

/** Modules whose values a file imports or re-exports. */
function valueImports(text: string): string[] {
  const plain = text.replace(/\/\*[\s\S]*?\*\//g, '')
  const found: string[] = []
  for (const m of plain.matchAll(/^(?:import|export)\s+(type\s+)?([^;'"]*?\sfrom\s+)?['"]([^'"]+)['"]/gm)) {
    const names = /\{([\s\S]*)\}/.exec(m[2] ?? '')?.[1]
    const onlyTypes =
      names !== undefined && !/^\s*\w+\s*,/.test(m[2] ?? '') && names.split(',').every((n) => n.trim() === '' || /^type\s/.test(n.trim()))
    if (m[1] === undefined && !onlyTypes) found.push(m[3])
  }
  return found
}

t.test('values are imported along the arrows of the design only', async (t) => {
  const wrong: string[] = []
  for (const file of files) {
    const room = roomOf(file)
    for (const target of valueImports(readFileSync(join(src, file), 'utf8'))) {
      if (!target.startsWith('.')) continue
      const path = relative(src, join(src, dirname(file), target))
      const other = path.startsWith('..') ? path : roomOf(path)
      if (other !== room && !mayImport[room]?.includes(other)) wrong.push(`${file} → ${path}: ${room} may not import values from ${other}`)
    }
  }
  t.strictSame(wrong, [])
})

t.test('a driver and its hardware model never import each other', async (t) => {
  t.notOk(mayImport.drivers.includes('hw'))
  t.notOk(mayImport.hw.includes('drivers'))
})

t.test('every room is in the table', async (t) => {
  const rooms = [...new Set(files.map(roomOf))]
  t.strictSame(
    rooms.filter((room) => mayImport[room] === undefined),
    [],
  )
})

t.test('what simulates does not wait, and has no clock and no chance of its own', async (t) => {
  const wrong: string[] = []
  for (const file of files) {
    if (!simulated.includes(file.split('/')[0])) continue
    const text = bare(readFileSync(join(src, file), 'utf8'))
    for (const [what, pattern] of forbidden) if (pattern.test(text)) wrong.push(`${file}: ${what}`)
  }
  t.strictSame(wrong, [])
})

t.test('imports name their file with .ts, so that the sources run as they are', async (t) => {
  const wrong = files.flatMap((file) =>
    valueImports(readFileSync(join(src, file), 'utf8'))
      .filter((p) => p.startsWith('.') && !/\.(ts|json)$/.test(p))
      .map((p) => `${file}: ${p}`),
  )
  t.strictSame(wrong, [])
})

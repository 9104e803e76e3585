/** How total cost grows with the number of objects: the slope of log cost over log n, from 1,000 to 100,000. */
import { spawnSync } from 'node:child_process'
import { moduleCommand } from '../place.ts'
import { link_kinds } from './linkObjects.ts'
import { more_kinds } from './moreObjects.ts'
import { kinds, type Objects, Owner } from './objects.ts'
import { type Figure, seconds } from './routes.ts'

const sizes = [1000, 3000, 10_000, 30_000, 100_000]
/** Small tables are made several times, so that neither a clock's grain nor a collection counts. */
const OBJECTS = 30_000
const LISTED = 100_000

/** Least squares through (log n, log cost). */
export function slope(points: readonly (readonly [number, number])[]): number {
  const logs = points.map(([n, cost]) => [Math.log(n), Math.log(cost)])
  const mean = (at: number) => logs.reduce((sum, p) => sum + p[at], 0) / logs.length
  const [x, y] = [mean(0), mean(1)]
  return logs.reduce((sum, p) => sum + (p[0] - x) * (p[1] - y), 0) / logs.reduce((sum, p) => sum + (p[0] - x) ** 2, 0)
}

/** Seconds of one table of `n`. */
interface Cost {
  n: number
  add: number
  dump: number
  del: number
  /** The device goes, and they with it. */
  gone: number
}
function cost(of: Objects, n: number): Cost {
  const owners = Array.from({ length: Math.ceil((of.together ?? OBJECTS) / n) }, () => new Owner(of))
  const each = (work: (owner: Owner) => void) => seconds(() => owners.forEach(work)) / owners.length
  const add = each((owner) => owner.add(n))
  const times = Math.max(1, Math.ceil(LISTED / n / owners.length))
  // in turn: a small table that is listed again at once comes from the processor's own cache, which a big one never fits in
  let dump = 0
  for (let i = 0; i < times; i++) dump += each((owner) => owner.dump()) / times
  const del = each((owner) => owner.del(n))
  if (of.devices > 1) return { n, add, dump, del, gone: 0 }
  for (const owner of owners) owner.add(n)
  return { n, add, dump, del, gone: each((owner) => owner.drop_device()) }
}

function growth_of(of: Objects): Figure[] {
  // compiled before it counts
  cost(of, 10_000)
  const costs = sizes.filter((n) => n <= of.most).map((n) => cost(of, n))
  const row = (what: string, of_one: (c: Cost) => number): Figure => ({
    what: `growth of ${of.what}, ${what}, exponent`,
    ours: slope(costs.map((c) => [c.n, of_one(c)])),
    unit: '',
    target: '<= 1.1',
  })
  const rows = [row('made', (c) => c.add), row('listed', (c) => c.dump), row('taken away', (c) => c.del)]
  if (of.devices === 1) rows.push(row('gone with their device', (c) => c.gone))
  rows.push(row('in all', (c) => c.add + c.dump + c.del + c.gone))
  const last = costs[costs.length - 1]
  rows.push({ what: `${of.what}: one of ${last.n} made`, ours: (last.add * 1e6) / last.n, unit: 'µs', target: '-' })
  return rows
}

const all = (wanted: string): Objects[] => [...kinds, ...more_kinds, ...link_kinds].filter((of) => of.what.includes(wanted))

/** Each kind in a process of its own: what a kind leaves in the heap is not the next one's cost. */
export function growth(wanted = '', told: (figure: Figure) => void = () => {}): Figure[] {
  const [node, ...module] = moduleCommand('test/bench/growth')
  return all(wanted).flatMap(({ what }) => {
    const { stdout, status } = spawnSync(node, [...module, '--json', what], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] })
    if (status !== 0) throw new Error(`growth of ${what}: exit code ${status}`)
    const figures = JSON.parse(stdout) as Figure[]
    for (const figure of figures) told(figure)
    return figures
  })
}

function print(r: Figure): void {
  console.log(`${r.what.padEnd(70)} ${r.ours.toFixed(2).padStart(10)} ${r.unit}  ${r.target}`)
}
if (/growth\.[jt]s$/.test(process.argv[1] ?? '')) {
  const [first = '', what] = process.argv.slice(2)
  const [one] = all('').filter((of) => of.what === what)
  if (first === '--json' && one !== undefined) console.log(JSON.stringify(growth_of(one)))
  else growth(first, print)
}

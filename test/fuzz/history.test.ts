import t from 'tap'
import { Lab } from '../../src/lab/lab.ts'
import { disagreements } from './disagreements.ts'
import { dumped, historyOf, PIDS, reloaded, untold, Walk } from './history.ts'
import { describe } from './tree.ts'
import { World } from './world.ts'

const STEPS = 150
const SEEDS = Array.from({ length: Number(process.env.NETDOUBLE_HISTORIES ?? 12) }, (_, i) => i + 1)

t.setTimeout(300_000)
t.test('after each step of a random history the dumps are the sum of what was told, and ioctls and /proc agree', async (t) => {
  for (const seed of SEEDS) {
    const first = new World(seed)
    const walk = new Walk(first, first.beside(PIDS[1]))
    const wrong: string[] = []
    for (const [i, act] of historyOf(seed, STEPS).entries()) {
      walk.step(act)
      const what = act.kind === 'send' ? describe(act.tree) : `advance ${act.ns}`
      // all views of two namespaces take longer than a step
      const look = i % 4 === 3 || i === STEPS - 1
      const seen = !look ? [] : walk.places.flatMap(({ world }, n) => disagreements(world).map((line) => `${n}: ${line}`))
      for (const line of [...walk.differences(act), ...seen]) wrong.push(`step ${i}, ${what}: ${line}`)
      if (wrong.length > 0) break
    }
    t.same(wrong, [], `seed ${seed}`)
  }
})

t.test('a host that is saved and loaded goes on as the one that was not', async (t) => {
  for (const seed of SEEDS.slice(0, 4)) {
    const walk = new Walk(new World(seed))
    const history = historyOf(seed, 60)
    const at = 20 + (seed % 20)
    for (const act of history.slice(0, at)) walk.step(act)
    const worlds = reloaded(walk.world, (bytes) => Lab.load(bytes))
    const same = new Walk(worlds.same)
    const other = new Walk(worlds.other)
    const wrong: number[] = []
    for (const [i, act] of history.slice(at).entries()) {
      const a = same.step(act)
      const b = other.step(act)
      if (a.error !== b.error || a.told.map(untold).join() !== b.told.map(untold).join()) wrong.push(at + i)
    }
    t.same(wrong, [], `seed ${seed}: answers and notifications`)
    t.same([...dumped(other.world)], [...dumped(same.world)], `seed ${seed}: dumps`)
  }
})

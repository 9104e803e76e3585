import { spawn } from 'node:child_process'
import t from 'tap'
import { moduleCommand } from '../place.ts'

/** In all; NETDOUBLE_FUZZ asks for another number. */
const TOTAL = Number(process.env.NETDOUBLE_FUZZ ?? 1_000_000)
const SEEDS = 8
/** ms without 500 steps more: no message takes so long. */
const HANG = 60_000
const [node, ...cli] = moduleCommand('test/fuzz/cli')

interface Outcome {
  /** What the run printed when it failed, or that it hangs. */
  failure: string | undefined
  objects: number[]
}

/** Runs a seed in a process of its own, so that a hang can be seen and named. */
function run(seed: number, count: number): Promise<Outcome> {
  const args = [...cli, '--seed', String(seed), '--count', String(count), '--census', '1']
  const child = spawn(node, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  return new Promise((resolve) => {
    let text = ''
    let watch: NodeJS.Timeout | undefined
    const alive = () => {
      clearTimeout(watch)
      watch = setTimeout(() => {
        text += '(no more steps: it hangs)'
        child.kill('SIGKILL')
      }, HANG)
    }
    alive()
    child.stdout.on('data', (data) => {
      text += data
      alive()
    })
    child.on('close', (code) => {
      clearTimeout(watch)
      const objects = /^objects (\d+) (\d+)$/m.exec(text)?.slice(1).map(Number) ?? []
      const beats = text.match(/^at \d+$/gm) ?? []
      const failure = code === 0 ? undefined : `seed ${seed}, ${beats.at(-1)}\n${text.replaceAll(/^at \d+\n/gm, '')}`
      resolve({ failure, objects })
    })
  })
}

t.setTimeout(900_000)
t.test('messages by the grammar, valid and mutated: no crash, no hang, readable answers, nothing left behind', async (t) => {
  for (let seed = 1; seed <= SEEDS; seed++) {
    const { failure, objects } = await run(seed, TOTAL / SEEDS)
    t.equal(failure, undefined, `seed ${seed}`)
    t.ok(objects[1] <= objects[0] + 12_000, `seed ${seed}: ${objects[0]} objects after a tenth, ${objects[1]} at the end`)
  }
})

/** Makes a failing history small: drops steps, then zeroes and cuts the bytes of those that are left. */
import { put32 } from '../../src/lib/bytes.ts'
import { attempt, type Failure } from './fuzzer.ts'
import { type Step, take } from './steps.ts'
import { World } from './world.ts'

/** What goes wrong when the steps are taken from the beginning, at whichever of them; 'end' is the namespace's end. */
export function replay(seed: number, steps: readonly Step[]): string | undefined {
  const world = new World(seed)
  for (const step of steps) {
    const bad = attempt(() => take(world, step))
    if (bad !== undefined) return bad
  }
  return attempt(() => void world.renew())
}
/** Two failures are one when they begin alike: text without numbers, and the same function. */
function signature(what: string): string {
  const [text, ...stack] = what.split('\n')
  const where = stack.find((line) => line.includes('src/')) ?? ''
  return `${text.replaceAll(/\d+/g, '#')} ${where.replace(/:\d+:\d+\)?$/, '').trim()}`
}

export function minimise({ seed, what, steps }: Failure, limit = 400): Step[] {
  const wanted = signature(what)
  let tries = limit
  const fails = (list: readonly Step[]) => {
    if (tries-- <= 0) return false
    const bad = replay(seed, list)
    return bad !== undefined && signature(bad) === wanted
  }
  if (!fails(steps)) return steps
  let left = [...steps]
  for (let size = left.length >> 1; size >= 1; size = size === 1 ? 0 : size >> 1) {
    for (let at = 0; at < left.length; ) {
      const without = [...left.slice(0, at), ...left.slice(at + size)]
      if (fails(without)) left = without
      else at += size
    }
  }
  for (const [i, step] of left.entries()) left = shrink(left, i, step, fails)
  return left
}
/** Cuts a message from its end, four bytes at a time. */
function shrink(list: Step[], i: number, step: Step, fails: (list: readonly Step[]) => boolean): Step[] {
  if (step.kind !== 'send') return list
  let best = list
  for (let { length } = step.data; length > 20; length -= 4) {
    const data = step.data.slice(0, length - 4)
    put32(data, 0, data.length)
    const tried = best.with(i, { ...step, data })
    if (!fails(tried)) break
    best = tried
  }
  return best
}

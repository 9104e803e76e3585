/**
 * `npm run fuzz -- [--seed N] [--seeds N] [--count N]`: prints the rate, and each failure with its seed and its smallest history.
 * `--census 1`: also how many objects stay behind, after a tenth and at the end.
 */
import { objectCount } from './census.ts'
import { type Failure, Fuzzer } from './fuzzer.ts'
import { minimise } from './minimise.ts'
import { report } from './report.ts'

function argument(name: string, otherwise: number): number {
  const at = process.argv.indexOf(`--${name}`)
  return at < 0 ? otherwise : Number(process.argv[at + 1])
}

/** Objects of the host when every namespace but the first has ended. */
function left(fuzzer: Fuzzer): number {
  fuzzer.world.end()
  const objects = objectCount(fuzzer.world.lab)
  fuzzer.world.reopen()
  return objects
}
/** What modules and tables take once is not growth: the first tenth is the measure. */
function withCensus(seed: number, count: number): Failure | undefined {
  const fuzzer = new Fuzzer(seed)
  const warm = Math.ceil(count / 10)
  const early = fuzzer.run(warm, beat)
  if (early !== undefined) return early
  const before = left(fuzzer)
  const late = fuzzer.run(count - warm, beat)
  if (late === undefined) console.log(`objects ${before} ${left(fuzzer)}`)
  return late
}
/** A sign of life for who watches. */
function beat(index: number): void {
  if (index % 500 === 0) console.log(`at ${index}`)
}

const count = argument('count', 20_000)
const first = argument('seed', 1)
for (let seed = first; seed < first + argument('seeds', 1); seed++) {
  const start = performance.now()
  const failure = argument('census', 0) === 1 ? withCensus(seed, count) : new Fuzzer(seed).run(count)
  const took = performance.now() - start
  console.log(`seed ${seed}: ${failure?.index ?? count} steps, ${((took * 1000) / (failure?.index ?? count)).toFixed(1)} µs each`)
  if (failure !== undefined) {
    console.log(report(failure, minimise(failure)))
    process.exitCode = 1
  }
}

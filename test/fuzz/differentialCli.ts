/**
 * `node --import=tsx test/fuzz/differentialCli.ts [--seed N] [--seeds N] [--count N] [--only RTM_…]`: differences from the real
 * kernel, by kind. With `--kinds plain --write FILE` only the requests are written, for the helper to be run under another
 * kernel, whose output `--read FILE` then takes in the place of the local kernel's.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { answersOf, askReal, compareSeed, type Difference, type Heard, questionsOf, realKernel, script } from './differential.ts'
import { known } from './knownDifferences.ts'
import * as words from './vocabulary.ts'

function argument(name: string): string | undefined {
  const at = process.argv.indexOf(`--${name}`)
  return at < 0 ? undefined : process.argv[at + 1]
}
const first = Number(argument('seed') ?? 1)
const seeds = Array.from({ length: Number(argument('seeds') ?? 20) }, (_, i) => first + i)
const only = argument('only')
const vocabulary = argument('kinds') === 'plain' ? words.oracle_kinds : words.real_kinds
const count = Number(argument('count') ?? 300)
const questions = seeds.map((seed) => questionsOf(seed, count, vocabulary, only === undefined ? undefined : new RegExp(only)))
const input = Buffer.concat(questions.map(script))

function answers(): Heard[] {
  const file = argument('read')
  if (file !== undefined) return answersOf(readFileSync(file))
  const directory = mkdtempSync(join(tmpdir(), 'netdouble-'))
  try {
    const program = realKernel(directory)
    if (program === undefined) throw new Error('no namespace can be made here')
    return askReal(program, input)
  } finally {
    rmSync(directory, { recursive: true })
  }
}
function compareAll(): void {
  const all = answers()
  const there = argument('read') !== undefined
  const kinds = new Map<string, Difference[]>()
  for (const [i, seed] of seeds.entries()) {
    const mine = all.slice(i * count, (i + 1) * count)
    for (const d of compareSeed(seed, questions[i], mine, there ? () => false : known, { kinds: vocabulary, parts: there })) {
      const kind = `${d.name}: real ${d.real.replaceAll(/=\d+/g, '=#')}, ours ${d.ours.replaceAll(/=\d+/g, '=#')}`
      kinds.set(kind, [...(kinds.get(kind) ?? []), d])
    }
  }
  for (const [kind, list] of [...kinds].sort((a, b) => b[1].length - a[1].length)) {
    const [shortest] = list.toSorted((a, b) => a.request.length - b.request.length)
    console.log(`${list.length}x ${kind.slice(0, 900)}\n    seed ${shortest.seed} step ${shortest.step}: ${shortest.request}`)
  }
}

const file = argument('write')
if (file === undefined) compareAll()
else writeFileSync(file, input)

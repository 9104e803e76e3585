import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { askReal, compareSeed, questionsOf, realKernel, script } from './differential.ts'
import { known } from './knownDifferences.ts'
import * as words from './vocabulary.ts'

const COUNT = 200
const SEEDS = Array.from({ length: 12 }, (_, i) => i + 1)

t.setTimeout(300_000)
t.test('the local kernel and a host answer alike: errno, text and offset', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'netdouble-'))
  t.teardown(() => rmSync(directory, { recursive: true }))
  const program = realKernel(directory)
  if (program === undefined) return t.comment('no namespace can be made here')
  const asked = SEEDS.map((seed) => questionsOf(seed, COUNT, words.real_kinds))
  const answers = askReal(program, Buffer.concat(asked.map(script)))
  for (const [i, seed] of SEEDS.entries()) {
    const found = compareSeed(seed, asked[i], answers.slice(i * COUNT, (i + 1) * COUNT), known)
    t.same(found, [], `seed ${seed}`)
  }
})

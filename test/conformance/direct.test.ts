/** What was identical with Linux stays so: the recorded requests of all listed commands, fed straight into the kernel. */
import t from 'tap'
import { readRecording, recordingPath } from '../oracle/recordings.ts'
import { replayDirect } from './direct.ts'
import { againstList, readIdentical } from './identical.ts'
import { DIRECT_PARTS, judge } from './judge.ts'

const list = readIdentical().direct
const results = Object.keys(list).map((name) => ({ golden: recordingPath(name), ...replayDirect(readRecording(name)) }))
const verdicts = judge(results, { parts: DIRECT_PARTS })

for (const [n, verdict] of verdicts.entries()) {
  t.test(verdict.case, async (t) => {
    const { lost, gained } = againstList(list, verdict)
    const why = verdict.different
      .filter((d) => lost.includes(d.n))
      .map((d) => `[${d.n}] ${d.cmd}: ${d.differences[0].part}: ${d.differences[0].what}`)
    t.same(why, [], 'listed commands are identical')
    t.same(results[n].crashes, [], 'no exceptions')
    if (gained.length > 0) t.comment(`also identical, add with npm run conform -- --direct --update: ${gained.join(' ')}`)
  })
}

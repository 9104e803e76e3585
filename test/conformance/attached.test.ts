/**
 * What was identical with Linux stays so: the commands of the cases themselves, real programs attached to a host. The
 * recordings were made with certain versions of the programs; others print other things, so they are only tried there.
 */
import { spawnSync } from 'node:child_process'
import t from 'tap'
import { readRecording, recordingPath } from '../oracle/recordings.ts'
import type { AttachedResult } from './attached.ts'
import { againstList, readIdentical } from './identical.ts'
import { judge } from './judge.ts'

const VERSIONS: [program: string, option: string, answer: RegExp][] = [
  ['ip', '-V', /iproute2-6\.1\.0\b/],
  ['ifconfig', '--version', /net-tools 2\.10\b/],
  ['bash', '--version', /version 5\.2/],
  ['python3', '--version', /Python 3/],
]
/** Others take their time, or hang on the moment at which something comes by itself. */
const CASES = /^(002|007|008|011|014|015|018|06[4-9]|104|106)-/
/** Print process ids, which are only as in the recordings when a case may have namespaces of its own. */
const NEED_ISOLATION: Record<string, number[]> = { '069-v4-monitor-batch': [9] }

const list = readIdentical().attached
const names = Object.keys(list).filter((name) => CASES.test(name))
const lacking = VERSIONS.filter(([program, option, answer]) => {
  const { stdout, stderr } = spawnSync(program, [option], { encoding: 'utf8' })
  return !answer.test(`${stdout}${stderr}`)
})

t.setTimeout(300_000)
t.test('cases', { skip: lacking.length > 0 && `other versions of ${lacking.map(([program]) => program).join(', ')}` }, async (t) => {
  const { replayAttached } = await import('./attached.ts')
  // one case waits 20 s for a monitor that nobody ends; the others run beside it
  const waiting = names.filter((name) => name.startsWith('069-'))
  const results = new Map<string, AttachedResult>()
  const lane = async (lane: string[]) => {
    for (const name of lane) results.set(name, await replayAttached(readRecording(name)))
  }
  await Promise.all([lane(waiting), lane(names.filter((name) => !waiting.includes(name)))])
  for (const name of names) {
    const result = results.get(name)
    if (result === undefined) continue
    const [verdict] = judge([{ golden: recordingPath(name), recording: result.recording }])
    const { lost, gained } = againstList(list, verdict)
    const due = lost.filter((n) => result.isolated || !NEED_ISOLATION[name]?.includes(n))
    const why = verdict.different
      .filter((d) => due.includes(d.n))
      .map((d) => `[${d.n}] ${d.cmd}: ${d.differences[0].part}: ${d.differences[0].what}`)
    t.same(why, [], `${name}: listed commands are identical`)
    t.same(result.crashes, [], `${name}: no exceptions`)
    if (gained.length > 0) t.comment(`${name}: also identical, add with npm run conform -- --update ${name}: ${gained.join(' ')}`)
  }
})

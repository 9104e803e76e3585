/** The `conform` command: replays recordings of Linux against netdouble and lets the referee judge. */
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { listCases, readRecording, recordingPath } from '../oracle/recordings.ts'
import { addIdentical, againstList, type Mode, readIdentical } from './identical.ts'
import { ALL_PARTS, type CaseVerdict, DIRECT_PARTS, judge, type Part, type Replay } from './judge.ts'

const USAGE = `usage: npm run conform -- [options] [CASE | FILE.json[.gz]]...
Replays recordings of Linux (default: all of test/oracle/golden) and compares. CASE may be a number: 066.
  --direct      feed the recorded requests straight into the kernel, under a virtual clock (no programs, seconds);
                without it the commands run, attached, in real time
  --out DIR     keep the replays as DIR/CASE.json (FILE.json), for test/oracle/compare and test/oracle/oracle show
  --show N      differences to print per command (default 1); --quiet prints none
  --files       judge reads of /proc and /sys too
  --update      add what is identical to test/conformance/identical.json
Exit status: 0 all commands identical, 1 not, 2 usage.`

interface Settings {
  mode: Mode
  show: number
  parts: readonly Part[]
  out: string | undefined
  update: boolean
  files: string[]
}

export async function main(args: string[]): Promise<number> {
  const settings = parse(args)
  if (typeof settings === 'number') return settings
  const missing = settings.files.filter((name) => !existsSync(recordingPath(name)))
  if (missing.length > 0) {
    console.error(`no recording of ${missing.join(', ')}`)
    return 2
  }
  const { mode, parts, out } = settings
  const list = readIdentical()
  const verdicts: CaseVerdict[] = []
  // one run of the referee where replays take no time, else one a case, to show how far it is
  for (const names of mode === 'direct' ? [settings.files] : settings.files.map((name) => [name])) {
    const done = []
    for (const name of names) done.push(await replayCase(name, mode))
    const judged = judge(
      done.map(({ replay }) => replay),
      { parts, dir: out },
    )
    for (const [n, verdict] of judged.entries()) print(verdict, settings.show, done[n].notes, againstList(list[mode], verdict))
    verdicts.push(...judged)
  }
  const total = verdicts.reduce((sum, v) => sum + v.commands, 0)
  const same = verdicts.reduce((sum, v) => sum + v.identical.length, 0)
  console.log(`${same} of ${total} commands identical`)
  if (settings.update) console.log(`${addIdentical(mode, verdicts)} added to identical.json`)
  return same === total ? 0 : 1
}

function parse(args: string[]): Settings | number {
  const options = {
    direct: { type: 'boolean' },
    out: { type: 'string' },
    show: { type: 'string' },
    quiet: { type: 'boolean' },
    files: { type: 'boolean' },
    update: { type: 'boolean' },
    help: { type: 'boolean', short: 'h' },
  } as const
  const parsed = attempt(() => parseArgs({ args, options, allowPositionals: true }))
  if (parsed instanceof Error) {
    console.error(`${parsed.message}\n${USAGE}`)
    return 2
  }
  const { values, positionals } = parsed
  if (values.help) {
    console.log(USAGE)
    return 0
  }
  const parts = [...(values.direct ? DIRECT_PARTS : ALL_PARTS), ...(values.files ? ['files' as const] : [])]
  // npm runs scripts in the project's directory, whatever the user's is
  const fromUser = (path: string) => resolve(process.env.INIT_CWD ?? '.', path)
  const files = positionals.length > 0 ? positionals.map((name) => (/\.json(\.gz)?$/.test(name) ? fromUser(name) : name)) : listCases()
  return {
    mode: values.direct ? 'direct' : 'attached',
    show: values.quiet ? 0 : Number(values.show ?? 1),
    parts,
    out: values.out && fromUser(values.out),
    update: values.update ?? false,
    files,
  }
}

async function replayCase(name: string, mode: Mode): Promise<{ replay: Replay; notes: string[] }> {
  const golden = readRecording(name)
  // imported when needed: direct mode works without the native part
  const result =
    mode === 'direct' ? (await import('./direct.ts')).replayDirect(golden) : await (await import('./attached.ts')).replayAttached(golden)
  return { replay: { golden: recordingPath(name), recording: result.recording }, notes: result.crashes }
}

function print(verdict: CaseVerdict, show: number, notes: string[], change: { lost: number[]; gained: number[] }): void {
  console.log(`${verdict.case}: ${verdict.identical.length} of ${verdict.commands}`)
  if (change.lost.length > 0) console.log(`  no longer identical: ${change.lost.join(' ')}`)
  if (change.gained.length > 0) console.log(`  newly identical: ${change.gained.join(' ')}`)
  if (show === 0) return
  for (const { n, cmd, differences } of verdict.different) {
    console.log(`  [${n}] ${cmd.slice(0, 100)}`)
    for (const { part, what } of differences.slice(0, show)) console.log(`      ${part}: ${what}`)
    if (differences.length > show) console.log(`      (${differences.length - show} more)`)
  }
  for (const note of notes) console.log(`  CRASH ${note}`)
}

function attempt<T>(call: () => T): T | Error {
  try {
    return call()
  } catch (error) {
    return error as Error
  }
}

/** Asks the referee: runs `test/oracle/compare` over replays and says which commands differ, and how. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { comparePath, type Recording, recordingText, writeRecording } from '../oracle/recordings.ts'

export type Part = 'stdout' | 'stderr' | 'rc' | 'replies' | 'events' | 'ioctl' | 'files'

/** What a replay without programs can be judged by: it has the golden's own text. */
export const DIRECT_PARTS: readonly Part[] = ['replies', 'events', 'ioctl']
export const ALL_PARTS: readonly Part[] = ['stdout', 'stderr', 'rc', 'replies', 'events', 'ioctl']

export interface Difference {
  case: string
  n: number
  cmd: string
  differences: { part: Part; what: string }[]
}
export interface CaseVerdict {
  case: string
  commands: number
  /** Numbers of the commands that are identical. */
  identical: number[]
  different: Difference[]
}
export interface Replay {
  /** Path of the golden recording, `.json` or `.json.gz`. */
  golden: string
  recording: Recording
}

/** Judges replays in one run of the referee; `dir`, if given, keeps the replays under the names of their goldens. */
export function judge(replays: readonly Replay[], options: { parts?: readonly Part[]; dir?: string } = {}): CaseVerdict[] {
  if (replays.length === 0) return []
  const work = mkdtempSync(join(tmpdir(), 'netdouble-conform-'))
  try {
    const goldens = join(work, 'golden')
    const mine = options.dir ?? join(work, 'replay')
    for (const dir of [goldens, mine]) mkdirSync(dir, { recursive: true })
    const names = replays.map(({ golden }) => basename(golden).replace(/\.gz$/, ''))
    for (const [n, { golden, recording }] of replays.entries()) {
      writeFileSync(join(goldens, names[n]), recordingText(golden))
      writeRecording(join(mine, names[n]), recording)
    }
    const different = compare(goldens, mine, names, options.parts)
    return replays.map(({ recording }) =>
      verdict(
        recording,
        different.filter((d) => d.case === recording.case),
      ),
    )
  } finally {
    rmSync(work, { recursive: true })
  }
}

function compare(goldens: string, replays: string, names: string[], parts: readonly Part[] = []): Difference[] {
  const flags = parts.length > 0 ? ['--parts', parts.join(',')] : []
  const args = [comparePath, '--json', ...flags, '-d', goldens, replays, ...names]
  const { stdout, stderr, status, error } = spawnSync('python3', args, { encoding: 'utf8', maxBuffer: 1 << 30 })
  if (error !== undefined) throw new Error(`the referee needs python3: ${error.message}`)
  if (status !== 0 && status !== 1) throw new Error(`compare failed: ${stderr || stdout}`)
  return (JSON.parse(stdout) as { different: Difference[] }).different
}

function verdict(recording: Recording, different: Difference[]): CaseVerdict {
  const bad = new Set(different.map((d) => d.n))
  const identical = recording.commands.map((c) => c.n).filter((n) => !bad.has(n))
  return { case: recording.case, commands: recording.commands.length, identical, different }
}

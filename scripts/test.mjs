// npm test: makes the clone ready, runs the tests (or those named), and says once more at the end which failed: the log of
// thousands is long.
import { spawnSync } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { files, home, prepare } from './prepare.mjs'

const indent = (line) => line.search(/\S/)

/** The failed assertions of a TAP report, each with the tests around it and the lines that explain it. Lines of whole tests carry a time. */
export function failures(report) {
  const lines = report.split('\n')
  const around = []
  return lines.flatMap((line, at) => {
    const [, test] = line.match(/^ *# Subtest: (.*)/) ?? []
    if (test !== undefined) around.splice(indent(line) / 4, Infinity, test)
    if (!/^ *not ok/.test(line) || / # (time=|TODO)/.test(line)) return []
    const end = lines.findIndex((other, i) => i > at && /\S/.test(other) && indent(other) <= indent(line))
    return [[...around.slice(0, indent(line) / 4), ...lines.slice(at, end < 0 ? undefined : end)].join('\n').trimEnd()]
  })
}

const results = join(home, '.tap/test-results')

/** Runs tap; the test files with failures, and what failed in them. */
function run(args) {
  rmSync(results, { recursive: true, force: true })
  const { status } = spawnSync(join(home, 'node_modules/.bin/tap'), args, { cwd: home, stdio: 'inherit' })
  const reports = files(results).filter((name) => name.endsWith('.tap'))
  const failed = new Map(reports.map((name) => [name.slice(results.length + 1, -'.tap'.length), failures(readFileSync(name, 'utf8'))]))
  for (const [file, found] of failed) if (found.length === 0) failed.delete(file)
  return { status: status ?? 1, failed }
}

function tell(failed, how) {
  for (const [file, found] of failed) console.error(`\n${how}: ${file}\n${found.join('\n')}`)
}

/** More failures than these are no accident of a busy machine. */
const FEW = 3

function main() {
  prepare({ test: true })
  let { status, failed } = run(process.argv.slice(2))
  tell(failed, 'Failed')
  if (failed.size > 0 && failed.size <= FEW) {
    console.error('\nReal programs ran in real time, beside others: the same files once more, alone')
    const unsteady = failed
    ;({ status, failed } = run(['--jobs=1', ...failed.keys()]))
    tell(failed, 'Failed again')
    if (status === 0) tell(unsteady, 'Unsteady: failed, and passed alone')
  }
  process.exit(status)
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) main()

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

function main() {
  prepare({ test: true })
  const results = join(home, '.tap/test-results')
  rmSync(results, { recursive: true, force: true })
  const { status } = spawnSync(join(home, 'node_modules/.bin/tap'), process.argv.slice(2), { cwd: home, stdio: 'inherit' })
  if (status === 0) return
  for (const file of files(results).filter((name) => name.endsWith('.tap'))) {
    const failed = failures(readFileSync(file, 'utf8'))
    if (failed.length > 0) console.error(`\nFailed: ${file.slice(results.length + 1, -'.tap'.length)}\n${failed.join('\n')}`)
  }
  process.exit(status ?? 1)
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) main()

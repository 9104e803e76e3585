/** The list of what is identical with Linux today (`identical.json`): per mode and case, the numbers of the commands. It only grows. */
import { readFileSync, writeFileSync } from 'node:fs'
import type { CaseVerdict } from './judge.ts'
import { inPackage } from '../place.ts'

export type Mode = 'direct' | 'attached'
export type IdenticalList = Record<Mode, Record<string, number[]>>

const path = inPackage('test/conformance/identical.json')

export function readIdentical(): IdenticalList {
  return JSON.parse(readFileSync(path, 'utf8')) as IdenticalList
}

/** Listed commands that now differ, and identical ones that are not listed yet. */
export function againstList(list: Record<string, number[]>, verdict: CaseVerdict): { lost: number[]; gained: number[] } {
  const listed = new Set(list[verdict.case] ?? [])
  const identical = new Set(verdict.identical)
  return { lost: [...listed].filter((n) => !identical.has(n)), gained: verdict.identical.filter((n) => !listed.has(n)) }
}

/** Adds what the verdicts found identical; nothing is taken off the list. */
export function addIdentical(mode: Mode, verdicts: readonly CaseVerdict[]): number {
  const list = readIdentical()
  let added = 0
  for (const verdict of verdicts) {
    const { gained } = againstList(list[mode], verdict)
    added += gained.length
    if (gained.length > 0) list[mode][verdict.case] = [...(list[mode][verdict.case] ?? []), ...gained].sort((a, b) => a - b)
  }
  writeFileSync(path, format(list))
  return added
}

/** One line a case. */
function format(list: IdenticalList): string {
  const mode = (name: Mode) => {
    const lines = Object.keys(list[name])
      .sort()
      .map((key) => `    ${JSON.stringify(key)}: ${JSON.stringify(list[name][key])}`)
    return `  "${name}": {${lines.length > 0 ? `\n${lines.join(',\n')}\n  ` : ''}}`
  }
  return `{\n${mode('direct')},\n${mode('attached')}\n}\n`
}

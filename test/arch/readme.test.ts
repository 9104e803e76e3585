/** The README keeps up with the code: error codes, ops and commands that it names are those that there are. */
import { readFileSync } from 'node:fs'
import t from 'tap'
import { createProgram } from '../../src/cli/program.ts'
import { errorCodes, ServerError } from '../../src/server/errors.ts'
import * as frames from '../../src/server/frames.ts'
import { inPackage } from '../place.ts'

const readme = readFileSync(inPackage('README.md'), 'utf8')

t.test('every error code is in the table, with its status', async (t) => {
  const rows = [...readme.matchAll(/^\| ((?:`[A-Z_]+`(?:, )?)+) \| (\d{3}) \|/gm)]
  const told = new Map(rows.flatMap((row) => [...row[1].matchAll(/`([A-Z_]+)`/g)].map((code) => [code[1], Number(row[2])] as const)))
  t.same([...told.keys()].sort(), [...errorCodes].sort())
  for (const code of errorCodes) t.equal(told.get(code), new ServerError(code).statusCode, code)
})

t.test('every op of syscall mode is in the table, with its number', async (t) => {
  const ops = Object.entries(frames).flatMap(([name, nr]) =>
    name.startsWith('OP_') ? [`${nr} ${name.slice(3).toLowerCase().replace('_', ' ')}`] : [],
  )
  const told = [...readme.matchAll(/^\| (\d+ [a-z ]+) \|/gm)].map((row) => row[1])
  t.same(told.sort(), ops.sort())
})

t.test('every command is shown', async (t) => {
  for (const command of createProgram().commands) t.match(readme, `bin/netdouble ${command.name()}`)
})

/** The bundle that users run; see scripts/bundle.mjs. Tests that run as TypeScript have none. */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import t from 'tap'
import { inPackage, netdoubleCommand } from '../place.ts'

const [node, ...command] = netdoubleCommand()
const skip = command.length === 1 ? false : 'not compiled'

t.test('V8 takes what it has compiled at the build', { skip }, async (t) => {
  const { load } = await import(inPackage('dist/bundle/cli/load.js'))
  t.equal(load().wasCached, true)
})

t.test('it is as strict as the modules that it was made of', { skip }, async (t) => {
  const head = readFileSync(inPackage('dist/bundle/cli/program.cjs'), 'latin1').slice(0, 200)
  t.match(head, /^\(function \(.*\) \{\n'use strict'\n/)
})

t.test('a V8 that does not take it compiles', { skip }, async (t) => {
  const say = (...flags: string[]) => String(execFileSync(node, [...flags, ...command, '--version']))
  t.match(say(), /^\d+\.\d+\.\d+\n$/)
  t.equal(say('--no-opt'), say())
})

/** Compiling and running the small C programs of these tests. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type RunOptions, type RunResult, runAttached, Supervisor, type SupervisorOptions } from '../../src/attach/index.ts'
import { FakeHost } from './fakeHost.ts'
import { inPackage } from '../place.ts'

const built = mkdtempSync(join(tmpdir(), 'netdouble-test-'))
process.on('exit', () => rmSync(built, { recursive: true, force: true }))

/** Path of the program made from programs/NAME.c. */
export function program(name: string, ...flags: string[]): string {
  const source = inPackage(`test/attach/programs/${name}.c`)
  const path = join(built, name)
  execFileSync('cc', ['-O1', '-Wall', '-pthread', '-o', path, source, ...flags], { stdio: ['ignore', 'ignore', 'inherit'] })
  return path
}

export interface Ran extends RunResult {
  out: string
  err: string
  host: FakeHost
  supervisor: Supervisor
}

/** Runs a program attached to a fake host of its own; the supervisor is closed afterwards unless `keep`. */
export async function run(
  file: string,
  args: string[] = [],
  options: Partial<RunOptions> & { supervisor?: Supervisor; supervise?: SupervisorOptions; fake?: FakeHost } = {},
): Promise<Ran> {
  const errors: unknown[] = []
  const host = options.fake ?? new FakeHost()
  const supervisor = options.supervisor ?? new Supervisor({ onError: (error) => errors.push(error), ...options.supervise })
  let out = ''
  let err = ''
  const result = await runAttached(supervisor, file, args, {
    host,
    stdio: ['ignore', 'pipe', 'pipe'],
    ...options,
    onSpawn: (child) => {
      child.stdout?.on('data', (data) => (out += data))
      child.stderr?.on('data', (data) => (err += data))
      options.onSpawn?.(child)
    },
  })
  if (options.supervisor === undefined) supervisor.close()
  if (errors.length > 0) throw errors[0]
  return { ...result, out, err, host, supervisor }
}

/** Lines `name value` as an object. */
export function results(out: string): Record<string, number> {
  const lines = out.split('\n').filter((line) => line !== '')
  return Object.fromEntries(lines.map((line) => [line.split(' ')[0], Number(line.split(' ')[1])]))
}

/**
 * src/init/modules.ts, made from the files of the rooms whose objects hang from a kernel: `npm run modules` writes it,
 * test/scripts/stateModules.test.ts compares.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { packageFile } from '../src/server/packageRoot.ts'

export const modulesFile = packageFile('src/init/modules.ts')
const src = new URL('../src/', import.meta.url)
/** Of modules: a compiled script looks at what was compiled. */
const ending = extname(import.meta.filename)
const rooms = ['drivers', 'fs', 'hw', 'kernel', 'net']
/** What state holds of other rooms. */
const others = [
  'init/loadable',
  'init/pci',
  'lib/attrs',
  'lib/heap',
  'lib/hlist',
  'lib/list',
  'lib/message',
  'lib/numbered',
  'lib/random',
  'uapi/errno',
  'uapi/linux/in6',
]
const DECLARATION = 'export const stateModules: readonly (readonly [name: string, exports: object])[] = ['

/** Whether a module exports what state may name: functions, classes, tables. */
async function nameable(name: string): Promise<boolean> {
  const exports: object = await import(new URL(name + ending, src).href)
  return Object.values(exports).some((v) => typeof v === 'function' || (typeof v === 'object' && v !== null))
}
function filesOf(room: string): string[] {
  const files = readdirSync(new URL(room, src), { recursive: true, encoding: 'utf8' })
  return files.filter((file) => file.endsWith(ending)).map((file) => `${room}/${file.slice(0, -ending.length)}`)
}
/** The names of the modules, in order. */
export async function stateModuleNames(): Promise<string[]> {
  const names: string[] = []
  for (const name of rooms.flatMap(filesOf)) if (await nameable(name)) names.push(name)
  return [...names, ...others].sort()
}
/** modules.ts with those names; what stands above its imports stays. */
export function withModules(text: string, names: readonly string[]): string {
  const ident = (name: string) => name.replace(/[^a-z0-9]/gi, '_')
  return [
    text.slice(0, text.indexOf('import ')).trimEnd(),
    ...names.map((name) => `import * as ${ident(name)} from '../${name}.ts'`),
    '',
    DECLARATION,
    ...names.map((name) => `  ['${name}', ${ident(name)}],`),
    ']',
    '',
  ].join('\n')
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(modulesFile, withModules(readFileSync(modulesFile, 'utf8'), await stateModuleNames()))
}

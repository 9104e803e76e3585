// Makes a fresh clone ready: dependencies, native part, compiled TypeScript, each only when missing or out of date.
//   node scripts/prepare.mjs            for npm start
//   node scripts/prepare.mjs --test     also asks for the programs that the tests run
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

export const home = fileURLToPath(new URL('..', import.meta.url))
const at = (...names) => join(home, ...names)

/** Program → Debian package. */
export const needed = {
  build: { cc: 'gcc', 'c++': 'g++', make: 'make', python3: 'python3' },
  start: { ip: 'iproute2', ifconfig: 'net-tools' },
  test: { busybox: 'busybox-static', go: 'golang-go', modprobe: 'kmod', ping: 'iputils-ping', setpriv: 'util-linux', sysctl: 'procps' },
}

export function find(program, path = process.env.PATH ?? '') {
  const places = [...path.split(':'), '/usr/sbin', '/sbin']
  return places.map((place) => join(place, program)).find((file) => existsSync(file))
}

/** Packages whose programs are absent. */
export function missingPackages(...groups) {
  return groups.flatMap((group) => Object.entries(needed[group])).flatMap(([program, name]) => (find(program) === undefined ? [name] : []))
}

/** Whether any file of `sources` is younger than all of `results`, or a result is missing. */
export function stale(results, sources) {
  if (!results.every((file) => existsSync(file))) return true
  const oldest = Math.min(...results.map((file) => statSync(file).mtimeMs))
  return sources.flatMap(files).some((file) => statSync(file).mtimeMs > oldest)
}

/** The files of a folder and of those in it. */
export function files(path) {
  if (!existsSync(path)) return []
  if (!statSync(path).isDirectory()) return [path]
  return readdirSync(path, { recursive: true }).map((name) => join(path, String(name)))
}

function fail(text) {
  console.error(`netdouble: ${text}`)
  process.exit(1)
}

function run(what, command, args, env = {}) {
  console.error(`netdouble: ${what} (${[command, ...args].join(' ')})`)
  const { status, error } = spawnSync(command, args, { cwd: home, stdio: ['ignore', 2, 2], env: { ...process.env, ...env } })
  if (error !== undefined) fail(`${command}: ${error.message}`)
  if (status !== 0) fail(`${what} failed`)
}

function checkNode() {
  const major = Number(process.versions.node.split('.')[0])
  if (major < 20) fail(`Node 20 or later is needed; this is ${process.version}`)
  if (process.platform !== 'linux') fail(`Linux is needed (seccomp user notification); this is ${process.platform}`)
}

function checkPackages(groups) {
  const missing = missingPackages(...groups)
  if (missing.length > 0) fail(`programs are missing. On Debian: apt-get install --no-install-recommends ${missing.join(' ')}`)
}

/** Node's own headers when they are installed beside it: then node-gyp need not fetch any. */
function headers() {
  const prefix = dirname(dirname(process.execPath))
  return existsSync(join(prefix, 'include/node/node_api.h')) ? { npm_config_nodedir: prefix } : {}
}

/** The lock that the installed modules came from. */
function installDependencies() {
  const stamp = at('node_modules/.netdouble-lock')
  const lock = createHash('sha256')
    .update(readFileSync(at('package-lock.json')))
    .digest('hex')
  const installed = at('node_modules/.package-lock.json')
  const current = existsSync(stamp) ? readFileSync(stamp, 'utf8') === lock : !stale([installed], [at('package-lock.json')])
  if (!current) run('installing dependencies', 'npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'])
  if (!existsSync(stamp) || !current) writeFileSync(stamp, lock)
}

function buildNative() {
  const results = ['netdouble.node', 'netdouble-launch'].map((name) => at('build/Release', name))
  if (stale(results, [at('src/attach/native'), at('binding.gyp')])) {
    run('building the native part', process.execPath, [at('node_modules/node-gyp/bin/node-gyp.js'), 'rebuild', '--silent'], headers())
  }
}

/** Removes what was compiled of sources that are gone: a test would go on running. */
export function removeOrphans(compiled, sources) {
  for (const file of files(compiled).filter((name) => name.endsWith('.js'))) {
    const name = file.slice(0, -'.js'.length)
    if (existsSync(`${join(sources, relative(compiled, name))}.ts`)) continue
    for (const ending of ['.js', '.js.map', '.d.ts']) rmSync(name + ending, { force: true })
  }
}

function compile(test) {
  const stamp = at('dist/.compiled')
  if (!stale([stamp, at('dist/bundle/cli/main.js')], [at('src'), at('tsconfig.json'), ...(test ? [at('test')] : [])])) return
  run('compiling', process.execPath, [at('node_modules/typescript/bin/tsc'), '-p', 'tsconfig.json'])
  run('bundling', process.execPath, [at('scripts/bundle.mjs')])
  for (const room of ['src', 'test']) removeOrphans(at('dist', room), at(room))
  writeFileSync(stamp, '')
}

export function prepare({ test = false } = {}) {
  checkNode()
  checkPackages(test ? ['build', 'start', 'test'] : ['build', 'start'])
  installDependencies()
  buildNative()
  compile(test)
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) prepare({ test: process.argv.includes('--test') })

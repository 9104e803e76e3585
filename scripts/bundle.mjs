// The command in one file, beside what V8 makes of it: a short run would spend most of its time on finding, opening and
// compiling hundreds of modules. It lies as deep as dist/src/cli, since some look for the package's files from where they are.
//   node scripts/bundle.mjs            bundles
//   node scripts/bundle.mjs --cache    runs the bundle, and writes down what V8 has compiled
import { spawnSync } from 'node:child_process'
import { copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const at = (name) => fileURLToPath(new URL(`../${name}`, import.meta.url))
const directory = at('dist/bundle/cli')

/** To be told its name costs a function time: not those that have it already, nor, each time, those made inside of others. */
function withoutNeedlessNames(text) {
  return text
    .replace(/^ *__name\((\w+), "\1"\);\n/gm, '')
    .replace(/^ {2}__name\(\w+, "\w+"\);\n/gm, '')
    .replace(/^( +(?:const|let) \w+ = )\/\* @__PURE__ \*\/ __name\(/gm, '$1__inner(')
    .replace(/^var __name = /m, 'var __inner = (f) => f;\n$&')
}

async function bundle() {
  rmSync(at('dist/bundle'), { recursive: true, force: true })
  await build({
    entryPoints: [at('dist/src/cli/program.js')],
    outfile: `${directory}/program.cjs`,
    bundle: true,
    format: 'cjs',
    platform: 'node',
    packages: 'external',
    define: { 'import.meta.url': 'import_meta_url' },
    // src/cli/load.ts calls it; modules are strict
    banner: {
      js: `(function (exports, require, module, __filename, __dirname) {
'use strict'
const import_meta_url = require('node:url').pathToFileURL(__filename).href`,
    },
    footer: { js: '})' },
    // /proc/net/ptype and saved labs show names of functions and classes
    keepNames: true,
    logLevel: 'warning',
  })
  writeFileSync(`${directory}/program.cjs`, withoutNeedlessNames(readFileSync(`${directory}/program.cjs`, 'utf8')))
  copyFileSync(at('dist/src/cli/load.js'), `${directory}/load.js`)
  copyFileSync(at('dist/src/cli/bundled.js'), `${directory}/main.js`)
  spawnSync(process.execPath, [fileURLToPath(import.meta.url), '--cache'], { stdio: 'ignore' })
}

/** Where programs cannot be attached the host has booted all the same. */
async function cache() {
  const { load, cacheFile } = await import(`${directory}/load.js`)
  const { program, cache } = load()
  process.once('exit', () => writeFileSync(cacheFile, cache()))
  await program.main([process.execPath, 'netdouble', 'run', '--', 'ip', 'link'])
}

await (process.argv.includes('--cache') ? cache() : bundle())

/** scripts/prepare.mjs: what is out of date, and which packages are missing, in words that a user can act on. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import t from 'tap'
import { inPackage } from '../place.ts'

const script = inPackage('scripts/prepare.mjs')
const { find, missingPackages, needed, removeOrphans, stale } = await import(pathToFileURL(script).href)

t.test('a result is stale when it is missing or older than any source', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'netdouble-test-'))
  t.teardown(() => rmSync(directory, { recursive: true }))
  mkdirSync(join(directory, 'src/deep'), { recursive: true })
  const source = join(directory, 'src/deep/a.ts')
  const result = join(directory, 'out.js')
  writeFileSync(source, '')
  t.equal(stale([result], [join(directory, 'src')]), true, 'missing')
  writeFileSync(result, '')
  for (const path of [join(directory, 'src'), join(directory, 'src/deep'), source]) utimesSync(path, 1000, 1000)
  utimesSync(result, 2000, 2000)
  t.equal(stale([result], [join(directory, 'src')]), false)
  utimesSync(source, 3000, 3000)
  t.equal(stale([result], [join(directory, 'src')]), true, 'older')
})

t.test('absent programs are told by the Debian packages that bring them', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'netdouble-test-'))
  t.teardown(() => rmSync(directory, { recursive: true }))
  symlinkSync(process.execPath, join(directory, 'node'))
  t.equal(find('no-such-program', directory), undefined)
  t.equal(find('node', directory), join(directory, 'node'))
  t.same(missingPackages('build', 'start', 'test'), [], 'here all are there')
  const { status, stderr } = spawnSync(join(directory, 'node'), [script, '--test'], {
    env: { PATH: directory },
    encoding: 'utf8',
  })
  t.equal(status, 1)
  t.match(stderr, /^netdouble: programs are missing\. On Debian: apt-get install --no-install-recommends gcc g\+\+ make /)
  t.match(stderr, /golang-go/)
})

t.test('CI installs every package that is asked for', async (t) => {
  const ci = readFileSync(inPackage('.ci/run'), 'utf8')
  const names = Object.values(needed as Record<string, Record<string, string>>).flatMap((group) => Object.values(group))
  for (const name of names) t.ok(ci.includes(` ${name}`), name)
  t.match(ci, /^set -e$/m)
  t.match(ci, /\nnpm test\n$/)
})

t.test('what was compiled of a source that is gone goes too, and nothing else', async (t) => {
  const directory = t.testdir({
    source: { 'kept.test.ts': '' },
    compiled: { 'kept.test.js': '', 'gone.test.js': '', 'gone.test.js.map': '', 'gone.test.d.ts': '', 'notes.txt': '' },
  })
  removeOrphans(join(directory, 'compiled'), join(directory, 'source'))
  t.strictSame(readdirSync(join(directory, 'compiled')).sort(), ['kept.test.js', 'notes.txt'])
})

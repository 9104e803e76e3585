/**
 * Programs that use sockets in every way, run on a host of ours: each NAME.py of sockets/ says what it said on a real Linux
 * (NAME.txt, from `unshare -n python3 NAME.py`).
 */
import { readdirSync, readFileSync } from 'node:fs'
import t from 'tap'
import { createHost } from '../../src/index.ts'
import { inPackage } from '../place.ts'

const folder = inPackage('test/agree/sockets/')

for (const file of readdirSync(folder)) {
  if (!file.endsWith('.txt')) continue
  t.test(file.slice(0, -4), async (t) => {
    const host = createHost({ time: 'real' })
    await host.run('ip', ['link', 'del', 'eth0'])
    const { stdout, stderr, code } = await host.run('python3', [`${folder}${file.slice(0, -4)}.py`])
    t.equal(stderr, '')
    t.equal(code, 0)
    t.strictSame(stdout.split('\n'), readFileSync(`${folder}${file}`, 'utf8').split('\n'))
  })
}

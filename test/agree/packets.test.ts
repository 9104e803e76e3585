/**
 * What a host does with packets, next to a real Linux: each NAME.py of packets/ is a program with the far end of the host's
 * cables in its hand. It says here what it said there (NAME.txt, from `unshare -n python3 NAME.py`): the frames, what was
 * counted, what `ip` shows.
 */
import { readdirSync, readFileSync } from 'node:fs'
import t from 'tap'
import { createHost } from '../../src/index.ts'
import { inPackage } from '../place.ts'

// most of the time they wait for silence
t.jobs = 3
const folder = inPackage('test/agree/packets/')

for (const file of readdirSync(folder)) {
  if (!file.endsWith('.txt')) continue
  t.test(file.slice(0, -4), async (t) => {
    const host = createHost({ time: 'real' })
    await host.run('rmmod', ['e100'])
    const { stdout, stderr, code } = await host.run('python3', ['-B', `${folder}${file.slice(0, -4)}.py`])
    t.equal(stderr, '')
    t.equal(code, 0)
    t.strictSame(stdout.split('\n'), readFileSync(`${folder}${file}`, 'utf8').split('\n'))
  })
}

/** Programs that said what they say on a real Linux: NAME.txt, beside each NAME.py. */
import { readdirSync, readFileSync } from 'node:fs'
import t from 'tap'
import { createHost } from '../../src/index.ts'
import { inPackage } from '../place.ts'

/** Each of them, on a host of its own with no device but lo: it says here what it said there. */
export function saysTheSame(folder: string): void {
  const at = inPackage(folder)
  // most of the time they wait for silence
  t.jobs = 3
  for (const file of readdirSync(at)) {
    if (!file.endsWith('.txt')) continue
    t.test(file.slice(0, -4), async (t) => {
      const host = createHost({ time: 'real' })
      await host.run('rmmod', ['e100'])
      const { stdout, stderr, code } = await host.run('python3', ['-B', `${at}${file.slice(0, -4)}.py`])
      t.equal(stderr, '')
      t.equal(code, 0)
      t.strictSame(stdout.split('\n'), readFileSync(`${at}${file}`, 'utf8').split('\n'))
    })
  }
}

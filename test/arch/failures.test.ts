/** scripts/test.mjs: what is said of a long run's failures at its end. */
import { pathToFileURL } from 'node:url'
import t from 'tap'
import { inPackage } from '../place.ts'

const { failures } = await import(pathToFileURL(inPackage('scripts/test.mjs')).href)

const report = `TAP version 14
# Subtest: first
    ok 1 - fine
    1..1
ok 1 - first # time=1ms

# Subtest: second
    # Subtest: inner
        not ok 1 - should be equal
          ---
          found: 2
          ...
        
        ok 2 - fine
        1..2
    not ok 1 - inner # time=2ms

    not ok 2 - later # TODO
    1..2
not ok 2 - second # time=3ms

not ok 3 - timeout!
1..3
# time=9ms
`

t.test('each failed assertion once, with the tests around it and what was found', async (t) => {
  t.same(failures(report), [
    ['second', 'inner', '        not ok 1 - should be equal', '          ---', '          found: 2', '          ...'].join('\n'),
    'not ok 3 - timeout!',
  ])
  t.same(failures('ok 1 - fine\n1..1\n'), [])
})

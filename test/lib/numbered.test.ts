import t from 'tap'
import { numbered } from '../../src/lib/numbered.ts'

t.test('members in order of their numbers, from any number on', async (t) => {
  const all = new numbered<string>()
  for (const nr of [30, 5, 100, 7]) all.set(nr, `n${nr}`)
  t.same(
    [...all.from(0)],
    [
      [5, 'n5'],
      [7, 'n7'],
      [30, 'n30'],
      [100, 'n100'],
    ],
  )
  all.set(7, 'again')
  all.set(8, 'n8')
  all.delete(30)
  all.delete(31)
  t.same(
    [...all.from(6)],
    [
      [7, 'again'],
      [8, 'n8'],
      [100, 'n100'],
    ],
  )
  t.same([...all.from(101)], [])
  t.equal(all.size, 4)
  t.equal(all.get(100), 'n100')
  t.notOk(all.has(30))
})

t.test('a walk passes over what goes meanwhile', async (t) => {
  const all = new numbered<string>()
  for (const nr of [1, 2, 3, 4]) all.set(nr, `n${nr}`)
  const met: number[] = []
  for (const [nr] of all.from(0)) {
    met.push(nr)
    all.delete(nr + 1)
  }
  t.same(met, [1, 3])
})

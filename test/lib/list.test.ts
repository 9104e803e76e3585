import t from 'tap'
import { list, type list_member } from '../../src/lib/list.ts'
import { RandomStream } from '../../src/lib/random.ts'

class member implements list_member<member> {
  list_prev: member | undefined = undefined
  list_next: member | undefined = undefined
}

t.test('members come anywhere and leave from anywhere, as those of an array do', async (t) => {
  const l = new list<member>()
  const random = new RandomStream(1, 'list')
  const want: member[] = []
  for (let step = 0; step < 2000; step++) {
    const at = random.below(want.length + 1)
    if (want.length === 0 || random.below(5) < 3) {
      const m = new member()
      l.add_behind(m, want[at - 1])
      want.splice(at, 0, m)
    } else {
      const [m] = want.splice(Math.min(at, want.length - 1), 1)
      if (!l.del(m) || l.del(m) || l.includes(m)) t.fail(`step ${step}: it is still there`)
    }
    if (l.first !== want[0] || l.last !== want.at(-1)) return t.fail(`step ${step}: an end`)
    if (l.items.length !== want.length || l.items.some((m, i) => m !== want[i])) return t.fail(`step ${step}: another order`)
  }
  t.ok(want.every((m) => l.includes(m)))
})

t.test('a walk goes on while members leave', async (t) => {
  const l = new list<member>()
  for (let i = 0; i < 3; i++) l.add_behind(new member(), l.last)
  let seen = 0
  for (const m of l.items) {
    l.del(m)
    seen++
  }
  t.equal(seen, 3)
  t.same(l.items, [])
})

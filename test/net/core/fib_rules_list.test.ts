/** The order of rules, as a plain array has it that is sorted after every step. */
import t from 'tap'
import { RandomStream } from '../../../src/lib/random.ts'
import { fib_rule } from '../../../src/net/core/fib_rules.ts'
import { fib_rule_list } from '../../../src/net/core/fib_rules_list.ts'

function rule(pref: number, src_key = ''): fib_rule {
  return Object.assign(new fib_rule(), { pref, src_key })
}

t.test('by priority, the older of equal ones first, through many that come and go', async (t) => {
  const random = new RandomStream(1, 'rules')
  for (const prefs of [4000, 20, 1]) {
    const list = new fib_rule_list()
    let plain: fib_rule[] = []
    for (let step = 0; step < 6000; step++) {
      // more come than go, then more go than come
      if (plain.length === 0 || random.below(6000) > step * 0.8) {
        const r = rule(random.below(prefs), ['', 'a', 'b'][random.below(3)])
        list.add(r)
        const behind = plain.findIndex((other) => other.pref > r.pref)
        plain.splice(behind < 0 ? plain.length : behind, 0, r)
      } else {
        const [gone] = plain.splice(random.below(plain.length), 1)
        list.del(gone)
      }
      if (step % 500 !== 0) continue
      const pref = random.below(prefs)
      if (![...list].every((r, i) => r === plain[i])) t.fail(`step ${step} of ${prefs}: another order`)
      t.equal([...list].length, plain.length)
      const of_a = plain.filter((r) => r.src_key === 'a')
      t.ok(list.of_source('a').length === of_a.length && of_a.every((r, i) => r === list.of_source('a')[i]), 'those of a source')
      t.ok(list.first_of(pref) === plain.find((r) => r.pref === pref), 'the first of a priority')
      t.ok(list.from(pref).next().value === plain.find((r) => r.pref >= pref), 'the first from a priority on')
      t.ok(list.after(step % 700).next().value === plain[step % 700], 'behind some')
    }
    for (const r of plain) list.del(r)
    plain = []
    t.same(list.chunks, [], 'nothing is left')
  }
})

t.test('one that is not in the list does not go', async (t) => {
  const list = new fib_rule_list()
  list.add(rule(5))
  list.del(rule(5))
  t.equal([...list].length, 1)
})

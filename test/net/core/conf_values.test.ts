import t from 'tap'
import { conf_values } from '../../../src/net/core/conf_values.ts'

t.test('copies share their arrays until one of them is written to', async (t) => {
  const dflt = new conf_values([1, 2, 3])
  const [a, b] = [new conf_values(dflt), new conf_values(dflt)]
  t.equal(a.data, b.data)
  a.own()[1] = 9
  t.same(
    [a, b, dflt].map((c) => c.data),
    [
      [1, 9, 3],
      [1, 2, 3],
      [1, 2, 3],
    ],
  )
  const own = a.own()
  t.equal(a.own(), own, 'its own from then on')
})

t.test('a change of the default reaches no copy by itself', async (t) => {
  const dflt = new conf_values([1, 2, 3])
  const before = new conf_values(dflt)
  dflt.own()[0] = 7
  dflt.choose(0)
  const after = new conf_values(dflt)
  t.same(
    [before.data, after.data],
    [
      [1, 2, 3],
      [7, 2, 3],
    ],
  )
  t.same([before.chosen(0), after.chosen(0), after.chosen(1)], [false, true, false])
  after.choose_none()
  t.notOk(after.chosen(0))
  t.ok(dflt.chosen(0))
})

t.test('a choice is not the others’', async (t) => {
  const dflt = new conf_values([0, 0])
  dflt.choose(1)
  const [a, b] = [new conf_values(dflt), new conf_values(dflt)]
  a.choose(0)
  t.same([a.chosen(0), a.chosen(1), b.chosen(0), b.chosen(1)], [true, true, false, true])
  b.choose_all()
  t.same([b.chosen(0), dflt.chosen(0)], [true, false])
})

t.test('copies that were changed alike share again', async (t) => {
  const dflt = new conf_values([0, 1280])
  const made = (mtu: number) => {
    const c = new conf_values(dflt)
    c.own()[1] = mtu
    c.share(dflt)
    return c
  }
  const [a, b, c] = [made(1500), made(1500), made(9000)]
  t.equal(a.data, b.data)
  t.same(c.data, [0, 9000])
  b.own()[0] = 1
  t.same(a.data, [0, 1500])
  t.same(new conf_values(dflt).data, [0, 1280])
})

import t from 'tap'
import { hex } from '../../src/lib/bytes.ts'
import { RandomStream } from '../../src/lib/random.ts'

const first = (seed: number | string, name: string, n = 4) => {
  const r = new RandomStream(seed, name)
  return Array.from({ length: n }, () => r.u32())
}

t.test('same seed and name, same numbers; else others', async (t) => {
  t.same(first(1, 'host a'), first(1, 'host a'))
  t.notSame(first(1, 'host a'), first(2, 'host a'))
  t.notSame(first(1, 'host a'), first(1, 'host b'))
  t.notSame(first('1', 'x'), first('11', ''), 'seed and name do not run together')
})

t.test('these numbers are for ever: saved labs and transcripts depend on them', async (t) => {
  t.same(first(1, 'fixed'), fixed)
})

t.test('ranges', async (t) => {
  const r = new RandomStream(3, 'ranges')
  const seen = new Set<number>()
  for (let i = 0; i < 1000; i++) {
    const x = r.real()
    if (x < 0 || x >= 1) t.fail(`real() gave ${x}`)
    seen.add(r.below(6))
  }
  t.same([...seen].sort(), [0, 1, 2, 3, 4, 5])
  t.equal(r.bytes(5).length, 5)
  t.not(hex(r.bytes(8)), hex(r.bytes(8)))
})

t.test('its state is four words: a copy goes on alike', async (t) => {
  const a = new RandomStream(5, 'copy')
  a.u32()
  const b = Object.assign(Object.create(RandomStream.prototype), a) as RandomStream
  t.equal(a.u32(), b.u32())
})

const fixed = [2180977785, 2582356097, 1608852505, 1886403451]

import t from 'tap'
import { Heap, type HeapItem } from '../../src/lib/heap.ts'
import { RandomStream } from '../../src/lib/random.ts'

const item = (expires: number, seq: number): HeapItem => ({ expires, seq, slot: -1 })
function drain(heap: Heap<HeapItem>): number[][] {
  const out: number[][] = []
  for (let top = heap.pop(); top !== undefined; top = heap.pop()) out.push([top.expires, top.seq])
  return out
}

t.test('comes out by time, equal times in the order of their numbers', async (t) => {
  const heap = new Heap<HeapItem>()
  for (const [e, s] of [
    [5, 1],
    [3, 2],
    [5, 0],
    [1, 3],
    [3, 1],
  ])
    heap.push(item(e, s))
  t.equal(heap.peek()?.expires, 1)
  t.same(drain(heap), [
    [1, 3],
    [3, 1],
    [3, 2],
    [5, 0],
    [5, 1],
  ])
  t.equal(heap.peek(), undefined)
})

t.test('removal from anywhere keeps the order; outside nothing happens', async (t) => {
  const heap = new Heap<HeapItem>()
  const items = [4, 2, 6, 1, 3, 5].map((e, i) => item(e, i))
  for (const i of items) heap.push(i)
  heap.remove(items[3])
  heap.remove(items[3])
  heap.remove(items[2])
  t.equal(items[3].slot, -1)
  t.same(
    drain(heap).map(([e]) => e),
    [2, 3, 4, 5],
  )
})

t.test('against a sorted array, seeded', async (t) => {
  const random = new RandomStream(7, 'heap')
  const heap = new Heap<HeapItem>()
  const model: HeapItem[] = []
  for (let i = 0; i < 2000; i++) {
    if (model.length > 0 && random.below(3) === 0) {
      const [gone] = model.splice(random.below(model.length), 1)
      heap.remove(gone)
    } else {
      const next = item(random.below(50), i)
      heap.push(next)
      model.push(next)
    }
    if (heap.items.some((x, at) => x.slot !== at)) t.fail('a member does not know its place')
  }
  model.sort((a, b) => a.expires - b.expires || a.seq - b.seq)
  t.same(
    drain(heap),
    model.map((x) => [x.expires, x.seq]),
  )
})

import t from 'tap'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { Router } from '../bench/nics.ts'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void
/** Bytes that are in use once all else is collected. */
function used(): number {
  collect()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

const BURST = 64
for (const model of ['82559', 'virtio-net', 'plain'] as const) {
  t.test(`a router of ${model} NICs passes on every frame of every burst, and memory does not grow`, async (t) => {
    const router = await Router.make(model, { transcript: 0 })
    const { kernel } = router.lab.host('r')
    const run = (bursts: number) => {
      for (let i = 0; i < bursts; i++) router.burst()
    }
    run(200)
    const before = used()
    const pages = kernel.dma.pages.length
    const timers = router.lab.events.heap.size
    run(3000)
    t.equal(router.arrived, 3200 * BURST)
    t.ok(used() - before < 1_000_000, 'less than five bytes a packet')
    t.equal(kernel.dma.pages.length, pages, 'no mapping is left behind')
    t.equal(router.lab.events.heap.size, timers, 'nor a timer')
    const { frags, skbs } = kernel.netdev.softnet[0].alloc_cache
    t.ok(frags.length <= 512 && skbs.length <= 512)
    router.lab.close()
  })
}

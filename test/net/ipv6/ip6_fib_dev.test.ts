/** A device with few of a host's many routes: its events find them by themselves, and leave them in the order of a walk over all. */
import t from 'tap'
import { RandomStream } from '../../../src/lib/random.ts'
import { ADD, RouteHost } from './routeHost.ts'

const LENGTHS = [16, 32, 33, 47, 48, 49, 64, 65, 96, 127, 128]
/** A prefix of few different bits, so that many lie above or below each other. */
function prefix(random: RandomStream): string {
  const length = LENGTHS[random.below(LENGTHS.length)]
  const bits = Array.from({ length: 128 }, (_, i) => (i < length && i !== 2 && (i < 3 || random.below(8) === 0) ? 1 : 0))
  bits.fill(0, 0, 2)
  const words = Array.from({ length: 8 }, (_, i) => Number.parseInt(bits.slice(16 * i, 16 * i + 16).join(''), 2).toString(16))
  return `${words.join(':')}/${length}`
}

t.test('a device goes down: the few routes that it has of many are told in the order of a dump', async (t) => {
  const random = new RandomStream(7, 'routes')
  const h = new RouteHost()
  const d0 = h.dummy('d0')
  const d1 = h.dummy('d1')
  for (let i = 0; i < 1500; i++) {
    const from = random.below(4) === 0 ? prefix(random) : undefined
    const dev = random.below(40) === 0 ? d0.ifindex : d1.ifindex
    h.route(ADD, prefix(random), {
      dev,
      from,
      metric: 1 + random.below(3),
      table: random.below(5) === 0 ? 300 + random.below(3) : undefined,
    })
    h.quiet()
  }
  const its = h.routes().filter((line) => line.includes(` dev ${d0.ifindex} `) || line.endsWith(` dev ${d0.ifindex}`))
  t.ok(its.length > 20 && its.length * 16 < h.routes().length, `${its.length} of ${h.routes().length}`)
  t.ok(its.some((line) => line.includes(' from ')) && its.some((line) => line.includes(' table ')))
  h.down(d0)
  t.same(
    h.told().map((line) => line.replace(/^-0x0 /, '')),
    its,
  )
  t.notOk(h.routes().some((line) => line.includes(` dev ${d0.ifindex} `)))
})

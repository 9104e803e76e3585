import t from 'tap'
import { consume_skb, kfree_skb, sk_buff, skb_clone, skb_end_offset, skb_init, skb_set_head } from '../../../src/net/core/skbuff.ts'
import { NAPI_FRAG_SIZE, napi_alloc_skb, napi_consume_skb } from '../../../src/net/core/skbuff_cache.ts'
import { Links } from '../../drivers/net/linkRequests.ts'

function setUp() {
  const h = new Links()
  const dev = h.device('lo')
  return { kernel: h.kernel, dev, cache: h.kernel.netdev.softnet[0].alloc_cache }
}

t.test('a packet that is used again is as a new one', async (t) => {
  const bytes = new Uint8Array(4)
  const skb = new sk_buff(bytes)
  for (const key of Object.keys(skb) as (keyof sk_buff)[]) if (key !== 'buf') (skb as any)[key] = 'used'
  skb_init(skb)
  t.same(Object.entries(skb), Object.entries(new sk_buff(bytes)))
})
t.test('what a driver has sent is what the next packet is made of', async (t) => {
  const { kernel, dev } = setUp()
  const skb = napi_alloc_skb(dev, 100)
  const { buf } = skb
  t.equal(buf.length, NAPI_FRAG_SIZE)
  napi_consume_skb(kernel, skb)
  const next = napi_alloc_skb(dev, 200)
  t.equal(next, skb)
  t.equal(next.buf, buf)
})
t.test('a buffer comes back wherever its packet ends, once, and not while a clone has it', async (t) => {
  const { dev, cache } = setUp()
  const dropped = napi_alloc_skb(dev, 100)
  kfree_skb(dropped)
  t.same(cache.frags, [dropped.buf])
  kfree_skb(dropped)
  t.equal(cache.frags.length, 1, 'once')
  const skb = napi_alloc_skb(dev, 100)
  const clone = skb_clone(skb)
  consume_skb(skb)
  consume_skb(clone)
  t.equal(cache.frags.length, 0)
})
t.test('a packet that is too long has a buffer of its own', async (t) => {
  const { kernel, dev, cache } = setUp()
  const skb = napi_alloc_skb(dev, 9000)
  napi_consume_skb(kernel, skb)
  t.equal(cache.frags.length + cache.skbs.length, 0)
})
t.test('memory of its own does not come into the cache, and a clone counts as much as what it is of', async (t) => {
  const { dev, cache } = setUp()
  const skb = napi_alloc_skb(dev, 100)
  const clone = skb_clone(skb)
  t.equal(skb_end_offset(clone), skb_end_offset(skb))
  skb_set_head(clone, new Uint8Array(50))
  consume_skb(clone)
  t.same(cache.frags, [])
  t.equal(napi_alloc_skb(dev, 100).buf.length, NAPI_FRAG_SIZE)
})

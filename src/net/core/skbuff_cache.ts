/**
 * net/core/skbuff.c struct napi_alloc_cache, page_frag: packets and buffers that a CPU has at hand for its drivers. A driver
 * whose frame has left gives both back (napi_consume_skb) and the next frame that comes gets them: memory of its own for
 * each frame is what costs most on the way. Whoever ends a packet in another way leaves both to the collector.
 */
import type { Kernel } from '../../kernel/kernel.ts'
import type { net_device } from './netdevice.ts'
import { consume_skb, dev_alloc_skb, FRAG_CACHE_SIZE, NET_SKB_PAD, sk_buff, skb_init } from './skbuff.ts'

/** Headroom, a frame of the usual MTU with a driver's header, and tailroom: half a page. */
export const NAPI_FRAG_SIZE = 2048
const no_bytes = new Uint8Array(0)

/** Scratch memory: a loaded kernel begins with a new one. */
export class napi_alloc_cache {
  skbs: sk_buff[] = []
  frags: Uint8Array[] = []
}

/** napi_alloc_frag(): NAPI_FRAG_SIZE bytes, with whatever is in them. */
export function napi_alloc_frag({ netdev }: Kernel): Uint8Array {
  return netdev.softnet[0].alloc_cache.frags.pop() ?? new Uint8Array(NAPI_FRAG_SIZE)
}

/** napi_build_skb(): a packet of what lies in a buffer of napi_alloc_frag(), from `data` to `tail`; it counts as `size` bytes. */
export function napi_build_skb(dev: net_device, frag: Uint8Array, data: number, tail: number, size: number): sk_buff {
  const skb = dev.nd_net.kernel.netdev.softnet[0].alloc_cache.skbs.pop() ?? new sk_buff(frag)
  skb.buf = frag
  skb.data = data
  skb.tail = tail
  skb.dev = dev
  skb.head_frag = size
  return skb
}
/** napi_alloc_skb(): an empty one with headroom for what lower layers push, and room for `size` bytes. */
export function napi_alloc_skb(dev: net_device, size: number): sk_buff {
  if (size > NAPI_FRAG_SIZE - NET_SKB_PAD) return dev_alloc_skb(dev, size)
  return napi_build_skb(dev, napi_alloc_frag(dev.nd_net.kernel), NET_SKB_PAD, NET_SKB_PAD, NET_SKB_PAD + size)
}

/** napi_consume_skb(): the end of a packet that the device has sent; the driver knows that nobody else has it. */
export function napi_consume_skb(kernel: Kernel, skb: sk_buff): void {
  const recyclable = skb.head_frag !== 0 && !skb.cloned
  consume_skb(skb)
  const { skbs } = kernel.netdev.softnet[0].alloc_cache
  if (!recyclable || skbs.length >= FRAG_CACHE_SIZE) return
  skb_init(skb)
  skb.buf = no_bytes
  skbs.push(skb)
}

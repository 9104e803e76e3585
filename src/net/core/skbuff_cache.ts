/**
 * net/core/skbuff.c struct napi_alloc_cache, page_frag: packets and buffers that a CPU has at hand for its drivers. A driver
 * whose frame has left gives both back (napi_consume_skb) and the next frame that comes gets them: memory of its own for
 * each frame is what costs most on the way. Whoever ends a packet in another way leaves both to the collector.
 */
import type { Kernel } from '../../kernel/kernel.ts'
import type { net_device } from './netdevice.ts'
import { consume_skb, dev_alloc_skb, kfree_skb_reason, NET_SKB_PAD, sk_buff, skb_init, skb_release_data } from './skbuff.ts'

/** Headroom, a frame of the usual MTU with a driver's header, and tailroom: half a page. */
export const NAPI_FRAG_SIZE = 2048
/** More than two full rings are not kept. */
const CACHE_SIZE = 512

/** Scratch memory: a loaded kernel begins with a new one. */
export class napi_alloc_cache {
  skbs: sk_buff[] = []
  frags: Uint8Array[] = []
}

/** napi_alloc_frag(): NAPI_FRAG_SIZE bytes, with whatever is in them. */
export function napi_alloc_frag({ netdev }: Kernel): Uint8Array {
  return netdev.softnet[0].alloc_cache.frags.pop() ?? new Uint8Array(NAPI_FRAG_SIZE)
}
/** skb_free_frag(): of napi_alloc_frag(); nobody looks at it any more. */
export function skb_free_frag({ netdev }: Kernel, frag: Uint8Array): void {
  const { frags } = netdev.softnet[0].alloc_cache
  if (frags.length < CACHE_SIZE) frags.push(frag)
}

/** napi_build_skb(): a packet of what lies in a buffer of napi_alloc_frag(), from `data` to `tail`. */
export function napi_build_skb(dev: net_device, frag: Uint8Array, data: number, tail: number): sk_buff {
  const skb = dev.nd_net.kernel.netdev.softnet[0].alloc_cache.skbs.pop() ?? new sk_buff(frag)
  skb.buf = frag
  skb.data = data
  skb.tail = tail
  skb.dev = dev
  skb.head_frag = true
  return skb
}

/** napi_alloc_skb(): an empty one with headroom for what lower layers push, and room for `size` bytes. */
export function napi_alloc_skb(dev: net_device, size: number): sk_buff {
  if (size > NAPI_FRAG_SIZE - NET_SKB_PAD) return dev_alloc_skb(dev, size)
  return napi_build_skb(dev, napi_alloc_frag(dev.nd_net.kernel), NET_SKB_PAD, NET_SKB_PAD)
}

/** napi_consume_skb(): the end of a packet that the device has sent; the driver knows that nobody else has it. */
export function napi_consume_skb(kernel: Kernel, skb: sk_buff): void {
  consume_skb(skb)
  recycle(kernel, skb)
}
/** The same of one that was dropped. */
export function napi_kfree_skb(kernel: Kernel, skb: sk_buff, reason: number): void {
  kfree_skb_reason(skb, reason)
  recycle(kernel, skb)
}
function recycle(kernel: Kernel, skb: sk_buff): void {
  // a clone still has the bytes, or they are of another size
  if (!skb.head_frag || skb.cloned) return
  skb_free_frag(kernel, skb.buf)
  skb_release_data(skb)
  // observers tell packets apart
  const { skbs } = kernel.netdev.softnet[0].alloc_cache
  if (skbs.length >= CACHE_SIZE) return
  skb_init(skb)
  skbs.push(skb)
}

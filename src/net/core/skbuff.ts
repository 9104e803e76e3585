/** include/linux/skbuff.h: a packet under way. Packets are built and parsed in `buf`, between `data` and `tail`. */
import type { net_device } from './netdevice.ts'

/** skb.pkt_type */
export const PACKET_HOST = 0
export const PACKET_BROADCAST = 1
export const PACKET_MULTICAST = 2
export const PACKET_OTHERHOST = 3
export const PACKET_OUTGOING = 4
export const PACKET_LOOPBACK = 5

/** All fields are set here, in one order (hot object). */
export class sk_buff {
  buf: Uint8Array
  /** First byte of what the current layer sees. */
  data = 0
  /** One past the last byte. */
  tail = 0
  dev: net_device | undefined = undefined
  /** ETH_P_* in host order. */
  protocol = 0
  pkt_type = PACKET_HOST
  priority = 0
  mark = 0
  queue_mapping = 0
  ip_summed = 0
  mac_header = -1
  network_header = -1
  transport_header = -1
  vlan_tci = 0
  vlan_proto = 0
  /** Lab time of arrival, ns. */
  tstamp = 0
  sk: unknown = undefined
  constructor(size: number) {
    this.buf = new Uint8Array(size)
  }
  get len(): number {
    return this.tail - this.data
  }
}

/** net/core/skbuff.c alloc_skb(): `size` bytes of room, nothing in it. */
export function alloc_skb(size: number): sk_buff {
  return new sk_buff(size)
}
export function dev_alloc_skb(dev: net_device, size: number): sk_buff {
  const skb = new sk_buff(size + 64)
  skb_reserve(skb, 64)
  skb.dev = dev
  return skb
}
/** Headroom for the headers that lower layers will push. Only on an empty packet. */
export function skb_reserve(skb: sk_buff, n: number): void {
  skb.data += n
  skb.tail += n
}
export function skb_headroom(skb: sk_buff): number {
  return skb.data
}
export function skb_tailroom(skb: sk_buff): number {
  return skb.buf.length - skb.tail
}
/** Appends `n` bytes; the offset of the first. */
export function skb_put(skb: sk_buff, n: number): number {
  const at = skb.tail
  if (at + n > skb.buf.length) throw new RangeError('skb_over_panic')
  skb.tail += n
  return at
}
/** Prepends `n` bytes; the new start. */
export function skb_push(skb: sk_buff, n: number): number {
  if (skb.data < n) throw new RangeError('skb_under_panic')
  skb.data -= n
  return skb.data
}
/** Takes `n` bytes from the front; undefined when there are fewer. */
export function skb_pull(skb: sk_buff, n: number): number | undefined {
  if (n > skb.len) return undefined
  skb.data += n
  return skb.data
}
export function skb_trim(skb: sk_buff, len: number): void {
  if (len < skb.len) skb.tail = skb.data + len
}
/** The bytes that the current layer sees: a view. */
export function skb_bytes(skb: sk_buff): Uint8Array {
  return skb.buf.subarray(skb.data, skb.tail)
}
export function skb_copy(skb: sk_buff): sk_buff {
  const copy = new sk_buff(0)
  Object.assign(copy, skb)
  copy.buf = skb.buf.slice()
  return copy
}

/**
 * include/linux/skbuff.h: a packet under way. It is built and read in `buf`, between `data` and `tail`; offsets of
 * headers count from the start of `buf`.
 *
 * A clone has fields of its own and shares the bytes: whoever writes into a packet that may be shared calls skb_cow()
 * first. Whoever takes a packet over (a driver, a handler) ends it with consume_skb() or kfree_skb_reason().
 */
import { SKB_CONSUMED, SKB_DROP_REASON_NOT_SPECIFIED, SKB_NOT_DROPPED_YET } from './dropreason.ts'
import type { net_device } from './netdevice.ts'
import type { Kernel } from '../../kernel/kernel.ts'

/** skb.pkt_type */
export const PACKET_HOST = 0
export const PACKET_BROADCAST = 1
export const PACKET_MULTICAST = 2
export const PACKET_OTHERHOST = 3
export const PACKET_OUTGOING = 4
export const PACKET_LOOPBACK = 5
/** A netlink message as a packet: on its way to a program, or to the kernel. */
export const PACKET_USER = 6
export const PACKET_KERNEL = 7

/** skb.ip_summed */
export const CHECKSUM_NONE = 0
export const CHECKSUM_UNNECESSARY = 1
export const CHECKSUM_COMPLETE = 2
export const CHECKSUM_PARTIAL = 3

/** skb.gso_type */
export const SKB_GSO_TCPV4 = 1 << 0
export const SKB_GSO_DODGY = 1 << 1
export const SKB_GSO_TCP_ECN = 1 << 2
export const SKB_GSO_TCPV6 = 1 << 4
export const SKB_GSO_UDP_L4 = 1 << 17

/** Room in front of what a driver receives. */
export const NET_SKB_PAD = 64

/** skb_csum_unnecessary(): somebody has looked at the sum, or it has not left the host yet. */
export function skb_csum_unnecessary({ ip_summed }: sk_buff): boolean {
  return ip_summed === CHECKSUM_UNNECESSARY || ip_summed === CHECKSUM_PARTIAL
}

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
  /** Of the device on which it came in; 0: made here. */
  skb_iif = 0
  priority = 0
  mark = 0
  /** Chosen by the sender; a received packet has the receive queue plus one. */
  queue_mapping = 0
  hash = 0
  mac_header = -1
  network_header = -1
  transport_header = -1
  mac_len = 0
  encapsulation = false
  inner_protocol = 0
  inner_mac_header = -1
  inner_network_header = -1
  inner_transport_header = -1
  /** A VLAN tag beside the bytes (hardware acceleration); `vlan_proto` in host order. */
  vlan_present = false
  vlan_proto = 0
  vlan_tci = 0
  ip_summed = CHECKSUM_NONE
  /** CHECKSUM_PARTIAL: from where, and where to put it (from csum_start); else the sum itself in `csum`. */
  csum_start = 0
  csum_offset = 0
  csum = 0
  csum_level = 0
  /** A packet that stands for several: payload of each, their number, SKB_GSO_*. */
  gso_size = 0
  gso_segs = 0
  gso_type = 0
  /** Lab time, ns; 0: not stamped. */
  tstamp = 0
  sk: any = undefined
  dst: any = undefined
  /** The current layer's own; whoever uses it begins with a new object. */
  cb: any = undefined
  /** Called once, when the packet ends or leaves its socket. An exported function. */
  destructor: ((skb: sk_buff) => void) | undefined = undefined
  /** The bytes may belong to others too. */
  cloned = false
  ignore_df = false
  /** Already forwarded by the hardware's own switch (bridge). */
  offload_fwd_mark = false
  /** Sent back by tc (mirred), and whether it had come in. */
  redirected = false
  from_ingress = false
  tc_skip_classify = false
  tc_index = 0
  drop_reason = 0
  /** Of which moments its socket is to be told (SKBTX_*), and its number among those. */
  tx_flags = 0
  tskey = 0
  /** What its socket counts of it (skb_set_owner_w); 0: nothing. */
  truesize = 0
  /** The bytes are a buffer of the CPU's cache (skbuff_cache.ts): how long one of its own would be. 0: they are not. */
  head_frag = 0
  constructor(buf: Uint8Array) {
    this.buf = buf
  }
  get len(): number {
    return this.tail - this.data
  }
}

/** A packet that is used again: all but its bytes as in a new one. */
export function skb_init(skb: sk_buff): void {
  skb.data = 0
  skb.tail = 0
  skb.dev = undefined
  skb.protocol = 0
  skb.pkt_type = PACKET_HOST
  skb.skb_iif = 0
  skb.priority = 0
  skb.mark = 0
  skb.queue_mapping = 0
  skb.hash = 0
  skb.mac_header = -1
  skb.network_header = -1
  skb.transport_header = -1
  skb.mac_len = 0
  skb.encapsulation = false
  skb.inner_protocol = 0
  skb.inner_mac_header = -1
  skb.inner_network_header = -1
  skb.inner_transport_header = -1
  skb.vlan_present = false
  skb.vlan_proto = 0
  skb.vlan_tci = 0
  skb.ip_summed = CHECKSUM_NONE
  skb.csum_start = 0
  skb.csum_offset = 0
  skb.csum = 0
  skb.csum_level = 0
  skb.gso_size = 0
  skb.gso_segs = 0
  skb.gso_type = 0
  skb.tstamp = 0
  skb.sk = undefined
  skb.dst = undefined
  skb.cb = undefined
  skb.destructor = undefined
  skb.cloned = false
  skb.ignore_df = false
  skb.offload_fwd_mark = false
  skb.redirected = false
  skb.from_ingress = false
  skb.tc_skip_classify = false
  skb.tc_index = 0
  skb.drop_reason = 0
  skb.tx_flags = 0
  skb.tskey = 0
  skb.truesize = 0
  skb.head_frag = 0
}
/** alloc_skb(): `size` bytes of room, nothing in it. */
export function alloc_skb(size: number): sk_buff {
  return new sk_buff(new Uint8Array(size))
}
/** With headroom for what lower layers push. */
export function dev_alloc_skb(dev: net_device, size: number): sk_buff {
  const skb = new sk_buff(new Uint8Array(size + NET_SKB_PAD))
  skb_reserve(skb, NET_SKB_PAD)
  skb.dev = dev
  return skb
}
/** LL_RESERVED_SPACE(): room for the headers of a device, in steps of 16 bytes. */
export function LL_RESERVED_SPACE(dev: net_device): number {
  return ((dev.hard_header_len + dev.needed_headroom) & ~15) + 16
}

/** Headroom for the headers that lower layers will push. Only on an empty packet. */
export function skb_reserve(skb: sk_buff, n: number): void {
  skb.data += n
  skb.tail += n
}
/** Bytes that the packet's memory counts as (skb_end_offset). */
export function skb_end_offset(skb: sk_buff): number {
  return skb.head_frag || skb.buf.length
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
  if (n > skb.tail - skb.data) return undefined
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

export function skb_reset_mac_header(skb: sk_buff): void {
  skb.mac_header = skb.data
}
export function skb_reset_network_header(skb: sk_buff): void {
  skb.network_header = skb.data
}
export function skb_reset_transport_header(skb: sk_buff): void {
  skb.transport_header = skb.data
}
export function skb_reset_mac_len(skb: sk_buff): void {
  skb.mac_len = skb.network_header - skb.mac_header
}

/** An object of the same class: whose it is shows in that. */
function copy_cb(cb: object): object {
  return Object.assign(Object.create(Object.getPrototypeOf(cb)), cb)
}
function copy_fields(to: sk_buff, from: sk_buff): sk_buff {
  to.data = from.data
  to.tail = from.tail
  to.dev = from.dev
  to.protocol = from.protocol
  to.pkt_type = from.pkt_type
  to.skb_iif = from.skb_iif
  to.priority = from.priority
  to.mark = from.mark
  to.queue_mapping = from.queue_mapping
  to.hash = from.hash
  to.mac_header = from.mac_header
  to.network_header = from.network_header
  to.transport_header = from.transport_header
  to.mac_len = from.mac_len
  to.encapsulation = from.encapsulation
  to.inner_protocol = from.inner_protocol
  to.inner_mac_header = from.inner_mac_header
  to.inner_network_header = from.inner_network_header
  to.inner_transport_header = from.inner_transport_header
  to.vlan_present = from.vlan_present
  to.vlan_proto = from.vlan_proto
  to.vlan_tci = from.vlan_tci
  to.ip_summed = from.ip_summed
  to.csum_start = from.csum_start
  to.csum_offset = from.csum_offset
  to.csum = from.csum
  to.csum_level = from.csum_level
  to.gso_size = from.gso_size
  to.gso_segs = from.gso_segs
  to.gso_type = from.gso_type
  to.tstamp = from.tstamp
  to.dst = from.dst
  to.cb = from.cb === undefined ? undefined : copy_cb(from.cb)
  to.ignore_df = from.ignore_df
  to.offload_fwd_mark = from.offload_fwd_mark
  to.redirected = from.redirected
  to.from_ingress = from.from_ingress
  to.tc_skip_classify = from.tc_skip_classify
  to.tc_index = from.tc_index
  return to
}
/** Shares the bytes. It belongs to no socket (skb_set_owner_w() gives it one). */
export function skb_clone(skb: sk_buff): sk_buff {
  const clone = copy_fields(new sk_buff(skb.buf), skb)
  clone.cloned = true
  clone.head_frag = skb.head_frag
  skb.cloned = true
  return clone
}
/** With bytes of its own. */
export function skb_copy(skb: sk_buff): sk_buff {
  return copy_fields(new sk_buff(skb.buf.slice()), skb)
}

/** Other memory for a packet's bytes, which nobody else has and which is not of the CPU's cache. */
export function skb_set_head(skb: sk_buff, buf: Uint8Array): void {
  skb.buf = buf
  skb.cloned = false
  skb.head_frag = 0
}
/** pskb_expand_head(): bytes of its own, with `nhead` more in front and `ntail` more behind. */
export function pskb_expand_head(skb: sk_buff, nhead: number, ntail: number): void {
  const buf = new Uint8Array(skb.buf.length + nhead + ntail)
  buf.set(skb.buf.subarray(0, skb.tail), nhead)
  skb_set_head(skb, buf)
  if (nhead === 0) return
  skb.data += nhead
  skb.tail += nhead
  if (skb.mac_header >= 0) skb.mac_header += nhead
  if (skb.network_header >= 0) skb.network_header += nhead
  if (skb.transport_header >= 0) skb.transport_header += nhead
  if (skb.inner_mac_header >= 0) skb.inner_mac_header += nhead
  if (skb.inner_network_header >= 0) skb.inner_network_header += nhead
  if (skb.inner_transport_header >= 0) skb.inner_transport_header += nhead
  if (skb.ip_summed === CHECKSUM_PARTIAL) skb.csum_start += nhead
}
/** skb_cow(), skb_cow_head(): afterwards the bytes are its own and `headroom` of them are free in front. */
export function skb_cow(skb: sk_buff, headroom: number): void {
  const missing = headroom - skb.data
  if (missing <= 0 && !skb.cloned) return
  pskb_expand_head(skb, missing <= 0 ? 0 : (missing + NET_SKB_PAD - 1) & ~(NET_SKB_PAD - 1), 0)
}
/** skb_realloc_headroom(): a copy with more room in front; the packet stays as it is. */
export function skb_realloc_headroom(skb: sk_buff, headroom: number): sk_buff {
  const copy = copy_fields(new sk_buff(skb.buf), skb)
  pskb_expand_head(copy, Math.max(0, headroom - skb.data), 0)
  return copy
}
/** A short packet is filled with zeros (skb_padto, eth_skb_pad). */
export function skb_put_padto(skb: sk_buff, len: number): void {
  const missing = len - skb.len
  if (missing <= 0) return
  if (skb.cloned || missing > skb_tailroom(skb)) pskb_expand_head(skb, 0, missing)
  skb.buf.fill(0, skb.tail, skb.tail + missing)
  skb.tail += missing
}

/** Away from its socket, before it goes where that socket does not count it any more. */
export function skb_orphan(skb: sk_buff): void {
  const { destructor } = skb
  if (destructor !== undefined) {
    skb.destructor = undefined
    destructor(skb)
  }
  skb.sk = undefined
}
export function skb_dst_drop(skb: sk_buff): void {
  skb.dst = undefined
}
/** Buffers that a CPU keeps at hand: more than two full rings are not kept. */
export const FRAG_CACHE_SIZE = 512
/** skb_free_frag(): a buffer of napi_alloc_frag(); nobody looks at it any more. */
export function skb_free_frag({ netdev }: Kernel, frag: Uint8Array): void {
  const { frags } = netdev.softnet[0].alloc_cache
  if (frags.length < FRAG_CACHE_SIZE) frags.push(frag)
}
/** skb_release_data(): a buffer of the CPU's cache goes back, unless a clone has it too. */
function skb_release_data(skb: sk_buff): void {
  skb.head_frag = 0
  if (skb.cloned || skb.dev === undefined) return
  skb_free_frag(skb.dev.nd_net.kernel, skb.buf)
}
/** The end of a packet that arrived. */
export function consume_skb(skb: sk_buff): void {
  skb.drop_reason = SKB_CONSUMED
  if (skb.destructor !== undefined) skb_orphan(skb)
  if (skb.head_frag !== 0) skb_release_data(skb)
}
/** The end of one that did not: SKB_DROP_REASON_*. */
export function kfree_skb_reason(skb: sk_buff, reason: number): void {
  skb.drop_reason = reason
  skb.dev?.nd_net.kernel.trace.kfree_skb?.(skb, reason)
  if (skb.destructor !== undefined) skb_orphan(skb)
  if (skb.head_frag !== 0) skb_release_data(skb)
}
/** What a handler says of the packet when it is done: a reason for its fall, or that it was used up. */
export function end_skb(skb: sk_buff, reason: number): void {
  if (reason === SKB_NOT_DROPPED_YET || reason === SKB_CONSUMED) consume_skb(skb)
  else kfree_skb_reason(skb, reason)
}
export function kfree_skb(skb: sk_buff): void {
  kfree_skb_reason(skb, SKB_DROP_REASON_NOT_SPECIFIED)
}

/**
 * skb_scrub_packet(): what a packet that goes from one device into another by a tunnel or pair forgets; `xnet`: also
 * what belongs to the namespace.
 */
export function skb_scrub_packet(skb: sk_buff, xnet: boolean): void {
  skb.pkt_type = PACKET_HOST
  skb.skb_iif = 0
  skb.ignore_df = false
  skb.offload_fwd_mark = false
  skb.dst = undefined
  if (!xnet) return
  skb.mark = 0
  skb.tstamp = 0
}

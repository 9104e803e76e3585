/** Frames of neighbour and router discovery, made byte by byte as another node would send them. */
import { dev_queue_xmit } from '../../../src/net/core/dev.ts'
import type { net_device } from '../../../src/net/core/netdevice.ts'
import { dev_alloc_skb, skb_put } from '../../../src/net/core/skbuff.ts'
import { in6 } from './ipv6Host.ts'

/** The complement of the sum of 16-bit words, for checks that share nothing with the code under test. */
export function internet_checksum(bytes: readonly number[]): number {
  let sum = 0
  for (let i = 0; i < bytes.length; i += 2) sum += (bytes[i] << 8) + (bytes[i + 1] ?? 0)
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16)
  return ~sum & 0xffff
}
const be16 = (n: number) => [n >> 8, n & 255]
const be32 = (n: number) => [n >>> 24, (n >>> 16) & 255, (n >>> 8) & 255, n & 255]

export interface Icmp6 {
  src: string
  dst: string
  body: number[]
  hops?: number
  /** Options for each hop before the message. */
  hbh?: number[]
}
/** An Ethernet frame with an ICMPv6 message; its checksum is put in. */
export function icmp6_frame(src_mac: Uint8Array, { src, dst, body, hops = 255, hbh = [] }: Icmp6): number[] {
  const to = [...in6(dst)]
  const pseudo = [...in6(src), ...to, ...be32(body.length), 0, 0, 0, 58]
  const message = [...body]
  const sum = internet_checksum([...pseudo, ...message])
  message[2] = sum >> 8
  message[3] = sum & 255
  const dest = to[0] === 0xff ? [0x33, 0x33, ...to.slice(12)] : [2, 0, 0, 0, 0, to[15]]
  const next = hbh.length > 0 ? 0 : 58
  const header = [0x60, 0, 0, 0, ...be16(message.length + hbh.length), next, hops, ...in6(src), ...to]
  return [...dest, ...src_mac.subarray(0, 6), 0x86, 0xdd, ...header, ...hbh, ...message]
}
/** Sends the bytes out of a device as they are. */
export function send(dev: net_device, bytes: readonly number[]): void {
  const skb = dev_alloc_skb(dev, bytes.length)
  skb.buf.set(bytes, skb_put(skb, bytes.length))
  skb.protocol = (bytes[12] << 8) | bytes[13]
  skb.network_header = skb.data + 14
  dev_queue_xmit(skb)
  dev.nd_net.kernel.events.runUntil(dev.nd_net.kernel.now())
}

export const sllao = (mac: Uint8Array) => [1, 1, ...mac.subarray(0, 6)]
export const tllao = (mac: Uint8Array) => [2, 1, ...mac.subarray(0, 6)]
export function prefix_option(prefix: string, { plen = 64, flags = 0xc0, valid = 86400, preferred = 14400 } = {}): number[] {
  return [3, 4, plen, flags, ...be32(valid), ...be32(preferred), 0, 0, 0, 0, ...in6(prefix)]
}
export function mtu_option(mtu: number): number[] {
  return [5, 1, 0, 0, ...be32(mtu)]
}
export function ra_body(options: number[], { hops = 64, flags = 0, lifetime = 1800, reachable = 0, retrans = 0 } = {}): number[] {
  return [134, 0, 0, 0, hops, flags, ...be16(lifetime), ...be32(reachable), ...be32(retrans), ...options]
}
export function ns_body(target: string, options: number[] = []): number[] {
  return [135, 0, 0, 0, 0, 0, 0, 0, ...in6(target), ...options]
}
export function na_body(target: string, flags: number, options: number[] = []): number[] {
  return [136, 0, 0, 0, flags, 0, 0, 0, ...in6(target), ...options]
}
/** What a listener heard, without what is not ICMPv6: type and destination, or what of the message is asked for. */
export function icmp6_of(bytes: Uint8Array): { type: number; at: number } | undefined {
  let at = 40
  let next = bytes[6]
  if (next === 0) {
    next = bytes[at]
    at += (bytes[at + 1] + 1) * 8
  }
  return next === 58 ? { type: bytes[at], at } : undefined
}

/**
 * net/core/flow_dissector.c __skb_flow_dissect() with flow_keys_dissector: what tells a packet's flow from others, as hashes
 * over next hops use it. Encapsulations (IP in IP, GRE) are looked into, unless the packet is to be taken as it stands.
 */
import { getBe16, getBe32 } from '../../lib/bytes.ts'
import { ETH_P_8021AD, ETH_P_8021Q, ETH_P_IP, ETH_P_IPV6 } from '../../uapi/linux/if_ether.ts'
import type { sk_buff } from './skbuff.ts'

export interface flow_addrs {
  /** 4, 6, or 0: no addresses. */
  version: number
  src: Uint8Array
  dst: Uint8Array
  flow_label: number
  ip_proto: number
  sport: number
  dport: number
  /** FLOW_DIS_ENCAPSULATION: the addresses are those of what the packet carries, or there is such a thing. */
  encap: boolean
}
const none = new Uint8Array(0)
const IPPROTO_ICMP = 1
const IPPROTO_IPIP = 4
const IPPROTO_TCP = 6
const IPPROTO_UDP = 17
const IPPROTO_IPV6 = 41
const IPPROTO_GRE = 47
const NEXTHDR_HOP = 0
const NEXTHDR_ROUTING = 43
const NEXTHDR_FRAGMENT = 44
const NEXTHDR_DEST = 60
/** With two ports in front: DCCP, SCTP, UDP-Lite too. */
const ported: readonly number[] = [IPPROTO_TCP, IPPROTO_UDP, 33, 132, 136]
/** MAX_FLOW_DISSECT_HDRS */
const MAX_HDRS = 15

interface step {
  proto: number
  at: number
  /** A later piece, or a protocol without what follows. */
  end: boolean
}
function ipv4(buf: Uint8Array, at: number, tail: number, keys: flow_addrs): step | undefined {
  const hlen = (buf[at] & 15) << 2
  if (at + 20 > tail || hlen < 20) return undefined
  keys.version = 4
  keys.src = buf.subarray(at + 12, at + 16)
  keys.dst = buf.subarray(at + 16, at + 20)
  keys.flow_label = 0
  return { proto: buf[at + 9], at: at + hlen, end: (getBe16(buf, at + 6) & 0x3fff) !== 0 }
}
function ipv6(buf: Uint8Array, at: number, tail: number, keys: flow_addrs): step | undefined {
  if (at + 40 > tail) return undefined
  keys.version = 6
  keys.src = buf.subarray(at + 8, at + 24)
  keys.dst = buf.subarray(at + 24, at + 40)
  keys.flow_label = getBe32(buf, at) & 0xfffff
  return { proto: buf[at + 6], at: at + 40, end: false }
}
/** GRE of version 0: what it carries, by its protocol; bridged frames with their link header. */
function gre(buf: Uint8Array, at: number, tail: number): step | undefined {
  if (at + 4 > tail || getBe16(buf, at) & 0x0007) return undefined
  const flags = getBe16(buf, at)
  let protocol = getBe16(buf, at + 2)
  let next = at + 4 + (flags & 0x8000 ? 4 : 0) + (flags & 0x2000 ? 4 : 0) + (flags & 0x1000 ? 4 : 0)
  if (protocol === 0x6558) {
    if (next + 14 > tail) return undefined
    protocol = getBe16(buf, next + 12)
    next += 14
  }
  if (protocol === 0x0800) return { proto: IPPROTO_IPIP, at: next, end: false }
  return protocol === 0x86dd ? { proto: IPPROTO_IPV6, at: next, end: false } : undefined
}

/** `stop_at_encap`: FLOW_DISSECTOR_F_STOP_AT_ENCAP. The packet's IP header is at `at`. */
export function flow_dissect(buf: Uint8Array, at: number, tail: number, stop_at_encap: boolean): flow_addrs {
  const keys: flow_addrs = { version: 0, src: none, dst: none, flow_label: 0, ip_proto: 0, sport: 0, dport: 0, encap: false }
  let here: step | undefined = { proto: buf[at] >> 4 === 6 ? IPPROTO_IPV6 : IPPROTO_IPIP, at, end: false }
  let outermost = true
  for (let n = 0; n < MAX_HDRS && here !== undefined; n++) {
    const { proto, at: next, end }: step = here
    if (proto === IPPROTO_IPIP || proto === IPPROTO_IPV6 || proto === IPPROTO_GRE) {
      if (!outermost) {
        keys.ip_proto = proto
        const inner: step | undefined = proto === IPPROTO_GRE && !end ? gre(buf, next, tail) : here
        if (end || inner === undefined) break
        keys.encap = true
        if (stop_at_encap) break
        here = inner
      }
      outermost = false
      here = here.proto === IPPROTO_IPV6 ? ipv6(buf, here.at, tail, keys) : ipv4(buf, here.at, tail, keys)
      continue
    }
    if (keys.version === 6 && (proto === NEXTHDR_HOP || proto === NEXTHDR_ROUTING || proto === NEXTHDR_DEST)) {
      if (next + 8 > tail) break
      here = { proto: buf[next], at: next + ((buf[next + 1] + 1) << 3), end }
      continue
    }
    if (keys.version === 6 && proto === NEXTHDR_FRAGMENT) {
      if (next + 8 > tail) break
      here = { proto: buf[next], at: next + 8, end: true }
      continue
    }
    keys.ip_proto = proto
    if (!end && ported.includes(proto) && next + 4 <= tail) {
      keys.sport = getBe16(buf, next)
      keys.dport = getBe16(buf, next + 2)
    }
    break
  }
  return keys
}

/** The header that an ICMP error is about: errors take the way of the flow they are about; `at` itself where it is none. */
export function icmp_flow_header(buf: Uint8Array, at: number, tail: number): number {
  const hlen = (buf[at] & 15) << 2
  if (buf[at + 9] !== IPPROTO_ICMP || (getBe16(buf, at + 6) & 0x1fff) !== 0) return at
  const inner = at + hlen + 8
  if (inner + 20 > tail) return at
  const type = buf[at + hlen]
  return type === 3 || type === 5 || type === 11 || type === 12 ? inner : at
}

/** jhash-like mixing of words; 32 bits. */
export class flow_hash {
  private h: number
  constructor(seed: number) {
    this.h = seed | 0
  }
  word(value: number): this {
    const x = Math.imul(this.h ^ value, 0x85ebca6b)
    const y = Math.imul(x ^ (x >>> 13), 0xc2b2ae35)
    this.h = (y ^ (y >>> 16)) + 0x9e3779b9
    return this
  }
  bytes(b: Uint8Array): this {
    for (let i = 0; i + 4 <= b.length; i += 4) this.word(getBe32(b, i))
    return this
  }
  get value(): number {
    const x = Math.imul(this.h ^ (this.h >>> 16), 0x21f0aaad)
    const y = Math.imul(x ^ (x >>> 15), 0x735a2d97)
    return (y ^ (y >>> 15)) >>> 0
  }
}

/** Of the network header, behind tags that the frame carries in itself. */
function network_start(skb: sk_buff): { protocol: number; at: number } {
  let protocol = skb.protocol
  let at = skb.network_header
  for (let tags = 0; tags < 2 && (protocol === ETH_P_8021Q || protocol === ETH_P_8021AD) && at + 4 <= skb.tail; tags++) {
    protocol = getBe16(skb.buf, at + 2)
    at += 4
  }
  return { protocol, at }
}
/** __flow_hash_consistentify(): the smaller address comes first, of equal ones the smaller port. */
function in_order(src: Uint8Array, dst: Uint8Array, sport: number, dport: number): boolean {
  for (let i = 0; i < src.length; i++) if (src[i] !== dst[i]) return src[i] < dst[i]
  return sport <= dport
}
/**
 * skb_get_hash_perturb(): all packets of a flow have the same, those that go back too; packets without
 * addresses are one flow for each protocol. 32 bits.
 */
export function skb_get_hash_perturb(skb: sk_buff, perturb: number): number {
  const hash = new flow_hash(perturb)
  const { protocol, at } = network_start(skb)
  if (protocol !== ETH_P_IP && protocol !== ETH_P_IPV6) return hash.word(protocol).value
  const { src, dst, sport, dport, ip_proto, flow_label } = flow_dissect(skb.buf, at, skb.tail, false)
  if (in_order(src, dst, sport, dport))
    hash
      .bytes(src)
      .bytes(dst)
      .word((sport << 16) | dport)
  else
    hash
      .bytes(dst)
      .bytes(src)
      .word((dport << 16) | sport)
  return hash.word(ip_proto).word(flow_label).value
}
/** include/linux/kernel.h reciprocal_scale(): 0 to `n` - 1, evenly, of 32 bits. */
export function reciprocal_scale(value: number, n: number): number {
  return Math.floor((value / 0x100000000) * n)
}

/** Segment routing headers put on packets, followed and taken off (RFC 8754, 8986, 9800). */
import t from 'tap'
import { hex } from '../../../src/lib/bytes.ts'
import { alloc_skb, type sk_buff, skb_bytes, skb_reserve } from '../../../src/net/core/skbuff.ts'
import { seg6_do_srh_encap } from '../../../src/net/ipv6/seg6_iptunnel_srh.ts'
import { seg6_advance, seg6_decap, seg6_next_csid, seg6_payload_proto, seg6_pop_srh } from '../../../src/net/ipv6/seg6_srh.ts'
import { ETH_P_IPV6, ETH_P_TEB } from '../../../src/uapi/linux/if_ether.ts'
import { in6, Ipv6Host } from './ipv6Host.ts'

const [A, B] = ['fc00::a', 'fc00::b'].map(in6)
const UDP = 17

/** A packet of IPv6 to `to`, `nexthdr` first, then these bytes. */
function packet(to: Uint8Array, nexthdr: number, ...parts: Uint8Array[]): sk_buff {
  const rest = Buffer.concat(parts)
  const bytes = Uint8Array.of(0x60, 0, 0, 0, 0, rest.length, nexthdr, 64, ...in6('2001:db8::1'), ...to, ...rest)
  const skb = alloc_skb(256 + bytes.length)
  skb_reserve(skb, 256)
  skb.buf.fill(0xa5)
  skb.buf.set(bytes, skb.data)
  skb.tail += bytes.length
  skb.network_header = skb.data
  skb.protocol = ETH_P_IPV6
  return skb
}
/** The header: the last segment comes first. */
function srh(nexthdr: number, left: number, ...segments: Uint8Array[]): Uint8Array {
  return Uint8Array.of(nexthdr, segments.length * 2, 4, left, segments.length - 1, 0, 0, 0, ...segments.flatMap((s) => [...s]))
}
const PAYLOAD = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8)
const OPTIONS = Uint8Array.of(43, 0, 1, 4, 0, 0, 0, 0)

t.test('the next segment becomes the destination, until none is left', async (t) => {
  const skb = packet(A, 43, srh(UDP, 1, B, A), PAYLOAD)
  t.ok(seg6_advance(skb))
  t.same(skb_bytes(skb), skb_bytes(packet(B, 43, srh(UDP, 0, B, A), PAYLOAD)))
  t.notOk(seg6_advance(skb))
  t.notOk(seg6_advance(packet(A, UDP, PAYLOAD)), 'no header')
  t.equal(seg6_payload_proto(skb), UDP)
})

t.test('the header taken out: what stood before it goes on with what stood behind it', async (t) => {
  const plain = packet(B, 43, srh(UDP, 0, B), PAYLOAD)
  t.ok(seg6_pop_srh(plain))
  t.same(skb_bytes(plain), skb_bytes(packet(B, UDP, PAYLOAD)))
  const behind = packet(B, 0, OPTIONS, srh(UDP, 0, B), PAYLOAD)
  t.ok(seg6_pop_srh(behind))
  t.same(skb_bytes(behind), skb_bytes(packet(B, 0, Uint8Array.of(UDP, ...OPTIONS.subarray(1)), PAYLOAD)))
  t.notOk(seg6_pop_srh(packet(B, UDP, PAYLOAD)))
})

t.test('segments within an address', async (t) => {
  const skb = packet(in6('fc00:0:1:2:3::'), UDP, PAYLOAD)
  const daddr = () => hex(skb_bytes(skb).subarray(24, 40))
  t.ok(seg6_next_csid(skb, 4, 2))
  t.equal(daddr(), hex(in6('fc00:0:2:3::')))
  t.ok(seg6_next_csid(skb, 4, 2))
  t.equal(daddr(), hex(in6('fc00:0:3::')))
  t.notOk(seg6_next_csid(skb, 4, 2), 'the last one')
})

function without_source(skb: sk_buff): Uint8Array {
  return skb_bytes(skb).slice().fill(0, 8, 24)
}
t.test('reduced: one segment needs no header, of several the first is in the destination alone', async (t) => {
  const dev = new Ipv6Host().dummy('d0')
  const inner = skb_bytes(packet(B, UDP, PAYLOAD))
  const encap = (...segments: Uint8Array[]) => {
    const skb = packet(B, UDP, PAYLOAD)
    seg6_do_srh_encap(skb, dev, srh(0, segments.length - 1, ...segments), 41, true)
    return without_source(skb)
  }
  const from = (to: Uint8Array, nexthdr: number, ...parts: Uint8Array[]) => without_source(packet(to, nexthdr, ...parts))
  t.same(encap(A), from(A, 41, inner))
  const red = srh(41, 1, B)
  t.same(encap(B, A), from(A, 43, red, inner))
})

t.test('what is inside: by its number, with no segments left', async (t) => {
  const frame = new Uint8Array(20).fill(7)
  const skb = packet(A, 43, srh(143, 0, A), frame)
  t.ok(seg6_decap(skb, 143))
  t.same([hex(skb_bytes(skb)), skb.protocol], [hex(frame), ETH_P_TEB])
  t.notOk(seg6_decap(packet(A, 43, srh(143, 1, B, A), frame), 143), 'not the last')
  t.notOk(seg6_decap(packet(A, 43, srh(143, 0, A), frame), 41), 'another')
  t.notOk(seg6_decap(packet(A, 43, srh(143, 0, A), frame.subarray(13)), 143), 'too short')
})

/** Segment routing from a to b: b's segments end at an address of its own, or lead back to a. */
import t from 'tap'
import { put32 } from '../../../src/lib/bytes.ts'
import { DEVCONF_FORWARDING } from '../../../src/uapi/linux/ipv6.ts'
import * as L from '../../../src/uapi/linux/lwtunnel.ts'
import { RTA_ENCAP, RTA_ENCAP_TYPE } from '../../../src/uapi/linux/rtnetlink.ts'
import { type Fill, ip, TunnelPair } from './tunnelPair.ts'

function pair(): TunnelPair {
  const h = new TunnelPair()
  h.addr('a', 'va', '2001:db8::1/64')
  h.addr('b', 'vb', '2001:db8::2/64')
  h.addr('b', 'lo', '2001:db8:9::1/128')
  h.nets.b.ipv6.devconf_all.set(DEVCONF_FORWARDING, 1)
  h.route('a', 'fc00::/16', undefined, { via: '2001:db8::2' })
  h.advance(3e9)
  h.ping('a', '2001:db8::2')
  return h
}
function encap(type: number, fill: Fill): Fill {
  return (msg) => {
    const o = msg.reserve(RTA_ENCAP_TYPE.nr, 2)
    msg.buf[o] = type
    const nest = msg.nest(RTA_ENCAP)
    fill(msg)
    msg.nestEnd(nest)
  }
}
/** Segments in the order of the way; of mode inline a place is left for the destination. */
function segs(mode: number, ...way: string[]): Fill {
  const list = [...(mode === 0 ? ['::'] : []), ...[...way].reverse()]
  const srh = Uint8Array.of(0, list.length * 2, 4, list.length - 1, list.length - 1, 0, 0, 0, ...list.flatMap((s) => [...ip(s)]))
  const info = new Uint8Array(4 + srh.length)
  put32(info, 0, mode)
  info.set(srh, 4)
  return encap(L.LWTUNNEL_ENCAP_SEG6, (msg) => msg.putBytes(1, info))
}
const local = (action: number, nr = 0, value = new Uint8Array(0)) =>
  encap(L.LWTUNNEL_ENCAP_SEG6_LOCAL, (msg) => {
    const bytes = new Uint8Array(4)
    put32(bytes, 0, action)
    msg.putBytes(1, bytes)
    if (nr !== 0) msg.putBytes(nr, value)
  })
const LOCAL_TABLE = Uint8Array.of(255, 0, 0, 0)

t.test('around a packet: two segments, and out again at the last one', async (t) => {
  const h = pair()
  h.route('b', 'fc00::b1/128', 'vb', { more: local(L.SEG6_LOCAL_ACTION_END_DT6, L.SEG6_LOCAL_TABLE.nr, LOCAL_TABLE) })
  h.route('b', 'fc00::b2/128', 'vb', { more: local(L.SEG6_LOCAL_ACTION_END) })
  h.route('a', '2001:db8:9::/64', 'va', { more: segs(1, 'fc00::b2', 'fc00::b1') })
  const tap = h.tap('b', 'vb')
  t.equal(h.ping('a', '2001:db8:9::1'), 'reply')
  const frame = tap.frames.find((f) => f.includes('2b4020010db8')) ?? ''
  // with the label of the flow that it carries
  const outer = '60[0-9a-f]{6}00902b40'
  t.match(
    frame.slice(32),
    new RegExp(`^${outer}20010db8000000000000000000000001fc0000000000000000000000000000b22904040101000000fc00.{24}00b1fc00`),
  )
})
t.test('without a next segment, or with one left, it ends', async (t) => {
  const h = pair()
  h.route('b', 'fc00::b1/128', 'vb', { more: local(L.SEG6_LOCAL_ACTION_END_DT6, L.SEG6_LOCAL_TABLE.nr, LOCAL_TABLE) })
  h.route('b', 'fc00::b2/128', 'vb', { more: local(L.SEG6_LOCAL_ACTION_END) })
  h.route('a', '2001:db8:9::/64', 'va', { more: segs(1, 'fc00::b2') })
  t.equal(h.ping('a', '2001:db8:9::1'), 'lost')
  h.route('a', '2001:db8:8::/64', 'va', { more: segs(1, 'fc00::b1', 'fc00::b2') })
  t.equal(h.ping('a', '2001:db8:8::1'), 'lost')
})

/** Devices whose ends a route names (RTA_ENCAP of ip and ip6), and geneve's. */
import t from 'tap'
import { request_module } from '../../../src/kernel/kmod.ts'
import type { MessageBuilder } from '../../../src/lib/message.ts'
import * as G from '../../../src/uapi/linux/if_link_geneve.ts'
import * as U from '../../../src/uapi/linux/if_tunnel.ts'
import * as L from '../../../src/uapi/linux/lwtunnel.ts'
import { RTA_ENCAP, RTA_ENCAP_TYPE } from '../../../src/uapi/linux/rtnetlink.ts'
import { type Fill, ip, TunnelPair } from './tunnelPair.ts'

function pair(): TunnelPair {
  const h = new TunnelPair()
  for (const kind of ['ipip', 'gre', 'ip6tnl', 'ip6gre', 'geneve']) request_module(h.kernel, `rtnl-link-${kind}`)
  for (const [side, name, last] of [
    ['a', 'va', 1],
    ['b', 'vb', 2],
  ] as const) {
    h.addr(side, name, `10.0.0.${last}/24`)
    h.addr(side, name, `2001:db8::${last}/64`)
  }
  h.advance(3e9)
  return h
}
/** RTA_ENCAP with an id, an end, a TTL and flags. */
function encap(v6: boolean, id: number, dst: string, flags: number): Fill {
  return (msg: MessageBuilder) => {
    const o = msg.reserve(RTA_ENCAP_TYPE.nr, 2)
    msg.buf[o] = v6 ? L.LWTUNNEL_ENCAP_IP6 : L.LWTUNNEL_ENCAP_IP
    const nest = msg.nest(RTA_ENCAP)
    msg.putBytes(1, Uint8Array.of(0, 0, 0, 0, 0, 0, 0, id))
    msg.putBytes(2, ip(dst))
    msg.putBytes(4, Uint8Array.of(33))
    msg.putBytes(6, Uint8Array.of(flags >> 8, flags & 255))
    msg.nestEnd(nest)
  }
}
function external(h: TunnelPair, kind: string, data: Fill, v6: boolean, flags: number): void {
  for (const [side, me, other] of [
    ['a', 1, 2],
    ['b', 2, 1],
  ] as const) {
    h.link(side, kind, 't0', data)
    h.up(side, 't0')
    h.addr(side, 't0', `192.168.1.${me}/32`)
    h.route(side, `192.168.1.${other}/32`, 't0', { more: encap(v6, 5, v6 ? `2001:db8::${other}` : `10.0.0.${other}`, flags) })
  }
  h.advance(3e9)
}

t.test('a device of gre for all: key and TTL are the route’s', async (t) => {
  const h = pair()
  external(h, 'gre', (msg) => msg.put(U.IFLA_GRE_COLLECT_METADATA, true), false, 0x04)
  const tap = h.tap('b', 'vb')
  t.equal(h.ping('a', '192.168.1.2'), 'reply ttl=64')
  const frame = tap.frames.find((f) => /^in {2}.{24}0800.{18}2f/.test(f)) ?? ''
  t.match(frame.slice(32), /^45000070....0000212f....0a0000010a000002200008000000000545000054/)
})
t.test('ipip, ip6tnl and ip6gre for all', async (t) => {
  for (const [kind, data, v6] of [
    ['ipip', U.IFLA_IPTUN_COLLECT_METADATA, false],
    ['ip6tnl', U.IFLA_IPTUN_COLLECT_METADATA, true],
    ['ip6gre', U.IFLA_GRE_COLLECT_METADATA, true],
  ] as const) {
    const h = pair()
    external(h, kind, (msg) => msg.put(data as typeof U.IFLA_GRE_COLLECT_METADATA, true), v6, 0x04)
    t.equal(h.ping('a', '192.168.1.2'), 'reply ttl=64', kind)
  }
})
t.test('without an encapsulation in the route, nothing leaves', async (t) => {
  const h = pair()
  h.link('a', 'ipip', 't0', (msg) => msg.put(U.IFLA_IPTUN_COLLECT_METADATA, true))
  h.up('a', 't0')
  h.addr('a', 't0', '192.168.1.1/24')
  t.equal(h.ping('a', '192.168.1.2'), 'lost')
  t.equal(h.stats('a', 't0'), 'rx 0/0 tx 0/0 tx_errors=1')
})

const mac = (last: number) => Uint8Array.of(2, 0, 0, 0, 9, last)
function geneve(h: TunnelPair, v6: boolean, id = 7): void {
  for (const [side, last, other] of [
    ['a', 1, v6 ? '2001:db8::2' : '10.0.0.2'],
    ['b', 2, v6 ? '2001:db8::1' : '10.0.0.1'],
  ] as const) {
    const data: Fill = (msg) => {
      msg.put(G.IFLA_GENEVE_ID, side === 'a' ? 7 : id)
      msg.put(v6 ? G.IFLA_GENEVE_REMOTE6 : G.IFLA_GENEVE_REMOTE, ip(other) as never)
    }
    h.link(side, 'geneve', 't0', data, mac(last))
    h.up(side, 't0')
    h.addr(side, 't0', `192.168.1.${last}/24`)
  }
  h.advance(20e9)
}
t.test('geneve: frames in UDP, by a number', async (t) => {
  const h = pair()
  geneve(h, false)
  const before = h.stats('a', 't0')
  const tap = h.tap('b', 'vb')
  t.equal(h.ping('a', '192.168.1.2'), 'reply ttl=64')
  const frame = tap.frames.find((f) => /^in {2}.{24}0800.{18}11/.test(f)) ?? ''
  t.match(frame.slice(32), /^4500004e....00004011....0a0000010a000002....17c1003a00000000655800000700ffffffffffff020000000901/)
  const [x, y] = [before, h.stats('a', 't0')].map((s) => s.match(/\d+/g)?.map(Number) ?? [])
  t.strictSame(
    y.slice(0, 4).map((n, i) => n - x[i]),
    [2, 28 + 84, 2, 28 + 84],
  )
})
t.test('geneve over IPv6, and of another number', async (t) => {
  const h = pair()
  geneve(h, true)
  t.equal(h.ping('a', '192.168.1.2'), 'reply ttl=64')
  const other = pair()
  geneve(other, false, 8)
  t.match(other.ping('a', '192.168.1.2'), /lost|3\/1/)
  t.match(other.stats('b', 't0'), /^rx 0\/0/)
})

/** Tunnels over IPv6: headers and counters as 6.12 has them, and what they refuse. */
import t from 'tap'
import { request_module } from '../../../src/kernel/kmod.ts'
import { dev_set_mtu } from '../../../src/net/core/dev.ts'
import * as U from '../../../src/uapi/linux/if_tunnel.ts'
import { type Fill, ip, TunnelPair } from './tunnelPair.ts'

const A = '2001:db8::1'
const B = '2001:db8::2'
const ENDS = '20010db800000000000000000000000120010db8000000000000000000000002'
function pair(): TunnelPair {
  const h = new TunnelPair()
  for (const kind of ['ip6tnl', 'ip6gre', 'vti6']) request_module(h.kernel, `rtnl-link-${kind}`)
  h.addr('a', 'va', `${A}/64`)
  h.addr('b', 'vb', `${B}/64`)
  h.advance(3e9)
  h.ping('a', B)
  return h
}
function both(h: TunnelPair, kind: string, data: Fill, from = A, to = B): void {
  const eth = kind.endsWith('tap') || kind.endsWith('erspan')
  const gre = kind.startsWith('ip6gre') || kind === 'ip6erspan'
  for (const [side, local, remote, last] of [
    ['a', from, to, 1],
    ['b', to, from, 2],
  ] as const) {
    const fill: Fill = (msg) => {
      msg.put(gre ? U.IFLA_GRE_LOCAL : U.IFLA_IPTUN_LOCAL, ip(local) as never)
      msg.put(gre ? U.IFLA_GRE_REMOTE : U.IFLA_IPTUN_REMOTE, ip(remote) as never)
      data(msg)
    }
    h.link(side, kind, 't0', fill, eth ? Uint8Array.of(2, 0, 0, 0, 9, last) : undefined)
  }
  h.up('a', 't0')
  h.up('b', 't0')
  h.advance(20e9)
  h.addr('a', 't0', '192.168.1.1/24')
  h.addr('b', 't0', '192.168.1.2/24')
  h.addr('a', 't0', '2001:db8:1::1/64')
  h.addr('b', 't0', '2001:db8:1::2/64')
  h.advance(20e9)
}
const iptun: Fill = (msg) => {
  msg.put(U.IFLA_IPTUN_TTL, 64)
  msg.put(U.IFLA_IPTUN_ENCAP_LIMIT, 4)
}
const gre6: Fill = (msg) => {
  msg.put(U.IFLA_GRE_TTL, 64)
  msg.put(U.IFLA_GRE_ENCAP_LIMIT, 4)
}
/** Of the first frame that came in from a tunnel: the fixed header without its flow label, then the rest. */
function first(frames: readonly string[], nexthdr: string): string {
  const frame = frames.find((f) => f.startsWith('in ') && f.slice(28 + 4 + 12, 28 + 4 + 14) === nexthdr) ?? ''
  return frame.slice(32)
}
function grown(before: string, after: string): number[] {
  const [a, b] = [before, after].map((s) => s.match(/\d+/g)?.map(Number) ?? [])
  return b.slice(0, 4).map((n, i) => n - a[i])
}

t.test('ip6tnl: IPv6 in IPv6, with the limit of encapsulations', async (t) => {
  const h = pair()
  both(h, 'ip6tnl', iptun)
  const before = h.stats('a', 't0')
  const tap = h.tap('b', 'vb')
  t.equal(h.ping('a', '2001:db8:1::2'), 'reply')
  t.match(first(tap.frames, '3c'), new RegExp(`^600.....00703c40${ENDS}29000401040101006.......00403a4020010db8`))
  t.strictSame(grown(before, h.stats('a', 't0')), [1, 104, 1, 104])
})
t.test('ip6tnl: IPv4 in IPv6 without the limit; the other protocol is refused', async (t) => {
  const h = pair()
  both(h, 'ip6tnl', (msg) => {
    msg.put(U.IFLA_IPTUN_PROTO, 4)
    msg.put(U.IFLA_IPTUN_FLAGS, U.IP6_TNL_F_IGN_ENCAP_LIMIT)
    msg.put(U.IFLA_IPTUN_TTL, 64)
  })
  const tap = h.tap('b', 'vb')
  t.equal(h.ping('a', '192.168.1.2'), 'reply ttl=64')
  t.match(first(tap.frames, '04'), new RegExp(`^600.....00540440${ENDS}45000054`))
  const before = h.stats('a', 't0')
  t.equal(h.ping('a', '2001:db8:1::2'), 'lost')
  t.match(before, /tx_errors=(\d+) tx_dropped=\1|tx_errors=(\d+).*tx_dropped=\2/, 'router solicitations were refused too')
})
t.test('ip6gre: a key', async (t) => {
  const h = pair()
  both(h, 'ip6gre', (msg) => {
    gre6(msg)
    for (const flags of [U.IFLA_GRE_IFLAGS, U.IFLA_GRE_OFLAGS]) msg.put(flags, U.GRE_KEY)
    for (const key of [U.IFLA_GRE_IKEY, U.IFLA_GRE_OKEY]) msg.put(key, 5)
  })
  const tap = h.tap('b', 'vb')
  t.equal(h.ping('a', '192.168.1.2'), 'reply ttl=64')
  t.match(first(tap.frames, '3c'), new RegExp(`^600.....00643c40${ENDS}2f00040104010100200008000000000545000054`))
})
t.test('ip6gretap: frames, all with the limit of encapsulations', async (t) => {
  const h = pair()
  both(h, 'ip6gretap', gre6)
  const before = h.stats('a', 't0')
  const tap = h.tap('b', 'vb')
  t.equal(h.ping('a', '192.168.1.2'), 'reply ttl=64')
  t.match(first(tap.frames, '3c'), new RegExp(`^600.....00363c40${ENDS}2f0004010401010000006558ffffffffffff0200000009010806`))
  t.strictSame(grown(before, h.stats('a', 't0')), [2, 28 + 84, 2, 28 + 84])
})
t.test('ip6erspan: ARP goes without the limit; the class is read as if of IPv6', async (t) => {
  const h = pair()
  both(h, 'ip6erspan', (msg) => {
    gre6(msg)
    for (const flags of [U.IFLA_GRE_IFLAGS, U.IFLA_GRE_OFLAGS]) msg.put(flags, U.GRE_KEY | U.GRE_SEQ)
    for (const key of [U.IFLA_GRE_IKEY, U.IFLA_GRE_OKEY]) msg.put(key, 7)
    msg.put(U.IFLA_GRE_ERSPAN_VER, 1)
    msg.put(U.IFLA_GRE_ERSPAN_INDEX, 9)
  })
  const tap = h.tap('b', 'vb')
  t.equal(h.ping('a', '192.168.1.2'), 'reply ttl=64')
  t.match(first(tap.frames, '2f'), new RegExp(`^600.....003a2f40${ENDS}100088be0000000.1000000700000009ffffffffffff`))
  t.match(first(tap.frames, '3c'), new RegExp(`^600.....007a3c40${ENDS}2f00040104010100100088be0000000.1000400700000009`))
})
t.test('ip6tnl: too long, an end that is not there, a route into itself', async (t) => {
  const h = pair()
  both(h, 'ip6tnl', iptun)
  dev_set_mtu(h.device('a', 'va'), 1400)
  t.equal(h.ping('a', '192.168.1.2', { size: 1424, df: true }), 'error 3/4 mtu 1352 from 192.168.1.1')
  h.link('a', 'ip6tnl', 't1', (msg) => {
    msg.put(U.IFLA_IPTUN_LOCAL, ip('2001:db8::99') as never)
    msg.put(U.IFLA_IPTUN_REMOTE, ip(B) as never)
  })
  h.up('a', 't1')
  h.addr('a', 't1', '192.168.5.1/24')
  t.equal(h.ping('a', '192.168.5.2'), 'error 3/1 from 192.168.5.1')
  t.match(h.stats('a', 't1'), /tx_errors=(\d+) tx_dropped=\1 tx_carrier_errors=\1$/)
})
t.test('what no tunnel takes is refused: a port that cannot be reached', async (t) => {
  const h = pair()
  h.link('a', 'ip6tnl', 't0', (msg) => {
    msg.put(U.IFLA_IPTUN_LOCAL, ip(A) as never)
    msg.put(U.IFLA_IPTUN_REMOTE, ip(B) as never)
  })
  h.up('a', 't0')
  h.addr('a', 't0', '192.168.1.1/24')
  const tap = h.tap('b', 'vb')
  t.equal(h.ping('a', '192.168.1.2'), 'lost', 'which is not told inside')
  t.ok(tap.frames.some((f) => f.startsWith('out') && /86dd6.{11}3a.{66}0104/.test(f)))
})
t.test('vti6: without IPsec nothing leaves', async (t) => {
  const h = pair()
  h.link('a', 'vti6', 't0', (msg) => {
    msg.put(U.IFLA_VTI_LOCAL, ip(A) as never)
    msg.put(U.IFLA_VTI_REMOTE, ip(B) as never)
  })
  h.up('a', 't0')
  h.addr('a', 't0', '192.168.1.1/24')
  t.equal(h.ping('a', '192.168.1.2'), 'error 3/1 from 192.168.1.1')
})

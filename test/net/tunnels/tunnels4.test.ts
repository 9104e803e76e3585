/** Tunnels over IPv4: headers and counters as 6.12 has them, and what they refuse. */
import t from 'tap'
import type { MessageBuilder } from '../../../src/lib/message.ts'
import { request_module } from '../../../src/kernel/kmod.ts'
import * as U from '../../../src/uapi/linux/if_tunnel.ts'
import { addr4, type Fill, TunnelPair } from './tunnelPair.ts'

const A = '10.0.0.1'
const B = '10.0.0.2'
function pair(): TunnelPair {
  const h = new TunnelPair()
  for (const kind of ['ipip', 'gre', 'sit']) request_module(h.kernel, `rtnl-link-${kind}`)
  h.addr('a', 'va', `${A}/24`)
  h.addr('b', 'vb', `${B}/24`)
  h.advance(3e9)
  h.ping('a', B)
  return h
}
function iptun(msg: MessageBuilder, local: string, remote: string): void {
  addr4(msg, U.IFLA_IPTUN_LOCAL.nr, local)
  addr4(msg, U.IFLA_IPTUN_REMOTE.nr, remote)
}
function gre(msg: MessageBuilder, local: string, remote: string): void {
  addr4(msg, U.IFLA_GRE_LOCAL.nr, local)
  addr4(msg, U.IFLA_GRE_REMOTE.nr, remote)
  msg.put(U.IFLA_GRE_PMTUDISC, 1)
}
/** One of the kind on both sides, with addresses. */
function both(
  h: TunnelPair,
  kind: string,
  ends: (msg: MessageBuilder, local: string, remote: string) => void,
  more: Fill = () => {},
): void {
  const eth = kind.endsWith('tap') || kind === 'erspan'
  const mac = (last: number) => (eth ? Uint8Array.of(2, 0, 0, 0, 9, last) : undefined)
  for (const [side, local, remote, last] of [
    ['a', A, B, 1],
    ['b', B, A, 2],
  ] as const) {
    const data: Fill = (msg) => {
      ends(msg, local, remote)
      more(msg)
    }
    h.link(side, kind, 't0', data, mac(last))
  }
  h.up('a', 't0')
  h.up('b', 't0')
  h.advance(5e9)
  h.addr('a', 't0', '192.168.1.1/24')
  h.addr('b', 't0', '192.168.1.2/24')
}
/** A frame without what differs from run to run: the numbers of packets and the checksum over them. */
function outer(frame: string): string {
  const hex = frame.slice(4)
  return `${hex.slice(28, 36)} .... ${hex.slice(40, 48)} .... ${hex.slice(52, 68)} ${hex.slice(68)}`
}

t.test('ipip: the inner packet behind an outer header with its TTL, and DF', async (t) => {
  const h = pair()
  both(h, 'ipip', iptun, (msg) => msg.put(U.IFLA_IPTUN_PMTUDISC, 1))
  const tap = h.tap('b', 'vb')
  t.equal(h.ping('a', '192.168.1.2', { ttl: 77, tos: 0x20 }), 'reply ttl=64')
  t.match(outer(tap.frames[0]), /^45000068 \.\.\.\. 40004d04 \.\.\.\. 0a0000010a000002 45200054........4d01....c0a80101c0a80102/)
  t.equal(h.stats('a', 't0'), 'rx 1/84 tx 1/84')
  t.equal(h.stats('b', 't0'), 'rx 1/84 tx 1/84')
})
t.test('ipip: what is not for it', async (t) => {
  const h = pair()
  both(h, 'ipip', iptun)
  h.addr('a', 't0', '2001:db8:9::1/64')
  t.equal(h.ping('a', '2001:db8:9::2'), 'lost', 'IPv6 does not fit in')
  t.equal(h.stats('a', 't0'), 'rx 0/0 tx 0/0 tx_errors=1')
  h.link('a', 'ipip', 't1', (msg) => iptun(msg, A, '10.0.0.77'))
  h.up('a', 't1')
  h.addr('a', 't1', '192.168.7.1/24')
  t.equal(h.ping('a', '192.168.7.2'), 'lost', 'its end does not answer')
  h.link('a', 'ipip', 't2', (msg) => iptun(msg, '0.0.0.0', '172.16.0.1'))
  h.up('a', 't2')
  h.addr('a', 't2', '192.168.8.1/24')
  t.equal(h.ping('a', '192.168.8.2'), 'lost')
  t.equal(h.stats('a', 't2'), 'rx 0/0 tx 0/0 tx_errors=1 tx_carrier_errors=1', 'no route to its end')
  h.route('a', '172.16.0.0/24', 't2')
  h.ping('a', '192.168.8.2')
  t.equal(h.stats('a', 't2'), 'rx 0/0 tx 0/0 tx_errors=2 collisions=1 tx_carrier_errors=1', 'the route leads into itself')
})
t.test('what no tunnel takes is refused: a port that cannot be reached', async (t) => {
  const h = pair()
  h.link('a', 'ipip', 't0', (msg) => iptun(msg, A, B))
  h.up('a', 't0')
  h.addr('a', 't0', '192.168.1.1/24')
  const tap = h.tap('b', 'vb')
  t.equal(h.ping('a', '192.168.1.2'), 'lost')
  t.match(tap.frames[1], /^out .{28}45c0.{36}0303/)
  h.ping('a', '192.168.1.2')
  t.equal(h.ping('a', '192.168.1.2'), 'error 3/1 from 192.168.1.1', 'the next sender is told')
})
t.test('gre: key, checksum and numbers; TTL and TOS of its own', async (t) => {
  const h = pair()
  both(h, 'gre', gre, (msg) => {
    msg.put(U.IFLA_GRE_IFLAGS, U.GRE_KEY | U.GRE_CSUM | U.GRE_SEQ)
    msg.put(U.IFLA_GRE_OFLAGS, U.GRE_KEY | U.GRE_CSUM | U.GRE_SEQ)
    msg.put(U.IFLA_GRE_IKEY, 77)
    msg.put(U.IFLA_GRE_OKEY, 77)
    msg.put(U.IFLA_GRE_TTL, 9)
    msg.put(U.IFLA_GRE_TOS, 1)
  })
  const tap = h.tap('b', 'vb')
  t.equal(h.ping('a', '192.168.1.2', { tos: 0x21 }), 'reply ttl=64')
  t.match(outer(tap.frames[0]), /^45210078 \.\.\.\. 4000092f \.\.\.\. 0a0000010a000002 b0000800....00000000004d000000..4521/)
  t.match(h.stats('a', 't0'), /tx \d+\/\d+$/)
})
t.test('gre: what arrives without the checksum or number asked for is counted', async (t) => {
  const h = pair()
  h.link('a', 'gre', 't0', (msg) => gre(msg, A, B))
  h.link('b', 'gre', 't0', (msg) => {
    gre(msg, B, A)
    msg.put(U.IFLA_GRE_IFLAGS, U.GRE_CSUM)
  })
  h.up('a', 't0')
  h.up('b', 't0')
  h.addr('a', 't0', '192.168.1.1/24')
  h.ping('a', '192.168.1.2')
  t.match(h.stats('b', 't0'), 'rx 0/0')
  t.match(h.stats('b', 't0'), 'rx_crc_errors=')
})
t.test('gretap: frames; received ones count with their link header', async (t) => {
  const h = pair()
  both(h, 'gretap', gre)
  h.advance(20e9)
  const before = h.stats('a', 't0')
  const tap = h.tap('b', 'vb')
  t.equal(h.ping('a', '192.168.1.2'), 'reply ttl=64')
  t.match(outer(tap.frames[0]), /^45000042 \.\.\.\. 4000402f \.\.\.\. 0a0000010a000002 00006558ffffffffffff0200000009010806/)
  const [rx, tx] = [before, h.stats('a', 't0')].map((s) => s.match(/\d+/g)?.map(Number) ?? [])
  t.strictSame([tx[0] - rx[0], tx[1] - rx[1], tx[2] - rx[2], tx[3] - rx[3]], [2, 42 + 98, 2, 28 + 84])
})
t.test('erspan: version 1 with an index, version 2 with time and direction', async (t) => {
  for (const version of [1, 2]) {
    const h = pair()
    both(h, 'erspan', gre, (msg) => {
      msg.put(U.IFLA_GRE_IFLAGS, U.GRE_KEY | U.GRE_SEQ)
      msg.put(U.IFLA_GRE_OFLAGS, U.GRE_KEY | U.GRE_SEQ)
      msg.put(U.IFLA_GRE_IKEY, 7)
      msg.put(U.IFLA_GRE_OKEY, 7)
      msg.put(U.IFLA_GRE_ERSPAN_VER, version)
      if (version === 1) msg.put(U.IFLA_GRE_ERSPAN_INDEX, 9)
      else {
        msg.put(U.IFLA_GRE_ERSPAN_DIR, 1)
        msg.put(U.IFLA_GRE_ERSPAN_HWID, 3)
      }
    })
    const tap = h.tap('b', 'vb')
    t.equal(h.ping('a', '192.168.1.2'), 'reply ttl=64')
    const header = version === 1 ? '100088be0000000.1000000700000009' : '100022eb0000000.20000807........00008038'
    t.match(outer(tap.frames[0]).slice(45), new RegExp(`^${header}ffffffffffff0200000009010806`))
  }
})
t.test('a packet that may not be split and is too long: its sender is told the MTU inside', async (t) => {
  const h = pair()
  both(h, 'gre', gre)
  t.equal(h.ping('a', '192.168.1.2', { size: 1448, df: true }), 'reply ttl=64')
  t.equal(h.ping('a', '192.168.1.2', { size: 1449, df: true }), 'EMSGSIZE')
  t.equal(h.ping('a', '192.168.1.2', { size: 3000 }), 'reply ttl=64', 'others come in pieces')
  // the path is shorter than the device thinks
  h.device('a', 'va').mtu = 1400
  t.equal(h.ping('a', '192.168.1.2', { size: 1448, df: true }), 'error 3/4 mtu 1376 from 192.168.1.1')
})
t.test('vti: without IPsec nothing leaves', async (t) => {
  const h = pair()
  request_module(h.kernel, 'rtnl-link-vti')
  h.link('a', 'vti', 't0', (msg) => {
    addr4(msg, U.IFLA_VTI_LOCAL.nr, A)
    addr4(msg, U.IFLA_VTI_REMOTE.nr, B)
  })
  h.up('a', 't0')
  h.addr('a', 't0', '192.168.1.1/24')
  t.equal(h.ping('a', '192.168.1.2'), 'error 3/1 from 192.168.1.1')
  t.equal(h.stats('a', 't0'), 'rx 0/0 tx 0/0 tx_errors=1 tx_carrier_errors=1')
})
t.test('congestion: marked inside where the sender can bear it, else dropped', async (t) => {
  const h = pair()
  both(h, 'ipip', iptun, (msg) => msg.put(U.IFLA_IPTUN_TOS, 0))
  t.equal(h.ping('a', '192.168.1.2', { tos: 3 }), 'reply ttl=64')
  t.equal(h.stats('b', 't0'), 'rx 1/84 tx 1/84')
})

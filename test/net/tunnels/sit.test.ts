/** sit: IPv6 in IPv4; 6to4, 6rd and ISATAP. */
import t from 'tap'
import { request_module } from '../../../src/kernel/kmod.ts'
import * as U from '../../../src/uapi/linux/if_tunnel.ts'
import { addr4, type Fill, ip, TunnelPair } from './tunnelPair.ts'

const A = '10.0.0.1'
const B = '10.0.0.2'
function sit(a: [string, string], b: [string, string], more: Fill = () => {}): TunnelPair {
  const h = new TunnelPair()
  request_module(h.kernel, 'rtnl-link-sit')
  h.addr('a', 'va', `${A}/24`)
  h.addr('b', 'vb', `${B}/24`)
  for (const [side, [local, remote]] of [
    ['a', a],
    ['b', b],
  ] as const) {
    h.link(side, 'sit', 't0', (msg) => {
      addr4(msg, U.IFLA_IPTUN_LOCAL.nr, local)
      addr4(msg, U.IFLA_IPTUN_REMOTE.nr, remote)
      msg.put(U.IFLA_IPTUN_TTL, 64)
      more(msg)
    })
    h.up(side, 't0')
  }
  h.advance(3e9)
  return h
}

t.test('between two ends', async (t) => {
  const h = sit([A, B], [B, A])
  h.addr('a', 't0', '2001:db8:1::1/64')
  h.addr('b', 't0', '2001:db8:1::2/64')
  const tap = h.tap('b', 'vb')
  t.equal(h.ping('a', '2001:db8:1::2'), 'reply')
  const frame = tap.frames.find((f) => f.startsWith('in ') && f.includes('4029')) ?? ''
  t.match(frame, /08004500007c....40004029....0a0000010a0000026.......00403a4020010db8/)
  t.equal(h.stats('a', 't0'), 'rx 1/104 tx 1/104')
  t.equal(h.stats('b', 't0'), 'rx 1/104 tx 1/104')
})
t.test('too long for the path: the sender is told', async (t) => {
  const h = sit([A, B], [B, A])
  h.addr('a', 't0', '2001:db8:1::1/64')
  h.addr('b', 't0', '2001:db8:1::2/64')
  h.device('a', 'va').mtu = 1400
  t.equal(h.ping('a', '2001:db8:1::2', { size: 1432 }), 'error 2/0 mtu 1380 from 20010db8000100000000000000000001')
  const tap = h.tap('b', 'vb')
  h.ping('a', '2001:db8:1::2', { size: 1432 })
  t.equal(tap.frames.filter((f) => /^in {2}.{24}0800/.test(f)).length, 2, 'from now on in pieces')
})
t.test('6to4: the address in the prefix is the end; one that does not fit is not from there', async (t) => {
  const h = sit([A, '0.0.0.0'], [B, '0.0.0.0'])
  h.addr('a', 't0', '2002:a00:1::1/16')
  h.addr('b', 't0', '2002:a00:2::1/16')
  t.equal(h.ping('a', '2002:a00:2::1'), 'reply')
  h.addr('a', 't0', '2002:a00:63::1/128')
  t.equal(h.stats('b', 't0'), 'rx 1/104 tx 1/104')
  t.equal(h.ping('a', '2001:db8::1'), 'ENETUNREACH')
})
t.test('6rd: a prefix of its own', async (t) => {
  const h = sit([A, '0.0.0.0'], [B, '0.0.0.0'], (msg) => {
    msg.put(U.IFLA_IPTUN_6RD_PREFIX, ip('2001:db8::'))
    msg.put(U.IFLA_IPTUN_6RD_PREFIXLEN, 32)
  })
  h.addr('a', 't0', '2001:db8:a00:1::1/32')
  h.addr('b', 't0', '2001:db8:a00:2::1/32')
  t.equal(h.ping('a', '2001:db8:a00:2::1'), 'reply')
})
t.test('ISATAP: the identifier is the end', async (t) => {
  const h = sit([A, '0.0.0.0'], [B, '0.0.0.0'], (msg) => msg.putBytes(U.IFLA_IPTUN_FLAGS.nr, Uint8Array.of(1, 0)))
  h.addr('a', 't0', '2001:db8:5::5efe:a00:1/64')
  h.addr('b', 't0', '2001:db8:5::5efe:a00:2/64')
  t.equal(h.ping('a', '2001:db8:5::5efe:a00:2'), 'reply')
  t.equal(h.ping('a', '2001:db8:5::7'), 'lost', 'no identifier of ISATAP')
  t.match(h.stats('a', 't0'), /tx_errors=1$/)
})

/** Rules of IPv6 see the traffic class of what a socket sends, without its congestion bits (ip6_datagram_connect, rawv6_sendmsg). */
import t from 'tap'
import { RTM_NEWRULE } from '../../../src/uapi/linux/rtnetlink.ts'
import { fib_rule_hdr } from '../../../src/uapi/linux/fib_rules.ts'
import { TunnelPair } from '../tunnels/tunnelPair.ts'

t.test('ip -6 rule add dsfield 4', async (t) => {
  const h = new TunnelPair()
  h.addr('a', 'va', '2001:db8:1::1/64')
  h.addr('b', 'vb', '2001:db8:1::2/64')
  h.addr('b', 'lo', '2001:db8:5::1/128')
  h.route('a', '2001:db8:5::/48', undefined, { via: '2001:db8:1::2', table: 100 })
  h.request('a', RTM_NEWRULE, (msg) => msg.struct(fib_rule_hdr, { family: 10, tos: 4, table: 100, action: 1 }))
  h.advance(3e9)
  for (const tos of [4, 5, 6, 7]) t.equal(h.ping('a', '2001:db8:5::1', { tos }), 'reply', `class ${tos}`)
  for (const tos of [0, 8]) t.equal(h.ping('a', '2001:db8:5::1', { tos }), 'ENETUNREACH', `class ${tos}`)
})

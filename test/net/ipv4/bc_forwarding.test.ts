/** Broadcasts to another network: passed on where bc_forwarding is set for all devices and for that one; else they are for the host. */
import t from 'tap'
import { IPV4_DEVCONF_BC_FORWARDING, IPV4_DEVCONF_FORWARDING } from '../../../src/uapi/linux/ip.ts'
import { TunnelPair } from '../tunnels/tunnelPair.ts'

t.test('bc_forwarding', async (t) => {
  const h = new TunnelPair()
  h.wire('wa', 'wb', 2)
  h.addr('a', 'va', '10.1.0.1/24')
  h.addr('a', 'wa', '10.2.0.1/24')
  h.addr('b', 'vb', '10.1.0.2/24')
  h.route('b', '10.2.0.0/24', undefined, { via: '10.1.0.1' })
  h.advance(3e9)
  const { ipv4 } = h.nets.a
  ipv4.kept_sysctls.icmp_echo_ignore_broadcasts = 0
  h.device('a', 'va').ip_ptr?.cnf.set(IPV4_DEVCONF_FORWARDING, 1)
  t.equal(h.ping('b', '10.2.0.255'), 'reply ttl=64', 'the router itself answers')
  ipv4.devconf_all.set(IPV4_DEVCONF_BC_FORWARDING, 1)
  t.equal(h.ping('b', '10.2.0.255'), 'reply ttl=64', 'the device does not forward them')
  h.device('a', 'va').ip_ptr?.cnf.set(IPV4_DEVCONF_BC_FORWARDING, 1)
  const tap = h.tap('b', 'wb')
  const own = h.tap('a', 'wa')
  t.equal(h.ping('b', '10.2.0.255'), 'lost')
  t.match(tap.frames, [/^in {2}ffffffffffff.{12}0800.{16}3f01.{4}0a0100020a0200ff/])
  t.notOk(
    own.frames.some((frame) => frame.startsWith('in') && frame.includes('0a0200ff')),
    'no copy comes back to the router',
  )
})

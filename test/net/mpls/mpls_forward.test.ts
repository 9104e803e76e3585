/** Labelled packets between two namespaces: b puts labels on (a route's encapsulation), a takes them off or swaps them. */
import t from 'tap'
import { request_module } from '../../../src/kernel/kmod.ts'
import type { MessageBuilder } from '../../../src/lib/message.ts'
import { putBe32 } from '../../../src/lib/bytes.ts'
import { mpls_dev_get } from '../../../src/net/mpls/mpls_private.ts'
import * as L from '../../../src/uapi/linux/lwtunnel.ts'
import { RTA_DST, RTA_ENCAP, RTA_ENCAP_TYPE, RTA_NEWDST, RTA_OIF, RTA_VIA, RTM_NEWROUTE, rtmsg } from '../../../src/uapi/linux/rtnetlink.ts'
import { echo, root } from '../../fs/support.ts'
import { type Fill, ip, TunnelPair } from '../tunnels/tunnelPair.ts'

const AF_MPLS = 28
function stack(...labels: number[]): Uint8Array {
  const b = new Uint8Array(4 * labels.length)
  labels.forEach((label, i) => putBe32(b, 4 * i, (label << 12) | (i === labels.length - 1 ? 0x100 : 0)))
  return b
}
function encap(labels: number[], ttl?: number): Fill {
  return (msg: MessageBuilder) => {
    const o = msg.reserve(RTA_ENCAP_TYPE.nr, 2)
    msg.buf[o] = L.LWTUNNEL_ENCAP_MPLS
    const nest = msg.nest(RTA_ENCAP)
    msg.putBytes(1, stack(...labels))
    if (ttl !== undefined) msg.putBytes(2, Uint8Array.of(ttl))
    msg.nestEnd(nest)
  }
}
/** a: 10.0.0.1, which has 192.168.9.1 on lo; b: 10.0.0.2. */
function pair(): TunnelPair {
  const h = new TunnelPair()
  for (const name of ['mpls_router', 'mpls_iptunnel']) request_module(h.kernel, name)
  h.addr('a', 'va', '10.0.0.1/24')
  h.addr('b', 'vb', '10.0.0.2/24')
  h.addr('a', 'lo', '192.168.9.1/32')
  h.addr('a', 'va', '2001:db8::1/64')
  h.addr('b', 'vb', '2001:db8::2/64')
  h.addr('a', 'lo', '2001:db8:9::1/128')
  echo(root(h.kernel), '1000\n', '/proc/sys/net/mpls/platform_labels')
  const mdev = mpls_dev_get(h.device('a', 'va'))
  if (mdev !== undefined) mdev.input_enabled = 1
  h.advance(3e9)
  h.ping('b', '10.0.0.1')
  h.ping('b', '2001:db8::1')
  return h
}
function label(h: TunnelPair, from: number, out: Uint8Array | undefined, dev: string, via?: string): void {
  h.request('a', RTM_NEWROUTE, (msg) => {
    msg.struct(rtmsg, { rtm_family: AF_MPLS, rtm_dst_len: 20, rtm_table: 254, rtm_protocol: 4, rtm_type: 1 })
    msg.putBytes(RTA_DST.nr, stack(from))
    if (out !== undefined) msg.putBytes(RTA_NEWDST.nr, out)
    if (via !== undefined) msg.putBytes(RTA_VIA.nr, Uint8Array.of(2, 0, ...ip(via)))
    const o = msg.reserve(RTA_OIF.nr, 4)
    msg.buf[o] = h.device('a', dev).ifindex
  })
}
const stats = (h: TunnelPair) =>
  Object.entries(mpls_dev_get(h.device('a', 'va'))?.stats ?? {})
    .filter(([, n]) => n !== 0)
    .map(([name, n]) => `${name}=${n}`)
    .join(' ')

t.test('a label is put on, taken off, and the packet delivered', async (t) => {
  const h = pair()
  label(h, 100, undefined, 'lo')
  h.route('b', '192.168.9.0/24', 'vb', { via: '10.0.0.1', more: encap([100]) })
  h.route('b', '2001:db8:9::/64', 'vb', { via: '2001:db8::1', more: encap([100]) })
  const tap = h.tap('a', 'va')
  t.equal(h.ping('b', '192.168.9.1', { ttl: 50 }), 'reply ttl=64')
  // label, bottom, TTL of the packet, which keeps its own
  t.match(tap.frames[0].slice(28), /^8847 ?0006413245000054........3201/)
  t.equal(h.ping('b', '2001:db8:9::1'), 'reply')
  t.equal(stats(h), 'rx_packets=2 rx_bytes=196')
})
t.test('labels are swapped, others lie below; the TTL counts down', async (t) => {
  const h = pair()
  label(h, 100, stack(300, 301), 'va', '10.0.0.2')
  h.route('b', '192.168.9.0/24', 'vb', { via: '10.0.0.1', more: encap([100, 200], 9) })
  const tap = h.tap('a', 'va')
  h.ping('b', '192.168.9.1')
  t.match(tap.frames[0].slice(28), /^884700064009000c810945000054/)
  t.match(tap.frames[1].slice(28), /^88470012c0080012d008000c810945000054/)
  t.equal(stats(h), 'rx_packets=1 tx_packets=1 rx_bytes=92 tx_bytes=96')
})
t.test('what is not forwarded is counted', async (t) => {
  const h = pair()
  h.route('b', '192.168.9.0/24', 'vb', { via: '10.0.0.1', more: encap([100]) })
  h.ping('b', '192.168.9.1')
  t.equal(stats(h), 'rx_packets=1 rx_bytes=88 rx_noroute=1')
  label(h, 100, undefined, 'lo')
  h.ping('b', '192.168.9.1', { ttl: 1 })
  t.match(stats(h), 'rx_errors=1')
  const mdev = mpls_dev_get(h.device('a', 'va'))
  if (mdev !== undefined) mdev.input_enabled = 0
  h.ping('b', '192.168.9.1')
  t.match(stats(h), 'rx_dropped=1')
  h.device('a', 'lo').mtu = 50
  if (mdev !== undefined) mdev.input_enabled = 1
  h.ping('b', '192.168.9.1')
  t.match(stats(h), 'rx_packets=4')
})

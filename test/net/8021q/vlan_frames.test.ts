import t from 'tap'
import { hex } from '../../../src/lib/bytes.ts'
import { vlan_proto_init } from '../../../src/net/8021q/vlan.ts'
import { vlan_dev_set_egress_priority, vlan_dev_set_ingress_priority } from '../../../src/net/8021q/vlan_dev.ts'
import { vlandev_seq_show } from '../../../src/net/8021q/vlanproc.ts'
import { dev_add_pack, dev_close, dev_get_stats, dev_open, dev_queue_xmit, packet_type } from '../../../src/net/core/dev.ts'
import * as F from '../../../src/net/core/netdev_features_bits.ts'
import type { net_device } from '../../../src/net/core/netdevice.ts'
import { alloc_skb, PACKET_HOST, PACKET_MULTICAST, skb_bytes, skb_put, skb_reserve } from '../../../src/net/core/skbuff.ts'
import { ETH_P_8021AD, ETH_P_8021Q, ETH_P_ALL } from '../../../src/uapi/linux/if_ether.ts'
import { IFLA_IFNAME, IFLA_LINK } from '../../../src/uapi/linux/if_link.ts'
import { IFLA_VLAN_FLAGS, IFLA_VLAN_ID, IFLA_VLAN_PROTOCOL } from '../../../src/uapi/linux/if_link_stacked.ts'
import { VLAN_FLAG_REORDER_HDR } from '../../../src/uapi/linux/if_vlan.ts'
import { Links } from '../../drivers/net/linkRequests.ts'
import { ETH_P_TEST, frame, Heard, heard, listen } from '../core/packets.ts'

/** v0–v1; `offload`: whether their tags travel beside the bytes, as veth's do. */
function pair(offload = true) {
  const h = new Links()
  vlan_proto_init(h.kernel)
  h.newlink(
    'veth',
    'v0',
    undefined,
    h.peer((msg) => msg.put(IFLA_IFNAME, 'v1')),
  )
  for (const name of ['v0', 'v1']) {
    if (!offload) h.device(name).features &= ~(F.NETIF_F_HW_VLAN_CTAG_TX | F.NETIF_F_HW_VLAN_STAG_TX)
    dev_open(h.device(name))
  }
  h.settle()
  return h
}
function vlan(
  h: Links,
  on: string,
  id: number,
  { flags = VLAN_FLAG_REORDER_HDR, proto = ETH_P_8021Q, name = `${on}.${id}` } = {},
): net_device {
  const link = h.device(on).ifindex
  const error = h.newlink(
    'vlan',
    name,
    (msg) => msg.put(IFLA_LINK, link),
    (msg) => {
      msg.put(IFLA_VLAN_ID, id)
      msg.put(IFLA_VLAN_PROTOCOL, proto)
      msg.put(IFLA_VLAN_FLAGS, { flags, mask: VLAN_FLAG_REORDER_HDR })
    },
  )
  if (error !== undefined) throw new Error(`${error}`)
  dev_open(h.device(name))
  h.settle()
  return h.device(name)
}

for (const offload of [true, false]) {
  t.test(`a frame goes from one VLAN device to the other, ${offload ? 'its tag beside it' : 'its tag in the bytes'}`, async (t) => {
    const h = pair(offload)
    const a = vlan(h, 'v0', 5)
    const b = vlan(h, 'v1', 5)
    vlan(h, 'v1', 6)
    const log = listen(h.kernel)
    t.equal(dev_queue_xmit(frame(a, b.dev_addr)), 0)
    t.same(log.lines, [`v1.5<v1 ${PACKET_HOST} 50`])
    t.equal(log.skbs[0].protocol, ETH_P_TEST)
    t.match(dev_get_stats(a), { tx_packets: 1, tx_bytes: 64, rx_packets: 0 })
    t.match(dev_get_stats(b), { rx_packets: 1, rx_bytes: 50 })
    t.match(dev_get_stats(h.device('v1')), { rx_packets: 1, rx_bytes: offload ? 64 : 68 })
    t.match(dev_get_stats(h.device('v1.6')), { rx_packets: 0 })
  })
}

t.test('multicasts are counted apart, in /proc/net/vlan too', async (t) => {
  const h = pair()
  const a = vlan(h, 'v0', 5)
  const b = vlan(h, 'v1', 5)
  const log = listen(h.kernel)
  dev_queue_xmit(frame(a, Uint8Array.of(1, 0, 0x5e, 0, 0, 1)))
  dev_queue_xmit(frame(a, a.broadcast))
  t.equal(log.lines[0], `v1.5<v1 ${PACKET_MULTICAST} 50`)
  t.match(dev_get_stats(b), { rx_packets: 2, multicast: 1 })
  t.match(vlandev_seq_show(h.kernel.init_net, b), /total frames received +2\n +total bytes received +100\n +Broadcast\/Multicast Rcvd +1\n/)
})

t.test('priorities are mapped on the way out and on the way in', async (t) => {
  const h = pair()
  const a = vlan(h, 'v0', 5)
  const b = vlan(h, 'v1', 5)
  vlan_dev_set_egress_priority(a, 7, 3)
  vlan_dev_set_ingress_priority(b, 42, 3)
  const tap = new Heard()
  dev_add_pack(h.kernel, new packet_type(ETH_P_ALL, heard, h.device('v0'), undefined, tap))
  const log = listen(h.kernel)
  for (const priority of [7, 1]) {
    const skb = frame(a, b.dev_addr)
    skb.priority = priority
    dev_queue_xmit(skb)
  }
  t.same(
    tap.skbs.map((skb) => skb.vlan_tci),
    [0x6005, 5],
  )
  t.same(
    log.skbs.map((skb) => skb.priority),
    [42, 0],
  )
})

t.test('802.1ad is another tag than 802.1Q, and one may lie upon the other', async (t) => {
  const h = pair(false)
  const outer = [vlan(h, 'v0', 7, { proto: ETH_P_8021AD }), vlan(h, 'v1', 7, { proto: ETH_P_8021AD })]
  const inner = outer.map((dev) => vlan(h, dev.name, 9, { name: `${dev.name[1]}q` }))
  const log = listen(h.kernel)
  const tap = new Heard()
  dev_add_pack(h.kernel, new packet_type(ETH_P_ALL, heard, h.device('v0'), undefined, tap))
  dev_queue_xmit(frame(inner[0], inner[1].dev_addr))
  t.same(log.lines, [`1q<v1 ${PACKET_HOST} 50`])
  t.match(hex(skb_bytes(tap.skbs[0])), /^.{24}88a80007.{0}8100000988b5/, 'as it is on the wire')
})

t.test('a VLAN device that is down loses its packets without a count', async (t) => {
  const h = pair()
  const a = vlan(h, 'v0', 5)
  const b = vlan(h, 'v1', 5)
  const log = listen(h.kernel)
  dev_close(b)
  dev_queue_xmit(frame(a, b.dev_addr))
  t.same(log.lines, [])
  t.match([dev_get_stats(b).rx_packets, dev_get_stats(b).rx_dropped, dev_get_stats(h.device('v1')).rx_dropped], [0, 0, 0])
})

t.test('without REORDER_HDR the header of the VLAN device has the tag', async (t) => {
  const h = pair(false)
  const a = vlan(h, 'v0', 5, { flags: 0 })
  const b = vlan(h, 'v1', 5, { flags: 0 })
  const tap = new Heard()
  const log = listen(h.kernel)
  dev_add_pack(h.kernel, new packet_type(ETH_P_ALL, heard, b, undefined, tap))
  const skb = alloc_skb(100)
  skb_reserve(skb, 40)
  skb_put(skb, 20)
  skb.dev = a
  skb.protocol = ETH_P_TEST
  t.equal(a.header_ops?.create?.(skb, a, ETH_P_TEST, b.dev_addr, undefined, 20), 18)
  const tag = hex(skb_bytes(skb)).slice(24, 36)
  t.equal(tag, '8100000588b5')
  dev_queue_xmit(skb)
  t.same(log.lines, [`v1.5<v1 ${PACKET_HOST} 20`])
  const seen = tap.skbs[0]
  t.equal(hex(seen.buf.subarray(seen.mac_header + 12, seen.data)), '8100000588b5', 'a tap sees it where it was')
})

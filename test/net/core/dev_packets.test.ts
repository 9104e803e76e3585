import t from 'tap'
import { hex } from '../../../src/lib/bytes.ts'
import {
  dev_add_pack,
  dev_close,
  dev_get_stats,
  dev_loopback_xmit,
  dev_open,
  dev_queue_xmit,
  dev_remove_pack,
  NET_XMIT_CN,
  netdev_rx_handler_register,
  netdev_rx_handler_unregister,
  netif_receive_skb,
  netif_rx,
  packet_type,
} from '../../../src/net/core/dev.ts'
import {
  type net_device,
  RX_HANDLER_ANOTHER,
  RX_HANDLER_CONSUMED,
  RX_HANDLER_EXACT,
  RX_HANDLER_PASS,
} from '../../../src/net/core/netdevice.ts'
import { softnet_seq_show } from '../../../src/net/core/net_procfs.ts'
import { skb_vlan_pop, skb_vlan_push, skb_vlan_untag, vlan_insert_tag } from '../../../src/net/core/skb_vlan.ts'
import {
  PACKET_BROADCAST,
  PACKET_LOOPBACK,
  PACKET_OTHERHOST,
  PACKET_OUTGOING,
  type sk_buff,
  skb_bytes,
  skb_clone,
  skb_cow,
} from '../../../src/net/core/skbuff.ts'
import { eth_type_trans } from '../../../src/net/ethernet/eth.ts'
import { ENETDOWN } from '../../../src/uapi/errno.ts'
import { ETH_P_8021AD, ETH_P_8021Q, ETH_P_ALL } from '../../../src/uapi/linux/if_ether.ts'
import { IFLA_IFNAME } from '../../../src/uapi/linux/if_link.ts'
import { Links } from '../../drivers/net/linkRequests.ts'
import { ETH_P_TEST, frame, Heard, heard, listen } from './packets.ts'

/** veth v0–v1, both up, and a dummy d0. */
function links() {
  const h = new Links()
  h.newlink(
    'veth',
    'v0',
    undefined,
    h.peer((msg) => msg.put(IFLA_IFNAME, 'v1')),
  )
  h.newlink('dummy', 'd0')
  for (const name of ['v0', 'v1', 'd0']) dev_open(h.device(name))
  h.settle()
  return { h, kernel: h.kernel, v0: h.device('v0'), v1: h.device('v1'), d0: h.device('d0') }
}
function arrives(dev: net_device, skb: sk_buff): sk_buff {
  skb.protocol = eth_type_trans(skb, dev)
  return skb
}

t.test('a frame goes through a pair: seen by its protocol, counted at both ends and by the CPU', async (t) => {
  const { h, kernel, v0, v1 } = links()
  const log = listen(kernel)
  const processed = kernel.netdev.softnet[0].processed
  t.equal(dev_queue_xmit(frame(v0, v1.dev_addr)), 0)
  t.equal(dev_queue_xmit(frame(v0, v0.broadcast, { length: 100 })), 0)
  t.equal(dev_queue_xmit(frame(v0, v0.dev_addr)), 0)
  t.same(log.lines, ['v1 0 50', `v1 ${PACKET_BROADCAST} 86`, `v1 ${PACKET_OTHERHOST} 50`])
  t.equal(log.skbs[0].skb_iif, v1.ifindex)
  t.equal(log.skbs[0].buf[log.skbs[0].data], 14, 'the payload')
  t.match(dev_get_stats(v0), { tx_packets: 3, tx_bytes: 228, rx_packets: 0, tx_dropped: 0 })
  t.match(dev_get_stats(v1), { rx_packets: 3, rx_bytes: 228, tx_packets: 0 })
  t.equal(kernel.netdev.softnet[0].processed - processed, 3)
  t.match(softnet_seq_show(h.kernel.init_net), new RegExp(`^${(processed + 3).toString(16).padStart(8, '0')} 00000000`))
})

t.test('without a protocol for it a frame is dropped at the receiver', async (t) => {
  const { v0, v1 } = links()
  dev_queue_xmit(frame(v0, v1.dev_addr))
  t.match(dev_get_stats(v1), { rx_packets: 1, rx_dropped: 1, rx_nohandler: 0 })
})

t.test('a device that is down takes nothing, and a pair half down drops', async (t) => {
  const { h, kernel, v0, v1, d0 } = links()
  const log = listen(kernel)
  h.newlink('dummy', 'd1')
  const d1 = h.device('d1')
  t.equal(dev_queue_xmit(frame(d1, d0.dev_addr)), NET_XMIT_CN)
  t.match(dev_get_stats(d1), { tx_packets: 0, tx_dropped: 1 })
  dev_close(v1)
  t.equal(dev_queue_xmit(frame(v0, v1.dev_addr)), 1, 'the queue still runs: link watch has not looked')
  t.match([dev_get_stats(v0).tx_dropped, dev_get_stats(v1).rx_dropped], [1, 1])
  h.settle()
  t.equal(dev_queue_xmit(frame(v0, v1.dev_addr)), NET_XMIT_CN, 'without carrier the queue drops')
  t.equal(dev_get_stats(v0).tx_dropped, 2)
  t.same(log.lines, [])
})

t.test('longer than the peer takes is dropped', async (t) => {
  const { v0, v1 } = links()
  v1.mtu = 100
  dev_queue_xmit(frame(v0, v1.dev_addr, { length: 119 }))
  t.match([dev_get_stats(v0).tx_dropped, dev_get_stats(v1).rx_dropped], [1, 1])
})

t.test('taps see all that goes and comes, each with a packet of its own', async (t) => {
  const { kernel, v0, v1 } = links()
  const tap = new Heard()
  const log = listen(kernel)
  const pt = new packet_type(ETH_P_ALL, heard, undefined, undefined, tap)
  dev_add_pack(kernel, pt)
  dev_queue_xmit(frame(v0, v1.dev_addr))
  t.same(tap.lines, [`v0 ${PACKET_OUTGOING} 64`, 'v1 0 50'])
  t.not(tap.skbs[1], log.skbs[0])
  skb_cow(tap.skbs[1], 0)
  tap.skbs[1].buf[tap.skbs[1].data] = 99
  t.equal(log.skbs[0].buf[log.skbs[0].data], 14, 'what one writes the other does not see')
  dev_remove_pack(kernel, pt)
  dev_queue_xmit(frame(v0, v1.dev_addr))
  t.equal(tap.lines.length, 2)
})

/** RX_HANDLER_*, by the device's rx_handler_data: [result, device to hand on to]. */
export function test_rx_handler(skb: sk_buff, dev: net_device): number {
  const [result, to] = dev.rx_handler_data as [number, net_device | undefined]
  if (to !== undefined) skb.dev = to
  return result
}

t.test('what an rx_handler answers decides who gets the packet', async (t) => {
  const { kernel, v0, v1, d0 } = links()
  const all = listen(kernel)
  const exact = listen(kernel, v1)
  const send = (result: number, to?: net_device) => {
    all.lines = []
    exact.lines = []
    netdev_rx_handler_register(v1, test_rx_handler, [result, to])
    dev_queue_xmit(frame(v0, v1.dev_addr))
    netdev_rx_handler_unregister(v1)
    return [...all.lines, ...exact.lines.map((line) => `! ${line}`)]
  }
  t.same(send(RX_HANDLER_PASS), ['v1 0 50', '! v1 0 50'])
  t.same(send(RX_HANDLER_CONSUMED), [])
  t.same(send(RX_HANDLER_EXACT), ['! v1 0 50'], 'only who asked for this device')
  t.same(send(RX_HANDLER_ANOTHER, d0), ['d0<v1 0 50', '! d0<v1 0 50'], 'the first device is remembered')
})

t.test('an exact delivery that nobody wants counts as rx_nohandler', async (t) => {
  const { v0, v1 } = links()
  netdev_rx_handler_register(v1, test_rx_handler, [RX_HANDLER_EXACT, undefined])
  dev_queue_xmit(frame(v0, v1.dev_addr))
  t.match(dev_get_stats(v1), { rx_nohandler: 1, rx_dropped: 0 })
})

t.test('lo receives what it sends, and counts it in both directions', async (t) => {
  const { kernel } = links()
  const lo = kernel.init_net.loopback_dev as net_device
  dev_open(lo)
  const log = listen(kernel)
  dev_queue_xmit(frame(lo, lo.dev_addr))
  t.same(log.lines, ['lo 0 50'])
  t.match(dev_get_stats(lo), { rx_packets: 1, rx_bytes: 50, tx_packets: 1, tx_bytes: 50 }, 'without the link header')
  const copy = frame(lo, lo.dev_addr)
  copy.dev = lo
  dev_loopback_xmit(copy)
  t.equal(log.lines[1], `lo ${PACKET_LOOPBACK} 50`)
  t.equal(dev_get_stats(lo).rx_packets, 1, 'which no device sent')
})

t.test('the backlog has an end', async (t) => {
  const { kernel, v1 } = links()
  const sd = kernel.netdev.softnet[0]
  kernel.softirq.disabled++
  const results = Array.from({ length: 1002 }, () => netif_rx(arrives(v1, frame(v1, v1.dev_addr))))
  t.same([results.filter((r) => r === 0).length, sd.dropped], [1001, 1])
  kernel.softirq.disabled--
  const log = listen(kernel)
  netif_rx(arrives(v1, frame(v1, v1.dev_addr)))
  kernel.events.runUntil(kernel.now())
  t.equal(log.lines.length, 1001, 'those that waited')
  t.ok(sd.time_squeeze > 0, 'more than one budget')
})

t.test('a tag that nobody has a device for makes it somebody else\u2019s packet; a priority tag does not', async (t) => {
  const { kernel, v1 } = links()
  const log = listen(kernel)
  const tagged = (tci: number) => {
    const skb = frame(v1, v1.dev_addr)
    vlan_insert_tag(skb, ETH_P_8021Q, tci)
    return arrives(v1, skb)
  }
  netif_receive_skb(tagged(5))
  netif_receive_skb(tagged(0x6000))
  t.same(log.lines, [`v1 ${PACKET_OTHERHOST} 50`, 'v1 0 50'])
})

t.test('devices upon one another without end are a dead loop, not a crash', async (t) => {
  const { kernel, d0 } = links()
  const again = (skb: sk_buff) => {
    dev_queue_xmit(skb)
    return 0
  }
  const loop = { ...d0.netdev_ops, ndo_start_xmit: again }
  d0.netdev_ops = loop
  dev_queue_xmit(frame(d0, d0.broadcast))
  t.equal(dev_get_stats(d0).tx_dropped, 1)
  t.match(kernel.log.records.at(-1)?.text, /^Dead loop on virtual device d0, fix it urgently!$/)
  t.equal(ENETDOWN.code, 100)
})

t.test('VLAN tags: in the bytes, beside them, one upon another', async (t) => {
  const { d0 } = links()
  const plain = frame(d0, d0.broadcast, { length: 20 })
  const bytes = hex(skb_bytes(plain))
  const macs = bytes.slice(0, 24)
  const rest = bytes.slice(24)
  skb_vlan_push(plain, ETH_P_8021Q, 0x2005)
  t.equal(hex(skb_bytes(plain)), bytes, 'the first is beside the bytes')
  skb_vlan_push(plain, ETH_P_8021AD, 7)
  t.equal(hex(skb_bytes(plain)), `${macs}81002005${rest}`)
  t.same([plain.vlan_proto, plain.vlan_tci, plain.protocol], [ETH_P_8021AD, 7, ETH_P_8021Q])
  skb_vlan_pop(plain)
  t.equal(hex(skb_bytes(plain)), bytes)
  t.same([plain.vlan_present, plain.vlan_tci, plain.protocol], [true, 0x2005, ETH_P_TEST])
  skb_vlan_pop(plain)
  t.equal(plain.vlan_present, false)
  vlan_insert_tag(plain, ETH_P_8021Q, 0x0123)
  const clone = skb_clone(plain)
  arrives(d0, plain)
  t.equal(plain.protocol, ETH_P_8021Q)
  t.ok(skb_vlan_untag(plain))
  t.same([plain.vlan_tci, plain.protocol, hex(skb_bytes(plain))], [0x0123, ETH_P_TEST, rest.slice(4)])
  t.equal(hex(plain.buf.subarray(plain.mac_header, plain.mac_header + 14)), macs + rest.slice(0, 4), 'the header is whole again')
  t.equal(hex(skb_bytes(clone)), `${macs}81000123${rest}`, 'a clone keeps its bytes')
})

import t from 'tap'
import { ipvlan_init_module } from '../../../src/drivers/net/ipvlan.ts'
import { macvlan_init_module } from '../../../src/drivers/net/macvlan.ts'
import { macvtap_init } from '../../../src/drivers/net/macvtap.ts'
import { vrf_init_module } from '../../../src/drivers/net/vrf.ts'
import { putBe32 } from '../../../src/lib/bytes.ts'
import type { MessageBuilder } from '../../../src/lib/message.ts'
import { dev_close, dev_get_stats, dev_mc_add, dev_open, dev_queue_xmit } from '../../../src/net/core/dev.ts'
import { netdev_master_upper_dev_link } from '../../../src/net/core/dev_adjacent.ts'
import { l3mdev_ip6_rcv, l3mdev_ip_rcv } from '../../../src/net/core/l3mdev.ts'
import { IFF_L3MDEV_SLAVE, IFF_UNICAST_FLT, type net_device } from '../../../src/net/core/netdevice.ts'
import { PACKET_BROADCAST, PACKET_HOST, PACKET_MULTICAST, type sk_buff } from '../../../src/net/core/skbuff.ts'
import { ETH_P_IP } from '../../../src/uapi/linux/if_ether.ts'
import { IFLA_ADDRESS, IFLA_IFNAME, IFLA_LINK } from '../../../src/uapi/linux/if_link.ts'
import * as S from '../../../src/uapi/linux/if_link_stacked.ts'
import { frame, type Heard, listen, mac } from '../../net/core/packets.ts'
import { Links } from './linkRequests.ts'

const MODES = { private: 1, vepa: 2, bridge: 4, passthru: 8, source: 16 }

/** w–p: a world and a lower device, both up. */
function host() {
  const h = new Links()
  macvlan_init_module(h.kernel)
  macvtap_init(h.kernel)
  h.newlink(
    'veth',
    'w',
    undefined,
    h.peer((msg) => msg.put(IFLA_IFNAME, 'p')),
  )
  dev_open(h.device('w'))
  dev_open(h.device('p'))
  h.settle()
  return h
}
let last = 0x10
function macvlan(h: Links, name: string, mode: keyof typeof MODES, data: (msg: MessageBuilder) => void = () => {}) {
  const error = h.newlink(
    'macvlan',
    name,
    (msg) => {
      msg.put(IFLA_LINK, h.device('p').ifindex)
      if (mode !== 'passthru') msg.put(IFLA_ADDRESS, mac(`0200000000${(last++).toString(16)}`))
    },
    (msg) => {
      msg.put(S.IFLA_MACVLAN_MODE, MODES[mode])
      data(msg)
    },
  )
  if (error !== undefined) throw new Error(`${name}: ${error}`)
  dev_open(h.device(name))
  h.settle()
  return h.device(name)
}
/** Who heard what, in order; the work of the broadcast queue included. */
function sent(h: Links, log: Heard, from: net_device, dest: Uint8Array, src = from.dev_addr): string[] {
  log.lines = []
  dev_queue_xmit(frame(from, dest, { src }))
  h.settle()
  return log.lines.map((line) => line.replace(/ 50$/, ''))
}
const to = (n: number) => ` ${n}`
const multicast = mac('01005e000001')

t.test('macvlan: a frame from the world goes to the device with its address, else to the lower one', async (t) => {
  const h = host()
  const [w, p] = [h.device('w'), h.device('p')]
  const a = macvlan(h, 'a', 'bridge')
  const log = listen(h.kernel)
  t.same(sent(h, log, w, a.dev_addr), [`a<p${to(PACKET_HOST)}`])
  t.same(sent(h, log, w, p.dev_addr), [`p${to(PACKET_HOST)}`])
  t.match(dev_get_stats(a), { rx_packets: 1, rx_bytes: 64, tx_packets: 0 })
  t.same(sent(h, log, a, w.dev_addr), [`w${to(PACKET_HOST)}`])
  t.match(dev_get_stats(a), { tx_packets: 1, tx_bytes: 64 })
  t.match(dev_get_stats(p), { tx_packets: 1, rx_packets: 2 })
})

t.test('macvlan: broadcasts from the world come to all devices by the queue, after the lower one has had them', async (t) => {
  const h = host()
  for (const [name, mode] of Object.entries({ a: 'bridge', b: 'vepa', c: 'private' } as const)) macvlan(h, name, mode)
  const log = listen(h.kernel)
  const lines = sent(h, log, h.device('w'), h.device('w').broadcast)
  t.equal(lines[0], `p${to(PACKET_BROADCAST)}`)
  t.same(
    lines.slice(1).sort(),
    ['a', 'b', 'c'].map((name) => `${name}${to(PACKET_BROADCAST)}`),
  )
  t.match(dev_get_stats(h.device('c')), { rx_packets: 1, multicast: 1 })
})

t.test('macvlan: a multicast comes to those who asked for it', async (t) => {
  const h = host()
  // else p would listen to all, and all would go by the queue
  h.device('p').priv_flags |= IFF_UNICAST_FLT
  const [a, b] = [macvlan(h, 'a', 'bridge'), macvlan(h, 'b', 'bridge')]
  const log = listen(h.kernel)
  t.same(sent(h, log, h.device('w'), multicast), [`p${to(PACKET_MULTICAST)}`])
  dev_mc_add(a, multicast)
  log.lines = []
  dev_queue_xmit(frame(h.device('w'), multicast))
  t.same(log.lines, [`p${to(PACKET_MULTICAST)} 50`, `a${to(PACKET_MULTICAST)} 50`], 'one: at once')
  dev_mc_add(b, multicast)
  log.lines = []
  dev_queue_xmit(frame(h.device('w'), multicast))
  t.same(log.lines, [`p${to(PACKET_MULTICAST)} 50`], 'several: by the queue')
  h.settle()
  t.equal(log.lines.length, 3)
})

t.test('macvlan: devices in bridge mode reach one another, others do not', async (t) => {
  const h = host()
  const [a, b] = [macvlan(h, 'a', 'bridge'), macvlan(h, 'b', 'bridge')]
  const [v, c] = [macvlan(h, 'v', 'vepa'), macvlan(h, 'c', 'private')]
  const log = listen(h.kernel)
  t.same(sent(h, log, a, b.dev_addr), [`b<p${to(PACKET_HOST)}`])
  t.same(sent(h, log, a, v.dev_addr), ['w 3'], 'goes out')
  t.same(sent(h, log, c, b.dev_addr), ['w 3'])
  t.same(sent(h, log, a, a.broadcast), [`b${to(PACKET_BROADCAST)}`, `w${to(PACKET_BROADCAST)}`])
  t.same(sent(h, log, v, v.broadcast), [`w${to(PACKET_BROADCAST)}`], 'a reflecting switch would bring it back')
  t.same(
    sent(h, log, h.device('w'), a.broadcast, v.dev_addr).sort(),
    ['a', 'b', 'p'].map((n) => `${n}${to(PACKET_BROADCAST)}`),
    'as here',
  )
  t.same(
    sent(h, log, h.device('w'), a.broadcast, a.dev_addr).sort(),
    ['p', 'v'].map((n) => `${n}${to(PACKET_BROADCAST)}`),
  )
  t.same(sent(h, log, h.device('w'), a.broadcast, c.dev_addr), [`c${to(PACKET_BROADCAST)}`], 'only its own again')
})

t.test('macvlan: passthru takes all, source mode takes its senders\u2019', async (t) => {
  const h = host()
  const a = macvlan(h, 'a', 'passthru')
  const log = listen(h.kernel)
  t.same(sent(h, log, h.device('w'), mac('020000000099')), [`a<p${to(PACKET_HOST)}`])
  t.equal(dev_get_stats(a).rx_packets, 1)
  h.dellink(a)
  h.settle()
  const src = mac('0200000000aa') as Uint8Array<ArrayBuffer>
  const s = macvlan(h, 's', 'source', (msg) => {
    msg.put(S.IFLA_MACVLAN_MACADDR_MODE, 0)
    msg.put(S.IFLA_MACVLAN_MACADDR, src)
  })
  t.same(sent(h, log, h.device('w'), h.device('p').dev_addr, src), [`p${to(PACKET_HOST)}`, `s${to(PACKET_HOST)}`])
  t.same(sent(h, log, h.device('w'), s.dev_addr), ['p 3'], 'not by its address')
})

t.test('macvlan: a queue that is full drops at the lower device', async (t) => {
  const h = host()
  macvlan(h, 'a', 'bridge', (msg) => msg.put(S.IFLA_MACVLAN_BC_QUEUE_LEN, 2))
  const p = h.device('p')
  const before = dev_get_stats(p).rx_dropped
  for (let i = 0; i < 3; i++) dev_queue_xmit(frame(h.device('w'), p.broadcast))
  h.settle()
  // three that no protocol wanted, and one that did not fit
  t.equal(dev_get_stats(p).rx_dropped - before, 4)
  t.equal(dev_get_stats(h.device('a')).rx_packets, 2)
})

t.test('macvtap without a reader is a macvlan', async (t) => {
  const h = host()
  h.newlink('macvtap', 'm', (msg) => msg.put(IFLA_LINK, h.device('p').ifindex))
  dev_open(h.device('m'))
  h.settle()
  const log = listen(h.kernel)
  t.same(sent(h, log, h.device('w'), h.device('m').dev_addr), [`m<p${to(PACKET_HOST)}`])
  dev_close(h.device('m'))
  t.same(sent(h, log, h.device('w'), h.device('m').dev_addr), ['p 3'])
})

t.test('ifb counts and drops what nobody redirected, and sends back what somebody did', async (t) => {
  const h = host()
  h.newlink('ifb', 'i0')
  const i0 = h.device('i0')
  dev_open(i0)
  h.settle()
  dev_queue_xmit(frame(i0, i0.broadcast))
  t.match(dev_get_stats(i0), { rx_packets: 1, rx_bytes: 64, rx_dropped: 1, tx_packets: 0 })
  const log = listen(h.kernel)
  const back = frame(i0, h.device('p').dev_addr)
  back.redirected = true
  back.skb_iif = h.device('w').ifindex
  dev_queue_xmit(back)
  h.settle()
  t.same(log.lines, ['p 0 50'], 'out by the device it was taken from')
  t.match(dev_get_stats(i0), { rx_packets: 2, tx_packets: 1, tx_bytes: 64 })
})

/** An ipvlan on p with one IPv4 address; what test code needs of IPv4's state. */
function ipvlan(h: Links, name: string, mode: number, address: number, flags = 0): net_device {
  ipvlan_init_module(h.kernel)
  const error = h.newlink(
    'ipvlan',
    name,
    (msg) => msg.put(IFLA_LINK, h.device('p').ifindex),
    (msg) => {
      msg.put(S.IFLA_IPVLAN_MODE, mode)
      msg.put(S.IFLA_IPVLAN_FLAGS, flags)
    },
  )
  if (error !== undefined) throw new Error(`${name}: ${error}`)
  const dev = h.device(name)
  dev.ip_ptr = { ifa_list: [{ ifa_local: address }] } as unknown as net_device['ip_ptr']
  dev_open(dev)
  h.settle()
  return dev
}
/** An IPv4 packet as far as devices look. */
function ipv4(from: net_device, dest: Uint8Array, daddr: number): sk_buff {
  const skb = frame(from, dest, { proto: ETH_P_IP })
  putBe32(skb.buf, skb.data + 14 + 16, daddr)
  putBe32(skb.buf, skb.data + 14 + 12, 0x0a000063)
  return skb
}
const ADDRESS = { a: 0x0a000001, b: 0x0a000002, other: 0x0a000009 }

for (const [name, mode] of Object.entries({ l2: S.IPVLAN_MODE_L2, l3: S.IPVLAN_MODE_L3 })) {
  t.test(`ipvlan ${name}: the address inside says whose a packet is`, async (t) => {
    const h = host()
    const a = ipvlan(h, 'a', mode, ADDRESS.a)
    const b = ipvlan(h, 'b', mode, ADDRESS.b)
    const p = h.device('p')
    const log = listen(h.kernel, undefined, ETH_P_IP)
    dev_queue_xmit(ipv4(h.device('w'), p.dev_addr, ADDRESS.b))
    dev_queue_xmit(ipv4(h.device('w'), p.dev_addr, ADDRESS.other))
    dev_queue_xmit(ipv4(a, p.dev_addr, ADDRESS.b))
    t.same(log.lines, [`b<p${to(PACKET_HOST)} 50`, `p${to(PACKET_HOST)} 50`, `b${to(PACKET_HOST)} 50`])
    t.match(dev_get_stats(b), { rx_packets: 2 })
    t.match(dev_get_stats(a), { tx_packets: 1, tx_bytes: 64 })
    dev_close(b)
    dev_queue_xmit(ipv4(h.device('w'), p.dev_addr, ADDRESS.b))
    t.equal(log.lines[3], `p${to(PACKET_HOST)} 50`, 'not while it is down')
  })
}

t.test('ipvlan l2: broadcasts by the queue, to neighbours and out; private ones keep neighbours apart', async (t) => {
  const h = host()
  const a = ipvlan(h, 'a', S.IPVLAN_MODE_L2, ADDRESS.a)
  ipvlan(h, 'b', S.IPVLAN_MODE_L2, ADDRESS.b)
  const log = listen(h.kernel)
  t.same(sent(h, log, a, a.broadcast), [`b${to(PACKET_BROADCAST)}`, `w${to(PACKET_BROADCAST)}`])
  t.same(
    sent(h, log, h.device('w'), a.broadcast),
    ['p', 'a', 'b'].map((n) => `${n}${to(PACKET_BROADCAST)}`),
  )
  t.same(sent(h, log, a, h.device('w').dev_addr), [`w${to(PACKET_HOST)}`])
  const p = host()
  const c = ipvlan(p, 'c', S.IPVLAN_MODE_L2, ADDRESS.a, S.IPVLAN_F_PRIVATE)
  ipvlan(p, 'd', S.IPVLAN_MODE_L2, ADDRESS.b, S.IPVLAN_F_PRIVATE)
  t.equal(dev_queue_xmit(ipv4(c, p.device('p').dev_addr, ADDRESS.b)), 1)
  t.equal(dev_get_stats(c).tx_dropped, 1)
})

t.test('vrf: what comes in by a port is the VRF\u2019s from IP on, save what belongs to the link', async (t) => {
  const h = host()
  vrf_init_module(h.kernel)
  h.newlink('vrf', 'red', undefined, (msg) => msg.put(S.IFLA_VRF_TABLE, 100))
  const [red, p] = [h.device('red'), h.device('p')]
  p.priv_flags |= IFF_L3MDEV_SLAVE
  netdev_master_upper_dev_link(p, red, undefined, undefined)
  const arrived = (v6: boolean, ...set: [number, number][]) => {
    const skb = frame(p, p.dev_addr, { length: 80 })
    skb.data += 14
    for (const [offset, value] of set) skb.buf[skb.data + offset] = value
    return (v6 ? l3mdev_ip6_rcv(skb) : l3mdev_ip_rcv(skb))?.dev?.name
  }
  t.equal(arrived(false, [16, 10]), 'red')
  t.match(dev_get_stats(red), { rx_packets: 1, rx_bytes: 66 })
  t.equal(arrived(false, [16, 224]), 'red')
  t.equal(arrived(true, [6, 58], [40, 135]), 'p', 'a neighbour solicitation')
  t.equal(arrived(true, [6, 17], [24, 0xff], [25, 2]), 'red')
  t.equal(dev_get_stats(red).rx_packets, 1, 'not counted')
  t.equal(arrived(true, [6, 17], [24, 0x20], [25, 1]), 'red')
  t.equal(dev_get_stats(red).rx_packets, 2)
})

import t from 'tap'
import { vxlan_priv } from '../../../../src/drivers/net/vxlan/vxlan_private.ts'
import { hex, unhex } from '../../../../src/lib/bytes.ts'
import { dev_change_flags, dev_get_stats } from '../../../../src/net/core/dev.ts'
import { IP_TUNNEL_INFO_BRIDGE, IP_TUNNEL_INFO_TX, metadata_dst, skb_tunnel_info } from '../../../../src/net/core/dst_metadata.ts'
import { dev_queue_xmit } from '../../../../src/net/core/dev_xmit.ts'
import type { net_device } from '../../../../src/net/core/netdevice.ts'
import { dev_alloc_skb, skb_put } from '../../../../src/net/core/skbuff.ts'
import { IFF_UP } from '../../../../src/uapi/linux/if.ts'
import * as V from '../../../../src/uapi/linux/if_link_vxlan.ts'
import { NDA_DST, NDA_LLADDR, NDA_PORT, NDA_SRC_VNI, NDA_VNI, NUD_PERMANENT } from '../../../../src/uapi/linux/neighbour.ts'
import { NLM_F_CREATE } from '../../../../src/uapi/linux/netlink.ts'
import { RTM_NEWADDR, RTM_NEWNEIGH } from '../../../../src/uapi/linux/rtnetlink.ts'
import { ifaddrmsg } from '../../../../src/uapi/linux/if_addr.ts'
import { listen } from '../../../net/core/packets.ts'
import { ip4, mac, SEC, VxlanHost } from './vxlanHost.ts'

const HOST = '10.0.0.1'
const STATION = '020000000077'
const FRAME = `020000000001${STATION}88b5${'00'.repeat(46)}`

/** Networks 5 and 6 of one port; what the first sends to 02:00:00:00:00:01 is for this very host, in network 6. */
function pair(localbypass: number): { h: VxlanHost; a: net_device; b: net_device } {
  const h = new VxlanHost({ ipv6: false })
  h.up('lo')
  h.request(
    RTM_NEWADDR,
    (msg) => {
      msg.struct(ifaddrmsg, { ifa_family: 2, ifa_prefixlen: 32, ifa_index: 1 })
      msg.putBytes(2, ip4(HOST))
    },
    NLM_F_CREATE,
  )
  for (const [name, id] of [
    ['a', 5],
    ['b', 6],
  ] as const) {
    h.link('vxlan', name, (msg) => {
      msg.put(V.IFLA_VXLAN_ID, id)
      msg.put(V.IFLA_VXLAN_PORT, 4789)
      msg.put(V.IFLA_VXLAN_LOCALBYPASS, localbypass)
    })
    h.up(name)
  }
  h.fdb(RTM_NEWNEIGH, 'a', NUD_PERMANENT, NLM_F_CREATE, (msg) => {
    msg.put(NDA_LLADDR, mac(1))
    msg.put(NDA_DST, ip4(HOST))
    msg.put(NDA_VNI, 6)
  })
  h.heard()
  return { h, a: h.device('a'), b: h.device('b') }
}
function send(h: VxlanHost, dev: net_device, frame = FRAME, dst?: metadata_dst): void {
  const bytes = unhex(frame)
  const skb = dev_alloc_skb(dev, bytes.length)
  skb.buf.set(bytes, skb_put(skb, bytes.length))
  skb.dst = dst
  dev_queue_xmit(skb)
  h.advance(0)
}
const learned = (dev: net_device) => {
  const rd = vxlan_priv(dev).fdb.get(STATION)?.remotes[0]
  return rd && hex(rd.remote_ip)
}

t.test('a frame goes out in UDP and in again, and its sender is learned', async (t) => {
  const { h, a, b } = pair(0)
  send(h, a)
  t.equal(dev_get_stats(a).tx_packets, 1)
  t.equal(dev_get_stats(b).rx_packets, 1)
  t.equal(dev_get_stats(b).rx_bytes, FRAME.length / 2 - 14)
  t.equal(learned(b), hex(ip4(HOST)))
  t.same(h.heard(), [`NEW ${STATION} 0a000001`])
})

t.test('what is for this host needs no packet', async (t) => {
  const { h, a, b } = pair(1)
  const { loopback_dev: lo } = h.kernel.init_net
  send(h, a)
  t.equal(dev_get_stats(b).rx_packets, 1)
  t.equal(dev_get_stats(lo).tx_packets, 0)
  t.equal(learned(b), '7f000001')
})

t.test('what was learned ages, and a station may move', async (t) => {
  const { h, a, b } = pair(0)
  send(h, a)
  const f = vxlan_priv(b).fdb.get(STATION)!
  f.remotes[0].remote_ip = ip4('10.0.0.9')
  h.heard()
  send(h, a)
  t.same(h.heard(), [`NEW ${STATION} 0a000001`], 'it has moved')
  h.advance(310 * SEC)
  t.same(h.heard(), [`DEL ${STATION} 0a000001`])
})

t.test('a static entry is not moved: the frame is dropped', async (t) => {
  const { h, a, b } = pair(0)
  h.fdb(RTM_NEWNEIGH, 'b', NUD_PERMANENT, NLM_F_CREATE, (msg) => {
    msg.put(NDA_LLADDR, unhex(STATION))
    msg.put(NDA_DST, ip4('10.0.0.9'))
  })
  send(h, a)
  t.equal(dev_get_stats(b).rx_packets, 0)
  t.equal(learned(b), '0a000009')
})

t.test('without an entry, or a way, a frame counts as dropped or failed', async (t) => {
  const { h, a } = pair(0)
  send(h, a, `020000000002${STATION}88b5${'00'.repeat(46)}`)
  t.equal(dev_get_stats(a).tx_dropped, 1)
  h.fdb(RTM_NEWNEIGH, 'a', NUD_PERMANENT, NLM_F_CREATE, (msg) => {
    msg.put(NDA_LLADDR, mac(2))
    msg.put(NDA_DST, ip4('192.0.2.1'))
  })
  send(h, a, `020000000002${STATION}88b5${'00'.repeat(46)}`)
  t.equal(dev_get_stats(a).tx_errors, 1)
  t.equal(dev_get_stats(a).tx_carrier_errors, 1)
})

t.test('a device that is down drops what comes for it', async (t) => {
  const { h, a, b } = pair(0)
  dev_change_flags(b, b.flags & ~IFF_UP)
  send(h, a)
  t.equal(dev_get_stats(b).rx_packets, 0, 'its socket went with it')
  t.equal(learned(b), undefined)
})

t.test('a device for many networks sends by the one that a bridge names, and tells by which a frame came', async (t) => {
  const { h } = pair(0)
  const far = { vni: 200, port: 4790 }
  for (const [name, port] of [
    ['ext', 4791],
    ['far', far.port],
  ] as const) {
    const made = h.link('vxlan', name, (msg) => {
      msg.put(V.IFLA_VXLAN_COLLECT_METADATA, 1)
      msg.put(V.IFLA_VXLAN_PORT, port)
      msg.put(V.IFLA_VXLAN_LOCALBYPASS, 0)
    })
    t.equal(made.error, 0)
    t.equal(h.up(name), undefined)
  }
  const entry = h.fdb(RTM_NEWNEIGH, 'ext', NUD_PERMANENT, NLM_F_CREATE, (msg) => {
    msg.put(NDA_LLADDR, new Uint8Array(6))
    msg.put(NDA_DST, ip4(HOST))
    msg.put(NDA_SRC_VNI, 100)
    msg.put(NDA_VNI, far.vni)
    msg.put(NDA_PORT, far.port)
  })
  t.equal(entry.error, 0)
  const log = listen(h.kernel, h.device('far'), 0x88b5)
  send(h, h.device('ext'))
  t.equal(log.skbs.length, 0, 'no network is named')
  const by_bridge = IP_TUNNEL_INFO_TX | IP_TUNNEL_INFO_BRIDGE
  send(h, h.device('ext'), FRAME, new metadata_dst(101, by_bridge))
  t.equal(log.skbs.length, 0, 'nor does anything go to this one')
  send(h, h.device('ext'), FRAME, new metadata_dst(100, by_bridge))
  t.match(log.skbs.map(skb_tunnel_info), [{ key: { tun_id: far.vni }, mode: 0 }])
})

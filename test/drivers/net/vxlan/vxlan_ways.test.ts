/** Ways that frames take beside the forwarding table: groups in the header, answers in a neighbour's place, nexthop ids. */
import t from 'tap'
import { hex, unhex } from '../../../../src/lib/bytes.ts'
import type { MessageBuilder } from '../../../../src/lib/message.ts'
import { dev_get_stats } from '../../../../src/net/core/dev.ts'
import { IP_TUNNEL_INFO_BRIDGE, IP_TUNNEL_INFO_TX, metadata_dst } from '../../../../src/net/core/dst_metadata.ts'
import { dev_queue_xmit } from '../../../../src/net/core/dev_xmit.ts'
import { dev_alloc_skb, type sk_buff, skb_put } from '../../../../src/net/core/skbuff.ts'
import { ifaddrmsg } from '../../../../src/uapi/linux/if_addr.ts'
import * as V from '../../../../src/uapi/linux/if_link_vxlan.ts'
import { NDA_DST, NDA_LLADDR, NDA_VNI, NUD_PERMANENT, ndmsg } from '../../../../src/uapi/linux/neighbour.ts'
import { NLM_F_CREATE } from '../../../../src/uapi/linux/netlink.ts'
import { RTM_NEWADDR, RTM_NEWNEIGH } from '../../../../src/uapi/linux/rtnetlink.ts'
import { listen } from '../../../net/core/packets.ts'
import { ip4, mac, VxlanHost } from './vxlanHost.ts'

function host(): VxlanHost {
  const h = new VxlanHost({ ipv6: false })
  h.up('lo')
  const address = (msg: MessageBuilder) => {
    msg.struct(ifaddrmsg, { ifa_family: 2, ifa_prefixlen: 32, ifa_index: 1 })
    msg.putBytes(2, ip4('10.0.0.1'))
  }
  h.request(RTM_NEWADDR, address, NLM_F_CREATE)
  return h
}
function vxlan(h: VxlanHost, name: string, id: number, more: (msg: MessageBuilder) => void): void {
  const made = h.link('vxlan', name, (msg) => {
    if (id !== 0) msg.put(V.IFLA_VXLAN_ID, id)
    msg.put(V.IFLA_VXLAN_PORT, 4789)
    more(msg)
  })
  t.equal(made.error, 0)
  h.up(name)
}
function send(h: VxlanHost, name: string, frame: string, more: (skb: sk_buff) => void = () => {}): void {
  const bytes = unhex(frame)
  const skb = dev_alloc_skb(h.device(name), bytes.length)
  skb.buf.set(bytes, skb_put(skb, bytes.length))
  more(skb)
  dev_queue_xmit(skb)
  h.advance(0)
}
const FRAME = `02000000000102000000007788b5${'00'.repeat(46)}`

t.test('a mark travels as the group of the frame, where the extension is on', async (t) => {
  const h = host()
  const gbp = (msg: MessageBuilder) => {
    msg.put(V.IFLA_VXLAN_GBP, true)
    msg.put(V.IFLA_VXLAN_LOCALBYPASS, 0)
  }
  vxlan(h, 'a', 5, gbp)
  vxlan(h, 'b', 6, gbp)
  h.fdb(RTM_NEWNEIGH, 'a', NUD_PERMANENT, NLM_F_CREATE, (msg) => {
    msg.put(NDA_LLADDR, mac(1))
    msg.put(NDA_DST, ip4('10.0.0.1'))
    msg.put(NDA_VNI, 6)
  })
  const log = listen(h.kernel, h.device('b'), 0x88b5)
  send(h, 'a', FRAME, (skb) => {
    skb.mark = 0x1234
  })
  t.same(
    log.skbs.map(({ mark }) => mark),
    [0x1234],
  )
})

t.test('a question for a neighbour that is known is answered here and not sent (proxy)', async (t) => {
  const h = host()
  vxlan(h, 'p', 7, (msg) => msg.put(V.IFLA_VXLAN_PROXY, 1))
  const known = h.request(
    RTM_NEWNEIGH,
    (msg) => {
      msg.struct(ndmsg, { ndm_family: 2, ndm_ifindex: h.device('p').ifindex, ndm_state: NUD_PERMANENT })
      msg.put(NDA_DST, ip4('10.9.0.9'))
      msg.put(NDA_LLADDR, mac(9))
    },
    NLM_F_CREATE,
  )
  t.equal(known.error, 0)
  const log = listen(h.kernel, h.device('p'), 0x0806)
  const ask = (ip: string) => send(h, 'p', `ffffffffffff0200000000770806000108000604000102000000007${'7'}0a090001000000000000${ip}`)
  ask('0a090009')
  t.same(
    log.skbs.map((skb) => hex(skb.buf.subarray(skb.mac_header, skb.tail))),
    ['0200000000770200000000090806000108000604000202000000000' + '90a090009' + '0200000000770a090001'],
  )
  ask('0a090008')
  t.equal(log.skbs.length, 1, 'nobody knows')
  t.equal(dev_get_stats(h.device('p')).tx_dropped, 0, 'nor was anything sent')
})

t.test('a nexthop group that is none drops the frame that a bridge has for it', async (t) => {
  const h = host()
  vxlan(h, 'x', 0, (msg) => msg.put(V.IFLA_VXLAN_COLLECT_METADATA, 1))
  send(h, 'x', FRAME, (skb) => {
    skb.dst = new metadata_dst(100, IP_TUNNEL_INFO_TX | IP_TUNNEL_INFO_BRIDGE, { nhid: 33 })
  })
  t.equal(dev_get_stats(h.device('x')).tx_dropped, 1)
})

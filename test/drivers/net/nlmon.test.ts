/** nlmon devices: what programs and kernel say to one another goes by as packets. */
import t from 'tap'
import type { net_device } from '../../../src/net/core/netdevice.ts'
import { packet_type, dev_add_pack } from '../../../src/net/core/dev_ptype.ts'
import { type sk_buff, skb_bytes } from '../../../src/net/core/skbuff.ts'
import { dev_get_stats } from '../../../src/net/core/dev_stats.ts'
import { ETH_P_ALL } from '../../../src/uapi/linux/if_ether.ts'
import { RTM_GETLINK, RTM_NEWLINK } from '../../../src/uapi/linux/rtnetlink.ts'
import { bootHost, Client, link, nla } from '../../net/core/rtnetlink_client.ts'

t.test('it sees requests and answers while it is up, and counts them as received', async (t) => {
  const kernel = bootHost()
  const client = new Client(kernel)
  client.ack(RTM_NEWLINK, 0x600, link({}, nla(3, 'nm0'), nla(18, nla(1, 'nlmon'))))
  const dev = kernel.init_net.dev_name_head.get('nm0') as net_device
  const seen: [number, number][] = []
  const func = (skb: sk_buff) => {
    seen.push([skb.protocol, skb_bytes(skb)[4]])
    return 0
  }
  dev_add_pack(kernel, new packet_type(ETH_P_ALL, func, dev))
  client.request(RTM_GETLINK, 1, link({ index: 1 }))
  t.same(seen, [], 'it is down')
  client.ack(RTM_NEWLINK, 0, link({ index: 2, flags: 1, change: 1 }))
  seen.length = 0
  const before = dev_get_stats(dev).rx_packets
  const [answer] = client.request(RTM_GETLINK, 1, link({ index: 1 }))
  t.same(seen, [
    [0, RTM_GETLINK],
    [0, RTM_NEWLINK],
  ])
  const { rx_packets, rx_bytes, tx_packets } = dev_get_stats(dev)
  t.same([rx_packets - before, tx_packets], [2, 0])
  t.ok(rx_bytes >= 32 + answer.bytes.length)
  client.ack(RTM_NEWLINK, 0, link({ index: 2, flags: 0, change: 1 }))
  const last = dev_get_stats(dev).rx_packets
  client.request(RTM_GETLINK, 1, link({ index: 1 }))
  t.equal(dev_get_stats(dev).rx_packets, last)
})
t.test('it listens until it goes', async (t) => {
  const kernel = bootHost()
  const client = new Client(kernel)
  client.ack(RTM_NEWLINK, 0x600, link({}, nla(3, 'nm0'), nla(18, nla(1, 'nlmon'))))
  client.ack(RTM_NEWLINK, 0, link({ index: 2, flags: 1, change: 1 }))
  const dev = kernel.init_net.dev_name_head.get('nm0') as net_device
  t.equal(kernel.netlink.taps.length, 1)
  const { rx_packets } = dev_get_stats(dev)
  t.ok(rx_packets > 0, 'the ACK of its own going up')
  client.ack(17, 0, link({ index: 2 }))
  t.same(kernel.netlink.taps, [], 'a device that goes stops listening')
})

/** ipvlan in modes l3 and l3s: the lower device's host routes. */
import t from 'tap'
import { IFLA_IPVLAN_MODE } from '../../../src/uapi/linux/if_link_stacked.ts'
import { IFLA_IFNAME, IFLA_INFO_DATA, IFLA_INFO_KIND, IFLA_LINK, IFLA_LINKINFO } from '../../../src/uapi/linux/if_link.ts'
import { dev_change_net_namespace } from '../../../src/net/core/dev_netns.ts'
import { copy_net_ns } from '../../../src/net/core/net_namespace.ts'
import { dev_change_flags, dev_get_stats } from '../../../src/net/core/dev.ts'
import type { net_device } from '../../../src/net/core/netdevice.ts'
import { isErrno } from '../../../src/uapi/errno.ts'
import { ifinfomsg, RTM_NEWLINK } from '../../../src/uapi/linux/rtnetlink.ts'
import { TunnelPair } from './tunnelPair.ts'

/** An ipvlan upon va, moved into a namespace of its own, with 10.0.0.7; b is outside. */
function ipvlan(mode: number): { h: TunnelPair; dev: net_device } {
  const h = new TunnelPair()
  h.addr('a', 'va', '10.0.0.1/24')
  h.addr('b', 'vb', '10.0.0.2/24')
  h.request('a', RTM_NEWLINK, (msg) => {
    msg.struct(ifinfomsg, {})
    msg.put(IFLA_IFNAME, 'iv')
    msg.put(IFLA_LINK, h.device('a', 'va').ifindex)
    const info = msg.nest(IFLA_LINKINFO)
    msg.put(IFLA_INFO_KIND, 'ipvlan')
    const data = msg.nest(IFLA_INFO_DATA)
    msg.put(IFLA_IPVLAN_MODE, mode)
    msg.nestEnd(data)
    msg.nestEnd(info)
  })
  const dev = h.device('a', 'iv')
  const inner = copy_net_ns(h.kernel)
  if (isErrno(inner)) throw inner
  const moved = dev_change_net_namespace(dev, inner)
  if (isErrno(moved)) throw moved
  h.nets.a = inner
  h.clients.a = h.clientOf(inner)
  dev_change_flags(dev, dev.flags | 1)
  h.addr('a', 'iv', '10.0.0.7/24')
  h.route('b', '10.0.0.7/32', 'vb', { via: '10.0.0.1' })
  h.advance(3e9)
  return { h, dev }
}
for (const [name, mode] of [
  ['l3', 1],
  ['l3s', 2],
] as const) {
  t.test(`${name}: out by the routes of the lower device, in by the address`, async (t) => {
    const { h, dev } = ipvlan(mode)
    t.equal(h.ping('a', '10.0.0.2'), 'reply ttl=64')
    t.match(dev_get_stats(dev), { rx_packets: 1, rx_bytes: 98, tx_packets: 1, tx_bytes: 98 })
    t.equal(h.ping('b', '10.0.0.7'), 'reply ttl=64', 'asked from outside')
  })
}

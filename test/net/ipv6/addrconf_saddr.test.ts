/** Which of a host's addresses packets begin with. */
import t from 'tap'
import { __dev_get_by_name } from '../../../src/net/core/dev.ts'
import type { net_device } from '../../../src/net/core/netdevice.ts'
import { ipv6_dev_get_saddr } from '../../../src/net/ipv6/addrconf_saddr.ts'
import { ip6_dst_lookup } from '../../../src/net/ipv6/ip6_dst_lookup.ts'
import { flowi6 } from '../../../src/net/ipv6/ip6_fib_lookup.ts'
import { isErrno } from '../../../src/uapi/errno.ts'
import { IFF_UP } from '../../../src/uapi/linux/if.ts'
import { IFLA_IFNAME, IFLA_INFO_DATA, IFLA_INFO_KIND, IFLA_LINKINFO, IFLA_MASTER } from '../../../src/uapi/linux/if_link.ts'
import { IFLA_VRF_TABLE } from '../../../src/uapi/linux/if_link_stacked.ts'
import { RTM_NEWLINK } from '../../../src/uapi/linux/rtnetlink.ts'
import { Client, link, nla } from '../core/rtnetlink_client.ts'
import { in6, NLM_F_CREATE } from './ipv6Host.ts'
import { ADD, RouteHost } from './routeHost.ts'

const word = (value: number) => Uint8Array.of(value, 0, 0, 0)

/** A host with the VRFs red (table 10) and blue (11). */
function vrfs() {
  const h = new RouteHost()
  const client = new Client(h.kernel)
  const net = h.kernel.init_net
  for (const [name, table] of [
    ['red', 10],
    ['blue', 11],
  ] as const) {
    const info = nla(IFLA_LINKINFO, nla(IFLA_INFO_KIND, 'vrf'), nla(IFLA_INFO_DATA, nla(IFLA_VRF_TABLE, word(table))))
    client.ack(RTM_NEWLINK, NLM_F_CREATE, link({ flags: IFF_UP, change: IFF_UP }, nla(IFLA_IFNAME, name), info))
  }
  const index = (name: string) => __dev_get_by_name(net, name)?.ifindex ?? 0
  const into = (dev: net_device, master: string) =>
    client.ack(RTM_NEWLINK, 0, link({ index: dev.ifindex }, nla(IFLA_MASTER, word(index(master)))))
  return { h, net, index, into }
}

t.test('in a VRF only addresses of the VRF count, and outside none of them', async (t) => {
  const { h, net, into } = vrfs()
  const [a, b, free] = ['d0', 'd1', 'd2'].map((name) => h.dummy(name))
  into(a, 'red')
  into(b, 'blue')
  h.add(a, '2001:db8::1/64')
  h.add(b, '2001:db8::2/64')
  h.add(free, '2001:db9::3/64')
  h.advance(3e9)
  const from = (dev: net_device | undefined, to: string) => ipv6_dev_get_saddr(net, dev, in6(to), 0)
  t.same(from(a, '2001:db8::2'), in6('2001:db8::1'), "not the other VRF's, though it is closer")
  t.same(from(b, '2001:db8::1'), in6('2001:db8::2'))
  t.same(from(__dev_get_by_name(net, 'red'), '2001:db8::2'), in6('2001:db8::1'), 'of any port')
  t.same(from(free, '2001:db8::9'), in6('2001:db9::3'))
  t.same(from(undefined, '2001:db8::9'), in6('2001:db9::3'))
})

t.test("a route of one VRF that leads through another says nothing of the source: it is one of the first VRF's", async (t) => {
  const { h, net, index, into } = vrfs()
  const [a, b] = ['d0', 'd1'].map((name) => h.dummy(name))
  into(a, 'red')
  into(b, 'blue')
  h.add(a, '2001:db8:1::1/64')
  h.add(b, '2001:db8:2::1/64')
  h.advance(3e9)
  t.equal(h.route(ADD, '2001:db8:2::/64', { table: 10, dev: index('blue'), src: '2001:db8:2::1' }).error, 0)
  const from = (vrf: string) => {
    const fl6 = new flowi6(in6('2001:db8:2::9'))
    fl6.flowi_oif = index(vrf)
    t.notOk(isErrno(ip6_dst_lookup(net, fl6)))
    return fl6.saddr
  }
  t.same(from('red'), in6('2001:db8:1::1'), "not even the route's own")
  t.same(from('blue'), in6('2001:db8:2::1'))
})

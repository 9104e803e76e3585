/** Routes of several next hops: kept together, flagged one by one as devices come and go, chosen by weight. */
import t from 'tap'
import { fib_select_multipath } from '../../../src/net/ipv4/fib_multipath.ts'
import { fib_each_alias } from '../../../src/net/ipv4/fib_trie_alias.ts'
import { RTM_DELROUTE, RTM_NEWNEIGH, RTM_NEWROUTE, rtmsg } from '../../../src/uapi/linux/rtnetlink.ts'
import { concat, nla } from '../core/rtnetlink_client.ts'
import { Ipv4Host, in4, NLM_F_CREATE, NLM_F_EXCL } from './ipv4Host.ts'

function hop(via: string, weight: number): Uint8Array {
  const gw = nla(5, in4(via))
  return concat(Uint8Array.of(8 + gw.length, 0, 0, weight - 1, 0, 0, 0, 0), gw)
}
function body(...hops: Uint8Array[]): Uint8Array {
  const header = rtmsg.encode({ rtm_family: 2, rtm_dst_len: 16, rtm_table: 254, rtm_protocol: 3, rtm_type: 1 })
  return concat(header, nla(1, in4('10.9.0.0')), nla(9, concat(...hops)))
}
function host() {
  const h = new Ipv4Host()
  const d0 = h.dummy('d0')
  const d1 = h.dummy('d1')
  h.add(d0, '10.0.0.1/24')
  h.add(d1, '10.0.1.1/24')
  h.client.ack(RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL, body(hop('10.0.0.2', 1), hop('10.0.1.2', 3)))
  const info = () => {
    const found: any[] = []
    fib_each_alias(h.kernel.init_net.ipv4.fib_tables.get(254) as any, ({ fi }) => {
      if (fi.fib_nh.length === 2) found.push(fi)
    })
    return found[0]
  }
  return { h, d0, d1, info }
}

t.test('a hop is dead with its device; the route goes with the last', async (t) => {
  const { h, d0, d1, info } = host()
  const flags = () => info()?.fib_nh.map((nh: any) => nh.fib_nh_flags & 17)
  t.same(flags(), [0, 0])
  h.down(d1)
  t.same(flags(), [0, 17])
  h.up(d1)
  t.same(flags(), [0, 0], 'and wakes with it')
  h.carrier(d0, false)
  t.same(flags(), [16, 0])
  h.down(d0)
  h.down(d1)
  t.equal(info(), undefined)
})

t.test('packets are shared by weight, among the hops that are up', async (t) => {
  const { h, d1, info } = host()
  const share = () => {
    let first = 0
    for (let i = 0; i < 1000; i++)
      if (fib_select_multipath(h.kernel.init_net, info(), Math.floor((i * 2 ** 31) / 1000)) === info().fib_nh[0]) first++
    return first
  }
  t.equal(share(), 250)
  h.down(d1)
  t.equal(share(), 1000)
})

t.test('a deletion must name all hops, or none', async (t) => {
  const { h, info } = host()
  h.client.ack(RTM_DELROUTE, 0, body(hop('10.0.0.2', 1)))
  t.not(info(), undefined)
  h.client.ack(RTM_DELROUTE, 0, body(hop('10.0.0.2', 1), hop('10.0.1.2', 3)))
  t.equal(info(), undefined)
})

t.test('a hop whose neighbour does not answer is passed over when fib_multipath_use_neigh says so', async (t) => {
  const { h, info } = host()
  const { init_net: net } = h.kernel
  const chosen = () => fib_select_multipath(net, info(), 0) === info().fib_nh[0]
  const ndmsg = Uint8Array.of(2, 0, 0, 0, 2, 0, 0, 0, 0x20, 0, 0, 0)
  h.client.ack(RTM_NEWNEIGH, NLM_F_CREATE, concat(ndmsg, nla(1, in4('10.0.0.2'))))
  t.ok(chosen(), 'not by itself')
  net.ipv4.sysctl_fib_multipath_use_neigh = 1
  t.notOk(chosen())
  ndmsg[8] = 0x40
  h.client.ack(RTM_NEWNEIGH, NLM_F_CREATE | 0x100, concat(ndmsg, nla(1, in4('10.0.0.2')), nla(2, Uint8Array.of(2, 0, 0, 0, 0, 9))))
  t.ok(chosen(), 'and taken again when it is known')
})

/** dummy, ifb, lo and the plain Ethernet device. */
import t from 'tap'
import { dummy_init_module } from '../../../src/drivers/net/dummy.ts'
import { ethernet_create } from '../../../src/drivers/net/ethernet.ts'
import { Kernel } from '../../../src/kernel/kernel.ts'
import { EventQueue } from '../../../src/kernel/time.ts'
import {
  dev_change_carrier,
  dev_change_flags,
  dev_change_proto_down,
  dev_change_proto_down_reason,
  dev_get_flags,
  dev_core_stats_rx_dropped_inc,
  dev_get_stats,
  dev_open,
  dev_set_mac_address,
  dev_set_mtu,
  netif_carrier_ok,
} from '../../../src/net/core/dev.ts'
import * as F from '../../../src/net/core/netdev_features_bits.ts'
import { NET_ADDR_PERM, NET_ADDR_RANDOM, NET_ADDR_SET, type net_device } from '../../../src/net/core/netdevice.ts'
import { dev_alloc_skb, skb_put } from '../../../src/net/core/skbuff.ts'
import { is_valid_ether_addr } from '../../../src/net/ethernet/eth.ts'
import { EADDRNOTAVAIL, EBUSY, EINVAL, EOPNOTSUPP, isErrno } from '../../../src/uapi/errno.ts'
import { IFF_BROADCAST, IFF_LOOPBACK, IFF_LOWER_UP, IFF_MULTICAST, IFF_NOARP, IFF_RUNNING, IFF_UP } from '../../../src/uapi/linux/if.ts'
import { IF_OPER_DOWN, IF_OPER_UP, IFLA_ADDRESS, IFLA_MTU } from '../../../src/uapi/linux/if_link.ts'
import { Links } from './linkRequests.ts'

const mac = (last: number) => Uint8Array.of(2, 0, 0, 0, 0, last)

t.test('dummy: no ARP, no multicast, any MTU, its own random address unless one is given', async (t) => {
  const h = new Links()
  t.equal(h.newlink('dummy', 'd0'), undefined)
  t.equal(
    h.newlink('dummy', undefined, (msg) => msg.put(IFLA_ADDRESS, mac(7))),
    undefined,
  )
  t.same(h.names(), ['lo', 'd0', 'dummy0'])
  const d0 = h.device('d0')
  t.equal(d0.flags, IFF_BROADCAST | IFF_NOARP)
  t.equal(d0.addr_assign_type, NET_ADDR_RANDOM)
  t.equal(is_valid_ether_addr(d0.dev_addr), true)
  t.equal(d0.dev_addr[0] & 3, 2, 'local, unicast')
  t.equal(h.device('dummy0').addr_assign_type, NET_ADDR_SET)
  t.not(Buffer.from(d0.dev_addr).toString('hex'), Buffer.from(h.device('dummy0').dev_addr).toString('hex'))
  for (const mtu of [0, 10, 70000]) t.equal(dev_set_mtu(d0, mtu), undefined)
  dev_open(d0)
  t.equal(d0.qdisc?.ops.id, 'noqueue')
  t.equal(dev_set_mac_address(d0, mac(8)), undefined, 'while running')
  t.equal(dev_set_mac_address(d0, new Uint8Array(6)), EADDRNOTAVAIL)
})

t.test('dummy: what a request may not ask', async (t) => {
  const h = new Links()
  t.equal(
    h.newlink('dummy', 'd0', (msg) => msg.put(IFLA_ADDRESS, new Uint8Array(6))),
    EADDRNOTAVAIL,
  )
  t.equal(
    h.newlink('dummy', 'd0', (msg) => msg.put(IFLA_ADDRESS, mac(1).subarray(0, 5))),
    EINVAL,
  )
  t.equal(
    h.newlink('dummy', 'd0', (msg) => msg.put(IFLA_ADDRESS, Uint8Array.of(1, 0, 0, 0, 0, 1))),
    EADDRNOTAVAIL,
  )
  t.equal(
    h.newlink('dummy', 'd0', (msg) => msg.put(IFLA_MTU, 9000)),
    undefined,
  )
  t.equal(h.device('d0').mtu, 9000)
})

t.test('dummy: refused by a listener, it leaves nothing behind', async (t) => {
  const h = new Links()
  h.recorder.vetoes.set('REGISTER d0', EBUSY)
  t.equal(h.newlink('dummy', 'd0'), EBUSY)
  t.same(h.log(), ['POST_INIT d0', 'REGISTER d0', 'UNREGISTER d0', 'PRE_UNINIT d0'], 'and programs hear nothing of it')
  t.same(h.names(), ['lo'])
  t.same([h.kernel.init_net.dev_unreg_count, h.kernel.netdev.net_todo_list.length], [0, 0])
  h.recorder.vetoes.clear()
  t.equal(h.newlink('dummy', 'd0'), undefined)
})

t.test('dummy: carrier by request, counters of what it swallowed', async (t) => {
  const h = new Links()
  h.newlink('dummy', 'd0')
  const d0 = h.device('d0')
  dev_open(d0)
  t.equal(dev_change_carrier(d0, false), undefined)
  h.pass(1000)
  t.equal(dev_get_flags(d0) & (IFF_RUNNING | IFF_LOWER_UP), 0)
  t.equal(d0.operstate, IF_OPER_DOWN)
  dev_change_carrier(d0, true)
  h.settle()
  t.equal(d0.operstate, IF_OPER_UP)
  t.equal(dev_change_proto_down(d0, true), EOPNOTSUPP)
  const skb = dev_alloc_skb(d0, 100)
  skb_put(skb, 60)
  d0.netdev_ops.ndo_start_xmit?.(skb, d0)
  dev_core_stats_rx_dropped_inc(d0)
  dev_core_stats_rx_dropped_inc(d0)
  const stats = dev_get_stats(d0)
  t.same([stats.tx_packets, stats.tx_bytes, stats.rx_packets, stats.rx_dropped], [1, 60, 0, 2])
})

t.test('proto_down reasons: bits by mask, all without one', async (t) => {
  const h = new Links()
  h.newlink('dummy', 'd0')
  const d0 = h.device('d0')
  dev_change_proto_down_reason(d0, 0, 0b1010)
  dev_change_proto_down_reason(d0, 0b0110, 0b0100)
  t.equal(d0.proto_down_reason, 0b1100)
})

t.test('modules make devices when told to', async (t) => {
  const h = new Links()
  h.kernel.rtnl.link_ops = []
  dummy_init_module(h.kernel, 2)
  t.same(h.names(), ['lo', 'dummy0', 'dummy1'])
})

t.test('ifb: queues 32 packets, and queues at all', async (t) => {
  const h = new Links()
  t.equal(h.newlink('ifb'), undefined)
  const dev = h.device('ifb0')
  t.equal(dev.tx_queue_len, 32)
  t.equal(dev.flags, IFF_BROADCAST | IFF_NOARP)
  dev_open(dev)
  t.equal(dev.qdisc?.ops.id, 'fq_codel')
  t.equal(dev_set_mac_address(dev, mac(3)), EOPNOTSUPP)
  t.equal(dev.tso_max_size, 65536)
})

t.test('lo', async (t) => {
  const h = new Links()
  const { loopback_dev: lo } = h.kernel.init_net
  t.same([lo.ifindex, lo.name, lo.mtu, lo.flags, lo.tx_queue_len, lo.type], [1, 'lo', 65536, IFF_LOOPBACK, 1000, 772])
  t.same([lo.tso_max_size, lo.gso_max_size, lo.max_mtu], [524280, 65536, 0])
  t.equal(lo.features & F.NETIF_F_LOOPBACK, F.NETIF_F_LOOPBACK)
  t.equal(lo.hw_features & F.NETIF_F_NOCACHE_COPY, 0n)
  dev_change_flags(lo, lo.flags | IFF_UP)
  t.equal(dev_get_flags(lo), IFF_LOOPBACK | IFF_UP | IFF_RUNNING | IFF_LOWER_UP)
  t.equal(lo.qdisc?.ops.id, 'noqueue')
  t.equal(h.dellink(lo), EOPNOTSUPP)
  lo.own_stats = { tx_packets: 3, tx_bytes: 300 }
  const { rx_packets, tx_packets, rx_bytes } = dev_get_stats(lo)
  t.same([rx_packets, tx_packets, rx_bytes], [3, 3, 300])
})

t.test('the plain Ethernet device: carrier while it is open, its address permanent', async (t) => {
  const h = new Links()
  const dev = ethernet_create(h.kernel, { address: mac(1) }) as net_device
  h.settle()
  t.same([dev.name, dev.ifindex, dev.flags], ['eth0', 2, IFF_BROADCAST | IFF_MULTICAST])
  t.same(dev.perm_addr.slice(0, 6), mac(1))
  t.equal(dev.addr_assign_type, NET_ADDR_PERM)
  t.equal(netif_carrier_ok(dev), false)
  t.equal(dev.operstate, IF_OPER_DOWN)
  h.log()
  dev_change_flags(dev, dev.flags | IFF_UP)
  h.pass(2000)
  const told = ['PRE_UP eth0', '> NEWLINK eth0 flags=11003 change=1', 'UP eth0', 'CHANGE eth0', '> NEWLINK eth0 flags=11043 change=0']
  t.same(h.log(), told, 'running once the link watch has seen the carrier')
  t.equal(dev_get_flags(dev), IFF_BROADCAST | IFF_MULTICAST | IFF_UP | IFF_RUNNING | IFF_LOWER_UP)
  t.equal(dev.qdisc?.ops.id, 'fq_codel')
  t.equal(dev_set_mac_address(dev, mac(2)), undefined)
  t.same(dev.perm_addr.slice(0, 6), mac(1))
  t.equal(dev_set_mtu(dev, 9000), undefined)
  t.equal(dev_set_mtu(dev, 65536), EINVAL)
  t.equal((ethernet_create(h.kernel) as net_device).name, 'eth1')
  t.equal(isErrno(ethernet_create(h.kernel, { name: 'eth1' })), true)
})

t.test('chance is the host\u2019s: the same seed gives the same addresses', async (t) => {
  const address = (seed: number) => {
    const h = new Links()
    Object.assign(h.kernel.random, new Kernel(new EventQueue(), seed).random)
    return Buffer.from((ethernet_create(h.kernel) as net_device).dev_addr).toString('hex')
  }
  t.equal(address(5), address(5))
  t.not(address(5), address(6))
})

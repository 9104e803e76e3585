import t from 'tap'
import { veth_init } from '../../../src/drivers/net/veth.ts'
import {
  dev_change_flags,
  dev_change_net_namespace,
  dev_get_iflink,
  dev_open,
  dev_set_mtu,
  netif_carrier_ok,
} from '../../../src/net/core/dev.ts'
import { cleanup_net, copy_net_ns } from '../../../src/net/core/net_namespace.ts'
import * as F from '../../../src/net/core/netdev_features_bits.ts'
import { NET_ADDR_RANDOM, NET_ADDR_SET, NETREG_RELEASED } from '../../../src/net/core/netdevice.ts'
import { is_valid_ether_addr } from '../../../src/net/ethernet/eth.ts'
import { EADDRNOTAVAIL, EEXIST, EINVAL, ENOTCONN, ERANGE, isErrno } from '../../../src/uapi/errno.ts'
import { IFF_UP } from '../../../src/uapi/linux/if.ts'
import {
  IF_OPER_LOWERLAYERDOWN,
  IF_OPER_UP,
  IFLA_ADDRESS,
  IFLA_IFNAME,
  IFLA_MTU,
  IFLA_NUM_TX_QUEUES,
} from '../../../src/uapi/linux/if_link.ts'
import { Links } from './linkRequests.ts'

function pair(): Links {
  const h = new Links()
  h.newlink(
    'veth',
    'v0',
    undefined,
    h.peer((msg) => msg.put(IFLA_IFNAME, 'v1')),
  )
  h.settle()
  h.log()
  return h
}

t.test('the peer is made, announced and configured before the device itself', async (t) => {
  const h = new Links()
  const address = Uint8Array.of(2, 0, 0, 0, 1, 2)
  t.equal(
    h.newlink(
      'veth',
      'v0',
      undefined,
      h.peer((msg) => {
        msg.put(IFLA_IFNAME, 'v1')
        msg.put(IFLA_ADDRESS, address)
      }),
    ),
    undefined,
  )
  t.same(h.log(), [
    'POST_INIT v1',
    'REGISTER v1',
    '> NEWLINK v1 flags=1002 change=all',
    'POST_INIT v0',
    'REGISTER v0',
    'XDP_FEAT_CHANGE v0',
    'XDP_FEAT_CHANGE v1',
    '> NEWLINK v0 flags=1002 change=all',
  ])
  const v0 = h.device('v0')
  const v1 = h.device('v1')
  t.same([v1.ifindex, v0.ifindex], [2, 3])
  t.same([dev_get_iflink(v0), dev_get_iflink(v1)], [2, 3])
  t.equal(v1.addr_assign_type, NET_ADDR_SET)
  t.same(v1.dev_addr.slice(0, 6), address)
  t.equal(v0.addr_assign_type, NET_ADDR_RANDOM)
  t.equal(is_valid_ether_addr(v0.dev_addr), true)
  for (const dev of [v0, v1]) t.equal(dev.features & F.NETIF_F_GRO, 0n, 'off until asked for')
  t.same([v0.gso_max_size, v0.tso_max_size, v0.carrier_down_count], [65536, 524280, 1])
})

t.test('names and errors: nothing is left behind', async (t) => {
  const h = new Links()
  t.equal(h.newlink('veth'), undefined)
  t.same(h.names(), ['lo', 'veth0', 'veth1'], 'both from the template')
  t.equal(
    h.newlink(
      'veth',
      'veth0',
      undefined,
      h.peer((msg) => msg.put(IFLA_IFNAME, 'x')),
    ),
    EEXIST,
  )
  t.equal(
    h.newlink(
      'veth',
      'x',
      undefined,
      h.peer((msg) => msg.put(IFLA_IFNAME, 'x')),
    ),
    EEXIST,
    'both the same name',
  )
  t.equal(
    h.newlink(
      'veth',
      'x',
      undefined,
      h.peer((msg) => msg.put(IFLA_MTU, 67)),
    ),
    EINVAL,
  )
  t.equal(
    h.newlink(
      'veth',
      'x',
      undefined,
      h.peer((msg) => msg.put(IFLA_ADDRESS, new Uint8Array(6))),
    ),
    EADDRNOTAVAIL,
  )
  t.equal(
    h.newlink('veth', 'x', (msg) => msg.put(IFLA_MTU, 70000)),
    EINVAL,
  )
  t.equal(
    h.newlink('veth', 'x', undefined, (msg) => msg.putBytes(1, new Uint8Array(8))),
    ERANGE,
    'too short for an ifinfomsg',
  )
  h.settle()
  t.same(h.names(), ['lo', 'veth0', 'veth1'])
})

t.test('carrier: when both are up, for both', async (t) => {
  const h = pair()
  const v0 = h.device('v0')
  const v1 = h.device('v1')
  t.equal(netif_carrier_ok(v0), false)
  dev_open(v0)
  h.pass(2000)
  t.equal(v0.operstate, IF_OPER_LOWERLAYERDOWN, 'the other end is to blame')
  h.log()
  dev_change_flags(v1, v1.flags | IFF_UP)
  h.settle()
  t.same(h.log(), [
    'PRE_UP v1',
    '> NEWLINK v1 flags=11003 change=1',
    'UP v1',
    'CHANGE v1',
    '> NEWLINK v1 flags=11043 change=0',
    'CHANGE v0',
    '> NEWLINK v0 flags=11043 change=0',
  ])
  t.same([v0.operstate, v1.operstate], [IF_OPER_UP, IF_OPER_UP])
  dev_change_flags(v1, v1.flags & ~IFF_UP)
  h.settle()
  t.same(h.log(), ['GOING_DOWN v1', '> NEWLINK v1 flags=1002 change=1', 'DOWN v1', 'CHANGE v0', '> NEWLINK v0 flags=1003 change=0'])
  t.equal(v0.operstate, IF_OPER_LOWERLAYERDOWN)
  t.same([v0.carrier_up_count, v0.carrier_down_count], [1, 2])
  t.equal(v0.qdisc?.ops.id, 'noqueue')
})

t.test('one deleted, both gone', async (t) => {
  const h = pair()
  const v0 = h.device('v0')
  const v1 = h.device('v1')
  dev_open(v0)
  dev_open(v1)
  h.pass(1000)
  h.log()
  t.equal(h.dellink(v1), undefined)
  t.same(h.log(), [
    'GOING_DOWN v1',
    'GOING_DOWN v0',
    '> NEWLINK v1 flags=1002 change=41',
    'DOWN v1',
    '> NEWLINK v0 flags=1002 change=41',
    'DOWN v0',
    'UNREGISTER v1',
    'PRE_UNINIT v1',
    '> DELLINK v1 flags=1002 change=all',
    'UNREGISTER v0',
    'PRE_UNINIT v0',
    '> DELLINK v0 flags=1002 change=all',
  ])
  t.same(h.names(), ['lo'])
  t.same([v0.reg_state, v1.reg_state], [NETREG_RELEASED, NETREG_RELEASED])
  t.equal(dev_get_iflink(v0), 0)
  t.equal(dev_open(v0), ENOTCONN)
})

t.test('a peer in another namespace goes when its namespace dies, and takes this one along', async (t) => {
  const h = pair()
  const other = copy_net_ns(h.kernel)
  if (isErrno(other)) throw new Error(`${other}`)
  t.equal(dev_change_net_namespace(h.device('v1'), other), undefined)
  t.same(h.names(other), ['lo', 'v1'])
  t.equal(h.device('v0').rtnl_link_ops?.get_link_net?.(h.device('v0')), other)
  cleanup_net(h.kernel, [other])
  t.same(h.names(), ['lo'])
})

t.test('queues', async (t) => {
  const h = new Links()
  const four = (msg: Parameters<Parameters<typeof h.peer>[0]>[0]) => msg.put(IFLA_NUM_TX_QUEUES, 4)
  t.equal(
    h.newlink(
      'veth',
      'v0',
      four,
      h.peer((msg) => {
        msg.put(IFLA_IFNAME, 'v1')
        four(msg)
      }),
    ),
    undefined,
  )
  const [v0, v1] = [h.device('v0'), h.device('v1')]
  t.same([v0.num_tx_queues, v0.real_num_tx_queues, v0.num_rx_queues], [4, 4, 1])
  t.same([v1.num_tx_queues, v1.num_rx_queues], [4, 1])
  t.same([v0.xdp_features, v1.xdp_features], [0, 0], 'more senders than receivers')
  t.equal(h.newlink('veth', 'w0'), undefined)
  t.equal(h.device('w0').xdp_features, 0x23)
})

t.test('MTU 68 to 65535, an index for each, and registered once', async (t) => {
  const h = new Links()
  t.equal(
    h.newlink(
      'veth',
      'v0',
      undefined,
      h.peer((msg) => msg.put(IFLA_IFNAME, 'v1'), 51),
      50,
    ),
    undefined,
  )
  t.same([h.device('v0').ifindex, h.device('v1').ifindex], [50, 51])
  t.equal(dev_set_mtu(h.device('v0'), 67), EINVAL)
  t.equal(dev_set_mtu(h.device('v0'), 65535), undefined)
  t.equal(h.device('v1').mtu, 1500)
  t.equal(veth_init(h.kernel), EEXIST)
})

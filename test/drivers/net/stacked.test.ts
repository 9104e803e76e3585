import t from 'tap'
import { ipvlan_init_module } from '../../../src/drivers/net/ipvlan.ts'
import { macvlan_init_module } from '../../../src/drivers/net/macvlan.ts'
import { macvlan_sources } from '../../../src/drivers/net/macvlan_port.ts'
import { macvtap_init } from '../../../src/drivers/net/macvtap.ts'
import { nlmon_register } from '../../../src/drivers/net/nlmon.ts'
import { vrf_init_module } from '../../../src/drivers/net/vrf.ts'
import type { MessageBuilder } from '../../../src/lib/message.ts'
import { dev_change_flags, dev_set_mac_address, dev_set_mtu, netdev_master_upper_dev_get } from '../../../src/net/core/dev.ts'
import { l3mdev_fib_table, l3mdev_master_ifindex } from '../../../src/net/core/l3mdev.ts'
import type { net_device } from '../../../src/net/core/netdevice.ts'
import { do_set_master } from '../../../src/net/core/rtnetlink_setlink.ts'
import { netlink_ext_ack } from '../../../src/net/netlink/extack.ts'
import { EADDRINUSE, EBUSY, EINVAL, EOPNOTSUPP, type Errno } from '../../../src/uapi/errno.ts'
import { IFF_NOARP, IFF_UP } from '../../../src/uapi/linux/if.ts'
import { IFLA_ADDRESS, IFLA_LINK, IFLA_MTU } from '../../../src/uapi/linux/if_link.ts'
import * as S from '../../../src/uapi/linux/if_link_stacked.ts'
import { Links } from './linkRequests.ts'

type Fill = (msg: MessageBuilder) => void

function host(): Links {
  const h = new Links()
  for (const init of [macvlan_init_module, macvtap_init, ipvlan_init_module, vrf_init_module, nlmon_register]) init(h.kernel)
  h.newlink('dummy', 'd0')
  h.settle()
  h.log()
  return h
}
function on(h: Links, kind: string, name: string, data: Fill = () => {}, more: Fill = () => {}, lower = 'd0'): Errno | undefined {
  const link = h.device(lower).ifindex
  return h.newlink(
    kind,
    name,
    (msg) => {
      msg.put(IFLA_LINK, link)
      more(msg)
    },
    data,
  )
}
const mac = (last: number) => Uint8Array.of(2, 0, 0, 0, 0, last)
const address =
  (last: number): Fill =>
  (msg) =>
    msg.put(IFLA_ADDRESS, mac(last))
const mode =
  (value: number): Fill =>
  (msg) =>
    msg.put(S.IFLA_MACVLAN_MODE, value)
const up = (dev: net_device) => dev_change_flags(dev, dev.flags | IFF_UP)

t.test('macvlan: two may have one address, one of them can be up', async (t) => {
  const h = host()
  up(h.device('d0'))
  on(h, 'macvlan', 'a', undefined, address(7))
  on(h, 'macvlan', 'b', undefined, address(7))
  t.equal(up(h.device('a')), undefined)
  t.equal(up(h.device('b')), EADDRINUSE)
  t.equal(dev_set_mac_address(h.device('b'), mac(8)), undefined)
  t.equal(up(h.device('b')), undefined)
  t.same(
    h.device('d0').uc.map((ha) => ha.addr[5]),
    [7, 8],
    'both are listened to below',
  )
  t.equal(dev_set_mtu(h.device('a'), 1600), EINVAL)
  dev_set_mtu(h.device('d0'), 1300)
  t.equal(h.device('a').mtu, 1300)
})

t.test('macvlan: passthru is alone, has the address of the lower device and gives it back', async (t) => {
  const h = host()
  const d0 = h.device('d0')
  const before = d0.dev_addr.slice()
  t.equal(on(h, 'macvlan', 'p', mode(S.MACVLAN_MODE_PASSTHRU)), undefined)
  t.same(h.device('p').dev_addr, before)
  t.equal(on(h, 'macvlan', 'x', mode(S.MACVLAN_MODE_BRIDGE)), EINVAL)
  up(d0)
  up(h.device('p'))
  t.equal(d0.promiscuity, 1)
  dev_set_mac_address(h.device('p'), mac(9))
  t.same(d0.dev_addr.slice(0, 6), mac(9))
  h.dellink(h.device('p'))
  h.settle()
  t.same(d0.dev_addr, before)
  t.equal(d0.promiscuity, 0)
  t.equal(d0.rx_handler, undefined, 'the port is gone')
})

t.test('macvlan: senders in source mode, in the order of their buckets', async (t) => {
  const h = host()
  const add =
    (last: number): Fill =>
    (msg) => {
      mode(S.MACVLAN_MODE_SOURCE)(msg)
      msg.put(S.IFLA_MACVLAN_MACADDR_MODE, S.MACVLAN_MACADDR_ADD)
      msg.put(S.IFLA_MACVLAN_MACADDR, mac(last))
    }
  t.equal(on(h, 'macvlan', 's', add(0x77)), undefined)
  t.same(macvlan_sources(h.device('s')), [mac(0x77)])
  t.equal(
    on(h, 'macvlan', 'x', (msg) => {
      msg.put(S.IFLA_MACVLAN_MACADDR_MODE, S.MACVLAN_MACADDR_FLUSH)
    }),
    EINVAL,
    'not in another mode',
  )
})

t.test('one kind at a time takes the packets of a device', async (t) => {
  const h = host()
  on(h, 'macvlan', 'm')
  t.equal(on(h, 'ipvlan', 'i'), EBUSY)
  t.equal(on(h, 'macvtap', 'm2'), undefined)
  t.equal(h.device('m2').tx_queue_len, 500)
  h.dellink(h.device('d0'))
  t.same(h.names(), ['lo'], 'all go with it')
})

t.test('ipvlan: mode is the port\u2019s, address and MTU the lower device\u2019s', async (t) => {
  const h = host()
  on(h, 'ipvlan', 'a')
  on(h, 'ipvlan', 'b', (msg) => msg.put(S.IFLA_IPVLAN_MODE, S.IPVLAN_MODE_L2))
  const [d0, a, b] = [h.device('d0'), h.device('a'), h.device('b')]
  t.same([a.dev_id, b.dev_id], [1, 2])
  t.equal(a.flags & IFF_NOARP, 0, 'L2 asks for neighbours')
  t.equal(dev_set_mac_address(a, mac(5)), EOPNOTSUPP)
  dev_set_mac_address(d0, mac(6))
  dev_set_mtu(d0, 1400)
  t.same([a.dev_addr[5], a.mtu], [6, 1400])
  const both = S.IPVLAN_F_PRIVATE | S.IPVLAN_F_VEPA
  t.equal(
    on(h, 'ipvlan', 'x', (msg) => msg.put(S.IFLA_IPVLAN_FLAGS, both)),
    EINVAL,
  )
})

t.test('vrf: its ports have its table, and are free when it goes', async (t) => {
  const h = host()
  const table =
    (id: number): Fill =>
    (msg) =>
      msg.put(S.IFLA_VRF_TABLE, id)
  t.equal(h.newlink('vrf', 'x'), EINVAL)
  t.equal(h.newlink('vrf', 'x', undefined, table(0)), EINVAL)
  t.equal(h.newlink('vrf', 'red', undefined, table(10)), undefined)
  const [d0, red] = [h.device('d0'), h.device('red')]
  up(d0)
  h.log()
  t.equal(do_set_master(d0, red.ifindex, new netlink_ext_ack()), undefined)
  t.same(
    h.log().filter((line) => /^(DOWN|UP)/.test(line)),
    ['DOWN d0', 'UP d0'],
    'down and up again',
  )
  t.same([l3mdev_fib_table(d0), l3mdev_fib_table(red), l3mdev_master_ifindex(d0)], [10, 10, red.ifindex])
  const extack = new netlink_ext_ack()
  t.equal(do_set_master(h.device('lo'), red.ifindex, extack), EOPNOTSUPP)
  t.equal(extack._msg, 'Can not enslave loopback device to a VRF')
  h.dellink(red)
  t.equal(netdev_master_upper_dev_get(d0), undefined)
  t.equal(l3mdev_fib_table(d0), 0)
})

t.test('nlmon has no address', async (t) => {
  const h = host()
  t.equal(h.newlink('nlmon', 'n', address(1)), EINVAL)
  t.equal(
    h.newlink('nlmon', 'n', (msg) => msg.put(IFLA_MTU, 15)),
    EINVAL,
  )
  t.equal(h.newlink('nlmon', 'n'), undefined)
  t.same([h.device('n').mtu, h.device('n').type, h.device('n').addr_len], [3776, 824, 0])
})

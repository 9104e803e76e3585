/**
 * What listeners hear, in order: the netdev chain (EVENT name), rtnetlink (> message) and the kernel's log (# line).
 * rtnetlink itself listens on the chain, before the recorder.
 */
import t from 'tap'
import {
  dev_change_flags,
  dev_change_tx_queue_len,
  dev_close,
  dev_get_flags,
  dev_open,
  dev_set_mac_address,
  dev_set_mtu,
  register_netdevice,
  unregister_netdevice,
  unregister_netdevice_many,
} from '../../../src/net/core/dev.ts'
import {
  LINK_STATE_PRESENT,
  NET_ADDR_SET,
  NETREG_REGISTERED,
  NETREG_RELEASED,
  NETREG_UNREGISTERED,
  type net_device_ops,
} from '../../../src/net/core/netdevice.ts'
import { eth_mac_addr } from '../../../src/net/ethernet/eth.ts'
import { netlink_ext_ack } from '../../../src/net/netlink/extack.ts'
import { EBUSY, EINVAL, ENODEV, EPERM } from '../../../src/uapi/errno.ts'
import { IFF_ALLMULTI, IFF_NOARP, IFF_PROMISC, IFF_UP } from '../../../src/uapi/linux/if.ts'
import { Devices } from './deviceHarness.ts'

export const settable_ops: net_device_ops = { name: 'settable_ops', ndo_set_mac_address: eth_mac_addr }
export const no_open_ops: net_device_ops = { name: 'no_open_ops', ndo_open: refuse_open }
export function refuse_open() {
  return EPERM
}

t.test('registration', async (t) => {
  const h = new Devices()
  const dev = h.alloc('d0')
  t.equal(register_netdevice(dev), undefined)
  t.same(h.log(), ['POST_INIT d0', 'REGISTER d0', '> NEWLINK d0 flags=1002 change=all'])
  t.equal(dev.reg_state, NETREG_REGISTERED)
  t.equal(dev.qdisc?.ops.id, 'noop')
})

t.test('a callback that objects to REGISTER makes the device go as it came', async (t) => {
  const h = new Devices()
  const dev = h.alloc('d0')
  h.recorder.vetoes.set('REGISTER d0', EPERM)
  t.equal(register_netdevice(dev), EPERM)
  t.same(h.log(), ['POST_INIT d0', 'REGISTER d0', 'UNREGISTER d0', 'PRE_UNINIT d0', '> DELLINK d0 flags=1002 change=all'])
  t.same(
    h.kernel.init_net.dev_base_head.map((d) => d.name),
    ['lo'],
  )
  h.settle()
  t.equal(dev.reg_state, NETREG_UNREGISTERED)
})
t.test('one that objects to POST_INIT is asked before anything is visible', async (t) => {
  const h = new Devices()
  h.recorder.vetoes.set('POST_INIT d0', EBUSY)
  t.equal(register_netdevice(h.alloc('d0')), EBUSY)
  t.same(h.log(), ['POST_INIT d0'])
  t.equal(h.add('d1').ifindex, 3, 'the index is spent, not leaked')
  t.equal(h.kernel.init_net.dev_index_reserved.size, 0)
})

t.test('open and close', async (t) => {
  const h = new Devices()
  const dev = h.add('d0')
  dev_open(dev)
  t.same(h.log(), ['PRE_UP d0', '> NEWLINK d0 flags=11043 change=41', 'UP d0'])
  dev_open(dev)
  t.same(h.log(), [], 'it was')
  dev_close(dev)
  t.same(h.log(), ['GOING_DOWN d0', '> NEWLINK d0 flags=1002 change=41', 'DOWN d0'])
})

t.test('the same by flags: programs see IFF_UP change, not IFF_RUNNING', async (t) => {
  const h = new Devices()
  const dev = h.add('d0')
  dev_change_flags(dev, dev.flags | IFF_UP)
  t.same(h.log(), ['PRE_UP d0', '> NEWLINK d0 flags=11043 change=1', 'UP d0'])
  dev_change_flags(dev, dev.flags | IFF_NOARP)
  t.same(h.log(), ['> NEWLINK d0 flags=110c3 change=80', 'CHANGE d0'])
  dev_change_flags(dev, dev.flags & ~IFF_UP)
  t.same(h.log(), ['GOING_DOWN d0', '> NEWLINK d0 flags=1082 change=1', 'DOWN d0'])
  dev_change_flags(dev, dev.flags & ~IFF_NOARP)
  t.same(h.log(), ['> NEWLINK d0 flags=1002 change=80'], 'no CHANGE of a device that is down')
})

t.test('who refuses to open', async (t) => {
  const h = new Devices()
  const dev = h.add('d0')
  h.recorder.vetoes.set('PRE_UP d0', EPERM)
  t.equal(dev_open(dev), EPERM)
  t.same(h.log(), ['PRE_UP d0'])
  const stubborn = h.add('d1', no_open_ops)
  t.equal(dev_open(stubborn), EPERM)
  t.same(h.log(), ['PRE_UP d1'])
  t.equal(dev_get_flags(stubborn) & IFF_UP, 0)
  t.equal(stubborn.qdisc?.ops.id, 'noop')
  const gone = h.add('d2')
  gone.state &= ~LINK_STATE_PRESENT
  t.equal(dev_open(gone), ENODEV)
})

t.test('MTU: asked before, told after, taken back when refused afterwards', async (t) => {
  const h = new Devices()
  const dev = h.add('d0')
  t.equal(dev_set_mtu(dev, 1400), undefined)
  t.same(h.log(), ['PRECHANGEMTU d0', '> NEWLINK d0 flags=1002 change=0', 'CHANGEMTU d0'])
  dev_set_mtu(dev, 1400)
  t.same(h.log(), [], 'unchanged')
  h.recorder.vetoes.set('PRECHANGEMTU d0', EPERM)
  t.equal(dev_set_mtu(dev, 1300), EPERM)
  t.equal(dev.mtu, 1400)
  h.recorder.vetoes.clear()
  h.log()
  h.recorder.vetoes.set('CHANGEMTU d0', EBUSY)
  t.equal(dev_set_mtu(dev, 1300), EBUSY)
  t.equal(dev.mtu, 1400)
  t.same(
    h.log().filter((l) => !l.startsWith('>')),
    ['PRECHANGEMTU d0', 'CHANGEMTU d0', 'CHANGEMTU d0'],
  )
})
t.test('MTU bounds and what they say', async (t) => {
  const h = new Devices()
  const dev = h.add('d0')
  const said = (mtu: number) => {
    const extack = new netlink_ext_ack()
    return [dev_set_mtu(dev, mtu, extack), extack._msg]
  }
  t.same(said(67), [EINVAL, 'mtu less than device minimum'])
  t.same(said(-1), [EINVAL, 'mtu less than device minimum'])
  t.same(said(1501), [EINVAL, 'mtu greater than device maximum'])
  t.same(said(68), [undefined, undefined])
  dev.min_mtu = dev.max_mtu = 0
  t.same(said(1 << 20), [undefined, undefined], 'a maximum of 0 is none')
})

t.test('address', async (t) => {
  const h = new Devices()
  const dev = h.add('d0', settable_ops)
  const addr = Uint8Array.of(2, 0, 0, 0, 0, 9)
  t.equal(dev_set_mac_address(dev, addr), undefined)
  t.same(h.log(), ['PRE_CHANGEADDR d0', '> NEWLINK d0 flags=1002 change=0', 'CHANGEADDR d0'])
  t.equal(dev.addr_assign_type, NET_ADDR_SET)
  t.equal(dev.dev_addr[5], 9)
  dev_set_mac_address(dev, addr)
  t.same(h.log().length, 3, 'an equal one is told as well')
  h.recorder.vetoes.set('PRE_CHANGEADDR d0', EPERM)
  t.equal(dev_set_mac_address(dev, Uint8Array.of(2, 0, 0, 0, 0, 7)), EPERM)
  t.equal(dev.dev_addr[5], 9)
  h.recorder.vetoes.clear()
  dev_open(dev)
  t.equal(dev_set_mac_address(dev, Uint8Array.of(2, 0, 0, 0, 0, 7)), EBUSY, 'running, without IFF_LIVE_ADDR_CHANGE')
  t.equal(dev_set_mac_address(dev, addr, undefined, 772), EINVAL, 'of another link type')
})

t.test('MTU without an extack: the log says why', async (t) => {
  const h = new Devices()
  t.equal(dev_set_mtu(h.add('d0'), 67), EINVAL)
  t.same(h.log(), ['# d0: mtu less than device minimum'])
})

t.test('queue length', async (t) => {
  const h = new Devices()
  const dev = h.add('d0')
  t.equal(dev_change_tx_queue_len(dev, 5), undefined)
  t.same(h.log(), ['> NEWLINK d0 flags=1002 change=0', 'CHANGE_TX_QUEUE_LEN d0'])
  h.recorder.vetoes.set('CHANGE_TX_QUEUE_LEN d0', EBUSY)
  t.equal(dev_change_tx_queue_len(dev, 6), EBUSY)
  t.equal(dev.tx_queue_len, 5)
  t.ok(h.log().includes('# d0: refused to change device tx_queue_len'))
})

t.test('unregistration of several: all close before the first goes', async (t) => {
  const h = new Devices()
  const a = h.add('a')
  const b = h.add('b')
  dev_open(a)
  dev_open(b)
  h.log()
  unregister_netdevice_many([a, b])
  t.same(h.log(), [
    'GOING_DOWN a',
    'GOING_DOWN b',
    '> NEWLINK a flags=1002 change=41',
    'DOWN a',
    '> NEWLINK b flags=1002 change=41',
    'DOWN b',
    'UNREGISTER a',
    'PRE_UNINIT a',
    '> DELLINK a flags=1002 change=all',
    'UNREGISTER b',
    'PRE_UNINIT b',
    '> DELLINK b flags=1002 change=all',
  ])
  a.needs_free_netdev = true
  h.settle()
  t.equal(a.reg_state, NETREG_RELEASED)
  t.equal(b.reg_state, NETREG_UNREGISTERED)
})

t.test('promiscuous by program and by counted users', async (t) => {
  const h = new Devices()
  const dev = h.add('d0')
  dev_change_flags(dev, dev.flags | IFF_PROMISC | IFF_ALLMULTI)
  t.same(h.log(), ['# d0: entered promiscuous mode', '# d0: entered allmulticast mode', '> NEWLINK d0 flags=1302 change=300'])
  dev_change_flags(dev, dev.flags & ~(IFF_PROMISC | IFF_ALLMULTI))
  t.same(h.log(), ['# d0: left promiscuous mode', '# d0: left allmulticast mode', '> NEWLINK d0 flags=1002 change=300'])
  unregister_netdevice(dev)
  h.settle()
})

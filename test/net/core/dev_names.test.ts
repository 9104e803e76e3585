import t from 'tap'
import {
  __dev_get_by_index,
  __dev_get_by_name,
  dev_alloc_name,
  dev_change_flags,
  dev_change_name,
  dev_set_alias,
  dev_valid_name,
  netdev_altname_add,
  netdev_altname_del,
  register_netdevice,
  unregister_netdevice,
} from '../../../src/net/core/dev.ts'
import { NET_NAME_RENAMED } from '../../../src/net/core/netdevice.ts'
import { EBUSY, EEXIST, EINVAL, ENFILE, ENOENT } from '../../../src/uapi/errno.ts'
import { IFF_UP } from '../../../src/uapi/linux/if.ts'
import { Devices } from './deviceHarness.ts'

t.test('which names are valid', async (t) => {
  for (const name of ['a', 'eth0', 'fifteen-letters', 'a.b', '...', 'eth%d', '\u00e9']) t.equal(dev_valid_name(name), true, name)
  for (const name of ['', '.', '..', 'a/b', 'a:b', 'a b', 'a\tb', 'a\u00a0b', 'sixteen-letters!'])
    t.equal(dev_valid_name(name), false, name)
})

t.test('a template takes the lowest free number', async (t) => {
  const h = new Devices()
  t.equal(h.add('eth%d').name, 'eth0')
  const eth1 = h.add('eth%d')
  t.equal(eth1.name, 'eth1')
  t.equal(h.add('eth%d').name, 'eth2')
  unregister_netdevice(eth1)
  h.settle()
  t.equal(h.add('eth%d').name, 'eth1', 'the gap is filled')
  t.equal(h.add('eth%d').name, 'eth3')
})

t.test('what counts as taken: alternative names do, names that only look like it do not', async (t) => {
  const h = new Devices()
  const dev = h.add('x0')
  for (const name of ['eth0', 'eth01', 'eth2x', 'eth+3', 'eth99999']) netdev_altname_add(dev, name)
  t.equal(h.add('eth%d').name, 'eth1')
  t.equal(h.add('eth%d').name, 'eth2')
  t.equal(h.add('%d').name, '0')
  t.equal(h.add('v%d.5').name, 'v0.5')
})

t.test('bad templates, and one that is used up', async (t) => {
  const h = new Devices()
  for (const name of ['a%s', 'a%d%d', 'a%', '%%', 'a%5d']) t.equal(register_netdevice(h.alloc(name)), EINVAL, name)
  const dev = h.add('full')
  for (let i = 0; i < 32768; i++) h.kernel.init_net.dev_name_head.set(`q${i}`, dev)
  t.equal(dev_alloc_name(h.alloc('x'), 'q%d'), ENFILE)
  t.equal(register_netdevice(h.alloc('full')), EEXIST)
})

t.test('the lowest number that came free is given again, whoever had it', async (t) => {
  const h = new Devices()
  const devices = Array.from({ length: 6 }, () => h.add('n%d'))
  t.strictSame(
    devices.map((dev) => dev.name),
    ['n0', 'n1', 'n2', 'n3', 'n4', 'n5'],
  )
  unregister_netdevice(devices[4])
  t.equal(dev_change_name(devices[2], 'other'), undefined)
  h.settle()
  t.equal(netdev_altname_add(devices[0], 'n2'), undefined)
  t.equal(h.add('n%d').name, 'n4', 'an alternative name is taken')
  t.equal(netdev_altname_del(devices[0], 'n2'), undefined)
  t.equal(h.add('n%d').name, 'n2')
  t.equal(h.add('n%d').name, 'n6')
  for (let i = 0; i < 40; i++) h.add(`t${i}x%d`)
  unregister_netdevice(devices[1])
  h.settle()
  t.equal(h.add('n%d').name, 'n1', 'after many other templates')
})

t.test('indexes: the next one going up, not the lowest; one asked for is EBUSY when taken', async (t) => {
  const h = new Devices()
  const a = h.add('a')
  t.equal(a.ifindex, 2, 'after lo')
  unregister_netdevice(a)
  h.settle()
  t.equal(h.add('b').ifindex, 3, 'a freed index is not used again at once')
  const c = h.alloc('c')
  c.ifindex = 77
  t.equal(register_netdevice(c), undefined)
  t.equal(__dev_get_by_index(h.kernel.init_net, 77), c)
  t.equal(h.add('d').ifindex, 4, 'a chosen index does not move the counter')
  const e = h.alloc('e')
  e.ifindex = 77
  t.equal(register_netdevice(e), EBUSY)
  t.equal(__dev_get_by_name(h.kernel.init_net, 'e'), undefined)
  h.kernel.init_net.ifindex = 0x7fffffff
  t.equal(h.add('last').ifindex, 0x7fffffff)
  t.equal(h.add('round').ifindex, 2, 'after the last comes the first free one')
})

t.test('rename: while up too; listeners hear once; taken, equal and bad names', async (t) => {
  const h = new Devices()
  const dev = h.add('dum0')
  const other = h.add('other')
  dev_change_flags(dev, dev.flags | IFF_UP)
  h.log()
  t.equal(dev_change_name(dev, 'dum1'), undefined)
  t.same(h.log(), ['# dum1: renamed from dum0 (while UP)', '> NEWLINK dum1 flags=11043 change=0', 'CHANGENAME dum1'])
  t.equal(__dev_get_by_name(h.kernel.init_net, 'dum0'), undefined)
  t.equal(__dev_get_by_name(h.kernel.init_net, 'dum1'), dev)
  t.equal(dev.name_assign_type, NET_NAME_RENAMED)
  t.equal(dev_change_name(dev, 'dum1'), undefined)
  t.equal(dev_change_name(dev, 'other'), EEXIST)
  t.equal(dev_change_name(dev, 'a/b'), EINVAL)
  t.equal(dev_change_name(dev, 'eth%d'), undefined)
  t.equal(dev.name, 'eth0')
  t.equal(other.name, 'other')
})

t.test('a refused rename is taken back, and the listeners hear the old name', async (t) => {
  const h = new Devices()
  const dev = h.add('a')
  h.recorder.vetoes.set('CHANGENAME b', EBUSY)
  t.equal(dev_change_name(dev, 'b'), EBUSY)
  t.same(h.log(), [
    '# b: renamed from a',
    '> NEWLINK b flags=1002 change=0',
    'CHANGENAME b',
    '> NEWLINK a flags=1002 change=0',
    'CHANGENAME a',
  ])
  t.equal(__dev_get_by_name(h.kernel.init_net, 'a'), dev)
  t.equal(__dev_get_by_name(h.kernel.init_net, 'b'), undefined)
})

t.test('alternative names are found like names and belong to one device', async (t) => {
  const h = new Devices()
  const dev = h.add('a')
  const other = h.add('b')
  t.equal(netdev_altname_add(dev, 'a-long-name-that-no-device-could-have'), undefined)
  t.equal(__dev_get_by_name(h.kernel.init_net, 'a-long-name-that-no-device-could-have'), dev)
  t.equal(netdev_altname_add(other, 'a-long-name-that-no-device-could-have'), EEXIST)
  t.equal(netdev_altname_add(other, 'a'), EEXIST)
  t.equal(netdev_altname_del(other, 'a-long-name-that-no-device-could-have'), EINVAL)
  t.equal(netdev_altname_del(dev, 'a'), EINVAL, 'not the name itself')
  t.equal(netdev_altname_del(dev, 'nope'), ENOENT)
  netdev_altname_add(dev, 'c')
  t.equal(dev_change_name(dev, 'c'), EEXIST, 'its own alternative name is taken as well')
  t.equal(netdev_altname_del(dev, 'c'), undefined)
  t.equal(__dev_get_by_name(h.kernel.init_net, 'c'), undefined)
})

t.test('alias', async (t) => {
  const h = new Devices()
  const dev = h.add('a')
  t.equal(dev_set_alias(dev, 'uplink'), undefined)
  t.equal(dev.ifalias, 'uplink')
  t.equal(dev_set_alias(dev, ''), undefined)
  t.equal(dev.ifalias, undefined)
  t.equal(dev_set_alias(dev, 'x'.repeat(256)), EINVAL)
})

import t from 'tap'
import { notifier_block } from '../../../src/kernel/notifier.ts'
import { RandomStream } from '../../../src/lib/random.ts'
import {
  dev_open,
  netdev_has_upper_dev,
  netdev_lower_dev_get_private,
  netdev_master_upper_dev_get,
  netdev_master_upper_dev_link,
  netdev_upper_dev_link,
  netdev_upper_dev_unlink,
  register_netdevice_notifier,
  register_netdevice_notifier_net,
  unregister_netdevice_notifier,
} from '../../../src/net/core/dev.ts'
import type { net_device } from '../../../src/net/core/netdevice.ts'
import { EBUSY, EEXIST, EMLINK, ENOENT, EPERM } from '../../../src/uapi/errno.ts'
import { Devices, Recorder, record } from './deviceHarness.ts'

t.test('a late subscriber hears of the devices that are there, and again when it leaves', async (t) => {
  const h = new Devices()
  dev_open(h.add('a'))
  h.add('b')
  const late = new Recorder()
  const nb = new notifier_block(record, late)
  t.equal(register_netdevice_notifier(h.kernel, nb), undefined)
  t.same(late.lines.splice(0), ['REGISTER lo', 'REGISTER a', 'UP a', 'REGISTER b'])
  t.equal(register_netdevice_notifier(h.kernel, nb), EEXIST)
  unregister_netdevice_notifier(h.kernel, nb)
  t.same(late.lines, ['UNREGISTER lo', 'GOING_DOWN a', 'DOWN a', 'UNREGISTER a', 'UNREGISTER b'])
  t.equal(unregister_netdevice_notifier(h.kernel, nb), ENOENT)
})

t.test('its refusal undoes what it was told and leaves it out', async (t) => {
  const h = new Devices()
  dev_open(h.add('a'))
  h.add('b')
  const late = new Recorder()
  late.vetoes.set('REGISTER b', EPERM)
  t.equal(register_netdevice_notifier(h.kernel, new notifier_block(record, late)), EPERM)
  t.same(late.lines.splice(0), [
    'REGISTER lo',
    'REGISTER a',
    'UP a',
    'REGISTER b',
    'GOING_DOWN a',
    'DOWN a',
    'UNREGISTER a',
    'UNREGISTER lo',
  ])
  h.add('c')
  t.same(late.lines, [])
})

t.test('a namespace\u2019s own chain comes first, and a stop there keeps the event from the others', async (t) => {
  const h = new Devices()
  const own = new Recorder()
  register_netdevice_notifier_net(h.kernel.init_net, new notifier_block(record, own))
  own.lines = []
  own.vetoes.set('PRE_UP a', EPERM)
  const dev = h.add('a')
  t.equal(dev_open(dev), EPERM)
  t.same(own.lines, ['POST_INIT a', 'REGISTER a', 'PRE_UP a'])
  t.same(h.log(), [])
})

t.test('uppers and masters', async (t) => {
  const h = new Devices()
  const [a, b, br, br2] = ['a', 'b', 'br', 'br2'].map((name) => h.add(name))
  t.equal(netdev_upper_dev_link(a, b), undefined)
  t.same(h.log(), ['PRECHANGEUPPER a', '> NEWLINK a flags=1002 change=0', 'CHANGEUPPER a'])
  t.equal(netdev_master_upper_dev_link(a, br, { port: 1 }, undefined), undefined)
  t.same(
    a.upper.map((adj) => adj.dev.name),
    ['br', 'b'],
    'the master first',
  )
  t.equal(netdev_master_upper_dev_get(a), br)
  t.same(netdev_lower_dev_get_private(br, a), { port: 1 })
  t.equal(netdev_master_upper_dev_link(a, br, undefined, undefined), EEXIST)
  t.equal(netdev_master_upper_dev_link(a, br2, undefined, undefined), EBUSY)
  t.equal(netdev_upper_dev_link(a, b), EEXIST)
  t.equal(netdev_upper_dev_link(a, a), EBUSY)
  t.equal(netdev_upper_dev_link(b, a), EBUSY, 'a loop')
  t.equal(netdev_upper_dev_link(b, br2), undefined)
  t.equal(netdev_has_upper_dev(a, br2), true, 'through b')
  t.equal(netdev_upper_dev_link(br2, a), EBUSY, 'a longer loop')
  netdev_upper_dev_unlink(a, br)
  t.equal(netdev_master_upper_dev_get(a), undefined)
  t.same(br.lower, [])
})

t.test('who refuses an upper device, before and after', async (t) => {
  const h = new Devices()
  const a = h.add('a')
  const b = h.add('b')
  for (const event of ['PRECHANGEUPPER', 'CHANGEUPPER']) {
    h.recorder.vetoes.set(`${event} a`, EPERM)
    t.equal(netdev_upper_dev_link(a, b), EPERM)
    t.same([a.upper, b.lower], [[], []])
    h.recorder.vetoes.clear()
  }
})

t.test('devices pile up eight high', async (t) => {
  const h = new Devices()
  const pile = Array.from({ length: 9 }, (_, i) => h.add(`p${i}`))
  for (let i = 1; i < 8; i++) t.equal(netdev_upper_dev_link(pile[i - 1], pile[i]), undefined)
  t.equal(netdev_upper_dev_link(pile[7], pile[8]), EMLINK)
  netdev_upper_dev_unlink(pile[3], pile[4])
  t.equal(netdev_upper_dev_link(pile[7], pile[8]), undefined)
})

t.test('each knows how high the pile upon it is, and how deep the one below', async (t) => {
  const h = new Devices()
  const random = new RandomStream(1, 'piles')
  const all = Array.from({ length: 10 }, (_, i) => h.add(`p${i}`))
  const one = () => all[random.below(all.length)]
  const high = (dev: net_device): number => 1 + Math.max(0, ...dev.upper.map((adj) => high(adj.dev)))
  const deep = (dev: net_device): number => 1 + Math.max(0, ...dev.lower.map((adj) => deep(adj.dev)))
  for (let step = 0; step < 400; step++) {
    const [dev, other] = [one(), one()]
    if (dev.upper.some((adj) => adj.dev === other)) netdev_upper_dev_unlink(dev, other)
    else netdev_upper_dev_link(dev, other)
    const wrong = all.filter((d) => d.upper_level !== high(d) || d.lower_level !== deep(d))
    if (wrong.length > 0) return t.fail(`step ${step}: ${wrong[0].name}`)
  }
})

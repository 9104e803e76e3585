/** The end of a device that is still held: netdev_run_todo(), netdev_wait_allrefs_any(). */
import t from 'tap'
import { NOTIFY_DONE, notifier_block } from '../../../src/kernel/notifier.ts'
import {
  dev_hold,
  dev_open,
  dev_put,
  netif_carrier_off,
  register_netdevice_notifier,
  unregister_netdevice,
  unregister_netdevice_many,
  unregister_netdevice_queue,
} from '../../../src/net/core/dev.ts'
import {
  NETDEV_UNREGISTER,
  NETREG_RELEASED,
  NETREG_UNREGISTERED,
  NETREG_UNREGISTERING,
  type net_device,
} from '../../../src/net/core/netdevice.ts'
import { Devices } from './deviceHarness.ts'

t.test('held: rebroadcast each second, a line each ten, and the end soon after the last reference goes', async (t) => {
  const h = new Devices()
  const dev = h.add('d0')
  dev.needs_free_netdev = true
  dev_hold(dev)
  dev_hold(dev)
  unregister_netdevice(dev)
  t.equal(dev.reg_state, NETREG_UNREGISTERING)
  h.settle()
  t.equal(dev.reg_state, NETREG_UNREGISTERED, 'nothing waits: the request ends')
  t.equal(h.kernel.init_net.dev_unreg_count, 1)
  h.log()
  h.pass(990)
  t.same(h.log(), [])
  h.pass(300)
  t.same(h.log(), ['UNREGISTER d0'])
  h.pass(8500)
  t.same(new Set(h.log()), new Set(['UNREGISTER d0']))
  h.pass(600)
  t.ok(h.log().includes('# unregister_netdevice: waiting for d0 to become free. Usage count = 3'))
  dev_put(dev)
  h.pass(10500)
  t.same(
    h.log().filter((l) => l.startsWith('#')),
    ['# unregister_netdevice: waiting for d0 to become free. Usage count = 2'],
  )
  dev_put(dev)
  h.pass(250)
  t.equal(dev.reg_state, NETREG_RELEASED)
  t.equal(h.kernel.init_net.dev_unreg_count, 0)
  t.equal(h.kernel.netdev.waits.length, 0)
  t.equal(h.kernel.events.nextAt(), undefined)
})

/** A subscriber that lets go only when told again. */
export function let_go_late(nb: notifier_block, event: number, { dev }: { dev: net_device }): number {
  const told = nb.data as Map<string, number>
  if (event === NETDEV_UNREGISTER) {
    const times = (told.get(dev.name) ?? 0) + 1
    told.set(dev.name, times)
    if (times === 2) dev_put(dev)
  }
  return NOTIFY_DONE
}
t.test('the rebroadcast reaches who missed it the first time', async (t) => {
  const h = new Devices()
  const dev = h.add('d0')
  register_netdevice_notifier(h.kernel, new notifier_block(let_go_late, new Map()))
  dev.needs_free_netdev = true
  dev_hold(dev)
  unregister_netdevice(dev)
  h.settle()
  h.pass(2000)
  t.equal(dev.reg_state, NETREG_RELEASED)
})

t.test('devices that are free do not wait for one that is held', async (t) => {
  const h = new Devices()
  const a = h.add('a')
  const b = h.add('b')
  dev_hold(a)
  const list: net_device[] = []
  unregister_netdevice_queue(a, list)
  unregister_netdevice_queue(b, list)
  unregister_netdevice_queue(a, list)
  t.same(
    list.map((d) => d.name),
    ['b', 'a'],
    'queued again: moved to the end',
  )
  a.needs_free_netdev = b.needs_free_netdev = true
  unregister_netdevice_many(list)
  h.settle()
  t.same([a.reg_state, b.reg_state], [NETREG_UNREGISTERED, NETREG_RELEASED])
})

t.test('a pending link event does not hold its device', async (t) => {
  const h = new Devices()
  const dev = h.add('d0')
  dev_open(dev)
  netif_carrier_off(dev)
  t.equal(dev.refcnt, 1)
  dev.needs_free_netdev = true
  unregister_netdevice(dev)
  h.settle()
  t.equal(dev.reg_state, NETREG_RELEASED)
})

/** /sys/power: a test per row of suspend.ts's table, as a program sees it, with an 82559, a virtio NIC and what they do. */
import t from 'tap'
import { pci_dev } from '../../src/drivers/pci/pci.ts'
import { NSEC_PER_SEC } from '../../src/kernel/time.ts'
import type { Host } from '../../src/lab/host.ts'
import { Lab } from '../../src/lab/lab.ts'
import { dev_open } from '../../src/net/core/dev.ts'
import { netif_device_present } from '../../src/net/core/link_watch.ts'
import type { net_device } from '../../src/net/core/netdevice.ts'
import { EIO } from '../../src/uapi/errno.ts'
import { cat, echo, ls, nobody } from './support.ts'

const NICS = ['eth0', 'eth1']

function machine(): Host {
  const lab = new Lab()
  const host = lab.addHost('h', { devices: [{ name: 'eth0' }, { name: 'eth1', model: 'virtio-net' }] })
  for (const name of NICS) dev_open(device(host, name))
  lab.advance(NSEC_PER_SEC)
  return host
}
const device = (host: Host, name: string) => host.kernel.init_net.dev_name_head.get(name) as net_device
const power = (host: Host, file: string) => cat(host.task(), `/sys/power/${file}`)
const write = (host: Host, file: string, text: string) => echo(host.task(), text, `/sys/power/${file}`)
const present = (host: Host) => NICS.map((name) => netif_device_present(device(host, name)))
const log = (host: Host) => host.dmesg().map((line) => line.replace(/^\[.*?\] /, ''))
/** The machine says the same when it is awake again, whatever woke it; links come up after that. */
const AWAKE = ['OOM killer enabled.', 'Restarting tasks ... done.', 'PM: suspend exit']

t.test('the files and what they say after boot', async (t) => {
  const host = machine()
  t.same(
    Object.fromEntries(['state', 'mem_sleep', 'pm_test', 'pm_async', 'wakeup_count', 'pm_wakeup_irq'].map((f) => [f, power(host, f)])),
    {
      state: 'freeze mem\n',
      mem_sleep: 's2idle [deep]\n',
      pm_test: '[none] core processors platform devices freezer\n',
      pm_async: '1\n',
      wakeup_count: '0\n',
      pm_wakeup_irq: 'ENODATA',
    },
  )
  t.equal((ls(host.task(), '/sys/power/suspend_stats') as string[]).length, 13)
  t.equal(echo(nobody(host.kernel), 'freeze', '/sys/power/state'), 'EACCES')
})
t.test('what it refuses', async (t) => {
  const host = machine()
  for (const text of ['bogus', 'freezer', '\n', 'freez', 'disk']) t.equal(write(host, 'state', text), 'EINVAL', text)
  t.match(host.kernel.unsupported.toJson(), [{ kind: 'sysfs', what: 'power/state disk', count: 1 }])
  for (const file of ['pm_test', 'mem_sleep']) t.equal(write(host, file, 'bogus'), 'EINVAL')
  t.equal(write(host, 'pm_async', '2'), 'EINVAL')
  t.equal(write(host, 'wakeup_count', '5'), 'EINVAL', 'it is not the count')
  t.equal(write(host, 'wakeup_count', '0'), 1)
  t.same(present(host), [true, true])
})

t.test('awake, all drivers let go: asleep; asleep, once more: EBUSY; woken: as before', async (t) => {
  for (const state of ['freeze\n', 'mem']) {
    const host = machine()
    t.equal(write(host, 'state', state), state.length)
    t.equal(host.asleep, true)
    t.same(present(host), [false, false])
    t.equal(write(host, 'state', 'mem'), 'EBUSY')
    host.lab.advance(60 * NSEC_PER_SEC)
    t.equal(host.asleep, true, 'until somebody wakes it')
    host.resume()
    t.same(present(host), [true, true])
    t.equal(power(host, 'suspend_stats/success'), '1\n')
    t.match(log(host).join('\n'), state === 'mem' ? 'PM: suspend entry (deep)' : 'PM: suspend entry (s2idle)')
    t.same(
      log(host)
        .filter((line) => !line.startsWith('e100'))
        .slice(-3),
      AWAKE,
    )
  }
})
t.test('awake, a test of devices or platform: asleep for as long as it lasts', async (t) => {
  for (const level of ['devices', 'platform']) {
    const host = machine()
    t.equal(write(host, 'pm_test', `${level}\n`), level.length + 1)
    t.match(power(host, 'pm_test'), `[${level}]`)
    t.equal(write(host, 'state', 'freeze'), 6)
    t.same(present(host), [false, false])
    t.equal(log(host).at(-1), 'PM: suspend debug: Waiting for 5 second(s).')
    host.lab.advance(5 * NSEC_PER_SEC - 1)
    t.equal(host.asleep, true)
    host.lab.advance(1)
    t.equal(host.asleep, false)
    t.same(present(host), [true, true])
    t.same(
      log(host)
        .filter((line) => !line.startsWith('e100'))
        .slice(-3),
      AWAKE,
    )
  }
})
t.test('awake, a test of the freezer: the devices stay; the delay is a parameter', async (t) => {
  const host = machine()
  t.equal(echo(host.task(), '1', '/sys/module/suspend/parameters/pm_test_delay'), 1)
  write(host, 'pm_test', 'freezer')
  write(host, 'state', 'freeze')
  t.same(present(host), [true, true])
  t.same(log(host).slice(-7), [
    'Filesystems sync: 0.000 seconds',
    'Freezing user space processes',
    'Freezing user space processes completed (elapsed 0.000 seconds)',
    'OOM killer disabled.',
    'Freezing remaining freezable tasks',
    'Freezing remaining freezable tasks completed (elapsed 0.000 seconds)',
    'PM: suspend debug: Waiting for 1 second(s).',
  ])
  host.lab.advance(NSEC_PER_SEC)
  t.equal(host.asleep, false)
})
t.test('awake, to idle with a test of core or processors: there is no such step; to RAM there is', async (t) => {
  const host = machine()
  for (const level of ['core', 'processors']) {
    write(host, 'pm_test', level)
    t.equal(write(host, 'state', 'freeze'), 'EAGAIN')
    t.same(present(host), [true, true])
  }
  t.same([power(host, 'suspend_stats/fail'), power(host, 'suspend_stats/last_failed_errno')], ['2\n', '-11\n'])
  write(host, 'state', 'mem')
  t.equal(host.asleep, true)
  host.lab.advance(5 * NSEC_PER_SEC)
  t.equal(host.asleep, false)
})

const stubborn = { name: 'stubborn', id_table: [], probe: () => undefined, remove: () => {}, suspend: () => EIO }
t.test('awake, a driver refuses: what slept is awake again, and who it was stands in the statistics', async (t) => {
  const host = machine()
  const first = new pci_dev(host.kernel, 1 << 3)
  first.driver = stubborn
  host.kernel.pci?.devices.unshift(first)
  t.equal(write(host, 'state', 'mem'), 'EIO')
  t.equal(host.asleep, false)
  t.same(present(host), [true, true])
  const stats = ['fail', 'failed_suspend', 'last_failed_dev', 'last_failed_errno', 'last_failed_step']
  t.same(
    stats.map((file) => power(host, `suspend_stats/${file}`)),
    ['1\n', '1\n', '0000:00:01.0\n', '-5\n', 'suspend\n'],
  )
  t.match(log(host).join('\n'), 'stubborn 0000:00:01.0: PM: failed to suspend: error -5')
})
t.test('asleep, saved and loaded: it sleeps on, and a test ends in its time', async (t) => {
  const host = machine()
  write(host, 'pm_test', 'devices')
  write(host, 'state', 'mem')
  const copy = Lab.load(host.lab.save()).host('h')
  t.equal(copy.asleep, true)
  copy.lab.advance(5 * NSEC_PER_SEC)
  t.equal(copy.asleep, false)
  t.same(present(copy), [true, true])
})

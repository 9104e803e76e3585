/** Directories of devices in /proc/sys/net/{ipv4,ipv6}/{conf,neigh}: there for as long as the device, under its name. */
import t from 'tap'
import { Lab } from '../../src/lab/lab.ts'
import { dev_change_name, unregister_netdev } from '../../src/net/core/dev.ts'
import { __dev_get_by_name } from '../../src/net/core/dev_state.ts'
import type { net_device } from '../../src/net/core/netdevice.ts'
import { Program } from '../lab/program.ts'
import { cat, echo, ls, root } from './support.ts'

t.test('they follow the device', async (t) => {
  const host = new Lab({ time: 'virtual' }).addHost('a', { devices: [] })
  const ip = new Program(host, 100)
  ip.addLink('x0', 'dummy')
  ip.addLink('x1', 'dummy')
  const task = root(host.kernel)
  const dev = __dev_get_by_name(host.kernel.init_net, 'x0') as net_device
  const listed = () =>
    ['ipv4/conf', 'ipv4/neigh', 'ipv6/conf', 'ipv6/neigh'].map((path) => (ls(task, `/proc/sys/net/${path}`) as string[]).join(' '))
  const all = (names: string) => [`all default ${names}`, `default ${names}`, `all default ${names}`, `default ${names}`]
  t.same(listed(), all('lo x0 x1'))

  for (const path of [
    'ipv4/conf/x0/arp_ignore',
    'ipv4/neigh/x0/ucast_solicit',
    'ipv6/conf/x0/dad_transmits',
    'ipv6/neigh/x0/ucast_solicit',
  ]) {
    const other = cat(task, `/proc/sys/net/${path.replace('x0', 'x1')}`)
    t.equal(echo(task, '5\n', `/proc/sys/net/${path}`), 2)
    t.equal(cat(task, `/proc/sys/net/${path}`), '5\n')
    t.equal(cat(task, `/proc/sys/net/${path.replace('x0', 'x1')}`), other, 'not the other’s')
  }
  t.equal(dev_change_name(dev, 'y0'), undefined)
  t.same(listed(), all('lo x1 y0'))
  t.equal(cat(task, '/proc/sys/net/ipv4/neigh/y0/ucast_solicit'), '5\n')
  t.equal(cat(task, '/proc/sys/net/ipv4/conf/x0/arp_ignore'), 'ENOENT')
  unregister_netdev(dev)
  t.same(listed(), all('lo x1'))
})

t.test('a default that is set later reaches who has chosen nothing', async (t) => {
  const host = new Lab({ time: 'virtual' }).addHost('a', { devices: [] })
  const ip = new Program(host, 100)
  for (const name of ['x0', 'x1']) ip.addLink(name, 'dummy')
  const task = root(host.kernel)
  const values = (path: string) =>
    ['default', 'x0', 'x1', 'x2'].map((name) => cat(task, `/proc/sys/net/${path.replace('*', name)}`)?.trim())
  echo(task, '1\n', '/proc/sys/net/ipv4/conf/x1/arp_notify')
  echo(task, '2\n', '/proc/sys/net/ipv4/conf/default/arp_notify')
  ip.addLink('x2', 'dummy')
  t.same(values('ipv4/conf/*/arp_notify'), ['2', '2', '1', '2'])
  echo(task, '9\n', '/proc/sys/net/ipv6/conf/default/dad_transmits')
  t.same(values('ipv6/conf/*/dad_transmits'), ['9', '1', '1', '1'])
})

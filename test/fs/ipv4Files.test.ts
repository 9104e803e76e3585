import t from 'tap'
import { unregister_netdevice } from '../../src/net/core/dev.ts'
import { Ioctls } from '../net/core/ioctlHarness.ts'
import { cat, echo, ls, nobody } from './support.ts'

/** A host whose dum0 has an address and is up, as ifconfig does it. */
function withAddress(): Ioctls {
  const h = new Ioctls('inet')
  h.dummy('dum0')
  h.ifreq(0x8916, 'dum0', `02000000${'0a020001'}${'00'.repeat(8)}`)
  h.ifreq(0x8914, 'dum0', 'c300')
  return h
}

t.test('/proc/net/route: what the address implies, padded to 127', async (t) => {
  const h = withAddress()
  const [header, line, end] = (cat(h.task, '/proc/net/route') as string).split('\n')
  t.equal(header, 'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT'.padEnd(127))
  t.equal(line, 'dum0\t0000000A\t00000000\t0001\t0\t0\t0\t000000FF\t0\t0\t0'.padEnd(127))
  t.equal(end, '')
})

t.test('/proc/net/igmp: every device that is up hears all hosts', async (t) => {
  const h = withAddress()
  t.equal(
    cat(h.task, '/proc/net/igmp'),
    'Idx\tDevice    : Count Querier\tGroup    Users Timer\tReporter\n2\tdum0      :     1      V3\n\t\t\t\t010000E0     1 0:00000000\t\t0\n',
  )
  t.equal(cat(h.task, '/proc/net/dev_mcast'), '2    dum0            1     0     01005e000001\n')
})

t.test('settings of a device come with it, follow its name and go with it', async (t) => {
  const h = new Ioctls('inet')
  const dev = h.dummy('dum0')
  t.equal((ls(h.task, '/proc/sys/net/ipv4/conf/dum0') as string[]).length, 33)
  t.same(ls(h.task, '/proc/sys/net/ipv4/conf'), ['all', 'default', 'dum0', 'lo'])
  t.equal(echo(h.task, '1\n', '/proc/sys/net/ipv4/conf/dum0/promote_secondaries'), 2)
  t.equal(echo(h.task, 'bogus\n', '/proc/sys/net/ipv4/conf/dum0/rp_filter'), 'EINVAL')
  t.equal(echo(nobody(h.kernel), '1\n', '/proc/sys/net/ipv4/ip_forward'), 'EACCES')
  h.ifreq(0x8923, 'dum0', Buffer.from('net7\0').toString('hex'))
  t.same(ls(h.task, '/proc/sys/net/ipv4/conf'), ['all', 'default', 'lo', 'net7'])
  t.equal(cat(h.task, '/proc/sys/net/ipv4/conf/net7/promote_secondaries'), '1\n')
  unregister_netdevice(dev)
  t.same(ls(h.task, '/proc/sys/net/ipv4/conf'), ['all', 'default', 'lo'])
  t.same(h.kernel.unsupported.toJson(), [])
})

t.test('forwarding of all goes to every device, through either file', async (t) => {
  const h = new Ioctls('inet')
  h.dummy('dum0')
  const conf = (name: string) => cat(h.task, `/proc/sys/net/ipv4/conf/${name}/forwarding`)
  t.equal(echo(h.task, '1\n', '/proc/sys/net/ipv4/ip_forward'), 2)
  t.same(['all', 'default', 'dum0', 'lo'].map(conf), ['1\n', '1\n', '1\n', '1\n'])
  t.equal(echo(h.task, '0\n', '/proc/sys/net/ipv4/conf/dum0/forwarding'), 2)
  t.same([cat(h.task, '/proc/sys/net/ipv4/ip_forward'), conf('dum0'), conf('lo')], ['1\n', '0\n', '1\n'])
})

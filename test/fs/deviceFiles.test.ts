import t from 'tap'
import { dev_change_flags, netdev_upper_dev_link } from '../../src/net/core/dev.ts'
import { copy_net_ns } from '../../src/net/core/net_namespace.ts'
import { isErrno } from '../../src/uapi/errno.ts'
import { Ioctls } from '../net/core/ioctlHarness.ts'
import { cat, echo, ls, root } from './support.ts'

t.test('/proc/net/dev to the byte, in order of ifindex', async (t) => {
  const h = new Ioctls()
  const dev = h.dummy('dum0')
  h.dummy('a-very-long-nam', '020000000302')
  Object.assign(dev.stats, { rx_packets: 1 })
  h.kernel.init_net.dev_list = [...h.kernel.init_net.dev_base_head].reverse()
  t.equal(
    cat(h.task, '/proc/net/dev'),
    [
      'Inter-|   Receive                                                |  Transmit\n',
      ' face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed\n',
      '    lo:       0       0    0    0    0     0          0         0        0       0    0    0    0     0       0          0\n',
      '  dum0:       0       0    0    0    0     0          0         0        0       0    0    0    0     0       0          0\n',
      'a-very-long-nam:       0       0    0    0    0     0          0         0        0       0    0    0    0     0       0          0\n',
    ].join(''),
  )
})

t.test('/proc/net/dev_mcast: no header, a line an address', async (t) => {
  const h = new Ioctls()
  const dev = h.dummy('dum0')
  h.ifreq(0x8931, 'dum0', '0000' + '333300000099')
  t.equal(cat(h.task, '/proc/net/dev_mcast'), `${dev.ifindex}    dum0            1     1     333300000099\n`)
})

t.test('the other files of the device core', async (t) => {
  const h = new Ioctls()
  t.equal(cat(h.task, '/proc/net/softnet_stat'), `${Array(15).fill('00000000').join(' ')}\n`)
  t.equal(cat(h.task, '/proc/net/psched'), '000003e8 00000040 000f4240 3b9aca00\n')
  t.match(cat(h.task, '/proc/net/ptype'), /^Type Device {6}Function\n/)
  t.match(cat(h.task, '/proc/net/netlink'), /^sk {15}Eth Pid {8}Groups {3}Rmem {5}Wmem {5}Dump {2}Locks {4}Drops {4}Inode\n/)
  t.equal(cat(h.task, '/proc/net/arp'), 'IP address       HW type     Flags       HW address            Mask     Device\n')
  t.equal(cat(h.task, '/proc/net/igmp'), 'Idx\tDevice    : Count Querier\tGroup    Users Timer\tReporter\n')
  t.match(cat(h.task, '/proc/net/route'), /^Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT {55}\n/)
})

// name → text for a dummy that is down; as measured on Linux 6.12
const dummyFiles: Record<string, string> = {
  addr_assign_type: '1',
  addr_len: '6',
  address: '02:00:00:00:03:01',
  broadcast: 'ff:ff:ff:ff:ff:ff',
  carrier_changes: '0',
  carrier_down_count: '0',
  carrier_up_count: '0',
  dev_id: '0x0',
  dev_port: '0',
  flags: '0x82',
  gro_flush_timeout: '0',
  iflink: '2',
  ifindex: '2',
  link_mode: '0',
  mtu: '1500',
  name_assign_type: '3',
  napi_defer_hard_irqs: '0',
  netdev_group: '0',
  operstate: 'down',
  proto_down: '0',
  threaded: '0',
  tx_queue_len: '1000',
  type: '1',
  'power/control': 'auto',
  'power/runtime_status': 'unsupported',
  'queues/tx-0/tx_maxrate': '0',
  'queues/rx-0/rps_cpus': '0',
  'statistics/rx_packets': '0',
  'statistics/tx_window_errors': '0',
}
const dummyErrors: Record<string, string> = {
  carrier: 'EINVAL',
  dormant: 'EINVAL',
  testing: 'EINVAL',
  speed: 'EINVAL',
  duplex: 'EINVAL',
  phys_port_id: 'EOPNOTSUPP',
  phys_port_name: 'EOPNOTSUPP',
  phys_switch_id: 'EOPNOTSUPP',
  'power/autosuspend_delay_ms': 'EIO',
  'queues/tx-0/xps_cpus': 'ENOENT',
  group: 'ENOENT',
  bridge: 'ENOENT',
  'mtu/x': 'ENOTDIR',
}
t.test('/sys/class/net of a dummy', async (t) => {
  const h = new Ioctls()
  h.dummy('dum0')
  for (const [name, text] of Object.entries(dummyFiles)) t.equal(cat(h.task, `/sys/class/net/dum0/${name}`), `${text}\n`, name)
  for (const [name, error] of Object.entries(dummyErrors)) t.equal(cat(h.task, `/sys/class/net/dum0/${name}`), error, name)
  t.equal(cat(h.task, '/sys/class/net/dum0/uevent'), 'INTERFACE=dum0\nIFINDEX=2\n')
  t.equal(cat(h.task, '/sys/class/net/dum0/ifalias'), '', 'nothing at all, not even a line')
  t.equal((ls(h.task, '/sys/class/net/dum0/statistics') as string[]).length, 24)
  // as getdents(2) gave them on Linux
  t.same(ls(h.task, '/sys/class/net/dum0'), [
    'uevent',
    'carrier_changes',
    'testing',
    'carrier',
    'dev_id',
    'carrier_down_count',
    'proto_down',
    'address',
    'operstate',
    'phys_switch_id',
    'link_mode',
    'dormant',
    'statistics',
    'mtu',
    'gro_flush_timeout',
    'power',
    'carrier_up_count',
    'ifalias',
    'speed',
    'netdev_group',
    'napi_defer_hard_irqs',
    'phys_port_name',
    'ifindex',
    'broadcast',
    'type',
    'dev_port',
    'phys_port_id',
    'queues',
    'name_assign_type',
    'duplex',
    'addr_assign_type',
    'addr_len',
    'threaded',
    'tx_queue_len',
    'iflink',
    'flags',
    'subsystem',
  ])
  t.same(h.kernel.unsupported.toJson(), [])
})

t.test('devices are links into /sys/devices, which follow renames and relations', async (t) => {
  const h = new Ioctls()
  const [a, b] = [h.dummy('dum0'), h.dummy('dum1', '020000000302')]
  const link = (path: string) => {
    const node = h.kernel.fs.lookup(h.task, path, false)
    return isErrno(node) ? node.name : node?.target
  }
  t.equal(link('/sys/class/net/dum0'), '../../devices/virtual/net/dum0')
  t.equal(link('/sys/devices/virtual/net/dum0/subsystem'), '../../../../class/net')
  t.same(ls(h.task, '/sys/class/net/dum0/subsystem'), ['lo', 'dum0', 'dum1'])
  t.same(ls(h.task, '/sys/devices/virtual/net'), ['lo', 'dum0', 'dum1'])
  t.same(ls(h.task, '/sys/class/net/dum0/..'), ['lo', 'dum0', 'dum1'])
  t.equal(cat(h.task, '/sys/devices/virtual/net/eth9/mtu'), 'ENOENT', "the machine's own devices are not seen")
  netdev_upper_dev_link(a, b)
  t.equal(link('/sys/class/net/dum0/upper_dum1'), '../dum1')
  t.equal(cat(h.task, '/sys/class/net/dum0/upper_dum1/lower_dum0/mtu'), '1500\n')
  h.ifreq(0x8923, 'dum0', Buffer.from('net7\0').toString('hex'))
  t.equal(cat(h.task, '/sys/class/net/dum0/mtu'), 'ENOENT')
  t.equal(cat(h.task, '/sys/class/net/net7/name_assign_type'), '4\n')
})

t.test('files that are written have their effect', async (t) => {
  const h = new Ioctls()
  const dev = h.dummy('dum0')
  const file = (name: string) => `/sys/class/net/dum0/${name}`
  const rows: [string, string, number | string][] = [
    ['mtu', '1400\n', 5],
    ['mtu', '0x500', 5],
    ['mtu', 'bogus\n', 'EINVAL'],
    ['mtu', '99999999999999999999\n', 'ERANGE'],
    ['mtu', '', 'EINVAL'],
    ['tx_queue_len', '5\n', 2],
    ['netdev_group', '7\n', 2],
    ['ifalias', 'alias1\n', 7],
    ['flags', '0x1003\n', 7],
    ['carrier', '0\n', 2],
    ['address', '1', 'EACCES'],
    ['group', '9\n', 'ENOENT'],
    ['threaded', '1\n', 'EOPNOTSUPP'],
    ['threaded', '0\n', 2],
    ['proto_down', '1\n', 'EOPNOTSUPP'],
  ]
  for (const [name, text, result] of rows) t.equal(echo(h.task, text, file(name)), result, `${name} ${text}`)
  t.match(dev, { mtu: 0x500, tx_queue_len: 5, group: 7, ifalias: 'alias1', flags: 0x1003 })
  t.equal(cat(h.task, file('ifalias')), 'alias1\n')
  t.equal(cat(h.task, file('carrier')), '0\n')
  t.same(h.kernel.unsupported.toJson(), [{ kind: 'sysfs', what: 'threaded', count: 1 }])
})

t.test('an action written to uevent is heard again', async (t) => {
  const h = new Ioctls()
  h.dummy('dum0')
  const heard: string[][] = []
  h.kernel.trace = {
    netlink_multicast: (_k, _n, protocol, _g, _p, data) => {
      if (protocol === 15) heard.push(Buffer.from(data).toString('latin1').split('\0').slice(0, -2))
    },
  }
  const uevent = (text: string) => echo(h.task, text, '/sys/class/net/dum0/uevent')
  t.equal(uevent('add\n'), 4)
  t.equal(uevent('change fe4d7c9d-b8c6-4a70-9ef1-3d8a58d18eed A=1 B=abc'), 53)
  for (const text of ['nonsense\n', '', '\n', 'add x', 'add fe4d7c9d-b8c6-4a70-9ef1-3d8a58d18eed A=-'])
    t.equal(uevent(text), 'EINVAL', text)
  const head = (action: string) => [
    `${action}@/devices/virtual/net/dum0`,
    `ACTION=${action}`,
    'DEVPATH=/devices/virtual/net/dum0',
    'SUBSYSTEM=net',
  ]
  const uuid = 'SYNTH_UUID=fe4d7c9d-b8c6-4a70-9ef1-3d8a58d18eed'
  t.same(heard, [
    [...head('add'), 'SYNTH_UUID=0', 'INTERFACE=dum0', 'IFINDEX=2'],
    [...head('change'), uuid, 'SYNTH_ARG_A=1', 'SYNTH_ARG_B=abc', 'INTERFACE=dum0', 'IFINDEX=2'],
  ])
})

t.test('nothing is created: the directory says so, if there is one', async (t) => {
  const h = new Ioctls()
  h.dummy('dum0')
  const create = (path: string) => String(h.kernel.fs.open(root(h.kernel), path, 0o101))
  t.match(create('/sys/class/net/dum0/nope'), /EACCES/)
  t.match(create('/sys/class/net/nope/mtu'), /ENOENT/)
  t.match(create('/proc/sys/net/ipv4/nope'), /ENOENT/, 'procfs does not come to that')
})
t.test('other users read; they open nothing for writing, and capabilities are asked for at each write', async (t) => {
  const h = new Ioctls()
  h.dummy('dum0')
  t.equal(cat(h.as(1000), '/sys/class/net/dum0/mtu'), '1500\n')
  t.equal(echo(h.as(1000), '1400\n', '/sys/class/net/dum0/mtu'), 'EACCES')
  const powerless = h.kernel.task_for({ tgid: 7, tid: 7, comm: 'x', uid: 0, gid: 0, capabilities: 0n, netns: 0 })
  t.equal(echo(powerless, '1400\n', '/sys/class/net/dum0/mtu'), 'EPERM')
})

t.test('operstate and carrier of a device that is up', async (t) => {
  const h = new Ioctls()
  const dev = h.dummy('dum0')
  dev_change_flags(dev, dev.flags | 1, undefined)
  h.kernel.events.runDue()
  t.equal(cat(h.task, '/sys/class/net/dum0/carrier'), '1\n')
  t.equal(cat(h.task, '/sys/class/net/dum0/operstate'), 'unknown\n')
  t.equal(cat(h.task, '/sys/class/net/dum0/dormant'), '0\n')
})

t.test('each namespace has its own devices and variables', async (t) => {
  const h = new Ioctls()
  h.dummy('dum0')
  const other = copy_net_ns(h.kernel)
  if (isErrno(other)) throw new Error(other.name)
  const there = root(h.kernel, other.inum, 300)
  t.same(ls(there, '/sys/class/net'), ['lo'])
  t.notMatch(cat(there, '/proc/net/dev'), /dum0/)
  t.equal(cat(there, '/sys/devices/virtual/net/dum0/mtu'), 'ENOENT')
  // measured: net.core of a namespace shows these, the buffers' read-only
  const shared = [
    'optmem_max',
    'rmem_default',
    'rmem_max',
    'rps_default_mask',
    'somaxconn',
    'txrehash',
    'wmem_default',
    'wmem_max',
    'xfrm_acq_expires',
    'xfrm_aevent_etime',
    'xfrm_aevent_rseqth',
    'xfrm_larval_drop',
  ]
  t.same(ls(there, '/proc/sys/net/core'), shared)
  t.equal(echo(there, '300000\n', '/proc/sys/net/core/wmem_max'), 'EACCES')
  t.equal(echo(h.task, '300000\n', '/proc/sys/net/core/wmem_max'), 7)
  t.equal(cat(there, '/proc/sys/net/core/wmem_max'), '300000\n')
  echo(there, '77\n', '/proc/sys/net/core/somaxconn')
  t.equal(cat(h.task, '/proc/sys/net/core/somaxconn'), '4096\n')
})

t.test('net.core: bounds, and variables with an effect elsewhere', async (t) => {
  const h = new Ioctls()
  const sysctls = () => h.kernel.unsupported.toJson().filter(({ kind }) => kind === 'sysctl')
  const core = (name: string, text: string) => echo(h.task, text, `/proc/sys/net/core/${name}`)
  t.equal(core('wmem_max', '4607\n'), 'EINVAL')
  t.equal(core('dev_weight', '0\n'), 'EINVAL')
  t.equal(core('default_qdisc', 'nope\n'), 'ENOENT')
  t.equal(core('default_qdisc', 'pfifo_fast\n'), 11)
  t.equal(cat(h.task, '/proc/sys/net/core/default_qdisc'), 'pfifo_fast\n')
  t.equal(h.kernel.netdev.sched.default_qdisc_ops.id, 'pfifo_fast')
  t.equal(core('rps_default_mask', '2\n'), 'EOVERFLOW', 'one CPU')
  t.same(sysctls(), [])
  t.equal(core('netdev_budget_usecs', '400\n'), 4)
  t.match(sysctls(), [{ kind: 'sysctl', what: 'net/core/netdev_budget_usecs', count: 1 }])
})

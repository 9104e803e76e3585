/** What udev hears (NETLINK_KOBJECT_UEVENT), as Linux sends it. */
import t from 'tap'
import {
  dev_change_name,
  dev_change_net_namespace,
  netif_set_real_num_tx_queues,
  register_netdevice,
  unregister_netdevice,
} from '../../../src/net/core/dev.ts'
import { copy_net_ns } from '../../../src/net/core/net_namespace.ts'
import { isErrno } from '../../../src/uapi/errno.ts'
import { NETLINK_KOBJECT_UEVENT } from '../../../src/uapi/linux/netlink.ts'
import { Devices } from './deviceHarness.ts'

/** The events from now on, without the numbers that count them, by namespace. */
function listen(h: Devices): string[] {
  const heard: string[] = []
  h.kernel.trace = {
    netlink_multicast: (_kernel, net, protocol, _group, _portid, data) => {
      if (protocol !== NETLINK_KOBJECT_UEVENT) return
      const [head, ...rest] = Buffer.from(data).toString('latin1').split('\0')
      const env = rest.filter((word) => !/^(ACTION|DEVPATH|SEQNUM)=|^$/.test(word))
      heard.push(`${net === h.kernel.init_net ? '' : 'other: '}${head} ${env.join(' ')}`)
    },
  }
  return heard
}

t.test('a device comes before its queues and goes after them', async (t) => {
  const h = new Devices()
  const heard = listen(h)
  const dev = h.alloc('d0')
  dev.num_tx_queues = dev.real_num_tx_queues = 2
  register_netdevice(dev)
  t.same(heard.splice(0), [
    'add@/devices/virtual/net/d0 SUBSYSTEM=net INTERFACE=d0 IFINDEX=2',
    'add@/devices/virtual/net/d0/queues/rx-0 SUBSYSTEM=queues',
    'add@/devices/virtual/net/d0/queues/tx-0 SUBSYSTEM=queues',
    'add@/devices/virtual/net/d0/queues/tx-1 SUBSYSTEM=queues',
  ])
  netif_set_real_num_tx_queues(dev, 1)
  t.same(heard.splice(0), ['remove@/devices/virtual/net/d0/queues/tx-1 SUBSYSTEM=queues'])
  netif_set_real_num_tx_queues(dev, 2)
  heard.splice(0)
  unregister_netdevice(dev)
  t.same(heard, [
    'remove@/devices/virtual/net/d0/queues/rx-0 SUBSYSTEM=queues',
    'remove@/devices/virtual/net/d0/queues/tx-1 SUBSYSTEM=queues',
    'remove@/devices/virtual/net/d0/queues/tx-0 SUBSYSTEM=queues',
    'remove@/devices/virtual/net/d0 SUBSYSTEM=net INTERFACE=d0 IFINDEX=2',
  ])
})

t.test('rename and change of namespace', async (t) => {
  const h = new Devices()
  const heard = listen(h)
  const other = copy_net_ns(h.kernel)
  if (isErrno(other)) throw new Error(`${other}`)
  t.equal(heard.length, 3, 'a namespace: lo and its two queues')
  const dev = h.add('d0')
  heard.splice(0)
  dev_change_name(dev, 'd1')
  t.same(heard.splice(0), ['move@/devices/virtual/net/d1 SUBSYSTEM=net DEVPATH_OLD=/devices/virtual/net/d0 INTERFACE=d1 IFINDEX=2'])
  dev_change_net_namespace(dev, other)
  t.same(heard, [
    'remove@/devices/virtual/net/d1 SUBSYSTEM=net INTERFACE=d1 IFINDEX=2',
    'other: add@/devices/virtual/net/d1 SUBSYSTEM=net INTERFACE=d1 IFINDEX=2',
  ])
})

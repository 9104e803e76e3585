/** lib/kobject_uevent.c over netlink. */
import t from 'tap'
import { kobject_uevent } from '../../../src/net/netlink/kobject_uevent.ts'
import { EAGAIN, isErrno } from '../../../src/uapi/errno.ts'
import { NETLINK_EXT_ACK, NETLINK_KOBJECT_UEVENT } from '../../../src/uapi/linux/netlink.ts'
import { bootNet, taskOf } from '../../lib/bootNet.ts'
import { NetlinkClient, nlmsg, sockaddr } from '../../lib/netlinkClient.ts'

const text = (s: string) => new Uint8Array(Buffer.from(s))

t.test('an event of the kernel: words ended by zero bytes, numbered', async (t) => {
  const kernel = bootNet()
  const a = new NetlinkClient(taskOf(kernel, 10, { capabilities: 0n }), NETLINK_KOBJECT_UEVENT)
  t.equal(a.bind(0, 1), undefined, 'everybody may listen')
  kobject_uevent(kernel.init_net, 'add', '/devices/virtual/net/lo', 'net', ['INTERFACE=lo', 'IFINDEX=1'])
  const got = a.receive()
  if (isErrno(got)) return t.fail('not heard')
  t.equal(
    Buffer.from(got.data).toString(),
    [
      'add@/devices/virtual/net/lo',
      'ACTION=add',
      'DEVPATH=/devices/virtual/net/lo',
      'SUBSYSTEM=net',
      'INTERFACE=lo',
      'IFINDEX=1',
      'SEQNUM=1',
      '',
    ].join('\0'),
  )
  t.strictSame(got.name, sockaddr(0, 1))
})

t.test('an event injected by a program', async (t) => {
  const kernel = bootNet()
  const a = new NetlinkClient(taskOf(kernel, 10), NETLINK_KOBJECT_UEVENT)
  a.bind(0, 1)
  a.send(nlmsg(16, 5, 1, text('add@/x\0ACTION=add\0')))
  t.match(a.receive(), { data: text('add@/x\0ACTION=add\0SEQNUM=1\0'), name: sockaddr(0, 1) })
  t.match(a.drain().datagrams, [[{ error: 0 }]])
  a.set(NETLINK_EXT_ACK, 1)
  t.match(a.ask(16, 5, new Uint8Array(2048)), { error: -22, text: 'uevent message too long' })
  const user = new NetlinkClient(taskOf(kernel, 11, { capabilities: 0n }), NETLINK_KOBJECT_UEVENT)
  user.set(NETLINK_EXT_ACK, 1)
  t.match(user.ask(16, 5, text('add@/x\0')), { error: -1, text: 'missing CAP_SYS_ADMIN capability' })
  t.equal(a.receive(), EAGAIN)
})

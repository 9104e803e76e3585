/** The door: every call leaves the host with nothing due; what a protocol lacks answers EOPNOTSUPP. */
import t from 'tap'
import { delayed_work, schedule_work } from '../../src/kernel/workqueue.ts'
import { sock } from '../../src/net/sock.ts'
import { type net_proto_family, type proto_ops, sock_register } from '../../src/net/socket.ts'
import * as sys from '../../src/syscalls/syscalls.ts'
import { EEXIST, EFAULT, EINVAL, ENOTTY, EOPNOTSUPP, isErrno } from '../../src/uapi/errno.ts'
import { AF_NETLINK, SOCK_RAW } from '../../src/uapi/linux/socket.ts'
import { bootNet, taskOf } from '../lib/bootNet.ts'
import { NetlinkClient, nlmsg } from '../lib/netlinkClient.ts'

/** A protocol with nothing but a name. */
const mute_ops: proto_ops = { family: 12, release: () => {}, getname: () => new Uint8Array([12, 0]), poll: () => 4 }
const mute: net_proto_family = {
  family: 12,
  name: 'MUTE',
  create: (net, s, protocol) => {
    s.ops = mute_ops
    new sock(net, s, 12, s.type, protocol)
    return undefined
  },
}

t.test('a protocol that has nothing', async (t) => {
  const kernel = bootNet()
  const task = taskOf(kernel, 10)
  t.equal(sock_register(kernel, mute), undefined)
  t.equal(sock_register(kernel, mute), EEXIST)
  const s = sys.sys_socket(task, 12, SOCK_RAW, 7)
  if (isErrno(s)) return t.fail('no socket')
  const addr = new Uint8Array(16)
  t.strictSame(
    [
      sys.sys_bind(task, s, addr),
      sys.sys_connect(task, s, addr),
      sys.sys_listen(task, s, 1),
      sys.sys_accept(task, s),
      sys.sys_shutdown(task, s, 2),
      sys.sys_setsockopt(task, s, 99, 1, addr),
      sys.sys_getsockopt(task, s, 99, 1, 4),
      sys.sys_sendmsg(task, s, { data: addr, flags: 0 }),
      sys.sys_recvmsg(task, s, { size: 1, controlSize: 0, flags: 0 }),
    ],
    new Array(9).fill(EOPNOTSUPP),
  )
  t.equal(sys.sys_poll(s), 4)
  t.match(s, { family: 12, type: SOCK_RAW, protocol: 7 })
  t.equal(sys.sys_socket(task, AF_NETLINK, 0x1000 | SOCK_RAW, 0), EINVAL, 'an unknown flag in the type')
})

export function mark(data: { runs: number }): void {
  data.runs++
}

t.test('what a call makes due has run when it returns', async (t) => {
  const kernel = bootNet()
  const data = { runs: 0 }
  const work = new delayed_work(kernel.events, mark, data)
  const s = new NetlinkClient(taskOf(kernel, 10), 16)
  const calls: (() => unknown)[] = [() => s.bind(), () => s.send(nlmsg(16, 0, 1)), () => s.receive(), () => s.set(11, 1), () => s.close()]
  for (const [i, call] of calls.entries()) {
    schedule_work(work)
    call()
    t.equal(data.runs, i + 1)
  }
})

t.test('ioctl on a netlink socket reaches the devices; on other numbers the real kernel is asked', async (t) => {
  const kernel = bootNet()
  const task = taskOf(kernel, 10)
  const s = new NetlinkClient(task, 16)
  const memory = { read: () => EFAULT, write: () => EFAULT }
  t.equal(sys.sys_ioctl(task, s.sock, 0x5401, 0, memory), ENOTTY)
  t.equal(sys.sys_ioctl(task, s.sock, 0x8913, 1, memory), EFAULT)
})

/** net/netlink/af_netlink.c: sockets, names, groups, permissions and the path between two programs. */
import t from 'tap'
import { CAP_NET_ADMIN } from '../../../src/kernel/capability.ts'
import { get32 } from '../../../src/lib/bytes.ts'
import { MessageBuilder } from '../../../src/lib/message.ts'
import { copy_net_ns, netns_id_set } from '../../../src/net/core/net_namespace.ts'
import { netlink_has_listeners, nlmsg_notify } from '../../../src/net/netlink/af_netlink.ts'
import { sys_connect, sys_getpeername, sys_listen, sys_poll, sys_socket } from '../../../src/syscalls/syscalls.ts'
import {
  EADDRINUSE,
  EAFNOSUPPORT,
  EAGAIN,
  ECONNREFUSED,
  EINVAL,
  EMSGSIZE,
  ENODATA,
  ENOPROTOOPT,
  EOPNOTSUPP,
  EPERM,
  EPROTONOSUPPORT,
  ESOCKTNOSUPPORT,
  isErrno,
} from '../../../src/uapi/errno.ts'
import {
  NETLINK_ADD_MEMBERSHIP,
  NETLINK_AUDIT,
  NETLINK_DROP_MEMBERSHIP,
  NETLINK_EXT_ACK,
  NETLINK_GENERIC,
  NETLINK_LIST_MEMBERSHIPS,
  NETLINK_LISTEN_ALL_NSID,
  NETLINK_PKTINFO,
  NETLINK_USERSOCK,
} from '../../../src/uapi/linux/netlink.ts'
import {
  AF_NETLINK,
  MSG_OOB,
  MSG_PEEK,
  MSG_TRUNC,
  SO_DOMAIN,
  SO_PASSCRED,
  SO_PROTOCOL,
  SO_TYPE,
  SOCK_DGRAM,
  SOCK_RAW,
  SOCK_STREAM,
  SOL_NETLINK,
  SOL_SOCKET,
} from '../../../src/uapi/linux/socket.ts'
import { bootNet, taskOf } from '../../lib/bootNet.ts'
import { hex, NetlinkClient, sockaddr } from '../../lib/netlinkClient.ts'

const text = (s: string) => new Uint8Array(Buffer.from(s))

t.test('what socket() refuses', async (t) => {
  const kernel = bootNet()
  const task = taskOf(kernel, 10)
  t.equal(sys_socket(task, 99, SOCK_RAW, 0), EAFNOSUPPORT)
  t.equal(sys_socket(task, AF_NETLINK, SOCK_STREAM, NETLINK_USERSOCK), ESOCKTNOSUPPORT)
  t.equal(sys_socket(task, AF_NETLINK, SOCK_RAW, 32), EPROTONOSUPPORT)
  t.equal(sys_socket(task, AF_NETLINK, SOCK_RAW, 1), EPROTONOSUPPORT)
  t.strictSame(kernel.unsupported.toJson(), [], 'what Linux does not have either is not counted')
  t.equal(sys_socket(task, AF_NETLINK, SOCK_RAW, NETLINK_AUDIT), EPROTONOSUPPORT)
  t.strictSame(kernel.unsupported.toJson(), [{ kind: 'netlink', what: 'protocol 9', count: 1 }])
  t.notOk(isErrno(sys_socket(task, AF_NETLINK, SOCK_DGRAM | 0x80800, NETLINK_USERSOCK)), 'SOCK_CLOEXEC and SOCK_NONBLOCK are no type')
})

t.test('autobind: the process id, then random negative numbers downwards; closing frees', async (t) => {
  const kernel = bootNet()
  const task = taskOf(kernel, 10)
  const [a, b, c] = [0, 1, 2].map(() => new NetlinkClient(task, NETLINK_USERSOCK))
  t.equal(a.name().pid, 0, 'unbound until needed')
  a.bind()
  b.bind()
  c.send(text('x'))
  t.equal(a.name().pid, 10)
  t.ok((b.name().pid | 0) < -4096, 'a negative number')
  t.ok((c.name().pid | 0) < -4096 && c.name().pid !== b.name().pid, 'sending binds too')
  a.close()
  const d = new NetlinkClient(task, NETLINK_USERSOCK)
  d.bind()
  t.equal(d.name().pid, 10)
  const other = new NetlinkClient(task, NETLINK_GENERIC)
  other.bind()
  t.equal(other.name().pid, 10, 'each protocol has its own port ids')
  const twin = bootNet()
  const again = [0, 1].map(() => new NetlinkClient(taskOf(twin, 10), NETLINK_USERSOCK))
  again.forEach((s) => s.bind())
  t.equal(again[1].name().pid, b.name().pid, 'the same seed, the same number')
})

t.test('bind: the table of errors', async (t) => {
  const kernel = bootNet()
  const task = taskOf(kernel, 10)
  const a = new NetlinkClient(task, NETLINK_USERSOCK)
  const b = new NetlinkClient(task, NETLINK_USERSOCK)
  const bind = (s: NetlinkClient, addr: Uint8Array) => s.sock.ops.bind?.(s.sock, addr, task)
  t.equal(bind(a, sockaddr(5).subarray(0, 11)), EINVAL)
  t.equal(bind(a, sockaddr(5, 0, 2)), EINVAL)
  t.equal(a.bind(5), undefined)
  t.equal(a.bind(6), EINVAL, 'bound to another id')
  t.equal(a.bind(0), EINVAL)
  t.equal(b.bind(5), EADDRINUSE)
  t.equal(a.bind(5, 3), undefined, 'the same id with other groups')
  t.strictSame(a.name(), { pid: 5, groups: 3 })
  t.equal(sys_listen(task, a.sock, 1), EOPNOTSUPP)
})

t.test('groups: joined by bind and option, listed, left, heard', async (t) => {
  const kernel = bootNet()
  const a = new NetlinkClient(taskOf(kernel, 10), NETLINK_USERSOCK)
  const list = () => hex(a.get(SOL_NETLINK, NETLINK_LIST_MEMBERSHIPS, 64) as Uint8Array)
  t.equal(list(), '', 'no groups yet')
  a.bind(0, 0x5)
  t.equal(list(), '05000000')
  a.set(NETLINK_ADD_MEMBERSHIP, 32)
  t.equal(list(), '05000080')
  a.set(NETLINK_DROP_MEMBERSHIP, 1)
  t.strictSame(a.name(), { pid: 10, groups: 0x80000004 })
  t.equal(a.set(NETLINK_ADD_MEMBERSHIP, 0), EINVAL)
  t.equal(a.set(NETLINK_ADD_MEMBERSHIP, 33), EINVAL)
  t.equal(a.set(77, 1), ENOPROTOOPT)
  t.ok(netlink_has_listeners(kernel.init_net, NETLINK_USERSOCK, 32))
  t.notOk(netlink_has_listeners(kernel.init_net, NETLINK_USERSOCK, 1))
  a.close()
  t.notOk(netlink_has_listeners(kernel.init_net, NETLINK_USERSOCK, 32))
})

t.test('groups beyond 32 come with generic netlink only by option', async (t) => {
  const kernel = bootNet()
  kernel.netlink.tables[NETLINK_GENERIC].groups = 64
  const a = new NetlinkClient(taskOf(kernel, 10), NETLINK_GENERIC)
  a.bind(0, 1)
  t.equal(a.set(NETLINK_ADD_MEMBERSHIP, 40), undefined)
  t.equal(hex(a.get(SOL_NETLINK, NETLINK_LIST_MEMBERSHIPS, 64) as Uint8Array), '0100000080000000')
  a.bind(10, 2)
  t.equal(hex(a.get(SOL_NETLINK, NETLINK_LIST_MEMBERSHIPS, 64) as Uint8Array), '0200000080000000', 'bind changes the first 32')
  t.equal((a.get(SOL_NETLINK, NETLINK_LIST_MEMBERSHIPS, 4) as Uint8Array).length, 8, 'the length of all is told')
})

t.test('without CAP_NET_ADMIN', async (t) => {
  const kernel = bootNet()
  const user = taskOf(kernel, 20, { capabilities: 0n, uid: 1000 })
  const a = new NetlinkClient(user, NETLINK_USERSOCK)
  t.equal(a.bind(20, 1), EPERM, 'groups of a protocol without NONROOT_RECV')
  t.equal(a.name().pid, 0, 'nothing was bound')
  t.equal(a.set(NETLINK_ADD_MEMBERSHIP, 1), EPERM)
  t.equal(a.set(NETLINK_LISTEN_ALL_NSID, 1), EPERM)
  t.equal(a.set(NETLINK_EXT_ACK, 1), undefined)
  t.equal(a.send(text('x'), sockaddr(5)), ECONNREFUSED, 'USERSOCK lets everybody send')
  const g = new NetlinkClient(user, NETLINK_GENERIC)
  t.equal(g.bind(20, 1 << 15), undefined, 'generic netlink lets everybody listen')
  t.equal(g.send(text('x'), sockaddr(5)), EPERM, 'and nobody send to others')
  t.equal(g.send(text('x'), sockaddr(0, 1)), EPERM)
  t.equal(sys_connect(user, g.sock, sockaddr(5)), EPERM)
  const admin = taskOf(kernel, 21, { capabilities: 1n << BigInt(CAP_NET_ADMIN) })
  t.equal(new NetlinkClient(admin, NETLINK_USERSOCK).bind(21, 1), undefined)
})

t.test('between two programs: names, peeking, cutting, truncated length', async (t) => {
  const kernel = bootNet()
  const a = new NetlinkClient(taskOf(kernel, 10), NETLINK_USERSOCK)
  const b = new NetlinkClient(taskOf(kernel, 11), NETLINK_USERSOCK)
  a.bind()
  b.bind()
  t.equal(sys_poll(b.sock) & 1, 0)
  t.equal(a.send(text('hello'), sockaddr(11)), 5)
  t.equal(sys_poll(b.sock) & 0x41, 0x41, 'POLLIN and POLLRDNORM')
  t.match(b.receive(3, MSG_PEEK), { result: 3, data: text('hel'), flags: MSG_TRUNC, name: sockaddr(10) })
  t.match(b.receive(0, MSG_PEEK | MSG_TRUNC), { result: 5, data: text(''), flags: MSG_TRUNC })
  t.match(b.receive(), { result: 5, data: text('hello'), flags: 0 })
  t.equal(b.receive(), EAGAIN)
  t.equal(b.receive(9, MSG_OOB), EOPNOTSUPP)
  t.equal(a.send(text('x'), sockaddr(12)), ECONNREFUSED, 'nobody there')
  t.equal(a.send(text('x'), sockaddr()), ECONNREFUSED, 'no kernel behind NETLINK_USERSOCK')
  t.equal(a.send(text(''), sockaddr(11)), ENODATA)
  t.equal(a.send(text('x'), sockaddr(11), MSG_OOB), EOPNOTSUPP)
  t.equal(a.send(text('x'), sockaddr(11).subarray(0, 8)), EINVAL)
  t.equal(a.send(new Uint8Array(212992 - 31), sockaddr(11)), EMSGSIZE)
  t.equal(a.send(new Uint8Array(212992 - 32), sockaddr(11)), 212960)
})

t.test('connect: the default destination, and deafness to others', async (t) => {
  const kernel = bootNet()
  const task = taskOf(kernel, 10)
  const [a, b, c] = [5, 6, 7].map((pid) => {
    const s = new NetlinkClient(task, NETLINK_USERSOCK)
    s.bind(pid)
    return s
  })
  t.equal(sys_connect(task, b.sock, sockaddr(5, 4)), undefined)
  t.strictSame(sys_getpeername(task, b.sock), sockaddr(5, 4))
  t.equal(c.send(text('x'), sockaddr(6)), ECONNREFUSED)
  t.equal(a.send(text('y'), sockaddr(6)), 1)
  t.equal(b.send(text('z'), null), 1, 'the unicast counts, not the group that nobody listens to')
  t.match(a.receive(), { data: text('z') })
  sys_connect(task, b.sock, new Uint8Array(2))
  t.strictSame(sys_getpeername(task, b.sock), sockaddr())
  t.equal(c.send(text('x'), sockaddr(6)), 1)
  t.equal(sys_connect(task, b.sock, sockaddr(0, 0, 2)), EINVAL)
  t.equal(sys_connect(task, b.sock, new Uint8Array(1)), EINVAL)
})

t.test('a multicast reaches members but its sender; PKTINFO and credentials ride along', async (t) => {
  const kernel = bootNet()
  const a = new NetlinkClient(taskOf(kernel, 10, { uid: 7 }), NETLINK_USERSOCK)
  const b = new NetlinkClient(taskOf(kernel, 11), NETLINK_USERSOCK)
  a.bind(0, 2)
  b.bind(0, 2)
  b.set(NETLINK_PKTINFO, 1)
  b.setSocket(SO_PASSCRED, 1)
  t.equal(a.send(text('news'), sockaddr(0, 2)), ECONNREFUSED, 'the group heard it, port 0 is nobody')
  const got = b.receive(64, 0, 128)
  if (isErrno(got)) return t.fail('not received')
  t.strictSame(got.name, sockaddr(10, 2))
  // biome-ignore format: one TLV a line
  t.equal(hex(got.control), [
    '1400000000000000', '0e010000', '03000000', '0200000000000000', // NETLINK_PKTINFO: group 2
    '1c00000000000000', '01000000', '02000000', '0a0000000700000000000000', '00000000', // SCM_CREDENTIALS: pid 10, uid 7, gid 0
  ].join(''))
  t.equal(a.receive(), EAGAIN)
  a.send(text('news'), sockaddr(0, 2))
  t.match(b.receive(64, 0, 20), { flags: 8, control: { length: 20 } }, 'MSG_CTRUNC when there is no room')
})

t.test('the kernel notifies: echo to the requester with the group, the group without the requester', async (t) => {
  const kernel = bootNet()
  const [a, b] = [10, 11].map((pid) => {
    const s = new NetlinkClient(taskOf(kernel, pid), NETLINK_GENERIC)
    s.bind(pid, 1 << 4)
    return s
  })
  const skb = new MessageBuilder()
  skb.begin(99, 0, 1, 10)
  skb.end()
  nlmsg_notify(kernel.init_net, NETLINK_GENERIC, skb, 10, 5, true)
  for (const s of [a, b]) t.match(s.receive(), { name: sockaddr(0, 1 << 4), data: skb.bytes() })
  t.strictSame([a.receive(), b.receive()], [EAGAIN, EAGAIN], 'once each')
  nlmsg_notify(kernel.init_net, NETLINK_GENERIC, skb, 10, 5, false)
  t.notOk(isErrno(a.receive()), 'without the report the requester is a member like others')
})

t.test('namespaces: ports and groups apart, LISTEN_ALL_NSID hears those with an id', async (t) => {
  const kernel = bootNet()
  const other = copy_net_ns(kernel)
  if (isErrno(other)) return t.fail('no namespace')
  const here = new NetlinkClient(taskOf(kernel, 10), NETLINK_GENERIC)
  const there = new NetlinkClient(taskOf(kernel, 11, { netns: other.inum }), NETLINK_GENERIC)
  here.bind(77, 1)
  t.equal(there.bind(77, 1), undefined)
  const skb = new MessageBuilder()
  skb.begin(99, 0, 1, 0)
  skb.end()
  nlmsg_notify(other, NETLINK_GENERIC, skb, 0, 1, false)
  t.equal(here.receive(), EAGAIN)
  t.notOk(isErrno(there.receive()))
  here.set(NETLINK_LISTEN_ALL_NSID, 1)
  nlmsg_notify(other, NETLINK_GENERIC, skb, 0, 1, false)
  t.equal(here.receive(), EAGAIN, 'the other namespace has no id here')
  netns_id_set(kernel.init_net, 3, other)
  nlmsg_notify(other, NETLINK_GENERIC, skb, 0, 1, false)
  const got = here.receive(64, 0, 64)
  if (isErrno(got)) return t.fail('not heard')
  t.equal(hex(got.control), ['1400000000000000', '0e010000', '08000000', '0300000000000000'].join(''))
  nlmsg_notify(kernel.init_net, NETLINK_GENERIC, skb, 0, 1, false)
  t.match(here.receive(64, 0, 64), { control: { length: 0 } }, 'its own namespace has no id')
})

t.test('SO_TYPE, SO_DOMAIN, SO_PROTOCOL', async (t) => {
  const a = new NetlinkClient(taskOf(bootNet(), 10), NETLINK_GENERIC, SOCK_DGRAM)
  const value = (option: number) => get32(a.get(SOL_SOCKET, option) as Uint8Array, 0)
  t.strictSame([SO_TYPE, SO_DOMAIN, SO_PROTOCOL].map(value), [SOCK_DGRAM, AF_NETLINK, NETLINK_GENERIC])
})

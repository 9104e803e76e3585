/** PF_INET sockets: which there are, bind, and the source address that connect chooses. */
import t from 'tap'
import { CAP_FULL_SET } from '../../../src/kernel/capability.ts'
import { put32 } from '../../../src/lib/bytes.ts'
import type { socket } from '../../../src/net/socket.ts'
import {
  sys_bind,
  sys_close,
  sys_connect,
  sys_getpeername,
  sys_getsockname,
  sys_sendmsg,
  sys_setsockopt,
  sys_socket,
} from '../../../src/syscalls/syscalls.ts'
import { type Errno, isErrno } from '../../../src/uapi/errno.ts'
import { ipv4_text, sockaddr_in } from '../../../src/uapi/linux/in.ts'
import { Ipv4Host, ip } from './ipv4Host.ts'

const AF_INET = 2
function name(error: unknown): string {
  return isErrno(error) ? error.name : 'ok'
}
function sin(addr: string, port: number, family = AF_INET): Uint8Array {
  return sockaddr_in.encode({ sin_family: family, sin_addr: ip(addr), sin_port: port })
}
function text(addr: Uint8Array | Errno): string {
  if (isErrno(addr)) return addr.name
  const { sin_addr, sin_port } = sockaddr_in.get(addr, 0)
  return `${ipv4_text(sin_addr)}:${sin_port}`
}
function setup() {
  const h = new Ipv4Host()
  const root = h.client.task
  const user = h.kernel.task_for({ tgid: 7, tid: 7, comm: 'u', uid: 1000, gid: 1000, capabilities: CAP_FULL_SET & 0n, netns: 0 })
  return { h, root, user, make: (type: number, protocol: number, task = root) => sys_socket(task, AF_INET, type, protocol) }
}

t.test('types and protocols', async (t) => {
  const { make, user } = setup()
  const cases: [number, number, string][] = [
    [1, 0, 'ok'],
    [1, 6, 'ok'],
    [1, 17, 'EPROTONOSUPPORT'],
    [2, 0, 'ok'],
    [2, 17, 'ok'],
    [2, 6, 'EPROTONOSUPPORT'],
    [2, 1, 'EACCES'],
    [3, 0, 'EPROTONOSUPPORT'],
    [3, 1, 'ok'],
    [3, 255, 'ok'],
    [5, 0, 'ESOCKTNOSUPPORT'],
    [1, 999, 'EINVAL'],
  ]
  for (const [type, protocol, want] of cases) t.equal(name(make(type, protocol)), want, `${type} ${protocol}`)
  t.equal(name(make(3, 1, user)), 'EPERM')
})

t.test('bind: our addresses, groups and broadcasts; ports', async (t) => {
  const { h, root, user, make } = setup()
  h.add(h.dummy('d0'), '10.0.0.1/24')
  const bind = (addr: string, port: number, task = root, family = AF_INET) => {
    const sock = make(2, 0, task) as socket
    const result = name(sys_bind(task, sock, sin(addr, port, family)))
    const where = text(sys_getsockname(task, sock))
    sys_close(sock)
    return result === 'ok' ? where : result
  }
  t.equal(bind('10.0.0.1', 5000), '10.0.0.1:5000')
  t.equal(bind('10.0.0.2', 5000), 'EADDRNOTAVAIL')
  t.equal(bind('10.0.0.255', 5000), '10.0.0.255:5000')
  t.equal(bind('255.255.255.255', 5000), '255.255.255.255:5000')
  t.equal(bind('239.1.1.1', 5000), '239.1.1.1:5000')
  t.equal(bind('0.0.0.0', 5001, root, 0), '0.0.0.0:5001', 'AF_UNSPEC means AF_INET for the wildcard')
  t.equal(bind('10.0.0.1', 5000, root, 0), 'EAFNOSUPPORT')
  t.equal(bind('0.0.0.0', 80, user), 'EACCES')
  t.equal(bind('0.0.0.0', 80), '0.0.0.0:80')
  t.match(bind('0.0.0.0', 0), /^0\.0\.0\.0:(3[2-9]|[45]\d|60)\d{3}$/)
})

t.test('a port is taken once, unless both may share it', async (t) => {
  const { root, make } = setup()
  const one = (share: boolean, port = 7000) => {
    const sock = make(2, 0) as socket
    const on = new Uint8Array(4)
    put32(on, 0, 1)
    if (share) sys_setsockopt(root, sock, 1, 2, on)
    return { sock, result: name(sys_bind(root, sock, sin('0.0.0.0', port))) }
  }
  const first = one(false)
  t.same([first.result, one(false).result, one(true).result], ['ok', 'EADDRINUSE', 'EADDRINUSE'])
  t.equal(name(sys_bind(root, first.sock, sin('0.0.0.0', 7001))), 'EINVAL', 'bound already')
  sys_close(first.sock)
  t.same([one(true).result, one(true).result], ['ok', 'ok'])
})

t.test('connect chooses the source by the route', async (t) => {
  const { h, root, make } = setup()
  h.add(h.dummy('d0'), '10.0.0.1/24')
  h.add(h.dummy('d1'), '10.1.0.1/24')
  const sock = make(2, 0) as socket
  t.equal(text(sys_getpeername(root, sock)), 'ENOTCONN')
  t.equal(name(sys_connect(root, sock, sin('10.1.0.9', 53))), 'ok')
  t.match(text(sys_getsockname(root, sock)), /^10\.1\.0\.1:\d+$/)
  t.equal(text(sys_getpeername(root, sock)), '10.1.0.9:53')
  t.equal(name(sys_connect(root, make(2, 0) as socket, sin('99.0.0.1', 53))), 'ENETUNREACH')
  t.equal(name(sys_connect(root, make(2, 0) as socket, sin('10.0.0.255', 53))), 'EACCES', 'a broadcast needs SO_BROADCAST')
})

t.test('sending: errors as Linux has them, and an honest one where nothing is built (TCP)', async (t) => {
  const { h, root, make } = setup()
  h.add(h.dummy('d0'), '10.0.0.1/24')
  const send = (to?: Uint8Array) => name(sys_sendmsg(root, make(2, 0) as socket, { data: Uint8Array.of(1), name: to, flags: 0 }))
  t.same(
    [send(), send(sin('99.0.0.1', 9)), send(sin('10.0.0.9', 0)), send(sin('10.0.0.9', 9))],
    ['EDESTADDRREQ', 'ENETUNREACH', 'EINVAL', 'ok'],
  )
  const stream = make(1, 0) as socket
  t.same(name(sys_connect(root, stream, sin('10.0.0.1', 9))), 'EOPNOTSUPP')
  t.ok(h.kernel.unsupported.toJson().some(({ kind }) => kind === 'socket'))
})

/** net/core/sock.c: options of SOL_SOCKET as programs see them; net/core/filter.c: classic BPF. */
import t from 'tap'
import { CAP_NET_RAW } from '../../src/kernel/capability.ts'
import { get32, put16, put32, put64 } from '../../src/lib/bytes.ts'
import { type sk_filter, sk_filter_make, sk_filter_run } from '../../src/net/sockopt_filter.ts'
import { sys_getsockopt, sys_setsockopt } from '../../src/syscalls/syscalls.ts'
import {
  EACCES,
  EAGAIN,
  EDOM,
  EFAULT,
  EINVAL,
  ENODEV,
  ENOENT,
  ENOPROTOOPT,
  EOPNOTSUPP,
  EPERM,
  type Errno,
  isErrno,
} from '../../src/uapi/errno.ts'
import { NETLINK_USERSOCK } from '../../src/uapi/linux/netlink.ts'
import {
  SO_ATTACH_FILTER,
  SO_BINDTODEVICE,
  SO_BROADCAST,
  SO_BUF_LOCK,
  SO_COOKIE,
  SO_DEBUG,
  SO_DETACH_FILTER,
  SO_ERROR,
  SO_LINGER,
  SO_LOCK_FILTER,
  SO_MARK,
  SO_PEEK_OFF,
  SO_PRIORITY,
  SO_RCVBUF,
  SO_RCVBUFFORCE,
  SO_RCVLOWAT,
  SO_RCVTIMEO_OLD,
  SO_REUSEADDR,
  SO_REUSEPORT,
  SO_SNDBUF,
  SO_SNDTIMEO_NEW,
  SO_TIMESTAMPNS_NEW,
  SO_TIMESTAMPNS_OLD,
  SO_TYPE,
  SOL_SOCKET,
} from '../../src/uapi/linux/socket.ts'
import { bootNet, taskOf } from '../lib/bootNet.ts'
import { concat, NetlinkClient, sockaddr, u32 } from '../lib/netlinkClient.ts'

function client(capabilities?: bigint): NetlinkClient {
  return new NetlinkClient(taskOf(bootNet(), 10, capabilities === undefined ? {} : { capabilities }), NETLINK_USERSOCK)
}
const number = (s: NetlinkClient, option: number) => get32(s.get(SOL_SOCKET, option) as Uint8Array, 0)
function timeval(sec: number, usec: number): Uint8Array {
  const b = new Uint8Array(16)
  put64(b, 0, sec)
  put64(b, 8, usec)
  return b
}

t.test('numbers and switches: set, read back', async (t) => {
  const s = client()
  for (const option of [SO_BROADCAST, SO_REUSEADDR, SO_DEBUG]) {
    t.equal(number(s, option), 0)
    t.equal(s.setSocket(option, 5), undefined)
    t.equal(number(s, option), 1)
  }
  s.setSocket(SO_RCVLOWAT, 0)
  t.equal(number(s, SO_RCVLOWAT), 1)
  s.setSocket(SO_RCVLOWAT, -4)
  t.equal(number(s, SO_RCVLOWAT), 0x7fffffff)
  s.setSocket(SO_TIMESTAMPNS_NEW, 1)
  t.strictSame([number(s, SO_TIMESTAMPNS_NEW), number(s, SO_TIMESTAMPNS_OLD)], [1, 0])
  s.setSocket(SO_BUF_LOCK, 2)
  t.equal(number(s, SO_BUF_LOCK), 2)
  t.equal(s.setSocket(SO_SNDBUF, 0), undefined)
  t.equal(number(s, SO_SNDBUF), 4608)
  t.equal(number(s, SO_BUF_LOCK), 3, 'a size set by hand is kept')
})

t.test('what is refused', async (t) => {
  const s = client()
  const set = (option: number, value: Uint8Array) => sys_setsockopt(s.task, s.sock, SOL_SOCKET, option, value)
  t.equal(set(SO_REUSEADDR, new Uint8Array(3)), EINVAL)
  t.equal(set(SO_TYPE, u32(1)), ENOPROTOOPT)
  t.equal(set(9999, u32(1)), ENOPROTOOPT)
  t.equal(set(SO_REUSEPORT, u32(1)), EOPNOTSUPP, 'not an inet socket')
  t.equal(set(SO_PEEK_OFF, u32(1)), EOPNOTSUPP)
  t.equal(set(SO_LINGER, u32(1)), EINVAL)
  t.equal(set(SO_BINDTODEVICE, new Uint8Array(Buffer.from('eth9'))), ENODEV)
  t.equal(sys_getsockopt(s.task, s.sock, SOL_SOCKET, SO_TYPE, -1), EINVAL)
  t.equal((sys_getsockopt(s.task, s.sock, SOL_SOCKET, SO_TYPE, 2) as Uint8Array).length, 2, 'cut to the room')
  t.equal(sys_setsockopt(s.task, s.sock, 6, 1, u32(1)), ENOPROTOOPT, 'a level that the protocol does not have')
  t.strictSame(s.sock.kernel.unsupported.toJson(), [{ kind: 'setsockopt', what: 'SOL_SOCKET 9999', count: 1 }])
})

t.test('permissions', async (t) => {
  const s = client(0n)
  t.equal(s.setSocket(SO_DEBUG, 1), EACCES)
  t.equal(s.setSocket(SO_DEBUG, 0), undefined)
  t.equal(s.setSocket(SO_PRIORITY, 6), undefined)
  t.equal(s.setSocket(SO_PRIORITY, 7), EPERM)
  t.equal(s.setSocket(SO_MARK, 1), EPERM)
  t.equal(s.setSocket(SO_RCVBUFFORCE, 1), EPERM)
  t.equal(s.setSocket(SO_RCVBUF, 5000), undefined)
  const raw = client(1n << BigInt(CAP_NET_RAW))
  t.equal(raw.setSocket(SO_MARK, 9), undefined)
  t.equal(number(raw, SO_MARK), 9)
  t.equal(raw.setSocket(SO_PRIORITY, 77), undefined)
})

t.test('timeouts: jiffies rounded up, milliseconds for the door', async (t) => {
  const s = client()
  const set = (option: number, value: Uint8Array) => sys_setsockopt(s.task, s.sock, SOL_SOCKET, option, value)
  t.equal(set(SO_RCVTIMEO_OLD, timeval(1, 1500)), undefined)
  t.equal(s.sock.rcvtimeo, 1004)
  t.strictSame(s.get(SOL_SOCKET, SO_RCVTIMEO_OLD, 16), timeval(1, 4000))
  set(SO_SNDTIMEO_NEW, timeval(0, 1))
  t.equal(s.sock.sndtimeo, 4)
  t.equal(set(SO_RCVTIMEO_OLD, timeval(0, 1e6)), EDOM)
  t.equal(set(SO_RCVTIMEO_OLD, u32(1)), EINVAL)
  const negative = timeval(0, 5)
  negative.fill(255, 0, 8)
  t.equal(set(SO_RCVTIMEO_OLD, negative), undefined)
  t.ok(s.sock.rcvtimeo < 0, 'never waits')
  t.strictSame(s.get(SOL_SOCKET, SO_RCVTIMEO_OLD, 16), timeval(0, 0))
  set(SO_RCVTIMEO_OLD, timeval(0, 0))
  t.equal(s.sock.rcvtimeo, 0)
})

t.test('SO_ERROR gives the pending error once; SO_COOKIE is given out once', async (t) => {
  const s = client()
  if (s.sock.sk !== undefined) s.sock.sk.sk_err = EDOM
  t.equal(number(s, SO_ERROR), EDOM.code)
  t.equal(number(s, SO_ERROR), 0)
  t.strictSame(s.get(SOL_SOCKET, SO_COOKIE, 8), s.get(SOL_SOCKET, SO_COOKIE, 8))
})

/** struct sock_filter */
function insn(code: number, k: number, jt = 0, jf = 0): Uint8Array {
  const b = new Uint8Array(8)
  put16(b, 0, code)
  b[2] = jt
  b[3] = jf
  put32(b, 4, k)
  return b
}
const RET = 0x06
const run = (data: Uint8Array, ...insns: Uint8Array[]) => sk_filter_run(sk_filter_make(concat(...insns)) as sk_filter, data, 16)

t.test('BPF: what each instruction does', async (t) => {
  const data = Uint8Array.from([1, 2, 3, 4, 0x45, 6, 7, 8])
  const a = (...insns: Uint8Array[]) => run(data, ...insns, insn(0x16, 0))
  const ld = (k: number) => insn(0x00, k)
  t.equal(a(insn(0x20, 0)), 0x01020304, 'ld')
  t.equal(a(insn(0x28, 2)), 0x0304, 'ldh')
  t.equal(a(insn(0x30, 7)), 8, 'ldb')
  t.equal(a(insn(0x80, 0)), 8, 'length')
  t.equal(a(insn(0x01, 3), insn(0x50, 2)), 6, 'ldb [x + k]')
  t.equal(a(insn(0xb1, 4), insn(0x87, 0)), 20, 'ldxb 4 * ([k] & 0xf)')
  t.equal(a(ld(5), insn(0x02, 3), ld(9), insn(0x61, 3), insn(0x87, 0)), 5, 'st, ldx M')
  t.equal(a(insn(0x20, 6)), 0, 'a load outside ends it with 0')
  const alu: [number, number, number, number][] = [
    [0x04, 7, 5, 12],
    [0x14, 7, 9, 0xfffffffe],
    [0x24, 7, 5, 35],
    [0x34, 35, 4, 8],
    [0x44, 5, 2, 7],
    [0x54, 7, 5, 5],
    [0x64, 1, 31, 0x80000000],
    [0x74, 0x80000000, 31, 1],
    [0x84, 1, 0, 0xffffffff],
    [0x94, 17, 5, 2],
    [0xa4, 7, 5, 2],
  ]
  for (const [code, x, k, result] of alu) {
    t.equal(a(ld(x), insn(code, k)), result, `alu 0x${code.toString(16)}`)
    if (code !== 0x84) t.equal(a(ld(x), insn(0x01, k), insn(code | 8, 0)), result, `alu 0x${(code | 8).toString(16)}`)
  }
  t.equal(a(ld(4), insn(0x3c, 0)), 0, 'division by x = 0')
  const jumps: [number, number, number, boolean][] = [
    [0x15, 5, 5, true],
    [0x25, 5, 5, false],
    [0x35, 5, 5, true],
    [0x45, 5, 2, false],
    [0x45, 5, 4, true],
  ]
  for (const [code, x, k, taken] of jumps) {
    t.equal(run(data, ld(x), insn(code, k, 0, 1), insn(RET, 1), insn(RET, 2)), taken ? 1 : 2, `jump 0x${code.toString(16)} ${x} ${k}`)
  }
  t.equal(run(data, insn(0x05, 1), insn(RET, 1), insn(RET, 2)), 2, 'ja')
  t.equal(a(insn(0x28, 0xfffff000)), 16, 'SKF_AD_PROTOCOL')
})

t.test('BPF: finding netlink attributes', async (t) => {
  const message = Uint8Array.from([5, 0, 1, 0, 9, 0, 0, 0, 12, 0, 2, 0x80, 8, 0, 7, 0, 1, 2, 3, 4])
  const find = (type: number, what: number, at: number) =>
    run(message, insn(0x00, at), insn(0x01, type), insn(0x30, 0xfffff000 + what), insn(0x16, 0))
  t.equal(find(2, 12, 0), 8)
  t.equal(find(3, 12, 0), 0)
  t.equal(find(7, 16, 8), 12, 'inside the nest')
})

t.test('BPF: programs that are refused', async (t) => {
  const refused: [string, Uint8Array[]][] = [
    ['empty', []],
    ['no return', [insn(0x00, 1)]],
    ['unknown opcode', [insn(0xff, 0), insn(RET, 0)]],
    ['division by 0', [insn(0x34, 0), insn(RET, 0)]],
    ['jump outside', [insn(0x05, 1), insn(RET, 0)]],
    ['conditional jump outside', [insn(0x15, 0, 0, 1), insn(RET, 0)]],
    ['memory outside', [insn(0x02, 16), insn(RET, 0)]],
    ['shift by 32', [insn(0x64, 32), insn(RET, 0)]],
  ]
  for (const [name, insns] of refused) t.equal(sk_filter_make(concat(...insns)), EINVAL, name)
})

t.test("SO_ATTACH_FILTER: reads the program's memory, drops and cuts what arrives", async (t) => {
  const kernel = bootNet()
  const [a, b] = [10, 11].map((pid) => {
    const s = new NetlinkClient(taskOf(kernel, pid), NETLINK_USERSOCK)
    s.bind(pid)
    return s
  })
  const memory = (program: Uint8Array) => ({
    read: (addr: number, length: number) => (addr === 0x1000 && length <= program.length ? program.slice(0, length) : EFAULT),
    write: () => EFAULT,
  })
  const attach = (addr: number, ...insns: Uint8Array[]): Errno | undefined => {
    const fprog = new Uint8Array(16)
    put16(fprog, 0, insns.length)
    put64(fprog, 8, addr)
    return sys_setsockopt(b.task, b.sock, SOL_SOCKET, SO_ATTACH_FILTER, fprog, memory(concat(...insns)))
  }
  t.equal(attach(0x2000, insn(RET, 1)), EFAULT)
  t.equal(attach(0x1000, insn(0xff, 1)), EINVAL)
  t.equal(b.setSocket(SO_DETACH_FILTER, 0), ENOENT)
  // keep two bytes of what begins with 7
  t.equal(attach(0x1000, insn(0x30, 0), insn(0x15, 7, 0, 1), insn(RET, 2), insn(RET, 0)), undefined)
  t.equal(a.send(Uint8Array.from([1, 2, 3]), sockaddr(11)), 3, 'dropped without the sender knowing')
  t.equal(b.receive(), EAGAIN)
  a.send(Uint8Array.from([7, 8, 9]), sockaddr(11))
  t.match(b.receive(), { data: Uint8Array.from([7, 8]), result: 2 })
  b.setSocket(SO_LOCK_FILTER, 1)
  t.equal(b.setSocket(SO_DETACH_FILTER, 0), EPERM)
  t.equal(attach(0x1000, insn(RET, 0)), EPERM)
  t.equal(b.setSocket(SO_LOCK_FILTER, 0), EPERM)
})

t.test('a seeded storm of filters: refused, or run to an end', async (t) => {
  const { random } = bootNet()
  let accepted = 0
  for (let i = 0; i < 20000; i++) {
    const codes = [0x20, 0x28, 0x30, 0x50, 0x15, 0x25, 0x05, 0x04, 0x3c, 0x9c, 0x02, 0x61, 0xb1, 0x07, 0x16]
    const insns = Array.from({ length: 1 + random.below(6) }, () =>
      insn(codes[random.below(15)], random.below(24), random.below(3), random.below(3)),
    )
    const filter = sk_filter_make(concat(...insns, insn(RET, random.below(9))))
    if (isErrno(filter)) continue
    accepted++
    const kept = sk_filter_run(filter, random.bytes(random.below(24)), 0)
    if (!(kept >= 0 && kept <= 0xffffffff)) t.fail('no number')
  }
  t.ok(accepted > 1000)
})

import t from 'tap'
import * as op from '../../src/server/frames.ts'
import { answer, frame, nlmsg, startServer, Wire } from './client.ts'

const AF_INET = 2
const AF_NETLINK = 16
const SOCK_DGRAM = 2
const SOCK_RAW = 3
const MSG_DONTWAIT = 0x40
const SIOCGIFCONF = 0x8912
const SIOCGIFMTU = 0x8921
const SIOCSIFFLAGS = 0x8914
const SIOCGIFFLAGS = 0x8913
const none = new Uint8Array(0)

async function open(path: string, hello: object = {}): Promise<Wire> {
  const wire = new Wire(path)
  wire.send(`${JSON.stringify({ mode: 'syscall', ...hello })}\n`)
  const greeting = await wire.line()
  if (greeting.ok !== true) throw new Error(JSON.stringify(greeting))
  return wire
}
async function call(wire: Wire, code: number, ...fields: (number | bigint | Uint8Array)[]) {
  wire.send(frame(1, code, ...fields))
  return answer(wire)
}
function ifreq(name: string): Buffer {
  const b = Buffer.alloc(40)
  b.write(name, 'latin1')
  return b
}
/** Data that an answer's bytes field holds, the first of them at `at`. */
function field(data: Buffer, at = 0): { bytes: Buffer; end: number } {
  const n = data.readUInt32LE(at)
  return { bytes: data.subarray(at + 4, at + 4 + n), end: at + 4 + n }
}

t.test('syscall mode', async (t) => {
  const { path, labs, stop } = await startServer()
  t.teardown(stop)

  await t.test('ioctls read and change devices; structures come back in place', async (t) => {
    const wire = await open(path)
    const { result: fd } = await call(wire, op.OP_SOCKET, AF_INET, SOCK_DGRAM, 0)
    t.equal(fd, 3)
    const mtu = await call(wire, op.OP_IOCTL, fd, SIOCGIFMTU, 0x1000n, 1, 0x1000n, ifreq('lo'))
    t.equal(mtu.result, 0)
    t.equal(field(mtu.data).bytes.readInt32LE(16), 65536)
    const up = ifreq('lo')
    up.writeUInt16LE(1, 16)
    t.equal((await call(wire, op.OP_IOCTL, fd, SIOCSIFFLAGS, 0x1000n, 1, 0x1000n, up)).result, 0)
    const flags = await call(wire, op.OP_IOCTL, fd, SIOCGIFFLAGS, 0x1000n, 1, 0x1000n, ifreq('lo'))
    t.equal(field(flags.data).bytes.readUInt16LE(16) & 1, 1)
    t.equal((await call(wire, op.OP_IOCTL, fd, SIOCGIFMTU, 0x1000n, 1, 0x1000n, ifreq('nope'))).result, -19)
    t.equal(
      (await call(wire, op.OP_IOCTL, fd, SIOCGIFMTU, 0x2000n, 1, 0x1000n, ifreq('lo'))).result,
      -14,
      'EFAULT outside of what was sent',
    )
    wire.close()
  })

  await t.test('structures with pointers: each piece of memory has its address', async (t) => {
    const wire = await open(path)
    const { result: fd } = await call(wire, op.OP_SOCKET, AF_INET, SOCK_DGRAM, 0)
    const ifconf = Buffer.alloc(16)
    ifconf.writeInt32LE(400, 0)
    ifconf.writeBigUInt64LE(0x5000n, 8)
    const { result, data } = await call(wire, op.OP_IOCTL, fd, SIOCGIFCONF, 0x1000n, 2, 0x1000n, ifconf, 0x5000n, Buffer.alloc(400))
    t.equal(result, 0)
    const first = field(data)
    t.equal(first.bytes.readInt32LE(0) % 40, 0)
    t.equal(field(data, first.end).bytes.length, 400)
    wire.close()
  })

  await t.test('a netlink socket: bind, name, options, send, receive', async (t) => {
    const wire = await open(path)
    const { result: fd } = await call(wire, op.OP_SOCKET, AF_NETLINK, SOCK_RAW, 0)
    const sockaddr = Buffer.alloc(12)
    sockaddr.writeUInt16LE(AF_NETLINK, 0)
    t.equal((await call(wire, op.OP_BIND, fd, sockaddr)).result, 0)
    const name = field((await call(wire, op.OP_GETSOCKNAME, fd)).data).bytes
    t.equal(name.readUInt16LE(0), AF_NETLINK)
    t.equal((await call(wire, op.OP_SETSOCKOPT, fd, 270, 11, Buffer.of(1, 0, 0, 0))).result, 0)
    const option = await call(wire, op.OP_GETSOCKOPT, fd, 270, 11, 4)
    t.equal(field(option.data).bytes.readUInt32LE(0), 1)
    const request = nlmsg(18, 1, 9, Buffer.from('00000000010000000000000000000000', 'hex'))
    t.equal((await call(wire, op.OP_SENDMSG, fd, 0, none, none, request)).result, request.length)
    t.equal((await call(wire, op.OP_POLL, fd)).result & 1, 1)
    const got = await call(wire, op.OP_RECVMSG, fd, 0, 65536, 0)
    t.equal(got.data.readUInt32LE(0), 0, 'msg_flags')
    const from = field(got.data, 4)
    const data = field(got.data, field(got.data, from.end).end).bytes
    t.equal(got.result, data.length)
    t.equal(data.readUInt32LE(8), 9)
    t.equal((await call(wire, op.OP_CLOSE, fd)).result, 0)
    t.equal((await call(wire, op.OP_POLL, fd)).result, -9)
    wire.close()
  })

  await t.test('a receive waits for data while other calls go on; MSG_DONTWAIT does not', async (t) => {
    const wire = await open(path)
    const { result: fd } = await call(wire, op.OP_SOCKET, AF_NETLINK, SOCK_RAW, 0)
    t.equal((await call(wire, op.OP_RECVMSG, fd, MSG_DONTWAIT, 100, 0)).result, -11)
    wire.send(frame(77, op.OP_RECVMSG, fd, 0, 65536, 0))
    wire.send(frame(78, op.OP_POLL, fd))
    t.equal((await answer(wire)).id, 78, 'the waiting call has not been answered')
    wire.send(frame(79, op.OP_SENDMSG, fd, 0, none, none, nlmsg(18, 1, 9, Buffer.from('00000000010000000000000000000000', 'hex'))))
    const ids = [(await answer(wire)).id, (await answer(wire)).id]
    t.same(ids.sort(), [77, 79])
    wire.send(frame(80, op.OP_RECVMSG, fd, 0, 100, 0))
    wire.send(frame(81, op.OP_CLOSE, fd))
    const last = [await answer(wire), await answer(wire)]
    t.equal(last.find((a) => a.id === 80)?.result, -9, 'closing ends the wait')
    wire.close()
  })

  await t.test('files of proc and sys', async (t) => {
    const wire = await open(path)
    const dev = await call(wire, op.OP_READ_FILE, Buffer.from('/proc/net/dev'))
    t.match(field(dev.data).bytes.toString(), /^Inter-\|[\s\S]*lo:/)
    t.equal((await call(wire, op.OP_READ_FILE, Buffer.from('/etc/passwd'))).result, -2)
    wire.close()
  })

  await t.test('what cannot be a call is answered in words', async (t) => {
    const wrong: [Buffer, RegExp][] = [
      [Buffer.of(1, 0, 0, 0, 0), /length 1: a frame has at least/],
      [Buffer.from('ffffff7f', 'hex'), /length 2147483647: at most/],
      [frame(1, op.OP_SOCKET, 2), /type: 4 bytes are needed, 0 are left/],
      [frame(1, op.OP_SOCKET, 2, 2, 0, 0), /4 bytes too many/],
      [frame(1, op.OP_BIND, 3, 1000), /fd|addr/],
    ]
    for (const [bytes, text] of wrong) {
      const wire = await open(path)
      if (text.source === 'fd|addr') await call(wire, op.OP_SOCKET, AF_INET, SOCK_DGRAM, 0)
      wire.send(bytes)
      const { error } = JSON.parse((await wire.rest()).toString())
      t.equal(error.code, 'BAD_FRAME')
      t.match(error.message, text)
    }
    const wire = await open(path)
    t.equal((await call(wire, 999, 3)).result, -38, 'an unknown op is ENOSYS')
    t.equal((await call(wire, op.OP_POLL, 3)).result, -9)
    wire.close()
  })

  await t.test('sockets are bounded, and none outlives its connection', async (t) => {
    const wire = await open(path)
    let last = 0
    for (let i = 0; i < 1025; i++) last = (await call(wire, op.OP_SOCKET, AF_INET, SOCK_DGRAM, 0)).result
    t.equal(last, -24)
    wire.close()
    const probe = await open(path)
    t.ok(labs.host('default', 'default').host.kernel.tasks.size >= 1)
    probe.close()
  })
})

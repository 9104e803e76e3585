/**
 * A trivial network kernel behind the door of attach, for tests of attach alone: rtnetlink that acknowledges, knows
 * three links and counts routes; the index ioctl; two files; ports by pid. It has nothing of Linux but the shapes.
 */

import type { AttachHost, DoorInode, DoorSocket } from '../../src/attach/index.ts'
import type { ReceivedMessage, ReceiveRequest, SendMessage, SocketWatcher, TaskIdentity, UserMemory } from '../../src/syscalls/types.ts'
import { EACCES, EAGAIN, ECONNREFUSED, EINVAL, ENODEV, ENOENT, ENOTTY, EPERM, Errno, isErrno } from '../../src/uapi/errno.ts'

const LINKS: [string, number, number, number, number, string][] = [
  ['lo', 1, 0x49, 772, 65536, '000000000000'],
  ['nd0', 2, 0x1043, 1, 1500, '02aabbccdd01'],
  ['nd1', 3, 0x1043, 1, 1500, '02aabbccdd02'],
]
const AF_NETLINK = 16
/** A request of this fake alone: send a multicast, without an acknowledgement. */
const MULTICAST_NOW = 1280
const SOL_SOCKET = 1
const SO_RCVTIMEO = 20

class FakeSocket implements DoorSocket {
  watcher: SocketWatcher | undefined
  rcvtimeo = 0
  sndtimeo = 0
  portid = 0
  groups = 0
  queue: Uint8Array[] = []
  /** Parts of a dump that go out one by one as the program reads. */
  dump: Uint8Array[] = []
  readonly family: number
  constructor(family: number) {
    this.family = family
  }
  deliver(message: Uint8Array): void {
    this.queue.push(message)
    this.watcher?.dataReady()
  }
}

function attribute(type: number, payload: Uint8Array): Buffer {
  const out = Buffer.alloc((payload.length + 7) & ~3)
  out.writeUInt16LE(payload.length + 4, 0)
  out.writeUInt16LE(type, 2)
  out.set(payload, 4)
  return out
}
const u32 = (n: number): Buffer => {
  const out = Buffer.alloc(4)
  out.writeUInt32LE(n >>> 0)
  return out
}
function netlinkMessage(type: number, flags: number, seq: number, portid: number, body: Uint8Array): Buffer {
  const out = Buffer.alloc((16 + body.length + 3) & ~3)
  out.writeUInt32LE(16 + body.length, 0)
  out.writeUInt16LE(type, 4)
  out.writeUInt16LE(flags, 6)
  out.writeUInt32LE(seq >>> 0, 8)
  out.writeUInt32LE(portid >>> 0, 12)
  out.set(body, 16)
  return out
}
function linkBody([name, index, flags, type, mtu, mac]: (typeof LINKS)[number]): Buffer {
  const head = Buffer.alloc(16)
  head.writeUInt16LE(type, 2)
  head.writeInt32LE(index, 4)
  head.writeUInt32LE(flags, 8)
  return Buffer.concat([
    head,
    attribute(3, Buffer.from(`${name}\0`)),
    attribute(13, u32(1000)),
    attribute(16, Buffer.from([6])),
    attribute(17, Buffer.from([0])),
    attribute(4, u32(mtu)),
    attribute(1, Buffer.from(mac, 'hex')),
    attribute(2, Buffer.from('ffffffffffff', 'hex')),
    attribute(6, Buffer.from('noqueue\0')),
  ])
}

export class FakeHost implements AttachHost<TaskIdentity> {
  routes = 0
  forwarding = '0\n'
  sockets = new Set<FakeSocket>()
  tasks = new Map<number, TaskIdentity>()
  taskFor = (identity: TaskIdentity): TaskIdentity => {
    this.tasks.set(identity.tid, identity)
    return identity
  }
  taskExit = (tid: number): void => void this.tasks.delete(tid)

  /** A message to all that joined group 1 (as `ip monitor link` does). */
  multicast(): void {
    for (const sock of this.sockets) if (sock.groups & 1) sock.deliver(netlinkMessage(16, 0, 0, 0, linkBody(LINKS[1])))
  }

  syscalls = {
    sys_socket: (_task: TaskIdentity, family: number, _type: number, protocol: number): FakeSocket | Errno => {
      if (family === AF_NETLINK && protocol !== 0) return new Errno(93, 'EPROTONOSUPPORT', 'Protocol not supported')
      const sock = new FakeSocket(family)
      this.sockets.add(sock)
      return sock
    },
    sys_bind: (task: TaskIdentity, sock: FakeSocket, addr: Uint8Array): Errno | undefined => {
      if (addr.length < 12) return EINVAL
      const view = Buffer.from(addr)
      sock.groups = view.readUInt32LE(8)
      this.bindPort(task, sock, view.readUInt32LE(4))
      return undefined
    },
    sys_connect: (task: TaskIdentity, sock: FakeSocket): Errno | undefined => {
      if (sock.family !== AF_NETLINK) return ECONNREFUSED
      this.bindPort(task, sock, 0)
      return undefined
    },
    sys_listen: () => EINVAL,
    sys_accept: () => EINVAL,
    sys_shutdown: () => EINVAL,
    sys_getsockname: (_task: TaskIdentity, sock: FakeSocket): Uint8Array =>
      Buffer.concat([Buffer.from([AF_NETLINK, 0, 0, 0]), u32(sock.portid), u32(sock.groups)]),
    sys_getpeername: (): Uint8Array => Buffer.concat([Buffer.from([AF_NETLINK, 0, 0, 0]), u32(0), u32(0)]),
    sys_setsockopt: (_task: TaskIdentity, sock: FakeSocket, level: number, option: number, value: Uint8Array): Errno | undefined => {
      if (level === SOL_SOCKET && option === SO_RCVTIMEO) {
        const time = Buffer.from(value)
        sock.rcvtimeo = Number(time.readBigInt64LE(0)) * 1000 + Number(time.readBigInt64LE(8)) / 1000
      }
      return undefined
    },
    sys_getsockopt: (): Uint8Array => u32(212992),
    sys_sendmsg: (task: TaskIdentity, sock: FakeSocket, { data }: SendMessage): number => {
      if (sock.portid === 0) this.bindPort(task, sock, 0)
      this.request(task, sock, Buffer.from(data))
      return data.length
    },
    sys_recvmsg: (_task: TaskIdentity, sock: FakeSocket, request: ReceiveRequest): ReceivedMessage | Errno => {
      const message = sock.queue[0]
      if (message === undefined) return EAGAIN
      if ((request.flags & 2) === 0) {
        sock.queue.shift()
        const next = sock.dump.shift()
        if (next !== undefined) sock.deliver(next)
      }
      const data = message.subarray(0, request.size)
      const cut = data.length < message.length
      return {
        data,
        result: request.flags & 0x20 ? message.length : data.length,
        name: Buffer.concat([Buffer.from([AF_NETLINK, 0, 0, 0]), u32(0), u32(0)]),
        control: new Uint8Array(0),
        flags: cut ? 0x20 : 0,
      }
    },
    sys_poll: (sock: FakeSocket): number => (sock.queue.length > 0 ? 5 : 4),
    sys_ioctl: (task: TaskIdentity, _sock: FakeSocket | undefined, request: number, arg: number, memory: UserMemory): number | Errno => {
      const ifreq = memory.read(arg, 40)
      if (request !== 0x8933 && request !== 0x8914) return ENOTTY
      if (isErrno(ifreq)) return ifreq
      if (request === 0x8914) return task.capabilities & (1n << 12n) ? 0 : EPERM
      const name = Buffer.from(ifreq).toString('latin1', 0, 16).replace(/\0.*/s, '')
      const link = LINKS.find(([other]) => other === name)
      if (link === undefined) return ENODEV
      return memory.write(arg + 16, u32(link[1])) ?? 0
    },
    sys_close: (sock: FakeSocket): void => void this.sockets.delete(sock),
    sys_open: (_task: TaskIdentity, path: string): DoorInode | Errno | undefined => this.file(path),
    sys_access: (_task: TaskIdentity, file: DoorInode, mode: number) => ((mode & ~(file.mode >> 6)) === 0 ? undefined : EACCES),
  }

  private bindPort(task: TaskIdentity, sock: FakeSocket, wanted: number): void {
    if (sock.portid !== 0) return
    const used = new Set([...this.sockets].map((other) => other.portid))
    let portid = wanted || task.tgid
    while (used.has(portid)) portid = (portid + 0x1000) >>> 0
    sock.portid = portid
  }

  private request(task: TaskIdentity, sock: FakeSocket, data: Buffer): void {
    for (let at = 0; at + 16 <= data.length; ) {
      const length = data.readUInt32LE(at)
      if (length < 16) return
      this.one(task, sock, data.subarray(at, at + length))
      at += (length + 3) & ~3
    }
  }

  private one(task: TaskIdentity, sock: FakeSocket, message: Buffer): void {
    const [type, flags, seq] = [message.readUInt16LE(4), message.readUInt16LE(6), message.readUInt32LE(8)]
    const acknowledge = (error: number) =>
      sock.deliver(netlinkMessage(2, 0, seq, sock.portid, Buffer.concat([u32(-error), message.subarray(0, 16)])))
    const isDump = (flags & 0x300) === 0x300
    if (isDump) {
      const links = type === 18 ? LINKS : []
      const parts = links.map((link) => netlinkMessage(16, 2, seq, sock.portid, linkBody(link)))
      sock.dump = [...parts, netlinkMessage(3, 2, seq, sock.portid, u32(0))]
      sock.deliver(sock.dump.shift() as Uint8Array)
    } else if (type === 18) {
      const link = LINKS.find((other) => other[1] === message.readInt32LE(20) || message.includes(`${other[0]}\0`))
      if (link === undefined) acknowledge(ENODEV.code)
      else sock.deliver(netlinkMessage(16, 0, seq, sock.portid, linkBody(link)))
    } else if (type === MULTICAST_NOW) this.multicast()
    else if ((task.capabilities & (1n << 12n)) === 0n) acknowledge(EPERM.code)
    else {
      if (type === 24) this.routes++
      acknowledge(0)
    }
  }

  private file(path: string): DoorInode | Errno | undefined {
    const text = (content: () => string, mode = 0o444, write?: (bytes: Uint8Array) => number | Errno): DoorInode => ({
      kind: 'file',
      mode,
      read: () => Buffer.from(content()),
      write,
    })
    if (path === '/proc/net/dev') return text(() => 'Inter-| fake\n')
    if (path === '/proc/sys/net/ipv4/ip_forward') {
      return text(
        () => this.forwarding,
        0o644,
        (bytes) => {
          const value = Buffer.from(bytes).toString().trim()
          if (value !== '0' && value !== '1') return EINVAL
          this.forwarding = `${value}\n`
          return bytes.length
        },
      )
    }
    const link: DoorInode = { kind: 'symlink', mode: 0o777, target: '../../devices/x', read: () => EINVAL }
    if (LINKS.some(([name]) => path === `/sys/class/net/${name}`)) return link
    if (path === '/sys/class/net') {
      return { kind: 'dir', mode: 0o555, read: () => EINVAL, list: () => LINKS.map(([name]) => name), child: () => link }
    }
    if (path === '/sys/class/net/lo/carrier') return { kind: 'file', mode: 0o444, read: () => EINVAL }
    return path.startsWith('/proc/net/') ? ENOENT : undefined
  }
}

/** Syscall mode: a program's task on a connection, its sockets by descriptor, one framed request per system call. */
import type { Duplex } from 'node:stream'
import { EACCES, EAGAIN, EBADF, EINVAL, EMFILE, ENOENT, ENOSYS, type Errno, isErrno } from '../uapi/errno.ts'
import { MSG_DONTWAIT } from '../uapi/linux/socket.ts'
import {
  answer,
  type FrameReader,
  FrameSplitter,
  OP_BIND,
  OP_CLOSE,
  OP_CONNECT,
  OP_GETPEERNAME,
  OP_GETSOCKNAME,
  OP_GETSOCKOPT,
  OP_IOCTL,
  OP_POLL,
  OP_READ_FILE,
  OP_RECVMSG,
  OP_SENDMSG,
  OP_SETSOCKOPT,
  OP_SOCKET,
  OP_WRITE_FILE,
} from './frames.ts'
import type { Place } from './hello.ts'
import { SegmentMemory } from './segments.ts'

const MAX_SOCKETS = 1024
/** Receives that wait for data, on one connection. */
const MAX_PARKED = 1024
const MAX_RECEIVE = 1 << 20
const MAX_OPTION = 1 << 16

interface Open {
  fd: number
  sock: any
  parked: Parked[]
}
interface Parked {
  id: number
  request: { size: number; controlSize: number; flags: number }
}
type Answer = Buffer | undefined

export class SyscallSession {
  private readonly stream: Duplex
  private readonly place: Place
  private readonly splitter = new FrameSplitter()
  private readonly open = new Map<number, Open>()
  private parked = 0
  private closed = false
  private waiting: Buffer[] = []

  constructor(stream: Duplex, place: Place) {
    this.stream = stream
    this.place = place
  }

  data(chunk: Buffer): void {
    // a client that does not read its answers is not listened to either: what it costs us stays bounded
    if (this.stream.writableNeedDrain) {
      this.waiting.push(chunk)
      this.stream.pause()
      if (this.waiting.length === 1) this.stream.once('drain', () => this.resume())
      return
    }
    this.splitter.feed(chunk)
    for (let frame = this.splitter.next(); frame !== undefined && !this.closed; frame = this.splitter.next()) {
      const reply = this.call(frame)
      if (reply !== undefined) this.stream.write(reply)
    }
  }

  private resume(): void {
    const chunks = this.waiting
    this.waiting = []
    this.stream.resume()
    for (const chunk of chunks) this.data(chunk)
  }

  private get door() {
    return this.place.served.time.door
  }

  private call(f: FrameReader): Answer {
    switch (f.op) {
      case OP_SOCKET:
        return this.socket(f)
      case OP_READ_FILE:
        return this.readFile(f)
      case OP_WRITE_FILE:
        return this.writeFile(f)
      case OP_IOCTL:
        return this.ioctl(f)
    }
    const handler = handlers[f.op]
    if (handler === undefined) return answer(f.id, -ENOSYS.code)
    const open = this.open.get(f.u32('fd'))
    return handler(this, f, open)
  }

  private socket(f: FrameReader): Answer {
    const [family, type, protocol] = [f.u32('family'), f.u32('type'), f.u32('protocol')]
    f.end()
    if (this.open.size >= MAX_SOCKETS) return answer(f.id, -EMFILE.code)
    const sock = this.door.sys_socket(this.place.task, family, type, protocol)
    if (isErrno(sock)) return failed(f, sock)
    let fd = 3
    while (this.open.has(fd)) fd++
    const open: Open = { fd, sock, parked: [] }
    this.open.set(fd, open)
    sock.watcher = { dataReady: () => queueMicrotask(() => this.ready(open)) }
    return answer(f.id, fd)
  }

  bind(f: FrameReader, open: Open): Answer {
    const addr = f.bytes('addr')
    f.end()
    return done(f, this.door.sys_bind(this.place.task, open.sock, addr))
  }
  connect(f: FrameReader, open: Open): Answer {
    const addr = f.bytes('addr')
    f.end()
    return done(f, this.door.sys_connect(this.place.task, open.sock, addr))
  }
  getsockname(f: FrameReader, open: Open): Answer {
    f.end()
    return bytesOf(f, this.door.sys_getsockname(this.place.task, open.sock))
  }
  getpeername(f: FrameReader, open: Open): Answer {
    f.end()
    return bytesOf(f, this.door.sys_getpeername(this.place.task, open.sock))
  }
  setsockopt(f: FrameReader, open: Open): Answer {
    const [level, option, value] = [f.u32('level'), f.u32('option'), f.bytes('value')]
    f.end()
    return done(f, this.door.sys_setsockopt(this.place.task, open.sock, level, option, value))
  }
  getsockopt(f: FrameReader, open: Open): Answer {
    const [level, option, room] = [f.u32('level'), f.u32('option'), f.u32('room')]
    f.end()
    if (room > MAX_OPTION) return failed(f, EINVAL)
    return bytesOf(f, this.door.sys_getsockopt(this.place.task, open.sock, level, option, room))
  }
  poll(f: FrameReader, open: Open): Answer {
    f.end()
    return answer(f.id, this.door.sys_poll(open.sock))
  }

  sendmsg(f: FrameReader, open: Open): Answer {
    const [flags, name, control, data] = [f.u32('flags'), f.bytes('name'), f.bytes('control'), f.bytes('data')]
    f.end()
    const message = { data, flags, ...(name.length > 0 ? { name } : {}), ...(control.length > 0 ? { control } : {}) }
    const result = this.door.sys_sendmsg(this.place.task, open.sock, message)
    return isErrno(result) ? failed(f, result) : answer(f.id, result)
  }

  recvmsg(f: FrameReader, open: Open): Answer {
    const [flags, size, controlSize] = [f.u32('flags'), f.u32('size'), f.u32('control size')]
    f.end()
    if (size > MAX_RECEIVE || controlSize > MAX_OPTION) return failed(f, EINVAL)
    const request = { size, controlSize, flags: flags & ~MSG_DONTWAIT }
    // those that wait already come first
    const reply = open.parked.length > 0 ? undefined : this.receive(open, f.id, request)
    if (reply !== undefined) return reply
    if ((flags & MSG_DONTWAIT) !== 0 || this.parked >= MAX_PARKED) return failed(f, EAGAIN)
    open.parked.push({ id: f.id, request })
    this.parked++
    return undefined
  }

  /** Undefined: nothing there. */
  private receive(open: Open, id: number, request: Parked['request']): Answer {
    const got = this.door.sys_recvmsg(this.place.task, open.sock, request)
    if (got === EAGAIN) return undefined
    if (isErrno(got)) return answer(id, -got.code)
    return answer(id, got.result, [got.flags, got.name, got.control, got.data])
  }

  private ready(open: Open): void {
    while (!this.closed && open.parked.length > 0) {
      const reply = this.receive(open, open.parked[0].id, open.parked[0].request)
      if (reply === undefined) return
      open.parked.shift()
      this.parked--
      this.stream.write(reply)
    }
  }

  private ioctl(f: FrameReader): Answer {
    const [fd, request, arg, count] = [f.u32('fd'), f.u32('request'), f.u64('arg'), f.u32('segments')]
    const segments = []
    for (let i = 0; i < count; i++) segments.push({ address: f.u64(`segment ${i} address`), bytes: f.bytes(`segment ${i}`) })
    f.end()
    const open = this.open.get(fd)
    if (open === undefined) return failed(f, EBADF)
    const result = this.door.sys_ioctl(this.place.task, open.sock, request, arg, new SegmentMemory(segments))
    return answer(
      f.id,
      isErrno(result) ? -result.code : result,
      segments.map((s) => s.bytes),
    )
  }

  private readFile(f: FrameReader): Answer {
    const path = f.text('path')
    f.end()
    const inode = this.door.sys_open(this.place.task, path)
    if (inode === undefined) return failed(f, ENOENT)
    if (isErrno(inode)) return failed(f, inode)
    if (inode.kind === 'dir' && inode.list !== undefined) return bytesOf(f, Buffer.from([...inode.list()].map((n) => `${n}\n`).join('')))
    return inode.read === undefined ? failed(f, EACCES) : bytesOf(f, inode.read())
  }

  private writeFile(f: FrameReader): Answer {
    const [path, data] = [f.text('path'), f.bytes('data')]
    f.end()
    const inode = this.door.sys_open(this.place.task, path)
    if (inode === undefined) return failed(f, ENOENT)
    if (isErrno(inode)) return failed(f, inode)
    if (inode.write === undefined) return failed(f, EACCES)
    const result = inode.write(data)
    return isErrno(result) ? failed(f, result) : answer(f.id, result)
  }

  shut(f: FrameReader, open: Open): Answer {
    f.end()
    this.drop(open)
    return answer(f.id, 0)
  }

  private drop(open: Open): void {
    this.open.delete(open.fd)
    for (const parked of open.parked) if (!this.closed) this.stream.write(answer(parked.id, -EBADF.code))
    this.parked -= open.parked.length
    open.parked = []
    open.sock.watcher = undefined
    this.door.sys_close(open.sock)
  }

  close(): void {
    if (this.closed) return
    this.closed = true
    for (const open of [...this.open.values()]) this.drop(open)
    this.place.host.kernel.task_exit(this.place.task.pid)
  }
}

type Handler = (session: SyscallSession, f: FrameReader, open: Open | undefined) => Answer
type SocketCall = 'bind' | 'connect' | 'getsockname' | 'getpeername' | 'setsockopt' | 'getsockopt' | 'sendmsg' | 'recvmsg' | 'poll' | 'shut'

/** Calls on an open socket. */
function onSocket(name: SocketCall): Handler {
  return (session, f, open) => (open === undefined ? failed(f, EBADF) : session[name](f, open))
}
const handlers: Record<number, Handler | undefined> = {
  [OP_BIND]: onSocket('bind'),
  [OP_CONNECT]: onSocket('connect'),
  [OP_GETSOCKNAME]: onSocket('getsockname'),
  [OP_GETPEERNAME]: onSocket('getpeername'),
  [OP_SETSOCKOPT]: onSocket('setsockopt'),
  [OP_GETSOCKOPT]: onSocket('getsockopt'),
  [OP_SENDMSG]: onSocket('sendmsg'),
  [OP_RECVMSG]: onSocket('recvmsg'),
  [OP_POLL]: onSocket('poll'),
  [OP_CLOSE]: onSocket('shut'),
}

function failed(f: FrameReader, error: Errno): Buffer {
  return answer(f.id, -error.code)
}
function done(f: FrameReader, error: Errno | undefined): Buffer {
  return answer(f.id, isErrno(error) ? -error.code : 0)
}
function bytesOf(f: FrameReader, value: Uint8Array | Errno): Buffer {
  return isErrno(value) ? failed(f, value) : answer(f.id, 0, [value])
}

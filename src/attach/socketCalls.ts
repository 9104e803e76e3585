/** socket() and what does not move data: names, options, listening. */
import { isErrno } from '../uapi/errno.ts'
import {
  EAGAIN,
  EFAULT,
  EINVAL,
  EMFILE,
  MSG_DONTWAIT,
  MSG_ERRQUEUE,
  O_NONBLOCK,
  SOCK_CLOEXEC,
  SOCK_NONBLOCK,
  SOCK_TYPE_MASK,
  SOCKADDR_STORAGE,
} from './abi.ts'
import type { Handlers } from './calls.ts'
import { AT_NAME, AT_PAYLOAD, bytes, field, NAME_SIZE, native, octets } from './native.ts'
import type { Process } from './processes.ts'
import type { Call, Supervisor } from './supervisor.ts'
import { ANSWERED, arg, CONTINUE, copyOut, intArg, type Outcome } from './trap.ts'
import { VirtualSocket } from './virtualSocket.ts'

/** The virtual socket that argument 0 names, noting who uses it. Below our range only names and options are asked of us. */
export function socketOf(s: Supervisor, call: Call): VirtualSocket | undefined {
  return socketAt(s, call, intArg(0))
}
export function socketAt(s: Supervisor, call: Call, fd: number): VirtualSocket | undefined {
  const found = s.described(call.process, fd)
  if (!(found instanceof VirtualSocket)) return undefined
  found.usedBy(call.process, fd)
  if (fd < call.process.attachment.base) found.becomeUntrapped()
  return found
}

/** The lowest descriptor number in our range that the process does not use, or -EMFILE. */
export function freeNumber(process: Process, from = 0): number {
  const { base, top } = process.attachment
  const start = Math.max(base, process.lowestFree)
  for (let n = Math.max(start, from); n < top; n++) {
    const known = process.descriptors.get(n)
    if (known !== undefined && !known.closed) continue
    if (native.fdInode(process.tgid, n) >= 0) continue // a program may have put something of its own there
    if (from <= start) process.lowestFree = n
    return n
  }
  return -EMFILE
}

/** Whether a call on this socket must not wait. Nobody waits for errors (net/core/sock.c sock_recv_errqueue). */
export function mayNotWait(s: Supervisor, socket: VirtualSocket, flags: number): boolean {
  if (flags & (MSG_DONTWAIT | MSG_ERRQUEUE)) return true
  return s.ends.hold(socket) && (native.statusFlags(socket.far) & O_NONBLOCK) !== 0
}

/** Gives the program a descriptor for a simulated socket and answers with it. */
export function install(s: Supervisor, call: Call, sock: any, family: number, type: number, protocol: number, path?: string): number {
  const { process, trap } = call
  const { sys_close } = process.attachment.host.syscalls
  const wanted = freeNumber(process)
  if (wanted < 0) {
    sys_close(sock)
    return wanted
  }
  const socket = s.ends.open(process, sock, family, type & SOCK_TYPE_MASK, protocol, (type & SOCK_NONBLOCK) !== 0)
  if (typeof socket === 'number') {
    sys_close(sock)
    return socket
  }
  const fd = trap.answerWithFd(socket.far, wanted, (type & SOCK_CLOEXEC) !== 0)
  if (fd < 0) {
    s.ends.remove(socket)
    return fd
  }
  if (path !== undefined) s.ends.isDevice(socket, path)
  socket.usedBy(process, fd)
  process.descriptors.set(fd, socket)
  s.touch(socket)
  return fd
}

function socket(s: Supervisor, call: Call): Outcome {
  const [family, type, protocol] = [intArg(0), intArg(1), intArg(2)]
  const sock = call.process.attachment.host.syscalls.sys_socket(call.task, family, type, protocol)
  const ret = isErrno(sock) ? -sock.code : install(s, call, sock, family, type, protocol)
  s.trace?.({ kind: 'socket', pid: call.process.pid, hostPid: call.process.tgid, family, type, proto: protocol, ret })
  return ret < 0 ? ret : ANSWERED
}

/** bind() and connect(). */
function withAddress(kind: 'bind' | 'connect') {
  return (s: Supervisor, call: Call): Outcome => {
    const socket = socketOf(s, call)
    if (socket === undefined) return CONTINUE
    const length = intArg(2)
    if (length < 0 || length > SOCKADDR_STORAGE) return -EINVAL
    if (native.read(call.trap.tid, arg(1), length, AT_NAME) < 0) return -EFAULT
    const addr = copyOut(AT_NAME, length)
    const error = kind === 'bind' ? socket.sys.sys_bind(call.task, socket.sock, addr) : socket.sys.sys_connect(call.task, socket.sock, addr)
    const ret = error === undefined ? 0 : -error.code
    s.trace?.({ ...s.traceSocket(call.process, intArg(0), socket, ret), kind, addr })
    return ret
  }
}

/** Writes a sockaddr: cut to the program's room, with its real length; after `data` bytes of payload to `to`. */
export function storeAddress(tid: number, addr: number, lengthAt: number, name: Uint8Array, to = 0, data = 0): number {
  octets.set(name.subarray(0, NAME_SIZE), AT_NAME)
  return native.storeName(tid, addr, lengthAt, name.length, to, data)
}

/** getsockname() and getpeername(). */
function nameOf(kind: 'getsockname' | 'getpeername') {
  return (s: Supervisor, call: Call): Outcome => {
    const socket = socketOf(s, call)
    if (socket === undefined) return CONTINUE
    const { sys, sock } = socket
    const name = kind === 'getsockname' ? sys.sys_getsockname(call.task, sock) : sys.sys_getpeername(call.task, sock)
    const ret = isErrno(name) ? -name.code : storeAddress(call.trap.tid, arg(1), arg(2), name)
    s.trace?.({ ...s.traceSocket(call.process, intArg(0), socket, ret), kind, addr: isErrno(name) ? new Uint8Array(0) : name })
    return ret
  }
}

function setsockopt(s: Supervisor, call: Call): Outcome {
  const socket = socketOf(s, call)
  if (socket === undefined) return CONTINUE
  const [level, opt, length] = [intArg(1), intArg(2), intArg(4)]
  if (length < 0) return -EINVAL
  if (native.read(call.trap.tid, arg(3), length, AT_PAYLOAD) < 0) return -EFAULT
  const val = copyOut(AT_PAYLOAD, length)
  const error = socket.sys.sys_setsockopt(call.task, socket.sock, level, opt, val, s.memory)
  const ret = error === undefined ? 0 : -error.code
  // a flow label that was drawn is told where it was asked for
  if (error === undefined && bytes.compare(val, 0, length, AT_PAYLOAD, AT_PAYLOAD + length) !== 0) {
    octets.set(val, AT_PAYLOAD)
    native.write(call.trap.tid, arg(3), length, AT_PAYLOAD)
  }
  s.trace?.({ ...s.traceSocket(call.process, intArg(0), socket, ret), kind: 'setsockopt', level, opt, val })
  return ret
}

function getsockopt(s: Supervisor, call: Call): Outcome {
  const socket = socketOf(s, call)
  if (socket === undefined) return CONTINUE
  if (native.read(call.trap.tid, arg(4), 4, AT_NAME) < 0) return -EFAULT
  const room = field(AT_NAME)
  const at = arg(3)
  const input = () => s.memory.read(at, Math.max(room, 0))
  const value = socket.sys.sys_getsockopt(call.task, socket.sock, intArg(1), intArg(2), room, input)
  s.touch(socket) // SO_ERROR takes the error
  if (isErrno(value)) return -value.code
  bytes.set(value, AT_PAYLOAD)
  if (native.write(call.trap.tid, arg(3), room < 0 ? value.length : Math.min(room, value.length), AT_PAYLOAD) < 0) return -EFAULT
  bytes.writeUInt32LE(value.length, AT_NAME)
  return native.write(call.trap.tid, arg(4), 4, AT_NAME) < 0 ? -EFAULT : 0
}

function listen(s: Supervisor, call: Call): Outcome {
  const socket = socketOf(s, call)
  if (socket === undefined) return CONTINUE
  const error = socket.sys.sys_listen(call.task, socket.sock, intArg(1))
  s.touch(socket) // a stream that is not connected is readable, a listener not
  return error === undefined ? 0 : -error.code
}

function shutdown(s: Supervisor, call: Call): Outcome {
  const socket = socketOf(s, call)
  if (socket === undefined) return CONTINUE
  const error = socket.sys.sys_shutdown(call.task, socket.sock, intArg(1))
  s.touch(socket)
  return error === undefined ? 0 : -error.code
}

function accept(s: Supervisor, call: Call, flags: number): Outcome {
  const socket = socketOf(s, call)
  if (socket === undefined) return CONTINUE
  const [addr, lengthAt] = [arg(1), arg(2)]
  const attempt = (): number => {
    const accepted = socket.sys.sys_accept(call.task, socket.sock)
    if (isErrno(accepted)) return -accepted.code
    s.touch(socket)
    const peer = addr === 0 ? undefined : socket.sys.sys_getpeername(call.task, accepted)
    if (peer !== undefined && !isErrno(peer)) storeAddress(call.trap.tid, addr, lengthAt, peer)
    return install(s, call, accepted, socket.family, socket.type | flags, socket.protocol)
  }
  const ret = attempt()
  if (ret >= 0) return ANSWERED
  if (ret !== -EAGAIN || mayNotWait(s, socket, 0)) return ret
  s.parking.park(call.trap, call.process, socket, attempt, socket.sock.rcvtimeo ?? 0)
  return ANSWERED
}

export const socketCalls: Handlers = {
  socket,
  bind: withAddress('bind'),
  connect: withAddress('connect'),
  getsockname: nameOf('getsockname'),
  getpeername: nameOf('getpeername'),
  setsockopt,
  getsockopt,
  listen,
  shutdown,
  accept: (s, call) => accept(s, call, 0),
  accept4: (s, call) => accept(s, call, intArg(3)),
}

/** Calls that send: sendto, sendmsg, sendmmsg, and write and writev on a socket. */
import { isErrno } from '../uapi/errno.ts'
import { EAGAIN, EFAULT, EINVAL, EMSGSIZE, IOV_MAX, MSG_DONTWAIT, POLLOUT, SOCKADDR_STORAGE } from './abi.ts'
import type { Handlers } from './calls.ts'
import { AT_CONTROL, AT_MSGHDR, AT_NAME, AT_PAYLOAD, bytes, NAME_SIZE, native, PAYLOAD_SIZE, words } from './native.ts'
import { mayNotWait, socketOf } from './socketCalls.ts'
import type { Call, Supervisor } from './supervisor.ts'
import { ANSWERED, arg, CONTINUE, copyOut, intArg, type Outcome } from './trap.ts'
import { VirtualFile } from './virtualFile.ts'
import type { VirtualSocket } from './virtualSocket.ts'

const NOTHING: Uint8Array = new Uint8Array(0)
/** Word offsets in struct msghdr. */
const NAME_POINTER = AT_MSGHDR >> 2
const NAME_LENGTH = NAME_POINTER + 2
const CONTROL_POINTER = NAME_POINTER + 8
const CONTROL_LENGTH = NAME_POINTER + 10

/** Sends what lies in the payload area; waits for room where the program may wait. `flags` undefined: it was a write(). */
function sendOrPark(
  s: Supervisor,
  call: Call,
  socket: VirtualSocket,
  length: number,
  name: Uint8Array,
  control: Uint8Array,
  flags?: number,
): Outcome {
  const data = copyOut(AT_PAYLOAD, length)
  const attempt = () => send(s, call, socket, data, name, control, flags)
  const ret = attempt()
  // others say so too when something is used up for good
  const full = ret === -EAGAIN && (socket.sys.sys_poll(socket.sock) & POLLOUT) === 0
  if (!full) return ret
  // of a ring what could be sent has been, and is told to who does not wait for the rest
  if (mayNotWait(s, socket, flags ?? 0)) return send(s, call, socket, data, name, control, (flags ?? 0) | MSG_DONTWAIT)
  s.parking.park(call.trap, call.process, socket, attempt, socket.sock.sndtimeo ?? 0, () => {}, true)
  return ANSWERED
}
function send(
  s: Supervisor,
  call: Call,
  socket: VirtualSocket,
  data: Uint8Array,
  name: Uint8Array,
  control: Uint8Array,
  flags?: number,
): number {
  const sent = socket.sys.sys_sendmsg(call.task, socket.sock, {
    data,
    name: name.length > 0 ? name : undefined,
    control: control.length > 0 ? control : undefined,
    flags: flags ?? 0,
  })
  const ret = isErrno(sent) ? -sent.code : sent
  s.trace?.({ ...s.traceSocket(call.process, socket.userFd, socket, ret), kind: 'send', flags, addr: name, data })
  return ret
}

function sendto(s: Supervisor, call: Call): Outcome {
  const socket = socketOf(s, call)
  if (socket === undefined) return CONTINUE
  const [length, flags, nameAt, nameLength] = [arg(2), intArg(3), arg(4), intArg(5)]
  if (length > PAYLOAD_SIZE) return -EMSGSIZE
  let name: Uint8Array = NOTHING
  if (nameAt !== 0) {
    if (nameLength < 0 || nameLength > SOCKADDR_STORAGE) return -EINVAL
    if (native.read(call.trap.tid, nameAt, nameLength, AT_NAME) < 0) return -EFAULT
    name = copyOut(AT_NAME, nameLength)
  }
  if (native.read(call.trap.tid, arg(1), length, AT_PAYLOAD) < 0) return -EFAULT
  return sendOrPark(s, call, socket, length, name, NOTHING, flags)
}

function sendMessage(s: Supervisor, call: Call, socket: VirtualSocket, address: number, flags: number, several = false): Outcome {
  const length = native.fetchMessage(call.trap.tid, address, 1)
  if (length < 0) return length
  const hasName = words[NAME_POINTER] !== 0 || words[NAME_POINTER + 1] !== 0
  const hasControl = words[CONTROL_POINTER] !== 0 || words[CONTROL_POINTER + 1] !== 0
  const name = hasName ? copyOut(AT_NAME, Math.min(words[NAME_LENGTH], NAME_SIZE)) : NOTHING
  const control = hasControl ? copyOut(AT_CONTROL, words[CONTROL_LENGTH]) : NOTHING
  if (several) return send(s, call, socket, copyOut(AT_PAYLOAD, length), name, control, flags)
  return sendOrPark(s, call, socket, length, name, control, flags)
}

function sendmmsg(s: Supervisor, call: Call): Outcome {
  const socket = socketOf(s, call)
  if (socket === undefined) return CONTINUE
  const [vector, flags] = [arg(1), intArg(3)]
  const count = Math.min(arg(2), IOV_MAX)
  for (let i = 0; i < count; i++) {
    const address = vector + i * 64 // struct mmsghdr
    const ret = sendMessage(s, call, socket, address, flags, true)
    if (typeof ret !== 'number') return ret
    if (ret < 0) return i > 0 ? i : ret
    bytes.writeUInt32LE(ret, AT_NAME)
    if (native.write(call.trap.tid, address + 56, 4, AT_NAME) < 0) return i > 0 ? i : -EFAULT
  }
  return count
}

/** `offset`: of pwrite(), which only files with places in them look at. */
function write(s: Supervisor, call: Call, offset = 0): Outcome {
  const fd = intArg(0)
  const target = s.described(call.process, fd)
  if (target === undefined) return CONTINUE
  const length = arg(2)
  if (length > PAYLOAD_SIZE) return -EMSGSIZE
  if (native.read(call.trap.tid, arg(1), length, AT_PAYLOAD) < 0) return -EFAULT
  return writePayload(s, call, fd, length, offset)
}

function writev(s: Supervisor, call: Call): Outcome {
  const fd = intArg(0)
  if (s.described(call.process, fd) === undefined) return CONTINUE
  const length = native.fetchVectors(call.trap.tid, arg(1), arg(2), 1)
  return length < 0 ? length : writePayload(s, call, fd, length)
}

function writePayload(s: Supervisor, call: Call, fd: number, length: number, offset = 0): Outcome {
  const target = s.described(call.process, fd)
  if (target instanceof VirtualFile) return target.write(s, call, fd, copyOut(AT_PAYLOAD, length), offset)
  const socket = socketOf(s, call)
  return socket === undefined ? CONTINUE : sendOrPark(s, call, socket, length, NOTHING, NOTHING)
}

export const sendCalls: Handlers = {
  sendto,
  sendmsg: (s, call) => {
    const socket = socketOf(s, call)
    return socket === undefined ? CONTINUE : sendMessage(s, call, socket, arg(1), intArg(2))
  },
  sendmmsg,
  write: (s, call) => write(s, call),
  writev,
  pwrite64: (s, call) => write(s, call, arg(3)),
}

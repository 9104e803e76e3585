/** Calls that receive: recvfrom, recvmsg, recvmmsg, and read and readv on a socket; at once or parked. */

import type { ReceivedMessage } from '../syscalls/types.ts'
import { isErrno } from '../uapi/errno.ts'
import { EAGAIN, EFAULT, EINVAL, IOV_MAX, MSG_CTRUNC, MSG_PEEK, MSG_WAITFORONE } from './abi.ts'
import type { Handlers } from './calls.ts'
import { AT_CONTROL, AT_MSGHDR, AT_NAME, AT_PAYLOAD, bytes, CONTROL_SIZE, NAME_SIZE, native, PAYLOAD_SIZE, words } from './native.ts'
import { mayNotWait, socketOf, storeAddress } from './socketCalls.ts'
import type { Call, Supervisor } from './supervisor.ts'
import { ANSWERED, arg, CONTINUE, intArg, type Outcome } from './trap.ts'
import { VirtualFile } from './virtualFile.ts'
import type { VirtualSocket } from './virtualSocket.ts'

const CONTROL_POINTER = (AT_MSGHDR >> 2) + 8
const CONTROL_LENGTH = CONTROL_POINTER + 2
const TIMESPEC_SIZE = 16
const NSEC_PER_SEC = 1_000_000_000n
/** Tries to receive: the call's result, or -EAGAIN while there is nothing. */
type Attempt = () => number

interface Receive {
  s: Supervisor
  call: Call
  socket: VirtualSocket
  fd: number
  /** undefined: a read() */
  flags: number | undefined
}

/** Takes one message, with what the simulated kernel says about it. */
function take(r: Receive, size: number, controlSize: number): ReceivedMessage | number {
  r.s.touch(r.socket)
  const request = { size: Math.min(size, PAYLOAD_SIZE), controlSize, flags: r.flags ?? 0, comesBack: true }
  const message = r.socket.receive(r.call.task, request)
  if (isErrno(message)) return -message.code
  if (message.comesBack) r.s.received.add(r.socket)
  // the end is told to those who wait for more
  if (message.ended && mayNotWait(r.s, r.socket, request.flags)) return -EAGAIN
  return message
}

function trace(r: Receive, ret: number, message?: ReceivedMessage, withFlags = false): number {
  if (r.s.trace === undefined) return ret
  r.s.trace({
    ...r.s.traceSocket(r.call.process, r.fd, r.socket, ret),
    kind: (r.flags ?? 0) & MSG_PEEK ? 'peek' : 'recv',
    flags: r.flags,
    msgFlags: withFlags ? (message?.flags ?? 0) : undefined,
    data: message?.data.slice() ?? new Uint8Array(0),
  })
  return ret
}

/** recvmsg() and one element of recvmmsg(). */
function intoMessage(r: Receive, address: number): number {
  const size = native.fetchMessage(r.call.trap.tid, address, 0)
  if (size < 0) return size
  const hasControl = words[CONTROL_POINTER] !== 0 || words[CONTROL_POINTER + 1] !== 0
  const room = hasControl ? words[CONTROL_LENGTH] : 0
  const message = take(r, size, room)
  if (typeof message === 'number') return message === -EAGAIN ? message : trace(r, message)
  const { data, name, control } = message
  const fits = control.length <= Math.min(room, CONTROL_SIZE)
  bytes.set(data, AT_PAYLOAD)
  bytes.set(name.subarray(0, NAME_SIZE), AT_NAME)
  if (fits) bytes.set(control, AT_CONTROL)
  const flags = message.flags | (fits ? 0 : MSG_CTRUNC)
  const error = native.storeMessage(r.call.trap.tid, address, data.length, name.length, fits ? control.length : 0, flags)
  return trace(r, error < 0 ? error : message.result, message, true)
}

/** recvfrom() and read(). */
function intoBuffer(r: Receive, to: number, size: number, nameAt: number, lengthAt: number): number {
  const message = take(r, size, 0)
  if (typeof message === 'number') return message === -EAGAIN ? message : trace(r, message)
  bytes.set(message.data, AT_PAYLOAD)
  const { length } = message.data
  const error =
    nameAt === 0
      ? native.write(r.call.trap.tid, to, length, AT_PAYLOAD)
      : storeAddress(r.call.trap.tid, nameAt, lengthAt, message.name, to, length)
  return trace(r, error < 0 ? error : message.result, message)
}

function intoVectors(r: Receive, address: number, count: number): number {
  const size = native.fetchVectors(r.call.trap.tid, address, count, 0)
  if (size < 0) return size
  const message = take(r, size, 0)
  if (typeof message === 'number') return message === -EAGAIN ? message : trace(r, message)
  bytes.set(message.data, AT_PAYLOAD)
  const error = native.storeMessage(r.call.trap.tid, 0, message.data.length, 0, 0, 0)
  return trace(r, error < 0 ? error : message.result, message)
}

/** How long recvmmsg() goes on: looked at after each message, and what is left of it is told (struct timespec). */
class Patience {
  private readonly end: number
  private readonly tid: number
  private readonly at: number
  constructor(tid: number, at: number, ns: number) {
    this.tid = tid
    this.at = at
    this.end = performance.now() + ns / 1e6
  }
  /** At `at` of the program; undefined: it has none; or -errno. */
  static read(tid: number, at: number): Patience | undefined | number {
    if (at === 0) return undefined
    if (native.read(tid, at, TIMESPEC_SIZE, AT_NAME) < 0) return -EFAULT
    const [seconds, ns] = [bytes.readBigInt64LE(AT_NAME), bytes.readBigInt64LE(AT_NAME + 8)]
    if (seconds < 0n || ns < 0n || ns >= NSEC_PER_SEC) return -EINVAL
    return new Patience(tid, at, Number(seconds * NSEC_PER_SEC + ns))
  }
  /** False: no more messages. */
  goesOn(): boolean {
    const left = BigInt(Math.max(0, Math.round((this.end - performance.now()) * 1e6)))
    bytes.writeBigInt64LE(left / NSEC_PER_SEC, AT_NAME)
    bytes.writeBigInt64LE(left % NSEC_PER_SEC, AT_NAME + 8)
    return native.write(this.tid, this.at, TIMESPEC_SIZE, AT_NAME) >= 0 && left > 0n
  }
}

/** Several messages; keeps count over waits. */
function intoMessages(r: Receive, vector: number, wanted: number, patience?: Patience): Attempt {
  let done = 0
  const forOne = ((r.flags ?? 0) & MSG_WAITFORONE) !== 0
  return () => {
    while (done < wanted) {
      const address = vector + done * 64 // struct mmsghdr
      const ret = intoMessage(r, address)
      if (ret === -EAGAIN && done > 0 && (forOne || mayNotWait(r.s, r.socket, r.flags ?? 0))) return done
      if (ret === -EAGAIN) return ret
      if (ret < 0) return done > 0 ? done : ret
      bytes.writeUInt32LE(ret, AT_NAME)
      if (native.write(r.call.trap.tid, address + 56, 4, AT_NAME) < 0) return done > 0 ? done : -EFAULT
      done++
      if (patience !== undefined && !patience.goesOn()) break
    }
    return done
  }
}

function atOnceOrParked(r: Receive, attempt: Attempt): Outcome {
  const ret = attempt()
  if (ret !== -EAGAIN) return ret
  if (mayNotWait(r.s, r.socket, r.flags ?? 0)) return trace(r, ret)
  const { call, socket } = r
  r.s.parking.park(call.trap, call.process, socket, attempt, socket.sock.rcvtimeo ?? 0, () => trace(r, -EAGAIN))
  return ANSWERED
}

function receive(s: Supervisor, call: Call, flags: number | undefined, attempt: (r: Receive) => Attempt): Outcome {
  const socket = socketOf(s, call)
  if (socket === undefined) return CONTINUE
  const r = { s, call, socket, fd: intArg(0), flags }
  return atOnceOrParked(r, attempt(r))
}

function recvfrom(s: Supervisor, call: Call): Outcome {
  const [to, size, nameAt, lengthAt] = [arg(1), arg(2), arg(4), arg(5)]
  return receive(s, call, intArg(3), (r) => () => intoBuffer(r, to, size, nameAt, lengthAt))
}

function recvmsg(s: Supervisor, call: Call): Outcome {
  const address = arg(1)
  return receive(s, call, intArg(2), (r) => () => intoMessage(r, address))
}

function recvmmsg(s: Supervisor, call: Call): Outcome {
  const [vector, wanted] = [arg(1), Math.min(arg(2), IOV_MAX)]
  const patience = Patience.read(call.trap.tid, arg(4))
  if (typeof patience === 'number') return patience
  return receive(s, call, intArg(3), (r) => intoMessages(r, vector, wanted, patience))
}

function read(s: Supervisor, call: Call): Outcome {
  const file = s.described(call.process, intArg(0))
  if (file instanceof VirtualFile) return file.read(s, call, arg(1), arg(2), undefined)
  const [to, size] = [arg(1), arg(2)]
  return receive(s, call, undefined, (r) => () => intoBuffer(r, to, size, 0, 0))
}

function pread64(s: Supervisor, call: Call): Outcome {
  const file = s.described(call.process, intArg(0))
  return file instanceof VirtualFile ? file.read(s, call, arg(1), arg(2), arg(3)) : CONTINUE
}

function readv(s: Supervisor, call: Call): Outcome {
  if (s.described(call.process, intArg(0)) instanceof VirtualFile) return CONTINUE // the content is really in there
  const [address, count] = [arg(1), arg(2)]
  return receive(s, call, undefined, (r) => () => intoVectors(r, address, count))
}

export const receiveCalls: Handlers = { recvfrom, recvmsg, recvmmsg, read, pread64, readv }

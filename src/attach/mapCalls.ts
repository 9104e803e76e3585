/** mmap() of a virtual socket: a packet socket's ring becomes memory that the program and the simulated kernel share. */
import { errnoOf, isErrno } from '../uapi/errno.ts'
import { ENODEV } from './abi.ts'
import type { Handlers } from './calls.ts'
import { AT_RESULT, calls, field, native } from './native.ts'
import { socketAt } from './socketCalls.ts'
import type { Call, Supervisor } from './supervisor.ts'
import { ANSWERED, arg, CONTINUE, intArg, type Outcome } from './trap.ts'

const MAP_ANONYMOUS = 0x20

function mmap(s: Supervisor, call: Call): Outcome {
  const [address, length, prot, flags, offset] = [arg(0), arg(1), intArg(2), intArg(3), arg(5)]
  const socket = flags & MAP_ANONYMOUS ? undefined : socketAt(s, call, intArg(4))
  if (socket === undefined) return CONTINUE
  if (socket.sys.sys_mmap === undefined) return -ENODEV
  let file = -1
  const error = socket.sys.sys_mmap(socket.sock, length, offset, (size) => {
    const buffer = native.sharedMemory(size)
    if (typeof buffer === 'number') return errnoOf(-buffer)
    file = field(AT_RESULT)
    return new Uint8Array(buffer)
  })
  if (isErrno(error)) {
    if (file >= 0) native.close(file)
    return -error.code
  }
  const refused = call.trap.answerByCall(calls.mmap, file, (fd) => [address, length, prot, flags, fd, 0])
  native.close(file)
  if (refused < 0) return refused
  socket.mapped = true
  s.touch(socket)
  return ANSWERED
}

export const mapCalls: Handlers = { mmap }

/** ioctl(): network requests on any socket, and every request on a virtual descriptor. */
import { isErrno } from '../uapi/errno.ts'
import { EBADF, ENOTTY } from './abi.ts'
import type { Handlers } from './calls.ts'
import { ioctlData, ioctlSize } from './ioctlSizes.ts'
import { AT_RESULT, field, native } from './native.ts'
import type { Call, Supervisor } from './supervisor.ts'
import { arg, CONTINUE, intArg, type Outcome } from './trap.ts'
import { VirtualFile } from './virtualFile.ts'
import { VirtualSocket } from './virtualSocket.ts'

const S_IFMT = 0o170000
const S_IFSOCK = 0o140000
const TIOCOUTQ = 0x5411
const FIONREAD = 0x541b

function ioctl(s: Supervisor, call: Call): Outcome {
  const { process, task } = call
  const fd = intArg(0)
  const request = intArg(1) >>> 0
  const described = s.described(process, fd)
  if (described instanceof VirtualFile) return CONTINUE
  if (!(described instanceof VirtualSocket)) {
    const found = native.fdInode(process.tgid, fd)
    if (found < 0) return -EBADF
    if ((field(AT_RESULT) & S_IFMT) !== S_IFSOCK) return CONTINUE
  } else described.usedBy(process, fd)
  const at = arg(2)
  const isNetwork = (request & 0xff00) === 0x8900 || (request & 0xff00) === 0x8b00
  if (isNetwork) trace(s, call, 'ioctl_in', fd, request, at, undefined)
  const socket = described as VirtualSocket | undefined
  const answer = process.attachment.host.syscalls.sys_ioctl(task, socket?.sock, request, at, s.memory)
  const ret = isErrno(answer) ? -answer.code : answer
  if (isNetwork) trace(s, call, 'ioctl', fd, request, at, ret === -ENOTTY ? undefined : ret)
  // What the pair has queued is not what the socket has.
  if (ret === -ENOTTY && socket !== undefined && (request === FIONREAD || request === TIOCOUTQ)) return ret
  return ret === -ENOTTY ? CONTINUE : ret
}

function trace(s: Supervisor, call: Call, kind: 'ioctl_in' | 'ioctl', fd: number, request: number, at: number, ret?: number): void {
  if (s.trace === undefined) return
  const { pid, tgid: hostPid } = call.process
  const isAddress = at > 4096
  const struct = isAddress ? s.memory.peek(at, ioctlSize(request)) : new Uint8Array(0)
  const data = isAddress ? ioctlData(request, struct, s.memory) : undefined
  s.trace({ kind, pid, hostPid, fd, path: undefined, request, arg: at, struct, data, ret })
}

export const ioctlCalls: Handlers = { ioctl }

/** Calls that copy and close descriptors: copies stay in our range where the program does not choose the number. */
import { isErrno } from '../uapi/errno.ts'
import { CLOSE_RANGE_CLOEXEC, F_DUPFD, F_DUPFD_CLOEXEC, F_SETFL } from './abi.ts'
import type { Handlers } from './calls.ts'
import { native } from './native.ts'
import type { Described } from './processes.ts'
import { freeNumber } from './socketCalls.ts'
import type { Call, Supervisor } from './supervisor.ts'
import { ANSWERED, arg, CONTINUE, intArg, type Outcome } from './trap.ts'
import { VirtualFile } from './virtualFile.ts'
import { VirtualSocket } from './virtualSocket.ts'

/** Our copy of what the program holds at this descriptor, or -1. */
function source(s: Supervisor, call: Call, fd: number, described: Described | undefined): number {
  if (described instanceof VirtualFile) return described.far >= 0 ? described.far : native.pidfdGetfd(call.process.pidfd, fd)
  if (!(described instanceof VirtualSocket)) return -1
  described.usedBy(call.process, fd)
  return s.ends.hold(described) ? described.far : -1
}

function copy(s: Supervisor, call: Call, from: number, cloexec: boolean): Outcome {
  const fd = intArg(0)
  const described = s.described(call.process, fd)
  const held = source(s, call, fd, described)
  if (described === undefined || held < 0) return CONTINUE
  const wanted = freeNumber(call.process, from)
  const added = wanted < 0 ? wanted : call.trap.answerWithFd(held, wanted, cloexec)
  if (described instanceof VirtualFile && held !== described.far) native.close(held)
  if (added < 0) return added
  call.process.descriptors.set(added, described)
  return ANSWERED
}

function fcntl(s: Supervisor, call: Call): Outcome {
  const [command, from] = [intArg(1), intArg(2)]
  if (command === F_SETFL) s.readinessMatters(call.process.attachment) // with O_ASYNC
  if (command !== F_DUPFD && command !== F_DUPFD_CLOEXEC) return CONTINUE
  return from >= call.process.attachment.top ? CONTINUE : copy(s, call, from, command === F_DUPFD_CLOEXEC)
}

/** Only of what may be cleared (SEEK_DATA): other places are the real descriptor's. */
function lseek(s: Supervisor, call: Call): Outcome {
  const described = s.described(call.process, intArg(0))
  if (!(described instanceof VirtualSocket) || described.sys.sys_llseek === undefined) return CONTINUE
  const at = described.sys.sys_llseek(described.sock, arg(1), intArg(2))
  return isErrno(at) ? -at.code : at
}

/** dup2() and dup3(): the real kernel does it; we note what the numbers mean now. */
function dup2(s: Supervisor, call: Call): Outcome {
  const { process } = call
  const [from, to] = [intArg(0), intArg(1)]
  if (from === to) return CONTINUE
  const described = s.described(process, from)
  const { base, top } = process.attachment
  const replaced = process.descriptors.get(to)
  process.forget(to)
  if (described !== undefined && to >= base && to < top) process.descriptors.set(to, described)
  else if (described instanceof VirtualSocket) {
    described.usedBy(process, from)
    described.becomeUntrapped()
  } else if (described instanceof VirtualFile) described.spread()
  s.letGo(replaced)
  return CONTINUE
}

function close(s: Supervisor, call: Call): Outcome {
  const fd = intArg(0)
  const described = call.process.descriptors.get(fd) ?? s.described(call.process, fd)
  call.process.forget(fd)
  s.letGo(described)
  return CONTINUE
}

function closeRange(s: Supervisor, call: Call): Outcome {
  const [first, last, flags] = [intArg(0) >>> 0, intArg(1) >>> 0, intArg(2)]
  if (flags & CLOSE_RANGE_CLOEXEC) return CONTINUE
  for (const [fd, described] of call.process.descriptors) {
    if (fd < first || fd > last) continue
    call.process.forget(fd)
    s.letGo(described)
  }
  return CONTINUE
}

export const descriptorCalls: Handlers = {
  dup: (s, call) => copy(s, call, 0, false),
  fcntl,
  dup2,
  dup3: dup2,
  lseek,
  close,
  close_range: closeRange,
}

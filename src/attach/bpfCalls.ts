/** bpf(): programs that look at sockets of the host, which `ip vrf exec` loads and attaches, are the host's; the rest is the real kernel's. */
import { isErrno } from '../uapi/errno.ts'
import { EFAULT, EINVAL, O_CLOEXEC, O_RDWR } from './abi.ts'
import type { Handlers } from './calls.ts'
import { openServed } from './fileCalls.ts'
import { AT_PAYLOAD, native } from './native.ts'
import type { Call, Supervisor } from './supervisor.ts'
import { ANSWERED, arg, CONTINUE, copyOut, intArg, type Outcome } from './trap.ts'

/** As much of union bpf_attr as there will ever be. */
const MAX_ATTR = 4096

function bpf(s: Supervisor, call: Call): Outcome {
  const { attachment } = call.process
  const { sys_bpf } = attachment.host.syscalls
  if (sys_bpf === undefined) return CONTINUE
  const size = intArg(2)
  if (size < 0 || size > MAX_ATTR) return -EINVAL
  if (native.read(call.trap.tid, arg(1), size, AT_PAYLOAD) < 0) return -EFAULT
  const done = sys_bpf(call.task, intArg(0), copyOut(AT_PAYLOAD, size), s.memory)
  if (done === undefined) return CONTINUE
  if (done === 0) return 0
  if (isErrno(done)) return -done.code
  const far = native.memoryFile()
  if (far < 0) return far
  const fd = openServed(s, call, { attachment, path: 'anon_inode:bpf-prog', inode: done, flags: O_RDWR | O_CLOEXEC, far, near: -1 })
  return fd < 0 ? fd : ANSWERED
}

export const bpfCalls: Handlers = { bpf }

/** Calls about the simulated kernel itself: which it is, its modules, its log. */
import { hostname, machine } from 'node:os'
import { isErrno } from '../uapi/errno.ts'
import { EBADF, EFAULT, EPERM } from './abi.ts'
import type { Handlers } from './calls.ts'
import { UTS_LEN, UTS_RELEASE, UTS_SYSNAME, UTS_VERSION } from '../uapi/linux/utsname.ts'
import { AT_PAYLOAD, bytes, native } from './native.ts'
import type { Call, Supervisor } from './supervisor.ts'
import { arg, intArg, type Outcome } from './trap.ts'
import { VirtualFile } from './virtualFile.ts'

/** Of an image in memory only .modinfo counts, which lies near its beginning or its end. */
const MAX_IMAGE = 1 << 20

function load(call: Call, module: string | undefined, args: string): Outcome {
  const { sys_finit_module } = call.process.attachment.host.syscalls
  if (sys_finit_module === undefined) return -EPERM
  const error = sys_finit_module(call.task, module, args)
  return isErrno(error) ? -error.code : 0
}

function finitModule(s: Supervisor, call: Call): Outcome {
  const file = s.described(call.process, intArg(0))
  if (file === undefined && native.fdInode(call.process.tgid, intArg(0)) < 0) return -EBADF
  return load(call, file instanceof VirtualFile ? file.inode.module : undefined, s.memory.string(arg(1)))
}

function initModule(s: Supervisor, call: Call): Outcome {
  const size = Math.min(arg(1), MAX_IMAGE)
  const args = s.memory.string(arg(2))
  if (native.read(call.trap.tid, arg(0), size, AT_PAYLOAD) < 0) return -EPERM
  const name = /\0name=([\w-]+)\0/.exec(bytes.toString('latin1', AT_PAYLOAD, AT_PAYLOAD + size))
  return load(call, name?.[1], args)
}

function deleteModule(s: Supervisor, call: Call): Outcome {
  const { sys_delete_module } = call.process.attachment.host.syscalls
  if (sys_delete_module === undefined) return -EPERM
  const error = sys_delete_module(call.task, s.memory.string(arg(0)))
  return isErrno(error) ? -error.code : 0
}

/** The machine's own names, the host's kernel. */
function uname(_s: Supervisor, call: Call): Outcome {
  const texts = [UTS_SYSNAME, hostname(), UTS_RELEASE, UTS_VERSION, machine(), '(none)']
  bytes.fill(0, AT_PAYLOAD, AT_PAYLOAD + texts.length * UTS_LEN)
  for (const [i, text] of texts.entries()) bytes.write(text.slice(0, UTS_LEN - 1), AT_PAYLOAD + i * UTS_LEN)
  return native.write(call.trap.tid, arg(0), texts.length * UTS_LEN, AT_PAYLOAD) < 0 ? -EFAULT : 0
}

/** The host's log, not the machine's. */
function syslog(s: Supervisor, call: Call): Outcome {
  const { sys_syslog } = call.process.attachment.host.syscalls
  if (sys_syslog === undefined) return -EPERM
  const done = sys_syslog(call.task, intArg(0), arg(1) !== 0, intArg(2))
  if (isErrno(done)) return -done.code
  if (typeof done === 'number') return done
  return isErrno(s.memory.write(arg(1), done)) ? -EFAULT : done.length
}

export const kernelCalls: Handlers = { uname, finit_module: finitModule, init_module: initModule, delete_module: deleteModule, syslog }

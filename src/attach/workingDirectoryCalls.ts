/**
 * The working directory where it is one of the simulated host: the program's own thread goes to the empty directory that stands
 * for it (scratch.ts), so that children inherit it, and is told that it is where it wanted to be.
 */
import { openSync } from 'node:fs'
import { isErrno } from '../uapi/errno.ts'
import { AT_FDCWD, EFAULT, ENOTDIR, ERANGE, O_DIRECTORY, O_RDONLY } from './abi.ts'
import type { Handlers } from './calls.ts'
import { lookup, pathOf, realpath } from './fileCalls.ts'
import { AT_PAYLOAD, bytes, calls, native } from './native.ts'
import { workingDirectory } from './processFiles.ts'
import type { Call, Supervisor } from './supervisor.ts'
import { ANSWERED, arg, CONTINUE, type Outcome } from './trap.ts'

function chdir(s: Supervisor, call: Call): Outcome {
  const path = pathOf(s, call, AT_FDCWD)
  const inode = path === undefined ? undefined : lookup(call, path, true)
  if (path === undefined) return CONTINUE
  if (inode === undefined) return leave(s, call, path)
  if (typeof inode === 'number') return inode
  if (isErrno(inode)) return -inode.code
  if (inode.kind !== 'dir') return -ENOTDIR
  return go(call, s.scratch.open(`/${realpath(call, path.split('/').slice(1)).join('/')}`))
}

/** From a directory of ours the way may lead to a real one (`cd ..` from /sys/class/net): not where the real kernel would look. */
function leave(s: Supervisor, call: Call, path: string): Outcome {
  if (workingDirectory(s, call.trap.tid) === undefined) return CONTINUE
  try {
    return go(call, openSync(path, O_RDONLY | O_DIRECTORY))
  } catch {
    return CONTINUE
  }
}

function go(call: Call, directory: number): Outcome {
  const refused = call.trap.answerByCall(calls.fchdir, directory, (fd) => [fd, 0, 0, 0, 0, 0])
  native.close(directory)
  return refused < 0 ? CONTINUE : ANSWERED
}

function getcwd(s: Supervisor, call: Call): Outcome {
  const path = workingDirectory(s, call.trap.tid)
  if (path === undefined) return CONTINUE
  const length = bytes.write(`${path}\0`, AT_PAYLOAD)
  if (length > arg(1)) return -ERANGE
  return native.write(call.trap.tid, arg(0), length, AT_PAYLOAD) < 0 ? -EFAULT : length
}

export const workingDirectoryCalls: Handlers = { chdir, getcwd }

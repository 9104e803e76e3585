/** execve() and execveat(): always the real kernel's; we note what a new program means. */
import type { Handlers } from './calls.ts'
import { afterExec } from './credentials.ts'
import { AT_PAYLOAD, bytes, native } from './native.ts'
import type { Call, Supervisor } from './supervisor.ts'
import { arg, CONTINUE, type Outcome } from './trap.ts'
import { VirtualFile } from './virtualFile.ts'

const MAX_ARGUMENTS = 4096

function argv(s: Supervisor, call: Call, at: number): string[] {
  const list: string[] = []
  for (let i = 0; i < MAX_ARGUMENTS; i++) {
    if (native.read(call.trap.tid, at + 8 * i, 8, AT_PAYLOAD) < 0) break
    const pointer = Number(bytes.readBigUInt64LE(AT_PAYLOAD))
    if (pointer === 0) break
    list.push(s.memory.string(pointer, 131072))
  }
  return list
}

/** `path` and `argv` are addresses. Whether the call will succeed is not known yet: a failed one changes too little to matter. */
function exec(s: Supervisor, call: Call, pathAt: number, argvAt: number): Outcome {
  const { process } = call
  const path = s.memory.string(pathAt)
  s.trace?.({ kind: 'exec', pid: process.pid, hostPid: process.tgid, path, argv: argv(s, call, argvAt) })
  for (const described of process.descriptors.values()) {
    // Close-on-exec, perhaps. A file may go on under the new program, where we shall find it by its inode.
    if (described instanceof VirtualFile) described.spread()
    else s.letGo(described)
  }
  process.executed(call.trap.tid, path.slice(path.lastIndexOf('/') + 1).slice(0, 15), afterExec(process.credentials))
  return CONTINUE
}

export const execCalls: Handlers = {
  execve: (s, call) => exec(s, call, arg(0), arg(1)),
  execveat: (s, call) => exec(s, call, arg(1), arg(2)),
}

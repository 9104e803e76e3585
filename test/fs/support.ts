/** A kernel with one namespace and nothing in it, and tasks of it. */

import { bytesText, textBytes } from '../../src/fs/inode.ts'
import { proc_root_init } from '../../src/fs/vfs.ts'
import { CAP_FULL_SET } from '../../src/kernel/capability.ts'
import { Kernel } from '../../src/kernel/kernel.ts'
import type { task_struct } from '../../src/kernel/task.ts'
import { EventQueue } from '../../src/kernel/time.ts'
import { net_ns_init } from '../../src/net/core/net_namespace.ts'
import { isErrno } from '../../src/uapi/errno.ts'

export function bareKernel(): Kernel {
  const kernel = new Kernel(new EventQueue(), 1, { ipv6: false })
  proc_root_init(kernel)
  net_ns_init(kernel)
  return kernel
}
export function root(kernel: Kernel, netns = 0, tid = 100): task_struct {
  return kernel.task_for({ tgid: tid, tid, comm: 'test', uid: 0, gid: 0, capabilities: CAP_FULL_SET, netns })
}
export function nobody(kernel: Kernel): task_struct {
  return kernel.task_for({ tgid: 200, tid: 200, comm: 'test', uid: 65534, gid: 65534, capabilities: 0n, netns: 0 })
}

/** The text at a path, or the name of the error, or undefined when the path is not ours. */
export function cat(task: task_struct, path: string): string | undefined {
  const node = task.kernel.fs.open(task, path, 0)
  if (node === undefined || isErrno(node)) return node?.name
  const bytes = node.read()
  return isErrno(bytes) ? bytes.name : bytesText(bytes)
}
/** What write(2) gives after open(O_WRONLY): bytes taken or the name of the error. */
export function echo(task: task_struct, text: string, path: string): number | string | undefined {
  const node = task.kernel.fs.open(task, path, 1)
  if (node === undefined || isErrno(node)) return node?.name
  const result = node.write(textBytes(text))
  return isErrno(result) ? result.name : result
}
export function ls(task: task_struct, path: string): string[] | string | undefined {
  const node = task.kernel.fs.lookup(task, path)
  return node === undefined || isErrno(node) ? node?.name : node.list()
}

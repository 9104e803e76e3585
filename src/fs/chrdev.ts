/** fs/char_dev.c: the host's device nodes that network programs open: what is open answers calls as a socket does. */
import { CAP_DAC_OVERRIDE } from '../kernel/capability.ts'
import { request_module } from '../kernel/kmod.ts'
import { capable, type task_struct } from '../kernel/task.ts'
import type { socket } from '../net/socket.ts'
import { EACCES, ENODEV, type Errno } from '../uapi/errno.ts'

/** An exported constant of the driver. */
export interface chrdev_ops {
  readonly name: string
  /** Permission bits of the node, which root owns. */
  readonly mode: number
  readonly open: (task: task_struct, path: string) => socket | Errno
}
export const TUN_PATH = '/dev/net/tun'
/** Nodes that are there before their module is (modules.devname). */
const KNOWN = [TUN_PATH]

/** Undefined: not a node of the host. */
export function chrdev_open(task: task_struct, path: string): socket | Errno | undefined {
  const { kernel } = task
  const ops = kernel.fs.chrdevs.get(path)
  if (ops === undefined && !KNOWN.includes(path)) return undefined
  const mode = ops?.mode ?? 0o600
  if (task.uid !== 0 && (mode & 0o006) !== 0o006 && !capable(task, CAP_DAC_OVERRIDE)) return EACCES
  if (ops !== undefined) return ops.open(task, path)
  request_module(kernel, `devname:${path.slice('/dev/'.length)}`)
  return kernel.fs.chrdevs.get(path)?.open(task, path) ?? ENODEV
}

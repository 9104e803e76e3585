/**
 * Calls about network namespaces and the files that stand for them (kernel/nsproxy.c, fs/namespace.c). Of those on paths,
 * 0 is success and undefined: not a file of the simulated host, as with sys_open().
 */
import { nsfs_inode } from '../fs/nsfs.ts'
import { CAP_SYS_ADMIN } from '../kernel/capability.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { capable, type task_struct } from '../kernel/task.ts'
import { copy_net_ns, type net } from '../net/core/net_namespace.ts'
import { sock_net, type sock } from '../net/sock.ts'
import type { socket } from '../net/socket.ts'
import { EINVAL, EPERM, type Errno, isErrno } from '../uapi/errno.ts'

const CLONE_NEWNET = 0x40000000

function done<T>(kernel: Kernel, result: T): T {
  kernel.events.runDue()
  return result
}

/** What TaskIdentity.netns is for a task from now on. */
export function sys_netns(task: task_struct): number {
  return netns_id(task.net_ns)
}
function netns_id(net: net): number {
  return net === net.kernel.init_net ? 0 : net.inum
}

/** A new namespace, before any task is in it: for clone(2). `privileged`: with a user namespace of its own. */
export function sys_new_netns(task: task_struct, privileged = false): number | Errno {
  const made = new_netns(task, privileged)
  return isErrno(made) ? made : done(task.kernel, netns_id(made))
}
function new_netns(task: task_struct, privileged: boolean): net | Errno {
  if (!privileged && !capable(task, CAP_SYS_ADMIN)) return EPERM
  return copy_net_ns(task.kernel)
}
/** The child of clone(2) is there, or there is none: whoever made the namespace does not hold it any longer. */
export function sys_drop_netns(task: task_struct, id: number): void {
  const found = task.kernel.namespaces.by_id.get(id)
  if (found !== undefined) task.kernel.namespaces.put_net(found)
  task.kernel.events.runDue()
}

/** unshare(CLONE_NEWNET) */
export function sys_unshare_net(task: task_struct, privileged = false): Errno | undefined {
  const made = new_netns(task, privileged)
  if (isErrno(made)) return made
  task.switch_net(made)
  task.kernel.namespaces.put_net(made)
  return done(task.kernel, undefined)
}
/** setns(2) with a file that sys_open() gave. */
export function sys_setns(task: task_struct, file: unknown, nstype: number): Errno | undefined {
  if (!(file instanceof nsfs_inode) || (nstype !== 0 && nstype !== CLONE_NEWNET)) return EINVAL
  if (!capable(task, CAP_SYS_ADMIN)) return EPERM
  task.switch_net(file.net)
  return done(task.kernel, undefined)
}
/** ioctl(SIOCGSKNS): the namespace's file. */
export function sys_socket_netns(task: task_struct, sock: socket): nsfs_inode | Errno {
  if (!capable(task, CAP_SYS_ADMIN)) return EPERM
  return new nsfs_inode(sock_net(sock.sk as sock))
}

/** The file of a namespace is held by a descriptor from now on; and: by none any more. Of other files nothing is held. */
export function sys_get_file(file: unknown): void {
  if (file instanceof nsfs_inode) file.net.kernel.namespaces.get_net(file.net)
}
export function sys_put_file(file: unknown): void {
  if (!(file instanceof nsfs_inode)) return
  file.net.kernel.namespaces.put_net(file.net)
  file.net.kernel.events.runDue()
}
export function sys_exit(kernel: Kernel, tid: number): void {
  kernel.task_exit(tid)
  kernel.events.runDue()
}

export function sys_mkdir(task: task_struct, path: string): 0 | Errno | undefined {
  return task.kernel.fs.mkdir(task, path)
}
export function sys_unlink(task: task_struct, path: string, is_rmdir: boolean): 0 | Errno | undefined {
  return task.kernel.fs.unlink(task, path, is_rmdir)
}
export function sys_symlink(task: task_struct, target: string, path: string): 0 | Errno | undefined {
  return task.kernel.fs.symlink(task, target, path)
}
export function sys_mount(task: task_struct, source: string, target: string, flags: number): 0 | Errno | undefined {
  return done(task.kernel, task.kernel.fs.mount(task, source, target, flags))
}
export function sys_umount(task: task_struct, target: string, flags: number): 0 | Errno | undefined {
  return done(task.kernel, task.kernel.fs.umount(task, target, flags))
}

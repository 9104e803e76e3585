/** The calls of README.md. Each runs the host's due work before it returns, so that its effects are all there. */

import { chrdev_open } from '../fs/chrdev.ts'
import type { inode } from '../fs/inode.ts'
import { inode_permission } from '../fs/vfs.ts'
import { do_syslog } from '../kernel/syslog.ts'
import { sys_delete_module as delete_module, sys_init_module } from '../kernel/kmod.ts'
import type { task_struct } from '../kernel/task.ts'
import { sock_ioctl } from '../net/ioctl.ts'
import { sock_create, sock_release, type socket } from '../net/socket.ts'
import { sock_getsockopt, sock_setsockopt } from '../net/sockopt.ts'
import { EINVAL, ENODEV, ENOEXEC, EOPNOTSUPP, ESPIPE, type Errno } from '../uapi/errno.ts'
import { SOCK_CLOEXEC, SOCK_NONBLOCK, SOCK_TYPE_MASK, SOL_SOCKET } from '../uapi/linux/socket.ts'
import type { OptionInput, ReceivedMessage, ReceiveRequest, SendMessage, UserMemory } from './types.ts'

/** kernel: due softirqs and works, then the answer. */
function done<T>(sock: socket | task_struct, result: T): T {
  sock.kernel.events.runDue()
  return result
}

export function sys_socket(task: task_struct, family: number, type: number, protocol: number): socket | Errno {
  if ((type & ~SOCK_TYPE_MASK & ~(SOCK_CLOEXEC | SOCK_NONBLOCK)) !== 0) return EINVAL
  return done(task, sock_create(task.net_ns, task, family, type & SOCK_TYPE_MASK, protocol))
}

export function sys_bind(task: task_struct, sock: socket, addr: Uint8Array): Errno | undefined {
  return done(sock, sock.ops.bind === undefined ? EOPNOTSUPP : sock.ops.bind(sock, addr, task))
}
export function sys_connect(task: task_struct, sock: socket, addr: Uint8Array): Errno | undefined {
  return done(sock, sock.ops.connect === undefined ? EOPNOTSUPP : sock.ops.connect(sock, addr, task))
}
export function sys_listen(task: task_struct, sock: socket, backlog: number): Errno | undefined {
  return done(sock, sock.ops.listen === undefined ? EOPNOTSUPP : sock.ops.listen(sock, backlog, task))
}
export function sys_accept(task: task_struct, sock: socket): socket | Errno {
  return done(sock, sock.ops.accept === undefined ? EOPNOTSUPP : sock.ops.accept(sock, task))
}
export function sys_shutdown(_task: task_struct, sock: socket, how: number): Errno | undefined {
  return done(sock, sock.ops.shutdown === undefined ? EOPNOTSUPP : sock.ops.shutdown(sock, how))
}
export function sys_getsockname(_task: task_struct, sock: socket): Uint8Array | Errno {
  return sock.ops.getname(sock, false)
}
export function sys_getpeername(_task: task_struct, sock: socket): Uint8Array | Errno {
  return sock.ops.getname(sock, true)
}

/** `memory`: the program's, for options that point into it (SO_ATTACH_FILTER answers EFAULT without). */
export function sys_setsockopt(
  task: task_struct,
  sock: socket,
  level: number,
  optname: number,
  optval: Uint8Array,
  memory?: UserMemory,
): Errno | undefined {
  if (level === SOL_SOCKET) return done(sock, sock_setsockopt(sock, optname, optval, task, memory))
  return done(sock, sock.ops.setsockopt === undefined ? EOPNOTSUPP : sock.ops.setsockopt(sock, level, optname, optval, task, memory))
}
/** The answer is cut to `optlen` by the caller, which reports the answer's own length. */
export function sys_getsockopt(
  task: task_struct,
  sock: socket,
  level: number,
  optname: number,
  optlen: number,
  input?: OptionInput,
): Uint8Array | Errno {
  if (level === SOL_SOCKET) return sock_getsockopt(sock, optname, optlen, task)
  return sock.ops.getsockopt === undefined ? EOPNOTSUPP : sock.ops.getsockopt(sock, level, optname, optlen, task, input)
}

export function sys_sendmsg(task: task_struct, sock: socket, message: SendMessage): number | Errno {
  const { kernel } = sock
  kernel.current = task
  const result = sock.ops.sendmsg === undefined ? EOPNOTSUPP : sock.ops.sendmsg(sock, message, task)
  kernel.current = undefined
  return done(sock, result)
}
export function sys_recvmsg(task: task_struct, sock: socket, request: ReceiveRequest): ReceivedMessage | Errno {
  const { kernel } = sock
  kernel.current = task
  const result = sock.ops.recvmsg === undefined ? EOPNOTSUPP : sock.ops.recvmsg(sock, request, task)
  kernel.current = undefined
  return done(sock, result)
}
/** After a receive that said `comesBack`: the next part of a dump, say, made while the program works on the last. */
export function sys_received(sock: socket): void {
  sock.ops.received?.(sock)
  done(sock, undefined)
}
/** POLL* mask of what is ready. */
export function sys_poll(sock: socket): number {
  return sock.ops.poll(sock)
}
/** `sock` undefined: a descriptor that is not the host's (AF_UNIX); network requests work on it all the same. */
export function sys_ioctl(task: task_struct, sock: socket | undefined, request: number, arg: number, memory: UserMemory): number | Errno {
  return done(task, sock_ioctl(task, sock, request, arg, memory))
}
/** mmap() of a socket: the whole of what it has to share, from `offset` on. */
export function sys_mmap(sock: socket, length: number, offset: number, share: (length: number) => Uint8Array | Errno): Errno | undefined {
  return sock.ops.mmap === undefined ? ENODEV : sock.ops.mmap(sock, length, offset, share)
}
/** lseek() of a device; ESPIPE where it has no places. */
export function sys_llseek(sock: socket, offset: number, whence: number): number | Errno {
  return sock.ops.llseek?.(sock, offset, whence) ?? ESPIPE
}
export function sys_close(sock: socket): void {
  const { kernel } = sock
  sock_release(sock)
  kernel.events.runDue()
}
/** Undefined: not a file of the simulated host. Without `flags` (open's) the file is only looked up. */
export function sys_open(task: task_struct, path: string, flags?: number, mode?: number): inode | Errno | undefined {
  const { fs } = task.kernel
  return flags === undefined ? fs?.lookup(task, path) : fs?.open(task, path, flags, mode)
}
/** access(): R_OK and the others are the MAY_ of the same meaning. */
export function sys_access(task: task_struct, file: inode, mode: number): Errno | undefined {
  return inode_permission(task, file, mode)
}
/** Where these names lead, without links on the way: what ".." is seen from. */
export function sys_realpath(task: task_struct, names: readonly string[]): readonly string[] {
  return task.kernel.fs.realpath(task, [...names])
}
/** open() of a device node; undefined: not the host's. What is open is used and closed like a socket. */
export function sys_open_device(task: task_struct, path: string): socket | Errno | undefined {
  return done(task, chrdev_open(task, path))
}
/** finit_module(): the file must be one of a module (its inode says which). */
export function sys_finit_module(task: task_struct, module: string | undefined, args: string): Errno | undefined {
  return done(task, module === undefined ? ENOEXEC : sys_init_module(task, module, args))
}
/** What the call returns, or the bytes that the program's buffer gets: their number is returned. */
export function sys_syslog(task: task_struct, type: number, has_buf: boolean, len: number): number | Uint8Array | Errno {
  return done(task, do_syslog(task, type, has_buf, len))
}
export function sys_delete_module(task: task_struct, name: string): Errno | undefined {
  return done(task, delete_module(task, name))
}

export * from './bpf.ts'
export * from './namespaces.ts'

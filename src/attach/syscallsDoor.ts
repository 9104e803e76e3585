/**
 * The door of the simulated kernel as attach uses it: the functions of `src/syscalls` gathered in one value, so that
 * a supervisor can be given the real ones or a test's fake. See src/syscalls/README.md for what each means.
 */
import type { ReceivedMessage, ReceiveRequest, SendMessage, SocketWatcher, TaskIdentity, UserMemory } from '../syscalls/types.ts'
import type { Errno } from '../uapi/errno.ts'

/** A socket of the simulated kernel: opaque but for these fields. */
export interface DoorSocket {
  watcher?: SocketWatcher | undefined
  /** Milliseconds; 0: wait for ever. */
  rcvtimeo?: number
  sndtimeo?: number
}

/** A file of the simulated kernel's proc, sysctl or sysfs: what attach uses of src/fs's inode. */
export interface DoorInode {
  readonly kind: 'file' | 'dir' | 'symlink'
  /** Permission bits. */
  readonly mode: number
  read(): Uint8Array | Errno
  /** Bytes taken, or the error that write() returns. */
  write?(bytes: Uint8Array): number | Errno
  /** The names in a directory. */
  list?(): Iterable<string>
  child?(name: string): DoorInode | undefined
  /** Of a symlink. */
  readonly target?: string | undefined
}

/** `Task` and `Sock` are opaque to attach, which only hands them back. */
export interface Syscalls<Task = any, Sock extends DoorSocket = any> {
  sys_socket(task: Task, family: number, type: number, protocol: number): Sock | Errno
  sys_bind(task: Task, sock: Sock, addr: Uint8Array): Errno | undefined
  sys_connect(task: Task, sock: Sock, addr: Uint8Array): Errno | undefined
  sys_listen(task: Task, sock: Sock, backlog: number): Errno | undefined
  sys_accept(task: Task, sock: Sock): Sock | Errno
  sys_shutdown(task: Task, sock: Sock, how: number): Errno | undefined
  sys_getsockname(task: Task, sock: Sock): Uint8Array | Errno
  sys_getpeername(task: Task, sock: Sock): Uint8Array | Errno
  /** Some options hold a pointer (SO_ATTACH_FILTER): `memory` is what it points into. */
  sys_setsockopt(task: Task, sock: Sock, level: number, optname: number, optval: Uint8Array, memory: UserMemory): Errno | undefined
  sys_getsockopt(task: Task, sock: Sock, level: number, optname: number, optlen: number): Uint8Array | Errno
  sys_sendmsg(task: Task, sock: Sock, message: SendMessage): number | Errno
  sys_recvmsg(task: Task, sock: Sock, request: ReceiveRequest): ReceivedMessage | Errno
  sys_poll(sock: Sock): number
  /** `sock` is undefined when the program's descriptor is a real socket (AF_UNIX). ENOTTY: let the real kernel answer. */
  sys_ioctl(task: Task, sock: Sock | undefined, request: number, arg: number, memory: UserMemory): number | Errno
  sys_close(sock: Sock): void
  /** undefined: the real file is meant. `flags` as the program gave them to open(); with O_PATH only looked up, for stat() and readlink(). */
  sys_open(task: Task, path: string, flags: number): DoorInode | Errno | undefined
}

/** Makes the simulated kernel's task for a program (`host.kernel.task_for`). */
export type TaskFactory<Task = any> = (identity: TaskIdentity) => Task

/** One simulated host as attach sees it. */
export interface AttachHost<Task = any> {
  syscalls: Syscalls<Task, any>
  /** Called at a task's first call and again whenever its identity has changed. */
  taskFor: TaskFactory<Task>
  /** The task with this tid (as given to taskFor) has ended. */
  taskExit?: (tid: number) => void
}

/**
 * The door of the simulated kernel as attach uses it: the functions of `src/syscalls` gathered in one value, so that
 * a supervisor can be given the real ones or a test's fake. See src/syscalls/README.md for what each means.
 */
import type { ReceivedMessage, ReceiveRequest, SendMessage, SocketWatcher, TaskIdentity, UserMemory } from '../syscalls/types.ts'
import type { Errno } from '../uapi/errno.ts'

/** A socket of the simulated kernel: opaque but for these fields. */
export interface DoorSocket {
  /** Number of its inode, as lists of sockets have it. */
  readonly ino?: number
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
  /** Bytes taken, or the error that write() returns. `offset`: where pwrite() wants them, for files that have places. */
  write?(bytes: Uint8Array, offset?: number): number | Errno
  /** The names in a directory. */
  list?(): Iterable<string>
  child?(name: string): DoorInode | undefined
  /** Of a symlink. */
  readonly target?: string | undefined
  /** The file system, where it is not that of the path. */
  readonly fs?: 'nsfs' | 'tmpfs'
  /** The module that the file holds: programs load it by a descriptor. */
  readonly module?: string | undefined
  /** Bytes, where stat() shows them. */
  readonly size?: number
  /** Inode number where it means something. */
  readonly ino?: number
  /** Of a link that leads to a namespace, whatever its text. */
  follow?(): DoorInode | Errno
  /** Of a namespace: it is still there. */
  readonly alive?: boolean
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
  /** `input`: what the program has put where the answer goes. */
  sys_getsockopt(
    task: Task,
    sock: Sock,
    level: number,
    optname: number,
    optlen: number,
    input?: () => Uint8Array | Errno,
  ): Uint8Array | Errno
  sys_sendmsg(task: Task, sock: Sock, message: SendMessage): number | Errno
  sys_recvmsg(task: Task, sock: Sock, request: ReceiveRequest): ReceivedMessage | Errno
  /** After a receive that said `comesBack`. */
  sys_received?(sock: Sock): void
  sys_poll(sock: Sock): number
  sys_llseek?(sock: Sock, offset: number, whence: number): number | Errno
  /** `sock` is undefined when the program's descriptor is a real socket (AF_UNIX). ENOTTY: let the real kernel answer. */
  sys_ioctl(task: Task, sock: Sock | undefined, request: number, arg: number, memory: UserMemory): number | Errno
  /** mmap(): `share` makes memory that the program will have too. */
  sys_mmap?(sock: Sock, length: number, offset: number, share: (length: number) => Uint8Array | Errno): Errno | undefined
  sys_close(sock: Sock): void
  /** A file to be opened; 0: done; undefined: the real kernel's. */
  sys_bpf?(task: Task, cmd: number, attr: Uint8Array, memory: UserMemory): DoorInode | 0 | Errno | undefined
  /** undefined: the real file is meant. `flags` as the program gave them to open(); with O_PATH only looked up, for stat() and readlink(). */
  sys_open(task: Task, path: string, flags: number, mode?: number): DoorInode | Errno | undefined
  /** access() of a file that sys_open() found: R_OK 4, W_OK 2, X_OK 1. */
  sys_access(task: Task, file: DoorInode, mode: number): Errno | undefined
  /** The same place without links on the way, as names from the root on. */
  sys_realpath?(task: Task, names: readonly string[]): readonly string[]
  /** open() of a device node: used and closed like a socket. undefined: not the host's. */
  sys_open_device?(task: Task, path: string): Sock | Errno | undefined

  // Absent where a host has no namespaces. Of calls on paths 0 is success, undefined: not the host's.
  sys_mkdir?(task: Task, path: string): 0 | Errno | undefined
  sys_unlink?(task: Task, path: string, isRmdir: boolean): 0 | Errno | undefined
  sys_symlink?(task: Task, target: string, path: string): 0 | Errno | undefined
  sys_mount?(task: Task, source: string, target: string, flags: number): 0 | Errno | undefined
  sys_umount?(task: Task, target: string, flags: number): 0 | Errno | undefined
  sys_finit_module?(task: Task, module: string | undefined, args: string): Errno | undefined
  sys_delete_module?(task: Task, name: string): Errno | undefined
  /** Bytes are for the program's buffer. */
  sys_syslog?(task: Task, type: number, hasBuffer: boolean, length: number): number | Uint8Array | Errno
  /** What TaskIdentity.netns is for a task now. */
  sys_netns?(task: Task): number
  sys_new_netns?(task: Task, privileged?: boolean): number | Errno
  sys_drop_netns?(task: Task, id: number): void
  sys_unshare_net?(task: Task, privileged?: boolean): Errno | undefined
  sys_setns?(task: Task, file: unknown, nstype: number): Errno | undefined
  sys_socket_netns?(task: Task, sock: Sock): DoorInode | Errno
  /** A descriptor holds the file; none does any longer. */
  sys_get_file?(file: DoorInode): void
  sys_put_file?(file: DoorInode): void
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

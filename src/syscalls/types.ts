/**
 * What stands between programs and the simulated kernel: the shapes that the door (`src/syscalls`) and its
 * callers (attach supervisor, socket endpoint, conformance replay, in-process users) agree on.
 * Every call is synchronous and never waits: where a program would sleep, the answer is EAGAIN and the caller
 * parks the request until `SocketWatcher.dataReady`.
 */
import type { Errno } from '../uapi/errno.ts'

/** The memory of a calling program. Addresses are below 2^47, so a number carries them exactly. */
export interface UserMemory {
  /** A copy of `length` bytes, or EFAULT (also when only a part can be read). */
  read(addr: number, length: number): Uint8Array | Errno
  /** EFAULT when any byte cannot be written. */
  write(addr: number, bytes: Uint8Array): Errno | undefined
}

/** Who makes the call, as far as the outside knows it. */
export interface TaskIdentity {
  /** Process id that the program itself sees (getpid); netlink's autobind takes it as port id. */
  tgid: number
  tid: number
  comm: string
  /** uid and gid *on the host*; 0 unless started otherwise. */
  uid: number
  gid: number
  /** Effective capabilities as a bit set (CAP_NET_ADMIN is bit 12). */
  capabilities: bigint
  /** Inode-like id of the network namespace; 0 is init_net. */
  netns: number
  /** Path of the control group; absent: the root. */
  cgroup?: string
  /** The program's descriptors, as far as they are files of this host. */
  files?: TaskFiles
}

/** What a program's numbers stand for: a handle of the outside. */
export interface TaskFiles {
  /** The inode of a simulated file; undefined: a file or socket of another kind; EBADF. */
  inode(fd: number): object | undefined | Errno
  /** The program names another process: a task is made for it if it is on this host and has made no call yet. */
  process(pid: number): void
  /** That process is in another control group now, and its children will be. */
  moved?(pid: number, cgroup: string): void
}

/** What a program has put where getsockopt()'s answer goes: some options say there what is asked. */
export type OptionInput = () => Uint8Array | Errno

export interface SendMessage {
  data: Uint8Array
  /** Destination sockaddr, or undefined. */
  name?: Uint8Array
  /** Ancillary data as the program laid it out. */
  control?: Uint8Array
  /** MSG_* flags of the call. */
  flags: number
}

export interface ReceiveRequest {
  /** Room in the program's buffers, bytes. */
  size: number
  /** Room for ancillary data, bytes. */
  controlSize: number
  /** MSG_* flags of the call (MSG_PEEK, MSG_TRUNC …; MSG_DONTWAIT is the caller's business). */
  flags: number
  /** If the answer says `comesBack`, the caller passes it on and then at once calls sys_received(), which does what it has made room for. */
  comesBack?: boolean
}

export interface ReceivedMessage {
  /** At most `size` bytes. */
  data: Uint8Array
  /** What the call returns: data.length, or the full length under MSG_TRUNC. */
  result: number
  /** Source sockaddr, whole; the caller cuts it to the program's buffer and writes the real length. */
  name: Uint8Array
  control: Uint8Array
  /** msg_flags for the program (MSG_TRUNC, MSG_CTRUNC …). */
  flags: number
  /** Nothing comes any more (shutdown): who may not wait hears EAGAIN. */
  ended?: boolean
  /** There is something for sys_received() to do. */
  comesBack?: boolean
}

/** A handle of the outside world on a socket; never part of a lab's state. */
export interface SocketWatcher {
  /** A message or an error has become readable. May be called from within any call on any socket of the host. */
  dataReady(): void
}

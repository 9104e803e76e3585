/**
 * What a supervisor tells its `trace` hook, one event per served call, in the order in which programs see the effects.
 * The events carry what a ptrace recorder of the same programs would see; bytes are copies, safe to keep.
 */

/** Fields that every event has. */
export interface TraceBase {
  /** Process id (tgid) as the program sees it with getpid(). */
  pid: number
  /** Process id in the supervisor's pid namespace. */
  hostPid: number
}

/** A call on a socket of the simulated host. */
export interface TraceSocketBase extends TraceBase {
  /** The program's file descriptor; virtual sockets have high numbers. */
  fd: number
  family: number
  /** Without SOCK_NONBLOCK and SOCK_CLOEXEC. */
  type: number
  proto: number
  /** What the program's call returned; -errno on failure. */
  ret: number
}

export interface TraceSocket extends TraceBase {
  kind: 'socket'
  family: number
  /** As the program gave it, with SOCK_NONBLOCK and SOCK_CLOEXEC. */
  type: number
  proto: number
  ret: number
}

export interface TraceAddress extends TraceSocketBase {
  kind: 'bind' | 'connect' | 'getsockname' | 'getpeername'
  /** The sockaddr given, or the one returned (empty on failure). */
  addr: Uint8Array
}

export interface TraceSetsockopt extends TraceSocketBase {
  kind: 'setsockopt'
  level: number
  opt: number
  val: Uint8Array
}

export interface TraceSend extends TraceSocketBase {
  kind: 'send'
  /** MSG_* of the call; undefined for write(), writev() and what came untrapped. */
  flags: number | undefined
  /** Destination sockaddr; empty when none was given. */
  addr: Uint8Array
  data: Uint8Array
}

export interface TraceReceive extends TraceSocketBase {
  /** 'peek' under MSG_PEEK. */
  kind: 'recv' | 'peek'
  /** MSG_* of the call; undefined for read() and readv(). */
  flags: number | undefined
  /** msg_flags as returned; undefined unless it was recvmsg or recvmmsg. */
  msgFlags: number | undefined
  /** What reached the program's buffers (for 'peek' too). */
  data: Uint8Array
}

/** An ioctl of the network (0x89xx, 0x8bxx) on any descriptor, or any ioctl on a virtual one. */
export interface TraceIoctl extends TraceBase {
  /** 'ioctl_in' is sent before the call is served, 'ioctl' after. */
  kind: 'ioctl_in' | 'ioctl'
  fd: number
  /** Path of the virtual file that the ioctl goes to, if it is one. */
  path: string | undefined
  /** Request number, unsigned. */
  request: number
  /** Third argument as a number (an address, mostly). */
  arg: number
  /** The structure at `arg`, before ('ioctl_in') or after ('ioctl'); empty when arg is no readable address. */
  struct: Uint8Array
  /** What `struct` points to (ethtool's ifr_data, SIOCGIFCONF's buffer, bridge arguments), if anything. */
  data: Uint8Array | undefined
  /** 'ioctl' only; undefined when the real kernel answered (ENOTTY from the simulated one). */
  ret: number | undefined
}

export interface TraceExec extends TraceBase {
  kind: 'exec'
  path: string
  argv: string[]
}

/** Opens of /proc, /sys, /dev/net and /run/netns. */
export interface TraceOpen extends TraceBase {
  kind: 'open'
  path: string
  flags: number
  /** File descriptor or -errno; undefined when the real kernel's file was meant. */
  ret: number | undefined
}

export interface TraceFileData extends TraceBase {
  kind: 'read' | 'write'
  fd: number
  path: string
  ret: number
  /** The bytes read, or those given to write(). */
  data: Uint8Array
}

export type TraceEvent =
  | TraceSocket
  | TraceAddress
  | TraceSetsockopt
  | TraceSend
  | TraceReceive
  | TraceIoctl
  | TraceExec
  | TraceOpen
  | TraceFileData

export type TraceHook = (event: TraceEvent) => void

/** net/socket.c: families and the socket that a program's descriptor stands for. */
import { cgroup_bpf_run_inet_sock } from '../kernel/bpf_cgroup.ts'
import { cgroup_id } from '../kernel/cgroup.ts'
import type { Kernel } from '../kernel/kernel.ts'
import type { task_struct } from '../kernel/task.ts'
import type { OptionInput, ReceivedMessage, ReceiveRequest, SendMessage, SocketWatcher, UserMemory } from '../syscalls/types.ts'
import { EAFNOSUPPORT, EEXIST, EINVAL, ENOTTY, EOPNOTSUPP, type Errno, isErrno } from '../uapi/errno.ts'
import { AF_INET, AF_INET6, AF_MAX, AF_PACKET, SOCK_PACKET, SOCK_TYPE_MASK } from '../uapi/linux/socket.ts'
import type { net } from './core/net_namespace.ts'
import type { sock } from './sock.ts'
import { SK_MEM_DEFAULT } from './sock_limits.ts'

/** include/linux/net.h struct proto_ops. One exported constant a protocol; what is absent answers EOPNOTSUPP. */
export interface proto_ops {
  readonly family: number
  readonly release: (sock: socket) => void
  readonly bind?: (sock: socket, addr: Uint8Array, task: task_struct) => Errno | undefined
  readonly connect?: (sock: socket, addr: Uint8Array, task: task_struct) => Errno | undefined
  readonly listen?: (sock: socket, backlog: number, task: task_struct) => Errno | undefined
  readonly accept?: (sock: socket, task: task_struct) => socket | Errno
  readonly shutdown?: (sock: socket, how: number) => Errno | undefined
  readonly getname: (sock: socket, peer: boolean) => Uint8Array | Errno
  /** Levels other than SOL_SOCKET. */
  readonly setsockopt?: (
    sock: socket,
    level: number,
    optname: number,
    optval: Uint8Array,
    task: task_struct,
    memory?: UserMemory,
  ) => Errno | undefined
  /** The answer may be longer than `optlen` where Linux reports a length beyond what it wrote. */
  readonly getsockopt?: (
    sock: socket,
    level: number,
    optname: number,
    optlen: number,
    task: task_struct,
    input?: OptionInput,
  ) => Uint8Array | Errno
  readonly sendmsg?: (sock: socket, message: SendMessage, task: task_struct) => number | Errno
  readonly recvmsg?: (sock: socket, request: ReceiveRequest, task: task_struct) => ReceivedMessage | Errno
  /** What a receive that said `comesBack` has put off. */
  readonly received?: (sock: socket) => void
  readonly poll: (sock: socket) => number
  /** ENOIOCTLCMD: not the protocol's. */
  readonly ioctl?: (sock: socket, cmd: number, arg: number, memory: UserMemory, task: task_struct) => number | Errno
  /** Of an open character device: all requests are its own. */
  readonly chr_ioctl?: (sock: socket, cmd: number, arg: number, memory: UserMemory, task: task_struct) => number | Errno
  /** Of an open character device. */
  readonly llseek?: (sock: socket, offset: number, whence: number) => number | Errno
  /** Memory that the program and the socket share from now on; `share` makes it. */
  readonly mmap?: (sock: socket, length: number, offset: number, share: (length: number) => Uint8Array | Errno) => Errno | undefined
  /** SOL_SOCKET options that the protocol forbids or does itself. */
  readonly set_peek_off?: (sk: sock, value: number) => Errno | undefined
}

/** include/linux/net.h struct socket, with the opener's credentials (file->f_cred). */
export class socket {
  readonly kernel: Kernel
  readonly family: number
  readonly type: number
  readonly protocol: number
  readonly uid: number
  readonly gid: number
  readonly capabilities: bigint
  /** Number of its inode. */
  readonly ino: number
  /** SS_FREE 0, SS_UNCONNECTED 1, SS_CONNECTING 2, SS_CONNECTED 3 */
  state = 1
  ops!: proto_ops
  sk: sock | undefined = undefined
  /** A handle of the outside, set by the door's caller: not part of a lab's state (a saver skips this field). */
  watcher: SocketWatcher | undefined = undefined

  constructor(kernel: Kernel, task: task_struct | undefined, family: number, type: number, protocol: number) {
    this.kernel = kernel
    this.family = family
    this.type = type
    this.protocol = protocol
    this.uid = task?.uid ?? 0
    this.gid = task?.gid ?? 0
    this.capabilities = task?.cap_effective ?? 0n
    this.ino = kernel.families === undefined ? 0 : ++kernel.families.last_ino
  }
  /** SO_RCVTIMEO, ms; 0: wait for ever. */
  get rcvtimeo(): number {
    return this.sk?.sk_rcvtimeo ?? 0
  }
  get sndtimeo(): number {
    return this.sk?.sk_sndtimeo ?? 0
  }
}

/** include/linux/net.h struct net_proto_family: one exported constant a family. */
export interface net_proto_family {
  readonly family: number
  readonly name: string
  /** Sets sock.ops and sock.sk, or says why not. */
  readonly create: (net: net, sock: socket, protocol: number, task: task_struct | undefined) => Errno | undefined
}

/** State of net/socket.c and net/core/sock.c. */
export class sock_families {
  families = new Map<number, net_proto_family>()
  /** Last socket cookie given out (SO_COOKIE). */
  last_cookie = 0n
  /** Last number of a socket's inode. Boot takes thousands on Linux, and netstat does not believe in numbers of one digit. */
  last_ino = 10000
  // net.core.* sysctls
  sysctl_rmem_default = SK_MEM_DEFAULT
  sysctl_wmem_default = SK_MEM_DEFAULT
  sysctl_rmem_max = SK_MEM_DEFAULT
  sysctl_wmem_max = SK_MEM_DEFAULT
  sysctl_optmem_max = 131072
}

/** net/socket.c sock_init (core_initcall) */
export function sock_init(kernel: Kernel): Errno | undefined {
  kernel.families = new sock_families()
  return undefined
}

export function sock_register(kernel: Kernel, ops: net_proto_family): Errno | undefined {
  if (kernel.families.families.has(ops.family)) return EEXIST
  kernel.families.families.set(ops.family, ops)
  kernel.pr_info(`NET: Registered ${ops.name} protocol family`)
  return undefined
}
export function sock_unregister(kernel: Kernel, family: number): void {
  kernel.families.families.delete(family)
}

/** net/socket.c __sock_create. `type` without SOCK_NONBLOCK and SOCK_CLOEXEC. */
export function sock_create(net: net, task: task_struct | undefined, family: number, type: number, protocol: number): socket | Errno {
  if (family < 0 || family >= AF_MAX) return EAFNOSUPPORT
  if (type < 0 || type > SOCK_PACKET) return EINVAL
  const wanted = family === AF_INET && type === SOCK_PACKET ? AF_PACKET : family
  const ops = net.kernel.families.families.get(wanted)
  if (ops === undefined) {
    net.kernel.unsupported.count('socket', `family ${wanted}`)
    return EAFNOSUPPORT
  }
  const sock = new socket(net.kernel, task, wanted, type & SOCK_TYPE_MASK, protocol)
  const error = ops.create(net, sock, protocol, task) ?? run_cgroup_prog(sock, task)
  if (sock.sk !== undefined && task !== undefined) sock.sk.sk_cgroup_id = cgroup_id(net.kernel, task.cgroup)
  return isErrno(error) ? error : sock
}

export function sock_release(sock: socket): void {
  if (sock.sk !== undefined) sock.ops.release(sock)
  sock.sk = undefined
  sock.watcher = undefined
}

/** sock_no_*: what a protocol does not have. */
export function sock_no(): Errno {
  return EOPNOTSUPP
}
export function sock_no_ioctl(): Errno {
  return ENOTTY
}
/** The program of the control group that the creator is in may choose the device, or refuse. */
function run_cgroup_prog(sock: socket, task: task_struct | undefined): Errno | undefined {
  if (task === undefined || sock.sk === undefined || (sock.family !== AF_INET && sock.family !== AF_INET6)) return undefined
  const error = cgroup_bpf_run_inet_sock(task, sock.sk)
  if (error !== undefined) sock_release(sock)
  return error
}

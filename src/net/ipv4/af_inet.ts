/** net/ipv4/af_inet.c: PF_INET. */
import { raw_notifier_head } from '../../kernel/notifier.ts'
import type { Kernel } from '../../kernel/kernel.ts'
import type { task_struct } from '../../kernel/task.ts'
import type { UserMemory } from '../../syscalls/types.ts'
import { type Errno, ENOIOCTLCMD } from '../../uapi/errno.ts'
import type { socket } from '../socket.ts'

/** IPv4's part of a kernel. */
export class inet_state {
  /** NETDEV_UP and NETDEV_DOWN with the in_ifaddr. */
  inetaddr_chain = new raw_notifier_head()
}

export function inet_init(kernel: Kernel): Errno | undefined {
  kernel.inet = new inet_state()
  return undefined
}

/** proto_ops.ioctl of PF_INET sockets; ENOIOCTLCMD: sock_ioctl's own affair (dev_ioctl). */
export function inet_ioctl(_sock: socket, _cmd: number, _arg: number, _memory: UserMemory, _task: task_struct): number | Errno {
  return ENOIOCTLCMD
}

/** net/ipv4/af_inet.c inet_ioctl: addresses and routes are asked for on a PF_INET socket. */
import type { task_struct } from '../../kernel/task.ts'
import type { UserMemory } from '../../syscalls/types.ts'
import { EFAULT, EINVAL, ENOIOCTLCMD, type Errno, isErrno } from '../../uapi/errno.ts'
import { arpreq } from '../../uapi/linux/if_arp.ts'
import { rtentry } from '../../uapi/linux/route.ts'
import * as SIOC from '../../uapi/linux/sockios.ts'
import { rtnl_unlock } from '../core/dev.ts'
import type { socket } from '../socket.ts'
import { arp_ioctl } from './arp_ioctl.ts'
import { devinet_ioctl } from './devinet_ioctl.ts'
import { ip_rt_ioctl } from './fib_rt_ioctl.ts'
import { inet_sk } from './inet_sock.ts'

const IFREQ_SIZE = 40
/** What sockets of frames leave to IPv4. */
export const inet_ioctl_requests: ReadonlySet<number> = new Set([
  SIOC.SIOCADDRT,
  SIOC.SIOCDELRT,
  SIOC.SIOCDARP,
  SIOC.SIOCGARP,
  SIOC.SIOCSARP,
  SIOC.SIOCGIFADDR,
  SIOC.SIOCSIFADDR,
  SIOC.SIOCGIFBRDADDR,
  SIOC.SIOCSIFBRDADDR,
  SIOC.SIOCGIFNETMASK,
  SIOC.SIOCSIFNETMASK,
  SIOC.SIOCGIFDSTADDR,
  SIOC.SIOCSIFDSTADDR,
  SIOC.SIOCSIFFLAGS,
])

/** proto_ops.ioctl of PF_INET sockets; ENOIOCTLCMD: sock_ioctl's own affair (dev_ioctl). */
export function inet_ioctl(sock: socket, cmd: number, arg: number, memory: UserMemory, task: task_struct): number | Errno {
  const { sk_net: net } = inet_sk(sock)
  switch (cmd) {
    case SIOC.SIOCADDRT:
    case SIOC.SIOCDELRT:
      return traced(sock, cmd, arg, memory, rtentry.size, () => ip_rt_ioctl(net, task, cmd, arg, memory))
    case SIOC.SIOCRTMSG:
      return EINVAL
    case SIOC.SIOCDARP:
    case SIOC.SIOCGARP:
    case SIOC.SIOCSARP:
      return traced(sock, cmd, arg, memory, arpreq.size, () => arp_ioctl(net, task, cmd, arg, memory))
    case SIOC.SIOCGIFADDR:
    case SIOC.SIOCGIFBRDADDR:
    case SIOC.SIOCGIFNETMASK:
    case SIOC.SIOCGIFDSTADDR:
    case SIOC.SIOCGIFPFLAGS:
      return ifreq_ioctl(sock, cmd, arg, memory, task, true)
    case SIOC.SIOCSIFADDR:
    case SIOC.SIOCSIFBRDADDR:
    case SIOC.SIOCSIFNETMASK:
    case SIOC.SIOCSIFDSTADDR:
    case SIOC.SIOCSIFPFLAGS:
    case SIOC.SIOCSIFFLAGS:
      return ifreq_ioctl(sock, cmd, arg, memory, task, false)
    default:
      return ENOIOCTLCMD
  }
}

/** The ifreq out of the program's memory and, where it answers, back. */
function ifreq_ioctl(sock: socket, cmd: number, arg: number, memory: UserMemory, task: task_struct, answers: boolean): number | Errno {
  const { sk_net: net } = inet_sk(sock)
  const ifr = memory.read(arg, IFREQ_SIZE)
  if (isErrno(ifr)) return EFAULT
  return traced(sock, cmd, arg, memory, IFREQ_SIZE, () => {
    const error = devinet_ioctl(net, task, cmd, ifr)
    rtnl_unlock(net.kernel)
    return error ?? (answers ? memory.write(arg, ifr) : undefined)
  })
}

/** The same as the observers see it: the structure before and after. */
function traced(sock: socket, cmd: number, arg: number, memory: UserMemory, size: number, run: () => Errno | undefined): number | Errno {
  const { sk_net: net } = inet_sk(sock)
  const trace = net.kernel.trace.ioctl
  const before = trace && memory.read(arg, size)
  const result = run()
  const after = trace && memory.read(arg, size)
  if (before !== undefined && after !== undefined && !isErrno(before) && !isErrno(after)) {
    net.kernel.trace.ioctl?.(net.kernel, net, cmd, before, after, isErrno(result) ? -result.code : 0)
  }
  return result ?? 0
}

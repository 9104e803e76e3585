/**
 * net/socket.c sock_ioctl(): which room a request goes to, by its number. Any socket will do for devices; addresses,
 * routes and ARP belong to the socket's own family (proto_ops.ioctl).
 */
import { CAP_NET_ADMIN } from '../kernel/capability.ts'
import { capable, type task_struct } from '../kernel/task.ts'
import type { UserMemory } from '../syscalls/types.ts'
import { EFAULT, ENODEV, ENOIOCTLCMD, ENOPKG, ENOTTY, EOPNOTSUPP, EPERM, type Errno, isErrno } from '../uapi/errno.ts'
import { ifconf } from '../uapi/linux/if.ts'
import { AF_INET, AF_INET6, AF_PACKET } from '../uapi/linux/socket.ts'
import {
  SIOCBRADDBR,
  SIOCBRADDIF,
  SIOCBRDELBR,
  SIOCBRDELIF,
  SIOCGIFBR,
  SIOCGIFCONF,
  SIOCGIFVLAN,
  SIOCGSKNS,
  SIOCGSTAMP_NEW,
  SIOCGSTAMP_OLD,
  SIOCGSTAMPNS_NEW,
  SIOCGSTAMPNS_OLD,
  SIOCSIFBR,
  SIOCSIFVLAN,
} from '../uapi/linux/sockios.ts'
import { SIOCGIWENCODE, SIOCGIWENCODEEXT, SIOCIWFIRST, SIOCIWLAST } from '../uapi/linux/wireless.ts'
import { sock_gettstamp } from './core/datagram.ts'
import { dev_ifconf, dev_ioctl, dev_ioctl_needs_copyout, IFREQ_SIZE, ifr_device, is_private_ioctl } from './core/dev_ioctl.ts'
import { vlan_ioctl_handler } from './8021q/vlan_ioctl.ts'
import type { net } from './core/net_namespace.ts'
import { inet_gifconf } from './ipv4/devinet_ioctl.ts'
import type { socket } from './socket.ts'

const bridge_requests = new Set([SIOCGIFBR, SIOCSIFBR, SIOCBRADDBR, SIOCBRDELBR, SIOCBRADDIF, SIOCBRDELIF])
/** include/uapi/linux/sockios.h SOCK_IOC_TYPE */
const SOCK_IOC_TYPE = 0x89

/**
 * ioctl(2) on a socket; `sock` is undefined for one that is not ours (AF_UNIX), which still reaches the devices.
 * ENOTTY: not a network request.
 */
export function sock_ioctl(task: task_struct, sock: socket | undefined, cmd: number, arg: number, memory: UserMemory): number | Errno {
  if (sock?.ops.chr_ioctl !== undefined) return sock.ops.chr_ioctl(sock, cmd, arg, memory, task)
  const net = sock?.sk?.sk_net ?? task.net_ns
  const result = dispatch(net, task, sock, cmd, arg, memory)
  return result === ENOIOCTLCMD ? ENOTTY : (result ?? 0)
}

function dispatch(
  net: net,
  task: task_struct,
  sock: socket | undefined,
  cmd: number,
  arg: number,
  memory: UserMemory,
): number | Errno | undefined {
  if (is_private_ioctl(cmd)) return user_ifreq(net, task, cmd, arg, memory)
  if (bridge_requests.has(cmd)) {
    const { br_ioctl_hook } = net.kernel.rtnl
    if (br_ioctl_hook !== undefined) return br_ioctl_hook(net, task, cmd, arg, memory)
  }
  if (cmd >= SIOCIWFIRST && cmd <= SIOCIWLAST) return wext_handle_ioctl(net, task, cmd, arg, memory)
  switch (cmd) {
    case SIOCGIFBR:
    case SIOCSIFBR:
    case SIOCBRADDBR:
    case SIOCBRDELBR:
      // br_ioctl_call(): the module is not there; what it would refuse to users comes first all the same
      if ((cmd === SIOCSIFBR || cmd === SIOCBRADDBR || cmd === SIOCBRDELBR) && !capable(task, CAP_NET_ADMIN)) return EPERM
      net.kernel.unsupported.count('ioctl', `0x${cmd.toString(16)}`)
      return ENOPKG
    case SIOCGIFVLAN:
    case SIOCSIFVLAN:
      return vlan_ioctl_handler(net, task, arg, memory)
    case SIOCGSKNS:
      if (!capable(task, CAP_NET_ADMIN)) return EPERM
      net.kernel.unsupported.count('ioctl', 'SIOCGSKNS')
      return EOPNOTSUPP
    case SIOCGSTAMP_OLD:
    case SIOCGSTAMPNS_OLD:
    case SIOCGSTAMP_NEW:
    case SIOCGSTAMPNS_NEW:
      return sock === undefined ? ENOIOCTLCMD : gettstamp(sock, cmd, arg, memory)
    case SIOCGIFCONF:
      return traced_ifconf(net, arg, memory)
    default:
      return sock_do_ioctl(net, task, sock, cmd, arg, memory)
  }
}

/** Families without time stamps do not know the request. */
function gettstamp(sock: socket, cmd: number, arg: number, memory: UserMemory): Errno | undefined {
  if (sock.sk === undefined || ![AF_INET, AF_INET6, AF_PACKET].includes(sock.family)) return ENOIOCTLCMD
  const stamp = sock_gettstamp(sock.sk, cmd === SIOCGSTAMP_OLD || cmd === SIOCGSTAMP_NEW)
  return isErrno(stamp) ? stamp : memory.write(arg, stamp)
}

function sock_do_ioctl(
  net: net,
  task: task_struct,
  sock: socket | undefined,
  cmd: number,
  arg: number,
  memory: UserMemory,
): number | Errno | undefined {
  const own = sock?.ops.ioctl?.(sock, cmd, arg, memory, task) ?? ENOIOCTLCMD
  if (own !== ENOIOCTLCMD) return own
  if (((cmd >> 8) & 0xff) !== SOCK_IOC_TYPE) return ENOTTY
  return user_ifreq(net, task, cmd, arg, memory)
}

/** The ifreq out of the program's memory, through dev_ioctl(), and back if it answers. */
function user_ifreq(net: net, task: task_struct, cmd: number, arg: number, memory: UserMemory): number | Errno | undefined {
  const ifr = memory.read(arg, IFREQ_SIZE)
  if (isErrno(ifr)) return EFAULT
  const before = net.kernel.trace.ioctl === undefined ? ifr : ifr.slice()
  const error = dev_ioctl(net, task, cmd, ifr, memory)
  const copyout = error === undefined && dev_ioctl_needs_copyout(cmd)
  const result = copyout && isErrno(memory.write(arg, ifr)) ? EFAULT : error
  net.kernel.trace.ioctl?.(net.kernel, net, cmd, before, copyout ? ifr : before, isErrno(result) ? -result.code : (result ?? 0))
  return result
}

function traced_ifconf(net: net, arg: number, memory: UserMemory): Errno | undefined {
  const trace = net.kernel.trace.ioctl
  const before = trace && memory.read(arg, ifconf.size)
  const error = dev_ifconf(net, inet_gifconf, arg, memory)
  const after = trace && memory.read(arg, ifconf.size)
  if (before !== undefined && after !== undefined && !isErrno(before) && !isErrno(after)) {
    trace?.(net.kernel, net, SIOCGIFCONF, before, after, isErrno(error) ? -error.code : 0)
  }
  return error
}

/** net/wireless/wext-core.c: no device of this host has wireless handlers. Changes and keys need CAP_NET_ADMIN first. */
function wext_handle_ioctl(net: net, task: task_struct, cmd: number, arg: number, memory: UserMemory): Errno {
  const iwreq = memory.read(arg, 32)
  if (isErrno(iwreq)) return EFAULT
  iwreq[15] = 0
  const changes = (cmd & 1) === 0 || cmd === SIOCGIWENCODE || cmd === SIOCGIWENCODEEXT
  if (changes && !capable(task, CAP_NET_ADMIN)) return EPERM
  return ifr_device(net, iwreq) === undefined ? ENODEV : EOPNOTSUPP
}

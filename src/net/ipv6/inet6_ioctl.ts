/** net/ipv6/af_inet6.c inet6_ioctl: addresses and routes are set on a PF_INET6 socket; asking is left to netlink and /proc. */
import { CAP_NET_ADMIN } from '../../kernel/capability.ts'
import { capable, type task_struct } from '../../kernel/task.ts'
import type { UserMemory } from '../../syscalls/types.ts'
import { EFAULT, ENODEV, ENOIOCTLCMD, EPERM, type Errno, isErrno } from '../../uapi/errno.ts'
import { IFA_F_PERMANENT } from '../../uapi/linux/if_addr.ts'
import { in6_ifreq } from '../../uapi/linux/in6.ts'
import { in6_rtmsg } from '../../uapi/linux/ipv6_route.ts'
import * as SIOC from '../../uapi/linux/sockios.ts'
import { rtnl_unlock } from '../core/dev.ts'
import type { net } from '../core/net_namespace.ts'
import type { socket } from '../socket.ts'
import { ifa6_config } from './addrconf_addr.ts'
import { inet6_addr_add, inet6_addr_del } from './addrconf_manual.ts'
import { inet6_sk } from './inet6_sock.ts'
import { ipv6_route_ioctl } from './ip6_route_ioctl.ts'

type request = (net: net, bytes: Uint8Array) => Errno | undefined

/** proto_ops.ioctl of PF_INET6 sockets; ENOIOCTLCMD: sock_ioctl's own affair (dev_ioctl). */
export function inet6_ioctl(sock: socket, cmd: number, arg: number, memory: UserMemory, task: task_struct): number | Errno {
  const { sk_net: net } = inet6_sk(sock)
  switch (cmd) {
    case SIOC.SIOCADDRT:
    case SIOC.SIOCDELRT:
      return privileged(net, task, cmd, arg, memory, in6_rtmsg.size, cmd === SIOC.SIOCADDRT ? add_route : del_route)
    case SIOC.SIOCSIFADDR:
      return privileged(net, task, cmd, arg, memory, in6_ifreq.size, addrconf_add_ifaddr)
    case SIOC.SIOCDIFADDR:
      return privileged(net, task, cmd, arg, memory, in6_ifreq.size, addrconf_del_ifaddr)
    case SIOC.SIOCSIFDSTADDR:
      // only tunnels of kind sit take one
      return isErrno(memory.read(arg, in6_ifreq.size)) ? EFAULT : ENODEV
    default:
      return ENOIOCTLCMD
  }
}
function add_route(net: net, bytes: Uint8Array): Errno | undefined {
  return ipv6_route_ioctl(net, SIOC.SIOCADDRT, bytes)
}
function del_route(net: net, bytes: Uint8Array): Errno | undefined {
  return ipv6_route_ioctl(net, SIOC.SIOCDELRT, bytes)
}

function privileged(net: net, task: task_struct, cmd: number, arg: number, memory: UserMemory, size: number, run: request): number | Errno {
  if (!capable(task, CAP_NET_ADMIN)) return EPERM
  const bytes = memory.read(arg, size)
  if (isErrno(bytes)) return EFAULT
  const error = run(net, bytes)
  rtnl_unlock(net.kernel)
  net.kernel.trace.ioctl?.(net.kernel, net, cmd, bytes, bytes, isErrno(error) ? -error.code : 0)
  return error ?? 0
}

/** net/ipv6/addrconf.c: an address for ever, its prefix length beside it. */
export function addrconf_add_ifaddr(net: net, bytes: Uint8Array): Errno | undefined {
  const { ifr6_addr, ifr6_prefixlen, ifr6_ifindex } = in6_ifreq.get(bytes, 0)
  const cfg = new ifa6_config(ifr6_addr, ifr6_prefixlen)
  cfg.ifa_flags = IFA_F_PERMANENT
  return inet6_addr_add(net, ifr6_ifindex, cfg)
}
export function addrconf_del_ifaddr(net: net, bytes: Uint8Array): Errno | undefined {
  const { ifr6_addr, ifr6_prefixlen, ifr6_ifindex } = in6_ifreq.get(bytes, 0)
  return inet6_addr_del(net, ifr6_ifindex, ifr6_addr, ifr6_prefixlen)
}

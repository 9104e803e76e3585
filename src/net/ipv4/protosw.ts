/** net/ipv4/af_inet.c inetsw: which protocols each socket type has. */

import { CAP_NET_RAW } from '../../kernel/capability.ts'
import type { task_struct } from '../../kernel/task.ts'
import { capable } from '../../kernel/task.ts'
import { EACCES, EINVAL, EPERM, EPROTONOSUPPORT, type Errno, ESOCKTNOSUPPORT, isErrno } from '../../uapi/errno.ts'
import {
  IPPROTO_ICMP,
  IPPROTO_IP,
  IPPROTO_MAX,
  IPPROTO_MPTCP,
  IPPROTO_SCTP,
  IPPROTO_TCP,
  IPPROTO_UDP,
  IPPROTO_UDPLITE,
} from '../../uapi/linux/in.ts'
import { IPPROTO_ICMPV6 } from '../../uapi/linux/in6.ts'
import { SOCK_DGRAM, SOCK_RAW, SOCK_STREAM } from '../../uapi/linux/socket.ts'
import type { net } from '../core/net_namespace.ts'

/** struct inet_protosw: `protocol` 0 takes any number (raw). */
export interface inet_protosw {
  readonly type: number
  readonly protocol: number
}
/** In the order that a search for protocol 0 goes. */
export const inetsw: readonly inet_protosw[] = [
  { type: SOCK_STREAM, protocol: IPPROTO_TCP },
  { type: SOCK_DGRAM, protocol: IPPROTO_UDP },
  { type: SOCK_DGRAM, protocol: IPPROTO_UDPLITE },
  { type: SOCK_DGRAM, protocol: IPPROTO_ICMP },
  { type: SOCK_RAW, protocol: IPPROTO_IP },
]
/** What Debian's kernel has beside, in itself or as a module. */
const not_built = new Set([IPPROTO_MPTCP, IPPROTO_SCTP])

/** inet_create()'s choice: the protocol's number, or why the socket cannot be. */
export function inet_choose_protocol(
  net: net,
  type: number,
  protocol: number,
  task: task_struct | undefined,
  sw: readonly inet_protosw[] = inetsw,
): number | Errno {
  if (protocol < 0 || protocol >= IPPROTO_MAX) return EINVAL
  const answers = sw.filter((answer) => answer.type === type)
  const fits = (answer: inet_protosw) =>
    protocol === IPPROTO_IP ? answer.protocol !== IPPROTO_IP : answer.protocol === protocol || answer.protocol === IPPROTO_IP
  const answer = answers.find(fits)
  if (answer === undefined) {
    if (not_built.has(protocol)) net.kernel.unsupported.count('socket', `${sw === inetsw ? 'PF_INET' : 'PF_INET6'} protocol ${protocol}`)
    return answers.length === 0 ? ESOCKTNOSUPPORT : EPROTONOSUPPORT
  }
  if (type === SOCK_RAW && task !== undefined && !capable(task, CAP_NET_RAW)) return EPERM
  const chosen = protocol === IPPROTO_IP ? answer.protocol : protocol
  const error = type === SOCK_DGRAM && (chosen === IPPROTO_ICMP || chosen === IPPROTO_ICMPV6) ? ping_allowed(net, task) : undefined
  return isErrno(error) ? error : chosen
}
/** ping_init_sock(): only groups of ping_group_range; by default that is none. */
function ping_allowed(net: net, task: task_struct | undefined): Errno | undefined {
  const [low, high] = net.ipv4.ping_group_range
  const gid = task?.gid ?? 0
  return gid >= low && gid <= high ? undefined : EACCES
}

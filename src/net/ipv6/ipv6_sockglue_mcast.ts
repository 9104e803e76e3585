/** net/ipv6/ipv6_sockglue.c: options of SOL_IPV6 about groups and devices (RFC 3493, RFC 3678). */
import { get16, getBe32, getS32, put32, putBe32 } from '../../lib/bytes.ts'
import { EADDRINUSE, EADDRNOTAVAIL, EINVAL, ENODEV, ENOPROTOOPT, EPROTO, type Errno, isErrno } from '../../uapi/errno.ts'
import * as IN from '../../uapi/linux/in.ts'
import * as IN6 from '../../uapi/linux/in6.ts'
import type { in6_addr } from '../../uapi/linux/in6.ts'
import { AF_INET6, SOCK_STREAM } from '../../uapi/linux/socket.ts'
import type { OptionInput } from '../../syscalls/types.ts'
import { GROUP_FILTER_SIZE, group_filter_answer, parse_group_filter } from '../ipv4/ip_sockglue_mcast.ts'
import { l3mdev_master_ifindex } from '../core/l3mdev.ts'
import { MCAST_EXCLUDE, MCAST_INCLUDE } from '../../uapi/linux/in.ts'
import type { inet6_sock } from './inet6_sock.ts'
import { ip6_mc_membership, ip6_mc_msfilter, ip6_mc_source, ipv6_sock_mc_drop, ipv6_sock_mc_join } from './mcast_sock.ts'

const GROUP_REQ = 136
const GROUP_SOURCE_REQ = 264
const GROUP_AT = 8
const STORAGE = 128

export const mcast6_options: ReadonlySet<number> = new Set([
  IN6.IPV6_MULTICAST_IF,
  IN6.IPV6_UNICAST_IF,
  IN6.IPV6_JOIN_GROUP,
  IN6.IPV6_LEAVE_GROUP,
  IN.MCAST_JOIN_GROUP,
  IN.MCAST_LEAVE_GROUP,
  IN.MCAST_BLOCK_SOURCE,
  IN.MCAST_UNBLOCK_SOURCE,
  IN.MCAST_JOIN_SOURCE_GROUP,
  IN.MCAST_LEAVE_SOURCE_GROUP,
  IN.MCAST_MSFILTER,
])
export function ipv6_mcast_setsockopt(sk: inet6_sock, optname: number, optval: Uint8Array): Errno | undefined {
  switch (optname) {
    case IN6.IPV6_MULTICAST_IF:
      if (sk.sk_type === SOCK_STREAM) return ENOPROTOOPT
      return optval.length < 4 ? EINVAL : set_if(sk, optname, getS32(optval, 0))
    case IN6.IPV6_UNICAST_IF:
      return optval.length !== 4 ? EINVAL : set_if(sk, optname, getBe32(optval, 0))
    case IN6.IPV6_JOIN_GROUP:
    case IN6.IPV6_LEAVE_GROUP: {
      if (sk.tcp !== undefined && optval.length >= 20) return EPROTO
      // struct ipv6_mreq
      if (optval.length < 20) return EINVAL
      const [addr, ifindex] = [optval.slice(0, 16), getS32(optval, 16)]
      return optname === IN6.IPV6_JOIN_GROUP ? ipv6_sock_mc_join(sk, ifindex, addr) : ipv6_sock_mc_drop(sk, ifindex, addr)
    }
    case IN.MCAST_JOIN_GROUP:
    case IN.MCAST_LEAVE_GROUP: {
      if (optval.length < GROUP_REQ) return EINVAL
      if (get16(optval, GROUP_AT) !== AF_INET6) return EADDRNOTAVAIL
      const [addr, ifindex] = [optval.slice(GROUP_AT + 8, GROUP_AT + 24), getS32(optval, 0)]
      return optname === IN.MCAST_JOIN_GROUP ? ipv6_sock_mc_join(sk, ifindex, addr) : ipv6_sock_mc_drop(sk, ifindex, addr)
    }
    case IN.MCAST_MSFILTER:
      return group_filter(sk, optval)
    default:
      return one_source(sk, optname, optval)
  }
}
function one_source(sk: inet6_sock, optname: number, optval: Uint8Array): Errno | undefined {
  if (optval.length < GROUP_SOURCE_REQ) return EINVAL
  if (get16(optval, GROUP_AT) !== AF_INET6 || get16(optval, GROUP_AT + STORAGE) !== AF_INET6) return EADDRNOTAVAIL
  const group = optval.slice(GROUP_AT + 8, GROUP_AT + 24)
  const source = optval.slice(GROUP_AT + STORAGE + 8, GROUP_AT + STORAGE + 24)
  const ifindex = getS32(optval, 0)
  const add = optname === IN.MCAST_BLOCK_SOURCE || optname === IN.MCAST_JOIN_SOURCE_GROUP
  const exclude = optname === IN.MCAST_BLOCK_SOURCE || optname === IN.MCAST_UNBLOCK_SOURCE
  if (add && !exclude) {
    const error = ipv6_sock_mc_join(sk, ifindex, group, MCAST_INCLUDE)
    if (isErrno(error) && error !== EADDRINUSE) return error
  }
  return ip6_mc_source(sk, ifindex, group, source, exclude ? MCAST_EXCLUDE : MCAST_INCLUDE, add)
}
function addr_of(storage: Uint8Array): in6_addr {
  return storage.slice(8, 24)
}
/** ipv6_set_mcast_msfilter() */
function group_filter(sk: inet6_sock, optval: Uint8Array): Errno | undefined {
  const filter = parse_group_filter(optval, sk.sk_net.kernel.inet6?.mld_max_msf ?? 0)
  if (isErrno(filter)) return filter
  return ip6_mc_msfilter(sk, filter.ifindex, addr_of(optval.subarray(GROUP_AT)), filter.fmode, filter.sources.map(addr_of))
}
/** ipv6_get_msfilter(): what the program has put where the answer goes says which group is asked about. */
export function ipv6_msfilter_get(sk: inet6_sock, optlen: number, input: OptionInput | undefined): Uint8Array | Errno {
  if (optlen < GROUP_FILTER_SIZE) return EINVAL
  const asked = input?.() ?? EINVAL
  if (isErrno(asked)) return asked
  if (get16(asked, GROUP_AT) !== AF_INET6) return EADDRNOTAVAIL
  const pmc = ip6_mc_membership(sk, getS32(asked, 0), addr_of(asked.subarray(GROUP_AT)))
  if (isErrno(pmc)) return pmc
  const sources = pmc.sources.map((sin6_addr) => IN6.sockaddr_in6.encode({ sin6_family: AF_INET6, sin6_addr }))
  return group_filter_answer(asked, pmc.sfmode, sources)
}
/** A device that the socket may use; 0: none in particular. */
function set_if(sk: inet6_sock, optname: number, ifindex: number): Errno | undefined {
  const { sk_bound_dev_if: bound } = sk
  if (ifindex !== 0) {
    const dev = sk.sk_net.dev_index_head.get(ifindex)
    if (dev === undefined) return optname === IN6.IPV6_MULTICAST_IF ? ENODEV : EADDRNOTAVAIL
    if (bound !== 0 && bound !== ifindex && (optname !== IN6.IPV6_MULTICAST_IF || l3mdev_master_ifindex(dev) !== bound)) return EINVAL
  }
  sk.options6.set(optname, ifindex)
  return undefined
}
export function ipv6_mcast_getsockopt(sk: inet6_sock, optname: number): Uint8Array {
  const answer = new Uint8Array(4)
  const value = sk.options6.get(optname) ?? 0
  if (optname === IN6.IPV6_UNICAST_IF) putBe32(answer, 0, value)
  else put32(answer, 0, value)
  return answer
}

/** net/ipv4/ip_sockglue.c: options of SOL_IP about groups and devices, in the shapes of several RFCs (RFC 3678). */
import { get16, get32, getBe32, getS32, put32, putBe32 } from '../../lib/bytes.ts'
import { EADDRINUSE, EADDRNOTAVAIL, EINVAL, ENOBUFS, EPROTO, type Errno, isErrno } from '../../uapi/errno.ts'
import type { OptionInput } from '../../syscalls/types.ts'
import * as IN from '../../uapi/linux/in.ts'
import { AF_INET, SOCK_STREAM } from '../../uapi/linux/socket.ts'
import { l3mdev_master_ifindex } from '../core/l3mdev.ts'
import type { net_device } from '../core/netdevice.ts'
import { ip_mc_join, ip_mc_leave, ip_mc_membership, ip_mc_msfilter, type ip_mreqn, ip_mc_source } from './igmp_sock.ts'
import { MCAST_EXCLUDE, MCAST_INCLUDE } from '../../uapi/linux/in.ts'
import type { inet_sock } from './inet_sock.ts'
import { ip_dev_find } from './route.ts'

/** sizeof(struct group_req), group_source_req; offset of a sockaddr_storage in them, and its size. */
const GROUP_REQ = 136
const GROUP_SOURCE_REQ = 264
const GROUP_AT = 8
const STORAGE = 128
/** struct group_filter up to its sources, and struct ip_msfilter. */
export const GROUP_FILTER_SIZE = 144
const FMODE_AT = 136
const IP_MSFILTER_SIZE = 16

export const mcast_options: ReadonlySet<number> = new Set([
  IN.IP_MULTICAST_IF,
  IN.IP_UNICAST_IF,
  IN.IP_ADD_MEMBERSHIP,
  IN.IP_DROP_MEMBERSHIP,
  IN.IP_UNBLOCK_SOURCE,
  IN.IP_BLOCK_SOURCE,
  IN.IP_ADD_SOURCE_MEMBERSHIP,
  IN.IP_DROP_SOURCE_MEMBERSHIP,
  IN.IP_MSFILTER,
  IN.MCAST_MSFILTER,
  IN.MCAST_JOIN_GROUP,
  IN.MCAST_LEAVE_GROUP,
  IN.MCAST_BLOCK_SOURCE,
  IN.MCAST_UNBLOCK_SOURCE,
  IN.MCAST_JOIN_SOURCE_GROUP,
  IN.MCAST_LEAVE_SOURCE_GROUP,
])

export function ip_mcast_setsockopt(sk: inet_sock, optname: number, optval: Uint8Array): Errno | undefined {
  if (sk.tcp !== undefined && (optname === IN.IP_ADD_MEMBERSHIP || optname === IN.IP_DROP_MEMBERSHIP)) return EPROTO
  switch (optname) {
    case IN.IP_MULTICAST_IF:
      return multicast_if(sk, optval)
    case IN.IP_UNICAST_IF:
      return unicast_if(sk, optval)
    case IN.IP_ADD_MEMBERSHIP:
    case IN.IP_DROP_MEMBERSHIP: {
      if (optval.length < 8) return EINVAL
      const m = { multiaddr: getBe32(optval, 0), address: getBe32(optval, 4), ifindex: optval.length >= 12 ? getS32(optval, 8) : 0 }
      return optname === IN.IP_ADD_MEMBERSHIP ? ip_mc_join(sk, m) : ip_mc_leave(sk, m)
    }
    case IN.MCAST_JOIN_GROUP:
    case IN.MCAST_LEAVE_GROUP: {
      if (optval.length < GROUP_REQ || get16(optval, GROUP_AT) !== AF_INET) return EINVAL
      const m = { multiaddr: getBe32(optval, GROUP_AT + 4), address: 0, ifindex: getS32(optval, 0) }
      return optname === IN.MCAST_JOIN_GROUP ? ip_mc_join(sk, m) : ip_mc_leave(sk, m)
    }
    case IN.IP_MSFILTER:
      return msfilter(sk, optval)
    case IN.MCAST_MSFILTER:
      return group_filter(sk, optval)
    case IN.IP_UNBLOCK_SOURCE:
    case IN.IP_BLOCK_SOURCE:
    case IN.IP_ADD_SOURCE_MEMBERSHIP:
    case IN.IP_DROP_SOURCE_MEMBERSHIP: {
      if (optval.length < 12) return EINVAL
      const m = { multiaddr: getBe32(optval, 0), address: getBe32(optval, 4), ifindex: 0 }
      return one_source(sk, m, getBe32(optval, 8), optname)
    }
    default: {
      if (optval.length < GROUP_SOURCE_REQ) return EINVAL
      if (get16(optval, GROUP_AT) !== AF_INET || get16(optval, GROUP_AT + STORAGE) !== AF_INET) return EADDRNOTAVAIL
      const m = { multiaddr: getBe32(optval, GROUP_AT + 4), address: 0, ifindex: getS32(optval, 0) }
      return one_source(sk, m, getBe32(optval, GROUP_AT + STORAGE + 4), optname)
    }
  }
}
/** To block and to unblock is to exclude; to join and to leave a source is to include. */
function one_source(sk: inet_sock, m: ip_mreqn, source: number, optname: number): Errno | undefined {
  const add = [IN.IP_BLOCK_SOURCE, IN.MCAST_BLOCK_SOURCE, IN.IP_ADD_SOURCE_MEMBERSHIP, IN.MCAST_JOIN_SOURCE_GROUP].includes(optname)
  const exclude = [IN.IP_BLOCK_SOURCE, IN.MCAST_BLOCK_SOURCE, IN.IP_UNBLOCK_SOURCE, IN.MCAST_UNBLOCK_SOURCE].includes(optname)
  if (add && !exclude) {
    const error = ip_mc_join(sk, m, MCAST_INCLUDE)
    if (isErrno(error) && error !== EADDRINUSE) return error
  }
  return ip_mc_source(sk, m, source, exclude ? MCAST_EXCLUDE : MCAST_INCLUDE, add)
}
/** struct ip_msfilter */
function msfilter(sk: inet_sock, optval: Uint8Array): Errno | undefined {
  if (optval.length < 16) return EINVAL
  const count = get32(optval, 12)
  if (count > 10) return ENOBUFS
  if (optval.length < 16 + count * 4) return EINVAL
  const sources = Array.from({ length: count }, (_, i) => getBe32(optval, 16 + i * 4))
  return ip_mc_msfilter(sk, { multiaddr: getBe32(optval, 0), address: getBe32(optval, 4), ifindex: 0 }, get32(optval, 8), sources)
}

/** struct group_filter as a program gives it: what is asked, and its sources' sockaddrs. */
interface group_filter_request {
  ifindex: number
  family: number
  fmode: number
  sources: Uint8Array[]
}
export function parse_group_filter(optval: Uint8Array, max_sources: number): group_filter_request | Errno {
  if (optval.length < GROUP_FILTER_SIZE) return EINVAL
  const count = get32(optval, FMODE_AT + 4)
  if (count > max_sources) return ENOBUFS
  if (optval.length < GROUP_FILTER_SIZE + count * STORAGE) return EINVAL
  const sources = Array.from({ length: count }, (_, i) =>
    optval.slice(GROUP_FILTER_SIZE + i * STORAGE, GROUP_FILTER_SIZE + (i + 1) * STORAGE),
  )
  return { ifindex: getS32(optval, 0), family: get16(optval, GROUP_AT), fmode: get32(optval, FMODE_AT), sources }
}
function group_filter(sk: inet_sock, optval: Uint8Array): Errno | undefined {
  const filter = parse_group_filter(optval, sk.sk_net.ipv4.sysctl_igmp_max_msf)
  if (isErrno(filter)) return filter
  if (filter.family !== AF_INET || filter.sources.some((source) => get16(source, 0) !== AF_INET)) return EADDRNOTAVAIL
  const m = { multiaddr: getBe32(optval, GROUP_AT + 4), address: 0, ifindex: filter.ifindex }
  return ip_mc_msfilter(
    sk,
    m,
    filter.fmode,
    filter.sources.map((source) => getBe32(source, 4)),
  )
}
/** The answer to MCAST_MSFILTER: as many sources as were asked for, and how many there are. */
export function group_filter_answer(asked: Uint8Array, fmode: number, sources: Uint8Array[]): Uint8Array {
  const told = sources.slice(0, get32(asked, FMODE_AT + 4))
  const answer = new Uint8Array(GROUP_FILTER_SIZE + told.length * STORAGE)
  answer.set(asked.subarray(0, FMODE_AT))
  put32(answer, FMODE_AT, fmode)
  put32(answer, FMODE_AT + 4, sources.length)
  told.forEach((source, i) => answer.set(source, GROUP_FILTER_SIZE + i * STORAGE))
  return answer
}
/** IP_MSFILTER and MCAST_MSFILTER: what the program has put where the answer goes says which group is asked about. */
export function ip_msfilter_get(sk: inet_sock, optname: number, optlen: number, input: OptionInput | undefined): Uint8Array | Errno {
  const of_group = optname === IN.MCAST_MSFILTER
  if (optlen < (of_group ? GROUP_FILTER_SIZE : IP_MSFILTER_SIZE)) return EINVAL
  const asked = input?.() ?? EINVAL
  if (isErrno(asked)) return asked
  if (of_group && get16(asked, GROUP_AT) !== AF_INET) return EINVAL
  const m = of_group
    ? { multiaddr: getBe32(asked, GROUP_AT + 4), address: 0, ifindex: getS32(asked, 0) }
    : { multiaddr: getBe32(asked, 0), address: getBe32(asked, 4), ifindex: 0 }
  const pmc = ip_mc_membership(sk, m)
  if (isErrno(pmc)) return pmc
  if (of_group) {
    const sources = pmc.sources.map((sin_addr) => IN.sockaddr_in.encode({ sin_family: AF_INET, sin_addr }))
    return group_filter_answer(asked, pmc.sfmode, sources)
  }
  const told = pmc.sources.slice(0, get32(asked, 12))
  const answer = new Uint8Array(IP_MSFILTER_SIZE + told.length * 4)
  answer.set(asked.subarray(0, 8))
  put32(answer, 8, pmc.sfmode)
  put32(answer, 12, pmc.sources.length)
  told.forEach((source, i) => putBe32(answer, IP_MSFILTER_SIZE + i * 4, source))
  return answer
}

function in_scope(sk: inet_sock, dev: net_device): boolean {
  const { sk_bound_dev_if: bound } = sk
  return bound === 0 || dev.ifindex === bound || l3mdev_master_ifindex(dev) === bound
}
/** struct ip_mreqn, ip_mreq, or an address of the device alone. */
function multicast_if(sk: inet_sock, optval: Uint8Array): Errno | undefined {
  if (sk.sk_type === SOCK_STREAM || optval.length < 4) return EINVAL
  const address = optval.length >= 8 ? getBe32(optval, 4) : getBe32(optval, 0)
  const ifindex = optval.length >= 12 ? getS32(optval, 8) : 0
  if (ifindex === 0 && address === 0) {
    sk.options.delete(IN.IP_MULTICAST_IF)
    sk.mc_addr = 0
    return undefined
  }
  const dev = ifindex === 0 ? ip_dev_find(sk.sk_net, address) : sk.sk_net.dev_index_head.get(ifindex)
  if (dev === undefined) return EADDRNOTAVAIL
  if (!in_scope(sk, dev)) return EINVAL
  sk.options.set(IN.IP_MULTICAST_IF, dev.ifindex)
  sk.mc_addr = address
  return undefined
}
/** The index in the order of the network. */
function unicast_if(sk: inet_sock, optval: Uint8Array): Errno | undefined {
  if (optval.length !== 4) return EINVAL
  const ifindex = getBe32(optval, 0)
  if (ifindex === 0) {
    sk.options.delete(IN.IP_UNICAST_IF)
    return undefined
  }
  const dev = sk.sk_net.dev_index_head.get(ifindex)
  if (dev === undefined) return EADDRNOTAVAIL
  if (!in_scope(sk, dev)) return EINVAL
  sk.options.set(IN.IP_UNICAST_IF, ifindex)
  return undefined
}
/** IP_MULTICAST_IF tells the address that was given. */
export function ip_multicast_if(sk: inet_sock): Uint8Array {
  const answer = new Uint8Array(4)
  putBe32(answer, 0, sk.mc_addr)
  return answer
}
/** The index, in the order of the network. */
export function ip_unicast_if(sk: inet_sock): number {
  const answer = new Uint8Array(4)
  putBe32(answer, 0, sk.options.get(IN.IP_UNICAST_IF) ?? 0)
  return getS32(answer, 0)
}

/**
 * net/ipv6/route.c rt6_insert_exception, __ip6_rt_update_pmtu, rt6_do_redirect: destinations that go another way than
 * their route, or with smaller packets (RFC 8201, RFC 4861 8.3).
 */
import { HZ } from '../../kernel/time.ts'
import { isErrno } from '../../uapi/errno.ts'
import { addr6_key, type in6_addr, in6addr_any } from '../../uapi/linux/in6.ts'
import { IPV6_MIN_MTU } from '../../uapi/linux/ipv6.ts'
import { RTF_ANYCAST, RTF_LOCAL } from '../../uapi/linux/ipv6_route.ts'
import { RTAX_MTU } from '../../uapi/linux/rtnetlink.ts'
import type { net } from '../core/net_namespace.ts'
import type { fib6_nh, rt6_exception } from './ip6_fib_info.ts'
import { flowi6 } from './ip6_fib_lookup.ts'
import { fib6_metric_locked } from './ip6_fib_metrics.ts'
import { ip6_dst_mtu } from './ip6_output.ts'
import { ip6_route_output, type rt6_info } from './route.ts'

/** net.ipv6.route.mtu_expires */
const MTU_EXPIRES = 600 * HZ
/** FIB6_MAX_DEPTH: of one next hop; the oldest gives way. */
const MAX_EXCEPTIONS = 128

export function rt6_find_exception(net: net, nh: fib6_nh, daddr: in6_addr): rt6_exception | undefined {
  const { rt6_exceptions } = nh
  if (rt6_exceptions === undefined) return undefined
  const key = addr6_key(daddr)
  const found = rt6_exceptions.get(key)
  if (found !== undefined && found.expires !== 0 && net.kernel.jiffies() > found.expires) {
    rt6_exceptions.delete(key)
    return undefined
  }
  return found
}
function exception_for(nh: fib6_nh, daddr: in6_addr): rt6_exception {
  nh.rt6_exceptions ??= new Map()
  const key = addr6_key(daddr)
  let found = nh.rt6_exceptions.get(key)
  if (found === undefined) {
    if (nh.rt6_exceptions.size >= MAX_EXCEPTIONS) nh.rt6_exceptions.delete(nh.rt6_exceptions.keys().next().value as string)
    found = { daddr: daddr.slice(), mtu: 0, gateway: undefined, expires: 0 }
    nh.rt6_exceptions.set(key, found)
  }
  return found
}

/** The way that our packets to `daddr` take now. */
function way_to(net: net, daddr: in6_addr, oif: number): rt6_info | undefined {
  const fl6 = new flowi6(daddr, in6addr_any)
  fl6.flowi_oif = oif
  const rt = ip6_route_output(net, fl6)
  return isErrno(rt) || rt.error !== undefined ? undefined : rt
}
/** "Packet too big" from somewhere along the path. */
export function rt6_update_pmtu(net: net, daddr: in6_addr, oif: number, mtu: number): void {
  const rt = way_to(net, daddr, 0) ?? way_to(net, daddr, oif)
  if (rt === undefined || rt.from.fib6_flags & (RTF_LOCAL | RTF_ANYCAST) || fib6_metric_locked(rt.from.f6i, RTAX_MTU.nr)) return
  const wanted = Math.max(mtu, IPV6_MIN_MTU)
  if (wanted >= ip6_dst_mtu(rt, rt.dev)) return
  const exception = exception_for(rt.from.nh, daddr)
  exception.mtu = wanted
  exception.expires = net.kernel.jiffies() + MTU_EXPIRES
}
/** A router says that another one, or the destination itself, is nearer. */
export function rt6_set_redirect(nh: fib6_nh, daddr: in6_addr, gateway: in6_addr | undefined): void {
  exception_for(nh, daddr).gateway = gateway?.slice()
}
/** Redirects by way of this gateway are forgotten: it is no router any more. */
export function rt6_exceptions_clean_tohost(nh: fib6_nh, gateway: in6_addr): void {
  for (const [key, { gateway: gw }] of nh.rt6_exceptions ?? []) {
    if (gw !== undefined && addr6_key(gw) === addr6_key(gateway)) nh.rt6_exceptions?.delete(key)
  }
}

/**
 * net/ipv6/route.c rt6_insert_exception, __ip6_rt_update_pmtu, rt6_do_redirect: destinations that go another way than
 * their route, or with smaller packets (RFC 8201, RFC 4861 8.3). In Linux each is a route of its own (RTF_CACHE).
 *
 *   an exception is …    comes by            goes when
 *   a path's MTU         "packet too big"    mtu_expires is over
 *   another gateway      a redirect          nothing has gone by it for gc_interval, or the gateway is no router any more
 *   on link              a redirect          nothing has gone by it for gc_interval
 */
import { addr6_key, type in6_addr, in6addr_any } from '../../uapi/linux/in6.ts'
import { DEVCONF_MTU6, IPV6_MIN_MTU } from '../../uapi/linux/ipv6.ts'
import { RTF_ANYCAST, RTF_CACHE, RTF_EXPIRES, RTF_LOCAL } from '../../uapi/linux/ipv6_route.ts'
import { NTF_ROUTER } from '../../uapi/linux/neighbour.ts'
import { RTF_DYNAMIC, RTF_GATEWAY, RTF_MODIFIED, RTF_UP } from '../../uapi/linux/route.ts'
import { RTAX_MTU } from '../../uapi/linux/rtnetlink.ts'
import { isErrno } from '../../uapi/errno.ts'
import type { net } from '../core/net_namespace.ts'
import { __neigh_lookup_noref } from '../core/neighbour_table.ts'
import type { inet6_dev } from './if_inet6.ts'
import type { fib6_info, fib6_nh, fib6_result, rt6_exception } from './ip6_fib_info.ts'
import { fib6_force_start_gc } from './ip6_fib_gc.ts'
import { flowi6 } from './ip6_fib_lookup.ts'
import { fib6_metric } from './ip6_fib_metrics.ts'
import { ip6_dst_mtu } from './ip6_output.ts'
import { nd_tbl } from './ndisc.ts'
import { ip6_route_output, type rt6_info } from './route.ts'

/** FIB6_EXCEPTION_BUCKET_SIZE chains of FIB6_MAX_DEPTH: of one next hop; the oldest gives way. */
const MAX_EXCEPTIONS = 1024 * 5

/** Of a route with a source prefix each source has its own. */
function key_of(f6i: fib6_info, daddr: in6_addr, saddr: in6_addr): string {
  return f6i.fib6_src_plen === 0 ? addr6_key(daddr) : `${addr6_key(daddr)} ${addr6_key(saddr)}`
}
export function rt6_check_expired(net: net, ex: rt6_exception): boolean {
  return (ex.flags & RTF_EXPIRES) !== 0 && net.kernel.jiffies() > ex.expires
}
/** rt6_find_cached_rt(): what has ended is not found; it goes with the next collection. */
export function rt6_find_exception(net: net, { f6i, nh }: fib6_result, daddr: in6_addr, saddr: in6_addr): rt6_exception | undefined {
  const found = nh.rt6_exceptions?.get(key_of(f6i, daddr, saddr))
  if (found === undefined || rt6_check_expired(net, found)) return undefined
  found.lastuse = net.kernel.jiffies()
  return found
}
/** ip6_rt_cache_alloc(): as the route goes. */
export function ip6_rt_cache_alloc(net: net, { f6i, nh }: fib6_result, daddr: in6_addr, saddr: in6_addr): rt6_exception {
  const gateway = nh.fib_nh_gw_family === 0 ? daddr : nh.fib_nh_gw6
  const inherited = f6i.fib6_flags & ~RTF_EXPIRES
  const flags = (inherited | RTF_CACHE | (nh.fib_nh_gw_family === 0 ? 0 : RTF_GATEWAY)) >>> 0
  return { daddr: daddr.slice(), saddr: saddr.slice(), mtu: 0, gateway: gateway.slice(), flags, expires: 0, lastuse: net.kernel.jiffies() }
}
/** rt6_insert_exception(): in place of what was known. False: the route itself takes no more. */
function rt6_insert_exception(net: net, { f6i, nh }: fib6_result, ex: rt6_exception): boolean {
  if (ex.mtu >= fib6_mtu(f6i, nh)) return false
  nh.rt6_exceptions ??= new Map()
  const { rt6_stats } = net.ipv6.fib6
  const key = key_of(f6i, ex.daddr, ex.saddr)
  if (nh.rt6_exceptions.delete(key)) rt6_stats.fib_rt_cache--
  if (nh.rt6_exceptions.size >= MAX_EXCEPTIONS) {
    nh.rt6_exceptions.delete(nh.rt6_exceptions.keys().next().value as string)
    rt6_stats.fib_rt_cache--
  }
  nh.rt6_exceptions.set(key, ex)
  rt6_stats.fib_rt_cache++
  fib6_force_start_gc(net)
  return true
}
/** fib6_mtu() */
function fib6_mtu(f6i: fib6_info, nh: fib6_nh): number {
  return fib6_metric(f6i, RTAX_MTU.nr) || (nh.fib_nh_dev?.ip6_ptr?.cnf.get(DEVCONF_MTU6) ?? IPV6_MIN_MTU)
}
/** rt6_do_update_pmtu() */
function set_mtu(net: net, ex: rt6_exception, mtu: number): void {
  ex.mtu = mtu
  ex.flags = (ex.flags | RTF_MODIFIED | RTF_EXPIRES) >>> 0
  ex.expires = net.kernel.jiffies() + net.ipv6.fib6.ip6_rt_mtu_expires
}

/** __ip6_rt_update_pmtu(): packets along `rt` to `daddr` are no larger for a while; what IPv6 must take is no news. */
export function ip6_rt_update_pmtu(net: net, rt: rt6_info, daddr: in6_addr, saddr: in6_addr, mtu: number): void {
  if (mtu < IPV6_MIN_MTU || mtu >= ip6_dst_mtu(rt, rt.dev) || rt.from.fib6_flags & (RTF_LOCAL | RTF_ANYCAST)) return
  if (rt.exception !== undefined) return set_mtu(net, rt.exception, mtu)
  const ex = ip6_rt_cache_alloc(net, rt.from, daddr, saddr)
  set_mtu(net, ex, mtu)
  rt6_insert_exception(net, rt.from, ex)
}
/** ip6_update_pmtu(): by an error about a packet to `daddr`, which went by device `oif` where that is given. */
export function ip6_update_pmtu(net: net, daddr: in6_addr, saddr: in6_addr, oif: number, mtu: number, mark = 0): void {
  const fl6 = new flowi6(daddr, saddr)
  fl6.flowi_oif = oif
  fl6.flowi_mark = mark
  const rt = ip6_route_output(net, fl6)
  if (!isErrno(rt) && rt.error === undefined) ip6_rt_update_pmtu(net, rt, daddr, saddr, mtu)
}
/** rt6_do_redirect(): a router says that another one, or the destination itself (`on_link`), is nearer. */
export function rt6_set_redirect(net: net, from: fib6_result, daddr: in6_addr, gateway: in6_addr, on_link: boolean): void {
  const ex = ip6_rt_cache_alloc(net, from, daddr, in6addr_any)
  ex.flags = (RTF_UP | RTF_DYNAMIC | RTF_CACHE | (on_link ? 0 : RTF_GATEWAY)) >>> 0
  ex.gateway = gateway.slice()
  rt6_insert_exception(net, from, ex)
}
/** rt6_remove_exception() */
export function rt6_remove_exception(net: net, nh: fib6_nh, ex: rt6_exception): boolean {
  for (const [key, other] of nh.rt6_exceptions ?? []) {
    if (other !== ex) continue
    nh.rt6_exceptions?.delete(key)
    net.ipv6.fib6.rt6_stats.fib_rt_cache--
    return true
  }
  return false
}
/** rt6_flush_exceptions(): the route goes. */
export function rt6_flush_exceptions(net: net, nh: fib6_nh): void {
  net.ipv6.fib6.rt6_stats.fib_rt_cache -= nh.rt6_exceptions?.size ?? 0
  nh.rt6_exceptions = undefined
}
/** Redirects by way of this gateway are forgotten: it is no router any more. */
export function rt6_exceptions_clean_tohost(net: net, nh: fib6_nh, gateway: in6_addr): void {
  for (const ex of [...(nh.rt6_exceptions?.values() ?? [])]) {
    if (ex.flags & RTF_GATEWAY && ex.flags & RTF_DYNAMIC && addr6_key(ex.gateway) === addr6_key(gateway)) rt6_remove_exception(net, nh, ex)
  }
}

/** rt6_age_examine_exception(): true, when it is over. `timeout`: jiffies without use. */
function aged(net: net, nh: fib6_nh, ex: rt6_exception, timeout: number): boolean {
  const now = net.kernel.jiffies()
  if (ex.flags & RTF_EXPIRES ? now > ex.expires : now >= ex.lastuse + timeout) return true
  if (!(ex.flags & RTF_GATEWAY) || nh.fib_nh_dev === undefined) return false
  const neigh = __neigh_lookup_noref(nd_tbl(net.kernel), ex.gateway, nh.fib_nh_dev)
  return neigh === undefined || !(neigh.flags & NTF_ROUTER)
}
/** rt6_age_exceptions(): how many are left of the next hop. */
export function rt6_age_exceptions(net: net, nh: fib6_nh, timeout: number): number {
  for (const ex of [...(nh.rt6_exceptions?.values() ?? [])]) if (aged(net, nh, ex, timeout)) rt6_remove_exception(net, nh, ex)
  return nh.rt6_exceptions?.size ?? 0
}
/** rt6_exceptions_update_pmtu(): the device's MTU changes: those that are larger, or were as large as the old one, follow. */
export function rt6_exceptions_update_pmtu(idev: inet6_dev, nh: fib6_nh, mtu: number): void {
  const old = idev.cnf.get(DEVCONF_MTU6)
  for (const ex of nh.rt6_exceptions?.values() ?? []) if (ex.mtu !== 0 && (ex.mtu >= mtu || ex.mtu === old)) ex.mtu = mtu
}

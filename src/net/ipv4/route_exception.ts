/**
 * net/ipv4/route.c struct fib_nh_exception: what is known of one destination behind a next hop, from ICMP: a path that takes
 * smaller packets (RFC 1191), or another gateway (RFC 792). They end by themselves, and all at once with the route cache.
 *
 *   what happens                                  the exception
 *   "fragmentation needed", of less than known    has that MTU, for mtu_expires
 *   … of less than min_pmtu                       has min_pmtu, locked, for mtu_expires
 *   … of more than known, or once it is locked    as it was
 *   a redirect, of a router that answers          has that gateway, for gc_timeout
 *   its time is over                              gone, when it is looked for
 *   the route cache is flushed                    says nothing to the next packet
 *   the device's MTU is less, or was its own      has the device's, and its lock ends if that is not more
 *   there are too many                            the one that was used last longest ago is gone
 */
import type { net } from '../core/net_namespace.ts'
import type { fib_nh_common } from './fib_nh.ts'
import type { rtable } from './route.ts'

/** FNHE_HASH_SIZE chains of FNHE_RECLAIM_DEPTH: the one that was used last gives way. */
const MAX_EXCEPTIONS = 2048 * 5

export class fib_nh_exception {
  readonly fnhe_daddr: number
  fnhe_genid: number
  /** 0: the next hop's own. */
  fnhe_gw = 0
  fnhe_pmtu = 0
  /** Smaller than net.ipv4.route.min_pmtu: packets go without "don't fragment". */
  fnhe_mtu_locked = false
  /** Jiffies since boot; 0: never. */
  fnhe_expires = 0
  /** Routes of packets that have gone by it: what comes in, and ours. */
  fnhe_rth_input: rtable | undefined = undefined
  fnhe_rth_output: rtable | undefined = undefined
  constructor(daddr: number, genid: number) {
    this.fnhe_daddr = daddr
    this.fnhe_genid = genid
  }
}

/** What is said of a destination; 0: nothing. */
export interface fnhe_news {
  gw: number
  pmtu: number
  lock: boolean
  expires: number
}
/** update_or_create_fnhe() */
export function update_or_create_fnhe(net: net, nhc: fib_nh_common, daddr: number, news: fnhe_news): void {
  const { fnhe_genid } = net.ipv4
  nhc.nhc_exceptions ??= new Map()
  let fnhe = nhc.nhc_exceptions.get(daddr)
  if (fnhe === undefined) {
    if (nhc.nhc_exceptions.size >= MAX_EXCEPTIONS) nhc.nhc_exceptions.delete(nhc.nhc_exceptions.keys().next().value as number)
    fnhe = new fib_nh_exception(daddr, fnhe_genid)
    nhc.nhc_exceptions.set(daddr, fnhe)
  }
  fnhe.fnhe_genid = fnhe_genid
  if (news.gw !== 0) fnhe.fnhe_gw = news.gw
  if (news.pmtu !== 0) {
    fnhe.fnhe_pmtu = news.pmtu
    fnhe.fnhe_mtu_locked = news.lock
  }
  fnhe.fnhe_expires = Math.max(1, news.expires)
}
/** find_exception(): what has ended goes when it is looked for. */
export function find_exception(net: net, nhc: fib_nh_common, daddr: number): fib_nh_exception | undefined {
  const fnhe = nhc.nhc_exceptions?.get(daddr)
  if (fnhe === undefined) return undefined
  if (fnhe.fnhe_expires === 0 || net.kernel.jiffies() <= fnhe.fnhe_expires) return fnhe
  nhc.nhc_exceptions?.delete(daddr)
  return undefined
}
/** rt_bind_exception(): the route goes by it; one from before the cache was flushed says nothing any more. */
export function rt_bind_exception(net: net, nhc: fib_nh_common, rt: rtable, fnhe: fib_nh_exception): void {
  if (fnhe.fnhe_genid !== net.ipv4.fnhe_genid) {
    fnhe.fnhe_genid = net.ipv4.fnhe_genid
    fnhe.fnhe_gw = 0
    fnhe.fnhe_pmtu = 0
    fnhe.fnhe_expires = 0
    fnhe.fnhe_mtu_locked = false
  }
  rt.fnhe = fnhe
  if (fnhe.fnhe_gw !== 0) {
    rt.rt_gw4 = fnhe.fnhe_gw
    rt.rt_gw6 = undefined
  }
  if (rt.rt_is_input) fnhe.fnhe_rth_input = rt
  else fnhe.fnhe_rth_output = rt
  // used last
  nhc.nhc_exceptions?.delete(fnhe.fnhe_daddr)
  nhc.nhc_exceptions?.set(fnhe.fnhe_daddr, fnhe)
}
/** rt_cache_flush(), fnhe_genid_bump(): a write to net.ipv4.route.flush. */
export function fnhe_genid_bump(net: net): void {
  net.ipv4.fnhe_genid++
}
/** fib_nhc_update_mtu(): the device's MTU has changed: what was learned and is larger, or was the device's own, follows. */
export function fib_nhc_update_mtu(nhc: fib_nh_common, mtu: number, orig_mtu: number): void {
  for (const fnhe of nhc.nhc_exceptions?.values() ?? []) {
    if (fnhe.fnhe_mtu_locked) {
      if (mtu <= fnhe.fnhe_pmtu) {
        fnhe.fnhe_pmtu = mtu
        fnhe.fnhe_mtu_locked = false
      }
    } else if (mtu < fnhe.fnhe_pmtu || orig_mtu === fnhe.fnhe_pmtu) {
      fnhe.fnhe_pmtu = mtu
    }
  }
}
/** Exceptions that a dump shows (fnhe_dump_bucket): by which packets have gone, and which still hold. */
export function nhc_shown_exceptions(net: net, nhc: fib_nh_common): fib_nh_exception[] {
  const now = net.kernel.jiffies()
  return [...(nhc.nhc_exceptions?.values() ?? [])].filter(
    (fnhe) =>
      fnhe.fnhe_genid === net.ipv4.fnhe_genid &&
      (fnhe.fnhe_expires === 0 || now <= fnhe.fnhe_expires) &&
      (fnhe.fnhe_rth_input ?? fnhe.fnhe_rth_output) !== undefined,
  )
}

/** net/ipv4/devinet.c set_ifa_lifetime, check_lifetime: addresses that grow old. */
import { HZ, NSEC_PER_JIFFY } from '../../kernel/time.ts'
import { cancel_delayed_work, delayed_work, mod_delayed_work } from '../../kernel/workqueue.ts'
import { IFA_F_DEPRECATED, IFA_F_PERMANENT } from '../../uapi/linux/if_addr.ts'
import { RTM_NEWADDR } from '../../uapi/linux/rtnetlink.ts'
import type { net } from '../core/net_namespace.ts'
import { inet_del_ifa } from './devinet_addr.ts'
import { rtmsg_ifa } from './devinet_notify.ts'
import { nl_kernel } from './fib_semantics.ts'
import { INFINITY_LIFE_TIME, type in_ifaddr } from './in_device.ts'

/** include/net/addrconf.h: jiffies. Ages are looked at a little early, so that what ends together is told together. */
const ADDR_CHECK_FREQUENCY = 120 * HZ
const ADDRCONF_TIMER_FUZZ_MINUS = HZ / 50
const ADDRCONF_TIMER_FUZZ = HZ / 4
const ADDRCONF_TIMER_FUZZ_MAX = HZ

/** Real jiffies start at -300 s in 32 bits: full seconds fall where (jiffies + 46) is a multiple of HZ. */
const INITIAL_JIFFIES_IN_SECOND = (2 ** 32 - 300 * HZ) % HZ

/** kernel/time/timer.c round_jiffies_up() on CPU 0: always to a later full second. */
export function round_jiffies_up(j: number): number {
  return j - ((j + INITIAL_JIFFIES_IN_SECOND) % HZ) + HZ
}

/** Seconds; INFINITY_LIFE_TIME: forever, which for the valid lifetime makes the address permanent. */
export function set_ifa_lifetime(ifa: in_ifaddr, valid_lft: number, prefered_lft: number): void {
  const { kernel } = ifa.ifa_dev.dev.nd_net
  ifa.ifa_flags &= ~(IFA_F_PERMANENT | IFA_F_DEPRECATED)
  if (valid_lft === INFINITY_LIFE_TIME) ifa.ifa_flags |= IFA_F_PERMANENT
  else ifa.ifa_valid_lft = valid_lft
  if (prefered_lft !== INFINITY_LIFE_TIME) {
    if (prefered_lft === 0) ifa.ifa_flags |= IFA_F_DEPRECATED
    ifa.ifa_preferred_lft = prefered_lft
  }
  ifa.ifa_tstamp = kernel.jiffies()
  if (ifa.ifa_cstamp < 0) ifa.ifa_cstamp = ifa.ifa_tstamp
}

/** A listed address whose lifetime has changed: looked at as soon as the request is over. */
export function watch_lifetime(ifa: in_ifaddr): void {
  const net = ifa.ifa_dev.dev.nd_net
  const { ifa_mortal } = net.ipv4
  if (ifa.ifa_flags & IFA_F_PERMANENT) ifa_mortal.delete(ifa)
  else ifa_mortal.add(ifa)
  if (ifa_mortal.size > 0) mod_delayed_work(lifetime_work(net), 0)
}
function lifetime_work(net: net): delayed_work {
  net.ipv4.check_lifetime_work ??= new delayed_work(net.kernel.events, check_lifetime, net)
  return net.ipv4.check_lifetime_work
}
export function stop_lifetimes(net: net): void {
  net.ipv4.ifa_mortal.clear()
  if (net.ipv4.check_lifetime_work !== undefined) cancel_delayed_work(net.ipv4.check_lifetime_work)
}

/**
 * Deletes what has ended, deprecates what is no longer preferred, and sleeps until the next of either, at least a second,
 * at most two minutes. Linux has one such work for all namespaces and keeps it running when nothing can end.
 */
export function check_lifetime(net: net): void {
  const { kernel, ipv4 } = net
  const now = kernel.jiffies()
  let next = round_jiffies_up(now + ADDR_CHECK_FREQUENCY)
  for (const ifa of [...ipv4.ifa_mortal]) {
    if (!ipv4.ifa_mortal.has(ifa)) continue
    const age = Math.floor((now - ifa.ifa_tstamp + ADDRCONF_TIMER_FUZZ_MINUS) / HZ)
    if (ifa.ifa_valid_lft !== INFINITY_LIFE_TIME && age >= ifa.ifa_valid_lft) {
      inet_del_ifa(ifa.ifa_dev, ifa, nl_kernel)
    } else if (ifa.ifa_preferred_lft !== INFINITY_LIFE_TIME) {
      const preferred = age < ifa.ifa_preferred_lft
      next = Math.min(next, ifa.ifa_tstamp + (preferred ? ifa.ifa_preferred_lft : ifa.ifa_valid_lft) * HZ)
      if (!preferred && !(ifa.ifa_flags & IFA_F_DEPRECATED)) {
        ifa.ifa_flags |= IFA_F_DEPRECATED
        rtmsg_ifa(RTM_NEWADDR, ifa, nl_kernel)
      }
    }
  }
  if (ipv4.ifa_mortal.size === 0) return
  const next_sec = round_jiffies_up(next)
  const wanted = next_sec < next + ADDRCONF_TIMER_FUZZ ? next_sec : next
  const at = Math.max(wanted, now + ADDRCONF_TIMER_FUZZ_MAX)
  mod_delayed_work(lifetime_work(net), at * NSEC_PER_JIFFY - kernel.now())
}

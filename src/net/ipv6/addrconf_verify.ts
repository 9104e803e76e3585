/** net/ipv6/addrconf.c addrconf_verify_rtnl: addresses that grow old. */
import { HZ, NSEC_PER_JIFFY } from '../../kernel/time.ts'
import { cancel_delayed_work, delayed_work, mod_delayed_work } from '../../kernel/workqueue.ts'
import { IFA_F_DEPRECATED, IFA_F_TEMPORARY, IFA_F_TENTATIVE } from '../../uapi/linux/if_addr.ts'
import type { net } from '../core/net_namespace.ts'
import { round_jiffies_up } from '../ipv4/devinet_lifetime.ts'
import { ipv6_del_addr } from './addrconf_addr.ts'
import { is_mortal } from './addrconf_core.ts'
import { ipv6_ifa_notify } from './addrconf_ifa.ts'
import { ADDRCONF_TIMER_FUZZ_MINUS, ipv6_create_tempaddr, ipv6_get_regen_advance } from './addrconf_tempaddr.ts'
import { type inet6_ifaddr, INFINITY_LIFE_TIME } from './if_inet6.ts'

/** include/net/addrconf.h: jiffies. */
const ADDR_CHECK_FREQUENCY = 120 * HZ
const ADDRCONF_TIMER_FUZZ = HZ / 4
const ADDRCONF_TIMER_FUZZ_MAX = HZ

function verify_work(net: net): delayed_work {
  net.ipv6.addr_chk_work ??= new delayed_work(net.kernel.events, addrconf_verify_work, net)
  return net.ipv6.addr_chk_work
}
export function addrconf_verify_work(net: net): void {
  addrconf_verify_rtnl(net)
}
export function stop_verify(net: net): void {
  if (net.ipv6.addr_chk_work !== undefined) cancel_delayed_work(net.ipv6.addr_chk_work)
}

/** A temporary address near its end gets a successor, once. When this is to be looked at again, in jiffies. */
function regenerate(ifp: inet6_ifaddr, age: number): number {
  const { ifpub } = ifp
  const live = (ifp.flags & (IFA_F_TEMPORARY | IFA_F_TENTATIVE)) === IFA_F_TEMPORARY
  if (!live || ifp.prefered_lft === INFINITY_LIFE_TIME || ifp.regen_count > 0 || ifpub === undefined) return Infinity
  const advance = ipv6_get_regen_advance(ifp.idev)
  const end = ifp.tstamp + ifp.prefered_lft * HZ
  if (age + advance < ifp.prefered_lft) return end - advance * HZ
  ifp.regen_count++
  ifpub.regen_count = 0
  ipv6_create_tempaddr(ifpub)
  return end
}
/** Deletes or deprecates what is due; when the address is to be looked at again. */
function verify_one(ifp: inet6_ifaddr, now: number): number {
  const age = Math.floor((now - ifp.tstamp + ADDRCONF_TIMER_FUZZ_MINUS) / HZ)
  const regen = regenerate(ifp, age)
  if (ifp.valid_lft !== INFINITY_LIFE_TIME && age >= ifp.valid_lft) {
    ipv6_del_addr(ifp)
    return regen
  }
  if (ifp.prefered_lft === INFINITY_LIFE_TIME) return regen
  if (age < ifp.prefered_lft) return Math.min(regen, ifp.tstamp + ifp.prefered_lft * HZ)
  if (!(ifp.flags & IFA_F_DEPRECATED)) {
    ifp.flags |= IFA_F_DEPRECATED
    ipv6_ifa_notify(0, ifp)
  }
  return ifp.valid_lft === INFINITY_LIFE_TIME ? regen : Math.min(regen, ifp.tstamp + ifp.valid_lft * HZ)
}

/**
 * Looks at all addresses that end, and sleeps until the next of them has something due, at least a second, at most two
 * minutes. Linux keeps the work running when nothing can end. DIVERGES: addresses are looked at in the order in which they
 * became mortal; Linux goes by a hash.
 */
export function addrconf_verify_rtnl(net: net): void {
  const now = net.kernel.jiffies()
  let next = round_jiffies_up(now + ADDR_CHECK_FREQUENCY)
  const { inet6_addr_mortal: mortal } = net.ipv6
  for (const ifp of [...mortal]) {
    if (!is_mortal(ifp)) mortal.delete(ifp)
    // what the address before it took along, or made, is not looked at
    if (mortal.has(ifp)) next = Math.min(next, verify_one(ifp, now))
  }
  if (mortal.size === 0) {
    stop_verify(net)
    return
  }
  const next_sec = round_jiffies_up(next)
  const wanted = next_sec < next + ADDRCONF_TIMER_FUZZ ? next_sec : next
  const at = Math.max(wanted, now + ADDRCONF_TIMER_FUZZ_MAX)
  mod_delayed_work(verify_work(net), at * NSEC_PER_JIFFY - net.kernel.now())
}

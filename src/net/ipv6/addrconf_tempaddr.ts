/** net/ipv6/addrconf.c ipv6_create_tempaddr, manage_tempaddrs: temporary addresses (RFC 8981) beside public ones. */
import { HZ } from '../../kernel/time.ts'
import { KERN_WARNING } from '../../kernel/printk.ts'
import { isErrno } from '../../uapi/errno.ts'
import { IFA_F_DEPRECATED, IFA_F_OPTIMISTIC, IFA_F_TEMPORARY, IFA_F_TENTATIVE } from '../../uapi/linux/if_addr.ts'
import { ipv6_addr_scope } from '../../uapi/linux/in6.ts'
import * as CONF from '../../uapi/linux/ipv6.ts'
import { NEIGH_VAR, NEIGH_VAR_RETRANS_TIME } from '../core/neighbour.ts'
import { ifa6_config, ipv6_add_addr, ipv6_del_addr } from './addrconf_addr.ts'
import { addrconf_dad_start } from './addrconf_dad.ts'
import { random_identifier } from './addrconf_gen.ts'
import { ipv6_ifa_notify } from './addrconf_ifa.ts'
import type { inet6_dev, inet6_ifaddr } from './if_inet6.ts'

/** Jiffies by which ages count as reached early, so that what ends together is told together. */
export const ADDRCONF_TIMER_FUZZ_MINUS = HZ / 50

/** Seconds before its end by which a temporary address has its successor. */
export function ipv6_get_regen_advance(idev: inet6_dev): number {
  const { cnf } = idev
  const retrans = Math.max(NEIGH_VAR(idev.nd_parms, NEIGH_VAR_RETRANS_TIME), HZ / 100)
  const dad = cnf.get(CONF.DEVCONF_REGEN_MAX_RETRY) * cnf.get(CONF.DEVCONF_DAD_TRANSMITS) * retrans
  return cnf.get(CONF.DEVCONF_REGEN_MIN_ADVANCE) + Math.floor(dad / HZ)
}

/** Drawn once a device, and again when settings no longer leave room for it. */
function desync_factor(idev: inet6_dev, regen_advance: number): number {
  const longest = Math.min(idev.cnf.get(CONF.DEVCONF_MAX_DESYNC_FACTOR), idev.cnf.get(CONF.DEVCONF_TEMP_PREFERED_LFT) - regen_advance)
  if (idev.desync_factor > longest) idev.desync_factor = longest > 0 ? idev.dev.nd_net.kernel.random.below(longest) : 0
  return idev.desync_factor
}

/** Lifetimes from the public address, but no longer than a temporary one may have; undefined: too short to be of use. */
function lifetimes(ifp: inet6_ifaddr): { valid: number; preferred: number } | undefined {
  const { idev } = ifp
  const now = idev.dev.nd_net.kernel.jiffies()
  const regen_advance = ipv6_get_regen_advance(idev)
  const age = Math.floor((now - ifp.tstamp) / HZ)
  const desync = desync_factor(idev, regen_advance)
  const valid = Math.min(ifp.valid_lft, idev.cnf.get(CONF.DEVCONF_TEMP_VALID_LFT) + age)
  const wanted = idev.cnf.get(CONF.DEVCONF_TEMP_PREFERED_LFT) + age - desync
  const preferred = Math.min(ifp.prefered_lft, wanted >>> 0, valid)
  const least = regen_advance + Math.floor((now - ifp.tstamp + ADDRCONF_TIMER_FUZZ_MINUS) / HZ)
  if (preferred > least) return { valid, preferred }
  return least + 1 > valid || least + 1 > ifp.prefered_lft ? undefined : { valid, preferred: least + 1 }
}

/** A temporary address beside `ifp`, with the same subnet and an identifier of chance. */
export function ipv6_create_tempaddr(ifp: inet6_ifaddr): void {
  const { idev } = ifp
  const { kernel } = idev.dev.nd_net
  for (;;) {
    if (idev.cnf.get(CONF.DEVCONF_USE_TEMPADDR) <= 0) {
      kernel.pr_info('IPv6: ipv6_create_tempaddr: use_tempaddr is disabled')
      return
    }
    if (ifp.regen_count++ >= idev.cnf.get(CONF.DEVCONF_REGEN_MAX_RETRY)) {
      idev.cnf.set(CONF.DEVCONF_USE_TEMPADDR, -1)
      kernel.printk(KERN_WARNING, 'IPv6: ipv6_create_tempaddr: regeneration time exceeded - disabled temporary address support')
      return
    }
    const addr = ifp.addr.slice()
    addr.set(random_identifier(idev), 8)
    const lft = lifetimes(ifp)
    if (lft === undefined) return
    const cfg = new ifa6_config(addr, ifp.prefix_len)
    cfg.ifa_flags = IFA_F_TEMPORARY | (ifp.flags & IFA_F_OPTIMISTIC)
    cfg.scope = ipv6_addr_scope(addr)
    cfg.valid_lft = lft.valid
    cfg.preferred_lft = lft.preferred
    const ift = ipv6_add_addr(idev, cfg)
    if (isErrno(ift)) {
      kernel.pr_info('IPv6: ipv6_create_tempaddr: retry temporary address regeneration')
      continue
    }
    ift.ifpub = ifp
    ift.tstamp = ifp.tstamp
    addrconf_dad_start(ift)
    return
  }
}

/** The public address is about to go, or no longer has any. */
export function delete_tempaddrs(idev: inet6_dev, ifp: inet6_ifaddr): void {
  for (const ift of [...idev.tempaddr_list]) if (ift.ifpub === ifp) ipv6_del_addr(ift)
}

/** The public address has new lifetimes: its temporary ones follow, up to their own limits. */
export function manage_tempaddrs(idev: inet6_dev, ifp: inet6_ifaddr, valid_lft: number, prefered_lft: number, create: boolean): void {
  const now = idev.dev.nd_net.kernel.jiffies()
  let valid = valid_lft
  let preferred = prefered_lft
  for (const ift of [...idev.tempaddr_list]) {
    if (ift.ifpub !== ifp) continue
    const age = Math.floor((now - ift.cstamp) / HZ)
    valid = Math.min(valid, Math.max(0, idev.cnf.get(CONF.DEVCONF_TEMP_VALID_LFT) - age))
    preferred = Math.min(preferred, Math.max(0, idev.cnf.get(CONF.DEVCONF_TEMP_PREFERED_LFT) - idev.desync_factor - age))
    const { flags } = ift
    ift.valid_lft = valid
    ift.prefered_lft = preferred
    ift.tstamp = now
    if (preferred > 0) ift.flags &= ~IFA_F_DEPRECATED
    if (!(flags & IFA_F_TENTATIVE)) ipv6_ifa_notify(0, ift)
  }
  const missing = idev.tempaddr_list.length === 0 && (valid > 0 || preferred > 0)
  if ((create || missing) && idev.cnf.get(CONF.DEVCONF_USE_TEMPADDR) > 0) ipv6_create_tempaddr(ifp)
}

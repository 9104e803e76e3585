/**
 * net/ipv6/addrconf.c addrconf_rs_timer: asking for routers (RFC 4861 6.3.7, RFC 7559).
 *
 * | device     | what happens                                   | then                                                          |
 * |------------|------------------------------------------------|---------------------------------------------------------------|
 * | any        | it has a link-local address, accepts routers   | asks; RS_SENT, the next after router_solicitation_interval    |
 * | any        | the same, but accept_ra does not allow it      | -                                                             |
 * | RS_SENT    | the time is up                                 | asks; twice as long until the next, up to the most            |
 * | RS_SENT    | the time is up, router_solicitations - 1 sent  | asks for the last time                                        |
 * | RS_SENT    | a router is heard                              | RS_SENT, RA_RCVD: asks no more                                |
 * | RS_SENT    | it goes down                                   | asks no more; begins anew when it is up                       |
 */
import { mod_timer, NSEC_PER_JIFFY, timer_delete, timer_list } from '../../kernel/time.ts'
import { IFA_F_TENTATIVE } from '../../uapi/linux/if_addr.ts'
import {
  DEVCONF_RTR_SOLICIT_DELAY,
  DEVCONF_RTR_SOLICIT_INTERVAL,
  DEVCONF_RTR_SOLICIT_MAX_INTERVAL,
  DEVCONF_RTR_SOLICITS,
} from '../../uapi/linux/ipv6.ts'
import { ipv6_accept_ra, ipv6_get_lladdr } from './addrconf_core.ts'
import { type in6_addr, in6addr_linklocal_allrouters } from '../../uapi/linux/in6.ts'
import { ndisc_send_rs } from './ndisc_send.ts'
import { IF_RA_RCVD, IF_READY, IF_RS_SENT, type inet6_dev } from './if_inet6.ts'

/** `jiffies` give or take a tenth (RFC 3315 14: RAND is -0.1 … 0.1). */
function about(idev: inet6_dev, jiffies: number, factor: number): number {
  return Math.floor(jiffies * (factor - 0.1 + idev.dev.nd_net.kernel.random.real() * 0.2))
}
function mod_rs_timer(idev: inet6_dev, jiffies: number): void {
  const { kernel } = idev.dev.nd_net
  idev.rs_timer ??= new timer_list(kernel.events, addrconf_rs_timer, idev)
  mod_timer(idev.rs_timer, kernel.now() + jiffies * NSEC_PER_JIFFY)
}
export function addrconf_del_rs_timer(idev: inet6_dev): void {
  if (idev.rs_timer !== undefined) timer_delete(idev.rs_timer)
}

function send_rs(idev: inet6_dev, lladdr: in6_addr): void {
  ndisc_send_rs(idev.dev, lladdr, in6addr_linklocal_allrouters)
}

/** The first solicitation goes at once. */
export function addrconf_start_rs(idev: inet6_dev, banned = IFA_F_TENTATIVE): void {
  const lladdr = ipv6_get_lladdr(idev.dev, banned)
  if (lladdr === undefined) return
  send_rs(idev, lladdr)
  idev.rs_interval = about(idev, idev.cnf.get(DEVCONF_RTR_SOLICIT_INTERVAL), 1)
  idev.rs_probes = 1
  idev.if_flags |= IF_RS_SENT
  mod_rs_timer(idev, idev.rs_interval)
}

/** RFC 7559: for ever, the interval doubling up to its most; with a limit the wait after the last one is short. */
export function addrconf_rs_timer(idev: inet6_dev): void {
  if (idev.dead || !(idev.if_flags & IF_READY) || !ipv6_accept_ra(idev) || idev.if_flags & IF_RA_RCVD) return
  const most = idev.cnf.get(DEVCONF_RTR_SOLICITS)
  if (idev.rs_probes++ >= most && most >= 0) return
  const lladdr = ipv6_get_lladdr(idev.dev, IFA_F_TENTATIVE)
  if (lladdr === undefined) return
  send_rs(idev, lladdr)
  const longest = idev.cnf.get(DEVCONF_RTR_SOLICIT_MAX_INTERVAL)
  const doubled = about(idev, idev.rs_interval, 2)
  idev.rs_interval = doubled > longest ? about(idev, longest, 1) : doubled
  mod_rs_timer(idev, idev.rs_probes === most ? idev.cnf.get(DEVCONF_RTR_SOLICIT_DELAY) : idev.rs_interval)
}

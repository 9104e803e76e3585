/**
 * net/ipv6/addrconf.c: duplicate address detection (RFC 4862 5.4, RFC 4429, RFC 7527).
 *
 * | state   | cause                                      | next    | seen by users                                        |
 * | ------- | ------------------------------------------ | ------- | ---------------------------------------------------- |
 * | PREDAD  | work runs                                  | DAD     | (see the rows of DAD at the same time)               |
 * | DAD     | begins: NOARP, lo, accept_dad 0 or NODAD   | DAD     | NEWADDR without tentative, local route               |
 * | DAD     | begins: device not ready                   | DAD     | nothing: stays tentative                             |
 * | DAD     | begins: ready                              | DAD     | nothing: first probe after up to rtr_solicit_delay   |
 * | DAD     | begins: ready, optimistic                  | DAD     | local route at once; NEWADDR with use_optimistic     |
 * | DAD     | work runs, probes left                     | DAD     | nothing: a probe goes, next work after retrans_time  |
 * | DAD     | work runs, no probes left                  | POSTDAD | NEWADDR without tentative, local route               |
 * | DAD     | device goes not ready                      | DAD     | nothing: starts again when it is ready               |
 * | DAD     | another node has the address               | ERRDAD  | log line; stable privacy: another address is made    |
 * | ERRDAD  | work runs, permanent address               | POSTDAD | NEWADDR tentative dadfailed                          |
 * | ERRDAD  | work runs, other address                   | DEAD    | DELADDR                                              |
 * | ERRDAD  | work runs, accept_dad 2, EUI-64 link-local | POSTDAD | the same, and IPv6 goes off on the device            |
 * | any     | device goes down, keep_addr_on_down        | PREDAD  | tentative                                            |
 * | any     | address deleted                            | DEAD    | DELADDR                                              |
 */
import { cancel_delayed_work, mod_delayed_work } from '../../kernel/workqueue.ts'
import { HZ, NSEC_PER_JIFFY } from '../../kernel/time.ts'
import { isErrno } from '../../uapi/errno.ts'
import { IFF_LOOPBACK, IFF_NOARP } from '../../uapi/linux/if.ts'
import { ARPHRD_TUNNEL } from '../../uapi/linux/if_arp.ts'
import {
  IFA_F_DADFAILED,
  IFA_F_NODAD,
  IFA_F_OPTIMISTIC,
  IFA_F_PERMANENT,
  IFA_F_STABLE_PRIVACY,
  IFA_F_TEMPORARY,
  IFA_F_TENTATIVE,
} from '../../uapi/linux/if_addr.ts'
import { addrconf_addr_solict_mult, in6addr_any, in6addr_linklocal_allnodes, ipv6_addr_equal } from '../../uapi/linux/in6.ts'
import * as CONF from '../../uapi/linux/ipv6.ts'
import { RTM_NEWADDR } from '../../uapi/linux/rtnetlink.ts'
import { ipv6Text } from '../../lib/types.ts'
import { ifa6_config, ipv6_add_addr, ipv6_del_addr } from './addrconf_addr.ts'
import { IFA_LINK, ipv6_accept_ra, ipv6_lonely_lladdr, ipv6_use_optimistic_addr } from './addrconf_core.ts'
import { addrconf_ifdown } from './addrconf_dev.ts'
import { eui64_linklocal, ipv6_generate_stable_address } from './addrconf_gen.ts'
import { ipv6_ifa_notify } from './addrconf_ifa.ts'
import { addrconf_start_rs } from './addrconf_rs.ts'
import { ipv6_create_tempaddr } from './addrconf_tempaddr.ts'
import { addrconf_verify_rtnl } from './addrconf_verify.ts'
import {
  IF_READY,
  INET6_IFADDR_STATE_DAD,
  INET6_IFADDR_STATE_DEAD,
  INET6_IFADDR_STATE_ERRDAD,
  INET6_IFADDR_STATE_POSTDAD,
  INET6_IFADDR_STATE_PREDAD,
  type inet6_dev,
  type inet6_ifaddr,
} from './if_inet6.ts'
import { addrconf_join_solict } from './mcast.ts'
import { ipv6_mc_dad_complete } from './mld.ts'
import { ndisc_send_na, ndisc_send_ns } from './ndisc_send.ts'
import { NEIGH_VAR, NEIGH_VAR_RETRANS_TIME } from '../core/neighbour.ts'
import { ip6_ins_rt } from './route.ts'

/** %pM */
function hwaddr_text(lladdr: Uint8Array): string {
  return Array.from(lladdr.subarray(0, 6), (byte) => byte.toString(16).padStart(2, '0')).join(':')
}
function conf_max(idev: inet6_dev, nr: number): number {
  return Math.max(idev.cnf.get(nr), idev.dev.nd_net.ipv6.devconf_all.get(nr))
}
function mod_dad_work(ifp: inet6_ifaddr, jiffies: number): void {
  mod_delayed_work(ifp.dad_work, jiffies * NSEC_PER_JIFFY)
}

/** The address is new, or starts again: DAD begins as soon as the request is over. */
export function addrconf_dad_start(ifp: inet6_ifaddr): void {
  if (ifp.state === INET6_IFADDR_STATE_DEAD) return
  ifp.state = INET6_IFADDR_STATE_PREDAD
  mod_dad_work(ifp, 0)
}

/** The first probe goes after a random delay, so that nodes that start together do not collide. */
export function addrconf_dad_kick(ifp: inet6_ifaddr): void {
  const { idev } = ifp
  const { random } = idev.dev.nd_net.kernel
  const delay = ifp.flags & IFA_F_OPTIMISTIC ? 0 : random.below(idev.cnf.get(CONF.DEVCONF_RTR_SOLICIT_DELAY) || 1)
  ifp.dad_nonce = conf_max(idev, CONF.DEVCONF_ENHANCED_DAD) > 0 ? random.u32() * 0x10000 || 1 : 0
  ifp.dad_probes = idev.cnf.get(CONF.DEVCONF_DAD_TRANSMITS)
  mod_dad_work(ifp, delay)
}

/** The device is ready again: addresses that waited for it go on. With `restart` all addresses are probed anew. */
export function addrconf_dad_run(idev: inet6_dev, restart: boolean): void {
  for (const ifp of idev.addr_list) {
    const waiting = (ifp.flags & IFA_F_TENTATIVE) !== 0 && ifp.state === INET6_IFADDR_STATE_DAD
    if (!waiting && !restart) continue
    if (restart) ifp.state = INET6_IFADDR_STATE_PREDAD
    addrconf_dad_kick(ifp)
  }
}

/** Its timer: an address's DAD work. */
export function addrconf_dad_work(ifp: inet6_ifaddr): void {
  if (ifp.state === INET6_IFADDR_STATE_PREDAD) {
    ifp.state = INET6_IFADDR_STATE_DAD
    addrconf_dad_begin(ifp)
  } else if (ifp.state === INET6_IFADDR_STATE_ERRDAD) {
    ifp.state = INET6_IFADDR_STATE_POSTDAD
    addrconf_dad_abort(ifp)
  } else {
    addrconf_dad_process(ifp)
  }
}

function needs_no_dad(ifp: inet6_ifaddr): boolean {
  const { idev } = ifp
  return (
    (idev.dev.flags & (IFF_NOARP | IFF_LOOPBACK)) !== 0 ||
    conf_max(idev, CONF.DEVCONF_ACCEPT_DAD) < 1 ||
    !(ifp.flags & IFA_F_TENTATIVE) ||
    (ifp.flags & IFA_F_NODAD) !== 0
  )
}
function addrconf_dad_begin(ifp: inet6_ifaddr): void {
  const { idev } = ifp
  addrconf_join_solict(idev.dev, ifp.addr)
  if (needs_no_dad(ifp)) {
    addrconf_dad_completed(ifp)
    return
  }
  if (!(idev.if_flags & IF_READY)) {
    addrconf_dad_stop(ifp, false)
    return
  }
  const optimistic = (ifp.flags & IFA_F_OPTIMISTIC) !== 0
  // optimistic nodes receive at once
  if (optimistic) ip6_ins_rt(idev.dev.nd_net, ifp.rt)
  addrconf_dad_kick(ifp)
  if (optimistic && ipv6_use_optimistic_addr(idev)) ipv6_ifa_notify(RTM_NEWADDR, ifp)
}

function addrconf_dad_process(ifp: inet6_ifaddr): void {
  const { idev } = ifp
  if (ifp.dad_probes === 0) {
    if (ifp.state !== INET6_IFADDR_STATE_DAD) return
    ifp.state = INET6_IFADDR_STATE_POSTDAD
  }
  if (idev.dead || !(idev.if_flags & IF_READY)) return
  if (ifp.dad_probes === 0) {
    addrconf_dad_completed(ifp)
    return
  }
  ifp.dad_probes--
  mod_dad_work(ifp, Math.max(NEIGH_VAR(idev.nd_parms, NEIGH_VAR_RETRANS_TIME), HZ / 100))
  ndisc_send_ns(idev.dev, ifp.addr, addrconf_addr_solict_mult(ifp.addr), in6addr_any, ifp.dad_nonce)
}

/** No router is at the other end of an IPIP tunnel: it carries IPv4 only. */
function asks_routers(idev: inet6_dev): boolean {
  const { dev } = idev
  if (dev.flags & IFF_LOOPBACK || dev.type === ARPHRD_TUNNEL) return false
  return ipv6_accept_ra(idev) && idev.cnf.get(CONF.DEVCONF_RTR_SOLICITS) !== 0
}
/** Nobody objected: the address is used from now on. With the first link-local one routers are asked for. */
function addrconf_dad_completed(ifp: inet6_ifaddr): void {
  const { idev } = ifp
  const { dev } = idev
  const probed = (ifp.flags & IFA_F_TENTATIVE) !== 0
  ifp.flags &= ~(IFA_F_TENTATIVE | IFA_F_OPTIMISTIC | IFA_F_DADFAILED)
  cancel_delayed_work(ifp.dad_work)
  ipv6_ifa_notify(RTM_NEWADDR, ifp)
  const first = ifp.scope === IFA_LINK && ipv6_lonely_lladdr(ifp)
  if (first) ipv6_mc_dad_complete(idev)
  if (first && asks_routers(idev)) addrconf_start_rs(idev)
  if (conf_max(idev, CONF.DEVCONF_NDISC_NOTIFY) > 0 && probed) {
    ndisc_send_na(dev, in6addr_linklocal_allnodes, ifp.addr, idev.cnf.get(CONF.DEVCONF_FORWARDING) !== 0, false, true, true)
  }
  // the next temporary address is made before this one is deprecated
  if (ifp.flags & IFA_F_TEMPORARY) addrconf_verify_rtnl(dev.nd_net)
}

/** Without failure the address stays, tentative, until the device is ready. */
function addrconf_dad_stop(ifp: inet6_ifaddr, dad_failed: boolean): void {
  if (dad_failed) ifp.flags |= IFA_F_DADFAILED
  if (ifp.flags & IFA_F_TEMPORARY) {
    if (ifp.ifpub !== undefined) ipv6_create_tempaddr(ifp.ifpub)
    ipv6_del_addr(ifp)
  } else if (ifp.flags & IFA_F_PERMANENT || !dad_failed) {
    cancel_delayed_work(ifp.dad_work)
    ifp.flags |= IFA_F_TENTATIVE
    if (!dad_failed) return
    ifp.flags &= ~IFA_F_OPTIMISTIC
    ipv6_ifa_notify(0, ifp)
  } else {
    ipv6_del_addr(ifp)
  }
}
function addrconf_dad_abort(ifp: inet6_ifaddr): void {
  const { idev } = ifp
  let disable = false
  if (conf_max(idev, CONF.DEVCONF_ACCEPT_DAD) > 1 && !idev.cnf.get(CONF.DEVCONF_DISABLE_IPV6) && !(ifp.flags & IFA_F_STABLE_PRIVACY)) {
    const own = eui64_linklocal(idev)
    if (own !== undefined && ipv6_addr_equal(ifp.addr, own)) {
      idev.cnf.set(CONF.DEVCONF_DISABLE_IPV6, 1)
      idev.dev.nd_net.kernel.pr_info(`IPv6: ${idev.dev.name}: IPv6 being disabled!`)
      disable = true
    }
  }
  addrconf_dad_stop(ifp, true)
  if (disable) addrconf_ifdown(idev.dev, false)
}

/** Another node has the address, or probes for it too: heard of in its neighbour messages. */
export function addrconf_dad_failure(ifp: inet6_ifaddr, lladdr: Uint8Array): void {
  const { idev } = ifp
  if (ifp.state !== INET6_IFADDR_STATE_DAD) return
  const { name, nd_net: net } = idev.dev
  net.kernel.pr_info(`IPv6: ${name}: IPv6 duplicate address ${ipv6Text(ifp.addr)} used by ${hwaddr_text(lladdr)} detected!`)
  if (ifp.flags & IFA_F_STABLE_PRIVACY) another_stable_address(ifp)
  ifp.state = INET6_IFADDR_STATE_ERRDAD
  mod_dad_work(ifp, 0)
}
function another_stable_address(ifp: inet6_ifaddr): void {
  const { idev } = ifp
  const { kernel, ipv6 } = idev.dev.nd_net
  const retries = ifp.stable_privacy_retry + 1
  if (retries > ipv6.sysctl.idgen_retries) {
    kernel.pr_info(`IPv6: ${idev.dev.name}: privacy stable address generation failed because of DAD conflicts!`)
    return
  }
  const pfx = ipv6_generate_stable_address(ifp.addr, retries, idev)
  const most = idev.cnf.get(CONF.DEVCONF_MAX_ADDRESSES)
  if (pfx === undefined || (most !== 0 && idev.addr_list.length >= most)) return
  kernel.pr_info(`IPv6: ${idev.dev.name}: generating new stable privacy address because of DAD conflict`)
  const cfg = new ifa6_config(pfx, ifp.prefix_len)
  cfg.ifa_flags = ifp.flags
  cfg.valid_lft = ifp.valid_lft
  cfg.preferred_lft = ifp.prefered_lft
  cfg.scope = ifp.scope
  const other = ipv6_add_addr(idev, cfg)
  if (isErrno(other)) return
  other.stable_privacy_retry = retries
  other.state = INET6_IFADDR_STATE_PREDAD
  mod_dad_work(other, ipv6.sysctl.idgen_delay)
}

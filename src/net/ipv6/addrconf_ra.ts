/**
 * net/ipv6/addrconf.c addrconf_prefix_rcv: prefixes that a router advertises: the route of the subnet, and an address of
 * ours in it (RFC 4862 5.5.3). inet6_prefix_notify: programs are told of it (RTM_NEWPREFIX).
 */
import { HZ } from '../../kernel/time.ts'
import { getBe32, put32 } from '../../lib/bytes.ts'
import { MessageBuilder } from '../../lib/message.ts'
import { isErrno } from '../../uapi/errno.ts'
import {
  IFA_F_DEPRECATED,
  IFA_F_MANAGETEMPADDR,
  IFA_F_OPTIMISTIC,
  IFA_F_STABLE_PRIVACY,
  IFA_F_TENTATIVE,
  IFAPROT_KERNEL_RA,
} from '../../uapi/linux/if_addr.ts'
import { IN6_ADDR_GEN_MODE_RANDOM, IN6_ADDR_GEN_MODE_STABLE_PRIVACY } from '../../uapi/linux/if_link.ts'
import {
  type in6_addr,
  IPV6_ADDR_LINKLOCAL,
  IPV6_ADDR_MULTICAST,
  ipv6_addr_any,
  ipv6_addr_scope,
  ipv6_addr_type,
} from '../../uapi/linux/in6.ts'
import * as CONF from '../../uapi/linux/ipv6.ts'
import { RTF_ADDRCONF, RTF_DEFAULT, RTF_EXPIRES, RTF_PREFIX_RT } from '../../uapi/linux/ipv6_route.ts'
import { NETLINK_ROUTE } from '../../uapi/linux/netlink.ts'
import { RTM_NEWPREFIX, RTNLGRP_IPV6_PREFIX } from '../../uapi/linux/rtnetlink.ts'
import { PREFIX_ADDRESS, PREFIX_CACHEINFO, prefixmsg } from '../../uapi/linux/rtnetlink_more.ts'
import { AF_INET6 } from '../../uapi/linux/socket.ts'
import type { net_device } from '../core/netdevice.ts'
import { rtnl_notify } from '../core/rtnetlink.ts'
import { netlink_has_listeners } from '../netlink/af_netlink.ts'
import { ifa6_config, ipv6_add_addr } from './addrconf_addr.ts'
import { ipv6_allow_optimistic_dad, ipv6_get_ifaddr } from './addrconf_core.ts'
import { addrconf_dad_start } from './addrconf_dad.ts'
import { ipv6_generate_eui64, ipv6_generate_stable_address } from './addrconf_gen.ts'
import { ipv6_ifa_notify } from './addrconf_ifa.ts'
import { addrconf_get_prefix_route, addrconf_prefix_route } from './addrconf_prefix.ts'
import { manage_tempaddrs } from './addrconf_tempaddr.ts'
import { addrconf_verify_rtnl } from './addrconf_verify.ts'
import { IFA_LINK } from './addrconf_core.ts'
import type { inet6_dev, inet6_ifaddr } from './if_inet6.ts'
import { lifetime_seconds, set_lifetime } from './ip6_route_ra.ts'
import { ip6_del_rt } from './route.ts'

/** Seconds below which nobody who is not trusted may bring a lifetime (RFC 4862 5.5.3 e). */
const MIN_VALID_LIFETIME = 2 * 3600
const PIO_LEN = 32
const ONLINK = 0x80
const AUTOCONF = 0x40

/** A prefix information option. */
export interface prefix_info {
  type: number
  prefix_len: number
  flags: number
  valid: number
  preferred: number
  prefix: in6_addr
}
export function read_prefix_info(buf: Uint8Array, at: number): prefix_info | undefined {
  if (buf[at + 1] * 8 < PIO_LEN) return undefined
  return {
    type: buf[at],
    prefix_len: buf[at + 2],
    flags: buf[at + 3],
    valid: getBe32(buf, at + 4),
    preferred: getBe32(buf, at + 8),
    prefix: buf.slice(at + 16, at + 32),
  }
}

/** The subnet is on the link: its route comes, gets another end, or goes. */
function onlink_route(dev: net_device, pi: prefix_info): void {
  const { nd_net: net } = dev
  const seconds = lifetime_seconds(pi.valid)
  const rt = addrconf_get_prefix_route(pi.prefix, pi.prefix_len, dev, RTF_ADDRCONF | RTF_PREFIX_RT, RTF_DEFAULT, true)
  if (rt !== undefined) {
    if (pi.valid === 0) ip6_del_rt(net, rt, false)
    else set_lifetime(net, rt, seconds)
  } else if (pi.valid !== 0) {
    const finite = seconds !== Infinity
    const flags = RTF_ADDRCONF | RTF_PREFIX_RT | (finite ? RTF_EXPIRES : 0)
    addrconf_prefix_route(pi.prefix, pi.prefix_len, 0, dev, finite ? seconds * HZ : 0, flags)
  }
}

/** Our address in the subnet: by the token, by a secret, or by the link address; undefined: there is none to be made. */
function address_in(idev: inet6_dev, pi: prefix_info): { addr: in6_addr; flags: number; tokenized: boolean } | undefined {
  if (pi.prefix_len !== 64) return undefined
  const addr = pi.prefix.slice()
  if (!ipv6_addr_any(idev.token)) {
    addr.set(idev.token.subarray(8), 8)
    return { addr, flags: 0, tokenized: true }
  }
  const mode = idev.cnf.get(CONF.DEVCONF_ADDR_GEN_MODE)
  if (mode === IN6_ADDR_GEN_MODE_STABLE_PRIVACY || mode === IN6_ADDR_GEN_MODE_RANDOM) {
    const stable = ipv6_generate_stable_address(addr, 0, idev)
    if (stable !== undefined) return { addr: stable, flags: IFA_F_STABLE_PRIVACY, tokenized: false }
  }
  const id = ipv6_generate_eui64(idev.dev) ?? inherit_eui64(idev)
  if (id === undefined) return undefined
  addr.set(id, 8)
  return { addr, flags: 0, tokenized: false }
}
/** ipv6_inherit_eui64(): that of a link-local address which can be used. */
function inherit_eui64(idev: inet6_dev): Uint8Array | undefined {
  const ifp = idev.addr_list.findLast((ifa) => ifa.scope === IFA_LINK && !(ifa.flags & IFA_F_TENTATIVE))
  return ifp?.addr.slice(8)
}

function new_address(
  idev: inet6_dev,
  pi: prefix_info,
  made: { addr: in6_addr; flags: number; tokenized: boolean },
  sllao: boolean,
): inet6_ifaddr | undefined {
  const { nd_net: net } = idev.dev
  const most = idev.cnf.get(CONF.DEVCONF_MAX_ADDRESSES)
  if (most !== 0 && idev.addr_list.length >= most) return undefined
  const cfg = new ifa6_config(made.addr, pi.prefix_len)
  cfg.ifa_flags = made.flags
  cfg.valid_lft = pi.valid
  cfg.preferred_lft = pi.preferred
  cfg.scope = ipv6_addr_scope(pi.prefix)
  cfg.ifa_proto = IFAPROT_KERNEL_RA
  if (ipv6_allow_optimistic_dad(idev) && !net.ipv6.devconf_all.get(CONF.DEVCONF_FORWARDING) && sllao) cfg.ifa_flags |= IFA_F_OPTIMISTIC
  const ifp = ipv6_add_addr(idev, cfg)
  if (isErrno(ifp)) return undefined
  ifp.flags |= IFA_F_MANAGETEMPADDR
  ifp.cstamp = net.kernel.jiffies()
  ifp.tokenized = made.tokenized
  addrconf_dad_start(ifp)
  return ifp
}
/** Lifetimes that are shorter than what is left count only down to two hours. */
function update_lifetimes(ifp: inet6_ifaddr, pi: prefix_info): number {
  const { nd_net: net } = ifp.idev.dev
  const now = net.kernel.jiffies()
  const age = Math.floor((now - ifp.tstamp) / HZ)
  const stored = ifp.valid_lft > age ? ifp.valid_lft - age : 0
  if (stored === 0) return pi.valid
  const trusted = ifp.idev.cnf.get(CONF.DEVCONF_RA_HONOR_PIO_LIFE) !== 0
  const valid = trusted ? pi.valid : Math.max(pi.valid, Math.min(stored, MIN_VALID_LIFETIME))
  const { flags } = ifp
  ifp.valid_lft = valid
  ifp.prefered_lft = pi.preferred
  ifp.tstamp = now
  ifp.flags &= ~IFA_F_DEPRECATED
  if (!(flags & IFA_F_TENTATIVE)) ipv6_ifa_notify(0, ifp)
  return valid
}
/** addrconf_prefix_rcv_add_addr(): false, when there was no room. */
function address(idev: inet6_dev, pi: prefix_info, sllao: boolean): boolean {
  const { dev } = idev
  const made = address_in(idev, pi)
  if (made === undefined) return false
  const known = ipv6_get_ifaddr(dev.nd_net, made.addr, dev, true)
  const ifp = known ?? (pi.valid !== 0 ? new_address(idev, pi, made, sllao) : undefined)
  if (ifp === undefined) return pi.valid === 0
  const valid = known === undefined ? pi.valid : update_lifetimes(ifp, pi)
  manage_tempaddrs(idev, ifp, valid, pi.preferred, known === undefined)
  addrconf_verify_rtnl(dev.nd_net)
  return true
}

/** `sllao`: the advertisement says the router's link address. */
export function addrconf_prefix_rcv(dev: net_device, buf: Uint8Array, at: number, sllao: boolean): void {
  const idev = dev.ip6_ptr
  const pi = read_prefix_info(buf, at)
  if (pi === undefined || idev === undefined || ipv6_addr_type(pi.prefix) & (IPV6_ADDR_MULTICAST | IPV6_ADDR_LINKLOCAL)) return
  if (pi.preferred > pi.valid || (pi.valid !== 0 && pi.valid < idev.cnf.get(CONF.DEVCONF_ACCEPT_RA_MIN_LFT))) return
  if (pi.flags & ONLINK) onlink_route(dev, pi)
  const wanted = (pi.flags & AUTOCONF) !== 0 && idev.cnf.get(CONF.DEVCONF_AUTOCONF) !== 0
  if (wanted && !address(idev, pi, sllao)) return
  inet6_prefix_notify(idev, pi)
}

/** Whoever listens to IPV6_PREFIX may do what the kernel does not. */
function inet6_prefix_notify(idev: inet6_dev, pi: prefix_info): void {
  const { nd_net: net, ifindex } = idev.dev
  if (!netlink_has_listeners(net, NETLINK_ROUTE, RTNLGRP_IPV6_PREFIX)) return
  const skb = new MessageBuilder(undefined, 128)
  skb.begin(RTM_NEWPREFIX, 0, 0, 0)
  skb.struct(prefixmsg, {
    prefix_family: AF_INET6,
    prefix_ifindex: ifindex,
    prefix_type: pi.type,
    prefix_len: pi.prefix_len,
    prefix_flags: pi.flags,
  })
  skb.putBytes(PREFIX_ADDRESS.nr, pi.prefix)
  const o = skb.reserve(PREFIX_CACHEINFO.nr, 8)
  if (o >= 0) {
    put32(skb.buf, o, pi.preferred)
    put32(skb.buf, o + 4, pi.valid)
  }
  skb.end()
  rtnl_notify(net, skb, 0, RTNLGRP_IPV6_PREFIX, false)
}

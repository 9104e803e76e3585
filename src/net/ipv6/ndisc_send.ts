/** net/ipv6/ndisc.c ndisc_send_*: the messages of neighbour discovery (RFC 4861 4) as they go out. */
import { putBe16 } from '../../lib/bytes.ts'
import { isErrno } from '../../uapi/errno.ts'
import {
  NA_OVERRIDE,
  NA_ROUTER,
  NA_SOLICITED,
  ND_OPT_NONCE,
  ND_OPT_SOURCE_LL_ADDR,
  ND_OPT_TARGET_LL_ADDR,
  NDISC_NEIGHBOUR_ADVERTISEMENT,
  NDISC_NEIGHBOUR_SOLICITATION,
  NDISC_ROUTER_SOLICITATION,
} from '../../uapi/linux/icmpv6.ts'
import { IFA_F_OPTIMISTIC, IFA_F_TENTATIVE } from '../../uapi/linux/if_addr.ts'
import { ARPHRD_INFINIBAND } from '../../uapi/linux/if_arp.ts'
import { type in6_addr, in6addr_linklocal_allnodes, IPPROTO_ICMPV6, ipv6_addr_any } from '../../uapi/linux/in6.ts'
import { DEVCONF_FORCE_TLLAO, DEVCONF_FORWARDING, DEVCONF_NDISC_TCLASS } from '../../uapi/linux/ipv6.ts'
import { IPSTATS_MIB_OUTREQUESTS } from '../../uapi/linux/snmp.ts'
import { csum_ipv6_magic, csum_partial } from '../core/checksum.ts'
import type { net_device } from '../core/netdevice.ts'
import { type sk_buff, skb_put } from '../core/skbuff.ts'
import { ipv6_get_ifaddr, ipv6_get_lladdr } from './addrconf_core.ts'
import { ipv6_dev_get_saddr } from './addrconf_saddr.ts'
import { IP6_OUT_ND, ip6_output } from './ip6_output.ts'
import { icmpv6_sent, IP6_INC_STATS } from './ip6_stats.ts'
import { ip6_alloc_skb, ip6_push_hdr } from './ipv6_hdr.ts'

/** ICMPv6 header with a reserved word, and a target. */
export const ND_MSG_LEN = 24
export const RS_MSG_LEN = 8
const NONCE_OPT_LEN = 8

/** Bytes between an option's header and the link address. */
export function ndisc_addr_option_pad(type: number): number {
  return type === ARPHRD_INFINIBAND ? 2 : 0
}
/** Of a link address option, in steps of eight; 0: the link has no addresses. */
export function ndisc_opt_addr_space(dev: net_device): number {
  return dev.addr_len === 0 ? 0 : (dev.addr_len + 2 + ndisc_addr_option_pad(dev.type) + 7) & ~7
}
/** The device's own link address as an option. */
export function ndisc_fill_addr_option(skb: sk_buff, dev: net_device, type: number): void {
  const space = ndisc_opt_addr_space(dev)
  const at = skb_put(skb, space)
  skb.buf[at] = type
  skb.buf[at + 1] = space >> 3
  skb.buf.set(dev.dev_addr.subarray(0, dev.addr_len), at + 2 + ndisc_addr_option_pad(dev.type))
}
function ndisc_alloc_skb(dev: net_device, length: number, type: number, head: number): sk_buff {
  const skb = ip6_alloc_skb(dev, length)
  skb.transport_header = skb_put(skb, head)
  skb.buf[skb.transport_header] = type
  return skb
}

/** Checksum and IPv6 header; no route is asked. */
export function ndisc_send_skb(dev: net_device, skb: sk_buff, daddr: in6_addr, saddr: in6_addr): void {
  const { nd_net: net, ip6_ptr: idev } = dev
  const at = skb.transport_header
  const type = skb.buf[at]
  const length = skb.tail - at
  putBe16(skb.buf, at + 2, csum_ipv6_magic(saddr, daddr, length, IPPROTO_ICMPV6, csum_partial(skb.buf, at, length)))
  const tclass = idev?.cnf.get(DEVCONF_NDISC_TCLASS) ?? 0
  ip6_push_hdr(skb, { saddr, daddr, nexthdr: IPPROTO_ICMPV6, hop_limit: 255, tclass })
  IP6_INC_STATS(net, idev, IPSTATS_MIB_OUTREQUESTS)
  if (!isErrno(ip6_output(net, skb, dev, IP6_OUT_ND))) icmpv6_sent(net, idev, type)
}

/**
 * Who has `solicit`? `saddr` undefined: one of the device is looked for, and without one nothing is sent; all zeros
 * (DAD) is an address, and says no link address.
 */
export function ndisc_send_ns(dev: net_device, solicit: in6_addr, daddr: in6_addr, saddr?: in6_addr, nonce = 0): void {
  const from = saddr ?? ipv6_get_lladdr(dev, IFA_F_TENTATIVE | IFA_F_OPTIMISTIC)
  if (from === undefined) return
  const space = ipv6_addr_any(from) ? 0 : ndisc_opt_addr_space(dev)
  const skb = ndisc_alloc_skb(dev, ND_MSG_LEN + space + NONCE_OPT_LEN, NDISC_NEIGHBOUR_SOLICITATION, ND_MSG_LEN)
  skb.buf.set(solicit, skb.transport_header + 8)
  if (space > 0) ndisc_fill_addr_option(skb, dev, ND_OPT_SOURCE_LL_ADDR)
  if (nonce !== 0) put_nonce(skb, nonce)
  ndisc_send_skb(dev, skb, daddr, from)
}
/** RFC 7527: 48 bits of chance. */
function put_nonce(skb: sk_buff, nonce: number): void {
  const at = skb_put(skb, NONCE_OPT_LEN)
  skb.buf[at] = ND_OPT_NONCE
  skb.buf[at + 1] = 1
  for (let i = 0, rest = nonce; i < 6; i++, rest = Math.floor(rest / 256)) skb.buf[at + 2 + i] = rest % 256
}
export function get_nonce(buf: Uint8Array, at: number): number {
  let nonce = 0
  for (let i = 5; i >= 0; i--) nonce = nonce * 256 + buf[at + 2 + i]
  return nonce
}

/** `target` is here. From the address itself when it is ours; an optimistic one overrides nobody (RFC 4429 3.3). */
export function ndisc_send_na(
  dev: net_device,
  daddr: in6_addr,
  target: in6_addr,
  router: boolean,
  solicited: boolean,
  override: boolean,
  inc_opt: boolean,
): void {
  const { nd_net: net } = dev
  const ifp = ipv6_get_ifaddr(net, target, dev, true)
  const saddr = ifp === undefined ? ipv6_dev_get_saddr(net, dev, daddr, 0) : target
  if (isErrno(saddr)) return
  const overrides = override && !((ifp?.flags ?? 0) & IFA_F_OPTIMISTIC)
  const says = inc_opt || (ifp?.idev.cnf.get(DEVCONF_FORCE_TLLAO) ?? 0) !== 0
  const space = says ? ndisc_opt_addr_space(dev) : 0
  const skb = ndisc_alloc_skb(dev, ND_MSG_LEN + space, NDISC_NEIGHBOUR_ADVERTISEMENT, ND_MSG_LEN)
  const at = skb.transport_header
  skb.buf[at + 4] = (router ? NA_ROUTER : 0) | (solicited ? NA_SOLICITED : 0) | (overrides ? NA_OVERRIDE : 0)
  skb.buf.set(target, at + 8)
  if (space > 0) ndisc_fill_addr_option(skb, dev, ND_OPT_TARGET_LL_ADDR)
  ndisc_send_skb(dev, skb, daddr, saddr)
}
/** Each address that can be used is told to all nodes of the link. */
export function ndisc_send_unsol_na(dev: net_device): void {
  const idev = dev.ip6_ptr
  if (idev === undefined) return
  for (const ifa of [...idev.addr_list]) {
    if (ifa.flags & IFA_F_TENTATIVE && !(ifa.flags & IFA_F_OPTIMISTIC)) continue
    ndisc_send_na(dev, in6addr_linklocal_allnodes, ifa.addr, idev.cnf.get(DEVCONF_FORWARDING) !== 0, false, true, true)
  }
}

/** Are there routers? An optimistic address does not say whose it is. */
export function ndisc_send_rs(dev: net_device, saddr: in6_addr, daddr: in6_addr): void {
  const ifp = ipv6_get_ifaddr(dev.nd_net, saddr, dev, true)
  const says = ifp !== undefined && !(ifp.flags & IFA_F_OPTIMISTIC)
  const space = says ? ndisc_opt_addr_space(dev) : 0
  const skb = ndisc_alloc_skb(dev, RS_MSG_LEN + space, NDISC_ROUTER_SOLICITATION, RS_MSG_LEN)
  if (space > 0) ndisc_fill_addr_option(skb, dev, ND_OPT_SOURCE_LL_ADDR)
  ndisc_send_skb(dev, skb, daddr, saddr)
}

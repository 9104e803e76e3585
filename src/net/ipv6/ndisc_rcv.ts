/**
 * net/ipv6/ndisc.c ndisc_rcv, ndisc_recv_ns, ndisc_recv_na: questions for neighbours and their answers (RFC 4861 7.2).
 *
 * A solicitation for an address that is ours:
 *
 *   asker's source  | the address is              | then
 *   unspecified     | tentative, our own nonce    | nothing: our own probe came back (RFC 7527)
 *   unspecified     | tentative                   | it is a duplicate
 *   unspecified     | in use                      | advertised to all nodes
 *   an address      | tentative, not optimistic   | nothing
 *   an address      | in use, or optimistic       | the asker is noted as STALE, and answered
 *
 * An advertisement for an address that is ours and tentative makes it a duplicate. For a neighbour that is known:
 *
 *   solicited, override | link address  | the entry (neigh_update)
 *   1, any              | the same      | REACHABLE
 *   1, 1                | another       | takes it, REACHABLE
 *   1, 0                | another       | keeps its own; when connected it becomes STALE
 *   0, 1                | another       | takes it, STALE
 *   0, any              | the same      | as before
 */
import {
  NA_OVERRIDE,
  NA_ROUTER,
  NA_SOLICITED,
  NDISC_NEIGHBOUR_ADVERTISEMENT,
  NDISC_NEIGHBOUR_SOLICITATION,
  NDISC_ROUTER_ADVERTISEMENT,
  NDISC_ROUTER_SOLICITATION,
} from '../../uapi/linux/icmpv6.ts'
import { isErrno } from '../../uapi/errno.ts'
import { IFA_F_OPTIMISTIC, IFA_F_TENTATIVE } from '../../uapi/linux/if_addr.ts'
import { type in6_addr, in6addr_linklocal_allnodes, ipv6_addr_any, ipv6_addr_is_multicast } from '../../uapi/linux/in6.ts'
import {
  DEVCONF_ACCEPT_UNTRACKED_NA,
  DEVCONF_DROP_UNSOLICITED_NA,
  DEVCONF_FORWARDING,
  DEVCONF_PROXY_NDP,
  DEVCONF_SUPPRESS_FRAG_NDISC,
} from '../../uapi/linux/ipv6.ts'
import { NTF_ROUTER, NUD_FAILED, NUD_REACHABLE, NUD_STALE } from '../../uapi/linux/neighbour.ts'
import {
  SKB_CONSUMED,
  SKB_DROP_REASON_IPV6_NDISC_BAD_CODE,
  SKB_DROP_REASON_IPV6_NDISC_BAD_OPTIONS,
  SKB_DROP_REASON_IPV6_NDISC_FRAG,
  SKB_DROP_REASON_IPV6_NDISC_HOP_LIMIT,
  SKB_DROP_REASON_IPV6_NDISC_NS_OTHERHOST,
  SKB_DROP_REASON_NOT_SPECIFIED,
  SKB_DROP_REASON_PKT_TOO_SMALL,
} from '../core/dropreason.ts'
import {
  NEIGH_UPDATE_F_ISROUTER,
  NEIGH_UPDATE_F_OVERRIDE,
  NEIGH_UPDATE_F_OVERRIDE_ISROUTER,
  NEIGH_UPDATE_F_WEAK_OVERRIDE,
  NEIGH_VAR,
  NEIGH_VAR_PROXY_DELAY,
  type neighbour,
} from '../core/neighbour.ts'
import { neigh_update } from '../core/neighbour_nud.ts'
import { pneigh_enqueue, pneigh_lookup } from '../core/neighbour_proxy.ts'
import { __neigh_lookup_errno, neigh_create, neigh_lookup, neigh_release } from '../core/neighbour_table.ts'
import type { net_device } from '../core/netdevice.ts'
import type { net } from '../core/net_namespace.ts'
import { PACKET_HOST, PACKET_LOOPBACK, type sk_buff, skb_copy } from '../core/skbuff.ts'
import { ipv6_chk_prefix, ipv6_get_ifaddr } from './addrconf_core.ts'
import { addrconf_dad_failure } from './addrconf_dad.ts'
import { ipv6_chk_acast_addr } from './anycast.ts'
import type { inet6_dev, inet6_ifaddr } from './if_inet6.ts'
import { IP6CB, ip6_daddr, ip6_hop_limit, ip6_saddr } from './ipv6_hdr.ts'
import { nd_tbl } from './ndisc.ts'
import { ndisc_opt_addr_data, type ndisc_options, ndisc_parse_options } from './ndisc_options.ts'
import { pndisc_is_router } from './ndisc_proxy.ts'
import { ndisc_redirect_rcv } from './ndisc_redirect.ts'
import { ndisc_recv_rs, ndisc_router_discovery } from './ndisc_router.ts'
import { get_nonce, ND_MSG_LEN, ndisc_send_na } from './ndisc_send.ts'
import { rt6_clean_tohost } from './route_sync.ts'

/** Who is on the link: only they send with the highest hop limit. Why the message falls, or that it was used up. */
export function ndisc_rcv(skb: sk_buff): number {
  const at = skb.transport_header
  const idev = skb.dev?.ip6_ptr
  if (IP6CB(skb).fragmented && idev?.cnf.get(DEVCONF_SUPPRESS_FRAG_NDISC)) return SKB_DROP_REASON_IPV6_NDISC_FRAG
  if (ip6_hop_limit(skb) !== 255) return SKB_DROP_REASON_IPV6_NDISC_HOP_LIMIT
  if (skb.buf[at + 1] !== 0) return SKB_DROP_REASON_IPV6_NDISC_BAD_CODE
  switch (skb.buf[at]) {
    case NDISC_NEIGHBOUR_SOLICITATION:
      return ndisc_recv_ns(skb, false)
    case NDISC_NEIGHBOUR_ADVERTISEMENT:
      return ndisc_recv_na(skb)
    case NDISC_ROUTER_SOLICITATION:
      return ndisc_recv_rs(skb)
    case NDISC_ROUTER_ADVERTISEMENT:
      return ndisc_router_discovery(skb)
    default:
      return ndisc_redirect_rcv(skb)
  }
}

/** The link-layer sender, for the log. */
function sender(skb: sk_buff): Uint8Array {
  return skb.mac_header < 0 ? new Uint8Array(6) : skb.buf.slice(skb.mac_header + 6, skb.mac_header + 12)
}
function target_of(skb: sk_buff): in6_addr {
  return skb.buf.slice(skb.transport_header + 8, skb.transport_header + 24)
}
function is_solict_mult(addr: in6_addr): boolean {
  const head = [0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff]
  return head.every((byte, i) => addr[i] === byte)
}

/** A question as far as it can be read. */
interface solicitation {
  target: in6_addr
  saddr: in6_addr
  /** The asker wants the address itself. */
  dad: boolean
  /** Asked at a group. */
  inc: boolean
  lladdr: Uint8Array | undefined
  nonce: number
}
/** Or why it cannot be one. */
function read_ns(skb: sk_buff, dev: net_device): solicitation | number {
  if (skb.tail - skb.transport_header < ND_MSG_LEN) return SKB_DROP_REASON_PKT_TOO_SMALL
  const target = target_of(skb)
  const saddr = ip6_saddr(skb)
  const daddr = ip6_daddr(skb)
  const dad = ipv6_addr_any(saddr)
  if (ipv6_addr_is_multicast(target) || (dad && !is_solict_mult(daddr))) return SKB_DROP_REASON_NOT_SPECIFIED
  const options = ndisc_parse_options(skb, skb.transport_header + ND_MSG_LEN)
  if (options === undefined) return SKB_DROP_REASON_IPV6_NDISC_BAD_OPTIONS
  const lladdr = options.src_lladdr === 0 ? undefined : ndisc_opt_addr_data(skb, options.src_lladdr, dev)
  if (options.src_lladdr !== 0 && (lladdr === undefined || dad)) return SKB_DROP_REASON_NOT_SPECIFIED
  const nonce = options.nonce !== 0 && skb.buf[options.nonce + 1] === 1 ? get_nonce(skb.buf, options.nonce) : 0
  return { target, saddr, dad, inc: ipv6_addr_is_multicast(daddr), lladdr, nonce }
}

/** False: the question ends here. */
function may_answer(skb: sk_buff, ns: solicitation, ifp: inet6_ifaddr): boolean {
  if (!(ifp.flags & (IFA_F_TENTATIVE | IFA_F_OPTIMISTIC))) return true
  if (!ns.dad) return (ifp.flags & IFA_F_OPTIMISTIC) !== 0
  if (ns.nonce === 0 || ns.nonce !== ifp.dad_nonce) addrconf_dad_failure(ifp, sender(skb))
  return false
}
/** An address that is not ours but that we answer for: whether it is a router's; undefined: nothing is answered. */
function answers_for(skb: sk_buff, net: net, idev: inet6_dev, ns: solicitation, put_off: boolean): boolean | undefined {
  const { dev, cnf } = idev
  const forwarding = cnf.get(DEVCONF_FORWARDING) !== 0
  const anycast = ipv6_chk_acast_addr(net, dev, ns.target)
  const proxies = forwarding && (net.ipv6.devconf_all.get(DEVCONF_PROXY_NDP) || cnf.get(DEVCONF_PROXY_NDP))
  const router = anycast || !proxies ? undefined : pndisc_is_router(ns.target, dev)
  if (!anycast && router === undefined) return undefined
  if (!put_off && skb.pkt_type !== PACKET_HOST && ns.inc && NEIGH_VAR(idev.nd_parms, NEIGH_VAR_PROXY_DELAY) !== 0) {
    // others who have it come first
    pneigh_enqueue(nd_tbl(net.kernel), idev.nd_parms, skb_copy(skb))
    return undefined
  }
  return router ?? forwarding
}

/** `put_off`: the question waited for a proxy's turn. Why it falls, or that it was used up. */
export function ndisc_recv_ns(skb: sk_buff, put_off: boolean): number {
  const dev = skb.dev as net_device
  const { nd_net: net } = dev
  const ns = read_ns(skb, dev)
  if (typeof ns === 'number') return ns
  const ifp = ipv6_get_ifaddr(net, ns.target, dev, true)
  const idev = ifp?.idev ?? dev.ip6_ptr
  if (idev === undefined || (ifp !== undefined && !may_answer(skb, ns, ifp))) return SKB_DROP_REASON_NOT_SPECIFIED
  const router = ifp === undefined ? answers_for(skb, net, idev, ns, put_off) : idev.cnf.get(DEVCONF_FORWARDING) !== 0
  if (router === undefined) return SKB_DROP_REASON_IPV6_NDISC_NS_OTHERHOST
  const own = ifp !== undefined
  if (ns.dad) {
    ndisc_send_na(dev, in6addr_linklocal_allnodes, ns.target, router, false, own, true)
    return SKB_DROP_REASON_NOT_SPECIFIED
  }
  const tbl = nd_tbl(net.kernel)
  if (ns.inc) tbl.stats.rcv_probes_mcast++
  else tbl.stats.rcv_probes_ucast++
  const creates = !ns.inc || ns.lladdr !== undefined || dev.addr_len === 0
  const neigh = creates ? __neigh_lookup_errno(tbl, ns.saddr, dev) : neigh_lookup(tbl, ns.saddr, dev)
  const known = neigh !== undefined && !isErrno(neigh)
  if (known) ndisc_update(neigh, ns.lladdr, NUD_STALE, NEIGH_UPDATE_F_WEAK_OVERRIDE | NEIGH_UPDATE_F_OVERRIDE)
  const answers = known || dev.header_ops === undefined
  if (answers) ndisc_send_na(dev, ns.saddr, ns.target, router, true, own && ns.inc, ns.inc)
  if (known) neigh_release(neigh)
  return answers ? SKB_CONSUMED : SKB_DROP_REASON_NOT_SPECIFIED
}
export function ndisc_update(neigh: neighbour, lladdr: Uint8Array | undefined, state: number, flags: number): void {
  neigh_update(neigh, lladdr, state, flags, 0)
}

/** RFC 9131: a router notes who says that it is there, if it is to (accept_untracked_na). */
function accept_untracked_na(dev: net_device, saddr: in6_addr): boolean {
  switch (dev.ip6_ptr?.cnf.get(DEVCONF_ACCEPT_UNTRACKED_NA)) {
    case 1:
      return true
    case 2:
      return ipv6_chk_prefix(saddr, dev)
    default:
      return false
  }
}
interface advertisement {
  target: in6_addr
  flags: number
  lladdr: Uint8Array | undefined
}
function read_na(skb: sk_buff, dev: net_device): advertisement | number {
  const at = skb.transport_header
  if (skb.tail - at < ND_MSG_LEN) return SKB_DROP_REASON_PKT_TOO_SMALL
  const target = target_of(skb)
  const flags = skb.buf[at + 4]
  if (ipv6_addr_is_multicast(target) || (flags & NA_SOLICITED && ipv6_addr_is_multicast(ip6_daddr(skb))))
    return SKB_DROP_REASON_NOT_SPECIFIED
  if (!(flags & NA_SOLICITED) && dev.ip6_ptr?.cnf.get(DEVCONF_DROP_UNSOLICITED_NA)) return SKB_DROP_REASON_NOT_SPECIFIED
  const options: ndisc_options | undefined = ndisc_parse_options(skb, at + ND_MSG_LEN)
  if (options === undefined) return SKB_DROP_REASON_IPV6_NDISC_BAD_OPTIONS
  const lladdr = options.tgt_lladdr === 0 ? undefined : ndisc_opt_addr_data(skb, options.tgt_lladdr, dev)
  if (options.tgt_lladdr !== 0 && lladdr === undefined) return SKB_DROP_REASON_NOT_SPECIFIED
  return { target, flags, lladdr }
}

function ndisc_recv_na(skb: sk_buff): number {
  const dev = skb.dev as net_device
  const { nd_net: net } = dev
  const na = read_na(skb, dev)
  if (typeof na === 'number') return na
  const ifp = ipv6_get_ifaddr(net, na.target, dev, true)
  if (ifp !== undefined) {
    if (skb.pkt_type !== PACKET_LOOPBACK && ifp.flags & IFA_F_TENTATIVE) addrconf_dad_failure(ifp, sender(skb))
    return SKB_DROP_REASON_NOT_SPECIFIED
  }
  const tbl = nd_tbl(net.kernel)
  let neigh: ReturnType<typeof neigh_create> | undefined = neigh_lookup(tbl, na.target, dev)
  let state = na.flags & NA_SOLICITED ? NUD_REACHABLE : NUD_STALE
  const forwarding = dev.ip6_ptr?.cnf.get(DEVCONF_FORWARDING)
  if (neigh === undefined && na.lladdr !== undefined && forwarding && accept_untracked_na(dev, ip6_saddr(skb))) {
    neigh = neigh_create(tbl, na.target, dev)
    state = NUD_STALE
  }
  if (neigh === undefined || isErrno(neigh)) return SKB_DROP_REASON_NOT_SPECIFIED
  const heeded = !(neigh.nud_state & NUD_FAILED) && !by_ourselves(net, dev, na)
  if (heeded) take_na(net, skb, neigh, na, state)
  neigh_release(neigh)
  return heeded ? SKB_CONSUMED : SKB_DROP_REASON_NOT_SPECIFIED
}
/** A proxy's advertisement of our own. */
function by_ourselves(net: net, dev: net_device, na: advertisement): boolean {
  const { lladdr } = na
  if (lladdr === undefined || !dev.ip6_ptr?.cnf.get(DEVCONF_FORWARDING) || !net.ipv6.devconf_all.get(DEVCONF_PROXY_NDP)) return false
  for (let i = 0; i < dev.addr_len; i++) if (lladdr[i] !== dev.dev_addr[i]) return false
  return pneigh_lookup(nd_tbl(net.kernel), net, na.target, dev) !== undefined
}
function take_na(net: net, skb: sk_buff, neigh: neighbour, na: advertisement, state: number): void {
  const was_router = (neigh.flags & NTF_ROUTER) !== 0
  const flags =
    NEIGH_UPDATE_F_WEAK_OVERRIDE |
    NEIGH_UPDATE_F_OVERRIDE_ISROUTER |
    (na.flags & NA_OVERRIDE ? NEIGH_UPDATE_F_OVERRIDE : 0) |
    (na.flags & NA_ROUTER ? NEIGH_UPDATE_F_ISROUTER : 0)
  ndisc_update(neigh, na.lladdr, state, flags)
  // it was a router and is one no more: routes by way of it go
  if (was_router && !(neigh.flags & NTF_ROUTER)) rt6_clean_tohost(net, ip6_saddr(skb))
}

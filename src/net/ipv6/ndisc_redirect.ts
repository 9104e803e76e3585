/** net/ipv6/ndisc.c ndisc_send_redirect, ndisc_redirect_rcv: a better first hop (RFC 4861 8). */
import { putBe32 } from '../../lib/bytes.ts'
import { isErrno } from '../../uapi/errno.ts'
import { ND_OPT_REDIRECT_HDR, ND_OPT_TARGET_LL_ADDR, NDISC_REDIRECT } from '../../uapi/linux/icmpv6.ts'
import { IFA_F_TENTATIVE } from '../../uapi/linux/if_addr.ts'
import { type in6_addr, IPV6_ADDR_LINKLOCAL, ipv6_addr_equal, ipv6_addr_is_multicast, ipv6_addr_type } from '../../uapi/linux/in6.ts'
import { DEVCONF_ACCEPT_REDIRECTS, DEVCONF_FORWARDING, IPV6_MIN_MTU } from '../../uapi/linux/ipv6.ts'
import { NUD_STALE } from '../../uapi/linux/neighbour.ts'
import {
  NEIGH_UPDATE_F_ISROUTER,
  NEIGH_UPDATE_F_OVERRIDE,
  NEIGH_UPDATE_F_OVERRIDE_ISROUTER,
  NEIGH_UPDATE_F_WEAK_OVERRIDE,
  NUD_VALID,
} from '../core/neighbour.ts'
import { __neigh_lookup_errno, neigh_lookup, neigh_release } from '../core/neighbour_table.ts'
import { SKB_DROP_REASON_IPV6_NDISC_BAD_OPTIONS, SKB_DROP_REASON_NOT_SPECIFIED } from '../core/dropreason.ts'
import type { net_device } from '../core/netdevice.ts'
import { type sk_buff, skb_put } from '../core/skbuff.ts'
import { HZ } from '../../kernel/time.ts'
import { inet_getpeer, inet_peer_xrlim_allow } from '../ipv4/inetpeer.ts'
import { l3mdev_master_ifindex } from '../core/l3mdev.ts'
import { ipv6_get_lladdr } from './addrconf_core.ts'
import { icmpv6_notify } from './icmp.ts'
import { flowi6, RT6_LOOKUP_F_HAS_SADDR } from './ip6_fib_lookup.ts'
import { rt6_set_redirect } from './ip6_route_exception.ts'
import { ip6_alloc_skb, ip6_daddr, ip6_saddr, IPV6_HLEN } from './ipv6_hdr.ts'
import { nd_tbl } from './ndisc.ts'
import { ndisc_opt_addr_data, ndisc_parse_options } from './ndisc_options.ts'
import { ndisc_update } from './ndisc_rcv.ts'
import { ndisc_addr_option_pad, ndisc_opt_addr_space, ndisc_send_skb } from './ndisc_send.ts'
import { ip6_route_input_lookup, ip6_route_output } from './route.ts'

const RD_MSG_LEN = 40

/** Of a packet that leaves by the device on which it came: its sender could reach `target` itself. */
export function ndisc_send_redirect(skb: sk_buff, target: in6_addr): void {
  const dev = skb.dev as net_device
  const { nd_net: net } = dev
  const saddr = ipv6_get_lladdr(dev, IFA_F_TENTATIVE)
  const to = ip6_saddr(skb)
  const destination = ip6_daddr(skb)
  if (saddr === undefined) return
  if (!ipv6_addr_equal(destination, target) && !(ipv6_addr_type(target) & IPV6_ADDR_LINKLOCAL)) return
  const fl6 = new flowi6(to, saddr)
  fl6.flowi_oif = dev.ifindex
  const rt = ip6_route_output(net, fl6)
  // only a neighbour is told, whichever device it is reached by
  if (isErrno(rt) || rt.error !== undefined || rt.from.nh.fib_nh_gw_family !== 0) return
  if (!inet_peer_xrlim_allow(net, inet_getpeer(net, to, l3mdev_master_ifindex(dev)), HZ)) return
  const neigh = neigh_lookup(nd_tbl(net.kernel), target, dev)
  const ha = neigh !== undefined && neigh.nud_state & NUD_VALID ? neigh.ha.slice(0, dev.addr_len) : undefined
  if (neigh !== undefined) neigh_release(neigh)
  const space = ha === undefined ? 0 : ndisc_opt_addr_space(dev)
  // as much of the packet as fits
  const rd_len = Math.min(IPV6_MIN_MTU - IPV6_HLEN - RD_MSG_LEN - space, skb.tail - skb.network_header + 8) & ~7
  const out = ip6_alloc_skb(dev, RD_MSG_LEN + space + rd_len)
  const at = skb_put(out, RD_MSG_LEN)
  out.transport_header = at
  out.buf[at] = NDISC_REDIRECT
  out.buf.set(target, at + 8)
  out.buf.set(destination, at + 24)
  if (ha !== undefined) {
    const o = skb_put(out, space)
    out.buf[o] = ND_OPT_TARGET_LL_ADDR
    out.buf[o + 1] = space >> 3
    out.buf.set(ha, o + 2 + ndisc_addr_option_pad(dev.type))
  }
  const o = skb_put(out, rd_len)
  out.buf[o] = ND_OPT_REDIRECT_HDR
  out.buf[o + 1] = rd_len >> 3
  putBe32(out.buf, o + 4, 0)
  out.buf.set(skb.buf.subarray(skb.network_header, skb.network_header + rd_len - 8), o + 8)
  ndisc_send_skb(rt.dev, out, to, saddr)
}

/** The target and the destination of a redirect that may be believed. */
function read(skb: sk_buff, dev: net_device, at: number): { target: in6_addr; dest: in6_addr } | undefined {
  const idev = dev.ip6_ptr
  if (idev === undefined || skb.tail - at < RD_MSG_LEN) return undefined
  if (idev.cnf.get(DEVCONF_FORWARDING) || !idev.cnf.get(DEVCONF_ACCEPT_REDIRECTS)) return undefined
  const target = skb.buf.slice(at + 8, at + 24)
  const dest = skb.buf.slice(at + 24, at + 40)
  if (ipv6_addr_is_multicast(dest)) return undefined
  const fits = ipv6_addr_equal(dest, target) || (ipv6_addr_type(target) & IPV6_ADDR_LINKLOCAL) !== 0
  return fits ? { target, dest } : undefined
}
/** A redirect that shows a packet is believed only where a protocol knows it as one of ours. Why it falls, or that it was used up. */
export function ndisc_redirect_rcv(skb: sk_buff): number {
  const at = skb.transport_header
  if (!(ipv6_addr_type(ip6_saddr(skb)) & IPV6_ADDR_LINKLOCAL)) return SKB_DROP_REASON_NOT_SPECIFIED
  const options = ndisc_parse_options(skb, at + RD_MSG_LEN)
  if (options === undefined) return SKB_DROP_REASON_IPV6_NDISC_BAD_OPTIONS
  if (options.redirect_hdr === 0) {
    ip6_redirect(skb, at, (skb.dev as net_device).ifindex)
    return SKB_DROP_REASON_NOT_SPECIFIED
  }
  skb.transport_header = options.redirect_hdr
  return icmpv6_notify(skb, NDISC_REDIRECT, 0, at)
}
/**
 * ip6_redirect(), rt6_do_redirect(): the message is at `at`; it is about the way out of device `oif`, and a socket that is
 * bound to none has no such way.
 */
export function ip6_redirect(skb: sk_buff, at: number, oif: number): void {
  const dev = skb.dev as net_device
  const { nd_net: net } = dev
  const rd = read(skb, dev, at)
  const options = rd && ndisc_parse_options(skb, at + RD_MSG_LEN)
  if (rd === undefined || options === undefined) return
  const lladdr = options.tgt_lladdr === 0 ? undefined : ndisc_opt_addr_data(skb, options.tgt_lladdr, dev)
  if (options.tgt_lladdr !== 0 && lladdr === undefined) return
  // only from the router that packets to the destination really go to
  const fl6 = new flowi6(rd.dest, ip6_daddr(skb))
  fl6.flowi_iif = fl6.flowi_oif = dev.ifindex
  const rt = ip6_route_input_lookup(net, fl6, RT6_LOOKUP_F_HAS_SADDR)
  if (isErrno(rt) || rt.error !== undefined) return
  const { nh } = rt.from
  const gw = rt.exception?.gateway ?? nh.fib_nh_gw6
  if (nh.fib_nh_gw_family === 0 || nh.fib_nh_dev?.ifindex !== oif || !ipv6_addr_equal(gw, ip6_saddr(skb))) return
  const neigh = __neigh_lookup_errno(nd_tbl(net.kernel), rd.target, dev)
  if (isErrno(neigh)) return
  const on_link = ipv6_addr_equal(rd.dest, rd.target)
  const router = on_link ? 0 : NEIGH_UPDATE_F_OVERRIDE_ISROUTER | NEIGH_UPDATE_F_ISROUTER
  ndisc_update(neigh, lladdr, NUD_STALE, NEIGH_UPDATE_F_WEAK_OVERRIDE | NEIGH_UPDATE_F_OVERRIDE | router)
  rt6_set_redirect(net, rt.from, rd.dest, rd.target, on_link)
  neigh_release(neigh)
}

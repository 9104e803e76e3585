/**
 * net/ipv6/ip6_output.c: packets of ours, and those that are passed on, on their way out. `skb.dst` is an rt6_info, or a
 * device alone where no route is asked (icmp6_dst_alloc: neighbour discovery and reports of groups).
 */
import { putBe16, putBe32 } from '../../lib/bytes.ts'
import { EINVAL, EMSGSIZE, type Errno, isErrno } from '../../uapi/errno.ts'
import { IFF_LOOPBACK } from '../../uapi/linux/if.ts'
import { type in6_addr, IPV6_ADDR_SCOPE_NODELOCAL, ipv6_addr_is_multicast } from '../../uapi/linux/in6.ts'
import { DEVCONF_DISABLE_IPV6, DEVCONF_MC_FORWARDING, DEVCONF_MTU6, IPV6_MIN_MTU } from '../../uapi/linux/ipv6.ts'
import { RTAX_MTU } from '../../uapi/linux/rtnetlink.ts'
import {
  IPSTATS_MIB_FRAGCREATES,
  IPSTATS_MIB_FRAGFAILS,
  IPSTATS_MIB_FRAGOKS,
  IPSTATS_MIB_OUTDISCARDS,
  IPSTATS_MIB_OUTMCASTOCTETS,
  IPSTATS_MIB_OUTMCASTPKTS,
  IPSTATS_MIB_OUTNOROUTES,
  IPSTATS_MIB_OUTOCTETS,
  IPSTATS_MIB_OUTPKTS,
} from '../../uapi/linux/snmp.ts'
import { dev_loopback_xmit } from '../core/dev_xmit.ts'
import { lwtunnel_headroom, lwtunnel_ops_of, type lwtunnel_state } from '../core/lwtunnel.ts'
import { skb_gso_output, skb_is_udp_gso } from '../core/gso.ts'
import { l3mdev_l3_out } from '../core/l3mdev.ts'
import { neigh_output } from '../core/neighbour_output.ts'
import { __neigh_lookup_noref, neigh_create, neigh_release } from '../core/neighbour_table.ts'
import type { net } from '../core/net_namespace.ts'
import type { net_device } from '../core/netdevice.ts'
import { skb_copy_tx_timestamp } from '../core/skb_tstamp.ts'
import { consume_skb, kfree_skb, type sk_buff, skb_bytes, skb_clone, skb_put } from '../core/skbuff.ts'
import { fib6_metric_locked } from './ip6_fib_metrics.ts'
import { IP6_INC_STATS, IP6_UPD_PO_STATS } from './ip6_stats.ts'
import { ip6_alloc_skb, ip6_daddr, ip6_hop_limit, ip6_payload_len, ip6_push_hdr, ip6_saddr, IPV6_HLEN } from './ipv6_hdr.ts'
import { ipv6_chk_mcast_addr } from './mcast.ts'
import { ip6_find_1stfragopt } from './ipv6_txoptions.ts'
import { nd_tbl } from './ndisc.ts'
import { rt6_info } from './route.ts'

const NEXTHDR_FRAGMENT = 44
const FRAG_HLEN = 8

/** How a packet is sent, beside what it says itself. */
export interface ip6_out {
  /** We hear our own groups (IPV6_MULTICAST_LOOP); neighbour discovery does not. */
  mc_loop: boolean
  /** Larger than the path takes: split, or refused. */
  dontfrag: boolean
  /** IPV6_MTU of the socket; 0: the path's. */
  frag_size: number
  /** From IPV6_PMTUDISC_PROBE on a socket goes by what the device takes, whatever is known of the path. */
  dev_mtu: boolean
}
export const IP6_OUT: ip6_out = { mc_loop: true, dontfrag: false, frag_size: 0, dev_mtu: false }
export const IP6_OUT_ND: ip6_out = { mc_loop: false, dontfrag: true, frag_size: 0, dev_mtu: false }
/** What a device sends as a tunnel is not heard here: sk_mc_loop() within a device's own transmission. */
export const IP6_OUT_TUNNEL: ip6_out = { mc_loop: false, dontfrag: false, frag_size: 0, dev_mtu: false }

/** The address on the link to which a packet goes. */
export function rt6_nexthop(dst: unknown, daddr: in6_addr): in6_addr {
  if (!(dst instanceof rt6_info)) return daddr
  const { nh } = dst.from
  if (dst.exception !== undefined) return dst.exception.gateway
  return nh.fib_nh_gw_family !== 0 ? nh.fib_nh_gw6 : daddr
}
function dst_lwtstate(dst: unknown): lwtunnel_state | undefined {
  return dst instanceof rt6_info ? dst.from.nh.fib_nh_lws : undefined
}
/**
 * Bytes that one packet may have on its way (ip6_dst_mtu_maybe_forward). Of what is passed on (`forwarding`) the route's own
 * number counts only where it is locked.
 */
export function ip6_dst_mtu(dst: unknown, dev: net_device, forwarding = false): number {
  const counts = dst instanceof rt6_info && (!forwarding || fib6_metric_locked(dst.from.f6i, RTAX_MTU.nr))
  const route = counts ? dst.mtu : undefined
  const mtu = route ?? dev.ip6_ptr?.cnf.get(DEVCONF_MTU6) ?? Math.max(dev.mtu, IPV6_MIN_MTU)
  const state = dst_lwtstate(dst)
  return state === undefined ? mtu : mtu - lwtunnel_headroom(dev.nd_net.kernel, state, mtu)
}

/** Packets of ours have noted nothing. */
function is_forwarded({ cb }: sk_buff): boolean {
  return (cb as { forwarded?: boolean } | undefined)?.forwarded === true
}
/** To the neighbour that is next. */
function ip6_finish_output2(net: net, skb: sk_buff, dev: net_device, how: ip6_out): number | Errno {
  const idev = dev.ip6_ptr
  const daddr = ip6_daddr(skb)
  if (ipv6_addr_is_multicast(daddr)) {
    const routed = net.ipv6.devconf_all.get(DEVCONF_MC_FORWARDING) !== 0 && !is_forwarded(skb)
    const heard = how.mc_loop && !(dev.flags & IFF_LOOPBACK) && (routed || ipv6_chk_mcast_addr(dev, daddr, ip6_saddr(skb)))
    if (heard) {
      dev_loopback_xmit(skb_clone(skb))
      if (ip6_hop_limit(skb) === 0) {
        IP6_INC_STATS(net, idev, IPSTATS_MIB_OUTDISCARDS)
        kfree_skb(skb)
        return 0
      }
    }
    IP6_UPD_PO_STATS(net, idev, IPSTATS_MIB_OUTMCASTPKTS, IPSTATS_MIB_OUTMCASTOCTETS, skb.len)
    if ((daddr[1] & 0x0f) <= IPV6_ADDR_SCOPE_NODELOCAL && !(dev.flags & IFF_LOOPBACK)) {
      kfree_skb(skb)
      return 0
    }
  }
  IP6_UPD_PO_STATS(net, idev, IPSTATS_MIB_OUTPKTS, IPSTATS_MIB_OUTOCTETS, skb.len)
  const state = dst_lwtstate(skb.dst)
  const xmit = state && lwtunnel_ops_of(net.kernel, state)?.xmit
  if (state !== undefined && xmit !== undefined) return xmit(skb, state)
  const nexthop = rt6_nexthop(skb.dst, daddr)
  const neigh = __neigh_lookup_noref(nd_tbl(net.kernel), nexthop, dev)
  if (neigh !== undefined) return neigh_output(neigh, skb)
  const made = neigh_create(nd_tbl(net.kernel), nexthop, dev)
  if (isErrno(made)) {
    IP6_INC_STATS(net, idev, IPSTATS_MIB_OUTNOROUTES)
    kfree_skb(skb)
    return EINVAL
  }
  // the table's reference is enough, and the only one that listeners are told of
  neigh_release(made)
  return neigh_output(made, skb)
}

/** ip6_fragment(): behind the fixed header and those that all hops read goes a fragment header. */
function ip6_fragment(net: net, skb: sk_buff, dev: net_device, mtu: number, how: ip6_out): number | Errno {
  const bytes = skb_bytes(skb)
  const { at: hlen, nexthdr_at } = ip6_find_1stfragopt(bytes)
  const nexthdr = bytes[nexthdr_at]
  const headers = bytes.slice(0, hlen)
  headers[nexthdr_at] = NEXTHDR_FRAGMENT
  const ident = net.kernel.random.u32()
  const payload = bytes.subarray(hlen)
  const room = (mtu - hlen - FRAG_HLEN) & ~7
  if (room < 8) {
    IP6_INC_STATS(net, dev.ip6_ptr, IPSTATS_MIB_FRAGFAILS)
    kfree_skb(skb)
    return EINVAL
  }
  for (let offset = 0; offset < payload.length; offset += room) {
    const part = payload.subarray(offset, offset + room)
    const between = hlen - IPV6_HLEN
    const frag = ip6_alloc_skb(dev, between + FRAG_HLEN + part.length)
    const at = skb_put(frag, between + FRAG_HLEN + part.length) + between
    frag.buf.set(headers.subarray(IPV6_HLEN), at - between)
    frag.buf[at] = nexthdr
    putBe16(frag.buf, at + 2, offset | (offset + part.length < payload.length ? 1 : 0))
    putBe32(frag.buf, at + 4, ident)
    frag.buf.set(part, at + FRAG_HLEN)
    ip6_push_hdr(frag, { saddr: ip6_saddr(skb), daddr: ip6_daddr(skb), nexthdr: headers[6], hop_limit: ip6_hop_limit(skb) })
    // traffic class and flow label as they were
    frag.buf.set(bytes.subarray(0, 4), frag.data)
    frag.dst = skb.dst
    frag.priority = skb.priority
    frag.mark = skb.mark
    if (offset === 0) skb_copy_tx_timestamp(frag, skb)
    IP6_INC_STATS(net, dev.ip6_ptr, IPSTATS_MIB_FRAGCREATES)
    const error = ip6_finish_output2(net, frag, dev, how)
    if (isErrno(error)) {
      IP6_INC_STATS(net, dev.ip6_ptr, IPSTATS_MIB_FRAGFAILS)
      return error
    }
  }
  IP6_INC_STATS(net, dev.ip6_ptr, IPSTATS_MIB_FRAGOKS)
  consume_skb(skb)
  return 0
}

/** ip6_output(): through `dev`, split where the path takes less. */
export function ip6_output(net: net, skb: sk_buff, dev: net_device, how: ip6_out = IP6_OUT): number | Errno {
  skb.dev = dev
  if (dev.ip6_ptr?.cnf.get(DEVCONF_DISABLE_IPV6)) {
    IP6_INC_STATS(net, dev.ip6_ptr, IPSTATS_MIB_OUTDISCARDS)
    kfree_skb(skb)
    return 0
  }
  const mtu = how.dev_mtu ? dev.mtu : ip6_dst_mtu(skb.dst, dev)
  if (skb_is_udp_gso(skb)) {
    const whole = (all: sk_buff) => ip6_finish_output2(net, all, dev, how)
    return skb_gso_output(skb, dev, mtu, whole, (seg) => ip6_output(net, seg, dev, how))
  }
  if (skb.len <= mtu || how === IP6_OUT_ND) return ip6_finish_output2(net, skb, dev, how)
  if (how.dontfrag) {
    IP6_INC_STATS(net, dev.ip6_ptr, IPSTATS_MIB_FRAGFAILS)
    return EMSGSIZE
  }
  // what has to be split is split as its socket says
  return ip6_fragment(net, skb, dev, how.frag_size > 0 ? Math.min(how.frag_size, mtu) : mtu, how)
}
/** ip6_local_out() of a packet with its route. */
export function ip6_local_out(net: net, skb: sk_buff, how: ip6_out = IP6_OUT): number | Errno {
  if (ip6_payload_len(skb) === 0) putBe16(skb.buf, skb.network_header + 4, skb.len - IPV6_HLEN)
  const rt = skb.dst as rt6_info
  l3mdev_l3_out(rt.dev, skb)
  const state = dst_lwtstate(rt)
  const output = state && lwtunnel_ops_of(net.kernel, state)?.output
  if (state !== undefined && output !== undefined) return output(skb, state)
  return ip6_output(net, skb, rt.dev, how)
}

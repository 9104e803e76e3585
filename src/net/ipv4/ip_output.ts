/** net/ipv4/ip_output.c: packets of ours, and those that are passed on, on their way out. `skb.dst` is an rtable. */
import { putBe16 } from '../../lib/bytes.ts'
import { EINVAL, EMSGSIZE, type Errno, isErrno } from '../../uapi/errno.ts'
import { IFF_LOOPBACK } from '../../uapi/linux/if.ts'
import { IP_MTU_DISCOVER, IP_PMTUDISC_PROBE } from '../../uapi/linux/in.ts'
import { IPV4_DEVCONF_MC_FORWARDING } from '../../uapi/linux/ip.ts'
import { RTAX_HOPLIMIT, RTAX_LOCK, RTAX_MTU, RTN_BROADCAST, RTN_MULTICAST } from '../../uapi/linux/rtnetlink.ts'
import {
  IPSTATS_MIB_FRAGCREATES,
  IPSTATS_MIB_FRAGFAILS,
  IPSTATS_MIB_FRAGOKS,
  IPSTATS_MIB_OUTBCASTOCTETS,
  IPSTATS_MIB_OUTBCASTPKTS,
  IPSTATS_MIB_OUTMCASTOCTETS,
  IPSTATS_MIB_OUTMCASTPKTS,
  IPSTATS_MIB_OUTOCTETS,
  IPSTATS_MIB_OUTPKTS,
  IPSTATS_MIB_OUTREQUESTS,
} from '../../uapi/linux/snmp.ts'
import { AF_INET6 } from '../../uapi/linux/socket.ts'
import { dev_loopback_xmit } from '../core/dev_xmit.ts'
import { skb_gso_output, skb_is_udp_gso } from '../core/gso.ts'
import { l3mdev_l3_out } from '../core/l3mdev.ts'
import { lwtunnel_headroom, lwtunnel_ops_of } from '../core/lwtunnel.ts'
import { type neighbour, neigh_find_table } from '../core/neighbour.ts'
import { neigh_output } from '../core/neighbour_output.ts'
import { __neigh_lookup_noref, neigh_create, neigh_release } from '../core/neighbour_table.ts'
import type { net } from '../core/net_namespace.ts'
import { skb_copy_tx_timestamp } from '../core/skb_tstamp.ts'
import { consume_skb, kfree_skb, type sk_buff, skb_clone, skb_cow, skb_put } from '../core/skbuff.ts'
import { __ipv4_neigh_lookup_noref, arp_key, arp_tbl } from './arp.ts'
import { ip_check_mc } from './igmp.ts'
import {
  IP_DF,
  IP_HLEN,
  IP_MF,
  IP_OFFSET,
  ip_alloc_skb,
  ip_daddr,
  ip_frag_off,
  ip_hdrlen,
  ip_protocol,
  ip_push_hdr,
  ip_saddr,
  ip_send_check,
  ip_tos,
  ip_ttl,
  put_addr4,
  ip_hdr_options,
} from './ip_hdr.ts'
import { in_dev_andconf } from './in_device.ts'
import type { inet_sock } from './inet_sock.ts'
import { IP_INC_STATS, IP_UPD_PO_STATS } from './ip_stats.ts'
import { icmp_send } from './icmp_send.ts'
import { ip_options_fragment } from './ip_options_build.ts'
import type { rtable } from './route.ts'

const ICMP_DEST_UNREACH = 3
const ICMP_FRAG_NEEDED = 4

const IP_MAX_MTU = 0xffff
/** The route's MTU is fixed: by its metrics, or since the path's is too small to be believed. */
export function ip_mtu_locked(rt: rtable): boolean {
  const locks = rt.res?.fi?.fib_metrics?.metrics[RTAX_LOCK.nr] ?? 0
  return rt.fnhe?.fnhe_mtu_locked === true || (locks & (1 << RTAX_MTU.nr)) !== 0
}
/**
 * Bytes that one packet may have on its way (ip_dst_mtu_maybe_forward). Of packets that are passed on (`forwarding`) what the
 * path is known to take does not count, unless ip_forward_use_pmtu says so.
 */
export function ip_dst_mtu(net: net, rt: rtable, forwarding = false): number {
  const mtu = route_mtu(net, rt, forwarding)
  return rt.encap === undefined ? mtu : mtu - lwtunnel_headroom(net.kernel, rt.encap, mtu)
}
function route_mtu(net: net, rt: rtable, forwarding: boolean): number {
  const { fnhe } = rt
  const locked = ip_mtu_locked(rt)
  if (fnhe !== undefined && fnhe.fnhe_pmtu !== 0 && net.kernel.jiffies() < fnhe.fnhe_expires) {
    if (!forwarding || locked || net.ipv4.kept_sysctls.ip_forward_use_pmtu !== 0) return fnhe.fnhe_pmtu
  }
  const metric = rt.res?.fi?.fib_metrics?.metrics[RTAX_MTU.nr]
  if (metric) return Math.min(metric, IP_MAX_MTU)
  const behind_gateway = rt.rt_gw4 !== 0 || rt.rt_gw6 !== undefined
  if (locked && behind_gateway && rt.dev.mtu > 576) return 576
  return Math.min(rt.dev.mtu, IP_MAX_MTU)
}
/** ip_sk_use_pmtu(): from IP_PMTUDISC_PROBE on a socket goes by what the device takes, whatever is known of the path. */
export function ip_sk_mtu(net: net, rt: rtable, discover: number | undefined): number {
  return discover === undefined || discover < IP_PMTUDISC_PROBE ? ip_dst_mtu(net, rt) : Math.min(rt.dev.mtu, IP_MAX_MTU)
}
/** ip_skb_dst_mtu() */
function ip_skb_dst_mtu(net: net, skb: sk_buff, rt: rtable): number {
  const sk = rt.rt_is_input ? undefined : (skb.sk as Partial<inet_sock> | undefined)
  return sk?.options === undefined ? ip_dst_mtu(net, rt, rt.rt_is_input) : ip_sk_mtu(net, rt, sk.options.get(IP_MTU_DISCOVER))
}
/** ip4_dst_hoplimit() */
export function ip4_dst_hoplimit(net: net, rt: rtable): number {
  return rt.res?.fi?.fib_metrics?.metrics[RTAX_HOPLIMIT.nr] || net.ipv4.sysctl_ip_default_ttl
}
/** A packet's number, so that its pieces are known: chance, then one more each time. */
export function ip_select_ident(net: net): number {
  const { ipv4 } = net
  ipv4.ip_ident = ipv4.ip_ident < 0 ? net.kernel.random.below(0x10000) : (ipv4.ip_ident + 1) & 0xffff
  return ipv4.ip_ident
}

/** ip_neigh_for_gw(): the entry of the next hop, where there is one. */
function ip_neigh_for_gw(net: net, rt: rtable, daddr: number): neighbour | undefined {
  if (rt.rt_gw6 === undefined) return __ipv4_neigh_lookup_noref(arp_tbl(net.kernel), rt.dev, rt.rt_gw4 || daddr)
  const tbl = neigh_find_table(net.kernel, AF_INET6)
  return tbl && __neigh_lookup_noref(tbl, rt.rt_gw6, rt.dev)
}
/** One with a reference of ours. */
function new_neigh(net: net, rt: rtable, daddr: number): neighbour | Errno {
  if (rt.rt_gw6 === undefined) return neigh_create(arp_tbl(net.kernel), put_addr4(arp_key(rt.dev, rt.rt_gw4 || daddr)), rt.dev)
  const tbl = neigh_find_table(net.kernel, AF_INET6)
  return tbl === undefined ? EINVAL : neigh_create(tbl, rt.rt_gw6, rt.dev)
}
/** The program says that the neighbour on the way has just answered (dst_confirm_neigh). */
export function ip_confirm_neigh(net: net, rt: rtable): void {
  const found = __ipv4_neigh_lookup_noref(arp_tbl(net.kernel), rt.dev, rt.rt_gw4 || rt.daddr)
  if (found !== undefined) found.confirmed = net.kernel.jiffies()
}

function ip_finish_output2(net: net, skb: sk_buff, rt: rtable): number | Errno {
  IP_UPD_PO_STATS(net, IPSTATS_MIB_OUTPKTS, IPSTATS_MIB_OUTOCTETS, skb.len)
  if (rt.rt_type === RTN_MULTICAST) IP_UPD_PO_STATS(net, IPSTATS_MIB_OUTMCASTPKTS, IPSTATS_MIB_OUTMCASTOCTETS, skb.len)
  else if (rt.rt_type === RTN_BROADCAST) IP_UPD_PO_STATS(net, IPSTATS_MIB_OUTBCASTPKTS, IPSTATS_MIB_OUTBCASTOCTETS, skb.len)
  skb_cow(skb, rt.dev.hard_header_len)
  const xmit = rt.encap && lwtunnel_ops_of(net.kernel, rt.encap)?.xmit
  if (rt.encap !== undefined && xmit !== undefined) return xmit(skb, rt.encap)
  const found = ip_neigh_for_gw(net, rt, ip_daddr(skb))
  return found === undefined ? output_to_new(net, skb, rt) : neigh_output(found, skb)
}
function output_to_new(net: net, skb: sk_buff, rt: rtable): number | Errno {
  const made = new_neigh(net, rt, ip_daddr(skb))
  if (isErrno(made)) {
    kfree_skb(skb)
    return made
  }
  // the table's reference is enough, and the only one that listeners are told of
  neigh_release(made)
  return neigh_output(made, skb)
}

/** ip_do_fragment(): each piece has the header; of its options some are the first one's alone. */
function ip_do_fragment(net: net, skb: sk_buff, rt: rtable, mtu: number): number | Errno {
  const hlen = ip_hdrlen(skb)
  const start = skb.network_header + hlen
  const payload = skb.buf.subarray(start, skb.tail)
  const room = (mtu - hlen) & ~7
  const first = ip_frag_off(skb) & IP_OFFSET
  const last_more = ip_frag_off(skb) & IP_MF
  const options = hlen > IP_HLEN ? ip_hdr_options(skb).slice() : undefined
  for (let offset = 0; offset < payload.length; offset += room) {
    const part = payload.subarray(offset, offset + room)
    const frag = ip_alloc_skb(part.length)
    frag.buf.set(part, skb_put(frag, part.length))
    const more = offset + part.length < payload.length ? IP_MF : last_more
    ip_push_hdr(frag, {
      saddr: ip_saddr(skb),
      daddr: ip_daddr(skb),
      protocol: ip_protocol(skb),
      ttl: ip_ttl(skb),
      tos: ip_tos(skb),
      id: (skb.buf[skb.network_header + 4] << 8) | skb.buf[skb.network_header + 5],
      frag_off: (first + (offset >> 3)) | more,
      options: options === undefined || offset === 0 ? options : ip_options_fragment(options),
    })
    frag.dev = rt.dev
    frag.dst = rt
    frag.priority = skb.priority
    frag.mark = skb.mark
    if (offset === 0) skb_copy_tx_timestamp(frag, skb)
    IP_INC_STATS(net, IPSTATS_MIB_FRAGCREATES)
    const error = ip_finish_output2(net, frag, rt)
    if (isErrno(error)) {
      IP_INC_STATS(net, IPSTATS_MIB_FRAGFAILS)
      return error
    }
  }
  IP_INC_STATS(net, IPSTATS_MIB_FRAGOKS)
  consume_skb(skb)
  return 0
}
function ip_finish_output(net: net, skb: sk_buff, rt: rtable): number | Errno {
  const mtu = ip_skb_dst_mtu(net, skb, rt)
  if (skb_is_udp_gso(skb)) {
    const whole = (all: sk_buff) => ip_finish_output2(net, all, rt)
    return skb_gso_output(skb, rt.dev, mtu, whole, (seg) => ip_finish_output(net, seg, rt))
  }
  if (skb.len <= mtu) return ip_finish_output2(net, skb, rt)
  if (ip_frag_off(skb) & IP_DF && !skb.ignore_df) {
    IP_INC_STATS(net, IPSTATS_MIB_FRAGFAILS)
    icmp_send(skb, ICMP_DEST_UNREACH, ICMP_FRAG_NEEDED, mtu)
    kfree_skb(skb)
    return EMSGSIZE
  }
  return ip_do_fragment(net, skb, rt, mtu)
}

/** Where the group is joined, or where it is to be routed to other devices. */
function is_heard(skb: sk_buff, { dev, mr_forwarded }: rtable): boolean {
  const { ip_ptr: in_dev } = dev
  const daddr = ip_daddr(skb)
  if (in_dev === undefined) return false
  const routed = !mr_forwarded && daddr >>> 8 !== 0xe00000 && in_dev_andconf(in_dev, IPV4_DEVCONF_MC_FORWARDING)
  return routed || ip_check_mc(in_dev, daddr, ip_saddr(skb), ip_protocol(skb))
}
/** dst_output(): what is for a group or for all is heard here too, where somebody listens. */
export function ip_output(net: net, skb: sk_buff, mc_loop = true): number | Errno {
  const rt = skb.dst as rtable
  const { dev } = rt
  skb.dev = dev
  const group = rt.rt_type === RTN_MULTICAST
  const heard = group ? mc_loop && is_heard(skb, rt) : rt.rt_type === RTN_BROADCAST && !rt.bc_forwarded
  if (heard && !(dev.flags & IFF_LOOPBACK)) {
    const copy = skb_clone(skb)
    dev_loopback_xmit(copy)
  }
  if (group && ip_ttl(skb) === 0) {
    kfree_skb(skb)
    return 0
  }
  return ip_finish_output(net, skb, rt)
}
export function ip_local_out(net: net, skb: sk_buff, mc_loop = true): number | Errno {
  IP_INC_STATS(net, IPSTATS_MIB_OUTREQUESTS)
  return ip_hdrinc_out(net, skb, mc_loop)
}
/** raw_send_hdrinc(): length and checksum, then out; that a program wrote the header itself is no request of IP's. */
export function ip_hdrinc_out(net: net, skb: sk_buff, mc_loop = true): number | Errno {
  putBe16(skb.buf, skb.network_header + 2, skb.len)
  ip_send_check(skb)
  const rt = skb.dst as rtable
  if (rt.rt_type !== RTN_MULTICAST && rt.rt_type !== RTN_BROADCAST) l3mdev_l3_out(rt.dev, skb)
  const output = rt.encap && lwtunnel_ops_of(net.kernel, rt.encap)?.output
  return rt.encap !== undefined && output !== undefined ? output(skb, rt.encap) : ip_output(net, skb, mc_loop)
}

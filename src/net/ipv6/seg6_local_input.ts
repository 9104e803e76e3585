/**
 * net/ipv6/seg6_local.c seg6_local_input: what a segment's own node does with a packet (RFC 8986): goes on to the next
 * segment, or takes the packet inside out.
 *
 *   action          | needs          | then routed by
 *   End             | a next segment | the usual rules
 *   End.X           | a next segment | a neighbour
 *   End.T           | a next segment | a table
 *   End.B6          | the header     | the usual rules, by a further header's segments
 *   End.B6.Encaps   | a next segment | likewise, within a header of its own
 *   End.DX2         | the last one   | not at all: the frame inside leaves by a device
 *   End.DX6, End.DX4| the last one   | a neighbour, or where it is ::, 0.0.0.0, the packet inside
 *   End.DT6         | the last one   | a table, for this host too; or as if a VRF had received it
 *   End.DT4, DT46   | the last one   | as if a VRF had received it
 *
 * Flavors of End: PSP takes the header out with the last but one segment, and takes no packet without it or at its end; NEXT-C-SID
 * (of End.X, too) goes on to the next segment within the address, before any header is looked at. What does not fit is dropped,
 * and so is what all but End.DT would deliver here.
 */
import { get32, getBe16, getBe32, getBig64, putBig64 } from '../../lib/bytes.ts'
import { isErrno } from '../../uapi/errno.ts'
import { IFF_LOOPBACK, IFF_UP } from '../../uapi/linux/if.ts'
import { ARPHRD_ETHER } from '../../uapi/linux/if_arp.ts'
import { ETH_HLEN, ETH_P_802_3_MIN } from '../../uapi/linux/if_ether.ts'
import { IPPROTO_ETHERNET, IPPROTO_IPIP } from '../../uapi/linux/in.ts'
import { in6addr_any, IPPROTO_IPV6, ipv6_addr_any } from '../../uapi/linux/in6.ts'
import * as L from '../../uapi/linux/lwtunnel.ts'
import { RTN_LOCAL } from '../../uapi/linux/rtnetlink.ts'
import { AF_INET, AF_INET6 } from '../../uapi/linux/socket.ts'
import { dev_queue_xmit } from '../core/dev_xmit.ts'
import { l3mdev_fib_table, netif_is_l3_master } from '../core/l3mdev.ts'
import { netif_carrier_ok } from '../core/link_watch.ts'
import type { lwtunnel_state } from '../core/lwtunnel.ts'
import type { net_device } from '../core/netdevice.ts'
import { kfree_skb, type sk_buff, skb_reset_mac_header } from '../core/skbuff.ts'
import { flowi4 } from '../ipv4/fib_lookup.ts'
import { ip_protocol, ip_saddr, ip_tos } from '../ipv4/ip_hdr.ts'
import { ip_rcv_dst } from '../ipv4/ip_input.ts'
import { ip_route_input } from '../ipv4/route_input.ts'
import { fib6_get_table } from './ip6_fib.ts'
import { flowi6, RT6_LOOKUP_F_HAS_SADDR } from './ip6_fib_lookup.ts'
import { ip6_rt_cache_alloc } from './ip6_route_exception.ts'
import { ip6_route_input } from './ip6_route_input.ts'
import { ip6_daddr, ip6_flowlabel, ip6_nexthdr, ip6_saddr, ip6_tclass, new_inet6_skb_parm } from './ipv6_hdr.ts'
import { ip6_pol_route, ip6_route_input_lookup, rt6_info } from './route.ts'
import { seg6_attributes, seg6_do_srh_encap, seg6_do_srh_inline } from './seg6_iptunnel_srh.ts'
import { seg6_advance, seg6_decap, seg6_next_csid, seg6_payload_proto, seg6_pop_srh, seg6_segments_left } from './seg6_srh.ts'

/** What an action is told, by its attributes. */
interface seg6_local_lwt {
  readonly attrs: Map<number, Uint8Array>
  readonly u32: (nr: number) => number
  /** undefined: not given, or :: */
  readonly nh6: Uint8Array | undefined
}

function drop(skb: sk_buff): number {
  kfree_skb(skb)
  return 1
}
/** seg6_lookup_any_nexthop(), then on. */
function on(skb: sk_buff, nh: Uint8Array | undefined, table: number, local: boolean): number {
  const dev = skb.dev as net_device
  const { nd_net: net } = dev
  const fl6 = new flowi6(nh ?? ip6_daddr(skb), ip6_saddr(skb))
  fl6.flowi_iif = dev.ifindex
  fl6.flowlabel = (ip6_tclass(skb) << 20) | ip6_flowlabel(skb)
  fl6.flowi_mark = skb.mark
  fl6.flowi6_proto = ip6_nexthdr(skb)
  const tb = table === 0 ? undefined : fib6_get_table(net, table)
  if (table !== 0 && tb === undefined) return drop(skb)
  const rt =
    tb === undefined ? ip6_route_input_lookup(net, fl6, RT6_LOOKUP_F_HAS_SADDR) : ip6_pol_route(net, tb, 0, fl6, RT6_LOOKUP_F_HAS_SADDR)
  if (!(rt instanceof rt6_info) || rt.error !== undefined || (!local && rt.dev.flags & IFF_LOOPBACK)) return drop(skb)
  // FLOWI_FLAG_KNOWN_NH: to the neighbour, not to where the packet is bound for
  if (nh !== undefined && rt.from.nh.fib_nh_gw_family === 0) rt.exception = ip6_rt_cache_alloc(net, rt.from, nh, in6addr_any)
  skb.dst = rt
  skb.cb = new_inet6_skb_parm(dev.ifindex) as never
  return ip6_route_input(skb)
}
function on4(skb: sk_buff, nh: number): number {
  const dev = skb.dev as net_device
  const fl = new flowi4(nh || getBe32(skb.buf, skb.data + 16))
  fl.saddr = ip_saddr(skb)
  fl.iif = dev.ifindex
  fl.tos = ip_tos(skb) & 0xfc
  fl.proto = ip_protocol(skb)
  const rt = ip_route_input(dev.nd_net, fl, dev, skb)
  if (isErrno(rt)) return drop(skb)
  return ip_rcv_dst(dev.nd_net, skb, rt, rt.rt_type === RTN_LOCAL)
}
/** input_action_end_dx2(): the frame inside leaves as it is, without fragments. */
function out_by(skb: sk_buff, oif: number): number {
  const dev = (skb.dev as net_device).nd_net.dev_index_head.get(oif)
  skb_reset_mac_header(skb)
  const protocol = getBe16(skb.buf, skb.data + 12)
  if (protocol < ETH_P_802_3_MIN || dev?.type !== ARPHRD_ETHER) return drop(skb)
  if (!(dev.flags & IFF_UP) || !netif_carrier_ok(dev) || skb.len - ETH_HLEN > dev.mtu) return drop(skb)
  skb.dst = undefined
  skb.dev = dev
  skb.protocol = protocol
  return dev_queue_xmit(skb)
}
/** end_dt_vrf_core(): the packet inside comes in at the VRF of the table. */
function in_vrf(skb: sk_buff, table: number, family: number): sk_buff | undefined {
  const { nd_net: net } = skb.dev as net_device
  const vrf = net.dev_base_head.find((dev) => netif_is_l3_master(dev) && l3mdev_fib_table(dev) === table)
  const rcv = vrf?.l3mdev_ops?.l3mdev_l3_rcv
  if (vrf === undefined || rcv === undefined) return undefined
  skb.dst = undefined
  skb.mac_header = -1
  const passed = rcv(vrf, skb, family)
  return passed?.dev === vrf ? passed : undefined
}
function end_dt4(skb: sk_buff, slwt: seg6_local_lwt): number {
  if (!seg6_decap(skb, IPPROTO_IPIP) || in_vrf(skb, slwt.u32(L.SEG6_LOCAL_VRFTABLE.nr), AF_INET) === undefined) return drop(skb)
  return on4(skb, 0)
}
function end_dt6(skb: sk_buff, slwt: seg6_local_lwt): number {
  if (!seg6_decap(skb, IPPROTO_IPV6)) return drop(skb)
  const table = slwt.u32(L.SEG6_LOCAL_VRFTABLE.nr)
  if (table === 0) return on(skb, undefined, slwt.u32(L.SEG6_LOCAL_TABLE.nr), true)
  return in_vrf(skb, table, AF_INET6) === undefined ? drop(skb) : on(skb, undefined, 0, true)
}
/** input_action_end(), input_action_end_x(), by their flavors; false: the packet falls. */
function end(skb: sk_buff, slwt: seg6_local_lwt): boolean {
  const flavors = slwt.attrs.get(L.SEG6_LOCAL_FLAVORS.nr)
  if (flavors === undefined) return seg6_advance(skb)
  const at = seg6_attributes(flavors)
  const ops = get32(at.get(L.SEG6_LOCAL_FLV_OPERATION.nr) as Uint8Array, 0)
  if (ops & (1 << L.SEG6_LOCAL_FLV_OP_NEXT_CSID)) {
    const [block, fn] = [L.SEG6_LOCAL_FLV_LCBLOCK_BITS, L.SEG6_LOCAL_FLV_LCNODE_FN_BITS].map(({ nr }) => (at.get(nr)?.[0] ?? 0) >> 3)
    return seg6_next_csid(skb, block, fn) || seg6_advance(skb)
  }
  if (!(ops & (1 << L.SEG6_LOCAL_FLV_OP_PSP))) return seg6_advance(skb)
  const last = seg6_segments_left(skb) === 1
  return seg6_advance(skb) && (!last || seg6_pop_srh(skb))
}
function act(skb: sk_buff, slwt: seg6_local_lwt): number {
  const { attrs, u32, nh6 } = slwt
  const action = u32(L.SEG6_LOCAL_ACTION.nr)
  const srh = attrs.get(L.SEG6_LOCAL_SRH.nr) as Uint8Array
  switch (action) {
    case L.SEG6_LOCAL_ACTION_END:
      return end(skb, slwt) ? on(skb, undefined, 0, false) : drop(skb)
    case L.SEG6_LOCAL_ACTION_END_X:
      return end(skb, slwt) ? on(skb, attrs.get(L.SEG6_LOCAL_NH6.nr), 0, false) : drop(skb)
    case L.SEG6_LOCAL_ACTION_END_T:
      return seg6_advance(skb) ? on(skb, undefined, u32(L.SEG6_LOCAL_TABLE.nr), false) : drop(skb)
    case L.SEG6_LOCAL_ACTION_END_DX2:
      return seg6_decap(skb, IPPROTO_ETHERNET) ? out_by(skb, u32(L.SEG6_LOCAL_OIF.nr)) : drop(skb)
    case L.SEG6_LOCAL_ACTION_END_DX6:
      return seg6_decap(skb, IPPROTO_IPV6) ? on(skb, nh6, 0, false) : drop(skb)
    case L.SEG6_LOCAL_ACTION_END_DX4:
      if (!seg6_decap(skb, IPPROTO_IPIP)) return drop(skb)
      skb.cb = undefined
      return on4(skb, getBe32(attrs.get(L.SEG6_LOCAL_NH4.nr) as Uint8Array, 0))
    case L.SEG6_LOCAL_ACTION_END_DT6:
      return end_dt6(skb, slwt)
    case L.SEG6_LOCAL_ACTION_END_DT4:
      return end_dt4(skb, slwt)
    case L.SEG6_LOCAL_ACTION_END_DT46: {
      const proto = seg6_payload_proto(skb)
      if (proto === IPPROTO_IPIP) return end_dt4(skb, slwt)
      return proto === IPPROTO_IPV6 ? end_dt6(skb, slwt) : drop(skb)
    }
    case L.SEG6_LOCAL_ACTION_END_B6:
      if ((seg6_segments_left(skb) ?? 0) === 0) return drop(skb)
      seg6_do_srh_inline(skb, srh)
      return on(skb, undefined, 0, false)
    case L.SEG6_LOCAL_ACTION_END_B6_ENCAP:
      if (!seg6_advance(skb)) return drop(skb)
      seg6_do_srh_encap(skb, (skb.dst as rt6_info).dev, srh, IPPROTO_IPV6)
      return on(skb, undefined, 0, false)
    default:
      skb.dev?.nd_net.kernel.unsupported.count('seg6local', `action ${action}`)
      return drop(skb)
  }
}
/** seg6_local_update_counters(): in the attributes themselves, as they are shown. */
function count(counters: Uint8Array, length: number, failed: boolean): void {
  const of = seg6_attributes(counters)
  const add = ({ nr }: { nr: number }, n: number): void => {
    const value = of.get(nr) as Uint8Array
    putBig64(value, 0, getBig64(value, 0) + BigInt(n))
  }
  if (failed) return add(L.SEG6_LOCAL_CNT_ERRORS, 1)
  add(L.SEG6_LOCAL_CNT_PACKETS, 1)
  add(L.SEG6_LOCAL_CNT_BYTES, length)
}
/** seg6_local_input() */
export function seg6_local_input(skb: sk_buff, state: lwtunnel_state): number {
  const attrs = seg6_attributes(state.encap)
  const given = attrs.get(L.SEG6_LOCAL_NH6.nr)
  const { len } = skb
  const error = act(skb, {
    attrs,
    u32: (nr) => (attrs.has(nr) ? get32(attrs.get(nr) as Uint8Array, 0) : 0),
    nh6: given === undefined || ipv6_addr_any(given) ? undefined : given,
  })
  const counters = attrs.get(L.SEG6_LOCAL_COUNTERS.nr)
  if (counters !== undefined) count(counters, len, error !== 0)
  return error
}

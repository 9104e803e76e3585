/**
 * net/ipv6/seg6_iptunnel.c, seg6_local.c: segment routing (RFC 8754, 8986). A route puts a header with the segments before a
 * packet of IPv6 (inline) or a whole IPv6 header around any packet (encap); a segment's own node goes on to the next one, or
 * takes the packet out again:
 *
 *   action          | needs          | then routed by
 *   End             | a next segment | the usual rules
 *   End.X           | a next segment | a neighbour
 *   End.T           | a next segment | a table
 *   End.DX6, End.DX4| the last one   | a neighbour, or where it is ::, 0.0.0.0, the packet inside
 *   End.DT6         | the last one   | a table; for this host too
 *
 * What does not fit is dropped, and so is what all but End.DT6 would deliver here.
 */
import { eachAttr, NLA_HDRLEN } from '../../lib/attrs.ts'
import { get16, get32, getBe32, putBe16, putBe32 } from '../../lib/bytes.ts'
import { EINVAL, type Errno, isErrno } from '../../uapi/errno.ts'
import { IFF_LOOPBACK } from '../../uapi/linux/if.ts'
import { ETH_P_IP, ETH_P_IPV6 } from '../../uapi/linux/if_ether.ts'
import { IPPROTO_IPIP } from '../../uapi/linux/in.ts'
import { IPPROTO_IPV6, ipv6_addr_any } from '../../uapi/linux/in6.ts'
import { DEVCONF_HOPLIMIT } from '../../uapi/linux/ipv6.ts'
import * as L from '../../uapi/linux/lwtunnel.ts'
import { RTN_LOCAL } from '../../uapi/linux/rtnetlink.ts'
import type { lwtunnel_state } from '../core/lwtunnel.ts'
import type { net } from '../core/net_namespace.ts'
import type { net_device } from '../core/netdevice.ts'
import { kfree_skb, type sk_buff, skb_cow, skb_push } from '../core/skbuff.ts'
import { flowi4 } from '../ipv4/fib_lookup.ts'
import { ip_protocol, ip_saddr, ip_tos } from '../ipv4/ip_hdr.ts'
import { ip_rcv_dst } from '../ipv4/ip_input.ts'
import { ip_route_input } from '../ipv4/route_input.ts'
import { iptunnel_handle_offloads } from '../ipv4/ip_tunnel_xmit.ts'
import { ipv6_dev_get_saddr } from './addrconf_saddr.ts'
import { NEXTHDR_DEST, NEXTHDR_HOP, NEXTHDR_ROUTING } from './exthdrs.ts'
import { fib6_get_table } from './ip6_fib.ts'
import { flowi6, RT6_LOOKUP_F_HAS_SADDR } from './ip6_fib_lookup.ts'
import { ip6_local_out } from './ip6_output.ts'
import { ip6_route_input } from './ip6_route_input.ts'
import { ip6_daddr, ip6_flowlabel, ip6_nexthdr, ip6_saddr, ip6_tclass, IPV6_HLEN, new_inet6_skb_parm } from './ipv6_hdr.ts'
import { ip6_pol_route, ip6_route_input_lookup, ip6_route_output, rt6_info } from './route.ts'

const MODE_INLINE = 0
const MODE_ENCAP = 1
const SEGMENT = 16

function attributes(state: lwtunnel_state): Map<number, Uint8Array> {
  const { encap } = state
  const of = new Map<number, Uint8Array>()
  eachAttr(encap, 0, encap.length, (nr, o) => of.set(nr, encap.subarray(o + NLA_HDRLEN, o + get16(encap, o))))
  return of
}
/** struct seg6_iptunnel_encap: the mode, then the header. */
function tuninfo(state: lwtunnel_state): { mode: number; srh: Uint8Array } {
  const info = attributes(state).get(L.SEG6_IPTUNNEL_SRH.nr) ?? new Uint8Array(12)
  return { mode: get32(info, 0), srh: info.subarray(4) }
}
/** seg6_lwt_headroom() */
export function seg6_headroom(state: lwtunnel_state): number {
  const { mode, srh } = tuninfo(state)
  return mode === MODE_INLINE ? srh.length : mode === MODE_ENCAP ? srh.length + IPV6_HLEN : 0
}
function outer_source(net: net, dev: net_device, daddr: Uint8Array): Uint8Array {
  if (!ipv6_addr_any(net.ipv6.seg6_tun_src)) return net.ipv6.seg6_tun_src
  const saddr = ipv6_dev_get_saddr(net, dev, daddr, 0)
  return isErrno(saddr) ? new Uint8Array(SEGMENT) : saddr
}
/** seg6_do_srh_encap(): class, label and hop limit are the inner header's where that is one of IPv6. */
function do_encap(skb: sk_buff, net: net, dev: net_device, srh: Uint8Array): void {
  const v6 = skb.protocol === ETH_P_IPV6
  const first = v6 ? ((6 << 28) | (ip6_tclass(skb) << 20) | ip6_flowlabel(skb)) >>> 0 : 6 * 0x10000000
  const hop_limit = v6 ? skb.buf[skb.network_header + 7] : (dev.ip6_ptr?.cnf ?? net.ipv6.devconf_all).get(DEVCONF_HOPLIMIT)
  iptunnel_handle_offloads(skb)
  skb_cow(skb, 128 + IPV6_HLEN + srh.length)
  const length = skb.len + srh.length
  const at = skb_push(skb, IPV6_HLEN + srh.length)
  const { buf } = skb
  const segments = at + IPV6_HLEN + 8
  buf.set(srh, at + IPV6_HLEN)
  buf[at + IPV6_HLEN] = v6 ? IPPROTO_IPV6 : IPPROTO_IPIP
  const daddr = buf.slice(segments + SEGMENT * srh[4], segments + SEGMENT * (srh[4] + 1))
  putBe32(buf, at, first)
  putBe16(buf, at + 4, length)
  buf[at + 6] = NEXTHDR_ROUTING
  buf[at + 7] = hop_limit
  buf.set(outer_source(net, dev, daddr), at + 8)
  buf.set(daddr, at + 24)
  skb.protocol = ETH_P_IPV6
}
/** seg6_do_srh_inline(): the destination becomes the last segment. */
function do_inline(skb: sk_buff, srh: Uint8Array): void {
  skb_cow(skb, 128 + srh.length)
  const at = skb_push(skb, srh.length)
  const { buf } = skb
  buf.copyWithin(at, at + srh.length, at + srh.length + IPV6_HLEN)
  const segments = at + IPV6_HLEN + 8
  buf.set(srh, at + IPV6_HLEN)
  buf[at + IPV6_HLEN] = buf[at + 6]
  buf[at + 6] = NEXTHDR_ROUTING
  buf.copyWithin(segments, at + 24, at + 24 + SEGMENT)
  buf.copyWithin(at + 24, segments + SEGMENT * srh[4], segments + SEGMENT * (srh[4] + 1))
  putBe16(buf, at + 4, skb.len - IPV6_HLEN)
}
/** seg6_do_srh(); false: the mode does not carry the packet. */
function do_srh(skb: sk_buff, state: lwtunnel_state): boolean {
  const { mode, srh } = tuninfo(state)
  const { dev } = skb.dst as rt6_info
  const of_ip = skb.protocol === ETH_P_IPV6 || skb.protocol === ETH_P_IP
  if (mode === MODE_INLINE && skb.protocol === ETH_P_IPV6) do_inline(skb, srh)
  else if (mode === MODE_ENCAP && of_ip) do_encap(skb, dev.nd_net, dev, srh)
  else {
    dev.nd_net.kernel.unsupported.count('seg6', `mode ${mode}`)
    return false
  }
  skb.network_header = skb.data
  skb.transport_header = skb.data + IPV6_HLEN
  return true
}
/** seg6_output(): of ours, on to the first segment. */
export function seg6_output(skb: sk_buff, state: lwtunnel_state): number | Errno {
  const { nd_net: net } = (skb.dst as rt6_info).dev
  if (!do_srh(skb, state)) {
    kfree_skb(skb)
    return EINVAL
  }
  const fl6 = new flowi6(ip6_daddr(skb), ip6_saddr(skb))
  fl6.flowlabel = (ip6_tclass(skb) << 20) | ip6_flowlabel(skb)
  fl6.flowi_mark = skb.mark
  fl6.flowi6_proto = ip6_nexthdr(skb)
  const rt = ip6_route_output(net, fl6)
  if (isErrno(rt) || rt.error !== undefined) {
    kfree_skb(skb)
    return isErrno(rt) ? rt : (rt.error ?? EINVAL)
  }
  skb.dst = rt
  return ip6_local_out(net, skb)
}
/** seg6_input(): one that passes through. */
export function seg6_input(skb: sk_buff, state: lwtunnel_state): number {
  const ok = do_srh(skb, state)
  skb.dst = undefined
  if (!ok) return drop(skb)
  skb.cb = new_inet6_skb_parm(skb.skb_iif) as never
  return ip6_route_input(skb)
}

function drop(skb: sk_buff): number {
  kfree_skb(skb)
  return 1
}
/** ipv6_find_hdr(): where the header of `proto` is; undefined: there is none. */
function find_hdr(skb: sk_buff, proto: number): number | undefined {
  let nexthdr = ip6_nexthdr(skb)
  let at = skb.network_header + IPV6_HLEN
  while (nexthdr !== proto) {
    if (nexthdr !== NEXTHDR_HOP && nexthdr !== NEXTHDR_ROUTING && nexthdr !== NEXTHDR_DEST) return undefined
    if (at + 8 > skb.tail) return undefined
    nexthdr = skb.buf[at]
    at += (skb.buf[at + 1] + 1) * 8
  }
  return at <= skb.tail ? at : undefined
}
function srh_of(skb: sk_buff): number | undefined {
  const at = find_hdr(skb, NEXTHDR_ROUTING)
  if (at === undefined || at + 8 > skb.tail || skb.buf[at + 2] !== 4) return undefined
  return at + (skb.buf[at + 1] + 1) * 8 <= skb.tail ? at : undefined
}
/** advance_nextseg(); false: there is no next one. */
function advance(skb: sk_buff): boolean {
  skb_cow(skb, 0)
  const at = srh_of(skb)
  if (at === undefined || skb.buf[at + 3] === 0) return false
  const left = --skb.buf[at + 3]
  const segment = at + 8 + SEGMENT * left
  if (segment + SEGMENT > skb.tail) return false
  skb.buf.copyWithin(skb.network_header + 24, segment, segment + SEGMENT)
  return true
}
/** decap_and_validate(): the packet inside; false: it is not there, or there are segments left. */
function decap(skb: sk_buff, proto: number): boolean {
  const srh = srh_of(skb)
  const inner = srh !== undefined && skb.buf[srh + 3] > 0 ? undefined : find_hdr(skb, proto)
  if (inner === undefined) return false
  skb.data = skb.network_header = inner
  skb.protocol = proto === IPPROTO_IPV6 ? ETH_P_IPV6 : ETH_P_IP
  skb.transport_header = inner + (proto === IPPROTO_IPV6 ? IPV6_HLEN : 20)
  return skb.len >= (proto === IPPROTO_IPV6 ? IPV6_HLEN : 20)
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
  const rt = ip_route_input(dev.nd_net, fl, dev)
  if (isErrno(rt)) return drop(skb)
  skb.cb = undefined
  return ip_rcv_dst(dev.nd_net, skb, rt, rt.rt_type === RTN_LOCAL)
}
/** seg6_local_input() */
export function seg6_local_input(skb: sk_buff, state: lwtunnel_state): number {
  const a = attributes(state)
  const u32 = (nr: number) => (a.has(nr) ? get32(a.get(nr) as Uint8Array, 0) : 0)
  const nh6 = a.get(L.SEG6_LOCAL_NH6.nr)
  const open = nh6 === undefined || ipv6_addr_any(nh6) ? undefined : nh6
  const action = u32(L.SEG6_LOCAL_ACTION.nr)
  if (a.has(L.SEG6_LOCAL_FLAVORS.nr) || a.has(L.SEG6_LOCAL_COUNTERS.nr) || a.has(L.SEG6_LOCAL_VRFTABLE.nr)) {
    skb.dev?.nd_net.kernel.unsupported.count('seg6local', 'flavors, counters, tables of VRFs')
    return drop(skb)
  }
  switch (action) {
    case L.SEG6_LOCAL_ACTION_END:
      return advance(skb) ? on(skb, undefined, 0, false) : drop(skb)
    case L.SEG6_LOCAL_ACTION_END_X:
      return advance(skb) ? on(skb, nh6, 0, false) : drop(skb)
    case L.SEG6_LOCAL_ACTION_END_T:
      return advance(skb) ? on(skb, undefined, u32(L.SEG6_LOCAL_TABLE.nr), false) : drop(skb)
    case L.SEG6_LOCAL_ACTION_END_DX6:
      return decap(skb, IPPROTO_IPV6) ? on(skb, open, 0, false) : drop(skb)
    case L.SEG6_LOCAL_ACTION_END_DT6:
      return decap(skb, IPPROTO_IPV6) ? on(skb, undefined, u32(L.SEG6_LOCAL_TABLE.nr), true) : drop(skb)
    case L.SEG6_LOCAL_ACTION_END_DX4:
      return decap(skb, IPPROTO_IPIP) ? on4(skb, getBe32(a.get(L.SEG6_LOCAL_NH4.nr) as Uint8Array, 0)) : drop(skb)
    default:
      skb.dev?.nd_net.kernel.unsupported.count('seg6local', `action ${action}`)
      return drop(skb)
  }
}

/**
 * net/ipv6/seg6_iptunnel.c seg6_do_srh: segments on a packet that takes the route (RFC 8754, 8986).
 *
 *   mode       | the header with the segments stands
 *   inline     | in the packet of IPv6, after its own header
 *   encap      | after an IPv6 header of its own, around a packet of IPv4 or IPv6
 *   encap.red  | likewise, without the first segment, which is the destination; alone it needs no such header
 *   l2encap    | after an IPv6 header of its own, around the frame that the packet came in
 *   l2encap.red| likewise, as encap.red
 */
import { eachAttr, NLA_HDRLEN } from '../../lib/attrs.ts'
import { get16, get32, putBe16, putBe32 } from '../../lib/bytes.ts'
import { EINVAL, type Errno, isErrno } from '../../uapi/errno.ts'
import { ETH_P_IP, ETH_P_IPV6 } from '../../uapi/linux/if_ether.ts'
import { IPPROTO_ETHERNET, IPPROTO_IPIP } from '../../uapi/linux/in.ts'
import { IPPROTO_IPV6, ipv6_addr_any } from '../../uapi/linux/in6.ts'
import { DEVCONF_HOPLIMIT } from '../../uapi/linux/ipv6.ts'
import * as L from '../../uapi/linux/lwtunnel.ts'
import type { lwtunnel_state } from '../core/lwtunnel.ts'
import type { net } from '../core/net_namespace.ts'
import type { net_device } from '../core/netdevice.ts'
import { kfree_skb, type sk_buff, skb_cow, skb_push } from '../core/skbuff.ts'
import { iptunnel_handle_offloads } from '../ipv4/ip_tunnel_xmit.ts'
import { ipv6_dev_get_saddr } from './addrconf_saddr.ts'
import { NEXTHDR_ROUTING } from './exthdrs.ts'
import { flowi6 } from './ip6_fib_lookup.ts'
import { ip6_local_out } from './ip6_output.ts'
import { ip6_route_input } from './ip6_route_input.ts'
import { ip6_daddr, ip6_flowlabel, ip6_nexthdr, ip6_saddr, ip6_tclass, IPV6_HLEN, new_inet6_skb_parm } from './ipv6_hdr.ts'
import { ip6_route_output, type rt6_info } from './route.ts'

const MODE_INLINE = 0
const MODE_ENCAP = 1
const MODE_L2ENCAP = 2
const MODE_ENCAP_RED = 3
const MODE_L2ENCAP_RED = 4
const SEGMENT = 16

/** Attributes that a state keeps, by number: views, so that counters can be written. */
export function seg6_attributes(kept: Uint8Array): Map<number, Uint8Array> {
  const of = new Map<number, Uint8Array>()
  eachAttr(kept, 0, kept.length, (nr, o) => of.set(nr, kept.subarray(o + NLA_HDRLEN, o + get16(kept, o))))
  return of
}
/** struct seg6_iptunnel_encap: the mode, then the header. */
function tuninfo(state: lwtunnel_state): { mode: number; srh: Uint8Array } {
  const info = seg6_attributes(state.encap).get(L.SEG6_IPTUNNEL_SRH.nr) ?? new Uint8Array(12)
  return { mode: get32(info, 0), srh: info.subarray(4) }
}
/** seg6_lwt_headroom() */
export function seg6_headroom(state: lwtunnel_state): number {
  const { mode, srh } = tuninfo(state)
  return mode === MODE_INLINE ? srh.length : srh.length + IPV6_HLEN
}
export function seg6_carries_frames(state: lwtunnel_state): boolean {
  const { mode } = tuninfo(state)
  return mode === MODE_L2ENCAP || mode === MODE_L2ENCAP_RED
}
function outer_source(net: net, dev: net_device, daddr: Uint8Array): Uint8Array {
  if (!ipv6_addr_any(net.ipv6.seg6_tun_src)) return net.ipv6.seg6_tun_src
  const saddr = ipv6_dev_get_saddr(net, dev, daddr, 0)
  return isErrno(saddr) ? new Uint8Array(SEGMENT) : saddr
}
/** The header without the segment that the IPv6 header says already; none at all where that was the only one. */
function reduced(srh: Uint8Array): Uint8Array {
  if (srh[4] === 0) return srh.subarray(0, 0)
  const last = 8 + SEGMENT * srh[4]
  const red = Uint8Array.of(...srh.subarray(0, last), ...srh.subarray(last + SEGMENT))
  red[1] -= 2
  red[4]--
  return red
}
/** seg6_do_srh_encap(), seg6_do_srh_encap_red(): class, label and hop limit are the inner header's where that is one of IPv6. */
export function seg6_do_srh_encap(skb: sk_buff, dev: net_device, srh: Uint8Array, proto: number, reduce = false): void {
  const { nd_net: net } = dev
  const v6 = skb.protocol === ETH_P_IPV6
  const first = v6 ? ((6 << 28) | (ip6_tclass(skb) << 20) | ip6_flowlabel(skb)) >>> 0 : 6 * 0x10000000
  const hop_limit = v6 ? skb.buf[skb.network_header + 7] : (dev.ip6_ptr?.cnf ?? net.ipv6.devconf_all).get(DEVCONF_HOPLIMIT)
  const header = reduce ? reduced(srh) : srh
  const daddr = srh.slice(8 + SEGMENT * srh[4], 8 + SEGMENT * (srh[4] + 1))
  skb_cow(skb, 128 + IPV6_HLEN + header.length)
  const length = skb.len + header.length
  const at = skb_push(skb, IPV6_HLEN + header.length)
  const { buf } = skb
  buf.set(header, at + IPV6_HLEN)
  if (header.length > 0) buf[at + IPV6_HLEN] = proto
  putBe32(buf, at, first)
  putBe16(buf, at + 4, length)
  buf[at + 6] = header.length > 0 ? NEXTHDR_ROUTING : proto
  buf[at + 7] = hop_limit
  buf.set(outer_source(net, dev, daddr), at + 8)
  buf.set(daddr, at + 24)
  skb.network_header = at
  skb.protocol = ETH_P_IPV6
}
/** Around the whole frame that the packet has come in; false: it has come in none. */
function do_l2encap(skb: sk_buff, dev: net_device, srh: Uint8Array, reduce: boolean): boolean {
  if (skb.mac_header < 0) return false
  const frame = skb.buf.slice(skb.mac_header, skb.mac_header + skb.mac_len)
  skb_cow(skb, 128 + frame.length)
  skb.buf.set(frame, skb_push(skb, frame.length))
  seg6_do_srh_encap(skb, dev, srh, IPPROTO_ETHERNET, reduce)
  return true
}
/** seg6_do_srh_inline(): the destination becomes the last segment. */
export function seg6_do_srh_inline(skb: sk_buff, srh: Uint8Array): void {
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
  skb.network_header = at
}
/** seg6_do_srh(); false: the mode does not carry the packet. */
function do_srh(skb: sk_buff, state: lwtunnel_state): boolean {
  const { mode, srh } = tuninfo(state)
  const { dev } = skb.dst as rt6_info
  const inner = skb.protocol === ETH_P_IPV6 ? IPPROTO_IPV6 : skb.protocol === ETH_P_IP ? IPPROTO_IPIP : undefined
  switch (mode) {
    case MODE_INLINE:
      if (inner !== IPPROTO_IPV6) return false
      seg6_do_srh_inline(skb, srh)
      break
    case MODE_ENCAP:
    case MODE_ENCAP_RED:
      if (inner === undefined) return false
      iptunnel_handle_offloads(skb)
      seg6_do_srh_encap(skb, dev, srh, inner, mode === MODE_ENCAP_RED)
      break
    default:
      if (!do_l2encap(skb, dev, srh, mode === MODE_L2ENCAP_RED)) return false
  }
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
  if (!ok) {
    kfree_skb(skb)
    return 1
  }
  skb.cb = new_inet6_skb_parm(skb.skb_iif) as never
  return ip6_route_input(skb)
}

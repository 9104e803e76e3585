/** net/bridge/br_multicast.c br_multicast_alloc_query: queries of IGMP (RFC 2236, 3376) and MLD (RFC 2710, 3810) as frames. */
import { HZ, timer_pending } from '../../kernel/time.ts'
import { putBe16, putBe32 } from '../../lib/bytes.ts'
import { isErrno } from '../../uapi/errno.ts'
import { addr6 } from '../../uapi/linux/in6.ts'
import { csum_ipv6_magic, csum_partial, ip_compute_csum } from '../core/checksum.ts'
import { dev_alloc_skb, skb_put, type sk_buff, skb_reset_network_header } from '../core/skbuff.ts'
import { inet_select_addr } from '../ipv4/devinet_select.ts'
import { ipv6_dev_get_saddr } from '../ipv6/addrconf_saddr.ts'
import { br_after } from './br_private.ts'
import { type br_ip, ETH_P_IP, ETH_P_IPV6, type net_bridge_mcast, type net_bridge_port_group } from './br_private_mcast.ts'

export const IGMP_HOST_MEMBERSHIP_QUERY = 0x11
export const ICMPV6_MGM_QUERY = 130
const RT_SCOPE_LINK = 253
const ALL_NODES = addr6([0xff02, 0, 0, 0, 0, 0, 0, 1])

export interface query_options {
  /** Undefined: to all, of any group. */
  group: br_ip | undefined
  /** To all hosts nevertheless: what a leave makes the bridge ask at once. */
  to_all?: boolean
  proto: number
  /** Of a port: its sources are asked for. */
  pg?: net_bridge_port_group
  with_srcs?: boolean
  over_lmqt?: boolean
  /** Routers are not to shorten their timers for it. */
  sflag?: boolean
}
/** Sources that are to be asked for again: those with more time left than the last members have, or the others. */
export function queried_sources(brmctx: net_bridge_mcast, opt: query_options): Uint8Array[] {
  const { pg } = opt
  if (!opt.with_srcs || pg === undefined) return []
  const lmqt = br_after(brmctx.br, brmctx.multicast_last_member_interval * brmctx.multicast_last_member_count)
  const fits = pg.src_list.filter(
    (ent) => timer_pending(ent.timer) && ent.src_query_rexmit_cnt > 0 && ent.timer.expires > lmqt === (opt.over_lmqt ?? false),
  )
  for (const ent of fits) ent.src_query_rexmit_cnt--
  return fits.map((ent) => ent.src)
}
function seconds(jiffies: number): number {
  return Math.floor(jiffies / HZ)
}
/** Header in front, at skb.data. */
function ethernet(skb: sk_buff, dst: Uint8Array, src: Uint8Array, proto: number): void {
  const at = skb_put(skb, 14)
  skb.buf.set(dst.subarray(0, 6), at)
  skb.buf.set(src.subarray(0, 6), at + 6)
  putBe16(skb.buf, at + 12, proto)
  skb.protocol = proto
  skb.mac_header = at
}

/** br_ip4_multicast_alloc_query() */
export function alloc_query4(brmctx: net_bridge_mcast, opt: query_options): sk_buff | undefined {
  const { dev } = brmctx.br
  const v3 = brmctx.multicast_igmp_version === 3
  const sources = queried_sources(brmctx, opt)
  if (opt.with_srcs && sources.length === 0) return undefined
  const igmp_len = v3 ? 12 + sources.length * 4 : 8
  const skb = dev_alloc_skb(dev, 14 + 24 + igmp_len)
  const group = opt.group?.dst
  const dst = group === undefined || opt.to_all ? Uint8Array.of(224, 0, 0, 1) : group
  ethernet(skb, Uint8Array.of(1, 0, 0x5e, dst[1] & 0x7f, dst[2], dst[3]), dev.dev_addr, ETH_P_IP)
  skb.data = skb.tail
  skb_reset_network_header(skb)
  const ip = skb_put(skb, 24)
  const { buf } = skb
  buf[ip] = 0x46
  buf[ip + 1] = 0xc0
  putBe16(buf, ip + 2, 24 + igmp_len)
  putBe16(buf, ip + 6, 0x4000)
  buf[ip + 8] = 1
  buf[ip + 9] = 2
  if (brmctx.br.multicast_query_use_ifaddr) putBe32(buf, ip + 12, inet_select_addr(dev, 0, RT_SCOPE_LINK))
  buf.set(dst, ip + 16)
  // router alert
  buf[ip + 20] = 0x94
  buf[ip + 21] = 4
  putBe16(buf, ip + 10, ip_compute_csum(buf, ip, 24))
  const o = skb_put(skb, igmp_len)
  skb.transport_header = o
  const interval = group === undefined ? brmctx.multicast_query_response_interval : brmctx.multicast_last_member_interval
  buf[o] = IGMP_HOST_MEMBERSHIP_QUERY
  buf[o + 1] = Math.min(255, Math.floor((interval * 10) / HZ))
  if (group !== undefined) buf.set(group, o + 4)
  if (v3) {
    buf[o + 8] = 2 | (opt.sflag ? 8 : 0)
    buf[o + 9] = Math.min(255, seconds(brmctx.multicast_query_interval))
    putBe16(buf, o + 10, sources.length)
    for (const [i, src] of sources.entries()) buf.set(src, o + 12 + i * 4)
  }
  putBe16(buf, o + 2, ip_compute_csum(buf, o, igmp_len))
  return push_ethernet(skb)
}
/** br_ip6_multicast_alloc_query(): undefined without an IPv6 address to ask from. */
export function alloc_query6(brmctx: net_bridge_mcast, opt: query_options): sk_buff | undefined {
  const { dev } = brmctx.br
  const v2 = brmctx.multicast_mld_version === 2
  const group = opt.group?.dst
  const dst = group === undefined || opt.to_all ? ALL_NODES : group
  if (dev.nd_net.kernel.inet6 === undefined) return undefined
  const saddr = ipv6_dev_get_saddr(dev.nd_net, dev, dst, 0)
  if (isErrno(saddr)) return undefined
  const sources = queried_sources(brmctx, opt)
  if (opt.with_srcs && sources.length === 0) return undefined
  const mld_len = v2 ? 28 + sources.length * 16 : 24
  const skb = dev_alloc_skb(dev, 14 + 40 + 8 + mld_len)
  ethernet(skb, Uint8Array.of(0x33, 0x33, dst[12], dst[13], dst[14], dst[15]), dev.dev_addr, ETH_P_IPV6)
  skb.data = skb.tail
  skb_reset_network_header(skb)
  const ip = skb_put(skb, 48)
  const { buf } = skb
  buf[ip] = 0x60
  putBe16(buf, ip + 4, 8 + mld_len)
  buf[ip + 7] = 1
  buf.set(saddr, ip + 8)
  buf.set(dst, ip + 24)
  // hop by hop: router alert for MLD, and two bytes of padding, each an option
  buf.set([58, 0, 5, 2, 0, 0, 0, 0], ip + 40)
  const o = skb_put(skb, mld_len)
  skb.transport_header = o
  const interval = group === undefined ? brmctx.multicast_query_response_interval : brmctx.multicast_last_member_interval
  buf[o] = ICMPV6_MGM_QUERY
  putBe16(buf, o + 4, Math.min(65535, Math.floor((interval * 1000) / HZ)))
  if (group !== undefined) buf.set(group, o + 8)
  if (v2) {
    buf[o + 24] = 2 | (opt.sflag ? 8 : 0)
    buf[o + 25] = Math.min(255, seconds(brmctx.multicast_query_interval))
    putBe16(buf, o + 26, sources.length)
    for (const [i, src] of sources.entries()) buf.set(src, o + 28 + i * 16)
  }
  putBe16(buf, o + 2, csum_ipv6_magic(saddr, dst, mld_len, 58, csum_partial(buf, o, mld_len)))
  return push_ethernet(skb)
}
/** The frame as a device sends it: `data` at the link header. */
function push_ethernet(skb: sk_buff): sk_buff {
  skb.data = skb.mac_header
  return skb
}
/** The address a query comes from. */
export function query_source(skb: sk_buff): Uint8Array {
  const ip = skb.network_header
  return skb.protocol === ETH_P_IP ? skb.buf.slice(ip + 12, ip + 16) : skb.buf.slice(ip + 8, ip + 24)
}

/** net/ipv4/ip_input.c ip_rcv_options(), ip_options.c ip_options_rcv_srr(), ip_forward_options(): options of packets that come by. */
import { getBe32, putBe32 } from '../../lib/bytes.ts'
import { ICMP_PARAMETERPROB } from '../../uapi/linux/icmp.ts'
import { ipv4_is_zeronet, ipv4_text } from '../../uapi/linux/in.ts'
import { IPV4_DEVCONF_ACCEPT_SOURCE_ROUTE, IPV4_DEVCONF_LOG_MARTIANS } from '../../uapi/linux/ip.ts'
import { RT_SCOPE_LINK, RT_SCOPE_UNIVERSE, RTN_LOCAL, RTN_UNICAST } from '../../uapi/linux/rtnetlink.ts'
import { IPSTATS_MIB_INHDRERRORS } from '../../uapi/linux/snmp.ts'
import { isErrno } from '../../uapi/errno.ts'
import { l3mdev_master_ifindex } from '../core/l3mdev.ts'
import type { net_device } from '../core/netdevice.ts'
import type { net } from '../core/net_namespace.ts'
import { PACKET_HOST, type sk_buff, skb_cow } from '../core/skbuff.ts'
import { inet_select_addr } from './devinet_select.ts'
import { flowi4 } from './fib_lookup.ts'
import { icmp_send } from './icmp_send.ts'
import { in_dev_andconf, in_dev_orconf } from './in_device.ts'
import { IP_HLEN, inet_sdif, ip_daddr, ip_saddr, ip_tos, skb_ip_options, ip_hdr_options } from './ip_hdr.ts'
import { type ip_options, ip_options_compile, new_ip_options } from './ip_options.ts'
import { IP_INC_STATS } from './ip_stats.ts'
import { ip_route_output_key, type rtable } from './route.ts'
import { ip_route_input } from './route_input.ts'
import { net_info_ratelimited } from './route_martian.ts'

/** fib_compute_spec_dst(): the address by which we answer the packet. */
function fib_compute_spec_dst(net: net, skb: sk_buff): number {
  const rt = skb.dst as rtable | undefined
  const dev = skb.dev as net_device
  if (rt?.rt_type === RTN_LOCAL) return ip_daddr(skb)
  const zeronet = ipv4_is_zeronet(ip_saddr(skb))
  if (!zeronet) {
    const back = ip_route_output_key(net, new flowi4(ip_saddr(skb), l3mdev_master_ifindex(dev)))
    if (!isErrno(back)) return back.saddr
  }
  return inet_select_addr(dev, ip_saddr(skb), zeronet ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE)
}
/** ip_rt_get_source(): of the device by which a packet that is passed on goes out. */
function ip_rt_get_source(net: net, skb: sk_buff, rt: rtable): number {
  const way = ip_route_output_key(net, new flowi4(ip_daddr(skb), rt.dev.ifindex))
  return isErrno(way) ? inet_select_addr(rt.dev, rt.rt_gw4 || ip_daddr(skb), RT_SCOPE_UNIVERSE) : way.saddr
}

/** False: the packet is to be dropped. Its route is known, where there is one. The checksum stays as it was: only what is passed on has a new one. */
export function ip_rcv_options(net: net, skb: sk_buff, dev: net_device): boolean {
  skb_cow(skb, 0)
  const bytes = ip_hdr_options(skb)
  const opt = new_ip_options(bytes)
  let known = 0
  const spec_dst = () => {
    known ||= fib_compute_spec_dst(net, skb)
    return known
  }
  skb.cb = { iif: inet_sdif(skb), opt }
  const wrong = ip_options_compile({ net, rcvd: true, privileged: true, spec_dst }, opt, bytes)
  if (wrong !== undefined) {
    IP_INC_STATS(net, IPSTATS_MIB_INHDRERRORS)
    icmp_send(skb, ICMP_PARAMETERPROB, 0, ((IP_HLEN + wrong) << 24) >>> 0)
    return false
  }
  if (opt.srr >= 0 && !source_route_allowed(skb, dev)) return false
  return opt.srr < 0 || ip_options_rcv_srr(net, skb, opt, dev)
}
function source_route_allowed(skb: sk_buff, dev: net_device): boolean {
  const { ip_ptr: in_dev } = dev
  if (in_dev === undefined || in_dev_andconf(in_dev, IPV4_DEVCONF_ACCEPT_SOURCE_ROUTE)) return true
  if (in_dev_orconf(in_dev, IPV4_DEVCONF_LOG_MARTIANS)) {
    net_info_ratelimited(dev, 'ip_rcv_options', `IPv4: source route option ${ipv4_text(ip_saddr(skb))} -> ${ipv4_text(ip_daddr(skb))}`)
  }
  return false
}
/** A packet that is for us and names more hosts goes on to the next of them. */
function ip_options_rcv_srr(net: net, skb: sk_buff, opt: ip_options, dev: net_device): boolean {
  const rt = skb.dst as rtable | undefined
  if (skb.pkt_type !== PACKET_HOST || rt === undefined) return false
  if (rt.rt_type === RTN_UNICAST) {
    if (opt.is_strictroute) icmp_send(skb, ICMP_PARAMETERPROB, 0, (16 << 24) >>> 0)
    return !opt.is_strictroute
  }
  if (rt.rt_type !== RTN_LOCAL) return false
  const b = ip_hdr_options(skb)
  const len = b[opt.srr + 1]
  for (let p = b[opt.srr + 2]; p <= len; p += 4) {
    if (p + 3 > len) {
      icmp_send(skb, ICMP_PARAMETERPROB, 0, ((IP_HLEN + opt.srr + 2) << 24) >>> 0)
      return false
    }
    const nexthop = getBe32(b, opt.srr + p - 1)
    const fl = new flowi4(nexthop)
    fl.saddr = ip_saddr(skb)
    fl.iif = dev.ifindex
    fl.tos = ip_tos(skb) & 0xfc
    const next = ip_route_input(net, fl, dev, skb)
    if (isErrno(next) || (next.rt_type !== RTN_UNICAST && next.rt_type !== RTN_LOCAL)) return false
    skb.dst = next
    if (next.rt_type !== RTN_LOCAL) {
      opt.srr_is_hit = true
      opt.nexthop = nexthop
      return true
    }
    // ours as well: it is passed over
    putBe32(skb.buf, skb.network_header + 16, nexthop)
  }
  return true
}

/** ip_forward_options(): the addresses by which a packet goes on; the checksum is the caller's. */
export function ip_forward_options(net: net, skb: sk_buff, rt: rtable): void {
  const opt = skb_ip_options(skb)
  if (opt === undefined) return
  const b = ip_hdr_options(skb)
  if (opt.rr_needaddr) putBe32(b, opt.rr + b[opt.rr + 2] - 5, ip_rt_get_source(net, skb, rt))
  if (!opt.srr_is_hit) return
  const len = b[opt.srr + 1]
  for (let p = b[opt.srr + 2]; p + 3 <= len; p += 4) {
    if (getBe32(b, opt.srr + p - 1) !== opt.nexthop) continue
    putBe32(skb.buf, skb.network_header + 16, opt.nexthop)
    putBe32(b, opt.srr + p - 1, ip_rt_get_source(net, skb, rt))
    b[opt.srr + 2] = p + 4
    break
  }
  if (opt.ts_needaddr) putBe32(b, opt.ts + b[opt.ts + 2] - 9, ip_rt_get_source(net, skb, rt))
}

/** net/ipv6/udp.c udpv6_rcv, udpv6_err, with UDP-Lite: datagrams into sockets, and errors about theirs. */
import { getBe16 } from '../../lib/bytes.ts'
import { ICMPV6_DEST_UNREACH, ICMPV6_PORT_UNREACH, NDISC_REDIRECT } from '../../uapi/linux/icmpv6.ts'
import { IPPROTO_UDP, IPPROTO_UDPLITE } from '../../uapi/linux/in.ts'
import { ipv6_addr_any, ipv6_addr_equal, ipv6_addr_is_multicast } from '../../uapi/linux/in6.ts'
import * as MIB from '../../uapi/linux/snmp.ts'
import { AF_INET6 } from '../../uapi/linux/socket.ts'
import { csum_ipv6_magic } from '../core/checksum.ts'
import { netif_is_l3_master } from '../core/l3mdev.ts'
import type { net_device } from '../core/netdevice.ts'
import type { net } from '../core/net_namespace.ts'
import { kfree_skb, type sk_buff, skb_clone } from '../core/skbuff.ts'
import type { inet_sock } from '../ipv4/inet_sock.ts'
import { udp_holders, udp_sk_bound_dev_eq } from '../ipv4/udp_lookup.ts'
import { UDP_HLEN, udp_bad, udp_check, type udp_checked, type udp_counter, udp_queue_rcv_skb } from '../ipv4/udp_rcv.ts'
import { ICMP6_HLEN, icmpv6_send } from './icmp.ts'
import type { inet6_sock } from './inet6_sock.ts'
import { inet6_add_protocol, type inet6_protocol } from './ip6_input.ts'
import { ICMP6_INC_STATS, UDP6_INC_STATS, UDPLITE6_INC_STATS } from './ip6_stats.ts'
import { ip6_redirect } from './ndisc_redirect.ts'
import { IP6CB, ip6_daddr, ip6_saddr, new_inet6_skb_parm } from './ipv6_hdr.ts'
import { inet6_mc_check } from './mcast_sock.ts'
import { ip6_sk_accept_pmtu, ip6_sk_update_pmtu, ipv6_icmp_error } from './sock6.ts'
import { __udp6_lib_lookup, type udp6_key } from './udp_lookup.ts'

export function count_udp6(net: net, field: number): void {
  UDP6_INC_STATS(net, field)
}
export function count_udplite6(net: net, field: number): void {
  UDPLITE6_INC_STATS(net, field)
}
function counter(proto: number): udp_counter {
  return proto === IPPROTO_UDPLITE ? count_udplite6 : count_udp6
}
/** inet6_iif(): of a VRF's packet the VRF; what was sent to an address of ours comes in on the device that has it. */
export function inet6_iif(skb: sk_buff, dev: net_device): number {
  return netif_is_l3_master(dev) ? dev.ifindex : IP6CB(skb).iif
}
/** inet6_sdif() */
export function inet6_sdif(skb: sk_buff, dev: net_device): number {
  return netif_is_l3_master(dev) ? IP6CB(skb).iif : 0
}
function key_of(skb: sk_buff, dev: net_device): udp6_key {
  return {
    saddr: ip6_saddr(skb),
    sport: getBe16(skb.buf, skb.data),
    daddr: ip6_daddr(skb),
    dport: getBe16(skb.buf, skb.data + 2),
    dif: inet6_iif(skb, dev),
    sdif: inet6_sdif(skb, dev),
  }
}

/** Without a checksum only tunnels and sockets that say so take it (UDP_NO_CHECK6_RX). */
export function __udp6_lib_rcv(skb: sk_buff, proto: number): number {
  const dev = skb.dev as net_device
  const { nd_net: net } = dev
  const count = counter(proto)
  const [saddr, daddr] = [ip6_saddr(skb), ip6_daddr(skb)]
  const checked = udp_check(skb, proto, (len, sum) => csum_ipv6_magic(saddr, daddr, len, proto, sum))
  if (!checked.ok) return udp_bad(net, skb, count, checked.bad_csum)
  const unsummed = getBe16(skb.buf, skb.data + 6) === 0
  const key = key_of(skb, dev)
  if (ipv6_addr_is_multicast(daddr)) return deliver_to_many(net, skb, proto, key, checked, unsummed)
  const sk = __udp6_lib_lookup(net, proto, key, skb)
  if (sk !== undefined) {
    if (unsummed && !takes_unsummed(sk)) return udp_bad(net, skb, count, true)
    queue(sk, skb, checked, count)
    return 0
  }
  if (unsummed || checked.deferred) return udp_bad(net, skb, count, true)
  count(net, MIB.UDP_MIB_NOPORTS)
  icmpv6_send(skb, ICMPV6_DEST_UNREACH, ICMPV6_PORT_UNREACH, 0)
  kfree_skb(skb)
  return 0
}
function takes_unsummed(sk: inet_sock): boolean {
  return sk.encap !== undefined || sk.udp?.no_check6_rx === true
}
function queue(sk: inet6_sock, skb: sk_buff, checked: udp_checked, count: udp_counter): void {
  skb.cb ??= new_inet6_skb_parm(0)
  udp_queue_rcv_skb(sk, skb, checked, ip6_saddr(skb).slice(), count)
}
/** __udp_v6_is_mcast_sock() */
function hears_group(other: inet_sock, k: udp6_key): other is inet6_sock {
  if (other.sk_family !== AF_INET6) return false
  const sk = other as inet6_sock
  if (sk.inet_dport !== 0 && sk.inet_dport !== k.sport) return false
  if (!ipv6_addr_any(sk.daddr) && !ipv6_addr_equal(sk.daddr, k.saddr)) return false
  if (!ipv6_addr_any(sk.rcv_saddr) && !ipv6_addr_equal(sk.rcv_saddr, k.daddr)) return false
  return udp_sk_bound_dev_eq(sk, k.dif, k.sdif) && inet6_mc_check(sk, k.daddr, k.saddr)
}
function deliver_to_many(net: net, skb: sk_buff, proto: number, key: udp6_key, checked: udp_checked, unsummed: boolean): number {
  const count = counter(proto)
  let heard = false
  for (const sk of [...udp_holders(net, proto, key.dport)]) {
    if (!hears_group(sk, key) || (unsummed && !takes_unsummed(sk))) continue
    heard = true
    queue(sk, skb_clone(skb), checked, count)
  }
  if (!heard) count(net, MIB.UDP_MIB_IGNOREDMULTI)
  kfree_skb(skb)
  return 0
}

/** An error about a datagram of ours, whose header is at `offset`. */
export function __udp6_lib_err(skb: sk_buff, proto: number, type: number, code: number, offset: number, info: number): void {
  const dev = skb.dev as net_device
  const { buf } = skb
  const inner = skb.transport_header + ICMP6_HLEN
  const [sport, dport] = [getBe16(buf, offset), getBe16(buf, offset + 2)]
  const [local, remote] = [buf.slice(inner + 8, inner + 24), buf.slice(inner + 24, inner + 40)]
  const key = { saddr: remote, sport: dport, daddr: local, dport: sport, dif: inet6_iif(skb, dev), sdif: inet6_sdif(skb, dev) }
  const sk = __udp6_lib_lookup(dev.nd_net, proto, key)
  if (sk === undefined || sk.encap !== undefined) {
    // a tunnel's packets have ports of their flows: its socket is where they go to
    const tunnel = __udp6_lib_lookup(dev.nd_net, proto, { ...key, sport, dport })
    if (tunnel?.encap !== undefined) {
      if (ip6_sk_accept_pmtu(tunnel, type)) ip6_sk_update_pmtu(tunnel, skb, type, inner, info)
      return
    }
    ICMP6_INC_STATS(dev.nd_net, dev.ip6_ptr, MIB.ICMP6_MIB_INERRORS)
    return
  }
  if (type === NDISC_REDIRECT) return ip6_redirect(skb, info, sk.sk_bound_dev_if)
  if (!ip6_sk_accept_pmtu(sk, type)) return
  ip6_sk_update_pmtu(sk, skb, type, inner, info)
  ipv6_icmp_error(sk, skb, type, code, inner, offset + UDP_HLEN, info, dport)
}

export function udpv6_rcv(skb: sk_buff): number {
  return __udp6_lib_rcv(skb, IPPROTO_UDP)
}
export function udpv6_err(skb: sk_buff, type: number, code: number, offset: number, info: number): void {
  __udp6_lib_err(skb, IPPROTO_UDP, type, code, offset, info)
}
export function udplitev6_rcv(skb: sk_buff): number {
  return __udp6_lib_rcv(skb, IPPROTO_UDPLITE)
}
export function udplitev6_err(skb: sk_buff, type: number, code: number, offset: number, info: number): void {
  __udp6_lib_err(skb, IPPROTO_UDPLITE, type, code, offset, info)
}
export const udpv6_protocol: inet6_protocol = { name: 'udpv6_protocol', handler: udpv6_rcv, err_handler: udpv6_err, final: true }
export const udplitev6_protocol: inet6_protocol = {
  name: 'udplitev6_protocol',
  handler: udplitev6_rcv,
  err_handler: udplitev6_err,
  final: true,
}

/** Called from inet6_init(). */
export function udpv6_init(net: net): void {
  inet6_add_protocol(net, udpv6_protocol, IPPROTO_UDP)
  inet6_add_protocol(net, udplitev6_protocol, IPPROTO_UDPLITE)
  net.kernel.sock_diag.udp6_lookup = __udp6_lib_lookup
}

/** net/ipv4/udp.c udp_rcv, udp_err, with UDP-Lite (RFC 768, RFC 3828): datagrams into sockets, and errors about theirs. */
import { getBe16, getBe32 } from '../../lib/bytes.ts'
import { ETH_P_IPV6 } from '../../uapi/linux/if_ether.ts'
import { ICMP_DEST_UNREACH, ICMP_PORT_UNREACH } from '../../uapi/linux/icmp.ts'
import { IPPROTO_UDP, IPPROTO_UDPLITE } from '../../uapi/linux/in.ts'
import { RTN_BROADCAST, RTN_MULTICAST } from '../../uapi/linux/rtnetlink.ts'
import * as MIB from '../../uapi/linux/snmp.ts'
import { UDP_ENCAP_ESPINUDP } from '../../uapi/linux/udp.ts'
import { csum_partial, csum_tcpudp_magic } from '../core/checksum.ts'
import { skb_truesize } from '../core/datagram.ts'
import { skb_gso_segment, skb_is_udp_gso } from '../core/gso.ts'
import type { net_device } from '../core/netdevice.ts'
import type { net } from '../core/net_namespace.ts'
import { kfree_skb, type sk_buff, skb_bytes, skb_clone, skb_csum_unnecessary, skb_orphan, skb_pull, skb_trim } from '../core/skbuff.ts'
import { sk_data_ready } from '../sock.ts'
import { sk_filter_run } from '../sockopt_filter.ts'
import { ICMP_INC_STATS } from './ip_stats.ts'
import { icmp_send } from './icmp_send.ts'
import { ip_mc_sf_allow } from './igmp_sock.ts'
import { hears_no_ipv4 } from './inet_ports.ts'
import type { inet_sock } from './inet_sock.ts'
import { inet_sdif, ip_daddr, ip_saddr } from './ip_hdr.ts'
import { inet_add_protocol, type net_protocol } from './ip_input.ts'
import { UDP_INC_STATS } from './ip_stats.ts'
import type { rtable } from './route.ts'
import { inet_iif, ip_icmp_error, ip_pmtu_is_news, ip_sk_learn, ipv4_pktinfo_prepare } from './sock4.ts'
import { __udp4_lib_lookup, udp_holders, type udp_key, udp_sk_bound_dev_eq } from './udp_lookup.ts'

export const UDP_HLEN = 8
/** struct ip_esp_hdr */
const ESP_HLEN = 8

/** How each counts: UDP and UDP-Lite of either family have counters of their own. */
export type udp_counter = (net: net, field: number) => void

/** The header's length fits, and the checksum is right where there is one (udp4_csum_init, udp6_csum_init). UDP-Lite's may cover a part. */
export interface udp_checked {
  ok: boolean
  bad_csum: boolean
  /** It is wrong, which is looked at only where a socket takes the datagram: of a part, and of many bytes. */
  deferred: boolean
  /** Bytes covered, where it is not all. */
  cscov: number
}
/** include/linux/skbuff.h: up to so many bytes it is looked at when the datagram comes in. */
const CHECKSUM_BREAK = 76
function deferred(ok: boolean, cscov: number, late: boolean): udp_checked {
  return { ok: ok || late, bad_csum: !ok, deferred: !ok && late, cscov }
}
export function udp_check(skb: sk_buff, proto: number, magic: (len: number, sum: number) => number): udp_checked {
  const no = { ok: false, bad_csum: false, deferred: false, cscov: 0 }
  if (skb.len < UDP_HLEN) return no
  const said = getBe16(skb.buf, skb.data + 4)
  const sum = getBe16(skb.buf, skb.data + 6)
  if (said > skb.len) return no
  if (proto === IPPROTO_UDPLITE) {
    // udplite_checksum_init(): a coverage that cannot be counts as a checksum that is wrong
    if ((said !== 0 && said < UDP_HLEN) || sum === 0) return { ...no, bad_csum: true }
    const cover = said === 0 ? skb.len : said
    const part = cover < skb.len
    const ok = magic(skb.len, csum_partial(skb.buf, skb.data, cover)) === 0
    return deferred(ok, part ? cover : 0, part || cover > CHECKSUM_BREAK)
  }
  // RFC 2675 4: IPv6 has datagrams whose length is that of the packet
  const len = said === 0 && skb.protocol === ETH_P_IPV6 ? skb.len : said
  if (len < UDP_HLEN) return no
  skb_trim(skb, len)
  if (sum === 0) return { ...no, ok: true }
  const ok = skb_csum_unnecessary(skb) || magic(len, csum_partial(skb.buf, skb.data, len)) === 0
  return deferred(ok, 0, len > CHECKSUM_BREAK)
}

function counter(proto: number): udp_counter {
  return proto === IPPROTO_UDPLITE ? count_udplite : count_udp
}
export function count_udp(net: net, field: number): void {
  UDP_INC_STATS(net, field)
}
export function count_udplite(net: net, field: number): void {
  UDP_INC_STATS(net, field, true)
}

/** What a queued datagram keeps beside its bytes (skb.cb). */
export interface udp_skb_cb {
  iif: number
  dropcount: number
  peeked: boolean
}

/**
 * xfrm4_udp_encap_rcv() (RFC 3948 2.2, 2.3): only key exchanges, which begin with four bytes of 0, are for the program; one
 * byte of 0xff keeps a NAT's mapping alive; the rest is ESP, which nobody here unwraps.
 */
function xfrm_udp_encap_rcv(net: net, skb: sk_buff): boolean {
  const at = skb.data + UDP_HLEN
  const length = skb.tail - at
  const keepalive = length === 1 && skb.buf[at] === 0xff
  const esp = length > ESP_HLEN && getBe32(skb.buf, at) !== 0
  if (!keepalive && !esp) return false
  if (esp) net.kernel.unsupported.count('xfrm', 'ESP in UDP')
  kfree_skb(skb)
  return true
}
/** udp_queue_rcv_skb(): what stands for several datagrams is taken apart for those who do not ask for it whole (UDP_GRO). */
export function udp_queue_rcv_skb(sk: inet_sock, skb: sk_buff, checked: udp_checked, saddr: Uint8Array, count: udp_counter): void {
  if (!skb_is_udp_gso(skb) || (sk.udp?.gro && sk.encap === undefined)) return udp_queue_rcv_one_skb(sk, skb, checked, saddr, count)
  for (const seg of skb_gso_segment(skb)) udp_queue_rcv_one_skb(sk, seg, checked, saddr, count)
}
/** udp_queue_rcv_one_skb(): to the tunnel whose socket it is; else past coverage and filter into the queue, if that has room. */
function udp_queue_rcv_one_skb(sk: inet_sock, skb: sk_buff, checked: udp_checked, saddr: Uint8Array, count: udp_counter): void {
  const { sk_net: net } = sk
  const { cscov } = checked
  const drop = (field?: number) => {
    if (field !== undefined) count(net, field)
    count(net, MIB.UDP_MIB_INERRORS)
    sk.sk_drops++
    kfree_skb(skb)
  }
  if (sk.encap !== undefined) {
    if (checked.deferred) return drop(MIB.UDP_MIB_CSUMERRORS)
    skb_pull(skb, UDP_HLEN)
    sk.encap.ops.encap_rcv(sk.encap.owner, skb, saddr)
    count(net, MIB.UDP_MIB_INDATAGRAMS)
    return
  }
  const { udp } = sk
  if (udp?.encap_type === UDP_ENCAP_ESPINUDP && xfrm_udp_encap_rcv(net, skb)) return
  if (cscov > 0 && udp?.pcrlen_set && (udp.pcrlen === 0 || cscov < udp.pcrlen)) return drop()
  // Linux may find it later, when a program asks for the datagram; what asks is told the same
  if (checked.deferred) return drop(MIB.UDP_MIB_CSUMERRORS)
  if (sk.sk_filter !== undefined) {
    const keep = sk_filter_run(sk.sk_filter, skb_bytes(skb), skb.protocol, skb)
    if (keep === 0) return drop()
    skb_trim(skb, Math.max(keep, UDP_HLEN))
  }
  skb_pull(skb, UDP_HLEN)
  if (sk.sk_rmem_alloc > sk.sk_rcvbuf) return drop(MIB.UDP_MIB_RCVBUFERRORS)
  skb_orphan(skb)
  const cb = skb.cb as udp_skb_cb
  cb.dropcount = sk.sk_drops
  cb.peeked = false
  if (skb.tstamp === 0) skb.tstamp = net.kernel.now()
  sk.sk_rmem_alloc += skb_truesize(skb)
  skb.dst = undefined
  sk.sk_receive_queue.push(skb)
  sk_data_ready(sk)
}

function key_of(skb: sk_buff): udp_key {
  return {
    saddr: ip_saddr(skb),
    sport: getBe16(skb.buf, skb.data),
    daddr: ip_daddr(skb),
    dport: getBe16(skb.buf, skb.data + 2),
    dif: inet_iif(skb),
    sdif: inet_sdif(skb),
  }
}
function saddr_bytes(skb: sk_buff): Uint8Array {
  return skb.buf.slice(skb.network_header + 12, skb.network_header + 16)
}

function queue(sk: inet_sock, skb: sk_buff, checked: udp_checked, count: udp_counter): void {
  if (sk.encap === undefined) ipv4_pktinfo_prepare(skb)
  udp_queue_rcv_skb(sk, skb, checked, saddr_bytes(skb), count)
}

/** A datagram that is dropped; `csum`: for its checksum. */
export function udp_bad(net: net, skb: sk_buff, count: udp_counter, csum: boolean): number {
  if (csum) count(net, MIB.UDP_MIB_CSUMERRORS)
  count(net, MIB.UDP_MIB_INERRORS)
  kfree_skb(skb)
  return 0
}

export function __udp4_lib_rcv(skb: sk_buff, proto: number): number {
  const dev = skb.dev as net_device
  const { nd_net: net } = dev
  const count = counter(proto)
  const [saddr, daddr] = [ip_saddr(skb), ip_daddr(skb)]
  const checked = udp_check(skb, proto, (len, sum) => csum_tcpudp_magic(saddr, daddr, len, proto, sum))
  if (!checked.ok) return udp_bad(net, skb, count, checked.bad_csum)
  const rt = skb.dst as rtable | undefined
  const key = key_of(skb)
  if (rt !== undefined && (rt.rt_type === RTN_MULTICAST || rt.rt_type === RTN_BROADCAST))
    return deliver_to_many(net, skb, proto, key, checked)
  const sk = __udp4_lib_lookup(net, proto, key, skb)
  if (sk !== undefined) {
    queue(sk, skb, checked, count)
    return 0
  }
  if (checked.deferred) return udp_bad(net, skb, count, true)
  count(net, MIB.UDP_MIB_NOPORTS)
  icmp_send(skb, ICMP_DEST_UNREACH, ICMP_PORT_UNREACH, 0)
  kfree_skb(skb)
  return 0
}
/** __udp_is_mcast_sock() */
function hears_group(sk: inet_sock, k: udp_key): boolean {
  if ((sk.inet_daddr !== 0 && sk.inet_daddr !== k.saddr) || (sk.inet_dport !== 0 && sk.inet_dport !== k.sport)) return false
  if (sk.inet_rcv_saddr !== 0 && sk.inet_rcv_saddr !== k.daddr) return false
  return !hears_no_ipv4(sk) && udp_sk_bound_dev_eq(sk, k.dif, k.sdif) && ip_mc_sf_allow(sk, k.daddr, k.saddr, k.dif, k.sdif)
}
/** __udp4_lib_mcast_deliver(): each that listens gets one. */
function deliver_to_many(net: net, skb: sk_buff, proto: number, key: udp_key, checked: udp_checked): number {
  const count = counter(proto)
  const listeners = [...udp_holders(net, proto, key.dport)].filter((sk) => hears_group(sk, key))
  if (listeners.length === 0) count(net, MIB.UDP_MIB_IGNOREDMULTI)
  for (const sk of listeners) queue(sk, skb_clone(skb), checked, count)
  kfree_skb(skb)
  return 0
}

/** An error about a datagram of ours, which begins at `inner`. */
export function __udp4_lib_err(skb: sk_buff, proto: number, type: number, code: number, inner: number, info: number): void {
  const dev = skb.dev as net_device
  const { buf } = skb
  const at = inner + ((buf[inner] & 0x0f) << 2)
  const [sport, dport] = [getBe16(buf, at), getBe16(buf, at + 2)]
  const key = {
    saddr: getBe32(buf, inner + 16),
    sport: dport,
    daddr: getBe32(buf, inner + 12),
    dport: sport,
    dif: dev.ifindex,
    sdif: inet_sdif(skb),
  }
  const sk = __udp4_lib_lookup(dev.nd_net, proto, key)
  if (sk === undefined || sk.encap !== undefined) {
    // a tunnel's packets have ports of their flows: its socket is where they go to
    const tunnel = __udp4_lib_lookup(dev.nd_net, proto, { ...key, sport, dport })
    if (tunnel?.encap === undefined) ICMP_INC_STATS(dev.nd_net, MIB.ICMP_MIB_INERRORS)
    else ip_sk_learn(tunnel, skb, type, code, inner, info)
    return
  }
  if (ip_sk_learn(sk, skb, type, code, inner, info) || !ip_pmtu_is_news(sk, type, code)) return
  ip_icmp_error(sk, skb, type, code, inner, at + UDP_HLEN, info, dport)
}

export function udp_rcv(skb: sk_buff): number {
  return __udp4_lib_rcv(skb, IPPROTO_UDP)
}
export function udp_err(skb: sk_buff, type: number, code: number, inner: number, info: number): void {
  __udp4_lib_err(skb, IPPROTO_UDP, type, code, inner, info)
}
export function udplite_rcv(skb: sk_buff): number {
  return __udp4_lib_rcv(skb, IPPROTO_UDPLITE)
}
export function udplite_err(skb: sk_buff, type: number, code: number, inner: number, info: number): void {
  __udp4_lib_err(skb, IPPROTO_UDPLITE, type, code, inner, info)
}
export const udp_protocol: net_protocol = { name: 'udp_protocol', handler: udp_rcv, err_handler: udp_err }
export const udplite_protocol: net_protocol = { name: 'udplite_protocol', handler: udplite_rcv, err_handler: udplite_err }

/** Called from inet_init(). */
export function udp_init(net: net): void {
  inet_add_protocol(net, udp_protocol, IPPROTO_UDP)
  inet_add_protocol(net, udplite_protocol, IPPROTO_UDPLITE)
}
